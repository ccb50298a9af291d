"""Who may be a mentor and who wants one: filled in a chat in two minutes, or imported; the base of mentors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.models import (
    CompetenceGroup,
    Employment,
    MatchLeft,
    MeetFormat,
    MenteeNeed,
    MentorNoticeKind,
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
    Role,
    RoleAssignment,
    Side,
    Standing,
    Subject,
)
from bot.rules import people as rules
from bot.rules.mentoring.load import Load
from bot.rules.mentoring.places import hours_of
from bot.services import region
from bot.services.access import Right, Scope
from bot.services.diagnostics.standing import last_official
from bot.services.mentoring import common, leaving

CHOICES = 3
"""Strengths, or topics, one names at most."""

STATEMENT = 500
DEFAULT_LOAD = 2


@dataclass(frozen=True, slots=True)
class MentorCard:
    """A profile as it is filled in; None leaves what is there, or the usual."""

    strengths: tuple[str, ...] = ()
    formats: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None
    max_load: int | None = None
    statement: str | None = None
    subjects: tuple[str, ...] | None = None
    forms: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class NeedCard:
    """A need as it is filled in; None leaves what is there, or the usual."""

    topics: tuple[str, ...] | None = None
    wish: str | None = None
    parts: tuple[str, ...] | None = None
    formats: tuple[str, ...] | None = None
    shares: bool | None = None
    basis: NeedBasis | None = None
    form: PairForm | None = None


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A line of the base of mentors."""

    who: common.Who
    strengths: tuple[str, ...]
    forms: tuple[str, ...]
    standing: Standing
    remote: bool
    max_load: int
    taken: int
    agreed: bool
    statement: str = ""
    kinds: tuple[str, ...] = field(default=())
    group: int = 0


@dataclass(frozen=True, slots=True)
class ProfileDetails:
    """One's own profile, as its page shows it; ``subjects`` in words, ``hours`` 0…167 of a week."""

    strengths: tuple[str, ...]
    subjects: tuple[str, ...]
    forms: tuple[str, ...]
    kinds: tuple[str, ...]
    formats: tuple[str, ...]
    hours: tuple[int, ...]
    max_load: int
    taken: int
    standing: Standing
    statement: str
    wanted: tuple[common.Who, ...]


async def details_of(session: AsyncSession, person_id: int, *, today: date) -> ProfileDetails | None:
    """One's own profile of the base; None when there is none, or it was withdrawn."""
    from bot.services.mentoring import details

    row = await profile_of(session, person_id)
    if row is None or row.withdrawn_at is not None:
        return None
    titles = await session.scalars(select(Subject.title).where(Subject.slug.in_(row.subjects)).order_by(Subject.place))
    taken = (await common.loads(session, [person_id])).get(person_id, Load()).pairs
    return ProfileDetails(
        tuple(row.strengths), tuple(titles), tuple(row.forms), tuple(row.kinds), tuple(row.formats), tuple(row.slots),
        row.max_load, taken, row.standing, row.statement,
        await details.wanted(session, person_id, Side.mentor, today=today),
    )  # fmt: skip


async def groups_for(session: AsyncSession, person_id: int) -> list[str]:
    """Slugs of the groups one chooses from: managers and teachers have their own."""
    from bot.models import Position

    leader = await session.scalar(
        select(Position.is_manager)
        .join(Employment, Employment.position_slug == Position.slug)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .limit(1)
    )
    slugs = list(await session.scalars(select(CompetenceGroup.slug).order_by(CompetenceGroup.place)))
    return [slug for slug in slugs if (slug in LEADERS) is bool(leader)]


LEADERS = frozenset({"strategy", "quality", "staff", "resources", "team"})
"""Groups of the managers' instrument."""


