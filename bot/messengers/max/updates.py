"""Events of MAX as updates: what was written, pressed, sent, begun and stopped in private dialogues."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
from collections.abc import Sequence
from typing import Any

import structlog
from aiogram.types import Update

from bot.messengers.base import MessengerBot
from bot.messengers.events import REMOVED, edited, media_type_of
from bot.messengers.max import wire
from bot.messengers.max.session import MaxSession
from bot.models.people import Messenger
from bot.rules.chat_ids import coded

log = structlog.get_logger()

EVENTS = (
    "message_created",
    "message_edited",
    "message_removed",
    "message_callback",
    "bot_started",
    "bot_stopped",
    "dialog_removed",
)
"""What we ask for."""

START = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAMELESS = "MAX"
LONGEST_KEY = 120
_phone = re.compile(r"^TEL[^:\r\n]*:([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_full_name = re.compile(r"^FN[^:\r\n]*:([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


class Converter:
    """Makes updates of one bot's events."""

    def __init__(self, bot: MessengerBot, session: MaxSession) -> None:
        self._bot = bot
        self._session = session
        self._numbers = itertools.count(1)

    async def updates(self, event: dict[str, Any]) -> list[Update]:
        """In order; what is not for us or not readable gives nothing."""
        try:
            raws = await self._raws(event)
            return [
                Update.model_validate({"update_id": next(self._numbers), **raw}, context={"bot": self._bot})
                for raw in raws
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            log.error("update-not-understood", messenger="max", kind=str(event.get("update_type"))[:40])
            return []

    async def of_each(self, events: Sequence[dict[str, Any]]) -> list[list[Update]]:
        """Those of several events."""
        return [await self.updates(event) for event in events]

    async def _raws(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        match event["update_type"]:
            case "message_created":
                return await self._message(event["message"])
            case "message_edited":
                made = await self._message(event["message"])
                return [edited(one["message"], _seconds(event["timestamp"])) for one in made]
            case "message_removed":
                return self._removed(event)
            case "message_callback":
                return await self._press(event["callback"], event.get("message"))
            case "bot_started":
                return await self._started(event)
            case "bot_stopped" | "dialog_removed":
                return [_membership(self._bot, event, closed=True)]
        return []

    async def _message(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        sender, recipient = message.get("sender"), message["recipient"]
        if sender is None or sender.get("is_bot") or recipient.get("chat_type") != "dialog":
            return []
        user = int(sender["user_id"])
        await self._session.met(user, int(recipient["chat_id"]), int(recipient.get("user_id") or 0))
        # A forwarded message has its words one level below.
        body = message.get("body") or {}
        inner = (message.get("link") or {}).get("message") or {}
        source = body if body.get("text") or body.get("attachments") else inner
        text, attachments = str(source.get("text") or ""), source.get("attachments") or []
        seq, mid = int(body["seq"]), str(body["mid"])
        await self._session.named(coded(Messenger.max, user), int(recipient["chat_id"]), seq, mid)
        base = {"message_id": seq, "date": _seconds(message["timestamp"]), "from": _user(sender), "chat": _chat(user)}
        content = self._content(attachments, text, user)
        return [{"message": {**base, **content}} if content else _said(base, text)]

    @staticmethod
    def _removed(event: dict[str, Any]) -> list[dict[str, Any]]:
        """Known by its name only; a name that does not follow the formula leads to no message of ours."""
        place, moment = wire.parts_of(str(event["message_id"])), _seconds(event["timestamp"])
        if place is None:
            return []
        user = int(event["user_id"])
        base = {"message_id": place[1], "date": moment, "from": _user({"user_id": user}), "chat": _chat(user)}
        return [edited({**base, "text": REMOVED}, moment)]

    def _content(self, attachments: list[dict[str, Any]], text: str, user: int) -> dict[str, Any]:
        """The first thing that came along; anything strange without words is a thing nobody awaits."""
        caption = {"caption": text} if text else {}
        for attachment in attachments:
            kind, payload = attachment["type"], attachment.get("payload") or {}
            match kind:
                case "image" if payload.get("url"):
                    return {"photo": [{**_file(kind, payload), **_size(attachment)}], **caption}
                case "file" if payload.get("url"):
                    name = attachment.get("filename")
                    about = {"file_name": name, "file_size": attachment.get("size"), "mime_type": media_type_of(name)}
                    return {"document": {**_file(kind, payload), **about}, **caption}
                case "audio" if payload.get("url"):
                    return {"voice": {**_file(kind, payload), "duration": 0}}
                case "video":
                    length = {"duration": int(attachment.get("duration") or 0)}
                    return {"video": {**_file(kind, payload), **_size(attachment), **length}, **caption}
                case "contact":
                    return self._contact(payload, user)
                case "location" if not text:
                    place = {"latitude": attachment["latitude"], "longitude": attachment["longitude"]}
                    return {"location": place}
        if attachments and not text:
            kind = str(attachments[0]["type"])
            shape = {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
            return {"sticker": {"file_id": kind, "file_unique_id": kind, **shape}}
        return {}

    def _contact(self, payload: dict[str, Any], user: int) -> dict[str, Any]:
        """A card; ``user_id`` stands in it only when MAX vouches that the number is the sender's own."""
        card, about = str(payload.get("vcf_info") or ""), payload.get("max_info") or {}
        phone, name = _phone.search(card), _full_name.search(card)
        first = str(about.get("first_name") or (name[1].strip() if name else "") or NAMELESS)
        contact: dict[str, Any] = {"phone_number": phone[1].strip() if phone else "", "first_name": first}
        if about.get("last_name"):
            contact["last_name"] = about["last_name"]
        own = about.get("user_id") in (None, user)
        if own and phone and is_own_number(self._session.token, card, str(payload.get("hash") or "")):
            contact["user_id"] = coded(Messenger.max, user)
        return {"contact": contact}

    async def _press(self, callback: dict[str, Any], message: dict[str, Any] | None) -> list[dict[str, Any]]:
        presser = callback["user"]
        user = int(presser["user_id"])
        chat_id = coded(Messenger.max, user)
        shown: dict[str, Any]
        if message is None or not message.get("body"):
            # Deleted meanwhile: as Telegram tells it, a message of no date that cannot be changed.
            shown = {"message_id": 0, "date": 0, "chat": _chat(user)}
        else:
            recipient, body = message["recipient"], message["body"]
            if recipient.get("chat_type") != "dialog":
                return []
            own_id = int((message.get("sender") or {}).get("user_id") or 0)
            await self._session.met(user, int(recipient["chat_id"]), own_id)
            await self._session.named(chat_id, int(recipient["chat_id"]), int(body["seq"]), str(body["mid"]))
            attached = body.get("attachments") or []
            self._session.pressed(chat_id, int(body["seq"]), str(callback["callback_id"]), attached)
            shown = self._shown(user, message, body)
        return [
            {
                "callback_query": {
                    "id": callback["callback_id"],
                    "from": _user(presser),
                    "chat_instance": "max",
                    "message": shown,
                    "data": callback.get("payload") or "menu:home",
                }
            }
        ]

    @staticmethod
    def _shown(user: int, message: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        attachments = body.get("attachments") or []
        shown: dict[str, Any] = {
            "message_id": int(body["seq"]),
            "date": _seconds(message["timestamp"]),
            "chat": _chat(user),
            "text": body.get("text") or "…",
        }
        if markup := wire.markup_of(attachments):
            shown["reply_markup"] = markup
        for attachment in attachments:
            if attachment["type"] in ("image", "file", "video", "audio"):
                # Enough to know that there is a file: such a message is not changed into another.
                shown["document"] = _file(attachment["type"], attachment.get("payload") or {})
        return shown

    async def _started(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        person, moment = event["user"], int(event["timestamp"])
        user = int(person["user_id"])
        await self._session.met(user, int(event["chat_id"]))
        # No message stands behind it; its number is where one of this moment would be.
        base = {"message_id": moment << 16, "date": _seconds(moment), "from": _user(person), "chat": _chat(user)}
        payload = str(event.get("payload") or "")
        text = f"/start {payload}" if START.fullmatch(payload) else "/start"
        return [_membership(self._bot, event, closed=False), _said(base, text)]


def key_of(event: dict[str, Any]) -> str:
    """What an event is known by when it is delivered again; empty where nothing tells it apart.

    A callback id may belong to the keyboard rather than to the press, so the moment goes with it.
    """
    try:
        match event["update_type"]:
            case "message_created":
                key = f"m:{event['message']['body']['mid']}"
            case "message_edited":
                key = f"e:{event['message']['body']['mid']}:{event['timestamp']}"
            case "message_removed":
                key = f"r:{event['message_id']}"
            case "message_callback":
                callback = event["callback"]
                key = f"c:{callback['callback_id']}:{callback['timestamp']}:{callback.get('payload') or ''}"
            case kind:
                key = f"{kind}:{event['user']['user_id']}:{event['timestamp']}"
    except (KeyError, TypeError):
        return ""
    return key if len(key) <= LONGEST_KEY else f"{key[:2]}{hashlib.sha256(key.encode()).hexdigest()}"


def is_own_number(token: str, card: str, given: str) -> bool:
    """True when MAX signed the card for this bot: HMAC-SHA256 of it under the token, in hex."""
    made = hmac.new(token.encode(), card.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), given.lower().encode())


def _membership(bot: MessengerBot, event: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    own = {"id": bot.id, "is_bot": True, "first_name": NAMELESS}
    member, kicked = {"status": "member", "user": own}, {"status": "kicked", "user": own, "until_date": 0}
    return {
        "my_chat_member": {
            "chat": _chat(int(event["user"]["user_id"])),
            "from": _user(event["user"]),
            "date": _seconds(event["timestamp"]),
            "old_chat_member": member if closed else kicked,
            "new_chat_member": kicked if closed else member,
        }
    }


def _user(person: dict[str, Any]) -> dict[str, Any]:
    user: dict[str, Any] = {
        "id": coded(Messenger.max, int(person["user_id"])),
        "is_bot": False,
        "first_name": str(person.get("first_name") or person.get("name") or NAMELESS),
    }
    return {**user, "last_name": person["last_name"]} if person.get("last_name") else user


def _chat(user: int) -> dict[str, Any]:
    return {"id": coded(Messenger.max, user), "type": "private"}


def _said(base: dict[str, Any], text: str) -> dict[str, Any]:
    message = {**base, "text": text or "…"}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"message": message}


def _file(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    made = wire.file_id(kind, payload)
    return {"file_id": made, "file_unique_id": str(payload.get("token") or made)[:64]}


def _size(attachment: dict[str, Any]) -> dict[str, Any]:
    return {side: int(attachment.get(side) or 1) for side in ("width", "height")}


def _seconds(moment: int) -> int:
    return int(moment) // 1000
