"""The catalogue: what is checked, what is found, what a draft may be made of; the demonstration's content."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.config import ROOT
from bot.db import Database
from bot.errors import NotAllowed, UserError
from bot.models import Activity, ActivityForm, ActivityKind, ActivitySource, Change, Role, ScopeKind
from bot.rules.iom_draft import VARIANTS, Need, plan
from bot.services import catalogue
from bot.services.access import NOBODY, Grant, Scope
from bot.services.catalogue import Draft, Filters, links
from tests.factories import NOW

TODAY = date(2026, 11, 24)
DEMO = ROOT / "data" / "demo" / "catalogue.yaml"
STAFF = Scope(None, (Grant(Role.centre_staff, ScopeKind.region),))
METHODIST = Scope(None, (Grant(Role.methodist, ScopeKind.assigned),))
WEBINAR = Draft(ActivityKind.webinar, "Оценивание на уроке", ActivityForm.distance, 2, ("method",), code="w1")


@pytest.fixture
def in_region() -> bool:
    return True


async def loaded(db: Database) -> None:
    async with db.begin() as session:
        assert await catalogue.load_file(session, DEMO, today=TODAY, now=NOW) >= 60


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"title": " "}, "catalogue-wrong-title"),
        ({"title": "а" * 256}, "catalogue-wrong-title"),
        ({"hours": 0}, "catalogue-wrong-hours"),
        ({"hours": 501}, "catalogue-wrong-hours"),
        ({"groups": ()}, "catalogue-wrong-group"),
        ({"groups": ("astrology",)}, "catalogue-wrong-group"),
        ({"subjects": ("magic",)}, "catalogue-wrong-subject"),
        ({"audiences": ("pupils",)}, "catalogue-wrong-audience"),
        ({"starts_on": TODAY, "ends_on": TODAY - timedelta(days=1)}, "catalogue-wrong-days"),
        ({"seats": -1}, "catalogue-wrong-seats"),
        ({"link": "javascript:alert(1)"}, "catalogue-wrong-link"),
        ({"in_register": True}, "catalogue-wrong-register"),
        ({"requires": (77,)}, "catalogue-wrong-requires"),
    ],
)
async def test_what_is_wrong_is_said(db: Database, change: dict[str, object], key: str) -> None:
    async with db.begin() as session:
        with pytest.raises(UserError) as raised:
            await catalogue.save(session, STAFF, replace(WEBINAR, **change), now=NOW)  # type: ignore[arg-type]
        assert raised.value.key == key
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Activity)) == 0


async def test_only_the_centre_edits(db: Database) -> None:
    async with db.begin() as session:
        for scope in (NOBODY, METHODIST):
            with pytest.raises(NotAllowed):
                await catalogue.save(session, scope, WEBINAR, now=NOW)
        with pytest.raises(NotAllowed):
            await catalogue.page(session, NOBODY, Filters())
        assert (await catalogue.page(session, METHODIST, Filters())).total == 0


async def test_add_change_archive_restore(db: Database) -> None:
    async with db.begin() as session:
        number = await catalogue.save(session, STAFF, WEBINAR, now=NOW)
        with pytest.raises(UserError):
            await catalogue.save(session, STAFF, replace(WEBINAR, title="Двойник"), now=NOW)
    async with db.begin() as session:
        changed = replace(WEBINAR, title="Оценивание и речь", groups=("communication",), subjects=("math",))
        assert await catalogue.save(session, STAFF, changed, activity_id=number, now=NOW) == number
        card = await catalogue.card(session, number)
        assert (card.line.title, card.line.groups, card.line.subjects) == (
            "Оценивание и речь",
            ("Коммуникативные",),
            ("Математика",),
        )
        await catalogue.archive(session, STAFF, number, active=False, now=NOW)
    async with db.begin() as session:
        assert (await catalogue.find(session, Filters("оценивание"), today=TODAY, number=0)).total == 0
        assert (await catalogue.page(session, STAFF, Filters(archived=True))).total == 1
        assert await catalogue.offers(session, today=TODAY, subjects=["math"]) == []
        await catalogue.archive(session, STAFF, number, active=True, now=NOW)
        assert (await catalogue.find(session, Filters("речь"), today=TODAY, number=0)).total == 1
        actions = list(await session.scalars(select(Change.action).order_by(Change.id)))
        assert actions == ["added", "changed", "archived", "restored"]


async def test_search_forgives_and_filters_narrow(db: Database) -> None:
    await loaded(db)
    async with db.read() as session:
        for query in ("нейросети", "Нейросетей урок", "нейросити", "ytqhjctnb"):
            found = await catalogue.find(session, Filters(query), today=TODAY, number=0)
            assert found.lines[0].code == "w-03", query
        first = await catalogue.page(session, STAFF, Filters(kind=ActivityKind.webinar))
        assert first.total == 7
        math = await catalogue.page(session, STAFF, Filters(subject="math", group="subject"))
        assert {line.code for line in math.lines} == {"d-02", "k-03", "r-01"}
        everything = await catalogue.page(session, STAFF, Filters(), number=1)
        assert (everything.first, everything.last, everything.has_next) == (16, 30, True)
        assert len(await catalogue.everything(session, STAFF, Filters())) == everything.total


async def test_what_is_over_is_not_offered(db: Database) -> None:
    await loaded(db)
    async with db.read() as session:
        later = TODAY + timedelta(days=5)
        now_there = {o.id for o in await catalogue.offers(session, today=later, audience="teacher")}
        afterwards = {
            o.id for o in await catalogue.offers(session, today=later + timedelta(days=1), audience="teacher")
        }
        w1 = await session.scalar(select(Activity.id).where(Activity.code == "w-01"))
        assert now_there - afterwards == {w1}


async def test_offers_fit_the_audience_the_subject_and_the_seats(db: Database) -> None:
    await loaded(db)
    async with db.read() as session:
        codes = dict((await session.execute(select(Activity.id, Activity.code))).all())
        teacher = {
            codes[o.id]: o
            for o in await catalogue.offers(
                session, today=TODAY, audience="teacher", subjects=["math"], taken=dict.fromkeys(codes, 25)
            )
        }
        assert {"d-02", "c-01"} <= teacher.keys()
        assert teacher.keys().isdisjoint({"d-03", "d-05"})
        assert teacher["d-02"].seats_left == 15
        assert teacher["k-03"].seats_left == 0
        assert teacher["t-01"].seats_left is None
        assert [codes[n] for n in teacher["s-03"].requires] == ["d-01"]


@pytest.mark.parametrize(
    ("audience", "groups"),
    [
        ("teacher", ("subject", "method", "psychology", "communication", "digital", "norms")),
        ("preschool", ("subject", "method", "psychology", "communication", "digital", "norms")),
        ("leader", ("strategy", "quality", "staff", "resources", "team")),
    ],
)
async def test_the_demonstration_covers_every_group(db: Database, audience: str, groups: tuple[str, ...]) -> None:
    await loaded(db)
    async with db.read() as session:
        found = await catalogue.offers(session, today=TODAY, audience=audience, subjects=["math", "preschool"])
        rows = (await session.execute(select(Activity.kind, Activity.source))).all()
    assert {kind for kind, _ in rows} == set(ActivityKind)
    assert {source for _, source in rows} == {ActivitySource.demo}
    needs = [Need(group, 1 + place) for place, group in enumerate(groups)]
    for budget in VARIANTS.values():
        made = plan(needs, found, budget=budget, start=TODAY)
        assert made.uncovered == ()
        assert len(made.lines) >= 3


async def test_loading_again_adds_nothing(db: Database) -> None:
    await loaded(db)
    async with db.begin() as session:
        assert await catalogue.load_file(session, DEMO, today=TODAY, now=NOW) == 0


async def test_a_broken_file_is_answered_with_its_line(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(
        "activities:\n"
        "  - {code: a, kind: webinar, title: А, form: distance, hours: 2, groups: [method]}\n"
        "  - {code: b, kind: webinar, title: Б, form: distance, hours: 2, groups: [astrology]}\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as raised:
        async with db.begin() as session:
            await catalogue.load_file(session, path, today=TODAY, now=NOW)
    assert raised.value.args_for_text["line"] == 3


async def test_links_of_what_is_still_to_come_are_asked(db: Database) -> None:
    always, ahead, over = (
        replace(WEBINAR, code=code, link=f"https://{code}.example/", starts_on=day, ends_on=day)
        for code, day in (("always", None), ("ahead", TODAY), ("over", TODAY - timedelta(days=1)))
    )
    hidden = replace(WEBINAR, code="hidden", link="https://hidden.example/")
    async with db.begin() as session:
        ids = [await catalogue.save(session, STAFF, draft, now=NOW) for draft in (always, ahead, over, hidden, WEBINAR)]
        await catalogue.archive(session, STAFF, ids[3], active=False, now=NOW)
        due = await links.due(session, today=TODAY)
        assert [one.url for one in due] == ["https://always.example/", "https://ahead.example/"]
        assert await links.settle(session, {ids[0]: False, ids[1]: False}, today=TODAY) == 2
        assert await links.due(session, today=TODAY) == [], "once a night"
    async with db.read() as session:
        for day, found in ((TODAY, ids[:2]), (TODAY + timedelta(days=1), ids[:1])):
            page = await catalogue.page(session, STAFF, Filters(broken_on=day))
            assert sorted(line.id for line in page.lines) == found, "what is over needs no link"
            assert await links.broken(session, STAFF, today=day) == len(found)
        assert await links.broken(session, METHODIST, today=TODAY) == 0, "told to those who can mend it"
