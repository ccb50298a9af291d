"""A channel that carries no personal data (conversation.md §3.18)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n import Translator
from bot.ui.screen import Button, Row, Screen, rows


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is, and the doors out: messenger and address, the web chat last and always."""

    channel: str
    doors: tuple[tuple[str, str], ...]

    def words(self, t: Translator) -> dict[str, str]:
        """«Telegram» and «MAX, ВК и » for the texts."""
        others = ", ".join(t(f"info-names.{name}") for name, _ in self.doors[:-1])
        return {
            "channel": t(f"info-names.{self.channel}"),
            "others": f"{others} {t('info-names.and')} " if others else "",
        }


def start(t: Translator, place: Place) -> Screen:
    return Screen(
        t.screen("info-start", **place.words(t)),
        rows(
            [Button(t("menu-look.calendar"), "events:home"), Button(t("menu-look.answers"), "menu:soon:hotline")],
            Button(t("menu-look.trial"), "diagnostics:try", primary=True),
            *_doors(t, place),
        ),
    )


def wall(t: Translator, section: str, place: Place) -> Screen:
    key = f"menu-sections.{section}"
    name = t(key) if t.has(key) else t("info-wall.this")
    back = Button(t("button-back"), "menu:home")
    return Screen(t.screen("info-wall", section=name, **place.words(t)), rows(*_doors(t, place), back))


def text(t: Translator, place: Place) -> Screen:
    answers = Button(t("menu-look.answers"), "menu:soon:hotline")
    return Screen(t.screen("info-text", **place.words(t)), rows(answers, *_doors(t, place)))


def _doors(t: Translator, place: Place) -> list[Row]:
    return [(Button(t(f"info-start.{name}"), url=url),) for name, url in place.doors]
