"""Answering a test: presses, picked options, typed words; the case that is handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter, StateFilter
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import UserError
from bot.filters import Press
from bot.handlers.diagnostics import home_screen, screen_of
from bot.i18n import Translator
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.questions import KINDS, Way
from bot.screens import tasks as screens
from bot.services import diagnostics
from bot.services.diagnostics import Step
from bot.services.identities import Caller
from bot.ui.screen import Screen
from bot.ui.show import explained, show

router = Router(name="tasks")
personal = Router(name="tasks-personal")
personal.callback_query.middleware(NeedsProfile())


@personal.callback_query(Press("diagnostics:tests"))
async def tests(event: CallbackQuery, caller: Caller, db: Database, t: Translator) -> None:
    async with db.read() as session:
        lines = await diagnostics.offers(session, caller.id)
    await show(event, screens.offers(t, lines))


@personal.callback_query(Press("diagnostics:choose"))
async def choose(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    item_id, option = int(args[0]), int(args[1])
    async with db.begin() as session:
        step = await diagnostics.choose(session, caller.id, item_id, option, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    await _show(event, screen, caller, db, t, now, zone)


@personal.callback_query(Press("diagnostics:pick"))
async def pick(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    """Mark or unmark an option; the question stays."""
    item_id, option = int(args[0]), int(args[1])
    async with db.begin() as session:
        step = await diagnostics.pick(session, caller.id, item_id, option, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    await _show(event, screen, caller, db, t, now, zone)


@personal.callback_query(Press("diagnostics:confirm"))
async def confirm(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    item_id = int(args[0])
    async with db.begin() as session:
        step = await diagnostics.confirm(session, caller.id, item_id, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    await _show(event, screen, caller, db, t, now, zone)


@personal.callback_query(Press("diagnostics:skip"))
async def skip(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    item_id = int(args[0])
    async with db.begin() as session:
        step = await diagnostics.skip(session, caller.id, item_id, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    await _show(event, screen, caller, db, t, now, zone)


class OnTask(Filter):
    """True where a typed task may be the last screen: its «Пропустить» stands there, or nothing is remembered."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        return caller.known and (
            not shown or any(b.action.startswith("diagnostics:skip:") for row in shown for b in row)
        )


@router.message(F.text.as_("text"), ~F.text.startswith("/"), StateFilter(None), OnTask())
async def typed(
    message: Message, text: str, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    """Words for a typed task; for a task with buttons, a kind line above it."""
    screen, line = await _typed(message, text, caller, db, t, now, zone)
    if screen is None:
        raise SkipHandler
    if line:
        with explained(line):
            await show(message, screen)
    else:
        await show(message, screen)


async def _typed(
    message: Message, text: str, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> tuple[Screen | None, str]:
    async with db.read() as session:
        step = await diagnostics.open_attempt(session, caller.id)
        same = await _same(session, message, step, t, now, zone)
    item = step.item if step else None
    if step is None or item is None or item.kind not in KINDS:
        return None, ""
    if step.late(now):
        return same, ""
    if KINDS[item.kind].way is not Way.type:
        return same, t("diagnostics-task.choose")
    try:
        async with db.begin() as session:
            moved = await diagnostics.choose(session, caller.id, item.id, text, now=now)
            return await screen_of(session, message, moved, t, now, zone), ""
    except UserError as failure:
        return same, t(failure.key)


async def _same(
    session: AsyncSession, message: Message, step: Step | None, t: Translator, now: datetime, zone: ZoneInfo
) -> Screen | None:
    return await screen_of(session, message, step, t, now, zone)


async def _show(event: CallbackQuery, screen: Screen | None, *home: Any) -> None:
    if screen is None:
        await home_screen(event, *home, stale=True)
        return
    await show(event, screen)


router.include_router(personal)
