"""Letters: what is sent by e-mail, stored with what it is about, claimed, sent once, tried again for long."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key

LEASE_S = 180.0
"""What was claimed for so long, and neither renewed nor ended, is anybody's."""
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
    Column("unsubscribe", Text, nullable=False),
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
    `unsubscribe` is a web address where such letters are turned off, or empty. Worthless after `not_after`
    (Unix seconds). Once it is sent, or given up, what it said is forgotten.
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
    unsubscribe: str = ""
    state: str = WAITING
    attempts: int = 0
    error: str = ""
    put_at: float = 0.0
    id: int = 0


_SAID = ("subject", "text", "html", "calendar", "unsubscribe")
_GIVEN = ("key", "kind", "about", "person", "method", "not_after", *_SAID)


def put(connection: Connection, letter: Letter, now: float) -> bool:
    """Store a letter to be sent; False when one of this key is known."""
    if connection.execute(select(letters.c.id).where(letters.c.key == letter.key)).first() is not None:
        return False
    row = {name: getattr(letter, name) for name in _GIVEN}
    row |= {"state": WAITING, "attempts": 0, "due_at": now, "error": "", "put_at": now}
    connection.execute(insert(letters), row)
    return True


def about(connection: Connection, subject: str) -> Sequence[Letter]:
    """All about something, in the order in which they were stored."""
    wanted = select(letters).where(letters.c.about == subject).order_by(letters.c.id)
    return [_from(row) for row in connection.execute(wanted)]


def due(connection: Connection, now: float, most: int) -> Sequence[int]:
    """Ids of what is to be sent now, the oldest first."""
    wanted = select(letters.c.id).where(_is_free(now), letters.c.due_at <= now)
    return [int(one) for one in connection.execute(wanted.order_by(letters.c.id).limit(most)).scalars()]


def claim(connection: Connection, ids: Sequence[int], now: float) -> tuple[str, Sequence[Letter]]:
    """Take those that are still free, the oldest first; the claim proves whose they are."""
    mine = new_key()
    free = update(letters).where(letters.c.id.in_(ids), _is_free(now))
    rows = connection.execute(free.values(claim=mine, leased_until=now + LEASE_S).returning(letters)).all()
    return mine, sorted(map(_from, rows), key=lambda one: one.id)


def renew(connection: Connection, letter_id: int, claim: str, now: float) -> bool:
    """Keep what is still ours; False when another has taken it over."""
    kept = update(letters).where(_mine(letter_id, claim)).values(leased_until=now + LEASE_S)
    return bool(connection.execute(kept).rowcount)


def end(connection: Connection, letter_id: int, claim: str, state: str, error: str, now: float) -> bool:
    """Bring what is ours to an end and forget what it said; False when it is not ours any more."""
    row = dict.fromkeys(_SAID, "") | {"state": state, "error": error, "done_at": now}
    mine = update(letters).where(_mine(letter_id, claim))
    return bool(connection.execute(mine.values(**row, claim=None, leased_until=None)).rowcount)


def put_off(connection: Connection, letter: Letter, claim: str, until: float) -> None:
    """Give back what is ours, with its error and its attempts; nobody takes it before `until`."""
    row = {"due_at": until, "attempts": letter.attempts, "error": letter.error}
    mine = update(letters).where(_mine(letter.id, claim))
    connection.execute(mine.values(**row, claim=None, leased_until=None))


def hold_back(connection: Connection, now: float, until: float) -> None:
    """Nobody takes any of what is due now before `until`: the server is away."""
    connection.execute(
        update(letters).where(_is_free(now), letters.c.due_at <= now).values(due_at=until, leased_until=None)
    )


def failed_since(connection: Connection, since: float) -> tuple[int, str]:
    """How many could not be sent, and why the last one could not."""
    failed = (letters.c.state == FAILED) & (letters.c.done_at >= since)
    count = connection.execute(select(func.count()).select_from(letters).where(failed)).scalar_one()
    last = select(letters.c.error).where(failed).order_by(letters.c.done_at.desc(), letters.c.id.desc())
    return int(count), str(connection.execute(last.limit(1)).scalar() or "")


def _is_free(now: float) -> ColumnElement[bool]:
    return (letters.c.state == WAITING) & (func.coalesce(letters.c.leased_until, 0.0) <= now)


def _mine(letter_id: int, claim: str) -> ColumnElement[bool]:
    return (letters.c.id == letter_id) & (letters.c.claim == claim) & (letters.c.state == WAITING)


def _from(row: Row[tuple[object, ...]]) -> Letter:
    return Letter(
        **{name: getattr(row, name) for name in _GIVEN},
        state=row.state,
        attempts=row.attempts,
        error=row.error,
        put_at=row.put_at,
        id=row.id,
    )
