"""MAX's events as recorded, and what handlers get of them."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram.types import InaccessibleMessage, Message, Update
from hypothesis import given
from hypothesis import strategies as st

from bot.config import MaxSettings
from bot.db import Database
from bot.messengers.base import MessengerBot
from bot.messengers.max.session import MaxSession, max_bot
from bot.messengers.max.updates import Converter, is_own_number, key_of
from bot.messengers.max.wire import mid_of
from bot.models import Messenger
from bot.rules.chat_ids import coded
from bot.services import receiving
from tests.fakes.max import BOT, TOKEN, FakeMax

USER = 212843158
ANNA = coded(Messenger.max, USER)
MOMENT = 1785182044286

PERSON = {"user_id": USER, "first_name": "Анна", "last_name": "Ильина", "is_bot": False, "name": "Анна Ильина"}
WROTE: dict[str, Any] = {
    "update_type": "message_created",
    "timestamp": MOMENT,
    "user_locale": "ru",
    "message": {
        "recipient": {"chat_id": 472107880, "chat_type": "dialog", "user_id": BOT},
        "timestamp": MOMENT,
        "body": {"mid": "mid.000000001c23cb68019fa524407e751a", "seq": 116993690454357274, "text": "Здравствуйте"},
        "sender": PERSON,
    },
}
PRESSED: dict[str, Any] = {
    "update_type": "message_callback",
    "timestamp": MOMENT + 5,
    "user_locale": "ru",
    "callback": {"timestamp": MOMENT + 5, "callback_id": "f9LHod" * 20, "payload": "event:15:2", "user": PERSON},
    "message": {
        "recipient": {"chat_id": 472107880, "chat_type": "dialog", "user_id": USER},
        "timestamp": MOMENT,
        "body": {
            "mid": "mid.000000001c23cb68019fa52613170d20",
            "seq": 116993698282540320,
            "text": "Выбор",
            "attachments": [
                {
                    "type": "inline_keyboard",
                    "callback_id": "f9LHod" * 20,
                    "payload": {
                        "buttons": [
                            [{"type": "callback", "text": "Да", "payload": "event:15:2", "intent": "default"}],
                            [{"type": "link", "text": "Сайт", "url": "https://max.ru"}],
                            [{"type": "request_contact", "text": "Номер"}],
                        ]
                    },
                }
            ],
        },
        "sender": {"user_id": BOT, "first_name": "Маршрут", "username": "id67_bot", "is_bot": True},
    },
}
STARTED: dict[str, Any] = {
    "update_type": "bot_started",
    "timestamp": MOMENT,
    "chat_id": 472107880,
    "user": PERSON,
    "payload": "school_12",
    "user_locale": "ru",
}
STOPPED: dict[str, Any] = {**STARTED, "update_type": "bot_stopped"}


@pytest.fixture
async def bot(db: Database) -> AsyncIterator[MessengerBot]:
    made = max_bot(db, MaxSettings(token=TOKEN, api_base="http://127.0.0.1:9"))
    yield made
    await made.session.close()


@pytest.fixture
def converter(bot: MessengerBot) -> Converter:
    assert isinstance(bot.session, MaxSession)
    return Converter(bot, bot.session)


async def one(converter: Converter, event: dict[str, Any]) -> Update:
    made = await converter.updates(event)
    assert len(made) == 1
    return made[0]


def with_body(**body: Any) -> dict[str, Any]:
    event = copy.deepcopy(WROTE)
    event["message"]["body"] = {"mid": event["message"]["body"]["mid"], "seq": 5, "text": None, **body}
    return event


async def test_what_was_written(converter: Converter, bot: MessengerBot) -> None:
    message = (await one(converter, WROTE)).message
    assert message is not None
    assert (message.text, message.message_id) == ("Здравствуйте", 116993690454357274)
    assert (message.chat.id, message.chat.type) == (ANNA, "private")
    assert message.from_user is not None
    assert (message.from_user.id, message.from_user.full_name) == (ANNA, "Анна Ильина")
    assert int(message.date.timestamp()) == MOMENT // 1000
    assert message.bot is bot, "an update that is not bound is validated twice"


async def test_a_command_is_known_as_one(converter: Converter) -> None:
    message = (await one(converter, with_body(text="/start school_12"))).message
    assert message is not None
    assert message.entities is not None
    assert message.entities[0].type == "bot_command"
    assert message.entities[0].length == 6


async def test_a_press(converter: Converter, bot: MessengerBot) -> None:
    query = (await one(converter, PRESSED)).callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == ("f9LHod" * 20, "event:15:2", ANNA)
    message = query.message
    assert isinstance(message, Message)
    assert (message.chat.id, message.message_id, message.text) == (ANNA, 116993698282540320, "Выбор")
    assert message.reply_markup is not None
    rows = message.reply_markup.inline_keyboard
    assert [[(b.text, b.callback_data, b.url) for b in row] for row in rows] == [
        [("Да", "event:15:2", None)],
        [("Сайт", None, "https://max.ru")],
    ]
    assert message.bot is bot


async def test_a_press_below_a_file_says_that_there_is_one(converter: Converter) -> None:
    event = copy.deepcopy(PRESSED)
    event["message"]["body"]["attachments"].append({"type": "image", "payload": {"token": "t", "url": "https://x"}})
    query = (await one(converter, event)).callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert query.message.document is not None


async def test_a_press_of_a_message_deleted_meanwhile(converter: Converter) -> None:
    query = (await one(converter, {**PRESSED, "message": None})).callback_query
    assert query is not None
    assert isinstance(query.message, InaccessibleMessage)
    assert query.message.chat.id == ANNA


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("school_12", "/start school_12"),
        (None, "/start"),
        ("", "/start"),
        ("не наше", "/start"),
        ("x" * 65, "/start"),
        ("x" * 64, "/start " + "x" * 64),
    ],
)
async def test_the_beginning(converter: Converter, payload: str | None, text: str) -> None:
    back, said = await converter.updates({**STARTED, "payload": payload})
    assert back.my_chat_member is not None
    assert back.my_chat_member.new_chat_member.status == "member"
    assert said.message is not None
    assert (said.message.text, said.message.chat.id) == (text, ANNA)
    answer = (await one(converter, PRESSED)).callback_query
    assert answer is not None
    assert answer.message is not None
    assert said.message.message_id < answer.message.message_id, "the answer to it stands last in the chat"


@pytest.mark.parametrize("kind", ["bot_stopped", "dialog_removed"])
async def test_the_end(converter: Converter, kind: str) -> None:
    member = (await one(converter, {**STOPPED, "update_type": kind})).my_chat_member
    assert member is not None
    assert (member.new_chat_member.status, member.old_chat_member.status) == ("kicked", "member")
    assert (member.from_user.id, member.chat.id) == (ANNA, ANNA)


async def test_files_and_pictures(converter: Converter) -> None:
    payload = {"url": "https://fd.oneme.ru/getfile?x=1", "token": "t1", "fileId": 1}
    document = {"type": "file", "payload": payload, "filename": "план.docx", "size": 12}
    message = (await one(converter, with_body(text="вот", attachments=[document]))).message
    assert message is not None
    assert message.document is not None
    assert (message.caption, message.document.file_name, message.document.file_size) == ("вот", "план.docx", 12)
    assert message.document.file_id == "file|t1|https://fd.oneme.ru/getfile?x=1"
    picture = {"type": "image", "payload": {"photo_id": 7, "token": "t2", "url": "https://i.oneme.ru/i?r=1"}}
    message = (await one(converter, with_body(attachments=[picture]))).message
    assert message is not None
    assert message.photo is not None
    voice = {"type": "audio", "payload": {"token": "t3", "url": "https://x.okcdn.ru/a"}, "transcription": None}
    message = (await one(converter, with_body(attachments=[voice]))).message
    assert message is not None
    assert message.voice is not None
    video = {"type": "video", "payload": {"token": "t4", "url": "https://x"}, "width": 3, "height": 4, "duration": 5}
    message = (await one(converter, with_body(attachments=[video]))).message
    assert message is not None
    assert message.video is not None
    assert (message.video.width, message.video.duration) == (3, 5)


@pytest.mark.parametrize("kind", ["sticker", "share", "data", "something_new"])
async def test_things_nobody_awaits(converter: Converter, kind: str) -> None:
    message = (await one(converter, with_body(attachments=[{"type": kind, "payload": {}}]))).message
    assert message is not None
    assert message.sticker is not None
    message = (await one(converter, with_body(text="слова", attachments=[{"type": kind, "payload": {}}]))).message
    assert message is not None
    assert message.text == "слова"


async def test_a_forwarded_message_brings_its_words(converter: Converter) -> None:
    event = copy.deepcopy(WROTE)
    event["message"]["body"]["text"] = ""
    event["message"]["link"] = {"type": "forward", "message": {"mid": "mid.1", "seq": 1, "text": "чужие слова"}}
    message = (await one(converter, event)).message
    assert message is not None
    assert (message.text, message.message_id) == ("чужие слова", 116993690454357274)


async def test_a_number_is_hers_only_when_max_vouches_for_it(converter: Converter) -> None:
    server = FakeMax()
    card = server.contact(USER, "+79110000000")
    own = (await one(converter, with_body(attachments=[card]))).message
    assert own is not None
    assert own.contact is not None
    assert (own.contact.phone_number, own.contact.user_id) == ("+79110000000", ANNA)
    forged = server.contact(USER, "+79110000000", token="another")
    unsigned = {"type": "contact", "payload": {"vcf_info": card["payload"]["vcf_info"], "max_info": PERSON}}
    of_another = server.contact(USER + 1, "+79110000000")
    for attachment in (forged, unsigned, of_another):
        message = (await one(converter, with_body(attachments=[attachment]))).message
        assert message is not None
        assert message.contact is not None
        assert message.contact.user_id is None


@given(st.text(), st.text())
def test_a_wrong_signature_is_no_signature(card: str, given_hash: str) -> None:
    assert not is_own_number(TOKEN, card, given_hash)


async def test_a_changed_message_keeps_its_number_and_a_removed_one_is_known_by_it(converter: Converter) -> None:
    body = WROTE["message"]["body"]
    changed = {"update_type": "message_edited", "timestamp": 2000, "message": WROTE["message"]}
    (update,) = await converter.updates(changed)
    assert update.message is None
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (body["seq"], body["text"])
    gone = {"update_type": "message_removed", "timestamp": 3000, "message_id": mid_of(5, body["seq"]), "user_id": 7}
    (update,) = await converter.updates({**gone, "chat_id": 5})
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (body["seq"], "")
    assert await converter.updates({**gone, "message_id": "another-kind-of-name"}) == []


@pytest.mark.parametrize(
    "event",
    [
        {"update_type": "dialog_muted", "timestamp": 1, "chat_id": 1, "user": PERSON},
        {"update_type": "something_new", "timestamp": 1},
        {"update_type": "message_created", "timestamp": 1, "message": {}},
        {"update_type": "message_created"},
        {"update_type": "message_callback", "callback": {"callback_id": "x"}, "message": None},
        {"timestamp": 1},
        {},
    ],
)
async def test_what_is_not_for_us_or_not_readable(converter: Converter, event: dict[str, Any]) -> None:
    assert await converter.updates(event) == []


async def test_chats_of_many_and_bots_are_not_for_us(converter: Converter) -> None:
    group = copy.deepcopy(WROTE)
    group["message"]["recipient"]["chat_type"] = "chat"
    robot = copy.deepcopy(WROTE)
    robot["message"]["sender"] = {**PERSON, "is_bot": True}
    press = copy.deepcopy(PRESSED)
    press["message"]["recipient"]["chat_type"] = "chat"
    for event in (group, robot, press):
        assert await converter.updates(event) == []


async def test_only_what_does_not_follow_is_kept(converter: Converter, db: Database) -> None:
    await converter.updates(WROTE)
    async with db.read() as session:
        assert await receiving.wires(session, Messenger.max, ANNA, [0, 116993690454357274]) == {}
    event = copy.deepcopy(WROTE)
    event["message"]["recipient"]["chat_id"] = 777
    event["message"]["body"]["seq"] = 78
    await converter.updates(event)
    async with db.read() as session:
        kept = await receiving.wires(session, Messenger.max, ANNA, [0, 78])
    assert kept == {0: "777", 78: "mid.000000001c23cb68019fa524407e751a"}


def test_events_are_known_by_what_stays_the_same() -> None:
    again = copy.deepcopy(PRESSED)
    again["callback"]["user"]["last_activity_time"] = 5
    assert key_of(again) == key_of(PRESSED)
    later = copy.deepcopy(PRESSED)
    later["callback"]["timestamp"] += 1
    keys = [key_of(event) for event in (WROTE, PRESSED, later, STARTED, STOPPED)]
    assert len({*keys}) == 5
    assert all(0 < len(key) <= 160 for key in keys)
    assert [key_of(event) for event in ({}, {"update_type": "message_created"}, {"update_type": "x"})] == [""] * 3
