"""What happened in the demonstration: diagnoses through the real rules, looks, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.i18n import Texts
from bot.models import (
    Answer,
    Attempt,
    AttemptState,
    Change,
    Identity,
    MessageClass,
    Messenger,
    Outbox,
    OutboxState,
    Person,
    Purpose,
    Role,
    View,
)
from bot.services import diagnostics
from bot.services.demo.answers import ability, answers
from bot.services.demo.cast import Character
from bot.services.diagnostics import Content
from bot.ui.screen import Button, Screen

LEADERS = ("director", "deputy", "kindergarten_head", "unit_head")
PRESCHOOL = ("preschool", "senior_preschool", "music_director", "pe_instructor")

SHARE_DIAGNOSED = 0.62
SHARE_TWICE = 0.38
SHARE_TRIAL = 0.1
SHARE_OPEN = 0.06

VIEWS = 40
"""Looks at the results, at most."""


async def diagnosed(
    session: AsyncSession,
    rng: Random,
    character: Character,
    person_id: int,
    contents: Mapping[str, Content | None],
    *,
    start: datetime,
    now: datetime,
) -> None:
    """The attempts of one person: none, one or two counted ones, one «для себя», one not finished."""
    leader = character.position in LEADERS
    content = contents["leader" if leader else "teacher"] or contents["teacher"]
    if content is None or not character.registered:
        return
    main = character.role == Role.teacher
    if not main and rng.random() > SHARE_DIAGNOSED:
        if rng.random() < SHARE_OPEN:
            await _open(session, rng, person_id, content, now)
        return
    wording = "preschool" if character.position in PRESCHOOL else "teacher"
    known = ability(
        rng,
        content,
        subject=character.subjects[0] if character.subjects else "",
        experience=now.year - character.since_year,
        age=now.year - character.birth_year,
        leader=leader,
    )
    registered = (await session.get_one(Person, person_id)).registered_at or start
    span = (now - registered).days
    # Campaigns are in autumn, so the first attempt follows the registration closely.
    first = registered + timedelta(days=min(span * 0.4, rng.uniform(0.1, 25)), minutes=rng.randint(5, 300))
    again = now - timedelta(days=rng.uniform(2, 60))
    twice = (main or rng.random() < SHARE_TWICE) and again - first > timedelta(days=95)
    moments = [(first, known, Purpose.official)]
    if twice:
        later = known.later(rng, (again - first).days / 30)
        moments.append((again, later, Purpose.official))
    if rng.random() < SHARE_TRIAL:
        tried = now - timedelta(days=rng.uniform(0.2, 20))
        moments.append((tried, known, Purpose.trial))
    for finished_at, level, purpose in sorted(moments, key=lambda moment: moment[0]):
        if finished_at >= now:
            continue
        await diagnostics.record_finished(
            session,
            person_id,
            content,
            answers(rng, content, level),
            purpose=purpose,
            started_at=finished_at - timedelta(minutes=rng.randint(4, 19)),
            finished_at=finished_at,
            messenger=Messenger.web,
            audience=wording,
        )


async def _open(session: AsyncSession, rng: Random, person_id: int, content: Content, now: datetime) -> None:
    """A questionnaire left in the middle."""
    done = rng.randint(3, len(content.items) - 3)
    began = now - timedelta(days=rng.uniform(0.5, 9))
    attempt = Attempt(
        person_id=person_id,
        version_id=content.version_id,
        purpose=Purpose.official,
        state=AttemptState.open,
        position=done,
        messenger=Messenger.web,
        started_at=began,
        touched_at=began + timedelta(minutes=done // 3 + 1),
    )
    session.add(attempt)
    await session.flush()
    session.add_all(
        Answer(attempt_id=attempt.id, item_id=item.id, value=rng.randint(2, 5), answered_at=began)
        for item in content.items[:done]
    )
    await session.flush()


async def traces(
    session: AsyncSession,
    rng: Random,
    cast: Sequence[Character],
    ids: Sequence[int],
    staff: Sequence[tuple[str, int]],
    *,
    now: datetime,
) -> None:
    """Who looked at results, who changed what, what was written to people."""
    roles = dict(staff)
    methodist, staff_member = roles[Role.methodist.value], roles[Role.centre_staff.value]
    seen = list(
        await session.scalars(
            select(Attempt.person_id)
            .where(Attempt.state == AttemptState.finished, Attempt.purpose == Purpose.official)
            .distinct()
            .order_by(Attempt.person_id)
        )
    )
    main = roles[Role.teacher.value]
    looked = [main, *sorted(rng.sample(seen, min(VIEWS, len(seen))))]
    for person_id in dict.fromkeys(looked):
        viewer, role = (
            (methodist, Role.methodist)
            if rng.random() < 0.7 or person_id == main
            else (staff_member, Role.centre_staff)
        )
        if viewer == person_id:
            continue
        at = now - timedelta(days=rng.uniform(0.1, 30))
        session.add(View(at=at, viewer_id=viewer, person_id=person_id, role=role.value, what="results", where="admin"))
    for person_id in sorted(rng.sample(list(ids), min(12, len(ids)))):
        session.add(
            Change(
                at=now - timedelta(days=rng.uniform(1, 200)),
                actor_id=roles[Role.municipal_coordinator.value],
                entity="person",
                entity_id=person_id,
                action="confirmed",
                after={"how": "staff"},
                where="admin",
            )
        )
    await _messages(session, rng, main, seen, now)
    await session.flush()


STATES = (
    (OutboxState.sent, 14),
    (OutboxState.blocked, 2),
    (OutboxState.expired, 2),
    (OutboxState.unknown, 1),
    (OutboxState.failed, 1),
)
"""What lies in the outbox: past messages, and one that waits for tomorrow."""


async def _messages(session: AsyncSession, rng: Random, main: int, people: Sequence[int], now: datetime) -> None:
    t = Texts(ROOT / "locales").translator()
    button = Button(t("demo-message.open"), "diagnostics:home", primary=True)
    screen = Screen(t.screen("demo-message"), ((button,),)).as_json()
    accounts = dict(
        (
            await session.execute(
                select(Identity.person_id, Identity.chat_id).where(Identity.messenger == Messenger.web)
            )
        ).all()
    )
    plan = [state for state, count in STATES for _ in range(count)]
    for number, (state, person_id) in enumerate(zip(plan, people, strict=False)):
        created = now - timedelta(days=rng.uniform(1, 90))
        session.add(
            Outbox(
                person_id=person_id,
                message_class=rng.choice((MessageClass.news, MessageClass.nudge, MessageClass.for_you)),
                kind="demo",
                dedupe=f"demo:{number}",
                screen=screen,
                state=state,
                not_before=created,
                expires_at=created + timedelta(days=3),
                tries=1,
                messenger=Messenger.web,
                chat_id=accounts.get(person_id),
                claimed_at=created,
                sent_at=created if state is OutboxState.sent else None,
                seen_at=created if state is OutboxState.unknown else None,
                created_at=created,
            )
        )
    session.add(
        Outbox(
            person_id=main,
            message_class=MessageClass.for_you,
            kind="demo",
            dedupe="demo:waiting",
            screen=screen,
            state=OutboxState.queued,
            not_before=now + timedelta(days=1),
            expires_at=now + timedelta(days=4),
            created_at=now,
        )
    )
