"""The words: every key that code asks for exists, every wording keeps to the voice, plurals agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent

from bot.config import ROOT
from bot.i18n import BASE, Texts, as_fluent
from bot.rules import wording

TEXTS = Texts(ROOT / "locales", strict=True)
KEYS = sorted(TEXTS.keys(BASE))
NUMBERS = (0, 1, 2, 5, 11, 14, 21, 22, 25, 101, 111, 112)
FOR_STAFF = ("admin-", "command", "deadline-", "doctor-", "road-apply-", "road-file-", "road-read-")
"""Pages and commands of staff have their own, drier limits."""

PLACES = [path.name for path in sorted((ROOT / "locales").iterdir()) if path.is_dir()]
NEEDED = 0.8
"""A language is shown when this share of the keys is translated (and a reviewer is named)."""

CALLS = {"t", "html", "screen", "has", "translator"}
KEY = re.compile(r"[a-z]+(-[a-z0-9]+)+(\.[a-z0-9-]+)?$")


def code() -> list[tuple[str, ast.Module]]:
    paths = [path for folder in ("bot", "admin") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def asked_for() -> set[tuple[str, str, bool]]:
    """(file, key, as a screen) of every call of a translator and every UserError with a literal key."""
    found: set[tuple[str, str, bool]] = set()
    for path, tree in code():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                continue
            spoken = name in CALLS and not (name == "has" or path.endswith("i18n.py"))
            if (spoken or name in ("UserError", "NotAllowed", "NotFound")) and KEY.fullmatch(first.value):
                found.add((path, first.value, name == "screen"))
    return found


def in_templates() -> set[tuple[str, str]]:
    """(file, key) of ``t("…")`` in the pages."""
    pattern = re.compile(r"""\bt(?:\.html)?\(\s*["']([a-z0-9.-]+)["']\s*[,)]""")
    pages = [*(ROOT / "admin").rglob("*.html"), *(ROOT / "bot" / "web").rglob("*.html")]
    return {
        (str(page.relative_to(ROOT)), key)
        for page in pages
        for key in pattern.findall(page.read_text(encoding="utf-8"))
        if KEY.fullmatch(key)
    }


def test_every_key_of_the_code_has_words() -> None:
    t = TEXTS.translator()
    asked = asked_for()
    assert len(asked) > 300, "the calls are found at all"
    lost = {(path, key) for path, key, as_screen in asked if not (t.has(f"{key}.title") if as_screen else t.has(key))}
    assert lost == set()


def test_every_key_of_the_pages_has_words() -> None:
    t = TEXTS.translator()
    asked = in_templates()
    assert len(asked) > 100
    assert {(page, key) for page, key in asked if not t.has(key)} == set()


def test_no_words_lie_about_unused() -> None:
    """A message nobody asks for, in whole or built from pieces, is a wording somebody will edit in vain."""
    everything = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "admin", "data")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html", ".js", ".yaml")
    )
    prefixes = set(re.findall(r"""["']([a-z]+(?:-[a-z0-9]+)*[-.])\{""", everything))
    beginnings = tuple(prefix.rstrip(".") for prefix in prefixes)
    # Whole words first: looking through the whole source for each name takes half a minute.
    words = set(re.findall(r"[a-z0-9-]+", everything))
    names = {key.partition(".")[0] for key in KEYS}
    assert [name for name in sorted(names - words) if not name.startswith(beginnings) and name not in everything] == []


@pytest.mark.parametrize("key", [key for key in KEYS if not key.startswith(FOR_STAFF)])
def test_the_voice(key: str) -> None:
    shipped = TEXTS.shipped(key, BASE) or ""
    assert wording.manners(key, shipped) == []


def patterns(source: str) -> dict[str, fluent.Pattern]:
    found: dict[str, fluent.Pattern] = {}
    for entry in FluentParser(with_spans=False).parse(source).body:
        if isinstance(entry, fluent.Message):
            if entry.value is not None:
                found[entry.id.name] = entry.value
            found |= {f"{entry.id.name}.{a.id.name}": a.value for a in entry.attributes}
    return found


def test_the_wording_that_staff_see_says_what_is_shipped() -> None:
    """Saved as it is shown, it is read again as the same message: no space of a margin becomes a word's."""
    shown = patterns(as_fluent({key: TEXTS.shipped(key) or "" for key in KEYS}))
    written = all_patterns(ROOT / "locales" / BASE)
    assert set(shown) == set(written)
    assert [key for key, pattern in written.items() if not pattern.equals(shown[key])] == []


def selects(pattern: fluent.Pattern) -> list[fluent.SelectExpression]:
    return [
        element.expression
        for element in pattern.elements
        if isinstance(element, fluent.Placeable) and isinstance(element.expression, fluent.SelectExpression)
    ]


def all_patterns(folder: Path) -> dict[str, fluent.Pattern]:
    merged: dict[str, fluent.Pattern] = {}
    for path in sorted(folder.glob("*.ftl")):
        merged |= patterns(path.read_text(encoding="utf-8"))
    return merged


def test_russian_plurals_have_their_three_forms() -> None:
    wrong = []
    for key, pattern in all_patterns(ROOT / "locales" / BASE).items():
        for select in selects(pattern):
            names = {variant.key.name for variant in select.variants if isinstance(variant.key, fluent.Identifier)}
            if names & {"one", "few", "many"} and not {"one", "many"} <= names | {"many" if "other" in names else ""}:
                wrong.append((key, sorted(names)))
            if "few" in names and "one" not in names:
                wrong.append((key, sorted(names)))
    assert wrong == []


def variables(pattern: fluent.Pattern) -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, fluent.VariableReference):
            found.add(node.id.name)
        if isinstance(node, fluent.BaseNode):
            for value in vars(node).values():
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, fluent.BaseNode):
                        walk(one)

    walk(pattern)
    return found


def test_every_message_formats_at_every_number() -> None:
    """Strict texts raise on a broken wording; every number goes through every plural."""
    t = TEXTS.translator()
    for key, pattern in all_patterns(ROOT / "locales" / BASE).items():
        names = variables(pattern)
        for number in NUMBERS if selects(pattern) else (5,):
            words = t(key, **dict.fromkeys(names, number))
            assert "{" not in words, key


@pytest.mark.parametrize("locale", [name for name in PLACES if name != BASE])
def test_another_language_says_nothing_of_its_own(locale: str) -> None:
    ours, theirs = all_patterns(ROOT / "locales" / BASE), all_patterns(ROOT / "locales" / locale)
    assert set(theirs) - set(ours) == set()
    assert {key for key in theirs if variables(theirs[key]) != variables(ours[key])} == set()
    assert len(theirs) >= NEEDED * len(ours), "too little is translated to be shown"


def test_the_gallery_of_plurals() -> None:
    t = TEXTS.translator()
    said = [t("diagnostics-next-continue", left=n) for n in (1, 2, 5, 21)]
    assert len(set(said)) == 4


def test_no_word_is_said_twice() -> None:
    """The second of two silently wins: a key is written once in all files, an attribute once in its message."""
    seen: set[str] = set()
    twice: list[str] = []
    for path in sorted((ROOT / "locales" / "ru").glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(entry, fluent.Message | fluent.Term):
                continue
            for key in (entry.id.name, *(f"{entry.id.name}.{one.id.name}" for one in entry.attributes)):
                if key in seen:
                    twice.append(f"{path.name}: {key}")
                seen.add(key)
    assert not twice
