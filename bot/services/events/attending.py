"""Who was there: marks by word, picture, sheet, log and hand; corrections keep their author.

Registered, attended and completed are three things. A fact is written in the transaction that makes it true.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attendance,
    AttendanceMethod,
    Certificate,
    Confidence,
    Event,
    EventState,
    Fact,
    FactKind,
    Person,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.rules import attendance as rules
from bot.rules.attendance import Verdict
from bot.services import audit, codes, facts, iom
from bot.services.access import Right, Scope
from bot.services.events.reading import COUNTED, SHOWN, Numbers, numbers_of
from bot.services.events.signing import activity_of, lock, new_row

SOURCE = "event"
"""Source type of the facts."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What came of a word: ``attendance`` is missing when it was not taken."""

    verdict: Verdict
    event_id: int
    title: str
    on_list: bool = False
    again: bool = False
    completed: bool = False
    gives_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """What the presenter's screen shows now."""

    event_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    word: str
    ticket: str
    left: int
    open: bool
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class PersonMark:
    """A line of the sheet: a person on the list, what is known of her presence."""

    person_id: int
    name: str
    organisation: str
    municipality: str
    state: RegistrationState | None
    reason: str
    attendance_id: int | None
    method: AttendanceMethod | None
    confidence: Confidence | None
    completed: bool
    minutes: int | None
    # The school whose team she is in.
    team: str = ""


async def by_word(
    session: AsyncSession, person_id: int, event_id: int, typed: str, *, now: datetime, by_picture: bool = False
) -> Marked:
    """The word (or the picture) of the screen. A word that is not taken changes nothing."""
    event = await lock(session, event_id)
    if event.state not in SHOWN:
        raise NotFound()
    own = await session.scalar(
        select(Registration).where(Registration.event_id == event_id, Registration.person_id == person_id)
    )
    on_list = own is not None and own.state is RegistrationState.signed
    verdict = rules.judge(
        typed,
        event.secret,
        turn=event.word_turn,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        now=now,
        by_picture=by_picture,
    )
    if verdict is Verdict.right and event.marking_closed_at is not None and event.marking_closed_at <= now:
        verdict = Verdict.over
    if verdict is not Verdict.right:
        return Marked(verdict, event_id, event.title, on_list)
    method = AttendanceMethod.qr_window if by_picture else AttendanceMethod.code_word
    standing = await _standing(session, event_id, person_id)
    if standing is not None:
        return Marked(
            verdict, event_id, event.title, on_list, again=True, completed=standing.completed,
            gives_certificate=event.gives_certificate,
        )  # fmt: skip
    if own is None:
        own = new_row(event_id, person_id, now=now)
        own.state, own.source = RegistrationState.cancelled, RegistrationSource.door
        session.add(own)
    made = await _mark(
        session, event, person_id, method, confidence=rules.confidence(method, on_list=on_list), now=now, by_id=None
    )
    return Marked(
        verdict, event_id, event.title, on_list, completed=made.completed, gives_certificate=event.gives_certificate
    )


async def by_quiz(session: AsyncSession, event: Event, person_id: int, *, now: datetime) -> Marked:
    """The quiz was answered well enough. The event is locked by the caller; a mark that says less gives way."""
    own = await session.scalar(
        select(Registration).where(Registration.event_id == event.id, Registration.person_id == person_id)
    )
    on_list = own is not None and own.state is RegistrationState.signed
    sure = rules.confidence(AttendanceMethod.quiz, on_list=on_list)
    standing = await _standing(session, event.id, person_id)
    kept = standing
    if standing is not None:
        settled = standing.completed and standing.confidence in COUNTED
        if not settled and (sure in COUNTED or standing.confidence not in COUNTED):
            await _void(session, standing, by_id=None, reason="quiz", now=now)
            kept = None
    if own is None:
        own = new_row(event.id, person_id, now=now)
        own.state, own.source = RegistrationState.cancelled, RegistrationSource.door
        session.add(own)
    if kept is None:
        kept = await _mark(session, event, person_id, AttendanceMethod.quiz, confidence=sure, now=now, by_id=None)
    return Marked(
        Verdict.right, event.id, event.title, kept.confidence in COUNTED, completed=kept.completed,
        gives_certificate=event.gives_certificate,
    )  # fmt: skip


