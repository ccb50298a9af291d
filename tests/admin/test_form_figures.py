"""A form of districts becomes a number of statistics: looked at, entered by a press, replaced only when it is asked."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import FormReply, Municipality, Organisation, Role, ScopeKind, StatFigure
from bot.services.access import Grant, Scope
from bot.services.indicators import counting, figures
from bot.services.indicators.figures import Entry
from tests.admin.conftest import SignIn
from tests.factories import NOW, make_municipality, make_organisation, make_person

FORM = {
    "title": "Мониторинг округов", "audience": "municipalities",
    "text0": "Сколько школ с наставниками?", "type0": "number", "text1": "Есть ли план?", "type1": "flag",
    "text2": "Что мешает?", "type2": "text",
}  # fmt: skip
ASKED = {"key": "q1", "figure": "organisations_mentoring", "period": "2026", "places": "yes"}


async def entered(db: Database, slug: str) -> dict[str | None, tuple[int, str, str]]:
    """The standing numbers: place (None: the region) → value, source, document."""
    async with db.read() as session:
        rows = await session.execute(
            select(Municipality.name, StatFigure.value, StatFigure.source, StatFigure.document)
            .outerjoin(Municipality, Municipality.id == StatFigure.municipality_id)
            .where(StatFigure.slug == slug, StatFigure.withdrawn_at.is_(None))
        )
        return {name: (value, source, document) for name, value, source, document in rows}


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
async def test_a_total_becomes_a_number(db: Database, sign_in: SignIn, where: str) -> None:
    async with db.begin() as session:
        north = await make_municipality(session, "Северный округ")
        south = await make_municipality(session, "Южный округ")
    centre = await sign_in(None, Role.centre_staff)
    await centre.sends("/forms/new", **FORM)
    page = centre.path.removeprefix("/admin")
    await centre.sends(f"{page}/open")
    assert not centre.sees("Передать в показатели"), "nobody has answered yet"
    async with db.read() as session:
        replies = dict((await session.execute(select(FormReply.subject_id, FormReply.id))).all())

    async def answers(place: int, number: str) -> None:
        given = {"f-q1": number, "f-q2": "есть", "do": "send"}
        assert await centre.sends(f"/forms/replies/{replies[place]}", **given) == 200

    await answers(north.id, "7")
    await centre.opens(page)
    assert centre.sees("Передать в показатели")
    await centre.opens(f"{page}/figures")
    assert centre.sees("Сколько школ с наставниками?", "Есть ли план?")
    assert not centre.sees("Что мешает?"), "words do not add up"
    await centre.opens(f"{page}/figures", **ASKED)
    assert centre.sees("Весь регион 7", "Северный округ 7", "Анкета № 1 «Мониторинг округов»", "ответили 1 из 3")
    assert centre.sees("Ещё 2 ответа нет")
    assert await entered(db, "organisations_mentoring") == {}, "looking enters nothing"
    assert await centre.sends(f"{page}/figures", **ASKED, seen="7") == 200
    assert centre.sees("Число внесено")
    source = "Анкета №\u00a01 «Мониторинг округов»"
    assert await entered(db, "organisations_mentoring") == {
        None: (7, source, "ответили 1 из 3"), "Северный округ": (7, source, "ответили 1 из 3"),
    }  # fmt: skip

    # The other district answers, the first corrects: what the form gave before is replaced without a question.
    await answers(south.id, "5")
    await answers(north.id, "8")
    assert await centre.sends(f"{page}/figures", **ASKED, seen="7") == 422
    assert centre.sees("пришёл ещё ответ", "Весь регион 13"), "what was looked at is what is entered"
    assert await centre.sends(f"{page}/figures", **ASKED, seen="13") == 200
    whole = await entered(db, "organisations_mentoring")
    assert {place: value for place, (value, _, _) in whole.items()} == {
        None: 13, "Северный округ": 8, "Южный округ": 5,
    }  # fmt: skip
    await centre.opens("/indicators/figures")
    assert centre.sees("Организации с программой наставничества", source.replace("\u00a0", " "), "ответили 2 из 3")

    # The region alone this time: no district keeps what the form gave it before.
    assert await centre.sends(f"{page}/figures", **{**ASKED, "places": ""}, seen="13") == 200
    assert await entered(db, "organisations_mentoring") == {None: (13, source, "ответили 2 из 3")}

    # How many have answered is a number too.
    assert (
        await centre.sends(f"{page}/figures", key="answered", figure="subjects_answered", period="2026", seen="2")
        == 200
    )
    assert await entered(db, "subjects_answered") == {None: (2, source, "ответили 2 из 3")}


async def test_another_source_is_asked_about(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        await make_municipality(session, "Северный округ")
        head = await make_person(session)
        scope = Scope(head.id, (Grant(Role.centre_head, ScopeKind.region),))
        year = (date(2026, 1, 1), date(2026, 12, 31))
        await figures.enter(session, scope, [Entry("organisations_mentoring", None, *year, 40, "ОО-1")], now=NOW)
    centre = await sign_in(None, Role.centre_staff)
    await centre.sends("/forms/new", **FORM)
    page = centre.path.removeprefix("/admin")
    await centre.sends(f"{page}/open")
    assert await centre.sends(f"{page}/figures", **ASKED) == 422
    assert centre.sees("На этот вопрос ещё никто не ответил")
    async with db.read() as session:
        reply = await session.scalar(select(FormReply.id))
    await centre.sends(f"/forms/replies/{reply}", **{"f-q1": "7", "do": "send"})
    assert await centre.sends(f"{page}/figures", **ASKED) == 422
    assert centre.sees("другого источника", "40, ОО-1")
    assert (await entered(db, "organisations_mentoring"))[None][0] == 40
    assert await centre.sends(f"{page}/figures", **ASKED, seen="7", replace="yes") == 200
    assert (await entered(db, "organisations_mentoring"))[None][0] == 7
    assert await centre.sends(f"{page}/figures", **{**ASKED, "period": "когда-нибудь"}) == 422

    # A part of the year, and another form of the same title, are asked about as well.
    async with db.begin() as session:
        await figures.enter(session, scope, [Entry("organisations_mentoring", None, *year, 41, "ОО-1")], now=NOW)
    assert await centre.sends(f"{page}/figures", **{**ASKED, "period": "2026-Q1"}) == 422
    assert centre.sees("41, ОО-1")
    assert await centre.sends(f"{page}/figures", **ASKED, seen="7", replace="yes") == 200
    await centre.sends("/forms/new", **FORM)
    other = centre.path.removeprefix("/admin")
    await centre.sends(f"{other}/open")
    async with db.read() as session:
        reply = await session.scalar(select(FormReply.id).order_by(FormReply.id.desc()))
    await centre.sends(f"/forms/replies/{reply}", **{"f-q1": "9", "do": "send"})
    assert await centre.sends(f"{other}/figures", **ASKED) == 422
    assert centre.sees("7, Анкета № 1")
    assert await centre.sends(f"{page}/figures", **{**ASKED, "key": "q3"}) == 422


@pytest.mark.parametrize("where", ["sqlite", pytest.param("@postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("in_region", [True])
async def test_from_replies_of_schools_to_an_indicator_and_back(
    db: Database, sign_in: SignIn, where: str, in_region: bool
) -> None:
    """Schools answer, the total becomes a numerator, and from its number one comes back to what they answered."""
    counting.forget()
    async with db.begin() as session:
        north, south = list(await session.scalars(select(Municipality).order_by(Municipality.id).limit(2)))
        schools = [
            await make_organisation(session, f"Школа {n}", municipality=place)
            for n, place in enumerate((north, north, south, south), start=1)
        ]
        year = (date(2026, 1, 1), date(2026, 12, 31))
        whole = [Entry("organisations", None, *year, 40, "ОО-1"), Entry("organisations", north.id, *year, 8, "ОО-1")]
        head = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))
        await figures.enter(session, head, whole, now=NOW)
    centre = await sign_in(None, Role.centre_staff)
    await centre.opens("/indicators/SMO-I16")
    assert centre.sees("0,0 %")
    given = {"title": "Наставничество в школах", "audience": "organisations"}
    await centre.sends("/forms/new", **given, text0="Есть ли программа наставничества?", type0="flag")
    page = centre.path.removeprefix("/admin")
    await centre.sends(f"{page}/open")
    async with db.read() as session:
        replies = dict((await session.execute(select(FormReply.subject_id, FormReply.id))).all())
        of_north = set(await session.scalars(select(Organisation.id).where(Organisation.municipality_id == north.id)))
    answered = [*sorted(of_north & replies.keys()), schools[2].id]
    yes = {school.id for school in schools[:3]}
    for number in answered:
        said = {"f-q1": "есть" if number in yes else "нет", "do": "send"}
        assert await centre.sends(f"/forms/replies/{replies[number]}", **said) == 200
    wanted = {"key": "q1", "figure": "organisations_mentoring", "period": "2026", "places": "yes"}
    assert await centre.sends(f"{page}/figures", **wanted, seen="3") == 200

    # The number, both of its sources by name, and the way back.
    source = f"Анкета № 1 «Наставничество в школах», ответили {len(answered)} из {len(replies)}"
    assert await centre.opens("/indicators/SMO-I16") == 200
    assert centre.sees("7,5 %", "не хватает 37", f"Числитель: {source}", "Знаменатель: ОО-1")
    assert f'href="/admin{page}"' in centre.last.text
    assert not centre.sees("Кто засчитан"), "nobody stands behind an entered number"
    place = f"/indicators/SMO-I16/places/{north.id}"
    assert f'href="/admin{place}"' in centre.last.text
    assert await centre.opens(place) == 200
    assert centre.sees("25,0 %", "Число внесено, списка за ним нет", f"Числитель: {source}")
    assert f'href="/admin{page}"' in centre.last.text
    await centre.opens(page)
    assert centre.sees("Школа 1", "Получено", f"{len(answered)} из {len(replies)}")
    # Of the south one school has not answered: a part is not the number of a place.
    await centre.opens(f"/indicators/SMO-I16/places/{south.id}")
    assert not centre.sees("Анкета № 1")
    await centre.opens("/indicators/figures")
    assert f'href="/admin{page}"' in centre.last.text

    # Who may not see forms sees where the number comes from, and no door that would not open.
    analyst = await sign_in(None, Role.analyst)
    await analyst.opens("/indicators/SMO-I16")
    assert analyst.sees("7,5 %", source)
    assert f'href="/admin{page}"' not in analyst.last.text

    # The number is taken back: nothing is left of it.
    async with db.read() as session:
        numbers = list(await session.scalars(select(StatFigure.id).where(StatFigure.form_id.is_not(None))))
    assert len(numbers) == 2
    for number in numbers:
        await centre.sends(f"/indicators/figures/{number}/withdraw")
    await centre.opens("/indicators/SMO-I16")
    assert centre.sees("0,0 %")
    assert not centre.sees("Анкета № 1")


async def test_who_may_not(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        place = await make_municipality(session, "Северный округ")
    centre = await sign_in(None, Role.centre_staff)
    await centre.sends("/forms/new", **FORM)
    page = centre.path.removeprefix("/admin")
    await centre.sends(f"{page}/open")
    coordinator = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.id)
    assert await coordinator.opens(f"{page}/figures") == 403
    assert await coordinator.sends(f"{page}/figures", **ASKED) == 403
