"""Filling a form in, in the chat or on the page: who may, one answer at a time or all at once, sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    BodyMembership,
    Form,
    FormAudience,
    FormReply,
    FormState,
    ReplyState,
    ScopeKind,
)
from bot.rules import forms as rules
from bot.rules.registers import Field, Value, WrongCell, parse
from bot.services.access import RIGHTS, Right, Scope
from bot.services.registers.kinds import words


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A form that waits for this person."""

    id: int
    title: str
    name: str
    due_on: date | None
    state: ReplyState


@dataclass(frozen=True, slots=True)
class Filling:
    """A reply being filled in."""

    id: int
    title: str
    about: str
    name: str
    due_on: date | None
    open: bool
    state: ReplyState
    fields: tuple[Field, ...]
    answers: Mapping[str, Value]

    @property
    def missing(self) -> list[int]:
        """Numbers (from 0) of required questions without an answer."""
        return rules.missing(self.fields, self.answers)

    @property
    def next(self) -> int | None:
        """The first question without an answer, None when all have one."""
        return next((n for n, one in enumerate(self.fields) if one.name not in self.answers), None)


async def mine(session: AsyncSession, scope: Scope, *, today: date) -> list[ReplyLine]:
    """Replies of open forms that this person may fill in, the nearest term first."""
    rows = await session.execute(
        select(FormReply, Form)
        .join(Form, Form.id == FormReply.form_id)
        .where(Form.state == FormState.open, await may_fill(session, scope, today))
        .order_by(Form.due_on.is_(None), Form.due_on, FormReply.id)
        .limit(200)
    )
    return [ReplyLine(reply.id, form.title, reply.name, form.due_on, reply.state) for reply, form in rows]


async def open_reply(session: AsyncSession, scope: Scope, reply_id: int, *, today: date) -> Filling:
    """One reply. NotFound for what is not there or not hers to fill in."""
    reply, form = await _reply(session, scope, reply_id, today=today)
    return _filling(reply, form)


async def put(
    session: AsyncSession, scope: Scope, reply_id: int, given: Mapping[str, str], *, now: datetime, today: date
) -> Filling:
    """Keep answers as typed (an empty one is a skipped question). UserError for one that does not fit."""
    reply, form = await _reply(session, scope, reply_id, today=today, lock=True)
    if form.state is not FormState.open:
        raise UserError("forms-closed")
    answers = dict(reply.answers)
    for one in rules.fields(form.questions):
        if one.name not in given:
            continue
        try:
            answers[one.name] = parse(one, given[one.name], yes=words().yes, no=words().no)
        except WrongCell as error:
            raise UserError(error.key, **error.args_for_text) from error
    reply.answers, reply.filled_by_id = answers, scope.person_id
    if reply.state is ReplyState.waiting:
        reply.state = ReplyState.started
    await session.flush()
    return _filling(reply, form)


async def send(session: AsyncSession, scope: Scope, reply_id: int, *, now: datetime, today: date) -> Filling:
    """Send it in; it may still be changed while the form is open. UserError while something needed is missing."""
    reply, form = await _reply(session, scope, reply_id, today=today, lock=True)
    if form.state is not FormState.open:
        raise UserError("forms-closed")
    lacking = rules.missing(rules.fields(form.questions), reply.answers)
    if lacking:
        raise UserError("forms-missing", numbers=", ".join(str(n + 1) for n in lacking))
    reply.state, reply.sent_at, reply.filled_by_id = ReplyState.sent, now, scope.person_id
    await session.flush()
    return _filling(reply, form)


async def _reply(
    session: AsyncSession, scope: Scope, reply_id: int, *, today: date, lock: bool = False
) -> tuple[FormReply, Form]:
    statement = select(FormReply).join(Form, Form.id == FormReply.form_id).where(FormReply.id == reply_id)
    if not scope.may(Right.forms_run):
        statement = statement.where(await may_fill(session, scope, today))
    reply = await session.scalar(statement.with_for_update(of=FormReply) if lock else statement)
    if reply is None:
        raise NotFound()
    return reply, await session.get_one(Form, reply.form_id)


async def may_fill(session: AsyncSession, scope: Scope, today: date) -> ColumnElement[bool]:
    """Replies this person answers for: her own, her district's, her school's, her body's."""
    if scope.person_id is None:
        return false()
    may: list[ColumnElement[bool]] = [FormReply.person_id == scope.person_id]
    for kind, audience in (
        (ScopeKind.municipality, FormAudience.municipalities),
        (ScopeKind.organisation, FormAudience.organisations),
    ):
        ids = [g.id for g in scope.grants if g.kind is kind and Right.forms_fill in RIGHTS[g.role]]
        if ids:
            may.append((Form.audience == audience) & FormReply.subject_id.in_(ids))
    m = BodyMembership
    bodies: Sequence[int] = (
        await session.scalars(
            select(m.body_id).where(
                m.person_id == scope.person_id, m.since <= today, or_(m.until.is_(None), m.until >= today)
            )
        )
    ).all()
    if bodies:
        may.append((Form.audience == FormAudience.bodies) & FormReply.subject_id.in_(bodies))
    return or_(*may)


def _filling(reply: FormReply, form: Form) -> Filling:
    return Filling(
        id=reply.id,
        title=form.title,
        about=form.about,
        name=reply.name,
        due_on=form.due_on,
        open=form.state is FormState.open,
        state=reply.state,
        fields=rules.fields(form.questions),
        answers=dict(reply.answers),
    )
