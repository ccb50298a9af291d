"""Signing in: a link or a number, the password, the one-time code; choosing a role; signing out."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff, who
from admin.rendering import Staff, form_of, number_of, render, to
from admin.security import SESSION, WHO, TooFast, drop_cookie, put_cookie, read_cookie
from bot.db import Database
from bot.errors import NotFound, UserError
from bot.services import staff
from bot.services.staff import Account

KNOWN_FOR = 180 * 24 * 3600
"""How long a browser remembers who signs in here, in seconds."""


async def login(request: Request) -> Response:
    """Number and password: every sign-in after the first one."""
    known = await _known(request)
    return render(request, "login.html", known=known, number="", problem="")


async def login_post(request: Request) -> Response:
    _not_too_fast(request)
    form = await form_of(request)
    now = _now(request)
    known = await _known(request)
    person_id = (
        known.person_id if known and "number" not in form else number_of(form.get("number", "").strip(), least=1)
    )
    found = await _account(request, person_id, now) if person_id else None
    right = await asyncio.to_thread(
        staff.password_fits, found.password_hash if found else "", form.get("password", "")[:200]
    )
    cookie = ""
    if found is not None and found.password_hash:
        async with _db(request).begin() as session:
            cookie = await staff.after_password(session, found.person_id, right=right, now=now)
    if not cookie:
        t = request.app.state.texts.translator()
        number = form.get("number", "")[:20]
        problem = t("admin-login.wrong")
        return render(request, "login.html", status=422, known=known, number=number, problem=problem)
    return put_cookie(request, to(request, "/code"), SESSION, cookie)


async def link(request: Request) -> Response:
    """A link from a colleague or the command line. Looking at it (a messenger's preview does) uses nothing up."""
    token = request.path_params["token"]
    now = _now(request)
    async with _db(request).read() as session:
        row = await staff.look_at_link(session, token, now=now)
    if row.reusable:
        if request.method == "HEAD":
            return Response()
        async with _db(request).begin() as session:
            cookie = await staff.open_demo(session, token, now=now)
        return put_cookie(request, to(request, "/"), SESSION, cookie)
    found = await _account(request, row.person_id, now)
    if found is None:
        raise NotFound()
    return _link_page(request, token, found)


async def link_post(request: Request) -> Response:
    _not_too_fast(request)
    token = request.path_params["token"]
    form = await form_of(request)
    now = _now(request)
    async with _db(request).read() as session:
        row = await staff.look_at_link(session, token, now=now)
    found = await _account(request, row.person_id, now)
    if found is None or row.reusable:
        raise NotFound()
    password = form.get("password", "")[:200]
    new_hash, right = "", False
    if found.password_hash:
        right = await asyncio.to_thread(staff.password_fits, found.password_hash, password)
    else:
        try:
            staff.check_new_password(password, form.get("again", "")[:200])
        except UserError as error:
            said = request.app.state.texts.translator()(error.key, **error.args_for_text)
            return _link_page(request, token, found, status=422, problem=said)
        new_hash = await asyncio.to_thread(staff.hash_password, password)
    async with _db(request).begin() as session:
        cookie = await staff.after_password(
            session, found.person_id, right=right, now=now, token=token, new_hash=new_hash
        )
    if not cookie:
        left = found.tries_left - 1
        said = request.app.state.texts.translator()("admin-link.wrong", left=left)
        return _link_page(request, token, found, status=422, problem=said)
    return put_cookie(request, to(request, "/code"), SESSION, cookie)


def _link_page(request: Request, token: str, found: Account, *, status: int = 200, problem: str = "") -> Response:
    return render(request, "link.html", status=status, token=token, account=found, problem=problem)


async def code(request: Request) -> Response:
    """The one-time code; at the first sign-in the picture for the authenticator stands above."""
    person = await who(request)
    if person is None:
        return to(request, "/login")
    if person.signed.stage == staff.OPEN:
        return to(request, "/")
    return await _code_page(request, person)


async def code_post(request: Request) -> Response:
    _not_too_fast(request)
    person = await who(request)
    if person is None:
        return to(request, "/login")
    form = await form_of(request)
    async with _db(request).begin() as session:
        cookie = await staff.after_code(session, person.signed, form.get("code", "")[:20], now=person.now)
    if not cookie:
        return await _code_page(request, person, wrong=True)
    answer = put_cookie(request, to(request, "/"), SESSION, cookie)
    return put_cookie(request, answer, WHO, str(person.id), seconds=KNOWN_FOR)


async def _code_page(request: Request, person: Staff, *, wrong: bool = False) -> Response:
    found = await _account(request, person.id, person.now)
    if found is None:
        raise NotFound()
    if found.locked_until is not None:
        raise staff.LockedOut(found.locked_until, person.now)
    problem = person.t("admin-code.wrong", left=found.tries_left) if wrong else ""
    spaced = " ".join(found.totp_secret[i : i + 4] for i in range(0, len(found.totp_secret), 4))
    return render(
        request,
        "code.html",
        status=422 if wrong else 200,
        account=found,
        number=str(person.id),
        secret="" if found.totp_set else spaced,
        problem=problem,
    )


async def code_picture(request: Request) -> Response:
    """The QR code, only while the authenticator is not set up."""
    person = await who(request)
    found = await _account(request, person.id, person.now) if person else None
    if person is None or found is None or found.totp_set or not found.totp_secret:
        raise NotFound()
    address = staff.totp_address(found.totp_secret, f"{found.person_id}", person.t("admin-brand"))
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return Response(out.getvalue(), media_type="image/svg+xml")


async def role(request: Request, person: Staff) -> Response:
    """In which of the roles to work now."""
    return render(request, "role.html", person, roles=[held.value for held in person.signed.roles])


async def role_post(request: Request, person: Staff) -> Response:
    form = await form_of(request)
    async with _db(request).begin() as session:
        await staff.choose_role(session, person.signed, form.get("role", ""))
    return to(request, "/")


async def out(request: Request) -> Response:
    """End the session here."""
    token = read_cookie(request, SESSION)
    if token:
        async with _db(request).begin() as session:
            await staff.sign_out(session, token)
    return drop_cookie(request, to(request, "/login", done="out"), SESSION)


async def forget(request: Request) -> Response:
    """«Это не я»: another person signs in here."""
    return drop_cookie(request, to(request, "/login"), WHO)


async def _known(request: Request) -> Account | None:
    person_id = number_of(read_cookie(request, WHO), least=1)
    return await _account(request, person_id, _now(request)) if person_id else None


async def _account(request: Request, person_id: int, now: datetime) -> Account | None:
    async with _db(request).read() as session:
        return await staff.account(session, person_id, now=now)


def _not_too_fast(request: Request) -> None:
    if not request.app.state.pace.allows(request.client.host if request.client else ""):
        raise TooFast("admin-too-fast")


def _db(request: Request) -> Database:
    found: Database = request.app.state.db
    return found


def _now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock()
    return moment.astimezone(request.app.state.settings.zone)


ROUTES = [
    Route("/login", login, methods=["GET"]),
    Route("/login", login_post, methods=["POST"]),
    Route("/login/forget", forget, methods=["POST"]),
    Route("/in/{token:str}", link, methods=["GET"]),
    Route("/in/{token:str}", link_post, methods=["POST"]),
    Route("/code", code, methods=["GET"]),
    Route("/code", code_post, methods=["POST"]),
    Route("/code.svg", code_picture, methods=["GET"]),
    Route("/role", for_staff(role, before_role=True), methods=["GET"]),
    Route("/role", for_staff(role_post, before_role=True), methods=["POST"]),
    Route("/out", out, methods=["POST"]),
]
