"""Where the window of a digest begins, and what became of those on their way: no hole, no overlap."""

from sqlalchemy import Connection

from bot.journal import digests, letters, outgoing
from bot.journal.digests import LOST, PUT, TOLD, Digest, Telling


def begins(connection: Connection, digest: Digest) -> float:
    """The end of the last one that was told (or is on its way), and never before `digest.since`."""
    last = digests.last_of(connection, digest.id)
    return digest.since if last is None else max(digest.since, last.until)


def settle(connection: Connection, telling: Telling) -> str:
    """What has become of one that is on its way, noted; PUT while nobody knows."""
    state = _state(connection, telling)
    if state != PUT:
        digests.settle(connection, telling, state)
    return state


def take_back(connection: Connection, digest: str, now: float) -> None:
    """Drop what is on its way and nobody has begun to send; what it told counts as not told."""
    for telling in digests.on_their_way(connection, digest):
        if telling.key and outgoing.drop(connection, telling.key, now):
            digests.settle(connection, telling, LOST)


def _state(connection: Connection, telling: Telling) -> str:
    if telling.key:
        if not outgoing.is_settled(connection, telling.key):
            return PUT
        return TOLD if outgoing.said(connection, telling.key) else LOST
    sent = {one.key: one.state for one in letters.about(connection, telling.about)}
    match sent.get(telling.letter):
        case letters.SENT:
            return TOLD
        case letters.WAITING:
            return PUT
        case _:
            return LOST
