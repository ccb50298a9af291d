"""Events in the chat: find, sign up, wait, be there, say what it was worth, get the paper."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import events as job
from bot.models import (
    ActivityForm,
    ActivityKind,
    Attendance,
    Certificate,
    ConsentKind,
    Event,
    EventFeedback,
    EventGroup,
    EventRule,
    EventState,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    Messenger,
    Outbox,
    Person,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
    StepState,
)
from bot.rules import attendance as rules
from bot.rules.indicators.periods import Period
from bot.services import consents
from bot.services.access import Grant, Scope
from bot.services.events import after, keeping, lists, signing
from bot.services.indicators import counting, definitions
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, make_event, make_person
from tests.services import test_events_kept as kept

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


async def teacher(db: Database, newcomer: Newcomer, name: str = "Иванова Мария Петровна") -> Talk:
    talk = await newcomer()
    async with db.begin() as session:
        person = await make_person(session, name, accounts={Messenger(talk.messenger): talk.user_id})
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger(talk.messenger), now=NOW)
    await talk.says("/menu")
    return talk


async def person_of(db: Database, name: str = "Мария") -> int:
    async with db.read() as session:
        return (await session.scalars(select(Person.id).where(Person.first_name == name))).one()


async def an_event(db: Database, title: str = "Критерии, понятные ученику", **more: Any) -> Event:
    async with db.begin() as session:
        return await make_event(session, title, **{"starts_at": soon(days=3), **more})


def soon(**span: float) -> datetime:
    return utcnow().replace(second=0, microsecond=0) + timedelta(**span)


async def pushes(db: Database) -> list[tuple[int, str]]:
    """What the outbox holds, oldest first: person, title."""
    async with db.read() as session:
        rows = await session.execute(select(Outbox.person_id, Outbox.screen).order_by(Outbox.id))
    return [
        (person, re.sub("<[^>]+>", "", screen["text"]).replace("\u00a0", " ").split("\n")[0]) for person, screen in rows
    ]


async def test_in_and_out_in_one_press(db: Database, newcomer: Newcomer) -> None:
    await an_event(db)
    talk = await teacher(db, newcomer)
    await talk.presses("Мероприятия")
    assert talk.sees("1. Критерии, понятные ученику —")
    assert talk.sees("дистанционно, есть места")
    await talk.presses("1")
    assert talk.sees("Участие засчитывается так: ведущий покажет слово на экране")
    await talk.presses("Записаться")
    assert talk.sees("✅ Вы записаны")
    assert talk.sees("тогда же придёт ссылка")
    await talk.presses("Отменить запись")
    assert talk.sees("Запись отменена")
    await talk.presses("Вернуть запись")
    assert talk.sees("✅ Вы записаны")
    await talk.says("мероприятия")
    await talk.presses("Мои записи")
    assert talk.sees("1. Критерии, понятные ученику —")
    assert talk.sees("записаны")
    async with db.read() as session:
        assert (await session.scalars(select(Registration.state))).all() == [RegistrationState.signed]


async def test_a_file_for_the_calendar(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db, place="Смоленск, Гагарина, 1")
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:in:{event.id}")
    await talk.presses("В календарь")
    assert talk.saw("Файл для календаря")
    assert any(message.file for message in talk.messages)


def test_the_calendar_file_is_read_by_a_calendar() -> None:
    from bot.services.events import feed
    from bot.services.events.reading import line_of
    from tests.factories import new_event

    event = new_event("Урок, который «звенит»; и дальше", place="Смоленск\nГагарина, 1", tags=[])
    event.id = 15
    content = feed.calendar([line_of(event)], name="Календарь", host="marshrut.example", now=NOW)
    read = icalendar.Calendar.from_ical(content)
    (one,) = read.walk("VEVENT")
    assert one["summary"] == event.title
    assert one["uid"] == "event-15@marshrut.example"
    assert one.decoded("dtstart") == event.starts_at
    assert b"room.example" not in content, "the address of the room is nobody's but theirs who signed up"


async def test_full_then_the_waiting_list_then_an_offer(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, seats=1)
    first = await teacher(db, newcomer)
    await first.press_action(f"events:in:{event.id}")
    second = await teacher(db, newcomer, "Петрова Анна Львовна")
    await second.press_action(f"events:card:{event.id}")
    assert second.sees("Запись: лист ожидания.")
    await second.presses("Записаться")
    assert second.sees("Мест пока нет")
    assert second.sees("Занято 1 из 1. В листе ожидания никого.")
    await second.presses("В лист ожидания")
    assert second.sees("Это ещё не запись. Перед вами никого: вы следующие.")
    assert second.sees("придержу его для вас на 12 часов")
    await first.presses("Отменить запись")
    await job.run(db, texts, settings, now=utcnow())
    assert (await pushes(db))[-1] == (await person_of(db, "Анна"), "📅 Для вас освободилось место")
    await job.run(db, texts, settings, now=utcnow())
    assert len(await pushes(db)) == 1, "said once"
    await second.press_action(f"events:in:{event.id}")
    assert second.sees("✅ Вы записаны")


async def test_by_when_to_cancel(db: Database, newcomer: Newcomer, texts: Texts, settings: Settings) -> None:
    event = await an_event(db, cancel_hours=6, starts_at=soon(hours=20))
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:in:{event.id}")
    await talk.press_action(f"events:card:{event.id}")
    assert talk.sees("Планы изменятся – отмените запись до этого времени:")
    await job.run(db, texts, settings, now=utcnow())
    async with db.read() as session:
        told = [screen["text"] for screen in await session.scalars(select(Outbox.screen))]
    assert "Планы изменятся" in told[-1]
    async with db.begin() as session:
        (await session.get_one(Event, event.id)).cancel_hours = 21
    await talk.press_action("events:home")
    await talk.press_action(f"events:card:{event.id}")
    assert not talk.sees("Планы изменятся"), "it is too late to ask"
    await talk.press_action(f"events:out:{event.id}")
    assert talk.sees("Запись отменена"), "and never too late to cancel"


async def test_seats_are_kept_for_those_whose_route_has_the_event(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    async with db.begin() as session:
        event = await kept.an_event(session, seats=2, reserved=1, starts_at=soon(days=20))
    for name in ("Иванова Мария Петровна", "Петрова Анна Львовна"):
        talk = await teacher(db, newcomer, name)
        await talk.press_action(f"events:card:{event.id}")
        assert talk.sees("держим 1 место для тех, у кого это событие в ИОМ.")
        await talk.presses("Записаться")
    assert talk.sees("Занято 1 из 2. В листе ожидания никого.")
    assert talk.sees("Что останется, получит лист ожидания.")
    await talk.presses("В лист ожидания")
    on_route = await teacher(db, newcomer, "Снегирёва Ольга Юрьевна")
    async with db.begin() as session:
        await kept.put_into_route(session, await person_of(db, "Ольга"), event.id)
    await on_route.press_action(f"events:card:{event.id}")
    assert on_route.sees("Запись: мест: 1.")
    assert on_route.sees("Событие есть в вашем ИОМ.")
    await job.run(db, texts, settings, now=utcnow())
    assert await pushes(db) == [], "the seat is kept"
    await job.run(db, texts, settings, now=soon(days=17, hours=1))
    assert await pushes(db) == [(await person_of(db, "Анна"), "📅 Для вас освободилось место")]
    await on_route.presses("Записаться")
    assert on_route.sees("Мест пока нет")


async def test_an_offer_that_waited_too_long(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, seats=1, starts_at=soon(days=30))
    first = await teacher(db, newcomer)
    await first.press_action(f"events:in:{event.id}")
    second = await teacher(db, newcomer, "Петрова Анна Львовна")
    await second.press_action(f"events:wait:{event.id}")
    await first.press_action(f"events:out:{event.id}")
    await job.run(db, texts, settings, now=utcnow())
    # The hold begins when the quiet ends: four days cover any night and weekend.
    await job.run(db, texts, settings, now=utcnow() + timedelta(days=4, hours=13))
    assert [title for _, title in await pushes(db)] == [
        "📅 Для вас освободилось место", "Место ушло следующему в листе",
    ]  # fmt: skip
    await second.press_action(f"events:wait:{event.id}")
    assert second.sees("✅ Вы записаны"), "the seat is still free: she gets it at once"


async def test_a_clash_asks_first(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db)
    other = await an_event(db, title="Другой вебинар")
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:in:{event.id}")
    await talk.press_action(f"events:in:{other.id}")
    assert talk.sees("В это время вы уже записаны")
    await talk.presses("Вместо прежнего")
    assert talk.sees("✅ Вы записаны")
    async with db.read() as session:
        rows = await session.execute(select(Registration.event_id, Registration.state))
        assert dict(rows.all()) == {event.id: RegistrationState.cancelled, other.id: RegistrationState.signed}


async def test_a_guest_sees_the_calendar_and_is_asked_to_get_acquainted(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db)
    talk = await newcomer()
    await talk.says("/start")
    await talk.says("мероприятия")
    assert talk.sees("Критерии, понятные ученику")
    assert "Мои записи" not in talk.buttons
    await talk.presses("1")
    await talk.presses("Записаться")
    assert talk.sees("познакомимся")
    await talk.press_action(f"events:cert:{event.id}")
    assert talk.sees("познакомимся")


async def test_old_and_strange_buttons(db: Database, newcomer: Newcomer) -> None:
    talk = await teacher(db, newcomer)
    for action in (
        "events:card:999999", "events:in:999999", "events:out:999999", "events:month:209913:0", "events:month:abc:0",
        "events:grade:999999:5", "events:grade:1:77", "events:cert:1", "events:in", "events:instead:1", "events:fit:-5",
        "events:month:202612:99999999999",
    ):  # fmt: skip
        await talk.press_action(action)
        assert talk.text
    await talk.says("/start event_999999")
    assert talk.sees("уже ничего нет")
    await talk.says("/start here_1_zzz")
    assert talk.text


async def test_the_word_of_the_screen(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db, starts_at=soon(minutes=-20))
    talk = await teacher(db, newcomer)
    async with db.begin() as session:
        session.add(signing.new_row(event.id, await person_of(db), now=NOW))
    await talk.press_action(f"events:card:{event.id}")
    await talk.presses("Отметить участие")
    assert talk.sees("Напишите слово с экрана ведущего")
    await talk.says("река 10 или 11")
    assert talk.sees("Такого слова сейчас нет на экране")
    word = rules.word(event.secret, rules.window_of(utcnow()), 0)
    await talk.says(word.lower())
    assert talk.sees("✅ Участие отмечено")
    async with db.read() as session:
        row = (await session.scalars(select(Attendance))).one()
    assert row.completed


async def test_the_word_is_understood_wherever_it_is_typed(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db, starts_at=soon(minutes=-20))
    talk = await teacher(db, newcomer)
    async with db.begin() as session:
        session.add(signing.new_row(event.id, await person_of(db), now=NOW))
    await talk.says(rules.word(event.secret, rules.window_of(utcnow()), 0))
    assert talk.sees("✅ Участие отмечено")


async def test_the_picture_of_the_screen_opens_the_chat_and_marks(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db, starts_at=soon(minutes=-20))
    talk = await teacher(db, newcomer)
    await talk.says(f"/start here_{event.id}_{rules.ticket(event.secret, rules.window_of(utcnow()), 0)}")
    assert talk.sees("Слово принято")
    assert talk.sees("отметку посмотрит организатор")


async def test_five_guesses_and_no_more(db: Database, newcomer: Newcomer) -> None:
    event = await an_event(db, starts_at=soon(minutes=-20))
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:here:{event.id}")
    for _ in range(5):
        await talk.says("СОМ 12")
    await talk.says(rules.word(event.secret, rules.window_of(utcnow()), 0))
    async with db.read() as session:
        assert (await session.scalars(select(Attendance))).all() == []


async def test_reminders_come_once_and_a_move_is_told_to_all(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, starts_at=soon(hours=20))
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:in:{event.id}")
    now = utcnow()
    for _ in range(3):
        await job.run(db, texts, settings, now=now)
    await job.run(db, texts, settings, now=event.starts_at - timedelta(minutes=50))
    titles = [title for _, title in await pushes(db)]
    assert len(titles) == 2
    assert titles[0].startswith("📅 Завтра в ")
    assert titles[1] == "📅 Через час: Критерии, понятные ученику"
    async with db.begin() as session:
        later = event.starts_at + timedelta(days=2)
        await keeping.move(session, HEAD, event.id, starts_at=later, ends_at=later + timedelta(minutes=90), now=now)
    await job.run(db, texts, settings, now=now)
    await job.run(db, texts, settings, now=later - timedelta(hours=20))
    titles = [title for _, title in await pushes(db)]
    assert titles[2] == "📅 Мероприятие перенесли"
    assert titles[3].startswith("📅 Завтра в "), "a moved event is reminded of anew"
    async with db.begin() as session:
        await keeping.cancel(session, HEAD, event.id, reason="Болезнь ведущего", now=now)
    await job.run(db, texts, settings, now=now)
    async with db.read() as session:
        last = (await session.scalars(select(Outbox.screen).order_by(Outbox.id.desc()))).first()
    assert last is not None
    assert "Причина: Болезнь ведущего" in last["text"]
    await talk.press_action(f"events:in:{event.id}")
    assert talk.sees("Мероприятие отменили. Похожее есть в другие дни.")


async def test_the_hour_before_has_a_way_in_of_her_own(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, starts_at=soon(minutes=50))
    talk = await teacher(db, newcomer)
    await talk.press_action(f"events:in:{event.id}")
    await job.run(db, texts, settings, now=utcnow())
    async with db.read() as session:
        token = (await session.scalars(select(Registration.token))).one()
        screen = (await session.scalars(select(Outbox.screen))).one()
    urls = [button[2] for row in screen["rows"] for button in row if button[2]]
    assert urls == [f"{settings.public_url}/e/{token}"]
    assert "room.example" not in str(screen)


async def test_after_it_only_those_who_were_there_are_asked(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, starts_at=soon(hours=-3), gives_certificate=True)
    talk = await teacher(db, newcomer)
    other = await teacher(db, newcomer, "Петрова Анна Львовна")
    maria, anna = await person_of(db), await person_of(db, "Анна")
    async with db.begin() as session:
        session.add_all(signing.new_row(event.id, person, now=NOW) for person in (maria, anna))
        from bot.services.events import attending

        await attending.mark_by_sheet(session, HEAD, event.id, [maria], now=utcnow())
        await attending.mark_by_hand(session, HEAD, event.id, [maria], reason="Подпись в листе", now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert sorted(await pushes(db)) == sorted(
        [(maria, "Пригодится ли это на уроках?"), (anna, "Отметки об участии пока нет")]
    )
    await talk.press_action(f"events:grade:{event.id}:5")
    assert talk.sees("Что добавить в следующий раз")
    await talk.says("Больше примеров для 5 класса")
    assert talk.sees("без имён")
    await other.press_action(f"events:grade:{event.id}:1")
    async with db.read() as session:
        rows = (await session.scalars(select(EventFeedback))).all()
        assert [(row.person_id, row.grade, row.words) for row in rows] == [(maria, 5, "Больше примеров для 5 класса")]
        assert (await session.get_one(Event, event.id)).state is EventState.held
    await other.press_action(f"events:claim:{event.id}")
    assert other.sees("Передано организатору")


async def test_a_certificate_comes_and_opens(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, starts_at=soon(hours=-3), rule=EventRule.sheet, gives_certificate=True)
    talk = await teacher(db, newcomer)
    maria = await person_of(db)
    from bot.services.events import attending

    async with db.begin() as session:
        await attending.mark_by_sheet(session, HEAD, event.id, [maria], now=utcnow())
        await after.wish_certificates(session, HEAD, event.id, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    told = [title for _, title in await pushes(db)]
    assert len([title for title in told if title.startswith("📄 Сертификат участника № ")]) == 1
    await talk.press_action(f"events:cert:{event.id}")
    assert talk.saw("📄 Сертификат участника № ")
    assert talk.saw("Это не удостоверение о повышении квалификации")
    assert talk.saw("Ив*** М. П.")
    assert any(message.file for message in talk.messages)
    await talk.presses("Показывать имя полностью")
    assert talk.sees("видно ваше имя полностью")
    async with db.read() as session:
        assert (await session.scalars(select(Certificate.open_name))).all() == [True]
    await talk.presses("Показывать имя сокращённо")
    assert talk.sees("По QR-коду видно только сокращённое имя")
    async with db.begin() as session:
        await after.revoke(session, HEAD, event.id, maria, reason="Ошибка в листе", now=utcnow())
    await talk.press_action(f"events:cert:{event.id}")
    assert talk.sees("уже ничего нет")
    await talk.press_action(f"events:name:{event.id}:1")
    assert talk.sees("уже ничего нет")


async def test_the_whole_road_closes_the_step_and_counts_in_the_indicator(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    """Signed up, reminded, there by the word, asked, given a paper: nobody types anything twice."""
    event = await an_event(
        db,
        "Границы и силы",
        starts_at=soon(hours=20),
        tags=["выгорание"],
        gives_certificate=True,
        groups=[EventGroup(group_slug="digital")],
    )
    talk = await teacher(db, newcomer)
    maria = await person_of(db)
    async with db.begin() as session:
        route = Iom(
            person_id=maria, basis=IomBasis.request, state=IomState.active, starts_on=NOW.date(),
            ends_on=utcnow().date() + timedelta(days=90), created_at=NOW,
        )  # fmt: skip
        session.add(route)
        await session.flush()
        await keeping.publish(session, event.id, state=EventState.open, now=NOW)
        await session.flush()
        step = IomStep(
            iom_id=route.id, place=0, kind=ActivityKind.webinar, title="Границы и силы", form=ActivityForm.distance,
            hours=2, due_on=utcnow().date() + timedelta(days=30),
            activity_id=await signing.activity_of(session, event.id),
        )  # fmt: skip
        session.add(step)
        await session.flush()
        number = step.id
    await talk.presses("Мероприятия")
    await talk.presses("1")
    await talk.presses("Записаться")
    assert talk.sees("✅ Вы записаны")
    await job.run(db, texts, settings, now=utcnow())
    assert [title.split(" в ")[0] for _, title in await pushes(db)] == ["📅 Завтра"]
    assert await counted(db) == 0, "signed up is not there"

    await takes_place(db, event.id, began=soon(minutes=-20))
    await talk.says(rules.word(event.secret, rules.window_of(utcnow()), 0))
    assert talk.sees("✅ Участие отмечено")
    async with db.read() as session:
        step = await session.get_one(IomStep, number)
        assert (step.state, step.source_type, step.source_id) == (StepState.accepted, "event", event.id)
    assert await counted(db) == 1

    await takes_place(db, event.id, began=soon(hours=-3))
    await job.run(db, texts, settings, now=utcnow())
    assert (await pushes(db))[-1] == (maria, "Пригодится ли это на уроках?")
    await talk.press_action(f"events:grade:{event.id}:5")
    assert talk.sees("Что добавить в следующий раз")
    async with db.begin() as session:
        await after.wish_certificates(session, HEAD, event.id, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert (await pushes(db))[-1][1].startswith("📄 Сертификат участника № ")
    await talk.press_action(f"events:cert:{event.id}")
    assert any(message.file for message in talk.messages)
    await talk.press_action(f"events:grade:{event.id}:4")
    assert await counted(db) == 1, "a person is counted once"


async def takes_place(db: Database, event_id: int, *, began: datetime) -> None:
    """The time of the event has come."""
    async with db.begin() as session:
        event = await session.get_one(Event, event_id)
        event.starts_at, event.ends_at = began, began + timedelta(minutes=90)


async def counted(db: Database) -> int:
    """People in the numerator of «Профилактика выгорания»."""
    now = utcnow()
    year = Period(str(now.year), date(now.year, 1, 1), date(now.year, 12, 31))
    async with db.read() as session:
        report = await counting.report(
            session, year, now=now, zone=ZoneInfo("Europe/Moscow"), known=definitions.of_pack("smolensk")
        )
    return report.line("SMO-I10").outcome.numerator or 0


async def test_a_school_proposes_and_she_answers(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    event = await an_event(db, seats=5)
    talk = await teacher(db, newcomer)
    maria = await person_of(db)
    async with db.begin() as session:
        await lists.enrol(session, HEAD, event.id, [maria], now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert await pushes(db) == [(maria, "📅 Вам предлагают место")]
    await talk.press_action(f"events:out:{event.id}")
    async with db.read() as session:
        assert (await session.scalars(select(Registration.state))).all() == [RegistrationState.declined]
