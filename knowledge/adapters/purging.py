"""What the record forgets as versions are published: documents and vectors that no stored version holds."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from knowledge.adapters.tables import OF_A_REVISION, chunks, revisions, vectors, versions
from knowledge.adapters.versions import STORED, stored_in

HISTORY = 200
"""The reports of so many versions are kept, and of all since the oldest whose documents are stored."""


def purge(connection: Connection, keep: int, moments: Iterable[datetime], lasting: Collection[str]) -> None:
    """Forget what `knowledge.adapters.store_writing.StoreWriter.purge` says."""
    by_age = select(versions.c.id).where(versions.c.published_at.is_not(None)).order_by(versions.c.id.desc())
    newest = list(connection.scalars(by_age.limit(keep)))
    if len(newest) < keep:
        return
    wanted = {*newest, *_seen_at(connection, moments)}
    before = [one.version for one in stored_in(connection, keep)]
    stored = [one for one in before if one in wanted]
    _let_go(connection, [one for one in before if one not in wanted])
    lasts = and_(revisions.c.source.in_(list(lasting)), _held_by(stored))
    delete_revisions(connection, and_(revisions.c.to_version.is_not(None), ~_held_by(newest), ~lasts))
    unused = ~exists().where(chunks.c.vector_id == vectors.c.id)
    last = select(versions.c.last_vector).where(versions.c.id == newest[-1]).scalar_subquery()
    connection.execute(delete(vectors).where(unused, vectors.c.id <= func.coalesce(last, vectors.c.id)))
    reported = connection.scalar(select(func.min(by_age.limit(HISTORY).subquery().c.id)))
    used = exists().where(
        or_(revisions.c.from_version == versions.c.id, revisions.c.to_version == versions.c.id)
    )
    oldest = min(stored)
    connection.execute(delete(versions).where(versions.c.id < min(oldest, reported or oldest), ~used))


def delete_revisions(connection: Connection, which: ColumnElement[bool]) -> None:
    """Delete revisions with everything that belongs to them."""
    gone = select(revisions.c.id).where(which)
    for table in OF_A_REVISION:
        connection.execute(delete(table).where(table.c.revision_id.in_(gone)))
    connection.execute(delete(revisions).where(which))


def _held_by(of: Sequence[int]) -> ColumnElement[bool]:
    """The revisions that have ended, and that one of these versions holds."""
    return or_(*(and_(revisions.c.from_version <= one, revisions.c.to_version > one) for one in of))


def _seen_at(connection: Connection, moments: Iterable[datetime]) -> set[int]:
    """The versions that readers saw at these moments."""
    found = set()
    for moment in moments:
        newest = select(func.max(versions.c.id)).where(versions.c.published_at < moment)
        if (version := connection.scalar(newest)) is not None:
            found.add(version)
    return found


def _let_go(connection: Connection, these: Sequence[int]) -> None:
    """Note that the documents of these versions are stored no more."""
    reports = select(versions.c.id, versions.c.report).where(versions.c.id.in_(these))
    for version, report in connection.execute(reports).all():
        values = {"report": {**(report or {}), STORED: False}}
        connection.execute(update(versions).where(versions.c.id == version).values(values))
