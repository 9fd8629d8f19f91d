"""MLflow's names for the parts of a run, and runs in its file store (`mlruns`)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import yaml

from ingest.parsing.converted import Part
from ingest.parsing.decoding import clean, decode
from ingest.parsing.numbers import as_number, load_yaml
from ingest.parsing.records import Gathered
from knowledge.errors import Unreadable

_STATUSES = ("", "running", "scheduled", "finished", "failed", "killed")
_MOST_LINES = 1_000_000
_FACTS = {
    "mlflow.parentRunId": "parent run",
    "mlflow.source.name": "made by",
    "mlflow.source.git.branch": "branch",
    "mlflow.project.entryPoint": "entry point",
    "mlflow.docker.image.uri": "image",
}


def take_tags(run: Gathered, tags: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Put a run's tags into it: MLflow's own mean parts of the run, the others are a team's.

    `names` are the names of other runs, by their ids.
    """
    run.add_note(tags.get("mlflow.note.content", ""))
    run.code_version = tags.get("mlflow.source.git.commit") or run.code_version
    run.owner = tags.get("mlflow.user") or run.owner
    for tag, fact in _FACTS.items():
        value = tags.get(tag, "")
        run.add_fact(fact, f"{names[value]} ({value})" if value in names else value)
    if repository := tags.get("mlflow.source.git.repoURL"):
        run.links.append(repository)
    run.tags += [f"{name}={value}" for name, value in tags.items() if not name.startswith("mlflow.")]


def status_of(value: object) -> str | None:
    """`FINISHED`, or the number that the file store writes for it, as a word."""
    number = as_number(value)
    if number is not None:
        return _STATUSES[int(number)] or None if 0 <= number < len(_STATUSES) else None
    return str(value).lower() if value else None


def moment(milliseconds: object) -> str | None:
    """A time of MLflow's, None when it says none."""
    number = as_number(milliseconds)
    if number is None or not 0 < number < 32_503_680_000_000:
        return None
    return datetime.fromtimestamp(number / 1000, UTC).isoformat(timespec="seconds")


def is_in_file_store(parts: Sequence[Part], place: str) -> bool:
    inside = {part.name.removeprefix(place).strip("/").partition("/")[0] for part in parts}
    return "meta.yaml" in inside and bool(inside & {"params", "metrics", "tags"})


def take_file_store(run: Gathered, parts: Sequence[Part], place: str) -> list[str]:
    """Put the files of one run folder into the run; gives back notes for the report."""
    notes: list[str] = []
    tags: dict[str, str] = {}
    for part in parts:
        name = part.name.removeprefix(place).strip("/") if part.name.startswith(f"{place}/") else ""
        kind, _, key = name.partition("/")
        try:
            if not name:
                run.add_fact("experiment", _meta(part).get("name"))
            elif name == "meta.yaml":
                _take_meta(run, _meta(part))
            elif kind == "params":
                run.params[key] = decode(part.data).text.strip()
            elif kind == "tags":
                tags[key] = decode(part.data).text.strip()
            elif kind == "metrics":
                _take_metric(run, key, part, notes)
            else:
                run.add_note(f"{key}:\n\n{decode(part.data).text}")
        except Unreadable as error:
            notes.append(f"{part.name}: {error}")
    take_tags(run, tags, {})
    return notes


def _meta(part: Part) -> Mapping[str, Any]:
    try:
        value = load_yaml(decode(part.data).text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Unreadable("not valid YAML") from None
    return value if isinstance(value, dict) else {}


def _take_meta(run: Gathered, meta: Mapping[str, Any]) -> None:
    run.name = clean(str(meta.get("run_name") or meta.get("run_id") or run.name)).text
    run.owner = str(meta["user_id"]) if meta.get("user_id") else None
    run.status = status_of(meta.get("status"))
    run.started_at, run.ended_at = moment(meta.get("start_time")), moment(meta.get("end_time"))
    run.add_fact("run id", meta.get("run_id"))


def _take_metric(run: Gathered, name: str, part: Part, notes: list[str]) -> None:
    """Lines of `milliseconds value step`, the last of which may be cut."""
    series = run.metric(name)
    for number, line in enumerate(decode(part.data).text.split("\n")):
        words = line.split()
        if number >= _MOST_LINES:
            notes.append(f"{part.name}: only the first {_MOST_LINES:,} lines are read")
            return
        if len(words) in (2, 3) and as_number(words[1]) is not None:
            series.add(words[2] if len(words) == 3 else None, words[1])
