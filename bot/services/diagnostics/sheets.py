"""An instrument as an XLSX book and back: three sheets that a methodist can fill in."""

from __future__ import annotations

import io
from typing import Any
from zipfile import BadZipFile

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.errors import UserError
from bot.services.diagnostics.source import InstrumentFile, parse, read_yaml

HEAD, GROUPS, ITEMS = "Инструмент", "Группы", "Вопросы"

FIELDS: tuple[tuple[str, str], ...] = (
    ("slug", "Код инструмента"),
    ("title", "Название"),
    ("audience", "Для кого"),
    ("kind", "Вид"),
    ("subject", "Предмет"),
    ("form", "Форма"),
    ("direction", "Направление шкалы"),
    ("minutes", "Минут"),
    ("time_limit", "Ограничение, минут"),
    ("instruction", "Инструкция"),
    ("scale", "Шкала"),
    ("minimal", "Граница: минимальный"),
    ("low", "Граница: низкий"),
    ("middle", "Граница: средний"),
)
GROUP_COLUMNS = (("slug", "Код группы"), ("title", "Группа"), ("weight", "Вес"))
ITEM_COLUMNS = (
    ("group", "Код группы"),
    ("code", "Код"),
    ("kind", "Вид вопроса"),
    ("text", "Текст"),
    ("short", "Коротко"),
    ("preschool", "Для воспитателей"),
    ("options", "Варианты, по одному в строке"),
    ("key", "Ключ"),
    ("tolerance", "Допуск"),
    ("points", "Баллы"),
)
MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 500


def write_workbook(source: InstrumentFile) -> bytes:
    """The book of an instrument, keys included."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        raw = source.model_dump(mode="json")
        raw |= dict(source.bounds) | {"scale": "\n".join(source.scale)}
        head = book.add_worksheet(HEAD)
        head.set_column(0, 0, 26)
        head.set_column(1, 1, 70)
        for row, (name, title) in enumerate(FIELDS):
            head.write_string(row, 0, title, bold)
            head.write_string(row, 1, _text(raw[name]), wrap)
        _table(book, GROUPS, GROUP_COLUMNS, [group.model_dump(mode="json") for group in source.groups], bold, wrap)
        lines = []
        for group in source.groups:
            for item in group.items:
                line = item.model_dump(mode="json") | {"group": group.slug, "options": "\n".join(item.options)}
                if isinstance(item.key, dict):
                    line["key"], line["tolerance"] = item.key.get("value"), item.key.get("tolerance")
                elif isinstance(item.key, list):
                    line["key"] = ("; " if item.kind == "text" else ", ").join(_text(one) for one in item.key)
                lines.append(line)
        _table(book, ITEMS, ITEM_COLUMNS, lines, bold, wrap)
    return buffer.getvalue()


def _table(book: Any, name: str, columns: Any, lines: list[dict[str, Any]], bold: Any, wrap: Any) -> None:
    page = book.add_worksheet(name)
    for place, (field, title) in enumerate(columns):
        page.set_column(place, place, 50 if field in ("text", "options", "preschool") else 16)
        page.write_string(0, place, title, bold)
        for row, line in enumerate(lines, 1):
            page.write_string(row, place, _text(line.get(field)), wrap)
    page.freeze_panes(1, 0)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def read_any(content: bytes, name: str) -> InstrumentFile:
    """A file from an author: YAML or XLSX. UserError says what cannot be read."""
    if len(content) > MAX_BYTES:
        raise UserError("import-too-big", limit=MAX_BYTES // 1024 // 1024)
    return read_workbook(content, name) if content[:2] == b"PK" else read_yaml(content, name)


def read_workbook(content: bytes, name: str) -> InstrumentFile:
    """The instrument of a book; UserError names the sheet or the place that does not fit."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        pages = {page.title: [list(row) for row in page.iter_rows(max_row=MAX_ROWS, max_col=20, values_only=True)]
                 for page in book.worksheets}  # fmt: skip
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, TypeError) as failure:
        raise UserError("import-broken-file") from failure
    for sheet in (HEAD, GROUPS, ITEMS):
        if sheet not in pages:
            raise UserError("diagnostics-no-sheet", file=name, sheet=sheet)
    titles = {title: field for field, title in FIELDS}
    head: dict[str, Any] = {}
    for row in pages[HEAD]:
        field = titles.get(_text(row[0]).strip())
        if field is not None and len(row) > 1 and row[1] not in (None, ""):
            head[field] = row[1]
    head["cuts"] = {name: head.pop(name) for name in ("minimal", "low", "middle") if name in head} or None
    head["scale"] = [line.strip() for line in _text(head.get("scale", "")).splitlines() if line.strip()]
    for field in ("slug", "title", "audience", "kind", "subject", "form", "direction", "instruction"):
        if field in head:
            head[field] = _text(head[field])
    groups: dict[str, dict[str, Any]] = {}
    for line in _lines(pages[GROUPS], GROUP_COLUMNS, name, GROUPS):
        slug = _text(line.get("slug"))
        groups[slug] = {"slug": slug, "title": _text(line.get("title")), "items": []}
        if line.get("weight") not in (None, ""):
            groups[slug]["weight"] = line["weight"]
    for line in _lines(pages[ITEMS], ITEM_COLUMNS, name, ITEMS):
        slug = _text(line.pop("group", ""))
        if slug not in groups:
            raise UserError("diagnostics-file-wrong", file=name, place=f"{ITEMS}: {slug or '—'}")
        groups[slug]["items"].append(_item(line))
    return parse(head | {"groups": list(groups.values())}, name)


def _item(line: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        field: _text(line[field]) for field in ("code", "kind", "text", "short", "preschool") if line.get(field)
    }
    made["options"] = [one.strip() for one in _text(line.get("options")).splitlines() if one.strip()]
    key, tolerance = line.get("key"), line.get("tolerance")
    if key not in (None, ""):
        made["key"] = {"value": _text(key), "tolerance": _text(tolerance)} if tolerance else _text(key)
    if line.get("points") not in (None, ""):
        made["points"] = line["points"]
    return made


def _lines(page: list[list[Any]], columns: Any, name: str, sheet: str) -> list[dict[str, Any]]:
    titles = {title: field for field, title in columns}
    if not page:
        raise UserError("diagnostics-no-sheet", file=name, sheet=sheet)
    fields = [titles.get(_text(cell).strip()) for cell in page[0]]
    found = []
    for row in page[1:]:
        line = {field: cell for field, cell in zip(fields, row, strict=False) if field and cell not in (None, "")}
        if line:
            found.append(line)
    return found
