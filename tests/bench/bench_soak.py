"""What grows while a bot answers: memory, open files and threads, over SOAK_S seconds (a minute unless told).

`SOAK_S=28800 python -m tests.bench soak` is a night.
"""

import os
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.workspace import Workspace
from tests.torture.bots import Orders
from tests.torture.harness import a_team
from tests.torture.nursery import Nursery

WARM_SHARE = 0.2
SAMPLES = 10


def main() -> None:
    seconds = float(os.environ.get("SOAK_S", "60"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Workspace(a_team()) as slack,
        Nursery("lore") as nursery,
    ):
        pid = nursery.bear(Orders(Path(folder), slack.api_url, slack.bot_token, slack.app_token))
        slack.wait_for(lambda: slack.connected > 0, 60)
        stop = threading.Event()
        asked = 0

        def ask() -> None:
            nonlocal asked
            while not stop.wait(0.1):
                slack.say("ana", f"team-{asked % 8}", f"@lore what about q{asked}")
                asked += 1

        asking = threading.Thread(target=ask)
        asking.start()
        samples = []
        for _ in range(SAMPLES):
            time.sleep(seconds / SAMPLES)
            samples.append(_sample(pid))
        stop.set()
        asking.join()
        slack.wait_for(lambda: len(slack.ledger.stored()) >= asked, 60)
        os.kill(pid, 15)
        nursery.bury()
    warm, last = samples[int(SAMPLES * WARM_SHARE)], samples[-1]
    print(f"seconds: {seconds:.0f}, ended {datetime.now(UTC):%H:%M} UTC")
    print(f"questions answered: {asked}")
    for name, before, after in zip(("memory in MB", "open files", "threads"), warm, last, strict=True):
        print(f"{name}, once warm and at the end: {before:.0f}, {after:.0f} ({after / before - 1:+.1%})")


def _sample(pid: int) -> tuple[float, float, float]:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return memory, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


if __name__ == "__main__":
    main()
