"""First contact, the menu and words that work everywhere."""

from tests.chat import Talk


async def test_a_guest_is_greeted_and_may_look_around(talk: Talk) -> None:
    await talk.says("/start")
    assert talk.sees("Здравствуйте. Это «Маршрут»")
    await talk.presses("Сначала осмотреться")
    assert talk.sees("Без регистрации")
    await talk.says("помощь")
    assert talk.sees("Чем помочь?")
    await talk.says("сначала")
    assert talk.sees("Не получилось понять")


async def test_last_years_button_is_answered(talk: Talk) -> None:
    await talk.says("/start")
    await talk.press_action("something:gone:12")
    assert talk.sees("Кнопка из старого сообщения")
    assert talk.sees("Здравствуйте")
