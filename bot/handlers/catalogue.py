"""Search of the catalogue: by typing, by pages, and the card of an activity."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.middlewares.turn import Turn, Turns
from bot.screens import catalogue as screens
from bot.services import catalogue
from bot.services.catalogue import Filters

router = Router(name="catalogue")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())

QUERY = 100


class Looking(StatesGroup):
    """While words of an activity are awaited."""

    words = State()


@router.callback_query(Press("catalogue:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(Looking.words)
    await turn.show(screens.home(turn.t))


@router.message(Looking.words, F.text.as_("text"), ~F.text.startswith("/"))
async def typed(message: Message, text: str, turn: Turn) -> None:
    """Words of a title, a subject, a group; again and again, until another section is opened."""
    query = " ".join(text.split())[:QUERY]
    await turn.state.update_data(catalogue_query=query, wish_topic=query)
    await _show(turn, query, 0)


@router.callback_query(Press("catalogue:more"))
async def more(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Another page of what was searched for; the words forgotten, a page of everything."""
    await _show(turn, str((await turn.state.get_data()).get("catalogue_query", "")), int(args[0]))


@router.callback_query(Press("catalogue:all"))
async def everything(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _show(turn, "", int(args[0]))


@router.callback_query(Press("catalogue:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await catalogue.card(session, int(args[0]))
    await turn.show(screens.card(turn.t, found, today=turn.today))


async def _show(turn: Turn, query: str, number: int) -> None:
    async with turn.db.read() as session:
        page = await catalogue.find(session, Filters(query), today=turn.today, number=number)
        if not page.lines and page.total:
            page = await catalogue.find(session, Filters(query), today=turn.today, number=0)
    if page.lines:
        await turn.show(screens.found(turn.t, page, typed=bool(query), today=turn.today))
    else:
        await turn.show(screens.nothing(turn.t, query) if query else screens.empty(turn.t))
