"""Where a person stands in each group of competences: a test decides over what she says of herself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    AttemptState,
    DeficitLevel,
    GroupResult,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    VersionGroup,
)
from bot.rules import scoring
from bot.services.diagnostics.taking import COUNTED

DECIDES = (
    InstrumentKind.test_key,
    InstrumentKind.case_rubric,
    InstrumentKind.observation,
    InstrumentKind.external,
    InstrumentKind.self_likert,
)
"""Whose word counts first: what was tested, marked, seen, given from elsewhere, said of oneself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The last official result in a group of competences, with the attempt it comes from."""

    group: str
    title: str
    kind: InstrumentKind
    attempt_id: int
    group_id: int
    finished_at: datetime
    pct: float
    sem: float
    level: DeficitLevel
    is_deficit: bool
    border: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Self-assessment and test in one group, side by side, never averaged."""

    group: str
    title: str
    own: Standing
    tested: Standing

    @property
    def gap(self) -> float:
        """Self minus test, in percent points."""
        return self.own.pct - self.tested.pct

    @property
    def wide(self) -> bool:
        """True when the methodist is told of it. The teacher sees two numbers and no verdict."""
        return scoring.is_wide(self.gap)


async def last_official(
    session: AsyncSession, person_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, Standing]:
    """By slug of the group: the newest counted result of the kind that decides; one person counts once.

    ``since`` and ``until`` narrow to a period. A group without a valid result is not there.
    """
    newest = await _newest(session, person_id, since=since, until=until)
    found: dict[str, Standing] = {}
    for kind in DECIDES:
        for (of, group), standing in newest.items():
            if of is kind:
                found.setdefault(group, standing)
    return found


async def both(session: AsyncSession, person_id: int) -> dict[str, Both]:
    """By slug of the group: where a self-assessment and a test are both there."""
    newest = await _newest(session, person_id)
    found: dict[str, Both] = {}
    for (kind, group), own in newest.items():
        tested = newest.get((InstrumentKind.test_key, group))
        if kind is InstrumentKind.self_likert and tested is not None:
            found[group] = Both(group, own.title, own, tested)
    return found


async def _newest(
    session: AsyncSession, person_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> Mapping[tuple[InstrumentKind, str], Standing]:
    statement = (
        select(Attempt.id, Attempt.finished_at, Instrument.kind, InstrumentVersion.cuts, VersionGroup, GroupResult)
        .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .join(GroupResult, GroupResult.attempt_id == Attempt.id)
        .join(VersionGroup, VersionGroup.id == GroupResult.group_id)
        .where(
            Attempt.person_id == person_id,
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(COUNTED),
            GroupResult.pct.is_not(None),
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
    )
    if since is not None:
        statement = statement.where(Attempt.finished_at >= since)
    if until is not None:
        statement = statement.where(Attempt.finished_at < until)
    found: dict[tuple[InstrumentKind, str], Standing] = {}
    for attempt_id, finished_at, kind, cuts, group, row in await session.execute(statement):
        sem = row.sem or 0.0
        standing = Standing(
            group.slug, group.title, kind, attempt_id, group.id, finished_at, row.pct, sem, row.deficit_level,
            row.is_deficit, scoring.on_border(row.pct, sem, cuts),
        )  # fmt: skip
        found.setdefault((kind, group.slug), standing)
    return found
