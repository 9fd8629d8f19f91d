"""Tables of rituals: what was set up, its occurrences, what each sends to whom, and what people entered.

Times are Unix seconds in UTC; a `slot` is the nominal local date of an occurrence (ISO), the same for
everybody, whatever the time in UTC.
"""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.journal.tables import metadata

rituals = Table(
    "rituals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("owner", String(40), nullable=False),
    Column("co_owners", JSON, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("paused_until", String(10)),
    Column("planned_until", Float),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("state IN ('active', 'paused', 'archived')", name="state"),
    CheckConstraint("origin IN ('slack', 'file')", name="origin"),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ritual_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("roster", JSON, nullable=False),
    Column("opens_at", Float, nullable=False),
    Column("closes_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("note", Text, nullable=False),
    CheckConstraint("state IN ('planned', 'open', 'closed', 'missed', 'cancelled')", name="state"),
    UniqueConstraint("ritual_id", "slot"),
    Index(None, "state", "closes_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("occurrence_id", Integer, nullable=False),
    Column("person", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("planned_at", Float, nullable=False),
    Column("not_after", Float, nullable=False),
    Column("deadline_at", Float),
    Column("reason", Text, nullable=False),
    Column("claim", String(40)),
    Column("leased_until", Float),
    Column("key", String(80)),
    Column("settled_at", Float),
    CheckConstraint(
        "state IN ('planned', 'claimed', 'said', 'skipped', 'missed', 'cancelled')", name="state"
    ),
    UniqueConstraint("occurrence_id", "person", "kind"),
    Index(None, "state", "planned_at"),
    Index(None, "person"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ritual_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("person", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("replies", JSON, nullable=False),
    Column("consent", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("late", Integer, nullable=False),
    Column("given_at", Float, nullable=False),
    Column("edited_at", Float),
    Column("changed_at", Float, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("state IN ('given', 'skipped', 'withdrawn')", name="state"),
    CheckConstraint("consent IN ('nobody', 'team', 'everyone')", name="consent"),
    UniqueConstraint("ritual_id", "slot", "person"),
    Index(None, "changed_at"),
)
