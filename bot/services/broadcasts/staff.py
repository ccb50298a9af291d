"""Broadcasts as staff make and see them: draft, test, launch, pause, stop; who may is the Scope's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import touch
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    BroadcastState,
    Identity,
    MessageClass,
    Messenger,
    Municipality,
    Outbox,
    OutboxState,
    RecipientState,
    Rubric,
    ScopeKind,
    StoredFile,
)
from bot.services import audit, outbox
from bot.services.access import RIGHTS, Right, Scope
from bot.services.broadcasts.audience import Circle
from bot.services.broadcasts.running import Speak, circle_of, post_of, row_kind
from bot.services.broadcasts.segments import cleaned
from bot.services.delivery import IMPERSONAL
from bot.services.outbox import OUTBOX

TITLE, BODY, LABEL, URL = 60, 850, 20, 500
LASTS = timedelta(days=14)
LONGEST = timedelta(days=60)

FAR = datetime(2999, 1, 1).astimezone()
"""A paused message waits for this day."""

OVER = (BroadcastState.stopped, BroadcastState.done)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form gives."""

    kind: BroadcastKind
    title: str
    body: str
    starts_at: datetime
    expires_at: datetime
    segment: dict[str, list[str]]
    rubric: str = ""
    link_label: str = ""
    link_url: str = ""
    municipality_id: int | None = None
    # None keeps the file that is there; 0 takes it away.
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class BroadcastLine:
    """A broadcast in a list and on its page."""

    id: int
    kind: BroadcastKind
    rubric: str
    rubric_slug: str
    title: str
    body: str
    link_label: str
    link_url: str
    file_id: int | None
    file_name: str
    segment: dict[str, list[str]]
    municipality_id: int | None
    municipality: str
    state: BroadcastState
    starts_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    unfolded: bool
    circle: Circle

    @property
    def is_over(self) -> bool:
        """Nothing more will be sent."""
        return self.state in OVER


def reach_of(scope: Scope, right: Right) -> list[int] | None:
    """The districts a right reaches; None for the whole region. NotAllowed without any."""
    scope.require(right)
    mine = [grant for grant in scope.grants if right in RIGHTS[grant.role]]
    if any(grant.kind is ScopeKind.region for grant in mine):
        return None
    found = [grant.id for grant in mine if grant.kind is ScopeKind.municipality and grant.id is not None]
    if not found:
        raise NotAllowed()
    return found


async def listing(
    session: AsyncSession, scope: Scope, *, rubrics: bool = False, limit: int = 200
) -> list[BroadcastLine]:
    """Broadcasts (or posts of rubrics) within the scope, the latest first."""
    reach = reach_of(scope, Right.broadcasts_see)
    is_rubric = Broadcast.kind == BroadcastKind.rubric
    statement = _lines().where(is_rubric if rubrics else ~is_rubric)
    if reach is not None:
        statement = statement.where(Broadcast.municipality_id.in_(reach))
    rows = await session.execute(statement.order_by(Broadcast.starts_at.desc(), Broadcast.id.desc()).limit(limit))
    return [_line(*row) for row in rows]


async def card(session: AsyncSession, scope: Scope, broadcast_id: int) -> BroadcastLine:
    """One broadcast; NotFound for what is not there or not hers to see."""
    reach = reach_of(scope, Right.broadcasts_see)
    row = (await session.execute(_lines().where(Broadcast.id == broadcast_id))).one_or_none()
    if row is None or (reach is not None and row[0].municipality_id not in reach):
        raise NotFound()
    return _line(*row)


async def rubric_choices(session: AsyncSession) -> list[tuple[str, str]]:
    """(slug, title) of the region's rubrics."""
    return [(r.slug, r.title) for r in await session.scalars(select(Rubric).order_by(Rubric.place))]


async def create(session: AsyncSession, scope: Scope, draft: Draft, *, now: datetime) -> int:
    """A draft; nothing is sent yet. UserError with what to put right."""
    municipality_id = await _checked(session, scope, draft, now=now)
    made = Broadcast(created_by_id=scope.person_id, created_at=now, file_id=draft.file_id or None)
    _write(made, draft, municipality_id)
    session.add(made)
    await session.flush()
    audit.changed(session, scope, "broadcast", made.id, "created", now=now)
    return made.id


