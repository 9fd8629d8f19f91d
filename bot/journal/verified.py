"""Suggested corrections, and the verified answers that they become when a person approves them.

Times are Unix seconds in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("question_id", String(40), nullable=False, index=True),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("expires_at", Float),
    Column("audience_keys", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("author", String(40), nullable=False),
    Column("approvers", JSON, nullable=False),
    Column("decided_by", String(40), nullable=False),
    Column("decided_at", Float),
    Column("created_at", Float, nullable=False),
    CheckConstraint("state IN ('open', 'approved', 'rejected')", name="state"),
)

verified_answers = Table(
    "verified_answers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("audience_keys", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("author", String(40), nullable=False),
    Column("approver", String(40), nullable=False),
    Column("approved_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("renewal_asked_at", Float),
    Column("vector", LargeBinary),
    Column("embedder", Text),
    CheckConstraint("state IN ('valid', 'withdrawn')", name="state"),
    Index(None, "state", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody's better answer to `question`, for one of `approvers` (user ids) to decide on."""

    question_id: str
    team: str
    channel: str
    question: str
    text: str
    author: str
    approvers: tuple[str, ...]
    audience_keys: tuple[str, ...]
    documents: tuple[str, ...] = ()
    source_url: str = ""
    expires_at: float | None = None
    state: str = "open"
    decided_by: str = ""
    decided_at: float | None = None
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Decision:
    """One approver approved or rejected a suggestion; only the first decision counts."""

    suggestion_id: str
    by: str
    approved: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """A verified answer as it is kept (see `knowledge.verified.VerifiedAnswer`).

    `vector` is the question's, of the model `embedder`; None until somebody asks something.
    """

    question: str
    text: str
    author: str
    approver: str
    approved_at: float
    expires_at: float
    audience_keys: tuple[str, ...]
    documents: tuple[str, ...] = ()
    source_url: str = ""
    state: str = "valid"
    renewal_asked_at: float | None = None
    vector: bytes | None = None
    embedder: str | None = None
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A verified answer is not to be shown any more."""

    verified_id: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """A verified answer holds for longer."""

    verified_id: str
    expires_at: float


VerifiedRecord = Suggestion | Decision | Verified | Withdrawn | Renewed


def write(connection: Connection, record: VerifiedRecord, now: float) -> None:
    """Store one, in the caller's transaction."""
    match record:
        case Suggestion():
            row = {name: getattr(record, name) for name in Suggestion.__slots__}
            lists = {name: list(row[name]) for name in ("approvers", "audience_keys", "documents")}
            connection.execute(insert(suggestions), row | lists | {"created_at": now})
        case Decision():
            connection.execute(
                update(suggestions)
                .where(suggestions.c.id == record.suggestion_id, suggestions.c.state == "open")
                .values(
                    state="approved" if record.approved else "rejected", decided_by=record.by, decided_at=now
                )
            )
        case Verified():
            row = {name: getattr(record, name) for name in Verified.__slots__}
            lists = {name: list(row[name]) for name in ("audience_keys", "documents")}
            connection.execute(insert(verified_answers), row | lists)
        case Withdrawn():
            _change(connection, record.verified_id, state="withdrawn")
        case Renewed():
            _change(connection, record.verified_id, expires_at=record.expires_at, renewal_asked_at=None)


def suggestion(connection: Connection, suggestion_id: str) -> Suggestion | None:
    row = connection.execute(select(suggestions).where(suggestions.c.id == suggestion_id)).first()
    if row is None:
        return None
    kept = {name: getattr(row, name) for name in Suggestion.__slots__}
    lists = {name: tuple(kept[name]) for name in ("approvers", "audience_keys", "documents")}
    return Suggestion(**kept | lists)


def verified(connection: Connection, verified_id: str) -> Verified | None:
    row = connection.execute(select(verified_answers).where(verified_answers.c.id == verified_id)).first()
    return None if row is None else _verified(row)


def valid(connection: Connection, now: float) -> Sequence[Verified]:
    """What may be shown now, the newest first."""
    found = connection.execute(
        select(verified_answers)
        .where(verified_answers.c.state == "valid", verified_answers.c.expires_at > now)
        .order_by(verified_answers.c.approved_at.desc())
    )
    return [_verified(row) for row in found]


def not_withdrawn(connection: Connection) -> Sequence[Verified]:
    """Everything that was not withdrawn, expired or not, the newest first."""
    found = connection.execute(
        select(verified_answers)
        .where(verified_answers.c.state == "valid")
        .order_by(verified_answers.c.approved_at.desc())
    )
    return [_verified(row) for row in found]


def to_renew(connection: Connection, now: float) -> Sequence[Verified]:
    """What has expired and whose approver was not asked yet."""
    found = connection.execute(
        select(verified_answers).where(
            verified_answers.c.state == "valid",
            verified_answers.c.expires_at <= now,
            verified_answers.c.renewal_asked_at.is_(None),
        )
    )
    return [_verified(row) for row in found]


def renewal_asked(connection: Connection, verified_id: str, now: float) -> None:
    _change(connection, verified_id, renewal_asked_at=now)


def keep_vector(connection: Connection, verified_id: str, vector: bytes, embedder: str) -> None:
    """Remember the vector of an answer's question, of this model."""
    _change(connection, verified_id, vector=vector, embedder=embedder)


def _change(connection: Connection, verified_id: str, **values: Any) -> None:
    connection.execute(update(verified_answers).where(verified_answers.c.id == verified_id).values(**values))


def _verified(row: Any) -> Verified:
    kept = {name: getattr(row, name) for name in Verified.__slots__}
    return Verified(**kept | {name: tuple(kept[name]) for name in ("audience_keys", "documents")})
