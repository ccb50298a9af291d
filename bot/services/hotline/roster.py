"""The roster of duty: slots, swaps by agreement, import from a table, the announcement of the day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    DutySlot,
    DutySwap,
    MessageClass,
    Person,
    PersonState,
    RoleAssignment,
    TicketTheme,
)
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.hotline.desk import LINE, require_manager
from bot.services.hotline.ticket import Notice, NoticeKind, Speak, names_of, tell

LONGEST = timedelta(hours=12)
ROWS = 2000
"""Lines of one table."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A slot with names."""

    id: int
    starts_at: datetime
    ends_at: datetime
    methodist_id: int
    methodist: str
    substitute: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was written, and the slot it makes or why it makes none."""

    number: int
    text: str
    problem: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    methodist_id: int | None = None
    substitute_id: int | None = None
    themes: tuple[str, ...] = ()


async def add(
    session: AsyncSession,
    scope: Scope,
    *,
    starts_at: datetime,
    ends_at: datetime,
    methodist_id: int,
    substitute_id: int | None = None,
    themes: Sequence[str] = (),
    now: datetime,
) -> int:
    """A slot. UserError for impossible hours, or where the methodist is on duty already."""
    require_manager(scope)
    if not starts_at < ends_at or ends_at - starts_at > LONGEST:
        raise UserError("hotline-slot-hours")
    if substitute_id == methodist_id:
        raise UserError("hotline-slot-self")
    known = {TicketTheme(theme).value for theme in themes}
    line = {person_id for person_id, _ in await staff(session, today=now.date())}
    if methodist_id not in line or (substitute_id is not None and substitute_id not in line):
        raise UserError("hotline-slot-nobody")
    busy = await session.scalar(
        select(DutySlot.id)
        .where(DutySlot.methodist_id == methodist_id, DutySlot.starts_at < ends_at, DutySlot.ends_at > starts_at)
        .limit(1)
    )
    if busy is not None:
        raise UserError("hotline-slot-busy")
    slot = DutySlot(
        starts_at=starts_at, ends_at=ends_at, methodist_id=methodist_id, substitute_id=substitute_id,
        themes=[theme.value for theme in TicketTheme if theme.value in known],
    )  # fmt: skip
    session.add(slot)
    await session.flush()
    audit.changed(session, scope, "duty-slot", slot.id, "added", now=now, after={"methodist": methodist_id})
    return slot.id


async def remove(session: AsyncSession, scope: Scope, slot_id: int, *, now: datetime) -> None:
    """Take a slot away; questions promised by its methodist stay promised."""
    require_manager(scope)
    slot = await session.get(DutySlot, slot_id)
    if slot is None:
        raise NotFound()
    audit.changed(session, scope, "duty-slot", slot.id, "removed", now=now, before={"methodist": slot.methodist_id})
    await session.delete(slot)
    await session.flush()


async def shifts(
    session: AsyncSession, *, since: datetime, until: datetime, person_id: int | None = None
) -> list[Shift]:
    """Slots that touch the time, in order; two statements."""
    statement = select(DutySlot).where(DutySlot.ends_at > since, DutySlot.starts_at < until)
    if person_id is not None:
        statement = statement.where(or_(DutySlot.methodist_id == person_id, DutySlot.substitute_id == person_id))
    rows = list(await session.scalars(statement.order_by(DutySlot.starts_at, DutySlot.id)))
    names = await names_of(session, [n for row in rows for n in (row.methodist_id, row.substitute_id)])
    return [
        Shift(
            row.id, row.starts_at, row.ends_at, row.methodist_id, names.get(row.methodist_id, ""),
            names.get(row.substitute_id or 0, ""), tuple(row.themes),
        )
        for row in rows
    ]  # fmt: skip


async def staff(session: AsyncSession, *, today: date) -> list[tuple[int, str]]:
    """Who works on the line: id and full name."""
    r = RoleAssignment
    rows = await session.scalars(
        select(Person)
        .where(
            Person.state == PersonState.active,
            Person.id.in_(
                select(r.person_id).where(
                    r.role.in_(LINE),
                    r.revoked_at.is_(None),
                    r.since <= today,
                    or_(r.until.is_(None), r.until >= today),
                )
            ),
        )
        .order_by(Person.sort, Person.id)
    )
    return [(person.id, person.full_name) for person in rows]


# --- swapping ----------------------------------------------------------------------------------------


async def offer_swap(
    session: AsyncSession, scope: Scope, mine_id: int, theirs_id: int, *, now: datetime, speak: Speak
) -> None:
    """«Поменяться»: the other is asked, nothing changes before she agrees."""
    scope.require(Right.hotline_answer)
    mine, theirs = await session.get(DutySlot, mine_id), await session.get(DutySlot, theirs_id)
    if mine is None or theirs is None or mine.methodist_id != scope.person_id or theirs.methodist_id == scope.person_id:
        raise NotFound()
    if mine.starts_at <= now or theirs.starts_at <= now:
        raise UserError("hotline-swap-late")
    asked = await session.scalar(
        select(DutySwap).where(
            DutySwap.mine_id == mine_id, DutySwap.theirs_id == theirs_id, DutySwap.agreed_at.is_(None),
            DutySwap.refused_at.is_(None),
        )
    )  # fmt: skip
    if asked is not None:
        return
    swap = DutySwap(mine_id=mine_id, theirs_id=theirs_id, created_at=now)
    session.add(swap)
    await session.flush()
    name = (await names_of(session, [scope.person_id])).get(scope.person_id or 0, "")
    notice = Notice(NoticeKind.swap, no=swap.id, name=name, at=mine.starts_at, until=theirs.starts_at)
    await tell(
        session, theirs.methodist_id, speak(notice), kind=notice.kind, dedupe=f"swap:{swap.id}", now=now,
        message_class=MessageClass.staff, expires_at=min(mine.starts_at, theirs.starts_at),
    )  # fmt: skip


async def answer_swap(
    session: AsyncSession, scope: Scope, swap_id: int, *, agree: bool, now: datetime, speak: Speak
) -> None:
    """The other says yes or no, once; with yes the slots change hands."""
    scope.require(Right.hotline_answer)
    swap = await session.scalar(select(DutySwap).where(DutySwap.id == swap_id).with_for_update())
    if swap is None:
        raise NotFound()
    mine, theirs = await session.get_one(DutySlot, swap.mine_id), await session.get_one(DutySlot, swap.theirs_id)
    if theirs.methodist_id != scope.person_id or swap.agreed_at or swap.refused_at:
        raise UserError("hotline-swap-over")
    asker = mine.methodist_id
    if agree:
        if mine.starts_at <= now or theirs.starts_at <= now:
            raise UserError("hotline-swap-late")
        swap.agreed_at = now
        mine.methodist_id, theirs.methodist_id = theirs.methodist_id, mine.methodist_id
        for slot in (mine, theirs):
            if slot.substitute_id == slot.methodist_id:
                slot.substitute_id = None
        audit.changed(session, scope, "duty-slot", mine.id, "swapped", now=now, after={"with": theirs.id}, where="chat")
    else:
        swap.refused_at = now
    await session.flush()
    name = (await names_of(session, [scope.person_id])).get(scope.person_id or 0, "")
    notice = Notice(NoticeKind.swapped, no=swap.id, name=name, at=theirs.starts_at, other="yes" if agree else "no")
    await tell(
        session, asker, speak(notice), kind=notice.kind, dedupe=f"swapped:{swap.id}", now=now,
        message_class=MessageClass.staff,
    )  # fmt: skip


# --- import ------------------------------------------------------------------------------------------

COLUMNS = ("date", "from", "to", "methodist", "themes", "substitute")
TITLES = {
    "дата": "date", "с": "from", "до": "to", "по": "to", "методист": "methodist", "темы": "themes",
    "подменяет": "substitute",
}  # fmt: skip
"""Titles of the table's columns."""


