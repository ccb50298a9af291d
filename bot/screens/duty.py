"""The methodist on duty (conversation.md §3.11): rows are short, a teacher's text matters more than our words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.i18n import SafeHtml, Translator
from bot.models import TicketState, Whose
from bot.screens.hotline import day_and_time, state
from bot.screens.menu import menu_row
from bot.services.hotline.desk import Colleague, Desk, Line, Sheet
from bot.services.hotline.faq import Offer, Preview
from bot.services.hotline.roster import Shift
from bot.ui.pager import PAGE, Page, digits, turns
from bot.ui.screen import Button, Screen, cut, rows

SHOWN = 420
OPEN = (TicketState.new, TicketState.assigned, TicketState.clarify)
HOME = "duty:home"


def home(t: Translator, desk: Desk, *, sessions: int, zone: ZoneInfo, today: date) -> Screen:
    """Counts, the nearest hour, one button to begin."""
    if desk.until is not None:
        title = t("duty-home.title-until", time=day_and_time(t, desk.until, zone, today)["time"])
    else:
        title = t("duty-home.title")
    due = ""
    if desk.due_at is not None:
        due = t("duty-home.due", **day_and_time(t, desk.due_at, zone, today))
    elif desk.next_shift is not None:
        due = t("duty-home.next", **day_and_time(t, desk.next_shift, zone, today))
    body = t("duty-home", queue=str(desk.queue), mine=str(desk.mine), due=due)
    end = Button(t("duty-home.end"), "duty:end") if desk.mine else None
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            Button(t("duty-home.take"), "duty:next", primary=True),
            [Button(t("duty-home.queue"), "duty:queue:0"), Button(t("duty-home.mine"), "duty:mine:0")],
            Button(t("duty-home.sessions", n=str(sessions)), "duty:sessions:0") if sessions else None,
            [Button(t("duty-home.shifts"), "duty:shifts:0"), *([end] if end else [])],
            menu_row(t),
        ),
    )


def queue(t: Translator, page: Page[Line], *, mine: bool, zone: ZoneInfo, today: date) -> Screen:
    """Questions by their hour, five to a page."""
    key = "mine" if mine else "queue"
    if not page.total:
        body = t("hotline-queue.none-mine" if mine else "hotline-queue.none")
        title = t("hotline-queue.title-mine" if mine else "hotline-queue.title", n=page.total)
        other = Button(t("hotline-queue.queue"), "duty:queue:0") if mine else None
        return Screen(f"<b>{title}</b>\n\n{body}", rows(other, menu_row(t, HOME)))
    lines = [
        t.html(
            "hotline-queue.line",
            i=str(i),
            due=t("hotline-queue.due", **day_and_time(t, one.due_at, zone, today)) if one.due_at else "",
            theme=t(f"hotline-theme.{one.theme.value}"),
            text=cut(one.text, 60),
        )
        for i, one in enumerate(page.things, page.first)
    ]
    title = t("hotline-queue.title-mine" if mine else "hotline-queue.title", n=page.total)
    body = t.html("hotline-queue", lines=SafeHtml("\n".join(lines)))
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            digits(page, lambda one: f"duty:open:{one.no}"),
            turns(t, page, lambda n: f"duty:{key}:{n}") or None,
            menu_row(t, HOME),
        ),
    )


def card(t: Translator, one: Sheet, *, zone: ZoneInfo, today: date) -> Screen:
    """A question that is not in one's hands: to read, to take, to give."""
    title = _title(t, one, zone, today)
    no = str(one.no)
    who = t("hotline-duty-card.who-nameless")
    if one.asker:
        place = [part for part in (one.asker, one.position, one.municipality) if part]
        who = f"{', '.join(place)}. "
    body = t.html(
        "hotline-duty-card",
        who=who,
        theme=t(f"hotline-theme.{one.theme.value}"),
        text=cut(one.text, SHOWN),
        rest=_rest(t, one),
    )
    first: Button | None = None
    if one.state is TicketState.new:
        first = Button(t("hotline-duty-card.take"), f"duty:take:{no}", primary=True)
    elif one.state not in (*OPEN, TicketState.merged):
        first = Button(t("hotline-duty-card.reopen"), f"duty:reopen:{no}")
    give = Button(t("hotline-duty-card.give"), f"duty:give:{no}") if one.state in OPEN else None
    ready = Button(t("hotline-duty-card.ready"), f"duty:ready:{no}")
    closed = one.state in (TicketState.answered, TicketState.closed)
    note = Button(t("hotline-duty-card.note"), f"duty:notes:{no}")
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(first, ready if closed else None, [give, note] if give else note, _read(t, one), menu_row(t, HOME)),
    )


