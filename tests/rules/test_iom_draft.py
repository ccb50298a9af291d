"""Needs and offers into a draft of a route: what is promised of every plan, and the best cover by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bench.draft import GROUPS, WEIGHTS, catalogue
from bot.rules.iom_draft import FIRM, VARIANTS, Budget, Need, Offer, Plan, clash, end_of, joined, plan

START = date(2026, 9, 1)
USUAL = VARIANTS["usual"]
NEEDS = (Need("method", 3, (11, 12)), Need("digital", 2, (21,)), Need("norms", 1, (31,)))


def offer(number: int, *groups: str, hours: int = 4, day: int | None = None, days: int = 1, **more: object) -> Offer:
    """``day`` counts from the start of the route."""
    starts = None if day is None else START + timedelta(days=day)
    ends = None if starts is None else starts + timedelta(days=days - 1)
    known = Offer(number, "seminar", groups, hours, starts, ends)
    return replace(known, **more)  # type: ignore[arg-type]


def planned(*offers: Offer, budget: Budget = USUAL, needs: Sequence[Need] = NEEDS) -> Plan:
    return plan(needs, offers, budget=budget, start=START)


def ids(made: Plan) -> list[int]:
    return [line.offer_id for line in made.lines]


# --- cases --------------------------------------------------------------------------------------------


def test_nothing_is_wanted_or_nothing_is_there() -> None:
    assert planned() == Plan((), ("method", "digital", "norms"))
    assert planned(offer(1, "method"), needs=()) == Plan((), ())


def test_a_need_without_an_offer_is_named() -> None:
    made = planned(offer(1, "method"), offer(2, "strategy"))
    assert (ids(made), made.uncovered) == ([1], ("digital", "norms"))


@pytest.mark.parametrize(
    "unusable",
    [
        offer(1, "method", day=-1),  # has begun
        offer(1, "method", day=180, days=10),  # ends after the route
        offer(1, "method", ends=START),  # cannot be done any more
        offer(1, "method", day=5, ends=START),  # ends before it begins
        offer(1, "method", seats_left=0),
        offer(1, "method", hours=49),
        offer(1, "method", hours=0),
        offer(1, "method", requires=(7,)),  # nobody knows what that is
        offer(1, "method", requires=(1,)),
    ],
)
def test_what_cannot_be_done_is_not_offered(unusable: Offer) -> None:
    assert planned(unusable).lines == ()


def test_a_clash_is_settled_for_the_heavier_need() -> None:
    made = planned(offer(1, "digital", day=3, days=2), offer(2, "method", day=4), offer(3, "norms", day=5))
    assert (ids(made), made.uncovered) == ([2, 3], ("digital",))


def test_a_long_distance_course_leaves_the_calendar_free() -> None:
    course = offer(1, "digital", day=0, days=30, form="distance", hours=16)
    assert ids(planned(course, offer(2, "method", day=4))) == [2, 1]


def test_the_greedy_choice_is_bettered_when_it_blocks_others() -> None:
    """The widest offer for the heaviest need takes the day that two others need."""
    wide = offer(1, "method", "norms", day=1, days=9)
    made = planned(wide, offer(2, "method", day=20), offer(3, "digital", day=2), offer(4, "norms", day=4))
    assert made.uncovered == ()
    assert 1 not in ids(made)


def test_hours_go_to_the_heaviest_cover() -> None:
    made = planned(
        offer(1, "method", hours=40), offer(2, "digital", hours=30), offer(3, "norms", hours=18), budget=USUAL
    )
    assert made.uncovered in (("digital", "norms"), ("digital",))
    # 3 alone is heavier than 2 alone, and 2 with 3 fit as well as 1: both ways weigh three.
    tight = planned(offer(1, "method", hours=40), offer(2, "digital", "norms", hours=8), budget=USUAL)
    assert tight.uncovered == ()


def test_a_prerequisite_comes_along_and_before() -> None:
    made = planned(
        offer(3, "method", day=10, requires=(2,)), offer(2, hours=2, requires=(1,)), offer(1, hours=2, day=1, days=2)
    )
    assert ids(made) == [1, 2, 3]
    assert [line.due for line in made.lines] == sorted({line.due for line in made.lines})
    assert made.lines[1].due < START + timedelta(days=10)
    # It works on nothing itself: it opens the way to what does.
    assert [line.groups for line in made.lines] == [("method",)] * 3
    assert all(line.mandatory for line in made.lines)


def test_a_prerequisite_that_would_come_too_late_takes_its_dependent_away() -> None:
    assert planned(offer(1, "method", day=3, requires=(2,)), offer(2, day=3)).lines == ()
    assert planned(offer(1, "method", day=1, requires=(2,)), offer(2)).lines == ()


def test_circles_and_long_chains_are_left_alone() -> None:
    circle = [offer(1, "method", requires=(2,)), offer(2, "method", requires=(1,)), offer(3, "digital", requires=(1,))]
    chain = [offer(n, "norms", hours=1, requires=(n - 1,) if n > 10 else ()) for n in range(10, 3000)]
    made = planned(*circle, *chain)
    assert made.uncovered == ("method", "digital")
    assert len(made.lines) <= USUAL.lines


def test_the_first_lines_of_a_need_are_mandatory_further_ones_are_not() -> None:
    made = planned(*(offer(n, "method", kind=f"k{n}") for n in range(1, 7)))
    assert len(made.lines) == 4
    assert sum(line.mandatory for line in made.lines) == FIRM


def test_why_this_line() -> None:
    made = planned(offer(1, "digital", "method"), offer(2, "norms"))
    assert made.reasons(NEEDS) == {1: (11, 12, 21), 2: (31,)}


def test_needs_of_one_group_are_one() -> None:
    assert joined([Need("a", 1, (1,)), Need("b", 2), Need("a", 2, (2, 1)), Need("c", 0)]) == (
        Need("a", 3, (1, 2)),
        Need("b", 2),
    )


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 9, 1), 6, date(2027, 3, 1)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_the_end_of_the_period(start: date, months: int, end: date) -> None:
    assert end_of(start, months) == end


@pytest.mark.parametrize("name", VARIANTS)
def test_a_usual_catalogue_gives_a_usual_route(name: str) -> None:
    needs = [Need(group, weight) for group, weight in zip(GROUPS, WEIGHTS, strict=True)]
    budget, offers = VARIANTS[name], catalogue(Random(3), count=400)
    made = plan(needs, offers, budget=budget, start=START)
    check(made, needs, offers, budget)
    hours = {o.id: o.hours for o in offers}
    assert made.uncovered == ()
    assert 3 <= len(made.lines) <= budget.lines
    assert sum(hours[number] for number in ids(made)) >= budget.hours * 0.9


# --- properties ---------------------------------------------------------------------------------------

groups = st.sampled_from(["a", "b", "c", "d"])
days = st.none() | st.integers(-2, 40)
needs_of = st.lists(
    st.builds(Need, group=groups, weight=st.integers(1, 5), reason_ids=st.tuples(st.integers(1, 9))), max_size=4
)
budgets = st.builds(Budget, hours=st.integers(1, 20), months=st.just(1), lines=st.integers(1, 5))


@st.composite
def offers_of(draw: st.DrawFn, most: int = 7) -> list[Offer]:
    count = draw(st.integers(0, most))
    made = []
    for number in range(1, count + 1):
        day, until = draw(days), draw(days)
        made.append(
            Offer(
                id=number,
                kind=draw(st.sampled_from(["x", "y"])),
                groups=tuple(draw(st.sets(groups, max_size=2))),
                hours=draw(st.integers(0, 9)),
                starts=None if day is None else START + timedelta(days=day),
                ends=None if until is None else START + timedelta(days=until),
                seats_left=draw(st.sampled_from([None, None, 0, 3])),
                requires=tuple(draw(st.sets(st.integers(1, count + 1), max_size=1))) if draw(st.booleans()) else (),
                form=draw(st.sampled_from(["in_person", "distance"])),
            )
        )
    return made


def check(made: Plan, needs: Sequence[Need], offers: Sequence[Offer], budget: Budget) -> None:
    """Everything that is promised of any plan."""
    known = {o.id: o for o in offers}
    lines = [known[number] for number in ids(made)]
    due = {line.offer_id: line.due for line in made.lines}
    end = end_of(START, budget.months)
    assert len(set(ids(made))) == len(lines) <= budget.lines
    assert sum(o.hours for o in lines) <= budget.hours
    assert not any(clash(one, other) for one, other in combinations(lines, 2))
    wanted = {need.group for need in joined(needs)}
    served = {group for o in lines for group in o.groups} & wanted
    assert set(made.uncovered) == wanted - served
    for line, o in zip(made.lines, lines, strict=True):
        assert o.seats_left is None or o.seats_left > 0
        assert START <= line.due <= end
        if o.starts is None:
            assert o.ends is None or line.due <= o.ends
        else:
            assert START <= o.starts <= line.due == (o.ends or o.starts)
        for needed in o.requires:
            assert due[needed] < (o.starts or line.due)
        assert set(line.groups) <= wanted
        assert line.groups
        assert set(o.groups) & wanted <= set(line.groups)
    assert [(line.due, line.offer_id) for line in made.lines] == sorted((d, n) for n, d in due.items())
    assert set(made.reasons(needs)) == set(due)


@given(needs_of, offers_of(), budgets, st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_every_plan_keeps_its_promises(needs: list[Need], offers: list[Offer], budget: Budget, rng: Random) -> None:
    made = plan(needs, offers, budget=budget, start=START)
    check(made, needs, offers, budget)
    shuffled = list(offers)
    rng.shuffle(shuffled)
    assert plan(needs, shuffled, budget=budget, start=START) == made


@given(needs_of, offers_of(), budgets)
@settings(max_examples=400, deadline=None)
def test_no_possible_plan_covers_more(needs: list[Need], offers: list[Offer], budget: Budget) -> None:
    made = plan(needs, offers, budget=budget, start=START)
    weights = {need.group: need.weight for need in joined(needs)}
    ours = sum(weights.values()) - sum(weights[group] for group in made.uncovered)
    best = max(
        sum(weights.get(group, 0) for group in {group for o in some for group in o.groups})
        for size in range(min(len(offers), budget.lines) + 1)
        for some in combinations(offers, size)
        if possible(some, budget)
    )
    assert ours == best


def possible(some: Sequence[Offer], budget: Budget) -> bool:
    """Written apart from the rule: can these, and nothing else, be done within the budget?"""
    if sum(o.hours for o in some) > budget.hours or any(o.hours <= 0 or o.seats_left == 0 for o in some):
        return False
    if any(clash(one, other) for one, other in combinations(some, 2)):
        return False
    end, done = end_of(START, budget.months), dict[int, date]()
    left = list(some)
    while left:
        ready = [o for o in left if all(needed in done for needed in o.requires)]
        if not ready:
            return False
        for o in ready:
            before = max((done[needed] for needed in o.requires), default=START - timedelta(days=1))
            if o.starts is not None:
                last = o.ends or o.starts
                if not max(START, before + timedelta(days=1)) <= o.starts <= last <= end:
                    return False
                done[o.id] = last
            else:
                done[o.id] = max(before, START) + timedelta(days=1)
                if done[o.id] > min(o.ends or end, end):
                    return False
            left.remove(o)
    return True


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_large_crowded_catalogues_keep_the_promises_too(seed: int) -> None:
    offers = catalogue(Random(seed), crowded=seed % 2 == 0, count=300)
    needs = [Need(group, weight, (place,)) for place, (group, weight) in enumerate(zip(GROUPS, WEIGHTS, strict=True))]
    for budget in VARIANTS.values():
        check(plan(needs, offers, budget=budget, start=START), needs, offers, budget)
