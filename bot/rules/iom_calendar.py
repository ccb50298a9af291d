"""Days of steps as an iCalendar file (RFC 5545): whole days, lines folded at 75 octets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

FOLD = 73
"""Octets of a line before it is folded; one is the blank that begins the next."""


def calendar(days: Sequence[tuple[int, date, str]], *, made: datetime) -> bytes:
    """(number, day, title) of each step; a number keeps its identity when the file is opened again."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//marshrut//iom//RU"]
    for number, day, title in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:iom-step-{number}@marshrut",
            f"DTSTAMP:{made:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


def _folded(line: str) -> bytes:
    pieces: list[str] = [""]
    for sign in line:
        if len((pieces[-1] + sign).encode()) > FOLD:
            pieces.append("")
        pieces[-1] += sign
    return "\r\n ".join(pieces).encode() + b"\r\n"
