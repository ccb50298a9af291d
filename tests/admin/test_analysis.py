"""Analysis of a version: whose answers count, what is shown from how many persons, errors kept for new results."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from random import Random

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed
from bot.jobs import measuring
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    ExpertRating,
    GroupResult,
    Instrument,
    InstrumentVersion,
    Item,
    Messenger,
    Person,
    Purpose,
    Role,
    ScopeKind,
    VersionGroup,
)
from bot.services import diagnostics
from bot.services.access import NOBODY, Grant, Scope
from bot.services.diagnostics import Content, analysis
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_organisation, make_person


@pytest.fixture
def in_region() -> bool:
    return True


async def take(
    db: Database, persons: int, *, purpose: Purpose = Purpose.official, seed: int = 1, days: int = 5
) -> tuple[list[Person], Content]:
    """So many persons with answers that hang together."""
    rng = Random(seed)
    async with db.begin() as session:
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        school = await make_organisation(session)
        people = [await make_person(session, f"Иванова Анна {n}", organisation=school) for n in range(persons)]
        for person in people:
            await answer(session, person, content, rng, purpose, days)
    return people, content


async def answer(
    session: AsyncSession, person: Person, content: Content, rng: Random, purpose: Purpose, days: int
) -> int:
    level = rng.gauss(3, 1)
    given: dict[int, int | None] = {item.id: min(5, max(1, round(level + rng.gauss(0, 0.8)))) for item in content.items}
    moment = NOW - timedelta(days=days)
    return await diagnostics.record_finished(
        session, person.id, content, given, purpose=purpose, started_at=moment, finished_at=moment,
        messenger=Messenger.web,
    )  # fmt: skip


async def test_the_first_counted_attempt_of_each_person_counts(db: Database) -> None:
    people, content = await take(db, 31)
    await take(db, 3, purpose=Purpose.trial)
    await take(db, 2, purpose=Purpose.exit)
    async with db.begin() as session:
        await answer(session, people[0], content, Random(5), Purpose.official, 1)
        first = await answer(session, people[0], content, Random(6), Purpose.entry, 9)
    async with db.read() as session:
        found = await analysis.responses(session, content)
        chosen = set(await session.scalars(analysis.first_attempts(content.version_id)))
    assert found.n == 31, "not «для себя», not after learning, nobody twice"
    assert first in chosen
    assert sum(found.chosen[content.items[0].id]) == 31


async def test_few_answers_show_no_coefficient(db: Database, sign_in: SignIn) -> None:
    _, content = await take(db, 29)
    browser = await sign_in(None, Role.analyst)
    assert await browser.opens(f"/instruments/{content.version_id}/analysis") == 200
    assert browser.sees("Ответов пока мало", "Сейчас: 29, до порога не хватает: 1", "не верифицированы")
    assert "α =" not in browser.text
    assert '<svg class="bar ds"' not in browser.last.text


async def test_a_version_is_judged_in_words(db: Database, sign_in: SignIn) -> None:
    _, content = await take(db, 60)
    browser = await sign_in(None, Role.methodist)
    await browser.opens(f"/instruments/{content.version_id}/analysis", group=1)
    assert browser.sees("Самодиагностика педагога, версия 1", "Методические: 6 вопросов", "n = 60, α = 0,", "±")
    assert browser.sees("предварительно", "хорошо", "Надёжность групп", "Цифровые", "Прошли 60 человек")
    assert await browser.opens(f"/instruments/{content.version_id}/analysis", group=77) == 200
    assert await browser.opens("/instruments/777/analysis") == 404


@pytest.mark.parametrize("role", [Role.school_head, Role.municipal_coordinator, Role.tech_admin, Role.curator])
async def test_others_do_not_see_it(db: Database, sign_in: SignIn, role: Role) -> None:
    _, content = await take(db, 1)
    browser = await sign_in(None, role)
    assert await browser.opens(f"/instruments/{content.version_id}/analysis") == 403
    async with db.read() as session:
        with pytest.raises(NotAllowed):
            await analysis.analyse(session, NOBODY, content.version_id)


async def test_the_night_computes_the_error_and_new_results_show_it(db: Database) -> None:
    people, content = await take(db, 40)
    assert await measuring.errors(db, now=NOW) == 1
    async with db.read() as session:
        groups = list(
            await session.scalars(
                select(VersionGroup).where(VersionGroup.version_id == content.version_id).order_by(VersionGroup.place)
            )
        )
        found = await analysis.analysed(session, content.version_id)
    assert [group.sem for group in groups] == [pytest.approx(line.statistics.sem) for line in found.groups]
    assert {group.sem_n for group in groups} == {40}
    assert await measuring.errors(db, now=NOW) == 0, "nothing new, nothing to do"
    async with db.begin() as session:
        attempt = await answer(session, people[0], content, Random(9), Purpose.official, 0)
        shown = list(
            await session.scalars(
                select(GroupResult.sem).where(GroupResult.attempt_id == attempt).order_by(GroupResult.group_id)
            )
        )
    assert shown == [group.sem for group in groups], "though this process had read the content before"


async def test_too_few_persons_leave_no_error(db: Database) -> None:
    await take(db, 12)
    assert await measuring.errors(db, now=NOW) == 0


async def test_the_report_opens_again(db: Database, sign_in: SignIn) -> None:
    _, content = await take(db, 40)
    staff = await sign_in(None, Role.centre_staff)
    await staff.opens(f"/instruments/{content.version_id}/analysis.docx")
    words = zipfile.ZipFile(io.BytesIO(staff.last.content)).read("word/document.xml").decode().replace("\u00a0", " ")
    for expected in ("Прошли 40 человек", "не верифицированы", "предварительно", content.groups[0].title):
        assert expected in words, expected
    assert content.items[29].text in words
    await staff.opens(f"/instruments/{content.version_id}/analysis.xlsx")
    book = load_workbook(io.BytesIO(staff.last.content))
    assert book.sheetnames == ["Группы", "Вопросы"]
    groups = [[cell.value for cell in row] for row in book["Группы"].iter_rows(min_row=2)]
    assert [row[1] for row in groups] == [40] * 5
    assert all(isinstance(row[2], float) and 0 < row[2] < 1 for row in groups)
    assert book["Вопросы"].max_row == 31
    assert await staff.opens(f"/instruments/{content.version_id}/analysis.pdf") == 404
    curator = await sign_in(None, Role.curator, ScopeKind.organisation, 1)
    assert await curator.opens(f"/instruments/{content.version_id}/analysis.docx") == 403


async def test_a_test_is_judged_by_its_options_and_its_experts(db: Database, sign_in: SignIn) -> None:
    """A real version with a key: a wrong option that nobody takes is named, experts are counted."""
    async with db.begin() as session:
        version_id = (
            await session.scalars(
                select(InstrumentVersion.id)
                .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
                .where(Instrument.slug == "test-math")
                .order_by(InstrumentVersion.id)
            )
        ).first()
        assert version_id is not None
        items = list(await session.scalars(select(Item).where(Item.version_id == version_id).order_by(Item.place)))
        single = next(item for item in items if item.kind == "single")
        right = int(single.answer_key["right"][0])
        wrong = next(n for n in range(1, len(single.options) + 1) if n != right)
        rng = Random(3)
        for number in range(60):
            person = await make_person(session, f"Иванова Анна {number}")
            attempt = Attempt(
                person_id=person.id, version_id=version_id, purpose=Purpose.official, state=AttemptState.finished,
                position=len(items), messenger=Messenger.web, started_at=NOW, touched_at=NOW, finished_at=NOW,
            )  # fmt: skip
            session.add(attempt)
            await session.flush()
            for item in items:
                good = rng.random() < number / 60
                given = [right if good else wrong] if item.id == single.id else []
                points = item.max_points if good else 0.0
                session.add(Answer(attempt_id=attempt.id, item_id=item.id, given=given, points=points, answered_at=NOW))
        for expert, rating in (("А", 4), ("Б", 3), ("В", 1)):
            session.add(ExpertRating(item_id=single.id, expert=expert, rating=rating))
    head = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
    async with db.read() as session:
        found = await analysis.analyse(session, head, version_id)
    line = next(item for group in found.groups for item in group.items if item.item_id == single.id)
    assert line.cvi == pytest.approx(2 / 3)
    assert line.experts == 3
    assert line.statistics.rest is not None
    assert line.statistics.rest > 0.3
    shares = {one.option: one.share for one in line.statistics.distractors}
    assert right not in shares
    assert shares[wrong] == pytest.approx(1 - line.statistics.options[right - 1])
    assert [share for option, share in shares.items() if option != wrong] == [0.0] * (len(single.options) - 2)
    staff = await sign_in(None, Role.centre_staff)
    place = next(n for n, group in enumerate(found.groups) if single.id in {item.item_id for item in group.items})
    await staff.opens(f"/instruments/{version_id}/analysis", group=place)
    assert staff.sees("Почти не выбирают варианты", "Эксперты: 0,67, оценок 3")
