"""Russian names: parts of a full name, gender, agreement of surnames and patronymics."""

from __future__ import annotations

import re
from enum import StrEnum

_space = re.compile(r"\s+")
_part = re.compile(r"[А-ЯЁа-яёA-Za-z]+(?:[-'’][А-ЯЁа-яёA-Za-z]+)*\.?")

LONGEST = 100
"""Characters in one part of a name (the columns of ``people``)."""

_FEMALE_ENDINGS = ("вна", "чна", "шна", "кызы", "гызы")
_MALE_ENDINGS = ("ич", "оглы", "улы")


class Gender(StrEnum):
    """For agreement of words only; it is never stored."""

    female = "female"
    male = "male"


def split_name(text: str) -> tuple[str, str, str]:
    """Фамилия, имя, отчество as written; what is missing is empty, more words join the patronymic."""
    words = _space.sub(" ", text).strip().split(" ")
    last, first, *middle = (*words, "", "")
    return last, first, " ".join(word for word in middle if word)


def is_name(part: str) -> bool:
    """True for a word or a few that may be a part of a name."""
    return 0 < len(part) <= LONGEST and all(_part.fullmatch(word) for word in part.split(" "))


def proper(part: str) -> str:
    """«ИВАНОВА-ПЕТРОВА» → «Иванова-Петрова»; mixed case stays as its owner wrote it."""
    clean = _space.sub(" ", part).strip()
    if clean not in (clean.upper(), clean.lower()):
        return clean
    return re.sub(r"[^\W\d_]+", lambda found: found.group().capitalize(), clean)


def gender_of(middle_name: str) -> Gender | None:
    """Gender by patronymic, None where it does not tell."""
    word = middle_name.casefold()
    if word.endswith(_FEMALE_ENDINGS):
        return Gender.female
    return Gender.male if word.endswith(_MALE_ENDINGS) else None


def surname(masculine: str, gender: Gender) -> str:
    """The surname that agrees: Ветров → Ветрова, Луговской → Луговская, Шевчук stays."""
    if gender is Gender.male:
        return masculine
    for ending, feminine in (("ский", "ская"), ("цкий", "цкая"), ("ской", "ская"), ("цкой", "цкая")):
        if masculine.endswith(ending):
            return masculine.removesuffix(ending) + feminine
    for ending in ("ой", "ый", "ий"):
        if masculine.endswith(ending):
            return masculine.removesuffix(ending) + "ая"
    return masculine + "а" if masculine.endswith(("ов", "ев", "ёв", "ин", "ын")) else masculine


def patronymic(father: str, gender: Gender) -> str:
    """Отчество from a father's first name: Сергей → Сергеевна, Илья → Ильич, Никита → Никитич."""
    female = gender is Gender.female
    special = {
        "Илья": ("Ильинична", "Ильич"),
        "Никита": ("Никитична", "Никитич"),
        "Лука": ("Лукинична", "Лукич"),
        "Фома": ("Фоминична", "Фомич"),
        "Кузьма": ("Кузьминична", "Кузьмич"),
        "Лев": ("Львовна", "Львович"),
        "Павел": ("Павловна", "Павлович"),
        "Пётр": ("Петровна", "Петрович"),
        "Михаил": ("Михайловна", "Михайлович"),
        "Яков": ("Яковлевна", "Яковлевич"),
        "Юрий": ("Юрьевна", "Юрьевич"),
    }
    if father in special:
        return special[father][0 if female else 1]
    if father.endswith("ий") and len(father) > 4:
        # Василий → Васильевна, but Дмитрий → Дмитриевна: two consonants before keep the vowel.
        stem = father[:-2]
        keeps = stem[-1] not in _VOWELS and stem[-2] not in _VOWELS and stem[-2:] not in ("нт",)
        return stem + ("и" if keeps else "ь") + ("евна" if female else "евич")
    if father.endswith(("й", "ь")):
        return father[:-1] + ("евна" if female else "евич")
    return father + ("овна" if female else "ович")


_VOWELS = "аеёиоуыэюя"
