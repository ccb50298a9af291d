"""«Что, если»: what more mentors would give here, and how many bring the region's indicators to their targets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import (
    Employment,
    EmploymentSubject,
    MenteeNeed,
    MentorPair,
    Organisation,
    PairForm,
    PairKind,
    PairState,
    ScopeKind,
    Subject,
)
from bot.rules.indicators.model import Count, Definition, Outcome, Who
from bot.rules.mentoring.places import EVERY, areas_of
from bot.services.access import Right, Scope
from bot.services.indicators import at_hand, counting, prospects
from bot.services.indicators.counting import Line, Report
from bot.services.mentoring import common, loading
from bot.services.places import Choice

if TYPE_CHECKING:
    from bot.rules.mentoring import Cover, Mentor, Share, Step

ON_THE_WAY = (PairState.consent_wait, PairState.to_order)
PAIRED, SIDE = ("paired",), ("side", ("mentee",))
YEARS = 10
"""Experience of a mentor who is still to be found: nobody asks for more."""


@dataclass(frozen=True, slots=True)
class Wider:
    """An indicator over the same people that a mentor serves too, but not only a mentor."""

    definition: Definition
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Young:
    """The share of young people with a mentor: now, with the pairs that can be made, with the added mentors."""

    definition: Definition
    share: Share
    cover: Cover
    places: int
    steps: tuple[Step, ...]
    wider: tuple[Wider, ...] = ()

    @property
    def present(self) -> int:
        """How many more the published pairs and the mentors there are could bring."""
        return self.share.coming + self.cover.now

    @property
    def then(self) -> int:
        """How many more with the added ones."""
        return self.share.coming + self.cover.with_places(self.places)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How many who ask could have a mentor: now, then; ``young`` is None where the share is not counted."""

    more: int
    now: int
    then: int
    needing: int
    young: Young | None = None
    # Why there is no share, in the words of the indicators.
    reason: str = ""


async def what_if(
    db: Database,
    scope: Scope,
    *,
    municipality_id: int | None,
    subject: str = "",
    more: int = 2,
    mode: str = "nobody_forgotten",
    now: datetime,
    zone: ZoneInfo,
) -> WhatIf:
    """What ``more`` mentors of a subject (any: empty) who work in this place would give."""
    from bot.rules.mentoring import Mode, Share, cover, step

    kind = ScopeKind.region if municipality_id is None else ScopeKind.municipality
    if not scope.covers(Right.mentoring_run, kind, municipality_id):
        raise NotAllowed()
    today = now.astimezone(zone).date()
    async with db.read() as session:
        options = await common.options(session)
        people = await loading.pool(session, today=today, municipality_id=municipality_id, replaces=True)
        report = await counting.report(session, at_hand.year_of(today), now=now, zone=zone)
        coming = await _on_the_way(session, municipality_id)
    line = _line(report)
    young = prospects.uncounted(report, line, (one.id for one in people.mentees), today) if line else set()
    added = _added(people, subject, municipality_id, places=options.most)
    # Matched aside: nobody's question waits for it.
    whole, mine = await asyncio.to_thread(
        cover, people.mentees, people.mentors, added, among=young, mode=Mode(mode), weights=options.weights,
        enough=options.enough,
    )  # fmt: skip
    places = more * added.free
    found = WhatIf(more, whole.now, whole.with_places(places), whole.asking)
    if line is None:
        return replace(found, reason="not-kept")
    outcome = _outcome(line, municipality_id)
    if outcome.value is None or outcome.numerator is None or not outcome.denominator:
        return replace(found, reason=outcome.reason)
    share = Share(outcome.numerator, len(prospects.uncounted(report, line, coming, today)), outcome.denominator)
    wider = tuple(Wider(one.definition, _outcome(one, municipality_id)) for one in _wider(report, line))
    targets = {one.target for one in (line.definition, *(far.definition for far in wider)) if one.target is not None}
    steps = tuple(step(target, share, mine, places=added.free) for target in sorted(targets))
    return replace(found, young=Young(line.definition, share, mine, places, steps, wider))


async def subjects(session: AsyncSession, scope: Scope, *, municipality_id: int | None) -> list[Choice]:
    """Subjects of those who ask for a mentor here: what an added mentor may teach."""
    scope.require(Right.mentoring_run)
    statement = (
        select(Subject.slug, Subject.title)
        .join(EmploymentSubject, EmploymentSubject.subject_slug == Subject.slug)
        .join(Employment, Employment.id == EmploymentSubject.employment_id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(MenteeNeed, MenteeNeed.person_id == Employment.person_id)
        .where(MenteeNeed.closed_at.is_(None), Employment.is_main, Employment.until.is_(None))
        .group_by(Subject.slug, Subject.title, Subject.place)
        .order_by(Subject.place)
    )
    if municipality_id is not None:
        statement = statement.where(Organisation.municipality_id == municipality_id)
    return [Choice(slug, title) for slug, title in await session.execute(statement)]


# --- inside ------------------------------------------------------------------------------------------


def _added(people: loading.Pool, subject: str, municipality_id: int | None, *, places: int) -> Mentor:
    """A mentor who is still to be found for this place."""
    from bot.rules.mentoring import Mentor

    taught = frozenset({subject}) if subject else frozenset(slug for one in people.mentees for slug in one.subjects)
    return Mentor(
        -1, -1, municipality_id or 0, subjects=taught, areas=areas_of(taught),
        stages=frozenset(f"{form.value}:{stage}" for form in PairForm for stage in EVERY),
        remote=True, experience=YEARS, most=places,
    )  # fmt: skip


def _line(report: Report) -> Line | None:
    """The region's share of young people who have a mentor: of pairs alone, counted on the mentee's side."""
    for line in report.lines:
        rule = line.definition.numerator
        if _of_young(line) and rule is not None and rule.facts == PAIRED and SIDE in rule.where:
            return line
    return None


def _wider(report: Report, line: Line) -> list[Line]:
    """Other shares of the same people to which a pair adds too."""
    return [
        one
        for one in report.lines
        if one is not line
        and _of_young(one)
        and one.definition.numerator is not None
        and PAIRED[0] in one.definition.numerator.facts
        and one.definition.denominator == line.definition.denominator
    ]


def _of_young(line: Line) -> bool:
    one = line.definition
    return (
        one.is_share
        and one.numerator is not None
        and one.numerator.count is Count.people
        and Who.young in one.numerator.who
    )


def _outcome(line: Line, municipality_id: int | None) -> Outcome:
    return line.outcome if municipality_id is None else line.places.get(municipality_id, line.outcome)


async def _on_the_way(session: AsyncSession, municipality_id: int | None) -> list[int]:
    """Mentees of pairs that wait for consents or an order; a group is put together by a person and stays."""
    p = MentorPair
    statement = select(p.mentee_id).where(
        p.closed_at.is_(None),
        p.state.in_(ON_THE_WAY) | ((p.state == PairState.proposed) & (p.kind == PairKind.group)),
    )
    if municipality_id is not None:
        statement = statement.where(p.municipality_id == municipality_id)
    return list(await session.scalars(statement))
