"""The numbers a measure must reach, by the words of its result."""

from __future__ import annotations

import re

_AMOUNT = re.compile(
    r"(?:не (?:менее|более)\s+)?\d+(?:[.,]\d+)?\s?%"
    r"|не (?:менее|более|ниже|выше)\s+(?:чем\s+)?\d+(?:[.,]\d+)?"
    r"|(?<![\d.,№-])\d{1,6}\s+(?:-?х\s+)?"
    r"(?:человек|чел\b|соглашени|участник|педагог|мероприяти|организаци|программ|штук|единиц)",
    re.I,
)
_OPENS = re.compile(r"[.;()]\s*")
_NEXT = re.compile(r"[.;()]|\s(?=Не (?:менее|более)\s|\d+(?:[.,]\d+)?\s?%)")
_GOES_ON = re.compile(r"(составля\w+|достига\w+|до|на|в|к|с|и|или|от|около|более|менее)\s+$", re.I)


def targets_of(result: str, measure: str = "") -> list[str]:
    """The clauses that name a number to reach, in the words of the document: of the result, else of the measure."""
    for text in (result, measure):
        found = _clauses(text)
        if found:
            return found
    return []


def _clauses(text: str) -> list[str]:
    found: list[str] = []
    end = 0
    for amount in _AMOUNT.finditer(text):
        if amount.start() < end:
            continue
        opened = [match.end() for match in _OPENS.finditer(text, 0, amount.start())]
        begin = max(opened[-1] if opened else 0, end)
        # A number that opens its own sentence: «… справка Не менее 75% …», «… мониторинга 100% субъектов …».
        is_share = "%" in amount.group() and text[amount.end() : amount.end() + 2].strip().isalpha()
        goes_on = not is_share or not amount.group()[0].isdigit() or bool(_GOES_ON.search(text[: amount.start()]))
        if amount.group()[0] == "Н" or not goes_on:
            begin = amount.start()
        stop = _NEXT.search(text, amount.end())
        end = stop.start() if stop else len(text)
        clause = text[begin:end].strip(" ,.;–-")
        if clause and clause not in found:
            found.append(clause)
    return found
