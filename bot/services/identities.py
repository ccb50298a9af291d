"""Who is at the other end of a chat: one cached look-up, values only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Database, touch
from bot.models import Identity, Messenger, Person, PersonState, RoleAssignment
from bot.services.access import NOBODY, Grant, Scope

PERSON = "person"
"""Topic of ``touch``: something the cache holds about a person changed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind an event, or a guest (``person_id`` is None). Values, never ORM objects."""

    messenger: Messenger
    user_id: int
    chat_id: int
    person_id: int | None = None
    identity_id: int | None = None
    locale: str = "ru"
    first_name: str = ""
    short_name: str = ""
    state: PersonState | None = None
    scope: Scope = NOBODY

    @property
    def known(self) -> bool:
        """True for a person with a profile."""
        return self.person_id is not None

    @property
    def id(self) -> int:
        """The person's id; only where a profile is required."""
        if self.person_id is None:
            raise LookupError("a guest has no profile")
        return self.person_id


_identities = Identity.__table__
_people = Person.__table__
_roles = RoleAssignment.__table__
FIND = (
    select(
        _identities.c.id,
        _identities.c.person_id,
        _identities.c.blocked_at,
        _identities.c.last_seen_at,
        _people.c.locale,
        _people.c.first_name,
        _people.c.middle_name,
        _people.c.state,
    )
    .join(_people, _people.c.id == _identities.c.person_id)
    .where(_identities.c.messenger == bindparam("messenger"), _identities.c.user_id == bindparam("user"))
)
"""Hot: once a minute a person, by UNIQUE(messenger, user_id)."""

ROLES = select(_roles.c.role, _roles.c.scope_kind, _roles.c.scope_id).where(
    _roles.c.person_id == bindparam("person"),
    _roles.c.revoked_at.is_(None),
    _roles.c.since <= bindparam("today"),
    or_(_roles.c.until.is_(None), _roles.c.until >= bindparam("today")),
)


SEEN_EVERY = timedelta(hours=1)
"""How exactly it is known when a person was last here: enough to choose a channel."""


class Directory:
    """Callers of the last minute. Other processes may see a change 60 s later, so rights that
    matter are read anew (``access.scope_of``)."""

    def __init__(self, db: Database, *, seconds: float = 60, size: int = 10_000) -> None:
        self._db = db
        self._seconds = seconds
        self._size = size
        self._callers: OrderedDict[tuple[Messenger, int], tuple[float, Caller]] = OrderedDict()
        self._of_person: dict[int, set[tuple[Messenger, int]]] = {}
        db.subscribe(PERSON, self.forget)

    async def find(self, messenger: Messenger, user_id: int, chat_id: int, *, now: datetime) -> Caller:
        """The caller, from memory or from two statements."""
        key = (messenger, user_id)
        held = self._callers.get(key)
        if held is not None and monotonic() - held[0] < self._seconds:
            return held[1]
        async with self._db.begin() as session:
            caller = await load_caller(session, messenger, user_id, chat_id, now=now)
        if caller.known:
            self._callers[key] = (monotonic(), caller)
            self._of_person.setdefault(caller.id, set()).add(key)
            if len(self._callers) > self._size:
                self._callers.popitem(last=False)
        return caller

    def forget(self, person_id: int) -> None:
        """Drop what is held of a person."""
        for key in self._of_person.pop(person_id, set()):
            self._callers.pop(key, None)


async def load_caller(
    session: AsyncSession, messenger: Messenger, user_id: int, chat_id: int, *, now: datetime
) -> Caller:
    """The caller from fresh rows; a person who comes back is unblocked at once."""
    row = (await session.execute(FIND, {"messenger": messenger, "user": user_id})).one_or_none()
    if row is None:
        return Caller(messenger, user_id, chat_id)
    if row.blocked_at is not None or row.last_seen_at is None or now - row.last_seen_at > SEEN_EVERY:
        await session.execute(update(Identity).where(Identity.id == row.id).values(blocked_at=None, last_seen_at=now))
    roles = await session.execute(ROLES, {"person": row.person_id, "today": now.date()})
    return Caller(
        messenger,
        user_id,
        chat_id,
        person_id=row.person_id,
        identity_id=row.id,
        locale=row.locale,
        first_name=row.first_name,
        short_name=f"{row.first_name} {row.middle_name}".strip(),
        state=PersonState(row.state),
        scope=Scope(row.person_id, tuple(Grant(*role) for role in roles)),
    )


async def mark_blocked(session: AsyncSession, messenger: Messenger, user_id: int, at: datetime | None) -> None:
    """The chat was closed (``at``) or opened again (None); an account nobody owns is passed over."""
    find = select(Identity).where(Identity.messenger == messenger, Identity.user_id == user_id)
    identity = await session.scalar(find)
    if identity is not None:
        identity.blocked_at = at
        changed(session, identity.person_id)


def changed(session: AsyncSession, person_id: int) -> None:
    """Tell the cache that this person changed; call it in the transaction that does it."""
    touch(session, PERSON, person_id)


Now = Callable[[], datetime]
