"""Item analysis of a version: first counted attempts of persons, read in one pass, judged by the rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, String, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Direction,
    ExpertRating,
    InstrumentKind,
    InstrumentVersion,
    Item,
    Purpose,
    VersionGroup,
    VersionState,
)
from bot.rules import item_analysis as rules
from bot.services.access import Right, Scope
from bot.services.diagnostics.content import Content, content_of

FIRST = (Purpose.official, Purpose.entry, Purpose.campaign)
"""Whose answers tell about the questions: never «для себя», never a repeat after learning."""

WITH_KEY = (InstrumentKind.test_key,)
OPTIONED = ("single", "multiple")
"""Kinds of tasks whose options are judged one by one."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item with its statistics and what experts said of it."""

    item_id: int
    code: str
    text: str
    kind: str
    options: tuple[str, ...]
    statistics: rules.ItemStatistics
    cvi: float | None
    experts: int


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of items with its statistics."""

    group_id: int
    title: str
    statistics: rules.GroupStatistics
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A version judged; ``n`` counts persons, ``since`` is the day of the first attempt."""

    version_id: int
    title: str
    number: int
    state: VersionState
    kind: InstrumentKind
    direction: Direction
    is_demo: bool
    protocol: str
    verified_on: date | None
    n: int
    since: datetime | None
    scale: tuple[str, ...]
    groups: tuple[GroupLine, ...]

    @property
    def is_test(self) -> bool:
        """True where answers are right or wrong."""
        return self.kind in WITH_KEY

    @property
    def to_rewrite(self) -> list[str]:
        """Codes of items in red."""
        return [i.code for g in self.groups for i in g.items if i.statistics.verdict is rules.Band.red]


@dataclass(frozen=True, slots=True)
class Responses:
    """Points, persons × items (NaN: not answered), and how often each option was chosen."""

    items: tuple[int, ...]
    points: NDArray[np.float64]
    chosen: Mapping[int, tuple[int, ...]]
    since: datetime | None

    @property
    def n(self) -> int:
        return len(self.points)


def first_attempts(version_id: int) -> Select[int]:
    """Ids of each person's first counted attempt of a version."""
    ranked = (
        select(
            Attempt.id,
            func.row_number()
            .over(partition_by=Attempt.person_id, order_by=(Attempt.finished_at, Attempt.id))
            .label("turn"),
        )
        .where(
            Attempt.version_id == version_id,
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(FIRST),
            # Of a shortened attempt most tasks were never asked.
            Attempt.adaptive.is_(False),
        )
        .subquery()
    )
    return select(ranked.c.id).where(ranked.c.turn == 1)


async def responses(session: AsyncSession, content: Content) -> Responses:
    """All answers of a version as arrays: one statement for points, one for counts of options."""
    chosen_ids = first_attempts(content.version_id).subquery()
    place_of = {item.id: place for place, item in enumerate(content.items)}
    rows = (
        await session.execute(
            select(Answer.attempt_id, Answer.item_id, Answer.points).join(
                chosen_ids, chosen_ids.c.id == Answer.attempt_id
            )
        )
    ).all()
    person_of: dict[int, int] = {}
    for attempt_id, _, _ in rows:
        person_of.setdefault(attempt_id, len(person_of))
    points = np.full((len(person_of), len(content.items)), np.nan)
    for attempt_id, item_id, value in rows:
        if value is not None and item_id in place_of:
            points[person_of[attempt_id], place_of[item_id]] = value
    if content.kind in WITH_KEY:
        chosen = await _options_chosen(session, chosen_ids.c.id, content)
    else:
        chosen = _steps_chosen(points, content)
    since = await session.scalar(select(func.min(Attempt.finished_at)).where(Attempt.id.in_(select(chosen_ids.c.id))))
    return Responses(tuple(place_of), points, chosen, since)


async def analyse(session: AsyncSession, scope: Scope, version_id: int) -> Analysis:
    """The analysis of a version. Raises NotAllowed without the right to see instruments."""
    scope.require(Right.instruments_see)
    return await analysed(session, version_id)


async def analysed(session: AsyncSession, version_id: int) -> Analysis:
    """The same without the question of rights, for the nightly job."""
    version = await session.get(InstrumentVersion, version_id)
    if version is None:
        raise NotFound()
    content = await content_of(session, version_id)
    given = await responses(session, content)
    rows = {
        row.id: row
        for row in await session.scalars(select(Item).where(Item.version_id == version_id).order_by(Item.place))
    }
    ratings = await _ratings(session, version_id)
    groups = await asyncio.to_thread(_groups, content, given, rows, ratings)
    return Analysis(
        version_id=version_id,
        title=content.title,
        number=content.number,
        state=version.state,
        kind=content.kind,
        direction=content.direction,
        is_demo=content.is_demo,
        protocol=version.protocol,
        verified_on=version.verified_on,
        n=given.n,
        since=given.since,
        scale=content.scale,
        groups=groups,
    )


