"""A tutor and her learners; nothing of anybody's results."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.screens.menu import menu_row
from bot.services.tutors import Mine
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

BACK = "programmes:home"


def home(t: Translator, learners: Sequence[Mine], number: int, *, toast: str = "") -> Screen:
    """Her learners; a digit says that she has seen one."""
    if not learners:
        return Screen(t.screen("tutors-none"), rows(menu_row(t, BACK)), toast=toast)
    page = Page(learners[number * PAGE :][:PAGE], number, len(learners))
    lines = "\n".join(
        t.html(
            "tutors-home.line",
            i=str(i),
            name=one.name,
            cohort=cut(one.cohort, 70),
            date=date_ru(one.since),
            state=t("tutors-home.seen" if one.seen else "tutors-home.new"),
        )
        for i, one in enumerate(page.things, start=1)
    )
    fresh = any(not one.seen for one in page.things)
    text = t.screen("tutors-home", n=len(learners), lines=SafeHtml(lines))
    if fresh:
        text += f"\n\n{t('tutors-home.press')}"
    return Screen(
        text,
        rows(
            digits(page, lambda one: f"tutors:see:{one.id}") if fresh else None,
            turns(t, page, lambda n: f"tutors:home:{n}") or None,
            menu_row(t, BACK),
        ),
        toast=toast,
    )


def given(t: Translator, learner: Mine) -> Screen:
    """To the tutor: somebody is hers now."""
    text = t.screen("tutors-given", name=learner.name, cohort=cut(learner.cohort, 120))
    see = Button(t("tutors-given.see"), f"tutors:see:{learner.id}", primary=True)
    return Screen(text, rows(see, menu_row(t))).kept()


def has(t: Translator, tutor: Mine) -> Screen:
    """To the learner: who will help; not why."""
    text = t.screen("tutors-has", name=tutor.name, cohort=cut(tutor.cohort, 120))
    return Screen(text, rows(Button(t("tutors-has.programmes"), "programmes:home", primary=True), menu_row(t))).kept()
