"""Stages of a day: each once, in order, on working days; terms made of events; what proves a result."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import roadmap
from bot.rules.calendar import is_working
from bot.rules.roadmap import OWN, Stage

TODAY = date(2026, 11, 24)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
HOLIDAYS = st.dictionaries(DAYS, st.booleans(), max_size=30)


def test_the_countdown_of_a_day() -> None:
    told = [(s.stage.value, s.day.isoformat()) for s in roadmap.stages(None, date(2026, 12, 10), {})]
    assert told == [
        ("before30", "2026-11-10"), ("before14", "2026-11-26"), ("before7", "2026-12-03"), ("before1", "2026-12-09"),
        ("today", "2026-12-10"), ("late", "2026-12-11"), ("head", "2026-12-15"), ("coordinator", "2026-12-17"),
    ]  # fmt: skip


def test_a_day_off_is_spoken_of_before_it() -> None:
    """Sunday 6 December: its eve and the day itself are Friday."""
    told = {s.stage: s.day for s in roadmap.stages(None, date(2026, 12, 6), {})}
    assert told[Stage.before1] == told[Stage.today] == date(2026, 12, 4)
    assert told[Stage.late] == date(2026, 12, 7)


def test_holidays_are_days_off_too() -> None:
    holidays = {date(2027, 1, day): False for day in range(1, 11)}
    told = {s.stage: s.day for s in roadmap.stages(None, date(2027, 1, 11), holidays)}
    assert told[Stage.before1] == date(2026, 12, 31)
    assert told[Stage.late] == date(2027, 1, 12)


def test_a_window_is_announced_and_counted_from_its_opening() -> None:
    told = [s.stage for s in roadmap.stages(date(2026, 12, 1), date(2026, 12, 31), {}) if s.stage in OWN]
    assert told == [Stage.opens, Stage.before14, Stage.before7, Stage.before1, Stage.today, Stage.late]


def test_an_old_opening_is_not_announced() -> None:
    start, due = date(2026, 10, 1), date(2027, 3, 31)
    assert roadmap.due_stages(start, due, date(2026, 10, 2), {}) == [Stage.opens]
    assert roadmap.due_stages(start, due, date(2026, 10, 20), {}) == []


def test_a_window_within_days_off_is_told_before_it() -> None:
    told = roadmap.stages(date(2026, 1, 31), date(2026, 2, 1), {})
    assert [(s.stage, s.day) for s in told if s.stage in OWN] == [
        (Stage.today, date(2026, 1, 30)), (Stage.late, date(2026, 2, 2)),
    ]  # fmt: skip


@given(DAYS, st.integers(1, 200), HOLIDAYS)
def test_each_stage_comes_once_in_order_and_stays(due: date, length: int, days: dict[date, bool]) -> None:
    start = due - timedelta(days=length) if length % 2 else None
    made = roadmap.stages(start, due, days)
    names = [s.stage for s in made]
    assert len(names) == len(set(names))
    assert [s.day for s in made if s.stage in OWN] == sorted(s.day for s in made if s.stage in OWN)
    assert all(is_working(s.day, days) for s in made)
    assert {Stage.today, Stage.late, Stage.head, Stage.coordinator} <= set(names)
    for one in made:
        if one.stage is not Stage.opens and one.stage in OWN:
            assert one.day <= due if one.stage is not Stage.late else one.day > due


@given(DAYS, HOLIDAYS)
def test_day_by_day_nothing_is_skipped_and_nothing_repeats(due: date, days: dict[date, bool]) -> None:
    """Who runs every day hears each stage on the day it came, whatever calendar."""
    heard: list[Stage] = []
    for offset in range(-60, 30):
        today = due + timedelta(days=offset)
        fresh = [stage for stage in roadmap.due_stages(None, due, today, days) if stage not in heard]
        heard += fresh
    assert heard == [s.stage for s in roadmap.stages(None, due, days) if s.stage in OWN]


@pytest.mark.parametrize(
    ("offset", "due"),
    [
        (None, date(2026, 12, 4)),
        ({"direction": "after", "days": 10, "kind": "calendar"}, date(2026, 12, 14)),
        ({"direction": "after", "days": 10, "kind": "business"}, date(2026, 12, 18)),
        ({"direction": "before", "days": 3, "kind": "calendar"}, date(2026, 12, 1)),
        ({"direction": "after", "days": None, "months": 3, "kind": None}, date(2027, 3, 4)),
        ({"direction": "after", "days": None, "months": None, "event": "x"}, date(2026, 12, 4)),
    ],
)
def test_a_term_from_an_event(offset: dict[str, object] | None, due: date) -> None:
    assert roadmap.after_event(date(2026, 12, 4), offset, {}) == due


def test_a_month_from_the_thirty_first_ends_with_the_month() -> None:
    assert roadmap.after_event(date(2026, 1, 31), {"months": 1}, {}) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("kind", "evidence", "text", "lacks"),
    [
        ("order", "text", "готово", "needs-number"),
        ("order", "text", "№ 12 от 1 декабря", ""),
        ("order", "file", "", ""),
        ("publication", "text", "опубликовали 5 декабря", "needs-link"),
        ("publication", "link", "https://example.org", ""),
        ("indicator", "text", "выросло", "needs-value"),
        ("indicator", "text", "76 %", ""),
        ("иное", "text", "провели", ""),
        ("", "text", "провели", ""),
    ],
)
def test_what_proves_a_result(kind: str, evidence: str, text: str, lacks: str) -> None:
    assert roadmap.lacks(kind, evidence, text) == lacks


def test_a_question_is_put_less_and_less_often() -> None:
    gaps = [(roadmap.next_ask(times, TODAY) - TODAY).days for times in range(8)]
    assert gaps == [7, 7, 7, 7, 14, 30, 30, 30]


def test_quarter_ends_within_bounds() -> None:
    found = roadmap.quarter_ends(date(2026, 11, 24), date(2027, 6, 30))
    assert found == [date(2026, 12, 31), date(2027, 3, 31), date(2027, 6, 30)]
