"""A question becomes passages: near in meaning, near in words, fused, with how sure the finding is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from knowledge.analysis import analysed, content_terms
from knowledge.conversation import contextual_question
from knowledge.documents import Passage, Scores, Turn
from knowledge.ports import Embedder, Hit, Index, Store

# How deep each list is read, and what each counts for.
DEPTH = 100
DOCUMENT_DEPTH = 50
DENSE_WEIGHT, LEXICAL_WEIGHT, DOCUMENT_WEIGHT = 0.5, 0.3, 0.2
# Confidence looks at this many passages and weighs similarity against coverage.
LOOKED_AT = 5
COVERAGE_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Confidence:
    """How well the best passages fit the question, comparable between questions.

    `dense` is the highest cosine similarity (-1 to 1); `coverage` the share (0 to 1) of the question's
    content terms, weighted by rarity, that the best passages hold; `score` puts the two together.
    """

    dense: float
    coverage: float

    @property
    def score(self) -> float:
        return (1 - COVERAGE_WEIGHT) * self.dense + COVERAGE_WEIGHT * self.coverage


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages, best first, and how sure the finding is. `searched_for` is the question with what it carries
    over from the conversation."""

    passages: list[Passage]
    confidence: Confidence
    searched_for: str


class Retriever:
    """Finds passages in one published version."""

    def __init__(self, index: Index, store: Store, embedder: Embedder) -> None:
        self._index = index
        self._store = store
        self._embedder = embedder

    def retrieve(
        self, question: str, audiences: frozenset[str], k: int, history: Sequence[Turn] = ()
    ) -> Retrieved:
        """The best `k` passages that readers with these audience keys may read, best first.

        Raises IndexDamaged, ModelError or StoreError.
        """
        asked = contextual_question(question, history)
        if not asked.strip() or not audiences or k < 1:
            return Retrieved([], Confidence(0.0, 0.0), asked)
        dense = self._index.dense(self._embedder.embed([asked])[0], audiences, DEPTH)
        lexical = self._index.lexical(asked, audiences, DEPTH)
        documents = self._index.documents(asked, audiences, DOCUMENT_DEPTH)
        found = self._store.passages([hit.id for hit in {hit.id: hit for hit in (*dense, *lexical)}.values()])
        readable = {number: passage for number, passage in found.items() if passage.audience_key in audiences}
        ranked = fused(readable, dense, lexical, documents)
        best = dense[0].score if dense else 0.0
        return Retrieved(ranked[:k], Confidence(best, self._coverage(asked, ranked[:LOOKED_AT])), asked)

    def _coverage(self, question: str, passages: Sequence[Passage]) -> float:
        terms = content_terms(question)
        frequencies = self._index.document_frequencies(terms)
        return covered(terms, frequencies, passages)


def fused(
    passages: Mapping[int, Passage], dense: Sequence[Hit], lexical: Sequence[Hit], documents: Sequence[Hit]
) -> list[Passage]:
    """The passages with their scores, best first: each list scaled to 0..1 and weighted.

    A passage that a list does not hold gets nothing from it; the document list lifts every passage of its
    documents alike.
    """
    near, worded, whole = scaled(dense), scaled(lexical), scaled(documents)
    raw = [{hit.id: hit.score for hit in hits} for hits in (dense, lexical, documents)]
    scored = []
    for number, passage in passages.items():
        revision = passage.revision_id
        score = (
            DENSE_WEIGHT * near.get(number, 0.0)
            + LEXICAL_WEIGHT * worded.get(number, 0.0)
            + DOCUMENT_WEIGHT * whole.get(revision, 0.0)
        )
        scores = Scores(score, raw[0].get(number), raw[1].get(number), raw[2].get(revision))
        scored.append(replace(passage, scores=scores))
    return sorted(scored, key=lambda passage: (-passage.scores.fused, passage.chunk_id))


def scaled(hits: Sequence[Hit]) -> dict[int, float]:
    """Scores moved to 0..1 between the list's worst and best; all 1 where they are equal."""
    if not hits:
        return {}
    low, high = min(hit.score for hit in hits), max(hit.score for hit in hits)
    if high <= low:
        return {hit.id: 1.0 for hit in hits}
    return {hit.id: (hit.score - low) / (high - low) for hit in hits}


def covered(terms: Sequence[str], frequencies: Mapping[str, int], passages: Iterable[Passage]) -> float:
    """The share of the terms, weighted by rarity, that the passages hold: 0..1, and 0 for no terms."""
    held: set[str] = set()
    for passage in passages:
        held.update(analysed(passage.chunk.with_context(passage.title)))
    most = 1 + max(frequencies.values(), default=0)
    weights = {term: log(1 + most / (1 + frequencies.get(term, 0))) for term in terms}
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0
