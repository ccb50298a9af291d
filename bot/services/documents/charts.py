"""Charts of the papers as PNG: matplotlib, loaded only when a paper is made. Slow (0.3 s): off the event loop."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

INK, QUIET, GRID = "#12211f", "#4d5e5a", "#dfe7e5"
GOOD, LACKING, PLAIN = "#14653a", "#b36a00", "#005f6b"


@dataclass(frozen=True, slots=True)
class Bar:
    """A percentage with its words; ``target`` is a mark across it; ``good`` None: there is nothing to compare with."""

    label: str
    value: float
    word: str
    target: float | None = None
    good: bool | None = None


def bars(rows: Sequence[Bar], *, width: float = 24.0) -> bytes:
    """Horizontal bars (``width`` in centimetres), each with its number at the end; hatched where it lacks."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = 0.62 * len(rows) + 0.8
    figure = Figure(figsize=(width / 2.54, height / 2.54), dpi=180, facecolor="white")
    FigureCanvasAgg(figure)
    # Labels take the left two fifths, whatever the numbers are.
    axes: Any = figure.add_axes((0.41, 0.5 / height, 0.51, 1 - 0.6 / height))
    most = max([100.0, *(row.value for row in rows), *(row.target or 0 for row in rows)])
    axes.set_xlim(0, most)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for place, row in enumerate(rows):
        shade = PLAIN if row.good is None else GOOD if row.good else LACKING
        hatch = "" if row.good is not False else "////"
        axes.barh(place, row.value, height=0.56, color=shade, hatch=hatch, edgecolor="white", linewidth=0)
        axes.text(
            row.value + most * 0.008, place, row.word, va="center", fontsize=8.5, color=INK, weight="bold",
            zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
        axes.text(-most * 0.012, place, row.label, va="center", ha="right", fontsize=8, color=INK)
        if row.target is not None:
            axes.plot([row.target, row.target], [place - 0.4, place + 0.4], color=INK, linewidth=1.6)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=7.5, colors=QUIET, length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def short(text: str, most: int = 54) -> str:
    """A label that fits its place."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
