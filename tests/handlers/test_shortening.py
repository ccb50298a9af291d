"""A shortened test: computed from its answers, switched on by staff, stops by itself and says why."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from sqlalchemy import func, insert, select, update

from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    GroupResult,
    InstrumentVersion,
    Item,
    Messenger,
    Purpose,
    Role,
    ScopeKind,
    VersionState,
)
from bot.rules import adaptive as rules
from bot.services import diagnostics
from bot.services.access import NOBODY, Grant, Scope
from bot.services.diagnostics import analysis, shortening
from bot.services.diagnostics.authoring import load_file
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, make_organisation, make_person

STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
TASKS, PERSONS = 40, 260
SOURCE = {
    "slug": "test-long", "title": "Длинный тест", "audience": "teacher", "kind": "test_key", "subject": "math",
    "version": 1, "state": "trial", "minutes": 30, "instruction": "Выберите ответ.",
    "groups": [
        {
            "slug": slug,
            "title": title,
            "items": [
                {
                    "code": f"{letter}{n}", "kind": "single",
                    "text": f"Задание {letter}{n}?", "short": f"Тема {letter}{n}",
                    "options": ["верно", "неверно"], "key": 1,
                }
                for n in range(1, TASKS // 2 + 1)
            ],
        }
        for slug, title, letter in (("subject", "Предметные", "А"), ("method", "Методические", "Б"))
    ],
}  # fmt: skip


async def load(db: Database, folder: Path, *, persons: int = PERSONS, slope: float = 1.7, spread: float = 1.8) -> int:
    """The long test with answers of so many persons; the number of its version."""
    path = folder / "long.yaml"
    path.write_text(yaml.safe_dump(SOURCE, allow_unicode=True), encoding="utf-8")
    rng = np.random.default_rng(1)
    difficulties = rng.uniform(-spread, spread, TASKS)
    async with db.begin() as session:
        await load_file(session, path, now=NOW)
        version = (await session.scalars(select(InstrumentVersion.id).order_by(InstrumentVersion.id.desc()))).first()
        assert version is not None
        items = list(await session.scalars(select(Item).where(Item.version_id == version).order_by(Item.place)))
        school = await make_organisation(session)
        people = [await make_person(session, f"Иванова Анна {n}", organisation=school) for n in range(persons)]
        rows: list[dict[str, object]] = []
        for person in people:
            solved = rng.random(TASKS) < 1 / (1 + np.exp(-slope * (rng.standard_normal() - difficulties)))
            attempt = Attempt(
                person_id=person.id, version_id=version, purpose=Purpose.official, state=AttemptState.finished,
                position=TASKS, messenger=Messenger.web, started_at=NOW, touched_at=NOW, finished_at=NOW,
            )  # fmt: skip
            session.add(attempt)
            await session.flush()
            rows += [
                {
                    "attempt_id": attempt.id, "item_id": item.id, "value": 1 if good else 2,
                    "given": [1 if good else 2], "points": float(good), "answered_at": NOW,
                }
                for item, good in zip(items, solved, strict=True)
            ]  # fmt: skip
        await session.execute(insert(Answer), rows)
    return version


async def verify(db: Database, version: int) -> None:
    async with db.begin() as session:
        await session.execute(
            update(InstrumentVersion).where(InstrumentVersion.id == version).values(state=VersionState.verified)
        )
    diagnostics.forget_contents()


async def switch_on(db: Database, version: int) -> shortening.Shortening:
    async with db.read() as session:
        answers = await shortening.gather(session, STAFF, version)
    computed = shortening.compute(answers)
    async with db.begin() as session:
        return await shortening.keep(session, STAFF, computed, now=NOW)


@pytest.mark.parametrize(("persons", "own_slopes"), [(300, False), (800, True)])
def test_parameters_are_found_again(persons: int, own_slopes: bool) -> None:
    rng = np.random.default_rng(7)
    difficulties = rng.normal(0, 1, 30)
    slopes = rng.uniform(0.7, 2, 30) if own_slopes else np.full(30, 1.2)
    thetas = rng.standard_normal(persons)
    solved = (rng.random((persons, 30)) < 1 / (1 + np.exp(-slopes * (thetas[:, None] - difficulties)))).astype(int)
    found = shortening.calibrate(solved)
    assert found is not None
    assert np.corrcoef([b for _, b in found], difficulties)[0, 1] > 0.97
    if own_slopes:
        assert np.corrcoef([a for a, _ in found], slopes)[0, 1] > 0.8
    else:
        assert len({a for a, _ in found}) == 1
        assert found[0][0] == pytest.approx(1.2, abs=0.25)


def test_a_task_that_all_solve_measures_nothing() -> None:
    solved = np.random.default_rng(1).integers(0, 2, (300, 10))
    solved[:, 4] = 1
    assert shortening.calibrate(solved) is None


async def test_what_cannot_be_shortened_says_why(db: Database, tmp_path: Path) -> None:
    version = await load(db, tmp_path, persons=20)
    with pytest.raises(UserError, match="shortening-unverified"):
        await switch_on(db, version)
    await verify(db, version)
    with pytest.raises(UserError, match="shortening-few"):
        await switch_on(db, version)
    async with db.begin() as session:
        with pytest.raises(NotAllowed):
            await shortening.gather(session, NOBODY, version)
        await session.execute(update(Item).where(Item.version_id == version, Item.place == 3).values(max_points=2))
    diagnostics.forget_contents()
    with pytest.raises(UserError, match="shortening-weights"):
        await switch_on(db, version)
    async with db.read() as session:
        assert not await session.scalar(select(InstrumentVersion.adaptive).where(InstrumentVersion.id == version))


async def test_where_little_would_be_saved_the_test_stays_whole(db: Database, tmp_path: Path) -> None:
    """Tasks that all tell a little: leaving any out costs precision, and the report says how much."""
    version = await load(db, tmp_path, slope=1.0, spread=1.0)
    await verify(db, version)
    found = await switch_on(db, version)
    assert not found.on
    assert not found.keeps_its_promise
    assert found.report["share"] > 0.6 or found.report["loss"] > 0.1
    async with db.read() as session:
        assert not await session.scalar(select(InstrumentVersion.adaptive).where(InstrumentVersion.id == version))


async def test_a_teacher_answers_fewer_tasks_and_reads_why(newcomer: Newcomer, db: Database, tmp_path: Path) -> None:
    version = await load(db, tmp_path)
    await verify(db, version)
    found = await switch_on(db, version)
    assert found.on
    assert found.report["share"] <= 0.6
    talk: Talk = await newcomer()
    async with db.begin() as session:
        person = await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    await talk.says("/menu")
    for label in ("Диагностика", "Тесты и кейсы", "1", "К первому заданию"):
        await talk.presses(label)
    asked: list[str] = []
    while "Задание" in talk.text.split("\n")[0]:
        number, code = re.findall(r"Задание (\d+)\..*Задание ([АБ]\d+)\?", talk.text, re.DOTALL)[0]
        assert number == str(len(asked) + 1)
        assert "Назад" not in talk.buttons
        assert code not in asked, "no task twice"
        asked.append(code)
        if len(asked) == 4:
            await talk.says("/menu")  # The bell rang.
            await talk.presses("Продолжить")
            assert talk.sees(f"Задание {code}?")
        if len(asked) == 6:
            await talk.presses("Пропустить")
        else:
            await talk.presses("верно" if len(asked) % 2 else "неверно")
    assert talk.sees("Этого достаточно")
    assert talk.sees("Остановились, потому что")
    assert rules.LEAST_ITEMS <= len(asked) < TASKS
    await talk.presses("Узнать результат")
    async with db.read() as session:
        attempt = (await session.scalars(select(Attempt).where(Attempt.person_id == person.id))).one()
        assert (attempt.state, attempt.adaptive) == (AttemptState.finished, True)
        rows = await session.scalar(select(func.count()).select_from(Answer).where(Answer.attempt_id == attempt.id))
        assert rows == TASKS, "what was not asked is written as such"
        results = list(await session.scalars(select(GroupResult).where(GroupResult.attempt_id == attempt.id)))
        assert len(results) == 2
        assert sum(one.answered for one in results) == len(asked)
        for one in results:
            assert one.pct is not None
            assert 20 < one.pct < 80
            assert one.sem is not None
            assert one.sem > 0
        content = await diagnostics.content_of(session, version)
        assert (await analysis.responses(session, content)).n == PERSONS, "it tells nothing of the tasks not asked"


async def test_switched_off_the_next_attempt_is_whole(newcomer: Newcomer, db: Database, tmp_path: Path) -> None:
    version = await load(db, tmp_path)
    await verify(db, version)
    await switch_on(db, version)
    async with db.begin() as session:
        await shortening.switch_off(session, STAFF, version, now=NOW)
    talk = await newcomer()
    async with db.begin() as session:
        await make_person(session, accounts={Messenger(talk.messenger): talk.user_id})
    await talk.says("/menu")
    for label in ("Диагностика", "Тесты и кейсы", "1", "К первому заданию"):
        await talk.presses(label)
    assert talk.sees(f"1 из {TASKS}.")
