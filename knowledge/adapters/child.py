"""Runs the building and probing of generations in processes of their own, within limits.

The parent starts one child, which loads what is needed once and then forks: one fork builds, another, which
has never seen the folder, probes. The parent writes one line of JSON and keeps the pipe open; when it closes,
because the parent died, the child and its forks end too. The child answers with one line of JSON and waits
for the next task, since loading takes longer than most tasks; left alone for a while it is ended.
"""

import atexit
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.adapters.building import build, probe
from knowledge.adapters.database import open_database
from knowledge.adapters.manifest import Manifest
from knowledge.errors import IndexDamaged, LoreError

IDLE_S = 60.0
"""A child that has had no task for so long is ended: it holds some hundred megabytes."""

_ROOT = Path(__file__).parents[2]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a task may use: seconds of the clock, and each of its forks: seconds of a processor, bytes of
    memory and of one file."""

    seconds: int
    cpu_seconds: int
    memory: int
    file: int


def limits_for(chunks: int, seconds: int) -> Limits:
    """Room for an index of so many chunks, generous to a slow machine and closed to a runaway."""
    clock = seconds + chunks // 500
    return Limits(clock, 4 * clock, 4_000_000_000 + 20_000 * chunks, 300_000_000 + 12_000 * chunks)


def build_in_child(
    database: str, folder: Path, version: int, embedder: str, base: Path | None, limits: Limits
) -> Manifest:
    """Build a generation of the database at this address, and probe it.

    Raises IndexDamaged when it is not sound, or the child fails, dies or takes too long.
    """
    task = {"do": "build", "version": version, "embedder": embedder, "base": base and str(base)}
    return Manifest.from_json(_run(task, database, folder, limits)["manifest"])


def probe_in_child(database: str, folder: Path, manifest: Manifest, limits: Limits) -> None:
    """Probe a generation. Raises IndexDamaged when it is not sound, or the child dies or takes too long."""
    _run({"do": "probe", "manifest": manifest.as_json()}, database, folder, limits)


def _run(task: Answer, database: str, folder: Path, limits: Limits) -> Answer:
    task |= {"database": database, "folder": str(folder), "limits": asdict(limits)}
    try:
        child = _waiting.take() or _Child()
    except OSError as error:  # no room for another process, or for what it writes
        raise IndexDamaged(f"the {task['do']} of {folder} cannot be begun: {error}") from error
    try:
        said = child.does(task, limits.seconds)
    except TimeoutError:
        child.end()
        raise IndexDamaged(f"the {task['do']} of {folder} took longer than {limits.seconds} s") from None
    except BaseException:
        child.end()
        raise
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        code, last = child.end()
        raise IndexDamaged(f"the {task['do']} of {folder} ended with code {code}: {last}")
    _waiting.put(child)
    if "damaged" in answer:
        raise IndexDamaged(str(answer["damaged"]))
    return answer


class _Child:
    """A process that does one task after another."""

    def __init__(self) -> None:
        # An environment of its own: no secrets, and nothing of the parent's that would change what is built.
        environment = {"PYTHONPATH": str(_ROOT), "ANONYMIZED_TELEMETRY": "False", "LC_ALL": "C.UTF-8"}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by `end`
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "knowledge.adapters.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            self._errors.close()
            raise

    def does(self, task: Answer, within_s: float) -> bytes:
        """What it answers, a line; less when it ends first. Raises TimeoutError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        until = time.monotonic() + within_s
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), json.dumps(task).encode() + b"\n")
        out, said = self._process.stdout.fileno(), b""
        answers = select.poll()
        answers.register(out, select.POLLIN)
        while not said.endswith(b"\n"):
            if not answers.poll(max(0.0, until - time.monotonic()) * 1000):
                raise TimeoutError
            more = os.read(out, 1 << 16)
            if not more:
                break
            said += more
        return said

    @property
    def is_there(self) -> bool:
        return self._process.poll() is None

    def end(self) -> tuple[int, str]:
        """End it and all its forks; its exit code, and the last line it wrote of what went wrong."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        with suppress(ProcessLookupError):  # all of them have ended
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        self._process.stdout.close()
        self._errors.seek(0)
        last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:] or ["no word"]
        self._errors.close()
        return code, last[0]


class _Waiting:
    """At most one child that waits for a task of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._bell: threading.Timer | None = None

    def take(self) -> _Child | None:
        with self._lock:
            child, self._child = self._child, None
            if self._bell is not None:
                self._bell.cancel()
        if child is not None and not child.is_there:
            child.end()
            return None
        return child

    def put(self, child: _Child) -> None:
        with self._lock:
            before, self._child = self._child, child
            if self._bell is not None:
                self._bell.cancel()
            self._bell = threading.Timer(IDLE_S, self._send_away, [child])
            self._bell.daemon = True
            self._bell.start()
        if before is not None:
            before.end()

    def _send_away(self, child: _Child) -> None:
        with self._lock:
            if self._child is not child:
                return
            self._child = None
        child.end()

    def close(self) -> None:
        """End the one that waits."""
        child = self.take()
        if child is not None:
            child.end()

    def forget(self) -> None:
        """In a fork: the child is the other process's."""
        self.__init__()  # type: ignore[misc]


