"""A small invented history as plain objects, and every indicator over facts computed from it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
KINDS = (
    "diagnosed",
    "iom_received",
    "iom_completed",
    "attended",
    "consulted",
    "paired",
    "mentoring_completed",
    "contest_entered",
    "course_completed",
)
LASTING = ("iom_received", "iom_completed", "paired", "mentoring_completed")
EVIDENCE: dict[str, list[dict[str, Any]]] = {
    "diagnosed": [{"kind": "self_likert"}, {"kind": "external", "source": "fioco"}, {}],
    "attended": [
        {"kind": "contest", "tags": []}, {"kind": "seminar", "tags": ["выгорание", "школа"]}, {"kind": "olympiad"},
    ],
    "paired": [{"side": "mentor"}, {"side": "mentee"}],
    "contest_entered": [{"level": "regional"}, {"level": "municipal"}, {"level": "federal"}],
    "course_completed": [
        {"register": "federal", "programme": "upskilling"}, {"programme": "retraining", "profile": "pedagogical"},
        {"programme": "retraining", "profile": "other"},
    ],
}  # fmt: skip


@dataclass
class Someone:
    """A person; ``deleted`` ones are known to the facts only."""

    number: int
    confirmed: bool = True
    deleted: bool = False
    born: int | None = 1984
    since: int | None = 2008
    manager: bool = False
    methodist: bool = False
    organisation: int = 1


@dataclass
class Happened:
    """A fact."""

    person: int
    kind: str
    on: date
    source: int
    organisation: int
    evidence: dict[str, Any] = field(default_factory=dict)
    voided: bool = False


@dataclass
class History:
    """Organisation n lies in municipality ``1 + n % 3``; organisation 2 bears the mark of low results."""

    people: list[Someone]
    facts: list[Happened]

    def someone(self, number: int) -> Someone:
        return self.people[number]


def municipality_of(organisation: int) -> int:
    return 1 + organisation % 3 if organisation else 0


def young(person: Someone, on: date) -> bool:
    """By the words of the glossary: at most 35, at most three years from 1 September of the first year."""
    if person.deleted or person.born is None or person.since is None or on.year - person.born > 35:
        return False
    return date(person.since, 9, 1) <= on <= date(person.since + 3, 9, 1)


def mentor(fact: Happened, person: Someone) -> bool:
    """The mentor's side of a pair."""
    return fact.evidence.get("side") == "mentor"


