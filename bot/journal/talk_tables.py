"""Tables of lunch-and-learns and reading groups: series, what is proposed for them, and their talks.

Times are Unix seconds in UTC; a `slot` is the nominal local date of a talk (ISO) in its series' zone.
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

series = Table(
    "series",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("owner", String(40), nullable=False),
    Column("co_owners", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("kind IN ('learning', 'reading')", name="kind"),
    CheckConstraint("state IN ('active', 'paused', 'archived')", name="state"),
    Index(None, "channel"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("series_id", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("proposer", String(40), nullable=False),
    Column("paper", JSON, nullable=False),
    Column("questions", JSON, nullable=False),
    Column("merged_into", String(40), nullable=False),
    Column("proposed_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("state IN ('open', 'chosen', 'held', 'withdrawn', 'merged')", name="state"),
    Index(None, "series_id", "state"),
)

votes = Table(
    "votes",
    metadata,
    Column("proposal_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("voted_at", Float, nullable=False),
)

talks = Table(
    "talks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("series_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("proposal_id", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("floor", String(20), nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("place", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("planned_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("changed_by", String(40), nullable=False),
    CheckConstraint("state IN ('planned', 'announced', 'held', 'cancelled', 'missed')", name="state"),
    CheckConstraint("floor IN ('wanted', 'found', 'open')", name="floor"),
    UniqueConstraint("series_id", "slot"),
    Index(None, "state", "starts_at"),
)

speakers = Table(
    "speakers",
    metadata,
    Column("talk_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("volunteer", Integer, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("answered_at", Float),
    CheckConstraint("state IN ('asked', 'speaks', 'declined', 'stepped back', 'silent')", name="state"),
    Index(None, "person"),
)

attendance = Table(
    "attendance",
    metadata,
    Column("talk_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("reply", String(20), nullable=False),
    Column("replied_at", Float, nullable=False),
    CheckConstraint("reply IN ('yes', 'no', 'waiting')", name="reply"),
)
