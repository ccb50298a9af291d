"""«Навигатор»: words from its own screen, short words out of the blue, topics, growth, bookmarks, links."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.config import Policy
from bot.filters import Press
from bot.handlers.links import LINKS
from bot.messengers.base import bot_of, doors_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import Messenger
from bot.rules.hotline_words import is_question
from bot.rules.words import words
from bot.screens import navigator as screens
from bot.screens import practices as practice_screens
from bot.services.navigator import finding, sources
from bot.services.practices import looking

router = Router(name="navigator")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
personal = Router(name="navigator-personal")
personal.callback_query.middleware(NeedsProfile())
blue = Router(name="navigator-blue")
blue.message.middleware(Turns())

QUERY = 100


class Searching(StatesGroup):
    """Words are awaited, again and again, until another section is opened."""

    words = State()


@router.callback_query(Press("navigator:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    if bot_of(event).policy is Policy.full:
        await turn.state.set_state(Searching.words)
    await turn.show(screens.home(turn.t, known=turn.caller.known))


@router.message(Searching.words, F.text.as_("text"), ~F.text.startswith("/"))
async def typed(message: Message, text: str, turn: Turn) -> None:
    await _look(turn, text)


@router.callback_query(Press("navigator:more"))
async def more(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Another page of what was searched for; the words forgotten, the search box again."""
    query = str((await turn.state.get_data()).get("navigator_query") or "")
    if not query:
        await turn.go_to("navigator:home")
        return
    await _show(turn, query, max(0, int(args[0])))


@router.callback_query(Press("navigator:topics"))
async def topics(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        held = await finding.topics(session, today=turn.today)
    number = max(0, int(args[0]))
    await turn.show(screens.topics(turn.t, held, number if number * 5 < len(held) else 0))


@router.callback_query(Press("navigator:topic"))
async def topic(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    slug, number = str(args[0]), max(0, int(args[1]))
    async with turn.db.read() as session:
        held = {one: title for one, title, _ in await finding.topics(session, today=turn.today)}
        page = await finding.find(session, "", finding.Filters(group=slug), today=turn.today, number=number)
    await turn.show(screens.topic(turn.t, slug, held.get(slug, ""), page))


@router.callback_query(Press("navigator:one"))
async def one(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _one(turn, args)


@router.callback_query(Press("navigator:share"))
async def share(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """An address for every messenger that is on, and for the browser: the same thing opens in each."""
    async with turn.db.read() as session:
        hit, _ = await finding.one(session, str(args[0]), int(args[1]))
    payload = sources.link(hit.source, hit.object_id)
    # The sender's own messenger too: the colleague may sit in any.
    doors = doors_of(turn.data["root"]["links"], Messenger.web, payload)
    web = f"{turn.settings.public_url}{hit.address}"
    back = hit.press if hit.source in screens.CARDS else f"navigator:one:{hit.source}:{hit.object_id}"
    found = [(name.value, link) for name, link in doors]
    await turn.show(screens.share(turn.t, hit.title, found, web, back=back))


@personal.callback_query(Press("navigator:growth"))
async def growth(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        page, known = await finding.suggested(session, turn.caller.id, now=turn.now, number=max(0, int(args[0])))
    await turn.show(screens.growth(turn.t, page, known=known))


@personal.callback_query(Press("navigator:saved"))
async def saved(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        page = await finding.saved(session, turn.caller.id, number=number)
        if not page.hits and page.total:
            page = await finding.saved(session, turn.caller.id)
    await turn.show(screens.saved(turn.t, page))


@personal.callback_query(Press("navigator:save"))
async def save(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await finding.save(session, turn.caller.id, str(args[0]), int(args[1]), now=turn.now)
    await _one(turn, args, toast=turn.t("navigator-saved-toast"))


@personal.callback_query(Press("navigator:unsave"))
async def unsave(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await finding.unsave(session, turn.caller.id, str(args[0]), int(args[1]))
    await _one(turn, args, toast=turn.t("navigator-unsaved-toast"))


@blue.message(F.text.as_("text"), ~F.text.startswith("/"), StateFilter(None))
async def out_of_the_blue(message: Message, text: str, turn: Turn) -> None:
    """A short word nobody waited for is looked for (conversation.md §2); what finds nothing goes on."""
    said = words(text)
    if is_question(text) or not said or max(len(word) for word in said) < 3:
        raise SkipHandler
    async with turn.db.read() as session:
        page = await finding.find(session, text[:QUERY], today=turn.today)
    if not page.hits:
        raise SkipHandler
    await _look(turn, text)


async def _look(turn: Turn, text: str) -> None:
    """The words are kept, so that they may become a question or another page."""
    query = " ".join(text.split())[:QUERY]
    await turn.state.update_data(
        navigator_query=query, wish_topic=query, kept_text=text[:4000], kept_at=turn.now.isoformat()
    )
    await _show(turn, query, 0)


async def _show(turn: Turn, query: str, number: int) -> None:
    async with turn.db.read() as session:
        page = await finding.find(session, query, today=turn.today, number=number)
        if not page.hits and page.total:
            page = await finding.find(session, query, today=turn.today)
    known = turn.caller.known
    if page.hits:
        await turn.show(screens.found(turn.t, query, page, known=known))
    else:
        await turn.show(screens.none(turn.t, query, known=known))


async def _one(turn: Turn, args: list[str], *, toast: str = "") -> None:
    source, number = str(args[0]), int(args[1])
    async with turn.db.read() as session:
        hit, _ = await finding.one(session, source, number)
        kept = turn.caller.known and await finding.is_saved(session, turn.caller.id, source, number)
        card = await looking.card(session, number, turn.caller.person_id) if source == "practice" else None
    if source in screens.CARDS and card is None:
        await turn.go_to(hit.press)
        return
    if card is not None:
        if bot_of(turn.event).policy is not Policy.full:
            card = card.nameless()
        await turn.show(practice_screens.card(turn.t, card, known=turn.caller.known, toast=toast))
        return
    await turn.show(screens.one(turn.t, hit, saved=kept, known=turn.caller.known, toast=toast))


async def open_found(turn: Turn, rest: str) -> None:
    """A link to a find: ``<source>-<number>``."""
    source, _, number = rest.partition("-")
    if source not in sources.SOURCES or not number.isascii() or not number.isdigit() or len(number) > 18:
        await turn.go_to("navigator:home")
        return
    await turn.go_to(f"navigator:one:{source}:{number}")


LINKS["nav"] = open_found
router.include_router(personal)
