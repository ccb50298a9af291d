"""Profiles of mentors and needs from a table (XLSX, CSV): looked at row by row, written by the rules of the chat.

A person must be in the system already and within the scope; deficits of a diagnosis are never taken from a table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import NotFound
from bot.models import (
    CompetenceGroup,
    Employment,
    MentorProfile,
    NeedBasis,
    Organisation,
    PairForm,
    Person,
    PersonState,
    Subject,
)
from bot.rules import people as rules
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.data_files import Entry, read
from bot.services.importing import Column, Problem, TableRow, read_table
from bot.services.mentoring import common, profiles
from bot.services.mentoring.profiles import MentorCard, NeedCard
from bot.services.table_words import columns_of, hints_of, sample_book, words_of

PATH = ROOT / "data" / "common" / "mentors_table.yaml"
KINDS = ("mentors", "needs")
PORTION = 500


@dataclass(frozen=True, slots=True)
class MentoringRow:
    """A row as it was understood: ``new``, ``same`` (a profile or need is here) or ``wrong``."""

    number: int
    status: str
    name: str
    person_id: int | None = None
    place: str = ""
    card: MentorCard | NeedCard | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class MentoringPreview:
    """The whole table, nothing written; ``kind`` is told by the headings."""

    kind: str
    unknown: tuple[str, ...]
    rows: tuple[MentoringRow, ...]

    def count(self, status: str) -> int:
        """How many rows stand so."""
        return sum(row.status == status for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Here:
    person: Person
    places: tuple[str, ...]
    shown: str


def columns() -> dict[str, tuple[Column, ...]]:
    """Of both tables."""
    return {kind: columns_of(PATH, kind) for kind in KINDS}


async def preview(session: AsyncSession, scope: Scope, content: bytes, *, name: str, today: date) -> MentoringPreview:
    """What the table would do. UserError for a file that cannot be used."""
    scope.require(Right.mentoring_run)
    kind, table = read_table(content, name, columns())
    titles = {folded(t): slug for slug, t in await session.execute(select(CompetenceGroup.slug, CompetenceGroup.title))}
    subjects = {folded(t): slug for slug, t in await session.execute(select(Subject.slug, Subject.title))}
    reader = _Reader(
        kind, {**words_of(PATH), "groups": titles, "subjects": subjects}, await common.options(session), today
    )
    people = await _people(session, scope, table.rows, today)
    held = await _held(session, kind)
    rows: list[MentoringRow] = []
    seen: dict[int, int] = {}
    for row in table.rows:
        card, problems = reader.read(row)
        here = None
        if not problems:
            here, problem = reader.person(row, people)
            problems = [problem] if problem is not None else reader.fits(here.person) if here is not None else []
        if here is not None and here.person.id in seen:
            problems.append(Problem("import-row-twice", "", {"first": seen[here.person.id]}))
        shown = row.values.get("full_name", "")
        if problems or here is None:
            rows.append(MentoringRow(row.number, "wrong", shown, problems=tuple(problems)))
            continue
        seen.setdefault(here.person.id, row.number)
        status = "same" if here.person.id in held else "new"
        rows.append(MentoringRow(row.number, status, here.person.full_name, here.person.id, here.shown, card))
    return MentoringPreview(kind, table.unknown, tuple(rows))


async def apply(
    session: AsyncSession, scope: Scope, looked: MentoringPreview, *, now: datetime, today: date
) -> list[int]:
    """Write the rows that are right; ids of the people. What the table leaves empty stays as it was."""
    scope.require(Right.mentoring_run)
    written: list[int] = []
    for row in looked.rows:
        if row.person_id is None or row.card is None:
            continue
        if isinstance(row.card, MentorCard):
            await profiles.save_profile(session, row.person_id, row.card, now=now, today=today)
        else:
            await profiles.save_need(session, row.person_id, row.card, now=now, today=today)
        written.append(row.person_id)
    if written:
        audit.changed(session, scope, "mentoring", 0, "imported", now=now, after={looked.kind: str(len(written))})
    return written


async def _held(session: AsyncSession, kind: str) -> set[int]:
    from bot.models import MenteeNeed

    if kind == "mentors":
        return set(await session.scalars(select(MentorProfile.person_id).where(MentorProfile.withdrawn_at.is_(None))))
    return set(await session.scalars(select(MenteeNeed.person_id).where(MenteeNeed.closed_at.is_(None))))


async def _people(session: AsyncSession, scope: Scope, rows: Sequence[TableRow], today: date) -> dict[str, list[_Here]]:
    """By folded name and by code: people of the names of the table, within the scope."""
    names = sorted({folded(row.values.get("full_name", "")) for row in rows} - {""})
    codes = sorted({row.values.get("code", "") for row in rows} - {""})
    found: dict[str, list[_Here]] = defaultdict(list)
    wanted = [*((Person.sort, names[n : n + PORTION]) for n in range(0, len(names), PORTION)),
              *((Person.import_key, codes[n : n + PORTION]) for n in range(0, len(codes), PORTION))]  # fmt: skip
    known: set[tuple[str, int]] = set()
    for column, portion in wanted:
        statement = (
            select(Person, Organisation)
            .outerjoin(
                Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None)
            )
            .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
            .where(Person.state == PersonState.active, column.in_(portion))
            .order_by(Person.id)
        )
        reach = scope.where(
            Right.mentoring_run, organisation=Organisation.id, municipality=Organisation.municipality_id, today=today
        )
        statement = statement.where(reach)
        for person, place in await session.execute(statement):
            titles = (folded(place.name), folded(place.short_name), folded(place.code or "")) if place else ()
            here = _Here(person, tuple(filter(None, titles)), place.short_name if place else "")
            for key in filter(None, (person.sort, f"#{person.import_key}" if person.import_key else "")):
                if (key, person.id) not in known:
                    known.add((key, person.id))
                    found[key].append(here)
    return found


class _Reader:
    """Cells of a row into a card; every doubt becomes a Problem."""

    def __init__(self, kind: str, words: Mapping[str, Mapping[str, str]], options: common.Options, today: date) -> None:
        self.kind, self.words, self.options, self.today = kind, words, options, today
        self.titles = {column.name: column.title for column in columns()[kind]}
        self.problems: list[Problem] = []

    def read(self, row: TableRow) -> tuple[MentorCard | NeedCard | None, list[Problem]]:
        """The card, or None with what is wrong."""
        self.problems = list(row.problems)
        cells = {column.name: row.values.get(column.name, "") for column in columns()[self.kind]}
        for column in columns()[self.kind]:
            if column.required and not folded(cells[column.name]):
                self._wrong("import-needed", column.name)
        groups = self._list(cells["groups"], "groups", most=profiles.CHOICES)
        formats, parts = self._list(cells["formats"], "formats"), self._list(cells["parts"], "parts")
        card: MentorCard | NeedCard
        if self.kind == "mentors":
            card = self._mentor(cells, groups or (), formats, parts)
        else:
            card = self._need(cells, groups, formats, parts)
        return (None if self.problems else card), self.problems

    def _mentor(
        self, cells: dict[str, str], groups: tuple[str, ...], formats: tuple[str, ...] | None,
        parts: tuple[str, ...] | None,
    ) -> MentorCard:  # fmt: skip
        agreed = self._list(cells["agreed"], "agreed")
        if agreed and agreed != ("yes",):
            self._wrong("mentoring-import-not-agreed", "agreed")
        load = cells["load"]
        if load and not (load.isascii() and load.isdigit() and 1 <= int(load) <= self.options.most):
            self._wrong("mentoring-import-load", "load", value=load[:30], most=self.options.most)
            load = ""
        self._short(cells["statement"], "statement")
        return MentorCard(
            groups, formats, parts, int(load) if load else None, cells["statement"] or None,
            self._list(cells["subjects"], "subjects"), self._list(cells["forms"], "forms"),
            self._list(cells["kinds"], "kinds"),
        )  # fmt: skip

    def _need(
        self, cells: dict[str, str], groups: tuple[str, ...] | None, formats: tuple[str, ...] | None,
        parts: tuple[str, ...] | None,
    ) -> NeedCard:  # fmt: skip
        if not groups and not cells["wish"] and not self.problems:
            self._wrong("mentoring-choose-topic", "groups")
        self._short(cells["wish"], "wish")
        basis = self._list(cells["basis"], "basis", words="bases", most=1)
        form = self._list(cells["form"], "form", words="forms", most=1)
        return NeedCard(
            groups, cells["wish"] or None, parts, formats, basis=NeedBasis(basis[0]) if basis else None,
            form=PairForm(form[0]) if form else None,
        )  # fmt: skip

    def person(self, row: TableRow, people: dict[str, list[_Here]]) -> tuple[_Here | None, Problem | None]:
        """Who it is: by code, else by name, and by the place among namesakes."""
        code, name = row.values.get("code", ""), row.values.get("full_name", "")
        found = people.get(f"#{code}", []) if code else []
        found = found or people.get(folded(name), [])
        place = folded(row.values.get("organisation", ""))
        if place:
            found = [one for one in found if place in one.places]
        if len(found) == 1:
            return found[0], None
        key = "mentoring-import-namesakes" if found else "mentoring-import-nobody"
        return None, Problem(key, self.titles["full_name"], {"value": name[:100], "count": len(found)})

    def fits(self, person: Person) -> list[Problem]:
        """A mentor has the years of work; for a need nothing is asked."""
        if self.kind == "needs":
            return []
        years = rules.experience_on(person.teach_since_year, person.teach_since, self.today)
        if years is None:
            return [Problem("mentoring-import-no-years", "", {})]
        if years < self.options.least:
            return [Problem("mentoring-import-too-early", "", {"least": self.options.least})]
        return []

    def _wrong(self, key: str, column: str, **args: object) -> None:
        self.problems.append(Problem(key, self.titles[column], args))

    def _short(self, text: str, column: str) -> None:
        if len(text) > profiles.STATEMENT:
            self._wrong("mentoring-import-long", column, most=profiles.STATEMENT)

    def _list(self, text: str, column: str, *, words: str = "", most: int = 20) -> tuple[str, ...] | None:
        """Slugs of the words; None for an empty cell, which leaves what is there."""
        if not folded(text):
            return None
        known = self.words[words or column]
        if (whole := known.get(folded(text))) is not None:  # A title may hold a comma itself.
            return (whole,)
        found: list[str] = []
        for part in re.split(r"[,;/]", text):
            slug = known.get(folded(part))
            if folded(part) and slug is None:
                key = {"groups": "catalogue-unknown-group", "subjects": "import-subject-unknown"}
                self._wrong(key.get(column, "import-word-unknown"), column, value=part.strip()[:60])
            elif slug is not None and slug not in found:
                found.append(slug)
        if len(found) > most:
            self._wrong("mentoring-import-many", column, most=most)
        return tuple(found)


def sample_workbook(kind: str) -> bytes:
    """An XLSX to fill in: headings with hints and an invented row."""
    if kind not in KINDS:
        raise NotFound()
    sample = read(PATH).need("samples", Entry).need(kind, Entry)
    return sample_book(
        columns()[kind], hints_of(PATH, kind), [sample], width=lambda column: max(16, len(column.title) + 8)
    )
