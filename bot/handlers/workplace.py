"""The second step of registration: the place of work, by typing, by district or by hand."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.db import Database
from bot.filters import Press
from bot.handlers.people import Registration, draft_of, lost, proceed
from bot.i18n import Translator
from bot.middlewares.turn import Turn, Turns
from bot.rules.words import folded
from bot.screens import people as screens
from bot.services import places
from bot.services.places import Choice
from bot.ui.pager import PAGE, Page
from bot.ui.screen import Screen

router = Router(name="workplace")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())

NAME = 150
"""Characters of the name of a place added by hand."""


@router.message(Registration.org, F.text.as_("text"))
async def typed_organisation(message: Message, text: str, turn: Turn) -> None:
    """Words of a name; inside a district the search stays there."""
    data = await turn.state.update_data(query=text[:100])
    await turn.show(await found_organisations(data, turn.db, turn.t, 0))


@router.callback_query(Press("people:orgs"))
async def more_organisations(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    data = await draft_of(turn.state)
    await turn.show(await found_organisations(data, turn.db, turn.t, int(args[0])))


async def found_organisations(data: dict[str, Any], db: Database, t: Translator, number: int) -> Screen:
    """What the typed words find; the name of a district opens the district."""
    query = str(data.get("query", ""))
    municipality = data.get("municipality")
    async with db.read() as session:
        chosen = places.match_part(await places.municipalities(session), query) if municipality is None else None
        if chosen is not None:
            found, total = await places.organisations_of(session, int(chosen.key), page=number)
            if found:
                return screens.district_organisations(t, chosen, Page(found, number, total))
        everything = await places.find_organisations(session, query, municipality_id=municipality, limit=25)
    if not everything:
        return screens.organisation_none(t, query)
    page = Page(everything[number * PAGE :][:PAGE], number, len(everything))
    return screens.organisations(t, page, back="people:step:org")


# --- by district --------------------------------------------------------------------------------------


@router.callback_query(Press("people:district"))
async def districts(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await draft_of(turn.state)
    data = await turn.state.update_data(municipality=None)
    await show_districts(turn, int(args[0]), adding=bool(data.get("adding")))


async def show_districts(turn: Turn, number: int, *, adding: bool, above: str = "") -> None:
    """A page of districts; the name of one may be typed."""
    async with turn.db.read() as session:
        choices = await places.municipalities(session)
    page = Page(choices[number * PAGE :][:PAGE], number, len(choices))
    await turn.state.set_state(Registration.district)
    screen = screens.districts(turn.t, page, adding=adding)
    await turn.show(screen.above(above) if above else screen)


@router.message(Registration.district, F.text.as_("text"))
async def typed_district(message: Message, text: str, turn: Turn) -> None:
    """A part of a district's name; while no place is being added, words of a place help as well."""
    data = await draft_of(turn.state)
    async with turn.db.read() as session:
        chosen = places.match_part(await places.municipalities(session), text)
    if chosen is not None:
        await chose_district(turn, data, chosen, 0)
    elif data.get("adding"):
        await show_districts(turn, 0, adding=True, above=turn.t.html("people-district-unknown", text=text[:40]))
    else:
        await turn.state.set_state(Registration.org)
        data = await turn.state.update_data(query=text[:100])
        await turn.show(await found_organisations(data, turn.db, turn.t, 0))


@router.callback_query(Press("people:in"))
async def district(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    data = await draft_of(turn.state)
    async with turn.db.read() as session:
        chosen = next((c for c in await places.municipalities(session) if c.key == args[0]), None)
    if chosen is None:
        raise lost()
    await chose_district(turn, data, chosen, int(args[1]))


async def chose_district(turn: Turn, data: dict[str, Any], chosen: Choice, number: int) -> None:
    """Its places; while one is being added, this is where it lies."""
    if data.get("adding"):
        await new_organisation(turn, str(data["adding"]), chosen)
        return
    async with turn.db.read() as session:
        found, total = await places.organisations_of(session, int(chosen.key), page=number)
    await turn.state.update_data(municipality=int(chosen.key))
    await turn.state.set_state(Registration.org)
    await turn.show(screens.district_organisations(turn.t, chosen, Page(found, number, total)))


# --- by hand ------------------------------------------------------------------------------------------


@router.callback_query(Press("people:add"))
async def add_organisation(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Not in the list: its name (typed already, or now), then its district where that is not known."""
    data = await draft_of(turn.state)
    if args:
        await turn.state.update_data(municipality=int(args[0]))
    elif len(folded(str(data.get("query", "")))) >= 3:
        await name_given(turn, data, str(data["query"]))
        return
    await turn.state.set_state(Registration.org_add)
    await turn.show(screens.organisation_add(turn.t))


@router.message(Registration.org_add, F.text.as_("text"))
async def typed_new_organisation(message: Message, text: str, turn: Turn) -> None:
    if len(folded(text)) < 3:
        await turn.show(screens.organisation_add(turn.t).above(turn.t("error-needs-text")))
        return
    await name_given(turn, await draft_of(turn.state), text)


async def name_given(turn: Turn, data: dict[str, Any], name: str) -> None:
    """The name is there; ask for the district unless one was chosen before."""
    name = " ".join(name.split())[:NAME]
    async with turn.db.read() as session:
        choices = await places.municipalities(session)
    chosen = next((choice for choice in choices if choice.key == str(data.get("municipality"))), None)
    if chosen is not None:
        await new_organisation(turn, name, chosen)
        return
    await turn.state.update_data(adding=name)
    await show_districts(turn, 0, adding=True)


async def new_organisation(turn: Turn, name: str, municipality: Choice) -> None:
    await turn.state.update_data(
        org=None, org_new=[name, int(municipality.key)], org_name=f"{name}, {municipality.title}", adding=None
    )
    await proceed(turn, "org")


@router.callback_query(Press("people:org"))
async def chose_organisation(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await draft_of(turn.state)
    async with turn.db.read() as session:
        place = await places.organisation(session, int(args[0]))
    if place is None:
        raise lost()
    await turn.state.update_data(
        org=place.id, org_new=None, org_name=f"{place.name}, {place.municipality}", adding=None
    )
    await proceed(turn, "org")
