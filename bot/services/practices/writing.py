"""A practice is told in six steps, checked for other people's data, sent with its author's word, taken back."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    ConsentKind,
    Employment,
    EmploymentSubject,
    MessageClass,
    Messenger,
    Person,
    Practice,
    PracticeFile,
    PracticeReview,
    PracticeState,
    Role,
    RoleAssignment,
    ScopeKind,
    StoredFile,
    Subject,
)
from bot.models.practices import FileDoubt
from bot.rules import practices as rules
from bot.rules.calendar import add_working_days
from bot.rules.events import may_be_printed
from bot.rules.hotline_words import without
from bot.rules.practices import FIELDS, Field
from bot.rules.words import folded
from bot.services import consents, facts, files, links, packs
from bot.services.practices import base, entry
from bot.services.practices.base import Attached, Notice, NoticeKind, Speak, tell

FILES = 5
EXPERT_DAYS = 10
"""Working days two experts have."""

OPEN = (PracticeState.draft, PracticeState.returned)
"""States in which the author writes."""

TYPES = ("image/", "video/", "audio/", "application/pdf", "text/plain")
OFFICE = (
    "application/msword", "application/vnd.openxmlformats-officedocument", "application/vnd.ms-",
    "application/vnd.oasis.opendocument", "application/zip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A practice as its author sees it while she writes."""

    id: int
    state: PracticeState
    title: str
    problem: str
    actions: str
    outcome: str
    subject: str
    grades: str
    link: str
    files: tuple[Attached, ...]
    comment: str
    named: bool
    found: tuple[str, ...]
    """Pieces of the words that look like other people's data and were not agreed to."""
    missing: tuple[Field, ...]
    number: str = ""
    applied: int = 0
    due_on: date | None = None

    def value(self, field: Field) -> str:
        """What stands in a step."""
        if field is Field.place:
            return ", ".join(part for part in (self.subject, self.grades) if part)
        if field is Field.files:
            return ", ".join([one.name for one in self.files] + ([self.link] if self.link else []))
        return str(getattr(self, field.value))

    @property
    def next(self) -> Field:
        """The first step that is still empty, else the last."""
        return next((field for field in FIELDS if not self.value(field)), Field.files)


@dataclass(frozen=True, slots=True)
class Mine:
    """A line of «Мои практики»."""

    id: int
    title: str
    state: PracticeState


async def begin(session: AsyncSession, person_id: int, *, now: datetime) -> int:
    """A new draft, or the one that was begun: nothing is lost."""
    found = await begun(session, person_id)
    if found is not None:
        return found
    row = Practice(author_id=person_id, created_at=now, updated_at=now)
    session.add(row)
    await session.flush()
    return row.id


async def begun(session: AsyncSession, person_id: int) -> int | None:
    """The draft that was begun."""
    return await session.scalar(
        select(Practice.id).where(Practice.author_id == person_id, Practice.state == PracticeState.draft)
    )


async def told(session: AsyncSession, person_id: int, practice_id: int) -> Told:
    """One's own practice. NotFound for anybody else's."""
    row = await session.get(Practice, practice_id)
    if row is None or row.author_id != person_id:
        raise NotFound("practices-gone")
    person = await session.get_one(Person, person_id)
    subject = await session.scalar(select(Subject.title).where(Subject.slug == row.subject_slug))
    attached = await base.files_of(session, row.id)
    words = _words(row)
    strange = () if row.words_agreed_at else rules.strangers(words, _names(person))
    filled = {field for field in rules.NEEDED if getattr(row, field.value)}
    return Told(
        id=row.id, state=row.state, title=row.title, problem=row.problem, actions=row.actions, outcome=row.outcome,
        subject=subject or "", grades=row.grades, link=row.link, files=tuple(attached), comment=row.comment,
        named=row.named, found=tuple(dict.fromkeys(words[one.start : one.end] for one in strange)),
        missing=rules.missing(filled), number=row.certificate_no or "",
        applied=await entry.applied(session, row.id), due_on=row.due_on,
    )  # fmt: skip


async def mine(session: AsyncSession, person_id: int, *, number: int = 0, size: int = 5) -> tuple[list[Mine], int]:
    """Her practices, the newest first."""
    hers = Practice.author_id == person_id
    total = await session.scalar(select(func.count()).select_from(Practice).where(hers))
    rows = await session.execute(
        select(Practice.id, Practice.title, Practice.state)
        .where(hers)
        .order_by(Practice.id.desc())
        .limit(size)
        .offset(number * size)
    )
    return [Mine(*row) for row in rows], int(total or 0)


