"""Records of registers, practices and learners with tutors as arrays: how each stood, from which day to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Cohort,
    CohortMember,
    Employment,
    MemberState,
    Organisation,
    Person,
    Practice,
    RecordState,
    RegisterRecord,
    RegisterVersion,
    TutorAssignment,
)
from bot.rules.indicators.arrays import NEVER, Records
from bot.rules.indicators.model import LEARNERS, PRACTICES, Count, Rule
from bot.services import tutors


@dataclass(slots=True)
class _Rows:
    """Columns under way."""

    number: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    words: list[Mapping[str, Any]] = field(default_factory=list)

    def made(self) -> Records:
        """As arrays."""
        table = np.array(self.number, dtype=np.int64).reshape(-1, 6)
        small = table.astype(np.int32)
        return Records(
            table[:, 0], table[:, 1], small[:, 2], small[:, 3], small[:, 4], small[:, 5], tuple(self.words)
        )  # fmt: skip


async def load(
    session: AsyncSession, rules: Sequence[Rule], *, known_at: datetime | None, zone: ZoneInfo
) -> dict[str, Records]:
    """Register → its records; only of the registers that the rules ask for."""
    asked = {rule.register for rule in rules if rule.count is Count.records}
    found = await _registers(session, sorted(asked - {PRACTICES, LEARNERS}), known_at)
    if PRACTICES in asked:
        found[PRACTICES] = await _practices(session, known_at, zone)
    if LEARNERS in asked:
        found[LEARNERS] = await _learners(session, known_at, zone)
    return found


async def _registers(session: AsyncSession, slugs: Iterable[str], known_at: datetime | None) -> dict[str, Records]:
    """Each version from its day to the day before the next; within the term of the record; active ones."""
    r, v = RegisterRecord, RegisterVersion
    statement = (
        select(r.register, v.record_id, v.id, v.since, v.snapshot)
        .join(r, r.id == v.record_id)
        .where(r.register.in_(list(slugs)))
        .order_by(v.record_id, v.id)
    )
    if known_at is not None:
        statement = statement.where(v.at <= known_at)
    found: dict[str, _Rows] = {}
    versions: dict[int, list[Any]] = {}
    for row in await session.execute(statement):
        versions.setdefault(row.record_id, []).append(row)
    for mine in versions.values():
        # Written by mistake: counted on no day, also not on those before it was noticed.
        if mine[-1].snapshot["state"] == RecordState.removed:
            continue
        rows = found.setdefault(mine[0].register, _Rows())
        for row, after in zip(mine, [*mine[1:], None], strict=True):
            shot = row.snapshot
            if shot["state"] != RecordState.active:
                continue
            since = max(row.since.toordinal(), _ordinal(shot.get("starts_on"), 0))
            until = min(NEVER if after is None else after.since.toordinal() - 1, _ordinal(shot.get("ends_on"), NEVER))
            if since <= until:
                place, school = shot.get("municipality_id") or 0, shot.get("organisation_id") or 0
                rows.number.append((row.id, row.record_id, since, until, place, school))
                rows.words.append({name: _word(value) for name, value in shot["values"].items()})
    return {slug: rows.made() for slug, rows in found.items()}


async def _practices(session: AsyncSession, known_at: datetime | None, zone: ZoneInfo) -> Records:
    """From the day of publishing to the day before it was taken down."""
    p = Practice
    rows = _Rows()
    for row in await session.execute(
        select(p.id, p.published_at, p.withdrawn_at, p.municipality_id, p.organisation_id, p.reviewed)
        .where(p.published_at.is_not(None))
        .order_by(p.id)
    ):
        published, gone = row.published_at, row.withdrawn_at
        if known_at is not None and published > known_at:
            continue
        if known_at is not None and gone is not None and gone > known_at:
            gone = None
        until = NEVER if gone is None else gone.astimezone(zone).date().toordinal() - 1
        since = published.astimezone(zone).date().toordinal()
        if since <= until:
            rows.number.append((row.id, row.id, since, until, row.municipality_id or 0, row.organisation_id or 0))
            rows.words.append({"reviewed": _word(row.reviewed)})
    return rows.made()


async def _learners(session: AsyncSession, known_at: datetime | None, zone: ZoneInfo) -> Records:
    """Confirmed members of cohorts whose last result is low: a row for the course, one for the time with a tutor."""
    m, c, a, p, e = CohortMember, Cohort, TutorAssignment, Person, Employment
    members = (
        await session.execute(
            select(
                m.id, m.person_id, c.starts_on, c.ends_on, e.organisation_id, Organisation.municipality_id,
                a.id.label("tutor"), a.since, a.until,
            )
            .join(c, c.id == m.cohort_id)
            .join(p, p.id == m.person_id)
            .outerjoin(a, (a.cohort_id == m.cohort_id) & (a.person_id == m.person_id))
            .outerjoin(e, (e.person_id == m.person_id) & e.is_main & e.until.is_(None))
            .outerjoin(Organisation, Organisation.id == e.organisation_id)
            .where(
                m.state == MemberState.member,
                p.confirmed_at.is_not(None) if known_at is None else p.confirmed_at <= known_at,
            )
            .order_by(m.id)
        )
    ).all()  # fmt: skip
    low = await tutors.low_since(session, select(m.person_id), known_at=known_at) if members else {}
    rows = _Rows()
    for row in members:
        moment = low.get(row.person_id)
        if moment is None:
            continue
        begun = max(row.starts_on, moment.astimezone(zone).date()).toordinal()
        until = row.ends_on.toordinal()
        place, school = row.municipality_id or 0, row.organisation_id or 0
        if begun <= until:
            rows.number.append((row.id, row.person_id, begun, until, place, school))
            rows.words.append({"tutor": "no"})
        if row.tutor is None or (known_at is not None and row.since > known_at.astimezone(zone).date()):
            continue
        helped = max(begun, row.since.toordinal())
        last = min(until, row.until.toordinal() if row.until is not None else until)
        if helped <= last:
            rows.number.append((-row.tutor, row.person_id, helped, last, place, school))
            rows.words.append({"tutor": "yes"})
    return rows.made()


def _ordinal(day: str | None, none: int) -> int:
    return date.fromisoformat(day).toordinal() if day else none


def _word(value: Any) -> Any:
    """A yes and a no as the rules write them."""
    return ("yes" if value else "no") if isinstance(value, bool) else value
