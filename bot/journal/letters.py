"""Letters: what is sent by e-mail, stored with what it is about, sent once, tried again while it may help."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
)

from bot.journal.tables import metadata

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"

letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("about", String(80), nullable=False),
    Column("person", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("method", String(20), nullable=False),
    Column("not_after", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Float, nullable=False),
    Column("claim", String(40)),
    Column("leased_until", Float),
    Column("error", Text, nullable=False),
    Column("put_at", Float, nullable=False),
    Column("done_at", Float),
    CheckConstraint("state IN ('waiting', 'sent', 'failed', 'dropped')", name="state"),
    Index(None, "state", "due_at"),
    Index(None, "about"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail to one person of Slack, at the address that Slack has when it is sent.

    `key` is unique for ever. `kind` and `about` say what it belongs to: it is asked again just before sending
    whether it is still wanted. `calendar` is iCalendar text with its `method` (REQUEST or CANCEL), or empty.
    Worthless after `not_after` (Unix seconds).
    """

    key: str
    kind: str
    about: str
    person: str
    subject: str
    text: str
    not_after: float
    html: str = ""
    calendar: str = ""
    method: str = ""
    state: str = WAITING
    attempts: int = 0
    error: str = ""
    id: int = 0


def put(connection: Connection, letter: Letter, now: float) -> bool:
    """Store a letter to be sent; False when one of this key is known."""
    if connection.execute(select(letters.c.id).where(letters.c.key == letter.key)).first() is not None:
        return False
    kept = ("key", "kind", "about", "person", "subject", "text", "html", "calendar", "method", "not_after")
    row = {name: getattr(letter, name) for name in kept}
    row |= {"state": WAITING, "attempts": 0, "due_at": now, "error": "", "put_at": now}
    connection.execute(insert(letters), row)
    return True


def about(connection: Connection, subject: str) -> Sequence[Letter]:
    """All about something, in the order in which they were stored."""
    wanted = select(letters).where(letters.c.about == subject).order_by(letters.c.id)
    return [_from(row) for row in connection.execute(wanted)]


def _from(row: Row[tuple[object, ...]]) -> Letter:
    kept = ("key", "kind", "about", "person", "subject", "text", "html", "calendar", "method", "not_after")
    return Letter(
        **{name: getattr(row, name) for name in kept},
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        id=row.id,
    )
