"""After an event: what it was worth (only from those who were there), certificates and their check."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.errors import NotFound, UserError
from bot.models import Attendance, Certificate, Event, EventFeedback, Person
from bot.rules.events import certificate_number, masked, may_be_printed, read_number
from bot.services import audit, region
from bot.services.access import Right, Scope
from bot.services.events.reading import COUNTED, EventLine, line_of

PORTION = 200
WORDS = 1000


@dataclass(frozen=True, slots=True)
class Paper:
    """What a certificate says."""

    number: str
    name: str
    masked: str
    title: str
    kind: str
    day: date
    hours: float
    organiser: str
    issued_on: date
    revoked_on: date | None
    revoke_reason: str
    open_name: bool
    line: EventLine
    method: str = ""
    materials: str = ""
    is_demo: bool = False


async def grade(session: AsyncSession, person_id: int, event_id: int, value: int | None, *, now: datetime) -> None:
    """One to five, or «не отвечать»; the last press counts. NotFound for who was not there."""
    if value is not None and not 1 <= value <= 5:
        raise NotFound()
    await _must_have_been(session, person_id, event_id)
    row = await session.get(EventFeedback, (event_id, person_id))
    if row is None:
        row = EventFeedback(event_id=event_id, person_id=person_id, at=now)
        session.add(row)
    row.grade, row.at = value, now
    await session.flush()


async def words(session: AsyncSession, person_id: int, event_id: int, text: str) -> None:
    """What to add next time."""
    row = await session.get(EventFeedback, (event_id, person_id))
    if row is None:
        raise NotFound()
    row.words = text.strip()[:WORDS]
    await session.flush()


async def wish_certificates(session: AsyncSession, scope: Scope, event_id: int, *, now: datetime) -> None:
    """Certificates for everybody who completed: written in portions by the job. Twice is once."""
    scope.require(Right.events_edit)
    event = await session.get(Event, event_id)
    if event is None:
        raise NotFound()
    if not event.gives_certificate:
        raise UserError("events-no-certificate")
    if not may_be_printed(event.title):
        raise UserError("events-wrong-words")
    if event.ends_at > now:
        raise UserError("events-not-over")
    event.certificates_at = now
    audit.changed(session, scope, "event", event_id, "certificates", now=now)
    await session.flush()


async def wished(session: AsyncSession) -> list[int]:
    """Events whose certificates somebody asked for and that are not all written."""
    return list(
        await session.scalars(
            select(Event.id)
            .where(Event.certificates_at.is_not(None), exists(_without_certificate(Event.id)))
            .order_by(Event.certificates_at)
        )
    )


async def progress(session: AsyncSession, event_id: int) -> tuple[int, int]:
    """(written, of): certificates of an event and those who completed it."""
    written = await session.scalar(
        select(func.count()).where(Certificate.event_id == event_id, Certificate.revoked_at.is_(None))
    )
    done = await session.scalar(
        select(func.count()).where(
            Attendance.event_id == event_id,
            Attendance.voided_at.is_(None),
            Attendance.completed,
            Attendance.confidence.in_(COUNTED),
        )
    )
    return written or 0, done or 0


async def issue(
    session: AsyncSession, event_id: int, *, now: datetime, today: date, portion: int = PORTION
) -> list[int]:
    """The next portion of an event's certificates; people who got one."""
    people = list(
        await session.scalars(
            _without_certificate(event_id)
            .with_only_columns(Attendance.person_id)
            .order_by(Attendance.id)
            .limit(portion)
        )
    )
    for person_id in people:
        session.add(
            Certificate(
                number=await _free_number(session, today.year),
                event_id=event_id,
                person_id=person_id,
                issued_on=today,
                created_at=now,
            )
        )
    await session.flush()
    return people


async def show_name(session: AsyncSession, person_id: int, event_id: int, *, whole: bool) -> Paper:
    """Whether the check page of one's own certificate shows the whole name: hers to say, and to take back."""
    row = await session.scalar(
        select(Certificate).where(
            Certificate.event_id == event_id, Certificate.person_id == person_id, Certificate.revoked_at.is_(None)
        )
    )
    if row is None:
        raise NotFound()
    row.open_name = whole
    await session.flush()
    return await own_paper(session, person_id, event_id)


