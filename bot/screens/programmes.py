"""Programmes in the chat (conversation.md §3.8): home of a cohort, invitation, difficulties, plan, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator, date_ru
from bot.models import MemberState, ProgrammeKind, WorkState
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.after import Paper
from bot.services.programmes.reading import CohortCard, CohortLine, Meeting
from bot.services.programmes.working import TaskLine, WorkLine
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Attachment, Button, Screen, cut, rows

HOME = "programmes:home"
EVENTS = "events:home"
PAGE = 5


def home(
    t: Translator,
    mine: Sequence[CohortLine],
    offered: Sequence[tuple[int, str, date]],
    *,
    queue: int | None,
    learners: int = 0,
) -> Screen:
    """Her programmes and those she may join; works for who accepts them (``queue``), learners of a tutor."""
    all_of_them = [
        *(
            (one.id, t.html("programmes-home.line", i=str(i), title=cut(one.title, 80), state=_state(t, one)))
            for i, one in enumerate(mine, start=1)
        ),
        *(
            (number, t.html("programmes-home.offer", i=str(i), title=cut(title, 80), date=date_ru(on)))
            for i, (number, title, on) in enumerate(offered, start=len(mine) + 1)
        ),
    ][: PAGE - bool(learners)]
    page = Page([number for number, _ in all_of_them], 0, len(all_of_them))
    works = Button(t("programmes-home.queue", n=str(queue)), "programmes:queue:0") if queue is not None else None
    text = (
        t.screen("programmes-home", lines=SafeHtml("\n".join(line for _, line in all_of_them)))
        if all_of_them
        else t.screen("programmes-none")
    )
    return Screen(
        text,
        rows(
            digits(page, lambda number: f"programmes:card:{number}") or None,
            works,
            Button(t("programmes-home.learners", n=learners), "tutors:home:0") if learners else None,
            [
                Button(t("programmes-home.code"), "programmes:code"),
                Button(t("programmes-home.slots"), "tutorials:home"),
            ],
            menu_row(t, EVENTS),
        ),
    )


def card(t: Translator, one: CohortCard, when: When) -> Screen:
    """A cohort from inside."""
    p = one.progress
    lines = [t.html("programmes-card.year", year=str(one.year))] if one.years > 1 else []
    lines.append(
        t.html(
            "programmes-card.progress" if one.gives_certificate else "programmes-card.bare",
            was=str(p.was), total=str(p.total), need=str(p.need),
        )
    )  # fmt: skip
    if p.need_tasks:
        lines.append(t.html("programmes-card.tasks", n=str(p.accepted), need=str(p.need_tasks)))
    if one.meeting is not None:
        lines.append(
            t.html("programmes-card.next", title=cut(one.meeting.title, 90), **wording.at(t, one.meeting, when))
        )
    if one.tutor is not None:
        lines.append(t.html("programmes-card.tutor", name=one.tutor[1]))
    if one.state is MemberState.completed:
        lines.append(t.html("programmes-card.completed"))
    elif one.state is MemberState.ended:
        lines.append(t.html("programmes-card.ended"))
    inside = one.state is MemberState.member
    near = Button(t("programmes-card.meeting"), f"events:card:{one.meeting.id}") if one.meeting and inside else None
    tasks = Button(t("programmes-card.task"), f"programmes:tasks:{one.id}") if p.tasks else None
    plan = Button(t("programmes-card.plan"), f"programmes:plan:{one.id}:0")
    paper = Button(t("programmes-card.paper"), f"programmes:cert:{one.id}") if one.has_certificate else None
    slots = Button(t("tutorials-home.button"), "tutorials:home")
    write = Button(t("programmes-card.write"), f"tutors:write:{one.tutor[0]}") if one.tutor else None
    young = one.kind is ProgrammeKind.young_school
    return Screen(
        f"<b>{t.html('programmes-card.title', title=cut(one.title, 56))}</b>\n\n" + " ".join(lines),
        rows(
            near or paper,
            [tasks, plan] if tasks else plan,
            [slots, write] if write else slots,
            Button(t("programmes-card.mentor"), "mentoring:home") if young else None,
            Button(t("programmes-card.leave"), f"programmes:leave:{one.id}") if inside else None,
            menu_row(t, HOME),
        ),
    )


def start(t: Translator, one: CohortCard) -> Screen:
    """An invitation, or what she may join by the rule of the programme."""
    asks = bool(one.questions)
    said = t("programmes-start-asks.mark") if asks else t("programmes-start.join")
    text = t.screen(
        "programmes-start-asks" if asks else "programmes-start",
        title=cut(one.title, 40), date=date_ru(one.starts_on), n=one.progress.total, about=cut(one.about, 400),
    )  # fmt: skip
    return Screen(
        text,
        rows(
            Button(said, f"programmes:join:{one.id}", primary=True),
            Button(t("programmes-card.plan"), f"programmes:plan:{one.id}:0"),
            Button(t("programmes-start.not"), f"programmes:not:{one.id}"),
            menu_row(t, HOME),
        ),
    )


def needs(t: Translator, one: CohortCard) -> Screen:
    """Up to three difficulties; «✓» stands before what is chosen."""
    chosen = one.needs or ()
    buttons = [
        Button(cut(f"✓ {words}" if key in chosen else words, 20), f"programmes:need:{one.id}:{key}")
        for key, words in one.questions[:6]
    ]
    pairs = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    return Screen(
        t.screen("programmes-needs"),
        rows(
            *pairs,
            Button(t("programmes-needs.ready"), f"programmes:joined:{one.id}", primary=True),
            Button(t("programmes-needs.skip"), f"programmes:joined:{one.id}:0"),
        ),
    )


def joined(t: Translator, one: CohortCard) -> Screen:
    """She is in: meetings are on her list."""
    return Screen(
        t.screen("programmes-joined", title=cut(one.title, 100), n=one.progress.total),
        rows(Button(t("programmes-joined.open"), f"programmes:card:{one.id}"), menu_row(t)),
        toast=t("programmes-joined.toast"),
    ).kept()


def declined(t: Translator, title: str, cohort_id: int) -> Screen:
    """Not this year, or out; with a way back."""
    back = Button(t("programmes-declined.back"), f"programmes:join:{cohort_id}")
    return Screen(t.screen("programmes-declined", title=cut(title, 100)), rows(back, menu_row(t, HOME)))


def leaving(t: Translator, one: CohortCard) -> Screen:
    """Sure?"""
    return Screen(
        t.screen("programmes-leaving", title=cut(one.title, 100)),
        rows(
            Button(t("programmes-leaving.stay"), f"programmes:card:{one.id}", primary=True),
            Button(t("programmes-leaving.leave"), f"programmes:not:{one.id}"),
            menu_row(t),
        ),
    )


def plan(t: Translator, one: CohortCard, meetings: Sequence[Meeting], number: int, when: When) -> Screen:
    """Every meeting with its day; «✓» where she was."""
    page = Page(meetings[number * PAGE :][:PAGE], number, len(meetings))
    lines = "\n".join(
        t.html(
            "programmes-plan.was" if each.was else "programmes-plan.line",
            i=str(i), title=cut(each.line.title, 90), **wording.at(t, each.line, when),
        )
        for i, each in enumerate(page.things, start=1)
    ) or t.html("programmes-plan.none")  # fmt: skip
    inside = one.state in (MemberState.member, MemberState.completed, MemberState.ended)
    return Screen(
        t.screen("programmes-plan", title=cut(one.title, 60), lines=SafeHtml(lines)),
        rows(
            digits(page, lambda each: f"events:card:{each.line.id}") if inside and page.things else None,
            turns(t, page, lambda to: f"programmes:plan:{one.id}:{to}") or None,
            menu_row(t, f"programmes:card:{one.id}"),
        ),
    )


def tasks(t: Translator, cohort_id: int, found: Sequence[TaskLine]) -> Screen:
    """Tasks of a cohort; at most five, what is not done first."""
    order = sorted(found, key=lambda each: (each.state is WorkState.accepted, each.due_on))[:PAGE]
    page = Page(order, 0, len(order))
    lines = "\n".join(
        t.html(
            "programmes-tasks.line", i=str(i), title=cut(each.title, 90), date=date_ru(each.due_on),
            state=t(f"programmes-work.{each.state.value if each.state else 'open'}"),
        )
        for i, each in enumerate(order, start=1)
    ) or t.html("programmes-tasks.none")  # fmt: skip
    return Screen(
        t.screen("programmes-tasks", lines=SafeHtml(lines)),
        rows(
            digits(page, lambda each: f"programmes:task:{each.id}") or None,
            menu_row(t, f"programmes:card:{cohort_id}"),
        ),
    )


def task(t: Translator, one: TaskLine) -> Screen:
    """One task, what has become of it, and what may be done."""
    return Screen(_task(t, one), rows(*_task_rows(t, one), menu_row(t, f"programmes:tasks:{one.cohort_id}")))


def task_pushed(t: Translator, one: TaskLine) -> Screen:
    """The same as a message of its own."""
    return Screen(_task(t, one), rows(*_task_rows(t, one), menu_row(t)))


def hand_in(t: Translator, one: TaskLine) -> Screen:
    """The next message is the work."""
    return Screen(
        t.screen("programmes-hand-in", title=cut(one.title, 100)),
        rows(Button(t("button-cancel"), f"programmes:task:{one.id}")),
    )


def handed(t: Translator, one: TaskLine) -> Screen:
    """It is there."""
    return Screen(
        t.screen("programmes-handed", title=cut(one.title, 100)),
        rows(
            Button(t("programmes-handed.again"), f"programmes:send:{one.id}"),
            Button(t("programmes-handed.back"), f"programmes:card:{one.cohort_id}"),
            menu_row(t),
        ),
    )


def put_off(t: Translator, one: TaskLine) -> Screen:
    """«Не успеваю»: nobody scolds."""
    return Screen(
        t.screen("programmes-put-off", title=cut(one.title, 100)),
        rows(Button(t("programmes-task.send"), f"programmes:send:{one.id}"), menu_row(t)),
    )


def too_big(t: Translator, one_id: int, *, size: int, web: str) -> Screen:
    """A file above the messenger's limit: the web chat, or a link to where it lies."""
    link = Button(t("iom-file-big.web"), url=web) if web.startswith("https://") else None
    return Screen(
        t("iom-file-big", size=str(size)), rows(link, Button(t("button-cancel"), f"programmes:task:{one_id}"))
    )


