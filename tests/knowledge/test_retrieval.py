"""A question finds passages by meaning and by words, for its readers only, and says how sure it is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import retrieval
from knowledge.adapters.generations import Generations
from knowledge.audience import EVERYONE
from knowledge.documents import Chunk, Passage, Scores, Turn
from knowledge.ports import Hit
from knowledge.retrieval import Retriever, contenders, covered, fused
from tests.fakes import HashEmbedder
from tests.records import LEADS, document, open_store, publish

EMBEDDER = HashEmbedder()
PUBLIC = frozenset({EVERYONE.key})
PAGES = [
    document("lr.md", "The learning rate of the 13B run is three e minus four."),
    document("lr-176.md", "The learning rate of the 176B run is six e minus five."),
    document("gpu.md", "Book a GPU node in the shared calendar before training."),
    document("lunch.md", "Lunch is at noon in the canteen."),
    document("secret.md", "The learning rate of the secret run is one.", audience=LEADS),
]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    store = open_store(data)
    publish(store, EMBEDDER, PAGES)
    generations = Generations(data, store, lambda: EMBEDDER.fingerprint, repair=False)
    yield Retriever(generations.current(), store, EMBEDDER)
    generations.close()
    store.database.close()


def paths(found):
    return [Path(passage.path).name for passage in found.passages]


def test_the_best_passage_comes_first(retriever):
    found = retriever.retrieve("How do I book a GPU node?", PUBLIC, 3)
    assert paths(found)[0] == "gpu.md"
    assert [p.scores.fused for p in found.passages] == sorted(
        (p.scores.fused for p in found.passages), reverse=True
    )
    assert found.passages[0].scores.lexical is not None


def test_only_what_the_readers_may_read(retriever):
    assert "secret.md" not in paths(retriever.retrieve("learning rate of the secret run", PUBLIC, 10))
    assert "secret.md" in paths(
        retriever.retrieve("learning rate of the secret run", PUBLIC | {LEADS.key}, 10)
    )


@pytest.mark.parametrize(
    ("question", "audiences", "k"),
    [("", PUBLIC, 5), ("  ", PUBLIC, 5), ("rate", frozenset(), 5), ("rate", PUBLIC, 0)],
)
def test_nothing_to_ask_or_nobody_to_answer(retriever, question, audiences, k):
    found = retriever.retrieve(question, audiences, k)
    assert found.passages == []
    assert (found.fit.dense, found.fit.coverage) == (0, 0)


def test_a_follow_up_is_searched_with_the_conversation(retriever):
    found = retriever.retrieve(
        "and for the 13B run?", PUBLIC, 2, [Turn("What learning rate did the 176B run use?")]
    )
    assert paths(found)[0] == "lr.md"
    assert "learning rate" in found.searched_for


def test_the_fit_is_better_where_there_is_an_answer(retriever):
    known = retriever.retrieve("How do I book a GPU node?", PUBLIC, 5).fit
    unknown = retriever.retrieve("Who won the chess tournament in Reykjavik?", PUBLIC, 5).fit
    assert known.coverage == pytest.approx(1.0)
    assert unknown.coverage == 0
    assert known.dense > unknown.dense


def test_a_very_long_question_is_answered_too(retriever):
    assert paths(retriever.retrieve("GPU node calendar " * 2000, PUBLIC, 1)) == ["gpu.md"]


def passage(number, revision=None):
    return Passage(
        chunk_id=number,
        revision_id=number if revision is None else revision,
        chunk=Chunk(0, f"text {number}", (), 0, 6, 1),
        document_id=f"wiki/{number}",
        source="wiki",
        path=str(number),
        title="T",
        kind="wiki",
        audience_key="everyone",
        scores=Scores(0.0),
    )


def test_each_list_counts_by_its_share_of_its_best():
    found = fused({1: passage(1), 2: passage(2)}, [Hit(1, 0.8), Hit(2, 0.4)], [Hit(2, 6.0)], [Hit(2, 3.0)])
    scores = {one.chunk_id: one.scores for one in found}
    assert scores[1].fused == pytest.approx(retrieval.DENSE_WEIGHT)
    assert scores[2].fused == pytest.approx(
        retrieval.DENSE_WEIGHT / 2 + retrieval.LEXICAL_WEIGHT + retrieval.DOCUMENT_WEIGHT
    )
    assert (scores[2].dense, scores[2].lexical, scores[2].document) == (0.4, 6.0, 3.0)
    assert scores[1].lexical is None


HITS = st.dictionaries(st.integers(0, 30), st.floats(0, 1), max_size=25).map(
    lambda found: sorted((Hit(number, score) for number, score in found.items()), key=lambda hit: -hit.score)
)


@given(HITS, HITS, HITS, st.integers(1, 10))
def test_leaving_out_who_cannot_win_changes_no_result(dense, lexical, documents, k):
    everyone = {hit.id: passage(hit.id, hit.id % 5) for hit in (*dense, *lexical)}
    some = {number: everyone[number] for number in contenders(dense, lexical, k)}
    best = [one.scores.fused for one in fused(everyone, dense, lexical, documents)[:k]]
    assert [one.scores.fused for one in fused(some, dense, lexical, documents)[:k]] == pytest.approx(best)


def test_coverage_weighs_rare_terms_more():
    one = passage(1)
    rare = covered(["text", "zebra"], {"text": 1, "zebra": 90}, [one])
    common = covered(["text", "zebra"], {"text": 90, "zebra": 1}, [one])
    assert 0 < common < rare < 1
    assert covered([], {}, [one]) == 0
