"""Tables from people: XLSX or CSV in, checked rows out. Knows nothing of what the rows mean."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.errors import UserError
from bot.rules.words import folded

MAX_ROWS = 20_000
MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_COLUMNS = 200
MAX_CELL = 1000
HEADER_WITHIN = 15
"""The header is looked for in so many first rows: above it people put titles."""

MAX_BLANK = 5_000
"""So many empty rows in a row are the end of the table."""

PROGRESS_EVERY = 500

Progress = Callable[[int, int], None]
"""``progress(done, total)``; the total of a table being read is not known and is 0."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in code, the words it may be headed with, the first is shown to people."""

    name: str
    headers: tuple[str, ...]
    required: bool = False

    @property
    def title(self) -> str:
        """As the sample file has it."""
        return self.headers[0]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row: a locale key, its values, the column as headed in the sample."""

    key: str
    column: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the sheet as text; ``number`` is the row a person sees in her file."""

    number: int
    values: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: which columns were found, which headers we do not use, the rows."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_table(
    content: bytes,
    name: str,
    kinds: Mapping[str, Sequence[Column]],
    *,
    progress: Progress | None = None,
    moments: bool = False,
) -> tuple[str, Table]:
    """The kind whose columns fit best, and its rows. UserError for a file that cannot be used.

    With ``moments`` a day keeps its time («2026-12-09 15:02:11»).
    """
    raw, first_rows = _source(content, name, moments=moments)
    head: list[tuple[int, list[str]]] = []
    for number, cells in raw:
        head.append((number, cells))
        if len(head) >= HEADER_WITHIN:
            break
    if not any(any(cells) for _, cells in head):
        raise UserError("import-empty")
    kind, place, matched = _header(head, kinds)
    columns = kinds[kind]
    number, header = head[place]
    missing = [column.title for column in columns if column.required and column.name not in matched.values()]
    if missing:
        expected = ", ".join(column.title for column in columns)
        raise UserError("import-columns", missing=", ".join(missing), expected=expected)
    if first_rows & {number}:
        raise UserError("import-merged", row=number)
    twice = [title for title, count in Counter(matched.values()).items() if count > 1]
    if twice:
        title = next(column.title for column in columns if column.name == twice[0])
        raise UserError("import-column-twice", column=title)
    unknown = tuple(cell for index, cell in enumerate(header) if cell and index not in matched)
    titles = {column.name: column.title for column in columns}
    rows = tuple(_read_rows(head[place + 1 :], raw, matched, titles, progress))
    if not rows:
        raise UserError("import-empty")
    return kind, Table(tuple(matched.values()), unknown, rows)


def _read_rows(
    head: Iterable[tuple[int, list[str]]],
    rest: Iterable[tuple[int, list[str]]],
    matched: Mapping[int, str],
    titles: Mapping[str, str],
    progress: Progress | None,
) -> Iterator[TableRow]:
    done = blank = 0
    for source in (head, rest):
        for number, cells in source:
            if not any(cells):
                blank += 1
                if blank > MAX_BLANK:
                    break
                continue
            done, blank = done + 1, 0
            if done > MAX_ROWS:
                raise UserError("import-too-many", limit=MAX_ROWS)
            if progress is not None and done % PROGRESS_EVERY == 0:
                progress(done, 0)
            values = {name: cells[index] if index < len(cells) else "" for index, name in matched.items()}
            problems = tuple(
                Problem("import-formula" if value.startswith("=") else "import-long", titles[column])
                for column, value in values.items()
                if value.startswith("=") or len(value) > MAX_CELL
            )
            yield TableRow(number, values, problems)
    if progress is not None:
        progress(done, done)


