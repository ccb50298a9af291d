"""The roadmap in the chat: one's measures, reminders, evidence, and its checking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.models import OccurrenceKind, OccurrenceState, ReminderOf
from bot.rules.roadmap import Stage
from bot.screens.menu import menu_row
from bot.services.roadmap.cards import Own
from bot.services.roadmap.checking import Transfer, Verdict, Waiting
from bot.services.roadmap.looking import Line as Measure
from bot.services.roadmap.looking import Standing
from bot.services.roadmap.people import Answering
from bot.services.roadmap.reminding import Digest, Line
from bot.services.roadmap.snapshots import Offer
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, cut, rows

HOME = "roadmap:home:0"
TITLE = 60
LISTED = 5


def home(
    t: Translator, page: Page[Measure], all_of: Sequence[Measure], *, checks: int, transfers: int, today: date
) -> Screen:
    """The most pressing first; what waits for a checker has doors of its own."""
    doors = _doors(t, checks, transfers)
    if not page.total:
        return Screen(t.screen("roadmap-home-empty"), rows(*doors, menu_row(t)))
    count = {name: sum(line.standing is name for line in all_of) for name in Standing}
    lines = "\n".join(
        t.html("roadmap-home.line", i=str(i), title=cut(line.title, 70), about=about(t, line, today))
        for i, line in enumerate(page.things, start=page.first)
    )
    title = t("roadmap-home.title")
    if page.pages > 1:
        title = t("roadmap-home.title-pages", page=str(page.number + 1), pages=str(page.pages))
    body = t.html(
        "roadmap-home", late=count[Standing.late], nodate=count[Standing.nodate], check=count[Standing.check],
        soon=count[Standing.work] + count[Standing.ahead], lines=SafeHtml(lines),
    ).strip()  # fmt: skip
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            digits(page, lambda line: f"roadmap:measure:{line.id}"),
            turns(t, page, lambda number: f"roadmap:home:{number}") or None,
            *doors,
            menu_row(t),
        ),
    )


def _doors(t: Translator, checks: int, transfers: int) -> list[Button | None]:
    return [
        Button(t("roadmap-home.checks", n=checks), "roadmap:checks:0") if checks else None,
        Button(t("roadmap-home.transfers", n=transfers), "roadmap:transfers") if transfers else None,
    ]


def about(t: Translator, line: Measure, today: date) -> str:
    """How a measure stands, in a few words."""
    day = line.day
    if day is not None and day.kind is OccurrenceKind.word and line.standing is not Standing.closed:
        return t("roadmap-about-word")
    name = f"roadmap-about-{line.standing.value}"
    if day is None:
        return t(name, date="")
    if day.tentative and line.standing in (Standing.ahead, Standing.work):
        name = "roadmap-about-soft"
    return t(name, date=t.day(day.due, today=today))


# --- reminders --------------------------------------------------------------------------------------


def digest(t: Translator, told: Digest) -> Screen:
    """One thing speaks for itself; several are a list."""
    if len(told.lines) == 1 and not told.weekly:
        return _single(t, told.lines[0], told.today)
    shown = told.lines[:LISTED]
    lines = [
        t.html("roadmap-home.line", i=str(i), title=cut(line.title, 70), about=_told_about(t, line, told.today))
        for i, line in enumerate(shown, start=1)
    ]
    if len(told.lines) > LISTED:
        lines.append(t.html("roadmap-digest.more", n=len(told.lines) - LISTED))
    title = t(
        "roadmap-digest.title-week" if told.weekly else "roadmap-digest.title",
        date=t.day(told.today, today=told.today) if not told.weekly else _plain_day(t, told.today),
    )
    body = t.html(
        "roadmap-digest", late=told.late, nodate=told.undated, soon=told.soon, lines=SafeHtml("\n".join(lines))
    ).strip()
    numbers = tuple(Button(str(i), _action(line)) for i, line in enumerate(shown, start=1))
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(numbers, Button(t("roadmap-digest.all"), HOME), menu_row(t)),
    )


def _plain_day(t: Translator, day: date) -> str:
    return f"{day.day} {t.month(day)}"


def _action(line: Line) -> str:
    verb = "question" if line.about is ReminderOf.question else "day"
    return f"roadmap:{verb}:{line.id}"


def _told_about(t: Translator, line: Line, today: date) -> str:
    if line.about is ReminderOf.question or line.due is None:
        return t("roadmap-about-nodate")
    if line.word:
        return t("roadmap-about-word")
    when = t.day(line.due, today=today)
    if line.due < today:
        return t("roadmap-about-late", date=when)
    return t("roadmap-about-soft" if line.tentative else "roadmap-about-ahead", date=when)


def _single(t: Translator, line: Line, today: date) -> Screen:
    title = cut(line.title, 40)
    if line.about is ReminderOf.question or line.due is None:
        return question(t, line.id, line.title, line.phrase)
    result, body = _or_none(t, line.result), _or_none(t, line.bodies)
    when = t.day(line.due, today=today)
    acts = act_rows(t, line.id, word=line.word)
    if line.raised:
        text = t.screen(
            "roadmap-raise",
            title=cut(line.title, 32),
            date=when,
            person=_or_none(t, line.person),
            body=cut(line.bodies, 150),
        )
        other = Button(t("roadmap-raise.other"), f"roadmap:not-mine:{line.id}", primary=True)
        move = Button(t("roadmap-day.transfer"), f"roadmap:move:{line.id}")
        return Screen(text, rows(other, [move, _open(t, line.id)]))
    if line.word:
        text = t.screen("roadmap-steady", title=title, date=when)
    elif line.due < today:
        text = t.screen("roadmap-late", title=title, date=when)
    elif line.stage == Stage.opens:
        text = t.screen(
            "roadmap-window", title=title, **{"from": _plain_day(t, line.start or line.due)}, to=when, result=result
        )
        fine = Button(t("roadmap-window.fine"), HOME)
        return Screen(text, rows(*acts[:1], [_open(t, line.id), fine]))
    else:
        key = "roadmap-due.when-soft" if line.tentative else "roadmap-due.when"
        words = t(key, n=(line.due - today).days, date=when)
        text = t.screen("roadmap-due", title=cut(line.title, TITLE), when=words, result=result, body=body)
    later = Button(t("roadmap-day.later"), f"roadmap:later:{line.id}")
    return Screen(text, rows(*acts, [later, _open(t, line.id)]))


def _open(t: Translator, number: int) -> Button:
    return Button(t("roadmap-day.open"), f"roadmap:day:{number}")


def act_rows(t: Translator, number: int, *, word: bool = False) -> list[Row]:
    """What can be said about a day."""
    done = Button(t("roadmap-day.done"), f"roadmap:done:{number}", primary=True)
    if word:
        return [
            (
                Button(t("roadmap-steady.going"), f"roadmap:part:{number}", primary=True),
                Button(t("roadmap-day.not-mine"), f"roadmap:not-mine:{number}"),
            )
        ]
    part = Button(t("roadmap-day.partly"), f"roadmap:part:{number}")
    move = Button(t("roadmap-day.transfer"), f"roadmap:move:{number}")
    other = Button(t("roadmap-day.not-mine"), f"roadmap:not-mine:{number}")
    return [(done, part), (move, other)]


def _or_none(t: Translator, text: str) -> str:
    return cut(text, 150) or t("roadmap-day.none")


# --- one day ------------------------------------------------------------------------------------------


def day(t: Translator, own: Own, *, acting: bool, today: date, zone: ZoneInfo) -> Screen:
    """One day of a measure: what it wants, how far it is, what can be done."""
    one = own.day
    when = t.day(one.due, today=today)
    lines = []
    if one.state is OccurrenceState.closed and one.closed_at is not None:
        lines.append(t("roadmap-day.closed", date=t.day(one.closed_at.astimezone(zone).date(), today=today)))
    elif one.state is OccurrenceState.sent:
        lines.append(t("roadmap-day.check", n=own.waiting))
    elif one.due < today:
        lines.append(t("roadmap-day.late", date=when))
    elif one.tentative:
        lines.append(t("roadmap-due.when-soft", date=when))
    else:
        lines.append(t("roadmap-due.when", n=(one.due - today).days, date=when))
    if one.start is not None and one.state is not OccurrenceState.closed:
        lines.append(t("roadmap-day.window", **{"from": _plain_day(t, one.start)}, to=_plain_day(t, one.due)))
    if one.move_to is not None:
        lines.append(t("roadmap-day.move", date=t.day(one.move_to, today=today)))
    said = "\n" + t.html("roadmap-day.said", text=cut(one.said, 200)) if one.said else ""
    comment = "\n" + t.html("roadmap-day.comment", text=cut(own.comment, 200)) if own.comment else ""
    text = t.screen(
        "roadmap-day", title=cut(own.title, TITLE), when=" ".join(lines), result=wanted(t, own.result, own.result_kind),
        body=_or_none(t, own.bodies), said=SafeHtml(said), comment=SafeHtml(comment),
    )  # fmt: skip
    acts: list[Row] = []
    if acting and one.state in (OccurrenceState.open, OccurrenceState.partly):
        acts = act_rows(t, one.id, word=one.kind is OccurrenceKind.word)
    elif acting and one.state is OccurrenceState.sent:
        take = [Button(t("roadmap-day.take"), f"roadmap:take:{one.id}")] if own.mine_waiting else []
        acts = [(*take, Button(t("roadmap-day.add"), f"roadmap:done:{one.id}"))]
    return Screen(text, rows(*acts, menu_row(t, HOME)))


def proof(t: Translator, own: Own, ready: Offer | None = None, *, today: date) -> Screen:
    """What the document names, what may be sent, and what of ours may be taken as it is."""
    text = t.screen("roadmap-proof", result=wanted(t, own.result, own.result_kind))
    buttons: list[Row | Button | None] = []
    if ready is not None and ready.first is not None:
        register, number = ready.first
        name = t(f"roadmap-register.{register.value}")
        text += "\n\n" + t.html("roadmap-proof.ready", name=name, n=number, date=t.day(today, today=today))
        buttons.append(Button(t("roadmap-proof.take"), f"roadmap:snap:{own.day.id}:{register.value}", primary=True))
    if ready is not None and len(ready.every) > (ready.first is not None):
        buttons.append(Button(t("roadmap-proof.registers"), f"roadmap:registers:{own.day.id}"))
    return Screen(text, rows(*buttons, _cancel(t, own.day.id)))


def registers(t: Translator, own: Own, ready: Offer) -> Screen:
    """All registers of ours that may be taken for a day."""
    if not ready.every:
        return Screen(t.screen("roadmap-registers-none"), rows(menu_row(t, f"roadmap:done:{own.day.id}")))
    lines = "\n".join(
        t.html("roadmap-registers.line", i=str(i), name=t(f"roadmap-register.{register.value}"), n=number)
        for i, (register, number) in enumerate(ready.every, start=1)
    )
    since, until = _plain_day(t, ready.period.since), _plain_day(t, ready.period.until)
    text = t.screen("roadmap-registers", lines=SafeHtml(lines), since=since, until=until)
    numbers = [
        Button(str(i), f"roadmap:snap:{own.day.id}:{register.value}")
        for i, (register, _) in enumerate(ready.every, start=1)
    ]
    return Screen(text, rows(numbers[:LISTED], numbers[LISTED:] or None, _cancel(t, own.day.id)))


def wanted(t: Translator, result: str, result_kind: str) -> str:
    """What the document wants, else the kind of it."""
    return cut(result, 150) or t(f"roadmap-kind.{result_kind or 'other'}")


def sent(t: Translator, own: Own) -> Screen:
    take = Button(t("roadmap-day.take"), f"roadmap:take:{own.day.id}")
    add = Button(t("roadmap-day.add"), f"roadmap:done:{own.day.id}")
    return Screen(t.screen("roadmap-sent"), rows([take, add], menu_row(t, HOME)))


def partly(t: Translator, own: Own, *, today: date) -> Screen:
    text = t.screen("roadmap-partly", date=t.day(own.day.due, today=today))
    return Screen(text, rows(_cancel(t, own.day.id)))


def partly_done(t: Translator, own: Own, *, today: date) -> Screen:
    if own.day.kind is OccurrenceKind.word:
        return Screen(t.screen("roadmap-word-done"), rows(menu_row(t, HOME)))
    return Screen(t.screen("roadmap-partly-done", date=t.day(own.day.due, today=today)), rows(menu_row(t, HOME)))


def move(t: Translator, own: Own, *, today: date) -> Screen:
    text = t.screen("roadmap-move", date=t.day(own.day.due, today=today))
    return Screen(text, rows(_cancel(t, own.day.id)))


def move_sent(t: Translator, own: Own, *, today: date) -> Screen:
    to = t.day(own.day.move_to or own.day.due, today=today)
    text = t.screen("roadmap-move-sent", to=to, date=t.day(own.day.due, today=today))
    return Screen(text, rows(menu_row(t, HOME)))


def not_mine(t: Translator, own: Own, people: Sequence[Answering]) -> Screen:
    """Others of the measure's bodies."""
    if not people:
        return Screen(t.screen("roadmap-not-mine-none"), rows(menu_row(t, f"roadmap:day:{own.day.id}")))
    shown = people[:LISTED]
    text = t.screen("roadmap-not-mine", lines=SafeHtml(_names(t, shown)))
    numbers = tuple(Button(str(i), f"roadmap:pass:{own.day.id}:{person.id}") for i, person in enumerate(shown, start=1))
    return Screen(text, rows(numbers, _cancel(t, own.day.id)))


