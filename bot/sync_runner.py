"""Works off the syncs that were asked for, several side by side, in the process that runs the bot."""

import logging
import threading
import time
from collections.abc import Callable

from bot.journal.sync_runs import Run
from bot.sync_runs import Perform, SyncRuns
from knowledge.errors import StoreError

MOST_AT_ONCE = 8
LOOK_EVERY_S = 2.0
STOP_S = 5.0
SWEEP_EVERY_S = 6 * 3600.0

log = logging.getLogger(__name__)


class SyncRunner:
    """Looks for work now and then, and when it is woken; `changed` is called when something began or ended.

    Where several processes share the journal each has one: a run is begun once.
    """

    def __init__(self, runs: SyncRuns, perform: Perform, changed: Callable[[], None]) -> None:
        self._runs = runs
        self._perform = perform
        self._changed = changed
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._busy: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._look, name="sync-runner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something was asked for."""
        self._wake.set()

    def stop(self, within_s: float = STOP_S) -> None:
        """Begin nothing more, and have what is worked off stop soon; it can be started again."""
        end = time.monotonic() + within_s
        self._stopping.set()
        self._wake.set()
        self._runs.stop()
        for thread in [*self._busy.values(), *([self._thread] if self._thread.ident else [])]:
            thread.join(max(0.0, end - time.monotonic()))

    def _look(self) -> None:
        swept_at = time.monotonic()
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if time.monotonic() - swept_at > SWEEP_EVERY_S:
                    swept_at = time.monotonic()
                    self._runs.sweep()
                if self._runs.end_left_behind():
                    self._changed()
                for run in self._runs.waiting():
                    if len(self._busy) < MOST_AT_ONCE and run.id not in self._busy:
                        self._begin(run)
            except StoreError as error:
                log.error("no sync is begun: %s", error)
            self._wake.wait(LOOK_EVERY_S)

    def _begin(self, run: Run) -> None:
        thread = threading.Thread(target=self._work, args=(run,), name="sync", daemon=True)
        self._busy[run.id] = thread
        thread.start()

    def _work(self, run: Run) -> None:
        try:
            self._changed()
            ended = self._runs.run(run.id, self._perform)
            if ended is not None:
                _tell(ended)
        except StoreError as error:
            log.error("what came of the sync %s is not stored: %s", run.id, error)
        except Exception:
            log.exception("ALERT the sync %s broke", run.id)
        finally:
            self._busy.pop(run.id, None)
            self._changed()
            self.wake()


def _tell(run: Run) -> None:
    names = ", ".join(run.wanted.sources)
    report = run.report
    counts = ", ".join(
        f"{report[key]} {key}" for key in ("added", "changed", "moved", "removed", "kept") if key in report
    )
    log.info("the sync of %s ended: %s (version %s; %s)", names, run.state, run.version, counts or run.error)
    for failure in report.get("failed", ()):
        log.warning("not read: %s: %s", failure["path"], failure["reason"])
