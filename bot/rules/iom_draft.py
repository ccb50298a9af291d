"""Needs and offers → a draft of a route: what covers the needs within hours, period and number of lines.

What is promised of every plan: hours, lines and period are never exceeded; no two lines clash; nothing without a
seat; a prerequisite is in the plan and due before what needs it; the same input, in any order, gives the same plan.

What is promised of the cover: no possible plan covers more weight of needs, as long as the search ends within
``TRIES`` steps (it does whenever (candidates + 1) ** needs ≤ TRIES, and in practice far beyond). After that it is
the heaviest cover seen, and never lighter than the greedy one. So whatever can be covered together is covered.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from heapq import heapify, heappop
from itertools import pairwise
from types import MappingProxyType
from typing import Any

TRIES = 10_000
"""Steps of the exact search: some 20 ms."""

DEPTH = 4
"""So many lines for one need; then another need has its turn."""

FIRM = 2
"""So many lines of a need are mandatory; more are there to choose from."""

OWN_PACE = timedelta(days=7)
"""A distance course longer than this goes at its own pace and takes no day away from anything else."""

DAY = timedelta(days=1)

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A group to work on; ``reason_ids`` are whatever the caller can explain it by (growth points, answers)."""

    group: str
    weight: float
    reason_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A line of the catalogue. No ``starts``: whenever one likes, until ``ends`` where that is set."""

    id: int
    kind: str
    groups: tuple[str, ...]
    hours: int
    starts: date | None = None
    ends: date | None = None
    seats_left: int | None = None
    requires: tuple[int, ...] = ()
    form: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a route may take at most."""

    hours: int
    months: int
    lines: int


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An offer of the plan. ``groups`` are the needs it works on; of a mere prerequisite, those it opens the way to."""

    offer_id: int
    groups: tuple[str, ...]
    due: date
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines by their due days; ``uncovered`` are the needs nothing in the plan works on."""

    lines: tuple[PlanLine, ...]
    uncovered: tuple[str, ...]

    def reasons(self, needs: Sequence[Need]) -> dict[int, tuple[int, ...]]:
        """Offer → reasons of its needs: the answer to «почему мне это»."""
        of = {need.group: need.reason_ids for need in joined(needs)}
        return {
            line.offer_id: tuple(dict.fromkeys(reason for group in line.groups for reason in of.get(group, ())))
            for line in self.lines
        }


VARIANTS: Mapping[str, Budget] = MappingProxyType(
    {
        "short": Budget(hours=24, months=3, lines=5),
        "usual": Budget(hours=48, months=6, lines=8),
        "intensive": Budget(hours=72, months=6, lines=12),
    }
)
"""Короткий, обычный, интенсив."""


def plan(needs: Sequence[Need], offers: Sequence[Offer], *, budget: Budget, start: date) -> Plan:
    """The draft: first a cover of the needs, then more of what is needed most, until the budget is used."""
    wanted = joined(needs)
    draft = _Draft(wanted, offers, budget, start)
    best = draft.greedy()
    if draft.weight(best) < draft.reachable:
        exact = draft.exact()
        if draft.weight(exact) > draft.weight(best):
            best = exact
    return draft.finished(draft.deepened(best))


def joined(needs: Sequence[Need]) -> tuple[Need, ...]:
    """One need a group, heaviest first; those without weight are none."""
    found: dict[str, Need] = {}
    for need in needs:
        old = found.get(need.group, Need(need.group, 0.0))
        reasons = tuple(dict.fromkeys((*old.reason_ids, *need.reason_ids)))
        found[need.group] = Need(need.group, old.weight + max(0.0, need.weight), reasons)
    return tuple(sorted((n for n in found.values() if n.weight > 0), key=lambda n: (-n.weight, n.group)))


