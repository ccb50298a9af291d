"""A practice from the first word to «получилось применить»: as the conversation goes, on every messenger."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import (
    Bookmark,
    Consent,
    ConsentKind,
    Fact,
    FactKind,
    Messenger,
    Outbox,
    Person,
    Practice,
    PracticeFile,
    PracticeReview,
    PracticeState,
    PracticeUse,
    Role,
    StoredFile,
)
from bot.models.practices import FileDoubt
from bot.services import consents
from bot.ui.screen import Screen
from tests.chat import Talk
from tests.conftest import Newcomer
from tests.factories import NOW, give_role, make_organisation, make_person

TITLE = "Карта ошибок вместо красной пасты"
STEPS = (
    TITLE,
    "Пятиклассники не перечитывают работы после проверки.",
    "1. Коды ошибок на полях. 2. Ученик заполняет карту ошибок. 3. Через неделю возвращаемся к карте.",
    "В повторной работе однотипных ошибок стало вдвое меньше.",
    "Русский язык, 5–6 класс",
)


class Bank:
    """An author, two experts of other schools, somebody of the centre, each in a chat of her own."""

    def __init__(self, talks: list[Talk], people: list[Person]) -> None:
        self.author, self.first, self.second, self.centre = talks
        self.ids = [person.id for person in people]


@pytest.fixture
async def bank(db: Database, newcomer: Newcomer) -> Bank:
    talks = [await newcomer() for _ in range(4)]
    names = (
        "Кашина Вера Львовна", "Ложкина Анна Петровна", "Миронова Ольга Ильинична", "Носова Инна Павловна",
    )  # fmt: skip
    async with db.begin() as session:
        people = [
            await make_person(
                session, name, accounts={Messenger(talk.messenger): talk.user_id},
                organisation=await make_organisation(session, f"Школа № {i}"),
            )
            for i, (name, talk) in enumerate(zip(names, talks, strict=True), start=1)
        ]  # fmt: skip
        for person in people[1:3]:
            await give_role(session, person, Role.methodist)
        await give_role(session, people[3], Role.centre_staff)
    return Bank(talks, people)


async def pushed(db: Database, person_id: int, kind: str) -> Screen:
    """The newest pushed screen of a kind."""
    async with db.read() as session:
        row = await session.scalar(
            select(Outbox)
            .where(Outbox.person_id == person_id, Outbox.kind == f"practice-{kind}")
            .order_by(Outbox.id.desc())
        )
    assert row is not None, f"nothing of {kind} was pushed"
    return Screen.from_json(row.screen)


def action(screen: Screen, label: str) -> str:
    return next(button.action for row in screen.rows for button in row if button.label == label)


async def tells(talk: Talk, steps: tuple[str, ...] = STEPS) -> None:
    """From the menu to the look before sending."""
    await talk.says("практики")
    await talk.presses("Поделиться практикой")
    assert talk.sees("около пяти минут")
    await talk.presses("Начать")
    for number, text in enumerate(steps, start=1):
        assert talk.sees(f"Шаг {number} из 6")
        await talk.says(text)
    assert talk.sees("Шаг 6 из 6")


async def sends(talk: Talk, how: str = "С именем") -> int:
    """The rest of the way; the number of the practice."""
    await talk.presses("Готово")
    assert talk.sees("Проверьте перед отправкой")
    await talk.presses("Дальше")
    assert talk.sees("педагог региона")
    await talk.presses(how)
    assert talk.sees("Практика отправлена экспертам")
    return int(
        next(b for row in talk.screen.rows for b in row if b["text"] == "Забрать")["callback_data"].split(":")[-1]
    )


async def appoints(bank: Bank, db: Database) -> None:
    told = await pushed(db, bank.ids[3], "arrived")
    await bank.centre.says("/menu")
    await bank.centre.press_action(action(told, "Назначить"))
    assert bank.centre.sees("Ложкина Анна Петровна")
    assert bank.centre.sees("Миронова Ольга Ильинична")
    assert not bank.centre.sees("Кашина")
    await bank.centre.presses("Назначить подходящих")
    assert bank.centre.sees("Назначено: 2")


async def marks(talk: Talk, db: Database, person_id: int, *, words: str = "") -> None:
    """Five marks and the word; words ask for more."""
    told = await pushed(db, person_id, "asked")
    await talk.says("/menu")
    await talk.press_action(action(told, "Открыть"))
    assert talk.sees("Автор и школа скрыты")
    assert not talk.sees("Кашина")
    assert not talk.sees("Школа № 1")
    await talk.presses("Отметить")
    for number in range(1, 6):
        assert talk.sees(f"{number} из 5")
        await talk.presses("Отчасти" if words else "Да")
    assert talk.sees("Ваше слово")
    if words:
        await talk.presses("Просить дополнить")
        await talk.says(words)
    else:
        await talk.presses("Опубликовать")
    assert talk.sees("Спасибо, учтено")


async def test_submitted_judged_published_found_and_applied(bank: Bank, db: Database) -> None:
    author, reader = bank.author, bank.centre
    await tells(author)
    number = await sends(author)
    await appoints(bank, db)
    await marks(bank.first, db, bank.ids[1])
    assert bank.first.sees("Ждём второго эксперта")
    await marks(bank.second, db, bank.ids[2])
    assert bank.second.sees("Практика опубликована")
    told = await pushed(db, bank.ids[0], "published")
    assert TITLE in told.text
    assert "сертификат №" in told.text

    # Found by one misspelt word of what was done, typed out of the blue.
    await reader.says("/menu")
    await reader.says("карта ошыбок")
    assert reader.sees(f"1. Практика: {TITLE}")
    await reader.presses("1")
    assert reader.sees("Автор: Кашина Вера Львовна, Школа № 1")
    assert reader.sees("Русский язык, 5–6 класс") or reader.sees("5–6")
    await reader.presses("В закладки")
    await reader.presses("Убрать закладку")
    await reader.presses("В закладки")
    await reader.presses("Поделиться")
    assert reader.sees(f"/practices/{number}")
    await reader.presses("Назад")
    await reader.presses("Получилось применить")
    await reader.says("Взяла в шестом классе, карты заполняют сами. Телефон +7 910 123-45-67")
    await reader.presses("Без имени")
    assert reader.sees("Спасибо, записано")
    assert reader.sees("Применили: 1 коллега")
    used = await pushed(db, bank.ids[0], "used")
    assert "Коллега из региона" in used.text
    assert "123-45-67" not in used.text
    assert "Носова" not in used.text

    await author.press_action(action(told, "Сертификат автора"))
    assert any(message.file is not None for message in author.messages)
    assert author.saw("Сертификат автора")
    await reader.says("закладки")
    assert reader.sees("Мои закладки")
    assert reader.sees(TITLE)
    async with db.read() as session:
        kinds = dict((await session.execute(select(Fact.kind, func.count()).group_by(Fact.kind))).all())
        assert await consents.has(session, bank.ids[0], ConsentKind.publish)
        assert (await session.get_one(Practice, number)).reviewed
    assert kinds == {FactKind.practice_reviewed: 2, FactKind.practice_published: 1, FactKind.practice_applied: 1}


@pytest.fixture
async def one_bank(db: Database, newcomer_on: object) -> Bank:
    """The same people, all in the web chat: what does not depend on the messenger runs once."""
    talks = [await newcomer_on("telegram") for _ in range(4)]  # type: ignore[operator]
    async with db.begin() as session:
        people = [
            await make_person(
                session, name, accounts={Messenger.telegram: talk.user_id},
                organisation=await make_organisation(session, f"Школа № {i}"),
            )
            for i, (name, talk) in enumerate(
                zip(
                    (
                        "Кашина Вера Львовна", "Ложкина Анна Петровна", "Миронова Ольга Ильинична",
                        "Носова Инна Павловна",
                    ),
                    talks, strict=True,
                ),
                start=1,
            )
        ]  # fmt: skip
        for person in people[1:3]:
            await give_role(session, person, Role.methodist)
        await give_role(session, people[3], Role.centre_staff)
    return Bank(talks, people)


async def test_returned_added_to_and_published(one_bank: Bank, db: Database) -> None:
    bank = one_bank
    await tells(bank.author)
    await sends(bank.author, "Без имени")
    await appoints(bank, db)
    await marks(bank.first, db, bank.ids[1], words="Покажите, пожалуйста, образец карты ошибок.")
    await marks(bank.second, db, bank.ids[2], words="Добавьте, сколько времени занимает карта на уроке.")
    told = await pushed(db, bank.ids[0], "returned")
    assert "образец карты ошибок" in told.text
    assert "сколько времени" in told.text
    assert "Ложкина" not in told.text
    author = bank.author
    await author.press_action(action(told, "Дополнить"))
    await author.presses("Исправить шаг")
    await author.presses("4")
    assert author.sees("Сейчас: В повторной работе")
    await author.says("Однотипных ошибок стало вдвое меньше; карта занимает пять минут.")
    assert author.sees("Шаг 6 из 6")
    number = await sends(author, "Без имени")
    # The same two look again, without anybody appointing them.
    for talk, person_id in ((bank.first, bank.ids[1]), (bank.second, bank.ids[2])):
        await marks(talk, db, person_id)
    await bank.centre.press_action(f"practices:card:{number}")
    assert bank.centre.sees("Автор: педагог региона")
    assert not bank.centre.sees("Кашина")
    async with db.read() as session:
        assert not await consents.has(session, bank.ids[0], ConsentKind.publish)
        assert (await session.get_one(Practice, number)).round == 2


async def test_where_they_differ_a_third_decides(one_bank: Bank, db: Database, newcomer_on: object) -> None:
    bank = one_bank
    third = await newcomer_on("telegram")  # type: ignore[operator]
    await tells(bank.author)
    number = await sends(bank.author)
    await appoints(bank, db)
    await marks(bank.first, db, bank.ids[1])
    await marks(bank.second, db, bank.ids[2], words="Не видно, по чему судить о результате.")
    assert bank.second.sees("Мнения разошлись")
    async with db.begin() as session:
        person = await make_person(session, "Орлова Юлия Марковна", accounts={Messenger.telegram: third.user_id})
        await give_role(session, person, Role.methodist)
    told = await pushed(db, bank.ids[3], "third")
    await bank.centre.press_action(action(told, "Назначить"))
    assert bank.centre.sees("Орлова")
    assert not bank.centre.sees("Ложкина")
    await bank.centre.presses("1")
    assert bank.centre.sees("Экспертов: 3"), bank.centre.text
    await bank.centre.press_action("practices:desk:0")
    await marks(third, db, person.id)
    async with db.read() as session:
        assert (await session.get_one(Practice, number)).state is PracticeState.published


async def test_nothing_that_was_written_is_lost(one_bank: Bank, db: Database) -> None:
    author = one_bank.author
    await author.says("практики")
    await author.presses("Поделиться практикой")
    await author.presses("Начать")
    await author.says(TITLE)
    await author.says("Задача была такая.")
    await author.presses("Пауза")
    await author.says("/menu")
    await author.says("Просто мысли вслух на ходу сегодня")
    await author.says("практики")
    await author.presses("Дописать начатое")
    assert author.sees(TITLE)
    assert author.sees("Задача была такая.")
    assert author.sees("Не хватает")
    await author.presses("Заполнить")
    assert author.sees("Шаг 3 из 6")
    await author.says("👍")
    assert author.sees("Здесь нужен текст")
    await author.says("слово " * 600)
    await author.press_action("practices:mine:0")
    assert author.sees("черновик")
    async with db.read() as session:
        row = (await session.scalars(select(Practice))).one()
        assert row.problem == "Задача была такая."
        assert len(row.actions) > 3000
        assert await session.scalar(select(func.count()).select_from(Outbox)) == 0


async def test_pupils_are_asked_about(one_bank: Bank, db: Database) -> None:
    author = one_bank.author
    steps = (TITLE, "Ученик Петров Иван не читал.", "Спросили у мамы: +7 910 123-45-67.", STEPS[3], STEPS[4])
    await tells(author, steps)
    await author.sends_file("урок.pdf", b"%PDF-1.4 not a real one")
    assert author.sees("Прислано: урок.pdf")
    await author.sends_file("класс.jpg", b"\xff\xd8\xff", "image/jpeg")
    assert author.sees("имена или лица учеников")
    await author.press_action("practices:check:1")
    assert author.sees("имена или лица учеников")
    await author.press_action("practices:send:1:named")
    assert author.sees("Сначала посмотрим")
    await author.press_action("practices:check:1")
    await author.presses("Согласие есть")
    await author.presses("Готово")
    assert author.sees("чужие имена или телефоны")
    assert author.sees("+7 910 123-45-67")
    await author.presses("Убрать имена")
    await author.presses("Дальше")
    await author.presses("Без имени")
    async with db.read() as session:
        row = (await session.scalars(select(Practice))).one()
        assert "Петров" not in row.problem
        assert "123-45-67" not in row.actions
        doubts = set(await session.scalars(select(PracticeFile.doubt)))
        assert doubts == {FileDoubt.clean, FileDoubt.agreed}


async def test_taken_back_and_put_back(one_bank: Bank, db: Database) -> None:
    bank = one_bank
    await tells(bank.author)
    number = await sends(bank.author)
    await appoints(bank, db)
    for talk, person_id in ((bank.first, bank.ids[1]), (bank.second, bank.ids[2])):
        await marks(talk, db, person_id)
    author, reader = bank.author, bank.centre
    await author.press_action(f"practices:take:{number}")
    assert author.sees("Её не будет в «Навигаторе»")
    await author.presses("Забрать")
    await reader.press_action(f"practices:card:{number}")
    assert reader.sees("Этой практики больше нет")
    await reader.press_action("navigator:home")
    await reader.says("карта ошибок")
    assert reader.sees("не нашлось"), reader.text
    assert "По темам" in reader.buttons
    await author.presses("Вернуть")
    assert author.sees("опубликована"), author.text
    await reader.says("карта ошибок")
    assert reader.sees(TITLE), reader.text
    # A draft goes altogether, with its file.
    await author.press_action("practices:begin")
    await author.press_action("practices:step:2:files")
    await author.sends_file("черновик.pdf", b"%PDF-1.4 draft")
    await author.press_action("practices:taken:2")
    assert author.sees("Черновик удалён")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(StoredFile)) == 0
        assert await session.scalar(select(func.count()).select_from(Practice)) == 1


async def test_the_name_goes_with_the_consent(one_bank: Bank, db: Database) -> None:
    bank = one_bank
    await tells(bank.author)
    number = await sends(bank.author, "С именем")
    await appoints(bank, db)
    for talk, person_id in ((bank.first, bank.ids[1]), (bank.second, bank.ids[2])):
        await marks(talk, db, person_id)
    reader = bank.centre
    await reader.press_action(f"practices:card:{number}")
    assert reader.sees("Кашина Вера Львовна")
    async with db.begin() as session:
        await consents.withdraw(session, bank.ids[0], ConsentKind.publish, now=NOW)
    await reader.says("/menu")
    await reader.press_action(f"practices:card:{number}")
    assert reader.sees("педагог региона")
    assert not reader.sees("Кашина")


async def test_nobody_does_what_is_not_hers(one_bank: Bank, db: Database) -> None:
    bank = one_bank
    await tells(bank.author)
    number = await sends(bank.author)
    # The author appoints nobody, reads no reviews, marks nothing; a stranger opens nothing unpublished.
    for data in ("practices:desk:0", f"practices:appoint:{number}", f"practices:auto:{number}"):
        await bank.author.press_action(data)
        assert bank.author.sees("открыт другой роли"), data
    await appoints(bank, db)
    async with db.read() as session:
        review = (await session.scalars(select(PracticeReview).order_by(PracticeReview.id))).first()
        assert review is not None
    for talk in (bank.author, bank.second if review.expert_id == bank.ids[1] else bank.first):
        await talk.says("/menu")
        await talk.press_action(f"practices:review:{review.id}")
        assert talk.sees("Этой практики больше нет")
        await talk.press_action(f"practices:marked:{review.id}:useful:2")
        assert talk.sees("Этой практики больше нет")
    await bank.second.says("/menu")
    for data in (f"practices:own:{number}", f"practices:taken:{number}", f"practices:card:{number}"):
        await bank.second.press_action(data)
        assert bank.second.sees("Этой практики больше нет"), data
    async with db.read() as session:
        assert (await session.get_one(Practice, number)).state is PracticeState.review
        assert await session.scalar(select(func.count()).select_from(PracticeUse)) == 0


async def test_an_expert_may_refuse(one_bank: Bank, db: Database) -> None:
    bank = one_bank
    await tells(bank.author)
    await sends(bank.author)
    await appoints(bank, db)
    told = await pushed(db, bank.ids[1], "asked")
    await bank.first.says("/menu")
    await bank.first.press_action(action(told, "Не смогу"))
    assert bank.first.sees("Попросим кого-то другого")
    again = await pushed(db, bank.ids[3], "arrived")
    await bank.centre.press_action(action(again, "Назначить"))
    assert bank.centre.sees("Подходящих не нашлось")
    assert bank.centre.sees("Экспертов: 1")


async def test_links_open_for_guests_too(one_bank: Bank, db: Database, newcomer: Newcomer) -> None:
    bank = one_bank
    await tells(bank.author)
    number = await sends(bank.author)
    await appoints(bank, db)
    for talk, person_id in ((bank.first, bank.ids[1]), (bank.second, bank.ids[2])):
        await marks(talk, db, person_id)
    guest = await newcomer()
    await guest.says(f"/start nav_practice-{number}")
    assert guest.sees(TITLE)
    assert "Получилось применить" not in guest.buttons
    assert "В закладки" not in guest.buttons
    await guest.says(f"/start practice_{number}")
    assert guest.sees(TITLE)
    await guest.says("/start nav_nothing-1")
    assert guest.sees("Навигатор")
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Bookmark)) == 0
        assert await session.scalar(select(func.count()).select_from(Consent)) == 1


async def test_a_title_before_the_beginning_is_the_title(one_bank: Bank, db: Database) -> None:
    await one_bank.author.says("/menu")
    await one_bank.author.press_action("practices:new")
    await one_bank.author.says(TITLE)
    assert one_bank.author.sees("Шаг 2 из 6")
    async with db.read() as session:
        assert await session.scalar(select(Practice.title)) == TITLE
    await one_bank.author.press_action("practices:new")
    assert one_bank.author.sees(TITLE), "the draft goes on"
