"""Programmes in the chat: invited, marked, on the list, a task handed in and accepted, the certificate."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import programmes as job
from bot.models import (
    Cohort,
    CohortMember,
    CohortTask,
    CohortWork,
    ConsentKind,
    JoinedBy,
    MemberState,
    MentorPair,
    Messenger,
    Outbox,
    PairState,
    Person,
    Role,
    ScopeKind,
    StoredFile,
    View,
    WorkState,
)
from bot.rules import people
from bot.services import consents
from bot.services.access import Grant, Scope
from bot.services.events import attending
from bot.services.programmes import belonging, ending, keeping, reading, templates, working
from tests.chat import Talk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import NOW, give_role, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


def soon(**span: float) -> datetime:
    return utcnow().replace(second=0, microsecond=0) + timedelta(**span)


async def known(talk: Talk, db: Database, name: str = "Орлова Вера Ивановна", role: Role | None = None) -> int:
    async with db.begin() as session:
        account = {Messenger(talk.messenger): talk.user_id}
        year = utcnow().year
        person = await make_person(session, name, accounts=account, birth_year=year - 24, teach_since_year=year - 1)
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger(talk.messenger), now=NOW)
        if role is not None:
            await give_role(session, person, role)
    await talk.says("/menu")
    return person.id


async def a_cohort(db: Database, slug: str = "young_school") -> int:
    async with db.begin() as session:
        programme = await keeping.begin(session, HEAD, templates.templates()[slug], now=NOW)
        return await keeping.gather(session, HEAD, programme, title="Осень", first=soon(days=2), now=utcnow())


async def pushes(db: Database) -> list[str]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox.screen).order_by(Outbox.id))
    return [re.sub("<[^>]+>", "", one["text"]).replace("\u00a0", " ").split("\n")[0] for one in rows]


async def test_the_school_from_the_invitation_to_the_certificate(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    number = await a_cohort(db)
    talk = await newcomer()
    person = await known(talk, db)
    async with db.begin() as session:
        await belonging.invite_by_rule(session, HEAD, number, now=utcnow(), today=utcnow().date())
    await job.run(db, texts, settings, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert await pushes(db) == ["📅 Вас приглашают: Школа молодого педагога"], "said once"
    await talk.presses("Мероприятия")
    await talk.presses("Программы")
    assert talk.sees("1. Школа молодого педагога — приглашение ждёт ответа")
    await talk.presses("1")
    assert talk.sees("9 встреч. Отметьте, что сейчас труднее всего")
    await talk.presses("Отметить")
    assert talk.sees("Ответы увидят ведущие школы, директор не увидит")
    for label in ("Родители", "Документы", "Разные дети", "Дисциплина", "✓ Документы"):
        await talk.presses(label)
    assert [label for label in talk.buttons if label.startswith("✓")] == ["✓ Родители", "✓ Разные дети"]
    await talk.presses("Готово")
    assert talk.sees("✅ Вы в группе")
    assert talk.sees("9 встреч уже в «Моих записях»")
    await talk.presses("Открыть программу")
    assert talk.sees("Год программы: 1. Встреч: 0 из 9, для сертификата нужно 7. Ближайшая:")
    await talk.presses("Ближайшая встреча")
    assert talk.sees("Документы и нормы без лишнего")
    await talk.press_action(f"programmes:plan:{number}:0")
    await talk.presses("Ещё")
    assert talk.sees("Форум молодых педагогов и наставников")
    async with db.begin() as session:
        cohort = await session.get_one(Cohort, number)
        for meeting in (await reading.meetings_of(session, cohort.series_id))[:7]:
            await attending.mark_by_sheet(session, HEAD, meeting.id, [person], now=meeting.ends_at)
        over = soon(days=400)
        await ending.finish(session, HEAD, number, now=over, today=over.date())
    await job.run(db, texts, settings, now=utcnow())
    assert (await pushes(db))[-1] == "✅ Программа пройдена"
    await talk.press_action(f"programmes:card:{number}")
    await talk.presses("Сертификат")
    assert talk.saw("продолжительность 14 ч. Это не удостоверение о повышении квалификации")
    assert any(message.file for message in talk.messages)
    async with db.read() as session:
        own = (await session.scalars(select(CohortMember))).one()
    assert own.needs == ["parents", "children"]


async def test_a_task_handed_in_returned_and_accepted(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    number = await a_cohort(db)
    talk, office = await newcomer(), await newcomer()
    hers = await known(talk, db)
    await known(office, db, "Фадеева Марина Николаевна", Role.centre_staff)
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=utcnow(), today=utcnow().date())
        cohort = await session.get_one(Cohort, number)
        cohort.starts_on = utcnow().date()
    await job.run(db, texts, settings, now=utcnow())
    assert any(title.startswith("Задание до") for title in await pushes(db))
    await talk.press_action(f"programmes:tasks:{number}")
    assert talk.sees("1. Один мой урок — до")
    await talk.presses("1")
    await talk.presses("Не успеваю")
    assert talk.sees("Хорошо, без спешки")
    await talk.presses("Прислать")
    assert talk.sees("Пришлите одним сообщением текст, фото или файл")
    await talk.sends_file("урок.pdf", b"%PDF-1.4 lesson")
    assert talk.sees("✅ Работа у методиста")
    await office.press_action("programmes:home")
    await office.presses("Работы на проверку: 1")
    assert office.sees("Орлова Вера Ивановна")
    assert office.sees("Файл: урок.pdf")
    await office.presses("Вернуть")
    await office.says("да")
    assert office.sees("Напишите, что добавить: хватит одной строки.")
    await office.says("Добавьте, пожалуйста, итог урока")
    assert office.sees("Работа возвращена")
    await job.run(db, texts, settings, now=utcnow())
    await talk.press_action(f"programmes:tasks:{number}")
    assert talk.sees("есть что добавить")
    await talk.presses("1")
    assert talk.sees("Комментарий: Добавьте, пожалуйста, итог урока")
    await talk.presses("Прислать")
    await talk.says("Итог: дети спорили и посчитали сами")
    await office.press_action("programmes:queue:0")
    assert office.sees("Итог: дети спорили")
    await office.presses("Принять")
    assert office.sees("✅ Работа принята")
    await office.presses("Следующая работа")
    assert office.sees("Все работы просмотрены")
    async with db.read() as session:
        assert (await session.scalars(select(CohortWork.state))).one() is WorkState.accepted
        assert hers in (await session.scalars(select(StoredFile.owner_id))).all()


@pytest.fixture
async def web(newcomer_on: NewcomerOn) -> Talk:
    return await newcomer_on("web")


async def test_a_code_typed_wrong_and_right(db: Database, web: Talk) -> None:
    number = await a_cohort(db, "assembly_point")
    await known(web, db)
    async with db.begin() as session:
        code = await belonging.new_code(session, HEAD, number, on=True, now=utcnow())
    await web.says("программы")
    assert web.sees("Программ пока нет")
    await web.presses("У меня есть код")
    await web.says("ПРИВЕТ12")
    assert web.sees("Такого кода нет")
    await web.says(str(code))
    assert web.sees("✅ Вы в группе")
    await web.press_action(f"programmes:card:{number}")
    await web.presses("Прервать участие")
    await web.presses("Остаться")
    await web.presses("Прервать участие")
    await web.presses("Прервать")
    assert web.sees("Хорошо, не в этот раз")
    await web.presses("Вернуться в группу")
    assert web.sees("✅ Вы в группе")


async def test_a_strangers_buttons_open_nothing(db: Database, web: Talk) -> None:
    number = await a_cohort(db, "assembly_point")
    await known(web, db)
    async with db.read() as session:
        cohort = await session.get_one(Cohort, number)
        meeting = (await reading.meetings_of(session, cohort.series_id))[0].id
        task = await session.scalar(select(CohortTask.id))
    for action in ("card", "plan", "join", "need", "joined", "leave", "not", "cert", "tasks"):
        await web.press_action(f"programmes:{action}:{number}:0")
        assert not web.sees("Точка сборки"), action
    await web.press_action(f"programmes:task:{task or 1}")
    await web.press_action(f"events:card:{meeting}")
    assert not web.sees("С чего начать именно мне")
    for action in ("queue:0", "accept:1", "return:1"):
        await web.press_action(f"programmes:{action}")
        assert not web.sees("Работы на проверку")
    async with db.read() as session:
        assert (await session.scalars(select(CohortMember.id))).all() == []


async def test_what_is_reminded_and_what_is_not(db: Database, web: Talk, texts: Texts, settings: Settings) -> None:
    number = await a_cohort(db)
    hers = await known(web, db)
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=utcnow(), today=utcnow().date())
        (await session.get_one(Cohort, number)).starts_on = utcnow().date()
        task = (await session.scalars(select(CohortTask))).one()
        task.due_on = utcnow().date() + timedelta(days=1)
        task.told_at = soon(days=-3)
    await job.run(db, texts, settings, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert len([title for title in await pushes(db) if title.startswith("Задание до")]) == 1
    async with db.begin() as session:
        task = (await session.scalars(select(CohortTask))).one()
        task.reminded_at = None
        await working.later(session, hers, task.id, now=utcnow())
    await job.run(db, texts, settings, now=utcnow())
    assert len([title for title in await pushes(db) if title.startswith("Задание до")]) == 1, "she asked for time"


async def test_everything_of_hers_goes_with_her(db: Database, web: Talk) -> None:
    number = await a_cohort(db)
    hers = await known(web, db)
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=utcnow(), today=utcnow().date())
        (task,) = await working.tasks(session, hers, number)
        await working.send(session, hers, task.id, text="Мой урок", now=utcnow())
        await session.execute(delete(Person).where(Person.id == hers))
        for table in (CohortMember, CohortWork, View):
            assert (await session.scalars(select(table.id))).all() == []


async def test_who_stops_being_young_hears_once_and_stays(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    number = await a_cohort(db)
    talk = await newcomer()
    hers = await known(talk, db)
    today = local_date(utcnow(), settings.zone)
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=utcnow(), today=today)
        # Three years at work are full two days from now: the day itself still counts.
        person = await session.get_one(Person, hers)
        person.teach_since = today + timedelta(days=2) - relativedelta(years=3)
        last = people.young_span(person.birth_year, None, person.teach_since)
        # She joined at fifty: nothing of hers is over.
        other = await make_person(
            session, "Ким Лев Ильич", birth_year=today.year - 50, teach_since_year=today.year - 20
        )
        session.add(
            CohortMember(
                cohort_id=number, person_id=other.id, state=MemberState.member, how=JoinedBy.list,
                created_at=utcnow(), changed_at=utcnow(),
            )
        )  # fmt: skip
    assert last is not None
    title = f"Программы для молодых — до {last[1]:%d.%m.%Y}"
    for days, times in ((2, 0), (4, 1), (5, 1)):
        await job.run(db, texts, settings, now=soon(days=days))
        assert [one for one in await pushes(db) if one.startswith("Программы")] == [title] * times, days
    async with db.read() as session:
        row = (await session.scalars(select(Outbox).where(Outbox.dedupe.startswith("young-end")))).one()
        assert row.person_id == hers
        page = await keeping.page(session, HEAD, number, today=today + timedelta(days=5))
        seen = {one.person_id: one.young_until for one in page.members}
        assert seen[hers] == last[1]
        tells_nothing = Scope(None, (Grant(Role.municipal_coordinator, ScopeKind.region),))
        page = await keeping.page(session, tells_nothing, number, today=today + timedelta(days=5))
        assert {one.young_until for one in page.members} == {None}, "her age is for those who lead"
    await talk.press_action("programmes:home")
    assert talk.sees("1. Школа молодого педагога")
    await talk.presses("1")
    assert talk.sees("Встреч: 0 из 9"), "her school goes on"


async def in_a_pair(session: AsyncSession, mentee: Person, *, since: date, state: PairState = PairState.active) -> int:
    mentor = await make_person(session, "Опытная Анна Львовна")
    began = datetime.combine(since, NOW.timetz())
    pair = MentorPair(mentor_id=mentor.id, mentee_id=mentee.id, state=state, since=since, lines=[], created_at=began)
    session.add(pair)
    await session.flush()
    return pair.id


async def test_a_mentee_in_no_school_hears_it_too(db: Database, texts: Texts, settings: Settings) -> None:
    today = local_date(utcnow(), settings.zone)
    started = today + timedelta(days=2) - relativedelta(years=3)
    year = today.year
    async with db.begin() as session:
        people_of = {
            name: await make_person(session, name, birth_year=year - 24, teach_since_year=year - 3)
            for name in ("Орлова Вера Ивановна", "Котова Анна Львовна", "Белова Ольга Игоревна")
        }
        hers, paused, late = people_of.values()
        old = await make_person(session, "Ким Лев Ильич", birth_year=year - 50, teach_since_year=year - 20)
        for person in (hers, paused, late):
            person.teach_since = started
        await in_a_pair(session, hers, since=today - timedelta(days=100))
        waits = await in_a_pair(session, paused, since=today - timedelta(days=100), state=PairState.paused)
        # She got her mentor when she was not young any more, he never was in his mentor's time.
        await in_a_pair(session, late, since=today + timedelta(days=4))
        await in_a_pair(session, old, since=today - timedelta(days=100))
    for days, told in ((2, set()), (4, {hers.id}), (5, {hers.id})):
        await job.run(db, texts, settings, now=soon(days=days))
        assert await who_heard(db) == told, days
    async with db.begin() as session:
        row = (await session.scalars(select(Outbox))).one()
        assert row.dedupe == f"young-end:{hers.id}:{people.young_span(year - 24, None, started)[1]}"  # type: ignore[index]
        assert "встречайтесь, пока этого хотите вы оба" in row.screen["text"]
        assert "школа" not in row.screen["text"].casefold()
        assert "programmes:home" not in str(row.screen["rows"]), "there is no school to open"
        (await session.get_one(MentorPair, waits)).state = PairState.active
    await job.run(db, texts, settings, now=soon(days=6))
    assert await who_heard(db) == {hers.id, paused.id}, "a pair that goes on after a pause"


async def test_a_school_and_a_pair_are_one_message(db: Database, texts: Texts, settings: Settings) -> None:
    number = await a_cohort(db)
    today = local_date(utcnow(), settings.zone)
    year = today.year
    async with db.begin() as session:
        hers = await make_person(session, "Орлова Вера Ивановна", birth_year=year - 24, teach_since_year=year - 3)
        hers.teach_since = today + timedelta(days=2) - relativedelta(years=3)
        await belonging.join(session, hers.id, number, now=utcnow(), today=today)
        pair = await in_a_pair(session, hers, since=today - timedelta(days=50), state=PairState.paused)
    await job.run(db, texts, settings, now=soon(days=4))
    async with db.begin() as session:
        row = (await session.scalars(select(Outbox).where(Outbox.dedupe.startswith("young-end")))).one()
        assert "Начатая школа остаётся с вами, и наставник" in row.screen["text"]
        # Months later the message is tidied away and the pair goes on again: that is no news.
        await session.delete(row)
        (await session.get_one(MentorPair, pair)).state = PairState.active
    await job.run(db, texts, settings, now=soon(days=200))
    assert await who_heard(db) == set()


async def who_heard(db: Database) -> set[int]:
    async with db.read() as session:
        return set(await session.scalars(select(Outbox.person_id).where(Outbox.dedupe.startswith("young-end"))))
