"""Syncs that webhooks have asked for and that have not begun, and tokens of handshakes, to be looked up."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Float, String, Table, delete, insert, select

from bot.journal.tables import metadata

KEEP_TOKENS_S = 3600.0
MOST_TOKENS = 5

wanted_syncs = Table(
    "wanted_syncs",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("at", Float, nullable=False),
)

webhook_tokens = Table(
    "webhook_tokens",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("token", String(200), primary_key=True),
    Column("at", Float, nullable=False),
)


def want(connection: Connection, source: str, now: float) -> None:
    """Ask for one sync of a source; while one is wanted already, nothing changes."""
    known = select(wanted_syncs.c.source).where(wanted_syncs.c.source == source)
    if connection.execute(known).first() is None:
        connection.execute(insert(wanted_syncs), {"source": source, "at": now})


def wanted(connection: Connection, before: float) -> Sequence[str]:
    """The sources whose syncs were asked for before a time."""
    found = select(wanted_syncs.c.source).where(wanted_syncs.c.at <= before).order_by(wanted_syncs.c.at)
    return list(connection.execute(found).scalars())


def satisfied(connection: Connection, sources: Sequence[str]) -> None:
    """Their syncs begin now."""
    connection.execute(delete(wanted_syncs).where(wanted_syncs.c.source.in_(sources)))


def keep_token(connection: Connection, source: str, token: str, now: float) -> None:
    """Keep the token of a handshake for an hour; a few for each source at most."""
    connection.execute(delete(webhook_tokens).where(webhook_tokens.c.at < now - KEEP_TOKENS_S))
    known = tokens(connection, source, now)
    if token not in known and len(known) < MOST_TOKENS:
        connection.execute(insert(webhook_tokens), {"source": source, "token": token, "at": now})


def tokens(connection: Connection, source: str, now: float) -> Sequence[str]:
    """The tokens that were sent within the hour, the newest first."""
    kept = (
        select(webhook_tokens.c.token)
        .where(webhook_tokens.c.source == source, webhook_tokens.c.at >= now - KEEP_TOKENS_S)
        .order_by(webhook_tokens.c.at.desc())
    )
    return list(connection.execute(kept).scalars())
