"""Schemas of every release become that of today whatever stops them; newer ones are refused."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from bot.journal.migrate import HEAD, configuration, migrate, schema_of
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.store import SqlStore
from knowledge.errors import StoreError
from tests.old_records import PAGE, Left, leave_in
from tests.servers import Postgres


def released(database: Database) -> list[str]:
    """All schemas before this one, oldest first."""
    with database.reading() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection)).walk_revisions()
        return [script.revision for script in scripts if script.revision != HEAD][::-1]


def in_a_process_that_is_killed(address: str, at: int) -> bool:
    """Migrate in a fork that SIGKILLs itself at a statement; whether it was killed."""
    pid = os.fork()
    if pid == 0:
        try:
            database = open_database(address)
            counted = 0

            def count(*_: Any) -> None:
                nonlocal counted
                counted += 1
                if counted == at:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(database.engine, "before_cursor_execute", count)
            event.listen(database.engine, "commit", count)
            migrate(database)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def is_whole(address: str, schema: str, left: Left) -> None:
    """Old or new and nothing between, with all that was in it."""
    database = open_database(address)
    with database.reading() as connection:
        found = schema_of(connection)
        assert found in (schema, HEAD)
    assert left.is_in(database)
    if found == HEAD:
        page = SqlStore(database).document("wiki/a.md")
        assert page is not None
        assert page.text == PAGE
    database.close()


def killed_at_each_statement(address: Callable[[], str], step: int) -> None:
    probing = open_database(address())
    for schema in released(probing):
        at, killed = 1, True
        where = address()
        old = open_database(where)
        left = leave_in(old, schema)
        old.close()
        while killed:
            killed = in_a_process_that_is_killed(where, at)
            is_whole(where, schema, left)
            at += step if killed else 0
        assert at > 20, "there were statements to be killed at"
        database = open_database(where)
        migrate(database)
        with database.reading() as connection:
            assert schema_of(connection) == HEAD
        assert left.is_in(database)
        database.close()
    probing.close()


def test_st11_every_released_schema_becomes_this_one_killed_at_each_statement(tmp_path: Path) -> None:
    numbers = iter(range(100))
    killed_at_each_statement(lambda: str(tmp_path / f"{next(numbers)}.db"), 13)


def test_st11_on_a_server_too(postgres_server: Postgres) -> None:
    made: list[str] = []

    def address() -> str:
        made.append(postgres_server.new_database())
        return made[-1]

    killed_at_each_statement(address, 67)
    for one in made:
        postgres_server.drop(one)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_st11_at_every_single_statement(tmp_path: Path, postgres_server: Postgres) -> None:
    numbers = iter(range(100))
    killed_at_each_statement(lambda: str(tmp_path / f"{next(numbers)}.db"), 1)
    killed_at_each_statement(postgres_server.new_database, 1)


def test_st12_a_newer_schema_is_refused_on_a_server_too(postgres_address: str) -> None:
    database = open_database(postgres_address)
    migrate(database)

    def newer(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with database.writing() as connection:
        newer(connection)
    with pytest.raises(StoreError, match=r"newer Lore: its schema is 9999, this Lore knows"):
        migrate(database)
    database.close()
