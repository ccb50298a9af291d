"""MAX: the closed list of methods over its wire, its limits, errors and faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import BanChatMember, SendMessage
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from bot.config import MaxSettings
from bot.db import Database
from bot.jobs.outbox import NOT_BEGUN
from bot.messengers.base import MessengerBot
from bot.messengers.max import client
from bot.messengers.max.client import failure_of
from bot.messengers.max.session import HOSTS, MaxSession, max_bot
from bot.models import Messenger
from bot.rules.chat_ids import MAX_GROUPS, coded
from bot.ui.screen import Attachment, Button, Screen, rows
from bot.ui.show import edit, send
from tests.fakes.max import BOT, TOKEN, FakeMax, MaxError
from tests.fakes.telegram import Shown

USER = 212843158
ANNA = coded(Messenger.max, USER)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "NOT_READY_PAUSES", (0.01, 0.01))
    monkeypatch.setattr("bot.messengers.pacing.PATIENCE", 0)


@pytest.fixture
async def server() -> AsyncIterator[FakeMax]:
    async with FakeMax() as made:
        made.meet(USER)
        yield made


@pytest.fixture
async def bot(server: FakeMax, db: Database) -> AsyncIterator[MessengerBot]:
    made = max_bot(db, MaxSettings(token=TOKEN, api_base=server.url))
    yield made
    await made.session.close()


def session_of(bot: MessengerBot) -> MaxSession:
    assert isinstance(bot.session, MaxSession)
    return bot.session


def markup(count: int, per_row: int = 5) -> InlineKeyboardMarkup:
    made = [InlineKeyboardButton(text=f"к{i}", callback_data=f"a:b:{i}") for i in range(count)]
    return InlineKeyboardMarkup(inline_keyboard=[made[i : i + per_row] for i in range(0, count, per_row)])


def last(server: FakeMax) -> Shown:
    return server.chats[USER][-1]


# --- sending and changing -----------------------------------------------------------------------------


async def test_a_message_goes_as_html_with_its_buttons(bot: MessengerBot, server: FakeMax) -> None:
    message = await bot.send_message(ANNA, "😀 <b>важно</b> &amp; <s>просто</s>", reply_markup=markup(2))
    name, query, body = server.calls[-1]
    assert (name, query) == ("POST /messages", {"user_id": str(USER), "disable_link_preview": "true"})
    assert (body["text"], body["format"]) == ("😀 <b>важно</b> &amp; просто", "html")
    assert body["attachments"][0]["payload"]["buttons"][0][0] == {"type": "callback", "text": "к0", "payload": "a:b:0"}
    assert (message.chat.id, message.text, message.message_id) == (ANNA, "😀 важно & просто", last(server).id)
    assert message.reply_markup == markup(2)
    await message.edit_text("дальше")
    assert (last(server).text, last(server).rows) == ("дальше", [])


async def test_plain_words_are_not_read_as_html(bot: MessengerBot, server: FakeMax) -> None:
    await bot.send_message(ANNA, "a < b & <c>", parse_mode=None)
    assert last(server).plain == "a < b & <c>"


async def test_a_quiet_answer_to_a_message(bot: MessengerBot, server: FakeMax) -> None:
    first = await bot.send_message(ANNA, "вопрос")
    reply = ReplyParameters(message_id=first.message_id)
    await bot.send_message(ANNA, "ответ", reply_parameters=reply, disable_notification=True)
    _, _, body = server.calls[-1]
    assert body["notify"] is False
    assert body["link"] == {"type": "reply", "mid": server._mid_of(server.chats[USER][0])}


async def test_an_edit_of_buttons_keeps_words_and_file(bot: MessengerBot, server: FakeMax) -> None:
    file = BufferedInputFile(b"%PDF", "справка.pdf")
    message = await bot.send_document(ANNA, file, caption="<i>Ваша</i> справка", reply_markup=markup(1))
    shown = last(server)
    attached = shown.file
    assert attached is not None
    assert (attached["kind"], server.files[attached["id"]]) == ("file", b"%PDF")
    await bot.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=markup(2))
    assert (shown.text, shown.labels, shown.file) == ("<i>Ваша</i> справка", ["к0", "к1"], attached)
    await bot.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=None)
    assert (shown.text, shown.labels, shown.file) == ("<i>Ваша</i> справка", [], attached)


async def test_what_is_remembered_outlives_the_process(bot: MessengerBot, server: FakeMax, db: Database) -> None:
    message = await bot.send_photo(ANNA, BufferedInputFile(b"png", "a.png"), caption="вид", reply_markup=markup(1))
    await session_of(bot).memory.write()
    fresh = max_bot(db, MaxSettings(token=TOKEN, api_base=server.url))
    await fresh.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=markup(2))
    await fresh.session.close()
    assert (last(server).text, last(server).labels, last(server).file) == ("вид", ["к0", "к1"], {
        "kind": "image", "id": next(iter(server.files))
    })  # fmt: skip


async def test_what_is_not_remembered_is_asked_for(bot: MessengerBot, server: FakeMax, db: Database) -> None:
    message = await bot.send_photo(ANNA, BufferedInputFile(b"png", "a.png"), caption="вид", reply_markup=markup(1))
    await session_of(bot).memory.forget(ANNA, message.message_id)
    await bot.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=None)
    assert (last(server).text, last(server).rows) == ("вид", [])
    assert last(server).file is not None
    assert "GET /messages/" in [name for name, *_ in server.calls][-2]


async def test_nothing_to_change_is_said_without_a_call(bot: MessengerBot, server: FakeMax) -> None:
    screen = Screen("<b>Раз</b>", rows(Button("Дальше", "x:next", primary=True)))
    sent = await send(bot, ANNA, screen)
    calls = len(server.calls)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text(
            "<b>Раз</b>", chat_id=ANNA, message_id=sent.message_id, reply_markup=sent.reply_markup
        )
    assert await edit(bot, ANNA, sent.message_id, screen)  # Not modified is as good as edited.
    assert len(server.calls) == calls


async def test_screens_of_any_age_are_edited_words_alone_for_a_week(bot: MessengerBot, server: FakeMax) -> None:
    with_buttons = await send(bot, ANNA, Screen("Раз", rows(Button("Дальше", "x:next"))))
    alone = await send(bot, ANNA, Screen("Просто слова"))
    for message in server.chats[USER]:
        message.date -= 8 * 24 * 3600
    assert await edit(bot, ANNA, with_buttons.message_id, Screen("Два"))
    assert not await edit(bot, ANNA, alone.message_id, Screen("Два"))
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("Три", chat_id=ANNA, message_id=alone.message_id)


async def test_a_message_that_is_gone(bot: MessengerBot, server: FakeMax) -> None:
    message = await bot.send_message(ANNA, "слова")
    await bot.delete_message(ANNA, message.message_id)
    assert last(server).deleted
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("другие", chat_id=ANNA, message_id=message.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(ANNA, message.message_id)
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(ANNA, ANNA, message.message_id)


async def test_copies_of_ours_and_of_theirs(bot: MessengerBot, server: FakeMax) -> None:
    sent = await bot.send_photo(ANNA, BufferedInputFile(b"png", "a.png"), caption="<b>вид</b>")
    await bot.copy_message(ANNA, ANNA, sent.message_id)
    assert (last(server).text, last(server).file) == ("<b>вид</b>", server.chats[USER][0].file)
    theirs = server.put(USER, "моя работа", from_person=True)
    await bot.copy_message(ANNA, ANNA, theirs.id, reply_markup=markup(1))
    assert (last(server).text, last(server).labels) == ("моя работа", ["к0"])


async def test_actions_go_to_the_dialogue(bot: MessengerBot, server: FakeMax) -> None:
    for action in ("typing", "upload_photo", "upload_document", "record_voice", "upload_video"):
        await bot.send_chat_action(ANNA, action)
    assert [chat for chat, _ in server.actions] == [USER ^ BOT] * 5
    assert [action for _, action in server.actions] == [
        "typing_on", "sending_photo", "sending_file", "sending_audio", "sending_video",
    ]  # fmt: skip


async def test_a_dialogue_with_a_number_of_its_own(bot: MessengerBot, server: FakeMax, db: Database) -> None:
    server.dialog_of = lambda user: user + 5
    message = await bot.send_message(ANNA, "слова")
    fresh = max_bot(db, MaxSettings(token=TOKEN, api_base=server.url))
    await fresh.edit_message_text("другие", chat_id=ANNA, message_id=message.message_id)
    await fresh.send_chat_action(ANNA, "typing")
    await fresh.session.close()
    assert (last(server).text, server.actions) == ("другие", [(USER + 5, "typing_on")])


async def test_a_name_that_does_not_follow_is_kept(bot: MessengerBot, server: FakeMax, db: Database) -> None:
    server.name_of = lambda chat, seq: f"another.{seq}"
    message = await bot.send_message(ANNA, "слова")
    fresh = max_bot(db, MaxSettings(token=TOKEN, api_base=server.url))
    await fresh.edit_message_text("другие", chat_id=ANNA, message_id=message.message_id)
    await fresh.session.close()
    assert last(server).text == "другие"


async def test_groups_are_written_by_their_own_number(bot: MessengerBot, server: FakeMax) -> None:
    server.chats[-777 ^ BOT] = []
    message = await bot.send_message(MAX_GROUPS + 777, "всем")
    assert (server.calls[-1][1]["chat_id"], message.chat.type) == ("-777", "group")


async def test_foreign_chats_are_refused_before_anything_is_asked(bot: MessengerBot, server: FakeMax) -> None:
    for chat in (555, -100, coded(Messenger.vk, 555), coded(Messenger.web, 555)):
        for request in (
            bot.send_message(chat, "чужое"),
            bot.edit_message_text("чужое", chat_id=chat, message_id=1),
            bot.delete_message(chat, 1),
            bot.send_document(chat, BufferedInputFile(b"1", "a")),
            bot.send_chat_action(chat, "typing"),
            bot.copy_message(ANNA, chat, 1),
        ):
            with pytest.raises(ValueError, match="not a chat of max"):
                await request
    assert server.calls == []


async def test_methods_outside_the_list_are_refused(bot: MessengerBot, server: FakeMax) -> None:
    with pytest.raises(TelegramBadRequest, match="closed list"):
        await bot(BanChatMember(chat_id=ANNA, user_id=ANNA))
    assert server.calls == []


# --- presses ------------------------------------------------------------------------------------------


async def test_a_change_of_the_pressed_message_is_the_answer(bot: MessengerBot, server: FakeMax) -> None:
    message = await bot.send_message(ANNA, "вопрос", reply_markup=markup(1))
    event = server.pressed(last(server), "a:b:0")
    session_of(bot).pressed(ANNA, message.message_id, event["callback"]["callback_id"], [])
    calls = len(server.calls)
    await bot.answer_callback_query(event["callback"]["callback_id"])
    await bot.edit_message_text("ответ", chat_id=ANNA, message_id=message.message_id)
    assert [name for name, *_ in server.calls[calls:]] == ["POST /answers"]
    assert last(server).text == "ответ"
    await bot.edit_message_text("позже", chat_id=ANNA, message_id=message.message_id)
    assert server.calls[-1][0] == "PUT /messages"


async def test_words_for_a_press_are_said_once(bot: MessengerBot, server: FakeMax) -> None:
    message = await bot.send_message(ANNA, "вопрос", reply_markup=markup(1))
    query = server.pressed(last(server), "a:b:0")["callback"]["callback_id"]
    session_of(bot).pressed(ANNA, message.message_id, query, [])
    await bot.answer_callback_query(query, text="Сохранено", show_alert=True)
    await bot.edit_message_text("ответ", chat_id=ANNA, message_id=message.message_id)
    assert server.notified == {query: "Сохранено"}
    assert [name for name, *_ in server.calls[-2:]] == ["POST /answers", "PUT /messages"]


async def test_a_press_too_old_is_changed_the_plain_way(bot: MessengerBot, server: FakeMax) -> None:
    message = await bot.send_message(ANNA, "вопрос", reply_markup=markup(1))
    session_of(bot).pressed(ANNA, message.message_id, "cb-of-last-year", [])
    await bot.edit_message_text("ответ", chat_id=ANNA, message_id=message.message_id)
    assert (server.calls[-1][0], last(server).text) == ("PUT /messages", "ответ")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("cb-of-last-year", text="поздно")


# --- limits -------------------------------------------------------------------------------------------


async def test_long_words(bot: MessengerBot, server: FakeMax) -> None:
    await bot.send_message(ANNA, "ы" * 4000)
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(ANNA, "ы" * 4001)
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(ANNA, "😀" * 2001)
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(ANNA, " <b></b> ")
    await send(bot, ANNA, Screen("слово " * 1500))
    assert "".join(m.plain for m in server.chats[USER][1:]).count("слово") == 1500


async def test_marks_that_do_not_fit_are_left_out(bot: MessengerBot, server: FakeMax) -> None:
    words = "<b>важно</b> & " * 280
    await bot.send_message(ANNA, words)
    assert (last(server).plain, server.calls[-1][2].get("format")) == ("важно & " * 280, None)


@pytest.mark.parametrize(
    ("labels", "widths"),
    [
        (["1", "2", "3", "4", "5"], [5]),
        (["1", "2", "3", "4", "5", "6", "7", "8"], [7, 1]),
        (["Да", "Нет"], [2]),
        (["Назад", "Меню", "Ещё"], [3]),
        (["Назад", "Пауза", "Дальше"], [2, 1]),
        (["Диагностика", "Мой ИОМ"], [1, 1]),
        (["Очень длинная подпись, которой нужна вся строка"], [1]),
    ],
)
async def test_rows_are_split_where_a_label_would_be_cut(
    bot: MessengerBot, server: FakeMax, labels: list[str], widths: list[int]
) -> None:
    await send(bot, ANNA, Screen("выбор", rows([Button(label, "x:y") for label in labels])))
    assert [len(row) for row in last(server).rows] == widths
    assert last(server).labels == labels


async def test_links_stand_three_in_a_row(bot: MessengerBot, server: FakeMax) -> None:
    links = [InlineKeyboardButton(text=str(i), url="https://example.org/") for i in range(4)]
    await bot.send_message(ANNA, "ссылки", reply_markup=InlineKeyboardMarkup(inline_keyboard=[links]))
    assert [len(row) for row in last(server).rows] == [3, 1]


async def test_more_buttons_than_max_takes(bot: MessengerBot, server: FakeMax) -> None:
    await bot.send_message(ANNA, "много", reply_markup=markup(30, per_row=1))
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await bot.send_message(ANNA, "слишком", reply_markup=markup(31, per_row=1))
    label = "д" * 200
    button = InlineKeyboardButton(text=label, callback_data="x:y")
    await bot.send_message(ANNA, "длинно", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))
    assert last(server).labels == ["д" * 127 + "…"]


async def test_a_keyboard_below_the_field_becomes_buttons(bot: MessengerBot, server: FakeMax) -> None:
    keyboard = [[KeyboardButton(text="Поделиться номером", request_contact=True)], [KeyboardButton(text="Позже")]]
    await bot.send_message(ANNA, "номер", reply_markup=ReplyKeyboardMarkup(keyboard=keyboard))
    assert last(server).rows == [
        [{"text": "Поделиться номером", "kind": "request_contact"}],
        [{"text": "Позже", "kind": "message"}],
    ]


# --- files --------------------------------------------------------------------------------------------


async def test_a_file_not_ready_is_waited_for(bot: MessengerBot, server: FakeMax) -> None:
    server.not_ready = 2
    await bot.send_document(ANNA, BufferedInputFile(b"%PDF", "a.pdf"), caption="справка")
    assert [m.text for m in server.chats[USER]] == ["справка"]
    server.not_ready = 3
    with pytest.raises(TelegramBadRequest, match=r"attachment\.not\.ready"):
        await bot.send_document(ANNA, BufferedInputFile(b"%PDF", "a.pdf"))
    assert len(server.chats[USER]) == 1


async def test_a_file_that_must_stand_alone_is_followed_by_its_buttons(bot: MessengerBot, server: FakeMax) -> None:
    server.file_alone = True
    content = Attachment("a.pdf", b"%PDF", "application/pdf")
    sent = await send(bot, ANNA, Screen("Справка", rows(Button("Меню", "menu:home")), attachment=content))
    first, second = server.chats[USER]
    assert (first.text, first.rows, first.file is not None) == ("Справка", [], True)
    assert (second.labels, second.file, sent.message_id) == (["Меню"], None, second.id)


async def test_a_file_is_sent_again_by_its_token(bot: MessengerBot, server: FakeMax) -> None:
    server.files["file-77"] = b"1"
    await bot.send_document(ANNA, "file|file-77|https://fd.oneme.ru/x")
    assert last(server).file == {"kind": "file", "id": "file-77"}
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.send_document(ANNA, "something else")


async def test_a_refused_upload_says_so(bot: MessengerBot, server: FakeMax) -> None:
    with pytest.raises(TelegramBadRequest, match="the file was not taken: empty file"):
        await bot.send_document(ANNA, BufferedInputFile(b"", "a.pdf"))
    assert server.chats[USER] == []


async def test_a_file_of_a_person_is_fetched(
    bot: MessengerBot, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = server.file("план.docx", b"x" * 200_000)
    url, token = sent["payload"]["url"], sent["payload"]["token"]
    fetched = await bot.download(f"file|{token}|{url}")
    assert fetched is not None
    assert len(fetched.read()) == 200_000
    monkeypatch.setattr("bot.messengers.max.session.FETCH_LIMIT", 100_000)
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.download(f"file|{token}|{url}")
    with pytest.raises(TelegramBadRequest, match="file is unavailable: 404"):
        await bot.download(f"file|{token}|{server.url}/kept/gone")


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "https://oneme.ru.evil.example/x", "file:///etc/passwd"])
async def test_nothing_is_fetched_from_elsewhere(bot: MessengerBot, url: str) -> None:
    assert "oneme.ru" in HOSTS
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.download(f"file|t|{url}")


# --- the bot itself -----------------------------------------------------------------------------------


async def test_who_we_are_and_the_menu_of_commands(bot: MessengerBot, server: FakeMax) -> None:
    me = await bot.get_me()
    assert (me.id, me.username) == (bot.id, "id6700000000_bot")
    await bot.set_my_commands([BotCommand(command="start", description="Начать")])
    assert server.commands == [{"name": "start", "description": "Начать"}]


def test_links_to_the_bot(bot: MessengerBot) -> None:
    assert bot.start_link("school_12") == ""
    bot.link = "https://max.ru/id67_bot"
    assert bot.start_link() == "https://max.ru/id67_bot"
    assert bot.start_link("school_12") == "https://max.ru/id67_bot?start=school_12"
    with pytest.raises(ValueError, match="deep link"):
        bot.start_link("школа")


# --- errors and faults --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "words"),
    [
        (401, "verify.token", "Invalid access_token", TelegramUnauthorizedError, "Unauthorized"),
        (403, "chat.denied", "Key: error.dialog.suspended", TelegramForbiddenError, "bot was blocked by the user"),
        (400, "proto.payload", "error.dialog.suspended", TelegramForbiddenError, "bot was blocked by the user"),
        (403, "access.denied", "no", TelegramForbiddenError, "bot was blocked by the user"),
        (404, "not.found", "User not found", TelegramBadRequest, "chat not found"),
        (400, "proto.payload", "Unknown attachment", TelegramBadRequest, "Unknown attachment"),
        (429, "too.many.requests", "Limit is: 10 calls per second", TelegramRetryAfter, "Too Many Requests"),
        (500, "internal.error", "", TelegramServerError, "500"),
        (503, "service.unavailable", "", TelegramServerError, "503"),
    ],
)
async def test_errors_in_the_words_others_know(
    bot: MessengerBot,
    server: FakeMax,
    status: int,
    code: str,
    message: str,
    kind: type[TelegramAPIError],
    words: str,
) -> None:
    server.errors["POST /messages"].append(MaxError(status, code, message))
    with pytest.raises(kind, match=words) as caught:
        await bot.send_message(ANNA, "слова")
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)
    assert [name for name, *_ in server.calls] == ["POST /messages"], "a message is never repeated blindly"


@pytest.mark.parametrize(
    ("said", "header", "seconds"),
    [
        ("Limit is: 10 calls per second", "", 1),
        ("Limit is: 100 calls per minute", "", 60),
        ("too many", "", 1),
        ("Limit is: 10 calls per second", "7", 7),
        ("", "soon", 1),
    ],
)
def test_how_long_to_wait(said: str, header: str, seconds: int) -> None:
    method = SendMessage(chat_id=ANNA, text="слова")
    failure = failure_of(method, 429, f'{{"code": "too.many.requests", "message": "{said}"}}', header)
    assert isinstance(failure, TelegramRetryAfter)
    assert failure.retry_after == seconds


async def test_too_many_answers_wait_a_second_and_are_shown_once(
    bot: MessengerBot, server: FakeMax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.messengers.pacing.PATIENCE", 15)
    server.per_second = 1
    await bot.send_message(ANNA, "раз")
    began = time.monotonic()
    await bot.send_message(ANNA, "два")
    assert time.monotonic() - began >= 0.9
    assert [m.text for m in server.chats[USER]] == ["раз", "два"]


async def test_a_blocked_person_and_a_stranger(bot: MessengerBot, server: FakeMax) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(coded(Messenger.max, 9), "слова")
    message = await bot.send_message(ANNA, "слова")
    server.blocked.add(USER)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(ANNA, "слова")
    with pytest.raises(TelegramForbiddenError):
        await bot.edit_message_text("другие", chat_id=ANNA, message_id=message.message_id)


@pytest.mark.parametrize(
    ("fault", "kind", "words", "arrived"),
    [
        ("500", TelegramServerError, "500", 0),
        ("503", TelegramServerError, "503", 0),
        ("html", TelegramServerError, "not an object", 0),
        ("drop", TelegramNetworkError, "ServerDisconnected", 0),
        ("lost", TelegramNetworkError, "ServerDisconnected", 1),
    ],
)
async def test_faults_of_the_network(
    bot: MessengerBot, server: FakeMax, fault: str, kind: type[TelegramAPIError], words: str, arrived: int
) -> None:
    server.faults.append(fault)
    with pytest.raises(kind, match=words):
        await bot.send_message(ANNA, "слова")
    assert len(server.chats[USER]) == arrived, "nobody knows whether it arrived, so it is not repeated"
    await bot.send_message(ANNA, "снова")


async def test_a_silent_server(bot: MessengerBot, server: FakeMax, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.1)
    server.faults.append("silent")
    with pytest.raises(TelegramNetworkError, match="Request timeout"):
        await bot.send_message(ANNA, "слова")
    monkeypatch.setattr(client, "TIMEOUT", 5)
    await bot.send_message(ANNA, "снова")


async def test_nobody_there(db: Database) -> None:
    bot = max_bot(db, MaxSettings(token=TOKEN, api_base="http://127.0.0.1:9"))
    with pytest.raises(TelegramNetworkError) as caught:
        await bot.send_message(ANNA, "слова")
    assert caught.value.message.startswith(NOT_BEGUN), "the outbox may try it again"
    await bot.session.close()


async def test_answers_of_another_shape(bot: MessengerBot, server: FakeMax, monkeypatch: pytest.MonkeyPatch) -> None:
    strange: Callable[[Any, Any], dict[str, Any]] = lambda query, body: {"message": {"body": None}}  # noqa: E731
    monkeypatch.setattr(server, "_send", strange)
    with pytest.raises(TelegramServerError, match="without the message"):
        await bot.send_message(ANNA, "слова")


async def test_many_at_once_share_one_session(bot: MessengerBot, server: FakeMax) -> None:
    await asyncio.gather(*(bot.send_message(ANNA, f"слова {i}") for i in range(20)))
    assert len(server.chats[USER]) == 20
