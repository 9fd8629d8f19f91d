"""A pool of its own works the inbox off: fairly, in order within a conversation, and never silently."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.inbox import Checkpoint, pass_by
from bot.journal import work
from bot.journal.records import Trouble
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Message
from knowledge.ports import Clock

Handler = Callable[[Item], Done]
Apology = Callable[[Item, str], Message | None]
"""What to say for an item that failed; the string is an error id that the log has."""

MOST_ATTEMPTS = 3
MOST_ABANDONED = 64
LOOK_AGAIN_S = 5.0
WATCH_EVERY_S = 0.25
RENEW_EVERY_S = work.LEASE_S / 5

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """What one worker thread is at; `abandoned` threads throw their result away and end."""

    item: Item | None = None
    since: float = 0.0
    abandoned: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Workers:
    """Works off the inbox items of some kinds with `size` threads.

    `handler` runs outside any transaction and may take `deadline_s` (None: as long as it likes); its
    Done is stored in one transaction with the item's end. What is worked on is leased: an item of a process
    that ends or stands still is worked on by another. A handler that raises, or an item that has
    ended the process `MOST_ATTEMPTS` times, is answered with `crashed`. An item that is not done
    `deadline_s` after it was received (or after it was begun, when it waited from before this process)
    is answered with `late`; its thread is left behind and replaced.
    """

    def __init__(
        self,
        writer: JournalWriter,
        kinds: Collection[str],
        handler: Handler,
        crashed: Apology,
        late: Apology,
        clock: Clock,
        finished: Callable[[], None] = lambda: None,
        size: int = 4,
        deadline_s: float | None = 20.0,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._writer = writer
        self._kinds = frozenset(kinds)
        self._handler = handler
        self._crashed = crashed
        self._late = late
        self._clock = clock
        self._finished = finished
        self._size = size
        self._deadline_s = deadline_s
        self._checkpoint = checkpoint
        self._wake = threading.Condition()
        self._arrivals = 0
        self._stopping = False
        self._jobs: list[_Job] = []
        self._threads: list[threading.Thread] = []
        self._abandoned = 0
        self._started_at = 0.0
        self._renewed_at = 0.0

    def start(self) -> None:
        """Give back what an earlier process had claimed, then begin.

        Where others share the journal that is only what nobody has renewed.
        """
        self._started_at = self._clock().timestamp()
        if self._writer.shared:
            self._keep_leases()
        else:
            self._writer.write(lambda connection: work.give_back(connection, self._kinds))
        for _ in range(self._size):
            self._hire()
        watch = threading.Thread(target=self._watch, name="workers-watch", daemon=True)
        watch.start()
        self._threads.append(watch)

    def wake(self) -> None:
        """Something arrived."""
        with self._wake:
            self._arrivals += 1
            self._wake.notify_all()

    def stop(self, within_s: float = 10.0) -> bool:
        """Take nothing more on and wait for what is being worked on; False when something went on."""
        self._stopping = True
        self.wake()
        end = time.monotonic() + within_s
        for thread in [*self._threads]:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(job.item is not None and not job.abandoned for job in self._jobs)

    def _hire(self) -> None:
        job = _Job()
        thread = threading.Thread(target=self._work, args=(job,), name="worker", daemon=True)
        self._jobs.append(job)
        self._threads.append(thread)
        thread.start()

    def _work(self, job: _Job) -> None:
        while not (self._stopping or job.abandoned):
            seen = self._arrivals
            try:
                item = self._claim(job)
                if item is not None:
                    self._do(job, item)
                    continue
            except NotCommitted as error:
                log.error("a worker waits for the journal: %s", error)
            with self._wake:
                self._wake.wait_for(lambda at=seen: self._stopping or self._arrivals != at, LOOK_AGAIN_S)  # type: ignore[misc]

    def _claim(self, job: _Job) -> Item | None:
        now = self._clock().timestamp()
        item = self._writer.write(lambda connection: work.claim(connection, self._kinds, now))
        if item is not None:
            with job.lock:
                job.item, job.since = item, time.monotonic()
        return item

    def _do(self, job: _Job, item: Item) -> None:
        try:
            self._checkpoint("claimed")
            done = self._outcome(item)
            self._checkpoint("answered")
            with job.lock:
                if job.abandoned:
                    return
            self._finish_patiently(item, done)
        finally:
            with job.lock:
                job.item = None

    def _outcome(self, item: Item) -> Done:
        if item.attempts > MOST_ATTEMPTS:
            return self._apologise(item, self._crashed, f"given up after {item.attempts - 1} attempts")
        try:
            return self._handler(item)
        except Exception as error:  # whatever a handler raises, the asker hears of it
            log.exception("a handler failed on item %d", item.id)
            return self._apologise(item, self._crashed, f"{type(error).__name__}: {error}")

    def _apologise(self, item: Item, words: Apology, what: str) -> Done:
        trouble = Trouble(what)
        log.error("ALERT trouble %s on item %d (%s): %s", trouble.id, item.id, item.kind, what)
        message = words(item, trouble.id)
        return Done(say=() if message is None else (message,), record=(trouble,))

    def _finish_patiently(self, item: Item, done: Done) -> None:
        """What was worked out is not lost because the journal cannot be written for a while."""
        while True:
            try:
                return self._finish(item, done)
            except NotCommitted as error:
                if self._stopping:
                    raise
                log.error("what came of item %d is not stored yet: %s", item.id, error)
            with self._wake:
                self._wake.wait_for(lambda: self._stopping, 1.0)

    def _finish(self, item: Item, done: Done) -> None:
        now = self._clock().timestamp()
        self._writer.write(lambda connection: work.finish(connection, item, done, now))
        self.wake()
        self._finished()

    def _watch(self) -> None:
        while not self._stopping:
            try:
                if time.monotonic() - self._renewed_at > RENEW_EVERY_S:
                    self._keep_leases()
                if self._deadline_s is not None:
                    self._leave_behind_the_hung(self._deadline_s)
                    self._tell_who_waited_too_long(self._deadline_s)
            except (NotCommitted, SQLAlchemyError) as error:
                log.error("the watch over the workers waits for the journal: %s", error)
            with self._wake:
                self._wake.wait_for(lambda: self._stopping, WATCH_EVERY_S)

    def _keep_leases(self) -> None:
        """Renew what is worked on here; take back what others have left behind."""
        self._renewed_at = time.monotonic()
        claims = [item.claim for job in [*self._jobs] if (item := job.item) is not None]
        now = self._clock().timestamp()

        def keep(connection: Connection) -> int:
            work.renew(connection, claims, now)
            return work.give_back_expired(connection, self._kinds, now)

        if self._writer.write(keep):
            self.wake()

    def _leave_behind_the_hung(self, deadline_s: float) -> None:
        now, clock = time.monotonic(), self._clock().timestamp()
        for job in [*self._jobs]:
            with job.lock:
                item = job.item
                if item is None or job.abandoned:
                    continue
                begun_anew = item.received_at < self._started_at or item.attempts > 1
                waited = 0.0 if begun_anew else clock - item.received_at
                if max(now - job.since, waited) < deadline_s:
                    continue
                job.abandoned = True
            self._jobs.remove(job)
            self._finish(item, self._apologise(item, self._late, f"not done after {deadline_s:.0f} s"))
            self._abandoned += 1
            if self._abandoned <= MOST_ABANDONED:
                self._hire()
            else:
                log.critical("ALERT %d handlers hang; restart Lore", self._abandoned)

    def _tell_who_waited_too_long(self, deadline_s: float) -> None:
        now = self._clock().timestamp()
        if now - self._started_at < deadline_s:
            return
        overdue = self._writer.read(
            lambda connection: work.waiting_since(connection, self._kinds, self._started_at, now - deadline_s)
        )
        for item_id in overdue:
            item = self._writer.write(lambda connection, at=item_id: work.take(connection, at, now))  # type: ignore[misc]
            if item is not None:
                self._finish(item, self._apologise(item, self._late, f"waited {deadline_s:.0f} s for a turn"))
