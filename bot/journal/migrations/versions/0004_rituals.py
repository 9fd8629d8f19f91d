"""Rituals: what was set up, its occurrences, what each sends to whom, and what people entered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rituals()
    _what_is_worth_saying()
    _begun_entries()
    _availability()
    _drafts()
    _blockers()
    _setup_drafts()
    _reports()


def _rituals() -> None:
    op.create_table(
        "rituals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("co_owners", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.String(length=10), nullable=True),
        sa.Column("planned_until", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'archived')", name=op.f("ck_rituals_state")),
        sa.CheckConstraint("origin IN ('slack', 'file')", name=op.f("ck_rituals_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rituals")),
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("roster", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.Float(), nullable=False),
        sa.Column("closes_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'closed', 'missed', 'cancelled')", name=op.f("ck_occurrences_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrences")),
        sa.UniqueConstraint("ritual_id", "slot", name=op.f("uq_occurrences_ritual_id_slot")),
    )
    op.create_index(op.f("ix_occurrences_state_closes_at"), "occurrences", ["state", "closes_at"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("planned_at", sa.Float(), nullable=False),
        sa.Column("not_after", sa.Float(), nullable=False),
        sa.Column("deadline_at", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claim", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.Float(), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("settled_at", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'claimed', 'said', 'skipped', 'missed', 'cancelled')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "occurrence_id", "person", "kind", name=op.f("uq_deliveries_occurrence_id_person_kind")
        ),
    )
    op.create_index(op.f("ix_deliveries_state_planned_at"), "deliveries", ["state", "planned_at"])
    op.create_index(op.f("ix_deliveries_person"), "deliveries", ["person"])
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.Float(), nullable=False),
        sa.Column("edited_at", sa.Float(), nullable=True),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('given', 'skipped', 'withdrawn')", name=op.f("ck_entries_state")),
        sa.CheckConstraint("consent IN ('nobody', 'team', 'everyone')", name=op.f("ck_entries_consent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("ritual_id", "slot", "person", name=op.f("uq_entries_ritual_id_slot_person")),
    )
    op.create_index(op.f("ix_entries_changed_at"), "entries", ["changed_at"])


def _availability() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("said_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_person_until"), "absences", ["person", "until"])
    op.create_index(op.f("ix_absences_origin"), "absences", ["origin"])
    op.create_table(
        "leave_calendars",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.Float(), nullable=True),
        sa.Column("tried_at", sa.Float(), nullable=False),
        sa.Column("failing_since", sa.Float(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leave_calendars")),
    )
    op.create_table(
        "pings_made",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pings_made")),
    )
    op.create_index(op.f("ix_pings_made_person_at"), "pings_made", ["person", "at"])


def _begun_entries() -> None:
    op.create_table(
        "begun_entries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=False),
        sa.Column("root_key", sa.String(length=80), nullable=False),
        sa.Column("sent_by", sa.String(length=255), nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.CheckConstraint("how IN ('form', 'thread')", name=op.f("ck_begun_entries_how")),
        sa.CheckConstraint("state IN ('open', 'given', 'left')", name=op.f("ck_begun_entries_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_begun_entries")),
    )
    op.create_index(
        op.f("ix_begun_entries_ritual_id_slot_person"), "begun_entries", ["ritual_id", "slot", "person"]
    )
    op.create_index(op.f("ix_begun_entries_person_state"), "begun_entries", ["person", "state"])


def _what_is_worth_saying() -> None:
    """Until when a message is worth saying, and whether others go first."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("worthless_after", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("background", sa.Integer(), nullable=True))


def _drafts() -> None:
    op.create_table(
        "standup_drafts",
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("commits", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("ritual_id", "slot", "person", name=op.f("pk_standup_drafts")),
    )
    op.create_index(op.f("ix_standup_drafts_made_at"), "standup_drafts", ["made_at"])


def _blockers() -> None:
    op.create_table(
        "blockers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("tagged", sa.JSON(), nullable=False),
        sa.Column("first_slot", sa.String(length=10), nullable=False),
        sa.Column("last_slot", sa.String(length=10), nullable=False),
        sa.Column("gone_slot", sa.String(length=10), nullable=True),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("told_at", sa.Float(), nullable=True),
        sa.Column("gone_told_at", sa.Float(), nullable=True),
        sa.Column("escalated_at", sa.Float(), nullable=True),
        sa.Column("look_at", sa.Float(), nullable=False),
        sa.Column("resolved_at", sa.Float(), nullable=True),
        sa.Column("resolved_by", sa.String(length=40), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("helped_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'resolved', 'withdrawn')", name=op.f("ck_blockers_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blockers")),
    )
    op.create_index(op.f("ix_blockers_ritual_id_person"), "blockers", ["ritual_id", "person"])
    op.create_index(op.f("ix_blockers_state_look_at"), "blockers", ["state", "look_at"])
    op.create_table(
        "blocker_mentions",
        sa.Column("blocker_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("blocker_id", "slot", name=op.f("pk_blocker_mentions")),
    )
    op.create_table(
        "blocker_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blocker_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocker_steps")),
    )
    op.create_index(op.f("ix_blocker_steps_blocker_id"), "blocker_steps", ["blocker_id"])
    op.create_index(op.f("ix_blocker_steps_step_at"), "blocker_steps", ["step", "at"])
    op.create_table(
        "standup_names",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_standup_names")),
    )


def _setup_drafts() -> None:
    op.create_table(
        "setup_drafts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_drafts")),
    )
    op.create_index(op.f("ix_setup_drafts_made_at"), "setup_drafts", ["made_at"])


def _reports() -> None:
    op.create_table(
        "standup_reports",
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("ritual_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Float(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.String(length=20), nullable=False),
        sa.Column("summaries", sa.JSON(), nullable=False),
        sa.Column("made_of", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=True),
        sa.Column("post_at", sa.Float(), nullable=True),
        sa.Column("posted_by", sa.String(length=40), nullable=False),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("occurrence_id", name=op.f("pk_standup_reports")),
    )
    op.create_index(op.f("ix_standup_reports_ritual_id_slot"), "standup_reports", ["ritual_id", "slot"])
    op.create_index(op.f("ix_standup_reports_settled"), "standup_reports", ["settled"])
    op.create_table(
        "standup_report_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(length=40), nullable=False),
        sa.Column("change_key", sa.String(length=200), nullable=True),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("gone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standup_report_messages")),
        sa.UniqueConstraint(
            "occurrence_id",
            "part",
            "entry_id",
            "person",
            "number",
            name="uq_standup_report_messages_spot",
        ),
    )
    op.create_index(op.f("ix_standup_report_messages_entry_id"), "standup_report_messages", ["entry_id"])
