"""How long finding within a set takes, by the size of the set, and that it finds what filtering would."""

import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from knowledge.adapters import lexical, published
from knowledge.adapters.generations import Generations
from knowledge.audience import EVERYONE
from knowledge.evaluation import percentile
from knowledge.filtering import Catalogue, Entry
from knowledge.narrowing import narrowed
from knowledge.ports import Hit, Vector
from knowledge.reading_filters import read_filters
from tests.fakes import HashEmbedder
from tests.records import document, open_store, publish

CHUNKS, A_PAGE, K, ROUNDS = 20_000, 10, 100, 9
SIZES = (100, 500, 2_000, 5_000, 10_000)
DATA = Path(__file__).parents[3] / "shared" / "data"
PUBLIC = frozenset({EVERYONE.key})


def main() -> None:
    if DATA.is_dir():
        read_as_filters()
    drawn = random.Random(3)
    vocabulary = [f"word{number}" for number in range(3000)]
    weights = [(number + 1) ** -0.4 for number in range(3000)]

    def text() -> str:
        return " ".join(drawn.choices(vocabulary, weights, k=40))

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        embedder = HashEmbedder(dimension=384)
        pages = [
            document(f"{number % 40}/{number}.md", "\n\n".join(text() for _ in range(A_PAGE)))
            for number in range(CHUNKS // A_PAGE)
        ]
        publish(store, embedder, pages)
        generations = Generations(Path(folder), store, lambda: embedder.fingerprint, repair=False)
        generations.settle()
        index = generations.current()
        ids = sorted(
            one for page in store.catalogue(1, PUBLIC).entries for one in store.chunk_ids([page.revision_id])
        )
        questions = [text()[:60] for _ in range(ROUNDS)]
        vectors = [vector for question in questions for vector in embedder.embed([question])]
        print(f"{len(ids)} chunks; the best {K} of a set; p50 of {ROUNDS} questions")
        print(f"all: dense {_p50(lambda at: index.dense(vectors[at], PUBLIC, K)):.1f} ms, "
              f"words {_p50(lambda at: index.lexical(questions[at], PUBLIC, K)):.1f} ms")  # fmt: skip
        for size in SIZES:
            within = frozenset(drawn.sample(ids, size))
            told = [f"{size:6} chunks"]
            for name, few in (("vectors read", CHUNKS), ("best asked for", 0)):
                _set(few)
                first = _took(lambda within=within: index.dense(vectors[0], PUBLIC, K, within))  # type: ignore[misc]
                took = _p50(lambda at, within=within: index.dense(vectors[at], PUBLIC, K, within))  # type: ignore[misc]
                right = np.mean([_same(index.dense, vector, within) for vector in vectors])
                told.append(f"{name}: first {first:.1f} ms, then {took:.1f} ms, {right:.3f} found")
                took = _p50(lambda at, within=within: index.lexical(questions[at], PUBLIC, K, within))  # type: ignore[misc]
                told.append(f"words, {'listed' if few else 'best asked for'}: {took:.1f} ms")
            print("; ".join(told), flush=True)
        _set(None)
        now = datetime.now(UTC)
        for question in (
            "what in:3 after:2026",
            'what "word1 word2"',
            "what changed in the wiki since March?",
        ):
            first = _took(lambda question=question: narrowed(question, store, 1, PUBLIC, now))  # type: ignore[misc]
            took = _p50(lambda _, question=question: narrowed(question, store, 1, PUBLIC, now))  # type: ignore[misc]
            print(f"filters of {question!r}: first {first:.1f} ms, then {took:.1f} ms")


def read_as_filters() -> None:
    """What is read as a filter of questions that were asked without a thought of filters."""
    sources = ("wiki", "practices", "runs", "handbook", "docs", "experiments", "archive")
    now = datetime.now(UTC)
    catalogue = Catalogue.of(
        Entry(number, source, f"{number}.md", "T", "run" if source == "runs" else "wiki", "ana@x.org", now, 1)
        for number, source in enumerate(sources)
    )
    asked = [json.loads(line) for file in sorted(DATA.glob("*/**/queries.jsonl")) for line in file.open()]
    read = [read_filters(one["text"], catalogue, now).filters for one in asked if one.get("text")]
    plain = sum(any(wanted.guessed for wanted in one.wanted) for one in read)
    short = sum(any(not wanted.guessed for wanted in one.wanted) for one in read)
    quoted = sum(bool(one.phrases) for one in read)
    print(
        f"of {len(read)} questions: {plain} have plain words as filters, {short} short forms, {quoted} quotes"
    )


def _set(few: int | None) -> None:
    published.READ_UP_TO = _READ_UP_TO if few is None else few
    lexical.LISTED_UP_TO = _LISTED_UP_TO if few is None else few


_READ_UP_TO, _LISTED_UP_TO = published.READ_UP_TO, lexical.LISTED_UP_TO


def _same(dense: Callable[..., list[Hit]], vector: Vector, within: frozenset[int]) -> float:
    """The share of the exact best that is found."""
    found = {hit.id for hit in dense(vector, PUBLIC, K, within)}
    before = published.READ_UP_TO
    published.READ_UP_TO = CHUNKS
    exact = [hit.id for hit in dense(vector, PUBLIC, K, within)]
    published.READ_UP_TO = before
    return len(found.intersection(exact)) / len(exact)


def _p50(ask: Callable[[int], object]) -> float:
    return percentile([_took(lambda at=at: ask(at)) for at in range(ROUNDS)], 0.5)  # type: ignore[misc]


def _took(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
