"""Entries that somebody has begun: each opened form or conversation with what it asks and what was typed.

Times are Unix seconds in UTC. What was typed is kept until the entry is given, and then no longer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import (
    JSON,
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
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key
from prompts.ritual import Consent, Standup

FORM, THREAD = "form", "thread"
OPEN, GIVEN, LEFT = "open", "given", "left"
KEEP_S = 60 * 24 * 3600

begun_entries = Table(
    "begun_entries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("ritual_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("person", String(40), nullable=False),
    Column("how", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("replies", JSON, nullable=False),
    Column("consent", String(20), nullable=False),
    Column("step", Integer, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("root_key", String(80), nullable=False),
    Column("sent_by", String(255), nullable=False),
    Column("opened_at", Float, nullable=False),
    CheckConstraint("how IN ('form', 'thread')", name="how"),
    CheckConstraint("state IN ('open', 'given', 'left')", name="state"),
    Index(None, "ritual_id", "slot", "person"),
    Index(None, "person", "state"),
)


@dataclass(frozen=True, slots=True)
class Begun:
    """`settings` are those that it was opened with, `replies` what was typed so far, by the prompts' keys.

    `channel` and `ts` name the message that was pressed. A conversation is held in the thread of `ts` or
    (where it has none) of the message that the outbox knows by `root_key`, and has come to `step`.
    `sent_by` is the trigger of the submission that was taken.
    """

    ritual_id: str
    slot: date
    person: str
    settings: Standup
    how: str = FORM
    state: str = OPEN
    replies: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = Consent.TEAM
    step: int = 0
    channel: str = ""
    ts: str = ""
    root_key: str = ""
    sent_by: str = ""
    opened_at: float = 0.0
    id: str = field(default_factory=new_key)


def put(connection: Connection, begun: Begun, now: float) -> None:
    """Store one, new or changed; what the same person began long ago is forgotten with it."""
    row = {
        "ritual_id": begun.ritual_id,
        "slot": begun.slot.isoformat(),
        "person": begun.person,
        "how": begun.how,
        "state": begun.state,
        "settings": begun.settings.to_json(),
        "replies": dict(begun.replies) if begun.state == OPEN else {},
        "consent": begun.consent.value,
        "step": begun.step,
        "channel": begun.channel,
        "ts": begun.ts,
        "root_key": begun.root_key,
        "sent_by": begun.sent_by,
    }
    changed = connection.execute(update(begun_entries).where(begun_entries.c.id == begun.id).values(**row))
    if changed.rowcount:
        return
    old = (begun_entries.c.person == begun.person) & (begun_entries.c.opened_at < now - KEEP_S)
    connection.execute(delete(begun_entries).where(old))
    connection.execute(insert(begun_entries), {**row, "id": begun.id, "opened_at": now})


def begun(connection: Connection, begun_id: str, person: str) -> Begun | None:
    """One of this person's."""
    mine = (begun_entries.c.id == begun_id) & (begun_entries.c.person == person)
    row = connection.execute(select(begun_entries).where(mine)).first()
    return None if row is None else _begun(row)


def of_slot(connection: Connection, ritual_id: str, slot: date, person: str) -> Sequence[Begun]:
    """What somebody has begun for a nominal date, the newest first."""
    found = connection.execute(
        select(begun_entries).where(_of(ritual_id, slot, person)).order_by(begun_entries.c.opened_at.desc())
    )
    return [_begun(row) for row in found]


def threads_of(connection: Connection, person: str, most: int = 30) -> Sequence[Begun]:
    """This person's conversations, also such as have ended, the newest first."""
    mine = (begun_entries.c.person == person) & (begun_entries.c.how == THREAD)
    found = select(begun_entries).where(mine).order_by(begun_entries.c.opened_at.desc()).limit(most)
    return [_begun(row) for row in connection.execute(found)]


def settle(connection: Connection, ritual_id: str, slot: date, person: str) -> None:
    """The entry is there: forget what was typed for it, and end its conversations. Forms stay open."""
    mine = _of(ritual_id, slot, person)
    connection.execute(update(begun_entries).where(mine).values(replies={}))
    talking = mine & (begun_entries.c.how == THREAD) & (begun_entries.c.state == OPEN)
    connection.execute(update(begun_entries).where(talking).values(state=LEFT))


def _of(ritual_id: str, slot: date, person: str) -> ColumnElement[bool]:
    return (
        (begun_entries.c.ritual_id == ritual_id)
        & (begun_entries.c.slot == slot.isoformat())
        & (begun_entries.c.person == person)
    )


def _begun(row: Row[tuple[object, ...]]) -> Begun:
    return Begun(
        id=row.id,
        ritual_id=row.ritual_id,
        slot=date.fromisoformat(row.slot),
        person=row.person,
        settings=Standup.from_json(row.settings),
        how=row.how,
        state=row.state,
        replies=row.replies,
        consent=Consent(row.consent),
        step=row.step,
        channel=row.channel,
        ts=row.ts,
        root_key=row.root_key,
        sent_by=row.sent_by,
        opened_at=row.opened_at,
    )
