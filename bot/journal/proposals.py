"""Proposals: topics and papers that somebody, or Lore itself, would have talked about, and their votes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

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


def ranked(connection: Connection, series_id: str, *states: str) -> Sequence[tuple[Proposal, int]]:
    """Those of a series with their votes, the one with the most first; of two with as many, the older."""
    found = of_series(connection, series_id, *states)
    votes_of = counts(connection, [one.id for one in found])
    with_votes = [(one, votes_of.get(one.id, 0)) for one in found]
    return sorted(with_votes, key=lambda pair: -pair[1])


class Ballot(Enum):
    """What became of a vote."""

    GIVEN = "given"
    TAKEN_BACK = "taken back"
    CLOSED = "closed"


def vote(connection: Connection, proposal_id: str, person: str, give: bool, now: float) -> Ballot:
    """Give a vote, or take one's own back; doing so twice changes nothing.

    For what was merged, it counts for what has taken it up. CLOSED when that is chosen, held, withdrawn or
    unknown: then nothing changes.
    """
    known = standing(connection, proposal_id)
    if known is None or known.state != OPEN:
        return Ballot.CLOSED
    if give:
        if person not in voters(connection, known.id):
            row = {"proposal_id": known.id, "person": person, "voted_at": now}
            connection.execute(insert(votes), row)
        return Ballot.GIVEN
    own = votes.c.proposal_id.in_(family(connection, known.id)) & (votes.c.person == person)
    connection.execute(delete(votes).where(own))
    return Ballot.TAKEN_BACK


def voters(connection: Connection, proposal_id: str) -> Sequence[str]:
    """Who has voted for it, or for what was merged into it, the first one first."""
    wanted = select(votes.c.person).where(votes.c.proposal_id.in_(family(connection, proposal_id)))
    found = connection.execute(wanted.order_by(votes.c.voted_at, votes.c.person)).scalars()
    return list(dict.fromkeys(map(str, found)))


def counts(connection: Connection, proposal_ids: Iterable[str]) -> Mapping[str, int]:
    """How many people have voted for each; those without any are left out."""
    found = {one: len(voters(connection, one)) for one in proposal_ids}
    return {one: count for one, count in found.items() if count}


def family(connection: Connection, proposal_id: str) -> Sequence[str]:
    """The ids of a proposal and of all that was merged into it."""
    ids, newest = [proposal_id], [proposal_id]
    while newest:
        wanted = select(proposals.c.id).where(
            proposals.c.state == MERGED, proposals.c.merged_into.in_(newest)
        )
        newest = [
            one for one in connection.execute(wanted.order_by(proposals.c.id)).scalars() if one not in ids
        ]
        ids += newest
    return ids


def standing(connection: Connection, proposal_id: str) -> Proposal | None:
    """A proposal, or what has taken it up."""
    seen: set[str] = set()
    known = by_id(connection, proposal_id)
    while known is not None and known.state == MERGED and known.id not in seen:
        seen.add(known.id)
        known = by_id(connection, known.merged_into)
    return known


def merge(connection: Connection, proposal_id: str, into: str, now: float) -> bool:
    """Have one open proposal taken up by another open one of its series, with its votes and its questions;
    False (and nothing changes) when either is not open any more."""
    one, other = by_id(connection, proposal_id), by_id(connection, into)
    if one is None or other is None or one.id == other.id or one.series_id != other.series_id:
        return False
    if (one.state, other.state) != (OPEN, OPEN):
        return False
    put(connection, replace(one, state=MERGED, merged_into=other.id), now)
    gathered = tuple(dict.fromkeys((*other.questions, *one.questions)))
    put(connection, replace(other, questions=gathered), now)
    return True


def unmerge(connection: Connection, proposal_id: str, now: float) -> bool:
    """Undo a merge: it stands by itself again, with its own votes and questions; False when there is none to
    undo, or what has taken it up is not open any more."""
    one = by_id(connection, proposal_id)
    other = None if one is None or one.state != MERGED else by_id(connection, one.merged_into)
    if one is None or other is None or other.state != OPEN:
        return False
    put(connection, replace(one, state=OPEN, merged_into=""), now)
    rest = (by_id(connection, each) for each in family(connection, other.id)[1:])
    still = {question for each in rest if each is not None for question in each.questions}
    left = tuple(each for each in other.questions if each in still or each not in one.questions)
    put(connection, replace(other, questions=left), now)
    return True


def withdraw(connection: Connection, proposal_id: str, now: float) -> bool:
    """Take an open proposal off the list; what was merged into it stands by itself again. False when it is
    not open any more."""
    one = by_id(connection, proposal_id)
    if one is None or one.state != OPEN:
        return False
    for each in of_series(connection, one.series_id, MERGED):
        if each.merged_into == one.id:
            put(connection, replace(each, state=OPEN, merged_into=""), now)
    put(connection, replace(one, state=WITHDRAWN), now)
    return True


def questions_taken(connection: Connection) -> frozenset[str]:
    """The ids of all questions that have led to a proposal, whatever became of it."""
    found = connection.execute(select(proposals.c.questions)).scalars()
    return frozenset(str(question) for some in found for question in some)


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
