"""Parses files in a process of its own, which is started when first needed and replaced when it dies."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ingest
from ingest.parsing import formats
from ingest.parsing.converted import Converted, Part
from knowledge.errors import Unreadable

MEMORY_BYTES = 1_000_000_000
CPU_S = 8
CPU_S_PER_MB = 4
WALL_S = 60.0
QUICK_CPU_S = 6
QUICK_WALL_S = 8.0
# Linear in their input and without a parser of others': no process is needed.
_IN_PROCESS = frozenset(("markdown", "text", "yaml"))
_MOST_ANSWER_BYTES = 200_000_000


class ParsingProcess:
    """Converts files in a child process with limits on memory, CPU (more for larger files) and wall time.

    `converters` names the module whose `convert(format, parts)` the child calls. Safe to use from several
    threads; one file is parsed at a time.
    """

    def __init__(
        self,
        converters: str = "ingest.parsing.formats",
        memory_bytes: int = MEMORY_BYTES,
        cpu_s: int = CPU_S,
        wall_s: float = WALL_S,
    ) -> None:
        self._arguments = (converters, str(memory_bytes))
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def convert(self, kind: str, parts: Sequence[Part]) -> Converted:
        """Convert one document. Raises Unreadable with the reason; the next document is not affected."""
        with self._lock:
            child = self._started()
            late = threading.Event()
            cpu_s = self._cpu_s + CPU_S_PER_MB * sum(len(part.data) for part in parts) // 1_000_000
            timer = threading.Timer(self._wall_s, self._kill_late, (child, late))
            timer.start()
            try:
                answer = self._ask(child, kind, parts, cpu_s)
            finally:
                timer.cancel()
            if answer is None:
                code = self._end()
                raise Unreadable(self._why(code, late.is_set(), cpu_s))
            if answer.get("exhausted"):
                self._end()
        if "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        return Converted(**answer["converted"])

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "ingest.parsing.worker", *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        return self._child

    def _ask(
        self, child: subprocess.Popen[bytes], kind: str, parts: Sequence[Part], cpu_s: int
    ) -> dict[str, Any] | None:
        """The child's answer, None when it died or sent something else."""
        assert child.stdin is not None
        assert child.stdout is not None
        sizes = [{"name": part.name, "size": len(part.data)} for part in parts]
        header = {"format": kind, "cpu_s": cpu_s, "parts": sizes}
        try:
            child.stdin.write(json.dumps(header).encode() + b"\n" + b"".join(part.data for part in parts))
            child.stdin.flush()
            size = int(child.stdout.readline() or -1)
            if not 0 <= size <= _MOST_ANSWER_BYTES:
                return None
            body = child.stdout.read(size)
            return dict(json.loads(body)) if len(body) == size else None
        except (BrokenPipeError, ValueError):
            return None

    def _kill_late(self, child: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        _kill(child)

    def _why(self, code: int, late: bool, cpu_s: int) -> str:
        if late:
            return f"parsing it took longer than {self._wall_s:g} s"
        if code == -signal.SIGXCPU:
            return f"parsing it took more than {cpu_s} s of CPU time"
        return "the parser died of it" + (f" (signal {-code})" if code < 0 else "")

    def _end(self) -> int:
        child, self._child = self._child, None
        if child is None:
            return 0
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]
        try:
            code = child.wait(0.2)
        except subprocess.TimeoutExpired:
            _kill(child)
            code = child.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # what a parser may have started
        return code


def _environment() -> dict[str, str]:
    packages = Path(ingest.__file__).parent.parent
    return {
        "PYTHONPATH": str(packages),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C",
    }


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


@cache
def shared_process() -> ParsingProcess:
    """The one parsing process of this program; it ends with the program."""
    process = ParsingProcess()
    atexit.register(process.close)
    return process


@cache
def quick_process() -> ParsingProcess:
    """The one for files that somebody waits for: no sync is before them in it, and they get less time."""
    process = ParsingProcess(cpu_s=QUICK_CPU_S, wall_s=QUICK_WALL_S)
    atexit.register(process.close)
    return process


def why_no_wall() -> str | None:
    """Why the kernel refuses a parsing process no sockets here, as a process like it tried; None: it does."""
    tried = subprocess.run(
        [sys.executable, "-P", "-m", "ingest.parsing.wall"],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=WALL_S,
        check=False,
    )
    return "it could not be tried" if tried.returncode else tried.stdout or None


def convert(
    kind: str, parts: Sequence[Part], process: Callable[[], ParsingProcess] = shared_process
) -> Converted:
    """Convert a document where its format is safe: here for plain text, else in a process of its own.

    Raises Unreadable.
    """
    if kind in _IN_PROCESS:
        return formats.convert(kind, parts)
    return process().convert(kind, parts)
