"""What is wrong with an installation, as values: the database, its settings, files, clock and backups.

Messengers are asked by ``bot/commands/doctor.py``: the network is not a service's business.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import schema
from bot.config import ROOT, Policy, Receive, Settings
from bot.db import Database
from bot.errors import reason_of
from bot.models import Change, Person, SentMessage
from bot.models.base import UtcDateTime
from bot.services import data_files, demo, region

SHORTEST_SECRET = 32
PATIENCE = 10.0
"""Seconds the database may take to answer."""

LITTLE_SPACE = 1 << 30
NO_SPACE = 200 << 20
"""Free bytes that are little, and too little."""

FRESH = timedelta(days=2)
"""How old the last backup may be."""

SKEW = timedelta(seconds=5)
WRONG = timedelta(minutes=2)
"""Difference of two clocks that is worth a word, and that breaks one-time codes."""

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)

HOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
"""What Telegram takes for a secret of a webhook."""


class State(StrEnum):
    """How it is."""

    ok = "ok"
    warn = "warn"
    bad = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; ``key`` and ``args`` are its words."""

    name: str
    state: State
    key: str
    args: dict[str, Any] = field(default_factory=dict)


def _ok(name: str, key: str, /, **args: Any) -> Check:
    return Check(name, State.ok, key, args)


def _warn(name: str, key: str, /, **args: Any) -> Check:
    return Check(name, State.warn, key, args)


def _bad(name: str, key: str, /, **args: Any) -> Check:
    return Check(name, State.bad, key, args)


async def examine(settings: Settings, *, now: datetime, demonstration: bool) -> list[Check]:
    """Everything but the messengers; never raises for what it finds."""
    checks = await _with_database(settings, now, demonstration)
    checks += [
        _address(settings, demonstration),
        _secret(settings, demonstration),
        _region(settings),
        await asyncio.to_thread(_files, settings.files.dir),
    ]
    return checks


async def _with_database(settings: Settings, now: datetime, demonstration: bool) -> list[Check]:
    backups = await asyncio.to_thread(_backups, settings.backup.dir, now, demonstration)
    if settings.is_sqlite and not settings.sqlite_path.exists():
        return [_warn("database", "doctor-database.none", path=str(settings.sqlite_path)), backups]
    try:
        db = Database(settings.database_url)
    except (OSError, ImportError, SQLAlchemyError) as failure:
        return [_bad("database", "doctor-database.address", reason=reason_of(failure)), backups]
    started = monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            at, newest = await schema.revisions(db)
        checks = [_kind(db), _migrations(at, newest)]
        async with db.read() as session:
            is_demo = at == newest and await demo.mark_of(session) is not None
            now += timedelta(seconds=monotonic() - started)
            checks.append(await _clock(session, db, now, is_lived_in=at == newest and not is_demo))
            if at == newest:
                checks.append(await _policy(session, settings))
    except (TimeoutError, OSError, SQLAlchemyError) as failure:
        return [_bad("database", "doctor-database.unreachable", reason=reason_of(failure)), backups]
    finally:
        await db.close()
    return [*checks, _ok("backups", "doctor-backups.demonstration") if is_demo else backups]


def _kind(db: Database) -> Check:
    if db.is_sqlite:
        return _ok("database", "doctor-database.sqlite", path=db.url.database or "")
    return _ok("database", "doctor-database.postgres", name=db.url.database or "")


def _migrations(at: str | None, newest: str | None) -> Check:
    if at == newest:
        return _ok("migrations", "doctor-migrations.current", revision=at or "")
    if at is None:
        return _warn("migrations", "doctor-migrations.empty")
    try:
        ScriptDirectory.from_config(schema.config()).get_revision(at)
    except CommandError:
        return _bad("migrations", "doctor-migrations.unknown", revision=at)
    return _bad("migrations", "doctor-migrations.old", revision=at, newest=newest or "")


async def _clock(session: AsyncSession, db: Database, now: datetime, *, is_lived_in: bool) -> Check:
    """Against the database's own clock, or (SQLite) against what was written last."""
    if now < EARLIEST:
        return _bad("clock", "doctor-clock.implausible", shown=f"{now:%d.%m.%Y %H:%M}")
    if not db.is_sqlite:
        theirs = await session.scalar(select(func.clock_timestamp(type_=UtcDateTime())))
        assert theirs is not None
        apart = abs(theirs - now)
        if apart > SKEW:
            state = State.bad if apart > WRONG else State.warn
            return Check("clock", state, "doctor-clock.apart", {"seconds": round(apart.total_seconds())})
    elif is_lived_in:
        for moment in (Change.at, Person.created_at, SentMessage.sent_at):
            last = await session.scalar(select(func.max(moment)))
            if last is not None and last > now + WRONG:
                return _bad("clock", "doctor-clock.behind", last=f"{last:%d.%m.%Y %H:%M}")
    return _ok("clock", "doctor-clock.right", shown=f"{now:%d.%m.%Y %H:%M}")


