"""Ready answers: found before a question is sent, made of answered ones, checked again after a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    FaqEntry,
    FaqState,
    SearchDocument,
    SearchTerm,
    Ticket,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.rules.hotline_words import nameless, personal
from bot.rules.words import folded, in_russian_layout, stem, words
from bot.services import audit, search
from bot.services.access import Right, Scope
from bot.services.hotline.desk import require_manager
from bot.services.hotline.ticket import DONE, Notice, NoticeKind, Speak, locked, move, names_of, pieces, tell, words_of

KIND = "hotline-faq"
"""Of the search index."""

REVIEW_AFTER = timedelta(days=365)
OFFERS = 3
TERMS = 6
"""The rarest words of a question that are looked for."""

ENOUGH = 0.5
"""Share of the meaning of a question an answer must hold to be offered."""

RARE = 500
"""So many documents of one word are enough to choose from."""

MANY = 5_000
"""Counted no further: the words of so many documents weigh alike."""

PORTION = 60

_EMPTY_WORDS = (
    "а без бы был была было быть в вам вас весь во вот все всё вы где да для до его ее если есть еще же за "
    "здравствуйте и из или им их к как какая какие какой какого каком ко когда кто куда ли либо меня мне может "
    "можно мой мы на над надо нам нас не нет ни но ну нужен нужна нужно о об он она они от очень по под подскажите "
    "пожалуйста почему при про с сам свой себя сколько со спасибо так там то только тут у уже чего чем что чтобы "
    "чья эта это этот я день добрый вопрос хочу хотел хотела делать сделать помогите помощь имею право должен "
    "должна обязательно правильно лучше учитель учителя учителю школа школе школы нашей наш у класс классе ребенок "
    "дети детей ученик ученики"
)
_EMPTY = {stem(word) for word in _EMPTY_WORDS.replace("ё", "е").split()}
"""Words that tell nothing of what a question is about."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ready answer that may be the one."""

    id: int
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready answer for its reader."""

    id: int
    question: str
    answer: str
    methodist: str
    checked_on: date | None
    link: str
    theme: TicketTheme


@dataclass(frozen=True, slots=True)
class Preview:
    """What everybody would see, before anybody does."""

    id: int
    question: str
    answer: str
    no: int
    state: FaqState


# --- looking -----------------------------------------------------------------------------------------


async def similar(
    session: AsyncSession, text: str, *, today: date, limit: int = OFFERS, among: bool = False
) -> list[Offer]:
    """Published answers to what may be the same question, best first; nothing rather than anything.

    With ``among`` every answer that holds some of the words is shown: somebody is looking, not being offered.
    """
    for query in dict.fromkeys((text, in_russian_layout(text))):
        found = await _ranked(session, query, today=today, limit=limit, least=0.2 if among else ENOUGH)
        if found:
            return found
    return []


async def _ranked(session: AsyncSession, text: str, *, today: date, limit: int, least: float) -> list[Offer]:
    asked = list(dict.fromkeys(stem(word) for word in words(text) if stem(word) not in _EMPTY))
    asked = [one for one in asked if len(one) > 1 or one.isdigit()]
    if not asked:
        return []
    total = await session.scalar(_up_to(select(SearchDocument.id).where(SearchDocument.kind == KIND))) or 0
    if not total:
        return []
    counts = await _counts(session, asked)
    meant: list[tuple[frozenset[str], int]] = []
    lost = 0
    for one in asked:
        if one in counts:
            meant.append((frozenset([one]), counts[one]))
        elif near := await _misspelt(session, one):
            meant.append((frozenset(near), sum(near.values())))
        else:
            lost += 1
    if not meant:
        return []
    rare = sorted(meant, key=lambda pair: pair[1])[:TERMS]
    worth = {terms: log(1 + total / (1 + count)) for terms, count in rare}
    # A word nobody has ever used tells that the question may be about something else.
    whole = sum(worth.values()) + lost * log(1 + total) * 0.5
    # Frequent words rank, rare ones choose: the candidates hold one of the rarest.
    choosing, held = [rare[0]], rare[0][1]
    for pair in rare[1:]:
        if held + pair[1] > RARE:
            break
        choosing.append(pair)
        held += pair[1]
    candidates = (
        select(SearchTerm.document_id)
        .where(SearchTerm.kind == KIND, SearchTerm.term.in_(_terms(choosing)))
        .distinct()
        .order_by(SearchTerm.document_id)
        .limit(RARE * 2)
    )
    places = {term: place for place, terms in enumerate(worth) for term in _terms([(terms, 0)])}
    values = list(worth.values())
    rows = await session.execute(
        select(SearchTerm.document_id, SearchTerm.term).where(
            SearchTerm.document_id.in_(candidates), SearchTerm.term.in_(list(places))
        )
    )
    held_by: defaultdict[int, set[int]] = defaultdict(set)
    for document_id, term in rows:
        held_by[document_id].add(places[term])
    scores = {document_id: sum(values[place] for place in sorted(held)) for document_id, held in held_by.items()}
    enough = [number for number, score in scores.items() if score / whole >= least]
    order = sorted(enough, key=lambda document_id: (-scores[document_id], document_id))
    offers: list[Offer] = []
    for start in range(0, len(order), PORTION):
        if len(offers) >= limit * 4:
            break
        published = await session.execute(
            select(SearchDocument.id.label("document"), FaqEntry.id, FaqEntry.question)
            .join(FaqEntry, FaqEntry.id == SearchDocument.object_id)
            .where(
                SearchDocument.id.in_(order[start : start + PORTION]),
                FaqEntry.state == FaqState.published,
                FaqEntry.review_on >= today,
            )
        )
        for row in published:
            own = {stem(word) for word in words(row.question)} - _EMPTY
            # Of two that hold as much the shorter question is the nearer.
            overlap = len(own & set(asked)) / max(1, len(own))
            # One common word is a coincidence, unless hardly more was said.
            alone = len(held_by[row.document]) < 2 and len(asked) > 1 and least >= ENOUGH
            if not alone:
                offers.append(Offer(row.id, row.question, round(scores[row.document] / whole + 0.3 * overlap, 6)))
    return sorted(offers, key=lambda one: (-one.score, one.id))[:limit]


async def _counts(session: AsyncSession, stems: Sequence[str]) -> dict[str, int]:
    """How many documents hold each stem; of more than MANY it is enough to know that they are many."""
    each = [
        _up_to(
            select(SearchTerm.document_id).where(SearchTerm.kind == KIND, SearchTerm.term == one[:32])
        ).scalar_subquery()
        for one in stems
    ]
    counts = (await session.execute(select(*each))).one()
    return {one: count for one, count in zip(stems, counts, strict=True) if count}


async def _misspelt(session: AsyncSession, one: str) -> dict[str, int]:
    """Stems with the same two first letters that differ by one slip."""
    if len(one) < 4 or one.isdigit():
        return {}
    start, end = one[:2], one[0] + chr(ord(one[1]) + 1)
    # From one stem to the next, past all the documents that hold it.
    least = select(func.min(SearchTerm.term)).where(SearchTerm.kind == KIND, SearchTerm.term < end)
    stems = select(least.where(SearchTerm.term >= start).scalar_subquery().label("term")).cte(recursive=True)
    following = least.where(SearchTerm.term > stems.c.term).correlate(stems).scalar_subquery()
    stems = stems.union_all(select(following).where(stems.c.term.is_not(None)))
    near = [term for term in await session.scalars(select(stems.c.term)) if term and search.one_slip(one, term)]
    return await _counts(session, near) if near else {}


def _up_to(rows: Select[int]) -> Select[int]:
    """How many rows, counted no further than MANY."""
    return select(func.count()).select_from(rows.limit(MANY).subquery())


def _terms(pairs: Sequence[tuple[frozenset[str], int]]) -> list[str]:
    return [term[:32] for terms, _ in pairs for term in terms]


async def offered(session: AsyncSession, offers: Sequence[Offer]) -> None:
    """Count what was shown before a question was sent."""
    numbers = [one.id for one in offers]
    await session.execute(update(FaqEntry).where(FaqEntry.id.in_(numbers)).values(offered=FaqEntry.offered + 1))


async def rated(session: AsyncSession, entry_id: int, *, helped: bool) -> None:
    """«Помогло», or a question sent after reading."""
    value = {"helped": FaqEntry.helped + 1} if helped else {"not_helped": FaqEntry.not_helped + 1}
    await session.execute(update(FaqEntry).where(FaqEntry.id == entry_id).values(**value))


async def ready(session: AsyncSession, entry_id: int, *, today: date) -> Ready:
    """A published answer that is not stale. NotFound otherwise."""
    row = await session.scalar(
        select(FaqEntry).where(
            FaqEntry.id == entry_id, FaqEntry.state == FaqState.published, FaqEntry.review_on >= today
        )
    )
    if row is None:
        raise NotFound()
    names = await names_of(session, [row.owner_id])
    return Ready(
        row.id, row.question, row.answer, names.get(row.owner_id or 0, ""), row.checked_on, row.link, row.theme
    )


async def of_theme(session: AsyncSession, theme: TicketTheme, *, today: date, limit: int = 5) -> list[Offer]:
    """The answers of a theme that helped most."""
    rows = await session.execute(
        select(FaqEntry.id, FaqEntry.question)
        .where(FaqEntry.state == FaqState.published, FaqEntry.review_on >= today, FaqEntry.theme == theme)
        .order_by(FaqEntry.helped.desc(), FaqEntry.id)
        .limit(limit)
    )
    return [Offer(row.id, row.question, 0.0) for row in rows]


async def themes(session: AsyncSession, *, today: date) -> list[tuple[TicketTheme, int]]:
    """Themes with published answers, and how many."""
    rows = await session.execute(
        select(FaqEntry.theme, func.count())
        .where(FaqEntry.state == FaqState.published, FaqEntry.review_on >= today)
        .group_by(FaqEntry.theme)
    )
    held = dict(rows.all())
    return [(theme, held[theme]) for theme in TicketTheme if theme in held]


# --- making ------------------------------------------------------------------------------------------


async def candidate(session: AsyncSession, scope: Scope, ticket_id: int, *, now: datetime) -> Preview:
    """One tap: the question and its last answer without names, schools and contacts. Again gives the same one."""
    scope.require(Right.hotline_answer)
    ticket = await locked(session, ticket_id)
    if ticket.state not in DONE or ticket.answered_at is None:
        raise UserError("hotline-not-answered")
    row = await session.scalar(select(FaqEntry).where(FaqEntry.ticket_id == ticket_id))
    if row is None:
        talk = await pieces(session, ticket_id)
        answers = [piece.text for piece in talk if piece.whose is Whose.answer and piece.text]
        if not answers:
            raise UserError("hotline-not-answered")
        row = FaqEntry(
            ticket_id=ticket_id,
            theme=ticket.theme,
            subject_slug=ticket.subject_slug,
            question=nameless(words_of(talk)).strip(),
            answer=nameless(answers[-1]).strip(),
            owner_id=scope.person_id,
            created_at=now,
        )
        session.add(row)
        if ticket.state is not TicketState.faq:
            move(session, ticket, "faq-candidate", TicketState.faq_candidate, now=now, actor_id=scope.person_id)
            ticket.closed_at = ticket.closed_at or now
    await session.flush()
    return _preview(row)


async def ask_author(session: AsyncSession, scope: Scope, entry_id: int, *, now: datetime, speak: Speak) -> None:
    """The author sees what everybody would see, and decides."""
    scope.require(Right.hotline_answer)
    row = await _entry(session, entry_id)
    if row.state is not FaqState.candidate or row.ticket_id is None:
        raise UserError("hotline-faq-asked")
    ticket = await session.get_one(Ticket, row.ticket_id)
    if ticket.author_id is None:
        raise UserError("hotline-faq-no-author")
    _require_clean(row)
    row.state = FaqState.asked
    notice = Notice(NoticeKind.publish, no=row.id, text=row.question)
    await tell(session, ticket.author_id, speak(notice), kind=notice.kind, dedupe=f"publish:{row.id}", now=now)


async def author_says(session: AsyncSession, person_id: int, entry_id: int, *, agree: bool, now: datetime) -> None:
    """«Можно показать», «Не показывать»; the refusal may come later too and takes the answer away."""
    row = await _entry(session, entry_id)
    ticket = await session.get(Ticket, row.ticket_id) if row.ticket_id else None
    if ticket is None or ticket.author_id != person_id:
        raise NotFound()
    if agree and row.state is FaqState.asked:
        row.state = FaqState.agreed
    elif not agree:
        row.state = FaqState.refused
        await search.drop(session, KIND, row.id)
        if ticket.state in (TicketState.faq, TicketState.faq_candidate):
            move(session, ticket, "faq-refused", TicketState.closed, now=now, actor_id=person_id)
    await session.flush()


async def author_rewrites(session: AsyncSession, person_id: int, entry_id: int, text: str, *, now: datetime) -> str:
    """«Поправить»: her own words for her question, without anybody's data; with that she agrees."""
    row = await _entry(session, entry_id)
    ticket = await session.get(Ticket, row.ticket_id) if row.ticket_id else None
    if ticket is None or ticket.author_id != person_id or row.state is not FaqState.asked:
        raise NotFound()
    if not text.strip():
        raise UserError("error-needs-text")
    row.question = nameless(text.strip())
    row.state = FaqState.agreed
    await session.flush()
    return row.question


