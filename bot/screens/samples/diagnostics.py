"""Screens of diagnosis: questions, results, campaigns, tests, cases and marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from bot.i18n import Translator
from bot.models import (
    DeficitLevel,
    Direction,
    InstrumentKind,
    InviteState,
    Purpose,
    VersionState,
)
from bot.rules.adaptive import Stop
from bot.rules.scoring import Change
from bot.screens import campaigns, diagnostics, marking, tasks
from bot.screens.samples.invented import (
    BIG,
    CENTRE,
    LAST_YEAR,
    LONG_FULL_NAME,
    LONG_NAME,
    LONG_SCHOOL,
    NOW,
    TODAY,
    ZONE,
    Sample,
)
from bot.services.campaigns import Invitation
from bot.services.diagnostics import (
    Both,
    Comparison,
    Content,
    Group,
    GroupResult,
    Item,
    Result,
    Standing,
    Start,
    Step,
    TaskLine,
)
from bot.services.diagnostics.marking import Choice as Found
from bot.services.diagnostics.marking import Sheet, Waiting
from bot.services.diagnostics.results import Growth, HistoryLine
from bot.ui.pager import Page


def diagnosis(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield from _diagnostics(t)
    yield from _campaigns(t)
    yield from _trial(t)
    yield from _tasks(t)
    yield from _marking(t)


# --- self-diagnosis --------------------------------------------------------------------------------

SCALE = ("Уверенно, могу показать", "Справляюсь сам", "Иногда нужна помощь", "Только с помощью", "Не приходилось")
GROUP_TITLES = (
    "Предметное содержание",
    "Методика и приёмы урока",
    "Оценивание и обратная связь",
    "Психолого-педагогическое сопровождение",
    "Цифровая среда и ИКТ",
)
STATEMENT = (
    "Подбираю задания разного уровня так, чтобы каждый ученик класса, в том числе с ОВЗ, мог двигаться "
    "в своём темпе, и объясняю критерии оценивания до начала работы"
)


def _content(state: VersionState = VersionState.trial) -> Content:
    items = tuple(
        Item(
            id=BIG - place,
            code=f"{place}",
            kind="self_likert",
            text=STATEMENT if place % 6 == 0 else "Объясняю критерии оценивания до начала работы",
            short="Задания разного уровня" if place % 6 == 0 else "Критерии до начала работы",
            texts={},
            place=place,
            group_id=place // 6,
        )
        for place in range(30)
    )
    groups = tuple(
        Group(number, f"g{number}", title, 1, None, items[number * 6 : number * 6 + 6])
        for number, title in enumerate(GROUP_TITLES)
    )
    return Content(
        version_id=1,
        instrument_id=1,
        slug="sample",
        title="Самодиагностика педагога",
        audience="teacher",
        kind=InstrumentKind.self_likert,
        number=1,
        state=state,
        is_demo=True,
        direction=Direction.competence,
        instruction="",
        minutes=7,
        scale=SCALE,
        cuts={"high": 40, "middle": 60, "low": 80},
        groups=groups,
        items=items,
        by_id=MappingProxyType({item.id: item for item in items}),
    )


def _result(*levels: DeficitLevel | None, purpose: Purpose = Purpose.official, number: int = BIG) -> Result:
    content = _content()
    middle = {DeficitLevel.minimal: 92.4, DeficitLevel.low: 71.0, DeficitLevel.middle: 50.0, DeficitLevel.high: 12.5}
    weak = (DeficitLevel.middle, DeficitLevel.high)
    groups = tuple(
        GroupResult(
            group_id=group.id,
            title=group.title,
            pct=middle[level] if level else None,
            sem=6.4 if level else None,
            level=level,
            is_deficit=level in weak,
            border=level is DeficitLevel.middle,
            answered=6 if level else 2,
            total=6,
            strong=tuple(item.short for item in group.items[:3]),
            growth=tuple(item.short for item in group.items[3:]) if level in weak else (),
            slug=group.slug,
        )
        for group, level in zip(content.groups, levels, strict=True)
    )
    growth = tuple(
        Growth(item.id, item.text, item.short, group.title, SCALE[4])
        for group, found in zip(content.groups, groups, strict=True)
        if found.is_deficit
        for item in group.items[:3]
    )
    best = tuple(item.short for item in content.items[:2])
    return Result(number, 1, content, purpose, NOW, 61.5, groups, growth, best)


_mixed = (DeficitLevel.minimal, DeficitLevel.low, DeficitLevel.middle, DeficitLevel.high, None)


def _diagnostics(t: Translator) -> Iterator[Sample]:
    content = _content()
    steps = {place: Step(BIG, content, place, "teacher", Purpose.official) for place in range(31)}
    fresh = Start(content, "teacher", None, None)
    last = HistoryLine(BIG, content.title, Purpose.official, LAST_YEAR, 61.5)
    yield Sample("diagnostics.none", diagnostics.none(t))
    yield Sample("diagnostics.home first", diagnostics.home(t, fresh, None, zone=ZONE, today=TODAY, other=""))
    going = Start(content, "teacher", steps[7], None)
    yield Sample("diagnostics.home open", diagnostics.home(t, going, last, zone=ZONE, today=TODAY, other="leader"))
    for other in ("", "leader", "teacher"):
        again = diagnostics.home(t, fresh, last, zone=ZONE, today=TODAY, other=other)
        yield Sample(f"diagnostics.home again {other}", again)
    invited = diagnostics.home(
        t, fresh, last, zone=ZONE, today=TODAY, other="leader", tests=True, marks=True, invite=BIG
    )
    yield Sample("diagnostics.home invited", invited)
    for own in (True, False):
        yield Sample(f"diagnostics.intro {own}", diagnostics.intro(t, instrument="leader-self", own=own))
    wait = Start(content, "teacher", None, NOW + timedelta(days=80))
    yield Sample("diagnostics.later", diagnostics.later(t, wait, instrument="leader-self", zone=ZONE, today=TODAY))
    for place in (0, 1, 18, 29):
        for whole in (True, False):
            made = diagnostics.question(t, steps[place], whole_labels=whole)
            yield Sample(f"diagnostics.question {place} {whole}", made)
    yield Sample("diagnostics.buttons_only", diagnostics.buttons_only(t, steps[18]))
    yield Sample("diagnostics.pause", diagnostics.pause(t, steps[29]))
    yield Sample("diagnostics.reminded", diagnostics.reminded(t, steps[29]))
    for place in (0, 9, 30):
        yield Sample(f"diagnostics.resume {place}", diagnostics.resume(t, steps[place]), pushed=True)
    yield Sample("diagnostics.silent", diagnostics.silent(t))
    given = {item.id: None if item.place % 5 == 4 else item.place % 5 + 1 for item in content.items}
    yield Sample("diagnostics.finish", diagnostics.finish(t, given))
    for number in range(5):
        yield Sample(f"diagnostics.review {number}", diagnostics.review(t, steps[30], given, number))
    few = dict(list(given.items())[:2])
    yield Sample("diagnostics.review few", diagnostics.review(t, steps[2], few, 0))
    yield from _results(t)
    lines = [HistoryLine(BIG - n, content.title, list(Purpose)[n % 2], LAST_YEAR, None) for n in range(7)]
    yield Sample("diagnostics.history", diagnostics.history(t, lines, zone=ZONE, today=TODAY))
    yield Sample("diagnostics.history one", diagnostics.history(t, lines[:1], zone=ZONE, today=TODAY))


def _campaigns(t: Translator) -> Iterator[Sample]:
    told = Invitation(BIG, BIG, "Осень", CENTRE, TODAY + timedelta(days=30), 30, 7, InviteState.invited, False, 1)
    yield Sample("campaigns.invite", campaigns.invite(t, told, today=TODAY), pushed=True)
    for limit in (None, 40):
        test = replace(told, is_test=True, limit=limit)
        yield Sample(f"campaigns.invite test {limit}", campaigns.invite(t, test, today=TODAY), pushed=True)
    for name in ("declined", "tomorrow", "closed"):
        yield Sample(f"campaigns.{name}", getattr(campaigns, name)(t, told, today=TODAY))


def _results(t: Translator) -> Iterator[Sample]:
    mixed = _result(*_mixed)
    results = {
        "mixed": mixed,
        "mixed trial": _result(*_mixed, purpose=Purpose.trial),
        **{f"all {level.value}": _result(*[level] * 5) for level in DeficitLevel},
        "all few": _result(*[None] * 5),
        "fine": _result(*[DeficitLevel.minimal, DeficitLevel.low] * 2, None),
    }
    for name, result in results.items():
        yield Sample(f"diagnostics.result {name}", diagnostics.result(t, result))
        yield Sample(f"diagnostics.groups {name}", diagnostics.groups(t, result))
        yield Sample(f"diagnostics.growth {name}", diagnostics.growth(t, result, 0))
    for group in mixed.groups:
        yield Sample(f"diagnostics.group {group.group_id}", diagnostics.group(t, mixed, group))
    for number in (1, 2):
        yield Sample(f"diagnostics.growth {number}", diagnostics.growth(t, results["all high"], number))
    yield Sample("diagnostics.who", diagnostics.who(t, mixed, LONG_FULL_NAME))
    yield Sample("diagnostics.who nobody", diagnostics.who(t, mixed, ""))
    yield Sample("diagnostics.who trial", diagnostics.who(t, results["mixed trial"], LONG_FULL_NAME))
    for dark in (True, False):
        yield Sample(f"diagnostics.picture {dark}", diagnostics.picture(t, mixed, b"png", dark=dark))
    changes = {
        group.group_id: Change(delta, 17.7) for group, delta in zip(mixed.groups, (25, -3, -40, 90, 0), strict=True)
    }
    compared = Comparison(_result(*_mixed, number=1), mixed, changes)
    yield Sample("diagnostics.compare", diagnostics.compare(t, compared, zone=ZONE, today=TODAY))
    yield Sample("diagnostics.compare none", diagnostics.compare(t, None, zone=ZONE, today=TODAY))


def _trial(t: Translator) -> Iterator[Sample]:
    content = _content()
    items = [group.items[0] for group in content.groups]
    yield Sample("diagnostics.try_intro", diagnostics.try_intro(t))
    for answers in ("", "1", "15324"[:4]):
        yield Sample(f"diagnostics.try_question {answers}", diagnostics.try_question(t, content, items, answers))
    levels = [DeficitLevel.high, DeficitLevel.low, DeficitLevel.minimal, DeficitLevel.middle, DeficitLevel.high]
    yield Sample("diagnostics.try_result", diagnostics.try_result(t, items, levels))


# --- tests, cases, marks --------------------------------------------------------------------------

TASK = "Расставьте шаги урока открытия теоремы в том порядке, при котором ученики приходят к ней сами"
LONG_OPTION = "Сравнить результат с одним из слагаемых на отрезке и спросить, могла ли сумма стать меньше слагаемого"


def _test(kind: InstrumentKind = InstrumentKind.test_key) -> Content:
    """One task of each kind, short and long; criteria for a rubric."""
    short, long = ("Один", "Два", "Три", "Ни одного"), (LONG_OPTION,) * 3 + ("Дать десять таких же примеров",) * 3
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    kinds = (("single", short), ("single", long), ("multiple", long), ("order", long), ("number", ()), ("text", ()))
    if kind is not InstrumentKind.test_key:
        kinds = (("criterion", ("Нет", "Отчасти", "Да")), ("criterion", long[:3]))
    items = tuple(
        Item(BIG - n, f"А{n}", name, TASK, "Порядок шагов урока", {}, n, 0, options, {}, 1.0)
        for n, (name, options) in enumerate(kinds)
    )
    return replace(
        _content(), kind=kind, title="Тест по русскому языку и методике преподавания", scale=(), items=items,
        groups=(Group(0, "subject", "Психолого-педагогические", 1, None, items),), time_limit=40, form="A",
        instruction=STATEMENT, by_id=MappingProxyType({item.id: item for item in items}),
    )  # fmt: skip


def _tasks(t: Translator) -> Iterator[Sample]:
    content = _test()
    lines = [TaskLine(BIG - n, content.title, content.kind) for n in range(8)]
    yield Sample("tasks.offers", tasks.offers(t, lines))
    yield Sample("tasks.offers none", tasks.offers(t, []))
    case = _test(InstrumentKind.case_rubric)
    for one in (content, replace(content, time_limit=None), case):
        offer = Start(one, "teacher", None, None)
        yield Sample(f"tasks.intro {one.kind.value} {one.time_limit}", tasks.intro(t, offer, instrument=str(BIG)))
    for place, item in enumerate(content.items):
        step = Step(BIG, content, place, "teacher", Purpose.official, until=NOW)
        for given in sorted({(), (2,), tuple(range(1, len(item.options) + 1))}):
            made = tasks.task(t, step, given, zone=ZONE)
            yield Sample(f"tasks.task {place} {item.kind} {len(given)}", made)
    end = Step(BIG, content, len(content.items), "teacher", Purpose.official)
    told = {item.id: "" if item.place % 2 else LONG_OPTION for item in content.items}
    for kind in (InstrumentKind.test_key, InstrumentKind.case_rubric):
        begun = Step(BIG, _test(kind), 0, "teacher", Purpose.official)
        yield Sample(f"diagnostics.resume {kind.value}", diagnostics.resume(t, begun), pushed=True)
    yield Sample("tasks.finish", tasks.finish(t, end, told))
    yield Sample("tasks.time_over", tasks.time_over(t, end))
    short = replace(end, asked=9)
    for why in Stop:
        yield Sample(f"tasks.enough {why.value}", tasks.enough(t, short, why.value))
    yield Sample("tasks.task shortened", tasks.task(t, replace(short, position=0), (), zone=ZONE))
    yield Sample("tasks.review", tasks.review(t, end, told, 0))
    standing = Standing(
        "subject", GROUP_TITLES[0], content.kind, BIG, BIG, NOW, 61.5, 7.2, DeficitLevel.low, False, True
    )
    yield Sample("tasks.both", tasks.both(t, Both("subject", GROUP_TITLES[0], standing, standing), attempt_id=BIG))
    yield Sample("tasks.case", tasks.case(t, replace(case, instruction=STATEMENT * 4)))
    yield Sample("tasks.case_sent", tasks.case_sent(t, LONG_NAME))
    yield Sample("tasks.case_sent nobody", tasks.case_sent(t, ""))
    yield Sample("tasks.case_later", tasks.case_later(t))
    result = _result(*_mixed)
    for kind in InstrumentKind:
        other = replace(result, content=replace(result.content, kind=kind))
        yield Sample(f"diagnostics.result {kind.value}", diagnostics.result(t, other, comment=STATEMENT * 3))
        yield Sample(f"diagnostics.growth {kind.value}", diagnostics.growth(t, other, 0))
        yield Sample(f"diagnostics.picture {kind.value}", diagnostics.picture(t, other, b"png", dark=False))
        for group in other.groups[-2:]:
            made = diagnostics.group(t, other, group, both=True)
            yield Sample(f"diagnostics.group {kind.value} {group.group_id}", made)


def _marking(t: Translator) -> Iterator[Sample]:
    case = _test(InstrumentKind.case_rubric)
    waits = [Waiting(BIG - n, LONG_FULL_NAME, case.title, case.kind, LAST_YEAR, None) for n in range(5)]
    yield Sample("marking.waiting", marking.waiting(t, Page(waits, 1, 99), zone=ZONE, today=TODAY))
    yield Sample("marking.waiting none", marking.waiting(t, Page([], 0, 0), zone=ZONE, today=TODAY))
    ids = [item.id for item in case.items]
    for kind in (InstrumentKind.case_rubric, InstrumentKind.observation):
        for name, marks in (("fresh", {}), ("begun", {ids[0]: 2}), ("ready", {ids[0]: None, ids[1]: 3})):
            sheet = Sheet(BIG, 1, LONG_FULL_NAME, _test(kind), STATEMENT * 9, BIG, "разбор.pdf", dict(marks), None)
            yield Sample(f"marking.work {kind.value} {name}", marking.work(t, sheet))
            yield Sample(f"marking.criterion {kind.value} {name}", marking.criterion(t, sheet))
    yield Sample("marking.ready", marking.ready(t, sheet))
    yield Sample("marking.whole_text", marking.whole_text(t, replace(sheet, text=STATEMENT * 3)))
    yield Sample("marking.done", marking.done(t, LONG_FULL_NAME))
    yield Sample("marking.tell", marking.tell(t), pushed=True)
    yield Sample("marking.observe_whom", marking.observe_whom(t))
    found = [Found(BIG - n, LONG_FULL_NAME, LONG_SCHOOL[:60]) for n in range(5)]
    yield Sample("marking.observe_found", marking.observe_found(t, found, "вин"))
    yield Sample("marking.observe_found none", marking.observe_found(t, [], LONG_FULL_NAME))
    yield Sample("marking.observe_sheet", marking.observe_sheet(t, BIG, found))
    yield Sample("marking.observe_sheet none", marking.observe_sheet(t, BIG, []))
