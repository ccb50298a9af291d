"""Tokens → parts: dates, windows, frequencies, bounds, plans, requests, events. What no part takes stays unread."""

# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.rules.deadlines.tokens import Token

LAST_DAY = -1


@dataclass
class Span:
    """A due day, with a first day when it is a window; the year may be missing, the end may lie in the next one."""

    month: int
    day: int = LAST_DAY
    first: tuple[int, int] | None = None
    year: int | None = None
    end_year: int | None = None
    weekday: int | None = None
    school: bool = False
    years_only: bool = False
    doubt: str | None = None
    group: int = 0
    nth: tuple[int, int] | None = None
    before: bool = False
    assumed: bool = False
    next_year: bool = False
    school_end: bool = False


@dataclass
class Parts:
    """Everything a phrase says, in no order but that of the dates."""

    spans: list[Span] = field(default_factory=list)
    frequency: dict[str, Any] | None = None
    then: bool = False
    then_group: int = 0
    begin: Span | None = None
    finish: Span | None = None
    duration: str | None = None
    order: list[str] = field(default_factory=list)
    bounds: str | None = None
    month_day: int | None = None
    month_nth: tuple[int, int] | None = None
    more_days: list[int] = field(default_factory=list)
    more_nth: list[tuple[int, int]] = field(default_factory=list)
    lag: str | None = None
    offset: dict[str, Any] | None = None
    doubts: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    from_start: bool = False
    source: str | None = None
    last_working: bool = False
    last_month: bool = False


STRONG = re.compile(
    r"(?:в TECH|F[YQMWD]|EACH|M\d+|@|далее|затем|TECH|постоянно|регулярно)(?: |$)|(?:до|с|не) (?:\d|@|M)|\d+ (?:RAZ|M\d|Q)|\d{4} "
)


Action = Callable[["Reader", re.Match[str]], int | None]
Rules = list[tuple[re.Pattern[str], Action]]


class Reader:
    """One pass over the tokens; at each place the longest part that fits is taken."""

    def __init__(self, tokens: list[Token], rules: Rules) -> None:
        self.tokens, self.rules = tokens, rules
        self.starts: list[int] = []
        line = ""
        for token in tokens:
            self.starts.append(len(line))
            line += token.code + " "
        self.line = line.rstrip()
        self.parts = Parts()
        self.group = 0
        self.ended: int | None = None
        """Where the words of the last date ended."""

    def read(self) -> Parts:
        place = 0
        lost: list[str] = []
        while place < len(self.tokens):
            before = len(self.parts.spans), "continuous" in self.parts.order
            after = self.take(place)
            if after > place:
                joint = self.tokens[place - 1].code if place > 1 else ""
                if joint == "/" and before[0] and len(self.parts.spans) > before[0]:
                    self.parts.doubts.append("slash")
                if joint == "-" and before[0] and (len(self.parts.spans), "continuous" in self.parts.order) != before:
                    self.parts.doubts.append("dash")
                if len(self.parts.spans) > before[0]:
                    if self.ended == place and before[0] and self._unlike(before[0]):
                        self.parts.doubts.append("no-separator")
                    self.ended = after
                if lost:
                    self.parts.unread.append(" ".join(lost))
                    lost = []
                place = after
                continue
            token = self.tokens[place]
            if token.code in ("(", ")", ";", ".", ":", ",", "и", "-", "«", "»", '"', "/", "+"):
                if token.code in (";", "(", ")"):
                    self.group += 1
            else:
                lost.append(token.text)
            place += 1
        if lost:
            self.parts.unread.append(" ".join(lost))
        return self.parts

    def _unlike(self, at: int) -> bool:
        """A date without a year stands close before a window, or the other way: «1 октября декабря»."""
        left, right = self.parts.spans[at - 1], self.parts.spans[at]
        return left.year is None and not right.years_only and (left.first is None) != (right.first is None)

    def take(self, place: int) -> int:
        offset = self.starts[place]
        best: tuple[int, re.Match[str], Action] | None = None
        for pattern, action in self.rules:
            match = pattern.match(self.line, offset)
            if match and match.end() > offset and (best is None or match.end() > best[0]):
                best = (match.end(), match, action)
        if best is None:
            return place
        after = best[2](self, best[1])
        if after == 0:
            return place
        return after if after is not None else self.index(best[0])

    def index(self, offset: int) -> int:
        for number, start in enumerate(self.starts):
            if start >= offset:
                return number
        return len(self.tokens)

    def free(self, place: int, *, dates_inside: bool) -> int:
        """The end of words that only name a plan or an event."""
        deep = 0
        while place < len(self.tokens):
            code = self.tokens[place].code
            rest = self.line[self.starts[place] :]
            if code == ";" or (code in ("(", ")") and not deep):
                break
            if code == "," and (
                STRONG.match(rest[2:])
                or re.match(r"(?:по|при|в соответствии|согласно|в TECH|раз|не реже|\d)", rest[2:])
            ):
                break
            before = self.tokens[place - 1].code
            stops = not dates_inside or rest[0] == "F" or rest.startswith(("далее", "EACH"))
            if stops and before not in ("на", "за", "от", "с", "-", "и") and STRONG.match(rest):
                break
            place += 1
        return place

    def add(self, span: Span, name: str | None = None) -> None:
        span.group = self.group
        self.parts.spans.append(span)
        self.parts.order.append(name or ("window" if span.first else "by_date"))
