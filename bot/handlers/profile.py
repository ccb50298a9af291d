"""«Профиль»: see, change, what is stored, who looked, another messenger, roles, leaving."""

from __future__ import annotations

import asyncio
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import UserError
from bot.filters import Press, one_of
from bot.handlers import people as registration
from bot.handlers.links import LINKS
from bot.messengers.base import doors_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import ConsentKind, Messenger
from bot.rules.profile import Name, Years
from bot.screens import people as step_screens
from bot.screens import profile as screens
from bot.services import (
    broadcasts,
    codes,
    consents,
    forms,
    invitations,
    leaving,
    linking,
    menu,
    merging,
    my_data,
    people,
    places,
    privacy,
)
from bot.services.access import Scope
from bot.ui.pager import Page
from bot.ui.screen import Button, Screen, rows
from bot.ui.show import show

router = Router(name="profile")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
personal = Router(name="profile-personal")
personal.message.middleware(NeedsProfile())
personal.callback_query.middleware(NeedsProfile())

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LOOKS_PAGE = 3
ENTER_CODE = "link_here"
"""Payload of links to where a code is typed."""


class LinkForm(StatesGroup):
    """A code is awaited."""

    code = State()


# --- profile ------------------------------------------------------------------------------------------


@personal.callback_query(Press("people:home"))
async def home(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    await show_home(turn)


async def show_home(turn: Turn, *, toast: str = "") -> None:
    async with turn.db.read() as session:
        profile = await people.profile(session, turn.caller.id)
        waiting = await forms.waiting_count(session, turn.caller.scope, today=turn.today)
    screen = screens.home(turn.t, profile, zone=turn.zone, today=turn.today, forms=waiting)
    await turn.show(Screen(screen.text, screen.rows, keep=screen.keep, toast=toast))


@personal.callback_query(Press("people:change"))
async def change(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    await turn.show(screens.change(turn.t))


@personal.callback_query(Press("people:edit"))
async def edit(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The same steps as in registration, one at a time."""
    async with turn.db.read() as session:
        job = await people.job_of(session, turn.caller.id)
        titles = {choice.key: choice.title for choice in await places.subjects(session)}
    organisation_id, position, title, subjects = job or (None, "teacher", "", ())
    data: dict[str, Any] = {
        "goal": "profile",
        "org": organisation_id,
        "position": position,
        "position_title": title,
        "subjects": list(subjects),
        "subject_names": [titles[slug] for slug in subjects if slug in titles],
    }
    await turn.state.set_data(data)
    await registration.show_step(turn, args[0], data)


async def apply(turn: Turn, step: str, data: dict[str, Any]) -> None:
    """Write one corrected step."""
    person_id = turn.caller.id
    async with turn.db.begin() as session:
        if step == "name":
            await people.rename(session, person_id, Name(*data["name"]))
        elif step == "years":
            await people.set_years(session, person_id, Years(data["birth"], data["since"]))
        else:
            organisation_id = data.get("org")
            if organisation_id is None:
                name, municipality_id = data["org_new"]
                organisation_id = (await places.add_by_hand(session, name, municipality_id, now=turn.now)).id
            await people.set_job(
                session,
                person_id,
                organisation_id,
                data["position"],
                data["subjects"],
                position_title=data["position_title"],
                today=turn.today,
            )
    await turn.state.clear()
    await show_home(turn, toast=turn.t("people-changed"))


registration.APPLY["profile"] = apply


@personal.message(Command("mydata"))
@personal.callback_query(Press("people:data"))
async def data(event: Message | CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        stored = await privacy.stored(session, turn.caller.id)
    await turn.show(screens.data(turn.t, stored))


@personal.callback_query(Press("people:viewed"))
async def viewed(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number = int(args[0]) if args else 0
    async with turn.db.read() as session:
        found, total = await privacy.looks(session, turn.caller.id, page=number, size=LOOKS_PAGE)
    page = Page(found, number, total, size=LOOKS_PAGE)
    await turn.show(screens.viewed(turn.t, page, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("people:report"))
async def report(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        request = await privacy.complain(session, turn.caller, kind="look", now=turn.now)
        notice = screens.privacy_notice(turn.t, "look", request.id, request.due_at, zone=turn.zone)
        await privacy.tell_officers(session, request, notice, now=turn.now)
    await turn.show(screens.reported(turn.t, request.id, request.due_at, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("people:download"))
async def download(event: CallbackQuery, turn: Turn) -> None:
    """Two files, made off the event loop; they come only into this chat."""
    async with turn.db.read() as session:
        sections = await my_data.collect(session, turn.caller.id)
    export = await asyncio.to_thread(my_data.write, sections, screens.my_data_labels(turn.t, sections))
    await turn.show(screens.files(turn.t, content=export.docx, name="moi-dannye.docx", media_type=DOCX, first=True))
    second = screens.files(
        turn.t, content=export.json, name="moi-dannye.json", media_type="application/json", first=False
    )
    assert isinstance(event.message, Message)
    await show(event.message, second)


# --- leaving -------------------------------------------------------------------------------------------


@personal.callback_query(Press("people:delete"))
async def delete(event: CallbackQuery, turn: Turn) -> None:
    until = turn.now + leaving.DELETE_AFTER
    await turn.show(screens.delete(turn.t, until, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("people:delete-now"))
async def delete_now(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        until = await leaving.ask(session, turn.caller.id, now=turn.now)
    await turn.show(screens.deleting(turn.t, until, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("people:keep"))
async def keep(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        kept = await leaving.change_mind(session, turn.caller.id, now=turn.now)
    if kept:
        await turn.show(screens.kept(turn.t))
    else:
        await show_home(turn)


@personal.callback_query(Press("people:when"))
async def when(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        profile = await people.profile(session, turn.caller.id)
    await turn.show(screens.when(turn.t, profile.window))


@personal.callback_query(Press("people:window"))
async def window(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    chosen = args[0] if args[0] in {value for _, value in screens.WINDOWS} else ""
    async with turn.db.begin() as session:
        await people.set_window(session, turn.caller.id, chosen)
    await turn.show(screens.when(turn.t, chosen))


# --- consents ------------------------------------------------------------------------------------------


@router.callback_query(Press("consents:read"))
async def read(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The full document, for guests too; «Назад» leads where one came from."""
    async with turn.db.read() as session:
        document = await consents.document(session, one_of(ConsentKind, args[0]))
    back = "consents:home" if turn.caller.known else "people:begin"
    await turn.show(step_screens.document(turn.t, document, int(args[1]), back=back))


@personal.callback_query(Press("consents:home"))
async def consents_home(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.read() as session:
        given = await consents.in_force(session, turn.caller.id)
    await turn.show(screens.consents(turn.t, given, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("consents:give"))
async def give(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Invitations again; other consents are asked where they arise."""
    async with turn.db.begin() as session:
        if args == [ConsentKind.news.value]:
            await consents.give(
                session, turn.caller.id, ConsentKind.news, messenger=turn.caller.messenger, now=turn.now
            )
        given = await consents.in_force(session, turn.caller.id)
    await turn.show(screens.consents(turn.t, given, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("consents:withdraw"))
async def withdraw(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    kind = one_of(ConsentKind, args[0])
    if kind is ConsentKind.data:
        await turn.show(screens.delete(turn.t, turn.now + leaving.DELETE_AFTER, zone=turn.zone, today=turn.today))
        return
    await turn.show(screens.withdraw(turn.t, kind))


@personal.callback_query(Press("consents:withdrawn"))
async def withdrawn(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    kind = one_of(ConsentKind, args[0])
    async with turn.db.begin() as session:
        await consents.withdraw(session, turn.caller.id, kind, now=turn.now)
        if kind is ConsentKind.news:
            await broadcasts.no_broadcasts(session, turn.caller.id, now=turn.now)
    await turn.show(screens.withdrawn(turn.t, kind))


# --- another messenger ---------------------------------------------------------------------------------


@personal.callback_query(Press("people:link"))
async def link(event: CallbackQuery, links: dict[Messenger, str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        code = await linking.make_code(session, turn.caller.id, secret=turn.settings.secret, now=turn.now)
    doors = [(messenger.value, door) for messenger, door in doors_of(links, turn.caller.messenger, ENTER_CODE)]
    if turn.caller.messenger is not Messenger.web:
        doors.append(("web", turn.settings.public_url))
    await turn.show(screens.code(turn.t, code, doors))


async def open_code_entry(turn: Turn, rest: str) -> None:
    """A link from the chat where the code was taken; the code itself is typed, so that no link can join profiles."""
    await turn.go_to("people:have" if rest == "here" else "menu:home")


LINKS["link"] = open_code_entry


@personal.callback_query(Press("people:code-cancel"))
async def cancel_code(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await linking.cancel_codes(session, turn.caller.id)
    await turn.show(screens.code_cancelled(turn.t))


@router.callback_query(Press("people:have"))
async def have(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(LinkForm.code)
    await turn.show(screens.have(turn.t, phrase=turn.caller.messenger is Messenger.web))


@router.message(LinkForm.code, F.text.as_("text"))
async def typed_code(message: Message, text: str, turn: Turn) -> None:
    """Five wrong codes close the input for an hour; a right one is announced elsewhere."""
    place = codes.place_of("link", turn.caller.messenger, turn.caller.chat_id)
    async with turn.db.begin() as session:
        await codes.check_open(session, place, now=turn.now)
        person_id = await linking.redeem(session, turn.caller, text, secret=turn.settings.secret, now=turn.now)
        linked = None
        other = None
        if person_id is None:
            await codes.wrong(session, place, now=turn.now)
        elif turn.caller.known and turn.caller.id != person_id:
            if not await linking.alike(session, turn.caller.id, person_id):
                raise UserError("people-link-other")
            await codes.right(session, place)
            here, other = await people.profile(session, turn.caller.id), await people.profile(session, person_id)
        else:
            await codes.right(session, place)
            linked = await linking.join(session, turn.caller, person_id, now=turn.now)
            notice = screens.linked_notice(turn.t, turn.caller.messenger.value, linked.identity_id, turn.now, turn.zone)
            await linking.announce(session, linked, notice, now=turn.now)
    if other is not None:
        await turn.state.set_state(None)
        await turn.state.update_data(unite=other.id)
        await turn.show(screens.two_profiles(turn.t, here, other))
        return
    if linked is None:
        buttons = rows(
            Button(turn.t("people-code-wrong.again"), "people:have"),
            Button(turn.t("people-code-wrong.help"), "menu:help"),
        )
        await turn.show(Screen(turn.t("people-code-wrong"), buttons))
        return
    await turn.state.clear()
    await turn.show(screens.linked(turn.t, linked))


@personal.callback_query(Press("people:unite"))
async def unite(event: CallbackQuery, turn: Turn) -> None:
    """Two profiles of one person become one; the code was typed in this very chat."""
    other_id = (await turn.state.get_data()).get("unite")
    if not isinstance(other_id, int):
        await show_home(turn)
        return
    async with turn.db.begin() as session:
        scope = Scope(other_id)  # The profile that stays.
        await merging.unite(session, scope, other_id, turn.caller.id, now=turn.now, where="chat")
        profile = await people.profile(session, other_id)
    await turn.state.clear()
    await turn.show(screens.home(turn.t, profile, zone=turn.zone, today=turn.today).above(turn.t("people-two.done")))


@router.callback_query(Press("people:lost"))
async def lost(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    async with turn.db.read() as session:
        contact = await menu.contact(session)
    await turn.show(screens.lost(turn.t, contact["phone"]))


@personal.callback_query(Press("people:unlink"))
async def unlink(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.begin() as session:
        gone = await linking.unlink(session, turn.caller.id, int(args[0]))
        if gone:
            request = await privacy.complain(session, turn.caller, kind="chat", now=turn.now)
            notice = screens.privacy_notice(turn.t, "chat", request.id, request.due_at, zone=turn.zone)
            await privacy.tell_officers(session, request, notice, now=turn.now)
    if not gone:
        raise UserError("error-not-found")
    await turn.show(screens.unlinked(turn.t))


@personal.callback_query(Press("people:prefer"))
async def prefer(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await _prefer(turn, int(args[0]))


@personal.callback_query(Press("people:prefer-old"))
async def prefer_old(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    async with turn.db.read() as session:
        identity_id = await linking.other_identity(session, turn.caller.id, one_of(Messenger, args[0]))
    await _prefer(turn, identity_id or 0)


async def _prefer(turn: Turn, identity_id: int) -> None:
    async with turn.db.begin() as session:
        messenger = await linking.prefer(session, turn.caller.id, identity_id)
    if messenger is None:
        raise UserError("error-not-found")
    await turn.show(screens.preferred(turn.t, messenger.value))


# --- roles ---------------------------------------------------------------------------------------------


@router.message(F.text, F.text.func(invitations.looks_like_code))
async def typed_invitation(message: Message, turn: Turn) -> None:
    await offer_role(turn, message.text or "")


async def offer_role(turn: Turn, code: str) -> None:
    """What the code opens; a guest gets acquainted first, the code waits for her."""
    if not turn.caller.known:
        await turn.state.update_data(after=f"role_{code}"[:64])
        raise UserError(
            "people-invitation-first",
            buttons=(("button-acquaint", "people:begin"), ("button-not-now", "menu:home")),
        )
    async with turn.db.read() as session:
        offer = await invitations.look(session, code, turn.caller.id, secret=turn.settings.secret, now=turn.now)
    await turn.show(screens.role_offer(turn.t, offer))


LINKS["role"] = offer_role


@personal.callback_query(Press("people:role-yes"))
async def accept_role(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, token = int(args[0]), ":".join(args[1:])
    async with turn.db.begin() as session:
        role = await invitations.accept(
            session,
            turn.caller,
            number,
            token,
            secret=turn.settings.secret,
            now=turn.now,
        )
    await turn.show(screens.role_accepted(turn.t, role.value))


@personal.callback_query(Press("people:role-no"))
async def decline_role(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.role_declined(turn.t))


router.include_router(personal)
