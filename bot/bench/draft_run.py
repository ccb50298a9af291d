"""Drafts for 5 000 teachers in one run: time of each, memory, and how long others wait for the writer meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from random import Random
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.bench.rows import Row, memory_mb, percentile
from bot.bench.world import World, world
from bot.clock import utcnow
from bot.models import (
    Activity,
    ActivityForm,
    ActivityGroup,
    ActivityKind,
    Answer,
    Attempt,
    AttemptState,
    CompetenceGroup,
    Consent,
    ConsentKind,
    ConsentText,
    DeficitLevel,
    GroupResult,
    Iom,
    Messenger,
    RegionSetting,
    Role,
    ScopeKind,
)
from bot.services.access import Grant, Scope
from bot.services.iom import bulk
from bot.services.iom.bulk import Target

TEACHERS = 5_000
LINES = 2_000
GOAL_MS = 50
GOAL_MB = 30
GOAL_WAIT = 250
WARM = 0.2
"""Share of the run after which memory has to stay where it is."""

CENTRE = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


async def measure() -> list[Row]:
    """One run from the first teacher to the last."""
    async with world(TEACHERS) as ours:
        await _fill(ours)
        now = utcnow()
        today = now.date()
        async with ours.db.begin() as session:
            run_id = await bulk.begin(session, CENTRE, "usual", Target(), now=now, today=today)
        begun, used = perf_counter(), process_time()
        working = asyncio.create_task(bulk.run_all(ours.db, CENTRE, run_id, now=now, today=today))
        memory, waits = await _watch(ours, run_id, working)
        await working
        took, used = perf_counter() - begun, process_time() - used
        async with ours.db.read() as session:
            made = int(await session.scalar(select(func.count()).select_from(Iom)) or 0)
    each = round(used / TEACHERS * 1e3, 2)
    grown = round(max(memory) - memory[0], 1)
    wait = round(percentile(waits, 0.99), 1)
    return [
        Row("draft-run", float(made), "drafts", goal=f"{TEACHERS} черновиков", kept=made == TEACHERS),
        Row("draft-run-each", each, "ms", goal=f"≤ {GOAL_MS} мс процессора на черновик", kept=each <= GOAL_MS),
        Row("draft-run-took", round(took, 1), "s"),
        Row("draft-run-memory", grown, "MB", goal=f"прирост ≤ {GOAL_MB} МБ", kept=grown <= GOAL_MB),
        Row(
            "draft-run-wait", wait, "ms", runs=len(waits), max=round(max(waits), 1),
            goal=f"99 % чужих записей ждут ≤ {GOAL_WAIT} мс", kept=wait <= GOAL_WAIT,
        ),
    ]  # fmt: skip


async def _watch(ours: World, run_id: int, working: asyncio.Task[None]) -> tuple[list[float], list[float]]:
    """Memory once it is warm, and what a small write of somebody else waits."""
    memory: list[float] = []
    waits: list[float] = []
    while not working.done():
        await asyncio.sleep(0.2)
        begun = perf_counter()
        async with ours.db.begin() as session:
            await session.execute(
                update(RegionSetting).where(RegionSetting.name == "bench").values(value={"at": begun})
            )
        waits.append((perf_counter() - begun) * 1e3)
        async with ours.db.read() as session:
            run = await bulk.one(session, CENTRE, run_id)
        if run.done >= TEACHERS * WARM:
            memory.append(memory_mb())
    return memory or [memory_mb()], waits or [0.0]


async def _fill(ours: World) -> None:
    """A catalogue, and a finished diagnosis with consent for everybody."""
    rng, now = Random(7), utcnow()
    groups = ours.content.groups
    async with ours.db.begin() as session:
        session.add(RegionSetting(name="bench", value={}))
        text = {"title": "Согласие", "text": "", "content_hash": "0" * 64, "published_at": now}
        session.add(ConsentText(id=1, kind=ConsentKind.data, version=1, **text))
        await session.execute(
            update(Attempt).values(state=AttemptState.finished, position=99, finished_at=now - timedelta(days=3))
        )
        known = set(await session.scalars(select(CompetenceGroup.slug)))
        session.add_all(CompetenceGroup(slug=one.slug, title=one.title) for one in groups if one.slug not in known)
        await session.flush()
        await _catalogue(session, rng, [group.slug for group in groups])
    for start in range(1, TEACHERS + 1, 1_000):
        people = range(start, min(start + 1_000, TEACHERS + 1))
        async with ours.db.begin() as session:
            attempts = dict(
                (
                    await session.execute(select(Attempt.person_id, Attempt.id).where(Attempt.person_id.in_(people)))
                ).all()
            )
            await session.execute(
                insert(Consent),
                [
                    {
                        "person_id": n, "kind": ConsentKind.data, "text_id": 1, "messenger": Messenger.telegram,
                        "given_at": now,
                    }
                    for n in people
                ],
            )  # fmt: skip
            await session.execute(insert(Answer), list(_answers(ours, rng, attempts.values())))
            await session.execute(
                insert(GroupResult),
                [
                    {
                        "attempt_id": attempt_id, "group_id": group.id, "pct": 20.0 + rng.random() * 40, "sem": 6.0,
                        "deficit_level": DeficitLevel.middle, "is_deficit": True, "answered": len(group.item_ids),
                        "total": len(group.item_ids),
                    }
                    for attempt_id in attempts.values()
                    for group in groups
                ],
            )  # fmt: skip


def _answers(ours: World, rng: Random, attempts: Iterable[int]) -> Iterable[dict[str, Any]]:
    now = utcnow()
    for attempt_id in attempts:
        for item in ours.content.items:
            value = rng.randint(1, 4)
            yield {
                "attempt_id": attempt_id, "item_id": item.id, "value": value, "points": float(value),
                "answered_at": now,
            }  # fmt: skip


async def _catalogue(session: AsyncSession, rng: Random, slugs: list[str]) -> None:
    today, now = utcnow().date(), utcnow()
    kinds = list(ActivityKind)
    lines: list[dict[str, Any]] = []
    for number in range(1, LINES + 1):
        starts = today + timedelta(days=rng.randrange(180)) if rng.random() < 0.6 else None
        lines.append(
            {
                "id": number, "kind": rng.choice(kinds), "title": f"Занятие {number}", "organiser": "Центр",
                "form": rng.choice(list(ActivityForm)), "hours": rng.choice((1, 2, 4, 8, 16, 24, 36, 72)),
                "audiences": [], "starts_on": starts,
                "ends_on": starts + timedelta(days=rng.randrange(3)) if starts else None,
                "seats": rng.choice((None, None, None, 300)), "active": True, "sort": f"{number:05d}",
                "created_at": now, "updated_at": now,
            }
        )  # fmt: skip
    await session.execute(insert(Activity), lines)
    await session.execute(
        insert(ActivityGroup),
        [
            {"activity_id": line["id"], "group_slug": slug}
            for line in lines
            for slug in rng.sample(slugs, rng.randint(1, 2))
        ],
    )
