"""What drafts are made of: the catalogue read once, offers for each kind of teacher from memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.models import Activity
from bot.rules.iom_draft import Offer


@dataclass(frozen=True, slots=True)
class _Line:
    """An offer with whom it is for."""

    offer: Offer
    seats: int | None
    audiences: frozenset[str]
    subjects: frozenset[str]


@dataclass(slots=True)
class Shelf:
    """Open lines of the catalogue on a day. Nothing in it is personal."""

    lines: tuple[_Line, ...]
    _made: dict[tuple[str, frozenset[str]], tuple[_Line, ...]] = field(default_factory=dict)

    def offers(
        self, *, audience: str = "", subjects: Collection[str] = (), taken: Mapping[int, int] | None = None
    ) -> list[Offer]:
        """Offers for people of this audience and these subjects; ``taken`` is activity → seats held already."""
        kind = (audience, frozenset(subjects))
        if kind not in self._made:
            self._made[kind] = tuple(line for line in self.lines if _suits(line, *kind))
        held = taken or {}
        return [
            line.offer
            if line.seats is None or not (gone := held.get(line.offer.id, 0))
            else replace(line.offer, seats_left=max(0, line.seats - gone))
            for line in self._made[kind]
        ]


async def shelf(session: AsyncSession, *, today: date) -> Shelf:
    """Read it, in four selects. A programme whose place in the register is over by its end is left out."""
    last = func.coalesce(Activity.ends_on, Activity.starts_on)
    statement = (
        select(Activity)
        .where(Activity.active, or_(last.is_(None), last >= today))
        .order_by(Activity.id)
        .options(selectinload(Activity.groups), selectinload(Activity.subjects), selectinload(Activity.requires))
    )
    made: list[_Line] = []
    for row in await session.scalars(statement):
        if row.register_until is not None and row.register_until < (row.ends_on or row.starts_on or today):
            continue
        offer = Offer(
            id=row.id,
            kind=row.kind.value,
            groups=tuple(one.group_slug for one in row.groups),
            hours=row.hours,
            starts=row.starts_on,
            ends=row.ends_on,
            seats_left=row.seats,
            requires=tuple(one.needs_id for one in row.requires),
            form=row.form.value,
        )
        subjects = frozenset(one.subject_slug for one in row.subjects)
        made.append(_Line(offer, row.seats, frozenset(row.audiences), subjects))
    return Shelf(tuple(made))


def _suits(line: _Line, audience: str, subjects: frozenset[str]) -> bool:
    """A line for subjects is for those who teach one of them."""
    if audience and line.audiences and audience not in line.audiences:
        return False
    return not line.subjects or not line.subjects.isdisjoint(subjects)
