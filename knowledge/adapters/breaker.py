"""Leaves a failing service alone for a while, then lets one call through to see whether it is back."""

import threading
from collections.abc import Callable

FAILURES = 3
PAUSE_S = 20.0


class Breaker:
    """Opens after `failures` in a row; after `pause_s` one call may try, and one that works closes it.

    `elapsed` is a clock in seconds that never goes back.
    """

    def __init__(
        self, elapsed: Callable[[], float], failures: int = FAILURES, pause_s: float = PAUSE_S
    ) -> None:
        self._elapsed = elapsed
        self._most = failures
        self._pause_s = pause_s
        self._failures = 0
        self._quiet_until = float("-inf")
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """Whether a call may be made now; who is let through reports `worked` or `failed`."""
        with self._lock:
            if self._failures < self._most:
                return True
            now = self._elapsed()
            if now < self._quiet_until:
                return False
            self._quiet_until = now + self._pause_s  # this one tries; the others wait for what becomes of it
            return True

    def worked(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._quiet_until = self._elapsed() + self._pause_s
