"""What «Навигатор» finds among registers: records of the public ones, never those about people."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Organisation, RecordState, RegisterRecord, Subject
from bot.rules.registers import parse_day
from bot.rules.words import folded
from bot.services.navigator.index import Entry
from bot.services.registers.editing import search_text
from bot.services.registers.kinds import Kind, kinds
from bot.services.registers.public import fields_of

CONTESTS = "contests"

KINDS = {"communities": "community", "contests": "contest", "documents": "document"}
"""Register → kind of a find; records of places are «Площадка»."""


async def contests(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """Contests that are not over."""
    return await _read(session, (CONTESTS,), after, limit, today)


async def records(session: AsyncSession, *, after: int, limit: int, today: date) -> list[Entry]:
    """Communities, РУМО, innovation sites, schools in projects, adopted documents."""
    wanted = [slug for slug, kind in kinds().items() if _is_open(kind) and slug != CONTESTS]
    return await _read(session, wanted, after, limit, today)


def _is_open(kind: Kind) -> bool:
    return kind.public and not kind.of_people and not kind.is_view


async def _read(
    session: AsyncSession, slugs: tuple[str, ...] | list[str], after: int, limit: int, today: date
) -> list[Entry]:  # fmt: skip
    r = RegisterRecord
    term = r.values["apply_by"].as_string()
    rows = await session.execute(
        select(r, Organisation.short_name)
        .outerjoin(Organisation, Organisation.id == r.organisation_id)
        .where(
            r.id > after,
            r.register.in_([slug for slug in slugs if slug in kinds() and _is_open(kinds()[slug])]),
            r.state == RecordState.active,
            or_(r.ends_on.is_(None), r.ends_on >= today),
            or_(term.is_(None), term >= today.isoformat(), and_(r.ends_on.is_not(None), r.ends_on >= today)),
        )
        .order_by(r.id)
        .limit(limit)
    )
    subjects = {folded(title): slug for slug, title in await session.execute(select(Subject.slug, Subject.title))}
    return [_entry(row, place or "", subjects) for row, place in rows]


def _entry(row: RegisterRecord, place: str, subjects: dict[str, str]) -> Entry:
    kind = kinds()[row.register]
    shown = []
    for one in fields_of(kind):
        value = row.values.get(one.name)
        if isinstance(value, str) and value in one.options:
            shown.append(one.options[value][0])
        elif isinstance(value, str) and not value.startswith("http") and parse_day(value) is None:
            shown.append(value)
    about = ", ".join(filter(None, [*shown, place]))
    apply_by = parse_day(str(row.values.get("apply_by") or ""))
    ends = row.ends_on or apply_by
    return Entry(
        row.id,
        KINDS.get(row.register, "place"),
        row.title,
        about[:240],
        f"{kind.title} {_open_words(kind, row)} {place}",
        subject=subjects.get(folded(str(row.values.get("subject") or ""))),
        until=ends,
    )


def _open_words(kind: Kind, row: RegisterRecord) -> str:
    """Words of public fields only: a head's name must not find a community."""
    hidden = {one.name for one in kind.fields if not one.public}
    bare = RegisterRecord(title="", code=None, values={k: v for k, v in row.values.items() if k not in hidden})
    return search_text(kind, bare)
