"""Mentoring: who wants and who can, the best pairs with everyone's consent, and their life to the end."""

from bot.services.mentoring import (
    common,
    details,
    leaving,
    loading,
    matching,
    meetings,
    pairs,
    profiles,
    programme,
    pulse,
    telling,
    views,
)

__all__ = [
    "common", "details", "leaving", "loading", "matching", "meetings", "pairs", "profiles", "programme", "pulse",
    "telling", "views",
]  # fmt: skip
