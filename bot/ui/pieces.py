"""Words too long for one message, cut where it hurts least."""

from __future__ import annotations

import html
import re

_tag = re.compile(r"<(/?)([a-z]+)([^>]*)>")
_token = re.compile(r"<[^>]+>|&[a-z#0-9]+;|[^<&]|[<&]", re.DOTALL)


def pieces(text: str, limit: int) -> list[str]:
    """HTML of b, i, u, a in pieces of at most ``limit`` signs as people see them, tags closed and opened again.

    Messengers count UTF-16 units, so an emoji is two. Cut after a paragraph, a line, a word, else anywhere.
    """
    # Nothing has more signs than its HTML has; most texts end here.
    if len(text) * 2 <= limit or length(text) <= limit:
        return [text]
    made: list[str] = []
    tokens = _token.findall(text)
    while tokens:
        fits = _fitting(tokens, limit)
        end = len(tokens) if fits == len(tokens) else _good_end(tokens, fits)
        made.append("".join(tokens[:end]).strip())
        tokens = tokens[end:]
        while tokens and tokens[0].isspace():
            tokens.pop(0)
    return _balanced([piece for piece in made if _tag.sub("", piece).strip()])


def length(text: str) -> int:
    """Signs of HTML as messengers count them."""
    return _units(html.unescape(_tag.sub("", text)))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(tokens: list[str], limit: int) -> int:
    used = 0
    for place, token in enumerate(tokens):
        used += 0 if _tag.fullmatch(token) else _units(html.unescape(token))
        if used > limit:
            return max(place, 1)
    return len(tokens)


def _good_end(tokens: list[str], fits: int) -> int:
    earliest = fits // 2
    for place in range(fits, earliest, -1):
        if tokens[place - 1] == "\n" and tokens[place - 2] == "\n":
            return place
    for separators in ("\n", " \u00a0"):
        for place in range(fits, earliest, -1):
            if tokens[place - 1] in separators:
                return place
    return fits


def _balanced(made: list[str]) -> list[str]:
    open_tags: list[tuple[str, str]] = []
    balanced: list[str] = []
    for piece in made:
        begin = "".join(f"<{name}{rest}>" for name, rest in open_tags)
        for closing, name, rest in _tag.findall(piece):
            if not closing:
                open_tags.append((name, rest))
            elif open_tags:
                open_tags.pop()
        balanced.append(begin + piece + "".join(f"</{name}>" for name, _ in reversed(open_tags)))
    return balanced
