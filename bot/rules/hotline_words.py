"""What the words of a question tell: its theme, and other people's data that had better be left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.models import TicketTheme
from bot.rules.words import words

_T = TicketTheme
_BEGINNINGS: dict[TicketTheme, str] = {
    _T.programmes: "программ фоп фооп фгос ктп тематическ планирован учебник планиров воспитательн вариативн модул",
    _T.assessment: "оценив оценк отметк критери формирующ балл четвертн текущ промежуточн контрольн журнал",
    _T.exams: "впр огэ егэ гиа экзамен устн собеседован апелляц сочинен итогов демоверс перевод первичн бланк пунк",
    _T.literacy: "функциональн грамотн pisa читательск финансов естественнонаучн креативн метапредмет",
    _T.inclusion: "овз инклюз аооп тьютор зпр тнр рас пмпк инвалид адаптирован особ аутизм дефектолог аутист",
    _T.homeroom: "классн руководств руководител разговор родител собран буллинг травл конфликт кружк поведен",
    _T.iom: "иом маршрут диагностик дефицит самодиагностик самооценк",
    _T.courses: "курс квалификац удостоверен дпп переподготовк вебинар стажиров обучен диплом",
    _T.attestation: "аттестац категор портфолио экспертн первую высшую соответств",
    _T.mentoring: "наставник наставнич наставляем молод начинающ стажер пар",
    _T.digital: "цифров сервис сферум мэш электронн платформ интернет компьютер презентац нейросет чат видео цок",
    _T.contests: "конкурс олимпиад грант учитель-года проект соревнован",
    _T.workload: "нагрузк часов зарплат отпуск документ отчет справк бумаг приказ ставк командировк замещен расписан",
}
"""Beginnings of words that speak for a theme."""

_STRONG = {
    "впр", "огэ", "егэ", "гиа", "овз", "аооп", "пмпк", "зпр", "тнр", "иом", "фоп", "ктп", "аттестац", "наставник",
    "наставнич", "функциональн", "инклюз", "олимпиад", "удостоверен", "диагностик", "самодиагностик", "категор",
    "сферум", "буллинг", "травл", "нагрузк", "портфолио", "формирующ",
}  # fmt: skip
"""Beginnings that alone decide."""


def guess_theme(text: str) -> TicketTheme:
    """The theme most words speak for; ``other`` when none does. Ties go by the order of the themes."""
    said = words(text)
    scores = {
        theme: sum(
            (3 if start in _STRONG else 1)
            for start in starts.split()
            if any(word == start if len(start) <= 3 else word.startswith(start) for word in said)
        )
        for theme, starts in _BEGINNINGS.items()
    }
    best = max(scores, key=lambda theme: scores[theme])
    return best if scores[best] else TicketTheme.other


def is_question(text: str) -> bool:
    """Question-like words: they end with «?», or are at least four (conversation.md §2)."""
    return text.rstrip().endswith("?") or len(words(text)) >= 4


def is_empty(text: str) -> bool:
    """Nothing that could be a question: no letters at all, one sign, one picture."""
    return sum(sign.isalnum() for sign in text) < 2


class Kind(StrEnum):
    """What kind of data stands in a text."""

    phone = "phone"
    email = "email"
    name = "name"
    school = "school"


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of a text that is somebody's data."""

    kind: Kind
    start: int
    end: int


