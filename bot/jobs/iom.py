"""Routes: what happened is said, days of steps are reminded of, approved routes begin."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.clock import local_date
from bot.db import Database
from bot.i18n import Texts, Translator
from bot.models import MessageClass, NoticeKind
from bot.screens import iom as screens
from bot.screens import iom_appointing as appointing_screens
from bot.services import outbox
from bot.services.iom import appointing, telling
from bot.services.iom.telling import Notice
from bot.ui.screen import Screen

BATCH = 200


async def tell(db: Database, texts: Texts, *, zone: ZoneInfo, now: datetime) -> int:
    """Notices into the outbox, each once. How many."""
    today = local_date(now, zone)
    async with db.begin() as session:
        await telling.find_gone(session, now=now)
        notices = await telling.waiting(session)
        for notice in notices:
            screen = _screen(texts.translator(notice.locale), notice, today=today)
            if screen is not None:
                await outbox.say(
                    session,
                    notice.route.person_id,
                    screen,
                    message_class=MessageClass.for_you,
                    kind=f"iom-{notice.kind.value}",
                    dedupe=f"iom-notice-{notice.id}",
                    now=now,
                )
            await telling.told(session, notice.id, now=now)
    return len(notices)


async def remind(db: Database, texts: Texts, *, zone: ZoneInfo, now: datetime) -> int:
    """Reminders of the day into the outbox, batch by batch; delivery keeps budgets and quiet hours. New ones."""
    today = local_date(now, zone)
    async with db.begin() as session:
        await telling.begin_due(session, now=now, today=today)
    new = last = 0
    while True:
        async with db.begin() as session:
            found = await telling.due(session, today=today, after=last, limit=BATCH)
            for one in found:
                t = texts.translator(one.locale)
                screen = screens.reminder(t, one.kind, one.step_id, one.title, one.activity, one.due, today=today)
                new += await outbox.say(
                    session,
                    one.person_id,
                    screen,
                    message_class=MessageClass.nudge,
                    kind=f"iom-{one.kind}",
                    dedupe=one.dedupe,
                    now=now,
                )
        if len(found) < BATCH:
            return new
        last = found[-1].step_id


async def appointed(db: Database, texts: Texts, *, zone: ZoneInfo, now: datetime) -> int:
    """Appointments nobody undid at once: teachers hear who accompanies them, methodists how many came. New ones."""
    new = 0
    while True:
        async with db.begin() as session:
            found = await appointing.to_tell(session, now=now, today=local_date(now, zone))
            if found is None:
                return new
            again = "undone" if found.undone else "made"
            for person_id, locale, methodist in found.teachers:
                new += await outbox.say(
                    session,
                    person_id,
                    appointing_screens.teacher(texts.translator(locale), methodist, undone=found.undone),
                    message_class=MessageClass.for_you,
                    kind="iom-appointed",
                    dedupe=f"iom-appointed-{found.appointment_id}-{again}-{person_id}",
                    now=now,
                )
            for person_id, locale, count in found.methodists:
                new += await outbox.say(
                    session,
                    person_id,
                    appointing_screens.methodist(texts.translator(locale), count, undone=found.undone),
                    message_class=MessageClass.staff,
                    kind="iom-appointed",
                    dedupe=f"iom-appointed-{found.appointment_id}-{again}-m{person_id}",
                    now=now,
                )
            await appointing.told(session, found.appointment_id, now=now)


def _screen(t: Translator, notice: Notice, *, today: date) -> Screen | None:
    route, step, kind = notice.route, notice.step, notice.kind
    if kind is NoticeKind.offered:
        return screens.plan(t, route, today=today) if route.planning else None
    if kind is NoticeKind.approved:
        return screens.approved(t, route, today=today) if route.next is not None else None
    if kind is NoticeKind.changed:
        return screens.changed(t, route, today=today) if route.asked is not None else None
    if kind is NoticeKind.exit:
        return screens.exit_check(t)
    if kind is NoticeKind.closed:
        return screens.effect(t, route, today=today)
    if step is None:
        return None
    if kind is NoticeKind.gone:
        return screens.gone(t, step)
    if kind is NoticeKind.returned:
        return screens.returned(t, route, step, notice.words)
    if kind is NoticeKind.moved:
        return screens.moved(t, step, today=today)
    return screens.accepted(t, route, step, notice.words, today=today, auto=kind is NoticeKind.auto)
