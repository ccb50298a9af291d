"""One profile in two messengers: a code of six digits, and everything that can go wrong with it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.models import Identity, LinkCode, Messenger, Outbox, Person, PrivacyRequest
from tests.chat import MaxTalk, Talk, VkTalk
from tests.conftest import NewcomerOn
from tests.factories import make_person


@pytest.fixture
async def old(db: Database, newcomer_on: NewcomerOn) -> Talk:
    """The chat where the profile is."""
    talk = await newcomer_on("web")
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.web: talk.user_id})
    await talk.says("/menu")
    return talk


@pytest.fixture
async def new(newcomer_on: NewcomerOn) -> Talk:
    """The chat where it shall be as well."""
    talk = await newcomer_on("telegram")
    await talk.says("/start")
    return talk


async def code_from(old: Talk) -> str:
    await old.says("профиль")
    await old.presses("Другой мессенджер")
    found = re.search(r"Код: (\d{6})", old.text)
    assert found, old.text
    return found[1]


async def enter(new: Talk, code: str) -> None:
    await new.says("/start")
    await new.presses("У меня есть профиль")
    await new.says(code)


async def people(db: Database) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(Person)) or 0


async def test_the_profile_comes_along(old: Talk, new: Talk, db: Database) -> None:
    code = await code_from(old)
    assert old.sees("Код действует 10 минут")
    await new.presses("У меня есть профиль")
    assert new.sees("Перенесём ваш профиль сюда")
    assert new.buttons == ["Старый чат закрыт", "Отмена"]
    await new.says(code)
    assert new.sees("✅ Всё на месте")
    assert new.sees("Мария Петровна, ваши диагностика, ИОМ и записи теперь и здесь")
    assert new.buttons == ["Сюда", "Как раньше: веб-чат", "Меню"]
    await new.presses("Сюда")
    assert new.sees("Сообщения будут приходить так: Telegram")
    async with db.read() as session:
        person = (await session.scalars(select(Person))).one()
        chosen = await session.get_one(Identity, person.preferred_identity_id)
    assert chosen.messenger is Messenger.telegram
    await new.says("/menu")
    assert new.sees("Мария Петровна, ближайшее")
    await new.says("профиль")
    assert new.sees("Иванова Мария Петровна")


def doors(talk: Talk) -> list[str]:
    return [button["url"] for row in talk.screen.rows for button in row if "url" in button]


@pytest.mark.parametrize(("here", "there"), [("vk", "max"), ("max", "vk")])
async def test_a_door_of_the_old_chat_opens_the_entry_of_the_new_one(
    newcomer_on: NewcomerOn, db: Database, settings: Settings, here: str, there: str
) -> None:
    settings.web.public_url = "https://marshrut.example"
    old, new = await newcomer_on(here), await newcomer_on(there)
    assert isinstance(old, VkTalk | MaxTalk)
    assert isinstance(new, VkTalk | MaxTalk)
    old.dispatcher["links"] |= {Messenger.vk: "https://vk.me/club1", Messenger.max: "https://max.ru/bot"}
    async with db.begin() as session:
        await make_person(session, accounts={Messenger(here): old.user_id})
    code = await code_from(old)
    entry = "https://max.ru/bot?start=link_here" if there == "max" else "https://vk.me/club1?ref=link_here"
    assert doors(old) == [entry, "https://marshrut.example"]
    assert code not in entry, "a link alone joins nobody to anybody"
    await new.starts("link_here")
    assert new.sees("Перенесём ваш профиль сюда")
    await new.says(code)
    assert new.sees("✅ Всё на месте")


async def test_messages_may_come_as_before(old: Talk, new: Talk, db: Database) -> None:
    await enter(new, await code_from(old))
    await new.presses("Как раньше: веб-чат")
    assert new.sees("Сообщения будут приходить так: веб-чат")


async def test_the_other_chat_is_told_at_once_and_may_close_the_new_one(old: Talk, new: Talk, db: Database) -> None:
    await enter(new, await code_from(old))
    async with db.read() as session:
        notice = (await session.scalars(select(Outbox))).one()
        told = await session.get_one(Identity, notice.identity_id)
    assert told.messenger is Messenger.web
    assert "К профилю подключён новый чат" in notice.screen["text"]
    labels = {label: action for row in notice.screen["rows"] for label, action, *_ in row}
    assert list(labels) == ["Это мой чат", "Отключить чат"]
    await old.press_action(labels["Отключить чат"])
    assert old.sees("Тот чат больше не видит ваш профиль")
    await new.says("/menu")
    assert new.sees("Здравствуйте. Это «Маршрут»")
    async with db.read() as session:
        assert (await session.scalars(select(PrivacyRequest.kind))).one() == "chat"
    await old.says("меню")
    await old.press_action(labels["Отключить чат"])
    assert old.sees("похоже, запись убрали")


async def test_nobody_closes_a_strangers_chat(old: Talk, new: Talk, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, "Чужая Вера Львовна", accounts={Messenger.telegram: new.user_id})
        mine = await session.scalar(select(Identity.id).where(Identity.messenger == Messenger.web))
    await new.press_action(f"people:unlink:{mine}")
    assert new.sees("похоже, запись убрали")
    await new.press_action(f"people:prefer:{mine}")
    assert new.sees("похоже, запись убрали")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 2


@pytest.mark.parametrize("written", ["{}", " {} ", "код {}", "{:.3} {:.3}"])
async def test_the_code_may_be_written_loosely(old: Talk, new: Talk, written: str) -> None:
    code = await code_from(old)
    said = f"{code[:3]} {code[3:]}" if ".3" in written else written.format(code)
    await enter(new, said)
    assert new.sees("Всё на месте")


async def test_a_code_works_once(old: Talk, new: Talk, newcomer_on: NewcomerOn) -> None:
    code = await code_from(old)
    await enter(new, code)
    third = await newcomer_on("telegram")
    await enter(third, code)
    assert third.sees("Код не подошёл: он живёт 10 минут и работает один раз")
    assert third.buttons == ["Ввести другой", "Нужна помощь"]
    await third.presses("Ввести другой")
    assert third.sees("Перенесём ваш профиль сюда")


async def test_a_code_lives_ten_minutes(old: Talk, new: Talk, db: Database) -> None:
    code = await code_from(old)
    async with db.begin() as session:
        lives = (await session.scalars(select(LinkCode.expires_at))).one() - utcnow()
        assert timedelta(minutes=9) < lives <= timedelta(minutes=10)
        await session.execute(update(LinkCode).values(expires_at=utcnow() - timedelta(seconds=1)))
    await enter(new, code)
    assert new.sees("Код не подошёл")


async def test_a_new_code_ends_the_one_before(old: Talk, new: Talk) -> None:
    first = await code_from(old)
    second = await code_from(old)
    await enter(new, first)
    assert new.sees("Код не подошёл") or first == second
    await enter(new, second)
    assert new.sees("Всё на месте")


async def test_a_code_can_be_cancelled(old: Talk, new: Talk) -> None:
    code = await code_from(old)
    await old.presses("Отменить код")
    assert old.sees("Код отменён")
    await enter(new, code)
    assert new.sees("Код не подошёл")


async def test_five_wrong_codes_close_the_input_for_an_hour(old: Talk, new: Talk) -> None:
    code = await code_from(old)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    await new.presses("У меня есть профиль")
    for _ in range(5):
        await new.says(wrong)
        assert new.sees("Код не подошёл")
    await new.says(code)
    assert new.sees("Код пять раз не подошёл, поэтому ввод закрыт на час. Ваш профиль в порядке.")
    assert new.buttons == ["Нужна помощь", "Меню"]


async def test_the_old_chat_is_lost(new: Talk) -> None:
    await new.presses("У меня есть профиль")
    await new.presses("Старый чат закрыт")
    assert new.sees("Новый код даст сотрудник центра: позвоните")
    assert new.buttons == ["Календарь", "Ответы", "Меню"]


async def test_the_same_chat_again_changes_nothing(old: Talk, db: Database) -> None:
    code = await code_from(old)
    await old.press_action("people:have")
    await old.says(code)
    assert old.sees("Всё на месте")
    assert old.buttons == ["Сюда", "Меню"]
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 1


async def test_two_profiles_of_one_person_are_joined(old: Talk, new: Talk, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.telegram: new.user_id})
    code = await code_from(old)
    await new.says("/menu")
    await new.press_action("people:have")
    await new.says(code)
    assert new.sees("Два профиля: соединить?")
    assert new.sees("Иванова Мария Петровна, Гимназия № 4")
    await new.presses("Оставить")
    assert new.sees("Профиль")
    assert await people(db) == 2
    await new.press_action("people:unite")
    assert await people(db) == 2, "the offer is gone with the screen"
    await new.press_action("people:have")
    await new.says(await code_from(old))
    await new.presses("Соединить")
    assert new.sees("Готово: теперь это один профиль")
    assert await people(db) == 1
    await new.says("/menu")
    assert new.sees("Мария Петровна, ближайшее")
    await old.says("/menu")
    assert old.sees("Мария Петровна, ближайшее")
    async with db.read() as session:
        assert {i.messenger for i in await session.scalars(select(Identity))} == {Messenger.web, Messenger.telegram}


@pytest.mark.parametrize("other", [{"name": "Чужая Вера Львовна"}, {"birth_year": 1991}])
async def test_profiles_of_two_people_are_never_joined(old: Talk, new: Talk, db: Database, other) -> None:  # type: ignore[no-untyped-def]
    async with db.begin() as session:
        await make_person(session, **other, accounts={Messenger.telegram: new.user_id})
    code = await code_from(old)
    await new.says("/menu")
    await new.press_action("people:have")
    await new.says(code)
    assert new.sees("В этом чате уже другой профиль, поэтому ничего не изменилось")
    await new.press_action("people:unite")
    assert await people(db) == 2
    async with db.read() as session:
        assert (await session.scalars(select(LinkCode.used_at))).one() is None, "the code stays good"
