"""The quiz after a session: what it is, a question at a time, what came of it."""

from __future__ import annotations

from bot.i18n import SafeHtml, Translator
from bot.rules.event_quiz import Stand
from bot.screens.events.wording import TITLE, When
from bot.screens.menu import menu_row
from bot.services.events.quiz import Quiz, QuizDone
from bot.services.events.reading import EventCard
from bot.ui.screen import Button, Screen, cut, rows

ROOM = 560
"""Characters for what went wrong, shared by the questions."""


def quiz_offer(t: Translator, told: EventCard, when: When) -> Screen:
    """Said when the session is over."""
    assert told.quiz is not None
    text = t.screen(
        "events-quiz-offer",
        title=cut(told.line.title, 120),
        n=told.quiz.size,
        until=t.moment(told.quiz.until, when.zone, today=when.today),
    )
    return Screen(text, rows(Button(t("events-quiz.open"), f"events:quiz:{told.line.id}", primary=True), menu_row(t)))


def quiz(t: Translator, told: Quiz, when: When) -> Screen:
    """Before the first question, or why there is none now."""
    title = cut(told.title, 120)
    back = menu_row(t, f"events:card:{told.event_id}")
    claim = Button(t("events-check.claim"), f"events:claim:{told.event_id}")
    match told.stand:
        case Stand.ask:
            text = t.screen("events-quiz", title=title, n=told.size, needed=told.needed, left=told.left)
            begin = Button(t("events-quiz.begin"), _answer(told, ""), primary=True)
            return Screen(text, rows(begin, back))
        case Stand.early:
            opens = t.moment(told.opens, when.zone, today=when.today)
            return Screen(t.screen("events-quiz-early", title=title, opens=opens), rows(back))
        case Stand.marked:
            return Screen(t.screen("events-quiz-marked", title=title), rows(back))
        case Stand.over:
            return Screen(t.screen("events-quiz-over", title=title), rows(claim, back))
        case Stand.spent:
            return Screen(t.screen("events-quiz-spent", title=title), rows(claim, back))


def question(t: Translator, told: Quiz) -> Screen:
    """One question; the buttons carry what was chosen before."""
    ask = told.ask
    assert ask is not None
    lines = "\n".join(
        t.html("events-quiz.option", i=str(i), text=option) for i, option in enumerate(ask.options, start=1)
    )
    title = t("events-quiz.number", i=str(ask.number + 1), n=str(told.size))
    return Screen(
        f"<b>{title}</b>\n\n{t.html('events-quiz.question', text=ask.text, lines=SafeHtml(lines))}",
        rows(
            tuple(Button(str(i + 1), _answer(told, f"{ask.chosen}{i}")) for i in range(len(ask.options))),
            Button(t("events-quiz.again"), _answer(told, "")) if ask.number else None,
            menu_row(t, f"events:card:{told.event_id}"),
        ),
    )


def quiz_done(t: Translator, done: QuizDone) -> Screen:
    """Enough, not yet, or no more tries; what to come back to, without blame."""
    told = done.quiz
    title = cut(told.title, TITLE)
    counts = {"right": str(done.right), "n": str(told.size)}
    body: list[str] = []
    if done.marked is not None:
        doubtful = not done.marked.on_list
        name = "doubtful" if doubtful else "certificate" if done.marked.gives_certificate else "passed"
        heading = t("events-quiz-done.title")
        body.append(t.html("events-quiz-done", title=title, **counts))
        body.append(t(f"events-quiz-done.{name}"))
    else:
        heading = t("events-quiz-done.almost" if told.left else "events-quiz-done.spent-title")
        body.append(t.html("events-quiz-done.not-yet", title=title, needed=str(told.needed), **counts))
    if done.misses:
        lines = [t("events-quiz-done.back-to")]
        room = min(ROOM // len(done.misses), 250)
        for miss in done.misses:
            line = t.html("events-quiz-done.miss", text=cut(miss.text, room // 3))
            if miss.right:
                line = f"{line} {t.html('events-quiz-done.right', text=cut(miss.right, room // 3 - 10))}"
            if miss.why:
                why = cut(miss.why, room // 3 if miss.right else room * 2 // 3)
                line = f"{line} {t.html('events-quiz-done.why', text=why)}"
            lines.append(line)
        body.append("\n".join(lines))
    again, claim = None, None
    if done.marked is None and told.left:
        body.append(t("events-quiz-done.left", n=told.left))
        again = Button(t("events-quiz-done.again"), _answer(told, ""), primary=True)
    elif done.marked is None:
        body.append(t("events-quiz-done.ask"))
        claim = Button(t("events-check.claim"), f"events:claim:{told.event_id}")
    screen = Screen(
        f"<b>{heading}</b>\n\n" + "\n\n".join(body), rows(again, claim, menu_row(t, f"events:card:{told.event_id}"))
    )
    return screen.kept()


def _answer(told: Quiz, chosen: str) -> str:
    return f"events:answer:{told.event_id}:{told.version}:{told.attempt}:x{chosen}"
