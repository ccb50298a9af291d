"""What is said beyond the two minutes: forms and kinds, words about oneself, why and who, and whom one would like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Employment,
    MenteeNeed,
    MentorProfile,
    MentorWish,
    NeedBasis,
    PairForm,
    PairKind,
    Person,
    PersonState,
    Position,
    Side,
)
from bot.rules.words import words as words_of
from bot.services.mentoring import common, profiles

WISHES = 3
"""Whom one may name at once."""

FOUND = 5
SHORTEST = 3
"""Letters of a surname one looks for at least: a list of everybody is not what is asked."""


@dataclass(frozen=True, slots=True)
class NeedDetails:
    """A need with everything that can be changed about it."""

    topics: tuple[str, ...]
    wish: str
    basis: NeedBasis
    form: PairForm
    formats: tuple[str, ...]
    shares: bool
    growth: tuple[str, ...]
    wanted: tuple[common.Who, ...]


async def need(session: AsyncSession, person_id: int, *, today: date) -> NeedDetails | None:
    """One's own open need; None when nothing is asked for."""
    row = await profiles.need_of(session, person_id)
    if row is None or row.closed_at is not None:
        return None
    return NeedDetails(
        tuple(row.topics), row.wish, row.basis, row.form, tuple(row.formats), row.shares,
        await profiles.growth_of(session, person_id), await wanted(session, person_id, Side.mentee, today=today),
    )  # fmt: skip


async def leads(session: AsyncSession, person_id: int) -> bool:
    """Whether the person manages others: managers mentor managers."""
    found = await session.scalar(
        select(Position.is_manager)
        .join(Employment, Employment.position_slug == Position.slug)
        .where(Employment.person_id == person_id, Employment.is_main, Employment.until.is_(None))
        .limit(1)
    )
    return bool(found)


async def forms_for(session: AsyncSession, person_id: int) -> tuple[PairForm, ...]:
    """Forms one may offer or ask for: the mentoring of managers is for managers."""
    leader = await leads(session, person_id)
    return tuple(one for one in PairForm if leader or one is not PairForm.leaders)


async def bases_for(session: AsyncSession, person_id: int, *, today: date) -> tuple[NeedBasis, ...]:
    """Reasons that may be named: «молодой» and «по диагностике» only where they are true."""
    person = await session.get_one(Person, person_id)
    young = await profiles.is_young(session, person, today=today)
    growth = bool(await profiles.growth_of(session, person_id))
    true = {NeedBasis.young: young, NeedBasis.deficit: growth}
    return tuple(one for one in NeedBasis if true.get(one, True))


async def change_need(
    session: AsyncSession,
    person_id: int,
    *,
    basis: NeedBasis | None = None,
    form: PairForm | None = None,
    formats: Sequence[str] | None = None,
    now: datetime,
    today: date,
) -> None:
    """One more word about an open need. UserError where it does not apply to this person."""
    row = await session.scalar(
        select(MenteeNeed).where(MenteeNeed.person_id == person_id, MenteeNeed.closed_at.is_(None)).with_for_update()
    )
    if row is None:
        raise UserError("mentoring-no-need")
    if basis is not None and basis not in await bases_for(session, person_id, today=today):
        raise UserError("mentoring-not-this-basis")
    if form is not None and form not in await forms_for(session, person_id):
        raise UserError("mentoring-leaders-only")
    row.basis, row.form = basis or row.basis, form or row.form
    row.formats = list(row.formats if formats is None else formats)
    row.updated_at = now
    await session.flush()


async def change_profile(
    session: AsyncSession,
    person_id: int,
    *,
    forms: Sequence[PairForm] | None = None,
    kinds: Sequence[PairKind] | None = None,
    statement: str | None = None,
    now: datetime,
) -> None:
    """One more word about a profile of the base; at least one form and one kind stay."""
    row = await session.scalar(
        select(MentorProfile)
        .where(MentorProfile.person_id == person_id, MentorProfile.withdrawn_at.is_(None))
        .with_for_update()
    )
    if row is None:
        raise UserError("mentoring-no-profile")
    if (forms is not None and not forms) or (kinds is not None and not kinds):
        raise UserError("mentoring-leave-one")
    if forms is not None and not set(forms) <= set(await forms_for(session, person_id)):
        raise UserError("mentoring-leaders-only")
    row.forms = row.forms if forms is None else [one.value for one in forms]
    row.kinds = row.kinds if kinds is None else [one.value for one in kinds]
    row.statement = row.statement if statement is None else statement.strip()[: profiles.STATEMENT]
    row.updated_at = now
    await session.flush()


# --- whom one would like -----------------------------------------------------------------------------


async def wanted(session: AsyncSession, person_id: int, side: Side, *, today: date) -> tuple[common.Who, ...]:
    """Whom one has named, in the order of naming."""
    w = MentorWish
    ids = list(
        await session.scalars(select(w.wanted_id).where(w.person_id == person_id, w.side == side).order_by(w.id))
    )
    people = await common.who(session, ids, today=today)
    return tuple(people[number] for number in ids if number in people)


async def look_for(session: AsyncSession, person_id: int, side: Side, name: str, *, today: date) -> list[common.Who]:
    """People of that surname: mentors of the base for a mentee, colleagues of one's own place for a mentor."""
    asked = words_of(name)
    if not asked or len(asked[0]) < SHORTEST:
        raise UserError("mentoring-name-short", least=SHORTEST)
    statement = select(Person.id).where(Person.state == PersonState.active, Person.id != person_id)
    statement = statement.where(Person.search.startswith(asked[0], autoescape=True), _may_be_named(person_id, side))
    for word in asked[1:]:
        statement = statement.where(Person.search.contains(word, autoescape=True))
    ids = list(await session.scalars(statement.order_by(Person.sort, Person.id).limit(FOUND)))
    people = await common.who(session, ids, today=today)
    return [people[number] for number in ids]


async def want(session: AsyncSession, person_id: int, side: Side, wanted_id: int) -> None:
    """Name somebody. NotFound for whom one could not have found; UserError after three."""
    may = select(Person.id).where(
        Person.id == wanted_id, Person.state == PersonState.active, _may_be_named(person_id, side)
    )
    if wanted_id == person_id or await session.scalar(may) is None:
        raise NotFound()
    w = MentorWish
    held = set(await session.scalars(select(w.wanted_id).where(w.person_id == person_id, w.side == side)))
    if wanted_id not in held and len(held) >= WISHES:
        raise UserError("mentoring-wishes-many", most=WISHES)
    await profiles.wish(session, person_id, wanted_id, side)


async def unwant(session: AsyncSession, person_id: int, side: Side, wanted_id: int) -> None:
    """Take a wish back; twice is once."""
    w = MentorWish
    await session.execute(delete(w).where(w.person_id == person_id, w.wanted_id == wanted_id, w.side == side))


def _may_be_named(person_id: int, side: Side) -> ColumnElement[bool]:
    """Mentors agreed to be found; of those who ask, a mentor names only people she works with."""
    if side is Side.mentee:
        return exists().where(
            MentorProfile.person_id == Person.id, MentorProfile.agreed_at.is_not(None),
            MentorProfile.withdrawn_at.is_(None),
        )  # fmt: skip
    mine = select(Employment.organisation_id).where(Employment.person_id == person_id, Employment.until.is_(None))
    return exists().where(
        Employment.person_id == Person.id, Employment.until.is_(None), Employment.organisation_id.in_(mine),
    )  # fmt: skip
