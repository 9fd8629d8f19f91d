"""The second environment with the trackers' own packages, and the servers that run in it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

ROOT = Path(__file__).parents[2]
WRITERS = Path(__file__).parent / "writers"
PYTHON = ROOT / ".venv-places" / "bin" / "python"
_STARTS_WITHIN_S = 180


def write(script: str, *arguments: str, cwd: Path) -> str:
    """Run one of the writers with the trackers' packages; gives back what it printed."""
    done = subprocess.run(
        [str(PYTHON), str(WRITERS / script), *arguments],
        cwd=cwd,
        env=_environment(cwd),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "NO_PROXY": "127.0.0.1",
        "PYTHONWARNINGS": "ignore",
    }


@pytest.fixture(scope="session", autouse=True)
def trackers() -> None:
    """What is tested here needs the second environment."""
    if not PYTHON.exists():
        pytest.skip("there is no .venv-places: `make test-places` makes it")


@dataclass(frozen=True)
class Mlflow:
    """A real tracking server, and the ids of what was logged to it."""

    address: str
    made: dict[str, str]


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """`mlflow server` over SQLite, with runs that MLflow's own client logged."""
    home = tmp_path_factory.mktemp("mlflow")
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
