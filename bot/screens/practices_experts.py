"""The expertise of practices in the chat: the centre asks, experts mark, what is told to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.rules.practices import BEST, CRITERIA, Decision
from bot.screens import practices
from bot.screens.menu import menu_row
from bot.services.practices.base import Notice, NoticeKind
from bot.services.practices.expertise import Offer, Sheet, Task, Waiting
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows


@dataclass(frozen=True, slots=True)
class Says:
    """The bank's voice in one language, on one day; calling it with a notice gives the screen."""

    t: Translator
    today: date

    def __call__(self, n: Notice) -> Screen:
        match n.kind:
            case NoticeKind.asked:
                return asked(self.t, n, today=self.today)
            case NoticeKind.arrived:
                return arrived(self.t, n, "practices-arrived")
            case NoticeKind.third:
                return arrived(self.t, n, "practices-third")
            case NoticeKind.returned:
                return practices.returned(self.t, n)
            case NoticeKind.published:
                return practices.published(self.t, n)
            case NoticeKind.used:
                return practices.used_told(self.t, n)
            case NoticeKind.withdrawn:
                return practices.down(self.t, n)


def asked(t: Translator, n: Notice, *, today: date) -> Screen:
    """Somebody is asked to be an expert; refusal is one press."""
    day = t.day(n.day, today=today) if n.day else ""
    return Screen(
        t.screen("practices-asked", title=cut(n.title, 120), date=day),
        rows(
            Button(t("practices-asked.open"), f"practices:review:{n.review_id}"),
            Button(t("practices-asked.no"), f"practices:refuse:{n.review_id}"),
        ),
    ).kept()


def arrived(t: Translator, n: Notice, key: str) -> Screen:
    """Experts are wanted."""
    text = t.screen(key, title=cut(n.title, 120))
    go = Button(t("practices-arrived.open"), f"practices:appoint:{n.practice_id}")
    return Screen(text, rows(go, menu_row(t))).kept()


# --- the centre ----------------------------------------------------------------------------------------


def desk(t: Translator, page: Page[Waiting]) -> Screen:
    """What waits for experts."""
    if not page.things:
        return Screen(t.screen("practices-desk-none"), rows(menu_row(t, practices.HOME)))
    lines = "\n".join(
        t.html(
            "practices-desk.third" if one.third else "practices-desk.line", i=str(i), title=cut(one.title, 80),
            asked=str(one.asked), done=str(one.done),
        )
        for i, one in enumerate(page.things, start=1)
    )  # fmt: skip
    key = "practices-desk.title" if page.pages == 1 else "practices-desk.title-pages"
    title = t.html(key, page=str(page.number + 1), pages=str(page.pages))
    return Screen(
        f"<b>{title}</b>\n\n{t.html('practices-desk', lines=SafeHtml(lines))}",
        rows(
            digits(page, lambda one: f"practices:appoint:{one.id}"),
            turns(t, page, lambda number: f"practices:desk:{number}") or None,
            menu_row(t, practices.HOME),
        ),
    )


def appoint(t: Translator, practice_id: int, title: str, asked: int, done: int, offers: Sequence[Offer]) -> Screen:
    """Who may be asked: the fittest by number, or as many as are wanted at once."""
    about = t.html("practices-appoint.about", title=cut(title, 120), asked=str(asked), done=str(done))
    lines = [
        t.html(
            "practices-appoint.line", i=str(i), name=cut(one.name, 60), busy=str(one.busy),
            subject="yes" if one.subject else "no",
        )
        for i, one in enumerate(offers, start=1)
    ] or [t("practices-appoint.none")]  # fmt: skip
    body = t.html("practices-appoint", lines=SafeHtml(about + "\n\n" + "\n".join(lines)))
    here = Page(offers, 0, len(offers))
    return Screen(
        f"<b>{t('practices-appoint.title')}</b>\n\n{body}",
        rows(
            digits(here, lambda one: f"practices:ask:{practice_id}:{one.person_id}") or None,
            Button(t("practices-appoint.auto"), f"practices:auto:{practice_id}", primary=True) if offers else None,
            menu_row(t, "practices:desk:0"),
        ),
    )


def appointed(t: Translator, asked: int, left: int) -> Screen:
    text = f"<b>{t('practices-appointed.title', asked=str(asked))}</b>\n\n{t('practices-appointed', left=left)}"
    return Screen(text, rows(menu_row(t, "practices:desk:0")))


# --- the expert ------------------------------------------------------------------------------------------


