"""The quiz after a session: written by the organiser, answered in the chat, worth a mark.

Buttons carry what was chosen so far, so nothing of an unfinished try is stored; of a finished one the number of
tries and whether it was enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound, StaleButton, UserError
from bot.i18n import Words
from bot.models import Attendance, Event, EventRule, EventState, QuizQuestion, QuizResult
from bot.rules import attendance
from bot.rules import event_quiz as rules
from bot.rules.event_quiz import Stand
from bot.services import audit
from bot.services.access import Right, Scope
from bot.services.events import attending
from bot.services.events.attending import Marked
from bot.services.events.reading import COUNTED, SHOWN, place_of

TEXT, OPTION, WHY = 200, 80, 200


def rule_words(t: Words, rule: EventRule, share: int, *, quiz: bool, staff: bool = False) -> str:
    """How participation is counted, to a teacher or on papers; a quiz counts beside the word where there is one."""
    said = t(f"events-rule{'-staff' if staff else ''}.{rule.value}", share=str(share))
    return t("events-rule.or-quiz", rule=said) if quiz and attendance.quiz_beside(rule) else said


@dataclass(frozen=True, slots=True)
class QuizDraft:
    """A question as the organiser writes it: ``key`` is the place of the right option."""

    text: str
    options: tuple[str, ...]
    key: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class QuizSettings:
    """The questions with what is enough, how often and how long."""

    questions: tuple[QuizDraft, ...] = ()
    share: int = 60
    tries: int = 2
    hours: int = 24


@dataclass(frozen=True, slots=True)
class Ask:
    """The next question; its right answer is not here."""

    text: str
    options: tuple[str, ...]
    number: int
    chosen: str


@dataclass(frozen=True, slots=True)
class Quiz:
    """Where a person stands; ``ask`` while a question is open, ``complete`` when all are answered."""

    stand: Stand
    event_id: int
    title: str
    size: int
    needed: int
    left: int
    version: int
    attempt: int
    opens: datetime
    until: datetime
    ask: Ask | None = None
    complete: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """A question that went wrong; ``right`` only when there is nothing left to try."""

    text: str
    why: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class QuizDone:
    """What came of a finished try."""

    quiz: Quiz
    right: int
    passed: bool
    misses: tuple[Miss, ...]
    marked: Marked | None = None


async def look(
    session: AsyncSession,
    person_id: int,
    event_id: int,
    *,
    now: datetime,
    version: int | None = None,
    attempt: int = 0,
    chosen: str = "",
) -> Quiz:
    """Where the person stands, with the question a press leads to. NotFound where there is no quiz for her."""
    event = await session.get(Event, event_id)
    if event is None:
        raise NotFound()
    return (await _look(session, event, person_id, now=now, version=version, attempt=attempt, chosen=chosen))[0]


async def finish(
    session: AsyncSession, person_id: int, event_id: int, *, version: int, attempt: int, chosen: str, now: datetime
) -> QuizDone | Quiz:
    """A try with all its answers: counted once, whatever is pressed again. Where it cannot count, where she stands."""
    event = await attending.locked(session, event_id)
    quiz, questions = await _look(session, event, person_id, now=now, version=version, attempt=attempt, chosen=chosen)
    if not quiz.complete:
        return quiz
    given = rules.read(chosen, [len(one.options) for one in questions])
    assert given is not None
    marks = rules.graded(given, [one.key for one in questions])
    right = sum(marks)
    passed = right >= quiz.needed
    row = await session.get(QuizResult, (event_id, person_id))
    if row is None:
        row = QuizResult(event_id=event_id, person_id=person_id, tries=0, at=now)
        session.add(row)
    row.tries, row.passed, row.at = row.tries + 1, passed, now
    await session.flush()
    marked = await attending.by_quiz(session, event, person_id, now=now) if passed else None
    left = max(event.quiz_tries - row.tries, 0)
    told = passed or not left
    misses = tuple(
        Miss(one.text, one.why, one.options[one.key] if told else "")
        for one, good in zip(questions, marks, strict=True)
        if not good
    )
    return QuizDone(replace(quiz, left=left, attempt=quiz.attempt + 1), right, passed, misses, marked)


async def _look(
    session: AsyncSession,
    event: Event,
    person_id: int,
    *,
    now: datetime,
    version: int | None,
    attempt: int,
    chosen: str,
) -> tuple[Quiz, list[QuizQuestion]]:
    own = await place_of(session, event.id, person_id)
    if event.state not in SHOWN or not event.quiz_size or (event.members_only and own is None):
        raise NotFound()
    counted = await session.scalar(
        select(Attendance.id).where(
            Attendance.event_id == event.id,
            Attendance.person_id == person_id,
            Attendance.voided_at.is_(None),
            Attendance.confidence.in_(COUNTED),
            Attendance.completed,
        )
    )
    result = await session.get(QuizResult, (event.id, person_id))
    tries = result.tries if result else 0
    opens, until = rules.window(event.ends_at, event.quiz_hours)
    stand = rules.stand(
        now=now,
        opens=opens,
        until=until,
        closed_at=event.marking_closed_at,
        marked=counted is not None or (result is not None and result.passed),
        tries=tries,
        most=event.quiz_tries,
    )
    base = Quiz(
        stand, event.id, event.title, event.quiz_size, rules.needed(event.quiz_size, event.quiz_share),
        max(event.quiz_tries - tries, 0), event.quiz_version, tries + 1, opens, until,
    )  # fmt: skip
    if stand is not Stand.ask or version is None or attempt != tries + 1:
        return base, []
    if version != event.quiz_version:
        return replace(base, changed=True), []
    questions = await _questions(session, event.id)
    given = rules.read(chosen, [len(one.options) for one in questions])
    if given is None:
        raise StaleButton
    if len(given) == len(questions):
        return replace(base, complete=True), questions
    one = questions[len(given)]
    return replace(base, ask=Ask(one.text, tuple(one.options), len(given), chosen)), questions


# --- staff -------------------------------------------------------------------------------------------


async def settings(session: AsyncSession, scope: Scope, event_id: int) -> tuple[str, QuizSettings]:
    """The title of an event and its quiz with the keys: for who writes it."""
    scope.require(Right.events_edit)
    event = await session.get(Event, event_id)
    if event is None:
        raise NotFound()
    drafts = tuple(
        QuizDraft(one.text, tuple(one.options), one.key, one.why) for one in await _questions(session, event_id)
    )
    return event.title, QuizSettings(drafts, event.quiz_share, event.quiz_tries, event.quiz_hours)


async def save(session: AsyncSession, scope: Scope, event_id: int, quiz: QuizSettings, *, now: datetime) -> None:
    """Write the questions anew; who is in the middle of an older edition begins again, and no try is lost."""
    scope.require(Right.events_edit)
    _check(quiz)
    event = await attending.locked(session, event_id)
    if event.state in (EventState.cancelled, EventState.reported):
        raise UserError("events-settled")
    if not quiz.questions and event.rule is EventRule.quiz and event.state is not EventState.draft:
        raise UserError("events-quiz-needed")
    await write(session, event, quiz)
    audit.changed(session, scope, "event", event_id, "quiz-changed", now=now, after={"questions": len(quiz.questions)})
    await session.flush()


async def write(session: AsyncSession, event: Event, quiz: QuizSettings) -> None:
    """The rows of a quiz, whoever asked for them."""
    await session.execute(delete(QuizQuestion).where(QuizQuestion.event_id == event.id))
    session.add_all(
        QuizQuestion(event_id=event.id, place=place, text=one.text, options=list(one.options), key=one.key, why=one.why)
        for place, one in enumerate(quiz.questions)
    )
    event.quiz_size, event.quiz_version = len(quiz.questions), event.quiz_version + 1
    event.quiz_share, event.quiz_tries, event.quiz_hours = quiz.share, quiz.tries, quiz.hours
    await session.flush()


@dataclass(frozen=True, slots=True)
class QuizState:
    """The quiz as the page of an event tells of it."""

    size: int
    share: int
    tries: int
    until: datetime
    tried: int
    passed: int


async def state(session: AsyncSession, event: Event) -> QuizState | None:
    """What the page of an event says of its quiz; None without one."""
    if not event.quiz_size:
        return None
    _, until = rules.window(event.ends_at, event.quiz_hours)
    return QuizState(event.quiz_size, event.quiz_share, event.quiz_tries, until, *await outcome(session, event.id))


async def outcome(session: AsyncSession, event_id: int) -> tuple[int, int]:
    """How many answered, how many of them well enough."""
    row = await session.execute(
        select(func.count(), func.count().filter(QuizResult.passed)).where(QuizResult.event_id == event_id)
    )
    tried, passed = row.one()
    return tried, passed


def _check(quiz: QuizSettings) -> None:
    if len(quiz.questions) > rules.MOST:
        raise UserError("events-quiz-many", n=str(rules.MOST))
    if not (1 <= quiz.share <= 100 and 1 <= quiz.tries <= 5 and 1 <= quiz.hours <= 168):
        raise UserError("events-quiz-number")
    least, most = rules.OPTIONS
    for number, one in enumerate(quiz.questions, start=1):
        if not one.text or len(one.text) > TEXT or len(one.why) > WHY:
            raise UserError("events-quiz-text", n=str(number))
        if not least <= len(one.options) <= most or len(set(one.options)) != len(one.options):
            raise UserError("events-quiz-options", n=str(number), least=str(least), most=str(most))
        if any(len(option) > OPTION for option in one.options):
            raise UserError("events-quiz-option-long", n=str(number), limit=str(OPTION))
        if not 0 <= one.key < len(one.options):
            raise UserError("events-quiz-key", n=str(number))


async def _questions(session: AsyncSession, event_id: int) -> list[QuizQuestion]:
    return list(
        await session.scalars(
            select(QuizQuestion).where(QuizQuestion.event_id == event_id).order_by(QuizQuestion.place)
        )
    )


async def copy(session: AsyncSession, from_id: int, to: Event) -> None:
    """The same questions for another meeting."""
    questions = await _questions(session, from_id)
    if questions:
        first = await session.get_one(Event, from_id)
        drafts = tuple(QuizDraft(one.text, tuple(one.options), one.key, one.why) for one in questions)
        await write(session, to, QuizSettings(drafts, first.quiz_share, first.quiz_tries, first.quiz_hours))
