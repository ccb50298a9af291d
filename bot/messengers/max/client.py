"""The wire to MAX: the token in a header only, a trust store of its own, failures as aiogram knows them."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
import ssl
from collections.abc import Mapping
from typing import Any

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    CopyMessage,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    TelegramMethod,
)
from aiohttp import ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError, FormData, TCPConnector

from bot.config import MaxSettings

TIMEOUT = 30.0
CONNECT = 10.0
UPLOAD_TIMEOUT = 120.0

NOT_READY = "attachment.not.ready"
NOT_READY_PAUSES = (0.3, 0.7, 1.5, 3.0, 5.0, 8.0)
"""Seconds before each further try of a message whose file MAX is still putting away: it surely was not shown."""

BAD_CA_FILE = "ClientConnectorCaFile"
"""Begins as aiohttp's failures before anything was said do: such a message did not go out."""

CLOSED = ("chat.denied", "error.dialog.suspended")
PERIODS = {"second": 1, "minute": 60, "hour": 3600}
_limit = re.compile(r"per (second|minute|hour)", re.IGNORECASE)

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_FOUND: dict[type[TelegramMethod[Any]], str] = {
    EditMessageText: "message to edit not found",
    EditMessageReplyMarkup: "message to edit not found",
    DeleteMessage: "message to delete not found",
    CopyMessage: "message to copy not found",
    AnswerCallbackQuery: TOO_OLD,
}
REFUSED: dict[type[TelegramMethod[Any]], str] = {
    EditMessageText: "message can't be edited",
    EditMessageReplyMarkup: "message can't be edited",
    DeleteMessage: "message can't be deleted",
    AnswerCallbackQuery: TOO_OLD,
}
"""What others compare with: Telegram's words for the same refusal."""


class NotReady(TelegramBadRequest):
    """A file just uploaded cannot be shown yet."""


def failure_of(method: TelegramMethod[Any], status: int, body: str, retry_after: str = "") -> TelegramAPIError:
    """An answer of MAX that is not a success."""
    code, said = _words(body)
    where = f" ({code or status})"
    if status == 401:
        return TelegramUnauthorizedError(method, f"Unauthorized{where}")
    if status == 429:
        return TelegramRetryAfter(method, f"Too Many Requests{where}", _pause(said, retry_after))
    if status >= 500 or 300 <= status < 400:
        return TelegramServerError(method, f"MAX answered {status}")
    if any(word in code or word in said for word in CLOSED) or (status == 403 and type(method) not in REFUSED):
        return TelegramForbiddenError(method, f"bot was blocked by the user{where}")
    if code == NOT_READY or NOT_READY in said:
        return NotReady(method, f"{NOT_READY}{where}")
    if status == 404:
        return TelegramBadRequest(method, NOT_FOUND.get(type(method), "chat not found") + where)
    return TelegramBadRequest(method, REFUSED.get(type(method), said[:200] or "Bad Request") + where)


def tls_context(settings: MaxSettings) -> ssl.SSLContext:
    """Whom MAX's own connections trust: the system's roots and the one of the settings, nobody else's connections.

    OSError (an ``ssl.SSLError`` is one) when the file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if settings.ca_file:
        context.load_verify_locations(cafile=settings.ca_file)
    return context


class MaxClient:
    """Calls of one bot. Nothing is repeated whose outcome is not known: MAX has no number of ours to know it by."""

    def __init__(self, settings: MaxSettings) -> None:
        self.base = settings.api_base.rstrip("/")
        self._settings = settings
        self._session: ClientSession | None = None

    def session(self) -> ClientSession:
        """The connections, opened with the first call."""
        if self._session is None or self._session.closed:
            connector = TCPConnector(ssl=tls_context(self._settings))
            limits = ClientTimeout(TIMEOUT, sock_connect=CONNECT)
            self._session = ClientSession(connector=connector, timeout=limits)
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: TelegramMethod[Any],
        verb: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """One call; ``method`` is what a failure is reported for."""
        answer = await self._ask(
            method,
            verb,
            f"{self.base}{path}",
            params=params,
            data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers={"Authorization": self._settings.token.strip(), "Content-Type": "application/json"},
            timeout=timeout,
        )
        if answer.get("success") is False:
            raise failure_of(method, 400, json.dumps(answer))
        return answer

    async def send(
        self, method: TelegramMethod[Any], verb: str, path: str, params: Mapping[str, str], body: Any
    ) -> dict[str, Any]:
        """A call with attachments: a file that is not ready yet is waited for."""
        for pause in NOT_READY_PAUSES:
            try:
                return await self.call(method, verb, path, params, body)
            except NotReady:
                await asyncio.sleep(pause)
        return await self.call(method, verb, path, params, body)

    async def upload(self, method: TelegramMethod[Any], kind: str, name: str, content: bytes) -> str:
        """Put a file away; its token. The token of the bot does not go to the host of files."""
        place = await self.call(method, "POST", "/uploads", {"type": kind})
        form = FormData()
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        form.add_field("data", content, filename=name, content_type=media_type)
        answer = await self._ask(method, "POST", str(place["url"]), data=form, timeout=UPLOAD_TIMEOUT)
        token = answer.get("token") or next(
            (photo.get("token") for photo in (answer.get("photos") or {}).values() if isinstance(photo, dict)), None
        )
        if not token:
            # A refusal comes as a success with an error inside.
            said = answer.get("error_data") or answer.get("error_code") or "no token"
            raise TelegramBadRequest(method, f"the file was not taken: {str(said)[:100]}")
        return str(token)

    async def _ask(
        self, method: TelegramMethod[Any], verb: str, url: str, *, timeout: float | None = None, **more: Any
    ) -> dict[str, Any]:
        limits = ClientTimeout(timeout or TIMEOUT, sock_connect=CONNECT)
        try:
            session = self.session()
        except OSError as failure:
            raise TelegramNetworkError(method, f"{BAD_CA_FILE}: {type(failure).__name__}") from None
        try:
            async with session.request(verb, url, timeout=limits, allow_redirects=False, **more) as response:
                status, raw = response.status, await response.text(errors="replace")
                retry_after = response.headers.get("Retry-After", "")
        except ConnectionTimeoutError:
            raise TelegramNetworkError(method, "ConnectionTimeoutError") from None
        except TimeoutError:
            raise TelegramNetworkError(method, "Request timeout error") from None
        except ClientError as failure:
            raise TelegramNetworkError(method, type(failure).__name__) from None
        if status != 200:
            raise failure_of(method, status, raw, retry_after)
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TelegramServerError(method, "MAX answered something that is not an object")
        return answer


def _words(body: str) -> tuple[str, str]:
    """(code, message) of an error; empty for anything that is not one."""
    try:
        error = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code") or ""), str(error.get("message") or error.get("error") or "")


def _pause(said: str, retry_after: str) -> int:
    """Seconds to wait. MAX names only its limit: «Limit is: 10 calls per second»."""
    if retry_after.isdecimal():
        return max(1, int(retry_after))
    found = _limit.search(said)
    return PERIODS[found[1].lower()] if found else 1
