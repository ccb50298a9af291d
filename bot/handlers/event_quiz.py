"""The quiz after a session: question by question, counted once."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import StaleButton
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import events as screens
from bot.screens.events.wording import When
from bot.services.events import quiz
from bot.services.events.quiz import Quiz
from bot.ui.show import explained

router = Router(name="event-quiz")
router.callback_query.middleware(Turns())
router.callback_query.middleware(NeedsProfile())


@router.callback_query(Press("events:quiz"))
async def begin(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await quiz.look(session, turn.caller.id, int(args[0]), now=turn.now)
    await _show(turn, told)


@router.callback_query(Press("events:answer"))
async def answer(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Between questions nothing is written; the last answer counts the try."""
    number, version, attempt, chosen = int(args[0]), int(args[1]), int(args[2]), str(args[3])
    if not chosen.startswith("x"):
        raise StaleButton
    chosen = chosen[1:]
    async with turn.db.read() as session:
        told = await quiz.look(
            session, turn.caller.id, number, now=turn.now, version=version, attempt=attempt, chosen=chosen
        )
    if not told.complete:
        await _show(turn, told)
        return
    async with turn.db.begin() as session:
        done = await quiz.finish(
            session, turn.caller.id, number, version=version, attempt=attempt, chosen=chosen, now=turn.now
        )
    if isinstance(done, Quiz):
        await _show(turn, done)
    else:
        await turn.show(screens.quiz_done(turn.t, done))


async def _show(turn: Turn, told: Quiz) -> None:
    when = When(turn.now, turn.zone)
    if told.ask is not None:
        await turn.show(screens.question(turn.t, told))
    elif told.changed:
        with explained(turn.t("events-quiz.changed")):
            await turn.show(screens.quiz(turn.t, told, when))
    else:
        await turn.show(screens.quiz(turn.t, told, when))
