"""The columns of both tables, the words of their cells, the sample file: all from ``data/``."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import xlsxwriter

from bot.config import ROOT
from bot.rules.words import folded
from bot.services.data_files import Entry, read
from bot.services.importing import Column

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
        columns={
            kind: tuple(
                Column(
                    entry.need("name", str),
                    tuple(str(header) for header in entry.need("headers", list)),
                    required=entry.maybe("required", bool, False),
                )
                for entry in entries[kind]
            )
            for kind in Kind
        },
        hints={
            kind: {entry.need("name", str): entry.maybe("hint", str, "") for entry in entries[kind]} for kind in Kind
        },
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
        kinds=_meanings(words.need("kinds", Entry)),
        flags=_meanings(words.need("flags", Entry)),
        categories=_meanings(words.need("categories", Entry)),
    )


def _words(entry: Entry, field: str) -> frozenset[str]:
    # folded() drops signs, and «+» is a usual way to say yes.
    return frozenset(folded(str(word)) or str(word) for word in entry.need(field, list))


def _meanings(entry: Entry) -> dict[str, str]:
    return {word: meaning for meaning in entry for word in _words(entry, meaning)}


def sample_workbook(kind: Kind | str) -> bytes:
    """An XLSX to fill in: headings with hints, a few invented rows."""
    kind = Kind(kind)
    rules = layout()
    titles = {column.name: column.title for column in rules.columns[kind]}
    required = {column.name for column in rules.columns[kind] if column.required}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        must = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#FFF2CC"})
        as_text = book.add_format({"num_format": "@"})
        for place, name in enumerate(rules.in_sample[kind]):
            sheet.set_column(place, place, max(14, min(36, len(titles[name]) + 8)), as_text)
            sheet.write_string(0, place, titles[name], must if name in required else bold)
            if rules.hints[kind][name]:
                sheet.write_comment(0, place, rules.hints[kind][name], {"x_scale": 2})
            for number, row in enumerate(rules.samples[kind], 1):
                sheet.write_string(number, place, row.get(name, ""), as_text)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
