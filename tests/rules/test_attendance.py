"""The word on the presenter's screen, and what counts as participation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import AttendanceMethod, Confidence, EventRule
from bot.rules.attendance import (
    GRACE,
    WINDOW,
    WORDS,
    Verdict,
    bare,
    confidence,
    judge,
    left,
    looks_like_word,
    meets,
    ticket,
    window_of,
    word,
)

START = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=90)
SECRET = "secret-of-the-event"


def said(typed: str, *, at: datetime, turn: int = 0, picture: bool = False) -> Verdict:
    return judge(typed, SECRET, turn=turn, starts_at=START, ends_at=END, now=at, by_picture=picture)


def shown(at: datetime, turn: int = 0) -> str:
    return word(SECRET, window_of(at), turn)


@pytest.mark.parametrize(
    ("shown_after", "typed_after", "verdict"),
    [
        (10, 11, Verdict.right),
        (10, 24, Verdict.right),
        (10, 40, Verdict.late),
        (0, 90, Verdict.late),
        (90, 104, Verdict.right),
        (90, 106, Verdict.over),
    ],
)
def test_a_word_is_taken_a_quarter_of_an_hour_longer(shown_after: int, typed_after: int, verdict: Verdict) -> None:
    typed = shown(START + timedelta(minutes=shown_after))
    assert said(typed, at=START + timedelta(minutes=typed_after)) is verdict


def test_before_the_beginning_nothing_is_taken() -> None:
    at = START - timedelta(minutes=1)
    assert said(shown(at), at=at) is Verdict.early


def test_a_change_by_hand_ends_the_word_that_leaked() -> None:
    at = START + timedelta(minutes=10)
    assert said(shown(at, turn=0), at=at, turn=1) is Verdict.wrong
    assert said(shown(at, turn=1), at=at, turn=1) is Verdict.right


def test_the_picture_is_not_the_word() -> None:
    at = START + timedelta(minutes=10)
    code = ticket(SECRET, window_of(at), 0)
    assert said(code, at=at, picture=True) is Verdict.right
    assert said(code, at=at) is Verdict.wrong
    assert said(shown(at), at=at, picture=True) is Verdict.wrong


@given(st.text(max_size=40))
def test_nothing_typed_breaks_it(typed: str) -> None:
    assert said(typed, at=START + timedelta(minutes=5)) in Verdict
    looks_like_word(typed)


@given(st.integers(0, 85), st.integers(0, 14))
def test_case_spaces_and_yo_are_forgiven(minute: int, later: int) -> None:
    at = START + timedelta(minutes=minute)
    typed = shown(at).lower().replace("ё", "е").replace(" ", "-")
    assert looks_like_word(typed)
    assert said(typed, at=at + timedelta(minutes=later)) is Verdict.right


def test_words_are_told_apart() -> None:
    assert len({bare(one) for one in WORDS}) == len(WORDS)
    assert not looks_like_word("река")
    assert not looks_like_word("когда начало 12")


@given(st.integers(0, 10**6))
def test_the_word_changes_every_five_minutes(second: int) -> None:
    moment = START + timedelta(seconds=second)
    change = moment + timedelta(seconds=left(moment))
    assert window_of(change) == window_of(moment) + 1
    assert 0 < left(moment) <= WINDOW.total_seconds()
    assert GRACE > WINDOW


@pytest.mark.parametrize(
    ("rule", "method", "minutes", "enough"),
    [
        (EventRule.code, AttendanceMethod.code_word, None, True),
        (EventRule.code, AttendanceMethod.log_import, 90, False),
        (EventRule.log, AttendanceMethod.code_word, None, False),
        (EventRule.log, AttendanceMethod.log_import, 63, True),
        (EventRule.log, AttendanceMethod.log_import, 62, False),
        (EventRule.log, AttendanceMethod.log_import, None, False),
        (EventRule.sheet, AttendanceMethod.sheet, None, True),
        (EventRule.sheet, AttendanceMethod.qr_window, None, False),
        (EventRule.any, AttendanceMethod.quiz, None, True),
        (EventRule.sheet, AttendanceMethod.manual, None, True),
    ],
)
def test_what_meets_the_rule(rule: EventRule, method: AttendanceMethod, minutes: int | None, enough: bool) -> None:
    assert meets(rule, method, minutes=minutes, length=90, share=70) is enough


def test_a_word_of_somebody_who_was_not_on_the_list_waits_for_a_look() -> None:
    assert confidence(AttendanceMethod.code_word, on_list=False) is Confidence.low
    assert confidence(AttendanceMethod.code_word, on_list=True) is Confidence.medium
    assert confidence(AttendanceMethod.sheet, on_list=False) is Confidence.high
