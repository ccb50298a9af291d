"""«Тексты»: wording of staff over the shipped one, checked before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database, touch
from bot.errors import NotFound
from bot.i18n import BASE, Texts
from bot.models import TextOverride
from bot.rules import wording
from bot.rules.words import folded
from bot.services import audit
from bot.services.access import Right, Scope

FOR_STAFF = ("admin", "backup", "command", "data", "demo", "doctor", "import", "migrate", "pack", "restore")
"""First words of the keys that only staff and operators read."""

TEXTS = "texts"
"""Topic of ``touch``: some wording changed."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as the product ships it and, where staff changed it, as it is now."""

    key: str
    shipped: str
    own: str | None
    changed_at: datetime | None = None
    changed_by_id: int | None = None

    @property
    def now(self) -> str:
        """What people read."""
        return self.shipped if self.own is None else self.own


class WordingRefused(Exception):
    """The wording breaks the rules; ``problems`` say how."""

    def __init__(self, problems: list[wording.Problem]) -> None:
        super().__init__(", ".join(problem.kind for problem in problems))
        self.problems = problems


async def overrides(session: AsyncSession) -> dict[str, dict[str, str]]:
    """Locale → key → pattern, for ``Texts.override``."""
    found: dict[str, dict[str, str]] = {}
    for locale, key, text in await session.execute(select(TextOverride.locale, TextOverride.key, TextOverride.text)):
        found.setdefault(locale, {})[key] = text
    return found


async def refresh(db: Database, texts: Texts) -> None:
    """Put the stored wording on top of the shipped one; keys that the product no longer has are left out."""
    async with db.read() as session:
        stored = await overrides(session)
    texts.override(
        {
            locale: {key: text for key, text in items.items() if texts.shipped(key, locale) is not None}
            for locale, items in stored.items()
        }
    )


async def listed(
    session: AsyncSession,
    scope: Scope,
    texts: Texts,
    *,
    query: str = "",
    subject: str = "",
    changed_only: bool = False,
    locale: str = BASE,
) -> list[Wording]:
    """Texts by key; ``query`` is looked for in the wording and the key, ``subject`` is the first word of the key."""
    scope.require(Right.texts_edit)
    stored = await _stored(session, locale)
    asked = folded(query)
    found: list[Wording] = []
    # People read the chat; the words of these very pages and of the commands stand last.
    for key in sorted(texts.keys(locale), key=lambda key: (subject_of(key) in FOR_STAFF, key)):
        if subject and subject_of(key) != subject:
            continue
        if changed_only and key not in stored:
            continue
        one = _wording(texts, stored, key, locale)
        if asked and asked not in folded(one.now) and query.strip().casefold() not in key:
            continue
        found.append(one)
    return found


async def one(session: AsyncSession, scope: Scope, texts: Texts, key: str, *, locale: str = BASE) -> Wording:
    """One text; NotFound for a key the product does not have."""
    scope.require(Right.texts_edit)
    if texts.shipped(key, locale) is None:
        raise NotFound()
    return _wording(texts, await _stored(session, locale), key, locale)


async def save(
    session: AsyncSession,
    scope: Scope,
    texts: Texts,
    key: str,
    text: str,
    *,
    now: datetime,
    locale: str = BASE,
) -> None:
    """Keep a wording; the shipped one again is a restore. WordingRefused when it breaks the rules."""
    scope.require(Right.texts_edit)
    shipped = texts.shipped(key, locale)
    if shipped is None:
        raise NotFound()
    text = tidy(text)
    if text == shipped:
        await restore(session, scope, texts, key, now=now, locale=locale)
        return
    problems = wording.check(key, text, shipped, has_title=texts.shipped(_title_of(key), locale) is not None)
    if problems:
        raise WordingRefused(problems)
    row = await session.get(TextOverride, (locale, key))
    if row is None:
        row = TextOverride(locale=locale, key=key, text=text, changed_at=now)
        session.add(row)
    row.text, row.changed_at, row.changed_by_id = text, now, scope.person_id
    audit.changed(session, scope, "text", 0, "saved", now=now, after={"key": key, "locale": locale})
    await session.flush()
    touch(session, TEXTS)


async def restore(
    session: AsyncSession, scope: Scope, texts: Texts, key: str, *, now: datetime, locale: str = BASE
) -> None:
    """The shipped wording again; nothing happens where it stands already."""
    scope.require(Right.texts_edit)
    if await session.get(TextOverride, (locale, key)) is None:
        return
    await session.execute(delete(TextOverride).where(TextOverride.locale == locale, TextOverride.key == key))
    audit.changed(session, scope, "text", 0, "restored", now=now, after={"key": key, "locale": locale})
    await session.flush()
    touch(session, TEXTS)


def tidy(text: str) -> str:
    """Text of a form: one kind of line end, nothing invisible at the ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def subjects(texts: Texts, *, locale: str = BASE) -> list[str]:
    """First words of the keys, for choosing."""
    return sorted({subject_of(key) for key in texts.keys(locale)})


def subject_of(key: str) -> str:
    """``diagnostics`` of ``diagnostics-result.title``."""
    return key.partition(".")[0].partition("-")[0]


async def _stored(session: AsyncSession, locale: str) -> Mapping[str, TextOverride]:
    rows = await session.scalars(select(TextOverride).where(TextOverride.locale == locale))
    return {row.key: row for row in rows}


def _wording(texts: Texts, stored: Mapping[str, TextOverride], key: str, locale: str) -> Wording:
    shipped = texts.shipped(key, locale) or ""
    row = stored.get(key)
    if row is None:
        return Wording(key, shipped, None)
    return Wording(key, shipped, row.text, row.changed_at, row.changed_by_id)


def _title_of(key: str) -> str:
    return f"{key.partition('.')[0]}.title"
