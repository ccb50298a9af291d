"""Who is told of a form and when: at once, 7 days and a day before its term, on the day, once after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    BodyMembership,
    BodyPost,
    Form,
    FormAudience,
    FormReply,
    FormState,
    MessageClass,
    Outbox,
    Person,
    PersonState,
    ReplyState,
    Role,
    RoleAssignment,
    ScopeKind,
)
from bot.rules import forms as rules
from bot.services import outbox
from bot.services.access import RIGHTS, Right
from bot.ui.screen import Screen


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that somebody should be told of. ``stage``: "new", or days before the term, −1 after it."""

    reply_id: int
    person_id: int
    locale: str
    title: str
    name: str
    due_on: date | None
    stage: str

    @property
    def dedupe(self) -> str:
        """The key under which it is said once, ever."""
        return f"form:{self.reply_id}:{self.person_id}:{self.stage}"


NEW_FOR = timedelta(days=2)
"""A form opened longer ago is news to nobody."""

Speak = Callable[[str, Waiting], Screen]


async def waiting(session: AsyncSession, *, today: date) -> list[Waiting]:
    """Replies that are not sent, with those who answer for them, at the stage that has come."""
    found: list[Waiting] = []
    forms = await session.scalars(select(Form).where(Form.state == FormState.open).order_by(Form.id))
    for form in forms.all():
        stages = _stages(form, today)
        if not stages:
            continue
        replies = (
            await session.scalars(
                select(FormReply).where(FormReply.form_id == form.id, FormReply.state != ReplyState.sent)
            )
        ).all()
        people = await _answering(session, form.audience, [reply.subject_id for reply in replies], today)
        found += [
            Waiting(reply.id, person.id, person.locale, form.title, reply.name, form.due_on, stage)
            for reply in replies
            for person in people.get(reply.subject_id, [])
            for stage in stages
        ]
    told: set[str] = set()
    keys = [one.dedupe for one in found]
    for start in range(0, len(keys), 500):
        told.update(await session.scalars(select(Outbox.dedupe).where(Outbox.dedupe.in_(keys[start : start + 500]))))
    return [one for one in found if one.dedupe not in told]


def _stages(form: Form, today: date) -> list[str]:
    """«new» in the first days, then the stage that has begun since the form was opened."""
    opened = form.opened_at.date() if form.opened_at else today
    found = ["new"] if today - opened <= NEW_FOR else []
    stage = rules.stage(form.due_on, today)
    if stage is not None and form.due_on is not None and form.due_on - timedelta(days=stage) > opened:
        found.append(str(stage))
    return found


async def tell(session: AsyncSession, told: Waiting, speak: Speak, *, now: datetime, today: date) -> bool:
    """One message a stage, ever; nothing for a reply that was sent meanwhile. True when new."""
    reply = await session.get(FormReply, told.reply_id)
    if reply is None or reply.state is ReplyState.sent:
        return False
    return await outbox.say(
        session,
        told.person_id,
        speak(told.locale, told),
        message_class=MessageClass.staff,
        kind="forms-waiting",
        dedupe=told.dedupe,
        now=now,
        expires_at=now + timedelta(days=7),
    )


async def _answering(
    session: AsyncSession, audience: FormAudience, subjects: list[int], today: date
) -> dict[int, list[Person]]:
    """Subject → the people who answer for it today."""
    found: dict[int, list[Person]] = {}
    active = Person.state == PersonState.active
    if audience is FormAudience.people:
        for start in range(0, len(subjects), 500):
            rows = await session.scalars(select(Person).where(Person.id.in_(subjects[start : start + 500]), active))
            found.update({row.id: [row] for row in rows})
        return found
    if audience is FormAudience.bodies:
        m = BodyMembership
        members = await session.execute(
            select(m.body_id, Person)
            .join(Person, Person.id == m.person_id)
            .where(
                m.body_id.in_(subjects), m.since <= today, or_(m.until.is_(None), m.until >= today),
                m.post.in_((BodyPost.head, BodyPost.responsible)), active,
            )
        )  # fmt: skip
        for number, person in members:
            found.setdefault(number, []).append(person)
        return found
    kind = ScopeKind.municipality if audience is FormAudience.municipalities else ScopeKind.organisation
    r = RoleAssignment
    roles = [role for role in Role if Right.forms_fill in RIGHTS[role]]
    rows_ = await session.execute(
        select(r.scope_id, Person)
        .join(Person, Person.id == r.person_id)
        .where(
            r.scope_kind == kind, r.role.in_(roles), r.since <= today, or_(r.until.is_(None), r.until >= today),
            r.revoked_at.is_(None), active,
        )
    )  # fmt: skip
    wanted = set(subjects)
    for place, person in rows_:
        if place is not None and place in wanted and person not in found.setdefault(place, []):
            found[place].append(person)
    return found
