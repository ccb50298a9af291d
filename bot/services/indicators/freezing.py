"""Snapshots: kept with definitions, figures and lists, approved by an order, opened again only with a reason."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Municipality, Snapshot, SnapshotList, SnapshotState
from bot.rules.indicators.changes import Change
from bot.rules.indicators.counting import Counted
from bot.rules.indicators.judging import judge
from bot.rules.indicators.model import Compare, Definition, Doubt, Figure, Outcome
from bot.rules.indicators.periods import Period, period_of
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.indicators import changes, counting, definitions, parts, trend
from bot.services.indicators.counting import Line

REASON = 10
"""Fewest characters of a reason for opening a snapshot again."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A number as a snapshot keeps it; municipalities as (numerator, denominator)."""

    definition: Definition
    outcome: Outcome
    places: Mapping[int, tuple[int | None, int | None]]


async def take(
    session: AsyncSession,
    scope: Scope | None,
    period: Period,
    *,
    as_of: date | None = None,
    now: datetime,
    zone: ZoneInfo,
) -> Snapshot:
    """Keep every indicator as it stands; None for ``scope`` is the scheduler."""
    if scope is not None:
        scope.require(Right.indicators_freeze)
    report = await counting.report(session, period, as_of=as_of, now=now, zone=zone)
    row = Snapshot(
        title="", period=period.name, as_of=report.as_of, known_at=report.known_at or now, taken_at=now,
        content={
            "lines": [_written(line) for line in report.lines],
            parts.KEY: await parts.gathered(
                session, period, as_of=report.as_of, titles=await _titles(session),
                before=await earlier(session, period, report.as_of, report), zone=zone,
            ),
        },
    )  # fmt: skip
    session.add(row)
    await session.flush()
    packed = {line.definition.id: _packed(line.counted) for line in report.lines if line.counted is not None}
    session.add_all(SnapshotList(snapshot_id=row.id, indicator=name, rows=rows) for name, rows in packed.items())
    row.digest = _digest(row.content, packed)
    audit.changed(session, scope or Scope(), "snapshot", row.id, "taken", now=now, after={"period": period.name})
    await session.flush()
    return row


async def earlier(
    session: AsyncSession, period: Period, as_of: date, made: counting.Report | None
) -> tuple[dict[str, Fraction], date | None]:
    """The values to compare with and their day: the last snapshot of the period, else the end of last month."""
    row = await session.scalar(
        select(Snapshot)
        .where(Snapshot.period == period.name, Snapshot.as_of < as_of, Snapshot.state != SnapshotState.reopened)
        .order_by(Snapshot.as_of.desc(), Snapshot.id.desc())
        .limit(1)
    )
    if row is not None:
        kept = lines_of(row)
        return {one.definition.id: one.outcome.value for one in kept if one.outcome.value is not None}, row.as_of
    days = trend.days(period, as_of)
    if made is None or len(days) < 2:
        return {}, None
    day = days[-2]
    found = {}
    for line in made.lines:
        if trend.moves(line):
            value = (await asyncio.to_thread(trend.outcome_on, made, line, day)).value
            if value is not None:
                found[line.definition.id] = value
    return found, day


async def approve(
    session: AsyncSession,
    scope: Scope,
    snapshot_id: int,
    *,
    order_no: str,
    order_date: date,
    now: datetime,
    today: date,
) -> None:
    """Freeze by an order: after this nothing changes it."""
    scope.require(Right.indicators_freeze)
    row = await _need(session, snapshot_id)
    if row.state is not SnapshotState.taken:
        raise UserError("snapshot-not-waiting")
    if not order_no.strip() or order_date > today:
        raise UserError("snapshot-order")
    row.state, row.order_no, row.order_date = SnapshotState.frozen, order_no.strip()[:64], order_date
    row.approved_by_id, row.approved_at = scope.person_id, now
    audit.changed(session, scope, "snapshot", row.id, "approved", now=now, after={"order": row.order_no})


async def reopen(session: AsyncSession, scope: Scope, snapshot_id: int, reason: str, *, now: datetime) -> None:
    """A frozen snapshot stands no longer; it and the reason stay readable."""
    scope.require(Right.indicators_freeze)
    row = await _need(session, snapshot_id)
    if row.state is not SnapshotState.frozen:
        raise UserError("snapshot-not-frozen")
    if len(reason.strip()) < REASON:
        raise UserError("snapshot-reason")
    row.state, row.reopen_reason = SnapshotState.reopened, reason.strip()[:1000]
    row.reopened_by_id, row.reopened_at = scope.person_id, now
    audit.changed(session, scope, "snapshot", row.id, "reopened", now=now)


