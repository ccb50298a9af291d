"""The quiz of an event: up to five questions, what is enough, how often, how long."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin.auth import for_staff
from admin.rendering import Staff, form_of, number_of, render, to
from bot.rules.event_quiz import MOST, OPTIONS
from bot.services.access import Right
from bot.services.events import quiz
from bot.services.events.quiz import QuizDraft, QuizSettings


async def form(request: Request, staff: Staff) -> Response:
    """The questions as they are now."""
    number: int = request.path_params["id"]
    async with request.app.state.db.read() as session:
        title, held = await quiz.settings(session, staff.scope, number)
        tried, passed = await quiz.outcome(session, number)
    return render(
        request, "event-quiz.html", staff, number=number, title=title, quiz=held, tried=tried, passed=passed,
        places=range(MOST), most=OPTIONS[1],
    )  # fmt: skip


async def save(request: Request, staff: Staff) -> Response:
    """What the form holds; a question without words is left out."""
    number: int = request.path_params["id"]
    fields = await form_of(request)
    questions = []
    for place in range(MOST):
        text = " ".join(fields.get(f"text{place}", "").split())
        lines = [" ".join(line.split()) for line in fields.get(f"options{place}", "").splitlines()]
        options = tuple(line for line in lines if line)
        if text or options:
            key = (number_of(fields.get(f"key{place}")) or 0) - 1
            questions.append(QuizDraft(text, options, key, " ".join(fields.get(f"why{place}", "").split())))
    numbers = {name: number_of(fields.get(name)) or 0 for name in ("share", "tries", "hours")}
    async with request.app.state.db.begin() as session:
        await quiz.save(session, staff.scope, number, QuizSettings(tuple(questions), **numbers), now=staff.now)
    return to(request, f"/events/{number}", done="event-quiz")


ROUTES = [
    Route("/events/{id:int}/quiz", for_staff(form, Right.events_edit), methods=["GET"]),
    Route("/events/{id:int}/quiz", for_staff(save, Right.events_edit), methods=["POST"]),
]
