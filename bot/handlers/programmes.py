"""Programmes: belonging, the plan, tasks; the queue of works for those who accept them."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import StaleButton
from bot.filters import Press
from bot.handlers.iom_files import piece_of
from bot.handlers.links import LINKS
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import MemberState
from bot.screens import programmes as screens
from bot.screens.events.wording import When
from bot.services import codes, tutors
from bot.services.access import Right
from bot.services.documents import certificate as papers
from bot.services.programmes import belonging, ending, reading, working
from bot.ui.screen import Screen
from bot.ui.show import explained

router = Router(name="programmes")
for observer in (router.message, router.callback_query):
    observer.middleware(NeedsProfile())
    observer.middleware(Turns())

PLACE = "cohort"
"""The kind under which wrong codes of a chat are counted."""


class Studying(StatesGroup):
    """While something typed or sent is awaited."""

    code = State()
    work = State()
    comment = State()


# --- belonging -----------------------------------------------------------------------------------------


@router.callback_query(Press("programmes:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.show(await _home(turn))


async def _home(turn: Turn) -> Screen:
    scope = turn.caller.scope
    async with turn.db.read() as session:
        mine = await reading.mine(session, turn.caller.id)
        offered = await belonging.offered(session, turn.caller.id, today=turn.today)
        queue = None
        if scope.may(Right.programmes_run):
            _, queue = await working.queue(session, scope, today=turn.today)
        learners = len(await tutors.mine(session, turn.caller.id))
    return screens.home(turn.t, mine, offered, queue=queue, learners=learners)


@router.callback_query(Press("programmes:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(await _card(turn, int(args[0])))


async def _card(turn: Turn, cohort_id: int) -> Screen:
    async with turn.db.read() as session:
        one = await reading.card(session, turn.caller.id, cohort_id, now=turn.now)
        open_to_her = one.state is not None or await _is_offered(session, turn, cohort_id)
    if one.state in (MemberState.member, MemberState.completed, MemberState.ended):
        return screens.card(turn.t, one, _when(turn))
    if not open_to_her:
        raise StaleButton
    return screens.start(turn.t, one)


async def _is_offered(session: AsyncSession, turn: Turn, cohort_id: int) -> bool:
    """True when the rule of the programme is about her: others see nothing of a cohort."""
    offered = await belonging.offered(session, turn.caller.id, today=turn.today)
    return any(number == cohort_id for number, *_ in offered)


@router.callback_query(Press("programmes:join"))
async def join(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await belonging.join(session, turn.caller.id, number, now=turn.now, today=turn.today)
        one = await reading.card(session, turn.caller.id, number, now=turn.now)
    await turn.show(screens.needs(turn.t, one) if one.questions else screens.joined(turn.t, one))


@router.callback_query(Press("programmes:need"))
async def need(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        await belonging.mark_need(session, turn.caller.id, number, args[1], now=turn.now)
        one = await reading.card(session, turn.caller.id, number, now=turn.now)
    await turn.show(screens.needs(turn.t, one))


@router.callback_query(Press("programmes:joined"))
async def joined(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        one = await reading.card(session, turn.caller.id, int(args[0]), now=turn.now)
    if one.state is not MemberState.member:
        raise StaleButton
    await turn.show(screens.joined(turn.t, one))


@router.callback_query(Press("programmes:leave"))
async def leave(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        one = await reading.card(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.leaving(turn.t, one) if one.state is MemberState.member else await _home(turn))


@router.callback_query(Press("programmes:not"))
async def decline(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.begin() as session:
        title = await belonging.decline(session, turn.caller.id, number, now=turn.now)
    await turn.show(screens.declined(turn.t, title, number))


@router.callback_query(Press("programmes:code"))
async def code(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(Studying.code)
    await turn.show(screens.code(turn.t))


@router.message(Studying.code, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_code(message: Message, text: str, turn: Turn) -> None:
    place = codes.place_of(PLACE, turn.caller.messenger, turn.caller.chat_id)
    async with turn.db.begin() as session:
        number = await belonging.by_code(session, turn.caller.id, text[:40], place=place, now=turn.now)
        one = await reading.card(session, turn.caller.id, number, now=turn.now) if number is not None else None
    if one is None:
        with explained(turn.t("programmes-code-wrong")):
            await turn.show(screens.code(turn.t))
        return
    await turn.state.set_state(None)
    asked = one.questions and one.needs is None
    await turn.show(screens.needs(turn.t, one) if asked else screens.joined(turn.t, one))


@router.callback_query(Press("programmes:plan"))
async def plan(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, page = int(args[0]), max(int(args[1]), 0)
    async with turn.db.read() as session:
        one = await reading.card(session, turn.caller.id, number, now=turn.now)
        if one.state is None and not await _is_offered(session, turn, number):
            raise StaleButton
        meetings = await reading.plan(session, turn.caller.id, number)
    page = page if page * screens.PAGE < len(meetings) else 0
    await turn.show(screens.plan(turn.t, one, meetings, page, _when(turn)))


@router.callback_query(Press("programmes:cert"))
async def certificate(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The paper is made when it is asked for: nothing of it lies about."""
    async with turn.db.read() as session:
        paper = await ending.own_paper(session, turn.caller.id, int(args[0]))
    pdf = await papers.pdf_aside(turn.t, paper, check_url=f"{turn.settings.public_url}/check/{paper.number}")
    await turn.show(screens.certificate(turn.t, paper, hours=papers.hours(paper.hours), pdf=pdf))


