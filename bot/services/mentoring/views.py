"""Pairs as their two people and their coordinators see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound
from bot.models import (
    MeetingState,
    MenteeNeed,
    MentorMeeting,
    MentorPair,
    MentorProfile,
    PairConsent,
    PairForm,
    PairKind,
    PairMove,
    PairState,
    Person,
    Side,
)
from bot.rules.words import folded
from bot.services.access import Right, Scope
from bot.services.mentoring import common, telling


@dataclass(frozen=True, slots=True)
class PairCard:
    """A pair with its two people, for one of them or for a coordinator."""

    id: int
    state: PairState
    mentor: common.Who
    mentee: common.Who
    form: PairForm
    kind: PairKind
    score: float | None
    lines: Sequence[dict[str, Any]]
    side: Side | None = None
    agreed: frozenset[Side] = frozenset()
    papers: dict[Side, str] = field(default_factory=dict)
    order_no: str = ""
    order_date: date | None = None
    since: date | None = None
    until: date | None = None
    goal: str = ""
    result: str = ""
    next_step: str = ""
    met: int = 0
    last: date | None = None
    planned_at: datetime | None = None
    planned_id: int | None = None
    leaves_on: date | None = None
    left_by: Side | None = None
    paused_until: date | None = None
    answer_until: date | None = None
    topics: tuple[str, ...] = ()
    closed_reason: str = ""
    # A few words of the mentor about herself, for the offer.
    statement: str = ""
    # Meetings the other side has said and this one has not answered.
    unanswered: int = 0

    @property
    def partner(self) -> common.Who:
        """The other one, for a side of the pair."""
        return self.mentee if self.side is Side.mentor else self.mentor

    @property
    def open(self) -> bool:
        """True until the pair has come to an end."""
        return self.state not in common.CLOSED


async def mine(session: AsyncSession, person_id: int, *, today: date) -> list[PairCard]:
    """One's own pairs that were told of, the living first."""
    rows = list(
        await session.scalars(
            select(MentorPair)
            .where(
                (MentorPair.mentor_id == person_id) | (MentorPair.mentee_id == person_id),
                MentorPair.state.in_((PairState.consent_wait, PairState.to_order, *common.MEETS, PairState.finished)),
            )
            .order_by(MentorPair.closed_at.is_not(None), MentorPair.id.desc())
            .limit(20)
        )
    )
    return await cards(session, rows, today=today, person_id=person_id)


async def card(session: AsyncSession, person_id: int, pair_id: int, *, today: date) -> PairCard:
    """One's own pair. NotFound for everybody else, and while nobody was told of it."""
    pair = await session.get(MentorPair, pair_id)
    if pair is None or common.side_of(pair, person_id) is None or pair.published_at is None:
        raise NotFound()
    return (await cards(session, [pair], today=today, person_id=person_id))[0]


async def board(
    session: AsyncSession,
    scope: Scope,
    *,
    states: Sequence[PairState] = (),
    municipality_id: int | None = None,
    query: str = "",
    today: date,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[PairCard], int]:
    """Pairs within the scope, and how many: what the coordinator's board shows. ``query`` is a part of a name."""
    if not scope.may(Right.mentoring_see):
        raise NotAllowed()
    statement = _within(select(MentorPair), scope, today)
    if states:
        statement = statement.where(MentorPair.state.in_(states))
    if municipality_id is not None:
        statement = statement.where(MentorPair.municipality_id == municipality_id)
    if words := folded(query):
        named = select(Person.id).where(Person.sort.contains(words, autoescape=True))
        statement = statement.where(MentorPair.mentor_id.in_(named) | MentorPair.mentee_id.in_(named))
    if not scope.may(Right.mentoring_run):
        statement = statement.where(MentorPair.published_at.is_not(None))
    count = await session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = list(
        await session.scalars(
            statement.order_by(MentorPair.closed_at.is_not(None), MentorPair.id.desc()).limit(limit).offset(offset)
        )
    )
    return await cards(session, rows, today=today), count


async def some(session: AsyncSession, scope: Scope, pair_ids: Sequence[int], *, today: date) -> list[PairCard]:
    """The named pairs, as far as the scope reaches them."""
    if not scope.may(Right.mentoring_see):
        raise NotAllowed()
    rows = await session.scalars(
        _within(select(MentorPair).where(MentorPair.id.in_(pair_ids)), scope, today).order_by(MentorPair.id)
    )
    return await cards(session, list(rows), today=today)


async def counts(session: AsyncSession, scope: Scope, *, today: date) -> dict[PairState, int]:
    """How many pairs within the scope are in each state."""
    if not scope.may(Right.mentoring_see):
        raise NotAllowed()
    statement = _within(select(MentorPair.state, func.count()), scope, today).group_by(MentorPair.state)
    return dict((await session.execute(statement)).all())


