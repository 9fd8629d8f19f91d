"""Volunteers: who would speak about what is proposed, before there is a talk about it."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Float, String, Table, delete, insert, select

from bot.journal.proposals import family
from bot.journal.tables import metadata

volunteers = Table(
    "volunteers",
    metadata,
    Column("proposal_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("offered_at", Float, nullable=False),
)


def offer(connection: Connection, proposal_id: str, person: str, now: float) -> bool:
    """Note that somebody would speak about it; False where that is known."""
    mine = (volunteers.c.proposal_id == proposal_id) & (volunteers.c.person == person)
    if connection.execute(select(volunteers.c.person).where(mine)).first() is not None:
        return False
    connection.execute(insert(volunteers), {"proposal_id": proposal_id, "person": person, "offered_at": now})
    return True


def take_back(connection: Connection, proposal_id: str, person: str) -> bool:
    """Somebody would not, after all; False where they had not offered it."""
    ids = family(connection, proposal_id)
    mine = volunteers.c.proposal_id.in_(ids) & (volunteers.c.person == person)
    return bool(connection.execute(delete(volunteers).where(mine)).rowcount)


def of_proposal(connection: Connection, proposal_id: str) -> Sequence[str]:
    """Who would speak about it, or about what was merged into it, the first who offered it first."""
    ids = family(connection, proposal_id)
    wanted = select(volunteers.c.person).where(volunteers.c.proposal_id.in_(ids))
    found = connection.execute(wanted.order_by(volunteers.c.offered_at, volunteers.c.person))
    return list(dict.fromkeys(str(one) for one in found.scalars()))
