"""The team of a school: choose colleagues, call them, take the team off the list."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import StaleButton
from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.rules.event_teams import MOST
from bot.screens.events import teams as screens
from bot.screens.events.wording import When
from bot.services.events import teams
from bot.ui.show import explained

router = Router(name="event-teams")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
router.callback_query.middleware(NeedsProfile())


class Calling(StatesGroup):
    """While colleagues are chosen, a typed name is looked for."""

    choosing = State()


@router.callback_query(Press("events:team"))
async def team(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await turn.state.set_state(None)
    await _team(turn, int(args[0]))


@router.callback_query(Press("events:team-list"))
async def listing(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, page = int(args[0]), int(args[1])
    chosen, query = await _held(turn, number)
    await _choosing(turn, number, chosen, query, page=page)


@router.callback_query(Press("events:team-all"))
async def everybody(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    chosen, _ = await _held(turn, number)
    await _choosing(turn, number, chosen, "")


@router.callback_query(Press("events:team-pick"))
async def pick(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Marks and unmarks; whom she may really call is looked at when the list is read, and when they are called."""
    number, person, page = int(args[0]), int(args[1]), int(args[2])
    chosen, query = await _held(turn, number)
    if person in chosen:
        chosen.remove(person)
    elif len(chosen) < MOST:
        chosen.append(person)
    await _choosing(turn, number, chosen, query, page=page)


@router.message(Calling.choosing, F.text.as_("text"), ~F.text.startswith("/"))
async def search(message: Message, text: str, turn: Turn) -> None:
    number = int((await _data(turn)).get("event", 0))
    if not turn.caller.known or not number:
        raise SkipHandler
    chosen, _ = await _held(turn, number)
    await _choosing(turn, number, chosen, " ".join(text.split())[:60])


@router.callback_query(Press("events:team-plan"))
async def plan(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    chosen, _ = await _held(turn, number)
    async with turn.db.read() as session:
        made = await teams.plan(session, turn.caller.id, number, chosen, now=turn.now)
    await turn.show(screens.plan(turn.t, made, _when(turn)))


@router.callback_query(Press("events:team-go"))
async def go(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0])
    chosen, _ = await _held(turn, number)
    if not chosen:
        # A second press: everybody has been called already.
        await _team(turn, number)
        return
    async with turn.db.begin() as session:
        view = await teams.gather(session, turn.caller.id, number, chosen, now=turn.now)
    await turn.state.clear()
    with explained(turn.t("events-team-called")):
        await turn.show(screens.team(turn.t, view, _when(turn)))


@router.callback_query(Press("events:team-drop"))
async def drop(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        view = await teams.look(session, turn.caller.id, int(args[0]), now=turn.now)
    if not view.mine:
        raise StaleButton
    await turn.show(screens.dropping(turn.t, view.line))


@router.callback_query(Press("events:team-drop-sure"))
async def drop_sure(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        line = await teams.dissolve(session, turn.caller.id, int(args[0]), now=turn.now)
    await turn.show(screens.dropped(turn.t, line))


async def _team(turn: Turn, number: int) -> None:
    async with turn.db.read() as session:
        view = await teams.look(session, turn.caller.id, number, now=turn.now)
    await turn.show(screens.team(turn.t, view, _when(turn)))


async def _choosing(turn: Turn, number: int, chosen: list[int], query: str, *, page: int = 0) -> None:
    """The page, and the chosen that may still be called: what is kept is ids of this one event."""
    async with turn.db.read() as session:
        found = await teams.colleagues(session, turn.caller.id, number, query=query, number=page, now=turn.now)
        made = await teams.plan(session, turn.caller.id, number, chosen, now=turn.now)
    kept = [one.id for one in made.people]
    await turn.state.set_state(Calling.choosing)
    await turn.state.update_data(team={"event": number, "chosen": kept, "query": query})
    await turn.show(screens.choosing(turn.t, found, kept))


async def _held(turn: Turn, number: int) -> tuple[list[int], str]:
    held = await _data(turn)
    if held.get("event") != number:
        return [], ""
    return [int(one) for one in held.get("chosen", ())], str(held.get("query", ""))


async def _data(turn: Turn) -> dict[str, Any]:
    found: dict[str, Any] = (await turn.state.get_data()).get("team") or {}
    return found


def _when(turn: Turn) -> When:
    return When(turn.now, turn.zone)
