"""Adding and changing records: checked, with history, facts, search and the flags of organisations in step."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    Employment,
    Fact,
    Organisation,
    Person,
    PersonState,
    RecordState,
    RegisterRecord,
    RegisterVersion,
)
from bot.rules import registers as rules
from bot.rules.registers import Value
from bot.rules.words import folded
from bot.services import audit, facts, iom, links, search
from bot.services.access import Right, Scope
from bot.services.iom.following import Source
from bot.services.registers.kinds import Kind, kind_of, kinds, search_kind

ENTITY = "register"
SOURCE = "register"
"""``source_type`` of facts that registers write."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as a form or a table has it; ``values`` are read already."""

    title: str
    values: Mapping[str, Value] = field(default_factory=dict)
    state: RecordState = RecordState.active
    code: str | None = None
    person_id: int | None = None
    organisation_id: int | None = None
    municipality_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


async def save(
    session: AsyncSession,
    scope: Scope,
    slug: str,
    draft: Draft,
    *,
    record_id: int | None = None,
    since: date | None = None,
    note: str = "",
    now: datetime,
    today: date,
) -> int:
    """Add a record or change one from a day on (today if not said). UserError with what to put right."""
    scope.require(Right.registers_edit)
    kind = kind_of(slug)
    if kind.is_view:
        raise NotFound()
    await check(session, kind, draft, record_id)
    row = None
    if record_id is not None:
        row = await session.get(RegisterRecord, record_id, with_for_update=True)
        if row is None or row.register != slug:
            raise NotFound()
    made = await write(session, kind, [(row, draft, since)], by_id=scope.person_id, note=note, now=now, today=today)
    action = "added" if record_id is None else "changed"
    after = {"register": slug, "state": draft.state.value}
    audit.changed(session, scope, ENTITY, made[0].id, action, now=now, after=after)
    return made[0].id


async def check(session: AsyncSession, kind: Kind, draft: Draft, record_id: int | None) -> None:
    """UserError for what the kind does not allow."""
    if not folded(draft.title) or len(draft.title) > rules.TITLE:
        raise UserError("registers-wrong-title", field=kind.name_title, most=rules.TITLE)
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise UserError("registers-wrong-days")
    if kind.organisation == "required" and draft.organisation_id is None:
        raise UserError("registers-no-organisation")
    for one in kind.fields:
        if one.required and draft.values.get(one.name) in (None, ""):
            raise UserError("registers-needed", field=one.title)
    if draft.person_id is not None:
        person = await session.get(Person, draft.person_id)
        if person is None or person.state is not PersonState.active:
            raise UserError("registers-no-person")
    if draft.code is not None:
        taken = await session.scalar(
            select(RegisterRecord.id).where(RegisterRecord.register == kind.slug, RegisterRecord.code == draft.code)
        )
        if taken not in (None, record_id):
            raise UserError("registers-code-taken", code=draft.code)


Change = tuple[RegisterRecord | None, Draft, date | None]
"""The record as it is (none for a new one), what it becomes, from which day."""


