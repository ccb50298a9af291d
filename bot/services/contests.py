"""The calendar of contests: terms ahead, «напомнить», one message before the term; participations and results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    ContestReminder,
    MessageClass,
    Outbox,
    Person,
    PersonState,
    RecordState,
    RegisterRecord,
)
from bot.rules import contests as rules
from bot.rules.contests import Standing
from bot.rules.registers import parse_day
from bot.rules.words import folded
from bot.services import outbox, registers
from bot.services.access import Right, Scope
from bot.services.registers.kinds import kind_of
from bot.ui.screen import Screen

CONTESTS, PARTICIPATIONS = "contests", "participations"
"""Slugs of the two registers."""

PAGE = 5
PORTION = 200

_r = RegisterRecord


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest as everybody sees it; ``asked``: this person will be reminded."""

    id: int
    title: str
    level: str
    audience: str
    organiser: str
    link: str
    link_broken: bool
    apply_by: date | None
    starts_on: date | None
    ends_on: date | None
    standing: Standing
    asked: bool = False
    mine: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the calendar."""

    contests: tuple[Contest, ...]
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Took:
    """A participation of one person."""

    contest: str
    level: str
    on: date | None
    result: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody to be reminded."""

    person_id: int
    locale: str
    contest: Contest

    @property
    def dedupe(self) -> str:
        """One message a term; a term that moved is another."""
        return f"contest:{self.contest.id}:{self.person_id}:{self.contest.apply_by}"


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a contest: how many took part, by result and by municipality."""

    total: int
    results: tuple[tuple[str, int], ...]
    places: tuple[tuple[str, int], ...]


Speak = Callable[[str, Contest], Screen]


async def calendar(session: AsyncSession, person_id: int | None, *, number: int = 0, today: date) -> Shelf:
    """Contests that are not over: the nearest term first, then those without a term, then those under way."""
    where = _shown(today)
    total = int(await session.scalar(select(func.count()).select_from(_r).where(*where)) or 0)
    if number * PAGE >= total:
        number = 0
    term = _term()
    open_first = and_(term.is_not(None), term >= today.isoformat())
    rows = await session.scalars(
        select(_r)
        .where(*where)
        .order_by(open_first.desc(), term.is_(None).desc(), term, _r.sort, _r.id)
        .limit(PAGE)
        .offset(number * PAGE)
    )
    found = [_contest(row, today) for row in rows]
    asked = await _asked(session, person_id, [one.id for one in found])
    return Shelf(tuple(replace(one, asked=one.id in asked) for one in found), number, total)


async def card(session: AsyncSession, person_id: int | None, record_id: int, *, today: date) -> Contest:
    """One contest, with one's own result if there is one. NotFound for what is not there any more."""
    contest = _contest(await _one(session, record_id), today)
    if person_id is None:
        return contest
    own = [took for took in await took_part(session, person_id) if folded(took.contest) == folded(contest.title)]
    asked = await _asked(session, person_id, [record_id])
    return replace(contest, asked=bool(asked), mine=own[0].result if own else "")


async def remind(session: AsyncSession, person_id: int, record_id: int, *, now: datetime, today: date) -> date:
    """«Напомнить»; pressed twice it is once. The day of the message. UserError when the term is too near."""
    contest = _contest(await _one(session, record_id), today)
    day = rules.remind_on(contest.apply_by, today) if contest.apply_by else None
    if day is None:
        raise UserError("contests-no-term")
    if await session.get(ContestReminder, (person_id, record_id)) is None:
        session.add(ContestReminder(person_id=person_id, record_id=record_id, at=now))
        await session.flush()
    return day


async def forget(session: AsyncSession, person_id: int, record_id: int) -> None:
    """«Не напоминать»; what waits to be sent is taken back."""
    row = await session.get(ContestReminder, (person_id, record_id))
    if row is not None:
        await session.delete(row)
        await session.flush()
    await outbox.take_back(session, f"contest:{record_id}:{person_id}:")


async def took_part(session: AsyncSession, person_id: int) -> list[Took]:
    """One's own participations, the latest first."""
    rows = await session.scalars(
        select(_r)
        .where(_r.register == PARTICIPATIONS, _r.person_id == person_id, _r.state != RecordState.removed)
        .limit(PORTION)
    )
    found = [
        Took(
            str(row.values.get("contest") or ""),
            _said(PARTICIPATIONS, "level", row),
            parse_day(str(row.values.get("took_on") or "")),
            _said(PARTICIPATIONS, "result", row),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.on or date.min, one.contest), reverse=True)


