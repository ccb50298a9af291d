"""What may be wrong with a server as a whole, from one moment until another."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class Health:
    """Stands before a fake server; what was being answered when it falls ill is not answered any more."""

    def __init__(self) -> None:
        self.ill = ""
        self._changed = asyncio.Event()

    def becomes(self, ill: str = "") -> None:
        """500, html, drop, silent; empty: well again."""
        self.ill = ill
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def middleware(self) -> Middleware:
        """For the application of the server."""

        @web.middleware
        async def stand_before(request: web.Request, handler: Handler) -> web.StreamResponse:
            while True:
                changed = asyncio.ensure_future(self._changed.wait())
                try:
                    match self.ill:
                        case "500":
                            return web.Response(status=500, text="oops")
                        case "html":
                            return web.Response(text="<html>Доступ ограничен</html>", content_type="text/html")
                        case "drop":
                            if request.transport is not None:
                                request.transport.close()
                            return web.Response()
                        case "silent":
                            await changed
                        case _:
                            answer = asyncio.ensure_future(handler(request))
                            await asyncio.wait({answer, changed}, return_when=asyncio.FIRST_COMPLETED)
                            if answer.done():
                                return answer.result()
                            answer.cancel()
                finally:
                    changed.cancel()

        return stand_before
