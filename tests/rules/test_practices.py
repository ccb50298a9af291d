"""What experts decide, who may be one, classes and subjects of a text, other people's data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import ReviewVerdict
from bot.rules.practices import (
    CRITERIA,
    Candidate,
    Decision,
    Field,
    classes,
    complete,
    decide,
    may_judge,
    missing,
    percent,
    ranked,
    strangers,
    subject_of,
)

YES, NO = ReviewVerdict.accept, ReviewVerdict.revise


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ([], Decision.wait),
        ([YES], Decision.wait),
        ([NO], Decision.wait),
        ([YES, YES], Decision.publish),
        ([NO, NO], Decision.revise),
        ([YES, NO], Decision.third),
        ([YES, NO, YES], Decision.publish),
        ([NO, YES, NO], Decision.revise),
    ],
)
def test_two_that_agree_decide(said: list[ReviewVerdict], decision: Decision) -> None:
    assert decide(said) is decision


@given(st.lists(st.sampled_from([YES, NO]), min_size=3, max_size=3))
def test_three_always_decide_and_order_does_not_matter(said: list[ReviewVerdict]) -> None:
    assert decide(said) in (Decision.publish, Decision.revise)
    assert decide(said) is decide(sorted(said))


def test_marks() -> None:
    assert percent({}) == 0
    assert percent(dict.fromkeys(CRITERIA, 2)) == 100
    assert percent({"useful": 1, "clear": 2}) == 75
    assert complete(dict.fromkeys(CRITERIA, 0))
    assert not complete({"useful": 2})


def test_neither_the_author_nor_her_school_nor_twice() -> None:
    def fits(person: int = 5, places: frozenset[int] = frozenset({9})) -> bool:
        one = Candidate(person, places, frozenset(), 0)
        return may_judge(one, author_id=1, author_places={7, 8}, taken={3})

    assert fits()
    assert fits(places=frozenset())
    assert not fits(person=1)
    assert not fits(person=3)
    assert not fits(places=frozenset({9, 7}))


def test_the_same_subject_first_then_who_has_least_to_read() -> None:
    pool = [
        Candidate(1, frozenset(), frozenset({"math"}), 0),
        Candidate(2, frozenset(), frozenset({"russian"}), 3),
        Candidate(3, frozenset(), frozenset({"russian", "math"}), 1),
    ]
    assert [one.person_id for one in ranked(pool, subject="russian")] == [3, 2, 1]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Математика, 5–6 класс", "5–6"),
        ("7, 9 классы", "7, 9"),
        ("10-11", "10–11"),
        ("школа № 123", ""),
        ("12 класс", ""),
        ("2026 год", ""),
        ("", ""),
    ],
)
def test_classes(typed: str, found: str) -> None:
    assert classes(typed) == found


def test_the_subject_a_text_names() -> None:
    titles = {"history": "История", "local": "История и культура родного края", "math": "Математика"}
    assert subject_of("историю, 8 класс", titles) == "history"
    assert subject_of("История и культура родного края 5", titles) == "local"
    assert subject_of("на математике", titles) == "math"
    assert subject_of("танцы", titles) is None


def test_what_has_to_be_there() -> None:
    assert missing({Field.heading, Field.actions, Field.outcome}) == ()
    assert missing({Field.outcome}) == (Field.heading, Field.actions)


def test_the_author_may_name_herself() -> None:
    text = "Я, Кашина Вера Львовна, и ученик Петров Иван. Телефон 8 910 123-45-67. По Пушкину."
    found = [text[one.start : one.end] for one in strangers(text, ["Кашина"])]
    assert not any("Кашина" in one for one in found)
    assert any("Петров" in one for one in found)
    assert any("910" in one for one in found)