async def write(
    session: AsyncSession,
    scope: Scope,
    *,
    question: str,
    answer: str,
    theme: TicketTheme,
    today: date,
    now: datetime,
    link: str = "",
    entry_id: int | None = None,
    review_on: date | None = None,
) -> int:
    """A ready answer written or edited by the centre. What was agreed with an author may be edited, never undone."""
    require_manager(scope)
    question, answer = question.strip(), answer.strip()
    if not question or not answer:
        raise UserError("hotline-faq-empty")
    if link and not link.startswith(("https://", "http://")):
        raise UserError("hotline-faq-link")
    if entry_id is None:
        row = FaqEntry(theme=theme, question=question, answer=answer, owner_id=scope.person_id, created_at=now)
        row.state = FaqState.agreed
        session.add(row)
    else:
        row = await _entry(session, entry_id)
        row.question, row.answer, row.theme = question, answer, theme
    row.link = link
    row.review_on = review_on or row.review_on
    _require_clean(row)
    await session.flush()
    if row.state is FaqState.published:
        row.checked_on = today
        await _index(session, row)
    audit.changed(session, scope, "faq", row.id, "edited", now=now)
    return row.id


async def publish(session: AsyncSession, scope: Scope, entry_id: int, *, today: date, now: datetime) -> None:
    """From now on it is found and offered; only with the author's agreement, and with nobody's data in it."""
    require_manager(scope)
    row = await _entry(session, entry_id)
    if row.state is FaqState.published:
        return
    if row.state not in (FaqState.agreed, FaqState.withdrawn):
        raise UserError("hotline-faq-not-agreed")
    _require_clean(row)
    row.state, row.published_at, row.checked_on = FaqState.published, now, today
    row.review_on = today + REVIEW_AFTER if row.review_on is None or row.review_on <= today else row.review_on
    if row.ticket_id is not None:
        ticket = await locked(session, row.ticket_id)
        if ticket.state in DONE and ticket.state is not TicketState.faq:
            move(session, ticket, "faq", TicketState.faq, now=now, actor_id=scope.person_id)
    await _index(session, row)
    audit.changed(session, scope, "faq", row.id, "published", now=now)
    await session.flush()


