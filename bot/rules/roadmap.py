"""When a day of the roadmap is spoken of, to whom, and what a named event makes of a term."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from bot.rules.calendar import add_working_days, next_working, previous_working
from bot.rules.roadmap_registers import may_prove

Days = Mapping[date, bool]


class Stage(StrEnum):
    """The steps before and after a day, in their order."""

    opens = "opens"
    before30 = "before30"
    before14 = "before14"
    before7 = "before7"
    before1 = "before1"
    today = "today"
    late = "late"
    head = "head"
    coordinator = "coordinator"


BEFORE: tuple[tuple[Stage, int], ...] = (
    (Stage.before30, 30), (Stage.before14, 14), (Stage.before7, 7), (Stage.before1, 1), (Stage.today, 0),
)  # fmt: skip
AFTER: tuple[tuple[Stage, int], ...] = ((Stage.late, 1), (Stage.head, 3), (Stage.coordinator, 5))
"""Working days after the day."""

OWN = frozenset(
    {
        Stage.opens, Stage.before30, Stage.before14, Stage.before7, Stage.before1, Stage.today, Stage.late,
    }
)  # fmt: skip
"""Stages the people of the measure hear; the rest go up one step at a time."""

FARTHEST = 30
LONGEST_REST = 14
"""Days off in a row that may pull a stage forward."""

OPENING_KEPT = 7
"""Days after its beginning that a window is still announced; later the countdown says enough."""

SOON = 14
"""What the weekly digest calls soon, days."""

ASK_EVERY = (7, 7, 7, 14, 30)
"""Days between the questions about one date; the last one repeats."""


@dataclass(frozen=True, slots=True)
class StageDay:
    """A stage and the working day it is told on."""

    stage: Stage
    day: date


def stages(start: date | None, due: date, days: Days) -> list[StageDay]:
    """Every stage of one day, by day. A stage that falls on a day off is told on the working day before it.

    The countdown of a window begins with its opening; the day itself is always told.
    """
    found: list[StageDay] = []
    if start is not None and next_working(start, days) < previous_working(due, days):
        found.append(StageDay(Stage.opens, next_working(start, days)))
    for stage, before in BEFORE:
        day = previous_working(due - timedelta(days=before), days)
        # A window within days off is told of before it opens: better than not at all.
        if stage is Stage.today or start is None or day > start:
            found.append(StageDay(stage, day))
    found += [StageDay(stage, add_working_days(due, after, days)) for stage, after in AFTER]
    return found


def due_stages(start: date | None, due: date, today: date, days: Days) -> list[Stage]:
    """Stages of the people of the measure that have come by today, the one to tell last."""
    come = [s for s in stages(start, due, days) if s.day <= today and s.stage in OWN]
    if come and come[-1].stage is Stage.opens and today - come[-1].day > timedelta(days=OPENING_KEPT):
        return []
    return [s.stage for s in come]


def raised(due: date, today: date, days: Days) -> list[Stage]:
    """The steps up that have come by today: the head of the body, then the coordinator."""
    return [stage for stage, after in AFTER if stage not in OWN and add_working_days(due, after, days) <= today]


def next_ask(times: int, today: date) -> date:
    """When a question that was put ``times`` times is put again."""
    return today + timedelta(days=ASK_EVERY[min(max(times, 1), len(ASK_EVERY)) - 1])


def quarter_ends(since: date, until: date) -> list[date]:
    """Last days of quarters within both days inclusive."""
    found = []
    for year in range(since.year, until.year + 1):
        for month in (3, 6, 9, 12):
            day = date(year, month, months.monthrange(year, month)[1])
            if since <= day <= until:
                found.append(day)
    return found


def after_event(day: date, offset: Mapping[str, Any] | None, days: Days) -> date:
    """The due day that a named event makes: «в течение 10 рабочих дней после …». Without an offset, the day itself."""
    if not offset:
        return day
    sign = -1 if offset.get("direction") == "before" else 1
    if offset.get("months"):
        month = day.month - 1 + sign * int(offset["months"])
        year, month = day.year + month // 12, month % 12 + 1
        return date(year, month, min(day.day, months.monthrange(year, month)[1]))
    count = sign * int(offset.get("days") or 0)
    if offset.get("kind") == "business":
        return add_working_days(day, count, days)
    return day + timedelta(days=count)


NUMBERED = frozenset({"order", "register", "report", "training", "agreement"})
"""Results that are papers: a file, a link, or a number and a date."""


def lacks(result_kind: str, evidence: str, text: str) -> str:
    """What is missing in evidence for the named kind of result, as a word for a message; empty when it fits.

    ``result_kind`` as in rules/roadmap_results.py; ``evidence`` is text, link, file, photo or snapshot.
    """
    if evidence == "snapshot":
        return "" if may_prove(result_kind) else "needs-paper"
    if evidence in ("file", "link", "photo"):
        return ""
    if result_kind == "publication":
        return "needs-link"
    if result_kind in NUMBERED and not any(sign.isdigit() for sign in text):
        return "needs-number"
    if result_kind == "indicator" and not any(sign.isdigit() for sign in text):
        return "needs-value"
    return ""
