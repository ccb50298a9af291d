"""What staff do with events: write, copy, repeat in a rhythm, announce, move, cancel, close."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    ActivityForm,
    ActivityKind,
    ActivitySource,
    CompetenceGroup,
    Event,
    EventGroup,
    EventKind,
    EventLevel,
    EventRule,
    EventSeries,
    EventState,
    EventSubject,
    Person,
    Position,
    Registration,
    RegistrationState,
    Subject,
)
from bot.rules.event_teams import MOST, may_be
from bot.rules.events import BadRule, may_be_printed, occurrences
from bot.rules.words import folded
from bot.services import audit, catalogue
from bot.services.access import Right, Scope
from bot.services.catalogue.editing import write as write_activity
from bot.services.events import quiz, team_rows
from bot.services.events.attending import fresh_secret
from bot.services.events.reading import EventLine, lines_of
from bot.services.events.reserve import HELD
from bot.services.events.signing import pass_on
from bot.services.people import require

ENTITY = "event"
SIZE = 15
LONGEST = timedelta(days=31)
MOST_SEATS = 100_000

MOVES: dict[EventState, tuple[EventState, ...]] = {
    EventState.draft: (EventState.announced, EventState.open),
    EventState.announced: (EventState.open,),
    EventState.open: (EventState.closed, EventState.held),
    EventState.closed: (EventState.open, EventState.held),
    EventState.held: (EventState.reported,),
    EventState.reported: (),
    EventState.cancelled: (),
}
"""Where a state may go by hand; cancelling has a way of its own."""

ACTIVITY_KIND = {
    EventKind.webinar: ActivityKind.webinar,
    EventKind.seminar: ActivityKind.seminar,
    EventKind.workshop: ActivityKind.seminar,
    EventKind.masterclass: ActivityKind.masterclass,
    EventKind.intensive: ActivityKind.intensive,
    EventKind.conference: ActivityKind.conference,
    EventKind.forum: ActivityKind.conference,
    EventKind.consult: ActivityKind.consult,
    EventKind.community: ActivityKind.community,
    EventKind.contest: ActivityKind.contest,
    EventKind.olympiad: ActivityKind.contest,
}
"""What an event is in the catalogue an ИОМ is made of; the rest are ``event_other``."""


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What a form or a table says of an event; moments are aware."""

    title: str
    kind: EventKind
    starts_at: datetime
    ends_at: datetime
    zone: str
    hours: float
    form: ActivityForm
    level: EventLevel = EventLevel.regional
    code: str | None = None
    place: str = ""
    link: str = ""
    organiser: str = ""
    speakers: str = ""
    about: str = ""
    bring: str = ""
    positions: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    young_only: bool = False
    managers_only: bool = False
    members_only: bool = False
    tags: tuple[str, ...] = ()
    seats: int | None = None
    team_from: int | None = None
    team_to: int | None = None
    reserved: int = 0
    release_on: date | None = None
    hold_hours: int = 12
    cancel_hours: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    rule: EventRule = EventRule.code
    log_share: int = 70
    materials: str = ""
    recording: str = ""
    gives_certificate: bool = False
    order_no: str = ""
    order_date: date | None = None
    project: str = ""


async def save(
    session: AsyncSession, scope: Scope, draft: EventDraft, *, event_id: int | None = None, now: datetime
) -> int:
    """Add an event (a draft) or change one; its id. A change of time goes through ``move``."""
    scope.require(Right.events_edit)
    if event_id is None:
        event = await write(session, draft, by_id=scope.person_id, now=now)
        audit.changed(session, scope, ENTITY, event.id, "added", now=now)
        return event.id
    event = await _locked(session, event_id)
    if event.state in (EventState.cancelled, EventState.reported):
        raise UserError("events-settled")
    moved = (event.starts_at, event.ends_at) != (draft.starts_at, draft.ends_at)
    if moved and event.state is not EventState.draft:
        draft = replace(draft, starts_at=event.starts_at, ends_at=event.ends_at)
    # Whose meeting it is, is not a matter of its form.
    draft = replace(draft, members_only=event.members_only)
    if draft.rule is EventRule.quiz and event.state is not EventState.draft and not event.quiz_size:
        raise UserError("events-quiz-needed")
    if (event.team_from is None) is not (draft.team_from is None) and await listed(session, event_id):
        raise UserError("events-team-registered")
    closed = event.closes_at
    await _fill(session, event, draft, now=now)
    if event.closes_at != closed:
        await team_rows.new_terms(session, event, now=now)
    audit.changed(session, scope, ENTITY, event_id, "changed", now=now)
    await pass_on(session, event, now=now)
    await _to_catalogue(session, event, now=now)
    return event_id


