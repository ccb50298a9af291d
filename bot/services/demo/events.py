"""Events of the demonstration: some that were, with their attendance, and some ahead with seats and a waiting list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    ActivityForm,
    Certificate,
    CompetenceGroup,
    Event,
    EventKind,
    EventRule,
    EventState,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
    Subject,
)
from bot.rules.events import certificate_number
from bot.services import region
from bot.services.access import Grant, Scope
from bot.services.data_files import Entry, read
from bot.services.demo.cast import Character
from bot.services.events import attending, keeping, quiz, teams
from bot.services.events.keeping import EventDraft
from bot.services.events.quiz import QuizDraft, QuizSettings
from bot.services.events.signing import new_row, sign_up

PATH = ROOT / "data" / "demo" / "events.yaml"
CAME, COMPLETED = 0.85, 0.9
"""Shares of those who signed up, and of those who came."""


async def add(
    session: AsyncSession,
    rng: Random,
    cast: Sequence[Character],
    ids: Sequence[int],
    by_id: int,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """All of them; who was there is told by the same services as everywhere, so the facts are there as well."""
    scope = Scope(by_id, (Grant(Role.centre_head, ScopeKind.region),))
    people = [(one, number) for one, number in zip(cast, ids, strict=True) if one.registered and not one.role]
    groups = set(await session.scalars(select(CompetenceGroup.slug)))
    subjects = set(await session.scalars(select(Subject.slug)))
    centre = await region.centre(session)
    for entry in read(PATH).entries("events"):
        draft = _draft(entry, groups, subjects, str(centre["short_name"]), now, zone)
        event = await keeping.write(session, draft, by_id=by_id, now=now - timedelta(days=30))
        event.secret, event.is_demo = f"{rng.getrandbits(128):032x}", True
        await keeping.publish(session, event.id, state=EventState.open, now=now)
        if questions := entry.entries("quiz", optional=True):
            await quiz.write(session, event, QuizSettings(tuple(_question(one) for one in questions)))
        young = draft.young_only
        fitting = [
            number
            for one, number in people
            if (not young or one.is_young) and (not draft.subjects or set(draft.subjects) & set(one.subjects))
        ]
        rng.shuffle(fitting)
        signed = fitting[: entry.maybe("people", int, 0)]
        waiting = fitting[len(signed) : len(signed) + entry.maybe("waiting", int, 0)]
        for place, number in enumerate((*signed, *waiting)):
            _place(session, rng, event, number, waits=place >= len(signed), now=now - timedelta(days=20 - place % 15))
        await session.flush()
        if draft.team_from is not None:
            await _teams(session, rng, event, fitting, entry.need("teams", int), now=now)
        if draft.ends_at < now:
            await _was(session, rng, scope, event, signed, now=draft.ends_at + timedelta(hours=2))


def _place(session: AsyncSession, rng: Random, event: Event, number: int, *, waits: bool, now: datetime) -> None:
    row = new_row(event.id, number, now=now)
    row.token, row.reminded = f"{rng.getrandbits(120):030x}", 4 if event.ends_at < now else 0
    if waits:
        row.state, row.queued_at = RegistrationState.waiting, now
    session.add(row)


async def _teams(
    session: AsyncSession, rng: Random, event: Event, people: Sequence[int], number: int, *, now: datetime
) -> None:
    """Teams of some schools: gathered as in the chat, all but the last of each have agreed."""
    seen: set[int] = set()
    for person_id in people:
        school = await teams.school_of(session, person_id, on=now.date())
        if school is None or school.id in seen or len(seen) == number:
            continue
        page = await teams.colleagues(session, person_id, event.id, now=now)
        called = [one.id for one in page.people if one.id in people][: (event.team_to or 0) - 1]
        if len(called) + 1 < (event.team_from or 0):
            continue
        seen.add(school.id)
        await teams.gather(session, person_id, event.id, called, now=now)
        for one in called[:-1]:
            await sign_up(session, one, event.id, now=now, sure=True)
    for row in await session.scalars(
        select(Registration).where(Registration.event_id == event.id).order_by(Registration.person_id)
    ):
        row.token = f"{rng.getrandbits(120):030x}"
    await session.flush()


async def _was(
    session: AsyncSession, rng: Random, scope: Scope, event: Event, signed: Sequence[int], *, now: datetime
) -> None:
    """An event that is over: marks by the sheet, certificates."""
    came = [number for number in signed if rng.random() < CAME]
    await attending.mark_by_sheet(session, scope, event.id, came, now=now)
    for row in await session.scalars(select(Registration).where(Registration.event_id == event.id)):
        row.reminded = 4
    event.state = EventState.held
    if event.gives_certificate:
        event.certificates_at = now
        for number in came:
            session.add(
                Certificate(
                    number=certificate_number(now.year, rng.getrandbits(50)),
                    event_id=event.id,
                    person_id=number,
                    issued_on=now.date(),
                    created_at=now,
                )
            )
    await session.flush()


def _question(entry: Entry) -> QuizDraft:
    options = tuple(entry.need("options", list))
    return QuizDraft(entry.need("text", str), options, entry.need("right", int) - 1, entry.maybe("why", str, ""))


def _draft(
    entry: Entry, groups: set[str], subjects: set[str], organiser: str, now: datetime, zone: ZoneInfo
) -> EventDraft:
    day = now.astimezone(zone).date() + timedelta(days=entry.need("in_days", int))
    while day.weekday() > 4:
        day += timedelta(days=1)
    starts = datetime.combine(day, time.fromisoformat(entry.need("at", str)), tzinfo=zone)
    minutes = entry.need("minutes", int)
    opens = entry.maybe("opens", int, 0)
    team = entry.maybe("team", list, [None, None])
    form = ActivityForm(entry.one_of("form", [one.value for one in ActivityForm]))
    return EventDraft(
        title=entry.need("title", str),
        kind=EventKind(entry.one_of("kind", [one.value for one in EventKind])),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        zone=str(zone),
        hours=minutes / 60,
        form=form,
        place=entry.maybe("place", str, ""),
        link="https://room.example/demo" if form is not ActivityForm.in_person else "",
        organiser=organiser,
        speakers=entry.maybe("speakers", str, ""),
        groups=tuple(slug for slug in entry.maybe("groups", list, []) if slug in groups),
        subjects=tuple(slug for slug in entry.maybe("subjects", list, []) if slug in subjects),
        young_only=entry.maybe("young", bool, False),
        tags=tuple(entry.maybe("tags", list, [])),
        seats=entry.maybe("seats", int, 0) or None,
        team_from=team[0],
        team_to=team[1],
        opens_at=now + timedelta(days=opens) if opens else None,
        rule=EventRule(entry.one_of("rule", [one.value for one in EventRule])),
        gives_certificate=entry.maybe("certificate", bool, False),
    )
