"""Tests: a task of each kind, the list of what may be taken, time, the end. Nothing here knows a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator, escape
from bot.models import InstrumentKind
from bot.questions import KINDS, Way
from bot.screens.menu import menu_row
from bot.services.diagnostics import Both, Content, Item, Start, Step, TaskLine
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, rows

HOME = "diagnostics:home"
REVIEW_PAGE = 6
LABELS = 4
"""So many options at most stand on buttons of their own; more, or longer ones, are numbered lines."""

LABEL = 20


def offers(t: Translator, lines: Sequence[TaskLine]) -> Screen:
    """Tests and cases of one's subjects."""
    if not lines:
        return Screen(t.screen("diagnostics-tests-none"), rows(menu_row(t, HOME)))
    text = "\n".join(t.html("diagnostics-tests.line", i=str(i), title=one.title) for i, one in enumerate(lines, 1))
    numbers = digits(Page(lines, 0, len(lines)), lambda one: f"diagnostics:begin:{one.instrument_id}")
    return Screen(
        t.screen("diagnostics-tests", lines=SafeHtml(text)), rows(numbers[:5], numbers[5:] or None, menu_row(t, HOME))
    )


def intro(t: Translator, offer: Start, *, instrument: str) -> Screen:
    """What is ahead, and the clock if there is one."""
    content = offer.content
    key = "diagnostics-test-intro" if content.kind is InstrumentKind.test_key else "diagnostics-case-intro"
    notes = [content.instruction] if content.kind is InstrumentKind.test_key and content.instruction else []
    if content.time_limit:
        notes.append(t("diagnostics-test-intro.limit", min=content.time_limit))
    text = t.screen(
        key,
        name=content.title,
        n=len(content.items),
        min=content.minutes,
        notes=SafeHtml("\n\n".join(escape(note) for note in notes)),
    )
    begin = Button(t(f"{key}.begin"), f"diagnostics:start:{instrument}", primary=True)
    own = Button(t("diagnostics-intro.own"), f"diagnostics:start-own:{instrument}")
    # A case is marked by a person: nobody does that for a trial.
    private = own if content.kind is InstrumentKind.test_key else None
    return Screen(text, rows(begin, private, menu_row(t, "diagnostics:tests")))


def task(t: Translator, step: Step, given: Sequence[Any], *, zone: ZoneInfo, whole_labels: bool = True) -> Screen:
    """One task, as its kind is answered."""
    item = step.item
    assert item is not None
    way = KINDS[item.kind].way
    group = step.content.group_of(item).title
    if step.asked is None:
        n = str(len(step.content.items))
        title = t.html("diagnostics-question.title", i=str(item.place + 1), n=n, group=group)
    else:
        title = t.html("diagnostics-task.nth", i=str(step.asked + 1), group=group)
    short = way is Way.press and len(item.options) <= LABELS and all(len(one) <= LABEL for one in item.options)
    parts = [f"<b>{title}</b>", escape(item.wording(step.audience))]
    if item.options and not short:
        lines = "\n".join(f"{number}. {escape(option)}" for number, option in enumerate(item.options, 1))
        parts[-1] += f"\n{lines}"
    hint = {
        Way.press: "" if short else t("diagnostics-task.press"),
        Way.pick: t("diagnostics-task.pick"),
        Way.order: _chosen(t, given),
        Way.type: t(f"diagnostics-task.type-{item.kind}") if way is Way.type else "",
    }[way]
    if step.until is not None:
        clock = t("diagnostics-task.until", time=_hour(step.until, zone))
        hint = f"{hint} {clock}".strip()
    if hint:
        parts.append(hint)
    return Screen("\n\n".join(parts), _buttons(t, step, item, given, way, short, whole_labels))


def _buttons(
    t: Translator, step: Step, item: Item, given: Sequence[Any], way: Way, short: bool, whole_labels: bool
) -> tuple[Row, ...]:
    skip = Button(t("diagnostics-task.skip"), f"diagnostics:skip:{item.id}")
    back, pause = (
        Button(t("button-back"), "diagnostics:back"),
        Button(t("diagnostics-question.pause"), "diagnostics:pause"),
    )
    # A clock does not stop, so nothing is promised that would.
    moves = tuple(
        button
        for button, fits in ((back, step.asked is None), (pause, step.until is None))
        if fits  # A shortened test goes on only.
    )
    choices: list[Row | Button] = []
    if way is Way.press and short:
        choices += [Button(one, f"diagnostics:choose:{item.id}:{n}") for n, one in enumerate(item.options, 1)]
    elif way is not Way.type:
        verb = "choose" if way is Way.press else "pick"
        numbers = [
            Button(f"✓ {n}" if way is Way.pick and n in given else str(n), f"diagnostics:{verb}:{item.id}:{n}")
            for n in range(1, len(item.options) + 1)
            if way is not Way.order or n not in given
        ]
        half = len(numbers) if len(numbers) <= 5 else 3
        choices += [tuple(part) for part in (numbers[:half], numbers[half:]) if part]
    if way is Way.order and given:
        again = Button(t("diagnostics-task.again"), f"diagnostics:pick:{item.id}:{given[0]}")
        choices.append(again)
    ready = (way is Way.pick and given) or (way is Way.order and len(given) == len(item.options))
    if ready:
        choices.append(Button(t("diagnostics-task.next"), f"diagnostics:confirm:{item.id}", primary=True))
    tail: list[Row | Button | None] = [skip, moves or None] if whole_labels else [(skip, *moves)]
    return rows(*choices, *tail)


