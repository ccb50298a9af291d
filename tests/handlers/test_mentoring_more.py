"""Mentoring beyond the two minutes: forms and kinds, words about oneself, why, who, whom one would like."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import utcnow
from bot.config import Settings
from bot.db import Database
from bot.errors import UserError
from bot.i18n import Texts
from bot.models import MenteeNeed, MentorPair, MentorProfile, MentorWish, Messenger, NeedBasis, PairForm, Side, View
from bot.services import my_data
from bot.services.mentoring import loading, matching, pairs
from tests.chat import Talk
from tests.conftest import NewcomerOn
from tests.factories import make_organisation, make_person
from tests.handlers.test_mentoring import HEAD, Two, ask, offer, two_on
from tests.services.mentoring_parts import diagnosed


@pytest.fixture
async def two(newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings) -> Two:
    return await two_on(("telegram", "web"), newcomer_on, db, texts, settings)


async def profile(two: Two) -> MentorProfile:
    async with two.db.read() as session:
        return (await session.scalars(select(MentorProfile))).one()


async def need(two: Two) -> MenteeNeed:
    async with two.db.read() as session:
        return (await session.scalars(select(MenteeNeed))).one()


@pytest.mark.parametrize("road", ["telegram", "vk", "max", "web"])
async def test_a_mentor_says_more_about_herself(
    road: str, newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings
) -> None:
    two = await two_on((road, "web" if road != "web" else "vk"), newcomer_on, db, texts, settings)
    talk = two.mentor
    await offer(talk)
    await talk.presses("Добавить о себе")
    assert talk.sees("Моя анкета")
    assert talk.sees("Формы: коллега-педагог. Виды: один на один.")
    assert talk.sees("О себе: пока ничего")
    await talk.presses("Формы")
    assert "Управленец" not in talk.buttons, "managers mentor managers"
    await talk.presses("Руководитель")
    assert "✓ Руководитель" in talk.buttons
    await talk.presses("✓ Коллега-педагог")
    await talk.presses("✓ Руководитель")
    assert talk.sees("Оставьте хотя бы одно")
    await talk.press_action("mentoring:kinds")
    await talk.presses("Групповое")
    await talk.press_action("mentoring:about")
    await talk.says("Разберу с вами любой урок")
    assert talk.sees("О себе: Разберу с вами любой урок")
    assert talk.sees("Виды: один на один, групповое")
    row = await profile(two)
    assert (row.forms, row.kinds) == (["superior"], ["one_to_one", "group"])
    await talk.presses("Изменить темы и время")
    await talk.presses("Дальше")
    await talk.presses("Рядом")
    await talk.presses("Дальше")
    await talk.presses("3")
    row = await profile(two)
    assert (row.statement, row.forms, row.kinds, row.max_load) == (
        "Разберу с вами любой урок", ["superior"], ["one_to_one", "group"], 3,
    ), "a new answer to some questions keeps the others"  # fmt: skip


@pytest.mark.parametrize("road", ["telegram", "vk", "max", "web"])
async def test_a_need_is_made_exact(
    road: str, newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings
) -> None:
    two = await two_on(("web" if road != "web" else "vk", road), newcomer_on, db, texts, settings)
    talk = two.mentee
    await ask(talk)
    assert talk.sees("Основание: молодой специалист. Кто нужен: коллега-педагог.")
    await talk.presses("Основание")
    assert "Итоги диагностики" not in talk.buttons, "there is no diagnosis yet"
    await talk.presses("Новая должность")
    assert talk.sees("Основание: новая должность")
    await talk.presses("Кто нужен")
    await talk.presses("Руководитель")
    assert talk.sees("Кто нужен: руководитель")
    await talk.presses("Где встречаться")
    await talk.presses("Дистанционно")
    await talk.presses("Своими словами")
    await talk.says("Как вести классный час")
    assert talk.sees("Темы: Оценивание, Как вести классный час."), "words do not wipe the topics"
    row = await need(two)
    assert (row.basis, row.form, row.formats) == (NeedBasis.new_position, PairForm.superior, ["remote"])
    await talk.press_action("mentoring:basis:deficit")
    assert talk.sees("Это основание сейчас не подходит")
    await talk.press_action("mentoring:form:leaders")
    assert talk.sees("для руководителей")


async def test_a_wished_mentor_counts_in_the_score(two: Two) -> None:
    await offer(two.mentor)
    await ask(two.mentee)
    await two.mentee.presses("Назвать наставника")
    await two.mentee.says("Оп")
    assert two.mentee.sees("Напишите фамилию")
    await two.mentee.says("Неведомый")
    assert two.mentee.sees("Такого человека не нашли")
    await two.mentee.says("опытная анна")
    await two.mentee.presses("Опытная А.Л., Школа №\u00a01")
    assert two.mentee.sees("Кого бы хотели: Опытная Анна Львовна")
    await two.mentor.press_action("mentoring:names:r")
    await two.mentor.says("Новикова")
    await two.mentor.presses("Новикова О.И., Школа №\u00a01")
    assert two.mentor.sees("Кого бы взяли: Новикова Ольга Игоревна")
    await matching.run(two.db, HEAD, now=two.now, today=two.today)
    async with two.db.read() as session:
        lines = (await session.scalars(select(MentorPair.lines))).one()
    assert {line["criterion"]: line["term"] for line in lines}["wish"] == "both"
    await two.mentee.press_action("mentoring:names:e")
    await two.mentee.presses("Убрать: Опытная А.Л.")
    async with two.db.read() as session:
        assert set(await session.scalars(select(MentorWish.side))) == {Side.mentor}


async def test_only_who_agreed_to_be_found_is_found(two: Two, newcomer_on: NewcomerOn) -> None:
    """A colleague who is no mentor is not offered; nobody outside one's own place is offered to a mentor."""
    async with two.db.begin() as session:
        far = await make_organisation(session, "Далёкая школа")
        person = await make_person(session, "Новикова Далёкая Львовна", organisation=far)
    await offer(two.mentor)
    await two.mentor.press_action("mentoring:names:r")
    await two.mentor.says("Новикова")
    assert not two.mentor.saw("Далёкая")
    await two.mentor.press_action(f"mentoring:want:r:{person.id}")
    await ask(two.mentee)
    await two.mentee.press_action(f"mentoring:want:e:{person.id}")
    async with two.db.read() as session:
        assert list(await session.scalars(select(MentorWish.id))) == []


