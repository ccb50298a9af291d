"""A form of the demonstration that districts are filling in, and a post of a rubric that has gone already."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Broadcast,
    BroadcastKind,
    BroadcastState,
    Form,
    FormAudience,
    FormReply,
    FormState,
    Municipality,
    ReplyState,
    Rubric,
)
from bot.rules import forms as rules
from bot.services.data_files import Entry, read
from bot.services.demo.registers import FILE

SENT = 0.6


async def add(session: AsyncSession, rng: Random, head_id: int, *, now: datetime) -> None:
    """Made of the districts that are there; nobody is told anything."""
    content = read(FILE)
    words = content.need("form", Entry)
    opened = now - timedelta(days=9)
    form = Form(
        title=words.need("title", str),
        about=words.need("about", str),
        questions=rules.checked([tuple(one) for one in words.need("questions", list)]),
        audience=FormAudience.municipalities,
        target={"role": "", "municipality": None},
        state=FormState.open,
        due_on=now.date() + timedelta(days=words.need("due", int)),
        created_by_id=head_id,
        created_at=opened,
        opened_at=opened,
    )
    session.add(form)
    await session.flush()
    said = words.need("words", list)
    for place in (await session.scalars(select(Municipality).order_by(Municipality.sort))).all():
        sent = rng.random() < SENT
        answers = {
            "q1": rng.randint(20, 240), "q2": str(rng.randint(1, 3)), "q3": rng.random() < 0.7,
            "q4": rng.choice(said) or None,
        }  # fmt: skip
        session.add(
            FormReply(
                form_id=form.id,
                subject_id=place.id,
                name=place.name,
                state=ReplyState.sent if sent else ReplyState.waiting,
                answers=answers if sent else {},
                sent_at=opened + timedelta(days=rng.randint(1, 8)) if sent else None,
            )
        )
    rubric = await session.scalar(select(Rubric).order_by(Rubric.place).offset(1).limit(1))
    if rubric is not None:
        post = content.need("post", Entry)
        went = (now - timedelta(days=6)).replace(hour=14, minute=0)
        session.add(
            Broadcast(
                kind=BroadcastKind.rubric,
                rubric_slug=rubric.slug,
                title=post.need("title", str),
                body=post.need("body", str),
                state=BroadcastState.done,
                starts_at=went,
                expires_at=went + timedelta(days=14),
                unfolded=True,
                finished_at=went + timedelta(hours=2),
                created_by_id=head_id,
                created_at=went - timedelta(days=2),
            )
        )
    await session.flush()
