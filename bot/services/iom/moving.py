"""Every change of state goes through here: the rule is asked, the history written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Iom, IomBasis, IomGoal, IomMove, IomNotice, IomState, IomStep, NoticeKind, StepState
from bot.rules import iom_states
from bot.rules.iom_states import Line

OPEN = (("menu-sections.iom", "iom:home"),)


async def move(session: AsyncSession, iom: Iom, to: IomState, *, actor_id: int | None, now: datetime) -> None:
    """Move a route. UserError when the life cycle has no such move."""
    if not iom_states.may(iom.state, to):
        raise UserError("iom-moved-on", buttons=OPEN)
    session.add(IomMove(iom_id=iom.id, before=iom.state.value, after=to.value, actor_id=actor_id, at=now))
    iom.state = to
    if to in iom_states.CLOSED:
        iom.closed_at = now
    await session.flush()


async def move_step(
    session: AsyncSession, step: IomStep, to: StepState, *, actor_id: int | None, now: datetime
) -> None:
    """Move a step. UserError when it cannot be."""
    if not iom_states.step_may(step.state, to):
        raise UserError("iom-moved-on", buttons=OPEN)
    session.add(
        IomMove(iom_id=step.iom_id, step_id=step.id, before=step.state.value, after=to.value, actor_id=actor_id, at=now)
    )
    step.state = to
    await session.flush()


async def to_exit_if_done(session: AsyncSession, iom: Iom, *, actor_id: int | None, now: datetime, on: date) -> None:
    """After the last mandatory step of an active route the exit diagnosis is offered."""
    if iom.state is not IomState.active:
        return
    lines = (Line(s.state, s.mandatory, s.hours, s.due_on) for s in await steps_of(session, iom.id))
    if iom_states.outcome(iom_states.progress(lines, on).share) is IomState.completed:
        await move(session, iom, IomState.exit_check, actor_id=actor_id, now=now)
        notice(session, iom.id, NoticeKind.exit, now=now)


async def answered(session: AsyncSession, iom: Iom) -> None:
    """What the teacher wrote is answered by an offer; the words of a request stay as a task of the route."""
    if iom.basis is IomBasis.request and iom.remark:
        await set_goal(session, iom, iom.remark)
    iom.remark = ""


async def set_goal(session: AsyncSession, iom: Iom, words: str) -> None:
    """A task in the teacher's own words, once."""
    known = select(IomGoal.id).where(IomGoal.iom_id == iom.id, IomGoal.group_slug.is_(None), IomGoal.text == words)
    if await session.scalar(known.limit(1)) is None:
        last = await session.scalar(select(func.max(IomGoal.place)).where(IomGoal.iom_id == iom.id))
        session.add(IomGoal(iom_id=iom.id, group_slug=None, text=words, place=(-1 if last is None else last) + 1))
        await session.flush()


def followed(iom: Iom) -> None:
    """UserError unless steps are being done."""
    if iom.state not in (IomState.active, IomState.paused):
        raise UserError("iom-moved-on", buttons=OPEN)


def notice(
    session: AsyncSession, iom_id: int, kind: NoticeKind, *, now: datetime, step_id: int | None = None, words: str = ""
) -> None:
    """The teacher must hear of it; the job ``iom`` says it."""
    session.add(IomNotice(iom_id=iom_id, step_id=step_id, kind=kind, words=words, at=now))


async def own(session: AsyncSession, person_id: int, *, lock: bool = True) -> Iom:
    """The open route of the acting person, locked for the step. NotFound without one."""
    statement = select(Iom).where(Iom.person_id == person_id, Iom.closed_at.is_(None))
    iom = await session.scalar(statement.with_for_update() if lock else statement)
    if iom is None:
        raise NotFound("iom-nothing", buttons=OPEN)
    return iom


async def own_step(session: AsyncSession, person_id: int, step_id: int, *, lock: bool = True) -> tuple[Iom, IomStep]:
    """A step of one's own open route; another's looks as if it never was."""
    iom = await own(session, person_id, lock=lock)
    return iom, await step_of(session, iom, step_id)


async def step_of(session: AsyncSession, iom: Iom, step_id: int) -> IomStep:
    """A step of a route that is not gone."""
    step = await session.get(IomStep, step_id)
    if step is None or step.iom_id != iom.id or step.state in iom_states.GONE:
        raise NotFound("iom-nothing", buttons=OPEN)
    return step


async def steps_of(session: AsyncSession, iom_id: int) -> list[IomStep]:
    """Steps that count, in their order."""
    return list(
        await session.scalars(
            select(IomStep)
            .where(IomStep.iom_id == iom_id, IomStep.state.not_in(iom_states.GONE))
            .order_by(IomStep.place, IomStep.id)
        )
    )
