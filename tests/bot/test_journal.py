"""The journal: migrations, commits in groups, and records."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import TEXT, Connection, event, func, select, text

from bot.journal import records
from bot.journal.complete import metadata as journal_tables
from bot.journal.migrate import HEAD, configuration, migrate, schema_of
from bot.journal.records import Audit, Question, Trouble
from bot.journal.tables import audit, pauses, troubles
from bot.journal.writer import JournalWriter, NotCommitted
from knowledge.adapters.database import open_database
from knowledge.adapters.tables import metadata as record_tables
from knowledge.errors import StoreError

DATABASES = ("sqlite", "postgresql")


def test_the_migrated_schema_is_the_tables(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [record_tables, journal_tables]) == []  # type: ignore[arg-type]
    database.close()


def test_the_migrated_schema_is_the_tables_on_a_server_too(postgres_address: str) -> None:
    database = open_database(postgres_address)
    migrate(database)
    migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, [record_tables, journal_tables])  # type: ignore[arg-type]
        lengths = [each for each in found if isinstance(each, list) and each[0][0] == "modify_type"]
        assert found == lengths, "only that text has no longest length there"
        assert all(isinstance(change[5], TEXT) for (change,) in lengths)
    database.close()


def test_several_may_migrate_at_once_on_a_server(postgres_address: str) -> None:
    several_migrate_at_once(postgres_address)


def test_head_is_the_last_migration(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    with database.reading() as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_heads() == [HEAD]
    database.close()


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    with database.writing() as connection:
        connection.execute(pauses.insert(), {"method": "post", "until": 1.0})
    migrate(database)
    with database.reading() as connection:
        assert schema_of(connection) == HEAD
        assert connection.execute(select(func.count()).select_from(pauses)).scalar() == 1
    database.close()


def test_several_may_migrate_at_once(tmp_path: Path) -> None:
    several_migrate_at_once(str(tmp_path / "lore.db"))


def several_migrate_at_once(address: str) -> None:
    failures: list[Exception] = []
    start = threading.Barrier(4)

    def one() -> None:
        database = open_database(address)
        start.wait()
        try:
            migrate(database)
        except StoreError as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Lore: its schema is 9999"):
        migrate(database)
    with database.reading() as connection:
        assert schema_of(connection) == "9999"
    database.close()


def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE troubles (id INTEGER)"))  # in the way of the migration
    with pytest.raises(StoreError):
        migrate(database)
    with database.reading() as connection:
        tables = set(
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        )
    assert tables == {"troubles"}
    database.close()


def test_one_failing_change_leaves_the_others_of_its_commit_alone(writer: JournalWriter) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(pauses.insert(), {"method": "half", "until": 1.0})
        raise ValueError("no")

    def put(connection: Connection, name: str) -> None:
        connection.execute(pauses.insert(), {"method": name, "until": 1.0})

    outcomes: list[type[Exception] | None] = []

    def write(index: int) -> None:
        try:
            writer.write(fail if index % 5 == 0 else lambda connection: put(connection, str(index)))
            outcomes.append(None)
        except ValueError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=write, args=(index,)) for index in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = writer.read(lambda connection: set(connection.execute(select(pauses.c.method)).scalars()))
    assert stored == {str(index) for index in range(50) if index % 5}
    assert outcomes.count(ValueError) == 10


def test_a_closed_writer_commits_what_waits_and_refuses_the_rest(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    writer.write(
        lambda connection: connection.execute(pauses.insert(), {"method": "a", "until": 1.0}).rowcount
    )
    writer.close()
    with pytest.raises(NotCommitted, match="shutting down"):
        writer.write(lambda connection: None)
    database.close()


def test_a_commit_that_fails_unforeseen_is_told_and_the_next_works(writer: JournalWriter) -> None:
    def broken(_connection: Connection) -> None:
        raise RuntimeError("unforeseen")

    engine = writer._database.engine
    event.listen(engine, "commit", broken)
    with pytest.raises(NotCommitted, match="unforeseen"):
        writer.write(lambda connection: None)
    event.remove(engine, "commit", broken)
    assert writer.write(lambda connection: 1) == 1


def test_records_come_back(writer: JournalWriter) -> None:
    asked = Question(
        team="T1",
        channel="C1",
        ts="1.1",
        thread_ts="1.1",
        person="U1",
        text="which learning rate?",
        outcome={"outcome": "no_answer"},
        passages=[{"path": "a.md"}],
        milliseconds=12,
        index_version=3,
        message_key="k",
    )

    def store(connection: Connection) -> None:
        records.write(connection, asked, None, 10.0)
        records.write(connection, Audit("U1", "sync", "wiki", allowed=False), None, 11.0)
        records.write(connection, Trouble("it broke", id="abc"), None, 12.0)

    writer.write(store)
    assert writer.read(lambda connection: records.questions_of_thread(connection, "C1", "1.1")) == [asked]
    assert writer.read(lambda connection: records.question(connection, asked.id)) == asked
    assert writer.read(lambda connection: records.question(connection, "other")) is None
    row = writer.read(lambda connection: connection.execute(select(audit)).one())
    assert (row.person, row.action, row.allowed, row.at) == ("U1", "sync", 0, 11.0)
    assert writer.read(lambda connection: connection.execute(select(troubles.c.what)).scalar()) == "it broke"
