"""The methodist composes: variants beside each other, one of them taken, an empty route begun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Activity, ActivityKind, Iom, IomBasis, IomState
from bot.rules import iom_draft
from bot.rules.iom_draft import VARIANTS
from bot.services import audit, people
from bot.services.access import Right, Scope
from bot.services.iom import drafting, moving, reach

THEIRS = {
    "iom-no-diagnosis": "iom-their-no-diagnosis",
    "iom-no-needs": "iom-their-no-needs",
    "iom-nothing-fits": "iom-their-nothing-fits",
}


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A line of a variant that is not written yet."""

    title: str
    kind: ActivityKind
    hours: int
    due: date
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the three: its lines, the deficits it works on and those it leaves."""

    name: str
    hours: int
    ends: date
    lines: tuple[VariantLine, ...]
    covered: tuple[str, ...]
    left: tuple[str, ...]


async def compare(session: AsyncSession, scope: Scope, person_id: int, *, now: datetime, today: date) -> list[Variant]:
    """The three variants for a teacher; they speak of her deficits, so the look is recorded.

    UserError without a counted diagnosis, or with nothing to work on.
    """
    here = await reach.scope_here(session, scope)
    await people.require(session, here, Right.iom_edit, person_id, today=today)
    await audit.viewed(session, here, person_id, "iom", right=Right.iom_edit, now=now)
    with _of_another():
        result, needs = await drafting.needs_of(session, person_id)
    slugs = {group.id: group.slug for group in result.content.groups}
    titles = {slugs[group.group_id]: group.title for group in result.groups}
    offers = await drafting.offers_for(session, person_id, today=today)
    found = drafting.plans(needs, offers, today)
    ids = {line.offer_id for plan in found.values() for line in plan.lines}
    rows = {row.id: row for row in await session.scalars(select(Activity).where(Activity.id.in_(ids)))}
    return [
        Variant(
            name=name,
            hours=sum(rows[line.offer_id].hours for line in plan.lines),
            ends=iom_draft.end_of(today, VARIANTS[name].months),
            lines=tuple(
                VariantLine(row.title, row.kind, row.hours, line.due, line.mandatory)
                for line in plan.lines
                for row in (rows[line.offer_id],)
            ),
            covered=tuple(titles[need.group] for need in needs if need.group not in plan.uncovered),
            left=tuple(titles[group] for group in plan.uncovered),
        )
        for name, plan in found.items()
    ]


async def make_for(
    session: AsyncSession, scope: Scope, person_id: int, variant: str, *, now: datetime, today: date
) -> int:
    """Take a variant for a teacher: her draft, unsent or asked for, is filled anew. The id of the route.

    Nothing begins without her agreement: the route waits with the methodist until it is offered.
    """
    if variant not in VARIANTS:
        raise NotFound()
    iom = await _draft_of(session, scope, person_id, today=today)
    wish = iom.remark if iom is not None and iom.basis is IomBasis.request else ""
    with _of_another():
        iom = await drafting.fill(session, person_id, iom, variant, now=now, today=today)
    if wish:
        await moving.set_goal(session, iom, wish)
    return await _taken(session, scope, iom, now=now, after={"variant": variant})


async def begin(session: AsyncSession, scope: Scope, person_id: int, *, now: datetime, today: date) -> int:
    """A route without a diagnosis, line by line from the catalogue; an open draft is kept as it is."""
    iom = await _draft_of(session, scope, person_id, today=today)
    if iom is None:
        iom = await drafting.begin(session, person_id, IomBasis.request, now=now, today=today)
    return await _taken(session, scope, iom, now=now, after={"variant": ""})


@contextmanager
def _of_another() -> Iterator[None]:
    """What a draft says to the teacher herself, said of her to the methodist."""
    try:
        yield
    except UserError as error:
        if error.key not in THEIRS:
            raise
        raise UserError(THEIRS[error.key]) from error


async def _draft_of(session: AsyncSession, scope: Scope, person_id: int, *, today: date) -> Iom | None:
    """The draft that may be written over. UserError when a route is under way already."""
    here = await reach.scope_here(session, scope)
    await people.require(session, here, Right.iom_edit, person_id, today=today)
    iom = await session.scalar(select(Iom).where(Iom.person_id == person_id, Iom.closed_at.is_(None)).with_for_update())
    if iom is not None and iom.state is not IomState.draft:
        raise UserError("iom-already-open")
    return iom


async def _taken(session: AsyncSession, scope: Scope, iom: Iom, *, now: datetime, after: dict[str, str]) -> int:
    # It waits for the methodist, and the teacher has agreed to nothing yet.
    iom.agreed_at, iom.agreed_steps = now, []
    if iom.methodist_id is None:
        iom.methodist_id = scope.person_id
    await session.flush()
    audit.changed(session, scope, "iom", iom.id, "drafted", now=now, after=after)
    return iom.id