async def save_profile(session: AsyncSession, person_id: int, card: MentorCard, *, now: datetime, today: date) -> None:
    """Become a mentor of the base, or change the profile. UserError without three years of work."""
    person = await session.get_one(Person, person_id)
    years = rules.experience_on(person.teach_since_year, person.teach_since, today)
    if years is None:
        raise UserError("mentoring-no-years")
    options = await common.options(session)
    if years < options.least:
        raise UserError("mentoring-too-early", least=options.least)
    if not card.strengths:
        raise UserError("mentoring-choose-one")
    most = options.most
    row = await session.scalar(select(MentorProfile).where(MentorProfile.person_id == person_id).with_for_update())
    if row is None:
        row = MentorProfile(
            person_id=person_id, created_at=now, updated_at=now, subjects=[], forms=[], slots=[], statement="",
            formats=[MeetFormat.in_person.value], kinds=[PairKind.one_to_one.value], max_load=DEFAULT_LOAD,
            standing=Standing.none,
        )  # fmt: skip
        session.add(row)
    leader = bool(set(card.strengths) & LEADERS)
    row.strengths = list(card.strengths[:CHOICES])
    row.formats = list(row.formats if card.formats is None else card.formats)
    row.slots = row.slots if card.parts is None else sorted(hours_of(card.parts))
    row.max_load = max(1, min(most, row.max_load if card.max_load is None else card.max_load))
    row.statement = row.statement if card.statement is None else card.statement.strip()[:STATEMENT]
    row.subjects = list(card.subjects if card.subjects is not None else await taught(session, person_id))
    fit = [one for one in row.forms if leader or one != PairForm.leaders.value]
    row.forms = list(card.forms or fit or [PairForm.leaders.value if leader else PairForm.peer.value])
    row.kinds = list(card.kinds or row.kinds)
    row.standing = card.standing or best_of(row.standing, await standing_of(session, person, today=today))
    row.agreed_at, row.withdrawn_at, row.updated_at = row.agreed_at or now, None, now
    await session.flush()


async def withdraw_profile(session: AsyncSession, person_id: int, *, now: datetime, today: date) -> None:
    """Be a mentor no longer: proposals go at once, pairs that work end by the rules of leaving."""
    row = await session.scalar(select(MentorProfile).where(MentorProfile.person_id == person_id).with_for_update())
    if row is None or row.withdrawn_at is not None:
        return
    row.withdrawn_at, row.agreed_at, row.updated_at = now, None, now
    pairs = await session.scalars(
        select(MentorPair).where(MentorPair.mentor_id == person_id, MentorPair.closed_at.is_(None)).with_for_update()
    )
    for pair in pairs:
        if pair.state in common.MEETS:
            await leaving.begin(session, pair, Side.mentor, wants_other=True, now=now, today=today)
        else:
            told = pair.state is not PairState.proposed
            common.move(session, pair, PairState.refused, now=now, actor_id=person_id, reason="withdrawn")
            await touch(session, pair.mentee_id, now=now)
            if told:
                common.notify(session, pair.mentee_id, pair.id, MentorNoticeKind.refused, now=now)
    await session.flush()


async def profile_of(session: AsyncSession, person_id: int) -> MentorProfile | None:
    """The profile, withdrawn or not."""
    return await session.scalar(select(MentorProfile).where(MentorProfile.person_id == person_id))


async def save_need(session: AsyncSession, person_id: int, card: NeedCard, *, now: datetime, today: date) -> MenteeNeed:
    """Ask for a mentor, or change what was asked. UserError without a topic or words."""
    row = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == person_id).with_for_update())
    again = row is not None and row.closed_at is None
    if row is None:
        basis = await basis_of(session, person_id, today=today)
        row = MenteeNeed(
            person_id=person_id, basis=basis, created_at=now, updated_at=now, topics=[], wish="", slots=[],
            formats=[MeetFormat.in_person.value, MeetFormat.remote.value], shares=False, form=PairForm.peer,
        )  # fmt: skip
        session.add(row)
    elif not again:
        # A need of a year ago is asked anew: young then is not young now.
        row.basis = await basis_of(session, person_id, today=today)
    row.topics = list((row.topics if card.topics is None else card.topics)[:CHOICES])
    row.wish = row.wish if card.wish is None else card.wish.strip()[:STATEMENT]
    if not row.topics and not row.wish:
        raise UserError("mentoring-choose-topic")
    leader = bool(set(row.topics) & LEADERS)
    usual = PairForm.leaders if leader else PairForm.peer
    row.basis = card.basis or row.basis
    row.form = card.form or (row.form if again and (leader or row.form is not PairForm.leaders) else usual)
    row.slots = row.slots if card.parts is None else sorted(hours_of(card.parts))
    row.formats = list(row.formats if card.formats is None else card.formats)
    row.shares = row.shares if card.shares is None else card.shares
    row.updated_at, row.closed_at = now, None
    await session.flush()
    return row


