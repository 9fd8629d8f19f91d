"""Polls about when a talk is: the times to choose from, whom they suit, and until when that is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key

OPEN, CLOSED = "open", "closed"

talk_polls = Table(
    "talk_polls",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("talk_id", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("times", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("ends_at", Float, nullable=False),
    Column("changes", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    Index(None, "talk_id"),
    Index(None, "state", "ends_at"),
)

poll_votes = Table(
    "poll_votes",
    metadata,
    Column("poll_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("starts_at", Float, primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Poll:
    """`times` are Unix seconds, as the talk would begin; `changes` counts how often its message was put out,
    which is in `channel` under the key `key`."""

    talk_id: str
    channel: str
    times: tuple[float, ...]
    ends_at: float
    state: str = OPEN
    changes: int = 0
    id: str = field(default_factory=new_key)

    @property
    def key(self) -> str:
        return f"poll:{self.id}"


def put(connection: Connection, poll: Poll) -> None:
    """Store a poll, new or changed."""
    row = {
        "talk_id": poll.talk_id,
        "channel": poll.channel,
        "times": [*poll.times],
        "state": poll.state,
        "ends_at": poll.ends_at,
        "changes": poll.changes,
    }
    if not connection.execute(update(talk_polls).where(talk_polls.c.id == poll.id).values(**row)).rowcount:
        connection.execute(insert(talk_polls), {**row, "id": poll.id})


def by_id(connection: Connection, poll_id: str) -> Poll | None:
    row = connection.execute(select(talk_polls).where(talk_polls.c.id == poll_id)).first()
    return None if row is None else _from(row)


def open_of(connection: Connection, talk_id: str) -> Sequence[Poll]:
    """Those about a talk that are open."""
    wanted = select(talk_polls).where(talk_polls.c.talk_id == talk_id, talk_polls.c.state == OPEN)
    return [_from(row) for row in connection.execute(wanted)]


def over(connection: Connection, now: float) -> Sequence[Poll]:
    """Those that are open and whose end is past, the first one first."""
    wanted = select(talk_polls).where(talk_polls.c.state == OPEN, talk_polls.c.ends_at <= now)
    return [_from(row) for row in connection.execute(wanted.order_by(talk_polls.c.ends_at))]


def end_of(connection: Connection, talk_id: str, now: float) -> None:
    """Those about a talk that are open have their end now."""
    wanted = (talk_polls.c.talk_id == talk_id) & (talk_polls.c.state == OPEN) & (talk_polls.c.ends_at > now)
    connection.execute(update(talk_polls).where(wanted).values(ends_at=now))


def vote(connection: Connection, poll_id: str, person: str, starts_at: float, give: bool) -> None:
    """A time suits somebody, or does not any more; said twice, it changes nothing."""
    mine = (
        (poll_votes.c.poll_id == poll_id)
        & (poll_votes.c.person == person)
        & (poll_votes.c.starts_at == starts_at)
    )
    if not give:
        connection.execute(delete(poll_votes).where(mine))
    elif connection.execute(select(poll_votes.c.person).where(mine)).first() is None:
        row = {"poll_id": poll_id, "person": person, "starts_at": starts_at}
        connection.execute(insert(poll_votes), row)


def voters(connection: Connection, poll: Poll) -> Mapping[float, Sequence[str]]:
    """Whom each of its times suits."""
    wanted = select(poll_votes).where(poll_votes.c.poll_id == poll.id).order_by(poll_votes.c.person)
    rows = connection.execute(wanted).all()
    return {time: [row.person for row in rows if row.starts_at == time] for time in poll.times}


def _from(row: Row[tuple[object, ...]]) -> Poll:
    return Poll(
        talk_id=row.talk_id,
        channel=row.channel,
        times=tuple(row.times),
        ends_at=row.ends_at,
        state=row.state,
        changes=row.changes,
        id=row.id,
    )
