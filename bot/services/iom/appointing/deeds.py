"""Appointing by order, undoing it, and what the people have to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Appointment,
    AppointmentKind,
    AppointmentMove,
    Change,
    Iom,
    MethodistAssignment,
    Person,
)
from bot.rules.iom_assignment import CAP
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.iom.appointing.lists import standing
from bot.services.iom.appointing.plans import Plan

PORTION = 400

QUIET = timedelta(minutes=15)
"""So long nobody is told: what is undone at once was never heard of."""

UNDO_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """What an appointment means today to the people in it; ``undone`` says that it is a correction."""

    appointment_id: int
    undone: bool
    # Teacher, her language, the methodist she has now (Имя Отчество, or empty).
    teachers: tuple[tuple[int, str, str], ...]
    # Methodist, her language, how many teachers came.
    methodists: tuple[tuple[int, str, int], ...]


async def appoint(
    session: AsyncSession,
    scope: Scope,
    plan: Plan,
    *,
    order_no: str,
    order_date: date | None,
    over_cap: bool = False,
    now: datetime,
    today: date,
) -> int:
    """Carry a plan out; the id of the appointment. All or none.

    UserError without an order, without anybody to move, above the cap unless the order says otherwise, and when
    somebody who leaves would keep teachers.
    """
    scope.require(Right.iom_assign)
    order_no = order_no.strip()[:64]
    if not order_no or order_date is None or order_date > today:
        raise UserError("iom-order-needed")
    if not plan.moves:
        raise UserError("iom-nobody-free" if plan.left else "iom-nobody-to-move", n=str(plan.left))
    if plan.leaving_id is not None and plan.left:
        raise UserError("iom-nobody-free", n=str(plan.left))
    for share in plan.shares:
        if share.after.over and not over_cap:
            raise UserError("iom-cap", cap=str(CAP), n=str(share.after.teachers))
    kind = AppointmentKind.leaving if plan.leaving_id is not None else AppointmentKind.rule
    made = Appointment(
        kind=kind,
        order_no=order_no,
        order_date=order_date,
        over_cap=over_cap and plan.over,
        leaving_id=plan.leaving_id,
        made_by_id=scope.person_id,
        made_at=now,
    )
    session.add(made)
    await session.flush()
    for start in range(0, len(plan.moves), PORTION):
        await _move(session, scope, made, plan, start, now=now, today=today)
    after = {"kind": kind.value, "teachers": len(plan.moves), "order": order_no, "over_cap": made.over_cap}
    audit.changed(session, scope, "appointment", made.id, "appointed", now=now, after=after)
    await session.flush()
    return made.id


async def _move(
    session: AsyncSession, scope: Scope, made: Appointment, plan: Plan, start: int, *, now: datetime, today: date
) -> None:
    """One portion: what was in force ends yesterday, the new begins today, open routes follow."""
    a = MethodistAssignment
    moves = plan.moves[start : start + PORTION]
    ids = [move.person_id for move in moves]
    old = list(await session.scalars(select(a).where(a.person_id.in_(ids), standing(today)).order_by(a.id)))
    taken: dict[int, list[tuple[int | None, date | None]]] = {}
    for row in old:
        taken.setdefault(row.person_id, []).append((row.id, row.until))
    await session.execute(update(a).where(a.id.in_([row.id for row in old])).values(until=today - timedelta(days=1)))
    given = [
        a(
            methodist_id=move.to_id,
            person_id=move.person_id,
            subject_slug=move.subject or None,
            order_no=made.order_no,
            order_date=made.order_date,
            since=today,
        )
        for move in moves
    ]
    session.add_all(given)
    await session.flush()
    rows: list[dict[str, object]] = []
    for row in given:
        for taken_id, until in taken.get(row.person_id) or [(None, None)]:
            rows.append(
                {
                    "appointment_id": made.id,
                    "person_id": row.person_id,
                    "given_id": row.id,
                    "taken_id": taken_id,
                    "taken_until": until,
                }
            )
    await session.execute(insert(AppointmentMove), rows)
    by_methodist: dict[int, list[int]] = {}
    for move in moves:
        by_methodist.setdefault(move.to_id, []).append(move.person_id)
    for methodist_id, chosen in by_methodist.items():
        await _routes_follow(session, chosen, methodist_id)
    session.add_all(
        Change(
            at=now, actor_id=scope.person_id, entity="person", entity_id=move.person_id, action="methodist",
            before={}, after={"methodist": move.to_id}, where="admin",
        )
        for move in moves
    )  # fmt: skip
    await session.flush()


async def undo(session: AsyncSession, scope: Scope, appointment_id: int, *, now: datetime, today: date) -> int:
    """Give everybody back whom no later order has moved; how many. UserError when it is too late or done already."""
    scope.require(Right.iom_assign)
    made = await session.get(Appointment, appointment_id, with_for_update=True)
    if made is None:
        raise NotFound()
    if made.undone_at is not None or made.made_at + UNDO_WITHIN < now:
        raise UserError("iom-undo-late")
    a, m = MethodistAssignment, AppointmentMove
    rows = (
        await session.execute(
            select(m, a.person_id)
            .join(a, a.id == m.given_id)
            .where(m.appointment_id == appointment_id, standing(today))
            .order_by(m.id)
        )
    ).all()
    people = sorted({person_id for _, person_id in rows})
    if not people:
        raise UserError("iom-undo-late")
    given = sorted({move.given_id for move, _ in rows})
    back: dict[int | None, list[int]] = {}
    for start in range(0, len(given), PORTION):
        portion = given[start : start + PORTION]
        # Begun and undone on one day: it was never in force, and no row says otherwise.
        await session.execute(update(a).where(a.id.in_(portion)).values(until=today - timedelta(days=1)))
    for move, _ in rows:
        if move.taken_id is not None:
            await session.execute(update(a).where(a.id == move.taken_id).values(until=move.taken_until))
    for start in range(0, len(people), PORTION):
        portion = people[start : start + PORTION]
        held = dict(
            (
                await session.execute(
                    select(a.person_id, a.methodist_id).where(a.person_id.in_(portion), standing(today)).order_by(a.id)
                )
            ).all()
        )
        for person_id in portion:
            back.setdefault(held.get(person_id), []).append(person_id)
    for methodist_id, chosen in back.items():
        await _routes_follow(session, chosen, methodist_id)
    made.undone_at = now
    # Nobody has heard of it yet: then there is nothing to take back.
    made.told_at = now if made.told_at is None else None
    after = {"teachers": len(people)}
    audit.changed(session, scope, "appointment", made.id, "undone", now=now, after=after)
    await session.flush()
    return len(people)


async def _routes_follow(session: AsyncSession, people: Sequence[int], methodist_id: int | None) -> None:
    for start in range(0, len(people), PORTION):
        portion = people[start : start + PORTION]
        await session.execute(
            update(Iom).where(Iom.person_id.in_(portion), Iom.closed_at.is_(None)).values(methodist_id=methodist_id)
        )


# --- telling -----------------------------------------------------------------------------------------


async def to_tell(session: AsyncSession, *, now: datetime, today: date) -> Told | None:
    """The oldest appointment whose people have not heard of it, and what is true of them today."""
    made = await session.scalar(
        select(Appointment)
        .where(Appointment.told_at.is_(None), Appointment.made_at <= now - QUIET)
        .order_by(Appointment.id)
        .limit(1)
    )
    if made is None:
        return None
    a, m = MethodistAssignment, AppointmentMove
    moved = select(m.person_id).where(m.appointment_id == made.id)
    names = {}
    for person_id, by in await session.execute(
        select(a.person_id, Person)
        .join(Person, Person.id == a.methodist_id)
        .where(a.person_id.in_(moved), standing(today))
        .order_by(a.id)
    ):
        names[person_id] = by.short_name
    teachers = await session.execute(
        select(Person.id, Person.locale)
        .where(Person.id.in_(moved), Person.registered_at.is_not(None))
        .order_by(Person.id)
    )
    came = await session.execute(
        select(Person.id, Person.locale, func.count(func.distinct(m.person_id)))
        .join(a, a.methodist_id == Person.id)
        .join(m, m.given_id == a.id)
        .where(m.appointment_id == made.id, Person.registered_at.is_not(None))
        .group_by(Person.id)
        .order_by(Person.id)
    )
    return Told(
        made.id,
        made.undone_at is not None,
        tuple((person_id, locale, names.get(person_id, "")) for person_id, locale in teachers),
        tuple((person_id, locale, count) for person_id, locale, count in came),
    )


async def told(session: AsyncSession, appointment_id: int, *, now: datetime) -> None:
    """It is in the outbox."""
    made = await session.get_one(Appointment, appointment_id)
    made.told_at = now
    await session.flush()
