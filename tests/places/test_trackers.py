"""What real trackers write and a real MLflow server answers, read by the readers as they are."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import KINDS, read
from ingest.readers.wandb import RUN_FIELDS
from ingest.source_tables import source_from_table
from ingest.sources import Incomplete, Item, Reading, Skipped, Source
from knowledge.documents import Document, MetricPoint
from tests.ingest.reading import outcomes, source
from tests.ingest.wandb_site import KEY, wandb_site
from tests.places.tracking import WRITERS, Mlflow, write

pytestmark = [pytest.mark.places, pytest.mark.timeout(900), pytest.mark.usefixtures("trackers")]


def tracking(mlflow: Mlflow, **table: Any) -> Source:
    named = {
        "name": "tracking",
        "kind": "mlflow",
        "audience": "everyone",
        "address": mlflow.address,
        "private_network": True,
        **table,
    }
    return source_from_table(named, Path("/"), KINDS, {})


def listed(of: Source, known: dict[str, str] | None = None) -> dict[str, Item]:
    found = list(read(of, Reading(known=known or {})))
    assert not [one for one in found if isinstance(one, Incomplete | Skipped)]
    return {one.path: one for one in found if isinstance(one, Item)}


def test_a_real_mlflow_server_is_read_run_by_run(mlflow: Mlflow) -> None:
    made = mlflow.made
    found = listed(tracking(mlflow))
    path = f"{made['experiment']}/{made['best']}"
    assert set(found) == {
        path,
        f"{made['experiment']}/{made['sweep']}",
        f"{made['experiment']}/{made['running']}",
        f"experiments/{made['experiment']}",
        "models/digit-reader",
    }
    run = found[path].load()
    assert run.digest == found[path].digest
    assert run.run is not None
    assert run.title == "warm-up-2000"
    assert run.run.params == {"warmup_steps": 2000, "lr": 0.0003}
    losses = run.run.metrics["val_loss"]
    assert 1000 <= len(losses) <= 1003
    assert (losses[0], losses[-1].step) == (MetricPoint(0, 2.0), 2999)
    assert run.run.metrics["val_acc"] == (MetricPoint(3000, 0.9875),)
    assert str(run.run.metrics["spiked"][0].value) == "nan"
    assert set(run.run.tags) == {"team=readers", "reviewed=yes"}
    assert (run.run.status, run.run.code_version) == ("finished", "3f2a9c1d")
    assert "Keep the warm-up for every learning rate above 1e-4." in run.run.notes
    assert f"- parent run: warm-up-sweep ({made['sweep']})" in run.text
    assert "3,000 points of which about 1,000 are kept" in run.text
    going = found[f"{made['experiment']}/{made['running']}"].load()
    assert going.run is not None
    assert going.run.status == "running"
    model = found["models/digit-reader"].load()
    assert f"made by run warm-up-2000 ({made['best']})" in model.text
    assert "- champion: version 1" in model.text
    assert "read single digits from scans" in found[f"experiments/{made['experiment']}"].load().text


def test_a_real_mlflow_server_that_did_not_change_gives_the_same_digests(mlflow: Mlflow) -> None:
    first = {path: one.digest for path, one in listed(tracking(mlflow)).items()}
    again = {path: one.digest for path, one in listed(tracking(mlflow), first).items()}
    assert again == first
    named = listed(tracking(mlflow, experiments=["digits"], models=False, artifacts=False))
    assert len(named) == 4


def test_what_tensorboard_itself_writes_is_read(tmp_path: Path) -> None:
    write("tensorboard_runs.py", str(tmp_path / "tb"), cwd=tmp_path)
    found = outcomes(source(tmp_path / "tb", "runs"))
    assert set(found) == {"simple", "tensors"}
    simple, tensors = found["simple"], found["tensors"]
    assert isinstance(simple, Document)
    assert isinstance(tensors, Document)
    assert simple.run is not None
    assert simple.run.params == {"lr": 0.05, "optimizer": "sgd", "nesterov": True}
    assert simple.run.status == "finished"
    assert simple.run.metrics["loss"][250] == MetricPoint(250, 1.5)
    assert "Seed 7 diverged twice." in simple.text
    assert "- images: samples" in simple.text
    assert tensors.run is not None
    assert len(tensors.run.metrics["train/loss"]) == 1000
    assert tensors.run.metrics["val/accuracy"] == (MetricPoint(999, 0.97),)
    assert not simple.notes
    assert not tensors.notes


def test_what_wandb_itself_writes_offline_is_read(tmp_path: Path) -> None:
    write("wandb_run.py", str(tmp_path), cwd=tmp_path)
    (document,) = outcomes(source(tmp_path / "wandb", "runs")).values()
    assert isinstance(document, Document), document
    assert document.run is not None
    assert document.title == "cosine-schedule"
    assert document.run.params == {"lr": 0.05, "model.hidden": 256}
    assert len(document.run.metrics["loss"]) == 301
    assert document.run.metrics["val/acc"][30] == MetricPoint(30, 0.1)
    assert (document.run.status, document.run.tags) == ("finished", ("schedule",))
    assert "no better than a constant one" in document.run.notes
    assert "epoch 3 done" in document.text
    assert set(document.run.metrics) == {"loss", "val/acc"}
    assert not document.notes


def test_wandbs_own_client_reads_from_the_test_server_what_lore_reads(tmp_path: Path) -> None:
    with wandb_site() as server:
        rows = [{"_step": step, "loss": 1 / (1 + step)} for step in range(5)]
        config, summary = '{"lr": {"value": 0.1}}', '{"loss": 0.2}'
        server.run("digits", "ab12", rows, config=config, summaryMetrics=summary, notes="Cosine.")
        said = json.loads(write("wandb_client.py", server.site.address, KEY, cwd=tmp_path).splitlines()[-1])
        table = {
            "name": "tracked",
            "kind": "wandb",
            "audience": "everyone",
            "address": server.site.address,
            "private_network": True,
            "team": "team",
            "projects": ["digits"],
            "api_key": "WANDB_API_KEY",
        }
        of = source_from_table(table, Path("/"), KINDS, {"WANDB_API_KEY": KEY})
        (item,) = listed(of).values()
        run = item.load().run
    assert run is not None
    assert (said["name"], said["notes"], said["state"]) == ("ab12", run.notes, run.status)
    assert said["config"] == run.params
    assert [row["loss"] for row in said["history"]] == [point.value for point in run.metrics["loss"]]
    assert set(re.findall(r"\w+", RUN_FIELDS)) - {"fragment", "Run", "on"} <= set(said["asked_for"])


def test_what_hydra_itself_leaves_behind_is_read(tmp_path: Path) -> None:
    write("hydra_app.py", "lr=0.2", cwd=tmp_path)
    write("hydra_app.py", "--multirun", "lr=0.3,0.4", cwd=tmp_path)
    found = outcomes(source(tmp_path, "runs"))
    assert len(found) == 3
    rates = []
    for document in found.values():
        assert isinstance(document, Document)
        assert document.run is not None
        rates.append(document.run.params["lr"])
        assert f"- overrides: lr={document.run.params['lr']}" in document.text
        assert "learning rate" in document.text
    assert sorted(rates) == [0.2, 0.3, 0.4]


def test_what_hugging_faces_own_trainer_saves_is_one_run(tmp_path: Path) -> None:
    script = WRITERS / "trainer_state.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True, timeout=400)
    (document,) = outcomes(source(tmp_path, "runs")).values()
    assert isinstance(document, Document)
    assert document.run is not None
    assert [point.step for point in document.run.metrics["loss"]] == [50, 100, 150, 200]
    assert document.run.status == "finished"
    assert document.run.direction["eval_f1"] == "max"
    assert "- best metric: eval_f1 0.8 at step 200" in document.text
    assert "- best checkpoint: out/checkpoint-200" in document.text


def test_a_source_of_real_runs_is_cut_and_narrowed_like_any_other(mlflow: Mlflow) -> None:
    only = replace(tracking(mlflow), include=("models/*",))
    assert set(listed(only)) <= {"models/digit-reader"}
