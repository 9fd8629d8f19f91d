"""The versions that were published: when, and what was said of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from knowledge.adapters.database import Database
from knowledge.adapters.tables import versions

_PUBLISHED = versions.c.published_at.is_not(None)


def published_versions(database: Database) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
    """Number, moment and report of each, newest first."""
    wanted = select(versions.c.id, versions.c.published_at, versions.c.report)
    with database.reading() as connection:
        for row in connection.execute(wanted.where(_PUBLISHED).order_by(versions.c.id.desc())):
            yield row.id, row.published_at, row.report or {}


def kept_versions(database: Database, keep: int) -> list[int]:
    """The versions whose documents are kept when the newest `keep` are, newest first."""
    newest = select(versions.c.id).where(_PUBLISHED).order_by(versions.c.id.desc()).limit(keep)
    with database.reading() as connection:
        return list(connection.scalars(newest))
