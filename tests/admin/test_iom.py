"""Routes in the admin: the methodist composes, the head approves, evidence is decided, the end; and who may not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select, update

from bot.config import ROOT, Settings
from bot.db import Database
from bot.models import (
    Activity,
    ConsentKind,
    DeficitLevel,
    Fact,
    FactKind,
    Iom,
    IomDeficit,
    IomNotice,
    IomState,
    IomStep,
    Messenger,
    MethodistAssignment,
    NoticeKind,
    Organisation,
    Person,
    Purpose,
    Role,
    ScopeKind,
    StepState,
    View,
)
from bot.services import catalogue, consents, diagnostics, files, region, search
from bot.services.access import scope_of
from bot.services.iom import agreeing, closing, following, reach, revising
from tests.admin.conftest import Browser, SignIn
from tests.factories import NOW, make_organisation, make_person

TODAY = NOW.date()


@pytest.fixture
def in_region() -> bool:
    return True


@dataclass
class Centre:
    """A teacher with a diagnosis, her methodist, their school."""

    teacher: Person
    methodist: Person
    school: Organisation


async def teacher_of(db: Database, name: str, school: Organisation, methodist: Person | None, value: int = 2) -> Person:
    async with db.begin() as session:
        person = await make_person(session, name, organisation=school)
        await consents.give(session, person.id, ConsentKind.data, messenger=Messenger.web, now=NOW)
        await search.index(session, "person", person.id, person.full_name)
        if methodist is not None:
            session.add(MethodistAssignment(methodist_id=methodist.id, person_id=person.id, since=date(2026, 1, 1)))
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        await diagnostics.record_finished(
            session, person.id, content, {item.id: value for item in content.items}, purpose=Purpose.official,
            started_at=NOW - timedelta(days=120), finished_at=NOW - timedelta(days=120), messenger=Messenger.web,
        )  # fmt: skip
    return person


@pytest.fixture
async def centre(db: Database) -> Centre:
    async with db.begin() as session:
        await catalogue.load_file(session, ROOT / "data" / "demo" / "catalogue.yaml", today=TODAY, now=NOW)
        school = await make_organisation(session)
        methodist = await make_person(session, "Методист Анна Львовна", organisation=school)
    return Centre(await teacher_of(db, "Иванова Мария Петровна", school, methodist), methodist, school)


async def drafted(db: Database, sign_in: SignIn, centre: Centre, variant: str = "short") -> tuple[Browser, int]:
    """The methodist's browser with a draft, and the route."""
    browser = await sign_in(centre.methodist, Role.methodist, ScopeKind.assigned)
    assert await browser.sends(f"/iom/for/{centre.teacher.id}", variant=variant) == 200
    found = re.fullmatch(r"/admin/iom/(\d+)/edit", browser.path)
    assert found
    return browser, int(found[1])


async def steps(db: Database, iom_id: int) -> list[IomStep]:
    async with db.read() as session:
        return list(
            await session.scalars(
                select(IomStep)
                .where(IomStep.iom_id == iom_id, IomStep.state.not_in(("replaced", "cancelled")))
                .order_by(IomStep.place, IomStep.id)
            )
        )


async def state_of(db: Database, iom_id: int) -> IomState:
    async with db.read() as session:
        return (await session.get_one(Iom, iom_id)).state


async def agreed(db: Database, sign_in: SignIn, centre: Centre) -> tuple[Browser, int]:
    browser, iom_id = await drafted(db, sign_in, centre)
    await browser.sends(f"/iom/{iom_id}/offer")
    async with db.begin() as session:
        await agreeing.agree(session, centre.teacher.id, now=NOW)
    return browser, iom_id


async def active(db: Database, sign_in: SignIn, centre: Centre) -> tuple[Browser, int]:
    browser, iom_id = await agreed(db, sign_in, centre)
    head = await sign_in(None, Role.centre_head)
    await head.sends("/iom/approve", id=[str(iom_id)], order_no="145-од", order_date=TODAY.isoformat())
    assert await state_of(db, iom_id) is IomState.active
    return browser, iom_id


