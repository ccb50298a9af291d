"""«Мой ИОМ» of the teacher (conversation.md §3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.models import DeficitLevel, IomState, StepState
from bot.screens.iom_papers import card_button
from bot.screens.menu import menu_row
from bot.services.iom.drafting import Choice, Why
from bot.services.iom.following import Sent
from bot.services.iom.views import Asked, Deficit, Route, StepView
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Attachment, Button, Screen, cut, rows

HOME = "iom:home"
MINUTES = 10


def none(t: Translator, *, diagnosed: bool, staff: Sequence[Button] = ()) -> Screen:
    first = (
        Button(t("iom-none.make"), "iom:make", primary=True)
        if diagnosed
        else Button(t("iom-none.diagnostics"), "diagnostics:home", primary=True)
    )
    ask_for, lessons = Button(t("iom-none.ask"), "iom:ask"), Button(t("menu-soon.catalogue"), "catalogue:home")
    return Screen(t.screen("iom-none"), rows(first, ask_for, lessons, list(staff) or None, menu_row(t)))


def ask(t: Translator) -> Screen:
    return Screen(t.screen("iom-ask"), rows(Button(t("button-cancel"), HOME)))


def asked(t: Translator) -> Screen:
    return Screen(t.screen("iom-asked"), rows(Button(t("iom-asked.again"), "iom:ask"), menu_row(t)))


def draft(t: Translator, hours: Mapping[str, int]) -> Screen:
    made = {name: Button(t(f"iom-draft.{name}"), f"iom:variant:{name}") for name in hours}
    text = t.screen("iom-draft", **{name: str(number) for name, number in hours.items()})
    return Screen(
        text,
        rows([made["short"], made["usual"]], made["intensive"], Button(t("button-not-now"), "menu:home")),
    )


def plan(t: Translator, route: Route, *, number: int = 0, today: date) -> Screen:
    """The draft or what the methodist offers; a number opens its step."""
    page = _page(route.steps, number)
    moves = turns(t, page, lambda target: f"iom:plan:{target}")
    key = "iom-plan" if route.state is IomState.draft else "iom-offered"
    text = t.screen(
        key,
        lines=SafeHtml(
            "\n".join(
                t.html(
                    "iom-plan.line", i=str(step.number), title=cut(step.title, 70), date=t.day(step.due, today=today)
                )
                for step in page.things
            )
        ),
        steps=t("iom-steps", n=len(route.steps)),
        h=str(route.hours),
        methodist=route.methodist or t("iom-methodist"),
    )
    return Screen(
        text,
        rows(
            tuple(Button(str(step.number), f"iom:why:{step.id}") for step in page.things),
            moves or None,
            Button(t("iom-plan.agree"), "iom:agree", primary=True),
            Button(t("iom-plan.remark"), "iom:remark"),
            # A page in the middle has both turns and no room for two ways back.
            menu_row(t, "iom:make") if route.state is IomState.draft and len(moves) < 2 else menu_row(t),
        ),
    )


def why(t: Translator, route: Route, step: StepView, reason: Why, *, today: date) -> Screen:
    """Answer → growth point → activity; while the route is planned, what may be done with the step."""
    key = "iom-why" if reason.answer else "iom-why-group" if reason.group else "iom-why-methodist"
    body = t.html(
        key,
        answer=reason.answer,
        item=cut(reason.item, 160),
        group=reason.group,
        kind=t(f"catalogue-kind.{step.kind.value}"),
        title=cut(step.title, 120),
        hours=str(step.hours),
        form=t(f"catalogue-form.{step.form.value}"),
        date=t.day(step.due, today=today),
    )
    text = f"<b>{t('iom-why.title')}</b>\n\n{body}"
    if not route.planning:
        return Screen(text, rows(menu_row(t, f"iom:step:{step.id}")))
    own = route.state is IomState.draft
    return Screen(
        text,
        rows(
            [Button(t("iom-why.keep"), HOME), Button(t("iom-why.replace"), f"iom:choose:{step.id}")] if own else None,
            Button(t("iom-why.remove"), f"iom:remove:{step.id}") if own else None,
            Button(t("iom-why.remark"), f"iom:remark:{step.id}"),
            menu_row(t, HOME),
        ),
    )


def choices(t: Translator, step: StepView, found: Sequence[Choice], *, today: date, gone: bool = False) -> Screen:
    """Other activities for a step; for one that was called off the words are other ones."""
    back = menu_row(t, f"iom:why:{step.id}" if not gone else HOME)
    if not found:
        key = "iom-gone-none" if gone else "iom-choices-none"
        return Screen(t.screen(key, title=cut(step.title, 80), methodist=t("iom-methodist")), rows(back))
    lines = "\n".join(
        t.html(
            "iom-choices.line",
            i=str(i),
            title=cut(one.title, 70),
            h=str(one.hours),
            date=t.day(one.due, today=today),
        )
        for i, one in enumerate(found, start=1)
    )
    text = t.screen("iom-gone" if gone else "iom-choices", title=cut(step.title, 80), lines=SafeHtml(lines))
    return Screen(text, rows(digits(_page(found, 0), lambda one: f"iom:put:{step.id}:{one.activity_id}"), back))


def agree(t: Translator, route: Route, *, today: date) -> Screen:
    text = t.screen(
        "iom-agree",
        steps=t("iom-steps", n=len(route.steps)),
        h=str(route.hours),
        **{"from": t.day(route.starts, today=today), "to": t.day(route.ends, today=today)},
        methodist=route.methodist or t("iom-methodist"),
    )
    return Screen(
        text,
        rows(
            Button(t("iom-plan.agree"), "iom:yes", primary=True),
            Button(t("iom-plan.remark"), "iom:remark"),
            Button(t("button-not-now"), "menu:home"),
        ),
    )


def remark(t: Translator) -> Screen:
    return Screen(t.screen("iom-remark"), rows(Button(t("button-cancel"), HOME)))


def remark_sent(t: Translator) -> Screen:
    return Screen(t.screen("iom-remark-sent"), rows(menu_row(t)))


def waiting(t: Translator, route: Route) -> Screen:
    """Agreed by the teacher; the methodist or the centre has the word."""
    key = "iom-waiting-centre" if route.state is IomState.agreed else "iom-waiting"
    if route.state is IomState.draft and not route.steps:
        return asked(t)
    if route.state is IomState.draft and not route.agreed:
        key = "iom-drafting"
    return Screen(
        t.screen(key, methodist=route.methodist or t("iom-methodist")),
        rows(Button(t("iom-approved.all"), "iom:all:0"), menu_row(t)),
    )


def approved(t: Translator, route: Route, *, today: date) -> Screen:
    step = route.next
    assert step is not None
    assert route.order_date is not None
    text = t.screen(
        "iom-approved",
        number=route.reg_no,
        order=route.order_no,
        date=t.day(route.order_date, today=today),
        title=cut(step.title, 120),
        due=t.day(step.due, today=today),
    )
    return Screen(
        text,
        rows(
            Button(t("iom-approved.first"), f"iom:step:{step.id}", primary=True),
            Button(t("iom-approved.all"), "iom:all:0"),
            card_button(t),
            menu_row(t),
        ),
    ).kept()


def home(t: Translator, route: Route, *, today: date, staff: Sequence[Button] = ()) -> Screen:
    """The next step first, then how far it is."""
    found = route.progress(today)
    step = route.next
    title = t.html("iom-home.title", done=str(found.done), steps=t("iom-of-steps", n=found.total))
    go_on = None
    if route.state is IomState.paused:
        body = t("iom-home-paused")
        go_on = Button(t("iom-home-paused.go"), "iom:go-on", primary=True)
    elif step is not None:
        body = t.html("iom-home", title=cut(step.title, 120), date=t.day(step.due, today=today))
        go_on = Button(t("iom-home.open"), f"iom:step:{step.id}", primary=True)
    else:
        body = t.html("iom-home-sent", methodist=route.methodist or t("iom-methodist"))
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            go_on,
            [Button(t("iom-home.all"), "iom:all:0"), Button(t("iom-home.calendar"), "iom:calendar")],
            [Button(t("iom-home.more"), "iom:stop"), Button(t("navigator-home.open"), "navigator:home")],
            list(staff) or None,
            menu_row(t),
        ),
    )


def everything(t: Translator, route: Route, number: int, *, today: date) -> Screen:
    page = _page(route.steps, number)
    title = (
        t("iom-all.title")
        if page.pages == 1
        else t("iom-all.title-pages", page=str(page.number + 1), pages=str(page.pages))
    )
    lines = "\n".join(
        t.html(
            "iom-all.line",
            i=str(step.number),
            title=cut(step.title, 70),
            date=t.day(step.due, today=today),
            state=t(f"iom-step-state.{step.state.value}"),
        )
        for step in page.things
    )
    return Screen(
        f"<b>{title}</b>\n\n{lines}",
        rows(
            tuple(Button(str(step.number), f"iom:step:{step.id}") for step in page.things),
            turns(t, page, lambda target: f"iom:all:{target}") or None,
            card_button(t),
            menu_row(t, HOME),
        ),
    )


def calendar(t: Translator, content: bytes) -> Screen:
    file = Attachment(t("iom-calendar.file"), content, "text/calendar")
    return Screen(t.screen("iom-calendar"), rows(menu_row(t, HOME)), attachment=file)


def step(t: Translator, route: Route, one: StepView, sent: Sequence[Sent], *, today: date) -> Screen:
    """A step: what it is, until when, what proves it, what may be done."""
    text = t.screen(
        "iom-step",
        i=str(one.number),
        n=str(len(route.steps)),
        title=cut(one.title, 40),
        kind=t(f"catalogue-kind.{one.kind.value}"),
        form=t(f"catalogue-form.{one.form.value}"),
        hours=str(one.hours),
        date=t.day(one.due, today=today),
        state=t(f"iom-step-state.{one.state.value}"),
        proof=t(f"catalogue-proof.{one.kind.value}"),
    )
    if one.title != cut(one.title, 40):
        text += "\n" + t.html("iom-why.about", title=cut(one.title, 200))
    words = next((piece.comment for piece in reversed(sent) if piece.comment), "")
    if words:
        methodist = route.methodist or t("iom-methodist")
        text += "\n\n" + t.html("iom-step-word", methodist=methodist, comment=cut(words, 250))
    live = route.state in (IomState.active, IomState.paused)
    send = changes = None
    if live and one.open:
        send = Button(t("iom-step.send"), f"iom:proof:{one.id}", primary=True)
        changes = [
            Button(t("iom-step.move"), f"iom:move:{one.id}"),
            Button(t("iom-step.replace"), f"iom:choose:{one.id}"),
        ]
    elif live and one.state is StepState.submitted:
        changes = [
            Button(t("iom-step.add"), f"iom:proof:{one.id}"),
            Button(t("iom-step.take"), f"iom:take:{one.id}"),
        ]
    return Screen(text, rows(send, Button(t("iom-step.why"), f"iom:why:{one.id}"), changes, menu_row(t, HOME)))


def proof(t: Translator, one: StepView, *, size: int) -> Screen:
    text = t.screen("iom-proof", proof=t(f"catalogue-proof.{one.kind.value}"), size=str(size))
    return Screen(text, rows(Button(t("button-cancel"), f"iom:step:{one.id}")))


def file_big(t: Translator, one_id: int, *, size: int, web: str) -> Screen:
    """Too big for this messenger: the web chat or a link."""
    link = Button(t("iom-file-big.web"), url=web) if web.startswith("https://") else None
    return Screen(t("iom-file-big", size=str(size)), rows(link, Button(t("button-cancel"), f"iom:step:{one_id}")))


def sent(t: Translator, route: Route, one: StepView) -> Screen:
    following = route.next
    return Screen(
        t.screen("iom-sent", title=cut(one.title, 120), methodist=route.methodist or t("iom-methodist")),
        rows(
            [Button(t("iom-step.add"), f"iom:proof:{one.id}"), Button(t("iom-step.take"), f"iom:take:{one.id}")],
            Button(t("iom-sent.next"), f"iom:step:{following.id}") if following else None,
            menu_row(t),
        ),
    ).kept()


def said(t: Translator, key: str, back: str = HOME, **words: str) -> Screen:
    """A short answer with a way back."""
    return Screen(t.screen(key, **words), rows(menu_row(t, back)))


def move(t: Translator, route: Route, one: StepView, *, today: date) -> Screen:
    text = t.screen(
        "iom-move",
        title=cut(one.title, 120),
        date=t.day(one.due, today=today),
        methodist=route.methodist or t("iom-methodist"),
    )
    return Screen(
        text,
        rows(
            [
                Button(t("iom-move.week"), f"iom:move-by:{one.id}:7"),
                Button(t("iom-move.month"), f"iom:move-by:{one.id}:30"),
            ],
            Button(t("iom-move.own"), f"iom:move-day:{one.id}"),
            Button(t("button-cancel"), f"iom:step:{one.id}"),
        ),
    )


def move_day(t: Translator, one: StepView) -> Screen:
    """A day of one's own is awaited as text."""
    return Screen(
        t.screen("iom-move-day", title=cut(one.title, 120)), rows(Button(t("button-cancel"), f"iom:step:{one.id}"))
    )


