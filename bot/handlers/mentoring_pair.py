"""The life of a pair in the chat: meetings, the programme, notes, pause, exit, the end."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton
from bot.filters import Press, one_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.rules.mentoring.pulse import GoesOn, Hindrance
from bot.screens import mentoring as screens
from bot.services.access import Right
from bot.services.mentoring import common, leaving, meetings, programme, pulse, views

router = Router(name="mentoring-pair")
router.message.middleware(Turns())
personal = Router(name="mentoring-pair-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())


class TalkingOver(StatesGroup):
    """Words are awaited: of a meeting, of the next step, a line of the programme, a note."""

    topic = State()
    step = State()
    line = State()
    note = State()
    goal = State()


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
    await turn.state.set_state(TalkingOver.topic)
    await turn.state.update_data(meeting=told.id)
    await turn.show(
        screens.said(turn.t, number, told.id, on, minutes, card.partner.short_name, known=False, today=turn.today)
    )


@router.message(TalkingOver.topic, F.text, ~F.text.startswith("/"))
async def topic(message: Message, turn: Turn) -> None:
    meeting_id = int((await turn.state.get_data()).get("meeting", 0))
    async with turn.db.begin() as session:
        number = await meetings.describe(session, turn.caller.id, meeting_id, topic=message.text or "")
    await turn.state.set_state(TalkingOver.step)
    await turn.show(screens.kept(turn.t, "mentoring-topic-kept", number))


@router.message(TalkingOver.step, F.text, ~F.text.startswith("/"))
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


@personal.callback_query(Press("mentoring:log"))
async def log(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    card = await _card(turn, int(args[0]))
    async with turn.db.read() as session:
        rows = await meetings.of_pair(session, card.id)
    told = [
        (one.id, one.held_on, one.minutes, one.topic, one.state, one.side) for one in rows if one.held_on is not None
    ]
    await turn.show(screens.log(turn.t, card, told, today=turn.today))


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


@personal.callback_query(Press("mentoring:unmark"))
async def unmark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        number = await programme.mark_line(session, turn.caller.id, int(args[0]), done=False, today=turn.today)
    await _program(turn, number)


@personal.callback_query(Press("mentoring:goal"))
async def goal(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, TalkingOver.goal, "mentoring-goal", int(args[0]))


@router.message(TalkingOver.goal, F.text, ~F.text.startswith("/"))
async def aimed(message: Message, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("pair", 0))
    async with turn.db.begin() as session:
        await programme.set_goal(session, turn.caller.id, number, message.text or "", now=turn.now)
    await turn.state.set_state(None)
    await _program(turn, number)


@personal.callback_query(Press("mentoring:line"))
async def line(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, TalkingOver.line, "mentoring-line", int(args[0]))


@router.message(TalkingOver.line, F.text, ~F.text.startswith("/"))
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
    await _await(turn, TalkingOver.note, "mentoring-note", int(args[0]))


@router.message(TalkingOver.note, F.text, ~F.text.startswith("/"))
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
    await turn.show(screens.half_three(turn.t, int(args[0])))


@personal.callback_query(Press("mentoring:hinders"))
async def hinders(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, word = int(args[0]), one_of(Hindrance, args[1])
    async with turn.db.begin() as session:
        await pulse.answer(session, turn.caller.id, number, hindrance=word, now=turn.now)
        _, side = await common.own(session, turn.caller.id, number)
    await turn.show(screens.half_four(turn.t, number, side))


@personal.callback_query(Press("mentoring:goeson"))
async def goes_on(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, word = int(args[0]), one_of(GoesOn, args[1])
    async with turn.db.begin() as session:
        await pulse.answer(session, turn.caller.id, number, goes_on=word, now=turn.now)
    await turn.show(screens.half_kept(turn.t, number, word))


@personal.callback_query(Press("mentoring:staff"))
async def staff(event: CallbackQuery, turn: Turn) -> None:
    scope = turn.caller.scope
    async with turn.db.read() as session:
        counts = await views.counts(session, scope, today=turn.today)
        needing = await views.needing(session, scope, today=turn.today)
        runs = scope.may(Right.mentoring_run)
        apart = len(await pulse.concerns(session, scope, today=turn.today)) if runs else 0
    await turn.show(screens.staff(turn.t, counts, needing, apart))


# --- inside ------------------------------------------------------------------------------------------


def _ahead(arg: str) -> int:
    number = int(arg)
    if not 0 <= number <= 30:
        raise StaleButton
    return number


router.include_router(personal)
