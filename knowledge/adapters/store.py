"""The record in SQL: every published version of every document, as readers see it.

Rows are immutable. A document revision lives from `from_version` until before `to_version`; whoever reads
version V sees the revisions alive at V, whatever a running sync writes meanwhile. Writing is in
`store_writing`, vectors are in `vectors`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from knowledge.adapters import catalogue
from knowledge.adapters.database import Database
from knowledge.adapters.runs import read_run
from knowledge.adapters.tables import chunks, metadata, revisions, versions
from knowledge.audience import Audience
from knowledge.documents import Chunk, Document, Passage, Run, Scores, Searched
from knowledge.filtering import Catalogue, Entry, Phrase

_AT_ONCE = 500

_PASSAGE = (
    chunks.c.id.label("chunk_id"),
    chunks.c.revision_id,
    chunks.c.ordinal,
    chunks.c.section,
    chunks.c.start,
    chunks.c.end,
    chunks.c.line,
    chunks.c.page,
)
_FACTS = [
    revisions.c[name]
    for name in (
        *("id", "document_id", "source", "path", "title", "text", "kind", "audience_key", "url"),
        *("updated_at", "owner", "status", "superseded_by", "lines_are_the_files", "anchors"),
    )
]


def alive(version: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The revisions that readers of this version see."""
    return and_(
        revisions.c.from_version <= version,
        or_(revisions.c.to_version.is_(None), revisions.c.to_version > version),
    )


def create_tables(database: Database) -> None:
    """Make the tables in a new database that lives no longer than its process; others are migrated."""
    with database.writing() as connection:
        metadata.create_all(connection)


class SqlStore:
    """Implements `knowledge.ports.Store` over a database that has the tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._searched = lru_cache(maxsize=256)(self._count)
        self._keys = lru_cache(maxsize=8)(self._read_keys)
        self._entries = lru_cache(maxsize=64)(self._read_entries)
        self._catalogue = lru_cache(maxsize=16)(self._put_together)

    def published(self) -> int:
        """The newest published version; 0 before the first sync."""
        with self.database.reading() as connection:
            newest = select(func.max(versions.c.id)).where(versions.c.published_at.is_not(None))
            return connection.scalar(newest) or 0

    def embedder(self, version: int) -> str | None:
        """The fingerprint of the embedder that this version's vectors come from; None for version 0."""
        with self.database.reading() as connection:
            return connection.scalar(select(versions.c.embedder).where(versions.c.id == version))

    def report(self, version: int) -> dict[str, Any] | None:
        """What the sync said that published this version."""
        with self.database.reading() as connection:
            return connection.scalar(select(versions.c.report).where(versions.c.id == version))

    def audience_keys(self, version: int) -> frozenset[str]:
        return self._keys(version)

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        found: dict[int, Passage] = {}
        wanted = list(dict.fromkeys(chunk_ids))
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for passage in self._read(select(*_PASSAGE).where(chunks.c.id.in_(some))):
                found[passage.chunk_id] = passage
        return {chunk_id: found[chunk_id] for chunk_id in wanted if chunk_id in found}

    def siblings(self, revision_id: int) -> list[Passage]:
        return self._read(
            select(*_PASSAGE).where(chunks.c.revision_id == revision_id).order_by(chunks.c.ordinal)
        )

    def searched(self, version: int, audiences: frozenset[str]) -> Searched:
        return self._searched(version, audiences)

    def catalogue(self, version: int, audiences: frozenset[str]) -> Catalogue:
        return self._catalogue(version, audiences)

    def chunk_ids(self, revision_ids: Sequence[int]) -> frozenset[int]:
        return frozenset(catalogue.chunk_ids(self.database, revision_ids))

    def chunk_ids_saying(self, revision_ids: Sequence[int], phrases: Sequence[Phrase]) -> dict[int, int]:
        return dict(catalogue.chunk_ids_saying(self.database, revision_ids, phrases))

    def current_audience(self, document_id: str) -> str | None:
        row = self._newest(document_id, revisions.c.audience_key)
        return None if row is None else row.audience_key

    def document(self, document_id: str) -> Document | None:
        """A document as published now; None when it is gone."""
        row = self._newest(document_id, revisions.c.id)
        return None if row is None else self.revision(row.id)

    def revision(self, revision_id: int) -> Document | None:
        """The document as this revision has it, with its run; None when it is gone."""
        with self.database.reading() as connection:
            row = connection.execute(select(revisions).where(revisions.c.id == revision_id)).one_or_none()
            return None if row is None else _document(row, read_run(connection, row.id))

    def run(self, document_id: str) -> Run | None:
        """The experiment run that a document tells of, as published now; None when it is not a run."""
        row = self._newest(document_id, revisions.c.id)
        if row is None:
            return None
        with self.database.reading() as connection:
            return read_run(connection, row.id)

    def _newest(self, document_id: str, column: ColumnElement[Any]) -> Row[Any] | None:
        version = self.published()
        with self.database.reading() as connection:
            return connection.execute(
                select(column).where(revisions.c.document_id == document_id, alive(version))
            ).one_or_none()

    def _read(self, wanted: Select[Any]) -> list[Passage]:
        with self.database.reading() as connection:
            rows = connection.execute(wanted).all()
            ids = {row.revision_id for row in rows}
            facts = {
                fact.id: fact for fact in connection.execute(select(*_FACTS).where(revisions.c.id.in_(ids)))
            }
        return [_passage(row, facts[row.revision_id]) for row in rows]

    def _put_together(self, version: int, audiences: frozenset[str]) -> Catalogue:
        return Catalogue.of(entry for key in sorted(audiences) for entry in self._entries(version, key))

    def _read_entries(self, version: int, key: str) -> tuple[Entry, ...]:
        return catalogue.entries(self.database, and_(alive(version), revisions.c.audience_key == key))

    def _read_keys(self, version: int) -> frozenset[str]:
        with self.database.reading() as connection:
            keys = connection.scalars(select(revisions.c.audience_key).where(alive(version)).distinct())
            return frozenset(keys)

    def holdings(self, version: int) -> dict[str, tuple[int, int]]:
        """Documents and chunks of each source in this version, whoever may read them."""
        rows = self._rows_by_source(alive(version))
        return {row.source: (row.documents, row.chunks) for row in rows}

    def _count(self, version: int, audiences: frozenset[str]) -> Searched:
        rows = self._rows_by_source(and_(alive(version), revisions.c.audience_key.in_(audiences)))
        return Searched(
            documents=sum(row.documents for row in rows),
            chunks=sum(row.chunks for row in rows),
            sources=tuple(row.source for row in rows),
        )

    def _rows_by_source(self, seen: ColumnElement[bool]) -> Sequence[Row[Any]]:
        of_source = (
            select(
                revisions.c.source,
                func.count(func.distinct(revisions.c.id)).label("documents"),
                func.count(chunks.c.id).label("chunks"),
            )
            .outerjoin(chunks, chunks.c.revision_id == revisions.c.id)
            .where(seen)
            .group_by(revisions.c.source)
            .order_by(revisions.c.source)
        )
        with self.database.reading() as connection:
            return connection.execute(of_source).all()


