"""What every part of mentoring stands on: one pair, its history, its two people, what is to be told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound, UserError
from bot.models import (
    Employment,
    FactKind,
    MentorNotice,
    MentorNoticeKind,
    MentorPair,
    Organisation,
    PairKind,
    PairMove,
    PairState,
    Person,
    Position,
    Role,
    RoleAssignment,
    ScopeKind,
    Side,
)
from bot.rules.mentoring.load import GROUP, GROUP_LEAST, GROUP_MOST, Load
from bot.services import facts, region
from bot.services.access import Right, Scope

if TYPE_CHECKING:
    from bot.rules.mentoring import Weights

SETTING = "mentoring"
"""The region setting: ``weights`` by criterion, ``enough`` points, ``most`` mentees of one, ``group`` of one group,
``least`` years of work."""

MOST = 3
"""Mentees of one mentor at once at the very most; regions say 2–3 (domain.md §5.1)."""

MEETS = (PairState.active, PairState.paused)
CLOSED = (PairState.finished, PairState.broken, PairState.refused)
NEXT: dict[PairState, tuple[PairState, ...]] = {
    PairState.proposed: (PairState.consent_wait, PairState.refused),
    PairState.consent_wait: (PairState.to_order, PairState.refused),
    PairState.to_order: (PairState.active, PairState.refused),
    PairState.active: (PairState.paused, PairState.finished, PairState.broken),
    PairState.paused: (PairState.active, PairState.finished, PairState.broken),
}
"""Which state follows which (domain.md §5.2)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a region sets."""

    weights: Weights
    enough: float
    most: int
    least: int
    group: int = GROUP


async def options(session: AsyncSession) -> Options:
    """The region's weights, threshold and cap; the ones of the method where nothing is set."""
    from bot.rules.mentoring import ENOUGH, LEAST_EXPERIENCE, Criterion, Weights

    raw = await region.setting(session, SETTING)
    given = {name: float(value) for name, value in dict(raw.get("weights", {})).items() if name in set(Criterion)}
    return Options(
        Weights(**given), float(raw.get("enough", ENOUGH)), min(MOST, int(raw.get("most", MOST))),
        max(0, int(raw.get("least", LEAST_EXPERIENCE))),
        max(GROUP_LEAST, min(GROUP_MOST, int(raw.get("group", GROUP)))),
    )  # fmt: skip


async def set_options(
    session: AsyncSession,
    scope: Scope,
    *,
    weights: dict[str, float],
    enough: float,
    most: int | None = None,
    least: int | None = None,
    group: int | None = None,
) -> None:
    """Set weights (each ≥ 0, some > 0) and the threshold 0…100; what else is given: the limits of a mentor."""
    scope.require(Right.settings_edit)
    if any(value < 0 for value in weights.values()) or sum(weights.values()) <= 0 or not 0 <= enough <= 100:
        raise UserError("mentoring-weights-wrong")
    if not 1 <= (MOST if most is None else most) <= MOST or not 0 <= (least or 0) <= 40:
        raise UserError("mentoring-limits-wrong", most=MOST)
    if not GROUP_LEAST <= (GROUP if group is None else group) <= GROUP_MOST:
        raise UserError("mentoring-group-wrong", least=GROUP_LEAST, most=GROUP_MOST)
    raw = await region.setting(session, SETTING)
    more = {name: value for name, value in (("most", most), ("least", least), ("group", group)) if value is not None}
    await region.set_setting(session, SETTING, {**raw, "weights": weights, "enough": enough, **more})


async def locked(session: AsyncSession, pair_id: int) -> MentorPair:
    """A pair for changing; others wait. NotFound when there is none."""
    pair = await session.scalar(
        select(MentorPair).where(MentorPair.id == pair_id).with_for_update().execution_options(populate_existing=True)
    )
    if pair is None:
        raise NotFound()
    return pair


