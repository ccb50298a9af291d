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
    ActivityGroup,
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
    offers = await offers_for(session, person_id, today=today)
    return {
        name: sum(_by_id(offers)[line.offer_id].hours for line in plan.lines)
        for name, plan in plans(needs, offers, today).items()
    }


async def make(session: AsyncSession, person_id: int, variant: str, *, now: datetime, today: date) -> Route:
    """Write the draft; an unsent draft or a request is filled anew."""
    if variant not in VARIANTS:
        raise NotFound()
    iom = await fill(session, person_id, await _free(session, person_id), variant, now=now, today=today)
    iom.agreed_at, iom.agreed_steps = None, []
    route = await load(session, iom.id)
    assert route is not None
    return route


async def fill(
    session: AsyncSession, person_id: int, iom: Iom | None, variant: str, *, now: datetime, today: date
) -> Iom:
    """Plan a variant and write it over whatever the draft held."""
    result, needs = await needs_of(session, person_id)
    offers = await offers_for(session, person_id, today=today)
    budget = VARIANTS[variant]
    plan = iom_draft.plan(needs, offers, budget=budget, start=today)
    if not plan.lines:
        raise UserError("iom-nothing-fits", buttons=(("iom-none.ask", "iom:ask"),))
    if iom is None:
        iom = await begin(session, person_id, IomBasis.diagnosis, now=now, today=today)
    for table in (IomStep, IomGoal, IomDeficit):
        await session.execute(delete(table).where(table.iom_id == iom.id))
    await write(session, iom, variant, result, needs, plan, today=today)
    return iom


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


async def choices(
    session: AsyncSession, iom: Iom, step: IomStep | None, *, today: date, limit: int = 5
) -> list[Choice]:
    """Activities that would do instead (or, without a step, one more): for the same groups, free, in time, not held."""
    steps = await moving.steps_of(session, iom.id)
    held = {one.activity_id for one in steps}
    wanted = set(step.groups) if step is not None else await _groups_of(session, iom.id)
    found: list[tuple[tuple[object, ...], Offer, date]] = []
    known = _by_id(await offers_for(session, iom.person_id, today=today))
    others = [known[one.activity_id] for one in steps if one is not step and one.activity_id in known]
    for offer in known.values():
        shared = set(offer.groups) & wanted if wanted else {""}
        due = offer.ends or offer.starts or max(step.due_on if step is not None else iom.ends_on, today)
        if offer.id in held or not shared or offer.seats_left == 0 or due > iom.ends_on:
            continue
        if not set(offer.requires) <= held or any(iom_draft.clash(offer, other) for other in others):
            continue
        near = (offer.kind != step.kind.value, abs(offer.hours - step.hours)) if step is not None else (False, 0)
        key = (-len(shared), *near, offer.id)
        found.append((key, offer, due))
    best = sorted(found, key=lambda one: one[0])[:limit]
    titles = await _titles(session, [offer.id for _, offer, _ in best])
    return [Choice(offer.id, titles[offer.id], offer.hours, due) for _, offer, due in best]


async def choices_for(session: AsyncSession, person_id: int, step_id: int, *, today: date) -> list[Choice]:
    """The same for a step of one's own route."""
    iom, step = await moving.own_step(session, person_id, step_id, lock=False)
    return await choices(session, iom, step, today=today)


async def fitting(session: AsyncSession, iom_id: int, step_id: int | None, *, today: date, limit: int) -> list[Choice]:
    """The same for the methodist: instead of a step, or (without one) what else would suit the route."""
    iom = await session.get_one(Iom, iom_id)
    step = await moving.step_of(session, iom, step_id) if step_id is not None else None
    return await choices(session, iom, step, today=today, limit=limit)


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
    activity = await free_activity(session, iom, activity_id)
    step.groups, step.goal_id = await aims(session, iom, activity_id)
    step.activity_id, step.kind, step.title = activity.id, activity.kind, activity.title
    step.form, step.hours = activity.form, activity.hours
    step.due_on = activity.ends_on or activity.starts_on or max(step.due_on, today)
    if not step.groups:
        step.reasons = []
    await session.flush()


