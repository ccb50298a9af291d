"""What the papers of mentoring are written from: pairs that wait for an order, signed orders, one pair."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.errors import NotAllowed, NotFound, UserError
from bot.i18n import Translator
from bot.models import MentorPair, Organisation, PairState, Person, Role, RoleAssignment, ScopeKind, Side
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.documents.mentoring import PairPaper, PaperLine, Worker
from bot.services.iom.papers.signers import head_of_centre, initials
from bot.services.mentoring import common, programme, telling

ORDERS = 200
"""Orders on the page, the newest first."""

MOST = 500
"""Pairs of one order at most."""


@dataclass(frozen=True, slots=True)
class PairsOrder:
    """An order of an organisation with its number of pairs; without a number, the pairs that wait for one."""

    organisation_id: int | None
    organisation: str
    number: str
    on: date | None
    pairs: int


@dataclass(frozen=True, slots=True)
class OrderPaper:
    """The pairs of an order; ``place`` is empty when they are of several organisations."""

    pairs: tuple[PairPaper, ...]
    place: str
    number: str
    on: date | None
    head: str


async def orders(session: AsyncSession, scope: Scope, *, today: date) -> list[PairsOrder]:
    """Drafts first, then signed orders, within the scope."""
    if not scope.may(Right.mentoring_order):
        return []
    p = MentorPair
    statement = (
        select(p.organisation_id, Organisation.short_name, p.order_no, p.order_date, func.count())
        .outerjoin(Organisation, Organisation.id == p.organisation_id)
        .where(or_(p.state == PairState.to_order, p.order_no != ""))
        .group_by(p.organisation_id, Organisation.short_name, p.order_no, p.order_date)
        .order_by(p.order_no != "", p.order_date.desc(), Organisation.short_name, p.order_no)
        .limit(ORDERS)
    )
    rows = await session.execute(_ordered(statement, scope, today))
    return [PairsOrder(place, name or "", number, on, n) for place, name, number, on, n in rows]


async def order_paper(
    session: AsyncSession, scope: Scope, t: Translator, *, organisation_id: int | None, number: str, on: date | None,
    today: date,
) -> OrderPaper:  # fmt: skip
    """The pairs of an order; without a number, those where both agreed. NotFound when there are none."""
    if not scope.may(Right.mentoring_order):
        raise NotAllowed()
    statement = select(MentorPair).order_by(MentorPair.organisation_id, MentorPair.id).limit(MOST)
    if number:
        statement = statement.where(MentorPair.order_no == number, MentorPair.order_date == on)
    else:
        statement = statement.where(MentorPair.state == PairState.to_order)
    if organisation_id is not None:
        statement = statement.where(MentorPair.organisation_id == organisation_id)
    rows = list(await session.scalars(_ordered(statement, scope, today)))
    if not rows:
        raise NotFound()
    pairs = await _papers(session, t, rows, today=today)
    places = {row.organisation_id for row in rows}
    if len(places) > 1 or None in places:
        return OrderPaper(tuple(pairs), "", number, on, "")
    # The employer of the day of the proposal: a mentee may have moved since.
    place = await session.get_one(Organisation, rows[0].organisation_id)
    head = (await _heads(session, [place.id], today)).get(place.id)
    return OrderPaper(tuple(pairs), place.name, number, on, initials(head) if head else "")


def school_years(today: date, *, back: int = 2) -> list[int]:
    """First calendar years of school years, the running one first: 2026 is 2026/2027."""
    now = today.year - (today.month < 9)
    return list(range(now, now - back, -1))


async def results(
    session: AsyncSession, scope: Scope, t: Translator, year: int, *, zone: ZoneInfo, today: date
) -> OrderPaper:
    """Pairs that finished in a school year, for the order on its results. UserError when there are none."""
    if not scope.may(Right.mentoring_order):
        raise NotAllowed()
    if year not in school_years(today, back=10):
        raise NotFound()
    first, after = (datetime(n, 9, 1, tzinfo=zone) for n in (year, year + 1))
    p = MentorPair
    statement = (
        select(p)
        .where(p.state == PairState.finished, p.closed_at >= first, p.closed_at < after)
        .order_by(p.organisation_id, p.id)
        .limit(MOST)
    )
    rows = list(await session.scalars(_ordered(statement, scope, today)))
    if not rows:
        raise UserError("mentoring-papers-no-results")
    pairs = tuple(await _papers(session, t, rows, today=today, zone=zone))
    places = {row.organisation_id for row in rows}
    if len(places) > 1 or None in places:
        return OrderPaper(pairs, "", "", None, "")
    place = await session.get_one(Organisation, rows[0].organisation_id)
    head = (await _heads(session, [place.id], today)).get(place.id)
    return OrderPaper(pairs, place.name, "", None, initials(head) if head else "")


async def pair_paper(session: AsyncSession, scope: Scope, t: Translator, pair_id: int, *, today: date) -> PairPaper:
    """One pair within the scope, for its papers. A proposal nobody was told of has none."""
    pair = await session.scalar(_seen(select(MentorPair).where(MentorPair.id == pair_id), scope, today))
    if pair is None:
        raise NotAllowed()
    if pair.state is PairState.proposed or pair.published_at is None:
        raise UserError("mentoring-papers-early")
    return (await _papers(session, t, [pair], today=today, lines=True))[0]


OWN = {Side.mentor: ("consent", "supplement", "programme"), Side.mentee: ("programme",)}
"""What a side may have in its chat: the consent and the supplement are the mentor's."""


