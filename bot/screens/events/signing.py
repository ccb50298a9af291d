"""In and out of a list, the waiting list, a file for the calendar."""

from __future__ import annotations

from bot.i18n import Translator
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.reading import EventLine
from bot.services.events.signing import Outcome
from bot.ui.screen import Attachment, Button, Screen, cut, rows


def signed(t: Translator, outcome: Outcome, when: When) -> Screen:
    line = outcome.line
    key = "events-signed" if outcome.has_link else "events-signed-place"
    return Screen(
        t.screen(key, title=cut(line.title, 120), **wording.at(t, line, when)),
        rows(
            Button(t("events-signed.calendar"), f"events:ics:{line.id}"),
            Button(t("events-signed.cancel"), f"events:out:{line.id}"),
            menu_row(t),
        ),
        toast=t("events-signed.toast"),
    ).kept()


def clash(t: Translator, outcome: Outcome, when: When) -> Screen:
    other = outcome.other
    assert other is not None
    number = outcome.line.id
    return Screen(
        t.screen(
            "events-clash",
            other=cut(other.title, 120),
            date=wording.day(t, other, when),
            time=wording.time(other, when),
        ),
        rows(
            Button(t("events-clash.both"), f"events:sure:{number}"),
            Button(t("events-clash.instead"), f"events:instead:{number}:{other.id}"),
            Button(t("events-clash.not"), f"events:card:{number}"),
            menu_row(t),
        ),
    )


def load(t: Translator, outcome: Outcome) -> Screen:
    line = outcome.line
    key = "events-load" if outcome.left is None else "events-load-left"
    return Screen(
        t.screen(key, n=outcome.load, left=str(outcome.left or 0)),
        rows(
            Button(t("events-card.sign"), f"events:sure:{line.id}"),
            Button(t("events-load.later"), "events:fit:0"),
            Button(t("events-clash.not"), f"events:card:{line.id}"),
            menu_row(t),
        ),
    )


def unsigned(t: Translator, line: EventLine, when: When) -> Screen:
    again = Button(t("events-unsigned.back"), f"events:in:{line.id}") if line.takes(when.now) else None
    return Screen(
        t.screen("events-unsigned", title=cut(line.title, 120), date=wording.day(t, line, when)),
        rows(again, Button(t("events-full.similar"), "events:fit:0"), menu_row(t)),
        toast=t("events-unsigned.title"),
    )


def full(t: Translator, outcome: Outcome, when: When) -> Screen:
    """No seat: how many wait, how many got one last time."""
    line = outcome.line
    places = line.places(when.now)
    body = [t.html("events-full", limit=str(places.held), of=str(line.seats or 0), n=outcome.waiting)]
    if places.kept:
        body.append(t("events-full.kept", **wording.keeps(t, line, places.kept)))
    body.append(t("events-full.hope") if outcome.got is None else t("events-full.got", n=outcome.got))
    return Screen(
        f"<b>{t('events-full.title')}</b>\n\n" + " ".join(body),
        rows(
            Button(t("events-full.wait"), f"events:wait:{line.id}", primary=True),
            Button(t("events-full.similar"), "events:fit:0"),
            menu_row(t, f"events:card:{line.id}"),
        ),
    )


def waiting(t: Translator, outcome: Outcome, when: When) -> Screen:
    line = outcome.line
    ahead = t("events-wait.ahead", n=outcome.ahead) if outcome.ahead else t("events-wait.first")
    return Screen(
        t.screen(
            "events-wait",
            title=cut(line.title, 120),
            date=wording.day(t, line, when),
            ahead=ahead,
            hold=t("events-wait.hours", n=outcome.hold_hours),
        ),
        rows(
            Button(t("events-wait.leave"), f"events:out:{line.id}"),
            Button(t("events-full.similar"), "events:fit:0"),
            menu_row(t),
        ),
    ).kept()


def calendar_file(t: Translator, line: EventLine, content: bytes) -> Screen:
    """The meeting for a calendar of her own."""
    return Screen(
        t.screen("events-ics", title=cut(line.title, 120)),
        rows(menu_row(t, f"events:card:{line.id}")),
        attachment=Attachment(f"event-{line.id}.ics", content, "text/calendar"),
    )
