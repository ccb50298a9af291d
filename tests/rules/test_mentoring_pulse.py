"""What of the half-year answers is the coordinator's business."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.mentoring.pulse import Concern, GoesOn, Hindrance, Word, concerns

H, G = Hindrance, GoesOn


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Word(), Word(), ()),
        (Word(5, 5, H.nothing, G.yes), Word(4, 4, H.nothing, G.yes), ()),
        (Word(1, 1), Word(2, 2), ()),
        (Word(5), Word(3), (Concern.apart,)),
        (Word(progress=5), Word(progress=2), (Concern.apart,)),
        (Word(5), Word(progress=1), ()),
        (Word(goes_on=G.yes), Word(goes_on=G.other), (Concern.apart,)),
        (Word(goes_on=G.enough), Word(goes_on=G.enough), ()),
        (Word(goes_on=G.other), Word(), ()),
        (Word(hindrance=H.time), Word(hindrance=H.far), ()),
        (Word(hindrance=H.school), Word(), (Concern.school,)),
        (Word(hindrance=H.contact), Word(hindrance=H.school), (Concern.school, Concern.contact)),
    ],
)
def test_the_table(one: Word, other: Word, expected: tuple[Concern, ...]) -> None:
    assert concerns(one, other) == expected


GRADES = st.none() | st.integers(1, 5)
WORDS = st.builds(Word, GRADES, GRADES, st.none() | st.sampled_from(Hindrance), st.none() | st.sampled_from(GoesOn))


@given(WORDS, WORDS)
def test_whose_word_it_was_cannot_be_told(one: Word, other: Word) -> None:
    assert concerns(one, other) == concerns(other, one)
    assert Concern.apart not in concerns(one, one)
