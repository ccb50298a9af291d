"""Cells of a row into a checked record. Every doubt becomes a Problem, nothing is guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Municipality, Organisation, Position, Subject
from bot.rules.names import is_name, proper, split_name
from bot.rules.words import folded
from bot.services.importing import Problem
from bot.services.people_import.layout import Kind, layout

OLDEST = 1920
YOUNGEST = 16
"""Years of age at which one may begin to work."""

LONGEST_CODE = 64
OTHER = "other"


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as the file has her, everything found and checked."""

    code: str | None
    last_name: str
    first_name: str
    middle_name: str
    organisation_id: int
    position: str
    position_title: str
    subjects: tuple[str, ...]
    birth_year: int | None
    teach_since_year: int | None
    teach_since: date | None
    since: date | None
    category: str
    confirmed: bool

    @property
    def full_name(self) -> str:
        """Фамилия Имя Отчество."""
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def sort(self) -> str:
        """As ``Person.sort``: names are compared by it."""
        return folded(self.full_name)


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """An organisation as the file has it."""

    code: str | None
    name: str
    short_name: str
    kind: str
    municipality_id: int
    settlement: str
    flags: tuple[str, ...]

    @property
    def sort(self) -> str:
        """As ``Organisation.sort``."""
        return folded(self.name)


@dataclass(slots=True)
class Known:
    """What the installation has, by the words people write."""

    municipalities: dict[str, int] = field(default_factory=dict)
    municipality_names: dict[int, str] = field(default_factory=dict)
    organisations: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    organisation_codes: dict[str, int] = field(default_factory=dict)
    organisation_names: dict[int, str] = field(default_factory=dict)
    municipality_of: dict[int, int] = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)


_PLACE_WORDS = {"округ", "муниципальный", "городской", "район", "город", "г", "го", "мо", "мр"}
_SETTLEMENT_WORDS = {"г", "город", "с", "село", "д", "деревня", "п", "пос", "поселок", "пгт"}


def place_key(name: str) -> str:
    """«Вяземский муниципальный округ», «Вяземский район» and «Вяземский» are one."""
    return " ".join(word for word in folded(name).split() if word not in _PLACE_WORDS)


async def load_known(session: AsyncSession) -> Known:
    """Four selects, whatever the size of the file."""
    known = Known()
    for number, name, word in await session.execute(select(Municipality.id, Municipality.name, Municipality.code)):
        known.municipality_names[number] = name
        for key in (folded(name), folded(word), place_key(name)):
            known.municipalities.setdefault(key, number)
    o = Organisation
    for number, code, name, short, settlement, municipality in await session.execute(
        select(o.id, o.code, o.name, o.short_name, o.settlement, o.municipality_id).order_by(o.id)
    ):
        known.organisation_names[number] = short or name
        known.municipality_of[number] = municipality
        if code:
            known.organisation_codes[code.casefold()] = number
        seat = " ".join(word for word in folded(settlement).split() if word not in _SETTLEMENT_WORDS)
        for title in {folded(name), folded(short)} - {""}:
            for key in {title, f"{title} {seat}".strip(), f"{seat} {title}".strip()}:
                known.organisations[key].add(number)
    known.positions = {
        folded(title): slug
        for slug, title in await session.execute(select(Position.slug, Position.title).order_by(Position.place))
    }
    known.subjects = {
        folded(title): slug
        for slug, title in await session.execute(select(Subject.slug, Subject.title).order_by(Subject.place))
    }
    return known


