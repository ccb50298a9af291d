"""Any old, foreign or garbled button leads to a right fresh screen, is answered and changes nothing it should not."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.handlers import ROUTERS, errors
from bot.models import Messenger, Person
from bot.services import diagnostics
from tests.chat import Talk, TelegramTalk
from tests.conftest import NewcomerOn
from tests.factories import NOW, make_person

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(ROOT / "bot" / "handlers").rglob("*.py"))
ACTIONS = sorted(set(re.findall(r'Press\("([a-z-]+:[a-z-]+(?::[a-z-]+)?)"\)', SOURCE)))
"""Every action some handler knows."""

RESTS = ("", ":", ":x", ":home", ":-1", ":99999999999999999999999", ":1:2:3")
piece = st.one_of(
    st.integers(-5, 40).map(str),
    st.sampled_from(["0", "-1", "9" * 25, "", "x", "1.5", "None", "-", "home", "=", "٣", "telegram", "data"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12),
)
known = st.builds(lambda action, rest: ":".join([action, *rest]), st.sampled_from(ACTIONS), st.lists(piece, max_size=3))
garbled = st.builds(":".join, st.lists(piece, min_size=1, max_size=4))
presses = st.builds(
    lambda kept, data: (kept + data)[:64], st.sampled_from(["", "="]), st.one_of(known, garbled)
).filter(bool)


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was not foreseen (and would be an apology, or a line in our log)."""
    found: list[dict[str, Any]] = []

    class Log:
        def error(self, event: str, **values: Any) -> None:
            found.append(values)

        warning = error

    monkeypatch.setattr(errors, "log", Log())
    return found


def test_the_actions_are_found() -> None:
    assert len(ROUTERS) >= 6
    assert {"menu:home", "diagnostics:answer", "people:home"} <= set(ACTIONS)


async def at(newcomer_on: NewcomerOn, db: Database, *, known: bool) -> TelegramTalk:
    talk = await newcomer_on("telegram")
    assert isinstance(talk, TelegramTalk)
    async with db.begin() as session:
        await diagnostics.load_instruments(session, ROOT / "data" / "instruments", now=NOW)
        if known:
            await make_person(session, accounts={Messenger.telegram: talk.user_id})
    await talk.says("/menu")
    return talk


async def pressed(talk: TelegramTalk, action: str) -> None:
    """A press of an old message; ``press_action`` itself checks that it was answered."""
    old = talk.server.put(talk.user_id, "Старое сообщение", date=1_700_000_000)
    await talk.press_action(action, of=old)
    screen = talk.screen
    assert screen.id != old.id, "an old message is left as it is, the answer is a new one"
    assert screen.plain.strip()
    assert screen.rows, f"{action}: a dead end: {screen.plain!r}"
    assert "У нас заминка" not in screen.plain
    talk.server.chats[talk.user_id].remove(old)


@pytest.mark.parametrize("known", [True, False])
async def test_unknown_actions_open_the_home_of_their_subject(
    newcomer_on: NewcomerOn, db: Database, known: bool
) -> None:
    talk = await at(newcomer_on, db, known=known)
    expected = {
        "people:gone:1": "Профиль" if known else "познакомимся",
        "diagnostics:gone": "Диагностика" if known else "познакомимся",
        "nothing:gone:5": "Меню" if known else "Здравствуйте",
    }
    for action, words in expected.items():
        await pressed(talk, action)
        assert words.lower() in talk.text.lower(), action
        if known or action.startswith("nothing"):
            assert talk.sees("Кнопка из старого сообщения")


async def test_the_whole_menu_of_actions_without_their_numbers(
    newcomer_on: NewcomerOn, db: Database, failures: list[dict[str, Any]]
) -> None:
    for is_known in (True, False):
        talk = await at(newcomer_on, db, known=is_known)
        for action in ACTIONS:
            for rest in RESTS if is_known else ("", ":1:2:3"):
                await pressed(talk, action + rest)
                assert not failures, (action + rest, failures)
            # Out of whatever the action began to wait for.
            await talk.says("/menu")


async def test_any_press_whatever(newcomer_on: NewcomerOn, db: Database, failures: list[dict[str, Any]]) -> None:
    teacher = await at(newcomer_on, db, known=True)
    guest = await at(newcomer_on, db, known=False)
    async with db.read() as session:
        people = await session.scalar(select(func.count()).select_from(Person))
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(presses, st.booleans())
    def check(action: str, is_known: bool) -> None:
        future = asyncio.run_coroutine_threadsafe(pressed(teacher if is_known else guest, action), loop)
        future.result(60)
        assert not failures, (action, failures)

    await asyncio.to_thread(check)
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == people, "no press makes a person"


async def test_a_foreign_button_shows_nothing_of_its_owner(
    newcomer_on: NewcomerOn, db: Database, failures: list[dict[str, Any]]
) -> None:
    """A teacher presses buttons that were made for another one."""
    owner = await at(newcomer_on, db, known=True)
    stranger = await at(newcomer_on, db, known=True)
    await owner.presses("Диагностика")
    await owner.presses("Пройти")
    await owner.presses("К первому вопросу")
    for label in ("По образцу", "Самостоятельно"):
        action = action_of(owner, label)
        await pressed(stranger, action)
        assert not stranger.sees("2 из 30")
    await owner.says("/menu")
    assert not failures


def action_of(talk: Talk, label: str) -> str:
    """The data of a button on the screen."""
    return next(str(b["callback_data"]) for row in talk.screen.rows for b in row if b["text"] == label)
