"""The quiz after a session: its window, what is enough, what a press may say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import AttendanceMethod, EventRule
from bot.rules.attendance import meets
from bot.rules.event_quiz import Stand, graded, needed, read, stand, window
from tests.factories import NOW


@pytest.mark.parametrize(
    ("minutes", "closed", "marked", "tries", "told"),
    [
        (-16, False, False, 0, Stand.early),
        (-15, False, False, 0, Stand.ask),
        (24 * 60, False, False, 1, Stand.ask),
        (24 * 60 + 1, False, False, 0, Stand.over),
        (10, True, False, 0, Stand.over),
        (10, False, False, 2, Stand.spent),
        (10, False, True, 2, Stand.marked),
        (-60, False, True, 0, Stand.marked),
    ],
)
def test_where_a_person_stands(minutes: int, closed: bool, marked: bool, tries: int, told: Stand) -> None:
    opens, until = window(NOW, 24)
    now = NOW + timedelta(minutes=minutes)
    at = NOW if closed else None
    assert stand(now=now, opens=opens, until=until, closed_at=at, marked=marked, tries=tries, most=2) is told


@pytest.mark.parametrize(("size", "share", "least"), [(3, 60, 2), (5, 60, 3), (4, 50, 2), (1, 1, 1), (5, 100, 5)])
def test_what_is_enough(size: int, share: int, least: int) -> None:
    assert needed(size, share) == least


@given(st.integers(1, 5), st.integers(1, 100))
def test_the_least_that_is_the_share(size: int, share: int) -> None:
    least = needed(size, share)
    assert least * 100 >= share * size
    assert least == 1 or (least - 1) * 100 < share * size


@given(st.text(max_size=8), st.lists(st.integers(2, 5), min_size=1, max_size=5))
def test_only_options_of_the_quiz_are_read(chosen: str, sizes: list[int]) -> None:
    found = read(chosen, sizes)
    if found is not None:
        assert "".join(map(str, found)) == chosen
        assert len(found) <= len(sizes)
        assert all(place < size for place, size in zip(found, sizes, strict=False))


def test_answers_are_graded_one_by_one() -> None:
    assert read("", [3, 3]) == ()
    assert read("30", [3, 3]) is None
    assert read("012", [3, 3]) is None
    assert graded([0, 2], [0, 1]) == (True, False)


@pytest.mark.parametrize(
    ("rule", "method", "enough"),
    [
        (EventRule.quiz, AttendanceMethod.quiz, True),
        (EventRule.code, AttendanceMethod.quiz, True),
        (EventRule.any, AttendanceMethod.quiz, True),
        (EventRule.sheet, AttendanceMethod.quiz, False),
        (EventRule.log, AttendanceMethod.quiz, False),
        (EventRule.quiz, AttendanceMethod.code_word, False),
        (EventRule.quiz, AttendanceMethod.sheet, False),
        (EventRule.quiz, AttendanceMethod.manual, True),
    ],
)
def test_a_quiz_stands_for_a_word_and_not_the_other_way(
    rule: EventRule, method: AttendanceMethod, enough: bool
) -> None:
    assert meets(rule, method, minutes=None, length=90, share=70) is enough
