"""Tutorials: free slots in two taps, and a methodist's own slots."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.i18n import Texts
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import tutorials as screens
from bot.screens.events.wording import When
from bot.services import tutorials
from bot.services.access import Right

router = Router(name="tutorials")
for observer in (router.message, router.callback_query):
    observer.middleware(NeedsProfile())
    observer.middleware(Turns())


class OpeningSlots(StatesGroup):
    """While the time of new slots is awaited."""

    window = State()


@router.callback_query(Press("tutorials:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await _home(turn, 0)


@router.callback_query(Press("tutorials:page"))
async def page(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _home(turn, max(int(args[0]), 0))


async def _home(turn: Turn, number: int) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        found, total = await tutorials.free(session, turn.caller.id, number=number, now=turn.now)
        if not found and number:
            number = 0
            found, total = await tutorials.free(session, turn.caller.id, now=turn.now)
        mine = await tutorials.mine(session, turn.caller.id, now=turn.now)
    staff = turn.caller.scope.may(Right.programmes_run)
    await turn.show(screens.home(turn.t, found, total, number, mine, _when(turn), staff=staff))


@router.callback_query(Press("tutorials:book"))
async def book(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        slot = await tutorials.book(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.booked(turn.t, slot, _when(turn)))


@router.callback_query(Press("tutorials:out"))
async def give_up(event: CallbackQuery, args: list[str], turn: Turn, texts: Texts) -> None:
    async with turn.db.begin() as session:
        told = await tutorials.give_up(session, turn.caller.id, int(args[0]), now=turn.now)
        if told is not None:
            screen = screens.pushed(texts.translator(told.locale), told, _when(turn))
            await tutorials.tell(session, [told], lambda _: screen, now=turn.now)
    await turn.show(screens.given_up(turn.t))


# --- methodists ------------------------------------------------------------------------------------------


@router.callback_query(Press("tutorials:own"))
async def own(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = max(int(args[0]), 0)
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        found, total = await tutorials.own(session, turn.caller.scope, number=number, now=turn.now)
        if not found and number:
            number = 0
            found, total = await tutorials.own(session, turn.caller.scope, now=turn.now)
    await turn.show(screens.own(turn.t, found, total, number, _when(turn)))


@router.callback_query(Press("tutorials:add"))
async def add(event: CallbackQuery, turn: Turn) -> None:
    turn.caller.scope.require(Right.programmes_run)
    await turn.state.set_state(OpeningSlots.window)
    await turn.show(screens.window(turn.t))


@router.message(OpeningSlots.window, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_window(message: Message, text: str, turn: Turn) -> None:
    async with turn.db.begin() as session:
        opened = await tutorials.open_window(session, turn.caller.scope, text[:60], now=turn.now, zone=turn.zone)
    await turn.state.set_state(None)
    await turn.show(screens.opened(turn.t, len(opened)))


@router.callback_query(Press("tutorials:slot"))
async def slot(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        one = await tutorials.one_of(session, turn.caller.scope, int(args[0]))
    await turn.show(screens.slot(turn.t, one, _when(turn)))


@router.callback_query(Press("tutorials:close"))
async def close(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        one = await tutorials.close(session, turn.caller.scope, int(args[0]), now=turn.now)
    await turn.show(screens.marked(turn.t, one))


@router.callback_query(Press("tutorials:held"))
async def held(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _mark(turn, int(args[0]), came=True)


@router.callback_query(Press("tutorials:missed"))
async def missed(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _mark(turn, int(args[0]), came=False)


async def _mark(turn: Turn, number: int, *, came: bool) -> None:
    async with turn.db.begin() as session:
        one = await tutorials.mark(session, turn.caller.scope, number, came=came, now=turn.now, zone=turn.zone)
    await turn.show(screens.marked(turn.t, one))


def _when(turn: Turn) -> When:
    return When(turn.now, turn.zone)
