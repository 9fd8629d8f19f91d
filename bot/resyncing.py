"""Reads the sources anew now and then, beside the answering."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.journal import duties
from bot.journal.writer import JournalWriter
from bot.schedules import Every, Schedule
from ingest.report import SyncReport
from knowledge.errors import LoreError

log = logging.getLogger(__name__)


Ours = Callable[[timedelta, datetime], bool]
LEAST = timedelta(minutes=10)
"""What another process has synced since is not synced again at a start."""
LOOK_AGAIN = timedelta(minutes=1)


def one_of_many(writer: JournalWriter) -> Ours:
    """Whether no process that shares the journal has begun a sync within `every`; then it is ours."""

    def ours(every: timedelta, now: datetime) -> bool:
        return not writer.shared or writer.write(
            lambda connection: duties.begin(connection, "resync", every.total_seconds(), now.timestamp())
        )

    return ours


def interval_of(schedule: Schedule) -> timedelta:
    """Zero for a schedule that has none."""
    return schedule.interval if isinstance(schedule, Every) else timedelta(0)


class Resync:
    """A duty of the heartbeat: syncs once at the start, then every `every` (never again when it is zero).

    A sync runs in a thread of its own, one at a time; what it says goes to the log. `ours` says whether it
    is this process that is to sync now; where several share the work, one of them does.
    """

    def __init__(
        self, sync: Callable[[], SyncReport], every: timedelta, ours: Ours = lambda _every, _now: True
    ) -> None:
        self._sync = sync
        self._every = every
        self._ours = ours
        self._next: datetime | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        if self._next is not None and (not self._every or now < self._next):
            return
        if not self._ours(max(self._every, LEAST), now):
            self._next = now + LOOK_AGAIN
            return
        self._next = now + self._every
        self._thread = threading.Thread(target=self._run, name="resync", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            report = self._sync()
        except LoreError as error:
            log.error("the sync failed, what was published before still answers: %s", error)
            return
        log.info(
            "synced version %d: %d added, %d changed, %d moved, %d removed, %d kept, %d failed",
            *(report.version, report.added, report.changed, report.moved, report.removed, report.kept),
            len(report.failed),
        )
        for failure in report.failed:
            log.warning("not read: %s: %s", failure.path, failure.reason)
