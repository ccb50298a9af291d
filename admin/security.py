"""Every answer carries strict headers; a change comes from our own pages only and is never large."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import UserError
from bot.web.security import HEADERS, Signer, is_ours

SESSION = "marshrut_staff"
WHO = "marshrut_who"
BODY = 64 * 1024
"""Longest form, in bytes."""

UPLOAD = 31 * 2**20
"""Longest form with a file; each page has its own limit below it."""

TRIES_PER_MINUTE = 30
"""Passwords and codes from one address: they are slow to check on purpose."""

SAFE = ("GET", "HEAD", "OPTIONS")


class TooFast(UserError):
    """Too many tries from one address in a minute."""


class Guard:
    """Headers on the way out, origin and size on the way in."""

    def __init__(self, app: ASGIApp, *, public_url: str, refusal: str) -> None:
        self._app = app
        self._public_url = public_url
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                # Pages hold personal data: neither the browser nor a proxy keeps them.
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        request = Request(scope)
        if request.method not in SAFE:
            size = request.headers.get("content-length", "")
            with_file = request.headers.get("content-type", "").startswith("multipart/form-data")
            if not is_ours(request, self._public_url):
                await PlainTextResponse(self._refusal, status_code=403)(scope, receive, with_headers)
                return
            if not size.isdigit() or int(size) > (UPLOAD if with_file else BODY):
                await PlainTextResponse("", status_code=413)(scope, receive, with_headers)
                return
        await self._app(scope, receive, with_headers)


def put_cookie(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> Response:
    """A signed cookie that no script reads and no foreign page sends along with a change."""
    settings = request.app.state.settings
    response.set_cookie(
        name,
        Signer(settings.secret, name).sign(value),
        max_age=seconds,
        path=cookie_path(request),
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


def read_cookie(request: Request, name: str) -> str:
    """The value of our cookie, empty when there is none or its signature is not ours."""
    signed = request.cookies.get(name, "")
    return (Signer(request.app.state.settings.secret, name).read(signed) if signed else None) or ""


def drop_cookie(request: Request, response: Response, name: str) -> Response:
    """Take a cookie back."""
    response.delete_cookie(name, path=cookie_path(request), httponly=True, samesite="lax")
    return response


def cookie_path(request: Request) -> str:
    """The admin's own part of the site."""
    return str(request.scope.get("root_path", "")) or "/"