def code(t: Translator) -> Screen:
    """The code of a group is awaited."""
    return Screen(t.screen("programmes-code"), rows(Button(t("button-cancel"), HOME)))


def end(t: Translator, one: CohortCard) -> Screen:
    """The end of a cohort: what was counted, the certificate where there is one, no blame where there is not."""
    p = one.progress
    if one.state is MemberState.completed:
        paper = Button(t("programmes-card.paper"), f"programmes:cert:{one.id}") if one.has_certificate else None
        return Screen(
            t.screen("programmes-done", title=cut(one.title, 100), was=str(p.was), total=str(p.total)),
            rows(paper, menu_row(t)),
        )
    return Screen(
        t.screen("programmes-not-done", title=cut(one.title, 100), was=str(p.was), need=str(p.need)),
        rows(Button(t("programmes-card.plan"), f"programmes:plan:{one.id}:0"), menu_row(t)),
    )


def young_end(t: Translator, last: date, *, age: int, years: int, school: bool) -> Screen:
    """She is no longer counted as young: what remains open, in a school (and a pair) or in a pair alone."""
    title = t.html("programmes-young-end.title", date=date_ru(last))
    body = t.html(
        "programmes-young-end",
        age=t("programmes-young-end.age", n=age),
        years=t("programmes-young-end.years", n=years),
        stays=t("programmes-young-end.in-school" if school else "programmes-young-end.in-pair"),
    )
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            Button(t("programmes-young-end.school"), HOME) if school else None,
            Button(t("programmes-card.mentor"), "mentoring:home"),
            menu_row(t),
        ),
    )


