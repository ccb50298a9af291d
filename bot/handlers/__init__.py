"""build_router(): the ordered list, fallback last."""

from __future__ import annotations

from copy import deepcopy

from aiogram import Router

from bot.handlers import (
    broadcasts,
    campaigns,
    catalogue,
    contests,
    diagnostics,
    duty,
    errors,
    event_quiz,
    event_teams,
    events,
    fallback,
    forms,
    hotline,
    hotline_sessions,
    indicators,
    iom,
    iom_compose,
    iom_papers,
    iom_staff,
    marking,
    membership,
    mentoring,
    mentoring_more,
    mentoring_pair,
    mentoring_papers,
    navigator,
    people,
    practices,
    profile,
    programmes,
    return_phrase,
    roadmap,
    start,
    tasks,
    tutorials,
    tutors,
    wellbeing,
    wishes,
    workplace,
)

ROUTERS: tuple[Router, ...] = (
    diagnostics.router,
    hotline.asking,
    hotline_sessions.router,
    duty.router,
    tasks.router,
    marking.router,
    campaigns.router,
    start.router,
    people.router,
    workplace.router,
    profile.router,
    iom.router,
    iom_compose.router,
    iom_papers.router,
    iom_staff.router,
    return_phrase.router,
    catalogue.router,
    practices.writing,
    practices.reading,
    practices.experts,
    navigator.router,
    contests.router,
    roadmap.router,
    indicators.router,
    programmes.router,
    tutorials.router,
    tutors.router,
    wishes.router,
    forms.router,
    event_quiz.router,
    event_teams.router,
    events.router,
    wellbeing.router,
    broadcasts.router,
    mentoring.router,
    mentoring_more.router,
    mentoring_pair.router,
    mentoring_papers.router,
    membership.router,
    hotline.answers,
    errors.router,
    hotline.kept,
    navigator.blue,
    fallback.router,
)
"""The questionnaire stands first: it is pressed most, and every filter passed over costs time."""


def build_router() -> Router:
    """All handlers. Copies: a router belongs to one dispatcher, a process may build several."""
    root = Router(name="root")
    root.include_routers(*(_copy(router) for router in ROUTERS))
    return root


def _copy(router: Router) -> Router:
    """The router with what it knows of its parent; handlers and what has none are the same for all copies."""
    observers = [one for each in router.chain_tail for one in each.observers.values()]
    shared = [handler for one in observers for handler in one.handlers] + [one for one in observers if not one.handlers]
    return deepcopy(router, {id(one): one for one in shared})