def _names(t: Translator, people: Sequence[Answering]) -> str:
    return "\n".join(
        t.html("roadmap-not-mine.line", i=str(i), name=person.name) for i, person in enumerate(people, start=1)
    )


def passed(t: Translator, person: Answering) -> Screen:
    return Screen(t.screen("roadmap-passed", name=person.name), rows(menu_row(t, HOME)))


def later(t: Translator, own: Own, *, today: date) -> Screen:
    text = t.screen("roadmap-later", date=t.day(own.day.due, today=today))
    return Screen(text, rows(menu_row(t, HOME)))


def again(t: Translator, own: Own, *, today: date) -> Screen:
    """The reminder she asked for."""
    words = t("roadmap-due.when", n=max((own.day.due - today).days, 0), date=t.day(own.day.due, today=today))
    text = t.screen(
        "roadmap-due", title=cut(own.title, TITLE), when=words, result=_or_none(t, own.result),
        body=_or_none(t, own.bodies),
    )  # fmt: skip
    return Screen(text, rows(*act_rows(t, own.day.id), _open(t, own.day.id)))


def _cancel(t: Translator, number: int) -> Button:
    return Button(t("button-cancel"), f"roadmap:day:{number}")


# --- a date that only people know ---------------------------------------------------------------------


def question(t: Translator, number: int, title: str, phrase: str) -> Screen:
    """Pushed, and shown again from the list."""
    text = t.screen("roadmap-nodate", title=cut(title, 45), phrase=cut(phrase, 200))
    return Screen(
        text,
        rows(
            Button(t("roadmap-nodate.name"), f"roadmap:date:{number}", primary=True),
            [
                Button(t("roadmap-nodate.unknown"), f"roadmap:unknown:{number}"),
                Button(t("roadmap-nodate.other"), f"roadmap:other:{number}"),
            ],
            menu_row(t, HOME),
        ),
    )


