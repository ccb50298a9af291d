"""A frequency → the text of its rule."""

from __future__ import annotations

from bot.rules.deadlines.days import Broken, listed
from bot.rules.deadlines.model import Conventions
from bot.rules.deadlines.parts import LAST_DAY, Parts

DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def rule_text(
    parts: Parts, rules: Conventions, unit: str, interval: int, times: int, weekdays: tuple[int, ...]
) -> str | None:
    """The rule of a frequency, in the words of RFC 5545; None (and a doubt) where it has no dates."""
    months: tuple[int, ...]
    more = f";INTERVAL={interval}" if interval > 1 else ""
    if weekdays:
        return f"FREQ=WEEKLY{more};BYDAY={','.join(DAY_NAMES[number - 1] for number in weekdays)}"
    if parts.month_nth:
        nth, weekday = parts.month_nth
        ends = f";BYMONTH={listed(rules.quarter_ends)}" if unit == "Q" else ""
        if ends:
            parts.doubts.append("nth-of-quarter")
        days = [f"{number}{DAY_NAMES[day - 1]}" for number, day in ((nth, weekday), *parts.more_nth)]
        return f"FREQ=MONTHLY{more}{ends};BYDAY={','.join(days)}"
    if parts.last_working:
        ends = {"M": "", "Q": listed(rules.quarter_ends), "H": listed(rules.twice_a_year), "Y": "12"}[unit]
        return f"FREQ=MONTHLY;{f'BYMONTH={ends};' if ends else ''}BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    day = parts.month_day if parts.month_day is not None else LAST_DAY
    if day != LAST_DAY and not 1 <= day <= 31:
        raise Broken("deadline-no-such-date", date=str(day))
    if max(day, *parts.more_days, 0) > 28:
        parts.doubts.append("day-not-in-every-month")
        return None
    if parts.last_month:
        months = rules.quarter_ends if unit == "Q" else rules.twice_a_year
        return f"FREQ=YEARLY;BYMONTH={listed(months)};BYMONTHDAY={day}"
    if parts.month_day is not None and unit != "M":
        parts.doubts.append("day-without-month")
        return None
    if unit == "Y" and times > 1:
        if times in (2, 3, 4, 6, 12) and interval == 1:
            if times == 2:
                months = rules.twice_a_year
            elif times == 4:
                months = rules.quarter_ends
            else:
                parts.doubts.append("times-spread")
                months = tuple(range(12 // times, 13, 12 // times))
            return f"FREQ=YEARLY;BYMONTH={listed(months)};BYMONTHDAY=-1"
        return None
    if times > 1:
        if unit == "M" and times == 2:
            parts.doubts.append("times-spread")
        return None
    if unit == "Y":
        return f"FREQ=YEARLY{more};BYMONTH=12;BYMONTHDAY=31"
    if unit == "S":
        parts.doubts.append("school-quarter")
        months = tuple(sorted(last for _, last in rules.school_quarters))
        return f"FREQ=YEARLY;BYMONTH={listed(months)};BYMONTHDAY=-1" if interval == 1 else None
    if unit in ("Q", "H"):
        months = rules.quarter_ends if unit == "Q" else rules.twice_a_year
        if unit == "Q" and interval == 2:
            months = rules.twice_a_year
        elif interval > 1:
            return None
        return f"FREQ=YEARLY;BYMONTH={listed(months)};BYMONTHDAY=-1"
    if unit == "M":
        return f"FREQ=MONTHLY{more};BYMONTHDAY={listed((day, *parts.more_days))}"
    return f"FREQ={'WEEKLY' if unit == 'W' else 'DAILY'}{more}"
