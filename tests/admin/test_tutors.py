"""Tutors of learners: who needs one, assigning, both are told, «Вижу» in the chat, the end; who may what."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import NotFound
from bot.models import (
    Attempt,
    AttemptState,
    CohortMember,
    ConsentKind,
    DeficitLevel,
    GroupResult,
    InstrumentVersion,
    JoinedBy,
    MemberState,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    Purpose,
    Role,
    TutorAssignment,
    VersionGroup,
    View,
)
from bot.services import consents, tutors
from tests.admin.conftest import SignIn
from tests.admin.test_programmes import begun
from tests.conftest import NewcomerOn
from tests.factories import NOW, give_role, make_person


@pytest.fixture
def in_region() -> bool:
    return True


async def learner(db: Database, cohort_id: int, name: str, levels: list[DeficitLevel] | None = None) -> int:
    """A member of the cohort, diagnosed where levels are given."""
    async with db.begin() as session:
        person = await make_person(session, name)
        session.add(
            CohortMember(
                cohort_id=cohort_id, person_id=person.id, state=MemberState.member, how=JoinedBy.list, created_at=NOW,
                changed_at=NOW,
            )
        )  # fmt: skip
        if levels is not None:
            version = (await session.scalars(select(InstrumentVersion.id).order_by(InstrumentVersion.id))).first()
            groups = list(await session.scalars(select(VersionGroup.id).where(VersionGroup.version_id == version)))
            made = Attempt(
                person_id=person.id, version_id=version, purpose=Purpose.official, state=AttemptState.finished,
                started_at=NOW, touched_at=NOW, finished_at=NOW,
            )  # fmt: skip
            session.add(made)
            await session.flush()
            session.add_all(
                GroupResult(
                    attempt_id=made.id, group_id=group, pct=50.0, deficit_level=level, answered=5, total=5,
                    is_deficit=level in (DeficitLevel.middle, DeficitLevel.high),
                )
                for group, level in zip(groups, levels, strict=False)
            )  # fmt: skip
        return person.id


async def test_from_the_need_to_the_end(db: Database, sign_in: SignIn, newcomer_on: NewcomerOn) -> None:
    browser = await sign_in(None, Role.centre_staff)
    number = await begun(db, browser)
    await browser.opens(f"/cohorts/{number}/tutors")
    assert browser.sees("В группе пока нет участников")
    high, fine = DeficitLevel.high, DeficitLevel.minimal
    weak = await learner(db, number, "Агеева Вера Ивановна", [high, high, fine])
    strong = await learner(db, number, "Бокова Анна Ивановна", [fine, fine, high])
    silent = await learner(db, number, "Волкова Инна Ивановна")
    await browser.opens(f"/cohorts/{number}")
    assert browser.sees("Тьюторы слушателей")
    await browser.opens(f"/cohorts/{number}/tutors")
    assert browser.sees("Агеева Вера Ивановна", "Некому помогать")
    assert not browser.sees("предлагаем тьютора")
    async with db.begin() as session:
        assert (await session.scalars(select(View))).all() == [], "nobody's results were looked at"
        talk = await newcomer_on("telegram")
        tutor = await make_person(session, "Тьюторова Ольга", accounts={Messenger.telegram: talk.user_id})
        await consents.give(session, tutor.id, ConsentKind.data, messenger=Messenger.telegram, now=NOW)
        await give_role(session, tutor, Role.tutor)
        other = await make_person(session, "Другая Ольга")
        await give_role(session, other, Role.methodist)
    await browser.opens(f"/cohorts/{number}/tutors", low="1")
    assert browser.sees("предлагаем тьютора", "Из тех, кому тьютор нужнее (1), он есть у 0.")
    async with db.read() as session:
        assert set(await session.scalars(select(View.person_id))) == {weak, strong}, "each of them will see the look"
    assert await browser.sends(f"/cohorts/{number}/tutors", tutor=str(tutor.id)) == 422, "nobody is marked"
    assert await browser.sends(f"/cohorts/{number}/tutors", tutor=str(strong), person=str(weak)) == 422
    await browser.sends(f"/cohorts/{number}/tutors", tutor=str(tutor.id), person=str(weak))
    assert browser.sees("Тьютор назначен", "Тьюторова Ольга", "тьютор ещё не видел", "слушателей: 1")
    await browser.sends(f"/cohorts/{number}/tutors", tutor=str(tutor.id), person=str(weak))
    async with db.read() as session:
        letters = {row.person_id: row.screen["text"] for row in await session.scalars(select(Outbox))}
        row = (await session.scalars(select(TutorAssignment))).one()
    assert set(letters) == {tutor.id, weak}, "each is told once"
    assert "Агеева Вера Ивановна" in letters[tutor.id]
    assert "Тьюторова Ольга" in letters[weak]
    for text in letters.values():
        assert "диагност" not in text.lower(), "nobody is told why"

    await talk.says("/menu")
    await talk.press_action("programmes:home")
    await talk.presses("Мои слушатели: 1")
    assert talk.sees("Агеева Вера Ивановна")
    assert talk.sees("новый слушатель")
    await talk.presses("1")
    assert talk.sees("Что обсудить, решает слушатель")
    await talk.press_action("tutors:home:0")
    assert talk.sees("вы видели")
    await talk.press_action(f"tutors:see:{row.id + 100}")
    assert talk.sees("Эта помощь уже завершена")
    await browser.opens(f"/cohorts/{number}/tutors", low="1")
    assert browser.sees("тьютор видел", "Из тех, кому тьютор нужнее (1), он есть у 1.")

    await browser.sends(f"/cohorts/{number}/tutors", tutor=str(other.id), person=str(weak))
    assert browser.sees("Другая Ольга", "тьютор ещё не видел")
    await browser.sends(f"/cohorts/{number}/tutors/{weak}/end")
    assert browser.sees("Помощь завершена")
    assert await browser.sends(f"/cohorts/{number}/tutors/{silent}/end") == 404
    async with db.begin() as session:
        assert await tutors.mine(session, other.id) == []
        with pytest.raises(NotFound):
            await tutors.see(session, other.id, row.id, now=NOW)
        waiting = select(Outbox.person_id).where(Outbox.state == OutboxState.queued, Outbox.kind == "tutors-assigned")
        assert list(await session.scalars(waiting)) == [], "what was not sent yet is taken back"
        assert (await session.get_one(Person, weak)).full_name == "Агеева Вера Ивановна"


@pytest.mark.parametrize("role", [Role.tutor, Role.methodist, Role.analyst])
async def test_others_assign_nobody(db: Database, sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(None, Role.centre_staff)
    number = await begun(db, browser)
    other = await sign_in(None, role)
    assert await other.opens(f"/cohorts/{number}/tutors") == 403
    assert await other.sends(f"/cohorts/{number}/tutors", tutor="1", person="1") == 403
