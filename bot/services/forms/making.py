"""Forms as the centre makes them: questions, recipients, term, progress and totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Body,
    Form,
    FormAudience,
    FormReply,
    FormState,
    Measure,
    Municipality,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Organisation,
    Person,
    PersonState,
    ReplyState,
    Role,
    RoleAssignment,
)
from bot.rules import forms as rules
from bot.rules.forms import Total, WrongQuestions
from bot.rules.registers import Field, Value
from bot.services import audit
from bot.services.access import Right, Scope

ENTITY = "form"


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form as its page has it. ``role`` narrows people, ``municipality_id`` organisations and people."""

    title: str
    about: str
    questions: Sequence[tuple[str, str, str, bool]]
    audience: FormAudience
    role: str = ""
    municipality_id: int | None = None
    due_on: date | None = None
    occurrence_id: int | None = None


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form in the list."""

    id: int
    title: str
    audience: FormAudience
    state: FormState
    due_on: date | None
    total: int
    sent: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Who replied, who has not; the answers of those who did."""

    id: int
    name: str
    state: ReplyState
    sent_at: datetime | None
    answers: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FormCard:
    """A form with everything that came."""

    line: FormLine
    about: str
    fields: tuple[Field, ...]
    replies: Sequence[Reply]
    totals: Sequence[Total]
    measure: str


async def listing(session: AsyncSession, scope: Scope) -> list[FormLine]:
    """Every form, the latest first."""
    scope.require(Right.forms_run)
    rows = await session.scalars(select(Form).order_by(Form.id.desc()).limit(200))
    return [await _line(session, row) for row in rows.all()]


async def card(session: AsyncSession, scope: Scope, form_id: int) -> FormCard:
    """One form: progress, replies, totals of what was sent."""
    scope.require(Right.forms_run)
    form = await _form(session, form_id)
    rows = await session.scalars(select(FormReply).where(FormReply.form_id == form_id).order_by(FormReply.name))
    replies = [Reply(row.id, row.name, row.state, row.sent_at, row.answers) for row in rows]
    fields = rules.fields(form.questions)
    sent = [reply.answers for reply in replies if reply.state is ReplyState.sent]
    measure = await session.scalar(
        select(Measure.title)
        .join(Occurrence, Occurrence.measure_id == Measure.id)
        .where(Occurrence.id == form.occurrence_id)
    )
    totals = rules.totals(fields, sent)
    return FormCard(await _line(session, form), form.about, fields, replies, totals, measure or "")


async def terms(session: AsyncSession, scope: Scope, *, today: date) -> list[tuple[int, str, date]]:
    """Days of the roadmap ahead that a form may take its term from: (day, measure, date)."""
    scope.require(Right.forms_run)
    o = Occurrence
    rows = await session.execute(
        select(o.id, Measure.title, o.due)
        .join(Measure, Measure.id == o.measure_id)
        .where(o.kind == OccurrenceKind.due, o.state == OccurrenceState.open, o.due >= today)
        .order_by(o.due, o.id)
        .limit(60)
    )
    return [(number, title, due) for number, title, due in rows]


async def create(session: AsyncSession, scope: Scope, draft: FormDraft, *, now: datetime, today: date) -> int:
    """A draft of a form. UserError with what to put right."""
    scope.require(Right.forms_run)
    title = " ".join(draft.title.split())
    if not title or len(title) > 120:
        raise UserError("forms-wrong-title")
    try:
        questions = rules.checked(draft.questions)
    except WrongQuestions as error:
        raise UserError(error.key, number=str(error.number)) from error
    if draft.audience is FormAudience.people and draft.role not in set(Role):
        raise UserError("forms-no-role")
    due_on = draft.due_on
    if draft.occurrence_id is not None:
        due_on = await session.scalar(select(Occurrence.due).where(Occurrence.id == draft.occurrence_id))
    if due_on is not None and due_on < today:
        raise UserError("forms-past")
    made = Form(
        title=title,
        about=draft.about.strip()[:1000],
        questions=questions,
        audience=draft.audience,
        target={"role": draft.role, "municipality": draft.municipality_id},
        due_on=due_on,
        occurrence_id=draft.occurrence_id,
        created_by_id=scope.person_id,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    audit.changed(session, scope, ENTITY, made.id, "created", now=now)
    return made.id


async def opened(session: AsyncSession, scope: Scope, form_id: int, *, now: datetime, today: date) -> int:
    """Send it out: a reply for every subject there is today; how many. Again adds those who came since."""
    scope.require(Right.forms_run)
    form = await _form(session, form_id, lock=True)
    if form.state is FormState.closed:
        raise UserError("forms-closed")
    subjects = await _subjects(session, form, today)
    known = set(await session.scalars(select(FormReply.subject_id).where(FormReply.form_id == form_id)))
    new = [one for one in subjects if one[0] not in known]
    if not subjects:
        raise UserError("forms-nobody")
    is_people = form.audience is FormAudience.people
    if new:
        await session.execute(
            insert(FormReply),
            [
                {
                    "form_id": form_id, "subject_id": number, "name": name, "state": ReplyState.waiting, "answers": {},
                    "person_id": number if is_people else None,
                }
                for number, name in new
            ],
        )  # fmt: skip
    if form.state is FormState.draft:
        form.state, form.opened_at = FormState.open, now
    audit.changed(session, scope, ENTITY, form_id, "opened", now=now, after={"replies": len(new)})
    await session.flush()
    return len(new)


async def close(session: AsyncSession, scope: Scope, form_id: int, *, now: datetime) -> None:
    """No more replies are taken."""
    scope.require(Right.forms_run)
    form = await _form(session, form_id, lock=True)
    if form.state is FormState.open:
        form.state = FormState.closed
        audit.changed(session, scope, ENTITY, form_id, "closed", now=now)
    await session.flush()


async def _subjects(session: AsyncSession, form: Form, today: date) -> list[tuple[int, str]]:
    place = form.target.get("municipality")
    match form.audience:
        case FormAudience.municipalities:
            found = select(Municipality.id, Municipality.name).order_by(Municipality.sort)
        case FormAudience.organisations:
            found = (
                select(Organisation.id, Organisation.short_name)
                .where(Organisation.kind == "school", Organisation.approved_at.is_not(None))
                .order_by(Organisation.sort)
            )
            if place:
                found = found.where(Organisation.municipality_id == place)
        case FormAudience.bodies:
            found = select(Body.id, Body.abbreviation).order_by(Body.id)
        case _:
            r = RoleAssignment
            people = await session.scalars(
                select(Person)
                .join(r, r.person_id == Person.id)
                .where(
                    r.role == form.target.get("role"), r.since <= today, (r.until.is_(None)) | (r.until >= today),
                    r.revoked_at.is_(None), Person.state == PersonState.active,
                )
                .order_by(Person.sort, Person.id)
            )  # fmt: skip
            return [(row.id, row.full_name) for row in people.unique()]
    return [(number, name) for number, name in await session.execute(found)]


async def _line(session: AsyncSession, form: Form) -> FormLine:
    counts: dict[Any, int] = dict(
        (
            await session.execute(
                select(FormReply.state, func.count()).where(FormReply.form_id == form.id).group_by(FormReply.state)
            )
        ).all()
    )
    total, sent = sum(counts.values()), counts.get(ReplyState.sent, 0)
    return FormLine(form.id, form.title, form.audience, form.state, form.due_on, total, sent)


async def _form(session: AsyncSession, form_id: int, *, lock: bool = False) -> Form:
    form = await session.get(Form, form_id, with_for_update=lock or None)
    if form is None:
        raise NotFound()
    return form
