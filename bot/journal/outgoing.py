"""The outbox's rows: put in, taken lane by lane, marked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update

from bot.journal import streams
from bot.journal.tables import outbox, paces, pauses
from bot.messages import Kind, Message, new_key
from bot.pacing import Pace

LEASE_S = 30.0
"""What was being sent for so long, and not renewed, is looked for in Slack by whoever notices."""
PATIENCE = 5
"""After so many attempts a message no longer holds up the ones behind it."""
EVERYTHING = "*"
"""A rest of all kinds of messages."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A stored message on its way. `token` is all that Slack sees of it; `ts` is set once it was said.

    `unsure` means that an earlier attempt may have arrived. `claim` proves whose it is until
    `leased_until`. Times are Unix seconds.
    """

    id: int
    token: str
    message: Message
    item_id: int | None
    attempts: int
    created_at: float
    unsure: bool
    sending_at: float | None
    claim: str = ""
    leased_until: float = 0.0


def put(
    connection: Connection,
    messages: Iterable[Message],
    item_id: int | None,
    now: float,
    due_at: float | None = None,
) -> int:
    """Store what is not stored yet (by key), to be said now or at `due_at`; how many that were.

    What an item says becomes of its open streams; what is left of them is taken away.
    """
    stored: list[Message] = []
    for message in messages:
        if connection.execute(select(outbox.c.id).where(outbox.c.key == message.key)).first() is None:
            row = _row(message, item_id, now)
            connection.execute(insert(outbox), row if due_at is None else row | {"due_at": due_at})
            stored.append(message)
    removals = [] if item_id is None else streams.hand_over(connection, item_id, stored)
    for removal in removals:
        connection.execute(insert(outbox), _row(removal, item_id, now))
    return len(stored)


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
        "worthless_after": message.worthless_after,
        "background": int(message.background),
    }


def drop_unsaid(connection: Connection, item_id: int, now: float) -> bool:
    """Drop what an item wants to say and nobody has seen; False when something was said already."""
    seen = select(outbox.c.id).where(
        outbox.c.item_id == item_id, outbox.c.state.in_(("sending", "unsure", "sent"))
    )
    if connection.execute(seen).first() is not None:
        return False
    queued = (outbox.c.item_id == item_id) & (outbox.c.state == "queued")
    for key in connection.execute(select(outbox.c.key).where(queued)).scalars().all():
        streams.release(connection, key)
    connection.execute(update(outbox).where(queued).values(state="dropped", message={}, done_at=now))
    return True


def drop(connection: Connection, key: str, now: float) -> bool:
    """Drop a message that nobody has begun to say; False for every other one."""
    queued = update(outbox).where(outbox.c.key == key, outbox.c.state == "queued")
    return bool(connection.execute(queued.values(state="dropped", message={}, done_at=now)).rowcount)


def due(connection: Connection, now: float, pace: Pace) -> Row[Any] | None:
    """The first due message of a free lane.

    Lanes in which something is being sent, by any process, and the channels and kinds that must rest, are
    passed over; so is what stands behind another waiting message of its lane. The background comes last.
    """
    waiting = outbox.c.state.in_(("queued", "unsure"))
    heads = select(func.min(outbox.c.id)).where(waiting, outbox.c.attempts < PATIENCE).group_by(outbox.c.lane)
    resting = select(paces.c.channel).where(
        paces.c.full_at > pace.limit(now), paces.c.full_at <= pace.bound(now)
    )
    return connection.execute(
        select(outbox)
        .where(
            waiting,
            outbox.c.id.in_(heads) | (outbox.c.attempts >= PATIENCE),
            outbox.c.due_at <= now,
            outbox.c.lane.not_in(select(outbox.c.lane).where(outbox.c.state == "sending")),
            outbox.c.channel.not_in(resting),
            outbox.c.kind.not_in(select(pauses.c.method).where(pauses.c.until > now)),
            ~exists().where(pauses.c.method == EVERYTHING, pauses.c.until > now),
        )
        .order_by(func.coalesce(outbox.c.background, 0), outbox.c.due_at, outbox.c.id)
        .limit(1)
    ).first()


def take(connection: Connection, now: float, pace: Pace) -> Outgoing | None:
    """Mark the first message that is `due` as being sent by us, and return it; its channel's pace is used."""
    row = due(connection, now, pace)
    if row is None:
        return None
    claim, leased_until = new_key(), now + LEASE_S
    connection.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(
            state="sending",
            attempts=row.attempts + 1,
            sending_at=now,
            claim=claim,
            leased_until=leased_until,
        )
    )
    _use(connection, row.channel, now, pace)
    return replace(_outgoing(row), claim=claim, leased_until=leased_until)


def _use(connection: Connection, channel: str, now: float, pace: Pace) -> None:
    known = connection.execute(select(paces.c.full_at).where(paces.c.channel == channel)).scalar()
    sane = known if known is not None and known <= pace.bound(now) else now
    full_at = pace.used(sane, now)
    if known is None:
        connection.execute(insert(paces), {"channel": channel, "full_at": full_at})
    else:
        connection.execute(update(paces).where(paces.c.channel == channel).values(full_at=full_at))


