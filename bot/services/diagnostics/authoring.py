"""Instruments come from YAML files and become immutable versions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, UserError
from bot.models import (
    Attempt,
    AttemptState,
    Direction,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Item,
    Purpose,
    VersionGroup,
    VersionState,
)
from bot.services.access import Right, Scope
from bot.services.diagnostics.content import Content, content_of


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ItemFile(_Strict):
    """A statement of a file."""

    code: str = Field(min_length=1, max_length=16)
    text: str = Field(min_length=3, max_length=600)
    short: str = Field("", max_length=60)
    preschool: str = Field("", max_length=600)


class GroupFile(_Strict):
    """A group of a file."""

    slug: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    code: str = ""
    title: str = Field(min_length=1, max_length=60)
    weight: float = Field(1.0, gt=0)
    items: list[ItemFile] = Field(min_length=1)


class InstrumentFile(_Strict):
    """An instrument file of ``data/instruments``."""

    slug: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    title: str = Field(min_length=3)
    audience: str = Field(pattern=r"^[a-z_]{1,32}$")
    kind: InstrumentKind
    demo: bool = False
    version: int = Field(ge=1)
    state: VersionState = VersionState.draft
    direction: Direction = Direction.competence
    minutes: int = Field(7, ge=1, le=120)
    instruction: str = ""
    scale: list[str] = Field(min_length=5, max_length=5)
    cuts: dict[str, float]
    groups: list[GroupFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> InstrumentFile:
        if set(self.cuts) != {"minimal", "low", "middle"}:
            raise ValueError("cuts: minimal, low, middle")
        if not 100 >= self.cuts["minimal"] > self.cuts["low"] > self.cuts["middle"] >= 0:
            raise ValueError("cuts: 100 ≥ minimal > low > middle ≥ 0")
        codes = [item.code for group in self.groups for item in group.items]
        if len(set(codes)) != len(codes):
            raise ValueError("code: twice")
        if len({group.slug for group in self.groups}) != len(self.groups):
            raise ValueError("groups: slug twice")
        return self


async def load_instruments(session: AsyncSession, folder: Path, *, now: datetime) -> int:
    """Publish every new version of the folder's files; how many were new. Loading again changes nothing.

    Raises UserError for a broken file and for a published version whose content was changed.
    """
    return sum([await load_file(session, path, now=now) for path in files_of(folder)])


def files_of(folder: Path) -> list[Path]:
    """Instrument files, in the order of their names."""
    return sorted(folder.glob("*.yaml"))


async def load_file(session: AsyncSession, path: Path, *, now: datetime) -> bool:
    """Publish one file; False when exactly this version is there already."""
    source = read_file(path)
    content_hash = _hash(source)
    instrument = await session.scalar(select(Instrument).where(Instrument.slug == source.slug))
    if instrument is None:
        instrument = Instrument(
            slug=source.slug, title=source.title, audience=source.audience, kind=source.kind, is_demo=source.demo
        )
        session.add(instrument)
        await session.flush()
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
        direction=source.direction,
        instruction=source.instruction,
        cuts=source.cuts,
        scale=list(source.scale),
        minutes=source.minutes,
        content_hash=content_hash,
        published_at=None if source.state in (VersionState.draft, VersionState.review) else now,
    )
    session.add(version)
    await session.flush()
    place = 0
    for number, group in enumerate(source.groups):
        row = VersionGroup(version_id=version.id, slug=group.slug, title=group.title, weight=group.weight, place=number)
        session.add(row)
        await session.flush()
        for item in group.items:
            texts = {"preschool": item.preschool} if item.preschool else {}
            session.add(
                Item(
                    version_id=version.id,
                    group_id=row.id,
                    code=item.code,
                    text=item.text,
                    short=item.short,
                    texts=texts,
                    place=place,
                )
            )
            place += 1
    await session.flush()
    return True


def read_file(path: Path) -> InstrumentFile:
    """Read and check a file; raises UserError that names the place and what to do."""
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        mark = getattr(failure, "problem_mark", None)
        line = str(mark.line + 1) if mark else "1"
        raise UserError("diagnostics-file-broken", file=path.name, line=line) from failure
    try:
        return InstrumentFile.model_validate(raw)
    except ValidationError as failure:
        first = failure.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or first["msg"]
        raise UserError("diagnostics-file-wrong", file=path.name, place=place) from failure


@dataclass(frozen=True, slots=True)
class InstrumentLine:
    """A line of the list of instruments."""

    version_id: int
    title: str
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
        InstrumentLine(v.id, i.title, i.audience, v.number, v.state, i.is_demo, int(items or 0), int(done or 0))
        for v, i, items, done in rows
    ]


async def preview(session: AsyncSession, scope: Scope, version_id: int) -> Content:
    """The content of any version, for «как в чате»."""
    scope.require(Right.instruments_see)
    if await session.get(InstrumentVersion, version_id) is None:
        raise NotFound()
    return await content_of(session, version_id)


def _hash(source: InstrumentFile) -> str:
    content = source.model_dump(mode="json", exclude={"state", "title"})
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
