"""Municipalities, organisations, positions and subjects, for choosing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.models import Municipality, Organisation, Position, Subject
from bot.rules.words import folded, words
from bot.services import search

ORGANISATION = "organisation"

QUERY = 200
"""Characters of a query that are looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as it is offered."""

    id: int
    name: str
    municipality: str
    municipality_id: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A municipality, position or subject as it is offered."""

    key: str
    title: str


FORMS = frozenset({
    "мбоу", "моу", "маоу", "гбоу", "огбоу", "мкоу", "мку", "мбдоу", "мдоу", "мадоу", "мбудо", "мбу", "гапоу", "огбпоу",
    "спо", "номер", "ном", "г", "гор", "город", "с", "д", "в", "пос", "дер",
})  # fmt: skip
"""Legal forms and small words of an address: nobody looks for them, and names of ours do without."""

SHORT = {
    "сош": "школа", "сш": "школа", "оош": "школа", "нош": "школа", "ош": "школа",
    "детсад": "детский сад", "дс": "детский сад", "доу": "детский сад",
    "ддт": "дом детского творчества", "цдт": "центр детского творчества", "дют": "дворец творчества",
}  # fmt: skip
"""Abbreviations of everyday speech."""

_garden = re.compile(r"\bд\s*/\s*с\b", re.IGNORECASE)


def asked_for(query: str) -> str:
    """The words of a query that name a place: «МБОУ СОШ № 16» → «школа 16»."""
    said = words(_garden.sub(" дс ", query[:QUERY]))
    meant = [SHORT.get(word, word) for word in said if word not in FORMS]
    return " ".join(meant or said)


async def find_organisations(
    session: AsyncSession, query: str, *, municipality_id: int | None = None, limit: int = 5, offset: int = 0
) -> list[Place]:
    """The best organisations for typed words."""
    among = None
    if municipality_id is not None:
        among = select(Organisation.id).where(Organisation.municipality_id == municipality_id)
    found = await search.find(session, ORGANISATION, asked_for(query), limit=offset + limit, among=among)
    ids = [object_id for object_id, _ in found[offset:]]
    rows = await session.scalars(
        select(Organisation).where(Organisation.id.in_(ids)).options(joinedload(Organisation.municipality))
    )
    places = {row.id: _place(row) for row in rows}
    return [places[number] for number in ids if number in places]


async def organisations_of(
    session: AsyncSession, municipality_id: int, *, page: int = 0, size: int = 5
) -> tuple[list[Place], int]:
    """A page of a municipality's organisations by name, and how many there are."""
    total = await session.scalar(
        select(func.count()).select_from(Organisation).where(Organisation.municipality_id == municipality_id)
    )
    rows = await session.scalars(
        select(Organisation)
        .where(Organisation.municipality_id == municipality_id)
        .options(joinedload(Organisation.municipality))
        .order_by(Organisation.sort, Organisation.id)
        .offset(page * size)
        .limit(size)
    )
    return [_place(row) for row in rows], int(total or 0)


async def organisation(session: AsyncSession, organisation_id: int) -> Place | None:
    """One organisation."""
    row = await session.scalar(
        select(Organisation).where(Organisation.id == organisation_id).options(joinedload(Organisation.municipality))
    )
    return _place(row) if row else None


async def municipalities(session: AsyncSession) -> list[Choice]:
    """All of them, in order."""
    rows = await session.execute(select(Municipality.id, Municipality.name).order_by(Municipality.sort))
    return [Choice(str(number), name) for number, name in rows]


async def add_by_hand(session: AsyncSession, name: str, municipality_id: int, *, now: datetime) -> Organisation:
    """A place that a person did not find: usable at once, approved later."""
    same = await session.scalar(
        select(Organisation).where(Organisation.municipality_id == municipality_id, Organisation.sort == folded(name))
    )
    if same is not None:
        return same
    row = Organisation(
        name=name,
        short_name=name,
        kind="other",
        municipality_id=municipality_id,
        search=folded(name),
        sort=folded(name),
    )
    session.add(row)
    await session.flush()
    await search.index(session, ORGANISATION, row.id, name)
    return row


async def positions(session: AsyncSession) -> list[Choice]:
    """Posts, the usual ones first."""
    rows = await session.execute(select(Position.slug, Position.title).order_by(Position.place, Position.slug))
    return [Choice(slug, title) for slug, title in rows]


async def subjects(session: AsyncSession) -> list[Choice]:
    """School subjects, the usual ones first."""
    rows = await session.execute(select(Subject.slug, Subject.title).order_by(Subject.place, Subject.slug))
    return [Choice(slug, title) for slug, title in rows]


def match(choices: Sequence[Choice], text: str) -> Choice | None:
    """The choice a person typed: exactly, or by a unique beginning."""
    said = folded(text)
    if not said:
        return None
    exact = [choice for choice in choices if folded(choice.title) == said]
    begun = exact or [choice for choice in choices if folded(choice.title).startswith(said)]
    return begun[0] if len(begun) == 1 or exact else None


def match_part(choices: Sequence[Choice], text: str) -> Choice | None:
    """Like ``match``, but any run of words will do: «смоленск» is the city, «вязем» the district."""
    said = folded(text)
    titles = [(choice, f" {folded(choice.title)} ") for choice in choices]
    tries = (f" {said} ", f" {said}") if len(said) >= 3 else ()
    for part in tries:
        within = [choice for choice, title in titles if part in title]
        if len(within) == 1:
            return within[0]
    return match(choices, text)


def _place(row: Organisation) -> Place:
    return Place(row.id, row.short_name, row.municipality.name, row.municipality_id)
