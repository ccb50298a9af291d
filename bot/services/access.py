"""Who may see and do what: a Scope inside the service, deny by default (domain.md §9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.errors import NotAllowed
from bot.models import MethodistAssignment, Person, PersonState, Role, RoleAssignment, ScopeKind


class Right(StrEnum):
    """What a role lets one do; a right reaches as far as the role's scope."""

    people_see = "people.see"  # name, post, place, state of participation
    people_contacts = "people.contacts"  # the whole profile
    people_confirm = "people.confirm"
    people_edit = "people.edit"  # merge, correct
    people_import = "people.import"
    roles_grant = "roles.grant"
    results_see = "results.see"  # group results of a person
    answers_see = "answers.see"  # item answers; a reason is asked and logged
    results_mark = "results.mark"  # cases and observations, by criteria
    results_import = "results.import"  # results from elsewhere
    instruments_see = "instruments.see"
    campaigns_see = "campaigns.see"  # counts and aggregates of a campaign, never names
    campaigns_run = "campaigns.run"
    instruments_edit = "instruments.edit"
    hotline_answer = "hotline.answer"  # the queue, questions, answers
    hotline_manage = "hotline.manage"  # roster, ready answers, registers
    catalogue_see = "catalogue.see"
    catalogue_edit = "catalogue.edit"
    iom_see = "iom.see"  # that there is a route and how far it is
    iom_open = "iom.open"  # the whole route with its reasons
    iom_edit = "iom.edit"  # build it, accept evidence, conclude
    iom_approve = "iom.approve"
    iom_assign = "iom.assign"  # appoint methodists
    roadmap_see = "roadmap.see"
    roadmap_run = "roadmap.run"  # deadlines, persons, import
    roadmap_check = "roadmap.check"  # accept evidence, decide transfers
    events_see = "events.see"  # lists of events with their numbers; names within the scope of people.see
    events_edit = "events.edit"
    events_enrol = "events.enrol"  # propose an event to teachers of one's own reach
    events_mark = "events.mark"  # attendance, its corrections, the presenter's page
    broadcasts_see = "broadcasts.see"  # within a district: only what stays in it
    broadcasts_send = "broadcasts.send"
    practices_see = "practices.see"  # the bank with its experts' words
    practices_assign = "practices.assign"  # ask experts, set the topic
    practices_edit = "practices.edit"  # publish without experts, take down
    registers_see = "registers.see"  # internal ones too; names want people.see
    registers_edit = "registers.edit"
    indicators_see = "indicators.see"  # numbers; names within the scope of people.see
    indicators_figures = "indicators.figures"  # enter numbers of statistics
    indicators_freeze = "indicators.freeze"  # approve a snapshot, open it again
    wellbeing_see = "wellbeing.see"  # closed waves, suppressed
    wellbeing_run = "wellbeing.run"  # waves, telephones of help
    texts_edit = "texts.edit"
    delivery_see = "delivery.see"
    settings_edit = "settings.edit"
    audit_see = "audit.see"
    admin_open = "admin.open"


_R = Right
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.teacher: frozenset(),
    Role.mentor: frozenset(),
    Role.responsible: frozenset({_R.admin_open, _R.roadmap_see}),
    Role.duty: frozenset({_R.admin_open, _R.catalogue_see, _R.hotline_answer}),
    Role.tutor: frozenset({_R.admin_open, _R.catalogue_see, _R.events_see, _R.events_mark}),
    Role.methodist: frozenset(
        {
            _R.admin_open, _R.people_see, _R.people_contacts, _R.results_see, _R.results_mark, _R.answers_see,
            _R.instruments_see, _R.catalogue_see, _R.iom_see, _R.iom_open, _R.iom_edit,
            _R.hotline_answer,
            _R.events_see, _R.events_mark,
            _R.practices_see, _R.practices_assign,
        }
    ),
    Role.school_head: frozenset(
        {
            _R.indicators_see,
            _R.admin_open, _R.people_see, _R.people_confirm, _R.campaigns_see, _R.iom_see,
            _R.events_see, _R.events_enrol,
        }
    ),
    Role.curator: frozenset(
        {
            _R.admin_open, _R.people_see, _R.people_confirm, _R.campaigns_see, _R.iom_see,
            _R.events_see, _R.events_enrol,
        }
    ),
    Role.municipal_coordinator: frozenset(
        {
            _R.indicators_see,
            _R.admin_open, _R.people_see, _R.people_confirm, _R.campaigns_see, _R.catalogue_see, _R.iom_see,
            _R.roadmap_see, _R.broadcasts_see, _R.broadcasts_send, _R.events_see, _R.events_enrol, _R.registers_see,
        }
    ),
    Role.centre_staff: frozenset(
        {
            _R.indicators_see, _R.indicators_figures,
            _R.admin_open, _R.people_see, _R.people_contacts, _R.people_confirm, _R.people_edit, _R.people_import,
            _R.results_see, _R.results_mark, _R.results_import, _R.instruments_see, _R.instruments_edit,
            _R.campaigns_see, _R.campaigns_run, _R.catalogue_see, _R.catalogue_edit, _R.texts_edit, _R.delivery_see,
            _R.iom_see, _R.iom_open, _R.iom_edit, _R.iom_assign,
            _R.roadmap_see, _R.roadmap_run, _R.roadmap_check,
            _R.hotline_answer, _R.hotline_manage,
            _R.events_see, _R.events_edit, _R.events_enrol, _R.events_mark,
            _R.broadcasts_see, _R.broadcasts_send,
            _R.practices_see, _R.practices_assign, _R.practices_edit,
            _R.registers_see, _R.registers_edit,
            _R.wellbeing_see, _R.wellbeing_run,
        }
    ),
    Role.centre_head: frozenset(
        {
            _R.indicators_see, _R.indicators_figures, _R.indicators_freeze,
            _R.admin_open, _R.people_see, _R.people_contacts, _R.people_confirm, _R.people_edit, _R.people_import,
            _R.roles_grant, _R.results_see, _R.results_mark, _R.results_import, _R.answers_see, _R.instruments_see,
            _R.instruments_edit, _R.campaigns_see, _R.campaigns_run, _R.catalogue_see, _R.catalogue_edit,
            _R.texts_edit, _R.delivery_see, _R.settings_edit, _R.audit_see,
            _R.iom_see, _R.iom_open, _R.iom_edit, _R.iom_approve, _R.iom_assign,
            _R.roadmap_see, _R.roadmap_run, _R.roadmap_check,
            _R.hotline_answer, _R.hotline_manage,
            _R.events_see, _R.events_edit, _R.events_enrol, _R.events_mark,
            _R.broadcasts_see, _R.broadcasts_send,
            _R.practices_see, _R.practices_assign, _R.practices_edit,
            _R.registers_see, _R.registers_edit,
            _R.wellbeing_see, _R.wellbeing_run,
        }
    ),
    Role.analyst: frozenset(
        {
            _R.admin_open, _R.instruments_see, _R.campaigns_see, _R.roadmap_see, _R.events_see, _R.registers_see,
            _R.indicators_see, _R.indicators_figures, _R.wellbeing_see,
            _R.practices_see,
        }
    ),
    Role.privacy_officer: frozenset({_R.admin_open, _R.people_see, _R.audit_see}),
    Role.tech_admin: frozenset({_R.admin_open, _R.delivery_see, _R.settings_edit, _R.texts_edit}),
}  # fmt: skip

