"""Where one title ends and the next begins when nothing stands between them, and the same for deadlines."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, pairwise

SHORTEST = 2
"""A title has at least so many words: «Разработаны Положение …» is one."""

_START = re.compile(
    r"(?<=[а-яёa-z»)”\"])\s+(?=[А-ЯЁ][а-яё-]*(?:ние|ция|ка|ая|ое|ые|ие|ый|ий|ник)\b(?!\s*[»\"]))"
    r"|(?<=[)»])\s+(?=[А-ЯЁ][а-яё]{3,})"
)
_SURE = re.compile(
    r"(?<=[а-яёa-z])\s+(?=[А-ЯЁ][а-яё-]*(?:ение|ание|ация|овка)\b)|(?<=[)»])\s+(?=[А-ЯЁ][а-яё-]*(?:ение|ание|ация|овка|ая)\b)"
)
_GOES_ON = re.compile(r"(?:^|\s)[а-яё]{1,3}$")
"""«Внесение изменений в Положение»: a preposition does not end a title."""
_PIECE = re.compile(r"\s+(?=[А-ЯЁ]|до\s+\d|с\s+\d)")


def titles(text: str) -> list[str]:
    """A text with a capital letter where a new title may begin, cut there."""
    return _cut(_START, text)


def sure_titles(text: str) -> list[str]:
    """The same where the new title begins with the name of an action («Проведение», «Реализация»)."""
    return _cut(_SURE, text)


def _cut(pattern: re.Pattern[str], text: str) -> list[str]:
    pieces: list[str] = []
    depth = start = 0
    places = {match.start(): match.end() for match in pattern.finditer(text)}
    for index, symbol in enumerate(text):
        if symbol in "(«":
            depth += 1
        elif symbol in ")»":
            depth = max(0, depth - 1)
        if index in places and depth == 0 and not _GOES_ON.search(text[start:index]):
            pieces.append(text[start:index].strip())
            start = places[index]
    pieces.append(text[start:].strip())
    return pieces if all(len(piece.split()) >= SHORTEST for piece in pieces) else [text.strip()]


def deadlines(text: str, count: int, is_deadline: Callable[[str], bool]) -> list[str]:
    """``count`` deadlines written one after another; empty unless exactly one way of cutting reads whole."""
    places = [match.start() for match in _PIECE.finditer(text)]
    if count < 2 or len(places) < count - 1 or len(places) > 12:
        return []
    found: list[list[str]] = []
    for chosen in combinations(places, count - 1):
        borders = (0, *chosen, len(text))
        pieces = [text[left:right].strip() for left, right in pairwise(borders)]
        if all(is_deadline(piece) for piece in pieces) and not any(_odd(piece, is_deadline) for piece in pieces):
            found.append(pieces)
    return found[0] if len(found) == 1 else []


def _odd(piece: str, is_deadline: Callable[[str], bool]) -> bool:
    """«Ежемесячно Сентябрь 2023 года»: a frequency before a single term is the end of another phrase."""
    first, _, rest = piece.partition(" ")
    return bool(re.fullmatch(r"еже(дневно|недельно|месячно|квартально|годно)", first, re.I)) and bool(
        re.fullmatch(r"(до\s)?[\w\s.]*\d{4}\s*(г\.?|года?)?", rest) and is_deadline(rest)
    )
