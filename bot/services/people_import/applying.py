"""Putting a preview into the database: small portions, matched again, so that a repeat doubles nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import UserError
from bot.models import (
    Employment,
    EmploymentSubject,
    Municipality,
    Organisation,
    Person,
    Role,
    ScopeKind,
)
from bot.rules.words import folded
from bot.services import audit, identities, search
from bot.services.access import Grant, Right, Scope
from bot.services.importing import Problem, Progress
from bot.services.packs import organisation_text
from bot.services.people_import.layout import Kind
from bot.services.people_import.matching import (
    Match,
    Preview,
    PreviewRow,
    Status,
    match,
    preview,
)
from bot.services.people_import.reading import OrganisationRecord, PersonRecord

NEW, SKIP = "new", "skip"
"""Decisions about a doubtful row; any other decision is the id of the one it is."""

Decisions = Mapping[int, int | str]
"""Row number of the file → NEW, SKIP or an id."""

PORTION = 200
"""Rows of one transaction: the chats wait for it no longer than a blink."""

OPERATOR = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
"""Whoever holds the machine: the command line has the right of the head of the centre."""


@dataclass(slots=True)
class Outcome:
    """What became of one row: new, updated, unchanged, doubt, skipped, foreign, wrong."""

    number: int
    status: str
    id: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Applied:
    """What became of the rows that were given."""

    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many rows ended so."""
        return sum(outcome.status == status for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    """For the command line."""

    kind: Kind
    dry_run: bool
    unknown: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what became of them, in the order of first appearance."""
        found: dict[str, int] = {}
        for outcome in self.outcomes:
            found[outcome.status] = found.get(outcome.status, 0) + 1
        return found

    @property
    def has_problems(self) -> bool:
        """True when a person has to look at some rows."""
        return any(outcome.status in ("wrong", "doubt") for outcome in self.outcomes)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a row of the file; problems as locale keys with their values."""
        return [
            {
                "row": outcome.number,
                "kind": self.kind.value,
                "status": outcome.status,
                "id": outcome.id,
                "problems": [
                    {"column": problem.column or None, "key": problem.key, "args": dict(problem.args)}
                    for problem in outcome.problems
                ],
            }
            for outcome in self.outcomes
        ]


async def import_file(
    db: Database, path: Path, *, dry_run: bool, now: datetime, progress: Progress | None = None
) -> Report:
    """Read, match and (without ``dry_run``) apply a file; doubtful rows wait for a person."""
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise UserError("import-no-file", name=path.name) from error
    async with db.read() as session:
        looked = await preview(session, content, name=path.name, now=now)
    if dry_run:
        outcomes = tuple(Outcome(row.number, row.status.value, row.match.id, row.problems) for row in looked.rows)
        return Report(looked.kind, True, looked.unknown, outcomes)
    applied = await apply_all(db, OPERATOR, looked, {}, now=now, progress=progress, where="command")
    return Report(looked.kind, False, looked.unknown, tuple(applied.outcomes))


async def apply_all(
    db: Database,
    scope: Scope,
    looked: Preview,
    decisions: Decisions,
    *,
    now: datetime,
    progress: Progress | None = None,
    where: str = "admin",
) -> Applied:
    """Apply the whole preview, a transaction a portion. A stop in the middle is repaired by a repeat."""
    whole = Applied()
    for start in range(0, len(looked.rows), PORTION):
        async with db.begin() as session:
            part = await apply(
                session, scope, looked, decisions, now=now, rows=looked.rows[start : start + PORTION], where=where
            )
        whole.outcomes += part.outcomes
        if progress is not None:
            progress(min(start + PORTION, len(looked.rows)), len(looked.rows))
    return whole


async def apply(
    session: AsyncSession,
    scope: Scope,
    looked: Preview,
    decisions: Decisions,
    *,
    now: datetime,
    rows: Sequence[PreviewRow] | None = None,
    where: str = "admin",
) -> Applied:
    """Apply rows of a preview (all of them by default) in the transaction at hand."""
    scope.require(Right.people_import)
    rows = looked.rows if rows is None else rows
    applied = Applied()
    records = [row.record for row in rows if row.record is not None]
    matches = iter(await match(session, records)) if records else iter(())
    plan: list[tuple[PreviewRow, Match]] = []
    for row in rows:
        if row.record is None:
            applied.outcomes.append(Outcome(row.number, "wrong", None, row.problems))
            continue
        plan.append((row, _decided(next(matches), decisions.get(row.number))))
    writer = _People(session, scope, now) if looked.kind is Kind.people else _Organisations(session, scope, now)
    results = await writer.write(plan)
    action = f"import {looked.digest}"
    for outcome in results:
        if outcome.id is not None and outcome.status in ("new", "updated"):
            after = {"row": outcome.number, "result": outcome.status}
            audit.changed(session, scope, writer.entity, outcome.id, action, now=now, after=after, where=where)
    applied.outcomes += results
    applied.outcomes.sort(key=lambda outcome: outcome.number)
    await session.flush()
    return applied


def _decided(found: Match, decision: int | str | None) -> Match:
    """What a person said about a doubt; a certain match needs no decision and takes only SKIP."""
    if decision == SKIP:
        return Match(Status.wrong)
    if found.status is not Status.doubt or decision is None:
        return found
    if decision == NEW:
        return Match(Status.new)
    chosen = next((candidate.id for candidate in found.candidates if candidate.id == decision), None)
    return Match(Status.same, chosen) if chosen is not None else found


class _Writer:
    """What both kinds share: who may, and the outcome of rows that are not written."""

    entity = ""

    def __init__(self, session: AsyncSession, scope: Scope, now: datetime) -> None:
        self.session, self.scope, self.now, self.today = session, scope, now, now.date()

    async def write(self, plan: Sequence[tuple[PreviewRow, Match]]) -> list[Outcome]:
        """Write rows that are certain; the outcomes of all."""
        raise NotImplementedError

    def _left(self, row: PreviewRow, found: Match) -> Outcome | None:
        if found.status is Status.wrong:
            return Outcome(row.number, "skipped")
        if found.status is Status.doubt:
            return Outcome(row.number, "doubt", None, (Problem("import-doubt", args={"count": len(found.candidates)}),))
        return None


class _Organisations(_Writer):
    entity = "organisation"

    async def write(self, plan: Sequence[tuple[PreviewRow, Match]]) -> list[Outcome]:
        """Add and update organisations; what the table adds is approved by that."""
        reach = set(
            await self.session.scalars(
                self.scope.limit(
                    select(Municipality.id), Right.people_import, municipality=Municipality.id, today=self.today
                )
            )
        )
        names = dict((await self.session.execute(select(Municipality.id, Municipality.name))).all())
        ids = {found.id for _, found in plan if found.id is not None}
        rows = {row.id: row for row in await self.session.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
        outcomes: list[Outcome] = []
        written: list[tuple[Outcome, Organisation]] = []
        for row, found in plan:
            record = row.record
            assert isinstance(record, OrganisationRecord)
            left = self._left(row, found)
            organisation = rows.get(found.id) if found.id is not None else None
            if left is None and not {
                record.municipality_id,
                organisation.municipality_id if organisation else None,
            } <= {
                *reach,
                None,
            }:
                left = Outcome(row.number, "foreign", None, (Problem("import-foreign"),))
            if left is not None:
                outcomes.append(left)
                continue
            values = {
                "name": record.name,
                "short_name": record.short_name,
                "kind": record.kind,
                "municipality_id": record.municipality_id,
                "settlement": record.settlement,
                "flags": list(record.flags),
                "sort": record.sort,
                "search": folded(
                    f"{record.name} {record.short_name} {record.settlement} {names[record.municipality_id]}"
                ),
            }
            if record.code is not None:
                values["code"] = record.code
            outcome = Outcome(row.number, "new")
            if organisation is None:
                organisation = Organisation(approved_at=self.now, **values)
                self.session.add(organisation)
            else:
                changed = _set(organisation, values) | _set(
                    organisation, {"approved_at": organisation.approved_at or self.now}
                )
                outcome = Outcome(row.number, "updated" if changed else "unchanged", organisation.id)
            outcomes.append(outcome)
            if outcome.status != "unchanged":
                written.append((outcome, organisation))
        await self.session.flush()
        texts: dict[int, str] = {}
        for outcome, organisation in written:
            outcome.id = organisation.id
            texts[organisation.id] = organisation_text(organisation, names[organisation.municipality_id])
        await search.index_many(self.session, "organisation", texts)
        return outcomes


class _People(_Writer):
    entity = "person"

    async def write(self, plan: Sequence[tuple[PreviewRow, Match]]) -> list[Outcome]:
        """Add people and complete those who are here; what a person wrote herself stays."""
        places = {row.record.organisation_id for row, _ in plan if isinstance(row.record, PersonRecord)}
        reach = set(
            await self.session.scalars(
                self.scope.limit(
                    select(Organisation.id).where(Organisation.id.in_(places)),
                    Right.people_import,
                    organisation=Organisation.id,
                    municipality=Organisation.municipality_id,
                    today=self.today,
                )
            )
        )
        ids = {found.id for _, found in plan if found.id is not None}
        people = {row.id: row for row in await self.session.scalars(select(Person).where(Person.id.in_(ids)))}
        jobs: dict[int, Employment] = {}
        taught: dict[int, set[str]] = {}
        for job in await self.session.scalars(
            select(Employment)
            .where(Employment.person_id.in_(ids), Employment.is_main, Employment.until.is_(None))
            .order_by(Employment.since)
        ):
            jobs[job.person_id] = job
        for number, slug in await self.session.execute(
            select(EmploymentSubject.employment_id, EmploymentSubject.subject_slug).where(
                EmploymentSubject.employment_id.in_([job.id for job in jobs.values()])
            )
        ):
            taught.setdefault(number, set()).add(slug)
        outcomes: list[Outcome] = []
        fresh: list[tuple[Outcome, Person, PersonRecord]] = []
        moved: list[tuple[Employment, PersonRecord]] = []
        for row, found in plan:
            record = row.record
            assert isinstance(record, PersonRecord)
            left = self._left(row, found)
            if left is None and record.organisation_id not in reach:
                left = Outcome(row.number, "foreign", None, (Problem("import-foreign"),))
            if left is not None:
                outcomes.append(left)
                continue
            person = people.get(found.id) if found.id is not None else None
            if person is None:
                outcome = Outcome(row.number, "new")
                person = self._new(record)
                self.session.add(person)
                fresh.append((outcome, person, record))
            else:
                renamed = await self._rename(person, record)
                changed = self._complete(person, record) | renamed
                job, job_changed = self._work(person.id, jobs.get(person.id), record)
                if job is not jobs.get(person.id):
                    moved.append((job, record))
                else:
                    missing = [slug for slug in record.subjects if slug not in taught.get(job.id, set())]
                    self.session.add_all(EmploymentSubject(employment_id=job.id, subject_slug=slug) for slug in missing)
                    job_changed = job_changed or bool(missing)
                changed = changed or job_changed
                outcome = Outcome(row.number, "updated" if changed else "unchanged", person.id)
                if changed:
                    identities.changed(self.session, person.id)
            outcomes.append(outcome)
        await self.session.flush()
        for outcome, person, record in fresh:
            outcome.id = person.id
            job = self._job(person.id, record, record.since or school_year_start(self.today))
            moved.append((job, record))
        self.session.add_all(job for job, _ in moved)
        await self.session.flush()
        self.session.add_all(
            EmploymentSubject(employment_id=job.id, subject_slug=slug)
            for job, record in moved
            for slug in record.subjects
        )
        await search.index_many(self.session, "person", {person.id: person.full_name for _, person, _ in fresh})
        return outcomes

    def _new(self, record: PersonRecord) -> Person:
        return Person(
            key=secrets.token_hex(16),
            last_name=record.last_name,
            first_name=record.first_name,
            middle_name=record.middle_name,
            birth_year=record.birth_year,
            teach_since_year=record.teach_since_year,
            teach_since=record.teach_since,
            category=record.category,
            confirmed_at=self.now if record.confirmed else None,
            confirmed_by_id=self.scope.person_id if record.confirmed else None,
            confirmed_how="import" if record.confirmed else "",
            import_key=record.code,
            search=record.sort,
            sort=record.sort,
            created_at=self.now,
        )

    def _complete(self, person: Person, record: PersonRecord) -> bool:
        """Fill what is empty; where the person never came herself, the table has the last word."""
        values: dict[str, Any] = {
            "birth_year": record.birth_year,
            "teach_since_year": record.teach_since_year,
            "teach_since": record.teach_since,
            "category": record.category,
        }
        theirs = person.registered_at is not None
        changed = _set(
            person,
            {name: new for name, new in values.items() if new and not (theirs and getattr(person, name))},
        )
        if record.code is not None and person.import_key is None:
            changed |= _set(person, {"import_key": record.code})
        if record.confirmed and person.confirmed_at is None:
            changed |= _set(
                person,
                {"confirmed_at": self.now, "confirmed_by_id": self.scope.person_id, "confirmed_how": "import"},
            )
        return changed

    async def _rename(self, person: Person, record: PersonRecord) -> bool:
        """Another name under the same code: a marriage or a correction."""
        if person.import_key is None or person.import_key != record.code or folded(person.full_name) == record.sort:
            return False
        _set(
            person,
            {
                "last_name": record.last_name,
                "first_name": record.first_name,
                "middle_name": record.middle_name,
                "search": record.sort,
                "sort": record.sort,
            },
        )
        await search.index(self.session, "person", person.id, person.full_name)
        return True

    def _work(self, person_id: int, job: Employment | None, record: PersonRecord) -> tuple[Employment, bool]:
        """The main job as the table has it; another place or post ends the old one, dated."""
        if job is None:
            return self._job(person_id, record, record.since or school_year_start(self.today)), True
        same_place = job.organisation_id == record.organisation_id
        same_post = job.position_slug == record.position and (
            not record.position_title or job.position_title == record.position_title
        )
        if same_place and (same_post or (job.position_slug == record.position and not job.position_title)):
            return job, _set(job, {"position_title": record.position_title or job.position_title})
        since = record.since or self.today
        if since <= job.since:
            return job, _set(
                job,
                {
                    "organisation_id": record.organisation_id,
                    "position_slug": record.position,
                    "position_title": record.position_title,
                },
            )
        job.until = since - timedelta(days=1)
        return self._job(person_id, record, since), True

    def _job(self, person_id: int, record: PersonRecord, since: date) -> Employment:
        return Employment(
            person_id=person_id,
            organisation_id=record.organisation_id,
            position_slug=record.position,
            position_title=record.position_title,
            since=since,
        )


def school_year_start(on: date) -> date:
    """1 September of the school year of a day."""
    return date(on.year if on.month >= 9 else on.year - 1, 9, 1)


def _set(row: Any, values: Mapping[str, Any]) -> bool:
    """Set what differs; True when anything did."""
    differs = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differs.items():
        setattr(row, name, value)
    return bool(differs)
