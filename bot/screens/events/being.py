"""Being there and after: the word, the mark, what it was worth, the certificate."""

from __future__ import annotations

from bot.i18n import Translator
from bot.screens.events import wording
from bot.screens.events.wording import When
from bot.screens.menu import menu_row
from bot.services.events.reading import EventLine, QuizTerms
from bot.ui.screen import Attachment, Button, Screen, cut, rows


def code(t: Translator, event_id: int) -> Screen:
    """The word of the screen is awaited."""
    return Screen(
        t.screen("events-code"),
        rows(Button(t("events-code.unseen"), f"events:unseen:{event_id}"), Button(t("button-cancel"), "events:stop")),
    )


def unseen(t: Translator, event_id: int) -> Screen:
    """«Слова не видно»: other ways."""
    return Screen(
        t.screen("events-unseen"),
        rows(
            Button(t("events-code.again"), f"events:here:{event_id}", primary=True),
            Button(t("events-check.claim"), f"events:claim:{event_id}"),
            menu_row(t, f"events:card:{event_id}"),
        ),
    )


def here(t: Translator, title: str, *, doubtful: bool, certificate: bool) -> Screen:
    """Marked; a certificate is promised only where it will come."""
    key = "events-here-doubtful" if doubtful else "events-here-certificate" if certificate else "events-here"
    return Screen(t.screen(key, title=cut(title, 120)), rows(menu_row(t))).kept()


def claimed(t: Translator, title: str) -> Screen:
    """«Меня не отметили»: the organiser will look."""
    return Screen(t.screen("events-claimed", title=cut(title, 120)), rows(menu_row(t)))


def unmarked(t: Translator, line: EventLine, when: When, *, recording: bool, quiz: QuizTerms | None = None) -> Screen:
    """After: no mark yet."""
    return Screen(
        t.screen("events-check", title=cut(line.title, 120), date=wording.day(t, line, when)),
        rows(
            Button(t("events-quiz.open"), f"events:quiz:{line.id}") if quiz and when.now < quiz.until else None,
            Button(t("events-check.claim"), f"events:claim:{line.id}"),
            Button(t("events-check.video"), f"events:video:{line.id}") if recording else None,
            menu_row(t),
        ),
    )


def recording(t: Translator, line: EventLine, *, url: str) -> Screen:
    """The video, or that it will come."""
    key = "events-video" if url else "events-video-later"
    watch = Button(t("events-more.recording"), url=url) if url else None
    return Screen(t.screen(key, title=cut(line.title, 120)), rows(watch, menu_row(t)))


def grade(t: Translator, line: EventLine) -> Screen:
    return Screen(
        t.screen("events-grade", title=cut(line.title, 120)),
        rows(
            tuple(Button(str(n), f"events:grade:{line.id}:{n}") for n in range(1, 6)),
            Button(t("events-grade.not"), f"events:grade:{line.id}:0"),
        ),
    )


def grade_words(t: Translator) -> Screen:
    return Screen(t.screen("events-grade-words"), rows(Button(t("events-grade-words.skip"), "events:stop")))


def thanks(t: Translator) -> Screen:
    return Screen(t.screen("events-thanks"), rows(menu_row(t)))


def certificate(
    t: Translator,
    line: EventLine,
    *,
    number: str,
    hours: str,
    masked: str,
    materials: str = "",
    pdf: bytes | None = None,
    open_name: bool = False,
) -> Screen:
    """The certificate; the file comes when it is asked for. Whether a stranger sees her whole name is her choice."""
    text = t.screen(
        "events-cert-open" if open_name else "events-cert",
        no=number,
        title=cut(line.title, 120),
        date=f"{line.day():%d.%m.%Y}",
        hours=hours,
        masked=masked,
    )
    links = Button(t("events-more.materials"), url=materials) if materials else None
    get = Button(t("events-cert.pdf"), f"events:cert:{line.id}", primary=True) if pdf is None else None
    attachment = Attachment(f"sertifikat-{number}.pdf", pdf, "application/pdf") if pdf else None
    name = Button(
        t("events-cert.hide" if open_name else "events-cert.open"), f"events:name:{line.id}:{0 if open_name else 1}"
    )
    return Screen(text, rows(get, links, name, menu_row(t)), attachment=attachment).kept()
