"""The route card of one route."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.errors import NotFound
from bot.i18n import Translator
from bot.models import (
    Activity,
    ActivityKind,
    Attempt,
    Employment,
    EmploymentSubject,
    Instrument,
    InstrumentVersion,
    Iom,
    IomBasis,
    IomGoal,
    IomStep,
    Municipality,
    Organisation,
    Person,
    Position,
    Role,
    ScopeKind,
    StepState,
    Subject,
)
from bot.rules import iom_states
from bot.rules.people import experience_on
from bot.services import audit
from bot.services.access import Scope
from bot.services.documents import Deficit, Goal, RouteCard, RouteLine
from bot.services.iom import reach
from bot.services.iom.papers.signers import head_of_centre, holder, initials
from bot.services.iom.views import Route, load

PRACTICE = frozenset({ActivityKind.internship, ActivityKind.open_lesson, ActivityKind.transfer, ActivityKind.contest})
SUPPORT = frozenset({ActivityKind.consult, ActivityKind.mentoring, ActivityKind.postcourse, ActivityKind.community})


async def own_card(session: AsyncSession, t: Translator, person_id: int, *, zone: ZoneInfo, today: date) -> RouteCard:
    """The card of one's own route: the open one, else the last. NotFound without steps to print."""
    iom_id = await session.scalar(
        select(Iom.id)
        .where(Iom.person_id == person_id)
        .order_by(Iom.closed_at.is_not(None), Iom.closed_at.desc(), Iom.id.desc())
        .limit(1)
    )
    route = await load(session, iom_id) if iom_id is not None else None
    if route is None or not route.steps:
        raise NotFound("iom-nothing", buttons=(("menu-sections.iom", "iom:home"),))
    return await _card(session, t, route, zone=zone, today=today)


async def card(
    session: AsyncSession, scope: Scope, t: Translator, iom_id: int, *, zone: ZoneInfo, now: datetime, today: date
) -> RouteCard:
    """The card for staff who may open the route; the look is recorded as any other."""
    route = await reach.opened(session, scope, iom_id, now=now, today=today)
    audit.changed(session, scope, "iom", iom_id, "exported", now=now)
    return await _card(session, t, route, zone=zone, today=today)


# --- the card ----------------------------------------------------------------------------------------


async def _card(session: AsyncSession, t: Translator, route: Route, *, zone: ZoneInfo, today: date) -> RouteCard:
    iom = await session.get_one(Iom, route.id)
    person = await session.get_one(Person, route.person_id)
    job = (
        await session.execute(
            select(Employment, Organisation, Municipality, Position.title)
            .join(Organisation, Organisation.id == Employment.organisation_id)
            .join(Municipality, Municipality.id == Organisation.municipality_id)
            .join(Position, Position.slug == Employment.position_slug)
            .where(Employment.person_id == person.id, Employment.until.is_(None))
            .order_by(Employment.is_main.desc(), Employment.id)
            .limit(1)
        )
    ).one_or_none()
    methodist = await session.get(Person, iom.methodist_id) if iom.methodist_id is not None else None
    head = await session.get(Person, iom.approved_by_id) if iom.approved_by_id is not None else None
    years = experience_on(person.teach_since_year, person.teach_since, today)
    basis, source = await _basis(session, t, iom, zone)
    return RouteCard(
        number=route.reg_no or "—",
        name=person.full_name,
        position=(job.Employment.position_title or job.title) if job else "",
        organisation=job.Organisation.name if job else "—",
        municipality=job.Municipality.name if job else "—",
        starts=route.starts,
        ends=route.ends,
        basis=basis,
        methodist=methodist.full_name if methodist else "",
        centre_head=initials(head) if head else await head_of_centre(session, today),
        goal=_goal(t, route),
        goals=await _goals(session, t, route),
        lines=await _steps(session, t, route),
        subjects=await _subjects(session, job.Employment.id) if job else (),
        experience=t("documents-years", n=years) if years is not None and years >= 0 else "",
        category=t(f"documents-category.{person.category}") if person.category else "",
        curator=await _curator(session, job.Organisation.id, today) if job else "",
        order_number=route.order_no,
        order_date=route.order_date,
        deficits=tuple(
            Deficit(d.title, d.pct, t(f"documents-level.{d.level.value}") if d.level else "—", source)
            for d in route.deficits
        ),
        result=_result(t, route, iom, zone),
    )


