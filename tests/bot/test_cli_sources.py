"""Sources on the command line: listed, added, tried, paused, rolled back; and syncs in one history."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.cli.syncing import exit_code
from bot.journal.sync_runs import Run, Side, State, Wanted
from bot.settings import load_settings
from bot.sync_runs import Asked, Outcome, SyncRuns
from bot.wiring import now
from knowledge.adapters.database import open_database
from knowledge.errors import Cancelled

GOLDEN = """
[[golden]]
question = "How long are backups of the label store kept?"
expect = "kept for 35 days"

[[golden]]
question = "Who feeds the office llama?"
expect = "wiki/llama.md"
"""
TOML = """
[team]
zone = "Europe/Lisbon"

[[sources]]
name = "wiki"
path = "wiki"
audience = "everyone"
at = "03:00"
"""


class Folder:
    """A folder with lore.toml, a wiki and a data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {"LORE_CONFIG": str(path / "lore.toml"), "LORE_DATA_DIR": str(path / "data")}
        (path / "lore.toml").write_text(TOML + GOLDEN)
        self.page("wiki/backups.md", "# Backups\n\nBackups of the label store are kept for 35 days.\n")
        self.page("wiki/gpus.md", "# GPUs\n\nBook a GPU in the sheet before 10:00.\n")

    def page(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def lore(self, *arguments: str, code: int = 0, typed: str = "") -> Result:
        done = CliRunner().invoke(app, list(arguments), env=self.environment, input=typed)
        assert done.exit_code == code or done.exception is not None, done.output
        return done

    def printed(self, *arguments: str, code: int = 0) -> Any:
        done = self.lore(*arguments, "--json", code=code)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        """What is said when it does not work; as `main` would print it."""
        return str(self.lore(*arguments, code=-1).exception)

    def runs(self) -> SyncRuns:
        return SyncRuns(open_database(self.path / "data" / "lore.db"), now)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("synced"))
    assert folder.printed("sync")["added"] == 2
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_sources_say_how_each_is(synced: Folder) -> None:
    [row] = synced.printed("sources")
    assert (row["name"], row["kind"], row["documents"], row["health"]) == ("wiki", "folder", 2, "ok")
    assert row["schedule"] == "daily at 03:00"
    assert row["next_sync"]
    assert row["last_sync"]["side"] == "command line"
    assert synced.printed("sources", "list")[0]["name"] == "wiki"
    said = synced.lore("sources").stdout
    assert "wiki" in said
    assert "daily at 03:00" in said


def test_one_history_has_versions_and_syncs(synced: Folder) -> None:
    told = synced.printed("sources", "history", "wiki")
    assert [one["version"] for one in told["versions"]] == [1]
    assert told["syncs"][-1]["state"] == "done"
    assert synced.printed("sources", "history")["syncs"] == []
    assert "no source named nothing" in synced.refused("sources", "history", "nothing")


def test_kinds_are_listed_with_their_settings(synced: Folder) -> None:
    told = synced.printed("sources", "kinds")
    assert told["folder"]["fields"][0]["key"] == "path"
    assert "audience" in synced.lore("sources", "kinds").stdout


def test_golden_questions_are_scored_and_two_ways_compared(synced: Folder) -> None:
    told = synced.printed("golden")
    assert [one["rank"] for one in told["questions"]] == [1, None]
    assert told["hits"] == 1
    compared = synced.printed("golden", "--set", "dense=0", "--set", "lexical=1")
    assert compared["first"]["way"] == "as published"
    assert compared["second"]["way"] == "dense 0, lexical 1"
    assert compared["lost"] == 0
    assert "1 of 2 found" in synced.lore("golden").stdout
    assert "mean reciprocal rank" in synced.lore("golden", "--set", "dense=1").stdout
    assert "no setting of retrieval" in synced.refused("golden", "--set", "magic=1")
    assert "is not kept" in synced.refused("golden", "--with", "99")


def test_a_search_is_explained(synced: Folder) -> None:
    told = synced.printed("search", "backups of the label store", "-k", "1", "--explain")
    first, *rest = told["passages"]
    assert (first["document"], first["cut"]) == ("wiki/backups.md", None)
    assert first["meaning"] > 0
    assert {one["cut"] for one in rest} == {"beyond those asked for"}
    assert {"embedding", "meaning", "words", "documents", "coverage", "all"} <= set(told["milliseconds"])
    assert told["confidence"] > told["needed"]
    assert "score = 0.5 × meaning" in synced.lore("search", "backups", "--explain").stdout


