"""The letter to a keeper: which registers want a look and why; a record as everybody may see it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.rules.registers import Field, FieldType, Value, parse_day
from bot.screens.menu import menu_row
from bot.services.registers import Due
from bot.services.registers.public import PublicRecord
from bot.ui.screen import Button, Screen, cut, rows

LISTED = 6


def review(t: Translator, due: Sequence[Due]) -> Screen:
    """One letter about all of her registers; no names of people in it."""
    lines = [_line(t, one) for one in due[:LISTED]]
    if len(due) > LISTED:
        lines.append(t("registers-review.more", n=len(due) - LISTED))
    text = t.screen("registers-review", n=len(due), lines=SafeHtml("\n".join(lines)))
    return Screen(text, rows(menu_row(t))).kept()


def _line(t: Translator, due: Due) -> str:
    date = date_ru(due.review_on) if due.review_on else ""
    said = [t.html(f"registers-review.{due.freshness.value}", register=due.kind.title, date=date)]
    if due.ending:
        said.append(t("registers-review.ending", n=due.ending))
    if due.broken:
        said.append(t("registers-review.broken", n=due.broken))
    return "; ".join(said)


def record(t: Translator, found: PublicRecord, *, known: bool, saved: bool = False) -> Screen:
    """What everybody may see of a record about a thing or a place."""
    line, parts = found.line, []
    link = None
    for field in found.fields:
        value = line.values.get(field.name)
        if field.type is FieldType.link:
            if value and not line.link_broken_on:
                link = Button(t("registers-record.link"), url=str(value))
            elif value:
                parts.append(t("registers-record.broken"))
            continue
        if words := said(t, field, value):
            parts.append(t.html("registers-record.line", field=field.title, value=cut(words, 120)))
    if place := ", ".join(filter(None, [line.organisation, line.municipality])):
        parts.append(t.html("registers-record.place", place=cut(place, 160)))
    if line.ends_on:
        parts.append(t("registers-record.until", date=date_ru(line.ends_on)))
    title = t.html("registers-record.title", title=cut(line.title, 58))
    at = f"register:{line.id}"
    keep = Button(t("navigator-one.unsave"), f"navigator:unsave:{at}") if saved else Button(
        t("navigator-one.save"), f"navigator:save:{at}"
    )  # fmt: skip
    share = Button(t("navigator-one.share"), f"navigator:share:{at}")
    whole = cut(line.title, 300) if len(line.title) > 58 else found.kind.title
    text = t.html("registers-record", whole=whole, lines=SafeHtml("\n".join(parts)))
    buttons = rows(link, [keep, share] if known else share, menu_row(t, "navigator:home"))
    return Screen(f"<b>{title}</b>\n\n{text}", buttons)


def said(t: Translator, field: Field, value: Value) -> str:
    """A public value in words."""
    if value is None or value == "":
        return ""
    if field.type is FieldType.flag:
        return t("registers-yes" if value else "registers-no")
    if field.options:
        return field.options[str(value)][0] if str(value) in field.options else ""
    if field.type is FieldType.day:
        day = parse_day(str(value))
        return date_ru(day) if day else ""
    return str(value)
