"""Words every screen of events shares: when, how long, whether there are seats, how it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.i18n import Translator
from bot.models import EventState
from bot.services.events.reading import EventCard, EventLine
from bot.ui.screen import cut

HOME = "events:home"
FEW = 10
"""From so few free seats on their number is told."""

TITLE = 56
"""Characters of an event's name that fit a title with its pictogram."""


@dataclass(frozen=True, slots=True)
class When:
    """The moment of looking: what is «завтра», what is open, whose clock."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The day of the region."""
        return self.now.astimezone(self.zone).date()


def seats(t: Translator, line: EventLine, when: When, *, routed: bool = False) -> str:
    """«есть места», «мест: 3», «лист ожидания», «запись с 1 декабря», «запись закрыта»."""
    if line.state is EventState.cancelled:
        return t("events-seats.cancelled")
    if line.state is EventState.announced or (line.opens_at is not None and line.opens_at > when.now):
        if line.opens_at is None:
            return t("events-seats.soon")
        opens = line.opens_at.astimezone(when.zone).date()
        return t("events-seats.opens", day=str(opens.day), month=t.month(opens))
    if not line.takes(when.now):
        return t("events-seats.closed")
    left = line.left(when.now, routed=routed)
    if left is None or left > FEW:
        return t("events-seats.there")
    return t("events-seats.few", n=str(left)) if left else t("events-seats.waiting")


def kept(t: Translator, line: EventLine, when: When, *, routed: bool = False) -> str:
    """For whom the last free seats are kept, and until when; empty when none is."""
    places = line.places(when.now)
    if not line.takes(when.now) or not places.kept or (places.free or 0) > FEW + places.kept:
        return ""
    return t("events-kept.yours" if routed else "events-kept", **keeps(t, line, places.kept))


def cancelling(t: Translator, told: EventCard, when: When) -> str:
    """By when she is asked to say that she will not come; empty when nothing is asked, or it is past."""
    if told.cancel_by is None or told.cancel_by <= when.now:
        return ""
    return t("events-cancel-by", until=t.moment(told.cancel_by, when.zone, today=when.today))


def keeps(t: Translator, line: EventLine, kept: int) -> dict[str, str]:
    """``seats``, ``day`` and ``month`` for a text about kept seats."""
    day = line.release_day()
    return {"seats": t("events-kept.seats", n=kept), "day": str(day.day), "month": t.month(day)}


def numbered(t: Translator, i: int, line: EventLine, when: When, *, routed: bool = False) -> str:
    return t.html(
        "events-list.line",
        i=str(i),
        title=cut(line.title, 80),
        date=day(t, line, when),
        time=time(line, when),
        form=form(t, line),
        seats=seats(t, line, when, routed=routed),
    )


def day(t: Translator, line: EventLine, when: When) -> str:
    """«вт, 1 декабря» on the clock of the region."""
    return t.day(line.local(when.zone)[0].date(), today=when.today)


def time(line: EventLine, when: When) -> str:
    return f"{line.local(when.zone)[0]:%H:%M}"


def form(t: Translator, line: EventLine) -> str:
    return t(f"catalogue-form.{line.form.value}")


def length(t: Translator, line: EventLine) -> str:
    hours, minutes = divmod(line.minutes, 60)
    parts = [t("events-length.hours", n=hours)] if hours else []
    if minutes:
        parts.append(t("events-length.minutes", n=minutes))
    return " ".join(parts)


def near(line: EventLine, now: datetime) -> bool:
    return (line.starts_at - now).total_seconds() <= 3600 and now <= line.ends_at


def at(t: Translator, line: EventLine, when: When) -> dict[str, str]:
    """``date`` and ``time`` for a text."""
    return {"date": day(t, line, when), "time": time(line, when)}