async def share(session: AsyncSession, person_id: int, *, shares: bool, now: datetime) -> None:
    """Let the groups of one's diagnosis be used and shown, or no longer."""
    row = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == person_id).with_for_update())
    if row is None:
        raise UserError("mentoring-no-need")
    row.shares, row.updated_at = shares, now
    await session.flush()


async def close_need(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """«Уже не нужно»: the need is closed, a proposal that nobody was told of goes."""
    row = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == person_id).with_for_update())
    if row is None:
        return
    row.closed_at, row.touched_at = now, None
    pair = await session.scalar(
        select(MentorPair).where(MentorPair.mentee_id == person_id, MentorPair.state == PairState.proposed)
    )
    if pair is not None:
        common.move(session, pair, PairState.refused, now=now, actor_id=person_id, reason="not_needed")
    await session.flush()


async def need_of(session: AsyncSession, person_id: int) -> MenteeNeed | None:
    """The need, closed or not."""
    return await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == person_id))


async def touch(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """Somebody else is looked for; the need is open again."""
    row = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == person_id).with_for_update())
    if row is not None:
        row.touched_at, row.closed_at = now, None


async def wish(session: AsyncSession, person_id: int, wanted_id: int, side: Side) -> None:
    """Name whom one would like; naming twice is once."""
    if person_id == wanted_id:
        raise UserError("mentoring-obstacle.same_person")
    w = MentorWish
    held = select(w.id).where(w.person_id == person_id, w.wanted_id == wanted_id, w.side == side)
    if await session.scalar(held) is None:
        session.add(MentorWish(person_id=person_id, wanted_id=wanted_id, side=side))
        await session.flush()


async def growth_of(session: AsyncSession, person_id: int) -> tuple[str, ...]:
    """Titles of the groups with deficits of the last diagnosis: what sharing would show."""
    standing = await last_official(session, person_id)
    return tuple(one.title for one in standing.values() if one.is_deficit)


async def basis_of(session: AsyncSession, person_id: int, *, today: date) -> NeedBasis:
    """Why: young by the date, deficits of the diagnosis, else her own wish."""
    person = await session.get_one(Person, person_id)
    if await is_young(session, person, today=today):
        return NeedBasis.young
    return NeedBasis.deficit if await growth_of(session, person_id) else NeedBasis.own


async def is_young(session: AsyncSession, person: Person, *, today: date) -> bool:
    """By the region's limits on a day."""
    limits = await region.setting(session, "young")
    return rules.is_young(
        person.birth_year, person.teach_since_year, person.teach_since, on=today,
        age=int(limits.get("age", rules.AGE)), years=int(limits.get("years", rules.YEARS)),
    )  # fmt: skip


async def taught(session: AsyncSession, person_id: int) -> list[str]:
    """Slugs of the subjects of the current jobs."""
    from bot.models import EmploymentSubject

    return list(
        await session.scalars(
            select(EmploymentSubject.subject_slug)
            .join(Employment, Employment.id == EmploymentSubject.employment_id)
            .where(Employment.person_id == person_id, Employment.until.is_(None))
            .distinct()
            .order_by(EmploymentSubject.subject_slug)
        )
    )


