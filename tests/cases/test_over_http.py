"""The real command line over HTTP: health from the first second, an answer, an orderly end (OP-06, OP-07)."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.manifest import EVENTS_PATH
from bot.workspace import Workspace
from tests.bot.block_rules import texts
from tests.torture.harness import free_port

PAGE = "# Backups\n\nBackups of the label store run every night at 02:30 and are kept for 35 days.\n"


@pytest.fixture
def team(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "backups.md").write_text(PAGE)
    (tmp_path / "lore.toml").write_text('[[sources]]\nname = "wiki"\npath = "pages"\naudience = "everyone"\n')
    return {**os.environ, "LORE_CONFIG": str(tmp_path / "lore.toml"), "LORE_DATA_DIR": str(tmp_path / "data")}


def lore(team: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *arguments], env=team, stderr=subprocess.PIPE, text=True
    )


def status_of(port: int, path: str) -> int:
    """0 while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def until(port: int, path: str, status: int) -> None:
    end = time.monotonic() + 240
    while status_of(port, path) != status:
        assert time.monotonic() < end, f"{path} is not {status}"
        time.sleep(0.1)


def test_op06_lore_run_over_http_lives_answers_and_ends_in_order(team: dict[str, str]) -> None:
    syncing = lore(team, "sync")
    syncing.communicate(timeout=400)
    assert syncing.returncode == 0
    port = free_port()
    with Workspace(redelivery=(0.0, 0.5, 1.0, 2.0)) as slack:
        environment = {
            **team,
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "LORE_HTTP_HOST": "127.0.0.1",
            "PORT": str(port),
        }
        process = lore(environment, "run", "--http")
        try:
            until(port, "/healthz", 200)
            until(port, "/readyz", 200)
            assert slack.set_request_url(f"http://127.0.0.1:{port}{EVENTS_PATH}") is None
            ts = slack.say("ana", "#general", "@lore how long are backups of the label store kept?")
            said = slack.wait_for(lambda: slack.said_by_app("#general", ts), 60)
            assert "35 days" in "\n".join(texts(said[0]["blocks"]))
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=240)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "how long are backups" not in log
    assert slack.signing_secret not in log


def test_op07_http_without_a_signing_secret_or_with_a_port_in_use_is_one_line(team: dict[str, str]) -> None:
    process = lore({**team, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "run", "--http")
    _, log = process.communicate(timeout=240)
    assert process.returncode == 2
    assert "SLACK_SIGNING_SECRET" in log.strip().splitlines()[-1]
    with Workspace() as slack:
        taken = slack.url.rpartition(":")[2]
        environment = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0" * 32, "PORT": taken}
        process = lore({**team, **environment, "LORE_HTTP_HOST": "127.0.0.1"}, "run", "--http")
        _, log = process.communicate(timeout=240)
    assert process.returncode == 1
    assert "Traceback" not in log
    assert "PORT" in log.strip().splitlines()[-1]