async def test_deficits_only_with_permission_and_it_can_be_taken_back(two: Two) -> None:
    async with two.db.begin() as session:
        await diagnosed(session, two.mentee_id, {"digital": 20.0})
    talk = two.mentee
    await talk.presses("Наставничество")
    await talk.presses("Нужен наставник")
    await talk.presses("Оценивание")
    await talk.presses("Готово")
    await talk.presses("Дальше")
    assert talk.sees("Показать точки роста наставнику?")
    assert talk.sees("Ни баллов, ни ответов")

    async def used() -> set[str]:
        async with two.db.read() as session:
            return set((await loading.pool(session, today=two.today)).mentees[0].deficits)

    await talk.presses("Показать темы")
    assert await used() == {"method", "digital"}
    await talk.presses("Не показывать точки роста")
    assert await used() == {"method"}
    await talk.presses("Показать точки роста")
    await talk.presses("Не показывать")
    assert await used() == {"method"}


async def test_managers_are_mentored_by_managers(newcomer_on: NewcomerOn, db: Database) -> None:
    talks: list[Talk] = [await newcomer_on("vk"), await newcomer_on("max")]
    async with db.begin() as session:
        one, two = await make_organisation(session, "Школа № 1"), await make_organisation(session, "Школа № 2")
        for place, talk, name, since in (
            (one, talks[0], "Главный Иван Ильич", 1995),
            (two, talks[1], "Новая Инна Львовна", 2010),
        ):
            await make_person(
                session, name, organisation=place, position="director", subjects=(), teach_since_year=since,
                accounts={Messenger(talk.messenger): talk.user_id},
            )  # fmt: skip
    for talk in talks:
        await talk.says("/menu")
        await talk.presses("Наставничество")
    await talks[0].presses("Хочу наставлять")
    assert "Стратегия" in talks[0].buttons
    for label in ("Стратегия", "Дальше", "И так, и так", "Дальше", "1"):
        await talks[0].presses(label)
    await talks[1].presses("Нужен наставник")
    for label in ("Стратегия", "Готово", "Дальше"):
        await talks[1].presses(label)
    assert talks[1].sees("Кто нужен: управленец")
    await talks[1].presses("Основание")
    await talks[1].presses("Новая должность")
    found = await matching.run(db, HEAD, now=utcnow(), today=utcnow().date())
    assert found.pairs == 1
    async with db.read() as session:
        assert (await session.scalars(select(MentorPair.form))).one() is PairForm.leaders


