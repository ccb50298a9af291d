"""A measured figure, and how several runs become one."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``peer`` is the same of the thing compared with, ``ratio`` the promise; ``goal`` in words."""

    name: str
    value: float
    unit: str
    peer: float | None = None
    ratio: float | None = None
    runs: int = 1
    min: float | None = None
    max: float | None = None
    goal: str = ""
    kept: bool = True

    def as_json(self) -> dict[str, Any]:
        """The contract of ``bench --json``."""
        raw = asdict(self)
        return {name: raw[name] for name in ("name", "value", "unit", "peer", "ratio", "runs", "min", "max")}


def median_row(name: str, unit: str, values: Sequence[float], **more: Any) -> Row:
    """Median of the runs with its spread."""
    return Row(
        name,
        round(statistics.median(values), 2),
        unit,
        runs=len(values),
        min=round(min(values), 2),
        max=round(max(values), 2),
        **more,
    )


def memory_mb() -> float:
    """Resident memory of this process now, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
