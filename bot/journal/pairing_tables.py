"""Tables of pairing: how it is set up and who takes part, its rounds, and who was paired with whom.

Times are Unix seconds in UTC; a `slot` is the nominal local date of a round (ISO) in its pairing's zone.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from bot.journal.tables import metadata

pairings = Table(
    "pairings",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("at", String(5), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("owner", String(40), nullable=False),
    Column("counted_from", String(10), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("kind IN ('coffee', 'mentoring', 'modelling')", name="kind"),
    CheckConstraint("state IN ('active', 'paused', 'ended')", name="state"),
    Index(None, "channel"),
)

pairing_members = Table(
    "pairing_members",
    metadata,
    Column("pairing_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("snoozed_until", String(10), nullable=False),
    Column("heard_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("state IN ('in', 'left', 'dropped')", name="state"),
    CheckConstraint("role IN ('either', 'mentor', 'mentee')", name="role"),
    Index(None, "person"),
)

pairing_exclusions = Table(
    "pairing_exclusions",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("other", String(40), primary_key=True),
    Column("said_at", Float, nullable=False),
)

pairing_rounds = Table(
    "pairing_rounds",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("pairing_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("ask_at", Float, nullable=False),
    Column("made_at", Float, nullable=False),
    UniqueConstraint("pairing_id", "slot"),
)

pairs = Table(
    "pairs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("round_id", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("meets_at", Float),
    Column("introduced_at", Float),
    Column("made_at", Float, nullable=False),
    CheckConstraint("state IN ('matched', 'introduced', 'alone', 'dissolved')", name="state"),
    Index(None, "round_id"),
)

pair_people = Table(
    "pair_people",
    metadata,
    Column("pair_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("asked_at", Float),
    Column("reply", String(20), nullable=False),
    Column("replied_at", Float),
    CheckConstraint("reply IN ('', 'met', 'planned', 'no')", name="reply"),
    Index(None, "person"),
)
