"""«Показатели» in the chat: numbers within one's reach, directions, municipalities, pictures, the monthly summary."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.types import CallbackQuery

from bot import pictures
from bot.errors import StaleButton
from bot.filters import Press
from bot.i18n import date_ru
from bot.messengers.base import bot_of
from bot.middlewares.identity import NeedsProfile
from bot.middlewares.turn import Turn, Turns
from bot.screens import indicators as screens
from bot.services.access import Right, Scope, scope_of
from bot.services.indicators import at_hand, drilling, trend
from bot.services.indicators import wording as words
from bot.services.indicators.at_hand import AtHand
from bot.ui.pager import Page

router = Router(name="indicators")
router.callback_query.middleware(NeedsProfile())
router.callback_query.middleware(Turns())


async def _scope(turn: Turn) -> Scope:
    """Fresh roles: numbers of a district are never shown from memory of a right."""
    async with turn.db.read() as session:
        scope = await scope_of(session, turn.caller.id, today=turn.today)
    scope.require(Right.indicators_see)
    return scope


async def _hand(turn: Turn, scope: Scope) -> AtHand:
    async with turn.db.read() as session:
        return await at_hand.at_hand(session, scope, now=turn.now, zone=turn.zone)


def _place_of(args: list[str]) -> tuple[int, int]:
    """Page and direction of a list, the first ones where nothing is said."""
    return (int(args[0]) if args else 0), (int(args[1]) if len(args) > 1 else 0)


@router.callback_query(Press("indicators:home"))
async def home(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, section = _place_of(args)
    hand = await _hand(turn, await _scope(turn))
    if not hand.shown:
        await turn.show(screens.nothing(turn.t))
        return
    async with turn.db.read() as session:
        subscribed = await at_hand.is_subscribed(session, turn.caller.id)
    section = section if section in hand.sections else 0
    page = screens.page_of(hand, number, section)
    await turn.show(screens.home(turn.t, hand, page, section=section, subscribed=subscribed))


@router.callback_query(Press("indicators:sections"))
async def sections(event: CallbackQuery, turn: Turn) -> None:
    await turn.show(screens.sections(turn.t, await _hand(turn, await _scope(turn))))


@router.callback_query(Press("indicators:card"))
async def card(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    hand = await _hand(turn, scope)
    await turn.show(screens.card(turn.t, hand, hand.one(args[0]), names=scope.may(Right.people_see)))


@router.callback_query(Press("indicators:who"))
async def who(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    scope = await _scope(turn)
    hand = await _hand(turn, scope)
    address = f"{turn.settings.public_url}/admin/indicators/figures"
    may = scope.may(Right.indicators_figures)
    await turn.show(screens.who_enters(turn.t, hand.one(args[0]), address=address, may=may))


@router.callback_query(Press("indicators:list"))
async def people(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The way to the list; the list itself is opened, limited and written down in the admin."""
    scope = await _scope(turn)
    scope.require(Right.people_see)
    hand = await _hand(turn, scope)
    shown = hand.one(args[0])
    address = f"{turn.settings.public_url}/admin/indicators/{shown.definition.id}/people"
    if hand.place is not None:
        address += f"?municipality={hand.place}"
    await turn.show(screens.people(turn.t, shown, address=address))


@router.callback_query(Press("indicators:places"))
async def places(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    hand = await _hand(turn, await _scope(turn))
    shown, number = hand.one(args[0]), int(args[1])
    async with turn.db.read() as session:
        rows = await drilling.municipalities(session, shown.line, hand.reach)
    found = at_hand.breakdown(hand, shown, rows)
    size = screens.PLACES
    number = max(0, min(number, (len(found) - 1) // size))
    page = Page(found[number * size : number * size + size], number, len(found), size)
    await turn.show(screens.places(turn.t, shown, page))


@router.callback_query(Press("indicators:course"))
async def course(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    hand = await _hand(turn, await _scope(turn))
    shown = hand.one(args[0])
    points = await asyncio.to_thread(trend.course, hand.report, shown.line, place=hand.place)
    await turn.show(screens.course(turn.t, hand, shown, points))


@router.callback_query(Press("indicators:drawn"))
async def drawn(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    """The course as a picture above the same words."""
    hand = await _hand(turn, await _scope(turn))
    shown = hand.one(args[0])
    points = await asyncio.to_thread(trend.course, hand.report, shown.line, place=hand.place)
    line = tuple((f"{one.day:%d.%m}", float(one.outcome.value)) for one in points if one.outcome.value is not None)
    if not line or not shown.definition.is_share:
        raise StaleButton
    await _typing(event)
    target = shown.definition.target
    content = await asyncio.to_thread(
        pictures.course, shown.definition.title, turn.t("indicators-course.foot"), line,
        None if target is None else float(target), words.value(turn.t, shown.definition, points[-1].outcome),
    )  # fmt: skip
    await turn.show(screens.course(turn.t, hand, shown, points, content))


@router.callback_query(Press("indicators:picture"))
async def picture(event: CallbackQuery, args: list[str], turn: Turn) -> None:
    number, section = _place_of(args)
    hand = await _hand(turn, await _scope(turn))
    page = screens.page_of(hand, number, section)
    bars = screens.shares(turn.t, page.things)
    if not bars:
        raise StaleButton
    await _typing(event)
    title = turn.t("indicators-picture.title", date=date_ru(hand.report.as_of))
    content = await asyncio.to_thread(pictures.shares, title, turn.t("indicators-picture.foot"), bars)
    await turn.show(screens.picture(turn.t, hand, page, content, section=section))


@router.callback_query(Press("indicators:subscribe"))
async def subscribe(event: CallbackQuery, turn: Turn) -> None:
    scope = await _scope(turn)
    async with turn.db.begin() as session:
        await at_hand.subscribe(session, scope, now=turn.now)
    await turn.show(screens.subscribed(turn.t))


@router.callback_query(Press("indicators:unsubscribe"))
async def unsubscribe(event: CallbackQuery, turn: Turn) -> None:
    """Without a question of rights: who has lost them must be able to be rid of it."""
    async with turn.db.begin() as session:
        await at_hand.unsubscribe(session, turn.caller.id, now=turn.now)
    await turn.show(screens.unsubscribed(turn.t))


async def _typing(event: CallbackQuery) -> None:
    if event.message is not None:
        await bot_of(event).send_chat_action(event.message.chat.id, ChatAction.UPLOAD_PHOTO)
