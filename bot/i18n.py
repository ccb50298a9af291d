"""Translator over fluent.runtime: ``ru`` has the last word, wording of staff lies on top."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent_ast

log = structlog.get_logger()

BASE = "ru"
NBSP = "\u00a0"
_glue = re.compile(r"(?<=№) (?=\S)|(?<=\d) (?=(?:%|ч\b|₽|МБ\b))")


class SafeHtml(str):
    """A value that is HTML already and must not be escaped again."""

    __slots__ = ()


class Texts:
    """All locales of a folder; one per process."""

    def __init__(self, folder: Path, *, strict: bool = False) -> None:
        self.strict = strict
        self.folder = folder
        self._places = {place.name: _place(place) for place in sorted(folder.iterdir()) if place.is_dir()}
        self._overrides: dict[str, dict[str, str]] = {}
        self._translators: dict[str, Translator] = {}
        self._build()

    @property
    def locales(self) -> list[str]:
        """Locales that have a folder, ``ru`` first."""
        return [BASE, *(name for name in self._places if name != BASE)]

    def keys(self, locale: str = BASE) -> list[str]:
        """Every message of the locale, attributes as ``key.attribute``."""
        return sorted(self._patterns(locale))

    def shipped(self, key: str, locale: str = BASE) -> str | None:
        """The shipped wording in Fluent syntax, as staff edit it."""
        return self._patterns(locale).get(key)

    def override(self, overrides: Mapping[str, Mapping[str, str]]) -> None:
        """Put the wording of staff (locale → key → pattern) on top of the shipped one."""
        self._overrides = {locale: dict(items) for locale, items in overrides.items()}
        self._build()

    def translator(self, locale: str = BASE) -> Translator:
        """The translator of a locale; unknown ones speak Russian."""
        return self._translators.get(locale) or self._translators[BASE]

    def _patterns(self, locale: str) -> Mapping[str, str]:
        return self._places[locale].patterns if locale in self._places else {}

    def _build(self) -> None:
        bundles = {name: place.bundle_with(self._overrides.get(name, {})) for name, place in self._places.items()}
        for locale, bundle in bundles.items():
            chain = [bundle] + ([bundles[BASE]] if locale != BASE else [])
            self._translators[locale] = Translator(locale, chain, strict=self.strict)


class Place:
    """What is shipped in one language: read once, the same for every ``Texts`` of the process."""

    def __init__(self, locale: str, patterns: dict[str, str], messages: list[fluent_ast.EntryType]) -> None:
        self.patterns = patterns
        self._locale = locale
        self._shipped = FluentResource("")
        self._shipped.body = messages
        self._plain = self._bundle()

    def bundle_with(self, overrides: Mapping[str, str]) -> FluentBundle:
        """The shipped messages; those with another wording are written anew, whole."""
        if not overrides:
            return self._plain
        changed = {key.partition(".")[0] for key in overrides}
        whole = {key: text for key, text in self.patterns.items() if key.partition(".")[0] in changed}
        bundle = self._bundle()
        bundle.add_resource(FluentResource(as_fluent({**whole, **overrides})), allow_overrides=True)
        return bundle

    def _bundle(self) -> FluentBundle:
        bundle = FluentBundle([self._locale if self._locale != "inh" else "ce"], use_isolating=False)
        bundle.add_resource(self._shipped)
        return bundle


class Translator:
    """``t("key.attribute", name=value)`` in one language."""

    def __init__(self, locale: str, chain: list[FluentBundle], *, strict: bool = False) -> None:
        self.locale = locale
        self._chain = chain
        self._strict = strict
        self._fixed: dict[str, str] = {}

    def __call__(self, key: str, **args: Any) -> str:
        """Plain text (labels, toasts, pages that escape by themselves)."""
        if not args:
            text = self._fixed.get(key)
            if text is None:
                text = self._fixed[key] = self._format(key, args)
            return text
        return self._format(key, args)

    def html(self, key: str, **args: Any) -> str:
        """Text for a screen: values are escaped, ``SafeHtml`` excepted."""
        if not args:
            return self(key)
        return self._format(key, {name: _escaped(value) for name, value in args.items()})

    def screen(self, key: str, **args: Any) -> str:
        """Bold title (``key.title``), an empty line, the body (``key``), where there is one."""
        title = self.html(f"{key}.title", **args)
        body = self.html(key, **args) if self.has(key) else ""
        return f"<b>{title}</b>\n\n{body}" if body else f"<b>{title}</b>"

    def has(self, key: str) -> bool:
        """True when the key has a wording."""
        return self._pattern(key) is not None

    def day(self, day: date, *, today: date) -> str:
        """«сегодня», «завтра», «вт, 25 ноября»; the year only when it is another one."""
        distance = (day - today).days
        if distance in (0, 1, -1):
            return self(("date-yesterday", "date-today", "date-tomorrow")[distance + 1])
        text = self(
            "date-day", weekday=self(f"date-weekday-{day.isoweekday()}"), day=str(day.day), month=self.month(day)
        )
        return text if day.year == today.year else self("date-with-year", day=text, year=str(day.year))

    def month(self, day: date) -> str:
        """«ноября»."""
        return self(f"date-month-{day.month}")

    def moment(self, moment: datetime, zone: ZoneInfo, *, today: date) -> str:
        """«завтра в 15:00» in the region's zone."""
        local = moment.astimezone(zone)
        return self("date-moment", day=self.day(local.date(), today=today), time=f"{local:%H:%M}")

    def _pattern(self, key: str) -> tuple[FluentBundle, Any] | None:
        name, _, attribute = key.partition(".")
        for bundle in self._chain:
            if not bundle.has_message(name):
                continue
            message = bundle.get_message(name)
            pattern = message.attributes.get(attribute) if attribute else message.value
            if pattern is not None:
                return bundle, pattern
        return None

    def _format(self, key: str, args: dict[str, Any]) -> str:
        found = self._pattern(key)
        if found is None:
            if self._strict:
                raise KeyError(f"no text {key!r} in {self.locale}")
            log.error("text-missing", key=key, locale=self.locale)
            return key
        bundle, pattern = found
        text, errors = bundle.format_pattern(pattern, args)
        if errors:
            if self._strict:
                raise ValueError(f"text {key!r}: {errors}")
            log.error("text-broken", key=key, locale=self.locale, errors=[str(error) for error in errors])
        return _glue.sub(NBSP, str(text))


