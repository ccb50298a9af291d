"""Cases handed in by teachers; staff mark them, and what they see at lessons, by criteria in the chat."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.clock import local_date
from bot.errors import UserError
from bot.filters import Press
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import InstrumentKind, MessageClass
from bot.screens import marking as screens
from bot.screens import tasks as task_screens
from bot.services import files, methodists, outbox
from bot.services.access import Right, Scope, scope_of
from bot.services.diagnostics import marking, open_attempt
from bot.services.identities import Caller
from bot.ui.pager import Page
from bot.ui.screen import Attachment, Screen

router = Router(name="marking")
router.message.middleware(Turns())
personal = Router(name="marking-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())


class Observation(StatesGroup):
    """The name of whom a lesson is watched."""

    whom = State()


async def _scope(turn: Turn) -> Scope:
    """Fresh roles: a right that opens another person's work is never taken from memory."""
    async with turn.db.read() as session:
        scope = await scope_of(session, turn.caller.id, today=turn.today)
    scope.require(Right.results_mark)
    return scope


# --- the teacher hands in --------------------------------------------------------------------------


class OnCase(Filter):
    """True where a case may be the last screen: its «Отложить» stands there, or nothing is remembered."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        return caller.known and (not shown or any(b.action == "diagnostics:case-later" for row in shown for b in row))


@router.message(F.text.as_("text"), ~F.text.startswith("/"), StateFilter(None), OnCase())
async def typed_case(message: Message, text: str, turn: Turn) -> None:
    case = await _awaited(turn)
    try:
        await _hand_in(turn, text=text)
    except UserError as failure:
        # The case stays on the screen, so that the next words are heard too.
        await turn.show(case.above(turn.t(failure.key)))


@router.message(F.document | F.photo, StateFilter(None), OnCase())
async def sent_case(message: Message, turn: Turn) -> None:
    """A file or a picture; it is fetched at once and kept with us."""
    await _awaited(turn)
    found = message.document or (message.photo[-1] if message.photo else None)
    assert found is not None
    limit = bot_of(message).limits.file_mb
    if (found.file_size or 0) > limit * 2**20:
        raise UserError("error-file-big", size=str(limit))
    buffer = io.BytesIO()
    await bot_of(message).download(found, destination=buffer)
    blob = await files.put(turn.settings, buffer.getvalue())
    name = message.document.file_name if message.document else "foto.jpg"
    media = message.document.mime_type if message.document else "image/jpeg"
    async with turn.db.begin() as session:
        stored = await files.add(
            session, blob, name=name or "file", media_type=media or "application/octet-stream",
            owner_id=turn.caller.id, purpose="case", now=turn.now,
        )  # fmt: skip
        file_id = stored.id
    await _hand_in(turn, text=message.caption or "", file_id=file_id)


async def _awaited(turn: Turn) -> Screen:
    """The open case; another handler's turn when there is none."""
    async with turn.db.read() as session:
        step = await open_attempt(session, turn.caller.id)
    if step is None or step.content.kind is not InstrumentKind.case_rubric:
        raise SkipHandler
    return task_screens.case(turn.t, step.content)


async def _hand_in(turn: Turn, *, text: str = "", file_id: int | None = None) -> None:
    async with turn.db.begin() as session:
        await marking.submit(session, turn.caller.id, text=text, file_id=file_id, now=turn.now)
        methodist = await methodists.name_for(session, turn.caller.id, today=turn.today)
    await turn.show(task_screens.case_sent(turn.t, methodist))