async def claim(session: AsyncSession, person_id: int, event_id: int, *, now: datetime) -> str:
    """«Меня не отметили»: a mark nobody counts before the organiser has looked at the log. The title."""
    event = await lock(session, event_id)
    if event.state not in SHOWN or event.starts_at > now:
        raise NotFound()
    own = await session.scalar(
        select(Registration.state).where(Registration.event_id == event_id, Registration.person_id == person_id)
    )
    if own is not RegistrationState.signed:
        raise UserError("events-claim-not-on-list")
    if await _standing(session, event_id, person_id) is None:
        await _mark(
            session, event, person_id, AttendanceMethod.manual, confidence=Confidence.low, now=now, by_id=None,
            reason="claim",
        )  # fmt: skip
    return event.title


async def running(session: AsyncSession, person_id: int, *, now: datetime) -> list[int]:
    """Events at which a word may be typed now: hers first, then the others that run. At most five."""
    rows = await session.execute(
        select(Event.id, Registration.id)
        .outerjoin(
            Registration,
            (Registration.event_id == Event.id)
            & (Registration.person_id == person_id)
            & (Registration.state == RegistrationState.signed),
        )
        .where(
            Event.state.in_((EventState.open, EventState.closed, EventState.held)),
            Event.starts_at <= now,
            Event.ends_at >= now - rules.GRACE,
        )
        .order_by(Registration.id.is_(None), Event.starts_at, Event.id)
        .limit(5)
    )
    return [event_id for event_id, _ in rows]


async def try_word(
    session: AsyncSession, person_id: int, event_ids: Sequence[int], typed: str, *, place: str, now: datetime
) -> Marked | None:
    """A word for one of several events; five wrong ones close the input of this chat for an hour.

    The best verdict is told; None when there was nothing to compare with. The count is the caller's to commit.
    """
    await codes.check_open(session, place, now=now)
    best: Marked | None = None
    for event_id in event_ids:
        marked = await by_word(session, person_id, event_id, typed, now=now)
        if marked.verdict is Verdict.right:
            await codes.right(session, place)
            return marked
        if best is None or marked.verdict is Verdict.late:
            best = marked
    if best is not None and best.verdict is Verdict.wrong:
        await codes.wrong(session, place, now=now)
    return best


# --- staff -------------------------------------------------------------------------------------------


async def stage(session: AsyncSession, scope: Scope, event_id: int, *, now: datetime) -> Stage:
    """The presenter's screen."""
    scope.require(Right.events_mark)
    event = await session.get(Event, event_id)
    if event is None or event.state not in SHOWN:
        raise NotFound()
    window = rules.window_of(now)
    running = event.starts_at <= now <= event.ends_at + rules.GRACE
    counted = await numbers_of(session, [event_id])
    return Stage(
        event_id,
        event.title,
        event.starts_at,
        event.ends_at,
        event.zone,
        rules.word(event.secret, window, event.word_turn),
        rules.ticket(event.secret, window, event.word_turn),
        rules.left(now),
        running and event.marking_closed_at is None,
        counted[event_id],
    )


async def change_word(session: AsyncSession, scope: Scope, event_id: int, *, now: datetime) -> None:
    """Another word at once; the one before is taken no longer (it went where it should not have gone)."""
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    event.word_turn += 1
    audit.changed(session, scope, "event", event_id, "word-changed", now=now)
    await session.flush()


