"""A tutor's learners in the chat."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import tutors as screens
from bot.services import tutors

router = Router(name="tutors")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


@router.callback_query(Press("tutors:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _home(turn, max(0, int(args[0])) if args else 0)


@router.callback_query(Press("tutors:see"))
async def see(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Вижу», under the letter or in the list."""
    async with turn.db.begin() as session:
        await tutors.see(session, turn.caller.id, int(args[0]), now=turn.now)
    await _home(turn, 0, toast=turn.t("tutors-home.toast"))


async def _home(turn: Turn, number: int, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        learners = await tutors.mine(session, turn.caller.id)
    await turn.show(screens.home(turn.t, learners, number if number * 5 < len(learners) else 0, toast=toast))
