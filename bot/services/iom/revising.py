"""Changes of an approved route: one side asks with a reason, the other decides; each is a revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Activity, Iom, IomRevision, IomStep, NoticeKind, StepState
from bot.rules import iom_states
from bot.services import audit, outbox
from bot.services.access import Right, Scope
from bot.services.iom import drafting, moving, reach

WORDS = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish: done at once, or waiting for the methodist; the name of the activity."""

    at_once: bool
    new: str


async def ask(
    session: AsyncSession,
    person_id: int,
    step_id: int,
    *,
    due: date | None = None,
    activity_id: int | None = None,
    reason: str,
    now: datetime,
    today: date,
) -> Answer:
    """The teacher asks for another day or activity. At once only when her activity was called off."""
    iom, step = await moving.own_step(session, person_id, step_id)
    gone = activity_id is not None and await is_gone(session, step.id)
    if activity_id is None:
        wish = _moved(step, due, today)
    else:
        known = {one.activity_id: one for one in await drafting.choices(session, iom, step, today=today, limit=99)}
        if activity_id not in known:
            raise UserError("iom-choice-gone", buttons=moving.OPEN)
        choice = known[activity_id]
        wish = _wish("replace", step.id, activity_id, choice.title, due or choice.due)
    change = await _propose(session, iom, step, wish, reason=reason, by_id=person_id, now=now)
    if gone:
        await _apply(session, iom, change, agreed=True, actor_id=person_id, now=now)
    return Answer(gone, str(change.change["title"]))


async def propose(
    session: AsyncSession,
    scope: Scope,
    iom_id: int,
    step_id: int | None,
    *,
    due: date | None = None,
    activity_id: int | None = None,
    drop: bool = False,
    reason: str,
    now: datetime,
    today: date,
) -> bool:
    """The methodist's revision with a reason: another day, another activity, one more (no step), one less.

    What touches a mandatory step waits for the teacher; True when it is so at once.
    """
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    step = await moving.step_of(session, iom, step_id) if step_id is not None else None
    if len(reason.strip()) < 5:
        raise UserError("iom-comment-needed")
    if drop and step is not None:
        wish = _wish("drop", step.id, None, step.title, step.due_on)
    elif activity_id is not None:
        activity = await drafting.free_activity(session, iom, activity_id)
        day = due or activity.ends_on or activity.starts_on or max(step.due_on if step else iom.ends_on, today)
        if day < today:
            raise UserError("iom-day-over", buttons=moving.OPEN)
        wish = _wish("replace" if step else "add", step.id if step else None, activity.id, activity.title, day)
    elif step is not None:
        wish = _moved(step, due, today)
    else:
        raise NotFound()
    change = await _propose(session, iom, step, wish, reason=reason, by_id=scope.person_id, now=now)
    audit.changed(session, scope, "iom", iom.id, "revision", now=now, after={"number": change.number})
    if step is not None and not step.mandatory:
        await _apply(session, iom, change, agreed=True, actor_id=scope.person_id, now=now)
        return True
    moving.notice(session, iom.id, NoticeKind.changed, step_id=step_id, words=change.reason, now=now)
    return False


async def decide(session: AsyncSession, person_id: int, change_id: int, *, agree: bool, now: datetime) -> None:
    """The teacher's word on a revision of the methodist; said twice, the first counts."""
    iom = await moving.own(session, person_id)
    change = await session.get(IomRevision, change_id)
    if change is None or change.iom_id != iom.id or change.proposed_by_id == person_id:
        raise NotFound("iom-nothing", buttons=moving.OPEN)
    if change.decided_at is None:
        await _apply(session, iom, change, agreed=agree, actor_id=person_id, now=now)


