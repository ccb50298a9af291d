"""«Скачать бланки»: papers of one's own pair, made on request and sent into this chat."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import StaleButton
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import mentoring_papers as screens
from bot.services.documents import mentoring as documents
from bot.services.mentoring import papers, views

router = Router(name="mentoring-papers")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())

WRITTEN = {
    "consent": documents.pair_consent,
    "supplement": documents.pair_supplement,
    "programme": documents.pair_programme,
}


@router.callback_query(Press("mentoring:papers"))
async def listing(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        card = await views.card(session, turn.caller.id, int(args[0]), today=turn.today)
    if card.side is None:
        raise StaleButton
    await turn.show(screens.papers(turn.t, card, papers.OWN[card.side]))


@router.callback_query(Press("mentoring:paper"))
async def one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, name = int(args[0]), args[1]
    if name not in WRITTEN:
        raise StaleButton
    async with turn.db.begin() as session:
        found = await papers.own_paper(
            session, turn.caller.scope, turn.t, turn.caller.id, number, name, now=turn.now, today=turn.today
        )
    content = await asyncio.to_thread(WRITTEN[name], turn.t, found)
    await turn.show(screens.paper(turn.t, number, name, content))
