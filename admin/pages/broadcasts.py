"""Broadcasts and posts of rubrics: list, form with counting, preview, test, launch, progress, report."""

from __future__ import annotations

import asyncio
import html
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Html, Staff, day_of, number_of, page_of, render, to
from bot.config import Policy, Settings
from bot.errors import NotFound, UserError
from bot.messengers import preview
from bot.models import BroadcastKind, Messenger, RecipientState
from bot.rules import wording
from bot.screens import broadcasts as screens
from bot.services import audit, broadcasts, files, places, staff_overview
from bot.services.access import Right
from bot.services.broadcasts import KINDS, TERMS, BroadcastLine, Circle, Draft, Post, openings, report, statistics
from bot.services.broadcasts.running import row_kind
from bot.services.broadcasts.segments import cleaned
from bot.services.places import Choice
from bot.ui.screen import Button, Screen, rows

FIELDS = 500
MAX_BYTES = 10 * 1024 * 1024
PURPOSE = "broadcast"

TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""What may go along, by the end of its name."""

SIGNATURES = {
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".docx": b"PK",
    ".xlsx": b"PK",
    ".pptx": b"PK",
}
"""How such a file begins: a name alone proves nothing."""

Given = dict[str, list[str]]


async def listing(request: Request, staff: Staff) -> Response:
    """Broadcasts, or posts of rubrics."""
    rubrics = request.query_params.get("tab") == "rubrics"
    async with request.app.state.db.read() as session:
        lines = await broadcasts.listing(session, staff.scope, rubrics=rubrics)
        figures = await statistics.by_rubric(session, staff.scope, now=staff.now) if rubrics else []
        went = [line.id for line in lines if line.state not in openings.NOT_SENT] if rubrics else []
        posts = await openings.of_posts(session, went)
    return render(request, "broadcasts.html", staff, lines=lines, rubrics=rubrics, figures=figures, posts=posts)


async def new(request: Request, staff: Staff) -> Response:
    """An empty form."""
    rubric = request.query_params.get("tab") == "rubrics"
    return await _form(request, staff, {}, rubric=rubric)


async def create(request: Request, staff: Staff) -> Response:
    """«Посчитать» shows who would get it; «Сохранить» makes a draft."""
    return await _save(request, staff, None)


async def edit(request: Request, staff: Staff) -> Response:
    """The form of a draft, as it stands."""
    async with request.app.state.db.read() as session:
        line = await broadcasts.card(session, staff.scope, request.path_params["id"])
    return await _form(request, staff, _as_given(line, staff), line=line, rubric=line.kind is BroadcastKind.rubric)


async def change(request: Request, staff: Staff) -> Response:
    """Save a draft anew."""
    return await _save(request, staff, request.path_params["id"])


async def card(request: Request, staff: Staff) -> Response:
    """One broadcast: how it looks, who gets it, how it goes, what became of each."""
    number = request.path_params["id"]
    on, policies = _channels(request.app.state.settings)
    chosen = request.query_params.get("state", "")
    state = RecipientState(chosen) if chosen in set(RecipientState) else None
    page = page_of(request)
    async with request.app.state.db.read() as session:
        line = await broadcasts.card(session, staff.scope, number)
        counted = None if line.unfolded else await broadcasts.count(session, line.circle, on, now=staff.now)
        progress = await broadcasts.progress(session, line)
        people, more = await broadcasts.recipients(session, line, state=state, page=page)
        words = await _segment_words(session, line, staff)
        went = bool(line.link_url) and line.state not in openings.NOT_SENT
        opened = (await openings.of_posts(session, [number]))[number] if went else None
    return render(
        request,
        "broadcast.html",
        staff,
        line=line,
        screen=_preview(staff, line),
        looks=_looks(staff, line, on),
        counted=counted,
        progress=progress,
        info=[staff.t(f"people-messengers.{m.value}") for m in on if policies[m] is Policy.info],
        states=list(RecipientState),
        chosen=chosen if state else "",
        people=people,
        page=page,
        more=more,
        words=words,
        opened=opened,
        doors=_doors(request.app.state.settings, line, on),
        over_hour=line.starts_at <= staff.now,
    )


async def progress(request: Request, staff: Staff) -> Response:
    """The part that moves while it runs."""
    async with request.app.state.db.read() as session:
        line = await broadcasts.card(session, staff.scope, request.path_params["id"])
        counts = await broadcasts.progress(session, line)
    return render(request, "broadcast-progress.html", staff, line=line, progress=counts, states=list(RecipientState))


async def act(request: Request, staff: Staff) -> Response:
    """Launch, pause, resume, stop, drop, or a test to oneself."""
    number, what = request.path_params["id"], request.path_params["what"]
    acts = {
        "launch": broadcasts.launch,
        "pause": broadcasts.pause,
        "resume": broadcasts.resume,
        "stop": broadcasts.stop,
        "drop": broadcasts.drop,
    }
    async with request.app.state.db.begin() as session:
        if what == "test":
            on, _ = _channels(request.app.state.settings)
            texts = request.app.state.texts

            def speak(locale: str, said: Post) -> Screen:
                return screens.post(texts.translator(locale), said)

            await broadcasts.test(session, staff.scope, number, speak, on, locale=staff.signed.locale, now=staff.now)
        elif what in acts:
            await acts[what](session, staff.scope, number, now=staff.now)
        else:
            raise NotFound()
    return to(request, "/broadcasts" if what == "drop" else f"/broadcasts/{number}", done=f"broadcast-{what}")


async def xlsx(request: Request, staff: Staff) -> Response:
    """Everybody and what became of it; taking it away is recorded."""
    number = request.path_params["id"]
    people = []
    async with request.app.state.db.read() as session:
        line = await broadcasts.card(session, staff.scope, number)
        counts = await broadcasts.progress(session, line)
        async for portion in broadcasts.everybody(session, line):
            people += portion
    content = await asyncio.to_thread(report.xlsx, staff.t, line, counts, people, staff.zone)
    async with request.app.state.db.begin() as session:
        audit.changed(session, staff.scope, "broadcast", number, "exported", now=staff.now)
    name = f"broadcast-{number}-{staff.today:%Y-%m-%d}.xlsx"
    return Response(content, media_type=report.XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def attachment(request: Request, staff: Staff) -> Response:
    """The file that goes along."""
    async with request.app.state.db.read() as session:
        file = await broadcasts.file_of(session, staff.scope, request.path_params["id"])
        path = await files.path_of(session, request.app.state.settings, file.id)
    shown = "inline" if file.media_type.startswith("image/") else "attachment"
    return FileResponse(path, media_type=file.media_type, filename=file.name, content_disposition_type=shown)


# --- form -------------------------------------------------------------------------------------------


async def _save(request: Request, staff: Staff, number: int | None) -> Response:
    async with request.form(max_files=1, max_fields=FIELDS) as form:
        given = _texts(form)
        upload = form.get("file")
        attached = None
        if isinstance(upload, UploadFile) and upload.filename:
            attached = (upload.filename, await upload.read(MAX_BYTES + 1))
    line = None
    if number is not None:
        async with request.app.state.db.read() as session:
            line = await broadcasts.card(session, staff.scope, number)
    rubric = bool(_one(given, "rubric_post"))
    if _one(given, "do") != "save":
        return await _form(request, staff, given, line=line, rubric=rubric)
    try:
        media_type = _media_type(*attached) if attached else ""
        draft = _draft(given, staff, rubric=rubric)
        blob = await files.put(request.app.state.settings, attached[1]) if attached else None
        async with request.app.state.db.begin() as session:
            file_id = 0 if _one(given, "file_drop") else None
            if blob is not None and attached is not None:
                stored = await files.add(
                    session,
                    blob,
                    name=attached[0],
                    media_type=media_type,
                    owner_id=None,
                    purpose=PURPOSE,
                    now=staff.now,
                )
                file_id = stored.id
            draft = _with_file(draft, file_id)
            if number is None:
                number = await broadcasts.create(session, staff.scope, draft, now=staff.now)
            else:
                await broadcasts.change(session, staff.scope, number, draft, now=staff.now)
    except UserError as error:
        return await _form(request, staff, given, line=line, rubric=rubric, error=error)
    return to(request, f"/broadcasts/{number}", done="broadcast-saved")


async def _form(
    request: Request,
    staff: Staff,
    given: Given,
    *,
    rubric: bool,
    line: BroadcastLine | None = None,
    error: UserError | None = None,
) -> Response:
    on, _ = _channels(request.app.state.settings)
    counted = None
    async with request.app.state.db.read() as session:
        reach = broadcasts.reach_of(staff.scope, Right.broadcasts_send)
        terms = await _terms(session)
        rubrics = await broadcasts.rubric_choices(session)
        municipalities = await places.municipalities(session)
        if given and not error and (not rubric or _one(given, "rubric")):
            place = number_of(_one(given, "place"))
            if reach is not None and place not in reach:
                place = reach[0]
            circle = Circle(_kind(given, rubric=rubric), _one(given, "rubric"), _segment(given), place)
            counted = await broadcasts.count(session, circle, on, now=staff.now)
    first = staff.now + timedelta(days=1)
    defaults = {
        "day": f"{first:%d.%m.%Y}",
        "hour": "14:00",
        "until": f"{first + timedelta(days=13):%d.%m.%Y}",
        "kind": BroadcastKind.news.value,
    }
    return render(
        request,
        "broadcast-form.html",
        staff,
        status=422 if error else 200,
        line=line,
        rubric=rubric,
        given=given,
        one=lambda name: _one(given, name) or ("" if given else defaults.get(name, "")),
        chosen=lambda name, value: str(value) in given.get(name, []),
        kinds=[kind.value for kind in KINDS],
        rubrics=rubrics,
        terms=terms,
        places=[place for place in municipalities if reach is None or place.key in {str(n) for n in reach}],
        whole=reach is None,
        counted=counted,
        error=staff.t(error.key, **error.args_for_text) if error else "",
    )


async def _terms(session: AsyncSession) -> list[tuple[str, list[Choice] | None]]:
    """(term, its values); None for a mark."""
    found: list[tuple[str, list[Choice] | None]] = []
    for slug, term in TERMS.items():
        if term.options is not None:
            found.append((slug, [Choice(str(choice.key), choice.title) for choice in await term.options(session)]))
        elif term.words:
            found.append((slug, [Choice(word, "") for word in term.words]))
        else:
            found.append((slug, None))
    return found


async def _segment_words(session: AsyncSession, line: BroadcastLine, staff: Staff) -> list[str]:
    """The circle as a person says it."""
    words = []
    if line.kind is BroadcastKind.rubric:
        words.append(staff.t("admin-broadcast.subscribers"))
    for slug, values in line.segment.items():
        term = TERMS.get(slug)
        name = staff.t(f"admin-term.{slug}") if staff.t.has(f"admin-term.{slug}") else slug
        if term is None or term.is_mark:
            words.append(name)
            continue
        titles = {str(choice.key): choice.title for choice in await term.options(session)} if term.options else {}
        said = [titles.get(value) or _messenger(value, staff) for value in values]
        words.append(f"{name}: {', '.join(said)}")
    if line.municipality:
        words.append(line.municipality)
    return words or [staff.t("admin-broadcast.everybody")]


def _messenger(value: str, staff: Staff) -> str:
    key = f"people-messengers.{value}"
    return staff.t(key) if staff.t.has(key) else value


def _texts(form: FormData) -> Given:
    found: Given = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def _one(given: Given, name: str) -> str:
    return given.get(name, [""])[0].strip()


def _kind(given: Given, *, rubric: bool) -> BroadcastKind:
    if rubric:
        return BroadcastKind.rubric
    known = {kind.value: kind for kind in KINDS}
    return known.get(_one(given, "kind"), BroadcastKind.news)


def _segment(given: Given) -> dict[str, list[str]]:
    return cleaned({slug: given.get(f"t-{slug}", []) for slug in TERMS})


def _draft(given: Given, staff: Staff, *, rubric: bool) -> Draft:
    day, until = day_of(_one(given, "day")), day_of(_one(given, "until"))
    hour = _time(_one(given, "hour"))
    if day is None or until is None or hour is None:
        raise UserError("admin-broadcast-dates")
    return Draft(
        kind=_kind(given, rubric=rubric),
        rubric=_one(given, "rubric") if rubric else "",
        title=_one(given, "title"),
        body=given.get("body", [""])[0],
        link_label=_one(given, "link_label"),
        link_url=_one(given, "link_url"),
        starts_at=datetime.combine(day, hour, staff.zone).astimezone(UTC),
        expires_at=datetime.combine(until + timedelta(days=1), time(), staff.zone).astimezone(UTC),
        segment=_segment(given),
        municipality_id=number_of(_one(given, "place")),
    )


def _with_file(draft: Draft, file_id: int | None) -> Draft:
    return replace(draft, file_id=file_id)


def _time(raw: str) -> time | None:
    try:
        return time.fromisoformat(raw if ":" in raw else f"{raw:0>2}:00")
    except ValueError:
        return None


def _as_given(line: BroadcastLine, staff: Staff) -> Given:
    """A draft as its form would send it."""
    begins = line.starts_at.astimezone(staff.zone)
    last = (line.expires_at - timedelta(seconds=1)).astimezone(staff.zone)
    given: Given = {
        "kind": [line.kind.value],
        "rubric": [line.rubric_slug],
        "title": [line.title],
        "body": [line.body],
        "link_label": [line.link_label],
        "link_url": [line.link_url],
        "day": [f"{begins:%d.%m.%Y}"],
        "hour": [f"{begins:%H:%M}"],
        "until": [f"{last:%d.%m.%Y}"],
        "place": [str(line.municipality_id or "")],
    }
    return given | {f"t-{slug}": values for slug, values in line.segment.items()}


def _media_type(name: str, content: bytes) -> str:
    """By name and first bytes; UserError for what a chat would not take."""
    ending = Path(name).suffix.lower()
    if ending not in TYPES or len(content) > MAX_BYTES or not content.startswith(SIGNATURES[ending]):
        raise UserError("admin-broadcast-file")
    return TYPES[ending]


def _screen(staff: Staff, line: BroadcastLine) -> Screen:
    said = Post(line.kind, line.title, line.body, line.link_label, line.link_url, line.rubric, line.rubric_slug)
    return screens.post(staff.t, said)


def _parts(text: str) -> list[Html]:
    """Paragraphs of a screen. The words were escaped by it; b, i, u and a are its own."""
    return [Html(part.replace("\n", "<br>")) for part in text.split("\n\n")]


def _looks(staff: Staff, line: BroadcastLine, on: list[Messenger]) -> list[dict[str, Any]]:
    """The message in every messenger, with what differs there."""
    made = []
    for look in preview.looks(_screen(staff, line), with_file=bool(line.file_name)):
        notes = [staff.t("admin-look.cut", label=label) for label in look.cut]
        if len(look.messages) > 1:
            notes.append(staff.t("admin-look.many", n=len(look.messages)))
        if look.file_apart:
            notes.append(staff.t("admin-look.file-apart"))
        made.append(
            {
                "messenger": look.messenger.value, "messages": [_parts(text) for text in look.messages],
                "buttons": look.buttons, "signs": look.signs, "most": look.most, "notes": notes,
                "off": look.messenger not in on,
            }
        )  # fmt: skip
    return made


def _preview(staff: Staff, line: BroadcastLine) -> dict[str, Any]:
    """The message as the chat shows it, and what could be said better."""
    screen = _screen(staff, line)
    parts = _parts(screen.text)
    advice = [
        staff.t(f"admin-wording.{problem.kind}", **problem.args)
        for problem in wording.manners("", html.escape(f"{line.title}\n\n{line.body}", quote=False))
    ]
    return {"parts": parts, "rows": screen.rows, "advice": advice}


def _doors(settings: Settings, line: BroadcastLine, on: list[Messenger]) -> list[tuple[Messenger, str]]:
    """What stands in the message instead of the link, where that is so."""
    kind, screen = row_kind(line.id, line.kind), Screen("", rows(Button("", url=line.link_url)))
    leaving = [(one, openings.counted(screen, kind, one, settings.public_url).rows[0][0].url) for one in on]
    return [(one, url) for one, url in leaving if line.link_url and url != line.link_url]


def _channels(settings: Settings) -> tuple[list[Messenger], dict[Messenger, Policy]]:
    installed = [(messenger, policy) for messenger, on, policy in staff_overview.installed(settings) if on]
    return [messenger for messenger, _ in installed], dict(installed)


_see, _send = Right.broadcasts_see, Right.broadcasts_send
ROUTES = [
    Route("/broadcasts", for_staff(listing, _see), methods=["GET"]),
    Route("/broadcasts/new", for_staff(new, _send), methods=["GET"]),
    Route("/broadcasts/new", for_staff(create, _send), methods=["POST"]),
    Route("/broadcasts/{id:int}", for_staff(card, _see), methods=["GET"]),
    Route("/broadcasts/{id:int}/edit", for_staff(edit, _send), methods=["GET"]),
    Route("/broadcasts/{id:int}/edit", for_staff(change, _send), methods=["POST"]),
    Route("/broadcasts/{id:int}/progress", for_staff(progress, _see), methods=["GET"]),
    Route("/broadcasts/{id:int}/report.xlsx", for_staff(xlsx, _see), methods=["GET"]),
    Route("/broadcasts/{id:int}/file", for_staff(attachment, _see), methods=["GET"]),
    Route("/broadcasts/{id:int}/{what:str}", for_staff(act, _send), methods=["POST"]),
]
