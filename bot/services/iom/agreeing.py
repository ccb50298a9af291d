"""Teacher, methodist and head come to one route: agree, edit, offer, approve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import ConsentKind, FactKind, Iom, IomBasis, IomState, IomStep, NoticeKind, StepState
from bot.rules import iom_states
from bot.services import audit, consents, facts
from bot.services.access import Right, Scope
from bot.services.iom import drafting, moving, reach
from bot.services.iom.drafting import REQUEST


async def agree(session: AsyncSession, person_id: int, *, now: datetime) -> bool:
    """The teacher agrees. A draft of hers goes to the methodist, an offered route to the centre.

    True when something changed; a press delivered twice changes nothing.
    """
    iom = await moving.own(session, person_id)
    steps = await moving.steps_of(session, iom.id)
    if not steps:
        raise UserError("iom-moved-on", buttons=moving.OPEN)
    if iom.state is IomState.draft and iom.agreed_at is None:
        iom.agreed_at, iom.agreed_steps, iom.remark = now, signature(steps), ""
        await session.flush()
        return True
    if iom.state is not IomState.offered:
        return False
    iom.agreed_at, iom.agreed_steps, iom.remark = now, signature(steps), ""
    for step in steps:
        step.remark = ""
    await moving.move(session, iom, IomState.agreed, actor_id=person_id, now=now)
    return True


async def remark(
    session: AsyncSession, person_id: int, words: str, *, step_id: int | None = None, now: datetime
) -> None:
    """A remark on the whole or on one step; the methodist reads it, nothing is agreed."""
    iom = await moving.own(session, person_id)
    if iom.state not in (IomState.draft, IomState.offered):
        raise UserError("iom-moved-on", buttons=moving.OPEN)
    words = words.strip()[:REQUEST]
    if step_id is None:
        iom.remark = words
    else:
        (await moving.step_of(session, iom, step_id)).remark = words
    if iom.state is IomState.draft:
        # It waits for the methodist now, but is agreed in nothing.
        iom.agreed_at, iom.agreed_steps = now, []
    await session.flush()


async def offer(session: AsyncSession, scope: Scope, iom_id: int, *, now: datetime, today: date) -> IomState:
    """The methodist sends the route to the teacher; what she has agreed to already is agreed at once."""
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    steps = await moving.steps_of(session, iom.id)
    if not steps:
        raise UserError("iom-empty")
    if iom.state is IomState.draft:
        await moving.move(session, iom, IomState.offered, actor_id=scope.person_id, now=now)
    if iom.state is not IomState.offered:
        raise UserError("iom-moved-on")
    if iom.methodist_id is None:
        iom.methodist_id = scope.person_id
    for step in steps:
        step.remark = ""
    if iom.agreed_steps and iom.agreed_steps == signature(steps):
        await moving.move(session, iom, IomState.agreed, actor_id=iom.person_id, now=now)
    else:
        iom.agreed_at, iom.agreed_steps = None, []
        moving.notice(session, iom.id, NoticeKind.offered, now=now)
    await session.flush()
    audit.changed(session, scope, "iom", iom.id, "offered", now=now, after={"state": iom.state.value})
    return iom.state


async def add(
    session: AsyncSession, scope: Scope, iom_id: int, activity_id: int, *, due: date | None, now: datetime, today: date
) -> None:
    """A step more, while the route is planned."""
    iom = await _editable(session, scope, iom_id, today=today)
    activity = await drafting.free_activity(session, iom, activity_id)
    day = due or activity.ends_on or activity.starts_on or iom.ends_on
    _ahead(day, today)
    await drafting.new_step(session, iom, activity, due=day)
    iom.ends_on = max(iom.ends_on, day)
    await _edited(session, scope, iom, now=now)


async def change(
    session: AsyncSession,
    scope: Scope,
    iom_id: int,
    step_id: int,
    *,
    activity_id: int | None = None,
    due: date | None = None,
    mandatory: bool | None = None,
    now: datetime,
    today: date,
) -> None:
    """Another activity, another day, mandatory or not, while the route is planned."""
    iom = await _editable(session, scope, iom_id, today=today)
    step = await moving.step_of(session, iom, step_id)
    if activity_id is not None and activity_id != step.activity_id:
        await drafting.put(session, iom, step, activity_id, today=today)
    if due is not None:
        _ahead(due, today)
        step.due_on = due
        iom.ends_on = max(iom.ends_on, due)
    if mandatory is not None:
        step.mandatory = mandatory
    await _edited(session, scope, iom, now=now)


async def shift(
    session: AsyncSession, scope: Scope, iom_id: int, step_id: int, by: int, *, now: datetime, today: date
) -> None:
    """A step up (−1) or down (+1); at the edge nothing changes."""
    iom = await _editable(session, scope, iom_id, today=today)
    ids = [step.id for step in await moving.steps_of(session, iom.id)]
    at = ids.index(step_id) if step_id in ids else -1
    if at >= 0 and 0 <= at + by < len(ids):
        ids[at], ids[at + by] = ids[at + by], ids[at]
        await order(session, scope, iom_id, ids, now=now, today=today)


async def order(
    session: AsyncSession, scope: Scope, iom_id: int, step_ids: Sequence[int], *, now: datetime, today: date
) -> None:
    """Steps in a new order; those not named keep theirs after them, strangers are passed over."""
    iom = await _editable(session, scope, iom_id, today=today)
    wanted = {number: place for place, number in enumerate(dict.fromkeys(step_ids))}
    steps = await moving.steps_of(session, iom.id)
    for place, step in enumerate(sorted(steps, key=lambda one: wanted.get(one.id, len(wanted)))):
        step.place = place
    await _edited(session, scope, iom, now=now)


async def drop(session: AsyncSession, scope: Scope, iom_id: int, step_id: int, *, now: datetime, today: date) -> None:
    """A step less, while the route is planned; ``restore`` brings it back."""
    iom = await _editable(session, scope, iom_id, today=today)
    step = await moving.step_of(session, iom, step_id)
    await moving.move_step(session, step, StepState.cancelled, actor_id=scope.person_id, now=now)
    await _edited(session, scope, iom, now=now)


async def restore(
    session: AsyncSession, scope: Scope, iom_id: int, step_id: int, *, now: datetime, today: date
) -> None:
    """«Вернуть»: a step that was left out of a planned route is in its place again."""
    iom = await _editable(session, scope, iom_id, today=today)
    step = await session.get(IomStep, step_id)
    if step is None or step.iom_id != iom.id:
        raise NotFound()
    if step.state is not StepState.cancelled:
        return
    if step.activity_id is not None:
        await drafting.free_activity(session, iom, step.activity_id)
    await moving.move_step(session, step, StepState.planned, actor_id=scope.person_id, now=now)
    await _edited(session, scope, iom, now=now)


async def approve(
    session: AsyncSession,
    scope: Scope,
    iom_ids: Sequence[int],
    *,
    order_no: str,
    order_date: date,
    now: datetime,
    today: date,
) -> int:
    """Approve one route or a batch under one order; all or none. The number of routes approved.

    UserError without an order, without the teacher's consent in force, or when a route is not agreed.
    """
    order_no = order_no.strip()[:64]
    if not order_no or order_date > today:
        raise UserError("iom-order-needed")
    for iom_id in sorted(set(iom_ids)):
        iom = await reach.require(session, scope, Right.iom_approve, iom_id, today=today)
        if not await consents.has(session, iom.person_id, ConsentKind.data):
            raise UserError("iom-no-consent", number=str(iom.id))
        await moving.move(session, iom, IomState.approved, actor_id=scope.person_id, now=now)
        iom.reg_no = f"{order_date.year}-{iom.id:05d}"
        iom.order_no, iom.order_date, iom.approved_by_id = order_no, order_date, scope.person_id
        await facts.add(
            session,
            iom.person_id,
            FactKind.iom_received,
            occurred_on=order_date,
            source=("iom", iom.id),
            now=now,
            evidence={"order_no": order_no, "order_date": order_date.isoformat()},
        )
        if iom.starts_on <= today:
            await moving.move(session, iom, IomState.active, actor_id=None, now=now)
        moving.notice(session, iom.id, NoticeKind.approved, now=now)
        audit.changed(session, scope, "iom", iom.id, "approved", now=now, after={"order": order_no})
    await session.flush()
    return len(set(iom_ids))


async def stop(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """The teacher stops her route; what was accepted stays."""
    iom = await moving.own(session, person_id)
    await moving.move(session, iom, IomState.stopped, actor_id=person_id, now=now)


async def pause(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """A pause; pressed again nothing changes."""
    iom = await moving.own(session, person_id)
    if iom.state is not IomState.paused:
        await moving.move(session, iom, IomState.paused, actor_id=person_id, now=now)


async def go_on(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """The end of a pause."""
    iom = await moving.own(session, person_id)
    if iom.state is not IomState.active:
        await moving.move(session, iom, IomState.active, actor_id=person_id, now=now)
        # The last step may have been accepted during the pause.
        await moving.to_exit_if_done(session, iom, actor_id=None, now=now, on=now.date())


def signature(steps: Sequence[IomStep]) -> list[list[str]]:
    """What the teacher agrees to: the mandatory steps with their days."""
    return sorted([str(step.activity_id or step.title), step.due_on.isoformat()] for step in steps if step.mandatory)


def _ahead(day: date, today: date) -> None:
    if day < today:
        raise UserError("iom-day-over")


async def _editable(session: AsyncSession, scope: Scope, iom_id: int, *, today: date) -> Iom:
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    if iom.state not in iom_states.PLANNING:
        raise UserError("iom-needs-revision")
    if iom.state is IomState.draft and iom.basis is IomBasis.diagnosis and iom.agreed_at is None:
        raise UserError("iom-still-hers")  # The teacher is choosing; nobody writes into her draft.
    return iom


async def _edited(session: AsyncSession, scope: Scope, iom: Iom, *, now: datetime) -> None:
    """An agreed route whose mandatory steps are other ones goes back to the teacher."""
    await session.flush()
    if iom.state is IomState.agreed and iom.agreed_steps != signature(await moving.steps_of(session, iom.id)):
        await moving.move(session, iom, IomState.offered, actor_id=scope.person_id, now=now)
        iom.agreed_at, iom.agreed_steps = None, []
        moving.notice(session, iom.id, NoticeKind.offered, now=now)
    audit.changed(session, scope, "iom", iom.id, "edited", now=now)
    await session.flush()
