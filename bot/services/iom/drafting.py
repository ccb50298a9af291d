"""From the result of a diagnosis to a draft, its reasons, other choices for a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    Employment,
    EmploymentSubject,
    Iom,
    IomBasis,
    IomDeficit,
    IomGoal,
    IomState,
    IomStep,
    MethodistAssignment,
)
from bot.rules import iom_draft, iom_states
from bot.rules.iom_draft import VARIANTS, Need, Offer, Plan
from bot.services import catalogue, diagnostics
from bot.services.diagnostics import Result
from bot.services.diagnostics.taking import audience_of
from bot.services.iom import moving
from bot.services.iom.views import Route, load

REQUEST = 1000
"""Characters of a request or a remark."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Another activity for a step."""

    activity_id: int
    title: str
    hours: int
    due: date


@dataclass(frozen=True, slots=True)
class Why:
    """The answer, the statement and the group a step comes from; empty where nobody answered."""

    answer: str
    item: str
    group: str


async def variants(session: AsyncSession, person_id: int, *, today: date) -> dict[str, int]:
    """Hours of each variant. UserError without a counted diagnosis, or with nothing to work on."""
    await _free(session, person_id)
    _, needs = await needs_of(session, person_id)
    offers = await _offers(session, person_id, today=today)
    return {
        name: sum(_by_id(offers)[line.offer_id].hours for line in plan.lines)
        for name, plan in _plans(needs, offers, today).items()
    }


async def make(session: AsyncSession, person_id: int, variant: str, *, now: datetime, today: date) -> Route:
    """Write the draft; an unsent draft or a request is filled anew."""
    if variant not in VARIANTS:
        raise NotFound()
    iom = await _free(session, person_id)
    result, needs = await needs_of(session, person_id)
    offers = await _offers(session, person_id, today=today)
    budget = VARIANTS[variant]
    plan = iom_draft.plan(needs, offers, budget=budget, start=today)
    if not plan.lines:
        raise UserError("iom-nothing-fits", buttons=(("iom-none.ask", "iom:ask"),))
    if iom is None:
        iom = await begin(session, person_id, IomBasis.diagnosis, now=now, today=today)
    for table in (IomStep, IomGoal, IomDeficit):
        await session.execute(delete(table).where(table.iom_id == iom.id))
    await write(session, iom, variant, result, needs, plan, today=today)
    route = await load(session, iom.id)
    assert route is not None
    return route


async def request(session: AsyncSession, person_id: int, words: str, *, now: datetime, today: date) -> None:
    """Ask the methodist for a route; saying it again replaces the words."""
    iom = await _free(session, person_id)
    if iom is None:
        iom = await begin(session, person_id, IomBasis.request, now=now, today=today)
    iom.remark = words.strip()[:REQUEST]
    # A request waits for the methodist as an agreed draft does.
    iom.agreed_at = now
    await session.flush()


async def why(session: AsyncSession, person_id: int, step_id: int) -> Why:
    """Answer → deficit → activity, for the person herself."""
    iom, step = await moving.own_step(session, person_id, step_id, lock=False)
    titles = await session.scalars(
        select(IomDeficit.title)
        .where(IomDeficit.iom_id == iom.id, IomDeficit.group_slug.in_(step.groups))
        .order_by(IomDeficit.pct)
    )
    group = titles.first() or ""
    if iom.attempt_id is None:
        return Why("", "", group)
    result = await diagnostics.own_result(session, person_id, iom.attempt_id)
    point = next((growth for growth in result.growth if growth.item_id in step.reasons), None)
    return Why(point.answer, point.text, point.group) if point else Why("", "", group)


