"""The invented roadmap of the demonstration: some twenty measures in every state there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    Body,
    Measure,
    MeasureEvidence,
    Occurrence,
    OccurrenceState,
    ProofKind,
    ProofState,
    ReminderOf,
    Roadmap,
    RoadmapReminder,
    RoadmapState,
    Role,
)
from bot.rules import roadmap as rules
from bot.rules.roadmap import Stage
from bot.services import roadmap
from bot.services.access import Scope
from bot.services.data_files import Entry, read
from bot.services.roadmap import Heading, Named, Row, people, saving, schedule
from bot.services.roadmap.schedule import note

PATH = ROOT / "data" / "demo" / "roadmap.yaml"
BEGAN = timedelta(days=60)
"""The roadmap has been running this long."""

_day = re.compile(r"\{([+-]\d+)\}")


async def add(session: AsyncSession, staff: Mapping[str, int], home_body: str, *, now: datetime, today: date) -> None:
    """Everything, as if the measures had been worked on these two months."""
    book = read(PATH)
    bodies = {
        code: Named(abbreviation, number)
        for code, abbreviation, number in await session.execute(select(Body.code, Body.abbreviation, Body.id))
    }
    entries = book.entries("measures")
    rows = [_row(book, entry, bodies, home_body, today) for entry in entries]
    head, doer = staff[Role.centre_head.value], staff[Role.centre_staff.value]
    heading = Heading(
        book.need("title", str), today.year, book.need("order_no", str), today - timedelta(days=70),
        runs_since=today - BEGAN,
    )  # fmt: skip
    began = now - BEGAN
    saved = await saving.store(session, Scope(head), heading, rows, now=began, today=began.date())
    plan = await session.get_one(Roadmap, saved.roadmap_id)
    plan.state = RoadmapState.running
    measures = {m.code: m for m in await session.scalars(select(Measure).where(Measure.roadmap_id == plan.id))}
    for measure in measures.values():
        await schedule.unfold(session, measure, plan, today=today, now=now)
    days = await roadmap.days_off(session, today=today)
    circle = await people.circle(session, [m.id for m in measures.values()], today=today)
    for entry in entries:
        measure = measures[entry.need("code", str)]
        answering = circle.own[measure.id]
        person = answering[0].id if answering else doer
        await _live(session, book, entry, measure, person, head if person != head else doer, today=today, now=now)
    await session.flush()
    await _told(session, circle, days, today=today, now=now)


def _row(book: Entry, entry: Entry, bodies: Mapping[str, Named], home_body: str, today: date) -> Row:
    def named(field: str) -> tuple[Named, ...]:
        codes = [str(code).replace("local:home", home_body) for code in entry.get(field, [])]
        return tuple(bodies[code] for code in codes if code in bodies)

    direction = entry.need("direction", str)
    return Row(
        code=entry.need("code", str),
        direction=direction,
        direction_title=str(book["directions"][direction]),
        title=entry.need("title", str),
        measure=entry.need("measure", str),
        deadline=_put_days(book, entry.need("deadline", str), today),
        responsible=named("responsible"),
        executors=named("executors"),
        result=entry.need("result", str),
        result_kind=entry.need("kind", str),
        targets=tuple(entry.get("targets", [])),
    )


def _put_days(book: Entry, text: str, today: date) -> str:
    """The phrase with the days and names of this demonstration."""
    months, names = book.need("months", list), book.need("names", list)

    def day(found: re.Match[str]) -> str:
        when = today + timedelta(days=int(found[1]))
        return f"{when.day} {months[when.month - 1]} {when.year}"

    after = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    words = {
        "month": names[today.month - 1], "next-month": names[after.month - 1], "year": today.year,
        "next-year": after.year, "quarter": book.need("quarters", list)[(today.month - 1) // 3],
    }  # fmt: skip
    text = _day.sub(day, text)
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


async def _live(
    session: AsyncSession, book: Entry, entry: Entry, measure: Measure, person: int, second: int, *, today: date,
    now: datetime,
) -> None:  # fmt: skip
    state = str(entry.get("state", "open"))
    if state == "open":
        await _finish_past(session, measure, person, second, today=today, now=now)
        return
    day = await session.scalar(
        select(Occurrence).where(Occurrence.measure_id == measure.id).order_by(Occurrence.due).limit(1)
    )
    if day is None:
        return
    proof = _put_days(book, str(entry.get("proof", "")), today)
    kind = ProofKind.link if proof.startswith("http") else ProofKind.text
    noon = timedelta(hours=3)
    if state in ("closed", "closed-late"):
        sent = _at(day.due, now) + timedelta(days=4 if state == "closed-late" else -2)
        closed = sent + timedelta(days=1)
        session.add(
            MeasureEvidence(
                occurrence_id=day.id, kind=kind, text=proof, state=ProofState.accepted, by_id=person, at=sent,
                checked_by_id=second, checked_at=closed,
            )
        )  # fmt: skip
        day.state, day.sent_at, day.sent_by_id = OccurrenceState.closed, sent, person
        day.closed_at, day.closed_by_id = closed, second
        note(session, measure.id, "sent", by_id=person, now=sent, occurrence_id=day.id)
        note(session, measure.id, "accepted", by_id=second, now=closed, occurrence_id=day.id)
    elif state in ("sent", "returned"):
        sent = now - timedelta(days=2)
        waiting = state == "sent"
        session.add(
            MeasureEvidence(
                occurrence_id=day.id, kind=kind, text=proof,
                state=ProofState.waiting if waiting else ProofState.returned, by_id=person, at=sent,
                checked_by_id=None if waiting else second, checked_at=None if waiting else sent + noon,
                comment=str(entry.get("comment", "")),
            )
        )  # fmt: skip
        day.state = OccurrenceState.sent if waiting else OccurrenceState.open
        day.sent_at, day.sent_by_id = sent, person
        note(session, measure.id, "sent", by_id=person, now=sent, occurrence_id=day.id)
        if not waiting:
            text = str(entry.get("comment", ""))
            note(session, measure.id, "returned", by_id=second, now=sent + noon, occurrence_id=day.id, text=text)
    elif state == "partly":
        day.state, day.said = OccurrenceState.partly, str(entry.get("said", ""))
        note(
            session, measure.id, "partly", by_id=person, now=now - timedelta(days=1), occurrence_id=day.id,
            text=day.said,
        )  # fmt: skip
    elif state == "moved":
        day.move_to = day.due + timedelta(days=int(entry.get("move", 10)))
        day.move_reason, day.move_by_id = str(entry.get("reason", "")), person
        note(
            session, measure.id, "move-asked", by_id=person, now=now - timedelta(hours=20), occurrence_id=day.id,
            to=day.move_to.isoformat(), text=day.move_reason,
        )  # fmt: skip


async def _finish_past(
    session: AsyncSession, measure: Measure, person: int, second: int, *, today: date, now: datetime
) -> None:
    """Days of a series that are over were done in time."""
    past = await session.scalars(
        select(Occurrence).where(Occurrence.measure_id == measure.id, Occurrence.due < today, ~Occurrence.tentative)
    )
    for number, day in enumerate(past, start=11):
        sent = _at(day.due, now) - timedelta(days=1)
        session.add(
            MeasureEvidence(
                occurrence_id=day.id, kind=ProofKind.text, text=f"№ {number}, {sent:%d.%m.%Y}",
                state=ProofState.accepted, by_id=person, at=sent, checked_by_id=second,
                checked_at=sent + timedelta(hours=4),
            )
        )  # fmt: skip
        day.state, day.sent_at, day.sent_by_id = OccurrenceState.closed, sent, person
        day.closed_at, day.closed_by_id = sent + timedelta(hours=4), second


async def _told(session: AsyncSession, circle: people.Circle, days: rules.Days, *, today: date, now: datetime) -> None:
    """What people were told until yesterday: the ledger of two months, so that today begins as a usual day."""
    rows = await session.scalars(
        select(Occurrence).where(Occurrence.kind == "due", ~Occurrence.tentative).order_by(Occurrence.id)
    )
    above = {Stage.head: circle.heads, Stage.coordinator: circle.coordinators}
    for one in rows:
        closed = one.closed_at.date() if one.closed_at else today
        steps = rules.stages(one.start, one.due, days)
        # Of two stages on one day only the later was said.
        last = {step.day: step.stage for step in steps}
        for step in steps:
            if not today - BEGAN <= step.day < min(today, closed):
                continue
            for person in above.get(step.stage, circle.own)[one.measure_id]:
                session.add(
                    RoadmapReminder(
                        person_id=person.id, about=ReminderOf.occurrence, object_id=one.id, stage=step.stage.value,
                        day=step.day, told=last[step.day] is step.stage, at=_at(step.day, now),
                    )
                )  # fmt: skip
    await session.flush()


def _at(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=now.tzinfo)
