"""Everything Lore says: recorded, paced, sent once, and looked for before it is sent again."""

import logging
import random
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.inbox import Checkpoint, pass_by
from bot.journal import outgoing, records, streams
from bot.journal.outgoing import Outgoing
from bot.journal.records import Trouble
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Kind, Message
from bot.pacing import Pace
from bot.sending import TOKEN_ERRORS, Fate, NotFound, RateLimited, Refused, Sender, Sent, Unsure
from bot.stream_ends import StreamEnds
from knowledge.errors import LoreError
from knowledge.ports import Clock

LateCheck = Callable[[Message], Message | None]
"""Just before posting: the message itself when it may be said, another to say instead, or None: nothing."""
Undeliverable = Callable[[Message, str, Refused], Message | None]
"""What to tell the asker when Slack refuses a message for good; the string is an error id."""

ONCE = (Kind.EPHEMERAL, Kind.RESPOND)
MOST_ATTEMPTS = 40
LONGEST_BACKOFF_S = 300.0
KEEP_S = 30 * 24 * 3600
LOOK_AGAIN_S = 1.0
RENEW_EVERY_S = outgoing.LEASE_S / 5
LONGEST_CALL_S = 20.0
"""A call to Slack has ended, or was given up by its client, after so long."""
TOLD = ":undeliverable"
TOO_LATE = "it was worth saying only until earlier"
TS = re.compile(r"\d+\.\d+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotYet:
    """Surely not sent, because something of ours must come first."""

    why: str


@dataclass(frozen=True, slots=True)
class NotToBeSaid:
    """The late check, what became of the message it is about, or the time leaves nothing to say."""

    why: str = ""


def backoff(attempts: int) -> float:
    """Seconds before the next attempt: doubling from one, at most five minutes, less up to half of it."""
    full = min(LONGEST_BACKOFF_S, float(2 ** min(attempts - 1, 20)))
    return full * (1 - random.random() / 2)  # noqa: S311 - spreads retries, guards nothing


class Outbox:
    """Sends what is stored, in order within a lane, at most one a second to a channel (`pace`).

    A POST whose outcome is unknown is looked for in Slack by its token, `settle_s` later, before it is
    sent again; EPHEMERAL and RESPOND messages cannot be found again and are sent at most once. Processes
    that share the journal share lanes, paces and rests; what one was sending when it ended is looked for
    by another when its lease has run out.
    `late_check` has the last word on every attempt. A message that was streamed is ended by `ends`.
    """

    def __init__(
        self,
        writer: JournalWriter,
        sender: Sender,
        late_check: LateCheck,
        undeliverable: Undeliverable,
        clock: Clock,
        pace: Pace | None = None,
        size: int = 4,
        settle_s: float = 2.0,
        checkpoint: Checkpoint = pass_by,
        ends: StreamEnds | None = None,
    ) -> None:
        self._writer = writer
        self._ends = ends
        self._sender = sender
        self._late_check = late_check
        self._undeliverable = undeliverable
        self._clock = clock
        self._pace = pace or Pace()
        self._settle_s = settle_s
        self._checkpoint = checkpoint
        self._size = size
        self._held: dict[int, Outgoing] = {}
        self._renewed_at = 0.0
        self._refusals = 0
        self._wake = threading.Condition()
        self._arrivals = 0
        self._stopping = False
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="outbox")
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def say(self, *messages: Message) -> None:
        """Store messages and have them sent. Raises NotCommitted when the journal cannot be written."""
        now = self._now()
        self._writer.write(lambda connection: outgoing.put(connection, messages, None, now))
        self.wake()

    def said(self, key: str) -> str | None:
        """The Slack ts of a message that was said, by its key."""
        return self._writer.read(lambda connection: outgoing.said(connection, key))

    def wake(self) -> None:
        """Something was stored."""
        with self._wake:
            self._arrivals += 1
            self._wake.notify_all()

    def resume(self) -> None:
        """Take up what an earlier process left, before `start`; where others share the journal, only what
        nobody has renewed."""
        now = self._now()
        if self._writer.shared:
            self._keep_leases()
        else:
            self._writer.write(lambda connection: outgoing.after_restart(connection, now, self._settle_s))

    def start(self) -> None:
        self.resume()
        self._thread.start()

    def stop(self, within_s: float = 5.0) -> None:
        """Send what is due, for at most `within_s`; the rest stays stored."""
        with self._wake:
            self._wake.wait_for(self._nothing_due, within_s)
            self._stopping = True
            self._wake.notify_all()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        self._pool.shutdown(wait=False)

    def step(self) -> bool:
        """Send one due message in the caller's thread; False when none is due."""
        taken = self._take()
        if taken is None:
            return False
        self._deliver(taken)
        return True

    def sweep(self) -> int:
        """Forget what was settled long ago; returns how many messages."""
        before = self._now() - KEEP_S
        return self._writer.write(lambda connection: outgoing.sweep(connection, before))

    # taking

    def _now(self) -> float:
        return self._clock().timestamp()

    def _run(self) -> None:
        while not self._stopping:
            seen = self._arrivals
            try:
                if self._now() - self._renewed_at > RENEW_EVERY_S:
                    self._keep_leases()
                taken = self._take() if len(self._held) < self._size else None
            except (NotCommitted, SQLAlchemyError) as error:
                log.error("the outbox waits for the journal: %s", error)
                taken = None
            if taken is not None:
                self._pool.submit(self._deliver, taken)
                continue
            with self._wake:
                self._wake.wait_for(lambda at=seen: self._stopping or self._arrivals != at, self._nap())  # type: ignore[misc]

    def _nap(self) -> float:
        now = self._now()
        try:
            look = self._writer.read(lambda connection: outgoing.next_look(connection, now, self._pace))
        except SQLAlchemyError:
            return LOOK_AGAIN_S
        return LOOK_AGAIN_S if look is None else min(LOOK_AGAIN_S, max(0.01, look - now))

    def _nothing_due(self) -> bool:
        due = self._writer.read(outgoing.next_due)
        return not self._held and (due is None or due > self._now())

    def _take(self) -> Outgoing | None:
        now = self._now()
        if self._writer.read(lambda connection: outgoing.due(connection, now, self._pace)) is None:
            return None
        taken = self._writer.write(lambda connection: outgoing.take(connection, now, self._pace))
        if taken is not None:
            self._held[taken.id] = taken
        return taken

    def _keep_leases(self) -> None:
        """Renew what is being sent here; what others have left behind is looked for in Slack."""
        now = self._renewed_at = self._now()
        held = [*self._held.values()]

        def keep(connection: Connection) -> set[str]:
            renewed = outgoing.renew(connection, [one.claim for one in held], now)
            outgoing.take_back_expired(connection, now, self._settle_s)
            return renewed

        renewed = self._writer.write(keep)
        for one in held:
            if one.claim in renewed and one.id in self._held:
                self._held[one.id] = replace(one, leased_until=now + outgoing.LEASE_S)

    def _may_send(self, taken: Outgoing) -> bool:
        """Whether the lease outlasts the call: a process that stood still must not post what another one
        has taken over meanwhile."""
        held = self._held.get(taken.id, taken)
        return held.leased_until - self._now() >= LONGEST_CALL_S

    # delivering

    def _deliver(self, taken: Outgoing) -> None:
        try:
            fate = self._attempt(taken)
            self._checkpoint("before mark-done")
            while not self._settled(taken, fate) and not self._stopping:
                with self._wake:
                    self._wake.wait_for(lambda: self._stopping, LOOK_AGAIN_S)
        except Exception:
            log.exception(
                "message %d could not be delivered; it is looked at again after a restart", taken.id
            )
        finally:
            self._held.pop(taken.id, None)
            self.wake()

    def _attempt(self, taken: Outgoing) -> Fate | NotYet | NotToBeSaid:
        if taken.unsure and taken.message.kind is Kind.POST:
            found = self._sender.find(taken.message, taken.token, taken.created_at)
            if not isinstance(found, NotFound):
                return found
        if taken.message.worthless_after is not None and self._now() > taken.message.worthless_after:
            return NotToBeSaid(TOO_LATE)
        try:
            message = self._late_check(taken.message)
            stream = None if self._ends is None else self._ends.of(taken.message)
            if self._ends is not None and stream is not None:
                if not self._may_send(taken):
                    return NotYet("this process stood still for too long")
                ended = self._ends.end(stream, message, taken.token)
                return NotToBeSaid() if message is None and isinstance(ended, Sent) else ended
            if message is None:
                return NotToBeSaid()
            target = self._target(message)
        except (LoreError, SQLAlchemyError) as error:
            return NotYet(str(error))
        if not isinstance(target, str):
            return NotYet("its target is not said yet") if target is None else target
        if not self._may_send(taken):
            return NotYet("this process stood still for too long")
        self._checkpoint("before post")
        fate = self._sender.send(self._there(message), taken.token, target)
        self._checkpoint("after post")
        return fate

    def _target(self, message: Message) -> str | NotToBeSaid | None:
        """The ts of what an update or delete is about; None while that is still on its way."""
        if message.kind not in (Kind.UPDATE, Kind.DELETE) or TS.fullmatch(message.target):
            return message.target
        if (ts := self.said(message.target)) is not None:
            return ts
        settled = self._writer.read(lambda connection: outgoing.is_settled(connection, message.target))
        return NotToBeSaid() if settled else None

    def _there(self, message: Message) -> Message:
        """An update or delete in the conversation, such as a direct message, in which its target stands."""
        if message.kind not in (Kind.UPDATE, Kind.DELETE) or TS.fullmatch(message.target):
            return message
        where = self._writer.read(lambda connection: outgoing.said_where(connection, message.target))
        return message if where is None else replace(message, channel=where[0])

    def _settled(self, taken: Outgoing, fate: Fate | NotYet | NotToBeSaid) -> bool:
        """Store what became of a message; False when the journal cannot be written now."""
        try:
            self._writer.write(lambda connection: self._settle(connection, taken, fate))
        except NotCommitted as error:
            log.error("what became of message %d is not stored yet: %s", taken.id, error)
            return False
        return True

    def _settle(self, connection: Connection, taken: Outgoing, fate: Fate | NotYet | NotToBeSaid) -> None:
        now, row_id = self._now(), taken.id
        if not outgoing.is_held(connection, taken):
            log.warning("message %d was taken over by another process", row_id)
            return
        match fate:
            case Sent(ts, channel):
                self._refusals = 0
                streams.end(connection, taken.message.key, now)
                outgoing.mark(connection, row_id, "sent", now, ts=ts, said_in=channel or None)
            case NotToBeSaid(why):
                streams.end(connection, taken.message.key, now)
                outgoing.mark(connection, row_id, "dropped", now, message={}, error=why or None)
            case RateLimited(seconds, looking):
                state = "unsure" if taken.unsure else "queued"
                until = now + seconds
                outgoing.mark(connection, row_id, state, now, due_at=until, attempts=taken.attempts - 1)
                if not looking:
                    outgoing.rest(connection, taken.message, now, until, self._pace)
            case Refused(error):
                self._fail(connection, taken, fate, error, now)
            case Unsure(error) | NotYet(error):
                spent = taken.attempts >= MOST_ATTEMPTS
                if spent or (isinstance(fate, Unsure) and taken.message.kind in ONCE):
                    self._fail(connection, taken, Refused(error), f"unknown outcome: {error}", now)
                    return
                log.warning("message %d, attempt %d: %s", row_id, taken.attempts, error)
                pause = max(self._settle_s, backoff(taken.attempts))
                if error in TOKEN_ERRORS:  # so it would be with everything else that waits
                    self._refusals += 1
                    pause = max(pause, backoff(self._refusals))
                    outgoing.pause(connection, outgoing.EVERYTHING, now + pause)
                state = "unsure" if isinstance(fate, Unsure) else "queued"
                outgoing.mark(connection, row_id, state, now, due_at=now + pause, error=error)

    def _fail(
        self, connection: Connection, taken: Outgoing, refused: Refused, error: str, now: float
    ) -> None:
        trouble = Trouble(f"a message could not be delivered: {error}")
        log.error(
            "ALERT trouble %s: message %d for %s: %s", trouble.id, taken.id, taken.message.channel, error
        )
        outgoing.mark(connection, taken.id, "failed", now, error=error)
        records.write(connection, trouble, taken.item_id, now)
        if taken.message.kind is Kind.DELETE:
            streams.end(connection, taken.message.key, now)
        streams.release(connection, taken.message.key)
        if taken.message.key.endswith(TOLD):
            return
        notice = self._undeliverable(taken.message, trouble.id, refused)
        told_once = [] if notice is None else [replace(notice, key=taken.message.key + TOLD)]
        outgoing.put(connection, told_once, taken.item_id, now)