async def choices(session: AsyncSession, iom: Iom, step: IomStep, *, today: date, limit: int = 5) -> list[Choice]:
    """Activities that would do instead: for the same groups, free, in time, not in the route yet."""
    steps = await moving.steps_of(session, iom.id)
    held = {one.activity_id for one in steps}
    found: list[tuple[tuple[object, ...], Offer, date]] = []
    known = _by_id(await _offers(session, iom.person_id, today=today))
    others = [known[one.activity_id] for one in steps if one.id != step.id and one.activity_id in known]
    for offer in known.values():
        shared = set(offer.groups) & set(step.groups) if step.groups else {""}
        due = offer.ends or offer.starts or max(step.due_on, today)
        if offer.id in held or not shared or offer.seats_left == 0 or due > iom.ends_on:
            continue
        if not set(offer.requires) <= held or any(iom_draft.clash(offer, other) for other in others):
            continue
        key = (-len(shared), offer.kind != step.kind.value, abs(offer.hours - step.hours), offer.id)
        found.append((key, offer, due))
    best = sorted(found, key=lambda one: one[0])[:limit]
    titles = await _titles(session, [offer.id for _, offer, _ in best])
    return [Choice(offer.id, titles[offer.id], offer.hours, due) for _, offer, due in best]


async def choices_for(session: AsyncSession, person_id: int, step_id: int, *, today: date) -> list[Choice]:
    """The same for a step of one's own route."""
    iom, step = await moving.own_step(session, person_id, step_id, lock=False)
    return await choices(session, iom, step, today=today)


async def replace(
    session: AsyncSession, person_id: int, step_id: int, activity_id: int, *, now: datetime, today: date
) -> None:
    """The teacher takes another activity for a step of her own draft."""
    iom, step = await moving.own_step(session, person_id, step_id)
    _own_draft(iom)
    if activity_id not in {choice.activity_id for choice in await choices(session, iom, step, today=today, limit=99)}:
        raise UserError("iom-choice-gone", buttons=moving.OPEN)
    await put(session, iom, step, activity_id, today=today)


async def remove(session: AsyncSession, person_id: int, step_id: int) -> None:
    """The teacher leaves a step of her own draft out; what needs it goes only by itself."""
    iom, step = await moving.own_step(session, person_id, step_id)
    _own_draft(iom)
    if len(await moving.steps_of(session, iom.id)) == 1:
        raise UserError("iom-last-step", buttons=moving.OPEN)
    await session.delete(step)
    await session.flush()


async def put(session: AsyncSession, iom: Iom, step: IomStep, activity_id: int, *, today: date) -> None:
    """Write an activity over a step that nobody has approved yet."""
    activity = await session.get(Activity, activity_id)
    if activity is None or not activity.active:
        raise UserError("iom-choice-gone", buttons=moving.OPEN)
    step.activity_id, step.kind, step.title = activity.id, activity.kind, activity.title
    step.form, step.hours = activity.form, activity.hours
    step.due_on = activity.ends_on or activity.starts_on or max(step.due_on, today)
    await session.flush()


# --- parts, also of drafts for many at once -----------------------------------------------------------


def _own_draft(iom: Iom) -> None:
    if iom.state is not IomState.draft or iom.agreed_at is not None:
        raise UserError("iom-moved-on", buttons=moving.OPEN)


async def _free(session: AsyncSession, person_id: int) -> Iom | None:
    """The draft that may be filled anew; UserError when a route is under way."""
    iom = await session.scalar(select(Iom).where(Iom.person_id == person_id, Iom.closed_at.is_(None)))
    if iom is not None and (iom.state is not IomState.draft or (iom.agreed_at and iom.basis is not IomBasis.request)):
        raise UserError("iom-already", buttons=moving.OPEN)
    return iom


async def begin(session: AsyncSession, person_id: int, basis: IomBasis, *, now: datetime, today: date) -> Iom:
    """An empty draft with the methodist of the day."""
    a = MethodistAssignment
    methodist_id = await session.scalar(
        select(a.methodist_id)
        .where(a.person_id == person_id, a.since <= today, (a.until.is_(None)) | (a.until >= today))
        .order_by(a.since.desc(), a.id.desc())
        .limit(1)
    )
    iom = Iom(
        person_id=person_id,
        methodist_id=methodist_id,
        basis=basis,
        starts_on=today,
        ends_on=iom_draft.end_of(today, VARIANTS["usual"].months),
        created_at=now,
    )
    session.add(iom)
    await session.flush()
    return iom


