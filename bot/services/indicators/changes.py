"""The ledger of changes: one indicator between two reports of a period."""

from __future__ import annotations

from fractions import Fraction

from bot.rules.indicators import counting as rules
from bot.rules.indicators.arrays import Ledger
from bot.rules.indicators.changes import Change, surviving, taken_apart, with_late
from bot.rules.indicators.judging import judge
from bot.rules.indicators.model import Count, Definition, Outcome
from bot.services.indicators.counting import Line, Report


def between(before: Report, after: Report, indicator: str, *, frozen: Outcome | None = None) -> Change:
    """Δ of an indicator taken apart. ``frozen`` is the number of a snapshot that ``before`` counts anew.

    Both reports are of one period and ``before`` is the earlier one.
    """
    then, now = before.line(indicator), after.line(indicator)
    old, new = then.definition, now.definition
    first = frozen or then.outcome
    first_day, last_day = _day(before), _day(after)
    steps: list[tuple[int | None, Fraction | None]] = [(first.numerator, first.value)]
    for ledger, definition, day in (
        (surviving(before.ledger, after.ledger), old, first_day),
        (with_late(before.ledger, after.ledger, first_day), old, first_day),
        (after.ledger, old, last_day),
        (after.ledger, new, last_day),
    ):
        numerator, load = _numerator(definition, ledger, after, now, day)
        found = judge(
            definition, numerator=numerator, denominator=first.denominator, before=first.before, load=load,
            on=after.as_of,
        )  # fmt: skip
        steps.append((numerator, found.value))
    steps.append((now.outcome.numerator, now.outcome.value))
    return taken_apart(steps, (first.denominator, now.outcome.denominator))


def _numerator(
    definition: Definition, ledger: Ledger, report: Report, line: Line, day: int
) -> tuple[int | None, int | None]:
    """How many, and the largest load where that is compared."""
    rule = definition.numerator
    if rule is None:
        return None, None
    if rule.count is Count.figure or line.outcome.counted_from is not None:
        figure = report.figures.of(rule.figure or rule.or_figure)
        return (figure.value if figure is not None else None), None
    counted = rules.count(rule, ledger, report.period, day)
    return (len(counted), counted.load) if counted is not None else (None, None)


def _day(report: Report) -> int:
    return min(report.as_of, report.period.last).toordinal()
