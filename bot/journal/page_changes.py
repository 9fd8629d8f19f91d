"""What changed in pages, noted as versions are published: the record keeps the texts of a few of them only.

Times are Unix seconds in UTC.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata

NEW, CHANGED, RUN, SOURCE = "new", "changed", "run", "source"

page_changes = Table(
    "page_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("change", String(20), nullable=False),
    Column("source", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("audience_before", Text, nullable=False),
    Column("said", JSON, nullable=False),
    CheckConstraint("change IN ('new', 'changed', 'run', 'source')", name="change"),
    sqlite_autoincrement=True,
)

noted_versions = Table(
    "noted_versions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
)

_NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class PageChange:
    """A document that is NEW or CHANGED, a RUN that has ended, or a SOURCE of which nothing was there before.

    `audience_before` is the audience key that the document had before. `said` is a
    `prompts.changes.Difference` as JSON, empty where too much changed at once to be looked at.
    """

    version: int
    change: str
    source: str
    document_id: str = ""
    audience_before: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    at: float = 0.0


def noted(connection: Connection) -> int | None:
    """The version up to which changes are noted; None where none ever were."""
    wanted = select(noted_versions.c.version).where(noted_versions.c.name == _NEWEST)
    return connection.execute(wanted).scalar()


def note(
    connection: Connection, changes: Sequence[PageChange], before: int | None, version: int, at: float
) -> bool:
    """Store what changed up to a version, as of `at`, unless it is noted further than `before` already:
    another process was faster. Whether it was stored."""
    if noted(connection) != before:
        return False
    row = {"name": _NEWEST, "version": version}
    if before is None:
        connection.execute(insert(noted_versions), row)
    else:
        connection.execute(update(noted_versions).values(version=version))
    for one in changes:
        values = {name: getattr(one, name) for name in PageChange.__slots__} | {
            "said": dict(one.said),
            "at": at,
        }
        connection.execute(insert(page_changes), values)
    return True


def between(connection: Connection, since: float, until: float) -> Sequence[PageChange]:
    """What was noted later than `since` and not later than `until`, the oldest first."""
    wanted = select(page_changes).where(page_changes.c.at > since, page_changes.c.at <= until)
    return [
        PageChange(*(getattr(row, name) for name in PageChange.__slots__))
        for row in connection.execute(wanted.order_by(page_changes.c.id))
    ]


def documents(connection: Connection) -> frozenset[str]:
    """The ids of all documents of which something is noted."""
    wanted = select(page_changes.c.document_id).where(page_changes.c.document_id != "").distinct()
    return frozenset(connection.execute(wanted).scalars())


def forget(connection: Connection, document_ids: Collection[str]) -> None:
    """Forget what is noted of these documents."""
    for document_id in document_ids:
        connection.execute(delete(page_changes).where(page_changes.c.document_id == document_id))


def sweep(connection: Connection, before: float) -> None:
    """Forget what is older than any digest."""
    connection.execute(delete(page_changes).where(page_changes.c.at < before))