def question_date(t: Translator, number: int, *, event: bool) -> Screen:
    """What is awaited: a day, or the day of the event."""
    text = t.screen("roadmap-date")
    if event:
        text = f"<b>{t('roadmap-date.title')}</b>\n\n{t('roadmap-date.event')}"
    return Screen(text, rows(Button(t("button-cancel"), f"roadmap:question:{number}")))


def date_named(t: Translator, due: date, *, today: date) -> Screen:
    return Screen(t.screen("roadmap-date-named", date=t.day(due, today=today)), rows(menu_row(t, HOME)))


def date_unknown(t: Translator, again_on: date, *, today: date) -> Screen:
    return Screen(t.screen("roadmap-date-unknown", date=t.day(again_on, today=today)), rows(menu_row(t, HOME)))


def date_other(t: Translator, number: int, people: Sequence[Answering]) -> Screen:
    """Who may know."""
    if not people:
        return Screen(t.screen("roadmap-not-mine-none"), rows(menu_row(t, f"roadmap:question:{number}")))
    shown = people[:LISTED]
    text = t.screen("roadmap-date-other", lines=SafeHtml(_names(t, shown)))
    numbers = tuple(Button(str(i), f"roadmap:ask:{number}:{person.id}") for i, person in enumerate(shown, start=1))
    return Screen(text, rows(numbers, Button(t("button-cancel"), f"roadmap:question:{number}")))