def rest(connection: Connection, message: Message, now: float, until: float, pace: Pace) -> None:
    """Slack wants a rest after this message.

    Its limits are per method: everything of the kind rests (a response_url has its own limit), unless a burst
    of ours to the channel explains it. Slack lets a channel have one message a second and a short burst, of
    unknown length; a channel that has more than a second's worth of ours behind it has had one, and rests
    alone.
    """
    if message.kind is Kind.RESPOND:
        return
    of_channel = paces.c.channel == message.channel
    full_at = connection.execute(select(paces.c.full_at).where(of_channel)).scalar()
    burst = full_at is not None and full_at > now + 1 / pace.per_second
    rested = until - pace.wakes(0.0)
    if message.kind is Kind.POST and burst and rested <= pace.bound(now):
        connection.execute(update(paces).where(of_channel).values(full_at=rested))
    else:
        pause(connection, message.kind.value, until)


def renew(connection: Connection, claims: Collection[str], now: float) -> set[str]:
    """Keep what is still being sent; the claims that still hold."""
    ours = outbox.c.claim.in_(claims) & (outbox.c.state == "sending")
    connection.execute(update(outbox).where(ours).values(leased_until=now + LEASE_S))
    return set(connection.execute(select(outbox.c.claim).where(ours)).scalars())


def is_held(connection: Connection, taken: Outgoing) -> bool:
    """Whether a message is still ours; when its lease ran out, another process may have taken it over."""
    mine = select(outbox.c.id).where(
        outbox.c.id == taken.id, outbox.c.claim == taken.claim, outbox.c.state == "sending"
    )
    return connection.execute(mine).first() is not None


def _outgoing(row: Row[Any]) -> Outgoing:
    message = Message.from_json(row.message)
    return Outgoing(
        id=row.id,
        token=row.token,
        message=replace(message, worthless_after=row.worthless_after, background=bool(row.background)),
        item_id=row.item_id,
        attempts=row.attempts + 1,
        created_at=row.created_at,
        unsure=row.state == "unsure",
        sending_at=row.sending_at,
    )


def next_look(connection: Connection, now: float, pace: Pace) -> float | None:
    """When something may be sent next, if nothing is stored until then: when the earliest message is due
    or, where that is past, the earliest end of a rest."""
    earliest = next_due(connection)
    if earliest is None or earliest > now:
        return earliest
    pause = connection.execute(select(func.min(pauses.c.until)).where(pauses.c.until > now)).scalar()
    full_at = connection.execute(
        select(func.min(paces.c.full_at)).where(paces.c.full_at > pace.limit(now))
    ).scalar()
    ends = [end for end in (pause, None if full_at is None else pace.wakes(full_at)) if end is not None]
    return min(ends, default=now)


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
    """What was being sent when the process ended, for the one owner of the data folder at its start."""
    _look_again(connection, now, settle_s, outbox.c.state == "sending")


def take_back_expired(connection: Connection, now: float, settle_s: float) -> None:
    """What a process was sending that has ended or stands still."""
    expired = func.coalesce(outbox.c.leased_until, 0.0) <= now
    _look_again(connection, now, settle_s, (outbox.c.state == "sending") & expired)


def _look_again(connection: Connection, now: float, settle_s: float, left: ColumnElement[bool]) -> None:
    """Left messages are to be looked for in Slack or, where they cannot be found again, are given up."""
    once = outbox.c.kind.in_((Kind.EPHEMERAL.value, Kind.RESPOND.value))
    unknown = "unknown outcome: the process ended while sending"
    connection.execute(
        update(outbox).where(left, once).values(state="failed", claim=None, error=unknown, done_at=now)
    )
    connection.execute(update(outbox).where(left).values(state="unsure", claim=None, due_at=now + settle_s))


def said(connection: Connection, key: str) -> str | None:
    """The Slack ts of a message that was said."""
    return connection.execute(
        select(outbox.c.ts).where(outbox.c.key == key, outbox.c.state == "sent")
    ).scalar()


def said_where(connection: Connection, key: str) -> tuple[str, str] | None:
    """The conversation in which a message was said, and its ts: what was said to a person stands in the
    direct message with them."""
    row = connection.execute(
        select(outbox.c.said_in, outbox.c.channel, outbox.c.ts).where(
            outbox.c.key == key, outbox.c.state == "sent"
        )
    ).first()
    return None if row is None or not row.ts else (row.said_in or row.channel, row.ts)


def is_settled(connection: Connection, key: str) -> bool:
    """Whether nothing more will become of a message (true for keys never heard of)."""
    row = connection.execute(select(outbox.c.state).where(outbox.c.key == key)).first()
    return row is None or row.state in ("sent", "failed", "dropped")


def pause(connection: Connection, kind: str, until: float) -> None:
    """Send nothing of this kind (or EVERYTHING) before `until`, restarts included."""
    connection.execute(delete(pauses).where(pauses.c.method == kind))
    connection.execute(insert(pauses), {"method": kind, "until": until})


def rests(connection: Connection, now: float) -> bool:
    """Whether nothing at all is sent at this time."""
    resting = select(pauses.c.until).where(pauses.c.method == EVERYTHING, pauses.c.until > now)
    return connection.execute(resting).first() is not None


def sweep(connection: Connection, before: float) -> int:
    """Forget what was settled before a time, and the paces of channels that have long been quiet."""
    streams.sweep(connection, before)
    connection.execute(delete(paces).where(paces.c.full_at < before))
    settled = outbox.c.state.in_(("sent", "failed", "dropped"))
    return connection.execute(delete(outbox).where(settled, outbox.c.done_at < before)).rowcount
