"""People as matching knows them: read from the tables in a handful of statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Select, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    AttemptState,
    DeficitLevel,
    Employment,
    EmploymentSubject,
    GroupResult,
    Instrument,
    InstrumentVersion,
    MeetFormat,
    MenteeNeed,
    MentorPair,
    MentorProfile,
    MentorWish,
    NeedBasis,
    Organisation,
    PairForm,
    PairKind,
    PairState,
    Person,
    PersonState,
    Position,
    Side,
    VersionGroup,
)
from bot.rules import people as young
from bot.rules.mentoring.load import Load
from bot.rules.mentoring.places import areas_of, stages_of
from bot.services import region
from bot.services.diagnostics.standing import DECIDES
from bot.services.diagnostics.taking import COUNTED
from bot.services.mentoring import common

if TYPE_CHECKING:
    from bot.rules.mentoring import Mentee, Mentor

WEIGHT = {DeficitLevel.high: 3.0, DeficitLevel.middle: 2.0, DeficitLevel.low: 1.0}
"""Weight of a deficit by its level; a topic the mentee chose herself weighs as a middle one."""

OWN_TOPIC = 2.0
REFUSALS = ("declined", "left", "change", "withdrawn")
"""Ends of a pair after which the two are not proposed to each other again."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Everybody who is to be matched; ``grown`` are those whose basis «молодой» is over."""

    mentees: list[Mentee]
    mentors: list[Mentor]
    grown: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Job:
    person: Person
    organisation: int
    municipality: int
    kind: str
    post: str
    audience: str
    is_manager: bool
    subjects: frozenset[str]


async def pool(
    session: AsyncSession,
    *,
    today: date,
    municipality_id: int | None = None,
    mentee_ids: Collection[int] | None = None,
    mentor_ids: Collection[int] | None = None,
    replaces: bool = False,
    form: PairForm | None = None,
    grouped: bool = False,
    but_for: int | None = None,
) -> Pool:
    """Mentees without a pair and mentors of the base, of one municipality or of the region.

    ``replaces``: pairs that nobody was told of yet count as none, as a matching of all replaces them; groups stay,
    a person made them. ``form`` stands in for the form of the needs, ``grouped`` asks for places in groups, the pair
    ``but_for`` does not count.
    """
    standing = [PairState.consent_wait, PairState.to_order, PairState.active, PairState.paused]
    if not replaces:
        standing.append(PairState.proposed)
    kept = MentorPair.state.in_(standing) | (MentorPair.kind == PairKind.group)
    paired = select(MentorPair.mentee_id).where(MentorPair.closed_at.is_(None), kept)
    if but_for is not None:
        paired = paired.where(MentorPair.id != but_for)
    needs = {
        need.person_id: need
        for need in await session.scalars(
            select(MenteeNeed)
            .join(Person, Person.id == MenteeNeed.person_id)
            .where(
                MenteeNeed.closed_at.is_(None),
                Person.state == PersonState.active,
                MenteeNeed.person_id.not_in(paired),
                true() if mentee_ids is None else MenteeNeed.person_id.in_(mentee_ids),
            )
        )
    }
    profiles = {
        one.person_id: one
        for one in await session.scalars(
            select(MentorProfile)
            .join(Person, Person.id == MentorProfile.person_id)
            .where(
                Person.state == PersonState.active,
                true() if mentor_ids is None else MentorProfile.person_id.in_(mentor_ids),
            )
        )
    }
    jobs = await _jobs(session, {*needs, *profiles})
    if municipality_id is not None:
        needs = {n: one for n, one in needs.items() if n in jobs and jobs[n].municipality == municipality_id}
        profiles = {n: one for n, one in profiles.items() if n in jobs and jobs[n].municipality == municipality_id}
    limits = await region.setting(session, "young")
    grown = [
        number
        for number, need in needs.items()
        if need.basis is NeedBasis.young and number in jobs and not _young(jobs[number].person, limits, today)
    ]
    mentees = await _mentees(session, {n: one for n, one in needs.items() if n not in set(grown)}, jobs, form)
    loads = await common.loads(session, states=standing, but_for=but_for)
    mentors = await _mentors(session, profiles, jobs, loads, grouped=grouped, today=today)
    return Pool(mentees, mentors, sorted(grown))


async def _mentees(
    session: AsyncSession, needs: dict[int, MenteeNeed], jobs: dict[int, _Job], form: PairForm | None
) -> list[Mentee]:
    from bot.rules.mentoring import Mentee

    shared = [number for number, need in needs.items() if need.shares]
    deficits = await deficits_of(session, shared)
    managers = await _managers(session)
    refused, wanted = await _refused(session), await _wishes(session, Side.mentee)
    made = []
    for number, need in sorted(needs.items()):
        job = jobs.get(number)
        if job is None:
            continue
        weights = dict.fromkeys(need.topics, OWN_TOPIC)
        for group, weight in deficits.get(number, {}).items():
            weights[group] = max(weight, weights.get(group, 0.0))
        made.append(
            Mentee(
                number, job.organisation, job.municipality,
                subjects=job.subjects or frozenset({job.post}),
                areas=areas_of(job.subjects or {job.post}),
                stages=_stages(job, [form or need.form]),
                deficits=weights,
                slots=frozenset(need.slots),
                wishes=frozenset(wanted[number]),
                remote=MeetFormat.remote.value in need.formats,
                superiors=frozenset(managers[job.organisation] - {number}),
                superior_wanted=(form or need.form) is PairForm.superior,
                refused=frozenset(refused[number]),
            )
        )  # fmt: skip
    return made


