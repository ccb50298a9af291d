"""Indicators in the chat: the numbers of one's own reach, the course of a month, the subscription to its summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import MailingChoice, MessageClass, Municipality, Outbox, Person
from bot.rules.indicators.model import Definition, Outcome
from bot.rules.indicators.periods import Period, period_of
from bot.services import outbox
from bot.services.access import Right, Scope, scope_of
from bot.services.indicators import counting, drilling, trend
from bot.services.indicators.counting import Line, Report
from bot.services.indicators.drilling import Reach
from bot.ui.screen import Screen

SIZE = 4
"""Indicators on a screen."""
MONTHLY = "indicators:month"
"""The topic of the subscription among the choices of a person."""
LATE = 7
"""The summary of a month is sent within so many days of the next one."""


class Subscription(StrEnum):
    """What may be subscribed to, as the person's own data name it."""

    month = "month"


@dataclass(frozen=True, slots=True)
class Shown:
    """An indicator as this person may see it: of the region or of her municipality."""

    index: int
    line: Line
    outcome: Outcome

    @property
    def definition(self) -> Definition:
        """What is counted."""
        return self.line.definition


@dataclass(frozen=True, slots=True)
class AtHand:
    """All that the chat shows. ``place`` is the only municipality of the role, None: the region."""

    report: Report
    reach: Reach
    place: int | None
    place_title: str
    shown: tuple[Shown, ...]

    def one(self, indicator: str) -> Shown:
        """One of them. UserError when there is none."""
        line = self.report.line(indicator)
        return next(one for one in self.shown if one.line is line)

    def of_section(self, section: int) -> list[Shown]:
        """Those of a direction; 0 for all."""
        return [one for one in self.shown if section in (0, one.definition.section)]

    @property
    def sections(self) -> list[int]:
        """Directions that have indicators, without those that have none."""
        return sorted({one.definition.section for one in self.shown} - {0})


