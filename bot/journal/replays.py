"""Which signed requests were taken already: in SQL, so that several processes share it.

A signature is `taken` while its request is worked on and `done` afterwards, when `event_id` and `trigger_id`
are noted beside it. What is only taken may still fail, and then comes again. Times are Unix seconds in UTC.
"""

from collections.abc import Collection
from enum import Enum

from sqlalchemy import Column, Connection, Float, String, Table, delete, insert, select, update

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


def take(connection: Connection, signature: str, keys: Collection[str], now: float) -> Seen:
    """Take a request that is new; `keys` count only where their request is done.

    Raises sqlalchemy's IntegrityError when another process takes the same one at this moment.
    """
    found = {
        row.key: row.state
        for row in connection.execute(select(replays).where(replays.c.key.in_([signature, *keys])))
    }
    if "done" in found.values():
        return Seen.DONE
    if signature in found:
        return Seen.TAKEN
    connection.execute(insert(replays), {"key": signature, "state": "taken", "at": now})
    return Seen.NEW


def settle(connection: Connection, signature: str, keys: Collection[str], now: float) -> None:
    """Its work is done: neither it nor anything of its keys has an effect again."""
    connection.execute(update(replays).where(replays.c.key == signature).values(state="done", at=now))
    known = set(connection.execute(select(replays.c.key).where(replays.c.key.in_(keys))).scalars())
    for key in set(keys) - known:
        connection.execute(insert(replays), {"key": key, "state": "done", "at": now})


def release(connection: Connection, signature: str) -> None:
    """Its work failed: it may come again."""
    connection.execute(delete(replays).where(replays.c.key == signature, replays.c.state == "taken"))


def sweep(connection: Connection, before: float) -> int:
    """Forget what can no longer pass the check of its timestamp; returns how many."""
    return connection.execute(delete(replays).where(replays.c.at < before)).rowcount
