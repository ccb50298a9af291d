"""Pages and lines as HTML: templates with ``t``, a short list of tags let through."""

from __future__ import annotations

import html
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from bot.i18n import Translator
from bot.services.web_chat import Line

HERE = Path(__file__).parent

_tag = re.compile(r'(</?[biu]>|<a href="https?://[^"\s<>]+">|</a>)')
_progress = re.compile(r"^<b>(\d+) из (\d+)\. ")
DOTS = 60
"""Progress of more steps is left to the words."""


def environment() -> Environment:
    """Templates of the web chat; everything is escaped."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(["html"]), trim_blocks=True
    )
    made.globals.update(said=said, way=way, size=size, columns=columns)
    return made


@lru_cache(maxsize=2048)
def said(text: str) -> Markup:
    """Words of a message: b, i, u and links survive, everything else is text; paragraphs and breaks."""
    parts = _tag.split(text)
    parts[::2] = [html.escape(html.unescape(part), quote=False) for part in parts[::2]]
    parts[1::2] = [tag.replace("<a ", '<a rel="noopener" target="_blank" ') for tag in parts[1::2]]
    safe = "".join(parts)
    paragraphs = [part.strip("\n").replace("\n", "<br>") for part in safe.split("\n\n")]
    return Markup("".join(f"<p>{part}</p>" for part in paragraphs if part))


def own(text: str) -> Markup:
    """Words of a person: all of it is text."""
    return Markup("<br>").join(text.split("\n"))


@lru_cache(maxsize=4096)
def way(text: str) -> Markup:
    """The route line above «7 из 30. …»: done, now, ahead; empty for other texts."""
    found = _progress.match(text)
    if found is None or not 1 < int(found[2]) <= DOTS or not 1 <= int(found[1]) <= int(found[2]):
        return Markup("")
    now, total = int(found[1]), int(found[2])
    step = 306 / (total - 1)
    dots = "".join(
        f'<circle class="{"dn" if i < now else "nw" if i == now else ""}" cx="{7 + (i - 1) * step:.1f}" cy="7" '
        f'r="{5.5 if i == now else 3.6 if (i - 1) % 6 == 0 else 2.2}"/>'
        for i in range(1, total + 1)
    )
    line = '<line x1="7" x2="313" y1="7" y2="7"/>'
    return Markup(f'<svg class="way" viewBox="0 0 320 14" aria-hidden="true">{line}{dots}</svg>')


def columns(row: list[dict[str, Any]]) -> str:
    """Class of a button by how many stand in its row."""
    widest = max(len(button["label"]) for button in row)
    if len(row) >= 3 and widest <= 15:
        return "h3" if len(row) == 3 else "h6"
    return "h" if len(row) > 1 and widest <= 22 else ""


def size(count: int) -> str:
    """«120 КБ», «3,4 МБ»."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))}\u00a0КБ"
    return f"{count / 1024 / 1024:.1f}\u00a0МБ".replace(".", ",")


def days(lines: list[Line], zone: ZoneInfo) -> list[tuple[date, list[Line]]]:
    """Lines by the day of the region they were said on."""
    found: list[tuple[date, list[Line]]] = []
    for line in lines:
        day = line.sent_at.astimezone(zone).date()
        if not found or found[-1][0] != day:
            found.append((day, []))
        found[-1][1].append(line)
    return found


def title_of(text: str) -> str:
    """The first line without tags: what a picture is called for those who do not see it."""
    plain = html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
    return plain.split("\n")[0][:150]


class Pages:
    """Renders templates in one language."""

    def __init__(self) -> None:
        self._templates = environment()
        self._templates.globals.update(own=own, title_of=title_of)

    def line(self, line: Line, t: Translator) -> str:
        """One line of the chat as its element."""
        return self._templates.get_template("line.html").render(line=line, t=t)

    def chat(self, **values: Any) -> str:
        """The whole page of the chat."""
        return self._templates.get_template("chat.html").render(**values)

    def message(self, **values: Any) -> str:
        """A page with one message (an error, a closed door)."""
        return self._templates.get_template("message.html").render(**values)
