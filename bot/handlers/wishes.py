"""«Хочу такой курс»: after a search that found nothing."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import StaleButton
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import wishes as screens
from bot.services import wishes

router = Router(name="wishes")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


@router.callback_query(Press("wishes:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    """Wishes begin with a search."""
    await turn.go_to("catalogue:home")


@router.callback_query(Press("wishes:want"))
async def want(event: CallbackQuery, turn: Turn) -> None:
    """The words of the last search."""
    topic = await _topic(turn)
    async with turn.db.read() as session:
        wish = await wishes.look(session, turn.caller.id, topic)
    await turn.show(screens.written(turn.t, wish) if wish.is_mine else screens.want(turn.t, wish))


@router.callback_query(Press("wishes:put"))
async def put(event: CallbackQuery, turn: Turn) -> None:
    topic = await _topic(turn)
    async with turn.db.begin() as session:
        wish = await wishes.put(session, turn.caller.id, topic, now=turn.now)
    await turn.show(screens.written(turn.t, wish))


@router.callback_query(Press("wishes:undo"))
async def undo(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        topic = await wishes.withdraw(session, turn.caller.id, int(args[0]))
    await turn.show(screens.withdrawn(turn.t, topic))


async def _topic(turn: Turn) -> str:
    topic = str((await turn.state.get_data()).get("wish_topic", ""))
    if not topic:
        raise StaleButton()
    return topic
