"""Which column is what, by the words of the heading and never by position."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.rules.roadmap_table.cleaning import joined
from bot.rules.roadmap_table.model import Line, Paragraphs
from bot.rules.words import folded

_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("deadline", re.compile(r"\b(срок\w*|дата|даты|период\w*|время проведения|когда)\b")),
    ("direction", re.compile(r"\bнаправлени\w*( (мероприяти|деятельности|работы)\w*)?$|^раздел")),
    ("task", re.compile(r"\bсистемообразующ|\bзадач|^блок\b")),
    ("executors", re.compile(r"\bсоисполнител|\bпривлекаем|\bисполнител\w* соисполнител")),
    ("responsible", re.compile(r"\bответственн|\bисполнител|\bкто\b")),
    ("result", re.compile(r"\bрезультат|\bвид документ|\bпродукт|\bпоказател|\bподтвержд|\bотч[её]тн")),
    ("measure", re.compile(r"\bмероприяти|\bмер[аы]?\b|\bсодержани|\bнаименовани|\bдействи|\bвид деятельности")),
    ("number", re.compile(r"^(№|n|номер)?( ?п ?п)?$")),
)
_STEMS = (
    "системообразующ", "мероприяти", "наименовани", "направлени", "содержани", "ответственн", "исполнител",
    "соисполнител", "результат", "показател",
)  # fmt: skip
_FORBIDDEN = {"deadline": re.compile(r"\bответственн|\bрезультат")}
LONGEST = 120
"""A heading is short; a measure that speaks of deadlines is not one."""


def roles_of(line: Line) -> dict[int, str]:
    """Column → role when the line is a heading, else nothing: a measure and a deadline or a body are needed."""
    found: dict[int, str] = {}
    for index, cell in enumerate(line.cells):
        role = _role(cell, found)
        if role:
            found[index] = role
    _two_columns_of_bodies(line, found)
    roles = set(found.values())
    if "measure" not in roles and "task" in roles and len(roles) >= 3:
        found = {index: "measure" if role == "task" else role for index, role in found.items()}
        roles = set(found.values())
    enough = "measure" in roles and len(roles & {"deadline", "responsible", "executors", "result"}) >= 2
    return found if enough and len(roles) >= 3 else {}


def _role(cell: Paragraphs, found: dict[int, str]) -> str:
    text = joined(cell)
    if len(text) > LONGEST:
        return ""
    words = _mended(folded(text))
    if not words and text.strip() in ("№", "#"):
        return "number"
    for role, pattern in _WORDS:
        if role in found.values():
            continue
        if (words or role == "number") and text and pattern.search(words):
            if role in _FORBIDDEN and _FORBIDDEN[role].search(words):
                continue
            return role
    return ""


def _mended(words: str) -> str:
    """A narrow column broke its heading inside a word: «системообра зующее»."""
    out: list[str] = []
    for word in words.split():
        whole = (out[-1] if out else "") + word
        if out and any(whole.startswith(stem) and not out[-1].startswith(stem) for stem in _STEMS):
            out[-1] = whole
        else:
            out.append(word)
    return " ".join(out)


def _two_columns_of_bodies(line: Line, found: dict[int, str]) -> None:
    """A lone column of executors is the responsible one; of two, «исполнитель» is the second."""
    bodies = {role: index for index, role in found.items() if role in ("responsible", "executors")}
    if "responsible" not in bodies and "executors" in bodies:
        found[bodies["executors"]] = "responsible"
    if "responsible" in bodies and "executors" not in bodies:
        for index, cell in enumerate(line.cells):
            if index not in found and "исполнител" in _mended(folded(joined(cell))):
                found[index] = "executors"
                return


def is_numbering(line: Line) -> bool:
    """«1 2 3 4 5»: the numbers of the columns, printed on every page."""
    cells = [joined(cell) for cell in line.cells]
    return len(cells) >= 3 and cells == [str(number) for number in range(1, len(cells) + 1)]


def same_heading(line: Line, heading: Sequence[Paragraphs]) -> bool:
    """The heading printed again on the next page."""
    ours = [folded(joined(cell)) for cell in line.cells]
    first = [folded(joined(cell)) for cell in heading]
    return any(ours) and ours == first
