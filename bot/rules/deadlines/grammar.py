"""The grammar: a line a rule, each a pattern over token codes and what it adds to the parts."""

# One rule of the grammar is one line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.rules.deadlines.parts import LAST_DAY, Parts, Reader, Span
from bot.rules.deadlines.tokens import Token

MONTH = r"M(\d{1,2})"
YEAR = r"(?:(\d{4})(?: Y)?)"
DATE = rf"(?:(?:W(\d) ,? ?)?(?:(\d{{1,2}}) M(\d{{1,2}})(?: ,? ?{YEAR})?|@(\d+)\.(\d+)\.(\d{{4}})(?: Y)?|@@(\d+)\.(\d+))(?: \( W(\d) \)| W(\d))?)"
UNTIL = r"(?:в срок |строго |в срок , )?(?:не позднее чем|не позднее|не позже|до|к|ко|по состоянию на|по|на)"
PERIOD = r"(?:(?:всего |весь |всем )?(?:период|периода)|(?:всего |весь )срока?|срока?(?= (?:реализации|действия)))(?: (?:реализации|действия|исполнения|выполнения|проведения))?(?: (?:программы|проекта|концепции|плана|карты|дорожной карты|мероприятий|мероприятия))?"
PLAN_WORD = re.compile(
    r"^(план|график|расписани|срок|циклограмм|календар|карт|регламент|порядк|порядок|положени|программ|приказ)"
)
NEED_WORD = re.compile(
    r"^(запрос|заявк|заявлен|потребност|необходимост|обращени|требовани|согласовани|поступлени|надобност)"
)


def units(code: str) -> tuple[int, int]:
    """(months, number in a year) of quarter or half-year."""
    return (3, 4) if code == "Q" else (6, 2)


def _date(groups: tuple[str | None, ...]) -> Span:
    week, d1, m1, y1, d2, m2, y2, d3, m3, week2, week3 = groups[:11]
    weekday = week or week2 or week3
    day, month, year = (d1, m1, y1) if d1 else (d2, m2, y2) if d2 else (d3, m3, None)
    assert day is not None
    assert month is not None
    return Span(int(month), int(day), year=int(year) if year else None, weekday=int(weekday) if weekday else None)


def _point(reader: Reader, match: re.Match[str]) -> None:
    reader.add(_date(match.groups()))


def _month_year(reader: Reader, match: re.Match[str]) -> None:
    month = int(match[1])
    reader.add(Span(month, first=(month, 1), year=int(match[2])))


def _months(reader: Reader, match: re.Match[str]) -> None:
    first, y1, last, y2 = match.groups()
    span = Span(int(last or first), first=(int(first), 1), year=int(y1) if y1 else None)
    if last:
        span.end_year = int(y2) if y2 else None
        if not y1 and y2:
            span.year = int(y2) - (int(first) > int(last))
    reader.add(span)


def _units(reader: Reader, match: re.Match[str]) -> None:
    numbers, code, year = match[1], match[2], match[3]
    months, count = units(code)
    found: list[tuple[int, int]] = []
    for piece in re.split(r" (?:,|и) ", numbers):
        ends = [int(number) for number in piece.split(" - ")]
        found.append((ends[0], ends[-1]))
    for first, last in found:
        if not (1 <= first <= count and 1 <= last <= count):
            reader.parts.doubts.append("error:unit")
            continue
        reader.add(Span(last * months, first=((first - 1) * months + 1, 1), year=int(year) if year else None))


def _school_quarter(reader: Reader, match: re.Match[str]) -> None:
    number, year, short = match[1], match[2], match[3]
    reader.parts.source = "school_calendar"
    if not 1 <= int(number) <= 4:
        reader.parts.doubts.append("error:unit")
        return
    reader.add(
        Span(int(number), first=(0, int(number)), school=True, year=int(year or 0) or (int(short) if short else None))
    )


def _decade(reader: Reader, match: re.Match[str]) -> None:
    which, month, year = match[1], int(match[2]), match[3]
    first, last = {"1": (1, 10), "2": (11, 20), "3": (21, LAST_DAY), "LAST": (21, LAST_DAY)}[which]
    reader.add(Span(month, last, first=(month, first), year=int(year) if year else None))


def _year_span(reader: Reader, match: re.Match[str]) -> None:
    text = match.group()
    first, last = match[1], match[2] or match[3] or match[1]
    if re.match(r"(?:на|в TECH)", text):
        _bound(reader, int(first), int(last))
        return
    reader.add(Span(12, 31, first=(1, 1), year=int(first), end_year=int(last), years_only=True))


