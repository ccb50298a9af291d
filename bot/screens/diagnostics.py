"""Screens of self-diagnosis (conversation.md §3.5). The teacher reads four words, strength first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator, escape
from bot.models import DeficitLevel, InstrumentKind, Purpose
from bot.screens.menu import guest_rows, menu_row
from bot.services.diagnostics import Comparison, Content, GroupResult, Item, Result, Start, Step
from bot.services.diagnostics.results import HistoryLine
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Attachment, Button, Row, Screen, cut, rows

HOME = "diagnostics:home"
REVIEW_PAGE = 6
COMMENT = 250
"""So much of a methodist's words stands with the result."""


def none(t: Translator) -> Screen:
    return Screen(t.screen("diagnostics-none"), rows(menu_row(t)))


def home(
    t: Translator,
    offer: Start,
    last: HistoryLine | None,
    *,
    zone: ZoneInfo,
    today: date,
    other: str,
    tests: bool = False,
    marks: bool = False,
    invite: int = 0,
) -> Screen:
    """``invite``: one still open; ``other``: a leader's second instrument; ``marks`` opens the works of others."""
    if offer.open is not None:
        text = t.screen("diagnostics-home-open", left=offer.open.left)
        first = Button(t("button-continue"), "diagnostics:resume", primary=True)
    else:
        first = Button(t("diagnostics-home.take"), "diagnostics:begin", primary=True)
        if last is None:
            text = t.screen("diagnostics-home-first", n=len(offer.content.items))
        else:
            text = t.screen("diagnostics-home", date=t.day(last.finished_at.astimezone(zone).date(), today=today))
    results = [
        Button(t("diagnostics-home.result"), "diagnostics:history"),
        Button(t("diagnostics-home.compare"), "diagnostics:compare"),
    ]
    second = Button(t(f"diagnostics-home.{other}"), f"diagnostics:begin:{other}") if other else None
    more = Button(t("diagnostics-home-tests"), "diagnostics:tests") if tests else None
    staff = Button(t("diagnostics-home-marking"), "diagnostics:marking:0") if marks else None
    further = [button for button in (more, staff) if button is not None]
    invited = Button(t("campaigns-home-button"), f"diagnostics:invited:{invite}") if invite else None
    return Screen(text, rows(first, invited, second, results if last else None, further, menu_row(t)))


def intro(t: Translator, *, instrument: str, own: bool) -> Screen:
    verb = "start-own" if own else "start"
    begin = Button(t("diagnostics-intro.begin"), f"diagnostics:{verb}:{instrument}", primary=True)
    private = None if own else Button(t("diagnostics-intro.own"), f"diagnostics:start-own:{instrument}")
    return Screen(t.screen("diagnostics-intro"), rows(begin, private, menu_row(t, HOME)))


def later(t: Translator, offer: Start, *, instrument: str, zone: ZoneInfo, today: date) -> Screen:
    assert offer.official_from is not None
    day = t.day(offer.official_from.astimezone(zone).date(), today=today)
    own = Button(t("diagnostics-later.own"), f"diagnostics:start-own:{instrument}")
    return Screen(t.screen("diagnostics-later", date=day), rows(own, menu_row(t, HOME)))


def question(t: Translator, step: Step, *, whole_labels: bool = True) -> Screen:
    """One question; ``whole_labels`` splits the last row where a messenger cuts long labels."""
    item = step.item
    assert item is not None
    title = _question_title(t, step.content, item)
    text = f"<b>{title}</b>\n\n{_wording(item, step.audience)}"
    return Screen(text, _answers(t, item.id, step.content.scale, whole_labels))


@lru_cache(maxsize=2048)
def _answers(t: Translator, item_id: int, scale: tuple[str, ...], whole_labels: bool) -> tuple[Row, ...]:
    answers = [Button(label, f"diagnostics:answer:{item_id}:{value}") for value, label in enumerate(scale, start=1)]
    not_mine = Button(t("diagnostics-question.not-mine"), f"diagnostics:answer:{item_id}:0")
    moves = (Button(t("button-back"), "diagnostics:back"), Button(t("diagnostics-question.pause"), "diagnostics:pause"))
    tail: list[Row | Button] = [not_mine, moves] if whole_labels else [(not_mine, *moves)]
    return rows(*answers, *tail)


