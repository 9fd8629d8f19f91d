"""Runs of Weights & Biases by its API, from a server in the shape of its published client's queries."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.trackers import WANDB
from ingest.readers.wandb import read
from ingest.source_tables import source_from_table
from ingest.sources import Incomplete, Item, Listed, Reading, Source
from knowledge.documents import Document, MetricPoint
from knowledge.errors import Unreadable
from tests.ingest.wandb_site import KEY, FakeWandb, wandb_site
from tests.ingest.web_site import Elsewhere, Reply


@pytest.fixture
def server() -> Iterator[FakeWandb]:
    with wandb_site() as fake:
        yield fake


def source(server: FakeWandb, *projects: str, **table: Any) -> Source:
    named = {
        "name": "wandb",
        "kind": "wandb",
        "audience": "everyone",
        "address": server.site.address,
        "private_network": True,
        "team": "team",
        "projects": list(projects or ["digits"]),
        "api_key": "WANDB_API_KEY",
        **table,
    }
    return source_from_table(named, Path("/"), {"wandb": WANDB}, {"WANDB_API_KEY": KEY})


def listed(of: Source) -> list[Listed]:
    return list(read(of, Reading(), Elsewhere().world))


def items(of: Source) -> dict[str, Item]:
    return {one.path: one for one in listed(of) if isinstance(one, Item)}


def documents(of: Source) -> dict[str, Document]:
    found = {path: item.load() for path, item in items(of).items()}
    assert all(found[path].digest == item.digest for path, item in items(of).items())
    return found


def test_a_run_with_its_config_summary_history_and_notes(server: FakeWandb) -> None:
    server.run(
        "digits",
        "ab12cd34",
        [{"_step": step, "loss": 1 / (1 + step), "val/acc": step / 100} for step in range(100)],
        displayName="warm-up",
        config='{"lr": {"desc": null, "value": 0.05}, "_wandb": {"value": {"cli_version": "0.31"}}}',
        summaryMetrics='{"val/acc": 0.99, "_step": 99, "_timestamp": 1772603600, "best": {"loss": 0.01}}',
        notes="Longer warm-up.",
        tags=["sweep"],
        commit="3f2a",
        group="seeds",
    )
    found = documents(source(server))["digits/ab12cd34"]
    assert (found.title, found.owner, found.kind) == ("warm-up", "mira", "run")
    assert found.url == f"{server.site.address}/team/digits/runs/ab12cd34"
    assert found.updated_at == datetime(2026, 3, 4, 5, 53, 20, tzinfo=UTC)
    assert found.run is not None
    assert found.run.params == {"lr": 0.05}
    assert len(found.run.metrics["loss"]) == 100
    assert found.run.metrics["val/acc"][7] == MetricPoint(7, 0.07)
    assert found.run.metrics["best.loss"] == (MetricPoint(None, 0.01),)
    assert (found.run.status, found.run.code_version) == ("finished", "3f2a")
    assert (found.run.tags, found.run.notes) == (("sweep",), "Longer warm-up.")
    assert "- group: seeds" in found.text


@pytest.mark.parametrize(
    "change",
    [
        {"notes": "Later words."},
        {"tags": ["reviewed"]},
        {"state": "running", "heartbeatAt": "2026-03-05T05:53:20Z"},
        {"summaryMetrics": '{"loss": 0.1}'},
        {"displayName": "another name"},
    ],
)
def test_whatever_changes_in_a_run_is_read_again(server: FakeWandb, change: dict[str, Any]) -> None:
    server.run("digits", "a")
    server.run("digits", "b")
    before = {path: item.digest for path, item in items(source(server)).items()}
    assert {path: item.digest for path, item in items(source(server)).items()} == before
    server.projects["digits"][0] |= change
    after = {path: item.digest for path, item in items(source(server)).items()}
    assert {path for path in after if after[path] != before[path]} == {"digits/a"}


def test_a_long_history_is_a_sample_and_says_so(server: FakeWandb) -> None:
    server.run("digits", "a", [{"_step": step, "loss": 1.0} for step in range(5000)])
    (found,) = documents(source(server)).values()
    assert found.run is not None
    assert len(found.run.metrics["loss"]) == 1000
    assert found.notes == ("its history of 5,000 rows is sampled at 1,000 points of each metric",)
    assert "- history: 5,000 rows, of which 1,000 a metric are kept" in found.text


def test_pages_are_followed_and_runs_that_were_deleted_leave(server: FakeWandb) -> None:
    for n in range(120):
        server.run("digits", f"run{n}")
    assert len(items(source(server))) == 120
    del server.projects["digits"][7]
    found = listed(source(server))
    assert sum(isinstance(one, Item) for one in found) == 119
    assert not any(isinstance(one, Incomplete) for one in found)


def test_in_24_a_listing_that_lacks_runs_is_incomplete(server: FakeWandb) -> None:
    for n in range(120):
        server.run("digits", f"run{n}")
    server.hides = {"run70"}
    assert any(isinstance(one, Incomplete) for one in listed(source(server)))


def test_in_23_a_project_that_cannot_be_seen_takes_nothing_with_it(server: FakeWandb) -> None:
    server.run("digits", "a")
    with pytest.raises(Unreadable, match="no project team/hidden that"):
        listed(source(server, "hidden", "digits"))
    found = listed(source(server, "digits", "hidden"))
    assert [type(one) for one in found] == [Item, Incomplete]


def test_in_23_errors_of_the_api_are_told(server: FakeWandb) -> None:
    server.error = "rate limit exceeded"
    with pytest.raises(Unreadable, match="rate limit exceeded"):
        listed(source(server))
    server.site.routes["/graphql"] = Reply("no", 401)
    with pytest.raises(Unreadable, match="refuses access"):
        listed(source(server))


def test_pv_06_secrets_in_what_was_logged_are_out(server: FakeWandb) -> None:
    key = "hf_" + "Ab1xY2" * 6
    server.run(
        "digits", "a", displayName=key, notes=key, tags=[key], config=f'{{"hub_token": {{"value": "{key}"}}}}'
    )
    (found,) = documents(source(server)).values()
    assert "Ab1xY2" not in repr(found)
    assert found.redactions


@pytest.mark.parametrize("body", ["[]", '{"data": []}', '{"data": {"project": {"runs": {"edges": 7}}}}'])
def test_in_18_answers_of_another_shape_are_refused(server: FakeWandb, body: str) -> None:
    server.site.routes["/graphql"] = Reply(body, content_type="application/json")
    with pytest.raises(Unreadable):
        listed(source(server))


def test_in_18_values_of_another_shape_break_nothing(server: FakeWandb) -> None:
    server.run(
        "digits", "a", config="[" * 5000, summaryMetrics='"x"', historyKeys=[1], user="mira", tags=None
    )
    server.run("digits", "b", [{"_step": 1, "loss": {"deep": [1]}}, {"_step": "x", "loss": None}])
    assert len(documents(source(server))) == 2
