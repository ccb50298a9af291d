"""Contests in the chat: the calendar, a card, «напомнить» once before the term, one's result; records of registers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import NotFound, UserError
from bot.i18n import Texts
from bot.jobs import contests as jobs
from bot.models import ContestReminder, Identity, Outbox, OutboxState, Role, ScopeKind
from bot.services import contests, registers
from bot.services.access import Grant, Scope
from bot.services.navigator import finding, keeping
from bot.services.registers import Draft, public
from tests.chat import Talk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import NOW, give_role, make_person
from tests.handlers.test_catalogue import teacher

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))


@pytest.fixture
def somebody(newcomer_on: NewcomerOn) -> Newcomer:
    """What does not depend on the messenger is said once."""

    async def make() -> Talk:
        return await newcomer_on("telegram")

    return make


async def add(db: Database, slug: str, title: str, today: date, **values: object) -> int:
    """A record of a register; a day is a number of days from today."""
    given = {name: (today + timedelta(days=v)).isoformat() if type(v) is int else v for name, v in values.items()}
    ends = given.pop("ends", None)
    person = values.get("person")
    given.pop("person", None)
    draft = Draft(
        title,
        {"level": "regional", **given},  # type: ignore[dict-item]
        person_id=person.id if person else None,  # type: ignore[attr-defined]
        ends_on=date.fromisoformat(str(ends)) if ends else None,
    )
    async with db.begin() as session:
        return await registers.save(session, STAFF, slug, draft, now=utcnow(), today=today)


async def test_the_calendar_a_reminder_and_the_message(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    today = local_date(utcnow(), settings.zone)
    await add(db, "contests", "Уже прошёл", today, apply_by=-40, ends=-10)
    await add(db, "contests", "Идёт сейчас", today, apply_by=-4, ends=10)
    await add(db, "contests", "Без срока", today)
    far = await add(db, "contests", "Учитель года", today, apply_by=30, organiser="Министерство", link="https://a.ru/x")
    await add(db, "contests", "Педагогический дебют", today, apply_by=9, audience="Педагоги до 35 лет")
    talk = await teacher(db, newcomer, filled=False)
    await talk.press_action("navigator:home")
    await talk.presses("Календарь конкурсов")
    text = talk.screen.text
    order = ["Педагогический дебют", "Учитель года", "Без срока", "Идёт сейчас"]
    assert sorted(order, key=text.index) == order, "the nearest term first"
    assert "Уже прошёл" not in text
    assert "региональный, приём до:" in text
    assert "приём закончен, конкурс идёт" in text
    await talk.presses("2")
    assert talk.sees("приём до:")
    assert talk.sees("Кто проводит: Министерство.")
    await talk.presses("Напомнить о сроке")
    assert talk.sees("Напомню о сроке.")
    await talk.press_action(f"contests:remind:{far}")
    async with db.read() as session:
        assert len((await session.scalars(select(ContestReminder))).all()) == 1, "pressed twice it is once"
    assert await jobs.remind(db, texts, settings, now=utcnow()) == 0, "the day has not come"
    a_week_before = utcnow() + timedelta(days=23)
    assert await jobs.remind(db, texts, settings, now=a_week_before) == 1
    assert await jobs.remind(db, texts, settings, now=a_week_before + timedelta(days=3)) == 0, "once"
    async with db.read() as session:
        letter = await session.scalar(select(Outbox).where(Outbox.kind == "contests-term"))
        assert letter is not None
        assert "Учитель года" in letter.screen["text"]
        assert letter.expires_at is not None
        assert local_date(letter.expires_at, settings.zone) == today + timedelta(days=30)
    await talk.presses("Не напоминать")
    assert not talk.sees("Напомню о сроке.")
    async with db.read() as session:
        assert await session.scalar(select(Outbox.state).where(Outbox.kind == "contests-term")) is OutboxState.expired


async def test_the_nearest_terms(db: Database, texts: Texts, settings: Settings) -> None:
    today = local_date(NOW, settings.zone)
    near = await add(db, "contests", "Завтра", today, apply_by=1)
    last = await add(db, "contests", "Сегодня", today, apply_by=0)
    moved = await add(db, "contests", "Переносится", today, apply_by=5)
    person = (await _people(db, 1))[0]
    async with db.begin() as session:
        assert await contests.remind(session, person, near, now=NOW, today=today) == today
        assert await contests.remind(session, person, moved, now=NOW, today=today) == today + timedelta(days=4)
        with pytest.raises(UserError, match="contests-no-term"):
            await contests.remind(session, person, last, now=NOW, today=today)
        with pytest.raises(NotFound):
            await contests.remind(session, person, moved + 100, now=NOW, today=today)
    assert await jobs.remind(db, texts, settings, now=NOW) == 1
    later = NOW + timedelta(days=4)
    assert await jobs.remind(db, texts, settings, now=later) == 1
    async with db.begin() as session:
        draft = Draft("Переносится", {"level": "regional", "apply_by": (today + timedelta(days=11)).isoformat()})
        day = local_date(later, settings.zone)
        await registers.save(session, STAFF, "contests", draft, record_id=moved, now=later, today=day)
    assert await jobs.remind(db, texts, settings, now=later) == 1, "a term that moved is told of again"
    assert await jobs.remind(db, texts, settings, now=later + timedelta(days=2)) == 0


async def _people(db: Database, count: int) -> list[int]:
    async with db.begin() as session:
        return [(await make_person(session, f"Иванова Анна {n}")).id for n in range(count)]


async def test_own_result_and_the_results_for_staff(db: Database, somebody: Newcomer, settings: Settings) -> None:
    today = local_date(utcnow(), settings.zone)
    talk = await teacher(db, somebody, filled=False)
    contest = await add(db, "contests", "Учитель года", today, apply_by=-30, ends=30)
    async with db.begin() as session:
        me = await session.scalar(select(Identity.person_id).where(Identity.user_id == talk.user_id))
        assert me is not None
        draft = Draft(
            "Кто-то", {"contest": "«Учитель Года»", "took_on": today.isoformat(), "result": "prize"}, person_id=me
        )
        await registers.save(session, STAFF, "participations", draft, now=utcnow(), today=today)
        for n in range(2):
            draft = Draft(f"Другая {n}", {"contest": "Учитель года", "took_on": "2026-01-10", "result": "entered"})
            await registers.save(session, STAFF, "participations", draft, now=utcnow(), today=today)
        draft = Draft("Третья", {"contest": "Другой конкурс", "took_on": "2026-01-10", "result": "winner"})
        await registers.save(session, STAFF, "participations", draft, now=utcnow(), today=today)
    await talk.press_action(f"contests:card:{contest}")
    assert talk.sees("Ваше участие: призёр.")
    await talk.press_action("contests:mine")
    assert talk.sees("«Учитель Года»")
    assert not talk.sees("Другой конкурс")
    async with db.read() as session:
        found = await contests.results(session, STAFF, "Учитель года")
        assert found is not None
        assert (found.total, found.results) == (3, (("участник", 2), ("призёр", 1)))
        teacher_scope = Scope(me, (Grant(Role.teacher, ScopeKind.region),))
        assert await contests.results(session, teacher_scope, "Учитель года") is None


async def test_registers_in_the_navigator(db: Database, somebody: Newcomer, settings: Settings) -> None:
    today = local_date(utcnow(), settings.zone)
    community = Draft(
        "Физики области", {"type": "rumo", "subject": "Физика", "head": "Тайнина Роза", "link": "https://f.ru/"}
    )
    async with db.begin() as session:
        save = registers.save
        open_one = await save(session, STAFF, "communities", community, now=utcnow(), today=today)
        secret = Draft("Физика по договору", {"party": "Вуз", "type": "two"})
        inner = await save(session, STAFF, "agreements", secret, now=utcnow(), today=today)
        expert = Draft("Физикова Анна", {"direction": "Физика", "consent_on": "2026-01-01"})
        named = await save(session, STAFF, "experts", expert, now=utcnow(), today=today)
    await add(db, "contests", "Физика вокруг", today, apply_by=12)
    await keeping.refresh(db, today=today)
    talk = await teacher(db, somebody, filled=False)
    await talk.press_action("navigator:home")
    await talk.says("физика")
    assert talk.sees("Сообщество: Физики области")
    assert talk.sees("Конкурс: Физика вокруг")
    assert not talk.sees("договору")
    assert not talk.sees("Физикова")
    await talk.press_action(f"registers:card:{open_one}")
    assert talk.sees("Вид сообщества: РУМО.")
    assert not talk.sees("Тайнина"), "a field that is not public"
    await talk.presses("В закладки")
    assert talk.sees("Физики области")
    await talk.presses("Поделиться")
    assert talk.sees(f"nav_register-{open_one}"), "an address for a colleague"
    await talk.press_action("navigator:saved:0")
    assert talk.sees("Сообщество: Физики области")
    guest = await somebody()
    await guest.says(f"/start nav_register-{open_one}")
    assert guest.sees("Вид сообщества: РУМО."), "the same link opens for whoever gets it"
    for number in (inner, named, 10**6):
        await talk.press_action(f"registers:card:{number}")
        assert talk.sees("Этой записи больше нет")
    async with db.read() as session:
        assert (await finding.find(session, "Тайнина", today=today)).total == 0, "nobody is found by a hidden name"
        for number in (inner, named):
            with pytest.raises(NotFound):
                await public.record(session, number, today=today)


async def test_nothing_fits_and_a_course_is_wished(db: Database, somebody: Newcomer) -> None:
    talk = await teacher(db, somebody)
    await talk.press_action("navigator:home")
    await talk.says("верховая езда")
    assert talk.sees("не нашлось")
    await talk.presses("Хочу такой курс")
    assert talk.sees("верховая езда")
    await talk.presses("Записать")
    assert talk.sees("Желание записано")


async def test_a_link_to_the_calendar(db: Database, somebody: Newcomer, settings: Settings) -> None:
    today = local_date(utcnow(), settings.zone)
    number = await add(db, "contests", "Учитель года", today, apply_by=30)
    talk = await teacher(db, somebody, filled=False)
    await talk.says(f"/start contest_{number}")
    assert talk.sees("Напомнить о сроке") or talk.sees("приём до:")
    await talk.says("/start contest_all")
    assert talk.sees("Календарь конкурсов")


async def test_roles_of_the_results(db: Database) -> None:
    async with db.begin() as session:
        person = await make_person(session)
        await give_role(session, person, Role.methodist)
    async with db.read() as session:
        assert (
            await contests.results(session, Scope(person.id, (Grant(Role.methodist, ScopeKind.region),)), "x") is None
        )
