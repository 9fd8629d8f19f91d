"""Published documents and runs by who owns them: what somebody works on, by title alone."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions


@dataclass(frozen=True, slots=True)
class OwnedDocument:
    """A document or a run (`kind` says which); `owner` is in small letters, as documents name people."""

    document_id: str
    title: str
    kind: str
    owner: str


def owned_documents(
    database: Database,
    version: int,
    audiences: Collection[str],
    owners: Collection[str],
    without: Collection[str] = (),
    most: int = 60,
) -> list[OwnedDocument]:
    """Those of a version that these own (in small letters), `without` those of some kinds, the last changed
    first; only documents with one of these audience keys are looked at, and none that is superseded."""
    wanted = (
        select(
            revisions.c.document_id,
            revisions.c.title,
            revisions.c.kind,
            func.lower(revisions.c.owner).label("owner"),
        )
        .where(
            alive(version),
            revisions.c.audience_key.in_(audiences),
            func.lower(revisions.c.owner).in_(owners),
            revisions.c.kind.not_in(without),
            revisions.c.superseded_by.is_(None),
        )
        .order_by(revisions.c.updated_at.is_(None), revisions.c.updated_at.desc(), revisions.c.id.desc())
        .limit(most)
    )
    with database.reading() as connection:
        return [
            OwnedDocument(row.document_id, row.title, row.kind, row.owner)
            for row in connection.execute(wanted)
        ]
