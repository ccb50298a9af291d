"""A tutor and her learners; nothing of anybody's results."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.screens.menu import menu_row
from bot.services.tutors import LETTER, Letter, Mine, Side
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

BACK = "programmes:home"


def home(t: Translator, learners: Sequence[Mine], number: int, *, toast: str = "") -> Screen:
    """Her learners; a digit opens one and says that she has seen him."""
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
    text = t.screen("tutors-home", n=len(learners), lines=SafeHtml(lines))
    text += f"\n\n{t('tutors-home.press')}"
    return Screen(
        text,
        rows(
            digits(page, lambda one: f"tutors:one:{one.id}"),
            turns(t, page, lambda n: f"tutors:home:{n}") or None,
            menu_row(t, BACK),
        ),
        toast=toast,
    )


def one(t: Translator, learner: Mine, *, slots: bool) -> Screen:
    """A learner before her tutor; nothing of her results."""
    text = t.screen(
        "tutors-one", name=cut(learner.name, 60), cohort=cut(learner.cohort, 120), date=date_ru(learner.since)
    )
    return Screen(
        text,
        rows(
            Button(t("tutors-one.write"), f"tutors:write:{learner.id}", primary=True),
            Button(t("tutors-one.slots"), "tutorials:own:0") if slots else None,
            menu_row(t, "tutors:home:0"),
        ),
    )


def write(t: Translator, side: Side) -> Screen:
    """Words are awaited."""
    back = "programmes:home" if side.is_tutor else f"tutors:one:{side.id}"
    return Screen(t.screen("tutors-write", name=side.name, limit=LETTER), rows(menu_row(t, back)))


def written(t: Translator, side: Side) -> Screen:
    """They are on their way."""
    back = "programmes:home" if side.is_tutor else "tutors:home:0"
    more = Button(t("tutors-written.more"), f"tutors:write:{side.id}")
    return Screen(t.screen("tutors-written", name=side.name), rows(more, menu_row(t, back)))


def letter(t: Translator, said: Letter) -> Screen:
    """Words of the tutor or of a learner; the answer is one press away."""
    key = "tutors-letter-tutor" if said.by_tutor else "tutors-letter-learner"
    text = t.screen(key, name=said.name, cohort=cut(said.cohort, 60), text=said.text)
    return Screen(
        text, rows(Button(t("tutors-written.answer"), f"tutors:write:{said.id}", primary=True), menu_row(t))
    ).kept()


def given(t: Translator, learner: Mine) -> Screen:
    """To the tutor: somebody is hers now."""
    text = t.screen("tutors-given", name=learner.name, cohort=cut(learner.cohort, 120))
    see = Button(t("tutors-given.see"), f"tutors:see:{learner.id}", primary=True)
    return Screen(text, rows(see, menu_row(t))).kept()


def has(t: Translator, tutor: Mine) -> Screen:
    """To the learner: who will help; not why."""
    text = t.screen("tutors-has", name=tutor.name, cohort=cut(tutor.cohort, 120))
    return Screen(
        text,
        rows(
            Button(t("tutors-one.write"), f"tutors:write:{tutor.id}", primary=True),
            Button(t("tutors-has.programmes"), "programmes:home"),
            menu_row(t),
        ),
    ).kept()
