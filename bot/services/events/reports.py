"""Papers of an event: report and sheet for signatures (DOCX), the list (XLSX). What was read in, bytes out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import Words, date_ru
from bot.models import EventFeedback, RegistrationState
from bot.rules.suppression import LEAST
from bot.services.access import Right, Scope
from bot.services.documents.certificate import hours
from bot.services.documents.page import Paper
from bot.services.events import keeping, lists
from bot.services.events.attending import PersonMark
from bot.services.events.keeping import EventRow
from bot.services.events.reading import COUNTED

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """An event with its people (within the reach of who asks) and what it was worth to them."""

    row: EventRow
    people: Sequence[PersonMark]
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
    return Report(row, people, number, float(average) if number >= LEAST else None)


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
        (t("events-report.place"), line.place),
        (t("events-report.organiser"), row.draft.organiser),
        (t("events-report.speakers"), line.speakers),
        (t("events-report.rule"), t(f"events-rule.{row.draft.rule.value}", share=str(row.draft.log_share))),
        (t("events-report.registered"), str(numbers.registered)),
        (t("events-report.attended"), str(numbers.attended)),
        (t("events-report.completed"), str(numbers.completed)),
    ]
    if row.draft.order_no:
        day = date_ru(row.draft.order_date) if row.draft.order_date else "—"
        pairs.insert(0, (t("events-report.order"), t("events-report.order-of", no=row.draft.order_no, date=day)))
    if report.average is not None:
        grade = f"{report.average:.1f}".replace(".", ",")
        pairs.append((t("events-report.grade"), t("events-report.grade-of", grade=grade, n=str(report.grades))))
    paper.pairs(pairs)
    was = [one for one in report.people if one.confidence in COUNTED]
    paper.part(t("events-report.places"))
    counts = Counter(one.municipality or t("events-report.unknown") for one in was)
    done = Counter(one.municipality or t("events-report.unknown") for one in was if one.completed)
    head = [t("events-report.municipality"), t("events-report.attended"), t("events-report.completed")]
    paper.table(
        head, [[place, str(n), str(done[place])] for place, n in sorted(counts.items())], (147, 60, 60), size=10
    )
    paper.part(t("events-report.people"))
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
    paper.line(t("campaigns-paper.made", moment=f"{date_ru(made.date())}, {made:%H:%M}"))
    return paper.content()


def sheet(t: Words, report: Report) -> bytes:
    """A sheet for signatures: those who signed up, with room for others."""
    line = report.row.line
    first, _ = line.local()
    paper = Paper(line.title)
    paper.heading(t("events-sheet"), f"{line.title}, {date_ru(first.date())}, {first:%H:%M}")
    people = [one for one in _by_team(report) if one.state is RegistrationState.signed]
    head = ["№", t("events-report.name"), t("events-report.organisation"), t("events-sheet.signature")]
    rows = [[str(i), one.name, one.organisation, ""] for i, one in enumerate(people, start=1)]
    widths: tuple[int, ...] = (14, 95, 98, 60)
    if report.row.draft.team_from is not None:
        head.insert(3, t("events-report.team"))
        for row, one in zip(rows, people, strict=True):
            row.insert(3, one.team)
        widths = (14, 80, 70, 58, 45)
    rows += [[str(i), *[""] * (len(head) - 1)] for i in range(len(rows) + 1, len(rows) + 6)]
    paper.table(head, rows, widths, size=11)
    return paper.content()


def xlsx(t: Words, report: Report) -> bytes:
    """The list: one row a person, to be filtered."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(t("events-report.people"))
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    teams = report.row.draft.team_from is not None
    columns = (
        ("name", 36), ("organisation", 40), ("municipality", 30), ("state", 24), ("how", 24), ("minutes", 10),
        ("attended", 14), ("counted", 14), *((("team", 30),) if teams else ()),
    )  # fmt: skip
    for column, (name, width) in enumerate(columns):
        page.set_column(column, column, width)
        page.write_string(0, column, t(f"events-report.{name}"), bold)
    for place, one in enumerate(_by_team(report), start=1):
        was = one.confidence in COUNTED
        words = [
            one.name,
            one.organisation,
            one.municipality,
            t(f"events-registration.{one.state.value}") if one.state else "",
            t(f"events-method.{one.method.value}") if one.method else "",
        ]
        for column, text in enumerate(words):
            page.write_string(place, column, text)
        if one.minutes is not None:
            page.write_number(place, 5, one.minutes)
        page.write_string(place, 6, t("events-report.yes" if was else "events-report.no"))
        page.write_string(place, 7, t("events-report.yes" if was and one.completed else "events-report.no"))
        if teams:
            page.write_string(place, 8, one.team)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(report.people), 1), len(columns) - 1)
    book.close()
    return out.getvalue()


def _by_team(report: Report) -> list[PersonMark]:
    """Teams one after another, who came alone at the end; by name within."""
    return sorted(report.people, key=lambda one: (not one.team, one.team))