async def test_variants_are_compared_and_one_is_taken(db: Database, sign_in: SignIn, centre: Centre) -> None:
    browser = await sign_in(centre.methodist, Role.methodist, ScopeKind.assigned)
    await browser.opens(f"/people/{centre.teacher.id}")
    assert f"/iom/for/{centre.teacher.id}" in browser.last.text
    assert await browser.opens(f"/iom/for/{centre.teacher.id}") == 200
    assert browser.sees("Короткий", "Обычный", "Интенсив", "Работает на:", "просмотр записан")
    hours = [int(h) for h in re.findall(r"(?:шаг|шага|шагов), (\d+) ч, до", browser.text)]
    assert len(hours) == 3
    assert hours[0] <= 24 < hours[1] <= 48 < hours[2] <= 72
    await browser.sends(f"/iom/for/{centre.teacher.id}", variant="usual")
    assert browser.sees("Черновик готов", "Редактор маршрута", f"{hours[1]} ч")
    await browser.sends(f"/iom/for/{centre.teacher.id}", variant="short")
    assert browser.sees(f"{hours[0]} ч"), "a draft may be taken anew"
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Iom)) == 1
        looks = set(await session.execute(select(View.what, View.person_id)))
        assert looks == {("iom", centre.teacher.id)}
    assert await browser.sends(f"/iom/for/{centre.teacher.id}", variant="endless") == 404


async def test_a_request_without_a_diagnosis_is_composed_by_hand(db: Database, sign_in: SignIn, centre: Centre) -> None:
    async with db.begin() as session:
        person = await make_person(session, "Новая Вера Ивановна", organisation=centre.school)
        session.add(MethodistAssignment(methodist_id=centre.methodist.id, person_id=person.id, since=TODAY))
    browser = await sign_in(centre.methodist, Role.methodist, ScopeKind.assigned)
    await browser.opens(f"/iom/for/{person.id}")
    assert browser.sees("нет засчитанной диагностики")
    await browser.sends(f"/iom/for/{person.id}")
    iom_id = int(re.findall(r"\d+", browser.path)[0])
    await browser.opens(f"/iom/{iom_id}/edit", q="нейросети")
    assert browser.sees("Нейросети на уроке")
    async with db.read() as session:
        number = await session.scalar(select(Activity.id).where(Activity.title.like("Нейросети на уроке%")))
    await browser.sends(f"/iom/{iom_id}/put", activity=str(number))
    assert browser.sees("Изменено", "1. Нейросети на уроке", "предложил методист")
    assert await browser.sends(f"/iom/{iom_id}/put", activity=str(number)) == 422, "a line is in the route once"
    assert await browser.sends(f"/iom/{iom_id}/put", activity="999999") == 422
    await browser.sends(f"/iom/{iom_id}/offer")
    assert await state_of(db, iom_id) is IomState.offered


async def test_the_editor_moves_dates_replaces_leaves_out_and_brings_back(
    db: Database, sign_in: SignIn, centre: Centre
) -> None:
    browser, iom_id = await drafted(db, sign_in, centre, "usual")
    before = [step.id for step in await steps(db, iom_id)]
    await browser.sends(f"/iom/{iom_id}/steps/{before[0]}/shift", by="down")
    assert [step.id for step in await steps(db, iom_id)] == [before[1], before[0], *before[2:]]
    await browser.sends(f"/iom/{iom_id}/order", order=",".join(map(str, reversed(before))))
    assert [step.id for step in await steps(db, iom_id)] == before[::-1]
    await browser.sends(f"/iom/{iom_id}/order", order="нет,999999999")
    assert [step.id for step in await steps(db, iom_id)] == before[::-1], "strangers are passed over"
    day = TODAY + timedelta(days=400)
    await browser.sends(f"/iom/{iom_id}/steps/{before[0]}", due=day.isoformat())
    changed = next(step for step in await steps(db, iom_id) if step.id == before[0])
    assert (changed.due_on, changed.mandatory) == (day, False)
    assert await browser.sends(f"/iom/{iom_id}/steps/{before[0]}", due="2020-01-01") == 422
    assert browser.sees("Этот день уже прошёл")
    assert await browser.sends(f"/iom/{iom_id}/steps/{before[0]}", due="вчера") == 422
    await browser.sends(f"/iom/{iom_id}/steps/{before[1]}/drop")
    assert browser.sees("Убрано: «")
    assert before[1] not in [step.id for step in await steps(db, iom_id)]
    await browser.sends(f"/iom/{iom_id}/steps/{before[1]}/restore")
    assert browser.sees("Шаг возвращён")
    assert [step.id for step in await steps(db, iom_id)] == before[::-1], "in its own place"
    await browser.opens(f"/iom/{iom_id}/edit", replace=before[2])
    assert browser.sees("Чем заменить", "Взять вместо")
    other = re.search(r'name="activity" value="(\d+)"', browser.last.text)
    assert other
    await browser.sends(f"/iom/{iom_id}/put", activity=other[1], replace=str(before[2]))
    replaced = next(step for step in await steps(db, iom_id) if step.id == before[2])
    assert replaced.activity_id == int(other[1])
    assert replaced.groups, "it still works on a deficit of the route"


