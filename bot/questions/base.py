"""What every kind of question can do, and the values it works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol


class Way(StrEnum):
    """How the answer is given in a chat."""

    press = "press"  # one button
    pick = "pick"  # buttons, then «Дальше»
    order = "order"  # buttons in the right order, then «Дальше»
    type = "type"  # words


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a task: a locale key and its values."""

    key: str
    args: Mapping[str, Any] = field(default_factory=dict)


class NotUnderstood(ValueError):
    """What was given is no answer to this task: a locale key that says what is expected."""


class Task(Protocol):
    """A question as its kind needs it."""

    @property
    def options(self) -> Sequence[str]: ...
    @property
    def answer_key(self) -> Mapping[str, Any]: ...
    @property
    def max_points(self) -> float: ...


class Kind:
    """Asks, checks and counts one kind of question. Keys stay on this side: nothing of them is in what is asked."""

    slug: ClassVar[str]
    way: ClassVar[Way]
    has_key: ClassVar[bool] = True

    def key(self, written: Any) -> dict[str, Any]:
        """The key as an author writes it, made into what is stored. Never raises: ``check`` complains."""
        raise NotImplementedError

    def written(self, key: Mapping[str, Any]) -> Any:
        """The stored key as an author writes it."""
        raise NotImplementedError

    def check(self, task: Task) -> list[Problem]:
        """What an author has to put right."""
        raise NotImplementedError

    def read(self, task: Task, raw: Any) -> list[Any]:
        """The answer as it is stored. Raises NotUnderstood."""
        raise NotImplementedError

    def points(self, task: Task, given: Sequence[Any]) -> float:
        """0…``max_points`` for a stored answer."""
        raise NotImplementedError

    def told(self, task: Task, given: Sequence[Any]) -> str:
        """The answer in words, for whoever may read it."""
        raise NotImplementedError


def whole_numbers(written: Any) -> list[int]:
    """«1, 3», [1, 3] or 1 as numbers; what is no number becomes 0, so that it fits no option."""
    if isinstance(written, str):
        written = [part for part in written.replace(";", ",").replace(" ", ",").split(",") if part]
    if not isinstance(written, list | tuple):
        written = [] if written is None else [written]
    return [int(part) if str(part).isascii() and str(part).isdigit() else 0 for part in written]


def option_problems(task: Task) -> list[Problem]:
    """Options that are too few, too many, empty or the same."""
    found: list[Problem] = []
    if not 2 <= len(task.options) <= MOST_OPTIONS:
        found.append(Problem("diagnostics-problem.options", {"n": len(task.options), "most": MOST_OPTIONS}))
    names = [" ".join(option.casefold().split()) for option in task.options]
    if len(set(names)) != len(names) or "" in names:
        found.append(Problem("diagnostics-problem.option-twice"))
    return found


def right_problems(task: Task) -> list[Problem]:
    """A key that names no option, or one option twice."""
    right: list[int] = list(task.answer_key.get("right", []))
    if not right:
        return [Problem("diagnostics-problem.no-key")]
    wrong = [number for number in right if not 1 <= number <= len(task.options)]
    if wrong:
        return [Problem("diagnostics-problem.key-outside", {"n": len(task.options)})]
    return [Problem("diagnostics-problem.key-twice")] if len(set(right)) != len(right) else []


MOST_OPTIONS = 6
"""Two rows of buttons at most: a question must be seen whole on a phone."""