async def write(
    session: AsyncSession, draft: EventDraft, *, by_id: int | None, now: datetime, series_id: int | None = None
) -> Event:
    """A new row, checked; state ``draft``."""
    event = Event(secret=fresh_secret(), created_by_id=by_id, responsible_id=by_id, created_at=now, series_id=series_id)
    await _fill(session, event, draft, now=now)
    return event


async def copy(session: AsyncSession, scope: Scope, event_id: int, *, starts_at: datetime, now: datetime) -> int:
    """A draft like an event, at another time: its people, marks and papers stay where they are."""
    scope.require(Right.events_edit)
    draft = await draft_of(session, event_id)
    shift = starts_at - draft.starts_at
    made = replace(
        draft,
        code=None,
        starts_at=starts_at,
        ends_at=draft.ends_at + shift,
        opens_at=draft.opens_at + shift if draft.opens_at else None,
        closes_at=draft.closes_at + shift if draft.closes_at else None,
        release_on=draft.release_on + timedelta(days=shift.days) if draft.release_on else None,
        materials="",
        recording="",
    )
    event = await write(session, made, by_id=scope.person_id, now=now)
    await quiz.copy(session, event_id, event)
    audit.changed(session, scope, ENTITY, event.id, "copied", now=now, before={"event": event_id})
    return event.id


async def repeat(
    session: AsyncSession, scope: Scope, event_id: int, *, rule: str, until: date, now: datetime
) -> list[int]:
    """A series from an event: drafts in a rhythm after it. UserError for a rhythm that cannot be read."""
    scope.require(Right.events_edit)
    first = await _one(session, event_id)
    draft = await draft_of(session, event_id)
    try:
        moments = occurrences(rule, first.starts_at, until, ZoneInfo(first.zone))
    except BadRule:
        raise UserError("events-wrong-rhythm") from None
    series = EventSeries(title=first.title, rule=rule, created_by_id=scope.person_id, created_at=now)
    session.add(series)
    await session.flush()
    first.series_id = series.id
    made: list[int] = []
    for moment in moments:
        shift = moment - draft.starts_at
        if not shift:
            continue
        again = replace(
            draft,
            code=None,
            starts_at=moment,
            ends_at=draft.ends_at + shift,
            opens_at=draft.opens_at + shift if draft.opens_at else None,
            closes_at=draft.closes_at + shift if draft.closes_at else None,
            release_on=draft.release_on + timedelta(days=shift.days) if draft.release_on else None,
        )
        event = await write(session, again, by_id=scope.person_id, now=now, series_id=series.id)
        await quiz.copy(session, event_id, event)
        made.append(event.id)
    audit.changed(session, scope, ENTITY, event_id, "repeated", now=now, after={"events": len(made)})
    return made


async def to_state(session: AsyncSession, scope: Scope, event_id: int, state: EventState, *, now: datetime) -> None:
    """One step of an event's life by hand."""
    scope.require(Right.events_edit)
    event = await _locked(session, event_id)
    if state is event.state:
        return
    if state not in MOVES[event.state]:
        raise UserError("events-wrong-step")
    if event.rule is EventRule.quiz and not event.quiz_size and state in (EventState.announced, EventState.open):
        raise UserError("events-quiz-needed")
    if state is EventState.held and event.starts_at > now:
        raise UserError("events-not-begun")
    before = event.state
    event.state, event.updated_at = state, now
    await session.flush()
    audit.changed(
        session, scope, ENTITY, event_id, "state", now=now, before={"state": before.value}, after={"state": state.value}
    )
    if state is EventState.open:
        await pass_on(session, event, now=now)
    await _to_catalogue(session, event, now=now)


