"""The quarterly register of key problems: themes, subjects, municipalities, examples; never a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import FaqEntry, FaqState, Municipality, Subject, Ticket, TicketGrade, TicketState, TicketTheme
from bot.services.access import Scope
from bot.services.hotline.desk import require_manager

LEAST = 5
"""Fewer questions than that of one municipality or subject are «другие»: nobody is guessed from a table."""

EXAMPLES = 3


@dataclass(slots=True)
class Problem:
    """A theme of the quarter."""

    theme: TicketTheme
    count: int = 0
    answered: int = 0
    in_term: int = 0
    helped: int = 0
    graded: int = 0
    subjects: list[tuple[str, int]] = field(default_factory=list)
    municipalities: list[tuple[str, int]] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    """Published questions: their authors and the centre have agreed to every word."""


@dataclass(frozen=True, slots=True)
class Register:
    """All of it."""

    year: int
    quarter: int
    problems: tuple[Problem, ...]
    total: int
    answered: int
    in_term: int
    median_minutes: int | None


def quarters(today: date) -> list[str]:
    """The last six quarters, the running one first."""
    year, quarter = today.year, (today.month + 2) // 3
    made = []
    for _ in range(6):
        made.append(f"{year}-Q{quarter}")
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return made


def quarter_of(text: str, *, today: date) -> tuple[int, int]:
    """«2026-Q4»; the running quarter for anything else."""
    year, _, quarter = text.partition("-Q")
    if year.isascii() and year.isdigit() and len(year) == 4 and quarter in ("1", "2", "3", "4"):
        return int(year), int(quarter)
    return today.year, (today.month + 2) // 3


async def collect(session: AsyncSession, scope: Scope, year: int, quarter: int, *, zone: ZoneInfo) -> Register:
    """The register of a quarter; four statements."""
    require_manager(scope)
    begin = datetime(year, 3 * quarter - 2, 1, tzinfo=zone)
    end = datetime(year + quarter // 4, 3 * quarter % 12 + 1, 1, tzinfo=zone)
    rows = list(
        await session.execute(
            select(
                Ticket.theme, Ticket.subject_slug, Ticket.municipality_id, Ticket.asked_at, Ticket.first_answer_at,
                Ticket.in_term, Ticket.grade,
            ).where(
                Ticket.asked_at >= begin, Ticket.asked_at < end,
                Ticket.state.not_in((TicketState.draft, TicketState.withdrawn, TicketState.merged)),
            )
        )
    )  # fmt: skip
    subjects = dict((await session.execute(select(Subject.slug, Subject.title))).all())
    places = dict((await session.execute(select(Municipality.id, Municipality.name))).all())
    examples: dict[TicketTheme, list[str]] = {}
    for theme, question in await session.execute(
        select(FaqEntry.theme, FaqEntry.question)
        .where(FaqEntry.state == FaqState.published, FaqEntry.published_at < end)
        .order_by(func.coalesce(FaqEntry.published_at, FaqEntry.created_at).desc(), FaqEntry.id)
    ):
        examples.setdefault(theme, []).append(question)
    found: dict[TicketTheme, Problem] = {}
    by_subject: dict[TicketTheme, Counter[str]] = {}
    by_place: dict[TicketTheme, Counter[str]] = {}
    minutes: list[float] = []
    for row in rows:
        one = found.setdefault(row.theme, Problem(row.theme, examples=examples.get(row.theme, [])[:EXAMPLES]))
        one.count += 1
        if row.first_answer_at is not None:
            one.answered += 1
            one.in_term += bool(row.in_term)
            minutes.append((row.first_answer_at - row.asked_at) / timedelta(minutes=1))
        if row.grade is not None:
            one.graded += 1
            one.helped += row.grade is TicketGrade.yes
        by_subject.setdefault(row.theme, Counter())[subjects.get(row.subject_slug or "", "")] += 1
        by_place.setdefault(row.theme, Counter())[places.get(row.municipality_id or 0, "")] += 1
    for theme, one in found.items():
        one.subjects, one.municipalities = _large(by_subject[theme]), _large(by_place[theme])
    problems = tuple(sorted(found.values(), key=lambda one: (-one.count, list(TicketTheme).index(one.theme))))
    return Register(
        year,
        quarter,
        problems,
        total=len(rows),
        answered=sum(one.answered for one in problems),
        in_term=sum(one.in_term for one in problems),
        median_minutes=round(median(minutes)) if minutes else None,
    )


def _large(counts: Counter[str]) -> list[tuple[str, int]]:
    """The named ones with enough questions, the most first."""
    return sorted(
        ((name, n) for name, n in counts.items() if name and n >= LEAST), key=lambda pair: (-pair[1], pair[0])
    )
