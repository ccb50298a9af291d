"""What every part of the bank shares: the row and its lock, its places, its notices, its entry in «Навигатор»."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Consent,
    ConsentKind,
    Employment,
    MessageClass,
    Organisation,
    Person,
    Practice,
    PracticeFile,
    PracticeReview,
    StoredFile,
)
from bot.models.practices import FileDoubt
from bot.services import outbox
from bot.ui.screen import Screen


class NoticeKind(StrEnum):
    """What the bank writes first."""

    arrived = "arrived"  # to the centre: experts are wanted
    third = "third"  # to the centre: one for, one against
    asked = "asked"  # to an expert
    returned = "returned"
    published = "published"
    used = "used"
    withdrawn = "withdrawn"  # by the centre


@dataclass(frozen=True, slots=True)
class Notice:
    """The facts of a pushed screen."""

    kind: NoticeKind
    practice_id: int
    title: str
    text: str = ""
    name: str = ""
    number: str = ""
    day: date | None = None
    review_id: int = 0


Speak = Callable[[Notice], Screen]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a practice, and what is known of pupils in it."""

    id: int
    name: str
    media_type: str
    size: int
    doubt: FileDoubt


async def tell(
    session: AsyncSession,
    person_id: int,
    speak: Speak,
    notice: Notice,
    *,
    key: str,
    now: datetime,
    message_class: MessageClass = MessageClass.for_you,
) -> None:
    """Queue a pushed screen."""
    await outbox.say(
        session, person_id, speak(notice), message_class=message_class, kind=f"practice-{notice.kind.value}",
        dedupe=f"practice:{notice.practice_id}:{notice.kind.value}:{key}", now=now,
    )  # fmt: skip


async def locked(session: AsyncSession, practice_id: int) -> Practice:
    """The row, held until the transaction ends. NotFound when there is none."""
    row = await session.scalar(select(Practice).where(Practice.id == practice_id).with_for_update())
    if row is None:
        raise NotFound("practices-gone")
    return row


async def own(session: AsyncSession, person_id: int, practice_id: int) -> Practice:
    """``locked``, of this author only."""
    row = await locked(session, practice_id)
    if row.author_id != person_id:
        raise NotFound("practices-gone")
    return row


async def files_of(session: AsyncSession, practice_id: int) -> list[Attached]:
    """Files in the order they came."""
    rows = await session.execute(
        select(StoredFile, PracticeFile.doubt)
        .join(PracticeFile, PracticeFile.file_id == StoredFile.id)
        .where(PracticeFile.practice_id == practice_id)
        .order_by(StoredFile.id)
    )
    return [Attached(file.id, file.name, file.media_type, file.size, doubt) for file, doubt in rows]


async def may_be_named(session: AsyncSession, person_ids: Collection[int]) -> set[int]:
    """Those whose consent to publication is in force: nobody else's name is shown to all."""
    rows = await session.scalars(
        select(Consent.person_id).where(
            Consent.person_id.in_(person_ids), Consent.kind == ConsentKind.publish, Consent.withdrawn_at.is_(None)
        )
    )
    return set(rows)


@dataclass(frozen=True, slots=True)
class Face:
    """How an author is shown: her name and her school."""

    name: str
    place: str


async def faces(session: AsyncSession, asked: Sequence[tuple[int, bool]]) -> dict[int, Face]:
    """Person → face, for those (person, wished) who wished it and whose consent is in force."""
    wished = {person_id for person_id, named in asked if named}
    allowed = await may_be_named(session, wished) if wished else set()
    if not allowed:
        return {}
    rows = await session.execute(
        select(Person, Organisation.short_name)
        .outerjoin(
            Employment,
            (Employment.person_id == Person.id) & Employment.is_main & Employment.until.is_(None),
        )
        .outerjoin(Organisation, Organisation.id == Employment.organisation_id)
        .where(Person.id.in_(allowed))
    )
    return {person.id: Face(person.full_name, place or "") for person, place in rows}


async def reviews_of(session: AsyncSession, row: Practice) -> list[PracticeReview]:
    """Looks of the round that runs, refused ones left out."""
    found = await session.scalars(
        select(PracticeReview)
        .where(
            PracticeReview.practice_id == row.id,
            PracticeReview.round == row.round,
            PracticeReview.refused_at.is_(None),
        )
        .order_by(PracticeReview.id)
    )
    return list(found)