async def write(
    session: AsyncSession,
    kind: Kind,
    changes: Sequence[Change],
    *,
    by_id: int | None,
    note: str = "",
    now: datetime,
    today: date,
    is_demo: bool = False,
) -> list[RegisterRecord]:
    """Checked changes of one register in a few statements; the records in the same order."""
    linked = await _people_of(session, kind, [draft for row, draft, _ in changes if row is None or not row.person_id])
    places = {draft.organisation_id for _, draft, _ in changes if draft.organisation_id}
    homes = dict(
        (
            await session.execute(
                select(Organisation.id, Organisation.municipality_id).where(Organisation.id.in_(places))
            )
        ).all()
    )
    last = await _last_days(session, [row.id for row, _, _ in changes if row is not None])
    made: list[RegisterRecord] = []
    days: list[date] = []
    before: dict[int, int | None] = {}
    for old, draft, since in changes:
        start = draft.starts_on if old is None and draft.starts_on and draft.starts_on <= today else today
        day = rules.next_since(last.get(old.id) if old else None, since or start, today)
        if day is None:
            raise UserError("registers-since", date=f"{last[old.id] if old and old.id in last else today:%d.%m.%Y}")
        row = old or RegisterRecord(register=kind.slug, created_at=now, is_demo=is_demo)
        if old is not None:
            before[old.id] = old.organisation_id
        row.title, row.code, row.state = draft.title.strip(), draft.code, draft.state
        row.person_id = draft.person_id or row.person_id or linked.get((draft.organisation_id, folded(draft.title)))
        row.organisation_id = draft.organisation_id
        row.municipality_id = homes.get(draft.organisation_id or 0, draft.municipality_id)
        row.starts_on, row.ends_on = draft.starts_on, draft.ends_on
        link = kind.link
        if link is not None and row.values and row.values.get(link.name) != draft.values.get(link.name):
            links.forget(row)
        row.values = {one.name: draft.values.get(one.name) for one in kind.fields}
        row.fingerprint, row.sort, row.updated_at = fingerprint(kind, draft), folded(draft.title)[:255], now
        if old is None:
            session.add(row)
        made.append(row)
        days.append(day)
    await session.flush()
    await session.execute(
        insert(RegisterVersion),
        [
            {
                "record_id": row.id, "since": day, "at": now, "by_id": by_id, "note": note[:500],
                "snapshot": snapshot(row),
            }
            for row, day in zip(made, days, strict=True)
        ],
    )  # fmt: skip
    await search.index_many(
        session,
        search_kind(kind.slug),
        {row.id: search_text(kind, row) for row in made if row.state is not RecordState.removed},
        trigrams_too=False,
    )
    for row in made:
        if row.state is RecordState.removed:
            await search.drop(session, search_kind(kind.slug), row.id)
    if kind.flag:
        touched = {row.organisation_id for row in made} | {before.get(row.id) for row in made}
        await _flags(session, kind, {number for number in touched if number})
    if kind.fact is not None:
        for row, (old, _, _) in zip(made, changes, strict=True):
            if old is not None or row.person_id is not None:
                await _fact(session, kind, row, by_id=by_id, now=now, today=today)
    return made


def snapshot(row: RegisterRecord) -> dict[str, Any]:
    """A record as its history keeps it."""
    return {
        "title": row.title,
        "state": row.state.value,
        "organisation_id": row.organisation_id,
        "municipality_id": row.municipality_id,
        "starts_on": row.starts_on.isoformat() if row.starts_on else None,
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
        "values": dict(row.values),
    }


def fingerprint(kind: Kind, draft: Draft) -> str:
    """Equal for two rows that say the same thing: name, place, required fields."""
    parts = [folded(draft.title), str(draft.organisation_id or "")]
    parts += [folded(str(draft.values.get(one.name, ""))) for one in kind.fields if one.required]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def search_text(kind: Kind, row: RegisterRecord) -> str:
    """Every word of a record that one may look for: name, words of its fields, its code."""
    said = [row.title, row.code or ""]
    for one in kind.fields:
        value = row.values.get(one.name)
        if isinstance(value, str) and one.options:
            said.append(one.options[value][0] if value in one.options else "")
        elif isinstance(value, str) and not value.startswith("http"):
            said.append(value)
    return " ".join(said)


async def _last_days(session: AsyncSession, ids: Collection[int]) -> dict[int, date]:
    v = RegisterVersion
    found: dict[int, date] = {}
    for start in range(0, len(ids), 500):
        some = list(ids)[start : start + 500]
        rows = await session.execute(
            select(v.record_id, func.max(v.since)).where(v.record_id.in_(some)).group_by(v.record_id)
        )
        found.update(dict(rows.all()))
    return found


async def _people_of(session: AsyncSession, kind: Kind, drafts: Sequence[Draft]) -> dict[tuple[int | None, str], int]:
    """(organisation, folded name) → the one person who works there under this name; namesakes are left alone."""
    if not kind.of_people:
        return {}
    names = {folded(draft.title) for draft in drafts if draft.organisation_id}
    if not names:
        return {}
    found: dict[tuple[int | None, str], set[int]] = {}
    rows = await session.execute(
        select(Person.id, Person.sort, Employment.organisation_id)
        .join(Employment, Employment.person_id == Person.id)
        .where(Person.sort.in_(names), Person.state == PersonState.active)
    )
    for number, name, organisation_id in rows:
        found.setdefault((organisation_id, name), set()).add(number)
    return {key: next(iter(ids)) for key, ids in found.items() if len(ids) == 1}


