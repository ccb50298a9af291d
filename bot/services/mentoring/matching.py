"""One optimum for everybody: read, solved beside the event loop, stored as proposals that a coordinator reviews.

A matching replaces the proposals nobody was told of; published pairs stay. One runs at a time, and what
somebody took meanwhile is left out when the result is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Employment,
    MatchLeft,
    MatchRun,
    MeetFormat,
    MenteeNeed,
    MentorPair,
    MentorProfile,
    Organisation,
    PairForm,
    PairKind,
    PairMove,
    PairState,
    Person,
    RunState,
    ScopeKind,
)
from bot.rules.mentoring.load import Load
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.mentoring import common, loading

if TYPE_CHECKING:
    from bot.rules.mentoring import Match, Mentee, Mentor, Obstacle, Plan

STALE = timedelta(minutes=15)
"""A matching that has not ended by then was cut off; another may begin."""

PORTION = 200
GROWN = "grown"
"""Reason of those whose basis «молодой» is over: a person decides on another basis."""

TOP = 3


@dataclass(frozen=True, slots=True)
class Found:
    """The plan of a matching, and the people it is about."""

    plan: Plan
    mentees: list[Mentee]
    mentors: list[Mentor]
    grown: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor for one mentee: the score with its lines, or the filter that forbids."""

    who: common.Who
    match: Match | None
    obstacle: Obstacle | None
    free: int
    # Places in her group for this mentee; 0 where another filter forbids.
    group: int = 0


async def compute(
    db: Database,
    *,
    today: date,
    municipality_id: int | None = None,
    mode: str = "quality",
    mentee_ids: Sequence[int] | None = None,
    replaces: bool = True,
) -> Found:
    """The plan; nothing is written. The search itself runs in a thread."""
    from bot.rules.mentoring import Mode, solve

    async with db.read() as session:
        options = await common.options(session)
        people = await loading.pool(
            session, today=today, municipality_id=municipality_id, mentee_ids=mentee_ids, replaces=replaces
        )
    plan = await asyncio.to_thread(
        solve, people.mentees, people.mentors, mode=Mode(mode), weights=options.weights, enough=options.enough
    )
    return Found(plan, people.mentees, people.mentors, people.grown)


async def begin(
    session: AsyncSession, scope: Scope, *, municipality_id: int | None = None, mode: str = "quality", now: datetime
) -> int:
    """Take the turn: the number of the run. UserError while another one runs."""
    kind = ScopeKind.region if municipality_id is None else ScopeKind.municipality
    if not scope.covers(Right.mentoring_run, kind, municipality_id):
        raise NotAllowed()
    r = MatchRun
    await session.execute(
        update(r).where(r.going, r.started_at < now - STALE).values(going=False, state=RunState.failed, finished_at=now)
    )
    other = await session.scalar(select(r).where(r.going))
    if other is not None:
        raise UserError("mentoring-run-going")
    run = MatchRun(municipality_id=municipality_id, mode=mode, made_by_id=scope.person_id, started_at=now)
    try:
        async with session.begin_nested():
            session.add(run)
    except IntegrityError as taken:
        raise UserError("mentoring-run-going") from taken
    audit.changed(session, scope, "mentoring", run.id, "matched", now=now, after={"mode": mode})
    return run.id


async def finish(db: Database, run_id: int, *, now: datetime, today: date, found: Found | None = None) -> MatchRun:
    """Solve (unless it is solved) and store a run that has begun, in steps that show how far it is. Its final row."""
    try:
        async with db.read() as session:
            run = await session.get(MatchRun, run_id)
        if run is None or not run.going:
            raise NotFound()
        await _stage(db, run_id, RunState.solving)
        found = found or await compute(db, today=today, municipality_id=run.municipality_id, mode=run.mode)
        await _stage(
            db, run_id, RunState.saving, mentees=len(found.mentees) + len(found.grown), mentors=len(found.mentors),
            total=found.plan.total,
        )  # fmt: skip
        await _store(db, run_id, run.municipality_id, found, now=now)
    except Exception:
        await _stage(db, run_id, RunState.failed, going=False, finished_at=now)
        raise
    return await _stage(db, run_id, RunState.done, going=False, finished_at=now)


