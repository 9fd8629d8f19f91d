"""Whose turn a duty of the heartbeat is: a row for each, so that two processes never do one twice."""

from sqlalchemy import Connection, insert, select, update

from bot.journal.tables import duties


def begin(connection: Connection, name: str, every_s: float, now: float) -> bool:
    """Whether the duty is ours to do now: nobody has begun it within `every_s` seconds.

    In a writing transaction, which takes turns with those of other processes. A time far in the future was
    told by a clock that has been put right since; it does not count.
    """
    begun_at = connection.execute(select(duties.c.begun_at).where(duties.c.name == name)).scalar()
    if begun_at is None:
        connection.execute(insert(duties), {"name": name, "begun_at": now})
        return True
    if abs(now - begun_at) < every_s:
        return False
    connection.execute(update(duties).where(duties.c.name == name).values(begun_at=now))
    return True
