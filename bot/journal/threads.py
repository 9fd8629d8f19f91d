"""Threads of Slack as documents, in SQL: which channels are read, what has changed in them since they were
read, which texts are not to be shown any more, and whose words are where.

Times are Unix seconds in UTC. A thread is named by its channel and the ts of its root.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, tuple_, update

from bot.journal import hooks
from bot.journal.personal import prefer, preferences
from bot.journal.thread_tables import thread_blocks, thread_channels, thread_marks, thread_words
from knowledge.adapters.tables import revisions

PREFERENCE = "threads"
NO, YES = "no", "yes"
KEEP_BLOCKS_S = 365 * 24 * 3600.0
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ThreadChannel:
    """A channel that a source reads; `named` is what the source calls it.

    `closed` says why it cannot be read any more, "" while it can. `shared` tells that it may be read though
    another organisation is in it. `accepting` and `taking_out` are the reactions that count. `again` asks
    for all its threads to be looked at again.
    """

    source: str
    named: str
    channel: str
    closed: str = ""
    shared: bool = False
    accepting: frozenset[str] = frozenset()
    taking_out: frozenset[str] = frozenset()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something happened to the message `ts` (of the thread `thread_ts`, "" where that is not known): the
    thread is to be read again, and is `hidden` until then."""

    id: int
    channel: str
    ts: str
    thread_ts: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class ThreadsRefusal:
    """A person does not want their words in documents of threads, or (`wanted`) does again."""

    person: str
    wanted: bool = False


def channels(connection: Connection, source: str) -> dict[str, ThreadChannel]:
    """The channels of a source, by what it calls them."""
    rows = connection.execute(select(thread_channels).where(thread_channels.c.source == source))
    return {row.named: _channel(row) for row in rows}


def readers_of(connection: Connection, channel: str) -> Sequence[ThreadChannel]:
    """The sources that read a channel."""
    rows = connection.execute(select(thread_channels).where(thread_channels.c.channel == channel))
    return [_channel(row) for row in rows]


def put_channel(connection: Connection, one: ThreadChannel) -> None:
    """Store what is known of a channel of a source, in place of what was."""
    mine = (thread_channels.c.source == one.source, thread_channels.c.named == one.named)
    connection.execute(delete(thread_channels).where(*mine))
    row = {name: getattr(one, name) for name in ThreadChannel.__slots__}
    row |= {"shared": int(one.shared), "again": int(one.again)}
    row |= {"accepting": _joined(one.accepting), "taking_out": _joined(one.taking_out)}
    connection.execute(insert(thread_channels), row)


def keep_only(connection: Connection, source: str, named: Iterable[str]) -> None:
    """Forget the channels that a source names no more."""
    gone = (thread_channels.c.source == source, thread_channels.c.named.not_in(list(named)))
    connection.execute(delete(thread_channels).where(*gone))


def close(connection: Connection, channel: str, reason: str, now: float) -> None:
    """Have nothing of a channel shown from now on, and its sources synced."""
    mine = thread_channels.c.channel == channel
    connection.execute(update(thread_channels).where(mine).values(closed=reason))
    _want(connection, channel, now)


def reopen(connection: Connection, channel: str, now: float) -> None:
    """Have it looked whether a channel can be read again."""
    _want(connection, channel, now)


def mark(
    connection: Connection,
    channel: str,
    ts: str,
    thread_ts: str,
    now: float,
    *,
    hidden: bool = False,
    soon: bool = False,
) -> None:
    """Have a thread read again at the next sync. `hidden` is until then: what it said until now is not shown
    again, unless it is read just so once more. The sync is wanted `soon`, or where a document is hidden.
    """
    known = thread_of(connection, channel, ts) or thread_of(connection, channel, thread_ts)
    root = known or thread_ts
    row = {"channel": channel, "ts": ts, "thread_ts": root, "hidden": int(hidden), "at": now}
    connection.execute(insert(thread_marks), row)
    if hidden:
        _block(connection, channel, root, now)
    if soon or (hidden and known):
        _want(connection, channel, now)


def marks(connection: Connection, channel: str) -> Sequence[Mark]:
    """What has happened in a channel since it was read, oldest first."""
    rows = connection.execute(
        select(thread_marks).where(thread_marks.c.channel == channel).order_by(thread_marks.c.id)
    )
    return [Mark(row.id, row.channel, row.ts, row.thread_ts, bool(row.hidden)) for row in rows]


def settle(
    connection: Connection,
    channel: str,
    messages: Sequence[str],
    up_to: int,
    digest: str | None,
    now: float,
) -> None:
    """A thread was read after all marks `up_to` this one. `messages` are the ts of all that it holds, its
    root first; `digest` is what it says now, None: nothing."""
    thread_ts = messages[0]
    mine = or_(thread_marks.c.thread_ts == thread_ts, thread_marks.c.ts.in_(list(messages)))
    of_thread = (thread_marks.c.channel == channel, mine, thread_marks.c.id <= up_to)
    if connection.execute(select(thread_marks.c.id).where(*of_thread, thread_marks.c.hidden == 1)).first():
        _block(connection, channel, thread_ts, now)
    connection.execute(delete(thread_marks).where(*of_thread))
    if digest is not None:
        again = (thread_blocks.c.channel == channel, thread_blocks.c.thread_ts == thread_ts)
        connection.execute(delete(thread_blocks).where(*again, thread_blocks.c.digest == digest))


def settle_message(connection: Connection, mark_id: int) -> None:
    """A mark whose message belongs to no thread that is there."""
    connection.execute(delete(thread_marks).where(thread_marks.c.id == mark_id))


