"""From a proposal to an order: published, agreed or declined without a reason, the employer's word, the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.models import (
    FactKind,
    MatchLeft,
    MenteeNeed,
    MentorNoticeKind,
    MentorPair,
    MentorProfile,
    NeedBasis,
    PairConsent,
    PairKind,
    PairState,
    Person,
    Side,
)
from bot.rules.mentoring.load import GROUP_LEAST
from bot.services import audit, facts
from bot.services.access import Right, Scope
from bot.services.mentoring import common, profiles, programme

ANSWER_WITHIN = timedelta(days=7)
"""How long an offer is open; silence is no consent, and the place is needed."""

TERM_MONTHS = 12
"""Usual term of a pair; from three months to a year, longer by another order (domain.md §5.1)."""

SHORTEST, LONGEST = relativedelta(months=3), relativedelta(years=3)


@dataclass(frozen=True, slots=True)
class Held:
    """A pair that was not moved on, and why (a locale key)."""

    pair_id: int
    why: str


async def publish(
    session: AsyncSession, scope: Scope, pair_ids: Sequence[int], *, now: datetime, today: date
) -> tuple[list[int], list[Held]]:
    """Tell both sides of reviewed proposals. What has changed meanwhile is held back with its reason."""
    told: list[int] = []
    held: list[Held] = []
    for pair_id in sorted(set(pair_ids)):
        pair = await common.reached(session, scope, Right.mentoring_run, pair_id, today=today)
        why = "moved_on" if pair.state is not PairState.proposed else await _not_any_more(session, pair, today)
        if why:
            held.append(Held(pair_id, f"mentoring-held.{why}"))
            continue
        common.move(session, pair, PairState.consent_wait, now=now, actor_id=scope.person_id)
        pair.published_at, pair.answer_until = now, today + ANSWER_WITHIN
        session.add_all(PairConsent(pair_id=pair.id, side=side) for side in (Side.mentor, Side.mentee))
        common.notify(session, pair.mentor_id, pair.id, MentorNoticeKind.offer_mentor, now=now)
        common.notify(session, pair.mentee_id, pair.id, MentorNoticeKind.offer_mentee, now=now)
        told.append(pair_id)
    if told:
        audit.changed(session, scope, "mentoring", told[0], "published", now=now, after={"pairs": told})
    await session.flush()
    return told, held


async def discard(session: AsyncSession, scope: Scope, pair_id: int, *, now: datetime, today: date) -> None:
    """A proposal the coordinator does not want; nobody was told of it."""
    pair = await common.reached(session, scope, Right.mentoring_run, pair_id, today=today)
    if pair.state is not PairState.proposed:
        raise UserError("mentoring-moved-on")
    common.move(session, pair, PairState.refused, now=now, actor_id=scope.person_id, reason="discarded")
    audit.changed(session, scope, "mentoring", pair_id, "discarded", now=now)
    await session.flush()


async def agree(session: AsyncSession, person_id: int, pair_id: int, *, now: datetime, today: date) -> PairState:
    """One side agrees; after both the pair waits for its order. The state it is in now."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state in (PairState.to_order, *common.MEETS):
        return pair.state
    if pair.state is not PairState.consent_wait:
        raise UserError("mentoring-moved-on")
    if side is Side.mentor and not await _is_mentor(session, person_id):
        raise UserError("mentoring-held.consent")
    words = await consents_of(session, pair_id)
    words[side].given_at, words[side].refused_at, words[side].by_id = words[side].given_at or now, None, person_id
    await session.flush()
    if all(words[one].given_at is not None for one in (Side.mentor, Side.mentee)):
        common.move(session, pair, PairState.to_order, now=now, actor_id=person_id)
        for number in (pair.mentor_id, pair.mentee_id, *await common.coordinators(session, pair, today=today)):
            common.notify(session, number, pair.id, MentorNoticeKind.agreed, now=now)
    await session.flush()
    return pair.state


async def decline(session: AsyncSession, person_id: int, pair_id: int, *, other: bool = True, now: datetime) -> None:
    """No, and no reason asked. Others stay as they are; for the mentee (and the freed place) is looked anew."""
    pair, side = await common.own(session, person_id, pair_id)
    if pair.state is PairState.refused:
        return
    if pair.state not in (PairState.consent_wait, PairState.to_order):
        raise UserError("mentoring-moved-on")
    words = await consents_of(session, pair_id)
    if words[side].given_at is not None:
        words[side].withdrawn_at = now
    words[side].refused_at, words[side].by_id = now, person_id
    await close_offer(session, pair, "declined", actor_id=person_id, now=now)
    if side is Side.mentee and not other:
        await profiles.close_need(session, person_id, now=now)
    common.notify(session, common.other_of(pair, side), pair.id, MentorNoticeKind.refused, now=now)
    await session.flush()


