"""Which sentences the numbers give: far and near targets, what is not counted, where people are missing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.indicators import conclusions as rules
from bot.rules.indicators.conclusions import Line, conclusions, decisions, recommendations
from bot.rules.indicators.judging import judge
from bot.rules.indicators.model import Compare, Count, Definition, Doubt, Rule

TODAY, UNTIL = date(2026, 11, 24), date(2026, 12, 1)


def an_indicator(name: str = "SMO-I05", *, target: int = 25, compare: Compare = Compare.least) -> Definition:
    rule = Rule(Count.people, facts=("diagnosed",))
    return Definition(
        id=name, title=f"Показатель {name}", clause="раздел 5", order_no="1", order_date=date(2023, 6, 6), version=1,
        since=date(2023, 1, 1), until=None, owner="", unit="%" if compare is not Compare.most else "чел.",
        period="год", numerator_text="", numerator=rule, denominator_text="",
        denominator=Rule(Count.figure, figure="teachers"), compare=compare, target=Fraction(target),
    )  # fmt: skip


def a_line(
    top: int | None,
    bottom: int | None,
    *places: tuple[str, int | None, int | None],
    name: str = "SMO-I05",
    target: int = 25,
    compare: Compare = Compare.least,
    doubts: tuple[Doubt, ...] = (),
    before: Fraction | None = None,
) -> Line:
    one = an_indicator(name, target=target, compare=compare)
    load = top if compare is Compare.most else None
    found = judge(one, numerator=top, denominator=bottom, load=load, on=TODAY, doubts=doubts)
    return Line(one, found, places, before)


def keys(found: list[rules.Finding]) -> list[str]:
    return [one.key for one in found]


@pytest.mark.parametrize(
    ("top", "bottom", "key"),
    [(25, 100, None), (24, 100, "near"), (5, 100, "far"), (0, 100, "far"), (5, None, None), (5, 0, None)],
)
def test_a_number_is_met_near_or_far(top: int, bottom: int | None, key: str | None) -> None:
    found = keys(conclusions([a_line(top, bottom)]))
    assert found[0] == "whole"
    assert [one for one in found if one in ("near", "far")] == ([key] if key else [])


def test_what_is_not_counted_is_never_called_missed() -> None:
    found = conclusions([a_line(5, None), a_line(None, 100, name="T-01"), a_line(0, 100, name="T-02")])
    (said,) = [one for one in found if one.key == "uncounted"]
    assert dict(said.args) == {"n": 2, "names": "SMO-I05, T-01"}
    assert [one.line.definition.id for one in found if one.key == "far" and one.line] == ["T-02"]
    assert dict(found[0].args) == {"met": 0, "judged": 1, "all": 3}


def test_the_farthest_come_first_and_a_long_list_is_cut() -> None:
    lines = [a_line(n, 100, name=f"T-{n:02}") for n in range(10)]
    found = [one for one in conclusions(lines) if one.key == "far"]
    assert [one.line.definition.id for one in found if one.line] == [f"T-{n:02}" for n in range(rules.MOST)]
    assert dict(next(one for one in conclusions(lines) if one.key == "far-more").args) == {"n": 4}


@pytest.mark.parametrize(("before", "key"), [(20, "grew"), (35, "fell"), (30, None)])
def test_growing_and_falling_are_said_with_the_change(before: int, key: str | None) -> None:
    found = [one for one in conclusions([a_line(30, 100, before=Fraction(before))]) if one.key in ("grew", "fell")]
    assert keys(found) == ([key] if key else [])
    assert all(dict(one.args)["step"] == 30 - before for one in found)


def test_a_larger_load_of_a_methodist_is_for_the_worse() -> None:
    line = a_line(300, 2, compare=Compare.most, target=250, before=Fraction(200))
    (said,) = [one for one in conclusions([line]) if one.key in ("grew", "fell")]
    assert said.key == "fell"
    assert dict(said.args)["step"] == 100


def test_a_district_far_behind_is_named_and_a_hidden_one_never() -> None:
    line = a_line(30, 100, ("Дальний", 1, 40), ("Скрытый", None, 40), ("Ровный", 29, 60))
    (said,) = [one for one in conclusions([line]) if one.key == "uneven"]
    assert dict(said.args) == {"n": 1, "places": "Дальний"}


def test_recommendations_name_the_place_that_lacks_most_and_the_day() -> None:
    line = a_line(5, 100, ("Дальний", 1, 40), ("Скрытый", None, 40), ("Ровный", 4, 20))
    (said,) = recommendations([line], until=UNTIL, today=TODAY)
    assert said.key == "place"
    assert dict(said.args) == {"place": "Дальний", "gap": 9, "others": 1, "until": UNTIL}
    (nobody,) = recommendations([a_line(5, 100)], until=UNTIL, today=TODAY)
    assert nobody.key == "owner"


def test_doubts_are_checked_before_the_paper_goes_out_but_not_in_the_past() -> None:
    lines = [
        a_line(120, 100),
        a_line(5, None, name="T-01"),
        a_line(30, 100, doubts=(Doubt("unconfirmed", (("n", 7),)),)),
    ]
    found = recommendations(lines, until=UNTIL, today=TODAY)
    assert keys(found) == ["figures", "check", "confirm"]
    assert {dict(one.args)["until"] for one in found} == {TODAY}
    assert dict(found[2].args)["people"] == 7
    assert "suspect" in keys(conclusions(lines))


def test_decisions_hear_only_what_lacks_more_than_half() -> None:
    found = decisions(
        [a_line(12, 100), a_line(13, 100, name="T-01"), a_line(26, 100, name="T-02")], until=UNTIL, today=TODAY
    )
    assert keys(found) == ["hear", "keep", "again", "effect"]
    assert dict(found[0].args)["names"] == "SMO-I05"


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200) | st.none()), max_size=12))
def test_each_number_is_met_missed_or_uncounted_and_sentences_stay_few(numbers: list[tuple[int, int | None]]) -> None:
    lines = [a_line(top, bottom, name=f"T-{n:02}") for n, (top, bottom) in enumerate(numbers)]
    found = conclusions(lines)
    whole = dict(found[0].args)
    told = keys(found).count("far") + keys(found).count("near")
    hidden = sum(int(str(dict(one.args)["n"])) for one in found if one.key == "far-more")
    uncounted = sum(int(str(dict(one.args)["n"])) for one in found if one.key == "uncounted")
    assert int(str(whole["judged"])) + uncounted == len(lines)
    missed = int(str(whole["judged"])) - int(str(whole["met"]))
    assert told + hidden <= missed
    assert told >= min(missed, rules.MOST)
