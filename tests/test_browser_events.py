"""Events in a real browser, on a phone and at a desk: the calendar, the way in, the presenter's page, the check."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.clock import utcnow
from bot.rules.attendance import WORDS
from tests.browser import Chat, Site, chat, chromium, fits, pytestmark, register, site, watched

__all__ = ["chat", "chromium", "pytestmark", "site"]

NOW_ON = "Методическая среда: вопросы, которые не задают"
WIDTHS = pytest.mark.parametrize("page", [(1280, 900), (360, 740)], ids=["desk", "phone"], indirect=True)


@pytest.fixture
def page(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """A page whose complaints fail the test."""
    width, height = request.param
    page = chromium.new_page(viewport={"width": width, "height": height})
    complaints = watched(page, site)
    yield page
    assert complaints == []
    page.close()


def rows(site: Site, statement: str, *values: object) -> list[Any]:
    """What the database of the site holds or is told."""
    with closing(sqlite3.connect(site.environment["DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))) as db, db:
        return db.execute(statement, values).fetchall()


def begins(site: Site, title: str, *, minutes: int) -> int:
    """The event begins so many minutes from now, for an hour; its number."""
    starts = utcnow() + timedelta(minutes=minutes)
    shown = [f"{moment:%Y-%m-%d %H:%M:%S.000000}" for moment in (starts, starts + timedelta(hours=1))]
    rows(site, "update events set starts_at = ?, ends_at = ? where title = ?", *shown, title)
    return int(rows(site, "select id from events where title = ?", title)[0][0])


@WIDTHS
def test_the_calendar_of_the_region(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/events")
    expect(page.get_by_role("heading", level=1)).to_have_text("Что будет в регионе")
    expect(page.get_by_role("heading", name=NOW_ON)).to_be_visible()
    everything = page.locator("article").count()
    fits(page)
    page.get_by_role("link", name="Профилактика выгорания").click()
    expect(page.get_by_role("link", name="Профилактика выгорания")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", name="Границы и силы: тренинг школьных команд")).to_be_visible()
    assert 0 < page.locator("article").count() < everything
    fits(page)
    assert "room.example" not in page.content()
    page.get_by_role("link", name="Все", exact=True).click()
    expect(page.locator("article")).to_have_count(everything)

    with page.expect_download() as download:
        page.get_by_role("link", name="Подписать календарь").click()
    events = icalendar.Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    assert NOW_ON in {str(one["summary"]) for one in events}
    assert not any("room.example" in str(value) for one in events for value in one.values())


@WIDTHS
def test_the_check_of_a_certificate(page: Page, site: Site) -> None:
    number, last_name = rows(
        site, "select c.number, p.last_name from certificates c join people p on p.id = c.person_id order by c.id"
    )[0]
    page.goto(f"{site.url}/events")
    page.get_by_role("link", name="Проверка сертификата").click()
    page.get_by_placeholder("26-XXXXX-XXXXX").fill(f" {number.lower()} ")
    page.get_by_role("button", name="Проверить").click()
    expect(page.locator("article")).to_contain_text("Сертификат действителен")
    expect(page.locator(".q")).to_contain_text(f"{last_name[:2]}***")
    assert last_name not in page.content()
    expect(page.locator("article")).to_contain_text("Это не документ о повышении квалификации")
    fits(page)


def test_a_number_that_is_nobodys(chromium: Browser, site: Site) -> None:
    """A neighbour's number tells nothing, and one address does not go on guessing."""
    number = rows(site, "select number from certificates order by id")[0][0]
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{site.url}/check?number={wrong}")
    expect(page.locator("article")).to_contain_text("Такого номера нет")
    expect(page.locator(".q")).to_have_count(0)
    fits(page)
    statuses = [page.request.get(f"{site.url}/check/{wrong}").status for _ in range(25)]
    assert set(statuses) == {404, 429}
    page.goto(f"{site.url}/check/{number}")
    expect(page.locator("article")).to_contain_text("Слишком часто")
    expect(page.locator(".q")).to_have_count(0)
    fits(page)
    page.goto(f"{site.url}/events")  # The rest of the site goes on.
    expect(page.get_by_role("heading", level=1)).to_have_text("Что будет в регионе")
    page.close()


def test_from_the_calendar_into_the_room_and_a_mark(chromium: Browser, site: Site, chat: Chat) -> None:
    """A teacher signs up from the open calendar, goes in by her own address and writes the word of the screen."""
    register(chat, "Участникова Анна Олеговна")
    event = begins(site, NOW_ON, minutes=30)
    page = chat.page
    page.goto(f"{site.url}/events")
    page.locator("article", has_text=NOW_ON).get_by_role("link", name="Записаться").click()
    chat.sees(NOW_ON)
    chat.presses("Записаться")
    chat.sees("Вы записаны")

    token = rows(
        site,
        "select r.token from registrations r join people p on p.id = r.person_id"
        " where p.last_name = 'Участникова' and r.event_id = ?",
        event,
    )[0][0]
    page.route("https://room.example/**", lambda route: route.fulfill(body="Комната", content_type="text/plain"))
    for width, height in ((1280, 900), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{site.url}/e/{token}")
        expect(page.get_by_role("heading", level=1)).to_have_text(NOW_ON)
        assert "room.example" not in page.content(), "whoever only looks at the link walks into nothing"
        fits(page)
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url("https://room.example/**")
    assert [one for one in chat.complaints if not one.startswith("foreign: https://room.example/")] == []
    chat.complaints.clear()
    page.goto(f"{site.url}/e/{token[:-1]}x")
    expect(page.locator("main")).to_contain_text("Эта ссылка больше не работает")
    fits(page)
    chat.complaints.clear()  # The browser itself names the 404.

    begins(site, NOW_ON, minutes=-20)
    desk = chromium.new_page(viewport={"width": 1280, "height": 900})
    complaints = watched(desk, site)
    desk.goto(site.command("signin", "centre_staff")["url"])
    desk.goto(f"{site.url}/admin/events/{event}")
    desk.get_by_role("link", name="Страница ведущего").click()
    code = desk.locator(".code")
    expect(code).to_have_text(re.compile(r"^[А-ЯЁ]+ \d\d$"))
    expect(desk.locator("footer")).to_contain_text("0 отметились")
    expect(desk.locator(".qr svg")).to_be_visible()
    fits(desk)
    first = code.inner_text()
    desk.get_by_role("button", name="Сменить слово").click()
    expect(code).not_to_have_text(first)
    word = code.inner_text()

    page.goto(site.url)
    chat.says(word)
    chat.sees("Участие отмечено")
    # Nobody touches the screen: the count comes by itself.
    expect(desk.locator("footer")).to_contain_text("1 отметил", timeout=15_000)
    desk.set_viewport_size({"width": 360, "height": 740})
    fits(desk)
    wide = "(words) => words.filter(w => { document.querySelector('.code').textContent = w + ' 88';"
    wide += " return document.documentElement.scrollWidth > innerWidth })"
    assert desk.evaluate(wide, list(WORDS)) == [], "whatever the word is"
    desk.get_by_role("button", name="Закрыть отметку").click()
    expect(code).to_have_count(0)
    fits(desk)
    assert complaints == []
    desk.close()