async def decide_asked(
    session: AsyncSession, scope: Scope, iom_id: int, change_id: int, *, agree: bool, now: datetime, today: date
) -> None:
    """The methodist's word on what the teacher asks for."""
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    change = await session.get(IomRevision, change_id)
    if change is None or change.iom_id != iom.id or change.proposed_by_id != iom.person_id:
        raise NotFound()
    if change.decided_at is not None:
        return
    step_id = await _apply(session, iom, change, agreed=agree, actor_id=scope.person_id, now=now)
    moving.notice(session, iom.id, NoticeKind.moved, step_id=step_id, now=now)
    audit.changed(session, scope, "iom", iom.id, "decided", now=now, after={"number": change.number, "agreed": agree})


async def is_gone(session: AsyncSession, step_id: int) -> bool:
    """True when the activity of an open step was called off."""
    active = await session.scalar(
        select(Activity.active)
        .join(IomStep, IomStep.activity_id == Activity.id)
        .where(IomStep.id == step_id, IomStep.state.in_(iom_states.OPEN_STEP))
    )
    return active is False


# --- inside ------------------------------------------------------------------------------------------


def _wish(op: str, step_id: int | None, activity_id: int | None, title: str, due: date) -> dict[str, Any]:
    return {"op": op, "step": step_id, "activity": activity_id, "title": title, "due": due.isoformat()}


def _moved(step: IomStep, due: date | None, today: date) -> dict[str, Any]:
    if due is None or due < today:
        raise UserError("iom-day-over", buttons=moving.OPEN)
    return _wish("move", step.id, None, step.title, due)


async def _propose(
    session: AsyncSession,
    iom: Iom,
    step: IomStep | None,
    wish: dict[str, Any],
    *,
    reason: str,
    by_id: int | None,
    now: datetime,
) -> IomRevision:
    moving.followed(iom)
    if step is not None and step.state not in iom_states.OPEN_STEP:
        raise UserError("iom-moved-on", buttons=moving.OPEN)
    waiting = await session.scalar(
        select(IomRevision.id).where(IomRevision.iom_id == iom.id, IomRevision.decided_at.is_(None)).limit(1)
    )
    if waiting is not None:
        raise UserError("iom-one-change", buttons=moving.OPEN)
    last = await session.scalar(select(func.max(IomRevision.number)).where(IomRevision.iom_id == iom.id))
    change = IomRevision(
        iom_id=iom.id,
        number=(last or iom.revision) + 1,
        reason=reason.strip()[:WORDS],
        change=wish,
        proposed_by_id=by_id,
        proposed_at=now,
    )
    session.add(change)
    await session.flush()
    return change


async def _apply(
    session: AsyncSession, iom: Iom, change: IomRevision, *, agreed: bool, actor_id: int | None, now: datetime
) -> int | None:
    """Write the decision; the step it ends with."""
    change.decided_at, change.agreed = now, agreed
    wish = change.change
    step = await session.get(IomStep, wish["step"]) if wish["step"] is not None else None
    if agreed and step is not None and step.state not in iom_states.OPEN_STEP:
        change.agreed = agreed = False  # It was sent or settled meanwhile: there is nothing to change.
    if not agreed:
        await session.flush()
        return step.id if step is not None else None
    due = date.fromisoformat(wish["due"])
    iom.revision = change.number
    if step is not None:
        await outbox.take_back(session, f"iom-step-{step.id}-")
    if wish["op"] == "move" and step is not None:
        step.due_on, step.remind_on = due, None
    elif wish["op"] == "drop" and step is not None:
        await moving.move_step(session, step, StepState.cancelled, actor_id=actor_id, now=now)
    else:
        activity = await session.get_one(Activity, wish["activity"])
        if step is not None:
            await moving.move_step(session, step, StepState.replaced, actor_id=actor_id, now=now)
        step = await drafting.new_step(session, iom, activity, due=due, instead=step)
    if wish["op"] != "drop":
        iom.ends_on = max(iom.ends_on, due)
    await session.flush()
    await moving.to_exit_if_done(session, iom, actor_id=actor_id, now=now, on=now.date())
    return step.id if step is not None else None
