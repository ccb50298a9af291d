"""A role is opened by a code: with a place, a last day, once, and only for who holds the code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.app import build_dispatcher
from bot.clock import now_in, utcnow
from bot.config import Settings, TelegramSettings
from bot.db import Database
from bot.errors import NotAllowed
from bot.i18n import Texts
from bot.messengers.telegram import telegram_bot
from bot.models import Change, Invitation, Messenger, Municipality, Role, RoleAssignment, ScopeKind
from bot.services import identities, invitations
from bot.services.access import Grant, Scope
from tests.chat import Talk, TelegramTalk
from tests.conftest import Newcomer
from tests.factories import make_person
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.handlers.test_registration import to_check

LAST = date(2027, 6, 30)


@pytest.fixture
async def teacher(db: Database, newcomer: Newcomer) -> Talk:
    talk = await newcomer()
    async with db.begin() as session:
        await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    await talk.says("/menu")
    return talk


async def invite(
    db: Database,
    settings: Settings,
    role: Role = Role.methodist,
    kind: ScopeKind = ScopeKind.region,
    until: date = LAST,
) -> str:
    async with db.begin() as session:
        place = None
        if kind is ScopeKind.municipality:
            place = await session.scalar(select(Municipality.id).where(Municipality.name == "Вяземский округ"))
        return await invitations.invite(session, role, kind, place, until, secret=settings.secret, now=utcnow())


async def test_a_code_opens_a_role(teacher: Talk, db: Database, settings: Settings) -> None:
    code = await invite(db, settings, Role.municipal_coordinator, ScopeKind.municipality)
    assert "Показатели" not in teacher.buttons
    await teacher.says(code)
    assert teacher.sees("Вам открыта роль: координатор района")
    assert teacher.sees("Область: Вяземский округ, до 30.06.2027.")
    assert teacher.buttons == ["Принять", "Это не мне"]
    await teacher.presses("Принять")
    assert teacher.sees("Роль принята: координатор района")
    await teacher.presses("Меню")
    assert {"Дорожная карта", "Показатели"} <= set(teacher.buttons)
    async with db.read() as session:
        role = (await session.scalars(select(RoleAssignment))).one()
        assert (role.role, role.scope_kind, role.until) == (
            Role.municipal_coordinator, ScopeKind.municipality, LAST,
        )  # fmt: skip
        actions = set(await session.scalars(select(Change.action)))
        assert actions == {"created", "accepted"}
        assert code not in str(list(await session.scalars(select(Invitation.code_hash))))


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
async def test_a_code_may_be_written_loosely(teacher: Talk, db: Database, settings: Settings, change) -> None:  # type: ignore[no-untyped-def]
    await teacher.says(change(await invite(db, settings)))
    assert teacher.sees("Вам открыта роль: методист")
    assert teacher.sees("Область: весь регион")


async def test_a_link_does_the_same(teacher: Talk, db: Database, settings: Settings) -> None:
    await teacher.says(f"/start role_{await invite(db, settings)}")
    assert teacher.sees("Вам открыта роль: методист")


async def test_it_is_not_for_me(teacher: Talk, db: Database, settings: Settings) -> None:
    code = await invite(db, settings)
    await teacher.says(code)
    await teacher.presses("Это не мне")
    assert teacher.sees("Код остался неиспользованным")
    await teacher.says(code)
    assert teacher.sees("Вам открыта роль")


async def test_a_code_is_used_once(teacher: Talk, newcomer: Newcomer, db: Database, settings: Settings) -> None:
    code = await invite(db, settings)
    await teacher.says(code)
    offer = teacher.screen
    await teacher.presses("Принять")
    other = await newcomer()
    async with db.begin() as session:
        await make_person(session, "Другая Анна Ильинична", accounts={Messenger(other.messenger): other.user_id})
    await other.says(code)
    assert other.sees("Приглашение уже не действует. Попросите новое у того, кто его прислал.")
    await teacher.says("/menu")
    await teacher.presses("Профиль")
    await teacher.presses("Принять", of=offer)
    assert teacher.sees("Роль принята"), "one's own old receipt is no failure"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(RoleAssignment)) == 1


async def test_an_offer_cannot_be_taken_by_guessing_its_number(
    teacher: Talk, newcomer: Newcomer, db: Database, settings: Settings
) -> None:
    await teacher.says(await invite(db, settings, Role.centre_head))
    accept = next(b["callback_data"] for row in teacher.screen.rows for b in row if b["text"] == "Принять")
    other = await newcomer()
    async with db.begin() as session:
        await make_person(session, "Другая Анна Ильинична", accounts={Messenger(other.messenger): other.user_id})
    await other.says("/menu")
    number = accept.split(":")[2]
    for forged in (accept, f"people:role-yes:{number}", f"people:role-yes:{number}:"):
        await other.press_action(forged)
        assert other.sees("Приглашение уже не действует")
    await other.press_action("people:role-yes:x:y")
    assert other.sees("Кнопка из старого сообщения")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(RoleAssignment)) == 0


async def test_an_old_code_is_over(teacher: Talk, db: Database, settings: Settings) -> None:
    code = await invite(db, settings)
    async with db.begin() as session:
        await session.execute(update(Invitation).values(expires_at=utcnow() - timedelta(seconds=1)))
    await teacher.says(code)
    assert teacher.sees("Приглашение уже не действует")


async def test_a_role_ends_on_its_last_day(teacher: Talk, db: Database, settings: Settings) -> None:
    code = await invite(db, settings, until=now_in(settings.zone).date())
    await teacher.says(code)
    await teacher.presses("Принять")
    await teacher.presses("Меню")
    assert "Дежурство" in teacher.buttons
    async with db.begin() as session:
        await session.execute(update(RoleAssignment).values(until=now_in(settings.zone).date() - timedelta(days=1)))
        person_id = (await session.scalars(select(RoleAssignment.person_id))).one()
        identities.changed(session, person_id)
    await teacher.says("/menu")
    assert "Дежурство" not in teacher.buttons


async def test_a_guest_gets_acquainted_and_then_the_offer_comes(talk: Talk, db: Database, settings: Settings) -> None:
    code = await invite(db, settings)
    await talk.says(f"/start role_{code}")
    assert talk.sees("Приглашение на роль открывается после знакомства")
    assert talk.buttons == ["Познакомиться", "Не сейчас"]
    await to_check(talk)
    await talk.presses("Всё верно")
    assert talk.saw("Профиль готов")
    assert talk.sees("Вам открыта роль: методист")
    await talk.presses("Принять")
    await talk.presses("Меню")
    assert "Дежурство" in talk.buttons


async def test_ordinary_words_are_no_code(teacher: Talk) -> None:
    for said in ("ААААББББВВВВ", "2345-6789-2345"):
        await teacher.says(said)
        assert teacher.sees("Приглашение уже не действует")
    for said in ("подсолнечник", "где мой план"):
        await teacher.says(said)
        assert not teacher.sees("Приглашение уже не действует"), said


async def test_nobody_grants_beyond_her_own_reach(db: Database, settings: Settings) -> None:
    head = Scope(1, (Grant(Role.centre_head, ScopeKind.municipality, 5),))
    teacher = Scope(2, (Grant(Role.teacher, ScopeKind.region),))
    async with db.begin() as session:
        for scope, kind in ((head, ScopeKind.region), (teacher, ScopeKind.region)):
            with pytest.raises(NotAllowed):
                await invitations.invite(
                    session, Role.methodist, kind, None, LAST, secret=settings.secret, now=utcnow(), by=scope
                )


async def test_a_role_begins_and_ends_with_the_day_of_the_region(
    db: Database, settings: Settings, texts: Texts, telegram: FakeTelegram
) -> None:
    """Half past midnight in Kamchatka is still yesterday in UTC; her last day ends at her midnight."""
    settings.region.timezone = "Asia/Kamchatka"
    moment = [datetime(2026, 11, 23, 12, 30, tzinfo=UTC)]  # 24 November, 0:30 there.
    async with db.begin() as session:
        code = await invitations.invite(
            session, Role.methodist, ScopeKind.region, None, date(2026, 11, 25), secret=settings.secret, now=moment[0]
        )
    bot = telegram_bot(TelegramSettings(token=TOKEN, api_base=telegram.url))
    talk = TelegramTalk(build_dispatcher(db, settings, texts, now=lambda: moment[0]), bot, telegram, 7)
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger.telegram: 7})
    await talk.says(code)
    await talk.presses("Принять")
    async with db.read() as session:
        since = await session.scalar(select(RoleAssignment.since).where(RoleAssignment.person_id == person.id))
    assert since == date(2026, 11, 24)
    moment[0] = datetime(2026, 11, 25, 11, 59, tzinfo=UTC)
    await talk.says("/menu")
    assert "Дежурство" in talk.buttons
    moment[0] = datetime(2026, 11, 25, 12, 5, tzinfo=UTC)
    async with db.begin() as session:
        identities.changed(session, person.id)  # The minute for which a caller is remembered has passed.
    await talk.says("/menu")
    assert "Дежурство" not in talk.buttons
    await bot.session.close()
