"""What trainers and launchers write beside their logs: Hugging Face's trainer state, Hydra's folder."""

from collections.abc import Mapping
from typing import Any

from ingest.parsing.numbers import as_number, spelt
from ingest.parsing.records import Gathered
from ingest.parsing.run_fields import take_history, take_params

_PARAMS = (
    "num_train_epochs", "max_steps", "train_batch_size", "logging_steps", "eval_steps", "save_steps",
    "total_flos", "num_input_tokens_seen", "trial_params",
)  # fmt: skip
# Written once at the end of training, with the last step.
_TOTALS = ("train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos")


def is_trainer_state(value: Mapping[Any, Any]) -> bool:
    return isinstance(value.get("log_history"), list) and "global_step" in value


def take_trainer_state(run: Gathered, state: Mapping[Any, Any]) -> None:
    """Put a trainer's record into the run."""
    rows = [row for row in state["log_history"] if isinstance(row, dict)]
    take_history(run, ({key: row[key] for key in row if key not in _TOTALS} for row in rows))
    for row in rows:
        run.finals |= {key: row[key] for key in _TOTALS if as_number(row.get(key)) is not None}
    run.axis = "step"
    for name in _PARAMS:
        value = state.get(name)
        if isinstance(value, dict):
            run.params |= {f"{name}.{key}": leaf for key, leaf in value.items()}
        elif value is not None:
            run.params[name] = value
    done, planned = as_number(state.get("global_step")), as_number(state.get("max_steps"))
    if done is not None and planned is not None and planned > 0:
        run.status = run.status or ("finished" if done >= planned else None)
        run.add_fact("steps done", f"{spelt(state['global_step'])} of {spelt(state['max_steps'])}")
    run.add_fact("epochs done", None if state.get("epoch") is None else spelt(state["epoch"]))
    _best(run, state)


def _best(run: Gathered, state: Mapping[Any, Any]) -> None:
    best = as_number(state.get("best_metric"))
    name = _named(run, best) if best is not None else None
    if best is not None:
        step = state.get("best_global_step")
        at = "" if step is None else f" at step {spelt(step)}"
        run.add_fact("best metric", f"{name or 'unnamed'} {spelt(state['best_metric'])}{at}")
    run.add_fact("best checkpoint", state.get("best_model_checkpoint"))


def _named(run: Gathered, best: float) -> str | None:
    """The metric that was watched, with its direction: the one whose lowest or highest value is the best."""
    candidates = {name: way for name, series in run.metrics.items() if (way := series.end_at(best))}
    evaluated = {name: way for name, way in candidates.items() if name.startswith("eval")} or candidates
    if len(evaluated) != 1:
        return None
    name, way = next(iter(evaluated.items()))
    run.direction.setdefault(name, way)
    return name


def take_model_config(run: Gathered, config: Any) -> None:
    """Put the plain settings of a model into the run, under `model.`."""
    if isinstance(config, dict):
        plain = {key: leaf for key, leaf in config.items() if isinstance(leaf, str | int | float)}
        take_params(run, {"model": plain})


def take_hydra(run: Gathered, name: str, value: Any) -> None:
    """Put one file of Hydra's folder into the run: the configuration, what was overridden, the job."""
    if name == "config.yaml" and isinstance(value, dict):
        take_params(run, value)
    elif name == "overrides.yaml" and isinstance(value, list):
        run.add_fact("overrides", ", ".join(spelt(one) for one in value))
    elif name == "hydra.yaml" and isinstance(value, dict):
        hydra = value.get("hydra")
        job = hydra.get("job") if isinstance(hydra, dict) else None
        run.add_fact("job", job.get("name") if isinstance(job, dict) else None)
