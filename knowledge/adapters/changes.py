"""What changed in the record between two published versions: revisions beside those that they replaced."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions

_AT_ONCE = 200
_KEPT = (
    *("id", "document_id", "source", "title", "text", "body_start", "kind", "audience_key", "digest"),
    *("url", "updated_at", "owner", "status", "superseded_by"),
)
_TOLD = ("text", "status", "superseded_by", "audience_key")
"""Where these are the same, a revision is new for other reasons, such as how it is embedded."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as a version has it, by the id of its revision; `updated_at` has a zone."""

    id: int
    document_id: str
    source: str
    title: str
    text: str
    body_start: int
    kind: str
    audience_key: str
    digest: str
    url: str | None = None
    updated_at: datetime | None = None
    owner: str | None = None
    status: str | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A document that is not as it was; `before` is None for one that was not there."""

    now: Kept
    before: Kept | None


def changed_between(
    database: Database, before: int, after: int, sources: Collection[str], without: Collection[str], most: int
) -> Iterator[Changed]:
    """The first `most` documents of these sources that read otherwise in `after` than in `before`, are marked
    otherwise or for others to read, or are new; `without` those of some kinds.

    What was only moved, the same bytes at another path of its source, has not changed. Both versions must
    still be kept (see `kept_versions`).
    """
    earlier = revisions.alias()
    there = (earlier.c.from_version <= before) & (
        earlier.c.to_version.is_(None) | (earlier.c.to_version > before)
    )
    wanted = (
        select(revisions.c.id)
        .outerjoin(earlier, and_(earlier.c.document_id == revisions.c.document_id, there))
        .where(alive(after), revisions.c.from_version > before)
        .where(revisions.c.source.in_(list(sources)), revisions.c.kind.not_in(list(without)))
        .where(or_(*(earlier.c[name].is_distinct_from(revisions.c[name]) for name in _TOLD)))
        .order_by(revisions.c.document_id)
        .limit(most)
    )
    with database.reading() as connection:
        ids = list(connection.scalars(wanted))
        for start in range(0, len(ids), _AT_ONCE):
            some = revisions.c.id.in_(ids[start : start + _AT_ONCE])
            now = {one.document_id: one for one in _read(connection, some)}
            same = revisions.c.document_id.in_(list(now))
            then = {one.document_id: one for one in _read(connection, alive(before) & same)}
            new = [one for one in now.values() if one.document_id not in then]
            moved = _known(connection, before, new)
            for document_id, one in now.items():
                if document_id in then or (one.source, one.digest) not in moved:
                    yield Changed(one, then.get(document_id))


def documents_of(database: Database, version: int, document_ids: Collection[str]) -> Mapping[str, Kept]:
    """Those of these documents that the version has, by id; nobody has been asked who may read them."""
    wanted = sorted(set(document_ids))
    found: dict[str, Kept] = {}
    with database.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = revisions.c.document_id.in_(wanted[start : start + _AT_ONCE])
            found |= {one.document_id: one for one in _read(connection, alive(version) & some)}
    return found


def sources_of(database: Database, version: int) -> frozenset[str]:
    """The sources of which a version has documents."""
    with database.reading() as connection:
        return frozenset(connection.scalars(select(revisions.c.source).where(alive(version)).distinct()))


def count_of(database: Database, version: int, source: str, audiences: Collection[str]) -> int:
    """How many documents of a source a version has that carry one of these audience keys."""
    readable = revisions.c.audience_key.in_(list(audiences))
    wanted = select(func.count()).where(alive(version), revisions.c.source == source, readable)
    with database.reading() as connection:
        return connection.scalar(wanted) or 0


def _known(connection: Connection, version: int, documents: Sequence[Kept]) -> set[tuple[str, str]]:
    if not documents:
        return set()
    digests = revisions.c.digest.in_([one.digest for one in documents])
    rows = connection.execute(select(revisions.c.source, revisions.c.digest).where(alive(version), digests))
    return {(row.source, row.digest) for row in rows}


def _read(connection: Connection, which: Any) -> list[Kept]:
    wanted = select(*(revisions.c[name] for name in _KEPT)).where(which).order_by(revisions.c.document_id)
    return [_kept(row) for row in connection.execute(wanted)]


def _kept(row: Row[Any]) -> Kept:
    return Kept(**row._mapping)
