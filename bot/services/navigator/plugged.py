"""What the product itself gives to «Навигатор»: answers, practices, the catalogue, events, registers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.models import (
    Activity,
    ActivityKind,
    CompetenceGroup,
    Event,
    EventKind,
    EventState,
    FaqEntry,
    FaqState,
    Subject,
)
from bot.services.navigator.index import Entry
from bot.services.navigator.sources import Source, plug
from bot.services.practices import entry as practices
from bot.services.registers import entry as registers

ABOUT = 240

_KINDS = {
    ActivityKind.self_study: "material",
    ActivityKind.open_lesson: "material",
    ActivityKind.community: "community",
    ActivityKind.contest: "contest",
    ActivityKind.webinar: "event",
    ActivityKind.seminar: "event",
    ActivityKind.masterclass: "event",
    ActivityKind.intensive: "event",
    ActivityKind.conference: "event",
    ActivityKind.event_other: "event",
}
"""Lines of the catalogue that are not programmes and courses."""

_MEETINGS = {EventKind.contest: "contest", EventKind.olympiad: "contest", EventKind.community: "community"}


async def answers(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """Published answers that are not stale."""
    rows = await session.scalars(
        select(FaqEntry)
        .where(FaqEntry.id > after, FaqEntry.state == FaqState.published, FaqEntry.review_on >= today)
        .order_by(FaqEntry.id)
        .limit(limit)
    )
    return [
        Entry(
            row.id, "answer", row.question, row.answer[:ABOUT], row.answer, subject=row.subject_slug,
            until=row.review_on,
        )
        for row in rows
    ]  # fmt: skip


async def activities(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """Open lines of the catalogue; those that are an event are found as the event."""
    rows = list(
        await session.scalars(
            select(Activity)
            .where(
                Activity.id > after,
                Activity.active,
                Activity.event_id.is_(None),
                or_(Activity.ends_on.is_(None), Activity.ends_on >= today),
            )
            .options(selectinload(Activity.groups), selectinload(Activity.subjects))
            .order_by(Activity.id)
            .limit(limit)
        )
    )
    titles = await _titles(session)
    made = []
    for row in rows:
        groups, subjects = [one.group_slug for one in row.groups], [one.subject_slug for one in row.subjects]
        named = " ".join(titles.get(slug, "") for slug in (*groups, *subjects))
        made.append(
            Entry(
                row.id, _KINDS.get(row.kind, "programme"), row.title, row.about[:ABOUT],
                f"{row.about} {row.organiser} {named}", subject=_only(subjects), group=groups[0] if groups else None,
                until=row.ends_on,
            )
        )  # fmt: skip
    return made


async def events(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """What is ahead, and what is over and has left a recording or materials."""
    midnight = datetime.combine(today, time(), tzinfo=UTC)
    ahead = Event.state.in_((EventState.announced, EventState.open, EventState.closed)) & (Event.ends_at >= midnight)
    left = Event.state.in_((EventState.held, EventState.reported)) & or_(Event.recording != "", Event.materials != "")
    rows = list(
        await session.scalars(
            select(Event)
            .where(Event.id > after, or_(ahead, left))
            .options(selectinload(Event.groups), selectinload(Event.subjects))
            .order_by(Event.id)
            .limit(limit)
        )
    )
    titles = await _titles(session)
    made = []
    for row in rows:
        groups, subjects = [one.group_slug for one in row.groups], [one.subject_slug for one in row.subjects]
        named = " ".join([titles.get(slug, "") for slug in (*groups, *subjects)] + list(row.tags))
        over = row.state in (EventState.held, EventState.reported)
        made.append(
            Entry(
                row.id, "material" if over else _MEETINGS.get(row.kind, "event"), row.title, row.about[:ABOUT],
                f"{row.about} {row.speakers} {named}", subject=_only(subjects), group=groups[0] if groups else None,
                until=None if over else (row.ends_at + timedelta(days=1)).date(),
            )
        )  # fmt: skip
    return made


async def _titles(session: AsyncSession) -> dict[str, str]:
    groups = await session.execute(select(CompetenceGroup.slug, CompetenceGroup.title))
    subjects = await session.execute(select(Subject.slug, Subject.title))
    return dict(groups.all()) | dict(subjects.all())


def _only(subjects: list[str]) -> str | None:
    """One subject narrows; several are for anybody who looks."""
    return subjects[0] if len(subjects) == 1 else None


plug(
    Source("answer", ("answer",), answers, "hotline:faq"),
    Source("practice", ("practice",), practices.all_of, "practices:card", page="/practices/{id}"),
    Source("activity", ("programme", "material", "community", "contest", "event"), activities, "catalogue:card"),
    Source("event", ("event", "material", "contest", "community"), events, "events:card"),
    Source("contest", ("contest",), registers.contests, "contests:card"),
    Source("register", ("community", "place", "document"), registers.records, "registers:card"),
)