def _chosen(t: Translator, given: Sequence[Any]) -> str:
    if not given:
        return t("diagnostics-task.order")
    return t("diagnostics-task.ordered", order=" → ".join(str(n) for n in given))


def _hour(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.hour}:{local:%M}"


def enough(t: Translator, step: Step, why: str) -> Screen:
    """A shortened test stops by itself and says why."""
    text = t.screen("diagnostics-task-enough", why=t(f"diagnostics-task-stop.{why}"), n=step.asked or 0)
    send = Button(t("diagnostics-finish.send"), "diagnostics:send", primary=True)
    pause = Button(t("diagnostics-question.pause"), "diagnostics:pause") if step.until is None else None
    return Screen(text, rows(send, pause, menu_row(t)))


def finish(t: Translator, step: Step, told: Mapping[int, str]) -> Screen:
    """After the last task; what was skipped may still be answered."""
    done = sum(bool(words) for words in told.values())
    text = t.screen("diagnostics-test-finish", done=str(done), left=str(len(step.content.items) - done))
    return Screen(
        text,
        rows(
            Button(t("diagnostics-finish.send"), "diagnostics:send", primary=True),
            Button(t("diagnostics-finish.review"), "diagnostics:review:0"),
            Button(t("diagnostics-question.pause" if step.until is None else "button-back"), _aside(step)),
        ),
    )


def _aside(step: Step) -> str:
    return "diagnostics:pause" if step.until is None else "diagnostics:back"


def time_over(t: Translator, step: Step) -> Screen:
    """The clock ran out: kind words, nothing is lost."""
    done = step.position if step.asked is None else step.asked
    text = t.screen("diagnostics-time-over", done=str(done), n=str(len(step.content.items)))
    return Screen(text, rows(Button(t("diagnostics-finish.send"), "diagnostics:send", primary=True), menu_row(t)))


def review(t: Translator, step: Step, told: Mapping[int, str], number: int) -> Screen:
    """Answers so far; a number opens its task."""
    answered = [item for item in step.content.items if item.id in told]
    page = Page(answered[number * REVIEW_PAGE : (number + 1) * REVIEW_PAGE], number, len(answered), size=REVIEW_PAGE)
    lines = [
        t.html(
            "diagnostics-review.line",
            i=str(item.place + 1),
            item=item.short,
            answer=_cut(told[item.id]) or t("diagnostics-task.skipped"),
        )
        for item in page.things
    ]
    text = t.screen("diagnostics-review", lines=SafeHtml("\n".join(lines)), page=str(number + 1), pages=str(page.pages))
    buttons = [Button(str(item.place + 1), f"diagnostics:change:{item.id}") for item in page.things]
    return Screen(
        text,
        rows(
            buttons[:3],
            buttons[3:],
            turns(t, page, lambda target: f"diagnostics:review:{target}") or None,
            Button(t("diagnostics-review.finish"), "diagnostics:resume"),
        ),
    )


def _cut(words: str) -> str:
    return words if len(words) <= 60 else words[:59].rstrip() + "…"


def both(t: Translator, found: Both, *, attempt_id: int) -> Screen:
    """Two numbers and no verdict."""
    text = t.screen(
        "diagnostics-both",
        group=found.title,
        own=str(round(found.own.pct)),
        own_sem=str(round(found.own.sem)),
        test=str(round(found.tested.pct)),
        test_sem=str(round(found.tested.sem)),
    )
    ask = Button(t("diagnostics-both.ask"), "hotline:ask")
    return Screen(text, rows(ask, menu_row(t, f"diagnostics:groups:{attempt_id}")))


def case(t: Translator, content: Content) -> Screen:
    """The case itself; the answer is typed or sent as a file."""
    text = t.screen("diagnostics-case", title=content.title, case=content.instruction)
    return Screen(text, rows(Button(t("diagnostics-case.later"), "diagnostics:case-later"), menu_row(t)))


def case_sent(t: Translator, methodist: str) -> Screen:
    """Received; a person will look at it."""
    key = "diagnostics-case-sent" if methodist else "diagnostics-case-sent-nobody"
    return Screen(t.screen(key, methodist=methodist), rows(menu_row(t, HOME))).kept()


def case_later(t: Translator) -> Screen:
    return Screen(
        t.screen("diagnostics-case-later"),
        rows(Button(t("button-continue"), "diagnostics:resume", primary=True), menu_row(t)),
    )
