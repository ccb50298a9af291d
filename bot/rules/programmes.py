"""Programmes with cohorts: how many meetings a certificate needs, how far a member is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SHARE = 70
"""Percent of the meetings for a certificate (domain.md §3.2)."""

MOST_NEEDS = 3
"""Difficulties chosen at the beginning (conversation.md §3.8)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a member stands: meetings and tasks, in whole numbers."""

    was: int
    total: int
    need: int
    accepted: int = 0
    tasks: int = 0
    need_tasks: int = 0

    @property
    def met(self) -> bool:
        """The rule of the programme is met; without a single meeting nothing is."""
        return self.total > 0 and self.was >= self.need and self.accepted >= self.need_tasks


def needed(total: int, share: int) -> int:
    """The least whole number that is ``share`` percent of ``total`` or more."""
    return -(-total * share // 100)


def progress(was: int, total: int, share: int, *, accepted: int = 0, tasks: int = 0, tasks_share: int = 0) -> Progress:
    """Progress by the rule of a programme."""
    return Progress(was, total, needed(total, share), accepted, tasks, needed(tasks, tasks_share))


def toggled(chosen: list[str], one: str, known: list[str]) -> list[str]:
    """A choice put in or taken out, in the order of the list; a fourth one changes nothing."""
    if one not in known:
        return chosen
    if one in chosen:
        return [each for each in chosen if each != one]
    if len(chosen) >= MOST_NEEDS:
        return chosen
    return [each for each in known if each in chosen or each == one]
