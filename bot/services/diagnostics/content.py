"""Published content of a version as frozen values: read once, it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.models import Direction, Instrument, InstrumentKind, InstrumentVersion, VersionGroup, VersionState
from bot.models import Item as ItemRow


@dataclass(frozen=True, slots=True)
class Item:
    """A statement or task; ``place`` counts from 0. The key never leaves the server (nor shows in a repr)."""

    id: int
    code: str
    kind: str
    text: str
    short: str
    texts: Mapping[str, str]
    place: int
    group_id: int
    options: tuple[str, ...] = ()
    answer_key: Mapping[str, Any] = field(default_factory=dict, repr=False)
    max_points: float = 4.0

    def wording(self, audience: str) -> str:
        """The text for teachers, preschool …"""
        return self.texts.get(audience, self.text)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of items with its own error of measurement where it is known."""

    id: int
    slug: str
    title: str
    weight: float
    sem: float | None
    items: tuple[Item, ...]

    @property
    def item_ids(self) -> list[int]:
        return [item.id for item in self.items]


@dataclass(frozen=True, slots=True)
class Content:
    """One version of an instrument."""

    version_id: int
    instrument_id: int
    slug: str
    title: str
    audience: str
    kind: InstrumentKind
    number: int
    state: VersionState
    is_demo: bool
    direction: Direction
    instruction: str
    minutes: int
    scale: tuple[str, ...]
    cuts: Mapping[str, float]
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    by_id: Mapping[int, Item] = field(repr=False)
    form: str = ""
    subject: str = ""
    time_limit: int | None = None

    def group_of(self, item: Item) -> Group:
        """The group an item belongs to."""
        return next(group for group in self.groups if group.id == item.group_id)

    @property
    def unverified(self) -> bool:
        """True until a protocol says otherwise: the result carries a line about it."""
        return self.state is not VersionState.verified


UNPUBLISHED = (VersionState.draft, VersionState.review)
"""States in which a version may still change, so that nothing of it is held."""

# Per database (tests have many); published versions are immutable; only their state moves on (``fresh``).
_contents: WeakKeyDictionary[Engine, dict[int, Content]] = WeakKeyDictionary()
_of_item: WeakKeyDictionary[Engine, dict[int, int]] = WeakKeyDictionary()


async def content_of(session: AsyncSession, version_id: int) -> Content:
    """The content of a version; raises NoResultFound for an unknown one."""
    held = _contents.setdefault(_engine(session), {})
    content = held.get(version_id)
    if content is None:
        content = await _load(session, version_id)
        if content.state in UNPUBLISHED:
            return content
        held[version_id] = content
        _of_item.setdefault(_engine(session), {}).update((item.id, version_id) for item in content.items)
    return content


async def version_of_item(session: AsyncSession, item_id: int) -> int | None:
    """The version an item belongs to."""
    held = _of_item.setdefault(_engine(session), {})
    if item_id not in held:
        version_id = await session.scalar(select(ItemRow.version_id).where(ItemRow.id == item_id))
        if version_id is None:
            return None
        await content_of(session, version_id)
    return held.get(item_id)


async def published(session: AsyncSession, audience: str) -> Content | None:
    """The newest questionnaire on offer for an audience: verified before trial."""
    version_id = await session.scalar(
        select(InstrumentVersion.id)
        .join(Instrument)
        .where(
            Instrument.audience == audience,
            Instrument.kind == InstrumentKind.self_likert,
            InstrumentVersion.state.in_((VersionState.verified, VersionState.trial)),
            InstrumentVersion.published_at.is_not(None),
        )
        .order_by(
            (InstrumentVersion.state == VersionState.verified).desc(),
            InstrumentVersion.number.desc(),
            InstrumentVersion.id.desc(),
        )
        .limit(1)
    )
    return await content_of(session, version_id) if version_id is not None else None


async def forms_of(session: AsyncSession, instrument_id: int) -> list[Content]:
    """The newest version on offer of each parallel form, by the name of the form."""
    rows = await session.execute(
        select(InstrumentVersion.id, InstrumentVersion.form)
        .where(
            InstrumentVersion.instrument_id == instrument_id,
            InstrumentVersion.state.in_((VersionState.verified, VersionState.trial)),
            InstrumentVersion.published_at.is_not(None),
        )
        .order_by((InstrumentVersion.state == VersionState.verified).desc(), InstrumentVersion.number.desc())
    )
    newest: dict[str, int] = {}
    for version_id, form in rows:
        newest.setdefault(form, version_id)
    return [await content_of(session, newest[form]) for form in sorted(newest)]


async def fresh(session: AsyncSession, content: Content) -> Content:
    """The same content with its state as it is now: another process may have verified it."""
    state = await session.scalar(select(InstrumentVersion.state).where(InstrumentVersion.id == content.version_id))
    return content if state is None or state is content.state else replace(content, state=state)


async def known_errors(session: AsyncSession, version_id: int) -> dict[int, float | None]:
    """Group → error of measurement as it stands now, whatever process computed it."""
    rows = await session.execute(select(VersionGroup.id, VersionGroup.sem).where(VersionGroup.version_id == version_id))
    return dict(rows.all())


def forget_contents() -> None:
    """Drop what is held (a restore put another database in place)."""
    _contents.clear()
    _of_item.clear()


def _engine(session: AsyncSession) -> Engine:
    # The writing and the reading session of one database share neither engine nor harm: two small dicts.
    engine = session.get_bind()
    return engine if isinstance(engine, Engine) else engine.engine


async def _load(session: AsyncSession, version_id: int) -> Content:
    version = (
        await session.scalars(
            select(InstrumentVersion)
            .where(InstrumentVersion.id == version_id)
            .options(
                joinedload(InstrumentVersion.instrument),
                selectinload(InstrumentVersion.groups),
                selectinload(InstrumentVersion.items),
            )
        )
    ).one()
    items = tuple(
        Item(
            row.id,
            row.code,
            row.kind,
            row.text,
            row.short or row.text,
            dict(row.texts),
            row.place,
            row.group_id,
            tuple(str(option) for option in row.options),
            MappingProxyType(dict(row.answer_key)),
            row.max_points,
        )
        for row in version.items
    )
    groups = tuple(
        Group(g.id, g.slug, g.title, g.weight, g.sem, tuple(item for item in items if item.group_id == g.id))
        for g in version.groups
    )
    return Content(
        version_id=version.id,
        instrument_id=version.instrument_id,
        slug=version.instrument.slug,
        title=version.instrument.title,
        audience=version.instrument.audience,
        kind=version.instrument.kind,
        number=version.number,
        state=version.state,
        is_demo=version.instrument.is_demo,
        direction=version.direction,
        instruction=version.instruction,
        minutes=version.minutes,
        scale=tuple(str(label) for label in version.scale),
        cuts={name: float(value) for name, value in version.cuts.items()},
        groups=groups,
        items=items,
        by_id={item.id: item for item in items},
        form=version.form,
        subject=version.instrument.subject,
        time_limit=version.time_limit,
    )
