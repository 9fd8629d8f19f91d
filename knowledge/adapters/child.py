"""Runs the building or probing of a generation in a child process, within limits.

The parent writes one line of JSON and keeps the pipe open; when the pipe closes, because the parent died, the
child ends too. The child answers with one line of JSON.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.adapters.building import build, probe
from knowledge.adapters.database import open_database
from knowledge.adapters.manifest import Manifest
from knowledge.errors import IndexDamaged, LoreError

_ROOT = Path(__file__).parents[2]


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
    database: Path, folder: Path, version: int, embedder: str, base: Path | None, limits: Limits
) -> Manifest:
    """Build a generation. Raises IndexDamaged when the child fails, dies or takes too long."""
    task = {"do": "build", "version": version, "embedder": embedder, "base": base and str(base)}
    return Manifest.from_json(_run(task, database, folder, limits)["manifest"])


def probe_in_child(database: Path, folder: Path, manifest: Manifest, limits: Limits) -> None:
    """Probe a generation. Raises IndexDamaged when it is not sound, or the child dies or takes too long."""
    _run({"do": "probe", "manifest": manifest.as_json()}, database, folder, limits)


def _run(task: dict[str, Any], database: Path, folder: Path, limits: Limits) -> dict[str, Any]:
    task |= {"database": str(database), "folder": str(folder), "limits": asdict(limits)}
    # An environment of its own: no secrets, and no setting of the parent's that would change what is built.
    environment = {"PYTHONPATH": str(_ROOT), "ANONYMIZED_TELEMETRY": "False", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "knowledge.adapters.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as child:
        assert child.stdin is not None
        said = _Said(child)
        try:
            child.stdin.write(json.dumps(task).encode() + b"\n")
            child.stdin.flush()
            child.wait(limits.seconds)
        except BrokenPipeError:
            child.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            raise IndexDamaged(f"{task['do']} of {folder} took longer than {limits.seconds} s") from None
        finally:
            child.kill()
            out, err = said.all()
    return _understood(task["do"], folder, child.returncode, out, err)


class _Said:
    """Collects what a child says while its pipe for commands stays open."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._parts: list[bytes] = [b"", b""]
        streams = (child.stdout, child.stderr)
        self._threads = [threading.Thread(target=self._read, args=(n, s)) for n, s in enumerate(streams)]
        for thread in self._threads:
            thread.start()

    def _read(self, n: int, stream: Any) -> None:
        self._parts[n] = stream.read()

    def all(self) -> tuple[bytes, bytes]:
        for thread in self._threads:
            thread.join()
        return self._parts[0], self._parts[1]


def _understood(what: str, folder: Path, code: int, out: bytes, err: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(out.splitlines()[-1]) if out.strip() else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no word"]
        raise IndexDamaged(f"{what} of {folder} ended with code {code}: {last[0]}")
    if "damaged" in answer:
        raise IndexDamaged(str(answer["damaged"]))
    return answer


def main() -> None:
    task = json.loads(sys.stdin.readline())
    limits = Limits(**task["limits"])
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer = json.dumps(_answer(task))
    print(answer, flush=True)  # noqa: T201  the parent reads it
    os._exit(0)


def _answer(task: dict[str, Any]) -> dict[str, Any]:
    folder = Path(task["folder"])
    try:
        database = open_database(Path(task["database"]))
        if task["do"] == "probe":
            probe(database, folder, Manifest.from_json(task["manifest"]))
            return {}
        base = Path(task["base"]) if task["base"] else None
        return {"manifest": build(database, folder, task["version"], task["embedder"], base).as_json()}
    except (LoreError, MemoryError, OSError) as error:
        return {"damaged": f"{error}" or type(error).__name__}


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
