"""Cells of a table into values: words of a list, days, times, numbers; every doubt becomes a Problem."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time

from bot.rules.words import folded
from bot.services.importing import Column, Problem, TableRow
from bot.services.people_import.reading import parse_day

_time = re.compile(r"(\d{1,2})[:.\-](\d{2})(?::\d{2})?")


class Cells:
    """A reader of rows, one at a time: ``start`` a row, ask for its cells, look at ``problems``."""

    def __init__(
        self,
        columns: Sequence[Column],
        words: Mapping[str, Mapping[str, str]],
        *,
        unknown: Mapping[str, str] | None = None,
    ) -> None:
        self.columns, self.words, self.unknown = columns, words, unknown or {}
        self.titles = {column.name: column.title for column in columns}
        self.problems: list[Problem] = []
        self.values: dict[str, str] = {}

    def start(self, row: TableRow) -> None:
        """Begin a row: what the file itself says against it, and cells that may not be empty."""
        self.problems = list(row.problems)
        self.values = {column.name: row.values.get(column.name, "") for column in self.columns}
        for column in self.columns:
            if column.required and not folded(self.values[column.name]):
                self.wrong("import-needed", column.name)

    def wrong(self, key: str, column: str, **args: object) -> None:
        """Something to be put right."""
        self.problems.append(Problem(key, self.titles[column], args))

    def word(self, column: str, words: str) -> str:
        """The meaning of a word of a list; empty for an empty cell."""
        text = self.values[column]
        meaning = self.words[words].get(folded(text))
        if text and meaning is None:
            self.wrong("import-word-unknown", column, value=text[:60])
        return meaning or ""

    def several(self, column: str) -> tuple[str, ...]:
        """Meanings of words divided by commas; a title that holds a comma itself is understood too."""
        text, words = self.values[column], self.words[column]
        whole = words.get(folded(text))
        if whole is not None:
            return (whole,)
        found: list[str] = []
        for part in re.split(r"[,;/]", text):
            slug = words.get(folded(part))
            if folded(part) and slug is None:
                self.wrong(self.unknown.get(column, "import-word-unknown"), column, value=part.strip()[:60])
            elif slug is not None and slug not in found:
                found.append(slug)
        return tuple(found)

    def day(self, column: str) -> date | None:
        """A day of this century."""
        text = self.values[column]
        day = parse_day(text)
        if text and (day is None or not 2000 <= day.year <= 2100):
            self.wrong("import-day-wrong", column, value=text[:30])
        return day

    def time(self, column: str) -> time | None:
        """«15:00», «9.30»."""
        text = self.values[column]
        if not text:
            return None
        match = _time.fullmatch(text)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59:
            self.wrong("import-time-wrong", column, value=text[:30])
            return None
        return time(int(match[1]), int(match[2]))

    def number(self, column: str, *, least: int, most: int) -> int | None:
        """A whole number; None for an empty cell."""
        text = self.values[column]
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            self.wrong("catalogue-wrong-number", column, value=text[:30])
            return None
        return int(text)