def changed(t: Translator, route: Route, *, today: date) -> Screen:
    """What the methodist proposes."""
    change = route.asked
    assert change is not None
    text = t.screen(
        "iom-changed",
        methodist=route.methodist or t("iom-methodist"),
        reason=cut(change.reason, 250),
        what=what(t, change, today=today),
    )
    return Screen(
        text,
        rows(
            Button(t("iom-changed.agree"), f"iom:decide:{change.id}:1"),
            Button(t("iom-changed.keep"), f"iom:decide:{change.id}:0"),
            menu_row(t),
        ),
    )


def what(t: Translator, change: Asked, *, today: date) -> SafeHtml:
    """What a change takes away and what it brings."""
    return SafeHtml(
        t.html(
            f"iom-what.{change.op}",
            old=cut(change.old, 80),
            old_date=t.day(change.old_due, today=today),
            new=cut(change.new, 80),
            new_date=t.day(change.new_due, today=today),
        )
    )


def exit_check(t: Translator) -> Screen:
    return Screen(
        t.screen("iom-exit", min=MINUTES),
        rows(Button(t("iom-exit.begin"), "iom:exit", primary=True), menu_row(t)),
    )


def reflect(t: Translator, number: int) -> Screen:
    return Screen(
        t.screen("iom-reflect", number=number, question=t(f"iom-question.q{number}")),
        rows(Button(t("iom-reflect.skip"), f"iom:skip:{number}"), menu_row(t)),
    )


