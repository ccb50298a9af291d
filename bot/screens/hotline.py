"""The line «ЦНППМ на связи» for those who ask (conversation.md §3.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.models import TicketState, TicketTheme, Whose
from bot.screens.menu import menu_row
from bot.services.hotline.asking import Added, Card, Draft, Mine, Receipt
from bot.services.hotline.faq import Offer, Ready
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, cut, rows

OFFICIAL = "https://www.gosuslugi.ru/"
"""Where official appeals are accepted (59-ФЗ): the line is a consultation."""

ON_SCREEN = 300
"""Characters of a question that are shown back."""

TITLE = 60


def day_and_time(t: Translator, moment: datetime, zone: ZoneInfo, today: date) -> dict[str, str]:
    """«завтра» and «15:00» for a text."""
    local = moment.astimezone(zone)
    return {"date": t.day(local.date(), today=today), "time": f"{local:%H:%M}"}


def themes_of(t: Translator, themes: Sequence[str]) -> str:
    """Titles of themes, the first three; all of them where none is named."""
    if not themes:
        return t("hotline-home.all")
    return ", ".join(t(f"hotline-theme.{theme}") for theme in themes[:3])


def home(
    t: Translator,
    *,
    at: datetime,
    methodist: str,
    themes: Sequence[str],
    on_duty: bool,
    drafted: bool,
    gathering: Sequence[Row] = (),
    zone: ZoneInfo,
    today: date,
) -> Screen:
    """Who answers today and by when, computed for a question asked now."""
    when = day_and_time(t, at, zone, today)
    title = t("hotline-home.title")
    if on_duty and methodist and when["date"] == t("date-today"):
        body = t.html("hotline-home", methodist=methodist, themes=themes_of(t, themes), time=when["time"])
    else:
        body = t.html("hotline-home.nobody" if on_duty else "hotline-home.off", **when)
    ask = Button(t("hotline-home.draft" if drafted else "hotline-home.ask"), "hotline:ask", primary=True)
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            ask,
            *gathering,
            [Button(t("hotline-home.find"), "hotline:find"), Button(t("hotline-home.mine"), "hotline:mine:0")],
            menu_row(t),
        ),
    )


def ask(t: Translator) -> Screen:
    """Words, files, voice are awaited."""
    return Screen(
        t.screen("hotline-ask"),
        rows(
            Button(t("hotline-ask.nameless"), "hotline:nameless"),
            Button(t("hotline-ask.official"), url=OFFICIAL),
            _cancel(t),
        ),
    )


def nameless(t: Translator) -> Screen:
    """The same, without a name."""
    return Screen(t.screen("hotline-nameless"), rows(Button(t("hotline-nameless.named"), "hotline:named"), _cancel(t)))


def similar(t: Translator, offers: Sequence[Offer], draft: Draft) -> Screen:
    """What was asked before, before it is asked again."""
    lines = [
        t.html("hotline-similar.line", i=str(i), question=cut(_flat(one.question), 120))
        for i, one in enumerate(offers, 1)
    ]
    return Screen(
        t.screen("hotline-similar", lines=SafeHtml("\n".join(lines)), text=cut(_flat(draft.text), 200)),
        rows(
            digits(Page(offers, 0, len(offers)), lambda one: f"hotline:faq:{one.id}:d"),
            Button(t("hotline-similar.mine"), "hotline:own", primary=True),
            _cancel(t),
        ),
    )


def faq(t: Translator, one: Ready, *, drafted: bool, closed: bool, back: str, today: date) -> Screen:
    """A ready answer. ``closed`` is a channel that carries nothing personal: it may only be read there."""
    checked = t.day(one.checked_on, today=today) if one.checked_on else ""
    about = t("hotline-faq.checked", checked=checked)
    if one.methodist and not closed:
        about = t.html("hotline-faq.by", methodist=one.methodist, checked=checked)
    question = _flat(one.question)
    answer = one.answer
    if len(question) > TITLE:
        answer = f"{t('hotline-faq.more', question=question)}\n\n{answer}"
    title = t.html("hotline-faq.title", question=cut(question, TITLE))
    body = t.html("hotline-faq", answer=answer, about=SafeHtml(about))
    helped = Button(t("hotline-faq.helped"), f"hotline:helped:{one.id}{':d' if drafted else ''}", primary=True)
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            None if closed else helped,
            Button(t("hotline-faq.mine"), f"hotline:unhelped:{one.id}") if drafted else None,
            Button(t("hotline-faq.source"), url=one.link) if one.link else None,
            menu_row(t, back),
        ),
    )


def thanks(t: Translator) -> Screen:
    """After «Помогло» under a ready answer."""
    ask_too = Button(t("hotline-home.ask"), "hotline:ask")
    return Screen(f"<b>{t('hotline-faq.thanks')}</b>", rows(ask_too, menu_row(t, "hotline:home")))


def find(t: Translator) -> Screen:
    """Words are awaited, or a theme is chosen."""
    return Screen(
        t.screen("hotline-find"),
        rows(Button(t("hotline-find.themes"), "hotline:themes"), menu_row(t, "hotline:home")),
    )


def found(t: Translator, offers: Sequence[Offer], *, title: str = "", back: str = "hotline:find") -> Screen:
    """Ready answers by words or of a theme."""
    lines = [
        t.html("hotline-similar.line", i=str(i), question=cut(_flat(one.question), 120))
        for i, one in enumerate(offers, 1)
    ]
    head = t.html("hotline-found.theme", theme=title) if title else t("hotline-found.title")
    body = t.html("hotline-found", lines=SafeHtml("\n".join(lines)))
    return Screen(
        f"<b>{head}</b>\n\n{body}",
        rows(digits(Page(offers, 0, len(offers)), lambda one: f"hotline:faq:{one.id}"), menu_row(t, back)),
    )


def nothing_found(t: Translator, query: str) -> Screen:
    """What was searched, and a person."""
    return Screen(
        t.screen("hotline-find-none", query=cut(query, 60)),
        rows(
            Button(t("hotline-find-none.ask"), "hotline:kept", primary=True),
            Button(t("hotline-find.themes"), "hotline:themes"),
            menu_row(t, "hotline:home"),
        ),
    )


def themes(t: Translator, held: Sequence[tuple[TicketTheme, int]], number: int, *, back: str) -> Screen:
    """Themes with ready answers."""
    if not held:
        body = t("hotline-themes.none")
        return Screen(f"<b>{t('hotline-themes.title')}</b>\n\n{body}", rows(menu_row(t, back)))
    page = Page(held[number * 5 :][:5], number, len(held))
    lines = [
        t.html("hotline-themes.line", i=str(i), theme=t(f"hotline-theme.{theme.value}"), n=str(n))
        for i, (theme, n) in enumerate(page.things, 1)
    ]
    return Screen(
        t.screen("hotline-themes", lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda pair: f"hotline:of:{pair[0].value}"),
            turns(t, page, lambda n: f"hotline:themes:{n}") or None,
            menu_row(t, back),
        ),
    )


def choose_theme(t: Translator, number: int) -> Screen:
    """All themes, five to a page."""
    everything = list(TicketTheme)
    page = Page(everything[number * 5 :][:5], number, len(everything))
    lines = [
        t.html("hotline-choose.line", i=str(i), theme=t(f"hotline-theme.{theme.value}"))
        for i, theme in enumerate(page.things, 1)
    ]
    return Screen(
        t.screen("hotline-choose", lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda theme: f"hotline:to:{theme.value}"),
            turns(t, page, lambda n: f"hotline:theme:{n}") or None,
            _cancel(t),
        ),
    )


def draft(t: Translator, one: Draft) -> Screen:
    """The guessed theme and what was written; one press sends it."""
    rest = ""
    if one.messages > 1 or one.files:
        rest = t("hotline-draft.rest", n=str(one.messages), files=str(one.files))
    text = cut(_flat(one.text), ON_SCREEN) or t("hotline-draft.empty")
    return Screen(
        t.screen("hotline-draft", theme=t(f"hotline-theme.{one.theme.value}"), text=text, rest=rest),
        rows(
            Button(t("hotline-draft.send"), "hotline:send", primary=True),
            Button(t("hotline-draft.theme"), "hotline:theme:0"),
            _cancel(t),
        ),
    )


def personal(t: Translator, one: Draft) -> Screen:
    """Somebody's data stands in the text."""
    return Screen(
        t.screen("hotline-personal", found=cut("; ".join(dict.fromkeys(one.found)), 200)),
        rows(
            Button(t("hotline-personal.strip"), "hotline:strip", primary=True),
            Button(t("hotline-personal.rewrite"), "hotline:rewrite"),
            Button(t("hotline-personal.fine"), "hotline:fine"),
            _cancel(t),
        ),
    )


