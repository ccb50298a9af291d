"""The life of a broadcast by itself: it begins at its hour, goes into the outbox in portions, ends.

A portion is one transaction: people's rows, their messages and the place reached. A process killed between
two portions goes on where it was; a person has one row and one message whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import touch
from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    BroadcastState,
    MessageClass,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    RecipientState,
    Rubric,
)
from bot.services.broadcasts.audience import Circle, best_channels, ground, people_of, refused
from bot.services.delivery import SUBSCRIBED
from bot.services.outbox import OUTBOX
from bot.ui.screen import Screen

PORTION = 500
"""People in one transaction: the table is not held for long, memory stays flat."""

OUTCOMES = {
    OutboxState.sent: RecipientState.delivered,
    OutboxState.blocked: RecipientState.blocked,
    OutboxState.unknown: RecipientState.unknown,
    OutboxState.failed: RecipientState.failed,
    OutboxState.expired: RecipientState.dropped,
}
"""What the end of an outbox row means for the report."""

LATER = timedelta(days=7)
"""How long after the end an unsure message may still be settled by the operator."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is said: the same for everybody."""

    kind: BroadcastKind
    title: str
    body: str
    link_label: str = ""
    link_url: str = ""
    rubric: str = ""
    rubric_slug: str = ""


Speak = Callable[[str, Post], Screen]
"""(locale, post) → its screen: words are the job's, not the service's."""


def row_kind(broadcast_id: int, kind: BroadcastKind) -> str:
    """The kind of its rows in the outbox; those of rubrics stand outside the weekly budget."""
    return f"{SUBSCRIBED if kind is BroadcastKind.rubric else 'broadcast'}:{broadcast_id}"


async def post_of(session: AsyncSession, broadcast: Broadcast) -> Post:
    """What is said."""
    rubric = await session.get(Rubric, broadcast.rubric_slug) if broadcast.rubric_slug else None
    return Post(
        broadcast.kind,
        broadcast.title,
        broadcast.body,
        broadcast.link_label,
        broadcast.link_url,
        rubric.title if rubric else "",
        broadcast.rubric_slug or "",
    )


def circle_of(broadcast: Broadcast) -> Circle:
    """For whom it is meant."""
    return Circle(broadcast.kind, broadcast.rubric_slug or "", broadcast.segment, broadcast.municipality_id)


async def anything(session: AsyncSession, *, now: datetime) -> bool:
    """True when some broadcast wants attention: most rounds find none and leave the writer alone."""
    due = and_(Broadcast.state == BroadcastState.scheduled, Broadcast.starts_at <= now)
    wanted = or_(due, Broadcast.state == BroadcastState.running, Broadcast.finished_at > now - LATER)
    return await session.scalar(select(Broadcast.id).where(wanted).limit(1)) is not None


async def begin_due(session: AsyncSession, *, now: datetime) -> int:
    """Those whose hour has come are running now; how many."""
    begun = await session.execute(
        update(Broadcast)
        .where(Broadcast.state == BroadcastState.scheduled, Broadcast.starts_at <= now)
        .values(state=BroadcastState.running)
        .returning(Broadcast.id)
    )
    return len(begun.all())


async def under_way(session: AsyncSession, *, now: datetime) -> list[tuple[int, bool]]:
    """(broadcast, to be unfolded yet) that run, or ended a short while ago."""
    rows = await session.execute(
        select(Broadcast.id, Broadcast.unfolded, Broadcast.state)
        .where(or_(Broadcast.state == BroadcastState.running, Broadcast.finished_at > now - LATER))
        .order_by(Broadcast.id)
    )
    return [(number, state is BroadcastState.running and not unfolded) for number, unfolded, state in rows]


