"""A backup put back into an empty database: checked, of its own schema first, then brought up to date."""

import hashlib
import json
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.backup import MANIFEST, SCHEMA_TABLE, BackupManifest, TableManifest, member_of
from bot.journal.complete import metadata as journal_tables
from bot.journal.migrate import known_schemas, upgrade_to
from knowledge.adapters.database import Database
from knowledge.adapters.tables import metadata as record_tables
from knowledge.errors import Busy, StoreError

SKIPPED_IDS = 1_000_000
"""No id that may have been given out after the backup is given out again."""
_AT_ONCE = 500


def read_manifest(archive: Path) -> BackupManifest:
    """What a backup holds, after every checksum in it was compared. Raises StoreError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            manifest = BackupManifest.from_json(json.loads(opened.read(MANIFEST)))
            for name, table in manifest.tables.items():
                _check(opened, name, table)
    except OSError as error:
        raise StoreError(f"cannot read {archive}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, NotImplementedError, EOFError) as error:
        raise StoreError(f"{archive} is damaged, or no backup of Lore: {error}") from error
    if manifest.schema not in known_schemas():
        raise StoreError(
            f"{archive} is of a newer Lore (schema {manifest.schema}): install that one to restore it"
        )
    return manifest


def restore(database: Database, archive: Path, manifest: BackupManifest, upto: str = "head") -> int:
    """Put everything back in one transaction and bring it to the schema `upto`.

    What was still to be said may have been said since, so it is looked for in Slack before it is; what was
    still to be answered may have been answered, and is laid to rest. Returns how many questions those are.
    Raises StoreError; then the database is as it was.
    """
    try:
        with zipfile.ZipFile(archive) as opened, database.writing() as connection:
            if _ours(connection, manifest) - {SCHEMA_TABLE}:
                raise StoreError("the database is not empty: restore with --force to replace what it holds")
            upgrade_to(connection, manifest.schema)
            found = MetaData()
            found.reflect(connection)
            for table in found.sorted_tables:
                if table.name in manifest.tables:
                    _fill(connection, table, opened)
            for name, said in manifest.tables.items():
                if said.highest_id is not None and name in found.tables:
                    _skip_ids(connection, name, said.highest_id + SKIPPED_IDS)
            laid_to_rest = _settle(connection, found)
            upgrade_to(connection, upto)
            return laid_to_rest
    except DBAPIError as error:
        raise StoreError(f"the backup cannot be put back: {error.orig}") from error


def empty(database: Database, manifest: BackupManifest) -> None:
    """Drop every table of ours, in a database that may hold those of others too."""
    with database.writing() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection, [found.tables[name] for name in _ours(connection, manifest)])


def refuse_while_used(database: Database) -> None:
    """Raises Busy while another process is connected to a database on a server."""
    if not database.shared:
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'lore%' AND pid <> pg_backend_pid()"
    )
    with database.reading() as connection:
        if connection.scalar(others):
            raise Busy("other processes of Lore are connected to the database: stop them first")


def _ours(connection: Connection, manifest: BackupManifest) -> set[str]:
    """The tables of Lore that are there."""
    known = {*record_tables.tables, *journal_tables.tables, *manifest.tables, SCHEMA_TABLE}
    return known & set(inspect(connection).get_table_names())


def _check(opened: zipfile.ZipFile, name: str, table: TableManifest) -> None:
    digest = hashlib.sha256()
    with opened.open(member_of(name)) as file:
        while some := file.read(1 << 20):
            digest.update(some)
    if digest.hexdigest() != table.sha256:
        raise ValueError(f"the table {name} is not what was written")


def _fill(connection: Connection, table: Table, opened: zipfile.ZipFile) -> None:
    json_columns = {column.name: column.type for column in table.columns if isinstance(column.type, JSON)}
    for kind in json_columns.values():
        kind.none_as_null = True
    waiting: list[dict[str, Any]] = []
    for row in _rows(opened, table.name):
        waiting.append({name: _value(value, name in json_columns) for name, value in row.items()})
        if len(waiting) == _AT_ONCE:
            connection.execute(table.insert(), waiting)
            waiting = []
    if waiting:
        connection.execute(table.insert(), waiting)


def _rows(opened: zipfile.ZipFile, name: str) -> Iterator[Mapping[str, Any]]:
    with opened.open(member_of(name)) as file:
        for line in file:
            yield json.loads(line)


def _value(value: Any, is_json: bool) -> Any:
    match value:
        case {"json": inner} if is_json:
            return inner
        case {"bytes": encoded}:
            return b64decode(encoded)
        case {"time": moment}:
            return datetime.fromisoformat(moment)
        case _:
            return value


def _skip_ids(connection: Connection, table: str, highest: int) -> None:
    if connection.dialect.name == "sqlite":
        known = {"name": table, "seq": highest}
        if not connection.execute(
            text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name"), known
        ).rowcount:
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), known)
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table, "id")))
    if sequence is not None:
        connection.execute(select(func.setval(sequence, highest)))


def _settle(connection: Connection, found: MetaData) -> int:
    """Nothing is said or answered a second time because of the restore."""
    inbox, outbox = found.tables["inbox"], found.tables["outbox"]
    once = outbox.c.kind.in_(("ephemeral", "respond"))
    open_ones = outbox.c.state.in_(("queued", "sending", "unsure"))
    unknown = "unknown outcome: restored from a backup"
    connection.execute(update(outbox).where(open_ones, once).values(state="failed", error=unknown))
    connection.execute(update(outbox).where(open_ones, ~once).values(state="unsure"))
    waiting = inbox.c.state.in_(("queued", "claimed"))
    return connection.execute(update(inbox).where(waiting).values(state="refused", claim=None)).rowcount
