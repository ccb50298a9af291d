"""What ships in ``data/``: common lists and the region's pack, loaded again at every start.

New rows are added, changed titles updated, nothing is deleted: people and reports may stand on it.
What staff changed in the admin stays theirs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import UserError
from bot.models import (
    Base,
    Body,
    BodyLevel,
    CompetenceGroup,
    ConsentKind,
    ConsentText,
    Municipality,
    Organisation,
    Position,
    Rubric,
    Subject,
    WorkingDay,
)
from bot.rules.words import folded
from bot.services import region, search, wellbeing
from bot.services.data_files import Entry, days_of, read, unique

COMMON = ROOT / "data" / "common"
REGIONS = ROOT / "data" / "regions"
AUDIENCES = ("teacher", "preschool", "leader")
KINDS = ("school", "kindergarten", "additional", "college", "other")
MUNICIPALITY_KINDS = ("okrug", "city", "district")

B = TypeVar("B", bound=Base)


@dataclass(slots=True)
class Loaded:
    """How many rows a load added and changed."""

    added: int = 0
    changed: int = 0
    touched: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


async def load_common(session: AsyncSession, *, folder: Path = COMMON, now: datetime) -> Loaded:
    """Positions, subjects, competence groups, consent texts. UserError names a broken file."""
    loaded = Loaded()
    positions = {
        slug: {
            "title": entry.need("title", str),
            "audience": entry.one_of("audience", AUDIENCES, "teacher"),
            "is_manager": entry.maybe("is_manager", bool, False),
            "place": place,
        }
        for place, (slug, entry) in enumerate(_rows(folder, "positions"))
    }
    subjects = _titled(folder, "subjects")
    groups = _titled(folder, "competence_groups")
    await _put(session, Position, "slug", positions, loaded)
    await _put(session, Subject, "slug", subjects, loaded)
    await _put(session, CompetenceGroup, "slug", groups, loaded)
    await _load_consents(session, folder / "consents", now, loaded)
    await session.flush()
    return loaded


async def load_pack(session: AsyncSession, name: str, *, now: datetime, folder: Path = REGIONS) -> Loaded:
    """The region's pack. UserError when there is none of this name or a file of it is broken."""
    place = folder / name
    if name not in (known := names_of(folder)):
        raise UserError("pack-unknown", name=name, known=", ".join(known))
    loaded = Loaded()
    about = _read(place / "region.yaml")
    municipalities = _municipalities(place)
    await _put(session, Municipality, "code", municipalities, loaded)
    await session.flush()
    ids = dict((await session.execute(select(Municipality.code, Municipality.id))).all())
    names = {code: str(values["name"]) for code, values in municipalities.items()}
    await _load_organisations(session, place, ids, names, now, loaded)
    await _put(session, Body, "code", _bodies(place, ids, names), loaded)
    await _load_calendar(session, place, loaded)
    await _put(session, Rubric, "slug", _rubrics(place), loaded)
    await _load_settings(session, name, about, loaded)
    await session.flush()
    loaded.added += await wellbeing.contacts.load(session)
    return loaded


def names_of(folder: Path = REGIONS) -> list[str]:
    """The packs there are."""
    return sorted(path.parent.name for path in folder.glob("*/region.yaml"))


async def working_days(session: AsyncSession, first: date, last: date) -> dict[date, bool]:
    """Days of the region's calendar that differ from their week (for ``rules.calendar``)."""
    rows = await session.execute(
        select(WorkingDay.day, WorkingDay.is_working).where(WorkingDay.day >= first, WorkingDay.day <= last)
    )
    return dict(rows.all())


def organisation_text(organisation: Organisation, municipality: str) -> str:
    """What an organisation is found by: its names and its place."""
    words = (organisation.name, organisation.short_name, organisation.settlement, municipality)
    return " ".join(dict.fromkeys(words))


def _read(path: Path) -> Entry:
    return read(path, name=str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name)


def _documents(folder: Path) -> list[Entry]:
    return [_read(path) for path in sorted(folder.glob("*.yaml"))]


def _rows(folder: Path, name: str) -> Iterable[tuple[str, Entry]]:
    return unique(_read(folder / f"{name}.yaml").entries(name), "slug")


