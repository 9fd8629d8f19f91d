"""A tracking server as MLflow publishes its REST API, on this machine; the real one is in tests/places."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.ingest.web_site import Asked, Reply, Site, web_site

_API = "/api/2.0/mlflow"


@dataclass
class FakeRun:
    """A run with whatever was logged; metrics are lists of step, value and milliseconds."""

    run_id: str
    experiment_id: str = "1"
    name: str = ""
    status: str = "FINISHED"
    start: int = 1_772_600_000_000
    end: int | None = 1_772_603_600_000
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[tuple[int, Any, int]]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    deleted: bool = False

    def as_json(self) -> dict[str, Any]:
        last = {
            key: max(points, key=lambda point: (point[0], point[2])) for key, points in self.metrics.items()
        }
        info: dict[str, Any] = {
            "run_id": self.run_id,
            "run_uuid": self.run_id,
            "run_name": self.name or self.run_id,
            "experiment_id": self.experiment_id,
            "user_id": "mira",
            "status": self.status,
            "start_time": self.start,
            "artifact_uri": f"mlflow-artifacts:/{self.run_id}",
            "lifecycle_stage": "deleted" if self.deleted else "active",
        }
        if self.end is not None:
            info["end_time"] = self.end
        data = {
            "metrics": [
                {"key": key, "value": value, "timestamp": at, "step": step}
                for key, (step, value, at) in last.items()
            ],
            "params": [{"key": key, "value": value} for key, value in self.params.items()],
            "tags": [{"key": key, "value": value} for key, value in self.tags.items()],
        }
        return {"info": info, "data": {key: held for key, held in data.items() if held}}


@dataclass
class FakeMlflow:
    """What the server holds. `broken` maps the ends of paths to what is answered in place of the truth."""

    site: Site
    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: list[FakeRun] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, Reply] = field(default_factory=dict)
    page: int | None = None
    lost: set[str] = field(default_factory=set)

    def experiment(self, experiment_id: str, name: str, note: str = "") -> None:
        tags = [{"key": "mlflow.note.content", "value": note}] if note else []
        self.experiments[experiment_id] = {
            "experiment_id": experiment_id,
            "name": name,
            "lifecycle_stage": "active",
            "tags": tags,
        }

    def asked(self, end: str) -> int:
        """How often something was asked for."""
        return sum(urlsplit(path).path.endswith(end) for path in self.site.paths)

    def answer(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.path)
        said = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if asked.body:
            said |= json.loads(asked.body)
        name = parts.path.removeprefix(_API)
        for end, reply in self.broken.items():
            if parts.path.endswith(end):
                return reply
        match name:
            case "/experiments/search":
                live = [one for one in self.experiments.values() if one["lifecycle_stage"] == "active"]
                return self._paged("experiments", live, said)
            case "/experiments/get":
                found = self.experiments.get(said["experiment_id"])
                return _ok({"experiment": found}) if found else _missing()
            case "/runs/search":
                runs = [one for one in self.runs if one.experiment_id in said["experiment_ids"]]
                live = [one for one in runs if not one.deleted and one.run_id not in self.lost]
                ordered = sorted(live, key=lambda one: -one.start)
                return self._paged("runs", [one.as_json() for one in ordered], said)
            case "/runs/get":
                run = self._run(said["run_id"])
                return _ok({"run": run.as_json()}) if run else _missing()
            case "/metrics/get-history":
                run = self._run(said["run_id"])
                points = run.metrics[said["metric_key"]] if run else []
                return self._paged(
                    "metrics",
                    [
                        {"key": said["metric_key"], "value": value, "timestamp": at, "step": step}
                        for step, value, at in points
                    ],
                    said,
                )
            case "/artifacts/list":
                run = self._run(said["run_id"])
                files = children(run.artifacts if run else {}, said.get("path", ""))
                return _ok({"root_uri": "x", **({"files": files} if files else {})})
            case "/get-artifact":
                run = self._run(said["run_id"])
                assert run is not None
                return Reply(run.artifacts[said["path"]], content_type="text/plain")
            case "/registered-models/search":
                return self._paged("registered_models", self.models, said)
            case "/model-versions/search":
                name = said["filter"].removeprefix("name='").removesuffix("'")
                return self._paged(
                    "model_versions", [one for one in self.versions if one["name"] == name], said
                )
            case _:
                return _missing()

    def _run(self, run_id: str) -> FakeRun | None:
        return next((run for run in self.runs if run.run_id == run_id), None)

    def _paged(self, key: str, found: list[Any], said: Mapping[str, Any]) -> Reply:
        """Pages by offset, as MLflow makes them: an empty list is left out."""
        start, size = int(said.get("page_token") or 0), self.page or int(said["max_results"])
        some = found[start : start + size]
        following = {"next_page_token": str(start + size)} if start + size < len(found) else {}
        return _ok({**({key: some} if some else {}), **following})


def _ok(value: object) -> Reply:
    return Reply(json.dumps(value), content_type="application/json")


def _missing() -> Reply:
    said = json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "not there"})
    return Reply(said, 404, content_type="application/json")


@contextmanager
def mlflow_site() -> Iterator[FakeMlflow]:
    """A server that runs until the end of the block, with an experiment called `digits`."""
    with web_site() as site:
        fake = FakeMlflow(site)
        fake.experiment("1", "digits")
        paths = (
            "experiments/search", "experiments/get", "runs/search", "runs/get", "metrics/get-history",
            "artifacts/list", "registered-models/search", "model-versions/search",
        )  # fmt: skip
        for path in paths:
            site.routes[f"{_API}/{path}"] = fake.answer
        site.routes["/get-artifact"] = fake.answer
        yield fake


def children(artifacts: Mapping[str, bytes], folder: str) -> list[dict[str, Any]]:
    """What a tracking server lists in one folder: its files with their sizes, its folders without."""
    found: dict[str, dict[str, Any]] = {}
    for path, data in artifacts.items():
        name, _, rest = path.removeprefix(f"{folder}/" if folder else "").partition("/")
        if folder and not path.startswith(f"{folder}/"):
            continue
        here = f"{folder}/{name}" if folder else name
        found[here] = {"path": here, "is_dir": bool(rest)} | ({} if rest else {"file_size": len(data)})
    return list(found.values())
