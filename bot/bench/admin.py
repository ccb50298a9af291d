"""The list of people, as the staff's browser asks for it, with 100 000 people in the tables."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from admin.app import build_admin
from admin.security import SESSION
from bot.bench.rows import Row, median_row
from bot.bench.world import World, world
from bot.clock import utcnow
from bot.config import ROOT
from bot.i18n import Texts
from bot.models import Role, RoleAssignment, ScopeKind
from bot.services import region, staff
from bot.web.security import Signer

MANY = 100_000
RUNS = 5
PAGES = 40
GOAL_MS = 10.0
GOAL_KB = 20.0


async def measure() -> list[Row]:
    """Milliseconds of the page in process (goal: at most 10) and its HTML in KB (goal: at most 20)."""
    async with world(MANY) as ours:
        cookie = await _signed_in(ours)
        app = Starlette(routes=[Mount("/admin", build_admin(ours.db, ours.settings, Texts(ROOT / "locales")))])
        rows: list[Row] = []
        for name, query in (("admin-list", ""), ("admin-page-200", "page=200")):
            weight = len(await _page(app, cookie, query)) / 1024
            times = [await _pages(app, cookie, query) for _ in range(RUNS)]
            row = median_row(name, "ms", times)
            rows.append(median_row(name, "ms", times, goal=f"≤ {GOAL_MS:g} мс", kept=row.value <= GOAL_MS))
            rows.append(Row(f"{name}-html", round(weight, 1), "KB", goal=f"≤ {GOAL_KB:g} КБ", kept=weight <= GOAL_KB))
    return rows


async def _signed_in(ours: World) -> str:
    now = utcnow()
    async with ours.db.begin() as session:
        await region.set_setting(session, "demo", {"on": True})
        head = RoleAssignment(
            person_id=ours.people[0], role=Role.centre_head, scope_kind=ScopeKind.region, since=now.date()
        )
        session.add(head)
        await session.flush()
        link = await staff.signin_link(
            session, ours.people[0], role=Role.centre_head.value, reusable=True, now=now, public_url="http://127.0.0.1"
        )
    async with ours.db.begin() as session:
        token = await staff.open_demo(session, link.rpartition("/")[2], now=now)
    return Signer(ours.settings.secret, SESSION).sign(token)


async def _pages(app: Starlette, cookie: str, query: str) -> float:
    started = perf_counter()
    for _ in range(PAGES):
        await _page(app, cookie, query)
    return (perf_counter() - started) / PAGES * 1e3


async def _page(app: Starlette, cookie: str, query: str) -> bytes:
    """The body of the list, asked for as a server would ask."""
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/admin/people", "raw_path": b"/admin/people", "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", f"{SESSION}={cookie}".encode())],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    body: list[bytes] = []
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        body.append(message.get("body", b""))

    await app(scope, receive, send)
    if status != 200:
        raise RuntimeError(f"the list answered {status}: {body[:1]}")
    return b"".join(body)
