"""Writes to the record under the version to come, which nobody sees until it is published."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.exc import OperationalError

from knowledge.adapters.database import Database
from knowledge.adapters.purging import delete_revisions, purge
from knowledge.adapters.runs import write_run
from knowledge.adapters.store import alive
from knowledge.adapters.tables import OF_A_REVISION, chunks, revisions, vectors, versions
from knowledge.adapters.versions import told
from knowledge.documents import Chunk, Document
from knowledge.errors import StoreError
from knowledge.ports import Vector

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A document of the newest published version, as planning needs it."""

    revision_id: int
    source: str
    path: str
    digest: str
    recipe: str
    embedder: str
    audience_key: str
    source_audience: str


@dataclass(frozen=True, slots=True)
class CutChunk:
    """A chunk with the id of the stored vector of its text."""

    chunk: Chunk
    vector_id: int


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A document to be written, how it was read, and the revision that it replaces.

    `recipe` names the way of reading and cutting; `source_audience` is the key of the audience that its
    source had (the document's own may be narrower).
    """

    document: Document
    chunks: Sequence[CutChunk]
    recipe: str
    source_audience: str
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A revision that is to be there once more, as it was but for who may read it and how it was read."""

    revision_id: int
    audience_key: str
    source_audience: str
    recipe: str
    replaces: int | None = None


class StoreWriter:
    """What a sync writes. Only the holder of the index lock may use it. Writing raises StoreError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self.database.writing("record") as connection:
                yield connection
        except OperationalError as error:
            raise StoreError(f"the record cannot be written: {error.orig}") from error

    def sweep(self) -> None:
        """Take back whatever a sync wrote that was killed before it published. Its vectors stay."""
        unpublished = select(versions.c.id).where(versions.c.published_at.is_(None))
        with self._writing() as connection:
            left = list(connection.scalars(unpublished))
            if left:
                connection.execute(
                    update(revisions).where(revisions.c.to_version.in_(left)).values(to_version=None)
                )
                delete_revisions(connection, revisions.c.from_version.in_(left))
                connection.execute(delete(versions).where(versions.c.id.in_(left)))

    def known(self) -> list[Known]:
        """The documents of the newest published version (after `sweep`), by source and path."""
        return self._known(revisions.c.to_version.is_(None))

    def known_in(self, version: int) -> list[Known]:
        """The documents of any version that is kept or being written, by source and path."""
        return self._known(alive(version))

    def _known(self, which: ColumnElement[bool]) -> list[Known]:
        same: dict[str, str] = {}  # what thousands of documents have in common is in memory once
        own, shared = ("path", "digest"), ("source", "recipe", "embedder", "audience_key", "source_audience")
        wanted = [revisions.c[name] for name in (*own, *shared)]
        with self.database.reading() as connection:
            rows = connection.execute(
                select(revisions.c.id, *wanted).where(which).order_by(revisions.c.source, revisions.c.path)
            )
            return [
                Known(
                    revision_id=row.id,
                    **{name: getattr(row, name) for name in own},
                    **{name: same.setdefault(value := getattr(row, name), value) for name in shared},
                )
                for row in rows
            ]

    def begin(self, embedder: str, started_at: datetime) -> int:
        """Start the version to come, and give its number."""
        with self._writing() as connection:
            made = connection.execute(
                insert(versions).values(embedder=embedder, started_at=started_at)
            ).inserted_primary_key
            return int(made[0]) if made else 0

    def stored_vectors(self, embedder: str, digests: Collection[bytes]) -> dict[bytes, int]:
        """The ids of the stored vectors of these texts (by sha256); texts without one are left out."""
        found: dict[bytes, int] = {}
        wanted = list(digests)
        with self.database.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                rows = connection.execute(
                    select(vectors.c.digest, vectors.c.id).where(
                        vectors.c.embedder == embedder, vectors.c.digest.in_(some)
                    )
                )
                found.update((row.digest, row.id) for row in rows)
        return found

    def add_vectors(self, embedder: str, made: Mapping[bytes, Vector]) -> None:
        """Store the vectors of texts, by sha256 of the text."""
        rows = [
            {"embedder": embedder, "digest": digest, "vector": vector.astype("<f4").tobytes()}
            for digest, vector in made.items()
        ]
        if rows:
            with self._writing() as connection:
                connection.execute(insert(vectors), rows)

    def vector_ids(self, revision_id: int) -> list[int]:
        """The vector of each chunk of a revision, in reading order."""
        with self.database.reading() as connection:
            return list(
                connection.scalars(
                    select(chunks.c.vector_id)
                    .where(chunks.c.revision_id == revision_id)
                    .order_by(chunks.c.ordinal)
                )
            )

    def write(self, version: int, made: Iterable[NewRevision]) -> None:
        """Write revisions in one transaction; those that they replace end with this version."""
        with self._writing() as connection:
            for revision in made:
                if revision.replaces is not None:
                    _end(connection, version, [revision.replaces])
                _insert(connection, version, revision)

    def copy(self, version: int, copies: Sequence[Copy]) -> None:
        """Write revisions again with their chunks, vectors and runs; those that they replace end."""
        for start in range(0, len(copies), _AT_ONCE):
            with self._writing() as connection:
                for one in copies[start : start + _AT_ONCE]:
                    if one.replaces is not None:
                        _end(connection, version, [one.replaces])
                    _copy(connection, version, one)

    def end(self, version: int, revision_ids: Sequence[int]) -> None:
        """Remove documents from this version on."""
        with self._writing() as connection:
            for start in range(0, len(revision_ids), _AT_ONCE):
                _end(connection, version, revision_ids[start : start + _AT_ONCE])

    def changed_since(self, version: int, source: str, published: int) -> tuple[list[Known], list[Known]]:
        """The documents of a source that are not in both of two versions as they are: those of the older one,
        and those of the `published` one."""
        of_source = revisions.c.source == source
        ended = revisions.c.to_version <= published
        then = self._known(and_(of_source, alive(version), ended))
        now = self._known(and_(of_source, alive(published), revisions.c.from_version > version))
        return then, now

    def publish(
        self,
        version: int,
        report: Mapping[str, Any],
        at: datetime,
        lasting: Collection[str] | None = None,
    ) -> None:
        """From now on readers see this version. `lasting` names the sources that are set up and that can be
        brought back from it, as long as it is stored.

        Raises StoreError when another owner has swept it away, because this one was believed dead.
        """
        with self._writing() as connection:
            newest = select(func.max(vectors.c.id)).scalar_subquery()
            published = connection.execute(
                update(versions)
                .where(versions.c.id == version)
                .values(report=told(report, lasting), published_at=at, last_vector=newest)
            )
        if not published.rowcount:
            raise StoreError("another process has taken the sync over: run `lore sync` again")

    def purge(self, keep: int, moments: Sequence[datetime] = (), lasting: Collection[str] = ()) -> None:
        """Forget what no stored version holds: texts and vectors. Stored are the newest `keep` published
        versions, and of the `lasting` sources also what readers saw at these moments.

        Vectors that no version holds and that are newer than the oldest of the newest stay: of a sync that
        was killed or cancelled, for the next one.
        """
        with self._writing() as connection:
            purge(connection, keep, moments, lasting)


def _insert(connection: Connection, version: int, made: NewRevision) -> None:
    document = made.document
    key = connection.execute(
        insert(revisions).values(
            from_version=version,
            document_id=document.id,
            source=document.source,
            path=document.path,
            digest=document.digest,
            recipe=made.recipe,
            embedder=select(versions.c.embedder).where(versions.c.id == version).scalar_subquery(),
            audience_key=document.audience.key,
            source_audience=made.source_audience,
            title=document.title,
            text=document.text,
            kind=document.kind,
            body_start=document.body_start,
            pages=list(document.pages),
            anchors=[list(anchor) for anchor in document.anchors],
            lines_are_the_files=document.lines_are_the_files,
            url=document.url,
            updated_at=document.updated_at,
            owner=document.owner,
            status=document.status,
            superseded_by=document.superseded_by,
            redactions=document.redactions,
        )
    ).inserted_primary_key
    assert key is not None
    revision_id = int(key[0])
    if made.chunks:
        connection.execute(insert(chunks), [_chunk_row(revision_id, cut) for cut in made.chunks])
    if document.run is not None:
        write_run(connection, revision_id, document.run)


def _copy(connection: Connection, version: int, made: Copy) -> None:
    """Row by row within the database; nothing of them passes through this process."""
    other: dict[str, Any] = {
        "from_version": literal(version),
        "to_version": null(),
        "recipe": literal(made.recipe, revisions.c.recipe.type),
        "audience_key": literal(made.audience_key, revisions.c.audience_key.type),
        "source_audience": literal(made.source_audience, revisions.c.source_audience.type),
    }
    columns = [column for column in revisions.c if column.name != "id"]
    row = select(*(other.get(column.name, column) for column in columns))
    connection.execute(insert(revisions).from_select(columns, row.where(revisions.c.id == made.revision_id)))
    copied = connection.scalar(select(func.max(revisions.c.id)).where(revisions.c.from_version == version))
    for table in reversed(OF_A_REVISION):
        columns = [column for column in table.c if column.name != "id"]
        rows = select(*(literal(copied) if column.name == "revision_id" else column for column in columns))
        rows = rows.where(table.c.revision_id == made.revision_id)
        if "ordinal" in table.c:
            rows = rows.order_by(table.c.ordinal)
        connection.execute(insert(table).from_select(columns, rows))


def _chunk_row(revision_id: int, cut: CutChunk) -> dict[str, Any]:
    chunk = cut.chunk
    return {
        "revision_id": revision_id,
        "vector_id": cut.vector_id,
        "ordinal": chunk.ordinal,
        "section": list(chunk.section),
        "start": chunk.start,
        "end": chunk.end,
        "line": chunk.line,
        "page": chunk.page,
    }


def _end(connection: Connection, version: int, revision_ids: Sequence[int]) -> None:
    connection.execute(update(revisions).where(revisions.c.id.in_(revision_ids)).values(to_version=version))
