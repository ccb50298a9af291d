"""Our search index: stems, whole words and trigrams; one ranking on both databases, no extensions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import log

from sqlalchemy import Select, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.models import SearchDocument, SearchTerm
from bot.rules.words import folded, in_russian_layout, stem, trigrams, words

WORD, STEM, GRAM = "=", "", "~"
"""First sign of a term: whole word, stem, trigram."""

ALIKE = 0.45
"""Share of common trigrams from which two words may be one misspelt word."""

CANDIDATES = 400

COMMON = 3000
"""A word of so many documents is looked for only among those that the rarer words found."""


async def index(session: AsyncSession, kind: str, object_id: int, text: str, *, trigrams_too: bool = True) -> None:
    """Make a thing findable by its text; again replaces what was there."""
    found = await session.scalar(
        select(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.object_id == object_id)
    )
    if found is None:
        found = SearchDocument(kind=kind, object_id=object_id)
        session.add(found)
    all_words = words(text)
    found.length = len(all_words)
    await session.flush()
    await session.execute(delete(SearchTerm).where(SearchTerm.document_id == found.id))
    terms = _terms(text, trigrams_too)
    if terms:
        await session.execute(
            insert(SearchTerm),
            [{"document_id": found.id, "kind": kind, "term": term, "weight": w} for term, w in sorted(terms.items())],
        )


async def index_many(session: AsyncSession, kind: str, texts: Mapping[int, str], *, trigrams_too: bool = True) -> None:
    """``index`` for many things in a few statements (imports): object id → text."""
    if not texts:
        return
    ids = list(texts)
    old = select(SearchDocument.id).where(SearchDocument.kind == kind, SearchDocument.object_id.in_(ids))
    await session.execute(delete(SearchTerm).where(SearchTerm.document_id.in_(old)))
    await session.execute(delete(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.object_id.in_(ids)))
    await session.execute(
        insert(SearchDocument),
        [{"kind": kind, "object_id": number, "length": len(words(text))} for number, text in texts.items()],
    )
    made = await session.execute(
        select(SearchDocument.object_id, SearchDocument.id).where(
            SearchDocument.kind == kind, SearchDocument.object_id.in_(ids)
        )
    )
    rows = [
        {"document_id": document_id, "kind": kind, "term": term, "weight": weight}
        for object_id, document_id in made
        for term, weight in sorted(_terms(texts[object_id], trigrams_too).items())
    ]
    if rows:
        await session.execute(insert(SearchTerm), rows)


async def drop(session: AsyncSession, kind: str, object_id: int) -> None:
    """Take a thing out of the index."""
    await session.execute(
        delete(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.object_id == object_id)
    )


async def find(
    session: AsyncSession, kind: str, query: str, *, limit: int = 5, among: Select[int] | None = None
) -> list[tuple[int, float]]:
    """(object id, score), best first. Forgives ё/е, case, order, one wrong letter and the keyboard layout.

    ``among`` narrows to object ids of a select. A number must stand as it is written.
    """
    found = await _find(session, kind, query, limit, among)
    if not found:
        other = in_russian_layout(query)
        if other != query:
            found = await _find(session, kind, other, limit, among)
    return found


async def _find(
    session: AsyncSession, kind: str, query: str, limit: int, among: Select[int] | None
) -> list[tuple[int, float]]:
    asked = list(dict.fromkeys(words(query)))[:8]
    if not asked:
        return []
    total = await session.scalar(select(func.count()).select_from(SearchDocument).where(SearchDocument.kind == kind))
    scores: defaultdict[int, dict[str, float]] = defaultdict(dict)
    common: list[str] = []
    for word in asked:
        matched = await _match(session, kind, word, int(total or 0), among)
        if matched is None:
            common.append(word)
            continue
        for document_id, score in matched:
            scores[document_id][word] = max(score, scores[document_id].get(word, 0.0))
    if common:
        best = sorted(scores, key=lambda number: (-sum(scores[number].values()), number))[: CANDIDATES * 3]
        if not best:
            best = await _together(session, kind, common)
        scores = defaultdict(dict, {number: dict(scores.get(number, {})) for number in best})
        for word in common:
            for document_id, score in await _holding(session, kind, word, list(scores)):
                scores[document_id][word] = max(score, scores[document_id].get(word, 0.0))
    if not scores:
        return []
    numbers = [word for word in asked if word.isdigit()]
    meaningful = [word for word in asked if len(word) > 1 or word.isdigit()] or asked
    # A document must hold every number and most of the words, or it is another thing.
    need = max(1, len(meaningful) - len(meaningful) // 3)
    kept = {
        document_id: sum(found.values()) * (len(found) / len(asked))
        for document_id, found in scores.items()
        if all(number in found for number in numbers) and sum(word in found for word in meaningful) >= need
    }
    if not kept:
        return []
    best = sorted(kept, key=lambda number: -kept[number])[:CANDIDATES]
    rows = await session.execute(
        select(SearchDocument.id, SearchDocument.object_id, SearchDocument.length).where(SearchDocument.id.in_(best))
    )
    ranked = [(row.object_id, kept[row.id] / (1 + 0.02 * row.length)) for row in rows]
    return sorted(ranked, key=lambda pair: (-round(pair[1], 6), pair[0]))[:limit]


async def _match(
    session: AsyncSession, kind: str, word: str, total: int, among: Select[int] | None
) -> list[tuple[int, float]] | None:
    """Documents that hold the word: as it is, by stem, as a beginning, or misspelt. None for a common word."""
    limit = COMMON if among is None else None
    exact = await _documents(session, kind, [WORD + word], among, limit)
    if limit is not None and len(exact) >= limit:
        return None
    found = dict.fromkeys(exact, 2.0)
    if not word.isdigit():
        stems = await _documents(session, kind, [STEM + stem(word)], among, limit)
        if limit is not None and len(stems) >= limit:
            return None
        for document_id in stems:
            found.setdefault(document_id, 1.6)
        if len(word) >= 2:
            for document_id in await _documents_from(session, kind, WORD + word, among):
                found.setdefault(document_id, 1.2)
    if not found and len(word) >= 4 and not word.isdigit():
        found = await _misspelt(session, kind, word, among)
    rarity = 1 + log(1 + total / (1 + len(found)))
    return [(document_id, score * rarity) for document_id, score in found.items()]


async def _together(session: AsyncSession, kind: str, words: list[str]) -> list[int]:
    """Documents that hold every one of several common words (three of them narrow enough)."""
    first, *others = words[:3]
    statement = select(SearchTerm.document_id).where(SearchTerm.kind == kind, SearchTerm.term == _stem_term(first))
    for word in others:
        also = aliased(SearchTerm)
        statement = statement.join(also, (also.document_id == SearchTerm.document_id) & (also.term == _stem_term(word)))
    # In order, so that both databases find the same ones.
    return list(await session.scalars(statement.order_by(SearchTerm.document_id).limit(CANDIDATES)))


async def _holding(session: AsyncSession, kind: str, word: str, documents: list[int]) -> list[tuple[int, float]]:
    """Those of the documents that hold a common word, as it is or by stem."""
    terms = {_stem_term(word): 1.6, (WORD + word)[:32]: 2.0}
    found: dict[int, float] = {}
    for start in range(0, len(documents), 500):
        rows = await session.execute(
            select(SearchTerm.document_id, SearchTerm.term).where(
                SearchTerm.document_id.in_(documents[start : start + 500]), SearchTerm.term.in_(list(terms))
            )
        )
        for document_id, term in rows:
            found[document_id] = max(terms[term], found.get(document_id, 0.0))
    return list(found.items())


def _stem_term(word: str) -> str:
    """The term every document with the word has: numbers are kept as they are."""
    return (STEM + stem(word))[:32]


async def _documents(
    session: AsyncSession, kind: str, terms: Iterable[str], among: Select[int] | None, limit: int | None = None
) -> list[int]:
    statement = select(SearchTerm.document_id).where(
        SearchTerm.kind == kind, SearchTerm.term.in_([term[:32] for term in terms])
    )
    return list(await session.scalars(_narrow(statement, among).limit(limit)))


async def _documents_from(session: AsyncSession, kind: str, start: str, among: Select[int] | None) -> list[int]:
    end = start[:-1] + chr(ord(start[-1]) + 1)
    statement = (
        select(SearchTerm.document_id)
        .where(SearchTerm.kind == kind, SearchTerm.term >= start, SearchTerm.term < end)
        .order_by(SearchTerm.term, SearchTerm.document_id)
        .limit(CANDIDATES * 5)
    )
    return list(dict.fromkeys(await session.scalars(_narrow(statement, among))))


async def _misspelt(session: AsyncSession, kind: str, word: str, among: Select[int] | None) -> dict[int, float]:
    """Words with enough common trigrams, then checked letter by letter."""
    grams = trigrams(word)
    near = select(SearchTerm.document_id).where(
        SearchTerm.kind == kind, SearchTerm.term.in_([GRAM + gram for gram in sorted(grams)])
    )
    documents = list(
        await session.scalars(
            _narrow(near, among)
            .group_by(SearchTerm.document_id)
            .having(func.count() >= max(2, len(grams) // 3))
            .order_by(func.count().desc(), SearchTerm.document_id)
            .limit(CANDIDATES)
        )
    )
    if not documents:
        return {}
    rows = await session.execute(
        select(SearchTerm.document_id, SearchTerm.term).where(
            SearchTerm.document_id.in_(documents),
            or_(SearchTerm.term.startswith(WORD, autoescape=True)),
        )
    )
    found: dict[int, float] = {}
    for document_id, term in rows:
        likeness = _likeness(word, term[len(WORD) :])
        if likeness > found.get(document_id, 0.0):
            found[document_id] = likeness
    return found


def _terms(text: str, trigrams_too: bool) -> dict[str, float]:
    """Term → weight: how often the word stands there."""
    terms: dict[str, float] = {}
    for word, times in Counter(words(text)).items():
        terms[(WORD + word)[:32]] = float(times)
        terms.setdefault((STEM + stem(word))[:32], float(times))
        if trigrams_too:
            terms.update((GRAM + gram, 1.0) for gram in trigrams(word))
    return terms


def _likeness(asked: str, word: str) -> float:
    """0 for another word; below 1 for one that may be it, misspelt."""
    if word.isdigit() or abs(len(asked) - len(word)) > 3:
        return 0.0
    if one_slip(asked, word) or (len(asked) >= 5 and len(word) > len(asked) and one_slip(asked, word[: len(asked)])):
        return 0.9
    first, second = trigrams(asked), trigrams(word)
    share = len(first & second) / max(1, len(first | second))
    return 0.8 * share if share >= ALIKE else 0.0


def one_slip(first: str, second: str) -> bool:
    """One letter wrong, missing, extra, or two neighbours changed about."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    a, b = first[start:], second[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[2:] == b[2:] and a[:2] == b[:2][::-1])


def _narrow(statement: Select[int], among: Select[int] | None) -> Select[int]:
    if among is None:
        return statement
    return statement.join(SearchDocument, SearchDocument.id == SearchTerm.document_id).where(
        SearchDocument.object_id.in_(among)
    )


def stems(text: str) -> set[str]:
    """The stems of a text, for a look without the index."""
    return {stem(word) for word in words(text)}


def is_blank(query: str) -> bool:
    """True when there is nothing to look for."""
    return not folded(query)
