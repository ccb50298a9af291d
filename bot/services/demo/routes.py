"""Routes of the demonstration: planned by the real rule, walked to every state of the life cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    ActivityKind,
    Attempt,
    AttemptState,
    Evidence,
    EvidenceKind,
    FactKind,
    Iom,
    IomBasis,
    IomMove,
    IomRevision,
    IomState,
    IomStep,
    MethodistAssignment,
    Person,
    Purpose,
    Role,
    StepState,
)
from bot.rules import iom_draft, iom_states
from bot.rules.iom_draft import VARIANTS, Need
from bot.services import catalogue, diagnostics, facts
from bot.services.catalogue import Shelf
from bot.services.demo.cast import book
from bot.services.diagnostics import Result
from bot.services.diagnostics.taking import COUNTED, audience_of
from bot.services.iom import agreeing, closing, drafting
from bot.services.iom.following import is_link

SHARE = 0.8
"""Of those who have a result and a methodist."""

EVENTS = frozenset(
    {
        ActivityKind.webinar, ActivityKind.seminar, ActivityKind.masterclass, ActivityKind.intensive,
        ActivityKind.conference, ActivityKind.event_other,
    }
)  # fmt: skip
"""Steps that close by themselves when attendance is marked."""

# One of each first, so that every state can be looked at; the rest as a region would have them in autumn.
EACH = (
    "active", "waiting", "offered", "agreed", "exit_check", "completed", "paused", "returned", "own",
    "completed_partly", "request", "remark", "stopped", "asked", "agreed", "approved",
)  # fmt: skip
LATER = ("active",) * 7 + ("completed",) * 3 + ("own", "waiting", "offered", "agreed", "exit_check", "stopped")

ENDED = frozenset({"exit_check", "completed", "completed_partly"})
PATH: dict[str, tuple[IomState, ...]] = {
    "own": (),
    "waiting": (),
    "request": (),
    "offered": (IomState.offered,),
    "remark": (IomState.offered,),
    "agreed": (IomState.offered, IomState.agreed),
    "approved": (IomState.offered, IomState.agreed, IomState.approved),
}
ACTIVE = (*PATH["approved"], IomState.active)
PATH |= {
    "active": ACTIVE,
    "returned": ACTIVE,
    "asked": ACTIVE,
    "paused": (*ACTIVE, IomState.paused),
    "stopped": (*ACTIVE, IomState.stopped),
    "exit_check": (*ACTIVE, IomState.exit_check),
    "completed": (*ACTIVE, IomState.exit_check, IomState.completed),
    "completed_partly": (*ACTIVE, IomState.exit_check, IomState.completed_partly),
}


@dataclass(slots=True)
class _Person:
    """Somebody who may have a route: her methodist, her counted attempts."""

    id: int
    methodist_id: int
    attempts: list[tuple[int, datetime]]


async def add(session: AsyncSession, rng: Random, staff: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Routes of those who have a result and a methodist; the main teacher's is under way."""
    roles = dict(staff)
    today = now.date()
    shelf = await catalogue.shelf(session, today=today - timedelta(days=400))
    main, head_id = roles[Role.teacher.value], roles[Role.centre_head.value]
    found = sorted(await _people(session), key=lambda one: (one.id != main, one.id))
    lives = list(dict.fromkeys(EACH))
    for person in found:
        if person.id != main and not lives and rng.random() > SHARE:
            continue
        route = _Route(session, rng, person, _life(rng, lives, person), head_id, now, main=person.id == main)
        if await route.write(shelf):
            lives = [life for life in lives if life != route.life]
    await session.flush()


def _life(rng: Random, lives: Sequence[str], person: _Person) -> str:
    """The first state still missing that fits; an ended route needs a second diagnosis."""
    twice = len(person.attempts) > 1
    for life in lives:
        if (life in ENDED and life != "exit_check") <= twice:
            return life
    life = rng.choice(LATER)
    return life if twice or life not in ("completed", "completed_partly") else "active"


async def _people(session: AsyncSession) -> list[_Person]:
    a = MethodistAssignment
    methodists = dict(
        (
            await session.execute(
                select(a.person_id, a.methodist_id)
                .join(Person, Person.id == a.person_id)
                .where(Person.registered_at.is_not(None), a.until.is_(None))
                .order_by(a.id)
            )
        ).all()
    )
    rows = await session.execute(
        select(Attempt.person_id, Attempt.id, Attempt.finished_at)
        .where(Attempt.state == AttemptState.finished, Attempt.purpose.in_(COUNTED))
        .order_by(Attempt.finished_at, Attempt.id)
    )
    found: dict[int, _Person] = {}
    for person_id, attempt_id, finished_at in rows:
        if person_id in methodists and finished_at is not None:
            one = found.setdefault(person_id, _Person(person_id, methodists[person_id], []))
            one.attempts.append((attempt_id, finished_at))
    return list(found.values())


