"""Whether a run of some name is in the record, among the documents that somebody may read."""

from collections.abc import Collection

from sqlalchemy import func, or_, select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions, runs


def is_run(database: Database, version: int, audiences: Collection[str], name: str) -> bool:
    """Whether a run has this name (in whatever letters), or its document this id, and one of these audience
    keys."""
    wanted = (
        select(revisions.c.id)
        .join(runs, runs.c.revision_id == revisions.c.id)
        .where(
            alive(version),
            revisions.c.audience_key.in_(audiences),
            or_(func.lower(runs.c.name) == name.lower(), revisions.c.document_id == name),
        )
        .limit(1)
    )
    with database.reading() as connection:
        return connection.execute(wanted).first() is not None
