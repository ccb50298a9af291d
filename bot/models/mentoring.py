"""Mentoring: mentors and needs, runs of matching, pairs with their consents, programme, meetings and history."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id


class PairForm(StrEnum):
    """Forms of domain.md §5.1; ``leaders`` is the mentoring of one manager by another."""

    peer = "peer"
    superior = "superior"
    university = "university"
    employer = "employer"
    partner = "partner"
    leaders = "leaders"


class PairKind(StrEnum):
    """Kinds of mentoring (domain.md §5.1)."""

    one_to_one = "one_to_one"
    group = "group"
    reverse = "reverse"
    situational = "situational"
    speed = "speed"
    short = "short"
    virtual = "virtual"


class MeetFormat(StrEnum):
    """Where two meet."""

    in_person = "in_person"
    remote = "remote"


class Standing(StrEnum):
    """Category of a mentor; the values are those of ``rules.mentoring.Status``."""

    mentor = "mentor"
    highest = "highest"
    first = "first"
    none = "none"


class NeedBasis(StrEnum):
    """Why a mentor is wanted (domain.md §5.2)."""

    young = "young"
    deficit = "deficit"
    new_position = "new_position"
    back = "back"
    shnor = "shnor"
    own = "own"


class PairState(StrEnum):
    """Life of a pair (domain.md §5.2)."""

    proposed = "proposed"
    consent_wait = "consent_wait"
    to_order = "to_order"
    active = "active"
    paused = "paused"
    finished = "finished"
    broken = "broken"
    refused = "refused"


class Side(StrEnum):
    """Who agrees: the two and the employer."""

    mentor = "mentor"
    mentee = "mentee"
    employer = "employer"


class RunState(StrEnum):
    """How far a matching is; ``failed`` changed nothing."""

    reading = "reading"
    solving = "solving"
    saving = "saving"
    done = "done"
    failed = "failed"


class LineState(StrEnum):
    """A line of a programme."""

    planned = "planned"
    done = "done"
    dropped = "dropped"


class MeetingState(StrEnum):
    """A meeting: appointed, said by one side, confirmed by the other, or denied."""

    planned = "planned"
    said = "said"
    confirmed = "confirmed"
    denied = "denied"


class MentorProfile(Base):
    """A mentor of the region's base; ``slots`` are hours 0…167 of a week."""

    __tablename__ = "mentor_profiles"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    subjects: Mapped[list[str]] = mapped_column(default=list)
    strengths: Mapped[list[str]] = mapped_column(default=list)
    forms: Mapped[list[str]] = mapped_column(default=list)
    kinds: Mapped[list[str]] = mapped_column(default=list)
    formats: Mapped[list[str]] = mapped_column(default=list)
    slots: Mapped[list[Any]] = mapped_column(default=list)
    max_load: Mapped[int] = mapped_column(default=2)
    standing: Mapped[Standing] = mapped_column(default=Standing.none)
    # A few words of the mentor about herself, shown to a mentee in the offer.
    statement: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # The consent to be in the base; without it no pair is proposed.
    agreed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class MenteeNeed(Base):
    """Somebody wants a mentor; one row a person, opened again when she wants another."""

    __tablename__ = "mentee_needs"
    __table_args__ = (Index("ix_mentee_needs_open", "closed_at", "touched_at"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    basis: Mapped[NeedBasis]
    form: Mapped[PairForm] = mapped_column(default=PairForm.peer)
    topics: Mapped[list[str]] = mapped_column(default=list)
    wish: Mapped[str] = mapped_column(Text, default="")
    slots: Mapped[list[Any]] = mapped_column(default=list)
    formats: Mapped[list[str]] = mapped_column(default=list)
    # The groups of her diagnosis may be used and shown to the mentor: names of groups, never figures.
    shares: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Set when a decline or a leaving mentor makes a new search for this person necessary.
    touched_at: Mapped[datetime | None]


class MentorWish(Base):
    """One names the other as the mentor or mentee wanted."""

    __tablename__ = "mentor_wishes"
    __table_args__ = (UniqueConstraint("person_id", "wanted_id", "side"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    wanted_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    # Whose wish: a mentee's for a mentor, or a mentor's for a mentee.
    side: Mapped[Side]


class MatchRun(Base):
    """One matching for everybody of a region or a municipality; one at a time."""

    __tablename__ = "match_runs"
    __table_args__ = (
        Index(
            "uq_match_runs_going",
            "going",
            unique=True,
            sqlite_where=text("going"),
            postgresql_where=text("going"),
        ),
    )

    id: Mapped[Id]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    mode: Mapped[str] = mapped_column(String(32))
    state: Mapped[RunState] = mapped_column(default=RunState.reading)
    going: Mapped[bool] = mapped_column(default=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    mentees: Mapped[int] = mapped_column(default=0)
    mentors: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    # Somebody took the place or got a mentor while it was computed.
    late: Mapped[int] = mapped_column(default=0)
    total: Mapped[float] = mapped_column(default=0.0)


class MatchLeft(Base):
    """A mentee without a mentor in the last matching, and the reason that binds."""

    __tablename__ = "match_left"

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    reason: Mapped[str] = mapped_column(String(32))
    obstacle: Mapped[str] = mapped_column(String(32), default="")
    best_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    best_score: Mapped[float | None]
    # Mentors of the subject elsewhere who work remotely.
    remote: Mapped[int] = mapped_column(default=0)


class MentorPair(Base):
    """A mentor and a mentee, from a proposal to its end; a mentee has one pair that is not over."""

    __tablename__ = "mentor_pairs"
    __table_args__ = (
        Index("ix_mentor_pairs_state", "state", "organisation_id"),
        Index("ix_mentor_pairs_mentor", "mentor_id", "state"),
        Index(
            "uq_mentor_pairs_open",
            "mentee_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Proposals are deleted: the number of one on an old page must never become another's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("match_runs.id", ondelete="SET NULL"))
    mentor_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    mentee_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    form: Mapped[PairForm] = mapped_column(default=PairForm.peer)
    kind: Mapped[PairKind] = mapped_column(default=PairKind.one_to_one)
    # The mentee's place of work when the pair was proposed.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    state: Mapped[PairState] = mapped_column(default=PairState.proposed)
    score: Mapped[float | None]
    # [{"criterion", "value", "points", "most", "term", "known"}]: the terms the score was made of.
    lines: Mapped[list[Any]] = mapped_column(default=list)
    since: Mapped[date | None]
    until: Mapped[date | None]
    order_no: Mapped[str] = mapped_column(String(64), default="")
    order_date: Mapped[date | None]
    goal: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    next_on: Mapped[date | None]
    # The day the pair ends after one side left: three working days later (ТК 351.8).
    leaves_on: Mapped[date | None]
    left_by: Mapped[Side | None]
    # After the end another mentor is looked for.
    wants_other: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[date | None]
    nudged_on: Mapped[date | None]
    # When the mentee heard that she is no longer counted as young; the pair goes on.
    young_told_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    answer_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(String(32), default="")


class PairConsent(Base):
    """The word of one side about a pair; a refusal needs no reason."""

    __tablename__ = "pair_consents"
    __table_args__ = (UniqueConstraint("pair_id", "side"),)

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"))
    side: Mapped[Side]
    given_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # The written consent or supplement: number and date as the paper has them.
    paper: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


class PairMove(Base):
    """History of a pair's states."""

    __tablename__ = "pair_moves"

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"), index=True)
    before: Mapped[str] = mapped_column(String(32))
    after: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(32), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class ProgramLine(Base):
    """One line of the pair's personalised programme."""

    __tablename__ = "program_lines"

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"), index=True)
    group_slug: Mapped[str | None] = mapped_column(ForeignKey("competence_groups.slug"))
    topic: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32), default="")
    due_on: Mapped[date | None]
    state: Mapped[LineState] = mapped_column(default=LineState.planned)
    result: Mapped[str] = mapped_column(Text, default="")
    done_on: Mapped[date | None]
    place: Mapped[int] = mapped_column(default=0)


class MentorMeeting(Base):
    """A meeting of a pair: the one who said it and the other who confirmed it."""

    __tablename__ = "mentor_meetings"
    __table_args__ = (Index("ix_mentor_meetings_pair", "pair_id", "state"),)

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"))
    state: Mapped[MeetingState]
    # Day of a meeting that was; moment of one that is appointed.
    held_on: Mapped[date | None]
    starts_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=30)
    format: Mapped[MeetFormat | None]
    topic: Mapped[str] = mapped_column(Text, default="")
    next_step: Mapped[str] = mapped_column(Text, default="")
    side: Mapped[Side]
    said_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class PairNote(Base):
    """The mentor's note on the work; the mentee sees it."""

    __tablename__ = "pair_notes"

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class PairAnswer(Base):
    """Half-year questions to one side; the coordinator sees a mismatch, and an obstacle she can move."""

    __tablename__ = "pair_answers"
    __table_args__ = (UniqueConstraint("pair_id", "half", "side"),)

    id: Mapped[Id]
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"))
    # «2026-2»: the second half of the year.
    half: Mapped[str] = mapped_column(String(8))
    side: Mapped[Side]
    usefulness: Mapped[int | None]
    progress: Mapped[int | None]
    # Values of ``rules.mentoring.pulse``: ``Hindrance`` and ``GoesOn``.
    hindrance: Mapped[str | None] = mapped_column(String(32))
    goes_on: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class MentorNoticeKind(StrEnum):
    """What people are told of mentoring; the words are the job's."""

    offer_mentor = "offer_mentor"
    offer_mentee = "offer_mentee"
    refused = "refused"
    agreed = "agreed"
    active = "active"
    confirm = "confirm"
    planned = "planned"
    nudge = "nudge"
    left = "left"
    ended = "ended"
    half = "half"
    finished = "finished"
    # The term of the order has come to its end.
    term = "term"
    staff_left = "staff_left"
    # The coordinator pressed «Напомнить».
    remind_offer = "remind_offer"
    remind_first = "remind_first"
    remind_half = "remind_half"


class MentorNotice(Base):
    """Something a person must hear; a job turns it into a message of the outbox."""

    __tablename__ = "mentor_notices"
    __table_args__ = (
        Index(
            "ix_mentor_notices_waiting",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pairs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MentorNoticeKind]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("mentor_meetings.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