class Words(Protocol):
    """What screens need of a translator."""

    def __call__(self, key: str, **args: Any) -> str: ...


def escape(text: str) -> SafeHtml:
    """Text of a person, made safe for a screen."""
    return SafeHtml(html.escape(text, quote=False))


def date_ru(day: date) -> str:
    """DD.MM.YYYY for documents and the admin."""
    return f"{day:%d.%m.%Y}"


def as_fluent(patterns: Mapping[str, str]) -> str:
    """A Fluent resource of ``key`` and ``key.attribute`` patterns."""
    messages: dict[str, dict[str, str]] = {}
    for key, pattern in patterns.items():
        name, _, attribute = key.partition(".")
        messages.setdefault(name, {})[attribute] = pattern
    lines: list[str] = []
    for name, parts in messages.items():
        lines.append(f"{name} =" + (_indented(parts[""], 4) if "" in parts else ""))
        lines += [f"    .{attribute} ={_indented(text, 8)}" for attribute, text in parts.items() if attribute]
    return "\n".join(lines) + "\n"


def _indented(pattern: str, by: int) -> str:
    margin = "\n" + " " * by
    return "".join(margin + line if line else "\n" for line in pattern.split("\n"))


def _place(folder: Path) -> Place:
    files = [(path, path.stat()) for path in sorted(folder.glob("*.ftl"))]
    return _read(folder, tuple((path, state.st_mtime_ns, state.st_size) for path, state in files))


@lru_cache(maxsize=8)
def _read(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> Place:
    """``key`` and ``key.attribute`` → pattern as written, of every ``.ftl`` in the folder.

    Reading takes a good half of a second: again only when a file has changed.
    """
    patterns: dict[str, str] = {}
    messages: dict[str, fluent_ast.EntryType] = {}
    for path, _changed, _size in files:
        source = path.read_text(encoding="utf-8")
        for entry in FluentParser(with_spans=True).parse(source).body:
            if isinstance(entry, fluent_ast.Junk):
                raise ValueError(f"{path.name}: {(entry.content or '').strip()[:80]!r} is not Fluent")
            if not isinstance(entry, fluent_ast.Message):
                continue
            if entry.id.name in messages:
                raise ValueError(f"{path.name}: {entry.id.name} is written twice")
            messages[entry.id.name] = entry
            if entry.value is not None:
                patterns[entry.id.name] = _source(source, entry.value)
            for attribute in entry.attributes:
                patterns[f"{entry.id.name}.{attribute.id.name}"] = _source(source, attribute.value)
    return Place(folder.name, patterns, list(messages.values()))


def _source(source: str, pattern: fluent_ast.Pattern) -> str:
    assert pattern.span is not None
    lines = source[pattern.span.start : pattern.span.end].split("\n")
    indents = [len(line) - len(line.lstrip(" ")) for line in lines]
    inner = [number for number, line in enumerate(lines) if number and line.strip()]
    # As Fluent counts: what is inside braces says nothing of the margin of the text.
    text = [number for number in inner if lines[number].lstrip(" ")[0] not in "[*}"]
    cut = min((indents[number] for number in text or inner), default=0)
    return "\n".join(
        [lines[0].lstrip(" "), *(line[min(cut, indents[n]) :] for n, line in enumerate(lines) if n)]
    ).strip("\n")


def _escaped(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, SafeHtml):
        return html.escape(value, quote=False)
    return value
