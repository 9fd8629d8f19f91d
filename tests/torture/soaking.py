"""What grows while a bot answers: its memory, open files and threads."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import Workspace
from tests.torture.bots import Orders
from tests.torture.harness import a_team
from tests.torture.nursery import Nursery

EVERY_S = 0.1


@dataclass(frozen=True)
class Held:
    """What the bot's process holds at one moment: memory in MB, open files, threads."""

    memory: float
    files: int
    threads: int


@dataclass(frozen=True)
class Soak:
    """What it held at evenly spaced moments, and how many questions were asked and answered."""

    samples: tuple[Held, ...]
    asked: int
    answered: int


def soak(seconds: float, samples: int) -> Soak:
    """Ask ten questions a second of a bot in a process of its own."""
    with tempfile.TemporaryDirectory() as folder, Workspace(a_team()) as slack, Nursery("lore") as nursery:
        pid = nursery.bear(Orders(Path(folder), slack.api_url, slack.bot_token, slack.app_token))
        slack.wait_for(lambda: slack.connected > 0, 60)
        held = []
        with _asking(slack) as asked:
            for _ in range(samples):
                time.sleep(seconds / samples)
                held.append(_held(pid))
        slack.wait_for(lambda: len(slack.ledger.stored()) >= len(asked), 60)
        answered = len(slack.ledger.stored())
        os.kill(pid, 15)
        nursery.bury()
    return Soak(tuple(held), len(asked), answered)


@contextmanager
def _asking(slack: Workspace) -> Iterator[list[str]]:
    stop = threading.Event()
    asked: list[str] = []

    def ask() -> None:
        while not stop.wait(EVERY_S):
            asked.append(slack.say("ana", f"team-{len(asked) % 8}", f"@lore what about q{len(asked)}"))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield asked
    finally:
        stop.set()
        asking.join()


def _held(pid: int) -> Held:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Held(memory, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")))