async def later(session: AsyncSession, person_id: int, pair_id: int) -> date:
    """«Подумаю»: the day until which the offer stands."""
    pair, _ = await common.own(session, person_id, pair_id)
    if pair.state is not PairState.consent_wait or pair.answer_until is None:
        raise UserError("mentoring-moved-on")
    return pair.answer_until


async def lapse(session: AsyncSession, *, now: datetime, today: date) -> int:
    """Offers nobody answered in time end; the place is free again. How many."""
    rows = list(
        await session.scalars(
            select(MentorPair)
            .where(MentorPair.state == PairState.consent_wait, MentorPair.answer_until < today)
            .with_for_update(skip_locked=True)
        )
    )
    for pair in rows:
        await close_offer(session, pair, "expired", actor_id=None, now=now)
        for number in (pair.mentor_id, pair.mentee_id):
            common.notify(session, number, pair.id, MentorNoticeKind.refused, now=now)
    await session.flush()
    return len(rows)


async def close_offer(
    session: AsyncSession, pair: MentorPair, reason: str, *, actor_id: int | None, now: datetime
) -> None:
    """The offer is over; whom it touched is looked for again: the mentee, and those who waited for this mentor."""
    common.move(session, pair, PairState.refused, now=now, actor_id=actor_id, reason=reason)
    await profiles.touch(session, pair.mentee_id, now=now)
    waited = await session.scalars(
        select(MatchLeft.person_id).where(MatchLeft.best_id == pair.mentor_id, MatchLeft.reason == "places_taken")
    )
    for person_id in waited.all():
        row = await profiles.need_of(session, person_id)
        if row is not None and row.closed_at is None:
            row.touched_at = now


async def employer_agrees(
    session: AsyncSession, scope: Scope, pair_id: int, *, paper: str = "", now: datetime, today: date
) -> None:
    """The employer's consent, with the number of its paper where there is one."""
    pair = await common.reached(session, scope, Right.mentoring_order, pair_id, today=today)
    if pair.state not in (PairState.consent_wait, PairState.to_order, *common.MEETS):
        raise UserError("mentoring-moved-on")
    await _employer(session, scope, pair, paper, now=now)
    audit.changed(session, scope, "mentoring", pair_id, "employer", now=now)
    await session.flush()


async def written(
    session: AsyncSession, scope: Scope, pair_id: int, side: Side, paper: str, *, now: datetime, today: date
) -> None:
    """The written consent or the supplement is here: what the paper is called."""
    pair = await common.reached(session, scope, Right.mentoring_order, pair_id, today=today)
    words = await consents_of(session, pair.id)
    if side not in words or words[side].given_at is None:
        raise UserError("mentoring-no-consent")
    words[side].paper = paper.strip()[:200]
    audit.changed(session, scope, "mentoring", pair_id, "paper", now=now, after={"side": side.value})
    await session.flush()


async def order(
    session: AsyncSession,
    scope: Scope,
    pair_ids: Sequence[int],
    *,
    no: str,
    on: date,
    until: date | None = None,
    now: datetime,
    today: date,
) -> tuple[list[int], list[Held]]:
    """The order makes pairs active: all that both sides agreed to. The order is the employer's own word."""
    no = no.strip()[:64]
    if not no:
        raise UserError("mentoring-order-no")
    until = until or on + relativedelta(months=TERM_MONTHS)
    if not on + SHORTEST <= until <= on + LONGEST:
        raise UserError("mentoring-order-term")
    if on > today + timedelta(days=31):
        raise UserError("mentoring-order-day")
    done: list[int] = []
    held: list[Held] = []
    for pair_id in sorted(set(pair_ids)):
        pair = await common.reached(session, scope, Right.mentoring_order, pair_id, today=today)
        words = await consents_of(session, pair_id)
        both = all(side in words and words[side].given_at is not None for side in (Side.mentor, Side.mentee))
        if pair.state is not PairState.to_order or not both:
            why = "no_consent" if pair.state is PairState.consent_wait else "moved_on"
            held.append(Held(pair_id, f"mentoring-held.{why}"))
            continue
        if not await _is_mentor(session, pair.mentor_id):
            held.append(Held(pair_id, "mentoring-held.consent"))
            continue
        await _employer(session, scope, pair, no, now=now)
        await _begin(session, pair, no=no, on=on, until=until, actor_id=scope.person_id, now=now, today=today)
        done.append(pair_id)
    if done:
        audit.changed(session, scope, "mentoring", done[0], "ordered", now=now, after={"pairs": done, "order": no})
    await session.flush()
    return done, held


