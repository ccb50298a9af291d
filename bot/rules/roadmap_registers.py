"""Which register of ours shows that a measure is done, by what the measure is called."""

from __future__ import annotations

import re
from enum import StrEnum


class Register(StrEnum):
    """What we hold anyway. Every one counts by days, none names a person."""

    routes = "routes"
    diagnosed = "diagnosed"
    events = "events"
    attendance = "attendance"
    hotline = "hotline"
    catalogue = "catalogue"
    pairs = "pairs"


_WORDS: tuple[tuple[Register, re.Pattern[str]], ...] = tuple(
    (register, re.compile(words))
    for register, words in (
        (
            Register.routes,
            r"\bИОМ\b|(?i:индивидуальн\w+ (?:образовательн\w+ )?(?:маршрут|траектор)|маршрутн\w+ карт|"
            r"реестр\w* (?:\w+ ){0,2}маршрут)",
        ),
        (Register.pairs, r"(?i:наставнич|наставляем|(?:баз|реестр|пар)\w* (?:\w+ ){0,2}наставник)"),
        (Register.hotline, r"(?i:горяч\w+ лини|на связи|консультир|консультац|методическ\w+ помощ)"),
        (Register.catalogue, r"(?i:каталог|стажировочн|(?:реестр|перечень|банк)\w* (?:\w+ ){0,2}программ|навигатор)"),
        (Register.diagnosed, r"(?i:диагностик|диагностир|оценк\w+ (?:\w+ ){0,2}компетенц)"),
        (Register.attendance, r"(?i:охват|(?:числ|количеств|дол)\w* (?:\w+ ){0,3}участ|участие (?:\w+ ){0,3}в )"),
        (
            Register.events,
            r"(?i:календар|мероприяти|вебинар|семинар|конференц|форум|мастер-класс|совещан|тренинг|сл[её]т\b|"
            r"встреч|интенсив|школ\w+ молод|кругл\w+ стол)",
        ),
    )
)
"""What a measure begins with says most: «Каталог событий для ИОМ» is the catalogue."""

_OTHERS_HOLD = re.compile(r"(?i:положени|приказ|соглашени|концепци|норм\w* времени|регламент|порядок|порядк)")
"""A paper is wanted: no register of ours stands for it."""

_PROVED = frozenset(("", "register", "indicator", "training", "event", "report", "other"))


def may_prove(result_kind: str) -> bool:
    """True where a register may stand for the named kind of result; a signed paper it is not."""
    return result_kind in _PROVED


def suggested(chosen: str, result_kind: str, *texts: str) -> Register | None:
    """The register to offer first: the one chosen for the measure, else by its words; None where none fits."""
    if not may_prove(result_kind):
        return None
    if chosen in [one.value for one in Register]:
        return Register(chosen)
    if result_kind in ("", "other") and _OTHERS_HOLD.search(" ".join(texts)):
        return None
    for text in texts:
        found = [(match.start(), register) for register, words in _WORDS if (match := words.search(text))]
        if found:
            return min(found, key=lambda pair: pair[0])[1]
    return None
