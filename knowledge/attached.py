"""Files attached to a question are its passages alone: ranked beside those of the index, kept nowhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.abstaining import ANSWERS_FROM, Evidence, unknown_things
from knowledge.analysis import analysed, content_terms
from knowledge.documents import Chunk, Document, Passage, Scores
from knowledge.finding import Found
from knowledge.ports import Embedder, Index, Vector
from knowledge.retrieval import DENSE_WEIGHT, DOCUMENT_WEIGHT, LEXICAL_WEIGHT, LOOKED_AT, covered

YOUR_FILE = "your file"
"""The source of what is attached; no source of an admin may be called so."""

MOST_PASSAGES = 64
CHOSEN = 0.09
"""Somebody chose this file for this question: it needs so much less similarity for an answer. Measured with
the packaged embedding model, see docs/decisions/0098-files-are-passages-of-one-question.md."""

OPENING = 4
"""So many passages of a file's beginning are looked at whatever is asked."""

_OF_THE_WHOLE = frozenset(
    analysed(
        "file attached attachment document pdf notebook page text summarise summarize summary content "
        "contents overview tldr tl dr short briefly main point points key takeaway explain describe say gist"
    )
)
_WHOLE = re.compile(
    r"\b(?:summar\w+|tl;?dr|overview|gist|about|contents?|describe|explain|say)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Attached:
    """Passages of attached files, and the unit vector of each; at most MOST_PASSAGES."""

    passages: tuple[Passage, ...]
    vectors: Vector


def passages_of(document: Document, chunks: Sequence[Chunk], after: int) -> list[Passage]:
    """A document of the source YOUR_FILE as passages; `after` of other files were made before these.

    Their ids are below zero, so that none is ever looked up in the record.
    """
    return [
        Passage(
            chunk_id=-(after + n),
            revision_id=-(after + 1),
            chunk=chunk,
            document_id=document.id,
            source=document.source,
            path=document.path,
            title=document.title,
            kind=document.kind,
            audience_key=document.audience.key,
            scores=Scores(0.0),
            url=document.url,
            updated_at=document.updated_at,
            owner=document.owner,
            lines_are_the_files=document.lines_are_the_files,
        )
        for n, chunk in enumerate(chunks, start=1)
    ]


def likely(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages worth an embedding, in their order: each file's opening, and those that share words.

    A word counts for more the fewer passages hold it.
    """
    if len(passages) <= MOST_PASSAGES:
        return list(passages)
    asked = frozenset(content_terms(question))
    held = [asked.intersection(analysed(one.chunk.with_context(one.title))) for one in passages]
    among = {term: sum(term in terms for terms in held) for term in asked}
    worth = [sum(1 / among[term] for term in terms) for terms in held]
    openings = {n for n, one in enumerate(passages) if one.chunk.ordinal < OPENING}
    order = sorted(range(len(passages)), key=lambda n: (n not in openings, -worth[n], n))
    return [passages[n] for n in sorted(order[:MOST_PASSAGES])]


def attached(passages: Sequence[Passage], embedder: Embedder) -> Attached:
    """The passages with their vectors; `embedder` is the one that documents are embedded with."""
    texts = [one.chunk.with_context(one.title) for one in passages]
    vectors = embedder.embed(texts) if texts else np.zeros((0, embedder.dimension), np.float32)
    return Attached(tuple(passages), vectors)


def beside(found: Found, files: Attached, index: Index, embedder: Embedder, k: int) -> Found:
    """What was found, together with what the files hold: the best `k` of all, judged as a whole."""
    if not files.passages:
        return found
    asked = found.trace.searched_for
    near = files.vectors @ embedder.embed([asked or found.text])[0]
    best = max(float(near.max()), found.evidence.dense, 1e-6)
    terms = content_terms(asked)
    frequencies = index.document_frequencies(terms)
    scored = [_rescored(passage, found.evidence.dense, best) for passage in found.passages]
    for passage, similarity in zip(files.passages, near, strict=True):
        coverage = covered(terms, frequencies, [passage])
        share = max(float(similarity), 0.0) / best
        fused = DENSE_WEIGHT * share + LEXICAL_WEIGHT * coverage + DOCUMENT_WEIGHT
        scored.append(replace(passage, scores=Scores(fused, float(similarity), coverage, 1.0)))
    ranked = tuple(sorted(scored, key=lambda one: -one.scores.fused)[:k])
    coverage = max(found.evidence.coverage, covered(terms, frequencies, ranked[:LOOKED_AT]))
    dense = max(found.evidence.dense, float(near.max()) + CHOSEN)
    if asks_for_the_whole(found.text):
        ranked, dense = _openings(files)[:k], max(dense, ANSWERS_FROM)
    evidence = Evidence(dense, coverage, unknown_things(asked, ranked))
    trace = replace(
        found.trace, similarity=evidence.dense, coverage=evidence.coverage, unknown=evidence.unknown
    )
    return replace(found, passages=ranked, evidence=evidence, trace=trace)


def asks_for_the_whole(question: str) -> bool:
    """Whether nothing in particular is asked but what the file says: "summarise this"."""
    return bool(_WHOLE.search(question)) and set(content_terms(question)) <= _OF_THE_WHOLE


def _rescored(passage: Passage, was_best: float, best: float) -> Passage:
    """A passage of the index among others that may be nearer: its nearness counts as a share of theirs."""
    own = passage.scores.dense
    if own is None or was_best <= 0:
        return passage
    share = max(own, 0.0) / was_best
    fused = passage.scores.fused - DENSE_WEIGHT * share * (1 - was_best / best)
    return replace(passage, scores=replace(passage.scores, fused=fused))


def _openings(files: Attached) -> tuple[Passage, ...]:
    return tuple(
        replace(one, scores=Scores(1.0 - one.chunk.ordinal / 100))
        for one in sorted(files.passages, key=lambda one: one.chunk.ordinal)
        if one.chunk.ordinal < OPENING
    )
