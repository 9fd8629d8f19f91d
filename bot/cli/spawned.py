"""The bot that `lore workspace --with-bot` runs beside the workspace, in a process of its own."""

import os
import socket
import subprocess
import sys

from bot.manifest import EVENTS_PATH
from bot.workspace import Workspace
from knowledge.errors import StoreError

GRACE_S = 15


class SpawnedBot:
    """Runs from the moment it is made until `stop`; over HTTP the workspace learns its address by looking."""

    def __init__(self, workspace: Workspace, http: bool) -> None:
        self._workspace = workspace
        self._port = _free_port() if http else None
        environment = {
            **os.environ,
            "SLACK_API_URL": workspace.api_url,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "LORE_HTTP_HOST": "127.0.0.1",
            "PORT": str(self._port or ""),
        }
        workspace.team.app.socket_mode = not http
        command = [sys.executable, "-m", "bot.cli", "run", *(["--http"] if http else [])]
        self._process = subprocess.Popen(command, env=environment)

    def look_after(self) -> None:
        """Give the workspace the request URL once it answers. Raises StoreError when the bot has ended."""
        if self._process.poll() is not None:
            raise StoreError(
                f"the bot ended with exit code {self._process.returncode}: its last line says why"
            )
        if self._port is not None and not self._workspace.connected:
            self._workspace.set_request_url(f"http://127.0.0.1:{self._port}{EVENTS_PATH}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
