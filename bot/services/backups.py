"""Backups: one portable archive of rows and files; into SQLite or PostgreSQL, from either.

The archive is a zip: ``tables/<name>.jsonl`` (a row a line), ``files/aa/<sha256>`` and, last, ``manifest.json``
with the schema's revision and the count and hash of every part.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
import tempfile
import zipfile
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Enum,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from bot.config import Settings
from bot.db import Database
from bot.errors import UserError, reason_of
from bot.models import Base, Person
from bot.models.base import UtcDateTime
from bot.models.files import StoredFile
from bot.schema import migrate, revisions
from bot.services.files import blob_path

FORMAT = "marshrut-backup"
VERSION = 1
MANIFEST = "manifest.json"

PORTION = 1000
"""Rows that are in memory at once."""

CHUNK = 1 << 20
"""Bytes of a file that are in memory at once."""

LONGEST_MANIFEST = 1 << 20

BLOB = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")

TABLES = tuple(Base.metadata.sorted_tables)
"""Each table after those it refers to."""

Row = dict[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in an archive; ``lost`` files have a row but were not on disk (or were damaged there)."""

    made_at: datetime
    revision: str
    rows: dict[str, int]
    files: int
    lost: int
    same_secret: bool = True

    @property
    def people(self) -> int:
        """How many people."""
        return self.rows[Person.__tablename__]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a table, and the hash over them."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    made_at: datetime
    revision: str
    secret: str
    tables: dict[str, Part]
    files: int
    lost: int


def name_of_today(now: datetime) -> str:
    """How an archive is called when nobody named it; names sort by time."""
    return f"marshrut-{now:%Y%m%d-%H%M%S}.zip"


async def write(db: Database, settings: Settings, path: Path, *, now: datetime) -> Summary:
    """Write everything into ``path``, which appears only when it is whole.

    UserError when the database is not of this version, or when the disk refuses.
    """
    at, newest = await revisions(db)
    if at is None or at != newest:
        raise UserError("backup-not-migrated")
    try:
        return await _write(db, settings, path, revision=at, now=now)
    except OSError as failure:
        raise UserError("backup-not-written", path=str(path), reason=reason_of(failure)) from failure


async def _write(db: Database, settings: Settings, path: Path, *, revision: str, now: datetime) -> Summary:
    parts: dict[str, Part] = {}
    with _draft(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        async with _snapshot(db) as connection:
            for table in TABLES:
                parts[table.name] = await _write_table(connection, archive, table)
            hashes = (await connection.scalars(select(StoredFile.sha256).distinct().order_by(StoredFile.sha256))).all()
        kept = await asyncio.to_thread(_write_blobs, archive, settings.files.dir, hashes)
        lost = len(hashes) - kept
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": now.isoformat(),
            "revision": revision,
            "secret": _mark(settings.secret),
            "tables": {name: {"rows": part.rows, "sha256": part.sha256} for name, part in parts.items()},
            "files": {"count": kept, "lost": lost},
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return Summary(now, revision, {name: part.rows for name, part in parts.items()}, kept, lost)


async def restore(db: Database, settings: Settings, path: Path, *, force: bool = False) -> Summary:
    """Put an archive in place of what the database holds, all of it or nothing.

    UserError when the archive is broken or of another version, or when people would be lost without ``force``.
    """
    _, newest = await revisions(db)
    with _opened(path) as archive:
        manifest = await asyncio.to_thread(_check, archive, newest)
        if not force and await _has_people(db):
            raise UserError("restore-has-people")
        await migrate(db)
        await asyncio.to_thread(_put_blobs, archive, settings.files.dir)
        async with db.begin() as session:
            connection = await session.connection()
            await _empty(connection)
            for table in TABLES:
                await _fill(connection, archive, table, manifest.tables[table.name])
            if connection.dialect.name == "postgresql":
                await _reset_sequences(connection)
    return Summary(
        manifest.made_at,
        manifest.revision,
        {name: part.rows for name, part in manifest.tables.items()},
        manifest.files,
        manifest.lost,
        same_secret=hmac.compare_digest(manifest.secret, _mark(settings.secret)),
    )


# --- out ---------------------------------------------------------------------------------------


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name only when all of it is on disk; readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@asynccontextmanager
async def _snapshot(db: Database) -> AsyncIterator[AsyncConnection]:
    """One moment of the database, however long it is read; nobody who writes waits for it."""
    async with db.reader.connect() as connection:
        if not db.is_sqlite:
            await connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


async def _write_table(connection: AsyncConnection, archive: zipfile.ZipFile, table: Table) -> Part:
    count, total = 0, hashlib.sha256()
    encoders = {column.name: _encoder(column.type) for column in table.columns}
    rows = await connection.stream(select(table).order_by(*table.primary_key.columns))
    with archive.open(_name(table), "w", force_zip64=True) as file:
        async for portion in rows.mappings().partitions(PORTION):
            lines = await asyncio.to_thread(_lines, portion, encoders)
            await asyncio.to_thread(file.write, lines)
            total.update(lines)
            count += len(portion)
    return Part(count, total.hexdigest())


def _lines(rows: Any, encoders: dict[str, Convert]) -> bytes:
    plain = (
        {name: None if row[name] is None else encode(row[name]) for name, encode in encoders.items()} for row in rows
    )
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in plain).encode()