_PHONE = re.compile(r"(?<![\w.])(?:\+?7|8)?[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?![\w])")
_SHORT_PHONE = re.compile(r"(?i:\bтел)\w*[.:\s]*(\d[\d\s-]{4,}\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CAPITAL = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_PATRONYMIC = r"[А-ЯЁ][а-яё]+(?:ович|евич|ич|овн|евн|ичн|иничн)(?:[аеуыои]|ой|ем|ом)?"
_THREE = re.compile(rf"{_CAPITAL}\s+{_CAPITAL}\s+{_PATRONYMIC}\b")
_INITIALS = re.compile(rf"\b{_CAPITAL}\s+[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?|\b[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?{_CAPITAL}")
_PAIR = re.compile(rf"\b({_CAPITAL})\s+({_CAPITAL})\b")
_PUPIL = re.compile(
    r"(?i:\b(?:ученик|учениц|мальчик|девочк|реб[её]н|обучающ|воспитанник|школьник|сын|дочь|дочер)[а-яё]*)"
    rf"(?:\s+\d{{1,2}}\s*[«\"]?[А-Яа-я]?[»\"]?(?:\s+класса)?)?[\s,:—–-]+({_CAPITAL}(?:\s+{_CAPITAL})*)"
)
_SCHOOL = re.compile(
    r"(?:\b(?:М[БКА]ОУ|ГБОУ|МОУ|ЧОУ)\b\s*)?(?:[«\"]?\b(?i:школ|гимнази|лице|сош|оош|нош|интернат)[а-яё]*)\s*"
    r"(?:№\s*\d+|имени\s+[А-ЯЁ][^\s,.]*(?:\s+[А-ЯЁ][^\s,.]*)*|\d{1,4}\b)[»\"]?"
    r"|\b(?:М[БКА]ОУ|ГБОУ|МОУ|ЧОУ)\b(?:\s+[А-ЯЁ]{2,})*(?:\s*№\s*\d+)?(?:\s*[«\"][^»\"]{1,60}[»\"])?"
)

_NAMES = (
    "Александр Алексей Анатолий Андрей Антон Артём Артем Богдан Борис Вадим Валерий Василий Виктор Виталий Владимир "
    "Владислав Вячеслав Георгий Глеб Григорий Давид Даниил Данила Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл "
    "Константин Лев Леонид Макар Максим Марк Матвей Михаил Никита Николай Олег Павел Пётр Петр Роман Руслан Савелий "
    "Семён Семен Сергей Станислав Степан Тимофей Тимур Фёдор Федор Эдуард Юрий Ярослав Алина Алла Анастасия Анна "
    "Валентина Валерия Варвара Василиса Вера Вероника Виктория Галина Дарья Диана Ева Евгения Екатерина Елена "
    "Елизавета Жанна Зоя Инна Ирина Карина Кира Кристина Ксения Лариса Лидия Любовь Людмила Маргарита Марина Мария "
    "Милана Надежда Наталья Нина Оксана Ольга Полина Раиса Светлана София Софья Таисия Тамара Татьяна Ульяна Юлия Яна "
    "Ваня Петя Саша Маша Даша Паша Миша Коля Катя Настя Лена Оля Таня Юля Дима Женя Лёша Леша Вова Сеня Стёпа Гоша "
    "Артур Рустам Амина Заира Магомед Ахмед Хава Лейла Ислам Мадина Зарина Камила Аслан"
)
_FIRST = {name.casefold().replace("ё", "е")[: max(3, len(name) - 1)] for name in _NAMES.split()}
_SURNAME = re.compile(
    r"(?:ов|ев|ин|ын|ск|цк)(?:а|у|ым|ой|е|ий|ого|ому|им|ом|ая|ую)?$|(?:енк|чук|юк|ук|ян|дзе|швили|ых|их)[оауе]?$"
)
_WRITERS = {
    "пушкин", "толст", "чехов", "гогол", "лермонтов", "достоевск", "тургенев", "некрасов", "есенин", "маяковск",
    "ахматов", "цветаев", "булгаков", "шолохов", "горьк", "бунин", "куприн", "островск", "крылов", "грибоедов",
    "выготск", "эльконин", "давыдов", "макаренк", "сухомлинск", "ушинск", "занков", "ломоносов", "менделеев",
    "ожегов", "петерсон", "моро", "мордкович", "перышкин", "боголюбов", "ладыженск", "пастернак", "солженицын",
    "блок", "фет", "тютчев", "гагарин", "суворов", "кутузов", "ньютон", "пифагор", "виет",
}  # fmt: skip
"""Names lessons are about: nobody's personal data."""

PLACEHOLDER = "…"


def personal(text: str, *, schools: bool = False) -> list[Found]:
    """Phones, e-mails, names of people in order of the text; schools too where a text is made public.

    «Анна Петровна» alone is how one is addressed, not whose data it is; authors of textbooks are not pupils.
    """
    found = [Found(Kind.email, *one.span()) for one in _EMAIL.finditer(text)]
    found += [Found(Kind.phone, one.end() - len(one.group().lstrip(" (-")), one.end()) for one in _PHONE.finditer(text)]
    found += [Found(Kind.phone, *one.span(1)) for one in _SHORT_PHONE.finditer(text)]
    found += [Found(Kind.name, *span) for span in _names(text)]
    if schools:
        found += [Found(Kind.school, *one.span()) for one in _SCHOOL.finditer(text)]
    return _apart(found)


def without(text: str, found: Iterable[Found]) -> str:
    """The text with those pieces left out."""
    made, at = [], 0
    for one in found:
        made += [text[at : one.start], PLACEHOLDER]
        at = one.end
    made.append(text[at:])
    return "".join(made)


def nameless(text: str) -> str:
    """A text fit to be shown to everybody: no names, contacts and schools."""
    return without(text, personal(text, schools=True))


def _names(text: str) -> Iterable[tuple[int, int]]:
    for pattern in (_THREE, _INITIALS):
        for one in pattern.finditer(text):
            if not _known(one.group()):
                yield one.span()
    for one in _PUPIL.finditer(text):
        if not _known(one.group(1)):
            yield one.span(1)
    for one in _PAIR.finditer(text):
        first, second = one.groups()
        if _known(one.group()) or re.fullmatch(_PATRONYMIC, second):
            continue
        if (_is_first(first) and _is_surname(second)) or (_is_surname(first) and _is_first(second)):
            yield one.span()


def _is_first(word: str) -> bool:
    plain = word.casefold().replace("ё", "е")
    return any(plain.startswith(name) and len(plain) - len(name) <= 3 for name in _FIRST)


def _is_surname(word: str) -> bool:
    return len(word) > 3 and _SURNAME.search(word.casefold()) is not None and not _is_first(word)


def _known(words_of_name: str) -> bool:
    plain = words_of_name.casefold().replace("ё", "е")
    return any(part.startswith(tuple(_WRITERS)) for part in re.findall(r"[а-я]+", plain))


def _apart(found: list[Found]) -> list[Found]:
    """In order; of two that overlap the longer."""
    made: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if made and one.start < made[-1].end:
            if one.end - one.start > made[-1].end - made[-1].start:
                made[-1] = one
            continue
        made.append(one)
    return made
