"""YAML of ``data/``: read with line numbers, so that a mistake is answered with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from bot.errors import UserError

T = TypeVar("T")


class Entry(dict[str, Any]):
    """A mapping that knows its file and line; its getters say what is wrong in words."""

    __slots__ = ("file", "line")

    def __init__(self, values: dict[str, Any], file: str, line: int) -> None:
        super().__init__(values)
        self.file, self.line = file, line

    def need(self, field: str, kind: type[T]) -> T:
        """A field that must be there and be of its kind."""
        if self.get(field) is None or self[field] == "":
            raise UserError("data-file-missing", file=self.file, line=self.line, field=field)
        return self._checked(field, kind)

    def maybe(self, field: str, kind: type[T], default: T) -> T:
        """A field that may be left out."""
        return default if self.get(field) is None else self._checked(field, kind)

    def one_of(self, field: str, allowed: Collection[str], default: str | None = None) -> str:
        """A word of a closed list."""
        value = self.need(field, str) if default is None else self.maybe(field, str, default)
        if value not in allowed:
            self.wrong(field, allowed=", ".join(sorted(allowed)))
        return value

    def entries(self, field: str, *, optional: bool = False) -> list[Entry]:
        """A list of mappings."""
        items = self.maybe(field, list, []) if optional else self.need(field, list)
        for item in items:
            if not isinstance(item, Entry):
                self.wrong(field)
        return items

    def wrong(self, field: str, *, allowed: str = "") -> NoReturn:
        """Say that a field cannot be used; ``allowed`` lists what can."""
        value = str(self.get(field))[:60]
        if allowed:
            raise UserError(
                "data-file-not-one-of", file=self.file, line=self.line, field=field, value=value, allowed=allowed
            )
        raise UserError("data-file-wrong", file=self.file, line=self.line, field=field, value=value)

    def _checked(self, field: str, kind: type[T]) -> T:
        value = self[field]
        # bool is an int and datetime is a date for Python, not for the reader of the file.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(field)
        return value


def read(path: Path, *, name: str = "") -> Entry:
    """The mapping of a file. UserError names file, line and what to do when it cannot be read."""
    file = name or path.name
    try:
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError("data-file-absent", file=file) from None
    except UnicodeDecodeError:
        raise UserError("data-file-encoding", file=file) from None
    try:
        content = _loader_of(file)(source).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UserError("data-file-broken", file=file, line=mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:
        raise UserError("data-file-broken", file=file, line=_line_of(source, error)) from error
    if not isinstance(content, Entry):
        raise UserError("data-file-broken", file=file, line=1)
    return content


def unique(entries: list[Entry], field: str) -> Iterator[tuple[str, Entry]]:
    """(key, entry) of each entry; the same key twice is refused."""
    seen: dict[str, int] = {}
    for entry in entries:
        key = entry.need(field, str)
        if key in seen:
            raise UserError(
                "data-file-twice", file=entry.file, line=entry.line, field=field, value=key, first=seen[key]
            )
        seen[key] = entry.line
        yield key, entry


def days_of(entry: Entry) -> tuple[date, date]:
    """First and last day of ``{on}`` or ``{from, to}``."""
    if "on" in entry:
        day = entry.need("on", date)
        return day, day
    first, last = entry.need("from", date), entry.need("to", date)
    if last < first or (last - first).days > 60:
        entry.wrong("to")
    return first, last


def _line_of(source: str, error: yaml.YAMLError) -> int:
    position = getattr(error, "position", 0)
    return source.count("\n", 0, position) + 1


def _loader_of(file: str) -> type[yaml.SafeLoader]:
    class Loader(yaml.SafeLoader):
        """A SafeLoader that keeps lines, refuses a key written twice and reads ``on`` as a word."""

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Entry:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise UserError("data-file-key-twice", file=file, line=line, field=key)
            seen.add(key)
        values: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            try:
                values[key] = loader.construct_object(value, deep=True)
            except ValueError as error:  # the 33rd of February
                line = value.start_mark.line + 1
                said = str(value.value)[:60]
                raise UserError("data-file-wrong", file=file, line=line, field=key, value=said) from error
        return Entry(values, file, node.start_mark.line + 1)

    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    return Loader