def certificate(t: Translator, paper: Paper, *, hours: str, pdf: bytes) -> Screen:
    """The certificate of a programme with its file."""
    text = t.screen("programmes-cert", no=paper.number, title=cut(paper.title, 120), hours=hours, masked=paper.masked)
    attachment = Attachment(f"sertifikat-{paper.number}.pdf", pdf, "application/pdf")
    return Screen(text, rows(menu_row(t)), attachment=attachment).kept()


# --- staff -------------------------------------------------------------------------------------------


def queue(t: Translator, found: Sequence[WorkLine], total: int, number: int, *, address: str) -> Screen:
    """The oldest work that waits for a look, one at a time."""
    if not found:
        return Screen(t.screen("programmes-queue-empty"), rows(menu_row(t, HOME)))
    one = found[0]
    page = Page(found, number, total, size=1)
    words = t.html("programmes-queue.file", name=cut(one.file_name, 60)) if one.file_id is not None else ""
    link = Button(t("programmes-queue.open"), url=address) if one.file_id is not None else None
    return Screen(
        t.screen(
            "programmes-queue", name=one.name, organisation=one.organisation or "—", programme=cut(one.programme, 80),
            task=cut(one.task, 100), text=cut(one.text, 500), file=SafeHtml(words), n=str(total),
        ),
        rows(
            link,
            [
                Button(t("programmes-queue.accept"), f"programmes:accept:{one.id}"),
                Button(t("programmes-queue.return"), f"programmes:return:{one.id}"),
            ],
            turns(t, page, lambda to: f"programmes:queue:{to}") or None,
            menu_row(t, HOME),
        ),
    )  # fmt: skip


