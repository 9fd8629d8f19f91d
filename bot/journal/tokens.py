"""Tokens that Slack renews: one row, so that of several processes one renews and all use what came of it.

Times are Unix seconds in UTC. `seed` names the refresh token that an admin set, without holding it.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Float, String, Table, Text, delete, insert, or_, select, update

from bot.journal.tables import metadata

tokens = Table(
    "tokens",
    metadata,
    Column("seed", String(64), primary_key=True),
    Column("access", Text, nullable=False),
    Column("refresh", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("claim", String(40)),
    Column("claimed_until", Float),
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The bot token of now, and what renews it, once."""

    access: str
    refresh: str
    expires_at: float

    def __repr__(self) -> str:
        return "Tokens(…)"


def begin(connection: Connection, seed: str, given: Tokens) -> Tokens:
    """The tokens that came of this seed; `given` where it is new, and then others are forgotten."""
    row = connection.execute(select(tokens).where(tokens.c.seed == seed)).one_or_none()
    if row is not None:
        return Tokens(row.access, row.refresh, row.expires_at)
    connection.execute(delete(tokens))
    values = {"access": given.access, "refresh": given.refresh, "expires_at": given.expires_at}
    connection.execute(insert(tokens), {"seed": seed, **values})
    return given


def seed_of(refresh_token: str) -> str:
    """What names the refresh token that an admin set."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def access_of(connection: Connection, refresh_token: str) -> str:
    """The access token that came of this refresh token of an admin; "" where none did yet."""
    held = select(tokens.c.access).where(tokens.c.seed == seed_of(refresh_token))
    return str(connection.execute(held).scalar() or "")


def claim(connection: Connection, seed: str, refresh: str, mine: str, now: float, until: float) -> bool:
    """Whether it is ours to renew with this very refresh token: it is used once only."""
    free = or_(tokens.c.claim.is_(None), tokens.c.claimed_until < now)
    claimed = connection.execute(
        update(tokens)
        .where(tokens.c.seed == seed, tokens.c.refresh == refresh, free)
        .values(claim=mine, claimed_until=until)
    )
    return bool(claimed.rowcount)


def renewed(connection: Connection, seed: str, mine: str, new: Tokens) -> None:
    """Keep what Slack gave. Also when the claim ran out meanwhile: the old refresh token is used up."""
    connection.execute(
        update(tokens)
        .where(tokens.c.seed == seed, or_(tokens.c.claim == mine, tokens.c.expires_at < new.expires_at))
        .values(
            access=new.access,
            refresh=new.refresh,
            expires_at=new.expires_at,
            claim=None,
            claimed_until=None,
        )
    )


def unclaim(connection: Connection, seed: str, mine: str) -> None:
    """It did not work: whoever comes next may try."""
    ours = (tokens.c.seed == seed, tokens.c.claim == mine)
    connection.execute(update(tokens).where(*ours).values(claim=None, claimed_until=None))
