"""The tables of the record: versions, document revisions, their chunks, vectors and runs."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_ESCAPE = "\ue000"
_UNSTORABLE = re.compile("[\ue000\ud800-\udfff\x00]")
_ESCAPED = re.compile("\ue000([0-9a-f]{4})")


class AnyText(TypeDecorator[str]):
    """Text that may hold what SQL refuses: NUL and lone surrogates are stored escaped and come back."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _UNSTORABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None or _ESCAPE not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class UtcTime(TypeDecorator[datetime]):
    """A moment, stored as UTC. Raises ValueError for a time without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, *items: Any) -> Table:
    """A table whose generated ids are never given out twice."""
    return Table(name, metadata, *items, sqlite_autoincrement=True)


versions = _table(
    "versions",
    Column("id", _Id, primary_key=True),
    Column("embedder", AnyText, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("published_at", UtcTime),
    Column("report", JSON),
    Column("last_vector", _Id),  # the newest vector there was when it was published
)

revisions = _table(
    "revisions",
    Column("id", _Id, primary_key=True),
    Column("from_version", ForeignKey("versions.id"), nullable=False),
    Column("to_version", ForeignKey("versions.id")),
    Column("document_id", AnyText, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("path", AnyText, nullable=False),
    Column("digest", AnyText, nullable=False),
    Column("recipe", AnyText, nullable=False),
    Column("embedder", AnyText, nullable=False),
    Column("audience_key", AnyText, nullable=False),
    Column("source_audience", AnyText, nullable=False),
    Column("title", AnyText, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("body_start", Integer, nullable=False),
    Column("pages", JSON, nullable=False),
    Column("anchors", JSON),  # offset and id of each heading that a link can lead to
    Column("lines_are_the_files", Boolean, nullable=False),
    Column("url", AnyText),
    Column("updated_at", UtcTime),
    Column("owner", AnyText),
    Column("status", AnyText),
    Column("superseded_by", AnyText),
    Column("redactions", Integer, nullable=False),
)
Index("revisions_by_document", revisions.c.document_id)
Index("revisions_by_life", revisions.c.from_version, revisions.c.to_version)
Index("revisions_by_end", revisions.c.to_version)

vectors = _table(
    "vectors",
    Column("id", _Id, primary_key=True),
    Column("embedder", AnyText, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("embedder", "digest"),
)

chunks = _table(
    "chunks",
    Column("id", _Id, primary_key=True),
    Column("revision_id", ForeignKey("revisions.id"), nullable=False),
    Column("vector_id", ForeignKey("vectors.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("section", JSON, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("page", Integer),
    UniqueConstraint("revision_id", "ordinal"),
)

source_states = Table(
    "source_states",
    metadata,
    Column("source", AnyText, primary_key=True),
    Column("settings", AnyText),
    Column("note", JSON),
    Column("synced_at", UtcTime),
    Column("succeeded_at", UtcTime),
    Column("report", JSON),
)
"""How the last sync of each source went, and what its reader wants to know at the next one."""

generations = Table(
    "generations",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("version", _Id, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("built_at", UtcTime),
    Column("pointed_at", UtcTime),
)
"""The generations on a Chroma server; those in a folder speak for themselves."""

runs = _table(
    "runs",
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("notes", AnyText, nullable=False),
    Column("status", AnyText),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("code_version", AnyText),
)

run_params = Table(
    "run_params",
    metadata,
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("value", JSON),
    Index("run_params_by_name", "name"),
)

run_metrics = Table(
    "run_metrics",
    metadata,
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", AnyText, nullable=False),
    Column("direction", AnyText),
    Index("run_metrics_by_name", "name"),
)

run_points = Table(
    "run_points",
    metadata,
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("metric", Integer, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("step", Float),
    Column("value", Float),  # NULL is "not a number", which SQL cannot hold
)

run_labels = Table(
    "run_labels",
    metadata,
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    Column("role", AnyText, primary_key=True),  # "tag" or "link"
    Column("ordinal", Integer, primary_key=True),
    Column("value", AnyText, nullable=False),
)

OF_A_REVISION = (run_labels, run_points, run_metrics, run_params, runs, chunks)
"""Tables whose rows belong to a revision, in the order in which they can be deleted."""
