"""Whose readiness is low."""

from __future__ import annotations

import pytest

from bot.rules.tutors import is_low


@pytest.mark.parametrize(
    ("asking", "groups", "low"),
    [(0, 0, False), (0, 6, False), (2, 6, False), (3, 6, True), (6, 6, True), (3, 7, False), (4, 7, True)],
)
def test_readiness(asking: int, groups: int, low: bool) -> None:
    assert is_low(asking, groups) is low
