"""A question becomes the passages that may answer it: filters read, found, ordered, and judged as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from time import perf_counter

from knowledge.abstaining import ANSWERS_FROM, Evidence, unknown_things
from knowledge.documents import Passage, Searched, Trace, Turn
from knowledge.narrowing import Narrowed, narrowed, without_filters, without_guesses
from knowledge.ports import Embedder, Index, Store
from knowledge.retrieval import Retrieved, Retriever
from knowledge.staleness import successors_first, without_outdone


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first, and what they are worth.

    `text` is the question without its filters and `reworded` what was searched for in its place; `history`
    holds the earlier turns without their filters. `trace` says how it came about, with the milliseconds that
    finding took.
    """

    text: str
    reworded: str
    history: tuple[Turn, ...]
    passages: tuple[Passage, ...]
    evidence: Evidence
    searched: Searched
    trace: Trace


def find(
    index: Index,
    store: Store,
    embedder: Embedder,
    question: str,
    audiences: frozenset[str],
    k: int,
    now: datetime,
    history: Sequence[Turn] = (),
    reword: Callable[[str], str] = str,
) -> Found:
    """The best `k` passages that readers with these audience keys may read, within the question's filters.

    `reword` says the question, once its filters are out of it, in the words that the documents are in.
    Filters that were guessed, from plain or quoted words, are let go of where nothing within them can answer.
    Raises IndexDamaged, ModelError or StoreError.
    """
    started = perf_counter()
    turns = without_filters(history, now)
    retriever = Retriever(index, store, embedder)
    in_words = cache(reword)

    def search(within: Narrowed) -> tuple[Retrieved, tuple[Passage, ...], Evidence]:
        found = retriever.retrieve(in_words(within.text), audiences, k, turns, within.within)
        readable = [passage for passage in found.passages if passage.audience_key in audiences]
        passages = tuple(successors_first(without_outdone(readable)))
        unknown = unknown_things(found.searched_for, passages) if passages else ()
        return found, passages, Evidence(found.fit.dense, found.fit.coverage, unknown)

    asked = narrowed(question, store, index.version, audiences, now)
    found, passages, evidence = search(asked)
    if asked.guesses and evidence.score < ANSWERS_FROM:
        asked = without_guesses(question, asked, store, index.version, audiences, now)
        found, passages, evidence = search(asked)
    trace = Trace(
        asked=asked.text,
        searched_for=found.searched_for,
        filters=asked.filters,
        remarks=asked.remarks,
        similarity=evidence.dense,
        coverage=evidence.coverage,
        unknown=evidence.unknown,
        threshold=ANSWERS_FROM,
        milliseconds={"finding": _since(started)},
    )
    return Found(asked.text, in_words(asked.text), turns, passages, evidence, asked.searched, trace)


def timed(trace: Trace, part: str, started: float) -> Trace:
    """The trace with the milliseconds of one more part, which began at `started` (of `perf_counter`)."""
    return replace(trace, milliseconds={**trace.milliseconds, part: _since(started)})


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
