"""Pairs for 3 000 mentees × 1 000 mentors of three places each: the rule alone, and the whole through the database.

The goal of the whole – people read, filters, scores, the optimum, proposals stored – is at most 10 s.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from random import Random
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from bot.bench import databases
from bot.bench.rows import Row, median_row, memory_mb
from bot.config import ROOT
from bot.db import Database
from bot.models import (
    Attempt,
    AttemptState,
    DeficitLevel,
    Employment,
    EmploymentSubject,
    GroupResult,
    InstrumentVersion,
    MatchRun,
    MenteeNeed,
    MentorPair,
    MentorProfile,
    Messenger,
    Municipality,
    NeedBasis,
    Organisation,
    PairForm,
    Person,
    Purpose,
    Role,
    RunState,
    ScopeKind,
    Standing,
    Subject,
    VersionGroup,
)
from bot.rules.mentoring import Mentee, Mentor, Mode, Status, cover, solve
from bot.rules.mentoring.places import PARTS, hours_of
from bot.services import diagnostics, packs
from bot.services.access import Grant, Scope
from bot.services.mentoring import matching

MENTEES, MENTORS, PLACES = 3_000, 1_000, 3
RUNS = 3
GOAL = 10.0
AT_ONCE = 2.0
"""Seconds an answer of «что, если» may take: it is waited for."""
TOWNS, SCHOOLS = 44, 20
TODAY = date(2026, 11, 26)
NOW = datetime.combine(TODAY, time(12), ZoneInfo("Europe/Moscow"))
HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
GROUPS = ("subject", "method", "psychology", "communication", "digital", "norms")
SLUGS = ("primary", "math", "russian", "english", "history", "physics", "chemistry", "biology", "geography", "pe")


async def measure() -> list[Row]:
    """Seconds of a whole plan by mode, then of a matching through each database, with memory."""
    rows = _alone()
    async for name, db in databases.each():
        async with db.begin() as session:
            await packs.load_common(session, now=NOW)
            await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await _fill(db, Random(2))
        await databases.settled(db)
        rows += await _whole(db, name)
    return rows


def _alone() -> list[Row]:
    rng = Random(1)
    mentees = [_mentee(number, rng) for number in range(MENTEES)]
    mentors = [_mentor(MENTEES + number, rng) for number in range(MENTORS)]
    rows = []
    for mode in Mode:
        spent = []
        for _ in range(RUNS):
            begun = perf_counter()
            plan = solve(mentees, mentors, mode=mode)
            spent.append(perf_counter() - begun)
        assert plan.pairs
        rows.append(median_row(f"mentoring-{mode.value}", "s", spent, goal=f"≤ {GOAL:g} с", kept=max(spent) <= GOAL))
        asked = []
        for _ in range(RUNS):
            begun = perf_counter()
            found, _ = cover(mentees, mentors, replace(mentors[0], id=-1), mode=mode)
            asked.append(perf_counter() - begun)
        assert found.now >= len(plan.pairs)
        named = f"mentoring-what-if-{mode.value}"
        rows.append(median_row(named, "s", asked, goal=f"≤ {AT_ONCE:g} с", kept=max(asked) <= AT_ONCE))
    return rows


async def _whole(db: Database, name: str) -> list[Row]:
    before = memory_mb()
    whole, stages = [], set[RunState]()
    by_stage: dict[str, list[float]] = {}
    for _ in range(RUNS):
        async with db.begin() as session:
            run_id = await matching.begin(session, HEAD, now=NOW)
        begun = perf_counter()
        watching = asyncio.create_task(_watch(db, run_id, begun))
        run = await matching.finish(db, run_id, now=NOW, today=TODAY)
        whole.append(perf_counter() - begun)
        seen = await watching
        stages |= set(seen)
        solved = seen.get(RunState.saving, whole[-1])
        by_stage.setdefault("read-and-solve", []).append(solved)
        by_stage.setdefault("store", []).append(whole[-1] - solved)
        assert run.pairs + run.unmatched == MENTEES
    async with db.read() as session:
        load: dict[int, int] = {}
        for mentor in await session.scalars(select(MentorPair.mentor_id)):
            load[mentor] = load.get(mentor, 0) + 1
    assert max(load.values()) <= PLACES
    kept = max(whole) <= GOAL and {RunState.solving, RunState.saving} <= stages
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        median_row(f"mentoring-whole-{name}", "s", whole, goal=f"≤ {GOAL:g} с", kept=kept),
        *(median_row(f"mentoring-{stage}-{name}", "s", spent) for stage, spent in by_stage.items()),
        Row(f"mentoring-pairs-{name}", sum(load.values()), "pairs"),
        Row(f"mentoring-memory-{name}", round(memory_mb() - before, 1), "MB"),
        Row("mentoring-peak", round(peak, 1), "MB"),
    ]


async def _watch(db: Database, run_id: int, begun: float) -> dict[RunState, float]:
    """What a page that asks for the progress would see, and when it first saw it."""
    seen: dict[RunState, float] = {}
    while True:
        async with db.read() as session:
            run = await session.get_one(MatchRun, run_id)
        seen.setdefault(run.state, perf_counter() - begun)
        if not run.going:
            return seen
        await asyncio.sleep(0.05)


# --- people of the database --------------------------------------------------------------------------


async def _fill(db: Database, rng: Random) -> None:
    """Schools, people with work and subjects, profiles, needs, and diagnoses of those who share them."""
    schools = [
        {"id": 1 + town * SCHOOLS + one, "name": f"Школа {town}.{one}", "short_name": f"Школа {town}.{one}",
         "kind": "school", "municipality_id": town + 1, "sort": f"{town:03}{one:03}"}
        for town in range(TOWNS) for one in range(SCHOOLS)
    ]  # fmt: skip
    numbers = range(1, MENTEES + MENTORS + 1)
    young = {number: number <= MENTEES for number in numbers}
    people = [
        {"id": number, "key": f"{number:032}", "last_name": f"Фамилия{number}", "first_name": "Имя",
         "birth_year": 1998 if young[number] else 1975, "teach_since_year": 2025 if young[number] else 2000,
         "search": f"фамилия{number}", "sort": f"{number:08}", "created_at": NOW, "registered_at": NOW,
         "confirmed_at": NOW}
        for number in numbers
    ]  # fmt: skip
    jobs = [
        {"id": number, "person_id": number, "organisation_id": rng.randrange(len(schools)) + 1,
         "position_slug": "teacher", "since": date(2025, 9, 1)}
        for number in numbers
    ]  # fmt: skip
    async with db.begin() as session:
        slugs = [slug for slug in await session.scalars(select(Subject.slug)) if slug in SLUGS]
        towns = [{"id": n + 1, "code": f"t{n}", "name": f"Округ {n}", "sort": f"{n:03}"} for n in range(TOWNS)]
        await session.execute(insert(Municipality), towns)
        await session.execute(insert(Organisation), schools)
        await session.execute(insert(Person), people)
        await session.execute(insert(Employment), jobs)
        taught = {number: rng.choice(slugs) for number in numbers}
        await session.execute(
            insert(EmploymentSubject), [{"employment_id": n, "subject_slug": slug} for n, slug in taught.items()]
        )
        await session.execute(insert(MenteeNeed), [_need(number, rng) for number in numbers if young[number]])
        await session.execute(
            insert(MentorProfile), [_profile(number, taught[number], rng) for number in numbers if not young[number]]
        )
        version = await session.scalar(
            select(InstrumentVersion.id)
            .join(VersionGroup, VersionGroup.version_id == InstrumentVersion.id)
            .where(VersionGroup.slug == "method")
            .order_by(InstrumentVersion.id)
            .limit(1)
        )
        groups = (await session.execute(select(VersionGroup.id).where(VersionGroup.version_id == version))).scalars()
        await _diagnoses(session, version, list(groups), [number for number in numbers if young[number]], rng)


async def _diagnoses(
    session: Any, version: int | None, groups: Sequence[int], people: Sequence[int], rng: Random
) -> None:
    await session.execute(
        insert(Attempt),
        [
            {"id": number, "person_id": number, "version_id": version, "purpose": Purpose.official,
             "state": AttemptState.finished, "messenger": Messenger.web, "started_at": NOW, "touched_at": NOW,
             "finished_at": NOW}
            for number in people
        ],
    )  # fmt: skip
    results = [
        {"attempt_id": number, "group_id": group, "pct": 40.0, "deficit_level": DeficitLevel.high,
         "is_deficit": rng.random() < 0.4, "answered": 5, "total": 5}
        for number in people for group in groups
    ]  # fmt: skip
    await session.execute(insert(GroupResult), results)


def _need(number: int, rng: Random) -> dict[str, Any]:
    return {
        "person_id": number, "basis": NeedBasis.young, "form": PairForm.peer,
        "topics": rng.sample(GROUPS, rng.randint(1, 3)), "slots": sorted(hours_of(rng.sample(sorted(PARTS), 2))),
        "formats": ["in_person", "remote"] if rng.random() < 0.5 else ["in_person"], "shares": rng.random() < 0.6,
        "wish": "", "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip


def _profile(number: int, subject: str, rng: Random) -> dict[str, Any]:
    return {
        "person_id": number, "subjects": [subject], "strengths": rng.sample(GROUPS, 3), "forms": ["peer"],
        "kinds": ["one_to_one"], "formats": ["in_person", "remote"] if rng.random() < 0.4 else ["in_person"],
        "slots": sorted(hours_of(rng.sample(sorted(PARTS), 2))), "max_load": PLACES,
        "standing": rng.choice(list(Standing)), "statement": "", "created_at": NOW, "updated_at": NOW,
        "agreed_at": NOW,
    }  # fmt: skip


# --- people of the rule alone ------------------------------------------------------------------------


def _place(rng: Random) -> tuple[int, int, frozenset[str], frozenset[str], frozenset[str], frozenset[int]]:
    municipality, subject = rng.randrange(44), rng.randrange(20)
    return (
        municipality * 20 + rng.randrange(20),
        municipality,
        frozenset({f"s{subject}"}),
        frozenset({f"a{subject % 6}"}),
        frozenset(rng.sample(["primary", "basic", "senior"], 2)),
        frozenset(rng.sample(range(168), 4)),
    )


def _mentee(number: int, rng: Random) -> Mentee:
    organisation, municipality, subjects, areas, stages, slots = _place(rng)
    deficits = {f"g{one}": rng.random() for one in rng.sample(range(6), 2)} if rng.random() < 0.7 else {}
    return Mentee(
        number, organisation, municipality, subjects, areas, stages, deficits, slots, remote=rng.random() < 0.5
    )


def _mentor(number: int, rng: Random) -> Mentor:
    organisation, municipality, subjects, areas, stages, slots = _place(rng)
    return Mentor(
        number,
        organisation,
        municipality,
        subjects,
        areas,
        stages,
        frozenset(f"g{one}" for one in rng.sample(range(6), 3)),
        slots,
        remote=rng.random() < 0.4,
        status=rng.choice(list(Status)),
        experience=rng.randrange(2, 30),
        most=PLACES,
    )
