"""The life of a campaign by itself: invitations in portions, answers of people, one reminder, the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignInvite,
    CampaignState,
    InstrumentKind,
    InviteState,
    MessageClass,
    Person,
    Purpose,
)
from bot.services import outbox
from bot.services.campaigns.targets import Target, first_subjects, limits, people_of
from bot.services.diagnostics import OFFICIAL_EVERY, Content, Start, Step, content_of, start, state_of
from bot.services.diagnostics.taking import audience_of
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.ui.screen import Screen

PORTION = 500
"""People invited in one transaction: the table is not held for long, memory stays flat."""

REMIND_BEFORE = timedelta(days=3)
"""The one reminder comes this long before the last day; shorter campaigns have none."""

COUNTED = (Purpose.official, Purpose.entry, Purpose.campaign)
OPEN = (InviteState.invited, InviteState.accepted)

SpeakInvite = Callable[[str, "Invitation"], Screen]
"""(locale, invitation) → the screen of it: words are the job's, not the service's."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says. ``over`` when the campaign has ended, ``left`` counts unanswered questions."""

    id: int
    campaign_id: int
    title: str
    organiser: str
    until: date
    questions: int
    minutes: int
    state: InviteState
    over: bool
    version_id: int
    is_test: bool = False
    # Minutes on the clock of a test, which runs from its first task.
    limit: int | None = None

    @property
    def is_open(self) -> bool:
        """True while she may still accept."""
        return not self.over and self.state in (InviteState.invited, InviteState.accepted, InviteState.declined)


async def due(session: AsyncSession, *, today: date) -> list[int]:
    """Running campaigns that have begun."""
    return list(
        await session.scalars(
            select(Campaign.id)
            .where(Campaign.state == CampaignState.running, Campaign.since <= today)
            .order_by(Campaign.id)
        )
    )


async def unfold(
    session: AsyncSession,
    campaign_id: int,
    speak: SpeakInvite,
    *,
    now: datetime,
    zone: ZoneInfo,
    portion: int = PORTION,
) -> int:
    """Invite the next people of the target group who have no row yet, and those who have come to a chat since.

    How many rows were written; 0 when there is nobody left.
    """
    campaign = await session.get_one(Campaign, campaign_id, with_for_update=True)
    content = await content_of(session, campaign.version_id)
    today = now.astimezone(zone).date()
    if campaign.state is not CampaignState.running or campaign.until < today:
        return 0
    known = exists().where(CampaignInvite.campaign_id == campaign_id, CampaignInvite.person_id == Person.id)
    group = people_of(
        Target.from_json(campaign.target), content.audience, on=today, young=await limits(session), among=~known
    )
    rows = (await session.execute(group.limit(portion))).all()
    subjects = await first_subjects(session, [row.employment_id for row in rows])
    earlier = await _taken(session, [row.id for row in rows], content, now=now)
    made: list[tuple[CampaignInvite, str]] = []
    for person_id in dict.fromkeys(row.id for row in rows):
        row = next(row for row in rows if row.id == person_id)
        state = InviteState.invited if row.registered_at is not None else InviteState.absent
        invite = CampaignInvite(
            campaign_id=campaign_id,
            person_id=person_id,
            state=InviteState.earlier if person_id in earlier else state,
            organisation_id=row.organisation_id,
            municipality_id=row.municipality_id,
            position_slug=row.position_slug,
            subject_slug=subjects.get(row.employment_id),
            attempt_id=earlier.get(person_id),
            invited_at=now if state is InviteState.invited else None,
        )
        session.add(invite)
        made.append((invite, row.locale))
    came = await _came_since(session, campaign_id, now=now, limit=portion - len(made))
    await session.flush()
    for invite, locale in (*made, *came):
        if invite.state is InviteState.invited:
            await _invite(session, campaign, invite, content, locale, speak, now=now, zone=zone)
    campaign.unfolded_at = now
    return len(made) + len(came)


async def _came_since(
    session: AsyncSession, campaign_id: int, *, now: datetime, limit: int
) -> list[tuple[CampaignInvite, str]]:
    """Those who had never come to a chat and have now."""
    if limit <= 0:
        return []
    rows = await session.execute(
        select(CampaignInvite, Person.locale)
        .join(Person, Person.id == CampaignInvite.person_id)
        .where(
            CampaignInvite.campaign_id == campaign_id,
            CampaignInvite.state == InviteState.absent,
            Person.registered_at.is_not(None),
        )
        .order_by(CampaignInvite.id)
        .limit(limit)
    )
    found = [(invite, locale) for invite, locale in rows]
    for invite, _ in found:
        invite.state, invite.invited_at = InviteState.invited, now
    return found


