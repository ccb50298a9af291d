"""Mentoring in the chats: the whole life of a pair whose two people are in different messengers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import func, select

from bot.clock import local_date, utcnow
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import mentoring as job
from bot.models import (
    ActivityForm,
    ActivityKind,
    Fact,
    FactKind,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    MentorMeeting,
    MentorPair,
    MentorProfile,
    MessageClass,
    Messenger,
    Organisation,
    Outbox,
    PairState,
    Person,
    Role,
    ScopeKind,
    StepState,
)
from bot.rules.mentoring.pulse import Concern
from bot.services.access import Grant, Scope
from bot.services.mentoring import matching, meetings, pairs, pulse, reminding
from tests.chat import Talk
from tests.conftest import NewcomerOn
from tests.factories import give_role, make_organisation, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
ROADS = (("vk", "max"), ("telegram", "web"))
"""Mentor's messenger, mentee's messenger."""


@dataclass
class Two:
    """A mentor and a mentee of one school, each in a messenger of her own, and everything around them."""

    db: Database
    texts: Texts
    settings: Settings
    mentor: Talk
    mentee: Talk
    mentor_id: int
    mentee_id: int
    place: Organisation

    @property
    def today(self) -> date:
        return local_date(utcnow(), self.settings.zone)

    @property
    def now(self) -> datetime:
        return utcnow()

    async def match(self) -> int:
        """The coordinator matches, reviews and publishes; the number of the pair."""
        await matching.run(self.db, HEAD, now=utcnow(), today=self.today)
        async with self.db.begin() as session:
            ids = list(await session.scalars(select(MentorPair.id).where(MentorPair.state == PairState.proposed)))
            told, held = await pairs.publish(session, HEAD, ids, now=utcnow(), today=self.today)
        assert held == []
        return told[0]

    async def order(self, pair_id: int, *, on: date | None = None) -> None:
        async with self.db.begin() as session:
            done, held = await pairs.order(
                session, HEAD, [pair_id], no="17-н", on=on or self.today, now=utcnow(), today=self.today
            )
        assert (done, held) == ([pair_id], [])

    async def tell(self) -> list[tuple[int, str]]:
        """What the job puts into the outbox: person and title."""
        async with self.db.read() as session:
            last = await session.scalar(select(func.max(Outbox.id))) or 0
        await job.tell(self.db, self.texts, self.settings, now=utcnow())
        async with self.db.read() as session:
            rows = await session.execute(
                select(Outbox.person_id, Outbox.screen).where(Outbox.id > last).order_by(Outbox.id)
            )
        return [
            (number, re.sub("<[^>]+>", "", screen["text"]).replace("\u00a0", " ").split("\n")[0])
            for number, screen in rows
        ]

    async def days(self, now: datetime) -> int:
        return await job.days(self.db, self.settings, now=now)

    async def active(self) -> int:
        """A pair with an order, told of, without the conversations that made it."""
        await ask(self.mentee)
        await offer(self.mentor)
        pair_id = await self.match()
        for talk in (self.mentor, self.mentee):
            await talk.press_action(f"mentoring:agree:{pair_id}")
        await self.order(pair_id)
        await self.tell()
        return pair_id

    async def pair(self, pair_id: int) -> MentorPair:
        async with self.db.read() as session:
            return await session.get_one(MentorPair, pair_id)


async def two_on(
    roads: tuple[str, str], newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings
) -> Two:
    mentor, mentee = await newcomer_on(roads[0]), await newcomer_on(roads[1])
    async with db.begin() as session:
        place = await make_organisation(session, "Школа № 1")
        old = await make_person(
            session, "Опытная Анна Львовна", organisation=place, accounts={Messenger(mentor.messenger): mentor.user_id}
        )
        young = await make_person(
            session, "Новикова Ольга Игоревна", organisation=place, birth_year=2000, teach_since_year=2025,
            accounts={Messenger(mentee.messenger): mentee.user_id},
        )  # fmt: skip
    for talk in (mentor, mentee):
        await talk.says("/menu")
    return Two(db, texts, settings, mentor, mentee, old.id, young.id, place)


@pytest.fixture
async def two(newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings) -> Two:
    return await two_on(("vk", "max"), newcomer_on, db, texts, settings)


async def ask(talk: Talk) -> None:
    await talk.presses("Наставничество")
    await talk.presses("Нужен наставник")
    assert talk.sees("С чем помочь?")
    await talk.presses("Готово")
    assert talk.sees("Пока не отмечено ни одной темы")
    await talk.presses("Оценивание")
    await talk.presses("Готово")
    await talk.presses("После уроков")
    await talk.presses("Дальше")
    assert talk.sees("Подбираем наставника")
    assert talk.sees("Темы: Оценивание.")


async def offer(talk: Talk) -> None:
    await talk.presses("Наставничество")
    await talk.presses("Хочу наставлять")
    assert talk.sees("Что вам удаётся лучше всего?")
    await talk.presses("Оценивание")
    await talk.presses("Родители")
    await talk.presses("Дальше")
    await talk.presses("И так, и так")
    await talk.presses("После уроков")
    await talk.presses("Дальше")
    await talk.presses("2")
    assert talk.sees("✅ Анкета сохранена")


async def a_route(db: Database, person_id: int, today: date) -> int:
    """A route with one step «наставничество»; its number."""
    async with db.begin() as session:
        iom = Iom(
            person_id=person_id, basis=IomBasis.request, state=IomState.active, starts_on=today,
            ends_on=today + timedelta(days=200), created_at=utcnow(),
        )  # fmt: skip
        session.add(iom)
        await session.flush()
        step = IomStep(
            iom_id=iom.id, place=0, kind=ActivityKind.mentoring, title="Три урока вместе", form=ActivityForm.in_person,
            hours=6, due_on=today + timedelta(days=60), state=StepState.in_work,
        )  # fmt: skip
        session.add(step)
        await session.flush()
        return step.id


@pytest.mark.parametrize("roads", ROADS, ids="-".join)
async def test_the_whole_life_of_a_pair(
    roads: tuple[str, str], newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings
) -> None:
    two = await two_on(roads, newcomer_on, db, texts, settings)
    step_id = await a_route(db, two.mentee_id, two.today)
    await ask(two.mentee)
    await offer(two.mentor)
    pair_id = await two.match()
    assert await two.tell() == [
        (two.mentor_id, "Вам предлагают стать наставником"),
        (two.mentee_id, "Для вас нашёлся наставник"),
    ]

    # Consent of both, each in her own messenger.
    await two.mentor.says("наставничество")
    await two.mentor.presses("Пара: Новикова О.И.")
    assert two.mentor.sees("Коллега: Новикова Ольга Игоревна")
    assert two.mentor.sees("Почему вы: тот же предмет, сильные стороны и темы: совпадает 100 %, одна школа.")
    await two.mentor.presses("Согласиться")
    assert two.mentor.sees("✅ Ваше согласие записано")
    await two.mentee.says("наставничество")
    await two.mentee.presses("Пара: Опытная А.Л.")
    await two.mentee.presses("Согласиться")
    assert two.mentee.sees("Согласны оба")
    assert [title for _, title in await two.tell()] == ["Согласны оба", "Согласны оба"]
    await two.order(pair_id, on=two.today)
    assert [title for _, title in await two.tell()] == ["✅ Пара утверждена", "✅ Пара утверждена"]

    # A meeting in two taps, the topic and the next step, confirmed by the other.
    await two.mentor.press_action(f"mentoring:pair:{pair_id}")
    assert two.mentor.sees("Приказ № 17-н. Встреч: 0.")
    await two.mentor.presses("Отметить встречу")
    await two.mentor.presses("Сегодня, 1 час")
    assert two.mentor.sees("Теперь подтвердит Ольга Игоревна")
    await two.mentor.says("Критерии для сочинения")
    await two.mentor.says("Попробовать в 6А")
    assert two.mentor.sees("Следующий шаг видят оба")
    assert await two.tell() == [(two.mentee_id, "Встреча сегодня: всё верно?")]
    async with db.read() as session:
        pushed = (await session.scalars(select(Outbox.screen).order_by(Outbox.id.desc()).limit(1))).one()
    assert "Критерии для сочинения" in pushed["text"]
    assert "Попробовать в 6А" in pushed["text"]
    await two.mentee.press_action(pushed["rows"][0][0][1])
    assert two.mentee.sees("✅ Встреча подтверждена")
    async with db.read() as session:
        step = await session.get_one(IomStep, step_id)
        kinds = sorted(await session.scalars(select(Fact.kind).where(Fact.kind == FactKind.mentored)))
    assert (step.state, step.source_type) == (StepState.accepted, "mentor_meeting"), "the route closed its line itself"
    assert len(kinds) == 2

    # The programme and the notes are the same for both.
    await two.mentor.press_action(f"mentoring:program:{pair_id}")
    assert two.mentor.sees("1. Составить критерии оценивания к двум урокам")
    assert two.mentor.sees("2. Три урока вместе"), "the line of the route is a line of the programme"
    await two.mentor.presses("Сделано 1")
    assert two.mentor.sees("1. Сделано: Составить критерии")
    await two.mentor.presses("Вернуть 1")
    assert two.mentor.sees("1. Составить критерии")
    await two.mentor.presses("Сделано 1")
    await two.mentor.presses("Изменить цель")
    await two.mentor.says("Вести уроки с интересом")
    await two.mentee.press_action(f"mentoring:program:{pair_id}")
    assert two.mentee.sees("Цель: Вести уроки с интересом.")
    assert two.mentee.sees("1. Сделано: Составить критерии")
    await two.mentor.press_action(f"mentoring:notes:{pair_id}")
    await two.mentor.presses("Написать заметку")
    await two.mentor.says("Хорошо держит паузу после вопроса")
    await two.mentee.press_action(f"mentoring:notes:{pair_id}")
    assert two.mentee.sees("Хорошо держит паузу после вопроса")
    assert "Написать заметку" not in two.mentee.buttons

    # An appointed meeting, with a file for the calendar.
    await two.mentee.press_action(f"mentoring:plan:{pair_id}")
    await two.mentee.presses("завтра")
    await two.mentee.presses("16:00")
    assert two.mentee.sees("завтра в 16:00. Анна Львовна получит сообщение")
    await two.mentee.presses("В календарь")
    assert any(message.file for message in two.mentee.messages)
    assert await two.tell() == [(two.mentor_id, "Назначена встреча")]

    # The end, with a result.
    await two.mentor.press_action(f"mentoring:finish:{pair_id}")
    await two.mentor.presses("Цель достигнута")
    assert two.mentor.sees("Программа завершена")
    assert [title for _, title in await two.tell()] == ["📄 Программа пройдена"] * 2
    pair = await two.pair(pair_id)
    assert (pair.state, pair.result, pair.next_step) == (PairState.finished, "reached", "Попробовать в 6А")
    async with db.read() as session:
        done = select(func.count()).where(Fact.kind == FactKind.mentoring_completed)
        assert await session.scalar(done) == 2


async def test_a_refusal_asks_no_reason_and_leads_to_another(two: Two, newcomer_on: NewcomerOn) -> None:
    await ask(two.mentee)
    await offer(two.mentor)
    pair_id = await two.match()
    await two.tell()
    await two.mentee.press_action(f"mentoring:decline:{pair_id}")
    assert two.mentee.sees("Спасибо за ответ")
    assert two.mentee.sees("Второй стороне напишем только, что пара не сложилась")
    await two.mentee.presses("Предложить другой")
    assert two.mentee.sees("Подбираем наставника")
    assert await two.tell() == [(two.mentor_id, "Пара не сложилась")]
    await two.mentee.press_action(f"mentoring:decline:{pair_id}")
    assert two.mentee.sees("Спасибо за ответ"), "a press delivered twice is harmless"
    other = await newcomer_on("telegram")
    async with two.db.begin() as session:
        await make_person(
            session, "Другая Вера Львовна", organisation=two.place, accounts={Messenger.telegram: other.user_id}
        )
    await other.says("/menu")
    await offer(other)
    await two.days(utcnow())
    async with two.db.read() as session:
        again = (await session.scalars(select(MentorPair).where(MentorPair.state == PairState.proposed))).one()
    assert again.mentee_id == two.mentee_id
    assert again.mentor_id != two.mentor_id


async def test_thinking_and_the_old_button(two: Two) -> None:
    await ask(two.mentee)
    await offer(two.mentor)
    pair_id = await two.match()
    await two.mentee.press_action(f"mentoring:later:{pair_id}")
    assert two.mentee.sees("Спешить не нужно")
    await two.mentor.press_action(f"mentoring:agree:{pair_id}")
    await two.mentor.press_action(f"mentoring:agree:{pair_id}")
    assert two.mentor.sees("✅ Ваше согласие записано")
    await two.mentee.press_action(f"mentoring:agree:{pair_id}")
    await two.mentee.press_action(f"mentoring:later:{pair_id}")
    assert two.mentee.sees("Эта пара уже на другом шаге")


async def test_a_reminder_opens_what_is_awaited(two: Two) -> None:
    await ask(two.mentee)
    await offer(two.mentor)
    pair_id = await two.match()
    await two.tell()
    await two.mentor.press_action(f"mentoring:agree:{pair_id}")
    later = utcnow() + timedelta(days=3)
    async with two.db.begin() as session:
        done = await reminding.remind(
            session, HEAD, pair_id, zone=two.settings.zone, now=later, today=local_date(later, two.settings.zone)
        )
    assert (done.told, done.held) == (1, 0)
    assert await two.tell() == [(two.mentee_id, "Предложение ждёт вашего ответа")]
    async with two.db.read() as session:
        row = (await session.scalars(select(Outbox).order_by(Outbox.id.desc()).limit(1))).one()
    assert row.message_class is MessageClass.nudge, "a reminder keeps to the budget and the quiet hours"
    await two.mentee.press_action(row.screen["rows"][0][0][1])
    assert two.mentee.sees("Для вас нашёлся наставник")


async def test_both_say_the_same_meeting(two: Two) -> None:
    pair_id = await two.active()
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    await two.mentee.press_action(f"mentoring:met:{pair_id}:0:60")
    assert two.mentee.sees("Эта встреча уже отмечена: сегодня, 30 мин")
    async with two.db.read() as session:
        assert await session.scalar(select(func.count()).where(Fact.kind == FactKind.mentored)) == 2
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    await two.mentor.press_action(f"mentoring:pair:{pair_id}")
    assert two.mentor.sees("Встреч: 1.")


async def test_the_other_side_corrects_or_denies(two: Two) -> None:
    pair_id = await two.active()
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    async with two.db.read() as session:
        number = (await session.scalars(select(MentorMeeting.id))).one()
    await two.mentor.press_action(f"mentoring:confirm:{number}")
    assert two.mentor.sees("Подтвердит её вторая сторона")
    await two.mentee.press_action(f"mentoring:fix:{number}")
    await two.mentee.presses("45 мин")
    assert two.mentee.sees("✅ Встреча подтверждена")
    await two.mentee.press_action(f"mentoring:deny:{number}")
    assert two.mentee.sees("Эта пара уже на другом шаге"), "what both confirmed stands"


async def test_a_silent_pair_is_asked_once_in_two_weeks(two: Two) -> None:
    pair_id = await two.active()
    now = utcnow()
    assert await two.days(now + timedelta(days=9)) == 0
    assert await two.days(now + timedelta(days=10)) == 1
    assert [title for _, title in await two.tell()] == ["Когда удобно встретиться?"] * 2
    assert await two.days(now + timedelta(days=11)) == 0
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    assert await two.days(now + timedelta(days=13)) == 0
    assert await two.days(now + timedelta(days=24)) == 1
    await two.mentee.press_action(f"mentoring:pause:{pair_id}")
    assert two.mentee.sees("не напоминаем")
    assert await two.days(now + timedelta(days=29)) == 0
    await two.mentee.presses("Продолжить")
    assert two.mentee.sees("Встреч: 0.")


async def test_a_pair_that_has_met_is_asked_after_fourteen_days(two: Two) -> None:
    """Ten days are for the first meeting only."""
    pair_id = await two.active()
    now = utcnow()
    await two.mentor.press_action(f"mentoring:met:{pair_id}:0:30")
    assert await two.days(now + timedelta(days=13)) == 0
    assert await two.days(now + timedelta(days=14)) == 1
    assert [title for _, title in await two.tell()][-2:] == ["Когда удобно встретиться?"] * 2


async def test_leaving_tells_the_other_and_the_curator(two: Two) -> None:
    async with two.db.begin() as session:
        curator = await make_person(session, "Кураторова Нина Ильинична", organisation=two.place)
        await give_role(session, curator, Role.curator, ScopeKind.organisation, two.place.id)
    pair_id = await two.active()
    await two.mentee.press_action(f"mentoring:exit:{pair_id}")
    assert two.mentee.sees("Причина не нужна. Узнают куратор и вторая сторона")
    await two.mentee.presses("Сменить наставника")
    assert two.mentee.sees("можно передумать")
    assert [number for number, _ in await two.tell()] == [two.mentor_id, curator.id]
    await two.mentee.presses("Остаться в паре")
    assert (await two.pair(pair_id)).leaves_on is None
    await two.mentee.press_action(f"mentoring:leave:{pair_id}")
    pair = await two.pair(pair_id)
    assert pair.leaves_on is not None
    await two.mentor.press_action(f"mentoring:stay:{pair_id}")
    assert two.mentor.sees("Эта пара уже на другом шаге"), "only who left may think again"
    await two.days(datetime.combine(pair.leaves_on, datetime.min.time(), two.settings.zone) + timedelta(hours=9))
    assert (await two.pair(pair_id)).state is PairState.broken
    async with two.db.read() as session:
        ended = select(func.count()).where(Fact.kind == FactKind.mentoring_ended, Fact.occurred_on == pair.leaves_on)
        assert await session.scalar(ended) == 2, "no indicator of working pairs counts it any longer"
    assert "Пара завершена" in [title for _, title in await two.tell()]
    await two.mentee.press_action(f"mentoring:met:{pair_id}:0:30")
    assert two.mentee.sees("Эта пара уже на другом шаге")


@pytest.mark.parametrize("roads", ROADS, ids="-".join)
async def test_half_a_year_four_questions_and_only_what_needs_help_shows(
    roads: tuple[str, str], newcomer_on: NewcomerOn, db: Database, texts: Texts, settings: Settings
) -> None:
    two = await two_on(roads, newcomer_on, db, texts, settings)
    pair_id = await two.active()
    await two.days(utcnow() + timedelta(days=190))
    assert [title for _, title in await two.tell()].count("Полгода в паре: четыре вопроса") == 2
    for talk, grade in ((two.mentor, 5), (two.mentee, 2)):
        await talk.press_action(f"mentoring:useful:{pair_id}:{grade}")
        assert talk.sees("И второй вопрос")
        await talk.presses("4")
        assert talk.sees("Что мешает?")
    async with two.db.read() as session:
        assert await pulse.concerns(session, HEAD, today=two.today) == {pair_id: (Concern.apart,)}
    await two.mentee.press_action(f"mentoring:useful:{pair_id}:4")
    await two.mentee.press_action(f"mentoring:hinders:{pair_id}:time")
    await two.mentor.presses("Ничего не мешает")
    assert two.mentor.sees("Хотите продолжить?")
    await two.mentor.presses("Да, продолжаем")
    assert two.mentor.sees("Спасибо")
    assert "Пауза или выход" not in two.mentor.buttons
    await two.mentee.presses("Да, продолжаем")
    async with two.db.read() as session:
        assert await pulse.concerns(session, HEAD, today=two.today) == {}, "what the two can move is theirs"
    await two.mentee.press_action(f"mentoring:goeson:{pair_id}:other")
    assert "Пауза или выход" in two.mentee.buttons
    async with two.db.read() as session:
        assert await pulse.concerns(session, HEAD, today=two.today) == {pair_id: (Concern.apart,)}
    await two.mentee.press_action(f"mentoring:hinders:{pair_id}:school")
    await two.mentee.presses("Лучше с другим наставником")
    async with two.db.read() as session:
        assert await pulse.concerns(session, HEAD, today=two.today) == {pair_id: (Concern.school, Concern.apart)}
    await two.mentee.press_action(f"mentoring:hinders:{pair_id}:boredom")
    assert not two.mentee.sees("Хотите продолжить?"), "an answer that is not there is an old button"
    await two.mentor.press_action(f"mentoring:pair:{pair_id}")
    assert not two.mentor.sees("другим")


async def test_nobody_else_opens_a_pair(two: Two, newcomer_on: NewcomerOn) -> None:
    pair_id = await two.active()
    stranger = await newcomer_on("telegram")
    async with two.db.begin() as session:
        await make_person(session, "Чужая Инна Львовна", accounts={Messenger.telegram: stranger.user_id})
    await stranger.says("/menu")
    for verb in ("pair", "agree", "decline", "met", "program", "notes", "leave", "plan", "finish"):
        await stranger.press_action(f"mentoring:{verb}:{pair_id}:0:30")
        assert not stranger.saw("Опытная"), verb
        assert not stranger.saw("Новикова"), verb
    assert (await two.pair(pair_id)).state is PairState.active


async def test_a_proposal_nobody_published_is_nobody_s(two: Two) -> None:
    await ask(two.mentee)
    await offer(two.mentor)
    await matching.run(two.db, HEAD, now=utcnow(), today=two.today)
    await two.mentee.press_action("mentoring:pair:1")
    assert not two.mentee.saw("Опытная")
    assert await two.tell() == []


async def test_own_words_and_taking_it_back(two: Two) -> None:
    talk = two.mentee
    await talk.presses("Наставничество")
    await talk.presses("Нужен наставник")
    await talk.presses("Своими словами")
    await talk.says("Как вести классный час")
    assert talk.sees("Темы: Как вести классный час.")
    await talk.presses("Уже не нужно")
    assert talk.sees("Хорошо, не ищем")
    await matching.run(two.db, HEAD, now=utcnow(), today=two.today)
    async with two.db.read() as session:
        assert await session.scalar(select(func.count(MentorPair.id))) == 0


async def test_a_mentor_leaves_the_base(two: Two) -> None:
    await offer(two.mentor)
    await two.mentor.says("наставничество")
    await two.mentor.presses("Моя анкета")
    assert two.mentor.sees("Сильные стороны: Оценивание, Родители")
    await two.mentor.presses("Изменить темы и время")
    assert "✓ Оценивание" in two.mentor.buttons, "what was chosen is remembered"
    await two.mentor.presses("Назад")
    await two.mentor.presses("Больше не наставлять")
    assert two.mentor.sees("Вы больше не в базе наставников")
    async with two.db.read() as session:
        row = (await session.scalars(select(MentorProfile))).one()
    assert row.withdrawn_at is not None


async def test_the_calendar_file_is_read_by_a_calendar(two: Two) -> None:
    pair_id = await two.active()
    starts = utcnow() + timedelta(days=2)
    async with two.db.begin() as session:
        number = await meetings.plan(session, two.mentor_id, pair_id, starts_at=starts, now=utcnow())
        meeting = await session.get_one(MentorMeeting, number)
    content = meetings.calendar(meeting, title="Встреча с наставником", host="marshrut.example", now=utcnow())
    (one,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert one["uid"] == f"meeting-{number}@marshrut.example"
    assert abs((one.decoded("dtstart") - starts).total_seconds()) < 1


async def test_a_coordinator_sees_numbers_in_the_chat(two: Two, newcomer_on: NewcomerOn) -> None:
    await two.active()
    talk = await newcomer_on("telegram")
    async with two.db.begin() as session:
        person: Person = await make_person(
            session, "Главная Вера Ильинична", accounts={Messenger.telegram: talk.user_id}
        )
        await give_role(session, person, Role.centre_head)
    await talk.says("/menu")
    await talk.presses("Наставничество")
    await talk.presses("Пары: сводка")
    assert talk.sees("Работают: 1")
    assert talk.sees("Просят наставника и пока без пары: 0")