# --- tasks -----------------------------------------------------------------------------------------------


@router.callback_query(Press("programmes:tasks"))
async def tasks(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await working.tasks(session, turn.caller.id, int(args[0]))
    await turn.show(screens.tasks(turn.t, int(args[0]), found))


@router.callback_query(Press("programmes:task"))
async def task(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        one = await working.task(session, turn.caller.id, int(args[0]))
    await turn.show(screens.task(turn.t, one))


@router.callback_query(Press("programmes:send"))
async def send(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        one = await working.task(session, turn.caller.id, int(args[0]))
    await turn.state.set_state(Studying.work)
    await turn.state.update_data(cohort_task=one.id)
    await turn.show(screens.hand_in(turn.t, one))


@router.message(Studying.work, ~F.text.startswith("/"))
async def handed(message: Message, turn: Turn) -> None:
    """Words, a photo or a file; anything else is told what would do."""
    number = int((await turn.state.get_data()).get("cohort_task") or 0)
    size = bot_of(message).limits.file_mb
    big = screens.too_big(turn.t, number, size=size, web=turn.settings.public_url)
    piece = await piece_of(message, turn, back=f"programmes:task:{number}", big=big)
    if piece is None:
        return
    async with turn.db.begin() as session:
        file_id = await piece.keep(session, turn.caller.id, now=turn.now) if piece.blob else None
        one = await working.send(session, turn.caller.id, number, text=piece.text, file_id=file_id, now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.handed(turn.t, one))


@router.callback_query(Press("programmes:later"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        one = await working.later(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.put_off(turn.t, one))


# --- staff -----------------------------------------------------------------------------------------------


@router.callback_query(Press("programmes:queue"))
async def queue(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.show(await _queue(turn, max(int(args[0]), 0)))


async def _queue(turn: Turn, number: int) -> Screen:
    async with turn.db.read() as session:
        found, total = await working.queue(session, turn.caller.scope, number=number, today=turn.today)
        if not found and total:
            number = 0
            found, total = await working.queue(session, turn.caller.scope, today=turn.today)
    address = f"{turn.settings.public_url}/admin/cohorts/works/{found[0].id}/file" if found else ""
    return screens.queue(turn.t, found, total, number, address=address)


@router.callback_query(Press("programmes:accept"))
async def accept(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        one = await working.decide(
            session, turn.caller.scope, int(args[0]), accept=True, now=turn.now, today=turn.today
        )
    await turn.show(screens.decided(turn.t, one))


@router.callback_query(Press("programmes:return"))
async def give_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        one = await working.work(session, turn.caller.scope, int(args[0]), today=turn.today)
    await turn.state.set_state(Studying.comment)
    await turn.state.update_data(cohort_work=one.id)
    await turn.show(screens.returning(turn.t, one))


@router.message(Studying.comment, F.text.as_("text"), ~F.text.startswith("/"))
async def commented(message: Message, text: str, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("cohort_work") or 0)
    async with turn.db.begin() as session:
        one = await working.decide(
            session, turn.caller.scope, number, accept=False, comment=text, now=turn.now, today=turn.today
        )
    await turn.state.set_state(None)
    await turn.show(screens.decided(turn.t, one))


# --- inside ----------------------------------------------------------------------------------------------


def _when(turn: Turn) -> When:
    return When(turn.now, turn.zone)


async def open_programmes(turn: Turn, rest: str) -> None:
    """A link to the section, or to a cohort."""
    known = rest.isascii() and rest.isdigit() and len(rest) <= 18
    await turn.go_to(f"programmes:card:{rest}" if known else "programmes:home")


LINKS["programme"] = open_programmes
