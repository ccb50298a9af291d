"""What everybody may see of registers: public kinds, public fields, names only with a consent to publish them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import Consent, ConsentKind, RecordState, Register, RegisterRecord
from bot.rules.registers import Field
from bot.services import search
from bot.services.registers.kinds import Kind, kinds
from bot.services.registers.looking import Line, Page, found_ids, lines_of

SIZE = 20

CONSENT = "consent_on"
"""The field that holds the day of a consent signed on paper."""


@dataclass(frozen=True, slots=True)
class PublicRegister:
    """A register on the open page."""

    kind: Kind
    total: int
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page of it; ``named``: ids whose name may be shown (all, where a record is not about a person)."""

    register: PublicRegister
    page: Page
    fields: Sequence[Field]
    named: frozenset[int]


def fields_of(kind: Kind) -> tuple[Field, ...]:
    """The fields everybody may see."""
    return tuple(one for one in kind.fields if one.public)


async def listing(session: AsyncSession) -> list[PublicRegister]:
    """Public registers with what they hold now."""
    r = RegisterRecord
    counted = await session.execute(
        select(r.register, func.count()).where(r.state == RecordState.active).group_by(r.register)
    )
    counts = dict(counted.all())
    kept = dict((await session.execute(select(Register.slug, Register.checked_on))).all())
    return [PublicRegister(kind, counts.get(slug, 0), kept.get(slug)) for slug, kind in kinds().items() if kind.public]


async def page(session: AsyncSession, slug: str, *, query: str = "", number: int = 0, today: date) -> PublicPage:
    """A page of a public register: records in force. NotFound for internal ones, as if they were not there."""
    kind = kinds().get(slug)
    if kind is None or not kind.public:
        raise NotFound()
    register = next(one for one in await listing(session) if one.kind.slug == slug)
    r = RegisterRecord
    where: list[ColumnElement[bool]] = [
        r.register == slug,
        r.state == RecordState.active,
        or_(r.ends_on.is_(None), r.ends_on >= today),
    ]
    if kind.is_view:
        return PublicPage(register, Page((), 0, 0, SIZE), (), frozenset())
    if not search.is_blank(query):
        ids = await found_ids(session, kind, query, where)
        if kind.of_people:
            # A search by a name that is not shown would show it.
            lines = await lines_of(session, ids)
            shown = await named(session, kind, lines)
            asked = search.stems(query)
            ids = [one.id for one in lines if one.id in shown or asked <= search.stems(_open_words(kind, one))]
        total, some = len(ids), ids[number * SIZE : (number + 1) * SIZE]
    else:
        total = int(await session.scalar(select(func.count()).select_from(r).where(*where)) or 0)
        # Records without a name must not give it away by their place in the alphabet.
        order = (r.id,) if kind.of_people else (r.sort, r.id)
        statement = select(r.id).where(*where).order_by(*order).offset(number * SIZE).limit(SIZE)
        some = list(await session.scalars(statement))
    found = await lines_of(session, some)
    return PublicPage(register, Page(found, total, number, SIZE), fields_of(kind), await named(session, kind, found))


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A record of a public register that is about a thing or a place."""

    kind: Kind
    line: Line
    fields: Sequence[Field]


async def record(session: AsyncSession, record_id: int, *, today: date) -> PublicRecord:
    """One record by its number. NotFound for internal ones, for people, for what is over."""
    r = RegisterRecord
    slug = await session.scalar(
        select(r.register).where(
            r.id == record_id, r.state == RecordState.active, or_(r.ends_on.is_(None), r.ends_on >= today)
        )
    )
    kind = kinds().get(slug or "")
    if kind is None or not kind.public or kind.of_people:
        raise NotFound("registers-gone")
    (line,) = await lines_of(session, [record_id])
    return PublicRecord(kind, line, fields_of(kind))


async def named(session: AsyncSession, kind: Kind, lines: Sequence[Line]) -> frozenset[int]:
    """Records whose title may be shown to everybody."""
    if not kind.of_people:
        return frozenset(line.id for line in lines)
    people = {line.person_id for line in lines if line.person_id}
    agreed = set(
        await session.scalars(
            select(Consent.person_id).where(
                Consent.person_id.in_(people), Consent.kind == ConsentKind.publish, Consent.withdrawn_at.is_(None)
            )
        )
    )
    return frozenset(line.id for line in lines if line.person_id in agreed or line.values.get(CONSENT))


def _open_words(kind: Kind, line: Line) -> str:
    said = [line.organisation, line.municipality]
    for one in fields_of(kind):
        value = line.values.get(one.name)
        said.append(one.options[str(value)][0] if str(value) in one.options else str(value or ""))
    return " ".join(said)
