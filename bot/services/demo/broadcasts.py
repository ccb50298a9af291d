"""Broadcasts of the demonstration: one that is over, one that waits for its hour, a draft; posts of rubrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
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
    Rubric,
)
from bot.services.broadcasts.audience import Circle, ground, people_of, rubric_topic
from bot.services.demo.cast import book

OUTCOMES = (
    (RecipientState.delivered, 80),
    (RecipientState.unsubscribed, 8),
    (RecipientState.blocked, 4),
    (RecipientState.no_channel, 4),
    (RecipientState.dropped, 3),
    (RecipientState.unknown, 1),
)
"""What became of it, of a hundred people."""

SUBSCRIBED = 0.3


async def add(session: AsyncSession, rng: Random, by_id: int, *, now: datetime) -> None:
    """Made of the people who are there already; nothing of it is sent."""
    words = book()["broadcasts"]
    rubrics = list(await session.scalars(select(Rubric).order_by(Rubric.place)))
    everybody = (
        await session.execute(people_of(Circle(BroadcastKind.news), await ground(session, now)).order_by("id"))
    ).all()
    for person in everybody:
        for rubric in rubrics:
            if rng.random() < SUBSCRIBED:
                topic, since = rubric_topic(rubric.slug), now - timedelta(days=rng.randrange(1, 60))
                session.add(MailingChoice(person_id=person.id, topic=topic, is_on=True, changed_at=since))
    over = _made(words["over"], BroadcastKind.events, BroadcastState.done, now - timedelta(days=9), by_id)
    waits = _made(words["waits"], BroadcastKind.courses, BroadcastState.scheduled, now + timedelta(days=5), by_id)
    draft = _made(words["draft"], BroadcastKind.surveys, BroadcastState.draft, now + timedelta(days=8), by_id)
    waits.segment, draft.segment = {"young": ["yes"]}, {"undiagnosed": ["yes"]}
    made = [over, waits, draft]
    if rubrics:
        post = _made(words["post"], BroadcastKind.rubric, BroadcastState.scheduled, now + timedelta(days=2), by_id)
        post.rubric_slug = rubrics[min(1, len(rubrics) - 1)].slug
        past = _made(words["past"], BroadcastKind.rubric, BroadcastState.done, now - timedelta(days=5), by_id)
        past.rubric_slug, past.link_url = post.rubric_slug, "https://edu.gov.ru/"
        made += [post, past]
    session.add_all(made)
    await session.flush()
    if rubrics:
        await _read(session, rng, past, now=now)
    states = [state for state, share in OUTCOMES for _ in range(share)]
    for person in everybody:
        state = rng.choice(states)
        session.add(
            BroadcastRecipient(
                broadcast_id=over.id,
                person_id=person.id,
                state=state,
                messenger=Messenger.web if state in (RecipientState.delivered, RecipientState.unknown) else None,
                settled_at=over.starts_at + timedelta(seconds=rng.randrange(600)),
            )
        )
    await session.flush()


async def _read(session: AsyncSession, rng: Random, past: Broadcast, *, now: datetime) -> None:
    """A post that went to its subscribers and was opened on the days after."""
    topic = rubric_topic(past.rubric_slug or "")
    for person_id in await session.scalars(
        select(MailingChoice.person_id).where(MailingChoice.topic == topic).order_by(MailingChoice.person_id)
    ):
        session.add(
            BroadcastRecipient(
                broadcast_id=past.id, person_id=person_id, state=RecipientState.delivered, messenger=Messenger.web,
                settled_at=past.starts_at,
            )
        )  # fmt: skip
    for day in range((now - past.starts_at).days + 1):
        on = (past.starts_at + timedelta(days=day)).date()
        session.add(
            BroadcastOpening(broadcast_id=past.id, messenger=Messenger.web, on_day=on, times=rng.randint(2, 30))
        )


def _made(
    words: dict[str, str], kind: BroadcastKind, state: BroadcastState, starts_at: datetime, by_id: int
) -> Broadcast:
    starts_at = starts_at.replace(hour=14, minute=0)
    is_over = state is BroadcastState.done
    return Broadcast(
        kind=kind,
        title=words["title"],
        body=words["body"],
        state=state,
        starts_at=starts_at,
        expires_at=starts_at + timedelta(days=14),
        unfolded=is_over,
        finished_at=starts_at + timedelta(days=8) if is_over else None,
        created_by_id=by_id,
        created_at=starts_at - timedelta(days=12),
    )
