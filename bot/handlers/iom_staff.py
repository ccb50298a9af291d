"""The methodist's queue and the head's approval in the chat."""

from __future__ import annotations

import re
from datetime import date

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import NotFound, UserError
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import IomState
from bot.screens import iom_staff as screens
from bot.services.iom import agreeing, closing, following, reach, revising, staff
from bot.services.iom.views import Route

router = Router(name="iom-staff")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
router.message.middleware(NeedsProfile())
router.callback_query.middleware(NeedsProfile())

BATCH = 200
"""Routes of one order in the chat."""

_order = re.compile(r"^\s*(?P<no>\S.*?)\s+(?:от\s+)?(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})\s*$")


class IomStaffForm(StatesGroup):
    """Words of staff are awaited."""

    back = State()
    conclusion = State()
    order = State()


@router.callback_query(Press("iom:queue"))
async def queue(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.clear()
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        tasks, total = await staff.queue(session, turn.caller.scope, today=turn.today, page=number)
    await turn.show(screens.queue(turn.t, tasks, number, total))


@router.callback_query(Press("iom:offer"))
async def offer(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        state = await agreeing.offer(session, turn.caller.scope, int(args[0]), now=turn.now, today=turn.today)
    await turn.show(screens.done(turn.t, "iom-checked-agreed" if state is IomState.agreed else "iom-checked"))


@router.callback_query(Press("iom:evidence-open"))
async def review(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route = await _opened(turn, int(args[0]))
    step = route.step(int(args[1]))
    if step is None:
        raise NotFound()
    async with turn.db.read() as session:
        sent = await following.sent(session, [step.id])
    await turn.show(screens.review(turn.t, route, step, sent.get(step.id, [])))


@router.callback_query(Press("iom:accept"))
async def accept(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _verdict(turn, int(args[0]), int(args[1]), accept=True, comment="")


@router.callback_query(Press("iom:return"))
async def give_back(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(IomStaffForm.back)
    await turn.state.update_data(iom=int(args[0]), iom_step=int(args[1]))
    await turn.show(screens.ask_words(turn.t))


@router.message(IomStaffForm.back, F.text.as_("text"), ~F.text.startswith("/"))
async def given_back(message: Message, text: str, turn: Turn) -> None:
    data = await turn.state.get_data()
    await _verdict(turn, int(data.get("iom", 0)), int(data.get("iom_step", 0)), accept=False, comment=text)


async def _verdict(turn: Turn, iom_id: int, step_id: int, *, accept: bool, comment: str) -> None:
    async with turn.db.begin() as session:
        await following.verdict(
            session,
            turn.caller.scope,
            iom_id,
            step_id,
            accept=accept,
            comment=comment,
            now=turn.now,
            today=turn.today,
        )
    await turn.state.clear()
    await turn.show(screens.done(turn.t))


@router.callback_query(Press("iom:change-open"))
async def change(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route = await _opened(turn, int(args[0]))
    if route.asked is None:
        raise NotFound()
    await turn.show(screens.change(turn.t, route, today=turn.today))


@router.callback_query(Press("iom:answer"))
async def answer(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await revising.decide_asked(
            session,
            turn.caller.scope,
            int(args[0]),
            int(args[1]),
            agree=args[2] == "1",
            now=turn.now,
            today=turn.today,
        )
    await turn.show(screens.done(turn.t))


@router.callback_query(Press("iom:conclude-open"))
async def conclude(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route = await _opened(turn, int(args[0]))
    await turn.state.set_state(IomStaffForm.conclusion)
    await turn.state.update_data(iom=route.id)
    await turn.show(screens.conclude(turn.t, route, today=turn.today))


@router.message(IomStaffForm.conclusion, F.text.as_("text"), ~F.text.startswith("/"))
async def concluded(message: Message, text: str, turn: Turn) -> None:
    iom_id = int((await turn.state.get_data()).get("iom", 0))
    async with turn.db.begin() as session:
        await closing.conclude(session, turn.caller.scope, iom_id, text, now=turn.now, today=turn.today)
    await turn.state.clear()
    await turn.show(screens.done(turn.t))


@router.callback_query(Press("iom:head"))
async def head(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.clear()
    number = max(0, int(args[0]))
    async with turn.db.read() as session:
        lines, total = await staff.to_approve(session, turn.caller.scope, today=turn.today, page=number)
    await turn.show(screens.head(turn.t, lines, number, total))


@router.callback_query(Press("iom:order"))
async def order(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """One route, or (0) all that are agreed as of this press."""
    chosen = [int(args[0])]
    if chosen == [0]:
        async with turn.db.read() as session:
            lines, _ = await staff.to_approve(session, turn.caller.scope, today=turn.today, size=BATCH)
        chosen = [line.id for line in lines]
    await turn.state.set_state(IomStaffForm.order)
    await turn.state.update_data(ioms=chosen)
    await turn.show(screens.order(turn.t))


@router.message(IomStaffForm.order, F.text.as_("text"), ~F.text.startswith("/"))
async def ordered(message: Message, text: str, turn: Turn) -> None:
    number, day = _order_of(text)
    chosen = [int(one) for one in (await turn.state.get_data()).get("ioms", [])]
    async with turn.db.begin() as session:
        done = await agreeing.approve(
            session, turn.caller.scope, chosen, order_no=number, order_date=day, now=turn.now, today=turn.today
        )
    await turn.state.clear()
    await turn.show(screens.ordered(turn.t, done))


def _order_of(text: str) -> tuple[str, date]:
    found = _order.match(text)
    try:
        if found is None:
            raise ValueError
        return found["no"], date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        raise UserError("iom-order-needed", buttons=(("button-cancel", "iom:head:0"),)) from None


async def _opened(turn: Turn, iom_id: int) -> Route:
    async with turn.db.begin() as session:
        return await reach.opened(session, turn.caller.scope, iom_id, now=turn.now, today=turn.today, where="chat")