@dataclass(frozen=True, slots=True)
class Month:
    """What a month changed; names are of indicators, empty where there is none."""

    first: date
    place_title: str
    up: int
    same: int
    down: int
    near: str
    near_gap: int
    watch: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is to be told of a month."""

    person_id: int
    locale: str
    month: Month


async def at_hand(
    session: AsyncSession, scope: Scope, *, now: datetime, zone: ZoneInfo, period: Period | None = None
) -> AtHand:
    """The indicators of this calendar year (or ``period``) within the scope. NotAllowed without the right."""
    reach = await drilling.reach_of(session, scope)
    if period is None:
        period = year_of(now.astimezone(zone).date())
    report = await counting.report(session, period, now=now, zone=zone)
    place, title = await _own_place(session, reach)
    return of_report(report, reach, place, title)


def of_report(report: Report, reach: Reach, place: int | None, title: str) -> AtHand:
    """A report as somebody with this reach sees it."""
    shown = tuple(
        Shown(index, line, line.outcome if place is None else line.places.get(place, line.outcome))
        for index, line in enumerate(report.lines)
    )
    return AtHand(report, reach, place, title, shown)


def year_of(day: date) -> Period:
    """The calendar year of a day."""
    period = period_of(str(day.year))
    assert period is not None
    return period


async def is_subscribed(session: AsyncSession, person_id: int) -> bool:
    """Whether the summary of each month is sent to her."""
    return bool(
        await session.scalar(
            select(MailingChoice.is_on).where(MailingChoice.person_id == person_id, MailingChoice.topic == MONTHLY)
        )
    )


async def subscribe(session: AsyncSession, scope: Scope, *, now: datetime) -> None:
    """Send her the summary of each month; twice is once. NotAllowed without the right."""
    scope.require(Right.indicators_see)
    assert scope.person_id is not None
    await _choose(session, scope.person_id, is_on=True, now=now)


async def unsubscribe(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """No more of it, whatever rights she has now; what waits is not sent."""
    await _choose(session, person_id, is_on=False, now=now)
    await outbox.take_back(session, _dedupe(person_id, ""))


async def subscribers(session: AsyncSession, last: date) -> list[int]:
    """People who asked for the summary and have not got that of the month that ended on a day."""
    rows = select(MailingChoice.person_id).where(MailingChoice.topic == MONTHLY, MailingChoice.is_on)
    wanting = list(await session.scalars(rows.order_by(MailingChoice.person_id)))
    month = f"{last:%Y-%m}"
    keys = {_dedupe(one, month): one for one in wanting}
    there = set(await session.scalars(select(Outbox.dedupe).where(Outbox.dedupe.in_(list(keys)))))
    return [person for key, person in keys.items() if key not in there]


async def month_for(
    session: AsyncSession, report: Report, person_id: int, *, last: date, today: date
) -> Subscriber | None:
    """What to tell a subscriber of the month that ended on a day; None when she may not see numbers any more."""
    person = await session.get(Person, person_id)
    scope = await scope_of(session, person_id, today=today)
    if person is None or not scope.may(Right.indicators_see):
        return None
    reach = await drilling.reach_of(session, scope)
    place, title = await _own_place(session, reach)
    return Subscriber(person_id, person.locale, month_of(of_report(report, reach, place, title), last))


def month_of(hand: AtHand, last: date) -> Month:
    """The month that ends on a day, beside the month before it."""
    first = last.replace(day=1)
    up = same = down = 0
    unmet: list[tuple[Fraction, int, str]] = []
    for one in hand.shown:
        if not trend.moves(one.line):
            continue
        after = trend.outcome_on(hand.report, one.line, last, place=hand.place)
        before = trend.outcome_on(hand.report, one.line, first - timedelta(days=1), place=hand.place)
        step = (after.value or after.numerator or 0) - (before.value or before.numerator or 0)
        up, same, down = up + (step > 0), same + (step == 0), down + (step < 0)
        if after.met is False and after.gap and after.needed:
            unmet.append((Fraction(after.gap, after.needed), after.gap, one.definition.title))
    unmet.sort()
    near = unmet[0] if unmet else (Fraction(0), 0, "")
    return Month(first, hand.place_title, up, same, down, near[2], near[1], unmet[-1][2] if len(unmet) > 1 else "")


async def tell(
    session: AsyncSession, told: Subscriber, speak: Callable[[str, Month], Screen], *, now: datetime, until: datetime
) -> bool:
    """Queue the summary once, ever; True if it is new."""
    return await outbox.say(
        session, told.person_id, speak(told.locale, told.month), message_class=MessageClass.staff,
        kind="indicators-month", dedupe=_dedupe(told.person_id, f"{told.month.first:%Y-%m}"), now=now,
        expires_at=until,
    )  # fmt: skip


def breakdown(hand: AtHand, shown: Shown, rows: Sequence[drilling.Place]) -> list[tuple[drilling.Place, Outcome]]:
    """Municipalities with their numbers, those where most is missing first."""
    known = [(row, shown.line.places[row.id]) for row in rows if row.id in shown.line.places]
    known.sort(key=lambda one: (one[1].margin is None, one[1].margin or 0, one[0].title))
    return known


def _dedupe(person_id: int, month: str) -> str:
    return f"indicators-month:{person_id}:{month}"


async def _choose(session: AsyncSession, person_id: int, *, is_on: bool, now: datetime) -> None:
    row = await session.scalar(
        select(MailingChoice).where(MailingChoice.person_id == person_id, MailingChoice.topic == MONTHLY)
    )
    if row is None:
        session.add(MailingChoice(person_id=person_id, topic=MONTHLY, is_on=is_on, changed_at=now))
    elif row.is_on is not is_on:
        row.is_on, row.changed_at = is_on, now
    await session.flush()


async def _own_place(session: AsyncSession, reach: Reach) -> tuple[int | None, str]:
    """The municipality whose numbers come first: the only one of a role that is not the region's."""
    if reach.whole or len(reach.municipalities) != 1:
        return None, ""
    (place,) = reach.municipalities
    return place, await session.scalar(select(Municipality.name).where(Municipality.id == place)) or ""