async def move(
    session: AsyncSession, scope: Scope, event_id: int, *, starts_at: datetime, ends_at: datetime, now: datetime
) -> None:
    """Another time; everybody on the list is told, her place is kept. Never into the past."""
    scope.require(Right.events_edit)
    event = await _locked(session, event_id)
    if event.state not in (EventState.draft, EventState.announced, EventState.open, EventState.closed):
        raise UserError("events-settled")
    if starts_at <= now:
        raise UserError("events-into-the-past")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise UserError("events-wrong-time")
    if (starts_at, ends_at) == (event.starts_at, event.ends_at):
        return
    old, shift = event.starts_at, starts_at - event.starts_at
    event.starts_at, event.ends_at, event.updated_at = starts_at, ends_at, now
    if event.opens_at is not None and event.opens_at > now:
        event.opens_at += shift
    if event.closes_at is not None:
        event.closes_at += shift
    await team_rows.new_terms(session, event, now=now)
    if event.release_on is not None:
        event.release_on += timedelta(days=shift.days)
    if event.state is not EventState.draft:
        event.notice, event.notice_no, event.was_at = "moved", event.notice_no + 1, old
        await session.execute(update(Registration).where(Registration.event_id == event_id).values(reminded=0))
    audit.changed(session, scope, ENTITY, event_id, "moved", now=now, before={"at": old.isoformat()})
    await _to_catalogue(session, event, now=now)
    await session.flush()


async def cancel(session: AsyncSession, scope: Scope, event_id: int, *, reason: str, now: datetime) -> None:
    """It will not take place; everybody on the list is told why."""
    scope.require(Right.events_edit)
    event = await _locked(session, event_id)
    if event.state in (EventState.held, EventState.reported, EventState.cancelled):
        raise UserError("events-settled")
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise UserError("events-reason-needed")
    if event.state is not EventState.draft:
        event.notice, event.notice_no = "cancelled", event.notice_no + 1
    event.state, event.reason, event.updated_at = EventState.cancelled, reason, now
    audit.changed(session, scope, ENTITY, event_id, "cancelled", now=now)
    await _to_catalogue(session, event, now=now)
    await session.flush()


async def page(
    session: AsyncSession,
    scope: Scope,
    *,
    query: str = "",
    state: EventState | None = None,
    past: bool = False,
    number: int = 0,
    now: datetime,
) -> tuple[list[EventLine], int]:
    """A page of the staff's list with its total: what is ahead first, or what was, newest first."""
    scope.require(Right.events_see)
    statement = select(Event)
    if state is not None:
        statement = statement.where(Event.state == state)
    if query:
        for word in folded(query).split()[:6]:
            statement = statement.where(Event.search.contains(word, autoescape=True))
    statement = statement.where(Event.ends_at < now if past else Event.ends_at >= now)
    total = await session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = (Event.starts_at.desc(), Event.id.desc()) if past else (Event.starts_at, Event.id)
    rows = list(await session.scalars(statement.order_by(*order).limit(SIZE).offset(number * SIZE)))
    return await lines_of(session, rows), total


