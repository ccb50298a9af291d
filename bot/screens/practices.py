"""The bank of practices for those who tell, read and try them (conversation.md §3.15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import SafeHtml, Translator
from bot.models.practices import FileDoubt, PracticeState
from bot.rules.practices import FIELDS, Field
from bot.screens.menu import menu_row
from bot.services.practices.base import Attached, Face, Notice
from bot.services.practices.looking import AuthorPaper, Card, Line, Shelf
from bot.services.practices.writing import Mine, Told
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Attachment, Button, Screen, cut, rows

HOME = "practices:home"
TITLE = 58


def home(t: Translator, *, drafted: bool, reviews: int, desk: bool, known: bool) -> Screen:
    """Tell one, read others; what waits for an expert or for the centre."""
    new = Button(t("practices-home.draft" if drafted else "practices-home.new"), "practices:new", primary=True)
    return Screen(
        t.screen("practices-home"),
        rows(
            new if known else None,
            Button(t("practices-home.all"), "practices:list:0"),
            Button(t("practices-home.mine"), "practices:mine:0") if known else None,
            Button(t("practices-home.reviews", n=str(reviews)), "practices:reviews") if reviews else None,
            Button(t("practices-home.desk"), "practices:desk:0") if desk else None,
            menu_row(t, "navigator:home"),
        ),
    )


def new(t: Translator) -> Screen:
    """What it takes, before it begins."""
    go = Button(t("practices-new.go"), "practices:begin", primary=True)
    return Screen(t.screen("practices-new"), rows(go, menu_row(t, HOME)))


def step(t: Translator, told: Told, field: Field, *, subjects: Sequence[tuple[str, str]] = ()) -> Screen:
    """One of the six steps; what stands there already is shown."""
    i = FIELDS.index(field)
    title = t.html("practices-step.title", i=str(i + 1), field=t(f"practices-field.{field.value}"))
    parts = [t("practices-step", hint=t(f"practices-hint.{field.value}"))]
    value = told.value(field)
    if field is Field.files and value:
        parts.append(t.html("practices-step.more", names=cut(value, 300)))
    elif value:
        parts.append(t.html("practices-step.now", text=cut(_flat(value), 300)))
    own = [
        Button(cut(title, 20), f"practices:subject:{told.id}:{slug}")
        for slug, title in (subjects if field is Field.place and not told.subject else ())
    ]
    after = (
        f"practices:step:{told.id}:{FIELDS[i + 1].value}" if field is not Field.files else f"practices:check:{told.id}"
    )
    label = t("practices-step.done") if field is Field.files else t("button-next" if value else "practices-step.skip")
    back = f"practices:step:{told.id}:{FIELDS[i - 1].value}" if i else HOME
    return Screen(
        f"<b>{title}</b>\n\n" + "\n\n".join(parts),
        rows(
            own or None,
            Button(label, after, primary=field is Field.files),
            [Button(t("button-back"), back), Button(t("practices-step.pause"), "practices:pause")],
        ),
    )


def pupils(t: Translator, practice_id: int, file: Attached) -> Screen:
    """A file that may show pupils: the author decides."""
    at = f"{practice_id}:{file.id}"
    return Screen(
        t.screen("practices-pupils", name=cut(file.name, 60)),
        rows(
            Button(t("practices-pupils.replace"), f"practices:replace:{at}"),
            Button(t("practices-pupils.agree"), f"practices:file-ok:{at}"),
            Button(t("practices-pupils.drop"), f"practices:file-drop:{at}"),
            menu_row(t, f"practices:step:{practice_id}:files"),
        ),
    )


def check(t: Translator, told: Told) -> Screen:
    """Everything before it is sent: what is missing, what looks like somebody's data."""
    lines = [
        t.html(
            "practices-check.line", field=t(f"practices-field.{field.value}"),
            text=cut(_flat(told.value(field)), 90) or t("practices-check.empty"),
        )
        for field in FIELDS
    ]  # fmt: skip
    parts = ["\n".join(lines)]
    number = told.id
    edit = Button(t("practices-check.edit"), f"practices:edit:{number}")
    if told.missing:
        names = ", ".join(t(f"practices-field.{field.value}").lower() for field in told.missing)
        parts.append(t.html("practices-check.missing", fields=names))
        fill = Button(t("practices-check.fill"), f"practices:step:{number}:{told.missing[0].value}", primary=True)
        buttons: list[Button | list[Button] | None] = [fill, edit]
    elif told.found:
        parts.append(t.html("practices-check.found", found=cut("; ".join(told.found), 200)))
        buttons = [
            Button(t("practices-check.clean"), f"practices:clean:{number}", primary=True),
            Button(t("practices-check.agree"), f"practices:words-ok:{number}"),
            edit,
        ]
    else:
        buttons = [Button(t("practices-check.next"), f"practices:consent:{number}", primary=True), edit]
    title = t("practices-check.title")
    body = t.html("practices-check", lines=SafeHtml("\n\n".join(parts)))
    return Screen(f"<b>{title}</b>\n\n{body}", rows(*buttons, menu_row(t, HOME)))


