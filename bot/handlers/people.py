"""Registration: typed answers and presses fill one draft; the profile is written at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.db import Database
from bot.errors import UserError
from bot.filters import Press
from bot.handlers.links import open_link
from bot.i18n import Translator
from bot.middlewares.turn import Turn, Turns
from bot.models import ConsentKind
from bot.rules.profile import Name, Years, read_name, read_years
from bot.rules.words import folded
from bot.screens import people as screens
from bot.screens import profile as profile_screens
from bot.services import consents, diagnostics, identities, people, places, region
from bot.services.people import Draft
from bot.ui.screen import Screen

router = Router(name="people")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())

WITH_SUBJECTS = ("teacher",)
"""Posts that teach subjects; for the others the step has one answer and is skipped."""


class Registration(StatesGroup):
    """Where typed text is awaited."""

    name = State()
    org = State()
    org_add = State()
    district = State()
    position = State()
    subject = State()
    years = State()


Apply = Callable[[Turn, str, dict[str, Any]], Awaitable[None]]

APPLY: dict[str, Apply] = {}
"""Goal of a draft other than registration (``profile``) → what writes one corrected step."""

STEPS = ("name", "org", "position", "subject", "years", "check")


def lost() -> UserError:
    """The draft is gone (another chat, another day): begin again."""
    return UserError("people-lost-draft", buttons=(("button-acquaint", "people:begin"), ("button-menu", "menu:home")))


async def draft_of(state: FSMContext) -> dict[str, Any]:
    """The draft; raises UserError when there is none."""
    data = await state.get_data()
    if "consent" not in data and data.get("goal") != "profile":
        raise lost()
    return data


# --- consents ----------------------------------------------------------------------------------------


@router.callback_query(Press("people:begin"))
async def begin(event: CallbackQuery, turn: Turn) -> None:
    """From the first consent, or from where the draft stopped."""
    if turn.caller.known:
        await show_profile(turn)
        return
    data = await turn.state.get_data()
    if "news" in data:
        await show_step(turn, first_gap(data), data)
        return
    await turn.state.set_state(None)
    if "consent" in data:
        await turn.show(screens.consent_news(turn.t))
        return
    async with turn.db.read() as session:
        retention = await region.setting(session, "retention")
    await turn.show(screens.consent_data(turn.t, years=int(retention.get("years", 5))))


async def show_profile(turn: Turn) -> None:
    """An old button of the acquaintance leads a known person to her profile."""
    async with turn.db.read() as session:
        profile = await people.profile(session, turn.caller.id)
    await turn.show(profile_screens.home(turn.t, profile, zone=turn.zone, today=turn.today))


@router.callback_query(Press("people:refuse"))
async def refuse(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    await turn.show(screens.refused(turn.t))


@router.callback_query(Press("people:agree"))
async def agree(event: CallbackQuery, turn: Turn) -> None:
    if turn.caller.known:
        await show_profile(turn)
        return
    async with turn.db.read() as session:
        document = await consents.document(session, ConsentKind.data)
    await turn.state.update_data(consent=document.id)
    await turn.show(screens.consent_news(turn.t))


@router.callback_query(Press("people:news"))
async def news(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await draft_of(turn.state)
    async with turn.db.read() as session:
        document = await consents.document(session, ConsentKind.news)
    await turn.state.update_data(news=document.id if args == ["1"] else None)
    await turn.state.set_state(Registration.name)
    await turn.show(screens.name(turn.t))


@router.callback_query(Press("people:cancel"))
async def cancel(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.clear()
    await turn.show(screens.cancelled(turn.t))


# --- steps -------------------------------------------------------------------------------------------


@router.callback_query(Press("people:step"))
async def to_step(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    data = await draft_of(turn.state)
    await show_step(turn, args[0], data)


@router.message(Registration.name, F.text.as_("text"))
async def typed_name(message: Message, text: str, turn: Turn) -> None:
    name = read_name(text)
    if name is None:
        await turn.show(screens.name(turn.t).above(turn.t("people-name-wrong")))
        return
    await turn.state.update_data(name=[name.last, name.first, name.middle])
    await proceed(turn, "name")


@router.callback_query(Press("people:position"))
async def chose_position(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    await draft_of(turn.state)
    if args == ["other"]:
        await turn.state.set_state(Registration.position)
        await turn.show(screens.position_other(turn.t))
        return
    async with turn.db.read() as session:
        choices = await places.positions(session)
    chosen = next((choice for choice in choices if choice.key == args[0]), None)
    if chosen is None:
        raise lost()
    await put_position(turn, chosen.key, chosen.title, "")


@router.message(Registration.position, F.text.as_("text"))
async def typed_position(message: Message, text: str, turn: Turn) -> None:
    said = text.strip()[:100]
    if len(folded(said)) < 3:
        await turn.show(screens.position_other(turn.t).above(turn.t("error-needs-text")))
        return
    async with turn.db.read() as session:
        chosen = places.match([c for c in await places.positions(session) if c.key != "other"], said)
    if chosen is not None:
        await put_position(turn, chosen.key, chosen.title, "")
    else:
        await put_position(turn, "other", said, said)


async def put_position(turn: Turn, slug: str, name: str, title: str) -> None:
    values: dict[str, Any] = {"position": slug, "position_name": name, "position_title": title}
    if slug not in WITH_SUBJECTS:
        values |= {"subjects": [], "subject_names": []}
    await turn.state.update_data(**values)
    await proceed(turn, "position")


@router.callback_query(Press("people:subjects"))
async def turn_subjects(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    data = await draft_of(turn.state)
    await turn.show(await subject_screen(data, turn.db, turn.t, int(args[0])))


@router.callback_query(Press("people:subject"))
async def toggle_subject(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    data = await draft_of(turn.state)
    chosen = list(data.get("subjects", []))
    chosen = [slug for slug in chosen if slug != args[0]] if args[0] in chosen else [*chosen, args[0]]
    data = await put_subjects(chosen, turn.state, turn.db)
    await turn.show(await subject_screen(data, turn.db, turn.t, int(args[1])))


@router.message(Registration.subject, F.text.as_("text"))
async def typed_subject(message: Message, text: str, turn: Turn) -> None:
    data = await draft_of(turn.state)
    async with turn.db.read() as session:
        choices = await places.subjects(session)
    chosen = list(data.get("subjects", []))
    unknown = ""
    for part in text.replace(";", ",").split(","):
        match = places.match(choices, part)
        if match is None:
            unknown = part.strip()
        elif match.key not in chosen:
            chosen.append(match.key)
    data = await put_subjects(chosen, turn.state, turn.db)
    screen = await subject_screen(data, turn.db, turn.t, 0)
    await turn.show(screen.above(turn.t.html("people-subject-unknown", text=unknown[:40])) if unknown else screen)


@router.callback_query(Press("people:subjects-done"))
async def subjects_done(event: CallbackQuery, turn: Turn) -> None:
    data = await draft_of(turn.state)
    if not data.get("subjects") and data.get("position") in WITH_SUBJECTS:
        await turn.show((await subject_screen(data, turn.db, turn.t, 0)).above(turn.t("people-subject-needed")))
        return
    await proceed(turn, "subject")


async def put_subjects(chosen: list[str], state: FSMContext, db: Database) -> dict[str, Any]:
    async with db.read() as session:
        titles = {choice.key: choice.title for choice in await places.subjects(session)}
    known = [slug for slug in chosen if slug in titles]
    return await state.update_data(subjects=known, subject_names=[titles[slug] for slug in known])


async def subject_screen(data: dict[str, Any], db: Database, t: Translator, number: int) -> Screen:
    async with db.read() as session:
        choices = await places.subjects(session)
    back = back_of("subject", data)
    return screens.subject(t, choices, data.get("subjects", []), number, back=back)


@router.message(Registration.years, F.text.as_("text"))
async def typed_years(message: Message, text: str, turn: Turn) -> None:
    years = read_years(text, this_year=turn.today.year)
    data = await draft_of(turn.state)
    if years is None:
        wrong = turn.t.html("people-years-wrong", text=text[:40])
        await turn.show(screens.years(turn.t, back=back_of("years", data)).above(wrong))
        return
    await turn.state.update_data(birth=years.birth, since=years.since)
    await proceed(turn, "years")


@router.callback_query(Press("people:fix"))
async def fix(event: CallbackQuery, turn: Turn) -> None:
    data = await draft_of(turn.state)
    await turn.show(screens.fix(turn.t, with_subjects=data.get("position") in WITH_SUBJECTS))


@router.callback_query(Press("people:redo"))
async def redo(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """Correct one step, then check again."""
    await draft_of(turn.state)
    data = await turn.state.update_data(goal="check")
    await show_step(turn, args[0], data)


@router.callback_query(Press("people:register"))
async def register(event: CallbackQuery, turn: Turn) -> None:
    if turn.caller.known:
        await show_profile(turn)
        return
    data = await draft_of(turn.state)
    if first_gap(data) != "check":
        raise lost()
    async with turn.db.begin() as session:
        organisation_id = data.get("org")
        if organisation_id is None:
            name, municipality_id = data["org_new"]
            organisation_id = (await places.add_by_hand(session, name, municipality_id, now=turn.now)).id
        person_id = await people.register(
            session,
            as_draft(data, organisation_id),
            messenger=turn.caller.messenger,
            user_id=turn.caller.user_id,
            chat_id=turn.caller.chat_id,
            now=turn.now,
            today=turn.today,
        )
        profile = await people.profile(session, person_id)
        offer = await diagnostics.start_offer(session, person_id, now=turn.now)
        caller = await identities.load_caller(
            session, turn.caller.messenger, turn.caller.user_id, turn.caller.chat_id, now=turn.now
        )
    await turn.state.clear()
    questions, minutes = (len(offer.content.items), offer.content.minutes) if offer else (0, 0)
    await turn.show(screens.done(turn.t, name=profile.short_name, questions=questions, minutes=minutes))
    if data.get("after"):
        await open_link(replace(turn, caller=caller), str(data["after"]))


def as_draft(data: dict[str, Any], organisation_id: int) -> Draft:
    """The draft of the dialogue as the service wants it."""
    given = [(ConsentKind.data, data["consent"])]
    if data.get("news"):
        given.append((ConsentKind.news, data["news"]))
    return Draft(
        name=Name(*data["name"]),
        organisation_id=organisation_id,
        position=data["position"],
        position_title=data.get("position_title", ""),
        subjects=tuple(data.get("subjects", [])),
        years=Years(data["birth"], data["since"]),
        consents=tuple(given),
    )


# --- from step to step -------------------------------------------------------------------------------


async def proceed(turn: Turn, done: str) -> None:
    """To the next step; while correcting, back to the check or into the profile."""
    data = await turn.state.get_data()
    wants_subjects = done == "position" and data.get("position") in WITH_SUBJECTS and not data.get("subjects")
    if data.get("goal") == "profile" and not wants_subjects:
        await APPLY["profile"](turn, done, data)
        return
    target = STEPS[STEPS.index(done) + 1]
    if target == "subject" and data.get("position") not in WITH_SUBJECTS:
        target = "years"
    if data.get("goal") == "check" and not wants_subjects:
        target = "check"
        data = await turn.state.update_data(goal=None)
    await show_step(turn, target, data)


def first_gap(data: dict[str, Any]) -> str:
    """The first step the draft has no answer for."""
    answers = {"name": "name", "org": "org_name", "position": "position_name", "years": "birth"}
    for step, key in answers.items():
        if key not in data:
            return step
        if step == "position" and data["position"] in WITH_SUBJECTS and not data.get("subjects"):
            return "subject"
    return "check"


async def show_step(turn: Turn, name: str, data: dict[str, Any]) -> None:
    """The screen of a step, ready to take typed text."""
    if name not in STEPS:
        raise lost()
    back = back_of(name, data)
    awaited: State | None = None
    if name == "name":
        awaited, screen = Registration.name, screens.name(turn.t, back=back)
    elif name == "org":
        awaited, screen = Registration.org, screens.organisation(turn.t, back=back)
        await turn.state.update_data(query="", municipality=None, adding=None)
    elif name == "position":
        awaited, screen = Registration.position, screens.position(turn.t, back=back)
    elif name == "subject":
        awaited, screen = Registration.subject, await subject_screen(data, turn.db, turn.t, 0)
    elif name == "years":
        awaited, screen = Registration.years, screens.years(turn.t, back=back)
    elif first_gap(data) != "check":
        raise lost()
    else:
        screen = screens.check(turn.t, data)
    await turn.state.set_state(awaited)
    await turn.show(screen)


def back_of(name: str, data: dict[str, Any]) -> str:
    """Where «Назад» leads from a step; empty on the first one, where it is «Отмена»."""
    if data.get("goal") == "profile":
        return "people:change"
    if data.get("goal") == "check":
        return "people:step:check"
    number = STEPS.index(name)
    if number == 0:
        return ""
    before = STEPS[number - 1]
    if before == "subject" and data.get("position") not in WITH_SUBJECTS:
        before = "position"
    return f"people:step:{before}"
