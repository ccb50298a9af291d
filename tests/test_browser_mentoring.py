"""The board of pairs in a real browser: one is looked at and published, more mentors are counted; on a phone too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Site, chromium, fits, pytestmark, site

__all__ = ["chromium", "pytestmark", "site"]


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """The board of the centre's staff; a complaint of the browser fails the test."""
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.command("signin", "centre_staff")["url"])
    page.goto(f"{site.url}/admin/mentoring")
    yield page
    context.close()
    assert complaints == []


def test_from_the_board_to_a_pair_and_back(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Наставничество: пары")
    fits(page)
    page.get_by_role("button", name="Подобрать").first.click()
    expect(page.get_by_text("предложено пар")).to_be_visible(timeout=15_000)
    page.get_by_label("Добавить наставников").fill("3")
    page.get_by_role("button", name="Посчитать").click()
    expect(page.locator("#whatif")).to_be_visible()
    expect(page.get_by_role("heading", name="Молодые с наставником")).to_be_visible()
    expect(page.get_by_text("50 %").first).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Все пары").click()
    expect(page.get_by_role("table")).to_be_visible()
    fits(page)
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Почему эта пара")).to_be_visible()
    expect(page.get_by_role("heading", name="История")).to_be_visible()
    fits(page)
    page.get_by_label("Путь").get_by_role("link", name="Наставничество").click()
    page.get_by_role("link", name="База наставников").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("База наставников")
    fits(page)


@pytest.mark.parametrize("page", [(1280, 900)], ids=["desk"], indirect=True)
def test_an_order_makes_the_pair_work(page: Page) -> None:
    page.get_by_role("link", name="Оформить приказом").click()
    page.get_by_label("Номер приказа").fill("17-н")
    page.get_by_role("button", name="Пары действуют").click()
    expect(page.get_by_text("Пары действуют, обеим сторонам написали.")).to_be_visible()
    expect(page.get_by_role("heading", name="К приказу пар нет")).to_be_visible()
