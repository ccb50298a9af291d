"""How a campaign goes and what it showed: counts within the scope, small groups hidden with what would betray them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    CampaignInvite,
    CampaignState,
    Employment,
    GroupResult,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    InviteState,
    Item,
    Municipality,
    Organisation,
    Position,
    Purpose,
    Subject,
    VersionGroup,
)
from bot.rules.scoring import GROWTH
from bot.rules.suppression import LEAST, publish
from bot.services.access import Right, Scope
from bot.services.campaigns.staff import CampaignLine

COUNTED = (Purpose.official, Purpose.entry, Purpose.campaign)
TOP = 15
"""Difficulties in a list."""

_i = CampaignInvite
_done = and_(Attempt.id.is_not(None), Attempt.state == AttemptState.finished, Attempt.purpose.in_(COUNTED))


class Cut(StrEnum):
    """By what results are laid out."""

    municipality = "municipality"
    subject = "subject"
    position = "position"


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """Counts of one place, never names: who has not come is nobody's list."""

    title: str
    group: int
    invited: int
    finished: int

    @property
    def share(self) -> float | None:
        """Finished of the group, percent."""
        return self.finished / self.group * 100 if self.group else None


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign in numbers; ``lines`` by district for those who see several."""

    total: ProgressLine
    declined: int
    absent: int
    under_way: int
    lines: tuple[ProgressLine, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One competence group of one line: people, mean percent mastered, share with a deficit."""

    n: int
    mean: float
    deficit: float


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A line of results; ``figures`` by competence group, None where too few answered. ``n`` None: hidden."""

    title: str
    n: int | None
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """Results by one cut beside the total; ``hidden`` tells that something is not shown."""

    cut: Cut
    groups: tuple[str, ...]
    total: ResultLine
    lines: tuple[ResultLine, ...]
    hidden: bool


@dataclass(frozen=True, slots=True)
class Difficulty:
    """An item that many find difficult: ``share`` of those who answered it, percent."""

    text: str
    group: str
    n: int
    share: float


async def progress(session: AsyncSession, scope: Scope, line: CampaignLine, *, today: date) -> Progress:
    """Counts within the scope. Places with few people are joined, so that nobody is picked out by counting."""
    scope.require(Right.campaigns_see)
    within = _within(scope, today)
    statement = (
        select(
            Municipality.name,
            func.count(),
            func.sum(
                case((_i.state.in_((InviteState.invited, InviteState.accepted, InviteState.declined)), 1), else_=0)
            ),
            func.sum(case((_done, 1), else_=0)),
            func.sum(case((_i.state == InviteState.declined, 1), else_=0)),
            func.sum(case((_i.state == InviteState.absent, 1), else_=0)),
            func.sum(case((and_(Attempt.id.is_not(None), Attempt.state == AttemptState.open), 1), else_=0)),
        )
        .select_from(_i)
        .outerjoin(Attempt, Attempt.id == _i.attempt_id)
        .outerjoin(Municipality, Municipality.id == _i.municipality_id)
        .where(_i.campaign_id == line.id, within)
        .group_by(Municipality.id, Municipality.name, Municipality.sort)
        .order_by(Municipality.sort)
    )
    rows = (await session.execute(statement)).all()
    total = ProgressLine("", *(sum(int(row[place]) for row in rows) for place in (1, 2, 3)))
    shown = publish([int(row[1]) for row in rows])
    lines = tuple(
        ProgressLine(str(row[0] or ""), int(row[1]), int(row[2]), int(row[3]))
        for row, ok in zip(rows, shown.lines, strict=True)
        if ok
    )
    return Progress(
        total=total,
        declined=sum(int(row[4]) for row in rows),
        absent=sum(int(row[5]) for row in rows),
        under_way=sum(int(row[6]) for row in rows),
        lines=lines if len(rows) > 1 else (),
    )


async def results(session: AsyncSession, scope: Scope, line: CampaignLine, cut: Cut, *, today: date) -> Results:
    """Levels by district, subject or post, groups under five hidden with their complement.

    Empty while the campaign runs: two tables a day apart would tell of the one person between them.
    """
    scope.require(Right.campaigns_see)
    groups = list(
        await session.scalars(
            select(VersionGroup).where(VersionGroup.version_id == line.version_id).order_by(VersionGroup.place)
        )
    )
    titles_of = tuple(group.title for group in groups)
    if line.state is not CampaignState.closed:
        return Results(cut, titles_of, _hidden("", [group.id for group in groups]), (), False)
    key, title, sort, table = _by(cut)
    statement = (
        select(
            key,
            title,
            GroupResult.group_id,
            func.count(GroupResult.pct),
            func.avg(GroupResult.pct),
            func.sum(case((GroupResult.is_deficit, 1), else_=0)),
        )
        .select_from(_i)
        .join(Attempt, Attempt.id == _i.attempt_id)
        .join(GroupResult, GroupResult.attempt_id == Attempt.id)
        .outerjoin(table, key == _key_of(table))
        .where(_i.campaign_id == line.id, _done, _within(scope, today))
        .group_by(key, title, sort, GroupResult.group_id)
        .order_by(sort)
    )
    cells: dict[Any, dict[int, tuple[int, float, int]]] = {}
    titles: dict[Any, str] = {}
    for place, name, group_id, n, mean, weak in await session.execute(statement):
        titles[place] = str(name or "")
        cells.setdefault(place, {})[group_id] = (int(n), float(mean or 0), int(weak or 0))
    people = await _people(session, line, key, scope, today)
    places = list(titles)
    shown = publish([people.get(place, 0) for place in places])
    whole = _sum([cells[place] for place in places])
    total_n = sum(people.get(place, 0) for place in places)
    ids = [group.id for group in groups]
    lines = tuple(
        _line(titles[place], people.get(place, 0), cells[place], ids) if ok else _hidden(titles[place], ids)
        for place, ok in zip(places, shown.lines, strict=True)
    )
    total = _line("", total_n, whole, ids) if total_n >= LEAST and shown.total else _hidden("", ids)
    total = replace(total, figures=_safe_totals(total, lines, [cells[place] for place in places], ids))
    return Results(cut, titles_of, total, lines, not all(shown.lines))


async def difficulties(
    session: AsyncSession, scope: Scope, since: date, until: date, *, zone: ZoneInfo, municipality_id: int | None = None
) -> list[Difficulty]:
    """What was most often difficult in a span of days, over all counted attempts (order 000: each quarter).

    A person counts once per item: her latest attempt of the span. Items answered by fewer than five stay out.
    """
    scope.require(Right.campaigns_see)
    begin = datetime.combine(since, time(), tzinfo=zone)
    end = datetime.combine(until + timedelta(days=1), time(), tzinfo=zone)
    latest = (
        select(
            Attempt.id,
            func.row_number()
            .over(
                partition_by=(Attempt.person_id, Attempt.version_id),
                order_by=(Attempt.finished_at.desc(), Attempt.id.desc()),
            )
            .label("turn"),
        )
        .where(
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(COUNTED),
            Attempt.finished_at >= begin,
            Attempt.finished_at < end,
            _attempt_within(scope, until, municipality_id),
        )
        .subquery()
    )
    weak = case(
        (Instrument.kind == InstrumentKind.self_likert, case((Answer.value <= GROWTH, 1), else_=0)),
        else_=case((Answer.points < Item.max_points / 2, 1), else_=0),
    )
    rows = await session.execute(
        select(Item.id, Item.text, VersionGroup.title, func.count(), func.sum(weak))
        .select_from(Answer)
        .join(latest, and_(latest.c.id == Answer.attempt_id, latest.c.turn == 1))
        .join(Item, Item.id == Answer.item_id)
        .join(VersionGroup, VersionGroup.id == Item.group_id)
        .join(InstrumentVersion, InstrumentVersion.id == Item.version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .where(Answer.points.is_not(None))
        .group_by(Item.id, Item.text, VersionGroup.title)
        .having(func.count() >= LEAST)
    )
    found = [Difficulty(text, group, int(n), int(low) / int(n) * 100) for _, text, group, n, low in rows if low]
    return sorted(found, key=lambda one: (-one.share, -one.n, one.text))[:TOP]


def _by(
    cut: Cut,
) -> tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any], InstrumentedAttribute[Any], type[Any]]:
    match cut:
        case Cut.municipality:
            return _i.municipality_id, Municipality.name, Municipality.sort, Municipality
        case Cut.subject:
            return _i.subject_slug, Subject.title, Subject.place, Subject
        case Cut.position:
            return _i.position_slug, Position.title, Position.place, Position


def _key_of(table: type[Any]) -> ColumnElement[Any]:
    column: ColumnElement[Any] = table.id if table is Municipality else table.slug
    return column


def _within(scope: Scope, today: date) -> ColumnElement[bool]:
    return scope.where(
        Right.campaigns_see,
        organisation=_i.organisation_id,
        municipality=_i.municipality_id,
        person=_i.person_id,
        today=today,
    )


def _attempt_within(scope: Scope, today: date, municipality_id: int | None) -> ColumnElement[bool]:
    """The scope over attempts, by the main job of their people today."""
    place = (
        select(Employment.person_id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(
            Employment.is_main,
            Employment.until.is_(None),
            scope.where(
                Right.campaigns_see,
                organisation=Employment.organisation_id,
                municipality=Organisation.municipality_id,
                today=today,
            ),
        )
    )
    if municipality_id is not None:
        place = place.where(Organisation.municipality_id == municipality_id)
    return Attempt.person_id.in_(place)


async def _people(
    session: AsyncSession, line: CampaignLine, key: InstrumentedAttribute[Any], scope: Scope, today: date
) -> Mapping[Any, int]:
    rows = await session.execute(
        select(key, func.count())
        .select_from(_i)
        .join(Attempt, Attempt.id == _i.attempt_id)
        .where(_i.campaign_id == line.id, _done, _within(scope, today))
        .group_by(key)
    )
    return dict(iter(rows))


def _hidden(title: str, ids: Sequence[int]) -> ResultLine:
    return ResultLine(title, None, (None,) * len(ids))


def _safe_totals(
    total: ResultLine,
    lines: Sequence[ResultLine],
    cells: Sequence[Mapping[int, tuple[int, float, int]]],
    ids: Sequence[int],
) -> tuple[Figure | None, ...]:
    """A total stays only where what is hidden under it cannot be had by subtraction."""
    kept: list[Figure | None] = []
    for place, (figure, group_id) in enumerate(zip(total.figures, ids, strict=True)):
        under = [
            cell[group_id][0]
            for line, cell in zip(lines, cells, strict=True)
            if line.figures[place] is None and group_id in cell and cell[group_id][0]
        ]
        safe = not under or (len(under) >= 2 and sum(under) >= LEAST and sum(under) > len(under))
        kept.append(figure if safe else None)
    return tuple(kept)


def _sum(places: Sequence[Mapping[int, tuple[int, float, int]]]) -> dict[int, tuple[int, float, int]]:
    whole: dict[int, tuple[int, float, int]] = {}
    for place in places:
        for group_id, (n, mean, weak) in place.items():
            before, average, deficits = whole.get(group_id, (0, 0.0, 0))
            both = before + n
            whole[group_id] = (both, (average * before + mean * n) / both if both else 0.0, deficits + weak)
    return whole


def _line(title: str, n: int, cells: Mapping[int, tuple[int, float, int]], ids: Sequence[int]) -> ResultLine:
    figures = []
    for group_id in ids:
        count, mean, weak = cells.get(group_id, (0, 0.0, 0))
        figures.append(Figure(count, mean, weak / count * 100) if count >= LEAST else None)
    return ResultLine(title, n, tuple(figures))
