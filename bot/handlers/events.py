"""Events: the calendar, in and out of a list, the word of the screen, what comes after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton, UserError
from bot.filters import Press
from bot.handlers.links import LINKS
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import RegistrationState
from bot.rules.attendance import Verdict, looks_like_word
from bot.screens import events as screens
from bot.screens.events.wording import When
from bot.services import codes
from bot.services.documents import certificate as papers
from bot.services.events import after, attending, feed, looking, reading, signing
from bot.services.events.attending import Marked
from bot.services.events.signing import Outcome, Result
from bot.ui.screen import Screen
from bot.ui.show import explained

router = Router(name="events")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
personal = Router(name="events-personal")
personal.callback_query.middleware(NeedsProfile())

PLACE = "event"
"""The kind under which wrong words of a chat are counted."""


class Writing(StatesGroup):
    """While typed words are awaited: the word of the screen, a remark after the event."""

    word = State()
    remark = State()


def when(turn: Turn) -> When:
    """The moment and the clock of a screen."""
    return When(turn.now, turn.zone)


# --- open to everybody ---------------------------------------------------------------------------------


@router.callback_query(Press("events:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await _month(turn, turn.today, 0)


@router.callback_query(Press("events:month"))
async def month(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    year, number = divmod(int(args[0]), 100)
    if not 1 <= number <= 12 or not 2000 <= year <= 2100 or not 0 <= int(args[1]) < 1000:
        raise StaleButton
    await _month(turn, date(year, number, 1), int(args[1]))


@router.callback_query(Press("events:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(await _card(turn, int(args[0])))


@router.callback_query(Press("events:more"))
async def more(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.person_id)
    await turn.show(screens.more(turn.t, told, when(turn)))


@router.callback_query(Press("events:share"))
async def share(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.person_id)
    link = f"{turn.settings.public_url}/?start=event_{told.line.id}"
    await turn.show(screens.share(turn.t, told.line, when(turn), link=link))


@router.callback_query(Press("events:ics"))
async def ics(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.person_id)
    host = turn.settings.public_url.partition("://")[2] or "marshrut"
    content = feed.calendar([told.line], name=told.line.title, host=host, now=turn.now)
    await turn.show(screens.calendar_file(turn.t, told.line, content))


async def _month(turn: Turn, month: date, number: int) -> None:
    async with turn.db.read() as session:
        page = await looking.month(session, month, number=number, now=turn.now, zone=turn.zone)
        if not page.lines and number:
            page = await looking.month(session, month, now=turn.now, zone=turn.zone)
        if not page.lines and (page.later or page.earlier):
            page = await looking.month(session, page.later or page.earlier or month, now=turn.now, zone=turn.zone)
    if page.lines:
        await turn.show(screens.month(turn.t, page, when(turn), guest=not turn.caller.known))
    else:
        await turn.show(screens.empty(turn.t))


async def _card(turn: Turn, event_id: int) -> Screen:
    async with turn.db.read() as session:
        told = await reading.card(session, event_id, turn.caller.person_id)
    signed = told.has_link and told.token and told.own is RegistrationState.signed
    room = f"{turn.settings.public_url}/e/{told.token}" if signed else ""
    return screens.card(turn.t, told, when(turn), room=room)


# --- a person's own ------------------------------------------------------------------------------------


@personal.callback_query(Press("events:fit"))
async def fit(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        page = await looking.suiting(session, turn.caller.id, number=max(int(args[0]), 0), now=turn.now)
        if not page.lines and page.total:
            page = await looking.suiting(session, turn.caller.id, now=turn.now)
    await turn.show(screens.suiting(turn.t, page, when(turn)))


@personal.callback_query(Press("events:mine"))
async def mine(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        found = await looking.mine(session, turn.caller.id, now=turn.now)
    await turn.show(screens.mine(turn.t, found, when(turn)))


@personal.callback_query(Press("events:in"))
async def sign_up(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        outcome = await signing.sign_up(session, turn.caller.id, int(args[0]), now=turn.now)
    await _tell(turn, outcome)


@personal.callback_query(Press("events:sure"))
async def sure(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        outcome = await signing.sign_up(session, turn.caller.id, int(args[0]), now=turn.now, sure=True)
    await _tell(turn, outcome)


@personal.callback_query(Press("events:instead"))
async def instead(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        outcome = await signing.sign_up(
            session, turn.caller.id, int(args[0]), now=turn.now, sure=True, instead=int(args[1])
        )
    await _tell(turn, outcome)


@personal.callback_query(Press("events:wait"))
async def wait(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        outcome = await signing.wait(session, turn.caller.id, int(args[0]), now=turn.now)
    await _tell(turn, outcome)


@personal.callback_query(Press("events:out"))
async def leave(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        line = await signing.leave(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.unsigned(turn.t, line, when(turn)))


@personal.callback_query(Press("events:will"))
async def will(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Буду»: nothing changes, a word back."""
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.id)
    if told.own is not RegistrationState.signed:
        await turn.show(await _card(turn, int(args[0])))
        return
    await turn.show(screens.will(turn.t, told.line, when(turn)))


