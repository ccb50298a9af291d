"""Arithmetic of the calendar: rhythms, clashes, what suits whom, numbers of certificates."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

MOST = 60
"""Meetings made from one rhythm at a time."""

LOAD = 3
"""So many meetings of one week are worth a word of warning before another."""

BURNOUT = "выгорание"
"""The tag of burnout prevention; the indicator counts attendance of events that have it."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of certificate numbers: without 0, O, 1 and I, which people mistake. 32 signs: five bits each."""

_number = re.compile(rf"\d\d-[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}")
_allowed = re.compile(r"[A-Z0-9=;,+-]{1,200}")


class BadRule(ValueError):
    """A rhythm that cannot be read or never comes."""


def occurrences(rule: str, first: datetime, until: date, zone: ZoneInfo) -> list[datetime]:
    """Moments of a rhythm from ``first`` through the day ``until``; the clock of the region stands still.

    Only days and longer: a meeting every minute is a mistake. BadRule when nothing or too much comes.
    """
    text = rule.strip().upper().removeprefix("RRULE:")
    if not _allowed.fullmatch(text) or not re.search(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)\b", text):
        raise BadRule(rule)
    if "UNTIL" in text or "BYHOUR" in text or "BYMINUTE" in text or "BYSECOND" in text:
        raise BadRule(rule)
    local = first.astimezone(zone).replace(tzinfo=None)
    found: list[datetime] = []
    try:
        for moment in rrulestr(text, dtstart=local):
            if moment.date() > until:
                break
            if len(found) == MOST:
                raise BadRule(rule)
            found.append(moment.replace(tzinfo=zone))
    except (ValueError, TypeError, KeyError) as failure:
        raise BadRule(rule) from failure
    if not found:
        raise BadRule(rule)
    return found


def overlap(a: tuple[datetime, datetime], b: tuple[datetime, datetime]) -> bool:
    """True when one cannot be in both: one that begins as the other ends is no clash."""
    return a[0] < b[1] and b[0] < a[1]


def week_of(day: date) -> tuple[date, date]:
    """Monday of the day's week, and the Monday after."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


class Why(StrEnum):
    """Why an event is offered; the strongest reason is shown."""

    iom = "iom"
    growth = "growth"
    young = "young"
    subject = "subject"
    position = "position"
    everybody = "everybody"


ORDER = (Why.iom, Why.growth, Why.young, Why.subject, Why.position, Why.everybody)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom an event is for; empty collections mean everybody."""

    positions: Collection[str] = ()
    subjects: Collection[str] = ()
    groups: Collection[str] = ()
    young_only: bool = False
    managers_only: bool = False
    in_iom: bool = False


@dataclass(frozen=True, slots=True)
class Whom:
    """The person as she is on the day of the event."""

    positions: Collection[str] = ()
    subjects: Collection[str] = ()
    growth: Collection[str] = ()
    young: bool = False
    manager: bool = False


def admits(event: Wanted, person: Whom) -> bool:
    """True when the audience rules let the person in. Subjects advise, they do not exclude."""
    if event.young_only and not person.young:
        return False
    if event.managers_only and not person.manager:
        return False
    return not event.positions or bool(set(event.positions) & set(person.positions))


def suits(event: Wanted, person: Whom) -> Why | None:
    """The strongest reason to offer an event; None when it is for others."""
    if not admits(event, person):
        return None
    if event.in_iom:
        return Why.iom
    if set(event.groups) & set(person.growth):
        return Why.growth
    if event.young_only:
        return Why.young
    if event.subjects:
        return Why.subject if set(event.subjects) & set(person.subjects) else None
    return Why.position if event.positions else Why.everybody


def certificate_number(year: int, random: int) -> str:
    """«26-4TK7Q-2M9PX» of fifty random bits: the next number cannot be guessed from this one."""
    signs = "".join(ALPHABET[(random >> (5 * place)) & 31] for place in range(10))
    return f"{year % 100:02d}-{signs[:5]}-{signs[5:]}"


def read_number(typed: str) -> str | None:
    """A number as people type it (case, spaces, dashes, Russian letters that look the same); None for another thing."""
    alike = str.maketrans("АВСЕНКМРТХУ", "ABCEHKMPTXY")
    bare = re.sub(r"[^0-9A-Z]", "", typed.upper().replace("№", "").translate(alike))[:20]
    number = f"{bare[:2]}-{bare[2:7]}-{bare[7:]}"
    return number if _number.fullmatch(number) else None


def masked(last: str, first: str, middle: str) -> str:
    """«Ив*** М. П.»: enough for its owner, too little for a stranger."""
    initials = " ".join(f"{part[0]}." for part in (first, middle) if part)
    return f"{last[:2]}*** {initials}".strip()


FORBIDDEN = re.compile(r"удостоверени|повышени\w* квалификац|переподготовк|присво|диплом о |лиценз", re.IGNORECASE)
"""What a certificate of a participant must never say of itself (domain.md §3.1)."""


def may_be_printed(text: str) -> bool:
    """False for words that would make the paper look like a document of education."""
    return FORBIDDEN.search(text.replace("ё", "е")) is None