def test_a_source_is_added_tried_synced_and_removed(fresh: Folder) -> None:
    fresh.page("notes/zebra.md", "# Zebra\n\nThe zebra cluster has 512 GPUs.\n")
    added = fresh.printed("add", "folder", "notes", "path=notes", "audience=everyone", "every=30m")
    assert (added["documents"], added["titles"]) == (1, ["Zebra"])
    assert fresh.printed("sources", "test", "notes")["documents"] == 1
    rows = {row["name"]: row for row in fresh.printed("sources")}
    assert rows["notes"]["health"] == "never synced"
    assert rows["notes"]["schedule"] == "every 30 minutes"
    assert rows["notes"]["added_by"]
    assert fresh.printed("sync")["added"] == 3
    assert fresh.lore("sources", "remove", "notes", typed="n\n").exit_code == 1
    assert "1 documents go" in fresh.lore("sources", "remove", "notes", "--yes").stdout
    report = fresh.printed("sync")
    assert (report["removed"], report["kept"]) == (1, 2)


def test_wrong_sources_are_told_by_their_key(fresh: Folder) -> None:
    assert "`kind` must be one of" in fresh.refused("add", "ftp", "notes")
    assert "`path` is missing" in fresh.refused("add", "folder", "notes", "audience=everyone")
    assert "KEY=VALUE" in fresh.refused("add", "folder", "notes", "everyone")
    assert "named wiki already" in fresh.refused("add", "folder", "wiki", "path=wiki", "audience=everyone")
    assert "cannot be listed" in fresh.refused("add", "folder", "notes", "path=none", "audience=everyone")
    assert "stands in lore.toml" in fresh.refused("sources", "remove", "wiki", "--yes")
    assert [row["name"] for row in fresh.printed("sources")] == ["wiki"]