async def test_a_full_activity_and_clashing_days_are_said(db: Database, sign_in: SignIn, centre: Centre) -> None:
    browser, iom_id = await drafted(db, sign_in, centre)
    async with db.begin() as session:
        held = {step.activity_id for step in await steps(db, iom_id)}
        rows = list(await session.scalars(select(Activity).where(Activity.active, Activity.id.not_in(held)).limit(3)))
        rows[0].seats = 0
        for row in rows[1:]:
            row.seats, row.starts_on, row.ends_on = None, TODAY + timedelta(days=9), TODAY + timedelta(days=9)
        numbers, titles = [row.id for row in rows], [row.title for row in rows]
    assert await browser.sends(f"/iom/{iom_id}/put", activity=str(numbers[0])) == 422
    assert browser.sees("Мест на этом занятии уже нет")
    for number in numbers[1:]:
        assert await browser.sends(f"/iom/{iom_id}/put", activity=str(number)) == 200
    assert browser.sees(f"в те же дни: {titles[1]}", f"в те же дни: {titles[2]}")


async def test_remarks_stand_by_their_lines_and_changed_lines_are_agreed_anew(
    db: Database, sign_in: SignIn, centre: Centre
) -> None:
    browser, iom_id = await drafted(db, sign_in, centre)
    await browser.sends(f"/iom/{iom_id}/offer")
    assert browser.sees("Маршрут ушёл учителю")
    first = (await steps(db, iom_id))[0]
    async with db.begin() as session:
        await agreeing.remark(session, centre.teacher.id, "Удобнее весной", step_id=first.id, now=NOW)
    await browser.opens("/iom/queue")
    assert browser.sees("маршрут на проверку")
    await browser.opens(f"/iom/{iom_id}/edit")
    assert browser.sees("Учитель пишет: «Удобнее весной»")
    async with db.begin() as session:
        await agreeing.agree(session, centre.teacher.id, now=NOW)
    firm = next(step for step in await steps(db, iom_id) if step.mandatory)
    await browser.opens(f"/iom/{iom_id}/edit")
    assert browser.sees("согласие понадобится снова")
    day = (firm.due_on + timedelta(days=3)).isoformat()
    await browser.sends(f"/iom/{iom_id}/steps/{firm.id}", due=day, mandatory="yes")
    assert await state_of(db, iom_id) is IomState.offered


async def test_a_batch_is_approved_by_one_order_or_not_at_all(db: Database, sign_in: SignIn, centre: Centre) -> None:
    _, first = await agreed(db, sign_in, centre)
    other = await teacher_of(db, "Петрова Анна Ивановна", centre.school, centre.methodist)
    browser = await sign_in(centre.methodist, Role.methodist, ScopeKind.assigned)
    await browser.sends(f"/iom/for/{other.id}", variant="short")
    second = int(re.findall(r"\d+", browser.path)[0])
    await browser.sends(f"/iom/{second}/offer")
    async with db.begin() as session:
        await agreeing.agree(session, other.id, now=NOW)
        await consents.withdraw(session, other.id, ConsentKind.data, now=NOW)
    head = await sign_in(None, Role.centre_head)
    await head.opens("/")
    assert head.sees("2 маршрута ждут приказа")
    await head.opens("/iom/approve")
    assert head.sees("Согласованы 2 маршрута", "нет действующего согласия")
    batch = {"id": [str(first), str(second)], "order_no": "145-од", "order_date": TODAY.isoformat()}
    assert await head.sends("/iom/approve", **batch) == 422
    assert head.sees("нет действующего согласия", "Ничего не утверждено")
    assert {await state_of(db, first), await state_of(db, second)} == {IomState.agreed}
    assert await head.sends("/iom/approve", **{**batch, "order_date": "завтра"}) == 422
    assert await head.sends("/iom/approve", **{**batch, "order_no": " "}) == 422
    await head.sends("/iom/approve", order_no="1", order_date=TODAY.isoformat())
    assert head.sees("Никто не отмечен")
    async with db.begin() as session:
        await consents.give(session, other.id, ConsentKind.data, messenger=Messenger.web, now=NOW)
    await head.sends("/iom/approve", **batch)
    assert head.sees("Утверждено", "Утверждать нечего")
    async with db.read() as session:
        rows = list(await session.scalars(select(Iom).order_by(Iom.id)))
        assert {(row.state, row.order_no) for row in rows} == {(IomState.active, "145-од")}
        facts = await session.scalar(select(func.count()).where(Fact.kind == FactKind.iom_received))
        assert facts == 2
    assert await browser.sends("/iom/approve", **batch) == 403, "a methodist approves nothing"


