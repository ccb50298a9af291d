"""«Тексты»: own wording, checked like a screen, used at once, given back."""

from __future__ import annotations

import html

import pytest

from bot.db import Database
from bot.i18n import Texts
from bot.models import Role
from bot.services import texts as service
from tests.admin.conftest import SignIn


async def test_a_wording_is_changed_compared_and_restored(db: Database, sign_in: SignIn, texts: Texts) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/texts", q="Познакомиться")
    assert browser.sees("button-acquaint")
    await browser.sends("/texts/button-acquaint", text="Давайте знакомиться")
    assert browser.sees("Текст сохранён", "Исходный текст", "Познакомиться", "Изменён 24.11.2026")
    assert texts.translator()("button-acquaint") == "Давайте знакомиться"

    fresh = Texts(texts.folder, strict=True)
    async with db.read() as session:
        fresh.override(await service.overrides(session))
    assert fresh.translator()("button-acquaint") == "Давайте знакомиться"

    await browser.opens("/texts", changed=1)
    assert browser.sees("Давайте знакомиться", "1–1 из 1")
    await browser.sends("/texts/button-acquaint/restore")
    assert browser.sees("Вернулся исходный текст")
    assert texts.translator()("button-acquaint") == "Познакомиться"
    async with db.read() as session:
        assert await service.overrides(session) == {}


async def test_saving_the_shipped_wording_is_a_restore(db: Database, sign_in: SignIn, texts: Texts) -> None:
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends("/texts/button-menu", text="Главная")
    await browser.sends("/texts/button-menu", text="  Меню \r\n")
    async with db.read() as session:
        assert await service.overrides(session) == {}
    assert texts.translator()("button-menu") == "Меню"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("button-acquaint", " ", "Текст пустой"),
        ("button-acquaint", "Познакомиться с «Маршрутом» прямо сейчас", "помещается 20"),
        ("button-acquaint", "Знакомимся!", "Без восклицательных знаков"),
        ("button-acquaint", "🎉 Знакомство", "Значок 🎉"),
        ("button-acquaint", "<script>alert(1)</script>", "Разметка <script>"),
        ("button-acquaint", "<b>Знакомство", "не закрыта"),
        ("button-acquaint", "{ $name }, привет", "Подстановки name здесь нет"),
        ("date-day", "{ $day } { $month }", "Пропала подстановка weekday"),
        ("button-acquaint", "Знакомство {", "не разобрать"),
        ("button-acquaint", "Да\nbutton-menu = Взлом", "помещается 20"),
        ("people-code", "Уважаемый коллега, код ниже", "звучит официально"),
        ("people-code", "Зарегистрировался(ась)", "подходило всем"),
        ("people-code", "ВНИМАТЕЛЬНО прочитайте", "как крик"),
        ("people-code.title", "Код { $code } — " + "очень длинный заголовок " * 4, "помещается 60"),
        ("people-code", "слово " * 200, "помещается 900"),
    ],
)
async def test_wording_that_breaks_a_rule_is_refused_with_the_reason(
    db: Database, sign_in: SignIn, texts: Texts, key: str, text: str, said: str
) -> None:
    browser = await sign_in(None, Role.centre_staff)
    before = texts.shipped(key)
    assert await browser.sends(f"/texts/{key}", text=text) == 422
    assert browser.sees("Пока не сохранено", said), browser.text
    assert "<script>alert" not in browser.last.text
    assert html.unescape(browser.last.text).count(text) >= 1, "what was typed is kept in the form"
    async with db.read() as session:
        assert await service.overrides(session) == {}
    assert texts.shipped(key) == before


def test_shipped_wording_keeps_to_the_rules_itself(texts: Texts) -> None:
    from bot.rules import wording

    for key in texts.keys("ru"):
        shipped = texts.shipped(key) or ""
        screen = texts.shipped(key.partition(".")[0] + ".title") is not None
        assert wording.check(key, shipped, shipped, has_title=screen) == [], key


async def test_a_stored_key_that_is_no_longer_there_harms_nobody(db: Database, texts: Texts) -> None:
    from bot.models import TextOverride
    from tests.factories import NOW

    async with db.begin() as session:
        session.add(TextOverride(locale="ru", key="gone-key", text="Старое", changed_at=NOW))
        session.add(TextOverride(locale="ru", key="button-menu", text="Главная", changed_at=NOW))
    await service.refresh(db, texts)
    assert texts.translator()("button-menu") == "Главная"
    assert not texts.translator().has("gone-key")


async def test_the_list_is_paged_searched_and_by_subject(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.tech_admin)
    await browser.opens("/texts")
    assert browser.sees("1–25 из", "Дальше ›")
    assert len(browser.last.content) <= 20 * 1024
    await browser.opens("/texts", subject="date")
    assert browser.sees("date-weekday-1") or browser.sees("date-day")
    assert not browser.sees("button-menu")
    await browser.opens("/texts", q="абракадабра")
    assert browser.sees("Ничего не нашлось")


async def test_texts_are_not_for_everybody(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.methodist)
    assert await browser.opens("/texts") == 403
    assert await browser.sends("/texts/button-menu", text="Главная") == 403
    assert await browser.sends("/texts/button-menu/restore") == 403
    async with db.read() as session:
        assert await service.overrides(session) == {}
