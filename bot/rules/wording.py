"""What wording of staff must keep to: Fluent that can be read, the same variables, the limits of a screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent

from bot.i18n import as_fluent

TITLE = 60
BODY = 900
LABEL = 20
LABEL_WITH_DATA = 40

PICTOGRAMS = "✅📅💬📄"
"""The closed set, and only as the first sign of a title."""

SIGNS = "✓→•…«»—–−№₽·"
"""Type, not pictograms."""

BANNED = (
    "уважаем", "доводим до", "в соответствии с", "необходимо осуществить", "в кратчайшие сроки", "срочно",
    "последний шанс", "внимание", "заявк", "тикет", "контент", "функционал", "устранени",
)  # fmt: skip
"""Words that «Маршрут» does not say to teachers (conversation.md §1)."""

_tag = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>")
_allowed = {"b", "i", "u", "a"}
_link = re.compile(r'\s+href="https?://[^"<>]+"\s*')
_shouting = re.compile(r"\b[А-ЯЁ]{6,}\b")
_gendered = re.compile(r"\((?:а|ась|ся|на)\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: the last part of a locale key (``admin-wording.<kind>``) and its variables."""

    kind: str
    args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Read:
    variables: frozenset[str]
    longest: str


def check(key: str, text: str, shipped: str, *, has_title: bool) -> list[Problem]:
    """Every problem of a wording; an empty list when it may be shown.

    ``shipped`` is the wording of the product: what it does itself (a longer label, a sign) is allowed here too.
    ``has_title`` tells that the message is a screen: its attributes are labels of buttons.
    """
    if not text.strip():
        return [Problem("empty")]
    if "\x00" in text or len(text) > 8000:
        return [Problem("too-long", {"limit": "8000", "length": str(len(text))})]
    mine, ours = _read(key, text), _read(key, shipped)
    if mine is None:
        return [Problem("unreadable")]
    if ours is None:
        return [Problem("unreadable")]
    problems = [Problem("unknown-variable", {"name": name}) for name in sorted(mine.variables - ours.variables)]
    problems += [Problem("lost-variable", {"name": name}) for name in sorted(ours.variables - mine.variables)]
    if key.startswith("admin-"):
        return problems
    limit = max(_limit(key, has_title, bool(mine.variables)), len(_plain(ours.longest)))
    length = len(_plain(mine.longest))
    if length > limit:
        problems.append(Problem("too-long", {"limit": str(limit), "length": str(length)}))
    problems += _markup(text)
    problems += _voice(key, text, shipped)
    return problems


def manners(key: str, text: str) -> list[Problem]:
    """Markup and voice of a text by itself: what the product's own wording must keep to as well."""
    return [*_markup(text), *_voice(key, text, "")]


def _read(key: str, text: str) -> _Read | None:
    """Variables and the longest form of a pattern; None when Fluent cannot read it as this one message."""
    body = FluentParser(with_spans=False).parse(as_fluent({key: text})).body
    name, _, attribute = key.partition(".")
    if len(body) != 1 or not isinstance(body[0], fluent.Message) or body[0].id.name != name:
        return None
    message = body[0]
    if attribute:
        patterns = [found.value for found in message.attributes if found.id.name == attribute]
        extra = len(message.attributes) > 1
    else:
        patterns = [message.value] if message.value is not None else []
        extra = bool(message.attributes)
    if len(patterns) != 1 or extra:
        return None
    variables: set[str] = set()
    longest = _pattern(patterns[0], variables)
    return _Read(frozenset(variables), longest) if longest is not None else None


def _pattern(pattern: fluent.Pattern, variables: set[str]) -> str | None:
    parts: list[str] = []
    for element in pattern.elements:
        if isinstance(element, fluent.TextElement):
            parts.append(element.value)
            continue
        piece = _expression(element.expression, variables)
        if piece is None:
            return None
        parts.append(piece)
    return "".join(parts)


def _expression(expression: object, variables: set[str]) -> str | None:
    """The text a placeable stands for, at its longest; None for what our texts do not use."""
    if isinstance(expression, fluent.VariableReference):
        variables.add(expression.id.name)
        return "12"
    if isinstance(expression, fluent.StringLiteral):
        return str(expression.value)
    if isinstance(expression, fluent.NumberLiteral):
        return str(expression.value)
    if isinstance(expression, fluent.FunctionReference):
        for argument in expression.arguments.positional:
            if _expression(argument, variables) is None:
                return None
        return "12" if expression.id.name in ("NUMBER", "DATETIME") else None
    if isinstance(expression, fluent.SelectExpression):
        if _expression(expression.selector, variables) is None:
            return None
        forms = [_pattern(variant.value, variables) for variant in expression.variants]
        return max((form for form in forms if form is not None), key=len, default=None) if None not in forms else None
    if isinstance(expression, fluent.Placeable):
        return _expression(expression.expression, variables)
    return None


def _limit(key: str, has_title: bool, with_data: bool) -> int:
    _, _, attribute = key.partition(".")
    if attribute == "title":
        return TITLE
    if (attribute and has_title) or key.startswith("button-"):
        return LABEL_WITH_DATA if with_data else LABEL
    return BODY


def _markup(text: str) -> list[Problem]:
    problems: list[Problem] = []
    open_tags: list[str] = []
    for closing, name, rest in _tag.findall(text):
        if name not in _allowed or (name == "a" and not closing and not _link.fullmatch(rest)):
            problems.append(Problem("tag", {"tag": f"<{closing}{name}>"}))
        elif closing:
            if not open_tags or open_tags.pop() != name:
                problems.append(Problem("unclosed", {"tag": f"<{name}>"}))
        elif name != "a" and rest.strip():
            problems.append(Problem("tag", {"tag": f"<{name}>"}))
        else:
            open_tags.append(name)
    return problems + [Problem("unclosed", {"tag": f"<{name}>"}) for name in open_tags]


def _voice(key: str, text: str, shipped: str) -> list[Problem]:
    problems: list[Problem] = []
    if "!" in text and "!" not in shipped:
        problems.append(Problem("exclamation"))
    # «Функциональная грамотность» is what it is called; «функционал» is what we do not say.
    lowered, ours = (words.casefold().replace("функциональн", "") for words in (text, shipped))
    problems += [Problem("word", {"word": word}) for word in BANNED if word in lowered and word not in ours]
    problems += [Problem("gender", {"sign": sign}) for sign in sorted(set(_gendered.findall(text)))]
    problems += [
        Problem("shouting", {"word": word}) for word in sorted(set(_shouting.findall(text))) if word not in shipped
    ]
    plain = _plain(text)
    for place, sign in enumerate(plain):
        if not _is_picture(sign) or sign in shipped:
            continue
        if not (key.endswith(".title") and place == 0 and sign in PICTOGRAMS):
            problems.append(Problem("pictogram", {"sign": sign}))
    return problems


def _plain(text: str) -> str:
    return _tag.sub("", text)


def _is_picture(sign: str) -> bool:
    code = ord(sign)
    return sign not in SIGNS and (
        0x1F000 <= code <= 0x1FAFF or 0x2600 <= code <= 0x27BF or 0x2B00 <= code <= 0x2BFF or code == 0xFE0F
    )
