"""Screens of wishes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.i18n import Translator
from bot.screens import wishes
from bot.screens.samples.invented import BIG, TODAY, Sample
from bot.services.wishes import Wish


def wish_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    usual, longest = (
        Wish("Нейросети на уроке", 4, True, 7),
        Wish("очень длинное желание о многом " * 4, 12_500, True, int(BIG)),
    )
    for name, wish in (("short", usual), ("long", longest)):
        yield Sample(f"wishes.want {name}", wishes.want(t, wish))
        yield Sample(f"wishes.written {name}", wishes.written(t, wish))
        yield Sample(f"wishes.withdrawn {name}", wishes.withdrawn(t, wish.topic))
        invited = wishes.invited(t, wish.topic, event_id=int(BIG), title=wish.topic * 2, day=TODAY)
        yield Sample(f"wishes.invited {name}", invited)
