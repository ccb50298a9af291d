"""What the line sees: the desk, the queue, a question with its talk, colleagues, pieces of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, NotFound
from bot.models import (
    Canned,
    DutySlot,
    Employment,
    Municipality,
    Person,
    PersonState,
    Position,
    Role,
    RoleAssignment,
    Ticket,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.services.access import RIGHTS, Right, Scope
from bot.services.hotline.ticket import (
    DONE,
    OPEN,
    SHORT,
    WAITING,
    Piece,
    names_of,
    pieces,
    texts_of,
)
from bot.ui.screen import cut

PAGE = 5

LINE = (Role.duty, Role.methodist, Role.centre_staff, Role.centre_head)
"""Who works on the line."""


IN_QUEUE = and_(Ticket.state == TicketState.new, Ticket.session_id.is_(None))
"""Nobody has taken it; what was asked for a session waits for its post."""


@dataclass(frozen=True, slots=True)
class Line:
    """A question in a list of the staff."""

    no: int
    text: str
    theme: TicketTheme
    state: TicketState
    due_at: datetime | None
    holder: str
    holder_id: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands on the desk of a methodist."""

    until: datetime | None
    """The end of the shift that runs now."""
    queue: int
    mine: int
    due_at: datetime | None
    next_shift: datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A question as the line sees it: no name where none was given."""

    no: int
    state: TicketState
    theme: TicketTheme
    due_at: datetime | None
    resolve_by: datetime | None
    asker: str
    position: str
    municipality: str
    anonymous: bool
    author_id: int | None
    """Only for the card beside; empty for a question without a name."""
    holder: str
    holder_id: int | None
    talk: tuple[Piece, ...]
    notes: tuple[Piece, ...]
    complex_one: bool
    grade: str

    @property
    def text(self) -> str:
        """The author's words."""
        return "\n".join(piece.text for piece in self.talk if piece.whose is Whose.asker and piece.text)

    @property
    def files(self) -> list[tuple[int, str]]:
        """The author's files."""
        return [file for piece in self.talk if piece.whose is Whose.asker for file in piece.files]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a question may be given to."""

    id: int
    name: str
    themes: tuple[str, ...]
    load: int
    on_duty: bool


def _visible(scope: Scope) -> ColumnElement[bool]:
    """What a member of the line may open: everything that was asked; drafts are their author's."""
    scope.require(Right.hotline_answer)
    return Ticket.state != TicketState.draft


async def desk(session: AsyncSession, scope: Scope, *, now: datetime) -> Desk:
    """Counts for the first screen; three statements."""
    scope.require(Right.hotline_answer)
    mine = Ticket.methodist_id == scope.person_id
    row = (
        await session.execute(
            select(
                func.count().filter(IN_QUEUE),
                func.count().filter(and_(mine, Ticket.state.in_(OPEN))),
                func.min(Ticket.due_at).filter(or_(IN_QUEUE, mine)),
            ).where(Ticket.state.in_(OPEN))
        )
    ).one()
    slots = list(
        await session.execute(
            select(DutySlot.starts_at, DutySlot.ends_at)
            .where(DutySlot.methodist_id == scope.person_id, DutySlot.ends_at > now)
            .order_by(DutySlot.starts_at)
            .limit(2)
        )
    )
    until = next((ends for starts, ends in slots if starts <= now), None)
    ahead = next((starts for starts, _ in slots if starts > now), None)
    return Desk(until, row[0], row[1], row[2], ahead)


async def queue(
    session: AsyncSession, scope: Scope, page: int, *, mine: bool = False, size: int = PAGE
) -> tuple[list[Line], int]:
    """Questions nobody has taken (or one's own), the nearest hour first; four statements."""
    where = [_visible(scope)]
    if mine:
        where += [Ticket.methodist_id == scope.person_id, Ticket.state.in_(OPEN)]
    else:
        where += [IN_QUEUE]
    total = await session.scalar(select(func.count()).select_from(Ticket).where(*where)) or 0
    rows = list(
        await session.scalars(
            select(Ticket).where(*where).order_by(Ticket.due_at, Ticket.id).limit(size).offset(page * size)
        )
    )
    return await lines(session, rows), total


async def lines(session: AsyncSession, rows: Sequence[Ticket]) -> list[Line]:
    """Tickets as lines of a list; two statements."""
    texts = await texts_of(session, [row.id for row in rows])
    names = await names_of(session, [row.methodist_id for row in rows])
    return [
        Line(
            row.id, cut(" ".join(texts.get(row.id, "").split()), SHORT), row.theme, row.state, row.due_at,
            names.get(row.methodist_id or 0, ""), row.methodist_id,
        )
        for row in rows
    ]  # fmt: skip


