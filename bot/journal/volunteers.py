"""Volunteers: who would speak about what is proposed, before there is a talk about it."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Float, String, Table, delete, insert, select

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
    mine = (volunteers.c.proposal_id == proposal_id) & (volunteers.c.person == person)
    return bool(connection.execute(delete(volunteers).where(mine)).rowcount)


def of_proposal(connection: Connection, proposal_id: str) -> Sequence[str]:
    """Who would speak about it, the first who offered it first."""
    wanted = select(volunteers.c.person).where(volunteers.c.proposal_id == proposal_id)
    found = connection.execute(wanted.order_by(volunteers.c.offered_at, volunteers.c.person))
    return [str(one) for one in found.scalars()]
