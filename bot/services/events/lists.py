"""The list of an event: who is on it, put there by whom, with what reason; proposals to teachers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotAllowed, UserError
from bot.i18n import date_ru
from bot.models import (
    Attendance,
    Certificate,
    Employment,
    Event,
    EventState,
    EventTeam,
    Municipality,
    Organisation,
    Person,
    PersonState,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.events import reserve
from bot.services.events.attending import PersonMark
from bot.services.events.reading import lines_of, place_of
from bot.services.events.signing import lock, new_row
from bot.services.people import require

TEAM_OF = aliased(Organisation)
"""The school of a team; a person of it may have her main job elsewhere."""

LISTED = 200
"""People shown on a page of an event."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of a list of people: proposals written, people who are on the list already, no seat left."""

    proposed: int
    known: int
    no_seat: int


async def people(
    session: AsyncSession, scope: Scope, event_id: int, *, today: date, number: int = 0, size: int = LISTED
) -> list[PersonMark]:
    """The list of an event within the reach of the scope, by name: four queries whatever its length."""
    scope.require(Right.events_see)
    r = Registration
    reach = scope.where(
        Right.people_see,
        person=Person.id,
        organisation=Employment.organisation_id,
        municipality=Organisation.municipality_id,
        today=today,
    )
    rows = await session.execute(
        select(
            Person.id,
            Person.last_name,
            Person.first_name,
            Person.middle_name,
            Organisation.short_name,
            Municipality.name,
            r.state,
            r.reason,
            Attendance,
            TEAM_OF.short_name,
        )
        .join(r, r.person_id == Person.id)
        .outerjoin(
            Attendance,
            (Attendance.event_id == r.event_id)
            & (Attendance.person_id == r.person_id)
            & Attendance.voided_at.is_(None),
        )
        .outerjoin(
            Employment,
            (Employment.person_id == Person.id)
            & Employment.is_main
            & (Employment.since <= today)
            & or_(Employment.until.is_(None), Employment.until >= today),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(EventTeam, (EventTeam.id == r.team_id) & EventTeam.dissolved_at.is_(None))
        .outerjoin(TEAM_OF, TEAM_OF.id == EventTeam.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .where(r.event_id == event_id, reach)
        .where(
            or_(
                r.state.in_(
                    (
                        RegistrationState.signed,
                        RegistrationState.waiting,
                        RegistrationState.offered,
                        RegistrationState.invited,
                    )
                ),
                Attendance.id.is_not(None),
            )
        )
        .order_by(Person.sort, Person.id)
        .limit(size)
        .offset(number * size)
    )
    found: list[PersonMark] = []
    seen: set[int] = set()
    for person_id, last, first, middle, place, municipality, state, reason, mark, team in rows:
        if person_id in seen:
            continue
        seen.add(person_id)
        found.append(
            PersonMark(
                person_id=person_id,
                name=" ".join(part for part in (last, first, middle) if part),
                organisation=place or "",
                municipality=municipality or "",
                state=state,
                reason=reason,
                attendance_id=mark.id if mark else None,
                method=mark.method if mark else None,
                confidence=mark.confidence if mark else None,
                completed=bool(mark and mark.completed),
                minutes=mark.minutes if mark else None,
                team=team or "",
            )
        )
    return found


async def enrol(
    session: AsyncSession, scope: Scope, event_id: int, person_ids: Sequence[int], *, now: datetime
) -> Enrolled:
    """Propose an event to teachers of one's reach: a seat is held for each until she answers.

    Nobody is signed up without her own word. Somebody waiting in the list is not passed by.
    """
    scope.require(Right.events_enrol)
    event = await lock(session, event_id)
    if event.team_from is not None:
        raise UserError("events-team-enrol")
    if event.state is not EventState.open or event.starts_at <= now:
        raise UserError("events-closed")
    today = now.date()
    for person_id in person_ids:
        await require(session, scope, Right.events_enrol, person_id, today=today)
    line = (await lines_of(session, [event]))[0]
    places = line.places(now)
    routed = await reserve.routed(session, event_id, person_ids) if places.kept else set()
    proposed = known = no_seat = 0
    for person_id in dict.fromkeys(person_ids):
        own = await place_of(session, event_id, person_id)
        if own is not None and own.state not in (RegistrationState.passed, RegistrationState.cancelled):
            known += 1  # Also who has declined: refusal is not asked about twice.
            continue
        # Who waits comes before a proposal, except to a seat that is kept for others than those who wait.
        hers = person_id in routed
        if places.left(routed=hers) == 0 or (line.numbers.queued and not (hers and places.kept)):
            no_seat += 1
            continue
        places = places.taken(routed=hers)
        own = own or new_row(event_id, person_id, now=now)
        own.state, own.source, own.by_id = RegistrationState.invited, RegistrationSource.list, scope.person_id
        own.held_until, own.queued_at, own.changed_at, own.told_no = None, None, now, event.notice_no
        session.add(own)
        proposed += 1
    audit.changed(session, scope, "event", event_id, "enrolled", now=now, after={"people": proposed})
    await session.flush()
    return Enrolled(proposed, known, no_seat)


async def out_of_turn(
    session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, reason: str, now: datetime
) -> None:
    """A seat that does not follow the order of the list; the reason stands on the card for everybody."""
    scope.require(Right.events_edit)
    reason = " ".join(reason.split())[:120]
    if not reason:
        raise UserError("events-reason-needed")
    event = await lock(session, event_id)
    await require(session, scope, Right.people_see, person_id, today=now.date())
    line = (await lines_of(session, [event]))[0]
    places = line.places(now)
    routed = bool(places.kept) and bool(await reserve.steps_of(session, person_id, [event_id]))
    if places.left(routed=routed) == 0:
        if places.free == 0:
            raise UserError("events-no-seat")
        raise UserError("events-only-kept", day=date_ru(line.release_day()))
    own = await place_of(session, event_id, person_id)
    if own is not None and own.state is RegistrationState.signed:
        return
    # Her own word is asked here too: the seat is held, the answer is hers.
    own = own or new_row(event_id, person_id, now=now)
    own.state, own.source, own.reason = RegistrationState.invited, RegistrationSource.out_of_turn, reason
    own.held_until, own.by_id, own.changed_at, own.told_no = None, scope.person_id, now, event.notice_no
    session.add(own)
    audit.changed(session, scope, "event", event_id, "out-of-turn", now=now, after={"person": person_id})
    await session.flush()


async def by_names(
    session: AsyncSession, scope: Scope, names: Sequence[str], *, today: date
) -> tuple[list[int], list[str]]:
    """People of one's reach by full name as a list is typed; names that are nobody's or several people's."""
    if not scope.may(Right.events_enrol) and not scope.may(Right.events_mark):
        raise NotAllowed()
    keys = {folded(name): name.strip() for name in names if folded(name)}
    rows = await session.execute(
        select(Person.id, Person.sort)
        .outerjoin(
            Employment,
            (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(
            Person.sort.in_(keys),
            Person.state == PersonState.active,
            scope.where(
                Right.people_see,
                person=Person.id,
                organisation=Employment.organisation_id,
                municipality=Organisation.municipality_id,
                today=today,
            ),
        )
    )
    found: dict[str, set[int]] = {}
    for person_id, sort in rows:
        found.setdefault(sort, set()).add(person_id)
    ids = [next(iter(found[key])) for key in keys if len(found.get(key, ())) == 1]
    return ids, [name for key, name in keys.items() if len(found.get(key, ())) != 1]


async def has_certificates(session: AsyncSession, event_id: int) -> int:
    """How many certificates of an event stand."""
    rows = await session.scalars(
        select(Certificate.id).where(Certificate.event_id == event_id, Certificate.revoked_at.is_(None))
    )
    return len(rows.all())


async def title_of(session: AsyncSession, event_id: int) -> str:
    """The title, empty when there is no such event."""
    return await session.scalar(select(Event.title).where(Event.id == event_id)) or ""
