"""Signed cookies, the origin of a request, headers of every answer."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CSP_DOOR = CSP.replace("form-action 'self'", "form-action 'self' http: https:")
"""Of a page whose form answers with the address of a room elsewhere: Chromium asks the rule about redirects too."""

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Signer:
    """``value.signature``; ``purpose`` keeps one cookie from passing for another."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.new(secret, f"cookie:{purpose}".encode(), hashlib.sha256).digest()

    def sign(self, value: str) -> str:
        return f"{value}.{self._mark(value)}"

    def read(self, signed: str) -> str | None:
        """The value, or None when the signature is not ours."""
        value, _, mark = signed.rpartition(".")
        return value if value and hmac.compare_digest(mark, self._mark(value)) else None

    def _mark(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()[:32]


def is_ours(request: Request, public_url: str) -> bool:
    """True when a request that changes something comes from our own pages (or not from a browser)."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    host = urlsplit(origin).netloc
    return host != "" and host in (request.headers.get("host"), urlsplit(public_url).netloc)


class SafeHeaders:
    """Adds the headers to every answer that does not bring its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._https:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Refuses a body above the limit of its path before it is read; bytes. A path that ends in «/» is a folder."""

    def __init__(self, app: ASGIApp, *, usual: int, of_path: dict[str, int]) -> None:
        self._app = app
        self._usual = usual
        self._of_path = of_path

    def _limit(self, path: str) -> int:
        folders = (limit for known, limit in self._of_path.items() if known.endswith("/") and path.startswith(known))
        return self._of_path.get(path) or next(folders, self._usual)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            await PlainTextResponse("", status_code=413)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, counted, send)


class Pace:
    """At most ``per_minute`` events of one key: a bucket that refills, bounded in memory."""

    def __init__(self, per_minute: int, *, size: int = 20_000) -> None:
        self._rate = per_minute / 60
        self._full = float(per_minute)
        self._size = size
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Count one event; False when it is one too many."""
        moment = monotonic()
        left, then = self._buckets.pop(key, (self._full, moment))
        left = min(self._full, left + (moment - then) * self._rate)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, moment)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return allowed
