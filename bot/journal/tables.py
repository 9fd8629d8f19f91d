"""The journal's tables: what came in, what goes out, what was asked, and who did what.

Times are Unix seconds in UTC. `state` columns hold the values named in the modules that own them.
"""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("conversation", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claim", String(40)),
    Column("claimed_at", Float),
    Column("leased_until", Float),
    Column("received_at", Float, nullable=False),
    Column("done_at", Float),
    CheckConstraint("state IN ('queued', 'claimed', 'done', 'withdrawn', 'refused')", name="state"),
    Index(None, "state", "conversation", "id"),
    Index(None, "channel", "ts"),
    sqlite_autoincrement=True,
)

inbox_keys = Table(
    "inbox_keys",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("item_id", Integer),
    Column("received_at", Float, nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("token", String(40), nullable=False, unique=True),
    Column("item_id", Integer, index=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("lane", String(300), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("message", JSON, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("sending_at", Float),
    Column("claim", String(40)),
    Column("leased_until", Float),
    Column("done_at", Float),
    Column("ts", String(40)),
    Column("said_in", String(40)),
    Column("error", Text),
    Column("worthless_after", Float),
    Column("background", Integer),
    CheckConstraint(
        "kind IN ('post', 'update', 'delete', 'ephemeral', 'respond')",
        name="kind",
    ),
    CheckConstraint(
        "state IN ('queued', 'sending', 'unsure', 'sent', 'failed', 'dropped')",
        name="state",
    ),
    Index(None, "state", "lane", "id"),
    sqlite_autoincrement=True,
)

pauses = Table(
    "pauses",
    metadata,
    Column("method", String(60), primary_key=True),
    Column("until", Float, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("full_at", Float, nullable=False, index=True),
)

turns = Table(
    "turns",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("turn", Integer, nullable=False, index=True),
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("begun_at", Float, nullable=False),
)

heard = Table(
    "heard",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("at", Float, nullable=False),
    sqlite_autoincrement=True,
)

questions = Table(
    "questions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("item_id", Integer, index=True),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", JSON, nullable=False),
    Column("passages", JSON, nullable=False),
    Column("index_version", Integer),
    Column("milliseconds", Integer, nullable=False),
    Column("message_key", String(200)),
    Column("asked_at", Float, nullable=False, index=True),
    Index(None, "channel", "thread_ts"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("person", String(40), nullable=False),
    Column("action", String(80), nullable=False),
    Column("subject", Text, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("place", String(60)),
    sqlite_autoincrement=True,
)

troubles = Table(
    "troubles",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", Float, nullable=False, index=True),
    Column("item_id", Integer, ForeignKey("inbox.id", ondelete="SET NULL")),
    Column("what", Text, nullable=False),
)