async def test_evidence_is_decided_and_its_file_is_guarded(
    db: Database, sign_in: SignIn, centre: Centre, settings: Settings
) -> None:
    browser, iom_id = await active(db, sign_in, centre)
    one, two, *_ = await steps(db, iom_id)
    blob = await files.put(settings, b"%PDF-1.7 plan")
    async with db.begin() as session:
        stored = await files.add(
            session, blob, name="план.pdf", media_type="application/pdf", owner_id=centre.teacher.id,
            purpose="evidence", now=NOW,
        )  # fmt: skip
        await following.submit(session, centre.teacher.id, one.id, file_id=stored.id, now=NOW)
        await following.submit(session, centre.teacher.id, two.id, text="<b>Провела</b> урок", now=NOW)
    await browser.opens("/")
    assert browser.sees("2 дела методиста")
    await browser.opens("/iom/queue")
    assert browser.sees("подтверждение шага", one.title, two.title)
    await browser.opens(f"/iom/{iom_id}/steps/{one.id}")
    assert browser.sees("Скачать: план.pdf")
    assert await browser.opens(f"/iom/{iom_id}/files/{stored.id}") == 200
    assert browser.last.content == b"%PDF-1.7 plan"
    assert browser.last.headers["content-disposition"].startswith("attachment")
    async with db.read() as session:
        assert set(await session.scalars(select(View.what))) == {"iom", "iom-file"}
    await browser.opens(f"/iom/{iom_id}/steps/{two.id}")
    assert "&lt;b&gt;Провела&lt;/b&gt;" in browser.last.text
    assert await browser.sends(f"/iom/{iom_id}/steps/{two.id}/verdict", verdict="return", comment="") == 422
    assert browser.sees("Напишите, пожалуйста, причину")
    await browser.sends(f"/iom/{iom_id}/steps/{two.id}/verdict", verdict="return", comment="Добавьте выводы")
    await browser.sends(f"/iom/{iom_id}/steps/{one.id}/verdict", verdict="accept")
    assert browser.sees("Решение записано", "Всё разобрано")
    states = {step.id: step.state for step in await steps(db, iom_id)}
    assert (states[one.id], states[two.id]) == (StepState.accepted, StepState.returned)
    assert await browser.sends(f"/iom/{iom_id}/steps/{one.id}/verdict", verdict="accept") == 422, "decided once"
    foreign = await sign_in(None, Role.methodist, ScopeKind.assigned)
    for path in (f"/iom/{iom_id}", f"/iom/{iom_id}/edit", f"/iom/{iom_id}/files/{stored.id}"):
        assert await foreign.opens(path) == 403, path
    assert await browser.opens(f"/iom/{iom_id}/files/999999") == 404


async def test_an_approved_route_changes_by_a_revision_with_a_reason(
    db: Database, sign_in: SignIn, centre: Centre
) -> None:
    browser, iom_id = await active(db, sign_in, centre)
    firm = next(step for step in await steps(db, iom_id) if step.mandatory)
    assert await browser.sends(f"/iom/{iom_id}/steps/{firm.id}/drop") == 422
    assert browser.sees("меняется с причиной")
    assert await browser.sends(f"/iom/{iom_id}/steps/{firm.id}", do="drop", reason="нет") == 422
    await browser.sends(f"/iom/{iom_id}/steps/{firm.id}", do="drop", reason="Курс перенесли на год")
    assert browser.sees("ждём ответа учителя", f"Уйдёт: {firm.title}")
    assert await browser.sends(f"/iom/{iom_id}/steps/{firm.id}", do="drop", reason="Ещё раз то же") == 422
    change_id = await waiting_change(db, centre, iom_id)
    async with db.begin() as session:
        await revising.decide(session, centre.teacher.id, change_id, agree=True, now=NOW)
    assert firm.id not in [step.id for step in await steps(db, iom_id)]
    await browser.opens(f"/iom/{iom_id}/edit")
    other = re.search(r'name="activity" value="(\d+)"', browser.last.text)
    assert other
    await browser.sends(f"/iom/{iom_id}/put", activity=other[1], reason="Взамен перенесённого")
    assert browser.sees("Добавится:")
    change_id = await waiting_change(db, centre, iom_id)
    async with db.begin() as session:
        assert await session.scalar(select(func.count()).where(IomNotice.kind == NoticeKind.changed)) == 2
        await revising.decide(session, centre.teacher.id, change_id, agree=True, now=NOW)
    assert int(other[1]) in [step.activity_id for step in await steps(db, iom_id)]
    await browser.opens(f"/iom/{iom_id}")
    assert browser.sees("Редакция 2", "Курс перенесли на год", "Редакция 3", "Согласовано", "История")


