"""`lore eval` on a small folder: every figure, from the code that answers."""

import json
import shutil
from pathlib import Path

import pytest

from bot.evaluating import evaluate
from knowledge.adapters.eval_set import read_eval_set
from knowledge.errors import SettingsError
from tests.fakes import HashEmbedder

RANKING = {
    "ndcg@10", "recall@5", "recall@10", "mrr@10", "auroc",
    "queries", "documents", "chunks", "index_s", "query_ms_p50", "query_ms_p95",
}  # fmt: skip
ANSWERS = {
    "excerpt_recall@5", "excerpt_precision@5", "excerpt_iou@5", "evidence_in_context",
    "answer_hit", "citation_precision", "answered", "wrongly_answered",
}  # fmt: skip
GPU = "Book a GPU node in the shared calendar before training. Nodes are released at noon."
CORPUS = [
    {"id": "gpu.md", "title": "GPU nodes", "text": f"# GPU nodes\n\n{GPU}", "source": "x", "url": ""},
    {"id": "lr.md", "title": "Learning rate", "text": "The learning rate of the baseline run is 0.0003."},
    {"id": "https://docs.example/a#b", "title": "Lunch", "text": "Lunch is at noon in the canteen."},
]
START = CORPUS[0]["text"].index("shared calendar")
QUERIES = [
    {
        "id": "q1",
        "text": "Where do I book a GPU node before training?",
        "answers": ["shared calendar"],
        "answerable": True,
        "excerpts": [
            {"file": "gpu.md", "content": "shared calendar", "start_index": START, "end_index": START + 15}
        ],
    },
    {"id": "q2", "text": "What is the learning rate of the baseline run?", "answers": ["0.0003"]},
    {"id": "q3", "text": "Who won the chess tournament?", "answerable": False, "answers": []},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tgpu.md\t1\nq2\tlr.md\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, QUERIES)
    return tmp_path


def write(folder: Path, queries: list) -> None:
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)) + "\n")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)) + "\n")
    (folder / "qrels.tsv").write_text(QRELS)


def test_every_figure_that_scripts_rely_on(folder):
    figures = evaluate(folder, HashEmbedder()).as_json()
    assert set(figures) == RANKING | ANSWERS
    assert figures["ndcg@10"] == figures["mrr@10"] == figures["recall@5"] == 1
    assert figures["auroc"] == 1
    assert (figures["queries"], figures["documents"], figures["chunks"]) == (3, 3, 3)
    assert figures["excerpt_recall@5"] == figures["evidence_in_context"] == 1
    assert 0 < figures["excerpt_iou@5"] <= figures["excerpt_precision@5"] < 1
    assert figures["wrongly_answered"] == 0
    assert json.loads(json.dumps(figures)) == figures


def test_a_folder_without_answers_has_the_ranking_only(folder):
    write(folder, [{"id": one["id"], "text": one["text"]} for one in QUERIES[:2]])
    figures = evaluate(folder, HashEmbedder()).as_json()
    assert set(figures) == RANKING
    assert figures["auroc"] is None


def test_nothing_stays_behind(folder):
    before = sorted(folder.rglob("*"))
    evaluate(folder, HashEmbedder())
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_told_in_one_line(folder, name):
    (folder / name).unlink()
    with pytest.raises(SettingsError, match=name) as caught:
        read_eval_set(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("queries.jsonl", '{"id": "q1"}', "line 1"),
        ("queries.jsonl", "[1]", "line 1"),
        ("corpus.jsonl", "{", "line 1"),
        ("corpus.jsonl", '{"id": 3, "text": "x"}', "line 1"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\tgpu.md", "line 2"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\tgpu.md\tgood", "line 2"),
        ("queries.jsonl", '{"id": "q", "text": "x", "excerpts": [{"content": "y"}]}', "start_index"),
    ],
)
def test_a_wrong_line_is_told(folder, name, text, said):
    (folder / name).write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_eval_set(folder)


def test_the_same_text_under_two_ids_is_two_documents(folder, tmp_path_factory):
    twice = tmp_path_factory.mktemp("twice")
    shutil.copytree(folder, twice, dirs_exist_ok=True)
    rows = [*CORPUS, {**CORPUS[0], "id": "copy.md"}]
    (twice / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert evaluate(twice, HashEmbedder()).as_json()["documents"] == 4
