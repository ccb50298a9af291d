"""Screens of forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.i18n import Translator
from bot.models import ReplyState
from bot.rules import forms as rules
from bot.screens import forms
from bot.screens.samples.invented import BIG, LONG_SCHOOL, SCHOOL, TODAY, Sample
from bot.services.forms import Filling, ReplyLine, Waiting

QUESTIONS: list[dict[str, Any]] = [
    {"key": "q1", "text": "Сколько педагогов прошли диагностику?", "type": "number", "required": True},
    {"key": "q2", "text": "Как часто проходят встречи методического совета?", "type": "choice", "required": True,
     "options": ["Раз в месяц", "Раз в квартал", "Реже"]},
    {"key": "q3", "text": "Есть ли программа наставничества?", "type": "flag"},
    {"key": "q4", "text": "Когда принят план?", "type": "day"},
    {"key": "q5", "text": "Чего не хватает?", "type": "text"},
]  # fmt: skip
LONG = "Что из перечисленного в наибольшей степени помогает педагогам вашей организации в течение учебного года? " * 3


def _filling(*, long: bool = False, done: bool = False, open_: bool = True) -> Filling:
    asked = QUESTIONS
    if long:
        words = [f"Вариант ответа номер {n}, очень подробный"[:40] for n in range(1, 9)]
        asked = [
            {"key": f"q{n}", "text": LONG[:300], "type": "choice", "options": words, "required": True}
            for n in range(1, 31)
        ]
    answers: dict[str, str | int | bool | None] = {"q1": 40, "q2": "2", "q3": True, "q4": "2026-09-01", "q5": None}
    if long:
        answers = {f"q{n}": "3" for n in range(1, 31)}
    return Filling(
        id=int(BIG) if long else 7,
        title="Мониторинг методической работы в муниципалитетах области за первое полугодие учебного года"[
            : 120 if long else 23
        ],
        about="О чём спрашиваем и зачем. " * (38 if long else 1),
        name=LONG_SCHOOL if long else SCHOOL,
        due_on=TODAY + timedelta(days=9),
        open=open_,
        state=ReplyState.started,
        fields=rules.fields(asked),
        answers=answers if done else {},
    )


def form_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    line = ReplyLine(7, "Мониторинг районов", SCHOOL, TODAY, ReplyState.waiting)
    long = ReplyLine(int(BIG), LONG[:120], LONG_SCHOOL, None, ReplyState.started)
    yield Sample("forms.home empty", forms.home(t, [], 0))
    yield Sample("forms.home", forms.home(t, [line], 0))
    yield Sample("forms.home long", forms.home(t, [long] * 12, 1))
    for stage in ("new", "1", "-1"):
        told = Waiting(7, 1, "ru", "Мониторинг районов", SCHOOL, TODAY, stage)
        yield Sample(f"forms.waiting {stage}", forms.waiting(t, told))
    yield Sample(
        "forms.waiting no-term", forms.waiting(t, Waiting(int(BIG), 1, "ru", LONG[:120], LONG_SCHOOL, None, "new"))
    )
    yield Sample("forms.opened", forms.opened(t, _filling()))
    yield Sample("forms.opened done", forms.opened(t, _filling(done=True)))
    yield Sample("forms.opened closed", forms.opened(t, _filling(open_=False)))
    yield Sample("forms.opened long", forms.opened(t, _filling(long=True)))
    for number in range(5):
        yield Sample(f"forms.question {number}", forms.question(t, _filling(done=True), number))
    yield Sample("forms.question long", forms.question(t, _filling(long=True, done=True), 29))
    wrong = t("registers-wrong-number", value="сорок")
    yield Sample("forms.question wrong", forms.question(t, _filling(), 0, wrong=wrong))
    yield Sample("forms.check", forms.check(t, _filling(done=True)))
    yield Sample("forms.check missing", forms.check(t, _filling()))
    yield Sample("forms.check long", forms.check(t, _filling(long=True, done=True)))
    yield Sample("forms.sent", forms.sent(t, _filling(done=True)))
