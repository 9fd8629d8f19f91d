"""How fast one host is asked: some questions at once, then so many a second."""

import threading
from collections.abc import Callable


class Pace:
    """A bucket of `at_once` questions for each host, filled by `per_second`; safe to use from threads."""

    def __init__(self, per_second: float, at_once: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def delay(self, host: str) -> float:
        """Take one question for a host: how many seconds to wait before it is put."""
        now = self._monotonic()
        with self._lock:
            left, at = self._buckets.get(host, (float(self._at_once), now))
            left = min(float(self._at_once), left + (now - at) * self._per_second) - 1
            self._buckets[host] = (left, now)
        return max(0.0, -left / self._per_second)
