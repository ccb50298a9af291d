"""The first conversation of a teacher, on VK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from bot.app import build_dispatcher
from bot.commands import doctor
from bot.config import Receive, Settings, VkSettings
from bot.db import Database
from bot.i18n import Texts
from bot.messengers.vk.session import VkSession, vk_bot
from bot.messengers.vk.updates import Converter
from bot.models import Answer, Messenger
from tests.chat import VkTalk
from tests.factories import make_person
from tests.fakes.vk import GROUP, TOKEN, FakeVk
from tests.handlers import test_diagnostics
from tests.handlers import test_registration as registration


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def vk(settings: Settings) -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        settings.vk = VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{server.url}/method")
        yield server


@pytest.fixture
async def talk(vk: FakeVk, db: Database, settings: Settings, texts: Texts) -> AsyncIterator[VkTalk]:
    bot = vk_bot(db, settings.vk)
    assert isinstance(bot.session, VkSession)
    yield VkTalk(build_dispatcher(db, settings, texts), Converter(bot, bot.session), bot, vk, 555)
    await bot.session.close()


async def test_a_teacher_gets_acquainted(talk: VkTalk, db: Database) -> None:
    await registration.to_check(talk)
    assert talk.sees("Мария")
    assert len(talk.buttons) <= 10


async def test_the_diagnosis_from_the_menu_to_the_result(talk: VkTalk, db: Database) -> None:
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.vk: talk.user_id})
    await test_diagnostics.take(talk, "432545")
    assert talk.sees("Это был последний вопрос")
    await talk.presses("Узнать результат")
    assert talk.sees("Что показала самодиагностика")
    await talk.presses("По группам")
    await talk.presses("1")
    assert talk.sees("из 100, точность ±")
    assert talk.saw("Что показала самодиагностика"), "a result is never edited away"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Answer)) == 30


async def test_the_doctor_speaks_of_vk(vk: FakeVk, settings: Settings) -> None:
    assert (await doctor.vk(settings)).key == "doctor-vk.good"
    settings.vk.receive = Receive.webhook
    assert (await doctor.vk(settings)).key == "doctor-vk.no-address"
    settings.web.public_url = "https://marshrut.example"
    assert (await doctor.vk(settings)).key == "doctor-vk.not-delivered"
    vk.servers.append({"id": 1, "url": "https://marshrut.example/hooks/vk", "status": "failed"})
    assert (await doctor.vk(settings)).key == "doctor-vk.failed"
    vk.servers[0]["status"] = "ok"
    found = await doctor.vk(settings)
    assert (found.key, found.state) == ("doctor-vk.delivered", "ok")
    vk.may_manage = False
    assert (await doctor.vk(settings)).key == "doctor-vk.closed"
    settings.vk.confirmation = "by-hand"
    assert (await doctor.vk(settings)).key == "doctor-vk.by-hand"
    settings.vk.secret = "x" * 51
    assert (await doctor.vk(settings)).key == "doctor-vk.secret"
    settings.vk.secret = ""
    vk.token = "another"
    assert (await doctor.vk(settings)).key == "doctor-vk.refused"
    settings.vk.group_id = 0
    assert (await doctor.vk(settings)).key == "doctor-vk.no-group"
    settings.vk.token = ""
    assert (await doctor.vk(settings)).key == "doctor-vk.off"
