"""A register from a table (XLSX, CSV): read and checked row by row, shown, then written portion by portion."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound, UserError
from bot.models import (
    ImportState,
    Municipality,
    Organisation,
    RecordState,
    RegisterImport,
    RegisterRecord,
    StoredFile,
)
from bot.rules import registers as rules
from bot.rules.registers import WrongCell
from bot.rules.words import folded
from bot.services import audit, files
from bot.services.access import Right, Scope
from bot.services.importing import Problem, Table, TableRow, read_table
from bot.services.registers import editing
from bot.services.registers.editing import Draft
from bot.services.registers.kinds import Kind, columns, kind_of, words
from bot.services.registers.looking import require
from bot.services.table_words import sample_book

PURPOSE = "register-import"
PORTION = 500
WRONG_KEPT = 2000
"""Wrong rows kept with their reasons: a list longer than that is a wrong table."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was understood: new, changed, same or wrong."""

    number: int
    status: str
    draft: Draft | None = None
    id: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Places:
    """Organisations and municipalities by the words people write."""

    organisations: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    municipalities: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import and how far it is."""

    id: int
    kind: Kind
    state: ImportState
    name: str
    created_at: datetime
    done: int
    total: int
    counts: Mapping[str, int]
    wrong: Sequence[Mapping[str, Any]]
    new: Sequence[str]
    unknown: Sequence[str]
    shifted: str
    error: Mapping[str, Any]

    @property
    def ready(self) -> int:
        """Rows that would be written."""
        return self.counts.get("new", 0) + self.counts.get("changed", 0)


async def begin(session: AsyncSession, scope: Scope, slug: str, file_id: int, *, now: datetime) -> int:
    """Remember that a table is to be read; the number of the import."""
    require(scope, slug, Right.registers_edit)
    if kind_of(slug).is_view:
        raise NotFound()
    made = RegisterImport(register=slug, file_id=file_id, by_id=scope.person_id, created_at=now)
    session.add(made)
    await session.flush()
    return made.id


async def one(session: AsyncSession, scope: Scope, import_id: int) -> ImportLine:
    """An import of one's own. NotFound for somebody else's."""
    row = await _mine(session, scope, import_id)
    found = row.found
    name = await _file_name(session, row.file_id)
    return ImportLine(
        id=row.id,
        kind=kind_of(row.register),
        state=row.state,
        name=name,
        created_at=row.created_at,
        done=row.done,
        total=row.total,
        counts=row.counts,
        wrong=found.get("wrong", []),
        new=found.get("new", []),
        unknown=found.get("unknown", []),
        shifted=str(found.get("shifted", "")),
        error=found.get("error", {}),
    )


async def read_all(db: Database, settings: Settings, scope: Scope, import_id: int, *, today: date) -> None:
    """Read and check every row; nothing is written but how far it is. A wrong file ends in ``failed``."""
    async with db.read() as session:
        row = await _mine(session, scope, import_id)
        slug, file_id = row.register, row.file_id
        places = await places_of(session)
    kind = kind_of(slug)
    try:
        table = await _table(db, settings, kind, file_id)
    except UserError as error:
        async with db.begin() as session:
            row = await _mine(session, scope, import_id)
            row.state = ImportState.failed
            row.found = {"error": {"key": error.key, "args": dict(error.args_for_text)}}
        return
    counts = dict.fromkeys(("new", "changed", "same", "wrong"), 0)
    wrong: list[dict[str, Any]] = []
    bad: list[list[str]] = []
    new: list[str] = []
    seen: dict[str, int] = {}
    for start in range(0, len(table.rows), PORTION):
        some = table.rows[start : start + PORTION]
        async with db.read() as session:
            rows = await understand(session, kind, table, some, places, seen, today=today)
        for one_row in rows:
            counts[one_row.status] += 1
            if one_row.status == "new" and one_row.draft is not None and len(new) < SHOWN:
                new.append(one_row.draft.title)
            if one_row.problems:
                typed = (problem.column for problem in one_row.problems if problem.key.startswith("registers-wrong"))
                bad.append(list(typed))
                if len(wrong) < WRONG_KEPT:
                    wrong.append(_kept(one_row))
        async with db.begin() as session:
            row = await _mine(session, scope, import_id)
            row.done, row.total, row.counts = start + len(some), len(table.rows), dict(counts)
    async with db.begin() as session:
        row = await _mine(session, scope, import_id)
        row.state, row.done, row.total, row.counts = ImportState.ready, len(table.rows), len(table.rows), counts
        moved = rules.shifted(bad, len(table.rows))
        row.found = {"wrong": wrong, "new": new, "unknown": list(table.unknown), "shifted": moved}


async def write_all(
    db: Database, settings: Settings, scope: Scope, import_id: int, *, now: datetime, today: date
) -> None:
    """Write the rows that are right, a transaction a portion; going on after a stop doubles nothing."""
    async with db.begin() as session:
        row = await _mine(session, scope, import_id, right=Right.registers_edit)
        if row.state not in (ImportState.ready, ImportState.writing):
            return
        row.state, row.done = ImportState.writing, 0
        slug, file_id = row.register, row.file_id
        places = await places_of(session)
    kind = kind_of(slug)
    table = await _table(db, settings, kind, file_id)
    written: dict[str, int] = {"new": 0, "changed": 0}
    seen: dict[str, int] = {}
    for start in range(0, len(table.rows), PORTION):
        some = table.rows[start : start + PORTION]
        async with db.begin() as session:
            rows = await understand(session, kind, table, some, places, seen, today=today)
            right = [one_row for one_row in rows if one_row.status in written and one_row.draft is not None]
            old = {
                record.id: record
                for record in await session.scalars(
                    select(RegisterRecord).where(RegisterRecord.id.in_([r.id for r in right if r.id is not None]))
                )
            }
            changes = [(old.get(r.id or 0), r.draft, None) for r in right if r.draft is not None]
            if changes:
                await editing.write(session, kind, changes, by_id=scope.person_id, now=now, today=today)
            for one_row in right:
                written[one_row.status] += 1
            row = await _mine(session, scope, import_id)
            row.done = start + len(some)
    async with db.begin() as session:
        row = await _mine(session, scope, import_id)
        row.state = ImportState.done
        row.counts = {**row.counts, **written}
        audit.changed(session, scope, editing.ENTITY, 0, "imported", now=now, after={"register": slug, **written})


async def understand(
    session: AsyncSession,
    kind: Kind,
    table: Table,
    rows: Sequence[TableRow],
    places: Places,
    seen: dict[str, int],
    *,
    today: date,
) -> list[Row]:
    """What each row would do. ``seen`` remembers the rows of the whole table, to find those that stand twice."""
    reader = _Reader(kind, table, places)
    drafts = [reader.read(row) for row in rows]
    codes = [draft.code for draft, _ in drafts if draft is not None and draft.code]
    prints = [editing.fingerprint(kind, draft) for draft, _ in drafts if draft is not None and not draft.code]
    r = RegisterRecord
    by_code: dict[str, RegisterRecord] = {}
    by_print: dict[str, RegisterRecord] = {}
    for record in await session.scalars(select(r).where(r.register == kind.slug, r.code.in_(codes))):
        by_code[record.code or ""] = record
    for record in await session.scalars(
        select(r).where(r.register == kind.slug, r.fingerprint.in_(prints), r.state != RecordState.removed)
    ):
        by_print.setdefault(record.fingerprint, record)
    found: list[Row] = []
    for row, (draft, problems) in zip(rows, drafts, strict=True):
        if draft is None:
            found.append(Row(row.number, "wrong", problems=tuple(problems)))
            continue
        print_ = editing.fingerprint(kind, draft)
        key = f"code:{draft.code}" if draft.code else f"print:{print_}"
        first = seen.setdefault(key, row.number)
        if first != row.number:
            found.append(Row(row.number, "wrong", problems=(Problem("registers-row-twice", "", {"first": first}),)))
            continue
        old = by_code.get(draft.code) if draft.code else by_print.get(print_)
        if old is None:
            found.append(Row(row.number, "new", draft))
            continue
        draft = reader.over(old, draft)
        status = "same" if _is_same(kind, old, draft) else "changed"
        found.append(Row(row.number, status, draft, old.id))
    return found


class _Reader:
    """Cells of a row into a draft; every doubt becomes a Problem."""

    def __init__(self, kind: Kind, table: Table, places: Places) -> None:
        self.kind, self.given, self.places = kind, set(table.columns), places
        self.columns = {column.name: column for column in columns(kind)}

    def read(self, row: TableRow) -> tuple[Draft | None, list[Problem]]:
        """The draft, or None with what is wrong."""
        problems = list(row.problems)
        cells = {name: row.values.get(name, "") for name in self.columns}

        def wrong(key: str, name: str, **args: object) -> None:
            problems.append(Problem(key, self.columns[name].title, args))

        for name, column in self.columns.items():
            if column.required and not cells[name].strip():
                wrong("registers-empty", name)
        values: dict[str, rules.Value] = {}
        for one_field in self.kind.fields:
            name = f"f-{one_field.name}"
            try:
                values[one_field.name] = rules.parse(one_field, cells[name], yes=words().yes, no=words().no)
            except WrongCell as error:
                wrong(error.key, name, **error.args_for_text)
        days: dict[str, date | None] = {}
        for name in ("starts_on", "ends_on"):
            days[name] = rules.parse_day(cells[name])
            if cells[name] and days[name] is None:
                wrong("registers-wrong-day", name, value=cells[name][:40])
        starts, ends = days["starts_on"], days["ends_on"]
        if starts and ends and ends < starts:
            wrong("registers-wrong-days", "ends_on")
        state = words().states.get(folded(cells["state"]), "") if cells["state"] else "active"
        if not state:
            wrong("registers-wrong-state", "state", value=cells["state"][:40])
        if len(cells["title"]) > rules.TITLE:
            wrong("registers-wrong-title", "title", field=self.kind.name_title, most=rules.TITLE)
        if len(cells["code"]) > 64:
            wrong("registers-code-long", "code", most=64)
        municipality_id = None
        if cells["municipality"]:
            municipality_id = self.places.municipalities.get(folded(cells["municipality"]))
            if municipality_id is None:
                wrong("registers-unknown-place", "municipality", value=cells["municipality"][:60])
        organisation_id = self._organisation(cells.get("organisation", ""), municipality_id, wrong)
        if problems:
            return None, problems
        return Draft(
            title=cells["title"],
            values=values,
            state=RecordState(state),
            code=cells["code"] or None,
            organisation_id=organisation_id,
            municipality_id=municipality_id,
            starts_on=starts,
            ends_on=ends,
        ), problems

    def over(self, old: RegisterRecord, draft: Draft) -> Draft:
        """The draft over what is there: columns the table does not have stay as they are."""
        values = {
            one_field.name: draft.values.get(one_field.name)
            if f"f-{one_field.name}" in self.given
            else old.values.get(one_field.name)
            for one_field in self.kind.fields
        }
        return Draft(
            title=draft.title,
            values=values,
            state=draft.state if "state" in self.given else old.state,
            code=draft.code or old.code,
            person_id=old.person_id,
            organisation_id=draft.organisation_id if "organisation" in self.given else old.organisation_id,
            municipality_id=draft.municipality_id if "municipality" in self.given else old.municipality_id,
            starts_on=draft.starts_on if "starts_on" in self.given else old.starts_on,
            ends_on=draft.ends_on if "ends_on" in self.given else old.ends_on,
        )

    def _organisation(self, text: str, municipality_id: int | None, wrong: Any) -> int | None:
        if not text:
            return None
        fits = self.places.organisations.get(folded(text), set())
        if municipality_id is not None:
            fits = {pair for pair in fits if pair[1] == municipality_id}
        if len(fits) == 1:
            return next(iter(fits))[0]
        wrong("registers-many-places" if fits else "registers-unknown-place", "organisation", value=text[:60])
        return None


async def places_of(session: AsyncSession) -> Places:
    """Every organisation and municipality by its names."""
    found = Places()
    o = Organisation
    for number, name, short, code, municipality_id in await session.execute(
        select(o.id, o.name, o.short_name, o.code, o.municipality_id).where(o.approved_at.is_not(None))
    ):
        for said in {folded(name), folded(short), folded(code or "")} - {""}:
            found.organisations.setdefault(said, set()).add((number, municipality_id))
    for number, name in await session.execute(select(Municipality.id, Municipality.name)):
        found.municipalities[folded(name)] = number
    return found


def _is_same(kind: Kind, old: RegisterRecord, draft: Draft) -> bool:
    place = draft.municipality_id in (None, old.municipality_id) or draft.organisation_id is not None
    return (
        (old.title, old.state, old.organisation_id, old.starts_on, old.ends_on, old.code)
        == (draft.title, draft.state, draft.organisation_id, draft.starts_on, draft.ends_on, draft.code)
        and place
        and all(old.values.get(one_field.name) == draft.values.get(one_field.name) for one_field in kind.fields)
    )


def _kept(row: Row) -> dict[str, Any]:
    return {
        "row": row.number,
        "problems": [{"key": p.key, "column": p.column, "args": dict(p.args)} for p in row.problems],
    }


async def _table(db: Database, settings: Settings, kind: Kind, file_id: int | None) -> Table:
    if file_id is None:
        raise UserError("registers-file-gone")
    async with db.read() as session:
        path = await files.path_of(session, settings, file_id)
        name = await _file_name(session, file_id)
    try:
        content = await asyncio.to_thread(Path.read_bytes, path)
    except OSError as failure:
        raise UserError("registers-file-gone") from failure
    _, table = await asyncio.to_thread(read_table, content, name, {kind.slug: columns(kind)})
    return table


async def _file_name(session: AsyncSession, file_id: int | None) -> str:
    return str(await session.scalar(select(StoredFile.name).where(StoredFile.id == file_id)) or "")


async def _mine(
    session: AsyncSession, scope: Scope, import_id: int, *, right: Right = Right.registers_edit
) -> RegisterImport:
    scope.require(right)
    row = await session.get(RegisterImport, import_id)
    if row is None or row.by_id != scope.person_id:
        raise NotFound()
    return row


def sample_workbook(kind: Kind) -> bytes:
    """An XLSX to fill in: headings with hints, invented rows."""
    hints = {**words().hints, **{f"f-{one_field.name}": _hint(one_field) for one_field in kind.fields}}
    made = columns(kind)
    samples = [{one.name: row.get(one.name.removeprefix("f-"), "") for one in made} for row in kind.samples]
    return sample_book(made, hints, samples)


def _hint(of: rules.Field) -> str:
    return of.hint or ", ".join(said[0] for said in of.options.values())
