"""Drafts for many teachers at once: portion by portion, going on after a stop, with the catalogue read once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Consent,
    ConsentKind,
    DraftRun,
    Employment,
    EmploymentSubject,
    Iom,
    IomBasis,
    NoticeKind,
    Organisation,
    Person,
    PersonState,
)
from bot.rules import iom_draft
from bot.rules.iom_draft import VARIANTS, Need, Offer, Plan
from bot.services import audit, catalogue
from bot.services.access import Right, Scope
from bot.services.catalogue import Shelf
from bot.services.diagnostics import Result
from bot.services.diagnostics.taking import COUNTED, audience_of
from bot.services.iom import drafting, moving

PORTION = 25
"""Teachers of one transaction: others write between two of them."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whose drafts: empty values narrow nothing."""

    municipality_id: int | None = None
    subject: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the row of the run."""
        return {"municipality": self.municipality_id, "subject": self.subject}

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Target:
        """From the row of the run."""
        return cls(raw.get("municipality"), str(raw.get("subject", "")))


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run is."""

    id: int
    variant: str
    target: Target
    by: str
    started_at: datetime
    finished: bool
    total: int
    made: int
    without: int
    had: int

    @property
    def done(self) -> int:
        """Teachers it has come to, never more than there were at the start."""
        return min(self.total, self.made + self.without + self.had)


@dataclass(frozen=True, slots=True)
class _Ready:
    """What one plan is made from."""

    person_id: int
    result: Result
    needs: list[Need]
    audience: str
    subjects: frozenset[str]


async def count(session: AsyncSession, scope: Scope, target: Target, *, today: date) -> int:
    """How many teachers within the scope have a result and consent, and no route under way."""
    scope.require(Right.iom_edit)
    return int(await session.scalar(select(func.count()).select_from(_who(scope, target, today).subquery())) or 0)


async def begin(
    session: AsyncSession, scope: Scope, variant: str, target: Target, *, now: datetime, today: date
) -> int:
    """A new run; nothing is drafted yet. UserError when there is nobody."""
    if variant not in VARIANTS:
        raise NotFound()
    total = await count(session, scope, target, today=today)
    if not total:
        raise UserError("iom-drafts-nobody")
    run = DraftRun(variant=variant, target=target.as_json(), made_by_id=scope.person_id, started_at=now, total=total)
    session.add(run)
    await session.flush()
    audit.changed(session, scope, "drafts", run.id, "started", now=now, after={"total": total, "variant": variant})
    return run.id


async def run_all(db: Database, scope: Scope, run_id: int, *, now: datetime, today: date, tell: bool = True) -> None:
    """To the end, from where it stopped, a transaction a portion. Two at once double nothing."""
    scope.require(Right.iom_edit)
    async with db.read() as session:
        shelf = await catalogue.shelf(session, today=today)
        taken = await drafting.seats_taken(session)
    while await _portion(db, scope, run_id, shelf, taken, now=now, today=today, tell=tell):
        pass


async def one(session: AsyncSession, scope: Scope, run_id: int) -> Run:
    """One run."""
    scope.require(Right.iom_edit)
    found = await _runs(session, scope, run_id)
    if not found:
        raise NotFound()
    return found[0]


async def runs(session: AsyncSession, scope: Scope) -> list[Run]:
    """The latest runs; a methodist sees her own."""
    scope.require(Right.iom_edit)
    return await _runs(session, scope, None)


async def _runs(session: AsyncSession, scope: Scope, run_id: int | None) -> list[Run]:
    statement = (
        select(DraftRun, Person)
        .outerjoin(Person, Person.id == DraftRun.made_by_id)
        .order_by(DraftRun.id.desc())
        .limit(10)
    )
    if run_id is not None:
        statement = statement.where(DraftRun.id == run_id)
    if not scope.may(Right.iom_assign):
        statement = statement.where(DraftRun.made_by_id == scope.person_id)
    return [
        Run(
            row.id, row.variant, Target.of(row.target), by.full_name if by else "", row.started_at,
            row.finished_at is not None, row.total, row.made, row.without, row.had,
        )
        for row, by in await session.execute(statement)
    ]  # fmt: skip


