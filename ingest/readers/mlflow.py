"""Reads an MLflow tracking server: its runs, what its experiments say of themselves, its registered models.

A listing holds everything of a run but the histories of its metrics and its artifacts, so what it says is
the digest; only runs that changed are asked for. A run that is known and not listed is looked up by its id
before it is believed to be gone.
"""

from collections.abc import Iterator

from ingest.parsing.decoding import clean
from ingest.readers.files import Globs
from ingest.readers.mlflow_models import Models
from ingest.readers.mlflow_run import Runs, info_of, is_id
from ingest.readers.mlflow_server import Json, MlflowServer
from ingest.readers.naming import digest_of
from ingest.readers.pages import version_of
from ingest.readers.text_documents import text_document
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from ingest.web import Gone, World
from knowledge.documents import Document
from knowledge.errors import Unreadable

_NOTE = "mlflow.note.content"
_WATCHED = 20
_LOOKED_UP = 20


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the runs, described experiments and models of a server; each is fetched when it is loaded.

    Raises Unreadable when the server's experiments cannot be listed.
    """
    yield from _Listing(source, reading, world or World()).listed()


class _Listing:
    """One server while it is listed."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        self._source = source
        self._reading = reading
        self._server = MlflowServer(source, reading, world)
        self._globs = Globs(source)
        self._version = version_of(source, "mlflow 2", source.options.get("ui"), source.options["artifacts"])
        self._experiments: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._runs = Runs(self._server, source, self._version, self._experiments, self._names)
        self._wanted = frozenset(source.options["experiments"])
        self._complete = True
        self._artifacts_answer = True

    def listed(self) -> Iterator[Listed]:
        described: list[Json] = []
        for one in self._server.experiments():
            if isinstance(one, Incomplete):
                yield self._incomplete(one.reason)
            elif self._is_wanted(one):
                self._experiments[str(one["experiment_id"])] = clean(str(one.get("name", ""))).text
                described.append(one)
        yield from self._not_found()
        for experiment in described:
            yield from self._description(experiment)
            yield from self._runs_of(str(experiment["experiment_id"]))
        yield from self._experiments_that_lack()
        yield from self._models()

    def _is_wanted(self, experiment: Json) -> bool:
        names = {str(experiment.get("experiment_id", "")), str(experiment.get("name"))}
        return is_id(experiment.get("experiment_id")) and (not self._wanted or bool(self._wanted & names))

    def _incomplete(self, reason: str) -> Incomplete:
        self._complete = False
        return Incomplete(reason)

    def _not_found(self) -> Iterator[Skipped]:
        there = {*self._experiments, *self._experiments.values()}
        for name in sorted(self._wanted - there):
            yield Skipped(f"experiments/{name}", "there is no experiment of this name or id that may be read")

    def _description(self, experiment: Json) -> Iterator[Item]:
        """What an experiment says of itself, where it says anything."""
        experiment_id = str(experiment["experiment_id"])
        tags = {str(tag.get("key")): str(tag.get("value", "")) for tag in experiment.get("tags", ())}
        name, note = self._experiments[experiment_id], clean(tags.get(_NOTE, "")).text.strip()
        path = f"experiments/{experiment_id}"
        if not note or not self._globs.allow(path):
            return
        own = [f"- {key}: {value}" for key, value in sorted(tags.items()) if not key.startswith("mlflow.")]
        text = "\n\n".join([f"# Experiment {name}", *(["\n".join(own)] if own else []), note])
        digest = digest_of(self._version, text)
        url = self._server.experiment_page(experiment_id)

        def load() -> Document:
            return text_document(self._source, path, f"Experiment {name}", text, digest, url)

        yield Item(path, digest, load)

    def _runs_of(self, experiment_id: str) -> Iterator[Listed]:
        listed: set[str] = set()
        try:
            for one in self._server.runs(experiment_id):
                if isinstance(one, Incomplete):
                    yield self._incomplete(f"{self._experiments[experiment_id]}: {one.reason}")
                    continue
                run_id = str(info_of(one)["run_id"])
                if run_id not in listed:
                    yield from self._run(experiment_id, one, watched=len(listed) < _WATCHED)
                    listed.add(run_id)
        except Unreadable as error:
            if self._reading.stopped():
                raise
            yield self._incomplete(f"{self._experiments[experiment_id]} could not be listed: {error}")
            return
        yield from self._runs_that_lack(experiment_id, listed)

    def _run(self, experiment_id: str, run: Json, watched: bool) -> Iterator[Item | Skipped]:
        info = info_of(run)
        run_id = str(info["run_id"])
        path = f"{experiment_id}/{run_id}"
        if not self._globs.allow(path):
            return
        self._names[run_id] = clean(str(info.get("run_name") or run_id)).text
        watched = watched and self._artifacts_answer
        try:
            texts = self._runs.texts(run_id) if watched else None
        except Unreadable:
            watched, texts = False, None
            self._artifacts_answer = False  # a store that is away would be waited for at every run
        digest = self._runs.digest(run, texts)
        yield Item(path, digest, lambda: self._runs.load(path, run_id, watched))

    def _runs_that_lack(self, experiment_id: str, listed: set[str]) -> Iterator[Listed]:
        """Runs that are known and were not listed: a listing that moves while it is read may skip one."""
        known = [path for path in self._reading.known if path.startswith(f"{experiment_id}/")]
        lacking = sorted(run_id for path in known if (run_id := path.partition("/")[2]) not in listed)
        alive = 0
        for run_id in lacking[:_LOOKED_UP]:
            try:
                run = self._server.run(run_id)
            except Gone:
                continue
            except Unreadable as error:
                yield self._incomplete(f"run {run_id} was not listed and cannot be looked up: {error}")
                return
            if info_of(run).get("lifecycle_stage") == "active":
                alive += 1
                yield from self._run(experiment_id, run, watched=False)
        if alive and len(lacking) > _LOOKED_UP:
            yield self._incomplete(f"{len(lacking)} runs were not listed, though {alive} of them are there")

    def _experiments_that_lack(self) -> Iterator[Incomplete]:
        """Known experiments that were not listed and are there all the same, where all are wanted."""
        known = {path.partition("/")[0] for path in self._reading.known}
        for experiment_id in sorted(known - {*self._experiments, "experiments", "models"}):
            if self._wanted:
                continue
            try:
                experiment = self._server.experiment(experiment_id)
            except Gone:
                continue
            except Unreadable as error:
                yield self._incomplete(f"experiment {experiment_id} was not listed: {error}")
                continue
            if experiment.get("lifecycle_stage") == "active":
                yield self._incomplete(f"experiment {experiment_id} was not listed, though it is there")

    def _models(self) -> Iterator[Listed]:
        if not self._source.options["models"] or not self._complete:
            return
        only = bool(self._wanted or self._source.include or self._source.exclude)
        models = Models(self._server, self._source, self._version, self._names, only)
        yield from models.listed(self._globs)
