"""An event is committed here before it is acknowledged; workers take it from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.journal import outgoing, spending
from bot.journal.forgetting import IN_CONFIDENCE
from bot.journal.spending import Scope, Spent, add, minute_of, spent
from bot.journal.tables import inbox, inbox_keys, questions
from bot.journal.writer import JournalWriter
from bot.messages import Message
from knowledge.ports import Clock

KEEP_KEYS_S = 96 * 3600
MOST_QUEUED = 500
Checkpoint = Callable[[str], None]
"""Called at named steps of delivery; the kill harness stops the process there."""


def pass_by(_step: str) -> None:
    """The checkpoint of ordinary life: nothing happens."""


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that Slack sent and that needs work.

    `keys` are all the names under which the same thing may arrive again; those of `once` count only when it
    was taken in, so that who was refused may try again. Items of one `conversation` are worked one after
    another. `payload` is JSON, for what the other fields don't hold.
    """

    kind: str
    keys: frozenset[str]
    team: str
    channel: str
    person: str
    text: str
    ts: str = ""
    thread_ts: str = ""
    conversation: str = ""
    payload: Mapping[str, Any] | None = None
    once: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Quota:
    """How much each person may ask within a minute of the clock. The first thing beyond it is refused with
    `refusal`, which says that what follows is left out too; the others without a word of their own. Who was
    refused as often as that within a minute is refused in the next one too, until it is quiet for one."""

    most: int
    kinds: frozenset[str]
    refusal: Callable[[Received], Message | None]


@dataclass(frozen=True, slots=True)
class _Refusals:
    """How often somebody was refused within a minute of the clock."""

    minute: str
    count: int = 1


class Receipt(Enum):
    """What became of something received: all of these are to be acknowledged."""

    NEW = "new"
    AGAIN = "again"
    REVISED = "revised"
    REFUSED = "refused"


def message_key(team: str, channel: str, ts: str) -> str:
    """The key that `message` and `app_mention` of one post share."""
    return f"message:{team}:{channel}:{ts}"


def from_event(body: Mapping[str, Any], kind: str, text: str | None = None) -> Received:
    """An Events API body as something received; `text` replaces the event's own.

    The thread is the message's thread, or the message itself. Missing fields are empty.
    """
    event = body.get("event") or {}
    inner = event.get("message") if event.get("subtype") == "message_changed" else event
    inner = inner or {}
    team = str(body.get("team_id") or event.get("team") or "")
    channel = str(event.get("channel") or "")
    ts = str(inner.get("ts") or "")
    thread_ts = str(inner.get("thread_ts") or ts)
    keys = {f"event:{body['event_id']}"} if body.get("event_id") else set()
    if channel and ts:
        keys.add(message_key(team, channel, ts))
    return Received(
        kind=kind,
        keys=frozenset(keys),
        team=team,
        channel=channel,
        person=str(inner.get("user") or ""),
        text=str(inner.get("text") or "") if text is None else text,
        ts=ts,
        thread_ts=thread_ts,
        conversation=f"{channel}:{thread_ts}",
        payload={"event": event},
    )


def from_command(body: Mapping[str, Any], kind: str) -> Received:
    """A slash command's body as something received; its payload keeps `command` and `response_url`."""
    channel, person = str(body.get("channel_id") or ""), str(body.get("user_id") or "")
    kept = ("command", "response_url", "trigger_id", "channel_name", "enterprise_id", "is_enterprise_install")
    return Received(
        kind=kind,
        keys=frozenset({f"trigger:{body['trigger_id']}"} if body.get("trigger_id") else ()),
        team=str(body.get("team_id") or ""),
        channel=channel,
        person=person,
        text=str(body.get("text") or ""),
        conversation=f"{channel}:{person}:command",
        payload={name: body[name] for name in kept if name in body},
    )


