"""Who lives in the demonstration: values drawn from a seed, no database and no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from bot.config import ROOT
from bot.rules.names import Gender, patronymic, surname
from bot.services.data_files import Entry, read

PATH = ROOT / "data" / "demo" / "cast.yaml"

SHARE_MALE = 0.14
SHARE_REGISTERED = 0.86
SHARE_CONFIRMED = 0.82
"""Of those who came by themselves; imported people are confirmed by their code."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation, as far as drawing people needs it."""

    id: int
    kind: str
    municipality_id: int


@dataclass(frozen=True, slots=True)
class Character:
    """An invented person. ``role`` only for the staff of the demonstration."""

    key: str
    name: tuple[str, str, str]
    organisation_id: int
    position: str
    subjects: tuple[str, ...]
    birth_year: int
    since_year: int
    registered: bool
    confirmed: bool
    import_key: str | None
    role: str = ""
    is_young: bool = False
    staff: Mapping[str, Any] | None = None


@lru_cache(maxsize=1)
def book(path: Path = PATH) -> Entry:
    """The lists of ``data/demo``."""
    return read(path)


def weighted(rng: Random, weights: Mapping[str, int]) -> str:
    """A key by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


class Casting:
    """Draws people one after another; names do not repeat."""

    def __init__(
        self, rng: Random, today: date, workplaces: Sequence[Workplace], home: Mapping[str, Workplace]
    ) -> None:
        self.rng, self.today, self.home = rng, today, home
        self.workplaces = list(workplaces)
        lists = book()
        self.surnames = [name for row in lists.need("surnames", list) for name in row]
        self.first = {Gender.female: lists.need("female", list), Gender.male: lists.need("male", list)}
        self.fathers = lists.need("fathers", list)
        self.posts = lists.need("posts", Entry)
        self.heads = lists.need("heads", Entry)
        self.subjects = lists.need("subjects", Entry)
        self.second = lists.need("second", Entry)
        self.names: set[tuple[str, str, str]] = set()
        self.headed: set[int] = set()
        self.imported = 0
        # Schools are larger than kindergartens, the home municipality is shown more closely.
        big = {"school": 5, "college": 3, "kindergarten": 3, "additional": 2}
        home_id = home["school"].municipality_id
        self.weights = [
            big.get(place.kind, 1) * (3 if place.municipality_id == home_id else 1) for place in self.workplaces
        ]

    def staff(self) -> list[Character]:
        """The people behind the roles, in the order of the file."""
        return [self._member(entry) for entry in book().entries("staff")]

    def person(self) -> Character:
        """A member of staff of some organisation."""
        rng = self.rng
        place = rng.choices(self.workplaces, self.weights)[0]
        position = self._position(place)
        gender = Gender.male if rng.random() < SHARE_MALE else Gender.female
        age = self._age(position)
        years = max(0, min(age - 22, int(rng.betavariate(2.2, 1.3) * (age - 21))))
        registered = rng.random() < SHARE_REGISTERED
        return self._character(
            self._name(gender),
            place,
            position,
            self._taught(position),
            age,
            years,
            registered=registered,
            confirmed=not registered or rng.random() < SHARE_CONFIRMED,
            imported=not registered or rng.random() < 0.35,
        )

    def twin_of(self, other: Character) -> Character:
        """The same person once more, from a table: what a suspected duplicate looks like."""
        return Character(
            key=self._key(),
            name=other.name,
            organisation_id=other.organisation_id,
            position=other.position,
            subjects=other.subjects,
            birth_year=other.birth_year,
            since_year=other.since_year,
            registered=False,
            confirmed=True,
            import_key=self._import_key(),
        )

    def newcomer_to(self, place: Workplace) -> Character:
        """Somebody who came by herself and works at a given place; nobody has confirmed her yet."""
        years = self.rng.randint(4, 20)
        return self._character(
            self._name(Gender.female),
            place,
            "teacher",
            ("primary",),
            26 + years,
            years,
            registered=True,
            confirmed=False,
        )

    def _member(self, entry: Entry) -> Character:
        last, first, middle = entry.need("name", str).split()
        name = (last, first, middle)
        self.names.add(name)
        place = self.home[entry.need("place", str)]
        age, years = entry.need("age", int), entry.need("years", int)
        if entry.need("position", str) in self.heads.values():
            self.headed.add(place.id)
        return self._character(
            name,
            place,
            entry.need("position", str),
            tuple(entry.need("subjects", list)),
            age,
            years,
            registered=True,
            confirmed=True,
            role=entry.need("role", str),
            staff=entry,
        )

    def _character(
        self,
        name: tuple[str, str, str],
        place: Workplace,
        position: str,
        subjects: tuple[str, ...],
        age: int,
        years: int,
        *,
        registered: bool,
        confirmed: bool,
        imported: bool = False,
        role: str = "",
        staff: Mapping[str, Any] | None = None,
    ) -> Character:
        # Full years of work: before September the current school year is not yet one.
        september = self.today.year if self.today.month >= 9 else self.today.year - 1
        return Character(
            key=self._key(),
            name=name,
            organisation_id=place.id,
            position=position,
            subjects=subjects,
            birth_year=self.today.year - age,
            since_year=september - years,
            registered=registered,
            confirmed=confirmed,
            import_key=self._import_key() if imported else None,
            role=role,
            is_young=age <= 35 and years <= 3,
            staff=staff,
        )

    def _name(self, gender: Gender) -> tuple[str, str, str]:
        rng = self.rng
        while True:
            name = (
                surname(rng.choice(self.surnames), gender),
                rng.choice(self.first[gender]),
                patronymic(rng.choice(self.fathers), gender),
            )
            if name not in self.names:
                self.names.add(name)
                return name

    def _position(self, place: Workplace) -> str:
        if place.id not in self.headed and self.rng.random() < 0.5:
            self.headed.add(place.id)
            return str(self.heads[place.kind])
        return weighted(self.rng, self.posts[place.kind])

    def _age(self, position: str) -> int:
        """16 % under 35 and a quarter over 60, as the region's statistics say."""
        bands = ((22, 34, 16), (35, 44, 22), (45, 59, 37), (60, 71, 25))
        leader = position in self.heads.values() or position in ("deputy", "unit_head", "senior_preschool")
        usable = bands[1:] if leader else bands
        low, high, _ = self.rng.choices(usable, [weight for _, _, weight in usable])[0]
        return self.rng.randint(low, high)

    def _taught(self, position: str) -> tuple[str, ...]:
        if position in ("preschool", "senior_preschool"):
            return ("preschool",)
        if position not in ("teacher", "lecturer") and not (position == "deputy" and self.rng.random() < 0.7):
            return ()
        first = weighted(self.rng, self.subjects)
        other = self.second.get(first)
        return (first, str(other)) if other and self.rng.random() < 0.4 else (first,)

    def _key(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def _import_key(self) -> str:
        self.imported += 1
        return f"demo-{self.imported:05d}"
