"""A draft on the methodist's phone: its lines, one line, what would do instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.rules.iom_draft import VARIANTS
from bot.screens.menu import menu_row
from bot.services.iom.drafting import Choice
from bot.services.iom.views import Route, StepView
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

QUEUE = "iom:queue:0"
CHOICES = 5


def check(t: Translator, route: Route, number: int, *, today: date) -> Screen:
    """A draft to look through and to offer; a number opens its line. An empty one offers the variants."""
    words = route.remark or next((step.remark for step in route.steps if step.remark), "")
    remark = t.html("iom-check.remark", words=cut(words, 200)) if words else ""
    if not route.steps:
        text = t.screen("iom-check", name=cut(route.name, 60), lines=t("iom-check-empty"), remark=SafeHtml(remark))
        made = {name: Button(t(f"iom-draft.{name}"), f"iom:compose:{route.id}:{name}") for name in VARIANTS}
        return Screen(text.strip(), rows([made["short"], made["usual"]], made["intensive"], menu_row(t, QUEUE)))
    number = max(0, min(number, (len(route.steps) - 1) // PAGE))
    page = Page(route.steps[number * PAGE : (number + 1) * PAGE], number, len(route.steps))
    lines = "\n".join(
        t.html("iom-plan.line", i=str(step.number), title=cut(step.title, 60), date=t.day(step.due, today=today))
        for step in page.things
    )
    text = t.screen("iom-check", name=cut(route.name, 60), lines=SafeHtml(lines), remark=SafeHtml(remark))
    return Screen(
        text.strip(),
        rows(
            digits(page, lambda step: f"iom:line:{route.id}:{step.id}"),
            turns(t, page, lambda target: f"iom:offer-open:{route.id}:{target}") or None,
            Button(t("iom-check.offer"), f"iom:offer:{route.id}", primary=True),
            menu_row(t, QUEUE),
        ),
    )


def line(t: Translator, route: Route, step: StepView, *, today: date) -> Screen:
    """One line of a draft with what may be done to it."""
    titles = {deficit.slug: deficit.title for deficit in route.deficits}
    groups = ", ".join(titles[slug] for slug in step.groups if slug in titles)
    text = t.screen(
        "iom-line",
        i=str(step.number),
        n=str(len(route.steps)),
        title=cut(step.title, 120),
        kind=t(f"catalogue-kind.{step.kind.value}"),
        hours=str(step.hours),
        date=t.day(step.due, today=today),
        must=t("iom-line.is-must" if step.mandatory else "iom-line.is-free"),
        why=t.html("iom-line.why", groups=groups) if groups else t("iom-line.by-hand"),
    )
    if step.remark:
        text += "\n\n" + t.html("iom-check.remark", words=cut(step.remark, 200))
    key = f"{route.id}:{step.id}"
    must = Button(
        t("iom-line.free" if step.mandatory else "iom-line.must"), f"iom:line-must:{key}:{int(not step.mandatory)}"
    )
    return Screen(
        text,
        rows(
            [
                Button(t("iom-line.week"), f"iom:line-week:{key}"),
                Button(t("iom-why.replace"), f"iom:line-choose:{key}"),
            ],
            must,
            Button(t("iom-why.remove"), f"iom:line-drop:{key}"),
            menu_row(t, f"iom:offer-open:{route.id}:{(step.number - 1) // PAGE}"),
        ),
    )


def choices(t: Translator, route: Route, step: StepView, found: Sequence[Choice], *, today: date) -> Screen:
    """Other activities for a line."""
    back = menu_row(t, f"iom:line:{route.id}:{step.id}")
    if not found:
        return Screen(t.screen("iom-line-none"), rows(back))
    lines = "\n".join(
        t.html(
            "iom-choices.line", i=str(i), title=cut(one.title, 70), h=str(one.hours), date=t.day(one.due, today=today)
        )
        for i, one in enumerate(found, start=1)
    )
    page = Page(found, 0, len(found))
    return Screen(
        t.screen("iom-choices", title=cut(step.title, 80), lines=SafeHtml(lines)),
        rows(digits(page, lambda one: f"iom:line-put:{route.id}:{step.id}:{one.activity_id}"), back),
    )


def dropped(t: Translator, route: Route, step: StepView) -> Screen:
    """Left out, with the way to bring it back."""
    return Screen(
        t.screen("iom-line-dropped", title=cut(step.title, 120)),
        rows(
            Button(t("button-undo"), f"iom:line-back:{route.id}:{step.id}"),
            menu_row(t, f"iom:offer-open:{route.id}"),
        ),
    )
