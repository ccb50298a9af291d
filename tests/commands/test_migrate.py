"""``migrate`` by the command line: what it did, and what it cannot do, in words."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from bot.config import ROOT


def run(database: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *args],
        env={**os.environ, "DATABASE_URL": f"sqlite+aiosqlite:///{database}", "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_migrate(tmp_path: Path) -> None:
    database = tmp_path / "deep" / "base.db"
    first = run(database, "migrate", "--json")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert told["before"] is None
    assert told["after"]
    again = run(database, "migrate")
    assert (again.returncode, again.stdout) == (0, f"База уже этой версии: {told['after']}.\n")

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    connection.close()
    for command in (["migrate"], ["run", "--only", "jobs"]):
        newer = run(database, *command)
        assert (newer.returncode, newer.stdout) == (1, "")
        assert "более новой версией" in newer.stderr
        assert "Traceback" not in newer.stderr
