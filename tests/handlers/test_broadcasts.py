"""A broadcast arrives, is turned off with one press and on again; rubrics are chosen in «Профиль»."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import now_in
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import broadcasts as job
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.messengers.web import web_bot
from bot.models import (
    BroadcastKind,
    BroadcastRecipient,
    ConsentKind,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    RecipientState,
    Role,
    ScopeKind,
)
from bot.services import broadcasts, consents
from bot.services.access import Grant, Scope
from bot.services.broadcasts import Draft
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import make_person
from tests.jobs.clock import VirtualClock, next_working_afternoon

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
Send = Callable[..., Awaitable[int]]


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
def now(settings: Settings) -> datetime:
    return now_in(settings.zone)


@pytest.fixture
async def person(db: Database, newcomer: Newcomer) -> tuple[Talk, Person]:
    """A teacher who agreed to news."""
    talk = await newcomer()
    messenger = Messenger(talk.messenger)
    async with db.begin() as session:
        made = await make_person(session, accounts={messenger: talk.user_id})
        await consents.give(session, made.id, ConsentKind.news, messenger=messenger, now=now_in(Settings().zone))
    return talk, made


@pytest.fixture
def send(db: Database, settings: Settings, texts: Texts, now: datetime) -> Send:
    """A broadcast that has been written into the outbox."""

    async def make(kind: BroadcastKind = BroadcastKind.events, rubric: str = "", title: str = "Вебинар") -> int:
        for messenger in ("telegram", "vk", "max"):
            getattr(settings, messenger).token = "1:test"
        draft = Draft(kind, title, "Приходите.", now, now + timedelta(days=9), {}, rubric, "", "https://a.example/b")
        async with db.begin() as session:
            number = await broadcasts.create(session, HEAD, draft, now=now)
            await broadcasts.launch(session, HEAD, number, now=now)
        await job.run(db, texts, settings, now=now)
        return number

    return make


async def waiting(db: Database) -> list[Outbox]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox).where(Outbox.state == OutboxState.queued).order_by(Outbox.id))
        return list(rows)


async def outcome(db: Database, number: int) -> RecipientState:
    async with db.read() as session:
        row = await session.scalar(select(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == number))
        assert row is not None
        return row.state


async def test_a_kind_is_turned_off_with_one_press_and_on_again(
    person: tuple[Talk, Person], db: Database, send: Send
) -> None:
    talk, _ = person
    number = await send()
    (row,) = await waiting(db)
    assert row.screen["text"] == "<b>Вебинар</b>\n\nПриходите."
    assert [label for line in row.screen["rows"] for label, *_ in line] == ["Читать", "Не присылать такое"]
    refusal = row.screen["rows"][-1][0][1]
    await talk.says("меню")
    await talk.press_action(refusal)
    assert talk.sees("Такие сообщения больше не придут")
    assert talk.sees("Приглашения на мероприятия")
    assert await waiting(db) == [], "what waited is not said"
    assert await outcome(db, number) is RecipientState.unsubscribed
    assert await outcome(db, await send()) is RecipientState.unsubscribed
    await send(BroadcastKind.materials)
    assert len(await waiting(db)) == 1, "other kinds still come"
    await talk.presses("Вернуть")
    assert talk.sees("Снова присылаем")
    await send()
    assert len(await waiting(db)) == 2


async def test_the_link_of_a_post_leaves_through_our_address(
    person: tuple[Talk, Person], db: Database, settings: Settings, send: Send, now: datetime
) -> None:
    talk, who = person
    settings.web.public_url = "https://marshrut.example"
    await talk.says("/menu")
    async with db.begin() as session:
        await broadcasts.switch_rubric(session, who.id, "shpargalka", is_on=True, now=now)
    number = await send(BroadcastKind.rubric, "shpargalka", "Три вопроса")
    bot: MessengerBot = getattr(talk, "bot", None) or web_bot(db, settings)
    await Delivery(
        db, settings, {Messenger(talk.messenger): bot}, clock=VirtualClock(next_working_afternoon(now))
    ).run_due()
    await talk.says("/menu")
    links = [button["url"] for message in talk.messages for row in message.rows for button in row if button.get("url")]
    assert links == [f"https://marshrut.example/go/{number}/{talk.messenger}"]


async def test_rubrics_are_chosen_in_the_profile(person: tuple[Talk, Person], db: Database, send: Send) -> None:
    talk, _ = person
    await send(BroadcastKind.rubric, "shpargalka", "Три вопроса")
    assert await waiting(db) == [], "nobody has subscribed"
    await talk.says("профиль")
    await talk.presses("Рубрики")
    assert talk.sees("2. #шпаргалка, раз в неделю, выключена")
    await talk.presses("2")
    assert talk.sees("2. #шпаргалка, раз в неделю, включена")
    await send(BroadcastKind.rubric, "shpargalka", "Три вопроса")
    (row,) = await waiting(db)
    assert row.screen["text"].startswith("<b>#шпаргалка: Три вопроса</b>")
    await talk.press_action(row.screen["rows"][-1][0][1])
    assert talk.sees("«#шпаргалка» больше не придёт")
    assert await waiting(db) == []
    await talk.presses("Вернуть")
    assert talk.sees("#шпаргалка, раз в неделю, включена")
    await talk.presses("Выключить все")
    assert not talk.sees("включена.")
    await talk.says("рубрики")
    assert talk.sees("1. #наш_актив")


async def test_kinds_are_chosen_beside_the_rubrics(person: tuple[Talk, Person], db: Database, send: Send) -> None:
    talk, made = person
    await talk.says("рубрики")
    await talk.presses("Виды сообщений")
    assert talk.sees("3. Курсы и программы: включена")
    await talk.presses("3")
    assert talk.sees("3. Курсы и программы: выключена")
    await send(BroadcastKind.courses)
    assert await waiting(db) == []
    async with db.begin() as session:
        await consents.withdraw(session, made.id, ConsentKind.news, now=now_in(Settings().zone))
    await talk.presses("Назад")
    await talk.presses("Виды сообщений")
    assert talk.sees("выключены целиком")
    await talk.presses("Согласия")
    assert talk.sees("Согласия")


async def test_stop_ends_everything_and_is_taken_back(person: tuple[Talk, Person], db: Database, send: Send) -> None:
    talk, made = person
    await talk.says("рубрики")
    await talk.presses("1")
    await talk.presses("2")
    await talk.presses("2")
    await send()
    await send(BroadcastKind.rubric, "nash-aktiv", "Кто рядом")
    assert len(await waiting(db)) == 2
    await talk.says("стоп")
    assert talk.sees("рубрики больше не придут")
    assert await waiting(db) == []
    await talk.presses("Вернуть")
    assert talk.sees("Вернули как было")
    async with db.read() as session:
        on = [line.slug for line in await broadcasts.rubrics(session, made.id) if line.is_on]
        _, agreed = await broadcasts.kinds(session, made.id)
    assert (on, agreed) == (["nash-aktiv"], True), "only what was on comes back"


async def test_old_and_invented_buttons_are_answered(person: tuple[Talk, Person]) -> None:
    talk, _ = person
    await talk.says("меню")
    for action in (
        "broadcasts:off:nothing", "broadcasts:off:rubric", "broadcasts:off", "broadcasts:rubric:gone:on:0",
        "broadcasts:rubric-off:gone", "broadcasts:unmute:99999999999999999999", "broadcasts:rubrics:77",
    ):  # fmt: skip
        await talk.press_action(action)
        assert talk.buttons, action
