"""One experiment run from its log files: JSON, JSONL, CSV, YAML and notes, in the shapes that people use.

What trackers and trainers write is known by its place and contents. Known parts (params, metrics, tags,
notes, status, times, code version, links) are found by their usual names; whatever is not known stays as a
parameter or as text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import yaml

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode
from ingest.parsing.mlflow_runs import is_in_file_store, take_file_store
from ingest.parsing.numbers import load_yaml
from ingest.parsing.records import Gathered, run_record
from ingest.parsing.run_fields import (
    METRIC_NAMES,
    PARAM_NAMES,
    TEXT_KEYS,
    take_history,
    take_metrics,
    take_params,
    take_record,
)
from ingest.parsing.tabular import AXES, load_records, read_table
from ingest.parsing.tensorboard import is_event_file, take_events
from ingest.parsing.trainer_state import (
    is_trainer_state,
    take_hydra,
    take_model_config,
    take_trainer_state,
)
from ingest.parsing.wandb_runs import end_of_output, is_run_folder, take_folder
from knowledge.errors import Unreadable

_NOTES = (".md", ".markdown", ".txt", ".rst")
_NOT_TELLING = re.compile(r"version_\d+|\d+|\d\d-\d\d-\d\d|(?:lightning|csv|tb)_logs|runs?|logs?|tensorboard")


def convert_run(parts: Sequence[Part]) -> Converted:
    """A run's files (the first part's name is the run's place) as one record. Raises Unreadable."""
    alone = len(parts) == 1
    place, files = parts[0], parts[1:] or parts
    run = Gathered(PurePosixPath(place.name).stem if alone else _named(place.name))
    runs: list[Gathered] = []
    notes: list[str] = []
    if is_in_file_store(files, place.name):
        return run_record(run, take_file_store(run, files, place.name))
    events = [(part.name, part.data) for part in files if is_event_file(part.name)]
    others = [part for part in files if not is_event_file(part.name)]
    if is_run_folder(others):
        others, notes = take_folder(run, others)
    trained = any(_is_trainer_state(part.name) for part in others)
    for part in others:
        runs += _taken(run, part, trained, notes)
    if events:
        notes += take_events(run, events, place.name)
    if not runs:
        if notes and not run.has_facts and not run.output:
            raise Unreadable("; ".join(notes))
        return run_record(run, notes)
    records = [run_record(each, ()) for each in ([run] if run.has_facts else []) + runs]
    text = "\n\n".join(re.sub(r"^(#+ )", r"#\1", record.text, flags=re.M) for record in records)
    return Converted(
        f"# {run.name}\n\n{text}",
        title=run.name,
        notes=tuple(notes),
        redactions=sum(record.redactions for record in records),
    )


def _named(place: str) -> str:
    """The name of a run's folder, with those above it while it tells nothing by itself."""
    names = place.split("/")
    first = len(names) - 1
    while first > 0 and _NOT_TELLING.fullmatch(names[first]):
        first -= 1
    return "/".join(names[first:])


def _taken(run: Gathered, part: Part, trained: bool, notes: list[str]) -> list[Gathered]:
    """Put one file into the run; `trained` by a trainer whose model has a configuration too."""
    place = PurePosixPath(part.name)
    if place.suffix.lower() == ".log":
        run.output = run.output or end_of_output(part.data)
        return []
    decoded = decode(part.data)
    notes += decoded.notes
    if place.parent.name == ".hydra":
        take_hydra(run, place.name, _load(part.name, decoded.text, ".yaml"))
        return []
    if trained and place.name == "config.json":
        take_model_config(run, _load(part.name, decoded.text, ".json"))
        return []
    return _take(run, part.name, decoded.text)


def _is_trainer_state(name: str) -> bool:
    return PurePosixPath(name).name == "trainer_state.json"


def _take(run: Gathered, name: str, text: str) -> list[Gathered]:
    """Put one file into the run; what it gives back are runs of their own that the file lists."""
    stem, ending = PurePosixPath(name).stem.lower(), PurePosixPath(name).suffix.lower()
    if ending in _NOTES:
        run.add_note(text)
        return []
    if ending in (".csv", ".tsv"):
        header, rows = read_table(text, name)
        return _rows(run, [dict(zip(header, row, strict=False)) for row in islice(rows, 1)], header, rows)
    value = _load(name, text, ending)
    if isinstance(value, list):
        records = [record for record in value if isinstance(record, dict)]
        if len(records) < len(value) or not records:
            run.add_note(text[:20_000])
            return []
        return _records(run, records)
    if not isinstance(value, dict):
        run.add_note(text[:20_000])
    elif is_trainer_state(value):
        take_trainer_state(run, value)
    elif stem in PARAM_NAMES:
        take_params(run, value)
    elif stem in METRIC_NAMES or stem.endswith(("_results", "_metrics")):
        take_metrics(run, value)
    else:
        take_record(run, value)
    return []


def _load(name: str, text: str, ending: str) -> Any:
    if ending not in (".yaml", ".yml"):
        return load_records(text, name)
    try:
        return load_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"{name} is not valid YAML: {str(error).splitlines()[0]}") from None


def _rows(
    run: Gathered, first: list[dict[str, str]], header: list[str], rest: Iterable[list[str]]
) -> list[Gathered]:
    """The rows of a table: a history of this run, or, where each is named and counts no steps, runs."""
    names = {name.lower(): name for name in header}
    named = next((names[key] for key in TEXT_KEYS["name"] if key in names), None)
    rows = (dict(zip(header, row, strict=False)) for row in rest)
    if named is not None and not set(names) & set(AXES):
        return _listed([*first, *rows], named)
    take_history(run, first)
    take_history(run, rows)
    return []


def _records(run: Gathered, records: list[dict[str, Any]]) -> list[Gathered]:
    """A list of records: a history, or runs."""
    keys = {str(key).lower(): str(key) for key in records[0]}
    named = next((keys[key] for key in TEXT_KEYS["name"] if key in keys), None)
    nested = set(keys) & {*PARAM_NAMES, *METRIC_NAMES}
    if not set(keys) & set(AXES) and (nested or named is not None):
        return _listed(records, named)
    take_history(run, records)
    return []


def _listed(records: Iterable[Mapping[str, Any]], named: str | None) -> list[Gathered]:
    runs = []
    for number, record in enumerate(records, 1):
        run = Gathered(str(record.get(named) or f"run {number}") if named else f"run {number}")
        take_record(run, record)
        runs.append(run)
    return runs
