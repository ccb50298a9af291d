"""«Профессионалы в действии»: a methodist opens slots, a teacher takes one; never two people in one slot.

A slot is taken under its lock (the writer of SQLite, the row of PostgreSQL), a person's own bookings under hers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotFound, UserError
from bot.models import ActivityKind, FactKind, MessageClass, Person, PersonState, SlotState, TutorialSlot
from bot.rules import tutorials as rules
from bot.services import audit, facts, iom, outbox
from bot.services.access import Right, Scope
from bot.ui.screen import Screen

SOURCE = "tutorial"
PAGE = 3
AHEAD = 2
"""Talks one person may have booked at a time: the others are for colleagues."""

BOOKED, DAY, HOUR, GONE = 1, 2, 3, 9
"""How far the messages about a slot have gone."""

PORTION = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot with the names of both, where there are two."""

    id: int
    starts_at: datetime
    minutes: int
    place: str
    state: SlotState
    methodist_id: int
    methodist: str
    person_id: int | None
    person: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something to be said: to whom, of which slot, what.

    ``booked``, ``day``, ``hour``, ``gone``; ``left``: the methodist hears that her slot is free again; ``closed``:
    that the centre has taken it back; ``freed``: the teacher hears that the centre has taken her booking off.
    """

    person_id: int
    locale: str
    slot: Slot
    what: str


Speak = Callable[[Told], Screen]
"""Words for what is to be said; they belong to the caller."""


async def free(
    session: AsyncSession, person_id: int, *, number: int = 0, size: int = PAGE, now: datetime
) -> tuple[list[Slot], int]:
    """A page of free slots, the nearest first, and how many there are."""
    statement = _slots().where(
        TutorialSlot.state == SlotState.free,
        TutorialSlot.starts_at > now,
        TutorialSlot.methodist_id != person_id,
    )
    total = await session.scalar(
        select(func.count()).where(
            TutorialSlot.state == SlotState.free,
            TutorialSlot.starts_at > now,
            TutorialSlot.methodist_id != person_id,
        )
    )
    rows = await session.execute(
        statement.order_by(TutorialSlot.starts_at, TutorialSlot.id).limit(size).offset(number * size)
    )
    return [_slot(*row) for row in rows], total or 0


async def mine(session: AsyncSession, person_id: int, *, now: datetime) -> list[Slot]:
    """What she has booked and is still ahead (or goes on)."""
    rows = await session.execute(
        _slots()
        .where(
            TutorialSlot.person_id == person_id,
            TutorialSlot.state == SlotState.booked,
            TutorialSlot.starts_at > now - timedelta(hours=1),
        )
        .order_by(TutorialSlot.starts_at)
    )
    return [_slot(*row) for row in rows]


async def book(session: AsyncSession, person_id: int, slot_id: int, *, now: datetime) -> Slot:
    """Hers; pressed twice it stays hers. UserError when somebody was faster or she has talks enough."""
    # Her own row first: two presses of one person take their turns, whatever slots they are for.
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    row = await _locked(session, slot_id)
    if row.state is SlotState.booked and row.person_id == person_id:
        return await _one(session, slot_id)
    if row.state is not SlotState.free or row.starts_at <= now or row.methodist_id == person_id:
        raise UserError("tutorials-taken", buttons=OTHERS)
    ahead = await mine(session, person_id, now=now)
    if len(ahead) >= AHEAD:
        raise UserError("tutorials-enough", buttons=OTHERS, n=AHEAD)
    ends = row.starts_at + timedelta(minutes=row.minutes)
    for other in ahead:
        if other.starts_at < ends and row.starts_at < other.starts_at + timedelta(minutes=other.minutes):
            raise UserError("tutorials-clash", buttons=OTHERS)
    row.state, row.person_id, row.booked_at, row.reminded = SlotState.booked, person_id, now, 0
    await session.flush()
    return await _one(session, slot_id)


async def give_up(session: AsyncSession, person_id: int, slot_id: int, *, now: datetime) -> Told | None:
    """Her slot is free again; what the methodist hears, if she has heard of the booking. Too late once it has begun."""
    row = await _locked(session, slot_id)
    if row.state is not SlotState.booked or row.person_id != person_id or row.starts_at <= now:
        raise NotFound()
    return await _free(session, row)


# --- methodists --------------------------------------------------------------------------------------


async def open_window(
    session: AsyncSession,
    scope: Scope,
    text: str,
    *,
    place: str = "",
    now: datetime,
    zone: ZoneInfo,
) -> list[datetime]:
    """«28.11 15:00–17:00»: half hours of one's own; what overlaps an open slot is left out. The new ones."""
    scope.require(Right.programmes_run)
    person_id = _self(scope)
    read = rules.window(text, today=now.astimezone(zone).date(), zone=zone)
    if read is None:
        raise UserError("tutorials-wrong-window")
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    length = timedelta(minutes=rules.MINUTES)
    known = list(
        await session.scalars(
            select(TutorialSlot.starts_at).where(
                TutorialSlot.methodist_id == person_id,
                TutorialSlot.state != SlotState.cancelled,
                TutorialSlot.starts_at > read[0] - length,
                TutorialSlot.starts_at < read[1],
            )
        )
    )
    # A slot taken back may be opened anew: the row is used again.
    gone = {
        row.starts_at: row
        for row in await session.scalars(
            select(TutorialSlot).where(
                TutorialSlot.methodist_id == person_id,
                TutorialSlot.state == SlotState.cancelled,
                TutorialSlot.starts_at >= read[0],
                TutorialSlot.starts_at < read[1],
            )
        )
    }
    new = [
        one
        for one in rules.slots(*read)
        if one > now and not any(one < other + length and other < one + length for other in known)
    ]
    for moment in new:
        row = gone.get(moment)
        if row is None:
            row = TutorialSlot(methodist_id=person_id, starts_at=moment, created_at=now, minutes=rules.MINUTES)
            session.add(row)
        row.state, row.person_id, row.booked_at, row.reminded = SlotState.free, None, None, 0
        row.place = place[:255]
    if not new:
        raise UserError("tutorials-nothing-new")
    audit.changed(session, scope, SOURCE, person_id, "opened", now=now, after={"slots": len(new)})
    await session.flush()
    return new


