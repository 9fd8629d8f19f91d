"""Weights & Biases' names for the parts of a run, and its run folders as they are written offline."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from ingest.parsing.converted import Part
from ingest.parsing.decoding import clean, decode
from ingest.parsing.numbers import as_number, load_json, load_yaml
from ingest.parsing.protobuf import fields, only, signed, text
from ingest.parsing.record_files import wandb_records
from ingest.parsing.records import Gathered
from ingest.parsing.run_fields import take_params
from ingest.parsing.tabular import flattened
from knowledge.errors import Unreadable

_GOALS = {1: "min", 2: "max"}
_SYSTEM = ("_step", "_runtime", "_timestamp", "_wandb", "_wandb.runtime")
_MOST_OUTPUT = 4000
_MOST_ROW = 2000
_SECONDS = 32_503_680_000


def take_config(run: Gathered, config: Mapping[str, Any]) -> None:
    """Put a configuration into the run; what W&B keeps in it for itself is left out."""
    take_params(run, {key: value for key, value in config.items() if key != "_wandb"})


def take_summary(run: Gathered, summary: Mapping[str, Any]) -> None:
    """Put the last, best or otherwise summed up values into the run."""
    for name, value in flattened({key: value for key, value in summary.items() if key not in _SYSTEM}):
        if _is_medium(name, summary):
            continue
        if as_number(value) is not None or str(value) in ("NaN", "Infinity", "-Infinity"):
            run.finals[name] = value
        elif value not in (None, ""):
            run.params.setdefault(name, value)
    run.ended_at = run.ended_at or _when(summary.get("_timestamp"))


def take_row(run: Gathered, row: Mapping[str, Any], step: Any) -> None:
    """Put one row of a history into the run."""
    shown = 0
    for name, value in row.items():
        if name in _SYSTEM or value is None:
            continue
        if isinstance(value, dict):
            if "_type" in value:
                continue
            leaves = flattened(value, f"{name}.")
        else:
            leaves = iter([(name, value)])
        for leaf, held in leaves:
            shown += 1
            if shown <= _MOST_ROW and not isinstance(held, bool):
                run.metric(leaf).add(step, held)


def take_metadata(run: Gathered, metadata: Mapping[str, Any]) -> None:
    """Put what W&B notes of the machine and the code into the run."""
    git = metadata.get("git")
    if isinstance(git, dict):
        run.code_version = str(git["commit"]) if git.get("commit") else run.code_version
        if git.get("remote"):
            run.links.append(str(git["remote"]))
    run.owner = str(metadata.get("email") or metadata.get("username") or "") or run.owner
    run.started_at = run.started_at or _start(metadata.get("startedAt"))
    arguments = metadata.get("args")
    program = str(metadata.get("codePath") or metadata.get("program") or "")
    words = [program, *(str(one) for one in arguments)] if isinstance(arguments, list) else [program]
    run.add_fact("command", " ".join(words))
    run.add_fact("GPU", metadata.get("gpu"))
    run.add_fact("GPUs", metadata.get("gpu_count"))


def is_run_folder(parts: Sequence[Part]) -> bool:
    return any(_own_name(part) is not None for part in parts)


def take_folder(run: Gathered, parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """Put the files of a W&B run into the run; gives back the other files, and notes for the report."""
    others, notes = [], []
    has_history = bool(run.metrics)
    for part in parts:
        name = _own_name(part)
        try:
            match name:
                case "log":
                    notes += _take_log(run, part, has_history)
                case "config.yaml":
                    take_config(run, _loaded(part, load_yaml))
                case "wandb-summary.json":
                    take_summary(run, _loaded(part, load_json))
                case "wandb-metadata.json":
                    take_metadata(run, _loaded(part, load_json))
                case "output.log":
                    run.output = end_of_output(part.data)
                case _:
                    others.append(part)
        except Unreadable as error:
            notes.append(f"{part.name}: {error}")
    return others, notes


def end_of_output(data: bytes) -> str:
    """The last lines of what a program printed, without what progress bars wrote over."""
    lines = [line.rstrip(b"\r").rpartition(b"\r")[2] for line in data[-200_000:].split(b"\n")]
    return clean(b"\n".join(lines).decode("utf-8", "replace")).text[-_MOST_OUTPUT:].strip()


def _own_name(part: Part) -> str | None:
    """What a file is to W&B, None when it is not one of W&B's."""
    place = PurePosixPath(part.name)
    if place.suffix == ".wandb":
        return "log"
    known = ("config.yaml", "wandb-summary.json", "wandb-metadata.json", "output.log")
    return place.name if place.parent.name == "files" and place.name in known else None


