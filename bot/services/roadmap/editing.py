"""What the centre changes about a measure: its deadline with a preview, the reading it confirms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import DateQuestion, QuestionState, Roadmap
from bot.rules.deadlines import Note
from bot.rules.roadmap_registers import Register
from bot.rules.roadmap_results import KINDS
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.roadmap import people, schedule
from bot.services.roadmap.people import Answering
from bot.services.roadmap.schedule import HORIZON, note

PHRASE = 300

_INDICATOR = re.compile(r"[A-Z]{3}-I\d{2}|T-\d{2}")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a phrase would make of a measure's days from today on."""

    phrase: str
    kind: str | None
    days: tuple[tuple[date | None, date], ...]
    more: int
    ask: str | None
    doubtful: bool
    broken: bool
    continuous: bool
    notes: tuple[Note, ...]


async def preview(session: AsyncSession, scope: Scope, measure_id: int, phrase: str, *, today: date) -> Preview:
    """The days of a phrase, before anything is changed; an empty phrase is the document's own."""
    scope.require(Right.roadmap_run)
    measure = await people.require(session, scope, measure_id, today=today)
    plan = await session.get_one(Roadmap, measure.roadmap_id)
    phrase = " ".join(phrase.split())[:PHRASE]
    reading = schedule.read(phrase or measure.deadline, plan.year, until=today + HORIZON)
    ahead = [pair for pair in reading.days if pair[1] >= max(plan.runs_since, today - timedelta(days=31))]
    return Preview(
        phrase, reading.kind, tuple(ahead[:12]), max(0, len(ahead) - 12), reading.ask, reading.doubtful,
        reading.broken, reading.continuous, reading.notes,
    )  # fmt: skip


async def put_deadline(
    session: AsyncSession, scope: Scope, measure_id: int, phrase: str, *, today: date, now: datetime
) -> None:
    """A deadline of one's own in place of the document's (empty: the document's again); the days follow.

    Days somebody has begun with stay. UserError for a phrase that is not understood: nothing is guessed.
    """
    scope.require(Right.roadmap_run)
    measure = await people.require(session, scope, measure_id, today=today)
    plan = await session.get_one(Roadmap, measure.roadmap_id)
    phrase = " ".join(phrase.split())[:PHRASE]
    if phrase and schedule.read(phrase, plan.year, until=today + HORIZON).broken:
        raise UserError("error-roadmap-unread")
    before = measure.deadline_own
    measure.deadline_own = phrase
    measure.read_confirmed_at = now if phrase else None
    schedule.put(measure, plan.year)
    await schedule.unfold(session, measure, plan, today=today, now=now)
    note(session, measure.id, "deadline", by_id=scope.person_id, now=now, was=before, text=phrase)
    audit.changed(session, scope, "measure", measure.id, "deadline", now=now)


async def confirm_reading(session: AsyncSession, scope: Scope, measure_id: int, *, today: date, now: datetime) -> None:
    """A person has compared a doubtful reading with the document: it is right."""
    scope.require(Right.roadmap_run)
    measure = await people.require(session, scope, measure_id, today=today)
    measure.read_confirmed_at = now
    note(session, measure.id, "read-confirmed", by_id=scope.person_id, now=now)


async def put_links(
    session: AsyncSession,
    scope: Scope,
    measure_id: int,
    indicators: str,
    register: str,
    kind: str | None = None,
    *,
    today: date,
    now: datetime,
) -> None:
    """Which indicators slip with the measure (ids through commas), which register of ours and which paper prove it.

    UserError for what is no id: SMO-I05, T-15 and the like.
    """
    scope.require(Right.roadmap_run)
    measure = await people.require(session, scope, measure_id, today=today)
    ids = [word.upper() for word in re.split(r"[\s,;]+", indicators) if word]
    wrong = [word for word in ids if not _INDICATOR.fullmatch(word)]
    if wrong:
        raise UserError("error-roadmap-indicators", text=", ".join(wrong)[:60])
    measure.indicators = list(dict.fromkeys(ids))[:20]
    measure.register = register if register in [one.value for one in Register] else ""
    if kind in KINDS and kind != (measure.result_kind or "other"):
        measure.result_kind = kind
    note(session, measure.id, "links", by_id=scope.person_id, now=now, text=", ".join(measure.indicators))
    audit.changed(session, scope, "measure", measure.id, "links", now=now)


async def ask_person(
    session: AsyncSession, scope: Scope, measure_id: int, person_id: int | None, *, today: date, now: datetime
) -> None:
    """Ask for a date: of this person, or of the people of the measure; an open question moves to her."""
    scope.require(Right.roadmap_run)
    measure = await people.require(session, scope, measure_id, today=today)
    found = await session.scalar(
        select(DateQuestion.id).where(DateQuestion.measure_id == measure.id, DateQuestion.state == QuestionState.open)
    )
    if found is None:
        about = measure.schedule.get("ask") or "plan"
        session.add(DateQuestion(measure_id=measure.id, about=about, person_id=person_id, ask_on=today, created_at=now))
    else:
        await session.execute(
            update(DateQuestion).where(DateQuestion.id == found).values(person_id=person_id, ask_on=today)
        )
    note(session, measure.id, "date-asked", by_id=scope.person_id, now=now)


async def choices(session: AsyncSession, scope: Scope, number: int, *, today: date) -> list[Answering]:
    """People of the measure's bodies, for the forms of its page."""
    others = await people.candidates(session, scope, number, today=today, limit=60)
    own = (await people.circle(session, [number], today=today)).own[number]
    return sorted({p.id: p for p in (*own, *others)}.values(), key=lambda person: person.name)


async def checkers(session: AsyncSession, *, today: date) -> list[Answering]:
    """Who may be the second pair of eyes: people with the right over the region."""
    return await people.with_right(session, Right.roadmap_check, today=today)