async def own(
    session: AsyncSession, scope: Scope, *, number: int = 0, size: int = 5, now: datetime
) -> tuple[list[Slot], int]:
    """A methodist's slots: those that wait for a mark first, then what is ahead."""
    scope.require(Right.programmes_run)
    where = (
        TutorialSlot.methodist_id == _self(scope),
        or_(
            TutorialSlot.state == SlotState.booked,
            (TutorialSlot.state == SlotState.free) & (TutorialSlot.starts_at > now),
        ),
    )
    total = await session.scalar(select(func.count()).where(*where))
    rows = await session.execute(
        _slots().where(*where).order_by(TutorialSlot.starts_at, TutorialSlot.id).limit(size).offset(number * size)
    )
    return [_slot(*row) for row in rows], total or 0


async def one_of(session: AsyncSession, scope: Scope, slot_id: int) -> Slot:
    """A slot of one's own."""
    scope.require(Right.programmes_run)
    found = await _one(session, slot_id)
    if found.methodist_id != scope.person_id:
        raise NotFound()
    return found


async def close(session: AsyncSession, scope: Scope, slot_id: int, *, now: datetime) -> Slot:
    """A slot taken back by the methodist; who had booked it is told."""
    await one_of(session, scope, slot_id)
    return await _cancel(session, scope, slot_id, now=now)