def rewrite(t: Translator) -> Screen:
    return Screen(t.screen("hotline-rewrite"), rows(_cancel(t)))


def cancelled(t: Translator) -> Screen:
    return Screen(t.screen("hotline-cancelled"), rows(menu_row(t, "hotline:home")))


def receipt(t: Translator, one: Receipt, *, zone: ZoneInfo, today: date) -> Screen:
    """Number and promise; it stays in the chat, and words under it join the question."""
    when = day_and_time(t, one.at, zone, today)
    title = t("hotline-receipt.title", no=str(one.no))
    if one.gathered:
        body = t("hotline-receipt-gathered", **when)
    elif one.on_duty and one.methodist:
        body = t.html("hotline-receipt", methodist=one.methodist, **when)
    else:
        body = t("hotline-receipt.nobody" if one.on_duty else "hotline-receipt.off", **when)
    recall = Button(t("hotline-receipt.recall"), f"hotline:recall:{one.no}")
    return Screen(f"<b>{title}</b>\n\n{body}", rows(recall, menu_row(t))).kept()


def added(t: Translator, one: Added, *, zone: ZoneInfo, today: date) -> Screen:
    """More words have joined the question."""
    assert one.at is not None
    text = t.screen("hotline-added", no=str(one.no), **day_and_time(t, one.at, zone, today))
    return Screen(text, rows(Button(t("hotline-receipt.recall"), f"hotline:recall:{one.no}"), menu_row(t))).kept()


