"""An MLflow tracking server, read run by run: what changed, what is gone, and what only seems so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.mlflow import read
from ingest.readers.trackers import MLFLOW
from ingest.source_tables import source_from_table
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from knowledge.documents import Document, MetricPoint
from knowledge.errors import Unreadable
from tests.ingest.mlflow_site import FakeMlflow, FakeRun, mlflow_site
from tests.ingest.web_site import Elsewhere, Reply


@pytest.fixture
def server() -> Iterator[FakeMlflow]:
    with mlflow_site() as fake:
        yield fake


def source(server: FakeMlflow, environment: dict[str, str] | None = None, **table: Any) -> Source:
    named = {
        "name": "tracking",
        "kind": "mlflow",
        "audience": "everyone",
        "address": server.site.address,
        "private_network": True,
        **table,
    }
    return source_from_table(named, Path("/"), {"mlflow": MLFLOW}, environment or {})


def listed(of: Source, known: dict[str, str] | None = None) -> list[Listed]:
    return list(read(of, Reading(known=known or {}), Elsewhere().world))


def documents(of: Source, known: dict[str, str] | None = None) -> dict[str, Document]:
    """What changed, by path; nothing may lack."""
    found = {}
    for one in listed(of, known):
        assert isinstance(one, Item), one
        if (known or {}).get(one.path) != one.digest:
            found[one.path] = one.load()
            assert found[one.path].digest == one.digest
    return found


def known_now(of: Source) -> dict[str, str]:
    return {one.path: one.digest for one in listed(of) if isinstance(one, Item)}


def test_a_run_with_everything_that_was_logged(server: FakeMlflow) -> None:
    server.runs = [
        FakeRun("a" * 32, name="sweep", start=1_772_500_000_000),
        FakeRun(
            "b" * 32,
            name="warm-up",
            params={"lr": "0.05", "optimizer": "sgd"},
            metrics={
                "val/loss": [(1, 0.9, 10), (2, 0.4, 20), (3, 0.5, 30)],
                "acc": [(0, "NaN", 10)],
                "system/gpu_0_power": [(0, 300.0, 10), (1, 310.0, 20)],
            },
            tags={
                "mlflow.note.content": "Longer warm-up.",
                "mlflow.source.git.commit": "3f2a",
                "mlflow.parentRunId": "a" * 32,
                "mlflow.user": "mira@tern.example",
                "team": "readers",
            },
            artifacts={"notes.md": b"Ask Mira.", "model.bin": b"x" * 10, "big.txt": b"x" * 200_000},
        ),
    ]
    found = documents(source(server))[f"1/{'b' * 32}"]
    assert (found.title, found.owner, found.kind) == ("warm-up", "mira@tern.example", "run")
    assert found.url == f"{server.site.address}/#/experiments/1/runs/{'b' * 32}"
    assert found.updated_at == datetime(2026, 3, 4, 5, 53, 20, tzinfo=UTC)
    assert found.run is not None
    assert found.run.params == {"lr": 0.05, "optimizer": "sgd"}
    assert found.run.metrics["val/loss"] == (MetricPoint(1, 0.9), MetricPoint(2, 0.4), MetricPoint(3, 0.5))
    assert found.run.metrics["system/gpu_0_power"] == (MetricPoint(None, 310.0),)
    assert (found.run.status, found.run.code_version) == ("finished", "3f2a")
    assert found.run.tags == ("team=readers",)
    assert found.run.notes == "Longer warm-up.\n\nArtifact notes.md:\n\nAsk Mira."
    assert found.run.direction["val/loss"] == "min"
    assert f"- parent run: sweep ({'a' * 32})" in found.text
    assert "- experiment: digits" in found.text
    assert "- val/loss: best 0.4 at step 2, last 0.5 at step 3" in found.text


@pytest.mark.parametrize(
    "change",
    [
        {"tags": {"reviewed": "yes"}},
        {"tags": {"mlflow.note.content": "Later words."}},
        {"params": {"lr": "0.2"}},
        {"metrics": {"loss": [(1, 0.9, 10), (2, 0.8, 20)]}},
        {"status": "FAILED"},
        {"name": "another name"},
        {"end": None, "status": "RUNNING"},
        {"artifacts": {"notes.md": b"Ask Mira."}},
    ],
)
def test_whatever_changes_in_a_run_that_had_ended_is_read_again(
    server: FakeMlflow, change: dict[str, Any]
) -> None:
    first = FakeRun("a" * 32, metrics={"loss": [(1, 0.9, 10)]})
    server.runs = [first, FakeRun("b" * 32)]
    known = known_now(source(server))
    assert documents(source(server), known) == {}
    server.runs[0] = replace(first, **change)
    assert set(documents(source(server), known)) == {f"1/{'a' * 32}"}


def test_nothing_is_asked_of_runs_that_did_not_change(server: FakeMlflow) -> None:
    server.runs = [FakeRun(f"{n:032x}", start=n, metrics={"loss": [(1, 0.5, 1)]}) for n in range(250)]
    known = known_now(source(server))
    server.site.asked.clear()
    assert documents(source(server), known) == {}
    assert (server.asked("runs/get"), server.asked("metrics/get-history")) == (0, 0)
    assert server.asked("runs/search") == 3


def test_a_run_that_goes_on_is_as_new_as_its_last_value(server: FakeMlflow) -> None:
    server.runs = [
        FakeRun("a" * 32, status="RUNNING", end=None, metrics={"loss": [(1, 0.9, 1_772_700_000_000)]})
    ]
    (found,) = documents(source(server)).values()
    assert found.run is not None
    assert (found.run.status, found.run.ended_at) == ("running", None)
    assert found.updated_at == datetime.fromtimestamp(1_772_700_000, UTC)


def test_a_long_history_keeps_its_ends_its_best_and_says_how_many(server: FakeMlflow) -> None:
    points: list[tuple[int, Any, int]] = [(step, 1.0, step) for step in range(60_000)]
    points[12_345] = (12_345, 0.001, 12_345)
    server.runs = [FakeRun("a" * 32, metrics={"loss": points})]
    (found,) = documents(source(server)).values()
    assert found.run is not None
    kept = found.run.metrics["loss"]
    assert len(kept) <= 1003
    assert (kept[0].step, kept[-1].step) == (0, 59_999)
    assert MetricPoint(12_345, 0.001) in kept
    assert "60,000 points of which about 1,000 are kept" in found.text
    assert server.asked("metrics/get-history") == 3


def test_only_the_experiments_that_are_named_are_read(server: FakeMlflow) -> None:
    server.experiment("2", "cancer", note="Only for the clinic.")
    server.runs = [FakeRun("a" * 32), FakeRun("b" * 32, experiment_id="2")]
    assert set(documents(source(server, experiments=["digits"]))) == {f"1/{'a' * 32}"}
    assert set(documents(source(server, experiments=["2"]))) == {f"2/{'b' * 32}", "experiments/2"}
    (told,) = [one for one in listed(source(server, experiments=["digist"])) if isinstance(one, Skipped)]
    assert told.path == "experiments/digist"


def test_in_15_deleted_runs_and_experiments_leave(server: FakeMlflow) -> None:
    server.experiment("2", "old")
    server.runs = [FakeRun("a" * 32), FakeRun("b" * 32), FakeRun("c" * 32, experiment_id="2")]
    known = known_now(source(server))
    server.runs[1].deleted = True
    server.experiments["2"]["lifecycle_stage"] = "deleted"
    found = listed(source(server), known)
    assert [one.path for one in found if isinstance(one, Item)] == [f"1/{'a' * 32}"]
    assert not any(isinstance(one, Incomplete) for one in found)


def test_in_24_a_run_that_a_moving_listing_passed_over_is_looked_up(server: FakeMlflow) -> None:
    server.runs = [FakeRun(f"{n:032x}", start=n) for n in range(30)]
    known = known_now(source(server))
    server.lost = {f"{7:032x}"}
    found = listed(source(server), known)
    assert {one.path for one in found if isinstance(one, Item)} == set(known)
    assert not any(isinstance(one, Incomplete) for one in found)


def test_in_25_an_empty_listing_of_what_is_there_removes_nothing(server: FakeMlflow) -> None:
    server.runs = [FakeRun(f"{n:032x}", start=n) for n in range(30)]
    known = known_now(source(server))
    server.lost = {run.run_id for run in server.runs}
    assert any(isinstance(one, Incomplete) for one in listed(source(server), known))
    server.broken["experiments/search"] = Reply("{}", content_type="application/json")
    assert any(isinstance(one, Incomplete) for one in listed(source(server), known))


def test_in_24_a_listing_that_breaks_off_is_incomplete(server: FakeMlflow) -> None:
    server.page = 10
    server.runs = [FakeRun(f"{n:032x}", start=n) for n in range(30)]

    def after_the_first(asked: Any) -> Reply:
        return Reply("away", 503) if b"page_token" in asked.body else server.answer(asked)

    server.site.routes["/api/2.0/mlflow/runs/search"] = after_the_first
    found = listed(source(server))
    assert sum(isinstance(one, Item) for one in found) == 10
    assert any(isinstance(one, Incomplete) for one in found)


def test_in_24_tokens_that_go_round_end(server: FakeMlflow) -> None:
    server.broken["runs/search"] = Reply(
        json.dumps({"runs": [FakeRun("a" * 32).as_json()], "next_page_token": "1"}),
        content_type="application/json",
    )
    found = listed(source(server))
    assert [one.path for one in found if isinstance(one, Item)] == [f"1/{'a' * 32}"]
    assert any(isinstance(one, Incomplete) for one in found)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_in_23_a_server_that_refuses_or_is_away_is_unreadable_as_a_whole(
    server: FakeMlflow, status: int
) -> None:
    server.broken["experiments/search"] = Reply("no", status)
    with pytest.raises(Unreadable):
        listed(source(server))


def test_in_23_an_experiment_that_cannot_be_listed_leaves_the_others(server: FakeMlflow) -> None:
    server.experiment("2", "cancer")
    server.runs = [FakeRun("a" * 32), FakeRun("b" * 32, experiment_id="2")]

    def denied(asked: Any) -> Reply:
        return Reply("no", 403) if b'"2"' in asked.body else server.answer(asked)

    server.site.routes["/api/2.0/mlflow/runs/search"] = denied
    found = listed(source(server))
    assert [one.path for one in found if isinstance(one, Item)] == [f"1/{'a' * 32}"]
    assert any(isinstance(one, Incomplete) for one in found)


def test_in_23_a_history_that_cannot_be_fetched_keeps_the_run_as_it_is_known(server: FakeMlflow) -> None:
    server.runs = [FakeRun("a" * 32, metrics={"loss": [(1, 0.5, 1)]})]
    server.broken["get-history"] = Reply("away", 503)
    (item,) = [one for one in listed(source(server)) if isinstance(one, Item)]
    with pytest.raises(Unreadable):
        item.load()


def test_text_artifacts_are_read_in_folders_too_but_not_those_of_a_packaged_model(server: FakeMlflow) -> None:
    kept = {"a.md": b"Top.", "notes/b.md": b"Below.", "notes/2026/c.yaml": b"lr: 0.1", "x/y/z/d.md": b"Deep."}
    model = {"model/MLmodel": b"flavors:", "model/requirements.txt": b"numpy", "model/sub/e.md": b"No."}
    many = {f"plots/{n:02}/f.md": f"Plot {n}.".encode() for n in range(20)}
    server.runs = [FakeRun("a" * 32, params={"lr": "1"}, artifacts=kept | model | many)]
    run = documents(source(server))[f"1/{'a' * 32}"].run
    assert run is not None
    assert run.notes is not None
    told = [line for line in run.notes.splitlines() if line.startswith("Artifact ")]
    read = ["a.md", "notes/b.md", "notes/2026/c.yaml", *(f"plots/{n:02}/f.md" for n in range(5))]
    assert told == [f"Artifact {path}:" for path in read]
    assert "```yaml\nlr: 0.1\n```" in run.notes


@pytest.mark.parametrize("folder", ["..", "/etc", "notes/../../x", "", "notes"])
def test_a_server_that_lists_folders_elsewhere_is_not_followed(server: FakeMlflow, folder: str) -> None:
    server.runs = [FakeRun("a" * 32, params={"lr": "1"})]
    files = [{"path": folder, "is_dir": True}]
    server.broken["artifacts/list"] = Reply(json.dumps({"files": files}), content_type="application/json")
    assert f"1/{'a' * 32}" in documents(source(server))
    asked = [one.path for one in server.site.asked if "artifacts/list" in one.path]
    assert len(asked) <= 4, "what is listed inside itself is not asked for again"


def test_artifacts_that_cannot_be_listed_are_said_and_the_run_is_read(server: FakeMlflow) -> None:
    server.runs = [FakeRun("a" * 32, params={"lr": "1"}), FakeRun("b" * 32)]
    server.broken["artifacts/list"] = Reply("no", 400)
    found = documents(source(server))
    assert len(found) == 2
    assert "artifacts cannot be listed" in found[f"1/{'a' * 32}"].notes[0]


def test_registered_models_name_the_runs_that_made_them(server: FakeMlflow) -> None:
    server.experiment("2", "secret")
    server.runs = [FakeRun("a" * 32, name="warm-up"), FakeRun("b" * 32, experiment_id="2", name="other")]
    server.models = [
        {
            "name": "reader",
            "description": "Reads digits.",
            "last_updated_timestamp": 1_772_700_000_000,
            "aliases": [{"alias": "champion", "version": "2"}],
        },
        {"name": "hidden"},
    ]
    server.versions = [
        {"name": "reader", "version": "1", "run_id": "b" * 32, "status": "READY"},
        {"name": "reader", "version": "2", "run_id": "a" * 32, "current_stage": "Production"},
        {"name": "hidden", "version": "1", "run_id": "b" * 32},
    ]
    found = documents(source(server))["models/reader"]
    assert found.url == f"{server.site.address}/#/models/reader"
    assert "- champion: version 2" in found.text
    assert f"- made by run warm-up ({'a' * 32})" in found.text
    only = documents(source(server, experiments=["digits"]))
    assert "models/hidden" not in only
    assert "b" * 32 not in only["models/reader"].text
    assert "models/reader" not in documents(source(server, models=False))


def test_a_registry_that_is_away_takes_no_model_with_it(server: FakeMlflow) -> None:
    server.broken["registered-models/search"] = Reply("no", 501)
    (told,) = [one for one in listed(source(server)) if isinstance(one, Skipped)]
    assert told.path == "models/"


@pytest.mark.parametrize(
    ("table", "header"),
    [
        ({"token": "MLFLOW_TOKEN"}, "Bearer s3cret"),
        ({"user": "lore", "password": "MLFLOW_TOKEN"}, "Basic bG9yZTpzM2NyZXQ="),
    ],
)
def test_it_signs_in_as_the_source_says(server: FakeMlflow, table: dict[str, str], header: str) -> None:
    listed(source(server, {"MLFLOW_TOKEN": "s3cret"}, **table))
    assert {one.headers.get("authorization") for one in server.site.asked} == {header}


def test_pv_06_secrets_in_what_was_logged_are_out(server: FakeMlflow) -> None:
    key = "hf_" + "Ab1xY2" * 6
    server.experiment("1", "digits", note=f"login with {key}")
    server.runs = [
        FakeRun(
            "a" * 32,
            name=f"run {key}",
            params={"hub_token": key},
            tags={
                "mlflow.note.content": key,
                "key": key,
                "mlflow.user": key,
                "mlflow.source.git.commit": key,
            },
            artifacts={"notes.txt": key.encode()},
        )
    ]
    server.models = [{"name": "reader", "description": key}]
    found = documents(source(server))
    assert len(found) == 3
    for document in found.values():
        assert "Ab1xY2" not in repr(document)
        assert document.redactions


@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        "null",
        '{"runs": 7}',
        '{"runs": [{"info": {"run_id": "../../x"}}]}',
        '{"runs": [7]}',
        '{"runs": [{}]}',
        '{"runs": [{"info": []}]}',
        "[" * 9000,
    ],
)
def test_in_18_answers_of_another_shape_remove_nothing_and_break_nothing(
    server: FakeMlflow, answer: str
) -> None:
    server.broken["runs/search"] = Reply(answer, content_type="application/json")
    assert any(isinstance(one, Incomplete) for one in listed(source(server)))


def test_a_sync_that_somebody_stops_ends(server: FakeMlflow) -> None:
    server.runs = [FakeRun("a" * 32)]
    with pytest.raises(Unreadable):
        list(read(source(server), Reading(stopped=lambda: True), Elsewhere().world))
