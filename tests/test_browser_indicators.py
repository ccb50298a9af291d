"""From a percentage to the file that proves it in three clicks, and the drawings of indicators, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

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


def test_from_a_percentage_to_the_file_in_three_clicks(page: Page, site: Site) -> None:
    page.goto(site.command("signin", "centre_head")["url"])
    page.goto(f"{site.url}/admin/indicators")
    fits(page)
    row = page.get_by_role("row", name="Персональные траектории").filter(has_text="SMO-I08").last
    row.get_by_role("link", name="%").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Персональные траектории")
    expect(page.locator("svg.ch")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Кто засчитан").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Кто засчитан")
    fits(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Маршрутная карта").first.click()
    assert waiting.value.suggested_filename.endswith(".docx")


def test_districts_and_the_use_of_the_bot_fit_a_phone(page: Page, site: Site) -> None:
    page.goto(site.command("signin", "analyst")["url"])
    page.goto(f"{site.url}/admin/indicators/districts")
    expect(page.locator("table.heat")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Вовлечённость").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Вовлечённость")
    expect(page.locator("svg.ch")).to_be_visible()
    fits(page)


def test_papers_are_worded_and_printed(page: Page, site: Site) -> None:
    page.goto(site.command("signin", "centre_head")["url"])
    page.goto(f"{site.url}/admin/indicators/papers")
    fits(page)
    words = page.get_by_label("10. Выводы")
    expect(words).not_to_be_empty()
    words.fill("Охват вырос, не хватает сельских школ.")
    page.get_by_role("button", name="Сохранить слова").click()
    expect(words).to_have_value("Охват вырос, не хватает сельских школ.")
    for link, ending in (("Справка (DOCX)", ".docx"), ("Таблица (XLSX)", ".xlsx"), ("Плакат", ".pdf")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=link).first.click()
        assert waiting.value.suggested_filename.endswith(ending)
    # An emptied part is drafted again: the next reader finds the page as it was.
    words.fill("")
    page.get_by_role("button", name="Сохранить слова").click()
    expect(words).not_to_have_value("Охват вырос, не хватает сельских школ.")


def test_a_yes_opens_its_document(page: Page, site: Site) -> None:
    page.goto(site.command("signin", "centre_head")["url"])
    page.goto(f"{site.url}/admin/indicators/SMO-I01")
    page.get_by_role("link", name="Что засчитано").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Что засчитано")
    fits(page)
    page.get_by_role("link", name="Региональная дорожная карта", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Региональная дорожная карта")
