"""What a rule counts: from the ledger's arrays to the people, facts or organisations behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from dateutil.relativedelta import relativedelta

from bot.rules.indicators.arrays import Bools, Facts, Ints, Ledger, Small, Spans, empty
from bot.rules.indicators.model import LEARNERS, Count, Rule, Who, Words
from bot.rules.indicators.periods import Period


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, one row for each: the deciding fact is the last of the period; 0 where there is no fact.

    ``load`` is the largest number of teachers one methodist has, where that is what is counted. Records of a register
    have their number in place of a fact and nobody (−1) in place of a person.
    """

    person: Small
    fact: Ints
    day: Small
    municipality: Small
    organisation: Small
    unconfirmed: int = 0
    load: int | None = None

    def __len__(self) -> int:
        return len(self.person)

    def by_municipality(self) -> dict[int, int]:
        """Municipality (0: without one) → how many."""
        places, counts = np.unique(self.municipality, return_counts=True)
        return dict(zip(places.tolist(), counts.tolist(), strict=True))

    def by_organisation(self, municipality: int) -> dict[int, int]:
        """Organisations of a municipality → how many."""
        places, counts = np.unique(self.organisation[self.municipality == municipality], return_counts=True)
        return dict(zip(places.tolist(), counts.tolist(), strict=True))


NOTHING = Counted(*(empty().person, empty().ids, empty().day, empty().municipality, empty().organisation))


def count(rule: Rule, ledger: Ledger, period: Period, until: int) -> Counted | None:
    """The people (facts, organisations) of a rule in a period up to a day. None when no source is kept for it."""
    last = min(period.last.toordinal(), until)
    match rule.count:
        case Count.figure:
            return None
        case Count.assigned | Count.methodists:
            return _appointed(rule, ledger, last)
        case Count.role:
            return _holders(rule, ledger, last)
        case Count.records:
            return _kept(rule, ledger, period.first, date.fromordinal(last))
    if not any(kind in ledger.sources for kind in rule.facts):
        return None
    chosen = _joined([_fitting(rule, kind, ledger, period.first.toordinal(), last) for kind in rule.facts])
    sure = ledger.people.confirmed[chosen.person]
    doubtful = chosen.among(~sure)
    chosen = chosen.among(sure)
    if rule.count is Count.facts:
        return _rows(chosen, unconfirmed=len(doubtful))
    if rule.count is Count.organisations:
        chosen = chosen.among(chosen.organisation > 0)
        return _rows(_last_of(chosen, chosen.organisation), unconfirmed=0)
    mine = _last_of(chosen, chosen.person)
    others = len(np.setdiff1d(doubtful.person, mine.person))
    return _rows(mine, unconfirmed=others)


def earliest(rule: Rule, kind: str, period: Period) -> int | None:
    """The first day whose facts of a kind the rule may ask for; 1 for all of them, None for none."""
    if kind in rule.after or (rule.carry and kind in rule.carry.until):
        return 1
    if kind not in rule.facts:
        return None
    first = period.first
    if rule.carry:
        first -= relativedelta(months=rule.carry.months)
    return first.toordinal()


def would_count(rule: Rule, ledger: Ledger, person: Small, day: int) -> Bools:
    """Whether a fact of these people on a day could be counted: confirmed, and all that is asked of a person."""
    none = np.zeros(len(person), dtype=np.int64)
    places = ledger.places
    facts = Facts(
        none, person, np.full(len(person), day, dtype=np.int32), places.municipality[person],
        places.organisation[person], none, none.astype(np.int32),
    )  # fmt: skip
    fits: Bools = ledger.people.confirmed[person].copy()
    for who in rule.who:
        fits &= _is(who, ledger, facts, day)
    if rule.after:
        fits &= _was_before(rule.after, ledger, facts)
    return fits


def _fitting(rule: Rule, kind: str, ledger: Ledger, first: int, last: int) -> Facts:
    facts = ledger.facts.get(kind)
    if facts is None or not len(facts):
        return empty()
    mask = (facts.day >= first) & (facts.day <= last)
    if rule.carry:
        mask |= _carried(rule, ledger, facts, first)
    if rule.where or rule.but:
        fits = np.fromiter((_says(rule, words) for words in ledger.words), dtype=np.bool_, count=len(ledger.words))
        mask &= fits[facts.words]
    facts = facts.among(mask)
    for who in rule.who:
        facts = facts.among(_is(who, ledger, facts, last))
    if rule.after:
        facts = facts.among(_was_before(rule.after, ledger, facts))
    return facts


def _carried(rule: Rule, ledger: Ledger, facts: Facts, first: int) -> Bools:
    """Facts of before the period, within the months, that nothing had closed when it began."""
    assert rule.carry is not None
    start = (date.fromordinal(first) - relativedelta(months=rule.carry.months)).toordinal()
    mask: Bools = (facts.day >= start) & (facts.day < first)
    for kind in rule.carry.until:
        ends = ledger.facts.get(kind)
        if ends is not None and len(ends):
            closed = ends.source[ends.day < first]
            mask &= ~np.isin(facts.source, closed)
    return mask


def _was_before(kinds: tuple[str, ...], ledger: Ledger, facts: Facts) -> Bools:
    """Whether the person had a fact of these kinds on the day or before it."""
    size = len(ledger.people.confirmed)
    first = np.full(size, np.iinfo(np.int32).max, dtype=np.int32)
    for kind in kinds:
        earlier = ledger.facts.get(kind)
        if earlier is not None:
            np.minimum.at(first, earlier.person, earlier.day)
    found: Bools = first[facts.person] <= facts.day
    return found


