"""A learner sees her tutor on the card of the programme and writes; the tutor answers; nobody else does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.clock import now_in, utcnow
from bot.config import Settings
from bot.db import Database
from bot.jobs.outbox import Delivery
from bot.messengers.base import MessengerBot
from bot.messengers.web import web_bot
from bot.models import Messenger, Outbox, Role, TutorAssignment
from bot.services import tutors
from bot.services.programmes import belonging
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.handlers.test_programmes import a_cohort, known
from tests.jobs.clock import VirtualClock, next_working_afternoon


async def delivered(db: Database, settings: Settings, talk: Talk, days: int = 0) -> None:
    bot: MessengerBot = getattr(talk, "bot", None) or web_bot(db, settings)
    clock = VirtualClock(next_working_afternoon(now_in(settings.zone)) + timedelta(days=days))
    await Delivery(db, settings, {Messenger(talk.messenger): bot}, clock=clock).run_due()


async def test_a_learner_and_the_tutor_write_to_each_other(
    db: Database, newcomer: Newcomer, settings: Settings
) -> None:
    number = await a_cohort(db)
    talk, helper, stranger = await newcomer(), await newcomer(), await newcomer()
    hers = await known(talk, db)
    tutor = await known(helper, db, "Снежкова Лидия Захаровна", Role.tutor)
    await known(stranger, db, "Чужая Анна Ивановна")
    async with db.begin() as session:
        await belonging.join(session, hers, number, now=utcnow(), today=utcnow().date())
    await talk.press_action(f"programmes:card:{number}")
    assert "Написать тьютору" not in talk.buttons
    async with db.begin() as session:
        row = TutorAssignment(cohort_id=number, person_id=hers, tutor_id=tutor, since=utcnow().date())
        session.add(row)
    await talk.says("/menu")
    await talk.press_action(f"programmes:card:{number}")
    assert talk.sees("Вам помогает Снежкова Лидия Захаровна")
    await talk.presses("Написать тьютору")
    assert talk.sees("Кому: Снежкова Лидия Захаровна")
    await talk.says("д" * (tutors.LETTER + 1))
    assert talk.sees("не длиннее 700 знаков")
    await talk.says("Посмотрите мой урок <b>в среду</b>?")
    assert talk.sees("✅ Сообщение отправлено")

    await delivered(db, settings, helper)
    await helper.says("/menu")
    assert helper.saw("Пишет ваш слушатель")
    assert helper.saw("Посмотрите мой урок <b>в среду</b>?")
    await helper.press_action(f"tutors:write:{row.id}")
    await helper.says("Посмотрю, присылайте.")
    await delivered(db, settings, talk, days=1)
    await talk.says("/menu")
    assert talk.saw("Пишет ваш тьютор")
    assert talk.saw("Посмотрю, присылайте.")

    await helper.press_action("programmes:home")
    await helper.presses("Мои слушатели: 1")
    await helper.presses("1")
    assert helper.sees("Орлова Вера Ивановна")
    assert "Написать" in helper.buttons
    for action in ("write", "one", "see"):
        await stranger.press_action(f"tutors:{action}:{row.id}")
        assert stranger.sees("Эта помощь уже завершена")
    await stranger.says("Привет")
    async with db.read() as session:
        letters = (await session.scalars(select(Outbox.person_id).where(Outbox.kind == "tutors-letter"))).all()
    assert sorted(letters) == sorted((hers, tutor))


async def test_the_day_has_room_for_ten_letters_and_the_end_is_the_end(
    db: Database, newcomer_on: object, settings: Settings
) -> None:
    number = await a_cohort(db)
    talk: Talk = await newcomer_on("web")  # type: ignore[operator]
    hers = await known(talk, db)
    async with db.begin() as session:
        row = TutorAssignment(cohort_id=number, person_id=hers, tutor_id=hers, since=utcnow().date())
        session.add(row)
    for n in range(tutors.LETTERS + 1):
        await talk.press_action(f"tutors:write:{row.id}")
        await talk.says(f"Вопрос {n}")
    assert talk.sees("Сегодня вы написали уже много")
    async with db.begin() as session:
        (await session.get_one(TutorAssignment, row.id)).until = utcnow().date()
    await talk.says("И ещё один")
    assert talk.sees("Эта помощь уже завершена")
