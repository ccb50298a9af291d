"""The calendar and the card of an event."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator
from bot.models import EventRule, EventState, RegistrationState
from bot.rules.events import Why
from bot.screens.events import wording
from bot.screens.events.wording import HOME, TITLE, When
from bot.screens.menu import menu_row
from bot.services.events.looking import CalendarPage, Mine, Suiting
from bot.services.events.quiz import rule_words
from bot.services.events.reading import EventCard, EventLine
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, cut, rows


def month(t: Translator, page: CalendarPage, when: When, *, guest: bool) -> Screen:
    """Four to a page; «Раньше» and «Ещё» go on into other months."""
    here = Page(page.lines, page.number, page.total, size=4)
    name = t(f"events-month.m{page.month.month}")
    title = t.html(
        "events-list.title" if here.pages == 1 else "events-list.title-pages",
        month=name,
        page=str(page.number + 1),
        pages=str(here.pages),
    )
    lines = "\n".join(wording.numbered(t, i, line, when) for i, line in enumerate(page.lines, start=1))
    doors = [Button(t("events-list.fit"), "events:fit:0"), Button(t("events-list.mine"), "events:mine")]
    return Screen(
        f"<b>{title}</b>\n\n{t.html('events-list', lines=SafeHtml(lines))}",
        rows(
            digits(here, lambda line: f"events:card:{line.id}"),
            _months(t, page, here) or None,
            None if guest else doors,
            # Ten buttons at most: who has routes finds the navigator there.
            Button(t("navigator-home.open"), "navigator:home")
            if guest
            else Button(t("programmes-home.button"), "programmes:home"),
            menu_row(t),
        ),
    )


def empty(t: Translator) -> Screen:
    """Nothing ahead: why, and two doors."""
    return Screen(
        t.screen("events-empty"),
        rows(
            Button(t("menu-soon.catalogue"), "catalogue:home"),
            Button(t("programmes-home.button"), "programmes:home"),
            menu_row(t),
        ),
    )


def suiting(t: Translator, page: Suiting, when: When) -> Screen:
    """What suits, each with its reason."""
    if not page.lines:
        return Screen(t.screen("events-nothing-fits"), rows(Button(t("events-suiting.all"), HOME), menu_row(t, HOME)))
    here = Page([line for line, _ in page.lines], page.number, page.total, size=4)
    lines = "\n".join(
        wording.numbered(t, i, line, when, routed=why is Why.iom)
        + (f" {t(f'events-why.{why.value}')}" if why is not Why.everybody else "")
        for i, (line, why) in enumerate(page.lines, start=1)
    )
    return Screen(
        t.screen("events-suiting", lines=SafeHtml(lines)),
        rows(
            digits(here, lambda line: f"events:card:{line.id}"),
            turns(t, here, lambda number: f"events:fit:{number}") or None,
            menu_row(t, HOME),
        ),
    )


def mine(t: Translator, found: Sequence[Mine], when: When) -> Screen:
    """«Мои записи»."""
    if not found:
        return Screen(
            t.screen("events-mine-none"),
            rows(Button(t("events-list.fit"), "events:fit:0", primary=True), menu_row(t, HOME)),
        )
    lines = "\n".join(
        t.html(
            "events-mine.line",
            i=str(i),
            title=cut(one.line.title, 70),
            date=wording.day(t, one.line, when),
            time=wording.time(one.line, when),
            state=t(f"events-registration.{one.state.value}"),
        )
        for i, one in enumerate(found, start=1)
    )
    here = Page([one.line for one in found], 0, len(found))
    return Screen(
        t.screen("events-mine", lines=SafeHtml(lines)),
        rows(digits(here, lambda line: f"events:card:{line.id}"), menu_row(t, HOME)),
    )


def card(t: Translator, told: EventCard, when: When, *, room: str = "") -> Screen:
    """What, when, how it counts, and where she stands on its list; ``room`` is her own address of the meeting."""
    line = told.line
    first, last = line.local(when.zone)
    parts = [
        t.html(
            "events-card.when",
            date=wording.day(t, line, when),
            time=f"{first:%H:%M}",
            end=f"{last:%H:%M}",
            form=wording.form(t, line),
        )
    ]
    if line.speakers:
        parts.append(t.html("events-card.speaker", speaker=cut(line.speakers, 80)))
    if told.own is None or told.own is RegistrationState.signed:
        parts.append(t.html("events-card.seats", seats=wording.seats(t, line, when, routed=told.routed)))
    body = [" ".join(parts)]
    if told.own is None and (kept := wording.kept(t, line, when, routed=told.routed)):
        body.append(kept)
    uses = [t.html("events-card.groups", groups=cut(", ".join(told.groups).lower(), 120))] if told.groups else []
    uses.append(t.html("events-card.rule", rule=rule_words(t, told.rule, told.log_share, quiz=told.quiz is not None)))
    body.append(" ".join(uses))
    body += _standing(t, told, when)
    body += _team(t, told)
    if told.out_of_turn:
        body.append(t.html("events-card.out-of-turn", reason=cut("; ".join(told.out_of_turn), 120)))
    if line.is_demo:
        body.append(t("catalogue-card.demo"))
    title = t.html("events-card.title", title=cut(line.title, TITLE))
    enter = Button(t("events-hour.enter"), url=room) if room and wording.near(line, when.now) else None
    return Screen(
        f"<b>{title}</b>\n\n" + "\n\n".join(body),
        rows(
            *_card_buttons(t, told, when),
            enter,
            Button(t("events-team.open"), f"events:team:{line.id}") if told.team and told.team.mine else None,
            [
                Button(t("events-card.more"), f"events:more:{line.id}"),
                Button(t("events-card.share"), f"events:share:{line.id}"),
            ],
            menu_row(t, HOME),
        ),
    )


def more(t: Translator, told: EventCard, when: When) -> Screen:
    """The rest: what it is about, where, what to bring, materials."""
    line = told.line
    lines = [t.html("events-more.kind", kind=t(f"events-kind.{line.kind.value}"), length=wording.length(t, line))]
    if line.place:
        lines.append(t.html("events-more.place", place=cut(line.place, 120)))
    if told.organiser:
        lines.append(t.html("events-more.organiser", organiser=cut(told.organiser, 100)))
    if told.subjects:
        lines.append(t.html("events-more.subjects", subjects=cut(", ".join(told.subjects), 120)))
    if told.bring:
        lines.append(t.html("events-more.bring", bring=cut(told.bring, 80)))
    if told.gives_certificate:
        lines.append(t("events-more.certificate"))
    text = "\n".join(lines)
    if told.about:
        text = f"{t.html('events-more', about=cut(told.about, 350))}\n\n{text}"
    title = t.html("events-more.title", title=cut(line.title, TITLE))
    links = [
        Button(t(f"events-more.{name}"), url=url)
        for name, url in (("materials", told.materials), ("recording", told.recording))
        if url
    ]
    return Screen(f"<b>{title}</b>\n\n{text}", rows(*links, menu_row(t, f"events:card:{line.id}")))


def share(t: Translator, line: EventLine, when: When, *, link: str) -> Screen:
    """Words to send to a colleague, with an address that opens the card."""
    text = t.screen(
        "events-share",
        title=cut(line.title, 120),
        date=wording.day(t, line, when),
        time=wording.time(line, when),
        link=link,
    )
    return Screen(text, rows(menu_row(t, f"events:card:{line.id}")))


def _standing(t: Translator, told: EventCard, when: When) -> list[str]:
    if told.attended:
        waits = told.quiz is not None and not told.completed and told.rule is EventRule.quiz
        return [t("events-card.attended-quiz" if waits else "events-card.attended")]
    match told.own:
        case RegistrationState.signed:
            return [" ".join(filter(None, (t("events-card.signed"), wording.cancelling(t, told, when))))]
        case RegistrationState.waiting:
            return [t("events-wait.ahead", n=told.ahead) if told.ahead else t("events-wait.first")]
        case RegistrationState.offered | RegistrationState.invited:
            if told.held_until is None:
                return [t("events-card.held")]
            return [t.html("events-card.held-until", until=t.moment(told.held_until, when.zone, today=when.today))]
    return []


def _team(t: Translator, told: EventCard) -> list[str]:
    """How one signs up here, or how the team stands in which she is."""
    if told.team is not None:
        return [t("events-team.numbers", confirmed=str(told.team.confirmed), pending=str(told.team.pending))]
    if told.line.team_from is None or told.own is RegistrationState.signed:
        return []
    return [t("events-team.card", least=str(told.line.team_from), most=str(told.line.team_to))]


def _card_buttons(t: Translator, told: EventCard, when: When) -> list[Row | Button | None]:
    line, number = told.line, told.line.id
    if line.state is EventState.cancelled:
        return [Button(t("events-full.similar"), "events:fit:0", primary=True)]
    if told.own in (RegistrationState.offered, RegistrationState.invited) and when.now < line.starts_at:
        return [
            Button(t("events-offer.take"), f"events:in:{number}", primary=True),
            Button(t("events-offer.give"), f"events:out:{number}"),
        ]
    quiz = told.quiz
    known = told.own is RegistrationState.signed or told.attended
    if quiz is not None and known and not told.completed and quiz.opens <= when.now <= quiz.until:
        here = Button(t("events-hour.here"), f"events:here:{number}")
        typed = told.rule is not EventRule.quiz and not told.attended and when.now <= line.ends_at
        return [Button(t("events-quiz.open"), f"events:quiz:{number}", primary=True), here if typed else None]
    if told.own is RegistrationState.signed:
        if line.starts_at <= when.now <= line.ends_at and not told.attended:
            return [Button(t("events-hour.here"), f"events:here:{number}", primary=True)]
        if when.now < line.starts_at:
            return [
                Button(t("events-signed.calendar"), f"events:ics:{number}"),
                Button(t("events-signed.cancel"), f"events:out:{number}"),
            ]
        return []
    if told.own is RegistrationState.waiting and when.now < line.starts_at:
        return [Button(t("events-wait.leave"), f"events:out:{number}")]
    if line.takes(when.now):
        return [Button(t("events-card.sign"), f"events:in:{number}", primary=True)]
    if line.starts_at <= when.now <= line.ends_at and not told.attended:
        return [Button(t("events-hour.here"), f"events:here:{number}", primary=True)]
    return []


def _months(t: Translator, page: CalendarPage, here: Page[EventLine]) -> Row:
    row: list[Button] = []
    month = f"{page.month:%Y%m}"
    if page.number > 0:
        row.append(Button(t("button-earlier"), f"events:month:{month}:{page.number - 1}"))
    elif page.earlier is not None:
        row.append(Button(t("button-earlier"), f"events:month:{page.earlier:%Y%m}:0"))
    if page.number + 1 < here.pages:
        row.append(Button(t("button-more"), f"events:month:{month}:{page.number + 1}"))
    elif page.later is not None:
        row.append(Button(t("button-more"), f"events:month:{page.later:%Y%m}:0"))
    return tuple(row)
