"""Events by their services: the life of a list, marks and their facts, staff and their reach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Activity,
    ActivityForm,
    ActivityKind,
    Attendance,
    AttendanceMethod,
    CompetenceGroup,
    Confidence,
    Event,
    EventKind,
    EventRule,
    EventState,
    Fact,
    FactKind,
    Iom,
    IomBasis,
    IomState,
    IomStep,
    Registration,
    RegistrationState,
    Role,
    ScopeKind,
    StepState,
)
from bot.rules import attendance as rules
from bot.rules.attendance import Verdict
from bot.services.access import NOBODY, Grant, Scope
from bot.services.events import attending, keeping, lists, logs, looking, reading, signing
from bot.services.events.keeping import EventDraft
from bot.services.events.signing import Result
from tests.factories import NOW, make_event, make_municipality, make_organisation, make_person

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
TUTOR = Scope(None, (Grant(Role.tutor, ScopeKind.region),))
BEGIN = NOW + timedelta(days=7)
ZONE = "Europe/Moscow"


def draft(**more: object) -> EventDraft:
    given: dict[str, object] = {
        "title": "Методическая среда", "kind": EventKind.webinar, "starts_at": BEGIN,
        "ends_at": BEGIN + timedelta(minutes=90), "zone": ZONE, "hours": 1.5, "form": ActivityForm.distance, **more,
    }  # fmt: skip
    return EventDraft(**given)  # type: ignore[arg-type]


async def state_of(db: Database, event_id: int, person_id: int) -> RegistrationState:
    async with db.read() as session:
        own = await reading.place_of(session, event_id, person_id)
    assert own is not None
    return own.state


async def test_in_and_out_and_the_seat_goes_on(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, seats=1)
        first, second, third = [(await make_person(session)).id for _ in range(3)]
        assert (await signing.sign_up(session, first, event.id, now=NOW)).result is Result.signed
        assert (await signing.sign_up(session, first, event.id, now=NOW)).result is Result.already
        full = await signing.sign_up(session, second, event.id, now=NOW)
        assert (full.result, full.waiting, full.got) == (Result.full, 0, None)
        assert (await signing.wait(session, second, event.id, now=NOW)).ahead == 0
        later = NOW + timedelta(minutes=1)
        waiting = await signing.wait(session, third, event.id, now=later)
        assert (waiting.result, waiting.ahead) == (Result.waiting, 1)
        assert (await signing.wait(session, third, event.id, now=later)).ahead == 1, "twice is once"
        await signing.leave(session, first, event.id, now=later)
    assert await state_of(db, event.id, second) is RegistrationState.offered
    assert await state_of(db, event.id, third) is RegistrationState.waiting
    async with db.begin() as session:
        # The offer is hers: nobody else gets the seat meanwhile, not even who left.
        assert (await signing.sign_up(session, first, event.id, now=later)).result is Result.full
        assert (await signing.sign_up(session, second, event.id, now=later)).result is Result.signed
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.waiting, numbers.held) == (1, 1, 1)


async def test_an_offer_that_nobody_took_goes_to_the_next(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, seats=1)
        first, second, third = [(await make_person(session)).id for _ in range(3)]
        await signing.sign_up(session, first, event.id, now=NOW)
        await signing.wait(session, second, event.id, now=NOW)
        await signing.wait(session, third, event.id, now=NOW)
        await signing.leave(session, first, event.id, now=NOW)
        (await reading.place_of(session, event.id, second)).held_until = NOW + timedelta(hours=12)  # type: ignore[union-attr]
        assert await signing.lapse(session, event.id, now=NOW + timedelta(hours=11)) == []
        assert [row.person_id for row in await signing.lapse(session, event.id, now=NOW + timedelta(hours=12))] == [
            second
        ]
    assert await state_of(db, event.id, second) is RegistrationState.passed
    assert await state_of(db, event.id, third) is RegistrationState.offered
    async with db.begin() as session:
        again = await signing.wait(session, second, event.id, now=NOW + timedelta(hours=13))
        assert again.result is Result.waiting


async def test_a_clash_and_a_full_week_are_said_first(db: Database) -> None:
    async with db.begin() as session:
        person = (await make_person(session)).id
        same = await make_event(session, "Другой вебинар", starts_at=BEGIN + timedelta(minutes=30))
        event = await make_event(session)
        await signing.sign_up(session, person, same.id, now=NOW)
        outcome = await signing.sign_up(session, person, event.id, now=NOW)
        assert outcome.result is Result.clash
        assert outcome.other is not None
        assert outcome.other.id == same.id
        swapped = await signing.sign_up(session, person, event.id, now=NOW, instead=same.id)
        assert swapped.result is Result.signed
        for day in (1, 2):
            other = await make_event(session, starts_at=BEGIN + timedelta(days=day))
            assert (await signing.sign_up(session, person, other.id, now=NOW)).result is Result.signed
        fourth = await make_event(session, starts_at=BEGIN + timedelta(days=3))
        outcome = await signing.sign_up(session, person, fourth.id, now=NOW)
        assert (outcome.result, outcome.load) == (Result.load, 3)
        assert (await signing.sign_up(session, person, fourth.id, now=NOW, sure=True)).result is Result.signed
    assert await state_of(db, same.id, person) is RegistrationState.cancelled


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"state": EventState.closed}, "events-closed"),
        ({"state": EventState.cancelled}, "events-was-cancelled"),
        ({"opens_at": NOW + timedelta(days=1)}, "events-not-yet"),
        ({"closes_at": NOW}, "events-closed"),
        ({"starts_at": NOW - timedelta(minutes=1)}, "events-closed"),
        ({"positions": ["director"]}, "events-not-for-you"),
        ({"young_only": True}, "events-not-for-you"),
        ({"managers_only": True}, "events-not-for-you"),
    ],
)
async def test_where_one_cannot_sign_up(db: Database, more: dict[str, object], key: str) -> None:
    async with db.begin() as session:
        event = await make_event(session, **more)  # type: ignore[arg-type]
        person = (await make_person(session)).id
        with pytest.raises(UserError) as refused:
            await signing.sign_up(session, person, event.id, now=NOW)
    assert refused.value.key == key


async def test_a_draft_is_nobodys(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, state=EventState.draft)
        person = (await make_person(session)).id
        for act in (signing.sign_up, signing.wait, signing.leave):
            with pytest.raises(NotFound):
                await act(session, person, event.id, now=NOW)
        with pytest.raises(NotFound):
            await reading.card(session, event.id, person)


async def facts_of(db: Database, *, voided: bool = False) -> list[str]:
    async with db.read() as session:
        rows = await session.scalars(
            select(Fact.kind).where(Fact.voided_at.is_not(None) if voided else Fact.voided_at.is_(None))
        )
        return sorted(kind.value for kind in rows)


async def test_a_word_of_the_screen_makes_facts(db: Database) -> None:
    during = BEGIN + timedelta(minutes=20)
    async with db.begin() as session:
        event = await make_event(session)
        person = (await make_person(session)).id
        await signing.sign_up(session, person, event.id, now=NOW)
        word = rules.word(event.secret, rules.window_of(during), 0)
        early = await attending.by_word(session, person, event.id, word, now=NOW)
        assert early.verdict is Verdict.early
        marked = await attending.by_word(session, person, event.id, word.lower(), now=during)
        assert (marked.verdict, marked.completed, marked.again) == (Verdict.right, True, False)
        assert (await attending.by_word(session, person, event.id, word, now=during)).again
    assert await facts_of(db) == ["attended", "event_completed"]
    async with db.begin() as session:
        with pytest.raises(UserError):
            await attending.take_back(session, HEAD, event.id, person, reason=" ", now=during)
        await attending.take_back(session, HEAD, event.id, person, reason="Была на другом занятии", now=during)
        row = (await session.scalars(select(Attendance))).one()
        assert (row.void_reason, row.voided_at) == ("Была на другом занятии", during)
    assert await facts_of(db) == []
    assert await facts_of(db, voided=True) == ["attended", "event_completed"]


async def test_a_word_of_somebody_from_elsewhere_waits_for_a_look(db: Database) -> None:
    during = BEGIN + timedelta(minutes=20)
    async with db.begin() as session:
        event = await make_event(session)
        person = (await make_person(session)).id
        word = rules.word(event.secret, rules.window_of(during), 0)
        assert (await attending.by_word(session, person, event.id, word, now=during)).verdict is Verdict.right
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.attended, numbers.doubtful) == (0, 0, 1)
    assert await facts_of(db) == []
    async with db.begin() as session:
        await attending.accept_doubtful(session, TUTOR, event.id, person, now=during)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.attended, numbers.completed, numbers.doubtful) == (0, 1, 1, 0)
    assert await facts_of(db) == ["attended", "event_completed"]


async def test_five_wrong_words_close_the_input(db: Database) -> None:
    during = BEGIN + timedelta(minutes=20)
    async with db.begin() as session:
        event = await make_event(session)
        person = (await make_person(session)).id
    word = rules.word(event.secret, rules.window_of(during), 0)
    for _ in range(5):
        async with db.begin() as session:
            tried = await attending.try_word(session, person, [event.id], "СОМ 11", place="event:web:1", now=during)
        assert tried is not None
        assert tried.verdict is Verdict.wrong
    async with db.begin() as session:
        with pytest.raises(UserError):
            await attending.try_word(session, person, [event.id], word, place="event:web:1", now=during)


async def test_registered_attended_and_completed_are_three_numbers(db: Database) -> None:
    after = BEGIN + timedelta(hours=3)
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.log, log_share=70)
        people = [(await make_person(session)).id for _ in range(4)]
        for person in people:
            await signing.sign_up(session, person, event.id, now=NOW)
        assert await attending.mark_from_log(session, HEAD, event, people[0], 80, now=after)
        assert await attending.mark_from_log(session, HEAD, event, people[1], 20, now=after)
        assert not await attending.mark_from_log(session, HEAD, event, people[1], 25, now=after)
        await attending.mark_by_sheet(session, HEAD, event.id, [people[2]], now=after)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.attended, numbers.completed) == (4, 3, 1)
        # A reason of a member of staff decides, and the weaker mark stays in the history.
        assert (
            await attending.mark_by_hand(session, HEAD, event.id, [people[1]], reason="Связь рвалась", now=after) == 1
        )
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.attended, numbers.completed) == (3, 2)
        rows = (await session.scalars(select(Attendance).where(Attendance.person_id == people[1]))).all()
        assert [(row.method, row.voided_at is None) for row in sorted(rows, key=lambda row: row.id)] == [
            (AttendanceMethod.log_import, False),
            (AttendanceMethod.manual, True),
        ]
        with pytest.raises(UserError):
            await attending.mark_by_hand(session, HEAD, event.id, people, reason="", now=after)
        assert rows[0].confidence is Confidence.high


async def test_nobody_is_marked_before_the_beginning(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session)
        person = (await make_person(session)).id
        with pytest.raises(UserError):
            await attending.mark_by_sheet(session, HEAD, event.id, [person], now=NOW)


async def test_a_series_every_second_wednesday(db: Database) -> None:
    async with db.begin() as session:
        first = await keeping.save(session, HEAD, draft(starts_at=NOW + timedelta(days=1), ends_at=BEGIN), now=NOW)
        made = await keeping.repeat(
            session, HEAD, first, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", until=date(2027, 1, 20), now=NOW
        )
        rows = (await session.scalars(select(Event).order_by(Event.starts_at))).all()
        assert [row.starts_at.date().isoformat() for row in rows] == [
            "2026-11-25", "2026-12-09", "2026-12-23", "2027-01-06", "2027-01-20",
        ]  # fmt: skip
        assert len(made) == 4
        assert len({row.series_id for row in rows}) == 1
        assert {row.state for row in rows} == {EventState.draft}
        assert len({row.secret for row in rows}) == 5
        with pytest.raises(UserError):
            await keeping.repeat(session, HEAD, first, rule="каждую среду", until=date(2027, 1, 20), now=NOW)


async def test_states_go_forward_and_a_cancelled_event_stays_cancelled(db: Database) -> None:
    async with db.begin() as session:
        event_id = await keeping.save(session, HEAD, draft(), now=NOW)
        with pytest.raises(UserError):
            await keeping.to_state(session, HEAD, event_id, EventState.held, now=NOW)
        await keeping.to_state(session, HEAD, event_id, EventState.open, now=NOW)
        with pytest.raises(UserError):
            await keeping.to_state(session, HEAD, event_id, EventState.held, now=NOW)
        with pytest.raises(UserError):
            await keeping.cancel(session, HEAD, event_id, reason=" ", now=NOW)
        await keeping.cancel(session, HEAD, event_id, reason="Болезнь ведущего", now=NOW)
        with pytest.raises(UserError):
            await keeping.move(session, HEAD, event_id, starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=1), now=NOW)
        with pytest.raises(UserError):
            await keeping.to_state(session, HEAD, event_id, EventState.open, now=NOW)


async def test_an_event_is_not_moved_into_the_past(db: Database) -> None:
    async with db.begin() as session:
        event_id = await keeping.save(session, HEAD, draft(closes_at=BEGIN - timedelta(hours=2)), now=NOW)
        await keeping.to_state(session, HEAD, event_id, EventState.open, now=NOW)
        past = NOW - timedelta(hours=1)
        with pytest.raises(UserError) as refused:
            await keeping.move(session, HEAD, event_id, starts_at=past, ends_at=BEGIN, now=NOW)
        assert refused.value.key == "events-into-the-past"
        later = BEGIN + timedelta(days=1)
        await keeping.move(session, HEAD, event_id, starts_at=later, ends_at=later + timedelta(minutes=90), now=NOW)
        event = await session.get_one(Event, event_id)
        assert (event.notice, event.notice_no, event.was_at) == ("moved", 1, BEGIN)
        assert event.closes_at == later - timedelta(hours=2)


async def test_a_copy_takes_nobody_along(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, recording="https://video.example/1", code="A-1")
        person = (await make_person(session)).id
        await signing.sign_up(session, person, event.id, now=NOW)
        made = await keeping.copy(session, HEAD, event.id, starts_at=BEGIN + timedelta(days=30), now=NOW)
        again = await session.get_one(Event, made)
        assert (again.state, again.code, again.recording, again.title) == (EventState.draft, None, "", event.title)
        assert again.ends_at - again.starts_at == event.ends_at - event.starts_at
        assert (await reading.numbers_of(session, [made]))[made].held == 0


async def test_an_open_event_is_a_line_of_the_catalogue(db: Database) -> None:
    async with db.begin() as session:
        session.add(CompetenceGroup(slug="digital", title="Цифровые", place=1))
        await session.flush()
        event_id = await keeping.save(session, HEAD, draft(groups=("digital",)), now=NOW)
        assert await signing.activity_of(session, event_id) is None
        await keeping.to_state(session, HEAD, event_id, EventState.open, now=NOW)
        number = await signing.activity_of(session, event_id)
        assert number is not None
        assert (await session.get_one(Activity, number)).active
        await keeping.cancel(session, HEAD, event_id, reason="Болезнь ведущего", now=NOW)
        assert not (await session.get_one(Activity, number)).active


async def test_a_school_proposes_and_the_teacher_answers(db: Database) -> None:
    async with db.begin() as session:
        place = await make_organisation(session, municipality=await make_municipality(session))
        mine = [(await make_person(session, organisation=place)).id for _ in range(3)]
        stranger = (await make_person(session)).id
        event = await make_event(session, seats=2)
        curator = Scope(None, (Grant(Role.curator, ScopeKind.organisation, place.id),))
        with pytest.raises(NotAllowed):
            await lists.enrol(session, curator, event.id, [stranger], now=NOW)
        done = await lists.enrol(session, curator, event.id, mine, now=NOW)
        assert (done.proposed, done.known, done.no_seat) == (2, 0, 1)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.held) == (0, 2), "nobody is signed up without her word"
        assert (await signing.sign_up(session, mine[0], event.id, now=NOW)).result is Result.signed
        await signing.leave(session, mine[1], event.id, now=NOW)
        again = await lists.enrol(session, curator, event.id, mine[:2], now=NOW)
        assert (again.proposed, again.known) == (0, 2), "a refusal is not asked about twice"
        # Names outside of the reach are not told.
        await signing.sign_up(session, stranger, event.id, now=NOW)
        seen = await lists.people(session, curator, event.id, today=NOW.date())
        assert {line.person_id for line in seen} == {mine[0]}
    assert await state_of(db, event.id, mine[1]) is RegistrationState.declined


async def test_a_seat_out_of_turn_has_a_reason_everybody_reads(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session, seats=2)
        first, second, third = [(await make_person(session)).id for _ in range(3)]
        await signing.sign_up(session, first, event.id, now=NOW)
        await lists.out_of_turn(session, HEAD, event.id, second, reason="Этот вебинар — шаг ИОМ", now=NOW)
        await signing.sign_up(session, second, event.id, now=NOW)
        card = await reading.card(session, event.id, third)
        assert card.out_of_turn == ("Этот вебинар — шаг ИОМ",)
        with pytest.raises(UserError):
            await lists.out_of_turn(session, HEAD, event.id, third, reason="Просили", now=NOW)


async def test_who_may_what(db: Database) -> None:
    teacher = Scope(None, (Grant(Role.teacher, ScopeKind.region),))
    async with db.begin() as session:
        event = await make_event(session)
        for scope in (NOBODY, teacher, TUTOR):
            with pytest.raises(NotAllowed):
                await keeping.save(session, scope, draft(), now=NOW)
            with pytest.raises(NotAllowed):
                await keeping.cancel(session, scope, event.id, reason="x", now=NOW)
            with pytest.raises(NotAllowed):
                await lists.enrol(session, scope, event.id, [], now=NOW)
        for scope in (NOBODY, teacher):
            with pytest.raises(NotAllowed):
                await attending.stage(session, scope, event.id, now=NOW)
            with pytest.raises(NotAllowed):
                await keeping.page(session, scope, now=NOW)


async def test_what_suits_comes_with_its_reason(db: Database) -> None:
    async with db.begin() as session:
        person = (await make_person(session, subjects=("math",), birth_year=2000, teach_since_year=2025)).id
        await make_event(session, "Для всех", starts_at=BEGIN)
        await make_event(session, "Директорам", positions=["director"])
        await make_event(session, "Молодым", young_only=True, starts_at=BEGIN + timedelta(days=1))
        taken = await make_event(session, "Уже запись", starts_at=BEGIN + timedelta(days=2))
        await signing.sign_up(session, person, taken.id, now=NOW)
        page = await looking.suiting(session, person, now=NOW)
        assert [(line.title, why.value) for line, why in page.lines] == [
            ("Молодым", "young"),
            ("Для всех", "everybody"),
        ]


async def test_rows_of_a_list_say_nothing_twice(db: Database) -> None:
    async with db.begin() as session:
        event = await make_event(session)
        person = (await make_person(session)).id
        await signing.sign_up(session, person, event.id, now=NOW)
        await signing.leave(session, person, event.id, now=NOW)
        await signing.sign_up(session, person, event.id, now=NOW)
        assert len((await session.scalars(select(Registration))).all()) == 1
        assert (await session.scalars(select(Fact).where(Fact.kind == FactKind.attended))).all() == []


async def test_from_a_step_of_a_route_to_its_acceptance_without_typing(db: Database) -> None:
    """The event is a line of the catalogue, a step of an ИОМ, offered first, attended, and the step is accepted."""
    during = BEGIN + timedelta(minutes=20)
    async with db.begin() as session:
        session.add(CompetenceGroup(slug="digital", title="Цифровые", place=1))
        await session.flush()
        event_id = await keeping.save(session, HEAD, draft(groups=("digital",)), now=NOW)
        await keeping.to_state(session, HEAD, event_id, EventState.open, now=NOW)
        await make_event(session, "Другой вебинар", starts_at=NOW + timedelta(days=1))
        person = (await make_person(session)).id
        route = Iom(
            person_id=person, basis=IomBasis.request, state=IomState.active, starts_on=NOW.date(),
            ends_on=NOW.date() + timedelta(days=90), created_at=NOW,
        )  # fmt: skip
        session.add(route)
        await session.flush()
        step = IomStep(
            iom_id=route.id, place=0, kind=ActivityKind.webinar, title="Методическая среда", form=ActivityForm.distance,
            hours=2, due_on=NOW.date() + timedelta(days=30), activity_id=await signing.activity_of(session, event_id),
        )  # fmt: skip
        session.add(step)
        await session.flush()
        number = step.id
        page = await looking.suiting(session, person, now=NOW)
        assert next((line.title, why.value) for line, why in page.lines) == ("Методическая среда", "iom")
        await signing.sign_up(session, person, event_id, now=NOW)
        assert (await session.get_one(IomStep, number)).state is StepState.planned, "signed up is not done"
        secret = (await session.get_one(Event, event_id)).secret
        word = rules.word(secret, rules.window_of(during), 0)
        assert (await attending.by_word(session, person, event_id, word, now=during)).completed
    async with db.read() as session:
        step = await session.get_one(IomStep, number)
        assert (step.state, step.source_type, step.source_id) == (StepState.accepted, "event", event_id)
        assert step.accepted_on == BEGIN.date()


async def test_a_log_marks_the_certain_and_asks_about_the_rest(db: Database) -> None:
    end = BEGIN + timedelta(hours=3)
    async with db.begin() as session:
        event = await make_event(session, rule=EventRule.log, log_share=70)
        names = ("Иванова Мария Петровна", "Петрова Анна Львовна", "Сидорова Вера Ивановна")
        maria, anna, vera = [(await make_person(session, name)).id for name in names]
        for person in (maria, anna, vera):
            await signing.sign_up(session, person, event.id, now=NOW)
        text = "Иванова Мария Петровна; 40\nИВАНОВА МАРИЯ ПЕТРОВНА; 30 мин\n"
        text += "Анна Петрова\t80\nГость 1234\nЧужой Человек;90\n"
        with pytest.raises(UserError):
            await logs.take(session, HEAD, event.id, text, now=BEGIN)
        taken = await logs.take(session, HEAD, event.id, text, now=end)
        assert (taken.marked, taken.waiting, taken.unread) == (1, 2, 1)
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.registered, numbers.attended, numbers.completed) == (3, 1, 1), "two entries of one are added up"
        first, second = await logs.doubts(session, HEAD, event.id)
        assert (first.name, [person for person, _ in first.candidates]) == ("Анна Петрова", [anna])
        assert (second.name, second.candidates) == ("Чужой Человек", ())
        with pytest.raises(NotFound):
            await logs.settle(session, HEAD, event.id, second.id, 10**6, now=end)
        await logs.settle(session, HEAD, event.id, first.id, anna, now=end)
        await logs.settle(session, HEAD, event.id, second.id, None, now=end)
        assert await logs.doubts(session, HEAD, event.id) == []
        numbers = (await reading.numbers_of(session, [event.id]))[event.id]
        assert (numbers.attended, numbers.completed) == (2, 2)
        with pytest.raises(NotAllowed):
            await logs.take(session, NOBODY, event.id, text, now=end)
