"""What a sync did, document by document: said to the person who asked and kept with the version."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read (or a source that could not be listed, by its name), and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Counts of documents, and every failure. `version` is the published one, new if anything changed.

    `kept` counts documents of the synced sources that stayed as they were, those that could not be read
    included.
    """

    added: int
    changed: int
    moved: int
    removed: int
    kept: int
    failed: tuple[Failure, ...]
    chunks_embedded: int
    seconds: float
    version: int

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "changed": self.changed,
            "moved": self.moved,
            "removed": self.removed,
            "kept": self.kept,
            "failed": [{"path": one.path, "reason": one.reason} for one in self.failed],
            "chunks_embedded": self.chunks_embedded,
            "seconds": round(self.seconds, 3),
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: `stage` is "list", "read" or "publish"; documents done and all;
    chunks embedded."""

    stage: str
    done: int = 0
    total: int = 0
    chunks_embedded: int = 0


OnProgress = Callable[[Progress], None]
