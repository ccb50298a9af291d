"""Screens of tutorials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.i18n import Translator
from bot.models import SlotState
from bot.screens import tutorials, tutors
from bot.screens.samples.events import WHEN
from bot.screens.samples.invented import BIG, FULL_NAME, LONG_FULL_NAME, TODAY, Sample
from bot.services.tutorials import Slot, Told
from bot.services.tutors import Letter, Mine, Side


def _slot(n: int, state: SlotState, *, hours: int = 48, long: bool = True) -> Slot:
    name = LONG_FULL_NAME if long else FULL_NAME
    place = "Смоленск, улица Октябрьской Революции, дом 20а, кабинет 312" if long else ""
    starts = WHEN.now + timedelta(hours=hours, minutes=30 * n)
    return Slot(BIG - n, starts, 30, place, state, BIG, name, BIG, name)


def tutorial_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    free = [_slot(n, SlotState.free) for n in range(3)]
    taken = [_slot(n, SlotState.booked) for n in range(2)]
    yield Sample("tutorials.home long", tutorials.home(t, free, 17, 1, taken, WHEN, staff=True))
    yield Sample("tutorials.home none", tutorials.home(t, [], 0, 0, [], WHEN, staff=False))
    for name, long in (("short", False), ("long", True)):
        one = _slot(0, SlotState.booked, long=long)
        yield Sample(f"tutorials.booked {name}", tutorials.booked(t, one, WHEN))
        for what in ("booked", "day", "hour", "gone", "left", "closed", "freed"):
            told = Told(BIG, "ru", one, what)
            yield Sample(f"tutorials.pushed {what} {name}", tutorials.pushed(t, told, WHEN), pushed=True)
    yield Sample("tutorials.given_up", tutorials.given_up(t))
    both = [_slot(n, state) for n, state in enumerate((SlotState.booked, SlotState.free) * 2 + (SlotState.free,))]
    yield Sample("tutorials.own", tutorials.own(t, both, 47, 2, WHEN))
    yield Sample("tutorials.own none", tutorials.own(t, [], 0, 0, WHEN))
    yield Sample("tutorials.window", tutorials.window(t))
    yield Sample("tutorials.opened", tutorials.opened(t, 16))
    yield Sample("tutorials.slot free", tutorials.slot(t, _slot(0, SlotState.free), WHEN))
    yield Sample("tutorials.slot begun", tutorials.slot(t, _slot(0, SlotState.booked, hours=-1), WHEN))
    for state in (SlotState.held, SlotState.missed, SlotState.cancelled):
        yield Sample(f"tutorials.marked {state.value}", tutorials.marked(t, _slot(0, state)))
    yield from _tutors(t)


def _tutors(t: Translator) -> Iterator[Sample]:
    usual = Mine(BIG, FULL_NAME, "Школьная команда: Осень 2026", TODAY, seen=False)
    longest = Mine(BIG - 1, LONG_FULL_NAME, "Сопровождение после курсов повышения квалификации " * 5, TODAY, seen=True)
    yield Sample("tutors.home", tutors.home(t, [usual, longest], 0))
    yield Sample("tutors.home long", tutors.home(t, [longest] * 4 + [usual] * 20, 1))
    yield Sample("tutors.home seen", tutors.home(t, [longest], 0))
    yield Sample("tutors.home none", tutors.home(t, [], 0))
    for name, one in (("short", usual), ("long", longest)):
        yield Sample(f"tutors.given {name}", tutors.given(t, one))
        yield Sample(f"tutors.has {name}", tutors.has(t, one))
        yield Sample(f"tutors.one {name}", tutors.one(t, one, slots=name == "long"))
        side = Side(BIG, BIG, one.name, one.cohort, is_tutor=name == "short")
        yield Sample(f"tutors.write {name}", tutors.write(t, side))
        yield Sample(f"tutors.written {name}", tutors.written(t, side))
        words = "Посмотрите, пожалуйста, мой урок. " * (20 if name == "long" else 1)
        said = Letter(BIG, one.name, one.cohort, side.is_tutor, words)
        yield Sample(f"tutors.letter {name}", tutors.letter(t, said), pushed=True)
