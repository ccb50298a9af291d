"""A small roadmap with its people, for tests of everything that runs on one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.models import (
    Body,
    BodyLevel,
    BodyMembership,
    BodyPost,
    Measure,
    Messenger,
    Municipality,
    Occurrence,
    OccurrenceState,
    Person,
    Role,
    RoleAssignment,
    ScopeKind,
)
from bot.services import roadmap
from bot.services.access import Grant, Scope, scope_of
from bot.services.roadmap import Heading, Named, Row
from tests.chat import Talk
from tests.factories import make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


@dataclass(slots=True)
class Road:
    """Numbers of what was made."""

    body: int
    number: int
    people: dict[str, int]


async def make_body(session: AsyncSession, name: str = "ЦНППМ", municipality: Municipality | None = None) -> Body:
    body = Body(
        code=f"body-{name}", abbreviation=name, name=name, level=BodyLevel.institution, aliases=[],
        municipality_id=municipality.id if municipality else None,
    )  # fmt: skip
    session.add(body)
    await session.flush()
    return body


async def make_member(
    session: AsyncSession, body: Body | int, post: BodyPost, name: str, talk: Talk | None = None
) -> Person:
    """A person of a body, reachable where she has a chat."""
    accounts = {Messenger(talk.messenger): talk.user_id} if talk else {}
    person = await make_person(session, name, accounts=accounts)
    body_id = body if isinstance(body, int) else body.id
    session.add(BodyMembership(body_id=body_id, person_id=person.id, post=post, since=date(2020, 1, 1)))
    await session.flush()
    return person


async def give(session: AsyncSession, person_id: int, role: Role, kind: ScopeKind, place: int | None = None) -> None:
    session.add(RoleAssignment(person_id=person_id, role=role, scope_kind=kind, scope_id=place, since=date(2020, 1, 1)))
    await session.flush()


async def scope(db: Database, person_id: int, today: date) -> Scope:
    async with db.read() as session:
        return await scope_of(session, person_id, today=today)


async def run_roadmap(
    session: AsyncSession, rows: list[Row], body: int, *, now: datetime, since: date | None = None
) -> int:
    """A running roadmap whose measures are the body's."""
    rows = [row if row.responsible else replace(row, responsible=(Named("ЦНППМ", body),)) for row in rows]
    heading = Heading("Дорожная карта (проверка)", now.year, "12-А", now.date(), runs_since=since)
    done = await roadmap.save(session, HEAD, heading, rows, now=now, today=now.date())
    await roadmap.start(session, HEAD, done.roadmap_id, now=now, today=now.date())
    return done.roadmap_id


async def days(db: Database, code: str) -> list[Occurrence]:
    async with db.read() as session:
        rows = await session.scalars(
            select(Occurrence)
            .join(Measure, Measure.id == Occurrence.measure_id)
            .where(Measure.code == code, Occurrence.state != OccurrenceState.cancelled)
            .order_by(Occurrence.due)
        )
        return list(rows)
