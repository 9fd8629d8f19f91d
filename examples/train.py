"""Trains Tern's small models on scikit-learn's bundled data sets and logs every run to `runs/`.

    python examples/train.py                     # all runs, under a minute
    python examples/train.py digits-mlp-wide     # one run
    python examples/train.py --into elsewhere    # another folder

The numbers are measured each time; seeds are fixed and BLAS is held to one thread, so that they come out
the same. The dates are part of the story of an invented team and come from the table of runs.
"""

import argparse
import csv
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import models
import yaml
from models import Params, Result, Row
from threadpoolctl import threadpool_limits

HERE = Path(__file__).parent
JONAS, PRIYA, HANA = "jonas@tern.example", "priya@tern.example", "hana@tern.example"
MLP: Params = {"optimizer": "adam", "learning_rate": 0.001, "batch_size": 64, "hidden": 256, "epochs": 60}


@dataclass(frozen=True)
class Planned:
    """One run: `notes` may name final metrics in braces; `layout` says which files are written."""

    name: str
    started_at: str
    train: Callable[[Params], Result]
    params: Params
    notes: str
    owner: str
    tags: Sequence[str] = ()
    layout: str = "json"
    links: Sequence[str] = ()


def planned() -> Iterator[Planned]:
    """Every run of the story, in the order in which the team ran them."""
    yield from digits_runs()
    yield from wine_and_cancer_runs()
    yield from diabetes_runs()


def digits_runs() -> Iterator[Planned]:
    mlp, fixed = models.train_digits_mlp, models.train_digits_fixed
    yield Planned(
        "digits-logreg-baseline",
        "2026-03-02T09:10:00+00:00",
        fixed,
        {"data": "digits", "model": "logreg", "C": 1.0},
        "The baseline that every digit reader has to beat: {test_accuracy:.4f} on test.",
        JONAS,
        ("digits", "baseline"),
    )
    yield Planned(
        "digits-mlp-small",
        "2026-03-04T13:00:00+00:00",
        mlp,
        {"data": "digits", **MLP, "hidden": 32, "epochs": 40, "seed": 0},
        "Thirty-two hidden units. Still improving when it stopped; the wide one follows.",
        JONAS,
        ("digits", "mlp"),
        "jsonl",
    )
    yield Planned(
        "digits-mlp-wide",
        "2026-03-09T10:30:00+00:00",
        mlp,
        {"data": "digits", **MLP, "seed": 0},
        "256 hidden units: {test_accuracy:.4f} on test at the end. Released as form-reader 1.0.",
        JONAS,
        ("digits", "mlp", "release:form-reader-1.0"),
        "csv",
        ("wiki/releases.md",),
    )
    for seed in (1, 2, 3, 4):
        yield Planned(
            f"digits-mlp-wide-s{seed}",
            f"2026-03-{9 + seed:02d}T10:30:00+00:00",
            mlp,
            {"data": "digits", **MLP, "seed": seed},
            f"Seed {seed} of five (digits-mlp-wide is seed 0), for the spread.",
            HANA,
            ("digits", "mlp", "seeds"),
            "summary",
        )
    yield Planned(
        "digits-mlp-wide-sgd-lr5",
        "2026-03-17T15:45:00+00:00",
        mlp,
        {"data": "digits", **MLP, "optimizer": "sgd", "learning_rate": 5.0, "seed": 0},
        "Diverged: SGD with momentum 0.9 at learning rate 5. Meant 0.05; the config said 5. Do not repeat.",
        JONAS,
        ("digits", "mlp", "failed"),
        "jsonl",
        ("wiki/incidents/2026-03-17-diverged-run.md",),
    )
    yield Planned(
        "digits-mlp-wide-sgd",
        "2026-03-18T09:05:00+00:00",
        mlp,
        {"data": "digits", **MLP, "optimizer": "sgd", "learning_rate": 0.05, "seed": 0},
        "What the diverged run was meant to be: SGD at 0.05. Test accuracy {test_accuracy:.4f}.",
        JONAS,
        ("digits", "mlp"),
        "jsonl",
    )
    yield Planned(
        "digits-mlp-wide-noise10",
        "2026-04-14T08:20:00+00:00",
        mlp,
        {"data": "digits", **MLP, "label_noise": 0.1, "seed": 0},
        "A tenth of the training labels drawn at random, to price labelling mistakes.",
        PRIYA,
        ("digits", "mlp", "labels"),
        "summary",
        ("practices/labelling-guide.md",),
    )
    yield Planned(
        "digits-mlp-wide-noise30",
        "2026-04-14T08:40:00+00:00",
        mlp,
        {"data": "digits", **MLP, "label_noise": 0.3, "seed": 0},
        "Three tenths of the training labels drawn at random.",
        PRIYA,
        ("digits", "mlp", "labels"),
        "summary",
        ("practices/labelling-guide.md",),
    )
    yield Planned(
        "digits-mlp-wide-shift",
        "2026-05-06T11:00:00+00:00",
        mlp,
        {"data": "digits", **MLP, "epochs": 30, "shift_augmentation": True, "seed": 0},
        "Training images also shifted by one pixel in four directions, after the split.",
        JONAS,
        ("digits", "mlp", "augmentation"),
        "csv",
    )
    yield Planned(
        "digits-knn-shift",
        "2026-05-12T09:40:00+00:00",
        models.train_digits_knn,
        {"data": "digits", "model": "knn", "neighbours": 1, "shift_augmentation": True},
        "Best so far on test, {test_accuracy:.4f}; but the model is the scans themselves: not releasable.",
        HANA,
        ("digits", "knn", "augmentation"),
        links=("wiki/decisions/0007-no-nearest-neighbours.md",),
    )
    yield Planned(
        "digits-svm-rbf",
        "2026-06-01T09:00:00+00:00",
        fixed,
        {"data": "digits", "model": "svm-rbf", "C": 10.0, "gamma": 0.05},
        "Support vectors with an RBF kernel: {test_accuracy:.4f} on test, no training curve to watch.",
        HANA,
        ("digits", "svm"),
    )