async def checked(session: AsyncSession, scope: Scope, entry_id: int, *, today: date, now: datetime) -> None:
    """«Проверено»: good for another year."""
    require_manager(scope)
    row = await _entry(session, entry_id)
    row.checked_on, row.review_on = today, today + REVIEW_AFTER
    audit.changed(session, scope, "faq", row.id, "checked", now=now)
    await session.flush()


async def withdraw(session: AsyncSession, scope: Scope, entry_id: int, *, now: datetime) -> None:
    """Nobody is offered it any more; the row stays."""
    require_manager(scope)
    row = await _entry(session, entry_id)
    if row.state is FaqState.published:
        row.state = FaqState.withdrawn
        await search.drop(session, KIND, row.id)
        audit.changed(session, scope, "faq", row.id, "withdrawn", now=now)
    await session.flush()


async def preview(session: AsyncSession, scope: Scope, entry_id: int) -> Preview:
    """For the methodist who proposes it."""
    scope.require(Right.hotline_answer)
    return _preview(await _entry(session, entry_id))


async def listed(
    session: AsyncSession, scope: Scope, state: FaqState | None, page: int, *, size: int = 50
) -> tuple[list[FaqEntry], int]:
    """Ready answers for the admin, those to look at first; two statements."""
    scope.require(Right.hotline_answer)
    where = [FaqEntry.state == state] if state is not None else []
    total = await session.scalar(select(func.count()).select_from(FaqEntry).where(*where)) or 0
    rows = await session.scalars(
        select(FaqEntry).where(*where).order_by(FaqEntry.review_on, FaqEntry.id).limit(size).offset(page * size)
    )
    return list(rows), total


