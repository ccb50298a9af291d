"""Experts: the centre asks them, they mark and say their word."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton
from bot.filters import Press, one_of
from bot.handlers.practices.common import OnBank, Telling, attachment_of, says
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import ReviewVerdict
from bot.rules.practices import CRITERIA
from bot.screens import practices as shared
from bot.screens import practices_experts as screens
from bot.services.practices import expertise, looking, register
from bot.ui.pager import Page
from bot.ui.show import explained

router = Router(name="practices-experts")
router.message.middleware(Turns())
personal = Router(name="practices-experts-personal")
personal.callback_query.middleware(NeedsProfile())
personal.callback_query.middleware(Turns())


# --- the centre ----------------------------------------------------------------------------------------


@personal.callback_query(Press("practices:desk"))
async def desk(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        lines, total = await expertise.waiting(session, turn.caller.scope, number=number)
    await turn.show(screens.desk(turn.t, Page(lines, number, total)))


@personal.callback_query(Press("practices:appoint"))
async def appoint(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _appoint(turn, int(args[0]))


@personal.callback_query(Press("practices:ask"))
async def ask(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """One of the offered; the others are still at hand."""
    number = int(args[0])
    async with turn.db.begin() as session:
        await expertise.assign(session, turn.caller.scope, number, [int(args[1])], now=turn.now, speak=says(turn))
    await _appoint(turn, number)


@personal.callback_query(Press("practices:auto"))
async def auto(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        asked, left = await expertise.suggest(session, turn.caller.scope, int(args[0]), now=turn.now, speak=says(turn))
    await turn.show(screens.appointed(turn.t, asked, left))


async def _appoint(turn: Turn, number: int) -> None:
    async with turn.db.read() as session:
        found = await register.card(session, turn.caller.scope, number)
        offers = await expertise.candidates(session, turn.caller.scope, number, today=turn.today)
    row = found.row
    await turn.show(screens.appoint(turn.t, number, row.title, row.asked, row.done, offers))


# --- the expert ------------------------------------------------------------------------------------------


@personal.callback_query(Press("practices:reviews"))
async def reviews(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(None)
    async with turn.db.read() as session:
        tasks = await expertise.tasks(session, turn.caller.id)
    await turn.show(screens.reviews(turn.t, tasks, today=turn.today))


@personal.callback_query(Press("practices:review"))
async def review(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(screens.review(turn.t, await _sheet(turn, args), today=turn.today))


@personal.callback_query(Press("practices:review-all"))
async def review_all(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.show(screens.review(turn.t, await _sheet(turn, args), today=turn.today, whole=True))


@personal.callback_query(Press("practices:review-files"))
async def review_files(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    sheet = await _sheet(turn, args)
    back = f"practices:review:{sheet.review_id}"
    action = f"practices:review-file:{sheet.review_id}"
    await turn.show(shared.file_list(turn.t, sheet.files, action, back=back))


@personal.callback_query(Press("practices:review-file"))
async def review_file(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    sheet = await _sheet(turn, args)
    async with turn.db.read() as session:
        stored = await looking.file_of(session, sheet.practice_id, int(args[1]), turn.caller.id)
    attachment = await attachment_of(turn, stored)
    await turn.show(shared.file(turn.t, sheet.title, attachment, back=f"practices:review:{sheet.review_id}"))


@personal.callback_query(Press("practices:mark"))
async def mark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    sheet = await _sheet(turn, args)
    if args[1] not in CRITERIA:
        raise StaleButton
    await turn.show(screens.mark(turn.t, sheet, args[1]))


@personal.callback_query(Press("practices:marked"))
async def marked(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The mark, then the next criterion; after the last the expert's word."""
    async with turn.db.begin() as session:
        await expertise.mark(session, turn.caller.id, int(args[0]), args[1], int(args[2]))
        sheet = await expertise.sheet(session, turn.caller.id, int(args[0]))
    after = CRITERIA[CRITERIA.index(args[1]) + 1 :]
    following = after[0] if after else sheet.next
    if following:
        await turn.show(screens.mark(turn.t, sheet, following))
    else:
        await turn.show(screens.verdict(turn.t, sheet))


@personal.callback_query(Press("practices:word"))
async def word(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    sheet = await _sheet(turn, args)
    if sheet.next:
        await turn.show(screens.mark(turn.t, sheet, sheet.next))
        return
    await turn.show(screens.verdict(turn.t, sheet))


@personal.callback_query(Press("practices:verdict"))
async def verdict(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Опубликовать» is done at once; «просить дополнить» needs words."""
    number, said = int(args[0]), one_of(ReviewVerdict, args[1])
    if said is ReviewVerdict.revise:
        await turn.state.set_state(Telling.word)
        await turn.state.update_data(practice_review=number)
        await turn.show(screens.comment(turn.t, number))
        return
    async with turn.db.begin() as session:
        decision = await expertise.conclude(session, turn.caller.id, number, said, "", now=turn.now, speak=says(turn))
    await turn.show(screens.concluded(turn.t, decision))


@router.message(Telling.word, F.text.as_("text"), ~F.text.startswith("/"), OnBank())
async def word_typed(message: Message, text: str, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("practice_review", 0))
    if len(text.strip()) < expertise.LEAST_WORDS:
        with explained(turn.t("practices-comment-needed")):
            await turn.show(screens.comment(turn.t, number))
        return
    async with turn.db.begin() as session:
        decision = await expertise.conclude(
            session, turn.caller.id, number, ReviewVerdict.revise, text, now=turn.now, speak=says(turn)
        )
    await turn.state.set_state(None)
    await turn.show(screens.concluded(turn.t, decision))


@personal.callback_query(Press("practices:refuse"))
async def refuse(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await expertise.refuse(session, turn.caller.id, int(args[0]), now=turn.now, speak=says(turn))
    await turn.show(screens.refused(turn.t))


async def _sheet(turn: Turn, args: list[str]) -> expertise.Sheet:
    async with turn.db.read() as session:
        return await expertise.sheet(session, turn.caller.id, int(args[0]))


router.include_router(personal)
