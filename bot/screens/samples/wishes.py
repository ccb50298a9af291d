"""Screens of wishes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.i18n import Translator
from bot.screens import wishes
from bot.screens.samples.invented import BIG, NOW, TODAY, Sample
from bot.services.wishes import Topic, Wish


def wish_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    usual, longest = (
        Wish("Нейросети на уроке", 4, True, 7),
        Wish("очень длинное желание о многом " * 4, 12_500, True, int(BIG)),
    )
    few, many = Topic("x", "Нейросети на уроке", 10, True, NOW), Topic("x", "слово " * 60, 12_500, True, NOW)
    for topic in (few, many):
        yield Sample(f"wishes.gathered {topic.count}", wishes.gathered(t, topic))
    for name, wish in (("short", usual), ("long", longest)):
        yield Sample(f"wishes.want {name}", wishes.want(t, wish))
        yield Sample(f"wishes.written {name}", wishes.written(t, wish))
        yield Sample(f"wishes.withdrawn {name}", wishes.withdrawn(t, wish.topic))
        invited = wishes.invited(t, wish.topic, event_id=int(BIG), title=wish.topic * 2, day=TODAY)
        yield Sample(f"wishes.invited {name}", invited)
