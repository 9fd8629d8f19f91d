"""Which part of a run each name in its logs means, in the shapes that people and trackers write."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from ingest.parsing.numbers import Logged, Series, as_number, spelt
from ingest.parsing.records import Gathered
from ingest.parsing.tabular import AXES, flattened

PARAM_NAMES = (
    "params",
    "param",
    "parameters",
    "config",
    "hyperparameters",
    "hparams",
    "hyper_params",
    "args",
)
METRIC_NAMES = (
    "metrics", "metric", "results", "result", "summary", "scores", "eval", "evaluation", "final_metrics",
    "history", "final", "log", "logs", "train", "val", "valid", "test",
)  # fmt: skip
RUN_NAMES = ("run", "meta", "metadata", "info", "experiment")
RUN_STEMS = (*PARAM_NAMES, *METRIC_NAMES, *RUN_NAMES, "tags", "status")

TEXT_KEYS = {
    "name": ("name", "run_name", "run_id", "run", "experiment", "experiment_name", "id", "display_name"),
    "status": ("status", "state"),
    "started_at": ("started_at", "start_time", "started", "start", "created_at", "created", "date"),
    "ended_at": ("ended_at", "end_time", "ended", "end", "finished_at", "completed_at"),
    "notes": ("notes", "note", "description", "comment", "comments", "conclusion", "conclusions"),
    "owner": ("owner", "user", "author", "run_by"),
}
_CODE_KEYS = (
    "code_version",
    "git",
    "commit",
    "git_commit",
    "git_sha",
    "git_hash",
    "sha",
    "revision",
    "commit_hash",
)
_TAG_KEYS = ("tags", "labels")
_LINK_KEYS = ("links", "link", "urls", "url", "artifacts")
_DIRECTION_KEYS = ("direction", "directions", "goal", "goals", "metric_direction", "higher_is_better")
_DIRECTIONS = {"min": "min", "minimize": "min", "minimise": "min", "lower": "min", "down": "min",
               "max": "max", "maximize": "max", "maximise": "max", "higher": "max", "up": "max"}  # fmt: skip
_CLOCKS = ("timestamp", "_timestamp", "wall_time", "time", "datetime", "date")
_METRIC_LIKE = re.compile(
    r"(?:^|[._/-])(?:loss|acc\w*|f1|auc|auroc|mae|mse|rmse|r2|ppl|perplexity|bleu|ndcg\S*|mrr\S*|recall\S*"
    r"|precision\S*|wer|cer|error|score|reward|val_\w+|test_\w+|eval_\w+)$",
    re.IGNORECASE,
)
_MOST_LEAVES = 5000


def take_record(run: Gathered, table: Mapping[Any, Any]) -> None:
    """A record of a whole run: each known key to its place, the rest to the parameters."""
    for key, value in table.items():
        name = str(key).strip().lower()
        handler = _HANDLERS.get(name)
        if handler is not None and handler(run, value):
            continue
        if _METRIC_LIKE.search(name) and as_number(value) is not None:
            run.finals[str(key)] = value
        else:
            take_params(run, {key: value})


def take_params(run: Gathered, value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    for name, leaf in islice(flattened(value), _MOST_LEAVES):
        plain = name.removesuffix(".value")  # how one tracker writes {"lr": {"desc": null, "value": 0.1}}
        if not (name.endswith(".desc") and leaf is None):
            run.params[plain] = leaf
    return True


def take_metrics(run: Gathered, value: Any, above: str = "") -> bool:
    """Metrics in any shape: a number, a list of values or points, rows of a history, or names with these."""
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        take_history(run, value, above)
        return True
    if not isinstance(value, dict):
        return False
    steps = next((value[axis] for axis in (*AXES, "x") if isinstance(value.get(axis), list)), None)
    for key, inner in islice(value.items(), _MOST_LEAVES):
        name = f"{above}{key}"
        if isinstance(inner, list) and inner is not steps and not any(isinstance(row, dict) for row in inner):
            _points(
                run.metric(name if key not in ("values", "value", "y") else above.rstrip("./")), inner, steps
            )
        elif isinstance(inner, list) and inner is not steps:
            take_history(run, [row for row in inner if isinstance(row, dict)], f"{name}.")
        elif (
            isinstance(inner, dict)
            and set(inner) == {"value", "unit"}
            and as_number(inner["value"]) is not None
        ):
            run.finals[name], run.units[name] = inner["value"], spelt(inner["unit"])
        elif isinstance(inner, dict):
            take_metrics(run, inner, f"{name}.")
        elif inner is not steps:
            (run.params if as_number(inner) is None else run.finals)[name] = inner
    return True


def _has_unit(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"value", "unit"} and as_number(value["value"]) is not None
    )


def _points(series: Series, values: Sequence[Any], steps: Sequence[Any] | None) -> None:
    for index, value in enumerate(values):
        if isinstance(value, list) and len(value) == 2:
            series.add(value[0], value[1])
        else:
            series.add(steps[index] if steps is not None and index < len(steps) else index, value)


def take_history(run: Gathered, rows: Iterable[Mapping[str, Any]], above: str = "") -> None:
    """Rows of a metric history: one column counts steps, the others are metrics."""
    axis: str | None = None
    for row in rows:
        flat = (
            dict(islice(flattened(row), _MOST_LEAVES))
            if any(isinstance(v, dict) for v in row.values())
            else row
        )
        axis = axis if axis in flat else next((name for name in AXES if name in flat), None)
        run.axis = axis or run.axis
        step = flat.get(axis) if axis else None
        if above and set(flat) - {axis} <= {"value", *_CLOCKS}:
            run.metric(above.rstrip(".")).add(step, flat.get("value"))
            continue
        for name, value in flat.items():
            if name == axis or str(name).lower() in (*AXES, *_CLOCKS) or value in ("", None):
                continue
            if not run.metric(f"{above}{name}").add(step, value):
                run.params.setdefault(f"{above}{name}", value)


def _text(field: str) -> Callable[[Gathered, Any], bool]:
    def put(run: Gathered, value: Any) -> bool:
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            value = "\n".join(value)
        if value is None or isinstance(value, dict | list | bool):
            return value is None
        if field == "notes":
            run.add_note(str(value))
        else:
            setattr(run, field, value.text if isinstance(value, Logged) else str(value).strip())
        return True

    return put


def _tags(run: Gathered, value: Any) -> bool:
    if isinstance(value, dict):
        run.tags += [f"{key}={spelt(leaf)}" for key, leaf in flattened(value)]
    elif isinstance(value, list):
        run.tags += [spelt(entry) for entry in value]
    else:
        run.tags += [tag.strip() for tag in str(value).split(",") if tag.strip()]
    return True


def _links(run: Gathered, value: Any) -> bool:
    leaves = [leaf for _, leaf in flattened(value)] if isinstance(value, dict) else value
    run.links += [spelt(leaf) for leaf in (leaves if isinstance(leaves, list) else [leaves]) if leaf]
    return True


def _code(run: Gathered, value: Any) -> bool:
    if isinstance(value, dict):
        found = [value[key] for key in (*_CODE_KEYS, "hash") if value.get(key)]
        take_params(run, {"git": {key: leaf for key, leaf in value.items() if not found or leaf != found[0]}})
        value = found[0] if found else None
    run.code_version = spelt(value) if value is not None else run.code_version
    return True


def _directions(run: Gathered, value: Any) -> bool:
    if isinstance(value, dict):
        for name, way in value.items():
            way = (
                {True: "max", False: "min"}.get(way)
                if isinstance(way, bool)
                else _DIRECTIONS.get(str(way).lower())
            )
            if way:
                run.direction[str(name)] = way
        return True
    return False


_HANDLERS: dict[str, Callable[[Gathered, Any], bool]] = {
    **dict.fromkeys(PARAM_NAMES, take_params),
    **dict.fromkeys(METRIC_NAMES, take_metrics),
    **{key: _text(field) for field, keys in TEXT_KEYS.items() for key in keys},
    **dict.fromkeys(_CODE_KEYS, _code),
    **dict.fromkeys(_TAG_KEYS, _tags),
    **dict.fromkeys(_LINK_KEYS, _links),
    **dict.fromkeys(_DIRECTION_KEYS, _directions),
}
