"""Taking a questionnaire: the open attempt is the state, one transaction a step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Insert, Select, Table, bindparam, delete, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Employment,
    InstrumentKind,
    InstrumentVersion,
    MessageClass,
    Position,
    Purpose,
)
from bot.questions import SCALE
from bot.rules import scoring
from bot.services import outbox
from bot.services.diagnostics import adaptive
from bot.services.diagnostics.content import Content, Item, content_of, forms_of, published, version_of_item
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.ui.screen import Screen

OFFICIAL_EVERY = timedelta(days=90)
"""An official attempt counts once per instrument in this time (domain.md §1.4)."""

NOT_MINE = 0
"""«Не моя практика» in a button; stored as NULL."""

TAKEN = (InstrumentKind.self_likert, InstrumentKind.test_key, InstrumentKind.case_rubric)
"""Kinds that a person begins herself."""

NEXT = {InstrumentKind.test_key: "diagnostics-next-test", InstrumentKind.case_rubric: "diagnostics-next-case"}
"""What is open, in the main menu."""

COUNTED = (Purpose.official, Purpose.entry, Purpose.exit, Purpose.campaign)
"""Purposes that others may see and indicators count; ``trial`` is the person's own."""

attempts = cast(Table, Attempt.__table__)
answers = cast(Table, Answer.__table__)

ADVANCE = (
    update(attempts)
    .where(
        attempts.c.person_id == bindparam("person"),
        attempts.c.version_id == bindparam("version"),
        attempts.c.state == AttemptState.open,
        attempts.c.position == bindparam("at"),
    )
    .values(position=bindparam("to"), touched_at=bindparam("now"))
    .returning(attempts.c.id, attempts.c.audience, attempts.c.purpose)
)
"""Hot: moves the attempt only from the question that was answered, so a repeat moves nothing."""

OPEN = (
    select(
        attempts.c.id,
        attempts.c.version_id,
        attempts.c.position,
        attempts.c.audience,
        attempts.c.purpose,
        attempts.c.started_at,
        attempts.c.adaptive,
    )
    .where(attempts.c.person_id == bindparam("person"), attempts.c.state == AttemptState.open)
    .order_by(attempts.c.touched_at.desc(), attempts.c.id.desc())
)


def _upsert_sqlite() -> Insert:
    statement = sqlite.insert(answers)
    return statement.on_conflict_do_update(
        index_elements=["attempt_id", "item_id"],
        set_={name: statement.excluded[name] for name in ("value", "given", "points", "answered_at")},
    )


def _upsert_postgresql() -> Insert:
    statement = postgresql.insert(answers)
    return statement.on_conflict_do_update(
        index_elements=["attempt_id", "item_id"],
        set_={name: statement.excluded[name] for name in ("value", "given", "points", "answered_at")},
    )


WRITE = {"sqlite": _upsert_sqlite(), "postgresql": _upsert_postgresql()}
"""Hot: one answer, written again after «Назад»."""


BEGIN = {
    "sqlite": sqlite.insert(attempts).on_conflict_do_nothing().returning(attempts.c.id),
    "postgresql": postgresql.insert(attempts).on_conflict_do_nothing().returning(attempts.c.id),
}
"""A new attempt, unless the unique index knows one that is open."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where an attempt stands; ``item`` is None on the finish screen. ``moved`` is False for a stale press."""

    attempt_id: int
    content: Content
    position: int
    audience: str
    purpose: Purpose
    moved: bool = True
    # When a test with a time limit closes.
    until: datetime | None = None
    # Tasks asked so far where the test is shortened; None where they come in their order.
    asked: int | None = None

    def late(self, now: datetime) -> bool:
        """True when the time of the test is over."""
        return self.until is not None and now >= self.until

    @property
    def item(self) -> Item | None:
        return self.content.items[self.position] if self.position < len(self.content.items) else None

    @property
    def left(self) -> int:
        """Questions still ahead; of a shortened test, at most."""
        done = self.position if self.asked is None else self.asked
        return max(0, len(self.content.items) - done)


