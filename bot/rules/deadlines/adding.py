"""What each rule of the grammar adds to the parts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.rules.deadlines.parts import LAST_DAY, Reader, Span
from bot.rules.deadlines.patterns import DATE, MONTH, NEED_WORD, PLAN_WORD, YEAR


def months_in(code: str) -> tuple[int, int]:
    """(months, number in a year) of quarter or half-year."""
    return (3, 4) if code == "Q" else (6, 2)


def dated(groups: tuple[str | None, ...]) -> Span:
    week, d1, m1, y1, d2, m2, y2, d3, m3, week2, week3 = groups[:11]
    weekday = week or week2 or week3
    day, month, year = (d1, m1, y1) if d1 else (d2, m2, y2) if d2 else (d3, m3, None)
    assert day is not None
    assert month is not None
    return Span(int(month), int(day), year=int(year) if year else None, weekday=int(weekday) if weekday else None)


def point(reader: Reader, match: re.Match[str]) -> None:
    reader.add(dated(match.groups()))


def month_year(reader: Reader, match: re.Match[str]) -> None:
    month = int(match[1])
    reader.add(Span(month, first=(month, 1), year=int(match[2])))


def months(reader: Reader, match: re.Match[str]) -> None:
    first, y1, last, y2 = match.groups()
    span = Span(int(last or first), first=(int(first), 1), year=int(y1) if y1 else None)
    if last:
        span.end_year = int(y2) if y2 else None
        if not y1 and y2:
            span.year = int(y2) - (int(first) > int(last))
    reader.add(span)


def more_years(reader: Reader, match: re.Match[str]) -> int | None:
    """«апрель 2025, 2026 и 2027 гг.»: the date just read, in each of the years."""
    place = reader.index(match.start())
    last = reader.parts.spans[-1] if reader.parts.spans else None
    if last is None or reader.ended != place or last.year is None or last.years_only or last.weekday:
        return 0
    years = [int(year) for year in re.findall(r"\d{4}", match.group())]
    if reader.tokens[reader.index(match.end()) - 1].text not in ("гг", "годы", "годов", "годах", "годам"):
        reader.parts.doubts.append("years-repeat")
    for year in years:
        end = last.end_year + year - last.year if last.end_year else None
        reader.add(replace(last, year=year, end_year=end))
    return None


def months_of_years(reader: Reader, match: re.Match[str]) -> int | None:
    """«март – апрель 2025–2027 гг.»: the window in every year of the span."""
    first, last, begin, end = int(match[1]), int(match[2] or match[1]), int(match[3]), int(match[4])
    if not begin < end <= begin + 10:
        return 0
    reader.parts.doubts.append("years-repeat")
    for year in range(begin, end + 1):
        reader.add(Span(last, first=(first, 1), year=year))
    return None


def units(reader: Reader, match: re.Match[str]) -> None:
    numbers, code, year = match[1], match[2], match[3]
    months, count = months_in(code)
    found: list[tuple[int, int]] = []
    for piece in re.split(r" (?:,|и) ", numbers):
        ends = [int(number) for number in piece.split(" - ")]
        found.append((ends[0], ends[-1]))
    for first, last in found:
        if not (1 <= first <= count and 1 <= last <= count):
            reader.parts.doubts.append("error:unit")
            continue
        reader.add(Span(last * months, first=((first - 1) * months + 1, 1), year=int(year) if year else None))


def school_quarter(reader: Reader, match: re.Match[str]) -> None:
    number, year, short = match[1], match[2], match[3]
    reader.parts.source = "school_calendar"
    if not 1 <= int(number) <= 4:
        reader.parts.doubts.append("error:unit")
        return
    reader.add(
        Span(int(number), first=(0, int(number)), school=True, year=int(year or 0) or (int(short) if short else None))
    )


def decade(reader: Reader, match: re.Match[str]) -> None:
    which, month, year = match[1], int(match[2]), match[3]
    first, last = {"1": (1, 10), "2": (11, 20), "3": (21, LAST_DAY), "LAST": (21, LAST_DAY)}[which]
    reader.add(Span(month, last, first=(month, first), year=int(year) if year else None))


def year_span(reader: Reader, match: re.Match[str]) -> None:
    text = match.group()
    first, last = match[1], match[2] or match[3] or match[1]
    if re.match(r"(?:на|в TECH)", text):
        bound(reader, int(first), int(last))
        return
    reader.add(Span(12, 31, first=(1, 1), year=int(first), end_year=int(last), years_only=True))


def bound(reader: Reader, first: int, last: int) -> None:
    reader.parts.begin, reader.parts.finish = Span(1, 1, year=first), Span(12, 31, year=last)
    reader.parts.order.append("continuous")


def planned_years(reader: Reader, match: re.Match[str]) -> None:
    bound(reader, int(match[1]), int(match[2]))


def from_to(reader: Reader, match: re.Match[str]) -> int | None:
    """с … по …: any two of day, month and year."""
    left, right = edge(match["a"], first=True), edge(match["b"], first=False)
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


def edge(text: str, *, first: bool) -> Span | None:
    text = text.strip()
    if match := re.fullmatch(DATE, text):
        return dated(match.groups())
    if match := re.fullmatch(rf"{MONTH}(?: {YEAR})?", text):
        return Span(int(match[1]), 1 if first else LAST_DAY, year=int(match[2]) if match[2] else None)
    if match := re.fullmatch(r"@(\d+)\.(\d{4})(?: Y)?", text):
        return Span(int(match[1]), 1 if first else LAST_DAY, year=int(match[2]))
    if match := re.fullmatch(YEAR, text):
        return Span(1 if first else 12, 1 if first else 31, year=int(match[1]), years_only=True)
    if match := re.fullmatch(rf"(\d) (Q|H)(?: {YEAR})?", text):
        months, count = months_in(match[2])
        if not 1 <= int(match[1]) <= count:
            return None
        month = (int(match[1]) - 1) * months + 1 if first else int(match[1]) * months
        return Span(month, 1 if first else LAST_DAY, year=int(match[3]) if match[3] else None)
    if first and re.fullmatch(r"\d{1,2}", text):
        return Span(0, int(text))
    return None


def since(reader: Reader, match: re.Match[str]) -> int | None:
    left = edge(match["a"], first=True)
    if left is None or left.month == 0:
        return 0
    reader.parts.begin, reader.parts.from_start = left, True
    return None


def until_month(reader: Reader, match: re.Match[str]) -> None:
    month, year = int(match[1]), match[2]
    reader.add(Span(month, year=int(year) if year else None, doubt="until-month"))


def until_year(reader: Reader, match: re.Match[str]) -> None:
    word, year = match[1], int(match[2])
    reader.parts.doubts.append("until-year")
    if word == "к":
        reader.add(Span(12, 31, year=year, before=True))
    else:
        reader.parts.finish = Span(12, 31, year=year)
        reader.parts.order.append("continuous")


def end_of(reader: Reader, match: re.Match[str]) -> None:
    month, month_year, year = match[1], match[2], match[3]
    if month:
        reader.add(Span(int(month), year=int(month_year) if month_year else None))
    else:
        reader.add(Span(12, 31, year=int(year) if year else None))


def half_of_month(reader: Reader, match: re.Match[str]) -> None:
    month, year = int(match[2]), match[3]
    first, last = {"начал": (1, 10), "середин": (11, 20), "конц": (21, LAST_DAY)}[match[1].rstrip("аеуыо")]
    reader.parts.doubts.append("part-of-month")
    reader.add(Span(month, last, first=(month, first), year=int(year) if year else None))


def half(reader: Reader, match: re.Match[str]) -> None:
    month, year = int(match[2]), match[3]
    first, last = (1, 15) if match[1] == "1" else (16, LAST_DAY)
    reader.parts.doubts.append("half-of-month")
    reader.add(Span(month, last, first=(month, first), year=int(year) if year else None))


def last_day_of(reader: Reader, match: re.Match[str]) -> None:
    reader.add(Span(int(match[1]), year=int(match[2]) if match[2] else None))


def next_year(reader: Reader, match: re.Match[str]) -> None:
    """The year after the document's own."""
    reader.parts.doubts.append("next-year")
    day, month = match[1], int(match[2])
    reader.add(Span(month, int(day) if day else LAST_DAY, first=None if day else (month, 1), next_year=True))