async def close_marking(session: AsyncSession, scope: Scope, event_id: int, *, again: bool, now: datetime) -> None:
    """No more words are taken, or they are taken again."""
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    event.marking_closed_at = None if again else now
    audit.changed(session, scope, "event", event_id, "marking-opened" if again else "marking-closed", now=now)
    await session.flush()


async def mark_by_hand(
    session: AsyncSession, scope: Scope, event_id: int, person_ids: Sequence[int], *, reason: str, now: datetime
) -> int:
    """Marked by a member of staff, who says why; how many are new."""
    if not reason.strip():
        raise UserError("events-reason-needed")
    return await _by_staff(session, scope, event_id, person_ids, AttendanceMethod.manual, reason=reason, now=now)


async def mark_by_sheet(
    session: AsyncSession, scope: Scope, event_id: int, person_ids: Sequence[int], *, now: datetime
) -> int:
    """Signatures on the sheet; how many are new."""
    return await _by_staff(session, scope, event_id, person_ids, AttendanceMethod.sheet, reason="", now=now)


async def accept_doubtful(session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, now: datetime) -> None:
    """A word from somebody who was not on the list, looked at: she was there."""
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    standing = await _standing(session, event_id, person_id)
    if standing is None:
        raise NotFound()
    if standing.confidence is not Confidence.low:
        return
    standing.confidence, standing.by_id = Confidence.medium, scope.person_id
    audit.changed(session, scope, "event", event_id, "attendance-accepted", now=now, after={"person": person_id})
    await _tell_facts(session, event, standing, now=now)


async def take_back(
    session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, reason: str, now: datetime
) -> None:
    """A mark that was wrong: voided with author and reason, its facts with it."""
    scope.require(Right.events_mark)
    if not reason.strip():
        raise UserError("events-reason-needed")
    await lock(session, event_id)
    standing = await _standing(session, event_id, person_id)
    if standing is None:
        raise NotFound()
    await _void(session, standing, by_id=scope.person_id, reason=reason, now=now)
    certificate = await session.scalar(
        select(Certificate).where(Certificate.event_id == event_id, Certificate.person_id == person_id)
    )
    if certificate is not None and certificate.revoked_at is None:
        certificate.revoked_at, certificate.revoked_by_id, certificate.revoke_reason = now, scope.person_id, reason
    audit.changed(session, scope, "event", event_id, "attendance-voided", now=now, after={"person": person_id})
    await session.flush()


async def mark_from_log(
    session: AsyncSession, scope: Scope, event: Event, person_id: int, minutes: int, *, now: datetime
) -> bool:
    """A line of the webinar log whose person is known. False when nothing new is said by it."""
    scope.require(Right.events_mark)
    standing = await _standing(session, event.id, person_id)
    made = rules.meets(
        event.rule, AttendanceMethod.log_import, minutes=minutes, length=_length(event), share=event.log_share
    )
    if standing is not None:
        if standing.completed or (standing.confidence in COUNTED and not made):
            return False
        await _void(session, standing, by_id=scope.person_id, reason="log", now=now)
    await _mark(
        session, event, person_id, AttendanceMethod.log_import, confidence=Confidence.high, minutes=minutes, now=now,
        by_id=scope.person_id,
    )  # fmt: skip
    return True


async def locked(session: AsyncSession, event_id: int) -> Event:
    """An event in any state, held until the end of the transaction."""
    event = await session.scalar(
        select(Event).where(Event.id == event_id).with_for_update().execution_options(populate_existing=True)
    )
    if event is None:
        raise NotFound()
    return event


# --- inside ------------------------------------------------------------------------------------------


