"""Questions of a form read and checked; totals of its replies; the stages of its reminders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.rules.registers import Field, FieldType, Value

MOST_QUESTIONS = 30
TEXT = 300
OPTIONS = 8
OPTION = 40
TYPES = (FieldType.choice, FieldType.number, FieldType.flag, FieldType.text, FieldType.day)
STAGES = (7, 1, 0)
"""Days before the term on which those who have not sent their reply are reminded."""


class WrongQuestions(ValueError):
    """Questions that cannot be asked; ``key`` says why, ``number`` which one."""

    def __init__(self, key: str, number: int) -> None:
        super().__init__(key)
        self.key, self.number = key, number


def fields(questions: Sequence[Mapping[str, Any]]) -> tuple[Field, ...]:
    """Questions as fields, so that one reading of cells serves forms and registers."""
    return tuple(
        Field(
            name=str(one["key"]),
            type=FieldType(one["type"]),
            headers=(str(one["text"]),),
            required=bool(one.get("required")),
            options={str(n): (str(word),) for n, word in enumerate(one.get("options", []), start=1)},
        )
        for one in questions
    )


def checked(asked: Sequence[tuple[str, str, str, bool]]) -> list[dict[str, Any]]:
    """(text, type, options by «;», required) → questions as they are stored. WrongQuestions for what is wrong."""
    made: list[dict[str, Any]] = []
    for number, (text, kind, raw, required) in enumerate(asked, start=1):
        text = " ".join(text.split())
        if not text:
            continue
        if len(text) > TEXT:
            raise WrongQuestions("forms-question-long", number)
        if kind not in TYPES:
            raise WrongQuestions("forms-question-kind", number)
        options = list(dict.fromkeys(word for word in (" ".join(one.split()) for one in raw.split(";")) if word))
        if kind == FieldType.choice and (not 2 <= len(options) <= OPTIONS or max(map(len, options)) > OPTION):
            raise WrongQuestions("forms-question-options", number)
        made.append(
            {
                "key": f"q{len(made) + 1}", "text": text, "type": str(kind), "required": required,
                "options": options if kind == FieldType.choice else [],
            }
        )  # fmt: skip
    if not made or len(made) > MOST_QUESTIONS:
        raise WrongQuestions("forms-no-questions", 0)
    return made


def missing(of: Sequence[Field], answers: Mapping[str, Value]) -> list[int]:
    """Numbers (from 0) of required questions without an answer."""
    return [n for n, one in enumerate(of) if one.required and answers.get(one.name) in (None, "")]


@dataclass(frozen=True, slots=True)
class Total:
    """What all replies say to one question."""

    field: Field
    answered: int
    counts: tuple[tuple[str, int], ...] = ()
    total: int | None = None
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()

    @property
    def mean(self) -> float | None:
        """The mean of a number, None without any."""
        return None if self.total is None or not self.answered else self.total / self.answered


def totals(of: Sequence[Field], replies: Sequence[Mapping[str, Value]]) -> list[Total]:
    """Totals of sent replies: counts of choices, sum and bounds of numbers, words as they are."""
    made: list[Total] = []
    for one in of:
        given = [reply[one.name] for reply in replies if reply.get(one.name) not in (None, "")]
        if one.type is FieldType.number:
            numbers = [value for value in given if isinstance(value, int)]
            bounds = (sum(numbers), min(numbers), max(numbers)) if numbers else (None, None, None)
            made.append(Total(one, len(numbers), (), *bounds))
        elif one.type in (FieldType.choice, FieldType.flag):
            keys = [*one.options] if one.options else ["yes", "no"]
            counted = Counter(str(value) if one.options else ("yes" if value else "no") for value in given)
            named = tuple((one.options[key][0] if one.options else key, counted[key]) for key in keys)
            made.append(Total(one, len(given), named))
        else:
            made.append(Total(one, len(given), words=tuple(str(value) for value in given)))
    return made


def stage(due_on: date | None, today: date) -> int | None:
    """The stage of reminding that has come: the smallest of 7, 1, 0 days not below what is left; −1 when late."""
    if due_on is None:
        return None
    left = (due_on - today).days
    if left < 0:
        return -1
    fits = [one for one in STAGES if left <= one]
    return min(fits) if fits else None
