"""The methodist on duty works in the chat: queue, claiming, answers, asking back, giving to another, shifts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.handlers.hotline.intake import CONTENT, file_of, says, words_of
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import TicketState
from bot.screens import duty as screens
from bot.services import files
from bot.services.access import Right, Scope, scope_of
from bot.services.hotline import desk, duty, faq, roster, sessions
from bot.services.hotline.ticket import names_of
from bot.services.identities import Caller
from bot.ui.pager import PAGE, Page
from bot.ui.screen import KEPT, Attachment, Screen
from bot.ui.show import send as send_screen

router = Router(name="duty")
router.message.middleware(Turns())
personal = Router(name="duty-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

AHEAD = timedelta(days=60)


class Working(StatesGroup):
    """Words for a question in one's hands are awaited."""

    answer = State()
    clarify = State()
    note = State()
    reason = State()


class OnDuty(Filter):
    """True while a screen of duty is the last one, or nothing is remembered."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        return caller.known and (
            not shown or any(b.action.removeprefix(KEPT).startswith("duty:") for row in shown for b in row)
        )


async def fresh_scope(turn: Turn) -> Scope:
    """Fresh roles: the right to open another person's question is never taken from memory."""
    async with turn.db.read() as session:
        scope = await scope_of(session, turn.caller.id, today=turn.today)
    scope.require(Right.hotline_answer)
    return scope


