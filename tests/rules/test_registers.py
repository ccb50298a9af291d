"""Cells by type, terms of review, tables moved aside."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import registers as rules
from bot.rules.registers import Field, FieldType, Freshness, WrongCell

YES, NO = frozenset({"да", "1", "+"}), frozenset({"нет", "-"})
TODAY = date(2026, 11, 24)


def field(kind: FieldType, **more: object) -> Field:
    return Field("x", kind, ("Икс",), **more)  # type: ignore[arg-type]


def parse(of: Field, text: str) -> rules.Value:
    return rules.parse(of, text, yes=YES, no=NO)


CHOICE = field(FieldType.choice, options={"rumo": ("РУМО",), "omo": ("областное МО", "ОМО")})


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        (field(FieldType.number), "1 250", 1250),
        (field(FieldType.number), "36", 36),
        (field(FieldType.day), "01.12.2026", "2026-12-01"),
        (field(FieldType.day), "2026-12-01", "2026-12-01"),
        (field(FieldType.flag), "Да", True),
        (field(FieldType.flag), "+", True),
        (field(FieldType.flag), "нет", False),
        (CHOICE, "омо", "omo"),
        (CHOICE, "rumo", "rumo"),
        (field(FieldType.link), "https://example.ru/a?b=1", "https://example.ru/a?b=1"),
        (field(FieldType.text), "  Математика ", "Математика"),
        (field(FieldType.text), "   ", None),
    ],
)
def test_a_cell_is_read_by_its_type(of: Field, text: str, value: rules.Value) -> None:
    assert parse(of, text) == value


@pytest.mark.parametrize(
    ("of", "text", "key"),
    [
        (field(FieldType.number), "тридцать шесть", "registers-wrong-number"),
        (field(FieldType.number), "-5", "registers-wrong-number"),
        (field(FieldType.number), "1234567890", "registers-wrong-number"),
        (field(FieldType.day), "31.02.2026", "registers-wrong-day"),
        (field(FieldType.day), "осенью", "registers-wrong-day"),
        (field(FieldType.day), "01.12.1026", "registers-wrong-day"),
        (field(FieldType.flag), "наверное", "registers-wrong-flag"),
        (CHOICE, "кружок", "registers-wrong-choice"),
        (field(FieldType.link), "javascript:alert(1)", "registers-wrong-link"),
        (field(FieldType.link), "https://a b", "registers-wrong-link"),
        (field(FieldType.text), "я" * 1001, "registers-long"),
    ],
)
def test_what_says_something_else_is_refused(of: Field, text: str, key: str) -> None:
    with pytest.raises(WrongCell) as wrong:
        parse(of, text)
    assert wrong.value.key == key


@given(st.text(max_size=60), st.sampled_from(list(FieldType)))
def test_any_text_is_a_value_or_a_reason(text: str, kind: FieldType) -> None:
    of = CHOICE if kind is FieldType.choice else field(kind)
    with suppress(WrongCell):
        assert (parse(of, text) is None) == (not text.strip())


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_day_survives_both_spellings(day: date) -> None:
    assert rules.parse_day(day.isoformat()) == day == rules.parse_day(f"{day:%d.%m.%Y}")


@pytest.mark.parametrize(
    ("checked", "stands"),
    [
        (None, Freshness.never),
        (date(2026, 11, 24), Freshness.fresh),
        (date(2026, 8, 24), Freshness.soon),
        (date(2026, 8, 23), Freshness.late),
        (date(2026, 9, 10), Freshness.fresh),
    ],
)
def test_the_term_of_review(checked: date | None, stands: Freshness) -> None:
    assert rules.freshness(checked, 3, TODAY) is stands


def test_the_end_of_a_month_is_not_jumped_over() -> None:
    assert rules.review_on(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("wrong", "total", "column"),
    [
        ([], 10, ""),
        ([["Часов"]] * 6, 10, "Часов"),
        ([["Часов"]] * 5, 10, ""),
        ([["Часов", "Часов"]] * 2, 2, ""),
        ([["Часов", "Дата"]] * 4 + [["Дата"]] * 3, 10, "Дата"),
    ],
)
def test_a_table_moved_aside_is_suspected(wrong: list[list[str]], total: int, column: str) -> None:
    assert rules.shifted(wrong, total) == column


@pytest.mark.parametrize(
    ("last", "wanted", "day"),
    [
        (None, date(2020, 1, 1), date(2020, 1, 1)),
        (date(2026, 1, 1), TODAY, TODAY),
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2025, 12, 31), None),
        (None, date(2026, 11, 25), None),
    ],
)
def test_a_change_begins_after_the_last_and_not_tomorrow(last: date | None, wanted: date, day: date | None) -> None:
    assert rules.next_since(last, wanted, TODAY) == day