async def own_paper(session: AsyncSession, person_id: int, event_id: int) -> Paper:
    """A person's certificate of an event; NotFound when there is none or it was taken back."""
    found = await session.scalar(
        select(Certificate.number).where(
            Certificate.event_id == event_id, Certificate.person_id == person_id, Certificate.revoked_at.is_(None)
        )
    )
    if found is None:
        raise NotFound()
    paper = await check(session, found)
    assert paper is not None
    return paper


async def check(session: AsyncSession, typed: str) -> Paper | None:
    """What the open page tells of a number; None when there is no such number."""
    number = read_number(typed)
    if number is None:
        return None
    row = (
        await session.execute(
            select(Certificate, Event, Person, Attendance.method)
            .join(Event, Event.id == Certificate.event_id)
            .join(Person, Person.id == Certificate.person_id)
            .outerjoin(
                Attendance,
                (Attendance.event_id == Certificate.event_id)
                & (Attendance.person_id == Certificate.person_id)
                & Attendance.voided_at.is_(None),
            )
            .where(Certificate.number == number)
        )
    ).one_or_none()
    if row is None:
        return None
    certificate, event, person, method = row
    centre = await region.centre(session)
    line = line_of(event)
    return Paper(
        number=certificate.number,
        name=person.full_name,
        masked=masked(person.last_name, person.first_name, person.middle_name),
        title=event.title,
        kind=event.kind.value,
        day=line.day(),
        hours=event.hours,
        organiser=event.organiser or str(centre["name"] or centre["short_name"]),
        issued_on=certificate.issued_on,
        revoked_on=certificate.revoked_at.date() if certificate.revoked_at else None,
        revoke_reason=certificate.revoke_reason,
        open_name=certificate.open_name,
        line=line,
        method=method.value if method else "",
        materials=event.materials,
        is_demo=event.is_demo,
    )


async def revoke(
    session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, reason: str, now: datetime
) -> None:
    """Take a certificate back; its number stays and says so."""
    scope.require(Right.events_edit)
    if not reason.strip():
        raise UserError("events-reason-needed")
    row = await session.scalar(
        select(Certificate).where(Certificate.event_id == event_id, Certificate.person_id == person_id)
    )
    if row is None:
        raise NotFound()
    row.revoked_at, row.revoked_by_id, row.revoke_reason = now, scope.person_id, reason.strip()[:200]
    audit.changed(session, scope, "event", event_id, "certificate-revoked", now=now, after={"person": person_id})
    await session.flush()


async def issue_again(session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, now: datetime) -> str:
    """A revoked certificate stands again under its number, if the person completed the event."""
    scope.require(Right.events_edit)
    row = await session.scalar(
        select(Certificate).where(Certificate.event_id == event_id, Certificate.person_id == person_id)
    )
    if row is None:
        raise NotFound()
    done = await session.scalar(
        select(Attendance.id).where(
            Attendance.event_id == event_id,
            Attendance.person_id == person_id,
            Attendance.voided_at.is_(None),
            Attendance.completed,
        )
    )
    if done is None:
        raise UserError("events-not-completed")
    row.revoked_at, row.revoked_by_id, row.revoke_reason = None, None, ""
    audit.changed(session, scope, "event", event_id, "certificate-again", now=now, after={"person": person_id})
    await session.flush()
    return row.number


# --- inside ------------------------------------------------------------------------------------------


def _without_certificate(event_id: int | InstrumentedAttribute[int]) -> Select[Attendance]:
    return select(Attendance).where(
        Attendance.event_id == event_id,
        Attendance.voided_at.is_(None),
        Attendance.completed,
        Attendance.confidence.in_(COUNTED),
        ~exists().where(Certificate.event_id == Attendance.event_id, Certificate.person_id == Attendance.person_id),
    )


async def _free_number(session: AsyncSession, year: int) -> str:
    while True:
        number = certificate_number(year, secrets.randbits(50))
        if await session.scalar(select(Certificate.id).where(Certificate.number == number)) is None:
            return number


async def _must_have_been(session: AsyncSession, person_id: int, event_id: int) -> None:
    was = await session.scalar(
        select(Attendance.id).where(
            Attendance.event_id == event_id,
            Attendance.person_id == person_id,
            Attendance.voided_at.is_(None),
            Attendance.confidence.in_(COUNTED),
        )
    )
    if was is None:
        raise NotFound()