def test_an_added_source_whose_secret_is_gone_keeps_its_documents_and_says_why(fresh: Folder) -> None:
    fresh.page("notes/zebra.md", "# Zebra\n\nThe zebra cluster has 512 GPUs.\n")
    fresh.printed("add", "folder", "notes", "path=notes", "audience=everyone")
    assert fresh.printed("sync")["added"] == 3
    database = open_database(fresh.path / "data" / "lore.db")
    with database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE added_sources SET \"table\" = json_set(\"table\", '$.every', 'often')"
        )
    database.close()
    rows = {row["name"]: row for row in fresh.printed("sources")}
    assert rows["notes"]["health"] == "failing"
    assert "`every`" in rows["notes"]["problem"]
    report = fresh.printed("sync", code=1)
    assert (report["removed"], report["kept"]) == (0, 3)
    assert "512" in fresh.printed("ask", "How many GPUs has the zebra cluster?")["sentences"][0]["text"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(fresh: Folder) -> None:
    plan = fresh.printed("sync", "--dry-run")
    [wiki] = [one for one in plan["sources"] if one["name"] == "wiki"]
    assert (sorted(wiki["add"]), plan["version"]) == (["backups.md", "gpus.md"], 0)
    assert "2 to be added" in fresh.lore("sync", "--dry-run").stdout
    assert fresh.printed("sources")[0]["documents"] == 0


def test_removals_of_many_ask_first_and_the_code_says_so(fresh: Folder) -> None:
    for number in range(30):
        fresh.page(f"wiki/page{number}.md", f"# Page {number}\n\nNumber {number} says something.\n")
    assert fresh.printed("sync")["added"] == 32
    for number in range(20):
        (fresh.path / "wiki" / f"page{number}.md").unlink()
    refused = fresh.printed("sync", code=3)
    assert (refused["removed"], refused["state"]) == (0, "refused")
    [row] = fresh.printed("sources")
    assert row["health"] == "failing"
    assert row["problem"] == (
        "20 of 32 documents are gone there: `lore sync wiki --allow-removals` removes them"
    )
    assert fresh.printed("sync", "wiki", "--allow-removals")["removed"] == 20


def test_a_version_that_loses_golden_questions_is_held_and_can_be_rolled_back_to(fresh: Folder) -> None:
    fresh.printed("sync")
    fresh.page("wiki/backups.md", "# Old words\n\nNothing of that kind is here any more.\n")
    held = fresh.printed("sync", code=3)
    assert (held["state"], held["version"]) == ("held", 1)
    [row] = fresh.printed("sources")
    assert row["health"] == "failing"
    assert row["problem"].startswith("held back by golden questions: `lore sync wiki --publish-anyway`")
    assert fresh.printed("sync", "--publish-anyway")["version"] > 1
    versions = fresh.printed("sources", "history")["versions"]
    assert [one["version"] for one in versions][-1] == 1
    compared = fresh.printed("golden", "--version", "1", "--with", str(versions[0]["version"]))
    assert (compared["lost"], compared["questions"][0]["rank_before"]) == (1, 1)
    back = fresh.printed("sources", "rollback", "1")
    assert back["rolled_back_to"] == 1
    assert fresh.printed("golden")["hits"] == 1
    assert "cannot be rolled back to" in fresh.refused("sources", "rollback", "99")


def test_a_paused_source_is_left_out_and_refused_by_name(fresh: Folder) -> None:
    assert "rests now" in fresh.lore("sources", "pause", "wiki").stdout
    assert fresh.printed("sources")[0]["health"] == "paused"
    assert "is paused by" in fresh.refused("sync", "wiki")
    [plan] = fresh.printed("sync", "wiki", "--dry-run")["sources"]
    assert sorted(plan["add"]) == ["backups.md", "gpus.md"], "a dry run still works"
    assert fresh.printed("sync")["added"] == 0
    assert "is synced again" in fresh.lore("sources", "resume", "wiki").stdout
    assert fresh.printed("sync", "wiki")["added"] == 2
    assert "no source named" in fresh.refused("sources", "pause", "nothing")


def test_what_was_not_read_for_long_is_stale(fresh: Folder) -> None:
    fresh.printed("sync")
    assert fresh.printed("sources")[0]["health"] == "ok"
    database = open_database(fresh.path / "data" / "lore.db")
    with database.writing() as connection:
        for column in ("asked_at", "started_at", "ended_at"):
            connection.exec_driver_sql(f"UPDATE sync_runs SET {column} = {column} - 2 * 24 * 3600")
    database.close()
    assert fresh.printed("sources")[0]["health"] == "stale", "it was due at 03:00"


def test_named_sources_are_rolled_back_and_rest_if_that_is_wanted(fresh: Folder) -> None:
    with (fresh.path / "lore.toml").open("a") as file:
        file.write('\n[[sources]]\nname = "runs"\npath = "runs"\naudience = "everyone"\n')
    fresh.page("runs/one.md", "# One\n\nThe first run went well.\n")
    good = fresh.printed("sync")["version"]
    for number in range(2):
        fresh.page(f"runs/run{number}.md", f"# Run {number}\n\nRun {number} went well.\n")
        before = fresh.printed("sync")["version"]
    fresh.page("wiki/gpus.md", "# GPUs\n\nNothing is known of them.\n")
    fresh.printed("sync")
    versions = {one["version"]: one for one in fresh.printed("sources", "history", "wiki")["versions"]}
    assert versions[before]["since"] == {"added": 0, "changed": 1, "removed": 0}
    assert versions[before]["kept"]
    assert "since then 1 changed" in " ".join(fresh.lore("sources", "history", "wiki").stdout.split())
    assert "no source named nothing" in fresh.refused("sources", "rollback", str(before), "nothing")
    assert "cannot be rolled back to" in fresh.refused("sources", "rollback", "99", "wiki", "--pause")
    assert fresh.runs().paused() == {}, "what failed leaves nothing behind"
    back = fresh.lore("sources", "rollback", str(before), "wiki", "--pause").stdout
    assert f"has wiki as in version {before}" in back
    assert "nobody syncs wiki until" in back
    rows = {row["name"]: row for row in fresh.printed("sources")}
    assert (rows["wiki"]["health"], rows["runs"]["health"]) == ("paused", "ok")
    assert rows["runs"]["documents"] == 3
    assert fresh.printed("sync")["kept"] == 3, "the paused one is left out"
    found = fresh.printed("ask", "When do I book a GPU in the sheet?")["sentences"][0]["text"]
    assert "before 10:00" in found
    told = [(act["action"], act["subject"]) for act in fresh.printed("audit")]
    assert ("roll back", f"wiki to version {before}") in told
    assert ("pause source", "wiki") in told
    assert good < before


def test_a_sync_that_others_began_is_cancelled(fresh: Folder) -> None:
    fresh.lore("sources")
    assert "nobody syncs wiki" in fresh.lore("sources", "cancel", "wiki").stdout
    assert "no source named nothing" in fresh.refused("sources", "cancel", "nothing")
    runs = fresh.runs()
    begun = runs.ask(Wanted(("wiki",), "U1", Side.SLACK), begin=True)
    assert isinstance(begun, Asked)
    waiting = runs.ask(Wanted(("wiki",), "schedule", Side.SCHEDULE), queue=True)
    assert isinstance(waiting, Asked)
    said = fresh.lore("sources", "cancel", "wiki").stdout
    assert "the sync of wiki that U1 (slack) asked for at" in said
    assert "the sync of wiki that schedule (schedule) asked for at" in said
    assert "stops already" in fresh.lore("sources", "cancel", "wiki").stdout

    def perform(_run: Run, _told: object, stopped: Callable[[], bool]) -> Outcome:
        ends = time.monotonic() + 30
        while not stopped() and time.monotonic() < ends:
            time.sleep(0.05)
        raise Cancelled("somebody asked to stop")

    ended = runs.run(begun.run.id, perform)
    assert ended is not None
    assert ended.state is State.CANCELLED
    last = runs.get(waiting.run.id)
    assert last is not None
    assert last.state is State.CANCELLED
    acts = [(act["action"], act["subject"]) for act in fresh.printed("audit")]
    assert acts.count(("cancel sync", begun.run.id)) == 1
    assert acts.count(("cancel sync", waiting.run.id)) == 1


def test_documents_that_cannot_be_read_are_a_code_of_their_own(fresh: Folder) -> None:
    fresh.page("wiki/empty.md", "")
    report = fresh.printed("sync", code=1)
    assert [one["path"] for one in report["failed"]] == ["empty.md"]
    assert "failed: empty.md" in fresh.lore("sync", code=1).stderr


def test_a_webhooks_address_and_tokens_are_shown(fresh: Folder) -> None:
    assert "has no `webhook_secret`" in fresh.refused("sources", "webhook", "wiki")
    with (fresh.path / "lore.toml").open("a") as file:
        file.write(
            '\n[[sources]]\nname = "more"\npath = "wiki"\naudience = "everyone"\n'
            'webhook_secret = "MORE_HOOK"\n'
        )
    told = fresh.printed("sources", "webhook", "more")
    assert told == {"path": "/hooks/more", "variable": "MORE_HOOK", "is_set": False, "tokens": []}


def test_in_28_a_second_sync_of_the_same_waits_and_says_for_whom(synced: Folder) -> None:
    runs = synced.runs()
    asked = runs.ask(Wanted(("wiki",), "U1", Side.SLACK), begin=True)
    assert isinstance(asked, Asked)
    process = started(synced, "sync", "wiki", "--json")
    assert process.stderr is not None
    said = process.stderr.readline()
    assert "waiting for the sync of wiki that U1 (slack) asked for" in said
    runs.run(asked.run.id, lambda *_: Outcome(State.DONE))
    out, _ = process.communicate(timeout=400)
    assert json.loads(out)["state"] == "done"


def test_ctrl_c_ends_a_sync_where_nothing_is_lost(fresh: Folder) -> None:
    fresh.lore("sources")
    for number in range(1000):
        fresh.page(f"wiki/page{number}.md", f"# Page {number}\n\n{f'Word{number} ' * 200}\n")
    process, runs = started(fresh, "sync", "wiki"), fresh.runs()
    ends = time.monotonic() + 90
    while time.monotonic() < ends and not runs.running():
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=400)
    assert process.returncode == 130, said
    assert "stopping" in said
    [ended] = runs.recent("wiki")
    assert ended.state is State.CANCELLED


