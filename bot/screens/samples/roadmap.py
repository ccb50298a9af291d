"""Screens of the roadmap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.i18n import Translator
from bot.models import OccurrenceKind, OccurrenceState, ProofKind, ProofState, ReminderOf
from bot.rules.roadmap import Stage
from bot.rules.roadmap_registers import Register
from bot.screens import roadmap
from bot.screens.samples.invented import BIG, CENTRE, FULL_NAME, LONG_FULL_NAME, NOW, TODAY, ZONE, Sample
from bot.services.roadmap.cards import Own
from bot.services.roadmap.checking import Transfer, Verdict, Waiting
from bot.services.roadmap.looking import Day, Standing
from bot.services.roadmap.looking import Line as Measure
from bot.services.roadmap.people import Answering
from bot.services.roadmap.reminding import Digest, Line
from bot.services.roadmap.snapshots import Offer, Period
from bot.ui.pager import Page

TITLE = "Реестр маршрутов за квартал"
LONG = (
    "Подготовка и проведение межмуниципальных практических занятий для учителей, которые преподают в школах "
    "с низкими образовательными результатами, с разбором уроков и общей справкой по итогам полугодия"
)
RESULT = "реестр в формате таблицы, подписанный вторым лицом"
WHO = Answering(BIG, FULL_NAME, "ru")
OTHERS = (WHO, Answering(BIG - 1, LONG_FULL_NAME, "ru"))


def _day(
    number: int,
    due: date,
    state: OccurrenceState = OccurrenceState.open,
    *,
    start: date | None = None,
    kind: OccurrenceKind = OccurrenceKind.due,
    tentative: bool = False,
    said: str = "",
    move_to: date | None = None,
) -> Day:
    closed = NOW if state is OccurrenceState.closed else None
    reason = "ждём протокол" if move_to else ""
    return Day(number, kind, start, due, state, tentative, said, closed, move_to, reason)


def _measure(number: int, standing: Standing, day: Day | None, *, long: bool = False) -> Measure:
    return Measure(
        number, 1, "2.14", LONG if long else TITLE, "2", "Сопровождение", "ежеквартально", RESULT, "register",
        CENTRE if long else "ЦНППМ", FULL_NAME, standing, day, standing is Standing.nodate, doubtful=False,
    )  # fmt: skip


def _own(day: Day, *, long: bool = False, mine: bool = True, comment: str = "") -> Own:
    return Own(
        day, 7, LONG if long else TITLE, "2.14", RESULT * (3 if long else 1), "register", CENTRE, "ежеквартально",
        1, mine, comment,
    )  # fmt: skip


def _line(
    stage: str,
    due: date | None = TODAY + timedelta(days=14),
    *,
    number: int = BIG,
    about: ReminderOf = ReminderOf.occurrence,
    long: bool = False,
    word: bool = False,
    tentative: bool = False,
) -> Line:
    return Line(
        about, number, stage, 7, LONG if long else TITLE, RESULT, CENTRE if long else "ЦНППМ",
        start=TODAY if stage == Stage.opens else None, due=due, word=word, tentative=tentative,
        phrase=LONG if long else "по графику ФИОКО", person=LONG_FULL_NAME if long else FULL_NAME,
    )  # fmt: skip


def roadmap_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield from _lists(t)
    yield from _reminders(t)
    yield from _days(t)
    yield from _questions(t)
    yield from _checking(t)


def _lists(t: Translator) -> Iterator[Sample]:
    last, ahead = TODAY - timedelta(days=3), TODAY + timedelta(days=20)
    sent, closed = OccurrenceState.sent, OccurrenceState.closed
    lines = [
        _measure(1, Standing.late, _day(1, last)),
        _measure(2, Standing.nodate, None),
        _measure(3, Standing.check, _day(3, ahead, sent)),
        _measure(4, Standing.work, _day(4, ahead, start=TODAY)),
        _measure(5, Standing.ahead, _day(5, ahead, tentative=True)),
        _measure(6, Standing.ahead, _day(6, ahead, kind=OccurrenceKind.word)),
        _measure(7, Standing.closed, _day(7, last, closed)),
        _measure(8, Standing.quiet, None),
    ]
    many = [_measure(BIG - n, Standing.late, _day(n, last), long=True) for n in range(5)]
    for name, shown, total in (("first", lines[:5], 8), ("second", lines[5:], 8), ("long", many, 40)):
        page = Page(shown, 1 if name == "second" else 0, total)
        yield Sample(
            f"roadmap.home {name}",
            roadmap.home(t, page, lines, checks=3 if name == "first" else 0, transfers=2, today=TODAY),
        )
    yield Sample("roadmap.home empty", roadmap.home(t, Page([], 0, 0), [], checks=0, transfers=0, today=TODAY))


def _reminders(t: Translator) -> Iterator[Sample]:
    last = TODAY - timedelta(days=4)
    single = {
        "ahead": _line("before14"),
        "today": _line("today", TODAY),
        "rough": _line("before7", TODAY + timedelta(days=7), tentative=True),
        "window": _line("opens"),
        "late": _line("late", last, long=True),
        "word": _line("before7", word=True, long=True),
        "raised": _line("head", last, long=True),
        "question": _line("ask", None, about=ReminderOf.question, long=True),
    }
    for name, line in single.items():
        told = Digest(WHO, TODAY, (line,), weekly=False)
        yield Sample(f"roadmap.digest {name}", roadmap.digest(t, told), pushed=True)
    for weekly in (True, False):
        lines = tuple(_line("late", last, number=BIG - n, long=True) for n in range(7)) + tuple(single.values())
        yield Sample(f"roadmap.digest many {weekly}", roadmap.digest(t, Digest(WHO, TODAY, lines, weekly)), pushed=True)
    yield Sample("roadmap.again", roadmap.again(t, _own(_day(BIG, TODAY, said="x")), today=TODAY), pushed=True)


def _days(t: Translator) -> Iterator[Sample]:
    ahead, last = TODAY + timedelta(days=21), TODAY - timedelta(days=2)
    states = {
        "open": _own(_day(BIG, ahead)),
        "window": _own(_day(BIG, ahead, start=TODAY), long=True),
        "late": _own(_day(BIG, last, OccurrenceState.partly, said=LONG * 3, move_to=ahead), long=True, comment=LONG),
        "rough": _own(_day(BIG, ahead, tentative=True)),
        "word": _own(_day(BIG, ahead, kind=OccurrenceKind.word)),
        "sent": _own(_day(BIG, ahead, OccurrenceState.sent)),
        "sent by other": _own(_day(BIG, ahead, OccurrenceState.sent), mine=False),
        "closed": _own(_day(BIG, last, OccurrenceState.closed)),
    }
    for name, own in states.items():
        yield Sample(f"roadmap.day {name}", roadmap.day(t, own, acting=True, today=TODAY, zone=ZONE))
    yield Sample("roadmap.day looked at", roadmap.day(t, states["open"], acting=False, today=TODAY, zone=ZONE))
    own = states["open"]
    yield Sample("roadmap.proof", roadmap.proof(t, states["window"], today=TODAY))
    every = tuple((register, 90_210) for register in Register)
    period = Period(TODAY - timedelta(days=300), TODAY, ZONE)
    ready = Offer(period, every[0], every)
    yield Sample("roadmap.proof ready", roadmap.proof(t, states["late"], ready, today=TODAY))
    yield Sample("roadmap.proof others", roadmap.proof(t, own, Offer(period, None, every), today=TODAY))
    yield Sample("roadmap.registers", roadmap.registers(t, own, ready))
    yield Sample("roadmap.registers none", roadmap.registers(t, own, Offer(period, None, ())))
    yield Sample("roadmap.sent", roadmap.sent(t, own))
    yield Sample("roadmap.partly", roadmap.partly(t, own, today=TODAY))
    yield Sample("roadmap.partly_done", roadmap.partly_done(t, own, today=TODAY))
    yield Sample("roadmap.partly_done word", roadmap.partly_done(t, states["word"], today=TODAY))
    yield Sample("roadmap.move", roadmap.move(t, own, today=TODAY))
    yield Sample("roadmap.move_sent", roadmap.move_sent(t, states["late"], today=TODAY))
    yield Sample("roadmap.not_mine", roadmap.not_mine(t, own, OTHERS * 3))
    yield Sample("roadmap.not_mine nobody", roadmap.not_mine(t, own, ()))
    yield Sample("roadmap.passed", roadmap.passed(t, OTHERS[1]))
    yield Sample("roadmap.later", roadmap.later(t, own, today=TODAY))


def _questions(t: Translator) -> Iterator[Sample]:
    yield Sample("roadmap.question", roadmap.question(t, BIG, LONG, LONG))
    yield Sample("roadmap.question_date", roadmap.question_date(t, BIG, event=False))
    yield Sample("roadmap.question_date event", roadmap.question_date(t, BIG, event=True))
    yield Sample("roadmap.date_named", roadmap.date_named(t, TODAY + timedelta(days=9), today=TODAY))
    yield Sample("roadmap.date_unknown", roadmap.date_unknown(t, TODAY + timedelta(days=14), today=TODAY))
    yield Sample("roadmap.date_other", roadmap.date_other(t, BIG, OTHERS))
    yield Sample("roadmap.date_other nobody", roadmap.date_other(t, BIG, ()))
    yield Sample("roadmap.date_passed", roadmap.date_passed(t, OTHERS[1]))


def _checking(t: Translator) -> Iterator[Sample]:
    def waiting(number: int, *, long: bool = False) -> Waiting:
        return Waiting(
            number, BIG, BIG, "2.14", LONG if long else TITLE, RESULT, TODAY, ProofKind.file,
            LONG * 3 if long else "", BIG, f"{'реестр' * 20}.xlsx" if long else "реестр.xlsx", BIG,
            LONG_FULL_NAME if long else FULL_NAME, NOW, ProofState.waiting,
        )  # fmt: skip

    for name, page in (
        ("one", Page([waiting(1)], 0, 1)),
        ("many", Page([waiting(BIG - n, long=True) for n in range(5)], 1, 40)),
        ("none", Page([], 0, 0)),
    ):
        yield Sample(f"roadmap.checks {name}", roadmap.checks(t, page, zone=ZONE, today=TODAY))
    yield Sample("roadmap.check", roadmap.check(t, waiting(1), today=TODAY))
    yield Sample("roadmap.check long", roadmap.check(t, waiting(BIG, long=True), today=TODAY))
    yield Sample("roadmap.check_asked", roadmap.check_asked(t, waiting(1), today=TODAY), pushed=True)
    yield Sample("roadmap.check_asked long", roadmap.check_asked(t, waiting(BIG, long=True), today=TODAY), pushed=True)
    yield Sample("roadmap.check_why", roadmap.check_why(t, waiting(BIG)))
    yield Sample("roadmap.accepted", roadmap.accepted(t))
    yield Sample("roadmap.returned", roadmap.returned(t))
    asked = Transfer(BIG, 7, "2.14", LONG, TODAY, TODAY + timedelta(days=30), LONG, 1, LONG_FULL_NAME)
    yield Sample("roadmap.transfers", roadmap.transfers(t, [asked], today=TODAY))
    yield Sample("roadmap.transfers none", roadmap.transfers(t, [], today=TODAY))
    verdict = Verdict(BIG, "ru", BIG, LONG, LONG, TODAY + timedelta(days=5))
    yield Sample("roadmap.closed", roadmap.closed(t, verdict, today=TODAY), pushed=True)
    yield Sample("roadmap.back", roadmap.back(t, verdict), pushed=True)
    yield Sample("roadmap.moved", roadmap.moved(t, verdict, agreed=True, today=TODAY), pushed=True)
    yield Sample("roadmap.moved not", roadmap.moved(t, verdict, agreed=False, today=TODAY), pushed=True)