async def change(session: AsyncSession, scope: Scope, broadcast_id: int, draft: Draft, *, now: datetime) -> None:
    """Another wording, circle or hour; only while it is a draft."""
    municipality_id = await _checked(session, scope, draft, now=now)
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state is not BroadcastState.draft:
        raise UserError("admin-broadcast-not-draft")
    _write(broadcast, draft, municipality_id)
    if draft.file_id is not None:
        broadcast.file_id = draft.file_id or None
    audit.changed(session, scope, "broadcast", broadcast_id, "changed", now=now)


async def launch(session: AsyncSession, scope: Scope, broadcast_id: int, *, now: datetime) -> None:
    """Let it go at its hour (at once when that has passed). Twice is once."""
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state is not BroadcastState.draft:
        return
    if broadcast.expires_at <= now:
        raise UserError("admin-broadcast-past")
    broadcast.state = BroadcastState.scheduled
    audit.changed(session, scope, "broadcast", broadcast_id, "launched", now=now)


async def pause(session: AsyncSession, scope: Scope, broadcast_id: int, *, now: datetime) -> None:
    """What has not gone out waits; what is on its way this second arrives."""
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state not in (BroadcastState.scheduled, BroadcastState.running):
        return
    broadcast.state = BroadcastState.paused
    await _waiting(session, broadcast, not_before=FAR, messenger=None, chat_id=None)
    audit.changed(session, scope, "broadcast", broadcast_id, "paused", now=now)


async def resume(session: AsyncSession, scope: Scope, broadcast_id: int, *, now: datetime) -> None:
    """Go on where it stopped: nobody gets it twice."""
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state is not BroadcastState.paused:
        return
    if broadcast.expires_at <= now:
        raise UserError("admin-broadcast-past")
    broadcast.state = BroadcastState.scheduled if broadcast.starts_at > now else BroadcastState.running
    await _waiting(session, broadcast, not_before=now)
    touch(session, OUTBOX)
    audit.changed(session, scope, "broadcast", broadcast_id, "resumed", now=now)


async def stop(session: AsyncSession, scope: Scope, broadcast_id: int, *, now: datetime) -> None:
    """For good: what has not gone out never will."""
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state in OVER or broadcast.state is BroadcastState.draft:
        return
    broadcast.state, broadcast.finished_at = BroadcastState.stopped, now
    await _waiting(session, broadcast, state=OutboxState.expired, error=STOPPED)
    mine = select(Outbox.id).where(
        Outbox.kind == row_kind(broadcast_id, broadcast.kind),
        Outbox.state == OutboxState.expired,
        Outbox.error == STOPPED,
    )
    await session.execute(
        update(BroadcastRecipient)
        .where(
            BroadcastRecipient.broadcast_id == broadcast_id,
            BroadcastRecipient.state == RecipientState.waiting,
            BroadcastRecipient.outbox_id.in_(mine),
        )
        .values(state=RecipientState.stopped, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.changed(session, scope, "broadcast", broadcast_id, "stopped", now=now)


STOPPED = "stopped by staff"


async def drop(session: AsyncSession, scope: Scope, broadcast_id: int, *, now: datetime) -> None:
    """A draft nobody needs."""
    broadcast = await _locked(session, scope, broadcast_id)
    if broadcast.state is not BroadcastState.draft:
        raise UserError("admin-broadcast-not-draft")
    await session.delete(broadcast)
    audit.changed(session, scope, "broadcast", broadcast_id, "dropped", now=now)


async def test(
    session: AsyncSession,
    scope: Scope,
    broadcast_id: int,
    speak: Speak,
    messengers: Collection[Messenger],
    *,
    locale: str,
    now: datetime,
) -> list[Messenger]:
    """Send it to oneself, in every messenger one has; where to. UserError when there is none."""
    broadcast = await _locked(session, scope, broadcast_id)
    mine = list(
        await session.scalars(
            select(Identity)
            .where(
                Identity.person_id == scope.person_id,
                Identity.blocked_at.is_(None),
                Identity.messenger.in_(messengers),
            )
            .order_by(Identity.id)
        )
    )
    if not mine or scope.person_id is None:
        raise UserError("admin-broadcast-no-chat")
    broadcast.tests += 1
    screen = speak(locale, await post_of(session, broadcast))
    for identity in mine:
        await outbox.say(
            session,
            scope.person_id,
            screen,
            message_class=MessageClass.answer,
            kind=f"{IMPERSONAL}:{broadcast_id}",
            dedupe=f"{IMPERSONAL}:{broadcast_id}:{broadcast.tests}:{identity.id}",
            now=now,
            identity_id=identity.id,
            file_id=broadcast.file_id,
            expires_at=now + timedelta(hours=1),
        )
    return [identity.messenger for identity in mine]


async def file_of(session: AsyncSession, scope: Scope, broadcast_id: int) -> StoredFile:
    """What is sent along, for the preview. NotFound without one."""
    line = await card(session, scope, broadcast_id)
    file = await session.get(StoredFile, line.file_id) if line.file_id else None
    if file is None:
        raise NotFound()
    return file


async def _checked(session: AsyncSession, scope: Scope, draft: Draft, *, now: datetime) -> int | None:
    """The district it stays in. UserError with what to put right."""
    reach = reach_of(scope, Right.broadcasts_send)
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: not draft.title.strip() or len(draft.title.strip()) > TITLE, "admin-broadcast-title"),
        (lambda: not draft.body.strip() or len(draft.body.strip()) > BODY, "admin-broadcast-body"),
        (lambda: bool(draft.link_url) and not draft.link_url.startswith("https://"), "admin-broadcast-link"),
        (lambda: len(draft.link_url) > URL or " " in draft.link_url, "admin-broadcast-link"),
        (lambda: len(draft.link_label) > LABEL, "admin-broadcast-label"),
        (lambda: draft.expires_at <= max(draft.starts_at, now), "admin-broadcast-dates"),
        (lambda: draft.expires_at - max(draft.starts_at, now) > LONGEST, "admin-broadcast-dates"),
    )
    for wrong, key in checks:
        if wrong():
            raise UserError(key)
    if (draft.kind is BroadcastKind.rubric) != bool(draft.rubric) or (
        draft.rubric and await session.get(Rubric, draft.rubric) is None
    ):
        raise UserError("admin-broadcast-rubric")
    if reach is None:
        return draft.municipality_id
    if draft.municipality_id is None and len(reach) == 1:
        return reach[0]
    if draft.municipality_id not in reach:
        raise UserError("admin-broadcast-place")
    return draft.municipality_id


