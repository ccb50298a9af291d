"""Totals of a form as numbers of statistics: what can be given, for the region and for its municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules.registers import Field, FieldType, Value

ANSWERED = "answered"
"""Not a question: how many have replied."""


@dataclass(frozen=True, slots=True)
class Said:
    """One subject of a form: its municipality, if it has one, and its answers; None until they are sent."""

    municipality_id: int | None
    answers: Mapping[str, Value] | None


def countable(of: Sequence[Field]) -> list[Field]:
    """Questions whose answers add up: numbers, and «есть» or «нет»."""
    return [one for one in of if one.type in (FieldType.number, FieldType.flag)]


def total(key: str, subjects: Sequence[Said]) -> int | None:
    """The sum of numbers, the count of «есть» or of replies; None when nobody has said anything to it."""
    sent = [one.answers for one in subjects if one.answers is not None]
    if key == ANSWERED:
        return len(sent)
    given = [value for value in (answers.get(key) for answers in sent) if isinstance(value, int)]
    return sum(int(value) for value in given) if given else None


def by_municipality(key: str, subjects: Sequence[Said]) -> dict[int, int]:
    """Municipality → number, only where every subject of it has answered: a part is not the number of a place."""
    parts: dict[int, list[Said]] = {}
    for one in subjects:
        if one.municipality_id is not None:
            parts.setdefault(one.municipality_id, []).append(one)
    made = {}
    for place, those in parts.items():
        whole = all(one.answers is not None and (key == ANSWERED or _said(one.answers.get(key))) for one in those)
        value = total(key, those) if whole else None
        if value is not None:
            made[place] = value
    return made


def _said(value: Value) -> bool:
    return isinstance(value, int)
