"""The real command line in Socket Mode: its port tells of the connection to Slack, red and green (SP-26)."""

import os
import signal
import subprocess
from pathlib import Path

from bot.workspace import Workspace
from tests.cases.running import configured, lore, status_of, until
from tests.torture.harness import free_port


def test_sp26_lore_run_is_ready_while_slack_is_connected_and_lives_all_the_time(tmp_path: Path) -> None:
    port = free_port()
    with Workspace() as slack:
        joining = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "LORE_HTTP_HOST": "127.0.0.1",
            "PORT": str(port),
        }
        slack.faults.status("auth.test", 503, times=None)
        process = lore({**os.environ, **configured(tmp_path), **joining}, "run", log=subprocess.DEVNULL)
        try:
            until(process, port, "/healthz", 200)
            assert status_of(port, "/readyz") == 503, "Slack is away as it starts"
            slack.faults.clear()
            until(process, port, "/readyz", 200)
            slack.faults.status("apps.connections.open", 503, times=None)
            slack.drop_sockets()
            until(process, port, "/readyz", 503)
            assert status_of(port, "/healthz") == 200
            slack.faults.clear()
            until(process, port, "/readyz", 200)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