class _Route:
    """One route on its way."""

    def __init__(
        self, session: AsyncSession, rng: Random, person: _Person, life: str, head_id: int, now: datetime, *, main: bool
    ) -> None:
        self.session, self.rng, self.person, self.life, self.main = session, rng, person, life, main
        self.head_id, self.now = head_id, now
        self.today = now.date()
        self.words: dict[str, Any] = book()["routes"]

    async def write(self, shelf: Shelf) -> bool:
        """The draft of that day and what became of it. False when there was nothing to plan."""
        ended = self.life in ("completed", "completed_partly")
        # A second diagnosis may have nothing left to work on: then the route is of the first.
        for attempt in self.person.attempts if ended else reversed(self.person.attempts):
            attempt_id, diagnosed = attempt
            result = await diagnostics.own_result(self.session, self.person.id, attempt_id)
            needs = drafting.needs_from(result)
            if needs:
                break
        else:
            needs = _lowest(result) if self.main else []
        start = self._start(diagnosed.date())
        if self.life == "request":
            iom = await drafting.begin(self.session, self.person.id, IomBasis.request, now=self._at(start), today=start)
            iom.methodist_id, iom.remark = self.person.methodist_id, self.words["request"]
            iom.agreed_at = self._at(start)
            return True
        variants = ("intensive",) if self.life == "completed_partly" else ("short", "usual", "usual", "intensive")
        variant = self.rng.choice(variants)
        offers = shelf.offers(
            audience=await audience_of(self.session, self.person.id),
            subjects=await drafting.subjects_of(self.session, self.person.id),
        )
        plan = iom_draft.plan(needs, offers, budget=VARIANTS[variant], start=start)
        if not plan.lines:
            return False
        iom = await drafting.begin(self.session, self.person.id, IomBasis.diagnosis, now=self._at(start), today=start)
        iom.methodist_id = self.person.methodist_id
        await drafting.write(self.session, iom, variant, result, needs, plan, today=start)
        steps = list(
            await self.session.scalars(select(IomStep).where(IomStep.iom_id == iom.id).order_by(IomStep.place))
        )
        firm = [step for step in steps if step.mandatory]
        if self.life == "completed_partly" and _spared(firm) is None:
            self.life = "completed"
        await self._agree(iom, steps, start)
        if IomState.active in PATH[self.life]:
            await self._follow(iom, steps)
        if self.life == "stopped":
            iom.closed_at = self.now - timedelta(days=self.rng.randint(1, 20))
        if self.life in ENDED:
            await self._end(iom, start)
        return True

    def _start(self, diagnosed: date) -> date:
        """Days ago: drafts are fresh, what is under way has had time, what has ended began at its diagnosis."""
        if self.life in ("completed", "completed_partly"):
            return diagnosed + timedelta(days=self.rng.randint(2, 8))
        if self.life == "exit_check":
            return max(diagnosed, self.today - timedelta(days=180)) + timedelta(days=1)
        if IomState.active in PATH[self.life]:
            return max(diagnosed, self.today - timedelta(days=self.rng.randint(30, 100))) + timedelta(days=1)
        return max(diagnosed, self.today - timedelta(days=self.rng.randint(1, 9)))

    async def _agree(self, iom: Iom, steps: Sequence[IomStep], start: date) -> None:
        if self.life != "own" and self.life not in ("offered", "remark"):
            iom.agreed_at, iom.agreed_steps = self._at(start), agreeing.signature(steps)
        if self.life == "remark":
            iom.remark = self.words["remark"]
        before = IomState.draft
        for state in PATH[self.life]:
            actor = {IomState.agreed: self.person.id, IomState.approved: self.head_id}.get(state, iom.methodist_id)
            self.session.add(
                IomMove(iom_id=iom.id, before=before.value, after=state.value, actor_id=actor, at=self._at(start))
            )
            before = state
        iom.state = before
        if IomState.approved in PATH[self.life]:
            if self.life == "approved":
                iom.starts_on = self.today + timedelta(days=5)
            # The orders of a month are one order: the list has several teachers.
            order_date = min(start, self.today).replace(day=1) if start.day > 1 else start
            iom.order_no, iom.order_date = f"{40 + order_date.month}-ИОМ", order_date
            iom.reg_no, iom.approved_by_id = f"{order_date.year}-{iom.id:05d}", self.head_id
            await facts.add(
                self.session,
                self.person.id,
                FactKind.iom_received,
                occurred_on=order_date,
                source=("iom", iom.id),
                now=self._at(order_date),
                evidence={"order_no": iom.order_no, "order_date": order_date.isoformat()},
            )

    async def _follow(self, iom: Iom, steps: Sequence[IomStep]) -> None:
        """What is past is mostly accepted; the next step shows evidence that waits, or was returned."""
        firm = [step for step in steps if step.mandatory]
        # What goes on has a mandatory step ahead; what ended partly has one left.
        going = self.life not in ENDED and bool(firm)
        spared = firm[-1] if going else _spared(firm) if self.life == "completed_partly" else None
        waiting = next((step for step in steps if step.due_on >= self.today and step.kind not in EVENTS), None)
        for step in steps:
            if step is spared:
                if step is waiting and self.life != "stopped":
                    self._send(step)
                continue
            if self.life in ENDED or (step.due_on < self.today and self.rng.random() < 0.88):
                self._accept(iom, step)
            elif step is waiting and self.life != "stopped":
                self._send(step)
        if self.life == "asked" and waiting is not None:
            waiting.state = StepState.in_work
            due = waiting.due_on + timedelta(days=7)
            self.session.add(
                IomRevision(
                    iom_id=iom.id,
                    number=2,
                    reason=self.words["reason"],
                    change={
                        "op": "move",
                        "step": waiting.id,
                        "activity": None,
                        "title": waiting.title,
                        "due": due.isoformat(),
                    },
                    proposed_by_id=self.person.id,
                    proposed_at=self.now - timedelta(hours=20),
                )
            )
        await self.session.flush()

    def _accept(self, iom: Iom, step: IomStep) -> None:
        on = min(step.due_on, self.today) - timedelta(days=self.rng.randint(0, 4))
        step.state, step.accepted_on = StepState.accepted, max(on, iom.starts_on)
        if step.kind in EVENTS:
            step.source_type, step.source_id = "demo", step.id
            return
        step.accepted_by_id = iom.methodist_id
        self._evidence(step, self._at(step.accepted_on) - timedelta(days=1), accepted=True)

    def _send(self, step: IomStep) -> None:
        """Now and then something has come in for the nearest step."""
        if self.life == "returned":
            step.state = StepState.returned
            self._evidence(step, self.now - timedelta(days=3), accepted=False)
        elif self.life == "active" and self.rng.random() < 0.6:
            step.state = StepState.submitted
            self._evidence(step, self.now - timedelta(hours=self.rng.randint(2, 60)), accepted=None)
        else:
            step.state = StepState.in_work

    def _evidence(self, step: IomStep, at: datetime, *, accepted: bool | None) -> None:
        text = self.rng.choice(self.words["evidence"])
        comment = ""
        if accepted is not None:
            comment = self.rng.choice(self.words["accepted"]) if accepted else self.words["returned"]
        self.session.add(
            Evidence(
                step_id=step.id,
                kind=EvidenceKind.link if is_link(text) else EvidenceKind.text,
                text=text,
                submitted_at=at,
                accepted=accepted,
                reviewed_by_id=None if accepted is None else self.person.methodist_id,
                reviewed_at=None if accepted is None else at + timedelta(hours=5),
                comment=comment,
            )
        )

    async def _end(self, iom: Iom, start: date) -> None:
        """The second diagnosis is the exit one; the route closes a day after it."""
        if self.life == "exit_check":
            return
        exit_id, taken = self.person.attempts[-1]
        attempt = await self.session.get_one(Attempt, exit_id)
        attempt.purpose = Purpose.exit
        closed = min(taken + timedelta(days=1), self.now)
        iom.exit_attempt_id, iom.reflections = exit_id, list(self.words["reflections"])
        iom.conclusion = self.words["conclusion" if self.life == "completed" else "partly"]
        iom.closed_at = closed
        await closing.effect(self.session, iom)
        for step in await self.session.scalars(select(IomStep).where(IomStep.iom_id == iom.id)):
            if step.accepted_on is not None:
                step.accepted_on = min(step.accepted_on, taken.date())
        iom.ends_on = min(iom.ends_on, closed.date()) if iom.ends_on < closed.date() else iom.ends_on
        if self.life == "completed":
            await facts.add(
                self.session,
                self.person.id,
                FactKind.iom_completed,
                occurred_on=closed.date(),
                source=("iom", iom.id),
                now=closed,
            )

    def _at(self, day: date) -> datetime:
        """A working hour of that day, not after now."""
        return min(datetime.combine(day, time(11, 20), tzinfo=self.now.tzinfo), self.now)


def _spared(firm: Sequence[IomStep]) -> IomStep | None:
    """A mandatory step without which enough is done; None when every one weighs too much."""
    weights = {step.id: max(1, step.hours) for step in firm}
    light = min(firm, key=lambda step: (weights[step.id], -step.place), default=None)
    if light is None or len(firm) < 2:
        return None
    return light if 1 - weights[light.id] / sum(weights.values()) >= iom_states.PARTLY else None


def _lowest(result: Result) -> list[Need]:
    """For whom nothing is a deficit but a route has to be shown: the two groups with most room to grow."""
    known = sorted((one for one in result.groups if one.pct is not None), key=lambda one: (one.pct or 0, one.slug))
    return [Need(one.slug, 101 - (one.pct or 0)) for one in known[:2]]
