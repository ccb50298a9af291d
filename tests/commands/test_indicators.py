"""``indicators``: the numbers as JSON and both papers in one call, opened by other libraries."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from docx import Document
from openpyxl import load_workbook

from bot.config import ROOT
from tests.commands.test_catalogue import prepared


def test_numbers_and_papers_in_one_call(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'base.db'}"
    asyncio.run(prepared(url))

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "indicators", *args],
            env={**os.environ, "DATABASE_URL": url, "PYTHONUTF8": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    table, paper = tmp_path / "таблица.xlsx", tmp_path / "справка.docx"
    done = run("--period", "2026", "--json", "--xlsx", str(table), "--docx", str(paper))
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert {f"SMO-I{n:02}" for n in range(1, 19)} <= set(rows)
    # Nothing is entered: not counted, never a zero.
    assert rows["SMO-I05"]["value"] is None
    assert rows["SMO-I05"]["reason"]
    book = load_workbook(io.BytesIO(table.read_bytes()))
    assert [row[0] for row in book["Показатели"].iter_rows(min_row=6, values_only=True)] == list(rows)
    words = [paragraph.text for paragraph in Document(io.BytesIO(paper.read_bytes())).paragraphs]
    assert any(line.startswith("12. ") for line in words)
    # Somebody reads the doubts: kinds of facts are named in words.
    doubts = [doubt for row in rows.values() for doubt in row["doubts"]]
    assert not [doubt for doubt in doubts if re.search("[a-z_]{4,}", doubt)]
    assert run("--period", "2026", "--xlsx", str(tmp_path)).returncode == 2
    nowhere = run("--period", "2026", "--xlsx", str(tmp_path / "нет" / "таблица.xlsx"))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "нет" in nowhere.stderr
    assert "Traceback" not in nowhere.stderr
    strange = run("--period", "2026-06-30..2026-01-01", "--json")
    assert (strange.returncode, strange.stdout) == (2, "")
    assert "2025/2026" in strange.stderr
