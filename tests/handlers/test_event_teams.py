"""A school team in the chat: gather it, agree, refuse, take it off; what the term says."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import events as job
from bot.models import (
    ConsentKind,
    Event,
    EventTeam,
    Messenger,
    Organisation,
    Outbox,
    Registration,
    RegistrationState,
)
from bot.services import consents
from bot.services.events import signing
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, make_organisation, make_person
from tests.handlers.test_events import an_event, person_of, pushes, soon, teacher

COLLEAGUES = ("Белова Вера Ильинична", "Волкова Галина Олеговна", "Громова Дарья Юрьевна", "Дроздова Ева Игоревна",
              "Ежова Жанна Львовна")  # fmt: skip


async def a_school(db: Database, newcomer: Newcomer, *, people: int = 5, **event: object) -> tuple[Talk, Event, int]:
    """Anna in a chat, her colleagues of one school without one, an event for teams of three to five."""
    made = await an_event(db, "Силы и границы", **{"team_from": 3, "team_to": 5, "starts_at": soon(days=20), **event})
    async with db.begin() as session:
        place = await make_organisation(session)
        for name in COLLEAGUES[:people]:
            await make_person(session, name, organisation=place)
    return await colleague(db, newcomer, place.id, "Андреева Анна Петровна"), made, place.id


async def colleague(db: Database, newcomer: Newcomer, place: int, name: str, *, confirmed: bool = True) -> Talk:
    talk = await newcomer()
    async with db.begin() as session:
        person = await make_person(
            session, name, organisation=await session.get_one(Organisation, place), confirmed=confirmed,
            accounts={Messenger(talk.messenger): talk.user_id},
        )  # fmt: skip
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger(talk.messenger), now=NOW)
    await talk.says("/menu")
    return talk


async def places(db: Database) -> list[RegistrationState]:
    async with db.read() as session:
        return list(await session.scalars(select(Registration.state).order_by(Registration.person_id)))


async def test_a_team_is_gathered_from_the_list_of_the_school(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    anna, event, _ = await a_school(db, newcomer)
    await anna.press_action(f"events:card:{event.id}")
    assert anna.sees("Записываются командой от школы: от 3 до 5 человек")
    await anna.presses("Записаться")
    assert anna.sees("На это мероприятие записываются командой от школы: от 3 до 5 человек")
    await anna.presses("Собрать команду")
    assert anna.sees("1. Белова Вера Ильинична, учитель")
    assert anna.sees("Вместе с вами 1 из 3–5")
    await anna.presses("1")
    assert anna.sees("1. ✓ Белова Вера Ильинична")
    await anna.presses("Дальше")
    assert anna.sees("вместе с вами пока 2")
    assert "Позвать" not in anna.buttons
    await anna.presses("Изменить")
    await anna.presses("Ещё")
    await anna.presses("1")
    assert anna.sees("1. ✓ Ежова Жанна Львовна")
    await anna.says("волкова")
    assert anna.sees("По запросу «волкова»")
    await anna.presses("1")
    await anna.presses("Весь список")
    assert anna.sees("2. ✓ Волкова Галина Олеговна")
    await anna.presses("2")
    assert anna.sees("Вместе с вами 3 из 3–5")
    await anna.presses("Дальше")
    assert anna.sees("Позовём: Белова Вера Ильинична, Ежова Жанна Львовна.")
    await anna.presses("Позвать")
    assert anna.saw("Приглашения отправлены")
    assert anna.sees("Подтвердили 1, ждём 2")
    assert anna.sees("· Белова Вера Ильинична, учитель: ждём ответа")
    await anna.press_action(f"events:team-go:{event.id}")
    assert anna.sees("Подтвердили 1, ждём 2"), "a second press calls nobody twice"
    await job.run(db, texts, settings, now=utcnow())
    vera, zhanna = await person_of(db, "Вера"), await person_of(db, "Жанна")
    assert sorted(await pushes(db)) == [(vera, "📅 Вам предлагают место"), (zhanna, "📅 Вам предлагают место")]
    await anna.press_action(f"events:card:{event.id}")
    assert anna.sees("Команда школы: подтвердили 1, ждём 2")
    await anna.presses("Команда")
    assert anna.sees("Ваша команда")


async def test_the_others_agree_refuse_and_are_told_who_gathers(db: Database, newcomer: Newcomer) -> None:
    anna, event, place = await a_school(db, newcomer, people=1)
    nina = await colleague(db, newcomer, place, "Яковлева Нина Юрьевна")
    olga = await colleague(db, newcomer, place, "Юдина Ольга Сергеевна")
    zoya = await colleague(db, newcomer, place, "Фомина Зоя Марковна")
    await anna.press_action(f"events:team-list:{event.id}:0")
    for name in ("Белова", "Яковлева", "Юдина"):
        await anna.says(name)
        await anna.presses("1")
    await anna.presses("Дальше")
    await anna.presses("Позвать")
    await nina.press_action(f"events:card:{event.id}")
    await nina.presses("Занять место")
    assert nina.sees("✅ Вы записаны")
    await nina.press_action(f"events:card:{event.id}")
    assert nina.sees("Команда школы: подтвердили 2, ждём 2")
    assert "Команда" not in nina.buttons
    await olga.press_action(f"events:out:{event.id}")
    await zoya.press_action(f"events:in:{event.id}")
    assert zoya.sees("Команду вашей школы собирает Анна Петровна. Попросите добавить вас.")
    assert "Собрать команду" not in zoya.buttons
    await zoya.press_action(f"events:team-list:{event.id}:0")
    assert zoya.sees("Команду вашей школы собирает Анна Петровна")
    await zoya.press_action(f"events:team-drop-sure:{event.id}")
    assert await places(db) != [], "nobody but the organiser takes the team off"
    # Olga said no; when she presses herself, she may be called again.
    await anna.press_action(f"events:team-list:{event.id}:0")
    await anna.says("Юдина")
    assert anna.sees("Никого не нашлось")
    await olga.press_action(f"events:in:{event.id}")
    assert olga.sees("Команду вашей школы собирает Анна Петровна")
    await anna.says("Юдина")
    assert anna.sees("1. Юдина Ольга Сергеевна")


async def test_too_few_seats_leave_nothing_half_made(db: Database, newcomer: Newcomer) -> None:
    anna, event, _ = await a_school(db, newcomer, seats=5)
    async with db.begin() as session:
        for n in range(3):
            session.add(signing.new_row(event.id, (await make_person(session, f"Учитель {n}")).id, now=NOW))
    await anna.press_action(f"events:team-list:{event.id}:0")
    await anna.presses("1")
    await anna.presses("2")
    await anna.presses("Дальше")
    await anna.presses("Позвать")
    assert anna.sees("Нужно мест: 3, свободно: 2. Никого пока не записали")
    assert len(await places(db)) == 3
    async with db.read() as session:
        assert (await session.scalars(select(EventTeam))).all() == []
    await anna.presses("Выбрать коллег")
    assert anna.sees("1. ✓ Белова Вера Ильинична"), "what was chosen is kept"


async def test_the_term_and_the_team_taken_off(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    anna, event, _ = await a_school(db, newcomer)
    await anna.press_action(f"events:team-list:{event.id}:0")
    for number in ("1", "2", "3"):
        await anna.presses(number)
    await anna.presses("Дальше")
    await anna.presses("Позвать")
    vera = await person_of(db, "Вера")
    async with db.begin() as session:
        await signing.sign_up(session, vera, event.id, now=utcnow())
        until = (await session.scalars(select(EventTeam.until))).one()
    await job.run(db, texts, settings, now=until - timedelta(minutes=1))
    told = [title for person, title in await pushes(db) if title == "📅 В команде пока не все"]
    assert told == []
    for _ in range(2):
        await job.run(db, texts, settings, now=until + timedelta(minutes=1))
    said = [(person, title) for person, title in await pushes(db) if title == "📅 В команде пока не все"]
    assert said == [(await person_of(db, "Анна"), "📅 В команде пока не все")], "once, to the organiser"
    async with db.read() as session:
        screens = list(await session.scalars(select(Outbox.screen)))
    assert any("Подтвердили 2 из 3. Позовите ещё или снимите команду." in one["text"] for one in screens)
    await anna.press_action(f"events:team-drop:{event.id}")
    assert anna.sees("Снять команду?")
    await anna.presses("Оставить")
    assert anna.sees("Ваша команда")
    await anna.presses("Снять команду")
    await anna.presses("Да, снять")
    assert anna.sees("Команда снята")
    for _ in range(2):
        await job.run(db, texts, settings, now=until + timedelta(minutes=2))
    gone = [person for person, title in await pushes(db) if title == "Команда школы снята"]
    assert vera in gone
    assert await person_of(db, "Анна") not in gone
    assert len(gone) == len(set(gone))
    assert RegistrationState.signed not in await places(db)
    async with db.read() as session:
        assert (await session.scalars(select(EventTeam))).all() == [], "told, and gone"


async def test_without_a_confirmed_job_there_is_no_team(db: Database, newcomer: Newcomer) -> None:
    _, event, place = await a_school(db, newcomer)
    talk = await colleague(db, newcomer, place, "Щукина Раиса Ильинична", confirmed=False)
    await talk.press_action(f"events:in:{event.id}")
    assert talk.sees("когда место работы подтверждено")
    assert "Собрать команду" not in talk.buttons
    for action in (f"events:team-list:{event.id}:0", f"events:team-plan:{event.id}", f"events:team-go:{event.id}"):
        await talk.press_action(action)
        assert "Белова" not in talk.text
    assert await places(db) == []


async def test_old_and_strange_buttons(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    alone = await an_event(db)
    team = await an_event(db, "Командой", team_from=2, team_to=4)
    stranger = await person_of(db)
    for action in (
        "events:team:999999", f"events:team:{alone.id}", f"events:team-list:{alone.id}:0", "events:team-list:1",
        f"events:team-pick:{team.id}:{stranger}:0", f"events:team-pick:{team.id}:999999:99", "events:team-go:abc",
        f"events:team-go:{team.id}", f"events:team-drop:{team.id}", f"events:team-drop-sure:{team.id}",
        f"events:team-all:{team.id}", f"events:team-plan:{team.id}",
    ):  # fmt: skip
        await talk.press_action(action)
        assert talk.text
    assert await places(db) == []
