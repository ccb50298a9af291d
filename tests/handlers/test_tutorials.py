"""A talk with a methodist in two taps, on every messenger; the methodist's side in one."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import tutorials as job
from bot.models import Outbox, Role
from tests.conftest import Newcomer
from tests.handlers.test_programmes import known, soon


async def test_two_taps_and_back(db: Database, newcomer: Newcomer, texts: Texts, settings: Settings) -> None:
    office, talk = await newcomer(), await newcomer()
    await known(office, db, "Фадеева Марина Николаевна", Role.centre_staff)
    await known(talk, db)
    day = soon(days=3)
    await office.press_action("tutorials:home")
    await office.presses("Мои окна")
    assert office.sees("Открытых окон нет")
    await office.presses("Открыть окна")
    await office.says("когда-нибудь")
    assert office.sees("Напишите день и время, например: 28.11 15:00–17:00.")
    await office.says(f"{day:%d.%m.%Y} 15:00-17:00")
    assert office.sees("Открыто окон: 4")
    await talk.says("разбор")
    assert talk.sees("1. ")
    assert talk.sees("15:00, Фадеева Марина Николаевна")
    await talk.presses("1")
    assert talk.sees("✅ Вы записаны на разбор")
    await job.run(db, texts, settings, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    async with db.read() as session:
        said = [re.sub("<[^>]+>", "", one["text"]) for one in await session.scalars(select(Outbox.screen))]
    assert [words.split("\n")[0] for words in said] == ["📅 К вам записались на разбор"]
    await talk.presses("Отменить разбор")
    assert talk.sees("Запись на разбор отменена")
    async with db.read() as session:
        said = [re.sub("<[^>]+>", "", one["text"]) for one in await session.scalars(select(Outbox.screen))]
    assert [words.split("\n")[0] for words in said] == ["📅 К вам записались на разбор", "Разбор не состоится"]
    await talk.presses("Другое время")
    assert talk.sees("15:00, Фадеева")
    await talk.press_action("tutorials:own:0")
    assert not talk.sees("Мои окна для разборов")
