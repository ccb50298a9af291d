"""Parts → a schedule: class, dates inside the bounds, RFC 5545 rules, and every doubt that is left."""

from __future__ import annotations

from datetime import date
from typing import Any

from dateutil.rrule import rrule, rrulestr

from bot.rules.deadlines.days import Broken, at, day_of, first_of, listed, nth_weekday
from bot.rules.deadlines.model import Conventions, Deadline, Note, Occurrence
from bot.rules.deadlines.parts import LAST_DAY, Parts, Span
from bot.rules.deadlines.repeating import DAY_NAMES, rule_text

_MOST = 4000
"""More dates than this in one phrase is a mistake of the caller's bounds."""


class Scheduler:
    """Puts one phrase together."""

    def __init__(self, out: Deadline, parts: Parts, year: int, since: date, until: date, rules: Conventions) -> None:
        self.out, self.parts, self.year = out, parts, year
        self.since, self.until, self.rules = since, until, rules

    def run(self) -> None:
        try:
            self._classify()
            self._day_in_month()
            self._bounds()
            self._same_in_years()
            self._years()
            self._schedule()
        except Broken as broken:
            self._clear()
            if broken.conflict:
                self.out.conflict = broken.note
            else:
                self.out.error = broken.note
            self.out.doubtful = True
        if self.parts.from_start and self.parts.frequency:
            self.out.start = None
        self._doubts()

    def _clear(self) -> None:
        self.out.occurrences, self.out.rrule, self.out.dtstart, self.out.rrule_more = [], None, None, []

    # -- class

    def _classify(self) -> None:
        parts, out = self.parts, self.out
        spans = [span for span in parts.spans if span.years_only]
        if (
            spans
            and "continuous" in parts.order
            and not (parts.frequency or parts.begin or parts.finish or parts.bounds)
        ):
            parts.begin = Span(1, 1, year=spans[0].year)
            parts.finish = Span(12, 31, year=spans[-1].end_year)
            parts.spans = [span for span in parts.spans if not span.years_only]
            parts.order = [name for name in parts.order if name != "window" or parts.spans]
        order: list[str] = []
        for name in parts.order:
            kind = "on_request" if name == "event" else name
            if kind not in order:
                order.append(kind)
        bounded = [span for span in parts.spans if span.years_only]
        if parts.frequency:
            inner = [span for span in parts.spans if not span.years_only]
            if (bounded and not inner and not parts.then) or parts.from_start:
                order = [name for name in order if name not in ("window", "continuous")]
            if inner and self._one_series():
                windowed = any(span.first or span.school for span in inner)
                order = [name for name in order if name not in ("window", "by_date", "recurring", "continuous")]
                place = "recurring_window" if windowed else "recurring"
                order.insert(0, place)
            elif "continuous" in order and not parts.then and (parts.begin or parts.finish or parts.bounds):
                order.remove("continuous")
        if "window" in order and "by_date" in order:
            order = [name for name in order if name != "by_date"] if not parts.frequency else order
            parts.doubts.append("two-in-one")
        if bounded and len(bounded) < len(parts.spans) and not parts.frequency:
            parts.doubts.append("two-in-one")
        if parts.from_start and not order:
            order = ["continuous"]
        if parts.from_start and "continuous" not in order and not parts.frequency and not parts.spans:
            order.append("continuous")
        if parts.month_day is not None and "recurring" not in order and not order:
            order = ["recurring"]
        if parts.lag and "by_date" in order:
            order.remove("by_date")
        if len(order) > 1:
            out.kind, out.components = "mixed", order
        else:
            out.kind = order[0] if order else None
        if "by_plan" in order:
            out.date_source = parts.source or "plan"
        elif parts.offset is not None:
            out.date_source = "event"
        elif "on_request" in order:
            out.date_source = "request"
        elif parts.source:
            out.date_source = parts.source
        out.offset = parts.offset
        if parts.offset and parts.offset.get("kind") == "business":
            out.tentative = True
        if parts.duration:
            out.notes.append(Note("deadline-length-without-start", {"length": parts.duration}))
            out.date_source, out.doubtful = out.date_source or "event", True

    def _one_series(self) -> bool:
        """The frequency repeats the named dates (ежегодно до 20 сентября; сентябрь, далее ежеквартально)."""
        frequency = self.parts.frequency
        assert frequency is not None
        return frequency["unit"] == "Y" or self.parts.then

    def _day_in_month(self) -> None:
        """«в декабре, не позднее 20 числа»: the day of the one month named; a day left over is a doubt."""
        parts = self.parts
        if parts.month_day is None or parts.lag or parts.last_month or not parts.spans:
            return
        if parts.frequency is not None and parts.frequency["unit"] == "M":
            return
        span = parts.spans[0]
        whole = span.first == (span.month, 1) and span.day == LAST_DAY and not span.school
        if len(parts.spans) > 1 or not whole or parts.more_days:
            parts.doubts.append("day-without-month")
            return
        span.day, span.first, parts.month_day = parts.month_day, None, None
        windowed = {"recurring_window": "recurring", "window": "by_date"}
        self.out.kind = windowed.get(self.out.kind or "", self.out.kind)
        self.out.components = [windowed.get(name, name) for name in self.out.components]

    def _same_in_years(self) -> None:
        """One date named for several years and said to be yearly is one series inside those years."""
        spans, frequency = self.parts.spans, self.parts.frequency
        if frequency is None or frequency["unit"] != "Y" or self.parts.then or len(spans) < 2:
            return
        years = [span.year for span in spans if span.year is not None]
        alike = len({(span.month, span.day, span.first, span.nth) for span in spans}) == 1
        if not alike or len(years) < len(spans) or years != list(range(years[0], years[0] + len(spans))):
            return
        self.out.start, self.out.end = date(years[0], 1, 1), date(years[-1], 12, 31)
        self.parts.doubts = [doubt for doubt in self.parts.doubts if doubt != "years-repeat"]
        del spans[1:]

    # -- bounds and years

    def _bounds(self) -> None:
        parts, out = self.parts, self.out
        if parts.begin:
            out.start = self._edge(parts.begin, first=True)
        if parts.finish:
            out.end = self._edge(parts.finish, first=False)
        if out.start and out.end and out.end < out.start:
            raise Broken("deadline-ends-before-start", conflict=True, start=str(out.start), end=str(out.end))
        if parts.bounds == "year":
            out.bounds_by_anchor = (date(self.year, 1, 1), date(self.year, 12, 31))
        elif parts.bounds == "school":
            out.bounds_by_anchor = self._school_year(self.year)
        if parts.frequency and not parts.then:
            for span in [span for span in parts.spans if span.years_only]:
                parts.spans.remove(span)
                start, end = day_of(span.year or 0, 1, 1), day_of(span.end_year or 0, 12, 31)
                out.start, out.end = min(start, out.start or start), max(end, out.end or end)
                if end < start:
                    raise Broken("deadline-ends-before-start", conflict=True, start=str(start), end=str(end))

    def _edge(self, span: Span, *, first: bool) -> date:
        if span.school:
            return self._school_year(span.year if first else (span.year or self.year) - 1)[0 if first else 1]
        self._fits_weekday(span, span.year or self.year)
        return day_of(span.year or self.year, span.month, span.day)

    def _school_year(self, year: int | None) -> tuple[date, date]:
        year = year or self.year
        return day_of(year, *self.rules.school_year_start), day_of(year + 1, *self.rules.school_year_end)

    def _fits_weekday(self, span: Span, year: int) -> None:
        if span.weekday is not None and day_of(year, span.month, span.day).isoweekday() != span.weekday:
            raise Broken("deadline-weekday-does-not-fit", conflict=True, date=str(day_of(year, span.month, span.day)))

    def _years(self) -> None:
        """Give every date its year: its own, its list's, or the document's; a list that goes backwards rolls over."""
        spans = self.parts.spans
        for span in spans:
            if span.school and span.month:
                first, last = self.rules.school_quarters[span.month - 1]
                self.parts.doubts.append("school-quarter")
                span.first, span.month = (first, 1), last
                if span.year is not None:
                    span.year += first < self.rules.school_year_start[0]
                else:
                    span.year = self.year + (first < self.rules.school_year_start[0])
            elif span.school:
                start, end = self._school_year(span.year)
                span.first, span.month, span.day = (start.month, start.day), end.month, end.day
                span.end_year = end.year
        for span in spans:
            if span.next_year:
                span.year = self.year + 1
            if span.school_end:
                (span.month, span.day), span.year = self.rules.school_year_end, self.year + 1
        known = [span.year is not None for span in spans]
        following: int | None = None
        for span in reversed(spans):
            if span.year is not None:
                following = span.year
            elif following is not None and not self.parts.then:
                span.year = following
                if (
                    self._key(span) > self._key(spans[spans.index(span) + 1])
                    and spans[spans.index(span) + 1].year == following
                ):
                    span.year = following - 1
                    self.parts.doubts.append("year-guessed")
        for span in spans:
            span.assumed = span.year is None
        before: Span | None = None
        yearly = self.parts.frequency is not None and self.parts.frequency["unit"] == "Y"
        for span, has_year in zip(spans, known, strict=True):
            if span.year is None:
                span.year = before.year if before and before.year and not yearly else self.year
                if before and not yearly and self._key(span) < self._key(before):
                    span.year += 1
                    self.parts.doubts.append("rolled")
                elif not self.parts.frequency and span.first and not span.doubt:
                    self.parts.doubts.append("no-year")
                elif not self.parts.frequency:
                    self.out.notes.append(Note("deadline-year-of-document", {"year": str(span.year)}))
            before = span
            if has_year and not 1990 <= (span.year or 0) <= 2150:
                raise Broken("deadline-no-such-date", date=str(span.year))

    def _key(self, span: Span) -> tuple[int, int]:
        return span.first or (span.month, span.day)

    def _occurrence(self, span: Span, year: int) -> Occurrence:
        """The window or due date of a span in a year."""
        if span.nth:
            return None, nth_weekday(year, span.month, *span.nth)
        start = None
        end_year = year
        if span.first:
            start = day_of(year, *span.first)
            if span.end_year is not None:
                end_year = year + span.end_year - (span.year or year)
            elif (span.month, span.day % 32) < span.first and span.month < span.first[0]:
                end_year = year + 1
        due = day_of(end_year, span.month, span.day)
        if start and due < start:
            raise Broken("deadline-ends-before-start", conflict=True, start=str(start), end=str(due))
        self._fits_weekday(span, end_year)
        return start, due

    # -- schedule

    def _schedule(self) -> None:
        parts = self.parts
        frequency = parts.frequency
        if parts.lag == "?" and not frequency:
            parts.doubts.append("reporting-month")
            self._lag("M", self.out.end)
            return
        if parts.month_day is not None and not frequency:
            parts.doubts.append("day-without-month")
            return
        if frequency is None:
            self._once(parts.spans)
            return
        agrees = frequency["times"] in (1, len(parts.spans))
        if parts.spans and frequency["unit"] == "Y" and frequency["interval"] == 1 and agrees:
            self._every_year(parts.spans)
        elif parts.spans and parts.then:
            self._then(parts.spans, frequency)
        elif parts.spans:
            self._separate(frequency)
        else:
            self._rule(frequency)

    def _once(self, spans: list[Span]) -> None:
        for span in spans:
            found = self._occurrence(span, span.year or self.year)
            if span.doubt:
                self.parts.doubts.append(span.doubt)
            if span.years_only and span.end_year != span.year:
                self.parts.doubts.append("year-span")
            self._keep(found)
        if len({span.group for span in spans}) == 1 and len(spans) == 2 and not any(span.first for span in spans):
            self.out.notes.append(Note("deadline-two-dates"))
        if "no-year" in self.parts.doubts and any(span.first for span in spans):
            by_month = sorted({span.month for span in spans})
            self.out.alternatives.append(
                {"reading": "every year", "rrule": f"FREQ=YEARLY;BYMONTH={listed(by_month)};BYMONTHDAY=-1",
                 "occurrences": [pair for year in range(self.since.year - 1, self.until.year + 1) if year >= self.year
                                 for span in spans
                                 for pair in [self._occurrence(span, year + (span.year or year) - self.year)]
                                 if self._inside(pair[1])]}
            )  # fmt: skip
        for span in spans:
            if span.before and span.year:
                start = date(span.year, 1, 1)
                self.out.alternatives.append(
                    {"reading": f"by the start of {span.year}", "rrule": None, "occurrences": [(None, start)]}
                )
            if span.doubt == "until-month" and span.year:
                self.out.alternatives.append(
                    {"reading": "by the start of the month", "rrule": None,
                     "occurrences": [(None, date(span.year, span.month, 1))]}
                )  # fmt: skip

    def _inside(self, due: date) -> bool:
        return self.since <= due <= self.until

    def _keep(self, found: Occurrence) -> None:
        if self._inside(found[1]) and found not in self.out.occurrences:
            self.out.occurrences.append(found)

    def _every_year(self, spans: list[Span]) -> None:
        """Each named date or window, every year from its first; one rule where the days agree."""
        limit = self.out.end if self.parts.frequency and not self.parts.then else None
        later = [span for span in spans if span.group >= self.parts.then_group]
        before = [span for span in spans if span not in later]
        named = [{(span.month, span.day, span.first, span.nth) for span in some} for some in (before, later)]
        if self.parts.then and all(named) and named[0] != named[1]:
            self._then_other(before, later)
            return
        if self.parts.then and len({span.year for span in spans}) > 1:
            self._then_last(spans)
            return
        begin = self.out.start
        first_year = min(span.year or self.year for span in spans)
        series: dict[tuple[int, Any], list[Span]] = {}
        for span in spans:
            if span.month == 2 and span.day == 29:
                raise Broken("deadline-not-every-year", date="29.02")
            if span.weekday is not None:
                raise Broken("deadline-weekday-every-year", conflict=True, date=f"{span.day:02d}.{span.month:02d}")
            series.setdefault((span.day, span.nth), []).append(span)
        rules: list[tuple[str, date]] = []
        for (day, nth), members in series.items():
            months = listed(sorted({span.month for span in members}))
            text = f"FREQ=YEARLY;BYMONTH={months}"
            text += f";BYDAY={nth[0]}{DAY_NAMES[nth[1] - 1]}" if nth else f";BYMONTHDAY={day}"
            firsts = []
            for span in members:
                year = span.year or first_year
                while begin and self._occurrence(span, year)[1] < begin:
                    year += 1
                firsts.append(self._occurrence(span, year)[1])
            rules.append((text, min(firsts)))
        self._set_rules(rules, limit)
        starts: dict[tuple[int, int], Span] = {(span.month, span.day if not span.nth else 0): span for span in spans}
        pairs = []
        for year in range(first_year, self.until.year + 1):
            for span in starts.values():
                pair = self._occurrence(span, year)
                if (
                    (begin is None or pair[1] >= begin)
                    and (limit is None or pair[1] <= limit)
                    and year >= (span.year or 0)
                ):
                    pairs.append(pair)
        for pair in sorted(pairs, key=lambda pair: pair[1]):
            self._keep(pair)

    def _then_other(self, first: list[Span], later: list[Span]) -> None:
        """«IV квартал 2025, далее ежегодно в I квартале»: the first dates once, then the others every year."""
        rules: list[tuple[str, date]] = []
        for span in first:
            found = self._occurrence(span, span.year or self.year)
            self._keep(found)
            rules.append((f"FREQ=YEARLY;COUNT=1;BYMONTH={found[1].month};BYMONTHDAY={found[1].day}", found[1]))
        after = max(due for _, due in rules)
        for span in later:
            year = after.year
            while self._occurrence(span, year)[1] <= after:
                year += 1
            day = f"BYDAY={span.nth[0]}{DAY_NAMES[span.nth[1] - 1]}" if span.nth else f"BYMONTHDAY={span.day}"
            rules.append((f"FREQ=YEARLY;BYMONTH={span.month};{day}", self._occurrence(span, year)[1]))
            for each in range(year, self.until.year + 1):
                self._keep(self._occurrence(span, each))
        self._set_rules(rules, None)
        self.out.occurrences.sort(key=lambda pair: pair[1])

    def _then_last(self, spans: list[Span]) -> None:
        """Several dated windows «и далее ежегодно»: which of them repeats is a question."""
        for span in spans:
            self._keep(self._occurrence(span, span.year or self.year))
        if len({(span.month, span.day, span.first) for span in spans}) == 1:
            last = spans[-1]
            for year in range((last.year or 0) + 1, self.until.year + 1):
                self._keep(self._occurrence(last, year))
            due = self._occurrence(spans[0], spans[0].year or self.year)[1]
            self._set_rules([(f"FREQ=YEARLY;BYMONTH={last.month};BYMONTHDAY={last.day}", due)], None)
        else:
            self.parts.doubts.append("which-repeats")

    def _then(self, spans: list[Span], frequency: dict[str, Any]) -> None:
        """«сентябрь 2023, далее ежеквартально»: the first window moves by the period."""
        step = {"M": 1, "Q": 3, "H": 6}.get(frequency["unit"], 0) * frequency["interval"]
        span = spans[-1]
        if len(spans) != 1 or not step or span.nth or span.years_only or frequency["times"] != 1:
            for each in spans:
                self._keep(self._occurrence(each, each.year or self.year))
            self.parts.doubts.append("which-repeats")
            return
        if span.day > 28:
            raise Broken("deadline-not-every-month", date=str(span.day))
        self.parts.doubts.append("then-shifts")
        year, month = span.year or self.year, span.month
        lead = (month - span.first[0]) % 12 if span.first else 0
        months = sorted({(month - 1 + step * number) % 12 + 1 for number in range(12 // step)})
        first = self._occurrence(span, year)
        at = first[1].year * 12 + first[1].month - 1
        while at // 12 <= self.until.year:
            due = day_of(at // 12, at % 12 + 1, span.day)
            begin = at - lead
            self._keep((day_of(begin // 12, begin % 12 + 1, span.first[1]) if span.first else None, due))
            at += step
        text = f"FREQ=YEARLY;BYMONTH={listed(months)};BYMONTHDAY={span.day}"
        if step == 1:
            text = f"FREQ=MONTHLY;BYMONTHDAY={span.day}"
        self._set_rules([(text, first[1])], None)
        if frequency["unit"] == "Q" and span.month % 3:
            ends = f"FREQ=YEARLY;BYMONTH={listed(self.rules.quarter_ends)};BYMONTHDAY=-1"
            later = [(None, due) for due in self._dates(ends, first[1]) if due > first[1]]
            self.out.alternatives.append(
                {"reading": "the first window, then every quarter-end", "rrule": ends, "occurrences": [first, *later]}
            )

    def _separate(self, frequency: dict[str, Any]) -> None:
        """A series and dates of its own in one phrase: both are given, a person splits them."""
        spans = self.parts.spans
        inside = len(spans) == 1 and spans[0].first and spans[0].group == 0 and not self.out.start
        if frequency["unit"] == "M" and inside and "by_plan" not in self.out.components:
            span = spans[0]
            if span.assumed:
                self.parts.doubts.append("no-year")
            start, end = self._occurrence(span, span.year or self.year)
            assert start is not None
            if (start.year, start.month) == (end.year, end.month):
                self.parts.doubts.append("two-in-one")
            self.out.start, self.out.end = start, end
            self.out.kind, self.out.components = "recurring", []
            self._rule(frequency)
            return
        self.parts.doubts.append("two-in-one")
        self._rule(frequency)
        for span in spans:
            self._keep(self._occurrence(span, span.year or self.year))
        self.out.occurrences.sort(key=lambda pair: (pair[1], pair[0] is None))
        self.out.rrule = self.out.dtstart = None

    def _rule(self, frequency: dict[str, Any]) -> None:
        """A frequency without dates of its own."""
        unit, interval, times = frequency["unit"], frequency["interval"], frequency["times"]
        begin, end = self.out.start or date(self.year, 1, 1), self.out.end
        parts = self.parts
        if parts.from_start and parts.begin and unit == "Y" and not (parts.begin.years_only or parts.begin.year):
            parts.doubts.append("since-yearly")
        if parts.then and end is not None:
            begin, end = date(end.year + 1, 1, 1), None
            parts.doubts.append("then-after")
        sources = self.out.components or [self.out.kind or ""]
        plan = "by_plan" in sources
        if "on_request" in sources and not plan:
            self.out.rrule = {"Y": "FREQ=YEARLY", "M": "FREQ=MONTHLY", "W": "FREQ=WEEKLY", "D": "FREQ=DAILY"}.get(unit)
            parts.doubts.append("no-dates")
            return
        if parts.lag:
            self._lag(unit, end)
            return
        text = rule_text(parts, self.rules, unit, interval, times, frequency["weekdays"])
        self.out.tentative = self.out.tentative or (
            parts.last_working and not (frequency["weekdays"] or parts.month_nth)
        )
        if text is None:
            parts.doubts.append("no-dates")
            return
        if text.startswith(("FREQ=WEEKLY", "FREQ=DAILY")) and not frequency["weekdays"]:
            self.out.rrule = text
            self.out.notes.append(Note("deadline-no-day-of-week"))
            return
        if plan:
            self.out.tentative = self.out.doubtful = True
        if interval > 1 and unit == "Y":
            begin = date(begin.year + interval - 1, 1, 1)
        elif interval > 1 and unit == "M":
            begin = date(begin.year + (begin.month + interval - 2) // 12, (begin.month + interval - 2) % 12 + 1, 1)
        if begin.year > 2150 or begin.year < 1900:
            raise Broken("deadline-no-such-date", date=str(begin.year))
        first = first_of(text, begin)
        if first is None or (end and first > end):
            parts.doubts.append("no-dates")
            return
        self._set_rules([(text, first)], end)
        for due in self._dates(self.out.rrule or text, first):
            self._keep((None, due))

    def _lag(self, unit: str, end: date | None) -> None:
        """«до 5 числа месяца, следующего за отчётным»: after each full period of the document's year."""
        day = self.parts.month_day or LAST_DAY
        if not (day == LAST_DAY or 1 <= day <= 28):
            self.parts.doubts.append("day-not-in-every-month")
            return
        if self.parts.lag == "?" and unit == "M":
            unit = "M"
        begin = self.out.start or date(self.year, 1, 1)
        text = {
            "M": f"FREQ=MONTHLY;BYMONTHDAY={day}",
            "Q": f"FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY={day}",
            "H": f"FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY={day}",
            "Y": f"FREQ=YEARLY;BYMONTH=1;BYMONTHDAY={day}",
        }.get(unit)
        if text is None:
            self.parts.doubts.append("no-dates")
            return
        months = {"M": 1, "Q": 3, "H": 6, "Y": 12}[unit]
        whole = begin.month - 1 + (-(begin.month - 1)) % months + months
        first_day = date(begin.year + whole // 12, whole % 12 + 1, 1)
        first = first_of(text, first_day)
        assert first is not None
        self._set_rules([(text, first)], end)
        for due in self._dates(self.out.rrule or text, first):
            self._keep((None, due))

    def _set_rules(self, rules: list[tuple[str, date]], limit: date | None) -> None:
        rules = [(text + (f";UNTIL={limit:%Y%m%d}" if limit else ""), first) for text, first in rules]
        rules.sort(key=lambda rule: rule[1])
        self.out.rrule, self.out.dtstart = rules[0]
        self.out.rrule_more = [{"rrule": text, "dtstart": first} for text, first in rules[1:]]

    def _dates(self, text: str, first: date) -> list[date]:
        rule = rrulestr(text, dtstart=at(first))
        assert isinstance(rule, rrule)
        return [moment.date() for moment in rule.between(at(self.since), at(self.until), inc=True)[:_MOST]]

    # -- doubts

    def _doubts(self) -> None:
        out = self.out
        for doubt in dict.fromkeys(self.parts.doubts):
            key = doubt.split(":")[-1]
            note = Note(f"deadline-{key}")
            if doubt.startswith("error:"):
                out.error = out.error or note
                self._clear()
            elif doubt.startswith("conflict:"):
                out.conflict = out.conflict or note
                self._clear()
            out.notes.append(note)
            out.doubtful = True
            out.tentative = out.tentative or doubt == "summing-up"
        if self.parts.unread:
            unread = Note("deadline-unread", {"words": "; ".join(self.parts.unread)})
            out.error = out.error or unread
            out.doubtful = True
        if out.kind is None and out.error is None:
            out.error, out.doubtful = Note("deadline-nothing-read"), True