S = TypeVar("S", bound=Select[Any])
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role as it stands today."""

    role: Role
    kind: ScopeKind
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The acting person and her roles. An empty scope sees nothing but herself."""

    person_id: int | None = None
    grants: tuple[Grant, ...] = ()

    def may(self, right: Right) -> bool:
        """True when some role gives the right, whatever its reach."""
        return any(right in RIGHTS[grant.role] for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        """True when one of the roles is held."""
        return any(grant.role in roles for grant in self.grants)

    def require(self, right: Right) -> None:
        """Raise NotAllowed without the right."""
        if not self.may(right):
            raise NotAllowed()

    def covers(self, right: Right, kind: ScopeKind, scope_id: int | None) -> bool:
        """True when the right reaches exactly this place: the region covers all, others their own."""
        mine = [grant for grant in self.grants if right in RIGHTS[grant.role]]
        return any(grant.kind is ScopeKind.region or (grant.kind, grant.id) == (kind, scope_id) for grant in mine)

    def role_for(self, right: Right) -> str:
        """The role that gives the right, for the log of views."""
        return next((grant.role.value for grant in self.grants if right in RIGHTS[grant.role]), "")

    def where(
        self,
        right: Right,
        *,
        person: Column | None = None,
        organisation: Column | None = None,
        municipality: Column | None = None,
        today: date,
    ) -> ColumnElement[bool]:
        """The condition that keeps a query inside the scope; nothing matches without a role."""
        reach: list[ColumnElement[bool]] = []
        for grant in self.grants:
            if right not in RIGHTS[grant.role]:
                continue
            if grant.kind is ScopeKind.region:
                return true()
            if grant.kind is ScopeKind.municipality and municipality is not None:
                reach.append(municipality == grant.id)
            elif grant.kind is ScopeKind.organisation and organisation is not None:
                reach.append(organisation == grant.id)
            elif grant.kind is ScopeKind.assigned and person is not None:
                reach.append(person.in_(_assigned_to(self.person_id, today)))
        return or_(*reach) if reach else false()

    def limit(self, statement: S, right: Right, **columns: Any) -> S:
        """The same statement, only what the scope reaches (columns as in ``where``)."""
        return statement.where(self.where(right, **columns))


NOBODY = Scope()


def _assigned_to(methodist_id: int | None, today: date) -> Select[int]:
    a = MethodistAssignment
    return select(a.person_id).where(
        a.methodist_id == methodist_id, a.since <= today, or_(a.until.is_(None), a.until >= today)
    )


async def scope_of(session: AsyncSession, person_id: int | None, *, today: date) -> Scope:
    """The scope from fresh rows: roles that have begun, not ended, not been revoked."""
    if person_id is None:
        return NOBODY
    r = RoleAssignment
    statement = (
        select(r.role, r.scope_kind, r.scope_id)
        .join(Person, Person.id == r.person_id)
        .where(
            r.person_id == person_id,
            Person.state == PersonState.active,
            r.revoked_at.is_(None),
            r.since <= today,
            or_(r.until.is_(None), r.until >= today),
        )
        .order_by(r.id)
    )
    grants = tuple(Grant(role, kind, number) for role, kind, number in await session.execute(statement))
    return Scope(person_id, grants)
