"""Delivery: what goes out, when, through which channel, and what is certain afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.exceptions import TelegramRetryAfter
from sqlalchemy import select

from bot.config import Policy, Settings, TelegramSettings
from bot.db import Database
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.messengers.telegram import telegram_bot
from bot.messengers.web import web_bot
from bot.models import Identity, MessageClass, Messenger, Outbox, OutboxState, Person, WebMessage, WorkingDay
from bot.rules.chat_ids import coded
from bot.services import outbox, web_chat
from bot.ui.screen import Button, Screen, rows
from tests.factories import make_person
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.jobs.clock import VirtualClock

MOSCOW = ZoneInfo("Europe/Moscow")


def at(text: str) -> datetime:
    """Moscow time of November 2026: «24 15:00» (a Tuesday)."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=MOSCOW).astimezone(UTC)


class Desk:
    """People, messages for them, and the delivery at work."""

    def __init__(self, db: Database, settings: Settings, telegram: FakeTelegram, bots: dict[Messenger, Any]) -> None:
        self.db, self.telegram = db, telegram
        self.clock = VirtualClock(at("24 15:00"))
        self.delivery = Delivery(db, settings, bots, clock=self.clock)
        self._numbers = iter(range(1, 100_000))

    async def person(self, number: int, *, web: bool = False, **values: Any) -> Person:
        accounts = {Messenger.telegram: number}
        self.telegram.meet(number)
        async with self.db.begin() as session:
            if web:
                visitor, _ = await web_chat.new_visitor(session, now=self.clock.now())
                accounts[Messenger.web] = coded(Messenger.web, visitor)
            person = await make_person(session, accounts=accounts)
            for name, value in values.items():
                setattr(person, name, value)
            return person

    async def say(self, person: Person, text: str = "Ответ готов", **more: Any) -> None:
        number = next(self._numbers)
        arguments: dict[str, Any] = {
            "message_class": MessageClass.for_you,
            "kind": f"test-{number}",
            "dedupe": str(number),
            "now": self.clock.now(),
            **more,
        }
        screen = Screen(text, rows(Button("Меню", "menu:home")))
        async with self.db.begin() as session:
            await outbox.say(session, person.id, screen, **arguments)

    def got(self, number: int) -> list[str]:
        return [message.plain for message in self.telegram.chats[number] if not message.from_person]

    async def rows(self) -> list[Outbox]:
        async with self.db.read() as session:
            return list((await session.scalars(select(Outbox).order_by(Outbox.id))).all())

    async def states(self) -> Counter[str]:
        return Counter(row.state.value for row in await self.rows())

    async def run(self) -> None:
        await self.delivery.run_due()


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[MessengerBot]:
    made = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    yield made
    await made.session.close()


@pytest.fixture
def desk(db: Database, settings: Settings, telegram: FakeTelegram, bot: MessengerBot) -> Desk:
    return Desk(db, settings, telegram, {Messenger.telegram: bot, Messenger.web: web_bot(db, settings)})


async def test_a_message_arrives_once_with_its_buttons(desk: Desk) -> None:
    person = await desk.person(11)
    await desk.say(person, dedupe="reply:5")
    await desk.say(person, dedupe="reply:5")
    await desk.run()
    await desk.run()
    assert desk.got(11) == ["Ответ готов"]
    assert desk.telegram.chats[11][0].labels == ["Меню"]
    (row,) = await desk.rows()
    assert (row.state, row.messenger, row.tries) == (OutboxState.sent, Messenger.telegram, 1)
    assert row.message_id == desk.telegram.chats[11][0].id
    assert row.sent_at == desk.clock.now()


@pytest.mark.parametrize(
    ("message_class", "now", "expected"),
    [
        (MessageClass.answer, "24 23:00", "24 23:00"),
        (MessageClass.for_you, "24 23:00", "25 08:00"),
        (MessageClass.for_you, "28 12:00", "30 08:00"),
        (MessageClass.staff, "24 21:00", "25 08:00"),
        (MessageClass.own_clock, "24 21:00", "25 08:00"),
        (MessageClass.nudge, "25 10:00", "25 14:00"),
        (MessageClass.nudge, "27 19:00", "30 14:00"),
        (MessageClass.news, "24 18:00", "25 14:00"),
        (MessageClass.news, "24 15:00", "24 15:00"),
    ],
)
async def test_each_class_waits_for_its_hour(desk: Desk, message_class: MessageClass, now: str, expected: str) -> None:
    desk.clock.go_to(at(now))
    person = await desk.person(11)
    await desk.say(person, message_class=message_class)
    await desk.run()
    if expected != now:
        assert desk.got(11) == []
        desk.clock.go_to(at(expected) - timedelta(minutes=1))
        await desk.run()
        assert desk.got(11) == []
        desk.clock.go_to(at(expected))
        await desk.run()
    assert len(desk.got(11)) == 1


