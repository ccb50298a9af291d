"""Quality of items and groups (domain.md §1.5): points and choices in, coefficients with words out.

Everything is computed over whole arrays: rows are persons, columns are items, NaN is «не моя практика».
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HIDDEN_BELOW = 30
"""With fewer persons no coefficient is shown."""

PROVISIONAL_BELOW = 100
"""With fewer persons every coefficient is «предварительно»."""

TAIL = 0.27
"""Share of the upper and of the lower persons whose answers D compares."""

ALPHA_RISE = 0.03
"""An item without which α rises by more is worth a look."""


class Band(StrEnum):
    """What a value says: in order, look at it, rewrite."""

    green = "green"
    look = "look"
    red = "red"


class Flag(StrEnum):
    """Why an item is worth a look; the words are in the locale."""

    weak_link = "weak_link"
    reversed = "reversed"
    hard = "hard"
    easy = "easy"
    flat = "flat"
    ceiling = "ceiling"
    floor = "floor"
    piled = "piled"
    skipped = "skipped"
    alpha = "alpha"
    distractor = "distractor"
    constant = "constant"


@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong option: the share of persons who chose it."""

    option: int
    share: float
    band: Band


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item. Coefficients are None below ``HIDDEN_BELOW`` persons or where they do not exist."""

    item: int
    answered: int
    skipped: float
    options: tuple[float, ...]
    difficulty: float | None
    rest: float | None
    discrimination: float | None
    alpha_without: float | None
    distractors: tuple[Distractor, ...]
    bands: dict[str, Band]
    flags: tuple[Flag, ...]
    piled: tuple[int, float] | None

    @property
    def verdict(self) -> Band:
        """The worst of its bands."""
        worst = max((SEVERITY[band] for band in self.bands.values()), default=0)
        return next(band for band, rank in SEVERITY.items() if rank == worst)


@dataclass(frozen=True, slots=True)
class GroupStatistics:
    """A group of items. ``sem`` is in percent points; ``complete`` persons answered every item, they count."""

    n: int
    complete: int
    alpha: float | None
    is_kr20: bool
    sem: float | None
    mean_pct: float | None
    skipped: float
    alpha_band: Band | None
    items: tuple[ItemStatistics, ...]

    @property
    def hidden(self) -> bool:
        """True when there are too few persons for coefficients."""
        return self.complete < HIDDEN_BELOW

    @property
    def provisional(self) -> bool:
        """True when the coefficients may still change much."""
        return HIDDEN_BELOW <= self.complete < PROVISIONAL_BELOW


SEVERITY = {Band.green: 0, Band.look: 1, Band.red: 2}


def analyse(
    points: Floats,
    maxima: Sequence[float],
    *,
    choices: Sequence[NDArray[Any] | None] = (),
    sizes: Sequence[int] = (),
    keys: Sequence[frozenset[int]] = (),
    is_test: bool = False,
) -> GroupStatistics:
    """Statistics of one group. ``points`` is persons × items, NaN where an item was not answered.

    ``choices`` (per item: persons × options of 0 and 1, or None) feed the shares of options, ``keys`` name the
    right ones. Difficulty and distractors are judged for tests, floor and ceiling for scales.
    """
    items = points.shape[1]
    given = ~np.isnan(points)
    n = int(given.any(axis=1).sum()) if items else 0
    complete = points[given.all(axis=1)] if items else points
    shown = len(complete) >= HIDDEN_BELOW
    top = np.asarray(maxima, dtype=float)
    alpha = cronbach(complete) if shown else None
    sem = None
    if alpha is not None and top.sum() > 0:
        total_pct = complete.sum(axis=1) / top.sum() * 100
        sem = float(total_pct.std(ddof=1) * sqrt(max(0.0, 1 - alpha)))
    rest = item_rest(complete) if shown else [None] * items
    without = alpha_without(complete) if shown else [None] * items
    upper_lower = discrimination(complete, top) if shown else [None] * items
    statistics = []
    for item in range(items):
        answered = int(given[:, item].sum())
        shares = _shares(choices[item] if item < len(choices) else None, given[:, item])
        mean = float(np.nanmean(points[:, item]) / top[item]) if answered and top[item] and shown else None
        skipped = 1 - answered / n if n else 0.0
        wrong = _distractors(shares, keys[item]) if shown and is_test and item < len(keys) and keys[item] else ()
        statistics.append(
            _judged(
                ItemStatistics(
                    item, answered, skipped, shares, mean, rest[item], upper_lower[item], without[item], wrong, {}, (),
                    None,
                ),
                alpha,
                is_test=is_test,
                shown=shown,
                constant=bool(shown and np.ptp(complete[:, item]) == 0),
            )
        )  # fmt: skip
    mean_pct = None
    if shown:
        possible = (given * top).sum(axis=1)
        some = possible > 0
        mean_pct = float((np.nansum(points, axis=1)[some] / possible[some]).mean() * 100)
    skipped_share = float(1 - given[given.any(axis=1)].mean()) if n else 0.0
    binary = bool(items and np.isin(complete[~np.isnan(complete)], (0.0, 1.0)).all() and (top == 1).all())
    return GroupStatistics(
        n=n,
        complete=len(complete),
        alpha=alpha,
        is_kr20=binary,
        sem=sem,
        mean_pct=mean_pct,
        skipped=skipped_share,
        alpha_band=alpha_band(alpha) if alpha is not None else None,
        items=tuple(statistics),
    )


def cronbach(complete: Floats) -> float | None:
    """α = k/(k−1)·(1 − Σσᵢ²/σ_T²); for 0/1 items it is KR-20. None where it does not exist."""
    items = complete.shape[1]
    if items < 2 or len(complete) < 2:
        return None
    total = complete.sum(axis=1).var(ddof=1)
    if total <= 0:
        return None
    return float(items / (items - 1) * (1 - complete.var(axis=0, ddof=1).sum() / total))


def alpha_without(complete: Floats) -> list[float | None]:
    """α of the group when each item in turn is left out, from one covariance matrix."""
    items = complete.shape[1]
    if items < 3 or len(complete) < 2:
        return [None] * items
    covariance = np.cov(complete, rowvar=False)
    variances = np.diag(covariance)
    total = covariance.sum() - 2 * covariance.sum(axis=0) + variances
    left = variances.sum() - variances
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (items - 1) / (items - 2) * (1 - left / total)
    return [float(value) if spread > 1e-12 else None for value, spread in zip(found, total, strict=True)]


def item_rest(complete: Floats) -> list[float | None]:
    """Pearson's correlation of each item with the group without it."""
    items = complete.shape[1]
    if items < 2 or len(complete) < 2:
        return [None] * items
    covariance = np.cov(complete, rowvar=False)
    variances = np.diag(covariance)
    with_rest = covariance.sum(axis=0) - variances
    rest = covariance.sum() - 2 * covariance.sum(axis=0) + variances
    found: list[float | None] = []
    for own, shared, others in zip(variances, with_rest, rest, strict=True):
        found.append(float(shared / sqrt(own * others)) if own > 1e-12 and others > 1e-12 else None)
    return found


