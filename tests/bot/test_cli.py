"""The command line as scripts and people use it: JSON, exit codes, one-line errors (OP-07, ST-07, ST-09)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.settings import load_settings
from bot.wiring import only_bot
from bot.workspace import Workspace

PAGES = {
    "backups.md": "---\nowner: ana@heron.example\ndate: 2026-05-01\n---\n# Backups\n\n"
    "## Schedule\n\nBackups of the label store run every night at 02:30 and are kept for 35 days.\n",
    "gpus.md": "# GPU booking\n\nBook a GPU in the sheet before 10:00. A booking holds for 48 hours.\n",
    "leads/pay.md": "# Pay\n\nThe pay review happens every March.\n",
}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A synced data folder of three pages, one of them for one person; its environment."""
    folder = tmp_path_factory.mktemp("team")
    for name, text in PAGES.items():
        page = folder / "pages" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    (folder / "lore.toml").write_text(
        '[[sources]]\nkind = "folder"\nname = "wiki"\npath = "pages"\naudience = "everyone"\n'
        'exclude = ["leads/*"]\n'
        '[[sources]]\nname = "leads"\npath = "pages/leads"\naudience = ["ana@heron.example"]\n',
        encoding="utf-8",
    )
    environment = {"LORE_CONFIG": str(folder / "lore.toml"), "LORE_DATA_DIR": str(folder / "data")}
    report = printed(environment, "sync", "--json")
    assert report["added"] == 3
    return environment


