"""How far a sync is, source by source, as plain JSON that any process can show: rates and time left too."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.report import Progress

ALL = ""
"""The name under which progress stands that is of no one source, such as publishing."""
SURE_AFTER_S = 3.0
"""Of a stage that has just begun nobody can say how fast it is."""
SURE_BEFORE_EMBEDDING_S = 30.0
"""Documents are read fast until the first of them are embedded."""
LIST, READ = "list", "read"


@dataclass(frozen=True, slots=True)
class Stage:
    """One source's stage: documents done and all, per second, and the seconds left (None: not known yet)."""

    name: str
    done: int
    total: int
    chunks_embedded: int
    per_second: float | None
    seconds_left: float | None


class Tally:
    """Gathers progress from the thread that syncs, for the one that stores it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, dict[str, Any]] = {}

    def add(self, progress: Progress, now: datetime) -> None:
        """Take in one step; rates count from the beginning of the stage."""
        name = getattr(progress, "source", ALL)
        at = now.timestamp()
        with self._lock:
            known = self._of.get(name)
            fresh = known is None or known["stage"] != progress.stage
            begun = {"since": at, "from": progress.done} if fresh or known is None else known
            self._of[name] = {
                "stage": progress.stage,
                "done": progress.done,
                "total": progress.total,
                "chunks": progress.chunks_embedded,
                "since": begun["since"],
                "from": begun["from"],
                "at": at,
            }

    def as_json(self) -> dict[str, Any]:
        """By source, for `stages`."""
        with self._lock:
            return {name: dict(one) for name, one in self._of.items()}


def stages(progress: Mapping[str, Any]) -> dict[str, Stage]:
    """What `Tally.as_json` told, source by source; those that have been listed are left out when all are read
    together."""
    together = ALL in progress and progress[ALL]["stage"] != LIST
    return {
        name: _stage(one)
        for name, one in progress.items()
        if name == ALL or not (together and one["stage"] == LIST)
    }


def _stage(one: Mapping[str, Any]) -> Stage:
    done, total = int(one["done"]), int(one["total"])
    seconds, advanced = one["at"] - one["since"], done - one["from"]
    sure_after = SURE_BEFORE_EMBEDDING_S if one["stage"] == READ and not one["chunks"] else SURE_AFTER_S
    rate = advanced / seconds if seconds >= sure_after and advanced > 0 else None
    left = None if rate is None else max(0, total - done) / rate
    return Stage(str(one["stage"]), done, total, int(one["chunks"]), rate, left)