async def draft_of(session: AsyncSession, event_id: int) -> EventDraft:
    """What a form shows of an event."""
    event = await session.scalar(
        select(Event)
        .where(Event.id == event_id)
        .options(selectinload(Event.groups), selectinload(Event.subjects))
        .execution_options(populate_existing=True)
    )
    if event is None:
        raise NotFound()
    return EventDraft(
        title=event.title, kind=event.kind, starts_at=event.starts_at, ends_at=event.ends_at, zone=event.zone,
        hours=event.hours, form=event.form, level=event.level, code=event.code, place=event.place, link=event.link,
        organiser=event.organiser, speakers=event.speakers, about=event.about, bring=event.bring,
        positions=tuple(event.positions), subjects=tuple(row.subject_slug for row in event.subjects),
        groups=tuple(row.group_slug for row in event.groups), young_only=event.young_only,
        managers_only=event.managers_only, members_only=event.members_only, tags=tuple(event.tags), seats=event.seats,
        team_from=event.team_from, team_to=event.team_to, reserved=event.reserved, release_on=event.release_on,
        hold_hours=event.hold_hours, cancel_hours=event.cancel_hours,
        opens_at=event.opens_at, closes_at=event.closes_at, rule=event.rule, log_share=event.log_share,
        materials=event.materials, recording=event.recording, gives_certificate=event.gives_certificate,
        order_no=event.order_no, order_date=event.order_date, project=event.project,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as its staff page shows it."""

    line: EventLine
    draft: EventDraft
    reason: str
    series: str
    word_turn: int
    marking_closed: bool
    certificates_at: datetime | None
    moves: tuple[EventState, ...]
    quiz: quiz.QuizState | None
    # Who answers for it, by name; empty when it is nobody any more.
    responsible: str = ""


async def row(session: AsyncSession, scope: Scope, event_id: int) -> EventRow:
    """One event for its page."""
    scope.require(Right.events_see)
    event = await _one(session, event_id)
    series = ""
    if event.series_id is not None:
        series = await session.scalar(select(EventSeries.rule).where(EventSeries.id == event.series_id)) or ""
    line = (await lines_of(session, [event]))[0]
    return EventRow(
        line, await draft_of(session, event_id), event.reason, series, event.word_turn,
        event.marking_closed_at is not None, event.certificates_at, MOVES[event.state],
        await quiz.state(session, event), await _name(session, event.responsible_id),
    )  # fmt: skip


async def entrust(session: AsyncSession, scope: Scope, event_id: int, person_id: int, *, now: datetime) -> None:
    """Another person answers for an event; she stands on its page and its papers."""
    scope.require(Right.events_edit)
    event = await _locked(session, event_id)
    await require(session, scope, Right.people_see, person_id, today=now.date())
    if event.responsible_id == person_id:
        return
    before, event.responsible_id, event.updated_at = event.responsible_id, person_id, now
    audit.changed(
        session, scope, ENTITY, event_id, "entrusted", now=now, before={"person": before}, after={"person": person_id}
    )
    await session.flush()


async def choices(session: AsyncSession) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """(slug, name) of groups of competences, subjects and positions for a form."""
    groups, subjects = await catalogue.lists(session)
    positions = await session.execute(select(Position.slug, Position.title).order_by(Position.place, Position.slug))
    return (
        [(str(one.key), one.title) for one in groups],
        [(str(one.key), one.title) for one in subjects],
        [(slug, title) for slug, title in positions],
    )


def check(draft: EventDraft) -> None:
    """UserError for what an event cannot be, whatever the lists of the region hold."""
    if not folded(draft.title) or len(draft.title) > 200:
        raise UserError("events-wrong-title")
    if not draft.starts_at < draft.ends_at <= draft.starts_at + LONGEST:
        raise UserError("events-wrong-time")
    if not 0 < draft.hours <= 200:
        raise UserError("events-wrong-hours")
    if draft.seats is not None and not 0 < draft.seats <= MOST_SEATS:
        raise UserError("events-wrong-seats")
    if not may_be(draft.team_from, draft.team_to, draft.seats):
        raise UserError("events-wrong-team", most=MOST)
    if draft.team_from is not None and draft.members_only:
        raise UserError("events-team-members")
    if draft.team_from is not None and draft.reserved:
        raise UserError("events-team-reserved")
    if not 0 <= draft.reserved <= (draft.seats or 0):
        raise UserError("events-wrong-reserve")
    starts_on = draft.starts_at.astimezone(ZoneInfo(draft.zone)).date()
    if draft.release_on is not None and (not draft.reserved or draft.release_on > starts_on):
        raise UserError("events-wrong-release")
    if not 1 <= draft.log_share <= 100 or not 1 <= draft.hold_hours <= 240:
        raise UserError("events-wrong-number")
    if draft.cancel_hours is not None and not 1 <= draft.cancel_hours <= 240:
        raise UserError("events-wrong-cancel")
    for address in (draft.link, draft.materials, draft.recording):
        if address and not address.startswith(("https://", "http://")):
            raise UserError("catalogue-wrong-link")
    if draft.gives_certificate and not may_be_printed(draft.title):
        raise UserError("events-wrong-words")
    if draft.opens_at and draft.closes_at and draft.closes_at <= draft.opens_at:
        raise UserError("events-wrong-window")


# --- inside ------------------------------------------------------------------------------------------


async def _name(session: AsyncSession, person_id: int | None) -> str:
    person = await session.get(Person, person_id) if person_id is not None else None
    return " ".join(filter(None, (person.last_name, person.first_name, person.middle_name))) if person else ""


async def _one(session: AsyncSession, event_id: int) -> Event:
    event = await session.get(Event, event_id)
    if event is None:
        raise NotFound()
    return event


async def _locked(session: AsyncSession, event_id: int) -> Event:
    event = await session.scalar(
        select(Event).where(Event.id == event_id).with_for_update().execution_options(populate_existing=True)
    )
    if event is None:
        raise NotFound()
    return event


async def listed(session: AsyncSession, event_id: int) -> bool:
    """True when somebody has a place on the list, or waits for one."""
    r = Registration
    states = (*HELD, RegistrationState.waiting)
    return bool(await session.scalar(select(exists().where(r.event_id == event_id, r.state.in_(states)))))


async def _fill(session: AsyncSession, event: Event, draft: EventDraft, *, now: datetime) -> None:
    await _check(session, draft, event.id)
    values = asdict(draft)
    groups, subjects = values.pop("groups"), values.pop("subjects")
    values["positions"], values["tags"] = list(draft.positions), list(draft.tags)
    for name, value in values.items():
        setattr(event, name, value)
    event.search = folded(f"{draft.title} {draft.speakers} {draft.organiser} {' '.join(draft.tags)}")
    event.updated_at = now
    session.add(event)
    await session.flush()
    await session.execute(delete(EventGroup).where(EventGroup.event_id == event.id))
    await session.execute(delete(EventSubject).where(EventSubject.event_id == event.id))
    session.add_all(EventGroup(event_id=event.id, group_slug=slug) for slug in dict.fromkeys(groups))
    session.add_all(EventSubject(event_id=event.id, subject_slug=slug) for slug in dict.fromkeys(subjects))
    await session.flush()


async def _check(session: AsyncSession, draft: EventDraft, event_id: int | None) -> None:
    check(draft)
    known = set(await session.scalars(select(CompetenceGroup.slug).where(CompetenceGroup.slug.in_(draft.groups))))
    if set(draft.groups) - known:
        raise UserError("events-wrong-list", value=", ".join(sorted(set(draft.groups) - known)))
    subjects = set(await session.scalars(select(Subject.slug).where(Subject.slug.in_(draft.subjects))))
    if set(draft.subjects) - subjects:
        raise UserError("events-wrong-list", value=", ".join(sorted(set(draft.subjects) - subjects)))
    positions = set(await session.scalars(select(Position.slug).where(Position.slug.in_(draft.positions))))
    if set(draft.positions) - positions:
        raise UserError("events-wrong-list", value=", ".join(sorted(set(draft.positions) - positions)))
    if draft.code is not None:
        taken = await session.scalar(select(Event.id).where(Event.code == draft.code))
        if taken not in (None, event_id):
            raise UserError("catalogue-wrong-code", code=draft.code)


async def _to_catalogue(session: AsyncSession, event: Event, *, now: datetime) -> None:
    """An event with groups of competences is a line an ИОМ may be made of, as long as one may come to it."""
    groups = tuple(await session.scalars(select(EventGroup.group_slug).where(EventGroup.event_id == event.id)))
    subjects = tuple(await session.scalars(select(EventSubject.subject_slug).where(EventSubject.event_id == event.id)))
    known = await session.scalar(select(Activity).where(Activity.event_id == event.id))
    offered = event.state in (EventState.announced, EventState.open) and not event.members_only
    if known is None and (not groups or not offered):
        return
    if known is not None and (not groups or not offered):
        known.active, known.updated_at = False, now
        await session.flush()
        return
    zone = ZoneInfo(event.zone)
    line = catalogue.Draft(
        kind=ACTIVITY_KIND.get(event.kind, ActivityKind.event_other),
        title=event.title,
        form=event.form,
        hours=max(round(event.hours), 1),
        groups=groups,
        about=event.about,
        organiser=event.organiser,
        subjects=subjects,
        starts_on=event.starts_at.astimezone(zone).date(),
        ends_on=event.ends_at.astimezone(zone).date(),
        seats=event.seats,
        source=ActivitySource.demo if event.is_demo else ActivitySource.event,
    )
    made = await write_activity(session, line, activity_id=known.id if known else None, now=now)
    made.event_id, made.active = event.id, True
    await session.flush()


async def publish(session: AsyncSession, event_id: int, *, state: EventState, now: datetime) -> None:
    """A state without a person behind it (demonstration, import)."""
    event = await _locked(session, event_id)
    event.state = state
    await session.flush()
    await _to_catalogue(session, event, now=now)
