"""Tries a source before it is kept: lists what it holds and reads a few titles, within a time."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic

from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source, Withheld
from knowledge.errors import LoreError, Unreadable

WITHIN_S = 12.0
GRACE_S = 2.0
MOST_ITEMS = 5_000
TITLES = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """It can be listed. `documents` were found, and there may be more where it is not `complete`.

    `titles` are of the first, `troubles` say what could not be read.
    """

    documents: int
    complete: bool
    titles: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTried:
    """It cannot be listed; `reason` is for who set it up."""

    reason: str


Read = Callable[[Source, Reading], Iterable[Listed]]


class _Attempt:
    """What has been found so far, by a thread that may hang."""

    def __init__(self, source: Source, read: Read, ends: float) -> None:
        self.items: list[Item] = []
        self.troubles: list[str] = []
        self.titles: list[str] = []
        self.complete = False
        self.failure: str | None = None
        self._source = source
        self._read = read
        self._ends = ends

    def stopped(self) -> bool:
        return monotonic() > self._ends or len(self.items) >= MOST_ITEMS

    def run(self) -> None:
        try:
            self._list()
        except LoreError as error:
            if not self.stopped():
                self.failure = str(error)
        except Exception as error:  # noqa: BLE001 - a reader that breaks is told to who tries the source
            self.failure = f"reading it broke: {type(error).__name__}: {error}"
        for item in self.items[:TITLES]:
            if self.stopped() or self.failure:
                return
            self._title(item)

    def _list(self) -> None:
        for one in self._read(self._source, Reading(stopped=self.stopped)):
            match one:
                case Item():
                    self.items.append(one)
                case Skipped(path, reason):
                    self.troubles.append(f"{path}: {reason}")
                case Incomplete(reason):
                    self.troubles.append(reason)
                case Withheld(path, reason):
                    self.troubles.append(f"{path}: {reason}")
                case Remember():
                    pass
            if self.stopped():
                return
        self.complete = True

    def _title(self, item: Item) -> None:
        try:
            self.titles.append(item.load().title)
        except Unreadable as error:
            self.troubles.append(f"{item.path}: {error}")
        except Exception as error:  # noqa: BLE001 - one document that breaks says nothing of the source
            self.troubles.append(f"{item.path}: {type(error).__name__}: {error}")


def try_source(source: Source, read: Read, within_s: float = WITHIN_S) -> Tried | NotTried:
    """List a source for at most `within_s` seconds; nothing of it is kept."""
    attempt = _Attempt(source, read, monotonic() + within_s)
    thread = threading.Thread(target=attempt.run, name="trying", daemon=True)
    thread.start()
    thread.join(within_s + GRACE_S)
    if attempt.failure is not None:
        return NotTried(attempt.failure)
    if not attempt.items and not attempt.complete:
        return NotTried(f"nothing came within {within_s:.0f} seconds: is the address right, and reachable?")
    complete = attempt.complete and not thread.is_alive()
    return Tried(len(attempt.items), complete, tuple(attempt.titles), tuple(attempt.troubles))
