"""An exact scan over the stored vectors: what answers while there is no sound generation."""

from functools import lru_cache

import numpy as np

from knowledge.adapters.database import Database
from knowledge.adapters.vectors import Vectors, VersionReader
from knowledge.ports import Hit, Vector

_AUDIENCES_IN_MEMORY = 32


class ExactVectors:
    """The same answers as the dense part of a generation, from the record itself: one matrix per audience,
    read when it is first asked for."""

    def __init__(self, database: Database, version: int) -> None:
        self._read = lru_cache(maxsize=_AUDIENCES_IN_MEMORY)(VersionReader(database, version).of_audience)

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """The nearest `k` chunks of these audiences by cosine similarity, best first."""
        hits: list[Hit] = []
        for key in audiences:
            among = self._read(key)
            hits += nearest(among if within is None else _those(among, within), vector, k)
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]


def _those(among: Vectors, within: frozenset[int]) -> Vectors:
    places = [place for place, chunk_id in enumerate(among.ids) if chunk_id in within]
    return Vectors([among.ids[place] for place in places], among.matrix[places])


def nearest(among: Vectors, vector: Vector, k: int) -> list[Hit]:
    """The nearest `k` of these by cosine similarity, in any order."""
    if not among.ids or k <= 0:
        return []
    scores = among.matrix @ (vector / np.linalg.norm(vector))
    best = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
    return [Hit(among.ids[at], float(scores[at])) for at in best]