async def write(
    session: AsyncSession, person_id: int, practice_id: int, field: Field, text: str, *, now: datetime
) -> None:
    """Words of a step. UserError for what cannot stand there; nothing of it is stored then."""
    row = await _open(session, person_id, practice_id)
    plain = text.strip()
    if not any(sign.isalnum() for sign in plain):
        raise UserError("error-needs-text")
    limit = rules.LIMITS.get(field)
    if limit is not None and len(plain) > limit:
        raise UserError("practices-too-long", limit=str(limit), length=str(len(plain)))
    match field:
        case Field.heading:
            row.title = " ".join(plain.split())
            row.search = folded(row.title)
            if not may_be_printed(row.title):
                raise UserError("practices-title-words")
        case Field.place:
            await _place(session, row, plain)
        case Field.files:
            row.link = _link(plain)
            links.forget(row)
        case _:
            setattr(row, field.value, plain)
    row.words_agreed_at = None
    row.updated_at = now
    await session.flush()


async def set_subject(session: AsyncSession, person_id: int, practice_id: int, slug: str, *, now: datetime) -> None:
    """Her own subject in one press."""
    row = await _open(session, person_id, practice_id)
    if await session.get(Subject, slug) is None:
        raise NotFound()
    row.subject_slug, row.updated_at = slug, now
    await session.flush()


async def her_subjects(session: AsyncSession, person_id: int) -> list[tuple[str, str]]:
    """(slug, title) of what she teaches, for buttons."""
    rows = await session.execute(
        select(Subject.slug, Subject.title)
        .join(EmploymentSubject, EmploymentSubject.subject_slug == Subject.slug)
        .join(Employment, Employment.id == EmploymentSubject.employment_id)
        .where(Employment.person_id == person_id, Employment.until.is_(None))
        .distinct()
        .order_by(Subject.title)
        .limit(2)
    )
    return [(slug, title) for slug, title in rows]


# --- files -------------------------------------------------------------------------------------------


def suits(media_type: str) -> bool:
    """Kinds of files colleagues can open."""
    return media_type.startswith((*TYPES, *OFFICE))


def text_of(content: bytes, media_type: str) -> str:
    """Words of a document, as far as they can be read; empty for what has none. Blocking: call it aside."""
    try:
        if media_type.startswith("text/"):
            return content[:200_000].decode("utf-8", "replace")
        if "wordprocessingml" in media_type:
            import docx

            paper = docx.Document(io.BytesIO(content))
            cells = [cell.text for table in paper.tables[:20] for row in table.rows[:200] for cell in row.cells]
            return "\n".join([paragraph.text for paragraph in paper.paragraphs] + cells)[:200_000]
        if media_type == "application/pdf":
            import pdfplumber

            with pdfplumber.open(io.BytesIO(content)) as pdf:
                return "\n".join(page.extract_text() or "" for page in pdf.pages[:10])[:200_000]
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        return ""
    except Exception as failure:  # pdfplumber's readers raise what they like on a broken file.
        if type(failure).__module__.startswith(("pdfminer", "pdfplumber", "docx", "pypdfium2")):
            return ""
        raise
    return ""


async def looked_through(content: bytes, media_type: str) -> str:
    """``text_of`` off the event loop."""
    return await asyncio.to_thread(text_of, content, media_type)


async def attach(
    session: AsyncSession,
    person_id: int,
    practice_id: int,
    blob: files.Blob,
    *,
    name: str,
    media_type: str,
    words: str,
    now: datetime,
) -> Attached:
    """A file; pictures are always asked about, documents when names or numbers stand in them."""
    row = await _open(session, person_id, practice_id)
    held = await base.files_of(session, row.id)
    if len(held) >= FILES:
        raise UserError("practices-files-many", most=str(FILES), buttons=_step(practice_id, Field.files))
    person = await session.get_one(Person, person_id)
    doubt = FileDoubt.clean
    if rules.is_picture(media_type) or rules.strangers(words, _names(person)):
        doubt = FileDoubt.asked
    stored = await files.add(
        session, blob, name=name, media_type=media_type, owner_id=person_id, purpose="practice", now=now
    )
    session.add(PracticeFile(practice_id=row.id, file_id=stored.id, doubt=doubt))
    row.updated_at = now
    await session.flush()
    return Attached(stored.id, stored.name, stored.media_type, stored.size, doubt)


async def agree_file(session: AsyncSession, person_id: int, practice_id: int, file_id: int) -> None:
    """«Согласие есть»: the author answers for the parents' consent."""
    row = await _open(session, person_id, practice_id)
    found = await session.get(PracticeFile, (row.id, file_id))
    if found is None:
        raise NotFound("practices-gone")
    found.doubt = FileDoubt.agreed
    await session.flush()


