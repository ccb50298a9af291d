"""A teacher gets acquainted: eight presses and three short inputs, and every way aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import Consent, ConsentKind, DialogState, Employment, EmploymentSubject, Organisation, Person
from bot.services import places, search
from tests.chat import Talk
from tests.factories import NOW, make_organisation, make_person


async def to_name(talk: Talk) -> None:
    await talk.says("/start")
    await talk.presses("Познакомиться")
    await talk.presses("Даю согласие")
    await talk.presses("Даю согласие")


async def to_organisation(talk: Talk) -> None:
    await to_name(talk)
    await talk.says("иванова мария петровна")


async def to_position(talk: Talk) -> None:
    await to_organisation(talk)
    await talk.says("гимназия 4 вязьма")
    await talk.presses("1")


async def to_subject(talk: Talk) -> None:
    await to_position(talk)
    await talk.presses("Учитель")


async def to_years(talk: Talk) -> None:
    await to_subject(talk)
    await talk.presses("Математика")
    await talk.presses("Дальше")


async def to_check(talk: Talk) -> None:
    await to_years(talk)
    await talk.says("1968 1990")


async def only_person(db: Database) -> Person:
    async with db.read() as session:
        return (await session.scalars(select(Person))).one()


async def test_eight_presses_and_three_short_inputs(talk: Talk, db: Database) -> None:
    await talk.says("/start")
    assert talk.sees("ЦНППМ Смоленской области")
    await talk.presses("Познакомиться")
    assert talk.sees("Согласие 1 из 2: ваши данные")
    assert talk.buttons == ["Прочитать целиком", "Даю согласие", "Не сейчас"]
    await talk.presses("Даю согласие")
    assert talk.sees("Согласие 2 из 2: приглашения")
    assert talk.buttons == ["Даю согласие", "Без приглашений"]
    await talk.presses("Даю согласие")
    assert talk.sees("Шаг 1 из 6. Как вас зовут?")
    assert talk.buttons == ["Отмена"]
    await talk.says("иванова мария петровна")
    assert talk.sees("Шаг 2 из 6. Где вы работаете?")
    assert talk.buttons == ["Выбрать по району", "Назад"]
    await talk.says("гимназия 4 вязьма")
    assert talk.sees("1. Гимназия № 4, Вяземский округ")
    await talk.presses("1")
    assert talk.sees("Шаг 3 из 6. Ваша должность")
    assert talk.buttons == [
        "Учитель", "Воспитатель", "Директор", "Заместитель", "Методист", "Психолог", "Допобразование",
        "Другая должность", "Назад",
    ]  # fmt: skip
    await talk.presses("Учитель")
    assert talk.sees("Шаг 4 из 6. Что вы преподаёте?")
    assert talk.buttons == [
        "Начальная школа", "Математика", "Русский язык", "Литература", "Английский", "История", "Ещё", "Дальше",
        "Назад",
    ]  # fmt: skip
    await talk.presses("Математика")
    assert "✓ Математика" in talk.buttons
    await talk.presses("Дальше")
    assert talk.sees("Шаг 5 из 6. Два года через пробел")
    await talk.says("1968 1990")
    assert talk.sees("Шаг 6 из 6. Всё верно?")
    assert talk.sees("Иванова Мария Петровна")
    assert talk.sees("Гимназия № 4, Вяземский округ")
    assert talk.sees("Учитель, Математика")
    assert talk.sees("Год рождения 1968, с детьми с 1990 года")
    await talk.presses("Всё верно")
    assert talk.sees("✅ Профиль готов")
    assert talk.sees("Мария Петровна, можно начать с самодиагностики: 30 вопросов, около 7 минут.")
    assert talk.buttons == ["Начать диагностику", "Меню"]

    async with db.read() as session:
        person = (await session.scalars(select(Person))).one()
        assert (person.full_name, person.birth_year, person.teach_since_year) == ("Иванова Мария Петровна", 1968, 1990)
        assert person.confirmed_at is None
        kinds = set(await session.scalars(select(Consent.kind)))
        assert kinds == {ConsentKind.data, ConsentKind.news}
        assert list(await session.scalars(select(EmploymentSubject.subject_slug))) == ["math"]
        assert await session.scalar(select(func.count()).select_from(DialogState)) == 0


async def test_after_it_the_first_question_is_two_presses_away(talk: Talk) -> None:
    await to_check(talk)
    await talk.presses("Всё верно")
    await talk.presses("Начать диагностику")
    await talk.presses("К первому вопросу")
    assert talk.sees("1 из 30.")
    assert talk.saw("Профиль готов"), "the receipt is never edited away"


async def test_nothing_is_kept_without_the_first_consent(talk: Talk, db: Database) -> None:
    await talk.says("/start")
    await talk.presses("Познакомиться")
    await talk.presses("Не сейчас")
    assert talk.sees("Хорошо, ничего не сохранено")
    assert talk.buttons == ["Календарь", "Ответы", "Пробная диагностика", "Познакомиться"]
    async with db.read() as session:
        for table in (Person, Consent, DialogState):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_the_whole_document_can_be_read_first(talk: Talk) -> None:
    await talk.says("/start")
    await talk.presses("Познакомиться")
    await talk.presses("Прочитать целиком")
    assert talk.buttons[-1] == "Назад"
    assert talk.sees("Согласие на обработку персональных данных")
    while "Читать дальше" in talk.buttons:
        assert len(talk.text) <= 1600
        await talk.presses("Читать дальше")
    assert talk.sees("Отозвать") or talk.sees("отозвать")
    await talk.presses("Назад")
    assert talk.sees("Согласие 1 из 2")


async def test_without_invitations(talk: Talk, db: Database) -> None:
    await talk.says("/start")
    await talk.presses("Познакомиться")
    await talk.presses("Даю согласие")
    await talk.presses("Без приглашений")
    await talk.says("Иванова Мария")
    await talk.says("гимназия 4 вязьма")
    await talk.presses("1")
    await talk.presses("Директор")
    await talk.says("1968 1990")
    await talk.presses("Всё верно")
    async with db.read() as session:
        assert list(await session.scalars(select(Consent.kind))) == [ConsentKind.data]


async def test_by_district(talk: Talk) -> None:
    await to_organisation(talk)
    await talk.presses("Выбрать по району")
    assert talk.sees("Ваш район, стр. 1 из 6")
    await talk.presses("Ещё")
    assert talk.sees("стр. 2 из 6")
    assert "Раньше" in talk.buttons
    line = next(line for line in talk.text.splitlines() if line.startswith("2. "))
    await talk.presses("2")
    assert talk.sees(line.removeprefix("2. "))
    place = next(line for line in talk.text.splitlines() if line.startswith("1. "))
    await talk.presses("1")
    assert talk.sees("Шаг 3 из 6")
    await talk.presses("Учитель")
    await talk.presses("Математика")
    await talk.presses("Дальше")
    await talk.says("1968 1990")
    assert talk.sees(place.removeprefix("1. "))


@pytest.mark.parametrize("said", ["вяземский", "Вяземский округ", "ВЯЗЕМ"])
async def test_a_district_may_be_typed(talk: Talk, said: str) -> None:
    await to_organisation(talk)
    await talk.presses("Выбрать по району")
    await talk.says(said)
    assert talk.sees("Вяземский округ, стр. 1")
    await talk.says("гимназия 4")
    assert talk.sees("1. Гимназия № 4, Вяземский округ")


async def test_inside_a_district_the_search_stays_there(talk: Talk, db: Database) -> None:
    await to_organisation(talk)
    await talk.presses("Выбрать по району")
    await talk.says("смоленск")
    await talk.says("гимназия 4")
    assert talk.sees("город Смоленск")
    assert not talk.sees("Вяземский округ")


async def test_the_place_of_a_colleague_by_number_only(talk: Talk) -> None:
    await to_organisation(talk)
    await talk.says("4")
    assert talk.sees("Выберите своё место работы")
    assert talk.sees("№ 4,")


async def test_an_unknown_place_is_added_by_hand(talk: Talk, db: Database) -> None:
    await to_organisation(talk)
    await talk.says("Лесная школа Кукуево")
    assert talk.sees("По словам «Лесная школа Кукуево» не нашлось")
    assert talk.buttons == ["Выбрать по району", "Добавить и дальше", "Назад"]
    await talk.presses("Добавить и дальше")
    assert talk.sees("В каком районе ваше место работы?")
    await talk.says("Тридесятый")
    assert talk.sees("Района «Тридесятый» в списке нет")
    await talk.says("вяземский")
    assert talk.sees("Шаг 3 из 6")
    await talk.presses("Воспитатель")
    await talk.says("1990 2012")
    assert talk.sees("Лесная школа Кукуево, Вяземский округ")
    async with db.read() as session:
        added = select(Organisation).where(Organisation.name == "Лесная школа Кукуево")
        assert await session.scalar(added) is None, "nothing is added before the last press"
    await talk.presses("Всё верно")
    async with db.read() as session:
        place = (await session.scalars(added)).one()
        assert place.approved_at is None
        assert (await session.scalars(select(Employment.organisation_id))).one() == place.id


async def test_not_in_the_list_of_the_district(talk: Talk, db: Database) -> None:
    await to_organisation(talk)
    await talk.presses("Выбрать по району")
    await talk.says("вяземский")
    await talk.presses("Моего места нет")
    assert talk.sees("Добавим ваше место")
    await talk.says("!")
    assert talk.sees("Здесь нужен текст")
    await talk.says("Новая школа <b>")
    assert talk.sees("Шаг 3 из 6")
    await talk.presses("Директор")
    await talk.says("1968 1990")
    assert talk.sees("Новая школа <b>, Вяземский округ")


async def test_another_position_may_be_typed(talk: Talk, db: Database) -> None:
    await to_position(talk)
    await talk.presses("Другая должность")
    await talk.says("??")
    assert talk.sees("Здесь нужен текст")
    await talk.says("смотритель музея")
    assert talk.sees("Шаг 5 из 6")
    await talk.says("1968 1990")
    assert talk.sees("смотритель музея")
    await talk.presses("Всё верно")
    async with db.read() as session:
        job = (await session.scalars(select(Employment))).one()
        assert (job.position_slug, job.position_title) == ("other", "смотритель музея")


async def test_a_typed_position_that_we_know(talk: Talk, db: Database) -> None:
    await to_position(talk)
    await talk.presses("Другая должность")
    await talk.says("учитель-логопед")
    await talk.says("1968 1990")
    await talk.presses("Всё верно")
    async with db.read() as session:
        job = (await session.scalars(select(Employment))).one()
        assert job.position_slug != "other"
        assert job.position_title == ""


async def test_who_teaches_no_subject_is_not_asked_for_one(talk: Talk) -> None:
    await to_position(talk)
    await talk.presses("Психолог")
    assert talk.sees("Шаг 5 из 6")
    await talk.presses("Назад")
    assert talk.sees("Шаг 3 из 6")


async def test_several_subjects_pressed_and_typed(talk: Talk) -> None:
    await to_subject(talk)
    await talk.presses("Математика")
    await talk.presses("Ещё")
    await talk.presses("Физика")
    assert talk.sees("Отмечено: Математика, Физика.")
    await talk.says("информатика, астрономия; бег на месте")
    assert talk.sees("Предмет «бег на месте» в списке не нашёлся")
    assert talk.sees("Математика, Физика, Информатика, Астрономия")
    await talk.presses("✓ Математика")
    assert talk.sees("Отмечено: Физика, Информатика, Астрономия.")


async def test_a_teacher_marks_at_least_one_subject(talk: Talk) -> None:
    await to_subject(talk)
    await talk.presses("Дальше")
    assert talk.sees("Отметьте хотя бы один предмет")
    await talk.presses("История")
    await talk.presses("Дальше")
    assert talk.sees("Шаг 5 из 6")


@pytest.mark.parametrize("said", ["1968", "1990 19", "2020 2024", "1968 2031", "1868 1890", "сорок лет", "1968 1975"])
async def test_wrong_years_are_asked_again(talk: Talk, said: str) -> None:
    await to_years(talk)
    await talk.says(said)
    assert talk.sees(f"Похоже, в годах опечатка: «{said}». Напишите так: 1968 1990.")
    await talk.says("1990, 1968")
    assert talk.sees("Год рождения 1968, с детьми с 1990 года")


@pytest.mark.parametrize("said", ["Маша", "Ivanova Maria", "8 903 123-45-67", "И. Мария", "😀 😀", "а" * 3000])
async def test_what_is_no_name_is_asked_again(talk: Talk, said: str) -> None:
    await to_name(talk)
    await talk.says(said)
    assert talk.sees("Не получилось прочитать имя")
    await talk.says("ИВАНОВА-ПЕТРОВА Мария")
    assert talk.sees("Шаг 2 из 6")


BACK: dict[str, tuple[Callable[[Talk], object], str]] = {
    "organisation": (to_organisation, "Шаг 1 из 6"),
    "position": (to_position, "Шаг 2 из 6"),
    "subject": (to_subject, "Шаг 3 из 6"),
    "years": (to_years, "Шаг 4 из 6"),
    "check": (to_check, "Шаг 5 из 6"),
}


@pytest.mark.parametrize("step", BACK)
async def test_back_from_every_step(talk: Talk, step: str) -> None:
    reach, before = BACK[step]
    await reach(talk)  # type: ignore[misc]
    await talk.presses("Назад")
    assert talk.sees(before)


async def test_back_keeps_what_was_marked(talk: Talk) -> None:
    await to_years(talk)
    await talk.presses("Назад")
    assert "✓ Математика" in talk.buttons
    await talk.presses("Дальше")
    assert talk.sees("Шаг 5 из 6")


async def test_cancel_on_the_first_step_forgets_everything(talk: Talk, db: Database) -> None:
    await to_name(talk)
    await talk.presses("Отмена")
    assert talk.sees("Ничего не сохранено")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(DialogState)) == 0
    await talk.says("Иванова Мария Петровна")
    assert not talk.sees("Шаг 2")


async def test_one_answer_is_corrected_and_the_rest_stays(talk: Talk) -> None:
    await to_check(talk)
    await talk.presses("Исправить")
    assert talk.buttons == ["Имя", "Место работы", "Должность", "Предметы", "Годы", "Назад"]
    await talk.presses("Имя")
    await talk.says("Петрова Анна")
    assert talk.sees("Петрова Анна")
    assert talk.sees("Учитель, Математика")
    await talk.presses("Исправить")
    await talk.presses("Должность")
    await talk.presses("Директор")
    assert talk.sees("Шаг 6 из 6")
    assert not talk.sees("Математика")
    await talk.presses("Исправить")
    assert "Предметы" not in talk.buttons
    await talk.presses("Должность")
    await talk.presses("Учитель")
    assert talk.sees("Шаг 4 из 6"), "a teacher without a subject is asked for one"
    await talk.presses("Физика") if "Физика" in talk.buttons else await talk.says("физика")
    await talk.presses("Дальше")
    assert talk.sees("Учитель, Физика")
    await talk.presses("Исправить")
    await talk.presses("Годы")
    await talk.presses("Назад")
    assert talk.sees("Шаг 6 из 6")


@pytest.mark.parametrize("way", ["/menu", "/start", "меню", "/cancel"])
async def test_who_leaves_goes_on_where_she_stopped(talk: Talk, way: str) -> None:
    await to_years(talk)
    await talk.says(way)
    assert talk.sees("Здравствуйте. Это «Маршрут»")
    await talk.says("1968 1990")
    assert not talk.sees("Шаг 6"), "no text is awaited any more"
    await talk.says("/start")
    await talk.presses("Познакомиться")
    assert talk.sees("Шаг 5 из 6")
    await talk.says("1968 1990")
    assert talk.sees("Иванова Мария Петровна")
    assert talk.sees("Учитель, Математика")


async def test_who_leaves_between_the_consents(talk: Talk) -> None:
    await talk.says("/start")
    await talk.presses("Познакомиться")
    await talk.presses("Даю согласие")
    await talk.says("/start")
    await talk.presses("Познакомиться")
    assert talk.sees("Согласие 2 из 2")


async def test_every_answer_can_be_typed(talk: Talk) -> None:
    await talk.says("/start")
    for said in ("познакомиться", "даю согласие", "без приглашений", "Иванова Мария", "гимназия 4 вязьма", "1"):
        await talk.says(said)
    assert talk.sees("Шаг 3 из 6")
    await talk.says("воспит")
    await talk.says("1968 1990")
    await talk.says("всё верно")
    assert talk.sees("Профиль готов")


async def test_the_last_press_twice_makes_one_profile(talk: Talk, db: Database) -> None:
    await to_check(talk)
    check = talk.screen
    await talk.presses("Всё верно", of=check)
    await talk.press_action("people:register", of=check)
    assert talk.sees("Профиль готов")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize("action", ["people:begin", "people:register", "people:agree"])
async def test_an_old_button_of_the_acquaintance_shows_the_profile(talk: Talk, action: str) -> None:
    await to_check(talk)
    await talk.presses("Всё верно")
    await talk.press_action(action)
    assert talk.sees("Профиль")
    assert talk.sees("Иванова Мария Петровна")


@pytest.mark.parametrize("action", ["people:step:check", "people:step:nonsense", "people:register", "people:org:1"])
async def test_a_button_of_a_lost_draft_begins_anew(talk: Talk, action: str) -> None:
    await talk.says("/start")
    await talk.press_action(action)
    assert talk.sees("Мы остановились раньше")
    await talk.presses("Познакомиться")
    assert talk.sees("Согласие 1 из 2")


async def test_an_imported_person_is_found_by_name_place_and_year(talk: Talk, db: Database) -> None:
    async with db.begin() as session:
        place = await make_organisation(session, "Опытная школа")
        await search.index(session, places.ORGANISATION, place.id, place.name)
        imported = await make_person(session, organisation=place, birth_year=1968)
        imported.registered_at = None
    await to_organisation(talk)
    await talk.says("опытная школа")
    await talk.presses("1")
    await talk.presses("Учитель")
    await talk.presses("Математика")
    await talk.presses("Дальше")
    await talk.says("1968 1990")
    await talk.presses("Всё верно")
    person = await only_person(db)
    assert person.id == imported.id
    assert person.confirmed_at == NOW, "she stays confirmed"
    assert person.registered_at is not None
