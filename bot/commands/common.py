"""What commands share: settings, a database for a moment, answers in JSON, errors in words."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import local_date
from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import UserError, reason_of
from bot.i18n import Texts

WRONG_CALL = 2


class Day(click.ParamType[date]):
    """A day: 2026-11-24 or 24.11.2026."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        text = str(value).strip()
        if "." in text:
            text = "-".join(reversed(text.split(".")))
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise click.BadParameter(
                f"«{value}» не похоже на дату. Напишите так: 2026-11-24 или 24.11.2026.", ctx, param
            ) from None


def run_with_database(work: Callable[[Database, Settings], Awaitable[int | None]]) -> NoReturn:
    """Open the database, do the work, exit with its code; a UserError is said in words and exits with 1."""

    async def session() -> int:
        settings = read_settings()
        db = open_database(settings)
        try:
            await reach(db)
            return await work(db, settings) or 0
        finally:
            await db.close()

    try:
        code = asyncio.run(session())
    except UserError as failure:
        fail(say(failure))
    sys.exit(code)


def open_database(settings: Settings) -> Database:
    """The database of the settings. UserError when its address makes no sense."""
    try:
        return Database(settings.database_url)
    except (OSError, ImportError, SQLAlchemyError) as failure:
        raise UserError("command-no-database", reason=reason_of(failure)) from None


async def reach(db: Database) -> None:
    """Connect once. UserError when the database does not answer or refuses us."""
    try:
        async with db.writer.connect():
            pass
    except (OSError, SQLAlchemyError) as failure:
        raise UserError("command-no-database", reason=reason_of(failure)) from None


def read_settings() -> Settings:
    """The settings; a mistake in them is said in words and exits with 2."""
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as failure:
        lines = [f"  {'__'.join(str(p) for p in e['loc']).upper()}: {e['msg']}" for e in failure.errors()]
        fail("Настройки не прочитались:\n" + "\n".join(lines), code=WRONG_CALL)


def say(failure: UserError) -> str:
    """The words of an error, as a person would read them in the chat."""
    t = Texts(ROOT / "locales").translator()
    key = failure.key if t.has(failure.key) else f"{failure.key}.title"
    return t(key, **failure.args_for_text)


def fail(words: str, *, code: int = 1) -> NoReturn:
    """Say it on stderr and exit."""
    click.echo(words, err=True)
    sys.exit(code)


def put_json(value: Any) -> None:
    """One JSON value; dates ISO."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def today(settings: Settings, now: datetime) -> date:
    """The region's day."""
    return local_date(now, settings.zone)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