def date_passed(t: Translator, person: Answering) -> Screen:
    return Screen(t.screen("roadmap-date-passed", name=person.name), rows(menu_row(t, HOME)))


# --- the second pair of eyes --------------------------------------------------------------------------


def checks(t: Translator, page: Page[Waiting], *, zone: ZoneInfo, today: date) -> Screen:
    """Evidence that waits, the oldest first."""
    if not page.total:
        return Screen(t.screen("roadmap-checks-none"), rows(menu_row(t, HOME)))
    lines = "\n".join(
        t.html(
            "roadmap-checks.line", i=str(i), title=cut(one.title, 70), person=one.by or "—",
            date=t.day(one.at.astimezone(zone).date(), today=today),
        )
        for i, one in enumerate(page.things, start=page.first)
    )  # fmt: skip
    return Screen(
        t.screen("roadmap-checks", n=page.total, lines=SafeHtml(lines)),
        rows(
            digits(page, lambda one: f"roadmap:check:{one.id}"),
            turns(t, page, lambda number: f"roadmap:checks:{number}") or None,
            menu_row(t, HOME),
        ),
    )


def check(t: Translator, one: Waiting, *, today: date) -> Screen:
    """What was sent against what the document names."""
    words = [cut(one.text, 300)] if one.text else []
    if one.file_id is not None:
        words.append(t("roadmap-check.file", name=cut(one.file_name, 60)))
    text = t.screen(
        "roadmap-check", title=cut(one.title, TITLE), result=_or_none(t, one.result),
        date=t.day(one.due, today=today), person=one.by or "—", text="; ".join(words),
    )  # fmt: skip
    look = Button(t("roadmap-check.look"), f"roadmap:file:{one.id}") if one.file_id is not None else None
    accept = Button(t("roadmap-check.accept"), f"roadmap:accept:{one.id}", primary=True)
    back = Button(t("roadmap-check.back"), f"roadmap:return:{one.id}")
    return Screen(text, rows(look, [accept, back], menu_row(t, "roadmap:checks:0")))


