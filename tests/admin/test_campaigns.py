"""A campaign from the form to its papers; small groups stay hidden; a school sees counts only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from bot.config import ROOT, Settings
from bot.db import Database
from bot.i18n import Texts
from bot.jobs import campaigns as job
from bot.models import CampaignInvite, Messenger, Municipality, Organisation, Person, Purpose, Role, ScopeKind
from bot.services import campaigns, diagnostics
from bot.services.access import Grant, Scope
from bot.services.campaigns import Cut, Draft, Target
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_municipality, make_organisation, make_person

from sqlalchemy import select, update  # isort: skip

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
TODAY = NOW.date()


async def fill(
    db: Database,
    settings: Settings,
    texts: Texts,
    sizes: dict[str, int],
    *,
    level: Callable[[int], int] = lambda n: 4,
    over: bool = True,
) -> tuple[int, dict[str, Organisation], dict[str, Municipality]]:
    """A running campaign whose people of each district have all answered."""
    schools, towns = {}, {}
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        for name, size in sizes.items():
            towns[name] = await make_municipality(session, name)
            schools[name] = await make_organisation(session, f"Школа: {name}", municipality=towns[name])
            for number in range(size):
                await make_person(session, f"Человек{number} А Б", organisation=schools[name])
        draft = Draft("Осень", content.version_id, "Центр", TODAY, TODAY + timedelta(20), Target(), "12-А", TODAY)
        number = await campaigns.create(session, HEAD, draft, now=NOW)
        await campaigns.launch(session, HEAD, number, now=NOW)
    await job.run(db, texts, settings, now=NOW)
    async with db.begin() as session:
        for place, invite in enumerate(list(await session.scalars(select(CampaignInvite)))):
            attempt = await diagnostics.record_finished(
                session, invite.person_id, content, {item.id: level(place) for item in content.items},
                purpose=Purpose.campaign, started_at=NOW, finished_at=NOW, messenger=Messenger.web,
            )  # fmt: skip
            await session.execute(
                update(CampaignInvite).where(CampaignInvite.id == invite.id).values(attempt_id=attempt)
            )
    if over:
        async with db.begin() as session:
            await campaigns.finish(session, HEAD, number, now=NOW)
    return number, schools, towns


async def test_from_the_form_to_the_papers(db: Database, settings: Settings, texts: Texts, sign_in: SignIn) -> None:
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        school = await make_organisation(session)
        for number in range(6):
            await make_person(session, f"Человек{number} А Б", organisation=school)
        version = next(c.version_id for c in await campaigns.choices(session) if c.title == "Самодиагностика педагога")
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens("/campaigns")
    assert staff.sees("Кампаний пока нет")
    await staff.opens("/campaigns/new")
    form = {
        "title": "Осень",
        "version": str(version),
        "organiser": "Центр",
        "since": "24.11.2026",
        "until": "20.12.2026",
    }
    await staff.sends("/campaigns/new", **form, do="count")
    assert staff.sees("Сейчас подходят: 7 человек, из них с нами в чате: 7"), "and she herself"
    assert await staff.sends("/campaigns/new", **{**form, "until": "31.02.2027"}, do="save") == 422
    assert staff.sees("Проверьте даты")
    assert await staff.sends("/campaigns/new", **{**form, "version": "999"}, do="save") == 422
    await staff.sends("/campaigns/new", **form, order_no="17", order_date="01.11.2026", do="save")
    assert staff.sees("Черновик сохранён", "Осень", "черновик", "№ 17, 01.11.2026")
    await staff.sends("/campaigns/1/launch")
    assert staff.sees("идёт")
    await job.run(db, texts, settings, now=NOW)
    await staff.opens("/campaigns/1")
    assert staff.sees("Приглашены 7", "Результаты откроются, когда кампания закончится")
    assert not staff.sees("Человек0")
    await staff.sends("/campaigns/1/finish")
    assert staff.sees("завершена")
    await staff.opens("/campaigns")
    assert staff.sees("Осень", "№ 17")


async def test_papers_open_again(db: Database, settings: Settings, texts: Texts, sign_in: SignIn) -> None:
    number, *_ = await fill(
        db, settings, texts, {"Ельнинский округ": 7, "Вяземский округ": 8}, level=lambda n: 2 + n % 3
    )
    staff = await sign_in(None, Role.centre_head)
    await staff.opens(f"/campaigns/{number}/xlsx")
    book = load_workbook(io.BytesIO(staff.last.content))
    assert book.sheetnames == ["Участие", "по районам", "по предметам", "по должностям", "Затруднения квартала"]
    rows = [[cell.value for cell in row] for row in book["по районам"].iter_rows()]
    assert rows[1][:2] == ["Всего", 15]
    assert {row[0]: row[1] for row in rows[2:]} == {"Ельнинский округ": 7, "Вяземский округ": 8}
    assert all(isinstance(value, float | int) for value in rows[1][1:])
    await staff.opens(f"/campaigns/{number}/docx")
    words = zipfile.ZipFile(io.BytesIO(staff.last.content)).read("word/document.xml").decode().replace("\u00a0", " ")
    for expected in ("Аналитическая справка", "приказ № 12-А", "Ельнинский округ", "демонстрационная", "Прошли: 15"):
        assert expected in words, expected
    assert "Человек0" not in words


@pytest.mark.parametrize(
    ("sizes", "shown", "total"),
    [
        ({"А": 6, "Б": 7}, {"А", "Б"}, True),
        ({"А": 6, "Б": 7, "В": 2}, {"Б"}, True),  # В alone would be had by subtraction, so А goes with it.
        ({"А": 9, "Б": 2, "В": 4}, {"А"}, True),
        ({"А": 3}, set(), False),
    ],
)
async def test_small_groups_are_hidden_with_what_betrays_them(
    db: Database, settings: Settings, texts: Texts, sizes: dict[str, int], shown: set[str], total: bool
) -> None:
    number, *_ = await fill(db, settings, texts, sizes)
    async with db.read() as session:
        line = await campaigns.card(session, HEAD, number)
        found = await campaigns.results(session, HEAD, line, Cut.municipality, today=TODAY)
        goes = await campaigns.progress(session, HEAD, line, today=TODAY)
    assert {one.title for one in found.lines if one.n is not None} == shown
    assert (found.total.n is not None) is total
    assert all(figure is None for one in found.lines if one.n is None for figure in one.figures)
    assert {one.title for one in goes.lines} <= shown
    if total:
        figure = found.total.figures[0]
        assert figure is not None
        assert (figure.n, figure.mean, figure.deficit) == (sum(sizes.values()), 75.0, 0.0)


async def test_each_sees_as_far_as_her_role(db: Database, settings: Settings, texts: Texts, sign_in: SignIn) -> None:
    number, schools, towns = await fill(db, settings, texts, {"Ельнинский округ": 7, "Вяземский округ": 8})
    head = await sign_in(None, Role.school_head, ScopeKind.organisation, schools["Ельнинский округ"].id)
    await head.opens(f"/campaigns/{number}")
    assert head.sees("В группе 7", "Прошли 7")
    assert not head.sees("Вяземский")
    assert not head.sees("Человек0")
    assert await head.opens("/campaigns/new") == 403
    assert await head.sends(f"/campaigns/{number}/finish") == 403
    town = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, towns["Вяземский округ"].id)
    await town.opens(f"/campaigns/{number}")
    assert town.sees("В группе 8")
    assert not town.sees("Ельнинский")
    for role in (Role.methodist, Role.tech_admin, Role.privacy_officer):
        stranger = await sign_in(None, role)
        assert await stranger.opens("/campaigns") == 403, role
        assert await stranger.opens(f"/campaigns/{number}/docx") == 403


async def test_difficulties_of_a_quarter(db: Database, settings: Settings, texts: Texts, sign_in: SignIn) -> None:
    await fill(db, settings, texts, {"Ельнинский округ": 10}, level=lambda n: 2 if n < 3 else 4)
    staff = await sign_in(None, Role.analyst)
    await staff.opens("/campaigns/difficulties")
    assert staff.sees("4-й квартал 2026", "10", "30 %")
    await staff.opens("/campaigns/difficulties", quarter="2026-1")
    assert staff.sees("Пока мало ответов")


async def test_a_person_of_two_looks_counts_once(db: Database, settings: Settings, texts: Texts) -> None:
    number, *_ = await fill(db, settings, texts, {"А": 6}, over=False)
    await job.run(db, texts, settings, now=NOW + timedelta(hours=3))
    async with db.read() as session:
        people = list(await session.scalars(select(Person.id)))
        invites = list(
            await session.scalars(select(CampaignInvite.person_id).where(CampaignInvite.campaign_id == number))
        )
    assert sorted(invites) == sorted(people)