CATEGORIES = {
    "highest": Standing.highest, "first": Standing.first, "mentor": Standing.mentor, "methodist": Standing.mentor,
}  # fmt: skip
"""Category of the profile → standing; «педагог-наставник» and «педагог-методист» are the best (domain.md §5.3)."""

ORDER = (Standing.none, Standing.first, Standing.highest, Standing.mentor)


def best_of(*standings: Standing) -> Standing:
    """The best of several."""
    return max(standings, key=ORDER.index)


async def standing_of(session: AsyncSession, person: Person, *, today: date) -> Standing:
    """By the category of the profile; who is a methodist of the region's active counts as a mentor of standing."""
    r = RoleAssignment
    methodist = await session.scalar(
        select(r.id)
        .where(
            r.person_id == person.id, r.role == Role.methodist, r.revoked_at.is_(None), r.since <= today,
            or_(r.until.is_(None), r.until >= today),
        )
        .limit(1)
    )  # fmt: skip
    return Standing.mentor if methodist is not None else CATEGORIES.get(person.category, Standing.none)


# --- the base of mentors -----------------------------------------------------------------------------


async def base(
    session: AsyncSession,
    scope: Scope,
    *,
    today: date,
    free_only: bool = False,
    municipality_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[BaseRow], int]:
    """The register of mentors within the scope, by name, and how many there are."""
    if not scope.may(Right.mentoring_see):
        raise NotAllowed()
    taken = (
        select(func.count())
        .where(
            MentorPair.mentor_id == MentorProfile.person_id,
            MentorPair.closed_at.is_(None),
            MentorPair.kind != PairKind.group,
        )
        .scalar_subquery()
    )
    statement = (
        select(MentorProfile, taken)
        .join(Person, Person.id == MentorProfile.person_id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(Person.state == PersonState.active, MentorProfile.withdrawn_at.is_(None))
    )
    statement = scope.limit(
        statement, Right.mentoring_see, organisation=Organisation.id, municipality=Organisation.municipality_id,
        today=today,
    )  # fmt: skip
    if municipality_id is not None:
        statement = statement.where(Organisation.municipality_id == municipality_id)
    if free_only:
        statement = statement.where(taken < MentorProfile.max_load)
    count = await session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    found = list(await session.execute(statement.order_by(Person.sort, Person.id).limit(limit).offset(offset)))
    numbers = [row.person_id for row, _ in found]
    people = await common.who(session, numbers, today=today)
    loads = await common.loads(session, numbers)
    return [_base_row(row, people[row.person_id], loads.get(row.person_id, Load())) for row, _ in found], count


def _base_row(row: MentorProfile, person: common.Who, load: Load) -> BaseRow:
    return BaseRow(
        person, tuple(row.strengths), tuple(row.forms), row.standing, MeetFormat.remote.value in row.formats,
        row.max_load, load.pairs, row.agreed_at is not None, row.statement, tuple(row.kinds), load.group,
    )  # fmt: skip


async def left(
    session: AsyncSession, scope: Scope, *, today: date, limit: int = 50, offset: int = 0
) -> tuple[list[tuple[common.Who, MatchLeft]], int]:
    """Those whom the last matching left without a mentor, with the reason; and how many."""
    statement = (
        select(MatchLeft)
        .join(MenteeNeed, MenteeNeed.person_id == MatchLeft.person_id)
        .outerjoin(
            Employment,
            (Employment.person_id == MatchLeft.person_id) & Employment.is_main & Employment.until.is_(None),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(MenteeNeed.closed_at.is_(None))
    )
    statement = scope.limit(
        statement, Right.mentoring_see, organisation=Organisation.id, municipality=Organisation.municipality_id,
        today=today,
    )  # fmt: skip
    count = await session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows: Sequence[MatchLeft] = list(
        await session.scalars(statement.order_by(MatchLeft.reason, MatchLeft.person_id).limit(limit).offset(offset))
    )
    people = await common.who(session, [row.person_id for row in rows], today=today)
    return [(people[row.person_id], row) for row in rows], count
