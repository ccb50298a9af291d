"""Two campaigns of the demonstration: one that is over, with its results, and one that invites now."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Attempt, AttemptState, Campaign, CampaignInvite, CampaignState, InviteState, Purpose
from bot.services import diagnostics
from bot.services.campaigns.targets import Limits, Target, first_subjects, people_of
from bot.services.demo.cast import book

LASTED, ENDED = timedelta(days=420), timedelta(days=20)
"""The first one's span: long enough to hold the history of the demonstration."""


async def add(session: AsyncSession, rng: Random, by_id: int, *, now: datetime) -> None:
    """Both, made of the people and attempts that are there already."""
    content = await diagnostics.published(session, "teacher")
    if content is None:
        return
    words = book()["campaigns"]
    today = now.date()
    over = Campaign(
        title=words["over"], version_id=content.version_id, organiser=words["organiser"], order_no="312-ОД",
        order_date=(now - LASTED - timedelta(days=9)).date(), since=(now - LASTED).date(), until=(now - ENDED).date(),
        target=Target().as_json(), state=CampaignState.closed, unfolded_at=now - LASTED, closed_at=now - ENDED,
        created_by_id=by_id, created_at=now - LASTED - timedelta(days=3),
    )  # fmt: skip
    running = Campaign(
        title=words["running"], version_id=content.version_id, organiser=words["organiser"], order_no="401-ОД",
        order_date=(now - timedelta(days=8)).date(), since=today, until=today + timedelta(days=25),
        target=Target(young=True).as_json(), state=CampaignState.running, created_by_id=by_id,
        created_at=now - timedelta(days=6),
    )  # fmt: skip
    session.add_all((over, running))
    await session.flush()
    rows = (await session.execute(people_of(Target(), "teacher", on=today, young=Limits()))).all()
    subjects = await first_subjects(session, [row.employment_id for row in rows])
    done = await session.execute(
        select(Attempt.person_id, Attempt.id)
        .where(
            Attempt.version_id == content.version_id,
            Attempt.state == AttemptState.finished,
            Attempt.purpose == Purpose.official,
            Attempt.finished_at >= now - LASTED,
            Attempt.finished_at < now - ENDED,
        )
        .order_by(Attempt.finished_at, Attempt.id)
    )
    taken: dict[int, int] = dict(done.all())
    for row in rows:
        state = InviteState.accepted if row.id in taken else InviteState.invited
        if row.registered_at is None:
            state = InviteState.absent
        elif state is InviteState.invited and rng.random() < 0.2:
            state = InviteState.declined
        session.add(
            CampaignInvite(
                campaign_id=over.id, person_id=row.id, state=state, organisation_id=row.organisation_id,
                municipality_id=row.municipality_id, position_slug=row.position_slug,
                subject_slug=subjects.get(row.employment_id), attempt_id=taken.get(row.id),
                invited_at=None if state is InviteState.absent else now - LASTED,
            )
        )  # fmt: skip
    await session.flush()
