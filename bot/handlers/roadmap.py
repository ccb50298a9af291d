"""The roadmap in the chat: the person responsible, whoever knows a date, and the checker."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.errors import NotFound, UserError
from bot.filters import Press
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import MessageClass, OccurrenceKind, QuestionState
from bot.screens import roadmap as screens
from bot.services import files, outbox, roadmap
from bot.services.access import Scope, scope_of
from bot.services.roadmap import cards, checking, doing, looking, papers, people, snapshots
from bot.services.roadmap.cards import Own
from bot.services.roadmap.checking import Verdict
from bot.services.roadmap.doing import Handed
from bot.ui.pager import PAGE, Page
from bot.ui.screen import Attachment, Screen

router = Router(name="roadmap")
router.message.middleware(NeedsProfile())
router.message.middleware(Turns())
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())

PURPOSE = "roadmap-evidence"


class Road(StatesGroup):
    """What is awaited as text or a file."""

    proof = State()
    part = State()
    move = State()
    date = State()
    why = State()


async def _scope(turn: Turn) -> Scope:
    """Fresh roles and posts: nothing about measures is taken from memory."""
    async with turn.db.read() as session:
        return await scope_of(session, turn.caller.id, today=turn.today)


async def _own(turn: Turn, scope: Scope, number: int) -> Own:
    async with turn.db.read() as session:
        return await cards.own_day(session, scope, number, today=turn.today)


# --- one's measures --------------------------------------------------------------------------------


@router.callback_query(Press("roadmap:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    scope = await _scope(turn)
    number = max(0, int(args[0])) if args else 0
    async with turn.db.read() as session:
        found = await looking.own(session, scope, today=turn.today)
        _, checks = await checking.queue(session, scope, size=1)
        transfers = await checking.transfers(session, scope)
    page = Page(found[number * PAGE :][:PAGE], number, len(found))
    if not page.things and found:
        page = Page(found[:PAGE], 0, len(found))
    await turn.show(screens.home(turn.t, page, found, checks=checks, transfers=len(transfers), today=turn.today))


@router.callback_query(Press("roadmap:measure"))
async def measure(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A measure of the list: its nearest day, or the date that is missing."""
    scope = await _scope(turn)
    async with turn.db.read() as session:
        found = await cards.card(session, scope, int(args[0]), today=turn.today)
    line = found.line
    if found.question is not None and (line.day is None or line.day.tentative):
        await turn.show(screens.question(turn.t, found.question.id, line.title, line.deadline))
    elif line.day is not None:
        await _show_day(turn, scope, line.day.id)
    else:
        raise NotFound()


