"""Registered models of MLflow, each with its versions and the runs that made them."""

from collections.abc import Iterator, Mapping, Sequence

from ingest.parsing.decoding import clean
from ingest.parsing.frontmatter import as_time
from ingest.parsing.mlflow_runs import moment
from ingest.readers.files import Globs
from ingest.readers.mlflow_server import Json, MlflowServer
from ingest.readers.naming import digest_of, path_of
from ingest.readers.text_documents import text_document
from ingest.sources import Incomplete, Item, Skipped, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable

_MOST_VERSIONS = 200


class Models:
    """The model registry of a server. `runs` are the names of the runs that were listed, by id.

    With `only_of_runs` nothing is told of versions that other runs made, or of models without any other:
    a source that holds a part of the runs says nothing of the rest.
    """

    def __init__(
        self,
        server: MlflowServer,
        source: Source,
        version: str,
        runs: Mapping[str, str],
        only_of_runs: bool,
    ) -> None:
        self._server = server
        self._source = source
        self._version = version
        self._runs = runs
        self._only_of_runs = only_of_runs

    def listed(self, globs: Globs) -> Iterator[Item | Skipped | Incomplete]:
        try:
            for model in self._server.models():
                if isinstance(model, Incomplete):
                    yield Incomplete(f"registered models: {model.reason}")
                elif model.get("name"):
                    yield from self._model(model, globs)
        except Unreadable as error:
            yield Skipped("models/", f"the model registry could not be listed: {error}")

    def _model(self, model: Json, globs: Globs) -> Iterator[Item | Skipped]:
        name = str(model["name"])
        path = f"models/{path_of([name])}"
        if not globs.allow(path):
            return
        try:
            versions = self._versions(name)
        except Unreadable as error:
            yield Skipped(path, f"its versions could not be listed: {error}")
            return
        if self._only_of_runs and not versions:
            return
        text = "\n\n".join(self._sections(name, model, versions))
        digest = digest_of(self._version, text)
        changed = as_time(moment(model.get("last_updated_timestamp")))
        title, url = f"Registered model {clean(name).text}", self._server.model_page(name)

        def load() -> Document:
            return text_document(self._source, path, title, text, digest, url, changed)

        yield Item(path, digest, load)

    def _versions(self, name: str) -> list[Json]:
        found: list[Json] = []
        for one in self._server.model_versions(name):
            if isinstance(one, Incomplete):
                raise Unreadable(one.reason)
            if not self._only_of_runs or one.get("run_id") in self._runs:
                found.append(one)
        return sorted(found, key=lambda one: int(one["version"]) if _is_number(one) else 0, reverse=True)

    def _sections(self, name: str, model: Json, versions: Sequence[Json]) -> Iterator[str]:
        yield f"# Registered model {clean(name).text}"
        aliases = _aliases(model)
        facts = [f"- {alias}: version {version}" for alias, version in sorted(aliases.items())]
        facts += _tags(model)
        if facts:
            yield "\n".join(facts)
        if model.get("description"):
            yield clean(str(model["description"])).text
        for version in versions[:_MOST_VERSIONS]:
            yield f"## Version {version.get('version')}"
            yield "\n".join(self._facts(version, aliases))
            if version.get("description"):
                yield clean(str(version["description"])).text

    def _facts(self, version: Json, aliases: Mapping[str, str]) -> Iterator[str]:
        run_id = str(version.get("run_id") or "")
        if run_id:
            named = self._runs.get(run_id)
            yield f"- made by run {named} ({run_id})" if named else f"- made by run {run_id}"
        called = sorted(alias for alias, held in aliases.items() if held == str(version.get("version")))
        if called:
            yield f"- called {', '.join(called)}"
        if version.get("current_stage") not in (None, "", "None"):
            yield f"- stage: {clean(str(version['current_stage'])).text}"
        if version.get("status") not in (None, "", "READY"):
            yield f"- status: {str(version['status']).lower()}"
        if created := moment(version.get("creation_timestamp")):
            yield f"- registered: {created}"
        yield from _tags(version)


def _aliases(model: Json) -> dict[str, str]:
    return {
        clean(str(one["alias"])).text: str(one.get("version"))
        for one in model.get("aliases", ())
        if isinstance(one, dict) and "alias" in one
    }


def _tags(of: Json) -> list[str]:
    tags = [one for one in of.get("tags", ()) if isinstance(one, dict)]
    return sorted(
        f"- {clean(str(one.get('key'))).text}: {clean(str(one.get('value', ''))).text}" for one in tags
    )


def _is_number(version: Json) -> bool:
    return str(version.get("version", "")).isdigit()