def end_of_unit(reader: Reader, match: re.Match[str]) -> None:
    months, count = months_in(match[2])
    if not 1 <= int(match[1]) <= count:
        reader.parts.doubts.append("error:unit")
        return
    reader.add(Span(int(match[1]) * months, year=int(match[3]) if match[3] else None))


def nth_weekday(reader: Reader, match: re.Match[str]) -> None:
    several = [-1 if number == "LAST" else int(number) for number in re.findall(r"LAST|\d", match[1])]
    nth = several[0]
    weekday, month, year, unit = int(match[2]), match[3], match[4], match[5]
    if max(several) > 5:
        reader.parts.doubts.append("error:unit")
        return
    if month:
        for each in several:
            reader.add(Span(int(month), 1, nth=(each, weekday), year=int(year) if year else None))
    else:
        reader.parts.month_nth = (nth, weekday)
        reader.parts.more_nth = [(each, weekday) for each in several[1:]]
        reader.parts.order.append("recurring")
        frequency(reader, "M" if unit == "MON" else "Q")


def frequency(reader: Reader, unit: str, *, interval: int = 1, times: int = 1, weekdays: tuple[int, ...] = ()) -> None:
    found = {"unit": unit, "interval": interval, "times": times, "weekdays": weekdays}
    have = reader.parts.frequency
    if have and have["unit"] != unit:
        if reader.parts.month_nth or have.get("soft"):
            return
        reader.parts.doubts.append("two-frequencies")
        return
    if have and not weekdays:
        was, now = ((each["times"], each["interval"]) for each in (have, found))
        if was == now or now == (1, 1):
            return
        if was != (1, 1):
            reader.parts.doubts.append("two-frequencies")
            return
    reader.parts.frequency = found
    if "recurring" not in reader.parts.order:
        reader.parts.order.append("recurring")


