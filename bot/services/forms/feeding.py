"""Totals of a form given to the indicators as entered numbers: by a press, with their source, never by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import Form, FormAudience, FormReply, Municipality, Organisation, ReplyState, StatFigure
from bot.rules import form_totals as rules
from bot.rules import forms as form_rules
from bot.rules.form_totals import ANSWERED, Said
from bot.rules.registers import Field
from bot.services.access import Right, Scope
from bot.services.indicators import definitions, figures
from bot.services.indicators.figures import Entry

SOURCE = 255


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is given as what, for which days; ``source`` and ``document`` as people will read them."""

    key: str
    slug: str
    first: date
    last: date
    places_too: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A number of another source that stands where this one would."""

    place: str
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be entered, before it is."""

    value: int
    places: Sequence[tuple[str, int]]
    sent: int
    total: int
    others: Sequence[Other]


@dataclass(frozen=True, slots=True)
class Feedable:
    """A form of which numbers can be given."""

    title: str
    countable: Sequence[Field]
    has_places: bool
    sent: int
    total: int


async def feedable(session: AsyncSession, scope: Scope, form_id: int) -> Feedable:
    """What of a form adds up. NotFound for no form."""
    form, subjects = await _subjects(session, scope, form_id)
    return Feedable(
        form.title,
        rules.countable(form_rules.fields(form.questions)),
        any(one.municipality_id is not None for one in subjects),
        sum(one.answers is not None for one in subjects),
        len(subjects),
    )


async def offer(session: AsyncSession, scope: Scope, form_id: int, wanted: Wanted, *, source: str) -> Offer:
    """The numbers a press would enter, with what of another source they would replace. UserError for none."""
    form, subjects = await _subjects(session, scope, form_id)
    value, places = _numbers(form, subjects, wanted)
    names = dict((await session.execute(select(Municipality.id, Municipality.name))).all())
    f = StatFigure
    standing = await session.scalars(
        select(f)
        .where(
            f.slug == wanted.slug, f.first <= wanted.last, f.last >= wanted.first,
            f.withdrawn_at.is_(None), f.source != source[:SOURCE],
        )
        .order_by(f.id)
    )  # fmt: skip
    others = [
        Other(names.get(row.municipality_id or 0, ""), row.value, row.source)
        for row in standing
        if row.municipality_id is None or row.municipality_id in places
    ]
    sent = sum(one.answers is not None for one in subjects)
    shown = sorted((names[number], of) for number, of in places.items())
    return Offer(value, shown, sent, len(subjects), others)


async def give(
    session: AsyncSession,
    scope: Scope,
    form_id: int,
    wanted: Wanted,
    *,
    source: str,
    document: str,
    seen: int | None,
    replace: bool,
    now: datetime,
    today: date,
) -> int:
    """Enter what was ``seen``; this form's earlier number is replaced, another source only with ``replace``.

    How many changed. UserError when an answer came meanwhile and the number is another.
    """
    scope.require(Right.indicators_figures)
    await session.get(Form, form_id, with_for_update=True)
    if (await offer(session, scope, form_id, wanted, source=source)).others and not replace:
        raise UserError("forms-feed-other")
    form, subjects = await _subjects(session, scope, form_id)
    value, places = _numbers(form, subjects, wanted)
    if value != seen:
        raise UserError("forms-feed-changed")
    entries = [
        Entry(wanted.slug, place, wanted.first, wanted.last, count, source[:SOURCE], document[:SOURCE], today, form_id)
        for place, count in [(None, value), *sorted(places.items())]
    ]
    # A municipality that is not given this time keeps no number this form gave it before.
    f, given = StatFigure, list(places)
    left = await session.scalars(
        select(f.id).where(
            f.slug == wanted.slug, f.first == wanted.first, f.last == wanted.last, f.source == source[:SOURCE],
            f.withdrawn_at.is_(None), f.municipality_id.is_not(None), f.municipality_id.not_in(given),
        )
    )  # fmt: skip
    for number in left.all():
        await figures.withdraw(session, scope, number, now=now)
    return await figures.enter(session, scope, entries, now=now)


def _numbers(form: Form, subjects: Sequence[Said], wanted: Wanted) -> tuple[int, dict[int, int]]:
    names = {one.name for one in rules.countable(form_rules.fields(form.questions))} | {ANSWERED}
    if wanted.key not in names or wanted.slug not in definitions.figures():
        raise UserError("error-stale")
    if wanted.first > wanted.last:
        raise UserError("figure-days")
    value = rules.total(wanted.key, subjects)
    if value is None:
        raise UserError("forms-feed-empty")
    return value, rules.by_municipality(wanted.key, subjects) if wanted.places_too else {}


async def _subjects(session: AsyncSession, scope: Scope, form_id: int) -> tuple[Form, list[Said]]:
    scope.require(Right.forms_run)
    form = await session.get(Form, form_id)
    if form is None:
        raise NotFound()
    rows = list(await session.scalars(select(FormReply).where(FormReply.form_id == form_id).order_by(FormReply.id)))
    places: dict[int, int | None] = {}
    if form.audience is FormAudience.municipalities:
        places = {row.subject_id: row.subject_id for row in rows}
    elif form.audience is FormAudience.organisations:
        of = select(Organisation.id, Organisation.municipality_id)
        held = await session.execute(of.join(FormReply, FormReply.subject_id == Organisation.id).where(
            FormReply.form_id == form_id
        ))  # fmt: skip
        places = dict(held.all())
    return form, [
        Said(places.get(row.subject_id), row.answers if row.state is ReplyState.sent else None) for row in rows
    ]
