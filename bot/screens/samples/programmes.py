"""Screens of programmes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.i18n import Translator
from bot.models import CohortState, MemberState, ProgrammeKind, WorkState
from bot.rules.programmes import Progress
from bot.screens import programmes
from bot.screens.samples.events import WHEN, sample_line
from bot.screens.samples.invented import BIG, LONG_FULL_NAME, LONG_NAME, LONG_SCHOOL, SCHOOL, SHORT_NAME, TODAY, Sample
from bot.services.events.after import Paper
from bot.services.programmes.reading import CohortCard, CohortLine, Meeting
from bot.services.programmes.working import TaskLine, WorkLine

TITLE = "Республиканская молодёжная педагогическая школа для начинающих учителей и воспитателей"
QUESTIONS = (
    ("discipline", "Дисциплина"), ("parents", "Родители"), ("marks", "Оценивание"), ("papers", "Документы"),
    ("children", "Разные дети"), ("time", "Время и силы"),
)  # fmt: skip


def _card(state: MemberState | None, *, long: bool = False, certificate: bool = False) -> CohortCard:
    return CohortCard(
        id=BIG,
        title=TITLE if long else "Школа молодого педагога",
        about="Встречи раз в месяц: документы и нормы, первый урок, оценивание. " * (9 if long else 1),
        kind=ProgrammeKind.young_school if long else ProgrammeKind.school_team,
        year=1,
        years=3 if long else 1,
        state=state,
        cohort_state=CohortState.running,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=270),
        progress=Progress(6, 9, 7, 2, 3, 3) if long else Progress(0, 4, 3),
        meeting=sample_line(long=long) if long else None,
        open_tasks=1,
        questions=QUESTIONS if long else (),
        needs=("parents", "marks", "time") if long else None,
        leader=LONG_NAME if long else SHORT_NAME,
        gives_certificate=long,
        has_certificate=certificate,
        tutor=(BIG, LONG_FULL_NAME) if long else None,
    )


def _task(state: WorkState | None, *, long: bool = False) -> TaskLine:
    return TaskLine(
        id=BIG,
        cohort_id=BIG,
        title="Один мой урок: что задумали, что вышло и что я сделаю иначе в следующий раз"
        if long
        else "Один мой урок",
        text="Опишите один урок: что задумали, что вышло, что сделали бы иначе. " * (30 if long else 1),
        due_on=TODAY + timedelta(days=7),
        state=state,
        comment="Добавьте, пожалуйста, одну работу ученика и свой комментарий к ней. " * 8 if long else "",
    )


def _work(*, long: bool = False) -> WorkLine:
    return WorkLine(
        id=BIG,
        cohort_id=BIG,
        person_id=BIG,
        name=LONG_FULL_NAME if long else SHORT_NAME,
        organisation=LONG_SCHOOL if long else SCHOOL,
        programme=TITLE,
        task=_task(None, long=long).title,
        text="На уроке дети спорили, и это было хорошо. " * 60 if long else "Урок о дробях.",
        file_id=BIG if long else None,
        file_name="урок.pdf" if long else "",
        state=WorkState.accepted if long else WorkState.returned,
        sent_at=WHEN.now,
        comment="",
    )


def programme_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield Sample("programmes.home none", programmes.home(t, [], [], queue=None))
    lines = [
        CohortLine(
            BIG - n, TITLE, ProgrammeKind.young_school, state, CohortState.running, TODAY, Progress(6, 9, 7)
        )
        for n, state in enumerate((MemberState.member, MemberState.invited, MemberState.completed, MemberState.ended))
    ]  # fmt: skip
    yield Sample("programmes.home long", programmes.home(t, lines, [(BIG - 9, TITLE, TODAY)], queue=117))
    for name, long in (("short", False), ("long", True)):
        inside = _card(MemberState.member, long=long)
        yield Sample(f"programmes.card {name}", programmes.card(t, inside, WHEN))
        yield Sample(f"programmes.start {name}", programmes.start(t, _card(MemberState.invited, long=long)))
        yield Sample(f"programmes.joined {name}", programmes.joined(t, inside))
        yield Sample(f"programmes.leaving {name}", programmes.leaving(t, inside))
        yield Sample(f"programmes.declined {name}", programmes.declined(t, inside.title, BIG))
        meetings = [Meeting(sample_line(long=long), n < 3) for n in range(12 if long else 2)]
        yield Sample(f"programmes.plan {name}", programmes.plan(t, inside, meetings, int(long), WHEN))
        yield Sample(f"programmes.hand_in {name}", programmes.hand_in(t, _task(None, long=long)))
        yield Sample(f"programmes.handed {name}", programmes.handed(t, _task(WorkState.sent, long=long)))
        yield Sample(f"programmes.put_off {name}", programmes.put_off(t, _task(WorkState.later, long=long)))
        yield Sample(
            f"programmes.queue {name}",
            programmes.queue(t, [_work(long=long)], 118, 1, address="https://x.example/admin/cohorts/works/7/file"),
        )
        yield Sample(f"programmes.returning {name}", programmes.returning(t, _work(long=long)))
        yield Sample(f"programmes.decided {name}", programmes.decided(t, _work(long=long)))
    done = _card(MemberState.completed, long=True, certificate=True)
    yield Sample("programmes.card completed", programmes.card(t, done, WHEN))
    yield Sample("programmes.card ended", programmes.card(t, replace(done, state=MemberState.ended), WHEN))
    yield Sample("programmes.end completed", programmes.end(t, done), pushed=True)
    yield Sample("programmes.end ended", programmes.end(t, replace(done, state=MemberState.ended)), pushed=True)
    for name, school in (("school", True), ("pair", False)):
        over = programmes.young_end(t, TODAY, age=35, years=3, school=school)
        yield Sample(f"programmes.young_end {name}", over, pushed=True)
    yield Sample("programmes.needs", programmes.needs(t, _card(MemberState.member, long=True)))
    yield Sample("programmes.plan none", programmes.plan(t, _card(None), [], 0, WHEN))
    yield Sample("programmes.tasks none", programmes.tasks(t, BIG, []))
    yield Sample("programmes.tasks", programmes.tasks(t, BIG, [_task(state, long=True) for state in WorkState]))
    for state in (None, *WorkState):
        name = state.value if state else "open"
        yield Sample(f"programmes.task {name}", programmes.task(t, _task(state, long=True)))
    yield Sample("programmes.task_pushed", programmes.task_pushed(t, _task(WorkState.returned, long=True)), pushed=True)
    yield Sample("programmes.too_big", programmes.too_big(t, BIG, size=20, web="https://x.example"), pushed=True)
    yield Sample("programmes.code", programmes.code(t))
    yield Sample("programmes.queue none", programmes.queue(t, [], 0, 0, address=""))
    paper = Paper(
        "26-4TK7Q-2M9PX", LONG_FULL_NAME, "Ше*** Е. В.", TITLE, "school", TODAY, 13.5, LONG_SCHOOL, TODAY, None, "",
        False, sample_line(long=True),
    )  # fmt: skip
    yield Sample("programmes.certificate", programmes.certificate(t, paper, hours="13,5", pdf=b"%PDF-1.7"))