def end_of(start: date, months: int) -> date:
    """The last day of a period of whole months."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def occupies(offer: Offer) -> tuple[date, date] | None:
    """The days an offer takes; None when it leaves the calendar free."""
    if offer.starts is None:
        return None
    last = offer.ends or offer.starts
    return None if offer.form == "distance" and last - offer.starts > OWN_PACE else (offer.starts, last)


def clash(first: Offer, second: Offer) -> bool:
    """True when both take a common day."""
    one, other = occupies(first), occupies(second)
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An offer with everything it requires: what it costs alone, what it covers."""

    offer: Offer
    closure: tuple[int, ...]
    own: int
    mask: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Offers of a growing plan, closed under what they require."""

    ids: frozenset[int] = frozenset()
    picks: tuple[int, ...] = ()
    days: tuple[tuple[date, date], ...] = ()
    hours: int = 0
    mask: int = 0


class _Draft:
    """One planning: needs are bits of a mask, heaviest lowest."""

    def __init__(self, needs: Sequence[Need], offers: Sequence[Offer], budget: Budget, start: date) -> None:
        self.needs, self.budget, self.start = needs, budget, start
        self.end = end_of(start, budget.months)
        self.bit = {need.group: 1 << place for place, need in enumerate(needs)}
        self.weights = [need.weight for need in needs]
        self.usual = budget.hours / max(1, budget.lines)
        self.weight_of: dict[int, float] = {}
        self.offers = {offer.id: offer for offer in sorted(offers, key=lambda o: o.id, reverse=True)}
        self.ready: dict[int, date] = {}
        self.closures: dict[int, tuple[int, ...]] = {}
        self.days = {number: occupies(offer) for number, offer in self.offers.items()}
        self.own = {number: self._mask(offer) for number, offer in self.offers.items()}
        self._close()
        self.candidates = self._usable()
        self.for_need = [[c for c in self.candidates if c.mask & bit] for bit in self.bit.values()]
        all_bits = 0
        for candidate in self.candidates:
            all_bits |= candidate.mask
        self.reachable = self._sum(all_bits)

    # --- what can be used ---------------------------------------------------------------------

    def _mask(self, offer: Offer) -> int:
        mask = 0
        for group in offer.groups:
            mask |= self.bit.get(group, 0)
        return mask

    def _usable(self) -> list[_Candidate]:
        """Offers that serve a need and fit alone, with everything they require."""
        found: list[_Candidate] = []
        for number in sorted(self.closures):
            if not self.own[number]:
                continue
            closure, mask = self.closures[number], self.own[number]
            for n in closure[:-1]:
                mask |= self.own[n]
            found.append(_Candidate(self.offers[number], closure, self.own[number], mask))
        return found

    def _clashes(self, closure: Sequence[int]) -> bool:
        days = sorted(taken for n in closure if (taken := self.days[n]) is not None)
        return any(before[1] >= after[0] for before, after in pairwise(days))

    def _close(self) -> None:
        """Each offer after all it requires; those missing something, circular, too long or too late have no closure."""
        waiting = {
            number: set(offer.requires)
            for number, offer in self.offers.items()
            if all(needed in self.offers for needed in offer.requires)
        }
        opens: dict[int, list[int]] = {}
        for number, needed in waiting.items():
            for n in needed:
                opens.setdefault(n, []).append(number)
        queue = [number for number, needed in waiting.items() if not needed]
        while queue:
            number = queue.pop()
            closure = self._closure(self.offers[number])
            if closure is None:
                continue
            self.closures[number] = closure
            for later in opens.get(number, ()):
                waiting[later].discard(number)
                if not waiting[later]:
                    queue.append(later)

    def _closure(self, offer: Offer) -> tuple[int, ...] | None:
        """What it requires has closures already."""
        if offer.hours <= 0 or (offer.seats_left is not None and offer.seats_left <= 0):
            return None
        if not offer.requires:  # Most of a catalogue; runs for thousands of teachers come here.
            done = self._done_at(offer, self.start - DAY)
            if done is None or offer.hours > self.budget.hours or self.budget.lines < 1:
                return None
            self.ready[offer.id] = done
            return (offer.id,)
        before: dict[int, None] = {}
        ready = self.start - DAY
        for needed in sorted(set(offer.requires)):
            before.update(dict.fromkeys(self.closures[needed]))
            ready = max(ready, self.ready[needed])
        done = self._done_at(offer, ready)
        closure = (*before, offer.id)
        if done is None or len(closure) > self.budget.lines or self._clashes(closure):
            return None
        if sum(self.offers[n].hours for n in closure) > self.budget.hours:
            return None
        self.ready[offer.id] = done
        return closure

    def _done_at(self, offer: Offer, ready: date) -> date | None:
        """The first day by which it can be done, when what it requires is done at ``ready``; None for never."""
        if offer.starts is not None:
            last = offer.ends or offer.starts
            fits = max(ready + DAY, self.start) <= offer.starts <= last <= self.end
            return last if fits else None
        first = max(ready, self.start) + DAY
        return first if first <= self._until(offer) else None

    def _until(self, offer: Offer) -> date:
        return self.end if offer.ends is None else min(offer.ends, self.end)

    # --- choosing -----------------------------------------------------------------------------

    def _sum(self, mask: int) -> float:
        if mask not in self.weight_of:
            # Added in one order, so that equal covers have equal weight to the last bit.
            self.weight_of[mask] = sum(w for place, w in enumerate(self.weights) if mask >> place & 1)
        return self.weight_of[mask]

    def weight(self, chosen: _Chosen) -> float:
        """Weight of the needs covered."""
        return self._sum(chosen.mask)

    def add(self, chosen: _Chosen, candidate: _Candidate) -> _Chosen | None:
        """The plan with the candidate; None when it does not fit."""
        fresh = [n for n in candidate.closure if n not in chosen.ids]
        hours = chosen.hours + sum(self.offers[n].hours for n in fresh)
        if hours > self.budget.hours or len(chosen.ids) + len(fresh) > self.budget.lines:
            return None
        days = [taken for n in fresh if (taken := self.days[n]) is not None]
        for first, last in days:
            for begun, ended in chosen.days:
                if first <= ended and begun <= last:
                    return None
        return _Chosen(
            chosen.ids.union(fresh),
            (*chosen.picks, candidate.offer.id),
            (*chosen.days, *days),
            hours,
            chosen.mask | candidate.mask,
        )

    def greedy(self) -> _Chosen:
        """Heaviest need first, what covers most of the rest, near to a usual length of a line, soon."""
        chosen = _Chosen()
        for place in range(len(self.needs)):
            if not chosen.mask >> place & 1:
                chosen = self._first(chosen, self.for_need[place], partial(self._widest, ~chosen.mask)) or chosen
        return chosen

    def _widest(self, missing: int, c: _Candidate) -> Key:
        return (-self._sum(c.mask & missing), abs(c.offer.hours - self.usual), self._when(c.offer), c.offer.id)

    def _longest(self, c: _Candidate) -> Key:
        return (-c.offer.hours, -self._sum(c.own), self._when(c.offer), c.offer.id)

    def _varied(self, kinds: Mapping[str, int], c: _Candidate) -> Key:
        offer = c.offer
        return (kinds.get(offer.kind, 0), -self._sum(c.own), abs(offer.hours - self.usual), self._when(offer), offer.id)

    def exact(self) -> _Chosen:
        """The heaviest cover: needs in turn, each by one of its candidates or not at all.

        Candidates that another, always possible one covers as well for no more hours are left out: in any plan
        that other one can stand in their place.
        """
        lists = [self._undominated(found) for found in self.for_need]
        cheapest = [min((c.offer.hours for c in found), default=self.budget.hours + 1) for found in lists]
        best = _Chosen()
        tries = 0

        def walk(place: int, chosen: _Chosen) -> None:
            nonlocal best, tries
            if self.weight(chosen) > self.weight(best):
                best = chosen
            left = self.budget.hours - chosen.hours
            possible = chosen.mask
            for later in range(place, len(lists)):
                if cheapest[later] <= left:
                    possible |= 1 << later
            if place == len(lists) or self._sum(possible) <= self.weight(best):
                return
            if chosen.mask >> place & 1:
                walk(place + 1, chosen)
                return
            for candidate in lists[place]:
                tries += 1
                if tries > TRIES:
                    return
                more = self.add(chosen, candidate)
                if more is not None:
                    walk(place + 1, more)
                    if self.weight(best) >= self.reachable:
                        return
            walk(place + 1, chosen)

        walk(0, best)
        return best

    def _undominated(self, found: Sequence[_Candidate]) -> list[_Candidate]:
        """Widest and cheapest first, without those that a free one makes needless."""
        free: dict[int, tuple[int, int]] = {}
        for c in found:
            if len(c.closure) == 1 and self.days[c.offer.id] is None:
                free[c.mask] = min(free.get(c.mask, (c.offer.hours, c.offer.id)), (c.offer.hours, c.offer.id))
        better = {
            mask: min((cost for wider, cost in free.items() if wider & mask == mask), default=None)
            for mask in {c.mask for c in found}
        }
        kept = [
            c for c in found if (cost := better[c.mask]) is None or cost[1] == c.offer.id or c.offer.hours < cost[0]
        ]
        return sorted(kept, key=lambda c: (-self._sum(c.mask), c.offer.hours, self._when(c.offer), c.offer.id))

    def deepened(self, chosen: _Chosen) -> _Chosen:
        """More of what is needed most: one long line of at most half the hours, then lines of other kinds."""
        kinds: dict[str, int] = {}
        for number in chosen.ids:
            kinds[self.offers[number].kind] = kinds.get(self.offers[number].kind, 0) + 1
        open_needs = list(range(len(self.needs)))
        anchored = False
        while open_needs and len(chosen.ids) < self.budget.lines:
            place = min(open_needs, key=lambda n: (self._served(chosen, n) / self.weights[n], n))
            if sum(1 for number in chosen.ids if self.own[number] >> place & 1) >= DEPTH:
                open_needs.remove(place)
                continue
            own = [c for c in self.for_need[place] if c.own >> place & 1 and c.offer.id not in chosen.ids]
            if anchored:
                more = self._first(chosen, own, partial(self._varied, kinds))
            else:
                anchored, half = True, self.budget.hours // 2
                more = self._first(chosen, [c for c in own if c.offer.hours <= half], self._longest)
            if more is None:
                open_needs.remove(place)
                continue
            for number in more.ids - chosen.ids:
                kinds[self.offers[number].kind] = kinds.get(self.offers[number].kind, 0) + 1
            chosen = more
        return chosen

    def _served(self, chosen: _Chosen, place: int) -> int:
        return sum(self.offers[number].hours for number in chosen.ids if self.own[number] >> place & 1)

    def _when(self, offer: Offer) -> date:
        return offer.starts or self.end

    def _first(self, chosen: _Chosen, found: Sequence[_Candidate], key: Callable[[_Candidate], Key]) -> _Chosen | None:
        """The plan with the best candidate that fits; keys end with the id, so there are no ties."""
        left = self.budget.hours - chosen.hours
        heap = [(key(c), place) for place, c in enumerate(found) if c.offer.hours <= left]
        heapify(heap)
        while heap:
            more = self.add(chosen, found[heappop(heap)[1]])
            if more is not None:
                return more
        return None

    # --- days ---------------------------------------------------------------------------------

    def finished(self, chosen: _Chosen) -> Plan:
        """Due days: those of the calendar, the rest spread over the period by hours."""
        order = self._in_order(chosen)
        latest = self._latest(order)
        days = (self.end - self.start).days
        due: dict[int, date] = {}
        done = 0
        for number in order:
            offer = self.offers[number]
            done += offer.hours
            if offer.starts is not None:
                due[number] = offer.ends or offer.starts
                continue
            after = max((due[n] for n in offer.requires), default=self.start) + DAY
            even = self.start + timedelta(days=max(1, round(days * done / chosen.hours)))
            due[number] = max(after, min(even, latest[number]))
        served = [0] * len(self.needs)
        lines: list[PlanLine] = []
        mandatory: dict[int, bool] = {}
        for number in order:
            mine = [place for place in range(len(self.needs)) if self.own[number] >> place & 1]
            mandatory[number] = any(served[place] < FIRM for place in mine)
            for place in mine:
                served[place] += 1
        masks = dict(self.own)
        for number in reversed(order):
            for needed in self.offers[number].requires:
                if not self.own[needed]:
                    masks[needed] |= masks[number]
                mandatory[needed] = mandatory[needed] or mandatory[number]
        for number in sorted(order, key=lambda n: (due[n], n)):
            groups = tuple(need.group for place, need in enumerate(self.needs) if masks[number] >> place & 1)
            lines.append(PlanLine(number, groups, due[number], mandatory[number]))
        uncovered = tuple(need.group for place, need in enumerate(self.needs) if not chosen.mask >> place & 1)
        return Plan(tuple(lines), uncovered)

    def _in_order(self, chosen: _Chosen) -> list[int]:
        """As chosen (heaviest needs first), but nothing before what it requires."""
        order: dict[int, None] = {}
        for pick in chosen.picks:
            order.update(dict.fromkeys(self.closures[pick]))
        return list(order)

    def _latest(self, order: Sequence[int]) -> dict[int, date]:
        """The last possible due day of each, so that what requires it can still follow."""
        latest = {number: self._until(self.offers[number]) for number in order}
        for number in reversed(order):
            offer = self.offers[number]
            before = (offer.starts or latest[number]) - DAY
            for needed in offer.requires:
                latest[needed] = min(latest[needed], before)
        return latest
