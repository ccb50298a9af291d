"""A preview says what the messenger will really show: checked against what the fakes receive."""

from __future__ import annotations

from bot.messengers import preview
from bot.models import BroadcastKind, Messenger
from bot.screens import broadcasts as screens
from bot.services.broadcasts import Post
from bot.ui.screen import Button, Screen, rows
from bot.ui.show import send
from tests.conftest import NewcomerOn


async def test_as_the_messenger_shows_it(newcomer_on: NewcomerOn, texts) -> None:  # type: ignore[no-untyped-def]
    label = "Посмотреть расписание занятий"
    said = Post(BroadcastKind.rubric, "Три вопроса", "Раз.\n\nДва.", label, "https://a.example/b", "#шпаргалка", "x")
    screen = screens.post(texts.translator(), said)
    wide = Screen("Слово", rows([Button("Очень длинная надпись", "a:b"), Button("Ещё одна", "c:d")]))
    looks = {look.messenger: look for look in preview.looks(screen)}
    assert set(looks) == {Messenger.telegram, Messenger.vk, Messenger.max, Messenger.web}
    for name in ("telegram", "vk", "max"):
        talk = await newcomer_on(name)
        await talk.says("/start")
        bot = talk.bot  # type: ignore[attr-defined]
        for shown in (screen, wide):
            (look,) = (one for one in preview.looks(shown) if one.messenger == name)
            await send(bot, talk.user_id, shown)
            assert [b for row in look.buttons for b in row] == talk.buttons, name
            assert look.messages == (shown.text,)


def test_what_does_not_fit_is_said() -> None:
    screen = Screen("<b>Заголовок</b>\n\n" + "слово " * 900, rows(Button("н" * 50, "a:b")))
    looks = {look.messenger: look for look in preview.looks(screen, with_file=True)}
    assert len(looks[Messenger.telegram].messages) == 2
    assert looks[Messenger.vk].cut == ("н" * 50,)
    assert looks[Messenger.max].cut == ()
    assert looks[Messenger.telegram].file_apart
    short = {look.messenger: look for look in preview.looks(Screen("слово " * 200), with_file=True)}
    assert short[Messenger.telegram].file_apart, "a caption of Telegram is shorter than a message"
    assert not short[Messenger.vk].file_apart