def _bound(reader: Reader, first: int, last: int) -> None:
    reader.parts.begin, reader.parts.finish = Span(1, 1, year=first), Span(12, 31, year=last)
    reader.parts.order.append("continuous")


def _planned_years(reader: Reader, match: re.Match[str]) -> None:
    _bound(reader, int(match[1]), int(match[2]))


def _range(reader: Reader, match: re.Match[str]) -> int | None:
    """с … по …: any two of day, month and year."""
    left, right = _edge(match["a"], first=True), _edge(match["b"], first=False)
    if left is None or right is None:
        return 0
    if left.month == 0:
        left.month = right.month
    if right.year is not None and left.year is None:
        left.year = right.year - ((left.month, left.day) > (right.month, right.day % 32))
    if left.year is not None and right.year is None:
        right.year = left.year + ((right.month, right.day % 32) < (left.month, left.day))
    if "continuous" in reader.parts.order or left.years_only:
        reader.parts.begin, reader.parts.finish = left, right
        if "continuous" not in reader.parts.order:
            reader.parts.order.append("continuous")
        return None
    reader.add(
        Span(
            right.month,
            right.day,
            first=(left.month, left.day),
            year=left.year,
            end_year=right.year,
            weekday=right.weekday,
        )
    )
    return None


def _edge(text: str, *, first: bool) -> Span | None:
    text = text.strip()
    if match := re.fullmatch(DATE, text):
        return _date(match.groups())
    if match := re.fullmatch(rf"{MONTH}(?: {YEAR})?", text):
        return Span(int(match[1]), 1 if first else LAST_DAY, year=int(match[2]) if match[2] else None)
    if match := re.fullmatch(r"@(\d+)\.(\d{4})(?: Y)?", text):
        return Span(int(match[1]), 1 if first else LAST_DAY, year=int(match[2]))
    if match := re.fullmatch(YEAR, text):
        return Span(1 if first else 12, 1 if first else 31, year=int(match[1]), years_only=True)
    if match := re.fullmatch(rf"(\d) (Q|H)(?: {YEAR})?", text):
        months, count = units(match[2])
        if not 1 <= int(match[1]) <= count:
            return None
        month = (int(match[1]) - 1) * months + 1 if first else int(match[1]) * months
        return Span(month, 1 if first else LAST_DAY, year=int(match[3]) if match[3] else None)
    if first and re.fullmatch(r"\d{1,2}", text):
        return Span(0, int(text))
    return None


def _since(reader: Reader, match: re.Match[str]) -> int | None:
    left = _edge(match["a"], first=True)
    if left is None or left.month == 0:
        return 0
    reader.parts.begin, reader.parts.from_start = left, True
    return None


def _until_month(reader: Reader, match: re.Match[str]) -> None:
    month, year = int(match[1]), match[2]
    reader.add(Span(month, year=int(year) if year else None, doubt="until-month"))


def _until_year(reader: Reader, match: re.Match[str]) -> None:
    word, year = match[1], int(match[2])
    reader.parts.doubts.append("until-year")
    if word == "к":
        reader.add(Span(12, 31, year=year, before=True))
    else:
        reader.parts.finish = Span(12, 31, year=year)
        reader.parts.order.append("continuous")


def _end_of(reader: Reader, match: re.Match[str]) -> None:
    month, month_year, year = match[1], match[2], match[3]
    if month:
        reader.add(Span(int(month), year=int(month_year) if month_year else None))
    else:
        reader.add(Span(12, 31, year=int(year) if year else None))


def _half_of_month(reader: Reader, match: re.Match[str]) -> None:
    month, year = int(match[2]), match[3]
    first, last = {"начал": (1, 10), "середин": (11, 20), "конц": (21, LAST_DAY)}[match[1].rstrip("аеуыо")]
    reader.parts.doubts.append("part-of-month")
    reader.add(Span(month, last, first=(month, first), year=int(year) if year else None))


def _end_of_unit(reader: Reader, match: re.Match[str]) -> None:
    months, count = units(match[2])
    if not 1 <= int(match[1]) <= count:
        reader.parts.doubts.append("error:unit")
        return
    reader.add(Span(int(match[1]) * months, year=int(match[3]) if match[3] else None))


