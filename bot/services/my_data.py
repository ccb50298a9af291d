"""Everything that is stored of a person, for herself: DOCX to read, JSON to carry away."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    Answer,
    Attempt,
    Attendance,
    Bookmark,
    BroadcastKind,
    Certificate,
    Cohort,
    CohortMember,
    CohortTask,
    CohortWork,
    CompetenceGroup,
    Consent,
    ConsentText,
    ContestReminder,
    CourseWish,
    Employment,
    Event,
    EventFeedback,
    EventTeam,
    Evidence,
    ExternalResult,
    Fact,
    FactKind,
    Form,
    FormReply,
    GroupResult,
    Identity,
    Iom,
    IomDeficit,
    IomRevision,
    IomStep,
    Item,
    LogAddress,
    MailingChoice,
    MeetingState,
    MenteeNeed,
    MentorMeeting,
    MentorPair,
    MentorProfile,
    MentorWish,
    MethodistAssignment,
    NavigatorEntry,
    Organisation,
    Outbox,
    PairAnswer,
    PairNote,
    Person,
    Position,
    Practice,
    PracticeReview,
    PracticeUse,
    PrivacyRequest,
    Programme,
    QuizResult,
    RegisterRecord,
    Registration,
    RoleAssignment,
    Rubric,
    Side,
    StoredFile,
    Submission,
    Ticket,
    TicketMessage,
    TutorAssignment,
    TutorialSlot,
    VersionGroup,
    View,
    Whose,
)
from bot.services.indicators.at_hand import MONTHLY, Subscription
from bot.services.mentoring.common import PROLONGED
from bot.services.registers.kinds import kinds


@dataclass(frozen=True, slots=True)
class Export:
    """The two files."""

    docx: bytes
    json: bytes


Sections = dict[str, list[dict[str, Any]]]
"""Section → rows of column → value."""


async def collect(session: AsyncSession, person_id: int) -> Sections:
    """Sections of plain values; keys of other people and inner numbers are left out."""
    person = await session.get_one(Person, person_id)
    profile = {
        "last_name": person.last_name,
        "first_name": person.first_name,
        "middle_name": person.middle_name,
        "birth_year": person.birth_year,
        "teach_since_year": person.teach_since_year,
        "confirmed_at": person.confirmed_at,
        "registered_at": person.registered_at,
        "writing_window": person.writing_window,
    }
    sections: Sections = {"profile": [profile]}
    sections["work"] = await _rows(
        session,
        select(
            Organisation.name.label("organisation"),
            Position.title.label("position"),
            Employment.position_title,
            Employment.since,
            Employment.until,
        )
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .join(Position, Position.slug == Employment.position_slug)
        .where(Employment.person_id == person_id)
        .order_by(Employment.since),
    )
    sections["messengers"] = await _rows(
        session, select(Identity.messenger, Identity.linked_at).where(Identity.person_id == person_id)
    )
    sections["consents"] = await _rows(
        session,
        select(
            ConsentText.title.label("document"),
            ConsentText.version,
            Consent.given_at,
            Consent.withdrawn_at,
            Consent.messenger,
        )
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(Consent.person_id == person_id)
        .order_by(Consent.given_at),
    )
    sections["roles"] = await _rows(
        session,
        select(RoleAssignment.role, RoleAssignment.since, RoleAssignment.until).where(
            RoleAssignment.person_id == person_id
        ),
    )
    sections["attempts"] = await _rows(
        session,
        select(Attempt.id, Attempt.purpose, Attempt.state, Attempt.started_at, Attempt.finished_at)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id),
    )
    sections["results"] = await _rows(
        session,
        select(Attempt.id, VersionGroup.title.label("group"), GroupResult.pct, GroupResult.deficit_level)
        .join(Attempt, Attempt.id == GroupResult.attempt_id)
        .join(VersionGroup, VersionGroup.id == GroupResult.group_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id, VersionGroup.place),
    )
    sections["answers"] = await _rows(
        session,
        select(Attempt.id, Item.text, Answer.value, Answer.given, Answer.points, Answer.answered_at)
        .join(Attempt, Attempt.id == Answer.attempt_id)
        .join(Item, Item.id == Answer.item_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id, Item.place),
    )
    for row in sections["answers"]:
        row["given"] = ", ".join(str(part) for part in row["given"] or ())
    sections["works"] = await _rows(
        session,
        select(Attempt.id, Submission.text.label("work"), Submission.comment, Submission.submitted_at)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id),
    )
    e = ExternalResult
    sections["external"] = await _rows(
        session,
        select(Attempt.id, e.source, e.title.label("document"), e.subject, e.taken_on, e.level)
        .join(Attempt, Attempt.id == e.attempt_id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id),
    )
    sections |= await _routes(session, person_id)
    sections["events"] = await _rows(
        session,
        select(
            Event.title.label("event"),
            Event.starts_at.label("event_at"),
            Registration.state.label("list_state"),
            Registration.reason.label("list_reason"),
            Organisation.short_name.label("team"),
            (EventTeam.organiser_id == person_id).label("team_mine"),
            Attendance.method.label("mark"),
            EventFeedback.grade,
            EventFeedback.words.label("feedback"),
            Certificate.number.label("certificate"),
            QuizResult.tries.label("quiz_tries"),
            QuizResult.passed.label("quiz_passed"),
        )
        .select_from(Event)
        .outerjoin(Registration, (Registration.event_id == Event.id) & (Registration.person_id == person_id))
        .outerjoin(EventTeam, EventTeam.id == Registration.team_id)
        .outerjoin(Organisation, Organisation.id == EventTeam.organisation_id)
        .outerjoin(
            Attendance,
            (Attendance.event_id == Event.id) & (Attendance.person_id == person_id) & Attendance.voided_at.is_(None),
        )
        .outerjoin(EventFeedback, (EventFeedback.event_id == Event.id) & (EventFeedback.person_id == person_id))
        .outerjoin(QuizResult, (QuizResult.event_id == Event.id) & (QuizResult.person_id == person_id))
        .outerjoin(Certificate, (Certificate.event_id == Event.id) & (Certificate.person_id == person_id))
        .where(or_(Registration.id.is_not(None), Attendance.id.is_not(None)))
        .order_by(Event.starts_at, Event.id),
    )
    sections["log_addresses"] = await _rows(
        session, select(LogAddress.email, LogAddress.learned_at).where(LogAddress.person_id == person_id)
    )
    sections["programmes"] = await _rows(
        session,
        select(
            Programme.title.label("programme"),
            Cohort.title.label("cohort"),
            CohortMember.state.label("member_state"),
            CohortMember.how.label("joined_by"),
            CohortMember.needs.label("marked"),
            CohortMember.number.label("certificate"),
            Programme.questions.label("words"),
        )
        .join(Cohort, Cohort.id == CohortMember.cohort_id)
        .join(Programme, Programme.id == Cohort.programme_id)
        .where(CohortMember.person_id == person_id)
        .order_by(CohortMember.id),
    )
    for row in sections["programmes"]:
        words = row.pop("words")
        row["marked"] = ", ".join(str(words.get(key, key)) for key in row["marked"] or ())
    sections["cohort_works"] = await _rows(
        session,
        select(
            CohortTask.title.label("task"),
            CohortWork.state.label("work_state"),
            CohortWork.text.label("handed"),
            CohortWork.comment.label("answered"),
            CohortWork.sent_at,
        )
        .join(CohortTask, CohortTask.id == CohortWork.task_id)
        .where(CohortWork.person_id == person_id)
        .order_by(CohortWork.id),
    )
    sections["tutorials"] = await _rows(
        session,
        select(TutorialSlot.starts_at.label("slot_at"), TutorialSlot.state.label("slot_state"))
        .where(TutorialSlot.person_id == person_id)
        .order_by(TutorialSlot.starts_at),
    )
    sections["mailing"] = await _rows(
        session,
        select(
            func.coalesce(Rubric.title, MailingChoice.topic).label("topic"),
            case((MailingChoice.is_on, "+"), else_="−").label("choice"),
            MailingChoice.changed_at,
        )
        .outerjoin(Rubric, MailingChoice.topic == "rubric:" + Rubric.slug)
        .where(MailingChoice.person_id == person_id)
        .order_by(MailingChoice.id),
    )
    for row in sections["mailing"]:
        if row["topic"].startswith("kind:"):
            row["topic"] = BroadcastKind(row["topic"].removeprefix("kind:"))
        elif row["topic"] == MONTHLY:
            row["topic"] = Subscription.month
    sections["facts"] = await _rows(
        session,
        # A prolonged pair ends once for its people; an end for each order is for the indicators.
        select(Fact.kind, Fact.occurred_on, Fact.recorded_at)
        .where(Fact.person_key == person.key, (Fact.source_type != PROLONGED) | (Fact.kind == FactKind.paired))
        .order_by(Fact.occurred_on, Fact.id),
    )
    sections["views"] = await _rows(
        session, select(View.at, View.role, View.what).where(View.person_id == person_id).order_by(View.at)
    )
    sections["registers"] = await _registers(session, person_id)
    sections["forms"] = await _forms(session, person_id)
    sections["wishes"] = await _rows(
        session,
        select(CourseWish.topic, CourseWish.created_at)
        .where(CourseWish.person_id == person_id)
        .order_by(CourseWish.id),
    )
    sections["tutors"] = await _rows(
        session,
        select(Cohort.title.label("what"), TutorAssignment.since, TutorAssignment.until)
        .join(Cohort, Cohort.id == TutorAssignment.cohort_id)
        .where(TutorAssignment.person_id == person_id)
        .order_by(TutorAssignment.id),
    )
    sections["contests"] = await _rows(
        session,
        select(RegisterRecord.title.label("what"), ContestReminder.at)
        .join(ContestReminder, ContestReminder.record_id == RegisterRecord.id)
        .where(ContestReminder.person_id == person_id)
        .order_by(ContestReminder.at),
    )
    sections["files"] = await _rows(
        session,
        select(StoredFile.name.label("file"), StoredFile.size, StoredFile.created_at)
        .where(StoredFile.owner_id == person_id)
        .order_by(StoredFile.id),
    )
    sections["questions"] = await _rows(
        session,
        select(Ticket.id, TicketMessage.created_at, TicketMessage.text.label("question"), Ticket.theme, Ticket.state)
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .where(Ticket.author_id == person_id, TicketMessage.whose == Whose.asker)
        .order_by(TicketMessage.id),
    )
    sections |= await _practices(session, person_id)
    sections["mentoring"] = await _mentoring(session, person_id)
    sections["requests"] = await _rows(
        session,
        select(PrivacyRequest.id, PrivacyRequest.created_at, PrivacyRequest.closed_at)
        .where(PrivacyRequest.person_id == person_id)
        .order_by(PrivacyRequest.id),
    )
    sections["messages"] = await _rows(
        session,
        select(Outbox.created_at, Outbox.screen, Outbox.sent_at)
        .where(Outbox.person_id == person_id)
        .order_by(Outbox.id),
    )
    for row in sections["messages"]:
        row["message"] = _plain(row.pop("screen")["text"])
    return sections


def write(sections: Sections, labels: dict[str, str]) -> Export:
    """The files; ``labels`` name the whole (""), sections, columns and values. Slow: off the event loop."""
    from docx import Document

    document = Document()
    document.add_heading(labels[""], 0)
    for name, found in sections.items():
        document.add_heading(labels[name], 1)
        if not found:
            document.add_paragraph("—")
            continue
        columns = list(found[0])
        table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
        for cell, column in zip(table.rows[0].cells, columns, strict=True):
            cell.text = labels[column]
        for row in found:
            for cell, column in zip(table.add_row().cells, columns, strict=True):
                cell.text = _readable(row[column], labels)
    buffer = io.BytesIO()
    document.save(buffer)
    content = json.dumps(sections, ensure_ascii=False, indent=2, default=_jsonable).encode()
    return Export(buffer.getvalue(), content)


async def _mentoring(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    """What she asked for and offered, her pairs by their orders, the notes about her work."""
    titles = dict((await session.execute(select(CompetenceGroup.slug, CompetenceGroup.title))).all())
    found: list[dict[str, Any]] = []

    def add(words: str, at: datetime | None, **more: Any) -> None:
        found.append({"topic": words, "changed_at": at, "since": None, "until": None, "order_no": ""} | more)

    for need in await session.scalars(select(MenteeNeed).where(MenteeNeed.person_id == person_id)):
        add("; ".join([*(titles.get(one, one) for one in need.topics), *filter(None, [need.wish])]), need.updated_at)
    for profile in await session.scalars(select(MentorProfile).where(MentorProfile.person_id == person_id)):
        strong = [titles.get(one, one) for one in profile.strengths]
        add("; ".join([*strong, *filter(None, [profile.statement])]), profile.updated_at)
    pairs = list(
        await session.scalars(
            select(MentorPair)
            .where(
                (MentorPair.mentor_id == person_id) | (MentorPair.mentee_id == person_id),
                MentorPair.published_at.is_not(None),
            )
            .order_by(MentorPair.id)
        )
    )
    for pair in pairs:
        add(pair.goal or pair.next_step, pair.created_at, since=pair.since, until=pair.until, order_no=pair.order_no)
    ids = [pair.id for pair in pairs]
    wishes = select(Person.last_name, Person.first_name, Person.middle_name).join(
        MentorWish, MentorWish.wanted_id == Person.id
    )
    for name in await session.execute(wishes.where(MentorWish.person_id == person_id).order_by(MentorWish.id)):
        add(" ".join(filter(None, name)), None)
    m = MentorMeeting
    for meeting in await session.scalars(
        select(m).where(m.pair_id.in_(ids), m.state != MeetingState.denied).order_by(m.id)
    ):
        add("; ".join(filter(None, (meeting.topic, meeting.next_step))), meeting.said_at, since=meeting.held_on)
    # Only her own grades: those of the other side are the other's.
    sides = {pair.id: Side.mentor if pair.mentor_id == person_id else Side.mentee for pair in pairs}
    for answer in await session.scalars(select(PairAnswer).where(PairAnswer.pair_id.in_(ids)).order_by(PairAnswer.id)):
        if answer.side is sides[answer.pair_id] and answer.answered_at is not None:
            said = (answer.usefulness or "", answer.progress or "", answer.hindrance, answer.goes_on)
            add(" / ".join(str(one) for one in said if one is not None), answer.answered_at)
    for note in await session.scalars(select(PairNote).where(PairNote.pair_id.in_(ids)).order_by(PairNote.id)):
        add(note.text, note.created_at)
    return found


async def _routes(session: AsyncSession, person_id: int) -> Sections:
    """Routes with their deficits, steps and what was sent for them; who accompanied her."""
    mine = Iom.person_id == person_id
    found: Sections = {}
    found["routes"] = await _rows(
        session,
        select(
            Iom.id, Iom.reg_no, Iom.state, Iom.starts_on, Iom.ends_on, Iom.order_no, Iom.order_date, Iom.remark,
            Iom.reflections, Iom.conclusion, Iom.closed_at,
        )
        .where(mine)
        .order_by(Iom.id),
    )  # fmt: skip
    for row in found["routes"]:
        row["reflections"] = "; ".join(str(words) for words in row["reflections"] if words)
    d = IomDeficit
    found["deficits"] = await _rows(
        session,
        select(Iom.id, d.title.label("group"), d.pct, d.level, d.after_pct, d.after_level)
        .join(Iom, Iom.id == d.iom_id)
        .where(mine)
        .order_by(Iom.id, d.group_slug),
    )
    found["steps"] = await _rows(
        session,
        select(
            Iom.id, IomStep.title.label("step"), IomStep.kind, IomStep.hours, IomStep.due_on, IomStep.state,
            IomStep.remark, IomStep.accepted_on,
        )
        .join(Iom, Iom.id == IomStep.iom_id)
        .where(mine)
        .order_by(Iom.id, IomStep.place, IomStep.id),
    )  # fmt: skip
    found["evidence"] = await _rows(
        session,
        select(
            IomStep.title.label("step"), Evidence.text.label("work"), StoredFile.name.label("file"),
            Evidence.submitted_at, Evidence.comment,
        )
        .join(IomStep, IomStep.id == Evidence.step_id)
        .join(Iom, Iom.id == IomStep.iom_id)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(mine)
        .order_by(Evidence.id),
    )  # fmt: skip
    found["changes"] = await _rows(
        session,
        select(IomRevision.number, IomRevision.reason, IomRevision.proposed_at, IomRevision.decided_at)
        .join(Iom, Iom.id == IomRevision.iom_id)
        .where(mine)
        .order_by(IomRevision.id),
    )
    a = MethodistAssignment
    found["methodists"] = await _rows(
        session,
        select(a.since, a.until, a.order_no, a.order_date).where(a.person_id == person_id).order_by(a.id),
    )
    return found


async def _practices(session: AsyncSession, person_id: int) -> Sections:
    """What she told, tried, judged and kept for later."""
    p, r = Practice, PracticeReview
    words = (p.problem, p.actions, p.outcome)
    return {
        "practices": await _rows(
            session,
            select(p.id, p.title.label("practice"), *words, p.state, p.sent_at, p.certificate_no.label("certificate"))
            .where(p.author_id == person_id)
            .order_by(p.id),
        ),
        "practice_uses": await _rows(
            session,
            select(p.title.label("practice"), PracticeUse.text.label("feedback"), PracticeUse.at)
            .join(p, p.id == PracticeUse.practice_id)
            .where(PracticeUse.person_id == person_id)
            .order_by(PracticeUse.id),
        ),
        "practice_reviews": await _rows(
            session,
            select(p.title.label("practice"), r.verdict, r.comment.label("opinion"), r.done_at.label("at"))
            .join(p, p.id == r.practice_id)
            .where(r.expert_id == person_id)
            .order_by(r.id),
        ),
        "bookmarks": await _rows(
            session,
            select(NavigatorEntry.title.label("what"), Bookmark.at)
            .join(
                NavigatorEntry,
                (NavigatorEntry.source == Bookmark.source) & (NavigatorEntry.object_id == Bookmark.object_id),
            )
            .where(Bookmark.person_id == person_id)
            .order_by(Bookmark.at),
        ),
    }


async def _forms(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    """Forms she was asked to fill in for herself, with her answers."""
    rows = await session.execute(
        select(FormReply, Form)
        .join(Form, Form.id == FormReply.form_id)
        .where(FormReply.person_id == person_id)
        .order_by(FormReply.id)
    )
    return [
        {
            "form": form.title,
            "submitted_at": reply.sent_at,
            "written": "; ".join(str(value) for value in reply.answers.values() if value not in (None, "")),
        }
        for reply, form in rows
    ]


async def _registers(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    """Records about her: which register, since when, what is written there."""
    r = RegisterRecord
    rows = await session.scalars(select(r).where(r.person_id == person_id).order_by(r.id))
    return [
        {
            "register": kinds()[row.register].title if row.register in kinds() else row.register,
            "since": row.starts_on,
            "until": row.ends_on,
            "written": "; ".join(str(value) for value in row.values.values() if isinstance(value, str | int) and value),
        }
        for row in rows
    ]


async def _rows(session: AsyncSession, statement: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in await session.execute(statement)]


def _readable(value: Any, labels: dict[str, str]) -> str:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, float):
        return f"{value:.0f}"
    if isinstance(value, Enum):
        return labels[f"{type(value).__name__}.{value.value}"]
    return "—" if value in (None, "") else str(value)


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
