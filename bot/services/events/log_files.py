"""The log of a webinar as a file of the platform (XLSX, CSV): names, e-mails, how long everyone stayed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from bot.config import ROOT
from bot.errors import UserError
from bot.rules import webinar_log as rules
from bot.rules.words import folded
from bot.services.importing import Column, TableRow, read_table
from bot.services.table_words import columns_of

PATH = ROOT / "data" / "common" / "webinar_log.yaml"
NAMES = ("name", "last_name", "first_name")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A participant of the log; minutes of all her entries."""

    name: str
    email: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Log:
    """A log as it was understood; ``unread`` are numbers of lines without a name or a time."""

    lines: tuple[LogLine, ...]
    unread: tuple[int, ...] = ()


@dataclass(slots=True)
class _Stay:
    name: str
    email: str
    minutes: int = 0
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)


def columns() -> tuple[Column, ...]:
    """Of a log."""
    return columns_of(PATH)


def read(content: bytes, name: str) -> Log:
    """Participants of the file. UserError when it holds no names or no times. Slow: off the event loop."""
    _, table = read_table(content, name, {"log": columns()}, moments=True)
    given = set(table.columns)
    if not given & {*NAMES, "email"} or not ("minutes" in given or {"joined", "left"} <= given):
        raise UserError("events-log-columns")
    stays: dict[str, _Stay] = {}
    unread: list[int] = []
    for row in table.rows:
        who, email = _who(row), rules.address(row.values.get("email", ""))
        key = email or folded(who)
        span, minutes = _span(row), rules.minutes_of(row.values.get("minutes", ""))
        if not key or (span is None and minutes is None) or row.problems:
            unread.append(row.number)
            continue
        stay = stays.setdefault(key, _Stay(who, email))
        stay.name = stay.name or who
        # Entries and exits say more than a length: windows open at once are not counted twice.
        if span is not None:
            stay.spans.append(span)
        else:
            stay.minutes += minutes or 0
    lines = [
        LogLine(one.name[:200], one.email, min(one.minutes + rules.together(one.spans), rules.MOST))
        for one in _united(stays)
    ]
    return Log(tuple(lines), tuple(unread))


def _united(stays: dict[str, _Stay]) -> list[_Stay]:
    """A line without an e-mail belongs to the only line of the same name that has one."""
    by_name: dict[str, list[_Stay]] = defaultdict(list)
    for one in stays.values():
        if one.email:
            by_name[folded(one.name)].append(one)
    found: list[_Stay] = []
    for one in stays.values():
        same = by_name.get(folded(one.name), [])
        if not one.email and len(same) == 1:
            same[0].minutes += one.minutes
            same[0].spans.extend(one.spans)
        else:
            found.append(one)
    return found


def _who(row: TableRow) -> str:
    whole = row.values.get("name", "")
    parts = " ".join(row.values.get(part, "") for part in ("last_name", "first_name", "middle_name"))
    return whole or " ".join(parts.split())


def _span(row: TableRow) -> tuple[datetime, datetime] | None:
    joined = rules.moment_of(row.values.get("joined", ""))
    left = rules.moment_of(row.values.get("left", ""))
    return (joined, left) if joined and left and joined <= left else None