async def waiting_change(db: Database, centre: Centre, iom_id: int) -> int:
    async with db.begin() as session:
        scope = await scope_of(session, centre.methodist.id, today=TODAY)
        route = await reach.opened(session, scope, iom_id, now=NOW, today=TODAY)
    assert route.asked is not None
    return route.asked.id


async def test_a_wish_of_the_teacher_is_answered(db: Database, sign_in: SignIn, centre: Centre) -> None:
    browser, iom_id = await active(db, sign_in, centre)
    step = (await steps(db, iom_id))[-1]
    day = step.due_on + timedelta(days=20)
    async with db.begin() as session:
        await revising.ask(
            session, centre.teacher.id, step.id, due=day, reason="Аттестация в эти дни", now=NOW, today=TODAY
        )
    await browser.opens("/iom/queue")
    assert browser.sees("просьба об изменении")
    await browser.opens(f"/iom/{iom_id}")
    assert browser.sees("Учитель просит", "Аттестация в эти дни")
    number = re.search(r'name="change" value="(\d+)"', browser.last.text)
    assert number
    await browser.sends(f"/iom/{iom_id}/answer", change=number[1], agree="yes")
    assert browser.sees("Ответ записан")
    assert (await steps(db, iom_id))[-1].due_on == day
    assert await browser.sends(f"/iom/{iom_id}/answer", change="99999", agree="yes") == 404


async def test_the_end_with_its_effect(db: Database, sign_in: SignIn, centre: Centre) -> None:
    browser, iom_id = await active(db, sign_in, centre)
    assert await browser.sends(f"/iom/{iom_id}/exit") == 422
    assert browser.sees("Принято меньше 80 %")
    async with db.begin() as session:
        await session.execute(update(IomStep).values(state=StepState.accepted, accepted_on=TODAY))
    await browser.sends(f"/iom/{iom_id}/exit")
    assert browser.sees("Учителю открыта итоговая диагностика", "итоговая диагностика впереди")
    assert await browser.sends(f"/iom/{iom_id}/conclude", conclusion="Всё получилось, дальше сама") == 422
    assert browser.sees("Сначала учитель отвечает")
    async with db.begin() as session:
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        number = await diagnostics.record_finished(
            session, centre.teacher.id, content, {item.id: 5 for item in content.items}, purpose=Purpose.exit,
            started_at=NOW, finished_at=NOW, messenger=Messenger.web,
        )  # fmt: skip
        assert await closing.took_exit(session, centre.teacher.id, number)
        for question in (1, 2, 3):
            await closing.reflect(session, centre.teacher.id, question, f"Ответ {question}")
    await browser.opens("/iom/queue")
    assert browser.sees("нужно заключение")
    await browser.opens(f"/iom/{iom_id}")
    assert browser.sees("итоговая диагностика пройдена", "Что оказалось лишним?", "Ответ 2")
    assert await browser.sends(f"/iom/{iom_id}/conclude", conclusion="Да") == 422
    await browser.sends(f"/iom/{iom_id}/conclude", conclusion="Всё получилось, можно делиться опытом", advice="active")
    assert browser.sees("Кандидат в методический актив")
    assert browser.sees("Маршрут завершён", "Точка роста пройдена", "Точность ±", "можно делиться опытом")
    assert await state_of(db, iom_id) is IomState.completed
    async with db.read() as session:
        rows = list(await session.scalars(select(IomDeficit)))
        assert {row.after_level for row in rows} == {DeficitLevel.minimal}


