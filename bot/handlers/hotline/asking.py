"""A question is written, sent, added to, graded, opened again."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import UserError
from bot.filters import Press, one_of
from bot.handlers.hotline.intake import CONTENT, file_of, says, source_of, words_of
from bot.messengers.base import bot_of
from bot.messengers.events import REMOVED
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import TicketGrade, TicketTheme
from bot.screens import hotline as screens
from bot.screens.hotline_sessions import buttons as session_buttons
from bot.services import hotline
from bot.services.hotline import asking, faq
from bot.services.identities import Caller
from bot.ui.pager import Page
from bot.ui.screen import KEPT, Screen

router = Router(name="hotline")
router.message.middleware(Turns())
router.edited_message.middleware(Turns())
personal = Router(name="hotline-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())


class Asking(StatesGroup):
    """Words of a question, of an addition, of a better wording are awaited."""

    text = State()
    more = State()
    fix = State()


class OnLine(Filter):
    """True while the line's screen is the last one, or nothing is remembered: another section takes the words back."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        return caller.known and (
            not shown or any(_plain(b.action).startswith("hotline:") for row in shown for b in row)
        )


class UnderQuestion(Filter):
    """The number of the question under whose receipt or clarification the person writes."""

    async def __call__(self, message: Message, caller: Caller) -> bool | dict[str, Any]:
        if not caller.known:
            return False
        for row in bot_of(message).tails.rows(message.chat.id):
            for button in row:
                subject, _, rest = _plain(button.action).partition(":")
                verb, _, number = rest.partition(":")
                if subject == "hotline" and verb in ("recall", "later") and number.isdigit():
                    return {"ticket_id": int(number)}
        return False


def _plain(action: str) -> str:
    return action.removeprefix(KEPT)


