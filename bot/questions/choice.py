"""Tasks with options: one right, several right, the right order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.questions.base import Kind, NotUnderstood, Problem, Task, Way, option_problems, right_problems, whole_numbers


class _Options(Kind):
    def key(self, written: Any) -> dict[str, Any]:
        return {"right": whole_numbers(written)} if written not in (None, "", []) else {}

    def written(self, key: Mapping[str, Any]) -> Any:
        return list(key.get("right", []))

    def check(self, task: Task) -> list[Problem]:
        return option_problems(task) + right_problems(task)

    def read(self, task: Task, raw: Any) -> list[Any]:
        given = whole_numbers(raw)
        if not given or len(set(given)) != len(given) or not all(1 <= n <= len(task.options) for n in given):
            raise NotUnderstood("diagnostics-task.choose")
        return given

    def told(self, task: Task, given: Sequence[Any]) -> str:
        return "; ".join(task.options[number - 1] for number in given)


class Single(_Options):
    """One right option."""

    slug = "single"
    way = Way.press

    def written(self, key: Mapping[str, Any]) -> Any:
        right = list(key.get("right", []))
        return right[0] if len(right) == 1 else right

    def check(self, task: Task) -> list[Problem]:
        found = super().check(task)
        if len(task.answer_key.get("right", [])) > 1:
            found.append(Problem("diagnostics-problem.two-right"))
        return found

    def read(self, task: Task, raw: Any) -> list[Any]:
        given = super().read(task, raw)
        if len(given) != 1:
            raise NotUnderstood("diagnostics-task.choose")
        return given

    def points(self, task: Task, given: Sequence[Any]) -> float:
        return task.max_points if list(given) == list(task.answer_key["right"]) else 0.0


class Multiple(_Options):
    """Several right options. One point is all or nothing; more points are shared, a wrong choice takes one away."""

    slug = "multiple"
    way = Way.pick

    def check(self, task: Task) -> list[Problem]:
        found = super().check(task)
        if not found and len(task.answer_key["right"]) == len(task.options):
            found.append(Problem("diagnostics-problem.all-right"))
        return found

    def read(self, task: Task, raw: Any) -> list[Any]:
        return sorted(super().read(task, raw))

    def points(self, task: Task, given: Sequence[Any]) -> float:
        right, chosen = set(task.answer_key["right"]), set(given)
        if task.max_points <= 1:
            return task.max_points if chosen == right else 0.0
        return task.max_points * max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))


class Order(_Options):
    """All options in the right order. One point is all or nothing; more points are shared by places."""

    slug = "order"
    way = Way.order

    def check(self, task: Task) -> list[Problem]:
        found = super().check(task)
        if not found and len(task.answer_key["right"]) != len(task.options):
            found.append(Problem("diagnostics-problem.order-short", {"n": len(task.options)}))
        return found

    def read(self, task: Task, raw: Any) -> list[Any]:
        given = super().read(task, raw)
        if len(given) != len(task.options):
            raise NotUnderstood("diagnostics-task.order-all")
        return given

    def points(self, task: Task, given: Sequence[Any]) -> float:
        right = list(task.answer_key["right"])
        hits = sum(1 for mine, theirs in zip(given, right, strict=False) if mine == theirs)
        if task.max_points <= 1:
            return task.max_points if hits == len(right) == len(given) else 0.0
        return float(task.max_points * hits / len(right))

    def told(self, task: Task, given: Sequence[Any]) -> str:
        return " → ".join(task.options[number - 1] for number in given)


class Criterion(Kind):
    """A criterion of a rubric: levels from none to full, marked by an expert. No key."""

    slug = "criterion"
    way = Way.press
    has_key = False

    def key(self, written: Any) -> dict[str, Any]:
        return {}

    def written(self, key: Mapping[str, Any]) -> Any:
        return None

    def check(self, task: Task) -> list[Problem]:
        return option_problems(task)

    def read(self, task: Task, raw: Any) -> list[Any]:
        given = whole_numbers(raw)
        if len(given) != 1 or not 1 <= given[0] <= len(task.options):
            raise NotUnderstood("diagnostics-task.choose")
        return given

    def points(self, task: Task, given: Sequence[Any]) -> float:
        return task.max_points * (int(given[0]) - 1) / (len(task.options) - 1)

    def told(self, task: Task, given: Sequence[Any]) -> str:
        return task.options[int(given[0]) - 1]
