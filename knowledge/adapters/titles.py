"""What published documents are called: titles and headings of the newest, as some readers may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import chunks, revisions, versions


@dataclass(frozen=True, slots=True)
class Titled:
    """A published document by its title and its headings, without its text.

    `headings` are the innermost ones, in reading order, each once.
    """

    document_id: str
    title: str
    headings: tuple[str, ...]
    kind: str
    audience_key: str
    updated_at: datetime | None
    status: str | None = None
    superseded_by: str | None = None


class Titles:
    """Reads titles from a database that has the record's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(
        self, version: int, audiences: frozenset[str], k: int, without: frozenset[str] = frozenset()
    ) -> list[Titled]:
        """The `k` documents of a version that changed last, of these audiences, `without` those of some
        kinds; newest first."""
        documents = (
            select(revisions)
            .with_only_columns(
                *(revisions.c.id, revisions.c.document_id, revisions.c.title, revisions.c.kind),
                *(revisions.c.audience_key, revisions.c.updated_at),
                *(revisions.c.status, revisions.c.superseded_by),
            )
            .where(
                alive(version),
                revisions.c.audience_key.in_(audiences),
                revisions.c.updated_at.is_not(None),
                revisions.c.kind.not_in(without),
            )
            .order_by(revisions.c.updated_at.desc(), revisions.c.id)
            .limit(k)
        )
        with self._database.reading() as connection:
            rows = connection.execute(documents).all()
            headings: dict[int, list[str]] = {row.id: [] for row in rows}
            sections = (
                select(chunks.c.revision_id, chunks.c.section)
                .where(chunks.c.revision_id.in_(headings))
                .order_by(chunks.c.revision_id, chunks.c.ordinal)
            )
            for chunk in connection.execute(sections):
                headings[chunk.revision_id] += chunk.section[-1:]
        return [
            Titled(
                document_id=row.document_id,
                title=row.title,
                headings=tuple(dict.fromkeys(one for one in headings[row.id] if one != row.title)),
                kind=row.kind,
                audience_key=row.audience_key,
                updated_at=row.updated_at,
                status=row.status,
                superseded_by=row.superseded_by,
            )
            for row in rows
        ]

    def published_at(self, version: int) -> datetime | None:
        """When a version was published; None for one that was not."""
        with self._database.reading() as connection:
            return connection.scalar(select(versions.c.published_at).where(versions.c.id == version))

    def report(self, version: int) -> dict[str, Any] | None:
        """What the sync said that published a version; None for one that was not published."""
        with self._database.reading() as connection:
            return connection.scalar(select(versions.c.report).where(versions.c.id == version))