_UNIT_OF = {"Y": "Y", "H": "H", "Q": "Q", "MON": "M", "WK": "W", "DAY": "D", "SQ": "S"}


def every(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, match[1])


def times(reader: Reader, match: re.Match[str]) -> int | None:
    times, interval, unit = int(match[1] or 1), int(match[2] or 1), match[3]
    if unit == "UCH Y":
        reader.parts.doubts.append("school-year")
        unit = "Y"
    frequency(reader, _UNIT_OF[unit], interval=interval, times=times)
    return None


def by_unit(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, _UNIT_OF[match[1]])


def named_terms(reader: Reader, match: re.Match[str]) -> int:
    reader.parts.order.append("by_plan")
    return reader.free(reader.index(match.start()) + 3, dates_inside=False)


def terms_of(reader: Reader, match: re.Match[str]) -> int:
    reader.parts.order.append("by_plan")
    return reader.free(reader.index(match.end()), dates_inside=False)


def last_month_day(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.month_day, reader.parts.last_month = int(match[1]), True
    frequency(reader, match[2])


def nth_every_year(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, "Y")
    reader.add(Span(int(match[3]), 1, nth=(-1 if match[1] == "LAST" else int(match[1]), int(match[2]))))


def each(reader: Reader, match: re.Match[str]) -> int | None:
    named = reader.tokens[reader.index(match.start(1))].text if match[1] else ""
    if match[2] in ("Q", "H", "SQ") and named.endswith(("й", "е", "я", "го", "ом")):
        return 0  # «каждый первый квартал» is a quarter of the year, not an interval.
    frequency(reader, _UNIT_OF[match[2]], interval=int(match[1] or 1))
    return None


def weekdays(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, "W", weekdays=tuple(int(number) for number in re.findall(r"W(\d)", match.group())))


def each_months(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, "Y")
    months_plain(reader, int(match[1]))


def months_plain(reader: Reader, month: int) -> None:
    reader.add(Span(month, first=(month, 1)))


def each_quarter_of(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, "Q" if match[1] == "Q" else "H" if match[1] == "H" else "Y")
    if match[1] == "UCH Y":
        reader.parts.doubts.append("school-year")
        reader.add(Span(5, 31, school_end=True))
    reader.parts.doubts.append("summing-up")


def day_of_month(reader: Reader, match: re.Match[str]) -> None:
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
            frequency(reader, reader.parts.lag)
        return
    if re.search(r"\b(?:EACH|MON)\b", rest):
        frequency(reader, "M")


def days_of_month(reader: Reader, match: re.Match[str]) -> None:
    days = [int(number) for number in re.findall(r"\d{1,2}", match["d"])]
    reader.parts.month_day, reader.parts.more_days = days[0], days[1:]
    if "EACH" in match.group():
        frequency(reader, "M")


def year_after(reader: Reader, match: re.Match[str]) -> None:
    frequency(reader, "Y")
    reader.add(Span(int(match[2]), int(match[1]), next_year=True))


def last_day(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.last_working = bool(match[1])
    frequency(reader, _UNIT_OF[match[2]])


def continuous(reader: Reader, match: re.Match[str]) -> None:
    if "continuous" not in reader.parts.order:
        reader.parts.order.append("continuous")


def in_year(reader: Reader, match: re.Match[str]) -> None:
    continuous(reader, match)
    reader.parts.bounds = "school" if "UCH" in match.group() else "year"
    if "UCH" in match.group():
        reader.parts.doubts.append("school-year")


def school_year(reader: Reader, match: re.Match[str]) -> None:
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


def school_edge(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.doubts.append("school-year")
    reader.parts.source = "school_calendar"
    start = match[1].startswith("начал")
    year = int(match[2]) + (not start) if match[2] else None
    reader.add(Span(*((9, 1) if start else (5, 31)), year=year, school=False, before=False))


def duration(reader: Reader, match: re.Match[str]) -> None:
    unit, many = {"Y": ("Y", 1), "H": ("M", 6), "Q": ("M", 3), "MON": ("M", 1), "WK": ("W", 1), "DAY": ("D", 1)}[
        match[2]
    ]
    reader.parts.duration = f"P{int(match[1] or 1) * many}{unit}"
    if "continuous" not in reader.parts.order:
        reader.parts.order.append("continuous")


def offset(reader: Reader, match: re.Match[str]) -> int:
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


def after_event(reader: Reader, match: re.Match[str]) -> int:
    begin = reader.index(match.end())
    end = reader.free(begin, dates_inside=True)
    name = " ".join(token.text for token in reader.tokens[begin:end])
    if reader.tokens[begin : begin + 1] and reader.tokens[begin].code == "EACH":  # «по окончании каждого модуля»
        end = reader.free(begin + 1, dates_inside=True)
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


def source(reader: Reader, match: re.Match[str]) -> int:
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


def holidays(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.order.append("by_plan")
    reader.parts.source = "school_calendar"


def then(reader: Reader, match: re.Match[str]) -> None:
    reader.parts.then = True
    reader.group += 1
    reader.parts.then_group = reader.group


def nothing(reader: Reader, match: re.Match[str]) -> None:
    return None


def dom(reader: Reader, match: re.Match[str]) -> int | None:
    text = match.group()
    if not re.search(r"CH|EACH|LAST DAY|следующего", text):
        return 0
    if match["d"] == "LAST" and "DAY" not in text and "CH" not in text:
        return 0
    if match["d"] == "LAST":
        reader.parts.month_day = LAST_DAY
        frequency(reader, "M")
        return None
    day_of_month(reader, match)
    return None