def edit(t: Translator, practice_id: int) -> Screen:
    """Any step again."""
    lines = "\n".join(
        t.html("practices-edit.line", i=str(i), field=t(f"practices-field.{field.value}"))
        for i, field in enumerate(FIELDS, start=1)
    )
    steps = [Button(str(i), f"practices:step:{practice_id}:{field.value}") for i, field in enumerate(FIELDS, start=1)]
    text = f"<b>{t('practices-edit.title')}</b>\n\n{t('practices-edit')}\n\n{lines}"
    return Screen(text, rows(steps[:3], steps[3:], menu_row(t, f"practices:check:{practice_id}")))


def consent(t: Translator, practice_id: int) -> Screen:
    """With a name, without one, or not at all: refusal is one press."""
    return Screen(
        t.screen("practices-consent"),
        rows(
            [
                Button(t("practices-consent.named"), f"practices:send:{practice_id}:named"),
                Button(t("practices-consent.bare"), f"practices:send:{practice_id}:bare"),
            ],
            Button(t("practices-consent.read"), "consents:read:publish:0"),
            Button(t("practices-consent.no"), f"practices:keep:{practice_id}"),
            menu_row(t, f"practices:check:{practice_id}"),
        ),
    )


def sent(t: Translator, told: Told, *, until: date, today: date) -> Screen:
    """The receipt."""
    text = t.screen("practices-sent", title=cut(told.title, 120), date=t.day(until, today=today))
    take = Button(t("practices-sent.take"), f"practices:take:{told.id}")
    return Screen(text, rows([take, Button(t("button-menu"), "menu:home")])).kept()


def kept(t: Translator, practice_id: int) -> Screen:
    """«Не публиковать»: a draft for herself."""
    again = Button(t("practices-home.draft"), f"practices:check:{practice_id}")
    return Screen(t.screen("practices-kept"), rows(again, menu_row(t, HOME)))


def mine(t: Translator, page: Page[Mine]) -> Screen:
    """«Мои практики»."""
    if not page.things:
        new = Button(t("practices-home.new"), "practices:new", primary=True)
        return Screen(t.screen("practices-mine-none"), rows(new, menu_row(t, HOME)))
    lines = "\n".join(
        t.html(
            "practices-mine.line", i=str(i), title=cut(one.title, 70) or t("practices-mine.untitled"),
            state=t(f"practices-state.{one.state.value}"),
        )
        for i, one in enumerate(page.things, start=1)
    )  # fmt: skip
    key = "practices-mine.title" if page.pages == 1 else "practices-mine.title-pages"
    title = t.html(key, page=str(page.number + 1), pages=str(page.pages))
    return Screen(
        f"<b>{title}</b>\n\n{t.html('practices-mine', lines=SafeHtml(lines))}",
        rows(
            digits(page, lambda one: f"practices:own:{one.id}"),
            turns(t, page, lambda number: f"practices:mine:{number}") or None,
            menu_row(t, HOME),
        ),
    )


def own(t: Translator, told: Told) -> Screen:
    """One of her own: where it is, what may be done."""
    number, state = told.id, told.state
    lines = [t.html("practices-own.state", state=t(f"practices-state.{state.value}"))]
    if told.comment and state is PracticeState.returned:
        lines.append(t.html("practices-own.comment", text=cut(told.comment, 500)))
    buttons: list[Button | list[Button] | None] = []
    if state in (PracticeState.draft, PracticeState.returned):
        go = Button(t("practices-own.go-on"), f"practices:check:{number}", primary=True)
        buttons = [go, Button(t("practices-own.take"), f"practices:take:{number}")]
    elif state is PracticeState.review:
        buttons = [Button(t("practices-own.take"), f"practices:take:{number}")]
    elif state is PracticeState.withdrawn:
        buttons = [Button(t("practices-own.put-back"), f"practices:put-back:{number}")]
    else:
        lines.append(t("practices-own.applied", n=told.applied))
        lines.append(t("practices-own.named" if told.named else "practices-own.bare"))
        other = ("practices-own.without-name", "bare") if told.named else ("practices-own.with-name", "named")
        buttons = [
            Button(t("practices-own.open"), f"practices:card:{number}"),
            Button(t("practices-own.certificate"), f"practices:cert:{number}"),
            [
                Button(t(other[0]), f"practices:rename:{number}:{other[1]}"),
                Button(t("practices-own.take"), f"practices:take:{number}"),
            ],
        ]
    title = t.html("practices-own.title", title=cut(told.title, TITLE) or t("practices-mine.untitled"))
    body = t.html("practices-own", lines=SafeHtml("\n".join(lines)))
    return Screen(f"<b>{title}</b>\n\n{body}", rows(*buttons, menu_row(t, "practices:mine:0")))


