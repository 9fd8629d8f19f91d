"""What every index does, whether a generation answers or the record itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knowledge.adapters.chroma import ChromaServer
from knowledge.adapters.generations import Generations
from knowledge.adapters.published import ForEmbedder, PublishedIndex, RecordIndex
from knowledge.adapters.server_generations import ServerGenerations
from knowledge.adapters.store import SqlStore
from knowledge.audience import EVERYONE
from knowledge.errors import ModelError
from knowledge.ports import Index
from tests.fakes import HashEmbedder
from tests.records import LEADS, NOON, RESEARCH, document, open_store, publish

EMBEDDER = HashEmbedder()
PUBLIC = frozenset({EVERYONE.key})
ALL = frozenset({EVERYONE.key, RESEARCH.key, LEADS.key})
PAGES = [
    document("lr.md", "The learning rate of the baseline is three e minus four.\n\nWarm up slowly."),
    document("gpu.md", "Book a GPU node in the calendar before training."),
    document("tokens.md", "The tokenizer has fifty thousand entries.", audience=RESEARCH),
    document("salary.md", "The learning rate of the secret project is one.", audience=LEADS),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened = open_store(tmp_path_factory.mktemp("data"))
    publish(opened, EMBEDDER, [document("old.md", "Gone tomorrow.")])
    publish(opened, EMBEDDER, PAGES, removed=["wiki/old.md"])
    yield opened
    opened.database.close()


@pytest.fixture(scope="module", params=["generation", "record", "server"])
def index(
    request: pytest.FixtureRequest, store: SqlStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    if request.param == "record":
        yield RecordIndex(store.database, store.published())
        return
    generations: Generations | ServerGenerations
    if request.param == "generation":
        data = Path(store.database.engine.url.database or "").parent
        generations = Generations(data, store, lambda: EMBEDDER.fingerprint, repair=False)
    else:
        server = ChromaServer(request.getfixturevalue("chroma").url)
        data = tmp_path_factory.mktemp("another machine")
        generations = ServerGenerations(
            data, store, lambda: EMBEDDER.fingerprint, server, lambda: NOON, repair=False
        )
    with generations.lock("settle"):
        generations.settle()
    opened = generations.current()
    assert generations.serving() is not None
    assert isinstance(opened, ForEmbedder)
    assert isinstance(opened._index, PublishedIndex)
    yield opened
    generations.close()


def found(store: SqlStore, index: Index, question: str, audiences: frozenset[str], k: int = 10) -> list[str]:
    hits = index.dense(EMBEDDER.embed([question])[0], audiences, k)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    passages = store.passages([hit.id for hit in hits])
    assert len(passages) == len(hits)
    return [passages[hit.id].path for hit in hits]


def test_the_version_is_the_published_one(store: SqlStore, index: Index) -> None:
    assert index.version == store.published()


def test_the_nearest_chunk_comes_first(store: SqlStore, index: Index) -> None:
    assert found(store, index, "learning rate of the baseline", PUBLIC)[0] == "lr.md"
    assert found(store, index, "book a GPU", PUBLIC, k=1) == ["gpu.md"]


def test_scores_are_cosine_similarities(store: SqlStore, index: Index) -> None:
    chunk = "lr.md › Notes\nWarm up slowly."
    (hit,) = index.dense(EMBEDDER.embed([chunk])[0] * 7, PUBLIC, 1)
    assert hit.score == pytest.approx(1.0, abs=1e-3)
    (opposite,) = index.dense(-EMBEDDER.embed([chunk])[0], PUBLIC, 10)[-1:]
    assert opposite.score == pytest.approx(-1.0, abs=1e-3)


def test_only_the_audiences_asked_for_are_found(store: SqlStore, index: Index) -> None:
    question = "learning rate of the secret project"
    assert "salary.md" not in found(store, index, question, PUBLIC)
    assert found(store, index, question, ALL)[0] == "salary.md"
    assert set(found(store, index, question, frozenset({RESEARCH.key}))) == {"tokens.md"}
    assert found(store, index, question, frozenset({"unheard of"})) == []
    assert found(store, index, question, frozenset()) == []
    for words in (index.lexical, index.documents):
        assert words("secret project", PUBLIC - PUBLIC, 10) == []
    secret = index.lexical("secret project", ALL, 1)[0].id
    assert secret not in {hit.id for hit in index.lexical("secret project", PUBLIC, 10)}


def test_k_bounds_what_comes_back(store: SqlStore, index: Index) -> None:
    assert len(found(store, index, "learning", ALL, k=2)) == 2
    assert len(found(store, index, "learning", ALL, k=1000)) == 5
    assert found(store, index, "learning", ALL, k=0) == []


def test_removed_documents_are_not_found(store: SqlStore, index: Index) -> None:
    assert "old.md" not in found(store, index, "gone tomorrow", ALL)
    assert index.lexical("tomorrow", ALL, 10) == []


def test_words_find_chunks_and_documents(store: SqlStore, index: Index) -> None:
    chunk = index.lexical("calendar", ALL, 10)[0].id
    assert store.passages([chunk])[chunk].path == "gpu.md"
    revision = index.documents("calendar", ALL, 10)[0].id
    assert store.siblings(revision)[0].path == "gpu.md"
    (term,) = {"calendar"}
    assert sum(index.document_frequencies([term, "zebra"]).values()) <= 1


def test_a_vector_of_another_model_is_refused(store: SqlStore, index: Index) -> None:
    other = HashEmbedder("other", 32)
    asked = ForEmbedder(index, EMBEDDER.fingerprint, other.fingerprint)
    with pytest.raises(ModelError, match="run `lore sync`"):
        asked.dense(other.embed(["learning"])[0], ALL, 3)
    assert asked.lexical("calendar", ALL, 3)
    for broken in (np.nan, 0.0):
        with pytest.raises(ModelError, match="no direction"):
            ForEmbedder(index, EMBEDDER.fingerprint, EMBEDDER.fingerprint).dense(
                np.full(64, broken, dtype=np.float32), ALL, 3
            )