class Reader:
    """Checks one row after another; ``problems`` are those of the row at hand."""

    def __init__(self, known: Known, kind: Kind, today: date) -> None:
        self.known, self.kind, self.today = known, kind, today
        self.words = layout()
        self.problems: list[Problem] = []

    def person(self, values: Mapping[str, str]) -> PersonRecord | None:
        """The record, or None with ``problems`` filled."""
        self.problems = []
        code = self._code(values)
        last, first, middle = self._name(values)
        organisation = self._organisation(values)
        position, position_title = self._position(values.get("position", ""))
        birth_year = self._birth_year(values.get("birth_year", ""))
        year, day = self._teach_since(values.get("teach_since", ""), birth_year)
        since = self._since(values.get("since", ""))
        record = PersonRecord(
            code=code,
            last_name=last,
            first_name=first,
            middle_name=middle,
            organisation_id=organisation or 0,
            position=position,
            position_title=position_title,
            subjects=self._subjects(values.get("subjects", "")),
            birth_year=birth_year,
            teach_since_year=year,
            teach_since=day,
            since=since,
            category=self._meaning(values.get("category", ""), "category", self.words.categories),
            confirmed=self._confirmed(values.get("confirmed", ""), code),
        )
        return None if self.problems else record

    def organisation(self, values: Mapping[str, str]) -> OrganisationRecord | None:
        """The record, or None with ``problems`` filled."""
        self.problems = []
        name = values.get("name", "")
        if not folded(name):
            self._problem("import-needed", "name")
        elif len(name) > 255:
            self._problem("import-long", "name")
        municipality = self._municipality(values.get("municipality", ""), needed=True)
        flags = [part.strip() for part in re.split(r"[,;]", values.get("flags", "")) if part.strip()]
        record = OrganisationRecord(
            code=self._code(values),
            name=name,
            short_name=values.get("short_name", "")[:255] or name,
            kind=self._meaning(values.get("kind", ""), "kind", self.words.kinds) or "school",
            municipality_id=municipality or 0,
            settlement=values.get("settlement", "")[:255],
            flags=tuple(self._meaning(flag, "flags", self.words.flags) for flag in flags),
        )
        return None if self.problems else record

    # --- cells --------------------------------------------------------------------------------

    def _problem(self, key: str, column: str, **args: str | int) -> None:
        self.problems.append(Problem(key, self.words.title(self.kind, column), args))

    def _code(self, values: Mapping[str, str]) -> str | None:
        code = values.get("code", "")
        if len(code) > LONGEST_CODE:
            self._problem("import-code-long", "code", limit=LONGEST_CODE)
        return code or None

    def _name(self, values: Mapping[str, str]) -> tuple[str, str, str]:
        if values.get("last_name") or values.get("first_name"):
            parts = (values.get("last_name", ""), values.get("first_name", ""), values.get("middle_name", ""))
            column = "last_name"
        else:
            parts, column = split_name(values.get("full_name", "")), "full_name"
        last, first, middle = (proper(part) for part in parts)
        if not last or not first:
            self._problem("import-name-short", column)
        elif first.endswith(".") or not (is_name(last) and is_name(first) and (not middle or is_name(middle))):
            self._problem("import-name-wrong", column)
        return last, first, middle

    def _municipality(self, text: str, *, needed: bool = False) -> int | None:
        if not text:
            if needed:
                self._problem("import-needed", "municipality")
            return None
        found = self.known.municipalities.get(folded(text)) or self.known.municipalities.get(place_key(text))
        if found is None:
            self._problem("import-municipality-unknown", "municipality", value=text[:60])
        return found

    def _organisation(self, values: Mapping[str, str]) -> int | None:
        text = values.get("organisation", "")
        municipality = self._municipality(values.get("municipality", ""))
        if not text:
            self._problem("import-needed", "organisation")
            return None
        by_code = self.known.organisation_codes.get(text.casefold())
        found = {by_code} if by_code else self.known.organisations.get(folded(text), set())
        if municipality is not None:
            found = {number for number in found if self.known.municipality_of[number] == municipality}
        if len(found) == 1:
            return next(iter(found))
        key = "import-organisation-many" if found else "import-organisation-unknown"
        self._problem(key, "organisation", value=text[:60], count=len(found))
        return None

    def _position(self, text: str) -> tuple[str, str]:
        """The slug and, where the post is more than its slug says, the post as written."""
        title = folded(text)
        if not title:
            self._problem("import-needed", "position")
            return OTHER, ""
        exact = self.known.positions.get(title)
        if exact is not None:
            return exact, ""
        beginnings = [key for key in self.known.positions if title.startswith(key + " ")]
        slug = self.known.positions[max(beginnings, key=len)] if beginnings else OTHER
        return slug, text[:255]

    def _subjects(self, text: str) -> tuple[str, ...]:
        whole = self.known.subjects.get(folded(text))
        if whole is not None:
            return (whole,)
        found: list[str] = []
        for part in re.split(r"[,;/]", text):
            if not folded(part):
                continue
            slug = self.known.subjects.get(folded(part))
            if slug is None:
                self._problem("import-subject-unknown", "subjects", value=part.strip()[:60])
            elif slug not in found:
                found.append(slug)
        return tuple(found)

    def _birth_year(self, text: str) -> int | None:
        if not text:
            return None
        day = parse_day(text)
        year = day.year if day else int(text) if re.fullmatch(r"\d{4}", text) else None
        if year is None or not OLDEST <= year <= self.today.year - YOUNGEST:
            self._problem("import-year-wrong", "birth_year", value=text[:30])
            return None
        return year

    def _teach_since(self, text: str, birth_year: int | None) -> tuple[int | None, date | None]:
        if not text:
            return None, None
        day = parse_day(text)
        year = day.year if day else int(text) if re.fullmatch(r"\d{4}", text) else None
        first = (birth_year or OLDEST) + YOUNGEST
        if year is None or not first <= year <= self.today.year:
            self._problem("import-year-wrong", "teach_since", value=text[:30])
            return None, None
        return year, day

    def _since(self, text: str) -> date | None:
        if not text:
            return None
        day = parse_day(text)
        if day is None or not OLDEST + YOUNGEST <= day.year <= self.today.year + 1:
            self._problem("import-day-wrong", "since", value=text[:30])
            return None
        return day

    def _meaning(self, text: str, column: str, words: Mapping[str, str]) -> str:
        if not text:
            return ""
        meaning = words.get(folded(text))
        if meaning is None:
            self._problem("import-word-unknown", column, value=text[:60])
        return meaning if meaning and meaning != "none" else ""

    def _confirmed(self, text: str, code: str | None) -> bool:
        word = folded(text) or text
        if not word:
            return code is not None
        if word not in self.words.yes | self.words.no:
            self._problem("import-word-unknown", "confirmed", value=text[:60])
        return word in self.words.yes


def parse_day(text: str) -> date | None:
    """ISO or ДД.ММ.ГГГГ; None for anything else."""
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?", text)
    russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        return date(int(russian[3]), int(russian[2]), int(russian[1])) if russian else None
    except ValueError:
        return None