class Inbox:
    """Receives, revises and withdraws; each returns only when its change is on disk.

    `busy` gives the honest reply to what arrives when `most_queued` items wait already. Every method
    raises NotCommitted when the journal cannot be written: then do not acknowledge, and Slack will send
    the same again.
    """

    def __init__(
        self,
        writer: JournalWriter,
        clock: Clock,
        busy: Callable[[Received], Message | None],
        most_queued: int = MOST_QUEUED,
        arrived: Callable[[], None] = lambda: None,
        checkpoint: Checkpoint = pass_by,
        quota: Quota | None = None,
    ) -> None:
        self._writer = writer
        self._quota = quota
        self._clock = clock
        self._busy = busy
        self._most_queued = most_queued
        self._checkpoint = checkpoint
        self.arrived = arrived
        self._over: dict[str, _Refusals] = {}

    def receive(self, received: Received) -> Receipt:
        """Take something in, once: what is known by any of its keys is not taken in again.

        Who is known to have asked too much within this minute is refused without a trace, so that a flood
        costs others nothing: if Slack sends it again later, it is one question like any other.
        """
        self._checkpoint("received")
        now = self._clock().timestamp()
        if self._is_over(received, now):
            return Receipt.REFUSED
        receipt = self._writer.write(lambda connection: self._receive(connection, received, now))
        self._checkpoint("inserted")
        if receipt is Receipt.REFUSED:
            self._note_over(received, now)
        if receipt in (Receipt.NEW, Receipt.REFUSED):
            self.arrived()
        return receipt

    def revise(self, received: Received) -> Receipt:
        """An edited message: the new text replaces the old one while nothing was said to it.

        NEW when the message was not known (the edit made it a question); AGAIN when the text is the same,
        or when it is too late.
        """
        now = self._clock().timestamp()
        receipt = self._writer.write(lambda connection: self._revise(connection, received, now))
        if receipt is not Receipt.AGAIN:
            self.arrived()
        return receipt

    def withdraw(self, team: str, channel: str, ts: str) -> None:
        """A deleted message: nothing more is said to it and, if nothing was, nothing of it is kept.

        A message that arrives after its own deletion stays unanswered too.
        """
        now = self._clock().timestamp()
        self._writer.write(lambda connection: _withdraw(connection, message_key(team, channel, ts), now))

    def sweep(self) -> int:
        """Forget items and keys older than Slack could still repeat; returns how many keys."""
        now = self._clock().timestamp()
        before = now - KEEP_KEYS_S
        self._writer.write(lambda connection: spending.sweep(connection, now))
        return self._writer.write(lambda connection: _sweep(connection, before))

    def _receive(self, connection: Connection, received: Received, now: float) -> Receipt:
        known = _known(connection, received.keys | received.once)
        if known:
            _add_keys(connection, received.keys - known.keys(), next(iter(known.values())), now)
            return Receipt.AGAIN
        queued = connection.execute(select(func.count()).where(inbox.c.state == "queued")).scalar_one()
        full = queued >= self._most_queued
        beyond = self._beyond_quota(connection, received, now)
        refused = full or beyond > 0
        kept = replace(received, text="") if refused and received.kind in IN_CONFIDENCE else received
        item_id = _insert(connection, kept, "refused" if refused else "queued", now)
        _add_keys(connection, received.keys if refused else received.keys | received.once, item_id, now)
        reply = None
        if beyond == 1 and self._quota is not None:
            reply = self._quota.refusal(received)
        elif full and not beyond:
            reply = self._busy(received)
        if reply is not None:
            outgoing.put(connection, [reply], item_id, now)
        return Receipt.REFUSED if refused else Receipt.NEW

    def _is_over(self, received: Received, now: float) -> bool:
        if self._quota is None or received.kind not in self._quota.kinds:
            return False
        known, minute = self._over.get(received.person), minute_of(now)
        if known is None:
            return False
        if known.minute == minute:
            self._over[received.person] = replace(known, count=known.count + 1)
            return True
        if known.minute == minute_of(now - 60) and known.count >= self._quota.most:
            self._over[received.person] = _Refusals(minute)
            return True
        return False

    def _note_over(self, received: Received, now: float) -> None:
        """Remember who was refused for having asked too much, once that is on disk."""
        if self._quota is None or received.kind not in self._quota.kinds:
            return
        minute = minute_of(now)
        asked = self._writer.read(lambda connection: spent(connection, Scope.PERSON, received.person, minute))
        if asked.questions > self._quota.most:
            recent = (minute, minute_of(now - 60))
            self._over = {person: one for person, one in self._over.items() if one.minute in recent}
            self._over[received.person] = _Refusals(minute)

    def _beyond_quota(self, connection: Connection, received: Received, now: float) -> int:
        """How many things this person has asked within this minute that they may not; counts this one."""
        if self._quota is None or received.kind not in self._quota.kinds or not received.person:
            return 0
        minute = minute_of(now)
        add(connection, Scope.PERSON, received.person, [minute], Spent(questions=1))
        asked = spent(connection, Scope.PERSON, received.person, minute).questions
        return max(0, asked - self._quota.most)

    def _revise(self, connection: Connection, received: Received, now: float) -> Receipt:
        shared = {message_key(received.team, received.channel, received.ts)}
        known = _known(connection, shared)
        if not known:
            return self._receive(connection, received, now)
        repeated = _known(connection, received.keys - shared)
        item_id = next(iter(known.values()))
        _add_keys(connection, received.keys - shared - repeated.keys(), item_id, now)
        if repeated or item_id is None:
            return Receipt.AGAIN
        row = connection.execute(select(inbox.c.text, inbox.c.state).where(inbox.c.id == item_id)).one()
        text = _storable(received.text)
        if row.text == text or row.state in ("withdrawn", "refused"):
            return Receipt.AGAIN
        if not outgoing.drop_unsaid(connection, item_id, now):
            return Receipt.AGAIN
        connection.execute(delete(questions).where(questions.c.item_id == item_id))
        connection.execute(
            update(inbox)
            .where(inbox.c.id == item_id)
            .values(
                text=text,
                payload=dict(received.payload or {}),
                state="queued",
                claim=None,
                attempts=0,
                done_at=None,
            )
        )
        return Receipt.REVISED


