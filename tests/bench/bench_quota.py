"""How long others wait for their answers while one person asks a thousand questions a minute."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.budget_settings import Budgets
from bot.workspace import Workspace
from tests.dialogues.conftest import SECRETS, WIKI, Lore, at_work, open_in, team

QUESTION = "How long did the restore drill take for the 7B run?"
ASKED = 40
EVERY_S = 1.6  # below the quota of each of the two who ask
A_MINUTE = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Workspace(team()) as slack:
        _write(Path(folder))
        knowledge = open_in(Path(folder))
        knowledge.syncer.sync(knowledge.settings.sources)
        with at_work(slack, knowledge, budgets=Budgets()) as lore:
            _waits(lore, 2)
            alone = _waits(lore, ASKED)
            with _flood(lore) as sent:
                beside = _waits(lore, ASKED)
            print(f"questions of one person meanwhile: {sent()} in {ASKED * EVERY_S:.0f} s")
        knowledge.close()
    for name, waits in (("alone", alone), ("beside it", beside)):
        middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
        print(f"others wait for an answer, {name}: p50 {middle * 1000:.0f} ms, p95 {late * 1000:.0f} ms")
    print(f"p95 beside it: {beside[int(ASKED * 0.95)] / alone[int(ASKED * 0.95)]:.2f} of alone")


def _write(folder: Path) -> None:
    for source, pages in (("wiki", WIKI), ("secrets", SECRETS)):
        (folder / source).mkdir()
        for name, text in pages.items():
            (folder / source / name).write_text(text)


def _waits(lore: Lore, count: int) -> list[float]:
    """Seconds from asking to the answer of each of several questions of two people, sorted."""
    waits = []
    for n in range(count):
        begun = time.monotonic()
        ts = lore.mention(("chloe", "ana")[n % 2], "#small" if n % 2 else "#general", f"{QUESTION} ({n})")
        lore.replies("#small" if n % 2 else "#general", ts)
        waits.append(time.monotonic() - begun)
        time.sleep(max(0.0, EVERY_S - waits[-1]))
    return sorted(waits)


@contextmanager
def _flood(lore: Lore) -> Iterator[Callable[[], int]]:
    """Ben asks without end."""
    stop = threading.Event()
    sent = 0

    def ask() -> None:
        nonlocal sent
        while not stop.wait(60 / A_MINUTE):
            lore.mention("ben", "#leads", f"{QUESTION} ({sent})")
            sent += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield lambda: sent
    finally:
        stop.set()
        asking.join()
