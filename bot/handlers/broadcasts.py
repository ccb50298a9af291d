"""Under a broadcast: not such ones; in «Профиль»: rubrics and kinds of messages."""

from __future__ import annotations

from datetime import UTC, datetime

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import NotFound, StaleButton
from bot.filters import Press, one_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import BroadcastKind
from bot.screens import broadcasts as screens
from bot.services import broadcasts
from bot.ui.pager import PAGE, Page

router = Router(name="broadcasts")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


@router.callback_query(Press("broadcasts:off"))
async def off(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Не присылать такое»."""
    kind = _kind(args)
    async with turn.db.begin() as session:
        await broadcasts.switch_kind(session, turn.caller.id, kind, is_on=False, now=turn.now)
    await turn.show(screens.kind_off(turn.t, kind))


@router.callback_query(Press("broadcasts:on"))
async def on(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    kind = _kind(args)
    async with turn.db.begin() as session:
        await broadcasts.switch_kind(session, turn.caller.id, kind, is_on=True, now=turn.now)
    await turn.show(screens.kind_on(turn.t, kind))


@router.callback_query(Press("broadcasts:rubric-off"))
async def rubric_off(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Under a post of a rubric."""
    async with turn.db.begin() as session:
        rubric = await broadcasts.switch_rubric(session, turn.caller.id, "".join(args[:1]), is_on=False, now=turn.now)
    await turn.show(screens.rubric_off(turn.t, rubric))


@router.callback_query(Press("broadcasts:rubric-on"))
async def rubric_on(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        await broadcasts.switch_rubric(session, turn.caller.id, args[0], is_on=True, now=turn.now)
    await _rubrics(turn, 0, toast=turn.t("broadcasts-rubrics.turned-on"))


@router.callback_query(Press("broadcasts:home"))
@router.callback_query(Press("broadcasts:rubrics"))
async def rubrics(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _rubrics(turn, int(args[0]) if args else 0)


@router.callback_query(Press("broadcasts:rubric"))
async def rubric(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A number of the list."""
    slug, wanted, number = args[0], args[1] == "on", int(args[2])
    async with turn.db.begin() as session:
        await broadcasts.switch_rubric(session, turn.caller.id, slug, is_on=wanted, now=turn.now)
    await _rubrics(turn, number, toast=_toast(turn, wanted))


@router.callback_query(Press("broadcasts:none"))
async def none(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await broadcasts.no_rubrics(session, turn.caller.id, now=turn.now)
    await _rubrics(turn, 0, toast=turn.t("broadcasts-rubrics.all-off"))


@router.callback_query(Press("broadcasts:kinds"))
async def kinds(event: CallbackQuery, turn: Turn) -> None:
    await _kinds(turn)


@router.callback_query(Press("broadcasts:kind"))
async def kind(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """A number of the list of kinds."""
    chosen, wanted = one_of(BroadcastKind, args[0]), args[1] == "on"
    async with turn.db.begin() as session:
        await broadcasts.switch_kind(session, turn.caller.id, chosen, is_on=wanted, now=turn.now)
    await _kinds(turn, toast=_toast(turn, wanted))


@router.callback_query(Press("people:mute"))
async def mute(event: CallbackQuery, turn: Turn) -> None:
    """«стоп»: no invitations, news and rubrics from now on."""
    moment = turn.now.replace(microsecond=0)
    async with turn.db.begin() as session:
        await broadcasts.mute(session, turn.caller.id, now=moment)
    await turn.show(screens.muted(turn.t, int(moment.timestamp())))


@router.callback_query(Press("broadcasts:unmute"))
async def unmute(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """«Вернуть» after «стоп»: the consent, and the rubrics that were on."""
    try:
        moment = datetime.fromtimestamp(int(args[0]), UTC)
    except (OverflowError, ValueError, OSError):
        raise StaleButton() from None
    async with turn.db.begin() as session:
        await broadcasts.unmute(session, turn.caller.id, moment, messenger=turn.caller.messenger, now=turn.now)
    await turn.show(screens.unmuted(turn.t))


def _kind(args: list[str]) -> BroadcastKind:
    """The kind under a message; a garbled one is told so, on an info channel too (there is no home to open)."""
    known = {kind.value: kind for kind in BroadcastKind}
    if not args or args[0] not in known:
        raise NotFound()
    return known[args[0]]


async def _rubrics(turn: Turn, number: int, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        lines = await broadcasts.rubrics(session, turn.caller.id)
    number = min(number, max(0, (len(lines) - 1) // PAGE))
    page = Page(lines[number * PAGE : (number + 1) * PAGE], number, len(lines))
    await turn.show(screens.rubrics(turn.t, page, any_on=any(line.is_on for line in lines), toast=toast))


def _toast(turn: Turn, wanted: bool) -> str:
    return turn.t("broadcasts-rubrics.turned-on" if wanted else "broadcasts-rubrics.turned-off")


async def _kinds(turn: Turn, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        lines, agreed = await broadcasts.kinds(session, turn.caller.id)
    await turn.show(screens.kinds(turn.t, lines, agreed=agreed, toast=toast))
