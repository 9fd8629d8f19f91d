"""The one door to SQL: a SQLite file or a PostgreSQL server, opened so that what was committed is kept."""

import json
import math
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError

from knowledge.adapters.locks import held
from knowledge.errors import Busy, StoreError

BUSY_TIMEOUT_S = 10
_POLL_S = 0.1
_SERVER = {
    "lock_timeout": f"{BUSY_TIMEOUT_S}s",
    # Whoever stops in the middle of a transaction (a suspended process) holds up nobody for longer.
    "idle_in_transaction_session_timeout": "15s",
    "synchronous_commit": "on",
    "timezone": "UTC",
}


class Database:
    """Reads and writes in transactions.

    Writing transactions take turns, on SQLite (BEGIN IMMEDIATE) as on PostgreSQL (an advisory lock), so
    that what a transaction has looked up still holds when it writes. `shared` says that other processes,
    on other machines too, may be at work on the same database: it is a server's.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.shared = engine.dialect.name != "sqlite"
        self._alone: dict[str, threading.Lock] = {}
        self._first = threading.Lock()

    @property
    def address(self) -> str:
        """What `open_database` opens it with, in another process; on a server it holds the password."""
        url = self.engine.url
        return url.render_as_string(hide_password=False) if self.shared else url.database or ""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self.engine.connect() as connection:
            if self.shared:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, turn: str = "journal") -> Iterator[Connection]:
        """A transaction that commits at the end, and rolls back on any exception.

        Writers of one `turn` wait for each other, on SQLite writers of any. A connection that breaks while
        it commits to a server leaves it open whether the transaction was stored.
        """
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if self.shared:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key(turn)})
            yield connection

    def owning(self, purpose: str, folder: Path, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """Be the one process that writes documents and versions, for the time of the block.

        On SQLite that is a lock on `folder`, on a server one of the server. Raises Busy, naming the other,
        when it is not free within `wait_s` seconds, and StoreError.
        """
        if self.shared:
            return self._owning_on_server(purpose, wait_s, "owner")
        return held(folder / "index.lock", purpose, wait_s)

    def fetching(self, purpose: str, source: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """Be the one of all processes that share a server's database that fetches a source.

        On SQLite nothing is shared: a lock in the data folder is enough. Raises Busy and StoreError.
        """
        if self.shared:
            return self._owning_on_server(purpose, wait_s, f"source {source}")
        return nullcontext()

    def time(self, told: datetime) -> datetime:
        """The time of the server that processes share, since their clocks differ; else what was `told`."""
        if not self.shared:
            return told
        with self.engine.connect() as connection:
            now = connection.scalar(text("SELECT clock_timestamp()"))
        assert isinstance(now, datetime), "a server tells the time"
        return now.astimezone(UTC)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _owning_on_server(self, purpose: str, wait_s: float, name: str) -> Iterator[None]:
        """The lock belongs to the connection: the server lets go of it when the process or the line dies."""
        until = time.monotonic() + wait_s
        with self._first:
            alone = self._alone.setdefault(name, threading.Lock())
        if not alone.acquire(timeout=max(0.0, wait_s)):
            raise Busy(f"cannot {purpose}: this process is at it already; wait for it")
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                while not connection.scalar(_TRY, {"key": _key(name)}):
                    if time.monotonic() >= until:
                        raise Busy(f"cannot {purpose}: {_owner(connection, name)}; wait for it or stop it")
                    time.sleep(_POLL_S)
                connection.execute(_NAME, {"name": f"lore: {purpose}"})
                try:
                    yield
                finally:
                    # The connection is not used again: closing it is the surest way to let go.
                    connection.invalidate()
        except DBAPIError as error:
            raise StoreError(f"the database cannot be used: {_why(error)}") from error
        finally:
            alone.release()


_TRY = text("SELECT pg_try_advisory_lock(:key)")
_NAME = text("SELECT set_config('application_name', :name, false)")
_HOLDER = text(
    "SELECT application_name, client_addr, pid FROM pg_stat_activity WHERE pid IN "
    "(SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND objid = (CAST(:key AS bigint) & 4294967295) AND classid = (CAST(:key AS bigint) >> 32))"
)


def _owner(connection: Connection, name: str) -> str:
    row = connection.execute(_HOLDER, {"key": _key(name)}).first()
    if row is None:
        return "another process is at work on the database"
    return f"{row.application_name} ({row.client_addr or 'this machine'}, connection {row.pid}) is at work"


def _key(name: str) -> int:
    """The number of a lock on a server that other programs may use too."""
    return 0x4C6F7265 << 31 | zlib.crc32(name.encode()) >> 1


def open_database(where: Path | str) -> Database:
    """Open (or make) the SQLite database at a path, or the PostgreSQL database at a web address.

    Raises StoreError when it cannot be opened or written.
    """
    if isinstance(where, str) and "://" in where:
        return _open_server(server_url(where))
    return _open_file(Path(where))


def server_url(address: str) -> URL:
    """The address of a PostgreSQL database, for our driver. Raises StoreError for any other address."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreError("not the address of a database: postgresql://user:password@host/name") from None
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise StoreError(f"{url.drivername} is no database that Lore knows: use postgresql://…")
    return url.set(drivername="postgresql+psycopg")


def _open_file(path: Path) -> Database:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_S},
        hide_parameters=True,  # what people wrote stays out of error texts and logs
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return _tried(engine, f"the database {path}")


def _open_server(url: URL) -> Database:
    engine = create_engine(
        url,
        pool_pre_ping=True,  # a server that was started anew is noticed before a question is
        pool_size=5,
        max_overflow=30,
        pool_timeout=BUSY_TIMEOUT_S,
        hide_parameters=True,
        json_serializer=_to_strict_json,
        json_deserializer=_from_strict_json,
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "tcp_user_timeout": 15_000,
            "application_name": "lore",
            "options": " ".join(f"-c {name}={value}" for name, value in _SERVER.items()),
        },
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        from psycopg.types.string import StrDumperUnknown

        class Storable(StrDumperUnknown):
            """Text without what the server refuses: NUL and lone surrogates become question marks."""

            def dump(self, obj: str) -> Any:
                return obj.replace("\x00", "\ufffd").encode("utf-8", "replace")

        connection.adapters.register_dumper(str, Storable)

    return _tried(engine, f"the database {url.database} at {url.host or url.query.get('host')}")


_NO_NUMBER = "\ue000float:"


def _to_strict_json(value: Any) -> str:
    """JSON that a server takes: what is no number there, but is one in Python, is marked text."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_marked(value), allow_nan=False)


def _marked(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return f"{_NO_NUMBER}{value}"
        case dict():
            return {name: _marked(part) for name, part in value.items()}
        case list() | tuple():
            return [_marked(part) for part in value]
        case _:
            return value


def _from_strict_json(stored: str | bytes) -> Any:
    value = json.loads(stored)
    marked = "\\ue000float:" if isinstance(stored, str) else b"\\ue000float:"
    return _unmarked(value) if marked in stored else value  # type: ignore[operator]


def _unmarked(value: Any) -> Any:
    match value:
        case str() if value.startswith(_NO_NUMBER):
            return float(value.removeprefix(_NO_NUMBER))
        case dict():
            return {name: _unmarked(part) for name, part in value.items()}
        case list():
            return [_unmarked(part) for part in value]
        case _:
            return value


def _tried(engine: Engine, name: str) -> Database:
    try:
        with engine.connect():
            pass
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"cannot open {name}: {_why(error)}") from error
    return Database(engine)


def _why(error: DBAPIError) -> str:
    """The driver's own words, in one line."""
    return " ".join(str(error.orig).split())
