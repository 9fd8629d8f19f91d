"""Reads the vectors and the words of one version from the record, as an index is built from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import and_, select

from knowledge.adapters.database import Database
from knowledge.adapters.lexical import LexicalChunk, LexicalDocument
from knowledge.adapters.store import alive
from knowledge.adapters.tables import chunks, revisions, vectors
from knowledge.ports import Vector

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Vectors:
    """Chunk ids and their vectors: row i of `matrix` (float32, one row per id) belongs to `ids[i]`."""

    ids: list[int]
    matrix: Vector


class VersionReader:
    """Everything an index generation of one version is made of."""

    def __init__(self, database: Database, version: int) -> None:
        self.database = database
        self.version = version

    def chunk_ids(self) -> dict[str, list[int]]:
        """The chunk ids of the version by audience key, ascending."""
        query = (
            select(revisions.c.audience_key, chunks.c.id)
            .join(chunks, chunks.c.revision_id == revisions.c.id)
            .where(alive(self.version))
            .order_by(chunks.c.id)
        )
        found: dict[str, list[int]] = {}
        with self.database.reading() as connection:
            for key, chunk_id in connection.execute(query):
                found.setdefault(key, []).append(chunk_id)
        return found

    def revision_ids(self) -> set[int]:
        """The document revisions of the version."""
        with self.database.reading() as connection:
            return set(connection.scalars(select(revisions.c.id).where(alive(self.version))))

    def of_audience(self, audience_key: str) -> Vectors:
        """All vectors of the documents that carry this audience."""
        query = (
            select(chunks.c.id, vectors.c.vector)
            .join(revisions, revisions.c.id == chunks.c.revision_id)
            .join(vectors, vectors.c.id == chunks.c.vector_id)
            .where(alive(self.version), revisions.c.audience_key == audience_key)
            .order_by(chunks.c.id)
        )
        with self.database.reading() as connection:
            return _stack([(row.id, row.vector) for row in connection.execute(query)])

    def of_chunks(self, chunk_ids: frozenset[int], audiences: frozenset[str]) -> Vectors:
        """The vectors of those of these chunks that documents of the version with these audiences hold."""
        wanted, rows = sorted(chunk_ids), []
        with self.database.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = chunks.c.id.in_(wanted[start : start + _AT_ONCE])
                query = (
                    select(chunks.c.id, vectors.c.vector)
                    .join(revisions, revisions.c.id == chunks.c.revision_id)
                    .join(vectors, vectors.c.id == chunks.c.vector_id)
                    .where(alive(self.version), revisions.c.audience_key.in_(audiences), some)
                )
                rows += [(row.id, row.vector) for row in connection.execute(query)]
        return _stack(rows)

    def batches(self, chunk_ids: list[int]) -> Iterator[Vectors]:
        """The vectors of these chunks, some at a time."""
        for start in range(0, len(chunk_ids), _AT_ONCE):
            query = (
                select(chunks.c.id, vectors.c.vector)
                .join(vectors, vectors.c.id == chunks.c.vector_id)
                .where(chunks.c.id.in_(chunk_ids[start : start + _AT_ONCE]))
                .order_by(chunks.c.id)
            )
            with self.database.reading() as connection:
                yield _stack([(row.id, row.vector) for row in connection.execute(query)])

    def texts(self, revision_ids: set[int]) -> Iterator[tuple[LexicalDocument, list[LexicalChunk]]]:
        """The words of these revisions of the version, document by document."""
        for revision_id in sorted(revision_ids):
            with self.database.reading() as connection:
                row = connection.execute(
                    select(
                        revisions.c.audience_key, revisions.c.title, revisions.c.text, revisions.c.body_start
                    ).where(and_(revisions.c.id == revision_id, alive(self.version)))
                ).one()
                cut = connection.execute(
                    select(chunks.c.id, chunks.c.section, chunks.c.start, chunks.c.end)
                    .where(chunks.c.revision_id == revision_id)
                    .order_by(chunks.c.ordinal)
                ).all()
            yield (
                LexicalDocument(revision_id, row.audience_key, row.title, row.text[row.body_start :]),
                [
                    LexicalChunk(
                        chunk.id,
                        row.audience_key,
                        row.title,
                        " › ".join(chunk.section),
                        row.text[chunk.start : chunk.end],
                    )
                    for chunk in cut
                ],
            )


def _stack(rows: list[tuple[int, bytes]]) -> Vectors:
    """Raises ValueError when vectors of different lengths are mixed."""
    if not rows:
        return Vectors([], np.zeros((0, 0), dtype=np.float32))
    dimension = len(rows[0][1]) // 4
    flat = np.frombuffer(b"".join(blob for _, blob in rows), dtype="<f4")
    matrix = flat.reshape(len(rows), dimension).astype(np.float32, copy=False)
    return Vectors([chunk_id for chunk_id, _ in rows], matrix)
