"""Events from a table (XLSX, CSV): looked at row by row first, then written; mistakes keep the others in.

A repeat finds an event by its code, without a code by title and beginning; columns that are not in the table
leave what they hold as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import UserError
from bot.models import (
    ActivityForm,
    CompetenceGroup,
    Event,
    EventKind,
    EventLevel,
    EventRule,
    EventState,
    Position,
    Subject,
)
from bot.rules.event_teams import MOST as MOST_IN_TEAM
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.data_files import read
from bot.services.events import keeping
from bot.services.events.keeping import EventDraft, check
from bot.services.importing import Column, Problem, Table, TableRow, read_table
from bot.services.table_cells import Cells
from bot.services.table_words import columns_of, hints_of, sample_book, words_of

PATH = ROOT / "data" / "common" / "events_table.yaml"
MOST = 1_000
"""Rows of one table: a region holds fewer events in a year."""

TEXTS = {
    "place": 255, "link": 500, "organiser": 255, "speakers": 255, "about": 1000, "bring": 255, "order_no": 64,
    "project": 255,
}  # fmt: skip
SETTLED = (EventState.cancelled, EventState.reported)


@dataclass(frozen=True, slots=True)
class EventImportRow:
    """A row as it was understood: ``new``, ``changed``, ``same`` or ``wrong``; ``moved``: people will be told."""

    number: int
    status: str
    draft: EventDraft | None = None
    state: EventState | None = None
    id: int | None = None
    moved: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class EventsPreview:
    """The whole table, nothing written; ``unknown`` are headings that are not used."""

    unknown: tuple[str, ...]
    rows: tuple[EventImportRow, ...]

    def count(self, status: str) -> int:
        """How many rows stand so."""
        return sum(row.status == status for row in self.rows)


def columns() -> tuple[Column, ...]:
    """Of the table."""
    return columns_of(PATH)


async def preview(
    session: AsyncSession, scope: Scope, content: bytes, *, name: str, zone: ZoneInfo, now: datetime
) -> EventsPreview:
    """What the table would do. UserError for a file that cannot be used."""
    scope.require(Right.events_edit)
    _, table = read_table(content, name, {"events": columns()})
    if len(table.rows) > MOST:
        raise UserError("import-too-many", limit=MOST)
    lists = {
        "groups": select(CompetenceGroup.slug, CompetenceGroup.title),
        "subjects": select(Subject.slug, Subject.title),
        "positions": select(Position.slug, Position.title),
    }
    words: dict[str, Mapping[str, str]] = {**words_of(PATH)}
    for column, statement in lists.items():
        words[column] = {folded(title): slug for slug, title in await session.execute(statement)}
    reader = _Reader(table, words, zone)
    codes, titles = await _known(session, table)
    seen: dict[tuple[str, str], int] = {}
    rows: list[EventImportRow] = []
    for row in table.rows:
        made, state, problems = reader.read(row)
        if made is None:
            rows.append(EventImportRow(row.number, "wrong", problems=tuple(problems)))
            continue
        code = row.values.get("code", "")
        key = ("code", code) if code else _name_key(made.title, made.starts_at)
        if seen.setdefault(key, row.number) != row.number:
            again = Problem("import-code-twice" if code else "import-row-twice", "", {"first": seen[key]})
            rows.append(EventImportRow(row.number, "wrong", problems=(again,)))
            continue
        old = codes.get(code) if code else titles.get(key)
        rows.append(await _against(session, row.number, made, state, old, set(table.columns), now=now))
    return EventsPreview(table.unknown, tuple(rows))


async def apply(session: AsyncSession, scope: Scope, looked: EventsPreview, *, now: datetime) -> dict[int, int]:
    """Write the rows that are right: row number → id. A new time of an announced event is told to its people."""
    scope.require(Right.events_edit)
    written: dict[int, int] = {}
    for row in looked.rows:
        if row.draft is None or row.status not in ("new", "changed"):
            continue
        number = await keeping.save(session, scope, row.draft, event_id=row.id, now=now)
        if row.moved:
            await keeping.move(
                session, scope, number, starts_at=row.draft.starts_at, ends_at=row.draft.ends_at, now=now
            )
        if row.state is not None:
            await keeping.to_state(session, scope, number, row.state, now=now)
        written[row.number] = number
    if written:
        audit.changed(session, scope, keeping.ENTITY, 0, "imported", now=now, after={"events": len(written)})
    return written


def sample_workbook() -> bytes:
    """An XLSX to fill in: headings with hints, a few invented rows."""
    return sample_book(
        columns(),
        hints_of(PATH),
        read(PATH).entries("samples"),
        width=lambda column: 44 if column.name == "title" else max(14, len(column.title) + 4),
        frozen=2,
    )


# --- inside ------------------------------------------------------------------------------------------


async def _known(session: AsyncSession, table: Table) -> tuple[dict[str, Event], dict[tuple[str, str], Event]]:
    """Events the table may speak of: by code, and (for rows without one) by title and beginning."""
    codes = {row.values["code"] for row in table.rows if row.values.get("code")}
    names = {row.values.get("title", "") for row in table.rows if not row.values.get("code")}
    by_code = await session.scalars(select(Event).where(Event.code.in_(codes)))
    by_name = await session.scalars(select(Event).where(Event.title.in_(names)).order_by(Event.id.desc()))
    return (
        {str(event.code): event for event in by_code},
        {_name_key(event.title, event.starts_at): event for event in by_name},
    )


def _name_key(title: str, starts_at: datetime) -> tuple[str, str]:
    return folded(title), str(int(starts_at.timestamp()))


async def _against(
    session: AsyncSession,
    number: int,
    made: EventDraft,
    state: EventState | None,
    old: Event | None,
    given: set[str],
    *,
    now: datetime,
) -> EventImportRow:
    """A row beside the event it speaks of."""

    def wrong(key: str, **args: object) -> EventImportRow:
        return EventImportRow(number, "wrong", problems=(Problem(key, "", args),))

    if old is None:
        try:
            check(made)
        except UserError as error:
            return wrong(error.key, **error.args_for_text)
        if made.rule is EventRule.quiz and state not in (None, EventState.draft):
            return wrong("events-quiz-needed")
        return EventImportRow(number, "new", made, state if state is not EventState.draft else None)
    if old.state in SETTLED:
        return wrong("events-settled")
    before = await keeping.draft_of(session, old.id)
    draft = _over(before, made, given)
    moved = (before.starts_at, before.ends_at) != (draft.starts_at, draft.ends_at)
    told = moved and old.state is not EventState.draft
    if told and (old.state is EventState.held or draft.starts_at <= now):
        return wrong("events-into-the-past")
    if draft.rule is EventRule.quiz and not old.quiz_size and (state or old.state) is not EventState.draft:
        return wrong("events-quiz-needed")
    if (before.team_from is None) is not (draft.team_from is None) and await keeping.listed(session, old.id):
        return wrong("events-team-registered")
    step = state if state is not None and state in keeping.MOVES[old.state] else None
    try:
        check(draft)
    except UserError as error:
        return wrong(error.key, **error.args_for_text)
    status = "same" if draft == before and step is None else "changed"
    return EventImportRow(number, status, draft, step, old.id, told)


def _over(before: EventDraft, made: EventDraft, given: set[str]) -> EventDraft:
    """What the table says over what the event holds."""
    always = {"title", "kind", "form", "starts_at", "ends_at"}
    of_column = {"opens_at": "opens_on", "closes_at": "closes_on"}
    changes: dict[str, Any] = {
        one.name: getattr(made, one.name)
        for one in fields(EventDraft)
        if one.name in always or of_column.get(one.name, one.name) in given
    }
    for name in ("groups", "subjects"):
        if name in changes:
            changes[name] = tuple(sorted(changes[name]))
    changes["code"] = made.code or before.code
    return replace(before, **changes)


class _Reader(Cells):
    """Cells of a row into a draft; every doubt becomes a Problem."""

    def __init__(self, table: Table, words: Mapping[str, Mapping[str, str]], zone: ZoneInfo) -> None:
        unknown = {"groups": "catalogue-unknown-group", "subjects": "import-subject-unknown"}
        super().__init__(columns(), words, unknown=unknown)
        self.zone = zone

    def read(self, row: TableRow) -> tuple[EventDraft | None, EventState | None, list[Problem]]:
        """The draft and the wished state, or None with what is wrong."""
        self.start(row)
        cells = self.values
        kind, form = self.word("kind", "kinds"), self.word("form", "forms")
        level, rule, state = self.word("level", "levels"), self.word("rule", "rules"), self.word("state", "states")
        groups, subjects, positions = (self.several(name) for name in ("groups", "subjects", "positions"))
        young, managers, gives = (
            self.word(name, "flags") == "1" for name in ("young_only", "managers_only", "gives_certificate")
        )
        day, clock = self.day("day"), self.time("time")
        minutes = self.number("minutes", least=1, most=31 * 24 * 60)
        opens, closes, order_date = self.day("opens_on"), self.day("closes_on"), self.day("order_date")
        seats = self.number("seats", least=1, most=keeping.MOST_SEATS)
        smallest, largest = (self.number(name, least=2, most=MOST_IN_TEAM) for name in ("team_from", "team_to"))
        reserved = self.number("reserved", least=0, most=keeping.MOST_SEATS)
        release_on = self.day("release_on")
        cancel_hours = self.number("cancel_hours", least=1, most=240)
        share = self.number("log_share", least=1, most=100)
        hours = self._hours()
        if len(cells["code"]) > 64:
            self.wrong("import-code-long", "code", limit=64)
        for name, most in TEXTS.items():
            if len(cells[name]) > most:
                self.wrong("import-text-long", name, limit=most)
        if self.problems or day is None or clock is None or minutes is None:
            return None, None, self.problems
        starts = datetime.combine(day, clock, tzinfo=self.zone)
        texts: dict[str, Any] = {name: cells[name] for name in TEXTS}
        made = EventDraft(
            title=cells["title"],
            kind=EventKind(kind),
            starts_at=starts,
            ends_at=starts + timedelta(minutes=minutes),
            zone=str(self.zone),
            hours=hours or round(minutes / 60, 2),
            form=ActivityForm(form),
            level=EventLevel(level or EventLevel.regional),
            code=cells["code"] or None,
            tags=tuple(tag.strip()[:40] for tag in cells["tags"].split(",") if tag.strip())[:8],
            seats=seats,
            team_from=smallest,
            team_to=largest,
            reserved=reserved or 0,
            release_on=release_on,
            cancel_hours=cancel_hours,
            opens_at=self._midnight(opens),
            # Signed up to the end of the last day.
            closes_at=self._midnight(closes + timedelta(days=1) if closes else None),
            rule=EventRule(rule or EventRule.code),
            log_share=share or 70,
            order_date=order_date,
            groups=groups,
            subjects=subjects,
            positions=positions,
            young_only=young,
            managers_only=managers,
            gives_certificate=gives,
        )
        made = replace(made, **texts)
        return made, EventState(state) if state else None, self.problems

    def _midnight(self, day: date | None) -> datetime | None:
        return datetime.combine(day, time(), tzinfo=self.zone) if day else None

    def _hours(self) -> float | None:
        text = self.values["hours"].replace(",", ".")
        if text and not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text):
            self.wrong("events-wrong-hours", "hours")
            return None
        return float(text) if text else None
