"""Take an instrument: the open attempt is the state, any messenger goes on with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.enums import ChatAction
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot import pictures
from bot.clock import local_date
from bot.db import Database
from bot.errors import NotFound, UserError
from bot.filters import Press
from bot.i18n import Translator
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.models import InstrumentKind, Purpose
from bot.questions import SCALE
from bot.rules import scoring
from bot.screens import diagnostics as screens
from bot.screens import errors as error_screens
from bot.screens import tasks as task_screens
from bot.services import campaigns, diagnostics, iom, methodists
from bot.services.access import Right
from bot.services.diagnostics import Content, Item, Result, Step, adaptive
from bot.services.identities import Caller
from bot.ui.screen import Screen
from bot.ui.show import show

router = Router(name="diagnostics")
personal = Router(name="diagnostics-personal")
personal.callback_query.middleware(NeedsProfile())

Event = Message | CallbackQuery
TRY_ITEMS = 5


@personal.callback_query(Press("diagnostics:answer"))
async def answer(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    item_id, value = int(args[0]), int(args[1])
    async with db.begin() as session:
        step = await diagnostics.answer(session, caller.id, item_id, value, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    if screen is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screen)


@personal.callback_query(Press("diagnostics:resume"))
async def resume(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    """Go on where it stopped; after a changed answer, at the first gap."""
    async with db.begin() as session:
        step = await diagnostics.to_first_gap(session, caller.id, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    if screen is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screen)


@personal.callback_query(Press("diagnostics:back"))
async def back(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.begin() as session:
        step = await diagnostics.back(session, caller.id, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    if screen is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screen)


@personal.callback_query(Press("diagnostics:pause"))
async def pause(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.read() as session:
        step = await diagnostics.open_attempt(session, caller.id)
    if step is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screens.pause(t, step))


@personal.callback_query(Press("diagnostics:remind"))
async def remind(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    """«Напомнить завтра», and «Позже» under the reminder itself."""
    async with db.begin() as session:
        step = await diagnostics.open_attempt(session, caller.id)
        if step is not None:
            await diagnostics.remind_tomorrow(session, caller.id, step, screens.resume(t, step), now=now)
    if step is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screens.reminded(t, step))


@personal.callback_query(Press("diagnostics:silent"))
async def silent(event: CallbackQuery, caller: Caller, db: Database, t: Translator) -> None:
    async with db.begin() as session:
        await diagnostics.do_not_remind(session, caller.id)
    await show(event, screens.silent(t))


@personal.callback_query(Press("diagnostics:review"))
async def review(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.read() as session:
        step = await diagnostics.open_attempt(session, caller.id)
        given = await diagnostics.review(session, step.attempt_id) if step else {}
        is_test = step is not None and step.content.kind is InstrumentKind.test_key
        told = await diagnostics.told_of(session, step.attempt_id, step.content) if step and is_test else {}
    if step is None or step.content.kind is InstrumentKind.case_rubric:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    pages = max(1, -(-len(given) // screens.REVIEW_PAGE))
    number = min(int(args[0]), pages - 1)
    await show(event, task_screens.review(t, step, told, number) if is_test else screens.review(t, step, given, number))


@personal.callback_query(Press("diagnostics:change"))
async def change(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    """Open one answered question; its answer leads back to the first gap or the end."""
    async with db.begin() as session:
        step = await diagnostics.open_attempt(session, caller.id)
        item = step.content.by_id.get(int(args[0])) if step else None
        if item is not None:
            step = await diagnostics.go_to(session, caller.id, item.place, now=now)
        screen = await screen_of(session, event, step, t, now, zone)
    if screen is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screen)


@personal.callback_query(Press("diagnostics:send"))
async def send(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.begin() as session:
        attempt_id = await diagnostics.finish(session, caller.id, now=now, on=local_date(now, zone))
        found = await diagnostics.own_result(session, caller.id, attempt_id) if attempt_id else None
        if attempt_id:
            await iom.took_exit(session, caller.id, attempt_id)
    if found is None:
        await home_screen(event, caller, db, t, now, zone, stale=True)
        return
    await show(event, screens.result(t, found))


@personal.callback_query(Press("diagnostics:home"))
async def home(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    await home_screen(event, caller, db, t, now, zone)


@personal.callback_query(Press("diagnostics:begin"))
async def begin(
    event: CallbackQuery,
    args: list[str],
    caller: Caller,
    db: Database,
    t: Translator,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    instrument = args[0] if args else ""
    async with db.read() as session:
        offer = await diagnostics.start_offer(session, caller.id, now=now, instrument=instrument)
    if offer is None:
        await show(event, screens.none(t))
    elif offer.open is not None:
        async with db.read() as session:
            screen = await screen_of(session, event, offer.open, t, now, zone)
        await show(event, screen or screens.none(t))
    elif not offer.official_now:
        await show(event, screens.later(t, offer, instrument=instrument, zone=zone, today=local_date(now, zone)))
    elif offer.content.kind is InstrumentKind.self_likert:
        await show(event, screens.intro(t, instrument=instrument, own=False))
    else:
        await show(event, task_screens.intro(t, offer, instrument=instrument))


@personal.callback_query(Press("diagnostics:start"))
async def start_official(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    await _start(event, args, caller, db, t, now, zone, Purpose.official)


@personal.callback_query(Press("diagnostics:start-own"))
async def start_own(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    await _start(event, args, caller, db, t, now, zone, Purpose.trial)


@personal.callback_query(Press("diagnostics:history"))
async def history(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.read() as session:
        lines = await diagnostics.history(session, caller.id)
        only = await diagnostics.own_result(session, caller.id, lines[0].attempt_id) if len(lines) == 1 else None
        comment = await diagnostics.marking.comment_of(session, caller.id, only.attempt_id) if only else ""
    if not lines:
        await home_screen(event, caller, db, t, now, zone)
    elif only is not None:
        await show(event, screens.result(t, only, comment=comment))
    else:
        await show(event, screens.history(t, lines, zone=zone, today=local_date(now, zone)))


@personal.callback_query(Press("diagnostics:compare"))
async def compare(
    event: CallbackQuery, caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    async with db.read() as session:
        comparison = await diagnostics.compare(session, caller.id)
    await show(event, screens.compare(t, comparison, zone=zone, today=local_date(now, zone)))


@personal.callback_query(Press("diagnostics:result"))
async def result(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    found = await _own(db, caller, args[0])
    async with db.read() as session:
        comment = await diagnostics.marking.comment_of(session, caller.id, found.attempt_id)
    await show(event, screens.result(t, found, comment=comment))


@personal.callback_query(Press("diagnostics:groups"))
async def groups(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    await show(event, screens.groups(t, await _own(db, caller, args[0])))


@personal.callback_query(Press("diagnostics:group"))
async def group(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    found = await _own(db, caller, args[0])
    chosen = next((group for group in found.groups if group.group_id == int(args[1])), None)
    if chosen is None:
        raise NotFound()
    async with db.read() as session:
        pairs = await diagnostics.both(session, caller.id)
    await show(event, screens.group(t, found, chosen, both=chosen.slug in pairs))


@personal.callback_query(Press("diagnostics:both"))
async def both(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    """Self-assessment and test of one group: two numbers, no verdict."""
    found = await _own(db, caller, args[0])
    slug = next((group.slug for group in found.groups if group.group_id == int(args[1])), "")
    async with db.read() as session:
        pair = (await diagnostics.both(session, caller.id)).get(slug)
    if pair is None:
        raise NotFound()
    await show(event, task_screens.both(t, pair, attempt_id=found.attempt_id))


@personal.callback_query(Press("diagnostics:growth"))
async def growth(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    found = await _own(db, caller, args[0])
    pages = max(1, -(-len(found.growth) // 5))
    await show(event, screens.growth(t, found, min(int(args[1]), pages - 1)))


@personal.callback_query(Press("diagnostics:who"))
async def who(
    event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator, now: datetime, zone: ZoneInfo
) -> None:
    found = await _own(db, caller, args[0])
    async with db.read() as session:
        methodist = await methodists.name_for(session, caller.id, today=local_date(now, zone))
    await show(event, screens.who(t, found, methodist))


@personal.callback_query(Press("diagnostics:picture"))
async def picture(event: CallbackQuery, args: list[str], caller: Caller, db: Database, t: Translator) -> None:
    found = await _own(db, caller, args[0])
    dark = args[1:] == ["dark"]
    bot = bot_of(event)
    if event.message is not None:
        await bot.send_chat_action(event.message.chat.id, ChatAction.UPLOAD_PHOTO)
    bars = tuple(
        pictures.Bar(g.title, screens.level_word(t, g), g.pct, g.sem or 0, g.level.value if g.level else "")
        for g in found.groups
    )
    title, foot = t(f"{screens.RESULT[found.content.kind]}.title"), t("diagnostics-picture.foot")
    content = await asyncio.to_thread(pictures.profile, title, foot, bars, dark=dark)
    await show(event, screens.picture(t, found, content, dark=dark))


class OnQuestion(Filter):
    """True while a question with buttons is the last screen of the chat."""

    async def __call__(self, message: Message, caller: Caller) -> bool:
        shown = bot_of(message).tails.rows(message.chat.id)
        return caller.known and any(b.action.startswith("diagnostics:answer:") for row in shown for b in row)


@router.message(F.text, ~F.text.startswith("/"), StateFilter(None), OnQuestion())
async def text_instead_of_a_button(
    message: Message, state: FSMContext, caller: Caller, db: Database, t: Translator, now: datetime
) -> None:
    """The text is kept for a day, the question stays (E5)."""
    async with db.read() as session:
        step = await diagnostics.open_attempt(session, caller.id)
    if step is None or step.item is None:
        raise UserError("diagnostics-nothing-open", buttons=(("button-menu", "menu:home"),))
    await state.update_data(kept_text=(message.text or "")[:4000], kept_at=now.isoformat())
    await show(message, screens.buttons_only(t, step, whole_labels=bot_of(message).limits.whole_labels))


# --- without a profile -------------------------------------------------------------------------------


@router.callback_query(Press("diagnostics:try"))
async def try_out(event: CallbackQuery, args: list[str], db: Database, t: Translator) -> None:
    """Five questions; answers travel in the button and are stored nowhere."""
    async with db.read() as session:
        content = await diagnostics.published(session, "teacher")
    if content is None:
        await show(event, screens.none(t))
        return
    if not args:
        await show(event, screens.try_intro(t))
        return
    answers = "" if args[0] == "-" else args[0]
    items = _try_items(content)
    if len(answers) > len(items) or any(sign not in "12345" for sign in answers):
        raise UserError("error-stale")
    if len(answers) < len(items):
        await show(event, screens.try_question(t, content, items, answers))
        return
    levels = [scoring.level_of((int(sign) - 1) * 25, content.cuts) for sign in answers]
    await show(event, screens.try_result(t, items, levels))


def _try_items(content: Content) -> Sequence[Item]:
    """The second item of each group: concrete and short."""
    return [group.items[1] for group in content.groups if len(group.items) > 1][:TRY_ITEMS]


async def _own(db: Database, caller: Caller, number: str) -> Result:
    async with db.read() as session:
        return await diagnostics.own_result(session, caller.id, int(number))


async def _start(
    event: CallbackQuery,
    args: list[str],
    caller: Caller,
    db: Database,
    t: Translator,
    now: datetime,
    zone: ZoneInfo,
    purpose: Purpose,
) -> None:
    instrument = args[0] if args else ""
    async with db.begin() as session:
        offer = await diagnostics.start_offer(session, caller.id, now=now, instrument=instrument)
        step = await diagnostics.start(session, caller, offer, purpose=purpose, now=now) if offer else None
        screen = await screen_of(session, event, step, t, now, zone)
    await show(event, screen or screens.none(t))


async def screen_of(
    session: AsyncSession,
    event: Message | CallbackQuery,
    step: Step | None,
    t: Translator,
    now: datetime,
    zone: ZoneInfo,
) -> Screen | None:
    """The question of a step, or the finish screen after the last; None when nothing is open."""
    if step is None:
        return None
    kind = step.content.kind
    if kind is InstrumentKind.case_rubric:
        return task_screens.case(t, step.content)
    if step.late(now):
        return task_screens.time_over(t, step)
    whole = bot_of(event).limits.whole_labels
    if step.item is None:
        if step.asked is not None:
            why = await adaptive.why_stopped(session, step.attempt_id, step.content)
            return task_screens.enough(t, step, why.value if why else "all_asked")
        if kind is InstrumentKind.test_key:
            told = await diagnostics.told_of(session, step.attempt_id, step.content)
            return task_screens.finish(t, step, told)
        return screens.finish(t, await diagnostics.review(session, step.attempt_id))
    if step.item.kind != SCALE:
        given = await diagnostics.given_now(session, step)
        return task_screens.task(t, step, given, zone=zone, whole_labels=whole)
    return screens.question(t, step, whole_labels=whole)


async def home_screen(
    event: CallbackQuery,
    caller: Caller,
    db: Database,
    t: Translator,
    now: datetime,
    zone: ZoneInfo,
    *,
    stale: bool = False,
) -> None:
    """The section's first screen; under a kind line when an old button led here."""
    async with db.read() as session:
        offer = await diagnostics.start_offer(session, caller.id, now=now)
        lines = await diagnostics.history(session, caller.id) if offer else []
        tests = bool(await diagnostics.offers(session, caller.id))
        told = await campaigns.current(session, caller.id, today=local_date(now, zone))
    if offer is None:
        await show(event, screens.none(t))
        return
    other = "teacher" if offer.content.audience == "leader" else ""
    last = lines[0] if lines else None
    marks = caller.scope.may(Right.results_mark)
    today = local_date(now, zone)
    fresh = screens.home(
        t,
        offer,
        last,
        zone=zone,
        today=today,
        other=other,
        tests=tests,
        marks=marks,
        invite=told.id if told else 0,
    )
    await show(event, error_screens.stale(t, fresh) if stale else fresh)


router.include_router(personal)
