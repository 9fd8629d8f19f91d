"""The heartbeat: a tick that asks "what is due?"; the only import of APScheduler."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from knowledge.ports import Clock

EVERY_S = 20

Duty = Callable[[datetime], None]
"""Does what is due at a time, if anything is; told at every beat, never twice at once."""

log = logging.getLogger(__name__)


class Heartbeat:
    """Beats in memory at once and then every `every_s` seconds. What is due is kept by the duties, so a beat
    may be missed."""

    def __init__(self, duties: Sequence[Duty], clock: Clock, every_s: float = EVERY_S) -> None:
        self._duties = tuple(duties)
        self._clock = clock
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._job = self._scheduler.add_job(
            self._beat, "interval", seconds=every_s, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        self._scheduler.start()
        self._job.modify(next_run_time=self._clock())

    def stop(self) -> None:
        """Beat no more; a duty that is at work is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _beat(self) -> None:
        for duty in self._duties:
            try:
                duty(self._clock())
            except Exception:
                log.exception("a duty failed; it is told again at the next beat")
