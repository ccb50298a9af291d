"""Reading what a person typed about herself: name and years."""

from __future__ import annotations

import re
from dataclasses import dataclass

PARTICLES = {"оглы", "кызы", "улы", "гызы", "заде", "де", "фон", "ван"}
_word = re.compile(r"^[А-Яа-яЁё]+(?:[-'’][А-Яа-яЁё]+)*$")
_year = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Name:
    """Фамилия, имя, отчество; the last may be empty."""

    last: str
    first: str
    middle: str = ""

    @property
    def full(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.middle) if part)


@dataclass(frozen=True, slots=True)
class Years:
    """Year of birth and the first year of work with children."""

    birth: int
    since: int


def read_name(text: str) -> Name | None:
    """A name of two or three words (particles belong to the patronymic); None when it is not one."""
    parts = text.replace(",", " ").replace(".", " ").split()
    if not 2 <= len(parts) <= 5 or any(not _word.match(part) or len(part) > 40 for part in parts):
        return None
    tail = parts[2:]
    if len(tail) > 1 and not all(part.casefold() in PARTICLES for part in tail[1:]):
        return None
    if any(len(part.replace("-", "")) < 2 for part in parts[:2]):
        return None
    return Name(_capital(parts[0]), _capital(parts[1]), " ".join(_capital(part) for part in tail))


def read_years(text: str, *, this_year: int) -> Years | None:
    """«1968 1990» → years; the order does not matter. None when they cannot be true."""
    found = [int(year) for year in _year.findall(text)]
    if len(found) != 2:
        return None
    birth, since = sorted(found)
    if not 18 <= this_year - birth <= 90 or since - birth < 16 or since > this_year:
        return None
    return Years(birth, since)


def _capital(word: str) -> str:
    if word.casefold() in PARTICLES:
        return word.casefold()
    return re.sub(r"[А-Яа-яЁё]+", lambda match: match.group(0)[:1].upper() + match.group(0)[1:].lower(), word)
