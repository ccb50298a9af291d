"""Staff mark cases and observations by criteria; one criterion a screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.models import InstrumentKind
from bot.screens.menu import menu_row
from bot.services.diagnostics.marking import Choice, Sheet, Waiting
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

LIST = "diagnostics:marking:0"
SHOWN = 500
"""So much of a typed work stands on the first screen; the rest is one press away."""


def waiting(t: Translator, page: Page[Waiting], *, zone: ZoneInfo, today: date) -> Screen:
    """Works that wait, the oldest first."""
    observe = Button(t("diagnostics-marking.observe"), "diagnostics:observe")
    if not page.total:
        return Screen(t.screen("diagnostics-marking-none"), rows(observe, menu_row(t, "diagnostics:home")))
    lines = [
        t.html(
            "diagnostics-marking.line",
            i=str(i),
            person=one.person,
            title=one.title,
            date=t.day(one.since.astimezone(zone).date(), today=today),
        )
        for i, one in enumerate(page.things, start=page.first)
    ]
    return Screen(
        t.screen("diagnostics-marking", lines=SafeHtml("\n".join(lines)), n=page.total),
        rows(
            digits(page, lambda one: f"diagnostics:sheet:{one.attempt_id}"),
            turns(t, page, lambda number: f"diagnostics:marking:{number}") or None,
            observe,
            menu_row(t, "diagnostics:home"),
        ),
    )


def work(t: Translator, sheet: Sheet) -> Screen:
    """What was handed in, or what will be watched."""
    if sheet.content.kind is InstrumentKind.observation:
        text = t.screen("diagnostics-sheet-observation", person=sheet.person, note=sheet.content.instruction)
    else:
        shown = sheet.text or t("diagnostics-sheet.file-only")
        text = t.screen("diagnostics-sheet", person=sheet.person, title=sheet.content.title, text=cut(shown, SHOWN))
    begin = Button(t("diagnostics-sheet.begin"), f"diagnostics:criterion:{sheet.attempt_id}", primary=True)
    whole = Button(t("diagnostics-sheet.whole"), f"diagnostics:work:{sheet.attempt_id}")
    file = Button(t("diagnostics-sheet.file"), f"diagnostics:file:{sheet.attempt_id}")
    drop = Button(t("diagnostics-sheet.drop"), f"diagnostics:sheet-drop:{sheet.attempt_id}")
    return Screen(
        text,
        rows(
            begin,
            whole if len(sheet.text) > SHOWN else None,
            file if sheet.file_id is not None else None,
            drop if sheet.content.kind is InstrumentKind.observation else None,
            menu_row(t, LIST),
        ),
    )


def whole_text(t: Translator, sheet: Sheet) -> Screen:
    """The typed work in full; long ones become several messages."""
    back = menu_row(t, f"diagnostics:sheet:{sheet.attempt_id}")
    return Screen(t.screen("diagnostics-sheet-whole", person=sheet.person, text=sheet.text), rows(back))


def criterion(t: Translator, sheet: Sheet) -> Screen:
    """One criterion; after the last, what was marked and «Готово»."""
    item = sheet.next
    if item is None:
        return ready(t, sheet)
    title = t.html(
        "diagnostics-question.title",
        i=str(item.place + 1),
        n=str(len(sheet.content.items)),
        group=sheet.content.group_of(item).title,
    )
    lines = "\n".join(
        t.html("diagnostics-criterion.line", i=str(n), level=option) for n, option in enumerate(item.options, 1)
    )
    body = t.html("diagnostics-criterion", text=item.text, lines=SafeHtml(lines))
    numbers = [
        Button(str(n), f"diagnostics:mark:{sheet.attempt_id}:{item.id}:{n}") for n in range(1, len(item.options) + 1)
    ]
    half = len(numbers) if len(numbers) <= 5 else 3
    out = Button(t("diagnostics-criterion.out"), f"diagnostics:mark:{sheet.attempt_id}:{item.id}:0")
    back = f"diagnostics:unmark:{sheet.attempt_id}" if sheet.marks else f"diagnostics:sheet:{sheet.attempt_id}"
    return Screen(f"<b>{title}</b>\n\n{body}", rows(numbers[:half], numbers[half:] or None, out, menu_row(t, back)))


def ready(t: Translator, sheet: Sheet) -> Screen:
    lines = []
    for item in sheet.content.items:
        level = sheet.marks.get(item.id)
        told = item.options[level - 1] if level else t("diagnostics-criterion.left-out")
        lines.append(t.html("diagnostics-marked.line", item=item.short, level=told))
    text = t.screen("diagnostics-marked", lines=SafeHtml("\n".join(lines)), person=sheet.person)
    done = Button(t("diagnostics-marked.done"), f"diagnostics:marked:{sheet.attempt_id}", primary=True)
    return Screen(text, rows(done, menu_row(t, f"diagnostics:unmark:{sheet.attempt_id}")))


def done(t: Translator, person: str) -> Screen:
    more = Button(t("diagnostics-marking-done.more"), LIST)
    return Screen(t.screen("diagnostics-marking-done", person=person), rows(more, menu_row(t))).kept()


def tell(t: Translator) -> Screen:
    """For the teacher: the work was looked at; no levels in a push."""
    text = t.screen("diagnostics-marked-tell")
    open_it = Button(t("diagnostics-marked-tell.open"), "diagnostics:history", primary=True)
    return Screen(text, rows(open_it, menu_row(t)))


def observe_whom(t: Translator) -> Screen:
    """A name is awaited."""
    return Screen(t.screen("diagnostics-observe"), rows(Button(t("button-cancel"), LIST)))


def observe_found(t: Translator, found: Sequence[Choice], query: str) -> Screen:
    """People whose name is like what was typed."""
    if not found:
        text = t.screen("diagnostics-observe-none", query=query)
        return Screen(text, rows(Button(t("button-cancel"), LIST)))
    lines = "\n".join(
        t.html("diagnostics-observe-found.line", i=str(i), person=one.title, place=one.place or "—")
        for i, one in enumerate(found, 1)
    )
    numbers = digits(Page(found, 0, len(found)), lambda one: f"diagnostics:observe-person:{one.id}")
    return Screen(t.screen("diagnostics-observe-found", lines=SafeHtml(lines)), rows(numbers, menu_row(t, LIST)))


def observe_sheet(t: Translator, person_id: int, found: Sequence[Choice]) -> Screen:
    """Which sheet."""
    if not found:
        return Screen(t.screen("diagnostics-observe-no-sheets"), rows(menu_row(t, LIST)))
    lines = "\n".join(t.html("diagnostics-tests.line", i=str(i), title=one.title) for i, one in enumerate(found, 1))
    numbers = digits(Page(found, 0, len(found)), lambda one: f"diagnostics:observe-start:{person_id}:{one.id}")
    return Screen(t.screen("diagnostics-observe-sheet", lines=SafeHtml(lines)), rows(numbers, menu_row(t, LIST)))
