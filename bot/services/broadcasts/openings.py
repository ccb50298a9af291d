"""How often the link of a message was opened: our own address before the stored one, a number a day, nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastOpening,
    BroadcastRecipient,
    BroadcastState,
    MailingChoice,
    Messenger,
    RecipientState,
)
from bot.services.broadcasts.running import row_kind
from bot.ui.screen import Button, Screen

DOOR = "/go"
FEW = 5
"""Below so many who got it, a number of openings would speak of somebody."""

NOT_SENT = (BroadcastState.draft, BroadcastState.scheduled)
APART = (RecipientState.unsubscribed, RecipientState.no_channel)


@dataclass(frozen=True, slots=True)
class Openings:
    """One message: ``sent`` and ``delivered`` are messages, ``opened`` presses of its link (None: too few people)."""

    sent: int = 0
    delivered: int = 0
    opened: int | None = None
    by_messenger: tuple[tuple[Messenger, int], ...] = ()
    # People who turned the rubric on or off between this post and the next one.
    came: int = 0
    left: int = 0


def address(base: str, broadcast_id: int, messenger: Messenger) -> str:
    """What stands in the message instead of the link."""
    return f"{base}{DOOR}/{broadcast_id}/{messenger.value}"


def counted(screen: Screen, kind: str, messenger: Messenger, base: str) -> Screen:
    """The screen as it leaves: links of a broadcast go through our address.

    A site nobody outside can open (no https) counts in its own chat only; messengers keep the straight link.
    """
    word, _, number = kind.partition(":")
    ours = {row_kind(0, one).partition(":")[0] for one in BroadcastKind}
    if word not in ours or not number.isdigit() or not (base.startswith("https://") or messenger is Messenger.web):
        return screen
    door = address(base, int(number), messenger)

    def through(button: Button) -> Button:
        return replace(button, url=door) if button.url else button

    return replace(screen, rows=tuple(tuple(through(button) for button in row) for row in screen.rows))


async def target(session: AsyncSession, broadcast_id: int) -> str:
    """The stored link of a message that has gone out; empty when there is none."""
    b = Broadcast
    link = await session.scalar(select(b.link_url).where(b.id == broadcast_id, b.state.not_in(NOT_SENT)))
    return link if link and link.startswith("https://") else ""


async def opened(session: AsyncSession, broadcast_id: int, messenger: Messenger, *, on: date) -> None:
    """One more."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    o = BroadcastOpening
    row = dialect.insert(o).values(broadcast_id=broadcast_id, messenger=messenger, on_day=on, times=1)
    await session.execute(
        row.on_conflict_do_update(index_elements=["broadcast_id", "messenger", "on_day"], set_={"times": o.times + 1})
    )


async def of_posts(session: AsyncSession, broadcast_ids: list[int]) -> dict[int, Openings]:
    """Figures of messages that have begun to go, in three questions. The caller has seen them (``listing``)."""
    if not broadcast_ids:
        return {}
    r, o = BroadcastRecipient, BroadcastOpening
    sent: dict[int, int] = {}
    got: dict[int, dict[Messenger | None, int]] = {}
    reached = func.sum(case((r.state == RecipientState.delivered, 1), else_=0))
    for number, messenger, written, delivered in await session.execute(
        select(r.broadcast_id, r.messenger, func.count(), reached)
        .where(r.broadcast_id.in_(broadcast_ids), r.state.not_in(APART))
        .group_by(r.broadcast_id, r.messenger)
    ):
        sent[number] = sent.get(number, 0) + written
        if delivered:
            got.setdefault(number, {})[messenger] = delivered
    times: dict[int, dict[Messenger, int]] = {}
    for number, messenger, count in await session.execute(
        select(o.broadcast_id, o.messenger, func.sum(o.times))
        .where(o.broadcast_id.in_(broadcast_ids))
        .group_by(o.broadcast_id, o.messenger)
    ):
        times.setdefault(number, {})[messenger] = int(count)
    moves = await _after(session, broadcast_ids)
    return {
        number: _figures(sent.get(number, 0), got.get(number, {}), times.get(number, {}), moves.get(number, (0, 0)))
        for number in broadcast_ids
    }


def _figures(
    sent: int, got: Mapping[Messenger | None, int], times: Mapping[Messenger, int], moves: tuple[int, int]
) -> Openings:
    delivered = sum(got.values())
    apart = all(number >= FEW for number in got.values()) and len(got) > 1
    shown = tuple(sorted(times.items(), key=lambda pair: (-pair[1], pair[0].value))) if apart else ()
    return Openings(sent, delivered, sum(times.values()) if delivered >= FEW else None, shown, *moves)


async def _after(session: AsyncSession, broadcast_ids: list[int]) -> dict[int, tuple[int, int]]:
    """(turned on, turned off) from a post to the next of its rubric: what people chose last, each once."""
    b, m = Broadcast, MailingChoice
    following = func.lead(b.starts_at).over(partition_by=b.rubric_slug, order_by=(b.starts_at, b.id))
    posts = (
        select(b.id, ("rubric:" + b.rubric_slug).label("topic"), b.starts_at, following.label("following"))
        .where(b.kind == BroadcastKind.rubric, b.state.not_in(NOT_SENT))
        .subquery()
    )
    rows = await session.execute(
        select(posts.c.id, func.sum(case((m.is_on, 1), else_=0)), func.sum(case((m.is_on, 0), else_=1)))
        .join(m, m.topic == posts.c.topic)
        .where(
            posts.c.id.in_(broadcast_ids),
            m.changed_at >= posts.c.starts_at,
            (posts.c.following.is_(None)) | (m.changed_at < posts.c.following),
        )
        .group_by(posts.c.id)
    )
    return {number: (int(on), int(off)) for number, on, off in rows}
