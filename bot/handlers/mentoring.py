"""Mentoring: to ask and to offer, to agree or not, the life of a pair."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import MeetFormat, PairState
from bot.rules.mentoring.places import PARTS
from bot.screens import mentoring as screens
from bot.screens import mentoring_more as more
from bot.services.access import Right
from bot.services.mentoring import common, details, pairs, profiles, views
from bot.services.mentoring.profiles import MentorCard, NeedCard

router = Router(name="mentoring")
router.message.middleware(Turns())
personal = Router(name="mentoring-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

PROFILE = "mentoring:profile"
FORMATS = {
    1: (MeetFormat.in_person.value,),
    2: (MeetFormat.remote.value,),
    3: (MeetFormat.in_person.value, MeetFormat.remote.value),
}


class Wishing(StatesGroup):
    """Words of a need are awaited."""

    wish = State()


@personal.callback_query(Press("mentoring:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await _home(turn)


async def _home(turn: Turn) -> None:
    await turn.state.set_state(None)
    me = turn.caller.id
    async with turn.db.read() as session:
        cards = await views.mine(session, me, today=turn.today)
        need = await profiles.need_of(session, me)
        profile = await profiles.profile_of(session, me)
    await turn.show(
        screens.home(
            turn.t, cards, asks=need is not None and need.closed_at is None,
            mentors=profile is not None and profile.withdrawn_at is None,
            staff=turn.caller.scope.may(Right.mentoring_see),
        )
    )  # fmt: skip


@personal.callback_query(Press("mentoring:how"))
async def how(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.how(turn.t))


# --- a mentor's profile ------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:mentor"))
async def mentor(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        groups = await profiles.groups_for(session, turn.caller.id)
        profile = await profiles.profile_of(session, turn.caller.id)
    mask = _mask(args[0], len(groups))
    holds = profile is not None and profile.withdrawn_at is None
    if mask == 0 and holds and profile is not None:
        mask = sum(1 << groups.index(slug) for slug in profile.strengths if slug in groups)
    await turn.show(screens.strengths(turn.t, groups, _at_most(mask), back=PROFILE if holds else screens.HOME))


@personal.callback_query(Press("mentoring:formats"))
async def formats(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    mask = _mask(args[0], 16)
    if mask == 0:
        await mentor(event, ["0"], turn)
        return
    await turn.show(screens.formats(turn.t, mask))


@personal.callback_query(Press("mentoring:parts"))
async def parts(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    mask, how, chosen = _mask(args[0], 16), _one(args[1], FORMATS), _mask(args[2], len(PARTS))
    await turn.show(
        screens.parts(
            turn.t, f"mentoring:parts:{mask}:{how}", f"mentoring:load:{mask}:{how}:{chosen}", chosen,
            back=f"mentoring:formats:{mask}",
        )
    )  # fmt: skip


@personal.callback_query(Press("mentoring:load"))
async def load(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    mask, how, chosen = _mask(args[0], 16), _one(args[1], FORMATS), _mask(args[2], len(PARTS))
    begin = f"mentoring:join:{mask}:{how}:{chosen}"
    await turn.show(screens.load(turn.t, begin, back=f"mentoring:parts:{mask}:{how}:{chosen}"))


@personal.callback_query(Press("mentoring:join"))
async def join(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    how, chosen, most = _one(args[1], FORMATS), _mask(args[2], len(PARTS)), int(args[3])
    async with turn.db.begin() as session:
        groups = await profiles.groups_for(session, turn.caller.id)
        card = MentorCard(
            _named(groups, _mask(args[0], len(groups))), FORMATS[how], _named(list(PARTS), chosen), most,
        )  # fmt: skip
        await profiles.save_profile(session, turn.caller.id, card, now=turn.now, today=turn.today)
    await turn.show(screens.joined(turn.t, PROFILE))


@personal.callback_query(Press("mentoring:quit"))
async def quit_base(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await profiles.withdraw_profile(session, turn.caller.id, now=turn.now, today=turn.today)
    await turn.show(screens.quit_base(turn.t))


# --- a need ------------------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:need"))
async def need(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        groups = await profiles.groups_for(session, turn.caller.id)
    await turn.show(screens.need(turn.t, groups, _at_most(_mask(args[0], len(groups)))))


@personal.callback_query(Press("mentoring:words"))
async def words(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(Wishing.wish)
    await turn.show(screens.words(turn.t))


@router.message(Wishing.wish, F.text, ~F.text.startswith("/"))
async def wished(message: Message, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await profiles.save_need(
            session, turn.caller.id, NeedCard(wish=message.text or ""), now=turn.now, today=turn.today
        )
    await turn.state.set_state(None)
    await _asked(turn)


@personal.callback_query(Press("mentoring:time"))
async def when(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    mask, chosen = _mask(args[0], 16), _mask(args[1], len(PARTS))
    if mask == 0:
        async with turn.db.read() as session:
            groups = await profiles.groups_for(session, turn.caller.id)
        await turn.show(screens.need(turn.t, groups, 0).above(turn.t("mentoring-need.none")))
        return
    await turn.show(
        screens.parts(
            turn.t, f"mentoring:time:{mask}", f"mentoring:ask:{mask}:{chosen}", chosen, back=f"mentoring:need:{mask}"
        )
    )


@personal.callback_query(Press("mentoring:ask"))
async def ask(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    chosen = _mask(args[1], len(PARTS))
    async with turn.db.begin() as session:
        groups = await profiles.groups_for(session, turn.caller.id)
        card = NeedCard(_named(groups, _mask(args[0], len(groups))), parts=_named(list(PARTS), chosen))
        await profiles.save_need(session, turn.caller.id, card, now=turn.now, today=turn.today)
    await _asked(turn)


async def _asked(turn: Turn) -> None:
    """The question about the diagnosis where there is one, else the waiting."""
    async with turn.db.read() as session:
        growth = await profiles.growth_of(session, turn.caller.id)
    if growth:
        await turn.show(screens.share(turn.t, growth))
    else:
        await waiting(turn)


@personal.callback_query(Press("mentoring:share"))
async def share(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await profiles.share(session, turn.caller.id, shares=int(args[0]) == 1, now=turn.now)
    await waiting(turn)


@personal.callback_query(Press("mentoring:mine"))
async def mine(event: CallbackQuery, turn: Turn) -> None:
    await waiting(turn)


async def waiting(turn: Turn) -> None:
    """The open need with everything that can be changed about it; without one, the section."""
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        found = await details.need(session, turn.caller.id, today=turn.today)
    if found is None:
        await _home(turn)
        return
    await turn.show(more.waiting(turn.t, found))


@personal.callback_query(Press("mentoring:stop"))
async def stop(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await profiles.close_need(session, turn.caller.id, now=turn.now)
    await turn.show(screens.stopped(turn.t))


# --- an offer ----------------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:agree"))
async def agree(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        state = await pairs.agree(session, turn.caller.id, number, now=turn.now, today=turn.today)
        card = await views.card(session, turn.caller.id, number, today=turn.today)
        curator = await common.curator_name(session, number, today=turn.today)
    if state is PairState.consent_wait:
        await turn.show(screens.half_agreed(turn.t))
    elif state is PairState.to_order:
        await turn.show(screens.agreed(turn.t, number, curator))
    else:
        await turn.show(screens.pair(turn.t, card, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("mentoring:decline"))
async def decline(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        _, side = await common.own(session, turn.caller.id, number)
        await pairs.decline(session, turn.caller.id, number, now=turn.now)
    await turn.show(screens.declined(turn.t, side))


@personal.callback_query(Press("mentoring:later"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        until = await pairs.later(session, turn.caller.id, number)
    await turn.show(screens.later(turn.t, number, until))


# --- inside ------------------------------------------------------------------------------------------


def _mask(arg: str, size: int) -> int:
    """A set of choices as a number; anything else is an old button."""
    number = int(arg)
    if not 0 <= number < 1 << size:
        raise StaleButton
    return number


def _at_most(mask: int) -> int:
    """A fourth choice is not taken."""
    while mask.bit_count() > profiles.CHOICES:
        mask &= mask - 1
    return mask


def _named(names: list[str], mask: int) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(names) if mask >> place & 1)


def _one(arg: str, among: dict[int, tuple[str, ...]]) -> int:
    number = int(arg)
    if number not in among:
        raise StaleButton
    return number


router.include_router(personal)