async def test_who_sees_what(db: Database, sign_in: SignIn, centre: Centre) -> None:
    _, iom_id = await active(db, sign_in, centre)
    director = await sign_in(None, Role.school_head, ScopeKind.organisation, centre.school.id)
    await director.opens("/iom")
    assert director.sees("Иванова Мария Петровна", "выполняется", "0 из")
    assert f"/iom/{iom_id}" not in director.last.text
    assert "%" not in director.text.replace("% ", ""), "status only, no results"
    for path in (f"/iom/{iom_id}", f"/iom/{iom_id}/edit", f"/iom/for/{centre.teacher.id}", "/iom/queue"):
        assert await director.opens(path) == 403, path
    for path in (f"/iom/{iom_id}/offer", f"/iom/{iom_id}/conclude", f"/iom/for/{centre.teacher.id}"):
        assert await director.sends(path) == 403, path
    async with db.begin() as session:
        elsewhere = await make_organisation(session, "Чужая школа")
    neighbour = await sign_in(None, Role.school_head, ScopeKind.organisation, elsewhere.id)
    await neighbour.opens("/iom")
    assert neighbour.sees("Маршрутов не нашлось")
    foreign = await sign_in(None, Role.methodist, ScopeKind.assigned)
    await foreign.opens("/iom")
    assert not foreign.sees("Иванова")
    assert await foreign.sends(f"/iom/for/{centre.teacher.id}", variant="short") == 403
    analyst = await sign_in(None, Role.analyst)
    assert await analyst.opens("/iom") == 403


async def test_a_district_without_methodists(db: Database, sign_in: SignIn, centre: Centre) -> None:
    place = centre.school.municipality_id
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place)
    assert await coordinator.opens(f"/iom/for/{centre.teacher.id}") == 403
    async with db.begin() as session:
        await region.set_setting(session, reach.SETTING, {"without_methodists": True})
    assert await coordinator.opens(f"/iom/for/{centre.teacher.id}") == 200
    await coordinator.sends(f"/iom/for/{centre.teacher.id}", variant="short")
    assert coordinator.sees("Редактор маршрута")
    iom_id = int(re.findall(r"\d+", coordinator.path)[0])
    await coordinator.sends(f"/iom/{iom_id}/offer")
    assert await state_of(db, iom_id) is IomState.offered
    await coordinator.opens("/iom")
    assert coordinator.sees("Ждут методиста")
    assert await coordinator.opens("/iom/queue") == 200
    async with db.begin() as session:
        elsewhere = await make_organisation(session, "Школа другого района")
    stranger = await teacher_of(db, "Далёкая Анна Ивановна", elsewhere, None)
    assert await coordinator.opens(f"/iom/for/{stranger.id}") == 403


async def test_the_list_narrows_at_a_fixed_price(db: Database, sign_in: SignIn, centre: Centre) -> None:
    _, first = await active(db, sign_in, centre)
    head = await sign_in(None, Role.centre_head)
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(db.reader.sync_engine, "before_cursor_execute", count)
    await head.opens("/iom")
    one, asked = asked, 0
    async with db.begin() as session:
        for number in range(14):
            person = await make_person(session, f"Листова Анна {number}", organisation=centre.school)
            session.add(
                Iom(
                    person_id=person.id, basis="request", state=IomState.draft, starts_on=TODAY, ends_on=TODAY,
                    created_at=NOW, methodist_id=centre.methodist.id,
                )
            )  # fmt: skip
        step = (await session.scalars(select(IomStep).where(IomStep.iom_id == first))).first()
        assert step is not None
        step.due_on = TODAY - timedelta(days=1)
        reg_no = (await session.get_one(Iom, first)).reg_no
    asked = 0
    await head.opens("/iom")
    event.remove(db.reader.sync_engine, "before_cursor_execute", count)
    assert asked <= one
    assert head.sees("1–15 из 15")
    narrow: list[dict[str, object]] = [
        {"overdue": "yes"}, {"state": "active"}, {"q": "Иванова"}, {"q": reg_no},
        {"municipality": centre.school.municipality_id, "state": "active"},
        {"methodist": centre.methodist.id, "overdue": "yes"},
    ]  # fmt: skip
    for query in narrow:
        await head.opens("/iom", **query)
        assert head.sees("1–1 из 1", "Иванова Мария Петровна"), query
    none: list[dict[str, object]] = [{"state": "stopped"}, {"methodist": 999999}, {"q": "Аквалангист"}]
    for query in none:
        await head.opens("/iom", **query)
        assert head.sees("Маршрутов не нашлось"), query
    assert await head.opens("/iom", state="nonsense", page="9999", methodist="x") == 200
