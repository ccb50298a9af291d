"""Shortening at the desk: the figures of the simulation, on and off, only for those who edit instruments."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import Change, InstrumentVersion, ItemParameter, Role
from tests.admin.conftest import SignIn
from tests.handlers.test_shortening import TASKS, load, verify


@pytest.fixture
def in_region() -> bool:
    return True


async def is_short(db: Database, version: int) -> bool | None:
    async with db.read() as session:
        return await session.scalar(select(InstrumentVersion.adaptive).where(InstrumentVersion.id == version))


async def test_on_with_its_figures_and_off_again(db: Database, sign_in: SignIn, tmp_path: Path) -> None:
    version = await load(db, tmp_path)
    browser = await sign_in(None, Role.centre_staff)
    here = f"/instruments/{version}"
    await browser.opens(f"{here}/analysis")
    assert browser.sees("Сокращение возможно только для верифицированной версии")
    assert await browser.sends(f"{here}/shorten", on="yes") == 422
    await verify(db, version)
    assert await browser.sends(f"{here}/shorten", on="yes") == 200
    assert browser.sees("Сокращение включено для новых попыток", f"из {TASKS}", "Заданий по порядку для той же ошибки")
    assert await is_short(db, version)
    async with db.read() as session:
        assert len((await session.scalars(select(ItemParameter.item_id))).all()) == TASKS
        assert "shortened" in set(await session.scalars(select(Change.action)))
    await browser.sends(f"{here}/shorten", on="no")
    assert browser.sees("тест снова полный")
    assert not await is_short(db, version)


async def test_a_test_that_would_lose_precision_stays_whole(db: Database, sign_in: SignIn, tmp_path: Path) -> None:
    version = await load(db, tmp_path, slope=1.0, spread=1.0)
    await verify(db, version)
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends(f"/instruments/{version}/shorten", on="yes")
    assert browser.sees("Проверка не прошла, тест остаётся полным", "сокращение экономит мало или теряет точность")
    assert not await is_short(db, version)


async def test_an_analyst_reads_and_switches_nothing(db: Database, sign_in: SignIn, tmp_path: Path) -> None:
    version = await load(db, tmp_path, persons=3)
    browser = await sign_in(None, Role.analyst)
    assert await browser.opens(f"/instruments/{version}/analysis") == 200
    assert not browser.sees("Посчитать и включить")
    assert await browser.sends(f"/instruments/{version}/shorten", on="yes") == 403
