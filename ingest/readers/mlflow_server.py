"""Asks an MLflow tracking server through its REST API, page by page."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ingest.readers.paging import Part, by_cursor
from ingest.sources import Incomplete, Reading, Source
from ingest.web import Fetched, Limits, Web, World
from knowledge.errors import Unreadable

_API = "api/2.0/mlflow"
_PAGE = 100
_HISTORY_PAGE = 25_000
_LIMITS = Limits(per_second=50, at_once=50)

Json = Mapping[str, Any]


class MlflowServer:
    """One tracking server, as a source names it. Every call raises Unreadable, Gone or Denied."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        self._web = Web.of(source, reading, headers=_authorization(source), world=world, limits=_LIMITS)
        self._reading = reading
        self._ui = str(source.options.get("ui") or source.options["address"])

    def experiments(self) -> Iterator[Json | Incomplete]:
        """All experiments that are not deleted."""
        return self._searched("experiments/search", "experiments", {"view_type": "ACTIVE_ONLY"})

    def experiment(self, experiment_id: str) -> Json:
        return self._one("experiments/get", "experiment", {"experiment_id": experiment_id})

    def runs(self, experiment_id: str) -> Iterator[Json | Incomplete]:
        """The runs of an experiment that are not deleted, newest first, with each metric's last value."""
        asked = {
            "experiment_ids": [experiment_id],
            "run_view_type": "ACTIVE_ONLY",
            "order_by": ["attributes.start_time DESC"],
        }
        return self._searched("runs/search", "runs", asked)

    def run(self, run_id: str) -> Json:
        return self._one("runs/get", "run", {"run_id": run_id})

    def history(self, run_id: str, metric: str) -> Iterator[Json | Incomplete]:
        """Every value of a metric with its step, as it was logged."""

        def fetch(cursor: str | None) -> Part[Json]:
            asked = {
                "run_id": run_id,
                "metric_key": metric,
                "max_results": _HISTORY_PAGE,
                "page_token": cursor,
            }
            answer = self._get("metrics/get-history", asked)
            return Part(_objects(answer, "metrics"), answer.get("next_page_token") or None)

        return by_cursor(fetch, self._reading)

    def artifacts(self, run_id: str, folder: str = "") -> list[Json]:
        """The files and folders in one folder of a run's artifacts, of their top by default."""
        asked = {"run_id": run_id} | ({"path": folder} if folder else {})
        return _objects(self._get("artifacts/list", asked), "files")

    def artifact(self, run_id: str, path: str, most_bytes: int) -> Fetched:
        asked = {"run_id": run_id, "run_uuid": run_id, "path": path}
        return self._web.get("get-artifact", params=asked, most_bytes=most_bytes)

    def models(self) -> Iterator[Json | Incomplete]:
        """All registered models."""
        return self._listed("registered-models/search", "registered_models", {})

    def model_versions(self, name: str) -> Iterator[Json | Incomplete]:
        escaped = name.replace("'", "''")
        return self._listed("model-versions/search", "model_versions", {"filter": f"name='{escaped}'"})

    def run_page(self, experiment_id: str, run_id: str) -> str:
        return f"{self._ui}/#/experiments/{experiment_id}/runs/{run_id}"

    def experiment_page(self, experiment_id: str) -> str:
        return f"{self._ui}/#/experiments/{experiment_id}"

    def model_page(self, name: str) -> str:
        return f"{self._ui}/#/models/{quote(name, safe='')}"

    def _searched(self, path: str, name: str, asked: Json) -> Iterator[Json | Incomplete]:
        def fetch(cursor: str | None) -> Part[Json]:
            body = {**asked, "max_results": _PAGE, **({"page_token": cursor} if cursor else {})}
            answer = self._web.json(f"{_API}/{path}", method="POST", body=body)
            return Part(_objects(answer, name), answer.get("next_page_token") or None)

        return by_cursor(fetch, self._reading)

    def _listed(self, path: str, name: str, asked: Json) -> Iterator[Json | Incomplete]:
        def fetch(cursor: str | None) -> Part[Json]:
            answer = self._get(path, {**asked, "max_results": _PAGE, "page_token": cursor})
            return Part(_objects(answer, name), answer.get("next_page_token") or None)

        return by_cursor(fetch, self._reading)

    def _one(self, path: str, name: str, asked: Json) -> Json:
        found = self._get(path, asked).get(name)
        if not isinstance(found, dict):
            raise Unreadable(f"the tracking server's answer to {path} holds no {name}")
        return found

    def _get(self, path: str, asked: Json) -> Json:
        answer = self._web.json(f"{_API}/{path}", params=asked)
        if not isinstance(answer, dict):
            raise Unreadable(f"the tracking server's answer to {path} is not an object")
        return answer


def _objects(answer: object, name: str) -> list[Json]:
    """The objects of a listing; MLflow leaves an empty list out. Raises Unreadable for anything else."""
    listed = answer.get(name, []) if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Unreadable(f"the tracking server's answer holds no list of {name}")
    return listed


def _authorization(source: Source) -> Mapping[str, str]:
    token, user = source.secrets.get("token"), source.options.get("user")
    if token:
        return {"authorization": f"Bearer {token}"}
    if user:
        password = source.secrets.get("password", "")
        return {"authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
    return {}
