"""What became of a broadcast: counts that move while it runs, and the list of people with what each got."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import Words
from bot.models import (
    BroadcastRecipient,
    Employment,
    Messenger,
    Municipality,
    Organisation,
    Outbox,
    OutboxState,
    Person,
    RecipientState,
)
from bot.services.broadcasts.running import OUTCOMES
from bot.services.broadcasts.staff import BroadcastLine

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50
PORTION = 1_000

_r, _o = BroadcastRecipient, Outbox


@dataclass(frozen=True, slots=True)
class Progress:
    """People by what has happened to their message; the sum is everybody of the broadcast."""

    by_state: Mapping[RecipientState, int]

    @property
    def total(self) -> int:
        """People of the broadcast so far."""
        return sum(self.by_state.values())

    @property
    def queued(self) -> int:
        """Those a message was written for."""
        apart = (RecipientState.unsubscribed, RecipientState.no_channel)
        return self.total - sum(self.by_state.get(state, 0) for state in apart)

    def of(self, state: RecipientState) -> int:
        """People in one state."""
        return self.by_state.get(state, 0)

    @property
    def settled(self) -> int:
        """Those of ``queued`` about whom everything is known."""
        return self.queued - self.of(RecipientState.waiting)


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """One person and what came of it."""

    person_id: int
    name: str
    municipality: str
    organisation: str
    state: RecipientState
    messenger: Messenger | None
    at: datetime | None


async def progress(session: AsyncSession, line: BroadcastLine) -> Progress:
    """Counts of this moment, read from the outbox where it knows better."""
    rows = await session.execute(
        select(_r.state, _o.state, func.count())
        .outerjoin(_o, _o.id == _r.outbox_id)
        .where(_r.broadcast_id == line.id)
        .group_by(_r.state, _o.state)
    )
    found: dict[RecipientState, int] = {}
    for mine, theirs, number in rows:
        state = outcome(mine, theirs)
        found[state] = found.get(state, 0) + number
    return Progress(found)


def outcome(mine: RecipientState, theirs: OutboxState | None) -> RecipientState:
    """A row that waits (or is unsure) is what the outbox says."""
    if mine in (RecipientState.waiting, RecipientState.unknown) and theirs is not None:
        return OUTCOMES.get(theirs, RecipientState.waiting)
    return mine


async def recipients(
    session: AsyncSession, line: BroadcastLine, *, state: RecipientState | None = None, page: int = 0
) -> tuple[list[RecipientLine], bool]:
    """A page of people by name, and whether there is another. The caller has looked at the broadcast (``card``)."""
    statement = _people(line.id).order_by(Person.sort, Person.id).offset(page * PAGE).limit(PAGE + 1)
    if state is not None:
        statement = statement.where(_is(state))
    rows = (await session.execute(statement)).all()
    return [_recipient(row) for row in rows[:PAGE]], len(rows) > PAGE


async def everybody(session: AsyncSession, line: BroadcastLine) -> AsyncIterator[list[RecipientLine]]:
    """All people in portions: a table of ten thousand is not held twice."""
    last = 0
    while True:
        statement = _people(line.id).where(_r.id > last).order_by(_r.id).limit(PORTION)
        rows = (await session.execute(statement)).all()
        if not rows:
            return
        last = rows[-1].row_id
        yield [_recipient(row) for row in rows]


def _is(state: RecipientState) -> ColumnElement[bool]:
    unsettled = (RecipientState.waiting, RecipientState.unknown)
    theirs = [known for known, mine in OUTCOMES.items() if mine is state]
    if state is RecipientState.waiting:
        theirs = [OutboxState.queued, OutboxState.sending]
    by_outbox = and_(_r.state.in_(unsettled), _o.state.in_(theirs))
    if state in unsettled:
        return or_(by_outbox, and_(_r.state == state, _o.id.is_(None)))
    return or_(_r.state == state, by_outbox)


def _people(
    broadcast_id: int,
) -> Select[int, int, str, str, str, str | None, str | None, object, object, object, object]:
    job = (
        select(Employment.person_id, func.max(Employment.organisation_id).label("organisation_id"))
        .where(Employment.is_main, Employment.until.is_(None))
        .group_by(Employment.person_id)
        .subquery()
    )
    return (
        select(
            _r.id.label("row_id"),
            _r.person_id,
            Person.last_name,
            Person.first_name,
            Person.middle_name,
            Municipality.name.label("municipality"),
            Organisation.short_name.label("organisation"),
            _r.state.label("mine"),
            _o.state.label("theirs"),
            func.coalesce(_r.messenger, _o.messenger).label("messenger"),
            func.coalesce(_o.sent_at, _r.settled_at).label("at"),
        )
        .join(Person, Person.id == _r.person_id)
        .outerjoin(_o, _o.id == _r.outbox_id)
        .outerjoin(job, job.c.person_id == _r.person_id)
        .outerjoin(Organisation, Organisation.id == job.c.organisation_id)
        .outerjoin(Municipality, Municipality.id == Organisation.municipality_id)
        .where(_r.broadcast_id == broadcast_id)
    )


def _recipient(row: object) -> RecipientLine:
    raw = row._mapping  # type: ignore[attr-defined]
    state = outcome(raw["mine"], raw["theirs"])
    reached = state in (RecipientState.delivered, RecipientState.unknown, RecipientState.failed)
    return RecipientLine(
        person_id=raw["person_id"],
        name=" ".join(part for part in (raw["last_name"], raw["first_name"], raw["middle_name"]) if part),
        municipality=raw["municipality"] or "",
        organisation=raw["organisation"] or "",
        state=state,
        messenger=Messenger(raw["messenger"]) if raw["messenger"] and reached else None,
        at=raw["at"] if state is not RecipientState.waiting else None,
    )


def xlsx(t: Words, line: BroadcastLine, counts: Progress, rows: Sequence[RecipientLine], zone: object) -> bytes:
    """The list of people and the sums; moments are of the region."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        sums = book.add_worksheet(t("admin-broadcast.report-sums"))
        sums.set_column(0, 0, 40)
        sums.write_row(0, 0, [line.title], bold)
        sums.write_row(1, 0, [t("admin-broadcast.queued"), counts.queued])
        for place, state in enumerate(RecipientState, start=2):
            sums.write_row(place, 0, [t(f"admin-recipient.{state.value}"), counts.of(state)])
        page = book.add_worksheet(t("admin-broadcast.report-people"))
        page.freeze_panes(1, 1)
        page.set_column(0, 2, 34)
        page.set_column(3, 5, 20)
        heads = ("person", "municipality", "organisation", "outcome", "messenger", "when")
        page.write_row(0, 0, [t(f"admin-broadcast.{head}") for head in heads], bold)
        for place, one in enumerate(rows, start=1):
            moment = one.at.astimezone(zone) if one.at else None  # type: ignore[arg-type]
            page.write_row(
                place,
                0,
                [
                    one.name,
                    one.municipality,
                    one.organisation,
                    t(f"admin-recipient.{one.state.value}"),
                    t(f"people-messengers.{one.messenger.value}") if one.messenger else "",
                    f"{moment:%d.%m.%Y %H:%M}" if moment else "",
                ],
            )
    return buffer.getvalue()
