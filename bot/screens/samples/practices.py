"""Screens of the bank of practices and of «Навигатор»."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.i18n import Translator
from bot.models import ReviewVerdict
from bot.models.practices import FileDoubt, PracticeState
from bot.rules.practices import CRITERIA, FIELDS, NEEDED, Decision
from bot.screens import navigator, practices, practices_experts
from bot.screens.samples.invented import BIG, CENTRE, LONG_FULL_NAME, LONG_SCHOOL, SCHOOL, SHORT_NAME, TODAY, Sample
from bot.services.navigator.finding import Found, Hit
from bot.services.practices.base import Attached, Face, Notice, NoticeKind
from bot.services.practices.expertise import Offer, Sheet, Task, Waiting
from bot.services.practices.looking import AuthorPaper, Card, Line, Shelf, Used
from bot.services.practices.writing import Mine, Told
from bot.ui.pager import Page
from bot.ui.screen import Attachment

TITLE = "Карта ошибок вместо красной пасты"
LONG_TITLE = "Как мы всей параллелью перестали исправлять ошибки за детей и научились вести карты ошибок по неделям"
LONG = "Пятиклассники не перечитывают работы после проверки, а учитель каждый раз исправляет одно и то же. " * 30
FILE = Attached(BIG, "карта-ошибок.docx", "application/pdf", 48_000, FileDoubt.clean)
PHOTO = Attached(BIG - 1, "очень-длинное-название-файла-с-урока-в-шестом-классе-в-ноябре.jpg", "image/jpeg", 5_000_000,
                 FileDoubt.asked)  # fmt: skip
SUBJECTS = (("russian", "Русский язык"), ("spiritual", "Основы духовно-нравственной культуры народов России"))


def told(*, long: bool = False, **given: object) -> Told:
    """A practice as its author sees it."""
    made = Told(
        id=BIG, state=PracticeState.draft, title=LONG_TITLE if long else TITLE, problem=LONG[:1400] if long else "",
        actions=LONG[:4000] if long else "Коды ошибок на полях, карта, возвращение через неделю.",
        outcome=LONG[:2000] if long else "Однотипных ошибок стало вдвое меньше.",
        subject=SUBJECTS[1][1] if long else "Русский язык", grades="5–6", link="https://example.ru/" if long else "",
        files=(FILE, PHOTO) if long else (), comment=LONG[:900] if long else "", named=long, found=(), missing=(),
        number="26-ABCDE-FGHJK", applied=21 if long else 0, due_on=TODAY + timedelta(days=14),
    )  # fmt: skip
    return replace(made, **given)  # type: ignore[arg-type]


def practice_screens(t: Translator) -> Iterator[Sample]:
    """All of them."""
    yield from _writing(t)
    yield from _own(t)
    yield from _reading(t)
    yield from _experts(t)
    yield from _navigator(t)


def _writing(t: Translator) -> Iterator[Sample]:
    for drafted in (False, True):
        yield Sample(
            f"practices.home {drafted}", practices.home(t, drafted=drafted, reviews=50, desk=drafted, known=True)
        )
    yield Sample("practices.home guest", practices.home(t, drafted=False, reviews=0, desk=False, known=False))
    yield Sample("practices.new", practices.new(t))
    empty = told(title="", actions="", outcome="", subject="", grades="", missing=NEEDED)
    for field in FIELDS:
        yield Sample(f"practices.step {field.value}", practices.step(t, empty, field, subjects=SUBJECTS))
        yield Sample(f"practices.step {field.value} long", practices.step(t, told(long=True), field, subjects=SUBJECTS))
    yield Sample("practices.pupils", practices.pupils(t, BIG, PHOTO))
    yield Sample("practices.check", practices.check(t, told()))
    yield Sample("practices.check long", practices.check(t, told(long=True)))
    yield Sample("practices.check missing", practices.check(t, empty))
    found = ("Константинопольский Александр Вячеславович", "+7 (910) 123-45-67") * 6
    yield Sample("practices.check found", practices.check(t, told(long=True, found=found)))
    yield Sample("practices.edit", practices.edit(t, BIG))
    yield Sample("practices.consent", practices.consent(t, BIG))
    yield Sample("practices.sent", practices.sent(t, told(long=True), until=TODAY + timedelta(days=400), today=TODAY))
    yield Sample("practices.kept", practices.kept(t, BIG))


def _own(t: Translator) -> Iterator[Sample]:
    lines = [Mine(BIG - n, LONG_TITLE if n else "", state) for n, state in enumerate(PracticeState)]
    yield Sample("practices.mine", practices.mine(t, Page(lines, 1, 40)))
    yield Sample("practices.mine one", practices.mine(t, Page(lines[:1], 0, 1)))
    yield Sample("practices.mine none", practices.mine(t, Page([], 0, 0)))
    for state in PracticeState:
        for long in (False, True):
            yield Sample(f"practices.own {state.value} {long}", practices.own(t, told(long=long, state=state)))
        yield Sample(f"practices.take {state.value}", practices.take(t, told(state=state)))
        yield Sample(f"practices.taken {state.value}", practices.taken(t, BIG, state))
    paper = AuthorPaper("26-ABCDE-FGHJK", LONG_FULL_NAME, "В…", LONG_TITLE, CENTRE, TODAY, True, True, False)
    yield Sample("practices.certificate", practices.certificate(t, paper, None, practice_id=BIG))
    yield Sample("practices.certificate file", practices.certificate(t, paper, b"%PDF", practice_id=BIG))
    says = practices_experts.Says(t, TODAY)
    for kind in NoticeKind:
        for name in ("", SHORT_NAME):
            notice = Notice(
                kind, BIG, LONG_TITLE, text=LONG[:1500], name=name, number="26-ABCDE-FGHJK",
                day=TODAY + timedelta(days=400), review_id=BIG,
            )  # fmt: skip
            yield Sample(f"practices.notice {kind.value} {bool(name)}", says(notice), pushed=True)


def _card(*, long: bool) -> Card:
    return Card(
        id=BIG, title=LONG_TITLE if long else TITLE, problem=LONG[:1400] if long else "Не перечитывают работы.",
        actions=LONG if long else "Карта ошибок.", outcome=LONG[:1900] if long else "Ошибок меньше.",
        subject=SUBJECTS[1][1], grades="5–6" if long else "", group="Оценивание",
        link="https://example.ru/", link_broken=long,
        author=Face(LONG_FULL_NAME, LONG_SCHOOL) if long else None, files=(FILE, PHOTO) if long else (),
        applied=101 if long else 0, uses=tuple(Used(LONG[:500], TODAY, name) for name in ("", LONG_FULL_NAME)),
        published_on=TODAY, reviewed=not long, is_demo=long, own=False, used=long, saved=long,
    )  # fmt: skip


def _reading(t: Translator) -> Iterator[Sample]:
    line = Line(BIG, LONG_TITLE, LONG, SUBJECTS[1][1], "5–6", "", None, 22, True, True)
    yield Sample("practices.shelf", practices.shelf(t, Shelf((line,) * 5, 1, 400, 5)))
    yield Sample("practices.shelf one", practices.shelf(t, Shelf((line,), 0, 1, 5)))
    yield Sample("practices.shelf none", practices.shelf(t, Shelf((), 0, 0, 5)))
    for long in (False, True):
        for known in (False, True):
            yield Sample(f"practices.card {long} {known}", practices.card(t, _card(long=long), known=known))
    short = replace(_card(long=False), grades="5")
    yield Sample("practices.card whole", practices.card(t, short, known=True, whole=True))
    yield Sample("practices.files", practices.files(t, _card(long=True)))
    attachment = Attachment(FILE.name, b"x", FILE.media_type)
    listed = practices.file_list(t, (FILE, PHOTO), f"practices:review-file:{BIG}", back="practices:reviews")
    yield Sample("practices.file_list", listed)
    yield Sample("practices.file", practices.file(t, LONG_TITLE, attachment, back=f"practices:card:{BIG}"))
    yield Sample("practices.use", practices.use(t, BIG))
    yield Sample("practices.sign", practices.sign(t, BIG, LONG))
    yield Sample("practices.used", practices.used(t, BIG, 1))
    named = practices.face(t, Face(SHORT_NAME, SCHOOL)), practices.asked_about(told(long=True))
    assert all(named)


def _experts(t: Translator) -> Iterator[Sample]:
    lines = [Waiting(BIG - n, LONG_TITLE, 2, n % 2, TODAY, third=n == 1) for n in range(5)]
    yield Sample("practices_experts.desk", practices_experts.desk(t, Page(lines, 1, 40)))
    yield Sample("practices_experts.desk one", practices_experts.desk(t, Page(lines[:1], 0, 1)))
    yield Sample("practices_experts.desk none", practices_experts.desk(t, Page([], 0, 0)))
    offers = [Offer(BIG - n, LONG_FULL_NAME, n == 0, n * 20) for n in range(5)]
    yield Sample("practices_experts.appoint", practices_experts.appoint(t, BIG, LONG_TITLE, 1, 1, offers))
    yield Sample("practices_experts.appoint none", practices_experts.appoint(t, BIG, TITLE, 0, 0, []))
    for left in (0, 1):
        yield Sample(f"practices_experts.appointed {left}", practices_experts.appointed(t, 2 - left, left))
    tasks = [Task(BIG - n, LONG_TITLE, TODAY + timedelta(days=400)) for n in range(5)]
    yield Sample("practices_experts.reviews", practices_experts.reviews(t, tasks, today=TODAY))
    yield Sample("practices_experts.reviews none", practices_experts.reviews(t, [], today=TODAY))
    for long in (False, True):
        marks = dict.fromkeys(CRITERIA, 2) if long else {}
        sheet = Sheet(
            BIG, BIG, LONG_TITLE, LONG if long else "", LONG if long else TITLE, LONG if long else TITLE,
            SUBJECTS[1][1], "5–6", "https://example.ru/" if long else "", (FILE,) if long else (), TODAY, marks,
            ReviewVerdict.accept if long else None, "", False, 1,
        )  # fmt: skip
        yield Sample(f"practices_experts.review {long}", practices_experts.review(t, sheet, today=TODAY))
        yield Sample(f"practices_experts.verdict {long}", practices_experts.verdict(t, sheet))
        for name in CRITERIA:
            yield Sample(f"practices_experts.mark {name} {long}", practices_experts.mark(t, sheet, name))
    yield Sample("practices_experts.comment", practices_experts.comment(t, BIG))
    for decision in Decision:
        yield Sample(f"practices_experts.concluded {decision.value}", practices_experts.concluded(t, decision))
    yield Sample("practices_experts.refused", practices_experts.refused(t))
    assert practices_experts.marks(t, sheet)
    notice = Notice(NoticeKind.asked, BIG, TITLE, day=TODAY)
    yield Sample("practices_experts.asked", practices_experts.asked(t, notice, today=TODAY), pushed=True)
    yield Sample("practices_experts.arrived", practices_experts.arrived(t, notice, "practices-arrived"), pushed=True)
    yield Sample("practices.returned", practices.returned(t, notice), pushed=True)
    yield Sample("practices.published", practices.published(t, notice), pushed=True)
    yield Sample("practices.used_told", practices.used_told(t, notice), pushed=True)
    yield Sample("practices.down", practices.down(t, notice), pushed=True)


def _navigator(t: Translator) -> Iterator[Sample]:
    kinds = ("answer", "practice", "event", "programme", "material", "community", "contest")
    hits = tuple(Hit("event" if n else "practice", BIG - n, kind, LONG_TITLE * 2, LONG) for n, kind in enumerate(kinds))
    for known in (False, True):
        yield Sample(f"navigator.home {known}", navigator.home(t, known=known))
        yield Sample(f"navigator.found {known}", navigator.found(t, LONG_TITLE, Found(hits[:4], 1, 400), known=known))
        yield Sample(f"navigator.none {known}", navigator.none(t, LONG_TITLE, known=known))
        yield Sample(f"navigator.growth {known}", navigator.growth(t, Found(hits[3:], 1, 400), known=known))
    yield Sample("navigator.found one", navigator.found(t, "карта", Found(hits[:1], 0, 1), known=True))
    yield Sample("navigator.growth one", navigator.growth(t, Found(hits[:1], 0, 1), known=True))
    yield Sample("navigator.growth none", navigator.growth(t, Found((), 0, 0), known=True))
    yield Sample("navigator.saved", navigator.saved(t, Found(hits[:4], 0, 400)))
    yield Sample("navigator.saved one", navigator.saved(t, Found(hits[:1], 0, 1)))
    yield Sample("navigator.saved none", navigator.saved(t, Found((), 0, 0)))
    held = [(f"{'g' * 31}{n}", "Метапредметные и функциональные результаты обучения", 1200) for n in range(7)]
    yield Sample("navigator.topics", navigator.topics(t, held, 0))
    yield Sample("navigator.topics one", navigator.topics(t, held[:1], 0))
    yield Sample("navigator.topics none", navigator.topics(t, [], 0))
    yield Sample("navigator.topic", navigator.topic(t, held[0][0], held[0][1], Found(hits[:4], 0, 400)))
    yield Sample("navigator.topic one", navigator.topic(t, held[0][0], "Оценивание", Found(hits[:1], 0, 1)))
    yield Sample("navigator.topic none", navigator.topic(t, held[0][0], held[0][1], Found((), 0, 0)))
    for saved in (False, True):
        yield Sample(f"navigator.one {saved}", navigator.one(t, hits[2], saved=saved, known=True))
    yield Sample(
        "navigator.one guest", navigator.one(t, replace(hits[2], about="", title=TITLE), saved=False, known=False)
    )
    doors = [
        ("max", "https://max.ru/marshrut"),
        ("vk", "https://vk.me/marshrut"),
        ("telegram", "https://t.me/marshrut"),
    ]
    yield Sample(
        "navigator.share", navigator.share(t, LONG_TITLE * 2, doors, "https://marshrut.example/", back="navigator:home")
    )
