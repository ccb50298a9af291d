"""Adding, changing and archiving lines of the catalogue; every one is checked the same way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Activity,
    ActivityForm,
    ActivityGroup,
    ActivityKind,
    ActivityRequirement,
    ActivitySource,
    ActivitySubject,
    CompetenceGroup,
    Subject,
)
from bot.rules.words import folded
from bot.services import audit, links, search
from bot.services.access import Right, Scope
from bot.services.catalogue.looking import KIND

LONGEST = 500
"""Hours of the longest programme we believe in."""

AUDIENCES = ("teacher", "preschool", "leader")


@dataclass(frozen=True, slots=True)
class Draft:
    """A line as a form, a table or a file has it."""

    kind: ActivityKind
    title: str
    form: ActivityForm
    hours: int
    groups: tuple[str, ...]
    code: str | None = None
    about: str = ""
    organiser: str = ""
    subjects: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    seats: int | None = None
    link: str = ""
    in_register: bool = False
    register_number: str = ""
    register_until: date | None = None
    requires: tuple[int, ...] = ()
    source: ActivitySource = ActivitySource.staff


async def save(
    session: AsyncSession, scope: Scope, draft: Draft, *, activity_id: int | None = None, now: datetime
) -> int:
    """Add a line or change one; its id. UserError says what is wrong with it."""
    scope.require(Right.catalogue_edit)
    row = await write(session, draft, activity_id=activity_id, now=now)
    action = "added" if activity_id is None else "changed"
    audit.changed(session, scope, KIND, row.id, action, now=now, after={"kind": draft.kind.value})
    return row.id


async def archive(session: AsyncSession, scope: Scope, activity_id: int, *, active: bool, now: datetime) -> None:
    """Take a line out of drafts and search, or bring it back; routes keep it."""
    scope.require(Right.catalogue_edit)
    row = await session.get(Activity, activity_id)
    if row is None:
        raise NotFound()
    if row.active is not active:
        row.active, row.updated_at = active, now
        audit.changed(session, scope, KIND, row.id, "restored" if active else "archived", now=now)
    await session.flush()


async def write(session: AsyncSession, draft: Draft, *, activity_id: int | None = None, now: datetime) -> Activity:
    """The row, its groups, subjects, requirements and its place in the search, checked."""
    await _check(session, draft, activity_id)
    if activity_id is None:
        row = Activity(created_at=now, active=True)
        session.add(row)
    else:
        found = await session.get(Activity, activity_id)
        if found is None:
            raise NotFound()
        row = found
    values = asdict(draft)
    groups, subjects, requires = (values.pop(name) for name in ("groups", "subjects", "requires"))
    if activity_id is not None:
        values.pop("source")  # Who brought it in stays known.
        if draft.link != row.link:
            links.forget(row)
    values["audiences"] = list(draft.audiences)
    for name, value in values.items():
        setattr(row, name, value)
    row.sort, row.search, row.updated_at = folded(draft.title)[:255], folded(f"{draft.title} {draft.organiser}"), now
    await session.flush()
    for table in (ActivityGroup, ActivitySubject, ActivityRequirement):
        await session.execute(delete(table).where(table.activity_id == row.id))
    session.add_all(ActivityGroup(activity_id=row.id, group_slug=slug) for slug in dict.fromkeys(groups))
    session.add_all(ActivitySubject(activity_id=row.id, subject_slug=slug) for slug in dict.fromkeys(subjects))
    session.add_all(ActivityRequirement(activity_id=row.id, needs_id=number) for number in dict.fromkeys(requires))
    await session.flush()
    titles = await session.scalars(
        select(CompetenceGroup.title)
        .where(CompetenceGroup.slug.in_(groups))
        .union_all(select(Subject.title).where(Subject.slug.in_(subjects)))
    )
    words = f"{draft.title} {draft.about} {draft.organiser} {' '.join(titles)} {draft.register_number}"
    await search.index(session, KIND, row.id, words)
    return row


async def _check(session: AsyncSession, draft: Draft, activity_id: int | None) -> None:
    if not folded(draft.title) or len(draft.title) > 255:
        raise UserError("catalogue-wrong-title")
    if not 0 < draft.hours <= LONGEST:
        raise UserError("catalogue-wrong-hours", most=LONGEST)
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise UserError("catalogue-wrong-days")
    if draft.seats is not None and draft.seats < 0:
        raise UserError("catalogue-wrong-seats")
    if draft.link and not draft.link.startswith(("https://", "http://")):
        raise UserError("catalogue-wrong-link")
    if draft.in_register and not draft.register_number:
        raise UserError("catalogue-wrong-register")
    if set(draft.audiences) - set(AUDIENCES):
        raise UserError("catalogue-wrong-audience")
    known = set(await session.scalars(select(CompetenceGroup.slug)))
    if not draft.groups or set(draft.groups) - known:
        raise UserError("catalogue-wrong-group", value=", ".join(sorted(set(draft.groups) - known)) or "—")
    subjects = set(await session.scalars(select(Subject.slug).where(Subject.slug.in_(draft.subjects))))
    if set(draft.subjects) - subjects:
        raise UserError("catalogue-wrong-subject", value=", ".join(sorted(set(draft.subjects) - subjects)))
    needed = set(await session.scalars(select(Activity.id).where(Activity.id.in_(draft.requires))))
    if set(draft.requires) - needed or activity_id in draft.requires:
        raise UserError("catalogue-wrong-requires")
    if draft.code is not None:
        taken = await session.scalar(select(Activity.id).where(Activity.code == draft.code))
        if taken not in (None, activity_id):
            raise UserError("catalogue-wrong-code", code=draft.code)