async def test_a_reminder_of_an_event_nearer_than_the_morning_goes_at_night(desk: Desk) -> None:
    desk.clock.go_to(at("24 21:00"))
    person = await desk.person(11)
    await desk.say(person, message_class=MessageClass.own_clock, expires_at=at("25 07:30"))
    await desk.run()
    assert len(desk.got(11)) == 1


async def test_a_holiday_of_the_region_is_quiet(desk: Desk, db: Database) -> None:
    async with db.begin() as session:
        session.add(WorkingDay(day=date(2026, 11, 25), is_working=False))
    desk.clock.go_to(at("24 20:30"))
    await desk.say(await desk.person(11))
    desk.clock.go_to(at("25 12:00"))
    await desk.run()
    assert desk.got(11) == []
    desk.clock.go_to(at("26 08:00"))
    await desk.run()
    assert len(desk.got(11)) == 1


async def test_own_hours_move_invitations_and_answers_only_drops_them(desk: Desk) -> None:
    morning = await desk.person(11, writing_window="8-10")
    silent = await desk.person(12, writing_window="answers")
    for person in (morning, silent):
        await desk.say(person, message_class=MessageClass.nudge)
        await desk.say(person, "Методист ответил")
    await desk.run()
    assert desk.got(11) == desk.got(12) == ["Методист ответил"]
    desk.clock.go_to(at("25 08:05"))
    await desk.run()
    assert len(desk.got(11)) == 2
    assert len(desk.got(12)) == 1
    assert (await desk.states())["expired"] == 1


async def test_three_invitations_a_week_one_a_day_and_never_the_same_twice(desk: Desk) -> None:
    person = await desk.person(11)
    for kind in ("survey", "survey", "plan", "meeting", "course"):
        await desk.say(person, kind, message_class=MessageClass.nudge, kind=kind)
    await desk.say(person, "новости", message_class=MessageClass.news, kind="news")
    await desk.say(person, "рубрика", message_class=MessageClass.news, kind="rubric:books")
    days: list[list[str]] = []
    for day in (24, 25, 26, 27, 30):
        before = len(desk.got(11))
        desk.clock.go_to(at(f"{day} 14:30"))
        for _ in range(3):
            await desk.run()
        days.append(desk.got(11)[before:])
    assert days == [["survey", "рубрика"], ["plan"], ["meeting"], [], []]
    desk.clock.go_to(datetime(2026, 12, 1, 12, tzinfo=UTC))
    await desk.run()
    assert desk.got(11)[-1] == "course"


async def test_what_is_late_is_not_sent(desk: Desk) -> None:
    person = await desk.person(11)
    await desk.say(person, expires_at=at("24 15:30"))
    desk.clock.go_to(at("24 15:30"))
    await desk.run()
    assert desk.got(11) == []
    assert await desk.states() == {"expired": 1}


async def test_a_closed_chat_is_remembered_and_the_next_live_channel_is_taken(desk: Desk, db: Database) -> None:
    person = await desk.person(11, web=True)
    desk.telegram.blocked.add(11)
    await desk.say(person)
    await desk.run()
    async with db.read() as session:
        account = await session.scalar(select(Identity).where(Identity.messenger == Messenger.telegram))
        line = await session.scalar(select(WebMessage))
    assert account is not None
    assert account.blocked_at == desk.clock.now()
    assert line is not None
    assert line.text == "Ответ готов"
    (row,) = await desk.rows()
    assert (row.state, row.messenger) == (OutboxState.sent, Messenger.web)


async def test_nowhere_to_write(desk: Desk) -> None:
    person = await desk.person(11)
    desk.telegram.blocked.add(11)
    await desk.say(person)
    await desk.say(person)
    await desk.run()
    assert await desk.states() == {"blocked": 2}
    assert sum(method == "sendMessage" for method, _ in desk.telegram.calls) == 1


async def test_a_security_notice_goes_to_the_account_it_means(desk: Desk, db: Database) -> None:
    person = await desk.person(11, web=True)
    async with db.read() as session:
        web = await session.scalar(select(Identity.id).where(Identity.messenger == Messenger.web))
    await desk.say(person, message_class=MessageClass.answer, identity_id=web)
    await desk.run()
    assert desk.got(11) == []
    assert (await desk.rows())[0].messenger is Messenger.web


async def test_a_channel_without_personal_data_carries_only_news(
    db: Database, settings: Settings, telegram: FakeTelegram, bot: MessengerBot
) -> None:
    bot.policy = Policy.info
    desk = Desk(db, settings, telegram, {Messenger.telegram: bot, Messenger.web: web_bot(db, settings)})
    person = await desk.person(11, web=True)
    await desk.say(person)
    await desk.say(person, message_class=MessageClass.news)
    await desk.run()
    assert [row.messenger for row in await desk.rows()] == [Messenger.web, Messenger.telegram]


