"""Methodists and their teachers: the cap, the order, handing over, undoing, telling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Texts
from bot.jobs import iom as jobs
from bot.models import Change, Iom, IomState, MethodistAssignment, Outbox, Person, Role, ScopeKind
from bot.rules import iom_assignment
from bot.services.iom import appointing
from bot.services.iom.appointing import Group, deeds, lists, plans
from tests.factories import NOW, give_role, make_organisation, make_person
from tests.routes import TODAY, Ground, prepared

ZONE = ZoneInfo("Europe/Moscow")
ORDER: dict[str, Any] = {"order_no": "12-од", "order_date": TODAY}


@pytest.fixture
def in_region() -> bool:
    return True


@pytest.fixture
async def ground(db: Database) -> Ground:
    return await prepared(db)


async def second_methodist(ground: Ground, name: str = "Вторая Лидия Ивановна", subject: str = "art") -> Person:
    async with ground.db.begin() as session:
        person = await make_person(session, name, organisation=ground.place, subjects=(subject,))
        await give_role(session, person, Role.methodist, ScopeKind.assigned)
    return person


async def held(ground: Ground, person_id: int) -> int | None:
    async with ground.db.read() as session:
        found: int | None = await session.scalar(
            select(MethodistAssignment.methodist_id).where(
                MethodistAssignment.person_id == person_id, lists.standing(TODAY)
            )
        )
    return found


async def strangers(ground: Ground, count: int, subject: str = "math") -> list[int]:
    async with ground.db.begin() as session:
        return [
            (await make_person(session, f"Учитель Вера {n}", organisation=ground.place, subjects=(subject,))).id
            for n in range(count)
        ]


def small_cap(monkeypatch: pytest.MonkeyPatch, cap: int) -> None:
    for module in (deeds, plans):
        monkeypatch.setattr(module, "CAP", cap)
    monkeypatch.setattr(lists.Load.__init__, "__defaults__", (cap,))


async def test_a_rule_gives_those_who_have_nobody_to_their_subject(ground: Ground) -> None:
    artist = await second_methodist(ground)
    mathematicians, artists = await strangers(ground, 2), await strangers(ground, 3, "art")
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        assert await appointing.without_methodist(session, head, today=TODAY) == 5
        plan = await appointing.plan(session, head, Group(), to=None, today=TODAY)
        goes = {move.person_id: move.to_id for move in plan.moves}
        assert goes == dict.fromkeys(mathematicians, ground.methodist.id) | dict.fromkeys(artists, artist.id)
        assert [(share.load.name, share.load.teachers, share.more) for share in plan.shares] == [
            ("Вторая Лидия Ивановна", 0, 3),
            ("Полянская Вера Лаврентьевна", 1, 2),
        ]
        number = await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
        assert await appointing.without_methodist(session, head, today=TODAY) == 0
        (made,) = await appointing.appointments(session, head)
        assert (made.id, made.order_no, made.teachers, made.by) == (number, "12-од", 5, ground.head.full_name)
        assert await session.scalar(select(func.count()).where(Change.action == "methodist")) == 5
        line = await appointing.teachers(session, head, artist.id, today=TODAY, query="вера 1")
        assert [(one.name, one.order_no, one.order_date) for one in line.lines] == [("Учитель Вера 1", "12-од", TODAY)]


async def test_groups_are_narrowed(ground: Ground) -> None:
    head = await ground.scope(ground.head)
    near, far = await strangers(ground, 2), []
    async with ground.db.begin() as session:
        other = await make_organisation(session, "Дальняя школа")
        far = [(await make_person(session, "Учитель Инна 1", organisation=other, subjects=("art",))).id]

        async def who(group: Group) -> set[int]:
            plan = await appointing.plan(session, head, group, to=ground.methodist.id, today=TODAY)
            return {move.person_id for move in plan.moves}

        assert await who(Group()) == {*near, *far}
        assert await who(Group(subject="art")) == set(far)
        assert await who(Group(municipality_id=ground.place.municipality_id)) == set(near)
        assert await who(Group(diagnosed=True)) == set()
        assert await who(Group(alone=False)) == {*near, *far}, "whom she has already is not moved"


async def test_the_cap_of_a_methodist(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    small_cap(monkeypatch, 2)
    await strangers(ground, 2)
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        plan = await appointing.plan(session, head, Group(), to=ground.methodist.id, today=TODAY)
        assert plan.over
        with pytest.raises(UserError) as refused:
            await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
        assert (refused.value.key, refused.value.args_for_text["n"]) == ("iom-cap", "3")
        await appointing.appoint(session, head, plan, over_cap=True, now=NOW, today=TODAY, **ORDER)
        (load,) = await appointing.loads(session, today=TODAY)
        assert (load.teachers, load.over) == (3, True)


async def test_rules_never_go_above_the_cap_and_say_who_is_left(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_cap(monkeypatch, 2)
    await strangers(ground, 3)
    head = await ground.scope(ground.head)
    async with ground.db.read() as session:
        plan = await appointing.plan(session, head, Group(), to=None, today=TODAY)
    assert (len(plan.moves), plan.left, plan.over) == (1, 2, False)


async def test_without_an_order_nothing_is_done(ground: Ground) -> None:
    await strangers(ground, 1)
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        plan = await appointing.plan(session, head, Group(), to=None, today=TODAY)
        for number, day in (("", TODAY), ("1", None), ("1", TODAY + timedelta(days=1))):
            with pytest.raises(UserError) as refused:
                await appointing.appoint(session, head, plan, order_no=number, order_date=day, now=NOW, today=TODAY)
            assert refused.value.key == "iom-order-needed"
        with pytest.raises(NotFound):
            await appointing.plan(session, head, Group(), to=ground.teacher.id, today=TODAY)


async def test_who_may_appoint(ground: Ground) -> None:
    methodist = await ground.scope(ground.methodist)
    async with ground.db.begin() as session:
        for deed in (
            appointing.plan(session, methodist, Group(), to=None, today=TODAY),
            appointing.plan_leaving(session, methodist, ground.methodist.id, today=TODAY),
            appointing.teachers(session, methodist, ground.methodist.id, today=TODAY),
            appointing.undo(session, methodist, 1, now=NOW, today=TODAY),
        ):
            with pytest.raises(NotAllowed):
                await deed


async def test_a_methodist_leaves_and_it_is_undone(ground: Ground) -> None:
    route = await ground.route(IomState.active)
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        plan = await appointing.plan_leaving(session, head, ground.methodist.id, today=TODAY)
        assert (plan.moves, plan.left) == ((), 1)
        with pytest.raises(UserError) as refused:
            await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
        assert refused.value.key == "iom-nobody-free"
    other = await second_methodist(ground)
    async with ground.db.begin() as session:
        plan = await appointing.plan_leaving(session, head, ground.methodist.id, today=TODAY)
        assert [(move.person_id, move.old, move.to_id) for move in plan.moves] == [
            (ground.teacher.id, ground.methodist.full_name, other.id)
        ]
        number = await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
    assert await held(ground, ground.teacher.id) == other.id
    async with ground.db.begin() as session:
        assert (await session.get_one(Iom, route.id)).methodist_id == other.id
        assert await appointing.undo(session, head, number, now=NOW, today=TODAY) == 1
        with pytest.raises(UserError):
            await appointing.undo(session, head, number, now=NOW, today=TODAY)
    assert await held(ground, ground.teacher.id) == ground.methodist.id
    async with ground.db.read() as session:
        assert (await session.get_one(Iom, route.id)).methodist_id == ground.methodist.id
        (made,) = await appointing.appointments(session, head)
        assert (made.leaving, made.undone_at) == (ground.methodist.full_name, NOW)


async def test_undoing_leaves_alone_whom_a_later_order_moved(ground: Ground) -> None:
    other = await second_methodist(ground)
    (stranger,) = await strangers(ground, 1)
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        plan = await appointing.plan(session, head, Group(alone=False), to=other.id, today=TODAY)
        assert {move.person_id for move in plan.moves} == {stranger, ground.teacher.id}
        first = await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
        back = await appointing.plan(session, head, Group(alone=False), to=ground.methodist.id, today=TODAY)
        only = plans.Plan(tuple(m for m in back.moves if m.person_id == stranger), back.shares, 0)
        await appointing.appoint(session, head, only, now=NOW, today=TODAY, **ORDER)
        assert await appointing.undo(session, head, first, now=NOW, today=TODAY) == 1
    assert await held(ground, stranger) == ground.methodist.id
    assert await held(ground, ground.teacher.id) == ground.methodist.id
    async with ground.db.begin() as session:
        with pytest.raises(UserError):
            await appointing.undo(session, head, first, now=NOW + timedelta(days=8), today=TODAY)


async def test_people_are_told_once_and_only_of_what_stands(ground: Ground, texts: Texts) -> None:
    (stranger,) = await strangers(ground, 1)
    head = await ground.scope(ground.head)

    async def tell(minutes: int) -> list[str]:
        now = NOW + timedelta(minutes=minutes)
        await jobs.appointed(ground.db, texts, zone=ZONE, now=now)
        async with ground.db.read() as session:
            rows = await session.execute(
                select(Outbox.person_id, Outbox.screen).where(Outbox.created_at == now).order_by(Outbox.id)
            )
            return [f"{person_id}: {screen['text']}" for person_id, screen in rows]

    async with ground.db.begin() as session:
        plan = await appointing.plan(session, head, Group(), to=ground.methodist.id, today=TODAY)
        number = await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
    assert await tell(5) == [], "there is still time to undo it"
    teacher, methodist = await tell(16)
    assert teacher.startswith(f"{stranger}: ")
    assert "Вера Лаврентьевна" in teacher
    assert methodist.startswith(f"{ground.methodist.id}: ")
    assert await tell(17) == []
    async with ground.db.begin() as session:
        await appointing.undo(session, head, number, now=NOW + timedelta(minutes=20), today=TODAY)
    teacher, methodist = await tell(21)
    assert "методист пока не закреплён" in teacher
    assert "больше не закреплён" in methodist
    assert await tell(22) == []


async def test_what_is_undone_at_once_was_never_heard_of(ground: Ground, texts: Texts) -> None:
    await strangers(ground, 1)
    head = await ground.scope(ground.head)
    async with ground.db.begin() as session:
        plan = await appointing.plan(session, head, Group(), to=None, today=TODAY)
        number = await appointing.appoint(session, head, plan, now=NOW, today=TODAY, **ORDER)
        await appointing.undo(session, head, number, now=NOW, today=TODAY)
    assert await jobs.appointed(ground.db, texts, zone=ZONE, now=NOW + timedelta(hours=1)) == 0
    async with ground.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_the_cap_is_the_one_of_the_order() -> None:
    assert (iom_assignment.CAP, iom_assignment.WARN) == (250, 225)
    assert not lists.Load(1, "", 224).warn
    assert lists.Load(1, "", 225).warn
    assert not lists.Load(1, "", 250).over
    assert lists.Load(1, "", 251).over
