"""Documents as they stand in a published version: what tells whether they still hold, without their text."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions

_AT_ONCE = 500
_KEPT = (
    *("document_id", "source", "title", "kind", "audience_key"),
    *("url", "updated_at", "owner", "status", "superseded_by"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A document without its text; `updated_at` has a zone."""

    document_id: str
    source: str
    title: str
    kind: str
    audience_key: str
    url: str | None = None
    updated_at: datetime | None = None
    owner: str | None = None
    status: str | None = None
    superseded_by: str | None = None


def standing(database: Database, version: int, document_ids: Collection[str]) -> Sequence[Standing]:
    """Those of these documents that the version has, by id; nobody has been asked who may read them."""
    wanted = sorted(set(document_ids))
    found: list[Standing] = []
    with database.reading() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = select(*(revisions.c[name] for name in _KEPT)).where(
                alive(version), revisions.c.document_id.in_(wanted[start : start + _AT_ONCE])
            )
            found += [Standing(**row._mapping) for row in connection.execute(some)]
    return sorted(found, key=lambda one: one.document_id)
