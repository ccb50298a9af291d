"""Whom a broadcast reaches, and by which messenger; counted before anything is sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    BroadcastKind,
    Consent,
    ConsentKind,
    Employment,
    Identity,
    MailingChoice,
    Messenger,
    Organisation,
    Outbox,
    OutboxState,
    Person,
    PersonState,
)
from bot.services.broadcasts.segments import Ground, Segment, condition
from bot.services.campaigns.targets import limits
from bot.services.delivery import BUDGETED, SUBSCRIBED, WEEK, WEEKLY


@dataclass(frozen=True, slots=True)
class Circle:
    """For whom it is meant."""

    kind: BroadcastKind
    rubric: str = ""
    segment: Segment | None = None
    municipality_id: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """What will happen if it is sent now. ``crowded`` get it later: their week is full."""

    by_messenger: tuple[tuple[Messenger, int], ...]
    no_channel: int
    refused: int
    crowded: int

    @property
    def reached(self) -> int:
        """People who get one message each."""
        return sum(number for _, number in self.by_messenger)


def kind_topic(kind: BroadcastKind) -> str:
    """The topic a person turns off."""
    return f"kind:{kind.value}"


def rubric_topic(slug: str) -> str:
    """The topic a person turns on."""
    return f"rubric:{slug}"


async def ground(session: AsyncSession, now: datetime) -> Ground:
    """The day and who is young on it."""
    return Ground(now.date(), await limits(session))


def people_of(circle: Circle, ground: Ground) -> Select[int, str]:
    """(person, locale) of the circle, each once: people who have come to a chat and are not leaving."""
    on = ground.on
    statement = (
        select(Person.id, Person.locale)
        .distinct()
        .outerjoin(
            Employment,
            and_(
                Employment.person_id == Person.id,
                Employment.is_main,
                Employment.since <= on,
                or_(Employment.until.is_(None), Employment.until >= on),
            ),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(
            Person.state == PersonState.active,
            Person.registered_at.is_not(None),
            condition(circle.segment or {}, ground),
        )
    )
    if circle.municipality_id is not None:
        statement = statement.where(Organisation.municipality_id == circle.municipality_id)
    if circle.kind is BroadcastKind.rubric:
        statement = statement.where(_chose(rubric_topic(circle.rubric), is_on=True))
    return statement


def refused(kind: BroadcastKind) -> ColumnElement[bool]:
    """True for people who turned this kind off, or never agreed to news. A subscription is an agreement itself."""
    if kind is BroadcastKind.rubric:
        return false()
    agreed = exists().where(
        Consent.person_id == Person.id, Consent.kind == ConsentKind.news, Consent.withdrawn_at.is_(None)
    )
    return or_(_chose(kind_topic(kind), is_on=False), ~agreed)


def _chose(topic: str, *, is_on: bool) -> ColumnElement[bool]:
    return exists().where(
        MailingChoice.person_id == Person.id, MailingChoice.topic == topic, MailingChoice.is_on.is_(is_on)
    )


def best_channels(messengers: Collection[Messenger], among: Collection[int] | None = None) -> Subquery:
    """(person_id, messenger): where delivery would bring a message (the same order as ``delivery``)."""
    place = func.row_number().over(
        partition_by=Identity.person_id,
        order_by=(
            (Identity.id == func.coalesce(Person.preferred_identity_id, 0)).desc(),
            (Identity.messenger != Messenger.web).desc(),
            func.coalesce(Identity.last_seen_at, Identity.linked_at).desc(),
        ),
    )
    live = (
        select(Identity.person_id, Identity.messenger, place.label("place"))
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.blocked_at.is_(None), Identity.messenger.in_(messengers))
    )
    if among is not None:
        live = live.where(Identity.person_id.in_(among))
    ranked = live.subquery()
    return select(ranked.c.person_id, ranked.c.messenger).where(ranked.c.place == 1).subquery()


async def count(session: AsyncSession, circle: Circle, messengers: Collection[Messenger], *, now: datetime) -> Count:
    """Who gets it and who does not, if it were sent now. Two questions, whatever the number of people."""
    group = people_of(circle, await ground(session, now)).add_columns(refused(circle.kind).label("refused")).subquery()
    best = best_channels(messengers)
    rows = await session.execute(
        select(group.c.refused, best.c.messenger, func.count())
        .outerjoin(best, best.c.person_id == group.c.id)
        .group_by(group.c.refused, best.c.messenger)
    )
    reached: dict[Messenger, int] = {}
    no_channel = turned_off = 0
    for is_refused, messenger, number in rows:
        if is_refused:
            turned_off += number
        elif messenger is None:
            no_channel += number
        else:
            reached[Messenger(messenger)] = number
    crowded = 0
    if circle.kind is not BroadcastKind.rubric:
        full = _full_weeks(now)
        crowded = (
            await session.scalar(
                select(func.count())
                .select_from(group)
                .join(full, full.c.person_id == group.c.id)
                .join(best, best.c.person_id == group.c.id)
                .where(~group.c.refused)
            )
            or 0
        )
    order = sorted(reached.items(), key=lambda pair: (-pair[1], pair[0].value))
    return Count(tuple(order), no_channel, turned_off, crowded)


def _full_weeks(now: datetime) -> Subquery:
    """People whose weekly budget is spent, as ``delivery`` counts it."""
    taken = func.coalesce(Outbox.sent_at, Outbox.claimed_at, Outbox.not_before)
    return (
        select(Outbox.person_id)
        .where(
            Outbox.message_class.in_(BUDGETED),
            Outbox.kind.not_like(f"{SUBSCRIBED}%"),
            Outbox.state.in_((OutboxState.sent, OutboxState.sending, OutboxState.unknown)),
            taken > now - WEEK,
            Outbox.created_at > now - timedelta(days=60),
        )
        .group_by(Outbox.person_id)
        .having(func.count() >= WEEKLY)
        .subquery()
    )