def _header(
    head: Sequence[tuple[int, list[str]]], kinds: Mapping[str, Sequence[Column]]
) -> tuple[str, int, dict[int, str]]:
    """The kind and the row whose cells are most of the known headings, required ones first."""
    best: tuple[tuple[int, int], str, int, dict[int, str]] | None = None
    for kind, columns in kinds.items():
        required = {column.name for column in columns if column.required}
        names = {folded(word): column.name for column in columns for word in column.headers}
        for place, (_, cells) in enumerate(head):
            matched = {index: names[folded(cell)] for index, cell in enumerate(cells) if folded(cell) in names}
            found = set(matched.values())
            score = (len(found) if required <= found else 0, len(found))
            if best is None or score > best[0]:
                best = (score, kind, place, matched)
    if best is None or best[0] == (0, 0):
        expected = ", ".join(column.title for column in next(iter(kinds.values())))
        raise UserError("import-no-header", expected=expected)
    return best[1:]


Source = Iterator[tuple[int, list[str]]]


def _source(content: bytes, name: str, *, moments: bool) -> tuple[Source, set[int]]:
    """(row number, cells as text) and the rows that hold merged cells."""
    if not content.strip():
        raise UserError("import-empty")
    if len(content) > MAX_BYTES:
        raise UserError("import-too-big", limit=MAX_BYTES // 1024 // 1024)
    suffix = name.lower().rpartition(".")[2]
    if content[:2] == b"PK":
        return _workbook(content, suffix, moments=moments)
    if content[:4] == b"\xd0\xcf\x11\xe0" or suffix == "xls":
        raise UserError("import-old-excel")
    if suffix not in ("csv", "txt", "tsv") or content[:4] in (b"%PDF", b"{\\rt"):
        raise UserError("import-wrong-file")
    return _text(content), set()


def _workbook(content: bytes, suffix: str, *, moments: bool) -> tuple[Source, set[int]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if suffix == "xlsm" or any(part.endswith("vbaProject.bin") for part in names):
                raise UserError("import-macros")
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise UserError("import-too-big", limit=MAX_BYTES // 1024 // 1024)
            if "xl/workbook.xml" not in names:
                raise UserError("import-wrong-file")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        if not book.worksheets:
            raise UserError("import-wrong-file")
        sheet = book.worksheets[0]
        merged = _merged_rows(content, sheet)
        # A size written into the file may claim a million empty rows.
        sheet.reset_dimensions()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError, TypeError) as error:
        raise UserError("import-broken-file") from error

    def rows() -> Source:
        try:
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
                yield number, [_cell(value, moments=moments) for value in row]
        except (BadZipFile, KeyError, ValueError, ParseError, TypeError, EOFError) as error:
            raise UserError("import-broken-file") from error
        finally:
            book.close()

    return rows(), merged


_merge = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


def _merged_rows(content: bytes, sheet: Any) -> set[int]:
    """Rows with merged cells that take more than one column (a reader by rows does not see them)."""
    path = str(getattr(sheet, "_worksheet_path", "xl/worksheets/sheet1.xml")).lstrip("/")
    rows: set[int] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if path not in archive.namelist():
            return rows
        with archive.open(path) as part:
            tail = b""
            while chunk := part.read(1 << 20):
                for left, top, right, bottom in _merge.findall(tail + chunk):
                    if left != right:
                        rows.update(range(int(top), min(int(bottom), int(top) + HEADER_WITHIN) + 1))
                tail = chunk[-200:]
    return rows


def _text(content: bytes) -> Source:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=first.count)

    def rows() -> Source:
        try:
            for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
                yield number, [_cell(cell) for cell in row[:MAX_COLUMNS]]
        except csv.Error as error:
            raise UserError("import-broken-file") from error

    return rows()


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        raise UserError("import-wrong-file")
    else:
        encodings = ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError("import-wrong-file")


_spaces = re.compile(r"\s+")
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def _cell(value: Any, *, moments: bool = False) -> str:
    """A cell as a person would read it: 1984.0 → «1984», a day as ISO, spaces made single."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds") if moments else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _spaces.sub(" ", _control.sub("", str(value))).strip()
