"""The calendar of contests in the chat; a record of another public register."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.filters import Press
from bot.handlers.links import LINKS
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import contests as screens
from bot.screens import registers as register_screens
from bot.services import contests
from bot.services.navigator import finding
from bot.services.registers import public

router = Router(name="contests")
router.callback_query.middleware(Turns())
personal = Router(name="contests-personal")
personal.callback_query.middleware(NeedsProfile())


@router.callback_query(Press("contests:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = max(0, int(args[0])) if args else 0
    async with turn.db.read() as session:
        shelf = await contests.calendar(session, turn.caller.person_id, number=number, today=turn.today)
    await turn.show(screens.calendar(turn.t, shelf, known=turn.caller.known, today=turn.today))


@router.callback_query(Press("contests:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _card(turn, int(args[0]))


@router.callback_query(Press("registers:card"))
async def record(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A community, a site, a document: what everybody may see of it."""
    number = int(args[0])
    async with turn.db.read() as session:
        found = await public.record(session, number, today=turn.today)
        saved = turn.caller.known and await finding.is_saved(session, turn.caller.id, "register", number)
    if found.kind.slug == contests.CONTESTS:
        await turn.go_to(f"contests:card:{number}")
        return
    await turn.show(register_screens.record(turn.t, found, known=turn.caller.known, saved=saved))


@personal.callback_query(Press("contests:remind"))
async def remind(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        day = await contests.remind(session, turn.caller.id, int(args[0]), now=turn.now, today=turn.today)
    await _card(turn, int(args[0]), toast=turn.t("contests-remind-toast", date=turn.t.day(day, today=turn.today)))


@personal.callback_query(Press("contests:forget"))
async def forget(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await contests.forget(session, turn.caller.id, int(args[0]))
    await _card(turn, int(args[0]), toast=turn.t("contests-forget-toast"))


@personal.callback_query(Press("contests:mine"))
async def mine(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        took = await contests.took_part(session, turn.caller.id)
    await turn.show(screens.mine(turn.t, took, today=turn.today))


async def _card(turn: Turn, number: int, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        contest = await contests.card(session, turn.caller.person_id, number, today=turn.today)
        saved = turn.caller.known and await finding.is_saved(session, turn.caller.id, "contest", number)
    known = turn.caller.known
    await turn.show(screens.card(turn.t, contest, known=known, saved=saved, today=turn.today, toast=toast))


async def open_calendar(turn: Turn, rest: str) -> None:
    """A link to the calendar or to one contest of it."""
    is_number = rest.isascii() and rest.isdigit() and len(rest) < 19
    await turn.go_to(f"contests:card:{rest}" if is_number else "contests:home:0")


LINKS["contest"] = open_calendar
router.include_router(personal)
