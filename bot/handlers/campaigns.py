"""Answers to an invitation to a diagnosis."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.errors import NotFound
from bot.filters import Press
from bot.handlers.diagnostics import home_screen, screen_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import InviteState, Purpose
from bot.screens import campaigns as screens
from bot.services import campaigns
from bot.services.campaigns import Invitation

router = Router(name="campaigns")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


@router.callback_query(Press("diagnostics:join"))
async def join(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Begin, or go on with, the questionnaire of the invitation."""
    told = await _told(args, turn)
    if told.state is InviteState.earlier:
        await home_screen(event, turn.caller, turn.db, turn.t, turn.now, turn.zone)
        return
    if told.over:
        await turn.show(screens.closed(turn.t, told, today=turn.today))
        return
    async with turn.db.begin() as session:
        step = await campaigns.accept(session, turn.caller, told, now=turn.now)
        screen = await screen_of(session, event, step, turn.t, turn.now, turn.zone)
    if screen is None:
        await home_screen(event, turn.caller, turn.db, turn.t, turn.now, turn.zone, stale=True)
        return
    own = step.purpose is Purpose.trial
    await turn.show(screen.above(turn.t("campaigns-own-first")) if own else screen)


@router.callback_query(Press("diagnostics:invited"))
async def again(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The invitation from the section."""
    told = await _told(args, turn)
    made = screens.closed if told.over else screens.invite
    await turn.show(made(turn.t, told, today=turn.today))


@router.callback_query(Press("diagnostics:join-later"))
async def later(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    told = await _told(args, turn)
    if told.over:
        await turn.show(screens.closed(turn.t, told, today=turn.today))
        return
    async with turn.db.begin() as session:
        await campaigns.remind_tomorrow(
            session,
            turn.caller.id,
            told,
            screens.invite(turn.t, told, today=turn.today),
            now=turn.now,
            zone=turn.zone,
        )
    await turn.show(screens.tomorrow(turn.t, told, today=turn.today))


@router.callback_query(Press("diagnostics:join-not"))
async def decline(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Refusal in one press; nothing is asked."""
    told = await _told(args, turn)
    async with turn.db.begin() as session:
        await campaigns.decline(session, told, now=turn.now)
    await turn.show(screens.declined(turn.t, told, today=turn.today))


async def _told(args: list[str], turn: Turn) -> Invitation:
    number = int(args[0])
    async with turn.db.read() as session:
        told = await campaigns.invitation(session, turn.caller.id, number, today=turn.today)
    if told is None:
        raise NotFound()
    return told
