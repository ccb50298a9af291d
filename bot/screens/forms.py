"""Forms in the chat: what waits, one question at a time, checking before sending."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import SafeHtml, Translator, date_ru
from bot.rules.registers import Field, FieldType, Value, parse_day
from bot.screens.menu import menu_row
from bot.services.forms import Filling, ReplyLine, Waiting
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

HOME = "forms:home:0"
TITLE = 60
SHOWN = 8
"""Answers on the screen before sending; the rest are counted."""


def home(t: Translator, lines: Sequence[ReplyLine], number: int) -> Screen:
    """Forms that wait for this person."""
    if not lines:
        return Screen(t.screen("forms-home-empty"), rows(menu_row(t)))
    page = Page(lines[number * PAGE :][:PAGE], number, len(lines))
    said = "\n".join(
        t.html(
            "forms-home.line",
            i=str(i),
            title=cut(line.title, 80),
            name=cut(line.name, 60),
            term=t("forms-home.until", date=date_ru(line.due_on)) if line.due_on else t("forms-home.no-term"),
            state=t(f"forms-reply.{line.state.value}"),
        )
        for i, line in enumerate(page.things, start=page.first)
    )
    return Screen(
        t.screen("forms-home", n=len(lines), lines=SafeHtml(said)),
        rows(
            list(digits(page, lambda line: f"forms:open:{line.id}")),
            turns(t, page, lambda n: f"forms:home:{n}") or None,
            menu_row(t),
        ),
    )


def waiting(t: Translator, told: Waiting) -> Screen:
    """A letter about a form: at once, and as its term comes."""
    date = date_ru(told.due_on) if told.due_on else ""
    key = "new" if told.stage == "new" else "late" if told.stage == "-1" else "soon"
    term = t(f"forms-waiting.{key}", date=date) if date else t("forms-waiting.no-term")
    text = t.screen("forms-waiting", form=cut(told.title, 100), name=cut(told.name, 80), term=term)
    fill = Button(t("forms-waiting.fill"), f"forms:open:{told.reply_id}", primary=True)
    return Screen(text, rows(fill, menu_row(t))).kept()


def opened(t: Translator, filling: Filling) -> Screen:
    """What it is, of whom, by when; begin, go on or look through."""
    done = sum(one.name in filling.answers for one in filling.fields)
    term = t("forms-home.until", date=date_ru(filling.due_on)) if filling.due_on else t("forms-home.no-term")
    text = f"<b>{t.html('forms-open.title', form=cut(filling.title, TITLE))}</b>\n\n" + t.html(
        "forms-open", about=cut(filling.about, 500), name=filling.name, done=done, total=len(filling.fields), term=term
    )
    if not filling.open:
        return Screen(f"{text}\n\n{t('forms-open.closed')}", rows(menu_row(t, HOME)))
    following = filling.next
    first = Button(
        t("forms-open.go-on" if done else "forms-open.begin"), f"forms:q:{filling.id}:{following}", primary=True
    )
    look = Button(t("forms-open.look"), f"forms:check:{filling.id}") if done else None
    return Screen(text, rows(first if following is not None else None, look, menu_row(t, HOME)))


def question(t: Translator, filling: Filling, number: int, *, wrong: str = "") -> Screen:
    """One question: buttons for a choice, words for the rest."""
    field = filling.fields[number]
    here = f"{filling.id}:{number}"
    title = t("forms-question.title", number=str(number + 1), total=str(len(filling.fields)))
    parts = [t.html("forms-question", text=field.title)]
    now = said(t, field, filling.answers.get(field.name))
    if now:
        parts.append(t.html("forms-question.now", answer=cut(now, 200)))
    choices: list[list[Button]] = []
    if field.type is FieldType.choice:
        choices = [[Button(cut(words[0], 40), f"forms:a:{here}:{key}")] for key, words in field.options.items()]
        if len(choices) > 4:
            parts.append(
                "\n".join(f"{key}. {t.html('forms-question.option', text=w[0])}" for key, w in field.options.items())
            )
            keys = list(field.options)
            choices = [
                [Button(key, f"forms:a:{here}:{key}") for key in keys[start : start + 4]]
                for start in range(0, len(keys), 4)
            ]
    elif field.type is FieldType.flag:
        choices = [
            [
                Button(t("forms-question.yes"), f"forms:a:{here}:yes"),
                Button(t("forms-question.no"), f"forms:a:{here}:no"),
            ]
        ]
    else:
        parts.append(t(f"forms-question.hint-{field.type.value}"))
    if wrong:
        parts.insert(0, wrong)
    skip = Button(t("forms-question.skip"), f"forms:skip:{here}") if not field.required else None
    return Screen(
        f"<b>{title}</b>\n\n" + "\n\n".join(parts),
        rows(*choices, skip, menu_row(t, f"forms:open:{filling.id}")),
    )


def check(t: Translator, filling: Filling) -> Screen:
    """All the answers before sending; a digit opens the question."""
    lines = [
        t.html(
            "forms-check.line",
            i=str(n),
            text=cut(field.title, 45),
            answer=cut(said(t, field, filling.answers.get(field.name)) or t("forms-check.none"), 40),
        )
        for n, field in enumerate(filling.fields[:SHOWN], start=1)
    ]
    if len(filling.fields) > SHOWN:
        lines.append(t("forms-check.more", n=len(filling.fields) - SHOWN))
    lacking = filling.missing
    first = (
        Button(t("forms-check.fill"), f"forms:q:{filling.id}:{lacking[0]}", primary=True)
        if lacking
        else Button(t("forms-check.send"), f"forms:send:{filling.id}", primary=True)
    )
    text = t.screen("forms-check", lines=SafeHtml("\n".join(lines)))
    again = Button(t("forms-check.again"), f"forms:q:{filling.id}:0")
    return Screen(text, rows(first, again, menu_row(t, f"forms:open:{filling.id}")))


def sent(t: Translator, filling: Filling) -> Screen:
    """It is in; it may still be changed."""
    text = t.screen("forms-sent", form=cut(filling.title, 100), name=filling.name)
    return Screen(text, rows(Button(t("forms-sent.change"), f"forms:check:{filling.id}"), menu_row(t))).kept()


def said(t: Translator, field: Field, value: Value) -> str:
    """An answer in words."""
    if value is None or value == "":
        return ""
    if field.type is FieldType.flag:
        return t("forms-question.yes" if value else "forms-question.no")
    if field.options:
        return field.options[str(value)][0] if str(value) in field.options else ""
    if field.type is FieldType.day:
        day = parse_day(str(value))
        return date_ru(day) if day else str(value)
    return str(value)
