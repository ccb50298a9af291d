"""Forms in the chat: one's forms, one question at a time, sending."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import NotFound, UserError
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.rules.registers import Field, FieldType
from bot.screens import forms as screens
from bot.services import forms
from bot.services.access import Scope, scope_of
from bot.services.forms import Filling

router = Router(name="forms")
router.message.middleware(NeedsProfile())
router.message.middleware(Turns())
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


class Answering(StatesGroup):
    """While the words of an answer are awaited."""

    words = State()


async def _scope(turn: Turn) -> Scope:
    """Fresh roles: a coordinator of yesterday fills nothing in today."""
    async with turn.db.read() as session:
        return await scope_of(session, turn.caller.id, today=turn.today)


@router.callback_query(Press("forms:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    scope = await _scope(turn)
    number = max(0, int(args[0])) if args else 0
    async with turn.db.read() as session:
        lines = await forms.mine(session, scope, today=turn.today)
    await turn.show(screens.home(turn.t, lines, number if number * 5 < len(lines) else 0))


@router.callback_query(Press("forms:open"))
async def opened(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.show(screens.opened(turn.t, await _filling(turn, int(args[0]))))


@router.callback_query(Press("forms:q"))
async def question(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _ask(turn, await _filling(turn, int(args[0])), int(args[1]))


@router.callback_query(Press("forms:a"))
async def answer(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A button of a choice."""
    number, place, said = int(args[0]), int(args[1]), args[2]
    filling = await _filling(turn, number)
    field = _field(filling, place)
    if field.type is FieldType.flag:
        said = turn.t("registers-yes" if said == "yes" else "registers-no")
    await _put(turn, filling, place, said)


@router.callback_query(Press("forms:skip"))
async def skip(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _put(turn, await _filling(turn, int(args[0])), int(args[1]), "")


@router.message(Answering.words, F.text.as_("text"), ~F.text.startswith("/"))
async def typed(message: Message, text: str, turn: Turn) -> None:
    data = await turn.state.get_data()
    filling = await _filling(turn, int(data["form_reply"]))
    await _put(turn, filling, int(data["form_question"]), text)


@router.callback_query(Press("forms:check"))
async def check(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    filling = await _filling(turn, int(args[0]))
    await turn.show(screens.check(turn.t, filling) if filling.open else screens.opened(turn.t, filling))


@router.callback_query(Press("forms:send"))
async def send(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        filling = await forms.send(session, scope, int(args[0]), now=turn.now, today=turn.today)
    await turn.show(screens.sent(turn.t, filling))


async def _filling(turn: Turn, number: int) -> Filling:
    scope = await _scope(turn)
    async with turn.db.read() as session:
        return await forms.open_reply(session, scope, number, today=turn.today)


async def _put(turn: Turn, filling: Filling, place: int, said: str) -> None:
    """Keep an answer, then the next question without one, or the look before sending."""
    field = _field(filling, place)
    if not filling.open:
        await turn.show(screens.opened(turn.t, filling))
        return
    if not said and field.required:
        await _ask(turn, filling, place)
        return
    scope = await _scope(turn)
    try:
        async with turn.db.begin() as session:
            filling = await forms.put(session, scope, filling.id, {field.name: said}, now=turn.now, today=turn.today)
    except UserError as error:
        if isinstance(error, NotFound):
            raise
        await _ask(turn, filling, place, wrong=turn.t.html(error.key, **error.args_for_text))
        return
    following = filling.next
    if following is None:
        await turn.state.set_state(None)
        await turn.show(screens.check(turn.t, filling))
    else:
        await _ask(turn, filling, following)


async def _ask(turn: Turn, filling: Filling, place: int, *, wrong: str = "") -> None:
    field = _field(filling, place)
    if not filling.open:
        await turn.show(screens.opened(turn.t, filling))
        return
    if field.type in (FieldType.choice, FieldType.flag):
        await turn.state.set_state(None)
    else:
        await turn.state.set_state(Answering.words)
        await turn.state.update_data(form_reply=filling.id, form_question=place)
    await turn.show(screens.question(turn.t, filling, place, wrong=wrong))


def _field(filling: Filling, place: int) -> Field:
    if not 0 <= place < len(filling.fields):
        raise NotFound()
    return filling.fields[place]
