"""A day as people type it in a chat."""

from __future__ import annotations

import re
from datetime import date

MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
"""How their names begin; «мар» is asked before «ма»."""

_digits = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?")
_words = re.compile(r"(\d{1,2})\s+([а-я]{3,})(?:\s+(\d{4}))?")


def day_from(text: str, *, today: date) -> date | None:
    """«12.01.2027», «12.01», «12 января»: without a year the next such day. None for anything else."""
    text = text.strip().lower().replace("ё", "е").removesuffix("г.").removesuffix(" года").strip(" .")
    if found := _digits.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif found := _words.fullmatch(text):
        at = next((place for place, name in enumerate(MONTHS, start=1) if found[2].startswith(name)), None)
        if at is None:
            return None
        day, month, year = int(found[1]), at, found[3]
    else:
        return None
    try:
        if year is not None:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
