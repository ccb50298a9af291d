"""Invented people, places and the moment of the gallery: as things usually are and at their longest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.services.places import Choice, Place
from bot.ui.screen import Screen

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 24)
LAST_YEAR = NOW - timedelta(days=400)

BIG = 2_147_483_647
"""The biggest number of a row there may be: buttons carry numbers."""


class Sample(NamedTuple):
    """A screen under a name; ``pushed`` ones come without a press and need no way back."""

    name: str
    screen: Screen
    pushed: bool = False


# --- invented people and places ------------------------------------------------------------------

SHORT_NAME = "Мария Петровна"
LONG_NAME = "Александра Константиновна"
FULL_NAME = "Смирнова Мария Петровна"
LONG_FULL_NAME = "Виноградова-Преображенская Александра Константиновна"
SCHOOL = "МБОУ «Средняя школа № 3» г. Рославля"
LONG_SCHOOL = (
    "Смоленское областное государственное бюджетное общеобразовательное учреждение с интернатом "
    "«Кадетский корпус имени Героя Советского Союза»"
)
LONG_DISTRICT = "Краснинский муниципальный округ Смоленской области"
CENTRE = "Центр непрерывного повышения педагогического мастерства Смоленской области"

PLACES = (
    Place(1, SCHOOL, "Рославльский округ", 1),
    Place(2, LONG_SCHOOL, LONG_DISTRICT, 2),
    Place(BIG, "Детский сад «Ёлочка»", "Вяземский округ", 3),
    Place(4, "Гимназия № 4", "Смоленск", 4),
    Place(5, "Школа <№ 5> & Ко", "Смоленск", 4),
)
DISTRICTS = tuple(
    Choice(str(number), title)
    for number, title in enumerate(
        ("Велижский округ", "Вяземский округ", LONG_DISTRICT, "Рославльский округ", "Смоленск"), start=BIG - 4
    )
)
SUBJECTS = tuple(
    Choice(slug, title)
    for slug, title in (
        ("russian", "Русский язык"),
        ("literature", "Литература"),
        ("maths", "Математика"),
        ("english", "Английский язык"),
        ("ovzr", "Основы безопасности и защиты Родины"),
        ("spiritual", "Основы духовно-нравственной культуры народов России"),
        ("art", "Изобразительное искусство"),
    )
)
