"""The tables of threads as documents: channels, what has happened in them, and whose words are where."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from bot.journal.tables import metadata

thread_channels = Table(
    "thread_channels",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("named", String(200), primary_key=True),
    Column("channel", String(40), nullable=False, index=True),
    Column("closed", Text, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("accepting", Text, nullable=False),
    Column("taking_out", Text, nullable=False),
    Column("again", Integer, nullable=False),
)

thread_marks = Table(
    "thread_marks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("hidden", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "channel", "thread_ts"),
    sqlite_autoincrement=True,
)

thread_blocks = Table(
    "thread_blocks",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("thread_ts", String(40), primary_key=True),
    Column("digest", String(200), primary_key=True),
    Column("at", Float, nullable=False, index=True),
)

thread_words = Table(
    "thread_words",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("ts", String(40), primary_key=True),
    Column("thread_ts", String(40), nullable=False),
    Column("person", String(40), nullable=False, index=True),
    Index(None, "channel", "thread_ts"),
)