def _says(rule: Rule, words: Mapping[str, Any]) -> bool:
    return all(_among(words, field, values) for field, values in rule.where) and not any(
        _among(words, field, values) for field, values in rule.but
    )


def _among(words: Mapping[str, Any], field: str, values: tuple[str, ...]) -> bool:
    said = words.get(field)
    return any(str(one) in values for one in said) if isinstance(said, list) else str(said) in values


def _is(who: Who, ledger: Ledger, facts: Facts, last: int) -> Bools:
    people = ledger.people
    match who:
        case Who.teachers:
            return ~people.manager.hold(facts.person, facts.day)
        case Who.managers:
            return people.manager.hold(facts.person, facts.day)
        case Who.young:
            return people.young.hold(facts.person, facts.day)
        case Who.methodists:
            # A share of those who are methodists on the last day: one who left is in neither part of it.
            return _methodists(ledger, facts.person, last)
        case Who.low_results:
            marked: Bools = ledger.places.low_results[facts.organisation]
            return marked


def _appointed(rule: Rule, ledger: Ledger, last: int) -> Counted:
    given = ledger.appointed
    now = (given.since <= last) & (given.until >= last)
    # With whom nobody is left who works as a methodist, a teacher has none.
    now &= _methodists(ledger, given.methodist, last)
    sure = ledger.people.confirmed[given.person]
    methodists, sizes = np.unique(given.methodist[now & sure], return_counts=True)
    if rule.count is Count.methodists:
        return _present(methodists.astype(np.int32), ledger, last)
    # A methodist's teachers are different people, a teacher may have two methodists.
    people = np.unique(given.person[now & sure]).astype(np.int32)
    doubtful = len(np.unique(given.person[now & ~sure]))
    load = int(sizes.max()) if len(sizes) else None
    return _present(people, ledger, last, unconfirmed=doubtful, load=load)


def _methodists(ledger: Ledger, person: Small, day: int) -> Bools:
    held = ledger.people.roles.get("methodist", Spans())
    return held.hold(person, np.full(len(person), day, dtype=np.int32))


def _holders(rule: Rule, ledger: Ledger, last: int) -> Counted:
    everybody = np.arange(len(ledger.people.confirmed), dtype=np.int32)
    held = ledger.people.roles.get(rule.role, Spans()).hold(everybody, np.full(len(everybody), last, dtype=np.int32))
    return _present(everybody[held], ledger, last)


def _kept(rule: Rule, ledger: Ledger, first: date, last: date) -> Counted | None:
    """Records in force on the last day. A register where nothing was ever written says nothing, not zero."""
    rows = ledger.records.get(rule.register)
    if rows is None or not len(rows):
        return None
    day = last.toordinal()
    # A document is in force on the last day; a learner is one of the period in whichever part of it she learned.
    begun = first.toordinal() if rule.register == LEARNERS else day
    fits = (rows.since <= day) & (begun <= rows.until)
    if rule.where or rule.but:
        fits &= np.fromiter((_says(rule, words) for words in rows.words), dtype=np.bool_, count=len(rows))
    if rule.dated:
        inside = (first.isoformat() <= str(words.get(rule.dated) or "") <= last.isoformat() for words in rows.words)
        fits &= np.fromiter(inside, dtype=np.bool_, count=len(rows))
    if rule.placed:
        fits &= rows.municipality > 0
    chosen = np.flatnonzero(fits)
    # A learner of two cohorts is one.
    chosen = chosen[np.sort(np.unique(rows.record[chosen], return_index=True)[1])]
    nobody = np.full(len(chosen), -1, dtype=np.int32)
    return Counted(nobody, rows.ids[chosen], rows.since[chosen], rows.municipality[chosen], rows.organisation[chosen])


def _present(people: Small, ledger: Ledger, last: int, *, unconfirmed: int = 0, load: int | None = None) -> Counted:
    """People who are counted by what they are, not by a fact."""
    none = np.zeros(len(people), dtype=np.int64)
    day = np.full(len(people), last, dtype=np.int32)
    places = ledger.places
    return Counted(people, none, day, places.municipality[people], places.organisation[people], unconfirmed, load)


def _joined(parts: list[Facts]) -> Facts:
    """Facts of several kinds in one order: by day, then by number."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else empty()
    together = Facts(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("ids", "person", "day", "municipality", "organisation", "source", "words")
        )
    )
    order = np.lexsort((together.ids, together.day))
    return Facts(
        together.ids[order],
        together.person[order],
        together.day[order],
        together.municipality[order],
        together.organisation[order],
        together.source[order],
        together.words[order],
    )


def _last_of(facts: Facts, key: Small) -> Facts:
    """One fact for each key: the last."""
    if not len(facts):
        return facts
    keys, backwards = np.unique(key[::-1], return_index=True)
    del keys
    chosen = np.zeros(len(facts), dtype=np.bool_)
    chosen[len(facts) - 1 - backwards] = True
    return facts.among(chosen)


def _rows(facts: Facts, *, unconfirmed: int) -> Counted:
    return Counted(facts.person, facts.ids, facts.day, facts.municipality, facts.organisation, unconfirmed)


__all__ = ["NOTHING", "Counted", "Words", "count", "earliest"]
