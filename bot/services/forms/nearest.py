"""The form that waits for a person: for the main menu and for «Профиль»."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Form, FormReply, FormState, ReplyState
from bot.services.access import Scope
from bot.services.forms.filling import may_fill
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.ui.screen import cut

SOON = timedelta(days=7)
"""A form due within so long (or late) comes before the other things of the menu."""


async def urgent_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the main menu: a form whose term is near or has passed."""
    return await _step(session, caller, now=now, by=now.date() + SOON)


async def next_step(session: AsyncSession, caller: Caller, *, now: datetime) -> NextStep | None:
    """For the main menu: any form that waits."""
    return await _step(session, caller, now=now)


async def waiting_count(session: AsyncSession, scope: Scope, *, today: date) -> int:
    """How many forms this person has not sent yet."""
    found = await session.scalar(
        select(func.count())
        .select_from(FormReply)
        .join(Form, Form.id == FormReply.form_id)
        .where(
            Form.state == FormState.open,
            FormReply.state != ReplyState.sent,
            await may_fill(session, scope, today),
        )
    )
    return int(found or 0)


async def _step(
    session: AsyncSession, caller: Caller, *, now: datetime, by: date | None = None
) -> NextStep | None:  # fmt: skip
    today = now.date()
    if not await session.scalar(select(Form.id).where(Form.state == FormState.open).limit(1)):
        return None
    statement = (
        select(FormReply.id, Form.title, Form.due_on)
        .join(Form, Form.id == FormReply.form_id)
        .where(
            Form.state == FormState.open,
            FormReply.state != ReplyState.sent,
            await may_fill(session, caller.scope, today),
        )
        .order_by(Form.due_on.is_(None), Form.due_on, FormReply.id)
        .limit(1)
    )
    if by is not None:
        statement = statement.where(Form.due_on <= by)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    number, title, due_on = row
    words = {"title": cut(title, 60), "date": f"{due_on:%d.%m.%Y}" if due_on else ""}
    key = "forms-next.no-term" if due_on is None else "forms-next.late" if due_on < today else "forms-next"
    return NextStep(key, "forms-next.button", f"forms:open:{number}", words)