async def at_once(session: AsyncSession, run_id: int, *, now: datetime, today: date) -> MatchRun:
    """Read, solve and store a run that has begun within one transaction: for a few people (the demonstration)."""
    from bot.rules.mentoring import Mode, solve

    run = await session.get_one(MatchRun, run_id)
    options = await common.options(session)
    people = await loading.pool(session, today=today, municipality_id=run.municipality_id, replaces=True)
    plan = solve(people.mentees, people.mentors, mode=Mode(run.mode), weights=options.weights, enough=options.enough)
    found = Found(plan, people.mentees, people.mentors, people.grown)
    await _forget(session, run.municipality_id)
    await _leave(session, run_id, found, now=now)
    run.pairs, run.late = await _propose_all(session, plan.pairs, run_id=run_id, now=now)
    run.mentees, run.mentors = len(found.mentees) + len(found.grown), len(found.mentors)
    run.total, run.state, run.going, run.finished_at = plan.total, RunState.done, False, now
    await session.flush()
    return run


async def run(
    db: Database,
    scope: Scope,
    *,
    municipality_id: int | None = None,
    mode: str = "quality",
    now: datetime,
    today: date,
) -> MatchRun:
    """``begin`` and ``finish``: what the command and a job do."""
    async with db.begin() as session:
        run_id = await begin(session, scope, municipality_id=municipality_id, mode=mode, now=now)
    return await finish(db, run_id, now=now, today=today)


async def last_run(session: AsyncSession, scope: Scope, *, municipality_id: int | None = None) -> MatchRun | None:
    """The newest matching of a place: the page asks for its progress."""
    scope.require(Right.mentoring_see)
    statement = select(MatchRun).order_by(MatchRun.id.desc()).limit(1)
    if municipality_id is not None:
        statement = statement.where(MatchRun.municipality_id == municipality_id)
    return await session.scalar(statement)


async def rematch(db: Database, *, now: datetime, today: date) -> int:
    """Only those whom a decline or an end touched are solved again; every other pair stays. New proposals."""
    async with db.read() as session:
        touched = list(
            await session.scalars(
                select(MenteeNeed.person_id)
                .where(MenteeNeed.touched_at.is_not(None), MenteeNeed.closed_at.is_(None))
                .order_by(MenteeNeed.touched_at, MenteeNeed.person_id)
                .limit(PORTION)
            )
        )
    if not touched:
        return 0
    found = await compute(db, today=today, mentee_ids=touched, replaces=False)
    async with db.begin() as session:
        made, _ = await _propose_all(session, found.plan.pairs, run_id=None, now=now)
        await session.execute(
            update(MenteeNeed)
            .where(MenteeNeed.person_id.in_(touched), MenteeNeed.touched_at <= now)
            .values(touched_at=None)
        )
        await _leave(session, None, found, now=now)
    return made


