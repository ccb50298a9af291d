"""Ways into the admin, and all the ways that stay closed."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed
from bot.models import Change, Person, Role, RoleAssignment, SigninLink, StaffAccount, StaffSession
from bot.services import region, staff
from bot.services.access import Scope, scope_of
from bot.services.invitations import revoke
from tests.admin.conftest import SITE, Browser, Clock, NewBrowser, SignIn
from tests.factories import NOW, give_role, make_person

PASSWORD = "тихий дождь над Вязьмой"


async def colleague(db: Database, clock: Clock, role: Role = Role.centre_head) -> tuple[int, str]:
    """A person with a role and her one-time link."""
    async with db.begin() as session:
        person = await make_person(session, "Ковалёва Анна Петровна")
        await give_role(session, person, role)
        return person.id, await staff.signin_link(session, person.id, now=clock.now, public_url=SITE)


def code_of(browser: Browser, clock: Clock) -> str:
    found = re.search(r"вручную: ([A-Z2-7 ]+?) Ваш номер", browser.text)
    assert found is not None
    return pyotp.TOTP(found[1].replace(" ", "")).at(clock.now)


async def first_time(browser: Browser, clock: Clock, link: str) -> str:
    """The first sign-in to its end; the secret of the authenticator."""
    await browser.sends(link, password=PASSWORD, again=PASSWORD)
    found = re.search(r"вручную: ([A-Z2-7 ]+?) Ваш номер", browser.text)
    assert found is not None
    secret = found[1].replace(" ", "")
    await browser.sends("/code", code=pyotp.TOTP(secret).at(clock.now))
    return secret


async def test_first_sign_in_sets_password_and_code(db: Database, browser: Browser, clock: Clock) -> None:
    person_id, link = await colleague(db, clock)
    assert await browser.opens(link) == 200
    assert browser.sees("Вы входите как Ковалёва Анна Петровна", "Придумайте пароль")

    assert await browser.sends(link, password="короткий", again="короткий") == 422
    assert browser.sees("Пароль короткий")
    assert await browser.sends(link, password=PASSWORD, again=PASSWORD + "2") == 422
    assert browser.sees("Пароли не совпали")

    assert await browser.sends(link, password=PASSWORD, again=PASSWORD) == 200
    assert browser.sees(f"Ваш номер для входа: {person_id}")
    picture = await browser.client.get("/admin/code.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert await browser.opens("/people") == 200
    assert browser.path == "/admin/code"

    await browser.sends("/code", code=code_of(browser, clock))
    assert browser.path == "/admin/"
    assert browser.sees("Что требует внимания", "Ковалёва Анна Петровна")
    assert (await browser.client.get("/admin/code.svg")).status_code == 404
    async with db.read() as session:
        account = await session.get_one(StaffAccount, person_id)
        assert PASSWORD not in account.password_hash
        assert account.password_hash.startswith("$argon2id$")
        assert await session.scalar(select(Change.action).where(Change.entity == "staff")) == "signed-in"


async def test_next_sign_in_asks_number_password_and_code(
    db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    person_id, link = await colleague(db, clock)
    secret = await first_time(browser, clock, link)
    clock.passes(minutes=5)
    other = new_browser()
    await other.opens("/people")
    assert other.path == "/admin/login"
    await other.sends("/login", number=str(person_id), password=PASSWORD)
    assert other.path == "/admin/code"
    assert not other.sees("вручную")
    await other.sends("/code", code=pyotp.TOTP(secret).at(clock.now))
    assert other.sees("Что требует внимания")


async def test_the_browser_remembers_who_until_told_otherwise(db: Database, browser: Browser, clock: Clock) -> None:
    _, link = await colleague(db, clock)
    secret = await first_time(browser, clock, link)
    await browser.sends("/out")
    assert browser.path == "/admin/login"
    assert browser.sees("Вы вышли", "Вы входите как Ковалёва Анна Петровна")
    clock.passes(minutes=2)
    await browser.sends("/login", password=PASSWORD)
    await browser.sends("/code", code=pyotp.TOTP(secret).at(clock.now))
    assert browser.sees("Что требует внимания")
    await browser.sends("/out")
    await browser.sends("/login/forget")
    assert not browser.sees("Ковалёва")
    assert browser.sees("Номер для входа")


async def test_a_link_works_once_and_a_look_at_it_uses_nothing_up(
    db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    _, link = await colleague(db, clock)
    for _ in range(3):
        assert await new_browser().opens(link) == 200
    await first_time(browser, clock, link)
    late = new_browser()
    assert await late.opens(link) == 422
    assert late.sees("Ссылка уже использована")
    assert await late.sends(link, password=PASSWORD) == 422


async def test_a_link_is_over_after_a_day(db: Database, browser: Browser, clock: Clock) -> None:
    _, link = await colleague(db, clock)
    clock.passes(hours=25)
    assert await browser.opens(link) == 422
    assert await browser.opens("/in/unknown") == 422


async def test_the_token_is_not_in_the_database(db: Database, clock: Clock) -> None:
    _, link = await colleague(db, clock)
    token = link.rsplit("/", 1)[1]
    async with db.read() as session:
        stored = await session.scalar(select(SigninLink.token_hash))
    assert stored is not None
    assert token not in stored


async def test_a_code_is_not_taken_twice(db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock) -> None:
    person_id, link = await colleague(db, clock)
    secret = await first_time(browser, clock, link)
    thief = new_browser()
    await thief.sends("/login", number=str(person_id), password=PASSWORD)
    assert await thief.sends("/code", code=pyotp.TOTP(secret).at(clock.now)) == 422
    assert thief.sees("Код не подошёл")


async def test_five_wrong_codes_close_the_door_for_a_quarter_of_an_hour(
    db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    person_id, link = await colleague(db, clock)
    secret = await first_time(browser, clock, link)
    clock.passes(minutes=5)
    guesser = new_browser()
    await guesser.sends("/login", number=str(person_id), password=PASSWORD)
    for left in (4, 3, 2, 1):
        assert await guesser.sends("/code", code="000000") == 422
        assert guesser.sees(f"{left} попыт")
    assert await guesser.sends("/code", code="000000") == 429
    right = pyotp.TOTP(secret).at(clock.now)
    assert await guesser.sends("/code", code=right) == 429
    assert guesser.sees("вход закрыт", "15 минут")
    assert await new_browser().sends("/login", number=str(person_id), password=PASSWORD) == 429
    clock.passes(minutes=16)
    again = new_browser()
    await again.sends("/login", number=str(person_id), password=PASSWORD)
    await again.sends("/code", code=pyotp.TOTP(secret).at(clock.now))
    assert again.sees("Что требует внимания")


async def test_wrong_passwords_are_counted_and_tell_nothing(
    db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    person_id, link = await colleague(db, clock)
    await first_time(browser, clock, link)
    guesser = new_browser()
    said = set()
    for number in (str(person_id), "999999", "не число"):
        assert await guesser.sends("/login", number=number, password="не тот пароль") == 422
        said.add(guesser.text)
    assert len(said) == 1
    for _ in range(4):
        await guesser.sends("/login", number=str(person_id), password="не тот пароль")
    assert await guesser.sends("/login", number=str(person_id), password=PASSWORD) == 429


async def test_a_wrong_password_on_the_link_says_how_many_tries_are_left(
    db: Database, browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    person_id, link = await colleague(db, clock)
    await first_time(browser, clock, link)
    async with db.begin() as session:
        second = await staff.signin_link(session, person_id, now=clock.now, public_url=SITE)
    other = new_browser()
    assert await other.opens(second) == 200
    assert not other.sees("Придумайте")
    assert await other.sends(second, password="не тот пароль") == 422
    assert other.sees("Остались 4 попытки")


async def test_a_reusable_link_is_for_the_demonstration_only(
    db: Database, new_browser: NewBrowser, clock: Clock
) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        await give_role(session, person, Role.methodist)
        with pytest.raises(NotAllowed):
            await staff.signin_link(session, person.id, reusable=True, now=clock.now, public_url=SITE)
        await region.set_setting(session, "demo", {"on": True})
        link = await staff.signin_link(
            session, person.id, role="methodist", reusable=True, now=clock.now, public_url=SITE
        )
    for _ in range(2):
        browser = new_browser()
        assert await browser.opens(link) == 200
        assert browser.path == "/admin/"
        assert browser.sees("Демонстрация", "методист")
    async with db.begin() as session:
        await region.set_setting(session, "demo", {})
    assert await new_browser().opens(link) == 422


async def test_no_link_for_somebody_without_a_role(db: Database, clock: Clock) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        with pytest.raises(NotAllowed):
            await staff.signin_link(session, person.id, now=clock.now, public_url=SITE)
        await give_role(session, person, Role.methodist)
        with pytest.raises(NotAllowed):
            await staff.signin_link(session, person.id, role="centre_head", now=clock.now, public_url=SITE)


async def test_a_role_taken_back_closes_the_pages_at_once(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Бывшая Ольга Игоревна")
    browser = await sign_in(person, Role.centre_staff)
    assert await browser.opens("/people") == 200
    async with db.begin() as session:
        assignment = await give_role(session, person, Role.methodist)
        head = await make_person(session, "Главная Елена Юрьевна")
        await give_role(session, head, Role.centre_head)
        scope = await scope_of(session, head.id, today=NOW.date())
        held_ids = select(RoleAssignment.id).where(RoleAssignment.person_id == person.id)
        for held in (await session.scalars(held_ids)).all():
            await revoke(session, scope, held, now=NOW)
        assert assignment.revoked_at is not None
    assert await browser.opens("/people") == 403
    assert browser.sees("Сейчас у вас нет роли")


async def test_of_several_roles_one_is_chosen(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        await give_role(session, person, Role.analyst)
    browser = await sign_in(person, Role.privacy_officer)
    assert browser.sees("ответственный за данные", "Журнал")
    assert await browser.opens("/instruments") == 403
    await browser.opens("/role")
    assert browser.sees("аналитик")
    await browser.sends("/role", role="analyst")
    assert await browser.opens("/instruments") == 200
    assert await browser.opens("/journal") == 403
    assert await browser.sends("/role", role="centre_head") == 403


async def test_a_session_ends_by_itself(db: Database, sign_in: SignIn, clock: Clock) -> None:
    browser = await sign_in(None, Role.centre_head)
    for _ in range(5):
        clock.passes(minutes=100)
        assert await browser.opens("/") == 200
        assert browser.path == "/admin/"
    clock.passes(minutes=121)
    await browser.opens("/")
    assert browser.path == "/admin/login"


async def test_a_session_never_lives_longer_than_a_working_day(sign_in: SignIn, clock: Clock) -> None:
    browser = await sign_in(None, Role.centre_head)
    for _ in range(7):
        clock.passes(minutes=100)
        await browser.opens("/")
    clock.passes(minutes=30)
    await browser.opens("/")
    assert browser.path == "/admin/login"


async def test_signing_out_ends_the_session_for_its_cookie_too(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    cookie = browser.client.cookies["marshrut_staff"]
    await browser.sends("/out")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(StaffSession)) == 0
    browser.client.cookies.set("marshrut_staff", cookie, domain="127.0.0.1", path="/admin")
    await browser.opens("/")
    assert browser.path == "/admin/login"


async def test_a_cookie_with_another_signature_is_nobody(sign_in: SignIn, new_browser: NewBrowser) -> None:
    browser = await sign_in(None, Role.centre_head)
    token, _, mark = browser.client.cookies["marshrut_staff"].rpartition(".")
    forged = new_browser()
    for cookie in (token, f"{token}.{'0' * len(mark)}", f"x{token}.{mark}", "."):
        forged.client.cookies.set("marshrut_staff", cookie, domain="127.0.0.1", path="/admin")
        await forged.opens("/")
        assert forged.path == "/admin/login"


async def test_resetting_the_sign_in_of_a_lost_phone(
    db: Database, browser: Browser, sign_in: SignIn, new_browser: NewBrowser, clock: Clock
) -> None:
    person_id, link = await colleague(db, clock, Role.methodist)
    await first_time(browser, clock, link)
    head = await sign_in(None, Role.centre_head)
    await head.sends(f"/people/{person_id}/reset")
    assert head.sees("Вход сброшен")
    await browser.opens("/")
    assert browser.path == "/admin/login"
    await head.sends(f"/people/{person_id}/link")
    url = re.search(r'value="(http[^"]+/admin/in/[^"]+)"', head.last.text)
    assert url is not None
    again = new_browser()
    await again.opens(url[1])
    assert again.sees("Придумайте пароль")


async def test_only_those_who_give_roles_make_links(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        await give_role(session, person, Role.methodist)
        with pytest.raises(NotAllowed):
            await staff.link_for(session, Scope(), person.id, now=NOW, public_url=SITE)
    worker = await sign_in(None, Role.centre_staff)
    assert await worker.sends(f"/people/{person.id}/link") == 403
    assert await worker.sends(f"/people/{person.id}/reset") == 403
    async with db.read() as session:
        assert await session.get(Person, person.id) is not None
