"""Tables of blockers: what holds somebody up, in which entries it was named, and what was done about it.

Times are Unix seconds in UTC, a `slot` is the nominal date of an entry (ISO).
"""

from sqlalchemy import JSON, CheckConstraint, Column, Float, Index, Integer, String, Table, Text

from bot.journal.tables import metadata

blockers = Table(
    "blockers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("ritual_id", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("owner", String(40), nullable=False),
    Column("tagged", JSON, nullable=False),
    Column("first_slot", String(10), nullable=False),
    Column("last_slot", String(10), nullable=False),
    Column("gone_slot", String(10)),
    Column("opened_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("told_at", Float),
    Column("gone_told_at", Float),
    Column("escalated_at", Float),
    Column("look_at", Float, nullable=False),
    Column("resolved_at", Float),
    Column("resolved_by", String(40), nullable=False),
    Column("solution", Text, nullable=False),
    Column("helped_by", String(300), nullable=False),
    CheckConstraint("state IN ('open', 'acknowledged', 'resolved', 'withdrawn')", name="state"),
    Index(None, "ritual_id", "person"),
    Index(None, "state", "look_at"),
)

blocker_mentions = Table(
    "blocker_mentions",
    metadata,
    Column("blocker_id", String(40), primary_key=True),
    Column("slot", String(10), primary_key=True),
    Column("text", Text, nullable=False),
)

blocker_steps = Table(
    "blocker_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("blocker_id", String(40), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("person", String(40), nullable=False),
    Column("step", String(20), nullable=False),
    Column("about", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Index(None, "step", "at"),
)
