"""Messages that grow while an answer is written: begun, shown, and handed over to what is said in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import inbox, metadata
from bot.messages import Block, Kind, Message, new_key

streams = Table(
    "streams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(40), nullable=False, unique=True),
    Column("item_id", Integer, nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("asked_ts", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("ts", String(40), index=True),
    Column("message_key", String(200), index=True),
    Column("shown", JSON, nullable=False),
    Column("rests_on", JSON, nullable=False),
    Column("began_at", Float, nullable=False),
    Column("ended_at", Float),
    CheckConstraint("state IN ('starting', 'open', 'ended')", name="state"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Stream:
    """One message in Slack that was opened to grow.

    It is written down before Slack is asked for it, so `ts` is empty until Slack's answer is written down
    too. `message_key` names the outbox message that it is to become, or that takes it away. `shown` are the
    blocks of the answer that people have been shown, and `rests_on` the audience keys and document ids they
    rest on. `began_at` is in Unix seconds.
    """

    key: str
    item_id: int
    channel: str
    thread_ts: str
    asked_ts: str
    person: str
    ts: str
    message_key: str
    shown: tuple[Block, ...]
    rests_on: Mapping[str, Sequence[str]]
    began_at: float


def begin(
    connection: Connection, item_id: int, claim: str, place: tuple[str, str], now: float, after: str = ""
) -> Stream | None:
    """Write down that a message for this item is about to be opened in a thread (channel, thread_ts).

    None when the item is not this claim's any more, or has a stream already: an earlier attempt's is taken
    over as it is. `after` is the key of the one that this continues.
    """
    item = connection.execute(select(inbox).where(_held(item_id, claim))).first()
    known = [stream.key for stream in of_item(connection, item_id)]
    if item is None or known[-1:] != ([after] if after else []):
        return None
    channel, thread_ts = place
    values = {
        "key": new_key(),
        "item_id": item_id,
        "state": "starting",
        "channel": channel,
        "thread_ts": thread_ts,
        "asked_ts": item.ts,
        "person": item.person,
        "shown": [],
        "rests_on": {},
        "began_at": now,
    }
    connection.execute(insert(streams), values)
    return _of_key(connection, values["key"])


def opened(connection: Connection, key: str, ts: str) -> bool:
    """Slack has made the message; False when the stream was ended meanwhile, and nobody will close this."""
    found = connection.execute(
        update(streams).where(streams.c.key == key, streams.c.state == "starting").values(state="open", ts=ts)
    )
    return bool(found.rowcount)


def forget(connection: Connection, key: str) -> None:
    """Slack has refused to open it: there is no message."""
    connection.execute(delete(streams).where(streams.c.key == key, streams.c.state == "starting"))


def is_at_work(connection: Connection, item_id: int, claim: str) -> bool:
    """Whether an item is still worked on under this claim: nobody has stopped, withdrawn or settled it."""
    return connection.execute(select(inbox.c.id).where(_held(item_id, claim))).first() is not None


def show(
    connection: Connection,
    key: str,
    claim: str,
    shown: Sequence[Block],
    rests_on: Mapping[str, Sequence[str]],
) -> bool:
    """Write down what is about to be shown, all of it; False when the item is not this claim's any more."""
    stream = _of_key(connection, key)
    if stream is None or stream.message_key or not is_at_work(connection, stream.item_id, claim):
        return False
    values = {"shown": [dict(block) for block in shown], "rests_on": dict(rests_on)}
    connection.execute(update(streams).where(streams.c.key == key).values(values))
    return True


def of_item(connection: Connection, item_id: int) -> list[Stream]:
    """An item's streams that have not ended, in the order they began."""
    mine = (streams.c.item_id == item_id) & (streams.c.state != "ended")
    found = connection.execute(select(streams).where(mine).order_by(streams.c.id))
    return [_stream(row) for row in found]


def of_message(connection: Connection, message_key: str) -> Stream | None:
    """The stream that is to become this message, or that it takes away."""
    mine = (streams.c.message_key == message_key) & (streams.c.state != "ended")
    row = connection.execute(select(streams).where(mine)).first()
    return None if row is None else _stream(row)


def known_ts(connection: Connection, channel: str) -> set[str]:
    """The messages of a channel that belong to a stream, ended ones too."""
    mine = (streams.c.channel == channel) & streams.c.ts.is_not(None)
    return {str(ts) for ts in connection.execute(select(streams.c.ts).where(mine)).scalars()}


def hand_over(connection: Connection, item_id: int, said: Sequence[Message]) -> list[Message]:
    """An item's open streams become what is said in their thread, one by one; what takes the others away."""
    removals: list[Message] = []
    waiting = [stream for stream in of_item(connection, item_id) if not stream.message_key]
    for stream in waiting:
        posts = [message for message in said if _stands_in(message, stream)]
        heir = posts[0] if posts else _removal(stream)
        said = [message for message in said if message is not heir]
        if not posts:
            removals.append(heir)
        connection.execute(update(streams).where(streams.c.key == stream.key).values(message_key=heir.key))
    return removals


def release(connection: Connection, message_key: str) -> None:
    """The message will not be said: its stream may become another one."""
    mine = (streams.c.message_key == message_key) & (streams.c.state != "ended")
    connection.execute(update(streams).where(mine).values(message_key=None))


def end(connection: Connection, message_key: str, now: float) -> None:
    """The stream has become its message, or is gone."""
    connection.execute(
        update(streams)
        .where(streams.c.message_key == message_key, streams.c.state != "ended")
        .values(state="ended", ended_at=now, shown=[], rests_on={})
    )


def sweep(connection: Connection, before: float) -> None:
    """Forget what ended before a time."""
    connection.execute(delete(streams).where(streams.c.state == "ended", streams.c.ended_at < before))


def _held(item_id: int, claim: str) -> Any:
    return (inbox.c.id == item_id) & (inbox.c.claim == claim) & (inbox.c.state == "claimed")


def _stands_in(message: Message, stream: Stream) -> bool:
    there = (message.channel, message.thread_ts) == (stream.channel, stream.thread_ts)
    return message.kind is Kind.POST and there


def _removal(stream: Stream) -> Message:
    return Message(stream.channel, "", kind=Kind.DELETE, target=stream.ts, key=new_key())


def _of_key(connection: Connection, key: str) -> Stream | None:
    row = connection.execute(select(streams).where(streams.c.key == key)).first()
    return None if row is None else _stream(row)


def _stream(row: Row[Any]) -> Stream:
    return Stream(
        key=row.key,
        item_id=row.item_id,
        channel=row.channel,
        thread_ts=row.thread_ts,
        asked_ts=row.asked_ts,
        person=row.person,
        ts=row.ts or "",
        message_key=row.message_key or "",
        shown=tuple(row.shown),
        rests_on=row.rests_on,
        began_at=row.began_at,
    )
