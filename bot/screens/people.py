"""Registration (conversation.md §3.1–3.2): one step a screen, what was typed stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.i18n import SafeHtml, Translator
from bot.screens.menu import guest_rows, menu_row
from bot.services.consents import Document
from bot.services.places import Choice, Place
from bot.ui.pager import Page, digits, turns
from bot.ui.screen import Button, Row, Screen, cut, rows

FIRST_POSITIONS: tuple[tuple[str, str], ...] = (
    ("teacher", "teacher"),
    ("preschool", "preschool"),
    ("director", "director"),
    ("deputy", "deputy"),
    ("methodist_post", "methodist"),
    ("psychologist", "psychologist"),
    ("additional", "additional"),
)
"""Slug of the position → attribute of its short label."""

SUBJECTS_PAGE = 6
DOCUMENT_PAGE = 1400


def consent_data(t: Translator, *, years: int) -> Screen:
    text = t.screen("people-consent-data", years=years)
    return Screen(
        text,
        rows(
            Button(t("people-consent-data.read"), "consents:read:data:0"),
            Button(t("people-consent-data.agree"), "people:agree", primary=True),
            Button(t("button-not-now"), "people:refuse"),
        ),
    )


def consent_news(t: Translator) -> Screen:
    return Screen(
        t.screen("people-consent-news"),
        rows(
            Button(t("people-consent-data.agree"), "people:news:1", primary=True),
            Button(t("people-consent-news.without"), "people:news:0", primary=True),
        ),
    )


def refused(t: Translator) -> Screen:
    return Screen(t.screen("people-consent-refused"), guest_rows(t))


def document(t: Translator, document: Document, number: int, *, back: str) -> Screen:
    """The full text, cut at paragraphs."""
    pages = document_pages(document.text)
    number = max(0, min(number, len(pages) - 1))
    more = Button(t("people-document.more"), f"consents:read:{document.kind.value}:{number + 1}")
    text = t.screen("people-document", title=document.title, text=pages[number])
    return Screen(text, rows(more if number + 1 < len(pages) else None, Button(t("button-back"), back)))


def document_pages(text: str) -> list[str]:
    """Whole paragraphs, at most ``DOCUMENT_PAGE`` characters a page."""
    pages: list[str] = []
    for paragraph in text.split("\n\n"):
        if pages and len(pages[-1]) + len(paragraph) + 2 <= DOCUMENT_PAGE:
            pages[-1] += "\n\n" + paragraph
        else:
            pages.append(paragraph)
    return pages


def name(t: Translator, *, back: str = "") -> Screen:
    return Screen(t.screen("people-name"), rows(_out(t, back)))


def organisation(t: Translator, *, back: str) -> Screen:
    return Screen(
        t.screen("people-org"),
        rows(Button(t("people-org.district"), "people:district:0"), Button(t("button-back"), back)),
    )


def organisations(t: Translator, page: Page[Place], *, back: str) -> Screen:
    """What was found by the typed words."""
    text = t.screen("people-org-found", lines=_places(t, page.things))
    return Screen(
        text,
        rows(
            digits(page, lambda place: f"people:org:{place.id}"),
            turns(t, page, lambda number: f"people:orgs:{number}") or None,
            Button(t("people-org-found.absent"), "people:add"),
            Button(t("button-back"), back),
        ),
    )


def organisation_none(t: Translator, query: str) -> Screen:
    return Screen(
        t.screen("people-org-none", query=cut(query, 25)),
        rows(
            Button(t("people-org.district"), "people:district:0"),
            Button(t("people-org-none.add"), "people:add"),
            Button(t("button-back"), "people:step:org"),
        ),
    )


def districts(t: Translator, page: Page[Choice], *, adding: bool) -> Screen:
    lines = "\n".join(
        t.html("people-district.line", i=str(i), name=choice.title) for i, choice in enumerate(page.things, start=1)
    )
    text = t.screen("people-district", lines=SafeHtml(lines), page=str(page.number + 1), pages=str(page.pages))
    if adding:
        text = f"{t('people-org-add.where')}\n\n{text}"
    return Screen(
        text,
        rows(
            digits(page, lambda choice: f"people:in:{choice.key}:0"),
            turns(t, page, lambda number: f"people:district:{number}") or None,
            Button(t("button-back"), "people:step:org"),
        ),
    )


def district_organisations(t: Translator, municipality: Choice, page: Page[Place]) -> Screen:
    absent = Button(t("people-org-found.absent"), f"people:add:{municipality.key}")
    back = Button(t("button-back"), "people:district:0")
    if not page.total:
        return Screen(t.screen("people-district-empty", municipality=municipality.title), rows(absent, back))
    text = t.screen(
        "people-district-org",
        lines=_places(t, page.things),
        municipality=cut(municipality.title, 40),
        page=str(page.number + 1),
        pages=str(page.pages),
    )
    return Screen(
        text,
        rows(
            digits(page, lambda place: f"people:org:{place.id}"),
            turns(t, page, lambda number: f"people:in:{municipality.key}:{number}") or None,
            absent,
            back,
        ),
    )


def organisation_add(t: Translator) -> Screen:
    return Screen(t.screen("people-org-add"), rows(Button(t("button-back"), "people:step:org")))


def position(t: Translator, *, back: str) -> Screen:
    made = [Button(t(f"people-position.{label}"), f"people:position:{slug}") for slug, label in FIRST_POSITIONS]
    other = Button(t("people-position.other"), "people:position:other")
    return Screen(
        t.screen("people-position"),
        rows(made[0:2], made[2:4], made[4:6], made[6], other, Button(t("button-back"), back)),
    )


def position_other(t: Translator) -> Screen:
    return Screen(t.screen("people-position-other"), rows(Button(t("button-back"), "people:step:position")))


def subject(t: Translator, choices: Sequence[Choice], chosen: Sequence[str], number: int, *, back: str) -> Screen:
    """Several subjects, «✓» before a chosen one."""
    page = Page(choices[number * SUBJECTS_PAGE :][:SUBJECTS_PAGE], number, len(choices), size=SUBJECTS_PAGE)
    made = [
        Button(("✓ " if choice.key in chosen else "") + _short(t, choice), f"people:subject:{choice.key}:{number}")
        for choice in page.things
    ]
    lines = [tuple(pair) for pair in _pairs(made)]
    titles = [choice.title for choice in choices if choice.key in chosen]
    text = t.screen("people-subject")
    if titles:
        text += "\n\n" + t.html("people-subject.chosen", chosen=", ".join(titles))
    next_page = (number + 1) % page.pages
    more: list[Button] = [Button(t("button-more"), f"people:subjects:{next_page}")] if page.pages > 1 else []
    done = Button(t("button-next"), "people:subjects-done", primary=bool(chosen))
    return Screen(text, rows(*lines, [*more, done], Button(t("button-back"), back)))


def years(t: Translator, *, back: str) -> Screen:
    return Screen(t.screen("people-years"), rows(Button(t("button-back"), back)))


def check(t: Translator, draft: Mapping[str, Any]) -> Screen:
    work = ", ".join([draft["position_name"], *draft.get("subject_names", [])])
    text = t.screen(
        "people-check",
        fio=" ".join(draft["name"]).strip(),
        org=draft["org_name"],
        work=work,
        birth=str(draft["birth"]),
        since=str(draft["since"]),
    )
    return Screen(
        text,
        rows(
            Button(t("people-check.right"), "people:register", primary=True),
            Button(t("people-check.fix"), "people:fix"),
            Button(t("button-back"), "people:step:years"),
        ),
    )


def fix(t: Translator, *, with_subjects: bool) -> Screen:
    """Which step to correct; afterwards the check comes again."""
    subjects = [Button(t("people-fix.subject"), "people:redo:subject")] if with_subjects else []
    return Screen(
        t.screen("people-fix"),
        rows(
            [Button(t("people-fix.name"), "people:redo:name"), Button(t("people-fix.org"), "people:redo:org")],
            [Button(t("people-fix.position"), "people:redo:position"), *subjects],
            Button(t("people-fix.years"), "people:redo:years"),
            Button(t("button-back"), "people:step:check"),
        ),
    )


def done(t: Translator, *, name: str, questions: int, minutes: int) -> Screen:
    text = t.screen("people-done", name=name, n=questions, min=minutes)
    begin = Button(t("people-done.begin"), "diagnostics:begin", primary=True)
    return Screen(text, rows(begin, menu_row(t))).kept()


def cancelled(t: Translator) -> Screen:
    return Screen(t("people-cancelled"), guest_rows(t))


def _out(t: Translator, back: str) -> Row:
    return (Button(t("button-back"), back),) if back else (Button(t("button-cancel"), "people:cancel"),)


def _places(t: Translator, places: Sequence[Place]) -> SafeHtml:
    return SafeHtml(
        "\n".join(
            t.html("people-org-found.line", i=str(i), name=place.name, municipality=place.municipality)
            for i, place in enumerate(places, start=1)
        )
    )


def _short(t: Translator, subject: Choice) -> str:
    """The label of a subject: its own short word, else its title."""
    key = f"people-subject.{subject.key}"
    return t(key) if t.has(key) else cut(subject.title, 34)


def _pairs(buttons: Sequence[Button]) -> list[list[Button]]:
    """Two in a row while both labels are short, else one."""
    lines: list[list[Button]] = []
    for button in buttons:
        if lines and len(lines[-1]) == 1 and len(lines[-1][0].label) <= 18 and len(button.label) <= 18:
            lines[-1].append(button)
        else:
            lines.append([button])
    return lines
