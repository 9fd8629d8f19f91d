"""Brings a database to the schema of this Lore, or refuses one that a newer Lore has written."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from knowledge.adapters.database import Database
from knowledge.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to HEAD in one transaction: all of it or nothing; several processes may try at once.

    Raises StoreError when the database is of a newer Lore, or cannot be written.
    """
    try:
        with database.reading() as connection:
            if schema_of(connection) == HEAD:
                return
        with database.writing() as connection:
            _upgrade(connection)
    except DBAPIError as error:
        hint = "" if database.shared else "; is there room in the data folder?"
        raise StoreError(f"the database cannot be brought up to date: {error.orig}{hint}") from error


def schema_of(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def configuration(connection: Connection) -> "Config":
    """How Alembic is told where its scripts are and what to run on."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def known_schemas() -> frozenset[str]:
    """The revisions that this Lore can upgrade from, its own included."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def upgrade_to(connection: Connection, revision: str) -> None:
    """Upgrade in the transaction of the connection; "head" is the newest revision."""
    from alembic import command

    command.upgrade(configuration(connection), revision)
    if connection.dialect.name != "sqlite":
        _take_any_length(connection)


def _upgrade(connection: Connection) -> None:
    found = schema_of(connection)
    if found is not None and found not in known_schemas():
        raise StoreError(
            f"the data folder is of a newer Lore: its schema is {found}, this Lore knows {HEAD}; "
            "install the newer Lore again, or set LORE_DATA_DIR to another folder"
        )
    upgrade_to(connection, "head")


def _take_any_length(connection: Connection) -> None:
    """SQLite stores text of any length in any column; a server is told to, so that nothing is refused."""
    inspected = inspect(connection)
    for table in inspected.get_table_names():
        for column in inspected.get_columns(table):
            if table != "alembic_version" and getattr(column["type"], "length", None):
                quoted = connection.dialect.identifier_preparer.quote
                connection.execute(
                    text(f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(column['name'])} TYPE text")
                )
