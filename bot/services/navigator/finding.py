"""Looking: by words, by topic and subject, by growth and the route; what was saved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import log

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.models import (
    Bookmark,
    CompetenceGroup,
    Iom,
    IomDeficit,
    NavigatorEntry,
    SearchDocument,
    SearchTerm,
    Subject,
)
from bot.rules.words import in_russian_layout, stem, words
from bot.services import search
from bot.services.events.signing import whom
from bot.services.navigator import plugged
from bot.services.navigator.index import KIND
from bot.services.navigator.sources import SOURCES, Source

PAGE = 4
"""Finds on a page of the chat (conversation.md §3.15)."""

BEST = 200
"""A search ranks this many and shows no more of them."""

TERMS = 6
COUNTED = 2_000
"""A word in more documents than this is frequent, however many there are."""

CANDIDATES = 1_500

LOOKED, ENOUGH = 3, 300
"""Filters try so many times the candidates first, and all there is when fewer than enough stay."""

assert plugged


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; empty values narrow nothing."""

    kind: str = ""
    subject: str = ""
    group: str = ""


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """One find."""

    source: str
    object_id: int
    kind: str
    title: str
    about: str
    subject: str | None = None

    @property
    def press(self) -> str:
        """What opens it in the chat."""
        return SOURCES[self.source].press(self.object_id)

    @property
    def address(self) -> str:
        """Where a browser opens it."""
        return SOURCES[self.source].address(self.object_id)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of finds."""

    hits: tuple[Hit, ...]
    number: int
    total: int
    size: int = PAGE


async def find(
    session: AsyncSession, query: str, filters: Filters = EVERYTHING, *, today: date, number: int = 0, size: int = PAGE
) -> Found:  # fmt: skip
    """Forgives ё/е, case, order, endings, one wrong letter, the keyboard layout. Without words: the newest."""
    if search.is_blank(query):
        return await _newest(session, filters, today=today, number=number, size=size)
    for asked in dict.fromkeys((query, in_russian_layout(query))):
        ids = await _ranked(session, asked, filters, today=today)
        if ids:
            page = ids[number * size : (number + 1) * size]
            return Found(tuple(await _hits(session, page)), number, len(ids), size)
    return Found((), 0, 0, size)


async def suggested(
    session: AsyncSession, person_id: int, *, now: datetime, number: int = 0, size: int = PAGE
) -> tuple[Found, bool]:
    """What helps with the growth points and the topics of the route; False when neither is known yet."""
    person = await whom(session, person_id, on=now)
    route = await session.scalars(
        select(IomDeficit.group_slug)
        .join(Iom, Iom.id == IomDeficit.iom_id)
        .where(Iom.person_id == person_id, Iom.closed_at.is_(None))
    )
    groups = set(person.growth) | set(route)
    if not groups:
        return Found((), 0, 0, size), False
    e = NavigatorEntry
    wanted = [e.group_slug.in_(groups), _standing(now.date())]
    if person.subjects:
        wanted.append(or_(e.subject_slug.is_(None), e.subject_slug.in_(person.subjects)))
    total = await session.scalar(select(func.count()).where(*wanted)) or 0
    first = case((e.subject_slug.in_(person.subjects), 0), else_=1)
    sort = case({"practice": 0, "material": 1, "event": 2}, value=e.kind, else_=3)
    rows = await session.scalars(
        select(e.id).where(*wanted).order_by(first, sort, e.id.desc()).limit(size).offset(number * size)
    )
    return Found(tuple(await _hits(session, list(rows))), number, total, size), True


async def topics(session: AsyncSession, *, today: date) -> list[tuple[str, str, int]]:
    """Topics with something in them: slug, title, how much."""
    e = NavigatorEntry
    rows = await session.execute(
        select(CompetenceGroup.slug, CompetenceGroup.title, func.count())
        .join(e, e.group_slug == CompetenceGroup.slug)
        .where(_standing(today))
        .group_by(CompetenceGroup.slug, CompetenceGroup.title, CompetenceGroup.place)
        .order_by(CompetenceGroup.place, CompetenceGroup.slug)
    )
    return [(slug, title, count) for slug, title, count in rows]


async def subjects(session: AsyncSession) -> list[tuple[str, str]]:
    """Subjects something is kept for."""
    held = select(NavigatorEntry.subject_slug).where(NavigatorEntry.subject_slug.is_not(None)).distinct()
    rows = await session.execute(
        select(Subject.slug, Subject.title).where(Subject.slug.in_(held)).order_by(Subject.place, Subject.title)
    )
    return [(slug, title) for slug, title in rows]


async def one(session: AsyncSession, source: str, object_id: int) -> tuple[Hit, Source]:
    """An entry by what a link or a button names. NotFound when it is gone."""
    if source not in SOURCES:
        raise NotFound("navigator-gone")
    row = await session.scalar(
        select(NavigatorEntry).where(NavigatorEntry.source == source, NavigatorEntry.object_id == object_id)
    )
    if row is None:
        raise NotFound("navigator-gone")
    return _hit(row), SOURCES[source]


# --- bookmarks -----------------------------------------------------------------------------------------


async def save(session: AsyncSession, person_id: int, source: str, object_id: int, *, now: datetime) -> Hit:
    """«В закладки»; twice is once."""
    hit, _ = await one(session, source, object_id)
    if await session.get(Bookmark, (person_id, source, object_id)) is None:
        session.add(Bookmark(person_id=person_id, source=source, object_id=object_id, at=now))
        await session.flush()
    return hit


async def is_saved(session: AsyncSession, person_id: int, source: str, object_id: int) -> bool:
    """True while it is among her bookmarks."""
    return await session.get(Bookmark, (person_id, source, object_id)) is not None


async def unsave(session: AsyncSession, person_id: int, source: str, object_id: int) -> None:
    """«Убрать»."""
    await session.execute(
        delete(Bookmark).where(
            Bookmark.person_id == person_id, Bookmark.source == source, Bookmark.object_id == object_id
        )
    )


async def saved(session: AsyncSession, person_id: int, *, number: int = 0, size: int = PAGE) -> Found:
    """Her bookmarks, the newest first; what is over or gone is not shown."""
    e, b = NavigatorEntry, Bookmark
    joined = and_(b.source == e.source, b.object_id == e.object_id)
    total = await session.scalar(select(func.count()).select_from(e).join(b, joined).where(b.person_id == person_id))
    rows = await session.scalars(
        select(e.id)
        .join(b, joined)
        .where(b.person_id == person_id, e.source.in_(SOURCES))
        .order_by(b.at.desc(), e.id.desc())
        .limit(size)
        .offset(number * size)
    )
    return Found(tuple(await _hits(session, list(rows))), number, total or 0, size)


# --- inside --------------------------------------------------------------------------------------------


async def _ranked(session: AsyncSession, text: str, filters: Filters, *, today: date) -> list[int]:
    """Numbers of entries, best first. Rare words choose the candidates, all words rank them."""
    asked = list(dict.fromkeys(stem(word) for word in words(text)))[: TERMS * 2]
    long = [one for one in asked if len(one) > 2 or one.isdigit()] or asked
    meant: list[tuple[tuple[str, ...], int]] = []
    for one in long:
        count = await _count(session, (one,))
        if count:
            meant.append(((one,), count))
        elif near := await _near(session, one):
            meant.append((near, await _count(session, near)))
        elif one.isdigit():
            return []  # A number stands as it is written, or it is another thing.
    if not meant or len(meant) < len(long) - len(long) // 3:
        return []
    meant = sorted(meant, key=lambda pair: pair[1])[:TERMS]
    total = await session.scalar(select(func.count()).select_from(SearchDocument).where(SearchDocument.kind == KIND))
    worth = [(terms, log(1 + (total or 0) / (1 + count)) + 0.2) for terms, count in meant]
    need = max(1, len(meant) - len(meant) // 3)
    scores: dict[int, list[float]] = {}
    candidates: set[int] | None = None
    for terms, value in worth:
        # The rarest words choose; once there are enough to rank, others only add to them.
        if candidates is not None and len(candidates) >= (ENOUGH if _narrow(filters) else CANDIDATES):
            documents = await _among(session, terms, candidates)
        else:
            documents = await _newest_with(session, terms, filters, today)
        for number, weight in documents.items():
            scores.setdefault(number, []).append(value * (1 + 0.3 * min(weight - 1, 4)))
        candidates = set(scores)
    if len(worth) > 1:
        scores = await _completed(session, scores, worth)
    best = [number for number, found in scores.items() if len(found) >= need]
    if not best:
        return []
    best = sorted(best, key=lambda n: (-len(scores[n]), -sum(scores[n])))[:BEST]
    d, e = SearchDocument, NavigatorEntry
    rows = await session.execute(
        select(e.id, d.id, d.length)
        .join(d, (d.object_id == e.id) & (d.kind == KIND))
        .where(d.id.in_(best), *_narrow(filters), _standing(today))
    )
    ranked = [(sum(scores[document]) * len(scores[document]) / (1 + 0.01 * length), n) for n, document, length in rows]
    return [number for _, number in sorted(ranked, key=lambda pair: (-round(pair[0], 6), -pair[1]))]


async def _count(session: AsyncSession, terms: Sequence[str], at_most: int = COUNTED) -> int:
    """Documents that hold one of the stems, counted as far as it matters."""
    some = (
        select(SearchTerm.document_id)
        .where(SearchTerm.kind == KIND, SearchTerm.term.in_([term[:32] for term in terms]))
        .limit(at_most)
        .subquery()
    )
    return int(await session.scalar(select(func.count()).select_from(some)) or 0)


async def _near(session: AsyncSession, one: str) -> tuple[str, ...]:
    """Stems that begin so, or that differ by one slip after the same two first letters."""
    if len(one) < 3 or one.isdigit():
        return ()
    end = one[:-1] + chr(ord(one[-1]) + 1)
    begun = await session.scalars(_terms_between(one, end).limit(8))
    found = list(begun)
    if not found and len(one) >= 4:
        start, end = one[:2], one[0] + chr(ord(one[1]) + 1)
        alike = await session.scalars(_terms_between(start, end).limit(4_000))
        found = [term for term in alike if search.one_slip(one, term)][:8]
    return tuple(found)


def _terms_between(start: str, end: str) -> Select[str]:
    return (
        select(SearchTerm.term)
        .where(SearchTerm.kind == KIND, SearchTerm.term >= start, SearchTerm.term < end)
        .distinct()
    )


async def _newest_with(
    session: AsyncSession, terms: Sequence[str], filters: Filters, today: date
) -> dict[int, float]:  # fmt: skip
    """Document → weight; of too many the newest. Filters narrow before the newest are chosen."""
    s = SearchTerm
    held = select(s.document_id, s.weight).where(s.kind == KIND, s.term.in_([term[:32] for term in terms]))
    if len(terms) == 1:
        held = held.order_by(s.document_id.desc())
    narrow = _narrow(filters)
    if not narrow:
        return _heaviest(await session.execute(held.limit(CANDIDATES)))
    # Among the newest first: a database asked for all at once looks through every record it keeps.
    looked = CANDIDATES * LOOKED
    found = _heaviest(await session.execute(_filtered(held.limit(looked), narrow, today)))
    if len(found) < ENOUGH and await _count(session, terms, looked + 1) > looked:
        found = _heaviest(await session.execute(_filtered(held, narrow, today)))
    return found


def _filtered(held: Select[int, float], narrow: Sequence[ColumnElement[bool]], today: date) -> Select[int, float]:
    d, e, some = SearchDocument, NavigatorEntry, held.subquery()
    statement = select(some.c.document_id, some.c.weight).join(d, d.id == some.c.document_id)
    statement = statement.join(e, e.id == d.object_id).where(*narrow, _standing(today))
    return statement.order_by(some.c.document_id.desc()).limit(CANDIDATES)


async def _among(session: AsyncSession, terms: Sequence[str], candidates: Collection[int]) -> dict[int, float]:
    s = SearchTerm
    found: dict[int, float] = {}
    ids = sorted(candidates)
    for start in range(0, len(ids), 500):
        rows = await session.execute(
            select(s.document_id, s.weight).where(
                s.document_id.in_(ids[start : start + 500]), s.term.in_([term[:32] for term in terms])
            )
        )
        found |= _heaviest(rows)
    return found


async def _completed(
    session: AsyncSession, scores: dict[int, list[float]], worth: Sequence[tuple[tuple[str, ...], float]]
) -> dict[int, list[float]]:
    """The best of what the rare words chose, with every word looked at: the newest of a frequent word are no list."""
    best = sorted(scores, key=lambda n: (-len(scores[n]), -sum(scores[n]), -n))[: BEST * 2]
    made: dict[int, list[float]] = {number: [] for number in best}
    for terms, value in worth:
        for number, weight in (await _among(session, terms, best)).items():
            made[number].append(value * (1 + 0.3 * min(weight - 1, 4)))
    return made


def _heaviest(rows: object) -> dict[int, float]:
    found: dict[int, float] = {}
    for document_id, weight in rows:  # type: ignore[attr-defined]
        found[document_id] = max(weight, found.get(document_id, 0.0))
    return found


async def _newest(session: AsyncSession, filters: Filters, *, today: date, number: int, size: int) -> Found:
    wanted = (*_narrow(filters), _standing(today))
    total = await session.scalar(select(func.count()).select_from(NavigatorEntry).where(*wanted)) or 0
    rows = await session.scalars(
        select(NavigatorEntry.id).where(*wanted).order_by(NavigatorEntry.id.desc()).limit(size).offset(number * size)
    )
    return Found(tuple(await _hits(session, list(rows))), number, total, size)


def _narrow(filters: Filters) -> tuple[ColumnElement[bool], ...]:
    e = NavigatorEntry
    wanted: list[ColumnElement[bool]] = []
    if filters.kind:
        wanted.append(e.kind == filters.kind)
    if filters.subject:
        wanted.append(e.subject_slug == filters.subject)
    if filters.group:
        wanted.append(e.group_slug == filters.group)
    return tuple(wanted)


def _standing(today: date) -> ColumnElement[bool]:
    e = NavigatorEntry
    return and_(or_(e.until.is_(None), e.until >= today), e.source.in_(list(SOURCES)))


async def _hits(session: AsyncSession, ids: Sequence[int]) -> list[Hit]:
    rows = {row.id: row for row in await session.scalars(select(NavigatorEntry).where(NavigatorEntry.id.in_(ids)))}
    return [_hit(rows[number]) for number in ids if number in rows]


def _hit(row: NavigatorEntry) -> Hit:
    return Hit(row.source, row.object_id, row.kind, row.title, row.about, row.subject_slug)
