"""Pings: whatever Lore says to a person unasked, counted, so that nobody gets more of it than they want."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Float, Index, Integer, String, Table, delete, func, insert, select

from bot.journal.tables import metadata

KEEP_S = 60 * 24 * 3600

pings_made = Table(
    "pings_made",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("at", Float, nullable=False),
    Column("what", String(200), nullable=False),
    Index(None, "person", "at"),
)


@dataclass(frozen=True, slots=True)
class Ping:
    """`what` names what was said, such as `the prompt of Daily`; `at` is in Unix seconds."""

    at: float
    what: str


def note(connection: Connection, person: str, at: float, what: str) -> None:
    connection.execute(insert(pings_made), {"person": person, "at": at, "what": what[:200]})


def count(connection: Connection, person: str, since: float) -> int:
    """How often somebody was pinged since then."""
    mine = (pings_made.c.person == person, pings_made.c.at >= since)
    return connection.execute(select(func.count()).select_from(pings_made).where(*mine)).scalar_one()


def of_person(connection: Connection, person: str, since: float) -> Sequence[Ping]:
    """What somebody was pinged with since then, the newest first."""
    mine = select(pings_made).where(pings_made.c.person == person, pings_made.c.at >= since)
    found = connection.execute(mine.order_by(pings_made.c.at.desc(), pings_made.c.id.desc()))
    return [Ping(row.at, row.what) for row in found]


def sweep(connection: Connection, now: float) -> None:
    """Forget what was longer than KEEP_S ago."""
    connection.execute(delete(pings_made).where(pings_made.c.at < now - KEEP_S))
