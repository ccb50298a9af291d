"""The end of a route: the same questions again, three about the route, the methodist's conclusion, the effect."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import Advice, Attempt, AttemptState, FactKind, Iom, IomDeficit, IomState, NoticeKind, Purpose
from bot.rules import iom_states
from bot.rules.iom_states import Line
from bot.services import audit, diagnostics, facts
from bot.services.access import Right, Scope
from bot.services.diagnostics import Start, Step
from bot.services.diagnostics.taking import audience_of
from bot.services.identities import Caller
from bot.services.iom import moving, reach
from bot.services.iom.views import Route

QUESTIONS = 3
WORDS = 1000


async def begin_exit(session: AsyncSession, caller: Caller, *, now: datetime) -> Step | None:
    """Open the exit diagnosis on the version of the first one. None when the route began without a diagnosis."""
    iom = await moving.own(session, caller.id)
    if iom.state is not IomState.exit_check:
        raise UserError("iom-moved-on", buttons=moving.OPEN)
    version_id = await session.scalar(select(Attempt.version_id).where(Attempt.id == iom.attempt_id))
    if version_id is None or iom.exit_attempt_id is not None:
        return None
    content = await diagnostics.content_of(session, version_id)
    audience = await audience_of(session, caller.id)
    opened = await diagnostics.state_of(session, caller.id, version_id)
    if opened is not None:
        # What is open already becomes the exit diagnosis: nothing is answered twice.
        await session.execute(update(Attempt).where(Attempt.id == opened.attempt_id).values(purpose=Purpose.exit))
        return await diagnostics.state_of(session, caller.id, version_id)
    start = Start(content, audience if audience == "preschool" else "teacher", None, None)
    return await diagnostics.start(session, caller, start, purpose=Purpose.exit, now=now)


async def took_exit(session: AsyncSession, person_id: int, attempt_id: int) -> bool:
    """A diagnosis was finished: True when it is the exit diagnosis of a route."""
    purpose = await session.scalar(
        select(Attempt.purpose).where(Attempt.id == attempt_id, Attempt.state == AttemptState.finished)
    )
    if purpose is not Purpose.exit:
        return False
    found = await session.execute(
        update(Iom)
        .where(Iom.person_id == person_id, Iom.state == IomState.exit_check, Iom.exit_attempt_id.is_(None))
        .values(exit_attempt_id=attempt_id)
        .returning(Iom.id)
    )
    return found.one_or_none() is not None


async def reflect(session: AsyncSession, person_id: int, number: int, words: str) -> int:
    """The answer to one of the three questions, empty for a skipped one; the number of the next, from 1."""
    iom = await moving.own(session, person_id)
    if iom.state is not IomState.exit_check or not 1 <= number <= QUESTIONS:
        raise UserError("iom-moved-on", buttons=moving.OPEN)
    if number == len(iom.reflections) + 1:
        iom.reflections = [*iom.reflections, words.strip()[:WORDS]]
        await session.flush()
    return len(iom.reflections) + 1


async def to_exit(session: AsyncSession, scope: Scope, iom_id: int, *, now: datetime, today: date) -> None:
    """The methodist ends the steps early: most of the mandatory must be accepted."""
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    if await _outcome(session, iom, today) is None:
        raise UserError("iom-too-little")
    await moving.move(session, iom, IomState.exit_check, actor_id=scope.person_id, now=now)
    moving.notice(session, iom.id, NoticeKind.exit, now=now)
    audit.changed(session, scope, "iom", iom.id, "exit-check", now=now)


def ready(route: Route) -> bool:
    """True when only the conclusion is missing: questions answered, the exit diagnosis taken if there was a first."""
    diagnosed = route.attempt_id is None or route.exit_attempt_id is not None
    return route.state is IomState.exit_check and len(route.reflections) >= QUESTIONS and diagnosed


async def conclude(
    session: AsyncSession,
    scope: Scope,
    iom_id: int,
    words: str,
    *,
    advice: Advice | None = None,
    now: datetime,
    today: date,
) -> IomState:
    """The methodist's conclusion closes the route with its effect; ``completed`` writes the fact.

    Without ``advice`` the rule's own is written.
    """
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    if iom.state is not IomState.exit_check:
        raise UserError("iom-moved-on")
    if len(words.strip()) < 10:
        raise UserError("iom-conclusion-needed")
    if len(iom.reflections) < QUESTIONS or (iom.attempt_id is not None and iom.exit_attempt_id is None):
        raise UserError("iom-exit-first")
    outcome = await _outcome(session, iom, today)
    if outcome is None:
        raise UserError("iom-too-little")
    iom.conclusion = words.strip()[:2000]
    effects = await effect(session, iom)
    iom.advice = advice or iom_states.advice(effects)
    await moving.move(session, iom, outcome, actor_id=scope.person_id, now=now)
    if outcome is IomState.completed:
        await facts.add(
            session, iom.person_id, FactKind.iom_completed, occurred_on=today, source=("iom", iom.id), now=now
        )
    moving.notice(session, iom.id, NoticeKind.closed, now=now)
    audit.changed(session, scope, "iom", iom.id, outcome.value, now=now)
    return outcome


async def _outcome(session: AsyncSession, iom: Iom, today: date) -> IomState | None:
    steps = await moving.steps_of(session, iom.id)
    found = iom_states.progress((Line(s.state, s.mandatory, s.hours, s.due_on) for s in steps), today)
    return iom_states.outcome(found.share)


async def effect(session: AsyncSession, iom: Iom) -> list[str]:
    """The same groups after the route, beside what they were; what became of each."""
    after = {}
    if iom.exit_attempt_id is not None:
        result = await diagnostics.own_result(session, iom.person_id, iom.exit_attempt_id)
        slugs = {group.id: group.slug for group in result.content.groups}
        after = {slugs[group.group_id]: group for group in result.groups}
    found: list[str] = []
    for row in await session.scalars(select(IomDeficit).where(IomDeficit.iom_id == iom.id)):
        group = after.get(row.group_slug)
        if group is not None:
            row.after_pct, row.after_sem, row.after_level = group.pct, group.sem, group.level
        found.append(iom_states.effect(row.pct, row.after_pct, row.after_level))
    await session.flush()
    return found
