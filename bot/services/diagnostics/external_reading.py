"""Rows of a table of results into checked records: columns and sources are data, every doubt is a Problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import CompetenceGroup
from bot.questions.typed import number_of
from bot.rules.names import is_name, proper, split_name
from bot.rules.words import folded
from bot.services.data_files import Entry, read
from bot.services.importing import Column, Problem
from bot.services.people_import.reading import OLDEST, Known, parse_day

EARLIEST = 2010
USUAL_GROUP = "subject"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns and sources, from ``data/``."""

    columns: tuple[Column, ...]
    sources: Mapping[str, str]

    def title(self, name: str) -> str:
        """The heading of a column."""
        return next(column.title for column in self.columns if column.name == name)


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Read once a process."""
    content = read(ROOT / "data" / "common" / "external.yaml")
    return Layout(
        tuple(
            Column(
                entry.need("name", str),
                tuple(str(header) for header in entry.need("headers", list)),
                required=entry.maybe("required", bool, False),
            )
            for entry in content.entries("columns")
        ),
        {entry.need("slug", str): entry.need("title", str) for entry in _sources(content)},
    )


def _sources(content: Entry) -> list[Entry]:
    return content.entries("sources")


@dataclass(frozen=True, slots=True)
class Record:
    """A checked row."""

    code: str
    name: str
    birth_year: int | None
    organisation_id: int | None
    place: str
    title: str
    subject: str
    group: str
    taken_on: date
    pct: float
    level: str

    def as_json(self) -> dict[str, Any]:
        """For a doubt that waits."""
        return {name: getattr(self, name) for name in self.__slots__} | {"taken_on": self.taken_on.isoformat()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Record:
        """Back from a doubt."""
        return cls(**{**raw, "taken_on": date.fromisoformat(raw["taken_on"])})


async def group_titles(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(select(CompetenceGroup.slug, CompetenceGroup.title))
    return {word: slug for slug, title in rows for word in (folded(title), folded(slug))}


@dataclass(slots=True)
class Reader:
    """Checks one row after another; ``problems`` are those of the row at hand."""

    known: Known
    groups: Mapping[str, str]
    today: date
    problems: list[Problem] = field(default_factory=list)

    def read(self, values: Mapping[str, str]) -> Record | None:
        """The record, or None with ``problems`` filled."""
        self.problems = []
        name = self._name(values)
        taken_on = self._day(values.get("taken_on", ""))
        pct = self._pct(values)
        record = Record(
            code=values.get("code", "")[:64],
            name=name,
            birth_year=self._year(values.get("birth_year", "")),
            organisation_id=self._organisation(values.get("organisation", "")),
            place=values.get("organisation", "")[:120],
            title=values.get("title", "")[:255],
            subject=values.get("subject", "")[:255],
            group=self._group(values.get("group", "")),
            taken_on=taken_on or self.today,
            pct=pct,
            level=values.get("level", "")[:64],
        )
        return None if self.problems else record

    def _problem(self, key: str, column: str, **args: Any) -> None:
        self.problems.append(Problem(key, layout().title(column), args))

    def _name(self, values: Mapping[str, str]) -> str:
        if values.get("last_name") or values.get("first_name"):
            parts = (values.get("last_name", ""), values.get("first_name", ""), values.get("middle_name", ""))
        else:
            parts = split_name(values.get("full_name", ""))
        last, first, middle = (proper(part) for part in parts)
        if not last and values.get("code"):
            return ""
        if not last or not first:
            self._problem("import-name-short", "full_name")
        elif not (is_name(last) and is_name(first) and (not middle or is_name(middle))):
            self._problem("import-name-wrong", "full_name")
        return " ".join(part for part in (last, first, middle) if part)

    def _day(self, text: str) -> date | None:
        day = parse_day(text)
        if day is None or day.year < EARLIEST:
            self._problem("import-day-wrong", "taken_on", value=text[:30])
            return None
        if day > self.today:
            self._problem("external-future", "taken_on", value=f"{day:%d.%m.%Y}")
            return None
        return day

    def _pct(self, values: Mapping[str, str]) -> float:
        if values.get("pct"):
            value = number_of(values["pct"])
            if value is not None and 0 <= value <= 100:
                return value
            self._problem("external-pct", "pct", value=values["pct"][:30])
            return 0.0
        points, most = number_of(values.get("points", "")), number_of(values.get("most", ""))
        if points is None or most is None or not 0 <= points <= most or most <= 0:
            self._problem("external-points", "points", value=values.get("points", "")[:30])
            return 0.0
        return points / most * 100

    def _year(self, text: str) -> int | None:
        day = parse_day(text)
        year = day.year if day else int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None
        if text and (year is None or not OLDEST <= year <= self.today.year):
            self._problem("import-year-wrong", "birth_year", value=text[:30])
            return None
        return year

    def _organisation(self, text: str) -> int | None:
        """A school we know by these words; unknown words do not stand in the way, they confirm nothing."""
        by_code = self.known.organisation_codes.get(text.casefold()) if text else None
        found = {by_code} if by_code else self.known.organisations.get(folded(text), set()) if text else set()
        return next(iter(found)) if len(found) == 1 else None

    def _group(self, text: str) -> str:
        if not text:
            return USUAL_GROUP
        slug = self.groups.get(folded(text))
        if slug is None:
            self._problem("external-group", "group", value=text[:60])
        return slug or USUAL_GROUP
