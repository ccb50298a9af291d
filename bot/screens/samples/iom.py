"""The gallery of the ИОМ: every screen of the teacher and of staff at its longest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.i18n import Translator
from bot.models import ActivityForm, ActivityKind, Advice, DeficitLevel, EvidenceKind, IomBasis, IomState, StepState
from bot.screens import iom, iom_appointing, iom_compose, iom_papers, iom_staff
from bot.screens.samples.invented import Sample
from bot.services.iom.drafting import Choice, Why
from bot.services.iom.following import Sent
from bot.services.iom.staff import IomLine, Task
from bot.services.iom.views import Asked, Deficit, Route, StepView

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BIG = 2_147_483_647
LONG_NAME = "Александра Константиновна"
LONG_FULL_NAME = "Преображенская-Воскресенская Александра Константиновна"
LONG_SCHOOL = "муниципальное бюджетное общеобразовательное учреждение средняя школа имени героев "


def _route(state: IomState, step: StepState = StepState.planned, *, asked: bool = False) -> Route:
    long = "Формирующее оценивание на уроках математики: от критериев к самооценке и обратной связи"
    day, kind, form = date(2026, 12, 24), ActivityKind.dpp_register, ActivityForm.mixed
    steps = tuple(
        StepView(BIG - i, i, BIG, kind, long, form, 72, day, True, step, ("s",), (1,), long, None) for i in range(1, 13)
    )
    high, low = DeficitLevel.high, DeficitLevel.low
    deficits = tuple(Deficit(f"g{i}", "Психолого-педагогические", 20.0, 9.0, high, 60.0, 8.0, low) for i in range(5))
    change = Asked(BIG, "replace", BIG - 1, long * 3, False, long, day, long, day) if asked else None
    return Route(
        BIG, 1, LONG_FULL_NAME, LONG_NAME, 2, LONG_NAME, "2026-00001", IomBasis.diagnosis, state, 1, long, TODAY, day,
        NOW, True, "145-од", TODAY, 1, 2, (), long * 8, Advice.active, steps, deficits, change,
    )  # fmt: skip


def iom_screens(t: Translator) -> Iterator[Sample]:
    """Every screen."""
    draft, active, empty = _route(IomState.draft), _route(IomState.active), Why("", "", "")
    done = _route(IomState.completed_partly, StepState.accepted)
    changing = _route(IomState.active, asked=True)
    step, words = active.steps[11], LONG_SCHOOL * 5
    sent = [Sent(1, EvidenceKind.text, words, None, "", NOW, None, words)] * 3
    for diagnosed in (True, False):
        staff = iom.staff_rows(t, methodist=True, head=True)
        yield Sample(f"iom.none {diagnosed}", iom.none(t, diagnosed=diagnosed, staff=staff))
    yield Sample("iom.ask", iom.ask(t), True)
    yield Sample("iom.asked", iom.asked(t))
    yield Sample("iom.draft", iom.draft(t, {"short": 24, "usual": 48, "intensive": 72}))
    for number in range(3):
        yield Sample(f"iom.plan {number}", iom.plan(t, draft, number=number, today=TODAY))
    yield Sample("iom.plan offered", iom.plan(t, _route(IomState.offered), today=TODAY))
    for reason in (Why(words[:20], words, words[:30]), Why("", "", words[:30]), empty):
        yield Sample(f"iom.why {reason.answer} {bool(reason.group)}", iom.why(t, draft, step, reason, today=TODAY))
    yield Sample("iom.why active", iom.why(t, active, step, empty, today=TODAY))
    instead = [Choice(BIG, step.title, 72, TODAY)] * 5
    for gone in (True, False):
        yield Sample(f"iom.choices {gone}", iom.choices(t, step, instead, today=TODAY, gone=gone))
        yield Sample(f"iom.choices none {gone}", iom.choices(t, step, [], today=TODAY, gone=gone))
    yield Sample("iom.gone", iom.gone(t, step), True)
    yield Sample("iom.agree", iom.agree(t, draft, today=TODAY))
    yield Sample("iom.remark", iom.remark(t), True)
    yield Sample("iom.remark_sent", iom.remark_sent(t))
    yield Sample("iom.waiting", iom.waiting(t, draft))
    yield Sample("iom.waiting not agreed", iom.waiting(t, replace(draft, agreed=False)))
    yield Sample("iom.waiting centre", iom.waiting(t, _route(IomState.agreed)))
    yield Sample("iom.approved", iom.approved(t, active, today=TODAY), True)
    for one in (active, done, _route(IomState.paused)):
        yield Sample(f"iom.home {one.state}", iom.home(t, one, today=TODAY, staff=staff))
    yield Sample("iom.everything", iom.everything(t, active, 1, today=TODAY))
    yield Sample("iom.calendar", iom.calendar(t, b"ics"))
    for state in (StepState.planned, StepState.submitted):
        one = _route(IomState.active, state)
        yield Sample(f"iom.step {state}", iom.step(t, one, one.steps[11], sent, today=TODAY))
    for undone in (True, False):
        for name in (LONG_NAME, ""):
            sample = iom_appointing.teacher(t, name, undone=undone)
            yield Sample(f"iom_appointing.teacher {undone} {bool(name)}", sample, True)
        yield Sample(f"iom_appointing.methodist {undone}", iom_appointing.methodist(t, 250, undone=undone), True)
    yield Sample("iom_papers.card", iom_papers.card(t, b"docx"), True)
    yield Sample("iom.proof", iom.proof(t, step, size=20), True)
    yield Sample("iom.file_big", iom.file_big(t, BIG, size=20, web="https://a.example"), True)
    yield Sample("iom.sent", iom.sent(t, active, step))
    for key in ("iom-taken", "iom-muted", "iom-stopped"):
        yield Sample(f"iom.said {key}", iom.said(t, key))
    yield Sample("iom.move", iom.move(t, active, step, today=TODAY), True)
    yield Sample("iom.move_day", iom.move_day(t, step))
    yield Sample("iom.changed", iom.changed(t, changing, today=TODAY), True)
    yield Sample("iom.exit_check", iom.exit_check(t))
    for number in (1, 2, 3):
        yield Sample(f"iom.reflect {number}", iom.reflect(t, number))
    yield Sample("iom.reflected", iom.reflected(t, active))
    yield Sample("iom.effect", iom.effect(t, done, today=TODAY))
    yield Sample("iom.stop", iom.stop(t), True)
    for auto in (True, False):
        yield Sample(f"iom.accepted {auto}", iom.accepted(t, active, step, words, today=TODAY, auto=auto), True)
    yield Sample("iom.returned", iom.returned(t, active, step, words), True)
    for kind in ("soon", "late"):
        push = iom.reminder(t, kind, BIG, step.title, step.kind.value, TODAY, today=TODAY)
        yield Sample(f"iom.reminder {kind}", push, True)
    yield Sample("iom.moved", iom.moved(t, step, today=TODAY), True)
    tasks = [Task(kind, BIG, LONG_FULL_NAME, BIG, words) for kind in ("evidence", "change", "offer", "conclude")]
    yield Sample("iom_staff.queue", iom_staff.queue(t, tasks, 1, 15))
    yield Sample("iom_staff.queue empty", iom_staff.queue(t, [], 0, 0))
    for number in range(3):
        yield Sample(f"iom_compose.check {number}", iom_compose.check(t, draft, number, today=TODAY))
    yield Sample("iom_compose.check empty", iom_compose.check(t, replace(draft, steps=()), 0, today=TODAY))
    for optional in (True, False):
        long = replace(draft.steps[11], groups=tuple(f"g{i}" for i in range(5)), mandatory=not optional)
        yield Sample(f"iom_compose.line {optional}", iom_compose.line(t, draft, long, today=TODAY))
    yield Sample("iom_compose.choices", iom_compose.choices(t, draft, step, instead, today=TODAY))
    yield Sample("iom_compose.choices none", iom_compose.choices(t, draft, step, [], today=TODAY))
    yield Sample("iom_compose.dropped", iom_compose.dropped(t, draft, step))
    yield Sample("iom_staff.review", iom_staff.review(t, active, step, sent))
    yield Sample("iom_staff.ask_words", iom_staff.ask_words(t), True)
    yield Sample("iom_staff.done", iom_staff.done(t))
    yield Sample("iom_staff.change", iom_staff.change(t, changing, today=TODAY))
    yield Sample("iom_staff.conclude", iom_staff.conclude(t, active, today=TODAY), True)
    agreed = [IomLine(BIG, 1, LONG_FULL_NAME, "", IomState.agreed, "", LONG_FULL_NAME, 72, 0, 12, 0)] * 3
    yield Sample("iom_staff.head", iom_staff.head(t, agreed, 1, 12))
    yield Sample("iom_staff.head empty", iom_staff.head(t, [], 0, 0))
    yield Sample("iom_staff.order", iom_staff.order(t), True)
    yield Sample("iom_staff.ordered", iom_staff.ordered(t, 12))
