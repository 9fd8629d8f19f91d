"""Notices: one thing to say to one person or place at its time, planned, claimed and said once.

What stand-ups say are deliveries, which hang on an occurrence; all else that is said at a time of its own is
a notice: invitations, reminders, digests, introductions, questions asked a month later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key

LEASE_S = 120.0
"""What was claimed for so long, and neither renewed nor ended, is anybody's."""
PLANNED, CLAIMED, SAID, SKIPPED, MISSED, CANCELLED = (
    "planned",
    "claimed",
    "said",
    "skipped",
    "missed",
    "cancelled",
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("about", String(80), nullable=False),
    Column("recipient", String(40), nullable=False),
    Column("planned_at", Float, nullable=False),
    Column("not_after", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("claim", String(40)),
    Column("leased_until", Float),
    Column("key", String(80)),
    Column("settled_at", Float),
    CheckConstraint(
        "state IN ('planned', 'claimed', 'said', 'skipped', 'missed', 'cancelled')", name="state"
    ),
    UniqueConstraint("kind", "about", "recipient"),
    Index(None, "state", "planned_at"),
    Index(None, "recipient"),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` names what is said and who makes it, `about` what it is about (an id, with whatever makes this
    saying one of its own), `recipient` a user's or a channel's id.

    Planned for `planned_at`, worthless after `not_after` (Unix seconds). `reason` says in words why it is as
    it is; `key` is its first message's in the outbox.
    """

    kind: str
    about: str
    recipient: str
    planned_at: float
    not_after: float
    state: str = PLANNED
    reason: str = ""
    key: str | None = None
    settled_at: float | None = None
    id: int = 0

    @property
    def person(self) -> str:
        """The user that it is for; empty for a place."""
        return self.recipient if self.recipient[:1] in ("U", "W") else ""


def plan(connection: Connection, notice: Notice) -> bool:
    """Plan a notice; one of the same kind, about the same, to the same that still waits gets its times.

    False when it was planned before and is over: said, skipped, missed or cancelled.
    """
    same = (
        (notices.c.kind == notice.kind)
        & (notices.c.about == notice.about)
        & (notices.c.recipient == notice.recipient)
    )
    times = {"planned_at": notice.planned_at, "not_after": notice.not_after}
    aimed = update(notices).where(same, notices.c.state == PLANNED).values(**times, leased_until=None)
    if connection.execute(aimed).rowcount:
        return True
    if connection.execute(select(notices.c.id).where(same)).first() is not None:
        return False
    row = {name: getattr(notice, name) for name in ("kind", "about", "recipient", "state", "reason")}
    connection.execute(insert(notices).values(**row, **times))
    return True


def cancel(connection: Connection, about: str, reason: str, now: float, *kinds: str, to: str = "") -> int:
    """What waits about something (of some kinds, or of all; to one recipient, or to all) is never said; how
    many those were."""
    waiting = (notices.c.about == about) & notices.c.state.in_((PLANNED, CLAIMED))
    if kinds:
        waiting &= notices.c.kind.in_(kinds)
    if to:
        waiting &= notices.c.recipient == to
    ended = {"state": CANCELLED, "reason": reason, "claim": None, "leased_until": None, "settled_at": now}
    return connection.execute(update(notices).where(waiting).values(**ended)).rowcount


def forget_cancelled(connection: Connection, about: str) -> None:
    """What was cancelled about something may be planned again."""
    connection.execute(delete(notices).where(notices.c.about == about, notices.c.state == CANCELLED))


def due(connection: Connection, now: float, most: int) -> Sequence[int]:
    """Ids of what is to be said now, the oldest first."""
    wanted = select(notices.c.id).where(_is_free(now), notices.c.planned_at <= now)
    found = connection.execute(wanted.order_by(notices.c.planned_at, notices.c.id).limit(most))
    return [int(one) for one in found.scalars()]


def claim(connection: Connection, ids: Sequence[int], now: float) -> tuple[str, Sequence[Notice]]:
    """Take those that are still free, in this order; the claim proves whose they are."""
    mine = new_key()
    taken = {"state": CLAIMED, "claim": mine, "leased_until": now + LEASE_S}
    free = notices.c.id.in_(ids) & _is_free(now)
    rows = connection.execute(update(notices).where(free).values(**taken).returning(notices)).all()
    return mine, sorted(map(_from, rows), key=lambda one: ids.index(one.id))


def renew(connection: Connection, notice_id: int, claim: str, now: float) -> bool:
    """Keep what is still ours; False when another has taken it over, or it was cancelled."""
    kept = update(notices).where(_mine(notice_id, claim)).values(leased_until=now + LEASE_S)
    return bool(connection.execute(kept).rowcount)


def end(connection: Connection, ended: Notice, claim: str, now: float) -> bool:
    """Bring what is ours to the end that `ended` has; False when it is not ours any more."""
    row = {"state": ended.state, "reason": ended.reason, "key": ended.key}
    mine = update(notices).where(_mine(ended.id, claim))
    changed = connection.execute(mine.values(**row, claim=None, leased_until=None, settled_at=now))
    return bool(changed.rowcount)


def put_off(connection: Connection, notice_id: int, claim: str, until: float, reason: str) -> None:
    """Give back what is ours; nobody takes it before `until`."""
    row = {"state": PLANNED, "claim": None, "leased_until": until, "reason": reason}
    connection.execute(update(notices).where(_mine(notice_id, claim)).values(**row))


def about(connection: Connection, subject: str, *kinds: str) -> Sequence[Notice]:
    """All about something (of some kinds, or of all), in the order in which they are planned."""
    wanted = select(notices).where(notices.c.about == subject)
    if kinds:
        wanted = wanted.where(notices.c.kind.in_(kinds))
    return [_from(row) for row in connection.execute(wanted.order_by(notices.c.planned_at, notices.c.id))]


def of_recipient(connection: Connection, recipient: str, most: int = 20) -> Sequence[Notice]:
    """The newest to one person or place, the newest first: the ledger."""
    wanted = select(notices).where(notices.c.recipient == recipient)
    found = connection.execute(wanted.order_by(notices.c.planned_at.desc(), notices.c.id).limit(most))
    return [_from(row) for row in found]


def _is_free(now: float) -> ColumnElement[bool]:
    return notices.c.state.in_((PLANNED, CLAIMED)) & (func.coalesce(notices.c.leased_until, 0.0) <= now)


def _mine(notice_id: int, claim: str) -> ColumnElement[bool]:
    return (notices.c.id == notice_id) & (notices.c.claim == claim)


def _from(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(
        kind=row.kind,
        about=row.about,
        recipient=row.recipient,
        planned_at=row.planned_at,
        not_after=row.not_after,
        state=row.state,
        reason=row.reason,
        key=row.key,
        settled_at=row.settled_at,
        id=row.id,
    )
