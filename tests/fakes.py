"""Fakes that behave: deterministic stand-ins shared by all suites."""

import hashlib
import re
from collections.abc import Sequence

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
