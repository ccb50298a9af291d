"""From what was counted to the number: value, target, gap in people, doubts. None is never 0."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor

from bot.rules.indicators.model import Compare, Count, Definition, Doubt, Figure, Outcome, Rule

STALE_DAYS = 550
"""A figure whose state is older (a year and a half) is doubted."""


def judge(
    definition: Definition,
    *,
    numerator: int | None,
    denominator: int | None,
    before: int | None = None,
    load: int | None = None,
    source: Figure | None = None,
    counted_from: Figure | None = None,
    reason: str = "",
    doubts: tuple[Doubt, ...] = (),
    on: date,
) -> Outcome:
    """The number of a definition from its two parts; ``reason`` says why a part is not there."""
    said = list(doubts)
    if definition.fault:
        return Outcome(reason="broken", doubts=(Doubt("broken", (("fault", definition.fault),)), *said))
    for figure in (source, counted_from):
        if figure is not None and figure.state_on is not None and (on - figure.state_on).days > STALE_DAYS:
            said.append(Doubt("stale", (("date", f"{figure.state_on:%d.%m.%Y}"),)))
    if not definition.sign_stated:
        said.append(Doubt("sign"))
    if definition.target is None:
        said.append(Doubt("lost"))
    if numerator is None:
        return Outcome(denominator=denominator, source=source, reason=reason or "absent", doubts=tuple(said))
    if definition.denominator is not None and denominator is None and definition.compare is not Compare.most:
        return Outcome(
            numerator=numerator, counted_from=counted_from, reason=reason or "no-denominator", doubts=tuple(said)
        )
    if denominator is not None and denominator <= 0 and definition.compare is not Compare.most:
        said.append(Doubt("zero"))
        return Outcome(
            numerator=numerator, denominator=denominator, source=source, counted_from=counted_from, reason="zero",
            doubts=tuple(said),
        )  # fmt: skip
    if denominator is not None and definition.is_share and numerator > denominator:
        said.append(Doubt("over", (("n", numerator), ("d", denominator))))
    return _held(definition, numerator, denominator, before, load, source, counted_from, tuple(said))


def _held(
    definition: Definition,
    numerator: int,
    denominator: int | None,
    before: int | None,
    load: int | None,
    source: Figure | None,
    counted_from: Figure | None,
    doubts: tuple[Doubt, ...],
) -> Outcome:
    target, average, reason = definition.target, None, ""
    value: Fraction | None = Fraction(numerator)
    needed: int | None = None
    met: bool | None = None
    match definition.compare:
        case Compare.most:
            if load is None:
                # Nobody is appointed to anybody: a limit that holds for no one is not a limit that is kept.
                # Of a municipality the loads are not known: a methodist has teachers of several.
                reason = "whole" if numerator else "nobody"
            value = Fraction(load) if load is not None else None
            average = Fraction(numerator, denominator) if denominator else None
            if value is not None and target is not None:
                met = value <= target
                # Teachers above the limit of the most loaded methodist.
                over = int(value - target)
                return Outcome(
                    numerator, denominator, value, met, floor(target), max(0, over), -over, average, None, source,
                    counted_from, "", doubts,
                )  # fmt: skip
        case Compare.growth:
            if before is None:
                met, reason = None, "no-before"
            else:
                value = Fraction(numerator - before)
                needed = before + floor(target or 0) + 1
        case Compare.yes:
            needed = 1 if denominator is None else max(1, denominator)
        case _ if definition.is_share:
            assert denominator is not None
            value = Fraction(numerator * 100, denominator)
            if target is not None:
                share = target * denominator / 100
                needed = floor(share) if definition.compare is Compare.at_most else ceil(share)
        case _ if target is not None:
            needed = floor(target) if definition.compare is Compare.at_most else ceil(target)
    gap = margin = None
    if needed is not None:
        margin = numerator - needed if definition.compare is not Compare.at_most else needed - numerator
        met = margin >= 0
        exact = definition.compare is Compare.exactly and definition.sign_stated
        if exact and value is not None and target is not None:
            met = value == target
        gap = max(0, -margin)
    return Outcome(
        numerator, denominator, value, met, needed, gap, margin, average, before, source, counted_from, reason, doubts
    )


def figure_of(rule: Rule) -> str:
    """The figure a rule reads, or may read in place of facts; empty for none."""
    return rule.figure if rule.count is Count.figure else rule.or_figure
