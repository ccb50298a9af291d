"""What may go out now, to whom and through which channel; the network is the job's (jobs/outbox.py).

Life of a row: queued → (planned: a channel is chosen) → sending → sent, blocked, unknown, failed or expired.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.config import Policy, Settings
from bot.models import Identity, MessageClass, Messenger, Outbox, OutboxState, Person
from bot.rules.quiet_hours import Hours, own_window, read_hours
from bot.services import packs
from bot.ui.screen import Screen

RANK = {
    MessageClass.answer: 0,
    MessageClass.own_clock: 1,
    MessageClass.for_you: 2,
    MessageClass.staff: 2,
    MessageClass.nudge: 3,
    MessageClass.news: 4,
}
"""Answers before broadcasts."""

BUDGETED = (MessageClass.nudge, MessageClass.news)
WEEK = timedelta(days=7)
WEEKLY = 3
"""Invitations and news a person gets in any seven days, one a day at most."""

SUBSCRIBED = "rubric"
"""Beginning of the kind of news the person subscribed to: outside the budget."""

BUNDLE = timedelta(hours=1)
"""Rubrics of a day come together: what is written later waits for the next day."""

IMPERSONAL = "broadcast-test"
"""Beginning of the kind of what is the same for everybody: any messenger may carry it."""

STALE = timedelta(days=14)
"""An invitation or news that found no place in two weeks is no longer news."""

REPEATABLE = frozenset({Messenger.vk})
"""Messengers that know our number of a message, so that sending it again is harmless."""

WAITS_UNREAD = (OutboxState.unknown, OutboxState.blocked)
UNREAD_FOR = timedelta(days=30)

_o = Outbox
_rank = case(RANK, value=_o.message_class)


@dataclass(frozen=True, slots=True)
class Channel:
    """A messenger that is on, and what it may carry."""

    messenger: Messenger
    policy: Policy = Policy.full


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to go; ``id`` is its row."""

    id: int
    person_id: int
    messenger: Messenger
    chat_id: int
    screen: Screen
    file_id: int | None
    tries: int
    message_class: MessageClass
    kind: str


async def hours_of(session: AsyncSession, settings: Settings, *, now: datetime) -> Hours:
    """The region's quiet hours and the days that differ, for a year ahead."""
    begin, end = read_hours(settings.delivery.quiet_hours)
    today = local_date(now, settings.zone)
    days = await packs.working_days(session, today - timedelta(days=1), today + timedelta(days=370))
    return Hours(begin, end, settings.zone, days)


async def recover(session: AsyncSession, *, now: datetime) -> int:
    """After a crash: what was in flight may or may not have arrived. Nobody sends it again blindly.

    Only for the process that has just become the one that delivers. Rows that became unknown.
    """
    await session.execute(
        update(_o)
        .where(_o.state == OutboxState.sending, _o.messenger.in_(REPEATABLE))
        .values(state=OutboxState.queued, not_before=now, claimed_by="", claimed_at=None)
    )
    lost = await session.execute(
        update(_o)
        .where(_o.state == OutboxState.sending)
        .values(state=OutboxState.unknown, error="in flight when the process ended")
        .returning(_o.id)
    )
    # A messenger may have been switched off meanwhile: channels are chosen anew.
    await session.execute(update(_o).where(_o.state == OutboxState.queued).values(messenger=None, chat_id=None))
    return len(lost.all())


