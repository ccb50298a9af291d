"""The main dialogues as each messenger shows them, written down: words as they went over the wire, buttons row by row.

A change of words or of a rendering shows in the files. After a look at the difference they are written anew by
``GOLDEN=write pytest tests/handlers/test_golden.py``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.db import Database
from tests.chat import Talk
from tests.conftest import NewcomerOn
from tests.handlers.test_same_everywhere import written_of

HERE = Path(__file__).parent.parent / "golden"
STORIES = ("registration", "diagnosis", "around the menu")
MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"


def page(talk: Talk) -> str:
    """Messages in order; days, hours and codes that differ from run to run are left out."""
    lines = []
    for message in talk.messages:
        words = re.sub(r"\d{2}\.\d{2}\.\d{4}", "ДД.ММ.ГГГГ", message.text)
        words = re.sub(rf"\d{{1,2}}\s(?:{MONTHS})", "ДД месяца", words)
        words = re.sub(r"\d{1,2}:\d{2}", "ЧЧ:ММ", words)
        rows = [" ".join(f"[{button['text']}]" for button in row) for row in message.rows]
        marks = "" if message.file is None else "\n(файл)"
        lines.append(("> " if message.from_person else "") + words + marks + "".join(f"\n{row}" for row in rows))
    return "\n---\n".join(lines) + "\n"


@pytest.mark.parametrize("messenger", ["telegram", "vk", "max"])
@pytest.mark.parametrize("story", STORIES)
async def test_it_is_shown_as_written_down(newcomer_on: NewcomerOn, db: Database, messenger: str, story: str) -> None:
    shown = page((await written_of(newcomer_on, db, messenger, story)).talk)
    file = HERE / f"{story.replace(' ', '-')}.{messenger}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")
