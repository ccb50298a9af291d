"""Events of VK as updates: what was written, pressed, sent, allowed and denied in private dialogues."""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from aiogram.exceptions import AiogramError
from aiogram.methods import GetMe
from aiogram.types import Update

from bot.messengers.base import MessengerBot
from bot.messengers.events import edited, media_type_of
from bot.messengers.vk import wire
from bot.messengers.vk.session import VkSession, attachment_of
from bot.models.people import Messenger
from bot.rules.chat_ids import coded

log = structlog.get_logger()

GROUPS_FROM = 2_000_000_000
"""Peers from here on are chats of many."""

AT_ONCE = 500
"""People ``users.get`` names in one call."""

NAMELESS = "VK"
"""Stands for a name that could not be learned; nobody waits for it."""

REF = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Names:
    """First and last names, asked for together and kept for a while."""

    def __init__(self, session: VkSession, size: int = 10_000) -> None:
        self._session = session
        self._size = size
        self._kept: OrderedDict[int, tuple[str, str]] = OrderedDict()

    async def learn(self, people: Iterable[int]) -> None:
        """Ask for those not known yet; a failure leaves them nameless for now."""
        new = sorted(set(people) - self._kept.keys())
        for start in range(0, len(new), AT_ONCE):
            ids = ",".join(map(str, new[start : start + AT_ONCE]))
            try:
                found = await self._session.client.call(GetMe(), "users.get", {"user_ids": ids}, timeout=5)
                for user in found:
                    self._kept[int(user["id"])] = (
                        str(user.get("first_name") or NAMELESS),
                        str(user.get("last_name") or ""),
                    )
            except (AiogramError, TypeError, KeyError, ValueError) as failure:
                log.warning("names-unknown", messenger="vk", error=type(failure).__name__)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def of(self, person: int) -> tuple[str, str]:
        """What is known."""
        return self._kept.get(person, (NAMELESS, ""))


