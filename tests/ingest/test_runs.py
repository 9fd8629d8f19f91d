"""Experiment logs in the shapes that people write, read as one record and one Run."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.documents import Document, MetricPoint, Run
from tests.ingest.reading import outcomes, source, write

RECORD = {
    "name": "lr-3e-4",
    "status": "finished",
    "started_at": "2026-03-01T10:00:00+00:00",
    "ended_at": "2026-03-01T12:00:00+00:00",
    "owner": "mira@tern.example",
    "code_version": "3f2a",
    "metrics": {"val_loss": 0.21, "test_acc": 0.9500},
    "direction": {"val_loss": "min", "test_acc": "max"},
    "tags": ["sweep", "lr"],
    "notes": "Best of the sweep.",
    "links": ["https://tracker.example/runs/1"],
}
CONFIG = "lr: 3e-4\nmodel:\n  hidden: 256\n  dropout: 0.10\nseed: 7\n"
HISTORY = "step,val_loss\n10,0.5\n20,0.2\n30,0.3\n40,nan\n"


def runs(root: Path, files: dict[str, object]) -> dict[str, Document | str]:
    return outcomes(source(write(root, files), "runs"))


def run(root: Path, files: dict[str, object]) -> Run:
    (document,) = runs(root, files).values()
    assert isinstance(document, Document), document
    assert document.run is not None
    return document.run


def test_the_files_of_one_folder_are_one_run(tmp_path: Path) -> None:
    files = {
        "a/run.json": RECORD,
        "a/config.yaml": CONFIG,
        "a/metrics.csv": HISTORY,
        "a/notes.md": "Ask Mira.",
    }
    (document,) = runs(tmp_path, files).values()
    assert isinstance(document, Document)
    assert (document.path, document.title, document.kind) == ("a", "lr-3e-4", "run")
    assert document.owner == "mira@tern.example"
    assert document.updated_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert document.url == "https://tracker.example/runs/1"
    assert document.run is not None
    points = list(document.run.metrics["val_loss"])
    assert repr(points.pop()) == repr(MetricPoint(40.0, float("nan")))
    assert points == [MetricPoint(10, 0.5), MetricPoint(20, 0.2), MetricPoint(30, 0.3)]
    assert document.run.metrics["test_acc"] == (MetricPoint(None, 0.95),)
    assert document.run.params == {"lr": 3e-4, "model.hidden": 256, "model.dropout": 0.1, "seed": 7}
    assert document.run.direction == {"val_loss": "min", "test_acc": "max"}
    assert document.run.tags == ("sweep", "lr")
    assert document.run.notes == "Best of the sweep.\n\nAsk Mira."
    assert document.run.started_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (document.run.status, document.run.code_version) == ("finished", "3f2a")
    assert document.text == (
        "# lr-3e-4\n\nRun lr-3e-4:\n\n- status: finished\n- started: 2026-03-01T10:00:00+00:00\n"
        "- ended: 2026-03-01T12:00:00+00:00\n- run by: mira@tern.example\n- code version: 3f2a\n"
        "- tags: sweep, lr\n\n## Metrics\n\n"
        "- val_loss: best 0.2 at step 20, last nan at step 40, 1 of 4 values are NaN or infinite, "
        "first at step 40, final 0.21\n- test_acc: 0.95\n\n"
        "## History\n\n| step | val_loss |\n|---|---|\n| 10 | 0.5 |\n| 20 | 0.2 |\n| 30 | 0.3 |\n"
        "| 40 | nan |\n\n"
        "## Parameters\n\n- lr: 3e-4\n- model.hidden: 256\n- model.dropout: 0.10\n- seed: 7\n\n"
        "## Notes\n\nBest of the sweep.\n\nAsk Mira.\n\n## Links\n\n- https://tracker.example/runs/1"
    )


@pytest.mark.parametrize(
    "log",
    [
        {"metrics.jsonl": '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n{"step": 3, "lo'},
        {"metrics.json": {"loss": [[1, 0.5], [2, 0.25]]}},
        {"metrics.json": {"step": [1, 2], "loss": [0.5, 0.25]}},
        {"metrics.json": {"loss": [{"step": 1, "value": 0.5}, {"step": 2, "value": 0.25}]}},
        {"metrics.json": [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]},
        {"run.json": {"history": [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]}},
        {"metrics.tsv": "step\tloss\twall_time\n1\t0.5\t11\n2\t0.25\t12\n"},
        {"metrics.yaml": "loss:\n  step: [1, 2]\n  value: [0.5, 0.25]\n"},
    ],
)
def test_a_history_in_any_of_the_usual_shapes(tmp_path: Path, log: dict[str, object]) -> None:
    found = run(tmp_path, {f"a/{name}": content for name, content in log.items()})
    assert {name: tuple(points) for name, points in found.metrics.items()} == {
        "loss": (MetricPoint(1, 0.5), MetricPoint(2, 0.25))
    }


def test_every_point_of_a_long_history_is_kept_and_the_text_stays_short(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"step": n, "loss": 1 / (1 + n), "acc": n / 9000}) + "\n" for n in range(9000))
    (document,) = runs(tmp_path, {"a/metrics.jsonl": rows}).values()
    assert isinstance(document, Document)
    assert document.run is not None
    assert [point.step for point in document.run.metrics["loss"]] == list(range(9000))
    assert document.run.metrics["acc"][1234] == MetricPoint(1234, 1234 / 9000)
    assert len(document.text) < 1200


@pytest.mark.parametrize(
    "when", [{"ended_at": "2026-03-02"}, {"date": "2026-03-02"}, {"finished_at": "2026-03-02"}]
)
def test_a_run_is_as_old_as_its_log_says(tmp_path: Path, when: dict[str, str]) -> None:
    (document,) = runs(tmp_path, {"a/run.json": {"lr": 0.1, "acc": 0.9, **when}}).values()
    assert isinstance(document, Document)
    assert document.updated_at == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_run_without_a_date_has_none(tmp_path: Path) -> None:
    (document,) = runs(tmp_path, {"a/run.json": {"lr": 0.1}}).values()
    assert isinstance(document, Document)
    assert document.updated_at is None


def test_log_files_that_stand_alone_are_runs_and_a_table_of_runs_is_one_document(tmp_path: Path) -> None:
    files = {
        "sweep-1.json": {"lr": 0.1, "val_acc": 0.8},
        "old/sweep-2.jsonl": '{"step": 1, "loss": 2.0}\n',
        "all.csv": "run,lr,acc\na,0.1,0.8\nb,0.2,0.9\n",
        "readme.md": "No run.",
    }
    found = runs(tmp_path, files)
    assert set(found) == {"sweep-1.json", "old/sweep-2.jsonl", "all.csv"}
    assert found["sweep-1.json"].run.params == {"lr": 0.1}
    assert found["sweep-1.json"].run.metrics["val_acc"] == (MetricPoint(None, 0.8),)
    assert "## a" in found["all.csv"].text
    assert "- acc: 0.9" in found["all.csv"].text


def test_values_stay_as_they_were_logged(tmp_path: Path) -> None:
    config = (
        "version: 1.10\nbig: 12345678901234567890\nhash: 0x1f\nflag: true\nnothing: null\nday: 2026-01-02\n"
    )
    found = run(tmp_path, {"a/config.yaml": config})
    assert found.params["version"] == 1.1
    assert found.params["flag"] is True
    assert found.params["nothing"] is None
    assert found.params["day"] == "2026-01-02"


def test_secrets_of_a_run_are_out_of_its_text_and_its_rows(tmp_path: Path) -> None:
    key = "".join("0123456789abcdef"[n * 7 % 16] for n in range(40))
    record = {"env": {"WANDB_API_KEY": key}, "notes": f"login with hf_{'Ab1' * 12}", "acc": 0.9}
    (document,) = runs(tmp_path, {"a/run.json": record}).values()
    assert isinstance(document, Document)
    assert "Ab1Ab1" not in repr(document)
    assert document.redactions >= 1


def test_yaml_whose_anchors_multiply_is_cut(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert len(run(tmp_path, {"a/config.yaml": bomb}).params) <= 5000


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a/run.json": ""}, "the file is empty"),
        ({"a/run.json": "{broken"}, "not valid JSON"),
        ({"a/config.yaml": "a: [1"}, "a/config.yaml is not valid YAML"),
        ({"a/metrics.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4}, "the contents are not text"),
    ],
)
def test_a_run_that_cannot_be_read_is_refused_and_the_others_are_read(
    tmp_path: Path, files: dict[str, object], reason: str
) -> None:
    found = runs(tmp_path, {**files, "b/run.json": RECORD})
    assert isinstance(found.pop("b"), Document)
    assert str(found.pop("a")).startswith(reason)
