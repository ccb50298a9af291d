"""The drafted words of the справка: findings of rules/indicators/conclusions.py as numbered sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from bot.i18n import Translator
from bot.rules.indicators import conclusions as rules
from bot.rules.indicators.conclusions import Finding, Line
from bot.rules.indicators.model import Compare
from bot.services.indicators import wording as words
from bot.services.indicators.edition import Edition

PARTS = ("conclusions", "recommendations", "decisions")
"""Parts 10, 11, 12: what a person edits before printing."""


def lines_of(edition: Edition, before: Mapping[str, Fraction]) -> list[Line]:
    """The numbers as the rules read them; what is not published is not there for them either."""
    return [
        Line(
            row.definition, row.outcome,
            tuple((title, cell.numerator, cell.denominator) for title, cell in edition.of_municipalities(row)),
            before.get(row.definition.id),
        )
        for row in edition.rows
    ]  # fmt: skip


def drafts(
    t: Translator, edition: Edition, before: Mapping[str, Fraction], *, until: date, today: date
) -> dict[str, str]:
    """Part → its draft, a sentence a line."""
    lines = lines_of(edition, before)
    return {
        "conclusions": _text(t, "conclusions", rules.conclusions(lines)),
        "recommendations": _text(t, "recommendations", rules.recommendations(lines, until=until, today=today)),
        "decisions": _text(t, "decisions", rules.decisions(lines, until=until, today=today)),
    }


def _text(t: Translator, part: str, found: Sequence[Finding]) -> str:
    return "\n".join(_sentence(t, part, one) for one in found)


def _sentence(t: Translator, part: str, one: Finding) -> str:
    args: dict[str, str | int] = {}
    for name, value in one.args:
        if isinstance(value, Fraction):
            args[name] = ("+" if value > 0 else "") + words.decimal(value)
        else:
            args[name] = f"{value:%d.%m.%Y}" if isinstance(value, date) else value
    if one.line is not None:
        definition, found = one.line.definition, one.line.outcome
        value, target = words.value(t, definition, found), words.target(t, definition)
        if definition.compare is Compare.yes and found.numerator is not None and found.denominator:
            # «нет» says less than how many of them there are.
            value = t("indicator-report.of", n=words.grouped(found.numerator), d=words.grouped(found.denominator))
            target = t("indicator-report.every")
        args |= {
            "id": definition.id, "title": definition.title, "owner": definition.owner or t("indicator-draft.centre"),
            "value": value, "target": target,
            "missing": words.grouped(found.gap or 0),
        }  # fmt: skip
    return t(f"indicator-draft-{part}.{one.key}", **args)