async def plan(
    session: AsyncSession, channels: Collection[Channel], hours: Hours, *, now: datetime, limit: int = 200
) -> int:
    """Choose time and channel for what is due and has none. Rows looked at."""
    statement = (
        select(Outbox)
        .where(_o.state == OutboxState.queued, _o.messenger.is_(None), _o.not_before <= now)
        .order_by(_rank, _o.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = (await session.scalars(statement)).all()
    for row in due:
        await _plan_one(session, row, channels, hours, now)
        await session.flush()
    return len(due)


async def _plan_one(
    session: AsyncSession, row: Outbox, channels: Collection[Channel], hours: Hours, now: datetime
) -> None:
    if row.expires_at is not None and row.expires_at <= now:
        row.state = OutboxState.expired
        return
    person = await session.get_one(Person, row.person_id)
    later = allowed_at(row, hours, person.writing_window, now=now)
    if later is not None and later <= now and _is_budgeted(row):
        later = await _budget_at(session, row, hours, now)
    elif later is not None and later <= now and row.message_class in BUDGETED:
        later = await _bundle_at(session, row, hours, now)
    if later is None:
        row.state = OutboxState.expired
        return
    if later > now:
        row.not_before = later
        return
    identity = await _best_identity(session, row, person, channels)
    if identity is None:
        row.state = OutboxState.blocked
    else:
        row.messenger, row.chat_id = identity.messenger, identity.chat_id


def allowed_at(row: Outbox, hours: Hours, window: str, *, now: datetime) -> datetime | None:
    """When the class lets the message out; None when it never will."""
    match row.message_class:
        case MessageClass.answer:
            return now
        case MessageClass.own_clock:
            # Its event is nearer than the morning: late is worse than at night.
            end = hours.end_of_quiet(now)
            return now if row.expires_at is not None and row.expires_at <= end else end
        case MessageClass.nudge | MessageClass.news:
            own = own_window(window)
            if own is None or (row.expires_at is None and now - row.created_at > STALE):
                return None
            return hours.next_window(now, own)
        case _:
            return hours.end_of_quiet(now)


def _is_budgeted(row: Outbox) -> bool:
    return row.message_class in BUDGETED and not row.kind.startswith(SUBSCRIBED)


async def _budget_at(session: AsyncSession, row: Outbox, hours: Hours, now: datetime) -> datetime | None:
    """When the weekly budget has room; None for an invitation that was already made this week."""
    taken = func.coalesce(_o.sent_at, _o.claimed_at, _o.not_before)
    statement = (
        select(taken, _o.kind)
        .where(
            _o.person_id == row.person_id,
            _o.id != row.id,
            _o.message_class.in_(BUDGETED),
            _o.kind.not_like(f"{SUBSCRIBED}%"),
            or_(
                _o.state.in_((OutboxState.sent, OutboxState.sending, OutboxState.unknown)),
                (_o.state == OutboxState.queued) & _o.messenger.is_not(None),
            ),
            taken > now - WEEK,
        )
        .order_by(taken)
    )
    week = (await session.execute(statement)).all()
    if row.message_class is MessageClass.nudge and any(kind == row.kind for _, kind in week):
        return None
    if len(week) >= WEEKLY:
        return _utc(week[-WEEKLY][0], now) + WEEK
    today = now.astimezone(hours.zone).date()
    if any(_utc(moment, now).astimezone(hours.zone).date() == today for moment, _ in week):
        return hours.next_day(now)
    return now


async def _bundle_at(session: AsyncSession, row: Outbox, hours: Hours, now: datetime) -> datetime:
    """When a rubric may come: with the others of the day, else tomorrow."""
    first = await session.scalar(
        select(func.min(_o.sent_at)).where(
            _o.person_id == row.person_id,
            _o.message_class.in_(BUDGETED),
            _o.kind.like(f"{SUBSCRIBED}%"),
            _o.state == OutboxState.sent,
            _o.sent_at >= hours.next_day(now) - timedelta(days=1),
        )
    )
    return hours.next_day(now) if first is not None and _utc(first, now) + BUNDLE <= now else now


def _utc(moment: datetime, now: datetime) -> datetime:
    # SQLite gives the result of a function without a zone.
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)


async def _best_identity(
    session: AsyncSession, row: Outbox, person: Person, channels: Collection[Channel]
) -> Identity | None:
    """The chosen chat, else the one the person came to last; the web page last of all: it does not ring."""
    found = (
        await session.scalars(
            select(Identity).where(Identity.person_id == person.id, Identity.blocked_at.is_(None)).order_by(Identity.id)
        )
    ).all()
    same_for_all = row.message_class is MessageClass.news or row.kind.startswith(IMPERSONAL)
    carry = {c.messenger for c in channels if c.policy is Policy.full or same_for_all}
    live = [identity for identity in found if identity.messenger in carry]
    if row.identity_id is not None:
        return next((identity for identity in live if identity.id == row.identity_id), None)
    return max(
        live,
        key=lambda identity: (
            identity.id == person.preferred_identity_id,
            identity.messenger is not Messenger.web,
            identity.last_seen_at or identity.linked_at,
        ),
        default=None,
    )


def _lane(messenger: Messenger, now: datetime) -> Select[Outbox]:
    return select(Outbox).where(_o.state == OutboxState.queued, _o.messenger == messenger, _o.not_before <= now)


async def claim(
    session: AsyncSession,
    messenger: Messenger,
    hours: Hours,
    *,
    now: datetime,
    by: str,
    without: Collection[int] = (),
) -> Parcel | None:
    """The next message of a messenger, marked as being sent; ``without`` are chats that must rest."""
    while True:
        statement = _lane(messenger, now).order_by(_rank, _o.id).limit(1).with_for_update(skip_locked=True)
        if without:
            statement = statement.where(_o.chat_id.not_in(without))
        row = await session.scalar(statement)
        if row is None:
            return None
        if row.expires_at is not None and row.expires_at <= now:
            row.state = OutboxState.expired
            await session.flush()
            continue
        window = await session.scalar(select(Person.writing_window).where(Person.id == row.person_id)) or ""
        later = allowed_at(row, hours, window, now=now)
        if later is None:
            row.state = OutboxState.expired
        elif later > now:
            row.not_before, row.messenger, row.chat_id = later, None, None
        else:
            assert row.chat_id is not None
            row.state, row.claimed_at, row.claimed_by, row.tries = OutboxState.sending, now, by, row.tries + 1
            await session.flush()
            return Parcel(
                row.id,
                row.person_id,
                messenger,
                row.chat_id,
                Screen.from_json(row.screen),
                row.file_id,
                row.tries,
                row.message_class,
                row.kind,
            )
        await session.flush()


async def has_waiting(session: AsyncSession, messenger: Messenger, *, now: datetime) -> bool:
    """True when something could go out but for the pace."""
    return await session.scalar(_lane(messenger, now).with_only_columns(_o.id).limit(1)) is not None


async def sent(session: AsyncSession, row_id: int, message_id: int, *, now: datetime) -> None:
    """It arrived."""
    await _close(session, row_id, state=OutboxState.sent, message_id=message_id, sent_at=now)


async def unknown(session: AsyncSession, row_id: int, error: str) -> None:
    """Nobody knows whether it arrived."""
    await _close(session, row_id, state=OutboxState.unknown, error=error)


async def failed(session: AsyncSession, row_id: int, error: str) -> None:
    """The messenger does not take such a message: ours to repair."""
    await _close(session, row_id, state=OutboxState.failed, error=error)


async def again(session: AsyncSession, row_id: int, error: str, *, at: datetime) -> None:
    """It surely did not go out: later."""
    await _close(session, row_id, state=OutboxState.queued, error=error, not_before=at)


async def refused(session: AsyncSession, parcel: Parcel, *, now: datetime) -> None:
    """The chat is closed: remembered, and the message looks for the next live channel."""
    await session.execute(
        update(Identity)
        .where(
            Identity.person_id == parcel.person_id,
            Identity.messenger == parcel.messenger,
            Identity.chat_id == parcel.chat_id,
        )
        .values(blocked_at=now)
    )
    await _close(session, parcel.id, state=OutboxState.queued, error="chat closed")
    await session.execute(
        update(_o)
        .where(_o.state == OutboxState.queued, _o.person_id == parcel.person_id, _o.chat_id == parcel.chat_id)
        .values(messenger=None, chat_id=None)
        .execution_options(synchronize_session=False)
    )


async def _close(session: AsyncSession, row_id: int, **values: object) -> None:
    await session.execute(
        update(_o)
        .where(_o.id == row_id, _o.state == OutboxState.sending)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


# --- what may not have arrived ------------------------------------------------------------------------


async def unread(session: AsyncSession, person_id: int, *, now: datetime, limit: int = 5) -> list[tuple[int, Screen]]:
    """«For you» messages that may not have reached the person, oldest first."""
    rows = await session.execute(
        select(_o.id, _o.screen)
        .where(
            _o.person_id == person_id,
            _o.message_class == MessageClass.for_you,
            _o.state.in_(WAITS_UNREAD),
            _o.seen_at.is_(None),
            _o.created_at > now - UNREAD_FOR,
        )
        .order_by(_o.id)
        .limit(limit)
    )
    return [(row_id, Screen.from_json(screen)) for row_id, screen in rows]


async def seen(session: AsyncSession, row_ids: Collection[int], *, now: datetime) -> None:
    """The person has them on the screen."""
    await session.execute(update(_o).where(_o.id.in_(row_ids)).values(seen_at=now))


async def counts(session: AsyncSession) -> Mapping[OutboxState, int]:
    """Rows by state, for the operator and ``/metrics``."""
    rows = await session.execute(select(_o.state, func.count()).group_by(_o.state))
    return {OutboxState(state): number for state, number in rows}