async def _policy(session: AsyncSession, settings: Settings) -> Check:
    """What may go through a foreign messenger (41-ФЗ; 149-ФЗ ст. 10 ч. 8)."""
    state = (await region.setting(session, "institution")).get("state")
    if not settings.telegram.token:
        return _ok("policy", "doctor-policy.none")
    if state is None:
        return _warn("policy", "doctor-policy.unanswered")
    if state and settings.telegram.policy is Policy.full:
        return _warn("policy", "doctor-policy.propose")
    return _ok("policy", "doctor-policy.info" if settings.telegram.policy is Policy.info else "doctor-policy.full")


def _address(settings: Settings, demonstration: bool) -> Check:
    url = urlsplit(settings.public_url)
    hook = bool(settings.telegram.token) and settings.telegram.receive is Receive.webhook
    if url.scheme not in ("http", "https") or not url.hostname:
        return _bad("address", "doctor-address.strange", url=settings.public_url)
    if hook and url.scheme != "https":
        return _bad("address", "doctor-address.webhook", url=settings.public_url)
    if hook and not HOOK_SECRET.fullmatch(settings.telegram.secret):
        return _bad("address", "doctor-address.hook-secret")
    if not settings.web.public_url and not demonstration:
        return _warn("address", "doctor-address.unset", url=settings.public_url)
    if url.scheme == "http" and url.hostname not in ("127.0.0.1", "localhost", "::1"):
        return _warn("address", "doctor-address.open", url=settings.public_url)
    return _ok("address", "doctor-address.good", url=settings.public_url)


def _secret(settings: Settings, demonstration: bool) -> Check:
    if settings.web.secret:
        length = len(settings.web.secret)
        if length < SHORTEST_SECRET:
            return _bad("secret", "doctor-secret.short", length=length, needed=SHORTEST_SECRET)
        return _ok("secret", "doctor-secret.set")
    if demonstration or settings.is_sqlite:
        return _ok("secret", "doctor-secret.own")
    return _warn("secret", "doctor-secret.unset")


def _region(settings: Settings) -> Check:
    if not (ROOT / "data" / "regions" / settings.region.pack / "region.yaml").exists():
        return _bad("region", "doctor-region.no-pack", pack=settings.region.pack)
    try:
        ZoneInfo(settings.region.timezone)
    except (OSError, ValueError, KeyError):
        return _bad("region", "doctor-region.no-zone", zone=settings.region.timezone)
    places = data_files.read(ROOT / "data" / "regions" / settings.region.pack / "municipalities.yaml")
    key = "doctor-region.good" if places.get("checked_on") else "doctor-region.unchecked"
    return _ok("region", key, pack=settings.region.pack, zone=settings.region.timezone)


def _files(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
        free = shutil.disk_usage(folder).free
    except OSError as failure:
        return _bad("files", "doctor-files.refused", path=str(folder), reason=reason_of(failure))
    args = {"path": str(folder), "gigabytes": f"{free / (1 << 30):.1f}".replace(".", ",")}
    if free < NO_SPACE:
        return Check("files", State.bad, "doctor-files.full", args)
    if free < LITTLE_SPACE:
        return Check("files", State.warn, "doctor-files.little", args)
    return Check("files", State.ok, "doctor-files.good", args)


def _backups(folder: Path, now: datetime, demonstration: bool) -> Check:
    moments = [path.stat().st_mtime for path in folder.glob("*.zip")] if folder.is_dir() else []
    if not moments:
        if demonstration:
            return _ok("backups", "doctor-backups.demonstration")
        return _warn("backups", "doctor-backups.none", path=str(folder))
    last = datetime.fromtimestamp(max(moments), UTC)
    args = {"path": str(folder), "made": f"{last:%d.%m.%Y}", "days": (now - last).days}
    if now - last > FRESH:
        return Check("backups", State.warn, "doctor-backups.old", args)
    return Check("backups", State.ok, "doctor-backups.fresh", args)