async def own(session: AsyncSession, person_id: int, pair_id: int) -> tuple[MentorPair, Side]:
    """A pair one belongs to, for changing, and one's side. NotFound for everybody else."""
    pair = await locked(session, pair_id)
    side = side_of(pair, person_id)
    if side is None:
        raise NotFound()
    return pair, side


async def reached(session: AsyncSession, scope: Scope, right: Right, pair_id: int, *, today: date) -> MentorPair:
    """A pair within the scope, for changing. NotAllowed otherwise."""
    statement = scope.limit(
        select(MentorPair.id).where(MentorPair.id == pair_id),
        right,
        organisation=MentorPair.organisation_id,
        municipality=MentorPair.municipality_id,
        today=today,
    )
    if await session.scalar(statement) is None:
        raise NotAllowed()
    return await locked(session, pair_id)


def side_of(pair: MentorPair, person_id: int | None) -> Side | None:
    """Which of the two; None for others."""
    return {pair.mentor_id: Side.mentor, pair.mentee_id: Side.mentee}.get(person_id or 0)


def other_of(pair: MentorPair, side: Side) -> int:
    """The person on the other side."""
    return pair.mentee_id if side is Side.mentor else pair.mentor_id


def move(
    session: AsyncSession, pair: MentorPair, to: PairState, *, now: datetime, actor_id: int | None, reason: str = ""
) -> None:
    """A step of the pair's life, kept in its history. UserError where it does not follow."""
    if to not in NEXT.get(pair.state, ()):
        raise UserError("mentoring-moved-on")
    session.add(PairMove(pair_id=pair.id, before=pair.state, after=to, reason=reason, actor_id=actor_id, at=now))
    pair.state = to
    if to in CLOSED:
        pair.closed_at, pair.closed_reason = now, reason


SOURCE, PROLONGED = "mentor_pair", "pair_prolonged"
"""Sources of facts: the pair, and each order that prolonged it (one fact a source, so it needs one of its own)."""


async def prolonged(session: AsyncSession, pair: MentorPair, *, actor_id: int | None, now: datetime) -> None:
    """A prolongation is a fact of its order's day, as the pairing is: the pair works on by another order."""
    assert pair.order_date is not None
    step = PairMove(
        pair_id=pair.id, before=pair.state, after=pair.state, reason="prolonged", actor_id=actor_id, at=now
    )  # fmt: skip
    session.add(step)
    await session.flush()
    for person_id, side in ((pair.mentor_id, Side.mentor), (pair.mentee_id, Side.mentee)):
        await facts.add(
            session, person_id, FactKind.paired, occurred_on=pair.order_date, source=(PROLONGED, step.id), now=now,
            evidence={"side": side.value, "order": pair.order_no, "form": pair.form.value},
        )  # fmt: skip


async def ended(
    session: AsyncSession, pair: MentorPair, kind: FactKind, *, on: date, now: datetime, **more: str
) -> None:
    """The end of a pair for both sides, and of every order by which it worked."""
    steps = await session.scalars(
        select(PairMove.id).where(PairMove.pair_id == pair.id, PairMove.reason == "prolonged")
    )
    for source in ((SOURCE, pair.id), *((PROLONGED, number) for number in steps.all())):
        for person_id, side in ((pair.mentor_id, Side.mentor), (pair.mentee_id, Side.mentee)):
            evidence = {"side": side.value, **more}
            await facts.add(session, person_id, kind, occurred_on=on, source=source, now=now, evidence=evidence)


def notify(
    session: AsyncSession,
    person_id: int,
    pair_id: int,
    kind: MentorNoticeKind,
    *,
    now: datetime,
    meeting_id: int | None = None,
) -> None:
    """Something a person must hear of a pair; the job finds the words."""
    session.add(MentorNotice(person_id=person_id, pair_id=pair_id, kind=kind, meeting_id=meeting_id, at=now))


