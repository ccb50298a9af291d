"""Headers, foreign pages, large bodies, doors without a right."""

from __future__ import annotations

import re

import pytest

from admin.app import build_admin
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.models import Role, ScopeKind
from tests.admin.conftest import SITE, Browser, NewBrowser, SignIn
from tests.factories import make_organisation, make_person

PAGES = ("/", "/people", "/instruments", "/organisations", "/invitations", "/texts", "/delivery", "/journal", "/role")


async def test_every_answer_carries_strict_headers(browser: Browser) -> None:
    for path in ("/login", "/", "/in/unknown", "/nowhere", "/static/vendor/htmx.min.js"):
        answer = await browser.client.get(f"/admin{path}")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "data:" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_pages_need_neither_inline_scripts_nor_inline_styles_nor_other_sites(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    for path in PAGES:
        assert await browser.opens(path) == 200
        source = browser.last.text
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|<style", source), path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', source), path
        assert "no-store" in browser.last.headers["cache-control"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_foreign_forms(
    db: Database, texts: Texts, settings: Settings, sign_in: SignIn, new_browser: NewBrowser
) -> None:
    browser = await sign_in(None, Role.analyst)
    entered = browser.last.history[0].headers["set-cookie"]
    assert "HttpOnly" in entered
    assert "SameSite=lax" in entered
    assert "Path=/admin" in entered
    assert "Secure" not in entered
    secure = settings.model_copy(deep=True)
    secure.web.public_url = "https://marshrut.example.org"
    assert build_admin(db, secure, texts).state.settings.public_url.startswith("https:")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8081"])
async def test_a_form_of_another_site_changes_nothing(sign_in: SignIn, origin: str) -> None:
    browser = await sign_in(None, Role.centre_head)
    answer = await browser.client.post("/admin/institution", data={"state": "yes"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "не с нашей страницы" in answer.text
    await browser.opens("/")
    assert browser.sees("Вы государственное учреждение?")


async def test_a_form_of_ours_passes_and_a_cross_site_one_without_origin_does_not(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    cross = await browser.client.post("/admin/out", headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    assert await browser.sends("/out") == 200
    assert browser.path == "/admin/login"


async def test_a_huge_form_is_refused(browser: Browser) -> None:
    assert await browser.sends("/login", number="1", password="я" * 100_000) == 413


async def test_get_does_not_sign_out(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.analyst)
    assert await browser.opens("/out") == 405
    assert await browser.opens("/") == 200
    assert browser.path == "/admin/"


async def test_unknown_page_and_odd_numbers(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/nowhere") == 404
    assert browser.sees("Такой страницы нет")
    for odd in (
        "/people?page=-1",
        "/people?page=99999999999999999999",
        "/people?municipality=x&role=king&confirmed=maybe",
    ):
        assert await browser.opens(odd) == 200
    assert await browser.opens("/people?q=%00%00&page=0") == 200
    assert await browser.opens("/people/999999999999999999") == 403
    assert await browser.opens("/people/merge") == 403
    assert await browser.opens("/instruments/12345") == 404
    assert await browser.opens("/texts/no-such-key") == 404


DOORS: dict[Role, set[str]] = {
    Role.analyst: {"/", "/instruments", "/role"},
    Role.responsible: {"/", "/role"},
    Role.duty: {"/", "/role"},
    Role.tutor: {"/", "/role"},
    Role.privacy_officer: {"/", "/people", "/journal", "/role"},
    Role.tech_admin: {"/", "/texts", "/delivery", "/role"},
    Role.school_head: {"/", "/people", "/organisations", "/role"},
    Role.centre_head: set(PAGES),
}


@pytest.mark.parametrize("role", DOORS)
async def test_each_role_opens_its_own_doors_only(sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(None, role)
    for path in PAGES:
        status = await browser.opens(path)
        assert status == (200 if path in DOORS[role] else 403), path
        if status == 403:
            assert browser.sees("Этот раздел вам не открыт", "Этот раздел открыт другой роли")


async def test_a_teacher_of_the_demonstration_reads_that_these_pages_are_not_hers(sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.teacher)
    assert browser.last.status_code == 403
    assert browser.sees("Сейчас у вас нет роли, которая открывает эти страницы")
    for path in PAGES[:-1]:
        assert await browser.opens(path) == 403


async def test_a_guest_is_led_to_the_door(browser: Browser) -> None:
    for path in (*PAGES, "/people.xlsx", "/people/1", "/people/1/results", "/journal/looks"):
        await browser.opens(path)
        assert browser.path == "/admin/login"
    for path in ("/people/merge", "/people/1/confirm", "/people/1/roles", "/texts/button-menu", "/institution"):
        await browser.sends(path)
        assert browser.path == "/admin/login"


async def test_a_role_in_another_place_sees_nobody_here(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        here = await make_organisation(session, "Школа № 1")
        there = await make_organisation(session, "Школа № 2")
        person = await make_person(session, "Невидимая Вера Павловна", organisation=here, confirmed=False)
    stranger = await sign_in(None, Role.school_head, ScopeKind.organisation, there.id)
    await stranger.opens("/people")
    assert not stranger.sees("Невидимая")
    await stranger.opens("/people", q="Невидимая")
    assert stranger.sees("Никого не нашлось")
    assert await stranger.opens(f"/people/{person.id}") == 403
    assert await stranger.opens(f"/people/{person.id}/results") == 403
    assert await stranger.sends(f"/people/{person.id}/confirm") == 403
    assert await stranger.sends("/people/confirm", id=str(person.id)) == 403
    assert SITE in str(stranger.last.url)