def wine_and_cancer_runs() -> Iterator[Planned]:
    for scaled in (False, True):
        yield Planned(
            f"wine-knn-{'scaled' if scaled else 'raw'}",
            f"2026-06-0{4 if scaled else 3}T10:00:00+00:00",
            models.train_wine_knn,
            {"data": "wine", "model": "knn", "neighbours": 5, "scaled": scaled},
            "Sensor columns standardised first." if scaled else "Sensor columns as they come.",
            PRIYA,
            ("wine", "scaling"),
        )
    cancer: list[tuple[str, str, Params, str]] = [
        ("logreg", "15", {"model": "logreg", "C": 1.0}, "Standardised logistic regression."),
        ("forest", "16", {"model": "forest", "trees": 200, "seed": 0}, "Two hundred trees, defaults."),
    ]
    for name, day, params, notes in cancer:
        yield Planned(
            f"cancer-{name}",
            f"2026-06-{day}T12:00:00+00:00",
            models.train_cancer,
            {"data": "breast_cancer", **params},
            f"{notes} Finds {{test_recall_malignant:.4f}} of the malignant samples on test.",
            HANA,
            ("breast_cancer",),
        )
    yield Planned(
        "cancer-boosted",
        "2026-06-17T12:00:00+00:00",
        models.train_cancer_boosted,
        {"data": "breast_cancer", "model": "gbdt", "trees": 100, "learning_rate": 0.1, "depth": 3, "seed": 0},
        "Gradient boosting. Finds {test_recall_malignant:.4f} of the malignant samples on test.",
        HANA,
        ("breast_cancer",),
        "csv",
    )