async def staff_card(
    session: AsyncSession, scope: Scope, pair_id: int, *, today: date
) -> tuple[PairCard, list[PairMove]]:
    """One pair for the coordinator, with its history. NotAllowed outside the scope."""
    if not scope.may(Right.mentoring_see):
        raise NotAllowed()
    pair = await session.scalar(_within(select(MentorPair).where(MentorPair.id == pair_id), scope, today))
    if pair is None:
        raise NotAllowed()
    moves = await session.scalars(select(PairMove).where(PairMove.pair_id == pair_id).order_by(PairMove.id))
    return (await cards(session, [pair], today=today))[0], list(moves)


async def needing(session: AsyncSession, scope: Scope, *, today: date) -> int:
    """How many ask for a mentor and have no pair, within the scope."""
    from bot.models import Employment, Organisation

    open_pairs = select(MentorPair.mentee_id).where(MentorPair.closed_at.is_(None))
    statement = (
        select(func.count(MenteeNeed.id))
        .join(Person, Person.id == MenteeNeed.person_id)
        .outerjoin(Employment, (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None))
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(MenteeNeed.closed_at.is_(None), MenteeNeed.person_id.not_in(open_pairs))
    )
    statement = scope.limit(
        statement, Right.mentoring_see, organisation=Organisation.id, municipality=Organisation.municipality_id,
        today=today,
    )  # fmt: skip
    return await session.scalar(statement) or 0


async def cards(
    session: AsyncSession, pairs: Sequence[MentorPair], *, today: date, person_id: int | None = None
) -> list[PairCard]:
    """Rows as cards, in a handful of statements whatever their number."""
    ids = [pair.id for pair in pairs]
    people = await common.who(session, {n for pair in pairs for n in (pair.mentor_id, pair.mentee_id)}, today=today)
    words: dict[int, list[PairConsent]] = {}
    for row in await session.scalars(select(PairConsent).where(PairConsent.pair_id.in_(ids))):
        words.setdefault(row.pair_id, []).append(row)
    met = await telling.last_meetings(session, ids)
    planned: dict[int, MentorMeeting] = {
        row.pair_id: row
        for row in await session.scalars(
            select(MentorMeeting)
            .where(MentorMeeting.pair_id.in_(ids), MentorMeeting.state == MeetingState.planned)
            .order_by(MentorMeeting.id)
        )
    }
    statements = dict(
        (
            await session.execute(
                select(MentorProfile.person_id, MentorProfile.statement).where(
                    MentorProfile.person_id.in_({pair.mentor_id for pair in pairs})
                )
            )
        ).all()
    )
    said: dict[tuple[int, Side], int] = {}
    for pair_id, by, number in await session.execute(
        select(MentorMeeting.pair_id, MentorMeeting.side, func.count())
        .where(MentorMeeting.pair_id.in_(ids), MentorMeeting.state == MeetingState.said)
        .group_by(MentorMeeting.pair_id, MentorMeeting.side)
    ):
        said[pair_id, by] = number
    topics = dict(
        (
            await session.execute(
                select(MenteeNeed.person_id, MenteeNeed.topics).where(
                    MenteeNeed.person_id.in_({pair.mentee_id for pair in pairs})
                )
            )
        ).all()
    )
    made = []
    for pair in pairs:
        held, last = met.get(pair.id, (0, None))
        given = [row for row in words.get(pair.id, ()) if row.given_at is not None and row.withdrawn_at is None]
        appointed = planned.get(pair.id)
        made.append(
            PairCard(
                pair.id, pair.state, people[pair.mentor_id], people[pair.mentee_id], pair.form, pair.kind,
                pair.score, pair.lines, common.side_of(pair, person_id),
                frozenset(row.side for row in given), {row.side: row.paper for row in given if row.paper},
                pair.order_no, pair.order_date, pair.since, pair.until, pair.goal, pair.result, pair.next_step,
                held, last, appointed.starts_at if appointed else None, appointed.id if appointed else None,
                pair.leaves_on, pair.left_by, pair.paused_until, pair.answer_until,
                tuple(topics.get(pair.mentee_id, ())), pair.closed_reason, statements.get(pair.mentor_id, ""),
                said.get((pair.id, Side.mentee if pair.mentor_id == person_id else Side.mentor), 0),
            )
        )  # fmt: skip
    return made


def _within(statement: Any, scope: Scope, today: date) -> Any:
    return scope.limit(
        statement, Right.mentoring_see, organisation=MentorPair.organisation_id,
        municipality=MentorPair.municipality_id, today=today,
    )  # fmt: skip