def _loaded(part: Part, load: Any) -> Mapping[str, Any]:
    try:
        value = load(decode(part.data).text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Unreadable("cannot be read") from None
    return value if isinstance(value, dict) else {}


def _take_log(run: Gathered, part: Part, has_history: bool) -> list[str]:
    frames = wandb_records(part.data, part.name)
    output: list[str] = []
    try:
        for record in frames.records:
            _take_record(run, record, output, has_history)
    except ValueError as error:
        frames.notes.append(f"{part.name} holds a record that is none ({error}): read up to there")
    run.output = run.output or "".join(output)[-_MOST_OUTPUT:].strip()
    return frames.notes


def _take_record(run: Gathered, record: bytes, output: list[str], has_history: bool) -> None:
    for number, message in fields(record):
        if not isinstance(message, bytes):
            continue
        if number == 2 and not has_history:
            row = _items(message, 1)
            step = next((signed(v) for n, v in fields(only(message, 2)) if n == 1), row.get("_step"))
            take_row(run, row, step)
        elif number == 3:
            take_summary(run, _items(message, 1))
        elif number == 5:
            take_config(run, _items(message, 1))
        elif number == 12:
            _take_goal(run, message)
        elif number == 13:
            output.append(text(only(message, 3)))
            del output[:-500]
        elif number == 17:
            _take_run(run, message)
        elif number == 18:
            code = next((signed(value) for field, value in fields(message) if field == 1), 0)
            run.status = "finished" if code == 0 else f"failed (exit code {code})"
        elif number == 26:
            _take_environment(run, message)


def _take_run(run: Gathered, message: bytes) -> None:
    named = False
    for number, value in fields(message):
        if number == 8 and value:
            run.name, named = clean(text(value)).text, True
        elif number == 1:
            run.name = run.name if named else text(value)
            run.add_fact("run id", text(value))
        elif number in _RUN_FACTS:
            run.add_fact(_RUN_FACTS[number], text(value))
        elif number == 4 and isinstance(value, bytes):
            take_config(run, _items(value, 1))
        elif number == 9:
            run.add_note(text(value))
        elif number == 10:
            run.tags.append(text(value))
        elif number == 17 and isinstance(value, bytes):
            run.started_at = _when(next((held for field, held in fields(value) if field == 1), None))
        elif number == 21 and isinstance(value, bytes):
            take_metadata(run, {"git": {"remote": text(only(value, 1)), "commit": text(only(value, 2))}})


_RUN_FACTS = {2: "team", 3: "project", 6: "group", 7: "job type", 12: "sweep"}


def _take_environment(run: Gathered, message: bytes) -> None:
    found = {number: text(value) for number, value in fields(message) if isinstance(value, bytes)}
    arguments = [text(value) for number, value in fields(message) if number == 5]
    git = only(message, 9)
    said: dict[str, Any] = {
        "git": {"remote": text(only(git, 1)), "commit": text(only(git, 2))},
        "args": arguments,
        "program": found.get(7) or found.get(6, ""),
        "email": found.get(10, ""),
        "username": found.get(13, ""),
        "gpu": found.get(18, ""),
    }
    take_metadata(run, said)


def _take_goal(run: Gathered, message: bytes) -> None:
    goal = next((value for number, value in fields(message) if number == 8), 0)
    name = text(only(message, 1))
    if isinstance(goal, int) and goal in _GOALS and name:
        run.direction[name] = _GOALS[goal]


def _items(message: bytes, number: int) -> dict[str, Any]:
    """Keys and values of JSON, as rows, summaries and configurations are written."""
    found: dict[str, Any] = {}
    for field, item in fields(message):
        if field != number or not isinstance(item, bytes):
            continue
        nested = [text(value) for part, value in fields(item) if part == 2]
        key = ".".join(nested) or text(only(item, 1))
        try:
            found[key] = load_json(text(only(item, 16)))
        except (ValueError, RecursionError):
            continue
    return found


def _is_medium(name: str, summary: Mapping[str, Any]) -> bool:
    held = summary.get(name.partition(".")[0])
    return isinstance(held, dict) and "_type" in held


def _when(seconds: Any) -> str | None:
    number = as_number(seconds)
    if number is None or not 0 < number < _SECONDS:
        return None
    return datetime.fromtimestamp(number, UTC).isoformat(timespec="seconds")


def _start(value: object) -> str | None:
    return value if isinstance(value, str) else None


def parsed(value: object) -> Mapping[str, Any]:
    """A configuration or summary as W&B's API gives it: an object as JSON text."""
    try:
        loaded = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}
