"""Reads runs of Weights & Biases through its GraphQL API: a page of runs tells what changed."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeGuard
from urllib.parse import quote

from ingest.parsing.decoding import clean
from ingest.parsing.frontmatter import as_time
from ingest.parsing.records import Gathered, run_record
from ingest.parsing.wandb_runs import parsed, take_config, take_row, take_summary
from ingest.readers.files import Globs
from ingest.readers.naming import digest_of, path_of
from ingest.readers.pages import version_of
from ingest.readers.paging import Part, by_cursor
from ingest.readers.runs import run_document
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from ingest.web import Web, World
from knowledge.documents import Document
from knowledge.errors import Unreadable

_PAGE = 50
_SAMPLES = 1000
_SPECS_AT_ONCE = 20
_MOST_HISTORIES = 60
_OWN_ADDRESS, _OWN_PAGES = "https://api.wandb.ai", "https://wandb.ai"

RUN_FIELDS = """
fragment Run on Run {
  id name displayName state tags notes config summaryMetrics group jobType sweepName commit
  createdAt heartbeatAt historyLineCount historyKeys user { name username }
}
"""
_RUNS = (
    """
query Runs($entity: String!, $project: String!, $cursor: String, $perPage: Int!) {
  project(name: $project, entityName: $entity) {
    runCount
    runs(after: $cursor, first: $perPage, order: "+created_at") {
      edges { node { ...Run } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}
"""
    + RUN_FIELDS
)
_ONE = (
    """
query Run($entity: String!, $project: String!, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) { ...Run } }
}
"""
    + RUN_FIELDS
)
_HISTORY = """
query RunSampledHistory($entity: String!, $project: String!, $name: String!, $specs: [JSONString!]!) {
  project(name: $project, entityName: $entity) { run(name: $name) { sampledHistory(specs: $specs) } }
}
"""

Json = Mapping[str, Any]


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the runs of a team's projects; each is fetched, with a sample of its history, when it is loaded.

    Raises Unreadable when the first project cannot be listed.
    """
    yield from _Listing(source, reading, world or World()).listed()


class _Listing:
    """The projects of one source while they are listed."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        key = b64encode(f"api:{source.secrets['api_key']}".encode()).decode()
        self._web = Web.of(source, reading, headers={"authorization": f"Basic {key}"}, world=world)
        self._source = source
        self._reading = reading
        self._team = str(source.options["team"])
        address = str(source.options["address"])
        self._ui = str(source.options.get("ui") or (_OWN_PAGES if address == _OWN_ADDRESS else address))
        self._version = version_of(source, "wandb 1", self._ui)
        self._globs = Globs(source)

    def listed(self) -> Iterator[Listed]:
        for number, project in enumerate(self._source.options["projects"]):
            try:
                for one in by_cursor(partial(self._part, project), self._reading):
                    if isinstance(one, Incomplete):
                        yield Incomplete(f"{project}: {one.reason}")
                    else:
                        yield from self._run(project, one)
            except Unreadable as error:
                if number == 0 or self._reading.stopped():
                    raise
                yield Incomplete(f"{project} could not be listed: {error}")

    def _part(self, project: str, cursor: str | None) -> Part[Json]:
        found = self._asked(_RUNS, project, cursor=cursor, perPage=_PAGE)
        runs = found.get("runs")
        edges = runs.get("edges") if isinstance(runs, dict) else None
        about = runs.get("pageInfo") if isinstance(runs, dict) else None
        if not isinstance(edges, list) or not isinstance(about, dict):
            raise Unreadable(f"the answer holds no runs of {project}")
        nodes = [edge["node"] for edge in edges if isinstance(edge, dict) and _is_run(edge.get("node"))]
        total = found.get("runCount")
        return Part(
            nodes,
            str(about.get("endCursor")) if about.get("hasNextPage") else None,
            total if isinstance(total, int) else None,
        )

    def _run(self, project: str, run: Json) -> Iterator[Item | Skipped]:
        path = path_of([project, str(run["name"])])
        if self._globs.allow(path):
            yield Item(path, self._digest(run), lambda: self._load(path, project, str(run["name"])))

    def _digest(self, run: Json) -> str:
        """A run that goes on has a new summary and heartbeat; one that has ended may still get notes."""
        return digest_of(self._version, run)

    def _load(self, path: str, project: str, name: str) -> Document:
        """The run as it is now. Raises Unreadable."""
        run = self._asked(_ONE, project, name=name).get("run")
        if not _is_run(run):
            raise Unreadable(f"there is no run {name} in {project} any more")
        gathered = Gathered(clean(str(run.get("displayName") or name)).text)
        _take_facts(gathered, run, project)
        take_config(gathered, parsed(run.get("config")))
        take_summary(gathered, parsed(run.get("summaryMetrics")))
        notes = self._take_history(gathered, project, name, run)
        return run_document(
            self._source,
            path,
            self._digest(run),
            run_record(gathered, notes, _SAMPLES),
            url=f"{self._ui}/{quote(self._team)}/{quote(project)}/runs/{quote(name)}",
            updated_at=as_time(run.get("heartbeatAt") or run.get("createdAt")),
        )

    def _take_history(self, gathered: Gathered, project: str, name: str, run: Json) -> list[str]:
        keys = _metrics(parsed(run.get("historyKeys")))
        chosen = keys[:_MOST_HISTORIES]
        for start in range(0, len(chosen), _SPECS_AT_ONCE):
            some = chosen[start : start + _SPECS_AT_ONCE]
            specs = [json.dumps({"keys": ["_step", key], "samples": _SAMPLES}) for key in some]
            found = self._asked(_HISTORY, project, name=name, specs=specs).get("run")
            sampled = found.get("sampledHistory") if isinstance(found, dict) else None
            if not isinstance(sampled, list):
                raise Unreadable("the answer holds no history")
            for key, rows in zip(some, sampled, strict=False):
                for row in rows if isinstance(rows, list) else ():
                    if isinstance(row, dict) and key in row:
                        take_row(gathered, {key: row[key]}, row.get("_step"))
        notes = []
        lines = run.get("historyLineCount")
        if isinstance(lines, int) and lines > _SAMPLES:
            notes.append(f"its history of {lines:,} rows is sampled at {_SAMPLES:,} points of each metric")
            gathered.add_fact("history", f"{lines:,} rows, of which {_SAMPLES:,} a metric are kept")
        if len(keys) > len(chosen):
            notes.append(f"the histories of {len(keys) - len(chosen)} metrics are not read")
        return notes

    def _asked(self, query: str, project: str, **variables: object) -> Json:
        """What the API says of a project. Raises Unreadable, also for a project that cannot be seen."""
        body = {
            "query": query,
            "variables": {"entity": self._team, "project": project, **variables},
        }
        answer = self._web.json("graphql", method="POST", body=body)
        if not isinstance(answer, dict) or answer.get("errors"):
            raise Unreadable(f"the API answers: {_first_error(answer)}")
        data = answer.get("data")
        found = data.get("project") if isinstance(data, dict) else None
        if not isinstance(found, dict):
            raise Unreadable(f"there is no project {self._team}/{project} that the key's account may read")
        return found


def _take_facts(gathered: Gathered, run: Json, project: str) -> None:
    state = str(run.get("state") or "")
    gathered.status = "failed" if state == "crashed" else state or None
    gathered.started_at = run.get("createdAt")
    gathered.ended_at = None if state == "running" else run.get("heartbeatAt")
    gathered.code_version = run.get("commit") or None
    user = run.get("user")
    gathered.owner = (user.get("username") or user.get("name")) if isinstance(user, dict) else None
    gathered.tags += [str(tag) for tag in run.get("tags") or ()]
    gathered.add_note(str(run.get("notes") or ""))
    gathered.add_fact("project", project)
    gathered.add_fact("run id", run["name"])
    for key, fact in (("group", "group"), ("jobType", "job type"), ("sweepName", "sweep")):
        gathered.add_fact(fact, run.get(key))


def _metrics(history_keys: Json) -> Sequence[str]:
    """The names that hold numbers in a history."""
    keys = history_keys.get("keys")
    if not isinstance(keys, dict):
        return ()
    return sorted(
        key for key, about in keys.items() if not key.startswith(("_", "system/")) and _counts(about)
    )


def _counts(about: object) -> bool:
    types = about.get("typeCounts") if isinstance(about, dict) else None
    return not isinstance(types, list) or any(
        isinstance(one, dict) and one.get("type") == "number" for one in types
    )


def _is_run(node: object) -> TypeGuard[Json]:
    return isinstance(node, dict) and isinstance(node.get("name"), str)


def _first_error(answer: object) -> str:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("message", "an error"))[:300] if isinstance(first, dict) else "something else"
