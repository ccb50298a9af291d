"""Words nobody waited for: «Это вопрос на горячую линию?» Nothing that was typed is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiogram import F, Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.handlers.hotline.answers import look_for
from bot.handlers.hotline.asking import Asking, _next
from bot.handlers.hotline.intake import says
from bot.middlewares.crisis import Crisis
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.rules.hotline_words import is_question
from bot.screens import hotline as screens
from bot.services.hotline import asking
from bot.services.identities import Caller

router = Router(name="hotline-kept")
router.message.middleware(Turns())
personal = Router(name="hotline-kept-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())

KEPT_FOR = timedelta(hours=24)
LONGEST = 20_000


class Question(Filter):
    """Question-like words of somebody we know."""

    async def __call__(self, message: Message, caller: Caller, crisis: Crisis | None = None) -> bool:
        return caller.known and (crisis is not None or is_question(message.text or ""))


@router.message(F.text.as_("text"), ~F.text.startswith("/"), Question())
async def unexpected(message: Message, text: str, turn: Turn, crisis: Crisis | None = None) -> None:
    """Stands before the last router: every step that waits for words had its turn."""
    await turn.state.update_data(kept_text=text[:LONGEST], kept_at=turn.now.isoformat())
    if crisis is not None:
        crisis.unsent = True
        return
    async with turn.db.read() as session:
        ticket = await asking.in_clarification(session, turn.caller.id)
        ticket = ticket or await asking.newest_open(session, turn.caller.id)
    await turn.show(screens.kept(turn.t, text, ticket))


@personal.callback_query(Press("hotline:kept"))
async def send(event: CallbackQuery, turn: Turn) -> None:
    """The kept words become a question, without being typed again."""
    text = await _kept(turn)
    if not text:
        await turn.show(screens.kept_gone(turn.t))
        return
    async with turn.db.begin() as session:
        await asking.write(session, turn.caller.id, turn.caller.messenger, text, source=None, now=turn.now)
    await turn.state.set_state(Asking.text)
    await turn.state.update_data(kept_text="", kept_at="")
    await turn.show(await _next(turn))


@personal.callback_query(Press("hotline:kept-add"))
async def add(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """They belong to a question that is open."""
    text = await _kept(turn)
    if not text:
        await turn.show(screens.kept_gone(turn.t))
        return
    async with turn.db.begin() as session:
        added = await asking.add(
            session, turn.caller.id, int(args[0]), text, source=None, zone=turn.zone, now=turn.now, speak=says(turn)
        )
    await turn.state.update_data(kept_text="", kept_at="")
    await turn.show(screens.added(turn.t, added, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("hotline:kept-find"))
async def find(event: CallbackQuery, turn: Turn) -> None:
    text = await _kept(turn)
    if not text:
        await turn.show(screens.kept_gone(turn.t))
        return
    await look_for(turn, text)


@personal.callback_query(Press("hotline:kept-drop"))
async def drop(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.update_data(kept_text="", kept_at="")
    await turn.go_to("menu:home")


async def _kept(turn: Turn) -> str:
    """What was typed within the last day."""
    data = await turn.state.get_data()
    text, at = str(data.get("kept_text") or ""), str(data.get("kept_at") or "")
    if not text or not at or turn.now - datetime.fromisoformat(at) > KEPT_FOR:
        return ""
    return text


router.include_router(personal)
