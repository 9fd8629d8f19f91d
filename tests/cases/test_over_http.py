"""The real command line over HTTP: health from the first second, an answer, an orderly end (OP-06, OP-07)."""

import signal
from pathlib import Path

import pytest

from bot.manifest import EVENTS_PATH
from bot.workspace import Workspace
from tests.bot.block_rules import texts
from tests.cases.running import QUESTION, configured, lore, over_http, until
from tests.torture.harness import free_port


@pytest.fixture
def team(tmp_path: Path) -> dict[str, str]:
    return configured(tmp_path)


def test_op06_lore_run_over_http_lives_answers_and_ends_in_order(team: dict[str, str]) -> None:
    syncing = lore(team, "sync")
    syncing.communicate(timeout=400)
    assert syncing.returncode == 0
    port = free_port()
    with Workspace(redelivery=(0.0, 0.5, 1.0, 2.0)) as slack:
        process = lore({**team, **over_http(slack, port)}, "run", "--http")
        try:
            until(process, port, "/healthz", 200)
            until(process, port, "/readyz", 200)
            assert slack.set_request_url(f"http://127.0.0.1:{port}{EVENTS_PATH}") is None
            ts = slack.say("ana", "#general", f"@lore {QUESTION}")
            said = slack.wait_for(lambda: slack.said_by_app("#general", ts), 60)
            assert "35 days" in "\n".join(texts(said[0]["blocks"]))
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=240)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert "Traceback" not in log
    assert QUESTION not in log
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