_waiting = _Waiting()
atexit.register(_waiting.close)
os.register_at_fork(after_in_child=_waiting.forget)


def main() -> None:
    """The child's part."""
    import chromadb  # noqa: F401  loaded once, before the forks
    import tantivy  # noqa: F401

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        task = json.loads(_line())
        answer = _in_fork(_build, task) if task["do"] == "build" else {"manifest": task["manifest"]}
        if "manifest" in answer:
            answer = _in_fork(_probe, task | answer)
        os.write(1, json.dumps(answer).encode() + b"\n")


def _build(task: Answer) -> Answer:
    database = open_database(task["database"])
    base = Path(task["base"]) if task["base"] else None
    made = build(database, Path(task["folder"]), task["version"], task["embedder"], base)
    return {"manifest": made.as_json()}


def _probe(task: Answer) -> Answer:
    database = open_database(task["database"])
    probe(database, Path(task["folder"]), Manifest.from_json(task["manifest"]))
    return {"manifest": task["manifest"]}


def _in_fork(work: Callable[[Answer], Answer], task: Answer) -> Answer:
    """What `work` answers, done within the limits of the task by a process that may crash."""
    inlet, outlet = os.pipe()
    fork = os.fork()
    if fork == 0:
        os.dup2(2, 1)  # or the parent would not hear that the child is gone
        _keep_within(Limits(**task["limits"]))
        try:
            answer = work(task)
        except (LoreError, MemoryError, OSError) as error:
            answer = {"damaged": str(error) or type(error).__name__}
        with os.fdopen(outlet, "wb") as out:
            out.write(json.dumps(answer).encode())
        os._exit(0)
    os.close(outlet)
    said = _heard(inlet)
    _, status = os.waitpid(fork, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        return {"damaged": f"{work.__name__.strip('_')} of {task['folder']} ended with code {code}"}
    understood: Answer = json.loads(said)
    return understood


def _keep_within(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))


def _heard(inlet: int) -> bytes:
    """All that a fork says. The parent says nothing meanwhile: when its pipe is ready, it has died."""
    said = b""
    while True:
        ready, _, _ = select.select([0, inlet], [], [])
        if 0 in ready:
            os.killpg(0, signal.SIGKILL)
        more = os.read(inlet, 1 << 16)
        if not more:
            os.close(inlet)
            return said
        said += more


def _line() -> bytes:
    """One line of the pipe, read without the buffer that a fork would share."""
    read = b""
    while not read.endswith(b"\n"):
        more = os.read(0, 1 << 16)
        if not more:
            os._exit(1)
        read += more
    return read


if __name__ == "__main__":
    main()