def take(t: Translator, told: Told) -> Screen:
    """What follows from taking it back; the safe one last."""
    text = f"<b>{t('practices-take.title')}</b>\n\n{t('practices-take', state=told.state.value)}"
    return Screen(
        text,
        rows(
            Button(t("practices-take.do"), f"practices:taken:{told.id}"),
            Button(t("practices-take.keep"), f"practices:own:{told.id}"),
        ),
    )


def taken(t: Translator, practice_id: int, before: PracticeState) -> Screen:
    """Done; back in one press unless it was a draft."""
    if before is PracticeState.draft:
        return Screen(t.screen("practices-deleted"), rows(menu_row(t, HOME)))
    undo = Button(t("button-undo"), f"practices:put-back:{practice_id}")
    return Screen(t.screen("practices-taken"), rows(undo, menu_row(t, HOME)))


# --- pushed ------------------------------------------------------------------------------------------


def returned(t: Translator, n: Notice) -> Screen:
    text = t.screen("practices-returned", title=cut(n.title, 120), comment=cut(n.text, 600))
    return Screen(
        text,
        rows(
            Button(t("practices-returned.go"), f"practices:check:{n.practice_id}"),
            Button(t("practices-returned.later"), "practices:later"),
            Button(t("practices-sent.take"), f"practices:take:{n.practice_id}"),
        ),
    ).kept()


def published(t: Translator, n: Notice) -> Screen:
    text = t.screen("practices-published", title=cut(n.title, 120), number=n.number)
    number = n.practice_id
    return Screen(
        text,
        rows(
            Button(t("practices-own.certificate"), f"practices:cert:{number}"),
            [
                Button(t("practices-own.open"), f"practices:card:{number}"),
                Button(t("practices-card.share"), f"navigator:share:practice:{number}"),
            ],
            Button(t("button-menu"), "menu:home"),
        ),
    ).kept()


def used_told(t: Translator, n: Notice) -> Screen:
    """A colleague tried it."""
    practice = t.html("practices-used-told.practice", title=cut(n.title, 120))
    said = t.html("practices-used-told", name=n.name or "none", text=cut(n.text, 400))
    text = f"<b>{t('practices-used-told.title')}</b>\n\n{practice} {said}"
    return Screen(text, rows(Button(t("practices-own.open"), f"practices:card:{n.practice_id}"), menu_row(t))).kept()


def down(t: Translator, n: Notice) -> Screen:
    """The centre took it down, and why."""
    text = t.screen("practices-down", title=cut(n.title, 120), text=cut(n.text, 300))
    return Screen(text, rows(menu_row(t, f"practices:own:{n.practice_id}"))).kept()


# --- reading -------------------------------------------------------------------------------------------


def shelf(t: Translator, page: Shelf) -> Screen:
    """The bank, newest first."""
    if not page.lines:
        return Screen(t.screen("practices-list-none"), rows(menu_row(t, HOME)))
    here: Page[Line] = Page(page.lines, page.number, page.total, size=page.size)
    lines = "\n".join(
        t.html("practices-list.line", i=str(i), title=cut(one.title, 80), applied=t("practices-applied", n=one.applied))
        for i, one in enumerate(page.lines, start=1)
    )
    key = "practices-list.title" if here.pages == 1 else "practices-list.title-pages"
    title = t.html(key, page=str(page.number + 1), pages=str(here.pages))
    return Screen(
        f"<b>{title}</b>\n\n{t.html('practices-list', lines=SafeHtml(lines))}",
        rows(
            digits(here, lambda one: f"practices:card:{one.id}"),
            turns(t, here, lambda number: f"practices:list:{number}") or None,
            menu_row(t, HOME),
        ),
    )


CUT = {"problem": 110, "actions": 230, "outcome": 120}


