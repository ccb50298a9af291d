"""The team of a school: who gathers it, whom to call, how it stands."""

from __future__ import annotations

from collections.abc import Collection

from bot.i18n import SafeHtml, Translator
from bot.rules.event_teams import Size
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.reading import EventCard, EventLine
from bot.services.events.teams import PAGE, Colleague, Colleagues, Plan, TeamView
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

SHOWN = 8
"""Members named on a screen; the rest are a number."""

NAME, POSITION = 40, 30


def team(t: Translator, view: TeamView, when: When) -> Screen:
    """Her school's team: hers to gather, somebody's, or none yet."""
    if view.mine:
        return _mine(t, view, when)
    line = view.line
    bounds = {"least": str(line.team_from), "most": str(line.team_to)}
    body = [t.html("events-team.alone", **bounds)]
    gather: Button | None = None
    if view.exists:
        taken = t.html("events-team.taken", name=view.organiser) if view.organiser else t("events-team.somebody")
        numbers = {"confirmed": str(view.confirmed), "pending": str(view.pending)}
        body = [t.html("events-team.numbers", **numbers) if view.within else taken]
    elif view.school is None:
        body.append(t("events-team.no-school"))
    elif line.takes(when.now):
        gather = Button(t("events-team.gather"), f"events:team-list:{line.id}:0", primary=True)
    else:
        body.append(t("events-closed"))
    return Screen(
        f"<b>{t('events-team.title')}</b>\n\n" + "\n\n".join(body),
        rows(gather, menu_row(t, f"events:card:{line.id}")),
    )


def choosing(t: Translator, page: Colleagues, chosen: Collection[int]) -> Screen:
    """A page of colleagues; a digit marks and unmarks."""
    line = page.line
    here = Page(page.people, page.number, page.total, size=PAGE)
    lines = [
        t.html(
            "events-team-list.line-chosen" if one.id in chosen else "events-team-list.line",
            i=str(i),
            name=cut(one.name, NAME),
            position=_low(one.position),
        )
        for i, one in enumerate(page.people, start=1)
    ]
    size = t.html(
        "events-team-list.size",
        n=str(page.within + len(chosen)),
        least=str(line.team_from),
        most=str(line.team_to),
    )
    body = [t.html("events-team-list.found", query=cut(page.query, 40))] if page.query else []
    body.append("\n".join(lines) if lines else t("events-team-list.none"))
    body.append(f"\n{size} {t('events-team-list.how')}" if lines else f"\n{size}")
    pages = {"page": str(here.number + 1), "pages": str(here.pages)}
    title = t("events-team-list.title") if here.pages == 1 else t("events-team-list.title-pages", **pages)
    return Screen(
        f"<b>{title}</b>\n\n{t.html('events-team-list', lines=SafeHtml(chr(10).join(body)))}",
        rows(
            digits(here, lambda one: f"events:team-pick:{line.id}:{one.id}:{page.number}") or None,
            turns(t, here, lambda number: f"events:team-list:{line.id}:{number}") or None,
            Button(t("events-team-list.all"), f"events:team-all:{line.id}") if page.query else None,
            Button(t("events-team-list.next"), f"events:team-plan:{line.id}", primary=True) if chosen else None,
            menu_row(t, f"events:team:{line.id}"),
        ),
    )


def plan(t: Translator, made: Plan, when: When) -> Screen:
    """The team as it would be, before anybody is called."""
    line = made.line
    text = t.html(
        "events-team-plan",
        title=cut(line.title, 120),
        **wording.at(t, line, when),
        n=str(made.total),
        least=str(line.team_from),
        most=str(line.team_to),
        names=_names(t, made.people),
    )
    body = [text]
    if made.size is not Size.right:
        problem = "events-team-few" if made.size is Size.few else "events-team-many"
        bounds = {"least": str(line.team_from)} if made.size is Size.few else {}
        body.append(t.html(problem, most=str(line.team_to), n=str(made.total), **bounds))
    else:
        body.append(t("events-team-plan.own"))
    if made.clash is not None:
        body.append(t.html("events-team-plan.clash", other=cut(made.clash.title, 100)))
    ready = made.size is Size.right and made.people
    return Screen(
        f"<b>{t('events-team-plan.title')}</b>\n\n" + "\n\n".join(body),
        rows(
            Button(t("events-team-plan.go"), f"events:team-go:{line.id}", primary=True) if ready else None,
            Button(t("events-team-plan.change"), f"events:team-list:{line.id}:0"),
            menu_row(t, f"events:team:{line.id}"),
        ),
    )


