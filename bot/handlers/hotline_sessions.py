"""Sessions of questions: one asks within the term, one post of the methodist answers everybody."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.handlers.duty import OnDuty, fresh_scope
from bot.handlers.hotline.asking import Asking
from bot.handlers.hotline.intake import says
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import hotline_sessions as screens
from bot.services.hotline import asking, sessions
from bot.ui.pager import Page

router = Router(name="hotline-sessions")
router.message.middleware(Turns())
personal = Router(name="hotline-sessions-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())


class Gathering(StatesGroup):
    """The post that answers a session is awaited."""

    answer = State()


@personal.callback_query(Press("hotline:session"))
async def ask(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A question for this session; what was begun before goes to it too."""
    number = int(args[0])
    async with turn.db.begin() as session:
        found = await sessions.one(session, number)
        takes = found.takes(turn.now)
        if takes:
            await asking.begin(session, turn.caller.id, turn.caller.messenger, now=turn.now, session_id=number)
    await turn.state.set_state(Asking.text if takes else None)
    await turn.show(
        screens.ask(turn.t, found, zone=turn.zone, today=turn.today) if takes else screens.over(turn.t, found)
    )


@personal.callback_query(Press("duty:sessions"))
async def listed(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    scope, number = await fresh_scope(turn), max(0, int(args[0]))
    async with turn.db.read() as session:
        found, total = await sessions.listed(session, scope, number, size=screens.PER_PAGE, waiting=True)
    await turn.show(screens.listed(turn.t, Page(found, number, total), zone=turn.zone, today=turn.today))


@personal.callback_query(Press("duty:session"))
async def one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, number = await fresh_scope(turn), int(args[0])
    place = max(0, int(args[1])) if len(args) > 1 else 0
    async with turn.db.read() as session:
        found = await sessions.one(session, number)
        asked = await sessions.questions(session, scope, number)
    page = Page(asked[place * screens.PER_PAGE :][: screens.PER_PAGE], place, len(asked))
    waits = found.is_open and found.waiting > 0
    await turn.state.set_state(Gathering.answer if waits else None)
    await turn.state.update_data(duty_session=number, duty_session_text="")
    await turn.show(screens.one(turn.t, found, page, zone=turn.zone, today=turn.today))


@router.message(Gathering.answer, F.text.as_("text"), ~F.text.startswith("/"), OnDuty())
async def typed(message: Message, text: str, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("duty_session", 0))
    await turn.state.update_data(duty_session_text=text)
    async with turn.db.read() as session:
        found = await sessions.one(session, number)
    await turn.show(screens.preview(turn.t, found, text))


@personal.callback_query(Press("duty:session-send"))
async def send(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope, number = await fresh_scope(turn), int(args[0])
    data = await turn.state.get_data()
    text = str(data.get("duty_session_text", "")) if data.get("duty_session") == number else ""
    async with turn.db.begin() as session:
        told = await sessions.answer(session, scope, number, text, zone=turn.zone, now=turn.now, speak=says(turn))
    await turn.state.set_state(None)
    await turn.state.update_data(duty_session=0, duty_session_text="")
    await turn.show(screens.sent(turn.t, told))


router.include_router(personal)
