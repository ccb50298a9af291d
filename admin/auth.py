"""Who is asking: the session behind a cookie, with today's roles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from admin.rendering import Staff, to
from admin.security import SESSION, read_cookie
from bot.db import Database
from bot.errors import NotAllowed
from bot.services import region, staff
from bot.services.access import Right

BRAND_FOR = 30.0

Page = Callable[[Request, Staff], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


async def who(request: Request) -> Staff | None:
    """The person behind the cookie, signed in wholly or half; None for a guest."""
    token = read_cookie(request, SESSION)
    if not token:
        return None
    state = request.app.state
    db: Database = state.db
    now = state.clock().astimezone(state.settings.zone)
    async with db.read() as session:
        signed = await staff.signed_in(session, token, now=now)
        if signed is None:
            return None
        title, demo = await _brand(request, session)
    if signed.stage == staff.OPEN and signed.seen_at + staff.SEEN_EVERY <= now:
        async with db.begin() as session:
            await staff.seen(session, signed, now=now)
    return Staff(
        signed=signed,
        scope=signed.acting,
        t=state.texts.translator(signed.locale),
        now=now,
        zone=state.settings.zone,
        region=title,
        demo=demo,
    )


async def _brand(request: Request, session: AsyncSession) -> tuple[str, bool]:
    """The region's name and the demonstration mark, read once in BRAND_FOR seconds."""
    state = request.app.state
    if state.brand is None or state.brand[0] < monotonic():
        pack = await region.setting(session, "pack")
        state.brand = (monotonic() + BRAND_FOR, str(pack.get("title", "")), await staff.is_demo(session))
    return state.brand[1], state.brand[2]


def for_staff(page: Page, right: Right | None = None, *, before_role: bool = False) -> Endpoint:
    """A page that only those who are signed in may open, with this right (None: any role of the admin)."""

    async def endpoint(request: Request) -> Response:
        person = await who(request)
        if person is None:
            return to(request, "/login")
        if person.signed.stage != staff.OPEN:
            return to(request, "/code")
        request.state.staff = person
        if not before_role:
            if not person.signed.roles:
                raise NotAllowed("admin-no-role")
            if not person.scope.grants:
                return to(request, "/role")
            person.scope.require(right or Right.admin_open)
        return await page(request, person)

    return endpoint
