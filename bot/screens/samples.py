"""A gallery of every screen with invented people, as things usually are and at their longest.

``tests/test_screens.py`` holds each against the limits of a screen; a new screen gets its line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.i18n import Translator
from bot.models import (
    ActivityForm,
    ActivityKind,
    ActivitySource,
    ConsentKind,
    DeficitLevel,
    Direction,
    InstrumentKind,
    Messenger,
    PersonState,
    Purpose,
    Role,
    ScopeKind,
    VersionState,
)
from bot.rules.scoring import Change
from bot.screens import catalogue, diagnostics, errors, info, menu, people, profile, return_phrase
from bot.services.access import Grant, Scope
from bot.services.catalogue import ActivityCard, ActivityLine, CataloguePage
from bot.services.consents import Document, Given
from bot.services.diagnostics import Comparison, Content, Group, GroupResult, Item, Result, Start, Step
from bot.services.diagnostics.results import Growth, HistoryLine
from bot.services.identities import Caller
from bot.services.invitations import Offer
from bot.services.linking import Linked
from bot.services.menu import NextStep
from bot.services.people import Profile
from bot.services.places import Choice, Place
from bot.services.privacy import Look, Stored
from bot.ui.pager import Page
from bot.ui.screen import Screen

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 24)
LAST_YEAR = NOW - timedelta(days=400)

BIG = 2_147_483_647
"""The biggest number of a row there may be: buttons carry numbers."""


class Sample(NamedTuple):
    """A screen under a name; ``pushed`` ones come without a press and need no way back."""

    name: str
    screen: Screen
    pushed: bool = False


def gallery(t: Translator) -> list[Sample]:
    """Every screen at least once."""
    made = [*_first(t), *_registration(t), *_profile(t), *_chats(t), *_roles(t), *_diagnostics(t), *_trial(t)]
    return [*made, *_catalogue(t), *_info(t), *_errors(t)]


# --- invented people and places ------------------------------------------------------------------

SHORT_NAME = "Мария Петровна"
LONG_NAME = "Александра Константиновна"
FULL_NAME = "Смирнова Мария Петровна"
LONG_FULL_NAME = "Виноградова-Преображенская Александра Константиновна"
SCHOOL = "МБОУ «Средняя школа № 3» г. Рославля"
LONG_SCHOOL = (
    "Смоленское областное государственное бюджетное общеобразовательное учреждение с интернатом "
    "«Кадетский корпус имени Героя Советского Союза»"
)
LONG_DISTRICT = "Краснинский муниципальный округ Смоленской области"
CENTRE = "Центр непрерывного повышения педагогического мастерства Смоленской области"

PLACES = (
    Place(1, SCHOOL, "Рославльский округ", 1),
    Place(2, LONG_SCHOOL, LONG_DISTRICT, 2),
    Place(BIG, "Детский сад «Ёлочка»", "Вяземский округ", 3),
    Place(4, "Гимназия № 4", "Смоленск", 4),
    Place(5, "Школа <№ 5> & Ко", "Смоленск", 4),
)
DISTRICTS = tuple(
    Choice(str(number), title)
    for number, title in enumerate(
        ("Велижский округ", "Вяземский округ", LONG_DISTRICT, "Рославльский округ", "Смоленск"), start=BIG - 4
    )
)
SUBJECTS = tuple(
    Choice(slug, title)
    for slug, title in (
        ("russian", "Русский язык"),
        ("literature", "Литература"),
        ("maths", "Математика"),
        ("english", "Английский язык"),
        ("ovzr", "Основы безопасности и защиты Родины"),
        ("spiritual", "Основы духовно-нравственной культуры народов России"),
        ("art", "Изобразительное искусство"),
    )
)

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
    yield Sample("profile.home long", profile.home(t, _profile_of(long=True), zone=ZONE, today=TODAY))
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
    yield Sample("profile.muted", profile.muted(t))


def _chats(t: Translator) -> Iterator[Sample]:
    web = "https://marshrut.cnppm.smolensk.example/"
    others = (Messenger.telegram, Messenger.vk, Messenger.max)
    yield Sample("profile.have", profile.have(t, phrase=True))
    yield Sample("profile.have no phrase", profile.have(t, phrase=False))
    yield Sample("profile.code", profile.code(t, "123 456", web=web))
    yield Sample("profile.code in web", profile.code(t, "123 456", web=""))
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


# --- self-diagnosis --------------------------------------------------------------------------------

SCALE = ("Уверенно, могу показать", "Справляюсь сам", "Иногда нужна помощь", "Только с помощью", "Не приходилось")
GROUP_TITLES = (
    "Предметное содержание",
    "Методика и приёмы урока",
    "Оценивание и обратная связь",
    "Психолого-педагогическое сопровождение",
    "Цифровая среда и ИКТ",
)
STATEMENT = (
    "Подбираю задания разного уровня так, чтобы каждый ученик класса, в том числе с ОВЗ, мог двигаться "
    "в своём темпе, и объясняю критерии оценивания до начала работы"
)


def _content(state: VersionState = VersionState.trial) -> Content:
    items = tuple(
        Item(
            id=BIG - place,
            code=f"{place}",
            kind="self_likert",
            text=STATEMENT if place % 6 == 0 else "Объясняю критерии оценивания до начала работы",
            short="Задания разного уровня" if place % 6 == 0 else "Критерии до начала работы",
            texts={},
            place=place,
            group_id=place // 6,
        )
        for place in range(30)
    )
    groups = tuple(
        Group(number, f"g{number}", title, 1, None, items[number * 6 : number * 6 + 6])
        for number, title in enumerate(GROUP_TITLES)
    )
    return Content(
        version_id=1,
        instrument_id=1,
        slug="sample",
        title="Самодиагностика педагога",
        audience="teacher",
        kind=InstrumentKind.self_likert,
        number=1,
        state=state,
        is_demo=True,
        direction=Direction.competence,
        instruction="",
        minutes=7,
        scale=SCALE,
        cuts={"high": 40, "middle": 60, "low": 80},
        groups=groups,
        items=items,
        by_id=MappingProxyType({item.id: item for item in items}),
    )


def _result(*levels: DeficitLevel | None, purpose: Purpose = Purpose.official, number: int = BIG) -> Result:
    content = _content()
    middle = {DeficitLevel.minimal: 92.4, DeficitLevel.low: 71.0, DeficitLevel.middle: 50.0, DeficitLevel.high: 12.5}
    weak = (DeficitLevel.middle, DeficitLevel.high)
    groups = tuple(
        GroupResult(
            group_id=group.id,
            title=group.title,
            pct=middle[level] if level else None,
            sem=6.4 if level else None,
            level=level,
            is_deficit=level in weak,
            border=level is DeficitLevel.middle,
            answered=6 if level else 2,
            total=6,
            strong=tuple(item.short for item in group.items[:3]),
            growth=tuple(item.short for item in group.items[3:]) if level in weak else (),
        )
        for group, level in zip(content.groups, levels, strict=True)
    )
    growth = tuple(
        Growth(item.id, item.text, item.short, group.title, SCALE[4])
        for group, found in zip(content.groups, groups, strict=True)
        if found.is_deficit
        for item in group.items[:3]
    )
    best = tuple(item.short for item in content.items[:2])
    return Result(number, 1, content, purpose, NOW, 61.5, groups, growth, best)


_mixed = (DeficitLevel.minimal, DeficitLevel.low, DeficitLevel.middle, DeficitLevel.high, None)


def _diagnostics(t: Translator) -> Iterator[Sample]:
    content = _content()
    steps = {place: Step(BIG, content, place, "teacher", Purpose.official) for place in range(31)}
    fresh = Start(content, "teacher", None, None)
    last = HistoryLine(BIG, content.title, Purpose.official, LAST_YEAR, 61.5)
    yield Sample("diagnostics.none", diagnostics.none(t))
    yield Sample("diagnostics.home first", diagnostics.home(t, fresh, None, zone=ZONE, today=TODAY, other=""))
    going = Start(content, "teacher", steps[7], None)
    yield Sample("diagnostics.home open", diagnostics.home(t, going, last, zone=ZONE, today=TODAY, other="leader"))
    for other in ("", "leader", "teacher"):
        again = diagnostics.home(t, fresh, last, zone=ZONE, today=TODAY, other=other)
        yield Sample(f"diagnostics.home again {other}", again)
    for own in (True, False):
        yield Sample(f"diagnostics.intro {own}", diagnostics.intro(t, instrument="leader-self", own=own))
    wait = Start(content, "teacher", None, NOW + timedelta(days=80))
    yield Sample("diagnostics.later", diagnostics.later(t, wait, instrument="leader-self", zone=ZONE, today=TODAY))
    for place in (0, 1, 18, 29):
        for whole in (True, False):
            made = diagnostics.question(t, steps[place], whole_labels=whole)
            yield Sample(f"diagnostics.question {place} {whole}", made)
    yield Sample("diagnostics.buttons_only", diagnostics.buttons_only(t, steps[18]))
    yield Sample("diagnostics.pause", diagnostics.pause(t, steps[29]))
    yield Sample("diagnostics.reminded", diagnostics.reminded(t, steps[29]))
    for place in (0, 9, 30):
        yield Sample(f"diagnostics.resume {place}", diagnostics.resume(t, steps[place]), pushed=True)
    yield Sample("diagnostics.silent", diagnostics.silent(t))
    given = {item.id: None if item.place % 5 == 4 else item.place % 5 + 1 for item in content.items}
    yield Sample("diagnostics.finish", diagnostics.finish(t, given))
    for number in range(5):
        yield Sample(f"diagnostics.review {number}", diagnostics.review(t, steps[30], given, number))
    few = dict(list(given.items())[:2])
    yield Sample("diagnostics.review few", diagnostics.review(t, steps[2], few, 0))
    yield from _results(t)
    lines = [HistoryLine(BIG - n, content.title, list(Purpose)[n % 2], LAST_YEAR, None) for n in range(7)]
    yield Sample("diagnostics.history", diagnostics.history(t, lines, zone=ZONE, today=TODAY))
    yield Sample("diagnostics.history one", diagnostics.history(t, lines[:1], zone=ZONE, today=TODAY))


def _results(t: Translator) -> Iterator[Sample]:
    mixed = _result(*_mixed)
    results = {
        "mixed": mixed,
        "mixed trial": _result(*_mixed, purpose=Purpose.trial),
        **{f"all {level.value}": _result(*[level] * 5) for level in DeficitLevel},
        "all few": _result(*[None] * 5),
        "fine": _result(*[DeficitLevel.minimal, DeficitLevel.low] * 2, None),
    }
    for name, result in results.items():
        yield Sample(f"diagnostics.result {name}", diagnostics.result(t, result))
        yield Sample(f"diagnostics.groups {name}", diagnostics.groups(t, result))
        yield Sample(f"diagnostics.growth {name}", diagnostics.growth(t, result, 0))
    for group in mixed.groups:
        yield Sample(f"diagnostics.group {group.group_id}", diagnostics.group(t, mixed, group))
    for number in (1, 2):
        yield Sample(f"diagnostics.growth {number}", diagnostics.growth(t, results["all high"], number))
    yield Sample("diagnostics.who", diagnostics.who(t, mixed, LONG_FULL_NAME))
    yield Sample("diagnostics.who nobody", diagnostics.who(t, mixed, ""))
    yield Sample("diagnostics.who trial", diagnostics.who(t, results["mixed trial"], LONG_FULL_NAME))
    for dark in (True, False):
        yield Sample(f"diagnostics.picture {dark}", diagnostics.picture(t, mixed, b"png", dark=dark))
    changes = {
        group.group_id: Change(delta, 17.7) for group, delta in zip(mixed.groups, (25, -3, -40, 90, 0), strict=True)
    }
    compared = Comparison(_result(*_mixed, number=1), mixed, changes)
    yield Sample("diagnostics.compare", diagnostics.compare(t, compared, zone=ZONE, today=TODAY))
    yield Sample("diagnostics.compare none", diagnostics.compare(t, None, zone=ZONE, today=TODAY))


def _trial(t: Translator) -> Iterator[Sample]:
    content = _content()
    items = [group.items[0] for group in content.groups]
    yield Sample("diagnostics.try_intro", diagnostics.try_intro(t))
    for answers in ("", "1", "15324"[:4]):
        yield Sample(f"diagnostics.try_question {answers}", diagnostics.try_question(t, content, items, answers))
    levels = [DeficitLevel.high, DeficitLevel.low, DeficitLevel.minimal, DeficitLevel.middle, DeficitLevel.high]
    yield Sample("diagnostics.try_result", diagnostics.try_result(t, items, levels))


# --- the catalogue of activities --------------------------------------------------------------------


def _activity(number: int, *, long: bool = False) -> ActivityLine:
    course = "Формирующее оценивание и обратная связь на каждом уроке: практикум для учителей основной и средней школы"
    return ActivityLine(
        id=number,
        code="d-01",
        kind=ActivityKind.dpp_register if long else ActivityKind.webinar,
        title=course if long else "Критерии, понятные ученику",
        organiser=CENTRE if long else "ЦНППМ",
        form=ActivityForm.mixed if long else ActivityForm.distance,
        hours=36 if long else 2,
        starts_on=TODAY + timedelta(days=40) if long else None,
        ends_on=TODAY + timedelta(days=60 if long else 20),
        seats=50,
        groups=("Психолого-педагогические", "Нормативно-правовые", "Коммуникативные") if long else ("Методические",),
        subjects=tuple(choice.title for choice in SUBJECTS) if long else (),
        active=not long,
        source=ActivitySource.demo,
    )


def _catalogue(t: Translator) -> Iterator[Sample]:
    yield Sample("catalogue.home", catalogue.home(t))
    yield Sample("catalogue.empty", catalogue.empty(t))
    yield Sample("catalogue.nothing", catalogue.nothing(t, "очень длинный вопрос о том, чего в каталоге нет"))
    for name, long in (("short", False), ("long", True)):
        lines = [_activity(BIG - n, long=long) for n in range(5)]
        page = CataloguePage(lines, 67 if long else 5, 3 if long else 0, 5)
        yield Sample(f"catalogue.found {name}", catalogue.found(t, page, typed=long, today=TODAY))
        one = ActivityCard(
            line=_activity(1, long=long),
            about="Критерии вместе с классом, вопросы по ходу урока, разбор работ без отметки. " * 5 if long else "",
            link="https://example.org/kurs" if long else "",
            audiences=(),
            in_register=long,
            register_number="Д-0001" if long else "",
            register_until=None,
            site="",
            requires=((2, _activity(2, long=True).title), (3, _activity(3, long=True).title)) if long else (),
            group_slugs=(),
            subject_slugs=(),
        )
        yield Sample(f"catalogue.card {name}", catalogue.card(t, one, today=TODAY))


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
