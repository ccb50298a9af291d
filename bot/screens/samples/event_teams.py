"""Screens of school teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.i18n import Translator
from bot.models import RegistrationState
from bot.rules.event_teams import MOST, Size
from bot.screens import events
from bot.screens.events import teams as screens
from bot.screens.samples.events import WHEN, event_card, event_line
from bot.screens.samples.invented import BIG, LONG_NAME, NOW, Sample
from bot.services.events.reading import EventLine, TeamNumbers
from bot.services.events.teams import Colleague, Colleagues, Member, Plan, School, TeamView

LONG_POST = "Заместитель директора по учебно-воспитательной работе и безопасности"


def _line(*, long: bool) -> EventLine:
    return replace(event_line(BIG, long=long), seats=40, team_from=3, team_to=MOST if long else 8)


def team_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    for name, long in (("usual", False), ("longest", True)):
        line = _line(long=long)
        who = LONG_NAME if long else "Иванова Мария Петровна"
        post = LONG_POST if long else "Учитель"
        school = School(BIG, "Гимназия № 4")
        people = tuple(Colleague(BIG + n, who, post) for n in range(4))
        told = replace(event_card(long=long), line=line)
        yield Sample(f"events.team_card {name}", events.card(t, told, WHEN))
        for own, gathers in (("member", False), ("organiser", True)):
            numbers = TeamNumbers(3, 1, NOW + timedelta(days=5), gathers)
            stand = replace(told, own=RegistrationState.signed, team=numbers)
            yield Sample(f"events.team_card {own} {name}", events.card(t, stand, WHEN))
        yield Sample(f"events.team none {name}", screens.team(t, TeamView(line, school), WHEN))
        yield Sample(f"events.team no_school {name}", screens.team(t, TeamView(line, None), WHEN))
        shut = replace(line, closes_at=NOW - timedelta(days=1))
        yield Sample(f"events.team closed {name}", screens.team(t, TeamView(shut, school), WHEN))
        taken = TeamView(line, school, exists=True, organiser="" if long else "Анна Петровна", confirmed=2, pending=3)
        yield Sample(f"events.team taken {name}", screens.team(t, taken, WHEN))
        yield Sample(f"events.team within {name}", screens.team(t, replace(taken, within=True), WHEN))
        members = tuple(Member(who, post, n % 2 == 0) for n in range(MOST if long else 4))
        mine = replace(
            taken, mine=True, within=True, members=members, confirmed=len(members) // 2, pending=len(members) // 2,
            until=NOW + timedelta(days=5),
        )  # fmt: skip
        yield Sample(f"events.team mine {name}", screens.team(t, mine, WHEN))
        page = Colleagues(line, people, 2 if long else 0, 60 if long else 4, "", 1)
        yield Sample(f"events.choosing {name}", screens.choosing(t, page, {people[0].id} if long else ()))
        asked = replace(page, query="Александр" * 8 if long else "вера", number=0, total=60 if long else 0)
        found = asked if long else replace(asked, people=())
        yield Sample(f"events.choosing found {name}", screens.choosing(t, found, ()))
        made = Plan(
            line, tuple(people * 7 if long else people), 1, Size.right, event_line(BIG, long=long) if long else None
        )
        yield Sample(f"events.plan {name}", screens.plan(t, made, WHEN))
        few = replace(made, people=() if not long else made.people, size=Size.many if long else Size.few)
        yield Sample(f"events.plan wrong {name}", screens.plan(t, few, WHEN))
        yield Sample(f"events.dropping {name}", screens.dropping(t, line))
        yield Sample(f"events.dropped {name}", screens.dropped(t, line))
        yield Sample(f"events.team_gone {name}", screens.team_gone(t, line, WHEN), pushed=True)
        short = replace(told, line=shut if long else line, team=TeamNumbers(2, 1, NOW))
        yield Sample(f"events.team_short {name}", screens.team_short(t, short, WHEN), pushed=True)
