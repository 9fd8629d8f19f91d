"""One published version for reading: from its generation, or from the record while there is no sound one."""

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np

from knowledge.adapters.chroma import ChromaVectors
from knowledge.adapters.database import Database
from knowledge.adapters.exact import ExactVectors, nearest
from knowledge.adapters.filtered import grown
from knowledge.adapters.lexical import LexicalIndex
from knowledge.adapters.manifest import CHROMA, LEXICAL
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexDamaged, ModelError
from knowledge.ports import Hit, Index, Vector

# Up to so many chunks, reading their vectors is quicker than asking the index for more of its best; measured
# in docs/decisions/0095-filters-before-ranking.md.
READ_UP_TO = 5_000
# The vectors of the latest so many sets are kept: most who filter filter alike.
SETS_IN_MEMORY = 4


class RecordIndex:
    """Implements `knowledge.ports.Index` from the record: an exact scan over the stored vectors, and a
    lexical index in a temporary folder, made when words are first asked for."""

    def __init__(self, database: Database, version: int) -> None:
        self._reader = VersionReader(database, version)
        self._exact = ExactVectors(database, version)
        self._making = threading.Lock()
        self._lexical: LexicalIndex | None = None
        self._folder: TemporaryDirectory[str] | None = None

    @property
    def version(self) -> int:
        return self._reader.version

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self._exact.dense(vector, audiences, k, within)

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self._words().lexical(query, audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self._words().documents(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        return self._words().document_frequencies(terms)

    def _words(self) -> LexicalIndex:
        with self._making:
            if self._lexical is None:
                folder = TemporaryDirectory(prefix="lore-", ignore_cleanup_errors=True)
                made = LexicalIndex.create(Path(folder.name) / LEXICAL)
                ids = self._reader.revision_ids()
                made.write(
                    (chunk for _, chunks in self._reader.texts(ids) for chunk in chunks),
                    (document for document, _ in self._reader.texts(ids)),
                )
                weakref.finalize(self, folder.cleanup)
                self._folder, self._lexical = folder, made
            return self._lexical


class Dense(Protocol):
    """What finds the nearest chunks: Chroma's collections or an exact scan."""

    def dense(self, vector: Vector, audiences: frozenset[str], k: int) -> list[Hit]: ...


def opened_index(
    generation: Path, version: int, instead: Callable[[IndexDamaged], Index], record: VersionReader
) -> "PublishedIndex":
    """The index over a generation's folder; its files are let go of when nobody refers to it any more.

    Raises IndexDamaged when the generation cannot be opened.
    """
    vectors = ChromaVectors(generation / CHROMA)
    try:
        words = LexicalIndex.open(generation / LEXICAL)
    except IndexDamaged:
        vectors.close()
        raise
    index = PublishedIndex(vectors, words, version, instead, record)
    index.closing = [weakref.finalize(index, part.close) for part in (vectors, words)]
    return index


def nothing_instead(error: IndexDamaged) -> Index:
    """For an index that nobody may use when it fails."""
    raise error


class PublishedIndex:
    """Implements `knowledge.ports.Index` over a generation that was probed.

    When the generation fails all the same, `instead` is told why and gives the index that answers.
    """

    def __init__(
        self,
        vectors: Dense,
        words: LexicalIndex,
        version: int,
        instead: Callable[[IndexDamaged], Index],
        record: VersionReader,
    ) -> None:
        self._version = version
        self._instead = instead
        self._of_chunks = lru_cache(maxsize=SETS_IN_MEMORY)(record.of_chunks)
        self._vectors = vectors
        self._lexical = words
        self.closing: list[Callable[[], object]] = []

    def close(self) -> None:
        """Let go of the files at once; the index is not to be used afterwards."""
        for close in self.closing:
            close()

    @property
    def version(self) -> int:
        return self._version

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        try:
            return self._nearest(vector, audiences, k, within)
        except IndexDamaged as error:
            return self._instead(error).dense(vector, audiences, k, within)

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        try:
            return self._lexical.lexical(query, audiences, k, within)
        except IndexDamaged as error:
            return self._instead(error).lexical(query, audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        try:
            return self._lexical.documents(query, audiences, k, within)
        except IndexDamaged as error:
            return self._instead(error).documents(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        wanted = tuple(terms)
        try:
            return self._lexical.document_frequencies(wanted)
        except IndexDamaged as error:
            return self._instead(error).document_frequencies(wanted)

    def _nearest(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None
    ) -> list[Hit]:
        """Of few chunks all vectors are read and compared; among many, the index's best are asked for until
        enough of them lie within."""

        def ask(count: int) -> list[Hit]:
            return self._vectors.dense(vector, audiences, count)

        if within is None:
            return ask(k)
        found = grown(ask, within, k, len(within)) if len(within) > READ_UP_TO else None
        if found is None:
            found = nearest(self._of_chunks(within, audiences), vector, k)
        return sorted(found, key=lambda hit: (-hit.score, hit.id))


class ForEmbedder:
    """An index that takes only vectors of the embedder that its own came from.

    `dense` raises ModelError for vectors of another model or vectors that are no direction at all.
    """

    def __init__(self, index: Index, made_by: str | None, asked_by: str) -> None:
        self._index = index
        self._made_by = made_by
        self._asked_by = asked_by

    @property
    def version(self) -> int:
        return self._index.version

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        if self._made_by not in (None, self._asked_by):
            raise ModelError(
                f"the index was made with the model {self._made_by}, not {self._asked_by}: run `lore sync`"
            )
        if not np.isfinite(vector).all() or not vector.any():
            raise ModelError(f"the model {self._asked_by} gave a vector that has no direction")
        return self._index.dense(vector, audiences, k, within)

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self._index.lexical(query, audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self._index.documents(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        return self._index.document_frequencies(terms)
