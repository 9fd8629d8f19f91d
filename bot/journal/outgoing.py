"""The outbox's rows: put in, taken lane by lane, marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.journal.tables import outbox, pauses
from bot.messages import Kind, Message, new_key

PATIENCE = 5
"""After so many attempts a message no longer holds up the ones behind it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A stored message on its way. `token` is all that Slack sees of it; `ts` is set once it was said.

    `unsure` means that an earlier attempt may have arrived. Times are Unix seconds.
    """

    id: int
    token: str
    message: Message
    item_id: int | None
    attempts: int
    created_at: float
    unsure: bool
    sending_at: float | None


def put(connection: Connection, messages: Iterable[Message], item_id: int | None, now: float) -> int:
    """Store what is not stored yet (by key) and return how many that were."""
    count = 0
    for message in messages:
        if connection.execute(select(outbox.c.id).where(outbox.c.key == message.key)).first() is None:
            connection.execute(insert(outbox), _row(message, item_id, now))
            count += 1
    return count


def _row(message: Message, item_id: int | None, now: float) -> dict[str, Any]:
    return {
        "key": message.key,
        "token": new_key(),
        "item_id": item_id,
        "kind": message.kind.value,
        "state": "queued",
        "lane": message.lane,
        "channel": message.channel,
        "thread_ts": message.thread_ts,
        "person": message.person,
        "message": message.to_json(),
        "due_at": now,
        "created_at": now,
    }


def drop_unsaid(connection: Connection, item_id: int, now: float) -> bool:
    """Drop what an item wants to say and nobody has seen; False when something was said already."""
    seen = select(outbox.c.id).where(
        outbox.c.item_id == item_id, outbox.c.state.in_(("sending", "unsure", "sent"))
    )
    if connection.execute(seen).first() is not None:
        return False
    connection.execute(
        update(outbox)
        .where(outbox.c.item_id == item_id, outbox.c.state == "queued")
        .values(state="dropped", message={}, done_at=now)
    )
    return True


def take(
    connection: Connection, lanes: Iterable[str], channels: Iterable[str], kinds: Iterable[str], now: float
) -> Outgoing | None:
    """Mark the first due message of a free lane as being sent, and return it.

    Lanes in which something is being sent, and the channels and kinds that must rest, are passed over;
    so is what stands behind another waiting message of its lane.
    """
    waiting = outbox.c.state.in_(("queued", "unsure"))
    heads = select(func.min(outbox.c.id)).where(waiting, outbox.c.attempts < PATIENCE).group_by(outbox.c.lane)
    row = connection.execute(
        select(outbox)
        .where(
            waiting,
            outbox.c.id.in_(heads) | (outbox.c.attempts >= PATIENCE),
            outbox.c.due_at <= now,
            outbox.c.lane.not_in(list(lanes)),
            outbox.c.channel.not_in(list(channels)),
            outbox.c.kind.not_in(list(kinds)),
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(state="sending", attempts=row.attempts + 1, sending_at=now)
    )
    return _outgoing(row)


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        id=row.id,
        token=row.token,
        message=Message.from_json(row.message),
        item_id=row.item_id,
        attempts=row.attempts + 1,
        created_at=row.created_at,
        unsure=row.state == "unsure",
        sending_at=row.sending_at,
    )


def next_due(connection: Connection) -> float | None:
    """When the earliest waiting message is due."""
    waiting = outbox.c.state.in_(("queued", "unsure"))
    return connection.execute(select(func.min(outbox.c.due_at)).where(waiting)).scalar()


def mark(connection: Connection, row_id: int, state: str, now: float, **values: Any) -> None:
    """Move a message to a state; final states carry the time."""
    if state in ("sent", "failed", "dropped"):
        values["done_at"] = now
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(state=state, **values))


def after_restart(connection: Connection, now: float, settle_s: float) -> None:
    """What was being sent when the process ended: looked up again, or (at most once) given up."""
    once = (Kind.EPHEMERAL.value, Kind.RESPOND.value)
    connection.execute(
        update(outbox)
        .where(outbox.c.state == "sending", outbox.c.kind.in_(once))
        .values(state="failed", error="unknown outcome: the process ended while sending", done_at=now)
    )
    connection.execute(
        update(outbox).where(outbox.c.state == "sending").values(state="unsure", due_at=now + settle_s)
    )


def said(connection: Connection, key: str) -> str | None:
    """The Slack ts of a message that was said."""
    return connection.execute(
        select(outbox.c.ts).where(outbox.c.key == key, outbox.c.state == "sent")
    ).scalar()


def is_settled(connection: Connection, key: str) -> bool:
    """Whether nothing more will become of a message (true for keys never heard of)."""
    row = connection.execute(select(outbox.c.state).where(outbox.c.key == key)).first()
    return row is None or row.state in ("sent", "failed", "dropped")


def pause(connection: Connection, kind: str, until: float) -> None:
    """Send nothing of this kind before `until`, restarts included."""
    connection.execute(delete(pauses).where(pauses.c.method == kind))
    connection.execute(insert(pauses), {"method": kind, "until": until})


def paused(connection: Connection, now: float) -> dict[str, float]:
    return {row.method: row.until for row in connection.execute(select(pauses).where(pauses.c.until > now))}


def sweep(connection: Connection, before: float) -> int:
    """Forget what was settled before a time."""
    settled = outbox.c.state.in_(("sent", "failed", "dropped"))
    return connection.execute(delete(outbox).where(settled, outbox.c.done_at < before)).rowcount
