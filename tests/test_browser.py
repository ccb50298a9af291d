"""The whole job in a real browser: a teacher on a phone, then the centre at a desk."""

from __future__ import annotations

import itertools
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
from playwright.sync_api import Browser, Page, expect

from bot.config import ROOT
from tests.browser import CHROMIUM, Chat, Site, chat, chromium, fits, pytestmark, register, site

__all__ = ["CHROMIUM", "Chat", "Site", "chat", "chromium", "fits", "pytestmark", "register", "site"]


def test_a_teacher_registers_and_takes_the_diagnosis_and_the_centre_reads_it(
    chromium: Browser, site: Site, chat: Chat
) -> None:
    register(chat, "Проверкина Анна Олеговна")
    chat.presses("Начать диагностику")
    chat.presses("К первому вопросу")
    labels = itertools.cycle(["По образцу", "Самостоятельно", "Могу научить коллегу", "Только с помощью"])
    for number, label in zip(range(1, 31), labels, strict=False):
        chat.sees(f"{number} из 30.")
        if number == 10:
            chat.page.reload()  # The bell rang: nothing is lost.
            chat.sees("10 из 30.")
        chat.presses(label)
    chat.sees("Это был последний вопрос")
    chat.presses("Узнать результат")
    chat.sees("Что показала самодиагностика")
    chat.presses("Картинкой")
    expect(chat.page.locator("img.pic")).to_be_visible()
    assert chat.page.evaluate("document.querySelector('img.pic').naturalWidth") > 300
    fits(chat.page)

    desk = chromium.new_page(viewport={"width": 1280, "height": 900})
    desk.goto(site.command("signin", "centre_staff")["url"])
    _people(desk, site).fill("проверкина")
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Проверкина Анна Олеговна").click()
    desk.get_by_role("link", name="Результаты").first.click()
    expect(desk.locator("main")).to_contain_text("Предметные")
    desk.close()

    chat.says("профиль")
    chat.presses("Мои данные")
    chat.presses("Кто смотрел")
    chat.sees("сотрудник центра")


def test_a_test_goes_from_a_file_to_publication_and_analysis(
    chromium: Browser, site: Site, chat: Chat, tmp_path: Path
) -> None:
    """A draft with a wrong key is corrected at the desk, reviewed, published, taken in the chat and analysed."""
    source = (ROOT / "data" / "instruments" / "test-math.yaml").read_text(encoding="utf-8")
    broken = source.replace("slug: test-math", "slug: own-math").replace("key: 3\n", "key: 9\n", 1)
    file = tmp_path / "own.yaml"
    file.write_text(broken.replace("Тест по математике и методике", "Наш тест по математике"), encoding="utf-8")
    desk = chromium.new_page(viewport={"width": 1280, "height": 900})
    desk.goto(site.command("signin", "centre_staff")["url"])
    desk.goto(f"{site.url}/admin/instruments")
    desk.locator("input[type=file]").set_input_files(str(file))
    desk.get_by_role("button", name="Создать черновик").click()
    main = desk.locator("main")
    expect(main).to_contain_text("Вопрос А3: ключ не подходит ни к одному варианту")
    desk.get_by_role("button", name="Передать на экспертизу").click()
    expect(main).to_contain_text("Пока нельзя")
    desk.get_by_role("link", name="Править: А3").click()
    desk.get_by_label("Ключ").fill("3")
    desk.get_by_role("button", name="Сохранить").click()
    expect(main).not_to_contain_text("До публикации не хватает")
    desk.get_by_role("button", name="Передать на экспертизу").click()
    for expert in ("Первая А. А.", "Вторая В. В."):
        desk.get_by_text("Внести оценки эксперта").click()
        desk.get_by_label("Эксперт").fill(expert)
        for choice in desk.locator("select[name^=item]").all():
            choice.select_option("4")
        desk.get_by_role("button", name="Сохранить оценки").click()
    expect(main).to_contain_text("1,00")
    desk.get_by_role("button", name="Опубликовать для апробации").click()
    desk.get_by_label("Номер протокола").fill("7")
    desk.get_by_label("Дата протокола").fill("01.09.2026")
    desk.get_by_role("button", name="Верифицировать").click()
    expect(main).to_contain_text("Протокол 7")
    expect(desk.locator("[aria-current=step]")).to_have_text("Верифицирован")
    desk.get_by_role("link", name="Как в чате").click()
    expect(main).to_contain_text("1 из 10.")
    desk.set_viewport_size({"width": 360, "height": 740})
    fits(desk)

    register(chat, "Решалкина Анна Олеговна")
    chat.presses("Меню")
    chat.presses("Диагностика")
    chat.presses("Тесты и кейсы")
    chat.sees("Наш тест по математике")
    number = re.search(r"(\d+)\. Наш тест по математике", chat.page.locator(".log article").last.inner_text())
    assert number is not None
    chat.presses(number[1])
    chat.presses("К первому заданию")
    for place in range(1, 11):
        chat.sees(f"{place} из 10.")
        chat.presses("Пропустить")
    chat.sees("Это было последнее задание")
    chat.presses("Узнать результат")
    chat.sees("Что показал тест")

    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.goto(f"{site.url}/admin/instruments")
    desk.get_by_role("link", name="Наш тест по математике").first.click()
    desk.get_by_role("link", name="Анализ вопросов").first.click()
    expect(main).to_contain_text("Прошёл 1 человек")
    expect(main).to_contain_text("Ответов пока мало")
    colleagues_take_it_too(site, "own-math", 39)
    desk.reload()
    expect(main).to_contain_text("Прошли 40 человек")
    expect(main).to_contain_text("предварительно")
    expect(main.get_by_role("img").first).to_be_visible()
    with desk.expect_download() as paper:
        desk.get_by_role("link", name="DOCX").click()
    assert "Наш тест по математике" in "\n".join(one.text for one in docx.Document(str(paper.value.path())).paragraphs)
    desk.close()


