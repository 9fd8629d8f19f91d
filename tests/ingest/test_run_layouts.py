"""Folders as trainers and trackers leave them: what is one run, and what is none."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.parsing.converted import Part
from ingest.parsing.runs import convert_run
from knowledge.documents import Document, MetricPoint, Run
from tests.ingest.event_files import event, event_file, scalar
from tests.ingest.reading import outcomes, source, write

EVENTS = "events.out.tfevents.1772600000.gpu-1.42.0"
LOSS = event_file(event(1, scalar("loss", 1.0)), event(2, scalar("loss", 0.5)))


def runs(root: Path, files: dict[str, Any], **fields: Any) -> dict[str, Document | str]:
    return outcomes(source(write(root, files), "runs", **fields))


def run(root: Path, files: dict[str, Any]) -> tuple[Document, Run]:
    (document,) = runs(root, files).values()
    assert isinstance(document, Document), document
    assert document.run is not None
    return document, document.run


def state(steps: int, **more: Any) -> dict[str, Any]:
    """What a trainer writes with a checkpoint."""
    rows: list[dict[str, Any]] = []
    for step in range(100, steps + 1, 100):
        rows.append(
            {"epoch": step / 1000, "grad_norm": 1.5, "learning_rate": 5e-5, "loss": 200 / step, "step": step}
        )
        rows.append(
            {"epoch": step / 1000, "eval_loss": abs(step - 300) / 100 + 1, "eval_runtime": 2.5, "step": step}
        )
    return {
        "best_global_step": 300,
        "best_metric": 1.0,
        "best_model_checkpoint": "out/checkpoint-300",
        "epoch": steps / 1000,
        "global_step": steps,
        "is_hyper_param_search": False,
        "log_history": rows,
        "max_steps": 500,
        "num_train_epochs": 1,
        "stateful_callbacks": {"TrainerControl": {"args": {"should_save": True}}},
        "total_flos": 1.5e12,
        **more,
    }


def test_the_checkpoints_of_a_trainer_are_one_run_and_its_last_state_counts(tmp_path: Path) -> None:
    files = {
        "out/checkpoint-300/trainer_state.json": state(300),
        "out/checkpoint-500/trainer_state.json": state(500),
        "out/checkpoint-500/config.json": {"hidden_size": 64},
        "out/checkpoint-500/tokenizer_config.json": {"a": 1},
        "out/config.json": {"hidden_size": 64, "id2label": {"0": "x"}, "model_type": "bert"},
        "out/tokenizer.json": {"vocab": {"a": 1}},
        "out/all_results.json": {"eval_loss": 3.0, "train_samples_per_second": 12.0},
        "out/README.md": "# Model card\n\nTrained on the clean split.",
        f"out/runs/Mar04_14-20-00_gpu-1/{EVENTS}": LOSS,
    }
    document, found = run(tmp_path, files)
    assert (document.path, document.title) == ("out", "out")
    assert [point.step for point in found.metrics["loss"]] == [100, 200, 300, 400, 500]
    assert found.direction["eval_loss"] == "min"
    assert found.status == "finished"
    assert found.params["model.hidden_size"] == 64
    assert "Trained on the clean split." in found.notes
    assert "- best metric: eval_loss 1.0 at step 300" in document.text
    assert "- best checkpoint: out/checkpoint-300" in document.text
    assert "- eval_loss: best 1.0 at step 300, last 3.0 at step 500" in document.text
    assert "vocab" not in document.text


def test_a_trainer_that_has_not_finished_says_how_far_it_is(tmp_path: Path) -> None:
    document, found = run(tmp_path, {"out/checkpoint-300/trainer_state.json": state(300)})
    assert found.status is None
    assert "- steps done: 300 of 500" in document.text


def test_a_trainers_folder_that_is_the_source_itself_is_one_run(tmp_path: Path) -> None:
    found = runs(tmp_path / "digits-bert", {"checkpoint-300/trainer_state.json": state(300)})
    (document,) = found.values()
    assert isinstance(document, Document)
    assert (document.path, document.title) == ("digits-bert", "digits-bert")


def test_versions_of_lightning_are_runs_and_keep_their_names(tmp_path: Path) -> None:
    log = "epoch,step,train_loss,val_loss\n0,49,0.9,\n0,49,,0.8\n1,99,0.5,\n1,99,,0.6\n"
    hparams = "lr: 0.02\ndims: !!python/tuple\n- 1\n- 28\nmodel: !!python/object:net.Mlp\n  hidden: 64\n"
    files = {
        "exp/lightning_logs/version_0/metrics.csv": log,
        "exp/lightning_logs/version_0/hparams.yaml": hparams,
        "exp/lightning_logs/version_0/checkpoints/epoch=1-step=100.ckpt": b"PK",
        "exp/lightning_logs/version_1/hparams.yaml": "lr: 0.1\n",
        f"exp/lightning_logs/version_1/{EVENTS}": LOSS,
    }
    found = runs(tmp_path, files)
    assert set(found) == {"exp/lightning_logs/version_0", "exp/lightning_logs/version_1"}
    first, second = found.values()
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.title == "exp/lightning_logs/version_0"
    assert first.run is not None
    assert first.run.metrics["val_loss"] == (MetricPoint(49, 0.8), MetricPoint(99, 0.6))
    assert first.run.params == {"lr": 0.02, "dims": "1, 28", "model.hidden": 64}
    assert second.run is not None
    assert second.run.params == {"lr": 0.1}
    assert set(second.run.metrics) == {"loss"}


def test_hydras_folders_are_runs_with_their_overrides(tmp_path: Path) -> None:
    files = {
        "outputs/2026-03-04/14-20-00/.hydra/config.yaml": "lr: 0.1\nmodel:\n  hidden: 64\n",
        "outputs/2026-03-04/14-20-00/.hydra/overrides.yaml": "- lr=0.1\n- model.hidden=64\n",
        "outputs/2026-03-04/14-20-00/.hydra/hydra.yaml": "hydra:\n  job:\n    name: train\n",
        "outputs/2026-03-04/14-20-00/train.log": "[14:20] start\nCUDA out of memory\n",
        "outputs/2026-03-04/14-20-00/results.json": {"val_acc": 0.9},
        f"outputs/2026-03-04/14-20-00/tb/{EVENTS}": LOSS,
        "multirun/2026-03-05/09-00-00/multirun.yaml": "hydra: {}\n",
        "multirun/2026-03-05/09-00-00/0/.hydra/config.yaml": "lr: 0.2\n",
        "multirun/2026-03-05/09-00-00/1/.hydra/config.yaml": "lr: 0.3\n",
        ".git/config.yaml": "no: 1\n",
    }
    found = runs(tmp_path, files)
    assert set(found) == {
        "outputs/2026-03-04/14-20-00",
        "multirun/2026-03-05/09-00-00/0",
        "multirun/2026-03-05/09-00-00/1",
    }
    one = found["outputs/2026-03-04/14-20-00"]
    assert isinstance(one, Document)
    assert one.run is not None
    assert one.run.params == {"lr": 0.1, "model.hidden": 64}
    assert set(one.run.metrics) == {"val_acc", "loss"}
    assert one.title == "2026-03-04/14-20-00"
    assert "- overrides: lr=0.1, model.hidden=64" in one.text
    assert "- job: train" in one.text
    assert "CUDA out of memory" in one.text
    swept = found["multirun/2026-03-05/09-00-00/1"]
    assert isinstance(swept, Document)
    assert swept.title == "2026-03-05/09-00-00/1"


def test_mlflows_file_store_gives_its_runs_and_none_that_was_deleted(tmp_path: Path) -> None:
    live, dead = "0123456789abcdef0123456789abcdef", "f" * 32
    meta = (
        "artifact_uri: file:///x\nend_time: 1772603600000\nexperiment_id: '7'\nlifecycle_stage: active\n"
        f"run_id: {live}\nrun_name: warm-up\nstart_time: 1772600000000\nstatus: 3\nuser_id: mira\n"
    )
    files = {
        "mlruns/7/meta.yaml": "experiment_id: '7'\nlifecycle_stage: active\nname: digits\n",
        f"mlruns/7/{live}/meta.yaml": meta,
        f"mlruns/7/{live}/params/lr": "0.05",
        f"mlruns/7/{live}/metrics/val/loss": "1772600001000 0.9 1\n1772600002000 0.5 2\n17726",
        f"mlruns/7/{live}/tags/mlflow.note.content": "Longer warm-up.",
        f"mlruns/7/{live}/tags/mlflow.source.git.commit": "3f2a",
        f"mlruns/7/{live}/tags/team": "readers",
        f"mlruns/7/{live}/artifacts/notes.md": "Ask Mira.",
        f"mlruns/7/{live}/artifacts/model/MLmodel": "flavors: {}\n",
        f"mlruns/7/{dead}/meta.yaml": meta.replace("stage: active", "stage: deleted").replace(live, dead),
        f"mlruns/7/{dead}/params/lr": "9",
        "mlruns/8/meta.yaml": "experiment_id: '8'\nlifecycle_stage: deleted\nname: old\n",
        f"mlruns/8/{live}/meta.yaml": meta,
        f"mlruns/8/{live}/params/lr": "1",
        "mlruns/models/digits/meta.yaml": "name: digits\n",
        "mlruns/models/digits/version-1/meta.yaml": "version: 1\n",
    }
    document, found = run(tmp_path, files)
    assert (document.path, document.title, document.owner) == (f"mlruns/7/{live}", "warm-up", "mira")
    assert found.params == {"lr": 0.05}
    assert found.metrics["val/loss"] == (MetricPoint(1, 0.9), MetricPoint(2, 0.5))
    assert (found.status, found.code_version, found.tags) == ("finished", "3f2a", ("team=readers",))
    assert "Longer warm-up." in found.notes
    assert "Ask Mira." in found.notes
    assert "- experiment: digits" in document.text


def test_a_wandb_folder_is_a_run_and_what_else_is_there_is_none(tmp_path: Path) -> None:
    folder = "wandb/run-20260304_142000-ab12cd34"
    files = {
        f"{folder}/files/config.yaml": "_wandb:\n  value: {}\nlr:\n  desc: null\n  value: 0.05\n",
        f"{folder}/files/wandb-summary.json": {"acc": 0.9, "_step": 10, "img": {"_type": "image-file"}},
        f"{folder}/files/wandb-metadata.json": {
            "git": {"commit": "3f2a", "remote": "git@git.example:ml.git"},
            "codePath": "train.py",
            "args": ["--lr", "0.05"],
        },
        f"{folder}/files/output.log": "epoch 1: 10%\repoch 1: 100%\ndone\n",
        f"{folder}/logs/debug.log": "secret things",
        "wandb/settings": "[default]\n",
    }
    document, found = run(tmp_path, files)
    assert found.params == {"lr": 0.05}
    assert found.metrics["acc"] == (MetricPoint(None, 0.9),)
    assert found.code_version == "3f2a"
    assert "- command: train.py --lr 0.05" in document.text
    assert "epoch 1: 100%\ndone" in document.text
    assert "10%\r" not in document.text
    assert "secret things" not in document.text


def test_a_plain_folder_keeps_the_events_below_it(tmp_path: Path) -> None:
    files = {"a/config.yaml": "lr: 0.1\n", f"a/tb/{EVENTS}": LOSS, "b/config.yaml": "lr: 0.2\n"}
    found = runs(tmp_path, files)
    assert set(found) == {"a", "b"}
    a = found["a"]
    assert isinstance(a, Document)
    assert a.run is not None
    assert (set(a.run.metrics), a.run.params) == ({"loss"}, {"lr": 0.1})


def test_in_14_a_run_is_known_as_the_same_until_any_of_its_files_changes(tmp_path: Path) -> None:
    files = {
        "a/.hydra/config.yaml": "lr: 0.1\n",
        "a/.hydra/overrides.yaml": "- lr=0.1\n",
        "a/train.log": "ok",
    }
    of = source(write(tmp_path, files), "runs")
    digests = set()
    for change in ({}, {"a/train.log": "oops"}, {"a/.hydra/overrides.yaml": "[]\n"}, {"a/unread.bin": b"x"}):
        write(tmp_path, change)
        (document,) = outcomes(of).values()
        assert isinstance(document, Document)
        digests.add(document.digest)
    assert len(digests) == 3


def test_in_03_event_files_that_are_too_large_are_left_out_of_their_run_and_named(tmp_path: Path) -> None:
    files = {"a/.hydra/config.yaml": "lr: 0.1\n", f"a/tb/{EVENTS}": LOSS * 400}
    (document,) = runs(tmp_path, files, max_bytes=20_000).values()
    assert isinstance(document, Document)
    assert document.run is not None
    assert document.run.params == {"lr": 0.1}
    assert "too large" in document.notes[0]


def test_in_03_a_million_rows_are_one_run_of_bounded_size() -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["step", "loss"])
    writer.writerows((n, 1e6 - n if n != 654_321 else -5.0) for n in range(1_000_000))
    found = convert_run([Part("a", b""), Part("a/metrics.csv", out.getvalue().encode())])
    assert found.run is not None
    points = found.run["metrics"]["loss"]
    assert len(points) <= 500_003
    assert points[0] == (0.0, 1e6)
    assert points[-1] == (999_999.0, 1.0)
    assert (654_321.0, -5.0) in points
    assert "- loss: best -5.0 at step 654321, last 1.0 at step 999999, 1,000,000 points" in found.text


def test_steps_that_come_twice_and_go_back_are_said(tmp_path: Path) -> None:
    rows = [*range(1, 6), *range(3, 8), 7]
    log = "".join(json.dumps({"step": step, "loss": 1 / step}) + "\n" for step in rows)
    document, found = run(tmp_path, {"a/metrics.jsonl": log})
    assert len(found.metrics["loss"]) == len(rows)
    assert "logged again from step 3 on" in document.text


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("val_loss", "min"),
        ("eval/wer", "min"),
        ("test_top5", "max"),
        ("pass@1", "max"),
        ("eval_bleu", "max"),
        ("train/reward", "max"),
        ("step_avg_ms", "min"),
        ("loss_scale", None),
        ("learning_rate", None),
        ("lr-AdamW", None),
        ("grad_norm", None),
    ],
)
def test_the_usual_names_tell_which_way_is_better(tmp_path: Path, name: str, way: str | None) -> None:
    _, found = run(tmp_path, {"a/metrics.json": {name: [1.0, 2.0]}})
    assert found.direction.get(name) == way


def test_a_value_keeps_its_unit(tmp_path: Path) -> None:
    document, found = run(tmp_path, {"a/metrics.json": {"latency": {"value": 12.5, "unit": "ms"}}})
    assert found.metrics["latency"] == (MetricPoint(None, 12.5),)
    assert "- latency (ms): 12.5" in document.text


@pytest.mark.parametrize(
    "files",
    [
        {"a/checkpoint-1/trainer_state.json": '{"log_history": [' * 40_000},
        {"a/checkpoint-1/trainer_state.json": '{"global_step": 1, "log_history": [1, null, "x", []]'},
        {"a/.hydra/config.yaml": "[" * 60_000},
        {"a/version_0/hparams.yaml": "x: !!python/object/apply:os.system ['true']\n" + "[" * 1000},
        {"wandb/run-20260304_142000-ab/files/wandb-summary.json": "[" * 60_000},
    ],
)
def test_in_18_hostile_files_of_trackers_are_refused_and_the_others_are_read(
    tmp_path: Path, files: dict[str, Any]
) -> None:
    found = runs(tmp_path, {**files, "b/run.json": {"acc": 0.9}})
    assert isinstance(found.pop("b"), Document)
    (reason,) = found.values()
    assert isinstance(reason, str)


def test_what_yaml_says_of_python_is_never_run(tmp_path: Path) -> None:
    text = f"x: !!python/object/apply:os.system ['touch {tmp_path}/made']\nlr: 0.1\n"
    _, found = run(tmp_path, {"v/version_0/hparams.yaml": text})
    assert found.params["lr"] == 0.1
    assert not (tmp_path / "made").exists()
