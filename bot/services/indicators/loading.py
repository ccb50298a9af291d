"""The ledger from the database into arrays: one pass over the facts of each kind that a rule asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, String, Text, cast, exists, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Employment,
    Fact,
    FactKind,
    MethodistAssignment,
    Organisation,
    Person,
    Position,
    RoleAssignment,
)
from bot.rules import people as rules
from bot.rules.indicators.arrays import NEVER, Appointed, Facts, Ledger, People, Places, Spans, empty
from bot.rules.indicators.counting import earliest
from bot.rules.indicators.model import Rule
from bot.rules.indicators.periods import Period
from bot.services import region
from bot.services.campaigns.targets import LOW_RESULTS

PORTION = 20_000
"""Rows between two breaths: other requests are served meanwhile."""


@dataclass(slots=True)
class _Keys:
    """Keys of people → index; a key of nobody gets the next one."""

    index: dict[str, int]

    def __call__(self, keys: Iterable[str]) -> list[int]:
        index = self.index
        return [index[key] if key in index else index.setdefault(key, len(index)) for key in keys]


async def load(
    session: AsyncSession, rules_: Sequence[Rule], periods: Sequence[Period], *, until: date, known_at: datetime | None
) -> Ledger:
    """What is needed to count the rules in the periods. ``known_at``: as it was recorded then; None is now."""
    wanted = await _wanted(session, rules_, periods)
    # Plain rows over the connection: the session's own reading costs as much again.
    connection = await session.connection()
    rows = (await connection.execute(
        select(
            Person.id, Person.key, Person.confirmed_at, Person.birth_year, Person.teach_since_year, Person.teach_since
        )
    )).all()  # fmt: skip
    keys = _Keys({row.key: place for place, row in enumerate(rows)})
    by_id = {row.id: place for place, row in enumerate(rows)}
    words: list[dict[str, Any]] = [{}]
    facts = {
        kind: await _facts(session, kind, first, until, known_at, keys, words if _asks_words(rules_, kind) else None)
        for kind, first in wanted.items()
    }
    size = len(keys.index)
    places, managers = await _work(session, by_id, size, until)
    roles = {rule.role for rule in rules_ if rule.role} | {"methodist"}
    return Ledger(
        facts=facts,
        sources=await _sources(session, wanted),
        words=tuple(words),
        people=People(
            ids=np.fromiter((row.id for row in rows), dtype=np.int64, count=len(rows)),
            known=len(rows),
            confirmed=_confirmed(rows, size, known_at),
            young=await _young(session, rows, size),
            manager=managers,
            roles={role: await _roles(session, role, by_id, size) for role in sorted(roles)},
        ),
        appointed=await _appointed(session, by_id),
        places=places,
    )


async def _wanted(session: AsyncSession, rules_: Sequence[Rule], periods: Sequence[Period]) -> dict[str, int]:
    """Kind → the first day asked for; a rule none of whose facts is there asks for nothing more."""
    wanted: dict[str, int] = {}
    there = {
        kind: bool(await session.scalar(select(exists().where(_is_kind(kind)))))
        for kind in sorted({kind for rule in rules_ for kind in rule.facts})
    }
    for rule in rules_:
        if not any(there[kind] for kind in rule.facts):
            wanted |= {kind: NEVER for kind in rule.facts if kind not in wanted}
            continue
        kinds = {*rule.facts, *rule.after, *(rule.carry.until if rule.carry else ())}
        for kind in kinds:
            days = [first for period in periods if (first := earliest(rule, kind, period)) is not None]
            wanted[kind] = min([*days, wanted.get(kind, NEVER)])
    return dict(sorted(wanted.items()))


def _asks_words(rules_: Sequence[Rule], kind: str) -> bool:
    return any(kind in rule.facts and (rule.where or rule.but) for rule in rules_)


async def _sources(session: AsyncSession, wanted: Iterable[str]) -> frozenset[str]:
    """The kinds that somebody writes: those of the code, and others that are there already."""
    known = {kind.value for kind in FactKind}
    for kind in wanted:
        if kind not in known and await session.scalar(select(exists().where(_is_kind(kind)))):
            known.add(kind)
    return frozenset(known)


def _is_kind(kind: str) -> ColumnElement[bool]:
    # As text: a kind that this code does not know yet is no mistake.
    return type_coerce(Fact.kind, String) == kind


def standing(known_at: datetime | None) -> list[ColumnElement[bool]]:
    """The condition of the facts that stood at a moment."""
    if known_at is None:
        return [Fact.voided_at.is_(None)]
    return [Fact.recorded_at <= known_at, or_(Fact.voided_at.is_(None), Fact.voided_at > known_at)]


async def _facts(
    session: AsyncSession,
    kind: str,
    first: int,
    until: date,
    known_at: datetime | None,
    keys: _Keys,
    words: list[dict[str, Any]] | None,
) -> Facts:
    columns: list[Any] = [
        Fact.id,
        Fact.person_key,
        type_coerce(Fact.occurred_on, String),
        func.coalesce(Fact.municipality_id, 0),
        func.coalesce(Fact.organisation_id, 0),
        Fact.source_id,
    ]
    if words is not None:
        columns.append(cast(Fact.evidence, Text))
    conditions = [_is_kind(kind), Fact.occurred_on <= until, *standing(known_at)]
    if 1 < first < NEVER:
        conditions.append(Fact.occurred_on >= date.fromordinal(first))
    statement = select(*columns).where(*conditions).order_by(Fact.occurred_on, Fact.id)
    days: dict[Any, int] = {}
    said: dict[str, int] = {}
    parts: list[Facts] = []
    if first == NEVER:
        return empty()
    connection = await session.connection()
    stream = await connection.stream(statement, execution_options={"yield_per": PORTION})
    async for portion in stream.partitions():
        ids, persons, on, municipalities, organisations, sources, *rest = zip(*portion, strict=True)
        for day in set(on) - days.keys():
            days[day] = (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()
        if words is not None:
            for text in set(rest[0]) - said.keys():
                said[text] = len(words)
                words.append(_object(text))
        parts.append(
            Facts(
                np.array(ids, dtype=np.int64),
                np.array(keys(persons), dtype=np.int32),
                np.array([days[day] for day in on], dtype=np.int32),
                np.array(municipalities, dtype=np.int32),
                np.array(organisations, dtype=np.int32),
                np.array(sources, dtype=np.int64),
                np.array([said[text] for text in rest[0]] if rest else [0] * len(ids), dtype=np.int32),
            )
        )
    if not parts:
        return empty()
    names = ("ids", "person", "day", "municipality", "organisation", "source", "words")
    return Facts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _object(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}


def _confirmed(rows: Sequence[Any], size: int, known_at: datetime | None) -> Any:
    """Who is counted; deleted people are: what they did stays in the reports."""
    found = np.ones(size, dtype=np.bool_)
    for place, row in enumerate(rows):
        found[place] = row.confirmed_at is not None and (known_at is None or row.confirmed_at <= known_at)
    return found


async def _young(session: AsyncSession, rows: Sequence[Any], size: int) -> Spans:
    limits = await region.setting(session, "young")
    age, years = int(limits.get("age", rules.AGE)), int(limits.get("years", rules.YEARS))
    since = np.full(size, NEVER, dtype=np.int32)
    until = np.full(size, -1, dtype=np.int32)
    for place, row in enumerate(rows):
        span = rules.young_span(row.birth_year, row.teach_since_year, row.teach_since, age=age, years=years)
        if span is not None:
            since[place], until[place] = span[0].toordinal(), span[1].toordinal()
    return Spans(((since, until),))


async def _work(session: AsyncSession, by_id: dict[int, int], size: int, on: date) -> tuple[Places, Spans]:
    """Where people work on the day, where organisations lie today, who is a manager when."""
    organisations = list(
        await session.execute(select(Organisation.id, Organisation.municipality_id, Organisation.flags))
    )
    count = max((row.id for row in organisations), default=0) + 1
    of_organisation = np.zeros(count, dtype=np.int32)
    low = np.zeros(count, dtype=np.bool_)
    for row in organisations:
        of_organisation[row.id] = row.municipality_id
        low[row.id] = LOW_RESULTS in row.flags
    organisation = np.zeros(size, dtype=np.int32)
    spans: dict[int, list[tuple[int, int]]] = {}
    managers = set(await session.scalars(select(Position.slug).where(Position.is_manager)))
    jobs = select(
        Employment.person_id, Employment.organisation_id, Employment.position_slug,
        Employment.since, Employment.until,
    ).where(Employment.is_main).order_by(Employment.since, Employment.id)  # fmt: skip
    connection = await session.connection()
    for job in (await connection.execute(jobs)).all():
        place = by_id[job.person_id]
        if job.since <= on and (job.until is None or job.until >= on):
            organisation[place] = job.organisation_id
        if job.position_slug in managers:
            spans.setdefault(place, []).append(_span(job.since, job.until))
    places = Places(
        municipality=of_organisation[organisation], organisation=organisation, of_organisation=of_organisation,
        low_results=low,
    )  # fmt: skip
    return places, Spans.of(size, spans)


async def _roles(session: AsyncSession, role: str, by_id: dict[int, int], size: int) -> Spans:
    r = RoleAssignment
    spans: dict[int, list[tuple[int, int]]] = {}
    for row in await session.execute(select(r.person_id, r.since, r.until, r.revoked_at).where(r.role == role)):
        first, last = _span(row.since, row.until)
        if row.revoked_at is not None:
            last = min(last, row.revoked_at.date().toordinal() - 1)
        spans.setdefault(by_id[row.person_id], []).append((first, last))
    return Spans.of(size, spans)


async def _appointed(session: AsyncSession, by_id: dict[int, int]) -> Appointed:
    a = MethodistAssignment
    rows = [
        (by_id[row.person_id], by_id[row.methodist_id], *_span(row.since, row.until))
        for row in await session.execute(select(a.person_id, a.methodist_id, a.since, a.until))
    ]
    table = np.array(rows, dtype=np.int32).reshape(-1, 4)
    return Appointed(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _span(since: date, until: date | None) -> tuple[int, int]:
    return since.toordinal(), NEVER if until is None else until.toordinal()
