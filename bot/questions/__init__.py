"""Kinds of questions: one small class each. A new kind is a class and a line here."""

from bot.questions.base import Kind, NotUnderstood, Problem, Task, Way
from bot.questions.choice import Criterion, Multiple, Order, Single
from bot.questions.typed import Number, ShortText

SCALE = "scale"
"""A statement with the scale of its version: answered without a registry, because it is answered most."""

KINDS: dict[str, Kind] = {
    kind.slug: kind for kind in (Single(), Multiple(), Number(), ShortText(), Order(), Criterion())
}

TASKS = ("single", "multiple", "number", "text", "order")
"""Kinds of a test with a key."""

__all__ = ["KINDS", "SCALE", "TASKS", "Kind", "NotUnderstood", "Problem", "Task", "Way"]
