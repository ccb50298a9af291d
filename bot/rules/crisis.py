"""Words that say that somebody may be in danger (domain.md §4.2): stems with their neighbours, no model.

The list is data (``data/wellbeing/crisis.yaml``): ``phrases`` alarm, ``quiet`` are phrases with the
same words that do not («убить время»). A stem ends with «*», «…» stands for up to four words between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.rules.words import folded

BETWEEN = 4
"""Words that «…» may stand for."""


@dataclass(frozen=True, slots=True)
class CrisisWords:
    """The compiled lists."""

    alarm: re.Pattern[str]
    quiet: re.Pattern[str]


def compiled(phrases: Iterable[str], quiet: Iterable[str]) -> CrisisWords:
    """Patterns from phrases as they stand in the data; ValueError for one that says nothing."""
    return CrisisWords(_pattern(phrases), _pattern(quiet))


def is_crisis(text: str, words: CrisisWords) -> bool:
    """True when the words remain alarming after every quiet phrase has been taken out."""
    said = f" {folded(text)} "
    return words.alarm.search(words.quiet.sub("|", said)) is not None


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    made = []
    for phrase in phrases:
        pieces: list[str] = []
        for part in phrase.split():
            if part == "…" and pieces:
                pieces[-1] += rf"(?: [^ |]+){{0,{BETWEEN}}}"
            elif stem := folded(part):
                pieces.append(f"{stem}[^ |]*" if part.endswith("*") else stem)
        if not pieces:
            raise ValueError("an empty phrase")
        made.append(" ".join(pieces))
    return re.compile(rf"(?<= )(?:{'|'.join(made)})(?= )")
