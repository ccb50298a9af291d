"""What a measure must come to: the kind of its result and the numbers to reach, by the words of the document."""

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

KINDS = (
    "order", "agreement", "register", "report", "training", "publication", "indicator", "event", "document", "other",
)  # fmt: skip
"""What may prove a measure, as packs name it."""

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.I))
    for kind, words in (
        ("agreement", r"\bсоглашени|\bдоговор"),
        ("register", r"\bреестр"),
        ("order", r"\bприказ|\bраспоря\w+"),
        ("report", r"\bотч[её]т|\bсправк|\bаналитическ|\bпротокол"),
        ("training", r"\bобучен|\b(?:прош|повысил)\w* (?:\w+ ){0,2}(?:курсы|повышение|квалификаци)|\bудостоверени"),
        ("publication", r"\bпубликац|\bопубликован|\bразмещен|\bсборник|\bна (?:\w+ )?сайт"),
        ("register", r"\bбаз[аы]\b(?! данных)|\bбанк|\bпереч(?:ень|ня)|\bспис(?:ок|ка)|\bкаталог"),
        ("indicator", r"\d\s?%|\bне (?:менее|более|ниже)\s+\d|\bдинамик"),
        ("document", r"\bутвержд|\bположени|\bметодическ\w+ (?:материал|рекомендац)|\bпакет|\bконцепц|\bписьмо"),
        ("event", r"\bпроведен\w*|\bсеминар|\bконференц|\bфорум"),
    )
)
"""In the order of how much they say: an order about a meeting is an order."""


def kind_of(result: str) -> str:
    """The kind of result the words name; empty where they name none, so that nothing is asked for that is not there."""
    return next((kind for kind, words in _KINDS if words.search(result)), "")


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
