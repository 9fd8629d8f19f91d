"""Which signed requests were taken already: in SQL, so that several processes share it.

A signature is `taken` while its request is worked on and `done` afterwards, when `event_id` and `trigger_id`
are noted beside it. What is only taken may still fail, and then comes again. Times are Unix seconds in UTC.
"""

from collections.abc import Sequence
from enum import Enum

from sqlalchemy import Column, Connection, Float, String, Table, delete, text

from bot.journal.tables import metadata

replays = Table(
    "replays",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("at", Float, nullable=False, index=True),
)


class Seen(Enum):
    """Whether a request came before."""

    NEW = "new"
    TAKEN = "taken"
    DONE = "done"


_LOOK = text("SELECT key, state FROM replays WHERE key IN (:signature, :one, :other)")
_TAKE = text(
    "INSERT INTO replays (key, state, at) VALUES (:signature, 'taken', :now) ON CONFLICT (key) DO NOTHING"
)
_SETTLE = text(
    "INSERT INTO replays (key, state, at) VALUES (:key, 'done', :now) "
    "ON CONFLICT (key) DO UPDATE SET state = 'done', at = excluded.at"
)


def take(connection: Connection, signature: str, keys: Sequence[str], now: float) -> Seen:
    """Take a request that is new; `keys`, two at most, count only where their request is done."""
    one, other = [*keys, signature, signature][:2]
    looked = connection.execute(_LOOK, {"signature": signature, "one": one, "other": other})
    found = {row.key: row.state for row in looked}
    if "done" in found.values():
        return Seen.DONE
    if signature in found:
        return Seen.TAKEN
    taken = connection.execute(_TAKE, {"signature": signature, "now": now})
    return Seen.NEW if taken.rowcount else Seen.TAKEN


def settle(connection: Connection, keys: Sequence[str], now: float) -> None:
    """The work of these is done: none of them has an effect again."""
    if keys:
        connection.execute(_SETTLE, [{"key": key, "now": now} for key in keys])


def release(connection: Connection, signature: str) -> None:
    """Its work failed: it may come again."""
    connection.execute(delete(replays).where(replays.c.key == signature, replays.c.state == "taken"))


def sweep(connection: Connection, before: float) -> int:
    """Forget what can no longer pass the check of its timestamp; returns how many."""
    return connection.execute(delete(replays).where(replays.c.at < before)).rowcount
