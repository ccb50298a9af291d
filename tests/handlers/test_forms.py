"""A form in the chat: the letter, questions of every kind, wrong answers, going on later, sending, correcting."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.clock import now_in
from bot.config import Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import forms as jobs
from bot.models import ConsentKind, FormAudience, FormReply, Messenger, ReplyState, Role, ScopeKind
from bot.services import consents, forms
from bot.services.access import Grant, Scope
from bot.services.forms import FormDraft
from tests.chat import Talk
from tests.conftest import Newcomer, NewcomerOn
from tests.factories import NOW, give_role, make_municipality, make_organisation, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
ASKED = [
    ("Сколько педагогов прошли диагностику?", "number", "", True),
    ("Как часто проходят встречи?", "choice", "раз в месяц; раз в квартал", True),
    ("Есть ли программа наставничества?", "flag", "", False),
    ("Чего не хватает?", "text", "", False),
]


async def coordinator(db: Database, newcomer: Newcomer) -> tuple[Talk, int]:
    """A coordinator in a chat, and the form sent to districts."""
    talk = await newcomer()
    messenger = Messenger(talk.messenger)
    settings = Settings(_env_file=None)
    now = now_in(settings.zone)
    async with db.begin() as session:
        place = await make_municipality(session, "Опытный округ")
        await make_municipality(session, "Другой округ")
        school = await make_organisation(session, municipality=place)
        person = await make_person(session, organisation=school, accounts={messenger: talk.user_id})
        await consents.give(session, person.id, ConsentKind.data, messenger=messenger, now=NOW)
        await give_role(session, person, Role.municipal_coordinator, ScopeKind.municipality, place.id)
        draft = FormDraft(
            "Мониторинг районов", "Для годового отчёта.", ASKED, FormAudience.municipalities,
            due_on=now.date() + timedelta(days=5),
        )  # fmt: skip
        number = await forms.create(session, HEAD, draft, now=now, today=now.date())
        assert await forms.opened(session, HEAD, number, now=now, today=now.date()) > 2
        assert await forms.opened(session, HEAD, number, now=now, today=now.date()) == 0
    await talk.says("/menu")
    return talk, number


async def test_a_form_is_filled_in_question_by_question(
    db: Database, newcomer: Newcomer, texts: Texts, settings: Settings
) -> None:
    talk, number = await coordinator(db, newcomer)
    now = now_in(settings.zone)
    assert await jobs.remind(db, texts, settings, now=now) == 1, "one letter, nothing about the term on the same day"
    assert await jobs.remind(db, texts, settings, now=now) == 0
    await talk.press_action("forms:home:0")
    assert talk.sees("Анкеты: 1")
    assert talk.sees("Опытный округ")
    assert not talk.sees("Другой округ")
    await talk.presses("1")
    assert talk.sees("Вопросов: 4, отвечено: 0")
    await talk.presses("Начать")
    assert talk.sees("Вопрос 1 из 4")
    await talk.says("сорок")
    assert talk.sees("«сорок» — не целое число")
    await talk.says("40")
    assert talk.sees("Как часто проходят встречи?")
    await talk.press_action("menu:home")
    await talk.press_action("forms:home:0")
    assert talk.sees("начато")
    await talk.presses("1")
    await talk.presses("Продолжить")
    assert talk.sees("Вопрос 2 из 4")
    await talk.presses("раз в квартал")
    await talk.presses("Есть")
    await talk.presses("Пропустить")
    assert talk.sees("Проверьте ответы")
    assert talk.sees("4. Чего не хватает? — нет ответа")
    await talk.presses("Отправить")
    assert talk.sees("Анкета отправлена")
    async with db.read() as session:
        card = await forms.card(session, HEAD, number)
    (mine,) = [reply for reply in card.replies if reply.name == "Опытный округ"]
    assert (mine.state, mine.answers) == (ReplyState.sent, {"q1": 40, "q2": "2", "q3": True, "q4": None})
    assert (card.totals[0].total, card.line.sent) == (40, 1)
    assert await jobs.remind(db, texts, settings, now=now + timedelta(days=4)) == 0, "who has sent is not reminded"
    async with db.begin() as session:
        await forms.close(session, HEAD, number, now=now)
    await talk.press_action(f"forms:open:{mine.id}")
    assert talk.sees("Анкета закрыта")


async def test_a_form_of_another_is_not_there(db: Database, newcomer: Newcomer) -> None:
    talk, _ = await coordinator(db, newcomer)
    async with db.begin() as session:
        from sqlalchemy import select

        other = await session.scalar(select(FormReply.id).where(FormReply.name == "Другой округ"))
        mine = await session.scalar(select(FormReply.id).where(FormReply.name == "Опытный округ"))
    for action in (
        f"forms:open:{other}",
        f"forms:q:{other}:0",
        f"forms:a:{other}:1:2",
        f"forms:send:{other}",
        "forms:open:999",
    ):
        await talk.press_action(action)
        assert not talk.sees("Мониторинг районов"), action
    await talk.press_action(f"forms:send:{mine}")
    assert talk.sees("Не хватает ответов на вопросы: 1, 2")
    await talk.press_action(f"forms:q:{mine}:77")
    await talk.press_action(f"forms:a:{mine}:1:9")
    assert talk.sees("здесь не подходит")


async def test_the_door_to_a_form_that_waits(db: Database, newcomer_on: NewcomerOn) -> None:
    talk, _ = await coordinator(db, lambda: newcomer_on("telegram"))
    await talk.says("/menu")
    assert talk.sees("Анкета «Мониторинг районов», до")
    await talk.presses("Заполнить анкету")
    assert talk.sees("Вопросов: 4, отвечено: 0")
    await talk.press_action("people:home")
    await talk.presses("Анкеты: 1")
    assert talk.sees("Опытный округ")
    async with db.begin() as session:
        reply = await session.scalar(select(FormReply).where(FormReply.name == "Опытный округ"))
        assert reply is not None
        reply.state = ReplyState.sent
    await talk.says("/menu")
    assert not talk.sees("Анкета «Мониторинг районов»")
    await talk.press_action("people:home")
    assert "Анкеты: 1" not in talk.buttons
