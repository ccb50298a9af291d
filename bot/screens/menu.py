"""First contact and the main menu (conversation.md §3.1, §3.4)."""

from __future__ import annotations

from bot.i18n import Translator
from bot.models import Role
from bot.services.identities import Caller
from bot.services.menu import NextStep
from bot.ui.screen import Button, Row, Screen, rows

SECTIONS: tuple[tuple[str, str], ...] = (
    ("diagnostics", "diagnostics:home"),
    ("iom", "iom:home"),
    ("events", "events:home"),
    ("hotline", "hotline:home"),
    ("mentoring", "mentoring:home"),
    ("wellbeing", "wellbeing:home"),
    ("profile", "people:home"),
)
"""Section → action of its button. A section that opens replaces ``menu:soon`` here."""

STAFF_SECTIONS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("duty", "duty:home", (Role.methodist, Role.duty, Role.centre_head, Role.centre_staff)),
    (
        "roadmap",
        "roadmap:home:0",
        (Role.municipal_coordinator, Role.responsible, Role.centre_head, Role.centre_staff),
    ),
    (
        "indicators",
        "indicators:home",
        (Role.municipal_coordinator, Role.centre_head, Role.centre_staff, Role.analyst),
    ),
)


def menu_row(t: Translator, back: str = "") -> Row:
    """The last row: «Назад» (one level up) and «Меню»."""
    menu = Button(t("button-menu"), "menu:home")
    return (Button(t("button-back"), back), menu) if back else (menu,)


def start(t: Translator, *, centre: str) -> Screen:
    return Screen(
        t.screen("menu-start", centre=centre),
        rows(
            Button(t("button-acquaint"), "people:begin", primary=True),
            Button(t("menu-start.look"), "menu:look"),
            Button(t("menu-start.have"), "people:have"),
        ),
    )


def look_around(t: Translator) -> Screen:
    return Screen(t.screen("menu-look"), rows(*guest_rows(t)))


def guest_rows(t: Translator) -> tuple[Row, ...]:
    """What is open without registration."""
    return rows(
        [Button(t("menu-look.calendar"), "events:home"), Button(t("menu-look.answers"), "hotline:themes")],
        Button(t("menu-look.trial"), "diagnostics:try"),
        Button(t("button-acquaint"), "people:begin", primary=True),
    )


def main_menu(t: Translator, caller: Caller, nearest: NextStep | None) -> Screen:
    """Seven sections, staff sections by role; the nearest thing first while there is room for it."""
    own = [Button(t(f"menu-sections.{name}"), action) for name, action in SECTIONS]
    held = [(name, action) for name, action, roles in STAFF_SECTIONS if caller.scope.has(*roles)]
    staff = [Button(t(f"menu-sections.{name}"), action) for name, action in held]
    first = None
    if nearest is not None and len(own) + len(staff) <= 9:
        first = Button(t(nearest.button), nearest.action, primary=True)
    if nearest is None:
        text = t.screen("menu-empty", name=caller.short_name)
    else:
        text = t.screen("menu-main", name=caller.short_name, step=t(nearest.text, **nearest.args))
    if len(staff) == 3:  # The head: ten buttons in five rows.
        lines = rows(staff[:2], [staff[2], own[6]], own[0:2], own[2:4], own[4:6])
    else:
        lines = rows(first, staff, own[0:2], own[2:4], own[4:6], own[6])
    return Screen(text, lines)


def help_screen(t: Translator, contact: dict[str, str]) -> Screen:
    key = "menu-help" if contact["phone"] else "menu-help-bare"
    return Screen(
        t.screen(key, **contact),
        rows(
            Button(t("menu-help.ask"), "hotline:ask"),
            Button(t("menu-help.how"), "menu:how"),
            Button(t("menu-help.data"), "people:data"),
            menu_row(t),
        ),
    )


def how_it_works(t: Translator) -> Screen:
    return Screen(t.screen("menu-how"), rows(menu_row(t, "menu:help")))


def soon(t: Translator, section: str) -> Screen:
    """A section that is not installed yet says so and gives a door."""
    known = t.has(f"menu-sections.{section}")
    name = t(f"menu-sections.{section}") if known else t("menu-soon.this")
    door = Button(t("menu-sections.diagnostics"), "diagnostics:home")
    lessons = Button(t("menu-soon.catalogue"), "catalogue:home") if section in ("iom", "events") else None
    return Screen(t.screen("menu-soon", section=name), rows(door, lessons, menu_row(t)))