async def own_paper(
    session: AsyncSession, scope: Scope, t: Translator, person_id: int, pair_id: int, name: str, *, now: datetime,
    today: date,
) -> PairPaper:  # fmt: skip
    """One's own pair for a paper of one's own side; the mentee sees that her mentor took it. NotFound for others."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.published_at is None or pair.state in (PairState.refused, PairState.broken):
        raise NotFound()
    if name not in OWN[side]:
        raise NotAllowed()
    await audit.viewed(
        session, scope, pair.mentee_id, "mentoring", right=Right.mentoring_see, object_id=pair_id, now=now,
        where="chat", role=Role.mentor.value,
    )  # fmt: skip
    return (await _papers(session, t, [pair], today=today, lines=True))[0]


async def mentee_of(session: AsyncSession, pair_id: int) -> int:
    """Whose paper it is: the look is hers to see."""
    return (await session.get_one(MentorPair, pair_id)).mentee_id


async def _papers(
    session: AsyncSession,
    t: Translator,
    pairs: Sequence[MentorPair],
    *,
    today: date,
    lines: bool = False,
    zone: ZoneInfo | None = None,
) -> list[PairPaper]:
    """``zone``: for papers that say on which day a pair ended, a day of the region."""
    who = await common.who(session, {n for pair in pairs for n in (pair.mentor_id, pair.mentee_id)}, today=today)
    places = {one.organisation_id for one in who.values() if one.organisation_id is not None}
    rows = await session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(places)))
    names: dict[int | None, str] = dict(rows.all())
    heads = await _heads(session, places, today)
    met = await telling.last_meetings(session, [pair.id for pair in pairs])
    centre = await head_of_centre(session, today)

    def worker(person_id: int) -> Worker:
        one = who[person_id]
        place = names.get(one.organisation_id, one.organisation)
        head = heads.get(one.organisation_id)
        return Worker(one.name, _post(one), place, "" if head is None or head.id == one.id else initials(head))

    made = []
    for pair in pairs:
        plan: tuple[PaperLine, ...] = ()
        if lines:
            plan = tuple(
                PaperLine(line.topic, line.due_on, t(f"documents-pair-programme.state-{line.state.value}"), line.result)
                for line in await programme.lines_of(session, pair.id)
            )
        made.append(
            PairPaper(
                worker(pair.mentor_id), worker(pair.mentee_id), t(f"mentoring-form.{pair.form.value}"),
                t(f"mentoring-kind.{pair.kind.value}"), pair.since, pair.until, pair.order_no, pair.order_date,
                pair.goal, t(f"mentoring-finish.{pair.result}") if pair.result else "",
                met.get(pair.id, (0, None))[0], plan, centre,
                local_date(pair.closed_at, zone) if pair.closed_at and zone else None, pair.result == "reached",
            )
        )  # fmt: skip
    return made


async def _heads(session: AsyncSession, places: Collection[int], today: date) -> dict[int | None, Person]:
    """Who heads each organisation today, the first appointed."""
    r = RoleAssignment
    rows = await session.execute(
        select(r.scope_id, Person)
        .join(Person, Person.id == r.person_id)
        .where(
            r.role == Role.school_head, r.scope_kind == ScopeKind.organisation, r.scope_id.in_(places),
            r.revoked_at.is_(None), r.since <= today, or_(r.until.is_(None), r.until >= today),
        )
        .order_by(r.id.desc())
    )  # fmt: skip
    return dict(rows.all())


def _post(one: common.Who) -> str:
    return f"{one.position} ({', '.join(one.subjects).lower()})" if one.position and one.subjects else one.position


def _ordered(statement: Any, scope: Scope, today: date) -> Any:
    return _limited(statement, scope, Right.mentoring_order, today)


def _seen(statement: Any, scope: Scope, today: date) -> Any:
    scope.require(Right.mentoring_see)
    return _limited(statement, scope, Right.mentoring_see, today)


def _limited(statement: Any, scope: Scope, right: Right, today: date) -> Any:
    return scope.limit(
        statement, right, organisation=MentorPair.organisation_id, municipality=MentorPair.municipality_id, today=today
    )
