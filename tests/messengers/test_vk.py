"""VK: the closed list of methods over its wire, its limits, errors and faults."""

from __future__ import annotations

import asyncio
import json
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
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from hypothesis import given
from hypothesis import strategies as st

from bot import metrics
from bot.config import VkSettings
from bot.db import Database
from bot.messengers.base import MessengerBot, Repeatable, sending_row
from bot.messengers.markup import read
from bot.messengers.pacing import delivering
from bot.messengers.vk import client, wire
from bot.messengers.vk.session import VkSession, vk_bot
from bot.models import Messenger
from bot.rules.chat_ids import coded
from bot.ui.screen import Button, Screen, rows
from bot.ui.show import edit, send
from tests.fakes.vk import GROUP, TOKEN, FakeVk, VkError

ANNA = coded(Messenger.vk, 555)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.messengers.pacing.PATIENCE", 0)


@pytest.fixture
async def vk() -> AsyncIterator[FakeVk]:
    async with FakeVk() as server:
        server.meet(555)
        yield server


@pytest.fixture
async def bot(vk: FakeVk, db: Database) -> AsyncIterator[MessengerBot]:
    made = vk_bot(db, VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{vk.url}/method"))
    yield made
    await made.session.close()


def markup(count: int, per_row: int = 5) -> InlineKeyboardMarkup:
    made = [InlineKeyboardButton(text=f"к{i}", callback_data=f"a:b:{i}") for i in range(count)]
    return InlineKeyboardMarkup(inline_keyboard=[made[i : i + per_row] for i in range(0, count, per_row)])


async def test_a_message_goes_with_its_marks_and_buttons(bot: MessengerBot, vk: FakeVk) -> None:
    message = await bot.send_message(ANNA, "😀 <b>важно</b> &amp; просто", reply_markup=markup(2))
    name, body = vk.calls[-1]
    assert (name, body["peer_ids"], body["message"]) == ("messages.send", "555", "😀 важно & просто")
    assert json.loads(body["format_data"])["items"] == [{"type": "bold", "offset": 3, "length": 5}]
    assert (message.chat.id, message.message_id, message.text) == (ANNA, 1, "😀 важно & просто")
    await message.edit_text("дальше")
    assert (vk.chats[555][0].text, vk.chats[555][0].rows) == ("дальше", [])


async def test_an_edit_of_buttons_repeats_words_and_file(bot: MessengerBot, vk: FakeVk) -> None:
    file = BufferedInputFile(b"%PDF", "справка.pdf")
    message = await bot.send_document(ANNA, file, caption="<i>Ваша</i> справка", reply_markup=markup(1))
    shown = vk.chats[555][0]
    attached = shown.file
    assert attached is not None
    assert vk.attachments[attached["id"]] == b"%PDF"
    await bot.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=None)
    assert (shown.text, shown.rows, shown.file) == ("Ваша справка", [], attached)
    assert json.loads(vk.calls[-1][1]["format_data"])["items"][0]["type"] == "italic"


async def test_what_is_remembered_outlives_the_process(bot: MessengerBot, vk: FakeVk, db: Database) -> None:
    message = await bot.send_message(ANNA, "слова", reply_markup=markup(1))
    assert isinstance(bot.session, VkSession)
    await bot.session.memory.write()
    fresh = vk_bot(db, VkSettings(token=TOKEN, group_id=GROUP, api_base=f"{vk.url}/method"))
    await fresh.edit_message_reply_markup(chat_id=ANNA, message_id=message.message_id, reply_markup=markup(2))
    await fresh.session.close()
    assert (vk.chats[555][0].text, vk.chats[555][0].labels) == ("слова", ["к0", "к1"])


async def test_a_photo_a_copy_an_activity_and_a_deletion(bot: MessengerBot, vk: FakeVk) -> None:
    sent = await bot.send_photo(ANNA, BufferedInputFile(b"png", "a.png"), caption="вид")
    await bot.copy_message(ANNA, ANNA, sent.message_id)
    assert [m.text for m in vk.chats[555]] == ["вид", "вид"]
    assert vk.chats[555][1].file == vk.chats[555][0].file
    await bot.send_chat_action(ANNA, "upload_document")
    assert vk.calls[-1][1]["type"] == "file"
    await bot.delete_message(ANNA, sent.message_id)
    assert vk.chats[555][0].deleted


