"""Quality of items and groups (domain.md §1.5): points and choices in, coefficients with words out.

Everything is computed over whole arrays: rows are persons, columns are items, NaN is «не моя практика».
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import sqrt

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
    distractors: tuple[Distractor, ...] = ()
    bands: Mapping[str, Band] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    # The option that took too many answers, and their share.
    piled: tuple[int, float] | None = None

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
    chosen: Sequence[Sequence[int]] = (),
    keys: Sequence[frozenset[int]] = (),
    is_test: bool = False,
) -> GroupStatistics:
    """Statistics of one group. ``points`` is persons × items, NaN where an item was not answered.

    ``chosen`` counts, per item, how often each option was taken; ``keys`` name the right ones. Difficulty and
    distractors are judged for tests, where a skipped task is a wrong one; floor and ceiling for scales.
    """
    items = points.shape[1]
    given = ~np.isnan(points)
    came = given.any(axis=1)
    n = int(came.sum())
    top = np.asarray(maxima, dtype=float)
    complete = np.nan_to_num(points[came]) if is_test else points[given.all(axis=1)]
    shown = len(complete) >= HIDDEN_BELOW
    alpha = cronbach(complete) if shown else None
    sem = None
    if alpha is not None and top.sum() > 0:
        total_pct = complete.sum(axis=1) / top.sum() * 100
        sem = float(total_pct.std(ddof=1) * sqrt(max(0.0, 1 - alpha)))
    rest = item_rest(complete) if shown else [None] * items
    without = alpha_without(complete) if shown else [None] * items
    upper_lower = discrimination(complete, top) if shown else [None] * items
    counted = complete if is_test else points[came]
    statistics = []
    for item in range(items):
        answered = int(given[:, item].sum())
        shares = tuple(count / answered for count in chosen[item]) if item < len(chosen) and answered else ()
        has_mean = shown and answered > 0 and top[item] > 0
        is_keyed = shown and is_test and item < len(keys) and bool(keys[item]) and bool(shares)
        found = ItemStatistics(
            item=item,
            answered=answered,
            skipped=1 - answered / n if n else 0.0,
            options=shares,
            difficulty=float(np.nanmean(counted[:, item]) / top[item]) if has_mean else None,
            rest=rest[item],
            discrimination=upper_lower[item],
            alpha_without=without[item],
            distractors=_distractors(shares, keys[item]) if is_keyed else (),
        )
        is_constant = bool(shown and np.ptp(complete[:, item]) == 0)
        statistics.append(_judged(found, alpha, is_test=is_test, is_constant=is_constant) if shown else found)
    return GroupStatistics(
        n=n,
        complete=len(complete),
        alpha=alpha,
        is_kr20=bool(items and shown and np.isin(complete, (0.0, 1.0)).all() and (top == 1).all()),
        sem=sem,
        mean_pct=_mean_pct(counted, top) if shown else None,
        skipped=float(1 - given[came].mean()) if n else 0.0,
        alpha_band=alpha_band(alpha) if alpha is not None else None,
        items=tuple(statistics),
    )


def _mean_pct(counted: Floats, top: Floats) -> float:
    possible = (~np.isnan(counted) * top).sum(axis=1)
    some = possible > 0
    return float((np.nansum(counted, axis=1)[some] / possible[some]).mean() * 100)


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


def _distractors(shares: tuple[float, ...], key: frozenset[int]) -> tuple[Distractor, ...]:
    return tuple(
        Distractor(option, share, distractor_band(share))
        for option, share in enumerate(shares, start=1)
        if option not in key
    )


def _judged(found: ItemStatistics, alpha: float | None, *, is_test: bool, is_constant: bool) -> ItemStatistics:
    """The same item with bands, reasons and the option that took (nearly) all."""
    bands: dict[str, Band] = {}
    flags: list[Flag] = []
    piled: tuple[int, float] | None = None
    _judge_links(found, alpha, is_constant, bands, flags)
    if is_test:
        _judge_test(found, bands, flags)
    elif found.options:
        most = max(range(len(found.options)), key=lambda place: found.options[place])
        share = found.options[most]
        bands["pile"] = pile_band(share)
        if bands["pile"] is not Band.green:
            piled = (most + 1, share)
            flags.append({0: Flag.floor, len(found.options) - 1: Flag.ceiling}.get(most, Flag.piled))
    bands["skipped"] = skip_band(found.skipped)
    if bands["skipped"] is not Band.green:
        flags.append(Flag.skipped)
    return replace(found, bands=bands, flags=tuple(flags), piled=piled)


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
    if found.distractors:
        bands["distractors"] = max((wrong.band for wrong in found.distractors), key=lambda band: SEVERITY[band])
        if bands["distractors"] is not Band.green:
            flags.append(Flag.distractor)
