"""Is this row somebody who is here already? Certain, doubtful or new; a person decides doubts."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Employment, Organisation, Person, PersonState
from bot.services.importing import Problem, Progress, read_table
from bot.services.people_import.layout import Kind, layout
from bot.services.people_import.reading import (
    OrganisationRecord,
    PersonRecord,
    Reader,
    load_known,
)

PORTION = 500


class Status(StrEnum):
    """What will become of a row."""

    new = "new"
    same = "same"
    doubt = "doubt"
    wrong = "wrong"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody (or a place) of the same name who is here already."""

    id: int
    name: str
    place: str
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to «who is this»: ``id`` where it is certain, else the candidates."""

    status: Status
    id: int | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the file, what is wrong with it, and who it is."""

    number: int
    values: Mapping[str, str]
    problems: tuple[Problem, ...]
    record: PersonRecord | OrganisationRecord | None
    match: Match

    @property
    def status(self) -> Status:
        """What will become of the row."""
        return self.match.status

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Who it may be, when that is in doubt."""
        return self.match.candidates


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole file as it would be applied; ``digest`` tells one file from another."""

    kind: Kind
    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    digest: str

    @property
    def counts(self) -> dict[Status, int]:
        """Rows of each status, also of those there are none of."""
        found = Counter(row.status for row in self.rows)
        return {status: found[status] for status in Status}

    def of(self, status: Status) -> tuple[PreviewRow, ...]:
        """The rows of one status, in the order of the file."""
        return tuple(row for row in self.rows if row.status is status)


async def preview(
    session: AsyncSession, content: bytes, *, name: str, now: datetime, progress: Progress | None = None
) -> Preview:
    """Read and match a file. UserError when it cannot be used at all."""
    rules = layout()
    columns = {kind.value: rules.columns[kind] for kind in Kind}
    # Twenty thousand rows take seconds: the chats must not wait for them.
    word, table = await asyncio.to_thread(read_table, content, name, columns, progress=progress)
    kind = Kind(word)
    if kind is Kind.people and not (
        {"full_name"} & set(table.columns) or {"last_name", "first_name"} <= set(table.columns)
    ):
        expected = ", ".join(rules.title(kind, column) for column in rules.in_sample[kind])
        raise UserError("import-columns", missing=rules.title(kind, "full_name"), expected=expected)
    reader = Reader(await load_known(session), kind, now.date())
    read = reader.person if kind is Kind.people else reader.organisation
    rows: list[PreviewRow] = []
    for row in table.rows:
        record = read(row.values) if not row.problems else None
        problems = row.problems or tuple(reader.problems)
        rows.append(PreviewRow(row.number, row.values, problems, record, Match(Status.wrong)))
        if len(rows) % PORTION == 0:
            await asyncio.sleep(0)
            if progress is not None:
                progress(len(rows), len(table.rows))
    marked = _without_repeats(rows, rules.title(kind, "code"))
    matched: list[PreviewRow] = []
    for start in range(0, len(marked), PORTION):
        portion = marked[start : start + PORTION]
        matches = await match(session, [row.record for row in portion if row.record is not None])
        found = iter(matches)
        matched += [
            row if row.record is None else PreviewRow(row.number, row.values, row.problems, row.record, next(found))
            for row in portion
        ]
    return Preview(kind, table.columns, table.unknown, tuple(matched), hashlib.sha256(content).hexdigest()[:12])


async def match(session: AsyncSession, records: Sequence[PersonRecord | OrganisationRecord]) -> list[Match]:
    """A match for each record, in order; two statements for all of them."""
    people = [record for record in records if isinstance(record, PersonRecord)]
    if people:
        return await _match_people(session, people)
    return await _match_organisations(session, [record for record in records if isinstance(record, OrganisationRecord)])


def _without_repeats(rows: Iterable[PreviewRow], code_title: str) -> list[PreviewRow]:
    """A code or a person written twice: the second row is wrong and names the first."""
    seen: dict[Hashable, int] = {}
    kept: list[PreviewRow] = []
    for row in rows:
        record = row.record
        problem: Problem | None = None
        for key, column, text in _keys(record, code_title):
            first = seen.setdefault(key, row.number)
            if first != row.number and problem is None:
                problem = Problem(text, column, {"first": first})
        if problem is not None:
            row = PreviewRow(row.number, row.values, (*row.problems, problem), None, row.match)
        kept.append(row)
    return kept


