"""Sources that rest: nobody syncs them until somebody resumes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from bot.journal.sync_tables import paused_sources


@dataclass(frozen=True, slots=True)
class Paused:
    """Who paused a source, and when."""

    by: str
    at: datetime


def paused(connection: Connection) -> Mapping[str, Paused]:
    """The sources that rest."""
    rows = connection.execute(select(paused_sources))
    return {row.source: Paused(row.paused_by, datetime.fromtimestamp(row.at, UTC)) for row in rows}


def pause(connection: Connection, source: str, by: str, now: float) -> bool:
    """False when it rests already."""
    if source in paused(connection):
        return False
    connection.execute(insert(paused_sources), {"source": source, "paused_by": by, "at": now})
    return True


def resume(connection: Connection, source: str) -> bool:
    """False when it does not rest."""
    ended = delete(paused_sources).where(paused_sources.c.source == source)
    return bool(connection.execute(ended).rowcount)