async def store_errors(session: AsyncSession, analysis: Analysis, *, now: datetime) -> int:
    """Write the error of measurement of each group, with its n, for results to come; how many are known.

    Results that exist keep the error they were made with (docs/decisions/0004).
    """
    known = 0
    for group in analysis.groups:
        found = group.statistics
        await session.execute(
            update(VersionGroup)
            .where(VersionGroup.id == group.group_id)
            .values(sem=found.sem, sem_n=found.complete if found.sem is not None else None, sem_at=now)
        )
        known += found.sem is not None
    return known


async def due_for_errors(session: AsyncSession) -> list[int]:
    """Versions in use whose errors were never computed, or before their newest counted attempt."""
    newest = (
        select(Attempt.version_id, func.max(Attempt.finished_at).label("last"), func.count().label("n"))
        .where(Attempt.state == AttemptState.finished, Attempt.purpose.in_(FIRST))
        .group_by(Attempt.version_id)
        .having(func.count() >= rules.HIDDEN_BELOW)
        .subquery()
    )
    rows = await session.scalars(
        select(InstrumentVersion.id)
        .join(newest, newest.c.version_id == InstrumentVersion.id)
        .join(VersionGroup, VersionGroup.version_id == InstrumentVersion.id)
        .where(
            InstrumentVersion.state.in_((VersionState.trial, VersionState.verified)),
            VersionGroup.sem_at.is_(None) | (VersionGroup.sem_at < newest.c.last),
        )
        .distinct()
        .order_by(InstrumentVersion.id)
    )
    return list(rows)


def _groups(
    content: Content,
    given: Responses,
    rows: Mapping[int, Item],
    ratings: Mapping[int, Sequence[int]],
) -> tuple[GroupLine, ...]:
    place_of = {item_id: place for place, item_id in enumerate(given.items)}
    made: list[GroupLine] = []
    for group in content.groups:
        ids = group.item_ids
        found = rules.analyse(
            given.points[:, [place_of[item_id] for item_id in ids]],
            [rows[item_id].max_points for item_id in ids],
            chosen=[given.chosen.get(item_id, ()) for item_id in ids],
            keys=[_key(rows[item_id]) for item_id in ids],
            is_test=content.kind in WITH_KEY,
        )
        items = tuple(
            ItemLine(
                item_id=item.id,
                code=item.code,
                text=item.text,
                kind=item.kind,
                options=tuple(str(option) for option in rows[item.id].options),
                statistics=statistics,
                cvi=_cvi(ratings.get(item.id, ())),
                experts=len(ratings.get(item.id, ())),
            )
            for item, statistics in zip(group.items, found.items, strict=True)
        )
        made.append(GroupLine(group.id, group.title, found, items))
    return tuple(made)


def _key(item: Item) -> frozenset[int]:
    if item.kind not in OPTIONED:
        return frozenset()
    return frozenset(int(number) for number in item.answer_key.get("right", ()))


def _cvi(ratings: Sequence[int]) -> float | None:
    """Share of experts who find the item relevant (3 or 4); fewer than two experts are no expertise."""
    return sum(rating >= 3 for rating in ratings) / len(ratings) if len(ratings) >= 2 else None


async def _ratings(session: AsyncSession, version_id: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for item_id, rating in await session.execute(
        select(ExpertRating.item_id, ExpertRating.rating)
        .join(Item, Item.id == ExpertRating.item_id)
        .where(Item.version_id == version_id)
    ):
        found.setdefault(item_id, []).append(rating)
    return found


def _steps_chosen(points: NDArray[np.float64], content: Content) -> dict[int, tuple[int, ...]]:
    """Answers 1…5 of a scale are points 0…4."""
    steps = len(content.scale)
    chosen = {}
    for place, item in enumerate(content.items):
        column = points[:, place]
        values = column[~np.isnan(column)].round().astype(int)
        counts = np.bincount(np.clip(values, 0, steps - 1), minlength=steps) if steps else np.zeros(0, dtype=int)
        chosen[item.id] = tuple(int(count) for count in counts)
    return chosen


async def _options_chosen(session: AsyncSession, ids: object, content: Content) -> dict[int, tuple[int, ...]]:
    """Counted by the database: the answers of a task are few different lists."""
    as_text = cast(Answer.given, String)
    rows = await session.execute(
        select(Answer.item_id, as_text, func.count())
        .where(Answer.attempt_id.in_(select(ids)), Answer.given.is_not(None))  # type: ignore[call-overload]
        .group_by(Answer.item_id, as_text)
    )
    counts: dict[int, Counter[int]] = {}
    for item_id, text, number in rows:
        for option in _numbers(text):
            counts.setdefault(item_id, Counter())[option] += number
    sizes = {
        item_id: len(options)
        for item_id, options, kind in await session.execute(
            select(Item.id, Item.options, Item.kind).where(Item.version_id == content.version_id)
        )
        if kind in OPTIONED
    }
    return {
        item_id: tuple(counts.get(item_id, Counter())[option] for option in range(1, size + 1))
        for item_id, size in sizes.items()
    }


def _numbers(text: str) -> list[int]:
    """«[1, 3]» as numbers; words that somebody typed are none."""
    inside = text.strip().removeprefix("[").removesuffix("]")
    return [int(part) for part in inside.split(",") if part.strip().isdigit()]
