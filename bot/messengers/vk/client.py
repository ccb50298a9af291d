"""The wire to VK: one POST a call, the token in its body, failures as aiogram knows them."""

from __future__ import annotations

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
from aiogram.methods import TelegramMethod
from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from bot.config import VkSettings

VERSION = "5.199"
TIMEOUT = 30.0

TOO_MANY = frozenset({6, 9, 29})
"""Per second, flood control, quota of a method: surely not done, so it may be asked again."""

WAIT = {6: 1, 9: 10, 29: 60}
"""Seconds asked of the caller; VK itself names none."""

CLOSED = frozenset({18, 900, 901, 902, 936})
REFUSED_TOKEN = frozenset({5, 27})
BROKEN = frozenset({1, 10})

WORDING = {
    909: "message can't be edited",
    910: "message is too long",
    911: "reply markup is invalid",
    914: "message is too long",
    917: "chat not found",
    920: "message can't be edited",
    924: "message can't be deleted",
    927: "chat not found",
    945: "chat not found",
    949: "message can't be edited",
    950: "query is too old and response timeout expired or query ID is invalid",
}
"""What others compare with: Telegram's words for the same refusal."""


def failure_of(method: TelegramMethod[Any], error: Mapping[str, Any]) -> TelegramAPIError:
    """An error of VK, of a call or of one item of its answer."""
    code = int(error.get("error_code") or error.get("code") or 0)
    said = str(error.get("error_msg") or error.get("description") or "")[:200]
    if code in CLOSED:
        return TelegramForbiddenError(method, f"bot was blocked by the user ({code})")
    if code in REFUSED_TOKEN:
        return TelegramUnauthorizedError(method, f"Unauthorized ({code})")
    if code in TOO_MANY:
        return TelegramRetryAfter(method, f"Too Many Requests ({code})", WAIT[code])
    if code in BROKEN:
        return TelegramServerError(method, f"VK failed ({code})")
    return TelegramBadRequest(method, f"{WORDING.get(code, said)} ({code})")


class VkClient:
    """Calls of one community. Nothing here is repeated whose outcome is not known."""

    def __init__(self, settings: VkSettings) -> None:
        self._base = settings.api_base.rstrip("/")
        self._token = settings.token
        self._session: ClientSession | None = None

    def session(self) -> ClientSession:
        """The connections, opened with the first call."""
        if self._session is None or self._session.closed:
            self._session = ClientSession(timeout=ClientTimeout(TIMEOUT))
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self, method: TelegramMethod[Any], name: str, params: Mapping[str, Any], *, timeout: float | None = None
    ) -> Any:
        """The ``response`` of one VK method; ``method`` is what a failure is reported for."""
        body = {key: str(value) for key, value in params.items() if value is not None}
        answer = await self._post(method, f"{self._base}/{name}", {**body, **self._own()}, timeout)
        if (error := answer.get("error")) is not None:
            raise failure_of(method, error if isinstance(error, dict) else {})
        if "response" not in answer:
            raise TelegramServerError(method, "VK answered without a response")
        return answer["response"]

    async def upload(self, method: TelegramMethod[Any], url: str, part: str, name: str, content: bytes) -> Any:
        """Content to an upload host, whose JSON may come as text/html."""
        form = FormData()
        form.add_field(part, content, filename=name)
        return await self._post(method, url, form, 120)

    def _own(self) -> dict[str, str]:
        return {"access_token": self._token, "v": VERSION}

    async def _post(self, method: TelegramMethod[Any], url: str, data: Any, timeout: float | None) -> dict[str, Any]:
        limit = ClientTimeout(timeout or TIMEOUT)
        try:
            async with self.session().post(url, data=data, timeout=limit, allow_redirects=False) as response:
                if response.status >= 300:
                    raise TelegramServerError(method, f"VK answered {response.status}")
                answer = await response.json(content_type=None)
        except TimeoutError:
            raise TelegramNetworkError(method, "Request timeout error") from None
        except ClientError as failure:
            raise TelegramNetworkError(method, type(failure).__name__) from None
        except ValueError:
            raise TelegramServerError(method, "VK answered something that is not JSON") from None
        if not isinstance(answer, dict):
            raise TelegramServerError(method, "VK answered something that is not an object")
        return answer
