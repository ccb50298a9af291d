"""An archive brings back every row and file, into either database; a broken one changes nothing."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from bot.config import ROOT, Settings
from bot.db import Database
from bot.errors import UserError
from bot.models import Base, Fact, Person, PersonState, SearchTerm
from bot.schema import migrate
from bot.services import backups, demo, diagnostics, files
from tests.factories import NOW
from tests.postgres import Postgres

TODAY = date(2026, 11, 24)
WORDS = 'Ёлка «ручей» 🎓 \u202e\u200d \\ " \t\n{ $name } <b>'
BLOB = b"\x00\x01 scan \xff" * 70_000

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
MakeEmpty = Callable[[str], Awaitable[Database]]


def settings_in(folder: Path, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{folder / 'base.db'}",
        files={"dir": folder / "files"},
        backup={"dir": folder / "backups"},
        web={"secret": "test-secret-" * 4},
        **more,
    )


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """A small demonstration with everything that is easily lost on the way, and its archive; made once."""
    folder = tmp_path_factory.mktemp("region")
    settings, archive = settings_in(folder), folder / "region.zip"

    async def make() -> None:
        db = Database(settings.database_url)
        await migrate(db)
        diagnostics.forget_contents()
        await demo.fill(db, settings, people=24, seed=3, today=TODAY)
        blob = await files.put(settings, BLOB)
        async with db.begin() as session:
            ids = (await session.scalars(select(Person.id).order_by(Person.id))).all()
            await files.add(
                session, blob, name="Скан.pdf", media_type="application/pdf", owner_id=ids[0], purpose="test", now=NOW
            )
            # References to rows of the same table that come later.
            await session.execute(update(Person).where(Person.id == ids[0]).values(confirmed_by_id=ids[-1]))
            facts = (await session.scalars(select(Fact.id).order_by(Fact.id).limit(2))).all()
            await session.execute(
                update(Fact)
                .where(Fact.id == facts[0])
                .values(replaces_id=facts[1], evidence={"слова": WORDS, "n": [1, 2.5, None, True]})
            )
            session.add(
                Person(
                    key="k" * 32,
                    last_name=WORDS,
                    first_name="",
                    teach_since=date(1987, 9, 1),
                    state=PersonState.archived,
                    created_at=datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),
                )
            )
        await backups.write(db, settings, archive, now=NOW)
        await db.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()
    return settings, archive


@pytest.fixture
async def original(region: tuple[Settings, Path]) -> AsyncIterator[Database]:
    db = Database(region[0].database_url)
    yield db
    await db.close()


@pytest.fixture
async def empty_on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MakeEmpty]:
    """Makes databases without a single table."""
    opened: list[tuple[Database, str]] = []

    async def make(kind: str) -> Database:
        name = ""
        url = f"sqlite+aiosqlite:///{tmp_path / f'empty{len(opened)}.db'}"
        if kind == "postgres":
            server: Postgres = request.getfixturevalue("postgres")
            name = await server.create()
            url = server.url_of(name)
        opened.append((Database(url), name))
        return opened[-1][0]

    yield make
    for db, name in opened:
        await db.close()
        if name:
            await request.getfixturevalue("postgres").drop(name)


async def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as Python sees it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with db.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = [tuple(row) for row in await session.execute(select(table))]
            found[table.name] = sorted(rows, key=repr)
    return found


def archive_with(archive: Path, changed: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive with other parts, a sound zip."""
    with zipfile.ZipFile(archive) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    changed(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_every_row_and_file_comes_back(
    region: tuple[Settings, Path], original: Database, empty_on: MakeEmpty, tmp_path: Path, kind: str
) -> None:
    theirs, archive = region
    settings = settings_in(tmp_path)
    target = await empty_on(kind)
    found = await backups.restore(target, settings, archive)
    before = await contents(original)
    assert await contents(target) == before
    assert found.rows == {name: len(rows) for name, rows in before.items()}
    assert min(found.rows[name] for name in ("people", "answers", "facts", "search_terms", "files")) > 0
    assert (found.lost, found.same_secret, found.made_at) == (0, True, NOW)
    blobs = {path.name: path.read_bytes() for path in theirs.files.dir.glob("??/*")}
    assert {path.name: path.read_bytes() for path in settings.files.dir.glob("??/*")} == blobs != {}


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_from_postgres(
    region: tuple[Settings, Path], original: Database, empty_on: MakeEmpty, tmp_path: Path, kind: str
) -> None:
    settings = settings_in(tmp_path)
    source, target = await empty_on("postgres"), await empty_on(kind)
    await backups.restore(source, region[0], region[1])
    await backups.write(source, region[0], tmp_path / "second.zip", now=NOW)
    await backups.restore(target, settings, tmp_path / "second.zip")
    assert await contents(target) == await contents(original)


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_life_goes_on_after_it(region: tuple[Settings, Path], empty_on: MakeEmpty, kind: str) -> None:
    """New rows get numbers of their own, and what is wrong is still refused."""
    target = await empty_on(kind)
    await backups.restore(target, region[0], region[1])
    async with target.begin() as session:
        highest = await session.scalar(select(func.max(Person.id)))
        newcomer = Person(key="n" * 32, last_name="Новикова", first_name="Анна", created_at=NOW)
        session.add(newcomer)
        await session.flush()
        assert newcomer.id == (highest or 0) + 1


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_it_is_one_moment(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """People who come while the archive is being written are in none of its parts."""
    settings = settings_in(tmp_path)
    source, target = await empty_on(kind), await empty_on("sqlite")
    await backups.restore(source, settings, region[1])
    before = await contents(source)
    write_table = backups._write_table

    async def write_slowly(connection: Any, archive: Any, table: Any) -> Any:
        part = await write_table(connection, archive, table)
        async with source.begin() as session:
            number = await session.scalar(select(func.count()).select_from(Person))
            session.add(Person(key=f"late{number}", last_name="Позднякова", first_name="Вера", created_at=NOW))
        return part

    with monkeypatch.context() as patched:
        patched.setattr(backups, "_write_table", write_slowly)
        await backups.write(source, settings, tmp_path / "one.zip", now=NOW)
    await backups.restore(target, settings, tmp_path / "one.zip")
    assert await contents(target) == before != await contents(source)


async def test_rows_come_in_portions(empty_on: MakeEmpty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "PORTION", 7)
    settings = settings_in(tmp_path)
    source, target = await empty_on("sqlite"), await empty_on("sqlite")
    await migrate(source)
    rows = [
        {"id": n, "key": f"{n}", "last_name": "Л", "first_name": "А", "created_at": NOW, "confirmed_by_id": None}
        for n in range(1, 31)
    ]
    async with source.begin() as session:
        await session.execute(insert(Person), rows)
        await session.execute(update(Person).where(Person.id < 30).values(confirmed_by_id=Person.id + 1))
    await backups.write(source, settings, tmp_path / "many.zip", now=NOW)
    await backups.restore(target, settings, tmp_path / "many.zip")
    assert await contents(target) == await contents(source)


async def test_people_are_not_replaced_unasked(
    region: tuple[Settings, Path], original: Database, empty_on: MakeEmpty, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    target = await empty_on("sqlite")
    await migrate(target)
    async with target.begin() as session:
        session.add(Person(key="a" * 32, last_name="Здешняя", first_name="Анна", created_at=NOW))
    before = await contents(target)
    with pytest.raises(UserError) as refused:
        await backups.restore(target, settings, region[1])
    assert refused.value.key == "restore-has-people"
    assert await contents(target) == before
    await backups.restore(target, settings, region[1], force=True)
    assert await contents(target) == await contents(original)


async def test_a_changed_byte_restores_nothing(
    region: tuple[Settings, Path], original: Database, empty_on: MakeEmpty, tmp_path: Path
) -> None:
    """Wherever the byte lies: all comes back as it was, or nothing does."""
    settings = settings_in(tmp_path)
    whole = region[1].read_bytes()
    target = await empty_on("sqlite")
    await migrate(target)
    nothing, everything = await contents(target), await contents(original)
    refused = 0
    for place in range(0, len(whole), len(whole) // 60):
        broken = bytearray(whole)
        broken[place] ^= 0x20
        (tmp_path / "broken.zip").write_bytes(broken)
        said = await words_of(backups.restore(target, settings, tmp_path / "broken.zip", force=True))
        if said is None:
            # A byte that no content depends on, such as a time in the zip's own table.
            nothing = everything
            shutil.rmtree(settings.files.dir)
        else:
            assert said == "restore-broken"
            refused += 1
        assert await contents(target) == nothing
        assert not settings.files.dir.exists()
    assert refused > 50


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
async def test_a_truncated_archive_restores_nothing(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path, share: float
) -> None:
    whole = region[1].read_bytes()
    await assert_refused(await empty_on("sqlite"), tmp_path, whole[: int(len(whole) * share)], "restore-broken")


async def test_swapped_parts_restore_nothing(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path
) -> None:
    """A sound zip whose parts are not the ones that were written."""

    def fewer_rows(parts: dict[str, bytes]) -> None:
        parts["tables/people.jsonl"] = parts["tables/people.jsonl"].partition(b"\n")[2]

    def other_name(parts: dict[str, bytes]) -> None:
        parts["tables/people.jsonl"] = parts["tables/people.jsonl"].replace(b'"ru"', b'"ce"', 1)

    def no_table(parts: dict[str, bytes]) -> None:
        del parts["tables/facts.jsonl"]

    def other_file(parts: dict[str, bytes]) -> None:
        name = next(name for name in parts if name.startswith("files/"))
        parts[name] += b"!"

    def no_file(parts: dict[str, bytes]) -> None:
        del parts[next(name for name in parts if name.startswith("files/"))]

    def no_manifest(parts: dict[str, bytes]) -> None:
        del parts[backups.MANIFEST]

    target = await empty_on("sqlite")
    for change in (fewer_rows, other_name, no_table, other_file, no_file, no_manifest):
        await assert_refused(target, tmp_path, archive_with(region[1], change), "restore-broken")


async def test_an_archive_of_another_version_restores_nothing(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path
) -> None:
    def manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
        def change(parts: dict[str, bytes]) -> None:
            parts[backups.MANIFEST] = json.dumps(json.loads(parts[backups.MANIFEST]) | values).encode()

        return change

    target = await empty_on("sqlite")
    earlier = archive_with(region[1], manifest(revision="20250101_earlier"))
    await assert_refused(target, tmp_path, earlier, "restore-other-revision")
    foreign = archive_with(region[1], manifest(format="another-program"))
    await assert_refused(target, tmp_path, foreign, "restore-other-format")


async def test_a_database_of_a_newer_version_is_left_alone(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    target = await empty_on("sqlite")
    await migrate(target)
    async with target.begin() as session:
        session.add(Person(key="a" * 32, last_name="Завтрашняя", first_name="Анна", created_at=NOW))
        await session.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    before = await contents(target)
    assert await words_of(backups.restore(target, settings, region[1])) == "restore-has-people"
    assert await words_of(backups.restore(target, settings, region[1], force=True)) == "migrate-unknown"
    assert await words_of(backups.write(target, settings, tmp_path / "no.zip", now=NOW)) == "backup-not-migrated"
    assert await contents(target) == before


async def test_files_outside_their_folder_are_not_written(
    region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path
) -> None:
    def with_a_stranger(parts: dict[str, bytes]) -> None:
        parts["files/../../outside"] = b"stranger"
        parts["files/aa/../../../outside"] = b"stranger"

    (tmp_path / "strange.zip").write_bytes(archive_with(region[1], with_a_stranger))
    settings = settings_in(tmp_path / "deep" / "deeper")
    await backups.restore(await empty_on("sqlite"), settings, tmp_path / "strange.zip")
    assert not [path for path in tmp_path.rglob("*") if path.name == "outside"]


async def test_a_lost_file_is_counted(region: tuple[Settings, Path], empty_on: MakeEmpty, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    db = await empty_on("sqlite")
    await backups.restore(db, settings, region[1])
    for path in settings.files.dir.glob("??/*"):
        path.write_bytes(b"damaged")
    made = await backups.write(db, settings, tmp_path / "lost.zip", now=NOW)
    assert made.lost > 0
    assert made.files == 0
    assert (await backups.restore(await empty_on("sqlite"), settings, tmp_path / "lost.zip")).lost == made.lost


async def test_a_failure_leaves_the_earlier_archive(
    region: tuple[Settings, Path], original: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.zip"
    path.write_bytes(b"earlier")

    async def fail(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_write_table", fail)
    with pytest.raises(UserError) as failure:
        await backups.write(original, region[0], path, now=NOW)
    assert (failure.value.key, failure.value.args_for_text["reason"]) == (
        "backup-not-written",
        "No space left on device",
    )
    assert [found.name for found in tmp_path.iterdir()] == ["kept.zip"]
    assert path.read_bytes() == b"earlier"


async def test_an_empty_database_is_not_saved(empty_on: MakeEmpty, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        await backups.write(await empty_on("sqlite"), settings_in(tmp_path), tmp_path / "no.zip", now=NOW)
    assert refused.value.key == "backup-not-migrated"
    assert not (tmp_path / "no.zip").exists()


def test_every_column_of_every_table_is_known() -> None:
    for table in backups.TABLES:
        for column in table.columns:
            backups._encoder(column.type)
    assert SearchTerm.__table__ in backups.TABLES


def bot(settings: Settings, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """``python -m bot …`` as a person types it."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "FILES__DIR": str(settings.files.dir),
        "BACKUP__DIR": str(settings.backup.dir),
        "WEB__SECRET": settings.web.secret,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *args],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_by_the_command_line(region: tuple[Settings, Path], original: Database, tmp_path: Path) -> None:
    made = bot(region[0], tmp_path, "backup", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    archive = Path(told["file"])
    assert archive.parent == region[0].backup.dir
    assert archive.stat().st_size == told["bytes"]
    assert archive.stat().st_mode & 0o077 == 0

    settings = settings_in(tmp_path)
    restored = bot(settings, tmp_path, "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    assert "Восстановлено из архива" in restored.stdout
    db = Database(settings.database_url)
    assert await contents(db) == await contents(original)
    await db.close()

    again = bot(settings, tmp_path, "restore", str(archive))
    assert (again.returncode, again.stdout) == (1, "")
    assert "уже есть люди" in again.stderr
    assert bot(settings, tmp_path, "restore", str(archive), "--force").returncode == 0
    assert bot(settings, tmp_path, "restore", str(tmp_path / "none.zip")).returncode == 1
    assert bot(settings, tmp_path, "restore").returncode == 2
    assert bot(settings, tmp_path, "migrate").returncode == 0
    (tmp_path / "folder").write_bytes(b"a file")
    refused = bot(settings, tmp_path, "backup", str(tmp_path / "folder" / "no.zip"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "не записался" in refused.stderr


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("postgresql+asyncpg://marshrut:hidden@127.0.0.1:9/x", ["backup"]),
        ("postgresql+asyncpg://marshrut:hidden@127.0.0.1:9/x", ["run", "--only", "jobs"]),
        ("nonsense", ["migrate"]),
        ("sqlite+aiosqlite:////", ["restore", "none.zip"]),
    ],
)
def test_a_database_that_is_not_there(tmp_path: Path, url: str, command: list[str]) -> None:
    settings = settings_in(tmp_path)
    settings.database_url = url
    refused = bot(settings, tmp_path, *command)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "База не отвечает: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "hidden" not in refused.stderr


async def assert_refused(db: Database, folder: Path, archive: bytes, key: str) -> None:
    """The archive is refused, and nothing is written before that."""
    settings = settings_in(folder)
    (folder / "refused.zip").write_bytes(archive)
    with pytest.raises(UserError) as refused:
        await backups.restore(db, settings, folder / "refused.zip", force=True)
    assert refused.value.key == key
    assert not settings.files.dir.exists()
    async with db.writer.connect() as connection:
        assert await connection.run_sync(lambda sync: sync.dialect.get_table_names(sync)) == []


async def words_of(work: Awaitable[Any]) -> str | None:
    """The key of the refusal, None when it was done."""
    try:
        await work
    except UserError as failure:
        return failure.key
    return None
