"""Quiet help in SQL: where it is on, who does not want it, and the questions that wait for people first."""

from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata

quiet_channels = Table(
    "quiet_channels",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("helped", Integer, nullable=False),
    Column("person", String(40), nullable=False),
    Column("at", Float, nullable=False),
)

quiet_refusals = Table(
    "quiet_refusals",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("at", Float, nullable=False),
)

overheard = Table(
    "overheard",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("done_at", Float),
    CheckConstraint("state IN ('waiting', 'due', 'helped', 'left')", name="state"),
    Index(None, "channel", "ts", unique=True),
    Index(None, "state", "due_at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Overheard:
    """A question that nobody asked Lore; `due_at` (Unix seconds) is when people have had their time."""

    team: str
    channel: str
    ts: str
    person: str
    text: str
    due_at: float


@dataclass(frozen=True, slots=True)
class QuietChannel:
    """Somebody turned quiet help on or off in a channel; this outweighs lore.toml."""

    channel: str
    helped: bool
    person: str


@dataclass(frozen=True, slots=True)
class QuietRefusal:
    """A person does not want quiet help any more, or (`wanted`) wants it again."""

    person: str
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class QuietEnding:
    """What came of an overheard question: helped, or left to people."""

    channel: str
    ts: str
    helped: bool


QuietRecord = QuietChannel | QuietRefusal | QuietEnding


def write(connection: Connection, record: QuietRecord, now: float) -> None:
    """Store one record, in the caller's transaction."""
    match record:
        case QuietChannel(channel, helped, person):
            connection.execute(delete(quiet_channels).where(quiet_channels.c.channel == channel))
            row = {"channel": channel, "helped": int(helped), "person": person, "at": now}
            connection.execute(insert(quiet_channels), row)
        case QuietRefusal(person, wanted):
            connection.execute(delete(quiet_refusals).where(quiet_refusals.c.person == person))
            if not wanted:
                connection.execute(insert(quiet_refusals), {"person": person, "at": now})
        case QuietEnding(channel, ts, helped):
            connection.execute(
                update(overheard)
                .where(overheard.c.channel == channel, overheard.c.ts == ts)
                .values(state="helped" if helped else "left", text="", done_at=now)
            )


def overhear(connection: Connection, heard: Overheard) -> bool:
    """Keep a question until it is due; False when it is known already."""
    known = select(overheard.c.id).where(overheard.c.channel == heard.channel, overheard.c.ts == heard.ts)
    if connection.execute(known).first() is not None:
        return False
    row = {name: getattr(heard, name) for name in Overheard.__slots__}
    connection.execute(insert(overheard), {**row, "state": "waiting"})
    return True


def due(connection: Connection, now: float) -> list[Overheard]:
    """The questions whose time has come."""
    found = connection.execute(
        select(overheard)
        .where(overheard.c.state == "waiting", overheard.c.due_at <= now)
        .order_by(overheard.c.due_at)
    )
    return [Overheard(row.team, row.channel, row.ts, row.person, row.text, row.due_at) for row in found]


def handed_over(connection: Connection, heard: Overheard) -> None:
    """A question that was due is in the inbox now."""
    connection.execute(
        update(overheard)
        .where(overheard.c.channel == heard.channel, overheard.c.ts == heard.ts)
        .values(state="due")
    )


def helped_since(connection: Connection, channel: str, since: float) -> int:
    """How often Lore helped in a channel since a time."""
    helped = select(func.count()).where(
        overheard.c.channel == channel, overheard.c.state == "helped", overheard.c.done_at >= since
    )
    return connection.execute(helped).scalar_one()


def turned(connection: Connection, channel: str) -> bool | None:
    """Whether somebody turned quiet help on or off there; None when nobody did."""
    found = select(quiet_channels.c.helped).where(quiet_channels.c.channel == channel)
    row = connection.execute(found).first()
    return None if row is None else bool(row.helped)


def is_refused_by(connection: Connection, person: str) -> bool:
    found = select(quiet_refusals.c.person).where(quiet_refusals.c.person == person)
    return connection.execute(found).first() is not None


def sweep(connection: Connection, before: float) -> int:
    """Forget what was due before a time."""
    handed_over = overheard.c.state != "waiting"
    return connection.execute(delete(overheard).where(handed_over, overheard.c.due_at < before)).rowcount
