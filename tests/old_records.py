"""What an earlier release has left in a database: what this one writes, as far as there was room for it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import MetaData

from bot.journal.migrate import migrate, upgrade_to
from bot.journal.tables import pauses
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.store import SqlStore
from tests.fakes import HashEmbedder
from tests.records import document, publish

PAGE = "Words.\n\nMore words."


@dataclass(frozen=True)
class Rows:
    """The rows of one table, as plain values."""

    table: str
    rows: list[dict[str, Any]]


def leave_in(database: Database, schema: str) -> None:
    """Make an empty database one of an earlier schema, with a page and a pause in it."""
    with database.writing() as connection:
        upgrade_to(connection, schema)
    old = MetaData()
    with database.reading() as connection:
        old.reflect(connection)
    for written in _written_now():
        fitting = old.tables[written.table]
        with database.writing() as connection:
            for row in written.rows:
                kept = {name: value for name, value in row.items() if name in fitting.c}
                connection.execute(fitting.insert(), kept)


def _written_now() -> list[Rows]:
    """In an order in which it can be written."""
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "now.db")
        migrate(database)
        publish(SqlStore(database), HashEmbedder(), [document("a.md", PAGE)])
        with database.writing() as connection:
            connection.execute(pauses.insert(), {"method": "post", "until": 1.0})
        now = MetaData()
        with database.reading() as connection:
            now.reflect(connection, only=["versions", "vectors", "revisions", "chunks", "pauses"])
            found = [
                Rows(table.name, [dict(row._mapping) for row in connection.execute(table.select())])
                for table in now.sorted_tables
            ]
        database.close()
    return found
