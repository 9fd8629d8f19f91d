"""Runs the building and probing of generations in processes of their own, within limits.

The parent starts one child, which loads what is needed once and then forks: one fork builds, another, which
has never seen the folder, probes. The parent writes one line of JSON and keeps the pipe open; when it closes,
because the parent died, the child and its forks end too. The child answers with one line of JSON.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.adapters.building import build, probe
from knowledge.adapters.database import open_database
from knowledge.adapters.manifest import Manifest
from knowledge.errors import IndexDamaged, LoreError

_ROOT = Path(__file__).parents[2]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: seconds of the clock and of a processor, bytes of memory and of one file."""

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
    # An environment of its own: no secrets, and no setting of the parent's that would change what is built.
    environment = {"PYTHONPATH": str(_ROOT), "ANONYMIZED_TELEMETRY": "False", "LC_ALL": "C.UTF-8"}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "knowledge.adapters.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    said: list[bytes] = [b"", b""]
    listening = [
        threading.Thread(target=_listen, args=(stream, said, at))
        for at, stream in enumerate((child.stdout, child.stderr))
    ]
    for thread in listening:
        thread.start()
    assert child.stdin is not None
    try:
        os.write(child.stdin.fileno(), json.dumps(task).encode() + b"\n")
        child.wait(limits.seconds)
    except BrokenPipeError:
        child.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise IndexDamaged(f"the {task['do']} of {folder} took longer than {limits.seconds} s") from None
    finally:
        _end(child, listening)
    return _understood(task["do"], folder, child.returncode, *said)


def _listen(stream: Any, said: list[bytes], at: int) -> None:
    with stream:
        said[at] = stream.read()


def _end(child: "subprocess.Popen[bytes]", listening: list[threading.Thread]) -> None:
    with suppress(ProcessLookupError):  # all of them have ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for thread in listening:
        thread.join()
    assert child.stdin is not None
    child.stdin.close()


def _understood(what: str, folder: Path, code: int, out: bytes, err: bytes) -> Answer:
    try:
        answer = json.loads(out.splitlines()[-1]) if out.strip() else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no word"]
        raise IndexDamaged(f"the {what} of {folder} ended with code {code}: {last[0]}")
    if "damaged" in answer:
        raise IndexDamaged(str(answer["damaged"]))
    return answer


def main() -> None:
    """The child's part."""
    import chromadb  # noqa: F401  loaded once, before the forks
    import tantivy  # noqa: F401

    task = json.loads(_line())
    limits = Limits(**task["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer = _in_fork(_build, task) if task["do"] == "build" else {"manifest": task["manifest"]}
    if "manifest" in answer:
        answer = _in_fork(_probe, task | answer)
    os.write(1, json.dumps(answer).encode() + b"\n")
    os._exit(0)


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
    """What `work` answers, done by a process that may crash."""
    inlet, outlet = os.pipe()
    fork = os.fork()
    if fork == 0:
        try:
            answer = work(task)
        except (LoreError, MemoryError, OSError) as error:
            answer = {"damaged": str(error) or type(error).__name__}
        with os.fdopen(outlet, "wb") as out:
            out.write(json.dumps(answer).encode())
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as answered:
        said = answered.read()
    _, status = os.waitpid(fork, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        return {"damaged": f"{work.__name__.strip('_')} of {task['folder']} ended with code {code}"}
    understood: Answer = json.loads(said)
    return understood


def _line() -> bytes:
    """One line of the pipe, read without the buffer that a fork would share."""
    read = b""
    while not read.endswith(b"\n"):
        more = os.read(0, 1 << 16)
        if not more:
            os._exit(1)
        read += more
    return read


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