async def _mentors(
    session: AsyncSession,
    profiles: dict[int, MentorProfile],
    jobs: dict[int, _Job],
    loads: dict[int, Load],
    *,
    grouped: bool,
    today: date,
) -> list[Mentor]:
    from bot.rules.mentoring import Mentor, Status

    options = await common.options(session)
    wanted = await _wishes(session, Side.mentor)
    made = []
    for number, one in sorted(profiles.items()):
        job = jobs.get(number)
        if job is None:
            continue
        subjects = frozenset(one.subjects) or job.subjects or frozenset({job.post})
        years = young.experience_on(job.person.teach_since_year, job.person.teach_since, today)
        made.append(
            Mentor(
                number, job.organisation, job.municipality,
                subjects=subjects,
                areas=areas_of(subjects),
                stages=_stages(job, one.forms),
                strengths=frozenset(one.strengths),
                slots=frozenset(one.slots),
                wishes=frozenset(wanted[number]),
                remote=MeetFormat.remote.value in one.formats,
                status=Status(one.standing.value),
                experience=years or 0,
                least=options.least,
                most=options.group if grouped else one.max_load,
                busy=loads.get(number, Load()).taken(grouped=grouped),
                consent=one.agreed_at is not None and one.withdrawn_at is None,
            )
        )  # fmt: skip
    return made


def _stages(job: _Job, forms: Iterable[str]) -> frozenset[str]:
    """Stages within forms: who mentors colleagues is not asked to mentor managers, and the other way round."""
    stages = stages_of(job.kind, job.audience, job.subjects)
    return frozenset(f"{PairForm(form).value}:{stage}" for form in forms for stage in stages)


def _young(person: Person, limits: dict[str, int], today: date) -> bool:
    return young.is_young(
        person.birth_year, person.teach_since_year, person.teach_since, on=today,
        age=int(limits.get("age", young.AGE)), years=int(limits.get("years", young.YEARS)),
    )  # fmt: skip


async def _jobs(session: AsyncSession, person_ids: Collection[int]) -> dict[int, _Job]:
    taught: dict[int, set[str]] = defaultdict(set)
    among = Employment.person_id.in_(person_ids) if len(person_ids) <= 500 else true()
    for number, slug in await session.execute(
        select(Employment.person_id, EmploymentSubject.subject_slug)
        .join(EmploymentSubject, EmploymentSubject.employment_id == Employment.id)
        .where(among, Employment.is_main, Employment.until.is_(None))
    ):
        taught[number].add(slug)
    statement: Select[Person, Employment, Organisation, Position] = (
        select(Person, Employment, Organisation, Position)
        .join(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(among)
    )
    return {
        person.id: _Job(
            person, place.id, place.municipality_id, place.kind, post.slug, post.audience, post.is_manager,
            frozenset(taught[person.id]),
        )
        for person, _, place, post in await session.execute(statement)
        if person.id in person_ids
    }  # fmt: skip


async def _managers(session: AsyncSession) -> dict[int, set[int]]:
    """Organisation → its managers: line managers of everybody who works there."""
    found: dict[int, set[int]] = defaultdict(set)
    for place, number in await session.execute(
        select(Employment.organisation_id, Employment.person_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(Position.is_manager, Employment.until.is_(None))
    ):
        found[place].add(number)
    return found


async def _refused(session: AsyncSession) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for mentee, mentor in await session.execute(
        select(MentorPair.mentee_id, MentorPair.mentor_id).where(MentorPair.closed_reason.in_(REFUSALS))
    ):
        found[mentee].add(mentor)
    return found


async def _wishes(session: AsyncSession, side: Side) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for number, wanted in await session.execute(
        select(MentorWish.person_id, MentorWish.wanted_id).where(MentorWish.side == side)
    ):
        found[number].add(wanted)
    return found


async def deficits_of(session: AsyncSession, person_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """Person → group → weight, from the newest counted result of the kind that decides."""
    if not person_ids:
        return {}
    order = {kind: place for place, kind in enumerate(DECIDES)}
    rows = await session.execute(
        select(Attempt.person_id, Instrument.kind, VersionGroup.slug, GroupResult.is_deficit, GroupResult.deficit_level)
        .join(InstrumentVersion, InstrumentVersion.id == Attempt.version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .join(GroupResult, GroupResult.attempt_id == Attempt.id)
        .join(VersionGroup, VersionGroup.id == GroupResult.group_id)
        .where(
            Attempt.person_id.in_(person_ids) if len(person_ids) <= 500 else true(),
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(COUNTED),
            GroupResult.pct.is_not(None),
        )
        .order_by(Attempt.finished_at.desc(), Attempt.id.desc())
    )
    asked = set(person_ids)
    newest: dict[tuple[int, str], tuple[int, bool, DeficitLevel | None]] = {}
    for number, kind, group, is_deficit, level in rows:
        known = newest.get((number, group))
        if number in asked and kind in order and (known is None or order[kind] < known[0]):
            newest[number, group] = order[kind], is_deficit, level
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for (number, group), (_, is_deficit, level) in newest.items():
        if is_deficit:
            found[number][group] = WEIGHT.get(level, OWN_TOPIC) if level is not None else OWN_TOPIC
    return found
