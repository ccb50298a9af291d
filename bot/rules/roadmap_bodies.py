"""Who answers for a measure: names of a cell found in the region's directory; what is not there stays a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.rules.words import stem


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body of the directory with every way it is written."""

    code: str
    abbreviation: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A body named in a cell: ``text`` as we show it; no codes when the directory does not know it."""

    text: str
    codes: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.codes)


_INTRODUCED = re.compile(r"[(,]?\s*\(?\s*далее\s*(?:по тексту)?\s*[-–—:]?\s*([^()]{2,60})\)", re.I)
_TOKEN = re.compile(r"[0-9A-Za-zА-Яа-яЁё]+|[(),;:\n]")
_FILLERS = frozenset(
    ("и", "а", "также", "совместно", "с", "при", "участии", "на", "уровне", "муниципальном", "региональном")
)
_QUALIFIER = re.compile(
    r"(участву|осуществля|реализу|ответственн|созданн|имеющ|расположен|курирующ|подведомственн|входящ)"
)
_QUALIFIED = re.compile(rf", {_QUALIFIER.pattern}", re.I)
_LEGAL = frozenset(
    ("гау", "гбу", "гбоу", "гоау", "гаоу", "мбу", "мку", "му", "ооо", "ано", "дпо", "фгбоу", "фгаоу", "во", "огбпоу",
     "согбпоу", "тогоау", "тогбук", "гку", "мкоу", "мбоу", "впо", "фгбу")
)  # fmt: skip
"""Legal forms before a name in quotes say nothing by themselves."""
_FORM = re.compile(
    r"(государственн|муниципальн|областн|краев|республиканск|федеральн|автономн|бюджетн|казенн|казённ|учрежден|"
    r"организаци|дополнительн|профессиональн|образовани|образовательн|высш|обществен)\w*"
)
_STOP = frozenset(",;:\n()")


class Directory:
    """The bodies of a region, found in free text by their longest name."""

    def __init__(self, bodies: Iterable[KnownBody]) -> None:
        self._names: dict[tuple[str, ...], KnownBody] = {}
        self._longest = 1
        for body in bodies:
            for name in (body.abbreviation, *body.names):
                key = tuple(_key(word) for word in _TOKEN.findall(name) if word not in _STOP)
                if key and key not in self._names:
                    self._names[key] = body
                    self._longest = max(self._longest, len(key))

    def __len__(self) -> int:
        return len(self._names)

    def find(self, parts: Sequence[str]) -> list[Mention]:
        """The bodies of a cell in order, each once."""
        text = "\n".join(_INTRODUCED.sub(" ", part) for part in parts)
        text = re.sub(r"(?<=[а-яё])-\s+(?=[а-яё])", "-", text)
        spans = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        mentions: list[Mention] = []
        unknown: list[tuple[str, int, int]] = []
        depth = place = 0
        while place < len(spans):
            word, _, end = spans[place]
            body, used = (None, 0) if word in _STOP else self._at(spans, place)
            if body is not None:
                self._flush(text, unknown, mentions, before_known=True)
                if depth and mentions:
                    last = mentions[-1]
                    mentions[-1] = Mention(f"{last.text} ({body.abbreviation})", (*last.codes, body.code))
                else:
                    mentions.append(Mention(body.abbreviation, (body.code,)))
                place += used
                continue
            if word == "(":
                depth, closing = depth + 1, text.find(")", end)
                inside = text[end:closing] if closing > 0 else ""
                if inside and mentions and not unknown and not self._any(inside):
                    mentions[-1] = Mention(f"{mentions[-1].text} ({inside.strip()})", mentions[-1].codes)
                    while place < len(spans) and spans[place][1] < closing:
                        place += 1
                    continue
            elif word == ")":
                depth = max(0, depth - 1)
            elif word in _STOP:
                self._flush(text, unknown, mentions)
            else:
                unknown.append(spans[place])
            place += 1
        self._flush(text, unknown, mentions)
        return list(dict.fromkeys(mentions))

    def _at(self, spans: Sequence[tuple[str, int, int]], place: int) -> tuple[KnownBody | None, int]:
        """The longest name that starts here; a comma inside the name may be missing or extra."""
        keys: list[str] = []
        ends: list[int] = []
        for offset in range(place, min(len(spans), place + self._longest * 2)):
            word = spans[offset][0]
            if word in _STOP:
                if word == ",":
                    continue
                break
            keys.append(_key(word))
            ends.append(offset)
            if len(keys) >= self._longest:
                break
        for length in range(len(keys), 0, -1):
            body = self._names.get(tuple(keys[:length]))
            if body is not None:
                return body, ends[length - 1] - place + 1
        return None, 0

    def _any(self, text: str) -> bool:
        spans = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        return any(self._at(spans, place)[0] for place in range(len(spans)) if spans[place][0] not in _STOP)

    @staticmethod
    def _flush(
        text: str, unknown: list[tuple[str, int, int]], mentions: list[Mention], *, before_known: bool = False
    ) -> None:
        """What stood between two known names: fillers, a qualifier of the name before, or an unknown body."""
        said = [span for span in unknown if span[0].lower() not in _FILLERS]
        if said:
            left, right = unknown[0][1], unknown[-1][2]
            while left > 0 and text[left - 1] in '«"“':
                left -= 1
            while right < len(text) and text[right] in '»"”':
                right += 1
            words = text[left:right].strip()
            said_words = [span[0].lower() for span in said]
            forms = all(word in _LEGAL or (before_known and _FORM.fullmatch(word)) for word in said_words)
            # «…, участвующие в программах, сопровождении»: the qualifier goes on after its own comma.
            goes_on = bool(mentions) and words[:1].islower() and bool(_QUALIFIED.search(mentions[-1].text))
            if mentions and (goes_on or _QUALIFIER.match(words.lower())):
                mentions[-1] = Mention(f"{mentions[-1].text}, {words}", mentions[-1].codes)
            elif not forms:
                mentions.append(Mention(words))
        unknown.clear()


def split_unknown(parts: Sequence[str]) -> list[Mention]:
    """The names of a cell when there is no directory: cut at commas and lines, none known."""
    pieces = re.split(r"[;\n]|,(?![^()]*\))", "\n".join(parts))
    return [Mention(piece.strip()) for piece in pieces if piece.strip()]


def _key(word: str) -> str:
    return stem(word.casefold().replace("ё", "е"))