def started(folder: Folder, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *arguments],
        env={**os.environ, **folder.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("state", "failed", "code"),
    [
        (State.DONE, [], 0),
        (State.DONE, [{"path": "a", "reason": "b"}], 1),
        (State.FAILED, [], 1),
        (State.REFUSED, [], 3),
        (State.HELD, [], 3),
        (State.CANCELLED, [], 130),
        (State.INTERRUPTED, [], 130),
    ],
)
def test_each_end_has_its_code(synced: Folder, state: State, failed: list[Any], code: int) -> None:
    [newest, *_] = synced.runs().recent("wiki")
    ended = Run(
        **{name: getattr(newest, name) for name in Run.__slots__}
        | {"state": state, "report": {"failed": failed}}
    )
    assert exit_code(ended) == code


def test_schedules_and_zones_that_are_wrong_are_told(fresh: Folder) -> None:
    toml = fresh.path / "lore.toml"
    for old, new, said in (
        ('at = "03:00"', 'at = "3"', "time of day"),
        ('at = "03:00"', 'at = "03:00"\nevery = "2h"', "exclude each other"),
        ('at = "03:00"', 'every = "1m"', "five minutes or more"),
        ('at = "03:00"', 'days = ["mon"]', "needs `at`"),
        ("Europe/Lisbon", "Europe/Nowhere", "time zone"),
    ):
        toml.write_text((TOML + GOLDEN).replace(old, new))
        assert said in fresh.refused("sources")
    toml.write_text(TOML + GOLDEN)
    assert load_settings(fresh.environment).zone.key == "Europe/Lisbon"
