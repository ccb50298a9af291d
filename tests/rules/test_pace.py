"""The pace of a messenger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.pace import CALM, SLOWEST, Bucket, Pace


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
    assert 25 * 20 <= len(sent) <= 25 * 20 + 6
    alone = run(Pace(25, 1), [7] * 100, seconds=20)
    assert len(alone) == 21


def test_a_refusal_holds_everybody() -> None:
    pace = Pace(25, 1)
    pace.hold(30, now=100)
    assert pace.wait(100) == 30
    assert pace.wait(129) == 1
    assert pace.wait(131) == 0


def rate(pace: Pace, start: float, seconds: float) -> float:
    """Messages a second from ``start``, all to different chats, everybody waiting as told."""
    now, sent = start, 0
    while now < start + seconds:
        if wait := pace.wait(now):
            now += wait
            continue
        pace.take(1_000_000 + sent, now)
        sent += 1
    return sent / seconds


def test_too_many_slows_and_a_calm_brings_the_pace_back() -> None:
    pace = Pace(20, 1)
    pace.refused(5, now=100)
    assert pace.wait(100) == 5
    assert pace.share == pytest.approx(0.7)
    assert rate(pace, 105, 15) == pytest.approx(14, abs=1)
    assert pace.share == pytest.approx(0.7)
    pace.wait(105 + CALM)
    assert pace.share == pytest.approx(0.75)
    pace.wait(105 + CALM * 6)
    assert pace.share == 1
    assert rate(pace, 300, 20) == pytest.approx(20, abs=1)


def test_messages_refused_together_are_one_refusal() -> None:
    pace = Pace(20, 1)
    for moment in (100.0, 100.1, 100.2):
        pace.refused(3, now=moment)
    assert pace.share == pytest.approx(0.7)
    pace.refused(3, now=104)
    assert pace.share == pytest.approx(0.49)


def test_a_storm_of_refusals_never_stops_the_messenger() -> None:
    pace = Pace(20, 1)
    for number in range(100):
        pace.refused(1, now=number * 2.0)
    assert pace.share == SLOWEST
    assert pace.wait(300) == 0


def test_a_group_gets_twenty_a_minute() -> None:
    group = run(Pace(25, 1, per_group=20), [-7] * 100, seconds=120)
    assert 40 <= len(group) <= 42
    # Without a pace for groups a group is a chat like others.
    assert len(run(Pace(25, 1), [-7] * 200, seconds=120)) == 121


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
        assert len(within) <= rate * span + max(1, rate / 5) + 1e-6
        for chat in set(within):
            assert within.count(chat) <= per_chat * span + max(1, per_chat) + 1e-6