@dataclass(frozen=True, slots=True)
class Start:
    """What a person may begin: an instrument for her post, officially or only for herself."""

    content: Content
    audience: str
    open: Step | None
    official_from: datetime | None

    @property
    def official_now(self) -> bool:
        return self.official_from is None


async def answer(session: AsyncSession, person_id: int, item_id: int, value: int, *, now: datetime) -> Step | None:
    """Take an answer (1…5, or 0 for «не моя практика») to the question on the screen.

    A press for another question writes nothing and comes back as ``moved=False`` with the question
    as it stands; None when nothing is open. Raises UserError for a value outside the scale.
    """
    if not NOT_MINE <= value <= scoring.TOP:
        raise UserError("error-stale")
    version_id = await version_of_item(session, item_id)
    if version_id is None:
        return await state_of(session, person_id)
    content = await content_of(session, version_id)
    item = content.by_id[item_id]
    if item.kind != SCALE:
        return await state_of(session, person_id, version_id)
    place = item.place
    row = (
        await session.execute(
            ADVANCE, {"person": person_id, "version": version_id, "at": place, "to": place + 1, "now": now}
        )
    ).one_or_none()
    if row is None:
        return await state_of(session, person_id, version_id)
    await session.execute(
        WRITE[session.get_bind().dialect.name],
        {
            "attempt_id": row.id,
            "item_id": item_id,
            "value": value or None,
            "given": None,
            "points": value - 1 if value else None,
            "answered_at": now,
        },
    )
    return Step(row.id, content, place + 1, row.audience, row.purpose)


async def state_of(session: AsyncSession, person_id: int, version_id: int | None = None) -> Step | None:
    """The open attempt as it stands (of a version, else the latest touched); ``moved`` is False."""
    rows = (await session.execute(OPEN, {"person": person_id})).all()
    row = next((row for row in rows if version_id is None or row.version_id == version_id), None)
    if row is None:
        return None
    content = await content_of(session, row.version_id)
    until = closes_at(content, row.started_at)
    asked = await adaptive.count(session, row.id) if row.adaptive else None
    return Step(row.id, content, row.position, row.audience, row.purpose, moved=False, until=until, asked=asked)


def closes_at(content: Content, started_at: datetime) -> datetime | None:
    """When an attempt that began then is over; None without a limit."""
    return started_at + timedelta(minutes=content.time_limit) if content.time_limit else None


async def open_attempt(session: AsyncSession, person_id: int) -> Step | None:
    """The attempt to go on with, if there is one."""
    return await state_of(session, person_id)


async def back(session: AsyncSession, person_id: int, *, now: datetime) -> Step | None:
    """One question back; the answer given there stays until it is given again."""
    step = await state_of(session, person_id)
    if step is None or step.asked is not None:
        return step  # A shortened test goes on only: its next task follows from the answers before.
    place = max(0, step.position - 1)
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return replace(step, position=place, moved=True)


async def go_to(session: AsyncSession, person_id: int, place: int, *, now: datetime) -> Step | None:
    """To an answered question (reviewing); afterwards the person goes on from there."""
    step = await state_of(session, person_id)
    if step is None or step.asked is not None or not 0 <= place <= step.position:
        return step
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return replace(step, position=place, moved=True)


async def to_first_gap(session: AsyncSession, person_id: int, *, now: datetime) -> Step | None:
    """To the first question without an answer, or to the end: after one answer was changed."""
    step = await state_of(session, person_id)
    if step is None or step.asked is not None:
        return step and replace(step, moved=True)
    given = await review(session, step.attempt_id)
    place = next((item.place for item in step.content.items if item.id not in given), len(step.content.items))
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return replace(step, position=place, moved=True)