def _titled(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    return {
        slug: {"title": entry.need("title", str), "place": place}
        for place, (slug, entry) in enumerate(_rows(folder, name))
    }


def _municipalities(place: Path) -> dict[str, dict[str, Any]]:
    entries = _read(place / "municipalities.yaml").entries("municipalities")
    return {
        code: {
            "name": entry.need("name", str),
            "kind": entry.one_of("kind", MUNICIPALITY_KINDS, "district"),
            "sort": municipality_sort(entry.need("name", str)),
        }
        for code, entry in unique(entries, "code")
    }


def municipality_sort(name: str) -> str:
    """«город Смоленск» stands among the names with С."""
    words = folded(name).split()
    return " ".join(words[1:] + words[:1]) if words[:1] in (["город"], ["г"]) else " ".join(words)


def _bodies(place: Path, ids: Mapping[str, int], names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    path = place / "bodies.yaml"
    made: dict[str, dict[str, Any]] = {}
    for code, entry in unique(_read(path).entries("bodies"), "code") if path.exists() else ():
        values: dict[str, Any] = {
            "abbreviation": entry.need("abbreviation", str),
            "name": entry.need("name", str),
            "level": BodyLevel(entry.one_of("level", [level.value for level in BodyLevel])),
            "aliases": [str(alias) for alias in entry.maybe("aliases", list, [])],
            "municipality_id": None,
        }
        if not entry.maybe("per_municipality", bool, False):
            made[code] = values
            continue
        for municipality, number in ids.items():
            if municipality in names:
                title = f"{values['name']}: {names[municipality]}"
                made[f"{code}:{municipality}"] = {**values, "name": title, "municipality_id": number}
    return made


def _rubrics(place: Path) -> dict[str, dict[str, Any]]:
    path = place / "rubrics.yaml"
    return {
        slug: {
            "title": entry.need("title", str),
            "about": entry.maybe("about", str, ""),
            "how_often": entry.need("how_often", str),
            "place": number,
        }
        for number, (slug, entry) in enumerate(unique(_read(path).entries("rubrics"), "slug") if path.exists() else ())
    }


async def _load_organisations(
    session: AsyncSession,
    place: Path,
    ids: Mapping[str, int],
    names: Mapping[str, str],
    now: datetime,
    loaded: Loaded,
) -> None:
    path = place / "organisations.yaml"
    wanted: dict[str, dict[str, Any]] = {}
    municipality_of: dict[str, str] = {}
    for code, entry in unique(_read(path).entries("organisations"), "code") if path.exists() else ():
        municipality = entry.one_of("municipality", names)
        name, short = entry.need("name", str), entry.maybe("short_name", str, "")
        settlement = entry.maybe("settlement", str, "")
        municipality_of[code] = municipality
        wanted[code] = {
            "name": name,
            "short_name": short or name,
            "kind": entry.one_of("kind", KINDS, "school"),
            "municipality_id": ids[municipality],
            "settlement": settlement,
            "flags": [str(flag) for flag in entry.maybe("flags", list, [])],
            "search": folded(f"{name} {short} {settlement} {names[municipality]}"),
            "sort": folded(name),
        }
    made = Loaded()
    rows = await _put(session, Organisation, "code", wanted, made)
    for code in made.touched:
        rows[code].approved_at = rows[code].approved_at or now
    await session.flush()
    texts = {rows[code].id: organisation_text(rows[code], names[municipality_of[code]]) for code in made.touched}
    await search.index_many(session, "organisation", texts)
    loaded.added += made.added
    loaded.changed += made.changed


async def _load_calendar(session: AsyncSession, place: Path, loaded: Loaded) -> None:
    path = place / "calendar.yaml"
    wanted: dict[date, dict[str, Any]] = {}
    for entry in _read(path).entries("days") if path.exists() else ():
        first, last = days_of(entry)
        values = {"is_working": entry.maybe("is_working", bool, False), "title": entry.need("title", str)}
        for number in range((last - first).days + 1):
            wanted[first + timedelta(days=number)] = values
    await _put(session, WorkingDay, "day", wanted, loaded)


async def _load_settings(session: AsyncSession, name: str, about: Entry, loaded: Loaded) -> None:
    """Settings of the pack; one that staff changed since the last load stays as they put it."""
    zone = about.maybe("timezone", str, "Europe/Moscow")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        about.wrong("timezone")
    help_lines = [_plain(entry) for entry in about.entries("help", optional=True)]
    values: dict[str, Any] = {"centre": _plain(about.need("centre", Entry)), "help": {"contacts": help_lines}}
    for part in ("young", "retention"):
        numbers = about.need(part, Entry)
        values[part] = {key: numbers.need(key, int) for key in numbers}
    if about.get("iom") is not None:
        values["iom"] = {"without_methodists": about.need("iom", Entry).need("without_methodists", bool)}
    previous = (await region.setting(session, "pack")).get("values", {})
    for part, value in values.items():
        now_set = await region.setting(session, part)
        if now_set in ({}, previous.get(part)) and now_set != value:
            await region.set_setting(session, part, value)
            loaded.changed += 1
    pack = {"name": name, "title": about.need("title", str), "timezone": zone, "values": values}
    if await region.setting(session, "pack") != pack:
        await region.set_setting(session, "pack", pack)
        loaded.changed += 1


async def _load_consents(session: AsyncSession, folder: Path, now: datetime, loaded: Loaded) -> None:
    """Published versions never change: another text under an old number is refused."""
    for entry in _documents(folder):
        kind = ConsentKind(entry.one_of("kind", [kind.value for kind in ConsentKind]))
        version = entry.need("version", int)
        title, text = entry.need("title", str), entry.need("text", str).strip()
        content_hash = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
        known = await session.scalar(
            select(ConsentText.content_hash).where(ConsentText.kind == kind, ConsentText.version == version)
        )
        if known is None:
            published = entry.maybe("published_on", date, now.date())
            published_at = min(now, datetime(published.year, published.month, published.day, tzinfo=UTC))
            session.add(
                ConsentText(
                    kind=kind,
                    version=version,
                    title=title,
                    text=text,
                    content_hash=content_hash,
                    published_at=published_at,
                )
            )
            loaded.added += 1
        elif known != content_hash:
            raise UserError("pack-consent-changed", file=entry.file, kind=kind.value, version=version)


async def _put(
    session: AsyncSession, table: type[B], key: str, wanted: Mapping[Any, dict[str, Any]], loaded: Loaded
) -> dict[Any, B]:
    """Add what is missing, update what differs; rows by key."""
    rows = {getattr(row, key): row for row in await session.scalars(select(table))}
    for value, values in wanted.items():
        row = rows.get(value)
        if row is None:
            rows[value] = row = table(**{key: value, **values})
            session.add(row)
            loaded.added += 1
            loaded.touched.append(str(value))
            continue
        differs = {name: new for name, new in values.items() if getattr(row, name) != new}
        for name, new in differs.items():
            setattr(row, name, new)
        if differs:
            loaded.changed += 1
            loaded.touched.append(str(value))
    return rows


def _plain(entry: Entry) -> dict[str, Any]:
    """The values as JSON keeps them (days as ISO text)."""
    plain: dict[str, Any] = json.loads(json.dumps(entry, default=str))
    return plain
