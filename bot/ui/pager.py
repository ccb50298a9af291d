"""A page of things that fits the messenger: numbered lines and a row of digits, five to a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.i18n import Translator
from bot.ui.screen import Button, Row

T = TypeVar("T")
PAGE = 5


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some things of a longer list; ``number`` counts from 0."""

    things: Sequence[T]
    number: int
    total: int
    size: int = PAGE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first line, from 1 on each page."""
        return 1


def digits(page: Page[T], action: Callable[[T], str]) -> Row:
    """One button a line, labelled by its number."""
    return tuple(Button(str(i), action(thing)) for i, thing in enumerate(page.things, start=page.first))


def turns(t: Translator, page: Page[T], action: Callable[[int], str]) -> Row:
    """«Раньше» and «Ещё», only those that lead somewhere."""
    row: list[Button] = []
    if page.number > 0:
        row.append(Button(t("button-earlier"), action(page.number - 1)))
    if page.number + 1 < page.pages:
        row.append(Button(t("button-more"), action(page.number + 1)))
    return tuple(row)
