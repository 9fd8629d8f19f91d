"""One MLflow run as a document: its record, its metrics' histories, its small text artifacts."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from ingest.parsing.decoding import clean, decode
from ingest.parsing.frontmatter import as_time
from ingest.parsing.mlflow_runs import moment, status_of, take_tags
from ingest.parsing.records import Gathered, run_record
from ingest.parsing.text import fenced
from ingest.readers.mlflow_server import Json, MlflowServer
from ingest.readers.naming import digest_of
from ingest.readers.runs import run_document
from ingest.sources import Incomplete, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable

POINTS_KEPT = 1000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_READ = 200_000
_MOST_HISTORIES = 60
_MOST_ARTIFACTS = 10
_MOST_FOLDERS = 5
_DEEPEST = 2
_ARTIFACT_BYTES = 100_000
_TEXTS = (".md", ".markdown", ".txt", ".rst")
_RECORDS = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_RECORD_BYTES = 20_000
_OF_A_MODEL = "MLmodel"

Names = Mapping[str, str]


class Runs:
    """Turns the runs of one server into documents.

    `experiments` and `runs` are names by id; `version` stands for everything of the source that shapes them.
    """

    def __init__(
        self, server: MlflowServer, source: Source, version: str, experiments: Names, runs: Names
    ) -> None:
        self._server = server
        self._source = source
        self._version = version
        self._experiments = experiments
        self._runs = runs
        self._with_artifacts = bool(source.options["artifacts"])

    def digest(self, run: Json, artifacts: Sequence[Json] | None) -> str:
        """What tells one state of a run from another, of all that a listing says.

        A run that goes on has new last values; one that has ended may still get tags, notes, another name.
        `artifacts` are those of a run that is new enough to get some; None where they were not asked for.
        """
        info = info_of(run)
        said = {key: value for key, value in info.items() if key != "artifact_uri"}
        parts = [_entries(run, name) for name in ("metrics", "params", "tags")]
        files = [(one.get("path"), one.get("file_size")) for one in artifacts or ()]
        experiment = self._experiments.get(str(info.get("experiment_id")))
        return digest_of(self._version, said, *parts, files, experiment)

    def texts(self, run_id: str) -> list[Json]:
        """Those of a run's artifacts that are read. Raises Unreadable."""
        if not self._with_artifacts:
            return []
        return self._texts_in(run_id, "", _DEEPEST)[:_MOST_ARTIFACTS]

    def _texts_in(self, run_id: str, folder: str, deeper: int) -> list[Json]:
        """Those of a folder, then those of its folders; a packaged model's files are no words of people."""
        there = sorted(self._server.artifacts(run_id, folder), key=lambda one: str(one.get("path")))
        if any(PurePosixPath(str(one.get("path"))).name == _OF_A_MODEL for one in there):
            return []
        found = [one for one in there if _is_text(one)]
        folders = [str(one["path"]) for one in there if one.get("is_dir") and one.get("path")]
        for below in folders[:_MOST_FOLDERS] if deeper else []:
            if PurePosixPath(folder) in PurePosixPath(below).parents and len(found) < _MOST_ARTIFACTS:
                found += self._texts_in(run_id, below, deeper - 1)
        return found

    def load(self, path: str, run_id: str, watched: bool) -> Document:
        """The run as it is now. Raises Unreadable."""
        run = self._server.run(run_id)
        notes: list[str] = []
        texts = self._texts_if_any(run_id, watched, notes)
        info = info_of(run)
        gathered = Gathered(clean(str(info.get("run_name") or run_id)).text)
        gathered.status = status_of(info.get("status"))
        gathered.started_at, gathered.ended_at = moment(info.get("start_time")), moment(info.get("end_time"))
        gathered.owner = info.get("user_id") or None
        experiment_id = str(info.get("experiment_id"))
        gathered.add_fact("experiment", self._experiments.get(experiment_id))
        gathered.add_fact("run id", run_id)
        take_tags(gathered, _tags(run), self._runs)
        gathered.owner = None if gathered.owner == "unknown" else gathered.owner  # as MLflow says: nobody
        gathered.params |= {str(one["key"]): one.get("value") for one in _entries(run, "params")}
        metrics = _entries(run, "metrics")
        self._take_metrics(gathered, run_id, metrics, notes)
        for one in texts:
            gathered.add_note(self._text(run_id, one, notes))
        digest = self.digest(run, texts if watched else None)
        return run_document(
            self._source,
            path,
            digest,
            run_record(gathered, notes, POINTS_KEPT),
            url=self._server.run_page(experiment_id, run_id),
            updated_at=as_time(gathered.ended_at or _last_moment(metrics)),
        )

    def _texts_if_any(self, run_id: str, watched: bool, notes: list[str]) -> list[Json]:
        try:
            return self.texts(run_id)
        except Unreadable as error:
            if watched:
                raise
            notes.append(f"its artifacts cannot be listed: {error}")
            return []

    def _take_metrics(
        self, gathered: Gathered, run_id: str, metrics: Sequence[Json], notes: list[str]
    ) -> None:
        ordered = sorted(metrics, key=lambda one: (_is_of_the_machine(one), str(one["key"])))
        for number, last in enumerate(ordered):
            name = str(last["key"])
            if _is_of_the_machine(last) or number >= _MOST_HISTORIES:
                gathered.finals[name] = last.get("value")
            else:
                self._take_history(gathered, run_id, last, notes)
        left = sum(not _is_of_the_machine(one) for one in metrics) - _MOST_HISTORIES
        if left > 0:
            notes.append(f"the histories of {left} metrics are not read, only their last values")

    def _take_history(self, gathered: Gathered, run_id: str, last: Json, notes: list[str]) -> None:
        name = str(last["key"])
        series = gathered.metric(name)
        for point in self._server.history(run_id, name):
            if isinstance(point, Incomplete):
                raise Unreadable(f"the history of {name}: {point.reason}")
            if series.count >= _MOST_READ:
                notes.append(f"{name}: only the first {_MOST_READ:,} points are read")
                gathered.finals[name] = last.get("value")
                return
            series.add(point.get("step", 0), point.get("value"))

    def _text(self, run_id: str, artifact: Json, notes: list[str]) -> str:
        path = str(artifact["path"])
        try:
            text = decode(self._server.artifact(run_id, path, _ARTIFACT_BYTES).data).text
        except Unreadable as error:
            notes.append(f"artifact {path}: {error}")
            return ""
        language = _RECORDS.get(PurePosixPath(path).suffix.lower())
        return f"Artifact {path}:\n\n{fenced(text, language) if language else text}"