def discrimination(complete: Floats, maxima: Floats) -> list[float | None]:
    """D: mean share of the points among the upper 27 % less that among the lower 27 %.

    Persons with the same total are one: a tail that would cut through them takes each with an equal part.
    """
    if len(complete) < 4:
        return [None] * complete.shape[1]
    totals = complete.sum(axis=1)
    size = max(1.0, TAIL * len(complete))
    high = _tail(totals, size)
    low = _tail(-totals, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (high @ complete - low @ complete) / size / maxima
    return [float(value) if top > 0 else None for value, top in zip(found, maxima, strict=True)]


def _tail(totals: Floats, size: float) -> Floats:
    """Weights 0…1 of the ``size`` persons with the highest totals; ties share what is left."""
    order = np.sort(totals)[::-1]
    edge = order[min(len(order), int(np.ceil(size))) - 1]
    above = totals > edge
    at = totals == edge
    weights: Floats = above + at * ((size - above.sum()) / at.sum())
    return weights


# --- bands --------------------------------------------------------------------------------------------


def alpha_band(alpha: float) -> Band:
    """.70–.95 green; .60–.69 or above .95 (duplication) look; below red."""
    if alpha < 0.60:
        return Band.red
    return Band.green if 0.70 <= alpha <= 0.95 else Band.look


def link_band(value: float) -> Band:
    """Item–rest correlation and D: from .30 green, from .20 look, below red."""
    return Band.green if value >= 0.30 else Band.look if value >= 0.20 else Band.red


def difficulty_band(p: float) -> Band:
    """.30–.80 green, .20–.29 and .81–.90 look, outside red."""
    if 0.30 <= p <= 0.80:
        return Band.green
    return Band.look if 0.20 <= p <= 0.90 else Band.red


def distractor_band(share: float) -> Band:
    """From 5 % green, chosen at all look, by nobody red."""
    return Band.green if share >= 0.05 else Band.look if share > 0 else Band.red


def pile_band(share: float) -> Band:
    """One option of a scale: below 70 % green, to 80 % look, above red."""
    return Band.green if share < 0.70 else Band.look if share <= 0.80 else Band.red


def skip_band(share: float) -> Band:
    """«Не относится»: below 10 % green, to 25 % look, above red."""
    return Band.green if share < 0.10 else Band.look if share <= 0.25 else Band.red


def cvi_band(share: float) -> Band:
    """I-CVI: from .80 green, from .60 look, below red."""
    return Band.green if share >= 0.80 else Band.look if share >= 0.60 else Band.red


def _shares(chosen: NDArray[Any] | None, given: NDArray[np.bool_]) -> tuple[float, ...]:
    if chosen is None or not given.any():
        return ()
    return tuple(float(share) for share in chosen[given].mean(axis=0))


def _distractors(shares: tuple[float, ...], key: frozenset[int]) -> tuple[Distractor, ...]:
    return tuple(
        Distractor(option, share, distractor_band(share))
        for option, share in enumerate(shares, start=1)
        if option not in key
    )


def _judged(
    found: ItemStatistics, alpha: float | None, *, is_test: bool, shown: bool, constant: bool
) -> ItemStatistics:
    """The same item with bands, reasons and the option that took (nearly) all."""
    bands: dict[str, Band] = {}
    flags: list[Flag] = []
    piled: tuple[int, float] | None = None
    if shown:
        _judge_links(found, alpha, constant, bands, flags)
        if is_test:
            _judge_test(found, bands, flags)
        elif found.options:
            most = max(range(len(found.options)), key=lambda place: found.options[place])
            share = found.options[most]
            bands["pile"] = pile_band(share)
            if bands["pile"] is not Band.green:
                piled = (most + 1, share)
                ends = {0: Flag.floor, len(found.options) - 1: Flag.ceiling}
                flags.append(ends.get(most, Flag.piled))
        bands["skipped"] = skip_band(found.skipped)
        if bands["skipped"] is not Band.green:
            flags.append(Flag.skipped)
    return ItemStatistics(
        found.item, found.answered, found.skipped, found.options, found.difficulty, found.rest,
        found.discrimination, found.alpha_without, found.distractors, bands, tuple(flags), piled,
    )  # fmt: skip


def _judge_links(
    found: ItemStatistics, alpha: float | None, constant: bool, bands: dict[str, Band], flags: list[Flag]
) -> None:
    if constant:
        bands["rest"] = Band.red
        flags.append(Flag.constant)
    elif found.rest is not None:
        bands["rest"] = link_band(found.rest)
        if found.rest < 0:
            flags.append(Flag.reversed)
        elif bands["rest"] is not Band.green:
            flags.append(Flag.weak_link)
    if found.discrimination is not None:
        bands["discrimination"] = link_band(found.discrimination)
        if bands["discrimination"] is not Band.green:
            flags.append(Flag.flat)
    if alpha is not None and found.alpha_without is not None and found.alpha_without - alpha > ALPHA_RISE:
        bands["alpha"] = Band.look
        flags.append(Flag.alpha)


def _judge_test(found: ItemStatistics, bands: dict[str, Band], flags: list[Flag]) -> None:
    if found.difficulty is not None:
        bands["difficulty"] = difficulty_band(found.difficulty)
        if bands["difficulty"] is not Band.green:
            flags.append(Flag.easy if found.difficulty > 0.5 else Flag.hard)
    worst: Callable[[Distractor], int] = lambda wrong: SEVERITY[wrong.band]  # noqa: E731
    if found.distractors:
        bands["distractors"] = max(found.distractors, key=worst).band
        if bands["distractors"] is not Band.green:
            flags.append(Flag.distractor)