def _keys(record: PersonRecord | OrganisationRecord | None, code_title: str) -> list[tuple[Hashable, str, str]]:
    if record is None:
        return []
    keys: list[tuple[Hashable, str, str]] = []
    if record.code is not None:
        keys.append((("code", record.code), code_title, "import-code-twice"))
    if isinstance(record, PersonRecord):
        # Two codes may be two namesakes of one age; without codes it is one row written twice.
        keys.append(((record.sort, record.organisation_id, record.birth_year, record.code), "", "import-row-twice"))
    else:
        keys.append(((record.sort, record.municipality_id, record.settlement, record.code), "", "import-row-twice"))
    return keys


@dataclass(frozen=True, slots=True)
class _Here:
    """A person of the database, as far as matching needs her."""

    id: int
    sort: str
    name: str
    birth_year: int | None
    import_key: str | None
    organisation_id: int | None = None
    place: str = ""


@dataclass(slots=True)
class _Index:
    by_key: dict[str, _Here] = field(default_factory=dict)
    by_name: dict[str, list[_Here]] = field(default_factory=lambda: defaultdict(list))


async def _match_people(session: AsyncSession, records: Sequence[PersonRecord]) -> list[Match]:
    index = _Index()
    codes = sorted({record.code for record in records if record.code})
    names = sorted({record.sort for record in records})
    p, e, o = Person, Employment, Organisation
    statement = (
        select(
            p.id, p.sort, p.last_name, p.first_name, p.middle_name, p.birth_year, p.import_key, o.id.label("place_id"),
            o.short_name,
        )
        .outerjoin(e, (e.person_id == p.id) & e.is_main & e.until.is_(None))
        .outerjoin(o, o.id == e.organisation_id)
        .where(or_(p.sort.in_(names), p.import_key.in_(codes)), p.state != PersonState.deleting)
        .order_by(p.id, e.since)
    )  # fmt: skip
    here: dict[int, _Here] = {}
    for row in await session.execute(statement):
        name = " ".join(part for part in (row.last_name, row.first_name, row.middle_name) if part)
        # The latest open main job is the last row.
        here[row.id] = _Here(row.id, row.sort, name, row.birth_year, row.import_key, row.place_id, row.short_name or "")
    for person in here.values():
        index.by_name[person.sort].append(person)
        if person.import_key:
            index.by_key[person.import_key] = person
    return [_match_person(record, index) for record in records]


def _match_person(record: PersonRecord, index: _Index) -> Match:
    if record.code is not None and record.code in index.by_key:
        return Match(Status.same, index.by_key[record.code].id)
    namesakes = index.by_name.get(record.sort, [])
    if not namesakes:
        return Match(Status.new)
    exact = [
        person
        for person in namesakes
        if person.organisation_id == record.organisation_id
        and person.birth_year == record.birth_year
        and (record.code is None or person.import_key is None)
    ]
    if len(exact) == 1:
        return Match(Status.same, exact[0].id)
    candidates = tuple(Candidate(person.id, person.name, person.place, person.birth_year) for person in namesakes)
    return Match(Status.doubt, candidates=candidates)


async def _match_organisations(session: AsyncSession, records: Sequence[OrganisationRecord]) -> list[Match]:
    if not records:
        return []
    codes = sorted({record.code for record in records if record.code})
    names = sorted({record.sort for record in records})
    rows = list(
        await session.scalars(
            select(Organisation).where(or_(Organisation.sort.in_(names), Organisation.code.in_(codes)))
        )
    )
    by_code = {row.code: row for row in rows if row.code}
    by_name: dict[tuple[str, int], list[Organisation]] = defaultdict(list)
    for row in rows:
        by_name[row.sort, row.municipality_id].append(row)
    matches: list[Match] = []
    for record in records:
        known = by_code.get(record.code) if record.code else None
        if known is not None:
            matches.append(Match(Status.same, known.id))
            continue
        namesakes = by_name.get((record.sort, record.municipality_id), [])
        exact = [
            row
            for row in namesakes
            if row.settlement == record.settlement and (record.code is None or row.code is None)
        ]
        if len(exact) == 1:
            matches.append(Match(Status.same, exact[0].id))
        elif namesakes:
            candidates = tuple(Candidate(row.id, row.name, row.settlement) for row in namesakes)
            matches.append(Match(Status.doubt, candidates=candidates))
        else:
            matches.append(Match(Status.new))
    return matches