def returning(t: Translator, one: WorkLine) -> Screen:
    """What is to be added is awaited."""
    return Screen(
        t.screen("programmes-returning", name=one.name), rows(Button(t("button-cancel"), "programmes:queue:0"))
    )


def decided(t: Translator, one: WorkLine) -> Screen:
    """Said, and on to the next."""
    key = "programmes-accepted" if one.state is WorkState.accepted else "programmes-returned"
    return Screen(
        t.screen(key, name=one.name),
        rows(Button(t("programmes-queue.next"), "programmes:queue:0"), menu_row(t, HOME)),
    )


# --- inside ------------------------------------------------------------------------------------------


def _state(t: Translator, one: CohortLine) -> str:
    if one.state is MemberState.member:
        return t("programmes-state.going", was=str(one.progress.was), total=str(one.progress.total))
    return t(f"programmes-state.{one.state.value}")


def _task(t: Translator, one: TaskLine) -> str:
    said = t.screen("programmes-task", date=date_ru(one.due_on), title=cut(one.title, 120), text=cut(one.text, 400))
    if one.state is None:
        return said
    lines = [said, t(f"programmes-task.{one.state.value}")]
    if one.comment and one.state in (WorkState.returned, WorkState.accepted):
        lines.append(t.html("programmes-task.comment", comment=cut(one.comment, 250)))
    return "\n\n".join(lines)


def _task_rows(t: Translator, one: TaskLine) -> tuple[Button | None, ...]:
    if one.state is WorkState.accepted:
        return (Button(t("programmes-handed.back"), f"programmes:card:{one.cohort_id}"),)
    later = Button(t("programmes-task.not-yet"), f"programmes:later:{one.id}") if one.state is None else None
    return (
        Button(t("programmes-task.send"), f"programmes:send:{one.id}", primary=True),
        Button(t("programmes-task.help"), "hotline:ask"),
        later,
    )
