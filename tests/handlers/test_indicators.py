"""«Показатели» in the chat: a coordinator, the head, a teacher; pictures, directions, the summary of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import now_in
from bot.config import Settings
from bot.db import Database
from bot.jobs import indicators as jobs
from bot.models import ConsentKind, Messenger, Municipality, Outbox, Person, Role, RoleAssignment, ScopeKind
from bot.services import consents
from bot.services.indicators import at_hand, counting, figures
from bot.services.indicators.figures import Entry
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_organisation, make_person
from tests.services.test_indicators import HEAD, a_diagnosis


@dataclass
class World:
    """Two districts: eight diagnosed of forty in the first, one of ten in the second."""

    home: Municipality
    other: Municipality
    year: int


@pytest.fixture
def now(settings: Settings) -> datetime:
    return now_in(settings.zone)


@pytest.fixture
async def world(db: Database, now: datetime) -> World:
    counting.forget()
    year = at_hand.year_of(now.date())
    async with db.begin() as session:
        home, other = await session.scalars(select(Municipality).order_by(Municipality.id).limit(2))
        school = await make_organisation(session, "Школа на горе", municipality=home)
        far = await make_organisation(session, "Школа у реки", municipality=other)
        number = 0
        for place, names in ((school, "АБВГДЕЖЗ"), (far, "И")):
            for name in names:
                number += 1
                person = await make_person(session, f"Засчитанная {name}", organisation=place)
                await a_diagnosis(session, person, year.first, number=number)
        await figures.enter(
            session, HEAD,
            [
                Entry("teachers", place, year.first, year.last, value, "ОО-1", state_on=year.first - timedelta(days=90))
                for place, value in ((home.id, 40), (other.id, 10), (None, 50))
            ],
            now=NOW,
        )  # fmt: skip
    return World(home, other, year.first.year)


async def someone(
    db: Database, talk: Talk, role: Role | None, kind: ScopeKind = ScopeKind.region, scope_id: int | None = None
) -> int:
    async with db.begin() as session:
        school = await make_organisation(session, f"Место {talk.user_id}")
        person = await make_person(
            session, "Смотрящая Анна Ивановна", organisation=school,
            accounts={Messenger(talk.messenger): talk.user_id},
        )  # fmt: skip
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger(talk.messenger), now=NOW)
        if role is not None:
            await give_role(session, person, role, kind, scope_id)
    await talk.says("/menu")
    return person.id


async def opens(talk: Talk, title: str) -> None:
    """From the list to the card with this beginning of a name, page by page."""
    while title not in talk.text:
        await talk.presses("Ещё")
    line = next(line for line in talk.text.splitlines() if title in line)
    await talk.presses(line.partition(".")[0])


async def test_a_head_reads_the_numbers_and_subscribes(
    db: Database, settings: Settings, texts: Any, newcomer: Newcomer, world: World, now: datetime
) -> None:
    talk = await newcomer()
    me = await someone(db, talk, Role.centre_head)
    await talk.presses("Показатели")
    assert talk.sees(f"Показатели на {now:%d.%m.%Y}")
    assert talk.sees("Региональная дорожная карта действует: пока не считается, число не внесено")
    await opens(talk, "Охват диагностикой: 18,0")
    assert talk.sees("9 из 50. Цель: ≥ 25 %. До цели не хватает: 4.")
    assert talk.sees("Как считаем: Берём людей, у которых в периоде есть хотя бы один факт: диагностика.")
    assert talk.sees("Знаменатель: ОО-1")
    assert talk.sees("Основание: приказ № 504-ОД")
    assert "Засчитанная" not in talk.text, "no name goes into a messenger"
    await talk.presses("По районам")
    assert talk.text.index(world.home.name) > 0
    assert talk.sees("20,0 %, не хватает 2")
    assert talk.sees("10,0 %, не хватает 2")
    await talk.presses("Назад")
    await talk.presses("Динамика")
    assert talk.sees(f"31.01.{world.year}: 18,0 %")
    assert talk.sees(f"{now:%d.%m.%Y}: 18,0 %")
    await talk.presses("Картинкой")
    assert talk.sees(f"31.01.{world.year}: 18,0 %"), "the picture has the same in words"
    await talk.press_action("indicators:card:SMO-I05")
    await talk.presses("Из кого сложилось")
    assert talk.sees("Имена в мессенджер не отправляем")
    assert talk.buttons[0] == "Открыть список"
    await talk.presses("Назад")
    await talk.presses("Назад")
    await talk.presses("По направлениям")
    assert talk.sees("Профессиональное мастерство: цель достигнута у ")
    await talk.presses("Профессиональное мастерство")
    assert talk.sees("1. Охват диагностикой: 18,0 %, цель ≥ 25 %")
    assert talk.sees("Профессиональное мастерство.")
    await talk.presses("Картинкой")
    assert talk.sees("Охват диагностикой: 18,0 %"), "the picture has the same in words"
    await talk.presses("Меню")
    await talk.presses("Показатели")
    await talk.presses("Сводка раз в месяц")
    assert talk.sees("Сводка будет приходить")

    first = now.replace(day=2, hour=11) + timedelta(days=0 if now.month > 1 else 31)
    assert await jobs.month(db, texts, settings, now=first) == 1
    assert await jobs.month(db, texts, settings, now=first + timedelta(hours=1)) == 0, "once"
    async with db.read() as session:
        letter = (await session.scalars(select(Outbox).where(Outbox.kind == "indicators-month"))).one()
    assert letter.person_id == me
    assert "Ближе всего к цели" in letter.screen["text"]
    await talk.press_action("=indicators:unsubscribe")
    assert talk.sees("Сводку больше не присылаем")
    nextmonth = (first.replace(day=1) + timedelta(days=32)).replace(day=3)
    assert await jobs.month(db, texts, settings, now=nextmonth) == 0


@pytest.fixture
async def one_talk(newcomer_on: Any) -> Talk:
    return await newcomer_on("telegram")  # type: ignore[no-any-return]


async def test_a_coordinator_sees_the_numbers_of_her_district(db: Database, one_talk: Talk, world: World) -> None:
    await someone(db, one_talk, Role.municipal_coordinator, ScopeKind.municipality, world.home.id)
    await one_talk.presses("Показатели")
    assert one_talk.sees(f"{world.home.name}.")
    await opens(one_talk, "Охват диагностикой: 20,0")
    assert one_talk.sees("8 из 40. Цель: ≥ 25 %. До цели не хватает: 2.")
    await one_talk.presses("По районам")
    assert world.home.name in one_talk.text
    assert world.other.name not in one_talk.text
    await one_talk.press_action("indicators:who:SMO-I01")
    assert one_talk.sees("Передайте им форму")
    assert "Внести число" not in one_talk.buttons


async def test_a_teacher_has_no_door_and_nothing_behind_it(db: Database, one_talk: Talk, world: World) -> None:
    await someone(db, one_talk, None)
    assert "Показатели" not in one_talk.buttons
    for action in (
        "home", "card:SMO-I05", "places:SMO-I05:0", "course:SMO-I05", "drawn:SMO-I05", "list:SMO-I05",
        "picture:0:0", "sections", "subscribe", "who:SMO-I01",
    ):  # fmt: skip
        await one_talk.press_action(f"indicators:{action}")
        assert not any(said in one_talk.text for said in ("18,0", "дорожная карта действует")), action
    async with db.read() as session:
        assert await at_hand.subscribers(session, world_day(world)) == []


def world_day(world: World) -> Any:
    return at_hand.year_of(datetime(world.year, 1, 1).date()).last


async def test_an_analyst_sees_neither_small_counts_nor_names(db: Database, one_talk: Talk, world: World) -> None:
    await someone(db, one_talk, Role.analyst)
    await one_talk.press_action("indicators:places:SMO-I05:0")
    assert one_talk.sees(f"{world.other.name}: мало, не показываем")
    await one_talk.press_action("indicators:list:SMO-I05")
    assert not one_talk.sees("Открыть список"), "an analyst has no list of names"


async def test_who_lost_the_role_is_told_nothing(
    db: Database, settings: Settings, texts: Any, one_talk: Talk, world: World, now: datetime
) -> None:
    me = await someone(db, one_talk, Role.analyst)
    await one_talk.press_action("indicators:subscribe")
    async with db.begin() as session:
        for row in await session.scalars(select(RoleAssignment).where(RoleAssignment.person_id == me)):
            row.revoked_at = now
    first = now.replace(day=2, hour=11) + timedelta(days=0 if now.month > 1 else 31)
    assert await jobs.month(db, texts, settings, now=first) == 0
    async with db.begin() as session:
        assert (await session.get_one(Person, me)).locale == "ru"
    await one_talk.press_action("indicators:unsubscribe")
    assert one_talk.sees("Сводку больше не присылаем"), "one can be rid of it without the role"


async def test_odd_presses_are_answered_kindly(db: Database, one_talk: Talk, world: World) -> None:
    await someone(db, one_talk, Role.centre_head)
    for action in ("home:99:9", "home:-3:0", "home:x", "card:T-99", "card", "places:SMO-I05", "picture:0:0",
                   "drawn:SMO-I01", "course:SMO-I01"):  # fmt: skip
        await one_talk.press_action(f"indicators:{action}")
        assert one_talk.text, action
    assert one_talk.sees("по месяцам оно не меняется")
