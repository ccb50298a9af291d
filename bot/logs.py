"""Logging set-up, before heavy imports: one line per update, no personal data, no tokens."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_secret = re.compile(r"(bot)?\d{6,}:[\w-]{20,}|vk1\.a\.[\w-]+|access_token=[^&\s]+")


def set_up_logging(level: str = "INFO", style: str = "console") -> None:
    """Lines for people (``console``) or for machines (``json``), on stderr."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    # aiogram writes a line per update of its own, apscheduler one per run: ours is enough.
    for noisy in ("aiogram.event", "alembic", "apscheduler", "uvicorn", "uvicorn.access", "matplotlib", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _without_secrets(_logger: Any, _name: str, event: Any) -> Any:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _secret.sub("***", value)
    return event