async def read(
    session: AsyncSession,
    scope: Scope,
    table: Sequence[Mapping[str, str]],
    theme_titles: Mapping[str, str],
    *,
    zone: ZoneInfo,
    today: date,
    now: datetime,
) -> list[Row]:
    """Lines of a table as slots; each that cannot be one says why. ``theme_titles``: folded title → theme."""
    require_manager(scope)
    if len(table) > ROWS:
        raise UserError("hotline-import-long", n=ROWS)
    people: dict[str, list[int]] = {}
    for person_id, name in await staff(session, today=today):
        last, *rest = folded(name).split()
        for key in {folded(name), f"{last} {' '.join(part[0] for part in rest)}", last}:
            people.setdefault(key, []).append(person_id)
    taken = [
        (slot.methodist_id, slot.starts_at, slot.ends_at)
        for slot in await session.scalars(select(DutySlot).where(DutySlot.ends_at > now))
    ]
    made: list[Row] = []
    for number, line in enumerate(table, 2):
        row = _read(number, line, people, theme_titles, zone)
        if not row.problem and row.starts_at and row.ends_at:
            begin, end = row.starts_at, row.ends_at
            if end <= now:
                row = Row(number, row.text, "hotline-import-past")
            elif any(who == row.methodist_id and a < end and b > begin for who, a, b in taken):
                row = Row(number, row.text, "hotline-import-busy")
            else:
                assert row.methodist_id is not None
                taken.append((row.methodist_id, begin, end))
        made.append(row)
    return made