def is_id(value: object) -> bool:
    """Whether something is an id as MLflow makes them, so that it may stand in paths and links."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def info_of(run: Json) -> Json:
    """What a run says of itself. Raises Unreadable when it is none."""
    info = run.get("info")
    if not isinstance(info, dict) or not is_id(info.get("run_id")):
        raise Unreadable("the tracking server gave a run without an id")
    return info


def _entries(run: Json, name: str) -> list[Json]:
    """Params, metrics or tags in a stable order."""
    data = run.get("data")
    entries = data.get(name) if isinstance(data, dict) else None
    kept = [one for one in entries if isinstance(one, dict) and "key" in one] if entries else []
    return sorted(kept, key=lambda one: repr(sorted(one.items())))


def _tags(run: Json) -> dict[str, str]:
    return {str(one["key"]): str(one.get("value", "")) for one in _entries(run, "tags")}


def _last_moment(metrics: Sequence[Json]) -> str | None:
    """When a run that goes on last logged something."""
    times = [one["timestamp"] for one in metrics if isinstance(one.get("timestamp"), int)]
    return moment(max(times)) if times else None


def _is_of_the_machine(metric: Json) -> bool:
    return str(metric.get("key", "")).startswith("system/")


def _is_text(artifact: Json) -> bool:
    path = PurePosixPath(str(artifact.get("path", "")))
    size = artifact.get("file_size")
    if artifact.get("is_dir") or not isinstance(size, int | str) or not str(size).isdigit():
        return False
    kind = path.suffix.lower()
    most = _RECORD_BYTES if kind in _RECORDS else _ARTIFACT_BYTES
    return kind in (*_TEXTS, *_RECORDS) and 0 < int(size) <= most
