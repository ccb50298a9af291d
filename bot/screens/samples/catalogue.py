"""Screens of the catalogue of activities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.i18n import Translator
from bot.models import ActivityForm, ActivityKind, ActivitySource
from bot.screens import catalogue
from bot.screens.samples.invented import BIG, CENTRE, SUBJECTS, TODAY, Sample
from bot.services.catalogue import ActivityCard, ActivityLine, CataloguePage


def _activity(number: int, *, long: bool = False) -> ActivityLine:
    course = "Формирующее оценивание и обратная связь на каждом уроке: практикум для учителей основной и средней школы"
    return ActivityLine(
        id=number,
        code="d-01",
        kind=ActivityKind.dpp_register if long else ActivityKind.webinar,
        title=course if long else "Критерии, понятные ученику",
        organiser=CENTRE if long else "ЦНППМ",
        form=ActivityForm.mixed if long else ActivityForm.distance,
        hours=36 if long else 2,
        starts_on=TODAY + timedelta(days=40) if long else None,
        ends_on=TODAY + timedelta(days=60 if long else 20),
        seats=50,
        groups=("Психолого-педагогические", "Нормативно-правовые", "Коммуникативные") if long else ("Методические",),
        subjects=tuple(choice.title for choice in SUBJECTS) if long else (),
        active=not long,
        source=ActivitySource.demo,
    )


def catalogue_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield Sample("catalogue.home", catalogue.home(t))
    yield Sample("catalogue.empty", catalogue.empty(t))
    yield Sample("catalogue.nothing", catalogue.nothing(t, "очень длинный вопрос о том, чего в каталоге нет"))
    for name, long in (("short", False), ("long", True)):
        lines = [_activity(BIG - n, long=long) for n in range(5)]
        page = CataloguePage(lines, 67 if long else 5, 3 if long else 0, 5)
        yield Sample(f"catalogue.found {name}", catalogue.found(t, page, typed=long, today=TODAY))
        one = ActivityCard(
            line=_activity(1, long=long),
            about="Критерии вместе с классом, вопросы по ходу урока, разбор работ без отметки. " * 5 if long else "",
            link="https://example.org/kurs" if long else "",
            audiences=(),
            in_register=long,
            register_number="Д-0001" if long else "",
            register_until=None,
            site="",
            requires=((2, _activity(2, long=True).title), (3, _activity(3, long=True).title)) if long else (),
            group_slugs=(),
            subject_slugs=(),
        )
        yield Sample(f"catalogue.card {name}", catalogue.card(t, one, today=TODAY))
        if not long:
            gone = replace(one, line=replace(one.line, link_broken_on=TODAY), link="https://example.org/gone")
            yield Sample("catalogue.card broken", catalogue.card(t, gone, today=TODAY))
