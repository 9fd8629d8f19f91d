"""Calls of a chat model's client that hold nobody up: in a thread, piece by piece, with a deadline."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from knowledge.errors import ChatModelError

AT_ONCE = 8
WAITING = 64
LOOK_EVERY_S = 0.1

T = TypeVar("T")


class NoReply(ChatModelError):
    """The provider refused or broke off before it had written anything."""


class _End:
    """The last thing in a queue; `error` is why the client ended, None when it ended properly."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


class Calls(Generic[T]):
    """At most `AT_ONCE` streams of one client at a time; `elapsed` is a clock that never goes back.

    A client that hangs is left behind with its thread; whatever it still says is thrown away.
    """

    def __init__(self, name: str, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._elapsed = elapsed
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def stream(self, begin: Callable[[], Iterator[T]], seconds: float) -> Iterator[T]:
        """What the iterator that `begin` gives yields, for at most `seconds` in all.

        Raises ChatModelError when the client fails or is too late.
        """
        if not self._room.acquire(blocking=False):
            raise NoReply(f"{self._name} has {AT_ONCE} calls open that do not end; try again later")
        pieces: Queue[T | _End] = Queue(WAITING)
        abandoned = threading.Event()
        threading.Thread(
            target=self._pull, args=(begin, pieces, abandoned), name="chat-model", daemon=True
        ).start()
        try:
            yield from self._pieces(pieces, self._elapsed() + seconds, seconds)
        finally:
            abandoned.set()

    def _pieces(self, pieces: "Queue[T | _End]", ends: float, seconds: float) -> Iterator[T]:
        begun = False
        while True:
            left = ends - self._elapsed()
            if left <= 0 and begun:
                raise ChatModelError(f"{self._name} was not done within {seconds:.1f} s")
            try:
                piece = pieces.get(timeout=max(left, 0.0))
            except Empty:
                raise ChatModelError(f"{self._name} was not done within {seconds:.1f} s") from None
            if not isinstance(piece, _End):
                begun = True
                yield piece
            elif piece.error is None:
                return
            else:
                kind = ChatModelError if begun else NoReply
                raise kind(f"{self._name} failed: {one_line(piece.error)}") from piece.error

    def _pull(
        self, begin: Callable[[], Iterator[T]], pieces: "Queue[T | _End]", abandoned: threading.Event
    ) -> None:
        error: Exception | None = None
        try:
            stream = begin()
            for piece in stream:
                if not _put(pieces, piece, abandoned):
                    break
            close = getattr(stream, "close", None)
            if close is not None:
                close()
        except Exception as raised:  # noqa: BLE001  whatever a provider's client raises is its failure
            error = raised
        finally:
            self._room.release()
            _put(pieces, _End(error), abandoned)


def _put(pieces: "Queue[T | _End]", piece: T | _End, abandoned: threading.Event) -> bool:
    """Whether somebody still wants it."""
    while not abandoned.is_set():
        try:
            pieces.put(piece, timeout=LOOK_EVERY_S)
        except Full:
            continue
        return True
    return False


def one_line(error: Exception) -> str:
    """What an error says, in one short line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
