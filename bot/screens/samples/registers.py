"""Screens of registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.i18n import Translator
from bot.rules.registers import Freshness
from bot.screens import registers
from bot.screens.samples.invented import TODAY, Sample
from bot.services.registers import Due, kinds


def register_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    every = list(kinds().values())
    usual = [Due(every[2], 1, "ru", TODAY + timedelta(days=5), Freshness.soon, 0, 0)]
    longest = [
        Due(kind, 1, "ru", TODAY - timedelta(days=40), Freshness.late, 1250, 340)
        for kind in sorted(every, key=lambda kind: -len(kind.title))
    ]
    never = [Due(every[3], 1, "ru", None, Freshness.never, 2, 1), Due(every[5], 1, "ru", TODAY, Freshness.fresh, 2, 0)]
    yield Sample("registers.review", registers.review(t, usual))
    yield Sample("registers.review never", registers.review(t, never))
    yield Sample("registers.review long", registers.review(t, longest))
