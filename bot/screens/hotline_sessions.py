"""Sessions of questions: for who asks, and for who answers all of them by one post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.screens.hotline import day_and_time
from bot.screens.menu import menu_row
from bot.services.hotline.sessions import Asked, Gathering
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, cut, rows

PER_PAGE = 5
TITLE = 38


def buttons(t: Translator, running: Sequence[Gathering]) -> list[Row]:
    """A button for each session that takes questions, for the home of the line."""
    made: dict[str, Row] = {}
    for one in running:
        # Labels are typed too, so of two that look the same the nearer one is shown.
        label = cut(t("hotline-session.button", title=one.title), TITLE)
        made.setdefault(label, (Button(label, f"hotline:session:{one.id}"),))
    return list(made.values())


def ask(t: Translator, one: Gathering, *, zone: ZoneInfo, today: date) -> Screen:
    """Until when, who answers, when the answer comes; words are awaited."""
    closes, until = (day_and_time(t, moment, zone, today) for moment in (one.closes_at, one.answer_by))
    text = t.screen("hotline-session-ask", title=one.title, methodist=one.methodist, until=until["date"], **closes)
    return Screen(text, rows(Button(t("hotline-ask.nameless"), "hotline:nameless"), _cancel(t)))


def over(t: Translator, one: Gathering) -> Screen:
    """No more questions are taken; an ordinary one may be asked."""
    text = t.screen("hotline-session-over", title=one.title)
    return Screen(text, rows(Button(t("hotline-home.ask"), "hotline:ask", primary=True), menu_row(t, "hotline:home")))


def _cancel(t: Translator) -> Button:
    return Button(t("button-cancel"), "hotline:cancel")


# --- duty --------------------------------------------------------------------------------------------


def listed(t: Translator, page: Page[Gathering], *, zone: ZoneInfo, today: date) -> Screen:
    """Sessions that wait for their answer."""
    if not page.total:
        return Screen(t.screen("duty-sessions-none"), rows(menu_row(t, "duty:home")))
    lines = [
        t.html(
            "duty-sessions.line", i=str(i), title=one.title, n=one.waiting,
            **day_and_time(t, one.answer_by, zone, today),
        )
        for i, one in enumerate(page.things, page.first)
    ]  # fmt: skip
    return Screen(
        t.screen("duty-sessions", lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda one: f"duty:session:{one.id}"),
            turns(t, page, lambda n: f"duty:sessions:{n}") or None,
            menu_row(t, "duty:home"),
        ),
    )


def one(t: Translator, gathering: Gathering, page: Page[Asked], *, zone: ZoneInfo, today: date) -> Screen:
    """The questions, a page of them; the next typed words are the post that answers all."""
    lines = [
        t.html("duty-session.line", i=str(i), text=cut(" ".join(asked.text.split()), 120))
        for i, asked in enumerate(page.things, page.first)
    ]
    key = "duty-session" if gathering.is_open else "duty-session.over"
    body = t.html(key, n=gathering.questions, **day_and_time(t, gathering.answer_by, zone, today))
    title = f"<b>{t.html('duty-session.title', title=gathering.title)}</b>"
    text = "\n\n".join(part for part in (title, "\n".join(lines), body) if part)
    number = gathering.id
    return Screen(
        text,
        rows(
            digits(page, lambda asked: f"duty:open:{asked.no}"),
            turns(t, page, lambda n: f"duty:session:{number}:{n}") or None,
            menu_row(t, "duty:sessions:0"),
        ),
    )


def preview(t: Translator, gathering: Gathering, text: str) -> Screen:
    """As every author will see it."""
    return Screen(
        t.screen("duty-session-preview", text=text, n=gathering.waiting),
        rows(
            Button(t("hotline-duty-preview.send"), f"duty:session-send:{gathering.id}", primary=True),
            Button(t("hotline-duty-preview.rewrite"), f"duty:session:{gathering.id}"),
            Button(t("button-cancel"), "duty:sessions:0"),
        ),
    )


def sent(t: Translator, told: int) -> Screen:
    return Screen(t.screen("duty-session-sent", n=told), rows(menu_row(t, "duty:home")))
