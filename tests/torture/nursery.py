"""A process that has imported everything and forks bots: a bot starts in milliseconds, to be killed."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.torture.bots import Orders

ROOT = Path(__file__).parents[2]


class Nursery:
    """Forks bots of one kind on demand ("lore", "streaming", "hung" or "naive"); `with` ends it and them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nursery", self._kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def bear(self, orders: Orders) -> int:
        """Fork a bot and return its process id."""
        assert self._process.stdin is not None
        pickle.dump(orders, self._process.stdin)
        self._process.stdin.flush()
        return int(self._line())

    def bury(self) -> int:
        """Wait until the bot has ended; its exit code, negative for a signal."""
        return int(self._line())

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def _main(kind: str) -> None:
    from tests.torture import bots, deliveries

    run = {
        "lore": bots.run_lore,
        "streaming": bots.run_streaming,
        "shared": bots.run_shared,
        "hung": bots.run_hung,
        "slow": bots.run_slow,
        "naive": bots.run_naive,
        "rituals": deliveries.run_rituals,
        "naive rituals": deliveries.run_rituals_naively,
    }[kind]
    while True:
        try:
            orders = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            code = 1
            try:
                run(orders)
                code = 0
            finally:
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _main(sys.argv[1])
