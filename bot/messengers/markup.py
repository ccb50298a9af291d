"""Our HTML (b, i, u, a) as plain words and marks, for messengers that want the two apart."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

KINDS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline", "a": "url"}
"""Tags that stay, and what they are called."""

_token = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^<>]*)>|&(?:[a-z]+|#[0-9]+|#x[0-9a-f]+);|[^<&]+|[<&]", re.IGNORECASE)
_href = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the words; ``offset`` and ``length`` are UTF-16 units, as messengers count."""

    kind: str
    offset: int
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads, and how parts of it look."""

    text: str
    marks: tuple[Mark, ...] = ()
    lost: tuple[str, ...] = ()


def units(text: str) -> int:
    """Length as messengers count it: an emoji is two."""
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


def read(source: str) -> Words:
    """HTML taken apart; a tag the messenger has no mark for is dropped, its words stay, and its name is in ``lost``.

    What is not closed ends with the text; what was never opened is passed over.
    """
    if "<" not in source and "&" not in source:
        return Words(source)
    parts: list[str] = []
    marks: list[Mark] = []
    opened: list[tuple[str, int, str]] = []
    lost: list[str] = []
    at = 0
    for found in _token.finditer(source):
        tag = (found[2] or "").lower()
        if not tag:
            piece = html.unescape(found[0])
            parts.append(piece)
            at += units(piece)
        elif found[1]:
            place = next((i for i in range(len(opened) - 1, -1, -1) if opened[i][0] == tag), None)
            if place is not None:
                _close(marks, opened.pop(place), at)
        elif tag in KINDS:
            href = _href.search(found[3])
            opened.append((tag, at, html.unescape(href[1] or href[2] or "") if href else ""))
        elif tag == "br":
            parts.append("\n")
            at += 1
        else:
            lost.append(tag)
    while opened:
        _close(marks, opened.pop(), at)
    if lost:
        log.warning("markup-lost", tags=sorted(set(lost)))
    return Words("".join(parts), tuple(sorted(marks, key=lambda mark: (mark.offset, -mark.length))), tuple(lost))


def _close(marks: list[Mark], begun: tuple[str, int, str], end: int) -> None:
    tag, start, url = begun
    if end > start and (tag != "a" or url):
        marks.append(Mark(KINDS[tag], start, end - start, url))
