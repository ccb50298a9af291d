"""Questions as they are typed, totals of replies, stages of reminders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.rules import forms as rules
from bot.rules.forms import WrongQuestions

TODAY = date(2026, 11, 24)


def test_questions_are_read_and_empty_lines_left_out() -> None:
    asked = rules.checked(
        [("Сколько?", "number", "", True), ("  ", "text", "", False), ("Как  часто?", "choice", "раз; два;;раз", False)]
    )
    assert [(one["key"], one["text"], one["options"], one["required"]) for one in asked] == [
        ("q1", "Сколько?", [], True),
        ("q2", "Как часто?", ["раз", "два"], False),
    ]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ([], "forms-no-questions"),
        ([("Вопрос", "text", "", False)] * 31, "forms-no-questions"),
        ([("я" * 301, "text", "", False)], "forms-question-long"),
        ([("Вопрос", "link", "", False)], "forms-question-kind"),
        ([("Вопрос", "picture", "", False)], "forms-question-kind"),
        ([("Вопрос", "choice", "один", False)], "forms-question-options"),
        ([("Вопрос", "choice", ";".join(map(str, range(9))), False)], "forms-question-options"),
        ([("Вопрос", "choice", "я" * 41 + ";б", False)], "forms-question-options"),
    ],
)
def test_questions_that_cannot_be_asked(asked: list[tuple[str, str, str, bool]], key: str) -> None:
    with pytest.raises(WrongQuestions) as wrong:
        rules.checked(asked)
    assert wrong.value.key == key


def test_totals_count_sum_and_quote() -> None:
    fields = rules.fields(
        rules.checked(
            [("Сколько?", "number", "", True), ("Как?", "choice", "раз;два", False), ("Есть?", "flag", "", False),
             ("Что?", "text", "", False)]
        )
    )  # fmt: skip
    number, choice, flag, text = rules.totals(
        fields,
        [
            {"q1": 10, "q2": "1", "q3": True, "q4": "мало мест"},
            {"q1": 4, "q2": "1", "q3": False, "q4": None},
            {"q1": None},
        ],
    )
    assert (number.answered, number.total, number.least, number.most, number.mean) == (2, 14, 4, 10, 7)
    assert choice.counts == (("раз", 2), ("два", 0))
    assert flag.counts == (("yes", 1), ("no", 1))
    assert text.words == ("мало мест",)
    assert rules.missing(fields, {"q1": None}) == [0]
    assert rules.missing(fields, {"q1": 0}) == [], "nought is an answer"


@pytest.mark.parametrize(
    ("left", "stage"), [(30, None), (8, None), (7, 7), (2, 7), (1, 1), (0, 0), (-1, -1), (-90, -1)]
)
def test_stages(left: int, stage: int | None) -> None:
    assert rules.stage(TODAY + timedelta(days=left), TODAY) == stage
    assert rules.stage(None, TODAY) is None
