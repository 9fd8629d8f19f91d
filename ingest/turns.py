"""Whose turn it is: one sync of a source at a time, one that publishes at a time."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ingest.apply import go_on
from ingest.report import OnProgress, Progress
from ingest.sources import Source
from ingest.staged import folder_of
from knowledge.adapters.database import Database
from knowledge.adapters.locks import held
from knowledge.errors import Busy, StoreError

_LOOK_S = 0.5

Lock = Callable[[float], AbstractContextManager[None]]
"""Gives what holds the lock, or raises Busy after so many seconds."""


class Turn:
    """Locks that are taken one after the other until a moment, and let go of together."""

    def __init__(self, wait_s: float, stopped: Callable[[], bool]) -> None:
        self._until = time.monotonic() + wait_s
        self._stopped = stopped
        self._held = ExitStack()

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

    def wait_at_least(self, seconds: float) -> None:
        """From now on."""
        self._until = max(self._until, time.monotonic() + seconds)

    def take(self, lock: Lock) -> None:
        """Raises Busy, naming who holds it, when it is not free in time, and Cancelled."""
        while True:
            left = max(0.0, self._until - time.monotonic())
            try:
                self._held.enter_context(lock(min(left, _LOOK_S)))
            except Busy:
                go_on(self._stopped)
                if left <= _LOOK_S:
                    raise
            else:
                return


def lock_of(data: Path, database: Database, source: Source) -> Lock:
    """The right to list and fetch a source: of one process here, or of all that share a database."""

    @contextmanager
    def locked(wait_s: float) -> Iterator[None]:
        file = folder_of(data, "locks", source.name).with_suffix(".lock")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(f"cannot make the folder {file.parent}: {error.strerror}") from error
        with ExitStack() as both:
            both.enter_context(held(file, f"sync {source.name}", wait_s))
            both.enter_context(database.fetching(f"sync {source.name}", source.name, wait_s))
            yield

    return locked


def in_turn(sources: Sequence[Source]) -> list[Source]:
    """The order in which everybody locks sources, so that nobody waits for whom they hold up."""
    return sorted(sources, key=lambda source: source.name)


def one_at_a_time(on_progress: OnProgress) -> OnProgress:
    """The same, told by several threads in turn."""
    turn = threading.Lock()

    def told(progress: Progress) -> None:
        with turn:
            on_progress(progress)

    return told
