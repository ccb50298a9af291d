"""Following a route: evidence and verdicts, steps that close themselves, reminders silenced or put off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    ActivityKind,
    Evidence,
    EvidenceKind,
    Iom,
    IomState,
    IomStep,
    NoticeKind,
    StepState,
    StoredFile,
)
from bot.services import audit, outbox
from bot.services.access import Right, Scope
from bot.services.iom import moving, reach

WORDS = 2000
"""Characters of a text that proves a step."""

LATER = timedelta(days=3)
"""«Напомнить позже»."""

MEDIA = ("application/pdf", "image/", "application/vnd.openxmlformats", "application/msword", "application/vnd.oasis")
"""What may prove a step: papers, pictures, presentations."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that happened and closes a step: attendance, a consultation, a mentor's mark.

    ``activity_id`` names the line of the catalogue; without it the earliest open step of ``kind`` is meant.
    """

    type: str
    id: int
    on: date
    activity_id: int | None = None
    kind: ActivityKind | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A piece of evidence as it stands."""

    id: int
    kind: EvidenceKind
    text: str
    file_id: int | None
    file_name: str
    submitted_at: datetime
    accepted: bool | None
    comment: str


async def submit(
    session: AsyncSession,
    person_id: int,
    step_id: int,
    *,
    text: str = "",
    file_id: int | None = None,
    now: datetime,
) -> None:
    """Evidence for a step: words, a link or a file that is stored already; more may be added."""
    iom, step = await moving.own_step(session, person_id, step_id)
    moving.followed(iom)
    text = text.strip()[:WORDS]
    if file_id is None and len(text) < 3:
        raise UserError("iom-proof-empty")
    kind = EvidenceKind.file if file_id is not None else EvidenceKind.link if is_link(text) else EvidenceKind.text
    if step.state is not StepState.submitted:
        await moving.move_step(session, step, StepState.submitted, actor_id=person_id, now=now)
    session.add(Evidence(step_id=step.id, kind=kind, text=text, file_id=file_id, submitted_at=now))
    await outbox.take_back(session, f"iom-step-{step.id}-")
    await session.flush()


async def take_back(session: AsyncSession, person_id: int, step_id: int, *, now: datetime) -> None:
    """«Забрать»: what has no verdict goes, the step is in work again."""
    _, step = await moving.own_step(session, person_id, step_id)
    await moving.move_step(session, step, StepState.in_work, actor_id=person_id, now=now)
    await session.execute(delete(Evidence).where(Evidence.step_id == step.id, Evidence.accepted.is_(None)))


async def sent(session: AsyncSession, step_ids: Sequence[int]) -> dict[int, list[Sent]]:
    """Evidence of steps, oldest first."""
    rows = await session.execute(
        select(Evidence, StoredFile.name)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.step_id.in_(step_ids))
        .order_by(Evidence.id)
    )
    found: dict[int, list[Sent]] = {}
    for row, name in rows:
        found.setdefault(row.step_id, []).append(
            Sent(row.id, row.kind, row.text, row.file_id, name or "", row.submitted_at, row.accepted, row.comment)
        )
    return found


async def file_for(
    session: AsyncSession, scope: Scope, iom_id: int, file_id: int, *, now: datetime, today: date
) -> StoredFile:
    """A file that proves a step of a route within the scope; the look is recorded."""
    iom = await reach.require(session, scope, Right.iom_open, iom_id, today=today)
    found = await session.scalar(
        select(StoredFile)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(IomStep, IomStep.id == Evidence.step_id)
        .where(IomStep.iom_id == iom_id, StoredFile.id == file_id)
        .limit(1)
    )
    if found is None:
        raise NotFound()
    here = await reach.scope_here(session, scope)
    await audit.viewed(session, here, iom.person_id, "iom-file", right=Right.iom_open, object_id=file_id, now=now)
    return found