def colleagues_take_it_too(site: Site, slug: str, number: int) -> None:
    """So many people of the demonstration answer: the better half solves every task, the others every second."""
    with closing(sqlite3.connect(site.environment["DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))) as db, db:
        version, first = db.execute(
            "select v.id, a.id from instrument_versions v join instruments i on i.id = v.instrument_id"
            " join attempts a on a.version_id = v.id where i.slug = ?",
            (slug,),
        ).fetchone()
        columns = [
            row[1]
            for row in db.execute("pragma table_info(attempts)")
            if row[1] not in ("id", "person_id", "version_id")
        ]
        listed = ", ".join(columns)
        items = db.execute("select id, place, max_points from items where version_id = ?", (version,)).fetchall()
        people = db.execute(
            "select id from people where id not in (select person_id from attempts where version_id = ?) limit ?",
            (version, number),
        ).fetchall()
        assert len(people) == number
        for place, (person,) in enumerate(people):
            attempt = db.execute(
                f"insert into attempts (person_id, version_id, {listed})"
                f" select ?, version_id, {listed} from attempts where id = ?",
                (person, first),
            ).lastrowid
            db.executemany(
                "insert into answers (attempt_id, item_id, value, given, points, answered_at)"
                " select ?, ?, null, '[]', ?, finished_at from attempts where id = ?",
                [(attempt, item, points if place * 2 < number or at % 2 else 0, first) for item, at, points in items],
            )


def test_a_route_goes_from_the_methodist_to_the_teacher_and_to_an_order(
    chromium: Browser, site: Site, chat: Chat
) -> None:
    """Drafted at the desk, dragged into order, agreed to in the chat, approved in a batch, there in the chat again."""
    register(chat, "Маршрутова Анна Олеговна")
    chat.presses("Начать диагностику")
    chat.presses("К первому вопросу")
    for number in range(1, 31):
        chat.sees(f"{number} из 30.")
        chat.presses("Только с помощью")
    chat.presses("Узнать результат")
    chat.sees("Что показала самодиагностика")
    accompanied(site, "Маршрутова", site.command("signin", "methodist")["person_id"])

    desk = chromium.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    desk.on("pageerror", lambda error: complaints.append(str(error)))
    desk.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)
    desk.on("response", lambda r: complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    desk.goto(site.command("signin", "methodist")["url"])
    _people(desk, site).fill("маршрутова")
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Маршрутова Анна Олеговна").click()
    desk.locator(".ph").get_by_role("link", name="ИОМ").click()
    main = desk.locator("main")
    expect(main).to_contain_text("Интенсив")
    desk.get_by_role("button", name="Взять этот").first.click()
    expect(main).to_contain_text("Черновик готов")
    rows = desk.locator("tbody[data-order] tr")
    first = rows.nth(0).get_attribute("data-id")
    with desk.expect_navigation():
        rows.nth(0).locator("th").drag_to(rows.nth(2).locator("th"))
    assert rows.nth(0).get_attribute("data-id") != first, "dragged, and the order is kept"
    desk.set_viewport_size({"width": 360, "height": 740})
    fits(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_role("button", name="Убрать").last.click()
    expect(main).to_contain_text("Убрано: «")
    desk.get_by_role("button", name="Вернуть").click()
    expect(main).to_contain_text("Шаг возвращён")
    desk.get_by_role("button", name="Предложить учителю").click()
    expect(main).to_contain_text("Маршрут ушёл учителю")

    chat.says("/menu")
    chat.presses("Мой ИОМ")
    chat.sees("Без вашего согласия ничего не начнётся")
    chat.presses("Согласиться")
    chat.sees("Согласовать маршрут?")
    chat.presses("Согласиться")
    chat.sees("Маршрут на утверждении")

    desk.goto(site.command("signin", "centre_head")["url"])
    desk.goto(f"{site.url}/admin/iom/approve")
    expect(desk.get_by_role("checkbox", name="Маршрутова Анна Олеговна")).to_be_checked()
    desk.get_by_label("Номер приказа").fill("145-од")
    desk.get_by_role("button", name="Утвердить отмеченные").click()
    expect(main).to_contain_text("Утверждено")
    assert complaints == []
    desk.close()
    chat.says("/menu")
    chat.presses("Мой ИОМ")
    chat.sees("Мой ИОМ: 0 из")


def accompanied(site: Site, last_name: str, methodist_id: int) -> None:
    """The teacher is given to the methodist, as an order would do."""
    with closing(sqlite3.connect(site.environment["DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))) as db, db:
        db.execute(
            "insert into methodist_assignments (methodist_id, person_id, order_no, since)"
            " select ?, id, '1', '2026-01-01' from people where last_name = ?",
            (methodist_id, last_name),
        )


def test_the_keyboard_is_enough(chat: Chat) -> None:
    chat.sees("Здравствуйте. Это «Маршрут»")
    page = chat.page
    page.get_by_role("textbox", name="Сообщение").focus()
    page.keyboard.type("помощь")
    page.keyboard.press("Enter")
    chat.sees("Чем помочь?")
    chat.page.locator(".log article").last.get_by_role("button", name="Как это устроено").focus()
    page.keyboard.press("Enter")
    chat.sees("Как это устроено")
    # The message was replaced under the focus: it goes on from there, not from the top of the page.
    assert page.evaluate("document.activeElement.closest('article') !== null")
    expect(page.get_by_role("log")).to_be_visible()


def test_the_chat_catches_up_after_the_network_was_gone(chat: Chat) -> None:
    chat.sees("Здравствуйте. Это «Маршрут»")
    chat.page.context.set_offline(True)
    chat.says("помощь")
    expect(chat.page.locator("#trouble")).to_contain_text("нет связи")
    assert chat.page.get_by_role("textbox", name="Сообщение").input_value() == "помощь", "what was written is not lost"
    chat.page.context.set_offline(False)
    chat.page.get_by_role("button", name="Отправить").click()
    chat.sees("Чем помочь?")
    chat.complaints.clear()  # The browser itself names the lost connection.


def _people(page: Page, site: Site) -> Any:
    page.goto(f"{site.url}/admin/people")
    return page.get_by_role("searchbox").or_(page.locator("input[name=q]")).first
