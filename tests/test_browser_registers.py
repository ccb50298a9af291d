"""Open pages of registers and rubrics in a real browser, at a desk and on a phone: no complaint, no sideways scroll."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.test_browser import CHROMIUM, Site, chromium, fits, site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine: browser tests did not run"),
]

__all__ = ["chromium", "site"]


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """A page whose complaints fail the test."""
    width, height = request.param
    page = chromium.new_page(viewport={"width": width, "height": height})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(site.url) else complaints.append(f"foreign: {r.url}"))
    yield page
    page.close()
    assert complaints == []


def test_a_visitor_finds_a_record(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.url}/registers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Реестры региона")
    expect(page.get_by_text("Соглашения и договоры")).to_have_count(0)
    fits(page)
    page.get_by_role("link", name="Профессиональные сообщества и РУМО").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Профессиональные сообщества и РУМО")
    fits(page)
    page.get_by_label("Найти в реестре").fill("молодых педагогов")
    page.get_by_role("button", name="Найти").click()
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("article h3")).to_have_text("Ассоциация молодых педагогов")
    fits(page)
    page.get_by_role("link", name="Все реестры").click()
    page.get_by_role("link", name="Реестр экспертов").click()
    expect(page.get_by_text("Имя не публикуется").first).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Все реестры").click()
    page.get_by_role("link", name="Дополнительные профессиональные программы").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Дополнительные профессиональные программы")
    fits(page)


def test_the_archive_of_rubrics(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/rubrics")
    expect(page.get_by_role("heading", level=1)).to_have_text("Рубрики")
    fits(page)
    page.get_by_role("link", name="#шпаргалка").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("#шпаргалка")
    fits(page)


def test_a_practice_is_found_and_read(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/practices")
    expect(page.get_by_role("heading", level=1)).to_have_text("Практики коллег")
    expect(page.get_by_role("link", name="Читательский дневник голосом")).to_have_count(0)  # Experts have it still.
    fits(page)
    page.get_by_label("Что ищете?").fill("карты ошибки")
    page.get_by_role("button", name="Найти").click()
    page.get_by_role("link", name="Карта ошибок вместо красной пасты").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Карта ошибок вместо красной пасты")
    expect(page.get_by_text("Пятиклассники получают работу")).to_be_visible()
    fits(page)


def test_everything_is_found_in_the_navigator(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/navigator")
    expect(page.get_by_role("heading", level=1)).to_have_text("Навигатор")
    fits(page)
    page.get_by_label("Что ищете?").fill("учитель года")
    page.get_by_label("Что показать").select_option(label="Конкурс")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_role("link", name="Учитель года")).to_have_count(1)
    fits(page)
    page.get_by_label("Что ищете?").fill("соглашение университет")
    page.get_by_label("Что показать").select_option(label="Всё")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_role("link", name="О методическом сопровождении педагогов")).to_have_count(0)
    page.get_by_label("Что ищете?").fill("верховая езда")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("Ничего не нашлось")).to_be_visible()
    fits(page)
    page.goto(f"{site.url}/navigator?q=Учитель+года&kind=contest")
    page.get_by_role("link", name="Учитель года").click()
    expect(page.get_by_role("log")).to_be_visible()
    fits(page)
