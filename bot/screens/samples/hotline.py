"""Screens of the line: for those who ask, for those who answer, and what is pushed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.i18n import Translator
from bot.models import FaqState, TicketGrade, TicketState, TicketTheme, Whose
from bot.screens import duty, hotline, hotline_sessions
from bot.screens.hotline_notices import Says
from bot.screens.samples.invented import (
    BIG,
    LONG_DISTRICT,
    LONG_FULL_NAME,
    LONG_NAME,
    NOW,
    SHORT_NAME,
    TODAY,
    ZONE,
    Sample,
)
from bot.services.hotline import asking, desk, faq, roster, sessions
from bot.services.hotline.ticket import Notice, NoticeKind, Piece
from bot.ui.pager import Page

SHORT = "Как выставлять отметки за ВПР, если ребёнок болел?"
LONG = "Как учитывать результаты проверочной работы, когда класс писал её в два дня и часть детей болела? " * 20
LATER = NOW + timedelta(days=40, hours=3)


def hotline_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield from _asking(t)
    yield from _own(t)
    yield from _notices(t)
    yield from _duty(t)
    yield from _shifts(t)
    yield from _sessions(t)


def _gathering(*, long: bool) -> sessions.Gathering:
    return sessions.Gathering(
        BIG, LONG[:60] if long else "Оценивание",
        TicketTheme.exams, LATER, LATER + timedelta(days=3), BIG, LONG_NAME if long else SHORT_NAME, 240 if long else 1,
        240 if long else 1, None, None, "",
    )  # fmt: skip


def _sessions(t: Translator) -> Iterator[Sample]:
    for name, long in (("short", False), ("long", True)):
        one = _gathering(long=long)
        yield Sample(f"hotline_sessions.ask {name}", hotline_sessions.ask(t, one, zone=ZONE, today=TODAY))
        yield Sample(f"hotline_sessions.over {name}", hotline_sessions.over(t, one))
        page = Page([one] * (5 if long else 1), 1 if long else 0, 12 if long else 1)
        yield Sample(f"hotline_sessions.listed {name}", hotline_sessions.listed(t, page, zone=ZONE, today=TODAY))
        asked = [sessions.Asked(BIG, LONG if long else SHORT, TicketState.new, ())] * (5 if long else 1)
        yield Sample(
            f"hotline_sessions.one {name}",
            hotline_sessions.one(t, one, Page(asked, 1 if long else 0, 240 if long else 1), zone=ZONE, today=TODAY),
        )
        yield Sample(
            f"hotline_sessions.preview {name}", hotline_sessions.preview(t, one, LONG[:600] if long else SHORT)
        )
    over = replace(_gathering(long=False), answered_at=NOW)
    yield Sample(
        "hotline_sessions.one answered",
        hotline_sessions.one(
            t, over, Page([sessions.Asked(BIG, SHORT, TicketState.answered, ())], 0, 1), zone=ZONE, today=TODAY
        ),
    )
    yield Sample("hotline_sessions.listed none", hotline_sessions.listed(t, Page([], 0, 0), zone=ZONE, today=TODAY))
    yield Sample("hotline_sessions.sent", hotline_sessions.sent(t, 240))


def _draft(*, long: bool) -> asking.Draft:
    return asking.Draft(
        id=BIG, text=LONG if long else SHORT, files=20 if long else 0, messages=30 if long else 1, anonymous=long,
        theme=TicketTheme.mentoring if long else TicketTheme.exams,
        found=("Константинопольский Александр Вячеславович", "+7 (910) 123-45-67") * 6 if long else ("89101234567",),
    )  # fmt: skip


def _offers(count: int) -> list[faq.Offer]:
    return [faq.Offer(BIG - n, LONG[:400] if n else SHORT, 1.0) for n in range(count)]


def _asking(t: Translator) -> Iterator[Sample]:
    for name, long in (("short", False), ("long", True)):
        yield Sample(
            f"hotline.home {name}",
            hotline.home(
                t, at=LATER if long else NOW + timedelta(hours=1), methodist=LONG_NAME if long else SHORT_NAME,
                themes=[theme.value for theme in TicketTheme] if long else [], on_duty=not long, drafted=long,
                gathering=hotline_sessions.buttons(t, [_gathering(long=True), _gathering(long=False)]) if long else (),
                zone=ZONE, today=TODAY,
            ),
        )  # fmt: skip
        yield Sample(f"hotline.similar {name}", hotline.similar(t, _offers(3 if long else 1), _draft(long=long)))
        yield Sample(f"hotline.draft {name}", hotline.draft(t, _draft(long=long)))
        yield Sample(f"hotline.personal {name}", hotline.personal(t, _draft(long=long)))
        yield Sample(f"hotline.found {name}", hotline.found(t, _offers(5 if long else 1), title="ВПР" if long else ""))
        receipt = asking.Receipt(BIG, LATER, LONG_NAME if long else SHORT_NAME, not long, anonymous=long)
        yield Sample(f"hotline.receipt {name}", hotline.receipt(t, receipt, zone=ZONE, today=TODAY))
        one = faq.Ready(
            BIG, LONG[:300] if long else SHORT, "Решает школа: это написано в её положении. " * (10 if long else 1),
            LONG_NAME, TODAY - timedelta(days=400), "https://example.org/a" if long else "", TicketTheme.exams,
        )  # fmt: skip
        yield Sample(
            f"hotline.faq {name}", hotline.faq(t, one, drafted=long, closed=False, back="hotline:ask", today=TODAY)
        )
    yield Sample("hotline.ask", hotline.ask(t))
    yield Sample("hotline.nameless", hotline.nameless(t))
    yield Sample("hotline.thanks", hotline.thanks(t))
    yield Sample("hotline.find", hotline.find(t))
    yield Sample("hotline.nothing_found", hotline.nothing_found(t, LONG))
    held = [(theme, BIG) for theme in TicketTheme]
    yield Sample("hotline.themes", hotline.themes(t, held, 1, back="hotline:home"))
    yield Sample("hotline.themes none", hotline.themes(t, [], 0, back="hotline:home"))
    yield Sample("hotline.choose_theme", hotline.choose_theme(t, 1))
    yield Sample("hotline.rewrite", hotline.rewrite(t))
    yield Sample("hotline.cancelled", hotline.cancelled(t))
    yield Sample("hotline.kept", hotline.kept(t, LONG, BIG))
    yield Sample("hotline.kept_gone", hotline.kept_gone(t))


def _own(t: Translator) -> Iterator[Sample]:
    added = asking.Added(BIG, TicketState.new, LONG_NAME, LATER, quiet=False)
    yield Sample("hotline.added", hotline.added(t, added, zone=ZONE, today=TODAY))
    yield Sample("hotline.recalled", hotline.recalled(t, BIG))
    yield Sample("hotline.later", hotline.later(t))
    yield Sample("hotline.add", hotline.add(t, BIG))
    yield Sample("hotline.graded", hotline.graded(t, LATER, zone=ZONE, today=TODAY))
    yield Sample("hotline.waiting", hotline.waiting(t))
    yield Sample("hotline.followed", hotline.followed(t, answered=True))
    yield Sample("hotline.followed skipped", hotline.followed(t, answered=False))
    yield Sample("hotline.publish_yes", hotline.publish_yes(t))
    yield Sample("hotline.publish_no", hotline.publish_no(t))
    yield Sample("hotline.publish_fix", hotline.publish_fix(t))
    yield Sample("hotline.publish_fixed", hotline.publish_fixed(t, LONG))
    mine = [asking.Mine(BIG, LONG[:80], state, LATER, NOW) for state in list(TicketState)[1:6]]
    yield Sample("hotline.mine", hotline.mine(t, Page(mine, 1, 15), zone=ZONE, today=TODAY))
    yield Sample("hotline.mine none", hotline.mine(t, Page([], 0, 0), zone=ZONE, today=TODAY))
    for state in (TicketState.new, TicketState.clarify, TicketState.closed):
        card = asking.Card(
            BIG, state, TicketTheme.exams, LATER, LONG_NAME, _talk(), TicketGrade.yes,
            may_reopen=state is TicketState.closed,
        )  # fmt: skip
        yield Sample(f"hotline.card {state.value}", hotline.card(t, card, zone=ZONE, today=TODAY))
    yield Sample("hotline.again", hotline.again(t, card))


def _talk() -> tuple[Piece, ...]:
    return (
        Piece(1, Whose.asker, LONG, NOW, 1, ((1, "план.pdf"), (2, "фото.jpg"))),
        Piece(2, Whose.clarify, LONG[:300], NOW, 2),
        Piece(3, Whose.asker, SHORT, NOW, 1),
        Piece(4, Whose.answer, LONG[:500], NOW, 2),
    )


def _notices(t: Translator) -> Iterator[Sample]:
    say = Says(t, ZONE, TODAY)
    for kind in NoticeKind:
        for name, long in (("short", False), ("long", True)):
            no_name = kind is NoticeKind.late and not long
            limit = {NoticeKind.answer: 500, NoticeKind.session: 60, NoticeKind.gathered: 60}.get(kind, 250)
            lines: tuple[tuple[str, str], ...] = ()
            if kind is NoticeKind.digest:
                lines = tuple((theme.value, LONG[:300]) for theme in TicketTheme)[: 6 if long else 1]
            elif kind is NoticeKind.morning:
                lines = (("questions", "12"), ("steps", "3"), ("routes", "40"))[: 3 if long else 1]
            notice = Notice(
                kind, no=BIG, text=LONG[:limit] if long else SHORT, name="" if no_name else LONG_NAME, at=LATER,
                until=LATER + timedelta(hours=3), theme=TicketTheme.mentoring,
                themes=tuple(theme.value for theme in TicketTheme) if long else (), minutes=24,
                other="yes" if kind is NoticeKind.swapped else str(BIG) if kind is NoticeKind.closed else LONG_NAME,
                lines=lines,
            )  # fmt: skip
            yield Sample(f"hotline_notices.{kind.value} {name}", say(notice), pushed=True)


def _sheet(state: TicketState, *, nameless: bool = False) -> desk.Sheet:
    return desk.Sheet(
        no=BIG, state=state, theme=TicketTheme.programmes, due_at=LATER, resolve_by=LATER,
        asker="" if nameless else LONG_FULL_NAME, position="" if nameless else "учитель русского языка и литературы",
        municipality="" if nameless else LONG_DISTRICT, anonymous=nameless, author_id=None, holder=LONG_NAME,
        holder_id=2, talk=_talk(), notes=(Piece(9, Whose.note, LONG[:200], NOW, 2),), complex_one=False, grade="",
    )  # fmt: skip


def _duty(t: Translator) -> Iterator[Sample]:
    here: Any = {"zone": ZONE, "today": TODAY}
    yield Sample("duty.home", duty.home(t, desk.Desk(LATER, 21, 5, LATER, None), sessions=3, **here))
    yield Sample("duty.home idle", duty.home(t, desk.Desk(None, 0, 0, None, LATER), sessions=0, **here))
    lines = [desk.Line(BIG, LONG[:80], TicketTheme.mentoring, TicketState.new, LATER, LONG_NAME, 2) for _ in range(5)]
    for mine in (False, True):
        yield Sample(f"duty.queue {mine}", duty.queue(t, Page(lines, 1, 21), mine=mine, **here))
        yield Sample(f"duty.queue none {mine}", duty.queue(t, Page([], 0, 0), mine=mine, **here))
    for state in (TicketState.new, TicketState.clarify, TicketState.answered):
        yield Sample(f"duty.card {state.value}", duty.card(t, _sheet(state), **here))
    yield Sample("duty.card nameless", duty.card(t, _sheet(TicketState.new, nameless=True), **here))
    yield Sample("duty.mine", duty.mine(t, _sheet(TicketState.assigned), **here))
    short = replace(_sheet(TicketState.assigned), talk=(Piece(1, Whose.asker, SHORT, NOW, 1),), notes=())
    yield Sample("duty.mine short", duty.mine(t, short, **here))
    yield Sample("duty.whole", duty.whole(t, short, **here))
    yield Sample("duty.preview", duty.preview(t, BIG, LONG[:600]))
    yield Sample("duty.sent", duty.sent(t, BIG, offer=True))
    yield Sample("duty.sent bare", duty.sent(t, BIG, offer=False))
    for key in ("hotline-duty-clarify", "hotline-duty-note"):
        yield Sample(f"duty.asking {key}", duty.asking(t, key, BIG))
    for key in (
        "hotline-duty-clarified", "hotline-duty-noted", "hotline-duty-back", "hotline-duty-complex",
        "hotline-duty-given",
    ):  # fmt: skip
        yield Sample(f"duty.done {key}", duty.done(t, key, BIG, name=LONG_NAME))
    yield Sample("duty.notes", duty.notes(t, _sheet(TicketState.new), {2: LONG_NAME}, **here))
    people = [desk.Colleague(n, LONG_NAME, (), 12, on_duty=n == 1) for n in range(1, 12)]
    yield Sample("duty.give", duty.give(t, BIG, people, 1))
    yield Sample("duty.give none", duty.give(t, BIG, [], 0))
    yield Sample("duty.reason", duty.reason(t, BIG, LONG_NAME))
    yield Sample("duty.canned", duty.canned(t, BIG, [(n, "Заготовка с длинным названием про сроки") for n in range(9)]))
    yield Sample("duty.canned none", duty.canned(t, BIG, []))
    yield Sample("duty.similar", duty.similar(t, BIG, _offers(5)))
    yield Sample("duty.similar none", duty.similar(t, BIG, []))
    yield Sample("duty.empty", duty.empty(t))
    yield Sample("duty.ready", duty.ready(t, faq.Preview(BIG, LONG, LONG, BIG, FaqState.candidate)))
    yield Sample("duty.asked", duty.asked(t))
    yield Sample("duty.end", duty.end(t, 21))
    yield Sample("duty.ended", duty.ended(t, 21, LONG_NAME))


def _shifts(t: Translator) -> Iterator[Sample]:
    here: Any = {"zone": ZONE, "today": TODAY}
    found = [roster.Shift(BIG - n, LATER, LATER + timedelta(hours=3), 2, LONG_NAME, LONG_NAME, ()) for n in range(5)]
    yield Sample("duty.shifts", duty.shifts(t, Page(found, 1, 21), **here))
    yield Sample("duty.shifts none", duty.shifts(t, Page([], 0, 0), **here))
    for mine_id in (None, BIG):
        yield Sample(f"duty.swap {mine_id}", duty.swap(t, Page(found, 1, 21), mine_id, **here))
        yield Sample(f"duty.swap none {mine_id}", duty.swap(t, Page([], 0, 0), mine_id, **here))
    yield Sample("duty.swap_asked", duty.swap_asked(t))
    for agreed in (True, False):
        yield Sample(f"duty.swap_done {agreed}", duty.swap_done(t, agreed=agreed))