@router.callback_query(Press("roadmap:day"))
async def day(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _show_day(turn, await _scope(turn), int(args[0]))


async def _show_day(turn: Turn, scope: Scope, number: int, above: str = "") -> None:
    async with turn.db.read() as session:
        own = await cards.own_day(session, scope, number, today=turn.today)
        acting = await cards.may_act(session, scope, own.measure_id, today=turn.today)
    screen = screens.day(turn.t, own, acting=acting, today=turn.today, zone=turn.zone)
    await turn.show(screen.above(above) if above else screen)


async def _begin(turn: Turn, number: int, state: State, make: Callable[[Own], Screen]) -> None:
    """Wait for words about a day that is still open; the fresh screen for one that is not."""
    scope = await _scope(turn)
    async with turn.db.read() as session:
        day = await doing.own_day(session, scope, number, today=turn.today)
    open_for = (*looking.OPEN, looking.STANDING[-1]) if state is Road.proof else looking.OPEN
    if day.state not in open_for:
        await _show_day(turn, scope, number)
        return
    own = await _own(turn, scope, number)
    await turn.state.set_state(state)
    await turn.state.update_data(road=number, road_to="")
    await turn.show(make(own))


async def _awaited(turn: Turn) -> int:
    number = (await turn.state.get_data()).get("road")
    if not isinstance(number, int):
        raise NotFound()
    return number


@router.callback_query(Press("roadmap:done"))
async def done(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    ready = await _ready(turn, int(args[0]))
    await _begin(turn, int(args[0]), Road.proof, lambda own: screens.proof(turn.t, own, ready, today=turn.today))


async def _ready(turn: Turn, number: int) -> snapshots.Offer:
    """Registers of ours that may prove the day."""
    scope = await _scope(turn)
    async with turn.db.read() as session:
        return await snapshots.offer(session, scope, number, today=turn.today, zone=turn.zone)


@router.callback_query(Press("roadmap:registers"))
async def registers(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Another register than the one the measure's words name."""
    own = await _own(turn, await _scope(turn), int(args[0]))
    await turn.show(screens.registers(turn.t, own, await _ready(turn, own.day.id)))


@router.callback_query(Press("roadmap:snap"))
async def snap(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """One tap: the register as it stands becomes a file that never changes and goes to be checked."""
    scope = await _scope(turn)
    own = await _own(turn, scope, int(args[0]))
    if own.day.state not in (*looking.OPEN, looking.STANDING[-1]):
        await _show_day(turn, scope, own.day.id)
        return
    async with turn.db.read() as session:
        found = await snapshots.read(session, scope, own.day.id, args[1], today=turn.today, zone=turn.zone)
    content = await asyncio.to_thread(snapshots.book, turn.t, found, measure=own.title, now=turn.now)
    blob = await files.put(turn.settings, content)
    async with turn.db.begin() as session:
        stored = await files.add(
            session, blob, name=snapshots.file_name(turn.t, found), media_type=papers.XLSX, owner_id=turn.caller.id,
            purpose=PURPOSE, now=turn.now,
        )  # fmt: skip
        given = Handed(snapshots.said(turn.t, found), stored.id, snapshot=found.about(turn.now))
        await _put_in(turn, session, scope, own.day.id, given)
    await turn.state.set_state(None)
    await turn.show(screens.sent(turn.t, await _own(turn, scope, own.day.id)))


async def _put_in(turn: Turn, session: AsyncSession, scope: Scope, number: int, given: Handed) -> None:
    """Evidence is written, and the second pair of eyes is told, at once."""
    evidence = await doing.hand_in(session, scope, number, given, today=turn.today, now=turn.now)
    await checking.call(
        session, evidence, lambda one: screens.check_asked(turn.t, one, today=turn.today), today=turn.today,
        now=turn.now,
    )  # fmt: skip


@router.message(Road.proof, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_proof(message: Message, text: str, turn: Turn) -> None:
    await _hand_in(turn, Handed(text))


@router.message(Road.proof, F.document | F.photo)
async def sent_proof(message: Message, turn: Turn) -> None:
    """A file or a picture; it is fetched at once and kept with us."""
    number = await _awaited(turn)
    scope = await _scope(turn)
    async with turn.db.read() as session:
        await doing.own_day(session, scope, number, today=turn.today)
    found = message.document or (message.photo[-1] if message.photo else None)
    assert found is not None
    limit = bot_of(message).limits.file_mb
    if (found.file_size or 0) > limit * 2**20:
        raise UserError("error-file-big", size=str(limit))
    buffer = io.BytesIO()
    await bot_of(message).download(found, destination=buffer)
    blob = await files.put(turn.settings, buffer.getvalue())
    name = (message.document.file_name if message.document else "") or "foto.jpg"
    media = (message.document.mime_type if message.document else "image/jpeg") or "application/octet-stream"
    async with turn.db.begin() as session:
        stored = await files.add(
            session, blob, name=name, media_type=media, owner_id=turn.caller.id, purpose=PURPOSE, now=turn.now
        )
        file_id = stored.id
    await _hand_in(turn, Handed(message.caption or "", file_id, photo=bool(message.photo)))


async def _hand_in(turn: Turn, given: Handed) -> None:
    number = await _awaited(turn)
    scope = await _scope(turn)
    try:
        async with turn.db.begin() as session:
            await _put_in(turn, session, scope, number, given)
    except UserError as failure:
        if isinstance(failure, NotFound):
            raise
        # The question stays, so that the next words are heard too.
        own = await _own(turn, scope, number)
        screen = screens.proof(turn.t, own, await _ready(turn, number), today=turn.today)
        await turn.show(screen.above(turn.t(failure.key)))
        return
    await turn.state.set_state(None)
    await turn.show(screens.sent(turn.t, await _own(turn, scope, number)))


@router.callback_query(Press("roadmap:take"))
async def take_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        await doing.take_back(session, scope, int(args[0]), today=turn.today, now=turn.now)
    await _show_day(turn, scope, int(args[0]))


@router.callback_query(Press("roadmap:part"))
async def part(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _begin(turn, int(args[0]), Road.part, lambda own: screens.partly(turn.t, own, today=turn.today))


@router.message(Road.part, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_part(message: Message, text: str, turn: Turn) -> None:
    number = await _awaited(turn)
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        await doing.partly(session, scope, number, text, today=turn.today, now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.partly_done(turn.t, await _own(turn, scope, number), today=turn.today))


@router.message(Road.part, F.document | F.photo)
async def sent_part(message: Message, turn: Turn) -> None:
    """A file in place of the quarterly word is evidence."""
    number = await _awaited(turn)
    own = await _own(turn, await _scope(turn), number)
    if own.day.kind is not OccurrenceKind.word:
        await turn.show(screens.partly(turn.t, own, today=turn.today).above(turn.t("error-needs-text")))
        return
    await sent_proof(message, turn)


@router.callback_query(Press("roadmap:move"))
async def move(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _begin(turn, int(args[0]), Road.move, lambda own: screens.move(turn.t, own, today=turn.today))


@router.message(Road.move, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_move(message: Message, text: str, turn: Turn) -> None:
    number = await _awaited(turn)
    scope = await _scope(turn)
    named = (await turn.state.get_data()).get("road_to", "")
    if named and not doing.names_a_day(text, turn.today):
        text = f"{named}, {text}"  # The day came in the message before, this is the reason.
    try:
        async with turn.db.begin() as session:
            await doing.ask_move(session, scope, number, text, today=turn.today, now=turn.now)
    except UserError as failure:
        if isinstance(failure, NotFound):
            raise
        if failure.key == "error-roadmap-reason":
            await turn.state.update_data(road_to=text[:80].strip(" ,"))
        own = await _own(turn, scope, number)
        await turn.show(screens.move(turn.t, own, today=turn.today).above(turn.t(failure.key)))
        return
    await turn.state.set_state(None)
    await turn.show(screens.move_sent(turn.t, await _own(turn, scope, number), today=turn.today))


@router.callback_query(Press("roadmap:not-mine"))
async def not_mine(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    own = await _own(turn, scope, int(args[0]))
    async with turn.db.read() as session:
        found = await people.candidates(session, scope, own.measure_id, today=turn.today)
    await turn.show(screens.not_mine(turn.t, own, found))


@router.callback_query(Press("roadmap:pass"))
async def pass_on(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    own = await _own(turn, scope, int(args[0]))
    async with turn.db.begin() as session:
        person = await people.pass_on(session, scope, own.measure_id, int(args[1]), today=turn.today, now=turn.now)
    await turn.show(screens.passed(turn.t, person))


@router.callback_query(Press("roadmap:later"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The same reminder tomorrow, because she asked."""
    own = await _own(turn, await _scope(turn), int(args[0]))
    tomorrow = turn.now + timedelta(days=1)
    async with turn.db.begin() as session:
        await outbox.say(
            session,
            turn.caller.id,
            screens.again(turn.t, own, today=local_date(tomorrow, turn.zone)),
            message_class=MessageClass.staff,
            kind="roadmap-later",
            dedupe=f"roadmap-later:{turn.caller.id}:{own.day.id}:{local_date(tomorrow, turn.zone)}",
            now=turn.now,
            not_before=tomorrow,
        )
    await turn.show(screens.later(turn.t, own, today=turn.today))


# --- a date that only people know ------------------------------------------------------------------


@router.callback_query(Press("roadmap:question"))
async def question(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _show_question(turn, await _scope(turn), int(args[0]))


async def _show_question(turn: Turn, scope: Scope, number: int) -> bool:
    """The question while it is open; the nearest day of its measure after that. True when it is open."""
    async with turn.db.read() as session:
        asked, its = await cards.question_of(session, scope, number, today=turn.today)
        still = asked.state is QuestionState.open
        title, phrase, measure_id = its.title, its.deadline_own or its.deadline, its.id
        found = None if still else await cards.card(session, scope, measure_id, today=turn.today)
    if found is not None:
        if found.line.day is None:
            raise NotFound()
        await _show_day(turn, scope, found.line.day.id)
        return False
    await turn.show(screens.question(turn.t, number, title, phrase))
    return True


@router.callback_query(Press("roadmap:date"))
async def ask_date(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    number = int(args[0])
    async with turn.db.read() as session:
        asked = await doing.own_question(session, scope, number, today=turn.today)
        _, its = await cards.question_of(session, scope, number, today=turn.today)
    if asked.state is not QuestionState.open:
        await _show_question(turn, scope, number)
        return
    await turn.state.set_state(Road.date)
    await turn.state.update_data(road=number)
    await turn.show(screens.question_date(turn.t, number, event=bool(its.schedule.get("offset"))))


@router.message(Road.date, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_date(message: Message, text: str, turn: Turn) -> None:
    number = await _awaited(turn)
    scope = await _scope(turn)
    try:
        named = doing.exact_day(text, turn.today)
        async with turn.db.begin() as session:
            days = await roadmap.days_off(session, today=turn.today)
            due = await doing.name_date(session, scope, number, named, days=days, today=turn.today, now=turn.now)
    except UserError as failure:
        if isinstance(failure, NotFound):
            raise
        await turn.show(screens.question_date(turn.t, number, event=False).above(turn.t(failure.key)))
        return
    await turn.state.set_state(None)
    await turn.show(screens.date_named(turn.t, due, today=turn.today))


@router.callback_query(Press("roadmap:unknown"))
async def unknown(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        again = await doing.unknown_yet(session, scope, int(args[0]), today=turn.today, now=turn.now)
    await turn.show(screens.date_unknown(turn.t, again, today=turn.today))


@router.callback_query(Press("roadmap:other"))
async def other(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    number = int(args[0])
    async with turn.db.read() as session:
        asked = await doing.own_question(session, scope, number, today=turn.today)
        found = await people.candidates(session, scope, asked.measure_id, today=turn.today)
    await turn.show(screens.date_other(turn.t, number, found))


@router.callback_query(Press("roadmap:ask"))
async def ask_other(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    number, person_id = int(args[0]), int(args[1])
    async with turn.db.begin() as session:
        asked = await doing.own_question(session, scope, number, today=turn.today)
        found = await people.candidates(session, scope, asked.measure_id, today=turn.today)
        chosen = next((person for person in found if person.id == person_id), None)
        if chosen is None:
            raise NotFound()
        await doing.other_knows(session, scope, number, person_id, today=turn.today, now=turn.now)
    await turn.show(screens.date_passed(turn.t, chosen))


# --- the second pair of eyes -----------------------------------------------------------------------


@router.callback_query(Press("roadmap:checks"))
async def checks(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    number = max(0, int(args[0])) if args else 0
    async with turn.db.read() as session:
        found, total = await checking.queue(session, scope, page=number)
        if not found and total:
            number = 0
            found, total = await checking.queue(session, scope)
    await turn.show(screens.checks(turn.t, Page(found, number, total), zone=turn.zone, today=turn.today))


@router.callback_query(Press("roadmap:check"))
async def check(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    scope = await _scope(turn)
    async with turn.db.read() as session:
        one = await checking.evidence(session, scope, int(args[0]))
    await turn.show(screens.check(turn.t, one, today=turn.today))


@router.callback_query(Press("roadmap:file"))
async def file(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The file of evidence, for whoever may check it."""
    scope = await _scope(turn)
    async with turn.db.read() as session:
        one = await checking.evidence(session, scope, int(args[0]))
        stored = await checking.file_for(session, scope, int(args[0]))
        path = await files.path_of(session, turn.settings, stored.id)
        name, media_type = stored.name, stored.media_type
    content = await asyncio.to_thread(Path.read_bytes, path)
    fresh = screens.check(turn.t, one, today=turn.today)
    await turn.show(Screen(fresh.text, fresh.rows, attachment=Attachment(name, content, media_type)))


@router.callback_query(Press("roadmap:accept"))
async def accept(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        verdict = await checking.accept(session, scope, int(args[0]), now=turn.now)
        screen = screens.closed(turn.t, verdict, today=turn.today)
        await checking.tell(session, verdict, screen, f"roadmap-accepted:{args[0]}", now=turn.now)
    await turn.show(screens.accepted(turn.t))


@router.callback_query(Press("roadmap:return"))
async def give_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.read() as session:
        one = await checking.evidence(session, scope, int(args[0]))
    await turn.state.set_state(Road.why)
    await turn.state.update_data(road=one.id)
    await turn.show(screens.check_why(turn.t, one))


@router.message(Road.why, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_why(message: Message, text: str, turn: Turn) -> None:
    number = await _awaited(turn)
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        verdict = await checking.give_back(session, scope, number, text, now=turn.now)
        await checking.tell(session, verdict, screens.back(turn.t, verdict), f"roadmap-returned:{number}", now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.returned(turn.t))


@router.callback_query(Press("roadmap:transfers"))
async def transfers(event: CallbackQuery, turn: Turn) -> None:
    await _show_transfers(turn, await _scope(turn))


async def _show_transfers(turn: Turn, scope: Scope) -> None:
    async with turn.db.read() as session:
        found = await checking.transfers(session, scope)
    await turn.show(screens.transfers(turn.t, found, today=turn.today))


@router.callback_query(Press("roadmap:decide"))
async def decide(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    number, agree = int(args[0]), args[1] == "1"
    async with turn.db.begin() as session:
        verdict: Verdict = await checking.decide_move(session, scope, number, agree=agree, now=turn.now)
        screen = screens.moved(turn.t, verdict, agreed=agree, today=turn.today)
        await checking.tell(session, verdict, screen, f"roadmap-moved:{number}:{turn.now:%Y%m%d%H%M%S}", now=turn.now)
    await _show_transfers(turn, scope)
