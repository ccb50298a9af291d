"""The grammar: a line a rule, each a pattern over token codes and what it adds to the parts."""

# One rule of the grammar is one line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable

from bot.rules.deadlines import adding
from bot.rules.deadlines.parts import Parts, Reader
from bot.rules.deadlines.patterns import DATE, EDGE, MONTH, NUM, PERIOD, UNTIL, YEAR
from bot.rules.deadlines.tokens import Token

# fmt: off
_TABLE: list[tuple[str, Callable[[Reader, re.Match[str]], int | None]]] = [
    (rf"(?:{UNTIL} |в )?{DATE}", adding.point),
    (r"(?:в |на |за |в TECH )?@(\d+)\.(\d{4})(?: Y)?", adding.month_year),
    (rf"(?:в |за |в TECH |на |MON )?{MONTH}(?: {YEAR})?(?: - {MONTH}(?: {YEAR})?)?", adding.months),
    (r"(?:,|и|, и) (?:в )?\d{4}(?: Y)?(?: (?:,|и) \d{4}(?: Y)?)*", adding.more_years),
    (rf"(?:в )?{MONTH}(?: - {MONTH})? (\d{{4}}) - (\d{{4}}) Y", adding.months_of_years),
    (rf"(?:в |во |за |в TECH |на )?(\d(?: (?:-|,|и) \d)*) (?:- )?(Q|H)(?: (?:{YEAR}|Y))?", adding.units),
    (r"(?:в |за |в TECH |на )?(\d) SQ(?: (?:YY(\d{4})/\d{4}|(\d{4}) - \d{4})?(?: ?UCH Y)?)?", adding.school_quarter),
    (rf"(?:в |за |в TECH )?(?:во )?([123]|LAST) DEC {MONTH}(?: {YEAR})?", adding.decade),
    (rf"(?:в |во |за )?([12]) HALF {MONTH}(?: {YEAR})?", adding.half),
    (rf"(?:{UNTIL} |в )?LAST (?:DAY|CH) {MONTH}(?: {YEAR})?", adding.last_day_of),
    (rf"(?:{UNTIL} |в )?(?:(\d{{1,2}}) )?{MONTH} следующего(?: KAL)? Y", adding.next_year),
    (rf"(?:в |к |до )?(начал[ео]|середин[еуы]|конц[еу]) {MONTH}(?: {YEAR})?", adding.half_of_month),
    (r"(?:на (?:период )?|в TECH |за |в )?(\d{4})(?: Y)?(?: - (\d{4})| \( (\d{4}) Y \))?(?: Y)?", adding.year_span),
    (
        r"(?:на|в TECH) (\d{4})(?: Y)? (?:\( |и (?:плановый )?(?:период )?|, )(\d{4})(?: Y)?(?: \))?(?: Y)?",
        adding.planned_years,
    ),
    (rf"(?:в период |период |в срок |WK )?(?:с|со|от) (?P<a>{EDGE}) (?:по|до) (?P<b>{EDGE})", adding.from_to),
    (r"(?P<a>\d{1,2}) - (?P<b>\d{1,2} M\d+(?: \d{4}(?: Y)?)?)", adding.from_to),
    (r"(?P<a>\d{1,2} M\d+(?: \d{4}(?: Y)?)?) - (?P<b>\d{1,2} M\d+(?: \d{4}(?: Y)?)?)", adding.from_to),
    (r"(?P<a>@@\d+\.\d+) - (?P<b>@@?\d+\.\d+(?:\.\d{4}(?: Y)?)?)", adding.from_to),
    (r"(?P<a>@\d+\.\d+\.\d{4}(?: Y)?) - (?P<b>@\d+\.\d+\.\d{4}(?: Y)?)", adding.from_to),
    (r"(?P<a>\d (?:Q|H)(?: \d{4}(?: Y)?)?) - (?P<b>\d (?:Q|H)(?: \d{4}(?: Y)?)?)", adding.from_to),
    (r"по (Q|H|SQ|MON|WK|DAY)", adding.by_unit),
    (r"круглогодично|круглый Y", adding.continuous),
    (r"включительно", adding.nothing),
    (r"в (?:установленные|указанные|утвержденные) сроки(?: (?!до ).*)?", adding.named_terms),
    (r"в сроки(?: ,)? (?:проведения|установленные|указанные|утвержденные|определенные|предусмотренные|обозначенные)", adding.terms_of),
    (r"(?:до|не позднее|к)? ?(\d{1,2}) CH(?: EACH)? LAST MON (?:EACH )?(Q|H)", adding.last_month_day),
    (r"EACH (LAST|\d) W(\d) M(\d+)", adding.nth_every_year),
    (r"(?P<a>@\d+\.\d{4}(?: Y)?) - (?P<b>@\d+\.\d{4}(?: Y)?)", adding.from_to),
    (rf"(?:начиная )?(?:с|со|от) (?P<a>{EDGE})", adding.since),
    (rf"(?:не позднее|до|к) {MONTH}(?: {YEAR})?", adding.until_month),
    (rf"(?:на период )?(до|к) {YEAR}", adding.until_year),
    (
        rf"(?:не позднее|до|к|в) (?:конца|концу|конце|окончания|завершения) (?:{MONTH}(?: {YEAR})?|(?:(\d{{4}}) )?(?:текущего |KAL )?Y)",
        adding.end_of,
    ),
    (rf"(?:не позднее|до|к|в) (?:конца|концу|конце|окончания) (\d) (Q|H)(?: {YEAR})?", adding.end_of_unit),
    (
        rf"(?:до |не позднее |в |во |по |EACH )*((?:LAST|\d)(?: (?:и|,) (?:EACH )?(?:LAST|\d))*) W(\d)(?: (?:{MONTH}(?: {YEAR})?|(?:EACH )?(MON|Q)(?:)))",
        adding.nth_weekday,
    ),
    (r"F([YQMWD])", adding.every),
    (
        rf"(?:не реже(?: чем)? |не менее |не более |минимум |по )?(?:{NUM} )?(?:-? ?х )?RAZ (?:в |за |во )?(?:EACH )?(?:{NUM} )?(Y|H|Q|MON|WK|DAY|SQ|UCH Y)",
        adding.times,
    ),
    (rf"(?:в |раз в |не реже раза в )?EACH (?:{NUM} )?(Y|H|Q|MON|WK|DAY|SQ)", adding.each),
    (r"(?:F[WM] )?(?:, |\( )?(?:по |в |во |каждый |EACH )+W\d(?: (?:и|,) W\d)*(?: \))?", adding.weekdays),
    (rf"EACH {MONTH}", adding.each_months),
    (
        r"(?:по итогам|по результатам|по окончании|по завершении|по истечении) (?:EACH |отчетного |KAL )*(UCH Y|Y|Q|H)",
        adding.each_quarter_of,
    ),
    (r"(?:до|не позднее|к|по|на|в срок до)? ?(?P<d>\d{1,2}(?: (?:и|,) \d{1,2})+) CH(?: EACH)?(?: MON)?", adding.days_of_month),
    (
        r"(?:до|не позднее|к|по|на|в срок до)? ?(?P<d>\d{1,2}|LAST)(?: CH| DAY)?(?: CH)?(?: EACH| текущего)*(?: MON)?(?:(?: ,)? следующего за (?:отчетным|отчетной|отчетный)(?: (?:периодом|MON|Q|H|Y))?)?",
        adding.dom,
    ),
    (
        r"(?:постоянно|регулярно|систематически|непрерывно|на постоянной основе|на регулярной основе|в постоянном режиме|в рабочем порядке|бессрочно|в ходе реализации(?: \w+)?)",
        adding.continuous,
    ),
    (rf"(?:в |на |на протяжении )?(?:TECH )?{PERIOD}", adding.continuous),
    (r"(?:в TECH|на|в|весь) (?:всего |всю |весь |текущего |текущий |EACH )?(?:KAL |UCH )?Y", adding.in_year),
    (r"UCH Y", adding.in_year),
    (r"(?:в TECH |на |в )?YY(?P<a>\d{4})/(?P<b>\d{4})(?: UCH)?(?: Y)?", adding.school_year),
    (r"(?:в TECH |на |в )?(?P<a>\d{4}) - (?P<b>\d{4}) UCH(?: Y)?", adding.school_year),
    (r"(?:к|до|не позднее|на|в) (начала|началу|начало|начале|конца|концу|окончания|окончанию)(?: YY(\d{4})/\d{4})? UCH Y", adding.school_edge),
    (rf"в TECH (?:{NUM} )?(?:RAB |KAL )?(Y|Q|H|MON|WK|DAY)", adding.duration),
    (r"(?:текущего|отчетного) (?:KAL )?Y", adding.nothing),
    (rf"(?:не позднее |до |к )?(\d{{1,2}}) {MONTH} Y(?: ,)? следующего за отчетным(?: Y)?", adding.year_after),
    (r"(?:до |не позднее |в |EACH )*LAST (RAB )?(?:DAY|CH) (?:EACH )?(?:отчетного )?(MON|Q|H|Y)", adding.last_day),
    (
        r"(?:не позднее(?: чем)?(?: через| за)?|не позже(?: чем)?(?: через| за)?|в TECH|в срок не более|в срок до|в DAY срок|через|за|спустя|по истечении)? ?(?:(?P<n>\d{1,3})(?: \( \w+ \))? )?(?:(?P<rab>RAB|KAL) )?(?P<unit>DAY|WK|MON|Y) (?P<side>после|с даты|со DAY|с момента|с DAY|от|до|перед|по завершении|по окончании)",
        adding.offset,
    ),
    (
        r"(после|по завершении|по окончании|по итогам|по результатам|по факту|по мере проведения|по мере завершения|по мере выхода|по мере готовности|по мере утверждения|до начала|перед|накануне|с момента|с даты|со DAY)",
        adding.after_event,
    ),
    (r"(?:по мере|при|по|согласно|в соответствии (?:с|со)|исходя из|в рамках|в сроки|в порядке)", adding.source),
    (
        r"(?:по |в |во |на )?(?:период |дни |время )?(?:осенних |зимних |весенних |летних |осенние |зимние |весенние |летние |школьных |школьные )?HOL",
        adding.holidays,
    ),
    (r"(?:далее|затем|в дальнейшем|в последующем|впоследствии)", adding.then),
    (r"(?:срок исполнения|срок|сроки|один RAZ|RAZ|ориентировочно(?= \d))", adding.nothing),
]


RULES = [(re.compile(pattern.replace(r"\d", "[0-9]") + r"(?= |$)"), action) for pattern, action in _TABLE]


def read_parts(tokens: list[Token]) -> Parts:
    """The parts of a phrase; never raises."""
    return Reader(tokens, RULES).read()
