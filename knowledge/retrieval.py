"""A question becomes passages: near in meaning, near in words, fused, with how well they fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from knowledge.analysis import analysed, content_terms
from knowledge.conversation import contextual_question
from knowledge.documents import Passage, Scores, Turn
from knowledge.filtering import Within
from knowledge.ports import Embedder, Hit, Index, Store

# How deep each list is read, and what each counts for; measured in docs/decisions/0043-fusion.md.
DEPTH = 100
DOCUMENT_DEPTH = 50
DENSE_WEIGHT, LEXICAL_WEIGHT, DOCUMENT_WEIGHT = 0.5, 0.3, 0.2
# Coverage looks at this many passages.
LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Fusing:
    """How deep the lists of chunks and of documents are read, and what each list counts for."""

    dense: float = DENSE_WEIGHT
    lexical: float = LEXICAL_WEIGHT
    document: float = DOCUMENT_WEIGHT
    depth: int = DEPTH
    document_depth: int = DOCUMENT_DEPTH


AS_MEASURED = Fusing()


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the best passages fit the question, comparable between questions.

    `dense` is the highest cosine similarity (-1 to 1); `coverage` the largest share (0 to 1) of the
    question's content terms, weighted by rarity, that one of the best passages holds.
    """

    dense: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages, best first, and how well they fit. `searched_for` is the question with what it carries over
    from the conversation."""

    passages: list[Passage]
    fit: Fit
    searched_for: str


class Retriever:
    """Finds passages in one published version."""

    def __init__(self, index: Index, store: Store, embedder: Embedder, fusing: Fusing = AS_MEASURED) -> None:
        self._index = index
        self._store = store
        self._embedder = embedder
        self._fusing = fusing

    def retrieve(
        self,
        question: str,
        audiences: frozenset[str],
        k: int,
        history: Sequence[Turn] = (),
        within: Within | None = None,
    ) -> Retrieved:
        """The best `k` passages that readers with these audience keys may read, best first; with `within`,
        of these alone.

        Raises IndexDamaged, ModelError or StoreError.
        """
        asked = contextual_question(question, history)
        if not asked.strip() or not audiences or k < 1:
            return Retrieved([], Fit(0.0, 0.0), asked)
        chunks, revisions = (None, None) if within is None else (within.chunks, within.revisions)
        fusing = self._fusing
        dense = self._index.dense(self._embedder.embed([asked])[0], audiences, fusing.depth, chunks)
        lexical = self._index.lexical(asked, audiences, fusing.depth, chunks)
        documents = self._index.documents(asked, audiences, fusing.document_depth, revisions)
        found = self._store.passages(contenders(dense, lexical, k, fusing))
        readable = {number: passage for number, passage in found.items() if passage.audience_key in audiences}
        ranked = fused(readable, dense, lexical, documents, fusing)[:k]
        best = dense[0].score if dense else 0.0
        return Retrieved(ranked, Fit(best, self._coverage(asked, ranked[:LOOKED_AT])), asked)

    def _coverage(self, question: str, passages: Sequence[Passage]) -> float:
        terms = content_terms(question)
        frequencies = self._index.document_frequencies(terms)
        return covered(terms, frequencies, passages)


def contenders(
    dense: Sequence[Hit], lexical: Sequence[Hit], k: int, fusing: Fusing = AS_MEASURED
) -> list[int]:
    """The chunks that can be among the best `k`, whatever their documents are worth."""
    near, worded = _List(dense, fusing.depth), _List(lexical, fusing.depth)
    own = {number: _own(number, near, worded, fusing) for number in near.raw | worded.raw}
    if len(own) <= k:
        return list(own)
    out_of_reach = sorted(own.values(), reverse=True)[k - 1] - fusing.document
    return [number for number, score in own.items() if score >= out_of_reach]


def fused(
    passages: Mapping[int, Passage],
    dense: Sequence[Hit],
    lexical: Sequence[Hit],
    documents: Sequence[Hit],
    fusing: Fusing = AS_MEASURED,
) -> list[Passage]:
    """The passages with their scores, best first: each list's scores as shares of its best, weighted.

    A passage that a list does not hold scores no better there than the last one that it holds: so much is
    known. The document list counts for every passage of its documents alike.
    """
    near, worded = _List(dense, fusing.depth), _List(lexical, fusing.depth)
    whole = _List(documents, fusing.document_depth)
    scored = []
    for number, passage in passages.items():
        revision = passage.revision_id
        score = _own(number, near, worded, fusing) + fusing.document * whole.share(revision)
        scores = Scores(score, near.raw.get(number), worded.raw.get(number), whole.raw.get(revision))
        scored.append(replace(passage, scores=scores))
    return sorted(scored, key=lambda passage: (-passage.scores.fused, passage.chunk_id))


def _own(number: int, near: "_List", worded: "_List", fusing: Fusing) -> float:
    """What a chunk is worth by itself."""
    return fusing.dense * near.share(number) + fusing.lexical * worded.share(number)


class _List:
    """One engine's list of hits, for looking up a hit's share of the best score."""

    def __init__(self, hits: Sequence[Hit], depth: int) -> None:
        self.raw = {hit.id: hit.score for hit in hits}
        self._best = max(self.raw.values(), default=0.0)
        self._unlisted = max(min(self.raw.values()), 0.0) if len(hits) >= depth else 0.0

    def share(self, number: int) -> float:
        """0 to 1."""
        return max(self.raw.get(number, self._unlisted), 0.0) / self._best if self._best > 0 else 0.0


def covered(terms: Sequence[str], frequencies: Mapping[str, int], passages: Iterable[Passage]) -> float:
    """The largest share of the terms, weighted by rarity, that one of the passages holds: 0..1."""
    most = 1 + max(frequencies.values(), default=0)
    weights = {term: log(1 + most / (1 + frequencies.get(term, 0))) for term in terms}
    total = sum(weights.values())
    if not total:
        return 0.0
    held = (set(analysed(passage.chunk.with_context(passage.title))) for passage in passages)
    return max(
        (sum(weights[term] for term in weights if term in words) / total for words in held), default=0.0
    )