async def cancel(session: AsyncSession, scope: Scope, slot_id: int, *, now: datetime) -> list[Told]:
    """A slot taken back by the centre (or by its methodist); what its methodist hears. ``due`` tells the teacher."""
    await _reached(session, scope, slot_id)
    found = await _cancel(session, scope, slot_id, now=now)
    if found.methodist_id == scope.person_id:
        return []
    return [Told(found.methodist_id, await _locale(session, found.methodist_id), found, "closed")]


async def release(session: AsyncSession, scope: Scope, slot_id: int, *, now: datetime) -> list[Told]:
    """A booking taken off by the centre: the slot is free again; what both hear."""
    found = await _reached(session, scope, slot_id)
    row = await _locked(session, slot_id)
    if row.state is not SlotState.booked or row.person_id is None or row.starts_at <= now:
        raise UserError("tutorials-late")
    told = [Told(row.person_id, await _locale(session, row.person_id), found, "freed")]
    left = await _free(session, row)
    if left is not None and found.methodist_id != scope.person_id:
        told.append(left)
    audit.changed(session, scope, SOURCE, slot_id, "released", now=now)
    return told


async def listing(
    session: AsyncSession,
    scope: Scope,
    *,
    state: SlotState | None = None,
    past: bool = False,
    number: int = 0,
    size: int = 20,
    now: datetime,
) -> tuple[list[Slot], int]:
    """A page of slots with their number: all of the centre's, or a methodist's own."""
    scope.require(Right.programmes_run)
    where = [TutorialSlot.starts_at <= now if past else TutorialSlot.starts_at > now]
    if not scope.may(Right.programmes_edit):
        where.append(TutorialSlot.methodist_id == _self(scope))
    if state is not None:
        where.append(TutorialSlot.state == state)
    statement = _slots().where(*where)
    total = await session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = TutorialSlot.starts_at.desc() if past else TutorialSlot.starts_at
    rows = await session.execute(statement.order_by(order, TutorialSlot.id).limit(size).offset(number * size))
    return [_slot(*row) for row in rows], total


async def mark(session: AsyncSession, scope: Scope, slot_id: int, *, came: bool, now: datetime, zone: ZoneInfo) -> Slot:
    """It took place, or she did not come. A talk that was is a fact and closes a consultation of the ИОМ."""
    await one_of(session, scope, slot_id)
    row = await _locked(session, slot_id)
    if row.state is not SlotState.booked or row.person_id is None or row.starts_at > now:
        raise UserError("tutorials-not-yet")
    row.state = SlotState.held if came else SlotState.missed
    audit.changed(session, scope, SOURCE, slot_id, row.state.value, now=now)
    await session.flush()
    if came:
        on: date = row.starts_at.astimezone(zone).date()
        await facts.add(
            session, row.person_id, FactKind.consulted, occurred_on=on, source=(SOURCE, row.id), now=now,
            evidence={"kind": SOURCE},
        )  # fmt: skip
        await iom.close_by(session, row.person_id, iom.Source(SOURCE, row.id, on, kind=ActivityKind.consult), now=now)
    return await _one(session, slot_id)


# --- what is to be said ------------------------------------------------------------------------------


async def due(session: AsyncSession, *, now: datetime) -> list[Told]:
    """Messages whose time has come; marked as said in the same transaction."""
    s = TutorialSlot
    booked = s.state == SlotState.booked
    rows = (
        await session.execute(
            _slots()
            .where(
                s.starts_at > now,
                s.person_id.is_not(None),
                or_(
                    booked & (s.reminded < BOOKED),
                    booked & (s.reminded < DAY) & (s.starts_at <= now + timedelta(days=1)),
                    booked & (s.reminded < HOUR) & (s.starts_at <= now + timedelta(hours=1)),
                    (s.state == SlotState.cancelled) & (s.reminded < GONE),
                ),
            )
            .order_by(s.id)
            .limit(PORTION)
        )
    ).all()
    told = []
    for row, methodist, person in rows:
        slot = _slot(row, methodist, person)
        to, what = person, ""
        if row.state is SlotState.cancelled:
            row.reminded, what = GONE, "gone"
        elif row.reminded < BOOKED:
            row.reminded, what, to = BOOKED, "booked", methodist
        elif row.starts_at <= now + timedelta(hours=1):
            row.reminded, what = HOUR, "hour"
        else:
            row.reminded, what = DAY, "day"
        told.append(Told(to.id, to.locale, slot, what))
    await session.flush()
    return told


