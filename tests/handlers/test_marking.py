"""Cases are handed in and marked, lessons are watched: by those who may, with a trace, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Change,
    Fact,
    InstrumentKind,
    Messenger,
    MethodistAssignment,
    Outbox,
    Person,
    Role,
    ScopeKind,
    Submission,
    View,
)
from bot.services import diagnostics, search
from bot.services.access import scope_of
from bot.services.diagnostics import marking
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_person

WORDS = "Сначала разберу одну работу у доски, потом дам похожий пример и проверю, ушла ли ошибка."


class Pair:
    """A teacher and her methodist, each in a chat of her own."""

    def __init__(self, teacher: Talk, methodist: Talk, ids: tuple[int, int]) -> None:
        self.teacher, self.methodist, self.ids = teacher, methodist, ids


@pytest.fixture
async def pair(db: Database, newcomer: Newcomer) -> Pair:
    teacher, methodist = await newcomer(), await newcomer()
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        pupil = await make_person(
            session, "Кашина Вера Львовна", accounts={Messenger(teacher.messenger): teacher.user_id}
        )
        guide = await make_person(
            session, "Ложкина Анна Петровна", accounts={Messenger(methodist.messenger): methodist.user_id}
        )
        await give_role(session, guide, Role.methodist, ScopeKind.assigned)
        session.add(MethodistAssignment(methodist_id=guide.id, person_id=pupil.id, since=NOW.date() - timedelta(30)))
        await search.index(session, "person", pupil.id, pupil.full_name)
    return Pair(teacher, methodist, (pupil.id, guide.id))


async def opens_the_case(talk: Talk) -> None:
    await talk.says("/menu")
    await talk.presses("Диагностика")
    await talk.presses("Тесты и кейсы")
    assert talk.sees("Кейс: разбор ошибки с классом")
    await talk.presses(next(line[0] for line in talk.text.splitlines() if "Кейс" in line))
    await talk.presses("Открыть ситуацию")
    assert talk.sees("14 человек из 25")


async def test_a_case_from_the_teacher_to_the_result(pair: Pair, db: Database) -> None:
    teacher, methodist = pair.teacher, pair.methodist
    await opens_the_case(teacher)
    await teacher.says("так")
    assert teacher.sees("хотя бы одной фразой")
    await teacher.says(WORDS)
    assert teacher.sees("Работа у методиста: Анна Петровна")

    await methodist.says("/menu")
    await methodist.presses("Диагностика")
    await methodist.presses("Проверить работы")
    assert methodist.sees("Ждут проверки: 1")
    await methodist.presses("1")
    assert methodist.sees("Сначала разберу одну работу")
    await methodist.presses("К критериям")
    assert methodist.sees("1 из 4. Методические")
    await methodist.presses("3")
    await methodist.presses("2")
    await methodist.presses("Назад")
    assert methodist.sees("2 из 4.")
    await methodist.presses("3")
    await methodist.presses("1")
    await methodist.presses("Не оценивать")
    assert methodist.sees("Слова об ошибке — не оценивали")
    await methodist.presses("Готово")
    assert methodist.sees("Отметки сохранены")
    async with db.read() as session:
        attempt = (await session.scalars(select(Attempt))).one()
        assert (attempt.state, attempt.rater_id) == (AttemptState.finished, pair.ids[1])
        points = list(await session.scalars(select(Answer.points).order_by(Answer.item_id)))
        assert points == [2.0, 2.0, 0.0, None]
        told = (await session.scalars(select(Outbox))).one()
        assert "работу посмотрели" in told.screen["text"]
        assert not any(word in told.screen["text"] for word in ("Опора", "Уверенно", "Зона роста", "из 100"))
        assert (await session.scalars(select(Fact))).one().evidence["kind"] == "case_rubric"
        look = (await session.scalars(select(View))).one()
        assert (look.viewer_id, look.person_id, look.what) == (pair.ids[1], pair.ids[0], "case")
        assert (await session.scalars(select(Change.action))).all() == ["marked"]
    await teacher.says("/menu")
    await teacher.presses("Диагностика")
    await teacher.presses("Мой результат")
    assert teacher.sees("Что показал разбор кейса")


async def test_a_case_may_be_a_file(pair: Pair, db: Database) -> None:
    await opens_the_case(pair.teacher)
    await pair.teacher.sends_file("разбор.pdf", b"%PDF-1.4 work")
    assert pair.teacher.sees("Ответ принят")
    await pair.methodist.says("/menu")
    await pair.methodist.presses("Диагностика")
    await pair.methodist.presses("Проверить работы")
    await pair.methodist.presses("1")
    assert pair.methodist.sees("Ответ прислан файлом")
    await pair.methodist.presses("Открыть файл")
    assert pair.methodist.screen.file is not None


async def test_a_case_put_aside_goes_on(pair: Pair) -> None:
    await opens_the_case(pair.teacher)
    await pair.teacher.presses("Отложить")
    await pair.teacher.says("/menu")
    await pair.teacher.presses("Продолжить")
    assert pair.teacher.sees("14 человек из 25")


async def test_a_lesson_is_watched_from_the_chat(pair: Pair, db: Database) -> None:
    methodist = pair.methodist
    await methodist.says("/menu")
    await methodist.presses("Диагностика")
    await methodist.presses("Проверить работы")
    await methodist.presses("Наблюдение урока")
    await methodist.says("несуществующая")
    assert methodist.sees("не нашлось")
    await methodist.says("кашина")
    assert methodist.sees("1. Кашина Вера Львовна")
    await methodist.presses("1")
    await methodist.presses("1")
    assert methodist.sees("Отмечайте то, что видно на уроке")
    await methodist.presses("К критериям")
    for _ in range(5):
        await methodist.presses("3")
    await methodist.presses("Готово")
    async with db.read() as session:
        person = await session.get_one(Person, pair.ids[0])
        standing = await diagnostics.last_official(session, person.id)
    assert standing["method"].pct == 100
    assert standing["method"].kind is InstrumentKind.observation


async def test_nobody_marks_beyond_her_reach(pair: Pair, db: Database) -> None:
    await opens_the_case(pair.teacher)
    await pair.teacher.says(WORDS)
    async with db.begin() as session:
        attempt_id = (await session.scalars(select(Submission.attempt_id))).one()
        item_id = min(
            (await diagnostics.content_of(session, (await session.get_one(Attempt, attempt_id)).version_id)).by_id
        )
        foreign = await make_person(session, "Чужая Ирина Олеговна")
        head = await make_person(session, "Школьная Ольга Ильинична")
        await give_role(session, foreign, Role.methodist, ScopeKind.assigned)
        await give_role(session, head, Role.school_head)
        for person, failure in ((foreign, NotFound), (head, NotAllowed)):
            scope = await scope_of(session, person.id, today=NOW.date())
            assert await marking.waiting(session, scope, today=NOW.date()) == ([], 0)
            with pytest.raises(failure):
                await marking.sheet(session, scope, attempt_id, now=NOW)
            with pytest.raises(failure):
                await marking.mark(session, scope, attempt_id, item_id, 1, now=NOW)
            with pytest.raises(NotAllowed):
                await marking.observe(session, scope, pair.ids[0], 1, now=NOW, today=NOW.date())
        assert list(await session.scalars(select(View))) == []


async def test_of_two_who_mark_the_first_keeps_the_work(pair: Pair, db: Database) -> None:
    await opens_the_case(pair.teacher)
    await pair.teacher.says(WORDS)
    async with db.begin() as session:
        attempt_id = (await session.scalars(select(Submission.attempt_id))).one()
        content = await diagnostics.content_of(session, (await session.get_one(Attempt, attempt_id)).version_id)
        staff = await make_person(session, "Центрова Ольга Олеговна")
        await give_role(session, staff, Role.centre_staff)
        first = await scope_of(session, pair.ids[1], today=NOW.date())
        second = await scope_of(session, staff.id, today=NOW.date())
        for item in content.items:
            await marking.mark(session, first, attempt_id, item.id, 2, now=NOW)
        with pytest.raises(UserError, match="diagnostics-marking-other"):
            await marking.mark(session, second, attempt_id, content.items[0].id, 1, now=NOW)
        await marking.complete(session, first, attempt_id, now=NOW, on=NOW.date())
        with pytest.raises(NotFound):
            await marking.complete(session, first, attempt_id, now=NOW, on=NOW.date())
        assert len(list(await session.scalars(select(Fact)))) == 1
