"""Who was asked whether they would speak about a topic, because they may know it: one after another."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata

ASKED, WILLING, UNWILLING, SILENT = "asked", "willing", "unwilling", "silent"

topic_experts = Table(
    "topic_experts",
    metadata,
    Column("proposal_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("suggested_by", String(40), nullable=False),
    Column("asked_at", Float, nullable=False),
    CheckConstraint("state IN ('asked', 'willing', 'unwilling', 'silent')", name="state"),
    Index(None, "state", "asked_at"),
)


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who was asked, and what became of it; `suggested_by` is the user id of whoever named them,
    empty where Lore thought of them. `asked_at` is in Unix seconds."""

    proposal_id: str
    person: str
    state: str = ASKED
    suggested_by: str = ""
    asked_at: float = 0.0


def put(connection: Connection, one: Expert) -> None:
    """Store that somebody is asked, or what they have said."""
    row = {"state": one.state, "suggested_by": one.suggested_by, "asked_at": one.asked_at}
    same = (topic_experts.c.proposal_id == one.proposal_id) & (topic_experts.c.person == one.person)
    if not connection.execute(update(topic_experts).where(same).values(**row)).rowcount:
        key = {"proposal_id": one.proposal_id, "person": one.person}
        connection.execute(insert(topic_experts), {**row, **key})


def of_proposal(connection: Connection, proposal_id: str) -> Sequence[Expert]:
    """Everybody who was asked about it, the first one first."""
    wanted = select(topic_experts).where(topic_experts.c.proposal_id == proposal_id)
    found = connection.execute(wanted.order_by(topic_experts.c.asked_at, topic_experts.c.person))
    return [_from(row) for row in found]


def expert(connection: Connection, proposal_id: str, person: str) -> Expert | None:
    return next((one for one in of_proposal(connection, proposal_id) if one.person == person), None)


def waiting(connection: Connection) -> Sequence[Expert]:
    """Those who were asked and have said nothing, the first one first."""
    wanted = select(topic_experts).where(topic_experts.c.state == ASKED)
    return [_from(row) for row in connection.execute(wanted.order_by(topic_experts.c.asked_at))]


def _from(row: Row[tuple[object, ...]]) -> Expert:
    return Expert(row.proposal_id, row.person, row.state, row.suggested_by, row.asked_at)
