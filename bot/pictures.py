"""Pictures for the chat: matplotlib, loaded only when something is drawn."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the profile: 0…100 with its error, and the word that says it."""

    title: str
    word: str
    value: float | None
    error: float
    level: str


LIGHT = {
    "paper": "#ffffff", "ink": "#12211f", "mute": "#4d5e5a", "line": "#e8eeec",
    "minimal": "#14653a", "low": "#005f6b", "middle": "#b36a00", "high": "#8a5a2b",
}  # fmt: skip
DARK = {
    "paper": "#161f1e", "ink": "#e7efed", "mute": "#a3b3af", "line": "#2b3938",
    "minimal": "#74d196", "low": "#5fc9d3", "middle": "#e0a24a", "high": "#d9b08c",
}  # fmt: skip
WIDTH = 720
"""Pixels; a phone shows it without zooming."""


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage beside its target; ``word`` says it."""

    title: str
    word: str
    value: float
    target: float | None
    good: bool


@lru_cache(maxsize=64)
def profile(title: str, foot: str, bars: tuple[Bar, ...], *, dark: bool = False) -> bytes:
    """A PNG of horizontal bars with error marks. Slow (0.2 s): call it off the event loop."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    def strip(x: float, y: float, width: float, shade: str) -> None:
        shape = "round,pad=0,rounding_size=7"
        axes.add_patch(FancyBboxPatch((x, y), width, 14, boxstyle=shape, facecolor=shade, edgecolor="none"))

    colour = DARK if dark else LIGHT
    row, top, bottom = 100, 92, 64
    height = top + row * len(bars) + bottom
    figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=200, facecolor=colour["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    axes.text(36, 44, title, fontsize=17, fontweight="bold", color=colour["ink"], va="center")
    left, right = 60, WIDTH - 36
    axes.plot([40, 40], [top + 14, top + row * (len(bars) - 1) + 14], color=colour["line"], linewidth=2, zorder=0)
    for number, bar in enumerate(bars):
        y = top + row * number
        shade = colour.get(bar.level, colour["mute"])
        axes.plot(40, y + 14, "o", markersize=6, markerfacecolor=colour["paper"], markeredgecolor=shade, mew=2)
        axes.text(left, y + 14, bar.title, fontsize=15, color=colour["ink"], va="center")
        axes.text(right, y + 14, bar.word, fontsize=15, color=shade, ha="right", va="center", weight="bold")
        strip(left, y + 40, right - left, colour["line"])
        if bar.value is None:
            continue
        length = (right - left) * bar.value / 100
        strip(left, y + 40, max(length, 14), shade)
        low = left + (right - left) * max(0.0, bar.value - bar.error) / 100
        high = left + (right - left) * min(100.0, bar.value + bar.error) / 100
        axes.plot([low, high], [y + 67, y + 67], color=colour["mute"], linewidth=1.6)
        for edge in (low, high):
            axes.plot([edge, edge], [y + 62, y + 72], color=colour["mute"], linewidth=1.6)
    axes.text(36, height - 32, foot, fontsize=12.5, color=colour["mute"], va="center")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=colour["paper"])
    return buffer.getvalue()


@lru_cache(maxsize=32)
def shares(title: str, foot: str, bars: tuple[Share, ...]) -> bytes:
    """A PNG of percentages, the target a mark across each bar. Slow (0.2 s): call it off the event loop."""
    colour = LIGHT
    row, top, bottom = 92, 92, 64
    figure, axes = _canvas(title, foot, top + row * len(bars) + bottom)
    left, right = 36, WIDTH - 36
    for number, bar in enumerate(bars):
        y = top + row * number
        most = max(100.0, bar.value, bar.target or 0)
        shade = colour["minimal"] if bar.good else colour["middle"]
        axes.text(left, y + 12, bar.title, fontsize=14, color=colour["ink"], va="center")
        axes.text(right, y + 12, bar.word, fontsize=15, color=shade, ha="right", va="center", weight="bold")
        axes.plot([left, right], [y + 40, y + 40], color=colour["line"], linewidth=10, solid_capstyle="round")
        if bar.value > 0:
            end = left + (right - left) * bar.value / most
            axes.plot([left, end], [y + 40, y + 40], color=shade, linewidth=10, solid_capstyle="round")
        if bar.target is not None:
            mark = left + (right - left) * bar.target / most
            axes.plot([mark, mark], [y + 28, y + 52], color=colour["ink"], linewidth=2.4)
    return _png(figure)


@lru_cache(maxsize=32)
def course(title: str, foot: str, points: tuple[tuple[str, float], ...], target: float | None, said: str) -> bytes:
    """A PNG of a line through labelled points with the target across. Slow: call it off the event loop."""
    colour = LIGHT
    height = 480
    figure, axes = _canvas(title, foot, height)
    left, right, top, floor = 84, WIDTH - 60, 110, height - 110
    most = max([value for _, value in points] + [target or 0, 1.0]) * 1.12
    across = [left + (right - left) * n / max(1, len(points) - 1) for n in range(len(points))]
    up = [floor - (floor - top) * value / most for _, value in points]
    axes.plot([left, right], [floor, floor], color=colour["line"], linewidth=2)
    if target is not None:
        y = floor - (floor - top) * target / most
        axes.plot([left, right], [y, y], color=colour["middle"], linewidth=1.8, linestyle=(0, (5, 4)))
        axes.text(left - 10, y, f"{target:g}", fontsize=12, color=colour["middle"], ha="right", va="center")
    axes.plot(across, up, color=colour["low"], linewidth=2.6, marker="o", markersize=5)
    free = target is None or abs(up[-1] - 22 - (floor - (floor - top) * target / most)) > 20
    under = up[-1] + (-22 if free else 34)
    axes.text(across[-1], under, said, fontsize=15, color=colour["low"], ha="right", weight="bold")
    step = max(1, -(-len(points) // 7))
    for number in range(len(points) - 1, -1, -step):
        axes.text(across[number], floor + 24, points[number][0], fontsize=12, color=colour["mute"], ha="center")
    return _png(figure)


def _canvas(title: str, foot: str, height: int) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=200, facecolor=LIGHT["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    axes.text(36, 44, title, fontsize=17, fontweight="bold", color=LIGHT["ink"], va="center")
    axes.text(36, height - 32, foot, fontsize=12.5, color=LIGHT["mute"], va="center")
    return figure, axes


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor=LIGHT["paper"])
    return buffer.getvalue()
