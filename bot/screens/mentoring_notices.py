"""What mentoring writes first (conversation.md §3.12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.i18n import Translator
from bot.models import MentorNoticeKind as Kind
from bot.models import Side
from bot.screens.mentoring import HOME, offer
from bot.screens.menu import menu_row
from bot.services.mentoring.telling import FIRST, Notice
from bot.services.mentoring.views import PairCard
from bot.ui.screen import Button, Screen, cut, rows


def notice(t: Translator, one: Notice, *, zone: ZoneInfo, today: date) -> Screen:
    """The screen of a notice."""
    no, pair = one.pair.id, one.pair
    opens = Button(t("mentoring-pair.open"), f"mentoring:pair:{no}")
    last = f"{pair.leaves_on:%d.%m.%Y}" if pair.leaves_on else ""
    match one.kind:
        case Kind.offer_mentor | Kind.offer_mentee:
            side = Side.mentor if one.kind is Kind.offer_mentor else Side.mentee
            card = PairCard(
                no, pair.state, one.mentor, one.mentee, pair.form, pair.kind, pair.score, one.lines, side,
                answer_until=pair.answer_until, statement=one.statement,
            )  # fmt: skip
            return replace(offer(t, card, today=today)).kept()
        case Kind.remind_offer:
            text = t.screen("mentoring-remind", name=one.partner.short_name, until=_until(pair.answer_until))
            return Screen(text, rows(Button(t("mentoring-offer.open"), f"mentoring:pair:{no}"), menu_row(t, HOME)))
        case Kind.refused:
            return Screen(t.screen("mentoring-not-made"), rows(menu_row(t, HOME)))
        case Kind.agreed:
            curator = one.curator or t("mentoring-agreed.nobody")
            return Screen(t.screen("mentoring-agreed", curator=curator), rows(opens if one.side else None, menu_row(t)))
        case Kind.active:
            first = (pair.since or today) + FIRST
            text = t.screen(
                "mentoring-active", no=pair.order_no, date=f"{pair.order_date:%d.%m.%Y}", name=one.partner.name,
                first=f"{first:%d.%m.%Y}",
            )  # fmt: skip
            return Screen(
                text,
                rows(
                    Button(t("mentoring-pair.plan"), f"mentoring:plan:{no}"),
                    Button(t("mentoring-pair.program"), f"mentoring:program:{no}"),
                    menu_row(t, HOME),
                ),
            ).kept()
        case Kind.confirm:
            return _confirm(t, one, today=today)
        case Kind.planned:
            assert one.meeting is not None
            assert one.meeting.starts_at is not None
            at = t.moment(one.meeting.starts_at, zone, today=today)
            return Screen(
                t.screen("mentoring-invited", name=one.partner.short_name, at=at),
                rows(
                    Button(t("mentoring-planned.file"), f"mentoring:ics:{one.meeting.id}"),
                    Button(t("mentoring-pair.plan"), f"mentoring:plan:{no}"),
                    menu_row(t, HOME),
                ),
            )
        case Kind.nudge | Kind.remind_first:
            days = (today - one.last).days if one.last else 0
            return Screen(
                t.screen("mentoring-nudge", days=days),
                rows(
                    Button(t("mentoring-pair.plan"), f"mentoring:plan:{no}"),
                    Button(t("mentoring-nudge.met"), f"mentoring:meet:{no}"),
                    Button(t("mentoring-nudge.pause"), f"mentoring:pause:{no}"),
                ),
            )
        case Kind.left:
            return Screen(t.screen("mentoring-goes", date=last), rows(opens, menu_row(t, HOME)))
        case Kind.ended:
            again = Button(t("mentoring-ended.again"), "mentoring:need:0") if one.side is Side.mentee else None
            return Screen(t.screen("mentoring-ended"), rows(again, menu_row(t, HOME)))
        case Kind.half | Kind.remind_half:
            grades = [Button(str(grade), f"mentoring:useful:{no}:{grade}") for grade in range(1, 6)]
            skip = Button(t("mentoring-half.skip"), HOME)
            return Screen(t.screen("mentoring-half"), rows(grades, skip))
        case Kind.finished:
            result = t(f"mentoring-finish.{pair.result}")
            return Screen(
                t.screen("mentoring-finished", met=str(one.held), result=result.lower()), rows(menu_row(t, HOME))
            ).kept()
        case Kind.term:
            return Screen(
                t.screen(
                    "mentoring-term", date=f"{pair.until:%d.%m.%Y}" if pair.until else "", name=one.partner.short_name
                ),
                rows(Button(t("mentoring-pair.finish"), f"mentoring:finish:{no}"), opens, menu_row(t, HOME)),
            )
        case Kind.staff_left:
            text = t.screen("mentoring-staff-left", mentor=one.mentor.name, mentee=one.mentee.name, date=last)
            return Screen(text, rows(menu_row(t)))


def _until(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _confirm(t: Translator, one: Notice, *, today: date) -> Screen:
    meeting = one.meeting
    assert meeting is not None
    day = t.day(meeting.held_on or today - timedelta(days=1), today=today)
    text = t.screen(
        "mentoring-confirm", date=day, name=one.partner.short_name, minutes=str(meeting.minutes),
        topic=cut(meeting.topic, 120) or t("mentoring-confirm.topic"),
        next=cut(meeting.next_step, 120) or t("mentoring-confirm.next"),
    )  # fmt: skip
    return Screen(
        text,
        rows(
            [
                Button(t("mentoring-confirm.yes"), f"mentoring:confirm:{meeting.id}"),
                Button(t("mentoring-confirm.fix"), f"mentoring:fix:{meeting.id}"),
            ],
            Button(t("mentoring-confirm.no"), f"mentoring:deny:{meeting.id}"),
        ),
    )
