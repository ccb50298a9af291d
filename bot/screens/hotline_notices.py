"""What the line writes first: to the author of a question, and to its staff (conversation.md §3.10, §5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.screens.hotline import day_and_time, themes_of
from bot.screens.menu import menu_row
from bot.services.hotline.ticket import Notice, NoticeKind
from bot.ui.screen import Button, Screen, cut, rows


@dataclass(frozen=True, slots=True)
class Says:
    """The line's voice in one language, on one day; calling it with a notice gives the screen."""

    t: Translator
    zone: ZoneInfo
    today: date

    def __call__(self, notice: Notice) -> Screen:
        return _SCREENS[notice.kind](self, notice)

    def when(self, moment: datetime | None) -> dict[str, str]:
        """«сегодня» and «15:00»."""
        assert moment is not None
        return day_and_time(self.t, moment, self.zone, self.today)

    def clock(self, moment: datetime | None) -> str:
        """«15:00»."""
        return self.when(moment)["time"]


def _titled(say: Says, key: str, body: str, **args: str) -> str:
    return f"<b>{say.t.html(f'{key}.title', **args)}</b>\n\n{body}"


def answer(say: Says, n: Notice) -> Screen:
    """The answer, whole, with a grade in one press."""
    t, no = say.t, str(n.no)
    if not n.text:
        return Screen(t("hotline-answer.file", no=no), rows(_open_mine(t, n.no))).kept()
    return Screen(
        t.screen("hotline-answer", no=no, answer=n.text, methodist=n.name),
        rows(
            [
                Button(t("hotline-answer.yes"), f"hotline:grade:{no}:yes"),
                Button(t("hotline-answer.partly"), f"hotline:grade:{no}:partly"),
            ],
            Button(t("hotline-answer.no"), f"hotline:grade:{no}:no"),
            Button(t("hotline-answer.again"), f"hotline:again:{no}"),
        ),
    ).kept()


def clarify(say: Says, n: Notice) -> Screen:
    t = say.t
    return Screen(
        t.screen("hotline-clarify", no=str(n.no), methodist=n.name, text=n.text),
        rows(
            Button(t("hotline-clarify.later"), f"hotline:later:{n.no}"),
            Button(t("hotline-clarify.drop"), f"hotline:recall:{n.no}"),
        ),
    ).kept()


