"""Analysis of a version: whose answers count, what is shown from how many persons, errors kept for new results."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database
from bot.errors import NotAllowed
from bot.jobs import measuring
from bot.models import GroupResult, Messenger, Person, Purpose, Role, VersionGroup
from bot.services import diagnostics
from bot.services.access import NOBODY
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
