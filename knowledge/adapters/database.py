"""The one door to SQL: an engine with the pragmas that keep what was committed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from knowledge.errors import StoreError

BUSY_TIMEOUT_S = 10


class Database:
    """Reads and writes in transactions.

    On SQLite a writing transaction begins IMMEDIATE: it waits for its turn at the start instead of failing
    half way with a lock that cannot be upgraded.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, and rolls back on any exception."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(path: Path) -> Database:
    """Open (or make) the SQLite database at `path`.

    Raises StoreError when the file cannot be opened or written.
    """
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

    try:
        with engine.connect():
            pass
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"cannot open the database {path}: {error.orig}") from error
    return Database(engine)