def _question_title(t: Translator, content: Content, item: Item) -> str:
    return _title(t, item.place + 1, len(content.items), content.group_of(item).title)


@lru_cache(maxsize=2048)
def _title(t: Translator, number: int, total: int, group: str) -> str:
    return t.html("diagnostics-question.title", i=str(number), n=str(total), group=group)


@lru_cache(maxsize=2048)
def _wording_of(text: str) -> str:
    return escape(text)


def _wording(item: Item, audience: str) -> str:
    return _wording_of(item.wording(audience))


def buttons_only(t: Translator, step: Step, *, whole_labels: bool = True) -> Screen:
    """Text where a button is expected: a kind line above the same question."""
    return question(t, step, whole_labels=whole_labels).above(t("diagnostics-buttons-only"))


def pause(t: Translator, step: Step) -> Screen:
    text = t.screen("diagnostics-pause", done=str(step.position), n=str(len(step.content.items)))
    go_on = Button(t("button-continue"), "diagnostics:resume", primary=True)
    return Screen(text, rows(go_on, Button(t("diagnostics-pause.remind"), "diagnostics:remind"), menu_row(t)))


def reminded(t: Translator, step: Step) -> Screen:
    text = t.screen("diagnostics-reminded", done=str(step.position), n=str(len(step.content.items)))
    return Screen(text, rows(Button(t("button-continue"), "diagnostics:resume", primary=True), menu_row(t)))


RESUME = {
    InstrumentKind.test_key: "diagnostics-resume-test",
    InstrumentKind.case_rubric: "diagnostics-resume-case",
}


def resume(t: Translator, step: Step) -> Screen:
    """Pushed a day after somebody asked for it."""
    total = len(step.content.items)
    left = total - step.position
    key = RESUME.get(step.content.kind, "diagnostics-resume")
    text = t.screen(key, left=left, min=max(1, round(step.content.minutes * left / max(total, 1))))
    return Screen(
        text,
        rows(
            Button(t("button-continue"), "diagnostics:resume", primary=True),
            Button(t("diagnostics-resume.later"), "diagnostics:remind"),
            Button(t("diagnostics-resume.silent"), "diagnostics:silent"),
        ),
    )


def silent(t: Translator) -> Screen:
    return Screen(t.screen("diagnostics-silent"), rows(menu_row(t)))


def finish(t: Translator, given: Mapping[int, int | None]) -> Screen:
    mine = sum(value is not None for value in given.values())
    text = t.screen("diagnostics-finish", done=str(mine), na=str(len(given) - mine))
    return Screen(
        text,
        rows(
            Button(t("diagnostics-finish.send"), "diagnostics:send", primary=True),
            Button(t("diagnostics-finish.review"), "diagnostics:review:0"),
            Button(t("diagnostics-question.pause"), "diagnostics:pause"),
        ),
    )


