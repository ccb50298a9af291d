"""A small invented history as plain objects: people, what happened, who is whose methodist, entered numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
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
    "mentoring_ended",
    "contest_entered",
    "course_completed",
    "internship",
)
LASTING = ("iom_received", "iom_completed", "paired", "mentoring_completed", "mentoring_ended")
EVIDENCE: dict[str, list[dict[str, Any]]] = {
    "diagnosed": [{"kind": "self_likert"}, {"kind": "external", "source": "fioco"}, {}],
    "attended": [
        {"kind": "contest", "tags": []}, {"kind": "seminar", "tags": ["выгорание", "школа"]}, {"kind": "olympiad"},
    ],
    "paired": [{"side": "mentor"}, {"side": "mentee"}],
    "contest_entered": [{"level": "regional"}, {"level": "municipal"}, {"level": "federal"}],
    "course_completed": [
        {"register": "federal", "programme": "advanced"}, {"programme": "retraining", "profile": "pedagogical"},
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
    # The last day as a methodist; None for one who still is.
    methodist_until: date | None = None


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
class Appointment:
    """A teacher is accompanied by a methodist; both days inside."""

    teacher: int
    methodist: int
    since: date
    until: date | None = None


@dataclass
class Kept:
    """A record of a register in force from a day to a day, both inside."""

    register: str
    since: date
    until: date | None
    organisation: int
    says: dict[str, str]


@dataclass
class History:
    """Organisation n lies in municipality ``1 + n % 3``; organisation 2 bears the mark of low results."""

    people: list[Someone]
    facts: list[Happened]
    appointments: list[Appointment] = field(default_factory=list)
    # Numbers from statistics for the whole region.
    figures: dict[str, int] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    def someone(self, number: int) -> Someone:
        return self.people[number]


def municipality_of(organisation: int) -> int:
    return 1 + organisation % 3 if organisation else 0


def young(person: Someone, on: date) -> bool:
    """By the words of the glossary: at most 35, at most three years from 1 September of the first year."""
    if person.deleted or person.born is None or person.since is None or on.year - person.born > 35:
        return False
    return date(person.since, 9, 1) <= on <= date(person.since + 3, 9, 1)


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
    methodist_until=st.sampled_from([None, None, date(2026, 6, 30)]),
)
SLUGS = (
    "teachers", "managers", "young_teachers", "low_results_teachers", "organisations", "subjects", "subjects_answered",
    "subjects_plan_answered", "subjects_with_events", "roadmap_in_force", "monitoring_in_force", "theme_maps",
    "theme_maps_in_force", "agreements", "teams", "teams_trained", "programmes", "programmes_federal", "sites",
    "methodists_done", "organisations_mentoring", "weak_learners", "weak_learners_tutored", "learners",
    "learners_supported", "map_events", "map_events_in_iom", "expert_candidates", "expert_candidates_trained",
    "products", "products_reviewed", "dpo_staff", "dpo_staff_trained", "trained", "interns", "active_members",
)  # fmt: skip
DAYS = st.integers(0, 800).map(lambda days: date(2024, 12, 1) + timedelta(days=days))


def figures_of(seed: int) -> dict[str, int]:
    """Entered numbers: some are missing, some are zero, small ones stand on the edges of the targets."""
    rng = Random(seed)
    edges = {"active_members": [84, 85], "trained": [3999, 4000], "agreements": [4, 5, 6]}
    return {slug: rng.choice(edges.get(slug, [0, *range(7)])) for slug in SLUGS if rng.random() < 0.8}


def records_of(seed: int) -> list[Kept]:
    """Records of some registers; the others hold nothing at all."""
    rng = Random(seed)
    days = [date(2025, 3, 1), date(2026, 3, 1), date(2026, 8, 31), date(2027, 1, 1)]
    says: dict[str, list[dict[str, str]]] = {
        "documents": [{"topic": topic, "adopted": said} for topic in ("roadmap", "monitoring", "thematic", "other")
                      for said in ("yes", "yes", "no")],
        "agreements": [{"type": kind} for kind in ("two", "three", "network")],
        "teams": [{}, {"trained_on": "2026-06-15"}, {"trained_on": "2025-12-31"}, {"trained_on": "2026-10-01"}],
        "practices": [{"reviewed": "yes"}, {"reviewed": "no"}],
        "learners": [{"tutor": "yes"}, {"tutor": "no"}],
    }  # fmt: skip
    return [
        Kept(
            slug,
            rng.choice(days),
            rng.choice([None, date(2026, 8, 31), date(2025, 12, 31)]),
            rng.randint(0, 4),
            rng.choice(forms),
        )
        for slug, forms in says.items()
        if rng.random() < 0.6
        for _ in range(rng.randint(1, 8))
    ]


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
    who = st.integers(0, len(people) - 1)
    pairs = draw(st.lists(st.tuples(who, who), max_size=8, unique=True))
    appointments = [
        Appointment(teacher, methodist, draw(st.sampled_from([date(2025, 9, 1), date(2026, 7, 1)])),
                    draw(st.sampled_from([None, None, date(2026, 8, 31)])))
        for teacher, methodist in pairs
        if not people[teacher].deleted and not people[methodist].deleted
    ]  # fmt: skip
    seed = draw(st.integers(0, 999))
    return History(people, facts, appointments, figures_of(seed), records_of(seed))