def recalled(t: Translator, no: int) -> Screen:
    return Screen(
        t.screen("hotline-recalled", no=str(no)),
        rows(Button(t("hotline-home.ask"), "hotline:ask"), menu_row(t, "hotline:home")),
    )


def later(t: Translator) -> Screen:
    """The clarification may wait."""
    return Screen(
        t.screen("hotline-clarify-later"),
        rows(Button(t("hotline-home.mine"), "hotline:mine:0"), menu_row(t)),
    )


def add(t: Translator, no: int) -> Screen:
    """More words are awaited."""
    return Screen(t.screen("hotline-add", no=str(no)), rows(Button(t("button-cancel"), f"hotline:card:{no}")))


def again(t: Translator, one: Card) -> Screen:
    """The question opens with the next words."""
    title = t("hotline-again.title", no=str(one.no))
    body = t.html("hotline-again", methodist=one.methodist) if one.methodist else t("hotline-again.nobody")
    return Screen(f"<b>{title}</b>\n\n{body}", rows(Button(t("button-cancel"), f"hotline:card:{one.no}")))


def graded(t: Translator, until: datetime, *, zone: ZoneInfo, today: date) -> Screen:
    day = t.day(until.astimezone(zone).date(), today=today)
    return Screen(
        t.screen("hotline-graded", date=day), rows(Button(t("hotline-home.mine"), "hotline:mine:0"), menu_row(t))
    )


def waiting(t: Translator) -> Screen:
    """«Жду ответа»."""
    return Screen(t.screen("hotline-wait"), rows(Button(t("hotline-home.mine"), "hotline:mine:0"), menu_row(t)))


def followed(t: Translator, *, answered: bool) -> Screen:
    body = t("hotline-followed") if answered else t("hotline-followed.skipped")
    return Screen(
        f"<b>{t('hotline-followed.title')}</b>\n\n{body}",
        rows(Button(t("hotline-home.ask"), "hotline:ask"), menu_row(t)),
    )


def publish_yes(t: Translator) -> Screen:
    return Screen(t.screen("hotline-publish-yes"), rows(menu_row(t, "hotline:home")))


def publish_no(t: Translator) -> Screen:
    return Screen(t.screen("hotline-publish-no"), rows(menu_row(t, "hotline:home")))


