"""Reads the sources anew now and then, beside the answering."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ingest.report import SyncReport
from knowledge.errors import LoreError

log = logging.getLogger(__name__)


class Resync:
    """A duty of the heartbeat: syncs once at the start, then every `every` (never again when it is zero).

    A sync runs in a thread of its own, one at a time; what it says goes to the log.
    """

    def __init__(self, sync: Callable[[], SyncReport], every: timedelta) -> None:
        self._sync = sync
        self._every = every
        self._next: datetime | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, now: datetime) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        if self._next is not None and (not self._every or now < self._next):
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