async def verdict(
    session: AsyncSession,
    scope: Scope,
    iom_id: int,
    step_id: int,
    *,
    accept: bool,
    comment: str,
    now: datetime,
    today: date,
) -> None:
    """Accept what was sent, or return it with words: without words nobody would know what to add."""
    iom = await reach.require(session, scope, Right.iom_edit, iom_id, today=today)
    step = await moving.step_of(session, iom, step_id)
    comment = comment.strip()[:WORDS]
    if not accept and len(comment) < 5:
        raise UserError("iom-comment-needed")
    to = StepState.accepted if accept else StepState.returned
    if step.state is not StepState.submitted:
        raise UserError("iom-moved-on")
    await moving.move_step(session, step, to, actor_id=scope.person_id, now=now)
    for row in await session.scalars(select(Evidence).where(Evidence.step_id == step.id, Evidence.accepted.is_(None))):
        row.accepted, row.reviewed_by_id, row.reviewed_at, row.comment = accept, scope.person_id, now, comment
    kind = NoticeKind.accepted if accept else NoticeKind.returned
    moving.notice(session, iom.id, kind, step_id=step.id, words=comment, now=now)
    audit.changed(session, scope, "iom", iom.id, to.value, now=now, after={"step": step.id})
    if accept:
        await _settle(session, iom, step, on=today, by_id=scope.person_id, now=now)
    await session.flush()


async def close_by(session: AsyncSession, person_id: int, source: Source, *, now: datetime) -> list[int]:
    """Steps that this closes by itself, in the transaction that makes it true; said twice, nothing changes."""
    iom = await session.scalar(
        select(Iom).where(
            Iom.person_id == person_id, Iom.state.in_((IomState.approved, IomState.active, IomState.paused))
        )
    )
    if iom is None:
        return []
    steps = await moving.steps_of(session, iom.id)
    if any((step.source_type, step.source_id) == (source.type, source.id) for step in steps):
        return []
    waiting = [step for step in steps if step.state is not StepState.accepted]
    if source.activity_id is not None:
        chosen = [step for step in waiting if step.activity_id == source.activity_id]
    else:
        chosen = sorted((s for s in waiting if s.kind == source.kind), key=lambda s: (s.due_on, s.place))[:1]
    for step in chosen:
        await moving.move_step(session, step, StepState.accepted, actor_id=None, now=now)
        step.source_type, step.source_id = source.type, source.id
        moving.notice(session, iom.id, NoticeKind.auto, step_id=step.id, now=now)
        await _settle(session, iom, step, on=source.on, by_id=None, now=now)
    return [step.id for step in chosen]


async def mute(session: AsyncSession, person_id: int, step_id: int) -> None:
    """«Не напоминать»: silent for good."""
    _, step = await moving.own_step(session, person_id, step_id)
    step.muted = True
    await outbox.take_back(session, f"iom-step-{step.id}-")
    await session.flush()


async def remind_later(session: AsyncSession, person_id: int, step_id: int, *, today: date) -> date:
    """«Напомнить позже»: the day it will be said again."""
    _, step = await moving.own_step(session, person_id, step_id)
    step.remind_on = today + LATER
    await session.flush()
    return step.remind_on


def is_link(text: str) -> bool:
    """One address of a page and nothing else."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(sign.isspace() for sign in text)


def suits(media_type: str) -> bool:
    """True for a kind of file a methodist can open."""
    return media_type.startswith(MEDIA)


# --- inside ------------------------------------------------------------------------------------------


async def _settle(
    session: AsyncSession, iom: Iom, step: IomStep, *, on: date, by_id: int | None, now: datetime
) -> None:
    """A step is accepted; after the last mandatory one the exit diagnosis is offered."""
    step.accepted_on, step.accepted_by_id = on, by_id
    await session.flush()
    await outbox.take_back(session, f"iom-step-{step.id}-")
    await moving.to_exit_if_done(session, iom, actor_id=by_id, now=now, on=on)
