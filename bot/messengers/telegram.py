"""Telegram: aiogram's own session, sending JSON where no file goes along."""

from __future__ import annotations

import json
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import (
    DeleteWebhook,
    EditMessageReplyMarkup,
    EditMessageText,
    GetUpdates,
    SetMyCommands,
    SetWebhook,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile
from aiohttp import ClientError, ClientTimeout

from bot.config import TelegramSettings
from bot.messengers.base import ClosedList, Limits, MessengerBot
from bot.messengers.pacing import Patience
from bot.models.people import Messenger
from bot.rules.chat_ids import decoded

LIMITS = Limits(text=4096, caption=1024, buttons=100, per_row=8, label=64, file_mb=20)


class TelegramSession(AiohttpSession):
    """Keeps the real token; answers of edits are not parsed, nobody reads them."""

    def __init__(self, settings: TelegramSettings) -> None:
        base = settings.api_base.rstrip("/")
        # The bot's own token is synthetic, so addresses of files carry the real one.
        files = f"{base}/file/bot{settings.token}/{{path}}"
        server = TelegramAPIServer(base=f"{base}/bot{{token}}/{{method}}", file=files)
        super().__init__(proxy=settings.proxy or None, api=server)
        self._token = settings.token
        self.middleware(ClosedList((GetUpdates, SetWebhook, DeleteWebhook, SetMyCommands)))
        self.middleware(Patience())

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int):
            decoded(Messenger.telegram, chat_id)
        session = await self.create_session()
        url = self.api.api_url(token=self._token, method=method.__api_method__)
        try:
            async with session.post(
                url, timeout=ClientTimeout(self.timeout if timeout is None else timeout), **self._body(bot, method)
            ) as response:
                raw = await response.text()
        except TimeoutError:
            raise TelegramNetworkError(method=method, message="Request timeout error") from None
        except ClientError as failure:
            raise TelegramNetworkError(method=method, message=type(failure).__name__) from None
        if response.status == 200 and isinstance(method, EditMessageText | EditMessageReplyMarkup):
            return cast(TelegramType, True)
        return cast(
            TelegramType, self.check_response(bot=bot, method=method, status_code=response.status, content=raw).result
        )

    def _body(self, bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any]:
        files: dict[str, InputFile] = {}
        values: dict[str, Any] = {}
        for name, value in method.model_dump(warnings=False).items():
            prepared = self.prepare_value(value, bot=bot, files=files, _dumps_json=False)
            if prepared is not None:
                values[name] = prepared
        if files:
            return {"data": self.build_form_data(bot, method)}
        return {
            "data": json.dumps(values, ensure_ascii=False).encode(),
            "headers": {"Content-Type": "application/json"},
        }


def telegram_bot(settings: TelegramSettings) -> MessengerBot:
    """The bot of the configured token."""
    number = int(settings.token.partition(":")[0])
    return MessengerBot(Messenger.telegram, number, TelegramSession(settings), limits=LIMITS, policy=settings.policy)
