"""What grows while a bot answers: its memory, open files and threads."""

import json
import os
import shutil
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import Workspace
from bot.workspace.description import Description
from tests.cases.running import lore, until
from tests.torture.bots import Orders
from tests.torture.harness import a_team, free_port
from tests.torture.nursery import ROOT, Nursery

EVERY_S = 0.1
EXAMPLES = ROOT / "examples"
CHANNELS = ("#general", "#training", "#oncall", "#random")
PEOPLE = ("mira", "jonas", "hana", "lena", "sam")
TWO_A_SECOND_S = 0.5
MOST_WAITING = 4
"""Questions that may wait for their answers: who is asked more than it can answer is another case."""


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

    def around(self, part: float) -> Held:
        """What it usually held about this part (0 to 1) of the time: the median of three samples."""
        at = min(max(round(part * (len(self.samples) - 1)), 1), len(self.samples) - 2)
        near = self.samples[at - 1 : at + 2]
        return Held(
            statistics.median(one.memory for one in near),
            round(statistics.median(one.files for one in near)),
            round(statistics.median(one.threads for one in near)),
        )


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
    asked: list[str] = []

    def ask() -> None:
        asked.append(slack.say("ana", f"team-{len(asked) % 8}", f"@lore what about q{len(asked)}"))

    with _again_and_again(EVERY_S, ask):
        yield asked


@contextmanager
def _again_and_again(every_s: float, act: Callable[[], None]) -> Iterator[None]:
    """Do this beside what happens in the block."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(every_s):
            act()

    working = threading.Thread(target=work)
    working.start()
    try:
        yield
    finally:
        stop.set()
        working.join()


def soak_real(folder: Path, seconds: float, samples: int) -> Soak:
    """Ask a real `lore run` over `examples/`, with its own embedding model, index, people and streams: two
    questions a second at most, each another one, and no faster than it answers."""
    environment = _over_the_examples(folder)
    syncing = lore(environment, "sync")
    _, told = syncing.communicate(timeout=600)
    assert syncing.returncode == 0, told
    port = free_port()
    team = Description.from_toml(EXAMPLES / "workspace.toml")
    with Workspace(team) as slack, (folder / "bot.log").open("w") as log:
        joining = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "LORE_HTTP_HOST": "127.0.0.1",
            "PORT": str(port),
        }
        process = lore({**environment, **joining}, "run", log=log)
        try:
            until(process, port, "/readyz", 200)
            held = []
            with _asking_a_real_one(slack) as asked:
                for _ in range(samples):
                    time.sleep(seconds / samples)
                    held.append(_held(process.pid))
            slack.wait_for(lambda: all(_is_answered(slack, *one) for one in asked), 60)
            answered = sum(_is_answered(slack, *one) for one in asked)
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
    return Soak(tuple(held), len(asked), answered)


def _over_the_examples(folder: Path) -> dict[str, str]:
    """The environment of a Lore that reads a copy of the examples, streams, and lets everybody ask much."""
    config = shutil.copytree(EXAMPLES, folder / "examples") / "lore.toml"
    with config.open("a") as more:
        more.write('\n[answers]\nstream = "always"\n\n[budgets]\nquestions_a_minute = 100000\n')
    return {**os.environ, "LORE_CONFIG": str(config), "LORE_DATA_DIR": str(folder / "data")}


@contextmanager
def _asking_a_real_one(slack: Workspace) -> Iterator[list[tuple[str, str]]]:
    lines = (EXAMPLES / "eval/questions.jsonl").read_text().splitlines()
    questions = [json.loads(line)["text"] for line in lines]
    asked: list[tuple[str, str]] = []
    waiting: list[tuple[str, str]] = []

    def ask() -> None:
        waiting[:] = [one for one in waiting if not _is_answered(slack, *one)]
        if len(waiting) >= MOST_WAITING:
            return
        n = len(asked)
        channel, person = CHANNELS[n % len(CHANNELS)], PEOPLE[n % len(PEOPLE)]
        ts = slack.say(person, channel, f"@lore {questions[n % len(questions)]} ({n})")
        asked.append((channel, ts))
        waiting.append((channel, ts))

    with _again_and_again(TWO_A_SECOND_S, ask):
        yield asked


def _is_answered(slack: Workspace, channel: str, ts: str) -> bool:
    """Whether an answer stands there, and none is still being written."""
    said = slack.said_by_app(channel, ts)
    return bool(said) and not any(one.get("streaming_state") and not one.get("metadata") for one in said)


def _held(pid: int) -> Held:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Held(memory, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")))
