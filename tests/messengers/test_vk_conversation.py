"""The first conversation of a teacher, on VK."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.commands import doctor
from bot.config import Receive, Settings, VkSettings
from tests.fakes.vk import GROUP, TOKEN, FakeVk


@pytest.fixture
async def vk(settings: Settings) -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        settings.vk = VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{server.url}/method")
        yield server


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