@personal.callback_query(Press("hotline:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        made = await hotline.promise(session, TicketTheme.other, turn.zone, now=turn.now)
        draft = await asking.draft(session, turn.caller.id)
        on_duty = await hotline.roster.shifts(session, since=turn.now, until=turn.now)
        gathering = await hotline.sessions.running(session, now=turn.now)
    name = next((one for one in on_duty if one.methodist_id == made.methodist_id), None)
    await turn.show(
        screens.home(
            turn.t,
            at=made.at,
            methodist=name.methodist if name else "",
            themes=name.themes if name else (),
            on_duty=made.on_duty,
            drafted=draft is not None,
            gathering=session_buttons(turn.t, gathering),
            zone=turn.zone,
            today=turn.today,
        )
    )


@personal.callback_query(Press("hotline:ask"))
async def ask(event: CallbackQuery, turn: Turn) -> None:
    """A new question, or the one that was begun."""
    async with turn.db.read() as session:
        draft = await asking.draft(session, turn.caller.id)
    await turn.state.set_state(Asking.text)
    await turn.show(screens.draft(turn.t, draft) if draft and draft.messages else screens.ask(turn.t))


@personal.callback_query(Press("hotline:nameless"))
async def nameless(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.begin(session, turn.caller.id, turn.caller.messenger, now=turn.now, anonymous=True)
    await turn.state.set_state(Asking.text)
    await turn.show(screens.nameless(turn.t))


@personal.callback_query(Press("hotline:named"))
async def named(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.begin(session, turn.caller.id, turn.caller.messenger, now=turn.now, anonymous=False)
    await turn.state.set_state(Asking.text)
    await turn.show(screens.ask(turn.t))


@router.message(Asking.text, CONTENT, ~F.text.startswith("/"), OnLine())
async def typed(message: Message, turn: Turn) -> None:
    """Words and files of the question; a burst of them is acknowledged once."""
    files = await file_of(message, turn)
    async with turn.db.begin() as session:
        first = await asking.write(
            session, turn.caller.id, turn.caller.messenger, words_of(message), source=source_of(turn, message),
            now=turn.now, files=files,
        )  # fmt: skip
    if first:
        await turn.show(await _next(turn))


async def _next(turn: Turn) -> Screen:
    """Similar answers where there are any, else the theme."""
    async with turn.db.begin() as session:
        draft = await asking.draft(session, turn.caller.id)
        if draft is None:
            raise UserError("hotline-nothing-written", buttons=asking.ASK_ANEW)
        offers = await faq.similar(session, draft.text, today=turn.today)
        await faq.offered(session, offers)
    return screens.similar(turn.t, offers, draft) if offers else screens.draft(turn.t, draft)


@personal.callback_query(Press("hotline:own"))
async def own(event: CallbackQuery, turn: Turn) -> None:
    """«Отправить мой»: none of the similar ones was the one."""
    await turn.show(screens.draft(turn.t, await _draft(turn)))


@personal.callback_query(Press("hotline:theme"))
async def other_theme(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _draft(turn)
    await turn.show(screens.choose_theme(turn.t, min(max(0, int(args[0])), (len(TicketTheme) - 1) // 5)))


@personal.callback_query(Press("hotline:to"))
async def chose_theme(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.choose_theme(session, turn.caller.id, one_of(TicketTheme, args[0]))
    await turn.show(screens.draft(turn.t, await _draft(turn)))


@personal.callback_query(Press("hotline:send"))
async def send(event: CallbackQuery, turn: Turn) -> None:
    draft = await _draft(turn)
    if draft.found:
        await turn.show(screens.personal(turn.t, draft))
        return
    await _send(turn)


@personal.callback_query(Press("hotline:strip"))
async def strip(event: CallbackQuery, turn: Turn) -> None:
    await _send(turn, leave_out=True)


@personal.callback_query(Press("hotline:fine"))
async def fine(event: CallbackQuery, turn: Turn) -> None:
    """«Это не личное»: people know better than a pattern."""
    await _send(turn)


@personal.callback_query(Press("hotline:rewrite"))
async def rewrite(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.rewrite(session, turn.caller.id)
    await turn.state.set_state(Asking.text)
    await turn.show(screens.rewrite(turn.t))


async def _send(turn: Turn, *, leave_out: bool = False) -> None:
    async with turn.db.begin() as session:
        if leave_out:
            await asking.leave_out(session, turn.caller.id)
        receipt = await asking.send(session, turn.caller.id, zone=turn.zone, now=turn.now, speak=says(turn))
    await turn.state.set_state(None)
    await turn.show(screens.receipt(turn.t, receipt, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("hotline:cancel"))
async def cancel(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.cancel(session, turn.caller.id)
    await turn.state.set_state(None)
    await turn.show(screens.cancelled(turn.t))


# --- afterwards --------------------------------------------------------------------------------------


@personal.callback_query(Press("hotline:mine"))
async def mine(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        lines, total = await asking.mine(session, turn.caller.id, number)
    await turn.show(screens.mine(turn.t, Page(lines, number, total), zone=turn.zone, today=turn.today))


@personal.callback_query(Press("hotline:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _card(turn, int(args[0]))


@personal.callback_query(Press("hotline:whole"))
async def whole(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _card(turn, int(args[0]), whole=True)


async def _card(turn: Turn, no: int, *, whole: bool = False) -> None:
    async with turn.db.read() as session:
        found = await asking.card(session, turn.caller.id, no, now=turn.now)
    await turn.show(screens.card(turn.t, found, zone=turn.zone, today=turn.today, whole=whole))


@personal.callback_query(Press("hotline:add"))
async def add(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(Asking.more)
    await turn.state.update_data(hotline_ticket=int(args[0]))
    await turn.show(screens.add(turn.t, int(args[0])))


@personal.callback_query(Press("hotline:again"))
async def again(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Спросить ещё»: the question opens with the words that follow."""
    async with turn.db.read() as session:
        found = await asking.card(session, turn.caller.id, int(args[0]), now=turn.now)
    if not found.may_reopen:
        raise UserError("hotline-over-late", buttons=asking.ASK_ANEW)
    await turn.state.set_state(Asking.more)
    await turn.state.update_data(hotline_ticket=found.no)
    await turn.show(screens.again(turn.t, found))


@router.message(Asking.more, CONTENT, ~F.text.startswith("/"), OnLine())
async def added_by_choice(message: Message, turn: Turn) -> None:
    ticket_id = int((await turn.state.get_data()).get("hotline_ticket", 0))
    await add_to(message, turn, ticket_id)
    await turn.state.set_state(None)


@router.message(CONTENT, ~F.text.startswith("/"), StateFilter(None), UnderQuestion())
async def added_below(message: Message, turn: Turn, ticket_id: int) -> None:
    """Words right under a receipt or a clarification belong to that question."""
    await add_to(message, turn, ticket_id)


async def add_to(message: Message, turn: Turn, ticket_id: int, text: str | None = None) -> None:
    """More words to a question; a burst is acknowledged once."""
    files = await file_of(message, turn) if text is None else ()
    async with turn.db.begin() as session:
        added = await asking.add(
            session, turn.caller.id, ticket_id, words_of(message) if text is None else text,
            source=source_of(turn, message) if text is None else None, zone=turn.zone, now=turn.now,
            speak=says(turn), files=files,
        )  # fmt: skip
    if not added.quiet:
        await turn.show(screens.added(turn.t, added, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("hotline:recall"))
async def recall(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await asking.recall(session, turn.caller.id, int(args[0]), now=turn.now, speak=says(turn))
    await turn.show(screens.recalled(turn.t, int(args[0])))


@personal.callback_query(Press("hotline:later"))
async def later(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.later(turn.t))


@personal.callback_query(Press("hotline:wait"))
async def wait(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.waiting(turn.t))


@personal.callback_query(Press("hotline:grade"))
async def grade(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        until = await asking.grade(session, turn.caller.id, int(args[0]), one_of(TicketGrade, args[1]), now=turn.now)
    await turn.show(screens.graded(turn.t, until, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("hotline:applied"))
async def applied(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Получилось применить?»; not answering is an answer too."""
    if args[1] != "skip":
        async with turn.db.begin() as session:
            await asking.applied(session, turn.caller.id, int(args[0]), one_of(TicketGrade, args[1]))
    await turn.show(screens.followed(turn.t, answered=args[1] != "skip"))


@personal.callback_query(Press("hotline:show"))
async def show_to_all(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The author decides whether colleagues may see the question."""
    entry_id, said = int(args[0]), args[1]
    if said == "fix":
        await turn.state.set_state(Asking.fix)
        await turn.state.update_data(hotline_entry=entry_id)
        await turn.show(screens.publish_fix(turn.t))
        return
    async with turn.db.begin() as session:
        await faq.author_says(session, turn.caller.id, entry_id, agree=said == "yes", now=turn.now)
    await turn.show(screens.publish_yes(turn.t) if said == "yes" else screens.publish_no(turn.t))


@router.message(Asking.fix, F.text.as_("text"), ~F.text.startswith("/"), OnLine())
async def better_wording(message: Message, text: str, turn: Turn) -> None:
    entry_id = int((await turn.state.get_data()).get("hotline_entry", 0))
    async with turn.db.begin() as session:
        shown = await faq.author_rewrites(session, turn.caller.id, entry_id, text, now=turn.now)
    await turn.state.set_state(None)
    await turn.show(screens.publish_fixed(turn.t, shown))


@router.message(StateFilter(Asking), CONTENT, ~F.text.startswith("/"))
async def elsewhere(message: Message, turn: Turn) -> None:
    """Another section's screen stands last: the words are not the line's any more."""
    await turn.state.set_state(None)
    raise SkipHandler


@router.edited_message(F.text == REMOVED)
async def removed(message: Message, turn: Turn) -> None:
    """A message taken away by its author; with the last words the question goes."""
    async with turn.db.begin() as session:
        await asking.removed(session, turn.caller.id, source_of(turn, message), now=turn.now, speak=says(turn))


@router.edited_message(F.text.as_("text"))
async def edited(message: Message, text: str, turn: Turn) -> None:
    """A changed message: what stood before is kept, nothing is said."""
    async with turn.db.begin() as session:
        await asking.edited(session, source_of(turn, message), text, now=turn.now)


async def _draft(turn: Turn) -> asking.Draft:
    async with turn.db.read() as session:
        draft = await asking.draft(session, turn.caller.id)
    if draft is None:
        raise UserError("hotline-nothing-written", buttons=asking.ASK_ANEW)
    return draft


router.include_router(personal)
