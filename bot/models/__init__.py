"""Every table."""

from bot.models.audit import Change, View
from bot.models.base import Base
from bot.models.broadcasts import (
    Broadcast,
    BroadcastKind,
    BroadcastRecipient,
    BroadcastState,
    MailingChoice,
    RecipientState,
    Rubric,
)
from bot.models.campaigns import Campaign, CampaignInvite, CampaignState, InviteState
from bot.models.catalogue import (
    Activity,
    ActivityForm,
    ActivityGroup,
    ActivityKind,
    ActivityRequirement,
    ActivitySource,
    ActivitySubject,
)
from bot.models.consents import Consent, ConsentKind, ConsentText
from bot.models.diagnostics import (
    Answer,
    Attempt,
    AttemptState,
    CompetenceGroup,
    DeficitLevel,
    Direction,
    ExpertRating,
    ExternalDoubt,
    ExternalImport,
    ExternalResult,
    GroupResult,
    Instrument,
    InstrumentKind,
    InstrumentVersion,
    Item,
    ItemParameter,
    Purpose,
    Submission,
    VersionGroup,
    VersionState,
)
from bot.models.dialog import DialogState
from bot.models.events import (
    Attendance,
    AttendanceMethod,
    Certificate,
    Confidence,
    Event,
    EventFeedback,
    EventGroup,
    EventKind,
    EventLevel,
    EventRule,
    EventSeries,
    EventState,
    EventSubject,
    LogRow,
    Registration,
    RegistrationSource,
    RegistrationState,
)
from bot.models.facts import Fact, FactKind
from bot.models.files import StoredFile
from bot.models.hotline import (
    Canned,
    DutySlot,
    DutySwap,
    FaqEntry,
    FaqState,
    HotlineSession,
    Ticket,
    TicketEvent,
    TicketFile,
    TicketGrade,
    TicketMessage,
    TicketMessageVersion,
    TicketState,
    TicketTheme,
    Whose,
)
from bot.models.indicators import Snapshot, SnapshotList, SnapshotState, StatFigure
from bot.models.iom import (
    Advice,
    DraftRun,
    Evidence,
    EvidenceKind,
    Iom,
    IomBasis,
    IomDeficit,
    IomGoal,
    IomMove,
    IomNotice,
    IomRevision,
    IomState,
    IomStep,
    NoticeKind,
    StepState,
)
from bot.models.outbox import MessageClass, Outbox, OutboxState, SentMessage
from bot.models.people import (
    Appointment,
    AppointmentKind,
    AppointmentMove,
    CodeTries,
    Identity,
    Invitation,
    LinkCode,
    Messenger,
    MethodistAssignment,
    Person,
    PersonState,
    PrivacyRequest,
    ReturnPhrase,
    Role,
    RoleAssignment,
    ScopeKind,
    SigninLink,
    StaffAccount,
    StaffSession,
)
from bot.models.places import (
    Body,
    BodyLevel,
    BodyMembership,
    BodyPost,
    Employment,
    EmploymentSubject,
    Municipality,
    Organisation,
    Position,
    Subject,
)
from bot.models.practices import (
    Bookmark,
    FileDoubt,
    NavigatorEntry,
    Practice,
    PracticeFile,
    PracticeReview,
    PracticeState,
    PracticeUse,
    ReviewVerdict,
)
from bot.models.receiving import ReceivedEvent, ReceiverCursor, WireId
from bot.models.region import RegionSetting, TextOverride, WorkingDay
from bot.models.registers import ImportState, RecordState, Register, RegisterImport, RegisterRecord, RegisterVersion
from bot.models.roadmap import (
    DateQuestion,
    Measure,
    MeasureBody,
    MeasureEvent,
    MeasureEvidence,
    MeasurePart,
    MeasurePerson,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    ProofKind,
    ProofState,
    QuestionState,
    ReminderOf,
    Roadmap,
    RoadmapFormat,
    RoadmapReminder,
    RoadmapSection,
    RoadmapState,
)
from bot.models.search import SearchDocument, SearchTerm
from bot.models.web import WebMessage, WebVisitor
from bot.models.wellbeing import HelpContact, WellbeingCounter, WellbeingWave

__all__ = [
    "Activity", "ActivityForm", "ActivityGroup", "ActivityKind", "ActivityRequirement", "ActivitySource",
    "ActivitySubject", "Advice", "Answer", "Appointment", "AppointmentKind", "AppointmentMove", "Attempt",
    "AttemptState", "Attendance", "AttendanceMethod", "Base", "Body", "BodyLevel", "BodyMembership", "BodyPost",
    "Bookmark", "Broadcast", "BroadcastKind", "BroadcastRecipient", "BroadcastState", "Campaign", "CampaignInvite",
    "CampaignState", "Canned", "Certificate", "Change", "CodeTries", "CompetenceGroup", "Confidence", "Consent",
    "ConsentKind", "ConsentText", "DateQuestion", "DeficitLevel", "DialogState", "Direction", "DraftRun",
    "DutySlot", "DutySwap", "Employment", "EmploymentSubject", "Event", "EventFeedback", "EventGroup", "EventKind",
    "EventLevel", "EventRule", "EventSeries", "EventState", "EventSubject", "Evidence", "EvidenceKind",
    "ExpertRating", "ExternalDoubt", "ExternalImport", "ExternalResult", "Fact", "FactKind", "FaqEntry", "FaqState",
    "FileDoubt", "GroupResult", "HelpContact", "HotlineSession", "Identity", "ImportState", "Instrument",
    "InstrumentKind", "InstrumentVersion", "Invitation", "InviteState", "Iom", "IomBasis", "IomDeficit", "IomGoal",
    "IomMove", "IomNotice", "IomRevision", "IomState", "IomStep", "Item", "ItemParameter", "LinkCode", "LogRow",
    "MailingChoice", "Measure", "MeasureBody", "MeasureEvent", "MeasureEvidence", "MeasurePart", "MeasurePerson",
    "MessageClass", "Messenger", "MethodistAssignment", "Municipality", "NavigatorEntry", "NoticeKind",
    "Occurrence", "OccurrenceKind", "OccurrenceState", "Organisation", "Outbox", "OutboxState", "Person",
    "PersonState", "Position", "Practice", "PracticeFile", "PracticeReview", "PracticeState", "PracticeUse",
    "PrivacyRequest", "ProofKind", "ProofState", "Purpose", "QuestionState", "ReceivedEvent", "ReceiverCursor",
    "RecipientState", "RecordState", "RegionSetting", "Register", "RegisterImport", "RegisterRecord",
    "RegisterVersion", "Registration", "RegistrationSource", "RegistrationState", "ReminderOf", "ReturnPhrase",
    "ReviewVerdict", "Roadmap", "RoadmapFormat", "RoadmapReminder", "RoadmapSection", "RoadmapState", "Role",
    "RoleAssignment", "Rubric", "ScopeKind", "SearchDocument", "SearchTerm", "SentMessage", "SigninLink",
    "Snapshot", "SnapshotList", "SnapshotState", "StaffAccount", "StaffSession", "StatFigure", "StepState",
    "StoredFile", "Subject", "Submission", "TextOverride", "Ticket", "TicketEvent", "TicketFile", "TicketGrade",
    "TicketMessage", "TicketMessageVersion", "TicketState", "TicketTheme", "VersionGroup", "VersionState", "View",
    "WebMessage", "WebVisitor", "WellbeingCounter", "WellbeingWave", "Whose", "WireId", "WorkingDay",
]  # fmt: skip
