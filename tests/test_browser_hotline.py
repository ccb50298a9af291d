"""Two methodists before the same inbox in real browsers: one takes the question, the other sees it without asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Chat, Site, chromium, pytestmark, register, site

__all__ = ["chromium", "pytestmark", "site"]

QUESTION = "Как посчитать среднюю отметку, если две работы не написаны?"


@pytest.fixture
def desks(chromium: Browser, site: Site) -> Iterator[list[Page]]:
    """Two members of the line, each in a browser of her own."""
    with ExitStack() as stack:
        pages = []
        for role in ("duty", "centre_head"):
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            page.goto(site.command("signin", role)["url"])
            pages.append(page)
        yield pages


def test_the_other_sees_who_took_it(chromium: Browser, site: Site, desks: list[Page]) -> None:
    chat = Chat(chromium, site)
    register(chat, "Брусникина Анна Игоревна")
    chat.says("/menu")
    chat.presses("Горячая линия")
    chat.presses("Задать вопрос")
    chat.says(QUESTION)
    chat.sees("Похоже")
    if chat.page.locator(".log article").last.get_by_role("button", name="Отправить мой").count():
        chat.presses("Отправить мой")
    chat.presses("Верно, отправить")
    chat.sees("принят")

    first, second = desks
    for page in desks:
        page.goto(f"{site.url}/admin/hotline")
        page.get_by_text("Как посчитать среднюю отметку").first.click()
        expect(page.get_by_role("button", name="Взять")).to_be_visible()
    first.get_by_role("button", name="Взять").click()
    expect(first.get_by_label("Ответ или уточнение")).to_be_focused()
    # Nobody touches the second browser: it hears by itself.
    expect(second.locator("#hold")).to_contain_text(re.compile("У методиста: "), timeout=15_000)
    expect(second.get_by_role("button", name="Взять")).to_have_count(0)
    first.get_by_label("Ответ или уточнение").fill("По написанным работам.")
    first.keyboard.press("Control+Enter")
    expect(first.get_by_text("Ответ отправлен.")).to_be_visible()
    # In the quiet hours of the night the answer waits for the morning, but whoever looks finds it.
    chat.says("/menu")
    chat.presses("Горячая линия")
    chat.presses("Мои вопросы")
    chat.presses("1")
    chat.sees("По написанным работам.")
    assert chat.complaints == []
    chat.page.close()
