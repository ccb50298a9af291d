"""How rubrics do: who subscribes, what went out, what arrived, who turned it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastOpening,
    BroadcastRecipient,
    BroadcastState,
    MailingChoice,
    RecipientState,
    Rubric,
)
from bot.services.access import Right, Scope
from bot.services.broadcasts.openings import FEW

PERIOD = timedelta(days=90)
NOT_YET = (BroadcastState.draft, BroadcastState.scheduled)


@dataclass(frozen=True, slots=True)
class RubricFigures:
    """One rubric over ``PERIOD``; ``sent`` and ``delivered`` are messages, the rest are people now."""

    slug: str
    title: str
    subscribers: int
    posts: int
    sent: int
    delivered: int
    turned_off: int
    # Presses of links; None while fewer than ``openings.FEW`` got anything.
    opened: int | None
    last: datetime | None

    @property
    def share(self) -> int | None:
        """Delivered of sent, whole percent; None when nothing was sent."""
        return round(100 * self.delivered / self.sent) if self.sent else None


async def by_rubric(session: AsyncSession, scope: Scope, *, now: datetime) -> list[RubricFigures]:
    """Every rubric of the region, in its order."""
    scope.require(Right.broadcasts_see)
    since = now - PERIOD
    b, r, m = Broadcast, BroadcastRecipient, MailingChoice
    ours = (b.kind == BroadcastKind.rubric, b.state.not_in(NOT_YET), b.starts_at >= since)
    posts = {
        slug: (count, last)
        for slug, count, last in await session.execute(
            select(b.rubric_slug, func.count(), func.max(b.starts_at)).where(*ours).group_by(b.rubric_slug)
        )
    }
    reached = case((r.state == RecipientState.delivered, 1), else_=0)
    apart = (RecipientState.unsubscribed, RecipientState.no_channel)
    messages = {
        slug: (sent, delivered or 0)
        for slug, sent, delivered in await session.execute(
            select(b.rubric_slug, func.count(), func.sum(reached))
            .join(r, r.broadcast_id == b.id)
            .where(*ours, r.state.not_in(apart))
            .group_by(b.rubric_slug)
        )
    }
    o = BroadcastOpening
    opened = {
        slug: int(times)
        for slug, times in await session.execute(
            select(b.rubric_slug, func.sum(o.times))
            .join(o, o.broadcast_id == b.id)
            .where(*ours)
            .group_by(b.rubric_slug)
        )
    }
    on = case((m.is_on, 1), else_=0)
    off = case((~m.is_on & (m.changed_at >= since), 1), else_=0)
    choices = {
        topic.removeprefix("rubric:"): (subscribers or 0, gone or 0)
        for topic, subscribers, gone in await session.execute(
            select(m.topic, func.sum(on), func.sum(off)).where(m.topic.startswith("rubric:")).group_by(m.topic)
        )
    }
    found = []
    for rubric in await session.scalars(select(Rubric).order_by(Rubric.place, Rubric.slug)):
        count, last = posts.get(rubric.slug, (0, None))
        sent, delivered = messages.get(rubric.slug, (0, 0))
        subscribers, gone = choices.get(rubric.slug, (0, 0))
        times = opened.get(rubric.slug, 0) if delivered >= FEW else None
        found.append(RubricFigures(rubric.slug, rubric.title, subscribers, count, sent, delivered, gone, times, last))
    return found
