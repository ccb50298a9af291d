"""Taking a questionnaire: the open attempt is the state, one transaction a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Insert, Select, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Employment,
    FactKind,
    GroupResult,
    InstrumentVersion,
    MessageClass,
    Messenger,
    Position,
    Purpose,
)
from bot.rules import scoring
from bot.services import facts, outbox
from bot.services.diagnostics.content import Content, Item, content_of, published, version_of_item
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.ui.screen import Screen

OFFICIAL_EVERY = timedelta(days=90)
"""An official attempt counts once per instrument in this time (domain.md §1.4)."""

NOT_MINE = 0
"""«Не моя практика» in a button; stored as NULL."""

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
    select(attempts.c.id, attempts.c.version_id, attempts.c.position, attempts.c.audience, attempts.c.purpose)
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


@dataclass(frozen=True, slots=True)
class Step:
    """Where an attempt stands; ``item`` is None on the finish screen. ``moved`` is False for a stale press."""

    attempt_id: int
    content: Content
    position: int
    audience: str
    purpose: Purpose
    moved: bool = True

    @property
    def item(self) -> Item | None:
        return self.content.items[self.position] if self.position < len(self.content.items) else None

    @property
    def left(self) -> int:
        """Questions still ahead."""
        return len(self.content.items) - self.position


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
    place = content.by_id[item_id].place
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
    return Step(row.id, content, row.position, row.audience, row.purpose, moved=False)


async def open_attempt(session: AsyncSession, person_id: int) -> Step | None:
    """The attempt to go on with, if there is one."""
    return await state_of(session, person_id)


async def back(session: AsyncSession, person_id: int, *, now: datetime) -> Step | None:
    """One question back; the answer given there stays until it is given again."""
    step = await state_of(session, person_id)
    if step is None:
        return None
    place = max(0, step.position - 1)
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return Step(step.attempt_id, step.content, place, step.audience, step.purpose)


async def go_to(session: AsyncSession, person_id: int, place: int, *, now: datetime) -> Step | None:
    """To an answered question (reviewing); afterwards the person goes on from there."""
    step = await state_of(session, person_id)
    if step is None or not 0 <= place <= step.position:
        return step
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return Step(step.attempt_id, step.content, place, step.audience, step.purpose)


async def to_first_gap(session: AsyncSession, person_id: int, *, now: datetime) -> Step | None:
    """To the first question without an answer, or to the end: after one answer was changed."""
    step = await state_of(session, person_id)
    if step is None:
        return None
    given = await review(session, step.attempt_id)
    place = next((item.place for item in step.content.items if item.id not in given), len(step.content.items))
    await session.execute(update(Attempt).where(Attempt.id == step.attempt_id).values(position=place, touched_at=now))
    return Step(step.attempt_id, step.content, place, step.audience, step.purpose)


async def review(session: AsyncSession, attempt_id: int) -> dict[int, int | None]:
    """Answers given so far: item → value."""
    rows = await session.execute(select(Answer.item_id, Answer.value).where(Answer.attempt_id == attempt_id))
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


async def start_offer(session: AsyncSession, person_id: int, *, now: datetime, instrument: str = "") -> Start | None:
    """What the person may begin now; a leader may ask for the teachers' instrument by name."""
    audience = await audience_of(session, person_id)
    wanted = instrument or ("leader" if audience == "leader" else "teacher")
    content = await published(session, wanted)
    if content is None and wanted == "leader":
        content = await published(session, "teacher")
    if content is None:
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
    step = await state_of(session, person_id, content.version_id)
    wording = audience if audience == "preschool" else "teacher"
    return Start(content, wording, step, official_from)


async def start(session: AsyncSession, caller: Caller, offer: Start, *, purpose: Purpose, now: datetime) -> Step:
    """Begin, or go on with what is open. Raises UserError for an official attempt too early."""
    if offer.open is not None:
        return offer.open
    if purpose is Purpose.official and not offer.official_now:
        raise UserError("diagnostics-too-early")
    attempt = Attempt(
        person_id=caller.id,
        version_id=offer.content.version_id,
        purpose=purpose,
        audience=offer.audience,
        messenger=caller.messenger,
        started_at=now,
        touched_at=now,
    )
    session.add(attempt)
    await session.flush()
    return Step(attempt.id, offer.content, 0, offer.audience, purpose)


async def abandon(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """Close what is open without a result; its answers go."""
    step = await state_of(session, person_id)
    if step is not None:
        await outbox.take_back(session, _reminder(step.attempt_id))
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
        dedupe=f"{_reminder(step.attempt_id)}{tomorrow:%Y-%m-%d}",
        now=now,
        not_before=tomorrow,
    )