async def _taken(session: AsyncSession, people: Sequence[int], content: Content, *, now: datetime) -> dict[int, int]:
    """Person → a counted attempt of the same version within the last 90 days: nobody is asked twice."""
    rows = await session.execute(
        select(Attempt.person_id, Attempt.id)
        .where(
            Attempt.person_id.in_(people),
            Attempt.version_id == content.version_id,
            Attempt.state == AttemptState.finished,
            Attempt.purpose.in_(COUNTED),
            Attempt.finished_at > now - OFFICIAL_EVERY,
        )
        .order_by(Attempt.finished_at)
    )
    return dict(iter(rows))


async def _invite(
    session: AsyncSession,
    campaign: Campaign,
    invite: CampaignInvite,
    content: Content,
    locale: str,
    speak: SpeakInvite,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    await outbox.say(
        session,
        invite.person_id,
        speak(locale, _told(campaign, invite, content, campaign.since)),
        message_class=MessageClass.nudge,
        kind=f"campaign:{campaign.id}",
        dedupe=f"campaign:{campaign.id}:{invite.id}:invite",
        now=now,
        expires_at=end_of(campaign.until, zone),
    )


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day is over in the region."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


# --- what people do ---------------------------------------------------------------------------------


async def invitation(session: AsyncSession, person_id: int, invite_id: int, *, today: date) -> Invitation | None:
    """An own invitation; None for somebody else's."""
    row = (
        await session.execute(
            select(CampaignInvite, Campaign)
            .join(Campaign, Campaign.id == CampaignInvite.campaign_id)
            .where(CampaignInvite.id == invite_id, CampaignInvite.person_id == person_id)
        )
    ).one_or_none()
    if row is None:
        return None
    invite, campaign = row
    return _told(campaign, invite, await content_of(session, campaign.version_id), today)


async def current(session: AsyncSession, person_id: int, *, today: date) -> Invitation | None:
    """The invitation that is still open for a person and not yet answered by a finished questionnaire."""
    row = (
        await session.execute(
            select(CampaignInvite, Campaign)
            .join(Campaign, Campaign.id == CampaignInvite.campaign_id)
            .outerjoin(Attempt, Attempt.id == CampaignInvite.attempt_id)
            .where(
                CampaignInvite.person_id == person_id,
                CampaignInvite.state.in_((*OPEN, InviteState.declined)),
                Campaign.state == CampaignState.running,
                Campaign.since <= today,
                Campaign.until >= today,
                or_(Attempt.id.is_(None), Attempt.state == AttemptState.open),
            )
            .order_by(Campaign.until, CampaignInvite.id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    invite, campaign = row
    return _told(campaign, invite, await content_of(session, campaign.version_id), today)


async def accept(session: AsyncSession, caller: Caller, told: Invitation, *, now: datetime) -> Step:
    """Begin (or go on with) the questionnaire of the campaign. The caller looked that it is not over.

    An attempt begun «для себя» stays her own: the step is of purpose ``trial`` then, and nothing is accepted yet.
    """
    content = await content_of(session, told.version_id)
    step = await state_of(session, caller.id, content.version_id)
    if step is not None and step.purpose is Purpose.trial:
        return step
    audience = await audience_of(session, caller.id)
    worded = {name for item in content.items for name in item.texts}
    offer = Start(content, audience if audience in worded else "teacher", step, None)
    step = await start(session, caller, offer, purpose=Purpose.campaign, now=now)
    await session.execute(
        update(CampaignInvite)
        .where(CampaignInvite.id == told.id)
        .values(state=InviteState.accepted, attempt_id=step.attempt_id, answered_at=now)
    )
    await outbox.take_back(session, f"campaign:{told.campaign_id}:{told.id}:")
    return step


async def decline(session: AsyncSession, told: Invitation, *, now: datetime) -> None:
    """Silent for good; the invitation stays in the section until the last day."""
    if told.state is InviteState.invited:
        await session.execute(
            update(CampaignInvite)
            .where(CampaignInvite.id == told.id)
            .values(state=InviteState.declined, answered_at=now)
        )
    await outbox.take_back(session, f"campaign:{told.campaign_id}:{told.id}:")


async def remind_tomorrow(
    session: AsyncSession, person_id: int, told: Invitation, screen: Screen, *, now: datetime, zone: ZoneInfo
) -> None:
    """«Напомнить завтра»: the same invitation once more, because she asked."""
    tomorrow = now + timedelta(days=1)
    await outbox.say(
        session,
        person_id,
        screen,
        message_class=MessageClass.own_clock,
        kind=f"campaign:{told.campaign_id}:asked",
        dedupe=f"campaign:{told.campaign_id}:{told.id}:asked:{tomorrow:%Y-%m-%d}",
        now=now,
        not_before=tomorrow,
        expires_at=end_of(told.until, zone),
    )


async def remind_due(
    session: AsyncSession,
    campaign_id: int,
    speak: SpeakInvite,
    *,
    now: datetime,
    zone: ZoneInfo,
    portion: int = PORTION,
) -> int:
    """The one reminder: to those who said nothing or stopped half-way, never to those who declined."""
    campaign = await session.get_one(Campaign, campaign_id)
    today = now.astimezone(zone).date()
    long_enough = campaign.until - campaign.since > 2 * REMIND_BEFORE
    if campaign.state is not CampaignState.running or not long_enough or today < campaign.until - REMIND_BEFORE:
        return 0
    content = await content_of(session, campaign.version_id)
    rows = await session.execute(
        select(CampaignInvite, Person.locale)
        .join(Person, Person.id == CampaignInvite.person_id)
        .outerjoin(Attempt, Attempt.id == CampaignInvite.attempt_id)
        .where(
            CampaignInvite.campaign_id == campaign_id,
            CampaignInvite.state.in_(OPEN),
            CampaignInvite.reminded_at.is_(None),
            or_(Attempt.id.is_(None), Attempt.state == AttemptState.open),
        )
        .order_by(CampaignInvite.id)
        .limit(portion)
    )
    found = [(invite, locale) for invite, locale in rows]
    for invite, locale in found:
        invite.reminded_at = now
        await outbox.say(
            session,
            invite.person_id,
            speak(locale, _told(campaign, invite, content, today)),
            message_class=MessageClass.nudge,
            kind=f"campaign:{campaign.id}:reminder",
            dedupe=f"campaign:{campaign.id}:{invite.id}:reminder",
            now=now,
            expires_at=end_of(campaign.until, zone),
        )
    return len(found)


async def close(session: AsyncSession, *, now: datetime, today: date) -> list[int]:
    """End campaigns whose last day is over."""
    rows = await session.scalars(
        update(Campaign)
        .where(Campaign.state == CampaignState.running, Campaign.until < today)
        .values(state=CampaignState.closed, closed_at=now)
        .returning(Campaign.id)
    )
    ended = list(rows)
    for campaign_id in ended:
        await let_go(session, campaign_id)
    return ended


async def let_go(session: AsyncSession, campaign_id: int) -> None:
    """Nothing of it is said any more; what is still open may be finished, but only for oneself."""
    await outbox.take_back(session, f"campaign:{campaign_id}:")
    begun = select(CampaignInvite.attempt_id).where(
        CampaignInvite.campaign_id == campaign_id, CampaignInvite.attempt_id.is_not(None)
    )
    await session.execute(
        update(Attempt)
        .where(Attempt.id.in_(begun), Attempt.state == AttemptState.open, Attempt.purpose == Purpose.campaign)
        .values(purpose=Purpose.trial)
    )


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the menu: an invitation nobody answered yet."""
    told = await current(session, caller.id, today=now.date())
    if told is None or told.state is not InviteState.invited:
        return None
    name = "campaigns-next-test" if told.is_test else "campaigns-next"
    return NextStep(name, "campaigns-next.button", f"diagnostics:join:{told.id}", {})


def _told(campaign: Campaign, invite: CampaignInvite, content: Content, today: date) -> Invitation:
    return Invitation(
        id=invite.id,
        campaign_id=campaign.id,
        title=campaign.title,
        organiser=campaign.organiser,
        until=campaign.until,
        questions=len(content.items),
        minutes=content.minutes,
        state=invite.state,
        over=campaign.state is CampaignState.closed or campaign.until < today,
        version_id=campaign.version_id,
        is_test=content.kind is InstrumentKind.test_key,
        limit=content.time_limit,
    )