def late(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    args = {"time": say.clock(n.at), "date": say.when(n.until)["date"], "until": say.clock(n.until)}
    body = t.html("hotline-late", methodist=n.name, **args) if n.name else t("hotline-late.nobody", **args)
    return Screen(
        _titled(say, "hotline-late", body, no=no),
        rows(
            Button(t("hotline-late.wait"), f"hotline:wait:{no}"), Button(t("hotline-late.drop"), f"hotline:recall:{no}")
        ),
    )


def passed(say: Says, n: Notice) -> Screen:
    text = say.t.screen("hotline-passed", no=str(n.no), methodist=n.name, **say.when(n.at))
    return Screen(text, rows(_open_mine(say.t, n.no), menu_row(say.t)))


def closed(say: Says, n: Notice) -> Screen:
    t = say.t
    return Screen(
        t.screen("hotline-closed", no=str(n.no), other=n.other),
        rows(Button(t("hotline-closed.open", other=n.other), f"hotline:card:{n.other}"), menu_row(t)),
    )


def publish(say: Says, n: Notice) -> Screen:
    t = say.t
    return Screen(
        t.screen("hotline-publish", text=n.text),
        rows(
            Button(t("hotline-publish.yes"), f"hotline:show:{n.no}:yes"),
            Button(t("hotline-publish.fix"), f"hotline:show:{n.no}:fix"),
            Button(t("hotline-publish.no"), f"hotline:show:{n.no}:no"),
        ),
    )


def follow(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    closes = t("hotline-follow.closes", date=say.when(n.at)["date"]) if n.at else ""
    return Screen(
        t.screen("hotline-follow", no=no, text=n.text, closes=closes),
        rows(
            [
                Button(t("hotline-follow.yes"), f"hotline:applied:{no}:yes"),
                Button(t("hotline-follow.partly"), f"hotline:applied:{no}:partly"),
            ],
            [
                Button(t("hotline-follow.no"), f"hotline:applied:{no}:no"),
                Button(t("hotline-follow.skip"), f"hotline:applied:{no}:skip"),
            ],
        ),
    )


def today(say: Says, n: Notice) -> Screen:
    """«Сегодня на связи»: news, for those who want them."""
    t = say.t
    args = {"from": say.clock(n.at), "to": say.clock(n.until), "themes": themes_of(t, n.themes)}
    return Screen(
        t.screen("hotline-today", methodist=n.name, **args),
        rows(
            Button(t("hotline-today.ask"), "hotline:ask", primary=True),
            Button(t("hotline-today.mute"), "people:mute"),
        ),
    )


def session(say: Says, n: Notice) -> Screen:
    """«Задайте вопросы до четверга»: news, for those who want them."""
    t = say.t
    args = {"date": say.when(n.at)["date"], "time": say.clock(n.at), "until": say.when(n.until)["date"]}
    return Screen(
        t.screen("hotline-session", title=n.text, methodist=n.name, **args),
        rows(
            Button(t("hotline-session.ask"), f"hotline:session:{n.no}", primary=True),
            Button(t("hotline-today.mute"), "people:mute"),
        ),
    )


def digest(say: Says, n: Notice) -> Screen:
    """New ready answers of the week, by theme."""
    t = say.t
    body: list[str] = []
    theme = ""
    for slug, question in n.lines:
        if slug != theme:
            body.append(f"<b>{t(f'hotline-theme.{slug}')}</b>")
            theme = slug
        body.append(t.html("hotline-digest.line", question=cut(question, 120)))
    if n.no > len(n.lines):
        body.append(t("hotline-digest.more", n=n.no - len(n.lines)))
    return Screen(
        t.screen("hotline-digest", lines=SafeHtml("\n".join(body))),
        rows(
            Button(t("hotline-digest.open"), "hotline:themes:0", primary=True),
            Button(t("hotline-today.mute"), "people:mute"),
        ),
    )


# --- staff -------------------------------------------------------------------------------------------


def question(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    theme = t(f"hotline-theme.{n.theme.value}") if n.theme else ""
    return Screen(
        t.screen("hotline-question", no=no, theme=theme, text=n.text, time=say.clock(n.at)),
        rows(
            Button(t("hotline-question.take"), f"duty:take:{no}", primary=True),
            Button(t("hotline-question.queue"), "duty:queue:0"),
        ),
    )


def more(say: Says, n: Notice) -> Screen:
    t = say.t
    text = t.screen("hotline-more", no=str(n.no), text=n.text)
    return Screen(text, rows(Button(t("hotline-more.open"), f"duty:open:{n.no}", primary=True), menu_row(t)))


def withdrawn(say: Says, n: Notice) -> Screen:
    t = say.t
    queue = Button(t("hotline-queue.queue"), "duty:queue:0")
    return Screen(t.screen("hotline-withdrawn", no=str(n.no)), rows(queue, menu_row(t)))


def soon(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    return Screen(
        t.screen("hotline-soon", no=no, minutes=str(n.minutes), time=say.clock(n.at)),
        rows(
            [
                Button(t("hotline-soon.answer"), f"duty:open:{no}", primary=True),
                Button(t("hotline-soon.give"), f"duty:give:{no}"),
            ]
        ),
    )


def over(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    body = t.html("hotline-over", methodist=n.other, date=say.when(n.until)["date"], until=say.clock(n.until))
    if n.name:
        body = f"{t.html('hotline-over.before', name=n.name)} {body}"
    return Screen(
        _titled(say, "hotline-over", body, no=no),
        rows(Button(t("hotline-over.take"), f"duty:open:{no}", primary=True), menu_row(t)),
    )


def given(say: Says, n: Notice) -> Screen:
    t, no = say.t, str(n.no)
    body = t.html("hotline-given", text=n.text, **say.when(n.at))
    if n.name:
        body = SafeHtml(f"{t.html('hotline-given.from', name=n.name)} {body}")
    return Screen(
        _titled(say, "hotline-given", body, no=no),
        rows(Button(t("hotline-given.open"), f"duty:open:{no}", primary=True), menu_row(t)),
    )


def shift(say: Says, n: Notice) -> Screen:
    t = say.t
    themes = themes_of(t, n.themes)
    body = (
        t.html("hotline-shift", themes=themes, substitute=n.name) if n.name else t("hotline-shift.alone", themes=themes)
    )
    args = {"date": say.when(n.at)["date"], "from": say.clock(n.at), "to": say.clock(n.until)}
    return Screen(
        _titled(say, "hotline-shift", body, **args),
        rows([Button(t("hotline-shift.fine"), "duty:fine"), Button(t("hotline-shift.swap"), "duty:swap")]),
    )


def swap(say: Says, n: Notice) -> Screen:
    t = say.t
    mine = t.moment(n.at, say.zone, today=say.today) if n.at else ""
    theirs = t.moment(n.until, say.zone, today=say.today) if n.until else ""
    return Screen(
        t.screen("hotline-swap", name=n.name, mine=mine, theirs=theirs),
        rows(
            Button(t("hotline-swap.yes"), f"duty:swap-say:{n.no}:yes"),
            Button(t("hotline-swap.no"), f"duty:swap-say:{n.no}:no"),
        ),
    )


def swapped(say: Says, n: Notice) -> Screen:
    t = say.t
    body = t.html("hotline-swapped" if n.other == "yes" else "hotline-swapped.no", name=n.name)
    return Screen(
        _titled(say, "hotline-swapped", body), rows(Button(t("duty-home.shifts"), "duty:shifts:0"), menu_row(t))
    )


def gathered(say: Says, n: Notice) -> Screen:
    t = say.t
    body = t.html("hotline-gathered", title=n.text, **say.when(n.at))
    return Screen(
        _titled(say, "hotline-gathered", body, n=n.other),
        rows(Button(t("hotline-gathered.open"), f"duty:session:{n.no}", primary=True), menu_row(t)),
    )


def morning(say: Says, n: Notice) -> Screen:
    """«На сегодня»: numbers are destinations, not reproaches."""
    t = say.t
    body = " ".join(t(f"hotline-morning.{name}", n=count) for name, count in n.lines)
    names = {name for name, _ in n.lines}
    return Screen(
        f"<b>{t('hotline-morning.title', n=n.no)}</b>\n\n{body}",
        rows(
            Button(t("hotline-morning.take"), "duty:next", primary=True) if "questions" in names else None,
            Button(t("hotline-morning.open-steps"), "iom:queue:0") if "steps" in names else None,
            Button(t("hotline-morning.open-routes"), "iom:head:0") if "routes" in names else None,
            menu_row(t),
        ),
    )


def _open_mine(t: Translator, no: int) -> Button:
    return Button(t("hotline-more.open"), f"hotline:card:{no}")


_SCREENS: dict[NoticeKind, Callable[[Says, Notice], Screen]] = {
    NoticeKind.answer: answer,
    NoticeKind.clarify: clarify,
    NoticeKind.late: late,
    NoticeKind.passed: passed,
    NoticeKind.closed: closed,
    NoticeKind.publish: publish,
    NoticeKind.follow: follow,
    NoticeKind.today: today,
    NoticeKind.session: session,
    NoticeKind.digest: digest,
    NoticeKind.gathered: gathered,
    NoticeKind.morning: morning,
    NoticeKind.question: question,
    NoticeKind.more: more,
    NoticeKind.withdrawn: withdrawn,
    NoticeKind.soon: soon,
    NoticeKind.over: over,
    NoticeKind.given: given,
    NoticeKind.shift: shift,
    NoticeKind.swap: swap,
    NoticeKind.swapped: swapped,
}
