"""A route as values, loaded with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    ActivityForm,
    ActivityKind,
    Advice,
    DeficitLevel,
    Iom,
    IomBasis,
    IomDeficit,
    IomRevision,
    IomState,
    IomStep,
    Person,
    StepState,
)
from bot.rules import iom_states
from bot.rules.iom_states import Line, Progress


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a route; ``number`` counts from 1 among those that are not gone."""

    id: int
    number: int
    activity_id: int | None
    kind: ActivityKind
    title: str
    form: ActivityForm
    hours: int
    due: date
    mandatory: bool
    state: StepState
    groups: tuple[str, ...]
    reasons: tuple[int, ...]
    remark: str
    accepted_on: date | None

    @property
    def line(self) -> Line:
        """What progress is counted from."""
        return Line(self.state, self.mandatory, self.hours, self.due)

    @property
    def open(self) -> bool:
        """True while the teacher has something to do."""
        return self.state in iom_states.OPEN_STEP


@dataclass(frozen=True, slots=True)
class Deficit:
    """A group before and after."""

    slug: str
    title: str
    pct: float | None
    sem: float | None
    level: DeficitLevel | None
    after_pct: float | None
    after_sem: float | None
    after_level: DeficitLevel | None

    @property
    def effect(self) -> str:
        """``overcome``, ``reduced``, ``same`` or ``unknown``."""
        return iom_states.effect(self.pct, self.after_pct, self.after_level)

    @property
    def margin(self) -> int | None:
        """Half of the 95 % interval of the change, in percent points; None when an error is not known."""
        return iom_states.margin(self.sem, self.after_sem)


@dataclass(frozen=True, slots=True)
class Asked:
    """A change of an approved route that waits for the other side."""

    id: int
    op: str
    step_id: int | None
    reason: str
    by_teacher: bool
    old: str
    old_due: date
    new: str
    new_due: date


@dataclass(frozen=True, slots=True)
class Route:
    """An ИОМ with its steps in their order."""

    id: int
    person_id: int
    name: str
    short_name: str
    methodist_id: int | None
    methodist: str
    reg_no: str
    basis: IomBasis
    state: IomState
    revision: int
    remark: str
    starts: date
    ends: date
    agreed_at: datetime | None
    agreed: bool
    order_no: str
    order_date: date | None
    attempt_id: int | None
    exit_attempt_id: int | None
    reflections: tuple[str, ...]
    conclusion: str
    advice: Advice | None
    steps: tuple[StepView, ...]
    deficits: tuple[Deficit, ...]
    asked: Asked | None

    @property
    def hours(self) -> int:
        """Of all steps that count."""
        return sum(step.hours for step in self.steps)

    @property
    def remarked(self) -> bool:
        """True while a remark of the teacher, on the whole or on a step, waits for the methodist."""
        return bool(self.remark) or any(step.remark for step in self.steps)

    @property
    def planning(self) -> bool:
        """True until the teacher, the methodist and the centre have all said yes."""
        return self.state in iom_states.PLANNING

    @property
    def followed(self) -> bool:
        """True while steps are done."""
        return self.state in iom_states.FOLLOWED

    @property
    def next(self) -> StepView | None:
        """The nearest step the teacher has to do: by its day, then by its place."""
        return min((step for step in self.steps if step.open), key=lambda s: (s.due, s.number), default=None)

    def step(self, step_id: int) -> StepView | None:
        """A step that counts, by its id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def progress(self, today: date) -> Progress:
        """Done of all, the weight of the mandatory, delays."""
        return iom_states.progress((step.line for step in self.steps), today)


async def open_id(session: AsyncSession, person_id: int) -> int | None:
    """The route of a person that is not closed."""
    found: int | None = await session.scalar(select(Iom.id).where(Iom.person_id == person_id, Iom.closed_at.is_(None)))
    return found


async def mine(session: AsyncSession, person_id: int) -> Route | None:
    """The route of a person: the open one, else the last that was followed to its end."""
    iom_id = await session.scalar(
        select(Iom.id)
        .where(Iom.person_id == person_id)
        .order_by(Iom.closed_at.is_not(None), Iom.closed_at.desc(), Iom.id.desc())
        .limit(1)
    )
    return await load(session, iom_id) if iom_id is not None else None


async def load(session: AsyncSession, iom_id: int) -> Route | None:
    """A route by its id: five queries, however long it is."""
    row = await session.get(Iom, iom_id, populate_existing=True)
    if row is None:
        return None
    wanted = [number for number in (row.person_id, row.methodist_id) if number is not None]
    people = {person.id: person for person in await session.scalars(select(Person).where(Person.id.in_(wanted)))}
    steps = await session.scalars(
        select(IomStep)
        .where(IomStep.iom_id == iom_id, IomStep.state.not_in(iom_states.GONE))
        .order_by(IomStep.place, IomStep.id)
    )
    shown = tuple(_steps(steps))
    deficits = await session.scalars(
        select(IomDeficit).where(IomDeficit.iom_id == iom_id).order_by(IomDeficit.pct, IomDeficit.group_slug)
    )
    change = await session.scalar(
        select(IomRevision)
        .where(IomRevision.iom_id == iom_id, IomRevision.decided_at.is_(None))
        .order_by(IomRevision.number)
        .limit(1)
    )
    person = people[row.person_id]
    methodist = people.get(row.methodist_id) if row.methodist_id is not None else None
    return Route(
        id=row.id,
        person_id=row.person_id,
        name=person.full_name,
        short_name=person.short_name,
        methodist_id=row.methodist_id,
        methodist=methodist.short_name if methodist else "",
        reg_no=row.reg_no or "",
        basis=row.basis,
        state=row.state,
        revision=row.revision,
        remark=row.remark,
        starts=row.starts_on,
        ends=row.ends_on,
        agreed_at=row.agreed_at,
        agreed=bool(row.agreed_steps),
        order_no=row.order_no,
        order_date=row.order_date,
        attempt_id=row.attempt_id,
        exit_attempt_id=row.exit_attempt_id,
        reflections=tuple(row.reflections),
        conclusion=row.conclusion,
        advice=row.advice,
        steps=shown,
        deficits=tuple(
            Deficit(d.group_slug, d.title, d.pct, d.sem, d.level, d.after_pct, d.after_sem, d.after_level)
            for d in deficits
        ),
        asked=_asked(row, shown, change) if change is not None else None,
    )


def _asked(row: Iom, steps: tuple[StepView, ...], change: IomRevision) -> Asked | None:
    wish = change.change
    step = next((one for one in steps if one.id == wish["step"]), None)
    if step is None and wish["op"] != "add":
        return None
    due = date.fromisoformat(wish["due"])
    return Asked(
        id=change.id,
        op=wish["op"],
        step_id=step.id if step else None,
        reason=change.reason,
        by_teacher=change.proposed_by_id == row.person_id,
        old=step.title if step else "",
        old_due=step.due if step else due,
        new=wish["title"],
        new_due=due,
    )


def _steps(rows: Iterable[IomStep]) -> Iterable[StepView]:
    for number, row in enumerate(rows, start=1):
        yield StepView(
            id=row.id,
            number=number,
            activity_id=row.activity_id,
            kind=row.kind,
            title=row.title,
            form=row.form,
            hours=row.hours,
            due=row.due_on,
            mandatory=row.mandatory,
            state=row.state,
            groups=tuple(row.groups),
            reasons=tuple(row.reasons),
            remark=row.remark,
            accepted_on=row.accepted_on,
        )