async def is_there(session: AsyncSession, period: Period, *, as_of: date) -> bool:
    """A snapshot of the period on this day that was not opened again."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    Snapshot.period == period.name, Snapshot.as_of == as_of,
                    Snapshot.state != SnapshotState.reopened,
                )
            )
        )
    )  # fmt: skip


async def listing(session: AsyncSession, scope: Scope) -> list[Snapshot]:
    """All snapshots, newest first."""
    scope.require(Right.indicators_see)
    return list(await session.scalars(select(Snapshot).order_by(Snapshot.id.desc())))


async def need(session: AsyncSession, scope: Scope, snapshot_id: int) -> Snapshot:
    """One of them. NotFound when there is none."""
    scope.require(Right.indicators_see)
    return await _need(session, snapshot_id)


def lines_of(row: Snapshot) -> list[Frozen]:
    """The numbers as they were kept."""
    return [_read(written) for written in row.content["lines"]]


async def recomputed(session: AsyncSession, row: Snapshot) -> list[Frozen]:
    """The numbers counted again from the kept lists, figures and definitions: they must be the same."""
    lists = {
        one.indicator: unpacked(one.rows)
        for one in await session.scalars(select(SnapshotList).where(SnapshotList.snapshot_id == row.id))
    }
    found = []
    for kept in lines_of(row):
        old, rows = kept.outcome, lists.get(kept.definition.id)
        facts = rows is not None and old.counted_from is None
        numerator = len(rows) if facts and rows is not None else old.counted_from.value if old.counted_from else None
        load = int(old.value) if kept.definition.compare is Compare.most and old.value is not None else None
        again = judge(
            kept.definition, numerator=numerator, denominator=old.source.value if old.source else old.denominator,
            before=old.before, load=load, source=old.source, counted_from=old.counted_from, reason=old.reason,
            on=min(row.as_of, _period(row).last),
        )  # fmt: skip
        places = {}
        for place, (top, bottom) in kept.places.items():
            # None there is none here: of records without a place no municipality has a share.
            mine = int((rows[:, 2] == place).sum()) if facts and rows is not None and top is not None else top
            places[place] = (mine, bottom)
        found.append(Frozen(kept.definition, again, places))
    return found


async def is_intact(session: AsyncSession, row: Snapshot) -> bool:
    """Nothing of the snapshot was changed, and counting it again gives the same numbers."""
    packed = {
        one.indicator: one.rows
        for one in await session.scalars(select(SnapshotList).where(SnapshotList.snapshot_id == row.id))
    }
    if row.digest != _digest(row.content, packed):
        return False
    pairs = zip(lines_of(row), await recomputed(session, row), strict=True)
    return all(
        (a.outcome.numerator, a.outcome.denominator, a.outcome.value, a.outcome.met, a.places)
        == (b.outcome.numerator, b.outcome.denominator, b.outcome.value, b.outcome.met, b.places)
        for a, b in pairs
    )


async def changes_since(
    session: AsyncSession, row: Snapshot, *, now: datetime, zone: ZoneInfo
) -> list[tuple[Frozen, Change]]:
    """What became of each number since the snapshot: corrections and late facts are listed apart from new ones."""
    period = _period(row)
    kept = lines_of(row)
    then = await counting.report(
        session, period, as_of=row.as_of, now=now, zone=zone, known=[one.definition for one in kept],
        known_at=row.known_at,
    )  # fmt: skip
    today = await counting.report(session, period, now=now, zone=zone)
    known = {line.definition.id for line in today.lines}
    return [
        (one, changes.between(then, today, one.definition.id, frozen=one.outcome))
        for one in kept
        if one.definition.id in known
    ]


def _written(line: Line) -> dict[str, Any]:
    one, found = line.definition, line.outcome
    return {
        "definition": _definition_words(one),
        "numerator": found.numerator, "denominator": found.denominator,
        "value": None if found.value is None else str(found.value), "met": found.met, "before": found.before,
        "average": None if found.average is None else str(found.average),
        "needed": found.needed, "gap": found.gap, "margin": found.margin, "reason": found.reason,
        "source": _figure_words(found.source), "counted_from": _figure_words(found.counted_from),
        "doubts": [[doubt.key, dict(doubt.args)] for doubt in found.doubts],
        "places": {str(place): [there.numerator, there.denominator] for place, there in line.places.items()},
        "beside": [[title, count] for title, count in line.beside],
    }  # fmt: skip


def _read(raw: Mapping[str, Any]) -> Frozen:
    outcome = Outcome(
        raw["numerator"], raw["denominator"], _fraction(raw["value"]), raw["met"], raw["needed"], raw["gap"],
        raw["margin"], _fraction(raw["average"]), raw["before"], _figure(raw["source"]), _figure(raw["counted_from"]),
        raw["reason"], tuple(Doubt(key, tuple(args.items())) for key, args in raw.get("doubts", ())),
    )  # fmt: skip
    places = {int(place): (top, bottom) for place, (top, bottom) in raw["places"].items()}
    return Frozen(_definition(raw["definition"]), outcome, places)


def _definition_words(one: Definition) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "clause": one.clause, "order_no": one.order_no,
        "order_date": one.order_date.isoformat(), "version": one.version, "since": one.since.isoformat(),
        "owner": one.owner, "unit": one.unit, "period": one.period, "compare": one.compare.value,
        "target": None if one.target is None else str(one.target), "sign_stated": one.sign_stated, "fault": one.fault,
        "numerator_text": one.numerator_text, "denominator_text": one.denominator_text,
        "numerator": definitions.as_words(one.numerator) if one.numerator else None,
        "denominator": definitions.as_words(one.denominator) if one.denominator else None,
        "counts": one.counts, "note": one.note,
    }  # fmt: skip


def _definition(raw: Mapping[str, Any]) -> Definition:
    return Definition(
        id=raw["id"], title=raw["title"], clause=raw["clause"], order_no=raw["order_no"],
        order_date=date.fromisoformat(raw["order_date"]), version=raw["version"],
        since=date.fromisoformat(raw["since"]), until=None, owner=raw["owner"], unit=raw["unit"],
        period=raw["period"], numerator_text=raw["numerator_text"], denominator_text=raw["denominator_text"],
        numerator=definitions.rule_of(raw["numerator"]) if raw["numerator"] else None,
        denominator=definitions.rule_of(raw["denominator"]) if raw["denominator"] else None,
        compare=Compare(raw["compare"]), target=_fraction(raw["target"]), sign_stated=raw["sign_stated"],
        counts=raw["counts"], note=raw["note"], fault=raw["fault"],
    )  # fmt: skip


def _figure_words(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "id": figure.id, "value": figure.value, "source": figure.source, "document": figure.document,
        "state_on": figure.state_on.isoformat() if figure.state_on else None,
        "entered_on": figure.entered_on.isoformat() if figure.entered_on else None, "parts": figure.parts,
    }  # fmt: skip


def _figure(raw: Mapping[str, Any] | None) -> Figure | None:
    if raw is None:
        return None
    return Figure(
        raw["id"], raw["value"], raw["source"], raw["document"],
        date.fromisoformat(raw["state_on"]) if raw["state_on"] else None,
        date.fromisoformat(raw["entered_on"]) if raw["entered_on"] else None, "", raw["parts"],
    )  # fmt: skip


def _fraction(raw: str | None) -> Fraction | None:
    return None if raw is None else Fraction(raw)


def _packed(counted: Counted) -> bytes:
    """Fact, organisation, municipality of each row; no key of a person."""
    table = np.stack([counted.fact, counted.organisation, counted.municipality]).T.astype("<i8")
    return zlib.compress(table.tobytes())


def unpacked(rows: bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Fact, organisation, municipality of each row of a kept list."""
    return np.frombuffer(zlib.decompress(rows), dtype="<i8").reshape(-1, 3)


def _digest(content: Mapping[str, Any], lists: Mapping[str, bytes]) -> str:
    told = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    for name in sorted(lists):
        told.update(name.encode() + zlib.decompress(lists[name]))
    return told.hexdigest()


async def _titles(session: AsyncSession) -> list[tuple[int, str]]:
    rows = await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))
    return [(number, name) for number, name in rows]


def _period(row: Snapshot) -> Period:
    period = period_of(row.period)
    assert period is not None
    return period


async def _need(session: AsyncSession, snapshot_id: int) -> Snapshot:
    row = await session.get(Snapshot, snapshot_id)
    if row is None:
        raise NotFound()
    return row
