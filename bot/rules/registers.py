"""Cells of registers read by the type of their field; terms of review; whether a table looks shifted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from dateutil.relativedelta import relativedelta

from bot.rules.words import folded

Value = str | int | bool | None
"""What a field holds; a day is kept as ISO text."""

SOON = timedelta(days=14)
"""So long before the term of review the owner is reminded."""

LONGEST_LINK = 500
TITLE = 500
TEXT = 1000


class FieldType(StrEnum):
    """How a cell is read and shown."""

    text = "text"
    number = "number"
    day = "day"
    flag = "flag"
    choice = "choice"
    link = "link"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind. ``options``: slug → words, the first is shown. ``width``: mm in print, 0 is not printed."""

    name: str
    type: FieldType
    headers: tuple[str, ...]
    required: bool = False
    public: bool = False
    width: int = 0
    hint: str = ""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """As people see it."""
        return self.headers[0]


class WrongCell(ValueError):
    """A cell that cannot be read; ``key`` says why."""

    def __init__(self, key: str, **args: Any) -> None:
        super().__init__(key)
        self.key, self.args_for_text = key, args


def parse(of: Field, text: str, *, yes: frozenset[str], no: frozenset[str]) -> Value:
    """The value of a cell, None when it is empty. WrongCell for one that says something else."""
    text = text.strip()
    if not text:
        return None
    match of.type:
        case FieldType.number:
            bare = text.replace("\u00a0", "").replace(" ", "")
            if not re.fullmatch(r"[0-9]{1,9}", bare):
                raise WrongCell("registers-wrong-number", value=text[:40])
            return int(bare)
        case FieldType.day:
            found = parse_day(text)
            if found is None:
                raise WrongCell("registers-wrong-day", value=text[:40])
            return found.isoformat()
        case FieldType.flag:
            said = folded(text) or text
            if said in yes:
                return True
            if said in no:
                return False
            raise WrongCell("registers-wrong-flag", value=text[:40])
        case FieldType.choice:
            for slug, words in of.options.items():
                if text == slug or folded(text) in {folded(word) for word in words}:
                    return slug
            allowed = ", ".join(words[0] for words in of.options.values())
            raise WrongCell("registers-wrong-choice", value=text[:40], allowed=allowed)
        case FieldType.link:
            if not re.fullmatch(r"https?://[^\s<>\"]{3,}", text) or len(text) > LONGEST_LINK:
                raise WrongCell("registers-wrong-link", value=text[:40])
            return text
    if len(text) > TEXT:
        raise WrongCell("registers-long", most=TEXT)
    return text


def parse_day(text: str) -> date | None:
    """ISO or ДД.ММ.ГГГГ within a hundred years; None for anything else."""
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?", text.strip())
    russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text.strip())
    try:
        if iso:
            found = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif russian:
            found = date(int(russian[3]), int(russian[2]), int(russian[1]))
        else:
            return None
    except ValueError:
        return None
    return found if 1950 <= found.year <= 2100 else None


class Freshness(StrEnum):
    """How a register stands against its term of review."""

    never = "never"
    fresh = "fresh"
    soon = "soon"
    late = "late"


def review_on(checked_on: date | None, months: int) -> date | None:
    """The day by which somebody says again that the register is right."""
    return checked_on + relativedelta(months=months) if checked_on is not None else None


def freshness(checked_on: date | None, months: int, today: date) -> Freshness:
    """Whether a register may be relied on today."""
    due = review_on(checked_on, months)
    if due is None:
        return Freshness.never
    if today > due:
        return Freshness.late
    return Freshness.soon if today >= due - SOON else Freshness.fresh


def shifted(wrong: Iterable[Sequence[str]], total: int) -> str:
    """The column whose cells are of another type in most rows: the table was moved aside. Empty when it was not."""
    if total < 3:
        return ""
    counts = Counter(column for row in wrong for column in set(row))
    column, times = counts.most_common(1)[0] if counts else ("", 0)
    return column if times * 2 > total else ""


def next_since(last: date | None, wanted: date, today: date) -> date | None:
    """The day from which a change counts; None when it would be before the last one or in the future."""
    if wanted > today or (last is not None and wanted < last):
        return None
    return wanted