async def apply(session: AsyncSession, scope: Scope, rows: Sequence[Row], *, now: datetime) -> int:
    """Make the slots of the lines without problems; how many."""
    count = 0
    for row in rows:
        if row.problem or row.starts_at is None or row.ends_at is None or row.methodist_id is None:
            continue
        await add(
            session, scope, starts_at=row.starts_at, ends_at=row.ends_at, methodist_id=row.methodist_id,
            substitute_id=row.substitute_id, themes=row.themes, now=now,
        )  # fmt: skip
        count += 1
    return count


def _read(
    number: int,
    line: Mapping[str, str],
    people: Mapping[str, list[int]],
    theme_titles: Mapping[str, str],
    zone: ZoneInfo,
) -> Row:
    text = " · ".join(line.get(column, "") for column in COLUMNS if line.get(column))
    day, begin, end = _day(line.get("date", "")), _time(line.get("from", "")), _time(line.get("to", ""))
    if day is None:
        return Row(number, text, "hotline-import-date")
    if begin is None or end is None or begin >= end:
        return Row(number, text, "hotline-import-hours")
    who = people.get(folded(line.get("methodist", "")), [])
    if len(who) != 1:
        return Row(number, text, "hotline-import-two" if who else "hotline-import-nobody")
    instead: list[int] = []
    if line.get("substitute"):
        instead = people.get(folded(line["substitute"]), [])
        if len(instead) != 1 or instead == who:
            return Row(number, text, "hotline-import-substitute")
    themes: list[str] = []
    for part in line.get("themes", "").replace(";", ",").split(","):
        if not folded(part):
            continue
        matching = {theme for title, theme in theme_titles.items() if title.startswith(folded(part))}
        if len(matching) != 1:
            return Row(number, text, "hotline-import-theme")
        themes.append(matching.pop())
    return Row(
        number,
        text,
        starts_at=datetime.combine(day, begin, zone),
        ends_at=datetime.combine(day, end, zone),
        methodist_id=who[0],
        substitute_id=instead[0] if instead else None,
        themes=tuple(themes),
    )


def _day(text: str) -> date | None:
    """DD.MM.YYYY, or as a spreadsheet writes it."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})|(\d{4})-(\d\d)-(\d\d)(?: .*)?", text.strip())
    if found is None:
        return None
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        if iso_year:
            return date(int(iso_year), int(iso_month), int(iso_day))
        return date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return None


def _time(text: str) -> time | None:
    """«9», «9:00», «09.30», «09:00:00»."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?(?::\d\d)?", text.strip())
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))
