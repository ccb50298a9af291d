"""Mentoring beyond the two minutes: the profile's page, why and who is needed, whom one would like."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton
from bot.filters import Press, one_of
from bot.handlers.mentoring import FORMATS, waiting
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import NeedBasis, PairForm, PairKind, Side
from bot.screens import mentoring as basics
from bot.screens import mentoring_more as screens
from bot.services.mentoring import details, profiles

router = Router(name="mentoring-more")
router.message.middleware(Turns())
personal = Router(name="mentoring-more-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

SIDES = {"e": Side.mentee, "r": Side.mentor}


class MoreWords(StatesGroup):
    """Words are awaited: of a mentor about herself, a surname."""

    about = State()
    name = State()


# --- the profile -------------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:profile"))
async def profile(event: CallbackQuery, turn: Turn) -> None:
    await _profile(turn)


async def _profile(turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        found = await profiles.details_of(session, turn.caller.id, today=turn.today)
        groups = await profiles.groups_for(session, turn.caller.id)
    if found is None:
        await turn.show(basics.strengths(turn.t, groups, 0, back=basics.HOME))
    else:
        await turn.show(screens.profile(turn.t, found))


@personal.callback_query(Press("mentoring:forms"))
async def forms(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        among = await details.forms_for(session, turn.caller.id)
        if args:
            chosen = [one for at, one in enumerate(among) if _mask(args[0], len(among)) >> at & 1]
            await details.change_profile(session, turn.caller.id, forms=chosen, now=turn.now)
        found = await profiles.details_of(session, turn.caller.id, today=turn.today)
    held = found.forms if found else ()
    await turn.show(screens.forms(turn.t, among, _bits([one.value for one in among], held)))


@personal.callback_query(Press("mentoring:kinds"))
async def kinds(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    among = list(PairKind)
    async with turn.db.begin() as session:
        if args:
            chosen = [one for at, one in enumerate(among) if _mask(args[0], len(among)) >> at & 1]
            await details.change_profile(session, turn.caller.id, kinds=chosen, now=turn.now)
        found = await profiles.details_of(session, turn.caller.id, today=turn.today)
    await turn.show(screens.kinds(turn.t, _bits([one.value for one in among], found.kinds if found else ())))


@personal.callback_query(Press("mentoring:about"))
async def about(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(MoreWords.about)
    await turn.show(screens.about(turn.t))


@router.message(MoreWords.about, F.text, ~F.text.startswith("/"))
async def told(message: Message, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await details.change_profile(session, turn.caller.id, statement=message.text or "", now=turn.now)
    await _profile(turn)


# --- the need ----------------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:bases"))
async def bases(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await details.need(session, turn.caller.id, today=turn.today)
        among = await details.bases_for(session, turn.caller.id, today=turn.today)
    if found is None:
        await waiting(turn)
        return
    await turn.show(screens.bases(turn.t, among, found.basis))


@personal.callback_query(Press("mentoring:basis"))
async def basis(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    chosen = one_of(NeedBasis, args[0])
    async with turn.db.begin() as session:
        await details.change_need(session, turn.caller.id, basis=chosen, now=turn.now, today=turn.today)
    await waiting(turn)


@personal.callback_query(Press("mentoring:whom"))
async def whom(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await details.need(session, turn.caller.id, today=turn.today)
        among = await details.forms_for(session, turn.caller.id)
    if found is None:
        await waiting(turn)
        return
    await turn.show(screens.whom(turn.t, among, found.form))


@personal.callback_query(Press("mentoring:form"))
async def form(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    chosen = one_of(PairForm, args[0])
    async with turn.db.begin() as session:
        await details.change_need(session, turn.caller.id, form=chosen, now=turn.now, today=turn.today)
    await waiting(turn)


@personal.callback_query(Press("mentoring:where"))
async def where(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.where(turn.t))


@personal.callback_query(Press("mentoring:place"))
async def place(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    if number not in FORMATS:
        raise StaleButton
    async with turn.db.begin() as session:
        await details.change_need(session, turn.caller.id, formats=FORMATS[number], now=turn.now, today=turn.today)
    await waiting(turn)


@personal.callback_query(Press("mentoring:growth"))
async def growth(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await profiles.growth_of(session, turn.caller.id)
    await turn.show(basics.share(turn.t, found))


# --- whom one would like -----------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:names"))
async def names(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _names(turn, args[0])


async def _names(turn: Turn, letter: str) -> None:
    side = _side(letter)
    async with turn.db.read() as session:
        held = await details.wanted(session, turn.caller.id, side, today=turn.today)
    await turn.state.set_state(MoreWords.name)
    await turn.state.update_data(side=letter)
    await turn.show(screens.names(turn.t, side, held))


@router.message(MoreWords.name, F.text, ~F.text.startswith("/"))
async def named(message: Message, turn: Turn) -> None:
    side = _side(str((await turn.state.get_data()).get("side", "")))
    async with turn.db.read() as session:
        found = await details.look_for(session, turn.caller.id, side, message.text or "", today=turn.today)
    await turn.show(screens.found(turn.t, side, found))


@personal.callback_query(Press("mentoring:want"))
async def want(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    side, number = _side(args[0]), int(args[1])
    async with turn.db.begin() as session:
        await details.want(session, turn.caller.id, side, number)
    await (waiting(turn) if side is Side.mentee else _profile(turn))


@personal.callback_query(Press("mentoring:unwant"))
async def unwant(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    side, number = _side(args[0]), int(args[1])
    async with turn.db.begin() as session:
        await details.unwant(session, turn.caller.id, side, number)
    await _names(turn, args[0])


# --- inside ------------------------------------------------------------------------------------------


def _side(letter: str) -> Side:
    if letter not in SIDES:
        raise StaleButton
    return SIDES[letter]


def _mask(arg: str, size: int) -> int:
    number = int(arg)
    if not 0 <= number < 1 << size:
        raise StaleButton
    return number


def _bits(among: list[str], held: tuple[str, ...]) -> int:
    return sum(1 << at for at, one in enumerate(among) if one in held)


router.include_router(personal)
