"""Who may know whom: the rules of docs/architecture.md, read from the imports and the models."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.config import ROOT
from bot.models import Base


class Import(NamedTuple):
    """One imported name: ``from module import name``; ``import module`` has no name."""

    path: str
    line: int
    module: str
    name: str

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    def is_of(self, *packages: str) -> bool:
        """True when the import reaches into one of the packages."""
        return any(f"{self.full}.".startswith(f"{package}.") for package in packages)

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.full}"


EDGE = {
    "admin/app.py", "bot/app.py", "bot/clock.py", "bot/fsm.py", "bot/jobs/__init__.py", "bot/jobs/outbox.py",
    "bot/messengers/events.py", "bot/messengers/max/session.py", "bot/messengers/memory.py",
    "bot/messengers/vk/receiver.py", "bot/messengers/vk/session.py", "bot/messengers/web.py",
    "bot/middlewares/identity.py", "bot/runner.py", "bot/ui/show.py", "bot/web/chat.py", "bot/web/events.py",
    "bot/web/practices.py", "bot/web/registers.py", "bot/web/wellbeing.py",
    "bot/web/broadcasts.py", "bot/web/rubrics.py",
}  # fmt: skip
"""Where a moment enters the program; commands and measurements are edges too."""

CLOCKS = {"now", "today", "utcnow"}
COMPONENTS = ("bot.handlers", "bot.middlewares", "bot.messengers", "bot.web", "admin", "bot.jobs", "bot.commands")


@cache
def sources() -> dict[str, ast.Module]:
    """Path from the root → the module read."""
    paths = [path for folder in ("bot", "admin") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def imports() -> tuple[Import, ...]:
    """Every import, those inside functions and of type checking too."""
    return tuple(found for path, tree in sources().items() for found in _imports(path, tree))


def _imports(path: str, tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative imports hide who is known"
            yield from (Import(path, node.lineno, node.module or "", alias.name) for alias in node.names)


def within(*folders: str) -> list[Import]:
    found = [item for item in imports() if item.path.startswith(folders)]
    assert found, folders
    return found


def told(offenders: list[Import]) -> list[str]:
    return [str(offender) for offender in offenders]


def is_enum(item: Import) -> bool:
    kind = getattr(importlib.import_module(item.module), item.name, None)
    return isinstance(kind, type) and issubclass(kind, Enum)


def test_services_and_what_they_stand_on_know_no_messenger_and_no_web() -> None:
    inner = within("bot/services/", "bot/rules/", "bot/models/", "bot/questions/", "bot/screens/", "bot/schema.py")
    assert told([item for item in inner if item.is_of("aiogram", "starlette", "aiohttp", "uvicorn")]) == []


def test_services_know_nobody_above_them() -> None:
    inner = within("bot/services/", "bot/rules/", "bot/models/")
    assert told([item for item in inner if item.is_of("bot.screens", "bot.app", "bot.runner", *COMPONENTS)]) == []


def test_services_take_a_screen_as_a_value_only() -> None:
    assert told([i for i in within("bot/services/") if i.is_of("bot.ui") and not i.is_of("bot.ui.screen")]) == []


def test_jobs_know_of_the_messenger_only_what_it_refuses() -> None:
    """Delivery must tell a blocked chat from a broken line; everything else goes through ``show`` and services."""
    jobs = within("bot/jobs/")
    assert told([item for item in jobs if item.is_of("starlette")]) == []
    assert told([item for item in jobs if item.is_of("aiogram") and not item.is_of("aiogram.exceptions")]) == []


def test_a_command_about_data_does_not_load_the_messengers() -> None:
    """Not even through somebody: ``deadline`` and ``backup`` answer at once."""
    names = [path.removesuffix(".py").replace("/", ".") for path in sources() if path.startswith("bot/services/")]
    words = f"import sys, {', '.join(name.removesuffix('.__init__') for name in names)}; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "'bot.services.people'" in loaded
    assert [name for name in ("aiogram", "starlette", "aiohttp", "matplotlib", "docx") if f"'{name}'" in loaded] == []


def test_rules_are_pure() -> None:
    """No session, no clock, no files, no network: values in, values out; of the models only their enums."""
    rules = within("bot/rules/")
    banned = ("sqlalchemy", "bot.db", "bot.services", "bot.config", "bot.clock", "bot.i18n.Texts", "asyncio", "random")
    assert told([item for item in rules if item.is_of(*banned)]) == []
    assert told([item for item in rules if item.is_of("bot.models") and not is_enum(item)]) == []
    waits = [path for path, tree in sources().items() if path.startswith("bot/rules/") and _waits(tree)]
    assert waits == []


def test_screens_are_pure() -> None:
    """(translator, values) → Screen: no session, no rows, no clock, nothing to wait for."""
    screens = within("bot/screens/")
    banned = ("sqlalchemy", "bot.db", "bot.config", "bot.clock", "asyncio", "random", *COMPONENTS)
    assert told([item for item in screens if item.is_of(*banned)]) == []
    assert told([item for item in screens if item.is_of("bot.models") and not is_enum(item)]) == []
    waits = [path for path, tree in sources().items() if path.startswith("bot/screens/") and _waits(tree)]
    assert waits == []


def test_handlers_ask_services_not_tables() -> None:
    handlers = within("bot/handlers/", "bot/middlewares/", "bot/ui/", "bot/filters.py")
    queries = [
        item for item in handlers if item.is_of("sqlalchemy") and item.full != "sqlalchemy.ext.asyncio.AsyncSession"
    ]
    assert told(queries) == []
    assert told([item for item in handlers if item.is_of("bot.models") and not is_enum(item)]) == []


def test_pages_ask_services_not_tables() -> None:
    pages = [item for item in within("admin/", "bot/web/") if item.path != "bot/web/health.py"]
    queries = [i for i in pages if i.is_of("sqlalchemy") and i.full != "sqlalchemy.ext.asyncio.AsyncSession"]
    assert told(queries) == []


def test_the_admin_and_the_handlers_do_not_know_each_other() -> None:
    """Only the process that starts both knows both (and the bench that measures a page)."""
    assert told([item for item in within("admin/") if item.is_of("bot.handlers", "aiogram")]) == []
    knowing = {item.path for item in within("bot/") if item.is_of("admin")}
    assert knowing <= {"bot/runner.py", "bot/bench/admin.py"}


def test_time_comes_from_outside() -> None:
    """``now`` is an argument everywhere but at the edge."""
    askers = {item.path for item in imports() if item.full == "bot.clock.utcnow"}
    assert {path for path in askers - EDGE if not path.startswith(("bot/commands/", "bot/bench/"))} == set()
    calls = [f"{path}:{line}" for path, tree in sources().items() if path != "bot/clock.py" for line in _clocks(tree)]
    assert calls == []


def test_relations_raise_when_they_were_not_loaded() -> None:
    relations = [relation for mapper in Base.registry.mappers for relation in mapper.relationships]
    assert relations
    assert [str(relation) for relation in relations if relation.lazy != "raise"] == []


def test_a_transaction_is_ended_by_its_block() -> None:
    """Nobody commits or rolls back by hand: the block does, and savepoints roll back by themselves."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        if path != "bot/bench/peer.py"  # Another program: the bot we are compared with.
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback")
    ]
    assert found == []


