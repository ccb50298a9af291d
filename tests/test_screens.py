"""Every screen of the gallery against the anatomy of a screen, on every messenger."""

from __future__ import annotations

import html
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.screens
from bot.config import ROOT
from bot.i18n import Texts, Translator
from bot.messengers.max.session import LIMITS as MAX
from bot.messengers.telegram import LIMITS as TELEGRAM
from bot.messengers.vk.session import LIMITS as VK
from bot.messengers.web import LIMITS as WEB
from bot.rules import wording
from bot.screens.samples import Sample, gallery
from bot.ui.pieces import length
from bot.ui.screen import KEPT, Button, Screen

MESSENGERS = {"telegram": TELEGRAM, "web": WEB, "vk": VK, "max": MAX}

TEXTS = Texts(ROOT / "locales", strict=True)
SAMPLES = gallery(TEXTS.translator())
NAMES = [sample.name for sample in SAMPLES]

ROWS = 6
IN_A_ROW = {1: 40, 2: 20, 3: 15, 4: 15, 5: 15}
"""Longest label by the number of buttons in the row."""

QUESTIONNAIRE = "diagnostics.question"
"""Its eighth button stands in a row of three on VK; where whole labels are wanted the row is split into a seventh."""

LONGER = ("people.document",)
"""Papers may be longer than a screen; they are cut at a paragraph with «Читать дальше»."""

BACK = {
    "Меню", "Назад", "Отмена", "Пауза", "Пропустить", "К концу",
    "Не сейчас", "Без приглашений", "Оставить", "Отменить удаление", "Это не мне", "Готово, сохранено",
}  # fmt: skip
"""Ways out of a screen: one level up, the menu, or a refusal in one press."""

EVEN = ("people.consent_", "profile.role_offer")
"""Consent and refusal look the same."""

DOORS = (
    "menu.start",
    "menu.look_around",
    "menu.main_menu",
    "people.refused",
    "people.cancelled",
    "info.",
    "errors.stale",
)
"""Screens one stands on: there is nothing above them."""

SUBJECTS = {path.stem for path in (ROOT / "bot" / "screens").glob("*.py")} - {"__init__", "samples"}
_tag = re.compile(r"<(/?)([a-z]+)([^>]*)>")


def plain(text: str) -> str:
    return html.unescape(_tag.sub("", text))


def parts(screen: Screen) -> tuple[str, str, str]:
    """The line above, the title and the body; the first two may be missing."""
    above, _, rest = screen.text.partition("<b>") if "<b>" in screen.text else (screen.text, "", "")
    title, _, body = rest.partition("</b>")
    return plain(above).strip(), plain(title).strip(), plain(body).strip()