async def test_a_meeting_can_be_confirmed_from_the_pair_itself(two: Two) -> None:
    """The push may be lost among others: the pair says that a meeting waits."""
    pair_id = await two.active()
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    await two.mentor.press_action(f"mentoring:pair:{pair_id}")
    assert not two.mentor.sees("ждёт вашего подтверждения")
    await two.mentee.press_action(f"mentoring:pair:{pair_id}")
    assert two.mentee.sees("1 встреча ждёт вашего подтверждения")
    await two.mentee.presses("Встречи")
    assert two.mentee.sees("сегодня, 30 мин: без темы. Ждёт вашего подтверждения")
    await two.mentee.presses("Верно: сегодня")
    assert two.mentee.sees("✅ Встреча подтверждена")
    await two.mentor.press_action(f"mentoring:log:{pair_id}")
    assert two.mentor.sees("сегодня, 30 мин: без темы")
    assert not two.mentor.sees("Ждёт")


async def test_the_offer_tells_who_the_mentor_is(two: Two) -> None:
    await offer(two.mentor)
    await two.mentor.press_action("mentoring:about")
    await two.mentor.says("Люблю вопросы.")
    await ask(two.mentee)
    pair_id = await two.match()
    await two.mentee.press_action(f"mentoring:pair:{pair_id}")
    assert two.mentee.sees("О себе: Люблю вопросы.")
    assert two.mentee.sees("стаж")
    await two.mentor.press_action(f"mentoring:pair:{pair_id}")
    assert not two.mentor.sees("О себе")


async def test_the_end_of_the_term_is_told_once(two: Two) -> None:
    pair_id = await two.active()
    pair = await two.pair(pair_id)
    assert pair.until is not None
    over = datetime.combine(pair.until, datetime.min.time(), two.settings.zone) + timedelta(hours=9)
    await two.days(over)
    titles = [title for _, title in await two.tell()]
    assert titles.count("Срок пары подошёл") == 2
    await two.days(over + timedelta(days=1))
    assert "Срок пары подошёл" not in [title for _, title in await two.tell()]

    async def prolong(until: date) -> None:
        async with two.db.begin() as session:
            now, today = two.now, two.today
            await pairs.prolong(session, HEAD, pair_id, no="5-н", on=today, until=until, now=now, today=today)

    with pytest.raises(UserError):
        await prolong(pair.until + timedelta(days=1000))
    later = pair.until + timedelta(days=200)
    await prolong(later)
    again = await two.pair(pair_id)
    assert (again.until, again.order_no) == (later, "5-н")
    await two.days(over + timedelta(days=201))
    assert [title for _, title in await two.tell()].count("Срок пары подошёл") == 2


async def test_papers_of_the_pair_come_into_the_chat(two: Two, newcomer_on: NewcomerOn) -> None:
    pair_id = await two.active()
    for talk, labels in (
        (two.mentor, ["Письменное согласие", "Дополнительное соглашение", "Программа пары"]),
        (two.mentee, ["Программа пары"]),
    ):
        await talk.press_action(f"mentoring:pair:{pair_id}")
        await talk.presses("Скачать бланки")
        assert talk.sees("Бланки")
        for label in labels:
            await talk.press_action(f"mentoring:papers:{pair_id}")
            assert talk.buttons == [*labels, "Назад", "Меню"]
            await talk.presses(label)
            assert talk.sees("Бланк готов")
        assert sum(bool(message.file) for message in talk.messages) == len(labels)
    await two.mentee.press_action(f"mentoring:paper:{pair_id}:consent")
    assert not two.mentee.sees("Бланк готов"), "the consent is the mentor's paper"
    stranger = await newcomer_on("telegram")
    async with two.db.begin() as session:
        await make_person(session, "Чужая Инна Львовна", accounts={Messenger.telegram: stranger.user_id})
    await stranger.says("/menu")
    await stranger.press_action(f"mentoring:paper:{pair_id}:programme")
    assert not any(message.file for message in stranger.messages)
    async with two.db.read() as session:
        looks = list(await session.execute(select(View.viewer_id, View.person_id, View.role, View.where)))
    assert looks == [(two.mentor_id, two.mentee_id, "mentor", "chat")], "the mentee sees who took her papers"


async def test_my_data_holds_wishes_meetings_and_only_my_own_grades(two: Two) -> None:
    pair_id = await two.active()
    await two.mentee.press_action(f"mentoring:want:e:{two.mentor_id}")
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    await two.mentor.says("Критерии для сочинения")
    await two.days(two.now + timedelta(days=190))
    for talk, grade in ((two.mentor, 5), (two.mentee, 2)):
        await talk.press_action(f"mentoring:useful:{pair_id}:{grade}")
    async with two.db.read() as session:
        told = " ".join(row["topic"] for row in (await my_data.collect(session, two.mentee_id))["mentoring"])
    assert "Опытная Анна Львовна" in told
    assert "Критерии для сочинения" in told
    assert "2 / " in told
    assert "5 / " not in told
    async with two.db.read() as session:
        sections = await my_data.collect(session, two.mentor_id)
    assert b"5 / " in my_data.write(sections, defaultdict(str)).json
