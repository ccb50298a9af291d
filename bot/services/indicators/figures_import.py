"""A table of numbers from people: XLSX or CSV with what, territory, value, period, source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Municipality
from bot.rules.indicators.periods import period_of
from bot.rules.words import folded
from bot.services.data_files import read
from bot.services.importing import Column, Problem, read_table
from bot.services.indicators import definitions
from bot.services.indicators.figures import MOST, Entry
from bot.services.table_words import columns_of

KIND = "figures"
MAX_BYTES = 2 * 2**20
"""Largest file, in bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table says: entries that can be taken, and rows with what is wrong in each."""

    entries: Sequence[Entry]
    wrong: Sequence[tuple[int, tuple[Problem, ...]]]


def columns() -> tuple[Column, ...]:
    """The columns, headed as in ``data/common/figures.yaml``."""
    return columns_of(definitions.FIGURES)


async def read_figures(session: AsyncSession, content: bytes, name: str) -> Reading:
    """Read a table. UserError for a file that cannot be used; rows keep what is wrong with them."""
    _, table = read_table(content, name, {KIND: columns()})
    places = {
        folded(title): number for number, title in await session.execute(select(Municipality.id, Municipality.name))
    }
    titles = {column.name: column.title for column in columns()}
    entries: list[Entry] = []
    wrong: list[tuple[int, tuple[Problem, ...]]] = []
    for row in table.rows:
        problems = list(row.problems)
        made = None if problems else _entry(row.values, places, titles, problems)
        if made is None or problems:
            wrong.append((row.number, tuple(problems)))
        else:
            entries.append(made)
    return Reading(entries, wrong)


def _entry(
    values: Mapping[str, str], places: Mapping[str, int], titles: Mapping[str, str], problems: list[Problem]
) -> Entry | None:
    def bad(key: str, column: str) -> None:
        problems.append(Problem(key, titles[column]))

    slug = definitions.figure_named(values.get("what", ""))
    if slug is None:
        bad("figure-import.what", "what")
    where = folded(values.get("territory", ""))
    place = places.get(where)
    if where and where not in _whole() and place is None:
        bad("figure-import.territory", "territory")
    period = period_of(values.get("period", "").strip())
    if period is None:
        bad("figure-import.period", "period")
    raw = values.get("value", "").replace("\u00a0", "").replace(" ", "")
    if not raw.isascii() or not raw.isdigit() or int(raw) > MOST:
        bad("figure-import.value", "value")
    source = values.get("source", "").strip()
    if not source:
        bad("figure-import.source", "source")
    state = _day(values.get("state", ""))
    if values.get("state", "").strip() and state is None:
        bad("figure-import.state", "state")
    if problems or slug is None or period is None:
        return None
    return Entry(
        slug, place, period.first, period.last, int(raw), source[:255], values.get("document", "").strip()[:255], state
    )


def _whole() -> set[str]:
    return {folded(str(word)) for word in read(definitions.FIGURES).need("whole", list)}


def _day(raw: str) -> date | None:
    parts = raw.strip().split(" ")[0].split(".")
    try:
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(parts[0])
    except ValueError:
        return None
