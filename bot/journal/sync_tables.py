"""The tables of syncs: each that was asked for, by whom and what came of it; and sources that rest."""

from sqlalchemy import JSON, CheckConstraint, Column, Float, Index, Integer, String, Table, Text

from bot.journal.tables import metadata

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("dry_run", Integer, nullable=False),
    Column("removals", JSON, nullable=False),
    Column("accept_drop", Integer, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("side", String(20), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("follows", String(40)),
    Column("state", String(20), nullable=False, index=True),
    Column("progress", JSON, nullable=False),
    Column("report", JSON),
    Column("error", Text),
    Column("version", Integer),
    Column("claim", String(40)),
    Column("leased_until", Float),
    Column("cancelled_by", String(200)),
    Column("decision", String(20)),
    Column("decided_by", String(200)),
    Column("judged", Integer, nullable=False, default=0, index=True),
    Column("asked_at", Float, nullable=False, index=True),
    Column("started_at", Float),
    Column("ended_at", Float),
    CheckConstraint(
        "state IN ('waiting', 'running', 'done', 'refused', 'held', 'failed', 'cancelled', 'interrupted')",
        name="state",
    ),
)

sync_run_sources = Table(
    "sync_run_sources",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("source", String(200), primary_key=True),
    Column("outcome", String(20)),
    Column("report", JSON),
    Index(None, "source"),
)

sync_messages = Table(
    "sync_messages",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("run_id", String(40), nullable=False, index=True),
    Column("channel", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("shown", String(64)),
    Column("gone", Integer, nullable=False),
    Column("settled", Integer, nullable=False, index=True),
    Column("due_at", Float, nullable=False),
)
"""Messages that show a run and follow it, by their key in the outbox; `due_at` is when each may be updated
next, `gone` says that somebody deleted it. `channel` is as it was said to, `person` whom it is for."""

paused_sources = Table(
    "paused_sources",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("paused_by", String(200), nullable=False),
    Column("at", Float, nullable=False),
)

sync_alerts = Table(
    "sync_alerts",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("problem", String(20), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("told_at", Float, nullable=False),
)
"""What admins have been told of and that has not been put right yet."""
