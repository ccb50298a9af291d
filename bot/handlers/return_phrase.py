"""The return phrase of the web chat: show a new one, end it, come back with it."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.filters import Press
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.models import Messenger
from bot.screens import profile as profile_screens
from bot.screens import return_phrase as screens
from bot.services import codes, linking, return_phrase

router = Router(name="return-phrase")
router.message.middleware(Turns())
router.callback_query.middleware(Turns())
personal = Router(name="return-phrase-personal")
personal.callback_query.middleware(NeedsProfile())


class PhraseForm(StatesGroup):
    """A phrase is awaited."""

    phrase = State()


@personal.callback_query(Press("phrase:show"))
async def about(event: CallbackQuery, turn: Turn) -> None:
    """What the phrase is, and whether one works now. The phrase itself nobody can look up."""
    async with turn.db.read() as session:
        made_at = await return_phrase.made_at(session, turn.caller.id)
    await turn.show(screens.about(turn.t, made_at, zone=turn.zone, today=turn.today))


@personal.callback_query(Press("phrase:new"))
async def new(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        phrase = await return_phrase.replace(session, turn.caller.id, secret=turn.settings.secret, now=turn.now)
    await turn.show(screens.shown(turn.t, phrase, web=turn.settings.public_url))


@personal.callback_query(Press("phrase:end"))
async def end(event: CallbackQuery, turn: Turn) -> None:
    async with turn.db.begin() as session:
        await return_phrase.revoke(session, turn.caller.id, now=turn.now)
    await turn.show(screens.ended(turn.t))


@router.callback_query(Press("phrase:enter"))
async def ask(event: CallbackQuery, turn: Turn) -> None:
    await turn.state.set_state(PhraseForm.phrase)
    await turn.show(screens.ask(turn.t))


@router.message(PhraseForm.phrase, F.text.as_("text"))
async def typed(message: Message, text: str, turn: Turn) -> None:
    """Five wrong phrases close the input for an hour; a right one is announced in every other chat."""
    place = f"phrase:{turn.caller.messenger}:{turn.caller.chat_id}"
    async with turn.db.begin() as session:
        await codes.check_open(session, place, now=turn.now)
        person_id = await return_phrase.enter(session, text, secret=turn.settings.secret, now=turn.now)
        linked = None
        if person_id is None:
            await codes.wrong(session, place, now=turn.now)
        else:
            await codes.right(session, place)
            linked = await linking.join(session, turn.caller, person_id, now=turn.now)
            notice = profile_screens.linked_notice(turn.t, Messenger.web.value, linked.identity_id, turn.now, turn.zone)
            await linking.announce(session, linked, notice, now=turn.now)
    if linked is None:
        await turn.show(screens.wrong(turn.t))
        return
    await turn.state.clear()
    await turn.show(profile_screens.linked(turn.t, linked))


router.include_router(personal)
