"""Screens of registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.i18n import Translator
from bot.models import RecordState
from bot.rules.contests import Standing
from bot.rules.registers import FieldType, Freshness
from bot.screens import contests, registers
from bot.screens.samples.invented import BIG, TODAY, Sample
from bot.services.contests import Contest, Shelf, Took
from bot.services.registers import Due, Line, kinds
from bot.services.registers.public import PublicRecord, fields_of


def register_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    every = list(kinds().values())
    usual = [Due(every[2], 1, "ru", TODAY + timedelta(days=5), Freshness.soon, 0, 0)]
    longest = [
        Due(kind, 1, "ru", TODAY - timedelta(days=40), Freshness.late, 1250, 340)
        for kind in sorted(every, key=lambda kind: -len(kind.title))
    ]
    never = [Due(every[3], 1, "ru", None, Freshness.never, 2, 1), Due(every[5], 1, "ru", TODAY, Freshness.fresh, 2, 0)]
    yield Sample("registers.review", registers.review(t, usual))
    yield Sample("registers.review never", registers.review(t, never))
    yield Sample("registers.review long", registers.review(t, longest))
    yield from _records(t)
    yield from _contests(t)


def _records(t: Translator) -> Iterator[Sample]:
    for kind in kinds().values():
        if kind.is_view or kind.of_people or not kind.public or kind.slug == "contests":
            continue
        values = {
            one.name: "https://example.ru/x" if one.type is FieldType.link
            else next(iter(one.options)) if one.options
            else True if one.type is FieldType.flag
            else 12_500 if one.type is FieldType.number
            else TODAY.isoformat() if one.type is FieldType.day
            else "Функциональная грамотность на уроке " * 8
            for one in kind.fields
        }  # fmt: skip
        line = Line(
            BIG, "Центр образования цифрового и гуманитарного профилей " * 6, "", RecordState.active, None,
            "Школа № 1 имени героя " * 6, "Рославльский муниципальный округ", TODAY, TODAY, values,
        )  # fmt: skip
        found = PublicRecord(kind, line, fields_of(kind))
        yield Sample(f"registers.record {kind.slug}", registers.record(t, found, known=True, saved=True))
    bare = Line(1, "РУМО", "", RecordState.active, None, "", "", None, None, {"type": "rumo", "link": "https://x.ru"},
                link_broken_on=TODAY)  # fmt: skip
    kind = kinds()["communities"]
    yield Sample("registers.record bare", registers.record(t, PublicRecord(kind, bare, fields_of(kind)), known=False))


def _contests(t: Translator) -> Iterator[Sample]:
    usual = Contest(
        7, "Учитель года", "региональный", "Учителя школ", "Министерство образования", "https://example.ru/", False,
        TODAY + timedelta(days=20), TODAY + timedelta(days=40), TODAY + timedelta(days=60), Standing.open,
    )  # fmt: skip
    longest = Contest(
        BIG, "Всероссийский конкурс лучших методических разработок по функциональной грамотности " * 5, "региональный",
        "Учителя начальных классов, воспитатели и педагоги-психологи " * 5, "Министерство образования и науки " * 8,
        "https://example.ru/" + "x" * 300, True, TODAY + timedelta(days=400), None, TODAY + timedelta(days=420),
        Standing.closing, True, "победитель",
    )  # fmt: skip
    running = Contest(
        8, "Педагогический дебют", "", "", "", "", False, TODAY, TODAY, TODAY, Standing.running, False, "призёр"
    )
    vague = Contest(9, "Первый урок", "", "", "", "", False, None, None, None, Standing.no_term)
    over = Contest(9, "Лучший урок", "", "", "", "", False, TODAY, None, None, Standing.over, True)
    every = (usual, longest, running, vague, over)
    yield Sample("contests.calendar", contests.calendar(t, Shelf((usual, vague), 0, 2), known=True, today=TODAY))
    yield Sample("contests.calendar long", contests.calendar(t, Shelf((longest,) * 5, 1, 40), known=True, today=TODAY))
    yield Sample("contests.calendar empty", contests.calendar(t, Shelf((), 0, 0), known=False, today=TODAY))
    yield Sample("contests.calendar all", contests.calendar(t, Shelf(every, 0, 5), known=False, today=TODAY))
    for one in every:
        sample = contests.card(t, one, known=True, saved=one.asked, today=TODAY)
        yield Sample(f"contests.card {one.standing.value}", sample)
    yield Sample("contests.term", contests.term(t, usual, today=TODAY))
    yield Sample("contests.term long", contests.term(t, longest, today=TODAY))
    took = [Took("Учитель года", "региональный", TODAY, "призёр"), Took("Дебют", "", None, "участник")]
    yield Sample("contests.mine", contests.mine(t, took, today=TODAY))
    many = [Took(longest.title, "", TODAY, "победитель")] * 30
    yield Sample("contests.mine long", contests.mine(t, many, today=TODAY))
    yield Sample("contests.mine none", contests.mine(t, [], today=TODAY))
