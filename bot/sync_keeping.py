"""Keeps a sync ours while it is worked off: renews its lease, stores how far it is, hears of a cancel."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from bot.sync_progress import Tally
from knowledge.errors import StoreError

LOOK_EVERY_S = 1.0
RENEW_EVERY_S = 4.0

log = logging.getLogger(__name__)

Keep = Callable[[Mapping[str, Any] | None], bool]
"""Renews a run and stores its progress (None: only looks); whether the run goes on. Raises StoreError."""


class Keeping:
    """For the time of a `with` block, on a thread of its own.

    `stopped` becomes true when somebody cancels the run, when it is not ours any more, and when `ending`
    is set (the process is to end).
    """

    def __init__(self, keep: Keep, ending: threading.Event) -> None:
        self.tally = Tally()
        self._keep = keep
        self._ending = ending
        self._stop = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="sync-keeping", daemon=True)

    def __enter__(self) -> "Keeping":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Renew no more; to be called before the run is ended."""
        self._over.set()
        self._thread.join()

    def stopped(self) -> bool:
        """Whether the sync is to stop."""
        return self._stop.is_set() or self._ending.is_set()

    def _look(self) -> None:
        stored: Mapping[str, Any] = {}
        renewed_at = time.monotonic()
        while not self._over.wait(LOOK_EVERY_S):
            progress = self.tally.as_json()
            due = time.monotonic() - renewed_at >= RENEW_EVERY_S or progress != stored
            try:
                if not self._keep(progress if due else None):
                    self._stop.set()
            except StoreError as error:
                log.error("a sync waits for the journal: %s", error)
                continue
            if due:
                stored, renewed_at = progress, time.monotonic()
