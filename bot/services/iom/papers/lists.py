"""The register of routes and the list that goes with an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotFound
from bot.i18n import Translator
from bot.models import (
    Employment,
    Iom,
    IomState,
    IomStep,
    Municipality,
    Organisation,
    Person,
    Position,
    StepState,
)
from bot.rules import iom_states
from bot.services.access import Right, Scope
from bot.services.documents import OrderLine, RegisterLine
from bot.services.iom import reach
from bot.services.iom.papers.signers import head_of_centre, initials

PORTION = 500


@dataclass(frozen=True, slots=True)
class RegisterFilters:
    """What the register is narrowed to; empty values narrow nothing. Days are those of the order."""

    state: IomState | None = None
    municipality_id: int | None = None
    methodist_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order with how many routes it approved; without a number, the routes that wait for one."""

    number: str
    on: date | None
    routes: int


@dataclass(frozen=True, slots=True)
class Annex:
    """The list of an order and who signs it."""

    lines: tuple[OrderLine, ...]
    number: str
    on: date | None
    head: str


async def register_size(session: AsyncSession, scope: Scope, filters: RegisterFilters, *, today: date) -> int:
    """How many routes the register would hold."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    ids = _within(here, filters, today)
    return int(await session.scalar(select(func.count()).select_from(ids.subquery())) or 0)


async def register(
    session: AsyncSession, scope: Scope, t: Translator, filters: RegisterFilters, *, zone: ZoneInfo, today: date
) -> list[RegisterLine]:
    """Routes within the scope, by number of the register; states and counts, no results."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    ids = list(await session.scalars(_within(here, filters, today)))
    found: list[RegisterLine] = []
    for start in range(0, len(ids), PORTION):
        found += await _register_lines(session, t, ids[start : start + PORTION], zone)
    return sorted(found, key=lambda line: (line.number == "", line.number, line.name))


async def orders(session: AsyncSession, scope: Scope, *, today: date, limit: int = 12) -> list[Order]:
    """The latest orders within the scope; first the agreed routes that wait for one, if there are any."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    ids = reach.within(select(Iom.id), here, Right.iom_see, today=today).distinct()
    waiting = await session.scalar(
        select(func.count()).select_from(Iom).where(Iom.state == IomState.agreed, Iom.id.in_(ids))
    )
    rows = await session.execute(
        select(Iom.order_no, Iom.order_date, func.count())
        .where(Iom.order_no != "", Iom.id.in_(ids))
        .group_by(Iom.order_no, Iom.order_date)
        .order_by(Iom.order_date.desc(), Iom.order_no)
        .limit(limit)
    )
    signed = [Order(number, on, count) for number, on, count in rows]
    return ([Order("", None, waiting)] if waiting else []) + signed


async def annex(session: AsyncSession, scope: Scope, number: str, on: date | None, *, today: date) -> Annex:
    """The routes of an order; without a number, those agreed by the teachers: a draft of the list."""
    here = await reach.scope_here(session, scope)
    here.require(Right.iom_see)
    wanted = and_(Iom.order_no == number, Iom.order_date == on) if number else Iom.state == IomState.agreed
    ids = reach.within(select(Iom.id), here, Right.iom_see, today=today).where(wanted).distinct()
    methodist, head = aliased(Person), aliased(Person)
    rows = (
        await session.execute(
            _placed(select(Iom, Person, Organisation, Municipality, methodist, head))
            .outerjoin(methodist, methodist.id == Iom.methodist_id)
            .outerjoin(head, head.id == Iom.approved_by_id)
            .where(Iom.id.in_(ids))
            .order_by(Person.sort, Iom.id)
        )
    ).all()
    if not rows:
        raise NotFound()
    lines = tuple(
        OrderLine(
            number=iom.reg_no or "",
            name=person.full_name,
            organisation=place.short_name if place else "—",
            municipality=town.name if town else "—",
            methodist=by.full_name if by else "—",
            starts=iom.starts_on,
            ends=iom.ends_on,
        )
        for iom, person, place, town, by, _ in rows
    )
    signed_by = next((initials(signer) for *_, signer in rows if signer is not None), "")
    return Annex(lines, number, on, signed_by or await head_of_centre(session, today))


# --- the register ------------------------------------------------------------------------------------


def _within(scope: Scope, filters: RegisterFilters, today: date) -> Select[Any]:
    statement = reach.within(select(Iom.id), scope, Right.iom_see, today=today).distinct()
    if filters.state is not None:
        statement = statement.where(Iom.state == filters.state)
    if filters.municipality_id is not None:
        statement = statement.where(Organisation.municipality_id == filters.municipality_id)
    if filters.methodist_id is not None:
        statement = statement.where(Iom.methodist_id == filters.methodist_id)
    if filters.since is not None:
        statement = statement.where(Iom.order_date >= filters.since)
    if filters.until is not None:
        statement = statement.where(Iom.order_date <= filters.until)
    return statement


def _placed(statement: Any) -> Any:
    """The teacher and her main place of work; a teacher without one keeps her line."""
    main = (
        select(func.min(Employment.id))
        .where(Employment.person_id == Iom.person_id, Employment.is_main, Employment.until.is_(None))
        .correlate(Iom)
        .scalar_subquery()
    )
    return (
        statement.select_from(Iom)
        .join(Person, Person.id == Iom.person_id)
        .outerjoin(Employment, Employment.id == main)
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
    )


async def _register_lines(
    session: AsyncSession, t: Translator, ids: Sequence[int], zone: ZoneInfo
) -> list[RegisterLine]:
    kept = IomStep.state.not_in(iom_states.GONE)
    counts = (
        select(
            IomStep.iom_id,
            func.sum(case((kept, 1), else_=0)).label("steps"),
            func.sum(case((kept, IomStep.hours), else_=0)).label("hours"),
            func.sum(case((IomStep.state == StepState.accepted, 1), else_=0)).label("accepted"),
        )
        .where(IomStep.iom_id.in_(ids))
        .group_by(IomStep.iom_id)
        .subquery()
    )
    methodist = aliased(Person)
    rows = await session.execute(
        _placed(
            select(
                Iom, Person, Employment.position_title, Position.title, Organisation.short_name, Municipality.name,
                methodist, counts.c.steps, counts.c.hours, counts.c.accepted,
            )
        )
        .outerjoin(Position, Position.slug == Employment.position_slug)
        .outerjoin(methodist, methodist.id == Iom.methodist_id)
        .outerjoin(counts, counts.c.iom_id == Iom.id)
        .where(Iom.id.in_(ids))
    )  # fmt: skip
    found: list[RegisterLine] = []
    for iom, person, own_title, post, place, town, by, steps, hours, accepted in rows:
        closed = iom.closed_at
        found.append(
            RegisterLine(
                number=iom.reg_no or "",
                name=person.full_name,
                position=own_title or post or "",
                organisation=place or "",
                municipality=town or "",
                methodist=by.full_name if by else "",
                basis=t(f"documents-basis.{iom.basis.value}"),
                starts=iom.starts_on,
                ends=iom.ends_on,
                order_number=iom.order_no,
                order_date=iom.order_date,
                lines=int(steps or 0),
                hours=int(hours or 0),
                accepted=int(accepted or 0),
                state=t(f"iom-state.{iom.state.value}"),
                closed_on=closed.astimezone(zone).date() if closed is not None else None,
                outcome=t(f"iom-state.{iom.state.value}") if closed is not None else "",
            )
        )
    return found
