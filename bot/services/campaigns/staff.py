"""Campaigns as staff make and see them: draft, launch, end; who may is the Scope's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Campaign,
    CampaignState,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    VersionState,
)
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.campaigns.running import let_go
from bot.services.campaigns.targets import Target

LONGEST = 366
TITLE = 120

ANSWERED = (InstrumentKind.self_likert, InstrumentKind.test_key)
"""What people answer themselves in a chat."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form gives."""

    title: str
    version_id: int
    organiser: str
    since: date
    until: date
    target: Target
    order_no: str = ""
    order_date: date | None = None


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in a list."""

    id: int
    title: str
    instrument: str
    is_demo: bool
    audience: str
    version: int
    organiser: str
    order_no: str
    order_date: date | None
    since: date
    until: date
    state: CampaignState
    target: Target
    version_id: int


@dataclass(frozen=True, slots=True)
class Choice:
    """An instrument a campaign may be about."""

    version_id: int
    title: str
    number: int
    audience: str


async def choices(session: AsyncSession) -> list[Choice]:
    """Versions in use that people answer themselves, the newest of each form."""
    rows = await session.execute(
        select(InstrumentVersion.id, Instrument.title, InstrumentVersion.number, Instrument.audience)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .where(
            InstrumentVersion.state.in_((VersionState.trial, VersionState.verified)),
            Instrument.kind.in_(ANSWERED),
        )
        .order_by(Instrument.title, InstrumentVersion.number.desc())
    )
    return [Choice(*row) for row in rows]


async def listing(session: AsyncSession, scope: Scope) -> list[CampaignLine]:
    """All campaigns, the newest first."""
    scope.require(Right.campaigns_see)
    rows = await session.execute(_lines().order_by(Campaign.since.desc(), Campaign.id.desc()).limit(200))
    return [_line(row) for row in rows]


async def card(session: AsyncSession, scope: Scope, campaign_id: int) -> CampaignLine:
    """One campaign; NotFound for a number nobody gave."""
    scope.require(Right.campaigns_see)
    row = (await session.execute(_lines().where(Campaign.id == campaign_id))).one_or_none()
    if row is None:
        raise NotFound()
    return _line(row)


async def version_state(session: AsyncSession, line: CampaignLine) -> VersionState:
    """How far the questions have been examined."""
    return (await session.get_one(InstrumentVersion, line.version_id)).state


async def create(session: AsyncSession, scope: Scope, draft: Draft, *, now: datetime) -> int:
    """A draft; nobody is invited yet. UserError with what to put right."""
    scope.require(Right.campaigns_run)
    if not draft.title.strip() or len(draft.title) > TITLE:
        raise UserError("admin-campaign-title")
    if draft.version_id not in {choice.version_id for choice in await choices(session)}:
        raise UserError("admin-campaign-instrument")
    if draft.until < draft.since or (draft.until - draft.since).days > LONGEST:
        raise UserError("admin-campaign-dates")
    if draft.until < now.date():
        raise UserError("admin-campaign-past")
    made = Campaign(
        title=draft.title.strip(),
        version_id=draft.version_id,
        organiser=draft.organiser.strip()[:200],
        order_no=draft.order_no.strip()[:64],
        order_date=draft.order_date,
        since=draft.since,
        until=draft.until,
        target=draft.target.as_json(),
        created_by_id=scope.person_id,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    audit.changed(session, scope, "campaign", made.id, "created", now=now)
    return made.id


async def launch(session: AsyncSession, scope: Scope, campaign_id: int, *, now: datetime) -> None:
    """From its first day on people are invited. Launching twice is launching once."""
    scope.require(Right.campaigns_run)
    campaign = await _locked(session, campaign_id)
    if campaign.state is CampaignState.running:
        return
    if campaign.state is CampaignState.closed or campaign.until < now.date():
        raise UserError("admin-campaign-past")
    campaign.state = CampaignState.running
    audit.changed(session, scope, "campaign", campaign_id, "launched", now=now)


async def finish(session: AsyncSession, scope: Scope, campaign_id: int, *, now: datetime) -> None:
    """End early: what waits is not said, what was begun may be finished for oneself."""
    scope.require(Right.campaigns_run)
    campaign = await _locked(session, campaign_id)
    if campaign.state is CampaignState.closed:
        return
    campaign.state, campaign.closed_at = CampaignState.closed, now
    await let_go(session, campaign_id)
    audit.changed(session, scope, "campaign", campaign_id, "closed", now=now)


async def _locked(session: AsyncSession, campaign_id: int) -> Campaign:
    found = await session.get(Campaign, campaign_id, with_for_update=True)
    if found is None:
        raise NotFound()
    return found


_Lines = Select[Campaign, str, bool, str, int]


def _lines() -> _Lines:
    return (
        select(Campaign, Instrument.title, Instrument.is_demo, Instrument.audience, InstrumentVersion.number)
        .join(InstrumentVersion, InstrumentVersion.id == Campaign.version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
    )


def _line(row: Row[Campaign, str, bool, str, int]) -> CampaignLine:
    campaign, title, is_demo, audience, number = row
    return CampaignLine(
        id=campaign.id,
        title=campaign.title,
        instrument=title,
        is_demo=is_demo,
        audience=audience,
        version=number,
        organiser=campaign.organiser,
        order_no=campaign.order_no,
        order_date=campaign.order_date,
        since=campaign.since,
        until=campaign.until,
        state=campaign.state,
        target=Target.from_json(campaign.target),
        version_id=campaign.version_id,
    )
