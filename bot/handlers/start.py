"""/start with its deep link, the main menu, help, cancel, the language."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.db import Database
from bot.filters import Press
from bot.handlers.links import open_link
from bot.i18n import Translator
from bot.middlewares.turn import Turn, Turns
from bot.screens import menu as screens
from bot.services import menu
from bot.services.identities import Caller
from bot.ui.show import show

router = Router(name="start")
router.message.middleware(Turns())

Event = Message | CallbackQuery


@router.message(CommandStart())
async def start(
    message: Message,
    command: CommandObject,
    caller: Caller,
    state: FSMContext,
    db: Database,
    t: Translator,
    now: datetime,
    turn: Turn,
) -> None:
    # What a guest has typed of her acquaintance waits for her; only the question is let go.
    await (state.clear() if caller.known else state.set_state(None))
    if command.args and await open_link(turn, command.args[:64]):
        return
    if caller.known:
        await open_menu(message, caller, db, t, now)
        return
    if command.args:
        # A deep link survives registration: its screen opens right after it.
        await state.update_data(after=command.args[:64])
    async with db.read() as session:
        centre = await menu.centre_name(session)
    await show(message, screens.start(t, centre=centre))


@router.message(Command("menu"))
@router.callback_query(Press("menu:home"))
@router.message(Command("cancel"))
@router.callback_query(Press("menu:cancel"))
async def menu_home(
    event: Event, caller: Caller, state: FSMContext, db: Database, t: Translator, now: datetime
) -> None:
    """The main menu; whatever text was awaited is let go."""
    await state.set_state(None)
    if not caller.known:
        async with db.read() as session:
            centre = await menu.centre_name(session)
        await show(event, screens.start(t, centre=centre))
        return
    await open_menu(event, caller, db, t, now)


@router.message(Command("help"))
@router.callback_query(Press("menu:help"))
async def help_screen(event: Event, db: Database, t: Translator) -> None:
    async with db.read() as session:
        contact = await menu.contact(session)
    await show(event, screens.help_screen(t, contact))


@router.callback_query(Press("menu:how"))
async def how_it_works(event: CallbackQuery, t: Translator) -> None:
    await show(event, screens.how_it_works(t))


@router.callback_query(Press("menu:look"))
async def look_around(event: CallbackQuery, t: Translator) -> None:
    await show(event, screens.look_around(t))


@router.callback_query(Press("menu:soon"))
async def soon(event: CallbackQuery, args: list[str], t: Translator) -> None:
    """A section whose part of the product is not installed yet."""
    await show(event, screens.soon(t, args[0] if args else ""))


async def open_menu(event: Event, caller: Caller, db: Database, t: Translator, now: datetime) -> None:
    """The main menu with the one nearest thing; other handlers end here too."""
    async with db.read() as session:
        nearest = await menu.nearest(session, caller, now=now)
    await show(event, screens.main_menu(t, caller, nearest))
