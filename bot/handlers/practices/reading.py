"""The bank for its readers: list, card, files, «получилось применить», links."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.config import Policy
from bot.errors import UserError
from bot.filters import Press
from bot.handlers.links import LINKS
from bot.handlers.practices.common import OnBank, Telling, attachment_of, says
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import practices as screens
from bot.services.access import Right
from bot.services.practices import expertise, looking, writing
from bot.ui.show import explained

router = Router(name="practices-reading")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
personal = Router(name="practices-reading-personal")
personal.callback_query.middleware(NeedsProfile())

PAGE = 5


@router.callback_query(Press("practices:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    known, drafted, waiting = turn.caller.known, False, 0
    if known:
        async with turn.db.read() as session:
            drafted = await writing.begun(session, turn.caller.id) is not None
            waiting = len(await expertise.tasks(session, turn.caller.id, limit=50))
    desk = turn.caller.scope.may(Right.practices_assign)
    await turn.show(screens.home(turn.t, drafted=drafted, reviews=waiting, desk=desk, known=known))


@router.callback_query(Press("practices:list"))
async def shelf(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        page = await looking.shelf(session, today=turn.today, number=number, size=PAGE)
        if not page.lines and page.total:
            page = await looking.shelf(session, today=turn.today, size=PAGE)
    await turn.show(screens.shelf(turn.t, page))


@router.callback_query(Press("practices:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _card(turn, int(args[0]))


@router.callback_query(Press("practices:whole"))
async def whole(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _card(turn, int(args[0]), whole=True)


@router.callback_query(Press("practices:files"))
async def files(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await looking.card(session, int(args[0]))
    await turn.show(screens.files(turn.t, found))


@router.callback_query(Press("practices:file"))
async def file(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    async with turn.db.read() as session:
        found = await looking.card(session, number)
        stored = await looking.file_of(session, number, int(args[1]))
    attachment = await attachment_of(turn, stored)
    await turn.show(screens.file(turn.t, found.title, attachment, back=f"practices:card:{number}"))


@personal.callback_query(Press("practices:use"))
async def use(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A few words are awaited."""
    number = int(args[0])
    async with turn.db.read() as session:
        found = await looking.card(session, number, turn.caller.id)
    if found.own:
        raise UserError("practices-own-use", buttons=(("button-back", f"practices:card:{number}"),))
    await turn.state.set_state(Telling.use)
    await turn.state.update_data(practice_use=number)
    await turn.show(screens.use(turn.t, number))


@router.message(Telling.use, F.text.as_("text"), ~F.text.startswith("/"), OnBank())
async def use_typed(message: Message, text: str, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("practice_use", 0))
    if len(text.strip()) < 5:
        with explained(turn.t("practices-use-short")):
            await turn.show(screens.use(turn.t, number))
        return
    await turn.state.update_data(practice_use_text=text[: looking.LONGEST_USE])
    await turn.show(screens.sign(turn.t, number, text))


@personal.callback_query(Press("practices:used"))
async def used(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The words that were typed, signed or not; pressed twice is once."""
    number = int(args[0])
    data = await turn.state.get_data()
    text = str(data.get("practice_use_text") or "") if data.get("practice_use") == number else ""
    if not text:
        await turn.go_to(f"practices:use:{number}")
        return
    async with turn.db.begin() as session:
        count = await looking.use(
            session, turn.caller.id, number, text, named=args[1] == "named", messenger=turn.caller.messenger,
            now=turn.now, speak=says(turn),
        )  # fmt: skip
    await turn.state.set_state(None)
    await turn.state.update_data(practice_use_text="")
    await turn.show(screens.used(turn.t, number, count))


async def _card(turn: Turn, number: int, *, whole: bool = False) -> None:
    async with turn.db.read() as session:
        found = await looking.card(session, number, turn.caller.person_id)
    if bot_of(turn.event).policy is not Policy.full:
        found = found.nameless()
    await turn.show(screens.card(turn.t, found, known=turn.caller.known, whole=whole))


async def open_practice(turn: Turn, rest: str) -> None:
    """A link to a card."""
    if not rest.isascii() or not rest.isdigit() or len(rest) > 18:
        await turn.go_to("practices:home")
        return
    await turn.go_to(f"practices:card:{rest}")


LINKS["practice"] = open_practice
router.include_router(personal)
