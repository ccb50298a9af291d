"""Mentoring: to ask and to offer, to agree or not, the life of a pair."""

from __future__ import annotations

from datetime import datetime, time, timedelta

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
from bot.services.access import Right
from bot.services.mentoring import common, leaving, meetings, pairs, profiles, programme, pulse, views
from bot.services.mentoring.profiles import MentorCard, NeedCard

router = Router(name="mentoring")
router.message.middleware(Turns())
personal = Router(name="mentoring-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

FORMATS = {
    1: (MeetFormat.in_person.value,),
    2: (MeetFormat.remote.value,),
    3: (MeetFormat.in_person.value, MeetFormat.remote.value),
}


class Writing(StatesGroup):
    """Words are awaited: of a need, of a meeting, of the next step, a line of the programme, a note."""

    wish = State()
    topic = State()
    step = State()
    line = State()
    note = State()


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
    await turn.show(screens.strengths(turn.t, groups, _at_most(mask), mentors=holds))


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
    await turn.show(screens.joined(turn.t))


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
    await turn.state.set_state(Writing.wish)
    await turn.show(screens.words(turn.t))


@router.message(Writing.wish, F.text, ~F.text.startswith("/"))
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
        await _waiting(turn)


@personal.callback_query(Press("mentoring:share"))
async def share(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await profiles.share(session, turn.caller.id, shares=int(args[0]) == 1, now=turn.now)
    await _waiting(turn)


@personal.callback_query(Press("mentoring:mine"))
async def mine(event: CallbackQuery, turn: Turn) -> None:
    await _waiting(turn)


async def _waiting(turn: Turn) -> None:
    async with turn.db.read() as session:
        row = await profiles.need_of(session, turn.caller.id)
    if row is None or row.closed_at is not None:
        await _home(turn)
        return
    await turn.show(screens.waiting(turn.t, row.topics, row.wish))


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


# --- the pair ----------------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:pair"))
async def pair(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _pair(turn, int(args[0]))


async def _pair(turn: Turn, number: int) -> None:
    card = await _card(turn, number)
    await turn.show(screens.pair(turn.t, card, zone=turn.zone, today=turn.today))


async def _card(turn: Turn, number: int) -> views.PairCard:
    async with turn.db.read() as session:
        return await views.card(session, turn.caller.id, number, today=turn.today)


@personal.callback_query(Press("mentoring:meet"))
async def meet(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    card = await _card(turn, int(args[0]))
    await turn.show(screens.meet(turn.t, card.id))


@personal.callback_query(Press("mentoring:days"))
async def days(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    card = await _card(turn, int(args[0]))
    await turn.show(screens.days(turn.t, card.id, today=turn.today))


@personal.callback_query(Press("mentoring:met"))
async def met(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, back, minutes = int(args[0]), int(args[1]), int(args[2])
    if not 0 <= back <= 400:
        raise StaleButton
    on = turn.today - timedelta(days=back)
    async with turn.db.begin() as session:
        told = await meetings.say(
            session, turn.caller.id, number, held_on=on, minutes=minutes, now=turn.now, today=turn.today
        )
        card = await views.card(session, turn.caller.id, number, today=turn.today)
        meeting = await meetings.one(session, turn.caller.id, told.id)
    if not told.new:
        await turn.show(
            screens.said(
                turn.t, number, told.id, on, meeting.minutes, card.partner.short_name, known=True, today=turn.today
            )
        )
        return
    await turn.state.set_state(Writing.topic)
    await turn.state.update_data(meeting=told.id)
    await turn.show(
        screens.said(turn.t, number, told.id, on, minutes, card.partner.short_name, known=False, today=turn.today)
    )


@router.message(Writing.topic, F.text, ~F.text.startswith("/"))
async def topic(message: Message, turn: Turn) -> None:
    meeting_id = int((await turn.state.get_data()).get("meeting", 0))
    async with turn.db.begin() as session:
        number = await meetings.describe(session, turn.caller.id, meeting_id, topic=message.text or "")
    await turn.state.set_state(Writing.step)
    await turn.show(screens.kept(turn.t, "mentoring-topic-kept", number))


@router.message(Writing.step, F.text, ~F.text.startswith("/"))
async def step(message: Message, turn: Turn) -> None:
    meeting_id = int((await turn.state.get_data()).get("meeting", 0))
    async with turn.db.begin() as session:
        number = await meetings.describe(session, turn.caller.id, meeting_id, next_step=message.text or "")
    await turn.state.set_state(None)
    await turn.show(screens.kept(turn.t, "mentoring-step-kept", number))


@personal.callback_query(Press("mentoring:confirm"))
async def confirm(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        number = await meetings.confirm(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.kept(turn.t, "mentoring-confirmed", number))


@personal.callback_query(Press("mentoring:fix"))
async def fix(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        meeting = await meetings.one(session, turn.caller.id, int(args[0]))
    await turn.show(screens.fix(turn.t, meeting.pair_id, meeting.id))


@personal.callback_query(Press("mentoring:correct"))
async def correct(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        number = await meetings.correct(session, turn.caller.id, int(args[0]), minutes=int(args[1]), now=turn.now)
    await turn.show(screens.kept(turn.t, "mentoring-confirmed", number))


@personal.callback_query(Press("mentoring:deny"))
async def deny(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.begin() as session:
        number = await meetings.deny(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.kept(turn.t, "mentoring-denied", number))


@personal.callback_query(Press("mentoring:plan"))
async def plan(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(screens.plan(turn.t, await _card(turn, int(args[0])), today=turn.today))


@personal.callback_query(Press("mentoring:hours"))
async def hours(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, ahead = int(args[0]), _ahead(args[1])
    card = await _card(turn, number)
    await turn.show(screens.hours(turn.t, card.id, ahead, today=turn.today))


@personal.callback_query(Press("mentoring:at"))
async def at(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, ahead, hour = int(args[0]), _ahead(args[1]), int(args[2])
    if not 0 <= hour <= 23:
        raise StaleButton
    starts_at = datetime.combine(turn.today + timedelta(days=ahead), time(hour), turn.zone)
    async with turn.db.begin() as session:
        meeting_id = await meetings.plan(session, turn.caller.id, number, starts_at=starts_at, now=turn.now)
        card = await views.card(session, turn.caller.id, number, today=turn.today)
    await turn.show(screens.planned(turn.t, card, starts_at, meeting_id, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("mentoring:ics"))
async def ics(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        meeting = await meetings.one(session, turn.caller.id, int(args[0]))
    if meeting.starts_at is None:
        raise StaleButton
    host = turn.settings.public_url.split("://")[-1].split("/")[0]
    content = meetings.calendar(meeting, title=turn.t("mentoring-planned.summary"), host=host, now=turn.now)
    await turn.show(screens.calendar(turn.t, meeting.pair_id, content))


@personal.callback_query(Press("mentoring:program"))
async def program(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _program(turn, int(args[0]))


async def _program(turn: Turn, number: int) -> None:
    card = await _card(turn, number)
    async with turn.db.read() as session:
        lines = await programme.lines_of(session, number)
    await turn.show(screens.program(turn.t, card, [(one.id, one.topic, one.due_on, one.state) for one in lines]))


@personal.callback_query(Press("mentoring:mark"))
async def mark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        number = await programme.mark_line(session, turn.caller.id, int(args[0]), done=True, today=turn.today)
    await _program(turn, number)


@personal.callback_query(Press("mentoring:line"))
async def line(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, Writing.line, "mentoring-line", int(args[0]))


@router.message(Writing.line, F.text, ~F.text.startswith("/"))
async def lined(message: Message, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("pair", 0))
    async with turn.db.begin() as session:
        await programme.add_line(session, turn.caller.id, number, message.text or "", today=turn.today)
    await turn.state.set_state(None)
    await _program(turn, number)


@personal.callback_query(Press("mentoring:notes"))
async def notes(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _notes(turn, int(args[0]))


async def _notes(turn: Turn, number: int) -> None:
    card = await _card(turn, number)
    async with turn.db.begin() as session:
        found = await meetings.notes_of(session, turn.caller.id, number)
    told = [(one.created_at.astimezone(turn.zone).date(), one.text) for one in found]
    await turn.show(screens.notes(turn.t, card, told))


@personal.callback_query(Press("mentoring:note"))
async def note(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, Writing.note, "mentoring-note", int(args[0]))


@router.message(Writing.note, F.text, ~F.text.startswith("/"))
async def noted(message: Message, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("pair", 0))
    async with turn.db.begin() as session:
        await meetings.note(session, turn.caller.id, number, message.text or "", now=turn.now)
    await turn.state.set_state(None)
    await _notes(turn, number)


async def _await(turn: Turn, state: State, key: str, number: int) -> None:
    card = await _card(turn, number)
    await turn.state.set_state(state)
    await turn.state.update_data(pair=card.id)
    await turn.show(screens.ask(turn.t, key, card.id))


# --- pause, exit, end --------------------------------------------------------------------------------


@personal.callback_query(Press("mentoring:exit"))
async def leave_page(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    card = await _card(turn, int(args[0]))
    async with turn.db.read() as session:
        last = await leaving.last_day(session, turn.today)
    await turn.show(screens.leave(turn.t, card, turn.today + leaving.PAUSE, last))


@personal.callback_query(Press("mentoring:pause"))
async def pause(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        until = await leaving.pause(session, turn.caller.id, number, now=turn.now, today=turn.today)
    await turn.show(screens.paused(turn.t, number, until))


@personal.callback_query(Press("mentoring:resume"))
async def resume(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await leaving.resume(session, turn.caller.id, number, now=turn.now, today=turn.today)
    await _pair(turn, number)


@personal.callback_query(Press("mentoring:leave"))
async def leave(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _leave(turn, int(args[0]), wants_other=False)


@personal.callback_query(Press("mentoring:change"))
async def change(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _leave(turn, int(args[0]), wants_other=True)


async def _leave(turn: Turn, number: int, *, wants_other: bool) -> None:
    async with turn.db.begin() as session:
        last = await leaving.leave(
            session, turn.caller.id, number, wants_other=wants_other, now=turn.now, today=turn.today
        )
    await turn.show(screens.leaving(turn.t, number, last))


@personal.callback_query(Press("mentoring:stay"))
async def stay(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await leaving.stay(session, turn.caller.id, number)
    await _pair(turn, number)


@personal.callback_query(Press("mentoring:finish"))
async def finish(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    card = await _card(turn, int(args[0]))
    await turn.show(screens.finish(turn.t, card.id))


@personal.callback_query(Press("mentoring:end"))
async def end(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await meetings.finish(session, turn.caller.id, number, args[1], now=turn.now, today=turn.today)
    await _pair(turn, number)


@personal.callback_query(Press("mentoring:useful"))
async def useful(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await pulse.answer(session, turn.caller.id, number, usefulness=int(args[1]), now=turn.now)
    await turn.show(screens.half_two(turn.t, number))


@personal.callback_query(Press("mentoring:progress"))
async def progress(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await pulse.answer(session, turn.caller.id, int(args[0]), progress=int(args[1]), now=turn.now)
    await turn.show(screens.half_kept(turn.t))


@personal.callback_query(Press("mentoring:staff"))
async def staff(event: CallbackQuery, turn: Turn) -> None:
    scope = turn.caller.scope
    async with turn.db.read() as session:
        counts = await views.counts(session, scope, today=turn.today)
        needing = await views.needing(session, scope, today=turn.today)
        runs = scope.may(Right.mentoring_run)
        apart = len(await pulse.mismatches(session, scope, today=turn.today)) if runs else 0
    await turn.show(screens.staff(turn.t, counts, needing, apart))


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


def _ahead(arg: str) -> int:
    number = int(arg)
    if not 0 <= number <= 30:
        raise StaleButton
    return number


router.include_router(personal)
