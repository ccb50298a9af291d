"""The pace of a messenger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.pace import Bucket, Pace


def run(pace: Pace, chats: list[int], *, seconds: float) -> list[tuple[float, int]]:
    """What goes out when everybody waits as told."""
    now, sent = 0.0, []
    for chat in chats:
        while (wait := max(pace.wait(now), pace.wait_for(chat, now))) > 1e-9:
            now += wait
        if now > seconds:
            break
        pace.take(chat, now)
        sent.append((now, chat))
    return sent


def test_telegram_25_a_second_and_one_a_second_in_a_chat() -> None:
    sent = run(Pace(25, 1), list(range(1000)), seconds=20)
    assert 25 * 20 <= len(sent) <= 25 * 20 + 13
    alone = run(Pace(25, 1), [7] * 100, seconds=20)
    assert len(alone) == 21


def test_a_refusal_holds_everybody() -> None:
    pace = Pace(25, 1)
    pace.hold(30, now=100)
    assert pace.wait(100) == 30
    assert pace.wait(129) == 1
    assert pace.wait(131) == 0


def test_an_answer_that_does_not_wait_is_counted() -> None:
    pace = Pace(2, 1)
    for _ in range(3):
        pace.take(1, now=0)
    assert pace.wait(0) == pytest.approx(1.5)
    assert pace.resting(0) == {1: pytest.approx(3.0)}
    assert pace.resting(10) == {}


def test_a_bucket_without_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rate above 0"):
        Bucket(0, 1)


@given(
    st.floats(0.5, 100),
    st.floats(0.2, 20),
    st.lists(st.integers(1, 5), min_size=1, max_size=120),
    st.floats(0.1, 5),
)
def test_no_span_of_time_holds_more_than_rate_and_burst(
    rate: float, per_chat: float, chats: list[int], span: float
) -> None:
    sent = run(Pace(rate, per_chat), chats, seconds=10_000)
    for start, _ in sent:
        within = [chat for moment, chat in sent if start <= moment < start + span]
        assert len(within) <= rate * span + max(1, rate / 2) + 1e-6
        for chat in set(within):
            assert within.count(chat) <= per_chat * span + max(1, per_chat) + 1e-6
