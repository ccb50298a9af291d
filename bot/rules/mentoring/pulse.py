"""What of the half-year answers needs the coordinator: a mismatch of the two, or an obstacle she can move. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WIDE = 2
"""So many grades apart are a mismatch; a grade of 1 or 2 by both is none: they agree and may leave."""


class Hindrance(StrEnum):
    """What stands in the way of a pair; the two themselves can move the first three."""

    time = "time"
    topics = "topics"
    far = "far"
    school = "school"
    contact = "contact"
    nothing = "nothing"


class GoesOn(StrEnum):
    """Whether to go on."""

    yes = "yes"
    other = "other"
    enough = "enough"


class Concern(StrEnum):
    """What the coordinator sees: never whose word it was, nor the word itself where the two differ."""

    school = "school"
    contact = "contact"
    apart = "apart"


@dataclass(frozen=True, slots=True)
class Word:
    """What one side has said so far."""

    usefulness: int | None = None
    progress: int | None = None
    hindrance: Hindrance | None = None
    goes_on: GoesOn | None = None


NEEDS_HELP = {Hindrance.school: Concern.school, Hindrance.contact: Concern.contact}


def concerns(one: Word, other: Word) -> tuple[Concern, ...]:
    """What the coordinator is shown of a pair; nothing where the two agree and manage by themselves."""
    found = {NEEDS_HELP[word.hindrance] for word in (one, other) if word.hindrance in NEEDS_HELP}
    grades = ((one.usefulness, other.usefulness), (one.progress, other.progress))
    wide = any(a is not None and b is not None and abs(a - b) >= WIDE for a, b in grades)
    differ = None not in (one.goes_on, other.goes_on) and one.goes_on is not other.goes_on
    if wide or differ:
        found.add(Concern.apart)
    return tuple(concern for concern in Concern if concern in found)