async def propose(
    session: AsyncSession,
    scope: Scope,
    mentee_id: int,
    mentor_id: int,
    *,
    grouped: bool = False,
    now: datetime,
    today: date,
) -> int:
    """A pair by hand, in place of the proposal there is; the filters hold for it too. The number of the pair.

    ``grouped``: into the mentor's group, which has places of its own.
    """
    await _within(session, scope, mentee_id, today=today)
    await _within(session, scope, mentor_id, today=today)
    from bot.rules.mentoring import Obstacle, explain, obstacle

    old = await session.scalar(
        select(MentorPair).where(MentorPair.mentee_id == mentee_id, MentorPair.closed_at.is_(None)).with_for_update()
    )
    if old is not None and old.state is not PairState.proposed:
        raise UserError("mentoring-has-pair")
    if old is not None:
        common.move(session, old, PairState.refused, now=now, actor_id=scope.person_id, reason="discarded")
        await session.flush()
    await _lock(session, [mentor_id])
    people = await loading.pool(session, today=today, mentee_ids=[mentee_id], mentor_ids=[mentor_id], grouped=grouped)
    if mentee_id in people.grown:
        raise UserError("mentoring-held.grown")
    if not people.mentees or not people.mentors:
        raise UserError("mentoring-no-need" if not people.mentees else "mentoring-held.consent")
    forbidden = obstacle(people.mentees[0], people.mentors[0])
    if forbidden is not None:
        raise UserError(_forbidden(forbidden, grouped=grouped))
    options = await common.options(session)
    match = explain(people.mentees[0], people.mentors[0], options.weights)
    await _propose_all(session, [match], run_id=None, now=now, actor_id=scope.person_id, grouped=grouped)
    pair_id = await session.scalar(
        select(MentorPair.id).where(MentorPair.mentee_id == mentee_id, MentorPair.closed_at.is_(None))
    )
    if pair_id is None:
        raise UserError(_forbidden(Obstacle.load, grouped=grouped))
    audit.changed(session, scope, "mentoring", pair_id, "proposed", now=now)
    return pair_id


async def reshape(
    session: AsyncSession, scope: Scope, pair_id: int, *, form: PairForm, kind: PairKind, now: datetime, today: date
) -> None:
    """Another form or kind of a proposal nobody was told of: the filters and the score are those of the new one."""
    from bot.rules.mentoring import explain, obstacle
    from bot.services.mentoring import details

    pair = await common.reached(session, scope, Right.mentoring_run, pair_id, today=today)
    if pair.state is not PairState.proposed:
        raise UserError("mentoring-moved-on")
    if form is PairForm.leaders and not await details.leads(session, pair.mentee_id):
        raise UserError("mentoring-leaders-only")
    await _lock(session, [pair.mentor_id])
    grouped = kind is PairKind.group
    people = await loading.pool(
        session, today=today, mentee_ids=[pair.mentee_id], mentor_ids=[pair.mentor_id], form=form, grouped=grouped,
        but_for=pair_id,
    )  # fmt: skip
    if not people.mentees or not people.mentors:
        key = "grown" if people.grown else "consent" if people.mentees else "not_needed"
        raise UserError(f"mentoring-held.{key}")
    forbidden = obstacle(people.mentees[0], people.mentors[0])
    if forbidden is not None:
        raise UserError(_forbidden(forbidden, grouped=grouped))
    match = explain(people.mentees[0], people.mentors[0], (await common.options(session)).weights)
    before = {"form": pair.form.value, "kind": pair.kind.value}
    pair.form, pair.kind, pair.score, pair.lines = form, kind, round(match.score, 2), lines_of(match)
    after = {"form": form.value, "kind": kind.value}
    audit.changed(session, scope, "mentoring", pair_id, "reshaped", now=now, before=before, after=after)
    await session.flush()


async def candidates(
    session: AsyncSession, scope: Scope, mentee_id: int, *, today: date, limit: int = TOP
) -> tuple[list[Candidate], list[Candidate]]:
    """The best allowed mentors for one mentee with the lines of their scores, and the best whom a filter forbids."""
    from bot.rules.mentoring import Obstacle, explain, obstacle

    await _within(session, scope, mentee_id, today=today)
    standing = select(MentorPair.id).where(
        MentorPair.mentee_id == mentee_id, MentorPair.state == PairState.proposed, MentorPair.closed_at.is_(None)
    )
    people = await loading.pool(
        session, today=today, mentee_ids=[mentee_id], replaces=True, but_for=await session.scalar(standing)
    )
    if not people.mentees:
        return [], []
    options = await common.options(session)
    mentee = people.mentees[0]
    rated = sorted(
        ((explain(mentee, one, options.weights), obstacle(mentee, one), one) for one in people.mentors),
        key=lambda row: (-row[0].score, row[2].id),
    )
    allowed = [row for row in rated if row[1] is None][:limit]
    forbidden = [row for row in rated if row[1] is not None][:limit]
    names = await common.who(session, [row[2].id for row in (*allowed, *forbidden)], today=today)

    loads = await common.loads(session, [row[2].id for row in (*allowed, *forbidden)])

    def told(rows: list[Any]) -> list[Candidate]:
        return [
            Candidate(
                names[one.id], match, block, one.free,
                loads.get(one.id, Load()).free(0, options.group, grouped=True)
                if block in (None, Obstacle.load) and obstacle(mentee, replace(one, most=1, busy=0)) is None else 0,
            )
            for match, block, one in rows
        ]  # fmt: skip

    return told(allowed), told(forbidden)


