"""What is kept of single people: what they prefer, what they look at now, and what they were told once.

Times are Unix seconds in UTC.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Float, String, Table, delete, insert, or_, select

from bot.journal.tables import metadata

VIEWED_S = 30 * 60

preferences = Table(
    "preferences",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
    Column("changed_at", Float, nullable=False),
)

viewing = Table(
    "viewing",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("at", Float, nullable=False, index=True),
)

told = Table(
    "told",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that is said only once ever, such as a greeting; `subject` names it with its addressee."""

    subject: str


@dataclass(frozen=True, slots=True)
class Viewed:
    """A conversation that a person has open, or (`ts`) the message or thread in it that they look at."""

    channel: str
    ts: str = ""


def prefer(connection: Connection, person: str, name: str, value: str, now: float) -> None:
    """Remember what a person prefers, in place of what they preferred before."""
    mine = (preferences.c.person == person, preferences.c.name == name)
    connection.execute(delete(preferences).where(*mine))
    connection.execute(
        insert(preferences), {"person": person, "name": name, "value": value, "changed_at": now}
    )


def preferences_of(connection: Connection, person: str) -> dict[str, str]:
    """All that a person prefers, by name."""
    found = connection.execute(select(preferences).where(preferences.c.person == person))
    return {row.name: row.value for row in found}


def view(connection: Connection, person: str, viewed: Viewed | None, now: float) -> None:
    """Remember what a person looks at now; None: nothing that could be told.

    What others looked at longer ago than VIEWED_S is forgotten with it.
    """
    old = viewing.c.at < now - VIEWED_S
    connection.execute(delete(viewing).where(or_(viewing.c.person == person, old)))
    if viewed is not None:
        row = {"person": person, "channel": viewed.channel, "ts": viewed.ts, "at": now}
        connection.execute(insert(viewing), row)


def viewed_by(connection: Connection, person: str, since: float) -> Viewed | None:
    """What a person looks at; None when nothing was told since then."""
    mine = select(viewing).where(viewing.c.person == person, viewing.c.at >= since)
    row = connection.execute(mine).first()
    return None if row is None else Viewed(row.channel, row.ts)


def was_told(connection: Connection, subject: str) -> bool:
    return connection.execute(select(told.c.subject).where(told.c.subject == subject)).first() is not None


def tell_once(connection: Connection, subject: str, now: float) -> bool:
    """Note that something is said now; False when it was said before."""
    if was_told(connection, subject):
        return False
    connection.execute(insert(told), {"subject": subject, "at": now})
    return True