def mine(t: Translator, one: Sheet, *, zone: ZoneInfo, today: date) -> Screen:
    """A question in one's hands: the next typed words are its answer."""
    title = t("hotline-duty-mine.title", no=str(one.no), **_due(t, one, zone, today))
    body = t.html("hotline-duty-mine", text=cut(one.text, SHOWN), rest=_rest(t, one))
    no, read = str(one.no), _read(t, one)
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            [
                Button(t("hotline-duty-mine.similar"), f"duty:similar:{no}"),
                Button(t("hotline-duty-mine.canned"), f"duty:canned:{no}"),
            ],
            [
                Button(t("hotline-duty-mine.clarify"), f"duty:clarify:{no}"),
                Button(t("hotline-duty-card.note"), f"duty:notes:{no}"),
            ],
            [
                Button(t("hotline-duty-card.give"), f"duty:give:{no}"),
                Button(t("hotline-duty-mine.back"), f"duty:back:{no}"),
            ],
            read,
            None if read else _complex(t, one),
            menu_row(t, "duty:mine:0"),
        ),
    )


def whole(t: Translator, one: Sheet, *, zone: ZoneInfo, today: date) -> Screen:
    """Everything that was said, in full; long ones become several messages."""
    said = []
    for piece in one.talk:
        text = piece.text or t("hotline-duty-card.files", n=str(len(piece.files)))
        key = {Whose.clarify: "clarified", Whose.answer: "answered"}.get(piece.whose)
        said.append(
            t.html(f"hotline-duty-card.{key}", text=text) if key else t.html("hotline-kept", text=text).split("\n")[0]
        )
    mine_now = one.state is TicketState.assigned
    return Screen(
        f"<b>{_title(t, one, zone, today)}</b>\n\n" + "\n\n".join(said),
        rows(_complex(t, one) if mine_now else None, menu_row(t, f"duty:open:{one.no}")),
    )


def preview(t: Translator, no: int, text: str) -> Screen:
    """As the teacher will see it, before it is sent."""
    return Screen(
        t.screen("hotline-duty-preview", text=text),
        rows(
            Button(t("hotline-duty-preview.send"), f"duty:send:{no}", primary=True),
            Button(t("hotline-duty-preview.rewrite"), f"duty:open:{no}"),
            Button(t("button-cancel"), "duty:mine:0"),
        ),
    )


def sent(t: Translator, no: int, *, offer: bool) -> Screen:
    text = t.screen("hotline-duty-sent", no=str(no)) if offer else f"<b>{t('hotline-duty-sent.title', no=str(no))}</b>"
    return Screen(
        text,
        rows(
            Button(t("hotline-duty-sent.ready"), f"duty:ready:{no}") if offer else None,
            Button(t("hotline-duty-sent.next"), "duty:next", primary=True),
            Button(t("hotline-duty-sent.desk"), HOME),
            menu_row(t),
        ),
    )


def asking(t: Translator, key: str, no: int) -> Screen:
    """Words for a clarification or a note are awaited."""
    return Screen(t.screen(key, no=str(no)), rows(Button(t("button-cancel"), f"duty:open:{no}")))


def done(t: Translator, key: str, no: int, *, name: str = "", back: str = "duty:mine:0") -> Screen:
    """A short word that it is done."""
    return Screen(t.screen(key, no=str(no), name=name), rows(_next(t), menu_row(t, back)))


def notes(t: Translator, one: Sheet, names: dict[int, str], *, zone: ZoneInfo, today: date) -> Screen:
    lines = [
        t.html(
            "hotline-duty-notes.line",
            name=names.get(piece.author_id or 0, ""),
            date=t.moment(piece.at, zone, today=today),
            text=cut(piece.text, 200),
        )
        for piece in one.notes[-4:]
    ]
    return Screen(
        t.screen("hotline-duty-notes", no=str(one.no), lines=SafeHtml("\n".join(lines))),
        rows(Button(t("hotline-duty-notes.add"), f"duty:note:{one.no}"), menu_row(t, f"duty:open:{one.no}")),
    )


