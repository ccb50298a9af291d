"""Mentoring of the demonstration: a base of mentors, needs, proposals of yesterday, pairs at every step of their life.

Everything goes through the services, at moments of the past: history, facts and consents are what they would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import MeetFormat, MentorMeeting, MentorNotice, NeedBasis, Person, Role, ScopeKind, Side
from bot.rules.mentoring.places import PARTS
from bot.services.access import Grant, Scope
from bot.services.data_files import Entry, read
from bot.services.demo.cast import Character
from bot.services.mentoring import leaving, matching, meetings, pairs, profiles, programme, pulse
from bot.services.mentoring.profiles import MentorCard, NeedCard

MENTORS, OTHERS = 18, 14
"""How many mentors beside the one with a role, and how many ask who are not young."""

SENIOR_YEARS = 6
"""A mentor has worked as long; the rule asks for three, five are better."""

LEADERS = ("deputy", "director", "kindergarten_head", "unit_head", "senior_preschool")
EVERY = 13
"""Days between two meetings of a lively pair."""

BOTH = (MeetFormat.in_person.value, MeetFormat.remote.value)
FORMATS = (BOTH[:1], BOTH[1:], BOTH)


@dataclass(frozen=True, slots=True)
class Life:
    """How far a pair of the demonstration is. Days are counted back from today; None: not yet, or never."""

    offered: int
    ordered: int | None = None
    agrees: tuple[Side, ...] = (Side.mentor, Side.mentee)
    silent_for: int = 0
    end: str = ""


TWO = (Side.mentor, Side.mentee)
MAIN = Life(75, 68)
LIVES = (
    Life(11, end="papers"),
    Life(212, 203),
    Life(200, 192, end="finished"),
    Life(64, 58, end="paused"),
    Life(4, agrees=(Side.mentor,)),
    Life(96, 90, end="left"),
    Life(52, 44, silent_for=24),
    Life(8),
    Life(3, agrees=()),
    Life(6, agrees=(), end="declined"),
    Life(58, 50, end="leaving"),
)
"""``MAIN`` is the pair of her one signs in as; others take these in order, first what waits for the centre."""


async def add(
    session: AsyncSession,
    rng: Random,
    cast: Sequence[Character],
    ids: Sequence[int],
    staff: Sequence[tuple[str, int]],
    *,
    now: datetime,
) -> None:
    """Mentors, those who ask, pairs with their history, and the proposals a coordinator finds this morning."""
    held = dict(staff)
    scope = Scope(held[Role.centre_head.value], (Grant(Role.centre_head, ScopeKind.region),))
    here = [(one, number) for one, number in zip(cast, ids, strict=True) if one.registered and one.confirmed]
    story = _Story(session, rng, read(ROOT / "data" / "demo" / "mentoring.yaml"), scope, now)
    nina = held[Role.mentor.value]
    await story.mentors(here, nina)
    young = [number for one, number in here if one.is_young and number != nina]
    main = next((number for one, number in here if one.is_young and one.role), None)
    others = [(one, number) for one, number in here if not one.role and number not in {*young, *story.teachers}]
    chosen = others[:: max(1, len(others) // OTHERS)][:OTHERS]
    leaders = {number for one, number in chosen if one.position in LEADERS}
    came = dict((await session.execute(select(Person.id, Person.created_at).where(Person.id.in_(ids)))).all())
    asking = [number for number in young if number != main]
    asking.sort(key=lambda number: (came[number], number))
    asking += [number for _, number in chosen]
    if main is not None:
        await story.pair(main, MAIN, mentor_id=nina)
    for life in LIVES:
        early = (number for number in asking if came[number] < story.ago(life.offered + 3) and number not in leaders)
        number = next(early, None)
        if number is not None:
            asking.remove(number)
            await story.pair(number, life)
    for number in asking:
        basis = NeedBasis.new_position if number in leaders else None
        await story.need(number, now - timedelta(days=rng.randint(1, 9)), basis=basis, words=rng.random() < 0.4)
    await story.proposals()
    # What was said then was said then: nobody gets a year of messages this morning.
    await session.execute(update(MentorNotice).values(told_at=MentorNotice.at))
    await session.flush()


class _Story:
    def __init__(self, session: AsyncSession, rng: Random, words: Entry, scope: Scope, now: datetime) -> None:
        self.session, self.rng, self.words, self.scope, self.now = session, rng, words, scope, now
        self.teachers: list[int] = []
        self.orders = 10

    def ago(self, days: int, hour: int = 9) -> datetime:
        return (self.now - timedelta(days=days)).replace(hour=hour)

    async def mentors(self, here: Sequence[tuple[Character, int]], nina: int) -> None:
        able = [
            (one, number)
            for one, number in here
            if number == nina or (not one.role and self.now.year - one.since_year >= SENIOR_YEARS)
        ]
        able.sort(key=lambda pair: pair[1] != nina)
        step = max(1, (len(able) - 1) // MENTORS)
        for _, number in [able[0], *able[1::step][:MENTORS]]:
            groups = await profiles.groups_for(self.session, number)
            card = MentorCard(
                strengths=tuple(sorted(self.rng.sample(groups, min(3, len(groups))))),
                formats=BOTH if number == nina else self.rng.choice(FORMATS),
                parts=("after", "evening") if number == nina else self._parts(),
                max_load=3 if number == nina else self.rng.choice((1, 2, 2, 3)),
                statement=self.rng.choice(self.words.need("statements", list)),
            )
            joined = self.ago(self.rng.randint(214, 230))
            await profiles.save_profile(self.session, number, card, now=joined, today=joined.date())
            self.teachers.append(number)

    def _parts(self) -> tuple[str, ...]:
        return tuple(sorted(self.rng.sample(sorted(PARTS), self.rng.randint(1, 3))))

    async def need(
        self, person_id: int, at: datetime, *, basis: NeedBasis | None = None, words: bool = False, main: bool = False
    ) -> None:
        groups = await profiles.groups_for(self.session, person_id)
        topics = tuple(sorted(self.rng.sample(groups, self.rng.randint(1, min(3, len(groups))))))
        card = NeedCard(
            topics=topics,
            wish=self.rng.choice(self.words.need("wishes", list)) if words else "",
            parts=("after",) if main else self._parts(),
            formats=BOTH if main else self.rng.choice(FORMATS),
            shares=main or self.rng.random() < 0.6,
            basis=basis,
        )
        await profiles.save_need(self.session, person_id, card, now=at, today=at.date())

    async def pair(self, mentee_id: int, life: Life, *, mentor_id: int | None = None) -> None:
        """One pair from its need to where it is today."""
        main = mentor_id is not None
        offered = self.ago(life.offered)
        await self.need(mentee_id, offered - timedelta(days=2), main=main)
        if mentor_id is None:
            best, _ = await matching.candidates(self.session, self.scope, mentee_id, today=offered.date(), limit=1)
            if not best:
                return
            mentor_id = best[0].who.id
        at = {"now": offered, "today": offered.date()}
        pair_id = await matching.propose(self.session, self.scope, mentee_id, mentor_id, **at)  # type: ignore[arg-type]
        at["now"] = offered + timedelta(hours=3)
        await pairs.publish(self.session, self.scope, [pair_id], **at)  # type: ignore[arg-type]
        two = {Side.mentor: mentor_id, Side.mentee: mentee_id}
        for side in life.agrees:
            when = min(offered + timedelta(days=1, hours=side is Side.mentee), self.now)
            await pairs.agree(self.session, two[side], pair_id, now=when, today=when.date())
        if life.end == "declined":
            await pairs.decline(self.session, mentee_id, pair_id, now=offered + timedelta(days=1))
        if life.end == "papers":
            await self._papers(pair_id)
        if life.ordered is not None:
            await self._lived(pair_id, two, life, main=main)

    async def _papers(self, pair_id: int) -> None:
        at: dict[str, Any] = {"now": self.ago(3), "today": self.ago(3).date()}
        await pairs.employer_agrees(self.session, self.scope, pair_id, **at)
        paper = self.words.need("paper", str).format(number=self.orders)
        await pairs.written(self.session, self.scope, pair_id, Side.mentor, paper, **at)

    async def _lived(self, pair_id: int, two: dict[Side, int], life: Life, *, main: bool) -> None:
        assert life.ordered is not None
        ordered = self.ago(life.ordered)
        self.orders += 1
        no = self.words.need("order", str).format(number=self.orders)
        await pairs.order(
            self.session, self.scope, [pair_id], no=no, on=ordered.date(), now=ordered, today=ordered.date()
        )
        await programme.set_goal(self.session, two[Side.mentor], pair_id, self.words.need("goal", str), now=ordered)
        await self._met(pair_id, two, ordered, self.ago(life.silent_for or 3))
        lines = await programme.lines_of(self.session, pair_id)
        for line in lines[: len(lines) // 2]:
            await programme.mark_line(self.session, two[Side.mentor], line.id, done=True, today=self.ago(5).date())
        for place, text in enumerate(self.words.need("notes", list)[: 2 if main else 1]):
            await meetings.note(self.session, two[Side.mentor], pair_id, text, now=self.ago(30 - 10 * place))
        if main:
            starts = self.ago(-2, hour=16)
            await meetings.plan(self.session, two[Side.mentor], pair_id, starts_at=starts, now=self.ago(1))
        await self._half(pair_id, two, ordered)
        await self._ends(pair_id, two, life)

    async def _met(self, pair_id: int, two: dict[Side, int], since: datetime, until: datetime) -> None:
        """Meetings from the order on; each is said by one and confirmed by the other."""
        told = self.words.need("meetings", list)
        at, number = since + timedelta(days=5), 0
        while at < until:
            topic, step = told[number % len(told)]
            one, other = TWO if number % 2 == 0 else TWO[::-1]
            day = at.date()
            said = await meetings.say(
                self.session, two[one], pair_id, held_on=day, minutes=self.rng.choice((30, 45, 60)), now=at, today=day
            )
            await meetings.describe(self.session, two[one], said.id, topic=topic, next_step=step)
            await meetings.confirm(self.session, two[other], said.id, now=at + timedelta(hours=5))
            (await self.session.get_one(MentorMeeting, said.id)).format = self.rng.choice(list(MeetFormat))
            at, number = at + timedelta(days=EVERY), number + 1

    async def _half(self, pair_id: int, two: dict[Side, int], ordered: datetime) -> None:
        """A pair of half a year has answered, and the two see it differently."""
        at = self.ago(8)
        if at - ordered < timedelta(days=184):
            return
        await pulse.ask(self.session, now=at, today=at.date())
        for side, useful in ((Side.mentor, 5), (Side.mentee, 2)):
            await pulse.answer(self.session, two[side], pair_id, usefulness=useful, progress=4, now=at)

    async def _ends(self, pair_id: int, two: dict[Side, int], life: Life) -> None:
        day = {"finished": 12, "left": 20, "paused": 9, "leaving": 1}.get(life.end)
        if day is None:
            return
        at, mentee = self.ago(day), two[Side.mentee]
        when: dict[str, Any] = {"now": at, "today": at.date()}
        if life.end == "finished":
            await meetings.finish(self.session, two[Side.mentor], pair_id, "reached", **when)
        elif life.end == "paused":
            await leaving.pause(self.session, mentee, pair_id, **when)
        else:
            last = await leaving.leave(self.session, mentee, pair_id, wants_other=True, **when)
            if last < self.now.date():
                await leaving.due(self.session, now=at + timedelta(days=7), today=last)

    async def proposals(self) -> None:
        """The matching of yesterday evening: proposals to review, and who is left with the reason."""
        at = self.ago(1, hour=18)
        run_id = await matching.begin(self.session, self.scope, now=at)
        await matching.at_once(self.session, run_id, now=at, today=at.date())
