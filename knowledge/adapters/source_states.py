"""What is kept of each source between syncs: how its last one went, and what its reader wants to know."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from knowledge.adapters.database import Database
from knowledge.adapters.tables import source_states
from knowledge.errors import StoreError


@dataclass(frozen=True, slots=True)
class SourceState:
    """`settings` is a digest of the settings that `note` was made under; None where nothing is remembered."""

    synced_at: datetime
    succeeded_at: datetime | None
    report: Mapping[str, Any]
    settings: str | None = None
    note: Mapping[str, Any] | None = None


class SourceStates:
    """One row for each source, by its name. Writing raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._database.writing("record") as connection:
                yield connection
        except OperationalError as error:
            raise StoreError(f"the record cannot be written: {error.orig}") from error

    def all(self) -> dict[str, SourceState]:
        """The state of every source that was ever synced and is still set up."""
        with self._database.reading() as connection:
            return {
                row.source: SourceState(row.synced_at, row.succeeded_at, row.report, row.settings, row.note)
                for row in connection.execute(select(source_states))
                if row.synced_at is not None
            }

    def note(self, source: str, settings: str) -> Mapping[str, Any]:
        """What the source's reader asked to remember under these settings; empty when there is nothing."""
        row = source_states.c
        with self._database.reading() as connection:
            found = connection.execute(
                select(row.note).where(row.source == source, row.settings == settings)
            ).scalar()
        return found or {}

    def keep(self, states: Mapping[str, SourceState]) -> None:
        """Put these states in place of what is kept of the same sources."""
        with self._writing() as connection:
            for source, state in states.items():
                _put(connection, source, state)

    def forget_notes(self, but_of: Collection[str] = ()) -> None:
        """From now on readers know nothing of earlier syncs, but those of these sources."""
        with self._writing() as connection:
            connection.execute(
                update(source_states)
                .where(source_states.c.source.not_in(list(but_of)))
                .values(note=None, settings=None)
            )

    def forget(self, but: Collection[str]) -> None:
        """Keep the states of these sources alone."""
        with self._writing() as connection:
            connection.execute(delete(source_states).where(source_states.c.source.not_in(list(but))))


def _put(connection: Connection, source: str, state: SourceState) -> None:
    connection.execute(delete(source_states).where(source_states.c.source == source))
    connection.execute(
        insert(source_states).values(
            source=source,
            settings=state.settings,
            note=None if state.note is None else dict(state.note),
            synced_at=state.synced_at,
            succeeded_at=state.succeeded_at,
            report=dict(state.report),
        )
    )
