"""build_router(): the ordered list, fallback last."""

from __future__ import annotations

from copy import deepcopy

from aiogram import Router

from bot.handlers import (
    campaigns,
    catalogue,
    diagnostics,
    errors,
    events,
    fallback,
    iom,
    iom_papers,
    iom_staff,
    marking,
    membership,
    people,
    profile,
    return_phrase,
    roadmap,
    start,
    tasks,
    workplace,
)

ROUTERS: tuple[Router, ...] = (
    diagnostics.router,
    tasks.router,
    marking.router,
    campaigns.router,
    start.router,
    people.router,
    workplace.router,
    profile.router,
    iom.router,
    iom_papers.router,
    iom_staff.router,
    return_phrase.router,
    catalogue.router,
    roadmap.router,
    events.router,
    membership.router,
    errors.router,
    fallback.router,
)
"""The questionnaire stands first: it is pressed most, and every filter passed over costs time."""


def build_router() -> Router:
    """All handlers. Copies: a router belongs to one dispatcher, a process may build several."""
    root = Router(name="root")
    root.include_routers(*(deepcopy(router) for router in ROUTERS))
    return root
