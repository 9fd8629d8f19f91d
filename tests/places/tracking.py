"""A real MLflow server, and the trackers' own packages that write what is read, in a second environment."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).parents[2]
WRITERS = Path(__file__).parent / "writers"
PYTHON = ROOT / ".venv-places" / "bin" / "python"
_STARTS_WITHIN_S = 300


def write(script: str, *arguments: str, cwd: Path) -> str:
    """Run one of the writers with the trackers' packages; gives back what it printed."""
    done = subprocess.run(
        [str(PYTHON), str(WRITERS / script), *arguments],
        cwd=cwd,
        env=_environment(cwd),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "NO_PROXY": "127.0.0.1",
        "PYTHONWARNINGS": "ignore",
    }


@dataclass(frozen=True)
class Mlflow:
    """A tracking server that runs, and the ids of what was logged to it."""

    address: str
    made: dict[str, str]


@contextmanager
def mlflow_server(home: Path) -> Iterator[Mlflow]:
    """`mlflow server` over SQLite, with runs that MLflow's own client logged."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [str(PYTHON), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{home}/mlflow.db", "--workers", "1"]
    command += ["--artifacts-destination", str(home / "artifacts")]
    log = home / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=home, env=_environment(home), stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait_for(f"{address}/health", server, log)
        made = write("mlflow_runs.py", address, cwd=home)
        yield Mlflow(address, json.loads(made.strip().splitlines()[-1]))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"the server did not start: {log.read_text()}")