def give(t: Translator, no: int, people: Sequence[Colleague], number: int) -> Screen:
    """Who may take it: on duty first, then by theme and load."""
    back = f"duty:open:{no}"
    if not people:
        title = t("hotline-duty-give.title", no=str(no))
        return Screen(f"<b>{title}</b>\n\n{t('hotline-duty-give.none')}", rows(menu_row(t, back)))
    page = Page(people[number * PAGE :][:PAGE], number, len(people))
    lines = [
        t.html(
            "hotline-duty-give.line",
            i=str(i),
            name=one.name,
            duty=t("hotline-duty-give.on" if one.on_duty else "hotline-duty-give.off"),
            load=str(one.load),
        )
        for i, one in enumerate(page.things, page.first)
    ]
    return Screen(
        t.screen("hotline-duty-give", no=str(no), lines=SafeHtml("\n".join(lines))),
        rows(
            digits(page, lambda one: f"duty:give-to:{no}:{one.id}"),
            turns(t, page, lambda n: f"duty:give:{no}:{n}") or None,
            Button(t("button-cancel"), back),
        ),
    )


def reason(t: Translator, no: int, name: str) -> Screen:
    return Screen(
        t.screen("hotline-duty-reason", no=str(no), name=name), rows(Button(t("button-cancel"), f"duty:open:{no}"))
    )


def canned(t: Translator, no: int, pieces: Sequence[tuple[int, str]]) -> Screen:
    """Pieces of answers; the chosen one becomes the beginning of the answer."""
    title = t("hotline-duty-canned.title")
    back = menu_row(t, f"duty:open:{no}")
    if not pieces:
        return Screen(f"<b>{title}</b>\n\n{t('hotline-duty-canned.none')}", rows(back))
    shown = pieces[:PAGE]
    lines = [t.html("hotline-duty-canned.line", i=str(i), title=text) for i, (_, text) in enumerate(shown, 1)]
    return Screen(
        t.screen("hotline-duty-canned", lines=SafeHtml("\n".join(lines))),
        rows(digits(Page(shown, 0, len(shown)), lambda one: f"duty:use:{no}:{one[0]}"), back),
    )


def similar(t: Translator, no: int, offers: Sequence[Offer]) -> Screen:
    """Ready answers to what may be the same question."""
    title = t("hotline-duty-similar.title")
    back = menu_row(t, f"duty:open:{no}")
    if not offers:
        return Screen(f"<b>{title}</b>\n\n{t('hotline-duty-similar.none')}", rows(back))
    lines = [
        t.html("hotline-similar.line", i=str(i), question=cut(one.question, 120)) for i, one in enumerate(offers, 1)
    ]
    return Screen(
        t.screen("hotline-duty-similar", lines=SafeHtml("\n".join(lines))),
        rows(digits(Page(offers, 0, len(offers)), lambda one: f"duty:use-faq:{no}:{one.id}"), back),
    )


def empty(t: Translator) -> Screen:
    """Nothing to take."""
    return Screen(t.screen("hotline-duty-empty"), rows(Button(t("duty-home.mine"), "duty:mine:0"), menu_row(t, HOME)))


def ready(t: Translator, one: Preview) -> Screen:
    """What everybody would see."""
    return Screen(
        t.screen("hotline-duty-ready", question=cut(one.question, 200), answer=cut(one.answer, 450)),
        rows(Button(t("hotline-duty-ready.ask"), f"duty:ask-author:{one.id}", primary=True), menu_row(t, HOME)),
    )


def asked(t: Translator) -> Screen:
    return Screen(t.screen("hotline-duty-asked"), rows(_next(t), menu_row(t, HOME)))


def end(t: Translator, count: int) -> Screen:
    return Screen(
        t.screen("hotline-duty-end", n=str(count)),
        rows(
            Button(t("hotline-duty-end.give"), "duty:hand-over"), Button(t("hotline-duty-end.keep"), HOME), menu_row(t)
        ),
    )


def ended(t: Translator, count: int, name: str) -> Screen:
    return Screen(t.screen("hotline-duty-ended", n=str(count), name=name), rows(menu_row(t, HOME)))


