"""How long others wait for their answers while one person asks a thousand questions a minute."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.workspace import Description, Workspace
from knowledge.evaluation import percentile
from tests.bench.bench_start import EXAMPLES, QUESTION, running_in, until

OTHERS = (("jonas", "general"), ("mira", "oncall"))
WITHOUT_END = ("diego", "random")
WARM, ASKED = 6, 60
EVERY_S = 1.6  # below the quota of each of the two who ask
A_MINUTE = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "LORE_CONFIG": str(EXAMPLES / "lore.toml"), "LORE_DATA_DIR": data}
        command = [sys.executable, "-m", "bot.cli", "sync", "--json"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        workspace = Workspace(Description.from_toml(EXAMPLES / "workspace.toml"))
        with workspace as slack, running_in(slack, environment):
            _measure(slack)


def _measure(slack: Workspace) -> None:
    _waits(slack, WARM)
    before = _waits(slack, ASKED)
    with _flood(slack) as sent:
        beside = _waits(slack, ASKED)
        print(f"questions of one person meanwhile: {sent()} in {ASKED * EVERY_S:.0f} s")
    after = _waits(slack, ASKED)
    alone = before + after
    for name, waits in (("before and after it", alone), ("beside it", beside)):
        p50, p95 = (percentile(waits, share) * 1000 for share in (0.5, 0.95))
        print(f"others wait for an answer, {name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    print(f"p95 beside it: {percentile(beside, 0.95) / percentile(alone, 0.95):.2f} of alone")


def _waits(slack: Workspace, count: int) -> list[float]:
    """Seconds from asking to the answer of each of several questions of two people."""
    waits = []
    for n in range(count):
        person, channel = OTHERS[n % len(OTHERS)]
        begun = time.monotonic()
        asked = slack.say(person, channel, f"<@{slack.team.app.user_id}> {QUESTION} ({begun})")
        until(lambda where=channel, ts=asked: bool(slack.said_by_app(where, ts)))  # type: ignore[misc]
        waits.append(time.monotonic() - begun)
        time.sleep(max(0.0, EVERY_S - waits[-1]))
    return waits


@contextmanager
def _flood(slack: Workspace) -> Iterator[Callable[[], int]]:
    """One person asks without end."""
    stop = threading.Event()
    sent = 0

    def ask() -> None:
        nonlocal sent
        person, channel = WITHOUT_END
        begun = time.monotonic()
        while not stop.wait(max(0.0, begun + sent * 60 / A_MINUTE - time.monotonic())):
            slack.say(person, channel, f"<@{slack.team.app.user_id}> {QUESTION} ({sent})")
            sent += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield lambda: sent
    finally:
        stop.set()
        asking.join()


if __name__ == "__main__":
    main()
