"""Russian names: parts, agreement, gender."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.names import Gender, gender_of, is_name, patronymic, proper, split_name, surname

FATHERS = {
    "Иван": ("Ивановна", "Иванович"),
    "Сергей": ("Сергеевна", "Сергеевич"),
    "Игорь": ("Игоревна", "Игоревич"),
    "Василий": ("Васильевна", "Васильевич"),
    "Дмитрий": ("Дмитриевна", "Дмитриевич"),
    "Илья": ("Ильинична", "Ильич"),
    "Лев": ("Львовна", "Львович"),
    "Пётр": ("Петровна", "Петрович"),
    "Юрий": ("Юрьевна", "Юрьевич"),
    "Павел": ("Павловна", "Павлович"),
    "Георгий": ("Георгиевна", "Георгиевич"),
    "Никита": ("Никитична", "Никитич"),
}


@pytest.mark.parametrize(("father", "expected"), FATHERS.items())
def test_patronymic_agrees(father, expected):
    assert (patronymic(father, Gender.female), patronymic(father, Gender.male)) == expected
    for made, gender in zip(expected, (Gender.female, Gender.male), strict=True):
        assert gender_of(made) is gender


def test_surnames_agree():
    made = [surname(s, Gender.female) for s in ("Ветров", "Луговской", "Ольховский", "Лозовой", "Шевчук", "Рябинин")]
    assert made == ["Ветрова", "Луговская", "Ольховская", "Лозовая", "Шевчук", "Рябинина"]
    assert surname("Ветров", Gender.male) == "Ветров"


def test_names_are_split_and_made_proper():
    assert split_name("  Ветрова   Анна Ильинична ") == ("Ветрова", "Анна", "Ильинична")
    assert split_name("Ветрова") == ("Ветрова", "", "")
    assert split_name("Алиева Лейла Мамед кызы") == ("Алиева", "Лейла", "Мамед кызы")
    assert proper("ВЕТРОВА-ЛУГОВАЯ") == "Ветрова-Луговая"
    assert proper("анна") == "Анна"
    assert proper("де Вилье") == "де Вилье"


@pytest.mark.parametrize("text", ["Анна", "Ветрова-Луговая", "Мамед кызы", "О'Коннор", "А."])
def test_these_are_names(text):
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "Анна1", "@анна", "Анна  Ивановна", "😀", "<b>", "А" * 101])
def test_these_are_not(text):
    assert not is_name(text)


@given(st.text(max_size=60))
def test_nothing_raises(text):
    last, first, middle = split_name(text)
    assert is_name(last) in (True, False)
    assert proper(first) == proper(proper(first))
    assert gender_of(middle) in (None, Gender.female, Gender.male)
