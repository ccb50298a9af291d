"""How a number came about: its value at the ends of months, from the ledger that is already in memory."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.rules.indicators import counting as rules
from bot.rules.indicators.forecast import ahead as rules_ahead
from bot.rules.indicators.judging import judge
from bot.rules.indicators.model import Compare, Count, Outcome, Rule
from bot.rules.indicators.periods import Period
from bot.services.indicators.counting import Line, Report

SHORT = 100
"""Days of a period that is shown by weeks."""


@dataclass(frozen=True, slots=True)
class Point:
    """The number as it stood when a day ended, by what is known now."""

    day: date
    outcome: Outcome


def days(period: Period, until: date) -> list[date]:
    """Ends of months (of weeks in a short period) up to a day, that day included."""
    last = min(until, period.last)
    found: list[date] = []
    if (period.last - period.first).days < SHORT:
        day = period.first + timedelta(days=6)
        while day < last:
            found.append(day)
            day += timedelta(days=7)
    else:
        day = end_of_month(period.first)
        while day < last:
            found.append(day)
            day = end_of_month(day + timedelta(days=1))
    return [*found, last] if last >= period.first else []


def moves(line: Line) -> bool:
    """The number is counted from facts, so it has a course; an entered one has not."""
    rule = line.definition.numerator
    return rule is not None and rule.count is not Count.figure and line.outcome.counted_from is None and (
        line.outcome.numerator is not None
    )  # fmt: skip


def course(report: Report, line: Line, *, place: int | None = None) -> list[Point]:
    """Its points; empty for a number that does not move."""
    if not moves(line):
        return []
    return [Point(day, outcome_on(report, line, day, place=place)) for day in days(report.period, report.as_of)]


def outcome_on(report: Report, line: Line, day: date, *, place: int | None = None) -> Outcome:
    """The number of the region or a municipality when a day of the period ended.

    Numbers of statistics are those of the report.
    """
    one = line.definition
    now = line.outcome if place is None else line.places[place]
    numerator, load = _counted(report, one.numerator, day, place)
    denominator = now.denominator
    if one.denominator is not None and one.denominator.count is not Count.figure:
        denominator, _ = _counted(report, one.denominator, day, place)
    return judge(
        one, numerator=numerator, denominator=denominator, before=now.before, load=load, source=now.source, on=day
    )


def forecast(line: Line, points: Sequence[Point], on: date) -> Outcome | None:
    """The number of the region on a day ahead at the pace of the last points; None where no pace is seen."""
    one = line.definition
    if one.compare not in (Compare.least, Compare.exactly) or one.target is None:
        return None
    if one.denominator is not None and one.denominator.count is not Count.figure:
        return None  # Both parts move: their paces say nothing of the share.
    counted = [(point.day, point.outcome.numerator) for point in points if point.outcome.numerator is not None]
    number = rules_ahead([(day, n) for day, n in counted if n is not None], on)
    if number is None:
        return None
    denominator = line.outcome.denominator
    if denominator is not None and one.is_share:
        number = min(number, max(denominator, line.outcome.numerator or 0))
    return judge(one, numerator=number, denominator=denominator, source=line.outcome.source, on=on)


def end_of_month(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _counted(report: Report, rule: Rule | None, day: date, place: int | None) -> tuple[int | None, int | None]:
    if rule is None or rule.count is Count.figure:
        return None, None
    found = rules.count(rule, report.ledger, report.period, day.toordinal())
    if found is None:
        return None, None
    if place is None:
        return len(found), found.load
    return found.by_municipality().get(place, 0), None
