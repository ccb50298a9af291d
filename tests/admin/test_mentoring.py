"""The coordinator's board: matched, looked at, published, ordered; what stops a pair; who may what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.models import MatchRun, MentorNotice, MentorPair, PairState, Role, RunState, ScopeKind, View
from bot.rules.mentoring.pulse import Hindrance
from bot.services.indicators import figures
from bot.services.indicators.figures import Entry
from bot.services.mentoring import common, pairs, profiles, pulse
from tests.admin.conftest import Browser, Clock, SignIn
from tests.factories import NOW, make_municipality, make_organisation
from tests.services.test_mentoring import HEAD, agreed, matched, mentee, mentor, offered, ordered, pair_of, school


@pytest.fixture
def in_region() -> bool:
    return True


async def solved(browser: Browser) -> None:
    """Press «Подобрать» and look until it is done."""
    assert await browser.sends("/mentoring/match", town="", mode="quality") == 200
    for _ in range(100):
        await browser.opens("/mentoring")
        if browser.sees("предложено пар"):
            return
    raise AssertionError(browser.text)


async def test_from_an_empty_board_to_a_pair_that_works(db: Database, sign_in: SignIn, clock: Clock) -> None:
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/mentoring") == 200
    assert browser.sees("Предложений нет", "Без пары никого нет")
    place = await school(db)
    anna = await mentor(db, organisation=place)
    other = await mentor(db, "Вторая Мария Ильинична", organisation=place, strengths=("digital",))
    olga = await mentee(db, organisation=place)
    await solved(browser)
    assert browser.sees("Новикова Ольга Игоревна", "наставник: Опытная Анна Львовна", "тот же предмет")
    pair = await pair_of(db, olga)
    assert pair is not None
    await browser.opens(f"/mentoring/pairs/{pair.id}")
    assert browser.sees("Почему эта пара", "одна школа", "Почему не другая", "Вторая Мария Ильинична")
    async with db.read() as session:
        assert list(await session.scalars(select(View.what).where(View.person_id == olga))) == ["mentoring"]

    await browser.sends("/mentoring/propose", mentee=olga, mentor=other)
    assert browser.sees("Пара предложена", "наставник: Вторая Мария Ильинична")
    await browser.sends("/mentoring/propose", mentee=olga, mentor=anna)
    pair = await pair_of(db, olga)
    assert pair is not None
    assert pair.mentor_id == anna
    await browser.sends("/mentoring/publish", pair=pair.id)
    assert browser.sees("Предложения отправлены обеим сторонам", "ждём наставника", "ждём педагога")
    await agreed(db, anna, olga, pair_id=pair.id)
    await browser.opens("/mentoring/order")
    assert browser.sees("Новикова Ольга Игоревна")
    assert await browser.sends("/mentoring/order", no="17-н", on="2026-11-24", until="2027-11-24") == 422
    assert browser.sees("Отметьте хотя бы одну пару")
    await browser.sends("/mentoring/order", pair=pair.id, no="", on="2026-11-24", until="2027-11-24")
    assert browser.sees("Укажите номер приказа")
    await browser.sends("/mentoring/order", pair=pair.id, no="17-н", on="2026-11-24", until="2027-11-24")
    assert browser.sees("Пары действуют", "К приказу пар нет")
    await browser.opens(f"/mentoring/pairs/{pair.id}")
    assert browser.sees("№ 17-н от 24.11.2026", "действует")
    await browser.sends(f"/mentoring/pairs/{pair.id}", do="paper", side="mentee", paper="от 20.11.2026")
    assert browser.sees("Записано", "есть: от 20.11.2026")
    await browser.sends(
        f"/mentoring/pairs/{pair.id}", do="prolong", no="18-н", on="2026-11-20", until="2028-05-24"
    )  # fmt: skip
    assert browser.sees("не может быть раньше начала пары")
    await browser.sends(
        f"/mentoring/pairs/{pair.id}", do="prolong", no="18-н", on="2026-11-24", until="2028-05-24"
    )  # fmt: skip
    await browser.opens(f"/mentoring/pairs/{pair.id}")
    assert browser.sees("№ 18-н", "действует (продлена приказом)")


async def test_published_together_what_has_changed_is_held_back(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place)
    olga = await mentee(db, organisation=place)
    await mentee(db, "Кузьмина Вера Петровна", organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    pair = await pair_of(db, olga)
    assert pair is not None
    async with db.begin() as session:
        await profiles.close_need(session, olga, now=NOW)
        await session.get_one(MentorPair, pair.id)
    await browser.sends("/mentoring/publish", pair=pair.id)
    assert browser.sees("Часть пар осталась как была", "Нельзя: пара уже на другом шаге")
    await browser.sends("/mentoring/publish", town="")
    assert browser.sees("Предложения отправлены")
    async with db.read() as session:
        states = list(await session.scalars(select(MentorPair.state).where(MentorPair.mentor_id == anna)))
    assert sorted(states) == [PairState.consent_wait, PairState.refused]


async def test_after_a_refusal_only_the_touched_are_solved_and_everybody_by_another_button(
    db: Database, sign_in: SignIn
) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=2)
    olga = await mentee(db, organisation=place)
    vera = await mentee(db, "Кузьмина Вера Петровна", organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    assert browser.sees("Подобрать заново", "Только после отказов")
    before = [await pair_of(db, one) for one in (olga, vera)]
    await offered(db, olga)
    async with db.begin() as session:
        assert before[0] is not None
        await pairs.decline(session, olga, before[0].id, now=NOW)
    better = await mentor(db, "Вторая Мария Ильинична", organisation=place, load=2)
    assert await browser.sends("/mentoring/rematch") == 200
    again, kept = await pair_of(db, olga), await pair_of(db, vera)
    assert again is not None
    assert (again.mentor_id, again.state) == (better, PairState.proposed)
    assert kept is not None
    assert before[1] is not None
    assert kept.id == before[1].id, "whom nothing touched is left as he is"
    await solved(browser)
    anew = await pair_of(db, vera)
    assert anew is not None
    assert anew.run_id != kept.run_id, "everybody is solved anew"


async def test_who_is_left_and_what_more_mentors_would_give(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=1)
    await mentee(db, organisation=place)
    vera = await mentee(db, "Кузьмина Вера Петровна", organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    assert browser.sees("Без пары 1 человек", "его места заняты")
    await browser.opens("/mentoring", more="2")
    assert browser.sees("Наставник найдётся", "1 →", "из 2", "не считается: знаменатель не внесён")
    await browser.opens(f"/mentoring/left/{vera}")
    assert browser.sees("Наставник для: Кузьмина Вера Петровна")


async def test_what_more_mentors_would_give_the_indicators(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=1)
    for number in range(6):
        await mentee(db, f"Молодых {number}", organisation=place, subjects=("math" if number < 5 else "history",))
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.municipality_id)
    async with db.begin() as session:
        entry = Entry(
            "young_teachers", place.municipality_id, date(2026, 1, 1), date(2026, 12, 31), 8, "ОО-1",
        )  # fmt: skip
        await figures.enter(session, HEAD, [entry], now=NOW)
    await browser.opens("/mentoring")
    assert browser.sees("Добавить наставников", "любой", "История")
    assert not browser.sees("Молодые с наставником")
    await browser.opens("/mentoring", more="1", mode="nobody_forgotten")
    assert browser.sees("Наставник найдётся 1 → 4 из 6", "сейчас 0 %, 0 из 8", "12,5 %", "и с новыми: 1 50 %")
    assert browser.sees("Чтобы наставник был у половины молодых (50 %), нужен ещё 1 наставник.")
    assert browser.sees("Чтобы наставник был у 70 % молодых, нужно ещё 2 наставника.")
    assert browser.sees("70 % в приказе – про любую поддержку, не только наставника. Такая есть у 0 %.")
    await browser.opens("/mentoring", more="1", mode="quality", subject="history")
    assert browser.sees("Цель 50 % с такими наставниками не достичь", "по предмету или ступени ещё 2 людям")
    await browser.opens("/mentoring", more="1", subject="no-such")
    assert browser.sees("и с новыми: 1 50 %")
    other = await sign_in(None, Role.school_head, ScopeKind.organisation, place.id)
    await other.opens("/mentoring", more="1")
    assert not other.sees("Молодые с наставником")


async def test_a_coordinator_asks_what_if_of_her_district_only(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    async with db.begin() as session:
        far = await make_municipality(session, "Дальний округ")
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, place.municipality_id)
    assert await browser.opens("/mentoring", more="1", town=str(far.id)) == 403
    assert await browser.opens("/mentoring", more="1") == 200


async def test_found_in_the_list_and_in_the_base(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    await mentor(db, organisation=place, load=1)
    await mentee(db, organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    await browser.opens("/mentoring/pairs", q="новик", state="proposed")
    assert browser.sees("Новикова Ольга Игоревна", "предложена")
    await browser.opens("/mentoring/pairs", q="никого")
    assert browser.sees("Таких пар нет")
    await browser.opens("/mentoring/mentors")
    assert browser.sees("Опытная Анна Львовна", "1 из 1", "Оценивание")
    await browser.opens("/mentoring/mentors", free="yes")
    assert browser.sees("Наставников пока нет")


async def test_the_rules_are_the_region_s(db: Database, sign_in: SignIn) -> None:
    browser = await sign_in(None, Role.centre_head)
    assert await browser.opens("/mentoring/settings") == 200
    weights = {"subject": "30", "deficits": "20", "proximity": "15", "slots": "10", "wish": "10", "status": "10"}
    rest = {"enough": "35,5", "most": "2", "least": "5", "group": "4"}
    await browser.sends("/mentoring/settings", **weights, load="5", **rest)
    assert browser.sees("Правила подбора записаны")
    async with db.read() as session:
        options = await common.options(session)
    assert (options.weights.subject, options.enough, options.most, options.least, options.group) == (30, 35.5, 2, 5, 4)
    assert await browser.sends("/mentoring/settings", **weights, load="мало", **rest) == 422
    assert browser.sees("Веса — числа не меньше нуля")


async def test_a_coordinator_has_her_own_district(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        vyazma = await make_municipality(session)
        roslavl = await make_municipality(session, "Рославльский округ")
        here = await make_organisation(session, "Школа № 1", municipality=vyazma)
        there = await make_organisation(session, "Школа № 2", municipality=roslavl)
    await mentor(db, organisation=here)
    await mentor(db, "Дальняя Мария Ильинична", organisation=there)
    await mentee(db, organisation=here)
    far = await mentee(db, "Кузьмина Вера Петровна", organisation=there)
    browser = await sign_in(None, Role.municipal_coordinator, ScopeKind.municipality, vyazma.id)
    assert await browser.opens("/mentoring") == 200
    await solved(browser)
    assert browser.sees("Новикова Ольга Игоревна")
    assert not browser.sees("Кузьмина")
    assert await browser.opens(f"/mentoring/left/{far}") == 403
    staff = await sign_in(None, Role.centre_staff)
    await solved(staff)
    pair = await pair_of(db, far)
    assert pair is not None
    assert await browser.opens(f"/mentoring/pairs/{pair.id}") == 403
    assert await browser.sends("/mentoring/publish", pair=pair.id) == 403


@pytest.mark.parametrize("role", [Role.methodist, Role.duty])
async def test_not_for_others(db: Database, sign_in: SignIn, role: Role) -> None:
    browser = await sign_in(None, role)
    for path in ("/mentoring", "/mentoring/pairs", "/mentoring/mentors", "/mentoring/settings"):
        assert await browser.opens(path) == 403


async def test_a_full_column_leads_to_the_list(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    for name in ("Первая", "Вторая", "Третья", "Четвёртая"):
        await mentor(db, f"{name} Анна Львовна", organisation=place, load=3)
    for letter in "абвгдежзик":
        await mentee(db, f"Нова{letter} Ольга Игоревна", organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    assert browser.sees("Ещё 5")
    await browser.opens("/mentoring/pairs", state="proposed")
    assert browser.sees("1–10 из 10")


async def test_a_matching_that_failed_is_said_to_have_failed(db: Database, sign_in: SignIn) -> None:
    async with db.begin() as session:
        session.add(MatchRun(mode="quality", state=RunState.failed, going=False, started_at=NOW, finished_at=NOW))
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.opens("/mentoring") == 200
    assert browser.sees("не закончен", "Подобрать заново")
    assert not browser.sees("предложено пар")


async def test_a_group_and_another_kind_from_the_page(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    anna = await mentor(db, organisation=place, load=1)
    olga = await mentee(db, organisation=place)
    vera = await mentee(db, "Кузьмина Вера Петровна", organisation=place)
    browser = await sign_in(None, Role.centre_staff)
    await solved(browser)
    ids = {number: await pair_of(db, number) for number in (olga, vera)}
    alone = next(number for number, pair in ids.items() if pair is None)
    paired = next(pair for pair in ids.values() if pair is not None)
    await browser.opens(f"/mentoring/pairs/{paired.id}")
    assert browser.sees("Другая форма или вид", "Групповое (наставник не отмечал)")
    await browser.sends(f"/mentoring/pairs/{paired.id}", do="shape", form="peer", kind="group")
    assert browser.sees("Записано", "Коллега-педагог, Групповое")
    assert await browser.sends(f"/mentoring/pairs/{paired.id}", do="shape", form="peer", kind="huge") == 422
    await browser.sends("/mentoring/publish", pair=paired.id)
    assert browser.sees("в группе пока один человек")
    await browser.opens(f"/mentoring/left/{alone}")
    assert browser.sees("Предложить в группу")
    await browser.sends("/mentoring/propose", mentee=alone, mentor=anna, group="yes")
    assert browser.sees("Пара предложена", "Групповое")
    await browser.sends("/mentoring/publish", town="")
    assert browser.sees("Предложения отправлены")
    await browser.opens("/mentoring/mentors")
    assert browser.sees("0 из 1", "в группе 2")


async def test_one_press_reminds_and_not_too_often(db: Database, sign_in: SignIn, clock: Clock) -> None:
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, pair_id=pair_id)
    browser = await sign_in(None, Role.centre_staff)
    press = f"/mentoring/pairs/{pair_id}"

    async def reminded() -> list[tuple[int, str]]:
        async with db.read() as session:
            found = select(MentorNotice.person_id, MentorNotice.kind).order_by(MentorNotice.id)
            return [(who, kind.value) for who, kind in await session.execute(found) if kind.value.startswith("remind")]

    assert await browser.sends(press, do="remind") == 422
    assert browser.sees("Сегодня этим людям о паре уже писали."), "the offer itself was today"
    clock.passes(days=4)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens(press)
    assert browser.sees("Ждём ответа на предложение. Педагог.", "Напомнить")
    await browser.sends(press, do="remind")
    assert browser.sees("Напомним в ближайшее время")
    assert await reminded() == [(olga, "remind_offer")], "who has agreed is left in peace"
    clock.passes(days=2)
    browser = await sign_in(None, Role.centre_staff)
    assert await browser.sends(press, do="remind") == 422
    assert browser.sees("О паре уже писали 2 дня назад. Чаще раза в 3 дня не напоминаем.")
    await agreed(db, olga, pair_id=pair_id)
    assert await browser.sends(press, do="remind") == 422
    assert browser.sees("Напоминать не о чем")
    await ordered(db, pair_id)
    clock.passes(days=5)
    browser = await sign_in(None, Role.centre_staff)
    await browser.sends(press, do="remind")
    assert (await reminded())[1:] == [(anna, "remind_first"), (olga, "remind_first")]


async def test_the_board_names_pairs_that_need_help_and_not_whose_word_it_was(db: Database, sign_in: SignIn) -> None:
    place = await school(db)
    anna, olga = await mentor(db, organisation=place), await mentee(db, organisation=place)
    await matched(db)
    pair_id = await offered(db, olga)
    await agreed(db, anna, olga, pair_id=pair_id)
    await ordered(db, pair_id)
    browser = await sign_in(None, Role.centre_staff)
    await browser.opens("/mentoring")
    assert not browser.sees("Нужно внимание")
    half = NOW + timedelta(days=190)
    async with db.begin() as session:
        await pulse.ask(session, now=half, today=half.date())
    async with db.begin() as session:
        await pulse.answer(session, olga, pair_id, usefulness=2, hindrance=Hindrance.school, now=half)
    await browser.opens("/mentoring")
    assert browser.sees("Нужно внимание: 1 пара", "не хватает помощи школы")
    await browser.opens(f"/mentoring/pairs/{pair_id}")
    assert browser.sees("Ответы за полгода", "не хватает помощи школы")
