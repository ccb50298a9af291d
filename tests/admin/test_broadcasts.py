"""A broadcast from the form to its report, and a post of a rubric; who may not is told so."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed
from bot.i18n import Texts
from bot.jobs import broadcasts as job
from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    BroadcastState,
    ConsentKind,
    Messenger,
    Outbox,
    OutboxState,
    RecipientState,
    Role,
    ScopeKind,
    StoredFile,
)
from bot.services import broadcasts, consents, files
from bot.services.access import Grant, Scope
from bot.services.broadcasts import openings, statistics
from tests.admin.conftest import SITE, Browser, Clock, SignIn
from tests.factories import NOW, make_municipality, make_organisation, make_person

FORM = {
    "kind": "events",
    "title": "Вебинар по оцениванию",
    "body": "Приходите.\r\n\r\nБудет <b>коротко</b>.",
    "link_url": "https://a.example/b",
    "link_label": "Записаться",
    "day": "24.11.2026",
    "hour": "12:00",
    "until": "05.12.2026",
    "do": "save",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def in_region() -> bool:
    return True


async def people(db: Database, count: int, place: int | None = None) -> list[int]:
    made = []
    async with db.begin() as session:
        school = await make_organisation(session)
        if place is not None:
            school.municipality_id = place
        for number in range(count):
            account = {Messenger.web: 900 + number + (place or 0) * 100}
            person = await make_person(session, f"Человек{number} А Б", organisation=school, accounts=account)
            await consents.give(session, person.id, ConsentKind.news, messenger=Messenger.web, now=NOW)
            made.append(person.id)
    return made


async def test_from_the_form_to_the_report(
    db: Database, settings: Settings, texts: Texts, sign_in: SignIn, clock: Clock
) -> None:
    gets = await people(db, 3)
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/broadcasts")
    assert staff.sees("Рассылок пока нет")
    await staff.opens("/broadcasts/new")
    await staff.sends("/broadcasts/new", **{**FORM, "do": "count"})
    assert staff.sees("Получат 3", "веб-чат 3", "Отказались или не давали согласия: 1"), "she herself did not agree"
    assert await staff.sends("/broadcasts/new", **{**FORM, "until": "1.1.2026"}) == 422
    assert staff.sees("Проверьте день и час")
    assert "Приходите." in staff.last.text, "what was typed is kept"
    await staff.sends("/broadcasts/new", **FORM)
    assert staff.sees("Черновик сохранён", "Вебинар по оцениванию", "Не присылать такое", "Записаться", "Получат 3")
    assert "&lt;b&gt;коротко" in staff.last.text
    await staff.opens("/broadcasts/1/edit")
    assert staff.sees("Правка черновика")
    assert 'value="12:00"' in staff.last.text
    await staff.sends("/broadcasts/1/edit", **{**FORM, "title": "Вебинар в среду"})
    assert staff.sees("Вебинар в среду")
    await staff.sends("/broadcasts/1/launch")
    assert staff.sees("ждёт часа")
    await job.run(db, texts, settings, now=clock.now)
    await staff.opens("/broadcasts/1")
    assert staff.sees("Известно о 0 из 3", "ждёт 3", "Человек0 А Б")
    await staff.sends("/broadcasts/1/pause")
    assert staff.sees("на паузе", "Продолжить")
    await staff.sends("/broadcasts/1/resume")
    async with db.begin() as session:
        rows = list(await session.scalars(select(Outbox.id).order_by(Outbox.id)))
        for row, state in zip(rows, (OutboxState.sent, OutboxState.blocked, OutboxState.unknown), strict=True):
            values = {"state": state, "messenger": Messenger.web}
            await session.execute(update(Outbox).where(Outbox.id == row).values(**values))
    await staff.opens("/broadcasts/1/progress")
    assert staff.sees("Известно о 3 из 3", "доставлено 1", "чат закрыт 1", "неизвестно 1")
    await job.run(db, texts, settings, now=clock.now + timedelta(minutes=1))
    await staff.opens("/broadcasts/1", state="blocked")
    assert staff.sees("завершена", "Человек1 А Б")
    assert not staff.sees("Человек0 А Б")
    await staff.opens("/broadcasts/1/report.xlsx")
    book = load_workbook(io.BytesIO(staff.last.content))
    rows_of = [[cell.value for cell in row] for row in book["Получатели"].iter_rows()]
    assert rows_of[0][:4] == ["Кто", "Район", "Организация", "Что стало"]
    assert {row[0]: row[3] for row in rows_of[1:4]} == {
        "Человек0 А Б": "доставлено",
        "Человек1 А Б": "чат закрыт",
        "Человек2 А Б": "неизвестно",
    }
    assert ["Написано сообщений", len(gets)] in [[c.value for c in row[:2]] for row in book["Итоги"].iter_rows()]


async def test_stop_asks_and_ends(
    db: Database, settings: Settings, texts: Texts, sign_in: SignIn, clock: Clock
) -> None:
    await people(db, 2)
    staff = await sign_in(None, Role.centre_head)
    await staff.sends("/broadcasts/new", **FORM)
    await staff.sends("/broadcasts/1/launch")
    await job.run(db, texts, settings, now=clock.now)
    await staff.opens("/broadcasts/1")
    assert staff.sees("Остановить насовсем", "Кто ещё не получил, уже не получит")
    await staff.sends("/broadcasts/1/stop")
    assert staff.sees("остановлена", "остановлено 2")
    assert await staff.sends("/broadcasts/1/edit", **FORM) == 422
    await staff.sends("/broadcasts/new", **FORM)
    await staff.sends("/broadcasts/2/drop")
    assert staff.sees("Черновик удалён")


async def upload(staff: Browser, name: str, content: bytes, **more: str) -> int:
    """The status of the form with a file."""
    fields: dict[str, Any] = {**FORM, **more}
    staff.answer = await staff.client.post(
        "/admin/broadcasts/new", data=fields, files={"file": (name, content)}, headers={"Origin": SITE},
        follow_redirects=True,
    )  # fmt: skip
    return staff.last.status_code


async def test_a_picture_goes_along(
    db: Database, settings: Settings, texts: Texts, sign_in: SignIn, clock: Clock
) -> None:
    await people(db, 1)
    staff = await sign_in(None, Role.centre_staff)
    assert await upload(staff, "virus.exe", b"MZ") == 422
    assert await upload(staff, "kartinka.png", b"not a picture") == 422
    assert staff.sees("Такой файл не отправить")
    assert await upload(staff, "big.png", PNG + b"0" * (10 * 1024 * 1024)) == 422
    assert await upload(staff, "big.png", PNG + b"0" * (32 * 1024 * 1024)) == 413
    picture = PNG + b"1" * 200_000
    assert await upload(staff, "афиша.png", picture) == 200
    assert staff.sees("Вложение: афиша.png")
    assert await staff.opens("/broadcasts/1/file") == 200
    assert staff.last.content == picture
    await staff.sends("/broadcasts/1/launch")
    await job.run(db, texts, settings, now=clock.now)
    async with db.read() as session:
        row = await session.scalar(select(Outbox))
        assert row is not None
        assert row.file_id is not None
        path = await files.path_of(session, settings, row.file_id)
        file = await session.get_one(StoredFile, row.file_id)
    assert (path.read_bytes(), file.media_type) == (picture, "image/png")


async def test_a_post_of_a_rubric_goes_to_subscribers(
    db: Database, settings: Settings, texts: Texts, sign_in: SignIn, clock: Clock
) -> None:
    one, _ = await people(db, 2)
    async with db.begin() as session:
        await broadcasts.switch_rubric(session, one, "shpargalka", is_on=True, now=NOW)
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/broadcasts", tab="rubrics")
    assert staff.sees("Выпусков пока нет")
    await staff.opens("/broadcasts/new", tab="rubrics")
    assert staff.sees("#шпаргалка", "Новый выпуск рубрики")
    post = {**FORM, "rubric_post": "1", "rubric": "shpargalka", "title": "Три вопроса"}
    await staff.sends("/broadcasts/new", **{**post, "do": "count"})
    assert staff.sees("Получат 1")
    await staff.sends("/broadcasts/new", **post)
    assert staff.sees("#шпаргалка: Три вопроса", "Выключить рубрику", "Подписчики рубрики")
    assert staff.sees("Как увидят в каждом мессенджере", "MAX", "ВКонтакте", "Telegram", "веб-чат", "из 4 096")
    await staff.sends("/broadcasts/1/launch")
    assert await job.run(db, texts, settings, now=clock.now) == 1
    await staff.opens("/broadcasts", tab="rubrics")
    assert staff.sees("Три вопроса", "#шпаргалка")
    async with db.begin() as session:
        await session.execute(update(Outbox).values(state=OutboxState.sent, messenger=Messenger.web))
    await job.run(db, texts, settings, now=clock.now + timedelta(minutes=1))
    async with db.begin() as session:
        await broadcasts.switch_rubric(session, one, "shpargalka", is_on=False, now=clock.now)
        head = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
        figures = {line.slug: line for line in await statistics.by_rubric(session, head, now=clock.now)}
        own = figures.pop("shpargalka")
        assert (own.subscribers, own.posts, own.sent, own.delivered, own.share, own.turned_off) == (0, 1, 1, 1, 100, 1)
        assert {(line.posts, line.sent, line.share) for line in figures.values()} == {(0, 0, None)}
        later = {line.slug: line for line in await statistics.by_rubric(session, head, now=NOW + timedelta(days=200))}
        assert later["shpargalka"].posts == 0
        with pytest.raises(NotAllowed):
            await statistics.by_rubric(session, Scope(1, (Grant(Role.teacher, ScopeKind.region),)), now=NOW)
    await staff.opens("/broadcasts", tab="rubrics")
    assert staff.sees("Рубрики за 90 дней", "1, 100 %")
    assert staff.sees("Подписались / отписались", "+0 / −1")


async def test_openings_of_a_post_and_who_came_after_it(db: Database, sign_in: SignIn) -> None:
    many = await people(db, 7)
    later = NOW + timedelta(days=7)
    async with db.begin() as session:
        for title, starts_at in (("Первый", NOW), ("Второй", later)):
            session.add(
                Broadcast(
                    kind=BroadcastKind.rubric, rubric_slug="shpargalka", title=title, body="Текст",
                    link_url="https://a.example/b", state=BroadcastState.done, starts_at=starts_at,
                    expires_at=starts_at + timedelta(days=9), created_at=NOW,
                )
            )  # fmt: skip
        await session.flush()
        for number in many:
            got = Messenger.vk if number % 2 else Messenger.max
            row = BroadcastRecipient(broadcast_id=1, person_id=number, state=RecipientState.delivered, messenger=got)
            session.add(row)
        session.add(BroadcastRecipient(broadcast_id=2, person_id=many[0], state=RecipientState.delivered))
        for post, times in ((1, 4), (2, 2)):
            for _ in range(times):
                await openings.opened(session, post, Messenger.vk, on=NOW.date())
        for person, is_on, when in (
            (many[0], True, NOW - timedelta(days=1)), (many[1], True, NOW + timedelta(days=1)),
            (many[2], False, NOW + timedelta(days=2)), (many[3], True, later), (many[4], True, later),
        ):  # fmt: skip
            await broadcasts.switch_rubric(session, person, "shpargalka", is_on=is_on, now=when)
    async with db.read() as session:
        found = await openings.of_posts(session, [1, 2])
        head = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
        rubric = {one.slug: one for one in await statistics.by_rubric(session, head, now=later)}["shpargalka"]
    first, second = found[1], found[2]
    assert (first.sent, first.delivered, first.opened, first.came, first.left) == (7, 7, 4, 1, 1)
    assert first.by_messenger == (), "three people of VK would be spoken of"
    assert (second.delivered, second.opened, second.came, second.left) == (1, None, 2, 0), (
        "of one person we keep silent"
    )
    assert rubric.opened == 6
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/broadcasts/1")
    assert staff.sees("Открытия ссылки", "Нажатий: 4", "Ссылка в сообщении считает открытия", "/go/1/web")
    await staff.opens("/broadcasts/2")
    assert staff.sees("получили меньше пяти человек")
    await staff.opens("/broadcasts", tab="rubrics")
    assert staff.sees("Открыли ссылку", "+1 / −1", "+2 / −0")


async def test_a_test_to_oneself(db: Database, sign_in: SignIn) -> None:
    staff = await sign_in(None, Role.centre_staff)
    await staff.sends("/broadcasts/new", **FORM)
    assert await staff.sends("/broadcasts/1/test") == 422
    assert staff.sees("У вас нет открытого чата")
    async with db.begin() as session:
        me = await make_person(session, "Своя С С", accounts={Messenger.web: 5})
    hers = await sign_in(me, Role.centre_head)
    await hers.sends("/broadcasts/1/test")
    assert hers.sees("Отправили вам")
    async with db.read() as session:
        assert list(await session.scalars(select(Outbox.person_id))) == [me.id]


async def test_each_sends_as_far_as_her_role(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        mine, other = await make_municipality(session, "Ельня"), await make_municipality(session, "Рудня")
    await people(db, 2, mine.id)
    await people(db, 5, other.id)
    head = await sign_in(None, Role.centre_head)
    await head.sends("/broadcasts/new", **FORM)
    local = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, mine.id)
    await local.opens("/broadcasts/new")
    assert "Рудня" not in local.text
    await local.sends("/broadcasts/new", **{**FORM, "do": "count"})
    assert local.sees("Получат 2")
    await local.sends("/broadcasts/new", **FORM)
    assert local.sees("Получат 2", "Ельня")
    assert await local.sends("/broadcasts/new", **{**FORM, "place": str(other.id)}) == 422
    for path in ("/broadcasts/1", "/broadcasts/1/report.xlsx", "/broadcasts/1/progress", "/broadcasts/1/file"):
        assert await local.opens(path) == 404, path
    assert await local.sends("/broadcasts/1/launch") == 404
    await local.opens("/broadcasts")
    assert local.text.count("Вебинар по оцениванию") == 1
    for role in (Role.methodist, Role.school_head, Role.analyst, Role.tech_admin):
        stranger = await sign_in(None, role)
        assert await stranger.opens("/broadcasts") == 403, role
        assert await stranger.sends("/broadcasts/1/launch") == 403, role
    async with db.read() as session:
        assert set(await session.scalars(select(Broadcast.state))) == {"draft"}
