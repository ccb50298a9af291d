"""Tutorials in the chat (conversation.md §3.8, ``young.slot``): free slots, one's booking, a methodist's own slots."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator
from bot.models import SlotState
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.tutorials import PAGE, Slot, Told
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

HOME = "tutorials:home"
OWN = 5


def home(
    t: Translator, free: Sequence[Slot], total: int, number: int, mine: Sequence[Slot], when: When, *, staff: bool
) -> Screen:
    """Free slots, three to a page; a digit books."""
    page = Page(free, number, total, size=PAGE)
    lines = [t.html("tutorials-home.mine", **_of(t, one, when)) for one in mine]
    lines += [t.html("tutorials-home.line", i=str(i), **_of(t, one, when)) for i, one in enumerate(free, start=1)]
    if not free:
        lines.append(t.html("tutorials-home.none"))
    give_up = Button(t("tutorials-booked.cancel"), f"tutorials:out:{mine[0].id}") if mine else None
    return Screen(
        t.screen("tutorials-home", lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda one: f"tutorials:book:{one.id}") or None,
            turns(t, page, lambda to: f"tutorials:page:{to}") or None,
            give_up,
            Button(t("tutorials-own.button"), "tutorials:own:0") if staff else None,
            menu_row(t, "programmes:home"),
        ),
    )


def booked(t: Translator, one: Slot, when: When) -> Screen:
    """Hers."""
    return Screen(
        t.screen("tutorials-booked", **_of(t, one, when), place=one.place or t("tutorials-booked.place")),
        rows(Button(t("tutorials-booked.cancel"), f"tutorials:out:{one.id}"), menu_row(t)),
        toast=t("tutorials-booked.toast"),
    ).kept()


def given_up(t: Translator) -> Screen:
    """Free again."""
    return Screen(t.screen("tutorials-given-up"), rows(Button(t("tutorials-home.others"), HOME), menu_row(t)))


def pushed(t: Translator, told: Told, when: When) -> Screen:
    """A message of its own: to the methodist of a booking or its end, to the teacher of what comes or is called off."""
    one = told.slot
    said = {**_of(t, one, when), "place": one.place or t("tutorials-booked.place")}
    match told.what:
        case "booked":
            text = t.screen("tutorials-to-methodist", **{**said, "methodist": one.person})
            return Screen(text, rows(Button(t("tutorials-own.open"), f"tutorials:slot:{one.id}"), menu_row(t)))
        case "left" | "closed":
            who = cut(one.person, 60) or t("tutorials-slot.nobody")
            key = "tutorials-left" if told.what == "left" else "tutorials-office"
            text = t.screen(key, date=said["date"], time=said["time"], person=who)
            return Screen(text, rows(Button(t("tutorials-own.button"), "tutorials:own:0"), menu_row(t)))
        case "gone" | "freed":
            key = "tutorials-gone" if told.what == "gone" else "tutorials-freed"
            text = t.screen(key, date=said["date"], time=said["time"], methodist=said["methodist"])
            return Screen(text, rows(Button(t("tutorials-home.others"), HOME), menu_row(t)))
    key = "tutorials-hour" if told.what == "hour" else "tutorials-day"
    return Screen(
        t.screen(key, **said), rows(Button(t("tutorials-booked.cancel"), f"tutorials:out:{one.id}"), menu_row(t))
    )


# --- methodists --------------------------------------------------------------------------------------


def own(t: Translator, found: Sequence[Slot], total: int, number: int, when: When) -> Screen:
    """A methodist's slots, five to a page."""
    page = Page(found, number, total, size=OWN)
    lines = "\n".join(
        t.html(
            "tutorials-own.taken" if one.state is SlotState.booked else "tutorials-own.free",
            i=str(i), **{**_of(t, one, when), "methodist": one.person},
        )
        for i, one in enumerate(found, start=1)
    ) or t.html("tutorials-own.none")  # fmt: skip
    return Screen(
        t.screen("tutorials-own", lines=SafeHtml(lines)),
        rows(
            digits(page, lambda one: f"tutorials:slot:{one.id}") or None,
            turns(t, page, lambda to: f"tutorials:own:{to}") or None,
            Button(t("tutorials-own.add"), "tutorials:add", primary=True),
            menu_row(t, HOME),
        ),
    )


def window(t: Translator) -> Screen:
    """The time is awaited."""
    return Screen(t.screen("tutorials-window"), rows(Button(t("button-cancel"), "tutorials:own:0")))


def opened(t: Translator, number: int) -> Screen:
    """Open for booking."""
    return Screen(
        t.screen("tutorials-opened", n=number),
        rows(Button(t("tutorials-own.button"), "tutorials:own:0"), menu_row(t)),
    )


def slot(t: Translator, one: Slot, when: When) -> Screen:
    """One of the methodist's slots: before it, close it; after it, say whether it took place."""
    taken = one.state is SlotState.booked
    begun = one.starts_at <= when.now
    said = _of(t, one, when)
    person = one.person if taken else t("tutorials-slot.nobody")
    marks = [
        Button(t("tutorials-slot.held"), f"tutorials:held:{one.id}"),
        Button(t("tutorials-slot.missed"), f"tutorials:missed:{one.id}"),
    ]
    return Screen(
        t.screen("tutorials-slot", date=said["date"], time=said["time"], person=person),
        rows(
            marks if taken and begun else None,
            None if begun else Button(t("tutorials-slot.close"), f"tutorials:close:{one.id}"),
            menu_row(t, "tutorials:own:0"),
        ),
    )


def marked(t: Translator, one: Slot) -> Screen:
    """Written down."""
    key = {SlotState.held: "tutorials-held", SlotState.missed: "tutorials-missed"}.get(one.state, "tutorials-closed")
    return Screen(t.screen(key), rows(Button(t("tutorials-own.button"), "tutorials:own:0"), menu_row(t)))


def _of(t: Translator, one: Slot, when: When) -> dict[str, str]:
    local = one.starts_at.astimezone(when.zone)
    return {
        "date": t.day(local.date(), today=when.today),
        "time": f"{local:%H:%M}",
        "methodist": cut(one.methodist, 60),
    }
