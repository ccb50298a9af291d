"""What everybody may see of a practice, «получилось применить», files, the author's certificate and its check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    CompetenceGroup,
    ConsentKind,
    FactKind,
    Messenger,
    Person,
    Practice,
    PracticeFile,
    PracticeState,
    PracticeUse,
    StoredFile,
    Subject,
)
from bot.rules import practices as rules
from bot.rules.events import masked, read_number
from bot.rules.hotline_words import without
from bot.services import consents, facts, region
from bot.services.navigator import finding
from bot.services.practices import base, entry
from bot.services.practices.base import Attached, Face, Notice, NoticeKind, Speak, tell

WORDS_SHOWN = 3
LONGEST_USE = 600


@dataclass(frozen=True, slots=True)
class Used:
    """Words of a colleague who tried it."""

    text: str
    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """A published practice for anybody."""

    id: int
    title: str
    problem: str
    actions: str
    outcome: str
    subject: str
    grades: str
    group: str
    link: str
    link_broken: bool
    author: Face | None
    files: tuple[Attached, ...]
    applied: int
    uses: tuple[Used, ...]
    published_on: date
    reviewed: bool
    is_demo: bool
    own: bool = False
    used: bool = False
    saved: bool = False

    def nameless(self) -> Card:
        """The same where nobody's name may be carried."""
        return replace(self, author=None, uses=tuple(replace(said, name="") for said in self.uses))


@dataclass(frozen=True, slots=True)
class Line:
    """A practice in a list."""

    id: int
    title: str
    about: str
    subject: str
    grades: str
    group: str
    author: Face | None
    applied: int
    reviewed: bool
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the bank."""

    lines: tuple[Line, ...]
    number: int
    total: int
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file somebody may have; its blob lies under the hash."""

    id: int
    name: str
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AuthorPaper:
    """What an author's certificate says."""

    number: str
    name: str
    masked: str
    title: str
    organiser: str
    issued_on: date
    reviewed: bool
    is_demo: bool
    withdrawn: bool


async def card(session: AsyncSession, practice_id: int, person_id: int | None = None) -> Card:
    """A published practice. NotFound otherwise: drafts are nobody's business."""
    row = await session.get(Practice, practice_id)
    if row is None or row.state is not PracticeState.published or row.published_at is None:
        raise NotFound("practices-gone")
    subject = await session.scalar(select(Subject.title).where(Subject.slug == row.subject_slug))
    group = await session.scalar(select(CompetenceGroup.title).where(CompetenceGroup.slug == row.group_slug))
    uses = list(
        await session.scalars(
            select(PracticeUse)
            .where(PracticeUse.practice_id == row.id)
            .order_by(PracticeUse.at.desc(), PracticeUse.id.desc())
            .limit(WORDS_SHOWN)
        )
    )
    known = await base.faces(session, [(row.author_id, row.named), *((use.person_id, use.named) for use in uses)])
    used = saved = False
    if person_id is not None:
        tried = PracticeUse.practice_id == row.id, PracticeUse.person_id == person_id
        used = await session.scalar(select(PracticeUse.id).where(*tried)) is not None
        saved = await finding.is_saved(session, person_id, entry.SOURCE, row.id)
    return Card(
        id=row.id, title=row.title, problem=row.problem, actions=row.actions, outcome=row.outcome,
        subject=subject or "", grades=row.grades, group=group or "", link=row.link,
        link_broken=row.link_broken_on is not None,
        author=known.get(row.author_id) if row.named else None, files=tuple(await base.files_of(session, row.id)),
        applied=await entry.applied(session, row.id),
        uses=tuple(
            Used(use.text, use.at.date(), known[use.person_id].name if use.named and use.person_id in known else "")
            for use in uses
        ),
        published_on=row.published_at.date(), reviewed=row.reviewed, is_demo=row.is_demo,
        own=row.author_id == person_id, used=used, saved=saved,
    )  # fmt: skip


async def shelf(
    session: AsyncSession, query: str = "", *, subject: str = "", group: str = "", today: date, number: int = 0,
    size: int = 12,
) -> Shelf:  # fmt: skip
    """The bank: what is searched for, else the newest; a fixed number of statements."""
    if query.strip():
        narrow = finding.Filters(kind="practice", subject=subject, group=group)
        found = await finding.find(session, query, narrow, today=today, number=number, size=size)
        ids, total = [hit.object_id for hit in found.hits], found.total
    else:
        wanted: list[ColumnElement[bool]] = [Practice.state == PracticeState.published]
        if subject:
            wanted.append(Practice.subject_slug == subject)
        if group:
            wanted.append(Practice.group_slug == group)
        total = await session.scalar(select(func.count()).where(*wanted)) or 0
        ids = list(
            await session.scalars(
                select(Practice.id)
                .where(*wanted)
                .order_by(Practice.published_at.desc(), Practice.id.desc())
                .limit(size)
                .offset(number * size)
            )
        )
    return Shelf(tuple(await _lines(session, ids)), number, total, size)