async def test_a_press_is_answered_once_within_its_minute(bot: MessengerBot, vk: FakeVk) -> None:
    event = vk.ask(555)
    await bot.answer_callback_query(f"{event}|555|555", text="Сохранено")
    assert json.loads(vk.answered[event]) == {"type": "show_snackbar", "text": "Сохранено"}
    for late in (f"{event}|555|555", "typed:5"):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await bot.answer_callback_query(late)


async def test_foreign_chats_are_refused_before_anything_is_asked(bot: MessengerBot, vk: FakeVk) -> None:
    for chat in (555, coded(Messenger.max, 555), coded(Messenger.web, 555)):
        with pytest.raises(ValueError, match="not a chat of vk"):
            await bot.send_message(chat, "чужое")
    assert vk.calls == []


async def test_buttons_beyond_the_limit_follow_in_order(bot: MessengerBot, vk: FakeVk) -> None:
    await bot.send_message(ANNA, "много", reply_markup=markup(23))
    assert [label for m in vk.chats[555] for label in m.labels] == [f"к{i}" for i in range(23)]
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await bot.edit_message_text("много", chat_id=ANNA, message_id=1, reply_markup=markup(23))


def degraded(what: str) -> float:
    return metrics.REGISTRY.get_sample_value("marshrut_degraded_total", {"messenger": "vk", "what": what}) or 0


async def test_whatever_is_lost_is_counted(bot: MessengerBot, vk: FakeVk) -> None:
    before = {what: degraded(what) for what in ("tag", "keyboard-split", "end-of-toast")}
    await bot.send_message(ANNA, "<s>не</s> <b>так</b>", reply_markup=markup(12))
    event = vk.ask(555)
    await bot.answer_callback_query(f"{event}|555|555", text="слово " * 20)
    assert len(json.loads(vk.answered[event])["text"]) == 90
    assert {what: degraded(what) - count for what, count in before.items()} == dict.fromkeys(before, 1)
    await bot.send_message(ANNA, "<b>так</b>", reply_markup=markup(10))
    assert degraded("keyboard-split") == before["keyboard-split"] + 1


async def test_an_old_client_gets_buttons_below_the_field(bot: MessengerBot, vk: FakeVk) -> None:
    assert isinstance(bot.session, VkSession)
    await bot.session.knows_inline(555, False)
    await bot.send_message(ANNA, "выбор", reply_markup=markup(2))
    assert (vk.chats[555][0].rows, [b["text"] for b in vk.below[555][0]]) == ([], ["к0", "к1"])


async def test_screens_are_edited_or_sent_anew(bot: MessengerBot, vk: FakeVk) -> None:
    screen = Screen("<b>Раз</b>", rows(Button("Дальше", "x:next", primary=True)))
    sent = await send(bot, ANNA, screen)
    assert await edit(bot, ANNA, sent.message_id, screen)  # Not modified is as good as edited.
    vk.chats[555][0].date -= 2 * 24 * 3600
    assert not await edit(bot, ANNA, sent.message_id, Screen("Два"))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (5, TelegramUnauthorizedError, "Unauthorized"),
        (27, TelegramUnauthorizedError, "Unauthorized"),
        (6, TelegramRetryAfter, "Too Many"),
        (9, TelegramRetryAfter, "Too Many"),
        (29, TelegramRetryAfter, "Too Many"),
        (10, TelegramServerError, "VK failed"),
        *((code, TelegramForbiddenError, "blocked") for code in (18, 900, 901, 902, 936)),
        (909, TelegramBadRequest, "message can't be edited"),
        (911, TelegramBadRequest, "reply markup is invalid"),
        (914, TelegramBadRequest, "message is too long"),
        (917, TelegramBadRequest, "chat not found"),
        (920, TelegramBadRequest, "message can't be edited"),
        (924, TelegramBadRequest, "message can't be deleted"),
        (949, TelegramBadRequest, "message can't be edited"),
        (100, TelegramBadRequest, "error"),
    ],
)
async def test_errors(bot: MessengerBot, vk: FakeVk, code: int, kind: type[TelegramAPIError], words: str) -> None:
    vk.errors["messages.send"].append(VkError(code))
    with pytest.raises(kind, match=words):
        await bot.send_message(ANNA, "слова")
    assert len(vk.calls) == 1
    vk.errors.clear()
    await bot.send_message(ANNA, "слова")
    assert [m.text for m in vk.chats[555]] == ["слова"]