def buttons(screen: Screen) -> list[Button]:
    return [button for row in screen.rows for button in row]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_the_anatomy_of_a_screen(sample: Sample) -> None:
    above, title, body = parts(sample.screen)
    assert title or above, "a screen says something"
    assert len(title) <= wording.TITLE
    assert len(above) <= 250, "a line above a screen is two sentences"
    if not sample.name.startswith(LONGER):
        assert len(body) <= wording.BODY
    rows = sample.screen.rows
    assert len(buttons(sample.screen)) <= 10
    split = sample.name.startswith(QUESTIONNAIRE) and sample.name.endswith("True")
    assert len(rows) <= ROWS + (1 if split or sample.name == "diagnostics.buttons_only" else 0)
    for row in rows:
        assert len(row) <= 5
        assert {b.label for b in row if len(b.label) > IN_A_ROW[len(row)]} == set()
        assert len(row) == 1 or not any(b.url for b in row), "a link stands in a row of its own"


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_its_buttons_carry_all_they_need(sample: Sample) -> None:
    for button in buttons(sample.screen):
        assert bool(button.action) != bool(button.url)
        assert button.label.strip() == button.label
        assert button.label
        if button.url:
            assert re.match(r"https?://", button.url)
            continue
        assert button.action.isascii()
        assert len(button.action.encode()) <= 64
        assert re.fullmatch(r"=?[a-z]+:[a-z-]+(:[A-Za-z0-9_.=-]*)*", button.action), button.action
        assert button.action.startswith(KEPT) == sample.screen.keep
    labels = [button.label for button in buttons(sample.screen)]
    assert len(labels) == len(set(labels)), "words work too: no two buttons have the same"
    coloured = [button for button in buttons(sample.screen) if button.primary]
    refusal = sample.name.startswith(EVEN) and len(coloured) == 2
    assert len(coloured) <= 1 or refusal, "colour marks the one next step"


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_there_is_a_way_on(sample: Sample) -> None:
    screen = sample.screen
    if sample.pushed and screen.attachment is not None:
        return  # The first of several files; the last one has the buttons.
    assert screen.rows, "no screen is a dead end"
    if not sample.pushed and not sample.name.startswith(DOORS):
        # Above ten buttons «Назад» and «Меню» give way, and then every button leads on.
        assert BACK & {button.label for button in screen.rows[-1]} or len(buttons(screen)) >= 10


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_it_speaks_as_marshrut_does(sample: Sample) -> None:
    _, title, _ = parts(sample.screen)
    for text in [sample.screen.text, *(button.label for button in buttons(sample.screen))]:
        # Names of schools and people are theirs, capitals and all; what they may not bring is markup.
        problems = [p for p in wording.manners("", text.replace(title, "")) if p.kind not in ("shouting",)]
        assert problems == []
    assert [p for p in wording.manners("x.title", title) if p.kind != "shouting"] == []


@pytest.mark.parametrize("messenger", MESSENGERS)
@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_it_fits_every_messenger(sample: Sample, messenger: str) -> None:
    limits = MESSENGERS[messenger]
    assert length(sample.screen.text) <= limits.text
    assert len(buttons(sample.screen)) <= limits.buttons
    for row in sample.screen.rows:
        assert len(row) <= limits.per_row
        assert all(len(button.label) <= limits.label for button in row)
    if sample.screen.attachment is not None and sample.screen.attachment.is_picture:
        assert length(sample.screen.text) <= limits.caption


def test_every_button_has_its_handler() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(ROOT / "bot" / "handlers").rglob("*.py"))
    known = set(re.findall(r'Press\("([a-z-]+:[a-z-]+(?::[a-z-]+)?)"\)', source))
    offered = {
        (sample.name, button.action.removeprefix(KEPT))
        for sample in SAMPLES
        for button in buttons(sample.screen)
        if button.action
    }
    lost = {
        (name, action) for name, action in offered if not any(f"{action}:".startswith(f"{press}:") for press in known)
    }
    assert lost == set()


def screens() -> dict[str, Callable[..., Screen]]:
    """``subject.screen`` → function, of every module of screens."""
    found: dict[str, Callable[..., Screen]] = {}
    for module in pkgutil.walk_packages(bot.screens.__path__, "bot.screens."):
        if module.name.startswith("bot.screens.samples"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_")
            if own and inspect.signature(value).return_annotation == "Screen":
                found[f"{module.name.removeprefix('bot.screens.').partition('.')[0]}.{name}"] = value
    return found


def test_the_gallery_is_whole() -> None:
    """A screen that nobody looked at is not finished."""
    shown = {name.split(" ")[0] for name in NAMES}
    assert sorted(set(screens()) - shown) == []
    assert len(NAMES) == len(set(NAMES)), "every sample has a name of its own"


def test_the_voice_is_heard_in_samples_of_staff_wording() -> None:
    """The rules that hold the gallery are those that hold the wording of staff."""
    t: Translator = TEXTS.translator()
    assert t.has("menu-main.title")
    shipped = TEXTS.shipped("menu-main.title", "ru") or ""
    assert wording.check("menu-main.title", "Меню!", shipped, has_title=True)
