"""«Самочувствие»: a door to the page and to people who help; open to everybody, nothing is remembered."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.filters import Press
from bot.middlewares.turn import Turn, Turns
from bot.rules.events import BURNOUT
from bot.screens import wellbeing as screens
from bot.screens.events.wording import When
from bot.services import wellbeing
from bot.services.events import looking

router = Router(name="wellbeing")
router.callback_query.middleware(Turns())

PAGE = "/wellbeing"
NEAREST = 4


@router.callback_query(Press("wellbeing:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await wellbeing.contacts.help_of(session, today=turn.today)
    await turn.show(screens.home(turn.t, opens=told.opens, page=f"{turn.settings.public_url}{PAGE}"))


@router.callback_query(Press("wellbeing:kept"))
async def kept(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.kept(turn.t))


@router.callback_query(Press("wellbeing:contacts"))
async def contacts(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await wellbeing.contacts.help_of(session, today=turn.today)
    await turn.show(screens.contacts(turn.t, told))


@router.callback_query(Press("wellbeing:classes"))
async def classes(event: CallbackQuery, turn: Turn) -> None:
    """Events with the tag, in one list; signing up is theirs."""
    async with turn.db.read() as session:
        found = await looking.public(session, now=turn.now, limit=NEAREST, tag=BURNOUT)
    await turn.show(screens.classes(turn.t, found, When(turn.now, turn.zone)))