async def _by_staff(
    session: AsyncSession,
    scope: Scope,
    event_id: int,
    person_ids: Sequence[int],
    method: AttendanceMethod,
    *,
    reason: str,
    now: datetime,
) -> int:
    scope.require(Right.events_mark)
    event = await lock(session, event_id)
    if event.starts_at > now:
        raise UserError("events-not-begun")
    known = set(await session.scalars(select(Person.id).where(Person.id.in_(person_ids))))
    new = 0
    for person_id in dict.fromkeys(person_ids):
        if person_id not in known:
            continue
        standing = await _standing(session, event_id, person_id)
        if standing is not None:
            better = rules.meets(event.rule, method, minutes=None, length=_length(event), share=event.log_share)
            if standing.completed or not better:
                continue
            await _void(session, standing, by_id=scope.person_id, reason=reason or method.value, now=now)
        await _mark(
            session, event, person_id, method, confidence=Confidence.high, reason=reason, now=now, by_id=scope.person_id
        )
        new += 1
    audit.changed(session, scope, "event", event_id, f"marked-{method.value}", now=now, after={"people": new})
    await session.flush()
    return new


async def _mark(
    session: AsyncSession,
    event: Event,
    person_id: int,
    method: AttendanceMethod,
    *,
    confidence: Confidence,
    now: datetime,
    by_id: int | None,
    reason: str = "",
    minutes: int | None = None,
) -> Attendance:
    row = Attendance(
        event_id=event.id,
        person_id=person_id,
        method=method,
        confidence=confidence,
        completed=rules.meets(event.rule, method, minutes=minutes, length=_length(event), share=event.log_share),
        minutes=minutes,
        reason=reason,
        at=now,
        by_id=by_id,
    )
    session.add(row)
    await session.flush()
    await _tell_facts(session, event, row, now=now)
    return row


async def _tell_facts(session: AsyncSession, event: Event, row: Attendance, *, now: datetime) -> None:
    """Attended, and completed where the rule is met; a doubtful mark is no fact yet."""
    if row.confidence not in COUNTED:
        return
    on = event.starts_at.astimezone(ZoneInfo(event.zone)).date()
    evidence = {"method": row.method.value, "kind": event.kind.value, "tags": list(event.tags)}
    kinds = [FactKind.attended, *([FactKind.event_completed] if row.completed else [])]
    for kind in kinds:
        await facts.add(
            session, row.person_id, kind, occurred_on=on, source=(SOURCE, event.id), now=now, evidence=evidence
        )
    activity_id = await activity_of(session, event.id) if row.completed else None
    if activity_id is not None:
        source = iom.Source(SOURCE, event.id, on, activity_id=activity_id)
        await iom.close_by(session, row.person_id, source, now=now)


async def _void(session: AsyncSession, row: Attendance, *, by_id: int | None, reason: str, now: datetime) -> None:
    row.voided_at, row.voided_by_id, row.void_reason = now, by_id, reason
    await session.flush()
    key = await session.scalar(select(Person.key).where(Person.id == row.person_id))
    for fact in await session.scalars(
        select(Fact).where(
            Fact.person_key == key,
            Fact.source_type == SOURCE,
            Fact.source_id == row.event_id,
            Fact.kind.in_((FactKind.attended, FactKind.event_completed)),
            Fact.voided_at.is_(None),
        )
    ):
        await facts.void(session, fact, by_id=by_id, reason=reason, now=now)


async def _standing(session: AsyncSession, event_id: int, person_id: int) -> Attendance | None:
    return await session.scalar(
        select(Attendance).where(
            Attendance.event_id == event_id, Attendance.person_id == person_id, Attendance.voided_at.is_(None)
        )
    )


def _length(event: Event) -> int:
    return max(round((event.ends_at - event.starts_at).total_seconds() / 60), 1)


async def attended_by(session: AsyncSession, person_id: int) -> int:
    """At how many events a person was."""
    return (
        await session.scalar(
            select(func.count()).where(
                Attendance.person_id == person_id,
                Attendance.voided_at.is_(None),
                Attendance.confidence.in_(COUNTED),
            )
        )
        or 0
    )


def fresh_secret() -> str:
    """The key of a new event's word."""
    return secrets.token_hex(16)
