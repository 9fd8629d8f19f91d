"""The versions that were published: when, what was said of them, and whose documents are still stored.

Each version notes beside its report of which sources it holds all documents (`LASTING`) and, once they are
purged, that it does no more (`STORED`). A release that does not know of that keeps its newest few versions.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from knowledge.adapters.database import Database
from knowledge.adapters.tables import versions

STORED, LASTING = "stored", "lasting"
_PUBLISHED = versions.c.published_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Stored:
    """A version whose documents are stored. `lasting` names the sources of which it holds all that it ever
    held, and that were set up all the time since; None where no version says so: then all of them."""

    version: int
    lasting: frozenset[str] | None

    def holds(self, source: str) -> bool:
        return self.lasting is None or source in self.lasting


def published_versions(database: Database) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
    """Number, moment and report of each, newest first."""
    wanted = select(versions.c.id, versions.c.published_at, versions.c.report)
    with database.reading() as connection:
        for row in connection.execute(wanted.where(_PUBLISHED).order_by(versions.c.id.desc())):
            yield row.id, row.published_at, row.report or {}


def kept_versions(database: Database, keep: int) -> list[int]:
    """The versions whose documents are kept when the newest `keep` are, newest first: of all sources."""
    newest = select(versions.c.id).where(_PUBLISHED).order_by(versions.c.id.desc()).limit(keep)
    with database.reading() as connection:
        return list(connection.scalars(newest))


def stored_versions(database: Database, keep: int) -> list[Stored]:
    """The newest `keep` versions, and the older ones that purging has left, newest first."""
    with database.reading() as connection:
        return stored_in(connection, keep)


def stored_in(connection: Connection, keep: int) -> list[Stored]:
    """What `stored_versions` gives, within a transaction."""
    wanted = select(versions.c.id, versions.c.report[STORED], versions.c.report[LASTING])
    found: list[Stored] = []
    lasting: frozenset[str] | None = None
    all_tell = True
    for at, (version, stored, named) in enumerate(
        connection.execute(wanted.where(_PUBLISHED).order_by(versions.c.id.desc()))
    ):
        if named is not None:
            lasting = frozenset(named) if lasting is None else lasting & frozenset(named)
        else:
            all_tell = False  # whoever published it has purged by count alone
        if at < keep or (stored and all_tell):
            found.append(Stored(version, lasting))
    return found


def told(report: Mapping[str, Any], lasting: Collection[str] | None) -> dict[str, Any]:
    """The report of a version that is published now, with what it notes about itself."""
    return dict(report) if lasting is None else {**report, STORED: True, LASTING: sorted(lasting)}
