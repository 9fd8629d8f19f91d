"""Recaps of talks: what speakers gave of them, what was made of it, and what it answered in the end."""

from collections.abc import Collection, Mapping, Sequence
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
    insert,
    select,
    update,
)

from bot.journal.tables import inbox, metadata

INDEX_TALKS = "index_talks"
"""The kind of the inbox item that brings recaps into the index, and takes them out of it."""

NOTHING, DRAFT, POSTED, WITHDRAWN = "nothing", "draft", "posted", "withdrawn"

recaps = Table(
    "recaps",
    metadata,
    Column("talk_id", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("recording", Text, nullable=False),
    Column("slides", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("speakers", Text, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("audience", Text, nullable=False),
    Column("person", String(40), nullable=False),
    Column("key", String(120), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("url", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("asked_revision", Integer, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("posted_at", Float),
    CheckConstraint("state IN ('nothing', 'draft', 'posted', 'withdrawn')", name="state"),
    Index(None, "state"),
)

asked_again = Table(
    "asked_again",
    metadata,
    Column("question_id", String(40), primary_key=True),
    Column("talk_id", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("told_at", Float, nullable=False),
    Index(None, "talk_id"),
    Index(None, "told_at"),
)


@dataclass(frozen=True, slots=True)
class Recap:
    """What remains of a talk.

    `recording` and `slides` are addresses as they were given, `notes` the speaker's own words, `text` the
    recap in lines, all without secrets. `speakers` are names as people read them. `channel` is where it is
    posted and `audience` (a key) who could read that then; `person` is who gave or changed it last. `key` and
    `ts` name its message, `url` is that message's address. `revision` grows with every change of what others
    see; `asked_revision` is the one after which the questions behind the talk were asked again.
    """

    talk_id: str
    state: str
    recording: str = ""
    slides: str = ""
    notes: str = ""
    text: str = ""
    speakers: str = ""
    channel: str = ""
    audience: str = ""
    person: str = ""
    key: str = ""
    ts: str = ""
    url: str = ""
    revision: int = 0
    asked_revision: int = 0
    changed_at: float = 0.0
    posted_at: float | None = None


def put(connection: Connection, one: Recap, now: float) -> None:
    """Store a recap, new or changed at `now`."""
    row = {name: getattr(one, name) for name in Recap.__slots__ if name != "talk_id"} | {"changed_at": now}
    if not connection.execute(update(recaps).where(recaps.c.talk_id == one.talk_id).values(**row)).rowcount:
        connection.execute(insert(recaps), {**row, "talk_id": one.talk_id})


def of_talk(connection: Connection, talk_id: str) -> Recap | None:
    row = connection.execute(select(recaps).where(recaps.c.talk_id == talk_id)).first()
    return None if row is None else _from(row)


def of_talks(connection: Connection, talk_ids: Collection[str]) -> Mapping[str, Recap]:
    """Those of these talks that have one, by the id of the talk."""
    found = connection.execute(select(recaps).where(recaps.c.talk_id.in_(talk_ids)))
    return {row.talk_id: _from(row) for row in found}


def posted(connection: Connection) -> Sequence[Recap]:
    """All that stand in their channel now, the oldest first."""
    return _those(connection, recaps.c.state == POSTED)


def not_seen(connection: Connection) -> Sequence[Recap]:
    """Those of which it is not known yet where they stand."""
    return _those(connection, (recaps.c.state == POSTED) & (recaps.c.ts == ""))


def to_ask_after(connection: Connection) -> Sequence[Recap]:
    """Those that were posted or changed since the questions behind their talk were asked again."""
    return _those(connection, (recaps.c.state == POSTED) & (recaps.c.asked_revision < recaps.c.revision))


def index_next(connection: Connection, now: float) -> None:
    """Queue one item that indexes what may be found, unless one waits already."""
    waiting = select(inbox.c.id).where(inbox.c.kind == INDEX_TALKS, inbox.c.state == "queued")
    if connection.execute(waiting.limit(1)).first() is not None:
        return
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "person", "text"), "")
    item = {"kind": INDEX_TALKS, "state": "queued", "conversation": INDEX_TALKS, "payload": {}}
    connection.execute(insert(inbox), {**empty, **item, "received_at": now})


def told(connection: Connection, question_ids: Collection[str]) -> frozenset[str]:
    """Those of these questions whose askers have been told of an answer since."""
    wanted = select(asked_again.c.question_id).where(asked_again.c.question_id.in_(question_ids))
    return frozenset(connection.execute(wanted).scalars())


def tell(connection: Connection, question_id: str, talk_id: str, person: str, now: float) -> None:
    """Note that an asker is told of an answer that a talk has brought; told before, nothing changes."""
    if told(connection, [question_id]):
        return
    row = {"question_id": question_id, "talk_id": talk_id, "person": person, "told_at": now}
    connection.execute(insert(asked_again), row)


def _those(connection: Connection, which: ColumnElement[bool]) -> Sequence[Recap]:
    wanted = select(recaps).where(which).order_by(recaps.c.posted_at, recaps.c.talk_id)
    return [_from(row) for row in connection.execute(wanted)]


def _from(row: Row[tuple[object, ...]]) -> Recap:
    return Recap(**{name: getattr(row, name) for name in Recap.__slots__})