async def drop_file(session: AsyncSession, person_id: int, practice_id: int, file_id: int) -> None:
    """«Убрать файл»: it goes altogether."""
    row = await _open(session, person_id, practice_id)
    gone = await session.execute(
        delete(PracticeFile)
        .where(PracticeFile.practice_id == row.id, PracticeFile.file_id == file_id)
        .returning(PracticeFile.file_id)
    )
    if gone.all():
        await session.execute(delete(StoredFile).where(StoredFile.id == file_id, StoredFile.owner_id == person_id))
    await session.flush()


# --- other people's data -------------------------------------------------------------------------------


async def agree_words(session: AsyncSession, person_id: int, practice_id: int, *, now: datetime) -> None:
    """The names that stand in the words may be there; the author says so."""
    row = await _open(session, person_id, practice_id)
    row.words_agreed_at = now
    await session.flush()


async def clean_words(session: AsyncSession, person_id: int, practice_id: int, *, now: datetime) -> None:
    """Names, phones and addresses become «…»."""
    row = await _open(session, person_id, practice_id)
    names = _names(await session.get_one(Person, person_id))
    for field in (Field.heading, Field.problem, Field.actions, Field.outcome):
        text = getattr(row, field.value)
        setattr(row, field.value, without(text, rules.strangers(text, names)))
    row.updated_at = now
    await session.flush()


# --- sending and taking back ---------------------------------------------------------------------------


async def send(
    session: AsyncSession, person_id: int, practice_id: int, *, named: bool, messenger: Messenger, now: datetime,
    speak: Speak,
) -> Told:  # fmt: skip
    """To the experts, with the author's word to publish. The consent to her name is one more document."""
    row = await base.own(session, person_id, practice_id)
    shown = await told(session, person_id, practice_id)
    if row.state is PracticeState.review:
        return shown
    if row.state not in OPEN:
        raise UserError("practices-not-open", buttons=_MINE)
    if shown.missing:
        first = shown.missing[0]
        raise UserError("practices-missing", field=first.value, buttons=_step(row.id, first))
    if shown.found or any(one.doubt is FileDoubt.asked for one in shown.files):
        raise UserError("practices-look-first", buttons=(("practices-check.go", f"practices:check:{row.id}"),))
    if named:
        await consents.give(session, person_id, ConsentKind.publish, messenger=messenger, now=now)
    row.organisation_id, row.municipality_id = await facts.place_of(session, person_id, on=now.date())
    row.named, row.agreed_at, row.sent_at, row.updated_at = named, now, now, now
    row.state, row.round, row.comment = PracticeState.review, row.round + 1, ""
    days = await packs.working_days(session, now.date(), now.date() + timedelta(days=60))
    row.due_on = add_working_days(now.date(), EXPERT_DAYS, days)
    again = await _ask_again(session, row, now=now)
    await session.flush()
    for review in again:
        notice = Notice(NoticeKind.asked, row.id, row.title, day=row.due_on, review_id=review.id)
        await tell(session, review.expert_id or 0, speak, notice, key=f"{row.round}:{review.expert_id}", now=now)
    if len(again) < rules.EXPERTS:
        await tell_centre(session, row, NoticeKind.arrived, speak, now=now)
    return await told(session, person_id, practice_id)


async def _ask_again(session: AsyncSession, row: Practice, *, now: datetime) -> list[PracticeReview]:
    """The experts of the round before look at what they asked for."""
    if row.round == 1:
        return []
    before = await session.scalars(
        select(PracticeReview)
        .where(
            PracticeReview.practice_id == row.id, PracticeReview.round == row.round - 1,
            PracticeReview.refused_at.is_(None), PracticeReview.expert_id.is_not(None),
            PracticeReview.done_at.is_not(None),
        )
        .order_by(PracticeReview.id)
        .limit(rules.EXPERTS)
    )  # fmt: skip
    assert row.due_on is not None
    made = [
        PracticeReview(
            practice_id=row.id, expert_id=one.expert_id, round=row.round, due_on=row.due_on, marks={},
            assigned_by_id=one.assigned_by_id, assigned_at=now,
        )
        for one in before
    ]  # fmt: skip
    # Who works at the author's school by now does not judge her any more.
    places = await base_places(session, row.author_id)
    kept = [one for one in made if not await base_places(session, one.expert_id or 0) & places]
    session.add_all(kept)
    await session.flush()
    return kept


