"""What matching knows of a mentor and of a mentee, and what it says of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Criterion(StrEnum):
    """The seven criteria of domain.md §5.3, in the order they are explained."""

    subject = "subject"
    deficits = "deficits"
    proximity = "proximity"
    slots = "slots"
    wish = "wish"
    status = "status"
    load = "load"


class Status(StrEnum):
    """Standing of a mentor; attestation of 24.03.2023 № 196 knows the first two as categories."""

    mentor = "mentor"
    highest = "highest"
    first = "first"
    none = "none"


class Obstacle(StrEnum):
    """Why two people can never be a pair; the first that applies is told."""

    same_person = "same_person"
    consent = "consent"
    load = "load"
    experience = "experience"
    stage = "stage"
    superior = "superior"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each criterion; a setting of the region. They add up to 100 by default."""

    subject: float = 25
    deficits: float = 25
    proximity: float = 15
    slots: float = 10
    wish: float = 10
    status: float = 10
    load: float = 5

    def of(self, criterion: Criterion) -> float:
        """Points of one criterion."""
        return float(getattr(self, criterion.value))


WEIGHTS = Weights()

ENOUGH = 45.0
"""Below this a pair is not proposed at its school: a remote mentor is (domain.md §5.3)."""

LEAST_EXPERIENCE = 3
"""Years a mentor has taught at least (domain.md §5.3); a region may ask for more."""

PREFERRED_EXPERIENCE = 5
"""Of two equal plans the one with mentors of so many years is taken: five are preferred, not asked for."""


@dataclass(frozen=True, slots=True)
class Mentor:
    """``subjects`` are slugs of subjects, or the post of those who teach none; ``slots`` are hours 0…167 of a week."""

    id: int
    organisation: int
    municipality: int
    subjects: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    strengths: frozenset[str] = frozenset()
    slots: frozenset[int] = frozenset()
    wishes: frozenset[int] = frozenset()
    remote: bool = False
    status: Status = Status.none
    experience: int = LEAST_EXPERIENCE
    # How many years this region asks for.
    least: int = LEAST_EXPERIENCE
    most: int = 2
    busy: int = 0
    consent: bool = True

    @property
    def free(self) -> int:
        """Places left."""
        return max(0, self.most - self.busy)


@dataclass(frozen=True, slots=True)
class Mentee:
    """``deficits`` are weights by competence group; empty where there is no diagnosis or no permission to use it."""

    id: int
    organisation: int
    municipality: int
    subjects: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    deficits: Mapping[str, float] = field(default_factory=dict)
    slots: frozenset[int] = frozenset()
    wishes: frozenset[int] = frozenset()
    remote: bool = False
    superiors: frozenset[int] = frozenset()
    # The form руководитель–педагог, where a superior is what is wanted.
    superior_wanted: bool = False
    refused: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion of a pair: ``value`` 0…1, ``points`` of ``most``; ``term`` says which case applied.

    ``known`` is False where nothing is known to compare: the criterion is left out and the others fill its place.
    """

    criterion: Criterion
    value: float
    points: float
    most: float
    term: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """A mentor for a mentee, with the points of 100 and their lines."""

    mentee: int
    mentor: int
    score: float
    lines: tuple[Line, ...]
