"""Every indicator of the orders computed with loops, from the words of the orders, not from the operators.

Numerators, denominators, targets and signs are those of roadmaps/structure.md §5–6 and domain.md §7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.indicators.history import Happened, History, Kept, Someone, young

Fits = Callable[[Happened, Someone], bool]

TARGETS: dict[str, tuple[str, int | None]] = {
    "SMO-I01": ("yes", 1), "SMO-I02": ("yes", 1), "SMO-I03": ("yes", 1), "SMO-I04": ("yes", 1),
    "SMO-I05": (">=", 25), "SMO-I06": (">=", 30), "SMO-I07": (">=", 40), "SMO-I08": (">=", 20), "SMO-I09": (">=", 30),
    "SMO-I10": (">=", 10), "SMO-I11": (">=", 10), "SMO-I12": (">=", 10), "SMO-I13": ("each", 250),
    "SMO-I14": ("people", 85), "SMO-I15": (">=", 70), "SMO-I16": ("=", 100), "SMO-I17": (">=", 5),
    "SMO-I18": ("growth", 0),
    "T-01": ("exactly", 5), "T-02": ("people", 2), "T-03": (">=", 10), "T-04": (">=", 10), "T-05": ("=", 100),
    "T-06": ("=", 100), "T-07": (">=", 75), "T-08": (">=", 30), "T-09": ("=", 100), "T-10": ("=", 100),
    "T-11": (">=", 15), "T-12": (">=", 75), "T-13": (">=", 75), "T-14": ("=", 100), "T-15": (">=", 10),
    "T-16": (">=", 75), "T-17": (">=", 50), "T-18": (">=", 75), "T-19": (">=", None), "T-20": (">=", 75),
    "T-21": (">=", 70), "T-22": (">=", 50), "T-23": (">=", 10), "T-24": (">=", 30), "T-25": ("people", 4000),
    "T-26": (">=", 10), "T-27": (">=", 50), "T-28": (">=", 50),
}  # fmt: skip
"""Sign and number. «=» of T-03, T-04, T-21, T-25, T-26 is not stated in the orders: held as «at least»."""

SHARES: dict[str, tuple[str, str]] = {
    "SMO-I11": ("programmes_federal", "programmes"),
    "SMO-I12": ("sites", "organisations"), "T-05": ("subjects_answered", "subjects"),
    "T-06": ("subjects_plan_answered", "subjects"),
    "T-14": ("subjects_with_events", "subjects"), "T-17": ("learners_supported", "learners"),
    "T-18": ("subjects_with_events", "subjects"), "T-19": ("map_events_in_iom", "map_events"),
    "T-20": ("expert_candidates_trained", "expert_candidates"),
    "T-27": ("dpo_staff_trained", "dpo_staff"), "T-28": ("dpo_staff_trained", "dpo_staff"),
}  # fmt: skip
"""Both parts are entered."""

BOTH = {"SMO-I03", "SMO-I04", "SMO-I07", "SMO-I09", "T-07", "T-08", "T-09", "T-10", "T-13", "T-24"}
"""Others with a denominator."""

PER: dict[str, str] = {
    **dict.fromkeys(("SMO-I05", "SMO-I06", "SMO-I08", "SMO-I10", "SMO-I17", "T-03", "T-11", "T-15", "T-23", "T-26"),
                    "teachers"),
    "SMO-I15": "young_teachers", "T-21": "young_teachers", "T-22": "young_teachers", "SMO-I16": "organisations",
    "T-04": "managers", "T-12": "low_results_teachers", "T-16": "low_results_teachers",
}  # fmt: skip
"""People or organisations of the ledger held against an entered number."""


@dataclass(frozen=True)
class Result:
    """What an indicator must say; None is «не считается»."""

    numerator: int | None
    denominator: int | None = None
    value: Fraction | None = None
    met: bool | None = None


@dataclass
class ByHand:
    """Sets of people and whole indicators computed with loops; ``last`` is the day up to which is counted."""

    history: History
    first: date
    last: date

    def mine(self, person: Someone) -> bool:
        """Confirmed, or deleted at her request: what she did stays in the reports."""
        return person.confirmed or person.deleted

    def them(
        self, kinds: set[str], fits: Fits, *, only: str = "teachers", first: date | None = None,
        last: date | None = None,
    ) -> dict[int, Happened]:  # fmt: skip
        """Person → the last fact that counts her. ``only``: teachers, managers or anybody."""
        found: dict[int, Happened] = {}
        for fact in self.history.facts:
            person = self.history.someone(fact.person)
            if fact.voided or fact.kind not in kinds or not (first or self.first) <= fact.on <= (last or self.last):
                continue
            manager = person.manager and not person.deleted
            if not self.mine(person) or (only == "teachers" and manager) or (only == "managers" and not manager):
                continue
            if fits(fact, person) and (fact.person not in found or found[fact.person].on <= fact.on):
                found[fact.person] = fact
        return found

    def begun(self, kind: str, ends: set[str], fits: Fits) -> list[Happened]:
        """Begun in the period, or in the year before it and not ended before it began."""
        closed = {f.source for f in self.history.facts if f.kind in ends and not f.voided and f.on < self.first}
        since = self.first.replace(year=self.first.year - 1)
        found = []
        for fact in sorted(self.history.facts, key=lambda one: one.on):
            person = self.history.someone(fact.person)
            inside = self.first <= fact.on <= self.last
            carried = since <= fact.on < self.first and fact.source not in closed
            stands = fact.kind == kind and not fact.voided and self.mine(person)
            if stands and (inside or carried) and fits(fact, person):
                found.append(fact)
        return found

    def lasting(self, kind: str, ends: set[str], fits: Fits, *, teachers: bool = True) -> dict[int, Happened]:
        """People of what lasts."""
        return {
            fact.person: fact
            for fact in self.begun(kind, ends, fits)
            if not (teachers and (person := self.history.someone(fact.person)).manager and not person.deleted)
        }

    def paired(self, fits: Fits, *, teachers: bool = True) -> dict[int, Happened]:
        """People of pairs: a pair ends with its programme or before it."""
        return self.lasting("paired", {"mentoring_completed", "mentoring_ended"}, fits, teachers=teachers)

    def schools_with_pairs(self) -> set[int]:
        """Organisations where a pair is at work."""
        everybody: Fits = lambda f, p: True  # noqa: E731
        pairs = self.begun("paired", {"mentoring_completed", "mentoring_ended"}, everybody)
        return {fact.organisation for fact in pairs if fact.organisation}

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

    def is_methodist(self, person: Someone) -> bool:
        """Works as a methodist on the last day."""
        return (
            person.methodist
            and not person.deleted
            and (person.methodist_until is None or self.last <= person.methodist_until)
        )

    def methodists(self) -> int:
        """How many there are on the last day."""
        return sum(self.is_methodist(one) for one in self.history.people)

    def loads(self) -> dict[int, set[int]]:
        """Methodist → confirmed teachers on the last day."""
        found: dict[int, set[int]] = {}
        for one in self.history.appointments:
            teacher, methodist = self.history.someone(one.teacher), self.history.someone(one.methodist)
            on = one.since <= self.last and (one.until is None or self.last <= one.until)
            if on and teacher.confirmed and self.is_methodist(methodist):
                found.setdefault(one.methodist, set()).add(one.teacher)
        return found

    def contests(self, *, first: date | None = None, last: date | None = None) -> dict[int, Happened]:
        """Contests of the region and above."""
        return self.them(
            {"contest_entered"}, lambda f, p: f.evidence.get("level") in ("regional", "federal"), only="anybody",
            first=first, last=last,
        )  # fmt: skip

    def all(self) -> dict[str, dict[int, Happened]]:
        """Indicator over people → whom it counts."""
        burnout: Fits = lambda f, p: "выгорание" in f.evidence.get("tags", [])  # noqa: E731
        anything: Fits = lambda f, p: True  # noqa: E731
        is_young: Fits = lambda f, p: young(p, f.on)  # noqa: E731
        low: Fits = lambda f, p: f.organisation == 2  # noqa: E731
        mentor: Fits = lambda f, p: f.evidence.get("side") == "mentor"  # noqa: E731
        methodist: Fits = lambda f, p: self.is_methodist(p)  # noqa: E731
        return {
            "SMO-I05": self.them({"diagnosed"}, anything),
            "SMO-I06": self.courses(),
            "SMO-I08": self.lasting("iom_received", {"iom_completed"}, anything),
            "SMO-I09": self.them(
                {"course_completed"},
                lambda f, p: f.evidence.get("programme") == "retraining" and f.evidence.get("profile") == "pedagogical",
                only="anybody",
            ),
            "SMO-I10": self.them({"attended"}, burnout),
            "SMO-I15": self.them({"attended", "paired", "iom_received", "consulted"}, is_young),
            "SMO-I17": self.paired(mentor),
            "SMO-I18": self.contests(),
            "T-02": self.them({"internship"}, anything, only="anybody"),
            "T-03": self.them({"iom_received"}, anything),
            "T-04": self.them({"iom_received"}, anything, only="managers"),
            "T-08": self.paired(lambda f, p: mentor(f, p) and methodist(f, p), teachers=False),
            # ПК: a diploma of retraining is not it.
            "T-10": self.them(
                {"course_completed"},
                lambda f, p: methodist(f, p) and f.evidence.get("programme") != "retraining",
                only="anybody",
            ),
            "T-11": self.them({"diagnosed"}, lambda f, p: f.evidence.get("kind") != "external"),
            "T-12": self.them({"diagnosed"}, low),
            "T-15": self.them({"iom_received"}, anything),
            "T-16": self.them({"iom_received"}, low),
            "T-21": self.them({"attended"}, is_young),
            "T-22": self.paired(lambda f, p: f.evidence.get("side") == "mentee" and young(p, f.on)),
            "T-23": self.them({"attended"}, burnout),
            "T-25": self.them({"course_completed"}, anything, only="anybody"),
            "T-26": self.them({"iom_received"}, anything),
        }

    def kept(self, register: str, figure: str, fits: Callable[[Kept], bool]) -> int | None:
        """Records in force on the last day; the entered number where there are none; nothing from an empty register."""
        all_ = [one for one in self.history.kept if one.register == register]
        now = [one for one in all_ if one.since <= self.last and (one.until is None or self.last <= one.until)]
        entered = self.history.figures.get(figure)
        found = sum(fits(one) for one in now)
        return found if all_ and (found or entered is None) else entered

    def learners(self, figure: str, fits: Callable[[Kept], bool]) -> int | None:
        """Different learners of the period; their number is that of the organisation here."""
        all_ = [one for one in self.history.kept if one.register == "learners"]
        mine = {
            one.organisation
            for one in all_
            if one.since <= self.last and (one.until is None or self.first <= one.until) and fits(one)
        }
        entered = self.history.figures.get(figure)
        return len(mine) if all_ and (mine or entered is None) else entered

    def adopted(self, topic: str, figure: str) -> int | None:
        """Adopted documents on a topic."""
        return self.kept("documents", figure, lambda one: one.says == {"topic": topic, "adopted": "yes"})

    def trained(self, one: Kept) -> bool:
        """The team finished its courses in the period."""
        return self.first <= date.fromisoformat(one.says.get("trained_on", "0001-01-01")) <= self.last

    def retrained(self) -> int:
        """Everybody who finished retraining: the own denominator of SMO-I09."""
        fits: Fits = lambda f, p: f.evidence.get("programme") == "retraining"  # noqa: E731
        return len(self.them({"course_completed"}, fits, only="anybody"))

    def results(self) -> dict[str, Result]:
        """Every indicator as it must be said."""
        entered = self.history.figures.get
        people = {name: len(them) for name, them in self.all().items()}
        parts: dict[str, tuple[int | None, int | None]] = {
            "SMO-I01": (self.adopted("roadmap", "roadmap_in_force"), None),
            "SMO-I02": (self.adopted("monitoring", "monitoring_in_force"), None),
            "SMO-I03": (self.adopted("thematic", "theme_maps_in_force"), entered("theme_maps")),
            "SMO-I04": (
                self.kept("agreements", "agreements", lambda one: one.says["type"] == "three"),
                entered("subjects"),
            ),
            "SMO-I07": (self.kept("teams", "teams_trained", self.trained), self.kept("teams", "teams", lambda _: True)),
            "SMO-I09": (people["SMO-I09"], self.retrained()),
            "SMO-I14": (entered("active_members"), None),
            # With the authority of a municipality: the record names one.
            "T-01": (self.kept("agreements", "agreements", lambda one: one.organisation > 0), None),
            "T-02": (people["T-02"] or entered("interns", 0), None),
            "T-07": (len(self.loads()), self.methodists()),
            "T-08": (people["T-08"], self.methodists()),
            "T-09": (entered("methodists_done"), self.methodists()),
            "T-10": (people["T-10"], self.methodists()),
            "T-13": (
                self.learners("weak_learners_tutored", lambda one: one.says["tutor"] == "yes"),
                self.learners("weak_learners", lambda _: True),
            ),
            "T-24": (
                self.kept("practices", "products_reviewed", lambda one: one.says["reviewed"] == "yes"),
                self.kept("practices", "products", lambda _: True),
            ),
            "T-25": (people["T-25"] or entered("trained", 0), None),
        }
        parts |= {name: (entered(top), entered(bottom)) for name, (top, bottom) in SHARES.items()}
        parts |= {name: (people.get(name), entered(bottom)) for name, bottom in PER.items()}
        schools = len(self.schools_with_pairs()) or entered("organisations_mentoring", 0)
        parts["SMO-I16"] = (schools, entered("organisations"))
        found = {name: held(*TARGETS[name], *both, per=both_wanted(name)) for name, both in parts.items()}
        loads = self.loads()
        teachers = {teacher for mine in loads.values() for teacher in mine}
        largest = max((len(mine) for mine in loads.values()), default=None)
        found["SMO-I13"] = Result(
            len(teachers), self.methodists(), None if largest is None else Fraction(largest),
            None if largest is None else largest <= 250,
        )  # fmt: skip
        year_ago = self.first.replace(year=self.first.year - 1)
        before = len(self.contests(first=year_ago, last=date(year_ago.year, 12, 31)))
        now = people["SMO-I18"]
        found["SMO-I18"] = Result(now, None, Fraction(now - before), now > before)
        return found


def both_wanted(name: str) -> bool:
    """The indicator has a denominator."""
    return name in SHARES or name in PER or name in BOTH


def held(sign: str, target: int | None, top: int | None, bottom: int | None, *, per: bool) -> Result:
    """A number against its target, in whole people: nothing is said where a part is missing or zero is below."""
    if top is None or (per and not bottom):
        return Result(top, bottom)
    if sign == "yes":
        return Result(top, bottom, Fraction(top), top >= (bottom or 1))
    if not per or bottom is None:
        assert target is not None
        return Result(top, None, Fraction(top), top == target if sign == "exactly" else top >= target)
    value = Fraction(100 * top, bottom)
    if target is None:
        return Result(top, bottom, value)
    return Result(top, bottom, value, value == target if sign == "=" else value >= target)
