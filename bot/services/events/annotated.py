"""The annotated list of events for an ИОМ: what is ahead, by groups of competences, as a page, DOCX and XLSX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import Words, date_ru
from bot.models import (
    Activity,
    CompetenceGroup,
    Event,
    EventGroup,
    EventState,
    EventSubject,
    IomStep,
    Position,
    StepState,
    Subject,
)
from bot.services.access import Right, Scope
from bot.services.documents.certificate import hours
from bot.services.documents.page import Paper
from bot.services.documents.records import Cell, Column, records_sheet
from bot.services.events.reading import EventLine, lines_of

MOST = 500
LONGEST = timedelta(days=366)
COLUMNS = ("title", "when", "form", "hours", "about", "whom", "organiser", "seats", "link")
WIDTHS = (46, 26, 22, 14, 60, 32, 30, 17, 20)


@dataclass(frozen=True, slots=True)
class Annotated:
    """An event as the list shows it; ``steps``: how many ИОМ it is a step of, ``activity_id``: its line there.

    ``left``: free seats for those whose ИОМ it becomes a step of; None without a limit.
    """

    line: EventLine
    left: int | None
    about: str
    organiser: str
    groups: tuple[str, ...]
    subjects: tuple[str, ...]
    positions: tuple[str, ...]
    managers_only: bool
    activity_id: int | None
    steps: int


async def collect(
    session: AsyncSession,
    scope: Scope,
    *,
    since: date,
    until: date,
    now: datetime,
    zone: ZoneInfo,
    group: str = "",
) -> list[Annotated]:
    """Events of the days that an ИОМ may be made of, the nearest first: as many queries whatever their number."""
    scope.require(Right.events_see)
    begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in (since, min(until, since + LONGEST)))
    has_group = select(EventGroup.event_id)
    if group:
        has_group = has_group.where(EventGroup.group_slug == group)
    events = list(
        await session.scalars(
            select(Event)
            .where(
                Event.state.in_((EventState.announced, EventState.open)),
                Event.members_only.is_(False),
                Event.starts_at >= begin,
                Event.starts_at < end + timedelta(days=1),
                Event.id.in_(has_group),
            )
            .order_by(Event.starts_at, Event.id)
            .limit(MOST)
        )
    )
    ids = [event.id for event in events]
    groups = await _names(
        session,
        select(EventGroup.event_id, CompetenceGroup.title)
        .join(CompetenceGroup, CompetenceGroup.slug == EventGroup.group_slug)
        .where(EventGroup.event_id.in_(ids))
        .order_by(CompetenceGroup.place),
    )
    subjects = await _names(
        session,
        select(EventSubject.event_id, Subject.title)
        .join(Subject, Subject.slug == EventSubject.subject_slug)
        .where(EventSubject.event_id.in_(ids))
        .order_by(Subject.place),
    )
    titles = dict((await session.execute(select(Position.slug, Position.title))).all())
    chosen = func.count(IomStep.id).filter(IomStep.state.not_in((StepState.replaced, StepState.cancelled)))
    steps = {
        event_id: (activity_id, number)
        for event_id, activity_id, number in await session.execute(
            select(Activity.event_id, Activity.id, chosen)
            .outerjoin(IomStep, IomStep.activity_id == Activity.id)
            .where(Activity.event_id.in_(ids))
            .group_by(Activity.event_id, Activity.id)
        )
        if event_id is not None
    }
    found = []
    for event, line in zip(events, await lines_of(session, events), strict=True):
        activity_id, number = steps.get(event.id, (None, 0))
        posts = tuple(titles[slug] for slug in event.positions if slug in titles)
        found.append(
            Annotated(
                line, line.left(now, routed=True), event.about, event.organiser, groups.get(event.id, ()),
                subjects.get(event.id, ()), posts, event.managers_only, activity_id, number,
            )
        )  # fmt: skip
    return found


def by_group(found: Sequence[Annotated]) -> list[tuple[str, list[Annotated]]]:
    """The list by groups of competences; an event of two groups stands under both."""
    names = dict.fromkeys(name for one in found for name in one.groups)
    return [(name, [one for one in found if name in one.groups]) for name in names]


def row(t: Words, one: Annotated, link: str) -> list[str]:
    """One event in the columns of the list."""
    begin, end = one.line.local()
    audience = [t("events-annotated.young")] if one.line.young_only else []
    audience += [t("events-annotated.managers")] if one.managers_only else []
    audience += [*one.positions, *one.subjects]
    return [
        one.line.title,
        f"{date_ru(begin.date())}, {begin:%H:%M}–{end:%H:%M}",
        t(f"catalogue-form.{one.line.form.value}"),
        hours(one.line.hours),
        one.about or "—",
        ", ".join(audience) or t("events-annotated.everybody"),
        one.organiser or "—",
        str(one.left) if one.left is not None else t("events-annotated.no-limit"),
        link,
    ]


def docx(t: Words, found: Sequence[Annotated], since: date, until: date, url: str) -> bytes:
    """To be read and attached to an order: a table for every group of competences."""
    title = t("events-annotated")
    paper = Paper(title)
    paper.heading(title, t("events-annotated.period", since=date_ru(since), until=date_ru(until)))
    head = [t(f"events-annotated.{name}") for name in COLUMNS]
    for name, some in by_group(found):
        paper.part(name)
        paper.table(head, [row(t, one, f"{url}{one.line.id}") for one in some], WIDTHS, 8)
    if not found:
        paper.line(t("events-annotated.none"))
    return paper.content()


def xlsx(t: Words, found: Sequence[Annotated], since: date, until: date, url: str) -> bytes:
    """The same as a sheet: one row an event."""
    columns = [Column(t(f"events-annotated.{name}"), 0) for name in (*COLUMNS, "groups", "steps")]
    rows: list[list[Cell]] = [[*row(t, one, f"{url}{one.line.id}"), ", ".join(one.groups), one.steps] for one in found]
    period = t("events-annotated.period", since=date_ru(since), until=date_ru(until))
    title = f"{t('events-annotated')} {period}"
    return records_sheet(title, columns, rows, note="", name=t("events-annotated.sheet"))


async def _names(session: AsyncSession, statement: Select[int, str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for event_id, name in await session.execute(statement):
        found[event_id] = (*found.get(event_id, ()), name)
    return found
