"""Ready answers: by words, by theme, offered before a question is sent. Guests and closed channels may read them."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.config import Policy
from bot.filters import Press, one_of
from bot.handlers.hotline.asking import OnLine
from bot.messengers.base import bot_of
from bot.middlewares.turn import Turn, Turns
from bot.models import TicketTheme
from bot.screens import hotline as screens
from bot.services.hotline import asking, faq

router = Router(name="hotline-answers")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())


class Finding(StatesGroup):
    """Words of an answer are awaited."""

    words = State()


@router.callback_query(Press("hotline:find"))
async def find(event: CallbackQuery, turn: Turn) -> None:
    if _closed(turn) or not turn.caller.known:
        await _themes(turn, 0)
        return
    await turn.state.set_state(Finding.words)
    await turn.show(screens.find(turn.t))


@router.message(Finding.words, F.text.as_("text"), ~F.text.startswith("/"), OnLine())
async def typed(message: Message, text: str, turn: Turn) -> None:
    await look_for(turn, text)


async def look_for(turn: Turn, text: str) -> None:
    """What is found by these words; the words are kept, so that they may become a question."""
    await turn.state.update_data(kept_text=text[:4000], kept_at=turn.now.isoformat())
    async with turn.db.read() as session:
        offers = await faq.similar(session, text, today=turn.today, limit=5, among=True)
    await turn.show(screens.found(turn.t, offers) if offers else screens.nothing_found(turn.t, text))


@router.callback_query(Press("hotline:themes"))
async def themes(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _themes(turn, max(0, int(args[0])) if args else 0)


async def _themes(turn: Turn, number: int) -> None:
    async with turn.db.read() as session:
        held = await faq.themes(session, today=turn.today)
    back = "hotline:home" if turn.caller.known else "menu:home"
    await turn.show(screens.themes(turn.t, held, min(number, max(0, (len(held) - 1) // 5)), back=back))


@router.callback_query(Press("hotline:of"))
async def of_theme(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    theme = one_of(TicketTheme, args[0])
    async with turn.db.read() as session:
        offers = await faq.of_theme(session, theme, today=turn.today)
    title = turn.t(f"hotline-theme.{theme.value}")
    await turn.show(screens.found(turn.t, offers, title=title, back="hotline:themes"))


@router.callback_query(Press("hotline:faq"))
async def read(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    drafted = args[1:] == ["d"] and turn.caller.known
    async with turn.db.read() as session:
        one = await faq.ready(session, int(args[0]), today=turn.today)
    back = "hotline:ask" if drafted else f"hotline:of:{one.theme.value}"
    closed = _closed(turn)
    await turn.show(screens.faq(turn.t, one, drafted=drafted, closed=closed, back=back, today=turn.today))


@router.callback_query(Press("hotline:helped"))
async def helped(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Помогло»: counted; a question that found its answer need not be sent."""
    async with turn.db.begin() as session:
        await faq.rated(session, int(args[0]), helped=True)
        if args[1:] == ["d"] and turn.caller.known:
            await asking.cancel(session, turn.caller.id)
    await turn.state.set_state(None)
    await turn.show(screens.thanks(turn.t))


@router.callback_query(Press("hotline:unhelped"))
async def unhelped(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Отправить мой» after reading: counted against the answer."""
    async with turn.db.begin() as session:
        await faq.rated(session, int(args[0]), helped=False)
    await turn.go_to("hotline:own")


def _closed(turn: Turn) -> bool:
    return bot_of(turn.event).policy is not Policy.full