def reflected(t: Translator, route: Route) -> Screen:
    return Screen(t.screen("iom-reflected", methodist=route.methodist or t("iom-methodist")), rows(menu_row(t)))


def effect(t: Translator, route: Route, *, today: date, staff: Sequence[Button] = ()) -> Screen:
    """What changed, in words, with the accuracy; the methodist's conclusion."""
    found = route.progress(today)
    partly = route.state is IomState.completed_partly
    lines = [t.html("iom-effect.partly", done=str(found.done), n=str(found.total))] if partly else []
    lines += [_effect(t, deficit) for deficit in route.deficits]
    body = t.html(
        "iom-effect",
        lines=SafeHtml("\n".join(lines)),
        methodist=route.methodist or t("iom-methodist"),
        conclusion=cut(route.conclusion, 250),
        advice=t(f"iom-advice.{route.advice.value}") if route.advice else "",
    )
    title = t("iom-effect.title-partly" if partly else "iom-effect.title")
    again = Button(t("iom-effect.again"), "iom:make", primary=True)
    return Screen(
        f"<b>{title}</b>\n\n{body.strip()}", rows(again, card_button(t), list(staff) or None, menu_row(t))
    ).kept()


def stop(t: Translator) -> Screen:
    return Screen(
        t.screen("iom-stop"),
        rows(
            Button(t("iom-stop.stop"), "iom:stop-now"),
            Button(t("iom-stop.pause"), "iom:pause"),
            Button(t("iom-stop.keep"), HOME),
        ),
    )


