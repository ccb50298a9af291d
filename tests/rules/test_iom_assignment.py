"""Who goes to whom: subject, district, load; the cap holds whatever comes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.iom_assignment import CAP, WARN, Desk, Seeker, distribute, fit

MATH, ART = frozenset({"math"}), frozenset({"art"})


def test_subject_then_district_then_load() -> None:
    both, subject = Desk(1, MATH, frozenset({7}), load=9), Desk(2, MATH, load=0)
    district, nobody = Desk(3, ART, frozenset({7}), load=0), Desk(4, load=0)
    seeker = Seeker(100, MATH, 7)
    assert [fit(seeker, desk) for desk in (both, subject, district, nobody)] == [3, 2, 1, 0]
    order = [both, subject, district, nobody]
    for place in range(4):
        assert distribute([seeker], order[place:]) == {100: order[place].id}
    assert distribute([seeker], [Desk(5, MATH, load=3), Desk(6, MATH, load=2)]) == {100: 6}


def test_room_goes_first_to_whom_it_suits() -> None:
    desks = [Desk(1, MATH, load=CAP - 1)]
    assert distribute([Seeker(10, ART), Seeker(11, MATH)], desks) == {11: 1}


def test_nobody_accompanies_herself_and_the_cap_is_below_nothing() -> None:
    assert distribute([Seeker(1, MATH)], [Desk(1, MATH)]) == {}
    assert Desk(1, load=CAP + 5).room == 0
    assert WARN < CAP


subjects = st.frozensets(st.sampled_from(["math", "art", "pe"]), max_size=2)
desks_of = st.lists(
    st.builds(
        Desk,
        st.integers(1, 8),
        subjects,
        st.frozensets(st.integers(1, 3), max_size=2),
        st.integers(0, 6),
        st.integers(1, 6),
    ),
    max_size=6,
    unique_by=lambda desk: desk.id,
)
seekers_of = st.lists(
    st.builds(Seeker, st.integers(1, 40), subjects, st.none() | st.integers(1, 3)),
    max_size=30,
    unique_by=lambda one: one.id,
)


@given(seekers_of, desks_of)
def test_the_cap_holds_and_nobody_waits_in_vain(seekers: list[Seeker], desks: list[Desk]) -> None:
    found = distribute(seekers, desks)
    assert found == distribute(list(reversed(seekers)), list(reversed(desks))), "the order of the input says nothing"
    count = Counter(found.values())
    for desk in desks:
        assert count[desk.id] <= desk.room
    for seeker in seekers:
        if seeker.id in found:
            assert found[seeker.id] != seeker.id
        else:
            assert all(count[desk.id] == desk.room for desk in desks if desk.id != seeker.id)


@given(seekers_of, desks_of)
def test_nobody_is_sent_past_a_better_free_place(seekers: list[Seeker], desks: list[Desk]) -> None:
    found = distribute(seekers, desks)
    count = Counter(found.values())
    by_id = {desk.id: desk for desk in desks}
    for seeker in seekers:
        if seeker.id in found:
            mine = fit(seeker, by_id[found[seeker.id]])
            free = [desk for desk in desks if count[desk.id] < desk.room and desk.id != seeker.id]
            assert all(fit(seeker, desk) <= mine for desk in free)