@personal.callback_query(Press("duty:home"))
@personal.callback_query(Press("duty:fine"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        found = await desk.desk(session, scope, now=turn.now)
        _, gathered = await sessions.listed(session, scope, size=1, waiting=True)
    await turn.show(screens.home(turn.t, found, sessions=gathered, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:queue"))
async def queue(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _list(turn, int(args[0]), mine=False)


@personal.callback_query(Press("duty:mine"))
async def mine(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _list(turn, int(args[0]), mine=True)


async def _list(turn: Turn, number: int, *, mine: bool) -> None:
    await turn.state.set_state(None)
    scope, number = await fresh_scope(turn), max(0, number)
    async with turn.db.read() as session:
        lines, total = await desk.queue(session, scope, number, mine=mine)
    page = Page(lines, number, total)
    await turn.show(screens.queue(turn.t, page, mine=mine, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:open"))
async def open_one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _open(turn, await fresh_scope(turn), int(args[0]))


async def _open(turn: Turn, scope: Scope, no: int) -> None:
    """One's own question awaits its answer; another's is only to be read."""
    async with turn.db.read() as session:
        sheet = await desk.sheet(session, scope, no)
    if sheet.holder_id == scope.person_id and sheet.state is TicketState.assigned:
        await turn.state.set_state(Working.answer)
        await turn.state.update_data(duty_ticket=no, duty_text="", duty_files=[])
        await turn.show(screens.mine(turn.t, sheet, zone=turn.zone, today=turn.today))
        return
    await turn.state.set_state(None)
    await turn.show(screens.card(turn.t, sheet, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:whole"))
async def whole(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        sheet = await desk.sheet(session, scope, int(args[0]))
    await turn.show(screens.whole(turn.t, sheet, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:files"))
async def open_files(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The author's files, one message each; the question under the last."""
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.read() as session:
        sheet = await desk.sheet(session, scope, no)
        found = [
            (name, await files.path_of(session, turn.settings, file_id), await files.media_type(session, file_id))
            for file_id, name in sheet.files
        ]
    bot, chat_id = bot_of(event), turn.caller.chat_id
    for name, path, media_type in found:
        content = await asyncio.to_thread(Path.read_bytes, path)
        await send_screen(bot, chat_id, Screen(name, attachment=Attachment(name, content, media_type)))
    await _open(turn, scope, no)


@personal.callback_query(Press("duty:take"))
async def take(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.begin() as session:
        await duty.claim(session, scope, no, now=turn.now)
    await _open(turn, scope, no)


@personal.callback_query(Press("duty:next"))
async def take_next(event: CallbackQuery, turn: Turn) -> None:
    """The question whose hour is nearest."""
    scope = await fresh_scope(turn)
    async with turn.db.begin() as session:
        no = await duty.claim_next(session, scope, now=turn.now)
    if no is None:
        await turn.state.set_state(None)
        await turn.show(screens.empty(turn.t))
        return
    await _open(turn, scope, no)


# --- answering ---------------------------------------------------------------------------------------


@router.message(Working.answer, CONTENT, ~F.text.startswith("/"), OnDuty())
async def typed_answer(message: Message, turn: Turn) -> None:
    """The words are shown as the teacher will see them; files go with them."""
    data = await turn.state.get_data()
    found = [*data.get("duty_files", []), *await file_of(message, turn)]
    # A caption, or a file after the words, adds to what was written.
    text = words_of(message) or str(data.get("duty_text", ""))
    await _preview(turn, int(data.get("duty_ticket", 0)), text, found)


async def _preview(turn: Turn, no: int, text: str, found: list[int]) -> None:
    await turn.state.set_state(Working.answer)
    await turn.state.update_data(duty_ticket=no, duty_text=text, duty_files=found)
    count = len(found)
    shown = text if not count else f"{text}\n\n{turn.t('hotline-duty-card.files', n=str(count))}".strip()
    await turn.show(screens.preview(turn.t, no, shown))


@personal.callback_query(Press("duty:send"))
async def send(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    data = await turn.state.get_data()
    text = str(data.get("duty_text", "")) if data.get("duty_ticket") == no else ""
    async with turn.db.begin() as session:
        if not await duty.is_answered_by(session, scope, no):
            await duty.answer(
                session, scope, no, text, zone=turn.zone, now=turn.now, speak=says(turn),
                files=[int(number) for number in data.get("duty_files", [])],
            )  # fmt: skip
        sheet = await desk.sheet(session, scope, no)
    await _finished(turn)
    await turn.show(screens.sent(turn.t, no, offer=bool(text) and bool(sheet.text)))


async def _finished(turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.state.update_data(duty_ticket=0, duty_text="", duty_files=[])


@personal.callback_query(Press("duty:canned"))
async def canned(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.read() as session:
        pieces = [(row.id, row.title) for row in await desk.canned(session, scope, no)]
    await turn.show(screens.canned(turn.t, no, pieces))


@personal.callback_query(Press("duty:use"))
async def use(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        text = await desk.canned_text(session, scope, int(args[1]))
    await _preview(turn, int(args[0]), text, [])


@personal.callback_query(Press("duty:similar"))
async def similar(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.read() as session:
        sheet = await desk.sheet(session, scope, no)
        offers = await faq.similar(session, sheet.text, today=turn.today, limit=PAGE, among=True)
    await turn.show(screens.similar(turn.t, no, offers))


@personal.callback_query(Press("duty:use-faq"))
async def use_faq(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await fresh_scope(turn)
    async with turn.db.read() as session:
        one = await faq.ready(session, int(args[1]), today=turn.today)
    await _preview(turn, int(args[0]), one.answer, [])


@personal.callback_query(Press("duty:clarify"))
async def clarify(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, Working.clarify, "hotline-duty-clarify", int(args[0]))


@personal.callback_query(Press("duty:note"))
async def note(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _await(turn, Working.note, "hotline-duty-note", int(args[0]))


async def _await(turn: Turn, state: State, key: str, no: int) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        await desk.sheet(session, scope, no)
    await turn.state.set_state(state)
    await turn.state.update_data(duty_ticket=no)
    await turn.show(screens.asking(turn.t, key, no))


@router.message(Working.clarify, F.text.as_("text"), ~F.text.startswith("/"), OnDuty())
async def typed_clarify(message: Message, text: str, turn: Turn) -> None:
    scope, no = await fresh_scope(turn), await _ticket(turn)
    async with turn.db.begin() as session:
        await duty.ask_back(session, scope, no, text, now=turn.now, speak=says(turn))
    await _finished(turn)
    await turn.show(screens.done(turn.t, "hotline-duty-clarified", no))


@personal.callback_query(Press("duty:notes"))
async def notes(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """What colleagues have noted; the first note is written at once."""
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.read() as session:
        sheet = await desk.sheet(session, scope, no)
        names = await names_of(session, [piece.author_id for piece in sheet.notes])
    if not sheet.notes:
        await _await(turn, Working.note, "hotline-duty-note", no)
        return
    await turn.show(screens.notes(turn.t, sheet, names, zone=turn.zone, today=turn.today))


@router.message(Working.note, F.text.as_("text"), ~F.text.startswith("/"), OnDuty())
async def typed_note(message: Message, text: str, turn: Turn) -> None:
    scope, no = await fresh_scope(turn), await _ticket(turn)
    async with turn.db.begin() as session:
        await duty.note(session, scope, no, text, now=turn.now)
    await _finished(turn)
    await turn.show(screens.done(turn.t, "hotline-duty-noted", no, back=f"duty:open:{no}"))


@personal.callback_query(Press("duty:back"))
async def put_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.begin() as session:
        await duty.put_back(session, scope, no, now=turn.now)
    await _finished(turn)
    await turn.show(screens.done(turn.t, "hotline-duty-back", no))


@personal.callback_query(Press("duty:complex"))
async def complex_one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.begin() as session:
        await duty.set_complex(session, scope, no, zone=turn.zone, now=turn.now, speak=says(turn))
    await turn.show(screens.done(turn.t, "hotline-duty-complex", no, back=f"duty:open:{no}"))


@personal.callback_query(Press("duty:reopen"))
async def reopen(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.begin() as session:
        await duty.reopen(session, scope, no, zone=turn.zone, now=turn.now)
    await _open(turn, scope, no)


# --- to another --------------------------------------------------------------------------------------


@personal.callback_query(Press("duty:give"))
async def give(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, no = await fresh_scope(turn), int(args[0])
    async with turn.db.read() as session:
        people = await desk.colleagues(session, scope, no, now=turn.now)
    number = int(args[1]) if len(args) > 1 else 0
    await turn.show(screens.give(turn.t, no, people, min(max(0, number), max(0, (len(people) - 1) // PAGE))))


@personal.callback_query(Press("duty:give-to"))
async def give_to(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await fresh_scope(turn)
    no, to_id = int(args[0]), int(args[1])
    async with turn.db.read() as session:
        names = await names_of(session, [to_id])
    await turn.state.set_state(Working.reason)
    await turn.state.update_data(duty_ticket=no, duty_to=to_id)
    await turn.show(screens.reason(turn.t, no, names.get(to_id, "")))


@router.message(Working.reason, F.text.as_("text"), ~F.text.startswith("/"), OnDuty())
async def typed_reason(message: Message, text: str, turn: Turn) -> None:
    scope, no = await fresh_scope(turn), await _ticket(turn)
    to_id = int((await turn.state.get_data()).get("duty_to", 0))
    async with turn.db.begin() as session:
        await duty.give(session, scope, no, to_id, text[:300], now=turn.now, speak=says(turn))
        names = await names_of(session, [to_id])
    await _finished(turn)
    await turn.show(screens.done(turn.t, "hotline-duty-given", no, name=names.get(to_id, "")))


@personal.callback_query(Press("duty:end"))
async def end(event: CallbackQuery, turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        found = await desk.desk(session, scope, now=turn.now)
    await turn.show(screens.end(turn.t, found.mine))


@personal.callback_query(Press("duty:hand-over"))
async def hand_over(event: CallbackQuery, turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.begin() as session:
        count, name = await duty.hand_over(session, scope, zone=turn.zone, now=turn.now, speak=says(turn))
    await turn.show(screens.ended(turn.t, count, name))


# --- ready answers -----------------------------------------------------------------------------------


@personal.callback_query(Press("duty:ready"))
async def ready(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """One tap: the answer without names, as everybody would see it."""
    scope = await fresh_scope(turn)
    async with turn.db.begin() as session:
        one = await faq.candidate(session, scope, int(args[0]), now=turn.now)
    await turn.show(screens.ready(turn.t, one))


@personal.callback_query(Press("duty:ask-author"))
async def ask_author(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.begin() as session:
        await faq.ask_author(session, scope, int(args[0]), now=turn.now, speak=says(turn))
    await turn.show(screens.asked(turn.t))


# --- shifts ------------------------------------------------------------------------------------------


@personal.callback_query(Press("duty:shifts"))
async def shifts(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await fresh_scope(turn)
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        found = await roster.shifts(session, since=turn.now, until=turn.now + AHEAD)
    page = Page(found[number * PAGE :][:PAGE], number, len(found))
    await turn.show(screens.shifts(turn.t, page, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:swap"))
async def swap(event: CallbackQuery, turn: Turn) -> None:
    await _swap(turn, None, 0)


@personal.callback_query(Press("duty:swap-page"))
async def swap_page(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _swap(turn, None, int(args[0]))


@personal.callback_query(Press("duty:swap-mine"))
async def swap_mine(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _swap(turn, int(args[0]), 0)


@personal.callback_query(Press("duty:swap-more"))
async def swap_more(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _swap(turn, int(args[0]), int(args[1]))


async def _swap(turn: Turn, mine_id: int | None, number: int) -> None:
    """One's own slots first, then those of others."""
    scope = await fresh_scope(turn)
    async with turn.db.read() as session:
        found = await roster.shifts(session, since=turn.now, until=turn.now + AHEAD)
    number = max(0, number)
    own = [
        one for one in found if one.starts_at > turn.now and (one.methodist_id == scope.person_id) is (mine_id is None)
    ]
    page = Page(own[number * PAGE :][:PAGE], number, len(own))
    await turn.show(screens.swap(turn.t, page, mine_id, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:swap-with"))
async def swap_with(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await fresh_scope(turn)
    async with turn.db.begin() as session:
        await roster.offer_swap(session, scope, int(args[0]), int(args[1]), now=turn.now, speak=says(turn))
    await turn.show(screens.swap_asked(turn.t))


@personal.callback_query(Press("duty:swap-say"))
async def swap_say(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await fresh_scope(turn)
    agreed = args[1] == "yes"
    async with turn.db.begin() as session:
        await roster.answer_swap(session, scope, int(args[0]), agree=agreed, now=turn.now, speak=says(turn))
    await turn.show(screens.swap_done(turn.t, agreed=agreed))


@router.message(StateFilter(Working), CONTENT, ~F.text.startswith("/"))
async def elsewhere(message: Message, turn: Turn) -> None:
    """Another section's screen stands last: the words are not an answer."""
    await turn.state.set_state(None)
    raise SkipHandler


async def _ticket(turn: Turn) -> int:
    return int((await turn.state.get_data()).get("duty_ticket", 0))


router.include_router(personal)