async def test_too_many_is_tried_again_and_again_more_slowly(
    bot: MessengerBot, vk: FakeVk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("bot.messengers.pacing.PATIENCE", 15)
    monkeypatch.setattr("bot.messengers.pacing.asyncio.sleep", sleep)
    vk.errors["messages.send"].extend(VkError(6) for _ in range(3))
    await bot.send_message(ANNA, "слова")
    assert (pauses, len(vk.chats[555])) == ([1.0, 2.0, 4.0], 1)
    # The quota of a method is not waited for, and a storm ends.
    for code, waited in ((29, []), (6, [1.0, 2.0, 4.0, 8.0])):
        pauses.clear()
        vk.errors["messages.send"].extend(VkError(code) for _ in range(9))
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(ANNA, "слова")
        assert pauses == waited
        vk.errors.clear()
    # The delivery waits by itself.
    token = delivering.set(True)
    vk.errors["messages.send"].append(VkError(6))
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(ANNA, "слова")
    delivering.reset(token)
    assert pauses == [1.0, 2.0, 4.0, 8.0]


async def test_a_closed_dialogue_is_told_inside_the_item(bot: MessengerBot, vk: FakeVk) -> None:
    vk.blocked.add(555)
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(ANNA, "слова")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("500", TelegramServerError),
        ("html", TelegramServerError),
        ("drop", TelegramNetworkError),
        ("silent", TelegramNetworkError),
    ],
)
async def test_faults_are_told_once_and_pass(
    bot: MessengerBot, vk: FakeVk, fault: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.3)
    vk.faults.append(fault)
    with pytest.raises(kind) as caught:
        await bot.send_message(ANNA, "слова")
    assert len(vk.calls) == 1
    assert TOKEN not in str(caught.value)
    await bot.send_message(ANNA, "снова")
    assert vk.chats[555][-1].text == "снова"


async def test_a_row_sent_again_is_not_shown_again(bot: MessengerBot, vk: FakeVk) -> None:
    """The answer to the first sending was lost on its way; both messages of the row keep their numbers."""
    screen = Screen("а" * 5000)

    async def deliver() -> int:
        sending_row.set(Repeatable(77))
        return (await send(bot, ANNA, screen)).message_id

    vk.faults.extend(["", "lost"])
    with pytest.raises(TelegramNetworkError):
        await asyncio.create_task(deliver())
    assert await asyncio.create_task(deliver()) == 2
    assert len(vk.chats[555]) == 2
    assert {body["random_id"] for _, body in vk.calls} == {"77", str(77 + (1 << 27))}


async def test_an_answer_has_no_number_and_is_never_swallowed(bot: MessengerBot, vk: FakeVk) -> None:
    for _ in range(2):
        await bot.send_message(ANNA, "то же")
    assert len(vk.chats[555]) == 2


async def test_nothing_is_fetched_from_strangers(bot: MessengerBot, vk: FakeVk) -> None:
    for url in ("http://evil.example/vk.com", "https://vk.com.evil.example/x", "file:///etc/passwd"):
        with pytest.raises(TelegramBadRequest):
            await bot.download_file((await bot.get_file(f"doc1_2|{url}")).file_path or "")
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("doc1_2")


@given(st.lists(st.lists(st.just({"text": "x", "callback_data": "a"}), min_size=1, max_size=9), max_size=9))
def test_portions_keep_order_and_limits(given_rows: list[list[dict[str, Any]]]) -> None:
    numbered = [[{**b, "text": f"{i}-{j}"} for j, b in enumerate(row)] for i, row in enumerate(given_rows)]
    made = wire.portions(numbered)
    flat: Callable[[wire.Rows], list[str]] = lambda rows_: [b["text"] for row in rows_ for b in row]  # noqa: E731
    assert [text for portion in made for text in flat(portion)] == flat(numbered)
    assert all(len(portion) <= 6 and len(flat(portion)) <= 10 for portion in made)
    assert all(len(row) <= 5 for portion in made for row in portion)


@given(st.text(max_size=80))
def test_payload_there_and_back(action: str) -> None:
    assert wire.action_of(wire.dumped({"d": action})) == action


@pytest.mark.parametrize("payload", [None, "", "no json", "[1]", {"d": 5}, {"command": "start"}, 7])
def test_foreign_payloads_are_empty(payload: Any) -> None:
    assert wire.action_of(payload) == ""


def test_no_marks_no_format_data() -> None:
    assert wire.format_data(read("просто")) is None
