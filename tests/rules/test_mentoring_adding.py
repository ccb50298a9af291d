"""What more mentors give: against plans that are really made, and the smallest number of them for a share."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.rules import mentoring
from bot.rules.mentoring import Cover, Mentee, Mentor, Mode, Share, Step, Way
from tests.rules.test_mentoring import MENTEE, MENTOR, people

NEW = Mentor(
    -1, organisation=-1, municipality=1, subjects=frozenset({"s1"}), areas=frozenset({"a1"}),
    stages=frozenset({"primary"}), remote=True, experience=10, most=2,
)  # fmt: skip


def covered(mentees: list[Mentee], mentors: list[Mentor], *, mine: set[int], extra: int = 0) -> tuple[int, int]:
    """All and «mine» in a plan that forgets nobody, where mine go first: their pairs are worth more to the solver."""
    added = [replace(NEW, id=-1 - number) for number in range(extra)]
    plan = mentoring.solve(mentees, [*mentors, *added], mode=Mode.nobody_forgotten)
    alone = mentoring.solve(
        [one for one in mentees if one.id in mine], [*mentors, *added], mode=Mode.nobody_forgotten
    )  # fmt: skip
    return len(plan.pairs), len(alone.pairs)


@given(people(most_mentees=8, most_mentors=4), st.sets(st.integers(1, 8)), st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_the_arithmetic_is_what_the_solver_finds(
    both: tuple[list[Mentee], list[Mentor]], mine: set[int], extra: int
) -> None:
    mentees, mentors = both
    whole, own = mentoring.cover(mentees, mentors, NEW, among=mine, mode=Mode.nobody_forgotten)
    assert (whole.asking, own.asking) == (len(mentees), sum(one.id in mine for one in mentees))
    found = whole.with_places(extra * NEW.free), own.with_places(extra * NEW.free)
    assert found == covered(mentees, mentors, mine=mine, extra=extra)


@given(people(most_mentees=8, most_mentors=4))
@settings(max_examples=50, deadline=None)
def test_a_plan_of_the_best_quality_covers_no_more(both: tuple[list[Mentee], list[Mentor]]) -> None:
    mentees, mentors = both
    whole, own = mentoring.cover(mentees, mentors, NEW)
    assert whole == own
    assert len(mentoring.solve(mentees, mentors).pairs) <= whole.now <= whole.most <= whole.asking


SHARES = st.builds(Share, st.integers(0, 60), st.integers(0, 10), st.integers(1, 60))
TARGETS = st.fractions(0, 100, max_denominator=10)


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    now, more, never = draw(st.integers(0, 30)), draw(st.integers(0, 30)), draw(st.integers(0, 30))
    return Cover(now + more + never, now, now + more)


@given(TARGETS, SHARES, covers(), st.integers(1, 3))
@example(Fraction(50), Share(0, 0, 11), Cover(10, 0, 10), 2)
def test_the_number_is_the_smallest_that_reaches_the_target(
    target: Fraction, share: Share, cover: Cover, places: int
) -> None:
    def reaches(mentors: int) -> bool:
        return share.percent(share.coming + cover.with_places(mentors * places)) >= target

    found = mentoring.step(target, share, cover, places=places)
    match found.way:
        case Way.reached:
            assert share.percent() >= target
        case Way.at_hand:
            assert reaches(0)
            assert share.percent() < target
        case Way.mentors:
            assert reaches(found.mentors)
            assert not reaches(found.mentors - 1)
        case Way.few_ask:
            assert share.percent(share.coming + cover.asking) < target
            assert share.percent(share.coming + cover.asking + found.missing) >= target
        case Way.other_kind:
            assert not reaches(10_000)
            assert share.percent(share.coming + cover.most + found.missing) >= target
            assert share.percent(share.coming + cover.asking) >= target


@given(TARGETS, TARGETS, SHARES, covers(), st.integers(1, 3))
def test_a_higher_target_is_never_nearer(
    one: Fraction, other: Fraction, share: Share, cover: Cover, places: int
) -> None:
    low, high = (mentoring.step(target, share, cover, places=places) for target in sorted((one, other)))
    order = list(Way)
    assert (order.index(low.way), low.mentors, low.missing) <= (order.index(high.way), high.mentors, high.missing)


@pytest.mark.parametrize(
    ("share", "cover", "places", "expected"),
    [
        pytest.param(Share(50, 0, 100), Cover(9, 0, 9), 2, Step(Fraction(50), Way.reached), id="there already"),
        pytest.param(Share(49, 0, 99), Cover(9, 0, 9), 2, Step(Fraction(50), Way.mentors, 1), id="49 of 99 are not"),
        pytest.param(Share(40, 4, 100), Cover(9, 6, 9), 2, Step(Fraction(50), Way.at_hand), id="with those there are"),
        pytest.param(Share(40, 4, 100), Cover(9, 1, 9), 2, Step(Fraction(50), Way.mentors, 3), id="five lack: three"),
        pytest.param(Share(40, 4, 100), Cover(9, 1, 9), 1, Step(Fraction(50), Way.mentors, 5), id="of one place: five"),
        pytest.param(
            Share(40, 4, 100), Cover(5, 1, 5), 2, Step(Fraction(50), Way.few_ask, missing=1), id="few have asked"
        ),
        pytest.param(
            Share(40, 4, 100), Cover(9, 1, 4), 2, Step(Fraction(50), Way.other_kind, missing=2), id="of another subject"
        ),
        pytest.param(Share(40, 0, 100), Cover(0, 0, 0), 2, Step(Fraction(50), Way.few_ask, missing=10), id="nobody"),
    ],
)
def test_the_way_to_half(share: Share, cover: Cover, places: int, expected: Step) -> None:
    assert mentoring.step(Fraction(50), share, cover, places=places) == expected


def test_more_mentors_cover_more() -> None:
    young = [replace(MENTEE, id=number) for number in range(20, 30)]
    whole, _ = mentoring.cover(young, [replace(MENTOR, busy=0)], replace(MENTOR, id=3, most=3, busy=0))
    assert (whole, whole.with_places(3), whole.with_places(30)) == (Cover(10, 2, 10), 5, 10)
    whole, _ = mentoring.cover(young[:2], [replace(MENTOR, busy=0)], replace(MENTOR, id=3))
    assert (whole.now, whole.with_places(1)) == (2, 2)


def test_one_who_does_not_fit_makes_room() -> None:
    """A chemist helps the historian who is left over, by taking the chemists whom the historian has now."""
    chemist = replace(MENTEE, id=20, wishes=frozenset())
    historian = replace(chemist, id=21, subjects=frozenset({"history"}), areas=frozenset({"society"}))
    both_ways = replace(MENTOR, id=3, subjects=frozenset({"history", "chemistry"}), most=1, busy=0)
    both_ways = replace(both_ways, areas=frozenset({"society", "science"}))
    only_chemistry = replace(MENTOR, id=-1, most=1, busy=0)
    alone, _ = mentoring.cover([historian], [], only_chemistry)
    assert alone.most == 0
    whole, _ = mentoring.cover([chemist, historian], [both_ways], only_chemistry)
    assert whole == Cover(2, 1, 2)


@pytest.mark.parametrize(
    ("change", "mode", "fits"),
    [
        pytest.param({}, Mode.quality, True, id="of the subject, nothing else known"),
        pytest.param({"subjects": frozenset({"physics"})}, Mode.quality, True, id="of the area"),
        pytest.param({"subjects": frozenset({"art"}), "areas": frozenset({"arts"})}, Mode.quality, False, id="other"),
        pytest.param(
            {"subjects": frozenset({"art"}), "areas": frozenset({"arts"})}, Mode.nobody_forgotten, True, id="anybody"
        ),
        pytest.param({"stages": frozenset({"primary"})}, Mode.nobody_forgotten, False, id="of another stage"),
    ],
)
def test_whom_somebody_still_to_be_found_can_take(change: dict[str, frozenset[str]], mode: Mode, fits: bool) -> None:
    added = replace(NEW, subjects=MENTEE.subjects, areas=MENTEE.areas, stages=MENTEE.stages)
    whole, _ = mentoring.cover([MENTEE], [], replace(added, **change), mode=mode)  # type: ignore[arg-type]
    assert (whole.now, whole.most) == (0, int(fits))
