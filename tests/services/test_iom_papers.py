"""Papers made of stored routes: the card says what the route is, the register and the lists keep to the scope."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import docx
import openpyxl
import pytest
from sqlalchemy import event, select

from bot.db import Database
from bot.errors import NotAllowed, NotFound
from bot.i18n import Texts, Translator
from bot.models import Employment, IomState, Role, ScopeKind, View
from bot.services.access import NOBODY, scope_of
from bot.services.documents import order_list, register, route_card
from bot.services.iom import papers
from bot.services.iom.papers import RegisterFilters
from tests.factories import NOW, give_role, make_organisation, make_person
from tests.routes import TODAY, Ground, prepared

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
def t(texts: Texts) -> Translator:
    return texts.translator()


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


def plain(text: str) -> str:
    return text.replace("\u00ad", "").replace("\u00a0", " ").replace("\u2068", "").replace("\u2069", "")


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return plain("\n".join([*(p.text for p in document.paragraphs), *cells]))


async def test_the_card_of_a_finished_route(ground: Ground, t: Translator) -> None:
    route = await ground.route(IomState.completed)
    async with ground.db.begin() as session:
        scope = await scope_of(session, ground.methodist.id, today=TODAY)
        card = await papers.card(session, scope, t, route.id, zone=ZONE, now=NOW, today=TODAY)
        assert await session.scalar(select(View.what).where(View.person_id == ground.teacher.id)) == "iom"
    text = words(route_card(t, card))
    for said in (
        f"№ в реестре {route.reg_no}, приказ № 145-од от 24.11.2026",
        "Иванова Мария Петровна",
        "Полянская Вера Лаврентьевна",
        "Луговской Т. В.",
        "18 лет",
        "Диагностика №",
        "версия",
        "Маршрут завершён 24.11.2026.",
        "дефицит преодолён",
        "Заключение методиста: Маршрут пройден целиком.",
        "отмечено системой",
    ):
        assert said in text, said
    assert all(step.title in text for step in route.steps)
    assert str(route.hours) in text
    assert len(card.goals) == len(route.deficits) > 0
    assert all("прирост от 10 п. п." in goal.measure for goal in card.goals)
    assert {line.need for line in card.lines} != {"—"}


async def test_the_teacher_takes_her_own_card_and_nobody_elses(ground: Ground, t: Translator) -> None:
    route = await ground.route(IomState.active)
    async with ground.db.read() as session:
        card = await papers.own_card(session, t, ground.teacher.id, zone=ZONE, today=TODAY)
        assert (card.name, card.number, card.result) == (route.name, route.reg_no, "")
        with pytest.raises(NotFound):
            await papers.own_card(session, t, ground.head.id, zone=ZONE, today=TODAY)


async def test_a_foreign_methodist_and_a_school_head_get_no_card(ground: Ground, t: Translator) -> None:
    route = await ground.route(IomState.active)
    async with ground.db.begin() as session:
        foreign = await make_person(session, "Чужая Вера Ивановна")
        await give_role(session, foreign, Role.methodist, ScopeKind.assigned)
        director = await make_person(session, "Директор Нина Ивановна")
        await give_role(session, director, Role.school_head, ScopeKind.organisation, ground.place.id)
        for person in (foreign, director):
            scope = await scope_of(session, person.id, today=TODAY)
            with pytest.raises(NotAllowed):
                await papers.card(session, scope, t, route.id, zone=ZONE, now=NOW, today=TODAY)


async def test_the_register_keeps_to_filters_and_scope(ground: Ground, t: Translator) -> None:
    first = await ground.route(IomState.completed)
    second = await ground.route(IomState.agreed, await ground.colleague("Берестова Анна Ильинична"))
    head = await ground.scope(ground.head)

    async def names(scope_filters: RegisterFilters) -> list[str]:
        async with ground.db.read() as session:
            lines = await papers.register(session, head, t, scope_filters, zone=ZONE, today=TODAY)
            assert len(lines) == await papers.register_size(session, head, scope_filters, today=TODAY)
        return [line.name for line in lines]

    assert await names(RegisterFilters()) == [first.name, second.name]
    assert await names(RegisterFilters(state=IomState.agreed)) == [second.name]
    assert await names(RegisterFilters(since=TODAY, until=TODAY)) == [first.name]
    assert await names(RegisterFilters(methodist_id=ground.methodist.id)) == [first.name, second.name]
    assert await names(RegisterFilters(municipality_id=ground.place.municipality_id + 999)) == []
    async with ground.db.begin() as session:
        director = await make_person(session, "Директор Нина Ивановна")
        other = await make_organisation(session, "Другая школа")
        await give_role(session, director, Role.school_head, ScopeKind.organisation, other.id)
        scope = await scope_of(session, director.id, today=TODAY)
        assert await papers.register(session, scope, t, RegisterFilters(), zone=ZONE, today=TODAY) == []
        with pytest.raises(NotAllowed):
            await papers.register(session, NOBODY, t, RegisterFilters(), zone=ZONE, today=TODAY)
    async with ground.db.read() as session:
        lines = await papers.register(session, head, t, RegisterFilters(), zone=ZONE, today=TODAY)
    sheet = openpyxl.load_workbook(io.BytesIO(register(t, lines, on=TODAY))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    row = dict(zip((plain(str(cell)) for cell in rows[1]), rows[2], strict=True))
    assert (row["№ в реестре"], row["Состояние"], row["Принято шагов"]) == (first.reg_no, "завершён", len(first.steps))
    assert row["Часов"] == first.hours
    assert str(row["Закрыт"]).startswith("2026-11-24")


async def test_the_lists_of_orders(ground: Ground, t: Translator) -> None:
    signed = await ground.route(IomState.active)
    waiting = await ground.route(IomState.agreed, await ground.colleague("Берестова Анна Ильинична"))
    head = await ground.scope(ground.head)
    async with ground.db.read() as session:
        found = await papers.orders(session, head, today=TODAY)
        assert [(one.number, one.on, one.routes) for one in found] == [("", None, 1), ("145-од", TODAY, 1)]
        annex = await papers.annex(session, head, "145-од", TODAY, today=TODAY)
        draft = await papers.annex(session, head, "", None, today=TODAY)
        with pytest.raises(NotFound):
            await papers.annex(session, head, "9", TODAY, today=TODAY)
    assert [line.name for line in annex.lines] == [signed.name]
    assert [line.name for line in draft.lines] == [waiting.name]
    text = words(order_list(t, annex.lines, number=annex.number, on=annex.on, head=annex.head))
    assert "к приказу № 145-од от 24.11.2026" in text
    assert "Луговской Т. В." in text
    assert "Всего: 1 маршрут." in text


async def test_a_teacher_without_work_and_with_two_jobs_has_one_line(ground: Ground, t: Translator) -> None:
    await ground.route(IomState.active)
    lonely = await ground.colleague("Берестова Анна Ильинична")
    await ground.route(IomState.active, lonely, order_no="146-од")
    async with ground.db.begin() as session:
        job = (await session.scalars(select(Employment).where(Employment.person_id == lonely.id))).one()
        await session.delete(job)
        await session.flush()
        session.add(
            Employment(
                person_id=ground.teacher.id, organisation_id=ground.place.id, position_slug="teacher", since=TODAY
            )
        )
    head = await ground.scope(ground.head)
    async with ground.db.read() as session:
        lines = await papers.register(session, head, t, RegisterFilters(), zone=ZONE, today=TODAY)
        assert [(line.name, bool(line.organisation)) for line in lines] == [
            (ground.teacher.full_name, True),
            (lonely.full_name, False),
        ]


async def test_the_register_costs_a_fixed_number_of_queries(ground: Ground, t: Translator) -> None:
    head = await ground.scope(ground.head)
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    counts: list[int] = []
    for number in range(2):
        await ground.route(IomState.active, await ground.colleague(f"Учитель Вера {number}"))
        event.listen(ground.db.reader.sync_engine, "before_cursor_execute", count)
        seen = 0
        async with ground.db.read() as session:
            await papers.register(session, head, t, RegisterFilters(), zone=ZONE, today=TODAY)
        event.remove(ground.db.reader.sync_engine, "before_cursor_execute", count)
        counts.append(seen)
    assert counts[0] == counts[1] <= 3
