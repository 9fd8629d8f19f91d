"""What the lexical index does: words and identifiers found, for those who may read them, and kept on disk."""

import shutil
from pathlib import Path

import pytest

from knowledge.adapters.lexical import LexicalChunk, LexicalDocument, LexicalIndex
from knowledge.errors import IndexDamaged

EVERYONE = frozenset({"everyone"})
TEXTS = {
    1: ("Training", "Optimizer", "We set learning_rate to 3e-4 and the final loss was 3.2782."),
    2: ("Serving", "Latency", "The DiffExecutor wraps two executors; call run_target()."),
    3: ("Runs", "tr1-13B", "The tr1-13B run used 1,024 GPUs and torch.compile v2.1.0."),
    4: ("Payroll", "", "The learning rate of salaries."),
    5: ("Training", "Restarts", "Restarting the trainings after a crash."),
}


def made(folder: Path) -> LexicalIndex:
    index = LexicalIndex.create(folder / "lexical")
    index.write(
        [
            LexicalChunk(number, '["#finance"]' if number == 4 else "everyone", title, section, text)
            for number, (title, section, text) in TEXTS.items()
        ],
        [
            LexicalDocument(100 + n, "everyone", title, text)
            for n, (title, _, text) in TEXTS.items()
            if n != 4
        ],
    )
    return index


@pytest.fixture
def index(tmp_path):
    opened = made(tmp_path)
    yield opened
    opened.close()


def ids(hits):
    return [hit.id for hit in hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("learning_rate", 1),
        ("What is the learning rate?", 1),
        ("3.2782", 1),
        ("3e-4", 1),
        ("DiffExecutor", 2),
        ("diff executor", 2),
        ("diffexecutor", 2),
        ("run_target", 2),
        ("tr1-13B", 3),
        ("TR1 13b", 3),
        ("torch.compile", 3),
        ("compile", 3),
        ("v2.1.0", 3),
        ("1024 GPUs", 3),
        ("trained restart crashes", 5),
        ("latency", 2),
    ],
)
def test_words_and_identifiers_are_found_whole_and_in_parts(index, query, first):
    assert ids(index.lexical(query, EVERYONE, 5))[:1] == [first]


def test_best_first_and_at_most_k(index):
    hits = index.lexical("training run loss", EVERYONE, 3)
    assert 1 < len(hits) <= 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_only_what_the_audience_may_read(index):
    assert 4 not in ids(index.lexical("learning rate salaries", EVERYONE, 10))
    assert ids(index.lexical("learning rate salaries", frozenset({'["#finance"]'}), 10)) == [4]
    assert ids(index.lexical("salaries", EVERYONE | {'["#finance"]'}, 10)) == [4]
    assert index.lexical("learning rate", frozenset(), 10) == []
    assert index.lexical("learning rate", frozenset({"nobody"}), 10) == []


@pytest.mark.parametrize(
    "query", ["text:loss AND (", '"loss', "loss^9", "-loss +", "*", "loss~2 OR *:*", "\\", "[1 TO 2]", "id:1"]
)
def test_a_question_is_never_query_syntax(index, query):
    hits = ids(index.lexical(query, EVERYONE, 10))
    assert hits == ([1] if "loss" in query else hits)


@pytest.mark.parametrize("query", ["", " ", "?!", "🙂", "the of and", "\x00"])
def test_a_question_without_words_finds_nothing_or_something_but_never_fails(index, query):
    assert len(index.lexical(query, EVERYONE, 10)) <= 4


def test_a_very_long_question_is_asked_with_its_rarest_terms(index):
    hits = index.lexical("filler " * 3000 + " ".join(f"w{n}" for n in range(5000)) + " tr1-13B", EVERYONE, 5)
    assert ids(hits)[:1] == [3]


def test_whole_documents(index):
    assert ids(index.documents("run_target executors", EVERYONE, 5))[:1] == [102]


def test_document_frequencies_count_chunks(index):
    assert index.document_frequencies(["learn", "tr1-13b", "nowhere"]) == {
        "learn": 2,
        "tr1-13b": 1,
        "nowhere": 0,
    }


def test_removing_and_replacing(index, tmp_path):
    index.write(
        [LexicalChunk(2, "everyone", "Serving", "", "Now about zebras.")],
        remove_chunks=[1],
        remove_documents=[101],
    )
    assert index.chunk_count() == 4
    assert index.document_count() == 3
    assert index.lexical("3.2782", EVERYONE, 5) == []
    assert index.lexical("DiffExecutor", EVERYONE, 5) == []
    assert ids(index.lexical("zebra", EVERYONE, 5)) == [2]
    again = LexicalIndex.open(tmp_path / "lexical")
    assert ids(again.lexical("zebra", EVERYONE, 5)) == [2]
    assert again.chunk_count() == 4


def test_a_copy_is_an_index_of_its_own(index, tmp_path):
    shutil.copytree(tmp_path / "lexical", tmp_path / "next")
    copy = LexicalIndex.open(tmp_path / "next")
    copy.write(remove_chunks=[1, 2, 3])
    assert copy.chunk_count() == 2
    assert index.chunk_count() == 5
    assert ids(index.lexical("tr1-13B", EVERYONE, 5)) == [3]


def test_many_writes_give_the_scores_of_one(tmp_path):
    single = LexicalIndex.create(tmp_path / "single")
    many = LexicalIndex.create(tmp_path / "many")
    rows = [LexicalChunk(n, "everyone", "t", "s", f"word{n % 7} common {'x ' * (n % 5)}") for n in range(60)]
    single.write(rows)
    for row in rows:
        many.write([row])
    for query in ("word3 common", "x common", "word6"):
        one, other = single.lexical(query, EVERYONE, 60), many.lexical(query, EVERYONE, 60)
        assert ids(one) == ids(other)
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], rel=1e-4)


@pytest.mark.parametrize("damage", ["missing", "empty", "torn"])
def test_a_damaged_folder_says_so(tmp_path, damage):
    made(tmp_path).close()
    folder = tmp_path / "lexical"
    if damage == "missing":
        shutil.rmtree(folder / "chunks")
    elif damage == "empty":
        shutil.rmtree(folder / "documents")
        (folder / "documents").mkdir()
    else:
        (folder / "chunks" / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged):
        LexicalIndex.open(folder)
