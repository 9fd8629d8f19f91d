"""Drafts of stand-up entries: seen by their person alone, gone when the entry is given or after a day.

Times are Unix seconds in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
)

from bot.journal.tables import metadata

KEEP_S = 24 * 3600.0

drafts = Table(
    "standup_drafts",
    metadata,
    Column("ritual_id", String(40), primary_key=True),
    Column("slot", String(10), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("replies", JSON, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("commits", Integer, nullable=False),
    Column("made_at", Float, nullable=False),
    Index(None, "made_at"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry could say: `replies` by the keys of prompts, of so many runs and commits."""

    ritual_id: str
    slot: date
    person: str
    replies: Mapping[str, str]
    runs: int
    commits: int
    made_at: float


def put(connection: Connection, draft: Draft) -> None:
    """Keep a draft in place of an earlier one of the same person and date."""
    forget(connection, draft.ritual_id, draft.slot, draft.person)
    row = {
        "ritual_id": draft.ritual_id,
        "slot": draft.slot.isoformat(),
        "person": draft.person,
        "replies": dict(draft.replies),
        "runs": draft.runs,
        "commits": draft.commits,
        "made_at": draft.made_at,
    }
    connection.execute(insert(drafts), row)


def draft_of(connection: Connection, ritual_id: str, slot: date, person: str, now: float) -> Draft | None:
    """What is kept for a person and date; None when there is none, or it is older than a day."""
    row = connection.execute(
        select(drafts).where(*_this(ritual_id, slot, person), drafts.c.made_at > now - KEEP_S)
    ).first()
    if row is None:
        return None
    return Draft(ritual_id, slot, person, row.replies, row.runs, row.commits, row.made_at)


def forget(connection: Connection, ritual_id: str, slot: date, person: str) -> None:
    """The entry was given, or the draft is not wanted."""
    connection.execute(delete(drafts).where(*_this(ritual_id, slot, person)))


def forget_all_of(connection: Connection, person: str) -> None:
    """The person wants no drafts any more."""
    connection.execute(delete(drafts).where(drafts.c.person == person))


def any_old(connection: Connection, now: float) -> bool:
    """Whether there is something to sweep."""
    old = select(drafts.c.person).where(drafts.c.made_at <= now - KEEP_S)
    return connection.execute(old.limit(1)).first() is not None


def sweep(connection: Connection, now: float) -> int:
    """Forget what is older than a day; returns how many drafts."""
    return connection.execute(delete(drafts).where(drafts.c.made_at <= now - KEEP_S)).rowcount


def _this(ritual_id: str, slot: date, person: str) -> tuple[ColumnElement[bool], ...]:
    return (drafts.c.ritual_id == ritual_id, drafts.c.slot == slot.isoformat(), drafts.c.person == person)