def check_asked(t: Translator, one: Waiting, *, today: date) -> Screen:
    """Pushed to the second pair of eyes."""
    words = [cut(one.text, 200)] if one.text else []
    if one.file_id is not None:
        words.append(t("roadmap-check.file", name=cut(one.file_name, 60)))
    text = t.screen(
        "roadmap-check-asked", title=cut(one.title, 40), person=one.by or "—", text="; ".join(words),
        date=t.day(one.due, today=today),
    )  # fmt: skip
    look = Button(t("roadmap-check-asked.look"), f"roadmap:check:{one.id}", primary=True)
    every = Button(t("roadmap-check-asked.all"), "roadmap:checks:0")
    return Screen(text, rows([look, every], menu_row(t)))


def check_why(t: Translator, one: Waiting) -> Screen:
    return Screen(t.screen("roadmap-check-why"), rows(Button(t("button-cancel"), f"roadmap:check:{one.id}")))


def accepted(t: Translator) -> Screen:
    onward = Button(t("roadmap-accepted.next"), "roadmap:checks:0", primary=True)
    return Screen(t.screen("roadmap-accepted"), rows(onward, menu_row(t, HOME)))


def returned(t: Translator) -> Screen:
    onward = Button(t("roadmap-returned.next"), "roadmap:checks:0", primary=True)
    return Screen(t.screen("roadmap-returned"), rows(onward, menu_row(t, HOME)))


def transfers(t: Translator, asked: Sequence[Transfer], *, today: date) -> Screen:
    """One request at a time."""
    if not asked:
        return Screen(t.screen("roadmap-transfers-none"), rows(menu_row(t, HOME)))
    one = asked[0]
    text = t.screen(
        "roadmap-transfers", title=cut(one.title, 120), date=t.day(one.due, today=today),
        to=t.day(one.to, today=today), reason=cut(one.reason, 200), person=one.by or "—",
    )  # fmt: skip
    agree = Button(t("roadmap-transfers.agree"), f"roadmap:decide:{one.occurrence_id}:1", primary=True)
    refuse = Button(t("roadmap-transfers.refuse"), f"roadmap:decide:{one.occurrence_id}:0")
    return Screen(text, rows([agree, refuse], menu_row(t, HOME)))


# --- what the people of the measure are told ------------------------------------------------------------


def closed(t: Translator, verdict: Verdict, *, today: date) -> Screen:
    text = t.screen("roadmap-closed", title=cut(verdict.title, 120), date=t.day(today, today=today))
    return Screen(text, rows(menu_row(t, HOME))).kept()


def back(t: Translator, verdict: Verdict) -> Screen:
    text = t.screen("roadmap-back", title=cut(verdict.title, 120), comment=cut(verdict.text, 300))
    more = Button(t("roadmap-back.more"), f"roadmap:done:{verdict.occurrence_id}", primary=True)
    return Screen(text, rows([more, _open(t, verdict.occurrence_id)]))


def moved(t: Translator, verdict: Verdict, *, agreed: bool, today: date) -> Screen:
    given = {"title": cut(verdict.title, 120), "date": t.day(verdict.due or today, today=today)}
    text = t.screen("roadmap-moved", **given) if agreed else t.screen("roadmap-not-moved", **given)
    return Screen(text, rows(_open(t, verdict.occurrence_id), menu_row(t)))
