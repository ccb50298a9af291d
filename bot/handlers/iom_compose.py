"""The methodist composes in the chat: a variant for a request, simple changes of a line. The rest is the admin's."""

from __future__ import annotations

from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import NotFound
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import iom_compose as screens
from bot.services.access import Right
from bot.services.iom import agreeing, composing, drafting, reach
from bot.services.iom.views import Route, StepView

router = Router(name="iom-compose")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
router.message.middleware(NeedsProfile())
router.callback_query.middleware(NeedsProfile())

WEEK = timedelta(days=7)


@router.callback_query(Press("iom:offer-open"))
async def check(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _show(turn, int(args[0]), int(args[1]) if len(args) > 1 else 0)


async def _show(turn: Turn, iom_id: int, number: int = 0) -> None:
    await turn.show(screens.check(turn.t, await _opened(turn, iom_id), number, today=turn.today))


@router.callback_query(Press("iom:compose"))
async def compose(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A variant for a teacher who has asked for a route."""
    iom_id = int(args[0])
    async with turn.db.begin() as session:
        found = await reach.require(session, turn.caller.scope, Right.iom_edit, iom_id, today=turn.today)
        await composing.make_for(
            session, turn.caller.scope, found.person_id, str(args[1]), now=turn.now, today=turn.today
        )
    await _show(turn, iom_id)


@router.callback_query(Press("iom:line"))
async def line(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _line(turn, args)
    await turn.show(screens.line(turn.t, route, step, today=turn.today))


@router.callback_query(Press("iom:line-week"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _line(turn, args)
    async with turn.db.begin() as session:
        await agreeing.change(
            session, turn.caller.scope, route.id, step.id, due=max(step.due, turn.today) + WEEK, now=turn.now,
            today=turn.today,
        )  # fmt: skip
    await line(event, args, turn)


@router.callback_query(Press("iom:line-must"))
async def mandatory(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """What it shall be is in the press, so that a press delivered twice does it once."""
    async with turn.db.begin() as session:
        await agreeing.change(
            session, turn.caller.scope, int(args[0]), int(args[1]), mandatory=args[2] == "1", now=turn.now,
            today=turn.today,
        )  # fmt: skip
    await line(event, args, turn)


@router.callback_query(Press("iom:line-choose"))
async def choose(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _line(turn, args)
    async with turn.db.read() as session:
        found = await drafting.fitting(session, route.id, step.id, today=turn.today, limit=screens.CHOICES)
    await turn.show(screens.choices(turn.t, route, step, found, today=turn.today))


@router.callback_query(Press("iom:line-put"))
async def put(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.change(
            session, turn.caller.scope, int(args[0]), int(args[1]), activity_id=int(args[2]), now=turn.now,
            today=turn.today,
        )  # fmt: skip
    await _show(turn, int(args[0]))


@router.callback_query(Press("iom:line-drop"))
async def drop(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    route, step = await _line(turn, args)
    async with turn.db.begin() as session:
        await agreeing.drop(session, turn.caller.scope, route.id, step.id, now=turn.now, today=turn.today)
    await turn.show(screens.dropped(turn.t, route, step))


@router.callback_query(Press("iom:line-back"))
async def restore(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await agreeing.restore(session, turn.caller.scope, int(args[0]), int(args[1]), now=turn.now, today=turn.today)
    await _show(turn, int(args[0]))


async def _opened(turn: Turn, iom_id: int) -> Route:
    async with turn.db.begin() as session:
        return await reach.opened(session, turn.caller.scope, iom_id, now=turn.now, today=turn.today, where="chat")


async def _line(turn: Turn, args: list[str]) -> tuple[Route, StepView]:
    route = await _opened(turn, int(args[0]))
    step = route.step(int(args[1]))
    if step is None:
        raise NotFound("iom-nothing", buttons=(("iom-verdict.queue", "iom:queue:0"),))
    return route, step
