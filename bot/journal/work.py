"""Who works on what: items are claimed one per conversation, fairly among people, and finished once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot.journal import outgoing, records
from bot.journal.records import Record
from bot.journal.tables import inbox
from bot.messages import Message, new_key


@dataclass(frozen=True, slots=True)
class Item:
    """One received thing, claimed by a worker.

    `claim` proves whose it is; `attempts` counts this one too. `received_at` is in Unix seconds.
    """

    id: int
    kind: str
    team: str
    channel: str
    person: str
    text: str
    ts: str
    thread_ts: str
    conversation: str
    payload: Mapping[str, Any]
    attempts: int
    claim: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Done:
    """What a handler made of an item: what to say, in order, and what to remember."""

    say: tuple[Message, ...] = ()
    record: tuple[Record, ...] = ()


def claim(
    connection: Connection, kinds: Collection[str], served: Mapping[str, int], now: float
) -> Item | None:
    """Claim the next item of these kinds.

    Only the first waiting item of a conversation that nobody works on can be next; among those, the one
    of the person who was served longest ago (`served` maps people to a growing number).
    """
    first = select(func.min(inbox.c.id)).where(inbox.c.state == "queued").group_by(inbox.c.conversation)
    worked_on = select(inbox.c.conversation).where(inbox.c.state == "claimed")
    candidates = connection.execute(
        select(inbox.c.person, func.min(inbox.c.id).label("id"))
        .where(
            inbox.c.state == "queued",
            inbox.c.kind.in_(kinds),
            inbox.c.id.in_(first),
            inbox.c.conversation.not_in(worked_on),
        )
        .group_by(inbox.c.person)
    ).all()
    if not candidates:
        return None
    chosen = min(candidates, key=lambda row: (served.get(row.person, -1), row.id))
    return take(connection, chosen.id, now)


def take(connection: Connection, item_id: int, now: float) -> Item | None:
    """Claim one queued item; None when it is not queued any more."""
    token = new_key()
    taken = connection.execute(
        update(inbox)
        .where(inbox.c.id == item_id, inbox.c.state == "queued")
        .values(state="claimed", claim=token, claimed_at=now, attempts=inbox.c.attempts + 1)
    )
    if not taken.rowcount:
        return None
    row = connection.execute(select(inbox).where(inbox.c.id == item_id)).one()
    return Item(**{name: getattr(row, name) for name in Item.__slots__})


def finish(connection: Connection, item: Item, done: Done, now: float) -> bool:
    """Store what came of an item, all of it or (when it is no longer this claim's) nothing."""
    finished = connection.execute(
        update(inbox)
        .where(inbox.c.id == item.id, inbox.c.claim == item.claim, inbox.c.state == "claimed")
        .values(state="done", claim=None, done_at=now)
    )
    if not finished.rowcount:
        return False
    outgoing.put(connection, done.say, item.id, now)
    for record in done.record:
        records.write(connection, record, item.id, now)
    return True


def give_back(connection: Connection, kinds: Collection[str]) -> int:
    """Put claimed items back, for the one owner of the data folder at its start; returns how many."""
    claimed = inbox.c.kind.in_(kinds) & (inbox.c.state == "claimed")
    return connection.execute(update(inbox).where(claimed).values(state="queued", claim=None)).rowcount


def waiting_since(connection: Connection, kinds: Iterable[str], after: float, before: float) -> list[int]:
    """Ids of the queued items that were received in this stretch of time."""
    return list(
        connection.execute(
            select(inbox.c.id).where(
                inbox.c.state == "queued",
                inbox.c.kind.in_(list(kinds)),
                inbox.c.received_at >= after,
                inbox.c.received_at < before,
            )
        ).scalars()
    )


def waiting(connection: Connection) -> int:
    """How many items wait for a worker."""
    return connection.execute(select(func.count()).where(inbox.c.state == "queued")).scalar_one()