def printed(environment: dict[str, str], *arguments: str) -> Any:
    done = CliRunner().invoke(app, list(arguments), env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def lore(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_sync_again_changes_nothing_and_says_so(team: dict[str, str]) -> None:
    report = printed(team, "sync", "--json")
    assert list(report)[:9] == [
        *("added", "changed", "moved", "removed", "kept", "failed", "chunks_embedded", "seconds", "version")
    ]
    assert (report["added"], report["kept"], report["chunks_embedded"], report["failed"]) == (0, 3, 0, [])


def test_ask_gives_sentences_with_citations_that_can_be_checked(team: dict[str, str]) -> None:
    said = printed(team, "ask", "How long are backups of the label store kept?", "--json")
    assert said["outcome"] == "answer"
    assert "35 days" in said["sentences"][0]["text"]
    citation = said["citations"][said["sentences"][0]["citations"][0] - 1]
    assert citation["path"] == "backups.md"
    assert citation["title"] == "Backups"
    assert citation["section"].endswith("Schedule")
    assert citation["line"] == PAGES["backups.md"][: PAGES["backups.md"].index("Backups of")].count("\n") + 1
    assert citation["quote"] in PAGES["backups.md"]
    assert citation["updated_at"].startswith("2026-05-01")
    assert {"elapsed_ms", "index_version"} <= set(said)


def test_a_question_without_an_answer_says_so(team: dict[str, str]) -> None:
    said = printed(team, "ask", "Which airline do we book for offsites?", "--json")
    assert said["outcome"] == "no_answer"
    assert said["sentences"] == said["citations"] == []
    assert said["reason"]


def test_ask_reads_what_everyone_may_read_and_as_changes_that(team: dict[str, str]) -> None:
    question = "When does the pay review happen?"
    assert printed(team, "ask", question, "--json")["outcome"] == "no_answer"
    assert printed(team, "ask", question, "--as", "other@heron.example", "--json")["outcome"] == "no_answer"
    said = printed(team, "ask", question, "--as", "ANA@heron.example", "--json")
    assert "March" in said["sentences"][0]["text"]


def test_search_lists_passages_with_scores_and_lines(team: dict[str, str]) -> None:
    found = printed(team, "search", "GPU booking", "-k", "2", "--json")
    assert found[0]["path"] == "gpus.md"
    assert {"path", "title", "section", "text", "score", "line"} <= set(found[0])
    assert found == sorted(found, key=lambda passage: -passage["score"])
    assert not any(passage["source"] == "leads" for passage in found)


def test_ask_and_search_keep_to_the_filters_and_tell_them(team: dict[str, str]) -> None:
    said = printed(team, "ask", "How long are backups kept? in:wiki after:2026 in:leads", "--json")
    assert said["filters"] == ["in wiki", "since 2026-01-01"]
    assert "I know no source or folder “leads” here" in said["remarks"][0]
    assert "35 days" in said["sentences"][0]["text"]
    assert printed(team, "ask", "How long are backups kept? before:2020", "--json")["outcome"] == "no_answer"
    done = CliRunner().invoke(app, ["search", "backups in:wiki/backups", "--json"], env=team)
    assert {passage["path"] for passage in json.loads(done.stdout)} == {"backups.md"}
    assert done.stderr.strip() == "Searched only: in wiki/backups."


def test_sources_tell_what_each_holds(team: dict[str, str]) -> None:
    told = {row["name"]: row for row in printed(team, "sources", "--json")}
    assert told["wiki"]["documents"] == 2
    assert told["leads"]["audience"] == ["ana@heron.example"]


def test_doctor_finds_all_well_without_slack(team: dict[str, str]) -> None:
    found = printed(team, "doctor", "--json")
    assert all(one["ok"] for one in found)
    assert {"settings", "embedding model", "data folder", "database and index"} <= {
        one["part"] for one in found
    }


def test_people_see_the_answer_without_json(team: dict[str, str]) -> None:
    done = CliRunner().invoke(app, ["ask", "How long are backups kept?"], env=team)
    assert "35 days" in done.stdout
    assert "wiki/backups.md:9" in done.stdout


def test_the_manifest_holds_what_the_bot_uses() -> None:
    told = printed({}, "manifest")
    assert told["settings"]["socket_mode_enabled"] is True
    assert {"app_mentions:read", "chat:write", "commands"} <= set(told["oauth_config"]["scopes"]["bot"])


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of standard error, when the command failed without a traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_run_without_tokens_exits_2_and_says_how_to_get_them(team: dict[str, str]) -> None:
    done = lore(team, "run")
    assert done.returncode == 2
    assert "lore manifest" in one_line(done)


def test_run_with_a_wrong_bot_token_says_which(team: dict[str, str]) -> None:
    with Workspace() as workspace:
        done = lore(
            {
                **team,
                "SLACK_API_URL": workspace.api_url,
                "SLACK_BOT_TOKEN": "xoxb-wrong",
                "SLACK_APP_TOKEN": workspace.app_token,
            },
            "run",
        )
    assert done.returncode == 2
    assert "SLACK_BOT_TOKEN" in one_line(done)


def test_run_with_a_wrong_app_token_says_which(team: dict[str, str]) -> None:
    with Workspace() as workspace:
        done = lore(
            {
                **team,
                "SLACK_API_URL": workspace.api_url,
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_APP_TOKEN": "xapp-wrong",
            },
            "run",
        )
    assert done.returncode == 2
    assert "SLACK_APP_TOKEN" in one_line(done)


def test_st07_a_second_bot_on_one_data_folder_is_refused_by_name(team: dict[str, str]) -> None:
    with only_bot(load_settings(team)):
        done = lore({**team, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "run")
    assert done.returncode == 1
    assert f"process {os.getpid()}" in one_line(done)


def test_ask_before_the_first_sync_says_what_to_do(team: dict[str, str], tmp_path: Path) -> None:
    done = lore({**team, "LORE_DATA_DIR": str(tmp_path)}, "ask", "anything")
    assert done.returncode == 1
    assert "lore sync" in one_line(done)


def test_a_data_folder_that_cannot_be_is_told_in_one_line(team: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = lore({**team, "LORE_DATA_DIR": str(tmp_path / "file")}, "sync")
    assert done.returncode == 1
    assert "LORE_DATA_DIR" in one_line(done)


def test_a_database_that_is_none_is_told_in_one_line(team: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "lore.db").write_bytes(b"this is not a database" * 400)
    done = lore({**team, "LORE_DATA_DIR": str(tmp_path)}, "sync")
    assert done.returncode == 1
    assert "lore.db" in one_line(done)
    assert (tmp_path / "lore.db").read_bytes().startswith(b"this is not")


@pytest.mark.parametrize(("command", "code"), [(["sync", "nowhere"], 2), (["ask"], 2), (["nonsense"], 2)])
def test_wrong_arguments_exit_2(team: dict[str, str], command: list[str], code: int) -> None:
    done = lore(team, *command)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_in_29_a_missing_model_is_told_in_one_line(team: dict[str, str], tmp_path: Path) -> None:
    config = Path(team["LORE_CONFIG"])
    other = config.with_name("other.toml")
    other.write_text(config.read_text() + '[embedding]\nmodel = "nowhere/no-such-model"\n')
    done = lore({"LORE_CONFIG": str(other), "LORE_DATA_DIR": str(tmp_path), "HF_HUB_OFFLINE": "1"}, "sync")
    assert done.returncode == 1
    assert "nowhere/no-such-model" in one_line(done)