async def needs_of(session: AsyncSession, person_id: int) -> tuple[Result, list[Need]]:
    """Deficits of the newest counted result, the deepest the heaviest."""
    result = await diagnostics.latest(session, person_id, counted_only=True)
    if result is None:
        raise UserError("iom-no-diagnosis", buttons=(("menu-sections.diagnostics", "diagnostics:home"),))
    needs: list[Need] = []
    for group in result.content.groups:
        found = next(one for one in result.groups if one.group_id == group.id)
        if found.is_deficit and found.pct is not None:
            reasons = tuple(p.item_id for p in result.growth if p.item_id in set(group.item_ids))
            needs.append(Need(group.slug, 101 - found.pct, reasons))
    if not needs:
        raise UserError("iom-no-needs", buttons=(("iom-none.ask", "iom:ask"),))
    return result, needs


async def _offers(session: AsyncSession, person_id: int, *, today: date) -> list[Offer]:
    return await catalogue.offers(
        session,
        today=today,
        audience=await audience_of(session, person_id),
        subjects=await subjects_of(session, person_id),
        taken=await seats_taken(session),
    )


async def subjects_of(session: AsyncSession, person_id: int) -> frozenset[str]:
    """What a person teaches."""
    return frozenset(
        await session.scalars(
            select(EmploymentSubject.subject_slug)
            .join(Employment, Employment.id == EmploymentSubject.employment_id)
            .where(Employment.person_id == person_id, Employment.until.is_(None))
        )
    )


async def seats_taken(session: AsyncSession) -> dict[int, int]:
    """Seats that routes hold: only activities with a number of seats are counted."""
    rows = await session.execute(
        select(IomStep.activity_id, func.count())
        .join(Activity, Activity.id == IomStep.activity_id)
        .join(Iom, Iom.id == IomStep.iom_id)
        .where(Activity.seats.is_not(None), Iom.closed_at.is_(None), IomStep.state.not_in(iom_states.GONE))
        .group_by(IomStep.activity_id)
    )
    return {number: count for number, count in rows if number is not None}


def _plans(needs: Sequence[Need], offers: Sequence[Offer], today: date) -> dict[str, Plan]:
    return {name: iom_draft.plan(needs, offers, budget=budget, start=today) for name, budget in VARIANTS.items()}


def _by_id(offers: Sequence[Offer]) -> dict[int, Offer]:
    return {offer.id: offer for offer in offers}


async def _titles(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(ids)))
    return {row.id: row.title for row in rows}


async def write(
    session: AsyncSession,
    iom: Iom,
    variant: str,
    result: Result,
    needs: Sequence[Need],
    plan: Plan,
    *,
    today: date,
) -> None:
    """Put a plan into an empty draft: deficits, tasks, steps with their reasons."""
    iom.variant, iom.attempt_id, iom.basis = variant, result.attempt_id, IomBasis.diagnosis
    iom.starts_on, iom.ends_on = today, iom_draft.end_of(today, VARIANTS[variant].months)
    iom.agreed_at, iom.agreed_steps = None, []
    slugs = {group.id: group.slug for group in result.content.groups}
    wanted = {need.group for need in needs}
    goals: dict[str, IomGoal] = {}
    for place, found in enumerate(result.groups):
        slug = slugs[found.group_id]
        if slug not in wanted:
            continue
        session.add(
            IomDeficit(
                iom_id=iom.id, group_slug=slug, title=found.title, pct=found.pct, sem=found.sem, level=found.level
            )
        )
        # Titles are the methodist's to word; until then the group itself is the task.
        goals[slug] = IomGoal(iom_id=iom.id, group_slug=slug, text=found.title, place=place)
        session.add(goals[slug])
    await session.flush()
    ids = [line.offer_id for line in plan.lines]
    rows = {row.id: row for row in await session.scalars(select(Activity).where(Activity.id.in_(ids)))}
    reasons = plan.reasons(needs)
    for place, line in enumerate(plan.lines):
        row = rows[line.offer_id]
        goal = next((goals[group] for group in line.groups if group in goals), None)
        session.add(
            IomStep(
                iom_id=iom.id,
                goal_id=goal.id if goal else None,
                activity_id=row.id,
                place=place,
                kind=row.kind,
                title=row.title,
                form=row.form,
                hours=row.hours,
                due_on=line.due,
                mandatory=line.mandatory,
                groups=list(line.groups),
                reasons=list(reasons[line.offer_id]),
            )
        )
    await session.flush()
