"""Proposals: topics and papers that somebody, or Lore itself, would have talked about, and their votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.journal.talk_tables import proposals, votes
from bot.messages import new_key

OPEN, CHOSEN, HELD, WITHDRAWN, MERGED = "open", "chosen", "held", "withdrawn", "merged"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`proposer` is a user id, empty for Lore. `paper` is empty for a topic; of a paper it has `link`,
    `identifier`, `authors` and `abstract`. `questions` are the ids of the questions that led to it;
    `merged_into` is the proposal that has taken it up. Times are Unix seconds."""

    series_id: str
    title: str
    why: str
    proposer: str
    state: str = OPEN
    paper: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    merged_into: str = ""
    proposed_at: float = 0.0
    changed_at: float = 0.0
    id: str = field(default_factory=new_key)


def put(connection: Connection, one: Proposal, now: float) -> None:
    """Store a proposal, new or changed at `now`; `proposed_at` stays as it is."""
    row = {
        "series_id": one.series_id,
        "state": one.state,
        "title": one.title,
        "why": one.why,
        "proposer": one.proposer,
        "paper": dict(one.paper),
        "questions": [*one.questions],
        "merged_into": one.merged_into,
        "changed_at": now,
    }
    if not connection.execute(update(proposals).where(proposals.c.id == one.id).values(**row)).rowcount:
        connection.execute(insert(proposals), {**row, "id": one.id, "proposed_at": now})


def by_id(connection: Connection, proposal_id: str) -> Proposal | None:
    row = connection.execute(select(proposals).where(proposals.c.id == proposal_id)).first()
    return None if row is None else _from(row)


def of_series(connection: Connection, series_id: str, *states: str) -> Sequence[Proposal]:
    """Those of a series, in the given states or in any, the oldest first."""
    wanted = select(proposals).where(proposals.c.series_id == series_id)
    if states:
        wanted = wanted.where(proposals.c.state.in_(states))
    found = connection.execute(wanted.order_by(proposals.c.proposed_at, proposals.c.id))
    return [_from(row) for row in found]


def vote(connection: Connection, proposal_id: str, person: str, now: float) -> bool:
    """Vote, or take one's vote back where it was given; whether it is given now.

    What is closed to votes is for the caller to know.
    """
    mine = (votes.c.proposal_id == proposal_id) & (votes.c.person == person)
    if connection.execute(delete(votes).where(mine)).rowcount:
        return False
    connection.execute(insert(votes), {"proposal_id": proposal_id, "person": person, "voted_at": now})
    return True


def voters(connection: Connection, proposal_id: str) -> Sequence[str]:
    """Who has voted, the first one first."""
    wanted = select(votes.c.person).where(votes.c.proposal_id == proposal_id)
    return [str(one) for one in connection.execute(wanted.order_by(votes.c.voted_at)).scalars()]


def counts(connection: Connection, proposal_ids: Sequence[str]) -> Mapping[str, int]:
    """How many votes each has; those without any are left out."""
    wanted = select(votes.c.proposal_id, func.count()).where(votes.c.proposal_id.in_(proposal_ids))
    return {row[0]: int(row[1]) for row in connection.execute(wanted.group_by(votes.c.proposal_id))}


def _from(row: Row[tuple[object, ...]]) -> Proposal:
    return Proposal(
        series_id=row.series_id,
        title=row.title,
        why=row.why,
        proposer=row.proposer,
        state=row.state,
        paper=row.paper,
        questions=tuple(row.questions),
        merged_into=row.merged_into,
        proposed_at=row.proposed_at,
        changed_at=row.changed_at,
        id=row.id,
    )