async def entry(session: AsyncSession, scope: Scope, entry_id: int) -> FaqEntry:
    """One for the form of the admin."""
    scope.require(Right.hotline_answer)
    return await _entry(session, entry_id)


async def index_all(session: AsyncSession) -> int:
    """Make every published answer findable (after an import)."""
    rows = list(await session.scalars(select(FaqEntry).where(FaqEntry.state == FaqState.published)))
    await search.index_many(session, KIND, {row.id: _text(row) for row in rows}, trigrams_too=False)
    return len(rows)


async def index_some(session: AsyncSession, numbers: Sequence[int]) -> None:
    """The same for some of them."""
    rows = await session.scalars(select(FaqEntry).where(FaqEntry.id.in_(numbers)))
    await search.index_many(session, KIND, {row.id: _text(row) for row in rows}, trigrams_too=False)


async def _index(session: AsyncSession, row: FaqEntry) -> None:
    await search.index(session, KIND, row.id, _text(row), trigrams_too=False)


def _text(row: FaqEntry) -> str:
    return folded(f"{row.question} {row.answer}")


async def _entry(session: AsyncSession, entry_id: int) -> FaqEntry:
    row = await session.get(FaqEntry, entry_id)
    if row is None:
        raise NotFound()
    return row


def _require_clean(row: FaqEntry) -> None:
    """Nobody's data goes out, whoever has agreed to it."""
    for text in (row.question, row.answer):
        found = personal(text)
        if found:
            raise UserError("hotline-faq-personal", found=", ".join(text[one.start : one.end] for one in found)[:120])


def _preview(row: FaqEntry) -> Preview:
    return Preview(row.id, row.question, row.answer, row.ticket_id or 0, row.state)
