"""Sources that were added in Slack or on the command line, and drafts of such; lore.toml's are not here.

A source that is edited leaves its row as it was and gets another: who wrote what stays to be seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, Connection, Float, Integer, String, Table, delete, insert, select, update

from bot.journal.tables import metadata
from bot.messages import new_key

KEEP_DRAFTS_S = 24 * 3600.0

added_sources = Table(
    "added_sources",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    Column("table", JSON, nullable=False),
    Column("in_slack", Integer, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("added_at", Float, nullable=False),
    Column("removed_by", String(200)),
    Column("removed_at", Float),
)

source_drafts = Table(
    "source_drafts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("table", JSON, nullable=False),
    Column("replaces", String(200), nullable=False),
    Column("tested", Integer, nullable=False),
    Column("made_at", Float, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A source to be listed; `replaces` names the one whose place it takes. `by` is who said so.

    What is added `in_slack` stays within the limits of `[sources_in_slack]`, also later.
    """

    table: Mapping[str, Any]
    by: str
    in_slack: bool = False
    replaces: str = ""
    added_at: float = 0.0
    id: str = field(default_factory=new_key)

    @property
    def name(self) -> str:
        return str(self.table.get("name") or "")


@dataclass(frozen=True, slots=True)
class RemovedSource:
    """An added source is not listed any more; its documents go at the next sync."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has typed into a form; `tested` tells that it could be listed just as it stands."""

    person: str
    table: Mapping[str, Any]
    replaces: str = ""
    tested: bool = False
    id: str = field(default_factory=new_key)


def write(connection: Connection, record: AddedSource | RemovedSource, now: float) -> None:
    """Store one record once, in the caller's transaction; of two of a name, the newer is listed."""
    match record:
        case AddedSource():
            known = select(added_sources.c.id).where(added_sources.c.id == record.id)
            if connection.execute(known).first() is not None:
                return
            for name in {record.name, record.replaces} - {""}:
                _remove(connection, name, record.by, now)
            row = {
                "id": record.id,
                "name": record.name,
                "table": dict(record.table),
                "in_slack": int(record.in_slack),
                "added_by": record.by,
                "added_at": now,
            }
            connection.execute(insert(added_sources), row)
        case RemovedSource(name, by):
            _remove(connection, name, by, now)


def listed(connection: Connection) -> Sequence[AddedSource]:
    """Those that have not been removed, in the order they were added."""
    wanted = (
        select(added_sources)
        .where(added_sources.c.removed_at.is_(None))
        .order_by(added_sources.c.added_at, added_sources.c.name)
    )
    return [
        AddedSource(row.table, row.added_by, bool(row.in_slack), "", row.added_at, row.id)
        for row in connection.execute(wanted)
    ]


def added(connection: Connection, name: str) -> AddedSource | None:
    """The added source of this name."""
    return next((one for one in listed(connection) if one.name == name), None)


def keep_draft(connection: Connection, draft: Draft, now: float) -> None:
    """Store a draft in the place of any older one with its id; forget those that nobody came back to."""
    outlived = (source_drafts.c.id == draft.id) | (source_drafts.c.made_at < now - KEEP_DRAFTS_S)
    connection.execute(delete(source_drafts).where(outlived))
    row = {
        "id": draft.id,
        "person": draft.person,
        "table": dict(draft.table),
        "replaces": draft.replaces,
        "tested": int(draft.tested),
        "made_at": now,
    }
    connection.execute(insert(source_drafts), row)


def draft(connection: Connection, draft_id: str, person: str) -> Draft | None:
    """This person's draft."""
    row = connection.execute(
        select(source_drafts).where(source_drafts.c.id == draft_id, source_drafts.c.person == person)
    ).first()
    return None if row is None else Draft(row.person, row.table, row.replaces, bool(row.tested), row.id)


def _remove(connection: Connection, name: str, by: str, now: float) -> None:
    connection.execute(
        update(added_sources)
        .where(added_sources.c.name == name, added_sources.c.removed_at.is_(None))
        .values(removed_by=by, removed_at=now)
    )
