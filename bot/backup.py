"""All that Lore keeps in SQL as one file, taken while the bot runs; the same from SQLite and PostgreSQL.

The file is a zip of one JSON line for each row, table by table, and a manifest with their checksums, written
last. It holds no secret of the environment, and of what Slack sent not the addresses and triggers that would
let somebody answer in Lore's place. The index is not in it: it is made again from the stored vectors.
"""

import hashlib
import json
import os
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from bot.journal.migrate import schema_of
from knowledge.adapters.database import Database
from knowledge.errors import StoreError
from knowledge.ports import Clock

FORMAT = 1
MANIFEST = "manifest.json"
SCHEMA_TABLE = "alembic_version"
LEFT_OUT = ("tokens",)
"""What renews itself and must not lie about in files."""
_AT_ONCE = 500
_ANSWERABLE = frozenset({"response_url", "response_urls", "trigger_id", "upload_url"})


@dataclass(frozen=True, slots=True)
class TableManifest:
    """What a table's file holds. `highest_id` is the greatest id that was ever given out, where ids are."""

    rows: int
    sha256: str
    highest_id: int | None


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds, and of which schema; `published` is the version that was answered from."""

    schema: str
    taken_at: str
    published: int
    tables: Mapping[str, TableManifest]
    format: int = FORMAT

    @classmethod
    def from_json(cls, value: Any) -> "BackupManifest":
        """Raises StoreError for anything that `asdict` of a manifest is not."""
        try:
            tables = {name: TableManifest(**table) for name, table in value["tables"].items()}
            made = cls(**{**value, "tables": tables})
        except (TypeError, KeyError, AttributeError) as error:
            raise StoreError(f"not a backup of Lore: its manifest lacks {error}") from error
        if made.format != FORMAT:
            raise StoreError(
                f"a backup of form {made.format}, this Lore reads {FORMAT}: install the newer Lore"
            )
        return made


def back_up(database: Database, target: Path, clock: Clock) -> BackupManifest:
    """Write one consistent state of the database into a new file, which only its owner can read.

    Into a folder, a file named after the time. Raises StoreError; then there is no such file.
    """
    taken_at = clock()
    if target.is_dir():
        target = target / f"lore-{taken_at:%Y%m%dT%H%M%SZ}.zip"
    if target.exists():
        raise StoreError(f"{target} is there already: name another file")
    part = target.with_name(f"{target.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                manifest = _write(database, archive, taken_at)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)  # unlike a rename, never over another file
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from error
    except DBAPIError as error:
        raise StoreError(f"the database cannot be read: {error.orig}") from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(database: Database, archive: zipfile.ZipFile, taken_at: datetime) -> BackupManifest:
    with database.reading() as connection:
        if database.shared:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        schema = schema_of(connection)
        if schema is None:
            raise StoreError("there is nothing to back up yet: the database is empty")
        found = MetaData()
        found.reflect(connection)
        tables = {
            table.name: _write_table(connection, table, archive)
            for table in found.sorted_tables
            if table.name not in (SCHEMA_TABLE, *LEFT_OUT)
        }
        versions = found.tables["versions"]
        newest = select(func.max(versions.c.id)).where(versions.c.published_at.is_not(None))
        published = int(connection.scalar(newest) or 0)
    manifest = BackupManifest(schema, taken_at.isoformat(), published, tables)
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> TableManifest:
    digest, rows = hashlib.sha256(), 0
    with archive.open(member_of(table.name), "w", force_zip64=True) as file:
        for row in _rows(connection, table):
            line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            file.write(line)
            rows += 1
    return TableManifest(rows, digest.hexdigest(), _highest_id(connection, table))


def member_of(table: str) -> str:
    """The name of a table's file in the archive."""
    return f"tables/{table}.jsonl"


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    json_columns = {column.name for column in table.columns if isinstance(column.type, JSON)}
    with connection.execute(ordered, execution_options={"yield_per": _AT_ONCE}) as result:
        for row in result:
            yield {
                name: {"json": _unanswerable(value)} if name in json_columns else _plain(value)
                for name, value in row._mapping.items()
            }


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return {"bytes": b64encode(value).decode()}
        case datetime():
            return {"time": value.isoformat()}
        case str() if value.startswith("respond http"):
            return "respond"  # a lane of the outbox, named after the address that it answers to
        case _:
            return value


def _unanswerable(value: Any) -> Any:
    """The value without what would let its reader answer in Lore's place."""
    match value:
        case dict():
            return {name: "" if name in _ANSWERABLE else _unanswerable(part) for name, part in value.items()}
        case list():
            return [_unanswerable(part) for part in value]
        case _:
            return value


def _highest_id(connection: Connection, table: Table) -> int | None:
    """The greatest id ever given out, deleted rows included."""
    if "id" not in table.columns or table.columns["id"].type.python_type is not int:
        return None
    stored = int(connection.scalar(select(func.max(table.columns["id"]))) or 0)
    if connection.dialect.name == "sqlite":
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return max(stored, int(connection.scalar(given, {"name": table.name}) or 0))
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    if sequence is None:
        return stored
    return max(stored, int(connection.scalar(text(f"SELECT last_value FROM {sequence}")) or 0))  # noqa: S608
