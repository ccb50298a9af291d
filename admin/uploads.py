"""A file that a member of staff sends for an import: read within a limit, kept while it is looked at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.requests import Request

from admin.rendering import Staff
from bot.errors import NotFound, UserError
from bot.services import files


@dataclass(frozen=True, slots=True)
class Upload:
    """The file and the other fields of its form."""

    name: str
    content: bytes
    fields: dict[str, str]


async def read_upload(request: Request, *, most: int, too_big: str = "import-too-big") -> Upload:
    """The field ``file`` of a form, at most so many bytes. UserError without a file or above the limit."""
    async with request.form(max_files=1, max_fields=10) as given:
        file = given.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UserError("admin-no-file")
        name, content = file.filename, await file.read(most + 1)
        fields = {key: value for key, value in given.items() if isinstance(value, str)}
    if len(content) > most:
        raise UserError(too_big, limit=most // 1024 // 1024)
    return Upload(name, content, fields)


async def keep_upload(request: Request, staff: Staff, upload: Upload, *, purpose: str, kept: timedelta) -> int:
    """Number of the kept file, which only its owner opens."""
    blob = await files.put(request.app.state.settings, upload.content)
    async with request.app.state.db.begin() as session:
        stored = await files.add(
            session,
            blob,
            name=upload.name,
            media_type="application/octet-stream",
            owner_id=staff.id,
            purpose=purpose,
            now=staff.now,
            expires_at=staff.now + kept,
        )
        return stored.id


async def kept_upload(request: Request, staff: Staff, number: int, *, purpose: str) -> tuple[str, bytes]:
    """Name and content of one's own upload. NotFound when it is gone or somebody else's."""
    async with request.app.state.db.read() as session:
        stored = await files.uploaded(session, number, owner_id=staff.id, purpose=purpose)
        path = await files.path_of(session, request.app.state.settings, stored.id)
        name = stored.name
    try:
        return name, await asyncio.to_thread(Path.read_bytes, path)
    except OSError as failure:
        raise NotFound() from failure
