"""The pair's personalised programme: drafted from topics, shared deficits and the route, changed by the mentor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import NotFound, UserError
from bot.models import (
    ActivityKind,
    CompetenceGroup,
    Iom,
    IomStep,
    LineState,
    MentorPair,
    ProgramLine,
    Side,
    StepState,
)
from bot.services.data_files import read
from bot.services.mentoring import common, loading, profiles

EVERY = timedelta(days=45)
"""Between the terms of two lines of a draft."""

LINES = 20
DRAFTED = 12
"""Lines of a draft at most: three topics and what she shares, two or three lines each."""

PATH = ROOT / "data" / "mentoring" / "programme.yaml"
WORDS = 300


@dataclass(frozen=True, slots=True)
class Template:
    """Words a programme is drafted from: by competence group, and the goal."""

    goal: str
    lines: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def template() -> Template:
    """``data/mentoring/programme.yaml``."""
    raw = read(PATH)
    lines = raw.need("lines", dict)
    return Template(raw.need("goal", str), {slug: tuple(str(one) for one in topics) for slug, topics in lines.items()})


async def draft(session: AsyncSession, pair: MentorPair, *, today: date) -> None:
    """Lines of the topics she asked for and shares, from the templates, and of her route; what exists stays."""
    count = await session.scalar(select(func.count()).where(ProgramLine.pair_id == pair.id))
    if count:
        return
    need = await profiles.need_of(session, pair.mentee_id)
    slugs = list(need.topics) if need else []
    if need is not None and need.shares:
        shared = (await loading.deficits_of(session, [pair.mentee_id])).get(pair.mentee_id, {})
        slugs += sorted((slug for slug in shared if slug not in slugs), key=lambda slug: (-shared[slug], slug))
    titles = dict(
        (
            await session.execute(
                select(CompetenceGroup.slug, CompetenceGroup.title).where(CompetenceGroup.slug.in_(slugs))
            )
        ).all()
    )
    known = [slug for slug in slugs if slug in titles]
    lines: list[ProgramLine] = [
        ProgramLine(pair_id=pair.id, group_slug=slug, topic=topic, kind="topic")
        for slug in known
        for topic in template().lines.get(slug, (titles[slug],))
    ][:DRAFTED]
    if known and not pair.goal:
        pair.goal = template().goal.format(groups=", ".join(titles[slug].lower() for slug in known))[:WORDS]
    if need is not None and need.wish:
        lines.append(ProgramLine(pair_id=pair.id, topic=need.wish, kind="wish"))
    for step in await session.scalars(
        select(IomStep)
        .join(Iom, Iom.id == IomStep.iom_id)
        .where(
            Iom.person_id == pair.mentee_id,
            Iom.closed_at.is_(None),
            IomStep.kind == ActivityKind.mentoring,
            IomStep.state.in_((StepState.planned, StepState.in_work)),
        )
        .order_by(IomStep.place, IomStep.id)
    ):
        lines.append(ProgramLine(pair_id=pair.id, topic=step.title, kind="route", due_on=step.due_on))
    last = pair.until or today + timedelta(days=365)
    ahead = max(1, (last - today).days)
    between = min(EVERY, timedelta(days=ahead // (len(lines) + 1)))
    for place, line in enumerate(lines):
        line.due_on = line.due_on or today + between * (place + 1)
    for place, line in enumerate(sorted(lines, key=lambda line: line.due_on or last)):
        line.place = place
    session.add_all(lines)
    await session.flush()


async def lines_of(session: AsyncSession, pair_id: int) -> list[ProgramLine]:
    """The programme: what is done, then what is ahead, each in order."""
    rows = await session.scalars(
        select(ProgramLine)
        .where(ProgramLine.pair_id == pair_id, ProgramLine.state != LineState.dropped)
        .order_by(ProgramLine.state != LineState.done, ProgramLine.place, ProgramLine.id)
    )
    return list(rows)


async def add_line(
    session: AsyncSession, person_id: int, pair_id: int, topic: str, *, due_on: date | None = None, today: date
) -> None:
    """One more line, by either side."""
    pair, _ = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    topic = topic.strip()[:WORDS]
    if len(topic) < 3:
        raise UserError("mentoring-line-short")
    held = await lines_of(session, pair_id)
    if len(held) >= LINES:
        raise UserError("mentoring-line-many", most=LINES)
    session.add(
        ProgramLine(
            pair_id=pair_id, topic=topic, kind="own", due_on=due_on or today + EVERY,
            place=max((line.place for line in held), default=-1) + 1,
        )
    )  # fmt: skip
    await session.flush()


async def mark_line(session: AsyncSession, person_id: int, line_id: int, *, done: bool, today: date) -> int:
    """The mentor marks a line as done, or takes it back; the number of the pair."""
    line = await session.get(ProgramLine, line_id)
    if line is None:
        raise NotFound()
    pair, side = await common.own(session, person_id, line.pair_id)
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    if side is not Side.mentor:
        raise UserError("mentoring-mentor-marks")
    line.state, line.done_on = (LineState.done, today) if done else (LineState.planned, None)
    await session.flush()
    return pair.id


async def set_goal(session: AsyncSession, person_id: int, pair_id: int, goal: str, *, now: datetime) -> None:
    """What the pair works for, in words; either side may change it while the pair works."""
    pair, _ = await common.own(session, person_id, pair_id)
    if pair.state not in common.MEETS:
        raise UserError("mentoring-moved-on")
    if len(goal.strip()) < 3:
        raise UserError("mentoring-line-short")
    pair.goal = goal.strip()[:WORDS]
    await session.flush()