def _nth_weekday(reader: Reader, match: re.Match[str]) -> None:
    nth = -1 if match[1] == "LAST" else int(match[1])
    weekday, month, year, unit = int(match[2]), match[3], match[4], match[5]
    if nth > 5:
        reader.parts.doubts.append("error:unit")
        return
    if month:
        reader.add(Span(int(month), 1, nth=(nth, weekday), year=int(year) if year else None))
    else:
        reader.parts.month_nth = (nth, weekday)
        reader.parts.order.append("recurring")
        _frequency(reader, "M" if unit == "MON" else "Q")


def _frequency(reader: Reader, unit: str, *, interval: int = 1, times: int = 1, weekdays: tuple[int, ...] = ()) -> None:
    found = {"unit": unit, "interval": interval, "times": times, "weekdays": weekdays}
    have = reader.parts.frequency
    if have and have["unit"] != unit:
        if reader.parts.month_nth or have.get("soft"):
            return
        reader.parts.doubts.append("two-frequencies")
        return
    if have and not weekdays:
        return
    reader.parts.frequency = found
    if "recurring" not in reader.parts.order:
        reader.parts.order.append("recurring")


_UNIT_OF = {"Y": "Y", "H": "H", "Q": "Q", "MON": "M", "WK": "W", "DAY": "D", "SQ": "S"}


def _every(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, match[1])


def _times(reader: Reader, match: re.Match[str]) -> int | None:
    times, interval, unit = int(match[1] or 1), int(match[2] or 1), match[3]
    if unit == "UCH Y":
        reader.parts.doubts.append("school-year")
        unit = "Y"
    _frequency(reader, _UNIT_OF[unit], interval=interval, times=times)
    return None


def _by_unit(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, _UNIT_OF[match[1]])


def _named_terms(reader: Reader, match: re.Match[str]) -> int:
    reader.parts.order.append("by_plan")
    return reader.free(reader.index(match.start()) + 3, dates_inside=False)


def _terms_of(reader: Reader, match: re.Match[str]) -> int:
    reader.parts.order.append("by_plan")
    return reader.free(reader.index(match.end()), dates_inside=False)