async def test_answers_go_before_broadcasts_at_the_messengers_pace(desk: Desk) -> None:
    people = [await desk.person(number) for number in range(100, 160)]
    for person in people:
        await desk.say(person, "новости", message_class=MessageClass.news)
    await desk.say(people[-1], "ответ", message_class=MessageClass.answer)
    await desk.run()
    first = next(body["text"] for method, body in desk.telegram.calls if method == "sendMessage")
    assert first == "ответ"
    assert await desk.states() == {"sent": 61}
    # 25 a second, of which a fifth of a second's worth may go at once.
    assert 1.9 <= desk.clock.spent <= 3.5


async def test_one_chat_gets_one_message_a_second_and_others_do_not_wait_for_it(desk: Desk) -> None:
    busy, other = await desk.person(11), await desk.person(12)
    for number in range(10):
        await desk.say(busy, f"{number}")
    await desk.say(other, "другой")
    await desk.run()
    assert desk.got(11) == [f"{number}" for number in range(10)]
    assert 9 <= desk.clock.spent < 12
    order = [body["text"] for method, body in desk.telegram.calls if method == "sendMessage"]
    assert order.index("другой") <= 2


async def test_when_asked_to_wait_it_waits_and_nothing_is_doubled(desk: Desk) -> None:
    person = await desk.person(11)
    desk.telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 30", retry_after=30)
    await desk.say(person)
    await desk.run()
    assert desk.got(11) == []
    desk.clock.go_to(desk.clock.now() + timedelta(seconds=31))
    await desk.run()
    assert len(desk.got(11)) == 1


async def test_after_too_many_the_broadcast_is_slower_and_then_recovers(desk: Desk) -> None:
    for number in range(200, 280):
        await desk.say(await desk.person(number), "новости", message_class=MessageClass.news)
    desk.telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 3", retry_after=3)
    await desk.run()
    while (await desk.states())["queued"]:
        desk.clock.go_to(desk.clock.now() + timedelta(seconds=1))
        await desk.run()
    assert await desk.states() == {"sent": 80}
    # Three seconds of silence, then 0.7 of 25 a second.
    assert 3 + (80 - 12 - 10) / 17.5 <= desk.clock.spent <= 10
    assert all(len(desk.got(number)) == 1 for number in range(200, 280))


async def test_an_answer_refused_in_a_dialogue_slows_the_broadcasts(desk: Desk, bot: MessengerBot) -> None:
    desk.telegram.meet(11)
    desk.telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 20", retry_after=20)
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(11, "Ответ")
    started = desk.clock.spent
    await desk.say(await desk.person(12), "новости", message_class=MessageClass.news)
    await desk.run()
    assert desk.got(12) == []
    desk.clock.go_to(desk.clock.now() + timedelta(seconds=21))
    await desk.run()
    assert desk.got(12) == ["новости"]
    assert desk.clock.spent - started < 30


async def test_a_server_that_breaks_off_leaves_the_outcome_unknown_and_unread(desk: Desk, db: Database) -> None:
    person = await desk.person(11)
    desk.telegram.refuse("sendMessage", 502, "Bad Gateway")
    await desk.say(person)
    await desk.run()
    desk.clock.go_to(desk.clock.now() + timedelta(minutes=10))
    await desk.run()
    assert desk.got(11) == []
    assert await desk.states() == {"unknown": 1}


async def test_an_unreachable_server_is_tried_again(
    db: Database, settings: Settings, telegram: FakeTelegram, bot: MessengerBot
) -> None:
    nowhere = telegram_bot(TelegramSettings(token=TOKEN, api_base="http://127.0.0.1:9"))
    desk = Desk(db, settings, telegram, {Messenger.telegram: nowhere})
    await desk.say(await desk.person(11))
    await desk.run()
    await nowhere.session.close()
    assert await desk.states() == {"queued": 1}
    later = Delivery(db, settings, {Messenger.telegram: bot}, clock=desk.clock)
    desk.clock.go_to(desk.clock.now() + timedelta(minutes=1))
    await later.recover()
    await later.run_due()
    assert len(desk.got(11)) == 1


async def test_what_a_messenger_does_not_take_is_ours_to_repair(desk: Desk) -> None:
    await desk.say(await desk.person(11), "<table>")
    await desk.run()
    (row,) = await desk.rows()
    assert row.state is OutboxState.failed
    assert "can't parse entities" in row.error


async def test_in_flight_at_a_crash_is_unknown(desk: Desk, db: Database) -> None:
    person = await desk.person(11)
    await desk.say(person)
    desk.telegram.delay = 1
    task = asyncio.create_task(desk.run())
    while (await desk.states())["sending"] == 0:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task}, timeout=0.2)
    await desk.delivery.recover()
    assert await desk.states() == {"unknown": 1}
    desk.telegram.delay = 0
    await asyncio.wait({task})
    await desk.run()
    assert await desk.states() == {"unknown": 1}
