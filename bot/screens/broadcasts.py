"""Broadcasts and rubrics as people see them: the message, one press to be rid of it, what is turned on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, escape
from bot.models import BroadcastKind
from bot.screens.menu import menu_row
from bot.services.broadcasts import KindLine, Post, RubricLine
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

TITLE = 60


def post(t: Translator, said: Post) -> Screen:
    """The message itself; it stays in the chat, an answer to its buttons comes below."""
    door = Button(cut(said.link_label or t("broadcasts-post.read"), 40), url=said.link_url) if said.link_url else None
    if said.kind is BroadcastKind.rubric:
        title = cut(t("broadcasts-post.rubric", rubric=said.rubric, title=said.title), TITLE)
        refusal = Button(t("broadcasts-post.rubric-off"), f"broadcasts:rubric-off:{said.rubric_slug}")
    else:
        title = said.title
        refusal = Button(t("broadcasts-post.off"), f"broadcasts:off:{said.kind.value}")
    return Screen(f"<b>{escape(title)}</b>\n\n{escape(said.body)}", rows(door, refusal)).kept()


def kind_off(t: Translator, kind: BroadcastKind) -> Screen:
    """One press, no question why."""
    text = t.screen("broadcasts-off", kind=t(f"broadcasts-kinds.{kind.value}"))
    return Screen(text, rows(Button(t("button-undo"), f"broadcasts:on:{kind.value}"), menu_row(t)))


def kind_on(t: Translator, kind: BroadcastKind) -> Screen:
    text = t.screen("broadcasts-on", kind=t(f"broadcasts-kinds.{kind.value}"))
    return Screen(text, rows(Button(t("broadcasts-rubrics.kinds"), "broadcasts:kinds"), menu_row(t)))


def rubric_off(t: Translator, rubric: RubricLine) -> Screen:
    text = t.screen("broadcasts-rubric-off", rubric=rubric.title)
    return Screen(text, rows(Button(t("button-undo"), f"broadcasts:rubric-on:{rubric.slug}"), menu_row(t)))


def rubrics(t: Translator, page: Page[RubricLine], *, any_on: bool, toast: str = "") -> Screen:
    """The list: a press on a number turns a rubric on or off."""
    kinds = Button(t("broadcasts-rubrics.kinds"), "broadcasts:kinds")
    back = menu_row(t, "people:home")
    if not page.total:
        return Screen(t.screen("broadcasts-rubrics-none"), rows(kinds, back), toast=toast)
    lines = [
        t.html(
            "broadcasts-rubrics.line",
            number=str(number),
            rubric=rubric.title,
            often=rubric.how_often,
            state=_state(t, is_on=rubric.is_on),
            about=rubric.about,
        )
        for number, rubric in enumerate(page.things, start=page.first)
    ]
    return Screen(
        t.screen("broadcasts-rubrics", lines=SafeHtml("\n".join(lines))),
        rows(
            list(digits(page, lambda rubric: f"broadcasts:rubric:{rubric.slug}:{_turn(rubric.is_on)}:{page.number}")),
            turns(t, page, lambda number: f"broadcasts:rubrics:{number}") or None,
            Button(t("broadcasts-rubrics.none"), "broadcasts:none") if any_on and not page.number else None,
            kinds,
            back,
        ),
        toast=toast,
    )


def kinds(t: Translator, lines: Sequence[KindLine], *, agreed: bool, toast: str = "") -> Screen:
    """Kinds of broadcasts, each on or off; without the consent they are all off."""
    if not agreed:
        return Screen(
            t.screen("broadcasts-kinds-off"),
            rows(Button(t("broadcasts-kinds-off.consents"), "consents:home"), menu_row(t, "broadcasts:rubrics:0")),
            toast=toast,
        )
    words = [
        t(
            "broadcasts-choose.line",
            number=str(number),
            kind=t(f"broadcasts-kinds.{line.kind.value}"),
            state=_state(t, is_on=line.is_on),
        )
        for number, line in enumerate(lines, start=1)
    ]
    return Screen(
        t.screen("broadcasts-choose", lines="\n".join(words)),
        rows(
            [
                Button(str(n), f"broadcasts:kind:{line.kind.value}:{_turn(line.is_on)}")
                for n, line in enumerate(lines, start=1)
            ],
            menu_row(t, "broadcasts:rubrics:0"),
        ),
        toast=toast,
    )


def muted(t: Translator, moment: int) -> Screen:
    """«стоп» was heard; «Вернуть» brings back what it took."""
    undo = Button(t("button-undo"), f"broadcasts:unmute:{moment}")
    return Screen(t.screen("people-muted"), rows(undo, menu_row(t)))


def unmuted(t: Translator) -> Screen:
    back = Button(t("broadcasts-rubrics.kinds"), "broadcasts:kinds")
    return Screen(t.screen("broadcasts-unmuted"), rows(back, menu_row(t)))


def _turn(is_on: bool) -> str:
    """What a press means is in the button: an old one or a second one does no other thing."""
    return "off" if is_on else "on"


def _state(t: Translator, *, is_on: bool) -> str:
    return t("broadcasts-rubrics.on") if is_on else t("broadcasts-rubrics.off")