def lines_of(match: Match) -> list[dict[str, Any]]:
    """The lines of a score as they are kept with the pair."""
    return [
        {
            "criterion": line.criterion.value, "value": round(line.value, 4), "points": round(line.points, 2),
            "most": round(line.most, 2), "term": line.term, "known": line.known,
        }
        for line in match.lines
    ]  # fmt: skip


# --- inside ------------------------------------------------------------------------------------------


async def _stage(db: Database, run_id: int, state: RunState, **values: Any) -> MatchRun:
    async with db.begin() as session:
        run = await session.get_one(MatchRun, run_id)
        run.state = state
        for name, value in values.items():
            setattr(run, name, value)
    return run


async def _store(db: Database, run_id: int, municipality_id: int | None, found: Found, *, now: datetime) -> None:
    async with db.begin() as session:
        await _forget(session, municipality_id)
        await _leave(session, run_id, found, now=now)
    for start in range(0, len(found.plan.pairs), PORTION):
        async with db.begin() as session:
            part = found.plan.pairs[start : start + PORTION]
            made, late = await _propose_all(session, part, run_id=run_id, now=now)
            run = await session.get_one(MatchRun, run_id)
            run.pairs, run.late = run.pairs + made, run.late + late


async def _forget(session: AsyncSession, municipality_id: int | None) -> None:
    """Proposals nobody was told of go without a trace; groups, which a person put together, stay."""
    p = MentorPair
    gone = delete(p).where(p.state == PairState.proposed, p.kind != PairKind.group)
    if municipality_id is not None:
        gone = gone.where(p.municipality_id == municipality_id)
    await session.execute(gone)


async def _propose_all(
    session: AsyncSession,
    matches: Sequence[Match],
    *,
    run_id: int | None,
    now: datetime,
    actor_id: int | None = None,
    grouped: bool = False,
) -> tuple[int, int]:
    """Proposals stored as far as places and needs are still what they were: made, and too late."""
    mentees = [match.mentee for match in matches]
    profiles_of = await _lock(session, [match.mentor for match in matches])
    loads = await common.loads(session, list(profiles_of))
    group_most = (await common.options(session)).group
    needs = {
        need.person_id: need
        for need in await session.scalars(
            select(MenteeNeed)
            .where(MenteeNeed.person_id.in_(mentees), MenteeNeed.closed_at.is_(None))
            .order_by(MenteeNeed.person_id)
            .with_for_update()
        )
    }
    paired = set(
        await session.scalars(
            select(MentorPair.mentee_id).where(MentorPair.mentee_id.in_(mentees), MentorPair.closed_at.is_(None))
        )
    )
    places = {
        row.person_id: row
        for row in await session.execute(
            select(Employment.person_id, Employment.organisation_id, Organisation.municipality_id)
            .join(Organisation, Organisation.id == Employment.organisation_id)
            .where(Employment.person_id.in_(mentees), Employment.is_main, Employment.until.is_(None))
        )
    }
    made: list[MentorPair] = []
    for match in matches:
        profile = profiles_of.get(match.mentor)
        if (
            profile is None
            or not loads.get(match.mentor, Load()).free(profile.max_load, group_most, grouped=grouped)
            or match.mentee in paired
            or match.mentee not in needs
            or match.mentee not in places
        ):
            continue
        made.append(
            MentorPair(
                run_id=run_id, mentor_id=match.mentor, mentee_id=match.mentee, form=needs[match.mentee].form,
                kind=PairKind.group if grouped else _kind(profile, needs[match.mentee]),
                organisation_id=places[match.mentee].organisation_id,
                municipality_id=places[match.mentee].municipality_id,
                state=PairState.proposed, score=round(match.score, 2), lines=lines_of(match), created_at=now,
            )
        )  # fmt: skip
        loads[match.mentor] = loads.get(match.mentor, Load()).with_one(grouped=grouped)
        paired.add(match.mentee)
    # All at once: a row at a time is half of the time of a large matching.
    session.add_all(made)
    await session.flush()
    session.add_all(
        PairMove(pair_id=pair.id, before="", after=PairState.proposed.value, actor_id=actor_id, at=now) for pair in made
    )
    await session.execute(delete(MatchLeft).where(MatchLeft.person_id.in_(paired)))
    await session.flush()
    return len(made), len(matches) - len(made)


