"""The import of an order in a real browser: upload, doubts put right by hand, apply, and the same order once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Site, chromium, pytestmark, site
from tests.services.test_roadmap_import import HEAD, docx, saved

__all__ = ["chromium", "pytestmark", "site"]

ORDER = [
    ["1. Документы", "Утвердить положение о наставничестве", "ЦНППМ", "до 15 марта 2027 года", "Приказ"],
    ["", "Провести форум наставников", "Клуб «Заря»", "по графику ФИОКО", "Отчёт"],
    ["", "Собрать отзывы школ", "ЦНППМ", "в день полнолуния", "Справка"],
]


@pytest.fixture
def desk(chromium: Browser, site: Site) -> Iterator[Page]:
    """The head of the centre at a desk; every complaint of the browser fails the test."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    page.on(
        "console", lambda m: complaints.append(f"{m.text} {m.location}") if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.command("signin", "centre_head")["url"])
    yield page
    assert complaints == []
    page.close()


def opens_order(page: Page, site: Site, file: Path, *, into: str) -> None:
    page.goto(f"{site.url}/admin/roadmap")
    page.get_by_role("link", name="Загрузить приказ").click()
    page.get_by_label("Приказ:").set_input_files(file)
    page.get_by_label("Год документа").fill("2027")
    page.get_by_label("Что это за карта").select_option(label=into)
    page.get_by_role("button", name="Прочитать").click()


def test_an_order_goes_in_by_hand_and_comes_again_without_doubling(desk: Page, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "приказ.docx"
    file.write_bytes(saved(docx([HEAD, *ORDER])))
    opens_order(desk, site, file, into="Новая дорожная карта")
    expect(desk.locator("main")).to_contain_text("Новых мер: 3")

    # The doubtful rows stand first, each with its reason and the words of the file beside the field.
    forum = desk.locator("article", has=desk.get_by_role("heading", name="Провести форум наставников"))
    expect(forum).to_contain_text("Клуб «Заря»")
    expect(forum).to_contain_text("нет в списке")
    forum.get_by_text("Как в файле").click()
    expect(forum.locator("blockquote")).to_contain_text("по графику ФИОКО")
    moon = desk.locator("article", has=desk.get_by_role("heading", name="Собрать отзывы школ"))
    expect(moon.get_by_label("Срок")).to_have_value("в день полнолуния")
    expect(desk.locator("table.t")).to_contain_text("Утвердить положение о наставничестве")

    desk.get_by_label("Название дорожной карты").fill("Карта наставничества 2027")
    moon.get_by_label("Срок").fill("до 1 июня 2027 года")
    forum.get_by_label("Короткое название").fill("Форум наставников")
    forum.get_by_label("Ответственные").fill("ЦНППМ")
    desk.get_by_role("button", name="Записать меры: 3").click()
    expect(desk.locator("main")).to_contain_text("Меры записаны")

    # Every measure once, with what was put right.
    desk.goto(f"{desk.url.split('&done')[0]}&view=table")
    expect(desk.locator("main")).to_contain_text("Форум наставников")
    desk.get_by_role("link", name="Собрать отзывы школ").first.click()
    expect(desk.locator("main")).to_contain_text("до 1 июня 2027 года")
    expect(desk.locator("main")).to_contain_text("в день полнолуния")

    # The same order again changes one deadline and doubles nothing.
    changed = [[*ORDER[0][:3], "до 20 марта 2027 года", ORDER[0][4]], *ORDER[1:]]
    file.write_bytes(saved(docx([HEAD, *changed])))
    opens_order(desk, site, file, into="Карта наставничества 2027 (2027)")
    expect(desk.locator("main")).to_contain_text("Новых мер: 0, изменятся: 1, без изменений: 2")
    desk.get_by_role("button", name="Записать меры: 3").click()
    expect(desk.locator("main")).to_contain_text("Меры записаны")
    desk.goto(f"{desk.url.split('&done')[0]}&view=table")
    expect(desk.get_by_role("link", name="Утвердить положение о наставничестве")).to_have_count(1)
    desk.get_by_role("link", name="Утвердить положение о наставничестве").click()
    expect(desk.locator("main")).to_contain_text("до 20 марта 2027 года")
    desk.go_back()
    desk.get_by_role("link", name="Собрать отзывы школ").first.click()
    expect(desk.locator("main")).to_contain_text("до 1 июня 2027 года")
