"""The line below the chat: its clock, its races, its facts, who may do what; on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.config import Settings
from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Texts
from bot.jobs import hotline as jobs
from bot.models import (
    ActivityForm,
    ActivityKind,
    DutySlot,
    Fact,
    FactKind,
    FaqEntry,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    Messenger,
    Outbox,
    Person,
    Role,
    StepState,
    Ticket,
    TicketEvent,
    TicketMessage,
    TicketMessageVersion,
    TicketState,
    TicketTheme,
)
from bot.services import leaving
from bot.services.access import Scope, scope_of
from bot.services.hotline import asking, desk, duty, faq, roster, timers
from bot.services.hotline.ticket import Notice
from bot.ui.screen import Screen
from tests.factories import give_role, make_organisation, make_person

ZONE = ZoneInfo("Europe/Moscow")


def at(text: str) -> datetime:
    """A moment of the region's November 2026."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def speak(notice: Notice) -> Screen:
    """Plain words of a notice, to look at."""
    return Screen(f"{notice.kind.value}|{notice.no}|{notice.text}|{notice.name}|{notice.other}")


@pytest.fixture(params=["sqlite", pytest.param("sqlite@postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """On both."""
    name: str = request.param
    return name


class Line:
    """A teacher, two methodists and the head."""

    def __init__(self, db: Database, ids: tuple[int, int, int, int]) -> None:
        self.db = db
        self.teacher, self.first, self.second, self.head = ids

    async def asks(self, text: str = "Как ставить отметки за ВПР?", *, now: datetime, anonymous: bool = False) -> int:
        async with self.db.begin() as session:
            await asking.begin(session, self.teacher, Messenger.web, now=now, anonymous=anonymous)
            await asking.write(session, self.teacher, Messenger.web, text, source=None, now=now)
            return (await asking.send(session, self.teacher, zone=ZONE, now=now, speak=speak)).no

    async def scope(self, person_id: int) -> Scope:
        async with self.db.read() as session:
            return await scope_of(session, person_id, today=at("24 10:00").date())

    async def answers(self, no: int, *, now: datetime, who: int | None = None) -> None:
        scope = await self.scope(who or self.first)
        async with self.db.begin() as session:
            await duty.claim(session, scope, no, now=now)
            await duty.answer(session, scope, no, "Вот так.", zone=ZONE, now=now, speak=speak)

    async def ticket(self, no: int) -> Ticket:
        async with self.db.read() as session:
            return await session.get_one(Ticket, no)

    async def said(self, person_id: int) -> list[str]:
        async with self.db.read() as session:
            rows = await session.scalars(select(Outbox).where(Outbox.person_id == person_id).order_by(Outbox.id))
            return [str(row.screen["text"]) for row in rows]


@pytest.fixture
async def line(database: str, db: Database) -> Line:
    names = (
        "Кашина Вера Львовна",
        "Ложкина Анна Петровна",
        "Миронова Ольга Ильинична",
        "Светлова Инна Юрьевна",
    )
    async with db.begin() as session:
        school = await make_organisation(session)
        people = [await make_person(session, name, organisation=school) for name in names]
        await give_role(session, people[1], Role.duty)
        await give_role(session, people[2], Role.methodist)
        await give_role(session, people[3], Role.centre_head)
        session.add(
            DutySlot(
                starts_at=at("24 09:00"), ends_at=at("24 13:00"), methodist_id=people[1].id,
                substitute_id=people[2].id, themes=[],
            )
        )  # fmt: skip
    return Line(db, (people[0].id, people[1].id, people[2].id, people[3].id))


# --- the clock ---------------------------------------------------------------------------------------


async def test_a_forgotten_question_goes_to_the_substitute_then_to_the_head(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    ticket = await line.ticket(no)
    assert (ticket.due_at, ticket.promised_id) == (at("24 12:00"), line.first)
    assert ticket.warn_at == at("24 11:36")

    async def tick(moment: str) -> tuple[int, int]:
        async with line.db.begin() as session:
            warned = await timers.warn(session, now=at(moment), speak=speak)
        async with line.db.begin() as session:
            return warned, await timers.escalate(session, zone=ZONE, now=at(moment), speak=speak)

    assert await tick("24 11:35") == (0, 0)
    assert await tick("24 11:36") == (1, 0)
    assert await tick("24 11:37") == (0, 0)  # Told once
    assert [text.split("|")[0] for text in await line.said(line.first)] == ["question", "soon"]
    assert [text.split("|")[0] for text in await line.said(line.second)] == ["soon"]
    assert await tick("24 12:00") == (0, 1)
    ticket = await line.ticket(no)
    assert (ticket.methodist_id, ticket.escalated, ticket.in_term) == (line.second, 1, False)
    assert ticket.due_at == at("24 15:00")  # Two working hours, over lunch
    assert (await line.said(line.teacher))[-1] == f"late|{no}||Ольга Ильинична|"
    # Again forgotten: the head, whoever the substitute was.
    assert await tick("24 15:00") == (1, 1) or await tick("24 15:00") == (0, 0)
    ticket = await line.ticket(no)
    assert (ticket.methodist_id, ticket.escalated) == (line.head, 2)
    async with line.db.read() as session:
        steps = list(await session.scalars(select(TicketEvent.action).order_by(TicketEvent.id)))
    assert steps == ["asked", "escalated", "escalated"]


async def test_at_night_nobody_is_called(line: Line) -> None:
    await line.asks(now=at("24 10:00"))
    async with line.db.begin() as session:
        assert await timers.escalate(session, zone=ZONE, now=at("24 21:00"), speak=speak) == 0
        assert await timers.escalate(session, zone=ZONE, now=at("25 09:05"), speak=speak) == 1


async def test_answered_in_time_is_told_from_answered_late(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    await line.answers(no, now=at("24 11:59"))
    assert (await line.ticket(no)).in_term is True
    late = await line.asks(now=at("24 10:00"))
    await line.answers(late, now=at("24 12:30"))
    assert (await line.ticket(late)).in_term is False


async def test_in_the_evening_the_next_hour_is_named(line: Line) -> None:
    async with line.db.begin() as session:
        session.add(DutySlot(starts_at=at("25 10:00"), ends_at=at("25 13:00"), methodist_id=line.second, themes=[]))
    no = await line.asks(now=at("24 19:00"))
    ticket = await line.ticket(no)
    assert (ticket.due_at, ticket.promised_id) == (at("25 12:00"), line.second)
    assert await line.said(line.second) == []  # Nobody is woken: the queue waits for the shift


async def test_the_answer_is_asked_about_and_then_closed_on_the_named_day(line: Line) -> None:
    no = await line.asks(now=at("02 10:00"))
    await line.answers(no, now=at("02 11:00"))
    async with line.db.begin() as session:
        assert await timers.follow_up(session, now=at("06 10:00"), speak=speak) == 0
        assert await timers.close_old(session, now=at("09 12:00")) == 0  # Never silently
        assert await timers.follow_up(session, now=at("09 12:00"), speak=speak) == 1
        assert await timers.follow_up(session, now=at("09 12:01"), speak=speak) == 0
        assert await timers.close_old(session, now=at("09 12:02")) == 1
    assert (await line.ticket(no)).state is TicketState.closed


async def test_timers_are_rows_and_run_by_the_job(line: Line, settings: Settings, texts: Texts) -> None:
    await line.asks(now=at("24 10:00"))
    assert await jobs.tick(line.db, texts, settings, now=at("24 11:40")) == 1
    assert await jobs.tick(line.db, texts, settings, now=at("24 12:10")) == 1
    assert await jobs.tick(line.db, texts, settings, now=at("24 12:11")) == 0
    assert await jobs.days(line.db, texts, settings, now=at("24 12:11")) == 1  # The shift of the day is announced
    assert await jobs.days(line.db, texts, settings, now=at("24 12:12")) == 0
    assert any("нужно ещё время" in text for text in await line.said(line.teacher))


# --- races -------------------------------------------------------------------------------------------


async def test_of_ten_who_press_at_once_one_takes_it(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    scopes = [await line.scope(line.first), await line.scope(line.second)]

    async def take(scope: Scope) -> str:
        try:
            async with line.db.begin() as session:
                await duty.claim(session, scope, no, now=at("24 10:05"))
        except UserError as refusal:
            return refusal.key
        return f"taken by {scope.person_id}"

    told = await asyncio.gather(*(take(scopes[number % 2]) for number in range(10)))
    winner = (await line.ticket(no)).methodist_id
    assert {one for one in told if one.startswith("taken")} == {f"taken by {winner}"}
    assert told.count("hotline-taken") == 5
    async with line.db.read() as session:
        claims = select(func.count()).where(TicketEvent.action == "claimed")
        assert await session.scalar(claims) == 1


async def test_two_who_take_the_next_get_different_ones(line: Line) -> None:
    numbers = [await line.asks(f"Вопрос {i}: как писать программу?", now=at("24 10:00")) for i in range(6)]
    scopes = [await line.scope(line.first), await line.scope(line.second)]

    async def take(scope: Scope) -> int | None:
        async with line.db.begin() as session:
            return await duty.claim_next(session, scope, now=at("24 10:05"))

    taken = await asyncio.gather(*(take(scopes[number % 2]) for number in range(8)))
    told = {(number, scopes[place % 2].person_id) for place, number in enumerate(taken) if number is not None}
    # A question is told to one of them, whoever presses how often.
    assert len(told) == len({number for number, _ in told})
    assert {number for number, _ in told} <= set(numbers)
    async with line.db.read() as session:
        held = await session.execute(select(Ticket.id, Ticket.methodist_id).where(Ticket.state == TicketState.assigned))
        assert {tuple(row) for row in held} == told


async def test_an_answer_pressed_twice_is_sent_once(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    scope = await line.scope(line.first)
    async with line.db.begin() as session:
        await duty.claim(session, scope, no, now=at("24 10:05"))

    async def send() -> str:
        try:
            async with line.db.begin() as session:
                await duty.answer(session, scope, no, "Вот так.", zone=ZONE, now=at("24 10:10"), speak=speak)
        except UserError as refusal:
            return refusal.key
        return "sent"

    assert sorted(await asyncio.gather(*(send() for _ in range(4)))) == ["hotline-decided"] * 3 + ["sent"]
    assert [text.split("|")[0] for text in await line.said(line.teacher)] == ["answer"]
    async with line.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Fact)) == 1


async def test_hundreds_of_questions_at_once(line: Line) -> None:
    """None lost, none doubled, each with a number and an hour."""
    async with line.db.begin() as session:
        school = await make_organisation(session)
        people = [await make_person(session, organisation=school) for _ in range(500)]
        ids = [person.id for person in people]

    async def ask(person_id: int) -> int:
        async with line.db.begin() as session:
            source = f"web:{person_id}:1"
            for _ in range(2):  # Delivered twice
                await asking.write(
                    session, person_id, Messenger.web, f"Вопрос от {person_id} про курсы", source=source,
                    now=at("24 10:00"),
                )  # fmt: skip
        async with line.db.begin() as session:
            return (await asking.send(session, person_id, zone=ZONE, now=at("24 10:00"))).no

    workers = asyncio.Semaphore(12)  # As the intake of a process has them

    async def turn(person_id: int) -> int:
        async with workers:
            return await ask(person_id)

    numbers = await asyncio.gather(*(turn(person_id) for person_id in ids))
    assert len(set(numbers)) == 500
    async with line.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(TicketMessage)) == 500
        rows = list(await session.execute(select(Ticket.author_id, Ticket.state, Ticket.due_at)))
    assert sorted(row.author_id for row in rows) == sorted(ids)
    assert {row.state for row in rows} == {TicketState.new}
    assert all(row.due_at is not None for row in rows)


# --- facts, rights, words ----------------------------------------------------------------------------


async def test_a_consultation_closes_the_step_of_the_route(line: Line) -> None:
    now, today = at("24 10:00"), at("24 10:00").date()
    async with line.db.begin() as session:
        iom = Iom(
            person_id=line.teacher, basis=IomBasis.request, state=IomState.active, starts_on=today,
            ends_on=today + timedelta(days=90), created_at=now,
        )  # fmt: skip
        session.add(iom)
        await session.flush()
        for place, kind in enumerate((ActivityKind.webinar, ActivityKind.consult)):
            session.add(
                IomStep(
                    iom_id=iom.id, place=place, kind=kind, title="Шаг", form=ActivityForm.distance, hours=1,
                    due_on=today + timedelta(days=30),
                )
            )  # fmt: skip
    no = await line.asks(now=now)
    await line.answers(no, now=now)
    async with line.db.read() as session:
        steps = list(await session.scalars(select(IomStep).order_by(IomStep.place)))
        assert [step.state for step in steps] == [StepState.planned, StepState.accepted]
        assert (steps[1].source_type, steps[1].source_id) == ("hotline", no)
        fact = (await session.scalars(select(Fact).where(Fact.kind == FactKind.consulted))).one()
        assert (fact.source_type, fact.source_id) == ("hotline", no)


async def test_without_a_name_nothing_leads_to_the_person(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"), anonymous=True)
    scope = await line.scope(line.first)
    async with line.db.read() as session:
        sheet = await desk.sheet(session, scope, no)
    assert (sheet.asker, sheet.position, sheet.municipality, sheet.author_id) == ("", "", "", None)
    await line.answers(no, now=at("24 10:10"))
    assert (await line.said(line.teacher))[-1].startswith(f"answer|{no}|Вот так.")
    async with line.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Fact)) == 0


async def test_who_may_what(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    teacher, first, second = [await line.scope(one) for one in (line.teacher, line.first, line.second)]
    now = at("24 10:05")
    async with line.db.begin() as session:
        for wrong in (
            desk.sheet(session, teacher, no),
            duty.claim(session, teacher, no, now=now),
            desk.queue(session, teacher, 0),
            roster.remove(session, first, 1, now=now),
            faq.publish(session, first, 1, today=now.date(), now=now),
        ):
            with pytest.raises(NotAllowed):
                await wrong
        with pytest.raises(UserError, match="hotline-not-yours"):
            await duty.answer(session, first, no, "Да.", zone=ZONE, now=now, speak=speak)
        await duty.claim(session, first, no, now=now)
        with pytest.raises(UserError, match="hotline-taken"):
            await duty.answer(session, second, no, "Да.", zone=ZONE, now=now, speak=speak)
        with pytest.raises(NotFound):
            await asking.card(session, line.first, no, now=now)
        with pytest.raises(NotFound):
            await asking.recall(session, line.second, no, now=now, speak=speak)
        # A draft is nobody's business.
        await asking.write(session, line.teacher, Messenger.web, "Ещё один вопрос", source=None, now=now)
        draft = await session.scalar(select(Ticket.id).where(Ticket.state == TicketState.draft))
        assert draft is not None
        with pytest.raises(NotFound):
            await desk.sheet(session, first, draft)
        with pytest.raises(NotFound):
            await duty.claim(session, first, draft, now=now)


async def test_an_edit_keeps_what_stood_before(line: Line) -> None:
    now = at("24 10:00")
    async with line.db.begin() as session:
        await asking.write(session, line.teacher, Messenger.web, "Было так", source="web:1:1", now=now)
        assert await asking.edited(session, "web:1:1", "Стало иначе", now=now)
        assert await asking.edited(session, "web:1:1", "Стало иначе", now=now)
        assert not await asking.edited(session, "web:1:99", "Чужое", now=now)
    async with line.db.read() as session:
        assert (await session.scalars(select(TicketMessage.text))).one() == "Стало иначе"
        assert (await session.scalars(select(TicketMessageVersion.text))).one() == "Было так"


async def test_two_questions_of_one_person_are_united(line: Line) -> None:
    first_no = await line.asks(now=at("24 10:00"))
    second_no = await line.asks("То же самое другими словами", now=at("24 10:03"))
    scope = await line.scope(line.first)
    async with line.db.begin() as session:
        await duty.unite(session, scope, second_no, first_no, now=at("24 10:05"), speak=speak)
        sheet = await desk.sheet(session, scope, first_no)
    assert "другими словами" in sheet.text
    assert (await line.ticket(second_no)).state is TicketState.merged
    assert (await line.said(line.teacher))[-1] == f"closed|{second_no}|||{first_no}"


async def test_a_shift_is_handed_over_with_new_hours(line: Line) -> None:
    async with line.db.begin() as session:
        session.add(DutySlot(starts_at=at("24 14:00"), ends_at=at("24 18:00"), methodist_id=line.second, themes=[]))
    no = await line.asks(now=at("24 10:30"))
    scope = await line.scope(line.first)
    async with line.db.begin() as session:
        await duty.claim(session, scope, no, now=at("24 11:40"))
        assert await duty.hand_over(session, scope, zone=ZONE, now=at("24 12:20"), speak=speak) == (
            1,
            "Ольга Ильинична",
        )
    ticket = await line.ticket(no)
    assert (ticket.methodist_id, ticket.due_at) == (line.second, at("24 16:00"))
    assert "passed" in (await line.said(line.teacher))[-1]


async def test_a_complex_question_has_three_days(line: Line) -> None:
    no = await line.asks(now=at("24 10:00"))
    scope = await line.scope(line.first)
    async with line.db.begin() as session:
        await duty.claim(session, scope, no, now=at("24 10:05"))
        await duty.set_complex(session, scope, no, zone=ZONE, now=at("24 10:10"), speak=speak)
    assert (await line.ticket(no)).due_at == at("26 16:00")


async def test_an_answer_becomes_ready_with_everybodys_agreement(line: Line) -> None:
    now, today = at("24 10:30"), at("24 10:30").date()
    no = await line.asks("В школе № 12 спорят: ставить ли отметки за ВПР? Завуч Иванова Мария Петровна против", now=now)
    await line.answers(no, now=now)
    first, head = await line.scope(line.first), await line.scope(line.head)
    async with line.db.begin() as session:
        made = await faq.candidate(session, first, no, now=now)
        assert "12" not in made.question
        assert "Иванова" not in made.question
        with pytest.raises(UserError, match="hotline-faq-not-agreed"):
            await faq.publish(session, head, made.id, today=today, now=now)
        await faq.ask_author(session, first, made.id, now=now, speak=speak)
        with pytest.raises(NotFound):
            await faq.author_says(session, line.second, made.id, agree=True, now=now)
        await faq.author_says(session, line.teacher, made.id, agree=True, now=now)
        # The words are looked at once more before anybody sees them.
        row = await session.get_one(FaqEntry, made.id)
        row.answer = "Звоните 8 910 123-45-67"
        with pytest.raises(UserError, match="hotline-faq-personal"):
            await faq.publish(session, head, made.id, today=today, now=now)
        row.answer = "Решает школа."
        assert await faq.similar(session, "отметки за ВПР", today=today) == []
        await faq.publish(session, head, made.id, today=today, now=now)
        assert [one.id for one in await faq.similar(session, "отметки за ВПР", today=today)] == [made.id]
        # A year later nobody is offered what nobody has looked at.
        later = today + timedelta(days=366)
        assert await faq.similar(session, "отметки за ВПР", today=later) == []
        await faq.checked(session, head, made.id, today=later, now=now)
        assert len(await faq.similar(session, "отметки за ВПР", today=later)) == 1
        await faq.withdraw(session, head, made.id, now=now)
        assert await faq.similar(session, "отметки за ВПР", today=later) == []
    assert (await line.ticket(no)).state is TicketState.faq


async def test_an_author_who_leaves_takes_her_words_along(line: Line) -> None:
    now = at("24 10:00")
    no = await line.asks("Личное про мою школу", now=now)
    async with line.db.begin() as session:
        await leaving.ask(session, line.teacher, now=now - timedelta(days=40))
        assert await leaving.carry_out(session, line.teacher, now=now) is not None
    async with line.db.read() as session:
        assert await session.get(Person, line.teacher) is None
        assert list(await session.scalars(select(TicketMessage))) == []
        ticket = await session.get_one(Ticket, no)
        assert (ticket.author_id, ticket.theme, ticket.state) == (None, TicketTheme.other, TicketState.withdrawn)


async def test_a_roster_from_a_table(line: Line) -> None:
    head = await line.scope(line.head)
    titles = {"впр огэ егэ": "exams", "оценивание": "assessment", "овз и инклюзия": "inclusion"}
    table = [
        {"date": "25.11.2026", "from": "9:00", "to": "12:00", "methodist": "Ложкина А. П.", "themes": "впр; оценивание",
         "substitute": "Миронова Ольга Ильинична"},
        {"date": "2026-11-26 00:00:00", "from": "14.00", "to": "17", "methodist": "миронова", "themes": ""},
        {"date": "25.11.2026", "from": "11:00", "to": "13:00", "methodist": "Ложкина Анна Петровна"},
        {"date": "31.11.2026", "from": "9:00", "to": "12:00", "methodist": "Миронова"},
        {"date": "27.11.2026", "from": "12:00", "to": "9:00", "methodist": "Миронова"},
        {"date": "27.11.2026", "from": "9:00", "to": "12:00", "methodist": "Кашина"},
        {"date": "27.11.2026", "from": "9:00", "to": "12:00", "methodist": "Миронова", "themes": "астрономия"},
        {"date": "20.11.2026", "from": "9:00", "to": "12:00", "methodist": "Миронова"},
    ]  # fmt: skip
    now = at("24 08:00")
    async with line.db.begin() as session:
        rows = await roster.read(session, head, table, titles, zone=ZONE, today=now.date(), now=now)
        assert [row.problem for row in rows] == [
            "", "", "hotline-import-busy", "hotline-import-date", "hotline-import-hours", "hotline-import-nobody",
            "hotline-import-theme", "hotline-import-past",
        ]  # fmt: skip
        assert await roster.apply(session, head, rows, now=now) == 2
        found = await roster.shifts(session, since=at("25 00:00"), until=at("27 00:00"))
    assert [(one.methodist_id, one.themes) for one in found] == [
        (line.first, ("assessment", "exams")),
        (line.second, ()),
    ]
    assert found[0].substitute == "Ольга Ильинична"