class Converter:
    """Makes updates of one community's events."""

    def __init__(self, bot: MessengerBot, session: VkSession) -> None:
        self._bot = bot
        self._session = session
        self._numbers = itertools.count(1)
        self.names = Names(session)

    async def of_each(self, events: Sequence[dict[str, Any]], *, now: datetime) -> list[list[Update]]:
        """Those of several events; what is not for us or not readable gives none."""
        await self.names.learn(person for event in events if (person := person_of(event)))
        return [await self._of_one(event, now) for event in events]

    async def _of_one(self, event: dict[str, Any], now: datetime) -> list[Update]:
        try:
            return [self._update(raw) for raw in await self._raws(event, now)]
        except (KeyError, TypeError, ValueError, AttributeError):
            log.error("update-not-understood", messenger="vk", kind=str(event.get("type"))[:40])
            return []

    async def _raws(self, event: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
        person = person_of(event)
        if not person:
            return []
        thing = event["object"]
        match event["type"]:
            case "message_new":
                message, client = thing["message"], thing.get("client_info") or {}
                actions = client.get("button_actions")
                draws = bool(client.get("inline_keyboard", True)) and (actions is None or "callback" in actions)
                await self._session.knows_inline(person, draws)
                return self._message(person, message)
            case "message_edit":
                made = self._message(person, thing)
                return [edited(one["message"], int(now.timestamp())) for one in made if "message" in one]
            case "message_event":
                return [await self._press(person, thing, now)]
            case "message_allow":
                return [self._membership(person, now, closed=False)]
            case "message_deny":
                return [self._membership(person, now, closed=True)]
        return []

    def _update(self, raw: dict[str, Any]) -> Update:
        return Update.model_validate({"update_id": next(self._numbers), **raw}, context={"bot": self._bot})

    def _message(self, person: int, message: dict[str, Any]) -> list[dict[str, Any]]:
        number = int(message["conversation_message_id"])
        base = {
            "message_id": number,
            "date": int(message["date"]),
            "from": self._user(person),
            "chat": self._chat(person),
        }
        payload, ref = message.get("payload"), str(message.get("ref") or "")
        begun = [_said(base, f"/start {ref}")] if REF.fullmatch(ref) else []
        if _is_start(payload):
            return begun or [_said(base, "/start")]
        if action := wire.action_of(payload):
            # A button below the field: it has a message of its own, and no spinner to stop.
            return [*begun, self._typed(base, action)]
        # A forwarded message has its words one level below.
        source = message
        if not message.get("text") and not message.get("attachments"):
            source = next(iter(message.get("fwd_messages") or []), message)
        text = str(source.get("text") or "")
        content = self._content(source.get("attachments") or [], text)
        if not content and not text and (where := (message.get("geo") or {}).get("coordinates")):
            content = {"location": {"latitude": where["latitude"], "longitude": where["longitude"]}}
        return [*begun, {"message": {**base, **content}} if content else _said(base, text)]

    @staticmethod
    def _typed(base: dict[str, Any], action: str) -> dict[str, Any]:
        return {
            "callback_query": {
                "id": f"typed:{base['message_id']}",
                "from": base["from"],
                "chat_instance": "vk",
                "message": {**base, "text": "…"},
                "data": action,
            }
        }

    @staticmethod
    def _content(attachments: list[dict[str, Any]], text: str) -> dict[str, Any]:
        """The first file, picture or voice; anything else without words is a thing nobody awaits."""
        caption = {"caption": text} if text else {}
        for attachment in attachments:
            kind = attachment["type"]
            thing = attachment[kind]
            if kind == "doc" and thing.get("url"):
                file = {
                    **_file("doc", thing, thing["url"]),
                    "file_name": thing.get("title"),
                    "file_size": thing.get("size"),
                    "mime_type": media_type_of(thing.get("title")),
                }
                return {"document": file, **caption}
            if kind == "photo" and thing.get("sizes"):
                best = max(thing["sizes"], key=lambda size: size.get("width", 0) * size.get("height", 0))
                shape = {"width": best.get("width", 0), "height": best.get("height", 0)}
                return {"photo": [{**_file("photo", thing, best["url"]), **shape}], **caption}
            if kind == "audio_message" and thing.get("link_ogg"):
                file = {**_file("audio_message", thing, thing["link_ogg"]), "duration": thing.get("duration", 0)}
                return {"voice": file}
        if attachments and not text:
            kind = str(attachments[0]["type"])
            shape = {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
            return {"sticker": {"file_id": kind, "file_unique_id": kind, **shape}}
        return {}

    async def _press(self, person: int, event: dict[str, Any], now: datetime) -> dict[str, Any]:
        number = int(event.get("conversation_message_id") or 0)
        chat_id = coded(Messenger.vk, person)
        kept = await self._session.memory.find(chat_id, number)
        # What is not remembered stands as a message of now: old buttons are answered all the same.
        message: dict[str, Any] = {
            "message_id": number,
            "date": int((kept.sent_at if kept else now).timestamp()),
            "chat": self._chat(person),
            "text": (kept.text if kept else "") or "…",
        }
        if kept is not None and kept.keyboard:
            message["reply_markup"] = {"inline_keyboard": kept.keyboard}
        if kept is not None and kept.attachments:
            message["document"] = {"file_id": kept.attachments[0], "file_unique_id": kept.attachments[0]}
        return {
            "callback_query": {
                "id": f"{event['event_id']}|{event['user_id']}|{event['peer_id']}",
                "from": self._user(person),
                "chat_instance": "vk",
                "message": message,
                "data": wire.action_of(event.get("payload")) or "menu:home",
            }
        }

    def _membership(self, person: int, now: datetime, *, closed: bool) -> dict[str, Any]:
        bot = {"id": self._bot.id, "is_bot": True, "first_name": NAMELESS}
        member, kicked = {"status": "member", "user": bot}, {"status": "kicked", "user": bot, "until_date": 0}
        return {
            "my_chat_member": {
                "chat": self._chat(person),
                "from": self._user(person),
                "date": int(now.timestamp()),
                "old_chat_member": member if closed else kicked,
                "new_chat_member": kicked if closed else member,
            }
        }

    def _user(self, person: int) -> dict[str, Any]:
        first, last = self.names.of(person)
        user: dict[str, Any] = {"id": coded(Messenger.vk, person), "is_bot": False, "first_name": first}
        return {**user, "last_name": last} if last else user

    @staticmethod
    def _chat(person: int) -> dict[str, Any]:
        return {"id": coded(Messenger.vk, person), "type": "private"}


def key_of(event: dict[str, Any]) -> str:
    """VK's own name of an event, the same each time it is delivered."""
    key = event.get("event_id")
    return key if isinstance(key, str) else ""


def person_of(event: dict[str, Any]) -> int:
    """Who did it in a private dialogue; 0 for chats of many, communities and our own messages."""
    thing = event.get("object")
    if not isinstance(thing, dict):
        return 0
    message = thing.get("message")
    source = message if isinstance(message, dict) else thing
    person = source.get("from_id") or source.get("user_id") or 0
    peer = source.get("peer_id", person)
    if not isinstance(person, int) or source.get("out"):
        return 0
    return person if 0 < person < GROUPS_FROM and peer == person else 0


def _said(base: dict[str, Any], text: str) -> dict[str, Any]:
    message = {**base, "text": text or "…"}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"message": message}


def _is_start(payload: Any) -> bool:
    return isinstance(payload, str) and bool(re.fullmatch(r'\s*\{\s*"command"\s*:\s*"start"\s*\}\s*', payload))


def _file(kind: str, thing: dict[str, Any], url: str) -> dict[str, Any]:
    attachment = attachment_of(kind, thing)
    return {"file_id": f"{attachment}|{url}", "file_unique_id": attachment}
