"""All 46 indicators of the orders against loops over an invented history."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.indicators.arrays import NEVER, Appointed, Facts, Ledger, People, Places, Records, Spans
from bot.rules.indicators.model import Figure
from bot.rules.indicators.periods import Period
from bot.rules.people import young_span
from bot.services import packs
from bot.services.indicators import counting, definitions
from bot.services.indicators.figures import Known
from tests.indicators.by_hand import ByHand, Result
from tests.indicators.history import FIRST, KINDS, LAST, History, histories, municipality_of

YEAR = Period("2026", FIRST, LAST)


def ledger_of(history: History) -> Ledger:
    """The same history as arrays."""
    known = [one for one in history.people if not one.deleted]
    order = [*known, *(one for one in history.people if one.deleted)]
    at = {one.number: place for place, one in enumerate(order)}
    size = len(order)
    words: list[dict[str, object]] = [{}]
    kinds: dict[str, Facts] = {}
    for kind in {fact.kind for fact in history.facts}:
        mine = [(n, f) for n, f in enumerate(history.facts, start=1) if f.kind == kind and not f.voided]
        rows = []
        for number, fact in mine:
            words.append(fact.evidence)
            rows.append(
                (number, at[fact.person], fact.on.toordinal(), municipality_of(fact.organisation), fact.organisation,
                 fact.source, len(words) - 1)
            )  # fmt: skip
        table = np.array(rows, dtype=np.int64).reshape(-1, 7)
        small = table.astype(np.int32)
        kinds[kind] = Facts(table[:, 0], small[:, 1], small[:, 2], small[:, 3], small[:, 4], table[:, 5], small[:, 6])
    spans = {
        at[p.number]: [(s[0].toordinal(), s[1].toordinal())]
        for p in known
        if (s := young_span(p.born, p.since)) is not None
    }
    always = [(1, NEVER)]
    given_ = [
        (at[a.teacher], at[a.methodist], a.since.toordinal(), a.until.toordinal() if a.until else NEVER)
        for a in history.appointments
    ]
    return Ledger(
        facts=kinds,
        sources=frozenset(KINDS),
        words=tuple(words),
        people=People(
            ids=np.arange(len(known), dtype=np.int64),
            known=len(known),
            confirmed=np.array([one.deleted or one.confirmed for one in order], dtype=np.bool_),
            young=Spans.of(size, spans),
            manager=Spans.of(size, {at[p.number]: always for p in known if p.manager}),
            roles={"methodist": Spans.of(size, {
                at[p.number]: [(1, p.methodist_until.toordinal() if p.methodist_until else NEVER)]
                for p in known
                if p.methodist
            })},
        ),
        appointed=Appointed(*np.array(given_, dtype=np.int32).reshape(-1, 4).T),
        records={slug: records_in(history, slug) for slug in {one.register for one in history.kept}},
        places=Places(
            municipality=np.zeros(size, dtype=np.int32),
            organisation=np.zeros(size, dtype=np.int32),
            of_organisation=np.array([municipality_of(n) for n in range(5)], dtype=np.int32),
            low_results=np.array([n == 2 for n in range(5)], dtype=np.bool_),
        ),
    )  # fmt: skip


def records_in(history: History, slug: str) -> Records:
    """Records of a register as arrays."""
    mine = [(n, one) for n, one in enumerate(history.kept, start=1) if one.register == slug]
    rows = [
        (n, one.organisation if slug == "learners" else n, one.since.toordinal(),
         one.until.toordinal() if one.until else NEVER, municipality_of(one.organisation), one.organisation)
        for n, one in mine
    ]  # fmt: skip
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    small = table.astype(np.int32)
    said = tuple(one.says for _, one in mine)
    return Records(table[:, 0], table[:, 1], small[:, 2], small[:, 3], small[:, 4], small[:, 5], said)


@settings(deadline=None, max_examples=150)
@given(histories(), st.sampled_from([LAST, LAST, date(2026, 9, 1), date(2026, 6, 30)]))
def test_each_indicator_says_what_loops_say(history: History, until: date) -> None:
    ledger = ledger_of(history)
    entered: dict[tuple[str, int | None], Figure] = {
        (slug, None): Figure(n, value, "форма") for n, (slug, value) in enumerate(history.figures.items(), start=1)
    }
    known = [one for name in packs.names_of() for one in definitions.of_pack(name)]
    lines = counting.lines_of(known, ledger, Known(entered, ()), YEAR, until)
    by_hand = ByHand(history, FIRST, until)
    expected = by_hand.results()
    assert {line.definition.id for line in lines} == set(expected)
    whom = by_hand.all()
    alone = len({(f.person, f.on) for f in history.facts}) == len(history.facts)
    for line in lines:
        name, found = line.definition.id, line.outcome
        said = Result(found.numerator, found.denominator, found.value, found.met)
        assert said == expected[name], name
        if name in whom and found.counted_from is None:
            assert line.counted is not None
            places = line.counted.by_municipality()
            assert sum(places.values()) == len(whom[name]), name
            if alone:  # else two last facts of a day may decide the place
                hers = [municipality_of(fact.organisation) for fact in whom[name].values()]
                assert places == {place: hers.count(place) for place in hers}, name


def test_the_loops_reach_every_verdict() -> None:
    """The property above is no empty talk: its histories lead each indicator to different verdicts."""
    seen: dict[str, set[bool | None]] = {}

    @settings(deadline=None, max_examples=60, derandomize=True, database=None)
    @given(histories())
    def look(history: History) -> None:
        for name, one in ByHand(history, FIRST, LAST).results().items():
            seen.setdefault(name, set()).add(one.met)

    look()
    dull = {name for name, verdicts in seen.items() if len(verdicts) < 2}
    # The first has lost its target; growth is a case of its own in tests/rules.
    assert dull <= {"T-19", "SMO-I18"}, dull
