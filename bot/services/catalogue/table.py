"""The catalogue from a table (XLSX, CSV): looked at row by row first, then written; mistakes keep the others in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    Activity,
    ActivityForm,
    ActivityKind,
    ActivityRequirement,
    ActivitySource,
    CompetenceGroup,
    Subject,
)
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.catalogue.editing import LONGEST, Draft, save
from bot.services.data_files import read
from bot.services.importing import Column, Problem, TableRow, read_table
from bot.services.table_cells import Cells
from bot.services.table_words import columns_of, hints_of, sample_book, words_of

PATH = ROOT / "data" / "common" / "catalogue_table.yaml"
LISTS = ("groups", "subjects", "audiences")


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A row as it was understood: ``new``, ``same`` (its code is here) or ``wrong``."""

    number: int
    status: str
    draft: Draft | None
    id: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CataloguePreview:
    """The whole table, nothing written; ``unknown`` are headings that are not used."""

    unknown: tuple[str, ...]
    rows: tuple[CatalogueRow, ...]

    def count(self, status: str) -> int:
        """How many rows stand so."""
        return sum(row.status == status for row in self.rows)


def columns() -> tuple[Column, ...]:
    """Of the table."""
    return columns_of(PATH)


async def preview(session: AsyncSession, scope: Scope, content: bytes, *, name: str) -> CataloguePreview:
    """What the table would do. UserError for a file that cannot be used."""
    scope.require(Right.catalogue_edit)
    _, table = read_table(content, name, {"catalogue": columns()})
    groups = {folded(t): slug for slug, t in await session.execute(select(CompetenceGroup.slug, CompetenceGroup.title))}
    subjects = {folded(t): slug for slug, t in await session.execute(select(Subject.slug, Subject.title))}
    ids = {code: n for code, n in await session.execute(select(Activity.code, Activity.id)) if code is not None}
    reader = _Reader({**words_of(PATH), "groups": groups, "subjects": subjects})
    seen: dict[str, int] = {}
    rows: list[CatalogueRow] = []
    for row in table.rows:
        draft, problems = reader.read(row)
        code = row.values.get("code", "")
        if code and code in seen:
            problems.append(Problem("import-code-twice", _title("code"), {"first": seen[code]}))
        seen.setdefault(code, row.number)
        if problems:
            rows.append(CatalogueRow(row.number, "wrong", None, None, tuple(problems)))
        else:
            rows.append(CatalogueRow(row.number, "same" if code in ids else "new", draft, ids.get(code)))
    return CataloguePreview(table.unknown, tuple(rows))


async def apply(session: AsyncSession, scope: Scope, looked: CataloguePreview, *, now: datetime) -> dict[int, int]:
    """Write the rows that are right: row number → id. A line found by its code keeps what it requires."""
    scope.require(Right.catalogue_edit)
    written: dict[int, int] = {}
    for row in looked.rows:
        if row.draft is None:
            continue
        draft = row.draft
        if row.id is not None:
            needed = select(ActivityRequirement.needs_id).where(ActivityRequirement.activity_id == row.id)
            draft = replace(draft, requires=tuple(await session.scalars(needed)))
        written[row.number] = await save(session, scope, draft, activity_id=row.id, now=now)
    return written


def _title(name: str) -> str:
    return next(column.title for column in columns() if column.name == name)


class _Reader(Cells):
    """Cells of a row into a draft; every doubt becomes a Problem."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        unknown = {"groups": "catalogue-unknown-group", "subjects": "import-subject-unknown"}
        super().__init__(columns(), words, unknown=unknown)

    def read(self, row: TableRow) -> tuple[Draft | None, list[Problem]]:
        """The draft, or None with what is wrong."""
        self.start(row)
        cells = self.values
        lists = {name: self.several(name) for name in LISTS}
        kind, form = self.word("kind", "kinds"), self.word("form", "forms")
        starts, ends, until = (self.day(name) for name in ("starts_on", "ends_on", "register_until"))
        hours = self.number("hours", least=1, most=LONGEST)
        seats = self.number("seats", least=0, most=100_000)
        if starts and ends and ends < starts:
            self.wrong("catalogue-wrong-days", "ends_on")
        if cells["link"] and not cells["link"].startswith(("https://", "http://")):
            self.wrong("catalogue-wrong-link", "link")
        if len(cells["title"]) > 255:
            self.wrong("catalogue-wrong-title", "title")
        if len(cells["code"]) > 64 or len(cells["register_number"]) > 64:
            self.wrong("import-code-long", "code", limit=64)
        if self.problems:
            return None, self.problems
        return Draft(
            kind=ActivityKind(kind),
            title=cells["title"],
            form=ActivityForm(form),
            hours=hours or 0,
            groups=lists["groups"],
            code=cells["code"] or None,
            about=cells["about"],
            organiser=cells["organiser"][:255],
            subjects=lists["subjects"],
            audiences=lists["audiences"],
            starts_on=starts,
            ends_on=ends,
            seats=seats,
            link=cells["link"][:500],
            in_register=bool(cells["register_number"]),
            register_number=cells["register_number"],
            register_until=until,
            source=ActivitySource.table,
        ), self.problems


def sample_workbook() -> bytes:
    """An XLSX to fill in: headings with hints, a few invented rows."""
    return sample_book(columns(), hints_of(PATH), read(PATH).entries("samples"))
