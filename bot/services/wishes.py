"""«Хочу такой курс»: collected without promises; enough people make a group, an event invites them all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    CourseWish,
    Event,
    EventState,
    MessageClass,
    Person,
    PersonState,
    Role,
    RoleAssignment,
    ScopeKind,
    WishState,
)
from bot.rules import wishes as rules
from bot.services import audit, outbox, region
from bot.services.access import RIGHTS, Right, Scope
from bot.ui.screen import Screen

LEAST = 10
"""So many people make a group; ``least`` of the region setting ``wishes`` is another number."""


TOLD_FOR = timedelta(days=14)
"""A letter about a gathered group waits no longer than this."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A topic as one person sees it: her own wish, how many wait with her."""

    topic: str
    count: int
    is_mine: bool
    id: int | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the centre sees it."""

    key: str
    topic: str
    count: int
    enough: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Ripe:
    """A group that has gathered; ``wave`` is how many groups of this topic were invited before."""

    topic: Topic
    wave: int

    def dedupe(self, person_id: int) -> str:
        """One letter a group and a person, ever."""
        return f"wishes:{hashlib.sha256(self.topic.key.encode()).hexdigest()[:16]}:{self.wave}:{person_id}"


Speak = Callable[[str, str, Event], Screen]
"""(locale, topic, event) → the invitation."""

Gathered = Callable[[str, Topic], Screen]
"""(locale, topic) → the letter to those who hold events."""


async def look(session: AsyncSession, person_id: int, topic: str) -> Wish:
    """How many wait for this, before anything is written. UserError for words that name nothing."""
    topic = " ".join(topic.split())[: rules.LONGEST]
    key = rules.key(topic)
    if not key:
        raise UserError("wishes-no-words")
    w = CourseWish
    rows = (await session.scalars(select(w).where(w.key == key, w.state == WishState.waiting).order_by(w.id))).all()
    mine = next((row for row in rows if row.person_id == person_id), None)
    return Wish(rows[0].topic if rows else topic, len(rows), mine is not None, mine.id if mine else None)


async def put(session: AsyncSession, person_id: int, topic: str, *, now: datetime) -> Wish:
    """Write the wish down; twice is once, a withdrawn one is brought back."""
    known = await look(session, person_id, topic)
    if not known.is_mine:
        key = rules.key(topic)
        row = await session.scalar(select(CourseWish).where(CourseWish.person_id == person_id, CourseWish.key == key))
        if row is None:
            session.add(CourseWish(person_id=person_id, topic=known.topic[:120], key=key, created_at=now))
        else:
            row.state, row.event_id = WishState.waiting, None
        await session.flush()
    return await look(session, person_id, topic)


async def withdraw(session: AsyncSession, person_id: int, wish_id: int) -> str:
    """«Передумать»; the topic. NotFound for somebody else's."""
    row = await session.get(CourseWish, wish_id)
    if row is None or row.person_id != person_id:
        raise NotFound()
    if row.state is WishState.waiting:
        row.state = WishState.withdrawn
    await session.flush()
    return row.topic


async def topics(session: AsyncSession, scope: Scope) -> list[Topic]:
    """What is waited for, the most wanted first; nobody's name."""
    scope.require(Right.events_edit)
    return await _topics(session)


async def ripe(session: AsyncSession) -> list[Ripe]:
    """Topics that enough people wait for."""
    found = [topic for topic in await _topics(session) if topic.enough]
    w = CourseWish
    waves = dict(
        (
            await session.execute(
                select(w.key, func.count(w.event_id.distinct()))
                .where(w.key.in_([topic.key for topic in found]), w.state == WishState.invited)
                .group_by(w.key)
            )
        ).all()
    )
    return [Ripe(topic, waves.get(topic.key, 0)) for topic in found]


async def keepers(session: AsyncSession, *, today: date) -> list[tuple[int, str]]:
    """(person, locale) of those who make the events of the region."""
    roles = [role for role in Role if Right.events_edit in RIGHTS[role]]
    r = RoleAssignment
    rows = await session.execute(
        select(Person.id, Person.locale)
        .join(r, r.person_id == Person.id)
        .where(
            r.role.in_(roles), r.scope_kind == ScopeKind.region, r.since <= today,
            (r.until.is_(None)) | (r.until >= today), r.revoked_at.is_(None), Person.state == PersonState.active,
        )
        .order_by(Person.id)
        .distinct()
    )  # fmt: skip
    return [(number, locale) for number, locale in rows]


async def tell(
    session: AsyncSession, person_id: int, locale: str, ripe: Sequence[Ripe], speak: Gathered, *, now: datetime
) -> int:
    """A letter about each group this person was not told of yet; how many are new."""
    written = 0
    for one in ripe:
        written += await outbox.say(
            session,
            person_id,
            speak(locale, one.topic),
            message_class=MessageClass.staff,
            kind="wishes-gathered",
            dedupe=one.dedupe(person_id),
            now=now,
            expires_at=now + TOLD_FOR,
        )
    return written


async def _topics(session: AsyncSession) -> list[Topic]:
    least = await enough(session)
    w = CourseWish
    rows = await session.execute(
        select(w.key, func.min(w.topic), func.count().label("n"), func.min(w.created_at))
        .where(w.state == WishState.waiting)
        .group_by(w.key)
        .order_by(func.count().desc(), w.key)
        .limit(200)
    )
    return [Topic(key, topic, count, count >= least, since) for key, topic, count, since in rows]


async def enough(session: AsyncSession) -> int:
    """How many people make a group here."""
    return int((await region.setting(session, "wishes")).get("least", LEAST))


async def events_ahead(session: AsyncSession, *, now: datetime) -> Sequence[Event]:
    """Events one may invite to."""
    rows = await session.scalars(
        select(Event)
        .where(Event.state.in_((EventState.announced, EventState.open)), Event.starts_at > now)
        .order_by(Event.starts_at, Event.id)
        .limit(100)
    )
    return rows.all()


async def invite(session: AsyncSession, scope: Scope, key: str, event_id: int, speak: Speak, *, now: datetime) -> int:
    """Tell everybody who waits for a topic of an event that answers it; how many. UserError without either."""
    scope.require(Right.events_edit)
    event = await session.get(Event, event_id)
    if event is None or event.state not in (EventState.announced, EventState.open) or event.starts_at <= now:
        raise UserError("wishes-no-event")
    w = CourseWish
    rows = (
        await session.execute(
            select(w, Person.locale)
            .join(Person, Person.id == w.person_id)
            .where(w.key == key, w.state == WishState.waiting, Person.state == PersonState.active)
            .order_by(w.id)
        )
    ).all()
    if not rows:
        raise UserError("wishes-nobody")
    for row, locale in rows:
        row.state, row.event_id = WishState.invited, event_id
        await outbox.say(
            session,
            row.person_id,
            speak(locale, row.topic, event),
            message_class=MessageClass.for_you,
            kind="wishes-invited",
            dedupe=f"wish:{row.id}:{event_id}",
            now=now,
            expires_at=event.starts_at,
        )
    audit.changed(session, scope, "wish", event_id, "invited", now=now, after={"people": len(rows)})
    return len(rows)
