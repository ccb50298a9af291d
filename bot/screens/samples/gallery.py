"""A gallery of every screen with invented people, as things usually are and at their longest.

``tests/test_screens.py`` holds each against the limits of a screen; a new screen gets its line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.i18n import Translator
from bot.models import (
    ConsentKind,
    Messenger,
    PersonState,
    Role,
    ScopeKind,
)
from bot.screens import errors, info, menu, people, profile, return_phrase
from bot.screens.samples.broadcasts import broadcast_screens
from bot.screens.samples.catalogue import catalogue_screens
from bot.screens.samples.diagnostics import diagnosis
from bot.screens.samples.event_teams import team_screens
from bot.screens.samples.events import event_screens
from bot.screens.samples.forms import form_screens
from bot.screens.samples.hotline import hotline_screens
from bot.screens.samples.indicators import indicator_screens
from bot.screens.samples.invented import (
    BIG,
    CENTRE,
    DISTRICTS,
    FULL_NAME,
    LAST_YEAR,
    LONG_DISTRICT,
    LONG_FULL_NAME,
    LONG_NAME,
    LONG_SCHOOL,
    NOW,
    PLACES,
    SCHOOL,
    SHORT_NAME,
    SUBJECTS,
    TODAY,
    ZONE,
    Sample,
)
from bot.screens.samples.iom import iom_screens
from bot.screens.samples.mentoring import mentoring_screens
from bot.screens.samples.practices import practice_screens
from bot.screens.samples.programmes import programme_screens
from bot.screens.samples.registers import register_screens
from bot.screens.samples.roadmap import roadmap_screens
from bot.screens.samples.tutorials import tutorial_screens
from bot.screens.samples.wellbeing import wellbeing_screens
from bot.screens.samples.wishes import wish_screens
from bot.services.access import Grant, Scope
from bot.services.consents import Document, Given
from bot.services.identities import Caller
from bot.services.invitations import Offer
from bot.services.linking import Linked
from bot.services.menu import NextStep
from bot.services.people import Profile
from bot.services.places import Place
from bot.services.privacy import Look, Stored
from bot.ui.pager import Page


def gallery(t: Translator) -> list[Sample]:
    """Every screen at least once."""
    made = [*_first(t), *_registration(t), *_profile(t), *_chats(t), *_roles(t), *diagnosis(t)]
    made += [*catalogue_screens(t), *broadcast_screens(t), *event_screens(t), *team_screens(t), *iom_screens(t)]
    made += [*roadmap_screens(t), *hotline_screens(t), *register_screens(t), *wellbeing_screens(t)]
    made += [*practice_screens(t), *mentoring_screens(t), *programme_screens(t), *tutorial_screens(t)]
    made += [*form_screens(t), *wish_screens(t), *indicator_screens(t)]
    return [*made, *_info(t), *_errors(t)]


GUEST = Caller(Messenger.telegram, 1, 1)


def _caller(name: str, *roles: Role) -> Caller:
    scope = Scope(1, tuple(Grant(role, ScopeKind.region) for role in roles))
    return Caller(Messenger.telegram, 1, 1, 1, 1, "ru", name, name, PersonState.active, scope)


def _profile_of(*, long: bool = False, leaves: bool = False) -> Profile:
    return Profile(
        id=1,
        full_name=LONG_FULL_NAME if long else FULL_NAME,
        short_name=LONG_NAME if long else SHORT_NAME,
        organisation=LONG_SCHOOL if long else SCHOOL,
        municipality=LONG_DISTRICT if long else "Рославльский округ",
        position="Заместитель директора по учебно-воспитательной работе" if long else "Учитель",
        subjects=tuple(choice.title for choice in (SUBJECTS[:4] if long else SUBJECTS[2:3])),
        birth_year=1968,
        since_year=1990,
        state=PersonState.active,
        confirmed=not long,
        window="",
        delete_after=NOW + timedelta(days=30) if leaves else None,
    )


# --- first contact ---------------------------------------------------------------------------------


def _first(t: Translator) -> Iterator[Sample]:
    contact = {"phone": "+7 (4812) 00-00-00", "hours": "рабочие дни, 9:00–18:00"}
    step = NextStep("diagnostics-next-continue", "button-continue", "diagnostics:resume", {"left": 22})
    yield Sample("menu.start", menu.start(t, centre=CENTRE))
    yield Sample("menu.look_around", menu.look_around(t))
    yield Sample("menu.main_menu", menu.main_menu(t, _caller(SHORT_NAME), step))
    yield Sample("menu.main_menu empty", menu.main_menu(t, _caller(LONG_NAME), None))
    for role in Role:
        yield Sample(f"menu.main_menu {role.value}", menu.main_menu(t, _caller(LONG_NAME, role), step))
    yield Sample("menu.main_menu every role", menu.main_menu(t, _caller(LONG_NAME, *Role), step))
    yield Sample("menu.help_screen", menu.help_screen(t, contact))
    yield Sample("menu.help_screen bare", menu.help_screen(t, {"phone": "", "hours": ""}))
    yield Sample("menu.how_it_works", menu.how_it_works(t))
    for section in ("events", "hotline", "mentoring", "wellbeing", "duty", "roadmap", "indicators", "else"):
        yield Sample(f"menu.soon {section}", menu.soon(t, section))


# --- registration ----------------------------------------------------------------------------------


def _registration(t: Translator) -> Iterator[Sample]:
    step = "people:step:name"
    yield Sample("people.consent_data", people.consent_data(t, years=5))
    yield Sample("people.consent_data 1", people.consent_data(t, years=1))
    yield Sample("people.consent_news", people.consent_news(t))
    yield Sample("people.refused", people.refused(t))
    text = "\n\n".join(
        f"{number}. " + "Центр хранит сведения в России и никому их не передаёт. " * 8 for number in "123456"
    )
    long = Document(1, ConsentKind.data, 1, "Согласие на обработку персональных данных", text)
    for number in range(len(people.document_pages(text))):
        yield Sample(f"people.document {number}", people.document(t, long, number, back="people:begin"))
    yield Sample("people.name", people.name(t))
    yield Sample("people.name fix", people.name(t, back=step))
    yield Sample("people.organisation", people.organisation(t, back=step))
    for number, name in ((0, "first"), (1, "middle"), (2, "last")):
        found = Page(PLACES, number, 15)
        yield Sample(f"people.organisations {name}", people.organisations(t, found, back=step))
        inside = people.district_organisations(t, DISTRICTS[2], found)
        yield Sample(f"people.district_organisations {name}", inside)
        yield Sample(f"people.districts {name}", people.districts(t, Page(DISTRICTS, number, 15), adding=number == 1))
    yield Sample("people.organisations one", people.organisations(t, Page(PLACES[:1], 0, 1), back=step))
    yield Sample("people.organisation_none", people.organisation_none(t, "гимназия номер <сорок четыре> города Вязьмы"))
    empty: Page[Place] = Page((), 0, 0)
    yield Sample("people.district_organisations none", people.district_organisations(t, DISTRICTS[2], empty))
    yield Sample("people.organisation_add", people.organisation_add(t))
    yield Sample("people.position", people.position(t, back=step))
    yield Sample("people.position_other", people.position_other(t))
    yield Sample("people.subject", people.subject(t, SUBJECTS, (), 0, back=step))
    chosen = [choice.key for choice in SUBJECTS]
    yield Sample("people.subject all chosen", people.subject(t, SUBJECTS, chosen, 0, back=step))
    yield Sample("people.subject last page", people.subject(t, SUBJECTS, chosen[:1], 1, back=step))
    yield Sample("people.subject one page", people.subject(t, SUBJECTS[:2], (), 0, back=step))
    yield Sample("people.years", people.years(t, back=step))
    draft: dict[str, Any] = {"name": ["Смирнова", "Мария", "Петровна"], "org_name": SCHOOL, "position_name": "Учитель"}
    draft |= {"subject_names": ["Математика"], "birth": 1968, "since": 1990}
    yield Sample("people.check", people.check(t, draft))
    draft |= {"name": LONG_FULL_NAME.split(" "), "org_name": LONG_SCHOOL}
    draft |= {"subject_names": [choice.title for choice in SUBJECTS]}
    yield Sample("people.check long", people.check(t, draft))
    yield Sample("people.fix", people.fix(t, with_subjects=True))
    yield Sample("people.fix no subjects", people.fix(t, with_subjects=False))
    yield Sample("people.done", people.done(t, name=LONG_NAME, questions=30, minutes=7))
    yield Sample("people.cancelled", people.cancelled(t))
    for key in ("people-name-wrong", "error-needs-text"):
        yield Sample(f"people.name above {key}", people.name(t).above(t(key)))
    yield Sample("people.subject unknown", people.subject(t, SUBJECTS, (), 0, back=step).above(
        t.html("people-subject-unknown", text="<b>Астрономия и звёздное небо над нами")
    ))  # fmt: skip
    yield Sample(
        "people.years wrong", people.years(t, back=step).above(t.html("people-years-wrong", text="<b>2068 90"))
    )


# --- profile ---------------------------------------------------------------------------------------


def _profile(t: Translator) -> Iterator[Sample]:
    yield Sample("profile.home", profile.home(t, _profile_of(), zone=ZONE, today=TODAY))
    yield Sample("profile.home long", profile.home(t, _profile_of(long=True), zone=ZONE, today=TODAY, forms=12))
    yield Sample("profile.home leaving", profile.home(t, _profile_of(leaves=True), zone=ZONE, today=TODAY))
    yield Sample("profile.change", profile.change(t))
    yield Sample("profile.data", profile.data(t, Stored(12, 6, 21, 3)))
    looks = [
        Look(NOW - timedelta(days=number * 90), LONG_NAME if number else "", role.value if number else "", what)
        for number, (role, what) in enumerate(
            ((Role.methodist, "results"), (Role.tech_admin, "answers"), (Role.municipal_coordinator, "results"))
        )
    ]
    yield Sample("profile.viewed", profile.viewed(t, Page(looks, 1, 15), zone=ZONE, today=TODAY))
    nobody: Page[Look] = Page((), 0, 0)
    yield Sample("profile.viewed none", profile.viewed(t, nobody, zone=ZONE, today=TODAY))
    yield Sample("profile.reported", profile.reported(t, BIG, NOW, zone=ZONE, today=TODAY))
    for kind in ("look", "chat"):
        notice = profile.privacy_notice(t, kind, BIG, NOW, zone=ZONE)
        yield Sample(f"profile.privacy_notice {kind}", notice, pushed=True)
    for first in (True, False):
        file = profile.files(t, content=b"{}", name="moi-dannye.json", media_type="application/json", first=first)
        yield Sample(f"profile.files {first}", file, pushed=first)
    given = [
        Given(number, kind, "Согласие на обработку персональных данных", 2, LAST_YEAR)
        for number, kind in enumerate(ConsentKind)
    ]
    yield Sample("profile.consents", profile.consents(t, given[:2], zone=ZONE, today=TODAY))
    yield Sample("profile.consents every kind", profile.consents(t, given, zone=ZONE, today=TODAY))
    yield Sample("profile.consents none", profile.consents(t, (), zone=ZONE, today=TODAY))
    for kind in ConsentKind:
        yield Sample(f"profile.withdraw {kind.value}", profile.withdraw(t, kind))
        yield Sample(f"profile.withdrawn {kind.value}", profile.withdrawn(t, kind))
    yield Sample("profile.delete", profile.delete(t, NOW + timedelta(days=60), zone=ZONE, today=TODAY))
    yield Sample("profile.deleting", profile.deleting(t, NOW + timedelta(days=60), zone=ZONE, today=TODAY))
    yield Sample("profile.kept", profile.kept(t))
    yield Sample("profile.deleted", profile.deleted(t, BIG, TODAY), pushed=True)
    for window in ("", *(value for _, value in profile.WINDOWS)):
        yield Sample(f"profile.when {window or 'usual'}", profile.when(t, window))


def _chats(t: Translator) -> Iterator[Sample]:
    web = "https://marshrut.cnppm.smolensk.example/"
    others = (Messenger.telegram, Messenger.vk, Messenger.max)
    yield Sample("profile.have", profile.have(t, phrase=True))
    yield Sample("profile.have no phrase", profile.have(t, phrase=False))
    yield Sample("profile.code", profile.code(t, "123 456", [("max", f"{web}/m"), ("vk", f"{web}/v"), ("web", web)]))
    yield Sample("profile.code in web", profile.code(t, "123 456", [("max", f"{web}/m")]))
    yield Sample("profile.code_cancelled", profile.code_cancelled(t))
    yield Sample("profile.linked", profile.linked(t, Linked(1, LONG_NAME, BIG, others)))
    for messenger in Messenger:
        notice = profile.linked_notice(t, messenger.value, BIG, NOW, ZONE)
        yield Sample(f"profile.linked_notice {messenger.value}", notice, pushed=True)
        yield Sample(f"profile.preferred {messenger.value}", profile.preferred(t, messenger.value))
    yield Sample("profile.two_profiles", profile.two_profiles(t, _profile_of(), _profile_of(long=True)))
    yield Sample("profile.unlinked", profile.unlinked(t))
    yield Sample("profile.lost", profile.lost(t, "+7 (4812) 00-00-00"))
    yield Sample("return_phrase.about", return_phrase.about(t, None, zone=ZONE, today=TODAY))
    yield Sample("return_phrase.about held", return_phrase.about(t, LAST_YEAR, zone=ZONE, today=TODAY))
    phrase = "загадочный путешественник рассматривает берёзу"
    yield Sample("return_phrase.shown", return_phrase.shown(t, phrase, web=web))
    yield Sample("return_phrase.ended", return_phrase.ended(t))
    yield Sample("return_phrase.ask", return_phrase.ask(t))
    yield Sample("return_phrase.wrong", return_phrase.wrong(t))


def _roles(t: Translator) -> Iterator[Sample]:
    for number, role in enumerate(Role):
        kind = list(ScopeKind)[number % len(ScopeKind)]
        offer = Offer(BIG, role, kind, LONG_SCHOOL if number % 2 else SCHOOL, TODAY, "a" * 8)
        yield Sample(f"profile.role_offer {role.value}", profile.role_offer(t, offer))
        yield Sample(f"profile.role_accepted {role.value}", profile.role_accepted(t, role.value))
    yield Sample("profile.role_declined", profile.role_declined(t))


# --- a channel without personal data, failures -----------------------------------------------------


def _info(t: Translator) -> Iterator[Sample]:
    web = ("web", "https://marshrut.cnppm.smolensk.example/?start=section_diagnostics")
    alone = info.Place("telegram", (web,))
    among = info.Place("telegram", (("max", "https://max.ru/marshrut_bot"), ("vk", "https://vk.me/club1"), web))
    for name, place in (("alone", alone), ("among", among)):
        yield Sample(f"info.start {name}", info.start(t, place))
        yield Sample(f"info.text {name}", info.text(t, place))
        for section in ("diagnostics", "profile", "hotline", "else"):
            yield Sample(f"info.wall {name} {section}", info.wall(t, section, place))


CHAT_ERRORS: tuple[UserError, ...] = (
    UserError("error-needs-profile", buttons=(("button-acquaint", "people:begin"), ("button-not-now", "menu:home"))),
    UserError("error-no-access"),
    UserError("error-not-found"),
    UserError("error-stale"),
    UserError("error-too-many"),
    UserError("error-needs-text"),
    UserError("error-file-big", size="20"),
    UserError("diagnostics-not-all", buttons=(("button-continue", "diagnostics:resume"),)),
    UserError("diagnostics-nothing-open"),
    UserError("diagnostics-too-early"),
    UserError("people-code-closed"),
    UserError("people-invitation-over"),
    UserError("people-link-other"),
    UserError("people-lost-draft", buttons=(("button-acquaint", "people:begin"), ("button-menu", "menu:home"))),
)
"""What may go wrong in a chat."""


def _errors(t: Translator) -> Iterator[Sample]:
    for error in CHAT_ERRORS:
        yield Sample(f"errors.user_error {error.key}", errors.user_error(t, error))
    yield Sample("errors.our_failure", errors.our_failure(t, "4f2a9c01"))
    yield Sample("errors.stale", errors.stale(t, menu.main_menu(t, _caller(LONG_NAME), None)))