async def free_activity(session: AsyncSession, iom: Iom, activity_id: int) -> Activity:
    """An activity that may come into the route: not archived, not in it, with a seat. UserError otherwise."""
    activity = await session.get(Activity, activity_id)
    held = {step.activity_id for step in await moving.steps_of(session, iom.id)}
    if activity is None or not activity.active or activity_id in held:
        raise UserError("iom-choice-gone", buttons=moving.OPEN)
    if activity.seats is not None and (await seats_taken(session)).get(activity_id, 0) >= activity.seats:
        raise UserError("iom-no-seats", buttons=moving.OPEN)
    return activity


async def aims(session: AsyncSession, iom: Iom, activity_id: int) -> tuple[list[str], int | None]:
    """Deficits of the route an activity works on, the deepest first, and the task it belongs to."""
    rows = await session.execute(
        select(IomDeficit.group_slug, IomGoal.id)
        .join(ActivityGroup, ActivityGroup.group_slug == IomDeficit.group_slug)
        .outerjoin(IomGoal, (IomGoal.iom_id == IomDeficit.iom_id) & (IomGoal.group_slug == IomDeficit.group_slug))
        .where(IomDeficit.iom_id == iom.id, ActivityGroup.activity_id == activity_id)
        .order_by(IomDeficit.pct, IomDeficit.group_slug)
    )
    found = rows.all()
    return [slug for slug, _ in found], found[0][1] if found else None


async def new_step(
    session: AsyncSession, iom: Iom, activity: Activity, *, due: date, instead: IomStep | None = None
) -> IomStep:
    """A step of an activity, in the place of another one or at the end."""
    groups, goal_id = await aims(session, iom, activity.id)
    last = await session.scalar(select(func.max(IomStep.place)).where(IomStep.iom_id == iom.id))
    step = IomStep(
        iom_id=iom.id,
        goal_id=goal_id,
        activity_id=activity.id,
        place=instead.place if instead is not None else (-1 if last is None else last) + 1,
        kind=activity.kind,
        title=activity.title,
        form=activity.form,
        hours=activity.hours,
        due_on=due,
        mandatory=instead.mandatory if instead is not None else True,
        groups=groups or (list(instead.groups) if instead is not None else []),
        reasons=list(instead.reasons) if instead is not None else [],
    )
    session.add(step)
    await session.flush()
    return step


# --- inside ------------------------------------------------------------------------------------------


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
    """An empty route with the methodist of the day."""
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
    needs = needs_from(result)
    if not needs:
        raise UserError("iom-no-needs", buttons=(("iom-none.ask", "iom:ask"),))
    return result, needs


def needs_from(result: Result) -> list[Need]:
    """Deficits of a result; one from elsewhere may know only some of the groups."""
    known = {one.group_id: one for one in result.groups}
    needs: list[Need] = []
    for group in result.content.groups:
        found = known.get(group.id)
        if found is not None and found.is_deficit and found.pct is not None:
            reasons = tuple(p.item_id for p in result.growth if p.item_id in set(group.item_ids))
            needs.append(Need(group.slug, 101 - found.pct, reasons))
    return needs


async def offers_for(session: AsyncSession, person_id: int, *, today: date) -> list[Offer]:
    """What the catalogue has for this person: audience, subjects, seats that are left."""
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


def plans(needs: Sequence[Need], offers: Sequence[Offer], today: date) -> dict[str, Plan]:
    """Each variant by its name."""
    return {name: iom_draft.plan(needs, offers, budget=budget, start=today) for name, budget in VARIANTS.items()}


async def _groups_of(session: AsyncSession, iom_id: int) -> set[str]:
    return set(await session.scalars(select(IomDeficit.group_slug).where(IomDeficit.iom_id == iom_id)))


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