async def _lines(session: AsyncSession, ids: Sequence[int]) -> list[Line]:
    rows = await session.execute(
        select(Practice, Subject.title, CompetenceGroup.title)
        .outerjoin(Subject, Subject.slug == Practice.subject_slug)
        .outerjoin(CompetenceGroup, CompetenceGroup.slug == Practice.group_slug)
        .where(Practice.id.in_(ids), Practice.state == PracticeState.published)
    )
    held = {row.id: (row, subject, group) for row, subject, group in rows}
    known = await base.faces(session, [(row.author_id, row.named) for row, _, _ in held.values()])
    tried = dict(
        (
            await session.execute(
                select(PracticeUse.practice_id, func.count())
                .where(PracticeUse.practice_id.in_(ids))
                .group_by(PracticeUse.practice_id)
            )
        ).all()
    )
    made = []
    for number in ids:
        if number not in held:
            continue
        row, subject, group = held[number]
        author = known.get(row.author_id) if row.named else None
        made.append(
            Line(
                row.id, row.title, row.problem or row.outcome, subject or "", row.grades, group or "", author,
                tried.get(row.id, 0), row.reviewed, row.is_demo,
            )
        )  # fmt: skip
    return made


async def file_of(session: AsyncSession, practice_id: int, file_id: int, person_id: int | None = None) -> Content:
    """A file of a published practice for anybody; before that only for the author and for its experts."""
    found = (
        await session.execute(
            select(StoredFile, Practice)
            .join(PracticeFile, PracticeFile.file_id == StoredFile.id)
            .join(Practice, Practice.id == PracticeFile.practice_id)
            .where(PracticeFile.practice_id == practice_id, PracticeFile.file_id == file_id)
        )
    ).one_or_none()
    if found is None:
        raise NotFound("practices-gone")
    stored, row = found
    file = Content(stored.id, stored.name, stored.media_type, stored.sha256)
    if row.state is PracticeState.published or (person_id is not None and row.author_id == person_id):
        return file
    experts = {one.expert_id for one in await base.reviews_of(session, row)}
    if person_id is None or person_id not in experts or row.state is not PracticeState.review:
        raise NotFound("practices-gone")
    return file


# --- trying it out ---------------------------------------------------------------------------------------


async def use(
    session: AsyncSession, person_id: int, practice_id: int, text: str, *, named: bool, messenger: Messenger,
    now: datetime, speak: Speak,
) -> int:  # fmt: skip
    """«Получилось применить»: counted once a person, the author hears of it; later words replace her own.

    Names and phones of others are left out of what everybody reads.
    """
    row = await session.get(Practice, practice_id)
    if row is None or row.state is not PracticeState.published:
        raise NotFound("practices-gone")
    if row.author_id == person_id:
        raise UserError("practices-own-use")
    said = " ".join(text.split())[:LONGEST_USE]
    if len(said) < 5:
        raise UserError("practices-use-short")
    said = without(said, rules.strangers(said, ()))
    if named:
        await consents.give(session, person_id, ConsentKind.publish, messenger=messenger, now=now)
    found = await session.scalar(
        select(PracticeUse).where(PracticeUse.practice_id == practice_id, PracticeUse.person_id == person_id)
    )
    if found is not None:
        found.text, found.named = said, named
    else:
        found = PracticeUse(practice_id=practice_id, person_id=person_id, text=said, named=named, at=now)
        session.add(found)
        await session.flush()
        await facts.add(
            session, person_id, FactKind.practice_applied, occurred_on=now.date(),
            source=("practice_use", found.id), now=now,
        )  # fmt: skip
        person = await session.get_one(Person, person_id)
        name = person.short_name if named else ""
        notice = Notice(NoticeKind.used, row.id, row.title, text=said, name=name)
        await tell(session, row.author_id, speak, notice, key=str(found.id), now=now)
    await session.flush()
    return await entry.applied(session, practice_id)


# --- the certificate -------------------------------------------------------------------------------------


async def own_paper(session: AsyncSession, person_id: int, practice_id: int) -> AuthorPaper:
    """The author's certificate of what is published. NotFound otherwise."""
    row = await session.get(Practice, practice_id)
    if row is None or row.author_id != person_id or row.state is not PracticeState.published or not row.certificate_no:
        raise NotFound("practices-gone")
    return await _paper(session, row)


async def check(session: AsyncSession, typed: str) -> AuthorPaper | None:
    """What the open page tells of a number; None when no author has it."""
    number = read_number(typed)
    row = await session.scalar(select(Practice).where(Practice.certificate_no == number)) if number else None
    return await _paper(session, row) if row is not None else None


async def _paper(session: AsyncSession, row: Practice) -> AuthorPaper:
    person = await session.get_one(Person, row.author_id)
    centre = await region.centre(session)
    issued = row.published_at or row.updated_at
    return AuthorPaper(
        row.certificate_no or "", person.full_name, masked(person.last_name, person.first_name, person.middle_name),
        row.title, str(centre["name"] or centre["short_name"]), issued.date(), row.reviewed, row.is_demo,
        row.state is not PracticeState.published,
    )  # fmt: skip
