"""The first conversation of a teacher, on VK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from bot.commands import doctor
from bot.config import ROOT, Receive, Settings, VkSettings
from bot.db import Database
from bot.models import Answer, Messenger
from bot.services import diagnostics
from tests.chat import DRAWS_BELOW, KNOWS, VkTalk
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person
from tests.fakes.vk import GROUP, TOKEN, FakeVk
from tests.handlers.test_diagnostics import take


@pytest.fixture
async def vk(settings: Settings) -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        settings.vk = VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{server.url}/method")
        yield server


async def test_a_deep_link_opens_its_section(newcomer_on: NewcomerOn, db: Database) -> None:
    talk = await newcomer_on("vk")
    assert isinstance(talk, VkTalk)
    async with db.begin() as session:
        await make_person(session, accounts={Messenger.vk: talk.user_id})
    await talk.starts()
    await talk.presses("Диагностика")
    section = talk.text
    await talk.says("/menu")
    assert talk.text != section
    await talk.starts("section_diagnostics")
    assert talk.text == section


async def test_a_client_without_buttons_under_messages_does_everything_below_the_field(
    newcomer_on: NewcomerOn, db: Database
) -> None:
    talk = await newcomer_on("vk")
    assert isinstance(talk, VkTalk)
    talk.client = DRAWS_BELOW
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        await make_person(session, accounts={Messenger.vk: talk.user_id})
    await take(talk, "432545")
    await talk.presses("Узнать результат")
    assert talk.saw("Что показала самодиагностика")
    assert all(message.rows == [] for message in talk.messages)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Answer)) == 30
    talk.client = KNOWS
    await talk.says("/menu")
    assert talk.buttons, "the same person with a newer client"


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
