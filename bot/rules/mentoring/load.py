"""How much one mentor carries: pairs by her own limit, a group apart from them (domain.md §5.1). Pure."""

from __future__ import annotations

from dataclasses import dataclass

GROUP = 5
"""Mentees of one group where the region says nothing else."""

GROUP_LEAST, GROUP_MOST = 2, 10
"""A group of one is a pair; more than ten are a course."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a mentor carries now: pairs, and mentees of her group. One group a mentor."""

    pairs: int = 0
    group: int = 0

    def taken(self, *, grouped: bool) -> int:
        """Places taken of the kind that is asked for."""
        return self.group if grouped else self.pairs

    def free(self, most: int, group_most: int, *, grouped: bool) -> int:
        """Places left for a mentee of that kind; the other kind takes none of them."""
        return max(0, (group_most if grouped else most) - self.taken(grouped=grouped))

    def with_one(self, *, grouped: bool) -> Load:
        """The load with one mentee more."""
        return Load(self.pairs + (not grouped), self.group + grouped)