def card(t: Translator, one: Card, *, known: bool, whole: bool = False, toast: str = "") -> Screen:
    """A practice for its reader; long ones go on with «Читать дальше»."""
    number = one.id
    parts, shorter = [], False
    for field in ("problem", "actions", "outcome"):
        text = getattr(one, field)
        shown = text if whole else cut(text, CUT[field])
        shorter = shorter or shown != text
        if shown:
            parts.append(t.html(f"practices-card.{field}", text=shown))
    about = []
    if one.subject and one.grades:
        about.append(t.html("practices-card.place", subject=one.subject, grades=one.grades))
    elif one.subject or one.grades:
        about.append(one.subject or one.grades)
    about.append(t.html("practices-card.author", author=cut(face(t, one.author), 110)))
    if not one.reviewed:
        about.append(t("practices-card.unreviewed"))
    about.append(t("practices-applied", n=one.applied))
    parts.append(" ".join(f"{piece}" if piece.endswith(".") else f"{piece}." for piece in about))
    if whole:
        parts += [
            t.html("practices-card.said-by", name=said.name, text=cut(said.text, 300))
            if said.name
            else t.html("practices-card.said", text=cut(said.text, 300))
            for said in one.uses
        ]
    if one.link and one.link_broken:
        parts.append(t("practices-card.broken"))
    if one.is_demo:
        parts.append(t("practices-card.demo"))
    title = t.html("practices-card.title", title=cut(one.title, TITLE))
    body = t.html("practices-card", lines=SafeHtml("\n\n".join(parts)))
    kept = ("practices-card.unsave", "unsave") if one.saved else ("practices-card.save", "save")
    share = Button(t("practices-card.share"), f"navigator:share:practice:{number}")
    return Screen(
        f"<b>{title}</b>\n\n{body}",
        rows(
            Button(t("practices-card.read-on"), f"practices:whole:{number}") if shorter else None,
            Button(t("practices-card.files"), f"practices:files:{number}") if one.files else None,
            Button(t("practices-card.link"), url=one.link) if one.link and not one.link_broken else None,
            [Button(t(kept[0]), f"navigator:{kept[1]}:practice:{number}"), share] if known else share,
            Button(t("practices-card.use"), f"practices:use:{number}") if known and not one.own else None,
            menu_row(t, "navigator:home"),
        ),
        toast=toast,
    )


def face(t: Translator, author: Face | None) -> str:
    """The author as everybody may see her."""
    if author is None:
        return t("practices-card.nameless")
    return f"{author.name}, {author.place}" if author.place else author.name


def files(t: Translator, one: Card) -> Screen:
    """Files by number."""
    return file_list(t, one.files, f"practices:file:{one.id}", back=f"practices:card:{one.id}")


def file_list(t: Translator, attached: Sequence[Attached], action: str, *, back: str) -> Screen:
    """Files of a practice, for readers and for experts."""
    lines = "\n".join(
        t.html("practices-files.line", i=str(i), name=cut(one.name, 80), size=_size(t, one.size))
        for i, one in enumerate(attached, start=1)
    )
    here = Page(attached, 0, len(attached))
    text = f"<b>{t('practices-files.title')}</b>\n\n{t.html('practices-files', lines=SafeHtml(lines))}"
    return Screen(text, rows(digits(here, lambda one: f"{action}:{one.id}"), menu_row(t, back)))


def file(t: Translator, title: str, attachment: Attachment, *, back: str) -> Screen:
    """One file, as a message that stays."""
    text = f"<b>{t.html('practices-files.sent', title=cut(title, 40))}</b>"
    return Screen(text, rows(menu_row(t, back)), attachment=attachment).kept()


def use(t: Translator, practice_id: int) -> Screen:
    """A few words are awaited."""
    return Screen(t.screen("practices-use"), rows(Button(t("button-cancel"), f"practices:card:{practice_id}")))


def sign(t: Translator, practice_id: int, text: str) -> Screen:
    """How the words are signed."""
    return Screen(
        t.screen("practices-use-sign", text=cut(_flat(text), 400)),
        rows(
            [
                Button(t("practices-consent.named"), f"practices:used:{practice_id}:named"),
                Button(t("practices-consent.bare"), f"practices:used:{practice_id}:bare"),
            ],
            Button(t("button-cancel"), f"practices:card:{practice_id}"),
        ),
    )


def used(t: Translator, practice_id: int, count: int) -> Screen:
    text = t.screen("practices-used") + "\n\n" + t("practices-applied", n=count)
    return Screen(text, rows(menu_row(t, f"practices:card:{practice_id}"))).kept()


def certificate(t: Translator, paper: AuthorPaper, pdf: bytes | None, *, practice_id: int) -> Screen:
    """The author's certificate as a file."""
    text = t.screen("practices-certificate", title=cut(paper.title, 120), number=paper.number)
    attachment = Attachment(t("practices-certificate.file"), pdf, "application/pdf") if pdf else None
    return Screen(text, rows(menu_row(t, f"practices:own:{practice_id}")), attachment=attachment).kept()


def asked_about(told: Told) -> Attached | None:
    """The first file the author has to decide about."""
    return next((one for one in told.files if one.doubt is FileDoubt.asked), None)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _size(t: Translator, count: int) -> str:
    if count < 2**20:
        return t("practices-files.kb", n=str(max(1, round(count / 1024))))
    return t("practices-files.mb", n=f"{count / 2**20:.1f}".replace(".", ","))