def dropping(t: Translator, line: EventLine) -> Screen:
    """Whether she means it."""
    return Screen(
        t.screen("events-team-drop", title=cut(line.title, 120)),
        rows(
            Button(t("events-team-drop.sure"), f"events:team-drop-sure:{line.id}"),
            Button(t("events-team-drop.keep"), f"events:team:{line.id}"),
        ),
    )


def dropped(t: Translator, line: EventLine) -> Screen:
    """It is no more."""
    return Screen(
        t.screen("events-team-dropped", title=cut(line.title, 120)), rows(menu_row(t, f"events:card:{line.id}"))
    )


def team_gone(t: Translator, line: EventLine, when: When) -> Screen:
    """To a member of a team that is no more."""
    return Screen(
        t.screen("events-team-gone", title=cut(line.title, 120), date=wording.day(t, line, when)),
        rows(Button(t("events-full.similar"), "events:fit:0"), menu_row(t)),
    )


def team_short(t: Translator, told: EventCard, when: When) -> Screen:
    """To the organiser at the term: too few have agreed."""
    line = told.line
    takes = line.takes(when.now)
    text = t.screen(
        "events-team-short",
        title=cut(line.title, 120),
        date=wording.day(t, line, when),
        confirmed=str(told.team.confirmed if told.team else 0),
        least=str(line.team_from),
    )
    return Screen(
        text if takes else f"{text}\n\n{t('events-team-short.closed')}",
        rows(
            Button(t("events-team-mine.more"), f"events:team-list:{line.id}:0", primary=True) if takes else None,
            Button(t("events-team-mine.drop"), f"events:team-drop:{line.id}"),
            menu_row(t),
        ),
    )


def _mine(t: Translator, view: TeamView, when: When) -> Screen:
    line = view.line
    people = [
        t.html(
            "events-team-mine.line-signed" if one.signed else "events-team-mine.line-invited",
            name=cut(one.name, NAME),
            position=_low(one.position),
        )
        for one in view.members[:SHOWN]
    ]
    if len(view.members) > SHOWN:
        people.append(t("events-team-mine.rest", n=str(len(view.members) - SHOWN)))
    body = [
        t.html(
            "events-team-mine.numbers",
            title=cut(line.title, 80),
            confirmed=str(view.confirmed),
            pending=str(view.pending),
            least=str(line.team_from),
            most=str(line.team_to),
        ),
        "\n".join(people),
    ]
    if view.pending and view.until is not None and view.until > when.now:
        until = t.moment(view.until, when.zone, today=when.today)
        body.append(t.html("events-team-mine.until", until=until))
    more = line.takes(when.now) and view.confirmed + view.pending < (line.team_to or 0)
    return Screen(
        f"<b>{t('events-team-mine.title')}</b>\n\n" + "\n\n".join(body),
        rows(
            Button(t("events-team-mine.more"), f"events:team-list:{line.id}:0") if more else None,
            Button(t("events-team-mine.drop"), f"events:team-drop:{line.id}") if when.now < line.starts_at else None,
            menu_row(t, f"events:card:{line.id}"),
        ),
    )


def _names(t: Translator, people: Collection[Colleague]) -> str:
    if not people:
        return "—"
    names = [cut(one.name, NAME) for one in list(people)[:SHOWN]]
    if len(people) > SHOWN:
        names.append(t("events-team-mine.rest", n=str(len(people) - SHOWN)))
    return ", ".join(names)


def _low(position: str) -> str:
    """After a name, inside a line: «учитель», but «ПДО» stays as it is."""
    text = cut(position, POSITION)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