@personal.callback_query(Press("diagnostics:case-later"))
async def case_later(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(task_screens.case_later(turn.t))


# --- staff mark ------------------------------------------------------------------------------------


@personal.callback_query(Press("diagnostics:marking"))
async def waiting(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _list(turn, int(args[0]))


async def _list(turn: Turn, number: int) -> None:
    scope = await _scope(turn)
    async with turn.db.read() as session:
        lines, total = await marking.waiting(session, scope, today=turn.today, page=max(0, number))
    await turn.show(screens.waiting(turn.t, Page(lines, max(0, number), total), zone=turn.zone, today=turn.today))


@personal.callback_query(Press("diagnostics:sheet"))
async def work(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        sheet = await marking.sheet(session, scope, int(args[0]), now=turn.now)
    await turn.show(screens.work(turn.t, sheet))


@personal.callback_query(Press("diagnostics:work"))
async def whole(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        sheet = await marking.sheet(session, scope, int(args[0]), now=turn.now)
    await turn.show(screens.whole_text(turn.t, sheet))


@personal.callback_query(Press("diagnostics:file"))
async def file(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The file of a work, for whoever may mark it."""
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        sheet = await marking.sheet(session, scope, int(args[0]), now=turn.now)
        stored = await marking.file_for(session, scope, int(args[0]), now=turn.now)
        path = await files.path_of(session, turn.settings, stored.id)
        name, media_type = stored.name, stored.media_type
    content = await asyncio.to_thread(Path.read_bytes, path)
    fresh = screens.work(turn.t, sheet)
    await turn.show(Screen(fresh.text, fresh.rows, attachment=Attachment(name, content, media_type)))


@personal.callback_query(Press("diagnostics:criterion"))
async def criterion(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        sheet = await marking.sheet(session, scope, int(args[0]), now=turn.now)
    await turn.show(screens.criterion(turn.t, sheet))


@personal.callback_query(Press("diagnostics:mark"))
async def mark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A level, or 0 for «не оценивать»; the next criterion follows."""
    scope = await _scope(turn)
    attempt_id, item_id, level = int(args[0]), int(args[1]), int(args[2])
    async with turn.db.begin() as session:
        await marking.mark(session, scope, attempt_id, item_id, level or None, now=turn.now)
        sheet = await marking.sheet(session, scope, attempt_id, now=turn.now)
    await turn.show(screens.criterion(turn.t, sheet))


@personal.callback_query(Press("diagnostics:unmark"))
async def unmark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        await marking.unmark(session, scope, int(args[0]), now=turn.now)
        sheet = await marking.sheet(session, scope, int(args[0]), now=turn.now)
    await turn.show(screens.criterion(turn.t, sheet))


@personal.callback_query(Press("diagnostics:marked"))
async def marked(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Close the work and tell its author, without a word about levels."""
    scope = await _scope(turn)
    attempt_id = int(args[0])
    async with turn.db.begin() as session:
        sheet = await marking.sheet(session, scope, attempt_id, now=turn.now)
        person_id = await marking.complete(session, scope, attempt_id, now=turn.now, on=local_date(turn.now, turn.zone))
        await outbox.say(
            session, person_id, screens.tell(turn.t), message_class=MessageClass.for_you, kind="diagnostics-marked",
            dedupe=f"diagnostics-marked:{attempt_id}", now=turn.now,
        )  # fmt: skip
    await turn.show(screens.done(turn.t, sheet.person))


@personal.callback_query(Press("diagnostics:sheet-drop"))
async def drop(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        await marking.drop(session, scope, int(args[0]), now=turn.now)
    await _list(turn, 0)


# --- a lesson is watched ---------------------------------------------------------------------------


@personal.callback_query(Press("diagnostics:observe"))
async def observe(event: CallbackQuery, turn: Turn) -> None:
    await _scope(turn)
    await turn.state.set_state(Observation.whom)
    await turn.show(screens.observe_whom(turn.t))


@router.message(Observation.whom, F.text.as_("text"))
async def observe_whom(message: Message, text: str, turn: Turn) -> None:
    scope = await _scope(turn)
    query = text[:100]
    async with turn.db.read() as session:
        found = await marking.find_people(session, scope, query, today=turn.today)
    if found:
        await turn.state.set_state(None)
    await turn.show(screens.observe_found(turn.t, found, query))


@personal.callback_query(Press("diagnostics:observe-person"))
async def observe_person(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.read() as session:
        await marking.require_person(session, scope, int(args[0]), today=turn.today)
        found = await marking.sheets(session, scope)
    await turn.show(screens.observe_sheet(turn.t, int(args[0]), found))


@personal.callback_query(Press("diagnostics:observe-start"))
async def observe_start(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        attempt_id = await marking.observe(session, scope, int(args[0]), int(args[1]), now=turn.now, today=turn.today)
        sheet = await marking.sheet(session, scope, attempt_id, now=turn.now)
    await turn.show(screens.work(turn.t, sheet))


router.include_router(personal)
