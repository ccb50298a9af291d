"""The whole life of a route: a teacher, her methodist and the head, each in a chat of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select, update

from bot.clock import local_date, utcnow
from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.i18n import Texts
from bot.jobs import iom as jobs
from bot.models import (
    Activity,
    Attempt,
    ConsentKind,
    Employment,
    Fact,
    FactKind,
    Iom,
    IomGoal,
    IomNotice,
    IomRevision,
    IomState,
    IomStep,
    Messenger,
    MethodistAssignment,
    NoticeKind,
    Organisation,
    Outbox,
    Person,
    Purpose,
    Role,
    ScopeKind,
    StepState,
    View,
)
from bot.services import catalogue, consents, diagnostics, iom, region
from bot.services.access import NOBODY, scope_of
from bot.services.iom import agreeing, drafting, following, reach, staff
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_organisation, make_person

TODAY = utcnow().date()


@dataclass
class Cast:
    """Everybody of one route."""

    talk: Talk
    methodist: Talk
    head: Talk
    teacher_id: int
    methodist_id: int
    head_id: int


async def answered(db: Database, person_id: int, value: int, purpose: Purpose = Purpose.official) -> int:
    async with db.begin() as session:
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        return await diagnostics.record_finished(
            session,
            person_id,
            content,
            {item.id: value for item in content.items},
            purpose=purpose,
            started_at=utcnow() - timedelta(days=120),
            finished_at=utcnow() - timedelta(days=120),
            messenger=Messenger.web,
        )


@pytest.fixture
async def cast(db: Database, newcomer: Newcomer) -> Cast:
    talks = [await newcomer() for _ in range(3)]
    ids: list[int] = []
    async with db.begin() as session:
        await catalogue.load_file(session, ROOT / "data" / "demo" / "catalogue.yaml", today=TODAY, now=NOW)
        place = await make_organisation(session)
        for talk, name in zip(
            talks, ("Иванова Мария Петровна", "Методист Анна Львовна", "Главная Ольга Ивановна"), strict=True
        ):
            messenger = Messenger(talk.messenger)
            person = await make_person(session, name, organisation=place, accounts={messenger: talk.user_id})
            await consents.give(session, person.id, ConsentKind.data, messenger=messenger, now=NOW)
            ids.append(person.id)
        methodist, head = await session.get_one(Person, ids[1]), await session.get_one(Person, ids[2])
        await give_role(session, methodist, Role.methodist, ScopeKind.assigned)
        await give_role(session, head, Role.centre_head)
        session.add(MethodistAssignment(methodist_id=ids[1], person_id=ids[0], since=date(2026, 1, 1)))
    await answered(db, ids[0], 2)
    return Cast(talks[0], talks[1], talks[2], ids[0], ids[1], ids[2])


async def to_active(cast: Cast) -> None:
    await cast.talk.says("/menu")
    await cast.talk.presses("Мой ИОМ")
    await cast.talk.presses("Составить ИОМ")
    assert cast.talk.sees("Черновик маршрута готов")
    await cast.talk.presses("Короткий")
    assert cast.talk.sees("Черновик:")
    await cast.talk.presses("Согласиться")
    assert cast.talk.sees("Дальше маршрут посмотрит Анна Львовна")
    await cast.talk.presses("Согласиться")
    assert cast.talk.sees("Маршрут у методиста")
    await cast.methodist.says("/menu")
    await cast.methodist.presses("Мой ИОМ")
    await cast.methodist.presses("Для методиста")
    assert cast.methodist.sees("Иванова Мария Петровна: маршрут на проверку")
    await cast.methodist.presses("1")
    await cast.methodist.presses("Предложить")
    assert cast.methodist.sees("Учитель согласен с этими шагами")
    await cast.head.says("/menu")
    await cast.head.presses("Мой ИОМ")
    await cast.head.presses("На утверждении")
    assert cast.head.sees("На утверждении: 1 ИОМ")
    await cast.head.presses("Утвердить все")
    await cast.head.says("без номера")
    assert cast.head.sees("Нужны номер приказа и его дата")
    await cast.head.says(f"145-од {TODAY:%d.%m.%Y}")
    assert cast.head.sees("Утверждено: 1")


async def test_a_whole_life(cast: Cast, db: Database, settings: Settings, texts: Texts) -> None:
    talk, methodist = cast.talk, cast.methodist
    await to_active(cast)
    async with db.read() as session:
        route = await iom.mine(session, cast.teacher_id)
        assert route is not None
        assert route.state is IomState.active
        assert (await session.scalars(select(Fact.kind).where(Fact.source_type == "iom"))).all() == ["iom_received"]
        assert await session.scalar(select(View.what).where(View.person_id == cast.teacher_id)) == "iom"
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    await talk.presses("Все шаги")
    await talk.presses("Маршрутная карта")
    assert talk.sees("Та же карта хранится в центре")
    assert [message for message in talk.messages if message.file], "the paper itself is in the chat"
    for number, step in enumerate(route.steps):
        if number == 0:
            # Something that happened closes its step by itself.
            async with db.begin() as session:
                source = iom.Source("test", 7, TODAY, activity_id=step.activity_id)
                assert await iom.close_by(session, cast.teacher_id, source, now=utcnow()) == [step.id]
                assert await iom.close_by(session, cast.teacher_id, source, now=utcnow()) == []
            continue
        if not step.mandatory:
            continue
        await talk.says("/menu")
        await talk.press_action(f"iom:proof:{step.id}")
        assert talk.sees("Чем подтвердить шаг")
        await talk.says("Разработка урока: https://example.org/plan")
        assert talk.sees("Отправлено методисту")
        await methodist.says("/menu")
        await methodist.press_action("iom:queue:0")
        assert methodist.sees(": шаг «")
        await methodist.presses("1")
        assert methodist.sees("Разработка урока")
        if number == 1:
            await methodist.presses("Вернуть")
            await methodist.says("Добавьте, пожалуйста, выводы")
            await talk.press_action(f"iom:step:{step.id}")
            assert talk.sees("Добавьте, пожалуйста, выводы")
            await talk.presses("Готово, прислать")
            await talk.says("Выводы добавлены")
            await methodist.press_action("iom:queue:0")
            await methodist.presses("1")
        await methodist.presses("Принять")
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    assert talk.sees("Все шаги пройдены")
    await talk.presses("Начать")
    for _ in range(30):
        await talk.presses("Могу научить коллегу")
    await talk.presses("Узнать результат")
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    assert talk.sees("О маршруте, 1 из 3")
    await talk.says("Критерии для самооценки")
    assert talk.sees("О маршруте, 2 из 3")
    await talk.presses("Пропустить")
    await talk.says("Взаимопосещения уроков")
    assert talk.sees("Осталось заключение методиста")
    await methodist.says("/menu")
    await methodist.press_action("iom:queue:0")
    assert methodist.sees("нужно заключение")
    await methodist.presses("1")
    await methodist.says("Маршрут пройден целиком, можно делиться опытом.")
    assert methodist.sees("Решение записано")
    await talk.press_action("iom:home")
    assert talk.sees("Маршрут завершён")
    assert talk.sees("Точка роста пройдена")
    assert talk.sees("Точность ±")
    async with db.read() as session:
        row = (await session.scalars(select(Iom))).one()
        assert row.state is IomState.completed
        assert await session.scalar(select(func.count()).where(Fact.kind == FactKind.iom_completed)) == 1
        exit_attempt = await session.get_one(Attempt, row.exit_attempt_id)
        assert exit_attempt.purpose is Purpose.exit
    assert await jobs.tell(db, texts, zone=settings.zone, now=utcnow()) > 3
    assert await jobs.tell(db, texts, zone=settings.zone, now=utcnow()) == 0
    async with db.read() as session:
        kinds = set(await session.scalars(select(Outbox.kind)))
        assert {"iom-auto", "iom-accepted", "iom-closed"} <= kinds
        assert await session.scalar(select(func.count()).where(IomNotice.told_at.is_(None))) == 0


async def test_the_draft_explains_itself_and_is_changed(cast: Cast) -> None:
    talk = cast.talk
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    await talk.presses("Составить ИОМ")
    await talk.presses("Обычный")
    await talk.presses("1")
    assert talk.sees("Вы ответили «Только с помощью»")
    assert talk.sees("Это точка роста в группе")
    await talk.presses("Убрать шаг")
    assert talk.sees("Черновик:")
    await talk.presses("Написать замечание")
    await talk.says("Хочу больше про проекты")
    assert talk.sees("Замечание у методиста")
    await cast.methodist.says("/menu")
    await cast.methodist.press_action("iom:queue:0")
    await cast.methodist.presses("1")
    assert cast.methodist.sees("Хочу больше про проекты")


async def test_files_of_a_wrong_kind_and_too_big(cast: Cast, db: Database) -> None:
    await to_active(cast)
    async with db.read() as session:
        route = await iom.mine(session, cast.teacher_id)
    assert route is not None
    assert route.next is not None
    await cast.talk.press_action(f"iom:proof:{route.next.id}")
    if cast.talk.messenger == "telegram":
        big = {"file_id": "1", "file_unique_id": "1", "mime_type": "application/pdf", "file_size": 60 * 2**20}
        await cast.talk.sends(document=big)
        assert cast.talk.sees("сюда он не пройдёт")
        await cast.talk.sends(document={**big, "mime_type": "application/x-msdownload", "file_size": 5})
        assert cast.talk.sees("Такой файл не открывается")
    else:
        await cast.talk.sends_file("план.pdf", b"%PDF-1.7 plan")
        assert cast.talk.sees("Отправлено методисту")
        await cast.methodist.press_action("iom:queue:0")
        await cast.methodist.presses("1")
        assert cast.methodist.sees("Файл: план.pdf")


async def test_asking_for_another_day_and_a_cancelled_activity(
    cast: Cast, db: Database, settings: Settings, texts: Texts
) -> None:
    await to_active(cast)
    talk = cast.talk
    async with db.read() as session:
        route = await iom.mine(session, cast.teacher_id)
    assert route is not None
    assert route.next is not None
    step = route.next
    await talk.press_action(f"iom:step:{step.id}")
    await talk.presses("Перенести")
    await talk.presses("На неделю")
    assert talk.sees("Просьба у методиста")
    await cast.methodist.press_action("iom:queue:0")
    assert cast.methodist.sees("просьба об изменении")
    await cast.methodist.presses("1")
    await cast.methodist.presses("Согласиться")
    async with db.begin() as session:
        row = await session.get_one(IomStep, step.id)
        assert row.due_on == max(step.due, local_date(utcnow(), settings.zone)) + timedelta(days=7)
        activity = await session.get_one(Activity, row.activity_id)
        activity.active = False
        # Another one for the same groups, so that there always is something instead.
        await catalogue.save(
            session,
            await scope_of(session, cast.head_id, today=TODAY),
            catalogue.Draft(
                kind=activity.kind, title="Запасное занятие", form=activity.form, hours=activity.hours,
                groups=tuple(row.groups), audiences=("teacher",),
            ),
            now=utcnow(),
        )  # fmt: skip
    for _ in range(2):
        await jobs.tell(db, texts, zone=settings.zone, now=utcnow())
    await talk.press_action(f"iom:step:{step.id}")
    assert talk.sees("Мероприятие отменили, шаг не пропал")
    assert talk.sees("Вместо него подойдут")
    await talk.presses("1")
    assert talk.sees("Шаг заменён")
    async with db.read() as session:
        assert (await session.get_one(IomStep, step.id)).state is StepState.replaced
        kinds = list(await session.scalars(select(IomNotice.kind).where(IomNotice.step_id == step.id)))
        assert kinds.count(NoticeKind.gone) == 1, "said once, however often the job runs"


async def test_a_cancelled_activity_with_nothing_instead(cast: Cast, db: Database) -> None:
    await to_active(cast)
    async with db.begin() as session:
        await session.execute(update(Activity).values(active=False))
        step_id = await session.scalar(select(IomStep.id).order_by(IomStep.id).limit(1))
    await cast.talk.press_action(f"iom:step:{step_id}")
    assert cast.talk.sees("методист подберёт другое занятие")


async def test_a_day_of_ones_own(cast: Cast, db: Database) -> None:
    await to_active(cast)
    talk = cast.talk
    async with db.read() as session:
        step_id = await session.scalar(select(IomStep.id).order_by(IomStep.due_on).limit(1))
    await talk.press_action(f"iom:move:{step_id}")
    await talk.presses("Своя дата")
    await talk.says("когда-нибудь")
    assert talk.sees("Не получилось прочитать день")
    await talk.says("01.02.2020")
    assert talk.sees("Этот день уже прошёл")
    day = TODAY + timedelta(days=40)
    await talk.says(f"{day:%d.%m.%Y}")
    assert talk.sees("Просьба у методиста")
    async with db.read() as session:
        change = (await session.scalars(select(IomRevision))).one()
        assert change.change["due"] == day.isoformat()


async def test_a_request_becomes_a_route_in_the_methodists_chat(cast: Cast, db: Database) -> None:
    talk, methodist = cast.talk, cast.methodist
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    await talk.presses("Попросить маршрут")
    await talk.says("Хочу к весне освоить проекты")
    assert talk.sees("Запрос у методиста")
    await methodist.says("/menu")
    await methodist.press_action("iom:queue:0")
    await methodist.presses("1")
    assert methodist.sees("Хочу к весне освоить проекты")
    await methodist.presses("Обычный")
    await talk.press_action("iom:home")
    assert talk.sees("без вашего согласия ничего не начнётся")
    async with db.read() as session:
        before = list(await session.scalars(select(IomStep).order_by(IomStep.place)))
    await methodist.presses("1")
    assert methodist.sees("Работает на:")
    await methodist.presses("На неделю позже")
    await methodist.presses("Сделать по желанию" if before[0].mandatory else "Сделать обязательным")
    await methodist.presses("Заменить")
    await methodist.presses("1")
    await methodist.presses("2")
    await methodist.presses("Убрать шаг")
    assert methodist.sees("Шаг убран")
    await methodist.presses("Вернуть")
    async with db.read() as session:
        after = list(
            await session.scalars(select(IomStep).where(IomStep.state == StepState.planned).order_by(IomStep.place))
        )
    assert len(after) == len(before)
    assert after[0].activity_id != before[0].activity_id
    assert after[0].mandatory is not before[0].mandatory
    assert after[1].activity_id == before[1].activity_id
    await methodist.presses("Предложить")
    assert methodist.sees("Маршрут у учителя")
    await talk.says("/menu")
    await talk.presses("Мой ИОМ")
    assert talk.sees("Без вашего согласия ничего не начнётся")
    await methodist.press_action(f"iom:line-drop:{after[0].iom_id}:{after[0].id}")
    await talk.presses("Согласиться")
    await talk.presses("Согласиться")
    assert talk.sees("Маршрут на утверждении")
    async with db.read() as session:
        assert "Хочу к весне освоить проекты" in set(await session.scalars(select(IomGoal.text)))


async def test_a_request_without_a_diagnosis_says_what_to_do(cast: Cast, db: Database) -> None:
    async with db.begin() as session:
        await session.execute(update(Attempt).values(purpose=Purpose.trial))
        await drafting.request(session, cast.teacher_id, "Проекты", now=utcnow(), today=TODAY)
    await cast.methodist.says("/menu")
    await cast.methodist.press_action("iom:queue:0")
    await cast.methodist.presses("1")
    await cast.methodist.presses("Короткий")
    assert cast.methodist.sees("У учителя нет засчитанной диагностики")


async def test_reminders_once_before_and_once_after(cast: Cast, db: Database, settings: Settings, texts: Texts) -> None:
    await to_active(cast)
    async with db.begin() as session:
        steps = list(await session.scalars(select(IomStep).order_by(IomStep.id)))
        for step in steps:
            step.due_on = TODAY + timedelta(days=90)
        steps[0].due_on, steps[1].due_on = TODAY + timedelta(days=2), TODAY - timedelta(days=2)
    for days in range(3):
        await jobs.remind(db, texts, zone=settings.zone, now=utcnow() + timedelta(minutes=days))
    async with db.read() as session:
        kinds = sorted(await session.scalars(select(Outbox.kind).where(Outbox.kind.in_(("iom-soon", "iom-late")))))
    assert kinds == ["iom-late", "iom-soon"]
    await cast.talk.press_action(f"iom:mute:{steps[1].id}")
    async with db.begin() as session:
        await session.execute(Outbox.__table__.delete())  # type: ignore[attr-defined]
    await jobs.remind(db, texts, zone=settings.zone, now=utcnow())
    async with db.read() as session:
        assert set(await session.scalars(select(Outbox.kind))) == {"iom-soon"}


async def test_opening_costs_a_fixed_number_of_queries(cast: Cast, db: Database) -> None:
    """The whole press of «Мой ИОМ», whatever the length of the route."""
    counts: list[int] = []
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(db.reader.sync_engine, "before_cursor_execute", count)
    for variant in ("short", "intensive"):
        async with db.begin() as session:
            route = await drafting.make(session, cast.teacher_id, variant, now=utcnow(), today=TODAY)
        await cast.talk.says("/menu")
        seen = 0
        await cast.talk.presses("Мой ИОМ")
        assert cast.talk.sees(f"Черновик: {len(route.steps)}")
        counts.append(seen)
    event.remove(db.reader.sync_engine, "before_cursor_execute", count)
    assert 0 < counts[0] == counts[1] <= 20


async def test_access(cast: Cast, db: Database) -> None:
    await to_active(cast)
    async with db.begin() as session:
        iom_id = (await session.scalars(select(Iom.id))).one()
        foreign = await make_person(session, "Чужая Вера Ивановна")
        await give_role(session, foreign, Role.methodist, ScopeKind.assigned)
        director = await make_person(session, "Директор Нина Ивановна")
    async with db.begin() as session:
        school = await session.scalar(select(Employment.organisation_id).where(Employment.person_id == cast.teacher_id))
        await give_role(session, director, Role.school_head, ScopeKind.organisation, school)
    for person in (foreign, director):
        async with db.begin() as session:
            scope = await scope_of(session, person.id, today=TODAY)
            with pytest.raises(NotAllowed):
                await reach.opened(session, scope, iom_id, now=utcnow(), today=TODAY)
            with pytest.raises(NotAllowed):
                await agreeing.approve(
                    session, scope, [iom_id], order_no="1", order_date=TODAY, now=utcnow(), today=TODAY
                )
    async with db.read() as session:
        lines, total = await staff.listing(session, await scope_of(session, director.id, today=TODAY), today=TODAY)
        assert total == 1
        assert lines[0].state is IomState.active
        assert not hasattr(lines[0], "deficits")
        lines, _ = await staff.listing(session, await scope_of(session, foreign.id, today=TODAY), today=TODAY)
        assert lines == []
        with pytest.raises(NotAllowed):
            await staff.listing(session, NOBODY, today=TODAY)


async def test_approving_needs_a_consent_in_force(cast: Cast, db: Database) -> None:
    async with db.begin() as session:
        route = await drafting.make(session, cast.teacher_id, "short", now=utcnow(), today=TODAY)
        await agreeing.agree(session, cast.teacher_id, now=utcnow())
        scope = await scope_of(session, cast.methodist_id, today=TODAY)
        await agreeing.offer(session, scope, route.id, now=utcnow(), today=TODAY)
        await consents.withdraw(session, cast.teacher_id, ConsentKind.data, now=utcnow())
    async with db.begin() as session:
        head = await scope_of(session, cast.head_id, today=TODAY)
        with pytest.raises(UserError) as refused:
            await agreeing.approve(session, head, [route.id], order_no="1", order_date=TODAY, now=utcnow(), today=TODAY)
    assert refused.value.key == "iom-no-consent"


async def test_changed_mandatory_steps_need_a_new_agreement(cast: Cast, db: Database) -> None:
    async with db.begin() as session:
        route = await drafting.make(session, cast.teacher_id, "short", now=utcnow(), today=TODAY)
        await agreeing.agree(session, cast.teacher_id, now=utcnow())
        scope = await scope_of(session, cast.methodist_id, today=TODAY)
        assert await agreeing.offer(session, scope, route.id, now=utcnow(), today=TODAY) is IomState.agreed
        firm = next(step for step in route.steps if step.mandatory)
        day = firm.due + timedelta(days=5)
        await agreeing.change(session, scope, route.id, firm.id, due=day, now=utcnow(), today=TODAY)
        assert (await session.get_one(Iom, route.id)).state is IomState.offered
        assert await agreeing.agree(session, cast.teacher_id, now=utcnow())
        assert (await session.get_one(Iom, route.id)).state is IomState.agreed


async def test_a_region_without_methodists(cast: Cast, db: Database) -> None:
    async with db.begin() as session:
        district = await session.scalar(
            select(Organisation.municipality_id)
            .join(Employment, Employment.organisation_id == Organisation.id)
            .where(Employment.person_id == cast.teacher_id)
        )
        coordinator = await make_person(session, "Районная Инна Ивановна")
        await give_role(session, coordinator, Role.municipal_coordinator, ScopeKind.municipality, district)
        route = await drafting.make(session, cast.teacher_id, "short", now=utcnow(), today=TODAY)
        await agreeing.agree(session, cast.teacher_id, now=utcnow())
        scope = await scope_of(session, coordinator.id, today=TODAY)
        with pytest.raises(NotAllowed):
            await agreeing.offer(session, scope, route.id, now=utcnow(), today=TODAY)
        await region.set_setting(session, reach.SETTING, {"without_methodists": True})
        assert await agreeing.offer(session, scope, route.id, now=utcnow(), today=TODAY) is IomState.agreed


@pytest.mark.parametrize(("text", "link"), [("https://a.ru/b", True), ("a.ru", False), ("см. https://a.ru", False)])
def test_links(text: str, link: bool) -> None:
    assert following.is_link(text) is link