def _write(broadcast: Broadcast, draft: Draft, municipality_id: int | None) -> None:
    broadcast.kind, broadcast.rubric_slug = draft.kind, draft.rubric or None
    broadcast.title, broadcast.body = draft.title.strip(), _tidy(draft.body)
    broadcast.link_url = draft.link_url.strip()
    broadcast.link_label = draft.link_label.strip() if draft.link_url else ""
    broadcast.segment = cleaned(draft.segment)
    broadcast.starts_at, broadcast.expires_at = draft.starts_at, draft.expires_at
    broadcast.municipality_id = municipality_id


def _tidy(text: str) -> str:
    """Lines as typed, without returns of the carriage and with one empty line between paragraphs at most."""
    lines = [line.rstrip() for line in text.replace("\r", "").strip().split("\n")]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept)


async def _waiting(session: AsyncSession, broadcast: Broadcast, **values: Any) -> None:
    """Change what still waits in the outbox."""
    await session.execute(
        update(Outbox)
        .where(Outbox.kind == row_kind(broadcast.id, broadcast.kind), Outbox.state == OutboxState.queued)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def _locked(session: AsyncSession, scope: Scope, broadcast_id: int) -> Broadcast:
    reach = reach_of(scope, Right.broadcasts_send)
    found = await session.get(Broadcast, broadcast_id, with_for_update=True)
    if found is None or (reach is not None and found.municipality_id not in reach):
        raise NotFound()
    return found


_Lines = Select[Broadcast, str | None, str | None, str | None]


def _lines() -> _Lines:
    return (
        select(Broadcast, Rubric.title, Municipality.name, StoredFile.name)
        .outerjoin(Rubric, Rubric.slug == Broadcast.rubric_slug)
        .outerjoin(Municipality, Municipality.id == Broadcast.municipality_id)
        .outerjoin(StoredFile, StoredFile.id == Broadcast.file_id)
    )


def _line(row: Broadcast, rubric: str | None, municipality: str | None, file_name: str | None) -> BroadcastLine:
    return BroadcastLine(
        id=row.id,
        kind=row.kind,
        rubric=rubric or "",
        rubric_slug=row.rubric_slug or "",
        title=row.title,
        body=row.body,
        link_label=row.link_label,
        link_url=row.link_url,
        file_id=row.file_id,
        file_name=file_name or "",
        segment={slug: list(values) for slug, values in row.segment.items()},
        municipality_id=row.municipality_id,
        municipality=municipality or "",
        state=row.state,
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        unfolded=row.unfolded,
        circle=circle_of(row),
    )
