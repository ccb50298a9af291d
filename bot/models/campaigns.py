"""Campaigns of diagnosis: who is invited by what order, until when, and what became of each invitation."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base, Id
from bot.models.diagnostics import InstrumentVersion


class CampaignState(StrEnum):
    """``draft`` may still change; ``running`` invites from its first day; ``closed`` for good."""

    draft = "draft"
    running = "running"
    closed = "closed"


class InviteState(StrEnum):
    """What the person said. Whether she has finished is read from the attempt."""

    # Took the same instrument shortly before: that attempt counts, nobody asks again.
    earlier = "earlier"
    # In the target group, but has never come to a chat.
    absent = "absent"
    invited = "invited"
    accepted = "accepted"
    declined = "declined"


class Campaign(Base):
    """One campaign; the version is fixed, so that all results are of the same questions."""

    __tablename__ = "campaigns"
    __table_args__ = (Index("ix_campaigns_state_since", "state", "since"),)

    id: Mapped[Id]
    title: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey("instrument_versions.id"), index=True)
    # Who invites, as the invitation says it.
    organiser: Mapped[str]
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    since: Mapped[date]
    until: Mapped[date]
    # The rule of the target group (services/campaigns/targets.py): lists of slugs and ids, switches.
    target: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.draft)
    # When the last portion of invitations was written.
    unfolded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    version: Mapped[InstrumentVersion] = relationship(lazy="raise")


class CampaignInvite(Base):
    """A person of the target group; place and post as of the day of the invitation."""

    __tablename__ = "campaign_invites"
    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id"),
        Index("ix_campaign_invites_campaign_state", "campaign_id", "state"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    state: Mapped[InviteState]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    position_slug: Mapped[str | None] = mapped_column(ForeignKey("positions.slug"))
    # The first subject of the main job: a person is counted once.
    subject_slug: Mapped[str | None] = mapped_column(ForeignKey("subjects.slug"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"), index=True)
    invited_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
