"""What an earlier release has left in a database: a page and a run as published, and rows everywhere else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import JSON, Column, MetaData, Table, inspect, select

from bot.journal.migrate import migrate, upgrade_to
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.store import SqlStore
from knowledge.documents import MetricPoint, Run
from tests.fakes import HashEmbedder
from tests.records import NOON, document, publish

PAGE = "Words.\n\nMore words."
ROWS = 3
SCHEMA_TABLE = "alembic_version"
_ALLOWED = re.compile(r"(\w+)\W.*?\b(?:IN|ANY)\b\s*\((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class Rows:
    """The rows of one table, as plain values."""

    table: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Left:
    """A database as it was left: its tables, and each of their rows."""

    tables: MetaData
    rows: dict[str, list[tuple[Any, ...]]]

    def is_in(self, database: Database) -> bool:
        """Whether every row is still there as it was, in the columns that are still there.

        Raises AssertionError that names the table, where one is not.
        """
        with database.reading() as connection:
            for name, before in self.rows.items():
                table = self.tables.tables[name]
                there = {column["name"] for column in inspect(connection).get_columns(name)}
                shared = [place for place, column in enumerate(table.c) if column.name in there]
                was = [tuple(row[place] for place in shared) for row in before]
                columns = [list(table.c)[place] for place in shared]
                now = [tuple(row) for row in connection.execute(select(*columns).order_by(*_key(table)))]
                assert now == was, f"{name} is not as it was"
        return True


def leave_in(database: Database, schema: str) -> Left:
    """Make an empty database one of an earlier schema, with a page, a run, and rows in all other tables."""
    with database.writing() as connection:
        upgrade_to(connection, schema)
    old = MetaData()
    with database.reading() as connection:
        old.reflect(connection)
    old.remove(old.tables[SCHEMA_TABLE])
    published = {written.table: written.rows for written in _written_now()}
    with database.writing() as connection:
        allowed = dict(_allowed(database, old))
        for table in old.sorted_tables:
            rows = published.get(table.name) or [_row(table, n, allowed) for n in range(1, ROWS + 1)]
            fitting = [{name: value for name, value in row.items() if name in table.c} for row in rows]
            connection.execute(table.insert(), fitting)
    with database.reading() as connection:
        rows_of = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*_key(table)))]
            for table in old.sorted_tables
        }
    assert all(rows_of.values()), "a table without a row shows nothing"
    return Left(old, rows_of)


def _key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns) or list(table.c)


def _written_now() -> list[Rows]:
    """A page and a run, as this release publishes them."""
    run = Run(
        "r1",
        params={"lr": 0.1},
        metrics={"loss": (MetricPoint(1.0, 0.5), MetricPoint(2.0, 0.25))},
        tags=("tag",),
        started_at=NOON,
    )
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "now.db")
        migrate(database)
        pages = [document("a.md", PAGE), replace(document("r.json", "A run."), run=run)]
        publish(SqlStore(database), HashEmbedder(), pages)
        now = MetaData()
        with database.reading() as connection:
            now.reflect(connection)
            found = [
                Rows(table.name, [dict(row._mapping) for row in connection.execute(table.select())])
                for table in now.sorted_tables
            ]
        database.close()
    return [one for one in found if one.rows]


def _allowed(database: Database, old: MetaData) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """What a column may hold, where a check says so."""
    looked = inspect(database.engine)
    for name in old.tables:
        for check in looked.get_check_constraints(name):
            found = _ALLOWED.search(check["sqltext"])
            assert found is not None, f"what may {name} hold by {check['sqltext']}?"
            yield (name, found[1]), re.findall(r"'(\w+)'", found[2])


def _row(table: Table, n: int, allowed: dict[tuple[str, str], list[str]]) -> dict[str, Any]:
    return {
        column.name: choices[n % len(choices)]
        if (choices := allowed.get((table.name, column.name)))
        else _value(column, n)
        for column in table.c
    }


def _value(column: Column[Any], n: int) -> Any:
    if column.foreign_keys:
        return n
    if isinstance(column.type, JSON):
        return {"n": n, "text": "ünïcode", "deep": [{"n": None}]}
    kind = column.type.python_type
    if issubclass(kind, str):
        return f"{column.name} ü {n}"[-(getattr(column.type, "length", None) or 99) :]
    if issubclass(kind, bytes):
        return b"\x00\xff" + bytes([n])
    if issubclass(kind, datetime):
        return NOON.replace(tzinfo=None) + timedelta(hours=n)
    return n + 0.5 if issubclass(kind, float) else n
