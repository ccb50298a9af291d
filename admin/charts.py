"""Charts as numbers of an SVG: geometry is computed here, the template only prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, FLOOR = 38.0, 338.0, 34.0, 160.0
"""Edges of the drawing in a box of 360 × 190."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its words."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Course:
    """A line through points; ``goal`` is the height of the target, None without one."""

    path: str
    ticks: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    snapshots: tuple[Mark, ...]
    end: Mark
    # The height of the words of the last point: they stay clear of the axis and of the target.
    said_y: float
    goal: float | None


def course(
    points: Sequence[tuple[str, float]],
    *,
    target: float | None,
    said: str,
    kept: Sequence[tuple[float, float, str]] = (),
) -> Course | None:
    """From (label, value) in the order of time; ``kept`` are snapshots: share of the way, value, label."""
    if not points:
        return None
    highest = max([value for _, value in points] + [value for _, value, _ in kept] + [target or 0.0])
    step = next((n for n in _STEPS if n * 3 >= highest), _STEPS[-1])
    most = max(step * 3.0, highest)

    def up(value: float) -> float:
        return round(FLOOR - (FLOOR - TOP) * max(0.0, value) / most, 1)

    def across(share: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    places = [(across(n / max(1, len(points) - 1)), up(value)) for n, (_, value) in enumerate(points)]
    every = max(1, -(-len(points) // 6))
    shown = range(len(points) - 1, -1, -every)
    return Course(
        path="M" + "L".join(f"{x} {y}" for x, y in places),
        ticks=tuple(Mark(LEFT, up(step * n), f"{step * n:g}".replace(".", ",")) for n in range(4)),
        labels=tuple(Mark(places[n][0], FLOOR + 20, points[n][0]) for n in sorted(shown)),
        snapshots=tuple(Mark(across(share), up(value), label) for share, value, label in kept),
        end=Mark(places[-1][0], places[-1][1], said),
        said_y=round(_clear(places[-1][1], None if target is None else up(target)), 1),
        goal=None if target is None else up(target),
    )


def _clear(y: float, goal: float | None) -> float:
    """Below the point, above it where the axis or the line of the target is in the way."""
    below = y + 20
    taken = below > FLOOR - 4 or (goal is not None and y < goal and abs(below - 6 - goal) < 14)
    return y - 10 if taken else below


_STEPS: list[float] = [float(base * 10**power) for power in range(8) for base in (1, 2, 5)]
