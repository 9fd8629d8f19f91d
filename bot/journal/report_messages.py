"""The messages in which a report is shown: put out, changed in place and taken away, each once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.journal.reports import standup_report_messages as messages
from bot.journal.tables import outbox

HEAD, ENTRY, SUMMARY, DRAFT = "head", "entry", "summary", "draft"
NOT_THERE = frozenset({"message_not_found", "cant_update_message", "cant_delete_message", "thread_not_found"})
"""What Slack says of a message that somebody has taken away."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is shown: which `part` of a report (a head, an entry, a summary, a draft), of which
    entry, to whom (a user's id, empty for a channel), and its page."""

    part: str
    entry_id: int = 0
    person: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A message: its `key` in the outbox and, once it was said, where it stands. `revision` is that of the
    entry it shows, `shown` the digest of its page; `change_key` names its last change in the outbox. `gone`
    says why there is no message: Slack's error."""

    spot: Spot
    key: str
    channel: str
    ts: str = ""
    revision: int = 0
    shown: str = ""
    change_key: str = ""
    changed_at: float = 0.0
    gone: str = ""
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message in the outbox; `settled` is true for one that was never there."""

    settled: bool
    ts: str = ""
    channel: str = ""
    error: str = ""


def of_occurrence(connection: Connection, occurrence_id: int) -> Sequence[Shown]:
    """All of a report, in the order in which they were put out."""
    found = connection.execute(
        select(messages).where(messages.c.occurrence_id == occurrence_id).order_by(messages.c.id)
    )
    return [_shown(row) for row in found]


def places_of(connection: Connection, entry_ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """Where the first message of each of these entries stands: its channel, its ts, and its thread's."""
    wanted = messages.c.entry_id.in_(entry_ids) & (messages.c.number == 0) & (messages.c.ts.is_not(None))
    found = connection.execute(select(messages).where(wanted, messages.c.gone == "")).all()
    heads = select(messages.c.occurrence_id, messages.c.ts).where(
        messages.c.part == HEAD, messages.c.occurrence_id.in_([row.occurrence_id for row in found])
    )
    threads = {row.occurrence_id: row.ts for row in connection.execute(heads)}
    return {row.entry_id: (row.channel, row.ts, threads.get(row.occurrence_id) or "") for row in found}


def keep(connection: Connection, occurrence_id: int, one: Shown) -> None:
    """Store a message, new or changed."""
    row = {
        "occurrence_id": occurrence_id,
        "part": one.spot.part,
        "entry_id": one.spot.entry_id,
        "person": one.spot.person,
        "number": one.spot.number,
        "key": one.key,
        "channel": one.channel,
        "ts": one.ts or None,
        "revision": one.revision,
        "shown": one.shown,
        "change_key": one.change_key or None,
        "changed_at": one.changed_at,
        "gone": one.gone,
    }
    if one.id:
        connection.execute(update(messages).where(messages.c.id == one.id).values(row))
    else:
        connection.execute(insert(messages), row)


def forget(connection: Connection, one: Shown) -> None:
    """It is to be shown no more."""
    connection.execute(delete(messages).where(messages.c.id == one.id))


def fate(connection: Connection, key: str) -> Fate:
    """What became of a message of the outbox."""
    row = connection.execute(select(outbox).where(outbox.c.key == key)).first()
    if row is None:
        return Fate(settled=True, error="forgotten")
    if row.state not in ("sent", "failed", "dropped"):
        return Fate(settled=False)
    if row.state == "sent":
        return Fate(settled=True, ts=row.ts or "", channel=row.said_in or row.channel)
    return Fate(settled=True, error=row.error or row.state)


def take_back(connection: Connection, key: str, now: float) -> bool:
    """Drop a message that nobody has seen yet; False when it is too late for that."""
    waiting = (outbox.c.key == key) & (outbox.c.state == "queued") & (outbox.c.attempts == 0)
    dropped = update(outbox).where(waiting).values(state="dropped", message={}, done_at=now)
    return bool(connection.execute(dropped).rowcount)


def was_put(connection: Connection, begins: str) -> bool:
    """Whether any message was put out whose key begins so."""
    known = select(outbox.c.id).where(outbox.c.key.startswith(begins, autoescape=True))
    return connection.execute(known.limit(1)).first() is not None


def seen(connection: Connection, one: Shown) -> Shown:
    """A message with what has become of it and of its last change."""
    if not one.ts and not one.gone:
        told = fate(connection, one.key)
        if told.settled and told.ts:
            one = replace(one, ts=told.ts, channel=told.channel)
        elif told.settled:
            one = replace(one, gone=told.error)
    if one.change_key and (told := fate(connection, one.change_key)).settled:
        one = replace(one, change_key="", gone=told.error if told.error in NOT_THERE else one.gone)
    return one


def _shown(row: Row[tuple[object, ...]]) -> Shown:
    return Shown(
        spot=Spot(row.part, row.entry_id, row.person, row.number),
        key=row.key,
        channel=row.channel,
        ts=row.ts or "",
        revision=row.revision,
        shown=row.shown,
        change_key=row.change_key or "",
        changed_at=row.changed_at,
        gone=row.gone,
        id=row.id,
    )