async def review(session: AsyncSession, attempt_id: int) -> dict[int, int | None]:
    """Answers given so far: item → value. What was picked without «Дальше» is not given yet."""
    rows = await session.execute(
        select(Answer.item_id, Answer.value).where(
            Answer.attempt_id == attempt_id, or_(Answer.given.is_(None), Answer.points.is_not(None))
        )
    )
    return {row.item_id: row.value for row in rows}


async def audience_of(session: AsyncSession, person_id: int) -> str:
    """The audience of the main job: teacher, preschool, leader."""
    audience = await session.scalar(
        select(Position.audience)
        .join(Employment, Employment.position_slug == Position.slug)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .order_by(Employment.since.desc(), Employment.id.desc())
        .limit(1)
    )
    return audience or "teacher"


async def start_offer(
    session: AsyncSession,
    person_id: int,
    *,
    now: datetime,
    instrument: str = "",
    purpose: Purpose = Purpose.official,
) -> Start | None:
    """What the person may begin now; a leader may ask for the teachers' instrument by name.

    ``instrument`` is an audience, or the number of an instrument: then its form is chosen, for ``exit``
    always another one than the last time.
    """
    audience = await audience_of(session, person_id)
    if instrument.isascii() and instrument.isdigit():
        content = await _form_for(session, person_id, int(instrument), purpose)
    else:
        wanted = instrument or ("leader" if audience == "leader" else "teacher")
        content = await published(session, wanted)
        if content is None and wanted == "leader":
            content = await published(session, "teacher")
    if content is None or content.kind not in TAKEN:
        return None
    last = await session.scalar(
        select(Attempt.finished_at)
        .where(
            Attempt.person_id == person_id,
            Attempt.version_id.in_(_versions_of(content)),
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_((Purpose.official, Purpose.entry, Purpose.campaign)),
        )
        .order_by(Attempt.finished_at.desc())
        .limit(1)
    )
    official_from = last + OFFICIAL_EVERY if last is not None and last + OFFICIAL_EVERY > now else None
    step = await _open_of(session, person_id, content)
    return Start(content, await _wording(session, person_id, content, audience), step, official_from)


