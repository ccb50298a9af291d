"""What the words of a question tell."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import TicketTheme
from bot.rules.hotline_words import Kind, guess_theme, is_empty, is_question, nameless, personal, without


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Как правильно заполнить КТП по ФОП на второе полугодие?", TicketTheme.programmes),
        ("Можно ли ставить отметки за ВПР в журнал?", TicketTheme.exams),
        ("Где взять критерии для формирующего оценивания?", TicketTheme.assessment),
        ("В классе ребёнок с ОВЗ, как составить программу?", TicketTheme.inclusion),
        ("какие документы нужны на первую категорию", TicketTheme.attestation),
        ("Когда придёт удостоверение за курсы?", TicketTheme.courses),
        ("Нужен наставник молодому специалисту", TicketTheme.mentoring),
        ("Как собрать родительское собрание, если буллинг?", TicketTheme.homeroom),
        ("задания на читательскую грамотность 7 класс", TicketTheme.literacy),
        ("сферум не открывается на уроке", TicketTheme.digital),
        ("Кто платит за поездку на олимпиаду?", TicketTheme.contests),
        ("Как считается учебная нагрузка при замещении?", TicketTheme.workload),
        ("Что делать после диагностики, где мой ИОМ?", TicketTheme.iom),
        ("Здравствуйте", TicketTheme.other),
    ],
)
def test_the_theme_is_guessed(text: str, theme: TicketTheme) -> None:
    assert guess_theme(text) is theme


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Позвоните мне +7 (910) 123-45-67 после уроков", ["+7 (910) 123-45-67"]),
        ("мой номер 89101234567", ["89101234567"]),
        ("пишите на anna.p@school-4.ru", ["anna.p@school-4.ru"]),
        ("У Петрова Ивана тройка по математике", ["Петрова Ивана"]),
        ("Ученик 5 класса Сидоров не читает", ["Сидоров"]),
        ("ученица 7«Б» Катя Белова пропускает уроки", ["Катя Белова"]),
        ("Мама Смирновой Дарьи Олеговны против", ["Смирновой Дарьи Олеговны"]),
        ("работа Кузнецова П. С. пропала", ["Кузнецова П. С."]),
        ("мальчик Магомед не говорит по-русски", ["Магомед"]),
        # Nobody's data.
        ("Добрый день, Анна Петровна", []),
        ("Урок по рассказу Антона Чехова и стихам А. С. Пушкина", []),
        ("Ученик 5 класса не читает", []),
        ("Приказ № 1234567 от 12.10.2026, п. 3.2", []),
        ("Класс 5А, 25 человек, 12 заданий", []),
        ("Как оценивать ВПР в 2026 году?", []),
    ],
)
def test_data_of_people_is_found(text: str, data: list[str]) -> None:
    assert [text[one.start : one.end] for one in personal(text)] == data


def test_what_is_found_can_be_left_out() -> None:
    text = "У Петрова Ивана (тел. 8 910 123-45-67) тройка"
    assert without(text, personal(text)) == "У … (тел. …) тройка"
    assert [one.kind for one in personal(text)] == [Kind.name, Kind.phone]


def test_a_public_text_names_no_school() -> None:
    text = "У нас в школе № 12 и в МБОУ «Гимназия № 4» г. Вязьмы дети не сдают. Иванова Мария Петровна"
    assert nameless(text) == "У нас в … и в … г. Вязьмы дети не сдают. …"
    assert nameless("В школе трудно") == "В школе трудно"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Где взять бланк?", True), ("как выставить отметку четвертную", True), ("спасибо", False), ("ок ладно", False)],
)
def test_a_question_is_known_by_its_look(text: str, expected: bool) -> None:
    assert is_question(text) is expected


@pytest.mark.parametrize(("text", "empty"), [("", True), ("👍", True), ("?", True), ("…", True), ("ВПР", False)])
def test_emptiness(text: str, empty: bool) -> None:
    assert is_empty(text) is empty


@given(st.text(max_size=400))
def test_pieces_are_apart_and_leaving_out_is_final(text: str) -> None:
    found = personal(text, schools=True)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert len(without(text, found)) <= len(text) + len(found)