def reviews(t: Translator, tasks: Sequence[Task], *, today: date) -> Screen:
    """One's own tasks."""
    if not tasks:
        return Screen(t.screen("practices-reviews-none"), rows(menu_row(t, practices.HOME)))
    lines = "\n".join(
        t.html("practices-reviews.line", i=str(i), title=cut(one.title, 80), date=t.day(one.due_on, today=today))
        for i, one in enumerate(tasks, start=1)
    )
    here = Page(tasks, 0, len(tasks))
    text = f"<b>{t('practices-reviews.title')}</b>\n\n{t.html('practices-reviews', lines=SafeHtml(lines))}"
    return Screen(text, rows(digits(here, lambda one: f"practices:review:{one.id}"), menu_row(t, practices.HOME)))


def review(t: Translator, sheet: Sheet, *, today: date, whole: bool = False) -> Screen:
    """The practice as an expert reads it: no author, no school."""
    parts, shorter = [], False
    for field in ("problem", "actions", "outcome"):
        text = getattr(sheet, field)
        shown = text if whole else cut(text, practices.CUT[field])
        shorter = shorter or shown != text
        if shown:
            parts.append(t.html(f"practices-card.{field}", text=shown))
    if sheet.subject and sheet.grades:
        parts.append(t.html("practices-card.place", subject=sheet.subject, grades=sheet.grades))
    parts.append(t.html("practices-review.until", date=t.day(sheet.due_on, today=today)))
    if sheet.marks:
        parts.append(t.html("practices-review.marks", marks=marks(t, sheet)))
    number = sheet.review_id
    go = f"practices:mark:{number}:{sheet.next}" if sheet.next else f"practices:word:{number}"
    title = t.html("practices-review.title", title=cut(sheet.title, practices.TITLE))
    body = t.html("practices-review", lines=SafeHtml("\n\n".join(parts)))
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            None if sheet.done else Button(t("practices-review.mark"), go, primary=True),
            Button(t("practices-card.read-on"), f"practices:review-all:{number}") if shorter else None,
            Button(t("practices-review.files"), f"practices:review-files:{number}") if sheet.files else None,
            Button(t("practices-card.link"), url=sheet.link) if sheet.link else None,
            None if sheet.done else Button(t("practices-review.refuse"), f"practices:refuse:{number}"),
            menu_row(t, "practices:reviews"),
        ),
    )


def marks(t: Translator, sheet: Sheet) -> str:
    """«Нужность — 2, …»."""
    return ", ".join(
        f"{t(f'practices-criterion.{name}').lower()} — {sheet.marks[name]}" for name in CRITERIA if name in sheet.marks
    )


def mark(t: Translator, sheet: Sheet, criterion: str) -> Screen:
    """One criterion, three presses wide."""
    i = CRITERIA.index(criterion)
    title = t.html(
        "practices-mark.title", i=str(i + 1), total=str(len(CRITERIA)), name=t(f"practices-criterion.{criterion}")
    )
    body = t("practices-mark", question=t(f"practices-question.{criterion}"))
    number = sheet.review_id
    back = f"practices:mark:{number}:{CRITERIA[i - 1]}" if i else f"practices:review:{number}"
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            [
                Button(t(f"practices-mark.m{value}"), f"practices:marked:{number}:{criterion}:{value}")
                for value in range(BEST + 1)
            ],
            menu_row(t, back),
        ),
    )


def verdict(t: Translator, sheet: Sheet) -> Screen:
    """All marks are there: the expert's word."""
    number = sheet.review_id
    return Screen(
        t.screen("practices-verdict", marks=marks(t, sheet)),
        rows(
            Button(t("practices-verdict.yes"), f"practices:verdict:{number}:accept"),
            Button(t("practices-verdict.no"), f"practices:verdict:{number}:revise"),
            Button(t("practices-verdict.again"), f"practices:mark:{number}:{CRITERIA[0]}"),
            menu_row(t, f"practices:review:{number}"),
        ),
    )


def comment(t: Translator, review_id: int) -> Screen:
    """What the author should add."""
    return Screen(t.screen("practices-comment"), rows(Button(t("button-cancel"), f"practices:word:{review_id}")))


def concluded(t: Translator, decision: Decision) -> Screen:
    text = f"<b>{t('practices-concluded.title')}</b>\n\n{t('practices-concluded', decision=decision.value)}"
    return Screen(text, rows(menu_row(t, "practices:reviews"))).kept()


def refused(t: Translator) -> Screen:
    return Screen(t.screen("practices-refused"), rows(menu_row(t, "practices:reviews")))