def review(t: Translator, step: Step, given: Mapping[int, int | None], number: int) -> Screen:
    """Answers so far; a number opens its question."""
    answered = [item for item in step.content.items if item.id in given]
    page = Page(answered[number * REVIEW_PAGE : (number + 1) * REVIEW_PAGE], number, len(answered), size=REVIEW_PAGE)
    lines = [
        t.html(
            "diagnostics-review.line",
            i=str(item.place + 1),
            item=item.short,
            answer=_answer(t, step.content, given[item.id]),
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


def _answer(t: Translator, content: Content, value: int | None) -> str:
    return t("diagnostics-review.not-mine") if value is None else content.scale[value - 1]


def result(t: Translator, result: Result, *, comment: str = "") -> Screen:
    """Strength first, then where to begin; empty lines are left out. Stays in the chat.

    ``comment`` are the words of whoever marked a case.
    """
    number = result.attempt_id
    known = [group for group in result.groups if group.level is not None]
    fine = bool(known) and all(g.level in (DeficitLevel.minimal, DeficitLevel.low) for g in known)
    parts = ["\n".join(_level_lines(t, result))]
    if fine:
        parts.append(t("diagnostics-result.fine"))
    elif result.growth:
        parts.append(t.html("diagnostics-result.first", growth=result.growth[0].short))
    else:
        parts.append(t("diagnostics-result.snapshot"))
    if comment:
        parts.insert(1, t.html("diagnostics-result.comment", text=cut(comment, COMMENT)))
    if result.purpose is Purpose.trial:
        parts.append(t("diagnostics-result.trial"))
    if result.content.unverified:
        parts[-1] += " " + t("diagnostics-result.unverified")
    text = t.screen(RESULT[result.content.kind], lines=SafeHtml("\n\n".join(part for part in parts if part)))
    iom = Button(t("diagnostics-result.iom"), "iom:make", primary=True)
    growth = Button(t("diagnostics-result.growth"), f"diagnostics:growth:{number}:0")
    views = [
        Button(t("diagnostics-result.groups"), f"diagnostics:groups:{number}"),
        Button(t("diagnostics-result.picture"), f"diagnostics:picture:{number}:light"),
    ]
    who = Button(t("diagnostics-result.who"), f"diagnostics:who:{number}")
    lines = rows(growth, views, who, menu_row(t)) if fine else rows(iom, growth, views, who, menu_row(t))
    return Screen(text, lines).kept()


RESULT = {
    InstrumentKind.self_likert: "diagnostics-result",
    InstrumentKind.test_key: "diagnostics-result-test",
    InstrumentKind.case_rubric: "diagnostics-result-case",
    InstrumentKind.observation: "diagnostics-result-observation",
    InstrumentKind.external: "diagnostics-result-external",
}
"""What a result is the result of, for the words that differ."""


def _own(content: Content, own: str, tasks: str) -> str:
    """Words about oneself and words about tasks are two editions."""
    return own if content.kind is InstrumentKind.self_likert else tasks


def _level_lines(t: Translator, result: Result) -> list[str]:
    lines: list[str] = []
    strong = result.with_level(DeficitLevel.minimal)
    low = result.with_level(DeficitLevel.low)
    if not strong and not low and result.best:
        lines.append(t.html("diagnostics-result.best", items=_listed(result.best)))
    if strong:
        lines.append(t.html("diagnostics-result.strong", groups=_titles(strong)))
    if low:
        lines.append(t.html("diagnostics-result.low", groups=_titles(low)))
    middle = result.with_level(DeficitLevel.middle)
    if middle:
        lines.append(t.html("diagnostics-result.middle", groups=_titles(middle)))
    high = result.with_level(DeficitLevel.high)
    if high:
        lines.append(t.html("diagnostics-result.high", groups=_titles(high[:2])))
    if high[2:]:
        lines.append(t.html("diagnostics-result.later", groups=_titles(high[2:])))
    few = [group for group in result.groups if group.level is None]
    if few:
        lines.append(t.html("diagnostics-result.few", groups=_titles(few)))
    return lines


def groups(t: Translator, result: Result) -> Screen:
    """All groups; a number opens one."""
    page = Page(result.groups, 0, len(result.groups), size=10)
    lines = [
        t.html("diagnostics-groups.line", i=str(i), group=group.title, level=level_word(t, group))
        for i, group in enumerate(result.groups, start=1)
    ]
    numbers = digits(page, lambda group: f"diagnostics:group:{result.attempt_id}:{group.group_id}")
    return Screen(
        t.screen("diagnostics-groups", lines=SafeHtml("\n".join(lines))),
        rows(numbers[:5], numbers[5:] or None, menu_row(t, f"diagnostics:result:{result.attempt_id}")),
    )


def group(t: Translator, result: Result, chosen: GroupResult, *, both: bool = False) -> Screen:
    """One group; ``both`` when a self-assessment and a test stand side by side."""
    back = menu_row(t, f"diagnostics:groups:{result.attempt_id}")
    if chosen.level is None:
        return Screen(
            t.screen(_own(result.content, "diagnostics-few", "diagnostics-few-test"), group=chosen.title), rows(back)
        )
    level = chosen.level.value
    lines = [
        t(f"{_own(result.content, 'diagnostics-meaning', 'diagnostics-meaning-test')}.{level}"),
        t("diagnostics-group.number", pct=str(round(chosen.pct or 0)), sem=str(round(chosen.sem or 0))),
    ]
    if chosen.border:
        lines.append(t("diagnostics-group.border"))
    if chosen.strong:
        lines.append(t.html("diagnostics-group.strong", items=_listed(chosen.strong[:3])))
    if chosen.growth:
        lines.append(t.html("diagnostics-group.growth", items=_listed(chosen.growth[:3])))
    text = t.screen(
        "diagnostics-group",
        lines=SafeHtml("\n".join(lines)),
        group=chosen.title,
        level=t(f"diagnostics-level.{level}"),
        official=t(f"diagnostics-official.{level}"),
    )
    beside = Button(t("diagnostics-both.open"), f"diagnostics:both:{result.attempt_id}:{chosen.group_id}")
    return Screen(text, rows(Button(t("diagnostics-group.steps"), "iom:make"), beside if both else None, back))


def growth(t: Translator, result: Result, number: int) -> Screen:
    """Growth points, five to a page, most needed group first."""
    back = menu_row(t, f"diagnostics:result:{result.attempt_id}")
    points = result.growth
    if not points:
        return Screen(
            t.screen(_own(result.content, "diagnostics-growth-none", "diagnostics-growth-test-none")), rows(back)
        )
    page = Page(points[number * 5 : number * 5 + 5], number, len(points))
    lines = [
        t.html("diagnostics-growth.line", i=str(i), item=point.text)
        for i, point in enumerate(page.things, start=number * 5 + 1)
    ]
    key = "title" if page.pages == 1 else "more"
    title = t(f"diagnostics-growth.{key}", n=str(len(points)), page=str(number + 1), pages=str(page.pages))
    words = _own(result.content, "diagnostics-growth", "diagnostics-growth-test")
    body = t.html(words, lines=SafeHtml("\n".join(lines)))
    actions = [
        Button(t("diagnostics-growth.iom"), "iom:make"),
        Button(t("diagnostics-growth.ask"), "hotline:ask"),
    ]
    more = turns(t, page, lambda target: f"diagnostics:growth:{result.attempt_id}:{target}") or None
    return Screen(f"<b>{title}</b>\n\n{body}", rows(more, actions, back))


def compare(t: Translator, comparison: Comparison | None, *, zone: ZoneInfo, today: date) -> Screen:
    if comparison is None:
        return Screen(t.screen("diagnostics-compare-none"), rows(menu_row(t, HOME)))
    lines: list[str] = []
    old = {group.slug: group for group in comparison.before.groups}
    for new in comparison.after.groups:
        change = comparison.changes.get(new.group_id)
        if change is None:
            continue
        lines.append(
            t.html(
                "diagnostics-compare.line",
                group=new.title,
                before=str(round(old[new.slug].pct or 0)),
                after=str(round(new.pct or 0)),
                margin=str(round(change.margin)),
                change=t(f"diagnostics-compare.{change.kind}"),
            )
        )
    day = t.day(comparison.before.finished_at.astimezone(zone).date(), today=today)
    text = t.screen("diagnostics-compare", date=day, lines=SafeHtml("\n".join(lines)))
    number = comparison.after.attempt_id
    views = [
        Button(t("diagnostics-result.groups"), f"diagnostics:groups:{number}"),
        Button(t("diagnostics-result.picture"), f"diagnostics:picture:{number}:light"),
    ]
    return Screen(text, rows(views, menu_row(t, HOME)))


def history(t: Translator, lines: Sequence[HistoryLine], *, zone: ZoneInfo, today: date) -> Screen:
    """The newest five results; a number opens one."""
    shown = lines[:5]
    text = "\n".join(
        t.html(
            "diagnostics-history.line",
            i=str(i),
            title=line.title,
            date=t.day(line.finished_at.astimezone(zone).date(), today=today),
            purpose=t("diagnostics-history.trial" if line.purpose is Purpose.trial else "diagnostics-history.official"),
        )
        for i, line in enumerate(shown, start=1)
    )
    numbers = digits(Page(shown, 0, len(shown)), lambda line: f"diagnostics:result:{line.attempt_id}")
    return Screen(t.screen("diagnostics-history", lines=SafeHtml(text)), rows(numbers, menu_row(t, HOME)))


def who(t: Translator, result: Result, methodist: str) -> Screen:
    back = menu_row(t, f"diagnostics:result:{result.attempt_id}")
    if result.purpose is Purpose.trial:
        return Screen(t.screen("diagnostics-who-trial"), rows(back))
    name = methodist or t("diagnostics-who.nobody")
    return Screen(
        t.screen("diagnostics-who", methodist=name), rows(Button(t("diagnostics-who.seen"), "people:viewed:0"), back)
    )


def picture(t: Translator, result: Result, content: bytes, *, dark: bool) -> Screen:
    """The picture with the same in words; the other background is one press away."""
    lines = [
        t.html("diagnostics-picture.line", group=group.title, level=level_word(t, group)) for group in result.groups
    ]
    lines += ["", t("diagnostics-picture.foot")]
    if result.content.unverified:
        lines.append(t("diagnostics-result.unverified"))
    other = "light" if dark else "dark"
    button = Button(t(f"diagnostics-picture.{other}"), f"diagnostics:picture:{result.attempt_id}:{other}")
    return Screen(
        t.screen(
            "diagnostics-picture", title=t(f"{RESULT[result.content.kind]}.title"), lines=SafeHtml("\n".join(lines))
        ),
        rows(button, menu_row(t, f"diagnostics:result:{result.attempt_id}")),
        attachment=Attachment("profil.png", content, "image/png"),
    ).kept()


def level_word(t: Translator, group: GroupResult) -> str:
    return t(f"diagnostics-level.{group.level.value if group.level else 'few'}")


# --- without a profile: answers travel in the button, nothing is stored -------------------------------


def try_intro(t: Translator) -> Screen:
    begin = Button(t("diagnostics-try-intro.begin"), "diagnostics:try:-", primary=True)
    return Screen(t.screen("diagnostics-try-intro"), rows(begin, menu_row(t)))


def try_question(t: Translator, content: Content, items: Sequence[Item], answers: str) -> Screen:
    item = items[len(answers)]
    title = _title(t, len(answers) + 1, len(items), content.group_of(item).title)
    choices = [Button(label, f"diagnostics:try:{answers}{value}") for value, label in enumerate(content.scale, start=1)]
    back = f"diagnostics:try:{answers[:-1] or '-'}" if answers else "diagnostics:try"
    return Screen(f"<b>{title}</b>\n\n{escape(item.text)}", rows(*choices, menu_row(t, back)))


def try_result(t: Translator, items: Sequence[Item], levels: Sequence[DeficitLevel]) -> Screen:
    order = list(DeficitLevel)
    pairs = sorted(zip(items, levels, strict=True), key=lambda pair: order.index(pair[1]))
    lines = [
        t.html("diagnostics-try-result.line", level=t(f"diagnostics-level.{level.value}"), item=item.short)
        for item, level in pairs
    ]
    again = Button(t("diagnostics-try-result.again"), "diagnostics:try:-")
    acquaint = guest_rows(t)[-1]
    return Screen(
        t.screen("diagnostics-try-result", lines=SafeHtml("\n".join(lines))), rows(acquaint, again, menu_row(t))
    )


def _titles(found: Sequence[GroupResult]) -> str:
    return ", ".join(_small(group.title) for group in found)


def _listed(items: Sequence[str]) -> str:
    return ", ".join(_small(item) for item in items)


def _small(text: str) -> str:
    """The first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