async def loads(
    session: AsyncSession,
    mentor_ids: Collection[int] | None = None,
    *,
    states: Collection[PairState] | None = None,
    but_for: int | None = None,
) -> dict[int, Load]:
    """Mentor → what she carries in pairs that are not over, ``but_for`` one of them."""
    grouped = MentorPair.kind == PairKind.group
    statement = (
        select(MentorPair.mentor_id, func.count().filter(~grouped), func.count().filter(grouped))
        .where(MentorPair.closed_at.is_(None))
        .group_by(MentorPair.mentor_id)
    )
    if but_for is not None:
        statement = statement.where(MentorPair.id != but_for)
    if mentor_ids is not None:
        statement = statement.where(MentorPair.mentor_id.in_(mentor_ids))
    if states is not None:
        statement = statement.where(MentorPair.state.in_(states) | grouped)
    return {mentor: Load(*taken) for mentor, *taken in await session.execute(statement)}


async def coordinators(session: AsyncSession, pair: MentorPair, *, today: date) -> list[int]:
    """Who looks after the pair: the school's curator or head, else the district's coordinator, else the centre."""
    r = RoleAssignment
    wanted = (
        (Role.curator, ScopeKind.organisation, pair.organisation_id),
        (Role.school_head, ScopeKind.organisation, pair.organisation_id),
        (Role.municipal_coordinator, ScopeKind.municipality, pair.municipality_id),
        (Role.centre_staff, ScopeKind.region, None),
        (Role.centre_head, ScopeKind.region, None),
    )
    for role, kind, place in wanted:
        found = list(
            await session.scalars(
                select(r.person_id)
                .where(
                    r.role == role, r.scope_kind == kind, r.revoked_at.is_(None), r.since <= today,
                    or_(r.until.is_(None), r.until >= today),
                    r.scope_id == place if place is not None else r.scope_id.is_(None),
                )
                .distinct()
            )
        )  # fmt: skip
        if found:
            return found
    return []


async def curator_name(session: AsyncSession, pair_id: int, *, today: date) -> str:
    """Имя Отчество of whoever looks after the pair; empty where nobody does."""
    pair = await session.get_one(MentorPair, pair_id)
    found = await coordinators(session, pair, today=today)
    if not found:
        return ""
    return (await session.get_one(Person, found[0])).short_name


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the other side and the coordinator see her."""

    id: int
    name: str
    short_name: str
    organisation: str
    organisation_id: int | None
    municipality: str
    municipality_id: int | None
    position: str
    subjects: tuple[str, ...]
    experience: int | None

    @property
    def short(self) -> str:
        """«Новикова О.И.»."""
        last, *rest = self.name.split() or [""]
        return " ".join([last, "".join(f"{part[0]}." for part in rest)]).strip()


async def who(session: AsyncSession, person_ids: Collection[int], *, today: date) -> dict[int, Who]:
    """By id: name, place, post, subjects, full years of work; two statements."""
    from bot.models import EmploymentSubject, Municipality, Subject
    from bot.rules.people import experience_on

    ids = set(person_ids)
    if not ids:
        return {}
    taught: dict[int, list[str]] = {}
    for job_person, title in await session.execute(
        select(Employment.person_id, Subject.title)
        .join(EmploymentSubject, EmploymentSubject.employment_id == Employment.id)
        .join(Subject, Subject.slug == EmploymentSubject.subject_slug)
        .where(Employment.person_id.in_(ids), Employment.is_main, Employment.until.is_(None))
        .order_by(Subject.place)
    ):
        taught.setdefault(job_person, []).append(title)
    rows = await session.execute(
        select(Person, Employment, Organisation, Municipality.name, Position.title)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .outerjoin(Position, Position.slug == Employment.position_slug)
        .where(Person.id.in_(ids))
    )
    found: dict[int, Who] = {}
    for person, job, organisation, municipality, position in rows:
        found[person.id] = Who(
            person.id, person.full_name, person.short_name,
            organisation.short_name if organisation else "", organisation.id if organisation else None,
            municipality or "", organisation.municipality_id if organisation else None,
            (job.position_title if job else "") or position or "", tuple(taught.get(person.id, ())),
            experience_on(person.teach_since_year, person.teach_since, today),
        )  # fmt: skip
    return found