# --- pushes ------------------------------------------------------------------------------------------


def accepted(t: Translator, route: Route, one: StepView, comment: str, *, today: date, auto: bool) -> Screen:
    found = route.progress(today)
    text = t.screen(
        "iom-auto" if auto else "iom-accepted",
        title=cut(one.title, 120),
        comment=cut(comment, 250),
        done=str(found.done),
        n=str(found.total),
    )
    following = route.next
    first = (
        Button(t("iom-sent.next"), f"iom:step:{following.id}") if following else Button(t("iom-home.all"), "iom:all:0")
    )
    return Screen(text, rows(first, menu_row(t))).kept()


def returned(t: Translator, route: Route, one: StepView, comment: str) -> Screen:
    methodist = route.methodist or t("iom-methodist")
    return Screen(
        t.screen("iom-returned", title=cut(one.title, 120), methodist=methodist, comment=cut(comment, 400)),
        rows(
            Button(t("iom-returned.add"), f"iom:proof:{one.id}", primary=True),
            Button(t("iom-returned.later"), "menu:home"),
        ),
    ).kept()


def reminder(t: Translator, kind: str, step_id: int, title: str, activity: str, due: date, *, today: date) -> Screen:
    """Before the day and, once, after it."""
    text = t.screen(
        f"iom-{kind}",
        title=cut(title, 120),
        proof=t(f"catalogue-proof.{activity}"),
        date=t.day(due, today=today),
    )
    send = Button(t("iom-step.send"), f"iom:proof:{step_id}", primary=True)
    shift = Button(t("iom-step.move"), f"iom:move:{step_id}")
    if kind == "soon":
        return Screen(text, rows(send, Button(t("iom-soon.later"), f"iom:later:{step_id}"), shift))
    return Screen(
        text,
        rows(
            send,
            [shift, Button(t("iom-late.replace"), f"iom:choose:{step_id}")],
            Button(t("iom-late.mute"), f"iom:mute:{step_id}"),
        ),
    )


