"""A server as W&B's published client asks it: the queries of its package `wandb`, answered in their shape."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.ingest.web_site import Asked, Reply, Site, web_site

KEY = "0123456789abcdef" * 2 + "01234567"
_VIEWER = {"id": "u1", "entity": "team", "username": "mira", "email": "", "flags": "{}"}


@dataclass
class FakeWandb:
    """Projects by name; a run is the object that the API gives, with its `history` beside it."""

    site: Site
    projects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    hides: set[str] = field(default_factory=set)
    error: str = ""
    largest_page: int = 1000

    def run(self, project: str, name: str, history: list[dict[str, Any]] | None = None, **more: Any) -> None:
        rows = history or []
        keys = sorted({key for row in rows for key in row if not key.startswith("_")})
        self.history[name] = rows
        node = {
            "id": f"run-{name}",
            "name": name,
            "displayName": name,
            "state": "finished",
            "tags": [],
            "notes": None,
            "config": "{}",
            "summaryMetrics": "{}",
            "group": None,
            "jobType": None,
            "sweepName": None,
            "commit": None,
            "createdAt": "2026-03-04T04:53:20Z",
            "heartbeatAt": "2026-03-04T05:53:20Z",
            "historyLineCount": len(rows),
            "historyKeys": {
                "keys": {key: {"typeCounts": [{"type": "number", "count": len(rows)}]} for key in keys},
                "lastStep": len(rows),
            },
            "user": {"name": "Mira", "username": "mira"},
            **more,
        }
        self.projects.setdefault(project, []).append(node)

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization", "").partition(" ")[0] != "Basic":
            return Reply("who are you", 401)
        body = json.loads(asked.body)
        if self.error:
            return _json({"data": None, "errors": [{"message": self.error}]})
        if "viewer" in body["query"]:
            return _json({"data": {"viewer": _VIEWER}})
        said: Mapping[str, Any] = body["variables"]
        runs = self.projects.get(said["project"])
        if runs is None or said["entity"] != "team":
            return _json({"data": {"project": None}})
        if "$specs" in body["query"]:
            return _json({"data": {"project": {"run": {"sampledHistory": self._sampled(said)}}}})
        if "$name" in body["query"]:
            found = next((run for run in runs if run["name"] == said["name"]), None)
            return _json({"data": {"project": {"run": found}}})
        return _json({"data": {"project": self._page(runs, said)}})

    def _page(self, runs: list[dict[str, Any]], said: Mapping[str, Any]) -> dict[str, Any]:
        start = int(said.get("cursor") or 0)
        size = min(said["perPage"], self.largest_page)
        some = [run for run in runs[start : start + size] if run["name"] not in self.hides]
        end = start + size
        return {
            "runCount": len(runs),
            "runs": {
                "edges": [{"node": run, "cursor": str(start + n + 1)} for n, run in enumerate(some)],
                "pageInfo": {"endCursor": str(end), "hasNextPage": end < len(runs)},
            },
        }

    def _sampled(self, said: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
        found = []
        for spec in map(json.loads, said["specs"]):
            rows = [row for row in self.history[said["name"]] if all(key in row for key in spec["keys"])]
            stride = -(-len(rows) // spec["samples"]) or 1
            found.append([{key: row[key] for key in spec["keys"]} for row in rows[::stride]])
        return found


def _json(value: object) -> Reply:
    return Reply(json.dumps(value), content_type="application/json")


@contextmanager
def wandb_site() -> Iterator[FakeWandb]:
    """A server that runs until the end of the block."""
    with web_site() as site:
        fake = FakeWandb(site)
        site.routes["/graphql"] = fake.answer
        yield fake
