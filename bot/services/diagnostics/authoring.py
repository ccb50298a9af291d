"""Instruments come from YAML files and become immutable versions; the list and the preview of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Item,
    Purpose,
    VersionGroup,
    VersionState,
)
from bot.questions import KINDS
from bot.services.access import Right, Scope
from bot.services.diagnostics.content import Content, content_of
from bot.services.diagnostics.source import InstrumentFile, digest, problems_of, read_yaml, refuse


async def load_instruments(session: AsyncSession, folder: Path, *, now: datetime) -> int:
    """Publish every new version of the folder's files; how many were new. Loading again changes nothing.

    Raises UserError for a broken file and for a published version whose content was changed.
    """
    return sum([await load_file(session, path, now=now) for path in files_of(folder)])


def files_of(folder: Path) -> list[Path]:
    """Instrument files, in the order of their names."""
    return sorted(folder.glob("*.yaml"))


def read_file(path: Path) -> InstrumentFile:
    """Read and check a file; raises UserError that names the place and what to do."""
    return read_yaml(path.read_bytes(), path.name)


async def load_file(session: AsyncSession, path: Path, *, now: datetime) -> bool:
    """Publish one file; False when exactly this version is there already."""
    source = read_file(path)
    refuse(problems_of(source))
    content_hash = digest(source)
    instrument = await instrument_of(session, source)
    version = await session.scalar(
        select(InstrumentVersion).where(
            InstrumentVersion.instrument_id == instrument.id, InstrumentVersion.number == source.version
        )
    )
    if version is not None:
        if version.content_hash != content_hash:
            raise UserError("diagnostics-file-changed", file=path.name, version=str(source.version))
        return False
    version = InstrumentVersion(
        instrument_id=instrument.id,
        number=source.version,
        state=source.state,
        cuts={},
        scale=[],
        content_hash="",
        published_at=None if source.state in (VersionState.draft, VersionState.review) else now,
    )
    session.add(version)
    await session.flush()
    await fill(session, version, source)
    return True


async def instrument_of(session: AsyncSession, source: InstrumentFile) -> Instrument:
    """The instrument of a file by its name in code, made where it is new."""
    instrument = await session.scalar(select(Instrument).where(Instrument.slug == source.slug))
    if instrument is None:
        instrument = Instrument(
            slug=source.slug,
            title=source.title,
            audience=source.audience,
            kind=source.kind,
            subject=source.subject,
            is_demo=source.demo,
        )
        session.add(instrument)
        await session.flush()
    elif instrument.kind is not source.kind:
        raise UserError("diagnostics-other-kind", title=instrument.title)
    return instrument


async def fill(session: AsyncSession, version: InstrumentVersion, source: InstrumentFile) -> None:
    """Write the content of a version that has none yet."""
    version.form = source.form
    version.direction = source.direction
    version.instruction = source.instruction
    version.cuts = dict(source.bounds)
    version.scale = list(source.scale)
    version.minutes = source.minutes
    version.time_limit = source.time_limit
    version.content_hash = digest(source)
    place = 0
    for number, group in enumerate(source.groups):
        row = VersionGroup(version_id=version.id, slug=group.slug, title=group.title, weight=group.weight, place=number)
        session.add(row)
        await session.flush()
        for item in group.items:
            kind = KINDS.get(item.kind)
            session.add(
                Item(
                    version_id=version.id,
                    group_id=row.id,
                    code=item.code,
                    kind=item.kind,
                    text=item.text,
                    short=item.short,
                    texts=item.wordings,
                    options=list(item.options),
                    answer_key=kind.key(item.key) if kind else {},
                    max_points=item.max_points,
                    place=place,
                )
            )
            place += 1
    await session.flush()


@dataclass(frozen=True, slots=True)
class InstrumentLine:
    """A line of the list of instruments."""

    version_id: int
    title: str
    kind: InstrumentKind
    form: str
    audience: str
    number: int
    state: VersionState
    is_demo: bool
    items: int
    finished: int


async def list_instruments(session: AsyncSession, scope: Scope) -> list[InstrumentLine]:
    """Every version with its size and the number of finished attempts («для себя» left out)."""
    scope.require(Right.instruments_see)
    counts = select(Item.version_id, func.count().label("size")).group_by(Item.version_id).subquery()
    finished = (
        select(Attempt.version_id, func.count().label("finished"))
        .where(Attempt.state == AttemptState.finished, Attempt.purpose != Purpose.trial)
        .group_by(Attempt.version_id)
        .subquery()
    )
    rows = await session.execute(
        select(InstrumentVersion, Instrument, counts.c.size, finished.c.finished)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .outerjoin(counts, counts.c.version_id == InstrumentVersion.id)
        .outerjoin(finished, finished.c.version_id == InstrumentVersion.id)
        .order_by(Instrument.audience.desc(), Instrument.title, InstrumentVersion.number.desc())
    )
    return [
        InstrumentLine(
            v.id, i.title, i.kind, v.form, i.audience, v.number, v.state, i.is_demo, int(items or 0), int(done or 0)
        )
        for v, i, items, done in rows
    ]


async def preview(session: AsyncSession, scope: Scope, version_id: int) -> Content:
    """The content of any version, for «как в чате»."""
    scope.require(Right.instruments_see)
    if await session.get(InstrumentVersion, version_id) is None:
        raise NotFound()
    return await content_of(session, version_id)
