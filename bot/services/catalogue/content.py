"""A catalogue from a YAML file: days are counted from today, so that a demonstration never grows old."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Activity, ActivityForm, ActivityKind, ActivitySource, CompetenceGroup, Subject
from bot.services.catalogue.editing import AUDIENCES, Draft, write
from bot.services.data_files import Entry, read, unique

FORMS = [form.value for form in ActivityForm]
KINDS = [kind.value for kind in ActivityKind]


async def load_file(
    session: AsyncSession, path: Path, *, today: date, now: datetime, source: ActivitySource = ActivitySource.demo
) -> int:
    """Add what is not here yet, by code; how many. UserError names the line of the file that cannot be used."""
    groups = set(await session.scalars(select(CompetenceGroup.slug)))
    subjects = set(await session.scalars(select(Subject.slug)))
    rows = await session.execute(select(Activity.code, Activity.id))
    ids = {code: number for code, number in rows if code is not None}
    added = 0
    for code, entry in unique(read(path).entries("activities"), "code"):
        if code in ids:
            continue
        starts = _day(entry, "in_days", today)
        lasts = entry.maybe("days", int, 1)
        until = _day(entry, "until_days", today)
        draft = Draft(
            code=code,
            kind=ActivityKind(entry.one_of("kind", KINDS)),
            title=entry.need("title", str),
            about=entry.maybe("about", str, ""),
            organiser=entry.maybe("organiser", str, ""),
            form=ActivityForm(entry.one_of("form", FORMS)),
            hours=entry.need("hours", int),
            groups=_words(entry, "groups", groups),
            subjects=_words(entry, "subjects", subjects),
            audiences=_words(entry, "for", set(AUDIENCES)),
            starts_on=starts,
            ends_on=starts + timedelta(days=lasts - 1) if starts else until,
            seats=entry.maybe("seats", int, 0) or None,
            in_register=entry.maybe("register", str, "") != "",
            register_number=entry.maybe("register", str, ""),
            register_until=_day(entry, "register_days", today),
            requires=tuple(ids[one] for one in _words(entry, "after", set(ids))),
            source=source,
        )
        ids[code] = (await write(session, draft, now=now)).id
        added += 1
    return added


def _day(entry: Entry, field: str, today: date) -> date | None:
    return today + timedelta(days=entry.need(field, int)) if field in entry else None


def _words(entry: Entry, field: str, allowed: set[str]) -> tuple[str, ...]:
    words = tuple(str(word) for word in entry.maybe(field, list, []))
    if set(words) - allowed:
        entry.wrong(field, allowed=", ".join(sorted(allowed)))
    return words
