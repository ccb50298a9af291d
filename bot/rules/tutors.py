"""Who is offered a tutor first."""

from __future__ import annotations

SHARE = 0.5
"""Readiness is low when at least this share of the groups of the last diagnosis asks for support (measure SMO-033)."""


def is_low(asking: int, groups: int) -> bool:
    """``asking`` of ``groups`` ask for support."""
    return groups > 0 and asking >= groups * SHARE