def _last_month_day(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.month_day, reader.parts.last_month = int(match[1]), True
    _frequency(reader, match[2])


def _nth_every_year(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, "Y")
    reader.add(Span(int(match[3]), 1, nth=(-1 if match[1] == "LAST" else int(match[1]), int(match[2]))))


def _each(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, _UNIT_OF[match[2]], interval=int(match[1] or 1))


def _weekdays(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, "W", weekdays=tuple(int(number) for number in re.findall(r"W(\d)", match.group())))


def _each_months(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, "Y")
    _months_plain(reader, int(match[1]))


def _months_plain(reader: Reader, month: int) -> None:
    reader.add(Span(month, first=(month, 1)))


def _each_quarter_of(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, "Q" if match[1] == "Q" else "H" if match[1] == "H" else "Y")
    if match[1] == "UCH Y":
        reader.parts.doubts.append("school-year")
        reader.add(Span(5, 31, school_end=True))
    reader.parts.doubts.append("summing-up")


def _day_of_month(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.month_day = LAST_DAY if match["d"] in ("LAST DAY", "LAST CH") else int(match["d"])
    rest = match.group()
    if "следующ" in rest or "после" in rest or "за " in rest:
        reader.parts.lag = (
            "Q"
            if re.search(r"\bQ\b", rest)
            else "H"
            if re.search(r"\bH\b", rest)
            else "Y"
            if re.search(r"\bY\b", rest)
            else "?"
        )
        if reader.parts.lag in ("Q", "H", "Y"):
            _frequency(reader, reader.parts.lag)
        return
    if re.search(r"\b(?:EACH|MON)\b", rest):
        _frequency(reader, "M")


def _year_after(reader: Reader, match: re.Match[str]) -> None:
    _frequency(reader, "Y")
    reader.add(Span(int(match[2]), int(match[1]), next_year=True))


def _last_day(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.last_working = bool(match[1])
    _frequency(reader, _UNIT_OF[match[2]])


def _continuous(reader: Reader, match: re.Match[str]) -> None:
    if "continuous" not in reader.parts.order:
        reader.parts.order.append("continuous")


def _in_year(reader: Reader, match: re.Match[str]) -> None:
    _continuous(reader, match)
    reader.parts.bounds = "school" if "UCH" in match.group() else "year"
    if "UCH" in match.group():
        reader.parts.doubts.append("school-year")


def _school_year(reader: Reader, match: re.Match[str]) -> None:
    first = int(match["a"])
    if int(match["b"]) != first + 1:
        reader.parts.doubts.append("conflict:school-year")
    reader.parts.doubts.append("school-year")
    if re.match(r"(?:на|в TECH)", match.group()) or "continuous" in reader.parts.order:
        reader.parts.begin, reader.parts.finish = (
            Span(0, 0, year=first, school=True),
            Span(0, 1, year=first + 1, school=True),
        )
        if "continuous" not in reader.parts.order:
            reader.parts.order.append("continuous")
    else:
        reader.add(Span(0, first=(0, 0), school=True, year=first))


def _school_edge(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.doubts.append("school-year")
    reader.parts.source = "school_calendar"
    start = match[1].startswith("начал")
    reader.add(Span(*((9, 1) if start else (5, 31)), school=False, before=False))


def _duration(reader: Reader, match: re.Match[str]) -> None:
    unit, many = {"Y": ("Y", 1), "H": ("M", 6), "Q": ("M", 3), "MON": ("M", 1), "WK": ("W", 1), "DAY": ("D", 1)}[
        match[2]
    ]
    reader.parts.duration = f"P{int(match[1] or 1) * many}{unit}"
    if "continuous" not in reader.parts.order:
        reader.parts.order.append("continuous")


def _offset(reader: Reader, match: re.Match[str]) -> int:
    """… N дней после события; the event's name runs to the next separator."""
    end = reader.free(reader.index(match.end()), dates_inside=True)
    begin = reader.index(match.end())
    name = " ".join(token.text for token in reader.tokens[begin:end])
    if not name:
        return 0
    count, unit = int(match["n"] or 1), match["unit"]
    offset: dict[str, Any] = {
        "direction": "before" if match["side"] in ("до", "перед") else "after",
        "event": name, "days": None, "months": None,
    }  # fmt: skip
    if unit in ("MON", "Y"):
        offset["months"] = count * (12 if unit == "Y" else 1)
    else:
        offset["days"] = count * (7 if unit == "WK" else 1)
        offset["kind"] = "business" if match["rab"] == "RAB" else "calendar"
    reader.parts.offset = offset
    reader.parts.order.append("event")
    return end


def _after_event(reader: Reader, match: re.Match[str]) -> int:
    begin = reader.index(match.end())
    end = reader.free(begin, dates_inside=True)
    name = " ".join(token.text for token in reader.tokens[begin:end])
    if not name or reader.tokens[begin].code[0] in "@0123456789M":
        return 0
    if re.match(r"с", match[1]):
        end = reader.free(begin, dates_inside=False)
        name = " ".join(token.text for token in reader.tokens[begin:end])
    before = match[1] in ("до начала", "перед", "накануне")
    reader.parts.offset = {"direction": "before" if before else "after", "event": name, "days": None, "months": None}
    reader.parts.order.append("event")
    return end


def _source(reader: Reader, match: re.Match[str]) -> int:
    """по …, согласно …, в соответствии с …: a plan or a request, told by its word."""
    begin = reader.index(match.end())
    end = reader.free(begin, dates_inside=False)
    for token in reader.tokens[begin:end]:
        if NEED_WORD.match(token.text):
            reader.parts.order.append("on_request")
            return end
        if PLAN_WORD.match(token.text):
            reader.parts.order.append("by_plan")
            return end
    return 0


def _holidays(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.order.append("by_plan")
    reader.parts.source = "school_calendar"


def _then(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.then = True
    reader.group += 1


def _nothing(reader: Reader, match: re.Match[str]) -> None:
    return None


def _dom(reader: Reader, match: re.Match[str]) -> int | None:
    text = match.group()
    if not re.search(r"CH|EACH|LAST DAY|следующего", text):
        return 0
    if match["d"] == "LAST" and "DAY" not in text and "CH" not in text:
        return 0
    if match["d"] == "LAST":
        reader.parts.month_day = LAST_DAY
        _frequency(reader, "M")
        return None
    _day_of_month(reader, match)
    return None


_PLAIN_DATE = re.sub(r"(?<!\\)[(](?![?])", "(?:", DATE)
_EDGE = rf"(?:{_PLAIN_DATE}|M\d+(?: \d{{4}}(?: Y)?)?|@\d+\.\d{{4}}(?: Y)?|\d{{4}}(?: Y)?|\d (?:Q|H)(?: \d{{4}}(?: Y)?)?|\d{{1,2}})"
_NUM = r"(?:\( ?)?(\d{1,2})(?: \( \w+ \))?"
_NAMED_EVENT = r"(?:с даты|со DAY|с момента|после|с DAY|от|до|перед|по завершении|по окончании)"
_SCHOOL = r"(?:YY(?P<a>\d{4})/(?P<b>\d{4})|(?P<a>\d{4}) - (?P<b>\d{4}))"

# fmt: off
_TABLE: list[tuple[str, Callable[[Reader, re.Match[str]], int | None]]] = [
    (rf"(?:{UNTIL} |в )?{DATE}", _point),
    (r"(?:в |на |за |в TECH )?@(\d+)\.(\d{4})(?: Y)?", _month_year),
    (rf"(?:в |за |в TECH |на |MON )?{MONTH}(?: {YEAR})?(?: - {MONTH}(?: {YEAR})?)?", _months),
    (rf"(?:в |во |за |в TECH |на )?(\d(?: (?:-|,|и) \d)*) (?:- )?(Q|H)(?: (?:{YEAR}|Y))?", _units),
    (r"(?:в |за |в TECH |на )?(\d) SQ(?: (?:YY(\d{4})/\d{4}|(\d{4}) - \d{4})?(?: ?UCH Y)?)?", _school_quarter),
    (rf"(?:в |за |в TECH )?(?:во )?([123]|LAST) DEC {MONTH}(?: {YEAR})?", _decade),
    (rf"(?:в |к |до )?(начал[ео]|середин[еуы]|конц[еу]) {MONTH}(?: {YEAR})?", _half_of_month),
    (r"(?:на (?:период )?|в TECH |за |в )?(\d{4})(?: Y)?(?: - (\d{4})| \( (\d{4}) Y \))?(?: Y)?", _year_span),
    (
        r"(?:на|в TECH) (\d{4})(?: Y)? (?:\( |и (?:плановый )?(?:период )?|, )(\d{4})(?: Y)?(?: \))?(?: Y)?",
        _planned_years,
    ),
    (rf"(?:в период |период |в срок )?(?:с|со|от) (?P<a>{_EDGE}) (?:по|до) (?P<b>{_EDGE})", _range),
    (r"(?P<a>\d{1,2}) - (?P<b>\d{1,2} M\d+(?: \d{4}(?: Y)?)?)", _range),
    (r"(?P<a>\d{1,2} M\d+(?: \d{4}(?: Y)?)?) - (?P<b>\d{1,2} M\d+(?: \d{4}(?: Y)?)?)", _range),
    (r"(?P<a>@\d+\.\d+\.\d{4}(?: Y)?) - (?P<b>@\d+\.\d+\.\d{4}(?: Y)?)", _range),
    (r"(?P<a>\d (?:Q|H)(?: \d{4}(?: Y)?)?) - (?P<b>\d (?:Q|H)(?: \d{4}(?: Y)?)?)", _range),
    (r"по (Q|H|SQ|MON|WK|DAY)", _by_unit),
    (r"круглогодично|круглый Y", _continuous),
    (r"включительно", _nothing),
    (r"в (?:установленные|указанные|утвержденные) сроки(?: (?!до ).*)?", _named_terms),
    (r"в сроки проведения", _terms_of),
    (r"(?:до|не позднее|к)? ?(\d{1,2}) CH(?: EACH)? LAST MON (?:EACH )?(Q|H)", _last_month_day),
    (r"EACH (LAST|\d) W(\d) M(\d+)", _nth_every_year),
    (r"(?P<a>@\d+\.\d{4}(?: Y)?) - (?P<b>@\d+\.\d{4}(?: Y)?)", _range),
    (rf"(?:начиная )?(?:с|со|от) (?P<a>{_EDGE})", _since),
    (rf"(?:не позднее|до|к) {MONTH}(?: {YEAR})?", _until_month),
    (rf"(?:на период )?(до|к) {YEAR}", _until_year),
    (
        rf"(?:не позднее|до|к|в) (?:конца|концу|конце|окончания|завершения) (?:{MONTH}(?: {YEAR})?|(?:(\d{{4}}) )?(?:текущего |KAL )?Y)",
        _end_of,
    ),
    (rf"(?:не позднее|до|к|в) (?:конца|концу|конце|окончания) (\d) (Q|H)(?: {YEAR})?", _end_of_unit),
    (
        rf"(?:до |не позднее |в |во |по |EACH )*(LAST|\d) W(\d)(?: (?:{MONTH}(?: {YEAR})?|(?:EACH )?(MON|Q)(?:)))",
        _nth_weekday,
    ),
    (r"F([YQMWD])", _every),
    (
        rf"(?:не реже(?: чем)? |не менее |не более |минимум |по )?(?:{_NUM} )?(?:-? ?х )?RAZ (?:в |за |во )?(?:EACH )?(?:{_NUM} )?(Y|H|Q|MON|WK|DAY|SQ|UCH Y)",
        _times,
    ),
    (rf"(?:в |раз в |не реже раза в )?EACH (?:{_NUM} )?(Y|H|Q|MON|WK|DAY|SQ)", _each),
    (r"(?:F[WM] )?(?:, |\( )?(?:по |в |во |каждый |EACH )+W\d(?: (?:и|,) W\d)*(?: \))?", _weekdays),
    (rf"EACH {MONTH}", _each_months),
    (
        r"(?:по итогам|по результатам|по окончании|по завершении|по истечении) (?:EACH |отчетного |KAL )*(UCH Y|Y|Q|H)",
        _each_quarter_of,
    ),
    (
        r"(?:до|не позднее|к|по|на)? ?(?P<d>\d{1,2}|LAST)(?: CH| DAY)?(?: CH)?(?: EACH| текущего)*(?: MON)?(?:(?: ,)? следующего за (?:отчетным|отчетной|отчетный)(?: (?:периодом|MON|Q|H|Y))?)?",
        _dom,
    ),
    (
        r"(?:постоянно|регулярно|систематически|непрерывно|на постоянной основе|на регулярной основе|в постоянном режиме|в рабочем порядке|бессрочно|в ходе реализации(?: \w+)?)",
        _continuous,
    ),
    (rf"(?:в |на )?(?:TECH )?{PERIOD}", _continuous),
    (r"(?:в TECH|на|в|весь) (?:всего |всю |весь |текущего |текущий |EACH )?(?:KAL |UCH )?Y", _in_year),
    (r"UCH Y", _in_year),
    (r"(?:в TECH |на |в )?YY(?P<a>\d{4})/(?P<b>\d{4})(?: UCH)?(?: Y)?", _school_year),
    (r"(?:в TECH |на |в )?(?P<a>\d{4}) - (?P<b>\d{4}) UCH(?: Y)?", _school_year),
    (r"(?:к|до|не позднее|на|в) (начала|началу|начало|начале|конца|концу|окончания|окончанию) UCH Y", _school_edge),
    (rf"в TECH (?:{_NUM} )?(?:RAB |KAL )?(Y|Q|H|MON|WK|DAY)", _duration),
    (r"(?:текущего|отчетного) (?:KAL )?Y", _nothing),
    (rf"(?:не позднее |до |к )?(\d{{1,2}}) {MONTH} Y(?: ,)? следующего за отчетным(?: Y)?", _year_after),
    (r"(?:до |не позднее |в |EACH )*LAST (RAB )?(?:DAY|CH) (?:EACH )?(?:отчетного )?(MON|Q|H|Y)", _last_day),
    (
        r"(?:не позднее(?: чем)?(?: через| за)?|не позже(?: чем)?(?: через| за)?|в TECH|в срок не более|в срок до|в DAY срок|через|за|спустя|по истечении)? ?(?:(?P<n>\d{1,3})(?: \( \w+ \))? )?(?:(?P<rab>RAB|KAL) )?(?P<unit>DAY|WK|MON|Y) (?P<side>после|с даты|со DAY|с момента|с DAY|от|до|перед|по завершении|по окончании)",
        _offset,
    ),
    (
        r"(после|по завершении|по окончании|по факту|по мере проведения|по мере завершения|по мере выхода|по мере готовности|по мере утверждения|до начала|перед|накануне|с момента|с даты|со DAY)",
        _after_event,
    ),
    (r"(?:по мере|при|по|согласно|в соответствии (?:с|со)|исходя из|в рамках|в сроки|в порядке)", _source),
    (
        r"(?:по |в |во |на )?(?:период |дни |время )?(?:осенних |зимних |весенних |летних |осенние |зимние |весенние |летние |школьных |школьные )?HOL",
        _holidays,
    ),
    (r"(?:далее|затем|в дальнейшем)", _then),
    (r"(?:срок исполнения|срок|сроки|один RAZ|RAZ|ориентировочно(?= \d))", _nothing),
]


RULES = [(re.compile(pattern.replace(r"\d", "[0-9]") + r"(?= |$)"), action) for pattern, action in _TABLE]


def read_parts(tokens: list[Token]) -> Parts:
    """The parts of a phrase; never raises."""
    return Reader(tokens, RULES).read()
