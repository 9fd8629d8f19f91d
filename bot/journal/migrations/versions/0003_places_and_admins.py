"""Places to learn from, and the admins who look after them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sync_runs()
    _sync_messages()
    _audit()
    _added_sources()
    _record()
    _threads()


def _sync_runs() -> None:
    """Syncs that were asked for, what came of them, and sources that rest."""
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("dry_run", sa.Integer(), nullable=False),
        sa.Column("removals", sa.JSON(), nullable=False),
        sa.Column("accept_drop", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("follows", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("claim", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.Float(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=200), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'refused', 'held', 'failed', 'cancelled', "
            "'interrupted')",
            name=op.f("ck_sync_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    op.create_index(op.f("ix_sync_runs_asked_at"), "sync_runs", ["asked_at"], unique=False)
    op.create_index(op.f("ix_sync_runs_judged"), "sync_runs", ["judged"], unique=False)
    op.create_index(op.f("ix_sync_runs_state"), "sync_runs", ["state"], unique=False)
    op.create_table(
        "sync_run_sources",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "source", name=op.f("pk_sync_run_sources")),
    )
    op.create_index(op.f("ix_sync_run_sources_source"), "sync_run_sources", ["source"], unique=False)
    op.create_table(
        "paused_sources",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("paused_by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_paused_sources")),
    )


def _sync_messages() -> None:
    """Messages that show a sync and follow it, and what admins were told of."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said_in", sa.String(length=40), nullable=True))
    op.create_table(
        "sync_messages",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_messages")),
    )
    op.create_index(op.f("ix_sync_messages_run_id"), "sync_messages", ["run_id"], unique=False)
    op.create_index(op.f("ix_sync_messages_settled"), "sync_messages", ["settled"], unique=False)
    op.create_table(
        "sync_alerts",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_sync_alerts")),
    )


def _audit() -> None:
    """From where admins act."""
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.String(length=60), nullable=True))


def _added_sources() -> None:
    """Sources that are not in lore.toml, drafts of them, and what webhooks have asked for."""
    op.create_table(
        "added_sources",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("in_slack", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column("removed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_added_sources")),
    )
    op.create_index(op.f("ix_added_sources_name"), "added_sources", ["name"], unique=False)
    op.create_table(
        "source_drafts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.String(length=200), nullable=False),
        sa.Column("tested", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_drafts")),
    )
    op.create_index(op.f("ix_source_drafts_made_at"), "source_drafts", ["made_at"], unique=False)
    op.create_table(
        "wanted_syncs",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_wanted_syncs")),
    )
    op.create_table(
        "webhook_tokens",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source", "token", name=op.f("pk_webhook_tokens")),
    )


def _record() -> None:
    """What readers want to know at their next sync, and which vectors a version may have left behind."""
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("last_vector", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
    op.create_table(
        "source_states",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=True),
        sa.Column("note", sa.JSON(), nullable=True),
        sa.Column("synced_at", sa.DateTime(), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_states")),
    )


def _threads() -> None:
    """Threads of Slack as documents: channels, what has happened in them, and whose words are where."""
    op.create_table(
        "thread_channels",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("accepting", sa.Text(), nullable=False),
        sa.Column("taking_out", sa.Text(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "named", name=op.f("pk_thread_channels")),
    )
    op.create_index(op.f("ix_thread_channels_channel"), "thread_channels", ["channel"], unique=False)
    op.create_table(
        "thread_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=False),
        sa.Column("thread_ts", sa.String(length=40), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_marks")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_thread_marks_channel_thread_ts"), "thread_marks", ["channel", "thread_ts"], unique=False
    )
    op.create_table(
        "thread_blocks",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("thread_ts", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "thread_ts", "digest", name=op.f("pk_thread_blocks")),
    )
    op.create_index(op.f("ix_thread_blocks_at"), "thread_blocks", ["at"], unique=False)
    op.create_table(
        "thread_words",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=False),
        sa.Column("thread_ts", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("channel", "ts", name=op.f("pk_thread_words")),
    )
    op.create_index(
        op.f("ix_thread_words_channel_thread_ts"), "thread_words", ["channel", "thread_ts"], unique=False
    )
    op.create_index(op.f("ix_thread_words_person"), "thread_words", ["person"], unique=False)
