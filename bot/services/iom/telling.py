"""What has to be said about routes: notices of what happened, reminders before and after the day of a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Activity, Iom, IomNotice, IomState, IomStep, NoticeKind, Person
from bot.rules import iom_states
from bot.services.iom import moving
from bot.services.iom.views import Route, StepView, load

SOON = timedelta(days=7)
"""So long before its day a step is spoken of."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to say: the route as it is now, the step it is about, words of the methodist."""

    id: int
    kind: NoticeKind
    route: Route
    step: StepView | None
    words: str
    locale: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """A step whose day comes (``soon``) or has gone (``late``); ``dedupe`` says it once."""

    kind: str
    person_id: int
    locale: str
    step_id: int
    title: str
    due: date
    activity: str
    dedupe: str


async def waiting(session: AsyncSession, *, limit: int = 100) -> list[Notice]:
    """Notices not told yet, oldest first."""
    rows = await session.execute(
        select(IomNotice, Person.locale)
        .join(Iom, Iom.id == IomNotice.iom_id)
        .join(Person, Person.id == Iom.person_id)
        .where(IomNotice.told_at.is_(None))
        .order_by(IomNotice.id)
        .limit(limit)
    )
    found: list[Notice] = []
    for row, locale in rows.all():
        route = await load(session, row.iom_id)
        if route is not None:
            step = route.step(row.step_id) if row.step_id is not None else None
            found.append(Notice(row.id, row.kind, route, step, row.words, locale))
    return found


async def find_gone(session: AsyncSession, *, now: datetime) -> int:
    """Open steps whose activity was called off get a notice, once. How many."""
    said = exists().where(IomNotice.step_id == IomStep.id, IomNotice.kind == NoticeKind.gone)
    rows = await session.execute(
        select(IomStep.id, IomStep.iom_id)
        .join(Iom, Iom.id == IomStep.iom_id)
        .join(Activity, Activity.id == IomStep.activity_id)
        .where(
            Iom.state.in_(iom_states.FOLLOWED),
            IomStep.state.in_(iom_states.OPEN_STEP),
            Activity.active.is_(False),
            ~said,
        )
    )
    found = rows.all()
    for step_id, iom_id in found:
        moving.notice(session, iom_id, NoticeKind.gone, step_id=step_id, now=now)
    await session.flush()
    return len(found)


async def told(session: AsyncSession, notice_id: int, *, now: datetime) -> None:
    """It is in the outbox."""
    row = await session.get_one(IomNotice, notice_id)
    row.told_at = now


async def due(session: AsyncSession, *, today: date, after: int = 0, limit: int = 200) -> list[Reminder]:
    """Reminders of this day, by step; ``after`` is the last step of the batch before."""
    s = IomStep
    rows = await session.execute(
        select(s, Iom.person_id, Person.locale)
        .join(Iom, Iom.id == s.iom_id)
        .join(Person, Person.id == Iom.person_id)
        .where(
            Iom.state == IomState.active,
            s.state.in_(iom_states.OPEN_STEP),
            s.muted.is_(False),
            s.due_on <= today + SOON,
            or_(s.remind_on.is_(None), s.remind_on <= today),
            s.id > after,
        )
        .order_by(s.id)
        .limit(limit)
    )
    found: list[Reminder] = []
    for step, person_id, locale in rows:
        late = step.due_on < today
        # Late is said once a step, whatever happens; «позже» makes one more before the day.
        again = f"-{step.remind_on:%Y-%m-%d}" if step.remind_on is not None and not late else ""
        dedupe = f"iom-step-{step.id}-late" if late else f"iom-step-{step.id}-soon-{step.due_on:%Y-%m-%d}{again}"
        found.append(
            Reminder(
                "late" if late else "soon", person_id, locale, step.id, step.title, step.due_on, step.kind.value, dedupe
            )
        )
    return found


async def begin_due(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Approved routes whose first day has come are active."""
    rows = list(await session.scalars(select(Iom).where(Iom.state == IomState.approved, Iom.starts_on <= today)))
    for iom in rows:
        await moving.move(session, iom, IomState.active, actor_id=None, now=now)
        await moving.to_exit_if_done(session, iom, actor_id=None, now=now, on=today)
    return len(rows)
