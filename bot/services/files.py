"""Files: a blob by its hash on disk, a row per file, access checked on the way out."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.errors import NotFound
from bot.models import StoredFile, WebMessage


@dataclass(frozen=True, slots=True)
class Blob:
    """Content that lies on disk; ``size`` in bytes."""

    sha256: str
    size: int


async def put(settings: Settings, content: bytes) -> Blob:
    """Write content to disk (once for equal content). Call it before the transaction."""
    return await asyncio.to_thread(_put, settings.files.dir, content)


def _put(folder: Path, content: bytes) -> Blob:
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
    path = blob_path(folder, blob.sha256)
    if path.exists():
        return blob
    path.parent.mkdir(parents=True, exist_ok=True)
    # A half-written blob never gets the name of its hash.
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(draft).replace(path)
    return blob


async def put_file(settings: Settings, source: Path) -> Blob:
    """``put`` of a file on disk, a piece at a time: large ones never stand in memory whole."""
    return await asyncio.to_thread(_put_file, settings.files.dir, source)


def _put_file(folder: Path, source: Path) -> Blob:
    with source.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    blob = Blob(digest.hexdigest(), source.stat().st_size)
    path = blob_path(folder, blob.sha256)
    if path.exists():
        return blob
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file, source.open("rb") as content:
        shutil.copyfileobj(content, file)
    Path(draft).replace(path)
    return blob


async def add(
    session: AsyncSession,
    blob: Blob,
    *,
    name: str,
    media_type: str,
    owner_id: int | None,
    purpose: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> StoredFile:
    """The row of a blob that ``put`` has written."""
    file = StoredFile(
        sha256=blob.sha256,
        size=blob.size,
        media_type=media_type[:100],
        name=clean_name(name),
        owner_id=owner_id,
        purpose=purpose,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(file)
    await session.flush()
    return file


def blob_path(folder: Path, sha256: str) -> Path:
    """Where a blob lies."""
    return folder / sha256[:2] / sha256


async def path_of(session: AsyncSession, settings: Settings, file_id: int) -> Path:
    """Where the content of a file lies. NotFound when there is none."""
    sha256 = await session.scalar(select(StoredFile.sha256).where(StoredFile.id == file_id))
    if sha256 is None:
        raise NotFound()
    return blob_path(settings.files.dir, sha256)


async def media_type(session: AsyncSession, file_id: int) -> str:
    """What kind of file it is. NotFound when there is none."""
    found = await session.scalar(select(StoredFile.media_type).where(StoredFile.id == file_id))
    if found is None:
        raise NotFound()
    return found


def clean_name(name: str) -> str:
    """A file name without folders and unprintable signs, at most 120 characters."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in bare if sign.isprintable()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: 119 - len(ending)]}{dot}{ending}" if len(kept) > 120 else kept or "file"


async def for_visitor(session: AsyncSession, visitor_id: int, person_id: int | None, file_id: int) -> StoredFile:
    """A file this visitor was shown, or that the person owns. NotFound otherwise: nobody learns what exists."""
    file = await session.get(StoredFile, file_id)
    if file is None:
        raise NotFound()
    if person_id is not None and file.owner_id == person_id:
        return file
    shown = select(
        exists().where(
            WebMessage.file_id == file_id, WebMessage.visitor_id == visitor_id, WebMessage.deleted_at.is_(None)
        )
    )
    if not await session.scalar(shown):
        raise NotFound()
    return file


async def uploaded(session: AsyncSession, file_id: int, *, owner_id: int, purpose: str) -> StoredFile:
    """A file that this person has uploaded for this purpose. NotFound otherwise."""
    file = await session.get(StoredFile, file_id)
    if file is None or file.owner_id != owner_id or file.purpose != purpose:
        raise NotFound()
    return file


async def drop_expired(session: AsyncSession, *, now: datetime) -> int:
    """Forget files whose time is over; the blobs go with ``sweep``."""
    gone = await session.execute(delete(StoredFile).where(StoredFile.expires_at <= now).returning(StoredFile.id))
    return len(gone.all())


async def sweep(session: AsyncSession, settings: Settings, *, now: datetime) -> int:
    """Remove blobs that no row names any more (older than an hour: a new one may wait for its row)."""
    named = set((await session.scalars(select(StoredFile.sha256).distinct())).all())
    return await asyncio.to_thread(_sweep, settings.files.dir, named, now.timestamp() - 3600)


def _sweep(folder: Path, named: set[str], before: float) -> int:
    gone = 0
    for path in folder.glob("??/*"):
        if path.name not in named and path.stat().st_mtime < before:
            path.unlink()
            gone += 1
    return gone
