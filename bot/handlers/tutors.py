"""A tutor's learners in the chat."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.i18n import Texts
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import tutors as screens
from bot.services import tutors
from bot.services.access import Right
from bot.services.tutors import Letter
from bot.ui.screen import Screen

router = Router(name="tutors")
for observer in (router.message, router.callback_query):
    observer.middleware(NeedsProfile())
    observer.middleware(Turns())


class TutorLetter(StatesGroup):
    """While words to the other one are awaited."""

    text = State()


@router.callback_query(Press("tutors:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _home(turn, max(0, int(args[0])) if args else 0)


@router.callback_query(Press("tutors:see"))
async def see(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Вижу», under the letter or in the list."""
    async with turn.db.begin() as session:
        await tutors.see(session, turn.caller.id, int(args[0]), now=turn.now)
    await _home(turn, 0, toast=turn.t("tutors-home.toast"))


@router.callback_query(Press("tutors:one"))
async def one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A number of the list."""
    async with turn.db.begin() as session:
        learner = await tutors.open_one(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.one(turn.t, learner, slots=turn.caller.scope.may(Right.programmes_run)))


@router.callback_query(Press("tutors:write"))
async def write(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        side = await tutors.other_side(session, turn.caller.id, int(args[0]))
    await turn.state.set_state(TutorLetter.text)
    await turn.state.update_data(tutors_to=side.id)
    await turn.show(screens.write(turn.t, side))


@router.message(TutorLetter.text, F.text.as_("text"), ~F.text.startswith("/"))
async def written(message: Message, text: str, turn: Turn, texts: Texts) -> None:
    number = int((await turn.state.get_data()).get("tutors_to") or 0)

    def speak(locale: str, letter: Letter) -> Screen:
        return screens.letter(texts.translator(locale), letter)

    async with turn.db.begin() as session:
        side = await tutors.write(session, turn.caller.id, number, speak, text=text, now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.written(turn.t, side))


async def _home(turn: Turn, number: int, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        learners = await tutors.mine(session, turn.caller.id)
    await turn.show(screens.home(turn.t, learners, number if number * 5 < len(learners) else 0, toast=toast))
