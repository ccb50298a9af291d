"""What an indicator is: its passport and its rule, composed of a closed set of operators (docs/indicators.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction


class Count(StrEnum):
    """The operators: what is counted."""

    people = "people"  # persons with at least one fact, each once
    facts = "facts"  # the facts themselves
    organisations = "organisations"  # organisations where at least one fact happened
    figure = "figure"  # a number from statistics or a document
    assigned = "assigned"  # teachers appointed to methodists on the last day
    methodists = "methodists"  # methodists with at least one teacher on the last day
    role = "role"  # holders of a role on the last day
    records = "records"  # records of a register in force on the last day


class Who(StrEnum):
    """Conditions on the person, as of the day of the fact; several are all demanded."""

    teachers = "teachers"  # the main job is not a manager's, or is not known
    managers = "managers"
    young = "young"
    low_results = "low_results"  # the organisation bears the mark
    methodists = "methodists"


class Compare(StrEnum):
    """How a value is held against its target."""

    least = ">="
    at_most = "<="
    exactly = "="
    most = "most"  # at most so many for each: the largest load is compared
    growth = "growth"  # more than in the same period before
    yes = "yes"  # exists; with a denominator: all of them exist


@dataclass(frozen=True, slots=True)
class Carry:
    """A fact of before the period counts while none of ``until`` (same source) has closed it, at most so long."""

    until: tuple[str, ...]
    months: int


Words = tuple[tuple[str, tuple[str, ...]], ...]
"""Field of the evidence → the values that fit; several fields are all demanded."""


PRACTICES = "practices"
"""The bank of practices: asked like a register, though each practice is its own record."""
LEARNERS = "learners"
"""Learners of cohorts whose readiness is low, by «with a tutor or not»: counted, never listed by name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One operator with its parameters; equal rules are counted once."""

    count: Count
    facts: tuple[str, ...] = ()
    where: Words = ()
    but: Words = ()
    who: tuple[Who, ...] = ()
    after: tuple[str, ...] = ()
    carry: Carry | None = None
    figure: str = ""
    or_figure: str = ""
    role: str = ""
    register: str = ""
    # A field of the record whose day must be in the period; whether a municipality must be named.
    dated: str = ""
    placed: bool = False

    @property
    def of_documents(self) -> bool:
        """It counts records that are no people: small numbers of them betray nobody."""
        return self.count is Count.records and self.register != LEARNERS

    @property
    def of_results(self) -> bool:
        """It counts people by their results: small numbers are hidden from everybody."""
        return self.count is Count.records and self.register == LEARNERS


@dataclass(frozen=True, slots=True)
class Definition:
    """A version of an indicator. ``fault`` says why its rule cannot be used; ``target`` None was lost."""

    id: str
    title: str
    clause: str
    order_no: str
    order_date: date
    version: int
    since: date
    until: date | None
    owner: str
    unit: str
    period: str
    numerator_text: str
    numerator: Rule | None
    denominator_text: str
    denominator: Rule | None
    compare: Compare
    target: Fraction | None
    sign_stated: bool = True
    near: tuple[str, ...] = ()
    counts: str = ""
    note: str = ""
    alias: str = ""
    # The direction (направление) of the plan; 0 for none.
    section: int = 0
    beside: tuple[tuple[str, Rule], ...] = ()
    fault: str = ""

    @property
    def is_share(self) -> bool:
        """The value is a percentage."""
        return self.unit == "%"

    def rules(self) -> tuple[Rule, ...]:
        """Every rule it needs."""
        known = (self.numerator, self.denominator, *(rule for _, rule in self.beside))
        return tuple(rule for rule in known if rule is not None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number from statistics as it was known, with where it comes from."""

    id: int
    value: int
    source: str
    document: str = ""
    state_on: date | None = None
    entered_on: date | None = None
    entered_by: str = ""
    # How many municipal figures were added up; 0 for a figure given as it is.
    parts: int = 0
    # The form whose total it is; 0 for none.
    form: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a reader must know beside the number: a key of the words and its numbers."""

    key: str
    args: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number as it stands. None is «не считается», never 0; ``margin`` is signed, in units of the numerator."""

    numerator: int | None = None
    denominator: int | None = None
    value: Fraction | None = None
    met: bool | None = None
    # How many the numerator must be for the target, how many are missing, how many are above (negative: missing).
    needed: int | None = None
    gap: int | None = None
    margin: int | None = None
    average: Fraction | None = None
    before: int | None = None
    source: Figure | None = None
    counted_from: Figure | None = None
    reason: str = ""
    doubts: tuple[Doubt, ...] = field(default=())
