"""Facts: written in the transaction that makes them true, corrected by voiding and adding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Employment, Fact, FactKind, Organisation, Person


async def add(
    session: AsyncSession,
    person_id: int,
    kind: FactKind,
    *,
    occurred_on: date,
    source: tuple[str, int],
    now: datetime,
    evidence: dict[str, Any] | None = None,
    replaces: Fact | None = None,
) -> Fact:
    """Record a fact; saying it twice for the same source changes nothing."""
    person = await session.get_one(Person, person_id)
    source_type, source_id = source
    existing = await session.scalar(
        select(Fact).where(
            Fact.kind == kind,
            Fact.source_type == source_type,
            Fact.source_id == source_id,
            Fact.person_key == person.key,
            Fact.voided_at.is_(None),
        )
    )
    if existing is not None:
        return existing
    organisation_id, municipality_id = await place_of(session, person_id, on=occurred_on)
    fact = Fact(
        person_key=person.key,
        kind=kind,
        occurred_on=occurred_on,
        recorded_at=now,
        organisation_id=organisation_id,
        municipality_id=municipality_id,
        source_type=source_type,
        source_id=source_id,
        evidence=evidence or {},
        replaces_id=replaces.id if replaces else None,
    )
    session.add(fact)
    await session.flush()
    return fact


async def add_many(
    session: AsyncSession,
    kind: FactKind,
    rows: Sequence[tuple[int, date, tuple[str, int], dict[str, Any]]],
    *,
    now: datetime,
) -> None:
    """``add`` for many new sources in three statements (imports): person, day, source, evidence.

    The sources must be new: nothing is looked up.
    """
    people = {person_id for person_id, _, _, _ in rows}
    keys = {
        row.id: row.key for row in await session.execute(select(Person.id, Person.key).where(Person.id.in_(people)))
    }
    jobs: dict[int, list[Any]] = {}
    for job in await session.execute(
        select(
            Employment.person_id,
            Employment.since,
            Employment.until,
            Employment.organisation_id,
            Organisation.municipality_id,
        )
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(Employment.person_id.in_(people), Employment.is_main)
        .order_by(Employment.since.desc(), Employment.id.desc())
    ):
        jobs.setdefault(job.person_id, []).append(job)
    made = []
    for person_id, on, (source_type, source_id), evidence in rows:
        held = jobs.get(person_id, [])
        place = next((job for job in held if job.since <= on and (job.until is None or job.until >= on)), None)
        made.append(
            {
                "person_key": keys[person_id],
                "kind": kind,
                "occurred_on": on,
                "recorded_at": now,
                "organisation_id": place.organisation_id if place else None,
                "municipality_id": place.municipality_id if place else None,
                "source_type": source_type,
                "source_id": source_id,
                "evidence": evidence,
            }
        )
    if made:
        await session.execute(insert(Fact), made)


async def void(session: AsyncSession, fact: Fact, *, by_id: int | None, reason: str, now: datetime) -> None:
    """Take a fact back; the row stays."""
    fact.voided_at, fact.voided_by_id, fact.void_reason = now, by_id, reason
    await session.flush()


async def place_of(session: AsyncSession, person_id: int, *, on: date) -> tuple[int | None, int | None]:
    """Organisation and municipality of the main job on a day."""
    row = (
        await session.execute(
            select(Employment.organisation_id, Organisation.municipality_id)
            .join(Organisation, Organisation.id == Employment.organisation_id)
            .where(
                Employment.person_id == person_id,
                Employment.is_main,
                Employment.since <= on,
                or_(Employment.until.is_(None), Employment.until >= on),
            )
            .order_by(Employment.since.desc(), Employment.id.desc())
            .limit(1)
        )
    ).one_or_none()
    return (row[0], row[1]) if row else (None, None)