def _write_blobs(archive: zipfile.ZipFile, folder: Path, hashes: Any) -> int:
    """Copy the files; how many were there and whole."""
    kept = 0
    for sha256 in hashes:
        path = blob_path(folder, sha256)
        if not path.exists() or _hash_of(path) != sha256:
            continue
        # Pictures and documents are compressed already.
        archive.write(path, f"files/{sha256[:2]}/{sha256}", zipfile.ZIP_STORED)
        kept += 1
    return kept


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- in ----------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as failure:
        raise UserError("restore-no-file", path=str(path), reason=reason_of(failure)) from None
    except Exception as failure:
        raise UserError("restore-broken") from failure
    with archive:
        yield archive


def _check(archive: zipfile.ZipFile, newest: str | None) -> Manifest:
    """Read the whole archive once; nothing is written before it proves whole and of our version."""
    try:
        manifest = _read_manifest(archive)
        if manifest is not None and manifest.revision == newest:
            for table in TABLES:
                for _ in _rows(archive, table, manifest.tables[table.name]):
                    pass
            _check_blobs(archive, manifest.files)
    # A changed byte shows itself in a dozen ways: a bad zip, bad deflate, bad JSON, a key that is not there.
    except Exception as failure:
        raise UserError("restore-broken") from failure
    if manifest is None:
        raise UserError("restore-other-format")
    if manifest.revision != newest:
        raise UserError("restore-other-revision", theirs=manifest.revision, ours=newest or "")
    return manifest


def _read_manifest(archive: zipfile.ZipFile) -> Manifest | None:
    """None for a whole archive of another program, or of a format we do not know."""
    with archive.open(MANIFEST) as file:
        raw = json.loads(file.read(LONGEST_MANIFEST))
    if raw["format"] != FORMAT or raw["version"] != VERSION:
        return None
    return Manifest(
        datetime.fromisoformat(raw["made_at"]),
        str(raw["revision"]),
        str(raw["secret"]),
        {name: Part(part["rows"], part["sha256"]) for name, part in raw["tables"].items()},
        int(raw["files"]["count"]),
        int(raw["files"]["lost"]),
    )


def _rows(archive: zipfile.ZipFile, table: Table, part: Part) -> Iterator[Row]:
    """Rows of a table, ready to be inserted; ValueError at the end when they are not the ones written."""
    count, total = 0, hashlib.sha256()
    decoders = {column.name: _decoder(column.type) for column in table.columns}
    with archive.open(_name(table)) as file:
        for line in file:
            total.update(line)
            count += 1
            raw = json.loads(line)
            if raw.keys() != decoders.keys():
                raise ValueError(f"columns of {table.name}")
            yield {name: None if raw[name] is None else decode(raw[name]) for name, decode in decoders.items()}
    if (count, total.hexdigest()) != (part.rows, part.sha256):
        raise ValueError(f"rows of {table.name}")