async def _form_for(session: AsyncSession, person_id: int, instrument_id: int, purpose: Purpose) -> Content | None:
    """People are spread over the forms; whoever has taken one gets the next, and what is open goes on."""
    forms = await forms_of(session, instrument_id)
    if len(forms) < 2:
        return forms[0] if forms else None
    last = await session.scalar(
        select(InstrumentVersion.form)
        .join(Attempt, Attempt.version_id == InstrumentVersion.id)
        .where(
            Attempt.person_id == person_id,
            InstrumentVersion.instrument_id == instrument_id,
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(COUNTED) if purpose in COUNTED else true(),
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
        .limit(1)
    )
    if last is None:
        return forms[person_id % len(forms)]
    place = next((number for number, content in enumerate(forms) if content.form == last), -1)
    return forms[(place + 1) % len(forms)]


async def _open_of(session: AsyncSession, person_id: int, content: Content) -> Step | None:
    """The open attempt of this instrument: a version edited meanwhile does not lose it."""
    version_id = await session.scalar(
        select(Attempt.version_id)
        .where(
            Attempt.person_id == person_id,
            Attempt.state == AttemptState.open,
            Attempt.version_id.in_(_versions_of(content)),
        )
        .order_by(Attempt.touched_at.desc())
        .limit(1)
    )
    return await state_of(session, person_id, version_id) if version_id is not None else None


async def _wording(session: AsyncSession, person_id: int, content: Content, audience: str) -> str:
    """Whose wording a person reads: of her post where there is one, else of her audience."""
    worded = {name for item in content.items for name in item.texts}
    if not worded:
        return "teacher"
    post = await session.scalar(
        select(Employment.position_slug)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .order_by(Employment.since.desc(), Employment.id.desc())
        .limit(1)
    )
    return next((name for name in (post, audience) if name in worded), "teacher")


async def start(session: AsyncSession, caller: Caller, offer: Start, *, purpose: Purpose, now: datetime) -> Step:
    """Begin, or go on with what is open. Raises UserError for an official attempt too early."""
    if offer.open is not None:
        return offer.open
    if purpose in (Purpose.official, Purpose.entry) and not offer.official_now:
        raise UserError("diagnostics-too-early")
    first = await adaptive.first_place(session, offer.content) if _may_shorten(offer.content, purpose) else None
    attempt_id = await _begin(session, caller, offer, purpose, first, now)
    if attempt_id is None:  # Begun a moment ago from another chat.
        step = await state_of(session, caller.id, offer.content.version_id)
        assert step is not None
        return step
    until = closes_at(offer.content, now)
    asked = None if first is None else 0
    return Step(attempt_id, offer.content, first or 0, offer.audience, purpose, until=until, asked=asked)


async def _begin(
    session: AsyncSession, caller: Caller, offer: Start, purpose: Purpose, first: int | None, now: datetime
) -> int | None:
    """The new attempt, shortened where ``first`` says its first task; None where one is open.

    The unique index decides between two chats.
    """
    values = {
        "person_id": caller.id,
        "version_id": offer.content.version_id,
        "purpose": purpose,
        "state": AttemptState.open,
        "position": first or 0,
        "adaptive": first is not None,
        "audience": offer.audience,
        "messenger": caller.messenger,
        "started_at": now,
        "touched_at": now,
    }
    statement = BEGIN[session.get_bind().dialect.name].values(values)
    made: int | None = (await session.execute(statement)).scalar_one_or_none()
    return made


def _may_shorten(content: Content, purpose: Purpose) -> bool:
    return content.kind is InstrumentKind.test_key and purpose in COUNTED


async def abandon(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """Close what is open without a result; its answers go."""
    step = await state_of(session, person_id)
    if step is not None:
        await outbox.take_back(session, reminder(step.attempt_id))
        await session.execute(delete(Answer).where(Answer.attempt_id == step.attempt_id))
        await session.execute(
            update(Attempt).where(Attempt.id == step.attempt_id).values(state=AttemptState.abandoned, touched_at=now)
        )


async def remind_tomorrow(session: AsyncSession, person_id: int, step: Step, screen: Screen, *, now: datetime) -> None:
    """Say once, a day from now, that the questionnaire waits: the person asked for it."""
    tomorrow = now + timedelta(days=1)
    await outbox.say(
        session,
        person_id,
        screen,
        message_class=MessageClass.own_clock,
        kind="diagnostics-resume",
        dedupe=f"{reminder(step.attempt_id)}{tomorrow:%Y-%m-%d}",
        now=now,
        not_before=tomorrow,
    )


async def do_not_remind(session: AsyncSession, person_id: int) -> None:
    """Take back what was asked for; the open questionnaire stays as it is."""
    step = await state_of(session, person_id)
    if step is not None:
        await outbox.take_back(session, reminder(step.attempt_id))


def reminder(attempt_id: int) -> str:
    """Dedupe key of «go on tomorrow», up to the day."""
    return f"diagnostics-resume:{attempt_id}:"


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the menu: go on with what is open, else the first questionnaire."""
    step = await state_of(session, caller.id)
    if step is not None:
        name = NEXT.get(step.content.kind, "diagnostics-next-continue")
        return NextStep(name, "button-continue", "diagnostics:resume", {"left": step.left})
    done = await session.scalar(
        select(Attempt.id).where(Attempt.person_id == caller.id, Attempt.state == AttemptState.finished).limit(1)
    )
    if done is None:
        return NextStep("diagnostics-next-first", "diagnostics-home.take", "diagnostics:home", {})
    return None


def _versions_of(content: Content) -> Select[int]:
    return select(InstrumentVersion.id).where(InstrumentVersion.instrument_id == content.instrument_id)
