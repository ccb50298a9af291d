"""One row for every reference to a person, and what such a row needs around it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import (
    ActivityForm,
    ActivityKind,
    Appointment,
    AppointmentKind,
    AppointmentMove,
    Attempt,
    AttemptState,
    Attendance,
    AttendanceMethod,
    Base,
    BodyMembership,
    BodyPost,
    Bookmark,
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    Campaign,
    CampaignInvite,
    Certificate,
    Change,
    Cohort,
    CohortMember,
    CohortTask,
    CohortWork,
    Confidence,
    Consent,
    ConsentKind,
    ContestReminder,
    CourseWish,
    DateQuestion,
    DraftRun,
    DutySlot,
    Employment,
    EventFeedback,
    EventSeries,
    EventTeam,
    Evidence,
    EvidenceKind,
    ExternalImport,
    Fact,
    FactKind,
    FaqEntry,
    Form,
    FormAudience,
    FormReply,
    HotlineSession,
    Identity,
    Invitation,
    InviteState,
    Iom,
    IomBasis,
    IomMove,
    IomRevision,
    IomStep,
    JoinedBy,
    LinkCode,
    LogAddress,
    MailingChoice,
    MatchLeft,
    MatchRun,
    Measure,
    MeasureEvent,
    MeasureEvidence,
    MeasurePart,
    MeasurePerson,
    MemberState,
    MenteeNeed,
    MentorNotice,
    MentorNoticeKind,
    MentorPair,
    MentorProfile,
    MentorWish,
    MessageClass,
    Messenger,
    MethodistAssignment,
    NeedBasis,
    Occurrence,
    Outbox,
    PairConsent,
    PairMove,
    PairNote,
    Person,
    Practice,
    PracticeReview,
    PracticeState,
    PracticeUse,
    PrivacyRequest,
    Programme,
    ProgrammeKind,
    ProofKind,
    Purpose,
    QuizResult,
    RecipientState,
    Register,
    RegisterImport,
    RegisterRecord,
    RegisterVersion,
    Registration,
    RegistrationState,
    ReminderOf,
    ReturnPhrase,
    Roadmap,
    RoadmapReminder,
    RoadmapSection,
    Role,
    RoleAssignment,
    ScopeKind,
    Side,
    SigninLink,
    SlotState,
    Snapshot,
    StaffAccount,
    StaffSession,
    StatFigure,
    StoredFile,
    TextOverride,
    Ticket,
    TicketEvent,
    TicketMessage,
    TicketState,
    TicketTheme,
    TutorAssignment,
    TutorialSlot,
    View,
    Whose,
    WorkState,
)
from bot.services.access import Grant, Scope
from tests.factories import NOW, make_person, new_event

HEAD = Scope(None, (Grant(Role.centre_head, ScopeKind.region),))


TODAY = NOW.date()


async def any_id(session: AsyncSession, table: Any) -> int:
    return int((await session.scalars(select(table.id).order_by(table.id).limit(1))).one())


def snapshot(**who: int) -> Snapshot:
    return Snapshot(title="x", period="2026", as_of=TODAY, known_at=NOW, taken_at=NOW, **who)


def secret(person_id: int) -> str:
    return hashlib.sha256(str(person_id).encode()).hexdigest()


def campaign(version: int, *, by: int | None = None) -> Campaign:
    return Campaign(
        title="Осень", version_id=version, organiser="Центр", since=TODAY, until=TODAY, created_by_id=by, created_at=NOW
    )


def broadcast(*, by: int | None = None) -> Broadcast:
    return Broadcast(
        kind=BroadcastKind.news, title="Новость", body="Текст", starts_at=NOW, expires_at=NOW, created_by_id=by,
        created_at=NOW,
    )  # fmt: skip


def route(person_id: int, **values: Any) -> Iom:
    return Iom(person_id=person_id, basis=IomBasis.request, starts_on=TODAY, ends_on=TODAY, created_at=NOW, **values)


async def a_route(session: AsyncSession, person_id: int) -> dict[str, int]:
    """A route of somebody else, with a step, and an appointment to her."""
    iom = route(person_id)
    session.add(iom)
    await session.flush()
    step = IomStep(
        iom_id=iom.id, place=0, kind=ActivityKind.consult, title="x", form=ActivityForm.mixed, hours=1, due_on=TODAY
    )
    session.add(step)
    await session.flush()
    given = MethodistAssignment(methodist_id=person_id, person_id=person_id, since=TODAY)
    made = appointment()
    session.add_all([given, made])
    await session.flush()
    return {"iom": iom.id, "step": step.id, "given": given.id, "appointment": made.id}


async def a_question(session: AsyncSession) -> dict[str, int]:
    ticket = Ticket(state=TicketState.new, created_at=NOW)
    session.add(ticket)
    await session.flush()
    return {"ticket": ticket.id}


async def a_pair(session: AsyncSession, person_id: int) -> dict[str, int]:
    """A pair of somebody else that is over, and a matching."""
    run = MatchRun(mode="quality", going=False, started_at=NOW)
    partner = await make_person(session, "Четвёртая Инна Львовна")
    pair = MentorPair(mentor_id=partner.id, mentee_id=person_id, created_at=NOW, closed_at=NOW)
    session.add_all([run, pair])
    await session.flush()
    return {"match": run.id, "pair": pair.id, "partner": partner.id}


def appointment(**values: Any) -> Appointment:
    return Appointment(kind=AppointmentKind.rule, order_no="1", order_date=TODAY, made_at=NOW, **values)


def occurrence(x: dict[str, int], number: int, **by: int) -> Occurrence:
    day = TODAY + timedelta(days=number)
    return Occurrence(measure_id=x["measure"], key=day, due=day, **by)


async def a_measure(session: AsyncSession) -> tuple[int, int]:
    plan = Roadmap(title="x", year=2026, runs_since=TODAY, created_at=NOW, imported_at=NOW)
    session.add(plan)
    await session.flush()
    section = RoadmapSection(roadmap_id=plan.id, number="1")
    session.add(section)
    await session.flush()
    measure = Measure(roadmap_id=plan.id, section_id=section.id, code="1", title="x")
    session.add(measure)
    await session.flush()
    due = Occurrence(measure_id=measure.id, key=TODAY, due=TODAY)
    session.add(due)
    await session.flush()
    return measure.id, due.id


def registration(event: int, person: int, *, by: int | None = None, token: int = 0) -> Registration:
    return Registration(
        event_id=event, person_id=person, state=RegistrationState.signed, by_id=by, token=f"{event}-{person}-{token}",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip


def gathering(**by: int) -> HotlineSession:
    return HotlineSession(
        title="Оценивание", theme=TicketTheme.exams, closes_at=NOW, answer_by=NOW, created_at=NOW, **by
    )


def attendance(event: int, person: int, **more: Any) -> Attendance:
    return Attendance(
        event_id=event, person_id=person, method=AttendanceMethod.sheet, confidence=Confidence.high, at=NOW, **more
    )


def certificate(event: int, person: int, *, n: int = 0, **more: Any) -> Certificate:
    return Certificate(
        number=f"{event}-{person}-{n}", event_id=event, person_id=person, issued_on=TODAY, created_at=NOW, **more
    )


async def a_practice(session: AsyncSession, author_id: int) -> int:
    row = Practice(author_id=author_id, state=PracticeState.review, created_at=NOW, updated_at=NOW)
    session.add(row)
    await session.flush()
    return row.id


def look(extra: dict[str, Any], **given: Any) -> PracticeReview:
    return PracticeReview(practice_id=extra["practice"], due_on=NOW.date(), assigned_at=NOW, **{"round": 1, **given})


async def a_cohort(session: AsyncSession) -> dict[str, Any]:
    """A cohort with tasks, and series for more."""
    programme = Programme(kind=ProgrammeKind.young_school, title="x", created_at=NOW)
    series = [EventSeries(title="x", rule="", created_at=NOW) for _ in range(3)]
    session.add_all([programme, *series])
    await session.flush()
    cohort = a_group(programme.id, series[0].id)
    session.add(cohort)
    await session.flush()
    tasks = [CohortTask(cohort_id=cohort.id, title="x", text="x", due_on=TODAY, created_at=NOW) for _ in range(3)]
    session.add_all(tasks)
    await session.flush()
    return {
        "programme": programme.id, "cohort": cohort.id, "task": tasks[0].id, "tasks": [one.id for one in tasks[1:]],
        "series": [one.id for one in series[1:]],
    }  # fmt: skip


def a_group(programme: int, series: int, **more: Any) -> Cohort:
    return Cohort(
        programme_id=programme, series_id=series, title="x", starts_on=TODAY, ends_on=TODAY, created_at=NOW, **more
    )


def work(task: int, person: int, **more: Any) -> CohortWork:
    return CohortWork(task_id=task, person_id=person, state=WorkState.sent, sent_at=NOW, **more)


def slot(methodist: int, hour: int, **more: Any) -> TutorialSlot:
    return TutorialSlot(methodist_id=methodist, starts_at=NOW + timedelta(hours=hour), created_at=NOW, **more)


def a_form(**more: Any) -> Form:
    return Form(title="x", audience=FormAudience.people, created_at=NOW, **more)


def register_record(**more: Any) -> RegisterRecord:
    return RegisterRecord(register="experts", title="x", sort="x", created_at=NOW, updated_at=NOW, **more)


def new_event_id(extra: dict[str, Any]) -> int:
    """Another event for every row: a person stands on a list once."""
    return int(extra["events"].pop())


ROWS: dict[tuple[str, str], Callable[..., Base]] = {
    ("people", "confirmed_by_id"): lambda p, x: Person(
        key=secret(p)[:32], last_name="Третья", first_name="Вера", confirmed_by_id=p, created_at=NOW
    ),
    ("changes", "actor_id"): lambda p, x: Change(at=NOW, actor_id=p, entity="text", entity_id=1, action="changed"),
    ("consents", "person_id"): lambda p, x: Consent(
        person_id=p, kind=ConsentKind.news, text_id=x["text"], messenger=Messenger.web, given_at=NOW
    ),
    ("files", "owner_id"): lambda p, x: StoredFile(
        sha256=secret(p), size=1, media_type="x", name="x", owner_id=p, purpose="x", created_at=NOW
    ),
    ("identities", "person_id"): lambda p, x: Identity(
        person_id=p, messenger=Messenger.vk, user_id=900 + p, chat_id=900 + p, linked_at=NOW
    ),
    ("invitations", "created_by_id"): lambda p, x: Invitation(
        code_hash=secret(p), role=Role.mentor, scope_kind=ScopeKind.region, until=TODAY, expires_at=NOW,
        created_by_id=p, created_at=NOW,
    ),
    ("invitations", "used_by_id"): lambda p, x: Invitation(
        code_hash=secret(-p), role=Role.mentor, scope_kind=ScopeKind.region, until=TODAY, expires_at=NOW,
        used_by_id=p, created_at=NOW,
    ),
    ("link_codes", "person_id"): lambda p, x: LinkCode(person_id=p, code_hash="x", expires_at=NOW),
    ("methodist_assignments", "methodist_id"): lambda p, x: MethodistAssignment(
        methodist_id=p, person_id=x["third"], since=TODAY
    ),
    ("methodist_assignments", "person_id"): lambda p, x: MethodistAssignment(
        methodist_id=x["third"], person_id=p, since=TODAY
    ),
    ("privacy_requests", "person_id"): lambda p, x: PrivacyRequest(
        person_id=p, kind="look", created_at=NOW, due_at=NOW
    ),
    ("return_phrases", "person_id"): lambda p, x: ReturnPhrase(person_id=p, phrase_hash=secret(p), created_at=NOW),
    ("role_assignments", "person_id"): lambda p, x: RoleAssignment(
        person_id=p, role=Role.mentor, scope_kind=ScopeKind.region, since=TODAY
    ),
    ("role_assignments", "granted_by_id"): lambda p, x: RoleAssignment(
        person_id=x["third"], role=Role.tutor, scope_kind=ScopeKind.region, since=TODAY, granted_by_id=p
    ),
    ("signin_links", "person_id"): lambda p, x: SigninLink(token_hash=secret(p), person_id=p, expires_at=NOW),
    ("staff_accounts", "person_id"): lambda p, x: StaffAccount(person_id=p, password_hash="x"),
    ("staff_sessions", "person_id"): lambda p, x: StaffSession(
        token_hash=secret(p), person_id=p, created_at=NOW, seen_at=NOW, expires_at=NOW
    ),
    ("text_overrides", "changed_by_id"): lambda p, x: TextOverride(
        locale="ru", key="x", text="x", changed_at=NOW, changed_by_id=p
    ),
    ("views", "viewer_id"): lambda p, x: View(at=NOW, viewer_id=p, person_id=x["third"], what="results"),
    ("views", "person_id"): lambda p, x: View(at=NOW, viewer_id=x["third"], person_id=p, what="results"),
    ("attempts", "person_id"): lambda p, x: Attempt(
        person_id=p, version_id=x["version"], purpose=Purpose.official, messenger=Messenger.web, started_at=NOW,
        touched_at=NOW,
    ),
    ("attempts", "rater_id"): lambda p, x: Attempt(
        person_id=x["third"], rater_id=p, version_id=x["version"], purpose=Purpose.official,
        state=AttemptState.waiting, started_at=NOW, touched_at=NOW,
    ),
    ("campaigns", "created_by_id"): lambda p, x: campaign(x["version"], by=p),
    ("broadcasts", "created_by_id"): lambda p, x: broadcast(by=p),
    ("broadcast_recipients", "person_id"): lambda p, x: BroadcastRecipient(
        broadcast_id=x["broadcast"], person_id=p, state=RecipientState.delivered
    ),
    ("mailing_choices", "person_id"): lambda p, x: MailingChoice(
        person_id=p, topic="rubric:shpargalka", is_on=True, changed_at=NOW
    ),
    ("campaign_invites", "person_id"): lambda p, x: CampaignInvite(
        campaign_id=x["campaign"], person_id=p, state=InviteState.invited
    ),
    ("external_imports", "by_id"): lambda p, x: ExternalImport(source="fioko", digest="x", by_id=p, at=NOW, total=1),
    ("body_memberships", "person_id"): lambda p, x: BodyMembership(
        body_id=x["body"], person_id=p, post=BodyPost.member, since=TODAY
    ),
    ("employments", "person_id"): lambda p, x: Employment(
        person_id=p, organisation_id=x["place"], position_slug="director", since=TODAY, is_main=False
    ),
    ("facts", "voided_by_id"): lambda p, x: Fact(
        person_key="0" * 32, kind=FactKind.diagnosed, occurred_on=TODAY, recorded_at=NOW, source_type="attempt",
        source_id=p, voided_at=NOW, voided_by_id=p,
    ),
    ("roadmaps", "created_by_id"): lambda p, x: Roadmap(
        title="x", year=2026, runs_since=TODAY, created_by_id=p, created_at=NOW, imported_at=NOW
    ),
    ("measure_people", "person_id"): lambda p, x: MeasurePerson(
        measure_id=x["measure"], part=MeasurePart.responsible, person_id=p, at=NOW
    ),
    ("measure_occurrences", "sent_by_id"): lambda p, x: occurrence(x, p, sent_by_id=p),
    ("measure_occurrences", "closed_by_id"): lambda p, x: occurrence(x, p, closed_by_id=p),
    ("measure_occurrences", "move_by_id"): lambda p, x: occurrence(x, p, move_by_id=p),
    ("measure_evidence", "by_id"): lambda p, x: MeasureEvidence(
        occurrence_id=x["occurrence"], kind=ProofKind.text, by_id=p, at=NOW
    ),
    ("measure_evidence", "checked_by_id"): lambda p, x: MeasureEvidence(
        occurrence_id=x["occurrence"], kind=ProofKind.text, checked_by_id=p, at=NOW
    ),
    ("date_questions", "person_id"): lambda p, x: DateQuestion(
        measure_id=x["measure"], about="plan", person_id=p, ask_on=TODAY, created_at=NOW
    ),
    ("date_questions", "answered_by_id"): lambda p, x: DateQuestion(
        measure_id=x["measure"], about="plan", answered_by_id=p, ask_on=TODAY, created_at=NOW
    ),
    ("roadmap_reminders", "person_id"): lambda p, x: RoadmapReminder(
        person_id=p, about=ReminderOf.digest, object_id=1, stage="day", day=TODAY, at=NOW
    ),
    ("measure_events", "by_id"): lambda p, x: MeasureEvent(measure_id=x["measure"], kind="x", by_id=p, at=NOW),
    ("outbox", "person_id"): lambda p, x: Outbox(
        person_id=p, message_class=MessageClass.for_you, kind="x", dedupe=f"x{p}", screen={}, not_before=NOW,
        created_at=NOW,
    ),
    ("ioms", "person_id"): lambda p, x: route(p),
    ("ioms", "methodist_id"): lambda p, x: route(x["third"], methodist_id=p, closed_at=NOW),
    ("ioms", "approved_by_id"): lambda p, x: route(x["third"], approved_by_id=p, closed_at=NOW),
    ("appointments", "leaving_id"): lambda p, x: appointment(leaving_id=p),
    ("appointments", "made_by_id"): lambda p, x: appointment(made_by_id=p),
    ("appointment_moves", "person_id"): lambda p, x: AppointmentMove(
        appointment_id=x["appointment"], person_id=p, given_id=x["given"]
    ),
    ("draft_runs", "made_by_id"): lambda p, x: DraftRun(
        variant="usual", target={}, made_by_id=p, started_at=NOW, total=0
    ),
    ("iom_steps", "accepted_by_id"): lambda p, x: IomStep(
        iom_id=x["iom"], place=0, kind=ActivityKind.consult, title="x", form=ActivityForm.mixed, hours=1,
        due_on=TODAY, accepted_by_id=p,
    ),
    ("iom_evidence", "reviewed_by_id"): lambda p, x: Evidence(
        step_id=x["step"], kind=EvidenceKind.text, submitted_at=NOW, reviewed_by_id=p
    ),
    ("iom_revisions", "proposed_by_id"): lambda p, x: IomRevision(
        iom_id=x["iom"], number=100 + p, reason="x", change={}, proposed_by_id=p, proposed_at=NOW
    ),
    ("iom_moves", "actor_id"): lambda p, x: IomMove(
        iom_id=x["iom"], before="draft", after="offered", actor_id=p, at=NOW
    ),
    ("hotline_tickets", "author_id"): lambda p, x: Ticket(author_id=p, created_at=NOW),
    ("hotline_tickets", "methodist_id"): lambda p, x: Ticket(methodist_id=p, state=TicketState.new, created_at=NOW),
    ("hotline_tickets", "promised_id"): lambda p, x: Ticket(promised_id=p, state=TicketState.new, created_at=NOW),
    ("hotline_sessions", "methodist_id"): lambda p, x: gathering(methodist_id=p),
    ("hotline_sessions", "created_by_id"): lambda p, x: gathering(created_by_id=p),
    ("hotline_messages", "author_id"): lambda p, x: TicketMessage(
        ticket_id=x["ticket"], whose=Whose.asker, author_id=p, created_at=NOW
    ),
    ("hotline_events", "actor_id"): lambda p, x: TicketEvent(
        ticket_id=x["ticket"], at=NOW, actor_id=p, action="x", after=TicketState.new
    ),
    ("hotline_events", "to_id"): lambda p, x: TicketEvent(
        ticket_id=x["ticket"], at=NOW, to_id=p, action="x", after=TicketState.new
    ),
    ("hotline_entries", "owner_id"): lambda p, x: FaqEntry(
        theme=TicketTheme.other, question="x", answer="x", owner_id=p, created_at=NOW
    ),
    ("duty_slots", "methodist_id"): lambda p, x: DutySlot(
        methodist_id=p, starts_at=NOW, ends_at=NOW + timedelta(hours=1), themes=[]
    ),
    ("duty_slots", "substitute_id"): lambda p, x: DutySlot(
        methodist_id=x["third"], substitute_id=p, starts_at=NOW + timedelta(days=p), ends_at=NOW, themes=[]
    ),
    ("practices", "author_id"): lambda p, x: Practice(author_id=p, created_at=NOW, updated_at=NOW),
    ("practice_reviews", "expert_id"): lambda p, x: look(x, expert_id=p),
    ("practice_reviews", "assigned_by_id"): lambda p, x: look(x, assigned_by_id=p, round=p),
    ("practice_uses", "person_id"): lambda p, x: PracticeUse(
        practice_id=x["practice"], person_id=p, text="x", at=NOW
    ),
    ("navigator_bookmarks", "person_id"): lambda p, x: Bookmark(person_id=p, source="event", object_id=1, at=NOW),
    ("stat_figures", "entered_by_id"): lambda p, x: StatFigure(
        slug="teachers", first=TODAY, last=TODAY, value=1, source="x", entered_by_id=p, entered_at=NOW
    ),
    ("indicator_snapshots", "approved_by_id"): lambda p, x: snapshot(approved_by_id=p),
    ("indicator_snapshots", "reopened_by_id"): lambda p, x: snapshot(reopened_by_id=p),
    ("event_series", "created_by_id"): lambda p, x: EventSeries(
        title="x", rule="FREQ=DAILY", created_by_id=p, created_at=NOW
    ),
    ("events", "responsible_id"): lambda p, x: new_event(responsible_id=p),
    ("events", "created_by_id"): lambda p, x: new_event(created_by_id=p),
    ("cohorts", "leader_id"): lambda p, x: a_group(x["programme"], x["series"].pop(), leader_id=p),
    ("cohort_members", "person_id"): lambda p, x: CohortMember(
        cohort_id=x["cohort"], person_id=p, state=MemberState.member, how=JoinedBy.code, created_at=NOW, changed_at=NOW
    ),
    ("cohort_works", "person_id"): lambda p, x: work(x["task"], p),
    ("cohort_works", "decided_by_id"): lambda p, x: work(x["tasks"].pop(), x["third"], decided_by_id=p),
    ("tutorial_slots", "methodist_id"): lambda p, x: slot(p, 1),
    ("tutorial_slots", "person_id"): lambda p, x: slot(x["third"], p, person_id=p, state=SlotState.booked),
    ("registrations", "person_id"): lambda p, x: registration(x["event"], p),
    ("registrations", "by_id"): lambda p, x: registration(new_event_id(x), x["third"], by=p, token=p),
    ("attendances", "person_id"): lambda p, x: attendance(x["event"], p),
    ("attendances", "by_id"): lambda p, x: attendance(new_event_id(x), x["third"], by_id=p, voided_at=NOW),
    ("attendances", "voided_by_id"): lambda p, x: attendance(x["event"], x["third"], voided_by_id=p, voided_at=NOW),
    ("event_log_addresses", "person_id"): lambda p, x: LogAddress(
        email=f"{p}@school.example", person_id=p, learned_at=NOW
    ),
    ("event_quiz_results", "person_id"): lambda p, x: QuizResult(event_id=x["event"], person_id=p, tries=1, at=NOW),
    ("event_teams", "organiser_id"): lambda p, x: EventTeam(
        event_id=x["event"], organisation_id=x["place"], organiser_id=p, until=NOW, created_at=NOW, dissolved_at=NOW
    ),
    ("event_feedback", "person_id"): lambda p, x: EventFeedback(event_id=x["event"], person_id=p, grade=5, at=NOW),
    ("certificates", "person_id"): lambda p, x: certificate(x["event"], p),
    ("certificates", "revoked_by_id"): lambda p, x: certificate(new_event_id(x), x["third"], revoked_by_id=p, n=p),
    ("tutor_assignments", "person_id"): lambda p, x: TutorAssignment(
        cohort_id=x["cohort"], person_id=p, tutor_id=x["third"], since=TODAY
    ),
    ("tutor_assignments", "tutor_id"): lambda p, x: TutorAssignment(
        cohort_id=x["cohort"], person_id=(x["third"], x["partner"])[p % 2], tutor_id=p, since=TODAY
    ),
    ("tutor_assignments", "by_id"): lambda p, x: TutorAssignment(
        cohort_id=x["cohort"], person_id=(x["third"], x["partner"])[p % 2], tutor_id=x["third"], by_id=p, since=TODAY
    ),
    ("contest_reminders", "person_id"): lambda p, x: ContestReminder(person_id=p, record_id=x["record"], at=NOW),
    ("course_wishes", "person_id"): lambda p, x: CourseWish(
        person_id=p, topic="x", key="x", created_at=NOW
    ),
    ("forms", "created_by_id"): lambda p, x: a_form(created_by_id=p),
    ("form_replies", "person_id"): lambda p, x: FormReply(form_id=x["form"], subject_id=p, name="x", person_id=p),
    ("form_replies", "filled_by_id"): lambda p, x: FormReply(
        form_id=x["form"], subject_id=p, name="x", filled_by_id=p
    ),
    ("registers", "owner_id"): lambda p, x: Register(slug=f"r{p}", owner_id=p),
    ("registers", "checked_by_id"): lambda p, x: Register(slug=f"c{p}", checked_by_id=p),
    ("register_records", "person_id"): lambda p, x: register_record(person_id=p),
    ("register_versions", "by_id"): lambda p, x: RegisterVersion(
        record_id=x["record"], since=TODAY, at=NOW, by_id=p, snapshot={}
    ),
    ("register_imports", "by_id"): lambda p, x: RegisterImport(register="rip", by_id=p, created_at=NOW),
    ("mentor_profiles", "person_id"): lambda p, x: MentorProfile(person_id=p, created_at=NOW, updated_at=NOW),
    ("mentee_needs", "person_id"): lambda p, x: MenteeNeed(
        person_id=p, basis=NeedBasis.own, created_at=NOW, updated_at=NOW
    ),
    ("mentor_wishes", "person_id"): lambda p, x: MentorWish(person_id=p, wanted_id=x["third"], side=Side.mentee),
    ("mentor_wishes", "wanted_id"): lambda p, x: MentorWish(person_id=x["third"], wanted_id=p, side=Side.mentee),
    ("match_runs", "made_by_id"): lambda p, x: MatchRun(mode="quality", made_by_id=p, going=False, started_at=NOW),
    ("match_left", "person_id"): lambda p, x: MatchLeft(run_id=x["match"], person_id=p, reason="x"),
    ("match_left", "best_id"): lambda p, x: MatchLeft(
        run_id=x["match"], person_id=(x["third"], x["partner"])[p % 2], reason="x", best_id=p
    ),
    ("mentor_pairs", "mentor_id"): lambda p, x: MentorPair(
        mentor_id=p, mentee_id=x["third"], created_at=NOW, closed_at=NOW
    ),
    ("mentor_pairs", "mentee_id"): lambda p, x: MentorPair(mentor_id=x["third"], mentee_id=p, created_at=NOW),
    ("pair_consents", "by_id"): lambda p, x: PairConsent(
        pair_id=x["pair"], side=list(Side)[p % 3], by_id=p
    ),
    ("pair_moves", "actor_id"): lambda p, x: PairMove(pair_id=x["pair"], before="x", after="x", actor_id=p, at=NOW),
    ("pair_notes", "author_id"): lambda p, x: PairNote(pair_id=x["pair"], author_id=p, text="x", created_at=NOW),
    ("mentor_notices", "person_id"): lambda p, x: MentorNotice(
        person_id=p, pair_id=x["pair"], kind=MentorNoticeKind.nudge, at=NOW
    ),
}  # fmt: skip