async def base_places(session: AsyncSession, person_id: int) -> frozenset[int]:
    """Organisations where somebody works now."""
    rows = await session.scalars(
        select(Employment.organisation_id).where(Employment.person_id == person_id, Employment.until.is_(None))
    )
    return frozenset(rows)


async def tell_centre(session: AsyncSession, row: Practice, kind: NoticeKind, speak: Speak, *, now: datetime) -> None:
    """The staff of the centre who see to experts; the author herself is left out."""
    people = await session.scalars(
        select(RoleAssignment.person_id)
        .where(
            RoleAssignment.role == Role.centre_staff, RoleAssignment.scope_kind == ScopeKind.region,
            RoleAssignment.revoked_at.is_(None), RoleAssignment.since <= now.date(),
            (RoleAssignment.until.is_(None)) | (RoleAssignment.until >= now.date()),
            RoleAssignment.person_id != row.author_id,
        )
        .distinct()
        .order_by(RoleAssignment.person_id)
        .limit(5)
    )  # fmt: skip
    for person_id in people.all():
        notice = Notice(kind, row.id, row.title, day=row.due_on)
        key = f"{row.round}:{person_id}"
        await tell(session, person_id, speak, notice, key=key, now=now, message_class=MessageClass.staff)


async def take_back(session: AsyncSession, person_id: int, practice_id: int, *, now: datetime) -> PracticeState:
    """«Забрать»: a draft is gone, what was sent becomes hers again, what was published is shown to nobody."""
    row = await base.own(session, person_id, practice_id)
    before = row.state
    if before is PracticeState.draft:
        held = [one.id for one in await base.files_of(session, row.id)]
        await session.delete(row)
        await session.flush()
        await session.execute(delete(StoredFile).where(StoredFile.id.in_(held), StoredFile.owner_id == person_id))
        return before
    row.state, row.withdrawn_at, row.withdrawn_why, row.updated_at = PracticeState.withdrawn, now, "", now
    await entry.refresh(session, row)
    await session.flush()
    return before


async def put_back(session: AsyncSession, person_id: int, practice_id: int, *, now: datetime) -> None:
    """«Вернуть» after «Забрать»: published again if it was, else to write on. What the centre took down stays down."""
    row = await base.own(session, person_id, practice_id)
    if row.state is not PracticeState.withdrawn or row.withdrawn_why:
        raise UserError("practices-not-open", buttons=_MINE)
    row.state = PracticeState.published if row.published_at else PracticeState.returned
    row.withdrawn_at, row.updated_at = None, now
    await entry.refresh(session, row)
    await session.flush()


async def rename(
    session: AsyncSession, person_id: int, practice_id: int, *, named: bool, messenger: Messenger, now: datetime
) -> None:
    """With or without her name, whenever she likes."""
    row = await base.own(session, person_id, practice_id)
    if named:
        await consents.give(session, person_id, ConsentKind.publish, messenger=messenger, now=now)
    row.named, row.updated_at = named, now
    await session.flush()


async def forget(session: AsyncSession, person_id: int) -> None:
    """A person leaves: her practices go with their files, out of the index too."""
    for row in await session.scalars(select(Practice).where(Practice.author_id == person_id)):
        row.state = PracticeState.withdrawn
        await entry.refresh(session, row)
        await session.delete(row)
    await session.flush()


# --- inside ------------------------------------------------------------------------------------------

_MINE = (("practices-home.mine", "practices:mine:0"),)


def _step(practice_id: int, field: Field) -> tuple[tuple[str, str], ...]:
    return (("practices-check.fill", f"practices:step:{practice_id}:{field.value}"),)


async def _open(session: AsyncSession, person_id: int, practice_id: int) -> Practice:
    row = await base.own(session, person_id, practice_id)
    if row.state not in OPEN:
        raise UserError("practices-not-open", buttons=_MINE)
    return row


def _words(row: Practice) -> str:
    return "\n".join((row.title, row.problem, row.actions, row.outcome))


def _names(person: Person) -> tuple[str, ...]:
    return (person.last_name,)


async def _place(session: AsyncSession, row: Practice, typed: str) -> None:
    titles = dict((await session.execute(select(Subject.slug, Subject.title))).all())
    found = rules.subject_of(typed, titles)
    row.grades = rules.classes(typed)
    if found is not None:
        row.subject_slug = found
    if not row.grades and found is None:
        raise UserError("practices-place-unknown")


def _link(typed: str) -> str:
    first = typed.split()[0]
    if not first.startswith(("https://", "http://")) or "." not in first or len(first) > 500:
        raise UserError("practices-link-wrong")
    return first
