"""From process start until Slack is connected and the first answer is there, and memory, of `lore run`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.workspace import Description, Workspace

EXAMPLES = Path(__file__).parents[2] / "examples"
QUESTION = "How many nights does a captain's turn last?"
STARTS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "LORE_CONFIG": str(EXAMPLES / "lore.toml"), "LORE_DATA_DIR": data}
        subprocess.run(
            [sys.executable, "-m", "bot.cli", "sync", "--json"], env=environment, check=True, stdout=-3
        )
        starts = sorted(_start(environment) for _ in range(STARTS))
        connected, answered, resident = starts[len(starts) // 2]
        print(f"start to connected (median of {STARTS}): {connected:.2f} s")
        print(f"start to first answer in Slack: {answered:.2f} s")
        print(f"resident memory after the first answer: {resident:.0f} MB")


def _start(environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds until connected, seconds until the answer to a question asked at once, MB resident."""
    with Workspace(Description.from_toml(EXAMPLES / "workspace.toml")) as slack:
        person = next(person for person in slack.team.people.values() if person.name == "jonas")
        channel = next(channel for channel in slack.team.channels.values() if channel.name == "general")
        started = time.perf_counter()
        with running_in(slack, environment) as process:
            until(lambda: slack.connected > 0)
            connected = time.perf_counter() - started
            asked = slack.say(person.id, channel.id, f"<@{slack.team.app.user_id}> {QUESTION}")
            until(lambda: bool(slack.said_by_app(channel.id, asked)))
            return connected, time.perf_counter() - started, _resident_mb(process.pid)


def _tokens(slack: Workspace) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }


@contextmanager
def running_in(slack: Workspace, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`lore run` in a process of its own, told of this workspace."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "run"],
        env={**environment, **_tokens(slack)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true. Raises TimeoutError after two minutes."""
    end = time.monotonic() + 120
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the bot did not come")
        time.sleep(0.01)


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("the kernel does not say")
