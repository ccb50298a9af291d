"""Screens of mentoring: for those who ask, for those who offer, the pair's page, and what is pushed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.i18n import Translator
from bot.models import (
    LineState,
    MeetFormat,
    MeetingState,
    MentorNoticeKind,
    NeedBasis,
    PairForm,
    PairKind,
    PairState,
    Side,
    Standing,
)
from bot.rules.mentoring.places import PARTS, hours_of
from bot.rules.mentoring.pulse import GoesOn
from bot.screens import mentoring, mentoring_more, mentoring_notices, mentoring_papers
from bot.screens.samples.invented import (
    BIG,
    FULL_NAME,
    LONG_DISTRICT,
    LONG_FULL_NAME,
    LONG_NAME,
    LONG_SCHOOL,
    NOW,
    SCHOOL,
    SHORT_NAME,
    TODAY,
    ZONE,
    Sample,
)
from bot.services.mentoring.common import Who
from bot.services.mentoring.details import NeedDetails
from bot.services.mentoring.papers import OWN
from bot.services.mentoring.profiles import ProfileDetails
from bot.services.mentoring.telling import Notice
from bot.services.mentoring.views import PairCard

TEACHERS = ("subject", "method", "psychology", "communication", "digital", "norms")
LEADERS = ("strategy", "quality", "staff", "resources", "team")
LONG = "Разобрать два урока, составить план работы с родителями и попробовать критерии в трёх классах. " * 4
LINES: list[dict[str, Any]] = [
    {"criterion": "subject", "value": 1.0, "points": 25.0, "most": 25.0, "term": "same", "known": True},
    {"criterion": "deficits", "value": 0.67, "points": 16.7, "most": 25.0, "term": "covered", "known": True},
    {"criterion": "proximity", "value": 0.7, "points": 10.5, "most": 15.0, "term": "municipality", "known": True},
    {"criterion": "slots", "value": 0.5, "points": 5.0, "most": 10.0, "term": "hours", "known": True},
    {"criterion": "wish", "value": 0.3, "points": 3.0, "most": 10.0, "term": "none", "known": True},
]


def _who(*, long: bool) -> Who:
    if long:
        return Who(
            2,
            LONG_FULL_NAME,
            LONG_NAME,
            LONG_SCHOOL,
            2,
            LONG_DISTRICT,
            2,
            "Учитель",
            ("Математика", "Физика", "Основы безопасности и защиты Родины"),
            30,
        )
    return Who(1, FULL_NAME, SHORT_NAME, SCHOOL, 1, "Рославльский округ", 1, "Учитель", ("Математика",), 12)


def _card(state: PairState, *, long: bool = False, side: Side = Side.mentee, **more: Any) -> PairCard:
    card = PairCard(
        BIG if long else 7, state, _who(long=long), _who(long=long), PairForm.peer, PairKind.one_to_one, 73.7, LINES,
        side, order_no="17-н", goal=LONG if long else "",
        met=40 if long else 2, next_step=LONG if long else "", answer_until=TODAY,
    )  # fmt: skip
    return replace(card, **more)


def mentoring_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    s = mentoring
    active, long = _card(PairState.active), _card(PairState.active, long=True, side=Side.mentor)
    yield Sample("mentoring.home empty", s.home(t, [], asks=False, mentors=False, staff=False))
    yield Sample("mentoring.home full", s.home(t, [long, long, active], asks=True, mentors=True, staff=True))
    yield Sample("mentoring.how", s.how(t))
    yield Sample("mentoring.strengths", s.strengths(t, TEACHERS, 3, back=s.HOME))
    yield Sample("mentoring.strengths leaders", s.strengths(t, LEADERS, 0, back=s.HOME))
    yield Sample("mentoring.need", s.need(t, TEACHERS, 7))
    yield Sample("mentoring.need leaders", s.need(t, LEADERS, 0))
    yield Sample("mentoring.words", s.words(t))
    yield Sample("mentoring.formats", s.formats(t, 7))
    yield Sample(
        "mentoring.parts", s.parts(t, "mentoring:parts:7:3", "mentoring:load:7:3:31", 31, back="mentoring:home")
    )
    yield Sample("mentoring.load", s.load(t, "mentoring:join:7:3:31", back="mentoring:home"))
    yield Sample("mentoring.joined", s.joined(t, "mentoring:profile"))
    yield Sample("mentoring.quit_base", s.quit_base(t))
    yield Sample("mentoring.share", s.share(t, ["Предметные", "Методические", "Психолого-педагогические"] * 5))
    yield Sample("mentoring.stopped", s.stopped(t))
    yield from _more(t)
    yield from _offers(t)
    yield from _life(t, active, long)
    yield from _notices(t)


def _more(t: Translator) -> Iterator[Sample]:
    m, who = mentoring_more, (_who(long=True),) * 3
    both = tuple(MeetFormat)
    for name, long in (("short", False), ("long", True)):
        need = NeedDetails(
            TEACHERS[:3] if long else ("method",), LONG if long else "", NeedBasis.young, PairForm.superior,
            both if long else both[:1], long, ("Методические",), who if long else (),
        )  # fmt: skip
        yield Sample(f"mentoring_more.waiting {name}", m.waiting(t, need))
        profile = ProfileDetails(
            TEACHERS[:3] if long else ("method",), ("Математика", "Физика") if long else (),
            tuple(PairForm) if long else ("peer",), tuple(PairKind) if long else ("one_to_one",), both[1:],
            tuple(sorted(hours_of(PARTS))) if long else (), 3, 2, Standing.mentor, LONG if long else "",
            who if long else (),
        )  # fmt: skip
        yield Sample(f"mentoring_more.profile {name}", m.profile(t, profile))
    yield Sample("mentoring_more.bases", m.bases(t, tuple(NeedBasis), NeedBasis.own))
    yield Sample("mentoring_more.whom", m.whom(t, tuple(PairForm), PairForm.peer))
    yield Sample("mentoring_more.where", m.where(t))
    yield Sample("mentoring_more.forms", m.forms(t, tuple(PairForm), 3))
    yield Sample("mentoring_more.kinds", m.kinds(t, 127))
    yield Sample("mentoring_more.about", m.about(t))
    others = [replace(_who(long=True), id=BIG - n, name=f"{LONG_FULL_NAME[: 30 - n]}") for n in range(3)]
    for side in (Side.mentor, Side.mentee):
        yield Sample(f"mentoring_more.names {side.value}", m.names(t, side, others))
        yield Sample(f"mentoring_more.found {side.value}", m.found(t, side, others))
    yield Sample("mentoring_more.found nobody", m.found(t, Side.mentee, []))


def _offers(t: Translator) -> Iterator[Sample]:
    s = mentoring
    waits = _card(PairState.consent_wait, statement=LONG)
    yield Sample("mentoring.offer mentee", s.offer(t, waits, today=TODAY))
    yield Sample(
        "mentoring.offer mentor", s.offer(t, _card(PairState.consent_wait, long=True, side=Side.mentor), today=TODAY)
    )
    for side in (Side.mentor, Side.mentee):
        group = replace(waits, kind=PairKind.group, side=side)
        yield Sample(f"mentoring.offer group {side.value}", s.offer(t, group, today=TODAY))
    yield Sample("mentoring.later", s.later(t, BIG, TODAY))
    yield Sample("mentoring.declined mentee", s.declined(t, Side.mentee))
    yield Sample("mentoring.declined mentor", s.declined(t, Side.mentor))
    yield Sample("mentoring.half_agreed", s.half_agreed(t))
    yield Sample("mentoring.agreed", s.agreed(t, BIG, LONG_NAME))
    yield Sample("mentoring.agreed nobody", s.agreed(t, BIG, ""))


def _life(t: Translator, active: PairCard, long: PairCard) -> Iterator[Sample]:
    s = mentoring
    cards = {
        "offer": _card(PairState.consent_wait),
        "waits": _card(PairState.consent_wait, agreed=frozenset({Side.mentee})),
        "order": _card(PairState.to_order), "active": active, "long": long,
        "planned": replace(active, planned_at=NOW + timedelta(days=3), unanswered=2, next_step="Критерии"),
        "leaves": replace(active, leaves_on=TODAY, left_by=Side.mentee),
        "left": replace(active, leaves_on=TODAY, left_by=Side.mentor),
        "paused": _card(PairState.paused, paused_until=TODAY), "finished": _card(PairState.finished),
    }  # fmt: skip
    for name, card in cards.items():
        yield Sample(f"mentoring.pair {name}", s.pair(t, card, zone=ZONE, today=TODAY))
    for side, names in OWN.items():
        yield Sample(
            f"mentoring_papers.papers {side.value}", mentoring_papers.papers(t, replace(long, side=side), names)
        )
    yield Sample("mentoring_papers.paper", mentoring_papers.paper(t, BIG, "supplement", b"PK"))
    yield Sample("mentoring.meet", s.meet(t, BIG))
    yield Sample("mentoring.days", s.days(t, BIG, today=TODAY))
    yield Sample("mentoring.said", s.said(t, BIG, BIG, TODAY, 60, LONG_NAME, known=False, today=TODAY))
    yield Sample("mentoring.said known", s.said(t, 7, 7, TODAY, 60, SHORT_NAME, known=True, today=TODAY))
    for key in ("topic-kept", "step-kept", "confirmed", "denied"):
        yield Sample(f"mentoring.kept {key}", s.kept(t, f"mentoring-{key}", BIG))
    yield Sample("mentoring.fix", s.fix(t, BIG, BIG))
    yield Sample("mentoring.plan", s.plan(t, long, today=TODAY))
    yield Sample("mentoring.hours", s.hours(t, BIG, 6, today=TODAY))
    yield Sample("mentoring.planned", s.planned(t, long, NOW, BIG, zone=ZONE, today=TODAY))
    yield Sample("mentoring.calendar", s.calendar(t, BIG, b"BEGIN:VCALENDAR"))
    held = [
        (BIG - n, TODAY - timedelta(days=n), 60, LONG if n else "", state, Side.mentor if n % 2 else Side.mentee)
        for n, state in enumerate([*MeetingState, MeetingState.said, MeetingState.said])
    ]
    yield Sample("mentoring.log", s.log(t, active, held, today=TODAY))
    yield Sample("mentoring.log empty", s.log(t, long, [], today=TODAY))
    lines = [(BIG - n, LONG, TODAY, LineState.done if n == 1 else LineState.planned) for n in range(5)]
    yield Sample("mentoring.program", s.program(t, long, lines))
    yield Sample("mentoring.program empty", s.program(t, active, []))
    yield Sample("mentoring.notes", s.notes(t, long, [(TODAY, LONG)] * 4))
    yield Sample("mentoring.notes empty", s.notes(t, active, []))
    yield Sample("mentoring.ask line", s.ask(t, "mentoring-line", BIG))
    yield Sample("mentoring.program long", s.program(t, long, lines * 3))
    yield Sample("mentoring.ask goal", s.ask(t, "mentoring-goal", BIG))
    yield Sample("mentoring.ask note", s.ask(t, "mentoring-note", BIG))
    yield Sample("mentoring.leave", s.leave(t, active, TODAY, TODAY))
    yield Sample("mentoring.leave mentor", s.leave(t, replace(long, state=PairState.paused), TODAY, TODAY))
    yield Sample("mentoring.paused", s.paused(t, BIG, TODAY))
    yield Sample("mentoring.leaving", s.leaving(t, BIG, TODAY))
    yield Sample("mentoring.finish", s.finish(t, BIG))
    yield Sample("mentoring.half_two", s.half_two(t, BIG))
    yield Sample("mentoring.half_three", s.half_three(t, BIG))
    yield Sample("mentoring.half_four mentor", s.half_four(t, BIG, Side.mentor))
    yield Sample("mentoring.half_four mentee", s.half_four(t, BIG, Side.mentee))
    for word in (GoesOn.yes, GoesOn.other):
        yield Sample(f"mentoring.half_kept {word.value}", s.half_kept(t, BIG, word))
    yield Sample("mentoring.staff", s.staff(t, dict.fromkeys(PairState, 12000), 3000, 12))
    yield Sample("mentoring.staff empty", s.staff(t, {}, 0, 0))


def _notices(t: Translator) -> Iterator[Sample]:
    for kind in MentorNoticeKind:
        for name, long in (("short", False), ("long", True)):
            side = None if kind is MentorNoticeKind.staff_left else Side.mentor if long else Side.mentee
            pair: Any = SimpleNamespace(
                id=BIG if long else 7, mentor_id=1, mentee_id=2, form=PairForm.peer, kind=PairKind.one_to_one,
                state=PairState.active, order_no="17-н", order_date=TODAY, since=TODAY, until=TODAY, leaves_on=TODAY,
                answer_until=TODAY, result="partly", lines=LINES, score=73.7, created_at=NOW,
            )  # fmt: skip
            meeting: Any = SimpleNamespace(
                id=BIG, pair_id=pair.id, state=MeetingState.said, held_on=TODAY, starts_at=NOW, minutes=90,
                topic=LONG if long else "", next_step=LONG if long else "", side=Side.mentor, said_at=NOW,
            )  # fmt: skip
            who = _who(long=long)
            one = Notice(
                1, kind, 1, "ru", pair, side, who, who, who, LONG_NAME if long else "", meeting, 12,
                TODAY - timedelta(days=21) if long else None, LINES,
            )  # fmt: skip
            screen = mentoring_notices.notice(t, one, zone=ZONE, today=TODAY)
            yield Sample(f"mentoring_notices.notice {kind.value} {name}", screen, pushed=True)