async def prolong(
    session: AsyncSession,
    scope: Scope,
    pair_id: int,
    *,
    no: str,
    on: date,
    until: date,
    now: datetime,
    today: date,
) -> None:
    """A later end of a working pair by another order; three years from the beginning at the very most."""
    no = no.strip()[:64]
    if not no:
        raise UserError("mentoring-order-no")
    pair = await common.reached(session, scope, Right.mentoring_order, pair_id, today=today)
    if pair.state not in common.MEETS or pair.since is None or pair.until is None:
        raise UserError("mentoring-moved-on")
    if not pair.until < until <= pair.since + LONGEST:
        raise UserError("mentoring-order-term")
    if on > today + timedelta(days=31):
        raise UserError("mentoring-order-day")
    if on < pair.since:
        raise UserError("mentoring-order-before")
    before = {"order": pair.order_no, "until": pair.until.isoformat()}
    pair.order_no, pair.order_date, pair.until = no, on, until
    after = {"order": no, "until": until.isoformat()}
    await common.prolonged(session, pair, actor_id=scope.person_id, now=now)
    audit.changed(session, scope, "mentoring", pair_id, "prolonged", now=now, before=before, after=after)
    await session.flush()


async def consents_of(session: AsyncSession, pair_id: int) -> dict[Side, PairConsent]:
    """Side → its word."""
    rows = await session.scalars(select(PairConsent).where(PairConsent.pair_id == pair_id).with_for_update())
    return {row.side: row for row in rows}


# --- inside ------------------------------------------------------------------------------------------


async def _begin(
    session: AsyncSession,
    pair: MentorPair,
    *,
    no: str,
    on: date,
    until: date,
    actor_id: int | None,
    now: datetime,
    today: date,
) -> None:
    common.move(session, pair, PairState.active, now=now, actor_id=actor_id)
    pair.order_no, pair.order_date, pair.since, pair.until = no, on, on, until
    need = await profiles.need_of(session, pair.mentee_id)
    if need is not None:
        need.closed_at, need.touched_at = now, None
    await programme.draft(session, pair, today=today)
    for person_id, side in ((pair.mentor_id, Side.mentor), (pair.mentee_id, Side.mentee)):
        await facts.add(
            session, person_id, FactKind.paired, occurred_on=on, source=(common.SOURCE, pair.id), now=now,
            evidence={"side": side.value, "order": no, "form": pair.form.value},
        )  # fmt: skip
        common.notify(session, person_id, pair.id, MentorNoticeKind.active, now=now)


async def _employer(session: AsyncSession, scope: Scope, pair: MentorPair, paper: str, *, now: datetime) -> None:
    words = await consents_of(session, pair.id)
    row = words.get(Side.employer)
    if row is None:
        row = PairConsent(pair_id=pair.id, side=Side.employer)
        session.add(row)
    row.given_at, row.by_id = row.given_at or now, scope.person_id
    row.paper = row.paper or paper.strip()[:200]


async def _is_mentor(session: AsyncSession, person_id: int) -> bool:
    row = await profiles.profile_of(session, person_id)
    return row is not None and row.agreed_at is not None and row.withdrawn_at is None


async def _not_any_more(session: AsyncSession, pair: MentorPair, today: date) -> str:
    """Why a proposal may no longer be told: nothing when it may."""
    # Both sides are locked in one order: two coordinators publish two pairs of one mentor.
    profile = await session.scalar(
        select(MentorProfile).where(MentorProfile.person_id == pair.mentor_id).with_for_update()
    )
    if profile is None or profile.agreed_at is None:
        return "consent"
    load, grouped = (await common.loads(session, [pair.mentor_id]))[pair.mentor_id], pair.kind is PairKind.group
    limit = (await common.options(session)).group if grouped else profile.max_load
    if load.taken(grouped=grouped) > limit:
        return "group_full" if grouped else "load"
    if grouped and load.group < GROUP_LEAST:
        return "group_small"
    need = await session.scalar(select(MenteeNeed).where(MenteeNeed.person_id == pair.mentee_id).with_for_update())
    if need is None or need.closed_at is not None:
        return "not_needed"
    person = await session.get_one(Person, pair.mentee_id)
    if need.basis is NeedBasis.young and not await profiles.is_young(session, person, today=today):
        return "grown"
    return ""
