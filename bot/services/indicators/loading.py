"""The ledger from the database into arrays: one pass over the facts, whatever the number of rules.

The database joins each column of a portion of rows into one text, and numpy reads it: a row never becomes a Python
object.X
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, String, Text, case, cast, exists, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

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
from bot.rules.indicators.arrays import (
    NEVER,
    Appointed,
    Bools,
    Facts,
    Ints,
    Ledger,
    People,
    Places,
    Small,
    Spans,
    empty,
)
from bot.rules.indicators.counting import earliest
from bot.rules.indicators.model import Rule
from bot.rules.indicators.periods import Period
from bot.services import region
from bot.services.campaigns.targets import LOW_RESULTS
from bot.services.indicators import kept

PORTION = 20_000
"""Rows between two breaths: other requests are served meanwhile."""
KEY = 32
"""Letters of a person's key."""
MARK = "\x1f"
"""Stands between pieces of evidence: JSON never holds it bare."""

Keys = np.ndarray[Any, np.dtype[np.bytes_]]


@dataclass(slots=True)
class _Who:
    """People by their index in the order of their numbers; a key of nobody gets the next index."""

    ids: Ints
    confirmed: Bools
    born: Small
    since_year: Small
    since: Small
    # In their order, and whose each is.
    keys: Keys
    holders: Ints
    others: dict[bytes, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Indices that are taken."""
        return len(self.ids) + len(self.others)

    def of_keys(self, keys: Keys) -> Small:
        """Their indices."""
        found = np.full(len(keys), -1, dtype=np.int32)
        if len(self.ids):
            near = np.minimum(np.searchsorted(self.keys, keys), len(self.ids) - 1)
            known = self.keys[near] == keys
            found[known] = self.holders[near[known]]
        for place in np.flatnonzero(found < 0).tolist():
            key = bytes(keys[place])
            found[place] = self.others.setdefault(key, self.size)
        return found

    def of_ids(self, ids: Ints) -> Small:
        """Indices of persons by their numbers."""
        return np.searchsorted(self.ids, ids).astype(np.int32)


async def load(
    session: AsyncSession,
    rules_: Sequence[Rule],
    periods: Sequence[Period],
    *,
    until: date,
    known_at: datetime | None,
    zone: ZoneInfo,
) -> Ledger:
    """What is needed to count the rules in the periods. ``known_at``: as it was recorded then; None is now."""
    wanted = await _wanted(session, rules_, periods)
    who = await _people(session, known_at)
    asked = [kind for kind in wanted if _asks_words(rules_, kind)]
    facts, words = await _facts(session, wanted, asked, until, known_at, who)
    size = who.size
    places, managers = await _work(session, who, until)
    roles = {rule.role for rule in rules_ if rule.role} | {"methodist"}
    confirmed = np.ones(size, dtype=np.bool_)  # Deleted people count: what they did stays in the reports.
    confirmed[: len(who.ids)] = who.confirmed
    return Ledger(
        facts=facts,
        sources=await _sources(session, wanted),
        words=words,
        people=People(
            ids=who.ids,
            known=len(who.ids),
            confirmed=confirmed,
            young=await _young(session, who),
            manager=managers,
            roles={role: await _roles(session, role, who) for role in sorted(roles)},
        ),
        appointed=await _appointed(session, who),
        places=places,
        records=await kept.load(session, rules_, known_at=known_at, zone=zone),
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


async def _portions(
    session: AsyncSession,
    number: InstrumentedAttribute[int],
    columns: Sequence[tuple[ColumnElement[Any], str]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> AsyncIterator[Sequence[str]]:
    """Columns of a table, each as one text with its separator; a portion of numbers at a time, in one order of rows."""
    texts = [func.aggregate_strings(cast(column, Text), mark) for column, mark in columns]
    connection = await session.connection()
    start = await session.scalar(select(func.min(number)))
    while start is not None:
        # Numbers may have gaps: a portion is so many rows, not so many numbers.
        after = await session.scalar(select(number).where(number >= start).order_by(number).offset(PORTION).limit(1))
        mine = [number >= start, *([number < after] if after is not None else []), *conditions]
        row = (await connection.execute(select(*texts).where(*mine))).one()
        if row[0] is not None:
            yield row
        start = after


def _ints(text: str) -> Ints:
    return np.fromstring(text, dtype=np.int64, sep=",")


def _keys(text: str, count: int) -> Keys:
    raw = text.encode()
    if len(raw) != count * (KEY + 1) - 1:  # Keys of another length: slower, the same.
        return np.array(raw.split(b","), dtype=f"S{KEY}")
    table = np.frombuffer(raw + b",", dtype=np.uint8).reshape(count, KEY + 1)
    return np.ascontiguousarray(table[:, :KEY]).view(f"S{KEY}").ravel()


def _ordinals(days: Ints) -> Small:
    """From 20261126 to ordinals; 0 stays 0."""
    known, places = np.unique(days, return_inverse=True)
    ordinals = [date(n // 10_000, n // 100 % 100, n % 100).toordinal() if n else 0 for n in known.tolist()]
    return np.array(ordinals, dtype=np.int32)[places]


def _digits(column: Any) -> ColumnElement[str]:
    """A date as 20261126, 0 for none."""
    return func.coalesce(func.replace(cast(column, Text), "-", ""), "0")


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


async def _people(session: AsyncSession, known_at: datetime | None) -> _Who:
    p = Person
    sure = p.confirmed_at.is_not(None) if known_at is None else p.confirmed_at <= known_at
    columns: list[ColumnElement[Any]] = [
        p.id.expression, p.key.expression, _flag(sure), func.coalesce(p.birth_year, 0),
        func.coalesce(p.teach_since_year, 0), _digits(p.teach_since),
    ]  # fmt: skip
    parts: list[tuple[Any, ...]] = []
    async for id_text, key_text, *rest in _portions(session, p.id, [(column, ",") for column in columns]):
        ids = _ints(id_text)
        parts.append((ids, _keys(key_text, len(ids)), *map(_ints, rest)))
    none = np.zeros(0, dtype=np.int64)
    ids, keys, confirmed, born, since_year, since = (
        (np.concatenate(column) for column in zip(*parts, strict=True))
        if parts
        else (none, np.zeros(0, dtype=f"S{KEY}"), none, none, none, none)
    )
    order = np.argsort(ids)
    keys = keys[order]
    holders = np.argsort(keys)
    return _Who(
        ids=ids[order], confirmed=confirmed[order].astype(np.bool_), born=born[order].astype(np.int32),
        since_year=since_year[order].astype(np.int32), since=_ordinals(since[order]), keys=keys[holders],
        holders=holders,
    )  # fmt: skip


async def _facts(
    session: AsyncSession,
    wanted: Mapping[str, int],
    asked: Sequence[str],
    until: date,
    known_at: datetime | None,
    who: _Who,
) -> tuple[dict[str, Facts], tuple[dict[str, Any], ...]]:
    """The facts of each kind by day and number, and the evidence they point into."""
    f = Fact
    words: list[dict[str, Any]] = [{}]
    kinds = [kind for kind, first in wanted.items() if first < NEVER]
    found: dict[str, list[Facts]] = {kind: [] for kind in wanted}
    if kinds:
        kind_ = type_coerce(f.kind, String)
        code: ColumnElement[int] = case({kind: n for n, kind in enumerate(kinds, start=1)}, value=kind_, else_=0)
        # Asked of the code, not of the kind: rows are read in the order they lie, not by an index of kinds.
        conditions = [code > 0, f.occurred_on <= until, *standing(known_at)]
        if (least := min(wanted[kind] for kind in kinds)) > 1:
            conditions.append(f.occurred_on >= date.fromordinal(least))
        evidence = case((kind_.in_(asked), func.coalesce(cast(f.evidence, Text), "")), else_="")
        columns: list[tuple[ColumnElement[Any], str]] = [
            (f.id.expression, ","), (code, ","), (f.person_key.expression, ","), (_digits(f.occurred_on), ","),
            (func.coalesce(f.municipality_id, 0), ","), (func.coalesce(f.organisation_id, 0), ","),
            (f.source_id.expression, ","), *([(evidence, MARK)] if asked else []),
        ]  # fmt: skip
        said = {"": 0}
        async for id_text, code_text, key_text, *rest in _portions(session, f.id, columns, conditions):
            ids, codes = _ints(id_text), _ints(code_text)
            days, municipalities, organisations, sources = (_ints(text) for text in rest[:4])
            texts = rest[4].split(MARK) if asked else []
            for text in set(texts) - said.keys():
                said[text] = len(words)
                words.append(_object(text))
            portion = Facts(
                ids, who.of_keys(_keys(key_text, len(ids))), _ordinals(days), municipalities.astype(np.int32),
                organisations.astype(np.int32), sources,
                np.array([said[text] for text in texts] if asked else np.zeros(len(ids)), dtype=np.int32),
            )  # fmt: skip
            for number, kind in enumerate(kinds, start=1):
                part = portion.among((codes == number) & (portion.day >= wanted[kind]))
                if len(part):
                    found[kind].append(part)
    return {kind: _in_order(parts) for kind, parts in found.items()}, tuple(words)


def _in_order(parts: Sequence[Facts]) -> Facts:
    if not parts:
        return empty()
    names = ("ids", "person", "day", "municipality", "organisation", "source", "words")
    together = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.lexsort((together["ids"], together["day"]))
    return Facts(*(together[name][order] for name in names))


def _object(text: str | None) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}


async def _young(session: AsyncSession, who: _Who) -> Spans:
    """Days on which each is young: counted once for those who were born and began alike."""
    limits = await region.setting(session, "young")
    age, years = int(limits.get("age", rules.AGE)), int(limits.get("years", rules.YEARS))
    alike, places = np.unique(np.stack([who.born, who.since_year, who.since], axis=1), axis=0, return_inverse=True)
    spans = [
        rules.young_span(born or None, year or None, date.fromordinal(day) if day else None, age=age, years=years)
        for born, year, day in alike.tolist()
    ]
    since = np.full(who.size, NEVER, dtype=np.int32)
    until = np.full(who.size, -1, dtype=np.int32)
    known = len(who.ids)
    if known:
        first = np.array([NEVER if one is None else one[0].toordinal() for one in spans], dtype=np.int32)
        last = np.array([-1 if one is None else one[1].toordinal() for one in spans], dtype=np.int32)
        since[:known], until[:known] = first[places.ravel()], last[places.ravel()]
    return Spans(((since, until),))


async def _work(session: AsyncSession, who: _Who, on: date) -> tuple[Places, Spans]:
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
    organisation = np.zeros(who.size, dtype=np.int32)
    e = Employment
    managers = list(await session.scalars(select(Position.slug).where(Position.is_manager)))
    columns: list[ColumnElement[Any]] = [
        e.id.expression, e.person_id.expression, e.organisation_id.expression, _digits(e.since), _digits(e.until),
        _flag(e.position_slug.in_(managers)),
    ]  # fmt: skip
    spans: dict[int, list[tuple[int, int]]] = {}
    table = await _table(session, e.id, columns, [e.is_main.expression])
    since, until = _ordinals(table[3]), _ordinals(table[4])
    order = np.lexsort((table[0], since))
    since, until = since[order], np.where(until[order] == 0, NEVER, until[order])
    places = who.of_ids(table[1][order])
    now = (since <= on.toordinal()) & (until >= on.toordinal())
    # Of several jobs on the day the last one begun stays.
    organisation[places[now]] = table[2][order][now]
    lead = table[5][order] > 0
    for place, first, last in zip(places[lead].tolist(), since[lead].tolist(), until[lead].tolist(), strict=True):
        spans.setdefault(place, []).append((first, last))
    return Places(
        municipality=of_organisation[organisation], organisation=organisation, of_organisation=of_organisation,
        low_results=low,
    ), Spans.of(who.size, spans)  # fmt: skip


async def _roles(session: AsyncSession, role: str, who: _Who) -> Spans:
    r = RoleAssignment
    spans: dict[int, list[tuple[int, int]]] = {}
    for row in await session.execute(select(r.person_id, r.since, r.until, r.revoked_at).where(r.role == role)):
        first, last = row.since.toordinal(), NEVER if row.until is None else row.until.toordinal()
        if row.revoked_at is not None:
            last = min(last, row.revoked_at.date().toordinal() - 1)
        place = int(who.of_ids(np.array([row.person_id]))[0])
        spans.setdefault(place, []).append((first, last))
    return Spans.of(who.size, spans)


async def _appointed(session: AsyncSession, who: _Who) -> Appointed:
    a = MethodistAssignment
    columns: list[ColumnElement[Any]] = [
        a.person_id.expression, a.methodist_id.expression, _digits(a.since), _digits(a.until)
    ]  # fmt: skip
    person, methodist, since, until = await _table(session, a.id, columns)
    last = _ordinals(until)
    return Appointed(
        who.of_ids(person), who.of_ids(methodist), _ordinals(since), np.where(last == 0, NEVER, last).astype(np.int32)
    )


async def _table(
    session: AsyncSession,
    number: InstrumentedAttribute[int],
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> list[Ints]:
    """Whole numbers of a table as arrays."""
    parts = [
        [_ints(text) for text in row]
        async for row in _portions(session, number, [(column, ",") for column in columns], conditions)
    ]
    if not parts:
        return [np.zeros(0, dtype=np.int64) for _ in columns]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
