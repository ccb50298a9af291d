"""``catalogue``: the sample is written, checked, loaded; a broken row is exit 1."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from bot.config import ROOT
from bot.db import Database
from bot.schema import migrate
from tests.region import set_up


async def prepared(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await set_up(db)
    await db.close()


def test_sample_check_load(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'base.db'}"
    asyncio.run(prepared(url))

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "catalogue", *args],
            env={**os.environ, "DATABASE_URL": url, "PYTHONUTF8": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    file = str(tmp_path / "образец.xlsx")
    assert run("sample", file).returncode == 0
    for option, status in (("--dry-run", "new"), ("--json", "new"), ("--json", "same")):
        done = run("import", file, "--json", option)
        assert done.returncode == 0, done.stderr
        assert [row["status"] for row in json.loads(done.stdout)] == [status] * 3
    table = tmp_path / "каталог.csv"
    table.write_text("Вид;Название;Форма;Часов;Группы компетенций\nпикник;А;очно;2;Методические\n", encoding="utf-8")
    wrong = run("import", str(table))
    assert wrong.returncode == 1
    assert "Строка 2, «Вид»" in wrong.stderr
    assert run("import", str(tmp_path / "нет.xlsx")).returncode != 0
