"""What the line promises and when a forgotten question is passed on (domain.md §6). Pure: moments in, moments out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.working_time import NoTime, Span, Within, WorkingTime, add, between, is_open, opening

FIRST = timedelta(hours=2)
"""The first response while somebody is on duty."""

SIMPLE_DAYS, COMPLEX_DAYS = 1, 3
"""Working days until the question is resolved."""

EACH = timedelta(minutes=15)
"""What one question of the queue takes."""

STEP = timedelta(minutes=5)
"""Promises are named in whole steps."""

WARN_AT = 0.8
"""Share of the term after which the methodist, and whoever is next, is told."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the roster: who is on duty, and on what; no themes are all of them."""

    methodist_id: int
    span: Span
    themes: frozenset[str] = frozenset()
    substitute_id: int | None = None
    waiting: int = 0
    """Questions this methodist has not answered yet."""

    def serves(self, theme: str) -> bool:
        """True when the theme is hers."""
        return not self.themes or theme in self.themes


@dataclass(frozen=True, slots=True)
class Promise:
    """By when, and by whom. Without a methodist any of the line answers."""

    at: datetime
    resolve_by: datetime
    methodist_id: int | None
    on_duty: bool
    """True when the methodist is at work now."""


def promise(asked: datetime, time: WorkingTime, slots: Sequence[Slot], theme: str, *, queue: int = 0) -> Promise:
    """Two hours of duty, later when the queue before it needs longer, never after the working day that is its term."""
    latest = resolve_by(asked, time)
    found = next_slot(asked, time, slots, theme)
    if found is None:
        return Promise(latest, latest, None, on_duty=False)
    ahead = found.waiting + queue
    need = max(FIRST, EACH * (ahead + 1))
    duty = Within(time, tuple(slot.span for slot in slots if slot.methodist_id == found.methodist_id))
    try:
        at = add(duty, asked, need)
    except NoTime:
        at = latest
    at = _rounded(min(at, latest), asked, time)
    return Promise(at, latest, found.methodist_id, on_duty=is_open(Within(time, (found.span,)), asked))


def next_slot(asked: datetime, time: WorkingTime, slots: Sequence[Slot], theme: str) -> Slot | None:
    """The slot that opens first; of those open at once the one with the fewest questions. Her theme goes first."""
    open_at: list[tuple[bool, datetime, int, int, int, Slot]] = []
    for place, slot in enumerate(slots):
        try:
            begin = opening(Within(time, (slot.span,)), asked)
        except NoTime:
            continue
        open_at.append((not slot.serves(theme), begin, slot.waiting, slot.methodist_id, place, slot))
    if not open_at:
        return None
    first = min(one[1] for one in open_at)
    # A slot of another theme is better than none, but only when her theme has none within the term.
    best = min(open_at)
    if best[0] or best[1] - first <= timedelta(days=1):
        return best[-1]
    return min(open_at, key=lambda one: (one[1], one[0], *one[2:5]))[-1]


def resolve_by(asked: datetime, time: WorkingTime, *, complex_one: bool = False) -> datetime:
    """The end of the term: one working day, three for a complex question."""
    days = COMPLEX_DAYS if complex_one else SIMPLE_DAYS
    return add(time, asked, time.shortest_day * days)


def warn_at(asked: datetime, due: datetime, time: WorkingTime) -> datetime:
    """When 80 % of the term, in working time, is over."""
    return add(time, asked, between(time, asked, due) * WARN_AT)


def passed_on(now: datetime, time: WorkingTime) -> datetime:
    """The new term of a question whose first one went by: as long as a first response takes."""
    return _rounded(add(time, now, FIRST), now, time)


def within_term(answered: datetime, due: datetime) -> bool:
    """True when the promise was kept."""
    return answered <= due


def _rounded(at: datetime, asked: datetime, time: WorkingTime) -> datetime:
    """Down to a whole step, while that stays after the question and inside the time."""
    over = timedelta(seconds=at.timestamp() % STEP.total_seconds())
    earlier = at - over
    if over and earlier > asked and between(time, asked, earlier) > timedelta() and _holds(time, earlier):
        return earlier
    return at


def _holds(time: Within | WorkingTime, moment: datetime) -> bool:
    """True inside a span, its end included."""
    return is_open(time, moment) or is_open(time, moment - timedelta(microseconds=1))
