"""Tasks whose answer is typed: a number, one or two words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.questions.base import Kind, NotUnderstood, Problem, Task, Way
from bot.rules.words import folded

LONGEST = 200

_number = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,12})?")
_fraction = re.compile(r"([+-]?\d{1,9})\s*/\s*(\d{1,9})")


def number_of(text: str) -> float | None:
    """«−1,5», «1 000», «3/4», «50 %» as a number; None for anything else."""
    bare = text.strip().replace("−", "-").replace("–", "-").replace("\u00a0", " ").rstrip("%").strip()
    fraction = _fraction.fullmatch(bare)
    if fraction:
        return int(fraction[1]) / int(fraction[2]) if int(fraction[2]) else None
    bare = re.sub(r"(?<=\d) (?=\d{3}\b)", "", bare)
    return float(bare.replace(",", ".")) if _number.fullmatch(bare) else None


def _number_in_key(written: Any) -> float | None:
    """Files and forms write words, a stored key comes back as the number it is."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written) if math.isfinite(written) else None
    return number_of(str(written))


class Number(Kind):
    """A number, right within a tolerance."""

    slug = "number"
    way = Way.type

    def key(self, written: Any) -> dict[str, Any]:
        raw = written if isinstance(written, Mapping) else {"value": written}
        value, tolerance = (_number_in_key(raw.get(name, "")) for name in ("value", "tolerance"))
        return {} if value is None else {"value": value, "tolerance": abs(tolerance or 0.0)}

    def written(self, key: Mapping[str, Any]) -> Any:
        if not key.get("tolerance"):
            return key.get("value")
        return {"value": key["value"], "tolerance": key["tolerance"]}

    def check(self, task: Task) -> list[Problem]:
        if task.options:
            return [Problem("diagnostics-problem.options-typed")]
        return [] if "value" in task.answer_key else [Problem("diagnostics-problem.no-number")]

    def read(self, task: Task, raw: Any) -> list[Any]:
        value = number_of(str(raw))
        if value is None:
            raise NotUnderstood("diagnostics-task.number")
        return [value]

    def points(self, task: Task, given: Sequence[Any]) -> float:
        value, tolerance = float(task.answer_key["value"]), float(task.answer_key.get("tolerance", 0))
        near = math.isclose(float(given[0]), value, rel_tol=1e-9, abs_tol=1e-9)
        return task.max_points if near or abs(float(given[0]) - value) <= tolerance * (1 + 1e-9) else 0.0

    def told(self, task: Task, given: Sequence[Any]) -> str:
        return f"{float(given[0]):g}".replace(".", ",").replace("-", "−")


class ShortText(Kind):
    """One or two words; case, ё and signs do not matter, several wordings may be right."""

    slug = "text"
    way = Way.type

    def key(self, written: Any) -> dict[str, Any]:
        if isinstance(written, str):
            written = re.split(r"[;\n]", written)
        accept = [str(one).strip() for one in written or [] if str(one).strip()]
        return {"accept": accept} if accept else {}

    def written(self, key: Mapping[str, Any]) -> Any:
        return list(key.get("accept", []))

    def check(self, task: Task) -> list[Problem]:
        if task.options:
            return [Problem("diagnostics-problem.options-typed")]
        accept = task.answer_key.get("accept", [])
        return [] if accept and all(folded(one) for one in accept) else [Problem("diagnostics-problem.no-words")]

    def read(self, task: Task, raw: Any) -> list[Any]:
        text = " ".join(str(raw).split())
        if not folded(text) or len(text) > LONGEST:
            raise NotUnderstood("diagnostics-task.words")
        return [text]

    def points(self, task: Task, given: Sequence[Any]) -> float:
        said = folded(str(given[0]))
        return task.max_points if said in {folded(one) for one in task.answer_key["accept"]} else 0.0

    def told(self, task: Task, given: Sequence[Any]) -> str:
        return str(given[0])