async def tell(session: AsyncSession, told: Sequence[Told], speak: Speak, *, now: datetime) -> None:
    """Queue what people hear at once, in the transaction that changed the slot."""
    for one in told:
        await outbox.say(
            session, one.person_id, speak(one),
            message_class=MessageClass.for_you if one.what == "freed" else MessageClass.staff, kind="tutorial",
            dedupe=f"tutorial:{one.slot.id}:{one.what}:{one.person_id}:{int(now.timestamp())}", now=now,
            expires_at=one.slot.starts_at,
        )  # fmt: skip


# --- inside ------------------------------------------------------------------------------------------

OTHERS = (("tutorials-home.others", "tutorials:home"), ("button-menu", "menu:home"))
_methodist, _person = aliased(Person), aliased(Person)


def _slots() -> Select[TutorialSlot, Person, Person]:
    return (
        select(TutorialSlot, _methodist, _person)
        .join(_methodist, _methodist.id == TutorialSlot.methodist_id)
        .outerjoin(_person, _person.id == TutorialSlot.person_id)
        .where(_methodist.state == PersonState.active)
    )


def _slot(row: TutorialSlot, methodist: Person, person: Person | None) -> Slot:
    return Slot(
        row.id, row.starts_at, row.minutes, row.place, row.state, row.methodist_id, methodist.full_name, row.person_id,
        person.full_name if person else "",
    )  # fmt: skip


async def _reached(session: AsyncSession, scope: Scope, slot_id: int) -> Slot:
    """A slot the scope may change: any for the centre, one's own for a methodist."""
    scope.require(Right.programmes_run)
    found = await _one(session, slot_id)
    if found.methodist_id != scope.person_id and not scope.may(Right.programmes_edit):
        raise NotFound()
    return found


async def _cancel(session: AsyncSession, scope: Scope, slot_id: int, *, now: datetime) -> Slot:
    row = await _locked(session, slot_id)
    if row.state not in (SlotState.free, SlotState.booked) or row.starts_at <= now:
        raise UserError("tutorials-late")
    row.state = SlotState.cancelled
    audit.changed(session, scope, SOURCE, slot_id, "cancelled", now=now)
    await session.flush()
    return await _one(session, slot_id)


async def _free(session: AsyncSession, row: TutorialSlot) -> Told | None:
    """Nobody's again; what the methodist hears, when she has heard of the booking."""
    told = None
    if row.reminded >= BOOKED:
        told = Told(
            row.methodist_id, await _locale(session, row.methodist_id), await _one(session, row.id), "left"
        )  # fmt: skip
    row.state, row.person_id, row.booked_at, row.reminded = SlotState.free, None, None, 0
    await session.flush()
    return told


async def _locale(session: AsyncSession, person_id: int) -> str:
    return (await session.get_one(Person, person_id)).locale


async def _one(session: AsyncSession, slot_id: int) -> Slot:
    found: Sequence[object] | None = (await session.execute(_slots().where(TutorialSlot.id == slot_id))).one_or_none()
    if found is None:
        raise NotFound()
    return _slot(*found)  # type: ignore[arg-type]


async def _locked(session: AsyncSession, slot_id: int) -> TutorialSlot:
    row = await session.scalar(
        select(TutorialSlot)
        .where(TutorialSlot.id == slot_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound()
    return row


def _self(scope: Scope) -> int:
    if scope.person_id is None:
        raise NotFound()
    return scope.person_id