@dataclass
class ByHand:
    """Sets of people computed with loops."""

    history: History
    first: date
    last: date

    def them(
        self, kinds: set[str], fits: Callable[[Happened, Someone], bool], *, teachers: bool = True
    ) -> dict[int, Happened]:
        """Person → the last fact that counts her."""
        found: dict[int, Happened] = {}
        for fact in self.history.facts:
            person = self.history.someone(fact.person)
            if fact.voided or fact.kind not in kinds or not self.first <= fact.on <= self.last:
                continue
            if not (person.confirmed or person.deleted):
                continue
            if teachers and person.manager and not person.deleted:
                continue
            if fits(fact, person) and (fact.person not in found or found[fact.person].on <= fact.on):
                found[fact.person] = fact
        return found

    def lasting(
        self, kind: str, end: str, fits: Callable[[Happened, Someone], bool], *, teachers: bool = True
    ) -> dict[int, Happened]:
        """Begun in the period, or in the year before it and not ended before it began."""
        closed = {f.source for f in self.history.facts if f.kind == end and not f.voided and f.on < self.first}
        found = {}
        for fact in sorted(self.history.facts, key=lambda one: one.on):
            person = self.history.someone(fact.person)
            since = self.first.replace(year=self.first.year - 1)
            inside = self.first <= fact.on <= self.last
            carried = since <= fact.on < self.first and fact.source not in closed
            if fact.voided or fact.kind != kind or not (inside or carried) or not fits(fact, person):
                continue
            if (person.confirmed or person.deleted) and (person.deleted or not (teachers and person.manager)):
                found[fact.person] = fact
        return found

    def courses(self) -> dict[int, Happened]:
        """Federal programmes finished on the day of a diagnosis or after one."""
        diagnosed: dict[int, date] = {}
        for fact in self.history.facts:
            if fact.kind == "diagnosed" and not fact.voided:
                diagnosed[fact.person] = min(fact.on, diagnosed.get(fact.person, fact.on))
        return self.them(
            {"course_completed"},
            lambda f, p: f.evidence.get("register") == "federal" and diagnosed.get(f.person, date.max) <= f.on,
        )

    def all(self) -> dict[str, dict[int, Happened]]:
        """Indicator → whom it counts."""
        burnout = lambda f, p: "выгорание" in f.evidence.get("tags", [])  # noqa: E731
        anything = lambda f, p: True  # noqa: E731
        is_young = lambda f, p: young(p, f.on)  # noqa: E731
        low = lambda f, p: f.organisation == 2  # noqa: E731
        return {
            "SMO-I05": self.them({"diagnosed"}, anything),
            "SMO-I06": self.courses(),
            "SMO-I08": self.lasting("iom_received", "iom_completed", anything),
            "SMO-I09": self.them(
                {"course_completed"},
                lambda f, p: f.evidence.get("programme") == "retraining" and f.evidence.get("profile") == "pedagogical",
                teachers=False,
            ),
            "SMO-I10": self.them({"attended"}, burnout),
            "SMO-I15": self.them({"attended", "paired", "iom_received", "consulted", "tutorial"}, is_young),
            "SMO-I17": self.lasting("paired", "mentoring_completed", mentor),
            "SMO-I18": self.them(
                {"contest_entered"}, lambda f, p: f.evidence.get("level") in ("regional", "federal"), teachers=False
            ),
            "T-08": self.lasting(
                "paired",
                "mentoring_completed",
                lambda f, p: mentor(f, p) and p.methodist and not p.deleted,
                teachers=False,
            ),
            "T-10": self.them({"course_completed"}, lambda f, p: p.methodist and not p.deleted, teachers=False),
            "T-11": self.them({"diagnosed"}, lambda f, p: f.evidence.get("kind") != "external"),
            "T-12": self.them({"diagnosed"}, low),
            "T-15": self.them({"iom_received"}, anything),
            "T-16": self.them({"iom_received"}, low),
            "T-21": self.them({"attended"}, is_young),
            "T-22": self.lasting(
                "paired", "mentoring_completed", lambda f, p: f.evidence.get("side") == "mentee" and young(p, f.on)
            ),
            "T-23": self.them({"attended"}, burnout),
        }


PEOPLE = st.builds(
    Someone,
    number=st.just(0),
    confirmed=st.booleans(),
    deleted=st.sampled_from([False, False, False, True]),
    born=st.sampled_from([None, 1975, 1990, 1991, 1999]),
    since=st.sampled_from([None, 2008, 2022, 2023, 2024, 2026]),
    manager=st.sampled_from([False, False, True]),
    methodist=st.booleans(),
    organisation=st.integers(1, 4),
)
DAYS = st.integers(0, 800).map(lambda days: date(2024, 12, 1) + timedelta(days=days))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to 8 people and 40 facts around 2026, edges of the year among them."""
    people = draw(st.lists(PEOPLE, min_size=1, max_size=8))
    for number, person in enumerate(people):
        person.number = number
    edges = st.sampled_from([FIRST, LAST, FIRST - timedelta(days=1), date(2026, 9, 1), date(2026, 9, 2)])
    facts = []
    for source in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(KINDS))
        facts.append(
            Happened(
                person=draw(st.integers(0, len(people) - 1)),
                kind=kind,
                on=draw(st.one_of(DAYS, edges)),
                # Few sources: an end finds its beginning.
                source=draw(st.integers(1, 6)) if kind in LASTING else 100 + source,
                organisation=draw(st.integers(0, 4)),
                evidence=draw(st.sampled_from(EVIDENCE.get(kind, [{}]))),
                voided=draw(st.sampled_from([False, False, False, True])),
            )
        )
    facts.sort(key=lambda one: one.on)
    return History(people, facts)