def publish_fix(t: Translator) -> Screen:
    """The author's own words are awaited."""
    return Screen(t.screen("hotline-publish-fix"), rows(Button(t("button-cancel"), "hotline:home")))


def publish_fixed(t: Translator, text: str) -> Screen:
    return Screen(t.screen("hotline-publish-fixed", text=cut(text, ON_SCREEN)), rows(menu_row(t, "hotline:home")))


def mine(t: Translator, page: Page[Mine], *, zone: ZoneInfo, today: date) -> Screen:
    """One's questions, the newest first."""
    ask_too = Button(t("hotline-home.ask"), "hotline:ask")
    if not page.total:
        body = t("hotline-mine.none")
        return Screen(f"<b>{t('hotline-mine.title')}</b>\n\n{body}", rows(ask_too, menu_row(t, "hotline:home")))
    lines = [
        t.html("hotline-mine.line", i=str(i), no=str(one.no), state=state(t, one.state), text=cut(one.text, 60))
        for i, one in enumerate(page.things, page.first)
    ]
    return Screen(
        t.screen("hotline-mine", lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda one: f"hotline:card:{one.no}"),
            turns(t, page, lambda n: f"hotline:mine:{n}") or None,
            ask_too,
            menu_row(t, "hotline:home"),
        ),
    )


def state(t: Translator, value: TicketState) -> str:
    """A state in words."""
    return t(f"hotline-state.{value.value}")


OWED = (TicketState.new, TicketState.assigned)


def card(t: Translator, one: Card, *, zone: ZoneInfo, today: date, whole: bool = False) -> Screen:
    """A question with what was said about it."""
    lines = []
    shown = one.talk if whole else one.talk[-3:]
    limit = 10**6 if whole else 220
    for piece in shown:
        text = piece.text if whole else cut(_flat(piece.text), limit)
        if not text:
            text = t("hotline-card.files", n=str(len(piece.files)))
        key = {Whose.asker: "asker", Whose.clarify: "clarify", Whose.answer: "answer"}[piece.whose]
        lines.append(t.html(f"hotline-card.{key}", text=text, methodist=one.methodist))
    if one.state in OWED and one.due_at is not None:
        lines.append(t("hotline-card.due", **day_and_time(t, one.due_at, zone, today)))
    cut_off = len(shown) < len(one.talk) or any(len(_flat(piece.text)) > limit for piece in shown)
    first = None
    if one.state is TicketState.clarify:
        first = Button(t("hotline-card.reply"), f"hotline:add:{one.no}", primary=True)
    elif one.state in OWED:
        first = Button(t("hotline-card.more"), f"hotline:add:{one.no}")
    elif one.may_reopen:
        first = Button(t("hotline-answer.again"), f"hotline:again:{one.no}")
    open_now = one.state in (*OWED, TicketState.clarify)
    recall = Button(t("hotline-receipt.recall"), f"hotline:recall:{one.no}") if open_now else None
    read = Button(t("hotline-card.whole"), f"hotline:whole:{one.no}") if cut_off else None
    return Screen(
        t.screen("hotline-card", no=str(one.no), state=state(t, one.state), lines=SafeHtml("\n\n".join(lines))),
        rows(first, read, recall, menu_row(t, "hotline:mine:0")),
    )


def kept(t: Translator, text: str, ticket: int | None) -> Screen:
    """Words nobody waited for: nothing of them is lost."""
    join = Button(t("hotline-kept.add", no=str(ticket)), f"hotline:kept-add:{ticket}") if ticket else None
    return Screen(
        t.screen("hotline-kept", text=cut(_flat(text), ON_SCREEN)),
        rows(
            Button(t("hotline-kept.send"), "hotline:kept", primary=True),
            join,
            Button(t("hotline-kept.find"), "hotline:kept-find"),
            Button(t("hotline-kept.drop"), "hotline:kept-drop"),
            menu_row(t),
        ),
    )


def kept_gone(t: Translator) -> Screen:
    return Screen(t.screen("hotline-kept-gone"), rows(Button(t("hotline-home.ask"), "hotline:ask"), menu_row(t)))


def _cancel(t: Translator) -> Button:
    return Button(t("button-cancel"), "hotline:cancel")


def _flat(text: str) -> str:
    return " ".join(text.split())