def _blobs(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """Files in the archive with their hashes; names of any other shape are not ours and stay where they are."""
    found = ((info, BLOB.fullmatch(info.filename)) for info in archive.infolist())
    return [(info, match[2]) for info, match in found if match]


def _check_blobs(archive: zipfile.ZipFile, count: int) -> None:
    blobs = _blobs(archive)
    if len(blobs) != count:
        raise ValueError("files")
    for info, sha256 in blobs:
        total = hashlib.sha256()
        with archive.open(info) as file:
            for chunk in iter(partial(file.read, CHUNK), b""):
                total.update(chunk)
        if total.hexdigest() != sha256:
            raise ValueError(f"file {sha256}")


def _put_blobs(archive: zipfile.ZipFile, folder: Path) -> None:
    """Before the rows: a file that no row names harms nobody and is swept away."""
    for info, sha256 in _blobs(archive):
        with _draft(blob_path(folder, sha256)) as target, archive.open(info) as file:
            for chunk in iter(partial(file.read, CHUNK), b""):
                target.write(chunk)


async def _has_people(db: Database) -> bool:
    async with db.writer.connect() as connection:
        if not await connection.run_sync(lambda sync: inspect(sync).has_table(Person.__tablename__)):
            return False
        return await connection.scalar(select(Person.id).limit(1)) is not None


async def _empty(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"TRUNCATE {', '.join(table.name for table in TABLES)} RESTART IDENTITY"))
        return
    for table in reversed(TABLES):
        await connection.execute(table.delete())


async def _fill(connection: AsyncConnection, archive: zipfile.ZipFile, table: Table, part: Part) -> None:
    """Insert the rows; references to the same table come afterwards, when every row is there."""
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    referring = False
    portion: list[Row] = []
    for row in _rows(archive, table, part):
        referring = referring or any(row[name] is not None for name in own)
        portion.append(row | dict.fromkeys(own))
        if len(portion) == PORTION:
            await connection.execute(insert(table), portion)
            portion = []
    if portion:
        await connection.execute(insert(table), portion)
    if referring:
        await _refer(connection, archive, table, part, own)


async def _refer(
    connection: AsyncConnection, archive: zipfile.ZipFile, table: Table, part: Part, own: list[str]
) -> None:
    keys = list(table.primary_key.columns)
    statement = (
        update(table)
        .where(and_(*(key == bindparam(f"key_{key.name}") for key in keys)))
        .values({name: bindparam(f"to_{name}") for name in own})
    )
    portion: list[Row] = []
    for row in _rows(archive, table, part):
        if any(row[name] is not None for name in own):
            portion.append(
                {f"key_{key.name}": row[key.name] for key in keys} | {f"to_{name}": row[name] for name in own}
            )
        if len(portion) == PORTION:
            await connection.execute(statement, portion)
            portion = []
    if portion:
        await connection.execute(statement, portion)


async def _reset_sequences(connection: AsyncConnection) -> None:
    for table in TABLES:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        highest = func.max(column)
        await connection.execute(
            select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))).select_from(table)
        )


# --- values ------------------------------------------------------------------------------------


def _encoder(kind: TypeEngine[Any]) -> Convert:
    """How a value of a column is written in JSON. TypeError for a type nobody thought of yet."""
    if isinstance(kind, UtcDateTime | Date):
        return _iso
    if isinstance(kind, Enum):
        return _enum_name
    if isinstance(kind, LargeBinary):
        return _as_text
    if isinstance(kind, String | Integer | Float | Boolean | JSON):
        return _as_it_is
    raise TypeError(f"backups do not know {kind!r}")


def _decoder(kind: TypeEngine[Any]) -> Convert:
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class.__members__.__getitem__
    return _as_it_is


def _iso(value: date) -> str:
    return value.isoformat()


def _as_text(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _enum_name(value: Any) -> str:
    return str(value.name)


def _as_it_is(value: Any) -> Any:
    return value


def _name(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _mark(secret: bytes) -> str:
    """Tells two secrets apart without telling either."""
    return hmac.new(secret, b"backup", hashlib.sha256).hexdigest()[:16]