async def unfold(
    session: AsyncSession,
    broadcast_id: int,
    speak: Speak,
    messengers: Collection[Messenger],
    *,
    now: datetime,
    portion: int = PORTION,
) -> int:
    """Write the rows and messages of the next people. How many; 0 when there is nobody left or it rests."""
    broadcast = await session.get_one(Broadcast, broadcast_id, with_for_update=True)
    if broadcast.state is not BroadcastState.running or broadcast.unfolded:
        return 0
    circle = circle_of(broadcast)
    group = (
        people_of(circle, await ground(session, now))
        .add_columns(refused(circle.kind).label("refused"))
        .where(
            Person.id > broadcast.unfolded_through,
            # Two profiles became one meanwhile: that one may have its row already.
            ~exists().where(BroadcastRecipient.broadcast_id == broadcast_id, BroadcastRecipient.person_id == Person.id),
        )
        .order_by(Person.id)
        .limit(portion)
    )
    people = (await session.execute(group)).all()
    if not people:
        broadcast.unfolded = True
        return 0
    best = best_channels(messengers, [row.id for row in people])
    reachable = set(await session.scalars(select(best.c.person_id)))
    post = await post_of(session, broadcast)
    spoken = {locale: speak(locale, post).as_json() for locale in {row.locale for row in people}}
    kind = row_kind(broadcast_id, broadcast.kind)
    told = [row for row in people if not row.refused and row.id in reachable]
    if told:
        await session.execute(
            insert(Outbox),
            [
                {
                    "person_id": row.id, "message_class": MessageClass.news, "kind": kind,
                    "dedupe": f"broadcast:{broadcast_id}:{row.id}", "screen": spoken[row.locale],
                    "file_id": broadcast.file_id, "state": OutboxState.queued, "not_before": now,
                    "expires_at": broadcast.expires_at, "tries": 0, "claimed_by": "", "error": "", "created_at": now,
                }
                for row in told
            ],
        )  # fmt: skip
    written = await session.execute(
        select(Outbox.person_id, Outbox.id).where(Outbox.kind == kind, Outbox.person_id.in_([row.id for row in told]))
    )
    rows = dict(iter(written))
    await session.execute(
        insert(BroadcastRecipient),
        [
            {
                "broadcast_id": broadcast_id, "person_id": row.id, "outbox_id": rows.get(row.id),
                "state": _first_state(refused=row.refused, reached=row.id in rows),
                "settled_at": None if row.id in rows else now,
            }
            for row in people
        ],
    )  # fmt: skip
    broadcast.unfolded_through = people[-1].id
    touch(session, OUTBOX)
    return len(people)


def _first_state(*, refused: bool, reached: bool) -> RecipientState:
    if reached:
        return RecipientState.waiting
    return RecipientState.unsubscribed if refused else RecipientState.no_channel


async def settle(session: AsyncSession, broadcast_id: int, *, now: datetime) -> bool:
    """Write down what has become of the messages; True when it is over."""
    broadcast = await session.get_one(Broadcast, broadcast_id, with_for_update=True)
    kind = row_kind(broadcast_id, broadcast.kind)
    r = BroadcastRecipient
    known = select(Outbox.messenger).where(Outbox.id == r.outbox_id).scalar_subquery()
    for state, outcome in OUTCOMES.items():
        ended = select(Outbox.id).where(Outbox.kind == kind, Outbox.state == state)
        unsettled = (RecipientState.waiting, RecipientState.unknown)
        await session.execute(
            update(r)
            .where(r.broadcast_id == broadcast_id, r.state.in_(unsettled), r.state != outcome, r.outbox_id.in_(ended))
            .values(state=outcome, messenger=known, settled_at=now)
            .execution_options(synchronize_session=False)
        )
    await session.execute(
        update(r)
        .where(r.broadcast_id == broadcast_id, r.state == RecipientState.waiting, r.outbox_id.is_(None))
        .values(state=RecipientState.unsubscribed, settled_at=now)
        .execution_options(synchronize_session=False)
    )  # She is leaving: her message was taken out of the outbox.
    if broadcast.state is not BroadcastState.running or not broadcast.unfolded:
        return broadcast.finished_at is not None
    left = select(Outbox.id).where(Outbox.kind == kind, Outbox.state.in_((OutboxState.queued, OutboxState.sending)))
    if await session.scalar(left.limit(1)) is not None:
        return False
    broadcast.state, broadcast.finished_at = BroadcastState.done, now
    return True