def _passage(row: Row[Any], fact: Row[Any]) -> Passage:
    chunk = Chunk(
        ordinal=row.ordinal,
        text=fact.text[row.start : row.end],
        section=tuple(row.section),
        start=row.start,
        end=row.end,
        line=row.line,
        page=row.page,
    )
    return Passage(
        chunk_id=row.chunk_id,
        revision_id=row.revision_id,
        chunk=chunk,
        document_id=fact.document_id,
        source=fact.source,
        path=fact.path,
        title=fact.title,
        kind=fact.kind,
        audience_key=fact.audience_key,
        scores=Scores(fused=0.0),
        url=fact.url,
        updated_at=fact.updated_at,
        owner=fact.owner,
        status=fact.status,
        superseded_by=fact.superseded_by,
        lines_are_the_files=fact.lines_are_the_files,
        anchor=_heading_above(fact.anchors or (), row.end),
    )


def _heading_above(anchors: Sequence[tuple[int, str]], end: int) -> str | None:
    """The id of the last heading of a chunk's own section: no chunk goes on below the next one."""
    return next((name for at, name in reversed(anchors) if at < end), None)


def _document(row: Row[Any], run: Run | None) -> Document:
    return Document(
        source=row.source,
        path=row.path,
        title=row.title,
        text=row.text,
        audience=Audience.from_key(row.audience_key),
        digest=row.digest,
        kind=row.kind,
        body_start=row.body_start,
        pages=tuple(row.pages),
        anchors=tuple((at, name) for at, name in row.anchors or ()),
        lines_are_the_files=row.lines_are_the_files,
        url=row.url,
        updated_at=row.updated_at,
        owner=row.owner,
        status=row.status,
        superseded_by=row.superseded_by,
        run=run,
        redactions=row.redactions,
    )
