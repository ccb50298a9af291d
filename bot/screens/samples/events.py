"""Screens of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.i18n import Translator
from bot.models import ActivityForm, EventKind, EventRule, EventState, RegistrationState
from bot.rules.attendance import Verdict
from bot.rules.event_quiz import Stand
from bot.rules.events import Why
from bot.screens import events
from bot.screens.events.wording import When
from bot.screens.samples.invented import BIG, CENTRE, LONG_NAME, NOW, SUBJECTS, ZONE, Sample
from bot.services.events.attending import Marked
from bot.services.events.looking import CalendarPage, Mine, Suiting
from bot.services.events.quiz import Ask, Miss, Quiz, QuizDone
from bot.services.events.reading import EventCard, EventLine, Numbers, QuizTerms
from bot.services.events.signing import Outcome, Result

WHEN = When(NOW, ZONE)


def event_line(number: int, *, long: bool = False) -> EventLine:
    title = "Интерактивное задание за двадцать минут: мастер-класс для учителей начальной школы и словесников области"
    starts = NOW + timedelta(days=400 if long else 7)
    return EventLine(
        id=number,
        title=title if long else "Критерии, понятные ученику",
        kind=EventKind.community if long else EventKind.webinar,
        state=EventState.open,
        form=ActivityForm.mixed if long else ActivityForm.distance,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=95 if long else 60),
        zone="Europe/Moscow",
        seats=1000 if long else None,
        opens_at=None,
        closes_at=None,
        speakers=LONG_NAME * 4 if long else "Мещерякова Ирина Олеговна",
        hours=1.5,
        place="Смоленск, улица Октябрьской Революции, дом 20а, корпус 2, третий этаж, кабинет 312" * 2 if long else "",
        young_only=False,
        tags=(),
        is_demo=long,
        reserved=3 if long else 0,
        numbers=Numbers(registered=997, held=997, waiting=121 if long else 0),
    )


def sample_line(*, long: bool) -> EventLine:
    """An event for screens of other subjects."""
    return event_line(BIG, long=long)


def event_card(*, long: bool, own: RegistrationState | None = None) -> EventCard:
    """Its card."""
    return EventCard(
        line=event_line(BIG, long=long),
        about="Критерии вместе с классом, вопросы по ходу урока, разбор работ без отметки. " * 8 if long else "",
        bring="Рабочую программу, тетрадь и одну контрольную работу с ошибками учеников" if long else "",
        organiser=CENTRE,
        groups=("Психолого-педагогические", "Нормативно-правовые", "Коммуникативные") if long else ("Методические",),
        subjects=tuple(choice.title for choice in SUBJECTS) if long else (),
        rule=EventRule.any if long else EventRule.code,
        log_share=70,
        has_link=not long,
        materials="https://example.org/m" if long else "",
        recording="https://example.org/v" if long else "",
        gives_certificate=True,
        hold_hours=12,
        cancel_by=NOW + timedelta(days=300) if long else None,
        own=own,
        held_until=NOW + timedelta(hours=12) if own is RegistrationState.offered else None,
        ahead=21,
        out_of_turn=("место для тех, у кого этот вебинар — шаг ИОМ", "ведущие соседней секции") if long else (),
    )


def event_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield Sample("events.empty", events.empty(t))
    until = NOW + timedelta(hours=12)
    for name, long in (("short", False), ("long", True)):
        line, told = event_line(BIG, long=long), event_card(long=long)
        month = NOW.date().replace(day=1)
        page = CalendarPage(
            tuple(event_line(BIG - n, long=long) for n in range(4)), month, int(long), 47 if long else 4, None, month
        )
        yield Sample(f"events.month {name}", events.month(t, page, WHEN, guest=not long))
        fits = Suiting(tuple((event_line(BIG - n, long=long), Why.iom) for n in range(4)), int(long), 12 if long else 4)
        yield Sample(f"events.suiting {name}", events.suiting(t, fits, WHEN))
        waiting = RegistrationState.waiting
        own = [Mine(event_line(BIG - n, long=long), waiting) for n in range(5)]
        yield Sample(f"events.mine {name}", events.mine(t, own, WHEN))
        yield Sample(f"events.card {name}", events.card(t, told, WHEN))
        yield Sample(f"events.more {name}", events.more(t, told, WHEN))
        yield Sample(
            f"events.share {name}", events.share(t, line, WHEN, link="https://marshrut.example/?start=event_1")
        )
        outcome = Outcome(
            Result.signed, line, ahead=BIG if long else 0, waiting=121 if long else 0, hold_hours=12,
            other=event_line(BIG - 1, long=long), load=5, left=BIG if long else None, got=21 if long else None,
            has_link=not long,
        )  # fmt: skip
        yield Sample(f"events.signed {name}", events.signed(t, outcome, WHEN))
        yield Sample(f"events.clash {name}", events.clash(t, outcome, WHEN))
        yield Sample(f"events.load {name}", events.load(t, outcome))
        yield Sample(f"events.full {name}", events.full(t, outcome, WHEN))
        yield Sample(f"events.waiting {name}", events.waiting(t, outcome, WHEN))
        yield Sample(f"events.unsigned {name}", events.unsigned(t, line, WHEN))
        yield Sample(f"events.calendar_file {name}", events.calendar_file(t, line, b"BEGIN:VCALENDAR"), pushed=True)
        yield Sample(f"events.offer {name}", events.offer(t, line, WHEN, until=until), pushed=True)
        yield Sample(f"events.passed {name}", events.passed(t, line, WHEN, until=until), pushed=True)
        yield Sample(f"events.nobody {name}", events.nobody(t, line), pushed=True)
        reason = "место для тех, у кого этот вебинар — шаг ИОМ" if long else ""
        yield Sample(f"events.proposed {name}", events.proposed(t, line, WHEN, until=until, reason=reason), pushed=True)
        yield Sample(f"events.moved {name}", events.moved(t, line, WHEN, was=NOW + timedelta(days=5)), pushed=True)
        yield Sample(
            f"events.cancelled {name}", events.cancelled(t, line, WHEN, reason="болезнь ведущего"), pushed=True
        )
        yield Sample(f"events.tomorrow {name}", events.tomorrow(t, told, WHEN), pushed=True)
        room = "" if long else "https://marshrut.example/e/abcdefghijklmnopqrstuvwx"
        yield Sample(f"events.soon {name}", events.soon(t, told, WHEN, room=room), pushed=True)
        yield Sample(f"events.will {name}", events.will(t, line, WHEN))
        yield Sample(f"events.here {name}", events.here(t, line.title, doubtful=long, certificate=not long))
        yield Sample(f"events.claimed {name}", events.claimed(t, line.title))
        yield Sample(f"events.unmarked {name}", events.unmarked(t, line, WHEN, recording=long), pushed=True)
        url = "https://example.org/v" if long else ""
        yield Sample(f"events.recording {name}", events.recording(t, line, url=url))
        yield Sample(f"events.grade {name}", events.grade(t, line), pushed=True)
        yield Sample(
            f"events.certificate {name}",
            events.certificate(
                t, line, number="26-4TK7Q-2M9PX", hours="1,5", masked="Ше*** Е. В.",
                materials="https://example.org/m" if long else "", open_name=long,
            ),
            pushed=True,
        )  # fmt: skip
    yield Sample("events.suiting none", events.suiting(t, Suiting((), 0, 0), WHEN))
    yield Sample("events.mine none", events.mine(t, [], WHEN))
    for state in RegistrationState:
        yield Sample(f"events.card {state.value}", events.card(t, event_card(long=True, own=state), WHEN))
    running = replace(event_line(1), starts_at=NOW - timedelta(minutes=5))
    inside = replace(event_card(long=False, own=RegistrationState.signed), line=running)
    yield Sample("events.card running", events.card(t, inside, WHEN, room="https://marshrut.example/e/abc"))
    gone = replace(event_line(1), state=EventState.cancelled)
    yield Sample("events.card called off", events.card(t, replace(event_card(long=False), line=gone), WHEN))
    yield from _quiz(t)
    yield Sample("events.code", events.code(t, BIG))
    yield Sample("events.unseen", events.unseen(t, BIG))
    yield Sample("events.grade_words", events.grade_words(t))
    yield Sample("events.thanks", events.thanks(t))


def _quiz(t: Translator) -> Iterator[Sample]:
    line = event_line(BIG, long=True)
    terms = QuizTerms(5, NOW, NOW + timedelta(days=1))
    over = replace(event_card(long=True, own=RegistrationState.signed), quiz=terms, rule=EventRule.quiz)
    over = replace(over, line=replace(line, starts_at=NOW - timedelta(hours=2), ends_at=NOW - timedelta(minutes=5)))
    yield Sample("events.card quiz", events.card(t, over, WHEN))
    yield Sample("events.quiz_offer", events.quiz_offer(t, over, WHEN), pushed=True)
    words = "Что делает ответ ученика видимым всему классу и экономит время учителя на уроке? " * 3
    ask = Ask(words[:200], tuple(f"{n}: {words[:75]}" for n in range(5)), 4, "0123")
    told = Quiz(Stand.ask, BIG, line.title, 5, 3, 2, 999, 5, NOW, NOW + timedelta(days=1), ask=ask)
    for stand in Stand:
        yield Sample(f"events.quiz {stand.value}", events.quiz(t, replace(told, stand=stand), WHEN))
    yield Sample("events.question", events.question(t, told))
    misses = tuple(Miss(words[:200], words[:200], words[:80]) for _ in range(5))
    marked = Marked(Verdict.right, BIG, line.title, on_list=True, completed=True, gives_certificate=True)
    yield Sample("events.quiz_done passed", events.quiz_done(t, QuizDone(told, 3, True, misses[:2], marked)))
    door = replace(marked, on_list=False)
    yield Sample("events.quiz_done doubtful", events.quiz_done(t, QuizDone(told, 5, True, (), door)))
    yield Sample("events.quiz_done again", events.quiz_done(t, QuizDone(told, 0, False, misses)))
    yield Sample("events.quiz_done spent", events.quiz_done(t, QuizDone(replace(told, left=0), 0, False, misses)))