async def do_not_remind(session: AsyncSession, person_id: int) -> None:
    """Take back what was asked for; the open questionnaire stays as it is."""
    step = await state_of(session, person_id)
    if step is not None:
        await outbox.take_back(session, _reminder(step.attempt_id))


def _reminder(attempt_id: int) -> str:
    return f"diagnostics-resume:{attempt_id}:"


async def finish(session: AsyncSession, person_id: int, *, now: datetime, on: date) -> int | None:
    """Send the answers: results and, for a counted purpose, the fact. The attempt's id, None if nothing is open.

    Raises UserError while a question is unanswered.
    """
    step = await state_of(session, person_id)
    if step is None:
        return None
    given = await review(session, step.attempt_id)
    if any(item.id not in given for item in step.content.items):
        raise UserError("diagnostics-not-all", buttons=(("button-continue", "diagnostics:resume"),))
    closed = await session.execute(
        update(Attempt)
        .where(Attempt.id == step.attempt_id, Attempt.state == AttemptState.open)
        .values(state=AttemptState.finished, finished_at=now, touched_at=now)
        .returning(Attempt.id)
    )
    if closed.one_or_none() is None:
        return step.attempt_id  # Sent a moment ago from another chat.
    await outbox.take_back(session, _reminder(step.attempt_id))
    await _write_results(session, step.attempt_id, step.content, given)
    if step.purpose in COUNTED:
        await facts.add(
            session,
            person_id,
            FactKind.diagnosed,
            occurred_on=on,
            source=("attempt", step.attempt_id),
            now=now,
            evidence={"version": step.content.version_id, "kind": step.content.kind.value},
        )
    return step.attempt_id


async def record_finished(
    session: AsyncSession,
    person_id: int,
    content: Content,
    given: Mapping[int, int | None],
    *,
    purpose: Purpose,
    started_at: datetime,
    finished_at: datetime,
    messenger: Messenger,
    audience: str = "teacher",
) -> int:
    """A whole attempt at once (demonstration, imports), by the same rules."""
    attempt = Attempt(
        person_id=person_id,
        version_id=content.version_id,
        purpose=purpose,
        state=AttemptState.finished,
        position=len(content.items),
        audience=audience,
        messenger=messenger,
        started_at=started_at,
        touched_at=finished_at,
        finished_at=finished_at,
    )
    session.add(attempt)
    await session.flush()
    await session.execute(
        insert(answers),
        [
            {
                "attempt_id": attempt.id,
                "item_id": item.id,
                "value": (value := given.get(item.id)),
                "points": None if value is None else value - 1,
                "answered_at": finished_at,
            }
            for item in content.items
        ],
    )
    await _write_results(session, attempt.id, content, given)
    if purpose in COUNTED:
        await facts.add(
            session,
            person_id,
            FactKind.diagnosed,
            occurred_on=finished_at.date(),
            source=("attempt", attempt.id),
            now=finished_at,
            evidence={"version": content.version_id, "kind": content.kind.value},
        )
    return attempt.id


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the menu: go on with what is open, else the first questionnaire."""
    step = await state_of(session, caller.id)
    if step is not None:
        return NextStep("diagnostics-next-continue", "button-continue", "diagnostics:resume", {"left": step.left})
    done = await session.scalar(
        select(Attempt.id).where(Attempt.person_id == caller.id, Attempt.state == AttemptState.finished).limit(1)
    )
    if done is None:
        return NextStep("diagnostics-next-first", "diagnostics-home.take", "diagnostics:home", {})
    return None


async def _write_results(
    session: AsyncSession, attempt_id: int, content: Content, given: Mapping[int, int | None]
) -> None:
    scored = [
        (group, scoring.score_group(given, group.item_ids, content.cuts, known_sem=group.sem))
        for group in content.groups
    ]
    await session.execute(
        insert(GroupResult),
        [
            {
                "attempt_id": attempt_id,
                "group_id": group.id,
                "pct": score.pct,
                "sem": score.sem,
                "deficit_level": score.deficit_level,
                "is_deficit": score.is_deficit,
                "answered": score.answered,
                "total": score.total,
            }
            for group, score in scored
        ],
    )
    total = scoring.total_pct([(score.pct, group.weight) for group, score in scored])
    await session.execute(update(Attempt).where(Attempt.id == attempt_id).values(total_pct=total))


def _versions_of(content: Content) -> Select[int]:
    return select(InstrumentVersion.id).where(InstrumentVersion.instrument_id == content.instrument_id)
