"""People and routes for tests of the ИОМ: a teacher, her methodist and the head, a route walked to any state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.config import ROOT
from bot.db import Database
from bot.models import (
    ConsentKind,
    IomState,
    Messenger,
    MethodistAssignment,
    Organisation,
    Person,
    Purpose,
    Role,
    ScopeKind,
)
from bot.services import catalogue, consents, diagnostics, iom
from bot.services.access import Scope, scope_of
from bot.services.iom import agreeing, closing, drafting, following
from bot.services.iom.views import Route
from tests.factories import NOW, give_role, make_organisation, make_person

TODAY = NOW.date()


@dataclass
class Ground:
    """A region with a catalogue, one teacher with a counted diagnosis, a methodist and the head."""

    db: Database
    place: Organisation
    teacher: Person
    methodist: Person
    head: Person

    async def scope(self, person: Person) -> Scope:
        async with self.db.read() as session:
            return await scope_of(session, person.id, today=TODAY)

    async def colleague(self, name: str, *, value: int = 2) -> Person:
        """One more diagnosed teacher of the same methodist."""
        async with self.db.begin() as session:
            person = await make_person(session, name, organisation=self.place)
            await consents.give(session, person.id, ConsentKind.data, messenger=Messenger.web, now=NOW)
            session.add(MethodistAssignment(methodist_id=self.methodist.id, person_id=person.id, since=TODAY))
        await answered(self.db, person.id, value)
        return person

    async def route(self, state: IomState, person: Person | None = None, *, order_no: str = "145-од") -> Route:
        """A short route of the teacher, walked to the state through the services."""
        person = person or self.teacher
        methodist, head = await self.scope(self.methodist), await self.scope(self.head)
        async with self.db.begin() as session:
            made = await drafting.make(session, person.id, "short", now=NOW, today=TODAY)
            if state is not IomState.draft:
                await agreeing.agree(session, person.id, now=NOW)
                await agreeing.offer(session, methodist, made.id, now=NOW, today=TODAY)
            if state not in (IomState.draft, IomState.agreed):
                await agreeing.approve(
                    session, head, [made.id], order_no=order_no, order_date=TODAY, now=NOW, today=TODAY
                )
            if state is IomState.paused:
                await agreeing.pause(session, person.id, now=NOW)
            if state is IomState.stopped:
                await agreeing.stop(session, person.id, now=NOW)
            if state in (IomState.exit_check, IomState.completed):
                for step in made.steps:
                    source = following.Source("test", step.id, TODAY, activity_id=step.activity_id)
                    await following.close_by(session, person.id, source, now=NOW)
        if state is IomState.completed:
            attempt_id = await answered(self.db, person.id, 5, purpose=Purpose.exit, days=1)
            async with self.db.begin() as session:
                await closing.took_exit(session, person.id, attempt_id)
                for number in (1, 2, 3):
                    await closing.reflect(session, person.id, number, "Слова о маршруте")
                await closing.conclude(session, methodist, made.id, "Маршрут пройден целиком.", now=NOW, today=TODAY)
        async with self.db.read() as session:
            found = await iom.load(session, made.id)
        assert found is not None
        assert found.state is state
        return found


async def answered(
    db: Database, person_id: int, value: int, *, purpose: Purpose = Purpose.official, days: int = 10
) -> int:
    """A finished diagnosis with one answer everywhere, so many days ago."""
    moment = NOW - timedelta(days=days)
    async with db.begin() as session:
        content = await diagnostics.published(session, "teacher")
        assert content is not None
        return await diagnostics.record_finished(
            session,
            person_id,
            content,
            {item.id: value for item in content.items},
            purpose=purpose,
            started_at=moment,
            finished_at=moment,
            messenger=Messenger.web,
        )


async def prepared(db: Database) -> Ground:
    """The ground of a test; the database has the region's lists and instruments already."""
    async with db.begin() as session:
        await catalogue.load_file(session, ROOT / "data" / "demo" / "catalogue.yaml", today=TODAY, now=NOW)
        place = await make_organisation(session)
        teacher = await make_person(session, organisation=place)
        methodist = await make_person(session, "Полянская Вера Лаврентьевна", organisation=place)
        head = await make_person(session, "Луговской Терентий Викентьевич", organisation=place)
        await consents.give(session, teacher.id, ConsentKind.data, messenger=Messenger.web, now=NOW)
        await give_role(session, methodist, Role.methodist, ScopeKind.assigned)
        await give_role(session, head, Role.centre_head)
        session.add(
            MethodistAssignment(
                methodist_id=methodist.id, person_id=teacher.id, since=date(2026, 1, 1), order_no="1-од"
            )
        )
    await answered(db, teacher.id, 2)
    return Ground(db, place, teacher, methodist, head)