async def sheet(session: AsyncSession, scope: Scope, ticket_id: int) -> Sheet:
    """A question with everything said about it; the author's name only where it was given."""
    ticket = await session.scalar(select(Ticket).where(Ticket.id == ticket_id, _visible(scope)))
    if ticket is None:
        raise NotFound()
    talk = await pieces(session, ticket_id)
    asker = position = municipality = ""
    if ticket.author_id is not None and not ticket.anonymous:
        person = await session.get_one(Person, ticket.author_id)
        asker = person.full_name
        position = (
            await session.scalar(
                select(Position.title)
                .join(Employment, Employment.position_slug == Position.slug)
                .where(Employment.person_id == person.id, Employment.is_main, Employment.until.is_(None))
                .limit(1)
            )
            or ""
        )
    if ticket.municipality_id is not None and not ticket.anonymous:
        municipality = (await session.get_one(Municipality, ticket.municipality_id)).name
    names = await names_of(session, [ticket.methodist_id])
    return Sheet(
        no=ticket.id,
        state=ticket.state,
        theme=ticket.theme,
        due_at=ticket.due_at,
        resolve_by=ticket.resolve_by,
        asker=asker,
        position=position,
        municipality=municipality,
        anonymous=ticket.anonymous,
        author_id=None if ticket.anonymous else ticket.author_id,
        holder=names.get(ticket.methodist_id or 0, ""),
        holder_id=ticket.methodist_id,
        talk=tuple(piece for piece in talk if piece.whose is not Whose.note),
        notes=tuple(piece for piece in talk if piece.whose is Whose.note),
        complex_one=ticket.complex_one,
        grade=ticket.grade.value if ticket.grade else "",
    )


async def colleagues(session: AsyncSession, scope: Scope, ticket_id: int, *, now: datetime) -> list[Colleague]:
    """Who else works on the line: on duty first, then by theme, then by load; three statements."""
    scope.require(Right.hotline_answer)
    theme = await session.scalar(select(Ticket.theme).where(Ticket.id == ticket_id))
    today = now.date()
    r = RoleAssignment
    people = list(
        await session.scalars(
            select(Person)
            .where(
                Person.state == PersonState.active,
                Person.id != scope.person_id,
                Person.id.in_(
                    select(r.person_id).where(
                        r.role.in_([role for role in LINE if Right.hotline_answer in RIGHTS[role]]),
                        r.revoked_at.is_(None),
                        r.since <= today,
                        or_(r.until.is_(None), r.until >= today),
                    )
                ),
            )
            .order_by(Person.sort, Person.id)
        )
    )
    slots: dict[int, list[DutySlot]] = {}
    for slot in await session.scalars(select(DutySlot).where(DutySlot.ends_at > now).order_by(DutySlot.starts_at)):
        slots.setdefault(slot.methodist_id, []).append(slot)
    load = dict(
        (
            await session.execute(
                select(Ticket.methodist_id, func.count()).where(Ticket.state.in_(WAITING)).group_by(Ticket.methodist_id)
            )
        ).all()
    )
    made = []
    for person in people:
        own = slots.get(person.id, [])
        nearest = own[0] if own else None
        made.append(
            Colleague(
                person.id, person.short_name, tuple(nearest.themes) if nearest else (), load.get(person.id, 0),
                nearest is not None and nearest.starts_at <= now,
            )
        )  # fmt: skip
    key = theme.value if theme is not None else ""
    return sorted(made, key=lambda one: (not one.on_duty, key not in one.themes, one.load))


async def canned(session: AsyncSession, scope: Scope, ticket_id: int) -> list[Canned]:
    """Pieces of answers: those of the theme first."""
    scope.require(Right.hotline_answer)
    theme = await session.scalar(select(Ticket.theme).where(Ticket.id == ticket_id))
    rows = list(await session.scalars(select(Canned).order_by(Canned.title, Canned.id)))
    return sorted(rows, key=lambda row: (row.theme is not theme, row.theme is not None))


async def canned_text(session: AsyncSession, scope: Scope, number: int) -> str:
    """The words of one."""
    scope.require(Right.hotline_answer)
    row = await session.get(Canned, number)
    if row is None:
        raise NotFound()
    return row.text


async def file_for(session: AsyncSession, scope: Scope, ticket_id: int, file_id: int) -> int:
    """The file of a question, for those who may open the question. NotFound otherwise."""
    found = await sheet(session, scope, ticket_id)
    if file_id not in {number for piece in found.talk for number, _ in piece.files}:
        raise NotFound()
    return file_id


def require_manager(scope: Scope) -> None:
    """Roster, ready answers and registers are the centre's."""
    if not scope.may(Right.hotline_manage):
        raise NotAllowed()


TABS = ("wait", "mine", "done")
SIZE = 20


async def inbox(session: AsyncSession, scope: Scope, tab: str, page: int) -> tuple[list[Line], dict[str, int]]:
    """A tab of the admin's inbox and how many stand in each; four statements, however many questions there are."""
    seen = _visible(scope)
    mine = and_(Ticket.methodist_id == scope.person_id, Ticket.state.in_(OPEN))
    done = Ticket.state.in_(DONE)
    where = {"wait": IN_QUEUE, "mine": mine, "done": done}
    row = (await session.execute(select(*(func.count().filter(where[name]) for name in TABS)).where(seen))).one()
    order = (Ticket.answered_at.desc(),) if tab == "done" else (Ticket.due_at,)
    rows = list(
        await session.scalars(
            select(Ticket).where(seen, where[tab]).order_by(*order, Ticket.id).limit(SIZE).offset(page * SIZE)
        )
    )
    return await lines(session, rows), dict(zip(TABS, row, strict=True))


async def asked_before(session: AsyncSession, scope: Scope, person_id: int) -> int:
    """How many questions this author has asked under her name."""
    scope.require(Right.hotline_answer)
    count = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.author_id == person_id, Ticket.state != TicketState.draft, Ticket.anonymous.is_(False))
    )
    return await session.scalar(count) or 0
