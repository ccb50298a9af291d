"""Papers of an event: report and sheet for signatures (DOCX), the list (XLSX). What was read in, bytes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import Words, date_ru
from bot.models import Attendance, Employment, EmploymentSubject, EventFeedback, RegistrationState, Subject
from bot.rules.suppression import LEAST
from bot.services.access import Right, Scope
from bot.services.documents.certificate import hours
from bot.services.documents.page import Paper
from bot.services.documents.records import Cell, Column, records_sheet
from bot.services.events import keeping, lists
from bot.services.events.attending import PersonMark
from bot.services.events.keeping import EventRow
from bot.services.events.quiz import rule_words
from bot.services.events.reading import COUNTED

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """An event with its people (within the reach of who asks) and what it was worth to them."""

    row: EventRow
    people: Sequence[PersonMark]
    subjects: Mapping[int, Sequence[str]]
    grades: int
    average: float | None


async def collect(session: AsyncSession, scope: Scope, event_id: int, *, today: date) -> Report:
    """Everything a paper needs."""
    scope.require(Right.events_see)
    row = await keeping.row(session, scope, event_id)
    people = await lists.people(session, scope, event_id, today=today, size=MOST)
    number, average = (
        await session.execute(
            select(func.count(EventFeedback.grade), func.avg(EventFeedback.grade)).where(
                EventFeedback.event_id == event_id
            )
        )
    ).one()
    # Few answers would point at those who gave them.
    subjects = await _subjects(session, event_id, today)
    return Report(row, people, subjects, number, float(average) if number >= LEAST else None)


async def _subjects(session: AsyncSession, event_id: int, today: date) -> dict[int, list[str]]:
    """What those who were there teach today, by person."""
    rows = await session.execute(
        select(Employment.person_id, Subject.title)
        .join(EmploymentSubject, EmploymentSubject.employment_id == Employment.id)
        .join(Subject, Subject.slug == EmploymentSubject.subject_slug)
        .join(Attendance, Attendance.person_id == Employment.person_id)
        .where(
            Attendance.event_id == event_id,
            Attendance.voided_at.is_(None),
            Employment.since <= today,
            or_(Employment.until.is_(None), Employment.until >= today),
        )
        .distinct()
        .order_by(Subject.title)
    )
    found: dict[int, list[str]] = {}
    for person_id, title in rows:
        found.setdefault(person_id, []).append(title)
    return found


def docx(t: Words, report: Report, made: datetime) -> bytes:
    """«Отчёт о мероприятии»: the three numbers, places, who took part."""
    row, line = report.row, report.row.line
    first, last = line.local()
    paper = Paper(line.title)
    paper.heading(t("events-report"), line.title)
    numbers = line.numbers
    pairs = [
        (t("events-report.kind"), t(f"events-kind.{line.kind.value}")),
        (t("events-report.when"), f"{date_ru(first.date())}, {first:%H:%M}–{last:%H:%M}"),
        (t("events-report.hours"), hours(line.hours)),
        (t("events-report.form"), t(f"catalogue-form.{line.form.value}")),
        *((t(f"events-report.{name}"), value) for name, value in _where(report)),
        (
            t("events-report.rule"),
            rule_words(t, row.draft.rule, row.draft.log_share, quiz=row.quiz is not None, staff=True),
        ),
        (t("events-report.registered"), str(numbers.registered)),
        (t("events-report.attended"), str(numbers.attended)),
        (t("events-report.completed"), str(numbers.completed)),
    ]
    if row.draft.order_no:
        day = date_ru(row.draft.order_date) if row.draft.order_date else "—"
        pairs.insert(0, (t("events-report.order"), t("events-report.order-of", no=row.draft.order_no, date=day)))
    if row.draft.project:
        pairs.append((t("events-report.project"), row.draft.project))
    if report.average is not None:
        grade = f"{report.average:.1f}".replace(".", ",")
        pairs.append((t("events-report.grade"), t("events-report.grade-of", grade=grade, n=str(report.grades))))
    paper.pairs(pairs)
    was = [one for one in report.people if one.confidence in COUNTED]
    unknown = t("events-report.unknown")
    _counted(t, paper, "places", "municipality", [([one.municipality or unknown], one.completed) for one in was])
    _counted(
        t, paper, "subjects", "subject",
        [(report.subjects.get(one.person_id) or [unknown], one.completed) for one in was],
    )  # fmt: skip
    paper.part(t("events-report.people"))
    if len(was) < numbers.attended:
        paper.line(t("events-report.partly", n=str(len(was)), of=str(numbers.attended)))
    paper.table(
        [
            "№",
            t("events-report.name"),
            t("events-report.organisation"),
            t("events-report.how"),
            t("events-report.counted"),
        ],
        [
            [
                str(i),
                one.name,
                one.organisation,
                t(f"events-method.{one.method.value}") if one.method else "",
                t("events-report.yes" if one.completed else "events-report.no"),
            ]
            for i, one in enumerate(was, start=1)
        ],
        (12, 85, 90, 45, 35),
        size=10,
    )
    if line.is_demo:
        paper.line(t("catalogue-card.demo"))
    paper.line(t("events-report.made", moment=f"{date_ru(made.date())}, {made:%H:%M}"))
    paper.signatures([(t("events-report.responsible"), report.row.responsible)], t("documents-sign.day"))
    return paper.content()


def _counted(t: Words, paper: Paper, part: str, what: str, was: Sequence[tuple[Sequence[str], bool]]) -> None:
    """How many came and how many of them are counted, by municipality or subject; somebody may be in two lines."""
    counts = Counter(name for names, _ in was for name in names)
    done = Counter(name for names, completed in was if completed for name in names)
    if not counts:
        return
    paper.part(t(f"events-report.{part}"))
    head = [t(f"events-report.{what}"), t("events-report.attended"), t("events-report.completed")]
    rows = [[name, str(n), str(done[name])] for name, n in sorted(counts.items(), key=lambda one: one[0].casefold())]
    paper.table(head, rows, (147, 60, 60), size=10)


def sheet(t: Words, report: Report) -> bytes:
    """A sheet for signatures: those who signed up, with room for others and for a hand."""
    line = report.row.line
    first, last = line.local()
    paper = Paper(line.title, upright=True)
    paper.heading(t("events-sheet"), line.title)
    pairs = [(t("events-report.when"), f"{date_ru(first.date())}, {first:%H:%M}–{last:%H:%M}")]
    pairs += [(t(f"events-report.{name}"), value) for name, value in _where(report) if value]
    paper.pairs(pairs)
    # A heading between: two tables that touch are one to Word, and its head is not repeated.
    paper.part(t("events-report.people"))
    people = [one for one in _by_team(report) if one.state is RegistrationState.signed]
    rows = [[str(i), one.name, one.organisation, ""] for i, one in enumerate(people, start=1)]
    head = ["№", t("events-report.name"), t("events-report.organisation"), t("events-sheet.signature")]
    widths: tuple[int, ...] = (11, 67, 57, 40)
    if report.row.draft.team_from is not None:
        head.insert(3, t("events-report.team"))
        for row, one in zip(rows, people, strict=True):
            row.insert(3, one.team)
        widths = (11, 57, 40, 35, 32)
    rows += [[str(i), *[""] * (len(head) - 1)] for i in range(len(rows) + 1, len(rows) + 6)]
    paper.table(head, rows, widths, size=11, height=9)
    paper.signatures([(t("events-report.responsible"), report.row.responsible)], t("documents-sign.day"))
    return paper.content()


def _where(report: Report) -> list[tuple[str, str]]:
    return [
        ("place", report.row.line.place),
        ("organiser", report.row.draft.organiser),
        ("speakers", report.row.line.speakers),
    ]


def xlsx(t: Words, report: Report) -> bytes:
    """The list: one row a person, to be filtered."""
    line = report.row.line
    names = ("name", "organisation", "municipality", "state", "how", "minutes", "attended", "counted")
    teams = report.row.draft.team_from is not None
    rows: list[list[Cell]] = []
    for one in _by_team(report):
        was = one.confidence in COUNTED
        rows.append(
            [
                one.name,
                one.organisation,
                one.municipality,
                state_words(t, one),
                t(f"events-method.{one.method.value}") if one.method else None,
                one.minutes,
                t("events-report.yes" if was else "events-report.no"),
                t("events-report.yes" if was and one.completed else "events-report.no"),
                *((one.team,) if teams else ()),
            ]
        )
    title = f"{line.title}, {date_ru(line.local()[0].date())}"
    columns = [Column(t(f"events-report.{name}"), 0) for name in (*names, *(("team",) if teams else ()))]
    return records_sheet(title, columns, rows, note="", name=t("events-report.people"))


def state_words(t: Words, one: PersonMark) -> str:
    """Where one person stands on the list; «записаны» is said to her, not of her."""
    if one.state is RegistrationState.signed:
        return t("events-report.signed")
    return t(f"events-registration.{one.state.value}") if one.state else "—"


def _by_team(report: Report) -> list[PersonMark]:
    """Teams one after another, who came alone at the end; by name within."""
    return sorted(report.people, key=lambda one: (not one.team, one.team))