def diabetes_runs() -> Iterator[Planned]:
    for day, alpha in enumerate((0.001, 0.01, 0.1, 1.0, 10.0), 6):
        yield Planned(
            f"diabetes-ridge-a{alpha:g}",
            f"2026-07-{day:02d}T07:30:00+00:00",
            models.train_diabetes_ridge,
            {"data": "diabetes", "model": "ridge", "alpha": alpha},
            "One of five in the sweep over alpha; chosen by val_rmse.",
            PRIYA,
            ("diabetes", "sweep:ridge-alpha"),
            "summary",
        )
    for duplicated in (True, False):
        yield Planned(
            f"diabetes-forest-{'leaky' if duplicated else 'honest'}",
            f"2026-07-{9 if duplicated else 10:02d}T14:20:00+00:00",
            models.train_diabetes_forest,
            {"data": "diabetes", "model": "forest", "trees": 200, "duplicated": duplicated, "seed": 0},
            "INVALID: the export held every patient twice, and twins sat on both sides of the split."
            if duplicated
            else "The leaky run again on deduplicated rows: R2 {test_r2:.4f}.",
            PRIYA,
            ("diabetes", "leak", *(("invalid",) if duplicated else ())),
            links=("wiki/incidents/2026-07-09-duplicated-rows.md",),
        )
    yield Planned(
        "diabetes-boosted",
        "2026-07-13T07:30:00+00:00",
        models.train_diabetes_boosted,
        {"data": "diabetes", "model": "gbdt", "trees": 300, "learning_rate": 0.05, "depth": 3, "seed": 0},
        "Overfits: train_rmse keeps falling while val_rmse turns. Ridge stays the choice for this table.",
        PRIYA,
        ("diabetes", "overfit"),
        "jsonl",
    )


def rounded(row: Row) -> Row:
    return {key: value if isinstance(value, int) else round(float(value), 4) for key, value in row.items()}


def better(metric: str) -> str:
    return "max" if any(word in metric for word in ("accuracy", "recall", "r2")) else "min"


def record(run: Planned, result: Result) -> dict[str, object]:
    """What `run.json` holds: everything except the history."""
    final = rounded(result.final)
    metrics = {name: value for name, value in final.items() if name != "last_epoch"}
    return {
        "name": run.name,
        "status": result.status,
        "started_at": run.started_at,
        "owner": run.owner,
        "code_version": "train.py 1.0",
        "params": dict(run.params),
        "metrics": metrics,
        "direction": {name: better(name) for name in metrics},
        "tags": list(run.tags),
        "notes": run.notes.format(**final),
        "links": list(run.links),
    }


def write(run: Planned, result: Result, folder: Path) -> None:
    """One folder a run: `json` has run.json alone; the other layouts keep config or history beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = record(run, result)
    history = [rounded(row) for row in result.history]
    if run.layout == "jsonl":
        lines = [json.dumps({"step": n, **row}) for n, row in enumerate(history, 1)]
        (folder / "metrics.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    elif run.layout == "csv":
        with (folder / "metrics.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["step", *history[0]], lineterminator="\n")
            table.writeheader()
            table.writerows({"step": n, **row} for n, row in enumerate(history, 1))
    if run.layout in ("csv", "summary"):
        config = yaml.safe_dump(kept.pop("params"), sort_keys=False)
        (folder / "config.yaml").write_text(config, encoding="utf-8")
    text = json.dumps(kept, indent=2, ensure_ascii=False)
    (folder / "run.json").write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the example runs and log them.")
    parser.add_argument("names", nargs="*", help="runs to train (all when none is named)")
    parser.add_argument("--into", type=Path, default=HERE / "runs", help="folder of the logs")
    wanted = parser.parse_args()
    runs = {run.name: run for run in planned()}
    if unknown := sorted(set(wanted.names) - runs.keys()):
        parser.error(f"no run is called {', '.join(unknown)}; there are: {', '.join(runs)}")
    warnings.filterwarnings("ignore", category=RuntimeWarning)  # a diverging run overflows on its way
    with threadpool_limits(1):
        for name in wanted.names or runs:
            result = runs[name].train(runs[name].params)
            write(runs[name], result, wanted.into / name)
            print(f"{name:26} {result.status:9} {rounded(result.final)}")


if __name__ == "__main__":
    main()
