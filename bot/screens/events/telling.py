"""What we say first: offers, changes, reminders."""

from __future__ import annotations

from datetime import datetime

from bot.i18n import Translator
from bot.models import EventRule
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.reading import EventCard, EventLine
from bot.ui.screen import Button, Screen, cut, rows


def offer(t: Translator, line: EventLine, when: When, *, until: datetime) -> Screen:
    text = t.screen(
        "events-offer",
        title=cut(line.title, 120),
        date=wording.day(t, line, when),
        time=wording.time(line, when),
        until=t.moment(until, when.zone, today=when.today),
    )
    return Screen(
        text,
        rows(
            Button(t("events-offer.take"), f"events:in:{line.id}"),
            Button(t("events-offer.give"), f"events:out:{line.id}"),
        ),
    )


def passed(t: Translator, line: EventLine, when: When, *, until: datetime) -> Screen:
    return Screen(
        t.screen("events-passed", title=cut(line.title, 120), until=t.moment(until, when.zone, today=when.today)),
        rows(
            Button(t("events-passed.stay"), f"events:wait:{line.id}"),
            Button(t("events-passed.leave"), f"events:out:{line.id}"),
            Button(t("events-full.similar"), "events:fit:0"),
        ),
    )


def nobody(t: Translator, line: EventLine) -> Screen:
    return Screen(
        t.screen("events-nobody", title=cut(line.title, 120)),
        rows(Button(t("events-full.similar"), "events:fit:0"), menu_row(t)),
    )


def proposed(t: Translator, line: EventLine, when: When, *, until: datetime, reason: str = "") -> Screen:
    """A seat that a school (or the centre, out of turn) proposes."""
    text = t.screen(
        "events-school",
        title=cut(line.title, 120),
        date=wording.day(t, line, when),
        time=wording.time(line, when),
        until=t.moment(until, when.zone, today=when.today),
    )
    if reason:
        text = f"{text}\n\n{t.html('events-card.out-of-turn', reason=cut(reason, 120))}"
    return Screen(
        text,
        rows(
            Button(t("events-card.sign"), f"events:in:{line.id}"),
            Button(t("events-school.cannot"), f"events:out:{line.id}"),
        ),
    )


def moved(t: Translator, line: EventLine, when: When, *, was: datetime) -> Screen:
    return Screen(
        t.screen(
            "events-moved",
            title=cut(line.title, 120),
            old=t.moment(was, when.zone, today=when.today),
            new=t.moment(line.starts_at, when.zone, today=when.today),
        ),
        rows(
            Button(t("events-moved.fits"), f"events:will:{line.id}"),
            Button(t("events-signed.cancel"), f"events:out:{line.id}"),
        ),
    )


def cancelled(t: Translator, line: EventLine, when: When, *, reason: str) -> Screen:
    return Screen(
        t.screen(
            "events-cancelled", title=cut(line.title, 120), date=wording.day(t, line, when), reason=cut(reason, 200)
        ),
        rows(Button(t("events-full.similar"), "events:fit:0"), menu_row(t)),
    )


def tomorrow(t: Translator, told: EventCard, when: When) -> Screen:
    """The day before."""
    line = told.line
    place = line.place if line.place else t("events-day.distance")
    body = [t.html("events-day", place=cut(place, 160), duration=wording.length(t, line))]
    if told.bring:
        body.append(t.html("events-more.bring", bring=cut(told.bring, 120)))
    if asked := wording.cancelling(t, told, when):
        body.append(asked)
    title = t.html("events-day.title", time=wording.time(line, when), title=cut(line.title, 38))
    return Screen(
        f"<b>{title}</b>\n\n" + " ".join(body),
        rows(
            Button(t("events-day.will"), f"events:will:{line.id}"),
            Button(t("events-signed.cancel"), f"events:out:{line.id}"),
        ),
    )


def soon(t: Translator, told: EventCard, when: When, *, room: str) -> Screen:
    """An hour before, with the personal way in."""
    line = told.line
    title = t.html("events-hour.title", title=cut(line.title, 44))
    body = [t.html("events-hour", time=wording.time(line, when))]
    body.append(t("events-hour.personal") if room else t.html("events-more.place", place=cut(line.place or "—", 160)))
    if told.rule in (EventRule.code, EventRule.any):
        body.append(t("events-hour.word"))
    elif told.rule is EventRule.quiz:
        body.append(t("events-hour.quiz"))
    return Screen(
        f"<b>{title}</b>\n\n" + " ".join(body),
        rows(
            Button(t("events-hour.enter"), url=room) if room else None,
            Button(t("events-hour.here"), f"events:here:{line.id}"),
        ),
    )


def will(t: Translator, line: EventLine, when: When) -> Screen:
    """«Буду», «Подходит»."""
    return Screen(
        t.screen("events-will", title=cut(line.title, 120), **wording.at(t, line, when)),
        rows(Button(t("events-signed.cancel"), f"events:out:{line.id}"), menu_row(t)),
        toast=t("events-will.title"),
    )
