"""Screens of indicators, with invented numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from bot.i18n import Translator
from bot.rules.indicators.arrays import Appointed, Ledger, People, Places, Spans, empty
from bot.rules.indicators.counting import NOTHING
from bot.rules.indicators.model import Carry, Compare, Count, Definition, Doubt, Figure, Outcome, Rule, Who
from bot.rules.indicators.periods import Period
from bot.screens import indicators
from bot.screens.samples.invented import LONG_DISTRICT, NOW, TODAY, Sample
from bot.services.indicators.at_hand import AtHand, Month, of_report
from bot.services.indicators.counting import Line, Report
from bot.services.indicators.drilling import Place, Reach
from bot.services.indicators.figures import Known
from bot.services.indicators.trend import Point
from bot.ui.pager import Page

LONG = "Освоение программ федерального реестра, подобранных по результатам диагностики дефицитов"
RULE = Rule(Count.people, facts=("iom_received",), who=(Who.teachers,), carry=Carry(("iom_completed",), 12))
SCHOOL_HEADS = Rule(Count.figure, figure="teachers")


def indicator_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    for name, hand in (("short", _hand("", "Персональные траектории")), ("long", _hand(LONG_DISTRICT, LONG))):
        for number in (0, 1, 2):
            page = indicators.page_of(hand, number, 0)
            for subscribed in (False, True):
                made = indicators.home(t, hand, page, section=0, subscribed=subscribed)
                yield Sample(f"indicators.home {name} {number} {subscribed}", made)
        page = indicators.page_of(hand, 0, 2)
        yield Sample(f"indicators.home section {name}", indicators.home(t, hand, page, section=2, subscribed=False))
        yield Sample(f"indicators.picture {name}", indicators.picture(t, hand, page, b"png", section=2))
        yield Sample(f"indicators.sections {name}", indicators.sections(t, hand))
        for one in hand.shown[:5]:
            yield Sample(f"indicators.card {name} {one.definition.id}", indicators.card(t, hand, one, names=True))
        first = hand.shown[0]
        points = [Point(date(2026, n, 28), first.outcome) for n in range(1, 12)]
        yield Sample(f"indicators.course {name}", indicators.course(t, hand, first, points))
        yield Sample(f"indicators.course drawn {name}", indicators.course(t, hand, first, points, b"png"))
        rows = [(Place(n, LONG_DISTRICT, None if n == 3 else 5), first.outcome) for n in range(8)]
        yield Sample(f"indicators.places {name}", indicators.places(t, first, Page(rows, 1, 44, indicators.PLACES)))
        yield Sample(f"indicators.people {name}", indicators.people(t, first, address="https://centre.example/admin"))
    hand = _hand("", LONG)
    yield Sample("indicators.course none", indicators.course(t, hand, hand.shown[0], []))
    for may in (False, True):
        made = indicators.who_enters(t, hand.shown[0], address="https://centre.example/admin", may=may)
        yield Sample(f"indicators.who_enters {may}", made)
    yield Sample("indicators.nothing", indicators.nothing(t))
    yield Sample("indicators.subscribed", indicators.subscribed(t))
    yield Sample("indicators.unsubscribed", indicators.unsubscribed(t))
    for name, told in (
        ("full", Month(date(2026, 10, 1), LONG_DISTRICT, 12, 28, 2, LONG, 1312, LONG)),
        ("bare", Month(date(2026, 1, 1), "", 0, 40, 0, "", 0, "")),
    ):
        yield Sample(f"indicators.month {name}", indicators.month(t, told), pushed=True)
    said = ["Не внесено: число молодых педагогов, форма ОО-1. Показателей без него: 3." * 3] * 7
    for name, gaps in (("gaps", said), ("whole", [])):
        made = indicators.check(t, on=TODAY, gaps=gaps, address="https://centre.example/admin")
        yield Sample(f"indicators.check {name}", made, pushed=True)


def _hand(place: str, title: str) -> AtHand:
    """Nine indicators of three directions: met, missed, a maximum, growth, without a value, doubtful."""
    figure = Figure(1, 9640, "ОО-1", "форма за 2025 год", date(2025, 9, 20), date(2026, 1, 14), "Соколова Т. И.")
    usual = Definition(
        "SMO-I08", title, "раздел 5, направление 2", "504-ОД", date(2023, 6, 6), 1, date(2023, 6, 6), None, "ЦНППМ",
        "%", "к 2024 году", "педагоги с ИОМ", RULE, "педагоги региона", SCHOOL_HEADS, Compare.least, Fraction(20),
        section=2,
    )  # fmt: skip
    doubts = (Doubt("stale", (("date", "20.09.2024"),)), Doubt("over", (("n", 12_000), ("d", 9_640)))) * 3
    missed = Outcome(1616, 9640, Fraction(161_600, 9640), False, 1928, 312, -312, source=figure)
    found = [
        (usual, missed),
        (replace(usual, id="SMO-I05"), replace(missed, met=True, margin=73, gap=0, doubts=doubts)),
        (
            replace(
                usual, id="SMO-I13", unit="чел. на методиста", compare=Compare.most, target=Fraction(250), section=3
            ),
            Outcome(1616, 12, Fraction(251), False, 250, 1, -1, Fraction(404, 3)),
        ),
        (replace(usual, id="SMO-I15", section=3), Outcome(40, None, reason="no-denominator", doubts=doubts)),
        (replace(usual, id="SMO-I01", section=1, target=None), Outcome(reason="no-figure")),
        *[(replace(usual, id=f"T-0{n}"), missed) for n in range(1, 6)],
    ]
    lines = tuple(Line(one, outcome, NOTHING, {}) for one, outcome in found)
    nobody = empty()
    people = People(nobody.ids, 0, nobody.person == 1, Spans(), Spans())
    none = nobody.person
    ledger = Ledger(
        {}, frozenset(), ({},), people, Appointed(none, none, none, none), Places(none, none, none, none == 1)
    )
    year = Period("2026", date(2026, 1, 1), date(2026, 12, 31))
    report = Report(year, TODAY, None, NOW, lines, ledger, Known({}, ()))
    return of_report(report, Reach(True, frozenset(), frozenset(), True), None, place)
