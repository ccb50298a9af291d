"""The columns of both tables, the words of their cells, the sample file: all from ``data/``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.config import ROOT
from bot.rules.words import folded
from bot.services.data_files import Entry, read
from bot.services.importing import Column
from bot.services.table_words import columns_of, hints_of, meanings, sample_book

PATH = ROOT / "data" / "common" / "imports.yaml"


class Kind(StrEnum):
    """What a table lists."""

    people = "people"
    organisations = "organisations"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of both kinds and what words of the cells mean."""

    columns: dict[Kind, tuple[Column, ...]]
    hints: dict[Kind, dict[str, str]]
    in_sample: dict[Kind, tuple[str, ...]]
    samples: dict[Kind, tuple[dict[str, str], ...]]
    yes: frozenset[str]
    no: frozenset[str]
    kinds: dict[str, str]
    flags: dict[str, str]
    categories: dict[str, str]

    def title(self, kind: Kind, name: str) -> str:
        """The heading of a column as the sample has it."""
        return next(column.title for column in self.columns[kind] if column.name == name)


@lru_cache(maxsize=1)
def layout() -> Layout:
    """Read once a process."""
    content = read(PATH)
    words = content.need("words", Entry)
    entries = {kind: content.entries(kind) for kind in Kind}
    samples = content.need("samples", Entry)
    return Layout(
        columns={kind: columns_of(PATH, kind) for kind in Kind},
        hints={kind: hints_of(PATH, kind) for kind in Kind},
        in_sample={
            kind: tuple(entry.need("name", str) for entry in entries[kind] if entry.maybe("sample", bool, True))
            for kind in Kind
        },
        samples={
            kind: tuple({name: str(value) for name, value in row.items()} for row in samples.entries(kind))
            for kind in Kind
        },
        yes=_words(words, "yes"),
        no=_words(words, "no"),
        kinds=meanings(words.need("kinds", Entry)),
        flags=meanings(words.need("flags", Entry)),
        categories=meanings(words.need("categories", Entry)),
    )


def _words(entry: Entry, field: str) -> frozenset[str]:
    # folded() drops signs, and «+» is a usual way to say yes.
    return frozenset(folded(str(word)) or str(word) for word in entry.need(field, list))


def sample_workbook(kind: Kind | str) -> bytes:
    """An XLSX to fill in: headings with hints, a few invented rows."""
    kind = Kind(kind)
    rules = layout()
    known = {column.name: column for column in rules.columns[kind]}
    return sample_book(
        [known[name] for name in rules.in_sample[kind]],
        rules.hints[kind],
        rules.samples[kind],
        width=lambda column: max(14, min(36, len(column.title) + 8)),
    )
