"""The bank of the demonstration: practices that are published, some with words of colleagues, some that wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.models import (
    CompetenceGroup,
    ConsentKind,
    FactKind,
    Identity,
    Messenger,
    Person,
    Practice,
    PracticeReview,
    PracticeState,
    PracticeUse,
    ReviewVerdict,
    Subject,
)
from bot.rules.events import certificate_number
from bot.rules.practices import CRITERIA
from bot.rules.words import folded
from bot.services import consents, facts
from bot.services.data_files import Entry, read
from bot.services.practices import entry

PATH = ROOT / "data" / "demo" / "practices.yaml"
WORDS = (
    "Попробовала в своём классе: первую неделю непривычно, потом дети напоминают сами.",
    "Взял для шестого класса, шаги сократил до двух. Работает.",
    "Применила на двух параллелях, разница видна в тетрадях.",
)


async def add(session: AsyncSession, rng: Random, staff: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Everything; authors and readers are registered people who are no staff."""
    hired = {person_id for _, person_id in staff}
    registered = select(Identity.person_id)
    known = select(Person.id).where(Person.id.in_(registered)).order_by(Person.id).limit(90)
    people = list(await session.scalars(known))
    authors = [one for one in people if one not in hired]
    experts = [person_id for role, person_id in staff if role in ("methodist", "centre_staff", "duty")][:2]
    if len(authors) < 8 or len(experts) < 2:
        return
    book = read(PATH)
    subjects = set(await session.scalars(select(Subject.slug)))
    groups = set(await session.scalars(select(CompetenceGroup.slug)))
    for number, one in enumerate(book.entries("practices")):
        author = authors[number]
        day = now - timedelta(days=20 + 30 * number)
        row = await _row(session, one, author, subjects, day)
        row.state, row.published_at, row.updated_at = PracticeState.published, day, day
        row.reviewed = one.need("reviewed", bool)
        row.certificate_no = certificate_number(day.year, rng.getrandbits(50))
        group = one.need("group", str)
        row.group_slug = group if group in groups else None
        if number % 2 == 0:
            row.named = True
            await consents.give(session, author, ConsentKind.publish, messenger=Messenger.web, now=day)
        await session.flush()
        evidence = {"reviewed": row.reviewed}
        await facts.add(
            session, author, FactKind.practice_published, occurred_on=day.date(), source=("practice", row.id), now=day,
            evidence=evidence,
        )  # fmt: skip
        if row.reviewed:
            await _judged(session, rng, row, experts, day)
        for place in range(one.need("uses", int)):
            reader, when = authors[-1 - place], day + timedelta(days=4 + place)
            use = PracticeUse(practice_id=row.id, person_id=reader, text=WORDS[place], named=False, at=when)
            session.add(use)
            await session.flush()
            await facts.add(
                session, reader, FactKind.practice_applied, occurred_on=when.date(), source=("practice_use", use.id),
                now=when,
            )  # fmt: skip
        await entry.refresh(session, row)
    for number, one in enumerate(book.entries("waiting"), start=4):
        row = await _row(session, one, authors[number], subjects, now - timedelta(days=number))
        row.state, row.due_on = PracticeState.review, (now + timedelta(days=9)).date()
        await session.flush()
        if number == 4:
            session.add(
                PracticeReview(
                    practice_id=row.id, expert_id=experts[0], round=1, due_on=row.due_on, marks={}, assigned_at=now
                )
            )
    await session.flush()


async def _row(session: AsyncSession, one: Entry, author: int, subjects: set[str], day: datetime) -> Practice:
    place = await facts.place_of(session, author, on=day.date())
    slug = one.maybe("subject", str, "")
    row = Practice(
        author_id=author, title=one.need("title", str), search=folded(one.need("title", str)),
        problem=one.need("problem", str), actions=one.need("actions", str).strip(), outcome=one.need("outcome", str),
        subject_slug=slug if slug in subjects else None, grades=one.need("grades", str), agreed_at=day, round=1,
        sent_at=day - timedelta(days=9), due_on=day.date(), organisation_id=place[0], municipality_id=place[1],
        is_demo=True, created_at=day - timedelta(days=10), updated_at=day, state=PracticeState.review,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def _judged(session: AsyncSession, rng: Random, row: Practice, experts: Sequence[int], day: datetime) -> None:
    for expert in experts:
        review = PracticeReview(
            practice_id=row.id, expert_id=expert, round=1, due_on=day.date(), verdict=ReviewVerdict.accept,
            marks={name: rng.choice((1, 2, 2)) for name in CRITERIA}, assigned_at=day - timedelta(days=8), done_at=day,
        )  # fmt: skip
        session.add(review)
        await session.flush()
        await facts.add(
            session, expert, FactKind.practice_reviewed, occurred_on=day.date(),
            source=("practice_review", review.id), now=day,
        )  # fmt: skip
