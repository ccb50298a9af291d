"""«Мой ИОМ»: from a draft to the effect, as the teacher goes through it."""

from __future__ import annotations

from datetime import UTC, timedelta

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import NotFound
from bot.filters import Press
from bot.handlers.iom_files import evidence_of
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import IomState
from bot.rules import iom_calendar
from bot.screens import diagnostics as diagnostics_screens
from bot.screens import iom as screens
from bot.services import diagnostics, iom
from bot.services.access import Right
from bot.services.iom import agreeing, closing, drafting, following, reach, revising
from bot.services.iom.views import Route, StepView
from bot.ui.screen import Button, Screen

router = Router(name="iom")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
router.message.middleware(NeedsProfile())
router.callback_query.middleware(NeedsProfile())

WEEKS = {7: timedelta(days=7), 30: timedelta(days=30)}


class IomForm(StatesGroup):
    """Words or files are awaited."""

    request = State()
    remark = State()
    proof = State()
    reflection = State()


@router.callback_query(Press("iom:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    await show_home(turn)


async def show_home(turn: Turn) -> None:
    """The section as it stands: what is next depends on the state."""
    async with turn.db.read() as session:
        route = await iom.mine(session, turn.caller.id)
        diagnosed = bool(await diagnostics.history(session, turn.caller.id, counted_only=True)) if not route else True
        scope = await reach.scope_here(session, turn.caller.scope)
    staff = screens.staff_rows(turn.t, methodist=scope.may(Right.iom_edit), head=scope.may(Right.iom_approve))
    if route is not None and route.state is IomState.exit_check and route_reflects(route):
        await ask_reflection(turn, len(route.reflections) + 1)
        return
    await turn.show(_home(turn, route, staff, diagnosed=diagnosed))


def _home(turn: Turn, route: Route | None, staff: list[Button], *, diagnosed: bool) -> Screen:
    t, today = turn.t, turn.today
    if route is None or route.state is IomState.stopped:
        return screens.none(t, diagnosed=diagnosed, staff=staff)
    if route.state in (IomState.completed, IomState.completed_partly):
        return screens.effect(t, route, today=today, staff=staff)
    if route.state is IomState.draft:
        if route.agreed_at is not None:
            return screens.waiting(t, route)
        return screens.plan(t, route, today=today)
    if route.state is IomState.offered:
        return screens.remark_sent(t) if route.remarked else screens.plan(t, route, today=today)
    if route.state is IomState.agreed:
        return screens.waiting(t, route)
    if route.state is IomState.exit_check:
        done = len(route.reflections) >= closing.QUESTIONS
        return screens.reflected(t, route) if done else screens.exit_check(t)
    if route.asked is not None and not route.asked.by_teacher:
        return screens.changed(t, route, today=today)
    return screens.home(t, route, today=today, staff=staff)


def route_reflects(route: Route) -> bool:
    """True when the exit diagnosis is done (or there is none to do) and a question is open."""
    diagnosed = route.exit_attempt_id is not None or route.attempt_id is None
    return diagnosed and len(route.reflections) < closing.QUESTIONS


# --- draft -------------------------------------------------------------------------------------------


@router.callback_query(Press("iom:make"))
async def make(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        hours = await drafting.variants(session, turn.caller.id, today=turn.today)
    await turn.show(screens.draft(turn.t, hours))


@router.callback_query(Press("iom:variant"))
async def variant(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        route = await drafting.make(session, turn.caller.id, str(args[0]), now=turn.now, today=turn.today)
    await turn.show(screens.plan(turn.t, route, today=turn.today))


@router.callback_query(Press("iom:ask"))
async def ask(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(IomForm.request)
    await turn.show(screens.ask(turn.t))


@router.message(IomForm.request, F.text.as_("text"), ~F.text.startswith("/"))
async def asked(message: Message, text: str, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await drafting.request(session, turn.caller.id, text, now=turn.now, today=turn.today)
    await turn.state.clear()
    await turn.show(screens.asked(turn.t))


@router.callback_query(Press("iom:plan"))
async def plan(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route = await _mine(turn)
    await turn.show(screens.plan(turn.t, route, number=int(args[0]), today=turn.today))


@router.callback_query(Press("iom:why"))
async def why(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _mine_step(turn, int(args[0]))
    async with turn.db.read() as session:
        reason = await drafting.why(session, turn.caller.id, step.id)
    await turn.show(screens.why(turn.t, route, step, reason, today=turn.today))


@router.callback_query(Press("iom:choose"))
async def choose(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """What would do instead; in an approved route it is asked of the methodist, unless it was called off."""
    _, step = await _mine_step(turn, int(args[0]))
    async with turn.db.read() as session:
        found = await drafting.choices_for(session, turn.caller.id, step.id, today=turn.today)
        gone = await revising.is_gone(session, step.id)
    await turn.show(screens.choices(turn.t, step, found, today=turn.today, gone=gone))


@router.callback_query(Press("iom:put"))
async def put(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _mine_step(turn, int(args[0]))
    activity_id = int(args[1])
    if route.state is IomState.draft:
        async with turn.db.begin() as session:
            await drafting.replace(session, turn.caller.id, step.id, activity_id, now=turn.now, today=turn.today)
        await turn.show(screens.plan(turn.t, await _mine(turn), today=turn.today))
        return
    async with turn.db.begin() as session:
        title = await revising.ask(
            session,
            turn.caller.id,
            step.id,
            activity_id=activity_id,
            reason=turn.t("iom-replace-asked.reason"),
            now=turn.now,
            today=turn.today,
        )
    key = "iom-replaced" if title.at_once else "iom-replace-asked"
    methodist = route.methodist or turn.t("iom-methodist")
    await turn.show(screens.said(turn.t, key, title=step.title[:80], new=title.new[:80], methodist=methodist))


@router.callback_query(Press("iom:remove"))
async def remove(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await drafting.remove(session, turn.caller.id, int(args[0]))
    await turn.show(screens.plan(turn.t, await _mine(turn), today=turn.today))


# --- agreement ---------------------------------------------------------------------------------------


@router.callback_query(Press("iom:agree"))
async def agree(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.agree(turn.t, await _mine(turn), today=turn.today))


@router.callback_query(Press("iom:yes"))
async def yes(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.agree(session, turn.caller.id, now=turn.now)
    await show_home(turn)


@router.callback_query(Press("iom:remark"))
async def remark(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """On the whole, or on one step."""
    await turn.state.set_state(IomForm.remark)
    await turn.state.update_data(iom_step=int(args[0]) if args else None)
    await turn.show(screens.remark(turn.t))


@router.message(IomForm.remark, F.text.as_("text"), ~F.text.startswith("/"))
async def remarked(message: Message, text: str, turn: Turn) -> None:
    step_id = (await turn.state.get_data()).get("iom_step")
    async with turn.db.begin() as session:
        await agreeing.remark(session, turn.caller.id, text, step_id=step_id, now=turn.now)
    await turn.state.clear()
    await turn.show(screens.remark_sent(turn.t))


@router.callback_query(Press("iom:decide"))
async def decide(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await revising.decide(session, turn.caller.id, int(args[0]), agree=args[1] == "1", now=turn.now)
    await show_home(turn)


# --- following ---------------------------------------------------------------------------------------


@router.callback_query(Press("iom:all"))
async def everything(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route = await _mine(turn)
    await turn.show(screens.everything(turn.t, route, int(args[0]), today=turn.today))


@router.callback_query(Press("iom:calendar"))
async def calendar(event: CallbackQuery, turn: Turn) -> None:
    route = await _mine(turn)
    days = [(step.id, step.due, turn.t("iom-calendar.line", title=step.title)) for step in route.steps if step.open]
    content = iom_calendar.calendar(days, made=turn.now.astimezone(UTC))
    await turn.show(screens.calendar(turn.t, content))


@router.callback_query(Press("iom:step"))
async def step(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.clear()
    await _show_step(turn, int(args[0]))


async def _show_step(turn: Turn, step_id: int) -> None:
    """The step; one whose activity was called off offers others first."""
    route, found = await _mine_step(turn, step_id)
    async with turn.db.read() as session:
        sent = await following.sent(session, [found.id])
        gone = route.followed and await revising.is_gone(session, found.id)
        others = await drafting.choices_for(session, turn.caller.id, found.id, today=turn.today) if gone else []
    if gone:
        await turn.show(screens.choices(turn.t, found, others, today=turn.today, gone=True))
    else:
        await turn.show(screens.step(turn.t, route, found, sent.get(found.id, []), today=turn.today))


@router.callback_query(Press("iom:proof"))
async def proof(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    _, found = await _mine_step(turn, int(args[0]))
    await turn.state.set_state(IomForm.proof)
    await turn.state.update_data(iom_step=found.id)
    await turn.show(screens.proof(turn.t, found, size=bot_of(event).limits.file_mb))


@router.message(IomForm.proof, ~F.text.startswith("/"))
async def proved(message: Message, turn: Turn) -> None:
    """Words, a link, a photo or a file; anything else is told what would do."""
    step_id = int((await turn.state.get_data()).get("iom_step") or 0)
    piece = await evidence_of(message, turn, step_id)
    if piece is None:
        return
    async with turn.db.begin() as session:
        file_id = await piece.keep(session, turn.caller.id, now=turn.now) if piece.blob else None
        await following.submit(session, turn.caller.id, step_id, text=piece.text, file_id=file_id, now=turn.now)
    await turn.state.clear()
    route, found = await _mine_step(turn, step_id)
    await turn.show(screens.sent(turn.t, route, found))


@router.callback_query(Press("iom:take"))
async def take(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await following.take_back(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.said(turn.t, "iom-taken", f"iom:step:{int(args[0])}"))


@router.callback_query(Press("iom:move"))
async def move(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, found = await _mine_step(turn, int(args[0]))
    await turn.show(screens.move(turn.t, route, found, today=turn.today))


@router.callback_query(Press("iom:move-by"))
async def move_by(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, found = await _mine_step(turn, int(args[0]))
    due = max(found.due, turn.today) + WEEKS.get(int(args[1]), WEEKS[7])
    async with turn.db.begin() as session:
        await revising.ask(
            session,
            turn.caller.id,
            found.id,
            due=due,
            reason=turn.t("iom-move-asked.reason"),
            now=turn.now,
            today=turn.today,
        )
    date = turn.t.day(due, today=turn.today)
    methodist = route.methodist or turn.t("iom-methodist")
    await turn.show(screens.said(turn.t, "iom-move-asked", title=found.title[:80], date=date, methodist=methodist))


@router.callback_query(Press("iom:later"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        day = await following.remind_later(session, turn.caller.id, int(args[0]), today=turn.today)
    await turn.show(screens.said(turn.t, "iom-later", date=turn.t.day(day, today=turn.today)))


@router.callback_query(Press("iom:mute"))
async def mute(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await following.mute(session, turn.caller.id, int(args[0]))
    await turn.show(screens.said(turn.t, "iom-muted"))


# --- pause, stop, the end ----------------------------------------------------------------------------


@router.callback_query(Press("iom:stop"))
async def stop(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.stop(turn.t))


@router.callback_query(Press("iom:stop-now"))
async def stop_now(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.stop(session, turn.caller.id, now=turn.now)
    await turn.show(screens.said(turn.t, "iom-stopped"))


@router.callback_query(Press("iom:pause"))
async def pause(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.pause(session, turn.caller.id, now=turn.now)
    await show_home(turn)


@router.callback_query(Press("iom:go-on"))
async def go_on(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.go_on(session, turn.caller.id, now=turn.now)
    await show_home(turn)


@router.callback_query(Press("iom:exit"))
async def exit_check(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        opened = await closing.begin_exit(session, turn.caller, now=turn.now)
    if opened is None or opened.item is None:
        await (show_home(turn) if opened is None else turn.go_to("diagnostics:resume"))
        return
    await turn.show(diagnostics_screens.question(turn.t, opened, whole_labels=bot_of(event).limits.whole_labels))


async def ask_reflection(turn: Turn, number: int) -> None:
    """One of the three questions; words are awaited."""
    await turn.state.set_state(IomForm.reflection)
    await turn.state.update_data(iom_question=number)
    await turn.show(screens.reflect(turn.t, number))


@router.message(IomForm.reflection, F.text.as_("text"), ~F.text.startswith("/"))
async def reflected(message: Message, text: str, turn: Turn) -> None:
    number = int((await turn.state.get_data()).get("iom_question") or 1)
    await _reflect(turn, number, text)


@router.callback_query(Press("iom:skip"))
async def skip(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _reflect(turn, int(args[0]), "")


async def _reflect(turn: Turn, number: int, words: str) -> None:
    async with turn.db.begin() as session:
        await closing.reflect(session, turn.caller.id, number, words)
    await turn.state.clear()
    await show_home(turn)


async def _mine(turn: Turn) -> Route:
    async with turn.db.read() as session:
        route = await iom.mine(session, turn.caller.id)
    if route is None:
        raise NotFound("iom-nothing", buttons=(("menu-sections.iom", "iom:home"),))
    return route


async def _mine_step(turn: Turn, step_id: int) -> tuple[Route, StepView]:
    route = await _mine(turn)
    found = route.step(step_id)
    if found is None:
        raise NotFound("iom-nothing", buttons=(("menu-sections.iom", "iom:home"),))
    return route, found