def _forbidden(obstacle: Obstacle, *, grouped: bool) -> str:
    """The words of a filter; a full group is not a full mentor."""
    return f"mentoring-obstacle.{'group' if grouped and obstacle == 'load' else obstacle.value}"


def _kind(profile: MentorProfile, need: MenteeNeed) -> PairKind:
    """One to one; remote where one of the two does not meet in person."""
    beside = MeetFormat.in_person.value in profile.formats and MeetFormat.in_person.value in need.formats
    return PairKind.one_to_one if beside else PairKind.virtual


async def _lock(session: AsyncSession, mentor_ids: Sequence[int]) -> dict[int, MentorProfile]:
    """Profiles of willing mentors, locked in one order: whoever gives out places waits for the other."""
    rows = await session.scalars(
        select(MentorProfile)
        .where(
            MentorProfile.person_id.in_(set(mentor_ids)),
            MentorProfile.agreed_at.is_not(None),
            MentorProfile.withdrawn_at.is_(None),
        )
        .order_by(MentorProfile.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.person_id: row for row in rows}


async def _leave(session: AsyncSession, run_id: int | None, found: Found, *, now: datetime) -> None:
    """Who is left without a mentor and why, in place of what was said before."""
    about = [one.id for one in found.mentees] + found.grown
    for start in range(0, len(about), 500):
        await session.execute(delete(MatchLeft).where(MatchLeft.person_id.in_(about[start : start + 500])))
    if run_id is None:
        run_id = await session.scalar(select(MatchRun.id).order_by(MatchRun.id.desc()).limit(1))
        if run_id is None:
            return
    rows = [
        MatchLeft(
            run_id=run_id, person_id=one.mentee, reason=one.reason.value,
            obstacle=one.obstacle.value if one.obstacle else "", best_id=one.best.mentor if one.best else None,
            best_score=round(one.best.score, 2) if one.best else None, remote=one.remote,
        )
        for one in found.plan.unmatched
    ]  # fmt: skip
    rows += [MatchLeft(run_id=run_id, person_id=number, reason=GROWN) for number in found.grown]
    session.add_all(rows)
    run = await session.get_one(MatchRun, run_id)
    if run.going:
        run.unmatched = len(rows)
    await session.flush()


async def _within(session: AsyncSession, scope: Scope, person_id: int, *, today: date) -> None:
    """NotAllowed unless the right to match reaches this person."""
    statement = (
        select(Person.id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(Person.id == person_id)
        .limit(1)
    )
    reached = scope.limit(
        statement, Right.mentoring_run, organisation=Organisation.id, municipality=Organisation.municipality_id,
        today=today,
    )  # fmt: skip
    if await session.scalar(reached) is None:
        raise NotAllowed()
