"""What a person chose to get: rubrics turned on, kinds of broadcasts turned off, everything at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    ConsentKind,
    MailingChoice,
    Messenger,
    Outbox,
    OutboxState,
    RecipientState,
    Rubric,
)
from bot.services import consents
from bot.services.broadcasts.audience import kind_topic, rubric_topic

KINDS = tuple(kind for kind in BroadcastKind if kind is not BroadcastKind.rubric)
"""What may be turned off one by one."""


@dataclass(frozen=True, slots=True)
class RubricLine:
    """A rubric as a person sees it."""

    slug: str
    title: str
    about: str
    how_often: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of broadcast as a person sees it."""

    kind: BroadcastKind
    is_on: bool


async def rubrics(session: AsyncSession, person_id: int) -> list[RubricLine]:
    """All rubrics of the region, in the order of the pack."""
    on = await _topics(session, person_id, is_on=True)
    rows = await session.scalars(select(Rubric).order_by(Rubric.place, Rubric.slug))
    return [RubricLine(r.slug, r.title, r.about, r.how_often, rubric_topic(r.slug) in on) for r in rows]


async def kinds(session: AsyncSession, person_id: int) -> tuple[list[KindLine], bool]:
    """The kinds, and whether the person agreed to news at all."""
    off = await _topics(session, person_id, is_on=False)
    agreed = await consents.has(session, person_id, ConsentKind.news)
    return [KindLine(kind, kind_topic(kind) not in off) for kind in KINDS], agreed


async def switch_rubric(session: AsyncSession, person_id: int, slug: str, *, is_on: bool, now: datetime) -> RubricLine:
    """Subscribe or unsubscribe; twice is once. NotFound for a rubric nobody has."""
    rubric = await session.get(Rubric, slug)
    if rubric is None:
        raise NotFound()
    await _put(session, person_id, rubric_topic(slug), is_on=is_on, now=now)
    if not is_on:
        await _let_go(session, person_id, [BroadcastKind.rubric], rubrics=[slug], now=now)
    return RubricLine(slug, rubric.title, rubric.about, rubric.how_often, is_on)


async def switch_kind(
    session: AsyncSession, person_id: int, kind: BroadcastKind, *, is_on: bool, now: datetime
) -> None:
    """Turn a kind of broadcast off or on again; what waits of it is not said."""
    if kind not in KINDS:
        raise NotFound()
    await _put(session, person_id, kind_topic(kind), is_on=is_on, now=now)
    if not is_on:
        await _let_go(session, person_id, [kind], now=now)


async def no_rubrics(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """All rubrics off."""
    await session.execute(
        update(MailingChoice)
        .where(
            MailingChoice.person_id == person_id,
            MailingChoice.topic.startswith("rubric:"),
            MailingChoice.is_on,
        )
        .values(is_on=False, changed_at=now)
    )
    await _let_go(session, person_id, [BroadcastKind.rubric], now=now)


async def mute(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """«стоп»: the consent to news is taken back, rubrics are off, what waits is not said."""
    await consents.withdraw(session, person_id, ConsentKind.news, now=now)
    await no_rubrics(session, person_id, now=now)
    await no_broadcasts(session, person_id, now=now)


async def unmute(
    session: AsyncSession, person_id: int, moment: datetime, *, messenger: Messenger, now: datetime
) -> None:
    """Take «стоп» back: the consent again, and the rubrics that were turned off at that moment."""
    await consents.give(session, person_id, ConsentKind.news, messenger=messenger, now=now)
    await session.execute(
        update(MailingChoice)
        .where(
            MailingChoice.person_id == person_id,
            MailingChoice.topic.startswith("rubric:"),
            MailingChoice.is_on.is_(False),
            MailingChoice.changed_at == moment,
        )
        .values(is_on=True, changed_at=now)
    )


async def no_broadcasts(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """What waits of broadcasts is not said: the consent to news was taken back."""
    await _let_go(session, person_id, KINDS, now=now)


async def _let_go(
    session: AsyncSession,
    person_id: int,
    kinds: Collection[BroadcastKind],
    *,
    rubrics: Collection[str] | None = None,
    now: datetime,
) -> None:
    waiting = (
        select(BroadcastRecipient.id, BroadcastRecipient.outbox_id)
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .where(
            BroadcastRecipient.person_id == person_id,
            BroadcastRecipient.state == RecipientState.waiting,
            Broadcast.kind.in_(kinds),
        )
    )
    if rubrics is not None:
        waiting = waiting.where(Broadcast.rubric_slug.in_(rubrics))
    rows = (await session.execute(waiting)).all()
    taken = set(
        await session.scalars(
            update(Outbox)
            .where(Outbox.id.in_([row.outbox_id for row in rows]), Outbox.state == OutboxState.queued)
            .values(state=OutboxState.expired)
            .returning(Outbox.id)
            .execution_options(synchronize_session=False)
        )
    )
    gone = [row.id for row in rows if row.outbox_id in taken]
    await session.execute(
        update(BroadcastRecipient)
        .where(BroadcastRecipient.id.in_(gone))
        .values(state=RecipientState.unsubscribed, settled_at=now)
        .execution_options(synchronize_session=False)
    )


async def _topics(session: AsyncSession, person_id: int, *, is_on: bool) -> set[str]:
    rows = await session.scalars(
        select(MailingChoice.topic).where(MailingChoice.person_id == person_id, MailingChoice.is_on.is_(is_on))
    )
    return set(rows)


async def _put(session: AsyncSession, person_id: int, topic: str, *, is_on: bool, now: datetime) -> None:
    row = await session.scalar(
        select(MailingChoice)
        .where(MailingChoice.person_id == person_id, MailingChoice.topic == topic)
        .with_for_update()
    )
    if row is None:
        session.add(MailingChoice(person_id=person_id, topic=topic, is_on=is_on, changed_at=now))
    elif row.is_on is not is_on:
        row.is_on, row.changed_at = is_on, now
    await session.flush()
