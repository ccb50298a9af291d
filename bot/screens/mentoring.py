"""Mentoring in the chat: asking, offering, agreeing, the pair's page (conversation.md §3.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator, escape
from bot.models import LineState, MeetingState, PairKind, PairState, Side
from bot.rules.mentoring.places import PARTS
from bot.rules.mentoring.pulse import GoesOn, Hindrance
from bot.screens.menu import menu_row
from bot.services.mentoring.views import PairCard
from bot.ui.screen import Attachment, Button, Screen, cut, rows

HOME = "mentoring:home"
WHY = 3
"""Reasons told in an offer: the strongest."""

DAYS = 6
SHOWN = 5
"""Lines of a programme on one screen: the newest ones; done ones go out of sight first."""

HOURS = (9, 12, 14, 15, 16, 17, 18, 19)
MINUTES = (15, 30, 45, 60, 90)


def home(t: Translator, cards: Sequence[PairCard], *, asks: bool, mentors: bool, staff: bool) -> Screen:
    living = [card for card in cards if card.open][:3]
    names = [card.partner.short for card in living]
    buttons = [
        Button(
            t("mentoring-home.pair", name=cut(card.partner.short, 30)) + _mark(names, place),
            f"mentoring:pair:{card.id}",
        )
        for place, card in enumerate(living)
    ]
    need = Button(
        t("mentoring-home.topics" if asks else "mentoring-home.need"), "mentoring:mine" if asks else "mentoring:need:0"
    )
    offer = Button(
        t("mentoring-home.profile" if mentors else "mentoring-home.mentor"),
        "mentoring:profile" if mentors else "mentoring:mentor:0",
    )
    return Screen(
        t.screen("mentoring-home"),
        rows(
            *buttons,
            [need, offer] if len(buttons) > 1 else need,
            None if len(buttons) > 1 else offer,
            [Button(t("mentoring-home.how"), "mentoring:how"), Button(t("mentoring-home.staff"), "mentoring:staff")]
            if staff
            else Button(t("mentoring-home.how"), "mentoring:how"),
            menu_row(t),
        ),
    )


def how(t: Translator) -> Screen:
    return Screen(t.screen("mentoring-how"), rows(menu_row(t, HOME)))


# --- profile and need --------------------------------------------------------------------------------


def strengths(t: Translator, groups: Sequence[str], mask: int, *, back: str) -> Screen:
    return Screen(
        t.screen("mentoring-profile"),
        rows(
            *_pairs(_topics(t, "mentor", groups, mask)),
            Button(t("mentoring-profile.next"), f"mentoring:formats:{mask}", primary=True),
            menu_row(t, back),
        ),
    )


def need(t: Translator, groups: Sequence[str], mask: int) -> Screen:
    return Screen(
        t.screen("mentoring-need"),
        rows(
            *_pairs(_topics(t, "need", groups, mask)),
            [
                Button(t("mentoring-need.done"), f"mentoring:time:{mask}:0", primary=True),
                Button(t("mentoring-need.words"), "mentoring:words"),
            ],
            menu_row(t, HOME),
        ),
    )


def words(t: Translator) -> Screen:
    return Screen(t.screen("mentoring-words"), rows(Button(t("button-cancel"), HOME)))


def formats(t: Translator, mask: int) -> Screen:
    return Screen(
        t.screen("mentoring-formats"),
        rows(
            [
                Button(t("mentoring-formats.person"), f"mentoring:parts:{mask}:1:0"),
                Button(t("mentoring-formats.remote"), f"mentoring:parts:{mask}:2:0"),
            ],
            Button(t("mentoring-formats.both"), f"mentoring:parts:{mask}:3:0"),
            menu_row(t, f"mentoring:mentor:{mask}"),
        ),
    )


def parts(t: Translator, begin: str, after: str, chosen: int, *, back: str) -> Screen:
    """``begin`` is the press that marks a part (the mask follows), ``after`` the one that goes on."""
    buttons = [
        Button(_checked(t, t(f"mentoring-part.{part}"), chosen, place), f"{begin}:{chosen ^ (1 << place)}")
        for place, part in enumerate(PARTS)
    ]
    return Screen(
        t.screen("mentoring-parts"),
        rows(*_pairs(buttons), Button(t("mentoring-profile.next"), after, primary=True), menu_row(t, back)),
    )


def load(t: Translator, begin: str, *, back: str) -> Screen:
    numbers = [Button(str(number), f"{begin}:{number}") for number in (1, 2, 3)]
    return Screen(t.screen("mentoring-load"), rows(numbers, menu_row(t, back)))


def joined(t: Translator, profile: str) -> Screen:
    """``profile`` opens the profile, where more can be said."""
    return Screen(t.screen("mentoring-joined"), rows(Button(t("mentoring-joined.more"), profile), menu_row(t, HOME)))


def quit_base(t: Translator) -> Screen:
    return Screen(t.screen("mentoring-quit"), rows(menu_row(t, HOME)))


def share(t: Translator, groups: Sequence[str]) -> Screen:
    return Screen(
        t.screen("mentoring-share", groups=cut(", ".join(groups), 200)),
        rows(
            Button(t("mentoring-share.yes"), "mentoring:share:1"),
            Button(t("mentoring-share.no"), "mentoring:share:0"),
            menu_row(t, HOME),
        ),
    )


def stopped(t: Translator) -> Screen:
    return Screen(
        t.screen("mentoring-stopped"), rows(Button(t("mentoring-home.need"), "mentoring:need:0"), menu_row(t, HOME))
    )


# --- an offer ----------------------------------------------------------------------------------------


def offer(t: Translator, card: PairCard, *, today: date) -> Screen:
    who, until = card.partner, card.answer_until or today
    about = [", ".join(who.subjects) or who.position, who.organisation]
    words = ""
    if card.side is Side.mentee:
        about.append(t("mentoring-offer.years", years=who.experience) if who.experience else "")
        words = t("mentoring-offer.about", words=cut(card.statement, 200).rstrip(".")) if card.statement else ""
    if card.kind is not PairKind.one_to_one:
        words = f"{words} {t('mentoring-offer.kind', kind=t(f'mentoring-kind.{card.kind.value}').lower())}".strip()
    return Screen(
        t.screen(
            "mentoring-offer-mentor" if card.side is Side.mentor else "mentoring-offer-mentee",
            name=who.name, about=cut(", ".join(part for part in about if part), 160), why=why(t, card.lines),
            words=words,
        ),
        rows(
            Button(t("mentoring-offer.yes"), f"mentoring:agree:{card.id}"),
            Button(t("mentoring-offer.later", until=f"{until:%d.%m}"), f"mentoring:later:{card.id}"),
            Button(t("mentoring-offer.no"), f"mentoring:decline:{card.id}"),
            menu_row(t, HOME),
        ),
    )  # fmt: skip


def why(t: Translator, lines: Sequence[Mapping[str, Any]]) -> str:
    """The strongest reasons, from the very terms of the score."""
    best = sorted(
        (one for one in lines if one["points"] > 0 and one["term"] not in ("none", "far", "other")),
        key=lambda one: -one["points"],
    )
    return ", ".join(term(t, one) for one in best[:WHY])


def term(t: Translator, line: Mapping[str, Any]) -> str:
    """«тот же предмет»."""
    return t(f"mentoring-term-{line['criterion']}.{line['term']}", share=str(round(line["value"] * 100)))


def later(t: Translator, pair_id: int, until: date) -> Screen:
    return Screen(
        t.screen("mentoring-later", until=f"{until:%d.%m.%Y}"),
        rows(Button(t("mentoring-offer.open"), f"mentoring:pair:{pair_id}"), menu_row(t, HOME)),
    )


def declined(t: Translator, side: Side) -> Screen:
    other, enough = (HOME, "mentoring:quit") if side is Side.mentor else ("mentoring:mine", "mentoring:stop")
    return Screen(
        t.screen("mentoring-declined"),
        rows(
            Button(t("mentoring-declined.other"), other),
            Button(t("mentoring-declined.enough"), enough),
            menu_row(t, HOME),
        ),
    )


def half_agreed(t: Translator) -> Screen:
    return Screen(t.screen("mentoring-half-agreed"), rows(menu_row(t, HOME)))


def agreed(t: Translator, pair_id: int, curator: str) -> Screen:
    return Screen(
        t.screen("mentoring-agreed", curator=curator or t("mentoring-agreed.nobody")),
        rows(Button(t("mentoring-pair.open"), f"mentoring:pair:{pair_id}"), menu_row(t, HOME)),
    )


# --- the pair ----------------------------------------------------------------------------------------


def pair(t: Translator, card: PairCard, *, zone: ZoneInfo, today: date) -> Screen:
    if card.state is PairState.consent_wait and card.side not in card.agreed:
        return offer(t, card, today=today)
    no = card.id
    lines: list[Any] = []
    if card.state is PairState.active:
        lines = [
            Button(t("mentoring-pair.meet"), f"mentoring:meet:{no}", primary=True),
            [
                Button(t("mentoring-pair.plan"), f"mentoring:plan:{no}"),
                Button(t("mentoring-pair.program"), f"mentoring:program:{no}"),
            ],
            [
                Button(t("mentoring-pair.notes"), f"mentoring:notes:{no}"),
                Button(t("mentoring-pair.log"), f"mentoring:log:{no}"),
            ],
        ]
    elif card.state is PairState.paused:
        lines = [
            Button(t("mentoring-pair.resume"), f"mentoring:resume:{no}", primary=True),
            [
                Button(t("mentoring-pair.program"), f"mentoring:program:{no}"),
                Button(t("mentoring-pair.log"), f"mentoring:log:{no}"),
            ],
        ]
    elif card.state is PairState.finished:
        lines = [
            [
                Button(t("mentoring-pair.program"), f"mentoring:program:{no}"),
                Button(t("mentoring-pair.log"), f"mentoring:log:{no}"),
            ]
        ]
    finish = Button(t("mentoring-pair.finish"), f"mentoring:finish:{no}") if card.state is PairState.active else None
    if card.leaves_on is not None:
        stays = Button(t("mentoring-pair.stay"), f"mentoring:stay:{no}") if card.left_by is card.side else None
        lines.append([one for one in (finish, stays) if one is not None] or None)
    elif card.state in (PairState.active, PairState.paused):
        leaves = Button(t("mentoring-pair.exit"), f"mentoring:exit:{no}")
        lines.append([finish, leaves] if finish is not None else leaves)
    elif card.state in (PairState.consent_wait, PairState.to_order):
        lines.append(Button(t("mentoring-offer.no"), f"mentoring:decline:{no}"))
    if card.state is not PairState.consent_wait:
        lines.append(Button(t("mentoring-pair.papers"), f"mentoring:papers:{no}"))
    text = t.screen(
        "mentoring-pair",
        name=card.partner.name,
        state=_state(t, card),
        met=str(card.met),
        next=_next(t, card, zone, today),
    )
    screen = Screen(text, rows(*lines, menu_row(t, HOME)))
    if card.unanswered and card.state in (PairState.active, PairState.paused):
        return screen.above(t("mentoring-pair.unanswered", n=card.unanswered))
    return screen


def _state(t: Translator, card: PairCard) -> str:
    if card.leaves_on is not None and card.open:
        return t("mentoring-pair.leaves", date=f"{card.leaves_on:%d.%m.%Y}")
    words = {
        PairState.consent_wait: "waits",
        PairState.to_order: "to_order",
        PairState.paused: "paused",
        PairState.finished: "finished",
    }
    until = f"{card.paused_until:%d.%m.%Y}" if card.paused_until else ""
    return t(f"mentoring-pair.{words.get(card.state, 'active')}", no=card.order_no, date=until)


def _next(t: Translator, card: PairCard, zone: ZoneInfo, today: date) -> str:
    told = [t("mentoring-pair.step", step=cut(card.next_step, 200).rstrip("."))] if card.next_step else []
    if card.planned_at is not None:
        told.append(t("mentoring-pair.planned", at=t.moment(card.planned_at, zone, today=today)))
    return " ".join(told) or t("mentoring-pair.nothing")


def meet(t: Translator, pair_id: int) -> Screen:
    return Screen(
        t.screen("mentoring-meet"),
        rows(
            [
                Button(t("mentoring-meet.half"), f"mentoring:met:{pair_id}:0:30"),
                Button(t("mentoring-meet.hour"), f"mentoring:met:{pair_id}:0:60"),
            ],
            Button(t("mentoring-meet.other"), f"mentoring:days:{pair_id}"),
            Button(t("button-cancel"), f"mentoring:pair:{pair_id}"),
        ),
    )


def days(t: Translator, pair_id: int, *, today: date) -> Screen:
    buttons = [
        Button(t.day(today - timedelta(days=back), today=today), f"mentoring:met:{pair_id}:{back}:60")
        for back in range(1, DAYS + 1)
    ]
    return Screen(t.screen("mentoring-days"), rows(*_pairs(buttons), menu_row(t, f"mentoring:meet:{pair_id}")))


def said(
    t: Translator, pair_id: int, meeting_id: int, on: date, minutes: int, name: str, *, known: bool, today: date
) -> Screen:
    args = {"date": t.day(on, today=today), "minutes": str(minutes), "name": name}
    if known:
        return Screen(t.html("mentoring-said.known", **args), rows(menu_row(t, f"mentoring:pair:{pair_id}")))
    return Screen(
        t.screen("mentoring-said", **args),
        rows(
            Button(t("mentoring-said.back"), f"mentoring:deny:{meeting_id}"), menu_row(t, f"mentoring:pair:{pair_id}")
        ),
    )


def kept(t: Translator, key: str, pair_id: int) -> Screen:
    """A short receipt under a pair: ``mentoring-topic-kept``, ``-step-kept``, ``-confirmed``, ``-denied``."""
    return Screen(t.screen(key), rows(menu_row(t, f"mentoring:pair:{pair_id}")))


def fix(t: Translator, pair_id: int, meeting_id: int) -> Screen:
    buttons = [
        Button(t("mentoring-fix.minutes", minutes=str(n)), f"mentoring:correct:{meeting_id}:{n}") for n in MINUTES
    ]
    return Screen(t.screen("mentoring-fix"), rows(*_pairs(buttons), menu_row(t, f"mentoring:pair:{pair_id}")))


def plan(t: Translator, card: PairCard, *, today: date) -> Screen:
    buttons = [
        Button(t.day(today + timedelta(days=ahead), today=today), f"mentoring:hours:{card.id}:{ahead}")
        for ahead in range(1, DAYS + 1)
    ]
    return Screen(
        t.screen("mentoring-plan", name=card.partner.short_name),
        rows(*_pairs(buttons), menu_row(t, f"mentoring:pair:{card.id}")),
    )


def hours(t: Translator, pair_id: int, ahead: int, *, today: date) -> Screen:
    buttons = [Button(f"{hour}:00", f"mentoring:at:{pair_id}:{ahead}:{hour}") for hour in HOURS]
    return Screen(
        t.screen("mentoring-hours", date=t.day(today + timedelta(days=ahead), today=today)),
        rows(buttons[:4], buttons[4:], menu_row(t, f"mentoring:plan:{pair_id}")),
    )


def planned(t: Translator, card: PairCard, at: datetime, meeting_id: int, *, zone: ZoneInfo, today: date) -> Screen:
    return Screen(
        t.screen("mentoring-planned", at=t.moment(at, zone, today=today), name=card.partner.short_name),
        rows(
            Button(t("mentoring-planned.file"), f"mentoring:ics:{meeting_id}"), menu_row(t, f"mentoring:pair:{card.id}")
        ),
    )


def calendar(t: Translator, pair_id: int, content: bytes) -> Screen:
    return Screen(
        t.screen("mentoring-calendar"), rows(menu_row(t, f"mentoring:pair:{pair_id}")), keep=False,
        attachment=Attachment("vstrecha.ics", content, "text/calendar"),
    )  # fmt: skip


def log(
    t: Translator, card: PairCard, found: Sequence[tuple[int, date, int, str, MeetingState, Side]], *, today: date
) -> Screen:
    """Meetings that were, the newest first; what the other side said can be confirmed here too."""
    told = []
    asks = []
    for number, on, minutes, topic, state, by in found[:SHOWN]:
        day = t.day(on, today=today)
        key = "sure" if state is MeetingState.confirmed else "mine" if by is card.side else "theirs"
        told.append(
            t.html(
                f"mentoring-log.{key}", date=day, minutes=str(minutes), topic=cut(topic, 60) or t("mentoring-log.bare")
            )
        )
        if key == "theirs" and card.open:
            asks.append(Button(t("mentoring-log.yes", date=day), f"mentoring:confirm:{number}"))
    return Screen(
        t.screen(
            "mentoring-log", name=card.partner.short_name,
            lines=SafeHtml("\n".join(told) or t("mentoring-log.empty")),
        ),
        rows(*asks[:3], menu_row(t, f"mentoring:pair:{card.id}")),
    )  # fmt: skip


def program(t: Translator, card: PairCard, lines: Sequence[tuple[int, str, date | None, LineState]]) -> Screen:
    """The window of lines around what is next: the last that is done, then what is ahead."""
    done = sum(state is LineState.done for _, _, _, state in lines)
    first = max(0, min(done - 1, len(lines) - SHOWN))
    seen = list(enumerate(lines, start=1))[first : first + SHOWN]
    told = [t.html("mentoring-program.goal", goal=cut(card.goal, 160).rstrip("."))] if card.goal else []
    for place, (_, topic, due, state) in seen:
        key = "mentoring-program.done" if state is LineState.done else "mentoring-program.line"
        told.append(t.html(key, i=str(place), topic=cut(topic, 80), date=f"{due:%d.%m.%Y}" if due else ""))
    if len(lines) > SHOWN:
        told.append(t.html("mentoring-program.all", done=done, n=len(lines)))
    marks = [
        Button(t("mentoring-program.mark", i=str(place)), f"mentoring:mark:{number}")
        for place, (number, _, _, state) in seen
        if state is LineState.planned
    ][:3]
    backs = [
        Button(t("mentoring-program.unmark", i=str(place)), f"mentoring:unmark:{number}")
        for place, (number, _, _, state) in seen
        if state is LineState.done
    ][-1:]
    mentor = card.side is Side.mentor and card.open
    more = [
        Button(t("mentoring-program.add"), f"mentoring:line:{card.id}"),
        Button(t("mentoring-program.aim"), f"mentoring:goal:{card.id}"),
    ]
    return Screen(
        t.screen(
            "mentoring-program",
            name=card.partner.short_name,
            lines=SafeHtml("\n".join(told) if lines else t("mentoring-program.empty")),
        ),
        rows(
            marks if mentor else None,
            backs if mentor else None,
            more if card.open else None,
            menu_row(t, f"mentoring:pair:{card.id}"),
        ),
    )


def notes(t: Translator, card: PairCard, found: Sequence[tuple[date, str]]) -> Screen:
    told = [t.html("mentoring-notes.line", date=f"{on:%d.%m.%Y}", text=cut(text, 120)) for on, text in found[:3]]
    add = Button(t("mentoring-notes.add"), f"mentoring:note:{card.id}") if card.side is Side.mentor else None
    return Screen(
        t.screen(
            "mentoring-notes",
            name=card.partner.short_name,
            lines=SafeHtml("\n".join(told) or t("mentoring-notes.empty")),
        ),
        rows(add, menu_row(t, f"mentoring:pair:{card.id}")),
    )


def ask(t: Translator, key: str, pair_id: int) -> Screen:
    """Words are awaited: ``mentoring-line``, ``mentoring-note``, ``mentoring-goal``."""
    return Screen(t.screen(key), rows(Button(t("button-cancel"), f"mentoring:pair:{pair_id}")))


def leave(t: Translator, card: PairCard, pause: date, last: date) -> Screen:
    no = card.id
    return Screen(
        t.screen("mentoring-exit", date=f"{pause:%d.%m.%Y}", exit=f"{last:%d.%m.%Y}"),
        rows(
            Button(t("mentoring-exit.pause"), f"mentoring:pause:{no}") if card.state is PairState.active else None,
            Button(t("mentoring-exit.change"), f"mentoring:change:{no}") if card.side is Side.mentee else None,
            Button(t("mentoring-exit.leave"), f"mentoring:leave:{no}"),
            Button(t("mentoring-exit.stay"), f"mentoring:pair:{no}"),
        ),
    )


def paused(t: Translator, pair_id: int, until: date) -> Screen:
    return Screen(
        t.screen("mentoring-paused", date=f"{until:%d.%m.%Y}"),
        rows(Button(t("mentoring-pair.resume"), f"mentoring:resume:{pair_id}"), menu_row(t, HOME)),
    )


def leaving(t: Translator, pair_id: int, last: date) -> Screen:
    return Screen(
        t.screen("mentoring-leaving", date=f"{last:%d.%m.%Y}"),
        rows(Button(t("mentoring-pair.stay"), f"mentoring:stay:{pair_id}"), menu_row(t, HOME)),
    )


def finish(t: Translator, pair_id: int) -> Screen:
    return Screen(
        t.screen("mentoring-finish"),
        rows(
            *(
                Button(t(f"mentoring-finish.{one}"), f"mentoring:end:{pair_id}:{one}")
                for one in ("reached", "partly", "little")
            ),
            Button(t("mentoring-finish.go"), f"mentoring:pair:{pair_id}"),
            menu_row(t, HOME),
        ),
    )


def half_two(t: Translator, pair_id: int) -> Screen:
    grades = [Button(str(grade), f"mentoring:progress:{pair_id}:{grade}") for grade in range(1, 6)]
    return Screen(t.screen("mentoring-half-two"), rows(grades, menu_row(t, HOME)))


def half_three(t: Translator, pair_id: int) -> Screen:
    buttons = [
        Button(t(f"mentoring-half-three.{one.value}"), f"mentoring:hinders:{pair_id}:{one.value}") for one in Hindrance
    ]
    return Screen(t.screen("mentoring-half-three"), rows(*_pairs(buttons), menu_row(t, HOME)))


def half_four(t: Translator, pair_id: int, side: Side) -> Screen:
    words = {GoesOn.other: f"other-{side.value}"}
    buttons = [
        Button(t(f"mentoring-half-four.{words.get(one, one.value)}"), f"mentoring:goeson:{pair_id}:{one.value}")
        for one in GoesOn
    ]
    return Screen(t.screen("mentoring-half-four"), rows(*buttons, menu_row(t, HOME)))


def half_kept(t: Translator, pair_id: int, goes_on: GoesOn) -> Screen:
    """Thanks; who would rather not go on finds the way out at once."""
    leaves = None
    if goes_on is not GoesOn.yes:
        leaves = Button(t("mentoring-pair.exit"), f"mentoring:exit:{pair_id}")
    return Screen(t.screen("mentoring-half-kept"), rows(leaves, menu_row(t, HOME)))


def staff(t: Translator, counts: Mapping[PairState, int], needing: int, apart: int) -> Screen:
    lines = [
        t(f"mentoring-staff.{state.value}", count=str(counts[state]))
        for state in PairState
        if counts.get(state) and state not in (PairState.broken, PairState.refused)
    ]
    lines.append(t("mentoring-staff.needing", count=str(needing)))
    if apart:
        lines.append(t("mentoring-staff.apart", count=str(apart)))
    return Screen(t.screen("mentoring-staff", lines=escape("\n".join(lines))), rows(menu_row(t, HOME)))


# --- inside ------------------------------------------------------------------------------------------


def _topics(t: Translator, verb: str, groups: Sequence[str], mask: int) -> list[Button]:
    return [
        Button(_checked(t, t(f"mentoring-topic.{slug}"), mask, place), f"mentoring:{verb}:{mask ^ (1 << place)}")
        for place, slug in enumerate(groups)
    ]


def _checked(t: Translator, label: str, mask: int, place: int) -> str:
    return t("mentoring-topic.chosen", topic=label) if mask >> place & 1 else label


def _pairs(buttons: Sequence[Button]) -> list[list[Button]]:
    return [list(buttons[place : place + 2]) for place in range(0, len(buttons), 2)]


def _mark(names: Sequence[str], place: int) -> str:
    """A number where two partners would have one label."""
    same = [at for at, name in enumerate(names) if name == names[place]]
    return f" {same.index(place) + 1}" if len(same) > 1 else ""
