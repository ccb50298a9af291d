"""Words of a phrase → tokens: case, dashes, ordinals, Roman numerals, and the scanner's unambiguous mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_SHORT = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "февр", "сент", "нояб")
_SHORT_NUMBER = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2, 9, 11)
_ENDINGS = {"", "ь", "я", "ю", "е", "ем", "а", "у", "ом", "й", "ях", "ям", "ами"}
_WEEKDAYS = ("понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень")
_WEEKDAY_ENDINGS = {"", "а", "и", "ам", "ами", "ы", "у", "ой", "е", "ом", "я", "ю", "ем", "ям"}
_ORDINALS = ("перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят")
_ORDINAL_ENDINGS = {
    "ый",
    "ой",
    "ая",
    "ое",
    "ого",
    "ому",
    "ым",
    "ом",
    "ую",
    "ий",
    "ья",
    "ье",
    "ьего",
    "ьем",
    "ью",
    "ьей",
}
_NUMBERS = {
    "один": 1, "одного": 1, "одну": 1, "одной": 1, "два": 2, "две": 2, "двух": 2, "три": 3, "трех": 3,
    "четыре": 4, "четырех": 4, "пять": 5, "пяти": 5, "шесть": 6, "шести": 6, "семь": 7, "семи": 7,
    "восемь": 8, "восьми": 8, "девять": 9, "девяти": 9, "десять": 10, "десяти": 10, "двенадцати": 12,
    "четырнадцати": 14, "пятнадцати": 15, "двадцати": 20, "тридцати": 30,
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_NOUNS = {
    "квартал": "Q", "полугоди": "H", "недел": "WK", "месяц": "MON", "декад": "DEC", "числ": "CH", "учебн": "UCH",
    "календарн": "KAL", "рабоч": "RAB", "последн": "LAST", "течени": "TECH", "триместр": "TRI", "каникул": "HOL",
    "половин": "HALF",
}  # fmt: skip
_YEARS = {"год", "года", "году", "годом", "годы", "годов", "годах", "годам", "лет", "г", "гг"}
_EVERY = {
    "ежегодн": "FY", "ежеквартальн": "FQ", "ежемесячн": "FM", "еженедельн": "FW", "ежедневн": "FD",
    "поквартальн": "FQ", "помесячн": "FM",
}  # fmt: skip
_DAYS = {"день", "дня", "дней", "дни", "дн", "дню"}
_SCHOOL_QUARTER = {"четверть", "четверти", "четвертей", "четвертям", "четвертью"}
_REPAIRABLE = (
    "ежегодно", "ежеквартально", "ежемесячно", "еженедельно", "течение", "квартал", "квартале", "полугодие",
    "постоянно", "января", "январь", "февраля", "февраль", "апреля", "апрель", "августа", "август", "сентября",
    "сентябрь", "октября", "октябрь", "ноября", "ноябрь", "декабря", "декабрь", "отдельному", "регулярно", "согласно",
)  # fmt: skip
_LOOKALIKE = str.maketrans({"о": "0", "o": "0", "з": "3", "l": "1", "i": "1", "б": "6", "в": "8"})

_LETTERS = str.maketrans({"6": "б", "0": "о", "3": "з", "8": "в", "4": "ч"})
_TWINS = str.maketrans("aceopxykmtbh", "асеорхукмтвн")

_SHORT_WEEKDAYS = {"пн": 0, "вт": 1, "ср": 2, "чт": 3, "пт": 4, "сб": 5, "вс": 6}
_SAME: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[«\"“„]([0-9]{1,2})[»\"”]"), r"\1"),
    (re.compile(r"(?<![0-9])([0-9]{1,2}) ?\. ?([0-9]{1,2}) ?\. ?([0-9]{4})(?![0-9])"), r"\1.\2.\3"),
    (re.compile(r"(?<![0-9])([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?![0-9])"), r"\1.\2.\3"),
    (re.compile(r"(?<![0-9.])([0-9]{4})\.([0-9]{2})\.([0-9]{2})(?![0-9.])"), r"\3.\2.\1"),
    (re.compile(r"(?<![0-9.])([0-9]{1,2})\. (?=[а-я])"), r"\1) "),
    (re.compile(r"(?<![0-9-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9-])"), r"\3.\2.\1"),
    (re.compile(r"(?<![0-9.])([0-9]{1,2}\.[0-9]{2})\.(?![0-9])"), r"\1"),
    (re.compile(r"(?<![а-я])[тс]\. ?г(?:\.|(?![а-я]))"), "текущего года"),
    (re.compile(r"(?<![а-я])уч\. ?(?=год|г)"), "учебный "),
    (re.compile(r"(?<![а-я])дважды(?![а-я])"), "2 раза"),
    (re.compile(r"(?<![а-я])трижды(?![а-я])"), "3 раза"),
)
"""Other ways of writing the same: quotes about a day, a date with slashes or the year first, «т.г.», «дважды»."""

_TOKEN = re.compile(
    r"[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?![0-9])|[0-9]{1,2}[./][0-9]{4}(?![0-9])|[0-9]{4}\s*/\s*(?:[0-9]{4}|[0-9]{2})(?![0-9])|"
    r"[0-9]{1,2}\.[0-9]{2}(?![0-9.])|[0-9]+-?(?:ый|ой|го|ого|му|ому|ая|ое|ую|ом|ем|ей|й|е|я|х|м|ти)(?![а-я])|[0-9]+|[а-яa-z]+|[^\s]"
)


@dataclass(frozen=True)
class Token:
    """``code`` is what the grammar reads, ``text`` what stood there (repaired)."""

    code: str
    text: str


def flatten(text: str) -> str:
    """Lower case, one kind of dash and space, ё as е."""
    text = re.sub(r"[‐-―−]", "-", text.lower().replace("ё", "е").replace("\xad", ""))
    text = re.sub(r"[\s*_`|]+", " ", re.sub(r"</?[a-z][^>]{0,40}>", " ", text)).strip()
    for pattern, plain in _SAME:
        text = pattern.sub(plain, text)
    return re.sub(r"\((пн|вт|ср|чт|пт|сб|вс)\.?\)", lambda found: f"({_WEEKDAYS[_SHORT_WEEKDAYS[found[1]]]})", text)


def tokenize(text: str) -> tuple[list[Token], list[tuple[str, str]]]:
    """The tokens and the repairs made (was, is)."""
    repairs: list[tuple[str, str]] = []
    flat = _joined(_repair_digits(_one_script(flatten(text), repairs), repairs), repairs)
    out: list[Token] = []
    for raw in _TOKEN.findall(flat):
        if raw == ".":
            continue
        code = _code(raw)
        if code is None:
            better = _repair(raw)
            if better is not None:
                repairs.append((raw, better))
                raw, code = better, _code(better)
        out.append(Token(code or raw, raw))
    return _roman(out, repairs), repairs


def _one_script(flat: str, repairs: list[tuple[str, str]]) -> str:
    """Latin letters inside a Russian word are the Russian ones they look like."""

    def fix(match: re.Match[str]) -> str:
        was = match.group()
        better = was.translate(_TWINS)
        if re.search("[а-я]", was) and was != better and not re.search("[a-z]", better):
            repairs.append((was, better))
            return better
        return was

    def digit(match: re.Match[str]) -> str:
        better = match.group().translate(_LETTERS)
        if better == match.group() or _code(better) is None:
            return match.group()
        repairs.append((match.group(), better))
        return better

    return re.sub("[а-я]+[0-9][а-я]+", digit, re.sub("[а-яa-z]+", fix, flat))


def _joined(flat: str, repairs: list[tuple[str, str]]) -> str:
    """A word cut in two by the end of a line or a stray space: «окт ября», «еже- годно»."""

    def join(match: re.Match[str]) -> str:
        left, right = match.groups()
        whole = left + right
        if _code(right) is not None or right in _KNOWN or (_code(whole) is None and whole not in _REPAIRABLE):
            return match.group()
        repairs.append((match.group(), whole))
        return whole

    return re.sub("(?<![а-я])([а-я]{2,})(?: ?- | )([а-я]{2,})(?![а-я])", join, flat)


def _repair_digits(flat: str, repairs: list[tuple[str, str]]) -> str:
    """A letter inside a number is the digit it looks like: 2О23, 3О.О6.2023."""

    def fix(match: re.Match[str]) -> str:
        was = match.group()
        better = was.translate(_LOOKALIKE)
        digits = sum(symbol.isdigit() for symbol in was)
        if was == better or digits < 2 or digits * 2 < len(was.replace(".", "")):
            return was
        if not re.fullmatch(r"20[0-9][0-9]|[0-3][0-9]\.[01][0-9]\.20[0-9][0-9]", better):
            return was
        repairs.append((was, better))
        return better

    def day(match: re.Match[str]) -> str:
        better = match.group(1).translate(_LOOKALIKE)
        if better != match.group(1):
            repairs.append((match.group(1), better))
        return better

    four = re.sub("(?<![а-яa-z0-9])[1il]у(?= ?кв)", "iv", flat)
    if four != flat:
        repairs.append(("1у", "IV"))
        flat = four
    flat = re.sub(rf"(?<![а-яa-z0-9.])([0-3][оozзl]|[oозil][0-9])(?= (?:{'|'.join(MONTHS)}))", day, flat)
    return re.sub(r"(?<![а-яa-z0-9.])[0-9оoзliбв.]{4,10}(?![а-яa-z0-9])", fix, flat)


@lru_cache(maxsize=4096)
def _code(raw: str) -> str | None:
    if raw[0] in "0123456789":
        return _number(raw)
    for number, stem in enumerate(MONTHS, 1):
        if raw.startswith(stem) and raw[len(stem) :] in _ENDINGS and raw not in ("ма", "мам", "маму", "маом"):
            return f"M{number}"
    if raw in _SHORT:
        return f"M{_SHORT_NUMBER[_SHORT.index(raw)]}"
    if raw in _SCHOOL_QUARTER:
        return "SQ"
    for number, stem in enumerate(_WEEKDAYS, 1):
        if raw.startswith(stem) and raw[len(stem) :] in _WEEKDAY_ENDINGS:
            return f"W{number}"
    for number, stem in enumerate(_ORDINALS, 1):
        if raw.startswith(stem) and raw[len(stem) :] in _ORDINAL_ENDINGS:
            return str(number)
    if raw in _NUMBERS:
        return str(_NUMBERS[raw])
    if raw in _YEARS:
        return "Y"
    if raw in _DAYS:
        return "DAY"
    if raw in ("раз", "раза", "разу", "однократно", "разово"):
        return "RAZ"
    if raw == "полгода":
        return "H"
    if raw in ("кв",):
        return "Q"
    for stem, code in {**_NOUNS, **_EVERY}.items():
        if raw.startswith(stem) and len(raw) - len(stem) <= 4:
            return code
    if raw.startswith("кажд"):
        return "EACH"
    return raw if raw in _KNOWN or not raw[0].isalpha() else None


_KNOWN = frozenset(
    ("до", "не", "позднее", "к", "ко", "по", "с", "со", "в", "во", "на", "за", "и", "или", "от", "из", "при", "для",
     "далее", "затем", "период", "периода", "постоянной", "регулярной", "постоянном", "отделению", *_REPAIRABLE)
)  # fmt: skip


def _number(raw: str) -> str:
    parts = re.split(r"[./]", raw.replace(" ", ""))
    if len(parts) == 3:
        year = parts[2] if len(parts[2]) == 4 else "20" + parts[2]
        return f"@{int(parts[0])}.{int(parts[1])}.{year}"
    if len(parts) == 2 and len(parts[0]) == 4:
        return f"YY{parts[0]}/{parts[1] if len(parts[1]) == 4 else parts[0][:2] + parts[1]}"
    if len(parts) == 2 and len(parts[1]) == 4:
        return f"@{int(parts[0])}.{parts[1]}"
    if len(parts) == 2:
        return f"@@{int(parts[0])}.{int(parts[1])}"
    digits = re.match(r"[0-9]+", raw)
    assert digits is not None
    return digits.group() if len(digits.group()) >= 4 else str(int(digits.group()))


@lru_cache(maxsize=4096)
def _repair(word: str) -> str | None:
    """The one known word this can be with a letter or two misread; None when there are two or none."""
    if len(word) < 6 or not word.isalpha():
        return None
    allowed = 2 if len(word) >= 7 else 1
    near = {known: _distance(word, known, allowed) for known in _REPAIRABLE if abs(len(known) - len(word)) <= allowed}
    near = {known: distance for known, distance in near.items() if distance <= allowed}
    if not near:
        return None
    best = min(near.values())
    codes = {_code(known) or known: known for known, distance in near.items() if distance == best}
    return next(iter(codes.values())) if len(codes) == 1 else None


def _distance(left: str, right: str, limit: int) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _roman(tokens: list[Token], repairs: list[tuple[str, str]]) -> list[Token]:
    """Roman numerals become numbers; «П» and «Ш» are II and III only beside a quarter or a half-year."""
    misread = {
        "п": 2,
        "ш": 3,
        "і": 1,
        "пі": 3,
        "iу": 4,
        "іі": 2,
        "ііі": 3,
        "пп": 2,
        "il": 2,
        "li": 2,
        "ll": 2,
        "l": 1,
        "lv": 4,
        "iп": 3,
    }
    out = []
    for place, token in enumerate(tokens):
        ahead = [later.code for later in tokens[place + 1 : place + 12]]
        while ahead and (
            ahead[0] in ("-", ",", "и") or ahead[0] in _ROMAN or ahead[0] in misread or ahead[0].isdigit()
        ):
            ahead.pop(0)
        beside = bool(ahead) and ahead[0] in ("Q", "H", "SQ", "DEC", "TRI")
        if beside and token.code in _ROMAN:
            out.append(Token(str(_ROMAN[token.code]), token.text))
        elif beside and token.code in misread:
            repairs.append((token.text, "I" * misread[token.code]))
            out.append(Token(str(misread[token.code]), token.text))
        else:
            out.append(token)
    return out
