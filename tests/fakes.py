"""Fakes that behave: deterministic stand-ins shared by all suites."""

import hashlib
import re
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from knowledge.ports import Vector

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """An embedder without a model: each word has its own random direction, a text is the sum of its words.

    Texts that share words are near each other; the same text gives the same vector in every process.
    `name` makes another fingerprint and other directions, as another model would. `embedded` counts the
    texts that were embedded so far.
    """

    def __init__(self, name: str = "hash", dimension: int = 64, window: int = 256) -> None:
        self.name = name
        self._dimension = dimension
        self._window = window
        self._directions: dict[str, Vector] = {}
        self.embedded = 0

    @property
    def fingerprint(self) -> str:
        return f"{self.name}-{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def window(self) -> int:
        return self._window

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vector:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()) or ["<empty>"]:
                row += self._direction(word)
            row /= np.linalg.norm(row)
        return vectors

    def _direction(self, word: str) -> Vector:
        if word not in self._directions:
            encoded = f"{self.name} {word}".encode("utf-8", "surrogatepass")
            seed = int.from_bytes(hashlib.sha256(encoded).digest()[:8])
            drawn = np.random.default_rng(seed).standard_normal(self._dimension)
            self._directions[word] = drawn.astype(np.float32)
        return self._directions[word]


MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class FakeClock:
    """A clock that is moved by hand; called, it tells the time in UTC, and `seconds` tells the same time.

    It stands still; one that is `flowing` goes on from where it was moved to, as fast as real time, so that
    leases, paces and waits of threads that work meanwhile end as they should. Any thread may use it.
    """

    def __init__(self, at: datetime = MONDAY, flowing: bool = False) -> None:
        self._lock = threading.Lock()
        self._flowing = flowing
        self.move(at)

    def __call__(self) -> datetime:
        with self._lock:
            return self._at + self._flown()

    def seconds(self) -> float:
        """Unix seconds, as a `Workspace` takes them from its clock."""
        return self().timestamp()

    def move(self, to: datetime) -> None:
        """Make it this time now, earlier or later; `to` has a zone."""
        assert to.tzinfo is not None, "a time without a zone"
        with self._lock:
            self._at, self._since = to.astimezone(UTC), time.monotonic()

    def advance(self, by: timedelta) -> None:
        """Put it forward, or with a negative span back."""
        with self._lock:
            self._at += by

    def _flown(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._since) if self._flowing else timedelta()
