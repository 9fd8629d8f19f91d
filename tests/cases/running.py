"""The real command line in processes of their own."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from bot.workspace import Workspace

PAGE = "# Backups\n\nBackups of the label store run every night at 02:30 and are kept for 35 days.\n"
QUESTION = "how long are backups of the label store kept?"


def configured(folder: Path) -> dict[str, str]:
    """The environment of a Lore that reads one page."""
    (folder / "pages").mkdir()
    (folder / "pages" / "backups.md").write_text(PAGE)
    (folder / "lore.toml").write_text('[[sources]]\nname = "wiki"\npath = "pages"\naudience = "everyone"\n')
    return {**os.environ, "LORE_CONFIG": str(folder / "lore.toml"), "LORE_DATA_DIR": str(folder / "data")}


def lore(
    environment: Mapping[str, str], *arguments: str, log: IO[str] | int = subprocess.PIPE
) -> "subprocess.Popen[str]":
    """Start `lore …`; what it logs goes to `log`."""
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.Popen(command, env=environment, stderr=log, text=True)


def over_http(slack: Workspace, port: int) -> dict[str, str]:
    """What `lore run --http` needs of its environment to join this workspace."""
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "LORE_HTTP_HOST": "127.0.0.1",
        "PORT": str(port),
    }


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


def until(process: "subprocess.Popen[str]", port: int, path: str, status: int) -> None:
    """Wait until the process answers so there."""
    end = time.monotonic() + 240
    while status_of(port, path) != status:
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < end, f"{path} is not {status}"
        time.sleep(0.1)
