"""Logs runs to the tracking server named first, with MLflow's own client, and prints what it made as JSON."""

import json
import math
import os
import sys
import tempfile
from pathlib import Path

os.environ |= {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false"}

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag


def main(address: str) -> None:
    mlflow.set_tracking_uri(address)
    client = MlflowClient()
    digits = client.create_experiment(
        "digits", tags={"mlflow.note.content": "Networks that read single digits from scans."}
    )
    old = client.create_experiment("old")
    sweep = client.create_run(digits, run_name="warm-up-sweep")
    client.set_terminated(sweep.info.run_id)
    best = client.create_run(
        digits,
        run_name="warm-up-2000",
        tags={
            "mlflow.note.content": "A warm-up of 2000 steps removed the loss spike at step 1200.",
            "mlflow.source.git.commit": "3f2a9c1d",
            "mlflow.parentRunId": sweep.info.run_id,
            "team": "readers",
        },
    )
    points = [Metric("val_loss", 2 / (1 + step / 10), 1_772_600_000_000 + step, step) for step in range(3000)]
    for start in range(0, len(points), 1000):
        client.log_batch(best.info.run_id, metrics=points[start : start + 1000])
    client.log_batch(
        best.info.run_id,
        metrics=[Metric("val_acc", 0.9875, 1_772_600_000_000, 3000), Metric("spiked", math.nan, 1, 0)],
        params=[Param("warmup_steps", "2000"), Param("lr", "0.0003")],
        tags=[RunTag("reviewed", "yes")],
    )
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "conclusion.md"
        note.write_text("Keep the warm-up for every learning rate above 1e-4.\n")
        client.log_artifact(best.info.run_id, str(note))
        (Path(folder) / "weights.bin").write_bytes(bytes(1000))
        client.log_artifact(best.info.run_id, str(Path(folder) / "weights.bin"))
    client.set_terminated(best.info.run_id)
    running = client.create_run(digits, run_name="still-going")
    client.log_metric(running.info.run_id, "val_loss", 0.7, step=1)
    gone = client.create_run(digits, run_name="deleted-run")
    client.delete_run(gone.info.run_id)
    client.delete_experiment(old)
    client.create_registered_model("digit-reader", description="Reads one digit.")
    client.create_model_version(
        "digit-reader", source=f"runs:/{best.info.run_id}/model", run_id=best.info.run_id
    )
    client.set_registered_model_alias("digit-reader", "champion", "1")
    print(
        json.dumps(
            {
                "experiment": digits,
                "sweep": sweep.info.run_id,
                "best": best.info.run_id,
                "running": running.info.run_id,
                "gone": gone.info.run_id,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
