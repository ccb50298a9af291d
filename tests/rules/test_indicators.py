"""Counting against loops over a plain history; numbers, gaps and doubts by tables; periods."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import ROOT
from bot.errors import UserError
from bot.rules.indicators.judging import judge
from bot.rules.indicators.model import Compare, Count, Definition, Figure, Rule
from bot.rules.indicators.periods import Period, academic_year_of, period_of, quarter_of
from bot.rules.people import is_young, young_span
from bot.services import packs
from bot.services.indicators import definitions
from tests.indicators.history import FIRST, LAST

YEAR = Period("2026", FIRST, LAST)


@given(
    st.one_of(st.none(), st.integers(1950, 2005)),
    st.one_of(st.none(), st.integers(1990, 2026)),
    st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2026, 12, 31))),
    st.dates(date(2015, 1, 1), date(2030, 12, 31)),
)
def test_the_span_of_youth_is_the_days_on_which_she_is_young(
    born: int | None, year: int | None, since: date | None, on: date
) -> None:
    span = young_span(born, year, since)
    assert is_young(born, year, since, on=on) == (span is not None and span[0] <= on <= span[1])


def a_definition(
    compare: Compare = Compare.least, target: int | None = 25, unit: str = "%", **more: object
) -> Definition:
    figure = Rule(Count.figure, figure="teachers")
    given: dict[str, object] = {
        "id": "X-1", "title": "X", "clause": "1", "order_no": "1", "order_date": date(2023, 6, 6), "version": 1,
        "since": date(2023, 6, 6), "until": None, "owner": "x", "unit": unit, "period": "y", "numerator_text": "n",
        "numerator": Rule(Count.people, facts=("diagnosed",)), "denominator_text": "d", "denominator": figure,
        "compare": compare, "target": None if target is None else Fraction(target), **more,
    }  # fmt: skip
    return Definition(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("compare", "target", "numerator", "denominator", "value", "met", "gap", "margin"),
    [
        (Compare.least, 25, 3912, 15040, Fraction(391200, 15040), True, 0, 152),
        (Compare.least, 20, 1616, 9640, Fraction(161600, 9640), False, 312, -312),
        (Compare.least, 25, 25, 100, 25, True, 0, 0),
        # 25 % of 101 is 25,25 people: the 26th is the one who is missing.
        (Compare.least, 25, 25, 101, Fraction(2500, 101), False, 1, -1),
        (Compare.at_most, 10, 12, 100, 12, False, 2, -2),
        (Compare.exactly, 100, 37, 38, Fraction(3700, 38), False, 1, -1),
        (Compare.exactly, 100, 38, 38, 100, True, 0, 0),
        (Compare.least, None, 1, 2, 50, None, None, None),
    ],
)  # fmt: skip
def test_a_share_is_held_against_its_target_in_people(
    compare: Compare, target: int | None, numerator: int, denominator: int, value: object, met: bool | None,
    gap: int | None, margin: int | None,
) -> None:  # fmt: skip
    found = judge(a_definition(compare, target), numerator=numerator, denominator=denominator, on=LAST)
    assert (found.value, found.met, found.gap, found.margin) == (value, met, gap, margin)


def test_without_a_denominator_the_count_alone_is_shown() -> None:
    found = judge(a_definition(), numerator=7, denominator=None, on=LAST)
    assert (found.numerator, found.value, found.met, found.gap) == (7, None, None, None)
    assert found.reason == "no-denominator"


def test_what_nobody_collects_is_no_zero() -> None:
    found = judge(a_definition(), numerator=None, denominator=100, on=LAST)
    assert (found.numerator, found.value, found.reason) == (None, None, "absent")


@pytest.mark.parametrize(("numerator", "denominator", "doubt"), [(5, 0, "zero"), (12, 10, "over")])
def test_a_strange_denominator_is_a_doubt(numerator: int, denominator: int, doubt: str) -> None:
    found = judge(a_definition(), numerator=numerator, denominator=denominator, on=LAST)
    assert [one.key for one in found.doubts] == [doubt]
    assert found.value == (None if denominator == 0 else 120)


def test_an_old_state_and_an_unstated_sign_are_said() -> None:
    old = Figure(1, 100, "ОО-1", state_on=date(2025, 1, 1))
    found = judge(a_definition(Compare.exactly, sign_stated=False), numerator=40, denominator=100, source=old, on=LAST)
    assert {one.key for one in found.doubts} == {"stale", "sign"}
    assert (found.met, found.margin) == (True, 15)


def test_the_load_of_a_methodist_is_the_largest_with_the_average_beside() -> None:
    most = a_definition(Compare.most, 250, "чел. на методиста")
    found = judge(most, numerator=480, denominator=4, load=251, on=LAST)
    assert (found.value, found.met, found.gap, found.average) == (Fraction(251), False, 1, Fraction(120))


def test_a_limit_on_methodists_nobody_has_is_not_kept_it_is_not_counted() -> None:
    most = a_definition(Compare.most, 250, "чел. на методиста")
    for denominator in (None, 0, 4):
        found = judge(most, numerator=0, denominator=denominator, load=None, on=LAST)
        assert (found.value, found.met, found.gap, found.reason) == (None, None, None, "nobody")


def test_the_load_of_a_municipality_is_not_told() -> None:
    most = a_definition(Compare.most, 250, "чел. на методиста")
    found = judge(most, numerator=8, denominator=1, load=None, on=LAST)
    assert (found.value, found.met, found.reason, found.average) == (None, None, "whole", Fraction(8))


def test_all_of_nothing_is_not_done() -> None:
    found = judge(a_definition(Compare.yes, 1, "документ"), numerator=1, denominator=0, on=LAST)
    assert (found.met, found.reason) == (None, "zero")


@pytest.mark.parametrize(("now", "before", "met", "gap"), [(10, 9, True, 0), (9, 9, False, 1), (0, 4, False, 5)])
def test_growth_is_more_than_before(now: int, before: int, met: bool, gap: int) -> None:
    growth = a_definition(Compare.growth, 0, "чел.", denominator=None)
    found = judge(growth, numerator=now, denominator=None, before=before, on=LAST)
    assert (found.value, found.met, found.gap) == (Fraction(now - before), met, gap)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"), ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-q4", "2026-10-01", "2026-12-31"), ("2025/2026", "2025-09-01", "2026-08-31"),
        ("2025/26", "2025-09-01", "2026-08-31"), ("2026-01-01..2026-06-30", "2026-01-01", "2026-06-30"),
    ],
)  # fmt: skip
def test_a_period_is_read(asked: str, first: str, last: str) -> None:
    found = period_of(asked)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "asked", ["", "26", "2026-Q5", "2025/2027", "2026-13-01..2026-12-31", "2026-02-02..2026-01-01", "0001", "год"]
)
def test_what_is_no_period_is_none(asked: str) -> None:
    assert period_of(asked) is None


@pytest.mark.parametrize(
    ("asked", "before"),
    [("2026", "2025"), ("2026-Q1", "2025-Q1"), ("2025/2026", "2024/2025"),
     ("2026-01-11..2026-01-20", "2026-01-01..2026-01-10")],
)  # fmt: skip
def test_the_same_period_before(asked: str, before: str) -> None:
    now = period_of(asked)
    assert now is not None
    assert now.before() == period_of(before)


def test_a_day_knows_its_quarter_and_academic_year() -> None:
    assert quarter_of(date(2026, 11, 26)).name == "2026-Q4"
    assert academic_year_of(date(2026, 8, 31)).name == "2025/2026"


def test_all_indicators_of_the_orders_are_there() -> None:
    ids = [one.id for name in packs.names_of() for one in definitions.of_pack(name)]
    assert sorted(ids) == [*(f"SMO-I{n:02}" for n in range(1, 19)), *(f"T-{n:02}" for n in range(1, 29))]
    assert [one.fault for name in packs.names_of() for one in definitions.of_pack(name) if one.fault] == []


def test_the_targets_are_those_of_the_roadmaps() -> None:
    """Two files of a pack speak of one number: they must not part."""
    for name in packs.names_of():
        plan = yaml.safe_load((ROOT / "data" / "regions" / name / "roadmap.yaml").read_text(encoding="utf-8"))
        known = {one.id: one for one in definitions.of_pack(name)}
        for target in plan.get("targets", []):
            one = known[target["id"]]
            assert one.clause.endswith(target["measure"])
            assert (one.target, one.unit) == (target["value"], target["unit"])
            assert (one.compare.value if one.sign_stated else "?") == target["compare"]


def test_similar_indicators_point_at_each_other() -> None:
    for name in packs.names_of():
        known = {one.id: one for one in definitions.of_pack(name)}
        for one in known.values():
            assert all(one.id in known[other].near or known[other].near for other in one.near)
            assert not one.near or one.counts, f"{one.id} does not say what it counts"


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"count": "persons"}, "count: persons"), ({"count": "people"}, "facts"),
        ({"count": "people", "facts": ["diagnosed"], "sql": "x"}, "sql"),
        ({"count": "figure", "figure": "users"}, "figure: users"), ({"count": "role", "role": "king"}, "role: king"),
        ({"count": "people", "facts": ["diagnosed"], "where": {"kind": "external"}}, "where"),
        ({"count": "people", "facts": ["iom_received"], "carry": {"until": ["x"], "months": 0}}, "carry: months"),
    ],
)  # fmt: skip
def test_a_word_outside_the_operators_breaks_the_rule_and_is_named(rule: dict[str, object], word: str) -> None:
    with pytest.raises(definitions.BrokenRule, match=word):
        definitions.rule_of(rule)


def test_a_rule_is_written_and_read_back() -> None:
    for name in packs.names_of():
        for one in definitions.of_pack(name):
            for rule in one.rules():
                assert definitions.rule_of(definitions.as_words(rule)) == rule


def test_an_unknown_indicator_is_said_in_words() -> None:
    with pytest.raises(UserError, match="indicator-none"):
        definitions.find(definitions.of_pack("smolensk"), "SMO-I99")
