"""Invented answers with a character: subject, experience and age show in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import tanh
from random import Random

from bot.services.demo.cast import book
from bot.services.diagnostics import Content

NOT_MINE = 0.03
"""Share of «не моя практика»."""


@dataclass(frozen=True, slots=True)
class Ability:
    """The latent level of a person by group, on the scale 1…5."""

    levels: Mapping[str, float]

    def later(self, rng: Random, months: float) -> Ability:
        """The same person some months on: a little better where it was low, sometimes stricter with herself."""
        grown = {
            group: level
            + min(1.2, 0.11 * months) * max(0.0, 4.2 - level) * rng.uniform(0.1, 0.9)
            - rng.uniform(0, 0.25)
            for group, level in self.levels.items()
        }
        return Ability(grown)


def ability(rng: Random, content: Content, *, subject: str, experience: int, age: int, leader: bool) -> Ability:
    """Draw a person's level in each group of an instrument."""
    tilts = book()["tilt"]
    tilt: Mapping[str, float] = tilts.get("leader" if leader else subject, {})
    # Five years teach much, the next thirty little.
    start = 2.75 + 0.95 * tanh(experience / 7) + rng.gauss(0, 0.35)
    levels = {}
    for group in content.groups:
        level = start + float(tilt.get(group.slug, 0.0)) + rng.gauss(0, 0.4)
        if group.slug == "digital":
            level -= max(0.0, (age - 42) / 28)
        if group.slug == "psychology" and experience < 4:
            level -= 0.45
        levels[group.slug] = level
    return Ability(levels)


def answers(rng: Random, content: Content, known: Ability) -> dict[int, int | None]:
    """Item id → 1…5 or None («не моя практика»)."""
    slug_of = {group.id: group.slug for group in content.groups}
    given: dict[int, int | None] = {}
    for item in content.items:
        if rng.random() < NOT_MINE:
            given[item.id] = None
            continue
        # Some statements are harder for everybody: the same for the same statement.
        hard = Random(item.code).uniform(-0.45, 0.45)
        value = round(known.levels[slug_of[item.group_id]] + hard + rng.gauss(0, 0.6))
        given[item.id] = min(5, max(1, value))
    return given
