"""«Маршрутная карта»: the paper of one's own route, made on request and sent into this chat."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import iom_papers as screens
from bot.services.documents import route_card
from bot.services.iom import papers

router = Router(name="iom-papers")
router.callback_query.middleware(Turns())
router.callback_query.middleware(NeedsProfile())


@router.callback_query(Press("iom:card"))
async def card(event: CallbackQuery, turn: Turn) -> None:
    """The same form the centre keeps; the file is made off the event loop."""
    async with turn.db.read() as session:
        found = await papers.own_card(session, turn.t, turn.caller.id, zone=turn.zone, today=turn.today)
    content = await asyncio.to_thread(route_card, turn.t, found)
    await turn.show(screens.card(turn.t, content))