def _known(connection: Connection, keys: set[str] | frozenset[str]) -> dict[str, int | None]:
    found = connection.execute(select(inbox_keys).where(inbox_keys.c.key.in_(keys)))
    return {row.key: row.item_id for row in found}


def _add_keys(
    connection: Connection, keys: set[str] | frozenset[str], item_id: int | None, now: float
) -> None:
    for key in keys:
        connection.execute(insert(inbox_keys), {"key": key, "item_id": item_id, "received_at": now})


def _insert(connection: Connection, received: Received, state: str, now: float) -> int:
    row = {
        "kind": received.kind,
        "state": state,
        "team": received.team,
        "channel": received.channel,
        "ts": received.ts,
        "thread_ts": received.thread_ts,
        "person": received.person,
        "conversation": received.conversation,
        "text": _storable(received.text),
        "payload": dict(received.payload or {}),
        "received_at": now,
    }
    key = connection.execute(insert(inbox), row).inserted_primary_key
    assert key is not None
    return int(key[0])


def _withdraw(connection: Connection, key: str, now: float) -> None:
    known = _known(connection, {key})
    if not known:
        _add_keys(connection, {key}, None, now)
        return
    item_id = known[key]
    if item_id is None or not outgoing.drop_unsaid(connection, item_id, now):
        return
    outgoing.put(connection, (), item_id, now)  # takes away what it had begun to show
    connection.execute(delete(questions).where(questions.c.item_id == item_id))
    connection.execute(
        update(inbox)
        .where(inbox.c.id == item_id)
        .values(state="withdrawn", text="", payload={}, claim=None, done_at=now)
    )


def _sweep(connection: Connection, before: float) -> int:
    settled = inbox.c.state.in_(("done", "withdrawn", "refused"))
    connection.execute(delete(inbox).where(settled, inbox.c.received_at < before))
    gone = inbox_keys.c.item_id.is_(None) | inbox_keys.c.item_id.not_in(select(inbox.c.id))
    return connection.execute(delete(inbox_keys).where(inbox_keys.c.received_at < before, gone)).rowcount


def _storable(text: str) -> str:
    """The text without lone surrogates, which JSON can carry and a database cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
