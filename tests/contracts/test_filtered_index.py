"""Searching within a set gives what searching all and then filtering gives, however the set is searched."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.adapters import lexical, published
from knowledge.adapters.filtered import grown
from knowledge.adapters.generations import Generations
from knowledge.adapters.published import RecordIndex
from knowledge.adapters.store import SqlStore
from knowledge.audience import EVERYONE
from knowledge.ports import Hit, Index
from tests.fakes import HashEmbedder
from tests.records import LEADS, document, open_store, publish

EMBEDDER = HashEmbedder()
WORDS = ["rate", "node", "loss", "seed", "batch", "token", "drift", "label", "shard", "probe"]
AUDIENCES = [EVERYONE, LEADS]
COUNT = 160


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    drawn = random.Random(7)
    opened = open_store(tmp_path_factory.mktemp("data"))
    pages = [
        document(
            f"{number}.md",
            " ".join(drawn.choices(WORDS, k=6))
            + f" page {number}.\n\nMore {drawn.choice(WORDS)} of it {number}.",
            audience=AUDIENCES[number % 3 == 0],
        )
        for number in range(COUNT // 2)
    ]
    publish(opened, EMBEDDER, pages)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module", params=["generation", "record"])
def index(request: pytest.FixtureRequest, store: SqlStore) -> Index:
    if request.param == "record":
        return RecordIndex(store.database, store.published())
    data = Path(store.database.engine.url.database or "").parent
    generations = Generations(data, store, lambda: EMBEDDER.fingerprint, repair=False)
    generations.settle()
    return generations.current()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    within=st.frozensets(st.integers(1, COUNT + 5)),
    question=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    audiences=st.sets(st.sampled_from([EVERYONE.key, LEADS.key])).map(frozenset),
    k=st.integers(1, 12),
    few=st.sampled_from([0, 20, 2_000]),
)
def test_the_same_as_filtering_afterwards(
    index: Index, monkeypatch: pytest.MonkeyPatch, within: frozenset[int], question: str,
    audiences: frozenset[str], k: int, few: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(published, "READ_UP_TO", few)
    monkeypatch.setattr(lexical, "LISTED_UP_TO", few)
    vector = EMBEDDER.embed([question])[0]
    for ask, asked in ((index.dense, vector), (index.lexical, question), (index.documents, question)):
        everything = ask(asked, audiences, 10 * COUNT)  # type: ignore[operator]
        expected = [hit for hit in everything if hit.id in within][:k]
        found = ask(asked, audiences, k, within)  # type: ignore[operator]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-5)
        assert {hit.id for hit in found} <= within
        scores = {hit.id: hit.score for hit in everything}
        assert all(scores[hit.id] == pytest.approx(hit.score, abs=1e-5) for hit in found)


def test_nothing_is_found_within_nothing(index: Index) -> None:
    vector = EMBEDDER.embed(["rate"])[0]
    for ask, asked in ((index.dense, vector), (index.lexical, "rate"), (index.documents, "rate")):
        assert ask(asked, frozenset({EVERYONE.key}), 5, frozenset()) == []  # type: ignore[operator]


@given(st.integers(0, 300), st.frozensets(st.integers(0, 299)), st.integers(1, 20), st.integers(0, 500))
def test_growing_gives_the_best_within_or_says_that_it_did_not_look_far_enough(
    count: int, within: frozenset[int], k: int, most: int
) -> None:
    hits = [Hit(number, 1 - number / 300) for number in range(count)]
    found = grown(lambda asked: hits[:asked], within, k, most)
    assert found is None or found == [hit for hit in hits if hit.id in within][:k]
