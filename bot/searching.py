"""A search explained: the scores of each part, what was cut and why, and where the time went."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from knowledge.abstaining import ANSWERS_FROM, Evidence, unknown_things
from knowledge.documents import Passage
from knowledge.narrowing import Narrowed, narrowed
from knowledge.ports import Embedder, Hit, Index, Store, Vector
from knowledge.retrieval import AS_MEASURED, Fusing, Retriever
from knowledge.staleness import without_outdone

SHOWN_BEYOND = 10
BEYOND, OUTDONE = "beyond those asked for", "a newer page takes its place"


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage as it was found; `cut` says why it is not among the results, empty for one that is."""

    passage: Passage
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """All that came of a search. `milliseconds` are by part."""

    asked: Narrowed
    searched_for: str
    seen: tuple[Seen, ...]
    evidence: Evidence
    threshold: float
    fusing: Fusing
    version: int
    milliseconds: Mapping[str, float]


@dataclass(slots=True)
class _Watch:
    """How long each part took altogether."""

    milliseconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            spent = (perf_counter() - started) * 1000
            self.milliseconds[name] = self.milliseconds.get(name, 0.0) + spent


class _TimedEmbedder:
    def __init__(self, embedder: Embedder, watch: _Watch) -> None:
        self._embedder = embedder
        self._watch = watch

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def window(self) -> int:
        return self._embedder.window

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count_tokens(texts)

    def embed(self, texts: Sequence[str]) -> Vector:
        with self._watch.part("embedding"):
            return self._embedder.embed(texts)


class _TimedIndex:
    def __init__(self, index: Index, watch: _Watch) -> None:
        self._index = index
        self._watch = watch

    @property
    def version(self) -> int:
        return self._index.version

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        with self._watch.part("meaning"):
            return self._index.dense(vector, audiences, k, within)

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        with self._watch.part("words"):
            return self._index.lexical(query, audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        with self._watch.part("documents"):
            return self._index.documents(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        with self._watch.part("coverage"):
            return self._index.document_frequencies(terms)


def explain(
    open_index: Callable[[], Index],
    store: Store,
    embedder: Embedder,
    query: str,
    audiences: frozenset[str],
    k: int,
    now: datetime,
    fusing: Fusing = AS_MEASURED,
) -> Explained:
    """Search as answering does, and say how. Raises IndexDamaged, ModelError or StoreError."""
    watch = _Watch()
    with watch.part("all"):
        with watch.part("opening"):
            index = open_index()
        with watch.part("filters"):
            asked = narrowed(query, store, index.version, audiences, now)
        retriever = Retriever(_TimedIndex(index, watch), store, _TimedEmbedder(embedder, watch), fusing)
        found = retriever.retrieve(asked.text, audiences, k + SHOWN_BEYOND, within=asked.within)
    best = found.passages[:k]
    newest = without_outdone(best)
    unknown = unknown_things(found.searched_for, newest) if newest else ()
    return Explained(
        asked=asked,
        searched_for=found.searched_for,
        seen=tuple(Seen(one, _cut(one, best, newest)) for one in found.passages),
        evidence=Evidence(found.fit.dense, found.fit.coverage, unknown),
        threshold=ANSWERS_FROM,
        fusing=fusing,
        version=index.version,
        milliseconds=watch.milliseconds,
    )


def _cut(passage: Passage, best: Sequence[Passage], newest: Sequence[Passage]) -> str:
    if passage not in best:
        return BEYOND
    return "" if passage in newest else OUTDONE
