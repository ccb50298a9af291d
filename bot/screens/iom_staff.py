"""The methodist's and the head's part of the ИОМ in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.models import EvidenceKind
from bot.screens import iom
from bot.screens.menu import menu_row
from bot.services.iom.following import Sent
from bot.services.iom.staff import IomLine, Task
from bot.services.iom.views import Route, StepView
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

QUEUE = "iom:queue:0"


def queue(t: Translator, tasks: Sequence[Task], number: int, total: int) -> Screen:
    """What waits, five to a page; a number opens it."""
    if not tasks:
        return Screen(t.screen("iom-queue-empty"), rows(menu_row(t, "iom:home")))
    page = Page(tasks, number, total)
    lines = "\n".join(
        t.html(f"iom-queue.{task.kind}", i=str(i), name=cut(task.name, 60), title=cut(task.title, 60))
        for i, task in enumerate(tasks, start=1)
    )
    return Screen(
        t.screen("iom-queue", lines=SafeHtml(lines), n=str(total)),
        rows(
            digits(page, _opens),
            turns(t, page, lambda target: f"iom:queue:{target}") or None,
            menu_row(t, "iom:home"),
        ),
    )


def review(t: Translator, route: Route, step: StepView, sent: Sequence[Sent]) -> Screen:
    """What was sent for a step."""
    lines = [
        t.html("iom-review.file", file=cut(piece.file_name, 60))
        if piece.kind is EvidenceKind.file
        else t.html("iom-review.words", words=cut(piece.text, 150))
        for piece in sent[-3:]
    ]
    text = t.screen(
        "iom-review",
        name=cut(route.name, 60),
        title=cut(step.title, 80),
        hours=str(step.hours),
        proof=t(f"catalogue-proof.{step.kind.value}"),
        lines=SafeHtml("\n".join(lines)),
    )
    return Screen(
        text,
        rows(
            Button(t("iom-review.accept"), f"iom:accept:{route.id}:{step.id}"),
            Button(t("iom-review.return"), f"iom:return:{route.id}:{step.id}"),
            menu_row(t, QUEUE),
        ),
    )


def ask_words(t: Translator) -> Screen:
    """What the teacher should add."""
    return Screen(t.screen("iom-return"), rows(Button(t("button-cancel"), QUEUE)))


def done(t: Translator, key: str = "iom-verdict") -> Screen:
    """Decided."""
    return Screen(t.screen(key), rows(Button(t("iom-verdict.queue"), QUEUE, primary=True), menu_row(t)))


def change(t: Translator, route: Route, *, today: date) -> Screen:
    """What the teacher asks for."""
    asked = route.asked
    assert asked is not None
    text = t.screen(
        "iom-change",
        name=cut(route.name, 40),
        what=iom.what(t, asked, today=today),
        reason=cut(asked.reason, 200),
    )
    return Screen(
        text,
        rows(
            Button(t("iom-change.agree"), f"iom:answer:{route.id}:{asked.id}:1"),
            Button(t("iom-change.keep"), f"iom:answer:{route.id}:{asked.id}:0"),
            menu_row(t, QUEUE),
        ),
    )


def conclude(t: Translator, route: Route, *, today: date) -> Screen:
    """The conclusion is awaited as text."""
    found = route.progress(today)
    text = t.screen("iom-conclude", name=cut(route.name, 40), done=str(found.done), n=str(found.total))
    return Screen(text, rows(Button(t("button-cancel"), QUEUE)))


def head(t: Translator, lines: Sequence[IomLine], number: int, total: int) -> Screen:
    """Agreed routes: one by its number, or all of them."""
    if not lines:
        return Screen(t.screen("iom-head-empty"), rows(menu_row(t, "iom:home")))
    page = Page(lines, number, total, size=3)
    listed = "\n".join(
        t.html("iom-head.line", i=str(i), name=cut(one.name, 60), h=str(one.hours), methodist=one.methodist or "—")
        for i, one in enumerate(lines, start=1)
    )
    return Screen(
        t.screen("iom-head", lines=SafeHtml(listed), n=str(total)),
        rows(
            digits(page, lambda one: f"iom:order:{one.id}"),
            Button(t("iom-head.all"), "iom:order:0"),
            turns(t, page, lambda target: f"iom:head:{target}") or None,
            menu_row(t, "iom:home"),
        ),
    )


def order(t: Translator) -> Screen:
    """Number and date of the order are awaited."""
    return Screen(t.screen("iom-order"), rows(Button(t("button-cancel"), "iom:head:0")))


def ordered(t: Translator, number: int) -> Screen:
    """Approved."""
    return Screen(t.screen("iom-order-done", n=str(number)), rows(menu_row(t, "iom:home")))


def _opens(task: Task) -> str:
    if task.step_id is None:
        return f"iom:{task.kind}-open:{task.iom_id}"
    return f"iom:{task.kind}-open:{task.iom_id}:{task.step_id}"