async def _tell(turn: Turn, outcome: Outcome) -> None:
    match outcome.result:
        case Result.signed | Result.already:
            await turn.show(screens.signed(turn.t, outcome, when(turn)))
        case Result.waiting:
            await turn.show(screens.waiting(turn.t, outcome, when(turn)))
        case Result.full:
            await turn.show(screens.full(turn.t, outcome, when(turn)))
        case Result.clash:
            await turn.show(screens.clash(turn.t, outcome, when(turn)))
        case Result.load:
            await turn.show(screens.load(turn.t, outcome))
        case Result.team:
            await turn.go_to(f"events:team:{outcome.line.id}")


# --- being there -----------------------------------------------------------------------------------------


@personal.callback_query(Press("events:here"))
async def here(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The word is awaited."""
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.id)
    if told.attended:
        await turn.show(await _card(turn, told.line.id))
        return
    await turn.state.set_state(Writing.word)
    await turn.state.update_data(event=told.line.id)
    await turn.show(screens.code(turn.t, told.line.id))


@personal.callback_query(Press("events:unseen"))
async def unseen(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await turn.show(screens.unseen(turn.t, int(args[0])))


@personal.callback_query(Press("events:claim"))
async def claim(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        title = await attending.claim(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.claimed(turn.t, title))


@personal.callback_query(Press("events:video"))
async def video(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        told = await reading.card(session, int(args[0]), turn.caller.person_id)
    await turn.show(screens.recording(turn.t, told.line, url=told.recording))


@router.callback_query(Press("events:stop"))
async def stop(event: CallbackQuery, turn: Turn) -> None:
    """«Отмена», «Пропустить»: nothing is awaited any more."""
    await turn.state.set_state(None)
    await turn.go_to("events:home")


@router.message(Writing.word, F.text.as_("text"), ~F.text.startswith("/"))
async def typed_word(message: Message, text: str, turn: Turn) -> None:
    if not turn.caller.known:
        raise SkipHandler
    number = (await turn.state.get_data()).get("event", 0)
    await _word(turn, text, [int(number)])


@router.message(F.text.as_("text"), ~F.text.startswith("/"))
async def word_out_of_the_blue(message: Message, text: str, turn: Turn) -> None:
    """A word of the screen is understood wherever it is typed, while some event runs."""
    if not turn.caller.known or not looks_like_word(text) or await turn.state.get_state() is not None:
        raise SkipHandler
    async with turn.db.read() as session:
        running = await attending.running(session, turn.caller.id, now=turn.now)
    if not running:
        raise SkipHandler
    await _word(turn, text, running)


async def _word(turn: Turn, text: str, event_ids: list[int]) -> None:
    place = codes.place_of(PLACE, turn.caller.messenger, turn.caller.chat_id)
    async with turn.db.begin() as session:
        marked = await attending.try_word(session, turn.caller.id, event_ids, text[:40], place=place, now=turn.now)
    await _marked(turn, marked)


async def _marked(turn: Turn, marked: Marked | None) -> None:
    if marked is None:
        raise StaleButton
    if marked.verdict is Verdict.right:
        await turn.state.set_state(None)
        await turn.show(_here(turn, marked))
        return
    with explained(turn.t(f"events-code.{marked.verdict.value}")):
        if marked.verdict is Verdict.over:
            await turn.state.set_state(None)
            await turn.show(screens.unseen(turn.t, marked.event_id))
        else:
            await turn.show(screens.code(turn.t, marked.event_id))


def _here(turn: Turn, marked: Marked) -> Screen:
    promised = marked.gives_certificate and marked.completed and marked.on_list
    return screens.here(turn.t, marked.title, doubtful=not marked.on_list, certificate=promised)


# --- after -----------------------------------------------------------------------------------------------


@personal.callback_query(Press("events:grade"))
async def grade(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, value = int(args[0]), int(args[1])
    async with turn.db.begin() as session:
        await after.grade(session, turn.caller.id, number, value or None, now=turn.now)
    if not value:
        await turn.show(screens.thanks(turn.t))
        return
    await turn.state.set_state(Writing.remark)
    await turn.state.update_data(event=number)
    await turn.show(screens.grade_words(turn.t))


@router.message(Writing.remark, F.text.as_("text"), ~F.text.startswith("/"))
async def remark(message: Message, text: str, turn: Turn) -> None:
    if not turn.caller.known:
        raise SkipHandler
    number = int((await turn.state.get_data()).get("event", 0))
    async with turn.db.begin() as session:
        await after.words(session, turn.caller.id, number, text)
    await turn.state.set_state(None)
    await turn.show(screens.thanks(turn.t))


@personal.callback_query(Press("events:cert"))
async def certificate(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The paper is made when it is asked for: nothing of it lies about."""
    async with turn.db.read() as session:
        paper = await after.own_paper(session, turn.caller.id, int(args[0]))
    pdf = await papers.pdf_aside(turn.t, paper, check_url=f"{turn.settings.public_url}/check/{paper.number}")
    await turn.show(
        screens.certificate(
            turn.t,
            paper.line,
            number=paper.number,
            hours=papers.hours(paper.hours),
            masked=paper.masked,
            materials=paper.materials,
            pdf=pdf,
            open_name=paper.open_name,
        )
    )


@personal.callback_query(Press("events:name"))
async def whole_name(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """What the check page shows of her name."""
    async with turn.db.begin() as session:
        paper = await after.show_name(session, turn.caller.id, int(args[0]), whole=args[1] == "1")
    await turn.show(
        screens.certificate(
            turn.t, paper.line, number=paper.number, hours=papers.hours(paper.hours), masked=paper.masked,
            materials=paper.materials, open_name=paper.open_name,
        )
    )  # fmt: skip


# --- links -----------------------------------------------------------------------------------------------


async def open_event(turn: Turn, rest: str) -> None:
    """A link to a card."""
    if not rest.isascii() or not rest.isdigit() or len(rest) > 18:
        await turn.go_to("events:home")
        return
    await turn.go_to(f"events:card:{rest}")


async def open_here(turn: Turn, rest: str) -> None:
    """The picture of the presenter's screen: ``<event>_<ticket>``."""
    number, _, ticket = rest.partition("_")
    if not number.isascii() or not number.isdigit() or len(number) > 18 or not ticket.isalnum():
        await turn.go_to("events:home")
        return
    if not turn.caller.known:
        raise UserError(
            "error-needs-profile", buttons=(("button-acquaint", "people:begin"), ("button-not-now", "menu:home"))
        )
    async with turn.db.begin() as session:
        marked = await attending.by_word(session, turn.caller.id, int(number), ticket, now=turn.now, by_picture=True)
    await _marked(turn, marked)


Opener = Callable[[Turn, str], Awaitable[None]]
LINKS["event"] = open_event
LINKS["here"] = open_here
router.include_router(personal)