async def _basis(session: AsyncSession, t: Translator, iom: Iom, zone: ZoneInfo) -> tuple[str, str]:
    """Why there is a route, and the instrument with its version."""
    row = (
        await session.execute(
            select(Attempt.finished_at, Instrument.title, InstrumentVersion.number)
            .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
            .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
            .where(Attempt.id == iom.attempt_id)
        )
    ).one_or_none()
    if row is None:
        return t(f"documents-basis.{iom.basis.value}"), ""
    source = t("documents-card.version", title=row.title, number=str(row.number))
    if row.finished_at is None or iom.basis is not IomBasis.diagnosis:
        return t(f"documents-basis.{iom.basis.value}"), source
    day = row.finished_at.astimezone(zone).date()
    return t("documents-basis.diagnosis-of", number=str(iom.attempt_id), date=f"{day:%d.%m.%Y}"), source


def _goal(t: Translator, route: Route) -> str:
    if route.deficits:
        return t("documents-card.goal-groups", groups=", ".join(f"«{one.title}»" for one in route.deficits))
    return route.remark or t("documents-card.goal-request")


async def _goals(session: AsyncSession, t: Translator, route: Route) -> tuple[Goal, ...]:
    """Tasks; where nobody has worded one yet, the group is the task and the repeated diagnosis its measure."""
    titles = {one.title for one in route.deficits}
    reduced = f"{iom_states.REDUCED:.0f}"
    rows = await session.scalars(select(IomGoal).where(IomGoal.iom_id == route.id).order_by(IomGoal.place, IomGoal.id))
    return tuple(
        Goal(
            t("documents-card.task", group=row.text) if row.text in titles else row.text,
            row.measure or t("documents-card.task-measure", points=reduced),
        )
        for row in rows
    )


async def _steps(session: AsyncSession, t: Translator, route: Route) -> tuple[RouteLine, ...]:
    taker = aliased(Person)
    rows = await session.execute(
        select(IomStep.id, Activity.organiser, taker)
        .outerjoin(Activity, Activity.id == IomStep.activity_id)
        .outerjoin(taker, taker.id == IomStep.accepted_by_id)
        .where(IomStep.id.in_([step.id for step in route.steps]))
    )
    more = {step_id: (organiser, by) for step_id, organiser, by in rows}
    titles = {one.slug: one.title for one in route.deficits}
    lines: list[RouteLine] = []
    for step in route.steps:
        organiser, by = more[step.id]
        accepted = step.state is StepState.accepted
        lines.append(
            RouteLine(
                stage=t(f"documents-stage.{_stage(step.kind)}"),
                need=", ".join(titles[slug] for slug in step.groups if slug in titles) or "—",
                title=step.title,
                kind=step.kind,
                form=step.form,
                organiser=organiser or "—",
                due=step.due,
                hours=step.hours,
                accepted_on=step.accepted_on if accepted else None,
                accepted_by=(initials(by) if by else t("documents-steps.itself")) if accepted else "",
                note="" if step.mandatory else t("documents-steps.optional"),
            )
        )
    return tuple(lines)


def _stage(kind: ActivityKind) -> str:
    if kind in PRACTICE:
        return "practice"
    return "support" if kind in SUPPORT else "learning"


def _result(t: Translator, route: Route, iom: Iom, zone: ZoneInfo) -> str:
    """How it ended, what became of each deficit, the methodist's conclusion; empty while it goes on."""
    if iom.closed_at is None:
        return ""
    day = iom.closed_at.astimezone(zone).date()
    words = [t("documents-card.ended", state=t(f"iom-state.{iom.state.value}"), date=f"{day:%d.%m.%Y}")]
    for one in route.deficits:
        if one.pct is None or one.after_pct is None:
            continue
        words.append(
            t(
                "documents-card.effect",
                group=one.title,
                before=f"{one.pct:.0f}",
                after=f"{one.after_pct:.0f}",
                effect=t(f"documents-effect.{one.effect}"),
            )
        )
    if route.conclusion:
        words.append(t("documents-card.conclusion", words=route.conclusion))
    return " ".join(words)


async def _subjects(session: AsyncSession, employment_id: int) -> tuple[str, ...]:
    rows = await session.scalars(
        select(Subject.title)
        .join(EmploymentSubject, EmploymentSubject.subject_slug == Subject.slug)
        .where(EmploymentSubject.employment_id == employment_id)
        .order_by(Subject.title)
    )
    return tuple(rows)


async def _curator(session: AsyncSession, organisation_id: int, today: date) -> str:
    found = await holder(session, Role.curator, ScopeKind.organisation, organisation_id, today)
    return initials(found) if found else ""