def _who(scope: Scope, target: Target, today: date) -> Select[int]:
    statement = (
        select(Person.id)
        .join(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(
            Person.state == PersonState.active,
            exists(
                select(Attempt.id).where(
                    Attempt.person_id == Person.id,
                    Attempt.state == AttemptState.finished,
                    Attempt.purpose.in_(COUNTED),
                )
            ),
            exists(
                select(Consent.id).where(
                    Consent.person_id == Person.id,
                    Consent.kind == ConsentKind.data,
                    Consent.withdrawn_at.is_(None),
                )
            ),
            ~exists(select(Iom.id).where(Iom.person_id == Person.id, Iom.closed_at.is_(None))),
        )
        .distinct()
    )
    if target.municipality_id is not None:
        statement = statement.where(Organisation.municipality_id == target.municipality_id)
    if target.subject:
        statement = statement.where(
            exists(
                select(EmploymentSubject.subject_slug).where(
                    EmploymentSubject.employment_id == Employment.id,
                    EmploymentSubject.subject_slug == target.subject,
                )
            )
        )
    return scope.limit(
        statement,
        Right.iom_edit,
        person=Person.id,
        organisation=Organisation.id,
        municipality=Organisation.municipality_id,
        today=today,
    )


async def _portion(
    db: Database,
    scope: Scope,
    run_id: int,
    shelf: Shelf,
    taken: dict[int, int],
    *,
    now: datetime,
    today: date,
    tell: bool,
) -> bool:
    """Read, plan off the event loop, write. False at the end."""
    async with db.read() as session:
        run = await session.get(DraftRun, run_id)
        if run is None:
            raise NotFound()
        if run.finished_at is not None:
            return False
        cursor, variant, target = run.cursor, run.variant, Target.of(run.target)
        statement = _who(scope, target, today).where(Person.id > cursor).order_by(Person.id).limit(PORTION)
        ids = list(await session.scalars(statement))
        ready: list[_Ready] = []
        for person_id in ids:
            try:
                result, needs = await drafting.needs_of(session, person_id)
            except UserError:
                continue  # Nothing to work on: no draft for this person.
            audience = await audience_of(session, person_id)
            ready.append(_Ready(person_id, result, needs, audience, await drafting.subjects_of(session, person_id)))
    plans = await asyncio.to_thread(_plans, shelf, taken, ready, variant, today)
    async with db.begin() as session:
        run = await session.get_one(DraftRun, run_id, with_for_update=True)
        if run.cursor != cursor:
            return run.finished_at is None  # Another one has done this portion.
        if not ids:
            run.finished_at = now
            return False
        begun = set(await session.scalars(select(Iom.person_id).where(Iom.person_id.in_(ids), Iom.closed_at.is_(None))))
        made = 0
        for one_of, plan in zip(ready, plans, strict=True):
            if one_of.person_id in begun or not plan.lines:
                continue
            iom = await drafting.begin(session, one_of.person_id, IomBasis.diagnosis, now=now, today=today)
            await drafting.write(session, iom, variant, one_of.result, one_of.needs, plan, today=today)
            if tell:
                moving.notice(session, iom.id, NoticeKind.offered, now=now)
            made += 1
        run.made += made
        run.had += len(begun)
        run.without += len(ids) - made - len(begun)
        run.cursor = ids[-1]
    return True


def _plans(shelf: Shelf, taken: dict[int, int], ready: list[_Ready], variant: str, today: date) -> list[Plan]:
    """Plans in turn: what one takes is not there for the next."""
    limited = {line.offer.id for line in shelf.lines if line.seats is not None}
    found: list[Plan] = []
    for one_of in ready:
        offers: list[Offer] = shelf.offers(audience=one_of.audience, subjects=one_of.subjects, taken=taken)
        plan = iom_draft.plan(one_of.needs, offers, budget=VARIANTS[variant], start=today)
        for line in plan.lines:
            if line.offer_id in limited:
                taken[line.offer_id] = taken.get(line.offer_id, 0) + 1
        found.append(plan)
    return found
