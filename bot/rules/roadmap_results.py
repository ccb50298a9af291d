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

_Kinds = tuple[tuple[str, re.Pattern[str]], ...]


def _table(*lines: tuple[str, str]) -> _Kinds:
    return tuple((kind, re.compile(words, re.I)) for kind, words in lines)


_BY_RESULT = _table(
    ("agreement", r"\bсоглашени|\bдоговор"),
    ("indicator", r"^(?:увеличени|снижени|рост\b|сокращени|повышение дол|положительн\w+ динамик)"),
    ("training", r"\bудостоверени"),
    ("document", r"^документ\w* \("),
    ("document", r"\bправов\w+ баз"),
    ("register", r"\bреестр"),
    ("order", r"\bприказ|\bраспоря\w+"),
    ("report", r"\bотч[её]т|\bсправк|\bаналитическ|\bпротокол"),
    (
        "training",
        r"(?<!результатами )(?<!результатов )(?<!результаты )(?<!качества )\bобучен"
        r"|\b(?:прош|повысил)\w* (?:\w+ ){0,2}(?:курсы|повышение|квалификаци)",
    ),
    ("publication", r"\bпубликац|\bопубликован|\bразмещен|\bсборник|\bна (?:\w+ )?сайт|\bинформационн\w+ ресурс"),
    ("register", r"\bбаз[аыу] данных (?=наставник|методист|эксперт|педагог|тьютор|специалист)|\bбаз[аы]\b(?! данных)"),
    ("register", r"\bбанк|\bпереч(?:ень|ня)|\bспис(?:ок|ка)|\bкаталог"),
    (
        "indicator",
        r"\d\s?%|\bне (?:менее|более|ниже)\s+\d|\bдинамик|\bцелевых показател|\b(?:снижени|увеличени)\w* дол",
    ),
    (
        "document",
        r"\bутвержд|\bположени(?!тель)|\bметодическ\w+ (?:материал|рекомендац)|\bпакет|\bконцепц|\bписьм[оа]"
        r"|\b(?:диагностическ|контрольно-измерительн)\w+ материал|\bинструкци|\bпаспорт|\bтехническ\w+ задани"
        r"|\bвнесени\w+ изменений"
        r"|(?:^|разработан|составлен|сформирован|подписан|согласован)[^.;]{0,40}\b(?:план|программ|заказ)",
    ),
    ("event", r"\bпроведен\w*|\bсеминар|\bконференц|\bфорум"),
)
"""In the order of how much they say: an order about a meeting is an order."""

_BY_TITLE = _table(
    (
        "training",
        r"^(?:организация |проведение |реализация )?(?:и проведение )?"
        r"(?:обучени|повышени\w+ квалификаци|стажировк|курс)",
    ),
    ("publication", r"^(?:размещени|публикаци|издани|выпуск|тиражировани|освещени|запуск)|\bрубрик|\bподкаст"),
    ("report", r"^(?:проведение )?(?:мониторинг|публичн\w+ отч[её]т|отч[её]т)"),
    ("register", r"^(?:формирование |создание |ведение |обновление )?(?:баз[аы] данных|реестр|каталог|банк)"),
    (
        "document",
        r"^(?:разработка|утверждение|согласование|подготовка|принятие|актуализация|внесение изменений|доработка)\b"
        r"[^.]{0,60}(?:положени|порядк|карт|систем|инструкц|комплекс|план|пакет|концепц|регламент|материал|программ|мер\b)",
    ),
    (
        "event",
        r"\b(?:совещани|вебинар|семинар|форум|конференц|старт-сессия|круглы\w+ стол|августовск|слет|тренинг"
        r"|цикл \w+ (?:\w+ )?мероприяти)|^(?:\w+-)?\w+ мероприятия\b",
    ),
)
"""What a measure is called, where its result names no kind of evidence."""


def kind_of(result: str, measure: str = "") -> str:
    """The kind of result the words name, of the title where the result names none; empty where neither does."""
    return _first(_BY_RESULT, result) or _first(_BY_TITLE, measure.strip(" 0123456789.)"))


ASKING = frozenset({"order", "agreement", "register", "report", "training", "publication", "indicator"})
"""Kinds that refuse other evidence."""


def kind_is_from_title(result: str, measure: str) -> bool:
    """True where only the title tells what must prove the measure: a person should look."""
    return not _first(_BY_RESULT, result) and kind_of(result, measure) in ASKING


def _first(table: _Kinds, text: str) -> str:
    return next((kind for kind, words in table if words.search(text)), "")


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