def shifts(t: Translator, page: Page[Shift], *, zone: ZoneInfo, today: date) -> Screen:
    """The roster ahead."""
    title = t("hotline-shifts.title")
    if not page.total:
        return Screen(f"<b>{title}</b>\n\n{t('hotline-shifts.none')}", rows(menu_row(t, HOME)))
    return Screen(
        t.screen("hotline-shifts", lines=SafeHtml(_shift_lines(t, page, zone, today))),
        rows(
            turns(t, page, lambda n: f"duty:shifts:{n}") or None,
            Button(t("hotline-shifts.swap"), "duty:swap"),
            menu_row(t, HOME),
        ),
    )


def swap(t: Translator, page: Page[Shift], mine_id: int | None, *, zone: ZoneInfo, today: date) -> Screen:
    """First one's own slot, then the other's."""
    key = "hotline-swap-mine" if mine_id is None else "hotline-swap-theirs"
    back = menu_row(t, "duty:shifts:0")
    if not page.total:
        return Screen(f"<b>{t(f'{key}.title')}</b>\n\n{t(f'{key}.none')}", rows(back))
    start = "duty:swap-mine" if mine_id is None else f"duty:swap-with:{mine_id}"
    more = "duty:swap-page" if mine_id is None else f"duty:swap-more:{mine_id}"
    return Screen(
        t.screen(key, lines=SafeHtml(_shift_lines(t, page, zone, today))),
        rows(digits(page, lambda one: f"{start}:{one.id}"), turns(t, page, lambda n: f"{more}:{n}") or None, back),
    )


def swap_asked(t: Translator) -> Screen:
    return Screen(t.screen("hotline-swap-asked"), rows(menu_row(t, HOME)))


def swap_done(t: Translator, *, agreed: bool) -> Screen:
    title = t("hotline-swap-done.title" if agreed else "hotline-swap-done.title-no")
    body = t("hotline-swap-done" if agreed else "hotline-swap-done.no")
    return Screen(f"<b>{title}</b>\n\n{body}", rows(menu_row(t, HOME)))


def _shift_lines(t: Translator, page: Page[Shift], zone: ZoneInfo, today: date) -> str:
    made = []
    for i, one in enumerate(page.things, page.first):
        begin, finish = day_and_time(t, one.starts_at, zone, today), day_and_time(t, one.ends_at, zone, today)
        args = {"from": begin["time"], "to": finish["time"]}
        made.append(t.html("hotline-shifts.line", i=str(i), date=begin["date"], name=one.methodist, **args))
    return "\n".join(made)


def _title(t: Translator, one: Sheet, zone: ZoneInfo, today: date) -> str:
    if one.state in OPEN and one.due_at is not None:
        return t("hotline-duty-card.title", no=str(one.no), **_due(t, one, zone, today))
    return t("hotline-duty-card.title-done", no=str(one.no), state=state(t, one.state))


def _due(t: Translator, one: Sheet, zone: ZoneInfo, today: date) -> dict[str, str]:
    return day_and_time(t, one.due_at, zone, today) if one.due_at else {"date": "", "time": ""}


def _rest(t: Translator, one: Sheet) -> str:
    parts = []
    last = next((piece for piece in reversed(one.talk) if piece.whose is not Whose.asker), None)
    if last is not None:
        key = "clarified" if last.whose is Whose.clarify else "answered"
        parts.append(t(f"hotline-duty-card.{key}", text=cut(" ".join(last.text.split()), 120)))
    if one.files:
        parts.append(t("hotline-duty-card.files", n=str(len(one.files))))
    if one.notes:
        parts.append(t("hotline-duty-card.notes", n=str(len(one.notes))))
    if one.holder and one.state in OPEN:
        parts.append(t("hotline-duty-card.holder", name=one.holder))
    return "\n" + " ".join(parts) if parts else ""


def _read(t: Translator, one: Sheet) -> list[Button] | None:
    made = []
    if len(one.text) > SHOWN or len(one.talk) > 2:
        made.append(Button(t("hotline-duty-card.whole"), f"duty:whole:{one.no}"))
    if one.files:
        key = "hotline-duty-card.file" if len(one.files) == 1 else "hotline-duty-card.files-open"
        made.append(Button(t(key), f"duty:files:{one.no}"))
    return made or None


def _complex(t: Translator, one: Sheet) -> Button | None:
    return None if one.complex_one else Button(t("hotline-duty-mine.complex"), f"duty:complex:{one.no}")


def _next(t: Translator) -> Button:
    return Button(t("hotline-duty-sent.next"), "duty:next")
