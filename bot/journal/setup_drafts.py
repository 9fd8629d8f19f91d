"""What somebody has typed into the form of a stand-up and has not saved yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, Connection, Float, Integer, String, Table, delete, insert, select

from bot.journal.tables import metadata
from bot.messages import new_key

KEEP_S = 24 * 3600.0

setup_drafts = Table(
    "setup_drafts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("ritual_id", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("table", JSON, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("made_at", Float, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class SetupDraft:
    """One person's draft of a stand-up, as `prompts.standup_tables` reads it, with `owner` and `co_owners`.

    `ritual_id` is that of the ritual that it changes, whose `revision` it began with; empty and 0 for a new
    one. `looked_at` tells that just this was checked and shown. Once it is saved, the table is empty.
    """

    person: str
    table: Mapping[str, Any]
    ritual_id: str = ""
    revision: int = 0
    looked_at: bool = False
    id: str = field(default_factory=new_key)


def keep(connection: Connection, draft: SetupDraft, now: float) -> None:
    """Store a draft in the place of any older one with its id; forget those that nobody came back to."""
    outlived = (setup_drafts.c.id == draft.id) | (setup_drafts.c.made_at < now - KEEP_S)
    connection.execute(delete(setup_drafts).where(outlived))
    row = {
        "id": draft.id,
        "person": draft.person,
        "ritual_id": draft.ritual_id,
        "revision": draft.revision,
        "table": dict(draft.table),
        "looked_at": int(draft.looked_at),
        "made_at": now,
    }
    connection.execute(insert(setup_drafts), row)


def draft(connection: Connection, draft_id: str, person: str) -> SetupDraft | None:
    """This person's draft; None for another's, and when it is gone."""
    row = connection.execute(
        select(setup_drafts).where(setup_drafts.c.id == draft_id, setup_drafts.c.person == person)
    ).first()
    if row is None:
        return None
    return SetupDraft(row.person, row.table, row.ritual_id, row.revision, bool(row.looked_at), row.id)


def saved(connection: Connection, draft: SetupDraft, ritual_id: str, revision: int, now: float) -> None:
    """Keep of a draft only what became of it, so that saving it again is known."""
    keep(connection, SetupDraft(draft.person, {}, ritual_id, revision, id=draft.id), now)