def test_russian_words_live_in_locales() -> None:
    """Handlers, screens, services and pages hold keys; the words are in ``locales/``, ``data/`` and settings."""
    folders = ("bot/handlers/", "bot/screens/", "bot/middlewares/", "bot/ui/", "bot/messengers/", "bot/web/", "admin/")
    spoken = (
        "bot/middlewares/presses.py",
        "bot/screens/samples/",
    )  # Typed words; invented people.
    found = [
        f"{path}:{node.lineno}: {node.value}"
        for path, tree in sources().items()
        if path.startswith(folders) and not path.startswith(spoken)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search("[а-яё]{3}", node.value, re.I)
        if node.value not in _docstrings(tree) | {"Маршрут"}
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["bot", "admin"])
def test_every_module_says_what_it_is(folder: str) -> None:
    silent = [
        path
        for path, tree in sources().items()
        if path.startswith(f"{folder}/") and tree.body and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_modules_are_short() -> None:
    """A module that cannot be read in one sitting hides a second subject."""
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {path: length for path, length in lengths.items() if length > 600} == {}


def _waits(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(tree))


def _clocks(tree: ast.Module) -> Iterator[int]:
    """Lines that ask ``datetime`` or ``date`` for the moment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if name in ("datetime", "date"):
                yield node.lineno


def _docstrings(tree: ast.Module) -> set[str]:
    """Strings that stand alone: docstrings, and remarks under a constant."""
    return {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def test_the_tree_is_the_one_that_is_documented() -> None:
    """Every package of the code stands in docs/architecture.md or is a subject of a documented folder."""
    words = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {Path(path).parts[1] for path in sources() if path.startswith("bot/") and len(Path(path).parts) > 2}
    known = {name for name in packages if name in words}
    assert packages - known <= {"bench", "commands", "questions", "ui"}


def test_no_two_groups_of_states_have_one_name() -> None:
    """What is awaited is remembered as «Group:state»: two groups of one name would take each other's words."""
    names = [
        node.name
        for path, tree in sources().items()
        if path.startswith("bot/handlers/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("StatesGroup" in ast.unparse(base) for base in node.bases)
    ]
    assert len(names) > 10
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