async def due(session: AsyncSession, *, today: date, zone: ZoneInfo) -> list[Told]:
    """Those who asked and whose day has come: up to the term itself, in case a day was missed."""
    c, term = ContestReminder, _term()
    rows = await session.execute(
        select(_r, c.at, Person.id, Person.locale)
        .join(c, c.record_id == _r.id)
        .join(Person, Person.id == c.person_id)
        .where(
            _r.register == CONTESTS,
            _r.state == RecordState.active,
            term >= today.isoformat(),
            term <= (today + rules.BEFORE).isoformat(),
            Person.state == PersonState.active,
        )
        .order_by(_r.id, Person.id)
    )
    found = []
    for row, at, person_id, locale in rows:
        contest = _contest(row, today)
        assert contest.apply_by is not None
        day = rules.remind_on(contest.apply_by, at.astimezone(zone).date())
        if day is not None and day <= today:
            found.append(Told(person_id, locale, contest))
    keys = [one.dedupe for one in found]
    told: set[str] = set()
    for start in range(0, len(keys), PORTION):
        told.update(
            await session.scalars(select(Outbox.dedupe).where(Outbox.dedupe.in_(keys[start : start + PORTION])))
        )
    return [one for one in found if one.dedupe not in told]


async def tell(session: AsyncSession, told: Told, speak: Speak, *, now: datetime, zone: ZoneInfo) -> bool:
    """One message; nothing for who has changed her mind since. True when new."""
    if await session.get(ContestReminder, (told.person_id, told.contest.id)) is None:
        return False
    assert told.contest.apply_by is not None
    return await outbox.say(
        session,
        told.person_id,
        speak(told.locale, told.contest),
        message_class=MessageClass.own_clock,
        kind="contests-term",
        dedupe=told.dedupe,
        now=now,
        expires_at=datetime.combine(told.contest.apply_by, time.max, zone),
    )


async def results(session: AsyncSession, scope: Scope, title: str) -> Results | None:
    """What came of a contest, within the scope; None for who may not see participations."""
    kind = kind_of(PARTICIPATIONS)
    if not registers.allowed(scope, kind, Right.registers_see):
        return None
    field = _r.values["contest"].as_string()
    titles = await session.scalars(select(field).where(_r.register == PARTICIPATIONS).distinct())
    same = [one for one in titles if one and folded(one) == folded(title)]
    if not same:
        return Results(0, (), ())
    lines = await registers.having(session, scope, PARTICIPATIONS, field.in_(same))
    result = kind.field("result")
    assert result is not None
    by_result = Counter(str(line.values.get("result")) for line in lines)
    places = Counter(line.municipality for line in lines if line.municipality)
    return Results(
        len(lines),
        tuple((words[0], by_result[slug]) for slug, words in result.options.items() if by_result[slug]),
        tuple(sorted(places.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


async def asked(session: AsyncSession, record_id: int) -> int:
    """How many people wait for a reminder; nobody's name."""
    c = ContestReminder
    return int(await session.scalar(select(func.count()).select_from(c).where(c.record_id == record_id)) or 0)


# --- inside --------------------------------------------------------------------------------------------


def _term() -> ColumnElement[str]:
    """The term as ISO text: it sorts as days do."""
    term: ColumnElement[str] = _r.values["apply_by"].as_string()
    return term


def _shown(today: date) -> tuple[ColumnElement[bool], ...]:
    term, day = _term(), today.isoformat()
    return (
        _r.register == CONTESTS,
        _r.state == RecordState.active,
        or_(
            and_(term.is_not(None), term >= day),
            _r.ends_on >= today,
            and_(term.is_(None), _r.ends_on.is_(None)),
        ),
    )


async def _one(session: AsyncSession, record_id: int) -> RegisterRecord:
    row = await session.get(RegisterRecord, record_id)
    if row is None or row.register != CONTESTS or row.state is not RecordState.active:
        raise NotFound("contests-gone")
    return row


async def _asked(session: AsyncSession, person_id: int | None, ids: Sequence[int]) -> set[int]:
    if person_id is None or not ids:
        return set()
    c = ContestReminder
    return set(await session.scalars(select(c.record_id).where(c.person_id == person_id, c.record_id.in_(ids))))


def _contest(row: RegisterRecord, today: date) -> Contest:
    apply_by = parse_day(str(row.values.get("apply_by") or ""))
    return Contest(
        id=row.id,
        title=row.title,
        level=_said(CONTESTS, "level", row),
        audience=str(row.values.get("audience") or ""),
        organiser=str(row.values.get("organiser") or ""),
        link=str(row.values.get("link") or ""),
        link_broken=row.link_broken_on is not None,
        apply_by=apply_by,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        standing=rules.standing(apply_by, row.ends_on, today),
    )


def _said(slug: str, name: str, row: RegisterRecord) -> str:
    """A choice in words."""
    field = kind_of(slug).field(name)
    said = field.options.get(str(row.values.get(name))) if field else None
    return said[0] if said else ""