def blocked(connection: Connection, channel: str) -> frozenset[tuple[str, str]]:
    """Roots and digests of the texts of a channel that are not to be shown."""
    rows = connection.execute(
        select(thread_blocks.c.thread_ts, thread_blocks.c.digest).where(thread_blocks.c.channel == channel)
    )
    return frozenset((row.thread_ts, row.digest) for row in rows)


def marked_among(connection: Connection, roots: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of these threads (channel and root) that are hidden until they are read again."""
    found: set[tuple[str, str]] = set()
    for some in _in_parts(roots):
        wanted = tuple_(thread_marks.c.channel, thread_marks.c.thread_ts).in_(some)
        told = select(thread_marks.c.channel, thread_marks.c.thread_ts).where(
            wanted, thread_marks.c.hidden == 1
        )
        found |= {(row.channel, row.thread_ts) for row in connection.execute(told)}
    return frozenset(found)


def blocked_among(
    connection: Connection, roots: Sequence[tuple[str, str]]
) -> frozenset[tuple[str, str, str]]:
    """The texts of these threads that are never to be shown: channel, root and digest."""
    found: set[tuple[str, str, str]] = set()
    for some in _in_parts(roots):
        wanted = tuple_(thread_blocks.c.channel, thread_blocks.c.thread_ts).in_(some)
        rows = connection.execute(select(thread_blocks).where(wanted))
        found |= {(row.channel, row.thread_ts, row.digest) for row in rows}
    return frozenset(found)


def closed_among(connection: Connection, places: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of these sources and channels of which nothing is to be shown now."""
    wanted = sorted(set(places))
    if not wanted:
        return frozenset()
    rows = connection.execute(
        select(thread_channels.c.source, thread_channels.c.channel).where(
            tuple_(thread_channels.c.source, thread_channels.c.channel).in_(wanted),
            thread_channels.c.closed != "",
        )
    )
    return frozenset((row.source, row.channel) for row in rows)


def thread_of(connection: Connection, channel: str, ts: str) -> str:
    """The root of the thread that a message of a document belongs to; "" when it belongs to none."""
    mine = (thread_words.c.channel == channel, thread_words.c.ts == ts)
    return str(connection.execute(select(thread_words.c.thread_ts).where(*mine)).scalar() or "")


def keep_words(connection: Connection, channel: str, thread_ts: str, people: Mapping[str, str]) -> None:
    """Whose words are in the document of a thread now: the person of each message, by its ts."""
    mine = (thread_words.c.channel == channel, thread_words.c.thread_ts == thread_ts)
    connection.execute(delete(thread_words).where(*mine))
    rows = [
        {"channel": channel, "ts": ts, "thread_ts": thread_ts, "person": person}
        for ts, person in people.items()
    ]
    if rows:
        connection.execute(insert(thread_words), rows)


def hide_words_of(connection: Connection, person: str, now: float) -> int:
    """Hide every thread that holds words of a person until it is read again; how many."""
    found = connection.execute(
        select(thread_words.c.channel, thread_words.c.thread_ts).where(thread_words.c.person == person)
    )
    threads = sorted({(row.channel, row.thread_ts) for row in found})
    for channel, thread_ts in threads:
        mark(connection, channel, thread_ts, thread_ts, now, hidden=True)
    return len(threads)


def write(connection: Connection, record: ThreadsRefusal, now: float) -> None:
    """Store what a person wants, in the caller's transaction; it holds at once."""
    prefer(connection, record.person, PREFERENCE, YES if record.wanted else NO, now)
    if not record.wanted:
        hide_words_of(connection, record.person, now)
        return
    connection.execute(update(thread_channels).values(again=1))
    for source in connection.execute(select(thread_channels.c.source).distinct()).scalars().all():
        hooks.want(connection, source, now)


def refusals(connection: Connection) -> frozenset[str]:
    """The people who do not want their words in documents of threads."""
    said_no = (preferences.c.name == PREFERENCE, preferences.c.value == NO)
    return frozenset(connection.execute(select(preferences.c.person).where(*said_no)).scalars())


def sweep(connection: Connection, now: float) -> None:
    """Forget texts that were blocked long ago."""
    connection.execute(delete(thread_blocks).where(thread_blocks.c.at < now - KEEP_BLOCKS_S))


def _block(connection: Connection, channel: str, thread_ts: str, now: float) -> None:
    """Whatever the record holds of a thread, of now and of before, is not shown any more."""
    if not thread_ts:
        return
    ids = [f"{one.source}/{channel}/{thread_ts}" for one in readers_of(connection, channel)]
    told = select(revisions.c.digest).where(revisions.c.document_id.in_(ids)).distinct()
    digests = set(connection.execute(told).scalars())
    known = {digest for root, digest in blocked(connection, channel) if root == thread_ts}
    rows = [
        {"channel": channel, "thread_ts": thread_ts, "digest": digest, "at": now}
        for digest in sorted(digests - known)
    ]
    if rows:
        connection.execute(insert(thread_blocks), rows)


def _want(connection: Connection, channel: str, now: float) -> None:
    for one in readers_of(connection, channel):
        hooks.want(connection, one.source, now)


def _in_parts(roots: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(roots), _AT_ONCE):
        yield roots[start : start + _AT_ONCE]


def _joined(names: Iterable[str]) -> str:
    return " ".join(sorted(names))


def _channel(row: Row[Any]) -> ThreadChannel:
    return ThreadChannel(
        source=row.source,
        named=row.named,
        channel=row.channel,
        closed=row.closed,
        shared=bool(row.shared),
        accepting=frozenset(row.accepting.split()),
        taking_out=frozenset(row.taking_out.split()),
        again=bool(row.again),
    )
