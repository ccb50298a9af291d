"""Half-year monitoring of mentoring by organisation (domain.md §5.1): what stands on a day, what happened in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    Employment,
    MeetingState,
    MentorMeeting,
    MentorPair,
    Municipality,
    Organisation,
    PairState,
    Person,
    PersonState,
    Position,
    Role,
    RoleAssignment,
)
from bot.rules import people as rules
from bot.services import region
from bot.services.access import Right, Scope
from bot.services.documents.mentoring_report import PlaceLine, Report

FIRST = 2020


def halves(today: date, *, back: int = 4) -> list[str]:
    """«2026-2» and the halves before it, the newest first."""
    place = today.year * 2 + (today.month > 6)
    return [f"{n // 2}-{n % 2 + 1}" for n in range(place, place - back, -1)]


def span(half: str, *, today: date) -> tuple[date, date]:
    """First and last day of «2026-2», the last not after today. UserError for another value."""
    year, _, part = half.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and part in ("1", "2")):
        raise UserError("mentoring-papers-wrong-half")
    first = date(int(year), 1 if part == "1" else 7, 1) if int(year) >= FIRST else date.max
    last = date(int(year), 6, 30) if part == "1" else date(int(year), 12, 31)
    if first > today:
        raise UserError("mentoring-papers-wrong-half")
    return first, min(last, today)


@dataclass(slots=True)
class _Count:
    """Of one organisation: people as sets, so that two pairs of one mentor are one mentor."""

    teachers: set[int]
    young: set[int]
    methodists: set[int]


async def report(session: AsyncSession, scope: Scope, half: str, *, zone: ZoneInfo, today: date) -> Report:
    """Every approved organisation within the scope; people by their main work on the last day."""
    scope.require(Right.mentoring_see)
    first, on = span(half, today=today)
    after = datetime.combine(on, time.max, tzinfo=zone)
    before = datetime.combine(first, time.min, tzinfo=zone)
    places = await _places(session, scope, today)
    people = await _people(session, scope, on=on, today=today)
    pairs = list(
        await session.execute(
            select(
                MentorPair.id, MentorPair.mentor_id, MentorPair.mentee_id, MentorPair.organisation_id,
                MentorPair.since, MentorPair.until, MentorPair.closed_at, MentorPair.state,
            ).where(MentorPair.since.is_not(None), MentorPair.since <= on, MentorPair.order_no != "")
        )
    )  # fmt: skip
    # A pair ends when it was closed, else at the end of its order's term.
    living = [
        pair for pair in pairs
        if (pair.closed_at is None or pair.closed_at > after) and (pair.until is None or pair.until >= on)
    ]  # fmt: skip
    mentors, mentees = {pair.mentor_id for pair in living}, {pair.mentee_id for pair in living}
    by_place: dict[int, list[Any]] = defaultdict(list)
    for pair in pairs:
        by_place[pair.organisation_id].append(pair)
    alive = {pair.id for pair in living}
    met = await _meetings(session, first, on)
    lines = []
    for place_id, name, town in places:
        here = people.get(place_id) or _Count(set(), set(), set())
        own = by_place.get(place_id, [])
        closed = [pair for pair in own if pair.closed_at is not None and before <= pair.closed_at <= after]
        lines.append(
            PlaceLine(
                name, town, len(here.teachers), len(here.teachers & mentors), len(here.young),
                len(here.young & mentees), len(here.methodists), len(here.methodists & mentors),
                pairs=sum(pair.id in alive for pair in own),
                started=sum(pair.since >= first for pair in own),
                finished=sum(pair.state is PairState.finished for pair in closed),
                broken=sum(pair.state is PairState.broken for pair in closed),
                meetings=sum(met.get(pair.id, 0) for pair in own),
            )
        )  # fmt: skip
    return Report(half, on, tuple(lines))


async def _places(session: AsyncSession, scope: Scope, today: date) -> list[tuple[int, str, str]]:
    statement = (
        select(Organisation.id, Organisation.short_name, Municipality.name)
        .join(Municipality, Municipality.id == Organisation.municipality_id)
        .where(Organisation.approved_at.is_not(None))
        .order_by(Municipality.name, Organisation.sort, Organisation.id)
    )
    reach = scope.where(
        Right.mentoring_see, organisation=Organisation.id, municipality=Organisation.municipality_id, today=today
    )
    statement = statement.where(reach)
    return [(number, name, town) for number, name, town in await session.execute(statement)]


async def _people(session: AsyncSession, scope: Scope, *, on: date, today: date) -> dict[int, _Count]:
    """By organisation: teachers (not managers), the young among them, methodists; the main job of the day."""
    limits = await region.setting(session, "young")
    age, years = int(limits.get("age", rules.AGE)), int(limits.get("years", rules.YEARS))
    r = RoleAssignment
    methodists = set(
        await session.scalars(
            select(r.person_id).where(
                r.role == Role.methodist, r.revoked_at.is_(None), r.since <= on, or_(r.until.is_(None), r.until >= on)
            )
        )
    )
    statement = (
        select(
            Person.id, Employment.organisation_id, Position.is_manager, Person.birth_year, Person.teach_since_year,
            Person.teach_since,
        )
        .join(Employment, Employment.person_id == Person.id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(
            Person.state == PersonState.active, Employment.is_main, Employment.since <= on,
            or_(Employment.until.is_(None), Employment.until >= on),
        )
    )  # fmt: skip
    reach = scope.where(
        Right.mentoring_see, organisation=Organisation.id, municipality=Organisation.municipality_id, today=today
    )
    statement = statement.where(reach)
    found: dict[int, _Count] = defaultdict(lambda: _Count(set(), set(), set()))
    for person_id, place_id, manager, born, since_year, since in await session.execute(statement):
        here = found[place_id]
        if not manager:
            here.teachers.add(person_id)
            if rules.is_young(born, since_year, since, on=on, age=age, years=years):
                here.young.add(person_id)
        if person_id in methodists:
            here.methodists.add(person_id)
    return found


async def _meetings(session: AsyncSession, first: date, last: date) -> dict[int, int]:
    m = MentorMeeting
    rows = await session.execute(
        select(m.pair_id, func.count())
        .where(m.state == MeetingState.confirmed, m.held_on >= first, m.held_on <= last)
        .group_by(m.pair_id)
    )
    return dict(rows.all())