def gone(t: Translator, one: StepView) -> Screen:
    """An activity was called off; the step itself offers what would do instead."""
    text = t.screen("iom-gone-push", title=cut(one.title, 120))
    return Screen(text, rows(Button(t("iom-gone-push.open"), f"iom:step:{one.id}", primary=True), menu_row(t)))


def moved(t: Translator, one: StepView, *, today: date) -> Screen:
    text = t.screen("iom-moved", title=cut(one.title, 120), date=t.day(one.due, today=today))
    return Screen(text, rows(Button(t("iom-home.open"), f"iom:step:{one.id}"), menu_row(t)))


def _page(things: Sequence[StepView] | Sequence[Choice], number: int) -> Page:  # type: ignore[type-arg]
    pages = max(1, -(-len(things) // PAGE))
    number = max(0, min(number, pages - 1))
    return Page(things[number * PAGE : (number + 1) * PAGE], number, len(things))


def _effect(t: Translator, deficit: Deficit) -> str:
    words = t(f"iom-effect.{deficit.effect}")
    if deficit.margin is not None:
        words = f"{words} {t('iom-effect.margin', margin=str(deficit.margin))}"
    return t.html(
        "iom-effect.line",
        group=deficit.title,
        before=_level(t, deficit.level),
        after=_level(t, deficit.after_level),
        change=words,
    )


def _level(t: Translator, level: DeficitLevel | None) -> str:
    return t(f"diagnostics-level.{level.value}") if level else "—"


def staff_rows(t: Translator, *, methodist: bool, head: bool) -> list[Button]:
    """Doors of staff on the same section."""
    made: list[Button] = []
    if methodist:
        made.append(Button(t("iom-home.staff"), "iom:queue:0"))
    if head:
        made.append(Button(t("iom-home.head"), "iom:head:0"))
    return made
