"""A responsible person's month with the roadmap, and the second pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import now_in
from bot.config import Settings
from bot.db import Database
from bot.models import (
    BodyPost,
    DateQuestion,
    MeasureEvidence,
    Occurrence,
    OccurrenceState,
    Outbox,
    ProofKind,
    ProofState,
    QuestionState,
    Role,
    ScopeKind,
)
from bot.services.roadmap import Row
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.roads import days, give, make_body, make_member, run_roadmap


@pytest.fixture
def now(settings: Settings) -> datetime:
    return now_in(settings.zone)


def in_words(day: date) -> str:
    months = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"


@dataclass
class World:
    """Three chats and the day of the first measure."""

    doer: Talk
    checker: Talk
    stranger: Talk
    due: date
    ids: dict[str, int]


@pytest.fixture
async def world(db: Database, newcomer: Newcomer, now: datetime) -> World:
    doer, checker, stranger = await newcomer(), await newcomer(), await newcomer()
    due = now.date() + timedelta(days=21)
    rows = [
        Row(
            "Собрать реестр маршрутов", f"до {in_words(due)} года", result="реестр", result_kind="register", code="1.1"
        ),
        Row("Провести замер", "по графику ФИОКО", result="справка", code="1.2"),
        Row("Вести страницу о методистах", "постоянно", result="страница", code="1.3"),
    ]
    async with db.begin() as session:
        body = await make_body(session)
        me = await make_member(session, body, BodyPost.responsible, "Рябинина Зоя Филипповна", doer)
        await give(session, me.id, Role.responsible, ScopeKind.body, body.id)
        head = await make_member(session, body, BodyPost.head, "Луговской Терентий Викентьевич", checker)
        await give(session, head.id, Role.centre_head, ScopeKind.region)
        other = await make_body(session, "Другой орган")
        third = await make_member(session, other, BodyPost.responsible, "Чужая Анна Ивановна", stranger)
        helper = await make_member(session, body, BodyPost.member, "Ольховская Марина Прокопьевна")
        await run_roadmap(session, rows, body.id, now=now)
    for talk in (doer, checker, stranger):
        await talk.says("/menu")
    return World(doer, checker, stranger, due, {"me": me.id, "head": head.id, "third": third.id, "helper": helper.id})


async def opens_first(world: World) -> None:
    await world.doer.says("/menu")
    await world.doer.presses("Дорожная карта")
    assert world.doer.sees("Собрать реестр маршрутов")
    number = next(line.partition(".")[0] for line in world.doer.text.splitlines() if "Собрать реестр" in line)
    await world.doer.presses(number)
    assert world.doer.sees("До срока 21 день")


async def told(db: Database, person_id: int) -> list[str]:
    async with db.read() as session:
        rows = await session.scalars(select(Outbox).where(Outbox.person_id == person_id).order_by(Outbox.id))
        return [row.screen["text"] for row in rows]


async def test_a_measure_is_done_proved_returned_and_closed_by_another(world: World, db: Database) -> None:
    await opens_first(world)
    await world.doer.presses("Сделано")
    assert world.doer.sees("По документу нужно: реестр")
    await world.doer.says("всё готово, честно")
    assert world.doer.sees("Нужен файл, ссылка или номер"), "words without a number prove no register"
    await world.doer.sends_file("реестр.pdf", b"%PDF-1.4 x")
    assert world.doer.sees("Отправлено на проверку")
    (day,) = await days(db, "1.1")
    assert day.state is OccurrenceState.sent

    await world.checker.says("/menu")
    await world.checker.presses("Дорожная карта")
    await world.checker.presses("Проверить: 1")
    assert world.checker.sees("Рябинина Зоя Филипповна")
    await world.checker.presses("1")
    assert world.checker.sees("реестр.pdf")
    await world.checker.presses("Вернуть")
    await world.checker.says("нет подписи второго лица")
    assert world.checker.sees("Возвращено")
    assert "нет подписи второго лица" in (await told(db, world.ids["me"]))[-1]
    (day,) = await days(db, "1.1")
    assert day.state is OccurrenceState.open

    await world.doer.press_action(f"roadmap:day:{day.id}")
    assert world.doer.sees("Вернули с вопросом: «нет подписи второго лица»")
    await world.doer.presses("Сделано")
    await world.doer.says("https://example.org/reestr.xlsx")
    assert world.doer.sees("Отправлено на проверку")
    await world.checker.press_action("roadmap:checks:0")
    await world.checker.presses("1")
    await world.checker.presses("Принять")
    assert world.checker.sees("Принято")
    (day,) = await days(db, "1.1")
    assert (day.state, day.closed_by_id) == (OccurrenceState.closed, world.ids["head"])
    assert "Мера закрыта" in (await told(db, world.ids["me"]))[-1]
    async with db.read() as session:
        proofs = list(await session.scalars(select(MeasureEvidence).order_by(MeasureEvidence.id)))
    assert [(p.kind, p.state) for p in proofs] == [
        (ProofKind.file, ProofState.returned), (ProofKind.link, ProofState.accepted),
    ]  # fmt: skip
    await world.doer.press_action(f"roadmap:done:{day.id}")
    assert world.doer.sees("Закрыто сегодня"), "an old button of a closed measure shows how it is"


async def test_nobody_checks_her_own(world: World, db: Database) -> None:
    (day,) = await days(db, "1.1")
    await world.checker.press_action(f"roadmap:done:{day.id}")
    await world.checker.says("приказ № 12 от 1 декабря")
    assert world.checker.sees("Отправлено на проверку")
    await world.checker.press_action("roadmap:checks:0")
    assert world.checker.sees("Проверять нечего")
    async with db.read() as session:
        (number,) = await session.scalars(select(MeasureEvidence.id))
    await world.checker.press_action(f"roadmap:accept:{number}")
    assert world.checker.sees("проверяет другой человек")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.sent


async def test_what_was_sent_can_be_taken_back(world: World, db: Database) -> None:
    (day,) = await days(db, "1.1")
    await world.doer.press_action(f"roadmap:done:{day.id}")
    await world.doer.says("приказ № 12")
    await world.doer.presses("Забрать")
    assert world.doer.sees("До срока")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.open
    await world.checker.press_action("roadmap:checks:0")
    assert world.checker.sees("Проверять нечего")


async def test_partly_leaves_it_open(world: World, db: Database) -> None:
    await opens_first(world)
    await world.doer.presses("Частично")
    await world.doer.says("ждём две школы")
    assert world.doer.sees("Срок прежний")
    (day,) = await days(db, "1.1")
    assert (day.state, day.said) == (OccurrenceState.partly, "ждём две школы")
    await world.doer.press_action(f"roadmap:day:{day.id}")
    assert world.doer.sees("Сделано: «ждём две школы»")


async def test_another_day_needs_a_reason_and_a_decision(world: World, db: Database) -> None:
    await opens_first(world)
    await world.doer.presses("Перенести")
    later = world.due + timedelta(days=10)
    await world.doer.says("когда-нибудь, нет времени")
    assert world.doer.sees("Нужна одна точная дата")
    await world.doer.says(f"{in_words(later + timedelta(days=1))} года")
    assert world.doer.sees("Теперь причина")
    await world.doer.says(f"{in_words(later)} года")
    assert world.doer.sees("Теперь причина"), "another day in place of the first"
    await world.doer.says("ждём протокол, комиссия соберётся позже")
    assert world.doer.sees("Просьба отправлена")
    (day,) = await days(db, "1.1")
    assert (day.due, day.move_to) == (world.due, later), "until it is decided the old day holds"
    await world.doer.press_action(f"roadmap:decide:{day.id}:1")
    assert (await days(db, "1.1"))[0].due == world.due
    await world.checker.press_action("roadmap:home:0")
    await world.checker.presses("Переносы: 1")
    assert world.checker.sees("ждём протокол")
    await world.checker.presses("Перенести")
    (day,) = await days(db, "1.1")
    assert (day.due, day.move_to, day.key) == (later, None, world.due)
    assert "Срок перенесён" in (await told(db, world.ids["me"]))[-1]


async def test_not_mine_passes_it_to_somebody_of_the_body(world: World, db: Database) -> None:
    await opens_first(world)
    await world.doer.presses("Не моё")
    assert world.doer.sees("Ольховская Марина Прокопьевна")
    assert not world.doer.sees("Чужая"), "only people of the measure's bodies"
    number = next(line.partition(".")[0] for line in world.doer.text.splitlines() if "Ольховская" in line)
    await world.doer.presses(number)
    assert world.doer.sees("Мера передана")
    await world.doer.press_action("roadmap:home:0")
    assert not world.doer.sees("Собрать реестр")


async def test_a_date_is_named_by_whoever_knows_it(world: World, db: Database, now: datetime) -> None:
    async with db.read() as session:
        (number,) = await session.scalars(select(DateQuestion.id))
    assert await days(db, "1.2") == []
    await world.doer.press_action(f"roadmap:question:{number}")
    assert world.doer.sees("«по графику ФИОКО»")
    await world.doer.presses("Указать дату")
    await world.doer.says("в октябре")
    assert world.doer.sees("Нужна одна точная дата"), "a month is not a day, and nobody guesses one"
    named = now.date() + timedelta(days=40)
    await world.doer.says(f"{named:%d.%m.%Y}")
    assert world.doer.sees("Дата записана")
    assert [day.due for day in await days(db, "1.2")] == [named]
    async with db.read() as session:
        question = await session.get_one(DateQuestion, number)
        assert (question.state, question.answered_by_id) == (QuestionState.answered, world.ids["me"])
    await world.doer.press_action(f"roadmap:date:{number}")
    assert world.doer.sees("Провести замер"), "an old question shows the day"


async def test_unknown_yet_and_somebody_else_knows(world: World, db: Database, now: datetime) -> None:
    async with db.read() as session:
        (number,) = await session.scalars(select(DateQuestion.id))
    await world.doer.press_action(f"roadmap:question:{number}")
    await world.doer.presses("Пока неизвестна")
    async with db.read() as session:
        assert (await session.get_one(DateQuestion, number)).ask_on == now.date() + timedelta(days=14)
    await world.doer.press_action(f"roadmap:question:{number}")
    await world.doer.presses("Знает другой")
    line = next(line.partition(".")[0] for line in world.doer.text.splitlines() if "Луговской" in line)
    await world.doer.presses(line)
    async with db.read() as session:
        question = await session.get_one(DateQuestion, number)
        assert (question.person_id, question.ask_on) == (world.ids["head"], now.date())


async def test_a_lasting_measure_closes_its_quarter_by_a_word(world: World, db: Database) -> None:
    first = (await days(db, "1.3"))[0]
    await world.doer.press_action(f"roadmap:day:{first.id}")
    await world.doer.presses("Работа идёт")
    await world.doer.says("обновили страницы трёх методистов")
    assert world.doer.sees("через квартал")
    assert (await days(db, "1.3"))[0].state is OccurrenceState.closed


@pytest.mark.parametrize("verb", ["day", "done", "part", "move", "not-mine", "take", "later"])
async def test_a_stranger_reaches_nothing(world: World, db: Database, verb: str) -> None:
    (day,) = await days(db, "1.1")
    await world.stranger.press_action(f"roadmap:{verb}:{day.id}")
    assert world.stranger.sees("Здесь уже ничего нет")
    await world.stranger.press_action("roadmap:home:0")
    assert world.stranger.sees("За вами сейчас нет мер")


async def test_a_stranger_does_not_check(world: World, db: Database) -> None:
    (day,) = await days(db, "1.1")
    await world.doer.press_action(f"roadmap:done:{day.id}")
    await world.doer.says("приказ № 12")
    async with db.read() as session:
        (number,) = await session.scalars(select(MeasureEvidence.id))
    for verb in ("check", "accept", "return", "file"):
        await world.stranger.press_action(f"roadmap:{verb}:{number}")
        assert world.stranger.sees("Здесь уже ничего нет")
    assert (await days(db, "1.1"))[0].state is OccurrenceState.sent


async def test_later_comes_tomorrow_once(world: World, db: Database) -> None:
    (day,) = await days(db, "1.1")
    for _ in range(2):
        await world.doer.press_action(f"roadmap:later:{day.id}")
        assert world.doer.sees("Напомним завтра")
    assert len(await told(db, world.ids["me"])) == 1


async def test_the_menu_names_the_nearest_measure(world: World, db: Database, now: datetime) -> None:
    await world.doer.says("/menu")
    assert not world.doer.sees("Собрать реестр"), "three weeks ahead is not yet the nearest thing"
    async with db.begin() as session:
        (number,) = [day.id for day in await days(db, "1.1")]
        day = await session.get_one(Occurrence, number)
        day.due = now.date() + timedelta(days=3)
    await world.doer.says("/menu")
    assert world.doer.sees("Собрать реестр маршрутов, до")
    await world.doer.presses("Открыть меру")
    assert world.doer.sees("До срока 3 дня")
