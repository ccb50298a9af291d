"""When two wishes are one."""

from __future__ import annotations

import pytest

from bot.rules.wishes import key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Нейросети на уроке", "хочу курс: урок, нейросети", True),
        ("Ёлка", "елка", True),
        ("нейросети", "нейросети на уроке", False),
        ("химия 8 класс", "химия 9 класс", False),
    ],
)
def test_words_that_mean_the_same(one: str, other: str, same: bool) -> None:
    assert (key(one) == key(other)) is same


@pytest.mark.parametrize("empty", ["", "и в на", "!!!", "я", "хочу курс"])
def test_words_that_name_nothing(empty: str) -> None:
    assert key(empty) == ""