async def _flags(session: AsyncSession, kind: Kind, organisations: set[int]) -> None:
    """Organisations carry the flags of their open records; flags this register never held are left as they are."""
    of = kind.field(kind.flag)
    assert of is not None
    r = RegisterRecord
    for organisation_id in sorted(organisations):
        rows = list(
            await session.scalars(select(r).where(r.register == kind.slug, r.organisation_id == organisation_id))
        )
        known = {str(row.values.get(kind.flag)) for row in rows}
        mine = {str(row.values.get(kind.flag)) for row in rows if row.state is RecordState.active}
        place = await session.get_one(Organisation, organisation_id)
        left = [flag for flag in place.flags if flag not in known or flag in mine]
        place.flags = left + sorted((mine & set(of.options)) - set(left))
    await session.flush()


async def _fact(
    session: AsyncSession, kind: Kind, row: RegisterRecord, *, by_id: int | None, now: datetime, today: date
) -> None:
    """The fact that a record proves; a correction takes the old one back and adds another."""
    rule = kind.fact
    assert rule is not None
    old = await session.scalar(
        select(Fact).where(Fact.source_type == SOURCE, Fact.source_id == row.id, Fact.voided_at.is_(None))
    )
    day = rules.parse_day(str(row.values.get(rule.on) or ""))
    counts = row.person_id is not None and row.state is RecordState.active and day is not None and day <= today
    what = rule.kinds.get(str(row.values.get(rule.by)), rule.kind)
    evidence = {name: _said(row.values.get(field), field) for name, field in rule.says.items()}
    if old is not None:
        person = await session.get(Person, row.person_id) if row.person_id else None
        same = counts and person is not None and person.key == old.person_key
        if same and (old.kind, old.occurred_on, old.evidence) == (what, day, evidence):
            return
        await facts.void(session, old, by_id=by_id, reason="register", now=now)
    if not counts or row.person_id is None or day is None:
        return
    await facts.add(
        session, row.person_id, what, occurred_on=day, source=(SOURCE, row.id), now=now, evidence=evidence,
        replaces=old,
    )  # fmt: skip
    programme = folded(str(row.values.get("programme") or ""))[:255]
    if programme:
        activity_id = await session.scalar(select(Activity.id).where(Activity.sort == programme).limit(1))
        if activity_id is not None:
            await iom.close_by(session, row.person_id, Source(SOURCE, row.id, day, activity_id=activity_id), now=now)


def _said(value: Value, field: str) -> Value:
    """What a fact remembers of a field: a yes by the name of the field, nothing for a no."""
    return (field if value else "") if isinstance(value, bool) else (value if value is not None else "")


async def forget(session: AsyncSession, person_id: int) -> None:
    """What registers say of a person who leaves: the name and the words go, kind, place and days stay."""
    rows = await session.scalars(select(RegisterRecord).where(RegisterRecord.person_id == person_id))
    for row in rows.all():
        kind = kinds().get(row.register)
        text_fields = {one.name for one in kind.fields if not one.options} if kind else set(row.values)
        kept = {name: (None if name in text_fields and isinstance(v, str) else v) for name, v in row.values.items()}
        if kind is not None and kind.fact is not None:
            kept[kind.fact.on] = row.values.get(kind.fact.on)
        row.title, row.sort, row.code, row.fingerprint, row.values, row.person_id = GONE, GONE, None, "", kept, None
        await search.drop(session, search_kind(row.register), row.id)
        versions = await session.scalars(select(RegisterVersion).where(RegisterVersion.record_id == row.id))
        for version in versions.all():
            values = version.snapshot.get("values", {})
            version.snapshot = {
                **version.snapshot,
                "title": GONE,
                "values": {name: (kept.get(name) if name in text_fields else value) for name, value in values.items()},
            }
            version.note = ""
    await session.flush()


GONE = "—"
"""Stands where a name was."""
