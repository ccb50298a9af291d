"""The rests of a scan taken off a cell: tags, bold marks, rule lines, spaces; never a word."""

from __future__ import annotations

import re

from bot.rules.roadmap_table.model import Paragraphs

_BREAK = re.compile(r"</?p\b[^<>]{0,40}>|<br\s*/?>|</?li\b[^<>]{0,40}>|</?[ou]l\b[^<>]{0,60}>|\n", re.I)
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]{0,60}>", re.I)
_MARKS = re.compile(r"\*\*|__")
_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_LIST = re.compile(r"[–—•▪·*-]\s")
_RULE = re.compile(r"[\s|:_=—–-]*-{2,}[\s|:_=—–-]*")


def paragraphs(text: str) -> Paragraphs:
    """The paragraphs of a cell; an item of a dashed list stays in the paragraph that opens it."""
    out: list[str] = []
    for piece in _BREAK.split(text):
        piece = _SPACES.sub(" ", _CONTROL.sub("", _MARKS.sub("", _TAG.sub("", piece)))).strip()
        if not piece:
            continue
        if out and _LIST.match(piece):
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
    return tuple(out)


def is_rule(text: str) -> bool:
    """A row of dashes that a converter drew."""
    return bool(_RULE.fullmatch(text))


def joined(parts: Paragraphs) -> str:
    """The cell as one line."""
    return " ".join(parts)
