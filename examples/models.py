"""The small models that `train.py` runs: each function takes a run's params and says what it measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import mean_squared_error, r2_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

Params = Mapping[str, str | float | int | bool]
Row = dict[str, float | int]
Floats = NDArray[np.float64]
SPLIT_SEED = 13


@dataclass(frozen=True)
class Result:
    """What one run measured: its last values, and its history where it has one."""

    final: Row
    history: Sequence[Row] = ()
    status: str = "finished"


@dataclass(frozen=True)
class Split:
    """Train (60 %), validation (20 %) and test (20 %) parts, the same for every run."""

    train_x: Floats
    val_x: Floats
    test_x: Floats
    train_y: Floats
    val_y: Floats
    test_y: Floats


def split(x: Floats, y: Floats, stratified: bool = True) -> Split:
    by = y if stratified else None
    train_x, rest_x, train_y, rest_y = train_test_split(
        x, y, test_size=0.4, random_state=SPLIT_SEED, stratify=by
    )
    by = rest_y if stratified else None
    val_x, test_x, val_y, test_y = train_test_split(
        rest_x, rest_y, test_size=0.5, random_state=SPLIT_SEED, stratify=by
    )
    return Split(train_x, val_x, test_x, train_y, val_y, test_y)


def digits() -> Split:
    x, y = load_digits(return_X_y=True)
    return split(x / 16.0, y)


def shifted(images: Floats) -> Floats:
    """The images moved by one pixel in each of the four directions, one after the other."""
    square = images.reshape(-1, 8, 8)
    moves = ((1, 1), (-1, 1), (1, 2), (-1, 2))
    return np.concatenate([np.roll(square, by, axis).reshape(len(images), -1) for by, axis in moves])


def accuracies(model, data: Split) -> Row:
    return {
        "val_accuracy": model.score(data.val_x, data.val_y),
        "test_accuracy": model.score(data.test_x, data.test_y),
    }


def train_digits_mlp(params: Params) -> Result:
    """A one-hidden-layer network, epoch by epoch; it has failed once its loss is no longer a number."""
    data = digits()
    train_x, train_y = data.train_x, data.train_y
    rng = np.random.default_rng(int(params["seed"]))
    if params.get("shift_augmentation"):
        train_x, train_y = np.concatenate([train_x, shifted(train_x)]), np.tile(train_y, 5)
    if params.get("label_noise"):
        wrong = rng.random(len(train_y)) < params["label_noise"]
        train_y = np.where(wrong, rng.integers(0, 10, len(train_y)), train_y)
    model = MLPClassifier(
        (int(params["hidden"]),),
        solver=str(params["optimizer"]),
        learning_rate_init=float(params["learning_rate"]),
        batch_size=int(params["batch_size"]),
        random_state=int(params["seed"]),
    )
    history: list[Row] = []
    for epoch in range(1, int(params["epochs"]) + 1):
        try:
            model.partial_fit(train_x, train_y, classes=np.arange(10))
            loss = float(model.loss_)
        except ValueError:  # scikit-learn stops at weights that are not finite
            loss = float("nan")
        if not np.isfinite(loss):
            return Result({**history[-1], "last_epoch": epoch - 1} if history else {}, history, "failed")
        history.append({"epoch": epoch, "train_loss": loss, **accuracies(model, data)})
    collapsed = history[-1]["val_accuracy"] < 0.3
    return Result(without(history[-1], "epoch"), history, "failed" if collapsed else "finished")


def train_digits_fixed(params: Params) -> Result:
    data = digits()
    model = {
        "svm-rbf": lambda: SVC(C=float(params["C"]), gamma=float(params["gamma"])),
        "logreg": lambda: LogisticRegression(C=float(params["C"]), max_iter=2000),
    }[str(params["model"])]()
    return Result(accuracies(model.fit(data.train_x, data.train_y), data))


def train_digits_knn(params: Params) -> Result:
    data = digits()
    train_x = np.concatenate([data.train_x, shifted(data.train_x)])
    model = KNeighborsClassifier(int(params["neighbours"])).fit(train_x, np.tile(data.train_y, 5))
    return Result(accuracies(model, data))


def train_wine_knn(params: Params) -> Result:
    data = split(*load_wine(return_X_y=True))
    neighbours = KNeighborsClassifier(int(params["neighbours"]))
    model = make_pipeline(StandardScaler(), neighbours) if params["scaled"] else neighbours
    return Result(accuracies(model.fit(data.train_x, data.train_y), data))


def recalls(model, data: Split) -> Row:
    """Accuracy, and the share of malignant samples (class 0) that the model finds."""
    found = recall_score(data.test_y, model.predict(data.test_x), pos_label=0)
    return {**accuracies(model, data), "test_recall_malignant": found}


def train_cancer(params: Params) -> Result:
    data = split(*load_breast_cancer(return_X_y=True))
    model = {
        "logreg": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=float(params["C"]))),
        "forest": lambda: RandomForestClassifier(int(params["trees"]), random_state=int(params["seed"])),
    }[str(params["model"])]()
    return Result(recalls(model.fit(data.train_x, data.train_y), data))


def train_cancer_boosted(params: Params) -> Result:
    data = split(*load_breast_cancer(return_X_y=True))
    model = GradientBoostingClassifier(
        n_estimators=int(params["trees"]),
        learning_rate=float(params["learning_rate"]),
        max_depth=int(params["depth"]),
        random_state=int(params["seed"]),
    ).fit(data.train_x, data.train_y)
    stages = zip(model.train_score_, model.staged_predict(data.val_x), strict=True)
    history: list[Row] = [
        {"trees": n, "train_loss": loss, "val_accuracy": float(np.mean(said == data.val_y))}
        for n, (loss, said) in enumerate(stages, 1)
        if n % 5 == 0
    ]
    return Result({"train_loss": history[-1]["train_loss"], **recalls(model, data)}, history)


def errors(model, data: Split) -> Row:
    said = model.predict(data.test_x)
    return {
        "val_rmse": mean_squared_error(data.val_y, model.predict(data.val_x)) ** 0.5,
        "test_rmse": mean_squared_error(data.test_y, said) ** 0.5,
        "test_r2": r2_score(data.test_y, said),
    }


def train_diabetes_ridge(params: Params) -> Result:
    data = split(*load_diabetes(return_X_y=True), stratified=False)
    model = Ridge(alpha=float(params["alpha"])).fit(data.train_x, data.train_y)
    return Result(errors(model, data))


def train_diabetes_forest(params: Params) -> Result:
    """A forest; with `duplicated` every row is there twice before the split, so that twins leak into test."""
    x, y = load_diabetes(return_X_y=True)
    if params["duplicated"]:
        x, y = np.concatenate([x, x]), np.tile(y, 2)
    model = RandomForestRegressor(int(params["trees"]), random_state=int(params["seed"]))
    data = split(x, y, stratified=False)
    return Result(errors(model.fit(data.train_x, data.train_y), data))


def train_diabetes_boosted(params: Params) -> Result:
    data = split(*load_diabetes(return_X_y=True), stratified=False)
    model = GradientBoostingRegressor(
        n_estimators=int(params["trees"]),
        learning_rate=float(params["learning_rate"]),
        max_depth=int(params["depth"]),
        random_state=int(params["seed"]),
    ).fit(data.train_x, data.train_y)
    stages = zip(model.train_score_, model.staged_predict(data.val_x), strict=True)
    history: list[Row] = [
        {
            "trees": n,
            "train_rmse": float(loss) ** 0.5,
            "val_rmse": mean_squared_error(data.val_y, said) ** 0.5,
        }
        for n, (loss, said) in enumerate(stages, 1)
        if n % 10 == 0
    ]
    return Result({"train_rmse": history[-1]["train_rmse"], **errors(model, data)}, history)


def without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}
